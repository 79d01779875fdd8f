//! What rules that read keys apart make of one key: all of version 1, and those that add up scans.

use crate::gaen::{DiagnosisKey, ExposureConfiguration, ExposureRun, ScanInstance, V1Reading, days_since};

use super::{evaluated::Evaluated, releases::Gate, rules::Kind};

/// A longer gap between two scans breaks continuity, s: one scan at the longest gap may be missed.
const CONTINUOUS_GAP_S: u32 = 600;

/// On iPhones until 1.1.3 the system pops up a notification on any match.
pub(super) fn notifies_of_itself(kind: &Kind) -> bool {
    matches!(kind, Kind::V1 { reading: V1Reading::Ios, gate: Gate::AnyMatch, .. })
}

/// A key as a rule reads it: by a level that need not be its own.
#[derive(Clone, Copy)]
pub(super) struct OfKey<'a> {
    pub key: &'a DiagnosisKey,
    pub level: i32,
    pub evaluated: &'a Evaluated,
}

/// What a rule that reads keys apart makes of one.
pub(super) struct Read {
    pub score: f64,
    /// Seconds of what is shown; `None`: nothing is.
    pub shown_s: Option<i64>,
}

impl<'a> OfKey<'a> {
    /// The scores of its exposures, under version 1.
    fn scores(self, config: &ExposureConfiguration, reading: V1Reading, now_s: u32) -> impl Iterator<Item = (&'a ExposureRun, i32)> {
        let (days, transmission) = (days_since(self.key, now_s), config.transmission_score(self.level, reading));
        self.evaluated.runs.iter().map(move |run| (run, config.score(run, days, transmission)))
    }

    /// Whether the app shows exposures of a check for this key's sake.
    pub fn passes(self, kind: &Kind, now_s: u32) -> bool {
        match kind {
            Kind::V1 { gate: Gate::AnyMatch, .. } => !self.evaluated.runs.is_empty(),
            Kind::V1 { config, reading, .. } => self.scores(config, *reading, now_s).any(|(_, score)| score >= config.minimum_risk_score),
            _ => true,
        }
    }

    /// The key by a rule that is not version 2's; `None` if there is nothing of it. `asks`: whether the check passed the gate.
    pub fn read(self, kind: &Kind, asks: bool, now_s: u32, mut scored: impl FnMut(u32, i64)) -> Option<Read> {
        let windows = &self.evaluated.windows;
        let scans = || windows.iter().flat_map(|w| &w.scans);
        let seconds_of = |s: &ScanInstance| i64::from(s.seconds_since_last_scan);
        match kind {
            Kind::V2 { .. } => None,
            Kind::V1 { .. } if self.evaluated.runs.is_empty() => None,
            Kind::V1 { config, reading, gate } => {
                let returns_all = *reading == V1Reading::Android && *gate != Gate::OfEachExposure;
                let mut read = Read { score: 0.0, shown_s: None };
                for (run, score) in self.scores(config, *reading, now_s) {
                    read.score = read.score.max(f64::from(score));
                    if asks && (returns_all || score >= config.minimum_risk_score) {
                        *read.shown_s.get_or_insert(0) += i64::from(run.duration_s);
                        scored(run.first_s / 2 + run.last_s / 2, i64::from(run.duration_s));
                    }
                }
                Some(read)
            }
            _ if windows.is_empty() => None,
            Kind::MinutesUnder { at_most_db, more_than_s } => {
                let near = || scans().filter(|s| s.typical_db <= *at_most_db);
                let seconds = near().map(seconds_of).sum();
                let is_shown = seconds > *more_than_s;
                if is_shown {
                    near().for_each(|s| scored(s.t_s, seconds_of(s)));
                }
                Some(Read { score: seconds as f64, shown_s: is_shown.then_some(seconds) })
            }
            Kind::Continuous { at_most_db, seconds_at_least } => {
                let near: Vec<(usize, &ScanInstance)> = scans().enumerate().filter(|(_, s)| s.typical_db <= *at_most_db).collect();
                let mut read = Read { score: 0.0, shown_s: None };
                for run in near.chunk_by(|(i, a), (j, b)| *j == i + 1 && b.t_s - a.t_s <= CONTINUOUS_GAP_S) {
                    let seconds: i64 = run.iter().map(|(_, s)| seconds_of(s)).sum();
                    read.score = read.score.max(seconds as f64);
                    if seconds >= *seconds_at_least {
                        *read.shown_s.get_or_insert(0) += seconds;
                        run.iter().for_each(|(_, s)| scored(s.t_s, seconds_of(s)));
                    }
                }
                Some(read)
            }
        }
    }
}
