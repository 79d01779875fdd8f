//! Why contacts were missed, and why others were reported.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{app::Shortfall, population::Os, truth::Definition};

use super::{
    strata::{OS_PAIRS, of_os},
    tally::Universe,
};

/// What one phone of a pair was able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhoneState {
    /// A smartphone.
    pub smartphone: bool,
    /// COCOA on it.
    pub app: bool,
    /// Bluetooth on.
    pub bluetooth: bool,
    /// Advertising, or scanning, stopped on the day.
    pub stopped: bool,
}

/// What is known of a pair and day besides the verdict.
#[derive(Clone, Copy, Debug)]
pub struct CauseFacts {
    /// The observer's phone.
    pub observer: PhoneState,
    /// The transmitter's phone.
    pub transmitter: PhoneState,
    /// Operating systems of observer and transmitter, if both have a phone.
    pub os: Option<(Os, Os)>,
    /// Scans that heard the transmitter.
    pub scans_heard: u32,
    /// Seconds of these scans.
    pub heard_s: f64,
    /// Seconds of scans near enough for the rule.
    pub near_s: f64,
    /// Seconds of such scans that the rule needs; `None` if nothing makes it fire.
    pub need_s: Option<f64>,
    /// What a key that was near for long enough lacks; `None` if nothing was heard.
    pub shortfall: Option<Shortfall>,
    /// Seconds within the radius.
    pub within_s: f64,
    /// The same, walls ignored.
    pub within_ignoring_walls_s: f64,
    /// Least distance, m.
    pub min_distance_m: f64,
    /// The contact radius, m.
    pub radius_m: f64,
    /// The contact duration, s.
    pub duration_s: f64,
}

/// Why a contact was missed, or a pair reported without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Cause {
    NoSmartphone,
    NoApp,
    BluetoothOff,
    OtherNoSmartphone,
    OtherNoApp,
    OtherBluetoothOff,
    Stopped,
    NeverHeard,
    NeverFires,
    HeardTooShort,
    NeverNear,
    NearTooShort,
    MeanOverThreshold,
    ShortRuns,
    NotAtAStretch,
    LowScore,
    Barrier,
    TooShort,
    UpToTwiceTheRadius,
    Further,
}

impl Cause {
    fn name(self) -> &'static str {
        match self {
            Self::NoSmartphone => "observer has no smartphone",
            Self::NoApp => "observer has no app",
            Self::BluetoothOff => "observer has Bluetooth off",
            Self::OtherNoSmartphone => "the other has no smartphone",
            Self::OtherNoApp => "the other has no app",
            Self::OtherBluetoothOff => "the other has Bluetooth off",
            Self::Stopped => "never heard: a phone stopped that day",
            Self::NeverHeard => "never heard",
            Self::NeverFires => "heard, but the rule never fires",
            Self::HeardTooShort => "heard for too few minutes",
            Self::NeverNear => "never under the threshold",
            Self::NearTooShort => "too few minutes under the threshold",
            Self::MeanOverThreshold => "mean of the whole run over the threshold",
            Self::ShortRuns => "minutes under the threshold split into short runs",
            Self::NotAtAStretch => "minutes under the threshold not at a stretch",
            Self::LowScore => "weighted score of the day too low",
            Self::Barrier => "a wall or pane stood between",
            Self::TooShort => "within the radius, but not for long enough",
            Self::UpToTwiceTheRadius => "up to twice the radius away",
            Self::Further => "further than twice the radius away",
        }
    }
}

/// Universe, truth, whether a contact was missed, systems of observer and transmitter, cause.
type CauseKey = (Universe, Definition, bool, Option<(Os, Os)>, Cause);

/// Counts of causes for the headline rule. Every missed contact and every false alarm has exactly one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Causes(#[serde(with = "crate::as_list")] BTreeMap<CauseKey, i64>);

/// What is counted, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CauseRow {
    /// About whom.
    pub universe: Universe,
    /// By which definition.
    pub truth: Definition,
    /// A missed contact, or else a false alarm.
    pub missed: bool,
    /// Operating systems of both phones, transmitter > observer; `None` if one of the two has none.
    pub os_pair: Option<&'static str>,
    /// Why.
    pub cause: &'static str,
    /// How many.
    pub pairs: i64,
}

impl Causes {
    /// Counts a missed contact (`missed`) or a false alarm.
    pub fn add(&mut self, universe: Universe, truth: Definition, missed: bool, facts: &CauseFacts) {
        let cause = if missed { why_missed(facts) } else { why_reported(facts) };
        *self.0.entry((universe, truth, missed, facts.os, cause)).or_default() += 1;
    }

    /// Adds what another counted.
    pub fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|(key, pairs)| *self.0.entry(*key).or_default() += pairs);
    }

    /// What is counted, sorted.
    pub fn rows(&self) -> Vec<CauseRow> {
        let row = |(&(universe, truth, missed, os, cause), &pairs): (&CauseKey, &i64)| {
            let os_pair = os.map(|(observer, transmitter)| OS_PAIRS[of_os(observer, transmitter)]);
            CauseRow { universe, truth, missed, os_pair, cause: cause.name(), pairs }
        };
        let mut rows: Vec<CauseRow> = self.0.iter().map(row).collect();
        rows.sort_unstable();
        rows
    }
}

/// The first obstacle in the order of the chain.
fn why_missed(f: &CauseFacts) -> Cause {
    let phone = |p: &PhoneState, whose: [Cause; 3]| {
        [(p.smartphone, whose[0]), (p.app, whose[1]), (p.bluetooth, whose[2])].into_iter().find(|(has, _)| !has).map(|(_, why)| why)
    };
    phone(&f.observer, [Cause::NoSmartphone, Cause::NoApp, Cause::BluetoothOff])
        .or_else(|| phone(&f.transmitter, [Cause::OtherNoSmartphone, Cause::OtherNoApp, Cause::OtherBluetoothOff]))
        .unwrap_or(if f.scans_heard == 0 && (f.observer.stopped || f.transmitter.stopped) {
            Cause::Stopped
        } else if f.scans_heard == 0 {
            Cause::NeverHeard
        } else {
            match f.need_s {
                None => Cause::NeverFires,
                Some(need_s) if f.heard_s < need_s => Cause::HeardTooShort,
                Some(_) if f.near_s <= 0.0 => Cause::NeverNear,
                Some(need_s) if f.near_s < need_s => Cause::NearTooShort,
                Some(_) => match f.shortfall {
                    Some(Shortfall::MeanOverThreshold) => Cause::MeanOverThreshold,
                    Some(Shortfall::ShortRuns) => Cause::ShortRuns,
                    Some(Shortfall::NotAtAStretch) => Cause::NotAtAStretch,
                    Some(Shortfall::LowScore) | None => Cause::LowScore,
                },
            }
        })
}

fn why_reported(f: &CauseFacts) -> Cause {
    if f.within_ignoring_walls_s >= f.duration_s {
        Cause::Barrier
    } else if f.within_s > 0.0 {
        Cause::TooShort
    } else if f.min_distance_m <= 2.0 * f.radius_m {
        Cause::UpToTwiceTheRadius
    } else {
        Cause::Further
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: PhoneState = PhoneState { smartphone: true, app: true, bluetooth: true, stopped: false };

    fn heard(near_s: f64, need_s: Option<f64>) -> CauseFacts {
        CauseFacts {
            observer: GOOD,
            transmitter: GOOD,
            os: Some((Os::Android, Os::Ios)),
            scans_heard: 5,
            heard_s: 2000.0,
            near_s,
            need_s,
            shortfall: Some(Shortfall::MeanOverThreshold),
            within_s: 1000.0,
            within_ignoring_walls_s: 1000.0,
            min_distance_m: 0.5,
            radius_m: 1.0,
            duration_s: 900.0,
        }
    }

    fn missed(facts: &CauseFacts) -> &'static str {
        why_missed(facts).name()
    }

    /// What the rule needs decides, not the contact's own duration.
    #[test]
    fn the_first_obstacle_is_the_cause() {
        assert_eq!(missed(&heard(1200.0, None)), "heard, but the rule never fires");
        assert_eq!(missed(&heard(0.0, Some(960.0))), "never under the threshold");
        assert_eq!(missed(&heard(950.0, Some(960.0))), "too few minutes under the threshold");
        assert_eq!(missed(&heard(0.0, Some(2001.0))), "heard for too few minutes");
        for (shortfall, why) in [
            (Shortfall::MeanOverThreshold, "mean of the whole run over the threshold"),
            (Shortfall::ShortRuns, "minutes under the threshold split into short runs"),
            (Shortfall::NotAtAStretch, "minutes under the threshold not at a stretch"),
            (Shortfall::LowScore, "weighted score of the day too low"),
        ] {
            for (near_s, need_s) in [(960.0, 960.0), (500.0, 468.0)] {
                assert_eq!(missed(&CauseFacts { shortfall: Some(shortfall), ..heard(near_s, Some(need_s)) }), why);
            }
        }
        let unheard = CauseFacts { scans_heard: 0, ..heard(0.0, Some(960.0)) };
        assert_eq!(missed(&unheard), "never heard");
        let stopped = PhoneState { stopped: true, ..GOOD };
        assert_eq!(missed(&CauseFacts { observer: stopped, ..unheard }), "never heard: a phone stopped that day");
        assert_eq!(missed(&CauseFacts { transmitter: PhoneState { app: false, ..GOOD }, ..unheard }), "the other has no app");
        let both =
            CauseFacts { observer: PhoneState { bluetooth: false, ..GOOD }, transmitter: PhoneState { app: false, ..GOOD }, ..unheard };
        assert_eq!(missed(&both), "observer has Bluetooth off");
    }

    #[test]
    fn causes_are_counted_by_operating_systems() {
        let mut causes = Causes::default();
        let no_phone = CauseFacts { os: None, ..heard(0.0, Some(960.0)) };
        for facts in [&heard(0.0, Some(960.0)), &no_phone, &heard(0.0, Some(960.0))] {
            causes.add(Universe::Device, Definition::CumulativeUtc, true, facts);
        }
        let counted: Vec<_> = causes.rows().iter().map(|row| (row.os_pair, row.pairs)).collect();
        assert_eq!(counted, [(None, 1), (Some("ios>android"), 2)]);
    }

    /// Rows are sorted by names, whatever the order of what they stand for.
    #[test]
    fn counts_of_two_merge_to_those_of_one() {
        let facts: Vec<CauseFacts> = [0.0, 500.0, 950.0]
            .into_iter()
            .flat_map(|near_s| {
                [None, Some((Os::Ios, Os::Ios)), Some((Os::Ios, Os::Android)), Some((Os::Android, Os::Ios))].map(|os| (near_s, os))
            })
            .map(|(near_s, os)| CauseFacts { os, ..heard(near_s, Some(960.0)) })
            .collect();
        let (mut one, mut two) = (Causes::default(), [Causes::default(), Causes::default()]);
        for (i, facts) in facts.iter().chain(&facts[3..]).enumerate() {
            one.add(Universe::Device, Definition::CumulativeUtc, i % 3 > 0, facts);
            two[i / 5 % 2].add(Universe::Device, Definition::CumulativeUtc, i % 3 > 0, facts);
        }
        let [mut first, second] = two;
        first.merge(&second);
        assert_eq!(first, one);
        let names: Vec<_> = one.rows().iter().map(|row| (row.missed, row.os_pair, row.cause)).collect();
        assert!(names.is_sorted() && names.len() > 9, "{names:?}");
    }

    #[test]
    fn a_false_alarm_has_one_cause() {
        let alarm = |within_s: f64, within_ignoring_walls_s: f64, min_distance_m: f64| {
            why_reported(&CauseFacts { within_s, within_ignoring_walls_s, min_distance_m, ..heard(0.0, None) }).name()
        };
        assert_eq!(alarm(0.0, 900.0, 0.5), "a wall or pane stood between");
        assert_eq!(alarm(10.0, 899.0, 0.5), "within the radius, but not for long enough");
        assert_eq!(alarm(0.0, 0.0, 2.0), "up to twice the radius away");
        assert_eq!(alarm(0.0, 0.0, 2.1), "further than twice the radius away");
    }
}
