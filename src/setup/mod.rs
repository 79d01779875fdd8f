//! The scenario made ready: everything a run is made of before its first day, and what of it never changes.
//!
//! Files are read, people drawn, floors laid out and movement picked here, and every fault of the scenario that only its files and plans
//! can show is found. Nothing is simulated or written.

mod build;
mod installation;
mod world;

pub(crate) use build::{INSTALLED, Setup};
pub(crate) use installation::Use;
pub(crate) use world::{RegistrationDraw, World};

use crate::scenario::{FaultReport, Loaded};

/// Builds everything a run needs, files included, and drops it: finds every fault without running.
///
/// # Errors
/// Every fault at once.
pub fn check(loaded: &Loaded) -> Result<(), FaultReport> {
    Setup::new(loaded).map(drop)
}
