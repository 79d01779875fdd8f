//! How long each step took, from an infection to a test because of the warning: one delay for everybody who took both steps in the run.

use std::collections::BTreeMap;

use crate::{ids::PersonId, setup::Setup};

use super::super::system::System;

/// The steps between which time passes, in order, and whose delays they are.
pub const STAGES: &[(&str, &str)] = &[
    ("infection to onset", "cases"),
    ("onset to test", "cases"),
    ("test to result", "cases"),
    ("result to request", "cases"),
    ("request to issue", "cases"),
    ("issue to arrival", "cases"),
    ("arrival to entry", "cases"),
    ("entry to acceptance", "cases"),
    ("acceptance to export", "keys"),
    ("export to the screen", "contacts"),
    ("screen to seen", "people"),
    ("seen to turning to the centre", "people"),
    ("turning to the centre to test", "people"),
    ("end of the contact's day to the screen", "contacts"),
];
const EXPORT: usize = 8;
const SCREEN: usize = 9;
const SEEN: usize = 10;
const TURNED: usize = 11;
const TESTED: usize = 12;
const CONTACT: usize = 13;

/// Delays: the stage, an index of [`STAGES`], and seconds; stage by stage.
pub fn delays(setup: &Setup, system: &System) -> Vec<(usize, i64)> {
    let end_s = setup.last_day().end().0;
    let records = &system.records;
    let mut found: Vec<(usize, i64)> = Vec::new();
    let mut add = |stage: usize, from_s: Option<i64>, to_s: Option<i64>| {
        let both = from_s.zip(to_s).filter(|(_, to_s)| *to_s < end_s);
        found.extend(both.map(|(from_s, to_s)| (stage, to_s - from_s)));
    };
    let mut uploaded_s: BTreeMap<PersonId, i64> = BTreeMap::new();
    for ((person, case), upload) in setup.cases.iter().zip(&records.uploads) {
        uploaded_s.extend(upload.uploaded_s.map(|at_s| (*person, at_s)));
        let steps = [
            Some(case.infected_s),
            Some(case.onset_s),
            Some(case.tested_s),
            Some(case.result_s),
            upload.asked_s,
            upload.number_issued_s,
            upload.number_delivered_s,
            upload.number_entered_s,
            upload.uploaded_s,
        ];
        steps.windows(2).enumerate().for_each(|(stage, two)| add(stage, two[0], two[1]));
    }
    records.keys.values().for_each(|key| add(EXPORT, uploaded_s.get(&key.owner).copied(), key.exported_s));
    let mut first_shown_s: BTreeMap<PersonId, i64> = BTreeMap::new();
    for ((observer, case, day), shown_s) in &records.detections {
        let key = records.keys.get(&setup.beacons.tek(*case, *day).key);
        add(SCREEN, key.and_then(|key| key.exported_s), Some(*shown_s));
        add(CONTACT, Some(day.end().0), Some(*shown_s));
        let first_s = first_shown_s.entry(*observer).or_insert(*shown_s);
        *first_s = (*first_s).min(*shown_s);
    }
    for (person, after) in &records.warned {
        add(SEEN, first_shown_s.get(person).copied(), Some(after.seen_s));
        let turned_s = after.turned.map(|(_, at_s)| at_s);
        add(TURNED, Some(after.seen_s), turned_s);
        add(TESTED, turned_s, after.tested_s);
    }
    found.sort_unstable();
    found
}
