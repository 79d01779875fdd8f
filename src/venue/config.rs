//! `[venue]` of the scenario file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    RoomKind,
    slab::{LossByAngle, Slab},
};

/// Venues and their floor plans.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VenueConfig {
    /// Barrier materials by name.
    pub materials: BTreeMap<String, MaterialConfig>,
    /// The office floor.
    pub office: OfficeConfig,
    /// Dwellings.
    pub home: HomeConfig,
}

/// A barrier material: a slab by its coefficients and thickness, or one loss for every angle, which wins if both are stated.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MaterialConfig {
    /// Loss of one crossing at 2.44 GHz at every angle, dB.
    #[schemars(range(min = 0, max = 100))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_db: Option<f32>,
    /// ITU-R P.2040: relative permittivity is a f^b, f in GHz.
    #[schemars(range(min = 1, max = 100))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub a: Option<f64>,
    /// See a; 0 unless stated.
    #[schemars(range(min = -5, max = 5))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub b: Option<f64>,
    /// ITU-R P.2040: conductivity is c f^d, S/m, f in GHz; 0 unless stated.
    #[schemars(range(min = 0, max = 100))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub c: Option<f64>,
    /// See c; 0 unless stated.
    #[schemars(range(min = -5, max = 5))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub d: Option<f64>,
    /// Thickness of one slab, mm.
    #[schemars(range(min = 0.1, max = 2000))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thickness_mm: Option<f64>,
    /// Slabs one behind another, their losses added; 1 unless stated.
    #[schemars(range(min = 1, max = 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layers: Option<u32>,
}

impl MaterialConfig {
    /// Loss by angle; `None` if too little is stated.
    pub fn loss(&self) -> Option<LossByAngle> {
        if let Some(loss_db) = self.loss_db {
            return Some(LossByAngle::constant(loss_db));
        }
        let or_0 = |v: Option<f64>| v.unwrap_or(0.0);
        let slab = Slab { a: self.a?, b: or_0(self.b), c: or_0(self.c), d: or_0(self.d), thickness_m: self.thickness_mm? / 1000.0 };
        Some(LossByAngle::of_slabs(&slab, self.layers.unwrap_or(1)))
    }
}

/// The plan of an office floor.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfficeConfig {
    /// Width of the floor, m.
    #[schemars(range(min = 2, max = 1000))]
    pub width_m: f32,
    /// Depth of the floor, m.
    #[schemars(range(min = 2, max = 1000))]
    pub depth_m: f32,
    /// Rooms.
    #[schemars(length(min = 1, max = 1000))]
    pub rooms: Vec<RoomConfig>,
    /// Walls and panes.
    #[schemars(length(max = 10000))]
    pub walls: Vec<WallConfig>,
    /// Islands of desks.
    #[schemars(length(min = 1, max = 10000))]
    pub desk_islands: Vec<DeskIslandConfig>,
    /// Tables with chairs on both long sides.
    #[schemars(length(max = 10000))]
    pub tables: Vec<TableConfig>,
}

/// A rectangular room.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoomConfig {
    /// Name, unique on the floor.
    pub name: String,
    /// What it is for.
    pub kind: RoomKind,
    /// Radio environment of links within it.
    pub environment: String,
    /// Left edge, m.
    pub x0_m: f32,
    /// Lower edge, m.
    pub y0_m: f32,
    /// Right edge, m.
    pub x1_m: f32,
    /// Upper edge, m.
    pub y1_m: f32,
}

/// A straight wall or pane; leave a gap where there is a door.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WallConfig {
    /// One end, m.
    pub x0_m: f32,
    /// One end, m.
    pub y0_m: f32,
    /// Other end, m.
    pub x1_m: f32,
    /// Other end, m.
    pub y1_m: f32,
    /// Material.
    pub material: String,
}

/// Two rows of desks that face each other over a screen.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeskIslandConfig {
    /// Room it stands in.
    pub room: String,
    /// Left edge of the desks, m.
    pub x_m: f32,
    /// Lower edge of the desks, m.
    pub y_m: f32,
    /// Desks in each row.
    #[schemars(range(min = 1, max = 100))]
    pub columns: u32,
    /// Material of the screen between the rows; "" = none.
    pub screen: String,
}

/// A table with chairs on both long sides.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableConfig {
    /// Room it stands in.
    pub room: String,
    /// Left edge, m.
    pub x_m: f32,
    /// Lower edge, m.
    pub y_m: f32,
    /// Width, m.
    #[schemars(range(min = 0.3, max = 100))]
    pub width_m: f32,
    /// Depth, m.
    #[schemars(range(min = 0.3, max = 100))]
    pub depth_m: f32,
    /// Chairs on each long side.
    #[schemars(range(min = 1, max = 100))]
    pub chairs_a_side: u32,
}

/// Dwellings: one common room and a bedroom for every two people.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HomeConfig {
    /// Side of the square common room, m.
    #[schemars(range(min = 2.5, max = 50))]
    pub living_side_m: f32,
    /// Side of a square bedroom, m.
    #[schemars(range(min = 2, max = 50))]
    pub bedroom_side_m: f32,
    /// Material of inner walls.
    pub inner_wall: String,
    /// Distance between the heads of two people who share a bedroom, m.
    #[schemars(range(min = 0.3, max = 5))]
    pub bed_spacing_m: f32,
}
