//! Measured and simulated by the same statistics.

use serde::Serialize;

use super::{
    dynamics::{Dynamics, OfSet},
    read::{MeasuredScan, MeasuredScenario},
    tolerance::Judgement,
};

/// Distance bins, m.
const BINS_M: [(f32, f32); 6] = [(0.5, 1.0), (1.0, 1.5), (1.5, 2.0), (2.0, 3.0), (3.0, 4.0), (4.0, 6.0)];
const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
const AUC_WITHIN_M: [f32; 3] = [1.0, 1.5, 2.0];
/// Attenuations under which minutes are counted, dB.
pub const MINUTES_DB: [f32; 6] = [50.0, 55.0, 60.0, 63.0, 70.0, 73.0];
/// Rules: near threshold, and the threshold up to which minutes count half.
const RULES: [(f32, Option<f32>); 8] = [
    (55.0, None),
    (63.0, None),
    (70.0, None),
    (73.0, None),
    (50.0, Some(55.0)),
    (53.0, Some(60.0)),
    (55.0, Some(63.0)),
    (63.0, Some(73.0)),
];
/// Contact: within so many metres for so many seconds.
const CONTACT_M: f32 = 2.0;
const CONTACT_S: f64 = 900.0;

/// Figures of one set of scans in one bin. `None` where there are none.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Counted {
    /// Share of scans in view that heard something.
    pub heard: Option<f64>,
    /// The same without scans of phones that had not begun to advertise, see [`MeasuredScenario::silent`].
    pub heard_without_late: Option<f64>,
    /// Quantiles of typical attenuation of scans that heard something, dB.
    pub q05: Option<f64>,
    /// See `q05`.
    pub q25: Option<f64>,
    /// See `q05`.
    pub q50: Option<f64>,
    /// See `q05`.
    pub q75: Option<f64>,
    /// See `q05`.
    pub q95: Option<f64>,
}

impl Counted {
    /// The five quantiles.
    pub fn quantiles(&self) -> [Option<f64>; 5] {
        [self.q05, self.q25, self.q50, self.q75, self.q95]
    }
}

/// A distance bin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BinRow {
    /// From, m.
    pub from_m: f32,
    /// To (not included), m.
    pub to_m: f32,
    /// Scans in view.
    pub scans: usize,
    /// Measured.
    pub observed: Counted,
    /// Simulated, all runs together.
    pub simulated: Counted,
    /// 5 and 95 % of single runs, for heard and the five quantiles: what a data set of this size scatters by.
    pub run_interval: Vec<Option<[f64; 2]>>,
}

/// How well typical attenuation orders scans by distance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AucRow {
    /// Near means within this, m.
    pub within_m: f32,
    /// Measured.
    pub observed: Option<f64>,
    /// Simulated, mean over runs.
    pub simulated: Option<f64>,
}

/// A point of the curve over thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RocRow {
    /// A scan at or under this counts as near, dB.
    pub threshold_db: f32,
    /// Of measured scans within 2 m (tpr) and beyond (fpr).
    pub observed: Rates,
    /// The same simulated, all runs together.
    pub simulated: Rates,
}

/// True and false positive rates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Rates {
    /// Of pairs in contact.
    pub tpr: Option<f64>,
    /// Of pairs not in contact.
    pub fpr: Option<f64>,
}

/// A rule over directed pairs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairRule {
    /// "63", or "55/63" where minutes between count half.
    pub rule: String,
    /// Directed pairs in contact.
    pub positives: usize,
    /// Directed pairs not in contact.
    pub negatives: usize,
    /// Measured.
    pub observed: Rates,
    /// Simulated, mean over runs.
    pub simulated: Rates,
}

/// Phones that had not begun to advertise, see [`MeasuredScenario::silent`], and the share heard of scans at known distances.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LateStarters {
    /// Phones that began later.
    pub late: Vec<String>,
    /// Phones that never did.
    pub never_heard: Vec<String>,
    /// Share heard of all scans.
    pub heard_with: Share,
    /// Share heard without those of the phones above before they began.
    pub heard_without: Share,
}

/// Measured and simulated, all runs together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// Measured.
    pub observed: Option<f64>,
    /// Simulated.
    pub simulated: Option<f64>,
}

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

/// A directed pair's minutes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairMinutes {
    /// Receiver.
    pub receiver: String,
    /// Transmitter.
    pub transmitter: String,
    /// Minutes within 2 m.
    pub within_2m_min: f64,
    /// Measured minutes at or under 50, 55, 60, 63, 70, 73 dB.
    pub observed_min: Vec<f64>,
    /// The same simulated, mean over runs.
    pub simulated_min: Vec<f64>,
}

/// Everything about one scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// The scenario.
    pub name: String,
    /// The environment it was simulated in.
    pub environment: String,
    /// By distance.
    pub bins: Vec<BinRow>,
    /// By ordering.
    pub auc: Vec<AucRow>,
    /// By threshold, scans that heard something.
    pub roc: Vec<RocRow>,
    /// By rule.
    pub pair_rules: Vec<PairRule>,
    /// By time and direction.
    pub dynamics: Dynamics,
    /// Scans of phones that had not begun to advertise, see [`MeasuredScenario::silent`].
    pub silent_scans: usize,
    /// Whose they are, and the share heard with and without them.
    pub late_starters: LateStarters,
    /// What lies outside its tolerance, and whether chance allows it.
    #[serde(flatten)]
    pub judgement: Judgement,
    /// By directed pair.
    pub pairs: Vec<PairMinutes>,
}

/// The statistics of one set of scans.
#[derive(Clone, Debug)]
pub struct Statistics {
    bins: Vec<(usize, Counted)>,
    auc: Vec<Option<f64>>,
    /// For each directed pair: seconds within 2 m, seconds at or under each attenuation that a rule or a column needs.
    pairs: Vec<((usize, usize), f64, Vec<f64>)>,
    pub(super) dynamics: OfSet,
    /// Every scan heard something.
    pub(super) all_heard: bool,
}

const ALL_DB: [f32; 7] = [50.0, 53.0, 55.0, 60.0, 63.0, 70.0, 73.0];

fn position(db: f32) -> usize {
    ALL_DB.iter().position(|d| *d == db).expect("every threshold of a rule is counted")
}

impl Statistics {
    /// Tells one set of typical attenuations of a scenario's scans.
    fn new(scenario: &MeasuredScenario, silent: &[bool], typical_db: &[Option<f32>]) -> Self {
        let scans = || scenario.scans.iter().zip(typical_db);
        let silent_in = silent_in_bins(scenario, silent);
        let bins = BINS_M
            .iter()
            .zip(silent_in)
            .map(|((from, to), silent)| {
                let inside = scans().filter(|(s, _)| s.distance_m.is_some_and(|d| d >= *from && d < *to));
                let (mut all, mut values) = (0, Vec::new());
                for (_, db) in inside {
                    all += 1;
                    values.extend(db.map(f64::from));
                }
                (all, counted(all, silent, &mut values))
            })
            .collect();
        let auc = AUC_WITHIN_M
            .iter()
            .map(|within| {
                let of = |near: bool| -> Vec<f32> {
                    scans().filter(|(s, _)| s.distance_m.is_some_and(|d| (d <= *within) == near)).filter_map(|(_, db)| *db).collect()
                };
                auc(of(true), of(false))
            })
            .collect();
        let mut pairs: std::collections::BTreeMap<(usize, usize), (f64, Vec<f64>)> = std::collections::BTreeMap::new();
        for (s, db) in scans() {
            let entry = pairs.entry((s.receiver, s.transmitter)).or_insert_with(|| (0.0, vec![0.0; ALL_DB.len()]));
            if s.distance_m.is_some_and(|d| d <= CONTACT_M) {
                entry.0 += s.seconds;
            }
            if let Some(db) = db {
                for (sum, limit) in entry.1.iter_mut().zip(ALL_DB) {
                    if *db <= limit {
                        *sum += s.seconds;
                    }
                }
            }
        }
        Self {
            bins,
            auc,
            pairs: pairs.into_iter().map(|(pair, (truth, s))| (pair, truth, s)).collect(),
            dynamics: OfSet::new(scenario, typical_db),
            all_heard: typical_db.iter().all(Option::is_some),
        }
    }

    pub(super) fn bin(&self, bin: usize) -> &Counted {
        &self.bins[bin].1
    }

    pub(super) fn auc(&self, row: usize) -> Option<f64> {
        self.auc[row]
    }

    pub(super) fn rates_of_rule(&self, rule: usize) -> Rates {
        self.rates(RULES[rule]).2
    }

    fn rates(&self, (a, b): (f32, Option<f32>)) -> (usize, usize, Rates) {
        let (mut tp, mut positives, mut fp, mut negatives) = (0, 0, 0, 0);
        for (_, truth_s, under_s) in &self.pairs {
            let near_s = under_s[position(a)];
            let score_s = b.map_or(near_s, |b| near_s + 0.5 * (under_s[position(b)] - near_s));
            let (says, is) = (score_s >= CONTACT_S, *truth_s >= CONTACT_S);
            positives += usize::from(is);
            negatives += usize::from(!is);
            tp += usize::from(says && is);
            fp += usize::from(says && !is);
        }
        let share = |n: usize, of: usize| (of > 0).then(|| n as f64 / of as f64);
        (positives, negatives, Rates { tpr: share(tp, positives), fpr: share(fp, negatives) })
    }
}

/// Silent scans of each distance bin.
fn silent_in_bins(scenario: &MeasuredScenario, silent: &[bool]) -> [usize; BINS_M.len()] {
    BINS_M.map(|(from, to)| {
        let inside = |s: &MeasuredScan| s.distance_m.is_some_and(|d| d >= from && d < to);
        scenario.scans.iter().zip(silent).filter(|(s, silent)| **silent && inside(s)).count()
    })
}

/// Of `all` scans, `silent` ones among them, those that heard something.
fn counted(all: usize, silent: usize, values: &mut [f64]) -> Counted {
    values.sort_by(f64::total_cmp);
    let q = |i: usize| quantile(values, QUANTILES[i]);
    let share = |of: usize| (of > 0).then(|| values.len() as f64 / of as f64);
    Counted { heard: share(all), heard_without_late: share(all - silent), q05: q(0), q25: q(1), q50: q(2), q75: q(3), q95: q(4) }
}

/// Linear interpolation between order statistics (R's type 7).
pub(super) fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = p * last as f64;
    let low = at.floor() as usize;
    Some(sorted[low] + (at - low as f64) * (sorted[(low + 1).min(last)] - sorted[low]))
}

/// Chance that a near scan reads less than a far one, ties half (Mann-Whitney).
fn auc(near: Vec<f32>, far: Vec<f32>) -> Option<f64> {
    if near.is_empty() || far.is_empty() {
        return None;
    }
    let mut all: Vec<(f32, bool)> = near.iter().map(|v| (*v, true)).chain(far.iter().map(|v| (*v, false))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut rank_sum, mut i) = (0.0, 0);
    while i < all.len() {
        let same = all[i..].iter().take_while(|v| v.0 == all[i].0).count();
        let rank = i as f64 + (same as f64 + 1.0) / 2.0;
        rank_sum += rank * all[i..i + same].iter().filter(|v| v.1).count() as f64;
        i += same;
    }
    let (n, m) = (near.len() as f64, far.len() as f64);
    Some(1.0 - (rank_sum - n * (n + 1.0) / 2.0) / (n * m))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auc_counts_orderings() {
        assert_eq!(auc(vec![1.0, 2.0], vec![3.0, 4.0]), Some(1.0));
        assert_eq!(auc(vec![3.0], vec![1.0, 5.0]), Some(0.5));
        assert_eq!(auc(vec![2.0], vec![2.0]), Some(0.5));
        assert_eq!(auc(vec![], vec![2.0]), None);
    }

    #[test]
    fn quantiles_interpolate() {
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.5), Some(2.5));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
