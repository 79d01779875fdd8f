//! Venue kinds and floor plans: rooms, seats, walls, screens, materials.
//!
//! A venue's plan is plain data: [`FloorPlan`]. Barriers are straight segments of a material; one that reaches the
//! ceiling separates people (a wall, a glass pane), one that does not (a desk screen) is only something for radio to
//! cross.

mod config;
pub mod kind;
mod plan;
mod reach;
mod slab;

pub use config::{MaterialConfig, VenueConfig};
pub use kind::VenueKind;
pub use plan::{Barrier, FloorPlan, Material, Room, RoomKind, Seat, SeatUse, Table, Venue};
pub use slab::{LossByAngle, Slab};
