//! The hand-over from physics to bytes: identity goes, identifiers come. The only door through the wall.
//!
//! What a scan heard of a person becomes what a phone stores of an unknown identifier. Behind this door nothing knows
//! who was near whom, or how near.

mod beacons;
mod handover;

pub use beacons::{Beacons, PhoneDay, Rotation, Transmitter};
pub use handover::{Record, Stored, in_order, records};
