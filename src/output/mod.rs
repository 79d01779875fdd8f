//! Tables as Parquet, manifest, content hashes.
//!
//! A run's results are tables with fixed names and columns ([`tables`]), written column by column into [`Batch`]es and
//! from there, atomically, into a [`RunFolder`]: one Parquet file a table, or a folder of one part a day. Units and
//! meanings travel inside the files. Nothing written here holds wall time, paths or thread counts, so that equal runs have
//! equal bytes; `timing.json`, which no hash covers, is the exception.
//!
//! ```
//! use cocoasim::output::{Batch, RunFolder, tables};
//!
//! let folder = tempfile::tempdir()?;
//! let run = RunFolder::create(&folder.path().join("run"), false)?;
//! let mut visits = Batch::new(&tables::VISITS);
//! visits.row().set("person", 7u32).set("venue", 0u32).set("venue_kind", "office").set("start_s", 100i64).set("end_s", 160i64).set("group", None::<u32>).set("is_warm_up", false);
//! run.write_part(&visits, cocoasim::time::DayJst(18_506))?;
//! assert_eq!(run.read(&tables::VISITS)?.u32("person"), [7]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arrow_schema;
mod batch;
mod cell;
mod config;
mod error;
mod finished;
mod folder;
mod manifest;
mod parquet_read;
mod parquet_write;
mod rows;
mod spec;
mod stream;
pub mod tables;
#[cfg(test)]
mod tests;

pub use batch::{Batch, Row, TextColumn};
pub use cell::Cell;
pub use config::{Nobody, OutputConfig, PhoneLog, Tij, TijConfig, Verdicts, VerdictsOf};
pub use error::IoError;
pub use finished::{Finished, FinishedFile};
pub use folder::RunFolder;
pub use manifest::{FORMAT_VERSION, ManifestHead};
pub use parquet_read::{read_file, read_parts, read_table};
pub use parquet_write::encode;
pub use rows::{ContactRow, SightingRow, StanceRow, TijRow, UnfacedRow, VerdictRow, VisitRow};
pub use spec::{Column, ColumnType, TableSpec, schema_json};
pub use stream::{PartStream, TableRow};
