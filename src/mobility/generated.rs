//! Plans and stances drawn from the scenario.

use rand::RngExt;
use rayon::prelude::*;

use crate::{
    faults::Faults,
    ids::{PersonId, VenueId},
    population::People,
    random::{Keyed, Seed, Stream},
    time::DayJst,
    venue::{FloorPlan, SeatUse, Venue, VenueConfig, VenueKind},
};

use super::{
    carry::Carry,
    config::MobilityConfig,
    home::HomeLife,
    office::{Office, lay_out},
    stance::{DayPlan, VenueDay, Visit},
};

/// Episodes of a working day count from here (homes count above).
fn first_episode(day: DayJst) -> u32 {
    day.0 as u32 * 256
}

/// The generated world: venue 0 is the office floor, then one home for each household.
#[derive(Clone, Debug)]
pub struct Generated {
    venues: Vec<Venue>,
    plans: Vec<FloorPlan>,
    /// Members of each household, ascending.
    households: Vec<Vec<PersonId>>,
    people: People,
    office: Office,
    home: HomeLife,
    carry: Carry,
    plan_stream: Keyed,
}

impl Generated {
    /// Builds venues for everybody. Faults of the floor plan go to `faults`; with any, nothing is returned.
    pub fn new(mobility: &MobilityConfig, venue: &VenueConfig, people: &People, seed: Seed, faults: &mut Faults) -> Option<Self> {
        let office_plan = venue.office_plan(faults);
        let desks = office_plan.seats.iter().filter(|s| s.use_ == SeatUse::Desk).count();
        let workers = people.works_here.iter().filter(|w| **w).count();
        if faults.is_empty() && desks < workers {
            faults.push(
                "venue.office.desk_islands",
                format!("{desks} desks for {workers} workers"),
                "add islands or columns, or lower population.workers",
            );
        }
        let households = people.household.iter().max().map_or(0, |h| *h as usize + 1);
        let mut members = vec![Vec::new(); households];
        for (i, household) in people.household.iter().enumerate() {
            members[*household as usize].push(PersonId(i as u32));
        }
        let largest = members.iter().map(Vec::len).max().unwrap_or(0);
        let mut plans = vec![office_plan];
        plans.extend((1..=largest).map(|people| venue.home_plan(people, faults)));
        if !faults.is_empty() {
            return None;
        }
        let mut venues = vec![Venue { id: VenueId(0), kind: VenueKind::Office, plan: 0 }];
        venues.extend(members.iter().enumerate().map(|(h, m)| Venue {
            id: VenueId(h as u32 + 1),
            kind: VenueKind::Home,
            plan: m.len().max(1),
        }));
        Some(Self {
            office: Office::new(&mobility.work, &plans[0], seed),
            home: HomeLife::new(seed),
            carry: Carry::new(&mobility.carriage, seed),
            plan_stream: Keyed::new(seed, Stream::Plan),
            venues,
            plans,
            households: members,
            people: people.clone(),
        })
    }

    /// All venues, index = [`VenueId`].
    pub fn venues(&self) -> &[Venue] {
        &self.venues
    }

    /// All floor plans; `Venue::plan` points into them.
    pub fn plans(&self) -> &[FloorPlan] {
        &self.plans
    }

    /// One JST day, a pure function of (scenario, seed, day, who stays home).
    pub fn day(&self, day: DayJst, stays_home: &[bool]) -> DayPlan {
        let mut plan = DayPlan::default();
        let mut office = VenueDay { venue: VenueId(0), stances: Vec::new() };
        for work in self.office.day(&self.people, &self.plans[0], day, stays_home) {
            let stays = lay_out(&work, first_episode(day), &self.carry, &mut office.stances);
            plan.visits.extend(stays.into_iter().map(|(start_s, end_s)| Visit { person: work.person, venue: VenueId(0), start_s, end_s }));
        }
        let homes: Vec<(VenueDay, Vec<Visit>)> =
            self.households.par_iter().enumerate().map(|(h, members)| self.home_day(h, members, day, stays_home)).collect();
        if !office.stances.is_empty() {
            plan.venue_days.push(office);
        }
        for (venue_day, visits) in homes {
            plan.visits.extend(visits);
            if !venue_day.stances.is_empty() {
                plan.venue_days.push(venue_day);
            }
        }
        plan.visits.sort_by_key(|v| (v.person, v.start_s));
        plan
    }

    fn home_day(&self, household: usize, members: &[PersonId], day: DayJst, stays_home: &[bool]) -> (VenueDay, Vec<Visit>) {
        let venue = VenueId(household as u32 + 1);
        let plan = &self.plans[self.venues[venue.index()].plan];
        let mut out = VenueDay { venue, stances: Vec::new() };
        let mut visits = Vec::new();
        let (day_s, end_s) = (day.start().0, day.end().0);
        for (member, &person) in members.iter().enumerate() {
            let away = self.away(person, day, stays_home[person.index()]);
            let (leaves_s, returns_s) = away.map_or((end_s, end_s), |(from, to)| (from.max(day_s), to.min(end_s)));
            for (from_s, to_s) in [(day_s, leaves_s), (returns_s, end_s)] {
                if from_s < to_s {
                    self.home.stay(person, member, plan, &self.carry, from_s..to_s, &mut out.stances);
                    visits.push(Visit { person, venue, start_s: from_s, end_s: to_s });
                }
            }
        }
        (out, visits)
    }

    /// When a person is away from home: at work, at school, out. Others leave at 08:00-09:00 for 6-9 hours with a chance
    /// by age (assumption: pupils 95 %, up to 64 years 50 %, older 20 %; weekends 40 %).
    fn away(&self, person: PersonId, day: DayJst, stays_home: bool) -> Option<(i64, i64)> {
        let i = person.index();
        if stays_home {
            return None;
        }
        if self.people.works_here[i]
            && let Some(presence) = self.office.presence(person, day, false)
        {
            return Some(self.office.away(presence));
        }
        let share = match (day.is_weekday(), self.people.works_here[i], self.people.age_years[i]) {
            (true, true, _) => 0.1,
            (true, false, 6..=22) => 0.95,
            (true, false, 23..=64) => 0.5,
            (true, false, _) => 0.2,
            (false, ..) => 0.4,
        };
        let mut rng = self.plan_stream.rng(person.0, 2, day.0 as u32);
        let goes = rng.random::<f64>() < share;
        let start_s = day.start().0 + 8 * 3600 + rng.random_range(0..3600);
        goes.then(|| (start_s, start_s + rng.random_range(6 * 3600..9 * 3600)))
    }
}
