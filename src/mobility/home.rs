//! Life at home, a pure function of the person and the night.
//!
//! Time at home is divided into nights: night n runs from 12:00 of day n to 12:00 of day n + 1. Everything within it is drawn
//! from n, so midnight is nothing special: both days draw the same bed, sofa and hours. Moving between rooms takes no
//! time.

use std::ops::Range;

use rand::RngExt;

use crate::{
    ids::PersonId,
    random::{Keyed, Seed, Stream},
    time::{DayJst, UnixSeconds},
    venue::{FloorPlan, SeatUse, kind::RoomsAndBedsModel},
};

use super::{
    carry::{Carry, Doing},
    stance::Stance,
};

const HOUR_S: i64 = 3600;

/// Where people sit and lie in a home, as indices of its plan's seats.
#[derive(Clone, Debug)]
struct HomeSeats {
    dining: Vec<usize>,
    sofa: Vec<usize>,
    beds: Vec<usize>,
}

/// Draws what people do at home.
#[derive(Clone, Debug)]
pub struct HomeLife {
    model: RoomsAndBedsModel,
    /// By plan; the lists of a plan that is no home are empty.
    seats: Vec<HomeSeats>,
    keyed: Keyed,
}

impl HomeLife {
    /// `plans`: those that `stay` is asked about, by number.
    pub fn new<'p>(model: &RoomsAndBedsModel, plans: impl Iterator<Item = &'p FloorPlan>, seed: Seed) -> Self {
        let of = |plan: &FloorPlan, use_: SeatUse| (0..plan.seats.len()).filter(|i| plan.seats[*i].use_ == use_).collect();
        let seats = plans.map(|p| HomeSeats { dining: of(p, SeatUse::Dining), sofa: of(p, SeatUse::Sofa), beds: of(p, SeatUse::Bed) });
        Self { model: model.clone(), seats: seats.collect(), keyed: Keyed::new(seed, Stream::HomeLife) }
    }

    /// Appends the stances of `person`, the `member`-th of the household, for `span_s` at home. `plan`: its number, and itself.
    pub fn stay(
        &self,
        person: PersonId,
        member: usize,
        plan: (usize, &FloorPlan),
        carry: &Carry,
        span_s: Range<i64>,
        out: &mut Vec<Stance>,
    ) {
        let block_s = (self.model.block_min * 60.0) as i64;
        let mut t_s = span_s.start;
        while t_s < span_s.end {
            let night = UnixSeconds(t_s - 12 * HOUR_S).day_jst();
            let noon_s = night.start().0 + 12 * HOUR_S;
            let (bed_s, wake_s) = self.sleep(person, night);
            let night_end_s = span_s.end.min(noon_s + 24 * HOUR_S);
            while t_s < night_end_s {
                let number = (t_s - noon_s) / block_s;
                let block_end_s = noon_s + (number + 1) * block_s;
                let (until_s, block) = if t_s < bed_s {
                    (bed_s.min(block_end_s), Some(number))
                } else if t_s < wake_s {
                    (wake_s, None)
                } else {
                    (block_end_s, Some(number))
                };
                let end_s = until_s.min(night_end_s);
                out.push(self.stance(person, member, plan, carry, night, block, t_s, end_s));
                t_s = end_s;
            }
        }
    }

    /// When a person goes to bed and gets up, as the model says.
    fn sleep(&self, person: PersonId, night: DayJst) -> (i64, i64) {
        let mut rng = self.keyed.rng(person.0, 0, night.0 as u32);
        let mut within = |[from_h, to_h]: [f64; 2]| {
            let [from_s, to_s] = [from_h, to_h].map(|h| (h * HOUR_S as f64) as i64);
            night.start().0 + from_s + rng.random_range(0..(to_s - from_s).max(1))
        };
        (within(self.model.to_bed_h), within(self.model.up_h.map(|h| h + 24.0)))
    }

    #[expect(clippy::too_many_arguments, reason = "one pose needs who, where and when")]
    fn stance(
        &self,
        person: PersonId,
        member: usize,
        (number, plan): (usize, &FloorPlan),
        carry: &Carry,
        night: DayJst,
        block: Option<i64>,
        start_s: i64,
        end_s: i64,
    ) -> Stance {
        let HomeSeats { dining, sofa, beds } = &self.seats[number];
        let (seats, doing) = match block {
            None => (beds, Doing::Night),
            Some(block) if block == ((self.model.dinner_h - 12.0) * 60.0 / self.model.block_min) as i64 => (dining, Doing::Home),
            Some(block) => {
                let uniform = self.keyed.uniform(person.0, 1 + block as u32, night.0 as u32);
                let seats = if uniform < self.model.sofa_share {
                    sofa
                } else if uniform < self.model.sofa_share + self.model.dining_share {
                    dining
                } else {
                    beds
                };
                (seats, Doing::Home)
            }
        };
        let index = seats[member % seats.len()];
        let seat = &plan.seats[index];
        // Episodes of nights count within the range above those of working days.
        let episode = night.0 as u32 * 256 + 128 + block.map_or(0, |b| 1 + b as u32);
        Stance {
            person,
            start_s,
            end_s,
            from: seat.at,
            to: seat.at,
            facing_rad: seat.facing_rad,
            carriage: carry.draw(person, doing, episode),
            room: seat.room,
            place: index as u32,
            episode,
        }
    }
}
