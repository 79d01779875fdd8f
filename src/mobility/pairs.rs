//! Trials: two people at a time meet at a set distance for a set time, far from everybody else.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use rand::RngExt;

use crate::{
    faults::Faults,
    ids::{PersonId, VenueId},
    population::People,
    random::{Keyed, Seed, Stream},
    time::DayJst,
    venue::{FloorPlan, Venue, VenueConfig, VenueKind},
};

use super::{
    carry::{Carry, Doing},
    config::{MobilityConfig, PairsConfig},
    stance::{DayPlan, Stance, VenueDay, Visit},
};

/// Pairs of those who work on the floor, first with second, third with fourth. Each pair has the floor to itself, as a venue
/// of its own, and meets in the middle of its first room.
#[derive(Clone, Debug)]
pub struct Pairs {
    pairs: Vec<[PersonId; 2]>,
    venues: Vec<Venue>,
    plans: Vec<FloorPlan>,
    config: PairsConfig,
    carry: Carry,
    keyed: Keyed,
}

impl Pairs {
    /// Pairs people off. With faults of the floor plan, nothing is returned.
    pub fn new(mobility: &MobilityConfig, venue: &VenueConfig, people: &People, seed: Seed, faults: &mut Faults) -> Option<Self> {
        let plan = venue.office_plan(faults);
        let config = mobility.pairs.clone();
        let room = plan.rooms.first()?;
        let side_m = (room.high.x_m - room.low.x_m).min(room.high.y_m - room.low.y_m);
        if config.distance_m + 0.5 > f64::from(side_m) {
            faults.push(
                "mobility.pairs.distance_m",
                format!("two people {} m apart do not fit into room \"{}\"", config.distance_m, room.name),
                format!("use at most {:.1} m, or a larger first room", side_m - 0.5),
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
        let at = [0.5, -0.5].map(|side| middle.offset(along_rad, side * c.distance_m as f32));
        // The way from each to the other.
        let (to_other, drawn) = ([along_rad + PI, along_rad], rng.random::<f64>() * (c.face_to_face + c.side_by_side + c.any_way));
        let facing_rad = if drawn < c.face_to_face {
            to_other
        } else if drawn < c.face_to_face + c.side_by_side {
            [along_rad + FRAC_PI_2; 2]
        } else {
            [rng.random_range(0.0..TAU), rng.random_range(0.0..TAU)]
        };
        let episode = day.0 as u32;
        std::array::from_fn(|i| Stance {
            person: pair[i],
            start_s,
            end_s,
            from: at[i],
            to: at[i],
            facing_rad: facing_rad[i],
            carriage: self.carry.draw(pair[i], Doing::Talk, episode),
            room: 0,
            place: episode,
            episode,
        })
    }
}
