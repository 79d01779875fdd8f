//! Did the app show them? Real cases, end to end.

use std::collections::BTreeSet;

use crate::{
    accuracy::{Judged, Mode, Strata, Tally},
    engine::CaseDay,
    ids::PersonId,
    setup::Setup,
    truth::Definition,
};

use super::system::System;

/// What the app showed of pairs with a case, on the days on which its contacts count: of cases whose result was known before the run ended.
pub fn count_end_to_end(setup: &Setup, case_days: &[CaseDay], system: &System) -> Tally {
    let need_s = setup.scenario.truth.duration_min * 60.0;
    let mut counted = Tally::new(1, setup.people.len(), &setup.venue_kinds, &setup.barriers, &setup.scenario.accuracy);
    let end_s = setup.last_day().end().0;
    let confirmed: BTreeSet<PersonId> = setup.cases.iter().filter(|(_, case)| case.result_s < end_s).map(|(person, _)| *person).collect();
    for &CaseDay { observer, case, day, half, .. } in case_days.iter().filter(|c| confirmed.contains(&c.case)) {
        let Some(nearest) = half.nearest else { continue };
        let strata = Strata {
            nearest,
            observer_is_a: observer < case,
            os: setup.os_carried(observer, day).zip(setup.os_carried(case, day)),
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
