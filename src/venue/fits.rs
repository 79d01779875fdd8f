//! Whether a floor plan can be: nothing stands where something else stands, and every room holds its people.
//!
//! Each piece has at most one fault, against the first piece before it that is in its way.

use std::ops::Range;

use crate::{faults::Faults, units::Point};

use super::plan::{FloorPlan, Room, RoomKind};

/// Two bodies cannot be nearer than this, m: about the depth of a chest.
const BODY_M: f32 = 0.3;
/// A seat nearer than this to a wall stands in it, m.
const CLEARANCE_M: f32 = 0.05;
/// Pieces may touch, and overlap by rounding, m.
const TOUCH_M: f32 = 0.01;
/// Walls on one line may share this much, m: the corner that both of them make.
const CORNER_M: f32 = 0.05;

/// A top with the chairs on both its long sides.
#[derive(Clone, Debug)]
pub(super) struct Furniture {
    /// Its key path.
    pub path: String,
    /// Lower-left corner of the top.
    pub low: Point,
    /// Upper-right corner of the top.
    pub high: Point,
    /// Its chairs among the plan's seats.
    pub seats: Range<usize>,
    /// The chairs' middles from the edge of the top, m.
    pub seat_from_edge_m: f32,
}

/// A wall of a plan.
#[derive(Clone, Debug)]
pub(super) struct Wall {
    /// Its key path.
    pub path: String,
    /// One end.
    pub from: Point,
    /// The other end.
    pub to: Point,
    /// What it is made of.
    pub material: String,
}

/// An axis-parallel rectangle.
#[derive(Clone, Copy, Debug)]
struct Area {
    low: Point,
    high: Point,
}

impl Area {
    fn of(a: Point, b: Point) -> Self {
        Self { low: Point::new(a.x_m.min(b.x_m), a.y_m.min(b.y_m)), high: Point::new(a.x_m.max(b.x_m), a.y_m.max(b.y_m)) }
    }

    fn grown(self, x_m: f32, y_m: f32) -> Self {
        Self { low: Point::new(self.low.x_m - x_m, self.low.y_m - y_m), high: Point::new(self.high.x_m + x_m, self.high.y_m + y_m) }
    }

    fn overlaps(self, other: Self) -> bool {
        self.low.x_m < other.high.x_m && other.low.x_m < self.high.x_m && self.low.y_m < other.high.y_m && other.low.y_m < self.high.y_m
    }

    /// Whether a straight line enters the area: the share of it within each pair of edges, cut one after the other.
    fn is_crossed_by(self, from: Point, to: Point) -> bool {
        let mut within = (0.0f32, 1.0f32);
        for (at, step, low, high) in
            [(from.x_m, to.x_m - from.x_m, self.low.x_m, self.high.x_m), (from.y_m, to.y_m - from.y_m, self.low.y_m, self.high.y_m)]
        {
            if step == 0.0 {
                if at <= low || at >= high {
                    return false;
                }
                continue;
            }
            let (a, b) = ((low - at) / step, (high - at) / step);
            within = (within.0.max(a.min(b)), within.1.min(a.max(b)));
        }
        within.0 < within.1
    }
}

/// One piece of a plan.
#[derive(Clone, Copy)]
enum Piece<'a> {
    Wall(&'a Wall),
    Furniture(&'a Furniture),
}

impl Piece<'_> {
    fn path(&self) -> &str {
        match self {
            Piece::Wall(wall) => &wall.path,
            Piece::Furniture(furniture) => &furniture.path,
        }
    }

    /// Everything that another piece could be in the way of.
    fn reach(&self) -> Area {
        match self {
            Piece::Wall(wall) => Area::of(wall.from, wall.to).grown(CLEARANCE_M, CLEARANCE_M),
            Piece::Furniture(f) => Area::of(f.low, f.high).grown(BODY_M / 2.0, f.seat_from_edge_m + BODY_M / 2.0),
        }
    }
}

/// Finds pieces in each other's way, chairs too near to one another, and rooms too small for those who stand in them. Returns whether
/// there are none.
pub(super) fn check(plan: &FloorPlan, walls: &[Wall], furniture: &[Furniture], faults: &mut Faults) -> bool {
    let pieces: Vec<Piece<'_>> = walls.iter().map(Piece::Wall).chain(furniture.iter().map(Piece::Furniture)).collect();
    // Of each piece the first before it that is in its way, the problem and the remedy.
    let mut found: Vec<Option<(usize, String, &str)>> = vec![None; pieces.len()];
    for_each_near_pair(&pieces, |before, after| {
        if found[after].as_ref().is_none_or(|(first, ..)| before < *first)
            && let Some(problem) = in_the_way(plan, &pieces[before], &pieces[after])
        {
            let both_walls = matches!((&pieces[before], &pieces[after]), (Piece::Wall(_), Piece::Wall(_)));
            let remedy =
                if both_walls { "remove it, or let it begin where the other ends" } else { "move one of the two, or make it smaller" };
            found[after] = Some((before, problem, remedy));
        }
    });
    for (i, f) in furniture.iter().enumerate() {
        let columns = f.seats.len() / 2;
        let pitch_m = (f.high.x_m - f.low.x_m) / columns.max(1) as f32;
        if columns > 1 && pitch_m < BODY_M - TOUCH_M {
            let problem = format!("{columns} chairs a side are {pitch_m:.2} m apart, and a body takes {BODY_M} m");
            found[walls.len() + i] = Some((0, problem, "give it fewer chairs, or make it wider"));
        }
    }
    for (piece, found) in pieces.iter().zip(&found) {
        if let Some((_, problem, remedy)) = found {
            faults.push(piece.path(), problem.clone(), *remedy);
        }
    }
    let pantries = plan.rooms.iter().enumerate().filter(|(_, room)| room.kind == RoomKind::Pantry);
    pantries.for_each(|(i, room)| standing(i, room, furniture, faults));
    found.iter().all(Option::is_none)
}

/// People who come to a pantry stand along its upper edge.
fn standing(i: usize, room: &Room, furniture: &[Furniture], faults: &mut Faults) {
    let Some((low, high)) = room.standing_place() else {
        let (width_m, depth_m) = (room.high.x_m - room.low.x_m, room.high.y_m - room.low.y_m);
        faults.push(
            format!("venue.office.rooms[{i}]"),
            format!("the pantry \"{}\" of {width_m:.2} x {depth_m:.2} m is too small to stand in", room.name),
            "people stand 0.5-1 m below its upper edge and 0.5 m from its sides: make it at least 1.1 m wide and 1.5 m deep",
        );
        return;
    };
    let place = Area { low, high };
    for f in furniture {
        if Area::of(f.low, f.high).grown(-TOUCH_M, f.seat_from_edge_m - TOUCH_M).overlaps(place) {
            faults.push(
                &f.path,
                format!("it stands where people stand in the pantry \"{}\"", room.name),
                format!("with its chairs, keep clear of x {:.2}-{:.2} m, y {:.2}-{:.2} m", low.x_m, high.x_m, low.y_m, high.y_m),
            );
        }
    }
}

/// What is wrong with a piece because of another.
fn in_the_way(plan: &FloorPlan, before: &Piece<'_>, after: &Piece<'_>) -> Option<String> {
    match (before, after) {
        (Piece::Wall(a), Piece::Wall(b)) => shared_m(a, b).filter(|m| *m > CORNER_M).map(|m| {
            let (path, from, to) = (&a.path, a.from, a.to);
            format!("{m:.2} m of it stand in {path} already, from ({}, {}) to ({}, {}) m", from.x_m, from.y_m, to.x_m, to.y_m)
        }),
        (Piece::Wall(wall), Piece::Furniture(f)) | (Piece::Furniture(f), Piece::Wall(wall)) => {
            let Wall { path, from, to, material } = wall;
            let which = format!("the {material} wall {path} from ({}, {}) to ({}, {}) m", from.x_m, from.y_m, to.x_m, to.y_m);
            let top = Area::of(f.low, f.high);
            let in_wall = f.seats.clone().filter(|i| plan.seats[*i].at.from_segment_m(*from, *to) < CLEARANCE_M).count();
            if top.grown(-TOUCH_M, -TOUCH_M).is_crossed_by(*from, *to) {
                Some(format!("{which} goes through it"))
            } else if in_wall > 0 {
                Some(format!("{in_wall} of its {} chairs stand in {which}", f.seats.len()))
            } else {
                let between = top.grown(-TOUCH_M, f.seat_from_edge_m - CLEARANCE_M).is_crossed_by(*from, *to);
                between.then(|| format!("{which} stands between it and its chairs"))
            }
        }
        (Piece::Furniture(a), Piece::Furniture(b)) => {
            let (top_a, top_b) = (Area::of(a.low, a.high), Area::of(b.low, b.high));
            if top_a.grown(-TOUCH_M, -TOUCH_M).overlaps(top_b) {
                return Some(format!("it stands on {}", a.path));
            }
            let seat = |i: usize| plan.seats[i].at;
            let holds = |top: Area, p: Point| top.grown(-TOUCH_M, -TOUCH_M).overlaps(Area::of(p, p));
            if b.seats.clone().any(|i| holds(top_a, seat(i))) || a.seats.clone().any(|i| holds(top_b, seat(i))) {
                return Some(format!("chairs of one stand on the other: it and {}", a.path));
            }
            let near = b.seats.clone().any(|i| a.seats.clone().any(|k| seat(i).distance_m(seat(k)) < BODY_M - TOUCH_M));
            near.then(|| format!("its chairs stand where those of {} stand: people sit at least {BODY_M} m apart", a.path))
        }
    }
}

/// How much of a wall lies on another, m; `None` where they are not on one line. What goes through both would be charged twice.
fn shared_m(a: &Wall, b: &Wall) -> Option<f32> {
    let length_m = a.from.distance_m(a.to);
    if length_m == 0.0 || b.from.distance_m(b.to) == 0.0 {
        return None;
    }
    let (dx, dy) = ((a.to.x_m - a.from.x_m) / length_m, (a.to.y_m - a.from.y_m) / length_m);
    let along_m = |p: Point| (p.x_m - a.from.x_m) * dx + (p.y_m - a.from.y_m) * dy;
    let off_m = |p: Point| ((p.y_m - a.from.y_m) * dx - (p.x_m - a.from.x_m) * dy).abs();
    let (s, t) = (along_m(b.from), along_m(b.to));
    (off_m(b.from) < TOUCH_M && off_m(b.to) < TOUCH_M).then(|| s.max(t).min(length_m) - s.min(t).max(0.0))
}

/// Calls back with the indices (lower first) of every two pieces whose reaches overlap, in no order that matters. Sorted by their left
/// ends, so that a plan spread over the floor costs in proportion to its pieces.
fn for_each_near_pair(pieces: &[Piece<'_>], mut near: impl FnMut(usize, usize)) {
    let reaches: Vec<Area> = pieces.iter().map(Piece::reach).collect();
    let mut order: Vec<usize> = (0..pieces.len()).collect();
    order.sort_by(|a, b| reaches[*a].low.x_m.total_cmp(&reaches[*b].low.x_m));
    let mut open: Vec<usize> = Vec::new();
    for i in order {
        open.retain(|other| reaches[*other].high.x_m > reaches[i].low.x_m);
        open.iter().filter(|other| reaches[**other].overlaps(reaches[i])).for_each(|other| near(i.min(*other), i.max(*other)));
        open.push(i);
    }
}

/// Finds a dwelling too small for its household: places outside their rooms, or one where another is.
pub(super) fn check_home(plan: &FloorPlan, people: usize, faults: &mut Faults) {
    let fits = |room: usize, path: &str, remedy: &str, faults: &mut Faults| {
        let places: Vec<Point> = plan.seats.iter().filter(|seat| (seat.room == 0) == (room == 0)).map(|seat| seat.at).collect();
        let outside = plan.seats.iter().any(|s| (s.room == 0) == (room == 0) && !plan.rooms[usize::from(s.room)].contains(s.at));
        let crowded = places.iter().enumerate().any(|(i, a)| places[..i].iter().any(|b| a.distance_m(*b) < BODY_M - TOUCH_M));
        let on_table = places.iter().any(|p| plan.tables.iter().any(|t| Area::of(t.low, t.high).overlaps(Area::of(*p, *p))));
        if outside || crowded || on_table {
            let problem = format!(
                "a household of {people} has no place: some would sit or lie {}",
                if outside { "outside" } else { "where others sit, or on the table" }
            );
            faults.push(path, problem, remedy);
        }
    };
    fits(0, "venue.home.living_side_m", "make the common room larger, or households smaller (population.household_size_shares)", faults);
    fits(1, "venue.home.bedroom_side_m", "make bedrooms larger, or venue.home.bed_spacing_m smaller", faults);
}
