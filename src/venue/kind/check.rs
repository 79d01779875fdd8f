//! Whether a venue laid out to its kind can be.

use crate::{
    faults::{Faults, counted, use_one_of},
    units::Point,
    venue::{
        RoomKind,
        reach::{Target, unreachable},
    },
};

use super::{
    config::KindConfig,
    lay::{Area, Laying, Piece, Wall},
};

/// A door stands on a wall as near as this, m.
pub(super) const ON_WALL_M: f32 = 0.15;
/// A seat nearer than this to a wall stands in it, m.
const CLEARANCE_M: f32 = 0.05;
/// Pieces may touch, and overlap by rounding, m.
const TOUCH_M: f32 = 0.01;
/// Walls on one line may share this much, m: the corner that both of them make.
const CORNER_M: f32 = 0.05;
/// A seat or post is reached from this far away, m; what lies across a bed's width comes on top.
const STEP_M: f32 = 0.45;

impl Area {
    fn overlaps(&self, other: &Self) -> bool {
        self.low.x_m < other.high.x_m - TOUCH_M
            && other.low.x_m < self.high.x_m - TOUCH_M
            && self.low.y_m < other.high.y_m - TOUCH_M
            && other.low.y_m < self.high.y_m - TOUCH_M
    }

    fn holds(&self, p: Point) -> bool {
        p.x_m > self.low.x_m + TOUCH_M
            && p.x_m < self.high.x_m - TOUCH_M
            && p.y_m > self.low.y_m + TOUCH_M
            && p.y_m < self.high.y_m - TOUCH_M
    }

    fn middle(&self) -> Point {
        self.low.towards(self.high, 0.5)
    }

    /// Whether a straight line goes through it: the share of the line within each pair of edges, cut one after the other.
    fn is_crossed_by(&self, from: Point, to: Point) -> bool {
        let mut within = (0.0f32, 1.0f32);
        for (at, step, low, high) in [
            (from.x_m, to.x_m - from.x_m, self.low.x_m + TOUCH_M, self.high.x_m - TOUCH_M),
            (from.y_m, to.y_m - from.y_m, self.low.y_m + TOUCH_M, self.high.y_m - TOUCH_M),
        ] {
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

    /// The point of it that is nearest to another.
    fn nearest(&self, p: Point) -> Point {
        Point::new(p.x_m.clamp(self.low.x_m, self.high.x_m), p.y_m.clamp(self.low.y_m, self.high.y_m))
    }
}

/// Finds a name that would not do in tables: strata are called `office/barrier`.
pub(super) fn name(kind: &KindConfig, faults: &mut Faults) {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !kind.name.starts_with(|c: char| c.is_ascii_lowercase()) || !kind.name.chars().all(is_plain) || kind.name.len() > 40 {
        faults.push("name", "not a name of a kind", "use up to 40 small letters, digits and _, a letter first");
    }
}

/// Finds ranges of people of which the end lies before the beginning.
pub(super) fn for_people(kind: &KindConfig, faults: &mut Faults) {
    let of = |name: &str, number: usize, range| (format!("{name}[{number}].for_people"), range);
    let rooms = kind.rooms.iter().enumerate().map(|(i, room)| of("rooms", i, room.for_people));
    let walls = kind.walls.iter().enumerate().map(|(i, wall)| of("walls", i, wall.for_people));
    let tables = kind.tables.iter().enumerate().map(|(i, tables)| of("tables", i, tables.for_people));
    let benches = kind.benches.iter().enumerate().map(|(i, bench)| of("benches", i, bench.for_people));
    let beds = kind.beds.iter().enumerate().map(|(i, beds)| of("beds", i, beds.for_people));
    for (path, range) in rooms.chain(walls).chain(tables).chain(benches).chain(beds) {
        if range.is_some_and(|[from, to]| from > to) {
            faults.push(path, "it ends before it begins", "give the fewest people first, then the most");
        }
    }
}

/// Finds environments that there are not.
pub(super) fn environments<'e>(kind: &KindConfig, known: impl Iterator<Item = &'e str> + Clone, faults: &mut Faults) {
    let named =
        (0..).zip(&kind.rooms).filter_map(|(i, room): (usize, _)| Some((format!("rooms[{i}].environment"), room.environment.as_ref()?)));
    for (path, name) in std::iter::once(("floor.environment".to_string(), &kind.floor.environment)).chain(named) {
        if !known.clone().any(|known| known == name) {
            faults.push(path, "no environment of this name", use_one_of(name, known.clone()));
        }
    }
}

/// Finds what cannot be in one venue. A piece has at most one fault here, against the first that is in its way.
pub(super) fn laid(kind: &KindConfig, laying: &Laying<'_>, faults: &mut Faults) {
    let before = faults.0.len();
    for (path, found_m) in &laying.draws.not_positive {
        faults.push(path, format!("it can come to {found_m:.2} m"), "a length is more than 0: use a larger mean_m or a smaller sd_m");
    }
    if faults.0.len() > before {
        return;
    }
    rooms(kind, laying, faults);
    if faults.0.len() > before {
        return;
    }
    walls(laying, faults);
    for (number, piece) in laying.pieces.iter().enumerate() {
        if let Some((problem, remedy)) = wrong(laying, number, piece) {
            faults.push(&piece.path, problem, remedy);
        }
    }
    ways(laying, faults);
    pantries(laying, faults);
    if faults.0.len() == before {
        reach(laying, faults);
    }
}

fn outside(laying: &Laying<'_>, p: Point) -> bool {
    let (width_m, depth_m) = laying.layout.floor_m;
    p.x_m < -TOUCH_M || p.y_m < -TOUCH_M || p.x_m > width_m + TOUCH_M || p.y_m > depth_m + TOUCH_M
}

fn floor(laying: &Laying<'_>) -> String {
    let (width_m, depth_m) = laying.layout.floor_m;
    format!("keep it within 0-{width_m:.2} m by 0-{depth_m:.2} m, to which the floor can come")
}

fn rooms(kind: &KindConfig, laying: &Laying<'_>, faults: &mut Faults) {
    let rooms = &laying.layout.plan.rooms;
    if let Some(depth_m) = (!kind.rooms.is_empty() && laying.rooms.is_empty()).then_some(laying.layout.floor_m.1) {
        faults.push(
            "rooms",
            format!("none is there for some numbers of people, on a floor {depth_m:.2} m deep"),
            "let one be there for all",
        );
    }
    for ((i, room), number) in rooms.iter().enumerate().zip(&laying.rooms) {
        let path = format!("rooms[{number}]");
        if room.low.x_m >= room.high.x_m || room.low.y_m >= room.high.y_m {
            faults.push(&path, "the room has no area", "low_m lies to the left of and below high_m");
        } else if [room.low, room.high].iter().any(|p| outside(laying, *p)) {
            faults.push(&path, format!("the room \"{}\" leaves the floor", room.name), floor(laying));
        }
        for other in &rooms[..i] {
            if other.name == room.name {
                faults.push(format!("{path}.name"), "another room has this name", "give each room its own name");
            }
            let (a, b) = (Area { low: room.low, high: room.high }, Area { low: other.low, high: other.high });
            if a.overlaps(&b) {
                faults.push(&path, format!("the room overlaps room \"{}\"", other.name), "move one of the two");
            }
        }
    }
}

fn walls(laying: &Laying<'_>, faults: &mut Faults) {
    let barriers = &laying.layout.plan.barriers;
    for wall in &laying.walls {
        if wall.from == wall.to {
            let problem = format!("a wall of no length at ({:.2}, {:.2}) m", wall.from.x_m, wall.from.y_m);
            faults.push(&wall.path, problem, "give it two different ends, or remove it");
        } else if [wall.from, wall.to].iter().any(|p| outside(laying, *p)) {
            faults.push(&wall.path, format!("the wall leaves the floor, {}", ends(wall)), floor(laying));
        }
    }
    for_each_near_pair(&laying.walls, |before, after| {
        let (a, b) = (&laying.walls[before], &laying.walls[after]);
        if let Some(shared_m) = shared_m(a, b).filter(|m| *m > CORNER_M) {
            let problem = format!("{shared_m:.2} m of it stand in {} already, {}", a.path, ends(a));
            faults.push(&b.path, problem, "remove it, or let it begin where the other ends");
        }
    });
    for (i, door) in laying.layout.doors.iter().enumerate() {
        // The wall is cut where the door is: its ends lie half a width away.
        let (width_m, depth_m) = laying.layout.floor_m;
        let near = |p: Point| p.distance_m(door.at) <= door.width_m / 2.0 + ON_WALL_M;
        let on_wall = barriers.iter().any(|b| near(b.from) || near(b.to));
        let on_edge = [door.at.x_m, door.at.y_m, width_m - door.at.x_m, depth_m - door.at.y_m].iter().any(|m| m.abs() < ON_WALL_M);
        if outside(laying, door.at) {
            faults.push(format!("doors[{i}]"), "the door is not on the floor", floor(laying));
        } else if !on_wall && !on_edge {
            faults.push(format!("doors[{i}]"), "the door is in no wall", "put its middle on a wall or on the edge of the floor");
        }
    }
}

fn ends(wall: &Wall) -> String {
    format!("from ({:.2}, {:.2}) to ({:.2}, {:.2}) m", wall.from.x_m, wall.from.y_m, wall.to.x_m, wall.to.y_m)
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

/// Calls back with the numbers (lower first) of every two walls that come near each other, in no order that matters. Sorted by their left
/// ends, so that walls spread over the floor cost in proportion to their number.
fn for_each_near_pair(walls: &[Wall], mut near: impl FnMut(usize, usize)) {
    let around = |wall: &Wall| Area {
        low: Point::new(wall.from.x_m.min(wall.to.x_m) - CORNER_M, wall.from.y_m.min(wall.to.y_m) - CORNER_M),
        high: Point::new(wall.from.x_m.max(wall.to.x_m) + CORNER_M, wall.from.y_m.max(wall.to.y_m) + CORNER_M),
    };
    let areas: Vec<Area> = walls.iter().map(around).collect();
    let mut order: Vec<usize> = (0..walls.len()).collect();
    order.sort_by(|a, b| areas[*a].low.x_m.total_cmp(&areas[*b].low.x_m));
    let mut open: Vec<usize> = Vec::new();
    for i in order {
        open.retain(|other| areas[*other].high.x_m > areas[i].low.x_m);
        open.iter().filter(|other| areas[**other].overlaps(&areas[i])).for_each(|other| near(i.min(*other), i.max(*other)));
        open.push(i);
    }
}

/// What is wrong with a piece, by itself or because of those before it.
fn wrong(laying: &Laying<'_>, number: usize, piece: &Piece) -> Option<(String, String)> {
    let plan = &laying.layout.plan;
    let at = |p: Point| format!("({:.2}, {:.2}) m", p.x_m, p.y_m);
    let seats = || piece.seats.clone().map(|i| &plan.seats[i]);
    if let Some(area) = piece.solids.iter().find(|area| area.low.x_m >= area.high.x_m || area.low.y_m >= area.high.y_m) {
        return Some((format!("it has no area at {}", at(area.low)), "low_m lies to the left of and below high_m".into()));
    }
    if let Some(p) = piece.solids.iter().flat_map(|area| [area.low, area.high]).find(|p| outside(laying, *p)) {
        return Some((format!("it leaves the floor at {}", at(p)), floor(laying)));
    }
    let in_a_room = |p: Point| plan.rooms.iter().any(|room| room.contains(p));
    let outside_rooms: Vec<Point> = seats().map(|seat| seat.at).filter(|p| !in_a_room(*p)).collect();
    if let Some(first) = outside_rooms.first() {
        let problem = format!("{} outside every room, the first at {}", counted(outside_rooms.len(), "seat"), at(*first));
        return Some((problem, "move it, or make the room or the floor larger".into()));
    }
    let own: Vec<Point> = seats().map(|seat| seat.at).collect();
    let close = |a: Point, b: Point, apart_m: f32| a.distance_m(b) < apart_m - TOUCH_M;
    if let Some((i, k)) = (0..own.len()).flat_map(|i| (0..i).map(move |k| (i, k))).find(|&(i, k)| close(own[i], own[k], piece.apart_m)) {
        let problem = format!("two of its seats are {:.2} m apart, at {} and {}", own[i].distance_m(own[k]), at(own[k]), at(own[i]));
        return Some((problem, format!("people are at least {} m apart (floor.body_m)", piece.apart_m)));
    }
    if let Some((i, k)) =
        (0..piece.solids.len()).flat_map(|i| (0..i).map(move |k| (i, k))).find(|&(i, k)| piece.solids[i].overlaps(&piece.solids[k]))
    {
        let problem = format!("two of its own overlap, at {} and {}", at(piece.solids[k].middle()), at(piece.solids[i].middle()));
        return Some((problem, "set them further apart, or make them smaller".into()));
    }
    if !piece.holds_people
        && let Some(p) = own.iter().find(|p| piece.solids.iter().any(|area| area.holds(**p)))
    {
        return Some((format!("a seat stands in one of its own, at {}", at(*p)), "set them further apart".into()));
    }
    for wall in plan.barriers.iter().filter(|barrier| barrier.reaches_ceiling) {
        if let Some(p) = own.iter().find(|p| p.from_segment_m(wall.from, wall.to) < CLEARANCE_M) {
            return Some((
                format!("a seat at {} stands in the wall from {} to {}", at(*p), at(wall.from), at(wall.to)),
                "move one of the two".into(),
            ));
        }
        if let Some(area) = piece.solids.iter().find(|area| area.is_crossed_by(wall.from, wall.to)) {
            let problem = format!("the wall from {} to {} goes through it at {}", at(wall.from), at(wall.to), at(area.middle()));
            return Some((problem, "move one of the two".into()));
        }
        let is_behind = |p: &&Point| {
            let of_top = piece.solids.iter().map(|area| area.nearest(**p)).min_by(|a, b| a.distance_m(**p).total_cmp(&b.distance_m(**p)));
            of_top.is_some_and(|top| crosses(**p, top, wall.from, wall.to))
        };
        if let Some(p) = own.iter().filter(|_| !piece.holds_people).find(is_behind) {
            let problem = format!("the wall from {} to {} stands between it and its seat at {}", at(wall.from), at(wall.to), at(*p));
            return Some((problem, "move one of the two".into()));
        }
    }
    for other in &laying.pieces[..number] {
        let theirs: Vec<Point> = other.seats.clone().map(|i| plan.seats[i].at).collect();
        if let Some(area) = piece.solids.iter().find(|area| other.solids.iter().any(|theirs| theirs.overlaps(area))) {
            return Some((
                format!("it stands on {} at {}", other.path, at(area.middle())),
                "move one of the two, or make it smaller".into(),
            ));
        }
        let in_the_other = own.iter().find(|p| other.solids.iter().any(|area| area.holds(**p)));
        let in_this = theirs.iter().find(|p| piece.solids.iter().any(|area| area.holds(**p)));
        if let Some(p) = in_the_other.or(in_this) {
            return Some((
                format!("a seat of one stands on the other: it and {}, at {}", other.path, at(*p)),
                "move one of the two".into(),
            ));
        }
        let apart_m = piece.apart_m.min(other.apart_m);
        if let Some(p) = own.iter().find(|p| theirs.iter().any(|theirs| close(**p, *theirs, apart_m))) {
            return Some((
                format!("its seat at {} stands where one of {} does", at(*p), other.path),
                format!("people are at least {apart_m} m apart"),
            ));
        }
    }
    None
}

/// Standing areas, queues, aisles and posts.
fn ways(laying: &Laying<'_>, faults: &mut Faults) {
    let layout = &laying.layout;
    let solids = || laying.pieces.iter().flat_map(|piece| piece.solids.iter().map(move |area| (area, piece)));
    let at = |p: Point| format!("({:.2}, {:.2}) m", p.x_m, p.y_m);
    for (i, area) in layout.standing.iter().enumerate() {
        let path = format!("standing[{i}]");
        if area.low.x_m >= area.high.x_m || area.low.y_m >= area.high.y_m {
            faults.push(&path, "it has no area", "low_m lies to the left of and below high_m");
        } else if [area.low, area.high].iter().any(|p| outside(laying, *p)) {
            faults.push(&path, "it leaves the floor", floor(laying));
        } else if let Some((_, piece)) = solids().find(|(solid, _)| solid.overlaps(area)) {
            faults.push(&path, format!("{} stands on it", piece.path), "move one of the two, or make it smaller");
        }
    }
    let lines = (0..).zip(&layout.queues).map(|(i, queue): (usize, _)| (format!("queues[{i}]"), queue.path.clone()));
    let aisles = (0..).zip(&layout.aisles).map(|(i, (from, to)): (usize, _)| (format!("aisles[{i}]"), vec![*from, *to]));
    for (path, points) in lines.chain(aisles) {
        if let Some(p) = points.iter().find(|p| outside(laying, **p)) {
            faults.push(&path, format!("it leaves the floor at {}", at(*p)), floor(laying));
            continue;
        }
        let crossed = points.windows(2).find_map(|two| {
            let solid = solids().find(|(solid, _)| solid.is_crossed_by(two[0], two[1])).map(|(_, piece)| piece.path.clone());
            let walls = layout.plan.barriers.iter().filter(|b| b.reaches_ceiling);
            let wall = walls
                .into_iter()
                .find(|b| crosses(two[0], two[1], b.from, b.to))
                .map(|b| format!("the wall from {} to {}", at(b.from), at(b.to)));
            solid.or(wall)
        });
        if let Some(other) = crossed {
            faults.push(&path, format!("{other} is in its way"), "lead it around");
        }
    }
    for (i, post) in layout.posts.iter().enumerate() {
        let path = format!("posts[{i}]");
        if outside(laying, post.at) {
            faults.push(&path, format!("{} is not on the floor", at(post.at)), floor(laying));
        } else if let Some((_, piece)) = solids().find(|(solid, _)| solid.holds(post.at)) {
            faults.push(&path, format!("{} stands there", piece.path), "move one of the two");
        } else if layout.plan.barriers.iter().any(|b| b.reaches_ceiling && post.at.from_segment_m(b.from, b.to) < CLEARANCE_M) {
            faults.push(&path, format!("{} is in a wall", at(post.at)), "move one of the two");
        }
    }
}

/// People who come to a pantry stand along its upper edge.
fn pantries(laying: &Laying<'_>, faults: &mut Faults) {
    let rooms = laying.layout.plan.rooms.iter().zip(&laying.rooms);
    for (room, number) in rooms.filter(|(room, _)| room.use_ == Some(RoomKind::Pantry)) {
        let Some((low, high)) = room.standing_place() else {
            let (width_m, depth_m) = (room.high.x_m - room.low.x_m, room.high.y_m - room.low.y_m);
            faults.push(
                format!("rooms[{number}]"),
                format!("the pantry \"{}\" of {width_m:.2} x {depth_m:.2} m is too small to stand in", room.name),
                "people stand 0.5-1 m below its upper edge and 0.5 m from its sides: make it at least 1.1 m wide and 1.5 m deep",
            );
            continue;
        };
        let place = Area { low, high };
        for piece in &laying.pieces {
            let is_in_it = piece.seats.clone().any(|seat| place.holds(laying.layout.plan.seats[seat].at));
            if is_in_it || piece.solids.iter().any(|solid| solid.overlaps(&place)) {
                faults.push(
                    &piece.path,
                    format!("it stands where people stand in the pantry \"{}\"", room.name),
                    format!("with its seats, keep clear of x {:.2}-{:.2} m, y {:.2}-{:.2} m", low.x_m, high.x_m, low.y_m, high.y_m),
                );
            }
        }
    }
}

/// Whether segment a–b goes through segment c–d.
fn crosses(a: Point, b: Point, c: Point, d: Point) -> bool {
    let side = |p: Point, q: Point, r: Point| (q.x_m - p.x_m) * (r.y_m - p.y_m) - (q.y_m - p.y_m) * (r.x_m - p.x_m);
    side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
}

/// Whether people get from the doors (of a floor without: from anywhere) to every place.
fn reach(laying: &Laying<'_>, faults: &mut Faults) {
    let layout = &laying.layout;
    let solids: Vec<(Point, Point)> = laying.pieces.iter().flat_map(|piece| &piece.solids).map(|area| (area.low, area.high)).collect();
    let mut targets: Vec<Target> = Vec::new();
    for piece in &laying.pieces {
        let half_m = if piece.holds_people {
            piece.solids.first().map_or(0.0, |a| (a.high.x_m - a.low.x_m).min(a.high.y_m - a.low.y_m) / 2.0)
        } else {
            0.0
        };
        let target = |i: usize| Target { path: piece.path.clone(), at: layout.plan.seats[i].at, step_m: STEP_M + half_m };
        targets.extend(piece.seats.clone().map(target));
    }
    let mut more = |path: String, at: Point| targets.push(Target { path, at, step_m: STEP_M });
    (0..).zip(&layout.standing).for_each(|(i, area): (usize, _)| more(format!("standing[{i}]"), area.middle()));
    (0..).zip(&layout.queues).for_each(|(i, queue): (usize, _)| queue.path.iter().for_each(|p| more(format!("queues[{i}]"), *p)));
    (0..).zip(&layout.aisles).for_each(|(i, (from, to)): (usize, _)| [from, to].iter().for_each(|p| more(format!("aisles[{i}]"), **p)));
    (0..).zip(&layout.posts).for_each(|(i, post): (usize, _)| more(format!("posts[{i}]"), post.at));
    let doors: Vec<Point> = layout.doors.iter().map(|door| door.at).collect();
    let (rooms, mut lost) = unreachable(&layout.plan, &solids, layout.floor_m, &doors, &targets);
    for (i, room) in rooms.iter().map(|room| (room, &layout.plan.rooms[*room])) {
        let path = laying.rooms.get(*i).map_or_else(|| "walls".to_string(), |number| format!("rooms[{number}]"));
        let problem = format!(
            "nobody can reach room \"{}\" at x {:.2}-{:.2} m, y {:.2}-{:.2} m: walls or furniture all around",
            room.name, room.low.x_m, room.high.x_m, room.low.y_m, room.high.y_m
        );
        faults.push(path, problem, "leave a gap of at least 0.6 m in a wall for a door");
    }
    // Places in a room that is shut are no fault of their own.
    lost.retain(|target| !rooms.iter().any(|room| layout.plan.rooms[*room].contains(target.at)));
    for of_path in lost.chunk_by(|a, b| a.path == b.path) {
        let all = targets.iter().filter(|target| target.path == of_path[0].path).count();
        let at = of_path[0].at;
        let problem =
            format!("{} of its {} cannot be reached, the first at ({:.2}, {:.2}) m", of_path.len(), counted(all, "place"), at.x_m, at.y_m);
        faults.push(&of_path[0].path, problem, "leave at least 0.6 m to walk from a door");
    }
}
