//! How much memory a run takes: what is expected before it starts, and what it has while it goes on.
//!
//! Expected is a line through what runs of several sizes took at most (docs/commands.md): a share of every thread, of every person and of every
//! phone that runs the app. How crowded places are, which decides how many pairs a day has, is not in it.

use std::fs;

use crate::{scenario::Loaded, setup::Setup};

use super::RunError;

/// What a run takes whatever its size, and for each thread.
const AT_ALL_BYTES: f64 = 60e6;
const THREAD_BYTES: f64 = 60e6;
/// What a person adds, and a person whose phone has the app beside that.
const PERSON_BYTES: f64 = 3000.0;
const PHONE_BYTES: f64 = 3000.0;
const GIB: f64 = (1_u64 << 30) as f64;

/// How many people and phones a run has, and in how many threads.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    people: f64,
    /// Phones with the app.
    phones: f64,
    threads: usize,
    /// The key that says how many people there are, where one does, and how many of it make a person.
    key: Option<(&'static str, f64)>,
}

impl Size {
    /// Of a city, before anybody is drawn; `None` where the scenario does not say how large it is. Without phones, of which nothing is known yet:
    /// less than it comes to.
    pub fn of_city(loaded: &Loaded, threads: usize) -> Option<Self> {
        let people = f64::from(loaded.scenario.population.people.number()?);
        Some(Self { people, phones: 0.0, threads, key: Some((CITY, 1.0)) })
    }

    /// Of a world.
    pub fn of(setup: &Setup, threads: usize) -> Self {
        let (people, population) = (setup.people.len() as f64, &setup.scenario.population);
        let key = if population.people.number().is_some() {
            Some((CITY, 1.0))
        } else {
            setup.replay.is_none().then(|| (FLOOR, f64::from(population.workers) / people))
        };
        Self { people, phones: setup.people.has_app.iter().filter(|has_app| **has_app).count() as f64, threads, key }
    }

    /// What it is expected to take, bytes.
    pub fn bytes(&self) -> f64 {
        self.fixed_bytes() + self.people * PERSON_BYTES + self.phones * PHONE_BYTES
    }

    fn fixed_bytes(&self) -> f64 {
        AT_ALL_BYTES + self.threads as f64 * THREAD_BYTES
    }

    /// Refuses what takes more than a limit, bytes.
    ///
    /// # Errors
    /// [`RunError::Memory`], with the estimate and what would fit.
    pub fn fits(&self, limit_bytes: Option<u64>) -> Result<(), RunError> {
        let Some(limit_bytes) = limit_bytes.map(|bytes| bytes as f64).filter(|limit| self.bytes() > *limit) else { return Ok(()) };
        let left_bytes = limit_bytes - self.fixed_bytes();
        let a_person_bytes = PERSON_BYTES + self.phones / self.people * PHONE_BYTES;
        let fewer = self.key.map(|(key, share)| (key, (left_bytes / a_person_bytes * share).floor())).filter(|(_, most)| *most >= 100.0);
        let fewer = fewer.map_or_else(String::new, |(key, most)| format!("--set {key}={most}, or "));
        Err(RunError::Memory {
            people: self.people as u64,
            phones: self.phones as u64,
            threads: self.threads,
            needed: in_gib(self.bytes()),
            limit: in_gib(limit_bytes),
            remedy: format!("{fewer}--memory-limit {:.1}GiB or more", (self.bytes() / GIB * 10.0).ceil() / 10.0),
        })
    }
}

const CITY: &str = "population.people";
const FLOOR: &str = "population.workers";

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
    use super::*;

    const CITY_OF_MILLION: Size = Size { people: 1e6, phones: 1e5, threads: 2, key: Some((CITY, 1.0)) };

    /// What a refusal names fits.
    #[test]
    fn a_refusal_says_what_fits() {
        assert!(CITY_OF_MILLION.fits(None).is_ok() && CITY_OF_MILLION.fits(Some(CITY_OF_MILLION.bytes() as u64 + 1)).is_ok());
        let refusal = |size: Size, limit: u64| size.fits(Some(limit)).expect_err("it does not fit").to_string();
        let limit = 1 << 30;
        let text = refusal(CITY_OF_MILLION, limit);
        let most: f64 = text.split("population.people=").nth(1).and_then(|rest| rest.split(',').next()?.parse().ok()).expect("a number");
        let smaller = Size { people: most, phones: most / 10.0, ..CITY_OF_MILLION };
        assert!(smaller.fits(Some(limit)).is_ok() && Size { people: most + 10.0, phones: most / 10.0 + 1.0, ..smaller }.fits(Some(limit)).is_err());
        // Too little for whatever has threads.
        assert!(!refusal(CITY_OF_MILLION, 1 << 20).contains("--set"));
        assert!(!refusal(Size { key: None, ..CITY_OF_MILLION }, limit).contains("--set"), "people of a trace");
    }

    #[test]
    fn this_process_has_some_memory() {
        if cfg!(target_os = "linux") {
            assert!(held_bytes().is_some_and(|bytes| bytes > 1 << 20));
        }
    }
}
