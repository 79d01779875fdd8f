//! What came of it: how far everybody came, where warnings were lost, how long steps took, and whom faults struck.

mod delays;
mod funnel;
mod reasons;
mod repairs;
mod rows;

#[cfg(test)]
pub use funnel::lost_its_records;
pub use funnel::{Funnel, STEPS};
pub use reasons::{Contact, reasons};
pub use rows::{delay_rows, repair_rows, responses, screens};
