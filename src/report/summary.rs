//! The part of `summary.json` that the report reads.

use serde::{Deserialize, Serialize};

use super::RuleFigures;

/// What the report takes from `summary.json`. Every field may be missing, others are ignored, so that a run may say more
/// there:
///
/// ```json
/// {
///   "scenario": "office",
///   "title": "An office floor of 120 people",
///   "first_day_jst": "2020-09-01",
///   "days": 14,
///   "headline": { "rule": "v1-1.1.4", "means": "attenuation up to 63 dB for more than 15 minutes", "worlds": 8 },
///   "contact": { "radius_m": 1.0, "minutes": 15.0 },
///   "reach_m": 11.5,
///   "interval": "95 %, delete-a-group jackknife over people",
///   "rules": [{ "rule": "v1-1.1.4", "means": "attenuation up to 63 dB for more than 15 minutes" }],
///   "notes": ["4 of 6 confirmed cases uploaded their keys"]
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// Name of the scenario.
    pub scenario: Option<String>,
    /// One line that says what was simulated.
    pub title: Option<String>,
    /// First simulated day, `YYYY-MM-DD`.
    pub first_day_jst: Option<String>,
    /// Number of simulated days.
    pub days: Option<u32>,
    /// The figures of the headline's rule.
    pub headline: Option<RuleFigures>,
    /// What counts as a contact.
    pub contact: Option<Contact>,
    /// Largest distance at which a scan is heard with a probability of at least 1 %, m: the device universe's limit.
    pub reach_m: Option<f64>,
    /// How the intervals of the rates were made.
    pub interval: Option<String>,
    /// The same of every rule.
    pub rules: Vec<RuleFigures>,
    /// Anything else a reader should know, a sentence each.
    pub notes: Vec<String>,
}

/// What counts as a contact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// Radius, m.
    pub radius_m: f64,
    /// Time within the radius, minutes.
    pub minutes: f64,
}
