//! When a phone scans: a pure function of phone and time that knows no midnight.

use rand::RngExt;

use crate::{
    ids::PersonId,
    random::{Keyed, Seed, Stream},
};

use super::{config::ScanConfig, records::Scan};

/// A scan starts exactly at every anchor; between two anchors the gaps fit. Short enough to be cheap to evaluate, long
/// enough for the fitting to move gaps by about 1 %.
const ANCHOR_S: i64 = 6 * 3600;

/// Scan times of all phones.
#[derive(Clone, Copy, Debug)]
pub struct ScanTimes(Keyed);

impl ScanTimes {
    /// The scan times of a run.
    pub fn new(seed: Seed) -> Self {
        Self(Keyed::new(seed, Stream::ScanTimes))
    }

    /// All scans that start within `[from_s, to_s)`, in time order.
    ///
    /// Gaps are even between the two limits (Android: 300 - U{0..89} s after the scan stops; exposure-notifications-internals,
    /// ContactTracingFeature) and are stretched so that they fill the six hours between two anchors.
    pub fn between(&self, phone: PersonId, config: ScanConfig, from_s: i64, to_s: i64) -> Vec<Scan> {
        let phase_s = (self.0.uniform(phone.0, 0, 0) * ANCHOR_S as f64) as i64;
        let mut scans = Vec::new();
        let mut starts_s = Vec::new();
        let mut anchor = (from_s - phase_s).div_euclid(ANCHOR_S) - 1;
        while anchor * ANCHOR_S + phase_s < to_s {
            self.starts(phone, config, anchor, phase_s, &mut starts_s);
            anchor += 1;
        }
        for pair in starts_s.windows(2) {
            if (from_s..to_s).contains(&pair[1]) {
                scans.push(Scan { start_s: pair[1], previous_stop_s: pair[0] + i64::from(config.length_s) });
            }
        }
        scans
    }

    fn starts(&self, phone: PersonId, config: ScanConfig, anchor: i64, phase_s: i64, out: &mut Vec<i64>) {
        let period = |gap_s: u32| f64::from(gap_s + config.length_s);
        let mean_s = (period(config.gap_min_s) + period(config.gap_max_s)) / 2.0;
        let number = (ANCHOR_S as f64 / mean_s).round().max(1.0) as usize;
        let mut rng = self.0.rng(phone.0, 1, anchor as u32);
        let periods_s: Vec<f64> = (0..number).map(|_| rng.random_range(period(config.gap_min_s)..=period(config.gap_max_s))).collect();
        let stretch = ANCHOR_S as f64 / periods_s.iter().sum::<f64>();
        let mut at_s = (anchor * ANCHOR_S + phase_s) as f64;
        for period_s in periods_s {
            out.push(at_s.round() as i64);
            at_s += period_s * stretch;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_are_the_same_however_the_time_is_cut() {
        let config = ScanConfig { length_s: 4, gap_min_s: 211, gap_max_s: 300 };
        let times = ScanTimes::new(Seed(3));
        let (from_s, to_s) = (1_598_886_000, 1_598_886_000 + 3 * 86_400);
        let whole = times.between(PersonId(5), config, from_s, to_s);
        let cut: Vec<Scan> = (0..72).flat_map(|h| times.between(PersonId(5), config, from_s + h * 3600, from_s + (h + 1) * 3600)).collect();
        assert_eq!(whole, cut);
        for pair in whole.windows(2) {
            assert_eq!(pair[1].previous_stop_s, pair[0].start_s + 4);
            let gap_s = pair[1].start_s - pair[1].previous_stop_s;
            assert!((205..=310).contains(&gap_s), "{gap_s}");
        }
        assert!((whole.len() as i64 - 3 * 86_400 / 259).abs() < 20, "{}", whole.len());
    }
}
