//! The files that the server publishes: an export zipped and signed, under the name it is fetched by.

use serde::{Deserialize, Serialize};

use crate::{
    gaen::export::{COCOA_REGION, ExportFile, SignatureInfo, SigningKey, write_archive},
    random::{Keyed, Seed, Stream},
    time::{DayUtc, UnixSeconds},
};

/// Version of the server's signing key, as its exports state it.
const KEY_VERSION: &str = "v1";

/// A file that the server published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Its name: the JST day on which it was made, and the UTC day of its keys.
    pub name: String,
    /// How many keys it holds.
    pub keys: u32,
    /// The zip.
    pub zip: Vec<u8>,
}

impl Published {
    /// An export of one UTC day's keys, made at a moment; `part` counts files of the same day from 0.
    pub(super) fn new(file: &ExportFile, key_day: DayUtc, part: usize, now_s: i64, seed: Seed) -> Self {
        let made = UnixSeconds(now_s).day_jst();
        let more = if part == 0 { String::new() } else { format!("-{}", part + 1) };
        let info = SignatureInfo {
            verification_key_version: KEY_VERSION.into(),
            verification_key_id: COCOA_REGION.into(),
            ..SignatureInfo::default()
        };
        Self {
            name: format!("{made}-keys-of-{key_day}{more}.zip"),
            keys: file.keys.len() as u32,
            zip: write_archive(file, &[(&signing_key(seed), info)]),
        }
    }
}

/// The public half of the server's signing key, as a PEM.
pub fn public_key_pem(seed: Seed) -> String {
    signing_key(seed).public_pem()
}

/// The signing key of a run's server. COCOA's own was never published, so each run has one, drawn by its seed.
fn signing_key(seed: Seed) -> SigningKey {
    let keyed = Keyed::new(seed, Stream::SigningKey);
    let number = |attempt: u32| -> [u8; 32] {
        let words = [keyed.block(attempt, 0, 0, 0), keyed.block(attempt, 0, 0, 1)].concat();
        std::array::from_fn(|i| words[i / 4].to_be_bytes()[i % 4])
    };
    (0..).find_map(|attempt| SigningKey::from_number(number(attempt))).expect("invariant: nearly every number is a key's")
}
