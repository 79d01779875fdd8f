//! How much of what 2.0 showed people rests on far signals: what is known of the field, and the same of the office.
//!
//! Of 21 logs of exposure windows that notified users of 2.x exported, 9 had over 90 % of their minutes above 70 dB
//! (cocoa-mhlw/cocoa issue 1121). Here a log is what one phone stored of one other's key of a UTC day on which rule 2.0 fired, as
//! if that other had been confirmed.

use serde::{Deserialize, Serialize};

use crate::{
    accuracy::{OverWorlds, Rate},
    report::FarSignalFigures,
};

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

    /// Adds what another thread counted.
    pub fn merge(&mut self, other: &Self) {
        self.alarms += other.alarms;
        self.mostly_far += other.mostly_far;
    }

    /// The share of mostly far ones; `None` without an alarm.
    fn share(self) -> Option<f64> {
        (self.alarms > 0).then(|| self.mostly_far as f64 / self.alarms as f64)
    }

    /// As `summary.json` has it, of one world.
    pub fn figures(self) -> FarSignalFigures {
        FarSignalFigures {
            rule: RULE.into(),
            far_above_db: FAR_ABOVE_DB,
            mostly_share: MOSTLY,
            alarms: self.alarms,
            mostly_far: self.mostly_far,
            share: self.share(),
            share_lo: None,
            share_hi: None,
        }
    }
}

/// The same over worlds, from their figures: counts summed, the share the mean of the worlds' shares.
pub fn far_signal_over(worlds: &[FarSignalFigures], over: &OverWorlds) -> FarSignalFigures {
    let sum = FarSignal { alarms: worlds.iter().map(|w| w.alarms).sum(), mostly_far: worlds.iter().map(|w| w.mostly_far).sum() };
    let shares: Vec<Rate> = worlds.iter().filter_map(|w| w.share).map(|value| Rate { value, low: 0.0, high: 1.0 }).collect();
    let share = over.rate(&shares, 0.0);
    let end = |end: fn(&Rate) -> f64| share.as_ref().map(end).filter(|end| !end.is_nan());
    FarSignalFigures { share: share.map(|r| r.value), share_lo: end(|r| r.low), share_hi: end(|r| r.high), ..sum.figures() }
}

/// What these figures say, beside what is known of the field.
pub fn far_signal_note(figures: &FarSignalFigures) -> String {
    let percent = |share: f64| format!("{:.1}", share * 100.0);
    let interval = figures.share_lo.zip(figures.share_hi);
    format!(
        "Of the {} alarms of rule {RULE} outside the home, {} had over {:.0} % of what was heard of the other's key above {FAR_ABOVE_DB} dB: \
         {}{} %{}. Of 21 logs that notified users of 2.x exported, 9 had: 43 % (95 % interval 22 to 66 %).",
        figures.alarms,
        figures.mostly_far,
        MOSTLY * 100.0,
        if interval.is_some() { "on average over worlds " } else { "" },
        figures.share.map_or_else(|| "-".into(), percent),
        interval.map_or_else(String::new, |(low, high)| format!(" ({}-{} over worlds)", percent(low), percent(high)))
    )
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
        let worlds = [(10, 2), (30, 12), (0, 0)].map(|(alarms, mostly_far)| FarSignal { alarms, mostly_far }.figures());
        assert_eq!(worlds.each_ref().map(|w| w.share), [Some(0.2), Some(0.4), None]);
        let all = far_signal_over(&worlds, &OverWorlds::new(3, 0.95));
        assert_eq!((all.alarms, all.mostly_far), (40, 14));
        assert!(all.share.is_some_and(|share| (share - 0.3).abs() < 1e-12) && all.share_lo == Some(0.0) && all.share_hi == Some(1.0));
        assert!(far_signal_note(&all).contains("Of the 40 alarms of rule 2.0 outside the home, 14 had over 90 %"));
        assert_eq!(far_signal_over(&worlds[1..], &OverWorlds::new(3, 0.95)).share_lo, None, "one world alone has alarms");
    }
}
