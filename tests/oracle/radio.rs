//! What every scan hears, link by link (facts/radio.md section (b), docs/radio.md, comments of `[radio]` in baseline.toml).
//!
//! Numbers are of 32 bits and terms are added in the model's order, so that results are equal and not nearly so.

use std::collections::{BTreeMap, BTreeSet};

use cocoasim::{
    math,
    random::{Keyed, Stream},
    units::Point,
};

use super::{
    barriers::between,
    phones::{Device, Model, Scan, devices, is_off, scans, works_until_s},
    quantiles::{fading, normal},
    world::{Span, Stance, World},
};

/// What a scan heard of a phone.
#[derive(Clone, Copy)]
pub struct Heard {
    pub packets: u32,
    pub mean_db: f32,
    pub min_db: f32,
}

/// One scan of a phone, and another phone within reach.
pub struct LinkScan<'w> {
    pub observer: usize,
    pub transmitter: usize,
    pub scan: Scan,
    pub kind: &'w str,
    /// What costs most of what is crossed; `None` = nothing.
    pub material: Option<&'w str>,
    /// How the two are carried, the observer's first.
    pub carriages: [usize; 2],
    pub distance_m: f32,
    pub heard: Option<Heard>,
}

/// What a scan meets besides chance.
struct Level<'a> {
    mean_db: f32,
    ceiling_db: f32,
    clear: f32,
    is_still: bool,
    environment: &'a str,
}

pub struct Radio<'w> {
    world: &'w World,
    normal: Vec<f32>,
    fading: BTreeMap<&'w str, Vec<f32>>,
    pub devices: Vec<Device>,
    /// How near two bodies must come to be looked at, m, in a home and elsewhere.
    range_m: [f64; 2],
}

impl<'w> Radio<'w> {
    pub fn new(world: &'w World) -> Self {
        let radio = &world.scenario.radio;
        let of_venues = |at_home: bool| {
            let stances = world.people.iter().flat_map(|p| &p.stances);
            let venues: BTreeSet<u32> = stances.map(|s| s.venue).filter(|v| (world.venue(*v).kind == "home") == at_home).collect();
            let names = venues.into_iter().map(|v| world.venue(v)).flat_map(|venue| venue.rooms.iter().chain([&venue.between_rooms]));
            names.map(String::as_str).collect::<BTreeSet<&str>>()
        };
        let kinds = [true, false].map(of_venues);
        let used: BTreeSet<&str> = kinds.iter().flatten().copied().collect();
        let fading = used.into_iter().map(|name| (name, fading(radio.environments[name].fading_sd_db))).collect();
        let mut new = Self { world, normal: normal(), fading, devices: devices(world), range_m: [0.0; 2] };
        new.range_m = kinds.map(|names| names.into_iter().map(|name| new.reach_m(name)).fold(near_m(world), f64::max));
        new
    }

    /// How far the loudest of the world's phones is heard by the keenest in one of a hundred of its longest scans, both on tables and
    /// nothing between: integrated over every 16th class of levels and every 64th of fades, halved 20 times from 0.3 to 300 m.
    fn reach_m(&self, name: &str) -> f64 {
        let (radio, e) = (&self.world.scenario.radio, &self.world.scenario.radio.environments[name]);
        let carried: BTreeSet<usize> = self.world.people.iter().filter_map(|p| p.model).collect();
        let of_models: Vec<(f32, f32)> =
            carried.into_iter().map(|m| Model::of(self.world, &self.world.scenario.phones.models[m]).loud_and_keen_dbm()).collect();
        let loudest_dbm = of_models.iter().map(|m| m.0).fold(f32::NEG_INFINITY, f32::max);
        let keenest_dbm = of_models.iter().map(|m| m.1).fold(f32::INFINITY, f32::min);
        let table = radio.carriage.each()[4];
        let sds = [e.pair_offset_sd_db, e.shadowing_sd_db, e.slow_shadowing_sd_db, radio.tx_error_sd_db, radio.rx_error_sd_db];
        let more =
            [2.0 * math::powi(radio.handset_error_sd_db, 2), math::powi(radio.floor_sd_db, 2), 2.0 * math::powi(table.loss_sd_db, 2)];
        let sd_db = sds.iter().map(|sd| math::powi(*sd, 2)).chain(more).sum::<f32>().sqrt();
        let music = radio.phone_use.music_share > 0.0;
        let longest = |length_s: u32, extra_s: u32| length_s + if music { extra_s } else { 0 };
        let (ios, android) = (&radio.scan_ios, &radio.scan_android);
        let longest_s = longest(ios.length_s, ios.music_extra_s).max(longest(android.length_s, android.music_extra_s));
        let every = |table: &[f32], stride: usize| table.iter().skip(stride / 2).step_by(stride).copied().collect::<Vec<f32>>();
        let (levels, fades) = (every(&self.normal, 16), every(&self.fading[name], 64));
        let heard = |distance_m: f32| {
            let mean_db = e.level_at_1m_db + 10.0 * e.exponent * math::log10(distance_m.max(0.3)) + 2.0 * table.loss_db;
            let of_level = |level: &f32| {
                let margin_db = |fade: &f32| loudest_dbm - keenest_dbm - (mean_db + level * sd_db) - fade;
                let silent = |fade: &f32| {
                    math::powi(f64::from(1.0 - self.reception(margin_db(fade), 1.0)), self.packets_a_channel(longest_s) as i32)
                };
                let of_channel = fades.iter().map(silent).sum::<f64>() / fades.len() as f64;
                (1.0 - math::powi(of_channel, 3)) * f64::from(1.0 - e.scan_miss)
            };
            levels.iter().map(of_level).sum::<f64>() / levels.len() as f64
        };
        let (mut near_m, mut far_m) = (0.3, 300.0);
        if heard(far_m) >= 0.01 {
            return far_m.into();
        }
        for _ in 0..20 {
            let middle_m = (near_m + far_m) / 2.0;
            (near_m, far_m) = if heard(middle_m) >= 0.01 { (middle_m, far_m) } else { (near_m, middle_m) };
        }
        near_m.into()
    }

    /// Chance of one packet that arrives so far above the floor.
    fn reception(&self, margin_db: f32, clear: f32) -> f32 {
        let radio = &self.world.scenario.radio;
        radio.packet_success * (1.0 - math::exp(-margin_db.max(0.0) / radio.reception_scale_db)) * clear
    }

    /// Packets sent while a scan listens to one of three channels.
    fn packets_a_channel(&self, scan_s: u32) -> u32 {
        (scan_s as f32 * 1000.0 / self.world.scenario.radio.advertising_interval_ms / 3.0).round() as u32
    }

    /// Every scan of every phone in the run, and every other phone in its venue.
    pub fn link_scans(&self) -> Vec<LinkScan<'w>> {
        let mut link_scans = Vec::new();
        let running: Vec<usize> = (0..self.world.people.len()).filter(|p| self.world.people[*p].runs).collect();
        for &observer in &running {
            for scan in scans(self.world, observer) {
                let Some(mine) = self.world.stance(observer, scan.start_s) else { continue };
                for &transmitter in running.iter().filter(|t| **t != observer) {
                    let theirs = self.world.stance(transmitter, scan.start_s).filter(|s| s.venue == mine.venue);
                    link_scans.extend(theirs.and_then(|theirs| self.link_scan((observer, mine), (transmitter, theirs), scan)));
                }
            }
        }
        link_scans
    }

    /// The level of a link at a scan, and what came of it; `None` if the two are out of reach.
    fn link_scan(&self, (observer, mine): (usize, &Stance), (transmitter, theirs): (usize, &Stance), scan: Scan) -> Option<LinkScan<'w>> {
        let (world, radio) = (self.world, &self.world.scenario.radio);
        let stream = |s| Keyed::new(world.seed, s);
        let t_s = scan.start_s;
        // Whatever is the same both ways is that of the lower person and the higher.
        let lower_observes = observer < transmitter;
        let (a, b) = if lower_observes { (mine, theirs) } else { (theirs, mine) };
        let (low, high) = (observer.min(transmitter) as u32, observer.max(transmitter) as u32);
        let span = Span { a, b, start_s: a.start_s.max(b.start_s), end_s: a.end_s.min(b.end_s) };
        if span.least_m() > self.range_m[usize::from(world.venue(a.venue).kind != "home")] {
            return None;
        }
        let is_still = a.is_still() && b.is_still();
        let name = self.environment(a, b);
        let e = &radio.environments[name];
        let place = place_of_two(a, b);

        let bodies = [a.at(t_s as f64), b.at(t_s as f64)];
        let ends = [self.held(a, bodies[0], bodies[1]), self.held(b, bodies[1], bodies[0])];
        let distance_m = ends[0].0.distance_m(ends[1].0).max(0.3);
        let distance_db = e.level_at_1m_db + 10.0 * e.exponent * math::log10(distance_m);
        let carriage_db = self.carriage_db(low, a) + self.carriage_db(high, b);
        let own_body = |s: &Stance, outward: f32| -e.body_db * radio.carriage.each()[s.carriage].body_share * outward / 2.0;
        let body_db = own_body(a, ends[0].1) + own_body(b, ends[1].1);
        let [middle_a, middle_b] = span.middle();
        let between = between(world, a.venue, middle_a, middle_b);
        let pair_offset_db = e.pair_offset_sd_db * self.normal_of(stream(Stream::PairOffset).block(low, high, place, 0)[0] as u16);
        let devices_db = self.devices[transmitter].tx_error_db + self.devices[observer].rx_error_db;
        let mut mean_db = distance_db + carriage_db + body_db + between.loss_db + pair_offset_db + devices_db;
        let others = self.in_line(a.venue, (ends[0].0, ends[1].0), [observer, transmitter], t_s).min(radio.third_persons_max);
        mean_db += if e.third_persons { others as f32 * radio.third_person_db } else { 0.0 };
        let fast = self.shadowing(Stream::Shadowing, (low, high, place), (e.shadowing_sd_db, e.shadowing_time_s), t_s);
        let slow = self.shadowing(Stream::SlowShadowing, (low, high, place), (e.slow_shadowing_sd_db, e.slow_shadowing_time_s), t_s);
        mean_db = mean_db + fast + slow;

        let ceiling_db = f32::from(self.devices[transmitter].tx_power_dbm) - self.devices[observer].floor_dbm;
        let packet_share = radio.packet_us / (1000.0 * radio.advertising_interval_ms);
        let clear = math::powi(1.0 - 2.0 * packet_share / 3.0, self.advertisers(a.venue, t_s) as i32 - 1);
        let level = Level { mean_db, ceiling_db, clear, is_still, environment: name };
        let is_on_air = t_s < works_until_s(world, transmitter, t_s, 0) && !is_off(world, transmitter, t_s);
        Some(LinkScan {
            observer,
            transmitter,
            scan,
            kind: &world.venue(a.venue).kind,
            material: between.material,
            carriages: [mine.carriage, theirs.carriage],
            distance_m,
            heard: is_on_air.then(|| self.hears(observer as u32, transmitter as u32, scan, &level)).flatten(),
        })
    }

    /// What chance makes of a level: packets that fade and are received or not.
    fn hears(&self, who: u32, whom: u32, scan: Scan, level: &Level<'_>) -> Option<Heard> {
        let Level { mean_db, ceiling_db, clear, is_still, environment } = *level;
        let (e, fading) = (&self.world.scenario.radio.environments[environment], &self.fading[environment]);
        let stream = |s| Keyed::new(self.world.seed, s);
        let (when, packets_a_channel) = (scan.start_s as u32, self.packets_a_channel(scan.length_s));
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
                let p = self.reception((quarter - 0.5) / 4.0, class / 32.0);
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
                    let is_heard = (uniform() as f32) < self.reception(ceiling_db - (mean_db + fade_db), clear) * 65536.0;
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
        (packets > 0).then_some(Heard { packets, mean_db: mean_of_all_db, min_db })
    }

    /// The room's environment if both are in it, else that between rooms.
    fn environment(&self, a: &Stance, b: &Stance) -> &'w str {
        let venue = self.world.venue(a.venue);
        match a.room.filter(|_| a.room == b.room) {
            Some(room) => &venue.rooms[room as usize],
            None => &venue.between_rooms,
        }
    }

    /// Where a phone is, and the cosine between the way it is carried to and the way to the other person. No phone is carried past the
    /// middle between the two, less 0.15 m.
    fn held(&self, s: &Stance, body: Point, other: Point) -> (Point, f32) {
        let c = self.world.scenario.radio.carriage.each()[s.carriage];
        let apart_m = body.distance_m(other);
        let (x, y) = if apart_m > 0.0 { ((other.x_m - body.x_m) / apart_m, (other.y_m - body.y_m) / apart_m) } else { (1.0, 0.0) };
        let (sin, cos) = math::sin_cos(s.facing_rad + c.bearing_deg.to_radians());
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

/// Two are looked at from so near on, m, whatever radio reaches: for truth, and to be in the device universe.
fn near_m(world: &World) -> f64 {
    let scenario = &world.scenario;
    let of_phones = world.json["truth"]["between"] == "phones";
    let carried_m = (0..6).map(|c| world.carried_at(c)).map(|p| f64::from(math::hypot(p.x_m, p.y_m))).fold(0.0, f64::max);
    let far_m = scenario.accuracy.universe_within_m.max(scenario.truth.radius_m).max(scenario.output.contacts_within_m);
    far_m + if of_phones { 2.0 * carried_m } else { 0.0 } + 1e-3
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
    let (mut below, mut term, mut parts_below) = (0.0, math::powi(1.0 - p, 5), 0);
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
