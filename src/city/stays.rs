//! What somebody does on a day, in order, and home around it.

use crate::{
    ids::{PersonId, VenueId},
    mobility::{NO_GROUP, Visit},
};

/// Nobody does more in a day.
const MOST: usize = 16;
/// Time from one thing to the next, s.
const BETWEEN_S: i64 = 300;
/// Nobody goes home for less, s.
const SHORTEST_AT_HOME_S: i64 = 600;

/// Something that takes a person from home.
#[derive(Clone, Copy, Debug)]
pub struct Stay {
    /// Where; `None`: where nothing is simulated.
    pub venue: Option<VenueId>,
    /// From when until when, Unix seconds.
    pub start_s: i64,
    pub end_s: i64,
    /// As in [`Visit`].
    pub seat: u32,
    pub group: u16,
    pub role: u8,
    /// The way between home and there, s.
    pub way_s: i64,
}

impl Stay {
    /// Alone, among guests or customers.
    pub fn alone(venue: VenueId, (start_s, end_s): (i64, i64), way_s: i64) -> Self {
        Self { venue: Some(venue), start_s, end_s, seat: 0, group: NO_GROUP, role: 0, way_s }
    }
}

/// A person's stays of a day, in order of time.
pub struct Stays {
    all: [Stay; MOST],
    number: usize,
    day_s: (i64, i64),
}

impl Stays {
    /// None yet, of a day from its first second to its end.
    pub fn of(day_s: (i64, i64)) -> Self {
        let none = Stay { venue: None, start_s: 0, end_s: 0, seat: 0, group: NO_GROUP, role: 0, way_s: 0 };
        Self { all: [none; MOST], number: 0, day_s }
    }

    /// Those so far.
    pub fn all(&self) -> &[Stay] {
        &self.all[..self.number]
    }

    /// Whether there is time for something, and for the way from and to what is beside it.
    pub fn is_free(&self, (start_s, end_s): (i64, i64)) -> bool {
        let within = self.day_s.0 <= start_s && end_s <= self.day_s.1;
        within && self.all().iter().all(|other| other.end_s + BETWEEN_S <= start_s || end_s + BETWEEN_S <= other.start_s)
    }

    /// Adds a stay if there is time for it.
    pub fn add(&mut self, stay: Stay) -> bool {
        let fits = self.is_free((stay.start_s, stay.end_s));
        if fits {
            self.put(stay);
        }
        fits
    }

    /// Adds what belongs to something that is there already, and fits it.
    pub fn put(&mut self, stay: Stay) {
        if self.number == MOST || stay.end_s <= stay.start_s {
            return;
        }
        let at = self.all().partition_point(|other| other.start_s <= stay.start_s);
        self.all.copy_within(at..self.number, at + 1);
        self.all[at] = stay;
        self.number += 1;
    }

    /// Appends the visits: these, and home before, between and after them where there is time to go there.
    pub fn write(&self, person: PersonId, (home, member): (VenueId, u32), out: &mut Vec<Visit>) {
        let at_home = |start_s: i64, end_s: i64| Visit { person, venue: home, start_s, end_s, seat: member, group: NO_GROUP, role: 0 };
        let (mut home_s, day_end_s) = self.day_s;
        for stay in self.all() {
            let leaves_s = stay.start_s - stay.way_s;
            if leaves_s - home_s >= SHORTEST_AT_HOME_S {
                out.push(at_home(home_s, leaves_s));
            }
            if let Some(venue) = stay.venue {
                let Stay { start_s, end_s, seat, group, role, .. } = *stay;
                out.push(Visit { person, venue, start_s, end_s, seat, group, role });
            }
            home_s = stay.end_s + stay.way_s;
        }
        if day_end_s - home_s >= SHORTEST_AT_HOME_S {
            out.push(at_home(home_s, day_end_s));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: VenueId = VenueId(9);

    fn written(stays: &[(i64, i64, i64)]) -> Vec<(u32, i64, i64)> {
        let mut day = Stays::of((0, 86_400));
        for (start_s, end_s, way_s) in stays {
            day.add(Stay::alone(VenueId(1), (*start_s, *end_s), *way_s));
        }
        let mut out = Vec::new();
        day.write(PersonId(0), (HOME, 0), &mut out);
        out.iter().map(|visit| (visit.venue.0, visit.start_s, visit.end_s)).collect()
    }

    /// Half an hour's way to the one, ten minutes' to the other; an hour between them is enough to go home, a quarter is not.
    #[test]
    fn home_is_where_there_is_time_for_it() {
        assert_eq!(written(&[]), [(9, 0, 86_400)]);
        let far = (30_000, 40_000, 1_800);
        assert_eq!(written(&[far]), [(9, 0, 28_200), (1, 30_000, 40_000), (9, 41_800, 86_400)]);
        let with_time = written(&[far, (45_400, 46_000, 600)]);
        assert_eq!(with_time[2..], [(9, 41_800, 44_800), (1, 45_400, 46_000), (9, 46_600, 86_400)]);
        let without = written(&[far, (40_900, 46_000, 600)]);
        assert_eq!(without[1..], [(1, 30_000, 40_000), (1, 40_900, 46_000), (9, 46_600, 86_400)]);
        assert_eq!(written(&[(0, 86_400, 600)]), [(1, 0, 86_400)], "a day in hospital");
    }

    #[test]
    fn what_comes_first_is_kept() {
        let first = (30_000, 40_000, 600);
        for later in [(29_000, 29_701), (39_000, 39_500), (40_299, 41_000), (20_000, 50_000), (86_000, 86_401), (-1, 100)] {
            assert_eq!(written(&[first, (later.0, later.1, 0)]), written(&[first]), "{later:?}");
        }
        assert_eq!(written(&[first, (29_000, 29_700, 0), (40_300, 41_000, 0)]).len(), 5);
    }
}
