//! When a phone fetches: every so many hours, at a phase of its own.

use super::{config::AppConfig, faults::Mechanism, phone::Installed};

/// Share of due checks that run where they wait for an idle device: 7 of 13 devices had not checked after six (fault F8).
const IDLE_SHARE: f64 = 0.1;

impl Installed<'_> {
    /// Whether a check that is due runs, by a draw from 0 to 1.
    pub fn runs_check(&self, draw: f64) -> bool {
        !self.has(Mechanism::CheckNotRun) || draw < IDLE_SHARE
    }
}

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
    use crate::{
        app::{ConfigurationOf113, FaultSet, RELEASES},
        gaen::GaenConfig,
    };

    /// One in ten of the checks of Android phones until 1.2.2, and every other check.
    #[test]
    fn checks_of_android_wait_for_an_idle_device() {
        let file: toml::Table = include_str!("../../scenarios/baseline.toml").parse().expect("the baseline");
        let framework: GaenConfig = file["gaen"].clone().try_into().expect("its table");
        let runs = |name: &str, ios: bool, faults: FaultSet| {
            let release = RELEASES.iter().find(|release| release.name == name).expect("a release");
            let configuration_of_1_1_3 = ConfigurationOf113::Embedded;
            let installed = Installed { ios, release, configuration_of_1_1_3, faults, framework: &framework };
            (0..100).filter(|k| installed.runs_check(f64::from(*k) / 100.0)).count()
        };
        for name in ["1.0.0", "1.1.4", "1.2.2"] {
            assert_eq!([false, true].map(|ios| runs(name, ios, FaultSet::HISTORICAL)), [10, 100], "{name}");
            assert_eq!(runs(name, false, FaultSet::NONE), 100);
        }
        assert_eq!(runs("1.2.3", false, FaultSet::HISTORICAL), 100);
    }

    #[test]
    fn a_phone_fetches_at_its_phase_and_a_period_later() {
        let times = FetchTimes { period_s: 14_400, phase_s: 1000 };
        let of = |now_s: i64| times.next_from(now_s);
        assert_eq!([of(999), of(1000), of(1001), of(15_400), of(-13_400), of(-13_399)], [1000, 1000, 15_400, 15_400, -13_400, 1000]);
    }
}
