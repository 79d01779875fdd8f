//! Kinds of venue.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// What kind of place a venue is, by name: the `venue_kind` of every table. Kinds are in the order of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
pub struct VenueKind(&'static str);

impl VenueKind {
    /// A household's dwelling.
    pub const HOME: Self = Self("home");
    /// An office floor.
    pub const OFFICE: Self = Self("office");
    /// The kinds that a scenario may name as that of a trace: dwellings, office floors, classrooms or whole schools, hospital wards, and
    /// halls as of a conference.
    pub const KNOWN: &[Self] = &[Self::HOME, Self::OFFICE, Self("classroom"), Self("ward"), Self("hall")];

    /// The kind of this name.
    pub fn named(name: &str) -> Self {
        // Every record of a pair holds its kind, so a kind is copied, not counted or owned. A run has few kinds and needs them until it
        // ends: each name is kept once and never given back.
        static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        Self(names.get(name).copied().unwrap_or_else(|| {
            let kept: &'static str = Box::leak(name.into());
            names.insert(kept);
            kept
        }))
    }

    /// The name used in tables and scenario files.
    pub fn name(self) -> &'static str {
        self.0
    }
}

impl<'de> Deserialize<'de> for VenueKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::named(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which kind was named first makes no difference, nor that some have constants.
    #[test]
    fn kinds_are_their_names() {
        let [train, home, bus] = ["train", "home", "bus"].map(VenueKind::named);
        assert_eq!(home, VenueKind::HOME);
        assert!(bus < home && home < VenueKind::OFFICE && VenueKind::OFFICE < train);
        assert!(std::ptr::eq(train.name(), VenueKind::named(&String::from("train")).name()), "kept once");
    }

    /// As in scenario files, and as in checkpoints.
    #[test]
    fn kinds_are_written_as_their_names() {
        let ward = VenueKind::named("ward");
        assert_eq!(serde_json::to_value(ward).expect("plain data"), "ward");
        assert_eq!(serde_json::from_value::<VenueKind>("ward".into()).expect("a name"), ward);
        assert_eq!(postcard::from_bytes(&postcard::to_stdvec(&ward).expect("plain data")), Ok(ward));
    }
}
