//! How far chance moves a figure: what it would be without some of the people (a jackknife by groups of people).
//!
//! People are cut into [`GROUPS`] groups of neighbouring numbers, so that a household or a department, whose members have much in common,
//! mostly falls into one. Without each group in turn, and all that anybody of it did, a figure is told again. Their spread is taken as
//! that of independent people: of figures that rest on pairs it is too wide by up to the root of 2, which lets an exactly right model pass
//! more often than stated, never less.

use crate::math;

use super::{events::Event, statistics::Statistics};

/// So many groups of people.
pub(super) const GROUPS: usize = 20;
/// Of fewer people nothing is judged.
pub(super) const FEWEST_PEOPLE: usize = GROUPS;
/// Chance with which an exactly right model passes, at least.
pub const CONFIDENCE: f64 = 0.99;

/// Which group a person belongs to.
pub(super) struct Groups {
    people: Vec<u32>,
}

impl Groups {
    /// Of these people; `None` if they are too few.
    pub fn of(people: impl IntoIterator<Item = u32>) -> Option<Self> {
        let mut people: Vec<u32> = people.into_iter().collect();
        people.sort_unstable();
        people.dedup();
        (people.len() >= FEWEST_PEOPLE).then_some(Self { people })
    }

    /// The group of one of them.
    pub fn group(&self, person: u32) -> usize {
        self.people.partition_point(|p| *p < person) * GROUPS / self.people.len()
    }
}

/// The statistics of events without each group of people in turn; `None` if there are too few.
pub(super) fn without_each(events: &[Event]) -> Option<Vec<Statistics>> {
    let groups = Groups::of(events.iter().flat_map(|e| [e.a, e.b]))?;
    let without = |group: usize| {
        let left: Vec<Event> = events.iter().filter(|e| groups.group(e.a) != group && groups.group(e.b) != group).copied().collect();
        Statistics::of(&left)
    };
    Some((0..GROUPS).map(without).collect())
}

/// The standard deviation of a figure from what it is without each group.
pub(super) fn deviation(without: &[f64]) -> f64 {
    let n = without.len() as f64;
    let mean = without.iter().sum::<f64>() / n;
    (without.iter().map(|v| math::powi(v - mean, 2)).sum::<f64>() * (n - 1.0) / n).sqrt()
}

/// How many standard deviations either way hold each of so many figures with [`CONFIDENCE`] for all of them together.
pub(super) fn deviations_of(figures: usize) -> f64 {
    math::student_quantile(1.0 - (1.0 - CONFIDENCE) / (2.0 * figures.max(1) as f64), (GROUPS - 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_even_and_hold_neighbours() {
        let groups = Groups::of((100..145).rev()).expect("45 people");
        let of: Vec<usize> = (100..145).map(|p| groups.group(p)).collect();
        assert!(of.is_sorted() && (0..GROUPS).all(|g| (2..=3).contains(&of.iter().filter(|x| **x == g).count())), "{of:?}");
        assert!(Groups::of(0..19).is_none());
    }

    /// Of a mean the jackknife gives the standard error: of 1 to 20, 5.916 by the root of 20.
    #[test]
    fn a_mean_has_its_standard_error() {
        let without: Vec<f64> = (1..=20).map(|x| (210.0 - f64::from(x)) / 19.0).collect();
        assert!((deviation(&without) - 5.916_08 / 20f64.sqrt()).abs() < 1e-5);
        // Student's t of 19 degrees of freedom at 0.995.
        assert!((deviations_of(1) - 2.8609).abs() < 1e-3);
    }
}
