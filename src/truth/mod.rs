//! Contact definitions: who was really within reach, for how long, from geometry alone.
//!
//! Four definitions stand side by side, never one number ([`Definition`]). [`Measure`] reads one venue-day; [`Ledger`]
//! joins venues and days, because a run goes on over midnight and belongs to the day it starts.

mod config;
mod ledger;
mod measure;
mod records;

pub use config::TruthConfig;
pub use ledger::Ledger;
pub use measure::{Measure, Touch};
pub use records::{Definition, HalfDay, Nearest, PairDay};
