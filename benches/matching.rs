//! Matching, one core: keys a second on one phone, and sightings a second for a population.

use std::{collections::HashMap, hint::black_box};

use aes::{
    Aes128,
    cipher::{Array, BlockCipherEncrypt, KeyInit},
};
use cocoasim::{
    gaen::{DiagnosisKey, PublishedIndex, Sighting, StoreIndex, TemporaryExposureKey, Tracer, derive_rpis},
    random::{Keyed, Seed, Stream},
    time::Enin,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hkdf::Hkdf;
use sha2::Sha256;

const START: u32 = 144 * 18_500;

fn random_bytes(stream: Keyed, i: u32) -> [u8; 16] {
    let words = stream.block(i, 0, 0, 0);
    std::array::from_fn(|b| words[b / 4].to_le_bytes()[b % 4])
}

fn keys(number: u32) -> Vec<DiagnosisKey> {
    let stream = Keyed::new(Seed(1), Stream::Tek);
    (0..number)
        .map(|i| DiagnosisKey {
            tek: TemporaryExposureKey { key: random_bytes(stream, i), rolling_start: Enin(START), rolling_period: 144 },
            transmission_risk_level: 4,
            report_type: None,
            days_since_onset: None,
        })
        .collect()
}

/// Sightings of strangers, with one in 25 of a published key if any is given.
fn sightings(number: u32, keys: &[DiagnosisKey]) -> Vec<Sighting> {
    let stream = Keyed::new(Seed(2), Stream::Tek);
    (0..number)
        .map(|i| {
            let t_s = (START + i % 144) * 600;
            let rpi = if i % 25 == 0 && !keys.is_empty() {
                derive_rpis(&keys[i as usize / 25 % keys.len()].tek)[(i % 144) as usize]
            } else {
                random_bytes(stream, i)
            };
            Sighting { rpi, aem: [0; 4], t_s, rssi_dbm: -60, previous_scan_s: 0 }
        })
        .collect()
}

/// The published method (matching_helper.cc, prefix_id_map.cc): stored identifiers grouped by their first two bytes, each
/// published identifier compared with its group. One HKDF, one AES call over 144 blocks a key.
struct PrefixTable {
    ids: Vec<[u8; 16]>,
    end: Vec<u32>,
}

impl PrefixTable {
    fn new(stored: &[Sighting]) -> Self {
        let mut ids: Vec<[u8; 16]> = stored.iter().map(|s| s.rpi).collect();
        ids.sort_unstable();
        let prefix = |id: &[u8; 16]| usize::from(id[0]) << 8 | usize::from(id[1]);
        let mut end = vec![0u32; 65_536];
        ids.iter().for_each(|id| end[prefix(id)] += 1);
        (1..end.len()).for_each(|p| end[p] += end[p - 1]);
        Self { ids, end }
    }

    /// Keys with at least one stored identifier.
    fn matching_keys(&self, keys: &[DiagnosisKey]) -> Vec<usize> {
        let mut blocks = [[0u8; 16]; 144];
        let mut found = Vec::new();
        for (k, key) in keys.iter().enumerate() {
            let mut rpik = [0; 16];
            Hkdf::<Sha256>::new(None, &key.tek.key).expand(b"EN-RPIK", &mut rpik).expect("16 bytes can be expanded");
            for (i, block) in blocks.iter_mut().enumerate() {
                *block = *b"EN-RPI\0\0\0\0\0\0\0\0\0\0";
                block[12..].copy_from_slice(&(key.tek.rolling_start.0 + i as u32).to_le_bytes());
            }
            Aes128::new(&Array(rpik)).encrypt_blocks(Array::cast_slice_from_core_mut(&mut blocks));
            let is_stored = |rpi: &[u8; 16]| {
                let p = usize::from(rpi[0]) << 8 | usize::from(rpi[1]);
                let from = if p == 0 { 0 } else { self.end[p - 1] };
                self.ids[from as usize..self.end[p] as usize].contains(rpi)
            };
            if blocks.iter().any(is_stored) {
                found.push(k);
            }
        }
        found
    }
}

/// Keys a second of one phone with 5,000 and with 1 M stored sightings, store index ready as the published method's table
/// is. The naive rival compares every identifier with every sighting.
fn per_phone(c: &mut Criterion) {
    let keys = keys(20_000);
    for (stored, name) in [(5000, "matching/per_phone_5k_stored"), (1_000_000, "matching/per_phone_1m_stored")] {
        // One key in a hundred matches in the small store, none in the large one: matches are rare in life.
        let store = sightings(stored, if stored == 5000 { &keys[..200] } else { &[] });
        let (index, table) = (StoreIndex::new(&store), PrefixTable::new(&store));
        let ours: Vec<usize> = index.match_keys(&keys, &mut Tracer::default()).iter().map(|m| m.key).collect();
        let theirs = table.matching_keys(&keys);
        assert!(ours.iter().all(|k| theirs.contains(k)), "both find the same keys");
        let mut group = c.benchmark_group(name);
        group.sample_size(10).throughput(Throughput::Elements(keys.len() as u64));
        group.bench_function("store_index", |b| b.iter(|| index.match_keys(black_box(&keys), &mut Tracer::default())));
        group.bench_function("published_prefix_table", |b| b.iter(|| table.matching_keys(black_box(&keys))));
        if stored == 5000 {
            let few = &keys[..10];
            group.throughput(Throughput::Elements(few.len() as u64));
            group.bench_function("compare_all", |b| {
                b.iter(|| {
                    let hits = |k: &DiagnosisKey| {
                        let rpis = derive_rpis(&k.tek);
                        store.iter().filter(|s| rpis.contains(&s.rpi)).count()
                    };
                    few.iter().map(hits).sum::<usize>()
                });
            });
        }
        group.finish();
    }
}

/// Sightings a second against 1.44 M published identifiers; the naive rival is the standard hash map.
fn population(c: &mut Criterion) {
    let keys = keys(10_000);
    let mut heard = sightings(1_000_000, &[]);
    // One in 500 is of a published key.
    heard[..2000].copy_from_slice(&sightings(50_000, &keys).into_iter().step_by(25).collect::<Vec<_>>());
    let index = PublishedIndex::new(&keys);
    let mut group = c.benchmark_group("matching/population");
    group.sample_size(10).throughput(Throughput::Elements(heard.len() as u64));
    group.bench_function("published_index", |b| b.iter(|| index.match_store(black_box(&heard), &mut Tracer::default())));
    let map: HashMap<[u8; 16], (usize, usize)> = keys
        .iter()
        .enumerate()
        .flat_map(|(k, key)| derive_rpis(&key.tek).iter().enumerate().map(|(i, rpi)| (*rpi, (k, i))).collect::<Vec<_>>())
        .collect();
    group.bench_function("hash_map", |b| b.iter(|| black_box(&heard).iter().filter_map(|s| map.get(&s.rpi)).count()));
    group.finish();
}

criterion_group!(benches, per_phone, population);
criterion_main!(benches);
