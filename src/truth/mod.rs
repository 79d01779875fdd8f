//! Contact definitions: who was really within reach, for how long, from geometry alone.

mod config;
mod records;

pub use config::{Between, TruthConfig};
pub use records::{Definition, HalfDay, Nearest, PairDay};
