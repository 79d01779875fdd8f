//! The scenario file: format, defaults, validation, JSON Schema.
//!
//! `scenarios/baseline.toml` is the default and documentation of every key; a scenario file is laid over it, and `--set`
//! over both. The merged values are held against the schema derived from the rooms' configuration types, then against
//! the rooms' own checks; every fault is reported at once.

mod file;
mod kinds;
mod load;
mod merge;
mod schema;
mod sources;
mod walk;

pub use file::{RunConfig, ScenarioFile};
pub use kinds::{KINDS, Kinds, described_kinds, kind_schema, open_kind};
pub use load::{EMBEDDED, FaultReport, Loaded, LocatedFault, SourceArgs, baseline_phones, described, open};
pub use schema::scenario_schema;
