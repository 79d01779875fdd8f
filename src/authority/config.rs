//! `[authority]` of the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::faults::Faults;

/// Whether a case registers the positive result in the app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Registers {
    /// Certainly, if the app is there.
    Yes,
    /// Certainly not.
    No,
    /// With probability `authority.registration_share`.
    #[default]
    Draw,
}

/// A person who will be confirmed positive.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseConfig {
    /// Who: the number in the people table.
    pub person: u32,
    /// Whether it is the first from this number on whose phone takes part (app installed, Bluetooth on) and who is no case yet, round
    /// to the lowest numbers; the person itself where there is none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_app: bool,
    /// Day symptoms begin (or, without symptoms, the day that stands for it), counted from `run.first_day`; may be negative.
    #[schemars(range(min = -30, max = 1000))]
    pub onset_day: i32,
    /// Day the result comes back, counted from `run.first_day`; drawn if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -30, max = 1000))]
    pub result_day: Option<i32>,
    /// Whether the result is registered in the app.
    #[serde(default)]
    pub registers: Registers,
}

/// Cases, and how long each step takes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorityConfig {
    /// The people who will be confirmed positive.
    #[schemars(length(max = 10000))]
    pub cases: Vec<CaseConfig>,
    /// Days from infection to onset.
    #[schemars(range(min = 0, max = 30))]
    pub incubation_days: f64,
    /// Mean days from onset to result (gamma distributed).
    #[schemars(range(min = 0.1, max = 60))]
    pub onset_to_result_mean_days: f64,
    /// Shape of that gamma distribution.
    #[schemars(range(min = 0.1, max = 100))]
    pub onset_to_result_shape: f64,
    /// Days from test to result.
    #[schemars(range(min = 0, max = 30))]
    pub test_to_result_days: f64,
    /// Hours from result to the issue of a processing number.
    #[schemars(range(min = 0, max = 720))]
    pub number_delay_h: f64,
    /// Mean hours from issue to entry in the app (exponential).
    #[schemars(range(min = 0, max = 720))]
    pub entry_delay_mean_h: f64,
    /// Hours a processing number is valid.
    #[schemars(range(min = 0.1, max = 720))]
    pub number_valid_h: f64,
    /// Share of confirmed app users who register.
    #[schemars(range(min = 0, max = 1))]
    pub registration_share: f64,
    /// Share of cases who stay home from onset; all stay home from the day after the result.
    #[schemars(range(min = 0, max = 1))]
    pub stays_home_from_onset_share: f64,
    /// Contacts of a case count from this many days before onset.
    #[schemars(range(min = 0, max = 14))]
    pub infectious_days_before_onset: i32,
}

impl AuthorityConfig {
    /// Finds what ranges of single keys cannot express.
    pub fn check(&self, faults: &mut Faults) {
        for (i, case) in self.cases.iter().enumerate() {
            if self.cases[..i].iter().any(|c| c.person == case.person) {
                faults.push(format!("authority.cases[{i}].person"), "this person is a case already", "name each person once");
            }
            if case.result_day.is_some_and(|result| result < case.onset_day) {
                faults.push(format!("authority.cases[{i}].result_day"), "before the onset day", format!("use {} or more", case.onset_day));
            }
        }
    }

    /// Finds cases that a run of `days` days never comes to.
    pub fn check_days(&self, days: u32, faults: &mut Faults) {
        for (i, case) in self.cases.iter().enumerate() {
            if i64::from(case.onset_day) >= i64::from(days) {
                let remedy = format!("use a day before {days}, or more run.days");
                faults.push(format!("authority.cases[{i}].onset_day"), "after the last simulated day", remedy);
            }
        }
    }
}
