//! Keyed randomness: every random number is a pure function of (seed, stream, who, whom, when, draw).
//!
//! Nothing here has state that outlives a call, so any number can be evaluated anywhere, in any order, on any thread,
//! and is the same. There is no shared sequential generator in the program.

mod keyed;
mod laws;
mod philox;
mod stream;

pub use keyed::{BLOCKS_AT_ONCE, Keyed, KeyedRng, Seed};
pub use philox::philox4x32_10;
pub use stream::Stream;
