//! The data of a floor plan.

use serde::{Deserialize, Serialize};

use crate::{ids::VenueId, units::Point};

use super::{kind::VenueKind, slab::LossByAngle};

/// A place people stay in.
#[derive(Clone, Debug)]
pub struct Venue {
    /// Its number in the run.
    pub id: VenueId,
    /// What it is.
    pub kind: VenueKind,
    /// Index into the run's list of floor plans (homes share a few).
    pub plan: usize,
}

/// A barrier material.
#[derive(Clone, Debug, PartialEq)]
pub struct Material {
    /// Name as in the scenario (`plasterboard`, `glass`, `acrylic`).
    pub name: String,
    /// Loss of one crossing at 2.44 GHz by angle.
    pub loss: LossByAngle,
}

/// A floor plan, shared by all venues built to it.
#[derive(Clone, Debug, Default)]
pub struct FloorPlan {
    /// Radio environment of links that are not within one room; none = "office".
    pub environment: Option<String>,
    /// Materials that this plan's barriers are made of.
    pub materials: Vec<Material>,
    /// Rooms. They may not overlap; a point in none of them is in a corridor.
    pub rooms: Vec<Room>,
    /// Walls, panes and screens.
    pub barriers: Vec<Barrier>,
    /// Places to sit or lie.
    pub seats: Vec<Seat>,
    /// Desk and table tops, shelves and beds, for drawing.
    pub tables: Vec<Table>,
}

/// What a room is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Desks.
    OpenPlan,
    /// A meeting room.
    Meeting,
    /// Where people make tea and eat.
    Pantry,
    /// A home's common room.
    Living,
    /// A home's bedroom.
    Bedroom,
}

/// A rectangle of floor.
#[derive(Clone, Debug, PartialEq)]
pub struct Room {
    /// Name, unique in the plan.
    pub name: String,
    /// What it is for, where that matters.
    pub use_: Option<RoomKind>,
    /// Radio environment of links with both ends in this room.
    pub environment: String,
    /// Lower-left corner.
    pub low: Point,
    /// Upper-right corner.
    pub high: Point,
}

impl Room {
    /// Whether a point lies in the room (edges included).
    pub fn contains(&self, p: Point) -> bool {
        p.x_m >= self.low.x_m && p.x_m <= self.high.x_m && p.y_m >= self.low.y_m && p.y_m <= self.high.y_m
    }

    /// Lower-left and upper-right corner of where people stand who come for a moment: along the upper edge, 0.5 m from it and from the
    /// sides, half a metre deep. `None` where the room is too small for that.
    pub fn standing_place(&self) -> Option<(Point, Point)> {
        let (low, high) = (Point::new(self.low.x_m + 0.5, self.high.y_m - 1.0), Point::new(self.high.x_m - 0.5, self.high.y_m - 0.5));
        (high.x_m - low.x_m >= 0.1 && low.y_m - self.low.y_m >= 0.5).then_some((low, high))
    }
}

/// A straight barrier.
#[derive(Clone, Debug, PartialEq)]
pub struct Barrier {
    /// One end.
    pub from: Point,
    /// The other end.
    pub to: Point,
    /// Index into the plan's materials.
    pub material: usize,
    /// Whether it reaches the ceiling and so separates people (`truth.walls_separate`).
    pub reaches_ceiling: bool,
}

/// What a seat is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatUse {
    /// A desk of one's own.
    Desk,
    /// A chair at a meeting table.
    Meeting,
    /// A chair in the pantry.
    Pantry,
    /// A chair at the home's dining table.
    Dining,
    /// A place on the sofa or floor of the living room.
    Sofa,
    /// A bed or futon.
    Bed,
    /// A seat in a row, without a table.
    Bench,
}

impl SeatUse {
    /// Of a dwelling: each who lives there has one of each.
    pub const HOME: [Self; 3] = [Self::Dining, Self::Sofa, Self::Bed];
}

/// A place to sit or lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Seat {
    /// Body centre.
    pub at: Point,
    /// Direction faced, radians counter-clockwise from the x axis.
    pub facing_rad: f32,
    /// Index into the plan's rooms.
    pub room: u16,
    /// What it is used for.
    pub use_: SeatUse,
}

/// A table top, for drawing: an axis-parallel rectangle.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Lower-left corner.
    pub low: Point,
    /// Upper-right corner.
    pub high: Point,
}
