//! Uploads in, exports out.

use serde::{Deserialize, Serialize};

use crate::{
    authority::{Hersys, ProcessingNumber},
    gaen::{DiagnosisKey, TemporaryExposureKey, export::cocoa_files},
    random::{Keyed, Seed, Stream},
    time::{DAY_S, DayJst, DayUtc, UnixSeconds},
};

use super::config::{KeyLevel, ServerConfig};

/// First day on which the server set level 4 for every key (with release 1.2.2).
const LEVEL_4_FROM: (i32, u32, u32) = (2021, 2, 18);
/// First day on which the 14 days of a key's age were counted from midnight, not from the second of the upload (commits
/// 6956fdac2 and 6b3ef7341; deployed when numbers were issued again, with release 1.1.2).
const WHOLE_DAYS_FROM: (i32, u32, u32) = (2020, 7, 15);
/// First day on which the server took keys of less than a whole day, and refused those of the future (commit 274c568e3).
const SHORT_KEYS_FROM: (i32, u32, u32) = (2020, 10, 15);
/// Oldest keys that are taken, days.
const OLDEST_DAYS: i32 = 14;
/// Intervals of 10 minutes in a whole key's day.
const WHOLE_DAY: u32 = 144;

/// Why an upload was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// HER-SYS does not know the number, or it has expired.
    NumberNotValid,
    /// A key starts less than a day too early: the 14 days were counted to the second, until [`WHOLE_DAYS_FROM`].
    KeyOlderToTheSecond,
    /// A key starts before 00:00 UTC 14 days ago, or in the future, or its period is no key's.
    KeyNotValid,
}

impl Refusal {
    /// The name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Refusal::NumberNotValid => "number wrong or expired",
            Refusal::KeyOlderToTheSecond => "a key is 14 days old",
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

/// What one export run did.
#[derive(Clone, Debug, Default)]
pub struct ExportRun {
    /// The batches made.
    pub batches: Vec<ExportRecord>,
    /// Keys that waited until they were older than the server keeps them.
    pub expired: Vec<[u8; 16]>,
}

/// The server's state.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Server {
    waiting: Vec<(i64, DiagnosisKey)>,
    exports: Vec<Export>,
}

impl Server {
    /// Receives the keys of one registration. One bad key refuses the whole request, before the number is looked up (so it
    /// stays valid), as the interfaces v1 and v2 did; v3, which dropped such keys alone, may never have served users.
    ///
    /// # Errors
    /// [`Refusal`] if a key or the number is not valid; nothing is stored then.
    pub fn submit(
        &mut self,
        config: &ServerConfig,
        hersys: &mut Hersys,
        number: ProcessingNumber,
        keys: &[TemporaryExposureKey],
        now_s: i64,
    ) -> Result<usize, Refusal> {
        let now = UnixSeconds(now_s);
        if !keys.iter().all(|key| is_valid(key, now)) {
            return Err(Refusal::KeyNotValid);
        }
        if now.day_jst() < DayJst::of(WHOLE_DAYS_FROM) && has_old_key(keys, now_s) {
            return Err(Refusal::KeyOlderToTheSecond);
        }
        if !hersys.verify(number, now_s) {
            return Err(Refusal::NumberNotValid);
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
    /// not ended waits for the next run. A key is exported while it starts no earlier than 00:00 UTC `retention_days` ago; a
    /// batch is listed while its day ends no earlier than that, so a day longer.
    pub fn export(&mut self, config: &ServerConfig, now_s: i64, seed: Seed) -> ExportRun {
        let today = UnixSeconds(now_s).day_utc();
        let oldest = today.plus_days(-config.retention_days);
        let shuffle = Keyed::new(seed, Stream::ExportShuffle);
        let (ended, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.waiting).into_iter().partition(|(_, k)| key_day(k) < today);
        self.waiting = waiting;
        let (ready, expired): (Vec<_>, Vec<_>) = ended.into_iter().partition(|(_, k)| key_day(k) >= oldest);
        self.exports.retain(|e| e.key_day.plus_days(1) >= oldest);
        let mut run = ExportRun { batches: Vec::new(), expired: expired.iter().map(|(_, k)| k.tek.key).collect() };
        let keys: Vec<DiagnosisKey> = ready.iter().map(|(_, k)| k.clone()).collect();
        for file in cocoa_files(&keys, |key| shuffle.block(first_word(key), 0, now_s as u32, 0)) {
            let keys: Vec<DiagnosisKey> = file.keys.iter().filter_map(|k| k.check().0).collect();
            let arrived = |key: &DiagnosisKey| ready.iter().filter(|(_, k)| k.tek == key.tek).map(|(t, _)| *t).min();
            let export = Export { created_s: now_s, key_day: key_day(&keys[0]), keys };
            run.batches.push(ExportRecord {
                created_s: export.created_s,
                key_day: export.key_day,
                keys: export.keys.len() as u32,
                first_uploaded_s: export.keys.iter().filter_map(arrived).min().expect("a file has a key"),
            });
            self.exports.push(export);
        }
        run
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
    if day < DayJst::of(LEVEL_4_FROM) { 0 } else { 4 }
}

/// Whether a key starts more than 14 days ago to the second: what release 1.1.1 and the server of that time refused.
pub fn has_old_key(keys: &[TemporaryExposureKey], now_s: i64) -> bool {
    keys.iter().any(|k| k.rolling_start.start().0 < now_s - i64::from(OLDEST_DAYS) * DAY_S)
}

/// What the server asks of every key, whenever it is.
fn is_valid(key: &TemporaryExposureKey, now: UnixSeconds) -> bool {
    let takes_short_keys = now.day_jst() >= DayJst::of(SHORT_KEYS_FROM);
    let is_period = if takes_short_keys { (1..=WHOLE_DAY).contains(&key.rolling_period) } else { key.rolling_period == WHOLE_DAY };
    let is_of_the_future = takes_short_keys && key.rolling_start > now.enin();
    is_period && !is_of_the_future && key.rolling_start >= now.day_utc().plus_days(-OLDEST_DAYS).first_enin()
}

fn key_day(key: &DiagnosisKey) -> DayUtc {
    key.tek.rolling_start.start().day_utc()
}

fn first_word(key: &[u8; 16]) -> u32 {
    u32::from_le_bytes([key[0], key[1], key[2], key[3]])
}
