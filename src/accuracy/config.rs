//! `[accuracy]` of the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{app::released_rules, faults::Faults};

/// How accuracy is told.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccuracyConfig {
    /// Rule of the headline.
    pub headline_rule: String,
    /// Confidence of intervals.
    #[schemars(range(min = 0.5, max = 0.999))]
    pub confidence: f64,
    /// Most groups of people for the jackknife.
    #[schemars(range(min = 2, max = 10000))]
    pub jackknife_groups: u32,
}

impl AccuracyConfig {
    /// Finds what ranges of single keys cannot express.
    pub fn check(&self, faults: &mut Faults) {
        let rules = released_rules();
        if !rules.iter().any(|r| r.name == self.headline_rule) {
            let names: Vec<&str> = rules.iter().map(|r| r.name.as_str()).collect();
            faults.push("accuracy.headline_rule", "no rule of this name", format!("use one of {}", names.join(", ")));
        }
    }
}
