//! Link-scans a second, one core.
//!
//! `full_model` is one direction of a link at rest, scan by scan, every term on: level, carriage, bodies, barriers, third
//! persons, pair offset, devices, both parts of shadowing, crowding, fading, reception, mean and minimum.
//! `kernel` is what chance does to one link-scan: the same without shadowing and third persons. `seated_floor` is that and all around it
//! (the sweep for pairs, positions, lines of sight, who stands in them, tally, sorted records), over 120 people who sit at their desks for
//! a day.
//! `office_day` is the same over a real office day, where people get up and a pair's pose changes every other scan; its rival
//! asks every pair of phones at every scan, with fresh lines of sight, and leaves out shadowing, bodies and third persons.
//! Rivals know the configuration and nothing of the program's own kernel: knot by knot, fade by fade, packet by packet.

#[expect(dead_code, reason = "each bench uses its part of the day")]
mod office_day;

use std::{f64::consts::LN_10, hint::black_box};

use cocoasim::{
    encounter::line_of_sight,
    math,
    mobility::Stance,
    radio::{EnvironmentConfig, Link, RadioConfig, RadioModel, ScanAsked},
    random::{Keyed, Seed, Stream},
};
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use office_day::{OfficeDay, on_one_thread};
use rand_distr::{Distribution, Gamma, StandardNormal};

const ENVIRONMENT: &str = "office";
const LINKS: u32 = 128;
/// Scans of a day at a desk.
const DAY_SCANS: i64 = 128;
const CEILING_DB: f32 = 72.0;

fn full_model(c: &mut Criterion) {
    scan_by_scan(c, "radio/full_model", &OfficeDay::new().scenario.radio, |t_s| (t_s & 1) as u32);
}

fn kernel(c: &mut Criterion) {
    let mut radio = OfficeDay::new().scenario.radio;
    let environment = radio.environments.get_mut(ENVIRONMENT).expect("it is in the baseline");
    (environment.shadowing_sd_db, environment.slow_shadowing_sd_db) = (0.0, 0.0);
    scan_by_scan(c, "radio/kernel", &radio, |_| 0);
}

/// 128 links from 49.6 to 89.6 dB, some near, most far, as in an office, each scanned for nine hours.
fn scan_by_scan(c: &mut Criterion, name: &str, radio: &RadioConfig, bodies: impl Fn(i64) -> u32) {
    let model = RadioModel::new(radio, Seed(1));
    let environment = model.environment_named(ENVIRONMENT).expect("it is in the baseline");
    let links: Vec<(Link<'_>, f32)> =
        (0..LINKS).map(|i| (Link::new(&model, environment, (i, i + 1), i, true, CEILING_DB), 49.6 + (i % 41) as f32)).collect();
    let times_s: Vec<i64> = (0..DAY_SCANS).map(|k| 1_600_000_000 + k * 255 + k % 17).collect();
    let packets_a_channel = radio.packets_a_channel(4);
    let asked = |t_s: i64, steady_db: f32| ScanAsked { t_s, steady_db, clear: 0.9, packets_a_channel };
    let fast = || {
        let (mut sum, mut scans) = (Heard::default(), Vec::with_capacity(times_s.len()));
        for &(link, steady_db) in &links {
            scans.clear();
            scans.extend(black_box(&times_s).iter().map(|t_s| asked(*t_s, steady_db)));
            link.scans(&scans, |i| bodies(times_s[i])).flatten().for_each(|r| sum.add(r.mean_db));
        }
        sum
    };
    let plain = Plain::new(radio, &environment.config);
    let naive = || {
        let mut sum = Heard::default();
        for (i, &(_, steady_db)) in (0..).zip(&links) {
            for &t_s in black_box(&times_s) {
                let third_persons_db = bodies(t_s) as f32 * radio.third_person_db;
                let mean_db = steady_db + third_persons_db + plain.shadowing_db(i, t_s);
                plain.scan((i, t_s as u32), mean_db, CEILING_DB, 0.9).into_iter().for_each(|mean_db| sum.add(mean_db));
            }
        }
        sum
    };
    fast().is_like(&naive());
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Elements(u64::from(LINKS) * DAY_SCANS as u64));
    group.bench_function("packets_at_once", |b| b.iter(fast));
    group.bench_function("packet_by_packet", |b| b.iter(naive));
    group.finish();
}

/// Scans that heard something, and the sum of their levels.
#[derive(Default)]
struct Heard {
    scans: u32,
    sum_db: f32,
}

impl Heard {
    fn add(&mut self, mean_db: f32) {
        self.scans += 1;
        self.sum_db += mean_db;
    }

    /// A rival of another law would be no rival.
    fn is_like(&self, other: &Self) {
        let mean_db = |of: &Self| of.sum_db / of.scans as f32;
        let (heard, other_heard) = (f64::from(self.scans), f64::from(other.scans));
        assert!((heard / other_heard - 1.0).abs() < 0.03, "{heard} scans heard something, {other_heard} of the rival's");
        assert!((mean_db(self) - mean_db(other)).abs() < 0.5, "{} dB, {} of the rival's", mean_db(self), mean_db(other));
    }
}

/// The law of a link-scan as the configuration states it, done plainly.
struct Plain<'a> {
    radio: &'a RadioConfig,
    environment: &'a EnvironmentConfig,
    fades_db: Vec<f32>,
    stream: Keyed,
}

impl<'a> Plain<'a> {
    fn new(radio: &'a RadioConfig, environment: &'a EnvironmentConfig) -> Self {
        let stream = Keyed::new(Seed(1), Stream::Packets);
        // The variance of the logarithm of a gamma variable of shape m is the trigamma function of m.
        let trigamma = |m: f64| 1.0 / m + 1.0 / (2.0 * m * m) + 1.0 / (6.0 * math::powi(m, 3)) - 1.0 / (30.0 * math::powi(m, 5));
        let variance = math::powi(f64::from(environment.fading_sd_db) * LN_10 / 10.0, 2);
        let m = (100..10_000).map(|k| f64::from(k) / 100.0).find(|m| trigamma(*m) < variance).unwrap_or(100.0);
        let power = Gamma::new(m, 1.0 / m).expect("m is above 0");
        let mut rng = stream.rng(0, 0, 0);
        let fades_db: Vec<f32> = (0..4096).map(|_| -10.0 * math::log10(power.sample(&mut rng)) as f32).collect();
        let mean_db = fades_db.iter().sum::<f32>() / fades_db.len() as f32;
        Self { radio, environment, fades_db: fades_db.iter().map(|db| db - mean_db).collect(), stream }
    }

    fn shadowing_db(&self, link: u32, t_s: i64) -> f32 {
        let e = self.environment;
        let of = |process: u32, sd_db: f32, spacing_s: f32| {
            if sd_db == 0.0 {
                return 0.0;
            }
            let knots = t_s as f64 / f64::from(spacing_s);
            let (knot, share) = (knots as u32, knots.fract() as f32);
            let normal = |knot: u32| -> f32 { StandardNormal.sample(&mut self.stream.rng(link, process, knot)) };
            sd_db * ((1.0 - share) * normal(knot) + share * normal(knot + 1)) / math::hypot(1.0 - share, share)
        };
        of(0, e.shadowing_sd_db, e.shadowing_time_s) + of(1, e.slow_shadowing_sd_db, e.slow_shadowing_time_s)
    }

    /// The mean level of the packets that a scan hears, packet by packet.
    fn scan(&self, (who, when): (u32, u32), mean_db: f32, ceiling_db: f32, clear: f32) -> Option<f32> {
        let mut rng = self.stream.rng(who, 3, when);
        let mut uniform = || rand::Rng::next_u32(&mut rng);
        let mut chance = |p: f32| (uniform() as f32) < p * u32::MAX as f32;
        if chance(self.environment.scan_miss) {
            return None;
        }
        let mut fade = self.stream.rng(who, 4, when);
        let (mut packets, mut sum_db, mut min_db) = (0u32, 0.0, f32::MAX);
        for _ in 0..3 {
            let level_db = mean_db + self.fades_db[rand::Rng::next_u32(&mut fade) as usize % self.fades_db.len()];
            let margin_db = (ceiling_db - level_db).max(0.0);
            let heard = self.radio.packet_success * (1.0 - math::exp(-margin_db / self.radio.reception_scale_db)) * clear;
            for _ in 0..self.radio.packets_a_channel(4) {
                if chance(heard) {
                    packets += 1;
                    sum_db += level_db;
                    min_db = level_db.min(min_db);
                }
            }
        }
        black_box(min_db);
        (packets > 0).then(|| sum_db / packets as f32)
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
    let (_, tally) = office.floor().hear(&office.radio);
    group.throughput(Throughput::Elements(tally.0.values().flatten().sum()));
    group.bench_function(name, |b| {
        on_one_thread(|| b.iter(|| black_box(office.floor()).hear(&office.radio)));
    });
}

/// Sums what is heard, asking for each scan of each phone where everybody is.
fn naive(office: &OfficeDay) -> f32 {
    let (day, plan) = office.office();
    let config = &office.scenario.radio;
    let environment = &config.environments["office"];
    let plain = Plain::new(config, environment);
    let people: Vec<&[Stance]> = day.stances.chunk_by(|a, b| a.person == b.person).collect();
    let clear = office.radio.clear(people.len());
    let pose = |of: &[Stance], t_s: i64| of.iter().find(|s| (s.start_s..s.end_s).contains(&t_s)).map(|s| s.at(t_s as f64));
    let mut sum_db = 0.0;
    for observer in &people {
        for scan in &office.scans[observer[0].person.index()] {
            let Some(here) = pose(observer, scan.start_s) else { continue };
            for other in people.iter().filter(|o| o[0].person != observer[0].person) {
                let Some(there) = pose(other, scan.start_s) else { continue };
                let distance_m = here.distance_m(there).max(0.3);
                let mean_db = environment.level_at_1m_db
                    + 10.0 * environment.exponent * math::log10(distance_m)
                    + line_of_sight(here, there, plan).loss_db;
                let ceiling_db = office.devices.ceiling_db(other[0].person.index(), observer[0].person.index());
                let key = scan.start_s as u32 ^ other[0].person.0.rotate_left(16);
                sum_db += plain.scan((observer[0].person.0, key), mean_db, ceiling_db, clear).unwrap_or(0.0);
            }
        }
    }
    sum_db
}

criterion_group!(benches, full_model, kernel, office_day);
criterion_main!(benches);
