//! Did the app show them? Real cases, end to end.

use crate::{
    accuracy::{Judged, Mode, Strata, Tally},
    authority::CaseHistory,
    engine::CaseDay,
    ids::PersonId,
    setup::Setup,
    time::{DayJst, DayUtc, UnixSeconds},
    truth::Definition,
};

use super::system::System;

/// Pairs with a real case, on the days on which its contacts count: by local date, like the days of keys from release
/// 1.2.1 on.
pub fn counted_days<'a>(setup: &'a Setup, case_days: &'a [CaseDay]) -> impl Iterator<Item = &'a CaseDay> {
    case_days.iter().filter(|c| {
        let Some((_, history)) = setup.cases.iter().find(|(p, _)| *p == c.case) else { return false };
        let days = counting_days(history, setup.scenario.authority.infectious_days_before_onset);
        days.contains(&c.day)
    })
}

/// What the app showed of these days, of cases whose result was known before the run ended.
pub fn count_end_to_end(setup: &Setup, case_days: &[CaseDay], system: &System) -> Tally {
    let need_s = setup.scenario.truth.duration_min * 60.0;
    let mut counted = Tally::new(1, setup.people.len(), &setup.venue_kinds, &setup.barriers, &setup.scenario.accuracy);
    let end_s = setup.last_day().end().0;
    let is_confirmed = |case: PersonId| setup.cases.iter().any(|(person, history)| *person == case && history.result_s < end_s);
    for &CaseDay { observer, case, day, half, .. } in counted_days(setup, case_days).filter(|c| is_confirmed(c.case)) {
        let Some(nearest) = half.nearest else { continue };
        let strata = Strata {
            nearest,
            observer_is_a: observer < case,
            os: setup.people.os(observer).zip(setup.people.os(case)),
            min_distance_m: half.min_distance_m,
            within_s: half.within_s,
            is_headline_day: setup.headline_counts(day),
        };
        counted.add(&Judged {
            mode: Mode::EndToEnd,
            observer,
            transmitter: case,
            truth: Definition::CumulativeUtc,
            actual: half.within_s >= need_s,
            both_run: setup.runs(observer, day) && setup.runs(case, day),
            came_within: half.came_within(setup.scenario.accuracy.universe_within_m),
            came_near: half.came_near(setup.scenario.output.contacts_within_m),
            detected: &[system.records.detections.contains_key(&(observer, case, day))],
            strata: &strata,
        });
    }
    counted
}

/// The UTC days with the numbers of the local days on which a case's contacts count.
fn counting_days(case: &CaseHistory, days_before_onset: i32) -> std::ops::RangeInclusive<DayUtc> {
    let of = |day: DayJst| day.utc_midnight().day_utc();
    of(UnixSeconds(case.onset_s).day_jst().plus_days(-days_before_onset))..=of(UnixSeconds(case.result_s).day_jst())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::NumberWay;

    /// Onset in the morning, when it is still the day before in UTC: the days are those of Japan's calendar.
    #[test]
    fn the_days_on_which_contacts_count_go_by_the_local_date() {
        let (onset, result) = (DayJst(18_510), DayJst(18_514));
        for (second, days) in [(0, 2), (8 * 3600, 2), (86_399, 0)] {
            let case = CaseHistory {
                infected_s: 0,
                onset_s: onset.start().0 + second,
                tested_s: 0,
                result_s: result.start().0 + second,
                stays_home_from_onset: false,
                number: NumberWay { asked: None, issued: Ok(0), life_h: 1.0, delivered: Ok(0), entered_s: None },
            };
            assert_eq!(counting_days(&case, days), DayUtc(18_510 - days)..=DayUtc(18_514), "{second}");
        }
    }
}
