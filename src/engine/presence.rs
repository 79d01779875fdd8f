//! How long people were in venues, and how many contacts they had there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{mobility::Visit, setup::Setup, venue::VenueKind};

use super::{itinerary::Itinerary, window::Window};

/// Time that people spent in venues, and contacts there, by kind of venue: everybody's, with phones or without.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence(BTreeMap<VenueKind, Spent>);

/// What was spent in venues of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Seconds of all people together.
    pub person_s: u64,
    /// Ordered pairs and UTC days in contact: a pair counts for each of the two.
    pub contacts: u64,
}

impl Presence {
    /// Adds everybody's time in venues within a UTC day, from the visits of both JST days that it touches.
    pub fn add_visits(&mut self, setup: &Setup, window: Window, days: [&Itinerary; 2]) {
        for itinerary in days {
            let within = window.part_of(itinerary.day);
            itinerary.visits().iter().for_each(|visit| self.add_visit(setup.movement.venues()[visit.venue.index()].kind, visit, within));
        }
    }

    fn add_visit(&mut self, kind: VenueKind, visit: &Visit, (from_s, to_s): (i64, i64)) {
        let seconds = visit.end_s.min(to_s) - visit.start_s.max(from_s);
        if seconds > 0 {
            self.0.entry(kind).or_default().person_s += seconds.unsigned_abs();
        }
    }

    /// Adds an unordered pair in contact on a UTC day, where the two came nearest.
    pub fn add_contact(&mut self, kind: VenueKind) {
        self.0.entry(kind).or_default().contacts += 2;
    }

    /// Adds what another thread counted.
    pub fn merge(&mut self, other: &Self) {
        for (kind, theirs) in &other.0 {
            self.0.entry(*kind).or_default().add(*theirs);
        }
    }

    /// Each kind that somebody was in, in the order of their names.
    pub fn by_kind(&self) -> impl Iterator<Item = (VenueKind, Spent)> + '_ {
        self.0.iter().map(|(kind, spent)| (*kind, *spent))
    }

    /// All kinds but home.
    pub fn outside_home(&self) -> Spent {
        let mut sum = Spent::default();
        self.by_kind().filter(|(kind, _)| *kind != VenueKind::HOME).for_each(|(_, spent)| sum.add(spent));
        sum
    }
}

impl Spent {
    fn add(&mut self, other: Self) {
        *self = Self { person_s: self.person_s + other.person_s, contacts: self.contacts + other.contacts };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::{PersonId, VenueId},
        mobility::NO_GROUP,
    };

    /// Of visits of 100 s that begin at 0, 50, 150 and 200 s, a span from 90 to 210 s holds 10, 60, 60 and 10.
    #[test]
    fn visits_count_as_far_as_they_lie_within() {
        let visit = |start_s: i64| Visit {
            person: PersonId(0),
            venue: VenueId(0),
            start_s,
            end_s: start_s + 100,
            seat: 0,
            group: NO_GROUP,
            role: 0,
        };
        let mut presence = Presence::default();
        for start_s in [0, 50, 150, 200] {
            presence.add_visit(VenueKind::OFFICE, &visit(start_s), (90, 210));
        }
        // One before, one after.
        [-20, 210].iter().for_each(|start_s| presence.add_visit(VenueKind::OFFICE, &visit(*start_s), (90, 210)));
        assert_eq!(presence.outside_home(), Spent { person_s: 140, contacts: 0 });
    }

    #[test]
    fn home_is_apart_and_a_pair_counts_for_each_of_the_two() {
        let mut presence = Presence::default();
        presence.add_contact(VenueKind::HOME);
        presence.add_contact(VenueKind::OFFICE);
        let mut other = Presence::default();
        ["ward", "office"].iter().for_each(|kind| other.add_contact(VenueKind::named(kind)));
        presence.merge(&other);
        let contacts: Vec<_> = presence.by_kind().map(|(kind, spent)| (kind.name(), spent.contacts)).collect();
        assert_eq!(contacts, [("home", 2), ("office", 4), ("ward", 2)]);
        assert_eq!(presence.outside_home().contacts, 6);
    }
}
