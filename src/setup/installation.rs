//! When each phone has the app in use, and why not when it has not: pure functions of scenario, seed and person.

use std::collections::BTreeMap;

use crate::{
    app::{Absent, ConsentStep, FaultSet, Installation, Mechanism, ReleaseDates},
    history::{Downloads, Setting, SettingValue, Timeline},
    ids::PersonId,
    population::{Drawn, DropOutConfig, Installs, Os, People, PhoneDraws, PhonesConfig},
    time::{DayJst, DayUtc, UnixSeconds},
};

/// The mean year, days.
const YEAR_DAYS: f64 = 365.25;
/// No day of any run.
const NEVER: DayJst = DayJst(i32::MAX);
/// Systems on which a restored backup switches exposure notification off.
const RESTORED_ON: std::ops::RangeInclusive<(u8, u8)> = (14, 0)..=(14, 1);

/// A stretch of days on which the app on a phone is in use. Both its first day and the day on which it ends count from 09:00 JST, when a
/// UTC day begins; the app itself checks and registers from the first day's midnight to the last one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// The installation.
    pub app: Installation,
    /// The first day.
    pub from: DayJst,
    /// The day on which it ends.
    pub until: DayJst,
    /// Why it ends; `None` if it does not before the run does.
    pub end: Option<Absent>,
    /// The first day of the keys that the phone holds: those before went with an uninstallation.
    pub keys_from: DayJst,
    /// When its owner agreed to terms and policy at a first start.
    pub agreed_on: DayJst,
}

impl Use {
    /// Whether the app is in use on a day.
    pub fn holds(&self, day: DayJst) -> bool {
        self.from <= day && day < self.until
    }

    /// Whether the phone takes part on a UTC day: it bears the number of the JST day on which it begins.
    fn holds_utc(&self, day: DayUtc) -> bool {
        self.holds(DayJst(day.0))
    }
}

/// When all phones have the app in use.
#[derive(Clone, Debug)]
pub struct Uses {
    /// Of each person the place of the first in `all`, and the end.
    first: Vec<u32>,
    /// By person and day.
    all: Vec<Use>,
    /// When and why stretches end, in order of days.
    ends: Vec<(DayJst, PersonId, Absent)>,
    /// Who installed the app and never takes part: when, and why not.
    never: BTreeMap<PersonId, (DayJst, Absent)>,
}

impl Uses {
    /// Of everybody.
    pub fn new(people: &People, plans: &Plans<'_>) -> Self {
        let (mut first, mut all, mut never) = (vec![0], Vec::new(), BTreeMap::new());
        for person in (0..people.len() as u32).map(PersonId) {
            if let Some((app, begins)) = plans.installation(people, person) {
                match begins {
                    Ok(from) => plans.uses(person, app, from, &mut all),
                    Err(why) => {
                        never.insert(person, (app.day, why));
                    }
                }
            }
            first.push(all.len() as u32);
        }
        let mut uses = Self { first, all, ends: Vec::new(), never };
        uses.note_ends();
        uses
    }

    fn note_ends(&mut self) {
        let people = (0..self.first.len() as u32 - 1).map(PersonId);
        let ends = people.flat_map(|person| self.of(person).iter().filter_map(move |of| Some((of.until, person, of.end?))));
        self.ends = ends.collect();
        self.ends.sort_unstable();
    }

    /// The stretches of a person, in order.
    pub fn of(&self, person: PersonId) -> &[Use] {
        &self.all[self.first[person.index()] as usize..self.first[person.index() + 1] as usize]
    }

    /// All of them.
    pub fn all(&self) -> &[Use] {
        &self.all
    }

    /// The stretch of a person that a day is of.
    pub fn on(&self, person: PersonId, day: DayJst) -> Option<&Use> {
        self.of(person).iter().find(|stretch| stretch.holds(day))
    }

    /// Whether the app is in use on a UTC day.
    pub fn in_use(&self, person: PersonId, day: DayUtc) -> bool {
        self.of(person).iter().any(|stretch| stretch.holds_utc(day))
    }

    /// Whether a phone holds, on a day, the key that it had in use on a UTC day.
    pub fn has_key(&self, person: PersonId, day: DayJst, key_day: DayUtc) -> bool {
        let latest = self.of(person).iter().rfind(|stretch| stretch.from <= day);
        let is_there = |latest: &Use| latest.end != Some(Absent::Uninstalled) || day < latest.until;
        let is_one = |latest: &Use| is_there(latest) && (latest.keys_from.0..=day.0).contains(&key_day.0);
        latest.is_some_and(is_one) && self.in_use(person, key_day)
    }

    /// Why somebody who installed the app never takes part.
    pub fn never(&self, person: PersonId) -> Option<Absent> {
        self.never.get(&person).map(|(_, why)| *why)
    }

    /// The day of the first installation.
    pub fn installed_on(&self, person: PersonId) -> Option<DayJst> {
        let of_use = self.of(person).first().map(|stretch| stretch.from);
        of_use.or_else(|| self.never.get(&person).map(|(day, _)| *day))
    }

    /// Why the app is not in use on a day; `None` if it is.
    pub fn absent(&self, person: PersonId, day: DayJst) -> Option<Absent> {
        if let Some((installed, why)) = self.never.get(&person) {
            return Some(if day < *installed { Absent::NotYet } else { *why });
        }
        let of_person = self.of(person);
        if of_person.is_empty() {
            return Some(Absent::NeverInstalled);
        }
        match of_person.iter().rfind(|stretch| stretch.from <= day) {
            None => Some(Absent::NotYet),
            Some(stretch) if stretch.holds(day) => None,
            Some(stretch) => stretch.end,
        }
    }

    /// Whose stretches end on a day, and why.
    pub fn ending_on(&self, day: DayJst) -> impl Iterator<Item = (PersonId, Absent)> + '_ {
        let first = self.ends.partition_point(|(end, ..)| *end < day);
        self.ends[first..].iter().take_while(move |(end, ..)| *end == day).map(|(_, person, why)| (*person, *why))
    }
}

/// What decides when phones have the app in use.
pub struct Plans<'a> {
    /// `[phones]`.
    pub config: &'a PhonesConfig,
    /// When they install it.
    pub installs: Installs,
    /// What is in force when.
    pub timeline: &'a Timeline,
    /// When each release came out.
    pub releases: &'a ReleaseDates,
    /// The faults that are at work.
    pub faults: FaultSet,
    /// The run's last day.
    pub last_day: DayJst,
    /// The draws of phones.
    pub draws: PhoneDraws,
    /// How many had downloaded it by when.
    pub downloads: Downloads,
}

impl Plans<'_> {
    /// How a person's phone gets the app, and from when on it takes part or why it never does; `None` if it never gets it.
    fn installation(&self, people: &People, person: PersonId) -> Option<(Installation, Result<DayJst, Absent>)> {
        let i = person.index();
        let ios = people.os(person).filter(|_| people.has_app[i])? == Os::Ios;
        let day = match self.installs {
            Installs::On(day) => day,
            // Who has it against this draw, since a file of people says so, is as quick as others.
            Installs::AsDownloaded => self.downloaded_on((self.draws.has_app(person) / people.app_chance(person)).fract()),
        };
        let system = people.system(person).map(|system| system.version);
        let app = Installation { ios, system, day, lag_days: people.update_lag_days[i] };
        let recent = Installation { system: None, ..app };
        let begins = recent.begins(self.releases)?;
        let app = Installation { day: begins, ..app };
        let takes_part = match (app.begins(self.releases), self.stops_at(person, people.age_years[i], begins)) {
            (None, _) => Err(Absent::SystemTooOld),
            (_, Some(step)) => Err(Absent::Stopped(step)),
            (Some(day), None) => Ok(day),
        };
        Some((app, takes_part))
    }

    /// The day on which downloads reached a share, from 0 to 1, of those of the run's last day.
    fn downloaded_on(&self, share: f64) -> DayJst {
        self.downloads.day_beyond(share * self.downloads.by(self.last_day))
    }

    /// The first step of the first start at which somebody stops, who then does not take part.
    fn stops_at(&self, person: PersonId, age_years: u8, day: DayJst) -> Option<ConsentStep> {
        let is_minor = f64::from(age_years) < self.timeline.number(Setting::AdultAtYears, day.start().0);
        let stops = |step: &ConsentStep| match step {
            ConsentStep::Notifications => false,
            ConsentStep::Guardian => is_minor && refuses(&self.draws, &self.config.drop_out, person, *step),
            _ => refuses(&self.draws, &self.config.drop_out, person, *step),
        };
        STEPS.into_iter().find(stops)
    }

    /// The stretches of use of a phone from its installation to the run's end.
    fn uses(&self, person: PersonId, mut app: Installation, mut from: DayJst, all: &mut Vec<Use>) {
        let mut keys_from = from;
        for stretch in 0.. {
            let (until, end) = self.leaves(person, stretch, from);
            self.add_but_restored(person, Use { app, from, until, end, keys_from, agreed_on: from }, all);
            let Some(back) = self.comes_back(person, stretch, until) else { return };
            if end == Some(Absent::Uninstalled) {
                app = Installation { day: back, ..app };
                keys_from = back;
                if app.begins(self.releases).is_none() {
                    return;
                }
            }
            from = back;
        }
    }

    /// When a stretch of use ends, and why.
    fn leaves(&self, person: PersonId, stretch: u32, from: DayJst) -> (DayJst, Option<Absent>) {
        let (uninstalls, deletes) = (self.config.uninstalls_a_year, self.config.deletes_in_app_a_year);
        let a_year = uninstalls + deletes;
        if a_year <= 0.0 {
            return (NEVER, None);
        }
        let days = self.draws.rng(person, Drawn::Leaves, 2 * stretch).exponential(YEAR_DAYS / a_year);
        let is_uninstalled = self.draws.of(person, Drawn::Leaves, OF_KIND | stretch) * a_year < uninstalls;
        let until = later(from, days);
        if until > self.last_day {
            (NEVER, None)
        } else {
            (until, Some(if is_uninstalled { Absent::Uninstalled } else { Absent::Deleted }))
        }
    }

    /// When use begins again that ended on a day; `None` if not before the run ends.
    fn comes_back(&self, person: PersonId, stretch: u32, ended: DayJst) -> Option<DayJst> {
        let share = self.config.reinstalls_share;
        if ended > self.last_day || self.draws.of(person, Drawn::Leaves, OF_RETURN | stretch) >= share {
            return None;
        }
        let mean = self.config.reinstalls_after_mean_days;
        let days = self.draws.rng(person, Drawn::Leaves, 2 * stretch + 1).exponential(mean);
        Some(later(ended, days)).filter(|back| *back <= self.last_day)
    }

    /// Adds a stretch, without the days on which a restored backup had switched exposure notification off.
    fn add_but_restored(&self, person: PersonId, stretch: Use, all: &mut Vec<Use>) {
        let Some((off, on)) = self.restored(person, &stretch) else { return all.push(stretch) };
        all.push(Use { until: off, end: Some(Absent::Restored), ..stretch });
        // Where the app goes meanwhile, nothing but its end is left.
        all.push(Use { from: on.min(stretch.until), ..stretch });
    }

    /// From when until when a backup restored to this phone switches exposure notification off within a stretch of its use.
    fn restored(&self, person: PersonId, stretch: &Use) -> Option<(DayJst, DayJst)> {
        let app = &stretch.app;
        let is_system = app.ios && app.system.is_none_or(|system| RESTORED_ON.contains(&system));
        if !is_system || self.draws.of(person, Drawn::Restored, 0) >= self.config.restored_share {
            return None;
        }
        let mut spans =
            self.timeline.spans().filter(|(setting, value, _)| *setting == Setting::RestoreDisables && **value == SettingValue::Flag(true));
        let (.., (from_s, until_s)) = spans.next()?;
        let day = |at_s: i64, open: DayJst| if [i64::MIN, i64::MAX].contains(&at_s) { open } else { UnixSeconds(at_s).day_jst() };
        let (from, until) = (day(from_s, stretch.app.day), day(until_s, NEVER));
        let days = if until == NEVER { self.last_day.next() } else { until }.0 - from.0;
        let off = from.plus_days((self.draws.of(person, Drawn::Restored, 1) * f64::from(days)) as i32);
        let release = app.release(self.releases, off)?;
        let is_at_work = self.faults.is_on_phone(Mechanism::DisabledOrAbroad, true, release);
        (is_at_work && days > 0 && stretch.from <= off && off < stretch.until).then_some((off, until))
    }
}

/// Marks draws of a stretch that are no days: how it ends, and whether there is another.
const OF_KIND: u32 = 1 << 30;
const OF_RETURN: u32 = 1 << 31;

/// So many days later, and one at least.
fn later(day: DayJst, days: f64) -> DayJst {
    day.plus_days(days.min(1e6) as i32 + 1)
}

/// The steps of the first start, in order.
const STEPS: [ConsentStep; 6] = [
    ConsentStep::Introduction,
    ConsentStep::Terms,
    ConsentStep::PrivacyPolicy,
    ConsentStep::SystemPermission,
    ConsentStep::Notifications,
    ConsentStep::Guardian,
];

/// Whether somebody who comes to a step stops at it.
pub fn refuses(draws: &PhoneDraws, config: &DropOutConfig, person: PersonId, step: ConsentStep) -> bool {
    let share = match step {
        ConsentStep::Introduction => config.introduction,
        ConsentStep::Terms => config.terms,
        ConsentStep::PrivacyPolicy => config.privacy_policy,
        ConsentStep::SystemPermission => config.system_permission,
        ConsentStep::Notifications => config.notifications,
        ConsentStep::Guardian => config.guardian,
    };
    draws.of(person, Drawn::DropsOut, step as u32) < share
}

#[cfg(test)]
impl Uses {
    /// Puts others in place of a person's stretches.
    pub fn replace(&mut self, person: PersonId, stretches: &[Use]) {
        let of_person = self.first[person.index()] as usize..self.first[person.index() + 1] as usize;
        let more = stretches.len() as i64 - of_person.len() as i64;
        self.all.splice(of_person, stretches.iter().copied());
        self.first[person.index() + 1..].iter_mut().for_each(|first| *first = (i64::from(*first) + more) as u32);
        self.note_ends();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::Setup;

    /// An office of which everybody has the app, with what differs.
    fn office(sets: &[&str]) -> Setup {
        let all = [
            "population.workers=150",
            "phones.adoption=1",
            "phones.bluetooth_off=0",
            "phones.smartphone_shares=[1,1,1,1,1,1,1,1]",
            "phones.update_lag_mean_days=0",
            "authority.cases=[]",
        ];
        Setup::of_office(&[&all[..], sets].concat())
    }

    fn everybody(setup: &Setup) -> impl Iterator<Item = PersonId> + use<> {
        (0..setup.people.len() as u32).map(PersonId)
    }

    fn day(text: &str) -> DayJst {
        DayJst::parse(text).expect("a date")
    }

    /// Of 4.19 million on 24 June, 0.85 were there on the 19th, 1.79 on the 20th and 3.92 on the 23rd: 20, 43 and 94 %.
    #[test]
    fn people_install_as_they_downloaded() {
        let as_downloaded = ["run.first_day=\"2020-06-17\"", "run.days=8", "phones.installed=\"as_downloaded\""];
        let setup = office(&as_downloaded);
        let days: Vec<DayJst> = everybody(&setup).map(|p| setup.uses.installed_on(p).expect("everybody")).collect();
        let by = |text: &str| days.iter().filter(|d| **d <= day(text)).count() as f64 / days.len() as f64;
        assert_eq!((by("2020-06-18"), by("2020-06-24")), (0.0, 1.0));
        for (text, share) in [("2020-06-19", 0.203), ("2020-06-20", 0.427), ("2020-06-23", 0.936)] {
            assert!((by(text) - share).abs() < 0.07, "{text}: {} of {}", by(text), days.len());
        }
        // Those who would have it at half the adoption are the same, and as quick.
        let half = office(&[&as_downloaded[..], &["phones.adoption=0.5"]].concat());
        let of_half: Vec<DayJst> = everybody(&half).filter_map(|p| half.uses.installed_on(p)).collect();
        assert!((0.4..0.6).contains(&(of_half.len() as f64 / days.len() as f64)));
        let early = of_half.iter().filter(|d| **d <= day("2020-06-20")).count() as f64 / of_half.len() as f64;
        assert!((early - 0.427).abs() < 0.1, "{early}");
        let draws = PhoneDraws::new(setup.seed);
        let mut by_draw: Vec<(f64, DayJst)> = everybody(&setup).map(|p| draws.has_app(p)).zip(days).collect();
        by_draw.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(by_draw.is_sorted_by_key(|(_, day)| *day), "the draw that gives the app gives the day");
        // Nobody is there before the first day of all.
        let before = office(&["run.first_day=\"2020-06-10\"", "run.days=3", "phones.installed=\"as_downloaded\""]);
        assert!(everybody(&before).all(|p| before.uses.absent(p, before.last_day()) == Some(Absent::NotYet)));
    }

    /// Half of those who come to a step stop there, and the first step counts.
    #[test]
    fn who_stops_at_a_step_takes_no_part() {
        let shares = |text: &str| format!("phones.drop_out={{{text}}}");
        let half = office(&[&shares("introduction=0.5,terms=0.5,privacy_policy=0,system_permission=1,notifications=1,guardian=0")]);
        let today = half.first_day;
        let stopped = |step: ConsentStep| {
            let number = everybody(&half).filter(|p| half.uses.absent(*p, today) == Some(Absent::Stopped(step))).count();
            number as f64 / half.people.len() as f64
        };
        let [introduction, terms, permission] = [ConsentStep::Introduction, ConsentStep::Terms, ConsentStep::SystemPermission].map(stopped);
        assert!((introduction - 0.5).abs() < 0.1 && (terms - 0.25).abs() < 0.1, "{introduction} {terms}");
        assert!((introduction + terms + permission - 1.0).abs() < 1e-9);
        assert!(everybody(&half).all(|p| !half.runs(p, today.utc_midnight().day_utc()) && half.world().app_of(p, today).is_none()));
        let before = day("2020-06-18");
        assert!(everybody(&half).all(|p| half.uses.absent(p, before) == Some(Absent::NotYet)));
        let silent = office(&[&shares("introduction=0,terms=0,privacy_policy=0,system_permission=0,notifications=1,guardian=0")]);
        assert!(everybody(&silent).all(|p| silent.uses.absent(p, today).is_none() && !silent.world().gets_notifications(p)));
        assert!(everybody(&silent).all(|p| silent.consent(p) == Some("without_notifications")));
        let nobody = office(&[]);
        assert!(everybody(&nobody).all(|p| nobody.world().gets_notifications(p) && nobody.consent(p) == Some("yes")));
    }

    /// Until 31 March 2022 those under 20 need a guardian's consent, then those under 18.
    #[test]
    fn a_guardian_is_asked_of_minors() {
        for (installed, adult_years) in [("2020-06-19", 20), ("2022-03-31", 20), ("2022-04-01", 18)] {
            let setup = office(&[
                "run.first_day=\"2022-04-10\"",
                &format!("phones.installed=\"{installed}\""),
                "phones.drop_out={introduction=0,terms=0,privacy_policy=0,system_permission=0,notifications=0,guardian=1}",
            ]);
            let ages = &setup.people.age_years;
            assert!([17, 19, 20].iter().all(|age| ages.contains(age)), "{ages:?}");
            for person in everybody(&setup) {
                let is_minor = ages[person.index()] < adult_years;
                let why = is_minor.then_some(Absent::Stopped(ConsentStep::Guardian));
                assert_eq!(setup.uses.absent(person, setup.first_day), why, "{installed}, {} years", ages[person.index()]);
            }
        }
    }

    #[test]
    fn an_old_system_takes_no_release() {
        let setup = office(&[
            "phones.ios_share=0.5",
            "phones.systems=[{os=\"ios\",version=\"13.4\",share=1},{os=\"ios\",version=\"13.5\",share=1}]",
        ]);
        let mut old = 0;
        for person in everybody(&setup) {
            let version = setup.people.system(person).map(|system| system.name.as_str());
            assert_eq!(version.is_some(), setup.os(person) == Os::Ios);
            let why = (version == Some("13.4")).then_some(Absent::SystemTooOld);
            assert_eq!((setup.uses.absent(person, setup.first_day), setup.consent(person) == Some("system_too_old")), (why, why.is_some()));
            old += usize::from(why.is_some());
        }
        let share = old as f64 / setup.people.len() as f64;
        assert!((share - 0.25).abs() < 0.08, "{share}");
        let never = office(&["phones.never_updates_share=1", "phones.installed=\"2020-07-20\"", "run.first_day=\"2021-06-01\""]);
        assert!(everybody(&never).all(|p| never.release(p, never.first_day).is_some_and(|release| release.name == "1.1.2")));
    }

    /// One in ten days in the mean: after ten days 37 % are left. With both, a quarter of departures are deletions.
    #[test]
    fn apps_go_and_come_back() {
        let common = ["run.first_day=\"2020-09-01\"", "run.days=11", "phones.installed=\"2020-09-01\""];
        let setup = |sets: &[&str]| office(&[&common[..], sets].concat());
        let gone = setup(&["phones.uninstalls_a_year=36.525"]);
        let left = everybody(&gone).filter(|p| gone.uses.absent(*p, day("2020-09-11")).is_none()).count() as f64;
        assert!((left / gone.people.len() as f64 - 0.368).abs() < 0.08, "{left} of {}", gone.people.len());
        assert!(everybody(&gone).all(|p| gone.uses.absent(p, day("2020-09-01")).is_none()), "a day at least");
        assert!(everybody(&gone).all(|p| gone.uses.of(p).len() == 1));
        let both = setup(&["phones.uninstalls_a_year=300", "phones.deletes_in_app_a_year=100"]);
        let ends = |why: Absent| both.uses.all().iter().filter(|stretch| stretch.end == Some(why)).count() as f64;
        let deleted = ends(Absent::Deleted) / (ends(Absent::Deleted) + ends(Absent::Uninstalled));
        assert!((deleted - 0.25).abs() < 0.08, "{deleted}");
        let back = setup(&["phones.uninstalls_a_year=300", "phones.reinstalls_share=1", "phones.reinstalls_after_mean_days=0"]);
        for person in everybody(&back) {
            let stretches = back.uses.of(person);
            assert!(stretches.windows(2).all(|two| two[1].from == two[0].until.next()), "the day after");
            assert!(stretches.iter().all(|stretch| stretch.keys_from == stretch.from && stretch.app.day == stretch.from));
        }
        assert!(back.uses.all().len() > 3 * back.people.len());
        let again = setup(&["phones.deletes_in_app_a_year=300", "phones.reinstalls_share=1", "phones.reinstalls_after_mean_days=0"]);
        assert!(again.uses.all().iter().all(|stretch| stretch.keys_from == day("2020-09-01") && stretch.app.day == day("2020-09-01")));
    }

    /// Used from day 0, uninstalled on day 10, installed anew on 15, deleted in the app on 20, begun again on 22.
    #[test]
    fn keys_go_with_an_uninstallation_and_stay_with_a_deletion() {
        let mut setup = office(&[]);
        let app = setup.uses.all()[0].app;
        let stretch = |from: i32, until: i32, end: Option<Absent>, keys_from: i32| {
            let [from, until, keys_from] = [from, until, keys_from].map(DayJst);
            Use { app, from, until, end, keys_from, agreed_on: from }
        };
        let stretches =
            [stretch(0, 10, Some(Absent::Uninstalled), 0), stretch(15, 20, Some(Absent::Deleted), 15), stretch(22, i32::MAX, None, 15)];
        let others: Vec<Use> = setup.uses.of(PersonId(2)).to_vec();
        setup.uses.replace(PersonId(1), &stretches);
        assert_eq!((setup.uses.of(PersonId(1)), setup.uses.of(PersonId(2))), (&stretches[..], &others[..]));
        let absent = |day: i32| setup.uses.absent(PersonId(1), DayJst(day));
        assert_eq!([-1, 0, 9].map(absent), [Some(Absent::NotYet), None, None]);
        assert_eq!([10, 14, 15].map(absent), [Some(Absent::Uninstalled), Some(Absent::Uninstalled), None]);
        assert_eq!([19, 20, 21, 22].map(absent), [None, Some(Absent::Deleted), Some(Absent::Deleted), None]);
        let in_use: Vec<i32> = (-2..25).filter(|d| setup.uses.in_use(PersonId(1), DayUtc(*d))).collect();
        assert_eq!(in_use, (0..10).chain(15..20).chain(22..25).collect::<Vec<_>>());
        let keys = |on: i32| (-2..25).filter(|d| setup.uses.has_key(PersonId(1), DayJst(on), DayUtc(*d))).collect::<Vec<_>>();
        assert_eq!((keys(9), keys(12)), ((0..10).collect(), vec![]));
        assert_eq!((keys(16), keys(20), keys(23)), (vec![15, 16], (15..20).collect(), (15..20).chain(22..24).collect()));
        let ending = |on: i32| setup.uses.ending_on(DayJst(on)).collect::<Vec<_>>();
        assert_eq!((ending(10), ending(20)), (vec![(PersonId(1), Absent::Uninstalled)], vec![(PersonId(1), Absent::Deleted)]));
        assert!([9, 11, 22].iter().all(|on| ending(*on).is_empty()));
    }

    /// iPhones of iOS 14.0 and 14.1 are off from a day between 17 September and 28 October 2020 until the 29th; others never, and none
    /// where F12 is not at work.
    #[test]
    fn a_restored_backup_switches_exposure_notification_off() {
        let setup = |sets: &[&str]| {
            let common = ["run.first_day=\"2020-09-10\"", "run.days=60", "phones.restored_share=1", "phones.ios_share=1"];
            office(&[&common[..], sets].concat())
        };
        let (first, last) = (day("2020-09-17"), day("2020-10-28"));
        for sets in [&[][..], &["app.faults=[\"F12\"]"], &["phones.systems=[{os=\"ios\",version=\"14.1\",share=1}]"]] {
            let restored = setup(sets);
            let mut days = Vec::new();
            for person in everybody(&restored) {
                let stretches = restored.uses.of(person);
                assert_eq!((stretches.len(), stretches[0].end, stretches[1].from), (2, Some(Absent::Restored), last.next()), "{sets:?}");
                assert_eq!(stretches[1].keys_from, stretches[0].keys_from);
                days.push(stretches[0].until);
            }
            assert!(days.iter().all(|d| (first..=last).contains(d)) && days.iter().any(|d| *d < first.plus_days(5)));
            assert!(days.iter().any(|d| *d > last.plus_days(-5)));
        }
        for sets in [
            &["app.faults=\"none\""][..],
            &["app.faults=[\"F6\"]"],
            &["phones.systems=[{os=\"ios\",version=\"13.7\",share=1}]"],
            &["phones.systems=[{os=\"ios\",version=\"14.2\",share=1}]"],
            &["phones.ios_share=0"],
            &["phones.restored_share=0"],
            &["phones.installed=\"2020-11-01\""],
        ] {
            let others = setup(sets);
            assert!(others.uses.all().iter().all(|stretch| stretch.end.is_none()), "{sets:?}");
        }
    }
}
