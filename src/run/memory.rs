//! How much memory a run takes: what is expected before it starts, and what it has while it goes on.
//!
//! Expected is a line through what runs of several sizes took at most (docs/commands.md): something at all, for every thread, every person,
//! and every pair of people who are in a venue together on the busiest of the first days, for whom it is kept what they heard and how near they
//! were until their day is over.

use std::fs;

use crate::{engine::Itinerary, ids::VenueId, scenario::Loaded, setup::Setup};

use super::RunError;

/// What a run takes whatever its size, and for each thread.
const AT_ALL_BYTES: f64 = 45e6;
const THREAD_BYTES: f64 = 5e6;
/// What a person adds, a pair of people who are in a venue together on a day, and a pair of phones with the app.
const PERSON_BYTES: f64 = 200.0;
const PAIR_BYTES: f64 = 2400.0;
const PHONES_BYTES: f64 = 2300.0;
/// The busiest of so many days is looked for: a week.
const DAYS: u32 = 7;
const GIB: f64 = (1_u64 << 30) as f64;

/// How many people and pairs a run has, and in how many threads.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    people: f64,
    /// Pairs in a venue together on the busiest day.
    pairs: f64,
    /// Share of people whose phone has the app.
    with_app: f64,
    threads: usize,
}

impl Size {
    /// Of a city, before anybody is drawn; `None` where the scenario does not say how large it is. Without pairs, of which nothing is known yet:
    /// less than it comes to.
    pub fn of_city(loaded: &Loaded, threads: usize) -> Option<Self> {
        Some(Self { people: f64::from(loaded.scenario.population.people.number()?), pairs: 0.0, with_app: 0.0, threads })
    }

    /// Of a world.
    pub fn of(setup: &Setup, threads: usize) -> Self {
        let days = (0..setup.days.min(DAYS) as i32).map(|day| setup.first_day.plus_days(day));
        let pairs = days.map(|day| pairs_together(&Itinerary::of(setup, day, |_| false))).max();
        let (people, with_app) = (setup.people.len() as f64, setup.people.has_app.iter().filter(|has_app| **has_app).count() as f64);
        Self { people, pairs: pairs.unwrap_or(0) as f64, with_app: with_app / people, threads }
    }

    /// What it is expected to take, bytes.
    pub fn bytes(&self) -> f64 {
        let a_pair_bytes = PAIR_BYTES + self.with_app * self.with_app * PHONES_BYTES;
        AT_ALL_BYTES + self.threads as f64 * THREAD_BYTES + self.people * PERSON_BYTES + self.pairs * a_pair_bytes
    }

    /// Refuses what takes more than a limit, bytes.
    ///
    /// # Errors
    /// [`RunError::Memory`], with the estimate and what would fit.
    pub fn fits(&self, limit_bytes: Option<u64>) -> Result<(), RunError> {
        let Some(limit_bytes) = limit_bytes.map(|bytes| bytes as f64).filter(|limit| self.bytes() > *limit) else { return Ok(()) };
        Err(RunError::Memory {
            people: self.people as u64,
            pairs: self.pairs as u64,
            threads: self.threads,
            needed: in_gib(self.bytes()),
            limit: in_gib(limit_bytes),
            enough: format!("{:.1}GiB", (self.bytes() / GIB * 10.0).ceil() / 10.0),
        })
    }
}

/// Pairs of people who are in a venue at the same time, from when each first comes on a day to when each last leaves.
fn pairs_together(day: &Itinerary) -> u64 {
    let of_venue = |venue: VenueId| {
        let visits = day.of_venue(venue);
        let spans_s =
            visits.chunk_by(|a, b| a.person == b.person).map(|of_person| (of_person[0].start_s, of_person[of_person.len() - 1].end_s));
        let (mut comes_s, mut leaves_s): (Vec<i64>, Vec<i64>) = spans_s.unzip();
        comes_s.sort_unstable();
        leaves_s.sort_unstable();
        // Each with those who came before and have not left.
        (0..).zip(&comes_s).map(|(came, at_s)| came - leaves_s.partition_point(|left_s| left_s <= at_s) as u64).sum::<u64>()
    };
    day.venues().map(|(venue, _)| of_venue(venue)).sum()
}

fn in_gib(bytes: f64) -> String {
    format!("{:.2} GiB", bytes / GIB)
}

/// Memory that this process has now, bytes; `None` where the system does not say.
pub fn held_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ids::PersonId;

    #[test]
    fn what_takes_more_than_the_limit_is_refused_with_a_limit_that_would_do() {
        let size = Size { people: 1e6, pairs: 2e6, with_app: 0.1, threads: 2 };
        let limit_bytes = size.bytes() as u64;
        assert!(size.fits(None).is_ok() && size.fits(Some(limit_bytes + 1)).is_ok());
        let text = size.fits(Some(limit_bytes - 1)).expect_err("it does not fit").to_string();
        let enough: f64 = text.split("--memory-limit ").nth(1).and_then(|rest| rest.split("GiB").next()?.parse().ok()).expect("a number");
        assert!(size.fits(Some((enough * GIB) as u64)).is_ok() && enough * GIB < 1.1 * size.bytes(), "{text}");
    }

    /// Pair by pair, with every two who are at work or at home at one time.
    #[test]
    fn pairs_are_of_people_whose_time_overlaps() {
        let setup = Setup::of_office(&["population.workers=30", "authority.cases=[]"]);
        let day = Itinerary::of(&setup, setup.first_day, |_| false);
        let mut spans_s = BTreeMap::new();
        for visit in day.visits() {
            let span_s: &mut (i64, i64) = spans_s.entry((visit.venue, visit.person)).or_insert((visit.start_s, visit.end_s));
            *span_s = (span_s.0.min(visit.start_s), span_s.1.max(visit.end_s));
        }
        let together = |(a, a_s): (&(VenueId, PersonId), &(i64, i64)), (b, b_s): (&(VenueId, PersonId), &(i64, i64))| {
            a.0 == b.0 && a.1 < b.1 && a_s.0 < b_s.1 && b_s.0 < a_s.1
        };
        let one_by_one = spans_s.iter().map(|a| spans_s.iter().filter(|b| together(a, *b)).count() as u64).sum::<u64>();
        assert!(one_by_one > 100);
        assert_eq!(pairs_together(&day), one_by_one);
    }

    #[test]
    fn this_process_has_some_memory() {
        if cfg!(target_os = "linux") {
            assert!(held_bytes().is_some_and(|bytes| bytes > 1 << 20));
        }
    }
}
