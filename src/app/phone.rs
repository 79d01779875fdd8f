//! One phone's app: fetch, match, gate, notify. It knows keys and bytes, never people or places.

use serde::{Deserialize, Serialize};

use crate::{
    gaen::{
        CallQuota, DiagnosisKey, GaenConfig, KeyMatch, PublishedIndex, ReportType, SightingStore, Tracer, attenuation_durations_s,
        days_since,
    },
    server::Export,
    time::DayUtc,
};

use super::{
    config::ConfigurationOf113,
    detection::{Detection, FoundDay, Matched, Stored, detect},
    evaluated::{Evaluated, evaluate},
    faults::{FaultSet, Mechanism},
    releases::{Family, RELEASES, Release},
    rules::{Rule, rule_of},
    screen::{Kept, Screen},
};

/// What the app keeps between checks. A phone that never matched a key keeps no more than when it fetched last.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PhoneApp {
    /// Creation time of the newest batch processed, Unix seconds.
    last_created_s: i64,
    /// Calls to the framework.
    quota: CallQuota,
    /// What matches left.
    memory: Option<Box<Memory>>,
}

/// What is kept of keys that matched.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Memory {
    /// What the framework remembers of keys it was given.
    tracer: Tracer,
    /// What version 2 keeps of earlier checks.
    stored: Stored,
    /// What version 1 keeps of contacts, and the system of checks.
    kept: Kept,
}

impl Default for PhoneApp {
    fn default() -> Self {
        Self { last_created_s: i64::MIN, quota: CallQuota::default(), memory: None }
    }
}

/// What runs on a phone.
#[derive(Clone, Copy, Debug)]
pub struct Installed<'a> {
    /// Whether the phone is an iPhone.
    pub ios: bool,
    /// The app's release.
    pub release: &'a Release,
    /// The release in which the app was installed.
    pub installed_as: &'a Release,
    /// What 1.1.3 runs.
    pub configuration_of_1_1_3: ConfigurationOf113,
    /// The faults that are at work.
    pub faults: FaultSet,
    /// The framework's settings.
    pub framework: &'a GaenConfig,
}

impl Installed<'_> {
    /// Whether a fault is at work on this phone.
    pub fn has(&self, mechanism: Mechanism) -> bool {
        self.faults.is_on_phone(mechanism, self.ios, self.release)
    }

    /// Whether the app cannot start: release 1.4.0 on phones that have had it since before 1.2.0.
    pub fn crashes(&self) -> bool {
        let place = |name: &str| RELEASES.iter().position(|release| release.name == name);
        self.has(Mechanism::CrashesAtStart) && place(self.installed_as.name) < place("1.2.0")
    }

    /// Whether a fault that this phone had is not at work.
    pub(super) fn is_mended(&self, mechanism: Mechanism) -> bool {
        self.faults.is_mended_on_phone(mechanism, self.ios, self.release)
    }

    /// The rule that it runs, for keys of a level.
    pub fn rule(&self, key_level: i32) -> Rule {
        let rule = rule_of(self.release, self.configuration_of_1_1_3, self.ios, self.level(key_level));
        let leaves_far_out = self.faults.is_mended_on_phone(Mechanism::FarSignalsCount, self.ios, self.release);
        let rule = rule.with_gate(self.faults.gate(self.ios, self.release));
        if leaves_far_out { rule.without_far_scans() } else { rule }
    }

    /// The level that a key counts as: 4 where Android is spared from scoring level 0.
    fn level(&self, of_key: i32) -> i32 {
        if self.faults.is_mended_on_phone(Mechanism::AndroidNeverNotifies, self.ios, self.release) { 4 } else { of_key }
    }

    /// What it makes of the keys that a check matched anew, and the rule by which; `None` without any.
    fn detect(&self, new: &[Matched<'_>], stored: &Stored, now_s: u32) -> Option<(Rule, Detection)> {
        let level = new.iter().map(|m| m.key.transmission_risk_level).max()?;
        let level_of = |key: &DiagnosisKey| self.level(key.transmission_risk_level);
        let keys: Vec<DiagnosisKey> =
            new.iter().map(|m| DiagnosisKey { transmission_risk_level: level_of(m.key), ..m.key.clone() }).collect();
        let new: Vec<Matched<'_>> = new.iter().zip(&keys).map(|(m, key)| Matched { key, ..*m }).collect();
        let rule = self.rule(level);
        let detection = detect(&rule, &new, stored, now_s, |_, _| {});
        Some((rule, detection))
    }

    /// The known fault without which the person would have been told something else.
    fn fault_of_check(&self, new: &[Matched<'_>], stored: &Stored, was: &Detection, now_s: u32) -> Option<Mechanism> {
        let is_v2 = self.release.family == Family::Windows;
        // The screen of version 1 counts keys; how long and how near their exposures were it does not say.
        let day = |d: &FoundDay| (d.day, if is_v2 { Vec::new() } else { d.keys.clone() }, if is_v2 { d.on_screen_s } else { 0 });
        let told = |d: &Detection| (d.notified, d.days.iter().filter(|d| d.shown).map(day).collect::<Vec<_>>());
        let windows_alone = stored.windows_alone();
        let differs = |mechanism: &Mechanism| {
            let mended = Self { faults: self.faults.without(*mechanism), ..*self };
            // A day's stored summary has the far scans in it.
            let is_far = *mechanism == Mechanism::FarSignalsCount;
            let without = mended.detect(new, if is_far { &windows_alone } else { stored }, now_s);
            without.is_some_and(|(_, detection)| told(&detection) != told(was))
        };
        CHECK_FAULTS.into_iter().filter(|mechanism| self.has(*mechanism)).find(differs)
    }
}

/// Attenuations between which the log's durations are told apart, dB (`DurationAtAttenuationThresholds` of every release).
const LOG_THRESHOLDS_DB: [i32; 2] = [50, 70];

/// Faults that change what a check tells.
const CHECK_FAULTS: [Mechanism; 5] = [
    Mechanism::NotifiedButNoneShown,
    Mechanism::AnyMatchShown,
    Mechanism::AndroidOvercount,
    Mechanism::AndroidNeverNotifies,
    Mechanism::FarSignalsCount,
];

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
    pub matched: Vec<[u8; 16]>,
    /// Keys that a refused check would have matched, and that no check ever will.
    pub skipped: Vec<[u8; 16]>,
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
    /// The known fault without which the person would have been told something else.
    pub fault: Option<Mechanism>,
    /// What the app's log says of matches; `None` without any.
    pub log: Option<CheckLog>,
}

/// What COCOA's log says of a check that matched (the summary that version 1 gets of the system).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckLog {
    /// Keys that matched.
    pub matched_keys: u32,
    /// Days since the youngest of their days.
    pub days_since_last_exposure: i32,
    /// The highest score of the check.
    pub highest_score: f64,
    /// Minutes below 50 dB, below 70 dB, and above: of all sightings of the check.
    pub minutes_by_attenuation: [i64; 3],
}

impl CheckLog {
    fn of(new: &[Matched<'_>], detection: &Detection, now_s: u32) -> Self {
        let days = new.iter().map(|m| days_since(m.key, now_s)).min().unwrap_or(0);
        let mut minutes = [0; 3];
        for run in new.iter().flat_map(|m| &m.evaluated.runs) {
            let of_run = attenuation_durations_s(run, LOG_THRESHOLDS_DB);
            minutes.iter_mut().zip(of_run).for_each(|(sum, s)| *sum += s);
        }
        Self {
            matched_keys: new.len() as u32,
            days_since_last_exposure: days as i32,
            highest_score: detection.days.iter().map(|day| day.score).fold(0.0, f64::max),
            minutes_by_attenuation: minutes.map(|s: i64| s / 60),
        }
    }
}

impl CheckOutcome {
    /// What the user saw, as tables say it.
    pub fn seen(&self) -> Seen {
        match (self.notified, self.shown) {
            (true, true) => Seen::NotifiedAndShown,
            (true, false) => Seen::NothingShown,
            (false, true) => Seen::ShownAlone,
            (false, false) => Seen::Nothing,
        }
    }
}

/// What the user saw of a check that matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Seen {
    /// A notification, and a contact on the screen.
    NotifiedAndShown,
    /// A notification alone.
    NothingShown,
    /// A contact on the screen alone.
    ShownAlone,
    /// Neither.
    Nothing,
}

impl Seen {
    /// The name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Seen::NotifiedAndShown => "notified and shown",
            Seen::NothingShown => "notified, nothing shown",
            Seen::ShownAlone => "shown without notification",
            Seen::Nothing => "matched, under the rule",
        }
    }
}

/// The keys of batches that a phone has not processed, with their identifiers, which are the same for every phone that fetches them.
pub struct NewKeys {
    /// When the newest of the batches was made, Unix seconds; `None` without any.
    newest_s: Option<i64>,
    keys: Vec<DiagnosisKey>,
    index: PublishedIndex,
}

impl NewKeys {
    /// Of the batches made after a moment, Unix seconds.
    pub fn of<'a>(exports: impl Iterator<Item = &'a Export>, after_s: i64) -> Self {
        let new: Vec<&Export> = exports.filter(|e| e.created_s > after_s).collect();
        let keys: Vec<DiagnosisKey> = new.iter().flat_map(|e| &e.keys).cloned().collect();
        let index = PublishedIndex::new(&keys);
        Self { newest_s: new.iter().map(|e| e.created_s).max(), keys, index }
    }
}

impl PhoneApp {
    /// Fetches the batches made since the last check, whose keys are `new`, and matches them against the phone's own store, in one detection. A call
    /// beyond the framework's daily quota is refused: the batches wait for the next check, or are lost if the release had noted
    /// them as processed.
    pub fn check(&mut self, now_s: i64, installed: Installed<'_>, new: &NewKeys, store: &SightingStore) -> CheckOutcome {
        let fetched_keys = new.keys.len() as u32;
        let mut outcome = CheckOutcome { fetched_keys, ..CheckOutcome::default() };
        let Some(newest_s) = new.newest_s.filter(|_| fetched_keys > 0) else { return outcome };
        let Installed { ios, release, framework, .. } = installed;
        let limit = match (release.family, ios) {
            (Family::Windows, _) => framework.calls_a_day_windows,
            (_, true) => framework.calls_a_day_ios,
            (_, false) => framework.calls_a_day_android,
        };
        outcome.refused = !self.quota.take(now_s, limit);
        let skips = installed.has(Mechanism::SkippedBatch);
        if !outcome.refused || skips {
            self.last_created_s = newest_s;
        }
        if outcome.refused {
            // Lost for ever, if there was something to lose.
            if skips {
                let mut would_be = CheckOutcome::default();
                let detection = self.clone().detect(now_s, installed, new, store, &mut would_be);
                outcome.skipped = would_be.matched;
                outcome.fault = (detection.notified || detection.shows_news()).then_some(Mechanism::SkippedBatch);
            }
            return outcome;
        }
        let detection = self.detect(now_s, installed, new, store, &mut outcome);
        (outcome.notified, outcome.shown) = (detection.notified, detection.shows_news());
        outcome
    }

    /// Matches keys, and keeps what version 2 keeps.
    fn detect(
        &mut self,
        now_s: i64,
        installed: Installed<'_>,
        fetched: &NewKeys,
        store: &SightingStore,
        outcome: &mut CheckOutcome,
    ) -> Detection {
        let now = now_s as u32;
        let heard = store.within_14_days(now);
        if heard.is_empty() {
            return Detection::default();
        }
        let keys = &fetched.keys;
        let mut memory = self.memory.take().unwrap_or_default();
        let found = fetched.index.match_store(&heard, &mut memory.tracer);
        let found: Vec<&KeyMatch> = found.iter().filter(|m| m.report_type != Some(ReportType::Revoked)).collect();
        let evaluated: Vec<Evaluated> = found.iter().map(|m| evaluate(m, &keys[m.key])).collect();
        let new: Vec<Matched<'_>> = found.iter().zip(&evaluated).map(|(m, evaluated)| Matched { key: &keys[m.key], evaluated }).collect();
        outcome.matched = new.iter().map(|matched| matched.key.tek.key).collect();
        let detected = installed.detect(&new, &memory.stored, now);
        if let Some((rule, detection)) = &detected {
            let is_v2 = installed.release.family == Family::Windows;
            outcome.fault = installed.fault_of_check(&new, &memory.stored, detection, now);
            outcome.rule.clone_from(&rule.name);
            outcome.days = shown_days(detection, &memory.stored, is_v2);
            outcome.log = Some(CheckLog::of(&new, detection, now));
            if is_v2 {
                memory.stored.keep(&new, detection);
            } else {
                outcome.days.iter().for_each(|shown| memory.kept.count(shown.day, shown.exposures.unwrap_or(0)));
            }
            memory.kept.note(now_s, new.len() as u32);
        }
        self.memory = (!memory.tracer.is_empty()).then_some(memory);
        detected.map_or_else(Detection::default, |(_, detection)| detection)
    }

    /// The screen at a moment.
    pub fn screen(&self, installed: &Installed<'_>, now_s: i64) -> Screen {
        self.memory.as_ref().map_or_else(Screen::default, |memory| installed.screen(&memory.kept, &memory.stored, now_s))
    }

    /// Whether keys ever matched, so that there may be something on the screen.
    pub fn has_matched(&self) -> bool {
        self.memory.is_some()
    }

    /// Loses what the app itself keeps, by fault F4 or because its user deletes it: which batches were processed, and the contacts on its
    /// screen. What the system keeps stays, and the system answers for no key twice.
    pub fn lose_data(&mut self) {
        self.last_created_s = i64::MIN;
        if let Some(memory) = &mut self.memory {
            memory.stored = Stored::default();
            memory.kept.lose();
        }
    }

    /// Batches newer than this are still to be fetched.
    pub fn last_created_s(&self) -> i64 {
        self.last_created_s
    }
}

/// The days that a check put on the screen, or added to there.
fn shown_days(detection: &Detection, stored: &Stored, is_v2: bool) -> Vec<ShownDay> {
    let of = |day: &FoundDay| ShownDay {
        day: day.day,
        exposures: (!is_v2).then_some(day.keys.len() as u32),
        minutes: is_v2.then_some((day.on_screen_s.max(0) as u64).div_ceil(60) as u32),
        duration_s: day.duration_s,
        keys: day.keys.iter().copied().chain(stored.keys_of(day.day)).collect(),
    };
    detection.days.iter().filter(|d| d.shown && !d.keys.is_empty()).map(of).collect()
}
