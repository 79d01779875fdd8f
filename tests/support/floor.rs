//! All pairs of a venue at once: what a run does pair by pair and forgets.

use cocoasim::{
    encounter::{Barriers, Ranges, Scratch, Segment, Sight, Sweep},
    ids::PersonId,
    mobility::Stance,
    radio::{Devices, Heard, LinkCounts, LinkTally, Listener, Occupancy, PhoneHere, RadioModel, Scan, Scene},
    venue::{FloorPlan, VenueKind},
};

/// The segments of every pair, by pair.
pub fn all_pairs(stances: &[Stance], ranges: Ranges, runs: impl Fn(PersonId) -> bool) -> Vec<((PersonId, PersonId), Vec<Segment>)> {
    let sweep = Sweep::new(stances, ranges, runs);
    let (mut scratch, mut found) = (Scratch::default(), Vec::new());
    for a in 0..sweep.people() {
        sweep.partners_of(a, &mut scratch, |_| true, |b, segments| found.push(((sweep.person(a), sweep.person(b)), segments.to_vec())));
    }
    found.sort_by_key(|(pair, _)| *pair);
    found
}

/// A venue with people and phones in it. What is by person has their ids for index.
pub struct Floor<'a> {
    pub kind: VenueKind,
    pub plan: &'a FloorPlan,
    pub stances: &'a [Stance],
    pub phones_m: f32,
    /// Whose phones advertise.
    pub running: &'a [bool],
    /// Empty where a phone does not listen.
    pub scans: &'a [Vec<Scan>],
    pub devices: &'a Devices,
    pub barrier_codes: &'a [u16],
}

impl Floor<'_> {
    /// Everything that running phones which scan hear of each other, and the tally of all link-scans.
    pub fn hear(&self, model: &RadioModel) -> (Vec<Heard>, LinkTally) {
        let runs = |p: PersonId| self.running[p.index()];
        // A grid of no range would have countless cells.
        let ranges = Ranges { people_m: self.phones_m.min(3.0), phones_m: self.phones_m };
        let sweep = Sweep::new(self.stances, ranges, runs);
        let occupancy = Occupancy::new(self.stances, runs, |n| model.clear(n));
        let phone = |number: usize| PhoneHere { scans: self.scans[sweep.person(number).index()].clone(), silent_s: Vec::new() };
        let carried: Vec<PersonId> = (0..sweep.people()).map(|number| sweep.person(number)).collect();
        let phones: Vec<PhoneHere> = (0..sweep.people()).map(phone).collect();
        let scene = Scene {
            kind: self.kind,
            plan: self.plan,
            stances: self.stances,
            phones: &phones,
            carried: &carried,
            occupancy: &occupancy,
            devices: self.devices,
            barrier_codes: self.barrier_codes,
        };
        let (mut listener, mut counts) = (Listener::new(model, &scene), LinkCounts::default());
        let listed = Barriers::of(self.plan);
        let mut sight = Sight::new(self.plan, &listed);
        let (mut scratch, mut heard) = (Scratch::default(), <[Vec<Heard>; 2]>::default());
        let scans = |p: PersonId| runs(p) && !self.scans[p.index()].is_empty();
        for a in (0..sweep.people()).filter(|a| scans(sweep.person(*a))) {
            sweep.partners_of(a, &mut scratch, scans, |b, segments| listener.pair((a, b), segments, &mut sight, &mut heard, &mut counts));
        }
        let mut heard = heard.concat();
        heard.sort_by_key(|h| (h.observer, h.scan_s, h.transmitter));
        (heard, counts.tally())
    }
}
