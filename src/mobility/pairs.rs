//! Trials: two people, or their phones, at a time are at a set distance for a set time, far from everybody else.

use std::{
    f32::consts::{FRAC_PI_2, PI, TAU},
    sync::Arc,
};

use rand::RngExt;

use crate::{
    faults::Faults,
    ids::{PersonId, VenueId},
    math,
    population::People,
    random::{Keyed, Seed, Stream},
    time::DayJst,
    units::Point,
    venue::{FloorPlan, Venue, VenueKind},
};

use super::{
    carry::{Carry, Doing},
    config::{Between, Facing, MobilityConfig, PairsConfig},
    movement::{Insides, Movement, Plans},
    stance::{Carriage, Stance},
    visit::{NO_GROUP, Visit},
};

/// Pairs of those who work on the floor, first with second, third with fourth. Each pair has the floor to itself, as a venue
/// of its own, and meets in the middle of its first room.
#[derive(Clone, Debug)]
struct Trials {
    /// Each person's number among those who have a partner.
    number: Vec<Option<u32>>,
    config: PairsConfig,
    phone_offset: [Point; 6],
    carry: Carry,
    keyed: Keyed,
}

/// Positions are kept in 32 bits: the two stand so much nearer than stated that rounding puts nobody beyond, m.
const ROUNDING_M: f64 = 1e-4;

impl Movement {
    /// Trials: one venue a pair, all of this plan. `phone_offset` is a phone's position relative to the body centre for a facing of 0 rad,
    /// by carriage. Where the two do not fit into the first room, nothing is returned.
    pub fn pairs(
        mobility: &MobilityConfig,
        mut plan: FloorPlan,
        people: &People,
        phone_offset: [Point; 6],
        seed: Seed,
        faults: &mut Faults,
    ) -> Option<Self> {
        let config = mobility.pairs.clone();
        if !config.environment.is_empty() {
            plan.rooms.first_mut()?.environment.clone_from(&config.environment);
        }
        let room = plan.rooms.first()?;
        let side_m = f64::from((room.high.x_m - room.low.x_m).min(room.high.y_m - room.low.y_m));
        let beyond_phones_m = match config.between {
            Between::People => 0.0,
            Between::Phones => 2.0 * phone_offset.iter().map(|p| f64::from(math::hypot(p.x_m, p.y_m))).fold(0.0, f64::max),
        };
        let needed_m = config.distance_m + beyond_phones_m + 0.5;
        if needed_m > side_m {
            faults.push(
                "mobility.pairs.distance_m",
                format!("two people {} m apart do not fit into room \"{}\"", config.distance_m, room.name),
                format!("use at most {:.1} m, or a larger first room", (side_m - needed_m + config.distance_m).max(0.0)),
            );
        }
        if !faults.is_empty() {
            return None;
        }
        let paired = people.works_here.iter().filter(|works| **works).count() / 2;
        let mut numbers = 0..2 * paired as u32;
        let trials = Arc::new(Trials {
            number: people.works_here.iter().map(|works| works.then(|| numbers.next()).flatten()).collect(),
            config,
            phone_offset,
            carry: Carry::new(&mobility.carriage, seed),
            keyed: Keyed::new(seed, Stream::Replay),
        });
        let venues = (0..paired).map(|v| Venue { id: VenueId(v as u32), kind: VenueKind::OFFICE, plan: 0 }).collect();
        Some(Self::new(trials.clone(), trials, venues, vec![plan]))
    }
}

impl Plans for Trials {
    /// One trial a day, everybody's at the same time, whoever stays home otherwise.
    fn visits(&self, person: PersonId, day: DayJst, _: bool, out: &mut Vec<Visit>) {
        let start_s = day.start().0 + (self.config.start_h * 3600.0) as i64;
        let end_s = start_s + (self.config.duration_min * 60.0) as i64;
        let number = self.number[person.index()];
        out.extend(number.map(|n| Visit { person, venue: VenueId(n / 2), start_s, end_s, seat: n % 2, group: NO_GROUP, role: 0 }));
    }
}

impl Insides for Trials {
    fn stances(&self, _: &Venue, floor: &FloorPlan, day: DayJst, visits: &[Visit], out: &mut Vec<Stance>) -> u32 {
        out.extend(visits.iter().map(|visit| self.pose(floor, day, visit)));
        0
    }
}

impl Trials {
    /// Where one of the two stands: the draws are the pair's, so that both poses are of one trial.
    fn pose(&self, floor: &FloorPlan, day: DayJst, visit: &Visit) -> Stance {
        let c = &self.config;
        let mut rng = self.keyed.rng(visit.venue.0, day.0 as u32, 7);
        let room = &floor.rooms[0];
        let middle = room.low.towards(room.high, 0.5);
        let along_rad: f32 = rng.random_range(0.0..TAU);
        let apart_m = (c.distance_m - ROUNDING_M) as f32;
        let episode = day.0 as u32;
        let (facing, carriage) = self.placement(visit.person, episode, rng.random());
        // The way from each to the other.
        let to_other = [along_rad + PI, along_rad];
        let facing_rad = match facing {
            Facing::FaceToFace => to_other,
            Facing::SideBySide => [along_rad + FRAC_PI_2; 2],
            Facing::AnyWay => [rng.random_range(0.0..TAU), rng.random_range(0.0..TAU)],
        };
        let which = visit.seat as usize;
        let facing_rad = facing_rad[which];
        let stated = middle.offset(along_rad, [0.5, -0.5][which] * apart_m);
        let at = match c.between {
            Between::People => stated,
            Between::Phones => {
                let of_phone = self.phone_offset[carriage as usize].turned(facing_rad);
                Point::new(stated.x_m - of_phone.x_m, stated.y_m - of_phone.y_m)
            }
        };
        Stance {
            person: visit.person,
            start_s: visit.start_s,
            end_s: visit.end_s,
            from: at,
            to: at,
            facing_rad,
            carriage,
            room: 0,
            place: episode,
            episode,
        }
    }

    /// How the two stand, and how one of them carries the phone.
    fn placement(&self, person: PersonId, episode: u32, uniform: f64) -> (Facing, Carriage) {
        let c = &self.config;
        if c.placements.is_empty() {
            let weights = [(Facing::FaceToFace, c.face_to_face), (Facing::SideBySide, c.side_by_side), (Facing::AnyWay, c.any_way)];
            (pick(&weights, uniform), self.carry.draw(person, Doing::Talk, episode))
        } else {
            let weights: Vec<_> = c.placements.iter().map(|p| (*p, p.weight)).collect();
            let placed = pick(&weights, uniform);
            (placed.facing, placed.carriage)
        }
    }
}

/// One of several by weight, of which at least one is positive.
fn pick<T: Copy>(weighed: &[(T, f64)], uniform: f64) -> T {
    let mut left = uniform * weighed.iter().map(|(_, weight)| weight).sum::<f64>();
    let chosen = weighed.iter().find(|(_, weight)| {
        left -= weight;
        left < 0.0
    });
    chosen.or(weighed.last()).expect("there is something to choose from").0
}
