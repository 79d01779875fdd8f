//! How servers cut, order and pad what they publish.

use std::collections::BTreeMap;

use crate::gaen::{crypto::RPIS_A_KEY, keys::DiagnosisKey};

use super::file::{ExportFile, ExportedKey};

/// COCOA's region code in every export.
pub const COCOA_REGION: &str = "440";
/// Most keys of one COCOA file (TemporaryExposureKeyExportBatchService.cs).
const COCOA_MAX_KEYS: usize = 250_000;
/// The reference server's settings (ENS, internal/export/config.go).
const REFERENCE_MIN_RECORDS: usize = 1000;
const REFERENCE_PADDING_RANGE: u32 = 100;
const REFERENCE_MAX_RECORDS: usize = 500_000;
const REFERENCE_TRUNCATE_S: u64 = 3600;

/// COCOA: one file for each UTC day of keys, in day order, keys shuffled, times those of the key's day, never padded,
/// each a batch of its own. `shuffle` gives a key's place in the shuffle.
pub fn cocoa_files(keys: &[DiagnosisKey], shuffle: impl Fn(&[u8; 16]) -> [u32; 4]) -> Vec<ExportFile> {
    let mut by_day: BTreeMap<u32, Vec<&DiagnosisKey>> = BTreeMap::new();
    for key in keys {
        by_day.entry(key.tek.rolling_start.0 / RPIS_A_KEY as u32).or_default().push(key);
    }
    let mut files = Vec::new();
    for (day, mut of_day) in by_day {
        of_day.sort_by_key(|k| (shuffle(&k.tek.key), k.tek.key));
        for part in of_day.chunks(COCOA_MAX_KEYS) {
            files.push(ExportFile {
                start_s: u64::from(day) * 86_400,
                end_s: (u64::from(day) + 1) * 86_400,
                region: COCOA_REGION.into(),
                batch_num: 1,
                batch_size: 1,
                keys: part.iter().map(|k| ExportedKey::from(*k)).collect(),
                ..ExportFile::default()
            });
        }
    }
    files
}

/// The reference server: keys sorted by their bytes; fewer than 1000 are padded to 1000 + U{0..100} with random keys that
/// copy the fields of real ones in turn; times cut to the hour; at most 500,000 keys a file, where the end of file n is
/// moved by n seconds ("Android hashes the start/end/batchNum to de-duplicate"). No keys make no file. `random(n)` gives
/// the n-th block of random bytes.
pub fn reference_files(
    keys: &[DiagnosisKey],
    revised: &[DiagnosisKey],
    (start_s, end_s): (u64, u64),
    region: &str,
    random: impl Fn(u32) -> [u32; 4],
) -> Vec<ExportFile> {
    let mut all: Vec<ExportedKey> = keys.iter().map(ExportedKey::from).collect();
    if !all.is_empty() && all.len() < REFERENCE_MIN_RECORDS {
        let target = REFERENCE_MIN_RECORDS + (random(0)[0] % (REFERENCE_PADDING_RANGE + 1)) as usize;
        for n in all.len()..target {
            let words = random(1 + n as u32);
            let key_data = std::array::from_fn(|i| words[i / 4].to_le_bytes()[i % 4]);
            all.push(ExportedKey { key_data, ..all[n % keys.len()] });
        }
    }
    let mut revised: Vec<ExportedKey> = revised.iter().map(ExportedKey::from).collect();
    all.sort_by_key(|k| k.key_data);
    revised.sort_by_key(|k| k.key_data);
    let hour = |t_s: u64| t_s / REFERENCE_TRUNCATE_S * REFERENCE_TRUNCATE_S;
    let files = all.len().max(revised.len()).div_ceil(REFERENCE_MAX_RECORDS);
    let part = |list: &[ExportedKey], n: usize| -> Vec<ExportedKey> {
        list.chunks(REFERENCE_MAX_RECORDS).nth(n).map_or_else(Vec::new, <[ExportedKey]>::to_vec)
    };
    (0..files)
        .map(|n| ExportFile {
            start_s: hour(start_s),
            end_s: hour(end_s) + n as u64,
            region: region.into(),
            batch_num: 1,
            batch_size: 1,
            keys: part(&all, n),
            revised_keys: part(&revised, n),
            ..ExportFile::default()
        })
        .collect()
}
