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

/// Scans of a higher typical attenuation are of far phones, dB (issue 1121: of half of the alarms more than 90 % of the minutes were so).
const FAR_ABOVE_DB: i32 = 70;

impl Evaluated {
    /// The same without scans of far phones: what version 2 would have been without fault F15.
    pub(super) fn without_far_scans(&self) -> Self {
        Self { runs: self.runs.clone(), windows: self.windows.iter().filter_map(without_far_scans).collect() }
    }
}

/// A window without scans of far phones; `None` if nothing is left.
pub(super) fn without_far_scans(window: &ExposureWindow) -> Option<ExposureWindow> {
    let near: Vec<_> = window.scans.iter().filter(|scan| scan.typical_db <= FAR_ABOVE_DB).copied().collect();
    (!near.is_empty()).then(|| ExposureWindow { scans: near, ..window.clone() })
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
