//! When a phone fetches: every so many hours, at a phase of its own.

use serde::{Deserialize, Serialize};

use super::{
    config::{AppConfig, EveryHours},
    faults::Mechanism,
    phone::Installed,
    releases::Release,
};

/// Share of due checks that run where they wait for an idle device: 7 of 13 devices had not checked after six (fault F8).
const IDLE_SHARE: f64 = 0.1;

impl Installed<'_> {
    /// Why a check that is due does not run, by draws from 0 to 1 for the idle device and for its battery; `None`: it does.
    pub fn puts_check_off(&self, config: &AppConfig, (idle, battery): (f64, f64)) -> Option<PutOff> {
        if self.has(Mechanism::CheckNotRun) && idle >= IDLE_SHARE {
            return Some(PutOff::Fault(Mechanism::CheckNotRun));
        }
        (!self.ios && battery < config.battery_low_share).then_some(PutOff::BatteryLow)
    }
}

/// Why a check that is due waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PutOff {
    /// A known fault.
    Fault(Mechanism),
    /// The battery is low.
    BatteryLow,
}

/// The moments at which a phone fetches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchTimes {
    period_s: i64,
    phase_s: i64,
}

impl FetchTimes {
    /// Of a phone that runs a release; `phase` is the share of a period, from 0 to 1, by which it is late.
    pub fn new(config: &AppConfig, (ios, release): (bool, &Release), phase: f64) -> Self {
        let hours = match config.fetch_every_h_android {
            _ if ios => config.fetch_every_h_ios,
            EveryHours::Stated(hours) => hours,
            EveryHours::By(_) => f64::from(release.checks_every_h_android),
        };
        let period_s = (hours * 3600.0) as i64;
        Self { period_s, phase_s: (phase * period_s as f64) as i64 }
    }

    /// How many there are from a moment to before another.
    pub fn count(&self, (from_s, until_s): (i64, i64)) -> u32 {
        let first_s = self.next_from(from_s);
        if first_s < until_s { (1 + (until_s - 1 - first_s) / self.period_s) as u32 } else { 0 }
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

    fn baseline<T: serde::de::DeserializeOwned>(table: &str) -> T {
        let file: toml::Table = include_str!("../../scenarios/baseline.toml").parse().expect("the baseline");
        file[table].clone().try_into().expect("its table")
    }

    fn release(name: &str) -> &'static Release {
        RELEASES.iter().find(|release| release.name == name).expect("a release")
    }

    /// One in ten of the checks of Android phones until 1.2.2, and every other check; of the rest, those of a low battery wait on Android.
    #[test]
    fn checks_of_android_wait_for_an_idle_device_and_for_its_battery() {
        let framework: GaenConfig = baseline("gaen");
        let runs = |name: &str, ios: bool, faults: FaultSet, battery_low_share: f64| {
            let release = release(name);
            let configuration_of_1_1_3 = ConfigurationOf113::Embedded;
            let installed = Installed { ios, release, installed_as: release, configuration_of_1_1_3, faults, framework: &framework };
            let config = AppConfig { battery_low_share, ..baseline("app") };
            (0..100).filter(|k| installed.puts_check_off(&config, (f64::from(*k) / 100.0, 0.25)).is_none()).count()
        };
        for name in ["1.0.0", "1.1.4", "1.2.2"] {
            assert_eq!([false, true].map(|ios| runs(name, ios, FaultSet::HISTORICAL, 0.0)), [10, 100], "{name}");
            assert_eq!(runs(name, false, FaultSet::NONE, 0.25), 100);
        }
        assert_eq!(runs("1.2.3", false, FaultSet::HISTORICAL, 0.0), 100);
        assert_eq!([true, false].map(|ios| runs("1.2.3", ios, FaultSet::HISTORICAL, 0.26)), [100, 0], "a low battery stops Android alone");
    }

    /// Six hours in 1.x and four in 2.x on Android, whatever is stated elsewhere; four on iPhones.
    #[test]
    fn each_release_has_its_period() {
        let config: AppConfig = baseline("app");
        let hours = |config: &AppConfig, ios: bool, name: &str| FetchTimes::new(config, (ios, release(name)), 0.0).period_s / 3600;
        assert_eq!(["1.0.0", "1.4.1", "2.0.0", "2.0.1"].map(|name| hours(&config, false, name)), [6, 6, 4, 4]);
        assert_eq!(["1.0.0", "2.0.0"].map(|name| hours(&config, true, name)), [4, 4]);
        let stated = AppConfig { fetch_every_h_android: EveryHours::Stated(24.0), ..config };
        assert_eq!([hours(&stated, false, "2.0.0"), hours(&stated, true, "2.0.0")], [24, 4]);
    }

    /// At 1000, 15,400 and 29,800.
    #[test]
    fn fetches_are_counted_by_arithmetic() {
        let times = FetchTimes { period_s: 14_400, phase_s: 1000 };
        let of = |from_s: i64, until_s: i64| times.count((from_s, until_s));
        assert_eq!([of(0, 1000), of(0, 1001), of(1000, 15_400), of(1000, 15_401), of(1001, 15_400), of(0, 29_801)], [0, 1, 1, 2, 0, 3]);
    }

    #[test]
    fn a_phone_fetches_at_its_phase_and_a_period_later() {
        let times = FetchTimes { period_s: 14_400, phase_s: 1000 };
        let of = |now_s: i64| times.next_from(now_s);
        assert_eq!([of(999), of(1000), of(1001), of(15_400), of(-13_400), of(-13_399)], [1000, 1000, 15_400, 15_400, -13_400, 1000]);
    }
}
