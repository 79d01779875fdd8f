//! One UTC day, venue by venue and pair by pair: what geometry says of a pair and what its phones heard goes to judging at once and is
//! forgotten.
//!
//! A pair that meets in one venue alone is closed there. One that shares another venue in the UTC day waits for it, with what was found so
//! far; so do rows of a JST day whose runs go on.

use std::{
    ops::Range,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    air::{Record, Stored, records},
    encounter::{Ranges, Scratch, Sight, Sweep},
    ids::{PersonId, VenueId},
    output::{IoError, SightingRow, StanceRow, VerdictRow},
    radio::{Heard, Listener, Occupancy, Scene},
    setup::Setup,
    time::{DayJst, DayUtc},
    truth::{Badges, Carried, HalfDay, Measure, PairDay, Slots, Touch, join_slots},
};

use super::{
    itinerary::{Itinerary, first_of_each},
    judge::{Counts, Fired, Judge, PairOnDay},
    place::Place,
    rows::{self, TijRun},
    timing::{Stage, Timing},
    window::Window,
};

/// Venues laid out in one go have about so many visits.
const VISITS_AT_ONCE: usize = 4096;
/// One task looks at about so many pairs, of so many people at most.
const PAIRS_AT_ONCE: usize = 512;
const PEOPLE_AT_ONCE: usize = 64;
/// What so many tasks find is in memory together.
const TASKS_AT_ONCE: usize = 64;
/// One task closes so many pairs that were seen before.
const CLOSED_AT_ONCE: usize = 256;

/// Two people, the lower first.
pub type PairId = (PersonId, PersonId);

/// Which pairs matter: those of everybody (a census), or those with a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sources {
    /// Every pair.
    #[default]
    Everybody,
    /// Pairs with one of these people, ascending.
    Only(Vec<PersonId>),
}

impl Sources {
    /// Whether a pair matters: the one question in which a census and a run of sources alone differ.
    fn matter(&self, a: PersonId, b: PersonId) -> bool {
        match self {
            Self::Everybody => true,
            Self::Only(people) => [a, b].iter().any(|p| people.binary_search(p).is_ok()),
        }
    }
}

/// A person and a case who were in range on a UTC day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseDay {
    /// The person.
    pub observer: PersonId,
    /// The case.
    pub case: PersonId,
    /// The UTC day.
    pub day: DayUtc,
    /// The JST day that holds most of their time within the radius; ties to the earlier.
    pub day_jst: DayJst,
    /// What geometry says.
    pub half: HalfDay,
}

/// What a pair left behind, in its order.
#[derive(Default)]
pub struct Found<'a> {
    /// Rows of `verdicts`.
    pub verdicts: Vec<VerdictRow<'a>>,
    /// JST days of pairs that came near each other.
    pub contacts: Vec<(PairId, PairDay)>,
    /// Rows of `stances`.
    pub stances: Vec<StanceRow>,
    /// Rows of `tij` and `tij_unfaced`, those one after the other together.
    pub slots: Vec<TijRun>,
    /// Rows of `sightings`.
    pub sightings: Vec<SightingRow>,
    /// What phones stored of cases: only that can match a key that is ever published.
    pub of_cases: Vec<Stored>,
    /// Pairs with a case.
    pub case_days: Vec<CaseDay>,
    /// What is carried to the next UTC day.
    pub carried: Vec<(PairId, Carried<Fired>)>,
    /// Pairs that share another venue.
    pub(super) held: Vec<Held>,
    /// Visits that found no seat of their own.
    pub over_capacity: u64,
    /// Pairs in range of each other, once a venue.
    pairs_in_range: u64,
}

impl Found<'_> {
    /// What its rows of tables hold in memory.
    fn bytes(&self) -> usize {
        size_of_val(self.verdicts.as_slice())
            + size_of_val(self.contacts.as_slice())
            + size_of_val(self.sightings.as_slice())
            + size_of_val(self.slots.as_slice())
    }
}

/// What is known of a pair in one of the venues that it shares.
pub(super) struct Held {
    pair: PairId,
    venue: VenueId,
    met: Met,
}

/// What a pair's UTC day holds.
#[derive(Clone, Default)]
struct Met {
    touch: Touch,
    /// What each phone stored of the other.
    records: [Vec<Record>; 2],
    /// Where slots are asked for.
    slots: Vec<Slots>,
}

/// Some people of a venue: the place's number, and theirs.
type Task = Vec<(usize, Range<usize>)>;

/// A venue ready to be gone through.
struct Laid<'a, 'p> {
    venue: VenueId,
    place: &'p Place<'a>,
    sweep: &'p Sweep<'p>,
    /// `None` with fewer than two running phones.
    occupancy: Option<Occupancy<'p>>,
}

/// Observes a UTC day.
pub struct Observer<'a, 'w> {
    setup: &'a Setup,
    window: Window,
    days: [&'w Itinerary; 2],
    sources: &'w Sources,
    judge: Judge<'a>,
    /// Cases whose contacts of the day count.
    cases: Vec<PersonId>,
    /// Whose keys of the day may be published.
    uploaders: Vec<PersonId>,
    /// What was carried from the UTC day before, by pair, and whether the pair met again.
    before: &'w [(PairId, Carried<Fired>)],
    /// Of each person the first of these pairs of which they are the lower, and of a last one their number.
    first_before: Vec<u32>,
    met_again: Vec<AtomicBool>,
    /// Counts that no task is adding to: each takes one and gives it back.
    counts: Mutex<Vec<Counts>>,
}

impl<'a, 'w> Observer<'a, 'w> {
    /// Of a UTC day, with the visits of both JST days that it touches, and what was carried from the day before.
    pub fn new(
        setup: &'a Setup,
        window: Window,
        days: [&'w Itinerary; 2],
        sources: &'w Sources,
        before: &'w [(PairId, Carried<Fired>)],
    ) -> Self {
        Self {
            setup,
            window,
            days,
            sources,
            judge: Judge::new(setup, window.day),
            cases: setup.counting_cases(window.day),
            uploaders: setup.uploaders(window.day),
            before,
            first_before: first_of_each(before.iter().map(|((lower, _), _)| *lower), setup.people.len()),
            met_again: before.iter().map(|_| AtomicBool::new(false)).collect(),
            counts: Mutex::default(),
        }
    }

    /// Goes through all venues and adds to `counts`. What is found goes to `take` part by part, always in the same order.
    ///
    /// # Errors
    /// Those of `take`.
    pub fn run(
        self,
        counts: &mut Counts,
        timing: &Timing,
        take: impl FnMut(Found<'a>) -> Result<(), IoError> + Send,
    ) -> Result<(), IoError> {
        // Contacts of sources alone are not all that those whom they meet have: over everybody's time they would say too little.
        if *self.sources == Sources::Everybody && self.setup.headline_counts(self.window.day) {
            counts.presence.add_visits(self.setup, self.window, self.days);
        }
        self.give_back(std::mem::replace(counts, Counts::new(self.setup)));
        let mut held = Vec::new();
        let mut behind = Behind { waiting: Vec::new(), take, timing };
        for venues in self.some_venues() {
            let places: Vec<(Option<Place<'a>>, Found<'a>)> =
                behind.beside(Stage::Inside, || venues.par_iter().with_max_len(1).map(|venue| self.place(*venue)).collect())?;
            let (places, found): (Vec<_>, Vec<_>) = places.into_iter().unzip();
            behind.waiting = found;
            let places: Vec<(VenueId, Place<'a>)> =
                venues.into_iter().zip(places).filter_map(|(venue, place)| Some((venue, place?))).collect();
            timing.counts("stances", places.iter().map(|(_, place)| place.stances.len() as u64).sum());
            timing.holds("stances", places.iter().map(|(_, place)| size_of_val(place.stances.as_slice())).sum());
            let sweeps: Vec<Sweep<'_>> =
                behind.beside(Stage::Layout, || places.par_iter().map(|(_, place)| self.sweep(place)).collect())?;
            let laid: Vec<Laid<'a, '_>> = timing.of(Stage::Layout, || {
                places.par_iter().zip(&sweeps).map(|((venue, place), sweep)| self.lay(*venue, place, sweep)).collect()
            });
            for tasks in tasks(&sweeps).chunks(TASKS_AT_ONCE) {
                let mut parts: Vec<Found<'a>> =
                    behind.beside(Stage::Pairs, || tasks.par_iter().with_max_len(1).map(|task| self.pairs(task, &laid)).collect())?;
                timing.counts("pairs_in_range", parts.iter().map(|found| found.pairs_in_range).sum());
                timing.holds("rows", parts.iter().map(Found::bytes).sum());
                parts.iter_mut().for_each(|found| held.append(&mut found.held));
                behind.waiting = parts;
            }
        }
        behind.waiting = behind.beside(Stage::Pairs, || self.close_held(held).into_iter().chain(self.close_absent()).collect())?;
        behind.beside(Stage::Pairs, || ())?;
        let mut all = self.counts.into_inner().expect("invariant: no task panics").into_iter();
        *counts = all.next().expect("invariant: every task gave its counts back");
        all.for_each(|other| counts.merge(&other));
        Ok(())
    }

    fn take_counts(&self) -> Counts {
        let free = self.counts.lock().expect("invariant: no task panics").pop();
        free.unwrap_or_else(|| Counts::new(self.setup))
    }

    fn give_back(&self, counts: Counts) {
        self.counts.lock().expect("invariant: no task panics").push(counts);
    }

    /// All venues that somebody visits within the UTC day, some at a time.
    fn some_venues(&self) -> Vec<Vec<VenueId>> {
        let mut venues: Vec<(VenueId, usize)> = self.days.iter().flat_map(|day| day.venues()).collect();
        venues.sort_unstable();
        let mut some: Vec<Vec<VenueId>> = Vec::new();
        let mut visits = VISITS_AT_ONCE;
        for of_venue in venues.chunk_by(|a, b| a.0 == b.0) {
            if visits >= VISITS_AT_ONCE {
                some.push(Vec::new());
                visits = 0;
            }
            some.last_mut().expect("invariant: one was begun").push(of_venue[0].0);
            visits += of_venue.iter().map(|(_, visits)| visits).sum::<usize>();
        }
        some
    }

    fn place(&self, venue: VenueId) -> (Option<Place<'a>>, Found<'a>) {
        let mut found = Found::default();
        let place = Place::new(self.setup, &self.window, self.days, venue, |stances, over_capacity| {
            found.over_capacity = u64::from(over_capacity);
            if self.setup.scenario.output.stances {
                found.stances = rows::stances(self.setup, venue, stances);
            }
        });
        (place, found)
    }

    fn sweep<'p>(&self, place: &'p Place<'_>) -> Sweep<'p> {
        let measure = self.measure();
        let people_m = measure.range_m();
        let universe_m = measure.bodies_within_m(self.setup.scenario.accuracy.universe_within_m);
        let phones_m = if place.listens() { self.setup.reach_m(place.kind).max(universe_m).max(people_m) } else { people_m };
        let runs = |person: PersonId| self.setup.runs(person, self.window.day);
        Sweep::new(&place.stances, Ranges { people_m, phones_m }, runs)
    }

    fn lay<'p>(&self, venue: VenueId, place: &'p Place<'a>, sweep: &'p Sweep<'p>) -> Laid<'a, 'p> {
        let runs = |person: PersonId| self.setup.runs(person, self.window.day);
        let occupancy = place.listens().then(|| Occupancy::new(&place.stances, runs, |n| self.setup.radio.clear(n)));
        Laid { venue, place, sweep, occupancy }
    }

    fn measure(&self) -> Measure<'a> {
        Measure {
            config: &self.setup.scenario.truth,
            near_m: self.setup.scenario.output.contacts_within_m,
            phone_offset: self.setup.radio.phone_offsets(),
            barrier_codes: &self.setup.barrier_codes,
        }
    }

    /// What a slot of `tij` asks for, where they are written.
    fn badges(&self) -> Option<Badges> {
        let config = self.setup.scenario.output.tij.config()?;
        Some(Badges::new(config.radius_m, config.cone_deg, self.setup.first_day.start().0))
    }

    /// Closes the pairs of some people with people of higher numbers, or holds them.
    fn pairs(&self, task: &Task, laid: &[Laid<'a, '_>]) -> Found<'a> {
        let (mut found, mut counts, mut scratch) = (Found::default(), self.take_counts(), Scratch::default());
        let (mut met, mut heard) = (Met::default(), <[Vec<Heard>; 2]>::default());
        let (measure, badges) = (self.measure(), self.badges());
        for (number, people) in task {
            let Laid { venue, place, sweep, occupancy } = &laid[*number];
            let scene = occupancy.as_ref().map(|occupancy| Scene {
                kind: place.kind,
                plan: place.floor,
                stances: &place.stances,
                phones: &place.phones,
                carried: &place.carried,
                occupancy,
                devices: &self.setup.devices,
                barrier_codes: &self.setup.barrier_codes,
            });
            let mut sight = Sight::new(place.floor, place.barriers);
            let mut listener = scene.as_ref().map(|scene| Listener::new(&self.setup.radio, scene));
            for a in people.clone() {
                let matter = |b: PersonId| self.sources.matter(sweep.person(a), b);
                sweep.partners_of(a, &mut scratch, matter, |b, segments| {
                    found.pairs_in_range += 1;
                    met.touch.clear();
                    measure.pair(place.kind, self.window.midnight_s(), &place.stances, segments, &mut sight, &mut met.touch);
                    if let Some(badges) = &badges {
                        met.slots.clear();
                        badges.pair(place.kind, &place.stances, segments, &mut sight, &mut met.slots);
                    }
                    heard.iter_mut().for_each(Vec::clear);
                    if let Some(listener) = listener.as_mut().filter(|_| place.runs[a] && place.runs[b]) {
                        listener.pair((a, b), segments, &mut sight, &mut heard, &mut counts.links);
                    }
                    self.store(place, (a, b), &heard, &mut met.records, &mut found);
                    let pair = (sweep.person(a), sweep.person(b));
                    if place.share_another((a, b)) {
                        found.held.push(Held { pair, venue: *venue, met: met.clone() });
                    } else {
                        self.close(pair, &met, &mut counts, &mut found);
                    }
                });
            }
        }
        self.give_back(counts);
        found
    }

    /// Turns what two phones heard of each other into what they store; where somebody will ask for it, with the identifiers.
    fn store(
        &self,
        place: &Place<'_>,
        (a, b): (usize, usize),
        heard: &[Vec<Heard>; 2],
        kept: &mut [Vec<Record>; 2],
        found: &mut Found<'_>,
    ) {
        for ((heard, kept), sender) in heard.iter().zip(kept).zip([b, a]) {
            kept.clear();
            let Some(first) = heard.first() else { continue };
            let (observer, transmitter) = (first.observer, first.transmitter);
            let (os, sent) = (self.setup.os(observer), self.setup.transmitter(transmitter));
            let rotation = place.rotations[sender].get_or_init(|| self.setup.beacons.rotation(transmitter, self.window.day));
            heard.iter().for_each(|h| records(*h, os, sent, rotation).for_each(|record| kept.push(record)));
            let may_match = self.uploaders.binary_search(&transmitter).is_ok();
            if !may_match && !self.setup.scenario.output.sightings {
                continue;
            }
            let on_air = place.on_air[sender].get_or_init(|| self.setup.beacons.phone_day(transmitter, self.window.day, sent));
            for sighting in kept.iter().map(|record| record.sighting(on_air)) {
                if may_match {
                    found.of_cases.push(Stored { observer, sighting });
                }
                if self.setup.scenario.output.sightings {
                    found.sightings.push(rows::sighting(self.setup, observer, &sighting));
                }
            }
        }
    }

    /// Judges a pair whose UTC day is over, counts it, and hands on what is left of it.
    fn close(&self, pair: PairId, met: &Met, counts: &mut Counts, found: &mut Found<'a>) {
        let Met { touch, records, slots } = met;
        let ((a, b), half) = (pair, touch.whole());
        let verdicts = [self.judge.verdict((a, b), &records[0]), self.judge.verdict((b, a), &records[1])];
        let on_day = PairOnDay { pair, half: &half, verdicts: &verdicts };
        self.judge.count_utc_day(&on_day, counts);
        rows::verdicts(self.setup, self.window.day, &on_day, &mut found.verdicts);
        found.slots.extend(slots.iter().map(|slots| TijRun::of(self.setup, pair, *slots)));
        let evening_s = touch.halves[0].within_s;
        let day_jst = self.window.days_jst()[usize::from(evening_s < half.within_s - evening_s)];
        for (observer, case) in [(a, b), (b, a)] {
            if self.cases.binary_search(&case).is_ok() {
                found.case_days.push(CaseDay { observer, case, day: self.window.day, day_jst, half });
            }
        }
        let first = self.first_before[a.index()] as usize;
        let of_lower = &self.before[first..self.first_before[a.index() + 1] as usize];
        let carried = of_lower.binary_search_by_key(&b, |((_, b), _)| *b).ok();
        let before = carried.map(|i| {
            let i = first + i;
            self.met_again[i].store(true, Ordering::Relaxed);
            self.before[i].1.clone()
        });
        self.close_days(pair, before.unwrap_or_default(), touch, Judge::fired(&verdicts), counts, found);
    }

    /// Counts the JST days of a pair that are over with this UTC day.
    fn close_days(
        &self,
        pair: PairId,
        before: Carried<Fired>,
        touch: &Touch,
        fired: [Fired; 2],
        counts: &mut Counts,
        found: &mut Found<'a>,
    ) {
        let gap_s = self.setup.scenario.truth.gap_min * 60.0;
        let join = |known: &mut Fired, more: Fired| known.iter_mut().zip(more).for_each(|(known, more)| known.extend(more));
        let carried = before.close_day(self.window.day, touch, gap_s, fired, join, |row, fired| {
            if count_day(self.setup, pair, &row, &fired, counts) {
                found.contacts.push((pair, row));
            }
        });
        found.carried.extend(carried.map(|carried| (pair, carried)));
    }

    /// Pairs that shared several venues.
    fn close_held(&self, mut held: Vec<Held>) -> Vec<Found<'a>> {
        held.par_sort_unstable_by_key(|h| (h.pair, h.venue));
        let by_pair: Vec<&[Held]> = held.chunk_by(|a, b| a.pair == b.pair).collect();
        self.some_at_a_time(&by_pair, |of_pair, counts, found| {
            let mut met = of_pair[0].met.clone();
            for Held { met: other, .. } in &of_pair[1..] {
                met.touch.join(&other.touch);
                met.records.iter_mut().zip(&other.records).for_each(|(known, more)| known.extend_from_slice(more));
                join_slots(&mut met.slots, &other.slots);
            }
            met.records.iter_mut().for_each(|records| records.sort_by_key(|r| r.t_s));
            self.close(of_pair[0].pair, &met, counts, found);
        })
    }

    /// Pairs that were carried and did not meet.
    fn close_absent(&self) -> Vec<Found<'a>> {
        let met_again = |i: usize| self.met_again[i].load(Ordering::Relaxed);
        let absent: Vec<usize> = (0..self.before.len()).filter(|i| !met_again(*i)).collect();
        self.some_at_a_time(&absent, |i, counts, found| {
            let (pair, before) = &self.before[*i];
            self.close_days(*pair, before.clone(), &Touch::default(), Default::default(), counts, found);
        })
    }

    /// Closes pairs, some in each task.
    fn some_at_a_time<T: Sync>(&self, pairs: &[T], close: impl Fn(&T, &mut Counts, &mut Found<'a>) + Sync) -> Vec<Found<'a>> {
        let some = pairs.par_chunks(CLOSED_AT_ONCE).with_max_len(1).map(|some| {
            let (mut found, mut counts) = (Found::default(), self.take_counts());
            some.iter().for_each(|pair| close(pair, &mut counts, &mut found));
            self.give_back(counts);
            found
        });
        some.collect()
    }
}

/// Writes what was found while more is being looked for.
struct Behind<'t, T, F> {
    waiting: Vec<T>,
    take: F,
    timing: &'t Timing,
}

impl<T: Send, F: FnMut(T) -> Result<(), IoError> + Send> Behind<'_, T, F> {
    /// Does some work of a stage; beside it, hands on all that waits.
    fn beside<R: Send>(&mut self, stage: Stage, work: impl FnOnce() -> R + Send) -> Result<R, IoError> {
        let (waiting, take, timing) = (std::mem::take(&mut self.waiting), &mut self.take, self.timing);
        let hand_on = || waiting.into_iter().try_for_each(take);
        let (handed_on, done) = rayon::join(|| timing.of(Stage::Tables, hand_on), || timing.of(stage, work));
        handed_on.map(|()| done)
    }
}

/// Counts a pair's JST day; whether it has a row in `contacts`, since the two came near.
pub fn count_day(setup: &Setup, pair: PairId, row: &PairDay, fired: &Fired, counts: &mut Counts) -> bool {
    Judge::count_jst_day(setup, pair, row, fired, counts);
    row.whole().came_near(setup.scenario.output.contacts_within_m)
}

/// The people of places, portioned out.
fn tasks(sweeps: &[Sweep<'_>]) -> Vec<Task> {
    let mut tasks: Vec<Task> = Vec::new();
    let (mut pairs, mut people) = (PAIRS_AT_ONCE, PEOPLE_AT_ONCE);
    for (number, sweep) in sweeps.iter().enumerate() {
        let all = sweep.people();
        let step = (PAIRS_AT_ONCE / all).clamp(1, PEOPLE_AT_ONCE);
        for first in (0..all).step_by(step) {
            let some = first..(first + step).min(all);
            if pairs >= PAIRS_AT_ONCE || people >= PEOPLE_AT_ONCE {
                tasks.push(Vec::new());
                (pairs, people) = (0, 0);
            }
            (pairs, people) = (pairs + some.len() * all, people + some.len());
            tasks.last_mut().expect("invariant: one was begun").push((number, some));
        }
    }
    tasks
}
