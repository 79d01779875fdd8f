//! From estimates to an environment: the one whose simulated scans give the same estimates.
//!
//! The likelihood knows less than the simulation: that distances are between persons and err, that pairs share phones, that a scan's
//! mean is of what was heard. So estimates from simulated scans differ from what they were simulated with (the exponent by
//! -0.2 to -0.35 in the queue and the train of DP-3T exp34), and an environment with the estimates for parameters would not
//! give the data back. Indirect inference (Gouriéroux, Monfort and Renault 1993, Journal of Applied Econometrics 8, S85-S118)
//! moves the parameters until the estimates from simulated scans are those from the measured. Weaknesses: what the
//! simulation lacks is not repaired, and parameters at their bounds stay there.

use rayon::prelude::*;

use crate::{
    math,
    radio::{Environment, EnvironmentConfig},
    random::Seed,
};

use super::{
    fit::{Fit, LOG_2M, Searched, fit_from},
    read::MeasuredScenario,
    simulate::{Replica, simulate},
};

/// Simulated experiments a round, the same chances in each round.
const RUNS: usize = 12;
const ROUNDS: usize = 6;
/// Estimates this near to the measured ones are alike: level, exponent, the two spreads, share missed.
const ALIKE: Searched = [0.1, 0.02, 0.1, 0.1, 0.005];

/// An environment that gives measured estimates back.
#[derive(Clone, Debug)]
pub struct Matched {
    /// The environment.
    pub environment: EnvironmentConfig,
    /// Standard deviation of the estimates over simulated experiments of the same size: level at 1 m (dB), exponent, spread between
    /// pairs and from scan to scan (dB), share missed. Unlike the likelihood's standard errors it counts what phones have
    /// in common.
    pub scatter: [f64; 5],
    /// What the estimates from scans simulated with it still lack of the measured ones: level at 2 m (dB), exponent, the two spreads
    /// (dB), share missed. A parameter at its bound may leave some.
    pub lacks: [f64; 5],
}

impl Matched {
    /// Whether each estimate comes back, by its place in `lacks`: within 0.1 dB, 0.02, 0.1 dB, 0.1 dB and 0.005.
    pub fn gives_back(&self, estimate: usize) -> bool {
        self.lacks[estimate].abs() < ALIKE[estimate]
    }
}

/// The environment that gives the estimates of a scenario back, which were fitted to its scans within `within_m`. The replica's
/// environment gives everything that is not fitted.
pub fn matched(replica: &Replica<'_>, scenario: &MeasuredScenario, fit: &Fit, within_m: f32, seed: Seed) -> Matched {
    let mut now = fit.environment(replica);
    let mut estimates = vec![fit.searched; RUNS];
    let mut lacks = [0.0; 5];
    for round in 0..=ROUNDS {
        let environment = Environment::new(now.clone());
        let here = Replica { environment: &environment, ..replica.clone() };
        estimates = estimates
            .par_iter()
            .enumerate()
            .map(|(run, before)| {
                let typical_db = simulate(&here, scenario, Seed(seed.0.wrapping_mul(1_000_003).wrapping_add(run as u64)));
                fit_from(*before, replica, &scenario.hearing(&typical_db), within_m)
            })
            .collect();
        lacks = std::array::from_fn(|i| fit.searched[i] - mean(estimates.iter().map(|x| x[i])));
        if round == ROUNDS || lacks.iter().zip(ALIKE).all(|(lacks, alike)| lacks.abs() < alike) {
            break;
        }
        let spread_db = |i: usize, sd_db: f32| {
            let lacking = math::powi(fit.searched[i], 2) - mean(estimates.iter().map(|x| math::powi(x[i], 2)));
            (math::powi(f64::from(sd_db), 2) + lacking).clamp(0.0, 400.0).sqrt() as f32
        };
        let level_at_2m_db = f64::from(now.level_at_1m_db) + 10.0 * f64::from(now.exponent) * LOG_2M + lacks[0];
        let exponent = (f64::from(now.exponent) + lacks[1]).clamp(0.0, 6.0);
        now = EnvironmentConfig {
            level_at_1m_db: (level_at_2m_db - 10.0 * exponent * LOG_2M) as f32,
            exponent: exponent as f32,
            pair_offset_sd_db: spread_db(2, now.pair_offset_sd_db),
            scan_miss: (f64::from(now.scan_miss) + lacks[4]).clamp(0.0, 0.9) as f32,
            ..now.clone().with_shadowing_sd_db(spread_db(3, now.both_shadowings_sd_db()))
        };
    }
    let at_1m = |x: &Searched| [x[0] - 10.0 * x[1] * LOG_2M, x[1], x[2], x[3], x[4]];
    let scatter = std::array::from_fn(|i| {
        let middle = mean(estimates.iter().map(|x| at_1m(x)[i]));
        (estimates.iter().map(|x| math::powi(at_1m(x)[i] - middle, 2)).sum::<f64>() / (RUNS - 1) as f64).sqrt()
    });
    Matched { environment: now, scatter, lacks }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let number = values.len() as f64;
    values.sum::<f64>() / number
}
