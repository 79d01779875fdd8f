//! COCOA release by release: configurations, gates, fetch, notification, faults.
//!
//! Like `gaen`, this room sees keys and bytes, never people, places or truth.

mod config;
mod configuration;
mod detection;
mod evaluated;
mod faults;
mod fetch;
mod phone;
mod reading;
mod registration;
mod releases;
mod risk;
mod rules;
mod shortfall;
mod verdict;

pub use config::{AppConfig, ConfigurationOf113, NamedConfiguration};
pub use configuration::{Configuration, MAX_CONFIGURATION_BYTES};
pub use detection::{Detection, FoundDay, Matched, Stored, detect};
pub use evaluated::{Evaluated, evaluate, evaluate_as};
pub use faults::{FAULTS, Fault, FaultChoice, FaultSet, Mechanism, NOT_SIMULATED, NotSimulated, Whether};
pub use fetch::FetchTimes;
pub use phone::{CheckOutcome, Installed, PhoneApp, Seen, ShownDay};
pub use releases::{Family, Gate, Installation, RELEASES, Release, ReleaseDates, Released, whole_history};
pub use risk::{Condition, Operator, RiskCalculation};
pub use rules::{
    ConfiguredRules, MINISTRY_CONTINUOUS, Needs, PUBLISHED, Rule, configured_rules, other_reading, release_of_version,
    released_configuration, released_rules, rules_of_configuration,
};
pub use shortfall::Shortfall;
pub use verdict::{Verdict, judge, judge_all};
