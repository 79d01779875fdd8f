//! What COCOA 2 makes of a day (ExposureRiskCalculationService.cs).

use crate::gaen::{DailySummary, ExposureWindow, ScanInstance};

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
    fn holds(self, value: f64) -> bool {
        match self.operator {
            Operator::Nop => true,
            Operator::Equal => value == self.value,
            Operator::Less => value < self.value,
            Operator::LessOrEqual => value <= self.value,
            Operator::Greater => value > self.value,
            Operator::GreaterOrEqual => value >= self.value,
        }
    }
}

/// The five conditions that must all hold of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RiskCalculation {
    /// Of the day's score sum.
    pub score_sum: Condition,
    /// Of the weighted duration sum divided by the number of windows, s.
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
    pub fn holds(&self, summary: &DailySummary, windows: &[&ExposureWindow]) -> bool {
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
        let scans = || windows.iter().flat_map(|w| &w.scans);
        let typical = |s: &ScanInstance| f64::from(s.typical_db);
        let values = [
            summary.score_sum,
            summary.weighted_duration_sum_s / windows.len().max(1) as f64,
            scans().map(|s| f64::from(s.seconds_since_last_scan)).sum(),
            scans().map(typical).fold(f64::NEG_INFINITY, f64::max),
            scans().map(typical).fold(f64::INFINITY, f64::min),
        ];
        conditions.iter().zip(values).all(|(c, v)| c.holds(v))
    }
}
