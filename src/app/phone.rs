//! One phone's app: fetch, match, gate, notify. It knows keys and bytes, never people or places.

use serde::{Deserialize, Serialize};

use crate::{
    gaen::{CallQuota, DiagnosisKey, GaenConfig, SightingStore, StoreIndex, Tracer},
    server::Export,
    time::DayUtc,
};

use super::{
    releases::{Family, Release},
    rules::{Rule, evaluate, judge},
};

/// Known faults that are modelled, by the names that tables use.
pub const FAULTS: &[(&str, &str)] = &[
    ("notified_but_none_shown", "until 1.1.3: a notification on any match, but the app shows no contact (from August 2020)"),
    (
        "android_never_notifies",
        "1.1.4 to 1.2.1 on Android: keys of level 0 cannot reach the minimum score (28 September 2020 to 18 February 2021)",
    ),
    (
        "skipped_batch",
        "until 1.2.2: batches are noted as processed before the check; if the framework refuses, they are never checked (to 20 April 2021)",
    ),
    ("any_number_accepted", "1.0.0: the app tells \"done\" though the server refused the registration and stored nothing (June 2020)"),
    (
        "valid_number_rejected",
        "a key that starts more than 14 days ago to the second refuses the whole registration: by 1.1.1, and by the server until 15 July 2020",
    ),
];

/// What the app keeps between checks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PhoneApp {
    /// Creation time of the newest batch processed, Unix seconds.
    last_created_s: i64,
    /// What the framework remembers of keys it was given.
    tracer: Tracer,
    /// Calls to it.
    quota: CallQuota,
}

impl Default for PhoneApp {
    fn default() -> Self {
        Self { last_created_s: i64::MIN, tracer: Tracer::default(), quota: CallQuota::default() }
    }
}

/// What runs on a phone.
#[derive(Clone, Copy, Debug)]
pub struct Installed<'a> {
    /// Whether the phone is an iPhone.
    pub ios: bool,
    /// The app's release.
    pub release: &'a Release,
    /// What that release runs on this system.
    pub rule: &'a Rule,
    /// The framework's settings.
    pub framework: &'a GaenConfig,
}

/// A key whose holder was met, as the app sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoundContact {
    /// The matched key.
    pub key: [u8; 16],
    /// Its UTC day.
    pub day: DayUtc,
    /// Scored seconds.
    pub duration_s: f64,
}

/// What one check came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckOutcome {
    /// Keys in the batches fetched.
    pub fetched_keys: u32,
    /// Keys with at least one sighting.
    pub matched_keys: u32,
    /// The framework refused the call: too many in a day.
    pub refused: bool,
    /// Contacts that meet the release's rule.
    pub contacts: Vec<FoundContact>,
    /// A notification popped up.
    pub notified: bool,
    /// The app shows a contact when opened.
    pub shown: bool,
    /// The known fault that played a part, by its name in the list of faults.
    pub fault: Option<&'static str>,
}

impl PhoneApp {
    /// Fetches the batches made since the last check and matches them against the phone's own store. A call beyond the framework's daily quota is refused: the batches wait for the
    /// next check, or are lost if the release had noted them as processed.
    ///
    /// Thin: batches are processed whole, keys are scored one by one (a release 2 day that passes only over several
    /// people's windows is judged person by person).
    pub fn check<'a>(
        &mut self,
        now_s: i64,
        installed: Installed<'_>,
        exports: impl Iterator<Item = &'a Export>,
        store: &SightingStore,
    ) -> CheckOutcome {
        let Installed { ios, release, rule, framework } = installed;
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
            outcome.fault = release.notes_before_check.then_some("skipped_batch");
            return outcome;
        }
        let matches = StoreIndex::new(store.sightings()).match_keys(&keys, &mut self.tracer);
        outcome.matched_keys = matches.len() as u32;
        for found in &matches {
            let key = &keys[found.key];
            let verdict = judge(rule, found, &evaluate(found, key), key, now_s as u32, now_s as u32);
            outcome.notified |= verdict.notified;
            if verdict.detected {
                let day = key.tek.rolling_start.start().day_utc();
                outcome.contacts.push(FoundContact { key: key.tek.key, day, duration_s: verdict.duration_s });
            }
        }
        outcome.shown = !outcome.contacts.is_empty();
        outcome.fault = if outcome.notified && !outcome.shown && release.family != Family::Windows {
            Some("notified_but_none_shown")
        } else if !ios && release.family == Family::Third && outcome.matched_keys > 0 && keys.iter().all(|k| k.transmission_risk_level == 0)
        {
            Some("android_never_notifies")
        } else {
            None
        };
        outcome
    }

    /// Batches newer than this are still to be fetched.
    pub fn last_created_s(&self) -> i64 {
        self.last_created_s
    }
}
