//! What the system around the phones needs to know of the run; never changes.

use crate::{
    air::Beacons,
    app::{Absent, AppConfig, ConsentStep, FaultSet, FetchTimes, Installed, Mechanism, PutOff, ReleaseDates},
    authority::{AfterWarning, AuthorityConfig, CaseHistory, GuessingConfig, WarnedDraws},
    gaen::GaenConfig,
    history::{Setting, Timeline},
    ids::PersonId,
    population::{Drawn, Hands, OffHours, People, PhoneDraws, PhonesConfig},
    random::{Keyed, KeyedRng, Seed, Stream},
    server::{InForce, Refusal, ServerConfig, is_up, key_level},
    time::{DayJst, DayUtc, UnixSeconds},
};

use super::installation::{Uses, refuses};

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
    /// `[phones]`.
    pub phones: &'a PhonesConfig,
    /// When each phone has the app in use.
    pub uses: &'a Uses,
    /// Hours in which phones are off.
    pub off: &'a OffHours,
    /// Who has whose phone.
    pub hands: &'a Hands,
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
    /// What a person's phone runs on a day; `None` without the app, or while it is not in use.
    pub fn app_of(&self, person: PersonId, day: DayJst) -> Option<Installed<'a>> {
        let app = self.uses.on(person, day)?.app;
        Some(Installed {
            ios: app.ios,
            release: app.release(self.releases, day)?,
            installed_as: app.release(self.releases, app.begins(self.releases)?)?,
            configuration_of_1_1_3: self.app.configuration_of_1_1_3,
            faults: self.faults,
            framework: self.gaen,
        })
    }

    /// Why a person's phone has no app in use on a day; `None` if it has.
    pub fn absent(&self, person: PersonId, day: DayJst) -> Option<Absent> {
        self.uses.absent(person, day)
    }

    /// The first UTC day of which a person's phone may hold a key on a day: it makes them from its installation on, whether or not Bluetooth
    /// is on, and loses them with the app.
    pub fn first_key_day(&self, person: PersonId, day: DayJst) -> Option<DayUtc> {
        Some(self.uses.on(person, day)?.keys_from.utc_midnight().day_utc())
    }

    /// Whether a person's phone holds the key of a UTC day on a day: not one of before the app was installed anew, nor of a day on which it
    /// was not in use.
    pub fn has_key(&self, person: PersonId, day: DayJst, key_day: DayUtc) -> bool {
        self.uses.has_key(person, day, key_day)
    }

    /// Whether a phone's system hands over the key of the day too, cut at the moment.
    pub fn hands_over_today(&self, phone: PersonId) -> bool {
        PhoneDraws::new(self.seed).of(phone, Drawn::SameDayKey, 0) < self.app.registration.same_day_key_share
    }

    /// Whether notifications of the app pop up on a person's phone.
    pub fn gets_notifications(&self, person: PersonId) -> bool {
        !refuses(&PhoneDraws::new(self.seed), &self.phones.drop_out, person, ConsentStep::Notifications)
    }

    /// Whether a phone is switched on at a moment; in a drawer it is not.
    pub fn is_on(&self, phone: PersonId, at_s: i64) -> bool {
        self.owner(phone, at_s).is_some() && self.off.is_on(phone, at_s)
    }

    /// Whether whose phone it is has it with them at a moment, and may see or open what is on it.
    pub fn is_at_hand(&self, phone: PersonId, at_s: i64) -> bool {
        !self.hands.carries_private(phone, UnixSeconds(at_s).day_utc())
    }

    /// Whose a phone is at a moment: somebody else's than its first owner's once it was passed on. `None`: it lies in a drawer.
    pub fn owner(&self, phone: PersonId, at_s: i64) -> Option<PersonId> {
        self.hands.owner(phone, UnixSeconds(at_s).day_utc())
    }

    /// The phone that is a person's own at a moment; `None` of who passed it on.
    pub fn own_phone(&self, person: PersonId, at_s: i64) -> Option<PersonId> {
        self.hands.own(person, UnixSeconds(at_s).day_utc())
    }

    /// Whether a person's phone is abroad on a day, from where the servers refuse it; nowhere is, where that fault is not at work.
    pub fn is_refused_abroad(&self, person: PersonId, installed: &Installed<'_>, day: DayJst) -> bool {
        self.phones.abroad_share > 0.0
            && self.faults.is_on_phone(Mechanism::DisabledOrAbroad, installed.ios, installed.release)
            && PhoneDraws::new(self.seed).of(person, Drawn::Abroad, day.0 as u32) < self.phones.abroad_share
    }

    /// Whether the app on a person's phone opens to its screens on a day: releases that ask again stop at terms or a policy of after the
    /// first start until their user agrees. Checks go on in the background.
    pub fn screen_opens(&self, person: PersonId, day: DayJst) -> bool {
        let Some(stretch) = self.uses.on(person, day) else { return false };
        if !stretch.app.release(self.releases, day).is_some_and(|release| release.asks_again()) {
            return true;
        }
        let draws = PhoneDraws::new(self.seed);
        let since_s = stretch.agreed_on.end().0..day.end().0;
        let changes = [Setting::TermsVersion, Setting::PolicyVersion].into_iter().flat_map(|setting| {
            let of_setting = (0..).zip(self.timeline.names(setting));
            of_setting.map(move |(number, (from_s, _))| ((setting as u32) << 16 | number, from_s))
        });
        let agrees = |number: u32| draws.of(person, Drawn::AgreesAgain, number) < self.phones.agrees_again_share;
        changes.filter(|(_, from_s)| since_s.contains(from_s)).all(|(number, _)| agrees(number))
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
        let stays = [span_s.0, span_s.1].into_iter().all(|at_s| self.owner(person, at_s).is_some());
        let always_runs = stays && installed.puts_check_off(self.app, (1.0, 0.0)).is_none() && self.phones.off.is_empty();
        if is_calm && always_runs {
            return times.count(span_s);
        }
        let due = std::iter::successors(Some(times.next_from(span_s.0)), |at_s| Some(times.next_from(at_s + 1)));
        let runs = |at_s: &i64| {
            self.is_on(person, *at_s)
                && self.puts_check_off(person, installed, *at_s).is_none()
                && self.refuses_fetch(person, *at_s).is_none()
        };
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

    /// The phone with which a case would register at a moment, or why there is none with the app in use.
    pub fn phone_of_case(&self, case: u32, now_s: i64) -> Result<PersonId, Absent> {
        let phone = self.own_phone(self.cases[case as usize].0, now_s).ok_or(Absent::PassedOn)?;
        self.absent(phone, UnixSeconds(now_s).day_jst()).map_or(Ok(phone), Err)
    }

    /// Why a case has no app in use when the result comes; `None` if it has.
    pub fn case_without_app(&self, case: u32) -> Option<Absent> {
        self.phone_of_case(case, self.cases[case as usize].1.result_s).err()
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
        opens.then(|| day.start().0 + at()).filter(|at_s| self.is_at_hand(person, *at_s))
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
        let is_update = || self.app_of(person, day.plus_days(-1)).is_some_and(|before| before.release != installed.release);
        let strikes = |mechanism: Mechanism, draw: Draw, share: f64, day: u32| {
            share > 0.0 && installed.has(mechanism) && self.draw(person, draw, day) < share
        };
        let of_day = day.0 as u32;
        if strikes(Mechanism::AppDataLost, Draw::DataLost, rates.app_data_lost_a_year / DAYS_A_YEAR, of_day) {
            return Some(Mechanism::AppDataLost);
        }
        if strikes(Mechanism::MigrationFails, Draw::Migration, rates.migration_fails_share, 0) && is_update() {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::Setup;

    fn office(sets: &[&str]) -> Setup {
        let all = [
            "population.workers=150",
            "phones.adoption=1",
            "phones.smartphone_shares=[1,1,1,1,1,1,1,1]",
            "phones.update_lag_mean_days=0",
            "authority.cases=[]",
        ];
        Setup::of_office(&[&all[..], sets].concat())
    }

    fn share(setup: &Setup, is: impl Fn(PersonId) -> bool) -> f64 {
        (0..setup.people.len() as u32).filter(|p| is(PersonId(*p))).count() as f64 / setup.people.len() as f64
    }

    /// The policy changed on 15 December 2020 and on 1 December 2021; releases before 1.2.0 do not ask, and who installs later has agreed.
    #[test]
    fn screens_open_until_a_change_is_not_agreed_to() {
        let day = |text: &str| DayJst::parse(text).expect("a date");
        let opens = |installed: &str, agrees: f64, on: &str| {
            let setup = office(&[
                "run.first_day=\"2020-09-01\"",
                &format!("phones.agrees_again_share={agrees}"),
                &format!("phones.installed=\"{installed}\""),
            ]);
            share(&setup, |person| setup.world().screen_opens(person, day(on)))
        };
        assert_eq!(["2020-12-14", "2020-12-15"].map(|on| opens("2020-06-19", 0.0, on)), [1.0, 0.0]);
        assert_eq!(["2021-11-30", "2021-12-01"].map(|on| opens("2020-12-15", 0.0, on)), [1.0, 0.0]);
        assert_eq!([opens("2020-12-14", 0.0, "2020-12-20"), opens("2021-12-01", 0.0, "2022-05-01")], [0.0, 1.0]);
        assert_eq!([opens("2020-06-19", 1.0, "2022-05-01"), opens("2022-06-01", 1.0, "2022-05-01")], [1.0, 0.0]);
        let (one, two) = (opens("2020-06-19", 0.7, "2021-06-01"), opens("2020-06-19", 0.7, "2022-05-01"));
        assert!((one - 0.49).abs() < 0.08 && (two - 0.24).abs() < 0.08, "{one} {two}: terms and policy once, and twice");
    }

    /// A phone that never updates is not asked again.
    #[test]
    fn an_old_release_asks_nobody_again() {
        let setup = office(&["run.first_day=\"2022-05-01\"", "phones.never_updates_share=1", "phones.agrees_again_share=0"]);
        assert_eq!(share(&setup, |person| setup.world().screen_opens(person, setup.first_day)), 1.0);
    }

    /// A fifth of phone-days are abroad, each day another fifth, as far as F12 is at work.
    #[test]
    fn servers_refuse_phones_abroad() {
        let refused = |faults: &str, abroad: f64| {
            let setup = office(&[&format!("phones.abroad_share={abroad}"), &format!("app.faults={faults}")]);
            let on = |person: PersonId, days: i32| {
                let (world, day) = (setup.world(), setup.first_day.plus_days(days));
                world.app_of(person, day).is_some_and(|app| world.is_refused_abroad(person, &app, day))
            };
            (share(&setup, |p| on(p, 0)), share(&setup, |p| on(p, 0) && on(p, 1)))
        };
        let (one, both) = refused("[\"F12\"]", 0.2);
        assert!((one - 0.2).abs() < 0.06 && (both - 0.04).abs() < 0.03, "{one} {both}");
        assert_eq!([refused("\"none\"", 1.0), refused("[\"F6\"]", 1.0), refused("\"historical\"", 0.0)], [(0.0, 0.0); 3]);
        assert_eq!(refused("\"historical\"", 1.0), (1.0, 1.0));
    }
}
