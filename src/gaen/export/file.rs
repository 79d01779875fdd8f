//! What an export says.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    gaen::{
        crypto::{RPIS_A_KEY, TemporaryExposureKey},
        keys::{DiagnosisKey, ReportType},
    },
    time::Enin,
};

/// One file of an export (exposure_key_export.proto, `TemporaryExposureKeyExport`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportFile {
    /// Start of the time covered, Unix seconds.
    pub start_s: u64,
    /// End of the time covered, Unix seconds.
    pub end_s: u64,
    /// Region, such as "440" for COCOA.
    pub region: String,
    /// Number of this file in its batch, from 1.
    pub batch_num: i32,
    /// Files in the batch.
    pub batch_size: i32,
    /// Whose signatures the file carries.
    pub signature_infos: Vec<SignatureInfo>,
    /// The keys.
    pub keys: Vec<ExportedKey>,
    /// Keys whose report type or onset changed.
    pub revised_keys: Vec<ExportedKey>,
}

/// Which key made a signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignatureInfo {
    /// Key version, `v1`.
    pub verification_key_version: String,
    /// Key id, usually a mobile country code, `440`.
    pub verification_key_id: String,
    /// Algorithm, an object identifier.
    pub signature_algorithm: String,
}

/// A key as an export holds it, not yet checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportedKey {
    /// The key.
    pub key_data: [u8; 16],
    /// Transmission risk level.
    pub transmission_risk_level: i32,
    /// First interval.
    pub rolling_start_interval_number: i32,
    /// Number of intervals; 144 if the file does not say.
    pub rolling_period: i32,
    /// Report type, if stated.
    pub report_type: Option<i32>,
    /// Days from onset to the key's day, if stated.
    pub days_since_onset_of_symptoms: Option<i32>,
}

/// What is wrong with a single key of a readable file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Period 0 reads as 144 (Apple's sample code): the key counts.
    #[error("period 0, read as 144")]
    PeriodZero,
    /// The key is skipped (the snapshot would fail on it; Apple skips).
    #[error("period {0} is not within 1 to 144; skipped")]
    Period(i32),
    /// The key is skipped.
    #[error("rolling start {0} is negative; skipped")]
    Start(i32),
    /// The key was in the list before, and could be matched; this one is skipped.
    #[error("the same key as number {0}; skipped")]
    Twice(usize),
}

impl ExportedKey {
    /// The key for matching, `None` where it has to be skipped, and what is wrong with it.
    pub fn check(&self) -> (Option<DiagnosisKey>, Option<KeyFault>) {
        let period = self.rolling_period;
        if period < 0 || period > RPIS_A_KEY as i32 {
            return (None, Some(KeyFault::Period(period)));
        }
        let Ok(start) = u32::try_from(self.rolling_start_interval_number) else {
            return (None, Some(KeyFault::Start(self.rolling_start_interval_number)));
        };
        let rolling_period = if period == 0 { RPIS_A_KEY as u32 } else { period as u32 };
        let key = DiagnosisKey {
            tek: TemporaryExposureKey { key: self.key_data, rolling_start: Enin(start), rolling_period },
            transmission_risk_level: self.transmission_risk_level,
            report_type: self.report_type.map(ReportType::from_number),
            days_since_onset: self.days_since_onset_of_symptoms,
        };
        (Some(key), (period == 0).then_some(KeyFault::PeriodZero))
    }
}

impl From<&DiagnosisKey> for ExportedKey {
    fn from(key: &DiagnosisKey) -> Self {
        Self {
            key_data: key.tek.key,
            transmission_risk_level: key.transmission_risk_level,
            rolling_start_interval_number: key.tek.rolling_start.0 as i32,
            rolling_period: key.tek.rolling_period as i32,
            report_type: key.report_type.map(|t| t as i32),
            days_since_onset_of_symptoms: key.days_since_onset,
        }
    }
}

/// A file's keys that can be matched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckedKeys {
    /// Of the list of keys.
    pub keys: Vec<DiagnosisKey>,
    /// Of the list of revised keys.
    pub revised: Vec<DiagnosisKey>,
}

impl ExportFile {
    /// Keys that can be matched; [`Self::faults`] says what is wrong with the others.
    pub fn diagnosis_keys(&self) -> CheckedKeys {
        let good = |keys: &[ExportedKey]| {
            let first = first_of(keys);
            (0..keys.len()).filter(|i| first[*i] as usize == *i).filter_map(|i| keys[i].check().0).collect()
        };
        CheckedKeys { keys: good(&self.keys), revised: good(&self.revised_keys) }
    }

    /// What the client demands of a file's number in its batch (ENI, SignatureVerifier). A file that says nothing is a batch of
    /// its own.
    ///
    /// # Errors
    /// What is wrong with the number.
    pub fn check_batch(&self) -> Result<(), String> {
        const MAX_BATCH: i32 = 1_000_000;
        let (num, size) = (self.batch_num, self.batch_size);
        if (num, size) == (0, 0) || (1..=MAX_BATCH).contains(&size) && (1..=size).contains(&num) {
            return Ok(());
        }
        Err(format!("is file {num} of a batch of {size} files: give a file whose number lies within its batch"))
    }

    /// Faults of single keys: list, number from 0, fault.
    pub fn faults(&self) -> impl Iterator<Item = (&'static str, usize, KeyFault)> + '_ {
        faults_of("keys", &self.keys).chain(faults_of("revised_keys", &self.revised_keys))
    }
}

fn faults_of<'a>(list: &'static str, keys: &'a [ExportedKey]) -> impl Iterator<Item = (&'static str, usize, KeyFault)> + 'a {
    let first = first_of(keys);
    keys.iter().enumerate().flat_map(move |(i, key)| {
        let twice = (first[i] as usize != i).then(|| KeyFault::Twice(first[i] as usize));
        key.check().1.into_iter().chain(twice).map(move |fault| (list, i, fault))
    })
}

/// For each key of a list the number of the first that has the same bytes and could be matched; its own number if it is that
/// one, or cannot be matched itself. Sorted numbers rather than a map: a million keys cost 8 MB.
fn first_of(keys: &[ExportedKey]) -> Vec<u32> {
    let mut first: Vec<u32> = (0..keys.len() as u32).collect();
    let mut order: Vec<u32> = first.iter().copied().filter(|i| keys[*i as usize].check().0.is_some()).collect();
    order.sort_unstable_by_key(|i| (keys[*i as usize].key_data, *i));
    for same in order.chunk_by(|a, b| keys[*a as usize].key_data == keys[*b as usize].key_data) {
        same.iter().for_each(|i| first[*i as usize] = same[0]);
    }
    first
}

/// What the client demands of batches (ENI, SignatureVerifier): a number within the batch, and every file of it.
///
/// # Errors
/// The first fault, as (index of the file, what is wrong).
pub fn check_batches(files: &[ExportFile]) -> Result<(), (usize, String)> {
    type Batch<'a> = (u64, u64, &'a str, i32);
    let mut batches: BTreeMap<Batch<'_>, (usize, BTreeSet<i32>)> = BTreeMap::new();
    for (i, file) in files.iter().enumerate() {
        file.check_batch().map_err(|problem| (i, problem))?;
        if file.batch_size > 1 {
            batches
                .entry((file.start_s, file.end_s, &file.region, file.batch_size))
                .or_insert((i, BTreeSet::new()))
                .1
                .insert(file.batch_num);
        }
    }
    for ((.., size), (i, numbers)) in batches {
        if numbers.len() < size as usize {
            return Err((i, format!("belongs to a batch of {size} files of which {} are given", numbers.len())));
        }
    }
    Ok(())
}
