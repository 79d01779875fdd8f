//! Groups of people, left out one after the other for intervals.

use serde::{Deserialize, Serialize};

use crate::ids::PersonId;

use super::config::AccuracyConfig;

/// People fall into at most `accuracy.jackknife_groups` groups, by number.
///
/// A pair touches two people, and what is odd about one phone returns in all its pairs; so intervals come from leaving out
/// people, not pairs. For each group the counts of all pairs with a member in it are kept, so that leaving it out is one
/// subtraction.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Groups {
    /// How many.
    pub number: usize,
}

impl Groups {
    pub fn new(people: usize, config: &AccuracyConfig) -> Self {
        Self { number: people.clamp(2, config.jackknife_groups as usize) }
    }

    /// The groups with which a pair is left out, each once: two, or the one that both are in.
    pub fn of(self, observer: PersonId, transmitter: PersonId) -> impl Iterator<Item = usize> {
        let (g, h) = (observer.index() % self.number, transmitter.index() % self.number);
        [Some(g), (h != g).then_some(h)].into_iter().flatten()
    }
}
