//! Replaying a trace: its days as visits and stances, and how well they keep the records.

use std::{collections::BTreeMap, sync::Arc};

use rand::RngExt;

use crate::{
    ids::{PersonId, VenueId},
    mobility::{Carry, ContactsConfig, Doing, Insides, MobilityConfig, Movement, NO_GROUP, Plans, Stance, Visit},
    random::{Keyed, Seed, Stream},
    time::{DAY_S, DayJst},
    units::Point,
    venue::{FloorPlan, Material, Venue},
};

use super::{
    choreography::{Choreography, Presence, choreograph},
    hall::Hall,
    layout::{CONTACT_RANGE_M, distance_m},
    meetings::{Meeting, meetings, over_midnight},
    read::Trace,
    tracks::{Leg, Step},
};

const MIN_BEFORE_S: i64 = 5 * 60;
/// What makes a pair-day count in [`Kept::pair_days_900_record`], s: COCOA's 15 minutes.
const LONG_S: i64 = 900;

/// A trace in its hall.
#[derive(Clone, Debug)]
pub struct Replay {
    trace: Trace,
    first_day: DayJst,
    /// When each person is in the hall.
    presences: Vec<Vec<Presence>>,
    /// Each person's way, in time order.
    steps: Vec<Vec<Step>>,
    contacts: Vec<Meeting>,
    meetings: Vec<Meeting>,
    appears: Vec<bool>,
    carry: Carry,
}

/// How well a replay keeps its records.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kept {
    /// Recorded pair-seconds.
    pub recorded_pair_s: i64,
    /// Share of them within 1.5 m, read off the stances once a second.
    pub within_1_5_m_share: f64,
    /// Share of them in which both stand still further apart: no floor could lay out their group, or none was found.
    pub not_kept_share: f64,
    /// Share of meetings in which anybody appears. A meeting is a pair's records joined over bridged gaps.
    pub appeared: f64,
    /// Pairs and JST days with at least 900 s of meetings.
    pub pair_days_900_record: u64,
}

impl Replay {
    /// Lays out a whole trace, in a hall of these materials: how people move then, and the replay, which says how well it keeps the records.
    pub fn lay_out(
        trace: Trace,
        mobility: &MobilityConfig,
        materials: Vec<Material>,
        first_day: DayJst,
        seed: Seed,
    ) -> (Movement, Arc<Self>) {
        let config = &mobility.contacts;
        let people = trace.labels.len();
        let keyed = Keyed::new(seed, Stream::Replay);
        let contacts = over_midnight(&trace.days, DAY_S);
        let mut meetings = meetings(&contacts, people, config.bridge_gap_s);
        meetings.sort_unstable_by_key(|m| (m.start_s, m.a, m.b));
        let presences = presences(&trace, config, keyed);
        let hall = Hall::new(people, most_at_once(&meetings), config.idle_pitch_m, &config.environment, materials);
        let place_of = places(&trace, &meetings, &hall);
        let Choreography { tracks, appears } = choreograph(&meetings, &presences, &hall, &place_of, config, keyed);
        let replay = Arc::new(Self {
            first_day,
            presences,
            steps: tracks.into_iter().map(|track| track.steps).collect(),
            contacts,
            meetings,
            appears,
            carry: Carry::new(&mobility.carriage, seed),
            trace,
        });
        let venues = vec![Venue { id: VenueId(0), kind: config.venue_kind, plan: 0 }];
        (Movement::new(replay.clone(), replay.clone(), venues, vec![hall.plan]), replay)
    }

    /// What a stated number of days does to the trace; `None` if it does nothing.
    pub fn stated_days(&self) -> Option<String> {
        let last = self.trace.days.iter().rposition(|day| !day.is_empty()).map_or(0, |last| last + 1);
        let days = self.trace.days.len();
        if self.trace.left_out > 0 {
            return Some(format!("run.days = {days} leaves out {} of the trace's records", self.trace.left_out));
        }
        (last < self.trace.days.len())
            .then(|| format!("the trace ends on day {last} of run.days = {days}: nobody meets in the hall after it"))
    }

    /// What is added to the trace's seconds to make them Unix seconds.
    fn to_unix_s(&self) -> i64 {
        self.first_day.start().0
    }

    /// The part within a visit of a step of this number.
    fn stance(&self, visit: &Visit, number: u32, step: &Step) -> Stance {
        let (person, to_unix_s) = (visit.person, self.to_unix_s());
        let (start_s, end_s) = (step.start_s.max(visit.start_s - to_unix_s), step.end_s.min(visit.end_s - to_unix_s));
        let (doing, place) = match step.leg {
            Leg::Own => (Doing::Desk, 0),
            Leg::Meeting => (Doing::Talk, 1 + number),
            Leg::Walk => (Doing::Pause, 1 + number),
        };
        let point = |t_s: i64| {
            let at = step.at(t_s as f64);
            Point::new(at[0] as f32, at[1] as f32)
        };
        let from = point(start_s);
        Stance {
            person,
            start_s: start_s + to_unix_s,
            end_s: end_s + to_unix_s,
            from,
            to: if step.is_still() { from } else { point(end_s) },
            facing_rad: step.facing_rad as f32,
            carriage: self.carry.draw(person, doing, step.episode),
            room: 0,
            place,
            episode: step.episode,
        }
    }

    /// How well the records of the first `days` days are kept.
    pub fn kept(&self, days: u32) -> Kept {
        let until_s = i64::from(days) * DAY_S;
        let (mut recorded_s, mut within_s, mut not_kept_s) = (0, 0, 0);
        for c in &self.contacts {
            let (mut a, mut b) = (self.steps_from(c.a, c.start_s), self.steps_from(c.b, c.start_s));
            for t_s in c.start_s..c.end_s.min(until_s) {
                let ([a, b], moment_s) = ([&mut a, &mut b].map(|steps| step_at(steps, t_s)), t_s as f64 + 0.5);
                let is_within = distance_m(a.at(moment_s), b.at(moment_s)) <= CONTACT_RANGE_M;
                recorded_s += 1;
                within_s += i64::from(is_within);
                not_kept_s += i64::from(!is_within && a.is_still() && b.is_still());
            }
        }
        let mut long: BTreeMap<(u32, u32, i64), i64> = BTreeMap::new();
        let (mut held, mut appeared) = (0, 0);
        for (m, appears) in self.meetings.iter().zip(&self.appears).filter(|(m, _)| m.start_s < until_s) {
            (held, appeared) = (held + 1, appeared + u64::from(*appears));
            let mut from_s = m.start_s;
            while from_s < m.end_s.min(until_s) {
                let day = from_s.div_euclid(DAY_S);
                let to_s = m.end_s.min((day + 1) * DAY_S);
                *long.entry((m.a, m.b, day)).or_default() += to_s - from_s;
                from_s = to_s;
            }
        }
        let share = |part: f64, of: f64| if of > 0.0 { part / of } else { 0.0 };
        Kept {
            recorded_pair_s: recorded_s,
            within_1_5_m_share: share(within_s as f64, recorded_s as f64),
            not_kept_share: share(not_kept_s as f64, recorded_s as f64),
            appeared: share(appeared as f64, held as f64),
            pair_days_900_record: long.values().filter(|s| **s >= LONG_S).count() as u64,
        }
    }

    /// Steps of a person from a moment on, with their numbers.
    fn numbered_from(&self, person: PersonId, t_s: i64) -> impl Iterator<Item = (u32, &Step)> {
        let steps = &self.steps[person.index()];
        let first = steps.partition_point(|s| s.end_s <= t_s);
        (first as u32..).zip(&steps[first..])
    }

    fn steps_from(&self, person: u32, t_s: i64) -> &[Step] {
        let steps = &self.steps[person as usize];
        &steps[steps.partition_point(|s| s.end_s <= t_s)..]
    }
}

impl Plans for Replay {
    /// People are in the hall on days on which they have a record, from some minutes before their first to some minutes after
    /// their last, whoever stays home otherwise.
    fn visits(&self, person: PersonId, day: DayJst, _: bool, out: &mut Vec<Visit>) {
        let to_unix_s = self.to_unix_s();
        let (start_s, end_s) = (day.start().0 - to_unix_s, day.end().0 - to_unix_s);
        let presences = &self.presences[person.index()];
        let first = presences.partition_point(|p| p.end_s <= start_s);
        out.extend(presences[first..].iter().take_while(|p| p.start_s < end_s).map(|p| Visit {
            person,
            venue: VenueId(0),
            start_s: p.start_s.max(start_s) + to_unix_s,
            end_s: p.end_s.min(end_s) + to_unix_s,
            seat: person.0,
            group: self.trace.department[person.index()].unwrap_or(NO_GROUP),
            role: 0,
        }));
    }
}

impl Insides for Replay {
    /// Everybody's way was laid out with the trace, so that the records hold: where somebody is does not depend on who else
    /// is asked about.
    fn stances(&self, _: &Venue, _: &FloorPlan, _: DayJst, visits: &[Visit], out: &mut Vec<Stance>) -> u32 {
        for visit in visits {
            let (start_s, end_s) = (visit.start_s - self.to_unix_s(), visit.end_s - self.to_unix_s());
            let steps = self.numbered_from(visit.person, start_s).take_while(|(_, s)| s.start_s < end_s);
            out.extend(steps.map(|(number, step)| self.stance(visit, number, step)));
        }
        0
    }
}

/// The step that holds a second; steps come in order, so earlier ones are dropped.
fn step_at<'s>(steps: &mut &'s [Step], t_s: i64) -> &'s Step {
    while steps[0].end_s <= t_s {
        *steps = &steps[1..];
    }
    &steps[0]
}

/// From some minutes before the first record of a day to some minutes after its last; joined where that overlaps, as over
/// midnight.
fn presences(trace: &Trace, config: &ContactsConfig, keyed: Keyed) -> Vec<Vec<Presence>> {
    let mut all: Vec<Vec<Presence>> = vec![Vec::new(); trace.labels.len()];
    let end_of_trace_s = trace.days.len() as i64 * DAY_S;
    for (day, contacts) in (0u32..).zip(&trace.days) {
        let mut spans: BTreeMap<u32, (i64, i64)> = BTreeMap::new();
        for c in contacts {
            for person in [c.a, c.b] {
                let span = spans.entry(person).or_insert((c.start_s, c.end_s));
                *span = (span.0.min(c.start_s), span.1.max(c.end_s));
            }
        }
        for (person, (first_s, last_s)) in spans {
            let mut rng = keyed.rng(person, u32::MAX, day);
            let before_s = rng.random_range(MIN_BEFORE_S..=config.before_first_max_min * 60);
            let after_s = rng.random_range(MIN_BEFORE_S..=config.after_last_max_min * 60);
            let midnight_s = i64::from(day) * DAY_S;
            let span =
                Presence { start_s: (midnight_s + first_s - before_s).max(0), end_s: (midnight_s + last_s + after_s).min(end_of_trace_s) };
            match all[person as usize].last_mut() {
                Some(last) if span.start_s <= last.end_s => last.end_s = last.end_s.max(span.end_s),
                _ => all[person as usize].push(span),
            }
        }
    }
    all
}

/// Each person's place, as an index into those of the hall: departments side by side, and within a department whoever is in
/// meetings more often nearer to where they are held, so that few walk past the others.
fn places(trace: &Trace, meetings: &[Meeting], hall: &Hall) -> Vec<usize> {
    let mut held = vec![0u32; trace.labels.len()];
    for m in meetings {
        held[m.a as usize] += 1;
        held[m.b as usize] += 1;
    }
    let group = |p: usize| (trace.department[p].is_none(), trace.department[p]);
    let mut order: Vec<usize> = (0..held.len()).collect();
    order.sort_by_key(|&p| (group(p), std::cmp::Reverse(held[p]), p));
    let mut place_of = vec![0; order.len()];
    let mut first = 0;
    for members in order.chunk_by(|a, b| group(*a) == group(*b)) {
        let mut ranks: Vec<usize> = (first..first + members.len()).collect();
        ranks.sort_by_key(|&rank| (hall.rings[rank], rank));
        members.iter().zip(ranks).for_each(|(&person, rank)| place_of[person] = rank);
        first += members.len();
    }
    place_of
}

/// The most people who are in meetings at the same time.
fn most_at_once(meetings: &[Meeting]) -> usize {
    let mut changes: Vec<(i64, bool, u32)> =
        meetings.iter().flat_map(|m| [(m.a, m), (m.b, m)]).flat_map(|(p, m)| [(m.start_s, true, p), (m.end_s, false, p)]).collect();
    // Ends before starts of the same moment.
    changes.sort_unstable();
    let (mut meetings_of, mut now, mut most): (BTreeMap<u32, u32>, usize, usize) = (BTreeMap::new(), 0, 0);
    for (_, starts, person) in changes {
        let count = meetings_of.entry(person).or_default();
        if starts {
            *count += 1;
            now += usize::from(*count == 1);
            most = most.max(now);
        } else {
            *count -= 1;
            now -= usize::from(*count == 0);
        }
    }
    most
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn config() -> ContactsConfig {
        ContactsConfig {
            record_s: 20,
            origin: 0,
            age_shares: Vec::new(),
            at_work: true,
            distance_m: 0.9,
            distance_sd_m: 0.2,
            facing_sd_deg: 20.0,
            bridge_gap_s: 60,
            before_first_max_min: 30,
            after_last_max_min: 30,
            idle_pitch_m: 2.0,
            environment: "office".into(),
            venue_kind: crate::venue::VenueKind::OFFICE,
        }
    }

    #[test]
    fn the_busiest_moment_counts_people_once() {
        let meeting = |a, b, start_s, end_s| Meeting { a, b, start_s, end_s };
        assert_eq!(most_at_once(&[]), 0);
        assert_eq!(most_at_once(&[meeting(0, 1, 0, 40), meeting(0, 2, 20, 60), meeting(3, 4, 60, 80)]), 3);
    }
}
