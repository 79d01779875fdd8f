//! Plans and insides: the two functions that everything about movement comes down to, and what asks them.

use std::sync::Arc;

use rayon::prelude::*;

use crate::{
    faults::Faults,
    ids::PersonId,
    time::DayJst,
    venue::{FloorPlan, Venue},
};

use super::{
    stance::{DayPlan, Stance, VenueDay},
    visit::{Visit, check_visits},
};

/// People whose plans are asked for in one go.
const PEOPLE_AT_ONCE: usize = 1024;

/// Where people go. `visits` is a pure function of the seed, the person, the day and what changed for that person; what others
/// do that day is not looked at. What people do together follows from memberships that each can evaluate alone.
pub trait Plans: Send + Sync {
    /// Appends a person's visits of a day, in order of time; they keep what [`check_visits`] asks. `stays_home`: the person
    /// keeps away from others by a result or a warning; a source that replays what happened takes no notice of it.
    fn visits(&self, person: PersonId, day: DayJst, stays_home: bool, out: &mut Vec<Visit>);
}

/// What happens inside a venue. `stances` is a pure function of the seed, the venue, the day and the visits of that venue and
/// day: it may look at everybody who visits and at nobody else.
pub trait Insides: Send + Sync {
    /// Appends the stances of a venue-day, sorted by (person, start), and returns how many of the visits found no seat of
    /// their own. `visits` are sorted by (person, start). Stances of one person do not overlap and fill the visits.
    fn stances(&self, venue: &Venue, floor: &FloorPlan, day: DayJst, visits: &[Visit], out: &mut Vec<Stance>) -> u32;
}

/// How people move: plans, insides, and the venues that both speak of.
pub struct Movement {
    plans: Arc<dyn Plans>,
    insides: Arc<dyn Insides>,
    venues: Vec<Venue>,
    floors: Vec<FloorPlan>,
}

impl Movement {
    /// Movement by these plans and insides. A visit's venue is an index into `venues`, a venue's plan one into `floors`.
    pub fn new(plans: Arc<dyn Plans>, insides: Arc<dyn Insides>, venues: Vec<Venue>, floors: Vec<FloorPlan>) -> Self {
        Self { plans, insides, venues, floors }
    }

    /// All venues, index = [`VenueId`](crate::ids::VenueId).
    pub fn venues(&self) -> &[Venue] {
        &self.venues
    }

    /// All floor plans; `Venue::plan` points into them.
    pub fn plans(&self) -> &[FloorPlan] {
        &self.floors
    }

    /// Appends one person's visits of a day.
    pub fn visits(&self, person: PersonId, day: DayJst, stays_home: bool, out: &mut Vec<Visit>) {
        let first = out.len();
        self.plans.visits(person, day, stays_home, out);
        debug_assert_eq!(check_visits(day, &out[first..]), Ok(()), "person {}", person.0);
    }

    /// Appends the stances of a venue-day, sorted by (person, start), and returns how many of its visits found no seat of their
    /// own. `visits` are all of that venue and day, in any order.
    pub fn stances(&self, day: DayJst, visits: &[Visit], out: &mut Vec<Stance>) -> u32 {
        let Some(first) = visits.first() else { return 0 };
        let venue = &self.venues[first.venue.index()];
        let floor = &self.floors[venue.plan];
        let order = |v: &Visit| (v.person, v.start_s);
        if visits.is_sorted_by_key(order) {
            return self.insides.stances(venue, floor, day, visits, out);
        }
        let mut sorted = visits.to_vec();
        sorted.sort_unstable_by_key(order);
        self.insides.stances(venue, floor, day, &sorted, out)
    }

    /// One whole day of everybody.
    pub fn day(&self, day: DayJst, stays_home: &[bool]) -> DayPlan {
        let parts: Vec<Vec<Visit>> = stays_home
            .par_chunks(PEOPLE_AT_ONCE)
            .enumerate()
            .map(|(chunk, stay)| {
                let mut out = Vec::new();
                let people = (chunk * PEOPLE_AT_ONCE..).map(|i| PersonId(i as u32));
                people.zip(stay).for_each(|(person, stays_home)| self.visits(person, day, *stays_home, &mut out));
                out
            })
            .collect();
        let visits = parts.concat();
        let mut by_venue = visits.clone();
        by_venue.sort_by_key(|v| v.venue);
        let venues: Vec<&[Visit]> = by_venue.chunk_by(|a, b| a.venue == b.venue).collect();
        let inside = |of_venue: &&[Visit]| {
            let mut stances = Vec::new();
            let over_capacity = self.stances(day, of_venue, &mut stances);
            (VenueDay { venue: of_venue[0].venue, stances }, over_capacity)
        };
        let (venue_days, over): (Vec<VenueDay>, Vec<u32>) = venues.par_iter().map(inside).unzip();
        DayPlan { visits, venue_days, over_capacity: over.iter().sum() }
    }

    /// Finds visits that cannot be, on each of `days` from `first_day` on, and reports the first of each person: for plans that
    /// were read from a file, which is the value of the key at `path`. `labels` are the numbers that the file gives to people.
    pub fn check(&self, labels: &[u32], (first_day, days): (DayJst, u32), path: &str, faults: &mut Faults) {
        let mut visits = Vec::new();
        for (person, label) in (0..).map(PersonId).zip(labels) {
            let wrong = (0..days as i32).map(|d| first_day.plus_days(d)).find_map(|day| {
                visits.clear();
                self.plans.visits(person, day, false, &mut visits);
                check_visits(day, &visits).err()
            });
            if let Some(error) = wrong {
                faults.push(path, format!("person {label}: {error}"), "correct what the file says of this person");
            }
        }
    }
}
