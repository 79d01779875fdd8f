//! Identifiers of a daily key, one core: RPIs a second.
//!
//! `raw` is the least that any implementation must do: one HKDF by the crate, the key schedule, 144 blocks encrypted in
//! place in one call. `derive_rpis_into` also lays out the 144 blocks. `one_by_one` is the naive rival: every identifier
//! from scratch, as a reading of the specification for one identifier has it.

use std::hint::black_box;

use aes::{
    Aes128,
    cipher::{Array, BlockCipherEncrypt, KeyInit},
};
use cocoasim::{
    gaen::{RPIS_A_KEY, TemporaryExposureKey, derive_rpis_into},
    time::Enin,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hkdf::Hkdf;
use sha2::Sha256;

const FIRST: u32 = 2_662_992;

fn rpi_key(tek: &[u8; 16]) -> [u8; 16] {
    let mut key = [0; 16];
    Hkdf::<Sha256>::new(None, tek).expand(b"EN-RPIK", &mut key).expect("16 bytes can be expanded");
    key
}

fn identifiers(c: &mut Criterion) {
    let mut group = c.benchmark_group("identifiers");
    group.throughput(Throughput::Elements(RPIS_A_KEY as u64));
    let mut tek = TemporaryExposureKey { key: [7; 16], rolling_start: Enin(FIRST), rolling_period: 144 };
    let mut rpis = [[0u8; 16]; RPIS_A_KEY];

    group.bench_function("raw", |b| {
        let mut key = [7u8; 16];
        let mut blocks = [[0u8; 16]; RPIS_A_KEY];
        b.iter(|| {
            Aes128::new(&Array(rpi_key(black_box(&key)))).encrypt_blocks(Array::cast_slice_from_core_mut(&mut blocks));
            key[0] = key[0].wrapping_add(blocks[143][0]);
        });
    });
    group.bench_function("derive_rpis_into", |b| {
        b.iter(|| {
            derive_rpis_into(black_box(&tek), &mut rpis);
            tek.key[0] = tek.key[0].wrapping_add(rpis[143][0]);
        });
    });
    group.bench_function("one_by_one", |b| {
        b.iter(|| {
            for (i, rpi) in rpis.iter_mut().enumerate() {
                let cipher = Aes128::new(&Array(rpi_key(black_box(&tek.key))));
                let mut block = Array(*b"EN-RPI\0\0\0\0\0\0\0\0\0\0");
                block[12..].copy_from_slice(&(FIRST + i as u32).to_le_bytes());
                cipher.encrypt_block(&mut block);
                *rpi = block.into();
            }
        });
    });
    group.finish();
}

criterion_group!(benches, identifiers);
criterion_main!(benches);
