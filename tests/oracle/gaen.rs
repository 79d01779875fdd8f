//! What phones store and what the framework makes of it: facts/exposure-notification.md, sections on cryptography, the store, matching,
//! version 1 and windows. Nothing knows a transmitter here but the list of keys.

use std::collections::BTreeMap;

use aes::{
    Aes128,
    cipher::{Array, BlockCipherEncrypt, KeyInit},
};
use cocoasim::{
    random::{Keyed, Stream},
    time::{DayUtc, UnixSeconds},
};
use hkdf::Hkdf;
use rand::RngExt;
use sha2::Sha256;

use super::{phones::Device, radio::LinkScan, world::World};

/// A stored record (table `sightings`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sighting {
    pub observer: usize,
    pub t_s: i64,
    pub rpi: [u8; 16],
    pub aem: [u8; 4],
    pub rssi_dbm: i32,
    pub previous_scan_s: i64,
}

impl OfKey {
    /// Seconds of all scans at or under an attenuation.
    pub fn seconds_under(&self, db: i64) -> i64 {
        self.windows.iter().flatten().filter(|s| s.typical_db <= db).map(|s| s.seconds).sum()
    }
}

/// One 16-byte block under a key derived from a daily key: HKDF-SHA256 without salt, then AES-128.
fn encrypted(tek: &[u8; 16], info: &[u8], block: [u8; 16]) -> [u8; 16] {
    let mut key = [0; 16];
    Hkdf::<Sha256>::new(None, tek).expand(info, &mut key).expect("16 bytes");
    let mut block = Array(block);
    Aes128::new(&Array(key)).encrypt_block(&mut block);
    block.0
}

/// A phone's Temporary Exposure Key of a UTC day.
pub fn tek(world: &World, phone: usize, day: DayUtc) -> [u8; 16] {
    let words = Keyed::new(world.seed, Stream::Tek).block(phone as u32, 0, day.0 as u32, 0);
    std::array::from_fn(|i| words[i / 4].to_le_bytes()[i % 4])
}

/// The identifier of an interval: "EN-RPI", six zeros, the interval's number.
fn rpi(tek: &[u8; 16], interval: u32) -> [u8; 16] {
    let mut block = *b"EN-RPI\0\0\0\0\0\0\0\0\0\0";
    block[12..].copy_from_slice(&interval.to_le_bytes());
    encrypted(tek, b"EN-RPIK", block)
}

/// Metadata, to and from what is sent: the first four bytes of the encrypted identifier are laid over it.
fn metadata(tek: &[u8; 16], rpi: &[u8; 16], bytes: [u8; 4]) -> [u8; 4] {
    let stream = encrypted(tek, b"EN-AEMK", *rpi);
    std::array::from_fn(|i| bytes[i] ^ stream[i])
}

/// All 144 identifiers of a key.
pub fn rpis(tek: &[u8; 16], day: DayUtc) -> Vec<[u8; 16]> {
    (0..144).map(|i| rpi(tek, day.first_enin().0 + i)).collect()
}

/// From a moment on, an identifier and its encrypted metadata.
type Sent = (i64, [u8; 16], [u8; 4]);

/// What a phone sends on a UTC day, and from when on: each identifier is that of the interval in which it is taken up, and is held for a
/// time drawn evenly between the scenario's limits.
fn sends(world: &World, device: Device, phone: usize, day: DayUtc) -> Vec<Sent> {
    let (gaen, tek) = (&world.scenario.gaen, tek(world, phone, day));
    let rpis = rpis(&tek, day);
    let mut rng = Keyed::new(world.seed, Stream::RpiRotation).rng(phone as u32, 0, day.0 as u32);
    let (mut second, mut sent) = (0, Vec::new());
    while second < 86_400 {
        let rpi = rpis[second as usize / 600];
        // Version 1.1, confidence, power, and two reserved bytes.
        let plain = [0b0101_0000 | device.confidence << 2, device.tx_power_dbm as u8, 0, 0];
        sent.push((day.start().0 + i64::from(second), rpi, metadata(&tek, &rpi, plain)));
        second += rng.random_range(gaen.rpi_hold_min_s..=gaen.rpi_hold_max_s);
    }
    sent
}

/// From what scans heard to what phones store, sorted by (phone, moment, identifier). An iPhone stores the mean of a scan; an Android
/// phone, of several packets, the strongest and, 3 s later, what makes the mean of the two that of the scan.
pub fn stored(world: &World, devices: &[Device], link_scans: &[LinkScan<'_>]) -> Vec<Sighting> {
    let mut days: BTreeMap<(usize, DayUtc), Vec<Sent>> = BTreeMap::new();
    let mut stored = Vec::new();
    for l in link_scans {
        let Some(h) = l.heard else { continue };
        let (t_s, day) = (l.scan.start_s, UnixSeconds(l.scan.start_s).day_utc());
        let device = devices[l.transmitter];
        let sent = days.entry((l.transmitter, day)).or_insert_with(|| sends(world, device, l.transmitter, day));
        let (_, rpi, aem) = *sent.iter().rfind(|(from_s, ..)| *from_s <= t_s).expect("the first begins with the day");
        let ios = world.people[l.observer].ios;
        let previous_scan_s = l.scan.before_stop_s - if ios { i64::from(l.scan.before_length_s) } else { 0 };
        let power_dbm = f32::from(device.tx_power_dbm);
        let mut store = |t_s: i64, dbm: f32| {
            let rssi_dbm = dbm.round().clamp(-127.0, 126.0) as i32;
            stored.push(Sighting { observer: l.observer, t_s, rpi, aem, rssi_dbm, previous_scan_s });
        };
        if ios || h.packets == 1 {
            store(t_s, power_dbm - h.mean_db);
        } else {
            let strongest_dbm = (power_dbm - h.min_db).round();
            store(t_s, strongest_dbm);
            store(t_s + 3, (2.0 * (power_dbm - h.mean_db) - strongest_dbm).min(strongest_dbm));
        }
    }
    stored.sort_unstable();
    stored
}

/// A sighting of a key.
#[derive(Clone, Copy)]
pub struct Matched {
    pub t_s: i64,
    pub db: i64,
    previous_scan_s: i64,
}

/// One scan of a window.
#[derive(Clone, Copy)]
pub struct ScanInstance {
    pub t_s: i64,
    pub typical_db: i64,
    pub seconds: i64,
}

/// A run of sightings (version 1).
#[derive(Clone, Copy)]
pub struct Run {
    pub first_s: i64,
    pub last_s: i64,
    pub duration_s: i64,
    pub mean_db: i64,
}

/// What the framework has of a key in a store.
#[derive(Default)]
pub struct OfKey {
    pub runs: Vec<Run>,
    /// Windows, each its scans.
    pub windows: Vec<Vec<ScanInstance>>,
}

/// Matches a phone's key of a UTC day against a store: each sighting against each of 144 identifiers.
pub fn of_key(tek: &[u8; 16], rpis: &[[u8; 16]], day: DayUtc, store: &[Sighting]) -> OfKey {
    let (mut raw, mut strongest): (Vec<Matched>, Vec<Matched>) = (Vec::new(), Vec::new());
    for (i, rpi) in rpis.iter().enumerate() {
        let interval = i64::from(day.first_enin().0) + i as i64;
        let is_near =
            |s: &&Sighting| (interval - 12..=interval + 12).contains(&(s.t_s / 600)) && (s.t_s / 86_400 - i64::from(day.0)).abs() <= 1;
        let heard: Vec<&Sighting> = store.iter().filter(|s| s.rpi == *rpi).filter(is_near).collect();
        // Stores are in time order. What comes more than 20 minutes after the first is taken for a replay.
        let heard: Vec<&Sighting> = heard.iter().copied().filter(|s| s.t_s - heard[0].t_s <= 1200).collect();
        let matched = |s: &Sighting| {
            let power_dbm = metadata(tek, rpi, s.aem)[1] as i8;
            let db = (i64::from(power_dbm) - i64::from(s.rssi_dbm)).max(0);
            (-50..=20).contains(&power_dbm).then_some(Matched { t_s: s.t_s, db, previous_scan_s: s.previous_scan_s })
        };
        raw.extend(heard.iter().filter_map(|s| matched(s)));
        for scan in heard.chunk_by(|a, b| b.t_s - a.t_s <= 25) {
            // The first of the strongest.
            strongest.extend(scan.iter().rev().max_by_key(|s| s.rssi_dbm).and_then(|s| matched(s)));
        }
    }
    raw.sort_by_key(|s| s.t_s);
    strongest.sort_by_key(|s| s.t_s);
    if strongest.is_empty() {
        return OfKey::default();
    }
    OfKey { runs: strongest.chunk_by(|a, b| b.t_s - a.t_s <= 600).map(run).collect(), windows: windows(&raw) }
}

/// Length and mean of a run: every moment has the attenuation of the sighting before it; half a scan interval of 300 s at either end.
fn run(sightings: &[Matched]) -> Run {
    let (first_s, last_s) = (sightings[0].t_s, sightings[sightings.len() - 1].t_s);
    let (mut sum, mut at, mut db) = (0, 0, sightings[0].db);
    for t_s in first_s - 150..last_s + 150 {
        // Of several in one second the first counts.
        while sightings.get(at + 1).is_some_and(|next| next.t_s <= t_s) {
            let is_new = sightings[at + 1].t_s > sightings[at].t_s;
            at += 1;
            db = if is_new { sightings[at].db } else { db };
        }
        sum += db;
    }
    let length_s = last_s - first_s + 300;
    let rest_s = length_s % 300;
    let duration_s = if rest_s <= 150 { length_s - rest_s } else { length_s + 300 - rest_s };
    Run { first_s, last_s, duration_s, mean_db: (sum as f64 / length_s as f64 + 0.5).floor() as i64 }
}

/// Windows of up to 30 minutes from their first sighting on; sightings up to 25 s apart are one scan.
fn windows(raw: &[Matched]) -> Vec<Vec<ScanInstance>> {
    let mut windows: Vec<Vec<Vec<Matched>>> = Vec::new();
    for s in raw {
        match windows.last_mut() {
            Some(window) if s.t_s - window[0][0].t_s < 1800 => match window.last_mut() {
                Some(scan) if s.t_s - scan[scan.len() - 1].t_s <= 25 => scan.push(*s),
                _ => window.push(vec![*s]),
            },
            _ => windows.push(vec![vec![*s]]),
        }
    }
    let instance = |scan: &Vec<Matched>| ScanInstance {
        t_s: scan[0].t_s,
        typical_db: (scan.iter().map(|s| s.db).sum::<i64>() as f64 / scan.len() as f64 + 0.5).floor() as i64,
        // Whole minutes, five at most.
        seconds: 60 * (scan[0].t_s / 60 - scan[0].previous_scan_s / 60).min(5),
    };
    windows.iter().map(|window| window.iter().map(instance).collect()).collect()
}
