//! `[authority]` of the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    faults::{Faults, counted},
    time::DAY_S,
};

use super::{
    governments::{self, GovernmentConfig},
    incidence::IncidenceConfig,
    warned::AfterWarningConfig,
};

/// Whether a case registers the positive result in the app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Registers {
    /// Certainly, if the app is there: the number is asked for and arrives.
    Yes,
    /// Certainly not.
    No,
    /// As chance has it, by the shares of the timeline and of `authority`.
    #[default]
    Draw,
}

/// A person who will be confirmed positive.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseConfig {
    /// Who: the number in the people table.
    #[schemars(range(min = 0, max = 4_294_967_295_u32))]
    pub person: u32,
    /// Whether it is the first from this number on whose app is in use when the result comes, Bluetooth on, and who is no case yet, round
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

/// Somebody with the app who is no case and tries numbers until one is valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GuessingConfig {
    /// Who: the number in the people table.
    #[schemars(range(min = 0, max = 4_294_967_295_u32))]
    pub person: u32,
    /// The day, counted from `run.first_day`; at noon.
    #[schemars(range(min = 0, max = 1000))]
    pub day: i32,
    /// How many numbers are tried at most.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub tries: u32,
    /// How many numbers of people elsewhere in the country are valid then.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub live_numbers: u32,
}

/// Cases, and how long each step takes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorityConfig {
    /// The people who will be confirmed positive.
    #[schemars(length(max = 10000))]
    pub cases: Vec<CaseConfig>,
    /// Cases drawn among everybody else.
    pub incidence: IncidenceConfig,
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
    /// Health-centre governments, and from when on each enters its cases into HER-SYS itself; none = all always did.
    #[schemars(length(max = 1000))]
    pub governments: Vec<GovernmentConfig>,
    /// Hours after which the ministry has entered by proxy a case of another government (never at weekends).
    #[schemars(range(min = 0, max = 720))]
    pub proxy_entry_h: f64,
    /// Hours from the result to its entry into HER-SYS, where cases are entered when they are known to be positive.
    #[schemars(range(min = 0, max = 720))]
    pub entry_into_hersys_h: f64,
    /// Mean hours after the result at which people ask for a number who are not asked (exponential).
    #[schemars(range(min = 0, max = 720))]
    pub person_asks_after_mean_h: f64,
    /// Hours from when a number can be issued to when it is.
    #[schemars(range(min = 0, max = 720))]
    pub number_issue_h: f64,
    /// Days for which people wait for a number while none are issued.
    #[schemars(range(min = 0, max = 60))]
    pub waits_for_number_days: f64,
    /// Share of cases with a landline alone, which gets no SMS.
    #[schemars(range(min = 0, max = 1))]
    pub landline_share: f64,
    /// Mean hours from a number's arrival to its entry in the app (exponential).
    #[schemars(range(min = 0, max = 720))]
    pub entry_delay_mean_h: f64,
    /// Share of those with a number who enter it.
    #[schemars(range(min = 0, max = 1))]
    pub enters_share: f64,
    /// What people do who were warned.
    pub after_warning: AfterWarningConfig,
    /// Share of cases who stay home from onset; all stay home from the day after the result on.
    #[schemars(range(min = 0, max = 1))]
    pub stays_home_from_onset_share: f64,
    /// Days after the result until which a case stays home.
    #[schemars(range(min = 0, max = 365))]
    pub isolation_days: f64,
    /// Contacts of a case count from this many days before onset.
    #[schemars(range(min = 0, max = 14))]
    pub infectious_days_before_onset: i32,
    /// Who tries numbers that are not theirs: false registrations.
    #[schemars(length(max = 1000))]
    pub guessing: Vec<GuessingConfig>,
}

impl AuthorityConfig {
    /// Seconds after the result until which a case stays home.
    pub fn isolation_s(&self) -> i64 {
        (self.isolation_days * DAY_S as f64) as i64
    }

    /// Finds what ranges of single keys cannot express.
    pub fn check(&self, faults: &mut Faults) {
        governments::check(&self.governments, faults);
        self.incidence.check(faults);
        for (i, case) in self.cases.iter().enumerate() {
            if self.cases[..i].iter().any(|c| c.person == case.person) {
                faults.push(format!("authority.cases[{i}].person"), "this person is a case already", "name each person once");
            }
            if case.result_day.is_some_and(|result| result < case.onset_day) {
                faults.push(format!("authority.cases[{i}].result_day"), "before the onset day", format!("use {} or more", case.onset_day));
            }
        }
        for (i, guessing) in self.guessing.iter().enumerate() {
            if self.cases.iter().any(|case| case.person == guessing.person) {
                faults.push(format!("authority.guessing[{i}].person"), "this person is a case", "name somebody who is not");
            }
        }
    }

    /// Finds cases that a run of `days` days never reaches: all of them are one fault, of the key `of` that the days come from.
    pub fn check_days(&self, days: u32, of: &str, faults: &mut Faults) {
        for (i, _) in self.guessing.iter().enumerate().filter(|(_, guessing)| i64::from(guessing.day) >= i64::from(days)) {
            let remedy = format!("use a day up to {}", days.saturating_sub(1));
            faults.push(format!("authority.guessing[{i}].day"), "after the last simulated day", remedy);
        }
        let (late, kept): (Vec<_>, Vec<_>) =
            self.cases.iter().enumerate().partition(|(_, case)| i64::from(case.onset_day) >= i64::from(days));
        let Some(last_onset) = late.iter().map(|(_, case)| case.onset_day).max() else { return };
        let path = if let [(i, _)] = late[..] { format!("authority.cases[{i}].onset_day") } else { of.to_string() };
        let problem = format!(
            "{} of {} {} after the last simulated day: give {} days or more, or leave out what begins later:",
            late.len(),
            counted(self.cases.len(), "case"),
            if late.len() == 1 { "begins" } else { "begin" },
            i64::from(last_onset) + 1,
        );
        let kept = toml::Value::try_from(kept.into_iter().map(|(_, case)| case).collect::<Vec<_>>()).expect("cases are plain data");
        faults.push_mended(path, problem, vec![format!("authority.cases={kept}")]);
    }
}
