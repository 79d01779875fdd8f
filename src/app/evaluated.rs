//! What the framework makes of a matched key: the start of every rule.

use crate::gaen::{
    DiagnosisKey, DiagnosisKeysDataMapping, ExposureRun, ExposureWindow, KeyMatch, ReportType, exposure_runs, exposure_windows,
};

use super::rules::data_mapping;

/// What every rule starts from: computed once for a match.
#[derive(Clone, Debug, Default)]
pub struct Evaluated {
    /// v1 exposures.
    pub runs: Vec<ExposureRun>,
    /// v2 windows.
    pub windows: Vec<ExposureWindow>,
}

/// Exposures and windows of a match, under COCOA's data mapping.
pub fn evaluate(found: &KeyMatch, key: &DiagnosisKey) -> Evaluated {
    evaluate_as(found, key, &data_mapping())
}

/// The same under another data mapping. A key that was withdrawn after it matched has neither; it was kept to hide what it was.
pub fn evaluate_as(found: &KeyMatch, key: &DiagnosisKey, mapping: &DiagnosisKeysDataMapping) -> Evaluated {
    if found.report_type == Some(ReportType::Revoked) {
        return Evaluated::default();
    }
    let mut windows = exposure_windows(found, key, mapping);
    windows.retain(|w| w.report_type != ReportType::Revoked);
    Evaluated { runs: exposure_runs(found), windows }
}
