//! Reading and writing an export of 500,000 keys, one core: keys a second.
//!
//! `read_archive` unpacks, checks the CRC, and decodes with byte offsets for errors. The naive rival, in `decode`, decodes
//! every field of a message into a map of byte vectors first.

use std::{collections::BTreeMap, hint::black_box};

use cocoasim::gaen::export::{
    ExportFile, ExportedKey, SignatureInfo, SigningKey, decode_export, encode_export, read_archive, write_archive,
};
use cocoasim::random::{Keyed, Seed, Stream};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const KEYS: u32 = 500_000;

fn file() -> ExportFile {
    let stream = Keyed::new(Seed(1), Stream::Tek);
    let key = |i: u32| {
        let words = stream.block(i, 0, 0, 0);
        ExportedKey {
            key_data: std::array::from_fn(|b| words[b / 4].to_le_bytes()[b % 4]),
            transmission_risk_level: 4,
            rolling_start_interval_number: 2_664_000 + 144 * (i % 14) as i32,
            rolling_period: 144,
            report_type: Some(1),
            days_since_onset_of_symptoms: Some(i as i32 % 14 - 3),
        }
    };
    ExportFile { region: "440".into(), batch_num: 1, batch_size: 1, keys: (0..KEYS).map(key).collect(), ..ExportFile::default() }
}

/// Splits a message into fields of bytes; numbers count as bytes of their varint.
fn fields(mut bytes: &[u8]) -> BTreeMap<u64, Vec<Vec<u8>>> {
    let mut out: BTreeMap<u64, Vec<Vec<u8>>> = BTreeMap::new();
    let varint = |bytes: &mut &[u8]| {
        let length = bytes.iter().position(|b| *b < 0x80).expect("valid input") + 1;
        let value = bytes[..length].iter().rev().fold(0u64, |v, b| v << 7 | u64::from(b & 0x7f));
        let raw = bytes[..length].to_vec();
        *bytes = &bytes[length..];
        (value, raw)
    };
    while !bytes.is_empty() {
        let (tag, _) = varint(&mut bytes);
        let value = match tag & 7 {
            0 => varint(&mut bytes).1,
            1 => {
                let (head, rest) = bytes.split_at(8);
                bytes = rest;
                head.to_vec()
            }
            _ => {
                let (length, _) = varint(&mut bytes);
                let (head, rest) = bytes.split_at(length as usize);
                bytes = rest;
                head.to_vec()
            }
        };
        out.entry(tag >> 3).or_default().push(value);
    }
    out
}

fn exports(c: &mut Criterion) {
    let pem = include_str!("../tests/data/signing_key.pem");
    let signer = SigningKey::from_pem(pem).expect("the test key");
    let file = file();
    let info = SignatureInfo { verification_key_id: "440".into(), verification_key_version: "v1".into(), ..SignatureInfo::default() };
    let zip = write_archive(&file, &[(&signer, info.clone())]);
    let bin = encode_export(&file);
    let mut group = c.benchmark_group("exports/500k_keys");
    group.sample_size(10).throughput(Throughput::Elements(u64::from(KEYS)));
    group.bench_function("read_archive", |b| b.iter(|| read_archive(black_box(&zip)).expect("our own zip")));
    group.bench_function("decode", |b| b.iter(|| decode_export(black_box(&bin)).expect("our own file")));
    group.bench_function("decode_into_maps", |b| {
        b.iter(|| fields(black_box(&bin[16..]))[&7].iter().map(|key| fields(key)).filter(|k| k[&1][0].len() == 16).count());
    });
    group.bench_function("write_archive", |b| b.iter(|| write_archive(black_box(&file), &[(&signer, info.clone())])));
    group.finish();
}

criterion_group!(benches, exports);
criterion_main!(benches);
