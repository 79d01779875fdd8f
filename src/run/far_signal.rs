//! How much of what 2.0 told people rests on far signals: what is known of the field, and the same of the office.
//!
//! Of 21 logs of exposure windows that told users of 2.x exported, 9 had over 90 % of their minutes above 70 dB
//! (cocoa-mhlw/cocoa issue 1121). Here a log is what one phone stored of one other's key of a UTC day on which rule 2.0 fired, as
//! if that other had been confirmed.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::accuracy::{OverWorlds, Rate};

/// The rule whose alarms are counted.
pub const RULE: &str = "2.0";
/// A scan is far above this attenuation, dB.
const FAR_ABOVE_DB: i32 = 70;
/// A log is mostly far if more than this share of its seconds is.
const MOSTLY: f64 = 0.9;

/// Alarms of rule 2.0 outside the home, on the headline's days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FarSignal {
    /// All.
    pub alarms: u64,
    /// Of these, mostly far ones.
    pub mostly_far: u64,
}

impl FarSignal {
    /// Counts one alarm.
    pub fn add(&mut self, is_mostly_far: bool) {
        self.alarms += 1;
        self.mostly_far += u64::from(is_mostly_far);
    }

    /// The share of mostly far ones; `None` without an alarm.
    fn share(self) -> Option<f64> {
        (self.alarms > 0).then(|| self.mostly_far as f64 / self.alarms as f64)
    }

    /// As `summary.json` has it, of one world.
    pub fn json(self) -> Value {
        self.json_with(self.share().map(|value| Rate { value, low: f64::NAN, high: f64::NAN }))
    }

    fn json_with(self, share: Option<Rate>) -> Value {
        json!({
            "rule": RULE,
            "far_above_db": FAR_ABOVE_DB,
            "mostly_share": MOSTLY,
            "alarms": self.alarms,
            "mostly_far": self.mostly_far,
            "share": share.map(|r| r.value),
            "share_lo": share.map(|r| r.low),
            "share_hi": share.map(|r| r.high),
        })
    }

    /// What [`Self::json`] gave.
    pub fn of_json(json: &Value) -> Option<Self> {
        Some(Self { alarms: json["alarms"].as_u64()?, mostly_far: json["mostly_far"].as_u64()? })
    }

    /// The same over worlds: counts summed, the share the mean of the worlds' shares.
    pub fn json_over(worlds: &[Self], over: &OverWorlds) -> Value {
        let sum =
            worlds.iter().fold(Self::default(), |sum, w| Self { alarms: sum.alarms + w.alarms, mostly_far: sum.mostly_far + w.mostly_far });
        let shares: Vec<Rate> = worlds.iter().filter_map(|w| w.share()).map(|value| Rate { value, low: 0.0, high: 1.0 }).collect();
        sum.json_with(over.rate(&shares, 0.0))
    }
}

/// Whether most of what was heard of a key was far; by scans as (attenuation in dB, seconds since the scan before).
pub fn is_mostly_far(scans: &[(i32, i32)]) -> bool {
    let seconds = |is_in: &dyn Fn(i32) -> bool| scans.iter().filter(|(db, _)| is_in(*db)).map(|(_, s)| f64::from(*s)).sum::<f64>();
    seconds(&|db| db > FAR_ABOVE_DB) > MOSTLY * seconds(&|_| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_mostly_far_above_70_db_for_over_nine_tenths_of_its_time() {
        assert!(is_mostly_far(&[(71, 300), (80, 300)]));
        assert!(!is_mostly_far(&[(70, 300), (80, 300)]), "70 dB are not above 70 dB");
        assert!(!is_mostly_far(&[(71, 270), (70, 30)]), "nine tenths are not over nine tenths");
        assert!(is_mostly_far(&[(71, 271), (70, 30)]));
        assert!(!is_mostly_far(&[]));
    }

    #[test]
    fn shares_over_worlds_are_the_mean_of_the_worlds_and_counts_their_sum() {
        let worlds = [FarSignal { alarms: 10, mostly_far: 2 }, FarSignal { alarms: 30, mostly_far: 12 }, FarSignal::default()];
        let json = FarSignal::json_over(&worlds, &OverWorlds::new(3, 0.95));
        assert_eq!((&json["alarms"], &json["mostly_far"]), (&json!(40), &json!(14)));
        assert!(json["share"].as_f64().is_some_and(|share| (share - 0.3).abs() < 1e-12), "{json}");
        assert_eq!(FarSignal::of_json(&worlds[1].json()), Some(worlds[1]));
        assert_eq!(worlds[2].json()["share"], Value::Null);
    }
}
