//! Everything a run is made of before its first day.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use crate::{
    air::{Beacons, Transmitter},
    app::{Absent, Configuration, FaultSet, Mechanism, Release, ReleaseDates, Rule, released_rules, rules_of_configuration, whole_history},
    authority::{CaseHistory, GuessingConfig},
    city::{self, CityKinds},
    encounter::Barriers,
    faults::{Faults, nearest, use_one_of},
    history::{Downloads, Setting, SettingValue, Timeline},
    ids::PersonId,
    inputs::{Input, Inputs, name_of},
    mobility::{Movement, NO_ROOM, Source},
    places,
    population::{Hands, HandsConfig, OffHours, Os, Outages, People, PhoneDraws, PhonesConfig, TracePeople, Working},
    radio::{CalibrationTable, Devices, Environment, RadioModel, loudest_ceiling_db},
    random::Seed,
    scenario::{FaultReport, Loaded, ScenarioFile, baseline_phones},
    server::key_level,
    time::{DayJst, DayUtc, UnixSeconds},
    traces::{Replay, Trace},
    venue::{FloorPlan, VenueKind},
};

use super::{
    cases::Cases,
    installation::{Plans, Uses},
    world::World,
};

/// Name of the rule "whatever this phone's own release and system reported".
pub const INSTALLED: &str = "installed";

/// The unchanging world of a run.
pub struct Setup {
    /// The scenario.
    pub scenario: ScenarioFile,
    /// The files that it names.
    pub inputs: Vec<Input>,
    /// Its seed.
    pub seed: Seed,
    /// First simulated day: of the warm-up, where there is one.
    pub first_day: DayJst,
    /// Number of simulated days (a trace brings its own where none is stated).
    pub days: u32,
    /// Of these, days of the warm-up, which no figure tells of.
    pub warm_up_days: u32,
    /// Everybody.
    pub people: People,
    /// Whose phone's operation log is kept.
    pub log_person: Option<PersonId>,
    /// The known faults of the system that are at work.
    pub faults: FaultSet,
    /// What is in force when.
    pub timeline: Timeline,
    /// When each release came out.
    pub releases: ReleaseDates,
    /// When each phone has the app in use.
    pub uses: Uses,
    /// Who has whose phone.
    pub hands: Hands,
    /// Days on which phones stop.
    pub outages: Outages,
    /// Hours in which phones are off.
    pub off: OffHours,
    /// How people move.
    pub movement: Movement,
    /// The trace that they move by, if it is one.
    pub replay: Option<Arc<Replay>>,
    /// Of each floor plan the barriers by place.
    pub barriers_by_place: Vec<Barriers>,
    /// The radio model.
    pub radio: RadioModel,
    /// Every phone's calibration.
    pub devices: Devices,
    /// Every phone's keys and identifiers.
    pub beacons: Beacons,
    /// All rules: the released ones, then those of configuration files.
    pub rules: Vec<Rule>,
    /// What it is about, in a line.
    pub title: String,
    /// The cases.
    pub cases: Vec<(PersonId, CaseHistory)>,
    /// Who tries numbers that are not theirs, and when, Unix seconds.
    pub guessing: Vec<(PersonId, i64, GuessingConfig)>,
    /// Names of what can stand between two people; 0 = "none".
    pub barriers: Vec<String>,
    /// Code of each material (by index in every plan) among `barriers`.
    pub barrier_codes: Vec<u16>,
    /// Kinds of the venues, in order of name.
    pub venue_kinds: Vec<VenueKind>,
    /// Radio reach by venue kind, m.
    reach_m: Vec<OnceLock<f32>>,
    /// Attenuation at which the most sensitive receiver hears nothing of the loudest transmitter, dB.
    ceiling_db: f32,
}

impl Setup {
    /// Builds the world.
    ///
    /// # Errors
    /// Every fault found in the scenario's files and plans; nothing has been written then.
    pub fn new(loaded: &Loaded) -> Result<Self, FaultReport> {
        let mut faults = Faults::default();
        let setup = Self::build(loaded, &mut faults);
        setup.filter(|_| faults.is_empty()).ok_or_else(|| loaded.locate(&faults))
    }

    fn build(loaded: &Loaded, faults: &mut Faults) -> Option<Self> {
        let scenario = loaded.scenario.clone();
        let seed = Seed(scenario.run.seed);
        let reported_from = scenario.first_day()?;
        let warm_up_days = scenario.run.warm_up_days;
        let first_day = reported_from.plus_days(-(warm_up_days as i32));
        let installs = scenario.phones.installed()?;
        let mut inputs = Inputs(loaded.kinds.inputs.clone());
        let calibration = CalibrationTable::open(&scenario.radio.calibration, &loaded.base_dir("radio.calibration"), &mut inputs, faults);
        if faults.is_empty() {
            check_phones(&scenario, &calibration, faults);
        }
        let radio = RadioModel::new(&scenario.radio, seed);
        let materials = scenario.venue.materials(faults);
        let mut days = warm_up_days + scenario.run.days;
        let (people, movement, replay) = match scenario.mobility.source {
            Source::Generated => {
                let people = People::generate(&scenario.population, &scenario.phones, seed);
                let kinds = loaded.kinds.generated(&scenario, faults)?;
                let movement = Movement::generated(&scenario.mobility, &kinds, &materials, &people, seed);
                (people, movement, None)
            }
            Source::City => {
                let people = city_of(loaded, seed, &mut inputs, faults)?;
                let kinds = CityKinds::new(|name| loaded.kinds.named(name), faults)?;
                let movement = city::movement(&scenario.mobility, kinds, &materials, &people, seed)?;
                (people, movement, None)
            }
            Source::Pairs => {
                let people = People::generate(&scenario.population, &scenario.phones, seed);
                let floor = loaded.kinds.named(VenueKind::OFFICE.name())?.lay_out(&materials, seed, 0).plan;
                let movement = Movement::pairs(&scenario.mobility, floor, &people, radio.phone_offsets(), seed, faults)?;
                (people, movement, None)
            }
            Source::Venues => {
                let kinds = scenario.mobility.venues.iter().filter_map(|venues| loaded.kinds.named(&venues.kind)).collect();
                check_people(&scenario, faults);
                if !faults.is_empty() {
                    return None;
                }
                let people = People::generate(&scenario.population, &scenario.phones, seed);
                let movement = places::movement(&scenario.mobility, kinds, &materials, &people, seed);
                (people, movement, None)
            }
            Source::Contacts => {
                let trace = read_trace(loaded, &mut inputs, faults)?;
                let brought = TracePeople {
                    labels: trace.labels.clone(),
                    department: trace.department.clone(),
                    departments: trace.departments.clone(),
                    age_shares: scenario.mobility.contacts.age_shares.clone(),
                    work_here: scenario.mobility.contacts.at_work,
                };
                let people = People::from_trace(&brought, &scenario.population, &scenario.phones, seed);
                days = trace.days.len() as u32;
                let (movement, replay) = Replay::lay_out(trace, &scenario.mobility, materials, first_day, seed);
                movement.check(&people.label, (first_day, days), "mobility.file", faults);
                scenario.authority.check_days(days, "authority.cases", faults);
                (people, movement, Some(replay))
            }
        };
        people.check_adoption(&scenario.phones, faults);
        let timeline = Timeline::of(&whole_history(), &scenario.timeline);
        let releases = ReleaseDates::of(&timeline);
        let at_work = FaultSet::of(&scenario.app.faults);
        let last_day = first_day.plus_days(days as i32 - 1);
        let uses = Uses::new(
            &people,
            &Plans {
                config: &scenario.phones,
                installs,
                timeline: &timeline,
                releases: &releases,
                faults: at_work,
                last_day,
                draws: PhoneDraws::new(seed),
                downloads: Downloads::published(),
            },
        );
        let begins = |phone: PersonId| Some(DayUtc(uses.of(phone).first()?.from.0));
        let PhonesConfig { swapped_share, passed_on_a_year, second_share, .. } = scenario.phones;
        let hands = Hands::new(HandsConfig { swapped_share, passed_on_a_year, second_share }, &people.household, begins, seed);
        let cases = Cases {
            scenario: &scenario,
            people: &people,
            uses: &uses,
            hands: &hands,
            timeline: &timeline,
            sms_backlog_s: at_work.in_system_s(Mechanism::ExpiredInTransit),
            first_day: reported_from,
            simulated: (first_day, last_day),
            seed,
        };
        let cases = cases.all(faults);
        let log_person = scenario.output.phone_log.person().and_then(|number| match people.label.binary_search(&number) {
            Ok(person) if people.has_app[person] => Some(PersonId(person as u32)),
            found => {
                let problem = if found.is_ok() { "this person never has the app" } else { "nobody has this number" };
                faults.push("output.phone_log", problem, "name somebody who has it (table people, app_version)");
                None
            }
        });
        let mut guessing = Vec::new();
        for (i, config) in scenario.authority.guessing.iter().enumerate() {
            match people.label.binary_search(&config.person) {
                Ok(person) => {
                    let noon_s = reported_from.plus_days(config.day).start().0 + 12 * 3600;
                    guessing.push((PersonId(person as u32), noon_s, config.clone()));
                }
                Err(_) => {
                    let last = people.label.last().copied().unwrap_or(0);
                    let remedy = format!("use a number of the people table, at most {last}");
                    faults.push(format!("authority.guessing[{i}].person"), "nobody has this number", remedy);
                }
            }
        }
        let rules = rules(loaded, &mut inputs, faults);
        if !rules.iter().any(|r| r.name == scenario.accuracy.headline_rule) {
            let remedy = use_one_of(&scenario.accuracy.headline_rule, rules.iter().map(|r| r.name.as_str()));
            faults.push("accuracy.headline_rule", "no rule of this name", remedy);
        }
        let carried = people.model.iter().flatten().collect::<BTreeSet<_>>();
        let ceiling_db = loudest_ceiling_db(&scenario.radio, &calibration, carried.into_iter().map(|m| &people.models[*m as usize]));
        let venue_kinds: Vec<_> = movement.venues().iter().map(|venue| venue.kind).collect::<BTreeSet<_>>().into_iter().collect();
        let mut barriers = vec!["none".to_string()];
        barriers.extend(scenario.venue.materials.keys().cloned());
        Some(Self {
            title: loaded.title(),
            faults: at_work,
            timeline,
            releases,
            uses,
            log_person,
            hands,
            outages: Outages::new(&scenario.phones, seed),
            off: OffHours::new(&scenario.phones.off, seed),
            devices: Devices::draw(&scenario.radio, &calibration, &people, seed),
            beacons: Beacons::new(&scenario.gaen, seed),
            rules,
            barrier_codes: (1..barriers.len() as u16).collect(),
            reach_m: vec![OnceLock::new(); venue_kinds.len()],
            venue_kinds,
            ceiling_db,
            scenario,
            inputs: inputs.0,
            seed,
            first_day,
            days,
            warm_up_days,
            people,
            barriers_by_place: movement.plans().iter().map(Barriers::of).collect(),
            movement,
            replay,
            radio,
            cases,
            guessing,
            barriers,
        })
    }

    /// What the system around the phones needs to know.
    pub fn world(&self) -> World<'_> {
        World {
            timeline: &self.timeline,
            releases: &self.releases,
            authority: &self.scenario.authority,
            server: &self.scenario.server,
            app: &self.scenario.app,
            faults: self.faults,
            gaen: &self.scenario.gaen,
            people: &self.people,
            phones: &self.scenario.phones,
            uses: &self.uses,
            off: &self.off,
            hands: &self.hands,
            beacons: &self.beacons,
            cases: &self.cases,
            log_person: self.log_person,
            first_day: self.first_day,
            guessing: &self.guessing,
            seed: self.seed,
        }
    }

    /// How far phones hear each other in a kind of venue, m; found when first asked for.
    pub fn reach_m(&self, kind: VenueKind) -> f32 {
        let reach_m = |environment: &Environment| self.radio.reach_m(environment, self.ceiling_db);
        // In the environment that reaches farthest of all rooms of venues of the kind, and between these.
        let find = || {
            let of_kind = self.movement.venues().iter().filter(|venue| venue.kind == kind);
            let numbers: BTreeSet<usize> = of_kind.map(|venue| venue.plan).collect();
            let none = FloorPlan::default();
            let stated = numbers.iter().map(|plan| &self.movement.plans()[*plan]);
            let plans = stated.chain(numbers.is_empty().then_some(&none));
            let names = plans.flat_map(|plan| {
                let rooms = (0..plan.rooms.len() as u16).chain([NO_ROOM]);
                rooms.map(move |room| self.radio.environment_name(plan, room, room))
            });
            let names: BTreeSet<&str> = names.collect();
            names.into_iter().filter_map(|name| self.radio.environment_named(name)).map(reach_m).fold(0.0, f32::max)
        };
        // A world without venues has a reach too, of the kind that stands for its place.
        let known = self.venue_kinds.iter().position(|known| *known == kind);
        known.map_or_else(find, |kind| *self.reach_m[kind].get_or_init(find))
    }

    /// The number of the headline's rule.
    pub fn headline_rule(&self) -> usize {
        self.rules.iter().position(|r| r.name == self.scenario.accuracy.headline_rule).unwrap_or(0)
    }

    /// What a phone's advertisements carry besides the identifier.
    pub fn transmitter(&self, person: PersonId) -> Transmitter {
        Transmitter {
            tx_power_dbm: self.devices.tx_power_dbm[person.index()],
            calibration_confidence: self.devices.confidence[person.index()],
        }
    }

    /// The kind of the place that everybody of the scenario shares: venue 0.
    pub fn place_kind(&self) -> VenueKind {
        self.movement.venues().first().map_or(VenueKind::OFFICE, |venue| venue.kind)
    }

    /// When the picture of that place is taken, seconds after midnight JST: at 10:40, or in a venue of a kind from a file in the middle of the
    /// usual visit of its first role.
    pub fn shown_second_of_day(&self) -> i64 {
        let first = self.scenario.mobility.venues.first().filter(|_| self.scenario.mobility.source == Source::Venues);
        let when = first.and_then(|venues| venues.when(venues.roles.first()?));
        when.map_or(10 * 3600 + 40 * 60, |when| when.middle_s().min(24 * 3600 - 1))
    }

    /// A running phone's system.
    pub fn os(&self, person: PersonId) -> Os {
        self.people.os(person).unwrap_or(Os::Ios)
    }

    /// The settings that have dates, but for the releases: name, value, and from when until when it holds, Unix seconds.
    pub fn dated_settings(&self) -> impl Iterator<Item = (&'static str, &SettingValue, (i64, i64))> {
        let all = self.timeline.spans().filter(|(setting, ..)| ![Setting::ReleaseIos, Setting::ReleaseAndroid].contains(setting));
        all.map(|(setting, value, span_s)| (setting.name(), value, span_s))
    }

    /// The release on a person's phone on a day; `None` without the app, or while it is not in use.
    pub fn release(&self, person: PersonId, day: DayJst) -> Option<&'static Release> {
        self.uses.on(person, day)?.app.release(&self.releases, day)
    }

    /// Why a smartphone takes no part on a UTC day; `None` if it does, Bluetooth aside.
    pub fn absent(&self, person: PersonId, day: DayUtc) -> Option<Absent> {
        self.uses.absent(person, DayJst(day.0))
    }

    /// How far a person came with the app's first start, as tables say it; `None` who never installs it.
    pub fn consent(&self, person: PersonId) -> Option<&'static str> {
        self.uses.installed_on(person)?;
        Some(match self.uses.never(person) {
            Some(Absent::Stopped(step)) => step.name(),
            Some(_) => "system_too_old",
            None if self.uses.on(person, self.last_day()).is_some() && !self.world().screen_opens(person, self.last_day()) => "not_again",
            None if self.world().gets_notifications(person) => "yes",
            None => "without_notifications",
        })
    }

    /// The transmission risk level that the server gives to keys at a moment.
    pub fn key_level(&self, at_s: i64) -> i32 {
        key_level(&self.timeline, at_s)
    }

    /// Whether the phone that a person carries takes part on a UTC day.
    pub fn runs(&self, person: PersonId, day: DayUtc) -> bool {
        let takes_part = |phone: PersonId| self.people.bluetooth_on[phone.index()] && self.uses.in_use(phone, day);
        self.hands.carried(person, day).is_some_and(takes_part)
    }

    /// Whether a person carries a smartphone on a UTC day.
    pub fn has_smartphone(&self, person: PersonId, day: DayUtc) -> bool {
        self.hands.carries_private(person, day) || self.os_carried(person, day).is_some()
    }

    /// The system of the phone that a person carries on a UTC day; not of one that never has the app beside another.
    pub fn os_carried(&self, person: PersonId, day: DayUtc) -> Option<Os> {
        self.people.os(self.hands.carried(person, day)?)
    }

    /// Whether somebody carries a phone on a UTC day that is another's on the run's last day.
    pub fn carries_anothers(&self, person: PersonId, day: DayUtc) -> bool {
        self.hands.carried(person, day) != self.hands.own(person, self.last_utc_day())
    }

    /// Whether each person's phone takes part on a UTC day.
    pub fn running(&self, day: DayUtc) -> Vec<bool> {
        (0..self.people.len() as u32).map(|i| self.runs(PersonId(i), day)).collect()
    }

    /// Phones whose keys of a UTC day may ever be published: of cases who will enter a number while that key is young enough, and of who registers
    /// falsely; ascending. What others were heard to send matches nothing.
    pub fn uploaders(&self, day: DayUtc) -> Vec<PersonId> {
        let of_cases = self.cases.iter().filter_map(|(person, case)| {
            let (entered_s, issued_s) = (case.number.entered_s?, case.number.issued.ok()?);
            let phone = self.hands.own(*person, UnixSeconds(entered_s).day_utc())?;
            Some((phone, entered_s, entered_s.max(issued_s + (case.number.life_h * 3600.0) as i64)))
        });
        let guessers = self
            .guessing
            .iter()
            .filter_map(|(person, at_s, _)| Some((self.hands.own(*person, UnixSeconds(*at_s).day_utc())?, *at_s, *at_s)));
        let may_upload = |(_, first_s, last_s): &(PersonId, i64, i64)| {
            let [first, last] = [first_s, last_s].map(|at_s| UnixSeconds(*at_s).day_utc());
            (first.plus_days(-OLDEST_UPLOADED_DAYS)..=last.plus_days(1)).contains(&day)
        };
        of_cases.chain(guessers).filter(may_upload).map(|(person, ..)| person).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Cases whose contacts of a UTC day count, ascending.
    pub fn counting_cases(&self, day: DayUtc) -> Vec<PersonId> {
        let counts = |case: &CaseHistory| case.counting_days(self.scenario.authority.infectious_days_before_onset).contains(&day);
        self.cases.iter().filter(|(_, case)| counts(case)).map(|(person, _)| *person).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The number that tables give to a person.
    pub fn label(&self, person: PersonId) -> u32 {
        self.people.label[person.index()]
    }

    /// Until when a phone works on a day.
    pub fn works(&self, person: PersonId, day: DayJst) -> Working {
        self.outages.of(person, (day.start().0, day.end().0))
    }

    /// When a phone neither advertises nor scans since something of it is off, as far as that touches a span of time: from and to, Unix
    /// seconds.
    pub fn off_s(&self, person: PersonId, span_s: (i64, i64)) -> Vec<(i64, i64)> {
        self.off.spans(person, span_s).map(|(_, off_s)| off_s).collect()
    }

    /// Whether a UTC day was simulated in part: the first (9 hours, to 09:00 JST) and the last (15 hours, from 09:00 JST).
    pub fn is_partial(&self, day: DayUtc) -> bool {
        day == self.first_day.start().day_utc() || day == self.last_utc_day()
    }

    /// The UTC day in which the run ends.
    pub fn last_utc_day(&self) -> DayUtc {
        self.last_day().utc_midnight().day_utc()
    }

    /// The first day that results are about: the scenario's.
    pub fn reported_from(&self) -> DayJst {
        self.first_day.plus_days(self.warm_up_days as i32)
    }

    /// How many days results are about.
    pub fn reported_days(&self) -> u32 {
        self.days - self.warm_up_days
    }

    /// Whether a day lies before those that results are about: in the warm-up, or before a run that has one.
    pub fn is_warm_up(&self, day: DayJst) -> bool {
        self.warm_up_days > 0 && day < self.reported_from()
    }

    /// Whether a moment, Unix seconds, lies before the days that results are about.
    pub fn is_warm_up_s(&self, at_s: i64) -> bool {
        self.is_warm_up(UnixSeconds(at_s).day_jst())
    }

    /// Whether results are about a UTC day: not if it begins in the warm-up, though its last hours lie after.
    pub fn counts(&self, day: DayUtc) -> bool {
        !self.is_warm_up(day.start().day_jst())
    }

    /// Whole UTC days that results are about.
    pub fn whole_utc_days(&self) -> u32 {
        self.reported_days() - 1
    }

    /// Whether the headline counts a UTC day: a whole one, or any if there is no whole one.
    pub fn headline_counts(&self, day: DayUtc) -> bool {
        self.counts(day) && (self.whole_utc_days() == 0 || !self.is_partial(day))
    }

    /// The last day.
    pub fn last_day(&self) -> DayJst {
        self.first_day.plus_days(self.days as i32 - 1)
    }
}

/// Keys of this many days before it is entered in the app may be published, and of the day before those: what was heard around its midnight.
const OLDEST_UPLOADED_DAYS: i32 = 15;

/// Whether there is somebody for every place in a role, and a venue at all.
fn check_people(scenario: &ScenarioFile, faults: &mut Faults) {
    let (needed, there) = (places::people_of(&scenario.mobility.venues), u64::from(scenario.population.workers));
    if scenario.mobility.venues.is_empty() {
        faults.push(
            "mobility.venues",
            "no venue is stated",
            "add [[mobility.venues]] with kind, number and roles, or use another mobility.source",
        );
    } else if needed > there {
        let problem = format!("the venues have {needed} people, and {there} are there to visit them");
        faults.push_mended("population.workers", problem, vec![format!("population.workers={needed}")]);
    }
}

/// A city's people, drawn or from a file.
pub(super) fn city_of(loaded: &Loaded, seed: Seed, inputs: &mut Inputs, faults: &mut Faults) -> Option<People> {
    const FILE: &str = "population.file";
    let ScenarioFile { population, phones, mobility, .. } = &loaded.scenario;
    if mobility.source != Source::City {
        let sets = ["mobility.source=city", "population.people=10000"].map(String::from);
        faults.push_mended("mobility.source", "the scenario is about no city", sets.into());
        return None;
    }
    if population.file.is_empty() {
        return Some(People::city(population.people.number()?, population, phones, seed));
    }
    let path = loaded.base_dir(FILE).join(&population.file);
    match inputs.read(FILE, &path) {
        Ok(bytes) => People::from_file(&name_of(&path), bytes, phones, seed, faults),
        Err(error) => {
            faults.push(FILE, format!("cannot be read: {error}"), "name a CSV or Parquet file of people");
            None
        }
    }
}

fn rules(loaded: &Loaded, inputs: &mut Inputs, faults: &mut Faults) -> Vec<Rule> {
    let mut rules = released_rules();
    for (i, named) in loaded.scenario.app.configurations.iter().enumerate() {
        let path = format!("app.configurations[{i}]");
        let folder = loaded.base_dir(&path);
        let mut texts = Vec::new();
        for (j, file) in named.files.iter().enumerate() {
            match inputs.read_text(format!("{path}.files[{j}]"), &folder.join(file)) {
                Ok(text) => texts.push((file.clone(), text)),
                Err(error) => faults.push(format!("{path}.files"), format!("cannot read {file}: {error}"), "name readable files"),
            }
        }
        match (Configuration::read(&texts, true), Configuration::read(&texts, false)) {
            (Ok((ios, unused)), Ok((android, _))) => {
                rules.extend(rules_of_configuration(&named.name, &ios, &android));
                unused.into_iter().for_each(|p| faults.push(path.clone(), p, "mend the name, or take it out"));
            }
            // Faults do not depend on the system.
            (Err(problems), _) | (_, Err(problems)) => problems.into_iter().for_each(|p| faults.push(path.clone(), p, "mend the file")),
        }
    }
    let mut names: Vec<&str> = rules.iter().map(|r| r.name.as_str()).chain([INSTALLED]).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|w| w[0] == w[1]) {
        faults.push("app.configurations", format!("two rules are named {}", twice[0]), "give each configuration a name of its own");
    }
    rules
}

/// Finds phones that neither the calibration table nor the reference lists, and names of models that are the beginning of none. The
/// baseline's own phones are listed by their makers.
fn check_phones(scenario: &ScenarioFile, table: &CalibrationTable, faults: &mut Faults) {
    let (reference, of_baseline) = (CalibrationTable::reference(), baseline_phones());
    let listed = || table.models().chain(reference.models()).chain(of_baseline.iter().map(String::as_str));
    let near = |name: &str| nearest(name, listed()).map_or_else(String::new, |model| format!("did you mean {model}? "));
    for (i, phone) in scenario.phones.models.iter().enumerate() {
        let path = format!("phones.models[{i}]");
        if table.identifies(&phone.model) {
            continue;
        }
        if !of_baseline.contains(&phone.model) {
            let remedy = format!("{}use radio.calibration with a table that lists it", near(&phone.model));
            faults.push(format!("{path}.model"), "neither the calibration table nor the reference has this model", remedy);
        } else if !table.makers().chain(reference.makers()).any(|maker| maker.eq_ignore_ascii_case(&phone.oem)) {
            let makers: BTreeSet<&str> = table.makers().chain(reference.makers()).collect();
            faults.push(format!("{path}.oem"), "no maker of this name", use_one_of(&phone.oem, makers.iter().copied()));
        }
    }
    let named = [
        ("model_error", scenario.radio.model_error.keys().collect::<Vec<_>>()),
        ("model_floor_dbm", scenario.radio.model_floor_dbm.keys().collect()),
    ];
    for (key, names) in named {
        for name in names.into_iter().filter(|name| !listed().any(|model| model.starts_with(name.as_str()))) {
            let remedy = format!("{}give the name of a model, or its beginning", near(name));
            faults.push(format!("radio.{key}.{name}"), "no model has a name that begins so", remedy);
        }
    }
}

fn read_trace(loaded: &Loaded, inputs: &mut Inputs, faults: &mut Faults) -> Option<Trace> {
    let mobility = &loaded.scenario.mobility;
    if mobility.file.is_empty() {
        faults.push("mobility.file", "no trace named", "add --set mobility.file=PATH, or set mobility.source = \"generated\"");
        return None;
    }
    let path: PathBuf = loaded.base_dir("mobility.file").join(&mobility.file);
    let metadata = (!mobility.metadata.is_empty()).then(|| loaded.base_dir("mobility.metadata").join(&mobility.metadata));
    let days = loaded.states("run.days").then_some(loaded.scenario.run.days);
    Trace::read(&path, metadata.as_deref(), &mobility.contacts, days, inputs, faults)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{SourceArgs, open};

    impl Setup {
        /// The office, with what differs from it.
        pub fn of_office(sets: &[&str]) -> Self {
            let sets = sets.iter().map(|set| (*set).to_string()).collect();
            let loaded = open(&SourceArgs { scenario: "office".into(), sets, ..SourceArgs::default() }).unwrap_or_else(|f| panic!("{f}"));
            Self::new(&loaded).unwrap_or_else(|f| panic!("{f}"))
        }
    }
}
