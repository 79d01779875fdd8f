//! A UTC day observed and judged: who was where, what geometry and radio make of each pair, and what every rule makes of that.
//!
//! [`Sources`] says which pairs matter. Everybody's visits become places, a place's pairs stream through truth and radio, and each pair is
//! judged and counted as it closes. What is left of a pair goes to whoever carries the days on: rows, counts, and what the next day needs.

mod bridge;
pub(crate) mod far_signal;
mod itinerary;
mod judge;
mod observe;
mod parts;
mod place;
mod presence;
mod rows;
mod timing;
mod window;

pub(crate) use bridge::Bridge;
pub(crate) use itinerary::{Itinerary, stays_that_end};
pub(crate) use judge::{Counts, Fired};
pub use observe::Sources;
pub(crate) use observe::{CaseDay, Found, Observer, PairId, count_day};
pub(crate) use parts::Parts;
pub(crate) use presence::{Presence, Spent};
pub(crate) use timing::{Stage, Timing, now};
pub(crate) use window::Window;
