//! Figures of `summary.json` that are counts alone, of one world and over several: the bridge between counts of contacts, contacts by
//! time spent, how much of what 2.0 showed rests on far signals, and how many have the app.

use serde_json::Value;

use crate::{
    accuracy::{OverWorlds, Rate},
    engine::{
        Bridge, Presence, Spent,
        far_signal::{FAR_ABOVE_DB, FarSignal, MOSTLY, RULE},
    },
    report::{AdoptionFigures, BridgeStep, ContactRate, FarSignalFigures, OUTSIDE_HOME},
    setup::Setup,
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

/// Contacts by time spent of one world: outside the home, then by kind of venue.
pub fn contact_rates(presence: &Presence) -> Vec<ContactRate> {
    let by_kind = presence.by_kind().map(|(kind, spent)| contact_rate(kind.name(), spent));
    std::iter::once(contact_rate(OUTSIDE_HOME, presence.outside_home())).chain(by_kind).collect()
}

fn contact_rate(place: &str, Spent { person_s, contacts }: Spent) -> ContactRate {
    let person_hours = person_s as f64 / 3600.0;
    let per_person_hour = (person_s > 0).then(|| contacts as f64 / person_hours);
    ContactRate { place: place.into(), person_hours, contacts, per_person_hour, ..ContactRate::default() }
}

/// The same over worlds, from their figures: time and contacts summed, each rate the mean of the worlds'.
pub fn contact_rates_over(worlds: &[Vec<ContactRate>], over: &OverWorlds) -> Vec<ContactRate> {
    let all = || worlds.iter().flatten();
    let mut places: Vec<&str> = all().map(|of| of.place.as_str()).collect();
    places.sort_unstable_by_key(|place| (*place != OUTSIDE_HOME, *place));
    places.dedup();
    let of_place = |place: &str| {
        let here = || all().filter(|of| of.place == place);
        let rates: Vec<f64> = here().filter_map(|of| of.per_person_hour).collect();
        let mean = over.mean(&rates);
        // Where no world differs from another, their spread says nothing.
        let interval = mean.and_then(|(mean, half)| half.filter(|half| *half > 0.0).map(|half| ((mean - half).max(0.0), mean + half)));
        ContactRate {
            place: place.into(),
            person_hours: here().map(|of| of.person_hours).sum(),
            contacts: here().map(|of| of.contacts).sum(),
            per_person_hour: mean.map(|(mean, _)| mean),
            per_person_hour_lo: interval.map(|(low, _)| low),
            per_person_hour_hi: interval.map(|(_, high)| high),
        }
    };
    places.into_iter().map(of_place).collect()
}

/// The rate outside the home as the terminal has it; `None` where nobody was.
pub fn contact_rate_text(rates: &[ContactRate]) -> Option<String> {
    let outside = rates.iter().find(|of| of.place == OUTSIDE_HOME)?;
    let interval = outside.per_person_hour_lo.zip(outside.per_person_hour_hi);
    let interval = interval.map_or_else(String::new, |(low, high)| format!(" ({low:.3}-{high:.3})"));
    Some(format!("true contacts for each hour that a person spends outside the home: {:.3}{interval}", outside.per_person_hour?))
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

/// How many have the app, of whom.
pub fn adoption_figures(setup: &Setup) -> AdoptionFigures {
    let shares = setup.people.adoption();
    let [of_owners, of_people, of_adults, pair_share] = [shares.of_owners, shares.of_people, shares.of_adults, shares.pair_share]
        .map(|share| Some(share).filter(|share| share.is_finite()));
    AdoptionFigures { of_owners, of_people, of_adults, pair_share }
}

/// The same over worlds, from their summaries: the mean of their shares.
pub fn adoption_over(each: &[Value]) -> AdoptionFigures {
    let mean = |of: &str| {
        let shares: Vec<f64> = each.iter().filter_map(|world| world["adoption"][of].as_f64()).collect();
        (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
    };
    let [of_owners, of_people, of_adults, pair_share] = ["of_owners", "of_people", "of_adults", "pair_share"].map(mean);
    AdoptionFigures { of_owners, of_people, of_adults, pair_share }
}

/// The same in a line.
pub fn adoption_text(figures: &AdoptionFigures) -> String {
    let percent = |share: Option<f64>| share.map_or_else(|| "-".into(), |share| format!("{:.1} %", 100.0 * share));
    let [owners, people, adults] = [figures.of_owners, figures.of_people, figures.of_adults].map(percent);
    let pairs = percent(figures.pair_share);
    format!("have the app: {owners} of smartphone owners, {people} of people, {adults} of adults; pairs: {pairs}")
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

    /// Two hours with three pairs outside the home, and half an hour at home: 6 / 2 and 0.
    #[test]
    fn contacts_are_counted_by_the_time_spent() {
        let spent = |person_s, contacts| Spent { person_s, contacts };
        assert_eq!(contact_rate("ward", spent(7200, 6)).per_person_hour, Some(3.0));
        let home = contact_rate("home", spent(1800, 0));
        assert_eq!((home.person_hours, home.per_person_hour, home.per_person_hour_lo), (0.5, Some(0.0), None));
        assert_eq!(contact_rate("gym", spent(0, 2)).per_person_hour, None, "nobody's time was counted");
        assert_eq!(contact_rates(&Presence::default()).len(), 1, "outside the home stands there always");
    }

    /// Rates of 1, 2 and 3: a standard deviation of 1, and 4.3027 of it by the root of 3 each way, cut at 0.
    #[test]
    fn contact_rates_over_worlds_are_the_mean_of_the_worlds() {
        let world = |contacts: u64| {
            let rate = |place: &str, contacts| contact_rate(place, Spent { person_s: 3600, contacts });
            vec![rate(OUTSIDE_HOME, contacts), rate("office", contacts), rate("home", 5)]
        };
        let over = contact_rates_over(&[world(1), world(2), world(3)], &OverWorlds::new(3, 0.95));
        assert_eq!(over.iter().map(|of| of.place.as_str()).collect::<Vec<_>>(), [OUTSIDE_HOME, "home", "office"]);
        assert_eq!((over[0].person_hours, over[0].contacts, over[0].per_person_hour), (3.0, 6, Some(2.0)));
        assert_eq!(over[0].per_person_hour_lo, Some(0.0));
        assert!(over[0].per_person_hour_hi.is_some_and(|high| (high - 4.4841).abs() < 1e-4), "more than 1 is no fault");
        assert_eq!((over[1].per_person_hour, over[1].per_person_hour_lo), (Some(5.0), None), "homes do not differ");
        assert!(contact_rate_text(&over).is_some_and(|text| text.ends_with("outside the home: 2.000 (0.000-4.484)")));
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
