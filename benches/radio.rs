//! Link-scans a second, one core.
//!
//! `full_model` is one direction of a link at rest, scan by scan, every term on: level, carriage, bodies, barriers, third
//! persons, pair offset, devices, both parts of shadowing, crowding, fading, reception, mean and minimum. Its rival draws its
//! packets one by one.
//! `kernel` is what chance does to one link-scan: fading on three channels, reception, mean and minimum; its naive rival
//! draws packet by packet. `seated_floor` is that and all around it (positions, lines of sight, who stands in them, tally,
//! sorted records), over 120 people who sit at their desks for a day. `office_day` is the
//! same over a real office day, where people get up and a pair's pose changes every other scan; its rival asks every pair
//! of phones at every scan, with fresh lines of sight and single packets, and leaves out shadowing, bodies and third
//! persons.

#[allow(dead_code, reason = "each bench uses its part of the day")]
mod office_day;

use std::{array, hint::black_box};

use cocoasim::{
    encounter::{encounters, line_of_sight},
    mobility::Stance,
    radio::{
        Link, LinkLevel, LinkTerms, PACKETS_A_CHANNEL, Quantiles, Reception, SCANS_AT_ONCE, ScanAsked, ScanResult, hear,
        packet_by_packet_scan, still_scans,
    },
    random::{BLOCKS_AT_ONCE, Keyed, Seed, Stream},
};
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use office_day::{OfficeDay, on_one_thread};

const LINKS: u32 = 4096;

fn kernel(c: &mut Criterion) {
    let mut group = c.benchmark_group("radio/kernel");
    group.throughput(Throughput::Elements(u64::from(LINKS)));
    let config = OfficeDay::new().scenario.radio;
    let (fading, reception) = (Quantiles::fading(5.0), Reception::new(&config));
    let stream = Keyed::new(Seed(1), Stream::LinkScan);
    // Means from 45 to 85 dB: some near, most far, as in an office.
    let link = |i: u32| LinkLevel {
        mean_db: 45.0 + (i % 41) as f32,
        ceiling_db: 72.0,
        clear: 0.9,
        scan_miss: 0.02,
        packets_a_channel: PACKETS_A_CHANNEL as u32,
    };
    group.bench_function("still_scans", |b| {
        b.iter(|| {
            let mut sum_db = 0.0;
            for first in (0..LINKS).step_by(BLOCKS_AT_ONCE) {
                let some: [u32; BLOCKS_AT_ONCE] = array::from_fn(|k| first + k as u32);
                let heard = still_scans(stream.blocks(1, 2, some, 3), some.map(link), &fading, &reception);
                sum_db += (0..BLOCKS_AT_ONCE).filter_map(|k| heard.get(k)).map(|r| r.mean_db).sum::<f32>();
            }
            sum_db
        });
    });
    group.bench_function("packet_by_packet", |b| {
        b.iter(|| {
            let sum = |sum: f32, r: Option<ScanResult>| sum + r.map_or(0.0, |r| r.mean_db);
            (0..LINKS).map(|i| packet_by_packet_scan(uniforms(stream, i), link(i), &fading, &reception, false)).fold(0.0, sum)
        });
    });
    group.finish();
}

/// Scans of a day at a desk, a whole number of [`SCANS_AT_ONCE`].
const DAY_SCANS: i64 = 128;

fn full_model(c: &mut Criterion) {
    let office = OfficeDay::new();
    let environment = office.radio.environment_named("office").expect("it is in the baseline");
    // 128 links from 45 to 85 dB, each scanned for nine hours.
    let links: Vec<(Link<'_>, f32)> = (0..128u32)
        .map(|i| {
            let terms = LinkTerms {
                distance_db: 45.0 + (i % 41) as f32,
                carriage_db: [1.5; 2],
                body_db: [-0.5; 2],
                barriers_db: 2.6,
                ..LinkTerms::default()
            };
            (Link::new(&office.radio, environment, (i, i + 1), i, true, 72.0), terms.total_db())
        })
        .collect();
    let times_s: Vec<i64> = (0..DAY_SCANS).map(|k| 1_600_000_000 + k * 255 + k % 17).collect();
    let asked = |t_s: i64, steady_db: f32| ScanAsked {
        t_s,
        steady_db,
        bodies: (t_s & 1) as u32,
        clear: 0.9,
        packets_a_channel: PACKETS_A_CHANNEL as u32,
    };
    let mut group = c.benchmark_group("radio/full_model");
    group.throughput(Throughput::Elements(links.len() as u64 * DAY_SCANS as u64));
    group.bench_function("packets_at_once", |b| {
        b.iter(|| {
            let (mut sum_db, mut scans) = (0.0, [asked(0, 0.0); SCANS_AT_ONCE]);
            for &(link, steady_db) in &links {
                for times_s in black_box(&times_s).chunks(SCANS_AT_ONCE) {
                    scans.iter_mut().zip(times_s).for_each(|(scan, t_s)| *scan = asked(*t_s, steady_db));
                    let heard = link.scans(&scans);
                    sum_db += (0..SCANS_AT_ONCE).filter_map(|i| heard.get(i)).map(|r| r.mean_db).sum::<f32>();
                }
            }
            sum_db
        });
    });
    let stream = Keyed::new(Seed(1), Stream::Packets);
    let (fading, reception) = (Quantiles::fading(environment.config.fading_sd_db), Reception::new(&office.scenario.radio));
    group.bench_function("packet_by_packet", |b| {
        b.iter(|| {
            let (mut sum_db, mut scans) = (0.0, [asked(0, 0.0); SCANS_AT_ONCE]);
            for (i, &(link, steady_db)) in links.iter().enumerate() {
                for times_s in black_box(&times_s).chunks(SCANS_AT_ONCE) {
                    scans.iter_mut().zip(times_s).for_each(|(scan, t_s)| *scan = asked(*t_s, steady_db));
                    for (scan, level) in scans.iter().zip(link.levels(&scans)) {
                        let key = scan.t_s as u32 ^ (i as u32).rotate_left(16);
                        let result = packet_by_packet_scan(uniforms(stream, key), level, &fading, &reception, false);
                        sum_db += result.map_or(0.0, |r| r.mean_db);
                    }
                }
            }
            sum_db
        });
    });
    group.finish();
}

fn uniforms(stream: Keyed, i: u32) -> impl FnMut() -> u16 {
    let (mut drawn, mut words) = (0u32, [0; 4]);
    move || {
        if drawn.is_multiple_of(8) {
            words = stream.block(i, 1, 2, drawn / 8);
        }
        drawn += 1;
        (words[(drawn % 8) as usize / 2] >> (16 * (drawn % 2))) as u16
    }
}

fn office_day(c: &mut Criterion) {
    let mut office = OfficeDay::new();
    let mut group = c.benchmark_group("radio/office_day");
    group.sample_size(10);
    hear_day(&mut group, &office, "hear");
    group.bench_function("every_pair_every_scan", |b| {
        b.iter(|| naive(&office));
    });
    group.finish();
    office.seat_everybody();
    let mut group = c.benchmark_group("radio/seated_floor");
    group.sample_size(10);
    hear_day(&mut group, &office, "hear");
    group.finish();
}

fn hear_day(group: &mut BenchmarkGroup<'_, WallTime>, office: &OfficeDay, name: &str) {
    let (day, plan) = office.office();
    let found = encounters(day, plan, |_, _| office.reach_m);
    let (_, tally) = hear(&office.radio, &office.scene(&found));
    group.throughput(Throughput::Elements(tally.0.values().flatten().sum()));
    group.bench_function(name, |b| {
        on_one_thread(|| b.iter(|| hear(&office.radio, black_box(&office.scene(&found)))));
    });
}

/// Sums what is heard, asking for each scan of each phone where everybody is.
fn naive(office: &OfficeDay) -> f32 {
    let (day, plan) = office.office();
    let config = &office.scenario.radio;
    let environment = &config.environments[&config.office_environment];
    let (fading, reception) = (Quantiles::fading(environment.fading_sd_db), Reception::new(config));
    let stream = Keyed::new(Seed(1), Stream::Packets);
    let people: Vec<&[Stance]> = day.stances.chunk_by(|a, b| a.person == b.person).collect();
    let pose = |of: &[Stance], t_s: i64| of.iter().find(|s| (s.start_s..s.end_s).contains(&t_s)).map(|s| s.at(t_s as f64));
    let mut sum_db = 0.0;
    for observer in &people {
        for scan in &office.scans[observer[0].person.index()] {
            let Some(here) = pose(observer, scan.start_s) else { continue };
            for other in people.iter().filter(|o| o[0].person != observer[0].person) {
                let Some(there) = pose(other, scan.start_s) else { continue };
                let distance_m = here.distance_m(there).max(0.3);
                let mean_db = environment.level_at_1m_db
                    + 10.0 * environment.exponent * distance_m.log10()
                    + line_of_sight(here, there, plan).loss_db;
                let link = LinkLevel {
                    mean_db,
                    ceiling_db: office.devices.ceiling_db(other[0].person.index(), observer[0].person.index()),
                    clear: reception.clear(people.len()),
                    scan_miss: environment.scan_miss,
                    packets_a_channel: PACKETS_A_CHANNEL as u32,
                };
                let key = scan.start_s as u32 ^ other[0].person.0.rotate_left(16);
                sum_db += packet_by_packet_scan(uniforms(stream, key), link, &fading, &reception, false).map_or(0.0, |r| r.mean_db);
            }
        }
    }
    sum_db
}

criterion_group!(benches, full_model, kernel, office_day);
criterion_main!(benches);
