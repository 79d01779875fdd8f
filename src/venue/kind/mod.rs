//! Venue kinds as data: the file, what a venue of the kind is laid out to, and whether it can be.

mod check;
mod config;
mod draws;
mod lay;
mod name;

pub use config::{
    AisleConfig, BedsConfig, BenchConfig, BlockConfig, Coordinate, DesksConfig, DoorConfig, Drawn, Facing, FloorConfig, FromEnd, Grid,
    KindConfig, KindRoomConfig, KindWallConfig, Length, Place, PostConfig, QueueConfig, Share, StandingConfig, TablesConfig,
};
pub use lay::{Area, Door, Layout, Post, Queue};
pub use name::VenueKind;

#[cfg(test)]
mod tests;
