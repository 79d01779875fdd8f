//! Dense 32-bit identifiers. A person and the phone they hold share one number: nobody in the model carries two phones.

use serde::{Deserialize, Serialize};

/// A person (and the phone they hold): index into every per-person array of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PersonId(pub u32);

/// A venue: index into the run's list of venues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VenueId(pub u32);

impl PersonId {
    /// The index into per-person arrays.
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl VenueId {
    /// The index into the list of venues.
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}
