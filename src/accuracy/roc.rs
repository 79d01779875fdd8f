//! What a plain rule "so many minutes at or under T dB" would give, for every threshold T.

use std::{borrow::Cow, collections::BTreeMap};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{ids::PersonId, venue::VenueKind};

use super::{
    config::AccuracyConfig,
    counts::Counts,
    groups::Groups,
    rates::{Confusion, Rate, normal_quantile, rates},
    strata::Level,
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
    /// Stratum.
    pub stratum: Cow<'static, str>,
    /// Level.
    pub level: String,
    /// The threshold, dB.
    pub threshold_db: i32,
    /// Counts.
    pub counts: Confusion,
    /// Sensitivity, specificity, ppv, npv, f1, mcc.
    pub rates: [Option<Rate>; 6],
}

/// Cells of one curve: `[kind][threshold]`; the kinds are no contact, contact, and no contact beyond the universe's
/// distance, which counts at the thresholds that report it and at no others.
const CURVE: usize = KINDS * CELLS;
const KINDS: usize = 3;
const BEYOND: usize = 2;

/// Counts of pairs by the least threshold that would report them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Roc {
    groups: Groups,
    confidence: f64,
    /// For each level that pools no others the curve of its pairs, then that of the pairs with either person in each group.
    #[serde(with = "crate::as_list")]
    curves: BTreeMap<Level, Counts>,
}

impl Roc {
    /// An empty curve.
    pub fn new(people: usize, config: &AccuracyConfig) -> Self {
        Self { groups: Groups::new(people, config), confidence: config.confidence, curves: BTreeMap::new() }
    }

    /// Counts one pair of running phones, which came within the universe's distance (`came_within`) or did not.
    pub fn add(
        &mut self,
        (observer, transmitter): (PersonId, PersonId),
        (actual, came_within): (bool, bool),
        (venue_kind, is_headline_day): (VenueKind, bool),
        least_threshold_db: Option<i32>,
    ) {
        let last = CELLS - 1;
        let cell = least_threshold_db.map_or(last, |db| ((db - THRESHOLDS_DB.start()).max(0) as usize).min(last));
        let kind = if came_within { usize::from(actual) } else { BEYOND };
        let at = kind * CELLS + cell;
        let rows = self.groups.rows_of(observer, transmitter);
        for level in Level::of_whole(venue_kind, is_headline_day) {
            self.curves.entry(level).or_insert_with(|| Counts::new(self.groups)).add_to(rows, CURVE, at);
        }
    }

    /// Adds what another curve of the same run counted.
    pub fn merge(&mut self, other: &Self) {
        for (level, curves) in &other.curves {
            self.curves.entry(*level).or_insert_with(|| Counts::new(self.groups)).merge(curves);
        }
    }

    /// Counts and rates by stratum, level and threshold.
    pub fn rows(&self) -> Vec<RocRow> {
        let z = normal_quantile(0.5 + self.confidence / 2.0);
        let mut all = self.curves.clone();
        for (level, curves) in &self.curves {
            if let Some(pooled) = level.pooled() {
                all.entry(pooled).or_insert_with(|| Counts::new(self.groups)).merge(curves);
            }
        }
        let of_level = |(level, curves): (Level, Counts)| {
            let of_row = |row| {
                let mut counts = [0; CURVE];
                curves.add_row_to(row, &mut counts);
                by_threshold(&counts)
            };
            let curves: Vec<Vec<Confusion>> = (0..self.groups.rows()).map(of_row).collect();
            let (stratum, level) = level.name(&[]);
            THRESHOLDS_DB.enumerate().map(move |(i, threshold_db)| {
                let by_group: Vec<Confusion> = curves[1..].iter().map(|curve| curve[i]).collect();
                let counts = curves[0][i];
                RocRow { stratum: stratum.clone(), level: level.clone(), threshold_db, counts, rates: rates(counts, &by_group, z) }
            })
        };
        all.into_par_iter().flat_map_iter(of_level).collect()
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

    const OFFICE: (VenueKind, bool) = (VenueKind::OFFICE, true);

    fn rows(roc: &Roc, stratum: &str, level: &str) -> Vec<RocRow> {
        roc.rows().into_iter().filter(|row| (row.stratum.as_ref(), row.level.as_str()) == (stratum, level)).collect()
    }

    #[test]
    fn the_curve_counts_every_pair_at_every_threshold() {
        assert_eq!(least_threshold_db(&mut [(60, 300), (50, 300), (70, 300)], 600.0), Some(60));
        assert_eq!(least_threshold_db(&mut [(60, 300)], 600.0), None);
        let mut roc = empty(10);
        let pair = (PersonId(0), PersonId(1));
        roc.add(pair, (true, true), OFFICE, Some(55));
        roc.add(pair, (false, true), (VenueKind::OFFICE, false), Some(63));
        roc.add(pair, (true, true), (VenueKind::OFFICE, false), None);
        let in_office = rows(&roc, "venue_kind", "office");
        assert!(in_office.iter().all(|r| r.counts.tp + r.counts.fn_ == 2 && r.counts.fp + r.counts.tn == 1));
        let at = |db: i32| in_office.iter().find(|r| r.threshold_db == db).expect("a threshold").counts;
        assert_eq!((at(54).tp, at(55).tp, at(62).fp, at(63).fp, at(85).fn_), (0, 1, 0, 1, 1));
        assert_eq!(rows(&roc, "headline", "outside_home")[45].counts.tp, 1);
    }

    /// Home stands apart from the office, on the headline's days too; `all` alone pools them.
    #[test]
    fn each_venue_kind_has_a_curve_of_its_own() {
        let mut roc = empty(10);
        let pair = (PersonId(0), PersonId(1));
        roc.add(pair, (true, true), OFFICE, Some(70));
        roc.add(pair, (true, true), (VenueKind::HOME, true), Some(50));
        roc.add(pair, (true, true), (VenueKind::HOME, false), Some(50));
        let found = |stratum: &str, level: &str| {
            let at_60_db = &rows(&roc, stratum, level)[(60 - THRESHOLDS_DB.start()) as usize];
            (at_60_db.counts.tp, at_60_db.counts.fn_)
        };
        assert_eq!([found("venue_kind", "office"), found("venue_kind", "home"), found("all", "all")], [(0, 1), (2, 0), (2, 1)]);
        assert_eq!([found("headline", "outside_home"), found("beside_headline", "home")], [(0, 1), (1, 0)]);
    }

    /// Beyond the universe's distance a pair counts at the thresholds that report it, and is no silence that was right at others.
    #[test]
    fn far_pairs_count_where_they_are_reported() {
        let mut roc = empty(10);
        let pair = (PersonId(0), PersonId(1));
        roc.add(pair, (false, false), OFFICE, Some(60));
        roc.add(pair, (false, false), OFFICE, None);
        roc.add(pair, (false, true), OFFICE, Some(61));
        let rows = rows(&roc, "headline", "outside_home");
        let at = |db: i32| rows.iter().find(|r| r.threshold_db == db).map(|r| (r.counts.fp, r.counts.tn)).expect("a threshold");
        assert_eq!([59, 60, 61].map(at), [(0, 1), (1, 1), (2, 0)]);
    }

    fn empty(jackknife_groups: u32) -> Roc {
        Roc::new(
            10,
            &AccuracyConfig { headline_rule: String::new(), universe_within_m: 20.0, in_time_days: 5, confidence: 0.95, jackknife_groups },
        )
    }

    /// The rates are those of the accuracy table's counts, group by group: persons 0 and 10 are in one of ten groups.
    #[test]
    fn the_curve_leaves_out_people_as_the_accuracy_table_does() {
        let pairs = [((0, 1), true, 50), ((0, 2), true, 60), ((2, 3), false, 61), ((10, 0), true, 55), ((4, 3), false, 80)];
        let mut roc = empty(10);
        let mut total = Confusion::default();
        let mut by_group = [Confusion::default(); 10];
        for ((observer, transmitter), actual, db) in pairs {
            roc.add((PersonId(observer), PersonId(transmitter)), (actual, true), OFFICE, Some(db));
            total.add(actual, db <= 58);
            by_group[observer as usize % 10].add(actual, db <= 58);
            if observer % 10 != transmitter % 10 {
                by_group[transmitter as usize % 10].add(actual, db <= 58);
            }
        }
        for (stratum, level) in [("all", "all"), ("headline", "outside_home")] {
            let row = &rows(&roc, stratum, level)[(58 - THRESHOLDS_DB.start()) as usize];
            assert_eq!((row.threshold_db, row.counts), (58, total));
            assert_eq!(row.rates, rates(total, &by_group, normal_quantile(0.975)));
        }
    }

    /// Whoever counts a pair, and in whatever order: the sums are the same.
    #[test]
    fn curves_of_two_merge_to_that_of_one() {
        let (mut all, mut two) = (empty(4), [empty(4), empty(4)]);
        for i in 0..60u32 {
            let pair = (PersonId(i % 7), PersonId(i % 5 + 7));
            let place = (if i % 4 == 0 { VenueKind::HOME } else { VenueKind::OFFICE }, i % 3 > 0);
            let db = (i % 6 > 0).then_some(40 + i as i32);
            [&mut all, &mut two[(i / 7 % 2) as usize]].into_iter().for_each(|roc| roc.add(pair, (i % 2 == 0, i % 5 > 0), place, db));
        }
        let [first, mut second] = two;
        assert_ne!(first, all);
        second.merge(&first);
        assert_eq!(second, all);
        assert_eq!(postcard::from_bytes::<Roc>(&postcard::to_stdvec(&all).expect("plain data")), Ok(all));
    }
}
