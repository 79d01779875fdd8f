//! How much of what 2.0 showed people rests on far signals.
//!
//! Of 21 logs of exposure windows that notified users of 2.x exported, 9 had over 90 % of their minutes above 70 dB
//! (cocoa-mhlw/cocoa issue 1121). Here a log is what one phone stored of one other's key of a UTC day on which rule 2.0 fired, as
//! if that other had been confirmed.

use serde::{Deserialize, Serialize};

/// The rule whose alarms are counted.
pub const RULE: &str = "2.0";
/// A scan is far above this attenuation, dB.
pub const FAR_ABOVE_DB: i32 = 70;
/// A log is mostly far if more than this share of its seconds is.
pub const MOSTLY: f64 = 0.9;

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

    /// Adds what another thread counted.
    pub fn merge(&mut self, other: &Self) {
        self.alarms += other.alarms;
        self.mostly_far += other.mostly_far;
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
}
