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

/// The reference server (ENS, internal/export/worker.go): keys sorted by their bytes, revised ones after them, 500,000 of both
/// together in a file; fewer than 1000 keys are padded by whole rounds over those of the last file until there are
/// 1000 + U{0..100}, each with random bytes and all else copied; times cut to the hour. The files of a split batch end 1 s,
/// 2 s, ... later ("Android hashes the start/end/batchNum to de-duplicate"), the first too. No keys make no file.
/// `random(n)` gives the n-th block of random bytes.
pub fn reference_files(
    keys: &[DiagnosisKey],
    revised: &[DiagnosisKey],
    (start_s, end_s): (u64, u64),
    region: &str,
    random: impl Fn(u32) -> [u32; 4],
) -> Vec<ExportFile> {
    let sorted = |keys: &[DiagnosisKey]| {
        let mut sorted: Vec<ExportedKey> = keys.iter().map(ExportedKey::from).collect();
        sorted.sort_by_key(|k| k.key_data);
        sorted
    };
    let (keys, revised) = (sorted(keys), sorted(revised));
    let hour = |t_s: u64| t_s / REFERENCE_TRUNCATE_S * REFERENCE_TRUNCATE_S;
    let number = (keys.len() + revised.len()).div_ceil(REFERENCE_MAX_RECORDS);
    let mut files: Vec<ExportFile> = (0..number)
        .map(|n| {
            // Places of this file in the row of keys and then revised keys.
            let places = n * REFERENCE_MAX_RECORDS..(n + 1) * REFERENCE_MAX_RECORDS;
            let of = |list: &[ExportedKey], before: usize| {
                let at = |place: usize| place.saturating_sub(before).min(list.len());
                list[at(places.start)..at(places.end)].to_vec()
            };
            ExportFile {
                start_s: hour(start_s),
                end_s: hour(end_s) + if number > 1 { n as u64 + 1 } else { 0 },
                region: region.into(),
                batch_num: 1,
                batch_size: 1,
                keys: of(&keys, 0),
                revised_keys: of(&revised, keys.len()),
                ..ExportFile::default()
            }
        })
        .collect();
    if keys.len() < REFERENCE_MIN_RECORDS
        && let Some(last) = files.last_mut()
    {
        let target = REFERENCE_MIN_RECORDS + (random(0)[0] % (REFERENCE_PADDING_RANGE + 1)) as usize;
        pad(&mut last.keys, target, |n| random(1 + n));
    }
    files
}

/// Copies the keys in whole rounds, each copy with bytes of its own, until there are `target`.
fn pad(keys: &mut Vec<ExportedKey>, target: usize, random: impl Fn(u32) -> [u32; 4]) {
    let real = keys.len();
    while real > 0 && keys.len() < target {
        for n in 0..real {
            let words = random(keys.len() as u32);
            let key_data = std::array::from_fn(|i| words[i / 4].to_le_bytes()[i % 4]);
            keys.push(ExportedKey { key_data, ..keys[n] });
        }
    }
    keys.sort_by_key(|k| k.key_data);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{gaen::TemporaryExposureKey, time::Enin};

    fn keys(first: u32, number: u32) -> Vec<DiagnosisKey> {
        let key = |n: u32| {
            let mut key = [0; 16];
            key[..4].copy_from_slice(&n.to_be_bytes());
            let tek = TemporaryExposureKey { key, rolling_start: Enin(144 * n), rolling_period: 144 };
            DiagnosisKey { tek, transmission_risk_level: 0, report_type: None, days_since_onset: None }
        };
        (first..first + number).map(key).collect()
    }

    fn files(keys: &[DiagnosisKey], revised: &[DiagnosisKey]) -> Vec<ExportFile> {
        // The first draw makes the least number 1019.
        reference_files(keys, revised, (0, 7300), "440", |n| if n == 0 { [19; 4] } else { [n, !n, 1, 2] })
    }

    /// Worked by hand from worker.go, `ensureMinNumExposures`: 146 × 7, 2 × 600, 2 × 999.
    #[test]
    fn padding_goes_by_whole_rounds() {
        for (real, expected) in [(7, 1022), (600, 1200), (999, 1998), (1000, 1000), (1019, 1019)] {
            let files = files(&keys(0, real), &[]);
            assert_eq!((files.len(), files[0].keys.len()), (1, expected), "{real} keys");
            let of_day = |day: i32| files[0].keys.iter().filter(|k| k.rolling_start_interval_number == 144 * day).count();
            assert!((0..real).all(|n| of_day(n as i32) == expected / real as usize), "each is copied equally often");
            assert!(files[0].keys.is_sorted_by_key(|k| k.key_data));
            assert_eq!(files[0].end_s, 7200, "one file ends with the period");
        }
    }

    /// worker.go fills a file with keys and then with revised ones until it holds 500,000 of both.
    #[test]
    fn keys_and_revised_keys_share_a_file_and_split_files_end_seconds_apart() {
        let files = files(&keys(0, 499_999), &keys(499_999, 3));
        let held: Vec<_> = files.iter().map(|f| (f.keys.len(), f.revised_keys.len(), f.end_s)).collect();
        assert_eq!(held, [(499_999, 1, 7201), (0, 2, 7202)]);
        let revised = files[0].revised_keys.iter().chain(&files[1].revised_keys).map(|k| k.rolling_start_interval_number / 144);
        assert_eq!(revised.collect::<Vec<_>>(), [499_999, 500_000, 500_001]);
    }

    /// worker.go pads the last file alone, and there are no keys in it to copy.
    #[test]
    fn padding_stands_in_the_last_file() {
        let files = files(&keys(0, 7), &keys(7, 500_000));
        let held: Vec<_> = files.iter().map(|f| (f.keys.len(), f.revised_keys.len())).collect();
        assert_eq!(held, [(7, 499_993), (0, 7)]);
    }

    #[test]
    fn revised_keys_alone_are_never_padded() {
        let files = files(&[], &keys(0, 3));
        assert_eq!((files.len(), files[0].keys.len(), files[0].revised_keys.len()), (1, 0, 3));
    }
}
