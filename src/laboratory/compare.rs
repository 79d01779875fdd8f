//! Measured and simulated by the same statistics.

use crate::math::quantile;

use super::{
    agreement::{Agreement, AucRow, BinRow, Counted, Judgement, LateStarters, PairMinutes, PairRule, Rates, RocRow, Share},
    dynamics::Dynamics,
    read::MeasuredScenario,
    statistics::{AUC_WITHIN_M, BINS_M, CONTACT_M, MINUTES_DB, RULES, Statistics, counted, position, silent_in_bins},
};

impl LateStarters {
    fn new(scenario: &MeasuredScenario, silent: &[bool], measured: &[Option<f32>], runs: &[Vec<Option<f32>>]) -> Self {
        let phones = |never: bool| {
            let is = |phone: usize| {
                let of = || scenario.scans.iter().filter(move |s| s.transmitter == phone);
                let begins = of().any(|s| s.typical_db.is_some());
                begins != never && scenario.scans.iter().zip(silent).any(|(s, silent)| *silent && s.transmitter == phone)
            };
            (0..scenario.phones.len()).filter(|phone| is(*phone)).map(|phone| scenario.phones[phone].0.clone()).collect()
        };
        let share = |without: bool, sets: &mut dyn Iterator<Item = &[Option<f32>]>| {
            let (mut heard, mut all) = (0u64, 0u64);
            for set in sets {
                let scans = scenario.scans.iter().zip(silent).zip(set);
                for ((_, _), db) in scans.filter(|((s, silent), _)| s.distance_m.is_some() && !(without && **silent)) {
                    heard += u64::from(db.is_some());
                    all += 1;
                }
            }
            (all > 0).then(|| heard as f64 / all as f64)
        };
        let both = |without: bool| Share {
            observed: share(without, &mut std::iter::once(measured)),
            simulated: share(without, &mut runs.iter().map(Vec::as_slice)),
        };
        Self { late: phones(false), never_heard: phones(true), heard_with: both(false), heard_without: both(true) }
    }
}

/// Lays measured scans beside simulated runs of them.
pub fn compare(scenario: &MeasuredScenario, environment: &str, runs: &[Vec<Option<f32>>]) -> Agreement {
    let measured: Vec<Option<f32>> = scenario.scans.iter().map(|s| s.typical_db).collect();
    let silent = scenario.silent();
    let silent_in = silent_in_bins(scenario, &silent);
    let observed = Statistics::new(scenario, &silent, &measured);
    let simulated: Vec<Statistics> = runs.iter().map(|run| Statistics::new(scenario, &silent, run)).collect();
    let bins = BINS_M
        .iter()
        .enumerate()
        .map(|(i, (from_m, to_m))| {
            let (mut all, mut values) = (0, Vec::new());
            for run in runs {
                for (s, db) in scenario.scans.iter().zip(run) {
                    if s.distance_m.is_some_and(|d| d >= *from_m && d < *to_m) {
                        all += 1;
                        values.extend(db.map(f64::from));
                    }
                }
            }
            let of_run = |k: usize| -> Option<[f64; 2]> {
                let pick = |c: &Counted| if k == 0 { c.heard } else { c.quantiles()[k - 1] };
                let mut singles: Vec<f64> = simulated.iter().filter_map(|s| pick(&s.bins[i].1)).collect();
                singles.sort_by(f64::total_cmp);
                Some([quantile(&singles, 0.05)?, quantile(&singles, 0.95)?])
            };
            BinRow {
                from_m: *from_m,
                to_m: *to_m,
                scans: observed.bins[i].0,
                observed: observed.bins[i].1.clone(),
                simulated: counted(all, silent_in[i] * runs.len(), &mut values),
                run_interval: (0..6).map(of_run).collect(),
            }
        })
        .collect();
    let mean = |values: Vec<f64>| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
    let auc = AUC_WITHIN_M
        .iter()
        .enumerate()
        .map(|(i, within_m)| AucRow {
            within_m: *within_m,
            observed: observed.auc[i],
            simulated: mean(simulated.iter().filter_map(|s| s.auc[i]).collect()),
        })
        .collect();
    let pair_rules = RULES
        .iter()
        .map(|rule| {
            let (positives, negatives, rates) = observed.rates(*rule);
            let all: Vec<Rates> = simulated.iter().map(|s| s.rates(*rule).2).collect();
            PairRule {
                rule: rule.1.map_or_else(|| format!("{}", rule.0), |b| format!("{}/{b}", rule.0)),
                positives,
                negatives,
                observed: rates,
                simulated: Rates {
                    tpr: mean(all.iter().filter_map(|r| r.tpr).collect()),
                    fpr: mean(all.iter().filter_map(|r| r.fpr).collect()),
                },
            }
        })
        .collect();
    let pairs = observed
        .pairs
        .iter()
        .enumerate()
        .map(|(p, ((rx, tx), truth_s, under_s))| {
            let minutes = |s: &[f64]| MINUTES_DB.iter().map(|db| s[position(*db)] / 60.0).collect::<Vec<f64>>();
            let mut of_runs = vec![0.0; MINUTES_DB.len()];
            for s in &simulated {
                of_runs.iter_mut().zip(minutes(&s.pairs[p].2)).for_each(|(sum, m)| *sum += m / simulated.len() as f64);
            }
            PairMinutes {
                receiver: scenario.phones[*rx].0.clone(),
                transmitter: scenario.phones[*tx].0.clone(),
                within_2m_min: truth_s / 60.0,
                observed_min: minutes(under_s),
                simulated_min: of_runs,
            }
        })
        .collect();
    let mut agreement = Agreement {
        name: scenario.name.clone(),
        environment: environment.into(),
        bins,
        auc,
        roc: roc(scenario, &measured, runs),
        pair_rules,
        dynamics: Dynamics::new(&observed.dynamics, simulated.iter().map(|s| &s.dynamics)),
        silent_scans: silent.iter().filter(|s| **s).count(),
        late_starters: LateStarters::new(scenario, &silent, &measured, runs),
        judgement: Judgement::default(),
        pairs,
    };
    agreement.judgement = Judgement::new(&agreement, &observed, &simulated);
    agreement
}

fn roc(scenario: &MeasuredScenario, measured: &[Option<f32>], runs: &[Vec<Option<f32>>]) -> Vec<RocRow> {
    /// Thresholds, dB, from 30 on.
    const THRESHOLDS: usize = 61;
    let rates_of = |sets: &mut dyn Iterator<Item = &[Option<f32>]>| -> Vec<Rates> {
        // Scans by whole dB, rounded up: of far ones, of near ones.
        let mut counts = [[0u64; THRESHOLDS + 1]; 2];
        for set in sets {
            for (scan, db) in scenario.scans.iter().zip(set) {
                if let (Some(distance_m), Some(db)) = (scan.distance_m, db) {
                    let place = ((db.ceil() - 30.0).max(0.0) as usize).min(THRESHOLDS);
                    counts[usize::from(distance_m <= CONTACT_M)][place] += 1;
                }
            }
        }
        let totals = counts.map(|of| of.iter().sum::<u64>());
        let mut below = [0u64; 2];
        (0..THRESHOLDS)
            .map(|k| {
                [0, 1].into_iter().for_each(|side| below[side] += counts[side][k]);
                let share = |side: usize| (totals[side] > 0).then(|| below[side] as f64 / totals[side] as f64);
                Rates { tpr: share(1), fpr: share(0) }
            })
            .collect()
    };
    let observed = rates_of(&mut std::iter::once(measured));
    let simulated = rates_of(&mut runs.iter().map(Vec::as_slice));
    let row = |(k, (observed, simulated))| RocRow { threshold_db: 30.0 + k as f32, observed, simulated };
    observed.into_iter().zip(simulated).enumerate().map(row).collect()
}
