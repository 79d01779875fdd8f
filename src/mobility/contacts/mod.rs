//! A recorded face-to-face trace (`t i j`, 20 s records) as the source of movement.

mod read;
mod replay;
mod shape;
#[cfg(test)]
mod tests;
mod text;

pub use read::Trace;
use read::TraceContact;
pub use replay::Replay;
