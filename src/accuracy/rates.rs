//! Rates with intervals that respect that a pair has two people.

use std::array;

use serde::{Deserialize, Serialize};

use crate::math;

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

    /// Counts what another counted.
    pub fn merge(&mut self, other: &Self) {
        *self = Self { tp: self.tp + other.tp, fp: self.fp + other.fp, fn_: self.fn_ + other.fn_, tn: self.tn + other.tn };
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
/// The names of the ends of their intervals, in the same order.
pub const RATE_ENDS: [[&str; 2]; 6] = [
    ["sensitivity_lo", "sensitivity_hi"],
    ["specificity_lo", "specificity_hi"],
    ["ppv_lo", "ppv_hi"],
    ["npv_lo", "npv_hi"],
    ["f1_lo", "f1_hi"],
    ["mcc_lo", "mcc_hi"],
];

/// Numerator and denominator of each proportion: sensitivity, specificity, ppv, npv, and the critical success index.
fn proportions(c: &Confusion) -> [(i64, i64); 5] {
    [(c.tp, c.tp + c.fn_), (c.tn, c.tn + c.fp), (c.tp, c.tp + c.fp), (c.tn, c.tn + c.fn_), (c.tp, c.tp + c.fp + c.fn_)]
}

/// f1 of the critical success index tp / (tp + fp + fn), with which it rises from 0 to 1.
fn f1(success: f64) -> f64 {
    2.0 * success / (1.0 + success)
}

/// Matthews correlation coefficient of tp, fp, fn and tn.
fn mcc([tp, fp, fn_, tn]: [f64; 4]) -> Option<f64> {
    // Two roots, each exact where nothing errs, so that the coefficient is then exactly 1.
    let denominator = ((tp + fp) * (tp + fn_)).sqrt() * ((tn + fp) * (tn + fn_)).sqrt();
    (denominator > 0.0).then(|| (tp * tn - fp * fn_) / denominator)
}

fn mcc_of(c: &Confusion) -> Option<f64> {
    mcc([c.tp, c.fp, c.fn_, c.tn].map(|n| n as f64))
}

/// Sensitivity, specificity, ppv, npv, f1 and mcc; `None` where the denominator is 0.
///
/// Variance is the delete-a-group jackknife over people (Arvesen 1969 for functions of U-statistics): conservative where
/// pairs are in truth independent. Proportions take it as a design effect and get a Wilson interval on the effective
/// number of pairs, so that the interval stays within 0 and 1; at 0 or 1, where the jackknife says nothing, the effective
/// number is the number of groups met. f1 rises with one such proportion, whose interval it takes. mcc takes the wider of
/// the jackknife's normal interval and the one that the intervals of sensitivity and specificity leave it (squares of the
/// distances added, Zou and Donner 2008), cut at its bounds: where nothing is found, or nothing errs, the first alone would
/// claim certainty. `z` is the normal quantile of the confidence.
pub fn rates(total: Confusion, by_group: &[Confusion], z: f64) -> [Option<Rate>; 6] {
    let deleted: Vec<Confusion> = by_group.iter().map(|g| total.without(g)).collect();
    let [sensitivity, specificity, ppv, npv, success] = array::from_fn(|i| proportion(i, &total, by_group, &deleted, z));
    let f1 = success.map(|r| Rate { value: f1(r.value), low: f1(r.low), high: f1(r.high) });
    let mcc = mcc_of(&total).zip(sensitivity.zip(specificity)).map(|(value, (found, left))| {
        let (contacts, others) = ((total.tp + total.fn_) as f64, (total.tn + total.fp) as f64);
        let off = |found: f64, left: f64| {
            let moved = mcc([contacts * found, others * (1.0 - left), contacts * (1.0 - found), others * left]);
            moved.map_or(0.0, |moved| moved - value)
        };
        let half = z * jackknife_variance(deleted.iter().filter_map(mcc_of)).sqrt();
        let below = math::hypot(off(found.low, left.value), off(found.value, left.low)).max(half);
        let above = math::hypot(off(found.high, left.value), off(found.value, left.high)).max(half);
        Rate { value, low: (value - below).max(-1.0), high: (value + above).min(1.0) }
    });
    [sensitivity, specificity, ppv, npv, f1, mcc]
}

/// The `i`-th of [`proportions`] and its interval.
fn proportion(i: usize, total: &Confusion, by_group: &[Confusion], deleted: &[Confusion], z: f64) -> Option<Rate> {
    let of = |c: &Confusion| {
        let (k, n) = proportions(c)[i];
        (n > 0).then(|| k as f64 / n as f64)
    };
    let value = of(total)?;
    let pairs = proportions(total)[i].1 as f64;
    let groups_met = by_group.iter().filter_map(of).count() as f64;
    let effective = effective_pairs(value, pairs, jackknife_variance(deleted.iter().filter_map(of)), groups_met);
    let (low, high) = wilson(value, effective, z);
    Some(Rate { value, low, high })
}

/// So many independent pairs would vary as the jackknife says; never more than there are, never less than one.
fn effective_pairs(value: f64, pairs: f64, variance: f64, groups_met: f64) -> f64 {
    let spread = value * (1.0 - value);
    let effective = if spread > 0.0 && variance > 0.0 { spread / variance } else { groups_met };
    effective.clamp(1.0, pairs)
}

fn jackknife_variance(estimates: impl Iterator<Item = f64>) -> f64 {
    // An iterator that leaves some out promises no length: room for all at once.
    let mut all = Vec::with_capacity(estimates.size_hint().1.unwrap_or(0));
    all.extend(estimates);
    let estimates = all;
    let g = estimates.len() as f64;
    if g < 2.0 {
        return 0.0;
    }
    // From the first, not from 0: equal estimates then vary by exactly 0.
    let from_first = estimates.iter().map(|e| e - estimates[0]);
    let mean = from_first.clone().sum::<f64>() / g;
    (g - 1.0) / g * from_first.map(|e| math::powi(e - mean, 2)).sum::<f64>()
}

/// Wilson's score interval (Wilson 1927).
fn wilson(p: f64, n: f64, z: f64) -> (f64, f64) {
    (wilson_low(p, n, z), 1.0 - wilson_low(1.0 - p, n, z))
}

/// Its lower end, with nothing subtracted: exactly 0 where `p` is, not what rounding leaves of it.
fn wilson_low(p: f64, n: f64, z: f64) -> f64 {
    let a = z * z / n;
    p * p / (p + a / 2.0 + (a * (p * (1.0 - p) + a / 4.0)).sqrt())
}

/// Standard normal quantile by bisection of a numerically integrated density; used once a table, so speed is no matter.
pub fn normal_quantile(p: f64) -> f64 {
    let cdf = |x: f64| {
        let steps = 2000;
        let h = x / f64::from(steps);
        let density = |t: f64| math::exp(-t * t / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
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

    fn is_near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-6
    }

    /// Nothing found of 10, or all: the end that is known is exact, for any number and confidence.
    #[test]
    fn a_rate_of_nothing_begins_at_exactly_0_and_of_all_ends_at_exactly_1() {
        for n in (1..2000).map(f64::from) {
            for z in [0.7, 1.282, 1.645, 1.96, 2.576, 3.29] {
                let ((low, upper), (lower, high)) = (wilson(0.0, n, z), wilson(1.0, n, z));
                assert_eq!((low, high), (0.0, 1.0), "{n} {z}");
                assert!(upper > 0.0 && is_near(upper, 1.0 - lower), "{n} {z}");
            }
        }
        // Rule of the textbook: (p + a/2 -+ sqrt(a (p (1 - p) + a/4))) / (1 + a), a = z^2/n = 0.4.
        let (low, high) = wilson(0.3, 10.0, 2.0);
        assert!(is_near(low, (0.5 - (0.4f64 * 0.31).sqrt()) / 1.4), "{low}");
        assert!(is_near(high, (0.5 + (0.4f64 * 0.31).sqrt()) / 1.4), "{high}");
    }

    /// Four groups leave out estimates of 1, 2, 3 and 6: mean 3, squares 4 + 1 + 0 + 9 = 14, times 3/4.
    #[test]
    fn the_jackknife_is_the_textbook_one() {
        assert!(is_near(jackknife_variance([1.0, 2.0, 3.0, 6.0].into_iter()), 10.5));
        assert_eq!(jackknife_variance([0.1; 7].into_iter()), 0.0, "what does not vary, varies by 0 exactly");
        assert_eq!(jackknife_variance([0.3].into_iter()), 0.0, "one group says nothing");
    }

    /// Half of 100 pairs found has a variance of 0.25/n.
    #[test]
    fn pairs_count_for_no_more_than_they_are() {
        assert!(is_near(effective_pairs(0.5, 100.0, 0.01, 40.0), 25.0));
        assert_eq!(effective_pairs(0.5, 100.0, 0.0005, 40.0), 100.0, "500 are more than there are");
        assert_eq!(effective_pairs(0.5, 100.0, 5.0, 40.0), 1.0);
        assert_eq!(effective_pairs(0.5, 100.0, 0.0, 40.0), 40.0, "where the jackknife is silent, the groups met");
        assert_eq!(effective_pairs(1.0, 100.0, 0.0, 40.0), 40.0);
        assert_eq!(effective_pairs(0.0, 30.0, 0.0, 40.0), 30.0);
    }

    #[test]
    fn f1_and_mcc_are_the_textbook_ones() {
        let c = Confusion { tp: 6, fp: 2, fn_: 3, tn: 9 };
        let [.., f1, mcc] = rates(c, &[], 1.96).map(|rate| rate.expect("none is empty").value);
        assert!(is_near(f1, 12.0 / 17.0));
        // (6 * 9 - 2 * 3) / sqrt(8 * 9 * 11 * 12).
        assert!(is_near(mcc, 48.0 / 9504f64.sqrt()));
    }

    /// Ten contacts with ten groups of one each, and 90 other pairs.
    fn with_ten_groups(tp: i64, fp: i64) -> [Option<Rate>; 6] {
        let by_group: [Confusion; 10] = array::from_fn(|i| {
            let (found, alarmed) = (i64::from((i as i64) < tp), i64::from((i as i64) < fp));
            Confusion { tp: found, fn_: 1 - found, fp: alarmed, tn: 9 - alarmed }
        });
        let total = Confusion { tp, fn_: 10 - tp, fp, tn: 90 - fp };
        rates(total, &by_group, 1.96)
    }

    /// Ten contacts of which none, or all, are found leave room for a quarter more, or less.
    #[test]
    fn f1_and_mcc_at_their_bounds_claim_no_certainty() {
        let [sensitivity, .., f1, mcc] = with_ten_groups(0, 3).map(|rate| rate.expect("none is empty"));
        assert_eq!((sensitivity.value, sensitivity.low), (0.0, 0.0));
        assert_eq!((f1.value, f1.low), (0.0, 0.0));
        assert!(f1.high > 0.2, "{f1:?}");
        assert!(mcc.value < 0.0 && mcc.low < mcc.value && mcc.high > 0.2, "{mcc:?}");
        let [.., f1, mcc] = with_ten_groups(10, 0).map(|rate| rate.expect("none is empty"));
        assert_eq!((f1.value, f1.high, mcc.value, mcc.high), (1.0, 1.0, 1.0, 1.0));
        assert!(f1.low < 0.9 && mcc.low < 0.9, "{f1:?} {mcc:?}");
        // Without an alarm there is no predictive value and no mcc, and f1 is 0.
        let [_, _, ppv, _, f1, mcc] = with_ten_groups(0, 0);
        assert_eq!((ppv, mcc), (None, None));
        assert!(f1.is_some_and(|f1| f1.value == 0.0 && f1.low == 0.0 && f1.high > 0.2));
    }

    /// Half the contacts found and few alarms: f1 lies between the ends of its index tp / (tp + fp + fn).
    #[test]
    fn f1_takes_the_interval_of_the_index_it_rises_with() {
        let [.., f1, _] = with_ten_groups(5, 2).map(|rate| rate.expect("none is empty"));
        assert!(is_near(f1.value, 10.0 / 17.0) && f1.low > 0.0 && f1.low < f1.value && f1.value < f1.high && f1.high < 1.0);
        let as_index = |f1: f64| f1 / (2.0 - f1);
        let (low, high) = (as_index(f1.low), as_index(f1.high));
        // A Wilson interval of 5/12 is that of one number of pairs, whichever end it is taken from.
        let n_of = |end: f64| math::powi(1.96f64, 2) * end * (1.0 - end) / math::powi(end - 5.0 / 12.0, 2);
        assert!(is_near(n_of(low), n_of(high)) && n_of(low) <= 12.0 + 1e-9, "{} {}", n_of(low), n_of(high));
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
