//! Per-person arrays.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::PersonId;

/// A phone's operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Os {
    /// iOS.
    Ios,
    /// Android.
    Android,
}

impl Os {
    /// The name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Os::Ios => "ios",
            Os::Android => "android",
        }
    }
}

/// A phone model of the scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneModel {
    /// Maker, as in calibration tables (`Sharp`).
    pub oem: String,
    /// Model, as in calibration tables (`SH-M12`).
    pub model: String,
    /// Its operating system.
    pub os: Os,
}

/// The population: one entry per person in every array, index = [`PersonId`].
#[derive(Clone, Debug, Default)]
pub struct People {
    /// The number that tables show: the index, or the id a trace gave. Ascending.
    pub label: Vec<u32>,
    /// Household number.
    pub household: Vec<u32>,
    /// Age, years.
    pub age_years: Vec<u8>,
    /// Whether the person works on the simulated floor.
    pub works_here: Vec<bool>,
    /// Department (index into `departments`), for those who work on the floor.
    pub department: Vec<Option<u16>>,
    /// Names of departments.
    pub departments: Vec<String>,
    /// Phone model (index into `models`); `None` = no smartphone.
    pub model: Vec<Option<u16>>,
    /// Phone models.
    pub models: Vec<PhoneModel>,
    /// Whether COCOA is installed and consent given.
    pub has_app: Vec<bool>,
    /// Whether Bluetooth is on.
    pub bluetooth_on: Vec<bool>,
    /// How many days after a release comes out this phone installs it.
    pub update_lag_days: Vec<u16>,
}

impl People {
    /// Number of people.
    pub fn len(&self) -> usize {
        self.label.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.label.is_empty()
    }

    /// The OS of a person's phone.
    pub fn os(&self, person: PersonId) -> Option<Os> {
        self.model[person.index()].map(|m| self.models[m as usize].os)
    }

    /// Whether the person's phone takes part: smartphone, COCOA, Bluetooth on.
    pub fn phone_runs(&self, person: PersonId) -> bool {
        let i = person.index();
        self.model[i].is_some() && self.has_app[i] && self.bluetooth_on[i]
    }
}
