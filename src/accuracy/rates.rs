//! Rates with intervals that respect that a pair has two people.

use serde::{Deserialize, Serialize};

/// Confusion counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// Contacts that were found.
    pub tp: i64,
    /// Others that were reported.
    pub fp: i64,
    /// Contacts that were missed.
    pub fn_: i64,
    /// Others that were not reported.
    pub tn: i64,
}

impl Confusion {
    /// Counts one pair.
    pub fn add(&mut self, actual: bool, detected: bool) {
        match (actual, detected) {
            (true, true) => self.tp += 1,
            (false, true) => self.fp += 1,
            (true, false) => self.fn_ += 1,
            (false, false) => self.tn += 1,
        }
    }

    fn without(&self, part: &Self) -> Self {
        Self { tp: self.tp - part.tp, fp: self.fp - part.fp, fn_: self.fn_ - part.fn_, tn: self.tn - part.tn }
    }
}

/// A rate and its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// The rate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Names of the rates, in the order in which they are computed.
pub const RATE_NAMES: [&str; 6] = ["sensitivity", "specificity", "ppv", "npv", "f1", "mcc"];

/// Numerator and denominator of each proportion.
fn proportions(c: &Confusion) -> [(i64, i64); 4] {
    [(c.tp, c.tp + c.fn_), (c.tn, c.tn + c.fp), (c.tp, c.tp + c.fp), (c.tn, c.tn + c.fn_)]
}

fn f1(c: &Confusion) -> Option<f64> {
    let denominator = 2 * c.tp + c.fp + c.fn_;
    (denominator > 0).then(|| 2.0 * c.tp as f64 / denominator as f64)
}

fn mcc(c: &Confusion) -> Option<f64> {
    let [tp, fp, fn_, tn] = [c.tp, c.fp, c.fn_, c.tn].map(|n| n as f64);
    let denominator = ((tp + fp) * (tp + fn_) * (tn + fp) * (tn + fn_)).sqrt();
    (denominator > 0.0).then(|| (tp * tn - fp * fn_) / denominator)
}

/// Sensitivity, specificity, ppv, npv, f1 and mcc; `None` where the denominator is 0.
///
/// Variance is the delete-a-group jackknife over people (Arvesen 1969 for functions of U-statistics): conservative where
/// pairs are in truth independent. Proportions take it as a design effect and get a Wilson interval on the effective
/// number of pairs, so that the interval stays within 0 and 1; at 0 or 1, where the jackknife says nothing, the effective
/// number is the number of groups met. `z` is the normal quantile of the confidence. f1 and mcc get a normal interval, cut at their bounds.
pub fn rates(total: Confusion, by_group: &[Confusion], z: f64) -> [Option<Rate>; 6] {
    let deleted: Vec<Confusion> = by_group.iter().map(|g| total.without(g)).collect();
    let mut out = [None; 6];
    for (i, (k, n)) in proportions(&total).into_iter().enumerate() {
        if n == 0 {
            continue;
        }
        let p = k as f64 / n as f64;
        let met = by_group.iter().filter(|g| proportions(g)[i].1 > 0).count() as f64;
        let variance = jackknife_variance(deleted.iter().filter_map(|d| {
            let (k, n) = proportions(d)[i];
            (n > 0).then(|| k as f64 / n as f64)
        }));
        let binomial = p * (1.0 - p) / n as f64;
        let effective = if binomial > 0.0 && variance > 0.0 { n as f64 / (variance / binomial).max(1.0) } else { met.min(n as f64) };
        let (low, high) = wilson(p, effective.max(1.0), z);
        out[i] = Some(Rate { value: p, low, high });
    }
    for (i, of, floor) in [(4, f1 as fn(&Confusion) -> Option<f64>, 0.0), (5, mcc, -1.0)] {
        out[i] = of(&total).map(|value| {
            let half = z * jackknife_variance(deleted.iter().filter_map(of)).sqrt();
            Rate { value, low: (value - half).max(floor), high: (value + half).min(1.0) }
        });
    }
    out
}

fn jackknife_variance(estimates: impl Iterator<Item = f64>) -> f64 {
    let estimates: Vec<f64> = estimates.collect();
    let g = estimates.len() as f64;
    if g < 2.0 {
        return 0.0;
    }
    let mean = estimates.iter().sum::<f64>() / g;
    (g - 1.0) / g * estimates.iter().map(|e| (e - mean).powi(2)).sum::<f64>()
}

/// Wilson's score interval (Wilson 1927).
fn wilson(p: f64, n: f64, z: f64) -> (f64, f64) {
    let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

/// Standard normal quantile by bisection of a numerically integrated density; used once a table, so speed is no matter.
pub fn normal_quantile(p: f64) -> f64 {
    let cdf = |x: f64| {
        let steps = 2000;
        let h = x / f64::from(steps);
        let density = |t: f64| (-t * t / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        0.5 + (0..steps).map(|i| density((f64::from(i) + 0.5) * h) * h).sum::<f64>()
    };
    let (mut low, mut high) = (0.0, 8.0);
    for _ in 0..50 {
        let middle = (low + high) / 2.0;
        if cdf(middle) < p { low = middle } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantile_and_wilson_are_the_textbook_ones() {
        assert!((normal_quantile(0.975) - 1.959_964).abs() < 1e-5);
        let (low, high) = wilson(0.0, 10.0, 1.959_964);
        assert!(low == 0.0 && (high - 0.2775).abs() < 1e-3, "{high}");
    }

    #[test]
    fn leaving_a_person_out_removes_all_their_pairs() {
        // Persons 0..4; every ordered pair, found where the sum is even, actual where the observer is below 2.
        let mut total = Confusion::default();
        let mut by_group = [Confusion::default(); 4];
        let judge = |o: usize, t: usize, c: &mut Confusion| c.add(o < 2, (o + t).is_multiple_of(2));
        for o in 0..4 {
            for t in (0..4).filter(|t| *t != o) {
                judge(o, t, &mut total);
                judge(o, t, &mut by_group[o]);
                judge(o, t, &mut by_group[t]);
            }
        }
        for (left_out, group) in by_group.iter().enumerate() {
            let mut brute = Confusion::default();
            for o in (0..4).filter(|o| *o != left_out) {
                for t in (0..4).filter(|t| *t != o && *t != left_out) {
                    judge(o, t, &mut brute);
                }
            }
            assert_eq!(total.without(group), brute);
        }
        let all = rates(total, &by_group, 1.96);
        let sensitivity = all[0].expect("there are contacts");
        assert!(sensitivity.low < sensitivity.value && sensitivity.value < sensitivity.high);
        assert_eq!(rates(Confusion { tn: 5, ..Confusion::default() }, &by_group, 1.96)[0], None);
    }
}
