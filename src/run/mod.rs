//! The flow of a run, checkpoints and progress.
//!
//! [`run`] goes day by day: the system around the phones goes on, people move, and the UTC day that begins is observed venue by venue and pair
//! by pair, judged and written as pairs close; then a checkpoint. A run that was killed or stopped goes on from the last checkpoint, once all
//! that it has finished is found as it was written; visits and stances are not stored but planned again.

mod bridge;
mod end_to_end;
mod error;
mod evening;
mod far_signal;
mod flow;
mod funnel;
mod had;
mod itinerary;
mod judge;
mod observe;
mod options;
mod parts;
mod place;
mod progress;
mod records;
mod replicates;
mod resume;
mod rows;
mod state;
mod summary;
mod system;
mod window;

pub use error::RunError;
pub use flow::run;
pub use observe::Sources;
pub use options::{Outcome, RunOptions};
pub use replicates::run_worlds;
