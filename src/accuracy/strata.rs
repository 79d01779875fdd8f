//! The strata that accuracy is split by.
//!
//! No stratum pools venues without its name saying so: circumstances (`os_pair`, `distance_m`, `duration`, `carriage`, `barrier`) are
//! counted per venue kind, as `office/barrier`, and pooled over all kinds but the home under the circumstance's own name.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{mobility::Carriage, population::Os, truth::Nearest, venue::VenueKind};

/// Upper edges of bands of the day's least distance, m; each belongs to the band below it, as a radius does to its circle.
const DISTANCE_EDGES_M: [f64; 5] = [1.0, 2.0, 5.0, 10.0, 20.0];
const DISTANCE_NAMES: [&str; 6] = ["0-1", "1-2", "2-5", "5-10", "10-20", "over-20"];
/// Upper edges of bands of time within the radius, s; the first band is exactly 0.
const DURATION_EDGES_S: [f64; 6] = [300.0, 600.0, 900.0, 1200.0, 1800.0, 3600.0];
const DURATION_NAMES: [&str; 8] = ["0 min", "0-5 min", "5-10 min", "10-15 min", "15-20 min", "20-30 min", "30-60 min", "60+ min"];

/// Systems of two phones as the signal goes, transmitter > observer, by [`of_os`].
pub(super) const OS_PAIRS: [&str; 4] = ["ios>ios", "ios>android", "android>ios", "android>android"];

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

/// What pairs are split by at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Circumstance {
    OsPair,
    Distance,
    Duration,
    Carriage,
    Barrier,
}

/// A stratum and the level in it; circumstances by the number of their value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Level {
    /// Everything, home and elsewhere.
    All,
    /// The pairs of the headline: outside the home.
    Headline,
    /// At home, on the days of the headline.
    BesideHeadline,
    /// Of a venue kind.
    VenueKind(VenueKind),
    /// The headline's pairs by operating systems.
    HeadlineOsPair(u16),
    /// Outside the home, by a circumstance.
    OutsideHome(Circumstance, u16),
    /// In a venue kind, by a circumstance.
    In(VenueKind, Circumstance, u16),
}

impl Level {
    /// The levels that a pair is counted in; those that pool others follow from them ([`Level::pooled`]).
    pub fn of(strata: &Strata) -> impl Iterator<Item = Self> {
        let kind = strata.nearest.venue_kind;
        let distance = DISTANCE_EDGES_M.iter().position(|e| strata.min_distance_m <= *e).unwrap_or(DISTANCE_EDGES_M.len());
        let duration = if strata.within_s <= 0.0 {
            0
        } else {
            1 + DURATION_EDGES_S.iter().position(|e| strata.within_s < *e).unwrap_or(DURATION_EDGES_S.len())
        };
        let (a, b) = (strata.nearest.carriage_a as usize, strata.nearest.carriage_b as usize);
        let carriage = if strata.observer_is_a { a * 6 + b } else { b * 6 + a };
        let os = strata.os.map(|(observer, transmitter)| of_os(observer, transmitter));
        let is_home = kind == VenueKind::HOME;
        let whole = Self::of_whole(kind, strata.is_headline_day).map(Some);
        let circumstances = [
            os.map(|os| (Circumstance::OsPair, os)),
            Some((Circumstance::Distance, distance)),
            Some((Circumstance::Duration, duration)),
            Some((Circumstance::Carriage, carriage)),
            Some((Circumstance::Barrier, strata.nearest.barrier as usize)),
        ];
        let split = circumstances.map(|of| of.map(|(by, value)| Self::In(kind, by, value as u16)));
        let headline_os = os.filter(|_| strata.is_headline_day && !is_home).map(|os| Self::HeadlineOsPair(os as u16));
        whole.chain([headline_os]).chain(split).flatten()
    }

    /// Of these, the levels that no circumstance splits.
    pub fn of_whole(kind: VenueKind, is_headline_day: bool) -> impl Iterator<Item = Self> {
        let headline = if kind == VenueKind::HOME { Self::BesideHeadline } else { Self::Headline };
        [Some(Self::VenueKind(kind)), is_headline_day.then_some(headline)].into_iter().flatten()
    }

    /// The level that pools this one with others, in the name of which that stands.
    pub fn pooled(self) -> Option<Self> {
        match self {
            Self::VenueKind(_) => Some(Self::All),
            Self::In(kind, by, value) if kind != VenueKind::HOME => Some(Self::OutsideHome(by, value)),
            _ => None,
        }
    }

    /// So many levels there are in a world with so many venue kinds and barriers.
    pub fn number(kinds: usize, barriers: usize) -> usize {
        OF_ALL_KINDS + (kinds + 1) * of_kind(barriers)
    }

    /// Its place among them: a dense number, in a world with so many venue kinds, of which its own is number `kind`. The levels outside the home
    /// stand as those of one more venue kind.
    pub fn place(self, kind: usize, kinds: usize, barriers: usize) -> usize {
        let of_number = |number: usize| OF_ALL_KINDS + number * of_kind(barriers);
        match self {
            Self::All => 0,
            Self::Headline => 1,
            Self::BesideHeadline => 2,
            Self::HeadlineOsPair(os) => 3 + usize::from(os),
            Self::VenueKind(_) => of_number(kind),
            Self::In(_, by, value) => of_number(kind) + 1 + by.first() + usize::from(value),
            Self::OutsideHome(by, value) => of_number(kinds) + 1 + by.first() + usize::from(value),
        }
    }

    /// Names of the stratum and of the level in it.
    pub fn name(self, barriers: &[String]) -> (Cow<'static, str>, String) {
        match self {
            Self::All => ("all".into(), "all".into()),
            Self::Headline => ("headline".into(), "outside_home".into()),
            Self::BesideHeadline => ("beside_headline".into(), "home".into()),
            Self::VenueKind(kind) => ("venue_kind".into(), kind.name().into()),
            Self::HeadlineOsPair(os) => ("headline_os_pair".into(), OS_PAIRS[usize::from(os)].into()),
            Self::OutsideHome(by, value) => (by.name().into(), by.value(value.into(), barriers)),
            Self::In(kind, by, value) => (format!("{}/{}", kind.name(), by.name()).into(), by.value(value.into(), barriers)),
        }
    }
}

/// Levels that belong to no venue kind: all, headline, beside it, and the headline's systems.
const OF_ALL_KINDS: usize = 3 + OS_PAIRS.len();

/// Levels of a venue kind: the kind itself, and its circumstances.
fn of_kind(barriers: usize) -> usize {
    1 + Circumstance::Barrier.first() + barriers
}

impl Circumstance {
    /// The place of its first value among all values of circumstances; barriers, of which a world may have any number, come last.
    fn first(self) -> usize {
        const DISTANCE: usize = OS_PAIRS.len();
        const DURATION: usize = DISTANCE + DISTANCE_NAMES.len();
        const CARRIAGE: usize = DURATION + DURATION_NAMES.len();
        match self {
            Self::OsPair => 0,
            Self::Distance => DISTANCE,
            Self::Duration => DURATION,
            Self::Carriage => CARRIAGE,
            Self::Barrier => CARRIAGE + Carriage::ALL.len() * Carriage::ALL.len(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::OsPair => "os_pair",
            Self::Distance => "distance_m",
            Self::Duration => "duration",
            Self::Carriage => "carriage",
            Self::Barrier => "barrier",
        }
    }

    fn value(self, value: usize, barriers: &[String]) -> String {
        match self {
            Self::OsPair => OS_PAIRS[value].into(),
            Self::Distance => DISTANCE_NAMES[value].into(),
            Self::Duration => DURATION_NAMES[value].into(),
            Self::Carriage => format!("{}-{}", Carriage::ALL[value / 6].name(), Carriage::ALL[value % 6].name()),
            Self::Barrier => barriers[value].clone(),
        }
    }
}

/// The place of two systems in [`OS_PAIRS`].
pub(super) fn of_os(observer: Os, transmitter: Os) -> usize {
    (transmitter as usize) * 2 + observer as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of all levels of a pair whose lower person holds the phone in the hand and whose higher person has it in the bag.
    fn levels(change: impl Fn(&mut Strata)) -> Vec<(String, String)> {
        let nearest = Nearest {
            venue_kind: VenueKind::OFFICE,
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
        let mut all: Vec<Level> = Level::of(&strata).flat_map(|level| [Some(level), level.pooled()]).flatten().collect();
        all.sort_unstable();
        all.into_iter().map(|level| level.name(&barriers)).map(|(stratum, level)| (stratum.into_owned(), level)).collect()
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
            ("headline_os_pair", "android>ios"),
            ("os_pair", "android>ios"),
            ("distance_m", "0-1"),
            ("duration", "15-20 min"),
            ("carriage", "hand-bag"),
            ("barrier", "glass"),
            ("office/os_pair", "android>ios"),
            ("office/distance_m", "0-1"),
            ("office/duration", "15-20 min"),
            ("office/carriage", "hand-bag"),
            ("office/barrier", "glass"),
        ];
        assert_eq!(levels(|_| ()), expected.map(|(stratum, level)| (stratum.to_string(), level.to_string())));
        assert_eq!(level("headline", |s| s.is_headline_day = false), None);
        assert_eq!(level("os_pair", |s| s.os = None), None);
        assert_eq!(level("headline_os_pair", |s| s.is_headline_day = false), None);
    }

    /// What is met at home stands in strata that say so, and in `all`, which says that it pools.
    #[test]
    fn no_stratum_without_home_in_its_name_counts_home() {
        let at_home = levels(|s| s.nearest.venue_kind = VenueKind::HOME);
        let strata: Vec<&str> = at_home.iter().map(|(stratum, _)| stratum.as_str()).collect();
        let of_home = ["home/os_pair", "home/distance_m", "home/duration", "home/carriage", "home/barrier"];
        assert_eq!(strata, [&["all", "beside_headline", "venue_kind"][..], &of_home].concat());
        assert_eq!(at_home[1].1, "home");
    }

    /// The observer's first: whoever of the two has the lower number.
    #[test]
    fn carriage_is_named_from_each_observers_side() {
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

    /// Every level has a place of its own below the number of levels.
    #[test]
    fn every_level_has_a_place_of_its_own() {
        const BARRIERS: u16 = 3;
        let kinds = VenueKind::KNOWN;
        let sizes = [(Circumstance::OsPair, 4), (Circumstance::Distance, 6), (Circumstance::Duration, 8), (Circumstance::Carriage, 36)];
        let values = || sizes.into_iter().chain([(Circumstance::Barrier, BARRIERS)]).flat_map(|(by, n)| (0..n).map(move |v| (by, v)));
        let of_kind = |(number, &kind): (usize, &VenueKind)| {
            values().map(move |(by, v)| Level::In(kind, by, v)).chain([Level::VenueKind(kind)]).map(move |level| (level, number))
        };
        let all = [Level::All, Level::Headline, Level::BesideHeadline].into_iter().chain((0..4).map(Level::HeadlineOsPair));
        let all = all.chain(values().map(|(by, v)| Level::OutsideHome(by, v))).map(|level| (level, 0));
        let all = all.chain(kinds.iter().enumerate().flat_map(of_kind));
        let places: Vec<usize> = all.map(|(level, kind)| level.place(kind, kinds.len(), BARRIERS.into())).collect();
        let distinct: std::collections::BTreeSet<usize> = places.iter().copied().collect();
        assert_eq!(distinct.len(), places.len());
        assert!(distinct.last().is_some_and(|last| *last < Level::number(kinds.len(), BARRIERS.into())));
    }

    /// From transmitter to observer, as the signal goes.
    #[test]
    fn operating_systems_are_named_in_the_direction_of_the_signal() {
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
