//! When a phone fetches: every so many hours, at a phase of its own.

use super::config::AppConfig;

/// The moments at which a phone fetches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchTimes {
    period_s: i64,
    phase_s: i64,
}

impl FetchTimes {
    /// Of a phone; `phase` is the share of a period, from 0 to 1, by which it is late.
    pub fn new(config: &AppConfig, ios: bool, phase: f64) -> Self {
        let hours = if ios { config.fetch_every_h_ios } else { config.fetch_every_h_android };
        let period_s = (hours * 3600.0) as i64;
        Self { period_s, phase_s: (phase * period_s as f64) as i64 }
    }

    /// The first at a moment or after it.
    pub fn next_from(&self, now_s: i64) -> i64 {
        now_s + (self.phase_s - now_s).rem_euclid(self.period_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_fetches_at_its_phase_and_a_period_later() {
        let times = FetchTimes { period_s: 14_400, phase_s: 1000 };
        let of = |now_s: i64| times.next_from(now_s);
        assert_eq!([of(999), of(1000), of(1001), of(15_400), of(-13_400), of(-13_399)], [1000, 1000, 15_400, 15_400, -13_400, 1000]);
    }
}
