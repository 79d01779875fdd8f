//! The system around the phones, event by event: cases, processing numbers, uploads, exports, checks, notifications.
//!
//! A day's events are pure functions of (scenario, seed, day), so the queue is made anew each day, ordered by (time,
//! phase, sequence); only what events leave behind is state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    air::Beacons,
    app::{ANY_NUMBER_ACCEPTED, AppConfig, Installed, PhoneApp, Release, VALID_NUMBER_REJECTED},
    authority::{AuthorityConfig, CaseHistory, Hersys, ProcessingNumber, issued_to_everybody},
    gaen::{GaenConfig, SightingStore, TemporaryExposureKey},
    ids::PersonId,
    population::{Os, People},
    random::{Keyed, Seed, Stream},
    server::{ExportRecord, Published, Refusal, Server, ServerConfig, has_old_key},
    time::{DAY_S, DayJst, DayUtc, UnixSeconds},
};

use super::{
    funnel::Way,
    setup::{first_key_day, installation},
};

/// What the system needs to know of the run; never changes.
pub struct World<'a> {
    /// `[authority]`.
    pub authority: &'a AuthorityConfig,
    /// `[server]`.
    pub server: &'a ServerConfig,
    /// `[app]`.
    pub app: &'a AppConfig,
    /// `[gaen]`.
    pub gaen: &'a GaenConfig,
    /// Everybody.
    pub people: &'a People,
    /// The day on which those who have the app installed it.
    pub installed: DayJst,
    /// Everybody's daily keys.
    pub beacons: &'a Beacons,
    /// Who the cases are, in scenario order.
    pub cases: &'a [(PersonId, CaseHistory)],
    /// The run's seed.
    pub seed: Seed,
}

impl World<'_> {
    /// The release on a person's phone on a day; `None` without the app, or before it was installed.
    fn release(&self, person: PersonId, day: DayJst) -> Option<&'static Release> {
        installation(self.people, self.installed, person)?.release(day)
    }

    /// Whether a case has the app when the result comes: who gets it later does not register.
    fn case_has_app(&self, case: usize) -> bool {
        let (person, history) = &self.cases[case];
        self.release(*person, UnixSeconds(history.result_s).day_jst()).is_some()
    }

    /// Whether a case is issued a number: who has the app and asks for it; from December 2021 on everybody.
    fn is_issued(&self, case: usize) -> bool {
        let history = &self.cases[case].1;
        issued_to_everybody(history.number_issued_s) || (self.case_has_app(case) && history.number_entered_s.is_some())
    }

    /// The keys that a case's phone hands to the server: those of past days (the current day's key is still in use), as far
    /// back as the release goes and the phone has keys. A phone makes keys from its installation on, whether or not Bluetooth
    /// is on.
    fn uploaded_keys(&self, case: usize, release: &Release, now_s: i64) -> Vec<TemporaryExposureKey> {
        let (person, history) = &self.cases[case];
        let Some(app) = installation(self.people, self.installed, *person) else { return Vec::new() };
        let today = UnixSeconds(now_s).day_utc();
        let onset = UnixSeconds(history.onset_s).day_jst();
        let asked = release.uploads_days_before_onset.map(|days| onset.plus_days(-days).utc_midnight().day_utc());
        let first = asked.into_iter().chain([today.plus_days(-release.uploads_days)]).fold(first_key_day(&app), DayUtc::max);
        (first.0..today.0).map(|d| self.beacons.tek(*person, DayUtc(d))).collect()
    }
}

/// A row of the uploads table.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Upload {
    /// When a number was issued, Unix seconds.
    pub number_issued_s: Option<i64>,
    /// When it was entered, Unix seconds.
    pub number_entered_s: Option<i64>,
    /// Keys stored, if the upload succeeded.
    pub keys: Option<u32>,
    /// Release that registered.
    pub release: Option<String>,
    /// When the keys arrived, Unix seconds.
    pub uploaded_s: Option<i64>,
    /// What came of it.
    pub outcome: String,
    /// The fault that ended it.
    pub fault: Option<String>,
}

/// A key that the server stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UploadedKey {
    /// Whose it is.
    pub owner: PersonId,
    /// When it was exported, Unix seconds.
    pub exported_s: Option<i64>,
    /// How far it came.
    pub way: Way,
}

/// A row of the notifications table: a check that matched at least one key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Notification {
    /// Whose phone.
    pub person: PersonId,
    /// When it checked, Unix seconds.
    pub checked_s: i64,
    /// Release it ran.
    pub release: String,
    /// Rule it ran.
    pub rule: String,
    /// Keys matched.
    pub matched_keys: u32,
    /// UTC day of the contact; `None` if the check showed none.
    pub day: Option<DayUtc>,
    /// Exposures that a 1.x screen counts for that day.
    pub exposures: Option<u32>,
    /// Minutes that a 2.x screen shows for it.
    pub minutes: Option<u32>,
    /// Seconds that the check was given for it.
    pub duration_s: Option<f64>,
    /// What the user saw.
    pub outcome: String,
    /// The fault that played a part.
    pub fault: Option<String>,
}

// Steps of the funnel, counted from 0 in their unit.
const INFECTED: usize = 0;
const SYMPTOMS: usize = 1;
const POSITIVE: usize = 2;
const HAS_APP: usize = 3;
const NUMBER_ISSUED: usize = 4;
const KEYS_UPLOADED: usize = 5;
const UPLOADED: usize = 0;
const EXPORTED: usize = 1;
const CHECKED: usize = 0;
const MATCHED: usize = 1;
const SHOWED: usize = 2;

/// Why a phone that checked keys did not match any.
const NO_MATCH: &str = "no key matched";

/// State that lasts over days.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct System {
    server: Server,
    hersys: Hersys,
    phones: Vec<PhoneApp>,
    numbers: Vec<Option<ProcessingNumber>>,
    stays_home_from_s: Vec<Option<i64>>,
    /// How far each case came.
    pub case_ways: Vec<Way>,
    /// All keys that the server stored.
    pub keys: BTreeMap<[u8; 16], UploadedKey>,
    /// How far each person's phone came.
    pub phone_ways: Vec<Way>,
    /// One per case.
    pub uploads: Vec<Upload>,
    /// All exports made.
    pub exports: Vec<ExportRecord>,
    /// Files that the server published and that the run has not written yet.
    published: Vec<Published>,
    /// All checks that matched.
    pub notifications: Vec<Notification>,
    /// (observer, case, UTC day) of every contact an app showed.
    pub detections: Vec<(PersonId, PersonId, DayUtc)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Infected(usize),
    Onset(usize),
    Result(usize),
    NumberIssued(usize),
    NumberEntered(usize),
    Export,
    Check(PersonId),
}

impl System {
    /// The system at the first midnight, with everything that happened before: from the first infection on, cases fell ill,
    /// were tested, stayed home and uploaded, keys were exported, and phones checked them. Whom people met before the first
    /// day is not simulated, so no phone holds anything that could match.
    pub fn new(first_day: DayJst, world: &World<'_>) -> Self {
        let mut system = Self::before_everything(world);
        let nothing_stored = BTreeMap::new();
        let began = world.cases.iter().map(|(_, case)| UnixSeconds(case.infected_s).day_jst()).min().unwrap_or(first_day);
        for day in (began.0..first_day.0).map(DayJst) {
            system.advance(day, world, &nothing_stored);
        }
        system
    }

    fn before_everything(world: &World<'_>) -> Self {
        let people = world.people.len();
        Self {
            phones: vec![PhoneApp::default(); people],
            numbers: vec![None; world.cases.len()],
            stays_home_from_s: vec![None; people],
            case_ways: vec![Way::default(); world.cases.len()],
            phone_ways: vec![Way::default(); people],
            uploads: vec![Upload { outcome: "not yet positive".into(), ..Upload::default() }; world.cases.len()],
            ..Self::default()
        }
    }

    /// Hands over what the server published since this was last asked.
    pub fn take_published(&mut self) -> Vec<Published> {
        std::mem::take(&mut self.published)
    }

    /// Whether a person's phone has fetched the batches made at a moment.
    pub fn has_fetched(&self, person: PersonId, created_s: i64) -> bool {
        self.phones[person.index()].last_created_s() >= created_s
    }

    /// Phones that showed a contact.
    pub fn phones_that_showed(&self) -> usize {
        self.phone_ways.iter().filter(|way| way.steps() > SHOWED).count()
    }

    /// Who stays home the whole of a day: decided by what happened before it began.
    pub fn stays_home(&self, day: DayJst) -> Vec<PersonId> {
        let from = (0..).map(PersonId).zip(&self.stays_home_from_s);
        from.filter(|(_, from)| from.is_some_and(|t| t < day.start().0)).map(|(person, _)| person).collect()
    }

    /// Carries out all events of a day, in order of (time, kind, person).
    pub fn advance(&mut self, day: DayJst, world: &World<'_>, stores: &BTreeMap<PersonId, SightingStore>) {
        let mut events: Vec<(i64, Event)> = Vec::new();
        for (i, (_, case)) in world.cases.iter().enumerate() {
            events.push((case.infected_s, Event::Infected(i)));
            events.push((case.onset_s, Event::Onset(i)));
            events.push((case.result_s, Event::Result(i)));
            events.push((case.number_issued_s, Event::NumberIssued(i)));
            events.extend(case.number_entered_s.map(|t| (t, Event::NumberEntered(i))));
        }
        events.push((day.start().0 + world.server.export_hour_jst * 3600, Event::Export));
        for i in 0..world.people.len() {
            let person = PersonId(i as u32);
            if world.people.has_app[i] {
                events.extend(fetch_times_s(world, person, day).map(|t| (t, Event::Check(person))));
            }
        }
        events.retain(|(t, _)| (day.start().0..day.end().0).contains(t));
        events.sort_unstable();
        for (now_s, event) in events {
            self.happen(now_s, event, day, world, stores);
        }
    }

    fn happen(&mut self, now_s: i64, event: Event, day: DayJst, world: &World<'_>, stores: &BTreeMap<PersonId, SightingStore>) {
        match event {
            Event::Infected(i) => {
                self.case_ways[i].reach(INFECTED, day);
            }
            Event::Onset(i) => {
                self.case_ways[i].reach(SYMPTOMS, day);
                let (person, case) = &world.cases[i];
                if case.stays_home_from_onset {
                    self.stays_home_from_s[person.index()].get_or_insert(now_s);
                }
            }
            Event::Result(i) => {
                let person = world.cases[i].0;
                self.stays_home_from_s[person.index()].get_or_insert(now_s);
                self.case_ways[i].reach(POSITIVE, day);
                if !world.case_has_app(i) {
                    let why = if world.people.has_app[person.index()] { "app not installed yet" } else { "no app" };
                    self.end_case(i, day, why, None);
                    return;
                }
                self.case_ways[i].reach(HAS_APP, day);
                self.uploads[i].outcome = "waiting for a number".into();
                if !world.is_issued(i) {
                    self.end_case(i, day, "did not register", None);
                }
            }
            Event::NumberIssued(i) => {
                if !world.is_issued(i) {
                    return;
                }
                self.numbers[i] = Some(self.hersys.issue(now_s, world.authority.number_valid_h, world.seed));
                self.uploads[i].number_issued_s = Some(now_s);
                if world.case_has_app(i) {
                    self.case_ways[i].reach(NUMBER_ISSUED, day);
                    self.uploads[i].outcome = "number not entered yet".into();
                    if world.cases[i].1.number_entered_s.is_none() {
                        self.end_case(i, day, "did not register", None);
                    }
                }
            }
            Event::NumberEntered(i) => self.register(i, now_s, day, world),
            Event::Export => {
                let run = self.server.export(world.server, now_s, world.seed);
                for key in self.server.exports_after(now_s - 1).flat_map(|export| &export.keys) {
                    if let Some(uploaded) = self.keys.get_mut(&key.tek.key) {
                        uploaded.exported_s = Some(now_s);
                        uploaded.way.reach(EXPORTED, day);
                    }
                }
                for key in run.expired {
                    if let Some(uploaded) = self.keys.get_mut(&key) {
                        uploaded.way.lose(day, "expired before the export");
                    }
                }
                self.exports.extend(run.batches);
                self.published.extend(run.files);
            }
            Event::Check(person) => self.check(person, now_s, day, world, stores.get(&person).unwrap_or(&SightingStore::EMPTY)),
        }
    }

    fn register(&mut self, case: usize, now_s: i64, day: DayJst, world: &World<'_>) {
        let person = world.cases[case].0;
        let has_app = world.case_has_app(case);
        let (Some(number), Some(release)) = (self.numbers[case].filter(|_| has_app), world.release(person, day)) else { return };
        self.uploads[case].number_entered_s = Some(now_s);
        self.uploads[case].release = Some(release.name.into());
        let keys = world.uploaded_keys(case, release, now_s);
        if keys.is_empty() {
            self.end_case(case, day, "no key of a past day yet", None);
            return;
        }
        let answer = if release.refuses_old_keys && has_old_key(&keys, now_s) {
            Err(Refusal::KeyOlderToTheSecond)
        } else {
            self.server.submit(world.server, &mut self.hersys, number, &keys, now_s)
        };
        match answer {
            Ok(stored) => {
                let upload = &mut self.uploads[case];
                (upload.keys, upload.uploaded_s, upload.outcome) = (Some(stored as u32), Some(now_s), "uploaded".into());
                self.case_ways[case].reach(KEYS_UPLOADED, day);
                for key in keys {
                    let mut way = Way::default();
                    way.reach(UPLOADED, day);
                    self.keys.insert(key.key, UploadedKey { owner: person, exported_s: None, way });
                }
            }
            Err(refusal) => {
                // Without the fault the server would have gone on to the number; the same keys are valid by whole days.
                let is_fault = refusal == Refusal::KeyOlderToTheSecond && self.hersys.clone().verify(number, now_s);
                let told_done = release.says_done_anyway.then_some(ANY_NUMBER_ACCEPTED);
                let fault = if is_fault { Some(VALID_NUMBER_REJECTED) } else { told_done };
                self.end_case(case, day, refusal.name(), fault);
            }
        }
    }

    /// A case comes no further.
    fn end_case(&mut self, case: usize, day: DayJst, why: &str, fault: Option<&str>) {
        self.uploads[case].outcome = why.into();
        self.uploads[case].fault = fault.map(Into::into);
        self.case_ways[case].lose(day, fault.unwrap_or(why));
    }

    fn check(&mut self, person: PersonId, now_s: i64, day: DayJst, world: &World<'_>, store: &SightingStore) {
        let (Some(os), Some(release)) = (world.people.os(person), world.release(person, day)) else { return };
        let phone = &mut self.phones[person.index()];
        if self.server.exports_after(phone.last_created_s()).next().is_none() {
            return;
        }
        let exports = self.server.exports_after(phone.last_created_s());
        let configuration_of_1_1_3 = world.app.configuration_of_1_1_3;
        let installed = Installed { ios: os == Os::Ios, release, configuration_of_1_1_3, framework: world.gaen };
        let outcome = phone.check(now_s, installed, exports, store);
        let way = &mut self.phone_ways[person.index()];
        let is_unmatched = way.steps() <= MATCHED && way.why().is_none_or(|why| why == NO_MATCH);
        if outcome.refused {
            // No loss by itself: the next check makes up for it, unless a fault prevents that.
            if let Some(fault) = outcome.fault.filter(|_| is_unmatched) {
                way.lose(day, fault);
            }
            return;
        }
        way.reach(CHECKED, day);
        if outcome.matched_keys == 0 {
            if is_unmatched {
                way.lose(day, NO_MATCH);
            }
            return;
        }
        way.reach(MATCHED, day);
        let what = match (outcome.notified, outcome.shown) {
            (true, true) => "notified and shown",
            (true, false) => "notified, nothing shown",
            (false, true) => "shown without notification",
            (false, false) => "matched, under the rule",
        };
        let row = Notification {
            person,
            checked_s: now_s,
            release: release.name.into(),
            rule: outcome.rule,
            matched_keys: outcome.matched_keys,
            day: None,
            exposures: None,
            minutes: None,
            duration_s: None,
            outcome: what.into(),
            fault: outcome.fault.map(Into::into),
        };
        for shown in &outcome.days {
            let (exposures, minutes, duration_s) = (shown.exposures, shown.minutes, Some(shown.duration_s as f64));
            self.notifications.push(Notification { day: Some(shown.day), exposures, minutes, duration_s, ..row.clone() });
        }
        if outcome.days.is_empty() {
            self.notifications.push(row);
            way.lose(day, outcome.fault.unwrap_or(if outcome.notified { "notified, nothing shown" } else { "under the rule" }));
            return;
        }
        for shown in &outcome.days {
            for key in &shown.keys {
                let detection = self.keys.get(key).map(|known| (person, known.owner, shown.day));
                self.detections.extend(detection.filter(|d| !self.detections.contains(d)));
            }
        }
        if way.reach(SHOWED, day) && Keyed::new(world.seed, Stream::Response).uniform(person.0, 0, 0) < world.app.stays_home_share {
            self.stays_home_from_s[person.index()].get_or_insert(now_s);
        }
    }
}

/// When a phone fetches on a day: every so many hours, at a phase of its own.
fn fetch_times_s<'a>(world: &'a World<'_>, person: PersonId, day: DayJst) -> impl Iterator<Item = i64> + 'a {
    let hours = match world.people.os(person) {
        Some(Os::Android) => world.app.fetch_every_h_android,
        _ => world.app.fetch_every_h_ios,
    };
    let period_s = (hours * 3600.0) as i64;
    let phase_s = (Keyed::new(world.seed, Stream::Fetch).uniform(person.0, 0, 0) * period_s as f64) as i64;
    let first = (day.start().0 - phase_s).div_euclid(period_s) * period_s + phase_s;
    (0..=DAY_S / period_s + 1).map(move |k| first + k * period_s)
}
