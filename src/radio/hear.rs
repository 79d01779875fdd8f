//! All link-scans of one venue-day.

use std::{collections::BTreeMap, ops::Range};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    encounter::{Encounters, NOTHING_BETWEEN, Pair, Segment},
    ids::PersonId,
    mobility::{Carriage, Stance, VenueDay},
    units::Point,
    venue::{FloorPlan, VenueKind},
};

use super::{
    calibration::Devices,
    kernel::ScanResult,
    link::{Link, ScanAsked},
    model::RadioModel,
    occupancy::Occupancy,
    records::{Heard, Scan},
    terms::{Geometry, LinkEnd, LinkState, Without},
};

/// Upper edges of the distance classes of the attenuation table, m; the last class is open.
pub const DISTANCE_EDGES_M: [f32; 10] = [0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 20.0];
/// Attenuations are counted up to this, dB.
const MAX_COUNTED_DB: usize = 127;

/// Where a link-scan is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LinkClass {
    /// Kind of venue.
    pub venue_kind: VenueKind,
    /// What stood between: code in the run's list of barrier names.
    pub barrier: u16,
    /// How the observer carried the phone.
    pub observer: Carriage,
    /// How the transmitter carried it.
    pub transmitter: Carriage,
    /// Index of the distance class.
    pub distance: usize,
}

/// Counts of link-scans by class and typical attenuation (whole dB); the last count is of those that heard nothing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LinkTally(#[serde(with = "crate::as_list")] pub BTreeMap<LinkClass, Vec<u64>>);

impl LinkTally {
    /// The index of scans that heard nothing.
    pub const UNHEARD: usize = MAX_COUNTED_DB + 1;

    /// Adds another tally.
    pub fn merge(&mut self, other: &Self) {
        for (class, counts) in &other.0 {
            let mine = self.0.entry(*class).or_insert_with(|| vec![0; Self::UNHEARD + 1]);
            mine.iter_mut().zip(counts).for_each(|(a, b)| *a += b);
        }
    }
}

/// One venue-day as radio sees it.
pub struct Scene<'a> {
    /// Kind of venue.
    pub kind: VenueKind,
    /// Its plan.
    pub plan: &'a FloorPlan,
    /// Who stood where.
    pub day: &'a VenueDay,
    /// Who was near whom.
    pub encounters: &'a Encounters,
    /// Whether each person's phone takes part.
    pub running: &'a [bool],
    /// Each person's scans of the day, in time order (empty where the phone does not take part).
    pub scans: &'a [Vec<Scan>],
    /// When each phone stops advertising, Unix seconds (`i64::MAX` = not on this day).
    pub advertises_until_s: &'a [i64],
    /// What is special about each phone.
    pub devices: &'a Devices,
    /// Code of each material of the plan in the run's list of barrier names.
    pub barrier_codes: &'a [u16],
}

/// Everything heard in a venue-day, sorted by (observer, scan, transmitter), and the tally of all link-scans.
pub fn hear(model: &RadioModel, scene: &Scene<'_>) -> (Vec<Heard>, LinkTally) {
    let occupancy = Occupancy::new(&scene.day.stances, scene.running, |n| model.reception.clear(n));
    let running = |p: PersonId| scene.running[p.index()];
    let pairs: Vec<&Pair> = scene.encounters.pairs.iter().filter(|p| running(p.a) && running(p.b)).collect();
    let parts: Vec<(Vec<Reading>, LinkTally)> = pairs
        .par_chunks(256)
        .map(|chunk| {
            let mut listener = Listener {
                model,
                scene,
                occupancy: &occupancy,
                next_scan: [0, 0],
                lines: Lines::default(),
                in_line: Vec::new(),
                asked: Vec::new(),
                distances_m: Vec::new(),
                heard: Vec::new(),
                counts: Counts::new(scene),
            };
            for pair in chunk {
                listener.next_scan = [0, 0];
                listener.lines.clear();
                for segment in scene.encounters.of(pair) {
                    listener.segment(pair, segment);
                }
            }
            (listener.heard, listener.counts.tally(scene.kind))
        })
        .collect();
    let mut tally = LinkTally::default();
    parts.iter().for_each(|(_, counts)| tally.merge(counts));
    (in_order(scene, parts.iter().flat_map(|(part, _)| part)), tally)
}

/// What a scan heard, as it is found: pair by pair.
#[derive(Clone, Copy)]
struct Reading {
    observer: PersonId,
    transmitter: PersonId,
    /// Number of the scan among the observer's of the day.
    scan: u32,
    result: ScanResult,
}

/// Sorts by (observer, scan, transmitter) in two passes: readings come pair by pair, pairs by (a, b), so the transmitters
/// of one scan already ascend.
fn in_order<'a>(scene: &Scene<'_>, readings: impl Iterator<Item = &'a Reading> + Clone) -> Vec<Heard> {
    let mut first: Vec<u32> = Vec::with_capacity(scene.scans.len() + 1);
    first.push(0);
    for scans in scene.scans {
        first.push(first[first.len() - 1] + scans.len() as u32);
    }
    let slot = |r: &Reading| (first[r.observer.index()] + r.scan) as usize;
    let heard = |r: &Reading| {
        let scan = scene.scans[r.observer.index()][r.scan as usize];
        Heard {
            observer: r.observer,
            transmitter: r.transmitter,
            scan_s: scan.start_s,
            previous_stop_s: scan.previous_stop_s,
            previous_length_s: scan.previous_length_s,
            packets: r.result.packets,
            mean_db: r.result.mean_db,
            min_db: r.result.min_db,
        }
    };
    let mut next = vec![0u32; first[first.len() - 1] as usize + 1];
    let mut any = None;
    for reading in readings.clone() {
        next[slot(reading) + 1] += 1;
        any = any.or(Some(reading));
    }
    for i in 1..next.len() {
        next[i] += next[i - 1];
    }
    let Some(any) = any else { return Vec::new() };
    let mut sorted = vec![heard(any); next[next.len() - 1] as usize];
    for reading in readings {
        let place = &mut next[slot(reading)];
        sorted[*place as usize] = heard(reading);
        *place += 1;
    }
    sorted
}

/// Number of carriages.
const CARRIAGES: usize = Carriage::ALL.len();
const DISTANCES: usize = DISTANCE_EDGES_M.len() + 1;
const UNUSED: u32 = u32::MAX;

/// The tally of one chunk of pairs, laid out for counting.
struct Counts {
    /// For each (barrier, observer, transmitter, distance) the place of its counts, or [`UNUSED`].
    place: Vec<u32>,
    counts: Vec<[u64; LinkTally::UNHEARD + 1]>,
}

impl Counts {
    fn new(scene: &Scene<'_>) -> Self {
        let barriers = scene.barrier_codes.iter().max().map_or(1, |code| usize::from(*code) + 1);
        Self { place: vec![UNUSED; barriers * CARRIAGES * CARRIAGES * DISTANCES], counts: Vec::new() }
    }

    fn of(&mut self, barrier: u16, observer: Carriage, transmitter: Carriage, distance_m: f32) -> &mut [u64; LinkTally::UNHEARD + 1] {
        let distance = DISTANCE_EDGES_M.iter().position(|edge| distance_m < *edge).unwrap_or(DISTANCE_EDGES_M.len());
        let class = ((usize::from(barrier) * CARRIAGES + observer as usize) * CARRIAGES + transmitter as usize) * DISTANCES + distance;
        if self.place[class] == UNUSED {
            self.place[class] = self.counts.len() as u32;
            self.counts.push([0; LinkTally::UNHEARD + 1]);
        }
        &mut self.counts[self.place[class] as usize]
    }

    fn tally(self, venue_kind: VenueKind) -> LinkTally {
        let used = self.place.iter().enumerate().filter(|(_, place)| **place != UNUSED);
        LinkTally(
            used.map(|(class, place)| {
                let of_carriages = class / DISTANCES;
                let class = LinkClass {
                    venue_kind,
                    barrier: (of_carriages / CARRIAGES / CARRIAGES) as u16,
                    observer: Carriage::ALL[of_carriages / CARRIAGES % CARRIAGES],
                    transmitter: Carriage::ALL[of_carriages % CARRIAGES],
                    distance: class % DISTANCES,
                };
                (class, self.counts[*place as usize].to_vec())
            })
            .collect(),
        )
    }
}

/// The scans from `next` on that start within a span; `next` moves on. Spans come in time order.
fn scans_within(scans: &[Scan], next: &mut usize, start_s: i64, end_s: i64) -> Range<usize> {
    let first = *next + scans[*next..].iter().take_while(|s| s.start_s < start_s).count();
    *next = first + scans[first..].iter().take_while(|s| s.start_s < end_s).count();
    first..*next
}

/// The spots beside the last few lines between two still phones of a pair: people come back to their desks.
#[derive(Default)]
struct Lines {
    known: Vec<((Point, Point), Range<usize>)>,
    spots: Vec<u32>,
}

impl Lines {
    /// Lines remembered of a pair.
    const MAX: usize = 32;

    fn clear(&mut self) {
        self.known.clear();
        self.spots.clear();
    }

    fn spots_beside(&mut self, occupancy: &Occupancy<'_>, line: (Point, Point)) -> &[u32] {
        if let Some((_, range)) = self.known.iter().find(|(known, _)| *known == line) {
            return &self.spots[range.clone()];
        }
        if self.known.len() == Self::MAX {
            self.clear();
        }
        let first = self.spots.len();
        occupancy.spots_beside(line, &mut self.spots);
        self.known.push((line, first..self.spots.len()));
        &self.spots[first..]
    }
}

/// One end of a link within a segment.
#[derive(Clone, Copy)]
struct End<'a> {
    person: PersonId,
    stance: &'a Stance,
}

struct Listener<'a> {
    model: &'a RadioModel,
    scene: &'a Scene<'a>,
    occupancy: &'a Occupancy<'a>,
    /// The next scan of the pair's lower and higher person.
    next_scan: [usize; 2],
    lines: Lines,
    /// Times at which somebody stands in the line of the current segment.
    in_line: Vec<(i64, i64)>,
    /// The scans evaluated next, and the distance between the phones at each.
    asked: Vec<ScanAsked>,
    distances_m: Vec<f32>,
    heard: Vec<Reading>,
    counts: Counts,
}

impl Listener<'_> {
    fn segment(&mut self, pair: &Pair, segment: &Segment) {
        let (model, scene) = (self.model, self.scene);
        let [next_a, next_b] = &mut self.next_scan;
        let scans_a = scans_within(&scene.scans[pair.a.index()], next_a, segment.start_s, segment.end_s);
        let scans_b = scans_within(&scene.scans[pair.b.index()], next_b, segment.start_s, segment.end_s);
        if scans_a.is_empty() && scans_b.is_empty() {
            return;
        }
        let a = End { person: pair.a, stance: &scene.day.stances[segment.stance_a as usize] };
        let b = End { person: pair.b, stance: &scene.day.stances[segment.stance_b as usize] };
        let environment = model.environment(scene.kind, scene.plan, a.stance.room, b.stance.room);
        let place = mix(a.stance.place, b.stance.place, a.stance.carriage as u32 * 6 + b.stance.carriage as u32);
        let geometry = |t_s: i64| model.geometry([a, b].map(|end| LinkEnd::at(end.stance, t_s)));
        let carriage = [a, b].map(|end| end.stance.carriage);
        let carriage_db = [a, b].map(|end| model.carriage_loss_db(end.stance));
        let pair_offset_db = model.pair_offset_db(environment, (a.person.0, b.person.0), place);
        let barriers_db = segment.between.loss_db;
        let barrier = if segment.between.material == NOTHING_BETWEEN { 0 } else { scene.barrier_codes[segment.between.material as usize] };
        let still = (a.stance.is_still() && b.stance.is_still()).then(|| geometry(segment.start_s));
        let two = (pair.a, pair.b);
        if let Some(geometry) = still {
            self.people_beside(geometry.phones.into(), two, (segment.start_s, segment.end_s));
        }
        for (observer, transmitter, scans) in [(a, b, scans_a), (b, a, scans_b)] {
            let (o, t) = (observer.person, transmitter.person);
            let devices_db = [scene.devices.tx_error_db[t.index()], scene.devices.rx_error_db[o.index()]];
            let steady_db = |geometry: Geometry| {
                let link = LinkState { environment, geometry, carriage, carriage_db, barriers_db, pair_offset_db, devices_db };
                model.terms(&link, Without::default()).total_db()
            };
            let still_db = still.map_or(0.0, steady_db);
            let link = Link::new(model, environment, (o.0, t.0), place, still.is_some(), scene.devices.ceiling_db(t.index(), o.index()));
            let advertises_until_s = scene.advertises_until_s[t.index()];
            let of_observer = &scene.scans[o.index()][scans.clone()];
            self.asked.clear();
            self.distances_m.clear();
            for scan in of_observer {
                let t_s = scan.start_s;
                let (geometry, steady_db) = still.map_or_else(
                    || {
                        let now = geometry(t_s);
                        self.people_beside(now.phones.into(), two, (t_s, t_s + 1));
                        (now, steady_db(now))
                    },
                    |at_rest| (at_rest, still_db),
                );
                let standing = self.in_line.iter().filter(|(from, to)| (*from..*to).contains(&t_s)).count() as u32;
                let present = self.occupancy.at(t_s);
                let bodies = standing + self.occupancy.walkers_in_line(present, geometry.phones.into(), two, t_s);
                let clear = present.map_or(1.0, |p| p.clear);
                let packets_a_channel = model.config.packets_a_channel(scan.length_s);
                self.asked.push(ScanAsked { t_s, steady_db, bodies, clear, packets_a_channel });
                self.distances_m.push(geometry.phones_m);
            }
            let results = link.scans(&self.asked);
            for (((i, scan), distance_m), result) in scans.zip(of_observer).zip(&self.distances_m).zip(results) {
                let counts = self.counts.of(barrier, observer.stance.carriage, transmitter.stance.carriage, *distance_m);
                let Some(result) = result.filter(|_| scan.start_s < advertises_until_s) else {
                    counts[LinkTally::UNHEARD] += 1;
                    continue;
                };
                counts[((result.mean_db + 0.5).max(0.0) as i32 as usize).min(MAX_COUNTED_DB)] += 1;
                self.heard.push(Reading { observer: o, transmitter: t, scan: i as u32, result });
            }
        }
    }
}

impl Listener<'_> {
    /// Lists in `in_line` when others stand beside a line within a span.
    fn people_beside(&mut self, line: (Point, Point), two: (PersonId, PersonId), span_s: (i64, i64)) {
        self.in_line.clear();
        for &spot in self.lines.spots_beside(self.occupancy, line) {
            self.occupancy.others_at(spot, two, span_s, &mut self.in_line);
        }
    }
}

/// A number for a pair of places and carriages, the same whenever both come back to them.
fn mix(a: u32, b: u32, carriages: u32) -> u32 {
    let x = a.wrapping_mul(0x9E37_79B1) ^ b.wrapping_mul(0x85EB_CA77).rotate_left(13) ^ carriages.wrapping_mul(0xC2B2_AE3D);
    (x ^ x >> 15).wrapping_mul(0x2C1B_3C6D)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{encounter::Between, ids::VenueId, mobility::NO_ROOM, radio::RadioConfig, random::Seed};

    const START_S: i64 = 1_598_886_000;
    const END_S: i64 = START_S + 3600;

    /// A scan every two minutes from `START_S` until `until_s`.
    fn scans(until_s: i64) -> Vec<Scan> {
        (START_S..until_s)
            .step_by(120)
            .map(|start_s| Scan { start_s, length_s: 4, previous_stop_s: start_s - 116, previous_length_s: 4 })
            .collect()
    }

    /// Two phones a metre apart on a table for an hour: (observer, scan) of everything heard, and how many link-scans there were.
    fn heard(running: [bool; 2], scans: [Vec<Scan>; 2], advertises_until_s: [i64; 2]) -> (Vec<(u32, i64)>, u64) {
        let (heard, link_scans) = heard_by(&config(), running, scans, advertises_until_s);
        (heard.iter().map(|h| (h.observer.0, h.scan_s)).collect(), link_scans)
    }

    fn config() -> RadioConfig {
        let baseline: toml::Table = toml::from_str(include_str!("../../scenarios/baseline.toml")).expect("it is TOML");
        baseline["radio"].clone().try_into().expect("it holds [radio]")
    }

    /// The same in full, by another configuration.
    fn heard_by(config: &RadioConfig, running: [bool; 2], scans: [Vec<Scan>; 2], advertises_until_s: [i64; 2]) -> (Vec<Heard>, u64) {
        let stance = |person: u32| Stance {
            person: PersonId(person),
            start_s: START_S,
            end_s: END_S,
            from: Point::new(person as f32, 0.0),
            to: Point::new(person as f32, 0.0),
            facing_rad: 0.0,
            carriage: Carriage::Table,
            room: NO_ROOM,
            place: 0,
            episode: 0,
        };
        let between = Between { loss_db: 0.0, material: NOTHING_BETWEEN, separates: false };
        let devices = Devices {
            tx_power_dbm: vec![-20; 2],
            confidence: vec![3; 2],
            tx_error_db: vec![0.0; 2],
            rx_error_db: vec![0.0; 2],
            floor_dbm: vec![-110.0; 2],
        };
        let scene = Scene {
            kind: VenueKind::Office,
            plan: &FloorPlan::default(),
            day: &VenueDay { venue: VenueId(0), stances: vec![stance(0), stance(1)] },
            encounters: &Encounters {
                pairs: vec![Pair { a: PersonId(0), b: PersonId(1), first: 0, end: 1 }],
                segments: vec![Segment { start_s: START_S, end_s: END_S, stance_a: 0, stance_b: 1, between }],
            },
            running: &running,
            scans: &scans,
            advertises_until_s: &advertises_until_s,
            devices: &devices,
            barrier_codes: &[],
        };
        let (heard, tally) = hear(&RadioModel::new(config, Seed(1)), &scene);
        assert!(heard.iter().all(|h| h.observer != h.transmitter && h.packets > 0));
        (heard, tally.0.values().flatten().sum())
    }

    fn all_day() -> (Vec<(u32, i64)>, u64) {
        heard([true; 2], [scans(END_S), scans(END_S)], [i64::MAX; 2])
    }

    #[test]
    fn phones_a_metre_apart_hear_each_other_all_the_time() {
        let (heard, link_scans) = all_day();
        assert_eq!((heard.len(), link_scans), (59, 60), "one fade is too deep");
    }

    /// A minute's scan of a phone that advertises every 20 ms: a thousand packets on each channel, and the same attenuation.
    #[test]
    fn thousands_of_packets_read_the_attenuation_that_fifteen_do() {
        let often = RadioConfig { advertising_interval_ms: 20.0, ..config() };
        let long = || scans(END_S).into_iter().map(|scan| Scan { length_s: 60, ..scan }).collect::<Vec<_>>();
        let mean_db = |heard: &[Heard]| heard.iter().map(|h| h.mean_db).sum::<f32>() / heard.len() as f32;
        let common = heard_by(&config(), [true; 2], [scans(END_S), scans(END_S)], [i64::MAX; 2]).0;
        let many = heard_by(&often, [true; 2], [long(), long()], [i64::MAX; 2]).0;
        assert!(common.iter().all(|h| h.packets <= 15) && many.iter().all(|h| (255..3000).contains(&h.packets)), "{many:?}");
        // Sixty scans of three fades each, both: a standard error of 0.4 dB.
        assert!((mean_db(&many) - mean_db(&common)).abs() < 2.0, "{} dB, {} by few", mean_db(&many), mean_db(&common));
        assert!(many.iter().all(|h| h.min_db <= h.mean_db && h.mean_db - h.min_db < 15.0), "{many:?}");
    }

    #[test]
    fn a_phone_that_stops_advertising_is_unheard_from_then_on() {
        let stops_s = START_S + 1200;
        let (before, link_scans) = heard([true; 2], [scans(END_S), scans(END_S)], [i64::MAX, stops_s]);
        let all_day = all_day().0;
        assert!(all_day.contains(&(0, stops_s)));
        let expected: Vec<_> = all_day.into_iter().filter(|(observer, scan_s)| *observer == 1 || *scan_s < stops_s).collect();
        assert_eq!((before, link_scans), (expected, 60), "a scan at that very second hears nothing; the phone itself hears on");
    }

    #[test]
    fn a_phone_that_stops_scanning_hears_nothing_from_then_on_and_is_heard() {
        let stops_s = START_S + 1200;
        let (after, link_scans) = heard([true; 2], [scans(END_S), scans(stops_s)], [i64::MAX; 2]);
        let expected: Vec<_> = all_day().0.into_iter().filter(|(observer, scan_s)| *observer == 0 || *scan_s < stops_s).collect();
        assert_eq!((after, link_scans), (expected, 40));
    }

    #[test]
    fn a_phone_that_does_not_run_neither_hears_nor_is_heard() {
        assert_eq!(heard([true, false], [scans(END_S), scans(END_S)], [i64::MAX; 2]), (Vec::new(), 0));
    }
}
