//! Geometry and decibel helpers shared by every room. Plain `f32` fields carry their unit in the name (`_m`, `_db`,
//! `_dbm`, `_s`, `_rad`).

use serde::{Deserialize, Serialize};

use crate::math;

/// A point on a venue's floor, metres from the plan's lower-left corner.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Point {
    /// Metres to the right.
    pub x_m: f32,
    /// Metres up the page.
    pub y_m: f32,
}

impl Point {
    /// A point from its coordinates in metres.
    pub const fn new(x_m: f32, y_m: f32) -> Self {
        Self { x_m, y_m }
    }

    /// Straight-line distance in metres.
    pub fn distance_m(self, other: Self) -> f32 {
        math::hypot(self.x_m - other.x_m, self.y_m - other.y_m)
    }

    /// The point a share `at` (0 to 1) of the way to `other`.
    #[must_use]
    pub fn towards(self, other: Self, at: f32) -> Self {
        Self::new(self.x_m + (other.x_m - self.x_m) * at, self.y_m + (other.y_m - self.y_m) * at)
    }

    /// Distance to the nearest point of the segment from `a` to `b`, m.
    pub fn from_segment_m(self, a: Self, b: Self) -> f32 {
        let (dx, dy) = (b.x_m - a.x_m, b.y_m - a.y_m);
        let length2 = dx * dx + dy * dy;
        let share = if length2 > 0.0 { (((self.x_m - a.x_m) * dx + (self.y_m - a.y_m) * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
        self.distance_m(a.towards(b, share))
    }

    /// Direction to `other`, radians counter-clockwise from the x axis.
    pub fn bearing_rad(self, other: Self) -> f32 {
        math::atan2(other.y_m - self.y_m, other.x_m - self.x_m)
    }

    /// This point after a turn about the origin, counter-clockwise.
    #[must_use]
    pub fn turned(self, by_rad: f32) -> Self {
        let (sin, cos) = math::sin_cos(by_rad);
        Self::new(self.x_m * cos - self.y_m * sin, self.x_m * sin + self.y_m * cos)
    }

    /// The point `distance_m` away in direction `bearing_rad`.
    #[must_use]
    pub fn offset(self, bearing_rad: f32, distance_m: f32) -> Self {
        Self::new(self.x_m + math::cos(bearing_rad) * distance_m, self.y_m + math::sin(bearing_rad) * distance_m)
    }
}
