//! COCOA release by release: configurations, gates, fetch, notification, faults.
//!
//! Like `gaen`, this room sees keys and bytes, never people, places or truth.

mod absent;
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
mod screen;
mod shortfall;
mod verdict;

pub use absent::{Absent, ConsentStep};
pub use config::{AppConfig, ByRelease, ConfigurationOf113, EveryHours, FaultRates, NamedConfiguration};
pub use configuration::{Configuration, MAX_CONFIGURATION_BYTES};
pub use detection::{Detection, FoundDay, Matched, Stored, detect};
pub use evaluated::{Evaluated, evaluate, evaluate_as};
pub use faults::{Class, FAULTS, Fault, FaultChoice, FaultSet, Mechanism, NOT_SIMULATED, NotSimulated, Whether};
pub use fetch::{FetchTimes, PutOff};
pub use phone::{CheckLog, CheckOutcome, Installed, NewKeys, PhoneApp, Seen, ShownDay};
pub use registration::{Errors, KeepsNumber, RegistrationConfig, Said, Typed};
pub use releases::{Family, Gate, Installation, RELEASES, Release, ReleaseDates, Released, SystemVersion, whole_history};
pub use risk::{Condition, Operator, RiskCalculation};
pub use rules::{
    ConfiguredRules, MINISTRY_CONTINUOUS, Needs, PUBLISHED, Rule, configured_rules, other_reading, release_of_version,
    released_configuration, released_rules, rules_of_configuration,
};
pub use screen::{Screen, ScreenLine};
pub use shortfall::Shortfall;
pub use verdict::{Verdict, judge, judge_all};
