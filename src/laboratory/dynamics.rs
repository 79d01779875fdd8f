//! How attenuation hangs together in time and between the two directions of a pair.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::math;

use super::read::MeasuredScenario;

/// Lags, s, and how far from them two scans may lie apart.
const LAGS_S: [f64; 2] = [60.0, 300.0];
const LAG_TOLERANCE_S: f64 = 15.0;
/// A pair needs so many scans that heard something for its mean to be taken away.
const SCANS_OF_A_PAIR: usize = 6;
/// Scans of the two directions lie at most this far apart, s.
const TOGETHER_S: f64 = 30.0;
/// Products under a figure; with fewer it is not reported.
const PRODUCTS: usize = 30;
/// Rounds of fitting distance, receivers and transmitters in turn.
const ROUNDS: usize = 20;

/// Measured beside simulated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dynamics {
    /// Correlation of a directed pair's attenuations, its own mean removed, by the time between them.
    pub autocorrelation: Vec<LagRow>,
    /// Correlation of what the two phones of a pair read of each other within 30 s, effects of distance, receivers and
    /// transmitters removed: measured.
    pub reciprocity_observed: Option<f64>,
    /// The same simulated, mean over runs.
    pub reciprocity_simulated: Option<f64>,
}

/// One lag.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LagRow {
    /// Time between, s (± 15 s).
    pub lag_s: f64,
    /// Measured.
    pub observed: Option<f64>,
    /// Simulated, mean over runs.
    pub simulated: Option<f64>,
}

/// The figures of one set of scans.
#[derive(Clone, Debug)]
pub(super) struct OfSet {
    /// By lag.
    pub autocorrelation: [Option<f64>; LAGS_S.len()],
    pub reciprocity: Option<f64>,
}

impl OfSet {
    pub fn new(scenario: &MeasuredScenario, typical_db: &[Option<f32>]) -> Self {
        Self {
            autocorrelation: LAGS_S.map(|lag_s| autocorrelation(scenario, typical_db, lag_s)),
            reciprocity: reciprocity(scenario, typical_db),
        }
    }
}

impl Dynamics {
    /// The same estimator on measured scans and on every run.
    pub(super) fn new<'a>(observed: &OfSet, runs: impl Iterator<Item = &'a OfSet> + Clone) -> Self {
        let mean = |of: &dyn Fn(&OfSet) -> Option<f64>| {
            let values: Vec<f64> = runs.clone().filter_map(of).collect();
            (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
        };
        let lag =
            |i: usize| LagRow { lag_s: LAGS_S[i], observed: observed.autocorrelation[i], simulated: mean(&|run| run.autocorrelation[i]) };
        Self {
            autocorrelation: (0..LAGS_S.len()).map(lag).collect(),
            reciprocity_observed: observed.reciprocity,
            reciprocity_simulated: mean(&|run| run.reciprocity),
        }
    }
}

/// Heard scans of each directed pair, time and value, in time order.
fn by_pair(scenario: &MeasuredScenario, values: impl Iterator<Item = Option<f64>>) -> BTreeMap<(usize, usize), Vec<(f64, f64)>> {
    let mut pairs: BTreeMap<(usize, usize), Vec<(f64, f64)>> = BTreeMap::new();
    for (s, value) in scenario.scans.iter().zip(values) {
        if let Some(value) = value {
            pairs.entry((s.receiver, s.transmitter)).or_default().push((s.t_s, value));
        }
    }
    pairs.values_mut().for_each(|of| of.sort_by(|a, b| a.0.total_cmp(&b.0)));
    pairs
}

fn autocorrelation(scenario: &MeasuredScenario, typical_db: &[Option<f32>], lag_s: f64) -> Option<f64> {
    let (mut products, mut number, mut squares, mut values) = (0.0, 0, 0.0, 0);
    for of in by_pair(scenario, typical_db.iter().map(|db| db.map(f64::from))).values().filter(|of| of.len() >= SCANS_OF_A_PAIR) {
        let mean = of.iter().map(|(_, v)| v).sum::<f64>() / of.len() as f64;
        for (i, (t_s, v)) in of.iter().enumerate() {
            squares += math::powi(v - mean, 2);
            values += 1;
            let later = of[i + 1..].iter().skip_while(|(other_s, _)| other_s - t_s < lag_s - LAG_TOLERANCE_S);
            for (_, w) in later.take_while(|(other_s, _)| other_s - t_s <= lag_s + LAG_TOLERANCE_S) {
                products += (v - mean) * (w - mean);
                number += 1;
            }
        }
    }
    (number >= PRODUCTS && squares > 0.0).then(|| products / number as f64 / (squares / f64::from(values)))
}

fn reciprocity(scenario: &MeasuredScenario, typical_db: &[Option<f32>]) -> Option<f64> {
    let pairs = by_pair(scenario, residuals(scenario, typical_db).into_iter());
    let mut both: Vec<(f64, f64)> = Vec::new();
    for ((receiver, transmitter), of) in pairs.iter().filter(|((r, t), _)| r < t) {
        let Some(back) = pairs.get(&(*transmitter, *receiver)) else { continue };
        for (t_s, v) in of {
            let nearest = back.iter().min_by(|a, b| (a.0 - t_s).abs().total_cmp(&(b.0 - t_s).abs()));
            both.extend(nearest.filter(|(other_s, _)| (other_s - t_s).abs() <= TOGETHER_S).map(|(_, w)| (*v, *w)));
        }
    }
    if both.len() < PRODUCTS {
        return None;
    }
    let n = both.len() as f64;
    let (mean_v, mean_w) = both.iter().fold((0.0, 0.0), |(a, b), (v, w)| (a + v / n, b + w / n));
    let sums = both.iter().fold([0.0; 3], |[vw, vv, ww], (v, w)| {
        let (v, w) = (v - mean_v, w - mean_w);
        [vw + v * w, vv + v * v, ww + w * w]
    });
    (sums[1] * sums[2] > 0.0).then(|| sums[0] / (sums[1] * sums[2]).sqrt())
}

/// What is left of each heard scan at a known distance after a slope over log distance, a level for each receiver and one
/// for each transmitter (least squares, fitted in turn).
fn residuals(scenario: &MeasuredScenario, typical_db: &[Option<f32>]) -> Vec<Option<f64>> {
    let mut left: Vec<Option<f64>> =
        scenario.scans.iter().zip(typical_db).map(|(s, db)| db.filter(|_| s.distance_m.is_some()).map(f64::from)).collect();
    let log_d: Vec<f64> = scenario.scans.iter().map(|s| math::log10(f64::from(s.distance_m.unwrap_or(1.0).max(0.3)))).collect();
    let known = |left: &[Option<f64>]| left.iter().flatten().count().max(1) as f64;
    let middle = left.iter().zip(&log_d).filter(|(v, _)| v.is_some()).map(|(_, d)| d).sum::<f64>() / known(&left);
    for _ in 0..ROUNDS {
        for end in [0, 1] {
            let mut levels = vec![(0.0, 0.0); scenario.phones.len()];
            let phone = |i: usize| if end == 0 { scenario.scans[i].receiver } else { scenario.scans[i].transmitter };
            left.iter().enumerate().for_each(|(i, v)| {
                let (sum, n) = &mut levels[phone(i)];
                *sum += v.unwrap_or(0.0);
                *n += f64::from(u8::from(v.is_some()));
            });
            left.iter_mut().enumerate().for_each(|(i, v)| {
                let (sum, n) = levels[phone(i)];
                *v = v.map(|v| v - sum / n);
            });
        }
        let (mut across, mut along) = (0.0, 0.0);
        for (v, d) in left.iter().zip(&log_d) {
            if let Some(v) = v {
                across += v * (d - middle);
                along += math::powi(d - middle, 2);
            }
        }
        let slope = if along > 0.0 { across / along } else { 0.0 };
        left.iter_mut().zip(&log_d).for_each(|(v, d)| *v = v.map(|v| v - slope * (d - middle)));
    }
    left
}

#[cfg(test)]
mod tests {
    use super::{super::read::MeasuredScan, *};

    fn scenario(values: impl Fn(usize, usize, usize) -> f32) -> (MeasuredScenario, Vec<Option<f32>>) {
        let mut scenario = MeasuredScenario { phones: vec![Default::default(); 4], ..MeasuredScenario::default() };
        let mut db = Vec::new();
        for minute in 0..40 {
            for receiver in 0..4 {
                for transmitter in (0..4).filter(|t| *t != receiver) {
                    scenario.scans.push(MeasuredScan {
                        t_s: minute as f64 * 60.0,
                        receiver,
                        transmitter,
                        distance_m: Some(1.0 + (receiver + transmitter) as f32 * 0.5),
                        seconds: 60.0,
                        typical_db: None,
                    });
                    db.push(Some(values(minute, receiver, transmitter)));
                }
            }
        }
        (scenario, db)
    }

    #[test]
    fn a_wave_of_four_minutes_turns_over_in_five() {
        // Values +1, +1, -1, -1 …: neighbours agree half the time, five minutes on as one minute on.
        let (s, db) = scenario(|minute, _, _| if minute % 4 < 2 { 51.0 } else { 49.0 });
        let at = |lag_s| autocorrelation(&s, &db, lag_s).unwrap();
        assert!(at(60.0).abs() < 0.06 && at(300.0).abs() < 0.06 && at(120.0) < -0.9 && at(240.0) > 0.9);
    }

    #[test]
    fn reciprocity_sees_through_levels_of_phones() {
        // Receivers and transmitters differ by tens of dB, what is left is the same both ways.
        let wave = |minute: usize, a: usize, b: usize| (((minute * 7 + (a + b) * 5 + a * b * 3) % 11) as f32) - 5.0;
        let (s, db) = scenario(|m, r, t| 60.0 + 9.0 * r as f32 - 7.0 * t as f32 + wave(m, r, t));
        assert!(reciprocity(&s, &db).unwrap() > 0.99);
        // Nothing of it where only one direction moves.
        let (s, db) = scenario(|m, r, t| if r < t { wave(m, r, t) } else { wave(m * 3 + 5, t + 7, r + 1) });
        assert!(reciprocity(&s, &db).unwrap().abs() < 0.3);
    }
}
