//! The figures of one set of scans.

use crate::math::quantile;

use super::{
    agreement::{Counted, Rates},
    dynamics::OfSet,
    read::{MeasuredScan, MeasuredScenario},
};

/// Distance bins, m.
pub(super) const BINS_M: [(f32, f32); 6] = [(0.5, 1.0), (1.0, 1.5), (1.5, 2.0), (2.0, 3.0), (3.0, 4.0), (4.0, 6.0)];
pub(super) const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
pub(super) const AUC_WITHIN_M: [f32; 3] = [1.0, 1.5, 2.0];
/// Attenuations under which minutes are counted, dB.
pub(super) const MINUTES_DB: [f32; 6] = [50.0, 55.0, 60.0, 63.0, 70.0, 73.0];
/// Rules: near threshold, and the threshold up to which minutes count half.
pub(super) const RULES: [(f32, Option<f32>); 8] = [
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
pub(super) const CONTACT_M: f32 = 2.0;
const CONTACT_S: f64 = 900.0;

/// The statistics of one set of scans.
#[derive(Clone, Debug)]
pub struct Statistics {
    pub(super) bins: Vec<(usize, Counted)>,
    pub(super) auc: Vec<Option<f64>>,
    /// For each directed pair: seconds within 2 m, seconds at or under each attenuation that a rule or a column needs.
    pub(super) pairs: Vec<((usize, usize), f64, Vec<f64>)>,
    pub(super) dynamics: OfSet,
    /// Every scan heard something.
    pub(super) all_heard: bool,
}

const ALL_DB: [f32; 7] = [50.0, 53.0, 55.0, 60.0, 63.0, 70.0, 73.0];

pub(super) fn position(db: f32) -> usize {
    ALL_DB.iter().position(|d| *d == db).expect("every threshold of a rule is counted")
}

impl Statistics {
    /// Tells one set of typical attenuations of a scenario's scans.
    pub(super) fn new(scenario: &MeasuredScenario, silent: &[bool], typical_db: &[Option<f32>]) -> Self {
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

    pub(super) fn rates(&self, (a, b): (f32, Option<f32>)) -> (usize, usize, Rates) {
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
pub(super) fn silent_in_bins(scenario: &MeasuredScenario, silent: &[bool]) -> [usize; BINS_M.len()] {
    BINS_M.map(|(from, to)| {
        let inside = |s: &MeasuredScan| s.distance_m.is_some_and(|d| d >= from && d < to);
        scenario.scans.iter().zip(silent).filter(|(s, silent)| **silent && inside(s)).count()
    })
}

/// Of `all` scans, `silent` ones among them, those that heard something.
pub(super) fn counted(all: usize, silent: usize, values: &mut [f64]) -> Counted {
    values.sort_by(f64::total_cmp);
    let q = |i: usize| quantile(values, QUANTILES[i]);
    let share = |of: usize| (of > 0).then(|| values.len() as f64 / of as f64);
    Counted { heard: share(all), heard_without_late: share(all - silent), q05: q(0), q25: q(1), q50: q(2), q75: q(3), q95: q(4) }
}

/// Chance that a near scan reads less than a far one, ties half (Mann-Whitney).
pub(super) fn auc(near: Vec<f32>, far: Vec<f32>) -> Option<f64> {
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
}
