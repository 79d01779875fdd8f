//! What can go wrong when a report is made.

use crate::output::IoError;

/// A failure to make a report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file of the run could not be read, or a file of the report not be written.
    #[error(transparent)]
    Io(#[from] IoError),
    /// `summary.json` is there but has a field of another type than [`super::Summary`] says.
    #[error("summary.json is not as this version writes it: {source}")]
    Summary {
        /// What was expected where.
        source: serde_json::Error,
    },
}
