//! Everybody's visits of one JST day.

use rayon::prelude::*;

use crate::{
    ids::{PersonId, VenueId},
    mobility::Visit,
    setup::Setup,
    time::{DayJst, UnixSeconds},
};

/// So many people are planned in one go.
const PEOPLE_AT_ONCE: usize = 1024;

/// Visits of a JST day, by person and by venue.
#[derive(Clone, Debug)]
pub struct Itinerary {
    /// The day.
    pub day: DayJst,
    /// Sorted by (person, start).
    visits: Vec<Visit>,
    /// The visits of person i: `visits[first[i]..first[i + 1]]`.
    first: Vec<u32>,
    /// Places among them, sorted by (venue, person, start).
    by_venue: Vec<u32>,
}

impl Itinerary {
    /// Plans everybody's day; `stays_home` says for whom something changed.
    pub fn of(setup: &Setup, day: DayJst, stays_home: impl Fn(PersonId) -> bool + Sync) -> Self {
        let people: Vec<u32> = (0..setup.people.len() as u32).collect();
        let parts: Vec<Vec<Visit>> = people
            .par_chunks(PEOPLE_AT_ONCE)
            .map(|some| {
                let mut visits = Vec::with_capacity(4 * some.len());
                some.iter().map(|p| PersonId(*p)).for_each(|p| setup.movement.visits(p, day, stays_home(p), &mut visits));
                visits
            })
            .collect();
        let visits = parts.concat();
        let mut by_venue: Vec<u32> = (0..visits.len() as u32).collect();
        by_venue.par_sort_unstable_by_key(|&i| (visits[i as usize].venue, i));
        let first = first_of_each(visits.iter().map(|v| v.person), people.len());
        Self { day, visits, first, by_venue }
    }

    /// No visit at all, of a day that is not of the run.
    pub fn nobody(setup: &Setup, day: DayJst) -> Self {
        Self { day, visits: Vec::new(), first: vec![0; setup.people.len() + 1], by_venue: Vec::new() }
    }

    /// Everybody's visits, by (person, start).
    pub fn visits(&self) -> &[Visit] {
        &self.visits
    }

    /// How many visits.
    pub fn len(&self) -> usize {
        self.visits.len()
    }

    /// What it holds in memory.
    pub fn bytes(&self) -> usize {
        size_of_val(self.visits.as_slice()) + size_of_val(self.first.as_slice()) + size_of_val(self.by_venue.as_slice())
    }

    /// A person's visits.
    pub fn of_person(&self, person: PersonId) -> &[Visit] {
        &self.visits[self.first[person.index()] as usize..self.first[person.index() + 1] as usize]
    }

    /// The venues that somebody visits, ascending, each with its number of visits.
    pub fn venues(&self) -> impl Iterator<Item = (VenueId, usize)> + '_ {
        self.by_venue.chunk_by(|a, b| self.venue(*a) == self.venue(*b)).map(|of_venue| (self.venue(of_venue[0]), of_venue.len()))
    }

    /// The visits of a venue, by (person, start).
    pub fn of_venue(&self, venue: VenueId) -> Vec<Visit> {
        let first = self.by_venue.partition_point(|i| self.venue(*i) < venue);
        self.by_venue[first..].iter().map(|i| self.visits[*i as usize]).take_while(|v| v.venue == venue).collect()
    }

    fn venue(&self, visit: u32) -> VenueId {
        self.visits[visit as usize].venue
    }
}

/// Where what is of each person begins, among things in the order of people, and of a last one how many there are.
pub(super) fn first_of_each(people: impl Iterator<Item = PersonId>, number: usize) -> Vec<u32> {
    let mut first = vec![0u32; number + 1];
    people.for_each(|person| first[person.index() + 1] += 1);
    (0..number).for_each(|i| first[i + 1] += first[i]);
    first
}

/// Stays that end on the second of two days, or end with the run. One that goes on over midnight is one stay from its start, however many
/// days ago that was; that one ends at midnight sharp shows on the day after.
pub fn stays_that_end(setup: &Setup, [yesterday, today]: [&Itinerary; 2], stays_home: impl Fn(PersonId, DayJst) -> bool) -> Vec<Visit> {
    let (start_s, end_s, is_last) = (today.day.start().0, today.day.end().0, today.day == setup.last_day());
    let mut of_day = Vec::new();
    // Where the person was before, back to where they came from.
    let mut from_its_start = |mut stay: Visit| {
        while stay.start_s <= start_s && stay.start_s > setup.first_day.start().0 {
            let day = UnixSeconds(stay.start_s - 1).day_jst();
            of_day.clear();
            setup.movement.visits(stay.person, day, stays_home(stay.person, day), &mut of_day);
            let Some(before) = of_day.iter().find(|v| v.end_s == stay.start_s && v.venue == stay.venue) else { break };
            stay.start_s = before.start_s;
        }
        stay
    };
    let mut ended = Vec::new();
    for person in (0..setup.people.len() as u32).map(PersonId) {
        let mut open = yesterday.of_person(person).last().copied().filter(|v| v.end_s == start_s);
        for visit in today.of_person(person) {
            match &mut open {
                Some(stay) if stay.venue == visit.venue && stay.end_s == visit.start_s => stay.end_s = visit.end_s,
                _ => ended.extend(open.replace(*visit).map(&mut from_its_start)),
            }
        }
        ended.extend(open.filter(|stay| is_last || stay.end_s < end_s).map(&mut from_its_start));
    }
    ended
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Day by day the same stays come out as when everybody's visits of all days are joined at once: some last over a midnight, those who
    /// stay home over several.
    #[test]
    fn stays_over_midnight_are_whole_and_told_once() {
        let setup = Setup::of_office(&["run.days=5", "population.workers=12", "authority.cases=[]", "run.first_day=\"2020-09-04\""]);
        let stays_home = |person: PersonId, day: DayJst| person.0.is_multiple_of(3) && day > setup.first_day;
        let days: Vec<DayJst> = (-1..5).map(|n| setup.first_day.plus_days(n)).collect();
        let plan = |day: &DayJst| {
            let is_of_run = *day >= setup.first_day;
            if is_of_run { Itinerary::of(&setup, *day, |p| stays_home(p, *day)) } else { Itinerary::nobody(&setup, *day) }
        };
        let itineraries: Vec<Itinerary> = days.iter().map(plan).collect();
        let mut told: Vec<Visit> = itineraries.windows(2).flat_map(|two| stays_that_end(&setup, [&two[0], &two[1]], stays_home)).collect();
        told.sort_by_key(|v| (v.person, v.start_s));

        let mut whole: Vec<Visit> = Vec::new();
        for person in (0..setup.people.len() as u32).map(PersonId) {
            for visit in itineraries.iter().flat_map(|day| day.of_person(person)) {
                match whole.last_mut() {
                    Some(stay) if (stay.person, stay.venue, stay.end_s) == (person, visit.venue, visit.start_s) => stay.end_s = visit.end_s,
                    _ => whole.push(*visit),
                }
            }
        }
        let figures = |stays: &[Visit]| -> Vec<_> { stays.iter().map(|v| (v.person, v.venue, v.start_s, v.end_s)).collect() };
        assert_eq!(figures(&told), figures(&whole));
        let longest_s = told.iter().map(|v| v.end_s - v.start_s).max();
        assert!(longest_s > Some(3 * 86_400), "someone stays home for days: {longest_s:?}");
    }
}
