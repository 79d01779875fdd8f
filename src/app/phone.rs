//! One phone's app: fetch, match, gate, notify. It knows keys and bytes, never people or places.

use serde::{Deserialize, Serialize};

use crate::{
    gaen::{CallQuota, DiagnosisKey, GaenConfig, KeyMatch, ReportType, SightingStore, StoreIndex, Tracer},
    server::Export,
    time::DayUtc,
};

use super::{
    config::ConfigurationOf113,
    detection::{Detection, Evaluated, Matched, Stored, detect, evaluate},
    faults::{ANDROID_NEVER_NOTIFIES, ANDROID_OVERCOUNT, ANY_MATCH_SHOWN, NOTIFIED_BUT_NONE_SHOWN, SKIPPED_BATCH},
    releases::{Family, Gate, Release},
    rules::{Rule, rule_of},
};

/// What the app keeps between checks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PhoneApp {
    /// Creation time of the newest batch processed, Unix seconds.
    last_created_s: i64,
    /// What the framework remembers of keys it was given.
    tracer: Tracer,
    /// Calls to it.
    quota: CallQuota,
    /// What version 2 keeps of earlier checks.
    stored: Stored,
}

impl Default for PhoneApp {
    fn default() -> Self {
        Self { last_created_s: i64::MIN, tracer: Tracer::default(), quota: CallQuota::default(), stored: Stored::default() }
    }
}

/// What runs on a phone.
#[derive(Clone, Copy, Debug)]
pub struct Installed<'a> {
    /// Whether the phone is an iPhone.
    pub ios: bool,
    /// The app's release.
    pub release: &'a Release,
    /// What 1.1.3 runs.
    pub configuration_of_1_1_3: ConfigurationOf113,
    /// The framework's settings.
    pub framework: &'a GaenConfig,
}

/// A day on the screen, as the app shows it after a check.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownDay {
    /// The UTC day.
    pub day: DayUtc,
    /// Exposures of this check that a 1.x screen counts for it.
    pub exposures: Option<u32>,
    /// Minutes that a 2.x screen shows for it: all stored windows, rounded up.
    pub minutes: Option<u32>,
    /// Seconds that the check was given for it: durations of the exposures shown (1.x), of this check's windows (2.x).
    pub duration_s: i64,
    /// Keys behind it: of this check, and of earlier ones where the day shows for the first time.
    pub keys: Vec<[u8; 16]>,
}

/// The result of one check.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckOutcome {
    /// Keys in the batches fetched.
    pub fetched_keys: u32,
    /// Keys with at least one sighting.
    pub matched_keys: u32,
    /// Name of the rule that the release ran, for keys of the level that was matched; empty if none matched.
    pub rule: String,
    /// The framework refused the call: too many in a day.
    pub refused: bool,
    /// Days that this check put on the screen, or added to there.
    pub days: Vec<ShownDay>,
    /// A notification popped up.
    pub notified: bool,
    /// The app's screen shows something that this check brought.
    pub shown: bool,
    /// The known fault without which the person would have been told something else, by its name in the list of faults.
    pub fault: Option<&'static str>,
}

impl PhoneApp {
    /// Fetches the batches made since the last check and matches them against the phone's own store, in one detection. A call
    /// beyond the framework's daily quota is refused: the batches wait for the next check, or are lost if the release had noted
    /// them as processed.
    pub fn check<'a>(
        &mut self,
        now_s: i64,
        installed: Installed<'_>,
        exports: impl Iterator<Item = &'a Export>,
        store: &SightingStore,
    ) -> CheckOutcome {
        let Installed { ios, release, framework, .. } = installed;
        let mut keys: Vec<DiagnosisKey> = Vec::new();
        let (seen_until_s, mut newest_s) = (self.last_created_s, self.last_created_s);
        for export in exports.filter(|e| e.created_s > seen_until_s) {
            newest_s = newest_s.max(export.created_s);
            keys.extend(export.keys.iter().cloned());
        }
        let mut outcome = CheckOutcome { fetched_keys: keys.len() as u32, ..CheckOutcome::default() };
        if keys.is_empty() {
            return outcome;
        }
        let limit = match (release.family, ios) {
            (Family::Windows, _) => framework.calls_a_day_windows,
            (_, true) => framework.calls_a_day_ios,
            (_, false) => framework.calls_a_day_android,
        };
        outcome.refused = !self.quota.take(now_s, limit);
        if !outcome.refused || release.notes_before_check {
            self.last_created_s = newest_s;
        }
        if outcome.refused {
            // Lost for ever, if there was something to lose.
            if release.notes_before_check {
                let detection = self.clone().detect(now_s, installed, &keys, store, &mut CheckOutcome::default());
                outcome.fault = (detection.notified || detection.shows_news()).then_some(SKIPPED_BATCH);
            }
            return outcome;
        }
        let detection = self.detect(now_s, installed, &keys, store, &mut outcome);
        (outcome.notified, outcome.shown) = (detection.notified, detection.shows_news());
        outcome
    }

    /// Matches keys, and keeps what version 2 keeps.
    fn detect(
        &mut self,
        now_s: i64,
        installed: Installed<'_>,
        keys: &[DiagnosisKey],
        store: &SightingStore,
        outcome: &mut CheckOutcome,
    ) -> Detection {
        let Installed { ios, release, configuration_of_1_1_3, .. } = installed;
        let found = StoreIndex::new(&store.within_14_days(now_s as u32)).match_keys(keys, &mut self.tracer);
        let found: Vec<&KeyMatch> = found.iter().filter(|m| m.report_type != Some(ReportType::Revoked)).collect();
        let evaluated: Vec<Evaluated> = found.iter().map(|m| evaluate(m, &keys[m.key])).collect();
        let new: Vec<Matched<'_>> = found.iter().zip(&evaluated).map(|(m, evaluated)| Matched { key: &keys[m.key], evaluated }).collect();
        outcome.matched_keys = new.len() as u32;
        let Some(level) = new.iter().map(|m| m.key.transmission_risk_level).max() else { return Detection::default() };
        let rule = rule_of(release, configuration_of_1_1_3, ios, level);
        let now_s = now_s as u32;
        let detection = detect(&rule, &new, &self.stored, now_s, |_, _| {});
        let is_v2 = release.family == Family::Windows;
        if !is_v2 {
            outcome.fault = fault(&rule, release.gate, ios, &new, &detection, now_s);
        }
        outcome.rule = rule.name;
        for day in detection.days.iter().filter(|d| d.shown && !d.keys.is_empty()) {
            let mut keys = day.keys.clone();
            keys.extend(self.stored.keys_of(day.day));
            outcome.days.push(ShownDay {
                day: day.day,
                exposures: (!is_v2).then_some(day.keys.len() as u32),
                minutes: is_v2.then_some((day.on_screen_s.max(0) as u64).div_ceil(60) as u32),
                duration_s: day.duration_s,
                keys,
            });
        }
        if is_v2 {
            self.stored.keep(&new, &detection);
        }
        detection
    }

    /// Batches newer than this are still to be fetched.
    pub fn last_created_s(&self) -> i64 {
        self.last_created_s
    }
}

/// The fault of version 1 without which the person would have been told something else.
fn fault(rule: &Rule, gate: Gate, ios: bool, new: &[Matched<'_>], was: &Detection, now_s: u32) -> Option<&'static str> {
    // The screen counts keys; how long and how near their exposures were it does not say.
    let told = |d: &Detection| (d.notified, d.days.iter().filter(|d| d.shown).map(|d| (d.day, d.keys.clone())).collect::<Vec<_>>());
    let differs = |rule: &Rule, new: &[Matched<'_>]| told(&detect(rule, new, &Stored::default(), now_s, |_, _| {})) != told(was);
    if differs(&rule.with_gate(Gate::OfEachExposure), new) {
        return match (gate, ios) {
            (Gate::AnyMatch, true) => Some(NOTIFIED_BUT_NONE_SHOWN),
            (Gate::AnyMatch, false) => Some(ANY_MATCH_SHOWN),
            _ => Some(ANDROID_OVERCOUNT),
        };
    }
    let of_level_4: Vec<DiagnosisKey> = new.iter().map(|m| DiagnosisKey { transmission_risk_level: 4, ..m.key.clone() }).collect();
    let as_mended: Vec<Matched<'_>> = new.iter().zip(&of_level_4).map(|(m, key)| Matched { key, ..*m }).collect();
    (!ios && differs(rule, &as_mended)).then_some(ANDROID_NEVER_NOTIFIES)
}
