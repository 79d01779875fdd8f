//! What every scan hears, link by link (facts/radio.md section (b), docs/radio.md, comments of `[radio]` in baseline.toml).
//!
//! Numbers are of 32 bits and terms are added in the model's order, so that results are equal and not nearly so. Left out, since these
//! worlds do not need it: other calibration tables than the reference, and the end of reach (a floor this small lies within it).

use std::collections::{BTreeMap, BTreeSet};

use cocoasim::{
    random::{Keyed, Stream},
    time::UnixSeconds,
    units::Point,
};
use rand::RngExt;
use rand_distr::{Distribution, Normal};

use super::{
    barriers::between,
    world::{Span, Stance, World},
};

/// One scan of a phone.
#[derive(Clone, Copy)]
pub struct Scan {
    pub start_s: i64,
    pub length_s: u32,
    /// When the one before it stopped, and how long that took.
    pub before_stop_s: i64,
    pub before_length_s: u32,
}

/// What a scan heard of a phone.
pub struct Heard {
    pub observer: usize,
    pub transmitter: usize,
    pub scan: Scan,
    pub packets: u32,
    pub mean_db: f32,
    pub min_db: f32,
}

/// What is special about a phone.
#[derive(Clone, Copy, Default)]
pub struct Device {
    pub tx_power_dbm: i8,
    pub confidence: u8,
    tx_error_db: f32,
    rx_error_db: f32,
    floor_dbm: f32,
}

pub struct Radio<'w> {
    world: &'w World,
    normal: Vec<f32>,
    fading: BTreeMap<&'w str, Vec<f32>>,
    pub devices: Vec<Device>,
}

impl<'w> Radio<'w> {
    pub fn new(world: &'w World) -> Self {
        let radio = &world.scenario.radio;
        let names = (0..world.people.len()).flat_map(|p| &world.people[p].stances).flat_map(|s| &world.venue(s.venue).rooms);
        let used: BTreeSet<&str> = names.chain([&radio.office_environment, &radio.home_environment]).map(String::as_str).collect();
        let fading = used.into_iter().map(|name| (name, fading(radio.environments[name].fading_sd_db))).collect();
        Self { world, normal: normal(), fading, devices: devices(world) }
    }

    /// Everything heard in the run: every scan of every phone, and every other phone in its venue.
    pub fn heard(&self) -> Vec<Heard> {
        let mut heard = Vec::new();
        let running: Vec<usize> = (0..self.world.people.len()).filter(|p| self.world.people[*p].runs).collect();
        for &observer in &running {
            for scan in scans(self.world, observer) {
                let Some(mine) = self.world.stance(observer, scan.start_s) else { continue };
                for &transmitter in running.iter().filter(|t| **t != observer) {
                    let theirs = self.world.stance(transmitter, scan.start_s).filter(|s| s.venue == mine.venue);
                    let is_on_air = scan.start_s < works_until_s(self.world, transmitter, scan.start_s, 0);
                    if let Some(theirs) = theirs.filter(|_| is_on_air) {
                        heard.extend(self.hears((observer, mine), (transmitter, theirs), scan));
                    }
                }
            }
        }
        heard
    }

    fn hears(&self, (observer, mine): (usize, &Stance), (transmitter, theirs): (usize, &Stance), scan: Scan) -> Option<Heard> {
        let (world, radio) = (self.world, &self.world.scenario.radio);
        let stream = |s| Keyed::new(world.seed, s);
        let t_s = scan.start_s;
        // Whatever is the same both ways is that of the lower person and the higher.
        let lower_observes = observer < transmitter;
        let (a, b) = if lower_observes { (mine, theirs) } else { (theirs, mine) };
        let (low, high) = (observer.min(transmitter) as u32, observer.max(transmitter) as u32);
        let span = Span { a, b, start_s: a.start_s.max(b.start_s), end_s: a.end_s.min(b.end_s) };
        let is_still = a.is_still() && b.is_still();
        let name = self.environment(a, b);
        let (e, fading) = (&radio.environments[name], &self.fading[name]);
        let place = place_of_two(a, b);

        let bodies = [a.at(t_s as f64), b.at(t_s as f64)];
        let ends = [self.held(a, bodies[0], bodies[1]), self.held(b, bodies[1], bodies[0])];
        let distance_m = ends[0].0.distance_m(ends[1].0).max(0.3);
        let distance_db = e.level_at_1m_db + 10.0 * e.exponent * distance_m.log10();
        let carriage_db = self.carriage_db(low, a) + self.carriage_db(high, b);
        let own_body = |s: &Stance, outward: f32| -e.body_db * radio.carriage.each()[s.carriage].body_share * outward / 2.0;
        let body_db = own_body(a, ends[0].1) + own_body(b, ends[1].1);
        let [middle_a, middle_b] = span.middle();
        let barriers_db = between(world, a.venue, middle_a, middle_b).loss_db;
        let pair_offset_db = e.pair_offset_sd_db * self.normal_of(stream(Stream::PairOffset).block(low, high, place, 0)[0] as u16);
        let devices_db = self.devices[transmitter].tx_error_db + self.devices[observer].rx_error_db;
        let mut mean_db = distance_db + carriage_db + body_db + barriers_db + pair_offset_db + devices_db;
        let others = self.in_line(a.venue, (ends[0].0, ends[1].0), [observer, transmitter], t_s).min(radio.third_persons_max);
        mean_db += if e.third_persons { others as f32 * radio.third_person_db } else { 0.0 };
        let fast = self.shadowing(Stream::Shadowing, (low, high, place), (e.shadowing_sd_db, e.shadowing_time_s), t_s);
        let slow = self.shadowing(Stream::SlowShadowing, (low, high, place), (e.slow_shadowing_sd_db, e.slow_shadowing_time_s), t_s);
        mean_db = mean_db + fast + slow;

        let ceiling_db = f32::from(self.devices[transmitter].tx_power_dbm) - self.devices[observer].floor_dbm;
        let packet_share = radio.packet_us / (1000.0 * radio.advertising_interval_ms);
        let clear = (1.0 - 2.0 * packet_share / 3.0).powi(self.advertisers(a.venue, t_s) as i32 - 1);
        let reception =
            |margin_db: f32, clear: f32| radio.packet_success * (1.0 - (-margin_db.max(0.0) / radio.reception_scale_db).exp()) * clear;
        let packets_a_channel = (scan.length_s as f32 * 1000.0 / radio.advertising_interval_ms / 3.0).round() as u32;
        let (who, whom, when) = (observer as u32, transmitter as u32, t_s as u32);
        let of_five = is_still && packets_a_channel == 5;
        // Packets heard, so many of each fade: one fade a channel at rest, one a packet in motion.
        let mut fades: Vec<(u32, f32)> = Vec::new();
        if of_five {
            let words = stream(Stream::LinkScan).block(who, whom, when, 0);
            let uniform = |i: usize| words[i / 2] >> (16 * (i % 2)) & 0xFFFF;
            if (uniform(6) as f32) < e.scan_miss * 65536.0 {
                return None;
            }
            let class = (clear * 32.0).round_ties_even();
            for channel in 0..3 {
                let fade_db = fading[uniform(channel) as usize >> 4];
                // Margins are taken in quarters of a decibel, the middle of each; the first for none.
                let quarter = ((ceiling_db - mean_db) * 4.0 + 0.5 - fade_db * 4.0).clamp(0.0, 255.0).round_ties_even();
                let p = reception((quarter - 0.5) / 4.0, class / 32.0);
                fades.push((binomial_of_five(f64::from(p), uniform(3 + channel)), fade_db));
            }
        } else {
            let keyed = stream(Stream::Packets);
            let mut drawn = 0;
            let mut uniform = || {
                let word = keyed.block(who, whom, when, drawn / 8)[drawn as usize % 8 / 2] >> (16 * (drawn % 2)) & 0xFFFF;
                drawn += 1;
                word
            };
            if (uniform() as f32) < e.scan_miss * 65536.0 {
                return None;
            }
            for _ in 0..3 {
                let mut fade_db = fading[uniform() as usize >> 4];
                for _ in 0..packets_a_channel {
                    let is_heard = (uniform() as f32) < reception(ceiling_db - (mean_db + fade_db), clear) * 65536.0;
                    fades.push((u32::from(is_heard), fade_db));
                    fade_db = if is_still { fade_db } else { fading[uniform() as usize >> 4] };
                }
            }
        }
        fades.retain(|(packets, _)| *packets > 0);
        let packets: u32 = fades.iter().map(|(packets, _)| packets).sum();
        let level = |fade_db: f32| f64::from(mean_db + fade_db);
        let mean_of_all_db = if of_five {
            mean_db + fades.iter().map(|(packets, fade_db)| *packets as f32 * fade_db).sum::<f32>() / packets as f32
        } else {
            (fades.iter().map(|(_, fade_db)| level(*fade_db)).sum::<f64>() / f64::from(packets)) as f32
        };
        let min_db = mean_db + fades.iter().map(|(_, fade_db)| *fade_db).fold(f32::MAX, f32::min);
        (packets > 0).then_some(Heard { observer, transmitter, scan, packets, mean_db: mean_of_all_db, min_db })
    }

    /// The room's environment if both are in it, else that of the kind of venue.
    fn environment(&self, a: &Stance, b: &Stance) -> &'w str {
        let (world, venue) = (self.world, self.world.venue(a.venue));
        match a.room.filter(|_| a.room == b.room) {
            Some(room) => &venue.rooms[room as usize],
            None if venue.kind == "home" => &world.scenario.radio.home_environment,
            None => &world.scenario.radio.office_environment,
        }
    }

    /// Where a phone is, and the cosine between the way it is carried to and the way to the other person. No phone is carried past the
    /// middle between the two, less 0.15 m.
    fn held(&self, s: &Stance, body: Point, other: Point) -> (Point, f32) {
        let c = self.world.scenario.radio.carriage.each()[s.carriage];
        let apart_m = body.distance_m(other);
        let (x, y) = if apart_m > 0.0 { ((other.x_m - body.x_m) / apart_m, (other.y_m - body.y_m) / apart_m) } else { (1.0, 0.0) };
        let (sin, cos) = (s.facing_rad + c.bearing_deg.to_radians()).sin_cos();
        let (outward, aside) = (cos * x + sin * y, sin * x - cos * y);
        let along_m = (c.offset_m * outward).min((apart_m / 2.0 - 0.15).max(0.0));
        let across_m = c.offset_m * aside;
        (Point::new(body.x_m + along_m * x - across_m * y, body.y_m + along_m * y + across_m * x), outward)
    }

    /// Loss of a carriage episode.
    fn carriage_db(&self, person: u32, s: &Stance) -> f32 {
        let c = self.world.scenario.radio.carriage.each()[s.carriage];
        let word = Keyed::new(self.world.seed, Stream::CarriageLoss).block(person, s.episode, s.carriage as u32, 0)[0];
        c.loss_db + c.loss_sd_db * self.normal_of(word as u16)
    }

    fn normal_of(&self, uniform: u16) -> f32 {
        self.normal[usize::from(uniform >> 4)]
    }

    /// How many others stand within 0.2 m of the line between two phones, phones of their own or not.
    fn in_line(&self, venue: u32, (a, b): (Point, Point), two: [usize; 2], t_s: i64) -> u32 {
        let (dx, dy) = (b.x_m - a.x_m, b.y_m - a.y_m);
        let length2 = dx * dx + dy * dy;
        let is_in = |p: Point| {
            let along = (p.x_m - a.x_m) * dx + (p.y_m - a.y_m) * dy;
            along > 0.0 && along < length2 && ((p.x_m - a.x_m) * dy - (p.y_m - a.y_m) * dx).abs() / length2.sqrt() < 0.2
        };
        let others = (0..self.world.people.len()).filter(|p| !two.contains(p)).filter_map(|p| self.world.stance(p, t_s));
        others.filter(|s| s.venue == venue && is_in(s.at(t_s as f64))).count() as u32
    }

    /// Phones that advertise in the venue, at the last moment that is a multiple of 20 s.
    fn advertisers(&self, venue: u32, t_s: i64) -> usize {
        let then_s = t_s / 20 * 20;
        let people = self.world.people.iter().enumerate().filter(|(_, p)| p.runs);
        people.filter(|(p, _)| self.world.stance(*p, then_s).is_some_and(|s| s.venue == venue)).count()
    }

    /// A process of independent normals one correlation time apart, between them blended so that the variance stays.
    fn shadowing(&self, stream: Stream, (low, high, place): (u32, u32, u32), (sd_db, time_s): (f32, f32), t_s: i64) -> f32 {
        // Time is counted in 256ths of the spacing, whose rate is rounded to 2^-24.
        let rate = (256.0 * 16_777_216.0 / f64::from(time_s)) as u64;
        let parts = (t_s as u64 * rate) >> 24;
        let share = ((parts % 256) as f32 + 0.5) / 256.0;
        let norm = (share * share + (1.0 - share) * (1.0 - share)).sqrt();
        let knot_db = |knot: u64| {
            let words = Keyed::new(self.world.seed, stream).block(low, high, (knot / 8) as u32, place);
            sd_db * self.normal_of((words[knot as usize % 8 / 2] >> (16 * (knot % 2))) as u16)
        };
        let knot = parts / 256;
        (1.0 - share) / norm * knot_db(knot) + share / norm * knot_db(knot + 1)
    }
}

/// A number for what two people have in common while they keep their spots and carry their phones so.
fn place_of_two(a: &Stance, b: &Stance) -> u32 {
    let carriages = a.carriage as u32 * 6 + b.carriage as u32;
    let of_a = a.place.wrapping_mul(0x9E37_79B1);
    let of_b = b.place.wrapping_mul(0x85EB_CA77).rotate_left(13);
    let mixed = of_a ^ of_b ^ carriages.wrapping_mul(0xC2B2_AE3D);
    (mixed ^ (mixed >> 15)).wrapping_mul(0x2C1B_3C6D)
}

/// How many of five packets are heard, each with chance p, by a number from 0 to 65535. Walker's alias method: of eight columns of 8192
/// numbers the lightest is filled up from the heaviest count, again and again.
fn binomial_of_five(p: f64, chance: u32) -> u32 {
    let (mut below, mut term, mut parts_below) = (0.0, (1.0 - p).powi(5), 0);
    let mut left = [0u32; 8];
    for (k, left) in left[..6].iter_mut().enumerate() {
        below += term;
        term *= (5 - k) as f64 / (k + 1) as f64 * p / (1.0 - p).max(1e-12);
        *left = if k == 5 { 65536 } else { (below * 65536.0).round() as u32 } - parts_below;
        parts_below += *left;
    }
    let column = (chance / 8192) as usize;
    let mut open: Vec<usize> = (0..8).collect();
    loop {
        let lightest = open.iter().copied().min_by_key(|k| left[*k]).expect("the column itself is open");
        open.retain(|k| *k != lightest);
        let heaviest = open.iter().copied().max_by_key(|k| left[*k]).unwrap_or(lightest);
        if lightest == column {
            return if chance % 8192 < left[lightest] { column as u32 } else { heaviest as u32 };
        }
        left[heaviest] -= 8192 - left[lightest];
    }
}

/// Until when of the JST day a phone advertises (0) or scans (1).
fn works_until_s(world: &World, phone: usize, t_s: i64, what: u32) -> i64 {
    let day = UnixSeconds(t_s).day_jst();
    let phones = &world.scenario.phones;
    let mut rng = Keyed::new(world.seed, Stream::Outage).rng(phone as u32, what, (day.start().0 / 60) as u32);
    let (stops, at) = (rng.random::<f64>(), rng.random::<f64>());
    let share = [phones.stops_advertising, phones.stops_scanning][what as usize];
    if stops < share { day.start().0 + (at * 86_400.0) as i64 } else { i64::MAX }
}

/// A phone's scans of the run: every six hours from a moment of its own on one starts exactly, and the gaps between are stretched to fit.
fn scans(world: &World, phone: usize) -> Vec<Scan> {
    const ANCHOR_S: i64 = 21_600;
    let (radio, stream) = (&world.scenario.radio, Keyed::new(world.seed, Stream::ScanTimes));
    let (use_, config) = (&radio.phone_use, if world.people[phone].ios { radio.scan_ios } else { radio.scan_android });
    let (from_s, to_s) = (world.first_day.start().0, world.days().last().expect("a day").end().0);
    let phase_s = (stream.uniform(phone as u32, 0, 0) * ANCHOR_S as f64) as i64;
    let mut starts: Vec<(i64, u32)> = Vec::new();
    for anchor in (from_s - phase_s).div_euclid(ANCHOR_S) - 1..=(to_s - phase_s).div_euclid(ANCHOR_S) {
        let mut rng = stream.rng(phone as u32, 1, anchor as u32);
        let start_s = (anchor * ANCHOR_S + phase_s) as f64;
        let (mut drawn, mut sum_s): (Vec<(u32, f64)>, f64) = (Vec::new(), 0.0);
        while sum_s < ANCHOR_S as f64 {
            let hour = ((start_s + sum_s + 32_400.0) / 3600.0).rem_euclid(24.0);
            let is_awake = use_.awake_from_h <= hour && hour < use_.awake_until_h;
            let [screen, music, idle] = [use_.screen_share, use_.music_share, use_.idle_share].map(|share| rng.random::<f64>() < share);
            let (screen, music, idle) = (screen && is_awake, music && is_awake, idle && !is_awake);
            let longest_s = if idle { config.idle_gap_max_s.max(config.gap_min_s) } else { config.gap_max_s };
            let mut gap_s = f64::from(rng.random_range(config.gap_min_s..=longest_s));
            gap_s *= if screen { config.screen_gap_factor } else { 1.0 };
            gap_s *= if music { config.music_gap_factor } else { 1.0 };
            let length_s = config.length_s + if music { config.music_extra_s } else { 0 };
            drawn.push((length_s, f64::from(length_s) + gap_s.max(1.0)));
            sum_s += f64::from(length_s) + gap_s.max(1.0);
        }
        let last_s = drawn[drawn.len() - 1].1;
        if drawn.len() > 1 && sum_s - ANCHOR_S as f64 > last_s / 2.0 {
            drawn.pop();
            sum_s -= last_s;
        }
        let mut at_s = start_s;
        for (length_s, period_s) in drawn {
            starts.push((at_s.round() as i64, length_s));
            at_s += period_s * (ANCHOR_S as f64 / sum_s);
        }
    }
    let both = starts.windows(2).map(|two| Scan {
        start_s: two[1].0,
        length_s: two[1].1,
        before_stop_s: two[0].0 + i64::from(two[0].1),
        before_length_s: two[0].1,
    });
    both.filter(|s| (from_s..to_s).contains(&s.start_s) && s.start_s < works_until_s(world, phone, s.start_s, 1)).collect()
}

/// Every phone's calibration, by the reference table, and its errors: one draw a model, one more a handset.
fn devices(world: &World) -> Vec<Device> {
    let radio = &world.scenario.radio;
    assert_eq!(radio.calibration, "builtin:2020-12-14", "the oracle knows the reference table alone");
    let text = include_str!("../../scenarios/calibration/2020-12-14.csv");
    let rows: Vec<Vec<&str>> = text.lines().filter(|l| !l.starts_with('#')).skip(1).map(|l| l.split(',').collect()).collect();
    let unit = Normal::new(0.0f32, 1.0).expect("it exists");
    let stream = Keyed::new(world.seed, Stream::DeviceError);
    let device = |(i, model): (usize, Option<usize>)| {
        let Some(model) = model else { return Device::default() };
        let phone = &world.scenario.phones.models[model];
        // The model's row, or the maker's, or everybody's.
        let of_model = rows.iter().find(|r| r[2] == phone.model);
        let of_maker = || rows.iter().find(|r| r[0] == phone.oem && r[2].is_empty());
        let row = of_model.or_else(of_maker).unwrap_or(&rows[rows.len() - 1]);
        let [correction_db, tx_power_dbm] = [row[3], row[4]].map(|n| n.parse::<i8>().expect("a number"));
        let confidence: u8 = row[5].parse().expect("a number");
        let is_of = |name: &&String| phone.model.starts_with(name.as_str());
        let known = radio.model_error.keys().filter(is_of).max_by_key(|n| n.len()).map(|n| radio.model_error[n]);
        let (tx_db, rx_db, tx_sd_db, rx_sd_db) = match known {
            Some(known) => (known.tx_db, known.rx_db, known.sd_db, known.sd_db),
            None if of_model.is_some() && confidence == 3 => (0.0, 0.0, radio.tx_error_sd_db, radio.rx_error_sd_db),
            None => (0.0, 0.0, radio.unmeasured_error_sd_db, radio.unmeasured_error_sd_db),
        };
        let (mut of_all, mut of_one) = (stream.rng(model as u32, 1, 0), stream.rng(i as u32, 0, 0));
        let mut error = |sd_db: f32| unit.sample(&mut of_all) * sd_db + unit.sample(&mut of_one) * radio.handset_error_sd_db;
        let (tx_error_db, rx_error_db) = (tx_db + error(tx_sd_db), rx_db + error(rx_sd_db));
        let known = radio.model_floor_dbm.keys().filter(is_of).max_by_key(|n| n.len()).map(|n| radio.model_floor_dbm[n]);
        let (floor_dbm, floor_sd_db) = known.map_or((radio.floor_mean_dbm, radio.floor_sd_db), |dbm| (dbm, radio.handset_error_sd_db));
        let floor_dbm = floor_dbm + unit.sample(&mut of_one) * floor_sd_db + f32::from(correction_db);
        Device { tx_power_dbm, confidence, tx_error_db, rx_error_db, floor_dbm }
    };
    world.people.iter().map(|p| p.model).enumerate().map(device).collect()
}

/// Middles of 4096 equally likely classes of a density, summed up in 40,000 steps.
fn quantiles(low: f64, high: f64, density: impl Fn(f64) -> f64) -> Vec<f32> {
    let step = (high - low) / 40_000.0;
    let weights: Vec<f64> = (0..40_000).map(|i| density(low + (f64::from(i) + 0.5) * step)).collect();
    let total: f64 = weights.iter().sum();
    let (mut below, mut i) = (0.0, 0);
    let of_class = |class: u32| {
        let target = (f64::from(class) + 0.5) / 4096.0 * total;
        while i < 39_999 && below + weights[i] < target {
            below += weights[i];
            i += 1;
        }
        (low + (i as f64 + ((target - below) / weights[i]).clamp(0.0, 1.0)) * step) as f32
    };
    (0..4096).map(of_class).collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    values.sum::<f64>() / 4096.0
}

/// The standard normal, its classes stretched to a variance of 1.
fn normal() -> Vec<f32> {
    let table = quantiles(-6.0, 6.0, |x| (-x * x / 2.0).exp());
    let sd = mean(table.iter().map(|v| f64::from(*v).powi(2))).sqrt() as f32;
    table.into_iter().map(|v| v / sd).collect()
}

/// Fading: the decibels of a gamma-distributed power whose shape m gives this spread (halved 40 times between 0.9 and 4000), mean 0.
fn fading(sd_db: f32) -> Vec<f32> {
    let of_shape = |m: f64| {
        let ln_power = |db: f64| -db * std::f64::consts::LN_10 / 10.0;
        quantiles(-25.0, 60.0, |db| (m * (ln_power(db) - ln_power(db).exp() + 1.0)).exp())
    };
    let sd = |table: &[f32]| {
        let mean_db = mean(table.iter().map(|v| f64::from(*v)));
        mean(table.iter().map(|v| (f64::from(*v) - mean_db).powi(2))).sqrt()
    };
    let (mut low, mut high) = (0.9f64, 4000.0f64);
    for _ in 0..40 {
        let middle = (low * high).sqrt();
        (low, high) = if sd(&of_shape(middle)) > f64::from(sd_db) { (middle, high) } else { (low, middle) };
    }
    let table = of_shape(low);
    let mean_db = mean(table.iter().map(|v| f64::from(*v))) as f32;
    table.into_iter().map(|v| v - mean_db).collect()
}
