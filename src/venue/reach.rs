//! Whether people can get everywhere on a floor: rooms without a door, chairs shut in by walls or furniture.

use std::collections::VecDeque;

use crate::units::Point;

use super::plan::FloorPlan;

/// Side of a cell of the search, m.
const CELL_M: f32 = 0.2;
/// Half a person's width: a walker's middle comes no nearer to a wall or a table, m. With cells of 0.2 m every door of 0.6 m lets people
/// through and none under 0.4 m does.
const HALF_WIDTH_M: f32 = 0.2;
/// Floors larger than this are not searched, m²: a map of them would take too much memory.
const LARGEST_M2: f32 = 160_000.0;
/// From how far a chair is reached, m.
const STEP_M: f32 = 0.4;

/// Where people are to get to.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The key path that it is of.
    pub path: String,
    /// Where.
    pub at: Point,
    /// From how far it is reached, m.
    pub step_m: f32,
}

/// The rooms (by number), and of some targets those, that nobody gets to from a door around solid rectangles; without doors, from the
/// largest part of the floor.
pub(super) fn unreachable(
    plan: &FloorPlan,
    solids: &[(Point, Point)],
    (width_m, depth_m): (f32, f32),
    doors: &[Point],
    targets: &[Target],
) -> (Vec<usize>, Vec<Target>) {
    if width_m * depth_m > LARGEST_M2 {
        return (Vec::new(), Vec::new());
    }
    let parts = components(plan, solids, width_m, depth_m);
    let at_doors = (0..parts.sizes.len() as u32).filter(|part| doors.iter().any(|door| parts.leads_to(*door, STEP_M, &[*part], plan)));
    let from_any: Vec<u32> = if doors.is_empty() { parts.largest().into_iter().collect() } else { at_doors.collect() };
    let is_open = |part: &Option<u32>| part.is_some_and(|part| from_any.contains(&part));
    let rooms = (0..plan.rooms.len()).filter(|i| !parts.of_rectangle(plan.rooms[*i].low, plan.rooms[*i].high).iter().any(is_open));
    let lost = targets.iter().filter(|target| !parts.leads_to(target.at, target.step_m, &from_any, plan)).cloned();
    (rooms.collect(), lost.collect())
}

/// Which cells of the floor hang together.
struct Components {
    columns: usize,
    rows: usize,
    of: Vec<Option<u32>>,
    sizes: Vec<usize>,
}

fn components(plan: &FloorPlan, solids: &[(Point, Point)], width_m: f32, depth_m: f32) -> Components {
    let (columns, rows) = ((width_m / CELL_M).ceil() as usize, (depth_m / CELL_M).ceil() as usize);
    let middle = |c: usize| Point::new(((c % columns) as f32 + 0.5) * CELL_M, ((c / columns) as f32 + 0.5) * CELL_M);
    // Steps that a wall cuts, to the right and up: a wall cuts only steps near it.
    let mut cut = vec![[false; 2]; columns * rows];
    let mut too_near = vec![false; columns * rows];
    let cell = |m: f32, cells: usize| ((m / CELL_M).floor() as i64).clamp(0, cells as i64 - 1) as usize;
    let span = |a: f32, b: f32, cells: usize| cell(a.min(b) - CELL_M, cells)..=cell(a.max(b) + CELL_M, cells);
    for (low, high) in solids {
        for row in span(low.y_m, high.y_m, rows) {
            for column in span(low.x_m, high.x_m, columns) {
                let p = middle(row * columns + column);
                let nearest = Point::new(p.x_m.clamp(low.x_m, high.x_m), p.y_m.clamp(low.y_m, high.y_m));
                too_near[row * columns + column] |= p.distance_m(nearest) < HALF_WIDTH_M - 1e-4;
            }
        }
    }
    for wall in plan.barriers.iter().filter(|b| b.reaches_ceiling) {
        for row in span(wall.from.y_m, wall.to.y_m, rows) {
            for column in span(wall.from.x_m, wall.to.x_m, columns) {
                let c = row * columns + column;
                too_near[c] |= middle(c).from_segment_m(wall.from, wall.to) < HALF_WIDTH_M - 1e-4;
                for (side, ahead) in [(0, column + 1 < columns), (1, row + 1 < rows)] {
                    let next = if side == 0 { c + 1 } else { c + columns };
                    cut[c][side] |= ahead && meet(middle(c), middle(next), wall.from, wall.to);
                }
            }
        }
    }
    let mut found = Components { columns, rows, of: vec![None; columns * rows], sizes: Vec::new() };
    for start in 0..columns * rows {
        if found.of[start].is_some() || too_near[start] {
            continue;
        }
        let id = found.sizes.len() as u32;
        let mut queue = VecDeque::from([start]);
        found.of[start] = Some(id);
        let mut size = 0;
        while let Some(c) = queue.pop_front() {
            size += 1;
            let (column, row) = (c % columns, c / columns);
            let steps = [
                (column + 1 < columns && !cut[c][0], c + 1),
                (row + 1 < rows && !cut[c][1], c + columns),
                (column > 0 && !cut[c.saturating_sub(1)][0], c.wrapping_sub(1)),
                (row > 0 && !cut[c.saturating_sub(columns)][1], c.wrapping_sub(columns)),
            ];
            for (open, next) in steps {
                if open && !too_near[next] && found.of[next].is_none() {
                    found.of[next] = Some(id);
                    queue.push_back(next);
                }
            }
        }
        found.sizes.push(size);
    }
    found
}

/// Whether segment a–b meets segment c–d.
fn meet(a: Point, b: Point, c: Point, d: Point) -> bool {
    let side = |p: Point, q: Point, r: Point| (q.x_m - p.x_m) * (r.y_m - p.y_m) - (q.y_m - p.y_m) * (r.x_m - p.x_m);
    side(a, b, c) * side(a, b, d) <= 0.0 && side(c, d, a) * side(c, d, b) <= 0.0
}

impl Components {
    fn largest(&self) -> Option<u32> {
        (0..self.sizes.len()).max_by_key(|i| self.sizes[*i]).map(|i| i as u32)
    }

    /// Whether somebody in one of some components can step to `at`: from a cell so near, and no wall between.
    fn leads_to(&self, at: Point, step_m: f32, from_any: &[u32], plan: &FloorPlan) -> bool {
        let cells = |m: f32, n: usize| {
            let cell = |m: f32| ((m / CELL_M).floor() as i64).clamp(0, n as i64 - 1) as usize;
            cell(m - step_m)..=cell(m + step_m)
        };
        cells(at.y_m, self.rows).any(|row| {
            cells(at.x_m, self.columns).any(|column| {
                let from = Point::new((column as f32 + 0.5) * CELL_M, (row as f32 + 0.5) * CELL_M);
                self.of[row * self.columns + column].is_some_and(|of| from_any.contains(&of))
                    && from.distance_m(at) <= step_m
                    && !plan.barriers.iter().any(|b| b.reaches_ceiling && meet(from, at, b.from, b.to))
            })
        })
    }

    fn of_rectangle(&self, low: Point, high: Point) -> Vec<Option<u32>> {
        let cells = |from: f32, to: f32, n: usize| {
            let (a, b) = (((from / CELL_M) as usize).min(n - 1), ((to / CELL_M).ceil() as usize).clamp(1, n));
            a..b.max(a + 1)
        };
        let mut ids: Vec<Option<u32>> = Vec::new();
        for row in cells(low.y_m, high.y_m, self.rows) {
            for column in cells(low.x_m, high.x_m, self.columns) {
                let middle = Point::new((column as f32 + 0.5) * CELL_M, (row as f32 + 0.5) * CELL_M);
                let inside = middle.x_m > low.x_m && middle.x_m < high.x_m && middle.y_m > low.y_m && middle.y_m < high.y_m;
                if inside && !ids.contains(&self.of[row * self.columns + column]) {
                    ids.push(self.of[row * self.columns + column]);
                }
            }
        }
        ids
    }
}
