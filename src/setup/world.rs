//! What the system around the phones needs to know of the run; never changes.

use crate::{
    air::Beacons,
    app::{AppConfig, FaultSet, FetchTimes, Installed, Mechanism, ReleaseDates},
    authority::{AppThere, CaseHistory},
    gaen::GaenConfig,
    history::{Setting, Timeline},
    ids::PersonId,
    population::{Os, People},
    random::{Keyed, Seed, Stream},
    server::{InForce, ServerConfig, key_level},
    time::{DayJst, DayUtc, UnixSeconds},
};

use super::installation::{first_key_day, installation};

/// The unchanging part of the system.
pub struct World<'a> {
    /// What is in force when.
    pub timeline: &'a Timeline,
    /// When each release came out.
    pub releases: &'a ReleaseDates,
    /// `[server]`.
    pub server: &'a ServerConfig,
    /// `[app]`.
    pub app: &'a AppConfig,
    /// The faults that are at work.
    pub faults: FaultSet,
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

impl<'a> World<'a> {
    /// What a person's phone runs on a day; `None` without the app, or before it was installed.
    pub fn app_of(&self, person: PersonId, day: DayJst) -> Option<Installed<'a>> {
        let app = installation(self.people, self.installed, person)?;
        Some(Installed {
            ios: app.ios,
            release: app.release(self.releases, day)?,
            configuration_of_1_1_3: self.app.configuration_of_1_1_3,
            faults: self.faults,
            framework: self.gaen,
        })
    }

    /// The first UTC day of which a person's phone has a key: it makes them from its installation on, whether or not Bluetooth is on.
    pub fn first_key_day(&self, person: PersonId) -> Option<DayUtc> {
        first_key_day(&installation(self.people, self.installed, person)?, self.releases)
    }

    /// What the server does at a moment.
    pub fn server_at(&self, now_s: i64) -> InForce {
        InForce {
            key_level: key_level(self.timeline, now_s),
            counts_seconds: self.faults.is_in_system(Mechanism::ValidNumberRejected, now_s),
            takes_whole_keys_alone: self.faults.is_in_system(Mechanism::ShortKeyRejected, now_s),
            hersys_answers: self.timeline.flag(Setting::HersysAnswers, now_s),
        }
    }

    /// Whether a case has the app when the result comes.
    pub fn app_of_case(&self, case: u32) -> AppThere {
        let (person, history) = &self.cases[case as usize];
        match self.app_of(*person, UnixSeconds(history.result_s).day_jst()) {
            Some(_) => AppThere::Yes,
            None if self.people.has_app[person.index()] => AppThere::NotYet,
            None => AppThere::Never,
        }
    }

    /// Everybody who has the app, or will.
    pub fn people_with_app(&self) -> impl Iterator<Item = PersonId> + use<'a> {
        (0..).map(PersonId).zip(&self.people.has_app).filter(|(_, has_app)| **has_app).map(|(person, _)| person)
    }

    /// When a person's phone fetches.
    pub fn fetch_times(&self, person: PersonId) -> FetchTimes {
        let is_ios = self.people.os(person) != Some(Os::Android);
        FetchTimes::new(self.app, is_ios, Keyed::new(self.seed, Stream::Fetch).uniform(person.0, 0, 0))
    }

    /// Whether a check of a person's phone that is due at a moment runs.
    pub fn runs_check(&self, person: PersonId, installed: &Installed<'_>, now_s: i64) -> bool {
        installed.runs_check(Keyed::new(self.seed, Stream::Fetch).uniform(person.0, 1, now_s as u32))
    }

    /// Whether a person stays home who was shown a contact.
    pub fn stays_home_if_told(&self, person: PersonId) -> bool {
        self.app.stays_home(Keyed::new(self.seed, Stream::Response).uniform(person.0, 0, 0))
    }
}
