//! Where people are: plans, visits, and stances inside a venue; generated, or of any other source that has [`Plans`] and [`Insides`].
//!
//! Two functions make up a day. A *plan* says which venues a person visits and looks at that person alone; an *inside* says what
//! those who visit a venue on a day do there and looks at nobody else. Both are pure functions of (scenario, seed, day): a day
//! does not depend on any other day having been computed, nor a person's visits on anybody else's, nor what happens in a venue
//! on who is elsewhere. Poses that last over midnight are drawn from the night they belong to, so both days draw the same pose.

mod carry;
mod city;
mod config;
mod generated;
mod home;
mod line;
mod movement;
mod office;
mod pairs;
mod seating;
mod stance;
mod talks;
mod visit;
mod work;

pub use carry::{Carry, Doing};
pub use city::{ByDay, CityDaysConfig, OpeningHours, SchoolHours};
pub use config::{
    Between, CarriageWeights, ContactsConfig, Facing, MobilityConfig, PairsConfig, PlacementConfig, RoleVisitsConfig, Source,
    VenueVisitsConfig, WorkConfig,
};
pub use generated::GeneratedKinds;
pub use home::HomeLife;
pub use line::{LineConfig, StopConfig, When};
pub use movement::{Insides, Movement, Plans};
pub use office::WorkFloor;
pub use stance::{Carriage, DayPlan, NO_ROOM, PerCarriage, Stance, VenueDay};
pub use visit::{NO_GROUP, Visit, VisitError, check_visits};
pub use work::WorkHours;
