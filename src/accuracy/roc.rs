//! What a plain rule "so many minutes at or under T dB" would give, for every threshold T.

use serde::{Deserialize, Serialize};

use crate::ids::PersonId;

use super::{
    config::AccuracyConfig,
    groups::Groups,
    rates::{Confusion, Rate, normal_quantile, rates},
};

/// Thresholds, dB.
pub const THRESHOLDS_DB: std::ops::RangeInclusive<i32> = 40..=85;
const CELLS: usize = 47;

/// The least threshold at which the seconds of scans at or under it reach `duration_s`; `None` if none does.
pub fn least_threshold_db(scans: &mut [(i32, i32)], duration_s: f64) -> Option<i32> {
    scans.sort_unstable();
    let mut total_s = 0.0;
    for &(db, seconds) in scans.iter() {
        total_s += f64::from(seconds);
        if total_s >= duration_s {
            return Some(db);
        }
    }
    None
}

/// A row of the roc table.
#[derive(Clone, Debug)]
pub struct RocRow {
    /// The threshold, dB.
    pub threshold_db: i32,
    /// Counts.
    pub counts: Confusion,
    /// Sensitivity, specificity, ppv, npv, f1, mcc.
    pub rates: [Option<Rate>; 6],
}

/// Cells of one curve: `[all, headline][kind][threshold]`; the kinds are no contact, contact, and no contact beyond the universe's
/// distance, which counts at the thresholds that report it and at no others.
const CURVE: usize = 2 * KINDS * CELLS;
const KINDS: usize = 3;
const BEYOND: usize = 2;

/// Counts of pairs by the least threshold that would report them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Roc {
    groups: Groups,
    confidence: f64,
    /// The curve of all pairs, then that of the pairs with either person in each group.
    curves: Vec<i64>,
}

impl Roc {
    /// An empty curve.
    pub fn new(people: usize, config: &AccuracyConfig) -> Self {
        let groups = Groups::new(people, config);
        Self { groups, confidence: config.confidence, curves: vec![0; (1 + groups.number) * CURVE] }
    }

    /// Counts one pair of running phones, which came within the universe's distance (`came_within`) or did not.
    pub fn add(
        &mut self,
        (observer, transmitter): (PersonId, PersonId),
        (actual, came_within): (bool, bool),
        in_headline: bool,
        least_threshold_db: Option<i32>,
    ) {
        let last = CELLS - 1;
        let cell = least_threshold_db.map_or(last, |db| ((db - THRESHOLDS_DB.start()).max(0) as usize).min(last));
        for stratum in [Some(0), in_headline.then_some(1)].into_iter().flatten() {
            let kind = if came_within { usize::from(actual) } else { BEYOND };
            let at = (stratum * KINDS + kind) * CELLS + cell;
            self.curves[at] += 1;
            for group in self.groups.of(observer, transmitter) {
                self.curves[(1 + group) * CURVE + at] += 1;
            }
        }
    }

    /// Counts and rates at each threshold, in all or in the headline.
    pub fn rows(&self, headline: bool) -> Vec<RocRow> {
        let z = normal_quantile(0.5 + self.confidence / 2.0);
        let curves: Vec<Vec<Confusion>> =
            self.curves.chunks(CURVE).map(|curve| by_threshold(&curve[usize::from(headline) * KINDS * CELLS..][..KINDS * CELLS])).collect();
        THRESHOLDS_DB
            .enumerate()
            .map(|(i, threshold_db)| {
                let by_group: Vec<Confusion> = curves[1..].iter().map(|curve| curve[i]).collect();
                let counts = curves[0][i];
                RocRow { threshold_db, counts, rates: rates(counts, &by_group, z) }
            })
            .collect()
    }
}

/// Confusion counts at each threshold, of `[kind][threshold]`.
fn by_threshold(counts: &[i64]) -> Vec<Confusion> {
    let (others, contacts, beyond) = (&counts[..CELLS], &counts[CELLS..2 * CELLS], &counts[BEYOND * CELLS..]);
    let sum = |counts: &[i64]| counts.iter().sum::<i64>();
    let at = |i: usize| Confusion {
        tp: sum(&contacts[..=i]),
        fn_: sum(&contacts[i + 1..]),
        fp: sum(&others[..=i]) + sum(&beyond[..=i]),
        tn: sum(&others[i + 1..]),
    };
    (0..CELLS - 1).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_counts_every_pair_at_every_threshold() {
        assert_eq!(least_threshold_db(&mut [(60, 300), (50, 300), (70, 300)], 600.0), Some(60));
        assert_eq!(least_threshold_db(&mut [(60, 300)], 600.0), None);
        let mut roc = empty(10);
        let pair = (PersonId(0), PersonId(1));
        roc.add(pair, (true, true), true, Some(55));
        roc.add(pair, (false, true), false, Some(63));
        roc.add(pair, (true, true), false, None);
        let rows = roc.rows(false);
        assert!(rows.iter().all(|r| r.counts.tp + r.counts.fn_ == 2 && r.counts.fp + r.counts.tn == 1));
        let at = |db: i32| rows.iter().find(|r| r.threshold_db == db).expect("a threshold").counts;
        assert_eq!((at(54).tp, at(55).tp, at(62).fp, at(63).fp, at(85).fn_), (0, 1, 0, 1, 1));
        assert_eq!(roc.rows(true)[45].counts.tp, 1);
    }

    /// Beyond the universe's distance a pair counts at the thresholds that report it, and is no silence that was right at others.
    #[test]
    fn far_pairs_count_where_they_are_reported() {
        let mut roc = empty(10);
        let pair = (PersonId(0), PersonId(1));
        roc.add(pair, (false, false), true, Some(60));
        roc.add(pair, (false, false), true, None);
        roc.add(pair, (false, true), true, Some(61));
        let rows = roc.rows(true);
        let at = |db: i32| rows.iter().find(|r| r.threshold_db == db).map(|r| (r.counts.fp, r.counts.tn)).expect("a threshold");
        assert_eq!([59, 60, 61].map(at), [(0, 1), (1, 1), (2, 0)]);
    }

    fn empty(jackknife_groups: u32) -> Roc {
        Roc::new(10, &AccuracyConfig { headline_rule: String::new(), universe_within_m: 20.0, confidence: 0.95, jackknife_groups })
    }

    /// The rates are those of the accuracy table's counts, group by group: persons 0 and 10 are in one of ten groups.
    #[test]
    fn the_curve_leaves_out_people_as_the_accuracy_table_does() {
        let pairs = [((0, 1), true, 50), ((0, 2), true, 60), ((2, 3), false, 61), ((10, 0), true, 55), ((4, 3), false, 80)];
        let mut roc = empty(10);
        let mut total = Confusion::default();
        let mut by_group = [Confusion::default(); 10];
        for ((observer, transmitter), actual, db) in pairs {
            roc.add((PersonId(observer), PersonId(transmitter)), (actual, true), true, Some(db));
            total.add(actual, db <= 58);
            by_group[observer as usize % 10].add(actual, db <= 58);
            if observer % 10 != transmitter % 10 {
                by_group[transmitter as usize % 10].add(actual, db <= 58);
            }
        }
        for headline in [false, true] {
            let row = &roc.rows(headline)[(58 - THRESHOLDS_DB.start()) as usize];
            assert_eq!((row.threshold_db, row.counts), (58, total));
            assert_eq!(row.rates, rates(total, &by_group, normal_quantile(0.975)));
        }
    }
}
