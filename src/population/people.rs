//! Per-person arrays.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::PersonId;

use super::{Society, adoption::AGE_BANDS};

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

/// A version of an operating system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// As the scenario writes it.
    pub name: String,
    /// Its first two numbers.
    pub version: (u8, u8),
}

/// Reads the first two numbers of a version; `None` if it is none.
pub(super) fn version_of(text: &str) -> Option<(u8, u8)> {
    let numbers: Option<Vec<u8>> = text.split('.').map(|part| part.parse().ok()).collect();
    let numbers = numbers.filter(|numbers| numbers.len() <= 3)?;
    Some((*numbers.first()?, numbers.get(1).copied().unwrap_or(0)))
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
    /// Version of the phone's system (index into `systems`); `None` = a recent one, or no smartphone.
    pub system: Vec<Option<u8>>,
    /// Versions of systems.
    pub systems: Vec<System>,
    /// Whether COCOA is ever installed.
    pub has_app: Vec<bool>,
    /// The chance that it was drawn by, of those with a smartphone, by ten years of age.
    pub app_chances: [f64; AGE_BANDS],
    /// Whether Bluetooth is on.
    pub bluetooth_on: Vec<bool>,
    /// How many days after a release comes out this phone installs it; `u16::MAX` = never.
    pub update_lag_days: Vec<u16>,
    /// What people of a city belong to; `None` where there is no city.
    pub society: Option<Society>,
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

    /// The version of a person's system; `None` = a recent one, or no smartphone.
    pub fn system(&self, person: PersonId) -> Option<&System> {
        self.system[person.index()].map(|number| &self.systems[usize::from(number)])
    }

    /// Whether the person's phone takes part once the app is in use: smartphone, COCOA, Bluetooth on.
    pub fn phone_runs(&self, person: PersonId) -> bool {
        let i = person.index();
        self.model[i].is_some() && self.has_app[i] && self.bluetooth_on[i]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_its_first_two_numbers() {
        for (text, version) in [("13.5", Some((13, 5))), ("6", Some((6, 0))), ("13.5.1", Some((13, 5))), ("13.x", None), ("", None)] {
            assert_eq!(version_of(text), version, "{text}");
        }
    }
}
