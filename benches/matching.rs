//! Matching, one core: keys a second on one phone, and sightings a second for a population.

use std::{collections::HashMap, hint::black_box};

use cocoasim::{
    gaen::{DiagnosisKey, PublishedIndex, Sighting, SightingStore, TemporaryExposureKey, derive_rpis, match_store},
    random::{Keyed, Seed, Stream},
    time::Enin,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

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

/// Sightings of strangers, with one in 500 of a published key.
fn sightings(number: u32, keys: &[DiagnosisKey]) -> Vec<Sighting> {
    let stream = Keyed::new(Seed(2), Stream::Tek);
    (0..number)
        .map(|i| {
            let t_s = (START + i % 144) * 600;
            let rpi = if i % 500 == 0 {
                derive_rpis(&keys[i as usize / 500 % keys.len()].tek)[(i % 144) as usize]
            } else {
                random_bytes(stream, i)
            };
            Sighting { rpi, aem: [0; 4], t_s, rssi_dbm: -60, previous_scan_s: 0 }
        })
        .collect()
}

/// Keys a second of one phone that stores 5,000 sightings; the naive rival compares every identifier with every sighting.
fn per_phone(c: &mut Criterion) {
    let keys = keys(1000);
    let mut store = SightingStore::default();
    sightings(5000, &keys).into_iter().for_each(|s| store.push(s));
    let mut group = c.benchmark_group("matching/per_phone");
    group.sample_size(10).throughput(Throughput::Elements(keys.len() as u64));
    group.bench_function("match_store", |b| b.iter(|| match_store(black_box(&store), &keys)));
    let few = &keys[..10];
    group.throughput(Throughput::Elements(few.len() as u64));
    group.bench_function("compare_all", |b| {
        b.iter(|| {
            let hits = |k: &DiagnosisKey| {
                let rpis = derive_rpis(&k.tek);
                store.sightings().iter().filter(|s| rpis.contains(&s.rpi)).count()
            };
            few.iter().map(hits).sum::<usize>()
        });
    });
    group.finish();
}

/// Sightings a second against 1.44 M published identifiers; the naive rival is the standard hash map.
fn population(c: &mut Criterion) {
    let keys = keys(10_000);
    let heard = sightings(1_000_000, &keys);
    let index = PublishedIndex::new(&keys);
    let mut group = c.benchmark_group("matching/population");
    group.sample_size(10).throughput(Throughput::Elements(heard.len() as u64));
    group.bench_function("published_index", |b| b.iter(|| index.match_slice(black_box(&heard))));
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
