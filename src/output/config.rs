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
    /// Which rows of the verdicts table to write (a pair of the device universe, UTC day and rule).
    pub verdicts: Verdicts,
    /// Number of the person of whose phone the operation log is written, or "nobody".
    pub phone_log: PhoneLog,
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
