//! Known faults in a run: from the symptom over its confirmation to its repair, and whom it struck.

use std::collections::BTreeSet;

use crate::{
    app::{Fault, Mechanism},
    ids::PersonId,
    setup::Setup,
};

use super::{
    system::System,
    way::{Reason, step},
};

/// A fault that was at work on days of the run.
pub struct Repair {
    /// Which.
    pub fault: &'static Fault,
    /// From when it was at work, on whichever system first, Unix seconds.
    pub from_s: i64,
    /// When it was told of, and when it was confirmed, Unix seconds; `None`: the day is not known.
    pub told_s: [Option<i64>; 2],
    /// When it was mended everywhere, Unix seconds; `None`: never.
    pub mended_s: Option<i64>,
    /// When the run first shows it, Unix seconds; `None`: it does not.
    pub first_s: Option<i64>,
    /// Phones whose owners it told something else, or nothing.
    pub phones: u32,
    /// Registrations that it ended, or called done.
    pub registrations: u32,
}

/// The faults of a run, in the order of their numbers.
pub fn repairs(setup: &Setup, system: &System) -> Vec<Repair> {
    let (begins_s, ends_s) = (setup.first_day.start().0, setup.last_day().end().0);
    let mut found: Vec<Repair> = Vec::new();
    for (fault, _, (from_s, until_s)) in setup.faults.spans(&setup.releases) {
        if from_s >= ends_s || until_s <= begins_s {
            continue;
        }
        match found.iter_mut().find(|repair| repair.fault.id == fault.id) {
            Some(repair) => {
                repair.from_s = repair.from_s.min(from_s);
                repair.mended_s = repair.mended_s.max(Some(until_s));
            }
            None => found.push(Repair {
                fault,
                from_s,
                told_s: fault.told_s(),
                mended_s: Some(until_s),
                first_s: None,
                phones: 0,
                registrations: 0,
            }),
        }
    }
    for repair in &mut found {
        repair.mended_s = repair.mended_s.filter(|until_s| *until_s != i64::MAX);
        struck(system, repair);
    }
    found
}

/// Whom a fault struck.
fn struck(system: &System, repair: &mut Repair) {
    let is = |fault: Option<Mechanism>| fault == Some(repair.fault.mechanism);
    let records = &system.records;
    let told = records.notifications.iter().filter(|row| is(row.fault));
    let mut phones: BTreeSet<PersonId> = told.clone().map(|row| row.person).collect();
    let of_way = |why: Option<&Reason>| why == Some(&Reason::Fault(repair.fault.mechanism));
    phones.extend(
        system.phones().filter(|(_, phone)| phone.way.steps() <= step::SHOWED && of_way(phone.way.why())).map(|(person, _)| *person),
    );
    let refused = records.uploads.iter().filter(|upload| is(upload.fault));
    let first_s = told.map(|row| row.checked_s).chain(refused.clone().filter_map(|upload| upload.number_entered_s)).min();
    (repair.first_s, repair.phones, repair.registrations) = (first_s, phones.len() as u32, refused.count() as u32);
}
