//! A rate over several worlds.

use crate::math::{self, student_quantile};

use super::rates::Rate;

/// One rate of several worlds'.
pub struct OverWorlds {
    /// Student's t quantile for 2, 3, ... worlds.
    quantiles: Vec<f64>,
}

impl OverWorlds {
    /// For at most so many worlds.
    pub fn new(worlds: usize, confidence: f64) -> Self {
        Self { quantiles: (2..=worlds).map(|n| student_quantile(0.5 + confidence / 2.0, (n - 1) as f64)).collect() }
    }

    /// The mean of the worlds' rates, and Student's t interval of it: what is drawn once a world (calibration errors, who lives
    /// and sits where, who has the app) differs between them, and so is in it. `least` is the rate's lower bound; the upper is 1.
    ///
    /// Where no world differs from another, their spread says nothing, and the interval is the narrowest of the worlds' own: a
    /// rule that found nothing anywhere claims no certainty. A rate that one world alone has, has no interval (NaN).
    pub fn rate(&self, rates: &[Rate], least: f64) -> Option<Rate> {
        let values: Vec<f64> = rates.iter().map(|r| r.value).collect();
        let (value, half) = self.mean(&values)?;
        let Some(half) = half else { return Some(Rate { value, low: f64::NAN, high: f64::NAN }) };
        if half == 0.0 {
            let low = rates.iter().map(|r| r.low).fold(least, f64::max);
            let high = rates.iter().map(|r| r.high).fold(1.0, f64::min);
            return Some(Rate { value, low: low.min(value), high: high.max(value) });
        }
        Some(Rate { value, low: (value - half).max(least), high: (value + half).min(1.0) })
    }

    /// The mean of the worlds' values, and half the width of Student's t interval of it: none of one world alone, exactly 0 where no world
    /// differs from another.
    pub fn mean(&self, values: &[f64]) -> Option<(f64, Option<f64>)> {
        let first = values.first()?;
        let n = values.len() as f64;
        // From the first, not from 0: equal values then have exactly their mean, and no spread.
        let from_first = || values.iter().map(|value| value - first);
        let mean = from_first().sum::<f64>() / n;
        let quantile = values.len().checked_sub(2).map(|at| self.quantiles[at]);
        let half = quantile.map(|quantile| {
            let variance = from_first().map(|d| math::powi(d - mean, 2)).sum::<f64>() / (n - 1.0);
            quantile * (variance / n).sqrt()
        });
        Some((first + mean, half))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(values: &[f64]) -> Vec<Rate> {
        values.iter().map(|&value| Rate { value, low: (value - 0.1).max(0.0), high: (value + 0.1).min(1.0) }).collect()
    }

    fn over(rates: &[Rate]) -> Option<(f64, f64, f64)> {
        OverWorlds::new(3, 0.95).rate(rates, 0.0).map(|r| (r.value, r.low, r.high))
    }

    /// Mean 0.3, deviations of 0.1, 0 and 0.1: a standard deviation of 0.1, and 4.3027 of it by the root of 3 each way.
    #[test]
    fn the_interval_over_worlds_is_that_of_their_mean() {
        let (value, low, high) = over(&rates(&[0.2, 0.3, 0.4])).expect("three worlds");
        assert!((value - 0.3).abs() < 1e-12 && (low - (0.3 - 0.248_41)).abs() < 1e-4 && (high - 0.548_41).abs() < 1e-4, "{low} {high}");
        assert_eq!(over(&rates(&[0.9, 1.0])).map(|r| r.2), Some(1.0), "no more than all");
        assert_eq!(over(&rates(&[0.0, 0.1])).map(|r| r.1), Some(0.0), "no less than none");
    }

    #[test]
    fn worlds_that_do_not_differ_claim_no_certainty_and_one_alone_has_no_interval() {
        let mut same = rates(&[0.0, 0.0, 0.0]);
        same[1].high = 0.05;
        assert_eq!(over(&same), Some((0.0, 0.0, 0.05)));
        assert_eq!(over(&rates(&[1.0, 1.0])), Some((1.0, 0.9, 1.0)));
        assert!(over(&rates(&[0.7])).is_some_and(|(value, low, high)| value == 0.7 && low.is_nan() && high.is_nan()));
        assert_eq!(over(&[]), None);
    }
}
