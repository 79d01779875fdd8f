//! Which figures of a scenario lie farther apart than they may, and how many would by chance.
//!
//! Experiments are small: twenty phones for twenty minutes differ from themselves. So a scenario is never asked to have each figure
//! within its tolerance, which an exactly right model could not meet, but to have no more outside than the model has when each of
//! its own runs plays the measurement. Weakness: a model that scatters too much allows too many.

use super::{
    agreement::{Agreement, Counted, Judgement, Outside, Rates, Verdict},
    statistics::Statistics,
};

/// Bins of fewer scans, rules with fewer contacts, are not judged: chance alone moves them too far.
const SCANS_AT_LEAST: usize = 50;
const CONTACTS_AT_LEAST: usize = 20;
/// Runs needed to say what chance does.
const RUNS_AT_LEAST: usize = 20;
/// Share of scans that the model must hear in a bin for the spread of what is heard to be that of the levels, not of the floor.
const UNCUT: f64 = 0.95;
/// The chance at which an exactly right model passes.
const RIGHT_PASSES: f64 = 0.99;

/// A figure of an [`Agreement`], by the place of its row.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Figure {
    Heard {
        bin: usize,
    },
    Quantile {
        bin: usize,
        which: usize,
    },
    Auc {
        row: usize,
    },
    Tpr {
        rule: usize,
    },
    Fpr {
        rule: usize,
    },
    /// Quartile to quartile.
    Spread {
        bin: usize,
    },
    Autocorrelation {
        row: usize,
    },
    Reciprocity,
}

impl Figure {
    /// All that are judged in an agreement.
    fn all(agreement: &Agreement, lists_heard_only: bool) -> Vec<Self> {
        let bins = (0..agreement.bins.len()).filter(|bin| agreement.bins[*bin].scans >= SCANS_AT_LEAST);
        let dynamics = (0..agreement.dynamics.autocorrelation.len()).map(|row| Self::Autocorrelation { row }).chain([Self::Reciprocity]);
        if lists_heard_only {
            let uncut = bins.filter(|bin| agreement.bins[*bin].simulated.heard >= Some(UNCUT));
            return uncut.map(|bin| Self::Spread { bin }).chain(dynamics).collect();
        }
        let of_bin = |bin| std::iter::once(Self::Heard { bin }).chain((0..5).map(move |which| Self::Quantile { bin, which }));
        let rules = 0..agreement.pair_rules.len();
        let tpr = rules.clone().filter(|rule| agreement.pair_rules[*rule].positives >= CONTACTS_AT_LEAST);
        bins.flat_map(of_bin)
            .chain((0..agreement.auc.len()).map(|row| Self::Auc { row }))
            .chain(tpr.map(|rule| Self::Tpr { rule }))
            .chain(rules.map(|rule| Self::Fpr { rule }))
            .chain(dynamics)
            .collect()
    }

    fn tolerance(self) -> f64 {
        match self {
            Self::Heard { .. } => 0.06,
            Self::Quantile { which: 0 | 4, .. } => 3.0,
            Self::Quantile { .. } | Self::Spread { .. } => 2.0,
            Self::Auc { .. } => 0.03,
            Self::Tpr { .. } => 0.08,
            Self::Fpr { .. } => 0.04,
            Self::Autocorrelation { .. } | Self::Reciprocity => 0.1,
        }
    }

    fn name(self, agreement: &Agreement) -> String {
        let bin = |bin: usize| format!("{}-{} m", agreement.bins[bin].from_m, agreement.bins[bin].to_m);
        match self {
            Self::Heard { bin: b } => format!("{} heard", bin(b)),
            Self::Quantile { bin: b, which } => format!("{} {}", bin(b), ["q05", "q25", "q50", "q75", "q95"][which]),
            Self::Auc { row } => format!("AUC within {} m", agreement.auc[row].within_m),
            Self::Tpr { rule } => format!("TPR {}", agreement.pair_rules[rule].rule),
            Self::Fpr { rule } => format!("FPR {}", agreement.pair_rules[rule].rule),
            Self::Spread { bin: b } => format!("{} q75 - q25", bin(b)),
            Self::Autocorrelation { row } => format!("autocorrelation after {} s", agreement.dynamics.autocorrelation[row].lag_s),
            Self::Reciprocity => "reciprocity within 30 s".into(),
        }
    }

    /// Measured and simulated.
    fn both(self, agreement: &Agreement) -> Option<(f64, f64)> {
        let rates = |rule: usize, pick: fn(&Rates) -> Option<f64>| {
            let row = &agreement.pair_rules[rule];
            (pick(&row.observed), pick(&row.simulated))
        };
        let (observed, simulated) = match self {
            Self::Heard { bin } => (agreement.bins[bin].observed.heard, agreement.bins[bin].simulated.heard),
            Self::Quantile { bin, which } => {
                let row = &agreement.bins[bin];
                (row.observed.quantiles()[which], row.simulated.quantiles()[which])
            }
            Self::Auc { row } => (agreement.auc[row].observed, agreement.auc[row].simulated),
            Self::Tpr { rule } => rates(rule, |r| r.tpr),
            Self::Fpr { rule } => rates(rule, |r| r.fpr),
            Self::Spread { bin } => {
                let row = &agreement.bins[bin];
                (spread(&row.observed), spread(&row.simulated))
            }
            Self::Autocorrelation { row } => {
                let row = &agreement.dynamics.autocorrelation[row];
                (row.observed, row.simulated)
            }
            Self::Reciprocity => (agreement.dynamics.reciprocity_observed, agreement.dynamics.reciprocity_simulated),
        };
        Some((observed?, simulated?))
    }

    /// Of one run.
    fn of(self, run: &Statistics) -> Option<f64> {
        match self {
            Self::Heard { bin } => run.bin(bin).heard,
            Self::Quantile { bin, which } => run.bin(bin).quantiles()[which],
            Self::Auc { row } => run.auc(row),
            Self::Tpr { rule } => run.rates_of_rule(rule).tpr,
            Self::Fpr { rule } => run.rates_of_rule(rule).fpr,
            Self::Spread { bin } => spread(run.bin(bin)),
            Self::Autocorrelation { row } => run.dynamics.autocorrelation[row],
            Self::Reciprocity => run.dynamics.reciprocity,
        }
    }
}

fn spread(counted: &Counted) -> Option<f64> {
    Some(counted.q75? - counted.q25?)
}

impl Judgement {
    /// Judges an agreement (its own field of this kind is not looked at), with the single runs that it sums up.
    ///
    /// A run is compared with the others alone: they are the model, it is the measurement. Without it their mean lies farther from it
    /// by `n / (n - 1)`, which for the quantiles of all runs together is an approximation.
    pub fn new(agreement: &Agreement, observed: &Statistics, runs: &[Statistics]) -> Self {
        let lists_heard_only = observed.all_heard && !runs.iter().any(|run| run.all_heard);
        let without_itself = runs.len() as f64 / (runs.len() as f64 - 1.0).max(1.0);
        let mut found = Self { lists_heard_only, outside_by_run: vec![0; runs.len()], ..Self::default() };
        let mut judged = 0;
        for figure in Figure::all(agreement, lists_heard_only) {
            let Some((observed, simulated)) = figure.both(agreement) else { continue };
            let tolerance = figure.tolerance();
            judged += 1;
            let mut outside = 0;
            for (count, run) in found.outside_by_run.iter_mut().zip(runs) {
                let is_outside = figure.of(run).is_some_and(|value| (value - simulated).abs() * without_itself > tolerance);
                *count += usize::from(is_outside);
                outside += usize::from(is_outside);
            }
            if (observed - simulated).abs() > tolerance {
                let runs_outside = (runs.len() >= RUNS_AT_LEAST).then(|| outside as f64 / runs.len() as f64);
                found.figures_outside.push(Outside { figure: figure.name(agreement), observed, simulated, tolerance, runs_outside });
            }
        }
        found.verdict = Verdict::new(judged, found.figures_outside.len(), &found.outside_by_run);
        found
    }

    /// Several scenarios together, simulated by as many runs each.
    pub fn together<'a>(all: impl Iterator<Item = &'a Self> + Clone) -> Verdict {
        let mut sums: Vec<usize> = Vec::new();
        for one in all.clone() {
            sums.resize(one.outside_by_run.len(), 0);
            sums.iter_mut().zip(&one.outside_by_run).for_each(|(sum, n)| *sum += n);
        }
        Verdict::new(all.clone().map(|j| j.verdict.judged).sum(), all.map(|j| j.verdict.outside).sum(), &sums)
    }
}

impl Verdict {
    fn new(judged: usize, outside: usize, outside_by_run: &[usize]) -> Self {
        let runs = outside_by_run.len();
        if runs < RUNS_AT_LEAST {
            return Self { judged, outside, ..Self::default() };
        }
        let mut sorted = outside_by_run.to_vec();
        sorted.sort_unstable();
        // A measurement drawn from the model is as likely to take any place among the runs, so it lies at or below the one in this
        // place with that chance or a greater.
        let place = ((RIGHT_PASSES * (runs + 1) as f64).ceil() as usize).min(runs);
        let chance_p99 = sorted[place - 1];
        Self {
            judged,
            outside,
            chance_p99: Some(chance_p99),
            chance_mean: Some(sorted.iter().sum::<usize>() as f64 / runs as f64),
            passes: Some(outside <= chance_p99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        laboratory::{MeasuredScan, MeasuredScenario, compare},
        math,
        random::{Keyed, Seed, Stream},
    };

    /// 60 scans each at 0.8, 1.2 and 2.5 m, 40 at 3.5 m, given by `level_db` and a chance of run `run`.
    fn scenario(run: u32, level_db: f32) -> MeasuredScenario {
        let keyed = Keyed::new(Seed(1), Stream::MeasuredLink);
        let normal = |i: u32| keyed.rng(run, i, 0).normal() as f32;
        let scan = |i: u32| MeasuredScan {
            t_s: f64::from(i) * 60.0,
            receiver: 0,
            transmitter: 1 + i as usize % 4,
            distance_m: Some([0.8, 1.2, 2.5, 3.5][i as usize % 4]),
            seconds: 60.0,
            typical_db: Some(level_db + 2.0 * (i % 4) as f32 + 4.0 * normal(i)),
        };
        let phones = (0..5).map(|i| (format!("{i}"), "model".into())).collect();
        let scans = (0..240).filter(|i| i % 4 != 3 || *i < 160).map(scan).collect();
        MeasuredScenario { name: "drawn".into(), phones, scans }
    }

    fn runs(number: u32) -> Vec<Vec<Option<f32>>> {
        (1..=number).map(|run| scenario(run, 52.0).scans.iter().map(|s| s.typical_db).collect()).collect()
    }

    fn judged(level_db: f32) -> Judgement {
        compare(&scenario(0, level_db), "model", &runs(100)).judgement
    }

    #[test]
    fn a_set_drawn_from_the_model_passes_by_chance() {
        let found = judged(52.0);
        // Three bins of six figures (the fourth has 40 scans), three AUCs, FPR of eight rules, autocorrelation after 300 s (scans of a pair
        // lie 240 s apart); no TPR of two contacts, and nobody hears back.
        assert_eq!((found.verdict.judged, found.lists_heard_only), (3 * 6 + 3 + 8, false));
        let (mean, p99) = (found.verdict.chance_mean.expect("runs"), found.verdict.chance_p99.expect("runs"));
        assert!(mean > 0.2 && p99 as f64 >= mean && found.verdict.passes == Some(true), "{found:?}");
        let together = Judgement::together([&found, &found].into_iter());
        assert_eq!((together.judged, together.outside), (2 * found.verdict.judged, 2 * found.verdict.outside));
        assert_eq!((together.chance_p99, together.passes), (Some(2 * p99), Some(true)));
    }

    #[test]
    fn a_set_moved_by_decibels_fails() {
        let found = judged(60.0);
        let quantiles: Vec<&Outside> = found.figures_outside.iter().filter(|o| o.figure.contains(" q")).collect();
        assert_eq!(quantiles.len(), 15, "{found:?}");
        assert!(quantiles.iter().all(|o| (o.observed - o.simulated - 8.0).abs() < 3.0 && o.runs_outside < Some(0.2)), "{quantiles:?}");
        assert!(found.figures_outside.iter().all(|o| !o.figure.ends_with("heard")), "as much is heard");
        assert_eq!(found.verdict.passes, Some(false));
    }

    /// The verdict on 1,000 measurements drawn as the runs are: at least 99 % pass, whatever the number of runs from 99 on.
    #[test]
    fn an_exactly_right_model_passes() {
        let keyed = Keyed::new(Seed(3), Stream::MeasuredLink);
        // Mostly few, at times many, as figures that hang together are.
        let drawn = |set: u32, i: u32| math::powi(-2.5 * math::ln(keyed.uniform(set, i, 0)), 2) as usize;
        for runs in [99, 200, 2000] {
            let passed = (0..1000u32).filter(|set| {
                let of_runs: Vec<usize> = (1..=runs).map(|i| drawn(*set, i)).collect();
                Verdict::new(50, drawn(*set, 0), &of_runs).passes == Some(true)
            });
            let passed = passed.count();
            assert!(passed >= 980 && (runs < 200 || passed < 1000), "{runs} runs: {passed} of 1000 pass");
        }
        // Of 20 runs the largest counts; one more fails.
        let of_runs: Vec<usize> = (0..20).collect();
        assert_eq!((Verdict::new(50, 19, &of_runs).passes, Verdict::new(50, 20, &of_runs).passes), (Some(true), Some(false)));
        // The 99th percentile of 0 to 199 with room for the measurement itself.
        assert_eq!(Verdict::new(50, 0, &(0..200).collect::<Vec<_>>()).chance_p99, Some(198));
    }

    #[test]
    fn a_file_of_what_was_heard_alone_is_judged_by_spread_and_time() {
        let mut runs = runs(40);
        runs.iter_mut().for_each(|run| run[7] = None);
        let found = compare(&scenario(0, 70.0), "model", &runs).judgement;
        // A level 18 dB off cannot be distinguished from another floor: three spreads.
        assert!(found.lists_heard_only, "{found:?}");
        assert_eq!((found.verdict.judged, found.verdict.passes), (3, Some(true)), "{found:?}");
        let mut wide = scenario(0, 52.0);
        wide.scans.iter_mut().for_each(|s| s.typical_db = s.typical_db.map(|db| 52.0 + 3.0 * (db - 52.0)));
        let found = compare(&wide, "model", &runs).judgement;
        assert_eq!((found.verdict.outside, found.verdict.passes), (3, Some(false)), "{found:?}");
        assert!(found.figures_outside.iter().all(|o| o.figure.ends_with("q75 - q25")));
    }

    #[test]
    fn a_few_runs_say_nothing_of_chance() {
        let found = compare(&scenario(0, 60.0), "model", &runs(19)).judgement;
        assert_eq!((found.verdict.chance_p99, found.verdict.passes), (None, None));
        assert!(!found.figures_outside.is_empty() && found.figures_outside.iter().all(|o| o.runs_outside.is_none()));
        assert!(compare(&scenario(0, 60.0), "model", &runs(20)).judgement.verdict.passes.is_some());
    }
}
