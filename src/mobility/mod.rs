//! Where people are: plans, visits, and stances inside a venue; generated, or replayed from a trace.
//!
//! Everything is a pure function of (scenario, seed, day): a day's stances do not depend on any other day having been
//! computed. Poses that last over midnight are drawn from the night they belong to, so both days draw the same pose.

mod carry;
mod config;
mod contacts;
mod generated;
mod home;
mod office;
mod pairs;
mod stance;

pub use config::{Between, CarriageWeights, ContactsConfig, Facing, MobilityConfig, PairsConfig, PlacementConfig, Source, WorkConfig};
pub use contacts::{Kept, Replay, Trace};
pub use generated::Generated;
pub use pairs::Pairs;
pub use stance::{Carriage, DayPlan, NO_ROOM, PerCarriage, Stance, VenueDay, Visit};
