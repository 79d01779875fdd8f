//! Which figures of a scenario lie farther apart than they may, and how many would by chance.

use serde::Serialize;

use super::compare::{Agreement, Rates, Statistics};

/// Bins of fewer scans, rules with fewer contacts, are not judged: chance alone moves them too far.
const SCANS_AT_LEAST: usize = 50;
const CONTACTS_AT_LEAST: usize = 20;
/// Runs needed to say what chance does.
const RUNS_AT_LEAST: usize = 20;

/// A figure of an [`Agreement`], by the place of its row.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Figure {
    Heard { bin: usize },
    Quantile { bin: usize, which: usize },
    Auc { row: usize },
    Tpr { rule: usize },
    Fpr { rule: usize },
}

/// A figure that lies outside its tolerance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outside {
    /// Which, such as "3-4 m heard" or "TPR 53/60".
    pub figure: String,
    /// Measured.
    pub observed: f64,
    /// Simulated.
    pub simulated: f64,
    /// How far they may lie apart.
    pub tolerance: f64,
    /// The share of single runs that lie outside it as well: what chance does to this figure in an experiment of this size.
    pub runs_outside: Option<f64>,
}

/// How many figures lie outside their tolerances when the model is right: each run in turn taken for the measurement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ByChance {
    /// Mean over runs.
    pub mean: f64,
    /// 5 % of runs have so many or fewer.
    pub q05: f64,
    /// 95 % of runs have so many or fewer.
    pub q95: f64,
}

/// A scenario's figures against their tolerances: share heard 0.06, median and quartiles 2 dB, outer quantiles 3 dB in bins of
/// 50 scans or more; AUC 0.03; TPR 0.08 where 20 directed pairs or more are in contact, FPR 0.04.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Tolerances {
    /// Figures that are judged.
    pub figures: usize,
    /// Those outside.
    pub outside: Vec<Outside>,
    /// Expected of the model itself; `None` of fewer than 20 runs. A model that scatters too much expects too many (weakness).
    pub by_chance: Option<ByChance>,
    /// Figures outside by run.
    #[serde(skip)]
    outside_by_run: Vec<usize>,
}

impl Figure {
    /// All that are judged in an agreement.
    fn all(agreement: &Agreement) -> Vec<Self> {
        let bins = (0..agreement.bins.len()).filter(|bin| agreement.bins[*bin].scans >= SCANS_AT_LEAST);
        let of_bin = |bin| std::iter::once(Self::Heard { bin }).chain((0..5).map(move |which| Self::Quantile { bin, which }));
        let rules = 0..agreement.pair_rules.len();
        let tpr = rules.clone().filter(|rule| agreement.pair_rules[*rule].positives >= CONTACTS_AT_LEAST);
        bins.flat_map(of_bin)
            .chain((0..agreement.auc.len()).map(|row| Self::Auc { row }))
            .chain(tpr.map(|rule| Self::Tpr { rule }))
            .chain(rules.map(|rule| Self::Fpr { rule }))
            .collect()
    }

    fn tolerance(self) -> f64 {
        match self {
            Self::Heard { .. } => 0.06,
            Self::Quantile { which: 0 | 4, .. } => 3.0,
            Self::Quantile { .. } => 2.0,
            Self::Auc { .. } => 0.03,
            Self::Tpr { .. } => 0.08,
            Self::Fpr { .. } => 0.04,
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
        }
    }
}

impl Tolerances {
    /// Judges an agreement (its own field of this kind is not looked at), with the single runs that it sums up.
    pub fn new(agreement: &Agreement, runs: &[Statistics]) -> Self {
        let mut found = Self { outside_by_run: vec![0; runs.len()], ..Self::default() };
        for figure in Figure::all(agreement) {
            let Some((observed, simulated)) = figure.both(agreement) else { continue };
            let tolerance = figure.tolerance();
            found.figures += 1;
            let mut outside = 0;
            for (count, run) in found.outside_by_run.iter_mut().zip(runs) {
                let is_outside = figure.of(run).is_some_and(|value| (value - simulated).abs() > tolerance);
                *count += usize::from(is_outside);
                outside += usize::from(is_outside);
            }
            if (observed - simulated).abs() > tolerance {
                let runs_outside = (runs.len() >= RUNS_AT_LEAST).then(|| outside as f64 / runs.len() as f64);
                found.outside.push(Outside { figure: figure.name(agreement), observed, simulated, tolerance, runs_outside });
            }
        }
        found.by_chance = ByChance::of(&found.outside_by_run);
        found
    }

    /// Several scenarios together, simulated by as many runs each.
    pub fn by_chance_together<'a>(all: impl IntoIterator<Item = &'a Self>) -> Option<ByChance> {
        let mut sums: Vec<usize> = Vec::new();
        for one in all {
            sums.resize(one.outside_by_run.len(), 0);
            sums.iter_mut().zip(&one.outside_by_run).for_each(|(sum, n)| *sum += n);
        }
        ByChance::of(&sums)
    }
}

impl ByChance {
    fn of(outside_by_run: &[usize]) -> Option<Self> {
        if outside_by_run.len() < RUNS_AT_LEAST {
            return None;
        }
        let mut sorted: Vec<f64> = outside_by_run.iter().map(|n| *n as f64).collect();
        sorted.sort_by(f64::total_cmp);
        let q = |p| super::compare::quantile(&sorted, p).expect("there are runs");
        Some(Self { mean: sorted.iter().sum::<f64>() / sorted.len() as f64, q05: q(0.05), q95: q(0.95) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        radio::{
            Quantiles,
            measured::{MeasuredScan, MeasuredScenario, compare},
        },
        random::{Keyed, Seed, Stream},
    };

    /// 60 scans each at 0.8, 1.2 and 2.5 m, 40 at 3.5 m, told by `level_db` and a chance of run `run`.
    fn scenario(run: u32, level_db: f32) -> MeasuredScenario {
        let (keyed, normal) = (Keyed::new(Seed(1), Stream::MeasuredLink), Quantiles::normal());
        let scan = |i: u32| MeasuredScan {
            t_s: f64::from(i) * 60.0,
            receiver: 0,
            transmitter: 1 + i as usize % 4,
            distance_m: Some([0.8, 1.2, 2.5, 3.5][i as usize % 4]),
            seconds: 60.0,
            typical_db: Some(level_db + 2.0 * (i % 4) as f32 + 4.0 * normal.at(keyed.block(run, i, 0, 0)[0] as u16)),
        };
        let phones = (0..5).map(|i| (format!("{i}"), "model".into())).collect();
        let scans = (0..240).filter(|i| i % 4 != 3 || *i < 160).map(scan).collect();
        MeasuredScenario { name: "drawn".into(), phones, scans }
    }

    fn judged(level_db: f32) -> Tolerances {
        let told = |run| scenario(run, 52.0).scans.iter().map(|s| s.typical_db).collect();
        let runs: Vec<Vec<Option<f32>>> = (1..=100).map(told).collect();
        compare(&scenario(0, level_db), "model", &runs).tolerances
    }

    #[test]
    fn a_set_drawn_from_the_model_lies_outside_as_often_as_chance_says() {
        let found = judged(52.0);
        // Three bins of six figures (the fourth has 40 scans), three AUCs less none, FPR of eight rules; no TPR of two contacts.
        assert_eq!(found.figures, 3 * 6 + 3 + 8);
        let chance = found.by_chance.expect("there are runs enough");
        assert!(chance.mean > 0.2 && chance.q05 <= chance.mean && chance.mean <= chance.q95, "{chance:?}");
        assert!(found.outside.len() as f64 <= chance.q95 + 2.0, "{found:?}");
        let together = Tolerances::by_chance_together([&found, &found]).expect("runs");
        assert!((together.mean - 2.0 * chance.mean).abs() < 1e-9);
    }

    #[test]
    fn a_set_moved_by_decibels_lies_outside_where_chance_does_not() {
        let found = judged(60.0);
        let quantiles: Vec<&Outside> = found.outside.iter().filter(|o| o.figure.contains(" q")).collect();
        assert_eq!(quantiles.len(), 15, "{found:?}");
        assert!(quantiles.iter().all(|o| (o.observed - o.simulated - 8.0).abs() < 3.0 && o.runs_outside < Some(0.2)), "{quantiles:?}");
        assert!(found.outside.iter().all(|o| !o.figure.ends_with("heard")), "as much is heard");
    }

    #[test]
    fn a_few_runs_say_nothing_of_chance() {
        let told = scenario(1, 52.0).scans.iter().map(|s| s.typical_db).collect();
        let found = compare(&scenario(0, 60.0), "model", &[told]).tolerances;
        assert!(found.by_chance.is_none() && !found.outside.is_empty() && found.outside.iter().all(|o| o.runs_outside.is_none()));
    }
}
