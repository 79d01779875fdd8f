//! The report from beginning to end.

use std::path::Path;

use crate::output::RunFolder;

use super::{ReportError, data::RunData, figures, html};

/// Writes `figures/*.svg` and `report.html` into the run's folder, from its Parquet tables, `manifest.json` and
/// `summary.json`. Can be redone at any time; the same run gives the same bytes. Errors if the folder holds no run or a file
/// cannot be read or written.
pub fn make_report(run_dir: &Path) -> Result<(), ReportError> {
    let run = RunFolder::open(run_dir)?;
    let data = RunData::load(&run)?;
    let figures = figures::all(&data);
    for panel in figures.iter().filter_map(|figure| figure.panels.as_ref().ok()).flatten() {
        run.write_figure(&panel.name, &panel.wide)?;
    }
    run.write_report(&html::page(&data, &figures))?;
    Ok(())
}
