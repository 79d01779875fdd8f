//! All link-scans of one venue-day.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    encounter::{Encounters, NOTHING_BETWEEN, Pair, Segment},
    ids::PersonId,
    mobility::{Carriage, VenueDay},
    random::Keyed,
    units::Point,
    venue::{FloorPlan, VenueKind},
};

use super::{
    calibration::Devices,
    kernel::{LinkLevel, packet_by_packet_scan, still_scan},
    model::{LinkTerms, RadioModel},
    occupancy::Occupancy,
    records::{Heard, Scan},
};

/// Below this phones are in each other's near field; distance counts no less.
const MIN_DISTANCE_M: f32 = 0.3;
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
    /// What is special about each phone.
    pub devices: &'a Devices,
    /// Code of each material of the plan in the run's list of barrier names.
    pub barrier_codes: &'a [u16],
}

/// Everything heard in a venue-day, sorted by (observer, scan, transmitter), and the tally of all link-scans.
pub fn hear(model: &RadioModel, scene: &Scene<'_>) -> (Vec<Heard>, LinkTally) {
    let occupancy = Occupancy::new(&scene.day.stances, scene.running);
    let running = |p: PersonId| scene.running[p.index()];
    let pairs: Vec<&Pair> = scene.encounters.pairs.iter().filter(|p| running(p.a) && running(p.b)).collect();
    let parts: Vec<(Vec<Heard>, LinkTally)> = pairs
        .par_chunks(256)
        .map(|chunk| {
            let mut out = (Vec::new(), LinkTally::default());
            for pair in chunk {
                for segment in scene.encounters.of(pair) {
                    hear_segment(model, scene, &occupancy, pair, segment, &mut out);
                }
            }
            out
        })
        .collect();
    let mut heard = Vec::new();
    let mut tally = LinkTally::default();
    for (part, counts) in parts {
        heard.extend(part);
        tally.merge(&counts);
    }
    heard.sort_by_key(|h| (h.observer, h.scan_s, h.transmitter));
    (heard, tally)
}

/// Scans of a person that start within a span.
fn scans_within(scans: &[Scan], start_s: i64, end_s: i64) -> &[Scan] {
    let from = scans.partition_point(|s| s.start_s < start_s);
    let to = scans.partition_point(|s| s.start_s < end_s);
    &scans[from..to.max(from)]
}

fn hear_segment(
    model: &RadioModel,
    scene: &Scene<'_>,
    occupancy: &Occupancy,
    pair: &Pair,
    segment: &Segment,
    out: &mut (Vec<Heard>, LinkTally),
) {
    let scans_a = scans_within(&scene.scans[pair.a.index()], segment.start_s, segment.end_s);
    let scans_b = scans_within(&scene.scans[pair.b.index()], segment.start_s, segment.end_s);
    if scans_a.is_empty() && scans_b.is_empty() {
        return;
    }
    let (sa, sb) = (&scene.day.stances[segment.stance_a as usize], &scene.day.stances[segment.stance_b as usize]);
    let environment = model.environment(scene.kind, scene.plan, sa.room, sb.room);
    let config = &environment.config;
    let still = sa.is_still() && sb.is_still();
    let place = mix(sa.place, sb.place, sa.carriage as u32 * 6 + sb.carriage as u32);
    let (mut symmetric, mut b_to_a, mut a_to_b) = model.knots(environment, pair.a.0, pair.b.0, place);
    let fixed = LinkTerms {
        carriage_db: model.carriage_loss_db(sa) + model.carriage_loss_db(sb),
        barriers_db: segment.between.loss_db,
        pair_offset_db: model.pair_offset_db(environment, pair.a.0, pair.b.0, place),
        ..LinkTerms::default()
    };
    let barrier = if segment.between.material == NOTHING_BETWEEN { 0 } else { scene.barrier_codes[segment.between.material as usize] };
    let sides = [(pair.a, pair.b, sa, sb, scans_a, &mut b_to_a), (pair.b, pair.a, sb, sa, scans_b, &mut a_to_b)];
    for (observer, transmitter, so, st, scans, asymmetric) in sides {
        for scan in scans {
            let (body_o, body_t) = (so.at(scan.start_s as f64), st.at(scan.start_s as f64));
            let (phone_o, phone_t) = (model.phone_at(so, body_o), model.phone_at(st, body_t));
            let distance_m = phone_o.distance_m(phone_t).max(MIN_DISTANCE_M);
            let moment = occupancy.at(scan.start_s);
            let bodies = moment.bodies_in_line(phone_o, phone_t, observer, transmitter, model.config.third_persons_max);
            let terms = LinkTerms {
                distance_db: config.level_at_1m_db + 10.0 * config.exponent * distance_m.log10(),
                body_db: model.own_body_db(environment, so, body_o.bearing_rad(body_t))
                    + model.own_body_db(environment, st, body_t.bearing_rad(body_o)),
                third_persons_db: bodies as f32 * model.config.third_person_db,
                devices_db: scene.devices.tx_error_db[transmitter.index()] + scene.devices.rx_error_db[observer.index()],
                shadowing_db: config.shadowing_sd_db * symmetric.at(scan.start_s, &model.normal)
                    + model.config.asymmetry_sd_db * asymmetric.at(scan.start_s, &model.normal),
                ..fixed
            };
            let link = LinkLevel {
                mean_db: terms.total_db(),
                ceiling_db: scene.devices.ceiling_db(transmitter.index(), observer.index()),
                clear: model.reception.clear(moment.advertisers),
                scan_miss: config.scan_miss,
            };
            let t = scan.start_s as u32;
            let result = if still {
                let block = model.streams.link_scan.block(observer.0, transmitter.0, t, 0);
                still_scan(block, link, &environment.fading, &model.reception)
            } else {
                let uniforms = packet_uniforms(model.streams.packets, observer.0, transmitter.0, t);
                packet_by_packet_scan(uniforms, link, &environment.fading, &model.reception, true)
            };
            let class = LinkClass {
                venue_kind: scene.kind,
                barrier,
                observer: so.carriage,
                transmitter: st.carriage,
                distance: DISTANCE_EDGES_M.iter().position(|edge| distance_m < *edge).unwrap_or(DISTANCE_EDGES_M.len()),
            };
            let counts = out.1.0.entry(class).or_insert_with(|| vec![0; LinkTally::UNHEARD + 1]);
            match result {
                None => counts[LinkTally::UNHEARD] += 1,
                Some(r) => {
                    counts[(r.mean_db.round().max(0.0) as usize).min(MAX_COUNTED_DB)] += 1;
                    out.0.push(Heard {
                        observer,
                        transmitter,
                        scan_s: scan.start_s,
                        previous_stop_s: scan.previous_stop_s,
                        packets: r.packets,
                        mean_db: r.mean_db,
                        min_db: r.min_db,
                    });
                }
            }
        }
    }
}

fn packet_uniforms(keyed: Keyed, observer: u32, transmitter: u32, t_s: u32) -> impl FnMut() -> u16 {
    let mut drawn = 0u32;
    let mut words = [0; 4];
    move || {
        if drawn.is_multiple_of(8) {
            words = keyed.block(observer, transmitter, t_s, drawn / 8);
        }
        let i = (drawn % 8) as usize;
        drawn += 1;
        (words[i / 2] >> (16 * (i % 2))) as u16
    }
}

/// A number for a pair of places and carriages, the same whenever both come back to them.
fn mix(a: u32, b: u32, carriages: u32) -> u32 {
    let x = a.wrapping_mul(0x9E37_79B1) ^ b.wrapping_mul(0x85EB_CA77).rotate_left(13) ^ carriages.wrapping_mul(0xC2B2_AE3D);
    (x ^ x >> 15).wrapping_mul(0x2C1B_3C6D)
}

/// Distance of a point from the segment a–b, and whether its foot lies between them.
pub(super) fn beside_line_m(p: Point, a: Point, b: Point) -> Option<f32> {
    let (dx, dy) = (b.x_m - a.x_m, b.y_m - a.y_m);
    let length2 = dx * dx + dy * dy;
    let along = (p.x_m - a.x_m) * dx + (p.y_m - a.y_m) * dy;
    (along > 0.0 && along < length2).then(|| ((p.x_m - a.x_m) * dy - (p.y_m - a.y_m) * dx).abs() / length2.sqrt())
}
