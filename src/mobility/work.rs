//! When a worker is on the office floor: what they decide alone, whoever else comes.

use rand::RngExt;

use crate::{
    ids::PersonId,
    random::{Keyed, KeyedRng, Seed, Stream},
    time::DayJst,
};

use super::config::WorkConfig;

pub(super) const MINUTE_S: i64 = 60;
pub(super) const HOUR_S: i64 = 3600;

/// A lunch as it is meant to be.
#[derive(Clone, Debug)]
pub(super) struct Lunch {
    pub start_s: i64,
    pub end_s: i64,
    /// Decides where, even from 0 to 1: those leave for it who lie lowest.
    pub where_: f64,
    /// Goes on after the draws of the lunch, for what is left to the place.
    pub rng: KeyedRng,
}

impl Lunch {
    /// The lunch that a worker means to take on a day.
    pub fn of(seed: Seed, person: PersonId, day: DayJst) -> Self {
        let mut rng = Keyed::new(seed, Stream::Plan).rng(person.0, 1, day.0 as u32);
        let start_s = day.start().0 + 12 * HOUR_S + rng.random_range(-15 * MINUTE_S..30 * MINUTE_S);
        let end_s = start_s + rng.random_range(30 * MINUTE_S..60 * MINUTE_S);
        Self { start_s, end_s, where_: rng.random(), rng }
    }
}

/// Draws hours of workers, a pure function of the person and the day.
#[derive(Clone, Debug)]
pub struct WorkHours {
    config: WorkConfig,
    seed: Seed,
    keyed: Keyed,
}

impl WorkHours {
    /// By `[mobility.work]`.
    pub fn new(config: &WorkConfig, seed: Seed) -> Self {
        Self { config: config.clone(), seed, keyed: Keyed::new(seed, Stream::Plan) }
    }

    /// First and last second of a worker on the floor on a day; `None` on weekends and when working from home.
    pub fn presence(&self, person: PersonId, day: DayJst) -> Option<(i64, i64)> {
        let mut rng = self.keyed.rng(person.0, 0, day.0 as u32);
        if !day.is_weekday() || rng.random::<f64>() < self.config.telework_share {
            return None;
        }
        let arrival = self.config.arrival_h * 60.0 + self.config.arrival_sd_min * rng.normal();
        let overtime = rng.exponential(self.config.overtime_mean_min);
        let arrival_min = arrival.clamp(300.0, 840.0) as i64;
        let leaving_min = ((self.config.leaving_h * 60.0 + overtime) as i64).clamp(arrival_min + 60, 23 * 60);
        let start_s = day.start().0 + arrival_min * MINUTE_S + rng.random_range(0..MINUTE_S);
        Some((start_s, day.start().0 + leaving_min * MINUTE_S))
    }

    /// Time away from home because of work: the commute is not simulated.
    pub fn away(&self, presence: (i64, i64)) -> (i64, i64) {
        let commute_s = (self.config.commute_min * 60.0) as i64;
        (presence.0 - commute_s, presence.1 + commute_s)
    }

    /// The stretches of a presence on the floor: two where lunch is taken out of the building, else one. Whoever comes or goes
    /// in the middle of their lunch does not leave for it.
    pub fn on_floor(&self, person: PersonId, day: DayJst, presence: (i64, i64)) -> impl Iterator<Item = (i64, i64)> {
        let lunch = Lunch::of(self.seed, person, day);
        let leaves = lunch.where_ < self.config.lunch_out_share && presence.0 < lunch.start_s && lunch.end_s < presence.1;
        let first_end_s = if leaves { lunch.start_s } else { presence.1 };
        std::iter::once((presence.0, first_end_s)).chain(leaves.then_some((lunch.end_s, presence.1)))
    }
}
