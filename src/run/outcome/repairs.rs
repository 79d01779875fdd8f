//! Known faults in a run: from the symptom over its confirmation to its repair, and whom it struck.

use crate::{app::Fault, setup::Setup};

use super::super::system::System;

/// A fault that was at work on days of the run, or struck somebody.
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
    /// Phones that it kept from checking, or had tell their owners something else.
    pub phones: u32,
    /// Registrations that it ended, or called done.
    pub registrations: u32,
}

/// The faults of a run, in the order of their numbers: those that were at work on its days, on the newest releases or around the phones, and
/// those that struck phones whose release was older.
pub fn repairs(setup: &Setup, system: &System) -> Vec<Repair> {
    let mut found: Vec<Repair> = Vec::new();
    for (fault, _, (from_s, until_s)) in setup.faults.spans(&setup.releases) {
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
    found.iter_mut().for_each(|repair| struck(system, repair));
    let (begins_s, ends_s) = (setup.first_day.start().0, setup.last_day().end().0);
    let is_at_work = |repair: &Repair| repair.from_s < ends_s && repair.mended_s > Some(begins_s);
    found.retain(|repair| is_at_work(repair) || repair.first_s.is_some());
    found.iter_mut().for_each(|repair| repair.mended_s = repair.mended_s.filter(|until_s| *until_s != i64::MAX));
    found
}

/// Whom a fault struck.
fn struck(system: &System, repair: &mut Repair) {
    let records = &system.records;
    let struck = records.struck.get(&repair.fault.mechanism);
    let ended = records.uploads.iter().filter(|upload| upload.fault == Some(repair.fault.mechanism));
    let first_s = struck.map(|of| of.first_s).into_iter().chain(ended.clone().filter_map(|upload| upload.number_entered_s)).min();
    let phones = struck.map_or(0, |of| of.phones.len() as u32);
    (repair.first_s, repair.phones, repair.registrations) = (first_s, phones, ended.count() as u32);
}
