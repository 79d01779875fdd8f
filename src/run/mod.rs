//! The flow of a run, checkpoints and progress.
//!
//! [`run`] goes day by day: the system around the phones goes on, people move, and `engine` observes and judges the UTC day that begins, whose
//! rows are written as its pairs close; then a checkpoint. A run that was killed or stopped goes on from the last checkpoint, once all
//! that it has finished is found as it was written; visits and stances are not stored but planned again.

mod end_to_end;
mod error;
mod evening;
mod figures;
mod flow;
mod had;
mod memory;
mod options;
mod outcome;
mod progress;
mod replicates;
mod resume;
mod rows;
mod shown;
mod state;
mod summary;
mod system;

pub use error::RunError;
pub use flow::run;
pub use options::{Outcome, RunOptions};
pub use replicates::run_worlds;
