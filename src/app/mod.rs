//! COCOA release by release: configurations, gates, fetch, notification, faults.
//!
//! Like `gaen`, this room sees keys and bytes, never people, places or truth.

mod config;
mod phone;
mod releases;
mod rules;

pub use config::AppConfig;
pub use phone::{CheckOutcome, FAULTS, FoundContact, PhoneApp};
pub use releases::{Family, RELEASES, Release, installed};
pub use rules::{Evaluated, Rule, Verdict, evaluate, judge, released_rules, rule_of};
