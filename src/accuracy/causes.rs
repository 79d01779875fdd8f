//! Why contacts were missed, and why others were reported.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{app::Shortfall, truth::Definition};

use super::tally::Universe;

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
#[derive(Clone, Debug)]
pub struct CauseFacts {
    /// The observer's phone.
    pub observer: PhoneState,
    /// The transmitter's phone.
    pub transmitter: PhoneState,
    /// Operating systems of both phones, transmitter > observer; `None` if one of the two has none.
    pub os_pair: Option<String>,
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

/// What is counted: universe, truth, whether a contact was missed, operating systems, cause.
pub type CauseKey = (Universe, Definition, bool, Option<String>, String);

/// Counts of causes for the headline rule. Every missed contact and every false alarm has exactly one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Causes(#[serde(with = "crate::as_list")] BTreeMap<CauseKey, i64>);

impl Causes {
    /// Counts a missed contact (`missed`) or a false alarm.
    pub fn add(&mut self, universe: Universe, truth: Definition, missed: bool, facts: &CauseFacts) {
        let cause = if missed { why_missed(facts) } else { why_reported(facts) };
        *self.0.entry((universe, truth, missed, facts.os_pair.clone(), cause.into())).or_default() += 1;
    }

    /// What is counted, and pairs, sorted.
    pub fn rows(&self) -> impl Iterator<Item = (&CauseKey, i64)> {
        self.0.iter().map(|(key, pairs)| (key, *pairs))
    }
}

/// The first obstacle in the order of the chain.
fn why_missed(f: &CauseFacts) -> &'static str {
    let phone = |p: &PhoneState, whose: [&'static str; 3]| {
        [(p.smartphone, whose[0]), (p.app, whose[1]), (p.bluetooth, whose[2])].into_iter().find(|(has, _)| !has).map(|(_, why)| why)
    };
    phone(&f.observer, ["observer has no smartphone", "observer has no app", "observer has Bluetooth off"])
        .or_else(|| phone(&f.transmitter, ["the other has no smartphone", "the other has no app", "the other has Bluetooth off"]))
        .unwrap_or(if f.scans_heard == 0 && (f.observer.stopped || f.transmitter.stopped) {
            "never heard: a phone stopped that day"
        } else if f.scans_heard == 0 {
            "never heard"
        } else {
            match f.need_s {
                None => "heard, but the rule never fires",
                Some(need_s) if f.heard_s < need_s => "heard for too few minutes",
                Some(_) if f.near_s <= 0.0 => "never under the threshold",
                Some(need_s) if f.near_s < need_s => "too few minutes under the threshold",
                Some(_) => match f.shortfall {
                    Some(Shortfall::MeanOverThreshold) => "mean of the whole run over the threshold",
                    Some(Shortfall::ShortRuns) => "minutes under the threshold split into short runs",
                    Some(Shortfall::NotAtAStretch) => "minutes under the threshold not at a stretch",
                    Some(Shortfall::LowScore) | None => "weighted score of the day too low",
                },
            }
        })
}

fn why_reported(f: &CauseFacts) -> &'static str {
    if f.within_ignoring_walls_s >= f.duration_s {
        "a wall or pane stood between"
    } else if f.within_s > 0.0 {
        "within the radius, but not for long enough"
    } else if f.min_distance_m <= 2.0 * f.radius_m {
        "up to twice the radius away"
    } else {
        "further than twice the radius away"
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
            os_pair: Some("ios>android".into()),
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

    /// What the rule needs decides, not the contact's own duration.
    #[test]
    fn the_first_obstacle_is_the_cause() {
        assert_eq!(why_missed(&heard(1200.0, None)), "heard, but the rule never fires");
        assert_eq!(why_missed(&heard(0.0, Some(960.0))), "never under the threshold");
        assert_eq!(why_missed(&heard(950.0, Some(960.0))), "too few minutes under the threshold");
        assert_eq!(why_missed(&heard(0.0, Some(2001.0))), "heard for too few minutes");
        for (shortfall, why) in [
            (Shortfall::MeanOverThreshold, "mean of the whole run over the threshold"),
            (Shortfall::ShortRuns, "minutes under the threshold split into short runs"),
            (Shortfall::NotAtAStretch, "minutes under the threshold not at a stretch"),
            (Shortfall::LowScore, "weighted score of the day too low"),
        ] {
            for (near_s, need_s) in [(960.0, 960.0), (500.0, 468.0)] {
                assert_eq!(why_missed(&CauseFacts { shortfall: Some(shortfall), ..heard(near_s, Some(need_s)) }), why);
            }
        }
        let unheard = CauseFacts { scans_heard: 0, ..heard(0.0, Some(960.0)) };
        assert_eq!(why_missed(&unheard), "never heard");
        let stopped = PhoneState { stopped: true, ..GOOD };
        assert_eq!(why_missed(&CauseFacts { observer: stopped, ..unheard.clone() }), "never heard: a phone stopped that day");
        assert_eq!(why_missed(&CauseFacts { transmitter: PhoneState { app: false, ..GOOD }, ..unheard.clone() }), "the other has no app");
        let both =
            CauseFacts { observer: PhoneState { bluetooth: false, ..GOOD }, transmitter: PhoneState { app: false, ..GOOD }, ..unheard };
        assert_eq!(why_missed(&both), "observer has Bluetooth off");
    }

    #[test]
    fn causes_are_counted_by_operating_systems() {
        let mut causes = Causes::default();
        let no_phone = CauseFacts { os_pair: None, ..heard(0.0, Some(960.0)) };
        for facts in [&heard(0.0, Some(960.0)), &no_phone, &heard(0.0, Some(960.0))] {
            causes.add(Universe::Device, Definition::CumulativeUtc, true, facts);
        }
        let counted: Vec<_> = causes.rows().map(|((.., os_pair, _), pairs)| (os_pair.as_deref(), pairs)).collect();
        assert_eq!(counted, [(None, 1), (Some("ios>android"), 2)]);
    }

    #[test]
    fn a_false_alarm_has_one_cause() {
        let alarm = |within_s: f64, within_ignoring_walls_s: f64, min_distance_m: f64| {
            why_reported(&CauseFacts { within_s, within_ignoring_walls_s, min_distance_m, ..heard(0.0, None) })
        };
        assert_eq!(alarm(0.0, 900.0, 0.5), "a wall or pane stood between");
        assert_eq!(alarm(10.0, 899.0, 0.5), "within the radius, but not for long enough");
        assert_eq!(alarm(0.0, 0.0, 2.0), "up to twice the radius away");
        assert_eq!(alarm(0.0, 0.0, 2.1), "further than twice the radius away");
    }
}
