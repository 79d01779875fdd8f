//! COCOA release by release: configurations, gates, fetch, notification, faults.
//!
//! Like `gaen`, this room sees keys and bytes, never people, places or truth.

mod config;
mod configuration;
mod phone;
mod releases;
mod risk;
mod rules;

pub use config::{AppConfig, NamedConfiguration};
pub use configuration::{Configuration, MAX_CONFIGURATION_BYTES};
pub use phone::{CheckOutcome, FAULTS, FoundContact, Installed, PhoneApp};
pub use releases::{Family, Installation, RELEASES, Release};
pub use risk::{Condition, Operator, RiskCalculation};
pub use rules::{
    Evaluated, MINISTRY_CONTINUOUS, Rule, Verdict, evaluate, evaluate_as, judge, released_configuration, released_rules, rule_of,
    rules_of_configuration,
};
