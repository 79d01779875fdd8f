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

/// Claims are filed by spans of this length, s: most last less.
const SPAN_S: i64 = 3600;
/// Spans of a day; who stays beyond is filed in the last.
const SPANS: i64 = 24;

/// Who stands on the floor of a venue on a day.
#[derive(Clone, Debug)]
pub(super) struct Claims<'a> {
    ground: &'a Ground,
    day_start_s: i64,
    /// Of each cell and span of time the claims that touch it, span by span.
    filed: Vec<Vec<Claim>>,
}

impl<'a> Claims<'a> {
    pub fn new(ground: &'a Ground, day_start_s: i64) -> Self {
        Self { ground, day_start_s, filed: vec![Vec::new(); ground.cells() * SPANS as usize] }
    }

    /// The spans that a time touches, and where the first cell of each stands.
    fn spans(&self, (start_s, end_s): (i64, i64)) -> impl Iterator<Item = usize> + use<> {
        let (cells, span) = (self.ground.cells(), |t_s: i64| ((t_s - self.day_start_s) / SPAN_S).clamp(0, SPANS - 1) as usize);
        (span(start_s)..=span((end_s - 1).max(start_s))).map(move |span| span * cells)
    }

    /// How far it is to the nearest who stands there at that time, m; no more than a cell.
    fn nearest_m(&self, p: Point, (start_s, end_s): (i64, i64)) -> f32 {
        let mut nearest_m = CELL_M;
        for first in self.spans((start_s, end_s)) {
            for cell in self.ground.cells_around(p) {
                for claim in &self.filed[first + cell] {
                    if claim.start_s < end_s && start_s < claim.end_s {
                        nearest_m = nearest_m.min(claim.at.distance_m(p));
                    }
                }
            }
        }
        nearest_m
    }

    /// Whether somebody can stand there at that time, a body from all others.
    pub fn is_free(&self, p: Point, span_s: (i64, i64)) -> bool {
        self.nearest_m(p, span_s) >= self.ground.body_m() && self.ground.has_room(p)
    }

    pub fn take(&mut self, at: Point, (start_s, end_s): (i64, i64)) {
        let cell = self.ground.cell(at);
        self.spans((start_s, end_s)).for_each(|first| self.filed[first + cell].push(Claim { at, start_s, end_s }));
    }

    /// Whoever stands there at a moment goes.
    pub fn give_up(&mut self, at: Point, t_s: i64) {
        let (cell, cells) = (self.ground.cell(at), self.ground.cells());
        let there = self.filed.iter_mut().skip(cell).step_by(cells).flatten();
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
