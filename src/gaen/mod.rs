//! The Exposure Notification framework: identifiers, store, matching, windows and scores.
//!
//! What a phone of 2020 computed, from bytes a phone could have. The specification is Google's published snapshot
//! (google/exposure-notifications-internals, commit aaada6c, cited as ENI) and the cryptography specification v1.2.
//! Nothing here knows people, places or truth.

mod config;
mod crypto;
pub mod export;
mod keys;
mod matching;
mod metadata;
mod quota;
mod score_v1;
mod score_v2;
mod sighting_file;
mod store;

pub use config::GaenConfig;
pub use crypto::{MetadataCipher, RPIS_A_KEY, TemporaryExposureKey, derive_rpis, derive_rpis_into};
pub use keys::{DiagnosisKey, Reading, ReportType, hand_over_keys};
pub use matching::{IdentifiedSighting, KeyMatch, MatchedSighting, PublishedIndex, StoreIndex, Tracer, match_identified, match_store};
pub use metadata::Metadata;
pub use quota::CallQuota;
pub use score_v1::{
    ExposureConfiguration, ExposureRun, ExposureSummary, V1Reading, attenuation_durations_s, days_since, exposure_runs, exposure_summary,
    risk_score,
};
pub use score_v2::{
    DailySummariesConfig, DailySummary, DiagnosisKeysDataMapping, ExposureWindow, Infectiousness, ScanInstance, daily_summaries,
    daily_summary, exposure_windows,
};
pub use sighting_file::{Recorded, hex, read_sightings};
pub use store::{Sighting, SightingStore};
