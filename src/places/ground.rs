//! The floor of a venue as people move about on it: what is the same on every day, worked out once.

use std::sync::OnceLock;

use crate::{
    units::Point,
    venue::kind::{Area, KindConfig, Layout},
};

use super::ways::Network;

/// Who stands about keeps so far from walls and furniture, m.
const CLEARANCE_M: f32 = 0.1;
/// Pieces may touch by rounding, m.
const TOUCH_M: f32 = 0.01;
/// Side of a cell of the floor, m: no more than two people's distance.
pub(super) const CELL_M: f32 = 1.0;
/// A door as near as this to the floor's edge leads out, m.
const EDGE_M: f32 = 0.15;
/// From one place to the next where people look for room, m.
const STEP_M: f32 = 0.25;

/// A layout made ready to move about in.
#[derive(Clone, Debug)]
pub struct Ground {
    layout: Layout,
    body_m: f32,
    columns: usize,
    rows: usize,
    /// Seats and posts, in cells: nobody else stands there, taken or not, nor in lines.
    laid_out: Vec<Vec<Point>>,
    /// Where the entrance is on the floor's edge, and which way is out.
    entrance: (Point, (f32, f32)),
    /// Where people stand who find no place, the nearest to a door first; standing areas come before all else. Many venues never need it.
    spare: OnceLock<Vec<Point>>,
    /// Made when somebody walks.
    network: OnceLock<Network>,
}

impl Ground {
    /// Of a kind's layout.
    pub fn new(kind: &KindConfig, layout: Layout) -> Self {
        let (width_m, depth_m) = layout.floor_m;
        let cells = |m: f32| (m / CELL_M).ceil().max(1.0) as usize;
        let (columns, rows) = (cells(width_m), cells(depth_m));
        let mut ground = Self {
            body_m: kind.floor.body_m,
            columns,
            rows,
            laid_out: vec![Vec::new(); columns * rows],
            entrance: entrance(&layout),
            spare: OnceLock::new(),
            network: OnceLock::new(),
            layout,
        };
        let laid_out: Vec<Point> =
            ground.layout.plan.seats.iter().map(|seat| seat.at).chain(ground.layout.posts.iter().map(|post| post.at)).collect();
        for at in laid_out {
            let cell = ground.cell(at);
            ground.laid_out[cell].push(at);
        }
        ground
    }

    /// What is where.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// How much room somebody takes who stands, m.
    pub(super) fn body_m(&self) -> f32 {
        self.body_m
    }

    pub(super) fn cells(&self) -> usize {
        self.laid_out.len()
    }

    pub(super) fn entrance(&self) -> (Point, (f32, f32)) {
        self.entrance
    }

    pub(super) fn network(&self) -> &Network {
        self.network.get_or_init(|| Network::new(&self.layout))
    }

    pub(super) fn spare(&self) -> &[Point] {
        self.spare.get_or_init(|| self.spare_places())
    }

    fn spare_places(&self) -> Vec<Point> {
        let (width_m, depth_m) = self.layout.floor_m;
        let steps = |m: f32| (1..).map(|i| i as f32 * STEP_M).take_while(move |at| *at < m);
        let all = steps(depth_m).flat_map(|y_m| steps(width_m).map(move |x_m| Point::new(x_m, y_m)));
        let mut places: Vec<(bool, f32, Point)> = all
            .filter(|p| self.has_room(*p))
            .map(|p| {
                let from_door_m = self.layout.doors.iter().map(|door| door.at.distance_m(p)).fold(f32::INFINITY, f32::min);
                (!self.layout.standing.iter().any(|area| holds(area, p)), from_door_m, p)
            })
            .collect();
        places.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        places.into_iter().map(|(_, _, p)| p).collect()
    }

    pub(super) fn cell(&self, p: Point) -> usize {
        let of = |m: f32, cells: usize| ((m / CELL_M).max(0.0) as usize).min(cells - 1);
        of(p.y_m, self.rows) * self.columns + of(p.x_m, self.columns)
    }

    pub(super) fn cells_around(&self, p: Point) -> impl Iterator<Item = usize> + use<> {
        let (columns, rows, cell) = (self.columns, self.rows, self.cell(p));
        let (column, row) = (cell % columns, cell / columns);
        let around = |at: usize, most: usize| at.saturating_sub(1)..(at + 2).min(most);
        around(row, rows).flat_map(move |row| around(column, columns).map(move |column| row * columns + column))
    }

    /// Whether somebody can stand there at all: on the floor, clear of walls, furniture and places that are laid out.
    pub(super) fn has_room(&self, p: Point) -> bool {
        let (width_m, depth_m) = self.layout.floor_m;
        let plan = &self.layout.plan;
        let on_floor = p.x_m >= CLEARANCE_M && p.y_m >= CLEARANCE_M && p.x_m <= width_m - CLEARANCE_M && p.y_m <= depth_m - CLEARANCE_M;
        let nearest = |low: Point, high: Point| Point::new(p.x_m.clamp(low.x_m, high.x_m), p.y_m.clamp(low.y_m, high.y_m));
        on_floor
            && plan.tables.iter().all(|top| p.distance_m(nearest(top.low, top.high)) >= CLEARANCE_M)
            && plan.barriers.iter().filter(|b| b.reaches_ceiling).all(|b| p.from_segment_m(b.from, b.to) >= CLEARANCE_M - TOUCH_M)
            && self.layout.queues.iter().flat_map(|queue| queue.path.windows(2)).all(|two| p.from_segment_m(two[0], two[1]) >= self.body_m)
            && self.cells_around(p).all(|cell| self.laid_out[cell].iter().all(|other| other.distance_m(p) >= self.body_m))
    }
}

/// The first door on the floor's edge, or else where the first door is nearest to it, and the way out.
fn entrance(layout: &Layout) -> (Point, (f32, f32)) {
    let (width_m, depth_m) = layout.floor_m;
    let edges = |p: Point| {
        let left = (p.x_m.abs(), (Point::new(0.0, p.y_m), (-1.0, 0.0)));
        let right = ((width_m - p.x_m).abs(), (Point::new(width_m, p.y_m), (1.0, 0.0)));
        let lower = (p.y_m.abs(), (Point::new(p.x_m, 0.0), (0.0, -1.0)));
        let upper = ((depth_m - p.y_m).abs(), (Point::new(p.x_m, depth_m), (0.0, 1.0)));
        let all = [left, right, lower, upper].into_iter();
        all.min_by(|a, b| a.0.total_cmp(&b.0)).expect("four edges")
    };
    let mut doors = layout.doors.iter().map(|door| edges(door.at));
    let first = doors.next().unwrap_or_else(|| edges(Point::default()));
    let on_edge = |(from_edge_m, _): &(f32, _)| *from_edge_m < EDGE_M;
    std::iter::once(first).chain(doors).find(on_edge).unwrap_or(first).1
}

pub(super) fn holds(area: &Area, p: Point) -> bool {
    p.x_m >= area.low.x_m && p.x_m <= area.high.x_m && p.y_m >= area.low.y_m && p.y_m <= area.high.y_m
}
