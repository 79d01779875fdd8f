//! What COCOA 2 makes of a day (ExposureRiskCalculationService.cs).

use crate::gaen::{DailySummary, ExposureWindow};

/// How a value is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Operator {
    /// Not at all.
    #[default]
    Nop,
    /// Equal.
    Equal,
    /// Less.
    Less,
    /// Less or equal.
    LessOrEqual,
    /// Greater.
    Greater,
    /// Greater or equal.
    GreaterOrEqual,
}

/// One comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Condition {
    /// How.
    pub operator: Operator,
    /// With what.
    pub value: f64,
}

impl Condition {
    fn holds(self, value: impl FnOnce() -> f64) -> bool {
        match self.operator {
            Operator::Nop => true,
            Operator::Equal => value() == self.value,
            Operator::Less => value() < self.value,
            Operator::LessOrEqual => value() <= self.value,
            Operator::Greater => value() > self.value,
            Operator::GreaterOrEqual => value() >= self.value,
        }
    }
}

/// The five conditions that must all hold of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RiskCalculation {
    /// Of the day's score sum.
    pub score_sum: Condition,
    /// Of the weighted duration sum divided by the seconds of all scans of the day's windows; 0 without any.
    pub weighted_duration_average: Condition,
    /// Of the seconds of all scans of the day's windows, at any attenuation.
    pub seconds_since_last_scan_sum: Condition,
    /// Of the largest typical attenuation, dB.
    pub typical_attenuation_db_max: Condition,
    /// Of the least typical attenuation, dB.
    pub typical_attenuation_db_min: Condition,
}

impl RiskCalculation {
    /// Release 2.0: a score sum of 1350 and 900 s.
    pub fn cocoa() -> Self {
        let at_least = |value| Condition { operator: Operator::GreaterOrEqual, value };
        Self { score_sum: at_least(1350.0), seconds_since_last_scan_sum: at_least(900.0), ..Self::default() }
    }

    /// Whether a day counts as a contact. With nothing asked, nothing does.
    pub fn holds<'a>(&self, summary: &DailySummary, windows: impl Iterator<Item = &'a ExposureWindow> + Clone) -> bool {
        let conditions = [
            self.score_sum,
            self.weighted_duration_average,
            self.seconds_since_last_scan_sum,
            self.typical_attenuation_db_max,
            self.typical_attenuation_db_min,
        ];
        if conditions.iter().all(|c| c.operator == Operator::Nop) {
            return false;
        }
        let typical_db = || windows.clone().flat_map(|w| &w.scans).map(|s| f64::from(s.typical_db));
        let seconds = || windows.clone().map(ExposureWindow::seconds).sum::<i64>() as f64;
        let average = || Some(seconds()).filter(|s| *s > 0.0).map_or(0.0, |seconds| summary.weighted_duration_sum_s / seconds);
        self.score_sum.holds(|| summary.score_sum)
            && self.weighted_duration_average.holds(average)
            && self.seconds_since_last_scan_sum.holds(seconds)
            && self.typical_attenuation_db_max.holds(|| typical_db().fold(f64::NEG_INFINITY, f64::max))
            && self.typical_attenuation_db_min.holds(|| typical_db().fold(f64::INFINITY, f64::min))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        gaen::{Infectiousness, ReportType, ScanInstance},
        time::DayUtc,
    };

    /// ExposureRiskCalculationService.cs divides the weighted duration by the seconds of all scans.
    #[test]
    fn the_average_is_over_seconds_of_scans() {
        let scan = |s| ScanInstance { t_s: 0, typical_db: 50, min_db: 50, seconds_since_last_scan: s };
        let window = ExposureWindow {
            t_s: 0,
            infectiousness: Infectiousness::High,
            report_type: ReportType::ConfirmedTest,
            calibration_confidence: 3,
            scans: vec![scan(300), scan(300)],
        };
        let summary = DailySummary { day: DayUtc(0), score_sum: 1500.0, maximum_score: 1500.0, weighted_duration_sum_s: 1500.0 };
        let at_most = |value| RiskCalculation {
            weighted_duration_average: Condition { operator: Operator::LessOrEqual, value },
            ..RiskCalculation::default()
        };
        assert!(at_most(2.5).holds(&summary, [&window].into_iter()) && !at_most(2.4).holds(&summary, [&window].into_iter()));
        assert!(at_most(0.0).holds(&summary, [].into_iter()), "without scans it is 0");
        assert!(!RiskCalculation::default().holds(&summary, [&window].into_iter()), "with nothing asked, no day is a contact");
    }
}
