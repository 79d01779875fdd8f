//! `[truth]` of the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::mobility::Between;

/// What counts as a contact.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TruthConfig {
    /// Radius of a contact, m. COCOA's public wording: about 1 m or less.
    #[schemars(range(min = 0.1, max = 10))]
    pub radius_m: f64,
    /// Time that makes a contact, minutes. COCOA's public wording: 15 minutes or more.
    #[schemars(range(min = 1, max = 600))]
    pub duration_min: f64,
    /// Longest gap bridged by the definition that bridges gaps, minutes.
    #[schemars(range(min = 0, max = 60))]
    pub gap_min: f64,
    /// Between body centres or between phones.
    pub between: Between,
    /// Whether a wall, a pane or a closed partition between two people ends their contact.
    pub walls_separate: bool,
}
