//! The strata accuracy is told by.

use serde::{Deserialize, Serialize};

use crate::{mobility::Carriage, population::Os, truth::Nearest, venue::VenueKind};

/// Upper edges of bands of the day's least distance, m; each belongs to the band below it, as a radius does to its circle.
const DISTANCE_EDGES_M: [f64; 5] = [1.0, 2.0, 5.0, 10.0, 20.0];
const DISTANCE_NAMES: [&str; 6] = ["0-1", "1-2", "2-5", "5-10", "10-20", "over-20"];
/// Upper edges of bands of time within the radius, s; the first band is exactly 0.
const DURATION_EDGES_S: [f64; 6] = [300.0, 600.0, 900.0, 1200.0, 1800.0, 3600.0];
const DURATION_NAMES: [&str; 8] = ["0 min", "0-5 min", "5-10 min", "10-15 min", "15-20 min", "20-30 min", "30-60 min", "60+ min"];

/// What a judged pair is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Strata {
    /// Where they were nearest longest.
    pub nearest: Nearest,
    /// Whether the observer is the lower person of `nearest`.
    pub observer_is_a: bool,
    /// OS of observer and transmitter, if both have a phone.
    pub os: Option<(Os, Os)>,
    /// Least distance of the day, m.
    pub min_distance_m: f64,
    /// Seconds within the radius, by the truth judged against.
    pub within_s: f64,
    /// Whether the headline counts this day: UTC days simulated in part are left out of it.
    pub is_headline_day: bool,
}

/// Strata and levels, as indices that are cheap to count by.
pub(super) struct Levels<'a> {
    barriers: &'a [String],
}

/// Stratum `all`.
pub(super) const ALL: usize = 0;
/// Stratum `headline`: outside the home.
pub(super) const HEADLINE: usize = 1;
/// Stratum `beside_headline`: at home, on the days of the headline.
const BESIDE: usize = 2;
const VENUE: usize = 3;
const OS: usize = VENUE + VenueKind::ALL.len();
const DISTANCE: usize = OS + 4;
const DURATION: usize = DISTANCE + DISTANCE_NAMES.len();
const CARRIAGE: usize = DURATION + DURATION_NAMES.len();
/// Stratum `headline_os_pair`: the headline's pairs by operating systems.
const HEADLINE_OS: usize = CARRIAGE + 36;
const BARRIER: usize = HEADLINE_OS + 4;

impl<'a> Levels<'a> {
    pub fn new(barriers: &'a [String]) -> Self {
        Self { barriers }
    }

    /// The levels a pair counts in.
    pub fn of(strata: &Strata) -> impl Iterator<Item = usize> {
        let headline = if strata.nearest.venue_kind == VenueKind::Home { BESIDE } else { HEADLINE };
        let distance = DISTANCE_EDGES_M.iter().position(|e| strata.min_distance_m <= *e).unwrap_or(DISTANCE_EDGES_M.len());
        let duration = if strata.within_s <= 0.0 {
            0
        } else {
            1 + DURATION_EDGES_S.iter().position(|e| strata.within_s < *e).unwrap_or(DURATION_EDGES_S.len())
        };
        let (a, b) = (strata.nearest.carriage_a as usize, strata.nearest.carriage_b as usize);
        let carriage = if strata.observer_is_a { a * 6 + b } else { b * 6 + a };
        let os = strata.os.map(|(o, t)| (t as usize) * 2 + o as usize);
        let is_headline = strata.is_headline_day && headline == HEADLINE;
        [
            Some(ALL),
            strata.is_headline_day.then_some(headline),
            Some(VENUE + strata.nearest.venue_kind as usize),
            os.map(|os| OS + os),
            os.filter(|_| is_headline).map(|os| HEADLINE_OS + os),
            Some(DISTANCE + distance),
            Some(DURATION + duration),
            Some(CARRIAGE + carriage),
            Some(BARRIER + strata.nearest.barrier as usize),
        ]
        .into_iter()
        .flatten()
    }

    /// Stratum and level of an index.
    pub fn name(&self, index: usize) -> (&'static str, String) {
        match index {
            ALL => ("all", "all".into()),
            HEADLINE => ("headline", "outside_home".into()),
            BESIDE => ("beside_headline", "home".into()),
            i if i < OS => ("venue_kind", VenueKind::ALL[i - VENUE].name().into()),
            i if i < DISTANCE => ("os_pair", os_pair(i - OS)),
            i if i < DURATION => ("distance_m", DISTANCE_NAMES[i - DISTANCE].into()),
            i if i < CARRIAGE => ("duration", DURATION_NAMES[i - DURATION].into()),
            i if i < HEADLINE_OS => {
                let i = i - CARRIAGE;
                ("carriage", format!("{}-{}", Carriage::ALL[i / 6].name(), Carriage::ALL[i % 6].name()))
            }
            i if i < BARRIER => ("headline_os_pair", os_pair(i - HEADLINE_OS)),
            i => ("barrier", self.barriers[i - BARRIER].clone()),
        }
    }
}

/// The transmitter's system and the observer's, as the signal goes.
fn os_pair(index: usize) -> String {
    let os = [Os::Ios, Os::Android];
    format!("{}>{}", os[index / 2].name(), os[index % 2].name())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The levels of a pair whose lower person holds the phone in the hand and whose higher person has it in the bag.
    fn levels(change: impl Fn(&mut Strata)) -> Vec<(&'static str, String)> {
        let nearest = Nearest {
            venue_kind: VenueKind::Office,
            barrier: 1,
            carriage_a: Carriage::Hand,
            carriage_b: Carriage::Bag,
            near_s: 900.0,
            min_distance_m: 0.7,
        };
        let mut strata = Strata {
            nearest,
            observer_is_a: true,
            os: Some((Os::Ios, Os::Android)),
            min_distance_m: 0.7,
            within_s: 1000.0,
            is_headline_day: true,
        };
        change(&mut strata);
        let barriers = ["none", "glass"].map(String::from);
        Levels::of(&strata).map(|index| Levels::new(&barriers).name(index)).collect()
    }

    fn level(stratum: &str, change: impl Fn(&mut Strata)) -> Option<String> {
        levels(change).into_iter().find(|(name, _)| *name == stratum).map(|(_, level)| level)
    }

    #[test]
    fn a_pair_counts_once_in_every_stratum() {
        let expected = [
            ("all", "all"),
            ("headline", "outside_home"),
            ("venue_kind", "office"),
            ("os_pair", "android>ios"),
            ("headline_os_pair", "android>ios"),
            ("distance_m", "0-1"),
            ("duration", "15-20 min"),
            ("carriage", "hand-bag"),
            ("barrier", "glass"),
        ];
        assert_eq!(levels(|_| ()), expected.map(|(stratum, level)| (stratum, level.to_string())));
        assert_eq!(level("beside_headline", |s| s.nearest.venue_kind = VenueKind::Home), Some("home".into()));
        assert_eq!(level("headline", |s| s.nearest.venue_kind = VenueKind::Home), None);
        assert_eq!(level("headline", |s| s.is_headline_day = false), None);
        assert_eq!(level("os_pair", |s| s.os = None), None);
        assert_eq!(level("headline_os_pair", |s| s.nearest.venue_kind = VenueKind::Home), None);
        assert_eq!(level("headline_os_pair", |s| s.is_headline_day = false), None);
    }

    /// The observer's first: whoever of the two has the lower number.
    #[test]
    fn carriage_is_told_from_each_observers_side() {
        assert_eq!(level("carriage", |_| ()), Some("hand-bag".into()));
        assert_eq!(level("carriage", |s| s.observer_is_a = false), Some("bag-hand".into()));
        let mut seen = std::collections::BTreeSet::new();
        for a in Carriage::ALL {
            for b in Carriage::ALL {
                let carriages = |s: &mut Strata| (s.nearest.carriage_a, s.nearest.carriage_b) = (a, b);
                assert_eq!(level("carriage", carriages), Some(format!("{}-{}", a.name(), b.name())));
                seen.extend(level("carriage", carriages));
            }
        }
        assert_eq!(seen.len(), 36);
    }

    /// From transmitter to observer, as the signal goes.
    #[test]
    fn operating_systems_are_told_in_the_direction_of_the_signal() {
        for (observer, transmitter, expected) in [
            (Os::Ios, Os::Ios, "ios>ios"),
            (Os::Android, Os::Ios, "ios>android"),
            (Os::Ios, Os::Android, "android>ios"),
            (Os::Android, Os::Android, "android>android"),
        ] {
            for stratum in ["os_pair", "headline_os_pair"] {
                assert_eq!(level(stratum, |s| s.os = Some((observer, transmitter))), Some(expected.into()));
            }
        }
    }

    /// A distance on an edge belongs to the band below it: at 1 m people are in contact. A contact of exactly 15 minutes is one of 15
    /// to 20.
    #[test]
    fn bands_hold_the_edge_that_their_limit_holds() {
        let distance = |m: f64| level("distance_m", |s| s.min_distance_m = m);
        assert_eq!(
            [0.0, 1.0, 1.001, 2.0, 5.0, 5.001, 10.0, 20.0, 20.001].map(distance).map(Option::unwrap_or_default),
            ["0-1", "0-1", "1-2", "1-2", "2-5", "5-10", "5-10", "10-20", "over-20"]
        );
        let duration = |seconds: f64| level("duration", |s| s.within_s = seconds);
        assert_eq!(
            [0.0, 0.1, 899.9, 900.0, 3599.0, 3600.0].map(duration).map(Option::unwrap_or_default),
            ["0 min", "0-5 min", "10-15 min", "15-20 min", "30-60 min", "60+ min"]
        );
    }
}
