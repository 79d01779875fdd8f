//! Venue kinds as data: the file, what a venue of the kind is laid out to, and whether it can be.

mod check;
mod config;
mod draws;
mod lay;
mod name;
mod roles;

pub use config::{
    AisleConfig, AislesModel, BedsConfig, BenchConfig, BlockConfig, BreaksModel, Coordinate, DesksConfig, DoorConfig, Drawn, Faces, Facing,
    FloorConfig, FromEnd, Grid, KindConfig, KindRoomConfig, KindWallConfig, Length, MovementConfig, Place, PostConfig, PostModel,
    QueueConfig, QueueModel, RideModel, RoleCarriage, RoleConfig, RoomsAndBedsModel, RoundsModel, SeatOf, SeatsModel, Share,
    StandingConfig, StandingModel, TablesConfig, WorkFloorModel,
};
pub use lay::{Area, Door, Layout, Post, Queue};
pub use name::VenueKind;

#[cfg(test)]
mod tests;
