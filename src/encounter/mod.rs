//! Who was near whom: pair segments in which both poses are simple, and what stood between.
//!
//! Work goes pair by pair, not tick by tick: the common time of two people is cut where either changes stance, distance
//! within a piece is closed-form, and what the line of sight crosses is found once a piece.

mod barriers;
mod grid;
mod line;
mod motion;
mod segments;
mod sight;
mod sweep;

pub use barriers::Barriers;
pub use line::{Crossing, crossings, line_of_sight};
pub use motion::Relative;
pub use segments::{Between, NOTHING_BETWEEN, Segment};
pub use sight::Sight;
pub use sweep::{Ranges, Scratch, Sweep};
