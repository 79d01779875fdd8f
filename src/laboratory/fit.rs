//! Level, exponent and spreads of an environment from measured scans, by censored maximum likelihood.
//!
//! Each directed pair has an offset of its own, normal; each scan's typical attenuation scatters around it, normal; a scan
//! is heard with the model's reception law at that attenuation, less the whole-scan miss. What was not heard counts through
//! the probability of not being heard, so a fit is not drawn to the near and loud; scans of phones that had not begun to
//! advertise do not. Distances are between persons: where the phones are adds to a pair's offset, the more the nearer
//! (`10 n / ln 10 × error / distance`). Integrals over offset and scatter are sums over a grid and Gauss-Hermite sums.
//! Weaknesses: pairs that share a phone are taken as independent, so standard errors are too small by the phones' own
//! errors; fading within a scan is part of the scatter.

use std::{
    collections::BTreeMap,
    f64::consts::{LN_10, PI},
};

use cobyla::{RhoBeg, StopTols, minimize};
use rayon::prelude::*;

use crate::{
    math,
    radio::{CalibrationTable, EnvironmentConfig, RadioModel},
};

use super::{read::MeasuredScenario, simulate::Replica};

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
    /// Variance between pairs that the phones' unknown errors explain, dB².
    devices_var: f64,
    /// The same estimates as they were searched.
    pub(super) searched: Searched,
}

/// What is searched: level at 2 m (amid the data, where it hardly depends on the exponent), exponent, spread between pairs and from
/// scan to scan, share missed.
pub(super) type Searched = [f64; 5];

/// A directed pair.
struct Pair {
    /// What is known of them, dB.
    known_db: f64,
    ceiling_db: f64,
    devices_var: f64,
    /// Packets sent while a scan of the receiver listens to one channel.
    packets_a_channel: u32,
    scans: Vec<FitScan>,
}

struct FitScan {
    /// log10 of the distance.
    log_d: f64,
    /// Relative error of the distance, squared.
    error_2: f64,
    /// If heard, typical attenuation less what is known of the two models' errors, and the log of the chance to hear such a scan.
    typical: Option<(f64, f64)>,
}

/// Where the search starts: a hall, a metal carriage, an open office. The likelihood of flat laws has a long valley.
const STARTS: [[f64; 5]; 3] = [[58.0, 1.5, 4.0, 5.0, 0.05], [66.0, 0.4, 6.0, 3.5, 0.02], [56.0, 2.5, 3.0, 4.0, 0.1]];
const BOUNDS: [(f64, f64); 5] = [(20.0, 90.0), (0.0, 6.0), (0.2, 20.0), (0.5, 20.0), (0.0001, 0.9)];

/// Fits the scans of one scenario within `within_m`, carried as in the replica. If all lie at about one distance they say nothing
/// about the exponent: it is the replica's environment's then.
///
/// # Errors
/// Says why data are too few: fewer than 30 scans that heard something.
pub fn fit(replica: &Replica<'_>, scenario: &MeasuredScenario, within_m: f32) -> Result<Fit, String> {
    let problem = Problem::new(replica, scenario, within_m);
    let heard = problem.pairs.iter().flat_map(|p| &p.scans).filter(|s| s.typical.is_some()).count();
    if heard < 30 {
        return Err(format!("{heard} scans heard something at a known distance within {within_m} m; at least 30 are needed"));
    }
    let (value, x) = problem.search(&STARTS, 9);
    let Problem { pairs, held, heard } = &problem;
    let errors = standard_errors(&x, held.is_some(), |x| -log_likelihood(pairs, x, heard));
    let of = |i: usize| (x[i], errors[i]);
    Ok(Fit {
        // At 2 m the two hardly depend on each other, so their errors add in quadrature.
        level_at_1m_db: (x[0] - 10.0 * x[1] * LOG_2M, math::hypot(errors[0], if held.is_some() { 0.0 } else { 10.0 * errors[1] * LOG_2M })),
        exponent: of(1),
        between_pairs_sd_db: of(2),
        within_pairs_sd_db: of(3),
        scan_miss: of(4),
        log_likelihood: -value,
        scans: pairs.iter().map(|p| p.scans.len()).sum(),
        pairs: pairs.len(),
        devices_var: pairs.iter().map(|p| p.devices_var).sum::<f64>() / pairs.len() as f64,
        searched: x,
    })
}

/// The estimates alone, searched from near them.
pub(super) fn fit_from(start: Searched, replica: &Replica<'_>, scenario: &MeasuredScenario, within_m: f32) -> Searched {
    Problem::new(replica, scenario, within_m).search(&[start], 1).1
}

/// Pairs, an exponent that the data do not determine, and the chance of a scan to be heard by margin.
struct Problem<'a> {
    pairs: Vec<Pair>,
    held: Option<f64>,
    heard: Heard<'a>,
}

/// How likely a scan is heard, by the margin of its level above the floor and its packets.
struct Heard<'a> {
    model: &'a RadioModel,
    clear: f32,
}

impl Heard<'_> {
    fn chance(&self, margin_db: f64, packets_a_channel: u32) -> f64 {
        self.model.chance_heard(margin_db as f32, self.clear, packets_a_channel)
    }
}

impl<'a> Problem<'a> {
    fn new(replica: &Replica<'a>, scenario: &MeasuredScenario, within_m: f32) -> Self {
        let model = replica.model;
        let heard = Heard { model, clear: model.clear(scenario.phones.len()) };
        let pairs = pairs_of(replica, scenario, within_m, &heard);
        let heard_log_d: Vec<f64> = pairs.iter().flat_map(|p| &p.scans).filter(|s| s.typical.is_some()).map(|s| s.log_d).collect();
        let (least, most) = heard_log_d.iter().fold((f64::MAX, f64::MIN), |(low, high), d| (low.min(*d), high.max(*d)));
        let held = (most - least < 0.1).then(|| f64::from(replica.environment.config.exponent));
        Self { pairs, held, heard }
    }

    /// The most likely point from these starts and `again` more searches: one may stop early on the side of a valley, so it
    /// begins again from the best point until that no longer helps.
    fn search(&self, starts: &[Searched], again: usize) -> (f64, Searched) {
        let exponent_of = |x: &[f64]| -> Searched { std::array::from_fn(|i| if i == 1 { self.held.unwrap_or(x[1]) } else { x[i] }) };
        let minus_log_likelihood = |x: &[f64], (): &mut ()| -log_likelihood(&self.pairs, &exponent_of(x), &self.heard);
        let mut best: Option<(f64, Vec<f64>)> = None;
        let tolerance = StopTols { ftol_rel: 0.0, ftol_abs: 1e-5, ..StopTols::default() };
        for restart in 0..starts.len() + again {
            let start =
                starts.get(restart).map_or_else(|| best.as_ref().map_or_else(|| starts[0].to_vec(), |(_, x)| x.clone()), |s| s.to_vec());
            let before = best.as_ref().map(|(value, _)| *value);
            let no_constraints: [fn(&[f64], &mut ()) -> f64; 0] = [];
            let found = minimize(
                minus_log_likelihood,
                &start,
                &BOUNDS,
                &no_constraints,
                (),
                3000,
                RhoBeg::All([0.4, 0.1, 0.02][restart % 3]),
                Some(tolerance.clone()),
            );
            let (x, value) = match found {
                Ok((_, x, value)) | Err((_, x, value)) => (x, value),
            };
            if best.as_ref().is_none_or(|(b, _)| value < *b) {
                best = Some((value, x));
            }
            if restart > starts.len() + 2 && before.zip(best.as_ref()).is_some_and(|(before, (now, _))| before - now < 0.01) {
                break;
            }
        }
        let (value, x) = best.expect("there is a start");
        (value, exponent_of(&x))
    }
}

fn pairs_of(replica: &Replica<'_>, scenario: &MeasuredScenario, within_m: f32, heard: &Heard<'_>) -> Vec<Pair> {
    let (config, table) = (replica.model.config(), replica.table);
    let mut pairs: BTreeMap<(usize, usize), Pair> = BTreeMap::new();
    // Along the link: error of both positions, and both phones' offsets from the middle, seen from anywhere.
    let carried = |i: usize| math::powi(f64::from(config.carriage.each()[i].offset_m), 2) / 2.0;
    let error_m2 = 2.0 * (math::powi(f64::from(config.measured_position_sd_m), 2) + replica.as_carried().over_carriage(carried));
    let reference = CalibrationTable::reference();
    let of_phone: Vec<_> = scenario
        .phones
        .iter()
        .map(|(_, model)| {
            let phone = table.phone_model(model);
            let packets_a_channel = config.packets_a_channel(config.scan_of(phone.os).length_s);
            (table.of_phone(&phone), table.residual(config, &reference, &phone), config.floor_dbm(model).0, packets_a_channel)
        })
        .collect();
    let sq = |v: f32| math::powi(f64::from(v), 2);
    for (s, silent) in scenario.scans.iter().zip(scenario.silent()) {
        let Some(distance_m) = s.distance_m.filter(|d| !silent && *d <= within_m) else { continue };
        let pair = pairs.entry((s.receiver, s.transmitter)).or_insert_with(|| {
            let ((correction_db, _), rx, floor_dbm, packets_a_channel) = &of_phone[s.receiver];
            let ((_, tx_power_dbm), tx, ..) = &of_phone[s.transmitter];
            Pair {
                known_db: f64::from(tx.tx_db + tx.tx_shift_db + rx.rx_db + rx.rx_shift_db),
                ceiling_db: f64::from(f32::from(*tx_power_dbm) - floor_dbm - f32::from(*correction_db)),
                devices_var: sq(tx.tx_sd_db) + sq(rx.rx_sd_db) + 2.0 * sq(config.handset_error_sd_db),
                packets_a_channel: *packets_a_channel,
                scans: Vec::new(),
            }
        });
        let chance = |db: f32| heard.chance(pair.ceiling_db - f64::from(db), pair.packets_a_channel).max(1e-3);
        let typical = s.typical_db.map(|db| (f64::from(db) - pair.known_db, math::ln(chance(db))));
        let distance_m = f64::from(distance_m.max(0.3));
        pair.scans.push(FitScan { log_d: math::log10(distance_m), error_2: error_m2 / math::powi(distance_m, 2), typical });
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

fn log_likelihood(pairs: &[Pair], x: &[f64], heard: &Heard<'_>) -> f64 {
    let [level_at_2m, exponent, between, within, miss] = *x else { return f64::NEG_INFINITY };
    let outside = x.iter().zip(BOUNDS).any(|(v, (low, high))| *v < low || *v > high);
    if outside {
        return -1e12;
    }
    // Chance of being heard when the mean lies this far below the ceiling, scatter within the pair averaged out; by packets.
    let averaged = |packets: u32| -> Vec<f64> {
        (0..MARGINS).map(|k| NODES.iter().map(|(z, w)| w * heard.chance(margin_db(k) - z * within, packets)).sum()).collect()
    };
    let mut heard_on_average: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for pair in pairs {
        heard_on_average.entry(pair.packets_a_channel).or_insert_with(|| averaged(pair.packets_a_channel));
    }
    let ln_scale = math::ln(1.0 - miss) - math::ln(within * (2.0 * PI).sqrt());
    // In parallel, and added up in the order of pairs: the same for any number of threads.
    let of_pairs: Vec<f64> = pairs
        .par_iter()
        .map(|pair| {
            let heard_on_average = &heard_on_average[&pair.packets_a_channel];
            let of_offsets = (0..OFFSETS).map(|k| {
                let z = OFFSET_EDGE * (2.0 * k as f64 / (OFFSETS - 1) as f64 - 1.0);
                let sum: f64 = pair
                    .scans
                    .iter()
                    .map(|scan| {
                        let offset = (between * between + math::powi(10.0 / LN_10 * exponent, 2) * scan.error_2).sqrt();
                        let mean = level_at_2m + 10.0 * exponent * (scan.log_d - LOG_2M) + z * offset;
                        match scan.typical {
                            Some((y, ln_heard)) => {
                                let r = (y - mean) / within;
                                -0.5 * r * r + ln_heard + ln_scale
                            }
                            None => {
                                let at = ((pair.ceiling_db - pair.known_db - mean + 80.0) * 4.0).clamp(0.0, (MARGINS - 2) as f64);
                                let (k, share) = (at as usize, at.fract());
                                let h = heard_on_average[k] * (1.0 - share) + heard_on_average[k + 1] * share;
                                math::ln((1.0 - (1.0 - miss) * h).max(1e-12))
                            }
                        }
                    })
                    .sum();
                sum - 0.5 * z * z
            });
            let of_offsets: Vec<f64> = of_offsets.collect();
            let largest = of_offsets.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let step = 2.0 * OFFSET_EDGE / (OFFSETS - 1) as f64;
            largest + math::ln(of_offsets.iter().map(|v| math::exp(v - largest)).sum::<f64>() * step / (2.0 * PI).sqrt())
        })
        .collect();
    of_pairs.iter().sum()
}

pub(super) const LOG_2M: f64 = std::f64::consts::LOG10_2;

/// The pair's offset is summed over this many points up to this many standard deviations: a pair with many scans knows its
/// offset well, and a coarse rule would miss it.
const OFFSETS: usize = 49;
const OFFSET_EDGE: f64 = 4.0;
/// Margins from -80 to 80 dB in quarters.
const MARGINS: usize = 641;

fn margin_db(k: usize) -> f64 {
    k as f64 / 4.0 - 80.0
}

/// Square roots of the diagonal of the inverse Hessian (central differences); NaN for a parameter at its bound, and for all
/// where the point is no minimum in every direction.
fn standard_errors(x: &[f64], exponent_held: bool, f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let step: Vec<f64> = x.iter().map(|v| 1e-2 * v.abs().max(0.1)).collect();
    let inside = |i: &usize| x[*i] - 2.0 * step[*i] > BOUNDS[*i].0 && x[*i] + 2.0 * step[*i] < BOUNDS[*i].1;
    let free: Vec<usize> = (0..x.len()).filter(inside).filter(|i| !(exponent_held && *i == 1)).collect();
    let n = free.len();
    let at = |shifts: &[(usize, f64)]| {
        let mut y = x.to_vec();
        shifts.iter().for_each(|(i, s)| y[*i] += s * step[*i]);
        f(&y)
    };
    let mut hessian = vec![vec![0.0; 2 * n]; n];
    for i in 0..n {
        for j in 0..n {
            let corner = |a: f64, b: f64| at(&[(free[i], a), (free[j], b)]);
            hessian[i][j] =
                (corner(1.0, 1.0) - corner(1.0, -1.0) - corner(-1.0, 1.0) + corner(-1.0, -1.0)) / (4.0 * step[free[i]] * step[free[j]]);
        }
        hessian[i][n + i] = 1.0;
    }
    // Gauss-Jordan with the identity beside it.
    for i in 0..n {
        let pivot = (i..n).max_by(|a, b| hessian[*a][i].abs().total_cmp(&hessian[*b][i].abs())).unwrap_or(i);
        hessian.swap(i, pivot);
        let p = hessian[i][i];
        if p.abs() < 1e-12 {
            return vec![f64::NAN; x.len()];
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
    let mut errors = vec![f64::NAN; x.len()];
    if (0..n).any(|i| hessian[i][n + i].is_nan() || hessian[i][n + i] <= 0.0) {
        return errors;
    }
    free.iter().enumerate().for_each(|(i, parameter)| errors[*parameter] = hessian[i][n + i].sqrt());
    errors
}

impl Fit {
    /// The environment that has these levels and spreads: what the model adds of itself (carriage, phones' errors, bodies,
    /// fading) is taken out of the fitted spreads, in variance; what is left goes to the pair offset and to shadowing, fast
    /// and slow in the proportion of the replica's environment, which gives everything that is not fitted.
    pub fn environment(&self, replica: &Replica<'_>) -> EnvironmentConfig {
        let (config, base) = (replica.model.config(), &replica.as_carried());
        let share = |f: &dyn Fn(usize) -> f64| base.over_carriage(f);
        let loss = |i: usize| f64::from(config.carriage.each()[i].loss_db);
        let mean_loss = share(&loss);
        let carriage_var = share(&|i| math::powi(f64::from(config.carriage.each()[i].loss_sd_db), 2) + math::powi(loss(i) - mean_loss, 2));
        // The cosine of an angle even within ± the facing spread: mean sin(a)/a, mean square (1 + sin(2a)/2a)/2.
        let a = f64::from(base.facing_spread_deg.max(1.0)).to_radians();
        let (cosine, square) = (math::sin(a) / a, (1.0 + math::sin(2.0 * a) / (2.0 * a)) / 2.0);
        let half_body = |i: usize| f64::from(base.body_db * config.carriage.each()[i].body_share) / 2.0;
        let body_mean = -cosine * share(&half_body);
        let body_var = (square - cosine * cosine) * share(&|i| math::powi(half_body(i), 2));
        let pair_var = math::powi(self.between_pairs_sd_db.0, 2)
            - self.devices_var
            - 2.0 * carriage_var
            - 2.0 * body_var * f64::from(base.turning_share());
        // The mean of a scan's packets: three channels, few packets each.
        let fading_var = math::powi(replica.environment.fading_sd_db(), 2) / 2.5;
        let scan_var = math::powi(self.within_pairs_sd_db.0, 2) - fading_var - 2.0 * body_var * f64::from(1.0 - base.turning_share());
        EnvironmentConfig {
            level_at_1m_db: (self.level_at_1m_db.0 - 2.0 * mean_loss - 2.0 * body_mean) as f32,
            exponent: self.exponent.0 as f32,
            pair_offset_sd_db: pair_var.max(0.0).sqrt() as f32,
            scan_miss: self.scan_miss.0 as f32,
            ..base.clone().with_shadowing_sd_db(scan_var.max(0.0).sqrt() as f32)
        }
    }
}
