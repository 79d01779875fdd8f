//! The files that the server publishes: an export zipped and signed, under the name it is fetched by.

use serde::{Deserialize, Serialize};

use crate::{
    gaen::export::{COCOA_REGION, ExportFile, SignatureInfo, SigningKey, write_archive},
    random::{Keyed, Seed, Stream},
    time::{DayUtc, UnixSeconds},
};

/// Version of the server's signing key, as its exports state it.
const KEY_VERSION: &str = "v1";

/// Where phones fetch files (hosts of the app's Info.plist), with the container and the region.
const FETCHED_FROM: &str = "https://covid19radar-jpn-prod.azureedge.net/c19r";

/// An entry of the index of files, `list.json`, as `TemporaryExposureKeyExportFileModel.cs` has it. The files' own names were numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The region that the file is for.
    pub region: String,
    /// Where it is.
    pub url: String,
    /// When it was made, Unix milliseconds.
    pub created: i64,
}

impl Listed {
    /// The index of files by name, each made at a moment, Unix seconds.
    pub(super) fn json<'a>(files: impl Iterator<Item = (&'a str, i64)>) -> String {
        let entry = |(file, created_s): (&str, i64)| Self {
            region: COCOA_REGION.into(),
            url: format!("{FETCHED_FROM}/{COCOA_REGION}/{file}"),
            created: created_s * 1000,
        };
        serde_json::to_string(&files.map(entry).collect::<Vec<_>>()).expect("invariant: an index is plain data")
    }
}

/// A file that the server published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Its name: the JST day on which it was made, with the hour unless that was midnight, and the UTC day of its keys.
    pub name: String,
    /// How many keys it holds.
    pub keys: u32,
    /// The zip.
    pub zip: Vec<u8>,
}

impl Published {
    /// An export of one UTC day's keys, made at a moment; `part` counts files of the same day from 0.
    pub(super) fn new(file: &ExportFile, key_day: DayUtc, part: usize, now_s: i64, key: &SigningKey) -> Self {
        let made = UnixSeconds(now_s).day_jst();
        let hour = (now_s - made.start().0) / 3600;
        let at = if hour == 0 { String::new() } else { format!("T{hour:02}") };
        let more = if part == 0 { String::new() } else { format!("-{}", part + 1) };
        let info = SignatureInfo {
            verification_key_version: KEY_VERSION.into(),
            verification_key_id: COCOA_REGION.into(),
            ..SignatureInfo::default()
        };
        Self {
            name: format!("{made}{at}-keys-of-{key_day}{more}.zip"),
            keys: file.keys.len() as u32,
            zip: write_archive(file, &[(key, info)]),
        }
    }
}

/// The public half of the server's signing key, as a PEM.
pub fn public_key_pem(seed: Seed) -> String {
    signing_key(seed).public_pem()
}

/// The signing key of a run's server. COCOA's own was never published, so each run has one, drawn by its seed.
pub(super) fn signing_key(seed: Seed) -> SigningKey {
    let keyed = Keyed::new(seed, Stream::SigningKey);
    let number = |attempt: u32| -> [u8; 32] {
        let words = [keyed.block(attempt, 0, 0, 0), keyed.block(attempt, 0, 0, 1)].concat();
        std::array::from_fn(|i| words[i / 4].to_be_bytes()[i % 4])
    };
    (0..).find_map(|attempt| SigningKey::from_number(number(attempt))).expect("invariant: nearly every number is a key's")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gaen::export::{PublicKey, read_archive};

    #[test]
    fn the_index_says_where_files_are_and_when_they_were_made() {
        let of = |file: &str, created: &str| {
            format!(r#"{{"region":"440","url":"https://covid19radar-jpn-prod.azureedge.net/c19r/440/{file}","created":{created}}}"#)
        };
        let json = Listed::json([("a.zip", 1_600_000_000), ("b.zip", 1_600_086_400)].into_iter());
        assert_eq!(json, format!("[{},{}]", of("a.zip", "1600000000000"), of("b.zip", "1600086400000")));
        assert_eq!(Listed::json([].into_iter()), "[]");
    }

    #[test]
    fn a_published_file_says_its_days_and_is_signed_by_its_servers_key() {
        // 24:00 JST of 8 September 2020 is 15:00 UTC.
        let made_s = DayUtc(18_513).start().0 + 15 * 3600;
        let published = |part, seed| Published::new(&ExportFile::default(), DayUtc(18_506), part, made_s, &signing_key(Seed(seed)));
        assert_eq!(published(0, 1).name, "2020-09-09-keys-of-2020-09-01.zip");
        assert_eq!(published(1, 1).name, "2020-09-09-keys-of-2020-09-01-2.zip");
        let at_four = Published::new(&ExportFile::default(), DayUtc(18_506), 0, made_s + 4 * 3600, &signing_key(Seed(1)));
        assert_eq!(at_four.name, "2020-09-09T04-keys-of-2020-09-01.zip");
        assert_eq!(published(0, 1), published(0, 1));
        let archive = read_archive(&published(0, 1).zip).expect("a zip that phones take");
        let key = |seed| PublicKey::from_pem(&public_key_pem(Seed(seed))).expect("a PEM");
        assert!(key(1).find(&archive.export_bin, &archive.signatures).is_some());
        assert!(key(2).find(&archive.export_bin, &archive.signatures).is_none(), "each run's server has a key of its own");
    }
}
