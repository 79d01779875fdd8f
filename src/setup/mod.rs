//! The scenario made ready: everything a run is made of before its first day, and what of it never changes.
//!
//! Files are read, people drawn, floors laid out and movement picked here, and every fault of the scenario that only its files and plans
//! can show is found. Nothing is simulated or written.

mod build;
mod cases;
mod installation;
mod world;

pub(crate) use build::{INSTALLED, Setup};
pub(crate) use installation::Use;
pub(crate) use world::{RegistrationDraw, World};

use crate::{
    faults::Faults,
    inputs::Inputs,
    population::People,
    random::Seed,
    scenario::{FaultReport, Loaded},
};

/// The people of a scenario's city, drawn or from its file; `None` with faults, also where the scenario is about no city.
pub fn city(loaded: &Loaded, faults: &mut Faults) -> Option<People> {
    build::city_of(loaded, Seed(loaded.scenario.run.seed), &mut Inputs::default(), faults)
}

/// Builds everything a run needs, files included, and drops it: finds every fault without running.
///
/// # Errors
/// Every fault at once.
pub fn check(loaded: &Loaded) -> Result<(), FaultReport> {
    Setup::new(loaded).map(drop)
}
