//! The office floor's first working day as input for benches.

#[path = "../../tests/support/floor.rs"]
pub mod floor;

use std::path::Path;

use cocoasim::{
    faults::Faults,
    ids::PersonId,
    inputs::Inputs,
    mobility::{DayPlan, Movement, Stance, VenueDay},
    population::{Os, People},
    radio::{CalibrationTable, Devices, RadioModel, Scan, loudest_ceiling_db},
    random::Seed,
    scenario::{ScenarioFile, SourceArgs, open},
    time::DayJst,
    truth::Measure,
    venue::{FloorPlan, VenueKind},
};
use floor::Floor;

/// A day on an office floor.
pub struct OfficeDay {
    pub scenario: ScenarioFile,
    pub people: People,
    pub generated: Movement,
    pub day: DayJst,
    pub plan: DayPlan,
    pub radio: RadioModel,
    pub reach_m: f32,
    pub devices: Devices,
    pub running: Vec<bool>,
    pub scans: Vec<Vec<Scan>>,
    pub barrier_codes: Vec<u16>,
}

impl OfficeDay {
    /// The office of 120 people, everybody with a running phone, so that every pair's link counts.
    pub fn new() -> Self {
        Self::of("office", &["phones.adoption=1", "phones.bluetooth_off=0"])
    }

    /// A scenario with an office floor, and keys set.
    pub fn of(scenario: &str, sets: &[&str]) -> Self {
        let sets = sets.iter().map(ToString::to_string).collect();
        let loaded = open(&SourceArgs { scenario: scenario.into(), sets, ..SourceArgs::default() }).expect("the scenario has no fault");
        let (seed, mut faults) = (Seed(1), Faults::default());
        let kinds = loaded.kinds.generated(&loaded.scenario, &mut faults).expect("office and home have no fault");
        let scenario = loaded.scenario;
        let people = People::generate(&scenario.population, &scenario.phones, seed);
        let generated = Movement::generated(&scenario.mobility, &kinds, &scenario.venue.materials(&mut faults), &people, seed);
        let day = scenario.first_day().expect("the scenario names its first day");
        let plan = generated.day(day, &vec![false; people.len()]);
        let radio = RadioModel::new(&scenario.radio, seed);
        let table = CalibrationTable::open(&scenario.radio.calibration, Path::new(""), &mut Inputs::default(), &mut faults);
        let scans = (0..people.len() as u32)
            .map(PersonId)
            .map(|p| {
                let config = scenario.radio.scan_of(people.os(p).unwrap_or(Os::Ios));
                radio.scan_times.between(p, config, day.start().0, day.end().0)
            })
            .collect();
        Self {
            reach_m: radio.reach_m(
                radio.environment_named("office").expect("the office"),
                loudest_ceiling_db(&scenario.radio, &table, people.models.iter()),
            ),
            devices: Devices::draw(&scenario.radio, &table, &people, seed),
            running: (0..people.len() as u32).map(|p| people.phone_runs(PersonId(p))).collect(),
            barrier_codes: (1..=scenario.venue.materials.len() as u16).collect(),
            scenario,
            people,
            generated,
            day,
            plan,
            radio,
            scans,
        }
    }

    pub fn office(&self) -> (&VenueDay, &FloorPlan) {
        (&self.plan.venue_days[0], &self.generated.plans()[0])
    }

    /// Everybody who came to the office stays at their first still place for the whole day.
    pub fn seat_everybody(&mut self) {
        let (start_s, end_s) = (self.day.start().0, self.day.end().0);
        let stances = &mut self.plan.venue_days[0].stances;
        stances.retain(Stance::is_still);
        stances.dedup_by_key(|s| s.person);
        stances.iter_mut().for_each(|s| (s.start_s, s.end_s) = (start_s, end_s));
    }

    /// All that the phones on the floor need to hear each other.
    pub fn floor(&self) -> Floor<'_> {
        let (day, plan) = self.office();
        Floor {
            kind: VenueKind::OFFICE,
            plan,
            stances: &day.stances,
            phones_m: self.reach_m,
            running: &self.running,
            scans: &self.scans,
            devices: &self.devices,
            barrier_codes: &self.barrier_codes,
        }
    }

    /// How contacts are measured.
    pub fn measure(&self) -> Measure<'_> {
        Measure {
            config: &self.scenario.truth,
            near_m: self.scenario.output.contacts_within_m,
            phone_offset: self.radio.phone_offsets(),
            barrier_codes: &self.barrier_codes,
        }
    }
}

/// Runs on one thread: figures are for one core.
pub fn on_one_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread can be started").install(work)
}
