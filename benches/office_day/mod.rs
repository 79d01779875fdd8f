//! The office scenario's first working day as input for benches.

use std::path::Path;

use cocoasim::{
    faults::Faults,
    ids::PersonId,
    inputs::Inputs,
    mobility::{DayPlan, Movement, Stance, VenueDay},
    population::{Os, People},
    radio::{CalibrationTable, Devices, RadioModel, Scan, Scene, loudest_ceiling_db},
    random::Seed,
    scenario::{ScenarioFile, SourceArgs, open},
    time::DayJst,
    venue::{FloorPlan, VenueKind},
};

/// The office of 120 people, everybody with a running phone, so that every pair's link counts.
pub struct OfficeDay {
    pub scenario: ScenarioFile,
    pub generated: Movement,
    pub day: DayJst,
    pub plan: DayPlan,
    pub radio: RadioModel,
    pub reach_m: f32,
    pub devices: Devices,
    pub running: Vec<bool>,
    pub scans: Vec<Vec<Scan>>,
    pub advertises_until_s: Vec<i64>,
    pub barrier_codes: Vec<u16>,
}

impl OfficeDay {
    pub fn new() -> Self {
        let loaded = open(&SourceArgs { scenario: "office".into(), ..SourceArgs::default() }).expect("the office scenario has no fault");
        let scenario = loaded.scenario;
        let (seed, mut faults) = (Seed(1), Faults::default());
        let mut phones = scenario.phones.clone();
        (phones.adoption, phones.bluetooth_off) = (1.0, 0.0);
        let people = People::generate(&scenario.population, &phones, seed);
        let generated =
            Movement::generated(&scenario.mobility, &scenario.venue, &people, seed, &mut faults).expect("the office plan has no fault");
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
            running: vec![true; people.len()],
            advertises_until_s: vec![i64::MAX; people.len()],
            barrier_codes: (1..=scenario.venue.materials.len() as u16).collect(),
            scenario,
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

    pub fn scene<'a>(&'a self, encounters: &'a cocoasim::encounter::Encounters) -> Scene<'a> {
        let (day, plan) = self.office();
        Scene {
            kind: VenueKind::Office,
            plan,
            day,
            encounters,
            running: &self.running,
            scans: &self.scans,
            advertises_until_s: &self.advertises_until_s,
            devices: &self.devices,
            barrier_codes: &self.barrier_codes,
        }
    }
}

/// Runs on one thread: figures are for one core.
pub fn on_one_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread can be started").install(work)
}
