//! Drawing figures as SVG, from numbers alone: of runs, tables and files nothing is known here.
//!
//! `canvas` draws shapes and text, `scale`, `axes`, `rows` and `labels` place them, `plan` holds what floor plans share, and
//! `format` writes numbers as people read them. The figures of commands are drawn here; those of a run's tables by `report`, with
//! the same tools.

mod agreement;
pub(crate) mod axes;
pub(crate) mod canvas;
mod compare;
pub(crate) mod format;
pub(crate) mod labels;
mod link;
pub(crate) mod plan;
mod rotation;
pub(crate) mod rows;
pub(crate) mod scale;
mod venue;

pub use agreement::{AgreementBin, AgreementPanel, agreement_figure};
pub use compare::{ComparedRun, Estimate, MOST_RULES, Readings, RuleWords, compare_figure};
pub use link::{LinkDrawing, MapDrawing, PlanDrawing, link_figure};
pub use rotation::{Turn, rotation_figure};
pub use venue::{VenueDrawing, venue_figure};
