//! The flow of a run, checkpoints and progress.
//!
//! [`run`] goes day by day: observe (people move, meet, and phones hear), close the day's truth, let the system's events
//! happen, judge the UTC day that has become complete, write the day's parts, checkpoint. A run that was killed or stopped
//! goes on from the last checkpoint, once all that it has finished is found as it was written; what the day before it heard
//! is not stored but observed again.

mod bridge;
mod error;
mod far_signal;
mod flow;
mod funnel;
mod had;
mod judge;
mod observe;
mod replicates;
mod resume;
mod rows;
mod setup;
mod summary;
mod system;

pub use error::RunError;
pub use flow::{Outcome, RunOptions, run};
pub use replicates::run_worlds;

use crate::scenario::{FaultReport, Loaded};

/// Builds everything a run needs, files included, and drops it: finds every fault without running.
///
/// # Errors
/// Every fault at once.
pub fn check(loaded: &Loaded) -> Result<(), FaultReport> {
    setup::Setup::new(loaded).map(drop)
}
