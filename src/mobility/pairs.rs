//! Trials: two people, or their phones, at a time are at a set distance for a set time, far from everybody else.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use rand::RngExt;

use crate::{
    faults::Faults,
    ids::{PersonId, VenueId},
    population::People,
    random::{Keyed, Seed, Stream},
    time::DayJst,
    units::Point,
    venue::{FloorPlan, Venue, VenueConfig, VenueKind},
};

use super::{
    carry::{Carry, Doing},
    config::{Between, Facing, MobilityConfig, PairsConfig},
    stance::{Carriage, DayPlan, Stance, VenueDay, Visit},
};

/// Pairs of those who work on the floor, first with second, third with fourth. Each pair has the floor to itself, as a venue
/// of its own, and meets in the middle of its first room.
#[derive(Clone, Debug)]
pub struct Pairs {
    pairs: Vec<[PersonId; 2]>,
    venues: Vec<Venue>,
    plans: Vec<FloorPlan>,
    config: PairsConfig,
    phone_offset: [Point; 6],
    carry: Carry,
    keyed: Keyed,
}

/// Positions are kept in 32 bits: the two stand so much nearer than stated that rounding puts nobody beyond, m.
const ROUNDING_M: f64 = 1e-4;

impl Pairs {
    /// Pairs people off. `phone_offset` is a phone's position relative to the body centre for a facing of 0 rad, by carriage. With
    /// faults of the floor plan, nothing is returned.
    pub fn new(
        mobility: &MobilityConfig,
        venue: &VenueConfig,
        people: &People,
        phone_offset: [Point; 6],
        seed: Seed,
        faults: &mut Faults,
    ) -> Option<Self> {
        let plan = venue.office_plan(faults);
        let config = mobility.pairs.clone();
        let room = plan.rooms.first()?;
        let side_m = f64::from((room.high.x_m - room.low.x_m).min(room.high.y_m - room.low.y_m));
        let beyond_phones_m = match config.between {
            Between::People => 0.0,
            Between::Phones => 2.0 * phone_offset.iter().map(|p| f64::from(p.x_m.hypot(p.y_m))).fold(0.0, f64::max),
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
        let workers: Vec<PersonId> = (0..people.len()).filter(|i| people.works_here[*i]).map(|i| PersonId(i as u32)).collect();
        let pairs: Vec<[PersonId; 2]> = workers.chunks_exact(2).map(|two| [two[0], two[1]]).collect();
        let venues = (0..pairs.len()).map(|v| Venue { id: VenueId(v as u32), kind: VenueKind::Office, plan: 0 }).collect();
        Some(Self {
            pairs,
            venues,
            plans: vec![plan],
            config,
            phone_offset,
            carry: Carry::new(&mobility.carriage, seed),
            keyed: Keyed::new(seed, Stream::Replay),
        })
    }

    /// One venue a pair.
    pub fn venues(&self) -> &[Venue] {
        &self.venues
    }

    /// The floor.
    pub fn plans(&self) -> &[FloorPlan] {
        &self.plans
    }

    /// One JST day: one trial of every pair, all at the same time.
    pub fn day(&self, day: DayJst) -> DayPlan {
        let mut plan = DayPlan::default();
        let start_s = day.start().0 + (self.config.start_h * 3600.0) as i64;
        let end_s = start_s + (self.config.duration_min * 60.0) as i64;
        for (v, pair) in self.pairs.iter().enumerate() {
            let venue = VenueId(v as u32);
            let stances = self.trial(v as u32, *pair, day, start_s, end_s);
            plan.visits.extend(pair.map(|person| Visit { person, venue, start_s, end_s }));
            plan.venue_days.push(VenueDay { venue, stances: stances.to_vec() });
        }
        plan.visits.sort_by_key(|v| (v.person, v.start_s));
        plan
    }

    fn trial(&self, number: u32, pair: [PersonId; 2], day: DayJst, start_s: i64, end_s: i64) -> [Stance; 2] {
        let c = &self.config;
        let mut rng = self.keyed.rng(number, day.0 as u32, 7);
        let room = &self.plans[0].rooms[0];
        let middle = room.low.towards(room.high, 0.5);
        let along_rad: f32 = rng.random_range(0.0..TAU);
        let apart_m = (c.distance_m - ROUNDING_M) as f32;
        let episode = day.0 as u32;
        let (facing, carriage) = self.placement(pair, episode, rng.random());
        // The way from each to the other.
        let to_other = [along_rad + PI, along_rad];
        let facing_rad = match facing {
            Facing::FaceToFace => to_other,
            Facing::SideBySide => [along_rad + FRAC_PI_2; 2],
            Facing::AnyWay => [rng.random_range(0.0..TAU), rng.random_range(0.0..TAU)],
        };
        let at: [Point; 2] = std::array::from_fn(|i| {
            let stated = middle.offset(along_rad, [0.5, -0.5][i] * apart_m);
            match c.between {
                Between::People => stated,
                Between::Phones => {
                    let of_phone = self.phone_offset[carriage[i] as usize].turned(facing_rad[i]);
                    Point::new(stated.x_m - of_phone.x_m, stated.y_m - of_phone.y_m)
                }
            }
        });
        std::array::from_fn(|i| Stance {
            person: pair[i],
            start_s,
            end_s,
            from: at[i],
            to: at[i],
            facing_rad: facing_rad[i],
            carriage: carriage[i],
            room: 0,
            place: episode,
            episode,
        })
    }

    /// How the two stand, and how they carry their phones.
    fn placement(&self, pair: [PersonId; 2], episode: u32, uniform: f64) -> (Facing, [Carriage; 2]) {
        let c = &self.config;
        if c.placements.is_empty() {
            let weights = [(Facing::FaceToFace, c.face_to_face), (Facing::SideBySide, c.side_by_side), (Facing::AnyWay, c.any_way)];
            (pick(&weights, uniform), pair.map(|person| self.carry.draw(person, Doing::Talk, episode)))
        } else {
            let weights: Vec<_> = c.placements.iter().map(|p| (*p, p.weight)).collect();
            let placed = pick(&weights, uniform);
            (placed.facing, [placed.carriage; 2])
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
