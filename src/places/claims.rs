//! Who stands where from when to when, and where nobody can.

use crate::units::Point;

use super::ground::{CELL_M, Ground};

/// Who waits outside keeps this distance from others and from the edge of the floor, m (assumption; more than what makes a contact).
const OUTSIDE_M: f32 = 1.5;
/// So many stand side by side outside, on each side of the door's middle.
const BESIDE: i32 = 2;

/// A place that somebody holds for a time.
#[derive(Clone, Copy, Debug)]
struct Claim {
    at: Point,
    start_s: i64,
    end_s: i64,
}

/// Who stands on the floor of a venue.
#[derive(Clone, Debug)]
pub(super) struct Claims<'a> {
    ground: &'a Ground,
    by_cell: Vec<Vec<Claim>>,
}

impl<'a> Claims<'a> {
    pub fn new(ground: &'a Ground) -> Self {
        Self { ground, by_cell: vec![Vec::new(); ground.cells()] }
    }

    /// How far it is to the nearest who stands there at that time, m; no more than a cell.
    fn nearest_m(&self, p: Point, (start_s, end_s): (i64, i64)) -> f32 {
        let near = self.ground.cells_around(p).flat_map(|cell| &self.by_cell[cell]);
        near.filter(|c| c.start_s < end_s && start_s < c.end_s).map(|c| c.at.distance_m(p)).fold(CELL_M, f32::min)
    }

    /// Whether somebody can stand there at that time, a body from all others.
    pub fn is_free(&self, p: Point, span_s: (i64, i64)) -> bool {
        self.nearest_m(p, span_s) >= self.ground.body_m() && self.ground.has_room(p)
    }

    pub fn take(&mut self, at: Point, (start_s, end_s): (i64, i64)) {
        self.by_cell[self.ground.cell(at)].push(Claim { at, start_s, end_s });
    }

    /// Whoever stands there at a moment goes.
    pub fn give_up(&mut self, at: Point, t_s: i64) {
        let there = self.by_cell[self.ground.cell(at)].iter_mut();
        let there = there.filter(|claim| claim.at == at && claim.start_s <= t_s && t_s < claim.end_s);
        there.for_each(|claim| claim.end_s = t_s);
    }

    /// Where somebody stands who finds no place: the first that is free, else outside, in rows before the entrance.
    pub fn spare(&self, span_s: (i64, i64)) -> Point {
        let nearest_m = |p: &Point| self.nearest_m(*p, span_s);
        let free = self.ground.spare().iter().copied().find(|p| nearest_m(p) >= self.ground.body_m());
        free.unwrap_or_else(|| self.outside(span_s))
    }

    fn outside(&self, span_s: (i64, i64)) -> Point {
        let (door, (dx, dy)) = self.ground.entrance();
        let place = |row: u32, beside: i32| {
            let (out_m, beside_m) = (row as f32 * OUTSIDE_M, beside as f32 * OUTSIDE_M);
            Point::new(door.x_m + dx * out_m - dy * beside_m, door.y_m + dy * out_m + dx * beside_m)
        };
        let mut places = (1..).flat_map(|row| (-BESIDE..=BESIDE).map(move |beside| place(row, beside)));
        places.find(|p| self.nearest_m(*p, span_s) >= CELL_M).expect("there is no end of rows")
    }
}
