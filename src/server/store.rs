//! Keys in, exports out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    gaen::{DiagnosisKey, TemporaryExposureKey, export::cocoa_files},
    random::{Keyed, Seed, Stream},
    time::{DAY_S, DayUtc, UnixSeconds},
};

use super::{
    config::ServerConfig,
    publish::{Listed, Published, signing_key},
};

/// Oldest keys that are taken, days.
const OLDEST_DAYS: i32 = 14;
/// Bytes of an index of nothing: `[]`.
const EMPTY_LIST_BYTES: u32 = 2;
/// Intervals of 10 minutes in a whole key's day.
const WHOLE_DAY: u32 = 144;

/// One exported batch: the keys of one UTC day that were new at one export run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Export {
    /// When it was made, Unix seconds. Phones fetch exports newer than the last one they processed.
    pub created_s: i64,
    /// The UTC day whose keys it holds.
    pub key_day: DayUtc,
    /// The keys, shuffled.
    pub keys: Vec<DiagnosisKey>,
    /// Name of its file.
    pub file: String,
    /// Bytes of the file.
    pub zip_bytes: u32,
}

/// What the server's operators know of a batch. No phone gets it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExportRecord {
    /// Name of the file.
    pub file: String,
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
    /// The same as the files that phones fetch, in the same order.
    pub files: Vec<Published>,
    /// The keys in them.
    pub exported: Vec<[u8; 16]>,
    /// Keys that waited until they were older than the server keeps them.
    pub expired: Vec<[u8; 16]>,
}

/// The server's state.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Server {
    waiting: Vec<(i64, DiagnosisKey)>,
    exports: Vec<Export>,
    /// The keys that were stored, by their days, for as long as they could come again.
    stored: BTreeMap<[u8; 16], DayUtc>,
    /// Bytes of the index, when it was last made.
    list_bytes: u32,
}

impl Server {
    /// Stores keys at the level that is in force, each once however often it comes: how many are new.
    pub(super) fn store(&mut self, keys: &[TemporaryExposureKey], key_level: i32, now_s: i64) -> usize {
        let before = self.waiting.len();
        for &tek in keys {
            // Onset days and report type were absent from exports before the v3 interface.
            let key = DiagnosisKey { tek, transmission_risk_level: key_level, report_type: None, days_since_onset: None };
            if self.stored.insert(tek.key, key_day(&key)).is_none() {
                self.waiting.push((now_s, key));
            }
        }
        self.waiting.len() - before
    }

    /// An export: one batch for each key day with new keys, in key-day order, keys shuffled. A key whose day has
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
        self.stored.retain(|_, day| *day >= oldest);
        let mut run = ExportRun { expired: expired.iter().map(|(_, k)| k.tek.key).collect(), ..ExportRun::default() };
        let keys: Vec<DiagnosisKey> = ready.iter().map(|(_, k)| k.clone()).collect();
        // Deriving it is dear, and most exports are of nothing.
        let signing_key = (!keys.is_empty()).then(|| signing_key(seed));
        for file in cocoa_files(&keys, |key| shuffle.block(first_word(key), 0, now_s as u32, 0)) {
            let keys: Vec<DiagnosisKey> = file.keys.iter().filter_map(|k| k.check().0).collect();
            let arrived = |key: &DiagnosisKey| ready.iter().filter(|(_, k)| k.tek == key.tek).map(|(t, _)| *t).min();
            let day = key_day(&keys[0]);
            let part = run.batches.iter().filter(|batch| batch.key_day == day).count();
            let published = Published::new(&file, day, part, now_s, signing_key.as_ref().expect("invariant: a file has keys"));
            let (file, zip_bytes) = (published.name.clone(), published.zip.len() as u32);
            let export = Export { created_s: now_s, key_day: day, keys, file, zip_bytes };
            run.batches.push(ExportRecord {
                file: published.name.clone(),
                created_s: export.created_s,
                key_day: export.key_day,
                keys: export.keys.len() as u32,
                first_uploaded_s: export.keys.iter().filter_map(arrived).min().expect("a file has a key"),
            });
            run.exported.extend(export.keys.iter().map(|key| key.tek.key));
            self.exports.push(export);
            run.files.push(published);
        }
        self.list_bytes = self.list_json().len() as u32;
        run
    }

    /// The end of the contract: everything stored is deleted. The keys that no phone could fetch.
    pub fn delete_all(&mut self) -> Vec<[u8; 16]> {
        let never_exported = std::mem::take(self).waiting;
        never_exported.into_iter().map(|(_, key)| key.tek.key).collect()
    }

    /// The index of the files, as phones fetch it.
    pub fn list_json(&self) -> String {
        Listed::json(self.exports.iter().map(|export| (export.file.as_str(), export.created_s)))
    }

    /// Bytes of the index.
    pub fn list_bytes(&self) -> u32 {
        self.list_bytes.max(EMPTY_LIST_BYTES)
    }

    /// When the newest batch that is listed was made; `None` if none is.
    pub fn newest_s(&self) -> Option<i64> {
        self.exports.iter().map(|e| e.created_s).max()
    }

    /// Batches made after `after_s`: what a phone that last processed a batch of that time fetches.
    pub fn exports_after(&self, after_s: i64) -> impl Iterator<Item = &Export> {
        self.exports.iter().filter(move |e| e.created_s > after_s)
    }
}

/// Whether a key starts more than 14 days ago to the second: what release 1.1.1 and the server of that time refused.
pub fn has_old_key(keys: &[TemporaryExposureKey], now_s: i64) -> bool {
    keys.iter().any(|k| k.rolling_start.start().0 < now_s - i64::from(OLDEST_DAYS) * DAY_S)
}

/// What the server asks of every key.
pub(super) fn is_valid(key: &TemporaryExposureKey, now: UnixSeconds, takes_whole_keys_alone: bool) -> bool {
    let is_period = if takes_whole_keys_alone { key.rolling_period == WHOLE_DAY } else { (1..=WHOLE_DAY).contains(&key.rolling_period) };
    let is_of_the_future = !takes_whole_keys_alone && key.rolling_start > now.enin();
    is_period && !is_of_the_future && key.rolling_start >= now.day_utc().plus_days(-OLDEST_DAYS).first_enin()
}

fn key_day(key: &DiagnosisKey) -> DayUtc {
    key.tek.rolling_start.start().day_utc()
}

fn first_word(key: &[u8; 16]) -> u32 {
    u32::from_le_bytes([key[0], key[1], key[2], key[3]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        authority::{Hersys, ProcessingNumber},
        server::{Api, InForce, Refusal, Request, Submission},
        time::{DayJst, Enin},
    };

    const CONFIG: ServerConfig = ServerConfig { retention_days: 14 };
    /// As it was in 2021.
    const IN_FORCE: InForce = InForce::NORMAL;
    /// 12:00 UTC of the upload's day.
    const NOON_S: i64 = 43_200;

    fn key(day: i32) -> TemporaryExposureKey {
        TemporaryExposureKey { key: [day.rem_euclid(251) as u8; 16], rolling_start: DayUtc(day).first_enin(), rolling_period: 144 }
    }

    impl Server {
        /// Receives keys with a number, from an iPhone that is as it should be.
        fn submit(
            &mut self,
            in_force: InForce,
            hersys: &mut Hersys,
            number: ProcessingNumber,
            keys: &[TemporaryExposureKey],
            now_s: i64,
        ) -> Result<usize, Refusal> {
            let body = Submission::new(Api::V2, keys, (&number.to_string(), ""), true, (&[0; 3], [0; 16])).bytes();
            let request = Request { api: Api::V2, body: &body, by_front_door: true, bearer: None, is_chaff: false };
            self.receive(in_force, hersys, &request, now_s)
        }
    }

    fn day(text: &str) -> i32 {
        DayJst::parse(text).expect("a date").0
    }

    /// Submits with a fresh number, `second` seconds after 00:00 UTC of a day.
    fn submit_at(server: &mut Server, in_force: InForce, keys: &[TemporaryExposureKey], day: i32, second: i64) -> Result<usize, Refusal> {
        let now_s = DayUtc(day).start().0 + second;
        let mut hersys = Hersys::default();
        let number = hersys.issue(now_s, 1.0, Seed(1));
        server.submit(in_force, &mut hersys, number, keys, now_s)
    }

    fn submit(server: &mut Server, keys: &[TemporaryExposureKey], day: i32, second: i64) -> Result<usize, Refusal> {
        submit_at(server, IN_FORCE, keys, day, second)
    }

    /// What the server says to one key.
    fn answer(key: TemporaryExposureKey, day: i32, second: i64) -> Result<usize, Refusal> {
        submit(&mut Server::default(), &[key], day, second)
    }

    #[test]
    fn a_key_of_14_days_is_taken_and_one_of_15_is_not() {
        let today = day("2021-03-10");
        assert_eq!(answer(key(today - 14), today, NOON_S), Ok(1));
        assert_eq!(answer(key(today - 14), today, DAY_S - 1), Ok(1));
        assert_eq!(answer(key(today - 15), today, 0), Err(Refusal::KeyNotValid));
    }

    #[test]
    fn a_server_that_counts_seconds_refuses_a_key_of_14_days() {
        let today = day("2020-07-14");
        let counts_seconds = InForce { counts_seconds: true, ..IN_FORCE };
        let to_the_second =
            |key: TemporaryExposureKey, second: i64| submit_at(&mut Server::default(), counts_seconds, &[key], today, second);
        assert_eq!(to_the_second(key(today - 14), 0), Ok(1), "to the second");
        assert_eq!(to_the_second(key(today - 14), 1), Err(Refusal::KeyOlderToTheSecond));
        assert_eq!(to_the_second(key(today - 13), DAY_S - 1), Ok(1));
        assert_eq!(answer(key(today - 14), today, DAY_S - 1), Ok(1), "by whole days");
    }

    #[test]
    fn keys_of_the_future_and_of_less_than_a_day() {
        let today = day("2020-10-15");
        let before = InForce { takes_whole_keys_alone: true, ..IN_FORCE };
        let takes = |in_force, key| submit_at(&mut Server::default(), in_force, &[key], today, 599).is_ok();
        for (rolling_period, taken_before, taken_after) in
            [(144, true, true), (143, false, true), (1, false, true), (0, true, true), (145, false, false)]
        {
            let key = TemporaryExposureKey { rolling_period, ..key(today - 3) };
            assert_eq!([before, IN_FORCE].map(|in_force| takes(in_force, key)), [taken_before, taken_after], "{rolling_period}");
        }
        let next = TemporaryExposureKey { rolling_start: Enin(DayUtc(today).first_enin().0 + 1), ..key(today) };
        assert_eq!([before, IN_FORCE].map(|in_force| takes(in_force, next)), [true, false], "starts in a second");
        assert_eq!(answer(next, today, 600), Ok(1));
    }

    /// While HER-SYS does not answer nothing is stored, and the number stays valid.
    #[test]
    fn a_number_outlives_an_outage_of_hersys() {
        let today = day("2021-03-10");
        let now_s = DayUtc(today).start().0;
        let (mut server, mut hersys) = (Server::default(), Hersys::default());
        let number = hersys.issue(now_s, 1.0, Seed(1));
        let down = InForce { hersys_answers: false, ..IN_FORCE };
        assert_eq!(server.submit(down, &mut hersys, number, &[key(today - 1)], now_s), Err(Refusal::HersysDown));
        assert_eq!(server.submit(IN_FORCE, &mut hersys, number, &[key(today - 1)], now_s), Ok(1));
    }

    #[test]
    fn one_bad_key_refuses_all_and_leaves_the_number_valid() {
        let today = day("2021-03-10");
        let now_s = DayUtc(today).start().0 + NOON_S;
        let (mut server, mut hersys) = (Server::default(), Hersys::default());
        let number = hersys.issue(now_s, 1.0, Seed(1));
        let keys = [key(today - 1), key(today - 15)];
        assert_eq!(server.submit(IN_FORCE, &mut hersys, number, &keys, now_s), Err(Refusal::KeyNotValid));
        assert_eq!(server.submit(IN_FORCE, &mut hersys, number, &keys[..1], now_s), Ok(1));
        assert_eq!(server.submit(IN_FORCE, &mut hersys, number, &keys[..1], now_s), Err(Refusal::NumberNotValid), "used");
        assert_eq!(server.export(&CONFIG, now_s, Seed(1)).batches.iter().map(|b| b.keys).sum::<u32>(), 1);
    }

    #[test]
    fn a_number_expires_with_its_last_second() {
        let today = day("2021-03-10");
        let issued_s = DayUtc(today).start().0;
        let mut hersys = Hersys::default();
        let number = hersys.issue(issued_s, 24.0, Seed(1));
        let at = |second: i64| Server::default().submit(IN_FORCE, &mut hersys.clone(), number, &[key(today - 1)], issued_s + second);
        assert_eq!((at(DAY_S), at(DAY_S + 1)), (Ok(1), Err(Refusal::NumberNotValid)));
    }

    #[test]
    fn a_key_waits_until_its_day_has_ended() {
        let today = day("2021-03-10");
        let mut server = Server::default();
        submit(&mut server, &[key(today), key(today - 1)], today, NOON_S).expect("valid keys");
        let at = |server: &mut Server, now_s: i64| {
            server.export(&CONFIG, now_s, Seed(1)).batches.iter().map(|b| b.key_day.0).collect::<Vec<_>>()
        };
        let midnight_s = DayUtc(today + 1).start().0;
        assert_eq!(at(&mut server, midnight_s - 1), [today - 1]);
        assert_eq!(at(&mut server, midnight_s), [today]);
        assert_eq!(at(&mut server, midnight_s + DAY_S), [0; 0], "once");
    }

    /// A key is exported up to 14 days after its day began, its batch listed for one day more.
    #[test]
    fn keys_and_batches_are_kept_14_days() {
        let today = day("2021-03-10");
        let noon_s = |day: i32| DayUtc(day).start().0 + NOON_S;
        let mut server = Server::default();
        submit(&mut server, &[key(today - 14), key(today - 13)], today, NOON_S).expect("valid keys");
        let mut late = server.clone();
        let run = server.export(&CONFIG, noon_s(today), Seed(1));
        assert_eq!((run.batches.len(), run.expired.len()), (2, 0));
        let listed = |server: &Server| server.exports_after(i64::MIN).map(|e| e.key_day.0).collect::<Vec<_>>();
        server.export(&CONFIG, noon_s(today + 1), Seed(1));
        assert_eq!(listed(&server), [today - 14, today - 13], "ended 14 days ago");
        server.export(&CONFIG, noon_s(today + 2), Seed(1));
        assert_eq!(listed(&server), [today - 13], "ended 15 days ago");
        // Not exported on the day of the upload: the older key is a day too old on the next.
        let run = late.export(&CONFIG, noon_s(today + 1), Seed(1));
        assert_eq!((run.expired, listed(&late)), (vec![key(today - 14).key], vec![today - 13]));
    }

    #[test]
    fn a_phone_fetches_what_was_made_after_what_it_has() {
        let today = day("2021-03-10");
        let mut server = Server::default();
        submit(&mut server, &[key(today - 1), key(today - 2)], today, 0).expect("valid keys");
        let run = server.export(&CONFIG, DayUtc(today).start().0 + NOON_S, Seed(1));
        let created_s = run.batches[0].created_s;
        assert_eq!((server.exports_after(created_s - 1).count(), server.exports_after(created_s).count()), (2, 0));
        assert_eq!(run.batches[0].first_uploaded_s, DayUtc(today).start().0);
    }

    /// A key keeps the level that was in force when it came.
    #[test]
    fn keys_get_the_level_of_their_upload() {
        let today = day("2021-02-17");
        let mut server = Server::default();
        for (days, key_level) in [(1, 0), (2, 4)] {
            submit_at(&mut server, InForce { key_level, ..IN_FORCE }, &[key(today - days)], today, 0).expect("a valid key");
        }
        server.export(&CONFIG, DayUtc(today + 1).start().0, Seed(1));
        let levels: Vec<i32> = server.exports_after(i64::MIN).flat_map(|e| &e.keys).map(|k| k.transmission_risk_level).collect();
        assert_eq!(levels, [4, 0], "in the order of the keys' days");
    }
}
