//! Who was near whom: pair segments in which both poses are simple, and what stood between.

mod segments;

pub use segments::{Between, Encounters, NOTHING_BETWEEN, Pair, Segment};
