//! The system around the phones: a day's events in order, each handed to the room that it is of.
//!
//! A day's events are pure functions of (scenario, seed, day), so the queue is made anew each day, ordered by (time,
//! phase, sequence); only what events leave behind is state, and only of those whom they touched.

use std::{cmp::Reverse, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use crate::{
    app::{Absent, Installed, Mechanism, NewKeys, PutOff},
    authority::{AppThere, Authority, CaseEvent, CaseNews},
    gaen::SightingStore,
    ids::PersonId,
    server::{Published, Server, closes_on, exports_of},
    setup::World,
    time::{DayJst, UnixSeconds},
};

use super::{
    phone_log::Writer,
    records::{Phone, Records},
    registering::Registering,
    way::Reason,
};

/// State that lasts over days.
#[derive(Default, Serialize, Deserialize)]
pub struct System {
    pub(super) authority: Authority,
    pub(super) server: Server,
    /// Cases that try to register, by number.
    pub(super) registering: BTreeMap<u32, Registering>,
    /// What happened, as tables and the funnel say it.
    pub records: Records,
    /// Phones that had something to fetch.
    phones: BTreeMap<PersonId, Phone>,
    /// Of apps that went, or lost what they kept, on which day that was, and when the newest batch was made that they had processed, Unix
    /// seconds; in order.
    checked_before: BTreeMap<PersonId, Vec<(DayJst, i64)>>,
    /// When people will open the app because of a notification, Unix seconds.
    opens_s: BTreeMap<PersonId, i64>,
    /// From when until when people stay home, Unix seconds.
    stays_home_s: BTreeMap<PersonId, (i64, i64)>,
    /// Files that the server published and that the run has not written yet.
    published: Vec<Published>,
    /// The keys made after a moment, Unix seconds, for the phones that have processed all until then; until the next export.
    #[serde(skip)]
    new_keys: BTreeMap<i64, NewKeys>,
}

/// An event; those of one moment happen in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// Of a case, by its number.
    Case(CaseEvent, u32),
    /// A case tries to register again.
    Try(u32),
    /// Somebody guesses numbers.
    Guess(u32),
    /// The server is closed for good.
    Close,
    /// The server's daily export.
    Export,
    /// A phone checks in the background.
    Check(PersonId),
    /// Somebody opens the app.
    Open(PersonId),
}

/// Seconds after which somebody who was notified tries again to open an app that does not open, or on a phone that is off or not with them.
const TRIES_AGAIN_AFTER_S: i64 = 3600;

type Queue = std::collections::BinaryHeap<Reverse<(i64, Event)>>;

impl System {
    /// The system at the first midnight, with everything that happened before: from the first infection on, cases fell ill,
    /// were tested, stayed home and uploaded, keys were exported, and phones checked them. Whom people met before the first
    /// day is not simulated, so no phone holds anything that could match.
    pub fn new(first_day: DayJst, world: &World<'_>) -> Self {
        let mut system = Self { records: Records::of_cases(world.cases.len()), ..Self::default() };
        let nothing_stored = BTreeMap::new();
        let began = world.cases.iter().map(|(_, case)| UnixSeconds(case.infected_s).day_jst()).min().unwrap_or(first_day);
        for day in (began.0..first_day.0).map(DayJst) {
            system.advance(day, world, &nothing_stored);
        }
        system
    }

    /// Hands over what the server published since this was last asked.
    pub fn take_published(&mut self) -> Vec<Published> {
        std::mem::take(&mut self.published)
    }

    /// Phones that had something to fetch, in the order of people.
    pub fn phones(&self) -> impl Iterator<Item = (&PersonId, &Phone)> {
        self.phones.iter()
    }

    /// A person's phone; `None` if it never had anything to fetch.
    pub fn phone(&self, person: PersonId) -> Option<&Phone> {
        self.phones.get(&person)
    }

    /// When the newest batch was made that a person's phone ever processed, with an app that went since or the one of now; `None` if it
    /// processed none.
    pub fn ever_checked_s(&self, person: PersonId) -> Option<i64> {
        self.last_created_s(person).max(self.checked_before_s(person, DayJst(i32::MAX)))
    }

    /// The same of apps that went on a day or before.
    pub fn checked_before_s(&self, person: PersonId, until: DayJst) -> Option<i64> {
        let went = self.checked_before.get(&person)?;
        went.iter().filter(|(day, _)| *day <= until).map(|(_, checked_s)| *checked_s).max()
    }

    /// The app goes from a person's phone, or its user deletes what it keeps.
    fn app_goes(&mut self, person: PersonId, why: Absent, day: DayJst, world: &World<'_>) {
        self.opens_s.remove(&person);
        if why == Absent::Restored {
            self.records.strike(Mechanism::DisabledOrAbroad, person, day.start().0);
        }
        if matches!(why, Absent::Uninstalled | Absent::Deleted) && world.log_person == Some(person) {
            self.records.log.clear();
        }
        let Some(phone) = self.phones.get_mut(&person) else { return };
        self.checked_before.entry(person).or_default().push((day, phone.app.last_created_s()));
        phone.goes(why, day);
    }

    /// Who stays home the whole of a day: decided by what happened before it began.
    pub fn stays_home(&self, person: PersonId, day: DayJst) -> bool {
        self.stays_home_s.get(&person).is_some_and(|(from_s, until_s)| (*from_s..*until_s).contains(&(day.start().0 - 1)))
    }

    /// Somebody stays home from a moment until another, or longer if there is a reason already.
    fn stay_home(&mut self, person: PersonId, from_s: i64, until_s: i64) {
        let stays = self.stays_home_s.entry(person).or_insert((from_s, until_s));
        *stays = if from_s > stays.1 { (from_s, until_s) } else { (stays.0, until_s.max(stays.1)) };
    }

    /// Carries out all events of a day, in order of (time, kind, person), and says how many there were.
    pub fn advance(&mut self, day: DayJst, world: &World<'_>, stores: &BTreeMap<PersonId, SightingStore>) -> u64 {
        world.uses.ending_on(day).for_each(|(person, why)| self.app_goes(person, why, day, world));
        let cases = (0..).zip(world.cases);
        let of_cases = cases.flat_map(|(i, (_, case))| case.events().map(move |(t, event)| (t, Event::Case(event, i))));
        let tries = self.registering.iter().map(|(case, going)| (going.at_s, Event::Try(*case)));
        let guesses = (0..).zip(world.guessing).map(|(i, (_, at_s, _))| (*at_s, Event::Guess(i)));
        let of_server = exports_of(world.timeline, day).map(|at_s| (at_s, Event::Export));
        let closes = closes_on(world.timeline, day).map(|at_s| (at_s, Event::Close));
        let of_day = of_cases.chain(tries).chain(guesses).chain(of_server).chain(closes);
        let mut queue: Queue = of_day.filter(|(t, _)| (day.start().0..day.end().0).contains(t)).map(Reverse).collect();
        queue.extend(self.checks(day, day.start().0, world));
        queue.extend(self.openings(day, world));
        let nothing_stored = &SightingStore::EMPTY;
        let (mut events, mut counted_s) = (0, day.start().0);
        while let Some(Reverse((now_s, event))) = queue.pop() {
            events += 1;
            if matches!(event, Event::Export | Event::Close) {
                self.count_fetches(day, (counted_s, now_s), world);
                counted_s = now_s;
            }
            match event {
                Event::Case(event, case) => {
                    let next_s = self.case_goes_on(event, case, now_s, day, world);
                    queue.extend(next_s.filter(|t| *t < day.end().0).map(|t| Reverse((t, Event::Try(case)))));
                }
                Event::Try(case) => {
                    let next_s = self.try_to_register(case, now_s, day, world);
                    queue.extend(next_s.filter(|t| *t < day.end().0).map(|t| Reverse((t, event))));
                }
                Event::Guess(index) => self.guess(index, now_s, day, world),
                Event::Close => self.records.deleted(self.server.delete_all(), day),
                Event::Export => {
                    if self.export(now_s, day, world) {
                        queue.retain(|Reverse((_, event))| !matches!(event, Event::Check(_)));
                        queue.extend(self.checks(day, now_s, world));
                    }
                }
                Event::Check(person) => {
                    let Some(installed) = world.app_of(person, day) else { continue };
                    let store = stores.get(&person).unwrap_or(nothing_stored);
                    let opens_s = self.check(person, (now_s, day), &installed, world, store);
                    queue.extend(opens_s.filter(|at_s| *at_s < day.end().0).map(|at_s| Reverse((at_s, Event::Open(person)))));
                    let next_s = world.fetch_times(person, &installed).next_from(now_s + 1);
                    if next_s < day.end().0 && self.is_behind(person) {
                        queue.push(Reverse((next_s, event)));
                    }
                }
                Event::Open(person) => {
                    let later_s = self.open(person, (now_s, day), world, stores.get(&person).unwrap_or(nothing_stored));
                    queue.extend(later_s.filter(|at_s| *at_s < day.end().0).map(|at_s| Reverse((at_s, event))));
                }
            }
        }
        self.count_fetches(day, (counted_s, day.end().0), world);
        events
    }

    /// The index of the files that the server publishes.
    pub fn list_json(&self) -> String {
        self.server.list_json()
    }

    /// The next check of every phone for which there is something to fetch, from a moment of a day on: all other checks find nothing.
    fn checks(&self, day: DayJst, from_s: i64, world: &World<'_>) -> Vec<Reverse<(i64, Event)>> {
        let Some(newest_s) = self.server.newest_s() else { return Vec::new() };
        let behind = world.people_with_app().filter(|person| self.last_created_s(*person) < Some(newest_s));
        let next = |person: PersonId| Some(world.fetch_times(person, &world.app_of(person, day)?).next_from(from_s));
        let of_day = behind.filter_map(|person| Some((next(person)?, Event::Check(person))));
        of_day.filter(|(t, _)| *t < day.end().0).map(Reverse).collect()
    }

    /// Who opens the app on a day: because of a notification of an earlier one, or as some do now and then.
    fn openings(&self, day: DayJst, world: &World<'_>) -> Vec<Reverse<(i64, Event)>> {
        let notified = self.opens_s.iter().map(|(person, at_s)| (*at_s, Event::Open(*person)));
        let has_habits = world.app.opens_every_days > 0.0;
        let people = has_habits.then(|| world.people_with_app()).into_iter().flatten();
        let by_habit = people.filter_map(|person| Some((world.opens_by_habit_s(person, day)?, Event::Open(person))));
        notified.chain(by_habit).filter(|(at_s, _)| *at_s < day.end().0).map(Reverse).collect()
    }

    /// Whether there is something that a person's phone has not fetched.
    fn is_behind(&self, person: PersonId) -> bool {
        self.server.newest_s() > self.last_created_s(person)
    }

    /// When the newest batch was made that a person's phone has processed.
    fn last_created_s(&self, person: PersonId) -> Option<i64> {
        self.phones.get(&person).map(|phone| phone.app.last_created_s())
    }

    /// A case goes on: when it tries again to register, Unix seconds, if it has tried and will.
    fn case_goes_on(&mut self, event: CaseEvent, case: u32, now_s: i64, day: DayJst, world: &World<'_>) -> Option<i64> {
        let (person, history) = &world.cases[case as usize];
        let without = world.case_without_app(case);
        let app = match without {
            None => AppThere::Yes,
            Some(Absent::NotYet) => AppThere::NotYet,
            Some(_) => AppThere::Never,
        };
        let news = self.authority.step(event, (case, history), app, world.seed)?;
        if news.stays_home() {
            self.stay_home(*person, now_s, history.result_s + world.authority.isolation_s());
        }
        // Who has lost the app since the result does not enter a number.
        if let (CaseNews::NumberEntered(_), Err(why)) = (news, world.phone_of_case(case, now_s)) {
            self.records.end_case(case as usize, day, Reason::Without(why), None);
            return None;
        }
        self.records.case(case as usize, news, without, now_s, day);
        let CaseNews::NumberEntered(number) = news else { return None };
        self.registering.insert(case, Registering::new(number, now_s));
        self.try_to_register(case, now_s, day, world)
    }

    /// The daily export. Whether there is something new to fetch.
    fn export(&mut self, now_s: i64, day: DayJst, world: &World<'_>) -> bool {
        self.new_keys.clear();
        let mut run = self.server.export(world.server, now_s, world.seed);
        self.published.append(&mut run.files);
        let is_news = !run.batches.is_empty();
        self.records.exported(run, now_s, day);
        is_news
    }

    /// A phone's check in the background is due. When its owner opens the app because of it, Unix seconds, if so.
    fn check(
        &mut self,
        person: PersonId,
        (now_s, day): (i64, DayJst),
        installed: &Installed<'_>,
        world: &World<'_>,
        store: &SightingStore,
    ) -> Option<i64> {
        // What there was may be listed no longer.
        if !self.is_behind(person) {
            return None;
        }
        let phone = self.phone_at(person, day, world);
        let put_off = match (installed.crashes(), phone.stopped) {
            _ if !world.is_on(person, now_s) => Some(Reason::SwitchedOff),
            (true, _) => Some(Reason::Fault(Mechanism::CrashesAtStart)),
            (_, Some(stopped)) => Some(Reason::Fault(stopped)),
            _ => world.puts_check_off(person, installed, now_s).map(|why| match why {
                PutOff::Fault(fault) => Reason::Fault(fault),
                PutOff::BatteryLow => Reason::BatteryLow,
            }),
        };
        if let Some(why) = put_off {
            phone.wait(day, why);
            if let Reason::Fault(fault) = why {
                self.records.strike(fault, person, now_s);
            }
            return None;
        }
        let is_notified = self.fetch(person, (now_s, day), installed, world, store);
        let pops_up = is_notified && world.gets_notifications(person);
        let opens_s = pops_up.then(|| world.opens_when_notified_s(person, now_s)).flatten()?;
        let earlier = self.opens_s.entry(person).or_insert(opens_s);
        *earlier = opens_s.min(*earlier);
        Some(opens_s)
    }

    /// A phone fetches what is new and checks it. Whether a notification pops up.
    fn fetch(
        &mut self,
        person: PersonId,
        (now_s, day): (i64, DayJst),
        installed: &Installed<'_>,
        world: &World<'_>,
        store: &SightingStore,
    ) -> bool {
        let phone = self.phones.entry(person).or_default();
        if world.is_refused_abroad(person, installed, day) {
            phone.wait(day, Reason::Abroad);
            self.records.strike(Mechanism::DisabledOrAbroad, person, now_s);
            return false;
        }
        if let Some(refusal) = world.refuses_fetch(person, now_s) {
            phone.wait(day, Reason::Refused(refusal));
            return false;
        }
        let processed_s = phone.app.last_created_s();
        let zip_bytes = self.server.exports_after(processed_s).map(|file| u64::from(file.zip_bytes)).sum::<u64>();
        self.records.traffic.entry(day).or_default().zip_bytes += zip_bytes;
        let new = self.new_keys.entry(processed_s).or_insert_with(|| NewKeys::of(self.server.exports_after(processed_s), processed_s));
        let outcome = phone.app.check(now_s, *installed, new, store);
        let is_notified = outcome.notified;
        if world.logs(person, installed) {
            let writer = Writer { at_s: now_s, release: installed.release.name };
            self.records.log.extend(writer.check(self.server.exports_after(processed_s), &outcome));
        }
        phone.checked(outcome.refused);
        let observer = world.owner(person, now_s).unwrap_or(person);
        self.records.check((person, observer), &mut phone.way, installed.release, outcome, now_s, day);
        is_notified
    }

    /// Somebody opens the app: what stopped it goes on, what is new is checked, and the screen is seen. When somebody tries again who was
    /// notified and cannot open it, Unix seconds.
    fn open(&mut self, person: PersonId, (now_s, day): (i64, DayJst), world: &World<'_>, store: &SightingStore) -> Option<i64> {
        let installed = world.app_of(person, day)?;
        let is_notified = self.opens_s.get(&person).is_some_and(|at_s| *at_s <= now_s);
        if installed.crashes() || !world.is_on(person, now_s) || !world.is_at_hand(person, now_s) {
            let later_s = is_notified.then_some(now_s + TRIES_AGAIN_AFTER_S);
            if let Some(at_s) = later_s {
                self.opens_s.insert(person, at_s);
            }
            return later_s;
        }
        if is_notified {
            self.opens_s.remove(&person);
        }
        if self.is_behind(person) || self.phones.contains_key(&person) {
            self.look(person, (now_s, day), &installed, is_notified, world, store);
        }
        None
    }

    /// The app is open.
    fn look(
        &mut self,
        person: PersonId,
        (now_s, day): (i64, DayJst),
        installed: &Installed<'_>,
        is_notified: bool,
        world: &World<'_>,
        store: &SightingStore,
    ) {
        self.phone_at(person, day, world).stopped = None;
        if self.is_behind(person) {
            self.fetch(person, (now_s, day), installed, world, store);
        }
        // Who has not agreed again to terms that changed sees no screen.
        let Some(phone) = self.phones.get(&person).filter(|_| world.screen_opens(person, day)) else { return };
        let screen = phone.app.screen(installed, now_s);
        if world.logs(person, installed) {
            self.records.log.push(Writer { at_s: now_s, release: installed.release.name }.home(&screen));
        }
        if !phone.app.has_matched() {
            return;
        }
        self.records.opened(person, (now_s, is_notified), installed.release, &screen);
        if !screen.lines.is_empty() && !self.records.warned.contains_key(&person) {
            let reader = world.owner(person, now_s).unwrap_or(person);
            self.records.warned.insert(person, world.after_warning(reader, now_s));
            if world.stays_home_if_told(reader) {
                self.stay_home(reader, now_s, now_s + world.app.stays_home_s());
            }
        }
    }

    /// A person's phone on a day, with what has stopped it since it was last looked at.
    fn phone_at(&mut self, person: PersonId, day: DayJst, world: &World<'_>) -> &mut Phone {
        let phone = self.phones.entry(person).or_default();
        let processed_s = phone.app.last_created_s();
        let stops = |on| world.stops(person, &world.app_of(person, on)?, on);
        phone.pass_days((world.first_day, day), stops, |on| world.opens_by_habit_s(person, on).is_some());
        if phone.app.last_created_s() < processed_s {
            self.checked_before.entry(person).or_default().push((day, processed_s));
        }
        phone
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        run::{outcome::lost_its_records, system::step},
        setup::{Setup, Use},
    };

    /// Two cases whose keys are exported at noon of the third and the fourth day. Everybody fetches every five hours, and may so often in 24.
    fn setup(calls_a_day: u32) -> Setup {
        setup_with(calls_a_day, &[])
    }

    /// The same with what differs.
    fn setup_with(calls_a_day: u32, also: &[&str]) -> Setup {
        let sets = [
            &format!("gaen.calls_a_day_ios={calls_a_day}"),
            &format!("gaen.calls_a_day_android={calls_a_day}"),
            "app.faults=\"none\"",
            "server.retention_days=3",
            "run.first_day=\"2021-06-01\"",
            "population.workers=40",
            "phones.adoption=1",
            "phones.smartphone_shares=[1,1,1,1,1,1,1,1]",
            "phones.update_lag_mean_days=0",
            "timeline=[{date=\"always\",setting=\"server.export_hours_utc\",value=[3]}]",
            "app.fetch_every_h_ios=5",
            "app.fetch_every_h_android=5",
            "authority.entry_into_hersys_h=0",
            "authority.number_issue_h=1",
            "authority.entry_delay_mean_h=0.01",
            "authority.cases=[{person=3,onset_day=1,result_day=1,registers=\"yes\"},{person=4,onset_day=2,result_day=2,registers=\"yes\"}]",
        ];
        let sets: Vec<&str> = sets.into_iter().chain(also.iter().copied()).collect();
        Setup::of_office(&sets)
    }

    /// Nobody checks where there is nothing to fetch. Who fetched less than 24 hours before is refused and tries again the same day.
    #[test]
    fn phones_check_what_they_have_not_fetched_until_they_have() {
        let setup = setup(1);
        let world = setup.world();
        let mut system = System::new(setup.first_day, &world);
        let day = |n: i32| setup.first_day.plus_days(n);
        let checks = |system: &System, n: i32| system.checks(day(n), day(n).start().0, &world).len();
        let with_app = world.people_with_app().count();
        for n in 0..2 {
            assert_eq!((checks(&system, n), system.phones().count()), (0, 0), "nothing is exported yet");
            system.advance(day(n), &world, &BTreeMap::new());
        }
        for n in 2..4 {
            system.advance(day(n), &world, &BTreeMap::new());
            let newest_s = system.server.newest_s();
            assert_eq!(newest_s, exports_of(world.timeline, day(n)).next());
            let up_to_date = system.phones().filter(|(_, phone)| Some(phone.app.last_created_s()) == newest_s);
            assert_eq!(up_to_date.count(), with_app, "day {n}");
            assert_eq!(checks(&system, n + 1), 0, "all is fetched");
        }
        let noon_s = exports_of(world.timeline, day(2)).next().expect("one a day");
        let late = |person: &PersonId| {
            world.fetch_times(*person, &world.app_of(*person, day(2)).expect("the app")).next_from(noon_s) >= noon_s + 4 * 3600
        };
        assert!(world.people_with_app().filter(late).count() > 5, "some fetch again after 20 hours");
    }

    /// Batches that nobody could fetch while they were listed are checked by nobody.
    #[test]
    fn what_is_listed_no_longer_is_not_checked() {
        let setup = setup(0);
        let world = setup.world();
        let mut system = System::new(setup.first_day, &world);
        let events: u64 = (0..9).map(|n| system.advance(setup.first_day.plus_days(n), &world, &BTreeMap::new())).sum();
        assert!(events > 9 + 2 * 4, "exports, and the steps of two cases: {events}");
        assert_eq!((system.records.exports.is_empty(), system.server.newest_s()), (false, None));
        assert_eq!(system.phones().count(), world.people_with_app().count(), "all tried");
        assert!(system.phones().all(|(_, phone)| phone.way.steps() <= 1), "and none checked a key");
    }

    /// A phone installed anew hands over keys from that day on; one on which the app was not in use has none of these days; without it there is no
    /// registration.
    #[test]
    fn a_registration_has_the_keys_that_the_phone_still_holds() {
        let days = |stretches: &dyn Fn(Use, DayJst) -> Vec<Use>| {
            let mut setup = setup(20);
            let whole = setup.uses.of(PersonId(3))[0];
            let stretches = stretches(whole, setup.first_day);
            setup.uses.replace(PersonId(3), &stretches);
            let world = setup.world();
            let mut system = System::new(setup.first_day, &world);
            for n in 0..3 {
                system.advance(setup.first_day.plus_days(n), &world, &BTreeMap::new());
            }
            let first = setup.first_day.utc_midnight().day_utc();
            let keys = system.records.keys.values().filter(|key| key.owner == PersonId(3)).map(|key| key.day.0 - first.0);
            (keys.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>(), system.records.uploads[0].outcome.name())
        };
        let uninstalled = |whole: Use, first: DayJst, back: Option<DayJst>| {
            let gone = Use { until: first.plus_days(-5), end: Some(Absent::Uninstalled), ..whole };
            std::iter::once(gone).chain(back.map(|back| Use { from: back, keys_from: back, ..whole })).collect()
        };
        let (all, outcome) = days(&|whole, _| vec![whole]);
        assert!(all.starts_with(&[-2, -1]) && outcome == "uploaded", "from three days before onset on: {all:?}");
        let anew = days(&|whole, first| uninstalled(whole, first, Some(first.plus_days(-1))));
        assert_eq!(anew, (all[1..].to_vec(), "uploaded"));
        assert_eq!(days(&|whole, first| uninstalled(whole, first, None)), (vec![], "app uninstalled"));
        let deleted = |whole: Use, first: DayJst| {
            let gone = Use { until: first.plus_days(-1), end: Some(Absent::Deleted), ..whole };
            vec![gone, Use { from: first, ..whole }]
        };
        let without_one: Vec<i32> = all.iter().copied().filter(|day| *day != -1).collect();
        assert_eq!(days(&deleted), (without_one, "uploaded"));
        assert_eq!(days(&|whole, first| deleted(whole, first)[..1].to_vec()), (vec![], "app deleted by the user"));
    }

    /// What an app had fetched goes with it: installed anew it fetches all that is listed.
    #[test]
    fn an_app_that_goes_forgets_what_it_fetched() {
        for why in [Absent::Uninstalled, Absent::Deleted, Absent::Restored] {
            let mut setup = setup(20);
            let (whole, day) = (setup.uses.of(PersonId(9))[0], |setup: &Setup, n: i32| setup.first_day.plus_days(n));
            let gone = Use { until: day(&setup, 4), end: Some(why), ..whole };
            setup.uses.replace(PersonId(9), &[gone]);
            let world = setup.world();
            let mut system = System::new(setup.first_day, &world);
            for n in 0..4 {
                system.advance(day(&setup, n), &world, &BTreeMap::new());
            }
            let fetched = system.last_created_s(PersonId(9));
            assert!(fetched.is_some_and(|at_s| at_s > 0), "{why:?}");
            system.advance(day(&setup, 4), &world, &BTreeMap::new());
            let left = if why == Absent::Restored { fetched } else { Some(i64::MIN) };
            assert_eq!((system.last_created_s(PersonId(9)), system.ever_checked_s(PersonId(9))), (left, fetched), "{why:?}");
            // Records of before that day went with an uninstalled app, unless it had checked the export.
            let fetched_s = fetched.expect("it fetched");
            let lost = |n: i32, exported_s: i64| {
                let day = day(&setup, n).utc_midnight().day_utc();
                lost_its_records(&setup, &system, PersonId(9), day, exported_s)
            };
            assert_eq!([lost(3, fetched_s), lost(4, fetched_s + 1)], [false; 2], "{why:?}");
            assert_eq!(lost(3, fetched_s + 1), why == Absent::Uninstalled, "{why:?}");
        }
    }

    /// Uninstalled on day 2, installed anew and uninstalled on day 6: what the second app checked says nothing of the records of the first.
    #[test]
    fn records_go_with_the_app_that_had_them() {
        let mut setup = setup(20);
        let (whole, first_day) = (setup.uses.of(PersonId(9))[0], setup.first_day);
        let day = |n: i32| first_day.plus_days(n);
        let until = |from: DayJst, until: i32| Use { from, keys_from: from, until: day(until), end: Some(Absent::Uninstalled), ..whole };
        setup.uses.replace(PersonId(9), &[until(whole.from, 2), until(day(2), 6)]);
        let world = setup.world();
        let mut system = System::new(first_day, &world);
        (0..7).for_each(|n| {
            system.advance(day(n), &world, &BTreeMap::new());
        });
        let [first, all] = [2, 6].map(|n| system.checked_before_s(PersonId(9), day(n)));
        let second_s = all.filter(|_| first < all).expect("the second app checked more");
        let lost = |n: i32| lost_its_records(&setup, &system, PersonId(9), day(n).utc_midnight().day_utc(), second_s);
        assert_eq!([1, 2, 5].map(lost), [true, false, false]);
    }

    /// Neither a phone that is switched off nor one abroad fetches, and one abroad cannot register.
    #[test]
    fn phones_off_or_abroad_fetch_nothing() {
        let story = |sets: &[&str]| {
            let setup = setup_with(20, sets);
            let world = setup.world();
            let mut system = System::new(setup.first_day, &world);
            for n in 0..4 {
                system.advance(setup.first_day.plus_days(n), &world, &BTreeMap::new());
            }
            let checked = system.phones().filter(|(_, phone)| phone.way.steps() > step::CHECKED).count();
            let why = system.phones().next().and_then(|(_, phone)| phone.way.why().map(|why| why.name()));
            (checked, why, system.records.uploads[0].outcome.name())
        };
        let all = story(&[]).0;
        assert!(all > 20);
        let off = |what: &str| format!("phones.off=[{{what=\"{what}\",share=1,from_h=0,until_h=24,days_share=1,why=\"\"}}]");
        assert_eq!(story(&[&off("phone")]), (0, None, "phone switched off"));
        // Switched off from the day on which there is something to fetch.
        let (on, all_off) = (setup_with(20, &[]), setup_with(20, &[&off("phone")]));
        let mut system = System::new(on.first_day, &on.world());
        for n in 0..4 {
            let world = if n < 3 { on.world() } else { all_off.world() };
            system.advance(on.first_day.plus_days(n), &world, &BTreeMap::new());
        }
        let waits = |why: Reason| system.phones().filter(|(_, phone)| phone.waits == Some(why)).count();
        assert!(waits(Reason::SwitchedOff) > 20, "{}", waits(Reason::SwitchedOff));
        assert_eq!(story(&[&off("bluetooth")]).0, all);
        assert_eq!(story(&[&off("exposure_notification")]).0, all);
        assert_eq!(story(&["phones.abroad_share=1"]).0, all, "no fault is at work");
        let abroad = story(&["phones.abroad_share=1", "app.faults=[\"F12\"]"]);
        assert_eq!(abroad, (0, None, "refused abroad"), "nothing was there to fetch");
    }

    /// Home from noon of day 10 for two days and from day 11 for ten, later again for one: whole days after the first moment, until the last.
    #[test]
    fn people_stay_home_from_the_next_day_until_their_time_is_over() {
        let (mut system, person) = (System::default(), PersonId(0));
        let noon_s = |day: i32| DayJst(day).start().0 + 43_200;
        let days = |system: &System| (5..40).filter(|day| system.stays_home(person, DayJst(*day))).collect::<Vec<i32>>();
        system.stay_home(person, noon_s(10), noon_s(12));
        assert_eq!(days(&system), [11, 12]);
        system.stay_home(person, noon_s(11), noon_s(21));
        assert_eq!(days(&system), (11..=21).collect::<Vec<_>>());
        system.stay_home(person, noon_s(30), noon_s(31));
        assert_eq!(days(&system), [31], "the time before is over");
    }
}
