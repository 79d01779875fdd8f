//! A recorded face-to-face trace (`t i j`, 20 s records) as the source of movement: the plans and insides of `mobility`, replayed.
//!
//! `meetings` bridges a pair's own short gaps, `hall` is the floor, `choreography` leads everybody through it so that the
//! records hold in geometry (`layout` places the members of a group, `tracks` holds one person's way), and `replay` gives
//! days of stances and states how well the records were kept.

mod choreography;
mod hall;
mod layout;
mod meetings;
mod read;
mod replay;
mod shape;
#[cfg(test)]
mod tests;
mod text;
mod tracks;

pub use read::Trace;
pub use replay::{Kept, Replay};
