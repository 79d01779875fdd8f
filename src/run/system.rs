//! The system around the phones, event by event: cases, processing numbers, uploads, exports, checks, notifications.
//!
//! A day's events are pure functions of (scenario, seed, day), so the queue is made anew each day, ordered by (time,
//! phase, sequence); only what events leave behind is state.

use serde::{Deserialize, Serialize};

use crate::{
    air::Beacons,
    app::{AppConfig, Installed, PhoneApp, Release},
    authority::{AuthorityConfig, CaseHistory, Hersys, ProcessingNumber},
    gaen::{GaenConfig, SightingStore},
    ids::PersonId,
    population::{Os, People},
    random::{Keyed, Seed, Stream},
    server::{ExportRecord, Server, ServerConfig},
    time::{DAY_S, DayJst, DayUtc, UnixSeconds},
};

use super::setup::{first_key_day, installation};

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
}

/// A row of the uploads table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Upload {
    /// Keys stored, if the upload succeeded.
    pub keys: Option<u32>,
    /// Release that registered.
    pub release: Option<String>,
    /// When the keys arrived, Unix seconds.
    pub uploaded_s: Option<i64>,
    /// What came of it.
    pub outcome: String,
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

/// Steps of the funnel, in order.
pub const FUNNEL_STEPS: [&str; 9] = [
    "infected",
    "symptoms",
    "tested positive",
    "has the app",
    "number issued",
    "keys uploaded",
    "keys exported",
    "phones that matched",
    "phones that showed a contact",
];

/// One entry of the funnel.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FunnelEvent {
    /// Day it happened.
    pub day: DayJst,
    /// Index into [`FUNNEL_STEPS`].
    pub step: u32,
    /// How many reached the step.
    pub count: i64,
    /// How many were lost at it.
    pub lost: i64,
    /// Why.
    pub why: Option<String>,
}

/// State that lasts over days.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct System {
    server: Server,
    hersys: Hersys,
    phones: Vec<PhoneApp>,
    numbers: Vec<Option<ProcessingNumber>>,
    stays_home_from_s: Vec<Option<i64>>,
    key_owner: Vec<([u8; 16], PersonId)>,
    matched: Vec<PersonId>,
    shown: Vec<PersonId>,
    /// One per case.
    pub uploads: Vec<Upload>,
    /// All exports made.
    pub exports: Vec<ExportRecord>,
    /// All checks that matched.
    pub notifications: Vec<Notification>,
    /// The funnel.
    pub funnel: Vec<FunnelEvent>,
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
        let nothing_stored = vec![SightingStore::default(); world.people.len()];
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
            uploads: vec![Upload { keys: None, release: None, uploaded_s: None, outcome: "not yet positive".into() }; world.cases.len()],
            ..Self::default()
        }
    }

    /// Whether a processing number was issued to a case.
    pub fn has_number(&self, case: usize) -> bool {
        self.numbers[case].is_some()
    }

    /// Who stays home the whole of a day: decided by what happened before it began.
    pub fn stays_home(&self, day: DayJst) -> Vec<bool> {
        self.stays_home_from_s.iter().map(|from| from.is_some_and(|t| t < day.start().0)).collect()
    }

    /// Carries out all events of a day, in order of (time, kind, person).
    pub fn advance(&mut self, day: DayJst, world: &World<'_>, stores: &[SightingStore]) {
        let mut events: Vec<(i64, Event)> = Vec::new();
        for (i, (_, case)) in world.cases.iter().enumerate() {
            events.push((case.infected_s, Event::Infected(i)));
            events.push((case.onset_s, Event::Onset(i)));
            events.push((case.result_s, Event::Result(i)));
            events.extend(case.number_issued_s.map(|t| (t, Event::NumberIssued(i))));
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

    fn happen(&mut self, now_s: i64, event: Event, day: DayJst, world: &World<'_>, stores: &[SightingStore]) {
        match event {
            Event::Infected(_) => self.step(day, 0, 1, 0, None),
            Event::Onset(i) => {
                self.step(day, 1, 1, 0, None);
                let (person, case) = &world.cases[i];
                if case.stays_home_from_onset {
                    self.stays_home_from_s[person.index()].get_or_insert(now_s);
                }
            }
            Event::Result(i) => {
                let (person, case) = &world.cases[i];
                self.step(day, 2, 1, 0, None);
                self.stays_home_from_s[person.index()].get_or_insert(now_s);
                if world.release(*person, day).is_none() {
                    let why = if world.people.has_app[person.index()] { "app not installed yet" } else { "no app" };
                    self.step(day, 3, 0, 1, Some(why));
                    self.uploads[i].outcome = why.into();
                } else {
                    self.step(day, 3, 1, 0, None);
                    if case.number_issued_s.is_none() {
                        self.step(day, 4, 0, 1, Some("not asked for, or not issued"));
                        self.uploads[i].outcome = "did not register".into();
                    } else {
                        self.uploads[i].outcome = "waiting for a number".into();
                    }
                }
            }
            Event::NumberIssued(i) => {
                // Asked for with the result, by those who had the app then.
                let (person, case) = &world.cases[i];
                if world.release(*person, UnixSeconds(case.result_s).day_jst()).is_some() {
                    self.numbers[i] = Some(self.hersys.issue(now_s, world.authority.number_valid_h, world.seed));
                    self.uploads[i].outcome = "number not entered yet".into();
                    self.step(day, 4, 1, 0, None);
                }
            }
            Event::NumberEntered(i) => self.register(i, now_s, day, world),
            Event::Export => {
                for export in self.server.export(world.server, now_s, world.seed) {
                    self.funnel.push(FunnelEvent { day, step: 6, count: i64::from(export.keys), lost: 0, why: None });
                    self.exports.push(export);
                }
            }
            Event::Check(person) => self.check(person, now_s, day, world, &stores[person.index()]),
        }
    }

    fn register(&mut self, case: usize, now_s: i64, day: DayJst, world: &World<'_>) {
        let person = world.cases[case].0;
        let app = installation(world.people, world.installed, person);
        let (Some(number), Some(app), Some(release)) = (self.numbers[case], app, world.release(person, day)) else { return };
        let today = UnixSeconds(now_s).day_utc();
        let asked = match release.uploads_days {
            Some(days) => today.plus_days(-days),
            None => UnixSeconds(world.cases[case].1.onset_s).day_utc().plus_days(-3).max(today.plus_days(-14)),
        };
        // The phone releases the keys of past days; the current day's key is still in use. A phone makes keys from its
        // installation on, whether or not Bluetooth is on.
        let first = asked.max(first_key_day(&app));
        let keys: Vec<_> = (first.0..today.0).map(|d| world.beacons.tek(person, DayUtc(d))).collect();
        self.uploads[case].release = Some(release.name.into());
        if keys.is_empty() {
            let why = "no key of a past day yet";
            self.uploads[case].outcome = why.into();
            self.step(day, 5, 0, 1, Some(why));
            return;
        }
        match self.server.submit(world.server, &mut self.hersys, number, &keys, now_s) {
            Ok(stored) => {
                self.uploads[case] = Upload {
                    keys: Some(stored as u32),
                    release: Some(release.name.into()),
                    uploaded_s: Some(now_s),
                    outcome: "uploaded".into(),
                };
                self.key_owner.extend(keys.iter().map(|k| (k.key, person)));
                self.step(day, 5, 1, 0, None);
            }
            Err(refusal) => {
                self.uploads[case].outcome = refusal.name().into();
                self.step(day, 5, 0, 1, Some(refusal.name()));
            }
        }
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
        if outcome.refused {
            self.step(day, 7, 0, 1, Some(outcome.fault.unwrap_or("the framework's daily quota")));
        }
        if outcome.matched_keys == 0 {
            return;
        }
        if !self.matched.contains(&person) {
            self.matched.push(person);
            self.step(day, 7, 1, 0, None);
        }
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
            self.step(day, 8, 0, 1, Some(outcome.fault.unwrap_or("under the rule")));
            return;
        }
        for shown in &outcome.days {
            for key in &shown.keys {
                let case = self.key_owner.iter().find(|(owned, _)| owned == key).map(|(_, case)| *case);
                let detection = case.map(|case| (person, case, shown.day));
                self.detections.extend(detection.filter(|d| !self.detections.contains(d)));
            }
        }
        if !self.shown.contains(&person) {
            self.shown.push(person);
            self.step(day, 8, 1, 0, None);
            if Keyed::new(world.seed, Stream::Response).uniform(person.0, 0, 0) < world.app.stays_home_share {
                self.stays_home_from_s[person.index()].get_or_insert(now_s);
            }
        }
    }

    fn step(&mut self, day: DayJst, step: u32, count: i64, lost: i64, why: Option<&str>) {
        self.funnel.push(FunnelEvent { day, step, count, lost, why: why.map(Into::into) });
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
