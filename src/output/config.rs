//! `[output]` of the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::faults::Faults;

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
    /// Which rows of the verdicts table to write (a pair of the device universe, UTC day and rule).
    pub verdicts: Verdicts,
    /// Whether to write the tij tables (who was near whom in slots of 20 s, as badges on chests record it), and what a slot asks for.
    pub tij: Tij,
    /// Number of the person of whose phone the operation log is written, or "nobody".
    pub phone_log: PhoneLog,
}

impl OutputConfig {
    /// Finds keys that contradict each other.
    pub fn check(&self, faults: &mut Faults) {
        match self.tij {
            Tij::Off(false) => {}
            Tij::Off(true) => faults.push(
                "output.tij",
                "true does not say how near two must be",
                "write { radius_m = 1.25, cone_deg = 60 }, as badges on chests have it, or false",
            ),
            Tij::On(TijConfig { radius_m, .. }) if radius_m > self.contacts_within_m => {
                let remedy = format!("use at most {} m, or a larger output.contacts_within_m", self.contacts_within_m);
                faults.push("output.tij.radius_m", "larger than output.contacts_within_m", remedy);
            }
            Tij::On(_) => {}
        }
    }
}

/// Whether contacts are written in slots of 20 s.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "false or { radius_m, cone_deg }")]
pub enum Tij {
    /// They are not (`false`); `true` says too little and is refused.
    Off(bool),
    /// They are.
    On(TijConfig),
}

impl Tij {
    /// What a slot asks for, where they are written.
    pub fn config(self) -> Option<TijConfig> {
        match self {
            Self::Off(_) => None,
            Self::On(config) => Some(config),
        }
    }
}

/// When two are in contact in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TijConfig {
    /// Body centres no farther apart than this for 3 s of the slot, m.
    #[schemars(range(min = 0.1, max = 100))]
    pub radius_m: f64,
    /// For 3 s each within this angle of the direction that the other faces, degrees, and nothing between; 180: no such condition.
    #[schemars(range(min = 1, max = 180))]
    pub cone_deg: f64,
}

/// Of whose phone the operation log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "the number of a person or \"nobody\"")]
pub enum PhoneLog {
    /// Of this person's.
    Person(u32),
    /// Of nobody's.
    Of(Nobody),
}

impl PhoneLog {
    /// The person, if there is one.
    pub fn person(self) -> Option<u32> {
        match self {
            Self::Person(number) => Some(number),
            Self::Of(Nobody::Nobody) => None,
        }
    }
}

/// Nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Nobody {
    /// Nobody's.
    Nobody,
}

/// Which verdicts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "true, false or \"told_or_contact\"")]
pub enum Verdicts {
    /// All or none.
    Every(bool),
    /// Some.
    Of(VerdictsOf),
}

/// Of which pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerdictsOf {
    /// Those in contact, and those on which the rule fired.
    ToldOrContact,
}

impl Verdicts {
    /// Whether any is written.
    pub fn any(self) -> bool {
        self != Self::Every(false)
    }

    /// Whether one is written.
    pub fn holds(self, detected: bool, is_contact: bool) -> bool {
        match self {
            Self::Every(every) => every,
            Self::Of(VerdictsOf::ToldOrContact) => detected || is_contact,
        }
    }
}
