//! Barriers of a floor by place: of a large floor's hundreds only those near a line are asked what they cost it.

use crate::{units::Point, venue::FloorPlan};

const CELL_M: f32 = 4.0;
/// Of so few all are asked: looking them up would cost more.
const FEW: usize = 24;

/// The barriers that touch each cell of a grid; of a small floor none are listed, and all are meant.
#[derive(Clone, Debug, Default)]
pub struct Barriers {
    low: Point,
    columns: usize,
    rows: usize,
    /// Barriers of cell i: `listed[first[i]..first[i + 1]]`, ascending.
    first: Vec<u32>,
    listed: Vec<u32>,
}

impl Barriers {
    /// Lists a floor's barriers.
    pub fn of(plan: &FloorPlan) -> Self {
        if plan.barriers.len() <= FEW {
            return Self::default();
        }
        let corners = || plan.barriers.iter().flat_map(|b| [b.from, b.to]);
        let low = corners().fold(plan.barriers[0].from, |l, p| Point::new(l.x_m.min(p.x_m), l.y_m.min(p.y_m)));
        let high = corners().fold(plan.barriers[0].from, |h, p| Point::new(h.x_m.max(p.x_m), h.y_m.max(p.y_m)));
        let cells = |length_m: f32| (length_m / CELL_M) as usize + 1;
        let mut out = Self { low, columns: cells(high.x_m - low.x_m), rows: cells(high.y_m - low.y_m), ..Self::default() };
        let mut cells: Vec<(usize, u32)> = Vec::new();
        for (i, b) in (0..).zip(&plan.barriers) {
            out.cells((b.from, b.to)).for_each(|cell| cells.push((cell, i)));
        }
        cells.sort_unstable();
        out.first = (0..=out.columns * out.rows).map(|cell| cells.partition_point(|(of, _)| *of < cell) as u32).collect();
        out.listed = cells.into_iter().map(|(_, i)| i).collect();
        out
    }

    /// Looks up the barriers that may touch a box, ascending; whether it did, or else any of the floor may.
    pub(super) fn within(&self, corners: (Point, Point), found: &mut Vec<u32>) -> bool {
        found.clear();
        if self.first.is_empty() {
            return false;
        }
        for cell in self.cells(corners) {
            found.extend_from_slice(&self.listed[self.first[cell] as usize..self.first[cell + 1] as usize]);
        }
        found.sort_unstable();
        found.dedup();
        true
    }

    /// The cells of the box between two corners.
    fn cells(&self, (a, b): (Point, Point)) -> impl Iterator<Item = usize> + use<> {
        let index = |m: f32, of: usize| ((m / CELL_M).max(0.0) as usize).min(of - 1);
        let column = |x_m: f32| index(x_m - self.low.x_m, self.columns);
        let row = |y_m: f32| index(y_m - self.low.y_m, self.rows);
        let (rows, number) = (row(a.y_m.min(b.y_m))..=row(a.y_m.max(b.y_m)), self.rows);
        (column(a.x_m.min(b.x_m))..=column(a.x_m.max(b.x_m))).flat_map(move |c| rows.clone().map(move |r| c * number + r))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        encounter::line::{Front, line_of_sight},
        venue::{Barrier, LossByAngle, Material},
    };

    proptest! {
        /// Looked up or all asked, a line meets the same.
        #[test]
        fn a_line_meets_the_same_by_place(
            walls in prop::collection::vec((0.0..60.0f32, 0.0..40.0f32, -9.0..9.0f32, -9.0..9.0f32), FEW + 1..60),
            lines in prop::collection::vec((-5.0..65.0f32, -5.0..45.0f32, -5.0..65.0f32, -5.0..45.0f32), 20),
        ) {
            let barrier = |&(x, y, dx, dy): &(f32, f32, f32, f32)| {
                let (from, to) = (Point::new(x, y), Point::new(x + dx, y + dy));
                Barrier { from, to, material: 0, reaches_ceiling: dx > 0.0 }
            };
            let materials = vec![Material { name: "glass".into(), loss: LossByAngle::constant(3.0) }];
            let plan = FloorPlan { materials, barriers: walls.iter().map(barrier).collect(), ..FloorPlan::default() };
            let listed = Barriers::of(&plan);
            let mut front = Front::default();
            for (x0, y0, x1, y1) in lines {
                let (a, b) = (Point::new(x0, y0), Point::new(x1, y1));
                prop_assert_eq!(front.line(a, b, &plan, &listed), line_of_sight(a, b, &plan));
            }
        }
    }
}
