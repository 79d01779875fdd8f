//! What drawings of a floor plan share: metres to pixels, coordinates along the edges, and colours of materials.

use std::collections::BTreeSet;

use super::canvas::{
    Align, Canvas, Color, Column, GREEN, GREY, INK, ORANGE, PALE, PURPLE, ROOM, SEAT, SKY, SMALL, TABLE, TABLE_EDGE, VERMILLION,
};
use super::format::number;
use super::scale::round_step;

const TOP: f64 = 24.0;
const LEFT: f64 = 72.0;
const RIGHT: f64 = 32.0;
/// Below the plan: the numbers of its axis and the name.
const BELOW: f64 = 84.0;
const MAX_HEIGHT: f64 = 1400.0;
/// Colours of the common materials, and then of any others.
const KNOWN_COLORS: [(&str, Color); 4] = [("concrete", INK), ("plasterboard", ORANGE), ("glass", SKY), ("acrylic", GREEN)];
const OTHER_COLORS: [Color; 3] = [PURPLE, VERMILLION, GREY];

/// Extent of a plan, m.
pub struct Bounds {
    low: (f64, f64),
    high: (f64, f64),
}

impl Bounds {
    /// The extent of points, if they have one.
    pub fn around(points: impl Iterator<Item = (f64, f64)>) -> Option<Self> {
        let mut bounds = Self { low: (f64::MAX, f64::MAX), high: (f64::MIN, f64::MIN) };
        for (x, y) in points {
            bounds.low = (bounds.low.0.min(x), bounds.low.1.min(y));
            bounds.high = (bounds.high.0.max(x), bounds.high.1.max(y));
        }
        let extent_m = (bounds.high.0 - bounds.low.0, bounds.high.1 - bounds.low.1);
        (extent_m.0 > 0.0 && extent_m.1 > 0.0 && (extent_m.0 + extent_m.1).is_finite()).then_some(bounds)
    }
}

/// Metres to pixels, the same in both directions, y up.
pub struct Map {
    bounds: Bounds,
    /// Pixels per metre.
    pub px_per_m: f64,
    left: f64,
    /// Height with the axes.
    pub height: f64,
}

impl Map {
    /// A map of an extent, as wide as the column or as high as a figure may be.
    pub fn new(column: Column, bounds: Bounds) -> Self {
        let (width_m, height_m) = (bounds.high.0 - bounds.low.0, bounds.high.1 - bounds.low.1);
        let room = column.width() - LEFT - RIGHT;
        let px_per_m = (room / width_m).min((MAX_HEIGHT - TOP - BELOW) / height_m);
        let left = LEFT + (room - width_m * px_per_m) / 2.0;
        Self { bounds, px_per_m, left, height: height_m * px_per_m + TOP + BELOW }
    }

    /// The pixel of a point.
    pub fn at(&self, (x_m, y_m): (f64, f64)) -> (f64, f64) {
        (self.left + (x_m - self.bounds.low.0) * self.px_per_m, self.height - BELOW - (y_m - self.bounds.low.1) * self.px_per_m)
    }

    /// Radius of what marks a seat.
    pub fn seat_radius(&self) -> f64 {
        (self.px_per_m * 0.12).max(3.0)
    }

    /// Draws a room's floor.
    pub fn room(&self, canvas: &Canvas, a: (f64, f64), b: (f64, f64)) {
        canvas.rect(self.at(a), self.at(b), ROOM, Some(PALE));
    }

    /// Draws a table top.
    pub fn table(&self, canvas: &Canvas, a: (f64, f64), b: (f64, f64), opacity: f64) {
        canvas.rect(self.at(a), self.at(b), TABLE.faded(opacity), Some(TABLE_EDGE));
    }

    /// Draws a seat.
    pub fn seat(&self, canvas: &Canvas, seat: (f64, f64)) {
        canvas.disc(self.at(seat), self.seat_radius(), SEAT);
    }

    /// Draws coordinates along the left and the lower edge, in metres as scenario files have them.
    pub fn axes(&self, canvas: &Canvas) {
        let Bounds { low, high } = self.bounds;
        let ((left, bottom), (right, top)) = (self.at(low), self.at(high));
        // Far enough apart for the numbers.
        let step = round_step(90.0 / self.px_per_m);
        for x in steps(low.0, high.0, step) {
            let px = self.at((x, low.1)).0;
            canvas.line(&[(px, bottom), (px, bottom + 10.0)], GREY, 2.0);
            canvas.text((px, bottom + 28.0), &number(x, 1), SMALL, GREY, Align::Middle);
        }
        for y in steps(low.1, high.1, step) {
            let py = self.at((low.0, y)).1;
            canvas.line(&[(left - 10.0, py), (left, py)], GREY, 2.0);
            canvas.text((left - 16.0, py), &number(y, 1), SMALL, GREY, Align::Right);
        }
        canvas.line(&[(left, top), (left, bottom), (right, bottom)], GREY, 2.0);
        canvas.text(((left + right) / 2.0, bottom + 60.0), "x and y in m", SMALL, GREY, Align::Middle);
    }
}

/// Multiples of a step in a range.
fn steps(low: f64, high: f64, step: f64) -> impl Iterator<Item = f64> {
    let first = (low / step - 1e-9).ceil();
    // Adding zero turns the −0 that rounding up may give into 0.
    (0..).map(move |i| (first + f64::from(i)) * step + 0.0).take_while(move |at| *at <= high + step * 1e-9)
}

/// The colour of a material among those of a plan: common ones keep theirs, the others follow in turn.
pub fn color_of(material: &str, among: &BTreeSet<&str>) -> Color {
    let known = |material: &str| KNOWN_COLORS.iter().find(|(name, _)| *name == material).map(|(_, color)| *color);
    known(material).unwrap_or_else(|| {
        let place = among.iter().filter(|m| known(m).is_none()).position(|m| *m == material).unwrap_or(0);
        OTHER_COLORS[place % OTHER_COLORS.len()]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_those_of_the_scenario() {
        let bounds = Bounds::around([(0.0, -2.0), (30.0, 18.0)].into_iter()).unwrap();
        let map = Map::new(Column::Wide, bounds);
        let ((x0, y0), (x1, y1)) = (map.at((0.0, -2.0)), map.at((10.0, 8.0)));
        assert!((x1 - x0 - 10.0 * map.px_per_m).abs() < 1e-9 && (y0 - y1 - 10.0 * map.px_per_m).abs() < 1e-9);
        assert_eq!(steps(-2.0, 18.0, 5.0).collect::<Vec<_>>(), [0.0, 5.0, 10.0, 15.0]);
        assert!(steps(-0.4, 1.0, 1.0).next().unwrap().is_sign_positive());
    }
}
