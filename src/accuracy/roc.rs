//! What a plain rule "so many minutes at or under T dB" would give, for every threshold T.

use serde::{Deserialize, Serialize};

use super::rates::Confusion;

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

/// Counts of pairs by the least threshold that would report them: `[all, headline][actual][threshold]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Roc {
    counts: Vec<i64>,
}

impl Default for Roc {
    fn default() -> Self {
        Self { counts: vec![0; 2 * 2 * CELLS] }
    }
}

impl Roc {
    /// Counts one pair of the device universe.
    pub fn add(&mut self, actual: bool, in_headline: bool, least_threshold_db: Option<i32>) {
        let last = CELLS - 1;
        let cell = least_threshold_db.map_or(last, |db| ((db - THRESHOLDS_DB.start()).max(0) as usize).min(last));
        for stratum in [Some(0), in_headline.then_some(1)].into_iter().flatten() {
            self.counts[(stratum * 2 + usize::from(actual)) * CELLS + cell] += 1;
        }
    }

    /// Confusion counts at each threshold, in all or in the headline.
    pub fn rows(&self, headline: bool) -> Vec<(i32, Confusion)> {
        let of = |actual: usize| &self.counts[(usize::from(headline) * 2 + actual) * CELLS..][..CELLS];
        let (others, contacts) = (of(0), of(1));
        THRESHOLDS_DB
            .enumerate()
            .map(|(i, db)| {
                let sum = |counts: &[i64]| counts.iter().sum::<i64>();
                let counts =
                    Confusion { tp: sum(&contacts[..=i]), fn_: sum(&contacts[i + 1..]), fp: sum(&others[..=i]), tn: sum(&others[i + 1..]) };
                (db, counts)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_counts_every_pair_at_every_threshold() {
        assert_eq!(least_threshold_db(&mut [(60, 300), (50, 300), (70, 300)], 600.0), Some(60));
        assert_eq!(least_threshold_db(&mut [(60, 300)], 600.0), None);
        let mut roc = Roc::default();
        roc.add(true, true, Some(55));
        roc.add(false, false, Some(63));
        roc.add(true, false, None);
        let rows = roc.rows(false);
        assert!(rows.iter().all(|(_, c)| c.tp + c.fn_ == 2 && c.fp + c.tn == 1));
        let at = |db: i32| rows.iter().find(|(t, _)| *t == db).expect("a threshold").1;
        assert_eq!((at(54).tp, at(55).tp, at(62).fp, at(63).fp, at(85).fn_), (0, 1, 0, 1, 1));
        assert_eq!(roc.rows(true)[45].1.tp, 1);
    }
}
