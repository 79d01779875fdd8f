//! `[app]` of the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{faults::Faults, time::DAY_S};

use super::{
    faults::FaultChoice,
    registration::{KeepsNumber, RegistrationConfig},
};

/// The app on the phones.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppConfig {
    /// Hours between two checks of an iPhone in the background: the system decides.
    #[schemars(range(min = 0.5, max = 72))]
    pub fetch_every_h_ios: f64,
    /// Hours between two checks of an Android phone in the background, or "by_release": as each asks for.
    pub fetch_every_h_android: EveryHours,
    /// Share of Android's due checks that wait for the next since the battery is low.
    #[schemars(range(min = 0, max = 1))]
    pub battery_low_share: f64,
    /// Mean days between two openings of the app that nothing occasions; 0: nobody opens it so.
    #[schemars(range(min = 0, max = 365))]
    pub opens_every_days: f64,
    /// Share of notifications because of which the app is opened.
    #[schemars(range(min = 0, max = 1))]
    pub opens_when_notified_share: f64,
    /// Mean hours from a notification to that (exponential).
    #[schemars(range(min = 0, max = 720))]
    pub opens_when_notified_after_mean_h: f64,
    /// Share of people who stay home after they saw a contact on the app's screen.
    #[schemars(range(min = 0, max = 1))]
    pub stays_home_share: f64,
    /// For how many days.
    #[schemars(range(min = 0, max = 365))]
    pub stays_home_days: f64,
    /// How often faults strike whose cause lies outside the model.
    pub fault_rates: FaultRates,
    /// Which of the known faults are at work.
    pub faults: FaultChoice,
    /// What people do at a registration.
    pub registration: RegistrationConfig,
    /// Where a processing number stays after it was checked.
    pub keeps_number: KeepsNumber,
    /// What release 1.1.3 runs on phones.
    pub configuration_of_1_1_3: ConfigurationOf113,
    /// Configurations beyond the released ones; every run is scored by them too.
    pub configurations: Vec<NamedConfiguration>,
}

impl AppConfig {
    /// Finds what the file's format cannot express.
    pub fn check(&self, faults: &mut Faults) {
        self.faults.check(faults);
        if let EveryHours::Stated(hours) = self.fetch_every_h_android
            && !(0.5..=72.0).contains(&hours)
        {
            faults.push("app.fetch_every_h_android", "out of range", "use a number from 0.5 to 72, or \"by_release\"");
        }
        if self.opens_every_days > 0.0 && self.opens_every_days < 1.0 {
            faults.push("app.opens_every_days", "more than once a day", "use 0 (never) or a number from 1 to 365");
        }
        self.registration.check(faults);
    }

    /// For how many seconds who stays home after a warning does so.
    pub fn stays_home_s(&self) -> i64 {
        (self.stays_home_days * DAY_S as f64) as i64
    }

    /// Whether a person stays home who saw a contact, by a draw from 0 to 1.
    pub fn stays_home(&self, draw: f64) -> bool {
        draw < self.stays_home_share
    }
}

/// Hours between two checks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "hours or \"by_release\"")]
pub enum EveryHours {
    /// So many.
    Stated(f64),
    /// By the release.
    By(ByRelease),
}

/// As the release says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ByRelease {
    /// Each its own.
    ByRelease,
}

/// How often faults strike whose cause lies outside the model. None of it was ever counted.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultRates {
    /// How often in a year a phone loses the app's data (fault F4).
    #[schemars(range(min = 0, max = 365))]
    pub app_data_lost_a_year: f64,
    /// Share of Android phones whose checks fail after the update to 1.2.2 (fault F4c).
    #[schemars(range(min = 0, max = 1))]
    pub migration_fails_share: f64,
    /// Share of an Android phone's days on which its maker's battery saver, or a forced stop, ends the app's work (fault F8b).
    #[schemars(range(min = 0, max = 1))]
    pub battery_saver_days_share: f64,
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
