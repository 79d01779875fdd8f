//! Replaying a trace on the scenario's floor.
//!
//! Everybody sits at a desk, department by department; recorded contacts that overlap in time and share people, or follow
//! each other within the bridged gap, make a gathering: its members stand in a circle near one member's desk until it is
//! over.

use std::{
    collections::BTreeMap,
    f32::consts::{PI, TAU},
};

use rand::RngExt;
use rand_distr::{Distribution, Normal};

use crate::{
    faults::Faults,
    ids::{PersonId, VenueId},
    random::{Keyed, Seed, Stream},
    time::DayJst,
    units::Point,
    venue::{Barrier, FloorPlan, Room, Seat, SeatUse, Table, Venue, VenueConfig, VenueKind},
};

use super::{
    super::{
        carry::{Carry, Doing},
        config::{ContactsConfig, MobilityConfig},
        office::{Claim, Spot, WorkDay, lay_out, seat_spot},
        stance::{DayPlan, RecordedContact, VenueDay, Visit},
    },
    TraceContact,
    read::Trace,
};

/// Copies of a floor that has too few desks stand this far apart, m: out of radio reach.
const COPY_SPACING_M: f32 = 500.0;
const MIN_BEFORE_S: i64 = 5 * 60;

/// A trace on a floor.
#[derive(Clone, Debug)]
pub struct Replay {
    trace: Trace,
    venues: Vec<Venue>,
    plans: Vec<FloorPlan>,
    /// Desk of each person: index of a seat.
    desks: Vec<usize>,
    config: ContactsConfig,
    first_day: DayJst,
    keyed: Keyed,
    carry: Carry,
}

impl Replay {
    /// Seats the people of a trace. A floor with fewer desks than people is repeated side by side.
    pub fn new(
        trace: Trace,
        mobility: &MobilityConfig,
        venue: &VenueConfig,
        first_day: DayJst,
        seed: Seed,
        faults: &mut Faults,
    ) -> Option<Self> {
        let floor = venue.office_plan(faults);
        if !faults.is_empty() {
            return None;
        }
        let desks_a_floor = floor.seats.iter().filter(|s| s.use_ == SeatUse::Desk).count();
        let plan = repeat(&floor, trace.labels.len().div_ceil(desks_a_floor.max(1)));
        let desk_seats: Vec<usize> = (0..plan.seats.len()).filter(|&i| plan.seats[i].use_ == SeatUse::Desk).collect();
        let mut order: Vec<usize> = (0..trace.labels.len()).collect();
        order.sort_by_key(|&p| (trace.department[p].is_none(), trace.department[p], p));
        let mut desks = vec![0; order.len()];
        for (place, person) in order.into_iter().enumerate() {
            desks[person] = desk_seats[place];
        }
        Some(Self {
            venues: vec![Venue { id: VenueId(0), kind: VenueKind::Office, plan: 0 }],
            plans: vec![plan],
            desks,
            config: mobility.contacts.clone(),
            first_day,
            keyed: Keyed::new(seed, Stream::Replay),
            carry: Carry::new(&mobility.carriage, seed),
            trace,
        })
    }

    /// The floor: venue 0.
    pub fn venues(&self) -> &[Venue] {
        &self.venues
    }

    /// Its plan.
    pub fn plans(&self) -> &[FloorPlan] {
        &self.plans
    }

    /// Calendar days of the trace, days without records included.
    pub fn days(&self) -> u32 {
        self.trace.days.len() as u32
    }

    /// One JST day. People are on the floor on days on which they have a record, from some minutes before their first to
    /// some minutes after their last.
    pub fn day(&self, day: DayJst) -> DayPlan {
        let none = Vec::new();
        let index = day.0 - self.first_day.0;
        let contacts = usize::try_from(index).ok().and_then(|i| self.trace.days.get(i)).unwrap_or(&none);
        let midnight_s = day.start().0;
        let mut days = self.present(contacts, day);
        for (g, gathering) in gatherings(contacts, self.config.bridge_gap_s).iter().enumerate() {
            self.place(gathering, g as u32, day, &mut days);
        }
        let mut plan = DayPlan::default();
        let mut venue_day = VenueDay { venue: VenueId(0), stances: Vec::new() };
        for work in &mut days {
            work.claims.sort_by_key(|c| c.start_s);
            for (start_s, end_s) in lay_out(work, day.0 as u32 * 256, &self.carry, &mut venue_day.stances) {
                plan.visits.push(Visit { person: work.person, venue: VenueId(0), start_s, end_s });
            }
        }
        if !venue_day.stances.is_empty() {
            plan.venue_days.push(venue_day);
        }
        plan.recorded = Some(
            contacts
                .iter()
                .map(|c| RecordedContact {
                    a: PersonId(c.a),
                    b: PersonId(c.b),
                    start_s: midnight_s + c.start_s,
                    end_s: midnight_s + c.end_s,
                })
                .collect(),
        );
        plan
    }

    fn present(&self, contacts: &[TraceContact], day: DayJst) -> Vec<WorkDay> {
        let mut spans: Vec<Option<(i64, i64)>> = vec![None; self.trace.labels.len()];
        for c in contacts {
            for person in [c.a, c.b] {
                let span = spans[person as usize].get_or_insert((c.start_s, c.end_s));
                *span = (span.0.min(c.start_s), span.1.max(c.end_s));
            }
        }
        let (day_s, end_s) = (day.start().0, day.end().0);
        let of_person = |(i, span): (usize, Option<(i64, i64)>)| {
            let (first_s, last_s) = span?;
            let mut rng = self.keyed.rng(i as u32, u32::MAX, day.0 as u32);
            let before_s = rng.random_range(MIN_BEFORE_S..=self.config.before_first_max_min * 60);
            let after_s = rng.random_range(MIN_BEFORE_S..=self.config.after_last_max_min * 60);
            Some(WorkDay {
                person: PersonId(i as u32),
                start_s: (day_s + first_s - before_s).max(day_s),
                end_s: (day_s + last_s + after_s).min(end_s),
                desk: seat_spot(&self.plans[0], self.desks[i], Doing::Desk),
                claims: Vec::new(),
            })
        };
        spans.into_iter().enumerate().filter_map(of_person).collect()
    }

    /// Puts the members of a gathering on a circle whose neighbours stand a conversation apart, facing its centre.
    fn place(&self, gathering: &Gathering, number: u32, day: DayJst, days: &mut [WorkDay]) {
        let mut rng = self.keyed.rng(number, 0, day.0 as u32);
        let distance_m =
            Normal::new(self.config.distance_m, self.config.distance_sd_m).expect("the spread is finite").sample(&mut rng).clamp(0.4, 1.5)
                as f32;
        let turn = Normal::new(0.0, self.config.facing_sd_deg.to_radians()).expect("the spread is finite");
        let members = gathering.members();
        let radius_m = distance_m / 2.0 / (PI / members.len().max(2) as f32).sin();
        let host = members[rng.random_range(0..members.len())] as usize;
        let seat = &self.plans[0].seats[self.desks[host]];
        // Behind the host's chair, where there is room to stand.
        let centre = seat.at.offset(seat.facing_rad + PI + rng.random_range(-0.5..0.5f32), radius_m);
        let first_rad = rng.random_range(0.0..TAU);
        let midnight_s = day.start().0;
        for (k, &member) in members.iter().enumerate() {
            let bearing_rad = first_rad + TAU * k as f32 / members.len() as f32;
            let spot = Spot {
                at: centre.offset(bearing_rad, radius_m),
                facing_rad: bearing_rad + PI + turn.sample(&mut rng) as f32,
                room: seat.room,
                place: rng.random_range(0x1_0000..u32::MAX),
                doing: Doing::Talk,
            };
            let at = days.partition_point(|d| d.person.0 < member);
            for there in gathering.0.iter().filter(|p| p.person == member) {
                let (start_s, end_s) = (midnight_s + there.start_s, midnight_s + there.end_s);
                days[at].claims.push(Claim { start_s, end_s, spot: Some(spot) });
            }
        }
    }
}

/// People who stand together for a while, and when each of them is there. Someone who left and came back is there twice.
struct Gathering(Vec<Presence>);

#[derive(Clone, Copy)]
struct Presence {
    person: u32,
    start_s: i64,
    end_s: i64,
}

impl Gathering {
    fn last_of(&mut self, person: u32) -> Option<&mut Presence> {
        self.0.iter_mut().filter(|p| p.person == person).max_by_key(|p| p.start_s)
    }

    fn members(&self) -> Vec<u32> {
        let mut members: Vec<u32> = self.0.iter().map(|p| p.person).collect();
        members.sort_unstable();
        members.dedup();
        members
    }
}

/// Contacts joined where they share a person and overlap or follow within `gap_s`. Every contact is in one gathering, and
/// a person is in at most one at a time.
fn gatherings(contacts: &[TraceContact], gap_s: i64) -> Vec<Gathering> {
    let mut by_time: Vec<&TraceContact> = contacts.iter().collect();
    by_time.sort_by_key(|c| (c.start_s, c.a, c.b));
    let mut groups: Vec<Gathering> = Vec::new();
    let mut group_of: BTreeMap<u32, usize> = BTreeMap::new();
    for c in by_time {
        let mut open: Vec<usize> = Vec::new();
        for person in [c.a, c.b] {
            if let Some(&group) = group_of.get(&person)
                && groups[group].last_of(person).is_some_and(|p| c.start_s - p.end_s <= gap_s)
            {
                open.push(group);
            }
        }
        open.sort_unstable();
        open.dedup();
        let target = open.first().copied().unwrap_or_else(|| {
            groups.push(Gathering(Vec::new()));
            groups.len() - 1
        });
        for &other in open.iter().skip(1) {
            let moved = std::mem::take(&mut groups[other].0);
            groups[target].0.extend(moved);
            group_of.values_mut().filter(|g| **g == other).for_each(|g| *g = target);
        }
        for person in [c.a, c.b] {
            group_of.insert(person, target);
            match groups[target].last_of(person) {
                Some(p) if c.start_s - p.end_s <= gap_s => p.end_s = p.end_s.max(c.end_s),
                _ => groups[target].0.push(Presence { person, start_s: c.start_s, end_s: c.end_s }),
            }
        }
    }
    groups.retain(|g| !g.0.is_empty());
    groups
}

fn repeat(floor: &FloorPlan, copies: usize) -> FloorPlan {
    let mut plan = FloorPlan { materials: floor.materials.clone(), ..FloorPlan::default() };
    for copy in 0..copies.max(1) {
        let moved = |p: Point| Point::new(p.x_m + copy as f32 * COPY_SPACING_M, p.y_m);
        let first_room = plan.rooms.len() as u16;
        plan.rooms.extend(floor.rooms.iter().map(|r| Room { low: moved(r.low), high: moved(r.high), ..r.clone() }));
        plan.barriers.extend(floor.barriers.iter().map(|b| Barrier { from: moved(b.from), to: moved(b.to), ..b.clone() }));
        plan.seats.extend(floor.seats.iter().map(|s| Seat { at: moved(s.at), room: s.room + first_room, ..s.clone() }));
        plan.tables.extend(floor.tables.iter().map(|t| Table { low: moved(t.low), high: moved(t.high) }));
    }
    plan
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Every contact lies within the span of both its people in one gathering; nobody is in two places at once.
        #[test]
        fn gatherings_cover_contacts_and_never_split_a_person(raw in prop::collection::vec((0..6u32, 1..6u32, 0..60i64, 1..8i64), 0..40)) {
            let mut contacts: Vec<TraceContact> = raw
                .into_iter()
                .map(|(a, d, start, slots)| (a, (a + d) % 7, start * 20, slots * 20))
                .filter(|(a, b, ..)| a != b)
                .map(|(a, b, start_s, length_s)| TraceContact { a: a.min(b), b: a.max(b), start_s, end_s: start_s + length_s })
                .collect();
            contacts.sort_unstable();
            let groups = gatherings(&contacts, 60);
            for c in &contacts {
                let holds = |g: &Gathering, p: u32| g.0.iter().any(|q| q.person == p && q.start_s <= c.start_s && q.end_s >= c.end_s);
                prop_assert!(groups.iter().any(|g| holds(g, c.a) && holds(g, c.b)));
            }
            for person in 0..7 {
                let mut spans: Vec<_> =
                    groups.iter().flat_map(|g| &g.0).filter(|p| p.person == person).map(|p| (p.start_s, p.end_s)).collect();
                spans.sort_unstable();
                prop_assert!(spans.windows(2).all(|w| w[0].1 <= w[1].0), "{spans:?}");
            }
        }
    }
}
