//! Groups of people, left out one after the other for intervals.

use serde::{Deserialize, Serialize};

use crate::ids::PersonId;

use super::config::AccuracyConfig;

/// People fall into at most `accuracy.jackknife_groups` groups, by number.
///
/// A pair touches two people, and what is odd about one phone returns in all its pairs; so intervals come from leaving out
/// people, not pairs. For each group the counts of all pairs with a member in it are kept, so that leaving it out is one
/// subtraction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Groups {
    /// How many.
    pub number: usize,
}

impl Groups {
    pub fn new(people: usize, config: &AccuracyConfig) -> Self {
        Self { number: people.clamp(2, config.jackknife_groups as usize) }
    }

    /// Rows of a table that has one of all pairs and then one for each group.
    pub fn rows(self) -> usize {
        1 + self.number
    }

    /// The rows of such a table that a pair counts in: that of all, and of each group with which it is left out, once: two, or the one
    /// that both are in.
    pub fn rows_of(self, observer: PersonId, transmitter: PersonId) -> Rows {
        let (g, h) = (observer.index() % self.number, transmitter.index() % self.number);
        Rows { group: g, other: (h != g).then_some(h) }
    }
}

/// See [`Groups::rows_of`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    group: usize,
    other: Option<usize>,
}

impl Rows {
    /// Numbers of the rows.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        [Some(0), Some(1 + self.group), self.other.map(|other| 1 + other)].into_iter().flatten()
    }
}
