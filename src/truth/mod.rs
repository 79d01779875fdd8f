//! Contact definitions: who was really within reach, for how long, from geometry alone.
//!
//! Four definitions stand side by side, never one number ([`Definition`]). [`Measure`] reads what a pair did in one
//! venue; [`Carried`] joins one UTC day to the next, because a run goes on over midnight and belongs to the JST day it starts.

mod config;
mod ledger;
mod measure;
mod records;
mod slots;

pub use config::TruthConfig;
pub use ledger::Carried;
pub use measure::{Measure, Touch};
pub use records::{Definition, HalfDay, Nearest, PairDay};
pub use slots::{Badges, SLOT_S, Slots, join_slots};
