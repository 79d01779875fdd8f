//! From the scenario's description to a [`FloorPlan`].

use std::{
    f32::consts::{FRAC_PI_2, PI},
    ops::Range,
};

use crate::{
    faults::{Faults, counted, use_one_of},
    units::Point,
};

use super::{
    config::{HomeConfig, MaterialConfig, OfficeConfig, RoomConfig, VenueConfig},
    fits::{self, Furniture, Wall},
    plan::{Barrier, FloorPlan, Material, Room, RoomKind, Seat, SeatUse, Table},
    reach,
    slab::LossByAngle,
};

/// Desk top, m: 1.2 × 0.7, the common Japanese module.
const DESK_WIDTH_M: f32 = 1.2;
const DESK_DEPTH_M: f32 = 0.7;
/// A seated body's centre from the table's edge, m (assumption).
const SEAT_FROM_EDGE_M: f32 = 0.3;
/// From one person on the sofa to the next, m (assumption).
const SOFA_PITCH_M: f32 = 0.75;

impl VenueConfig {
    /// The plan of the office floor. Faults go to `faults`; the plan is of use only if there were none.
    pub fn office_plan(&self, faults: &mut Faults) -> FloorPlan {
        let office = &self.office;
        let mut plan = FloorPlan { materials: self.materials(faults), ..FloorPlan::default() };
        let mut walls: Vec<Wall> = Vec::new();
        let mut furniture: Vec<Furniture> = Vec::new();
        // What stands in a room that is wrong, or on a floor that is too small for the rooms, is no fault of its own.
        let rooms_fit = self.rooms(office, &mut plan, faults);
        for (i, wall) in office.walls.iter().enumerate() {
            let path = format!("venue.office.walls[{i}]");
            let (from, to) = (Point::new(wall.x0_m, wall.y0_m), Point::new(wall.x1_m, wall.y1_m));
            if rooms_fit && [from, to].iter().any(|p| p.x_m < 0.0 || p.y_m < 0.0 || p.x_m > office.width_m || p.y_m > office.depth_m) {
                faults.push(&path, "the wall leaves the floor", format!("stay within 0-{} m by 0-{} m", office.width_m, office.depth_m));
            }
            if from == to {
                faults.push(
                    &path,
                    format!("a wall of no length at ({}, {}) m", from.x_m, from.y_m),
                    "give it two different ends, or remove it",
                );
            }
            if let Some(material) = self.material(&wall.material, &format!("{path}.material"), faults) {
                plan.barriers.push(Barrier { from, to, material, reaches_ceiling: true });
                walls.push(Wall { path, from, to, material: wall.material.clone() });
            }
        }
        for (i, island) in office.desk_islands.iter().enumerate() {
            let path = format!("venue.office.desk_islands[{i}]");
            let low = Point::new(island.x_m, island.y_m);
            let high = Point::new(island.x_m + island.columns as f32 * DESK_WIDTH_M, island.y_m + 2.0 * DESK_DEPTH_M);
            let Some(room) = room_for(&plan, &island.room, low, high, &path, rooms_fit, faults) else { continue };
            let seats = place_rows(&mut plan, room, SeatUse::Desk, low, high, island.columns);
            if !island.screen.is_empty()
                && let Some(material) = self.material(&island.screen, &format!("{path}.screen"), faults)
            {
                let y_m = island.y_m + DESK_DEPTH_M;
                plan.barriers.push(Barrier {
                    from: Point::new(low.x_m, y_m),
                    to: Point::new(high.x_m, y_m),
                    material,
                    reaches_ceiling: false,
                });
            }
            furniture.push(Furniture { path, low, high, seats, seat_from_edge_m: SEAT_FROM_EDGE_M });
        }
        for (i, table) in office.tables.iter().enumerate() {
            let path = format!("venue.office.tables[{i}]");
            let low = Point::new(table.x_m, table.y_m);
            let high = Point::new(table.x_m + table.width_m, table.y_m + table.depth_m);
            let Some(room) = room_for(&plan, &table.room, low, high, &path, rooms_fit, faults) else { continue };
            let use_ = if plan.rooms[room].kind == RoomKind::Pantry { SeatUse::Pantry } else { SeatUse::Meeting };
            let seats = place_rows(&mut plan, room, use_, low, high, table.chairs_a_side);
            furniture.push(Furniture { path, low, high, seats, seat_from_edge_m: SEAT_FROM_EDGE_M });
        }
        if !rooms_fit {
            return plan;
        }
        let all_fit = fits::check(&plan, &walls, &furniture, faults);
        // Chairs shut in by what stands in the wrong place are no fault of their own.
        reach::check(&plan, if all_fit { &furniture } else { &[] }, office.width_m, office.depth_m, faults);
        plan
    }

    /// Lays out the rooms; whether all of them can be.
    fn rooms(&self, office: &OfficeConfig, plan: &mut FloorPlan, faults: &mut Faults) -> bool {
        let before = faults.0.len();
        let mut outside: Vec<usize> = Vec::new();
        for (i, room) in office.rooms.iter().enumerate() {
            let path = format!("venue.office.rooms[{i}]");
            let (low, high) = (Point::new(room.x0_m, room.y0_m), Point::new(room.x1_m, room.y1_m));
            if low.x_m >= high.x_m || low.y_m >= high.y_m {
                faults.push(&path, "the room has no area", "x0_m < x1_m and y0_m < y1_m");
            } else if low.x_m < 0.0 || low.y_m < 0.0 || high.x_m > office.width_m || high.y_m > office.depth_m {
                outside.push(i);
            }
            for other in &plan.rooms {
                if other.name == room.name {
                    faults.push(format!("{path}.name"), "another room has this name", "give each room its own name");
                }
                if low.x_m < other.high.x_m && other.low.x_m < high.x_m && low.y_m < other.high.y_m && other.low.y_m < high.y_m {
                    faults.push(&path, format!("the room overlaps room \"{}\"", other.name), "move one of the two");
                }
            }
            plan.rooms.push(Room { name: room.name.clone(), kind: room.kind, environment: room.environment.clone(), low, high });
        }
        if let Some(first) = outside.first() {
            let needed_m = |edge: fn(&RoomConfig) -> f32| office.rooms.iter().map(edge).fold(0.0, f32::max);
            let (name, others) = (&office.rooms[*first].name, outside.len() - 1);
            let problem = match others {
                0 => format!("the room \"{name}\" leaves the floor"),
                _ => format!("the room \"{name}\" and {} leave the floor", counted(others, "other")),
            };
            let remedy = format!(
                "stay within 0-{} m by 0-{} m, or make the floor {} m by {} m (venue.office.width_m, .depth_m)",
                office.width_m,
                office.depth_m,
                needed_m(|room| room.x1_m),
                needed_m(|room| room.y1_m)
            );
            faults.push(format!("venue.office.rooms[{first}]"), problem, remedy);
        }
        faults.0.len() == before
    }

    /// The plan of a dwelling for `people`: common room to the left, bedrooms for two each stacked to the right.
    pub fn home_plan(&self, people: usize, faults: &mut Faults) -> FloorPlan {
        let HomeConfig { living_side_m, bedroom_side_m, inner_wall, bed_spacing_m } = &self.home;
        let mut plan = FloorPlan { materials: self.materials(&mut Faults::default()), ..FloorPlan::default() };
        let room = |name: String, kind, low: Point, side_m: f32| Room {
            name,
            kind,
            environment: "home".into(),
            low,
            high: Point::new(low.x_m + side_m, low.y_m + side_m),
        };
        plan.rooms.push(room("living".into(), RoomKind::Living, Point::default(), *living_side_m));
        let material = self.material(inner_wall, "venue.home.inner_wall", faults).unwrap_or(0);
        let bedrooms = people.div_ceil(2);
        for b in 0..bedrooms {
            let low = Point::new(*living_side_m, b as f32 * bedroom_side_m);
            plan.rooms.push(room(format!("bedroom-{}", b + 1), RoomKind::Bedroom, low, *bedroom_side_m));
            let mut wall = |x0, y0, x1, y1| {
                plan.barriers.push(Barrier { from: Point::new(x0, y0), to: Point::new(x1, y1), material, reaches_ceiling: true });
            };
            // A door of 0.8 m at the lower end of the wall to the common room.
            wall(low.x_m, low.y_m + 0.8, low.x_m, low.y_m + bedroom_side_m);
            wall(low.x_m, low.y_m + bedroom_side_m, low.x_m + bedroom_side_m, low.y_m + bedroom_side_m);
        }
        let table = (Point::new(0.6, 0.8), Point::new(0.6 + 0.7 * people.div_ceil(2) as f32, 1.5));
        place_rows(&mut plan, 0, SeatUse::Dining, table.0, table.1, people.div_ceil(2) as u32);
        let in_a_row = (((living_side_m - 1.0) / SOFA_PITCH_M) as usize + 1).max(1);
        for p in 0..people {
            let (column, row) = ((p % in_a_row) as f32, (p / in_a_row) as f32);
            let at = Point::new(0.5 + column * SOFA_PITCH_M, living_side_m - 0.6 - row * 0.9);
            plan.seats.push(Seat { at, facing_rad: -FRAC_PI_2, room: 0, use_: SeatUse::Sofa });
        }
        for p in 0..people {
            let bedroom = &plan.rooms[1 + p / 2];
            let at = Point::new(bedroom.low.x_m + bedroom_side_m / 2.0 + bed_spacing_m * ((p % 2) as f32 - 0.5), bedroom.high.y_m - 0.8);
            plan.seats.push(Seat { at, facing_rad: -FRAC_PI_2, room: 1 + (p / 2) as u16, use_: SeatUse::Bed });
        }
        fits::check_home(&plan, people, faults);
        plan
    }

    /// The barrier materials. Faults go to `faults`.
    pub fn materials(&self, faults: &mut Faults) -> Vec<Material> {
        let material = |(name, config): (&String, &MaterialConfig)| {
            let loss = config.loss();
            if loss.is_none() {
                faults.push(
                    format!("venue.materials.{name}"),
                    "its loss is not stated",
                    "state a (and b, c, d) and thickness_mm of ITU-R P.2040, or loss_db",
                );
            }
            Material { name: name.clone(), loss: loss.unwrap_or(LossByAngle::constant(0.0)) }
        };
        self.materials.iter().map(material).collect()
    }

    fn material(&self, name: &str, path: &str, faults: &mut Faults) -> Option<usize> {
        let found = self.materials.keys().position(|known| known == name);
        if found.is_none() {
            faults.push(path, "no material of this name", use_one_of(name, self.materials.keys().map(String::as_str)));
        }
        found
    }
}

fn room_for(plan: &FloorPlan, name: &str, low: Point, high: Point, path: &str, rooms_fit: bool, faults: &mut Faults) -> Option<usize> {
    let Some(room) = plan.rooms.iter().position(|r| r.name == name) else {
        faults.push(format!("{path}.room"), "no room of this name", use_one_of(name, plan.rooms.iter().map(|r| r.name.as_str())));
        return None;
    };
    let seats_low = Point::new(low.x_m, low.y_m - SEAT_FROM_EDGE_M);
    let seats_high = Point::new(high.x_m, high.y_m + SEAT_FROM_EDGE_M);
    if !plan.rooms[room].contains(seats_low) || !plan.rooms[room].contains(seats_high) {
        if rooms_fit {
            let r = &plan.rooms[room];
            faults.push(
                path,
                format!("seats outside room \"{name}\""),
                format!(
                    "keep it, and {SEAT_FROM_EDGE_M} m for the chairs, within x {}-{} m and y {}-{} m",
                    r.low.x_m, r.high.x_m, r.low.y_m, r.high.y_m
                ),
            );
        }
        return None;
    }
    Some(room)
}

/// A table top with `columns` seats below it facing up and as many above it facing down. Returns the seats.
fn place_rows(plan: &mut FloorPlan, room: usize, use_: SeatUse, low: Point, high: Point, columns: u32) -> Range<usize> {
    let first = plan.seats.len();
    plan.tables.push(Table { low, high });
    let step_m = (high.x_m - low.x_m) / columns as f32;
    for (y_m, facing_rad) in [(low.y_m - SEAT_FROM_EDGE_M, FRAC_PI_2), (high.y_m + SEAT_FROM_EDGE_M, FRAC_PI_2 - PI)] {
        for column in 0..columns {
            let at = Point::new(low.x_m + (column as f32 + 0.5) * step_m, y_m);
            plan.seats.push(Seat { at, facing_rad, room: room as u16, use_ });
        }
    }
    first..plan.seats.len()
}
