//! Figures and report.html, made from a run's files alone.
//!
//! [`make_report`] reads the Parquet tables, `manifest.json` and `summary.json` of a run and writes `figures/*.svg` and
//! one self-contained `report.html`. It can be redone at any time and gives the same bytes. A table that is missing or empty
//! costs only its own figure, which then says why there is nothing to show.

mod data;
mod error;
mod figures;
mod headline;
mod html;
mod make;
mod person_day;
mod shared_rows;
mod splits;
mod summary;
mod system_tables;
#[cfg(test)]
mod tests;

pub use data::{Accuracy, BESIDE, HEADLINE, Rate, over_all};
pub use error::ReportError;
pub use headline::{Bracket, Everybody, OsPair, RuleFigures, RuleNamed, figures, os_pairs};
pub use make::make_report;
pub use shared_rows::{SharedRow, share_rows};
pub use summary::{AdoptionFigures, BridgeStep, Contact, ContactRate, FarSignalFigures, OUTSIDE_HOME, Summary, summary_schema};
