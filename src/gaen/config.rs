//! `[gaen]` of the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::faults::Faults;

/// What of the framework is a choice rather than a specification.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GaenConfig {
    /// Shortest time a phone keeps one RPI, s.
    #[schemars(range(min = 60, max = 7200))]
    pub rpi_hold_min_s: u32,
    /// Longest time a phone keeps one RPI, s.
    #[schemars(range(min = 60, max = 7200))]
    pub rpi_hold_max_s: u32,
    /// Calls a day in which an app may hand keys to an iPhone's framework, releases before 2.0.0.
    #[schemars(range(min = 0, max = 1000))]
    pub calls_a_day_ios: u32,
    /// The same on Android.
    #[schemars(range(min = 0, max = 1000))]
    pub calls_a_day_android: u32,
    /// The same on both from 2.0.0 on, which asks for exposure windows.
    #[schemars(range(min = 0, max = 1000))]
    pub calls_a_day_windows: u32,
}

impl GaenConfig {
    /// Finds what ranges of single keys cannot express.
    pub fn check(&self, faults: &mut Faults) {
        if self.rpi_hold_min_s > self.rpi_hold_max_s {
            faults.push("gaen.rpi_hold_min_s", "longer than gaen.rpi_hold_max_s", "swap the two or make them equal");
        }
    }
}
