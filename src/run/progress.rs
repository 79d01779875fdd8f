//! How far a run is.

use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{BinaryBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::setup::Setup;

use super::memory::held_bytes;

/// The progress of one world or several, shown on a terminal.
pub struct Progress {
    bar: ProgressBar,
    worlds: u32,
    venue_days: AtomicU64,
}

impl Progress {
    /// Of so many worlds like this one, before their first day.
    pub fn new(setup: &Setup, worlds: u32, quiet: bool) -> Self {
        let person_days = setup.people.len() as u64 * u64::from(setup.days);
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(person_days * u64::from(worlds)), target);
        let template = "{bar:20} {msg}{pos}/{len} person-days  {per_sec}  {eta} left";
        bar.set_style(ProgressStyle::with_template(template).expect("the template is fixed"));
        Self { bar, worlds, venue_days: AtomicU64::default() }
    }

    /// Days of a world that were done before: nothing is told from them of how long the others take.
    pub fn skip(&self, setup: &Setup, days: u32) {
        self.bar.inc(setup.people.len() as u64 * u64::from(days));
        self.bar.reset_eta();
    }

    /// A world's day is over, the `done`-th, on which people were in so many venues.
    pub fn day(&self, setup: &Setup, done: u32, venues: usize) {
        let venue_days = self.venue_days.fetch_add(venues as u64, Ordering::Relaxed) + venues as u64;
        self.bar.inc(setup.people.len() as u64);
        if !self.bar.is_hidden() {
            self.bar.set_message(message((self.worlds, setup.days, setup.warm_up_days), done, venue_days, held_bytes()));
        }
    }

    /// Takes the line away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// The day, venues and days, and memory.
fn message((worlds, days, warm_up_days): (u32, u32, u32), done: u32, venue_days: u64, held_bytes: Option<u64>) -> String {
    let day = match worlds {
        1 if done <= warm_up_days => format!("day {done} of {warm_up_days} of warm-up  "),
        1 => format!("day {} of {}  ", done - warm_up_days, days - warm_up_days),
        worlds => format!("{worlds} worlds  "),
    };
    let memory = held_bytes.map_or_else(String::new, |bytes| format!("{}  ", BinaryBytes(bytes)));
    format!("{day}{} venue-days  {memory}", HumanCount(venue_days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_the_day_and_what_it_takes() {
        let of = |worlds, done| message((worlds, 21, 14), done, 12_345, Some(1_610_612_736));
        assert_eq!(of(1, 14), "day 14 of 14 of warm-up  12,345 venue-days  1.50 GiB  ");
        assert_eq!(of(1, 15), "day 1 of 7  12,345 venue-days  1.50 GiB  ");
        assert_eq!(of(8, 15), "8 worlds  12,345 venue-days  1.50 GiB  ");
        assert_eq!(message((1, 3, 0), 1, 7, None), "day 1 of 3  7 venue-days  ");
    }
}
