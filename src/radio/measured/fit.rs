//! Level, exponent and spreads of an environment from measured scans, by censored maximum likelihood.
//!
//! Each directed pair has an offset of its own, normal; each scan's typical attenuation scatters around it, normal; a scan
//! is heard with the model's reception law at that attenuation, less the whole-scan miss. What was not heard counts through
//! the probability of not being heard, so a fit is not drawn to the near and loud. Integrals over offset and scatter are
//! Gauss-Hermite sums. Weaknesses: pairs that share a phone are taken as independent, so standard errors are too small by
//! the phones' own errors; fading within a scan is part of the scatter; receivers' floors are the table's mean.

use std::f64::consts::PI;

use cobyla::{RhoBeg, minimize};

use crate::radio::{
    calibration::CalibrationTable,
    config::{EnvironmentConfig, RadioConfig},
    kernel::{PACKETS_A_CHANNEL, Reception},
    tables::Quantiles,
};

use super::read::MeasuredScenario;

/// Estimates with standard errors.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Mean attenuation at 1 m as carried in the data, dB.
    pub level_at_1m_db: (f64, f64),
    /// Path-loss exponent.
    pub exponent: (f64, f64),
    /// Spread between directed pairs, dB.
    pub between_pairs_sd_db: (f64, f64),
    /// Spread from scan to scan of a pair, dB.
    pub within_pairs_sd_db: (f64, f64),
    /// Share of scans missed whatever their level.
    pub scan_miss: (f64, f64),
    /// Log likelihood.
    pub log_likelihood: f64,
    /// Scans with a known distance.
    pub scans: usize,
    /// Directed pairs.
    pub pairs: usize,
}

struct Pair {
    ceiling_db: f64,
    /// (log10 of the distance, typical attenuation if heard).
    scans: Vec<(f64, Option<f64>)>,
}

const START: [f64; 5] = [52.0, 1.5, 4.0, 5.0, 0.05];
const BOUNDS: [(f64, f64); 5] = [(20.0, 90.0), (0.0, 6.0), (0.2, 20.0), (0.5, 20.0), (0.0001, 0.9)];

/// Fits one scenario. `None` if there are fewer than 30 scans with a known distance.
pub fn fit(config: &RadioConfig, table: &CalibrationTable, scenario: &MeasuredScenario) -> Option<Fit> {
    let reception = Reception::new(config);
    let clear = reception.clear(scenario.phones.len());
    let pairs = pairs_of(config, table, scenario);
    let scans: usize = pairs.iter().map(|p| p.scans.len()).sum();
    if scans < 30 {
        return None;
    }
    let heard = |margin_db: f64| {
        let missed = 1.0 - f64::from(reception.probability(margin_db as f32, clear));
        1.0 - missed.powi(3 * PACKETS_A_CHANNEL as i32)
    };
    let minus_log_likelihood = |x: &[f64], (): &mut ()| -log_likelihood(&pairs, x, &heard);
    let mut best: Option<(f64, Vec<f64>)> = None;
    // A few starts: the surface has one valley, but the simplex may stop early on its side.
    for shift in [0.0, 6.0, -6.0] {
        let mut start = START;
        start[0] += shift;
        let no_constraints: [fn(&[f64], &mut ()) -> f64; 0] = [];
        let found = minimize(minus_log_likelihood, &start, &BOUNDS, &no_constraints, (), 1500, RhoBeg::All(0.5), None);
        let (x, value) = match found {
            Ok((_, x, value)) | Err((_, x, value)) => (x, value),
        };
        if best.as_ref().is_none_or(|(b, _)| value < *b) {
            best = Some((value, x));
        }
    }
    let (value, x) = best?;
    let errors = standard_errors(&x, |x| -log_likelihood(&pairs, x, &heard));
    let of = |i: usize| (x[i], errors[i]);
    Some(Fit {
        level_at_1m_db: of(0),
        exponent: of(1),
        between_pairs_sd_db: of(2),
        within_pairs_sd_db: of(3),
        scan_miss: of(4),
        log_likelihood: -value,
        scans,
        pairs: pairs.len(),
    })
}

fn pairs_of(config: &RadioConfig, table: &CalibrationTable, scenario: &MeasuredScenario) -> Vec<Pair> {
    let mut pairs: std::collections::BTreeMap<(usize, usize), Pair> = std::collections::BTreeMap::new();
    for s in &scenario.scans {
        let Some(distance_m) = s.distance_m else { continue };
        let pair = pairs.entry((s.receiver, s.transmitter)).or_insert_with(|| {
            let (correction_db, _) = table.listed(&scenario.phones[s.receiver].1);
            let (_, tx_power_dbm) = table.listed(&scenario.phones[s.transmitter].1);
            let floor_dbm = f64::from(config.floor_mean_dbm) + f64::from(correction_db);
            Pair { ceiling_db: f64::from(tx_power_dbm) - floor_dbm, scans: Vec::new() }
        });
        pair.scans.push((f64::from(distance_m.max(0.3)).log10(), s.typical_db.map(f64::from)));
    }
    pairs.into_values().collect()
}

/// Nodes and weights for E f(Z), Z standard normal (Gauss-Hermite, seven points).
const NODES: [(f64, f64); 7] = [
    (0.0, 0.457_142_857_142_857),
    (1.154_405_394_739_968, 0.240_123_178_605_013),
    (-1.154_405_394_739_968, 0.240_123_178_605_013),
    (2.366_759_410_734_541, 0.030_757_123_967_586),
    (-2.366_759_410_734_541, 0.030_757_123_967_586),
    (3.750_439_717_725_742, 0.000_548_268_855_972),
    (-3.750_439_717_725_742, 0.000_548_268_855_972),
];

fn log_likelihood(pairs: &[Pair], x: &[f64], heard: &impl Fn(f64) -> f64) -> f64 {
    let [level, exponent, between, within, miss] = *x else { return f64::NEG_INFINITY };
    let outside = x.iter().zip(BOUNDS).any(|(v, (low, high))| *v < low || *v > high);
    if outside {
        return -1e12;
    }
    pairs
        .iter()
        .map(|pair| {
            let of_nodes = NODES.map(|(z, weight)| {
                let offset = z * between;
                let sum: f64 = pair
                    .scans
                    .iter()
                    .map(|(log_d, typical)| {
                        let mean = level + 10.0 * exponent * log_d + offset;
                        match typical {
                            Some(y) => {
                                let r = (y - mean) / within;
                                let h = heard(pair.ceiling_db - y).max(1e-3);
                                -0.5 * r * r - (within * (2.0 * PI).sqrt()).ln() + (h * (1.0 - miss)).ln()
                            }
                            None => {
                                let p: f64 = NODES.iter().map(|(z, w)| w * heard(pair.ceiling_db - mean - z * within)).sum();
                                (1.0 - (1.0 - miss) * p).max(1e-12).ln()
                            }
                        }
                    })
                    .sum();
                sum + weight.ln()
            });
            let largest = of_nodes.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            largest + of_nodes.iter().map(|v| (v - largest).exp()).sum::<f64>().ln()
        })
        .sum()
}

/// Square roots of the diagonal of the inverse Hessian (central differences).
fn standard_errors(x: &[f64], f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let n = x.len();
    let step: Vec<f64> = x.iter().map(|v| 1e-3 * v.abs().max(0.05)).collect();
    let at = |shifts: &[(usize, f64)]| {
        let mut y = x.to_vec();
        shifts.iter().for_each(|(i, s)| y[*i] += s * step[*i]);
        f(&y)
    };
    let mut hessian = vec![vec![0.0; 2 * n]; n];
    for i in 0..n {
        for j in 0..n {
            let corner = |a: f64, b: f64| at(&[(i, a), (j, b)]);
            hessian[i][j] = (corner(1.0, 1.0) - corner(1.0, -1.0) - corner(-1.0, 1.0) + corner(-1.0, -1.0)) / (4.0 * step[i] * step[j]);
        }
        hessian[i][n + i] = 1.0;
    }
    // Gauss-Jordan with the identity beside it.
    for i in 0..n {
        let pivot = (i..n).max_by(|a, b| hessian[*a][i].abs().total_cmp(&hessian[*b][i].abs())).unwrap_or(i);
        hessian.swap(i, pivot);
        let p = hessian[i][i];
        if p.abs() < 1e-12 {
            return vec![f64::NAN; n];
        }
        hessian[i].iter_mut().for_each(|v| *v /= p);
        let row = hessian[i].clone();
        for (k, other) in hessian.iter_mut().enumerate() {
            if k != i {
                let factor = other[i];
                other.iter_mut().zip(&row).for_each(|(v, r)| *v -= factor * r);
            }
        }
    }
    (0..n).map(|i| hessian[i][n + i].sqrt()).collect()
}

impl Fit {
    /// The environment that has these levels and spreads: what the model adds of itself (carriage, phones' errors, bodies,
    /// asymmetry, fading) is taken out of the fitted spreads, in variance; what is left goes to the pair offset and to
    /// shadowing. `base` gives everything that is not fitted.
    pub fn environment(&self, config: &RadioConfig, base: &EnvironmentConfig) -> EnvironmentConfig {
        let weights = base.carriage_mix.each().map(|w| f64::from(*w));
        let total: f64 = weights.iter().sum();
        let share = |f: &dyn Fn(usize) -> f64| (0..6).map(|i| weights[i] / total * f(i)).sum::<f64>();
        let loss = |i: usize| f64::from(config.carriage.each()[i].loss_db);
        let mean_loss = share(&loss);
        let carriage_var = share(&|i| f64::from(config.carriage.each()[i].loss_sd_db).powi(2) + (loss(i) - mean_loss).powi(2));
        let body_var = share(&|i| (f64::from(base.body_db * config.carriage.each()[i].body_share) / 2.0).powi(2) / 2.0);
        let sq = |v: f32| f64::from(v).powi(2);
        let devices_var = sq(config.tx_error_sd_db) + sq(config.rx_error_sd_db) + 2.0 * sq(config.handset_error_sd_db);
        let pair_var =
            self.between_pairs_sd_db.0.powi(2) - devices_var - 2.0 * carriage_var - 2.0 * body_var * f64::from(base.turning_share());
        // The mean of a scan's packets: three channels, few packets each.
        let fading_var = Quantiles::fading(base.fading_sd_db).sd().powi(2) / 2.5;
        let scan_var = self.within_pairs_sd_db.0.powi(2)
            - fading_var
            - sq(config.asymmetry_sd_db)
            - 2.0 * body_var * f64::from(1.0 - base.turning_share());
        EnvironmentConfig {
            level_at_1m_db: (self.level_at_1m_db.0 - 2.0 * mean_loss) as f32,
            exponent: self.exponent.0 as f32,
            pair_offset_sd_db: pair_var.max(0.0).sqrt() as f32,
            shadowing_sd_db: scan_var.max(0.0).sqrt() as f32,
            scan_miss: self.scan_miss.0 as f32,
            ..base.clone()
        }
    }
}
