//! `[output]` of the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is written.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutputConfig {
    /// The contacts table lists pairs that came within this distance, m.
    #[schemars(range(min = 0.1, max = 100))]
    pub contacts_within_m: f64,
    /// Whether to write the sightings table (what every scan stored; large).
    pub sightings: bool,
    /// Whether to write the stances table (where everybody was; large).
    pub stances: bool,
    /// Whether to write the verdicts table (every pair of the device universe, UTC day and rule).
    pub verdicts: bool,
}
