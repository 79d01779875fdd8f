//! `[app]` of the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::faults::Faults;

use super::faults::FaultChoice;

/// The app on the phones.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppConfig {
    /// Hours between two fetches of an iPhone.
    #[schemars(range(min = 0.5, max = 72))]
    pub fetch_every_h_ios: f64,
    /// Hours between two fetches of an Android phone.
    #[schemars(range(min = 0.5, max = 72))]
    pub fetch_every_h_android: f64,
    /// Share of people who stay home for the rest of the run after the app showed them a contact.
    #[schemars(range(min = 0, max = 1))]
    pub stays_home_share: f64,
    /// Which of the known faults are at work.
    pub faults: FaultChoice,
    /// What release 1.1.3 runs on phones.
    pub configuration_of_1_1_3: ConfigurationOf113,
    /// Configurations beyond the released ones; every run is scored by them too.
    pub configurations: Vec<NamedConfiguration>,
}

impl AppConfig {
    /// Finds what the file's format cannot express.
    pub fn check(&self, faults: &mut Faults) {
        self.faults.check(faults);
    }

    /// Whether a person stays home who was shown a contact, by a draw from 0 to 1.
    pub fn stays_home(&self, draw: f64) -> bool {
        draw < self.stays_home_share
    }
}

/// What release 1.1.3 ran. Whether the server served another configuration than the embedded one before December 2020 is not
/// known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConfigurationOf113 {
    /// The embedded one: up to 33 dB.
    Embedded,
    /// That of 1.1.4, served: up to 63 dB (assumption).
    Served,
}

/// A configuration in files.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedConfiguration {
    /// Name of its rules in tables: `NAME/ios/levelL` and `NAME/android/levelL` (v1), `NAME` (v2; `NAME/ios` and `NAME/android`
    /// where the systems' blocks differ).
    pub name: String,
    /// COCOA's configuration files or Google's DailySummariesConfig.
    pub files: Vec<String>,
}
