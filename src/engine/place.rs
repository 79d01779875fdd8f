//! One venue in one UTC day: who stood where, and what their phones did.

use std::sync::OnceLock;

use crate::{
    air::{PhoneDay, Rotation},
    encounter::Barriers,
    ids::{PersonId, VenueId},
    mobility::Stance,
    radio::PhoneHere,
    setup::Setup,
    time::DayJst,
    venue::{FloorPlan, VenueKind},
};

use super::{itinerary::Itinerary, window::Window};

/// A venue with at least two people in it. They are numbered from 0 in the order of their ids.
pub struct Place<'a> {
    /// Kind of venue.
    pub kind: VenueKind,
    /// Its plan.
    pub floor: &'a FloorPlan,
    /// The plan's barriers, by place.
    pub barriers: &'a Barriers,
    /// Stances within the UTC day, by (person, start).
    pub stances: Vec<Stance>,
    /// Whose phones run.
    pub runs: Vec<bool>,
    /// Whose phone each of them carries; their own number where they have none.
    pub carried: Vec<PersonId>,
    /// What everybody's phone does; with fewer than two that run, none scans.
    pub phones: Vec<PhoneHere>,
    /// When each phone takes up which identifier; made when first asked for.
    pub rotations: Vec<OnceLock<Rotation>>,
    /// The identifiers themselves, made when first heard.
    pub on_air: Vec<OnceLock<PhoneDay>>,
    /// Where else each person is within the UTC day: person i in `elsewhere[first_elsewhere[i]..first_elsewhere[i + 1]]`.
    elsewhere: Vec<VenueId>,
    first_elsewhere: Vec<u32>,
}

impl<'a> Place<'a> {
    /// The venue, from the visits of both JST days; `None` without two people. `seen` is shown the whole of what the day that begins within
    /// the UTC day holds.
    pub fn new(
        setup: &'a Setup,
        window: &Window,
        days: [&Itinerary; 2],
        venue: VenueId,
        mut seen: impl FnMut(&[Stance], u32),
    ) -> Option<Self> {
        let mut stances = Vec::new();
        for (i, itinerary) in days.into_iter().enumerate() {
            let visits = itinerary.of_venue(venue);
            let (from_s, to_s) = window.part_of(itinerary.day);
            // Of the day that ends within the UTC day only its hours count: most shops are closed then.
            let is_seen = i == 0 || visits.iter().any(|visit| visit.start_s < to_s && from_s < visit.end_s);
            if visits.is_empty() || !is_seen {
                continue;
            }
            let first = stances.len();
            let over_capacity = setup.movement.stances(itinerary.day, &visits, &mut stances);
            if i == 0 {
                seen(&stances, over_capacity);
            }
            clip(&mut stances, first, from_s, to_s);
        }
        // Each of the two days is in order.
        stances.sort_by_key(|s| (s.person, s.start_s));
        let people: Vec<PersonId> = stances.chunk_by(|a, b| a.person == b.person).map(|of_person| of_person[0].person).collect();
        if people.len() < 2 {
            return None;
        }
        let runs: Vec<bool> = people.iter().map(|p| setup.runs(*p, window.day)).collect();
        let carried: Vec<PersonId> = people.iter().map(|p| setup.hands.carried(*p, window.day).unwrap_or(*p)).collect();
        let listen = runs.iter().filter(|runs| **runs).count() >= 2;
        let mut of_person = stances.chunk_by(|a, b| a.person == b.person);
        let phones = carried
            .iter()
            .zip(&runs)
            .map(|(carried, runs)| {
                let stays = of_person.next().expect("invariant: everybody has a stance");
                let span_s = (stays[0].start_s, stays[stays.len() - 1].end_s);
                if listen && *runs { phone(setup, window, *carried, span_s) } else { PhoneHere::default() }
            })
            .collect();
        let known = &setup.movement.venues()[venue.index()];
        let rotations = people.iter().map(|_| OnceLock::new()).collect();
        let on_air = people.iter().map(|_| OnceLock::new()).collect();
        let (mut elsewhere, mut first_elsewhere) = (Vec::new(), vec![0]);
        for person in &people {
            for itinerary in days {
                let (from_s, to_s) = window.part_of(itinerary.day);
                let others = itinerary.of_person(*person).iter().filter(|v| v.venue != venue && v.start_s < to_s && v.end_s > from_s);
                elsewhere.extend(others.map(|v| v.venue));
            }
            first_elsewhere.push(elsewhere.len() as u32);
        }
        let (floor, barriers) = (&setup.movement.plans()[known.plan], &setup.barriers_by_place[known.plan]);
        Some(Self { kind: known.kind, floor, barriers, stances, runs, carried, phones, rotations, on_air, elsewhere, first_elsewhere })
    }

    /// Whether two phones or more run, and so may hear each other.
    pub fn listens(&self) -> bool {
        self.runs.iter().filter(|runs| **runs).count() >= 2
    }

    /// Whether two people are in another venue too, both of them, within the UTC day.
    pub fn share_another(&self, (a, b): (usize, usize)) -> bool {
        let of = |i: usize| &self.elsewhere[self.first_elsewhere[i] as usize..self.first_elsewhere[i + 1] as usize];
        of(a).iter().any(|venue| of(b).contains(venue))
    }
}

/// Cuts the stances from one on to a span of time.
fn clip(stances: &mut Vec<Stance>, first: usize, from_s: i64, to_s: i64) {
    let mut kept = first;
    for i in first..stances.len() {
        let s = stances[i];
        let (start_s, end_s) = (s.start_s.max(from_s), s.end_s.min(to_s));
        if start_s < end_s {
            let at = |t_s: i64| s.at(t_s as f64);
            let (from, to) = if s.is_still() { (s.from, s.to) } else { (at(start_s), at(end_s)) };
            let ends = (if start_s == s.start_s { s.from } else { from }, if end_s == s.end_s { s.to } else { to });
            stances[kept] = Stance { start_s, end_s, from: ends.0, to: ends.1, ..s };
            kept += 1;
        }
    }
    stances.truncate(kept);
}

/// What a running phone does while its carrier is in the venue.
fn phone(setup: &Setup, window: &Window, phone: PersonId, (from_s, to_s): (i64, i64)) -> PhoneHere {
    let config = setup.scenario.radio.scan_of(setup.os(phone));
    let works = window.days_jst().map(|day: DayJst| (setup.works(phone, day), window.part_of(day)));
    let off_s = setup.off_s(phone, (window.from_s, window.to_s));
    let stops_s = works.iter().map(|(works, (start_s, end_s))| (works.advertises_until_s.max(*start_s), *end_s));
    let silent_s = stops_s.filter(|(from_s, to_s)| from_s < to_s).chain(off_s.iter().copied()).collect();
    let scans = |from_s: i64, to_s: i64| setup.radio.scan_times.between(phone, config, from_s, to_s);
    let mut scans = if works.iter().all(|(works, (_, end_s))| works.scans_until_s >= *end_s) {
        scans(from_s, to_s)
    } else {
        let of_part = works.into_iter().flat_map(|(works, (start_s, end_s))| {
            let (from_s, to_s) = (start_s.max(from_s), end_s.min(to_s).min(works.scans_until_s));
            if from_s < to_s { scans(from_s, to_s) } else { Vec::new() }
        });
        of_part.collect()
    };
    if !off_s.is_empty() {
        scans.retain(|scan| off_s.iter().all(|(from_s, to_s)| !(*from_s..*to_s).contains(&scan.start_s)));
    }
    PhoneHere { scans, silent_s }
}
