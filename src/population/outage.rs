//! Phones that look on but no longer advertise or scan.

use rand::RngExt;

use crate::{
    ids::PersonId,
    random::{Keyed, Seed, Stream},
};

use super::PhonesConfig;

/// Until when of a day a phone works, Unix seconds; `i64::MAX` = all day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Working {
    /// Its advertisements end.
    pub advertises_until_s: i64,
    /// Its scans end.
    pub scans_until_s: i64,
}

/// Which phones stop on which days: a pure function of phone and day.
///
/// Reported of single models and of Android at large (cwa-app-android #858, microg #1158); how often was never published.
/// A phone that stops does so at any moment of the day and works again the next: someone restarts it, or the system does.
#[derive(Clone, Copy, Debug)]
pub struct Outages {
    keyed: Keyed,
    advertising_share: f64,
    scanning_share: f64,
}

impl Outages {
    /// The outages of a run.
    pub fn new(config: &PhonesConfig, seed: Seed) -> Self {
        Self { keyed: Keyed::new(seed, Stream::Outage), advertising_share: config.stops_advertising, scanning_share: config.stops_scanning }
    }

    /// A phone's day, from `from_s` to `to_s`.
    pub fn of(&self, phone: PersonId, (from_s, to_s): (i64, i64)) -> Working {
        let until_s = |what: u32, share: f64| {
            let mut rng = self.keyed.rng(phone.0, what, from_s.div_euclid(60) as u32);
            let (stops, at) = (rng.random::<f64>() < share, rng.random::<f64>());
            if stops { from_s + (at * (to_s - from_s) as f64) as i64 } else { i64::MAX }
        };
        Working { advertises_until_s: until_s(0, self.advertising_share), scans_until_s: until_s(1, self.scanning_share) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_stops_at_any_moment_and_of_each_its_own() {
        let outages = Outages { keyed: Keyed::new(Seed(1), Stream::Outage), advertising_share: 0.25, scanning_share: 0.0 };
        let day = (1_600_000_200, 1_600_086_600);
        let stopped: Vec<i64> =
            (0..20_000).map(|i| outages.of(PersonId(i), day).advertises_until_s).filter(|until_s| *until_s != i64::MAX).collect();
        assert!((4800..5200).contains(&stopped.len()), "{}", stopped.len());
        let mean_s = stopped.iter().map(|s| s - day.0).sum::<i64>() / stopped.len() as i64;
        assert!((42_000..44_500).contains(&mean_s) && stopped.iter().all(|s| (day.0..day.1).contains(s)), "{mean_s}");
        assert!((0..1000).all(|i| outages.of(PersonId(i), day).scans_until_s == i64::MAX));
    }

    #[test]
    fn each_function_of_a_phone_stops_on_days_and_at_moments_of_its_own() {
        let of =
            |advertising_share, scanning_share| Outages { keyed: Keyed::new(Seed(1), Stream::Outage), advertising_share, scanning_share };
        let days = [(1_600_000_200, 1_600_086_600), (1_600_086_600, 1_600_173_000)];
        let mut moments: Vec<i64> = Vec::new();
        for (phone, day) in (0..50).flat_map(|i| days.map(|day| (PersonId(i), day))) {
            assert_eq!(of(0.0, 0.0).of(phone, day), Working { advertises_until_s: i64::MAX, scans_until_s: i64::MAX });
            let works = of(1.0, 1.0).of(phone, day);
            for until_s in [works.advertises_until_s, works.scans_until_s] {
                assert!((day.0..day.1).contains(&until_s));
                moments.push(until_s - day.0);
            }
            let scans_on = Working { scans_until_s: i64::MAX, ..works };
            assert_eq!(of(1.0, 0.0).of(phone, day), scans_on, "one share moves nothing of the other");
        }
        moments.sort_unstable();
        moments.dedup();
        assert!(moments.len() >= 190, "{} of 200 moments differ", moments.len());
    }
}
