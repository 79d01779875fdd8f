//! `[accuracy]` of the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How accuracy is reported.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccuracyConfig {
    /// Rule of the headline.
    pub headline_rule: String,
    /// Pairs of running phones that came within this distance make up the device universe, with those on which a rule fired, m.
    #[schemars(range(min = 0.1, max = 1000))]
    pub universe_within_m: f64,
    /// Days from the end of a contact's UTC day within which a warning is in time.
    #[schemars(range(min = 1, max = 14))]
    pub in_time_days: u32,
    /// Confidence of intervals.
    #[schemars(range(min = 0.5, max = 0.999))]
    pub confidence: f64,
    /// Most groups of people for the jackknife.
    #[schemars(range(min = 2, max = 10000))]
    pub jackknife_groups: u32,
}
