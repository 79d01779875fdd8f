//! Whether the roles of a kind can be.

use crate::{
    faults::{Faults, use_one_of},
    venue::plan::SeatUse,
};

use super::{
    config::{KindConfig, MovementConfig, RoleCarriage, RoomsAndBedsModel, SeatOf},
    lay::Layout,
};

impl SeatOf {
    /// Whether a seat of this use is one of those that it names.
    pub fn is(self, use_: SeatUse) -> bool {
        self == match use_ {
            SeatUse::Desk => Self::Desk,
            SeatUse::Dining | SeatUse::Meeting | SeatUse::Pantry => Self::Table,
            SeatUse::Bench | SeatUse::Sofa => Self::Bench,
            SeatUse::Bed => Self::Bed,
        }
    }

    /// Whether several people sit at one.
    pub fn is_shared(self) -> bool {
        matches!(self, Self::Table | Self::Bench)
    }
}

impl MovementConfig {
    /// Whether those who come are as many as find room, and not as many as work there.
    pub fn is_crowd(&self) -> bool {
        !matches!(self, Self::Post(_) | Self::Rounds(_))
    }
}

impl KindConfig {
    /// The role to which those of a role go on, if there is one.
    pub fn role_after(&self, role: usize) -> Option<usize> {
        let then = self.roles.get(role)?.then.as_ref()?;
        self.roles.iter().position(|role| role.name == *then)
    }
}

impl RoleCarriage {
    /// The weights: hand, front pocket, back pocket, bag, table, ear.
    pub fn each(&self) -> [f64; 6] {
        [self.hand, self.front_pocket, self.back_pocket, self.bag, self.table, self.ear]
    }
}

/// Finds roles that cannot be in a venue of the kind with so many people.
pub(super) fn check(kind: &KindConfig, layout: &Layout, people: u32, faults: &mut Faults) {
    for (i, role) in kind.roles.iter().enumerate() {
        let path = format!("roles[{i}]");
        if role.name.is_empty() || kind.roles[..i].iter().any(|other| other.name == role.name) {
            faults.push(format!("{path}.name"), "no name, or that of another role", "give each role its own name");
        }
        if let Some(then) = &role.then {
            let names = || kind.roles.iter().map(|role| role.name.as_str());
            if !names().any(|name| name == then) {
                faults.push(format!("{path}.then"), "no role of this name", use_one_of(then, names()));
            } else if is_circle(kind, i) {
                faults.push(format!("{path}.then"), "it leads back to this role", "let one of them end");
            } else if matches!(role.model, MovementConfig::Aisles(_)) && !kind.role_after(i).is_some_and(|next| ends_visits(kind, next)) {
                faults.push(
                    format!("{path}.then"),
                    "nobody goes on to it from the aisles",
                    "name a queue with ends_visit = true, or remove it",
                );
            }
        }
        let standing = match &role.model {
            MovementConfig::Ride(model) => model.standing_carriage,
            _ => None,
        };
        for (key, carriage) in [("carriage", role.carriage), ("model.ride.standing_carriage", standing)] {
            let weights = carriage.map(|carriage| carriage.each());
            if weights.is_some_and(|weights| weights.iter().any(|w| *w < 0.0) || weights.iter().sum::<f64>() <= 0.0) {
                faults.push(format!("{path}.{key}"), "not weights", "use numbers of 0 or more, one of them positive");
            }
        }
        let is_alone = matches!(role.model, MovementConfig::WorkFloor(_) | MovementConfig::RoomsAndBeds(_));
        if is_alone && kind.roles.len() > 1 {
            faults.push(&path, "another role beside it", "a kind with a work floor, or with rooms and beds, has one role");
        }
        model(&role.model, layout, people, &path, faults);
    }
}

fn model(model: &MovementConfig, layout: &Layout, people: u32, path: &str, faults: &mut Faults) {
    let mut needs = |has: bool, key: &str, what: &str| {
        if !has {
            faults.push(format!("{path}.model.{key}"), format!("the kind has no {what}"), format!("add {what}, or use another model"));
        }
    };
    match model {
        MovementConfig::Seats(model) => {
            needs(has_seats(layout, &model.on), "seats", "seats of these uses");
        }
        MovementConfig::Ride(model) => {
            needs(has_seats(layout, &model.on), "ride.on", "seats of these uses");
            needs(!layout.standing.is_empty(), "ride", "standing areas");
        }
        MovementConfig::Standing(_) => needs(!layout.standing.is_empty(), "standing", "standing areas"),
        MovementConfig::Post(model) => {
            needs(!layout.posts.is_empty(), "post", "posts");
            numbers(model.at.as_deref(), layout.posts.len(), "posts", &format!("{path}.model.post.at"), faults);
        }
        MovementConfig::Queue(model) => {
            needs(!layout.queues.is_empty(), "queue", "queues");
            if model.ends_visit && model.service_mean_s.is_none() {
                let key = format!("{path}.model.queue.ends_visit");
                faults.push(key, "nobody is served in this queue", "state service_mean_s, or remove it");
            }
            numbers(model.lines.as_deref(), layout.queues.len(), "queues", &format!("{path}.model.queue.lines"), faults);
        }
        MovementConfig::Aisles(model) => {
            needs(!layout.aisles.is_empty(), "aisles", "aisles");
            numbers(model.along.as_deref(), layout.aisles.len(), "aisles", &format!("{path}.model.aisles.along"), faults);
        }
        MovementConfig::Rounds(model) => {
            needs(!layout.posts.is_empty(), "rounds", "posts");
            needs(has_seats(layout, &[model.to]), "rounds.to", "seats of this use");
            numbers(model.at.as_deref(), layout.posts.len(), "posts", &format!("{path}.model.rounds.at"), faults);
        }
        MovementConfig::WorkFloor(_) => needs(layout.plan.seats.iter().any(|seat| seat.use_ == SeatUse::Desk), "work_floor", "desks"),
        MovementConfig::RoomsAndBeds(model) => {
            let places = (SeatUse::HOME).map(|use_| (use_, layout.plan.seats.iter().filter(|seat| seat.use_ == use_).count()));
            for ((_, there), what) in places.into_iter().zip(["places at a table", "places on benches of a living room", "beds"]) {
                if (there as u32) < people {
                    let problem = format!("of {people} people each is to have a place, and there are {there} {what}");
                    faults.push(
                        format!("{path}.model.rooms_and_beds"),
                        problem,
                        "add some (for_people says for how many people something is there)",
                    );
                }
            }
            hours(model, &format!("{path}.model.rooms_and_beds"), faults);
        }
    }
}

/// Finds nights that end before they begin.
fn hours(model: &RoomsAndBedsModel, path: &str, faults: &mut Faults) {
    for (key, [from_h, to_h]) in [("to_bed_h", model.to_bed_h), ("up_h", model.up_h)] {
        if from_h > to_h {
            faults.push(format!("{path}.{key}"), "not a span of time", "give two hours, the earlier first");
        }
    }
    if model.to_bed_h[1] >= model.up_h[0] + 24.0 {
        faults.push(format!("{path}.up_h"), "somebody could get up before they go to bed", "end to_bed_h earlier, or begin up_h later");
    }
    if model.sofa_share + model.dining_share > 1.0 {
        faults.push(format!("{path}.dining_share"), "more than is left beside sofa_share", "let the two come to at most 1");
    }
}

fn has_seats(layout: &Layout, on: &[SeatOf]) -> bool {
    layout.plan.seats.iter().any(|seat| on.iter().any(|on| on.is(seat.use_)))
}

/// Finds numbers of things of which there are fewer.
fn numbers(given: Option<&[u32]>, there_are: usize, what: &str, path: &str, faults: &mut Faults) {
    if given.is_some_and(|given| given.is_empty() || given.iter().any(|number| *number as usize >= there_are)) {
        faults.push(path, "none, or one that the kind does not have", format!("count its [[{what}]] from 0"));
    }
}

fn ends_visits(kind: &KindConfig, role: usize) -> bool {
    matches!(&kind.roles[role].model, MovementConfig::Queue(model) if model.ends_visit)
}

/// Whether somebody of a role comes back to it.
fn is_circle(kind: &KindConfig, role: usize) -> bool {
    std::iter::successors(kind.role_after(role), |of| kind.role_after(*of)).take(kind.roles.len()).any(|of| of == role)
}
