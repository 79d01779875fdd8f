//! Verdicts joined to truth: confusion counts, curves, intervals, strata and causes.
//!
//! The unit is an ordered pair (observer, transmitter) and day, "as if the other had been confirmed", for every rule at
//! once; and end to end for the cases of the scenario.

mod causes;
mod config;
mod counts;
mod groups;
mod rates;
mod roc;
mod strata;
mod tally;
mod worlds;

pub use causes::{CauseFacts, CauseRow, Causes, PhoneState};
pub use config::AccuracyConfig;
pub use rates::{Confusion, RATE_ENDS, RATE_NAMES, Rate};
pub use roc::{Roc, RocRow, THRESHOLDS_DB, least_threshold_db};
pub use strata::Strata;
pub use tally::{AccuracyRow, Judged, Mode, Tally, Truths, Universe};
pub use worlds::OverWorlds;
