//! All link-scans of a venue, pair by pair.

use std::{collections::BTreeMap, ops::Range};

use serde::{Deserialize, Serialize};

use crate::{
    encounter::{NOTHING_BETWEEN, Segment, Sight},
    ids::PersonId,
    mobility::{Carriage, NO_ROOM, Stance},
    venue::{FloorPlan, VenueKind},
};

use super::{
    calibration::Devices,
    link::{Link, ScanAsked},
    model::{Environment, RadioModel},
    occupancy::{Beside, Occupancy},
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
#[derive(Clone, Debug, Default)]
pub struct LinkTally(pub BTreeMap<LinkClass, Vec<u64>>);

impl LinkTally {
    /// The index of scans that heard nothing.
    pub const UNHEARD: usize = MAX_COUNTED_DB + 1;
}

/// A phone in a venue.
#[derive(Clone, Debug, Default)]
pub struct PhoneHere {
    /// Its scans while its carrier is here, in time order; empty where it does not take part.
    pub scans: Vec<Scan>,
    /// When it does not advertise though it takes part: from and to, Unix seconds, in no order.
    pub silent_s: Vec<(i64, i64)>,
}

/// One venue as radio sees it. People are numbered from 0 in the order of their ids.
pub struct Scene<'a> {
    /// Kind of venue.
    pub kind: VenueKind,
    /// Its plan.
    pub plan: &'a FloorPlan,
    /// Who stood where, sorted by (person, start).
    pub stances: &'a [Stance],
    /// What everybody's phone does.
    pub phones: &'a [PhoneHere],
    /// Whose phone each of them carries.
    pub carried: &'a [PersonId],
    /// Who else is here: bodies in the line, phones that collide.
    pub occupancy: &'a Occupancy<'a>,
    /// What is special about each phone, by the person whose it is.
    pub devices: &'a Devices,
    /// Code of each material of the plan in the run's list of barrier names.
    pub barrier_codes: &'a [u16],
}

/// Number of carriages.
const CARRIAGES: usize = Carriage::ALL.len();
const DISTANCES: usize = DISTANCE_EDGES_M.len() + 1;
const UNUSED: u32 = u32::MAX;

/// Counts of link-scans laid out for counting. Adding and merging take any order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LinkCounts(Vec<KindCounts>);

/// Those of one kind of venue.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct KindCounts {
    kind: VenueKind,
    /// For each (barrier, observer, transmitter, distance) the place of its counts, or [`UNUSED`].
    place: Vec<u32>,
    /// [`COUNTED`] for each place.
    counts: Vec<u64>,
}

/// Counts of a class: whole dB, and scans that heard nothing.
const COUNTED: usize = LinkTally::UNHEARD + 1;

impl LinkCounts {
    fn of_kind(&mut self, kind: VenueKind) -> &mut KindCounts {
        let at = self.0.iter().position(|c| c.kind == kind).unwrap_or_else(|| {
            self.0.push(KindCounts { kind, place: Vec::new(), counts: Vec::new() });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    /// Adds what another thread counted.
    pub fn merge(&mut self, other: &Self) {
        for theirs in &other.0 {
            let mine = self.of_kind(theirs.kind);
            for (class, place) in theirs.used() {
                mine.of_class(class).iter_mut().zip(&theirs.counts[place..place + COUNTED]).for_each(|(a, b)| *a += b);
            }
        }
    }

    /// All link-scans.
    pub fn total(&self) -> u64 {
        self.0.iter().flat_map(|kind| &kind.counts).sum()
    }

    /// The counts by class.
    pub fn tally(&self) -> LinkTally {
        LinkTally(self.0.iter().flat_map(KindCounts::classes).collect())
    }
}

impl KindCounts {
    fn of(&mut self, barrier: u16, observer: Carriage, transmitter: Carriage, distance_m: f32) -> &mut [u64] {
        let distance = DISTANCE_EDGES_M.iter().position(|edge| distance_m < *edge).unwrap_or(DISTANCE_EDGES_M.len());
        self.of_class(((usize::from(barrier) * CARRIAGES + observer as usize) * CARRIAGES + transmitter as usize) * DISTANCES + distance)
    }

    fn of_class(&mut self, class: usize) -> &mut [u64] {
        if class >= self.place.len() {
            self.place.resize(class + 1, UNUSED);
        }
        if self.place[class] == UNUSED {
            self.place[class] = self.counts.len() as u32;
            self.counts.resize(self.counts.len() + COUNTED, 0);
        }
        let place = self.place[class] as usize;
        &mut self.counts[place..place + COUNTED]
    }

    /// Classes that were counted, each with its place.
    fn used(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.place.iter().enumerate().filter(|(_, place)| **place != UNUSED).map(|(class, place)| (class, *place as usize))
    }

    fn classes(&self) -> impl Iterator<Item = (LinkClass, Vec<u64>)> + '_ {
        self.used().map(|(class, place)| {
            let of_carriages = class / DISTANCES;
            let class = LinkClass {
                venue_kind: self.kind,
                barrier: (of_carriages / CARRIAGES / CARRIAGES) as u16,
                observer: Carriage::ALL[of_carriages / CARRIAGES % CARRIAGES],
                transmitter: Carriage::ALL[of_carriages % CARRIAGES],
                distance: class % DISTANCES,
            };
            (class, self.counts[place..place + COUNTED].to_vec())
        })
    }
}

/// The scans from `next` on that start within a span; `next` moves on. Spans come in time order.
fn scans_within(scans: &[Scan], next: &mut usize, start_s: i64, end_s: i64) -> Range<usize> {
    let first = *next + scans[*next..].iter().take_while(|s| s.start_s < start_s).count();
    *next = first + scans[first..].iter().take_while(|s| s.start_s < end_s).count();
    first..*next
}

/// One end of a link within a segment.
#[derive(Clone, Copy)]
struct End<'a> {
    person: PersonId,
    stance: &'a Stance,
}

/// Computes what the phones of a venue hear of each other, pair by pair.
pub struct Listener<'a> {
    model: &'a RadioModel,
    scene: &'a Scene<'a>,
    /// The environment of links within each room, and of all others.
    within_rooms: Vec<&'a Environment>,
    between_rooms: &'a Environment,
    /// The next scan of the pair's lower and higher person.
    next_scan: [usize; 2],
    /// Who may be in the line of the current segment.
    beside: Beside,
    /// The scans evaluated next, and where the phones are at each.
    asked: Vec<ScanAsked>,
    geometries: Vec<Geometry>,
}

impl<'a> Listener<'a> {
    /// A listener in a venue.
    pub fn new(model: &'a RadioModel, scene: &'a Scene<'a>) -> Self {
        let within = |room: u16| model.environment(scene.plan, room, room);
        Self {
            model,
            scene,
            within_rooms: (0..scene.plan.rooms.len() as u16).map(within).collect(),
            between_rooms: within(NO_ROOM),
            next_scan: [0, 0],
            beside: Beside::default(),
            asked: Vec::new(),
            geometries: Vec::new(),
        }
    }

    /// Appends what each of two running phones hears of the other, in time order: the lower person's, then the higher's. Every link-scan
    /// is counted.
    pub fn pair(
        &mut self,
        pair: (usize, usize),
        segments: &[Segment],
        sight: &mut Sight<'_>,
        heard: &mut [Vec<Heard>; 2],
        counts: &mut LinkCounts,
    ) {
        self.next_scan = [0, 0];
        self.beside.forget();
        let counts = counts.of_kind(self.scene.kind);
        for segment in segments {
            self.segment(pair, segment, sight, heard, counts);
        }
    }

    fn segment(
        &mut self,
        pair: (usize, usize),
        segment: &Segment,
        sight: &mut Sight<'_>,
        heard: &mut [Vec<Heard>; 2],
        counts: &mut KindCounts,
    ) {
        let (model, scene) = (self.model, self.scene);
        let [next_a, next_b] = &mut self.next_scan;
        let (all_a, all_b) = (&scene.phones[pair.0].scans, &scene.phones[pair.1].scans);
        let scans_a = scans_within(all_a, next_a, segment.start_s, segment.end_s);
        let scans_b = scans_within(all_b, next_b, segment.start_s, segment.end_s);
        if scans_a.is_empty() && scans_b.is_empty() {
            return;
        }
        let (stance_a, stance_b) = (&scene.stances[segment.stance_a as usize], &scene.stances[segment.stance_b as usize]);
        let a = End { person: stance_a.person, stance: stance_a };
        let b = End { person: stance_b.person, stance: stance_b };
        let rooms = (a.stance.room, b.stance.room);
        let of_room = self.within_rooms.get(usize::from(rooms.0)).filter(|_| rooms.0 == rooms.1);
        let environment = of_room.copied().unwrap_or(self.between_rooms);
        let place = mix(a.stance.place, b.stance.place, a.stance.carriage as u32 * 6 + b.stance.carriage as u32);
        let geometry = |t_s: i64| model.geometry([a, b].map(|end| LinkEnd::at(end.stance, t_s)));
        let carriage = [a, b].map(|end| end.stance.carriage);
        let carriage_db = [a, b].map(|end| model.carriage_loss_db(end.stance));
        let pair_offset_db = model.pair_offset_db(environment, (a.person.0, b.person.0), place);
        let between = sight.between(stance_a, stance_b, segment);
        let barriers_db = between.loss_db;
        let barrier = if between.material == NOTHING_BETWEEN { 0 } else { scene.barrier_codes[between.material as usize] };
        let still = (a.stance.is_still() && b.stance.is_still()).then(|| geometry(segment.start_s));
        let two = (a.person, b.person);
        let Self { asked, geometries, beside, .. } = self;
        // Who is beside the line between two at rest is found once, when it is first asked.
        let mut beside_rest = false;
        let directions = [(a, b, &all_a[scans_a], pair), (b, a, &all_b[scans_b], (pair.1, pair.0))];
        for ((observer, transmitter, scans, (receiver, sender)), heard_here) in directions.into_iter().zip(heard) {
            let (o, t) = (scene.carried[receiver], scene.carried[sender]);
            let devices_db = [scene.devices.tx_error_db[t.index()], scene.devices.rx_error_db[o.index()]];
            let steady_db = |geometry: Geometry| {
                let link = LinkState { environment, geometry, carriage, carriage_db, barriers_db, pair_offset_db, devices_db };
                model.terms(&link, Without::default()).total_db()
            };
            let still_db = still.map_or(0.0, steady_db);
            let link = Link::new(model, environment, (o.0, t.0), place, still.is_some(), scene.devices.ceiling_db(t.index(), o.index()));
            let advertises = |t_s: i64| scene.phones[sender].silent_s.iter().all(|(from_s, to_s)| !(*from_s..*to_s).contains(&t_s));
            asked.clear();
            geometries.clear();
            for scan in scans {
                let t_s = scan.start_s;
                let at_rest = still.map(|at_rest| (at_rest, still_db));
                let (geometry, steady_db) = at_rest.unwrap_or_else(|| (geometry(t_s), steady_db(geometry(t_s))));
                let clear = scene.occupancy.clear(t_s);
                let packets_a_channel = model.config.packets_a_channel(scan.length_s);
                asked.push(ScanAsked { t_s, steady_db, clear, packets_a_channel });
                geometries.push(geometry);
            }
            let bodies = |i: usize| {
                let (t_s, line) = (asked[i].t_s, geometries[i].phones.into());
                if still.is_none() {
                    scene.occupancy.beside(line, two, (t_s, t_s + 1), beside);
                } else if !beside_rest {
                    scene.occupancy.beside(line, two, (segment.start_s, segment.end_s), beside);
                    beside_rest = true;
                }
                scene.occupancy.in_line(line, two, t_s, beside)
            };
            let results = link.scans(asked, bodies);
            for ((scan, geometry), result) in scans.iter().zip(geometries.iter()).zip(results) {
                let counts = counts.of(barrier, observer.stance.carriage, transmitter.stance.carriage, geometry.phones_m);
                let Some(result) = result.filter(|_| advertises(scan.start_s)) else {
                    counts[LinkTally::UNHEARD] += 1;
                    continue;
                };
                counts[((result.mean_db + 0.5).max(0.0) as i32 as usize).min(MAX_COUNTED_DB)] += 1;
                heard_here.push(Heard {
                    observer: o,
                    transmitter: t,
                    scan_s: scan.start_s,
                    previous_stop_s: scan.previous_stop_s,
                    previous_length_s: scan.previous_length_s,
                    packets: result.packets,
                    mean_db: result.mean_db,
                    min_db: result.min_db,
                });
            }
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
    use crate::{encounter::Barriers, mobility::NO_ROOM, radio::RadioConfig, random::Seed, units::Point};

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
        let devices = Devices {
            tx_power_dbm: vec![-20; 2],
            confidence: vec![3; 2],
            tx_error_db: vec![0.0; 2],
            rx_error_db: vec![0.0; 2],
            floor_dbm: vec![-110.0; 2],
        };
        let stances = [stance(0), stance(1)];
        let model = RadioModel::new(config, Seed(1));
        let occupancy = Occupancy::new(&stances, |p| running[p.index()], |n| model.reception.clear(n));
        let phone = |i: usize| PhoneHere { scans: scans[i].clone(), silent_s: vec![(advertises_until_s[i], END_S)] };
        let scene = Scene {
            kind: VenueKind::OFFICE,
            plan: &FloorPlan::default(),
            stances: &stances,
            phones: &[phone(0), phone(1)],
            carried: &[PersonId(0), PersonId(1)],
            occupancy: &occupancy,
            devices: &devices,
            barrier_codes: &[],
        };
        let segments = [Segment { start_s: START_S, end_s: END_S, stance_a: 0, stance_b: 1 }];
        let (mut heard, mut counts) = ([Vec::new(), Vec::new()], LinkCounts::default());
        Listener::new(&model, &scene).pair(
            (0, 1),
            &segments,
            &mut Sight::new(scene.plan, &Barriers::of(scene.plan)),
            &mut heard,
            &mut counts,
        );
        let heard = heard.concat();
        assert!(heard.iter().all(|h| h.observer != h.transmitter && h.packets > 0));
        (heard, counts.tally().0.values().flatten().sum())
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
}
