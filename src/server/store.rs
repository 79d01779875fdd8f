//! Uploads in, exports out.

use serde::{Deserialize, Serialize};

use crate::{
    authority::{Hersys, ProcessingNumber},
    gaen::{DiagnosisKey, TemporaryExposureKey, export::cocoa_files},
    random::{Keyed, Seed, Stream},
    time::{DayJst, DayUtc, UnixSeconds},
};

use super::config::{KeyLevel, ServerConfig};

/// First day on which the server set level 4 for every key (with release 1.2.2).
const LEVEL_4_FROM: (i32, u32, u32) = (2021, 2, 18);

/// Why an upload was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// HER-SYS does not know the number, or it has expired.
    NumberNotValid,
    /// A key starts before 00:00 UTC 14 days ago, or in the future, or its period is not 144.
    KeyNotValid,
}

impl Refusal {
    /// The name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Refusal::NumberNotValid => "number wrong or expired",
            Refusal::KeyNotValid => "a key is not valid",
        }
    }
}

/// One exported batch: the keys of one UTC day that were new at one export run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Export {
    /// When it was made, Unix seconds. Phones fetch exports newer than the last one they processed.
    pub created_s: i64,
    /// The UTC day whose keys it holds.
    pub key_day: DayUtc,
    /// The keys, shuffled.
    pub keys: Vec<DiagnosisKey>,
}

/// What the server's operators know of a batch. No phone gets it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExportRecord {
    /// When it was made, Unix seconds.
    pub created_s: i64,
    /// The UTC day of its keys.
    pub key_day: DayUtc,
    /// How many keys it holds.
    pub keys: u32,
    /// When the first of them arrived, Unix seconds.
    pub first_uploaded_s: i64,
}

/// The server's state.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Server {
    waiting: Vec<(i64, DiagnosisKey)>,
    exports: Vec<Export>,
}

impl Server {
    /// Receives the keys of one registration. Before release 1.2.2's server one bad key refuses the whole request.
    ///
    /// # Errors
    /// [`Refusal`] if the number or a key is not valid; nothing is stored then.
    pub fn submit(
        &mut self,
        config: &ServerConfig,
        hersys: &mut Hersys,
        number: ProcessingNumber,
        keys: &[TemporaryExposureKey],
        now_s: i64,
    ) -> Result<usize, Refusal> {
        if !hersys.verify(number, now_s) {
            return Err(Refusal::NumberNotValid);
        }
        let now = UnixSeconds(now_s);
        let oldest = now.day_utc().plus_days(-14).first_enin();
        if keys.iter().any(|k| k.rolling_start < oldest || k.rolling_start > now.enin() || k.rolling_period != 144) {
            return Err(Refusal::KeyNotValid);
        }
        let level = level_of(config, now.day_jst());
        for &tek in keys {
            // Onset days and report type were absent from exports before the v3 interface.
            let key = DiagnosisKey { tek, transmission_risk_level: level, report_type: None, days_since_onset: None };
            self.waiting.push((now_s, key));
        }
        Ok(keys.len())
    }

    /// The daily export: one batch for each key day with new keys, in key-day order, keys shuffled. A key whose day has
    /// not ended waits for the next run. Batches past retention are dropped. Returns what is known of the new batches.
    pub fn export(&mut self, config: &ServerConfig, now_s: i64, seed: Seed) -> Vec<ExportRecord> {
        let today = UnixSeconds(now_s).day_utc();
        let shuffle = Keyed::new(seed, Stream::ExportShuffle);
        let (ready, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.waiting).into_iter().partition(|(_, k)| key_day(k) < today);
        self.waiting = waiting;
        self.exports.retain(|e| e.key_day > today.plus_days(-config.retention_days - 1));
        let mut records = Vec::new();
        let keys: Vec<DiagnosisKey> = ready.iter().map(|(_, k)| k.clone()).collect();
        for file in cocoa_files(&keys, |key| shuffle.block(first_word(key), 0, now_s as u32, 0)) {
            let keys: Vec<DiagnosisKey> = file.keys.iter().filter_map(|k| k.check().0).collect();
            let arrived = |key: &DiagnosisKey| ready.iter().filter(|(_, k)| k.tek == key.tek).map(|(t, _)| *t).min();
            let export = Export { created_s: now_s, key_day: key_day(&keys[0]), keys };
            records.push(ExportRecord {
                created_s: export.created_s,
                key_day: export.key_day,
                keys: export.keys.len() as u32,
                first_uploaded_s: export.keys.iter().filter_map(arrived).min().expect("a file has a key"),
            });
            self.exports.push(export);
        }
        records
    }

    /// Batches made after `after_s`: what a phone that last processed a batch of that time fetches.
    pub fn exports_after(&self, after_s: i64) -> impl Iterator<Item = &Export> {
        self.exports.iter().filter(move |e| e.created_s > after_s)
    }
}

/// The transmission risk level that keys get on a day.
pub fn level_of(config: &ServerConfig, day: DayJst) -> i32 {
    match config.key_level {
        KeyLevel::Level0 => 0,
        KeyLevel::Level4 => 4,
        KeyLevel::ByDate => level_by_date(day),
    }
}

fn level_by_date(day: DayJst) -> i32 {
    let (y, m, d) = LEVEL_4_FROM;
    let from = DayJst::from_date(chrono::NaiveDate::from_ymd_opt(y, m, d).expect("a date of the calendar"));
    if day < from { 0 } else { 4 }
}

fn key_day(key: &DiagnosisKey) -> DayUtc {
    key.tek.rolling_start.start().day_utc()
}

fn first_word(key: &[u8; 16]) -> u32 {
    u32::from_le_bytes([key[0], key[1], key[2], key[3]])
}
