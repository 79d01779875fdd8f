//! Figures of `summary.json` that are counts alone, of one world and over several: the bridge between counts of contacts, and how much of
//! what 2.0 showed rests on far signals.

use crate::{
    accuracy::{OverWorlds, Rate},
    engine::{
        Bridge,
        far_signal::{FAR_ABOVE_DB, FarSignal, MOSTLY, RULE},
    },
    report::{BridgeStep, FarSignalFigures},
};

/// The bridge of one world.
pub fn bridge_steps(bridge: &Bridge) -> Vec<BridgeStep> {
    bridge.steps().map(|(step, text, count)| BridgeStep { step: step.into(), text: text.into(), count }).collect()
}

/// Over worlds: step by step the sum.
pub fn bridge_over(worlds: &[Vec<BridgeStep>]) -> Vec<BridgeStep> {
    let mut sum = bridge_steps(&Bridge::default());
    for world in worlds {
        sum.iter_mut().zip(world).for_each(|(sum, step)| sum.count += step.count);
    }
    sum
}

/// Far signals of one world; no share without an alarm.
pub fn far_signal_figures(counted: FarSignal) -> FarSignalFigures {
    let FarSignal { alarms, mostly_far } = counted;
    FarSignalFigures {
        rule: RULE.into(),
        far_above_db: FAR_ABOVE_DB,
        mostly_share: MOSTLY,
        alarms,
        mostly_far,
        share: (alarms > 0).then(|| mostly_far as f64 / alarms as f64),
        share_lo: None,
        share_hi: None,
    }
}

/// The same over worlds, from their figures: counts summed, the share the mean of the worlds' shares.
pub fn far_signal_over(worlds: &[FarSignalFigures], over: &OverWorlds) -> FarSignalFigures {
    let sum = FarSignal { alarms: worlds.iter().map(|w| w.alarms).sum(), mostly_far: worlds.iter().map(|w| w.mostly_far).sum() };
    let shares: Vec<Rate> = worlds.iter().filter_map(|w| w.share).map(|value| Rate { value, low: 0.0, high: 1.0 }).collect();
    let share = over.rate(&shares, 0.0);
    let end = |end: fn(&Rate) -> f64| share.as_ref().map(end).filter(|end| !end.is_nan());
    FarSignalFigures { share: share.map(|r| r.value), share_lo: end(|r| r.low), share_hi: end(|r| r.high), ..far_signal_figures(sum) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_over_worlds_are_the_sum_step_by_step() {
        let mut bridge = Bridge::default();
        bridge.add_jst(6);
        let one = bridge_steps(&bridge);
        assert_eq!((one[0].step.as_str(), one[0].count, one[1].count), ("jst_days", 6, 0));
        let both = bridge_over(&[one.clone(), one]);
        assert_eq!((both[0].step.as_str(), both[0].count, both[1].count), ("jst_days", 12, 0));
    }

    #[test]
    fn shares_over_worlds_are_the_mean_of_the_worlds_and_counts_their_sum() {
        let worlds = [(10, 2), (30, 12), (0, 0)].map(|(alarms, mostly_far)| far_signal_figures(FarSignal { alarms, mostly_far }));
        assert_eq!(worlds.each_ref().map(|w| w.share), [Some(0.2), Some(0.4), None]);
        let all = far_signal_over(&worlds, &OverWorlds::new(3, 0.95));
        assert_eq!((all.alarms, all.mostly_far), (40, 14));
        assert!(all.share.is_some_and(|share| (share - 0.3).abs() < 1e-12) && all.share_lo == Some(0.0) && all.share_hi == Some(1.0));
        assert!(far_signal_note(&all).contains("Of the 40 alarms of rule 2.0 outside the home, 14 had over 90 %"));
        assert_eq!(far_signal_over(&worlds[1..], &OverWorlds::new(3, 0.95)).share_lo, None, "one world alone has alarms");
    }
}
