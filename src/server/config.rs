//! `[server]` of the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::time::DayJst;

/// The transmission risk level the server gives to keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyLevel {
    /// As it was: 0 before 2021-02-18, 4 from then on.
    ByDate,
    /// Always 0.
    Level0,
    /// Always 4.
    Level4,
}

/// The notification server.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Transmission risk level of stored keys.
    pub key_level: KeyLevel,
    /// Hour of the day at which the daily export runs, JST.
    #[schemars(range(min = 0, max = 23))]
    pub export_hour_jst: i64,
    /// Days a key is kept and listed.
    #[schemars(range(min = 1, max = 60))]
    pub retention_days: i32,
}

impl ServerConfig {
    /// When the export of a day runs, Unix seconds.
    pub fn export_s(&self, day: DayJst) -> i64 {
        day.start().0 + self.export_hour_jst * 3600
    }
}
