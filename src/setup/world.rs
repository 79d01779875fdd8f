//! What the system around the phones needs to know of the run; never changes.

use crate::{
    air::Beacons,
    app::{AppConfig, FaultSet, FetchTimes, Installed, Mechanism, PutOff, ReleaseDates},
    authority::{AfterWarning, AppThere, AuthorityConfig, CaseHistory, GuessingConfig, WarnedDraws},
    gaen::GaenConfig,
    history::{Setting, Timeline},
    ids::PersonId,
    population::People,
    random::{Keyed, KeyedRng, Seed, Stream},
    server::{InForce, Refusal, ServerConfig, is_up, key_level},
    time::{DayJst, DayUtc, UnixSeconds},
};

use super::installation::{first_key_day, installation};

/// Seconds of the day between which people open the app without an occasion: 7 to 23 h (assumption).
const WAKING_S: (i64, i64) = (7 * 3600, 23 * 3600);
const DAYS_A_YEAR: f64 = 365.25;

/// What is drawn of a phone and its owner, at a moment or on a day.
#[derive(Clone, Copy)]
enum Draw {
    Phase,
    Idle,
    Battery,
    Opens,
    OpensAt,
    OpensNotified,
    OpensNotifiedAfter,
    DataLost,
    Migration,
    BatterySaver,
    Congestion,
}

/// The unchanging part of the system.
pub struct World<'a> {
    /// What is in force when.
    pub timeline: &'a Timeline,
    /// When each release came out.
    pub releases: &'a ReleaseDates,
    /// `[authority]`.
    pub authority: &'a AuthorityConfig,
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
    /// Whose phone's operation log is kept.
    pub log_person: Option<PersonId>,
    /// The run's first day.
    pub first_day: DayJst,
    /// Who tries numbers that are not theirs, and when, Unix seconds.
    pub guessing: &'a [(PersonId, i64, GuessingConfig)],
    /// The run's seed.
    pub seed: Seed,
}

/// What a draw at a registration is about; each keeps to its own place in the stream. (0 is the case's history, 1 HER-SYS's numbers, 5
/// those elsewhere.)
#[derive(Clone, Copy, Debug)]
pub enum RegistrationDraw {
    /// What is typed, and the request's random bytes.
    Try = 2,
    /// The name of the app's user.
    User = 3,
    /// Whether the server has too much to do.
    Congestion = 4,
    /// Numbers that are guessed.
    Guess = 6,
    /// Whether the person agrees to the app's points.
    Consent = 7,
    /// Whether the person lets the system hand over the keys.
    SystemDialog = 8,
    /// When the person comes back.
    Return = 9,
}

impl<'a> World<'a> {
    /// What a person's phone runs on a day; `None` without the app, or before it was installed.
    pub fn app_of(&self, person: PersonId, day: DayJst) -> Option<Installed<'a>> {
        let app = installation(self.people, self.installed, person)?;
        Some(Installed {
            ios: app.ios,
            release: app.release(self.releases, day)?,
            installed_as: app.release(self.releases, app.begins(self.releases)?)?,
            configuration_of_1_1_3: self.app.configuration_of_1_1_3,
            faults: self.faults,
            framework: self.gaen,
        })
    }

    /// The first UTC day of which a person's phone has a key: it makes them from its installation on, whether or not Bluetooth is on.
    pub fn first_key_day(&self, person: PersonId) -> Option<DayUtc> {
        first_key_day(&installation(self.people, self.installed, person)?, self.releases)
    }

    /// Draws of a registration: of a case, a person or a guesser, at a try or a moment.
    pub fn registration_rng(&self, what: RegistrationDraw, who: u32, when: u32) -> KeyedRng {
        Keyed::new(self.seed, Stream::Registration).rng(who, what as u32, when)
    }

    /// The name that the server gave to a person's app at its first start, random.
    pub fn user_uuid(&self, person: PersonId) -> String {
        let [a, b, c, d] = Keyed::new(self.seed, Stream::Registration).block(person.0, RegistrationDraw::User as u32, 0, 0);
        let hex = format!("{a:08x}{b:08x}{c:08x}{d:08x}");
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }

    /// Whether the server keeps a number with the keys that came with it, at a moment.
    pub fn server_keeps_number(&self, app: &Installed<'_>, now_s: i64) -> bool {
        app.keeps_number(self.app.keeps_number) && self.timeline.flag(Setting::KeepsNumberWithKeys, now_s)
    }

    /// Why the server gives a person's phone nothing at a moment; `None`: it does.
    pub fn refuses_fetch(&self, person: PersonId, now_s: i64) -> Option<Refusal> {
        if !is_up(self.timeline, now_s) {
            return Some(Refusal::ServerDown);
        }
        let share = self.timeline.number(Setting::CongestedRefusedShare, now_s);
        let is_refused = || self.draw(person, Draw::Congestion, now_s as u32) < share;
        (share > 0.0 && is_refused()).then_some(Refusal::Congested)
    }

    /// Whether the server gives everybody what they fetch, from one moment to before another.
    pub fn is_calm(&self, (from_s, until_s): (i64, i64)) -> bool {
        let is_constant = |setting| self.timeline.is_constant(setting, (from_s, until_s));
        let is_well = is_up(self.timeline, from_s) && self.timeline.number(Setting::CongestedRefusedShare, from_s) == 0.0;
        is_well && is_constant(Setting::ServerState) && is_constant(Setting::CongestedRefusedShare)
    }

    /// How many fetches of a phone succeed from one moment to before another; `is_calm`: whether none is refused.
    pub fn fetches(&self, person: PersonId, installed: &Installed<'_>, span_s: (i64, i64), is_calm: bool) -> u32 {
        let times = self.fetch_times(person, installed);
        let always_runs = installed.puts_check_off(self.app, (1.0, 0.0)).is_none();
        if is_calm && always_runs {
            return times.count(span_s);
        }
        let due = std::iter::successors(Some(times.next_from(span_s.0)), |at_s| Some(times.next_from(at_s + 1)));
        let runs = |at_s: &i64| self.puts_check_off(person, installed, *at_s).is_none() && self.refuses_fetch(person, *at_s).is_none();
        due.take_while(|at_s| *at_s < span_s.1).filter(runs).count() as u32
    }

    /// What the server does at a moment, for a request whose chance is `draw`, from 0 to 1.
    pub fn server_at(&self, now_s: i64, draw: f64) -> InForce {
        InForce {
            key_level: key_level(self.timeline, now_s),
            counts_seconds: self.faults.is_in_system(Mechanism::ValidNumberRejected, now_s),
            takes_whole_keys_alone: self.faults.is_in_system(Mechanism::ShortKeyRejected, now_s),
            hersys_answers: self.timeline.flag(Setting::HersysAnswers, now_s),
            is_up: is_up(self.timeline, now_s),
            is_congested: draw < self.timeline.number(Setting::CongestedRefusedShare, now_s),
            takes_registrations: self.timeline.flag(Setting::TakesRegistrations, now_s),
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

    /// When a person's phone checks in the background, with what it runs.
    pub fn fetch_times(&self, person: PersonId, installed: &Installed<'_>) -> FetchTimes {
        FetchTimes::new(self.app, (installed.ios, installed.release), self.draw(person, Draw::Phase, 0))
    }

    /// Why a check of a person's phone that is due at a moment does not run; `None`: it does.
    pub fn puts_check_off(&self, person: PersonId, installed: &Installed<'_>, now_s: i64) -> Option<PutOff> {
        installed.puts_check_off(self.app, (self.draw(person, Draw::Idle, now_s as u32), self.draw(person, Draw::Battery, now_s as u32)))
    }

    /// When a person opens the app on a day without being notified, Unix seconds; `None`: not on that day. Once at most, in waking hours.
    pub fn opens_by_habit_s(&self, person: PersonId, day: DayJst) -> Option<i64> {
        let opens = self.app.opens_every_days > 0.0 && self.draw(person, Draw::Opens, day.0 as u32) * self.app.opens_every_days < 1.0;
        let at = || WAKING_S.0 + (self.draw(person, Draw::OpensAt, day.0 as u32) * (WAKING_S.1 - WAKING_S.0) as f64) as i64;
        opens.then(|| day.start().0 + at())
    }

    /// When a person opens the app because of a notification at a moment, Unix seconds; `None`: that one is ignored.
    pub fn opens_when_notified_s(&self, person: PersonId, now_s: i64) -> Option<i64> {
        let opens = self.draw(person, Draw::OpensNotified, now_s as u32) < self.app.opens_when_notified_share;
        let wait = -libm::log(1.0 - self.draw(person, Draw::OpensNotifiedAfter, now_s as u32));
        opens.then(|| now_s + (wait * self.app.opens_when_notified_after_mean_h * 3600.0) as i64)
    }

    /// The fault that stops the app of a person's phone on a day until it is opened; `None` if none does.
    pub fn stops(&self, person: PersonId, installed: &Installed<'_>, day: DayJst) -> Option<Mechanism> {
        let rates = &self.app.fault_rates;
        let is_first_day = || self.app_of(person, day.plus_days(-1)).is_none_or(|before| before.release != installed.release);
        let strikes = |mechanism: Mechanism, draw: Draw, share: f64, day: u32| {
            share > 0.0 && installed.has(mechanism) && self.draw(person, draw, day) < share
        };
        let of_day = day.0 as u32;
        if strikes(Mechanism::AppDataLost, Draw::DataLost, rates.app_data_lost_a_year / DAYS_A_YEAR, of_day) {
            return Some(Mechanism::AppDataLost);
        }
        if strikes(Mechanism::MigrationFails, Draw::Migration, rates.migration_fails_share, 0) && is_first_day() {
            return Some(Mechanism::MigrationFails);
        }
        strikes(Mechanism::BatterySaver, Draw::BatterySaver, rates.battery_saver_days_share, of_day).then_some(Mechanism::BatterySaver)
    }

    /// What a person does who saw a contact on the screen.
    pub fn after_warning(&self, person: PersonId, seen_s: i64) -> AfterWarning {
        let keyed = Keyed::new(self.seed, Stream::Response);
        let draw = |what: u32| keyed.uniform(person.0, what, 0);
        let wait = |what: u32| -libm::log(1.0 - draw(what));
        let draws = WarnedDraws { turns: draw(1), form: draw(2), offered: draw(3), waits: [wait(4), wait(5)] };
        let case = self.cases.iter().find(|(case, _)| *case == person).map(|(_, history)| history);
        let AuthorityConfig { after_warning, test_to_result_days, .. } = self.authority;
        AfterWarning::draw(after_warning, *test_to_result_days, (self.timeline, case), seen_s, draws)
    }

    fn draw(&self, person: PersonId, what: Draw, when: u32) -> f64 {
        Keyed::new(self.seed, Stream::Fetch).uniform(person.0, what as u32, when)
    }

    /// Whether a person's phone writes the log that the run keeps.
    pub fn logs(&self, person: PersonId, installed: &Installed<'_>) -> bool {
        self.log_person == Some(person) && installed.release.writes_log
    }

    /// Whether a person stays home who saw a contact.
    pub fn stays_home_if_told(&self, person: PersonId) -> bool {
        self.app.stays_home(Keyed::new(self.seed, Stream::Response).uniform(person.0, 0, 0))
    }
}
