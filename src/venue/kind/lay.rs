//! A venue laid out to its kind.

use std::f32::consts::{FRAC_PI_2, PI};

use crate::{
    faults::{Faults, use_one_of},
    random::Seed,
    units::Point,
    venue::plan::{Barrier, FloorPlan, Material, Room, RoomKind, Seat, SeatUse, Table},
};

use super::{
    check,
    config::{Facing, Grid, KindConfig, PeopleRange},
    draws::{Draws, Way},
    roles,
};

/// A rectangle along the axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Lower left corner.
    pub low: Point,
    /// Upper right corner.
    pub high: Point,
}

/// A gap in a wall, through which people come and go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Door {
    /// Its middle.
    pub at: Point,
    /// How wide it is, m.
    pub width_m: f32,
    /// Whether the wall that it is in runs along x.
    pub is_along_x: bool,
}

/// A line in which people wait.
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    /// From the one who is served back to the end.
    pub path: Vec<Point>,
    /// From one to the next, m.
    pub spacing_m: f32,
    /// Where those look who are served; none = along the line.
    pub served_facing_rad: Option<f32>,
}

/// A place where somebody works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Post {
    /// Where.
    pub at: Point,
    /// Looking where, radians counter-clockwise from the x axis.
    pub facing_rad: f32,
}

/// One venue's rooms, furniture and ways.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Rooms, barriers, seats and tops.
    pub plan: FloorPlan,
    /// Along x and along y, m.
    pub floor_m: (f32, f32),
    /// Of each seat the desk row, table, bench or bed that it belongs to: those of one sit together.
    pub seat_group: Vec<u16>,
    /// Doors.
    pub doors: Vec<Door>,
    /// Where people stand.
    pub standing: Vec<Area>,
    /// Where people wait in line.
    pub queues: Vec<Queue>,
    /// Along what people walk, from one end to the other.
    pub aisles: Vec<(Point, Point)>,
    /// Where people work.
    pub posts: Vec<Post>,
}

impl Facing {
    /// Radians counter-clockwise from the x axis.
    pub fn rad(self) -> f32 {
        match self {
            Self::Right => 0.0,
            Self::Up => FRAC_PI_2,
            Self::Left => PI,
            Self::Down => -FRAC_PI_2,
        }
    }

    /// A step of a metre that way.
    fn step(self) -> (f32, f32) {
        match self {
            Self::Right => (1.0, 0.0),
            Self::Up => (0.0, 1.0),
            Self::Left => (-1.0, 0.0),
            Self::Down => (0.0, -1.0),
        }
    }
}

/// Something of the file, for faults: its key path, and where it came to lie.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub path: String,
    /// Tops and beds and blocks.
    pub solids: Vec<Area>,
    /// Its seats among the plan's.
    pub seats: std::ops::Range<usize>,
    /// How far apart its own seats may be at least, m.
    pub apart_m: f32,
    /// People sit or lie within its solids.
    pub holds_people: bool,
}

/// A wall of the file, for faults: its key path, and where it came to stand, gaps for doors and all.
#[derive(Clone, Debug)]
pub(super) struct Wall {
    pub path: String,
    pub from: Point,
    pub to: Point,
}

/// A layout under construction, with what its faults need.
pub(super) struct Laying<'a> {
    pub layout: Layout,
    pub draws: Draws<'a>,
    pub pieces: Vec<Piece>,
    pub walls: Vec<Wall>,
    /// Of each room of the plan its number in the file.
    pub rooms: Vec<usize>,
    /// Those who belong to the venue.
    people: u32,
    groups: u16,
}

impl KindConfig {
    /// The venue of this number in a world, of a kind without faults ([`Self::check`]), with all that it may have. `materials` are the
    /// run's.
    pub fn lay_out(&self, materials: &[Material], seed: Seed, venue: u32) -> Layout {
        self.lay_out_for(u32::MAX, materials, seed, venue)
    }

    /// The same for so many people who belong to it; from the most on that the kind speaks of they are as that many.
    pub fn lay_out_for(&self, people: u32, materials: &[Material], seed: Seed, venue: u32) -> Layout {
        self.laid(people, materials, Way::of_venue(seed, venue), &mut Faults::default()).layout
    }

    /// Whether lengths of its venues are drawn, so that no two are alike.
    pub fn is_drawn(&self) -> bool {
        (1..=self.most_people()).any(|people| !self.laid(people, &[], Way::Mean, &mut Faults::default()).draws.paths.is_empty())
    }

    /// The largest number of people for which something is there that is not there for others; 1 for a kind whose venues are all alike.
    pub fn most_people(&self) -> u32 {
        let ranges = (self.rooms.iter().map(|room| room.for_people))
            .chain(self.walls.iter().map(|wall| wall.for_people))
            .chain(self.tables.iter().map(|tables| tables.for_people))
            .chain(self.benches.iter().map(|bench| bench.for_people))
            .chain(self.beds.iter().map(|beds| beds.for_people));
        ranges.flatten().map(|[from, to]| from.max(to)).max().unwrap_or(1)
    }

    /// Finds environments and materials that there are not, in a kind that is without faults otherwise.
    pub fn check_names<'e>(&self, materials: &[Material], environments: impl Iterator<Item = &'e str> + Clone, faults: &mut Faults) {
        check::environments(self, environments, faults);
        self.laid(u32::MAX, materials, Way::Mean, faults);
    }

    /// Finds what cannot be in any venue of the kind: with all lengths at their means and at their extremes, together and one by one.
    /// `environments` are the names of those that there are.
    pub fn check<'e>(&self, materials: &[Material], environments: impl Iterator<Item = &'e str> + Clone, faults: &mut Faults) {
        check::name(self, faults);
        check::environments(self, environments, faults);
        check::for_people(self, faults);
        let mut found = Faults::default();
        for people in 1..=self.most_people() {
            // The materials of a piece that is there for some people only are told once, with all else.
            let usual = self.laid(people, materials, Way::Mean, &mut found);
            check::laid(self, &usual, &mut found);
            roles::check(self, &usual.layout, people, &mut found);
            let ones = usual.draws.paths.iter().flat_map(|path| [Way::One(path, -1.0), Way::One(path, 1.0)]);
            let extremes = [Way::Extreme(-1.0), Way::Extreme(1.0)].into_iter().chain(ones);
            for way in extremes.filter(|_| !usual.draws.paths.is_empty()) {
                check::laid(self, &self.laid(people, materials, way, &mut Faults::default()), &mut found);
            }
        }
        // The first of each place says enough.
        let mut told: Vec<String> = Vec::new();
        for fault in found.0 {
            if !told.contains(&fault.path) {
                told.push(fault.path.clone());
                faults.0.push(fault);
            }
        }
    }

    pub(super) fn laid<'a>(&self, people: u32, materials: &[Material], way: Way<'a>, faults: &mut Faults) -> Laying<'a> {
        let people = people.min(self.most_people());
        let mut draws = Draws::new(way);
        draws.floor_m = (draws.length_m(self.floor.width_m, "floor.width_m"), draws.length_m(self.floor.depth_m, "floor.depth_m"));
        let environment = Some(self.floor.environment.clone());
        let plan = FloorPlan { environment, materials: materials.to_vec(), ..FloorPlan::default() };
        let layout = Layout { plan, floor_m: draws.floor_m, ..Layout::default() };
        let mut laying = Laying { layout, draws, pieces: Vec::new(), walls: Vec::new(), rooms: Vec::new(), people, groups: 0 };
        laying.rooms(self);
        laying.walls(self, faults);
        laying.furniture(self, faults);
        laying.ways(self);
        laying
    }
}

impl Laying<'_> {
    /// Whether something is there for those who belong to the venue.
    fn is_there(&self, for_people: Option<PeopleRange>) -> bool {
        for_people.is_none_or(|[from, to]| (from..=to).contains(&self.people))
    }

    fn rooms(&mut self, kind: &KindConfig) {
        let (width_m, depth_m) = self.layout.floor_m;
        let room =
            |name: &str, use_, environment: &str, low, high| Room { name: name.into(), use_, environment: environment.into(), low, high };
        let environment = &kind.floor.environment;
        for (i, config) in kind.rooms.iter().enumerate().filter(|(_, room)| self.is_there(room.for_people)).collect::<Vec<_>>() {
            let (low, high) = (
                self.draws.place(config.low_m, &format!("rooms[{i}].low_m")),
                self.draws.place(config.high_m, &format!("rooms[{i}].high_m")),
            );
            let environment = config.environment.as_ref().unwrap_or(environment);
            self.layout.plan.rooms.push(room(&config.name, config.use_, environment, low, high));
            self.rooms.push(i);
        }
        if self.layout.plan.rooms.is_empty() {
            self.layout.plan.rooms.push(room(&kind.name, None, environment, Point::default(), Point::new(width_m, depth_m)));
        }
    }

    /// The room that holds a point: the first, where none does.
    fn room_at(&self, p: Point) -> u16 {
        self.layout.plan.rooms.iter().position(|room| room.contains(p)).unwrap_or(0) as u16
    }

    fn material(&self, name: &str, path: &str, faults: &mut Faults) -> Option<usize> {
        if name.is_empty() {
            return None;
        }
        let materials = &self.layout.plan.materials;
        let found = materials.iter().position(|material| material.name == name);
        if found.is_none() {
            faults.push(path, "no material of this name", use_one_of(name, materials.iter().map(|m| m.name.as_str())));
        }
        found
    }

    fn walls(&mut self, kind: &KindConfig, faults: &mut Faults) {
        for (i, config) in kind.doors.iter().enumerate() {
            let at = self.draws.place(config.at_m, &format!("doors[{i}].at_m"));
            // Of the floor's edge, unless a wall says otherwise.
            let (width_m, _) = self.layout.floor_m;
            let is_along_x = [at.x_m, width_m - at.x_m].iter().all(|m| m.abs() >= check::ON_WALL_M);
            self.layout.doors.push(Door { at, width_m: config.width_m, is_along_x });
        }
        let (width_m, depth_m) = self.layout.floor_m;
        if let Some(material) = self.material(&kind.floor.outer_wall, "floor.outer_wall", faults) {
            let corners = [(0.0, 0.0), (width_m, 0.0), (width_m, depth_m), (0.0, depth_m)].map(|(x_m, y_m)| Point::new(x_m, y_m));
            for (i, from) in corners.into_iter().enumerate() {
                self.wall(from, corners[(i + 1) % 4], material, true);
            }
        }
        for (i, config) in kind.walls.iter().enumerate().filter(|(_, wall)| self.is_there(wall.for_people)).collect::<Vec<_>>() {
            let path = format!("walls[{i}]");
            let (from, to) =
                (self.draws.place(config.from_m, &format!("{path}.from_m")), self.draws.place(config.to_m, &format!("{path}.to_m")));
            if let Some(material) = self.material(&config.material, &format!("{path}.material"), faults) {
                self.wall(from, to, material, config.reaches_ceiling);
            }
            self.walls.push(Wall { path, from, to });
        }
    }

    /// A wall, with gaps where doors are.
    fn wall(&mut self, from: Point, to: Point, material: usize, reaches_ceiling: bool) {
        let length_m = from.distance_m(to);
        let mut gaps: Vec<(f32, f32)> = Vec::new();
        for door in self.layout.doors.iter_mut().filter(|door| door.at.from_segment_m(from, to) < check::ON_WALL_M) {
            let (dx, dy) = (to.x_m - from.x_m, to.y_m - from.y_m);
            door.is_along_x = dx.abs() >= dy.abs();
            let along_m = ((door.at.x_m - from.x_m) * dx + (door.at.y_m - from.y_m) * dy) / length_m;
            gaps.push((along_m - door.width_m / 2.0, along_m + door.width_m / 2.0));
        }
        gaps.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut begins_m = 0.0f32;
        for (gap_m, end_m) in gaps.into_iter().chain([(length_m, length_m)]) {
            if gap_m > begins_m {
                let at = |m: f32| from.towards(to, m / length_m);
                self.layout.plan.barriers.push(Barrier { from: at(begins_m), to: at(gap_m.min(length_m)), material, reaches_ceiling });
            }
            begins_m = begins_m.max(end_m);
        }
    }

    fn screen(&mut self, from: Point, to: Point, material: Option<usize>) {
        self.layout.plan.barriers.extend(material.map(|material| Barrier { from, to, material, reaches_ceiling: false }));
    }

    fn seat(&mut self, at: Point, facing_rad: f32, use_: SeatUse) {
        let room = self.room_at(at);
        self.layout.plan.seats.push(Seat { at, facing_rad, room, use_ });
        self.layout.seat_group.push(self.groups);
    }

    /// What a chair at a table is used for, by its room.
    fn at_table(&self, at: Point) -> SeatUse {
        match self.layout.plan.rooms[usize::from(self.room_at(at))].use_ {
            Some(RoomKind::OpenPlan) => SeatUse::Desk,
            Some(RoomKind::Meeting) => SeatUse::Meeting,
            Some(RoomKind::Pantry) => SeatUse::Pantry,
            Some(RoomKind::Living | RoomKind::Bedroom) | None => SeatUse::Dining,
        }
    }

    /// The first places of a grid, row by row, and how far apart they are.
    fn grid(&mut self, first: Point, grid: &Grid, path: &str) -> (Vec<(u32, Point)>, (f32, f32)) {
        // The pitch of a single column or row is nowhere.
        let pitch_x_m = self.draws.length_m(grid.pitch_x_m, &format!("{path}.grid.pitch_x_m"));
        let pitch_y_m = self.draws.length_m(grid.pitch_y_m, &format!("{path}.grid.pitch_y_m"));
        let place = |row: u32, column: u32| (column, Point::new(first.x_m + column as f32 * pitch_x_m, first.y_m + row as f32 * pitch_y_m));
        let places = (0..grid.rows).flat_map(|row| (0..grid.columns).map(move |column| place(row, column))).collect();
        (places, (pitch_x_m, pitch_y_m))
    }

    fn furniture(&mut self, kind: &KindConfig, faults: &mut Faults) {
        let around = |middle: Point, width_m: f32, depth_m: f32| Area {
            low: Point::new(middle.x_m - width_m / 2.0, middle.y_m - depth_m / 2.0),
            high: Point::new(middle.x_m + width_m / 2.0, middle.y_m + depth_m / 2.0),
        };
        for (i, desks) in kind.desks.iter().enumerate() {
            let path = format!("desks[{i}]");
            let first = self.draws.place(desks.first_m, &format!("{path}.first_m"));
            let (places, _) = self.grid(first, &desks.grid, &path);
            let mut length = |length, key: &str| self.draws.length_m(length, &format!("{path}.{key}"));
            let (width_m, depth_m, from_edge_m) =
                (length(desks.width_m, "width_m"), length(desks.depth_m, "depth_m"), length(desks.seat_from_edge_m, "seat_from_edge_m"));
            let screen = self.material(&desks.screen, &format!("{path}.screen"), faults);
            let (dx, dy) = desks.facing.step();
            // Front to back is along the way that sitters look.
            let (x_m, y_m) = if dy == 0.0 { (depth_m, width_m) } else { (width_m, depth_m) };
            let first_seat = self.layout.plan.seats.len();
            let mut solids = Vec::new();
            for (column, middle) in places {
                let behind_m = depth_m / 2.0 + from_edge_m;
                self.groups += u16::from(column == 0);
                self.seat(Point::new(middle.x_m - dx * behind_m, middle.y_m - dy * behind_m), desks.facing.rad(), SeatUse::Desk);
                let front = Point::new(middle.x_m + dx * depth_m / 2.0, middle.y_m + dy * depth_m / 2.0);
                let aside =
                    |side: f32| Point::new(front.x_m + side * dy.abs() * width_m / 2.0, front.y_m + side * dx.abs() * width_m / 2.0);
                self.screen(aside(-1.0), aside(1.0), screen);
                solids.push(around(middle, x_m, y_m));
            }
            self.piece(path, solids, first_seat, kind.floor.body_m, false);
        }
        for (i, tables) in kind.tables.iter().enumerate().filter(|(_, tables)| self.is_there(tables.for_people)).collect::<Vec<_>>() {
            let path = format!("tables[{i}]");
            let first = self.draws.place(tables.first_m, &format!("{path}.first_m"));
            let (places, (pitch_x_m, _)) = self.grid(first, &tables.grid, &path);
            let mut length = |length, key: &str| self.draws.length_m(length, &format!("{path}.{key}"));
            let (width_m, depth_m, from_edge_m) =
                (length(tables.width_m, "width_m"), length(tables.depth_m, "depth_m"), length(tables.seat_from_edge_m, "seat_from_edge_m"));
            let partition = self.material(&tables.partition, &format!("{path}.partition"), faults);
            let between = self.material(&tables.between, &format!("{path}.between"), faults);
            let first_seat = self.layout.plan.seats.len();
            let mut solids = Vec::new();
            for (column, middle) in places {
                let top = around(middle, width_m, depth_m);
                self.groups += 1;
                for (y_m, facing) in [(top.low.y_m - from_edge_m, Facing::Up), (top.high.y_m + from_edge_m, Facing::Down)] {
                    let chairs = tables.chairs_a_side;
                    for chair in 0..chairs {
                        let x_m = top.low.x_m + (chair as f32 + 0.5) * width_m / chairs as f32;
                        let at = Point::new(x_m, y_m);
                        self.seat(at, facing.rad(), self.at_table(at));
                    }
                }
                self.screen(Point::new(top.low.x_m, middle.y_m), Point::new(top.high.x_m, middle.y_m), partition);
                if column + 1 < tables.grid.columns {
                    let x_m = middle.x_m + pitch_x_m / 2.0;
                    let reach_m = depth_m / 2.0 + from_edge_m;
                    self.screen(Point::new(x_m, middle.y_m - reach_m), Point::new(x_m, middle.y_m + reach_m), between);
                }
                solids.push(top);
            }
            self.piece(path, solids, first_seat, kind.floor.body_m, false);
        }
        for (i, bench) in kind.benches.iter().enumerate().filter(|(_, bench)| self.is_there(bench.for_people)).collect::<Vec<_>>() {
            let path = format!("benches[{i}]");
            let first = self.draws.place(bench.first_m, &format!("{path}.first_m"));
            let (places, _) = self.grid(first, &bench.grid, &path);
            let pitch_m = self.draws.length_m(bench.pitch_m, &format!("{path}.pitch_m"));
            let (dx, dy) = bench.facing.step();
            let first_seat = self.layout.plan.seats.len();
            for (_, begin) in places {
                self.groups += 1;
                for seat in 0..bench.seats {
                    let along_m = seat as f32 * pitch_m;
                    let at = Point::new(begin.x_m + dy.abs() * along_m, begin.y_m + dx.abs() * along_m);
                    let is_sofa = self.layout.plan.rooms[usize::from(self.room_at(at))].use_ == Some(RoomKind::Living);
                    self.seat(at, bench.facing.rad(), if is_sofa { SeatUse::Sofa } else { SeatUse::Bench });
                }
            }
            self.piece(path, Vec::new(), first_seat, kind.floor.body_m, false);
        }
        for (i, beds) in kind.beds.iter().enumerate().filter(|(_, beds)| self.is_there(beds.for_people)).collect::<Vec<_>>() {
            let path = format!("beds[{i}]");
            let first = self.draws.place(beds.first_m, &format!("{path}.first_m"));
            let (places, (pitch_x_m, _)) = self.grid(first, &beds.grid, &path);
            let (width_m, length_m) = (
                self.draws.length_m(beds.width_m, &format!("{path}.width_m")),
                self.draws.length_m(beds.length_m, &format!("{path}.length_m")),
            );
            let curtain = self.material(&beds.curtain, &format!("{path}.curtain"), faults);
            let (_, dy) = beds.facing.step();
            let (x_m, y_m) = if dy == 0.0 { (length_m, width_m) } else { (width_m, length_m) };
            let first_seat = self.layout.plan.seats.len();
            let mut solids = Vec::new();
            for (column, middle) in places {
                self.groups += 1;
                self.seat(middle, beds.facing.rad(), SeatUse::Bed);
                if column + 1 < beds.grid.columns {
                    let x = middle.x_m + pitch_x_m / 2.0;
                    self.screen(Point::new(x, middle.y_m - y_m / 2.0), Point::new(x, middle.y_m + y_m / 2.0), curtain);
                }
                solids.push(around(middle, x_m, y_m));
            }
            self.piece(path, solids, first_seat, kind.floor.body_m, true);
        }
        for (i, block) in kind.blocks.iter().enumerate() {
            let path = format!("blocks[{i}]");
            let (low, high) =
                (self.draws.place(block.low_m, &format!("{path}.low_m")), self.draws.place(block.high_m, &format!("{path}.high_m")));
            let material = self.material(&block.material, &format!("{path}.material"), faults);
            let middle = low.towards(high, 0.5);
            let is_wide = high.x_m - low.x_m >= high.y_m - low.y_m;
            let (from, to) = if is_wide {
                (Point::new(low.x_m, middle.y_m), Point::new(high.x_m, middle.y_m))
            } else {
                (Point::new(middle.x_m, low.y_m), Point::new(middle.x_m, high.y_m))
            };
            self.screen(from, to, material);
            self.piece(path, vec![Area { low, high }], self.layout.plan.seats.len(), kind.floor.body_m, false);
        }
    }

    fn piece(&mut self, path: String, solids: Vec<Area>, first_seat: usize, apart_m: f32, holds_people: bool) {
        self.layout.plan.tables.extend(solids.iter().map(|area| Table { low: area.low, high: area.high }));
        self.pieces.push(Piece { path, solids, seats: first_seat..self.layout.plan.seats.len(), apart_m, holds_people });
    }

    fn ways(&mut self, kind: &KindConfig) {
        for (i, standing) in kind.standing.iter().enumerate() {
            let path = format!("standing[{i}]");
            let (low, high) =
                (self.draws.place(standing.low_m, &format!("{path}.low_m")), self.draws.place(standing.high_m, &format!("{path}.high_m")));
            self.layout.standing.push(Area { low, high });
        }
        for (i, queue) in kind.queues.iter().enumerate() {
            let path = (0..)
                .zip(&queue.path_m)
                .map(|(k, place): (usize, _)| self.draws.place(*place, &format!("queues[{i}].path_m[{k}]")))
                .collect();
            let spacing_m = self.draws.length_m(queue.spacing_m, &format!("queues[{i}].spacing_m"));
            self.layout.queues.push(Queue { path, spacing_m, served_facing_rad: queue.served_facing.map(Facing::rad) });
        }
        for (i, aisle) in kind.aisles.iter().enumerate() {
            let ends = (
                self.draws.place(aisle.from_m, &format!("aisles[{i}].from_m")),
                self.draws.place(aisle.to_m, &format!("aisles[{i}].to_m")),
            );
            self.layout.aisles.push(ends);
        }
        for (i, post) in kind.posts.iter().enumerate() {
            let at = self.draws.place(post.at_m, &format!("posts[{i}].at_m"));
            self.layout.posts.push(Post { at, facing_rad: post.facing.rad() });
        }
    }
}
