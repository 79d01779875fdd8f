//! Drawing the population: every person from keyed draws, so that one person's draws never move another's.

use rand::RngExt;

use crate::{
    ids::PersonId,
    random::{Keyed, KeyedRng, Seed, Stream},
};

use super::{
    Os, People, PhoneModel, PhonesConfig, PopulationConfig, System,
    adoption::age_band,
    draws::{Drawn, PhoneDraws},
    people::version_of,
};

/// People a trace brings along: ids and departments.
#[derive(Clone, Debug, Default)]
pub struct TracePeople {
    /// The trace's own ids, ascending.
    pub labels: Vec<u32>,
    /// Department of each (index into `departments`), if a metadata file gave one.
    pub department: Vec<Option<u16>>,
    /// Names of departments.
    pub departments: Vec<String>,
    /// How old they are: shares of the ages 0-9, 10-19, ..., 70+. Empty = as the workers of a floor.
    pub age_shares: Vec<f64>,
    /// Whether they work where the trace was recorded.
    pub work_here: bool,
}

/// What a file says of phones, person by person; `None` = nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct PhonesGiven {
    /// The model (index into `People::models`); `None` = no smartphone.
    pub model: Option<Vec<Option<u16>>>,
    /// Where it says nothing of models: the system; `None` = no smartphone.
    pub os: Option<Vec<Option<Os>>>,
    /// Whether COCOA is ever installed.
    pub has_app: Option<Vec<bool>>,
    /// Whether Bluetooth is on.
    pub bluetooth_on: Option<Vec<bool>>,
}

/// First year and width of the Labour Force Survey's age bands.
const WORKER_AGE_BAND_FROM_YEARS: [u8; 6] = [15, 25, 35, 45, 55, 65];
const WORKER_AGE_BAND_YEARS: u8 = 10;
/// Nobody on the floor is younger than this (assumption: full-time office work).
const YOUNGEST_WORKER_YEARS: u8 = 18;
/// Nobody of a trace is this old or older.
const OLDEST_YEARS: u8 = 90;

impl People {
    /// Draws the workers of the floor and the households they live in. Workers come first (person = desk order), then
    /// everybody else, household by household.
    ///
    /// The size of a worker's household is drawn from the census shares weighted by size (a person is found in a
    /// household in proportion to the people in it). Weakness: all members follow the one worker's age; two workers of
    /// the floor never share a home.
    pub fn generate(population: &PopulationConfig, phones: &PhonesConfig, seed: Seed) -> Self {
        let mut people = Self {
            departments: (0..population.departments).map(|d| format!("dept-{:02}", d + 1)).collect(),
            ..Self::without_anybody(phones)
        };
        let workers = population.workers;
        let person_shares: Vec<f64> =
            population.household_size_shares.iter().enumerate().map(|(i, share)| share * (i + 1) as f64).collect();
        let household_stream = Keyed::new(seed, Stream::Household);
        let mut others = Vec::new();
        for worker in 0..workers {
            let mut rng = household_stream.rng(worker, 0, 0);
            let age = worker_age_years(&mut rng, population);
            let department = (u64::from(worker) * u64::from(population.departments) / u64::from(workers)) as u16;
            people.push_person(worker, age, Some(department));
            let size = pick(&mut rng, &person_shares) + 1;
            for member in 1..size {
                others.push((worker, member_age_years(&mut rng, age, member, size, population.couple_share)));
            }
        }
        for (household, age) in others {
            people.push_person(household, age, None);
        }
        people.label = (0..people.household.len() as u32).collect();
        people.draw_phones(phones, seed);
        people
    }

    /// The people of a replayed trace, each a household of their own: a trace says nothing about homes, nor about ages.
    pub fn from_trace(trace: &TracePeople, population: &PopulationConfig, phones: &PhonesConfig, seed: Seed) -> Self {
        let mut people = Self { departments: trace.departments.clone(), ..Self::without_anybody(phones) };
        let stream = Keyed::new(seed, Stream::Household);
        for (i, department) in trace.department.iter().enumerate() {
            let mut rng = stream.rng(i as u32, 0, 0);
            let age = if trace.age_shares.is_empty() {
                worker_age_years(&mut rng, population)
            } else {
                let decade = pick(&mut rng, &trace.age_shares) as u8;
                let is_last = usize::from(decade) + 1 == trace.age_shares.len();
                rng.random_range(decade * 10..if is_last { OLDEST_YEARS } else { decade * 10 + 10 })
            };
            people.push_person(i as u32, age, *department);
            people.works_here[i] = trace.work_here;
        }
        people.label.clone_from(&trace.labels);
        people.draw_phones(phones, seed);
        people
    }

    /// Nobody yet, with the phones that there are.
    pub(super) fn without_anybody(phones: &PhonesConfig) -> Self {
        Self { models: models(phones), systems: systems(phones), ..Self::default() }
    }

    fn push_person(&mut self, household: u32, age_years: u8, department: Option<u16>) {
        self.household.push(household);
        self.age_years.push(age_years);
        self.works_here.push(department.is_some());
        self.department.push(department);
    }

    pub(super) fn draw_phones(&mut self, config: &PhonesConfig, seed: Seed) {
        self.draw_phones_given(config, seed, &PhonesGiven::default());
    }

    /// Draws phones as far as they are not given.
    pub(super) fn draw_phones_given(&mut self, config: &PhonesConfig, seed: Seed, given: &PhonesGiven) {
        let (stream, draws) = (Keyed::new(seed, Stream::Phone), PhoneDraws::new(seed));
        let of_os = |os: Os| -> (Vec<f64>, Vec<f64>) {
            let models = config.models.iter().map(|m| if m.os == os { m.share } else { 0.0 });
            let systems = config.systems.iter().map(|system| if system.os == os { system.share } else { 0.0 });
            (models.collect(), systems.collect())
        };
        let (of_ios, of_android) = (of_os(Os::Ios), of_os(Os::Android));
        let mut app_draws = Vec::with_capacity(self.household.len());
        for i in 0..self.household.len() {
            let mut rng = stream.rng(i as u32, 0, 0);
            // Every person makes the same draws in the same order, so that changing one share leaves the rest as it was.
            let (owns, ios, has_app, bluetooth_off) = (rng.random::<f64>(), rng.random::<f64>(), rng.random::<f64>(), rng.random::<f64>());
            let lag = rng.exponential(config.update_lag_mean_days);
            let given_model = given.model.as_ref().map(|all| all[i]);
            let given_os =
                given_model.map(|model| model.map(|m| self.models[usize::from(m)].os)).or_else(|| given.os.as_ref().map(|all| all[i]));
            let os = given_os.flatten().unwrap_or(if ios < config.ios_share { Os::Ios } else { Os::Android });
            let (models, systems) = if os == Os::Ios { &of_ios } else { &of_android };
            let model = given_model.flatten().unwrap_or(pick(&mut rng, models) as u16);
            let has_phone = given_os.map_or(owns < config.smartphone_shares[age_band(self.age_years[i])], |os| os.is_some());
            self.model.push(has_phone.then_some(model));
            app_draws.push(has_app);
            let bluetooth_on = given.bluetooth_on.as_ref().map_or(bluetooth_off >= config.bluetooth_off, |all| all[i]);
            self.bluetooth_on.push(has_phone && bluetooth_on);
            let person = PersonId(i as u32);
            let updates = draws.of(person, Drawn::NeverUpdates, 0) >= config.never_updates_share;
            self.update_lag_days.push(if updates { lag.min(f64::from(u16::MAX)) as u16 } else { u16::MAX });
            let is_stated = has_phone && systems.iter().any(|share| *share > 0.0);
            self.system.push(is_stated.then(|| at_share(draws.of(person, Drawn::System, 0), systems) as u8));
        }
        self.app_chances = self.app_chances(config);
        let has_app = |(person, draw): (PersonId, f64)| {
            let drawn = draw < self.app_chance(person);
            self.model[person.index()].is_some() && given.has_app.as_ref().map_or(drawn, |all| all[person.index()])
        };
        self.has_app = (0..).map(PersonId).zip(app_draws).map(has_app).collect();
    }
}

fn systems(config: &PhonesConfig) -> Vec<System> {
    let system = |name: &str| System { name: name.into(), version: version_of(name).unwrap_or_default() };
    config.systems.iter().map(|stated| system(&stated.version)).collect()
}

fn models(config: &PhonesConfig) -> Vec<PhoneModel> {
    config.models.iter().map(|m| PhoneModel { oem: m.oem.clone(), model: m.model.clone(), os: m.os }).collect()
}

/// Age of somebody who works on the floor.
fn worker_age_years(rng: &mut KeyedRng, population: &PopulationConfig) -> u8 {
    let band = pick(rng, &population.worker_age_shares);
    (WORKER_AGE_BAND_FROM_YEARS[band] + rng.random_range(0..WORKER_AGE_BAND_YEARS)).max(YOUNGEST_WORKER_YEARS)
}

/// Age of the `member`-th other person of a worker's household: a partner first (a parent for the young), then children,
/// about 30 years younger than the elder of the couple. Assumption; only coarse age matters here (phones, time at home).
fn member_age_years(rng: &mut KeyedRng, worker_years: u8, member: usize, size: usize, couple_share: f64) -> u8 {
    let worker = i32::from(worker_years);
    let couple = size > 2 || rng.random::<f64>() < couple_share;
    let age = match (member, worker) {
        (_, ..25) => worker + if member <= 2 { rng.random_range(24..35) } else { rng.random_range(-8..3) },
        (1, _) if couple => worker + rng.random_range(-5..6),
        (1, _) => worker + if worker < 45 { rng.random_range(24..35) } else { -rng.random_range(24..35) },
        _ => worker - rng.random_range(25..38),
    };
    age.clamp(0, 95) as u8
}

/// Index drawn in proportion to `shares`; the last positive one if rounding runs past the end.
fn pick(rng: &mut KeyedRng, shares: &[f64]) -> usize {
    at_share(rng.random(), shares)
}

/// The same by a draw from 0 to 1.
fn at_share(draw: f64, shares: &[f64]) -> usize {
    let total: f64 = shares.iter().sum();
    let mut left = draw * total;
    let mut chosen = 0;
    for (i, share) in shares.iter().enumerate() {
        if *share > 0.0 {
            chosen = i;
            left -= share;
            if left < 0.0 {
                break;
            }
        }
    }
    chosen
}
