//! Why people in contact with a reported case were not warned in time: of each contact the first reason, in the order of the way from the
//! case's result to the other's screen.

use std::collections::BTreeMap;

use crate::{
    app::Absent,
    engine::CaseDay,
    ids::PersonId,
    setup::Setup,
    time::{DAY_S, DayUtc},
};

use super::{
    super::system::{Reason, System, step},
    funnel::{NOT_YET, in_other_hands, lost_its_records, uploaded_key, why_checks_no_more, why_not_running, why_of},
};

/// The longest time in which a warning may still be of use, days: contacts are kept for 14.
pub const LONGEST_DAYS: u32 = 14;

/// Why a contact was not warned of in time: the place on the way, and the reason. The places are in order; the last is that it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lost {
    /// The place on the way, an index of [`PLACES`].
    pub place: usize,
    /// The reason in words.
    pub why: String,
}

/// Where a warning can be lost, in order.
pub const PLACES: &[&str] = &[
    "the case's result",
    "the case's app",
    "the request for a number",
    "the number's issue",
    "the number's arrival",
    "the number's entry",
    "the upload",
    "the export of that day's key",
    "the other's smartphone",
    "the other's app",
    "the other's check",
    "the match",
    "the screen",
    "warned in time",
];

const RESULT: usize = 0;
const EXPORTED: usize = 7;
const SMARTPHONE: usize = 8;
const TAKES_PART: usize = 9;
const CHECKED: usize = 10;
const MATCHED: usize = 11;
const SHOWN: usize = 12;
/// The place of those who were warned in time.
pub const WARNED: usize = 13;

/// A contact of somebody with a reported case on a UTC day, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Who was in contact.
    pub observer: PersonId,
    /// With which case.
    pub case: PersonId,
    /// When.
    pub day: DayUtc,
    /// When the app showed it, Unix seconds.
    pub shown_s: Option<i64>,
    /// Why it did not within `accuracy.in_time_days`.
    pub in_time: Lost,
    /// Why it did not within [`LONGEST_DAYS`].
    pub at_all: Lost,
}

/// All true contacts of cases whose result was known before the run ended, each with its reasons.
pub fn reasons<'a>(setup: &Setup, system: &System, contacts: impl Iterator<Item = &'a CaseDay>) -> Vec<Contact> {
    let end_s = setup.last_day().end().0;
    let reported = setup.cases.iter().enumerate().filter(|(_, (_, history))| history.result_s < end_s);
    let reported: BTreeMap<PersonId, usize> = reported.map(|(index, (person, _))| (*person, index)).collect();
    let mut found = Vec::new();
    for CaseDay { observer, case, day, .. } in contacts {
        let Some(&index) = reported.get(case) else { continue };
        let of = Of { setup, system, observer: *observer, index, day: *day };
        let within = |days: u32| of.lost(day.end().0 + i64::from(days) * DAY_S);
        found.push(Contact {
            observer: *observer,
            case: *case,
            day: *day,
            shown_s: of.shown_s(),
            in_time: within(setup.scenario.accuracy.in_time_days),
            at_all: within(LONGEST_DAYS),
        });
    }
    found.sort_by_key(|contact| (contact.day, contact.observer, contact.case));
    found
}

/// One contact.
struct Of<'a> {
    setup: &'a Setup,
    system: &'a System,
    observer: PersonId,
    /// The number of the case.
    index: usize,
    day: DayUtc,
}

impl Of<'_> {
    fn case(&self) -> PersonId {
        self.setup.cases[self.index].0
    }

    fn shown_s(&self) -> Option<i64> {
        self.system.records.detections.get(&(self.observer, self.case(), self.day)).copied()
    }

    /// The first place at which a warning before the deadline was lost: what never came, or came too late.
    fn lost(&self, deadline_s: i64) -> Lost {
        let late = |place: usize| Some(Lost { place, why: format!("too late: {}", PLACES[place]) });
        for place in RESULT..WARNED {
            let lost = match self.reached_s(place) {
                Err(why) => Some(Lost { place, why }),
                Ok(Some(at_s)) if at_s > deadline_s => late(place),
                Ok(_) => None,
            };
            if let Some(lost) = lost {
                return lost;
            }
        }
        Lost { place: WARNED, why: PLACES[WARNED].into() }
    }

    /// When a place was reached, if it has a time, Unix seconds; else why it was not.
    fn reached_s(&self, place: usize) -> Result<Option<i64>, String> {
        match place {
            RESULT => Ok(Some(self.setup.cases[self.index].1.result_s)),
            EXPORTED => self.exported_s().map(Some),
            SMARTPHONE if self.setup.has_smartphone(self.observer, self.day) => Ok(None),
            SMARTPHONE => Err("no smartphone".into()),
            TAKES_PART if self.setup.runs(self.observer, self.day) => {
                let other_hands = in_other_hands(self.setup, self.system, self.observer, (self.case(), self.day));
                other_hands.map_or(Ok(None), |why| Err(why.into()))
            }
            TAKES_PART => Err(why_not_running(self.setup, self.observer, self.day).into()),
            CHECKED => self.checked(),
            MATCHED => self.matched(),
            SHOWN => self.shown_s().map(Some).ok_or_else(|| self.why_not_shown()),
            of_case => self.case_reached_s(of_case + step::POSITIVE),
        }
    }

    /// When the case reached a step of its unit.
    fn case_reached_s(&self, step: usize) -> Result<Option<i64>, String> {
        let (way, upload) = (&self.system.records.case_ways[self.index], &self.system.records.uploads[self.index]);
        if way.steps() <= step {
            return Err(why_of(way).into());
        }
        Ok(match step {
            step::ASKED => upload.asked_s,
            step::NUMBER_ISSUED => upload.number_issued_s,
            step::NUMBER_DELIVERED => upload.number_delivered_s,
            step::NUMBER_ENTERED => upload.number_entered_s,
            step::KEYS_UPLOADED => upload.uploaded_s,
            _ => None,
        })
    }

    /// When the key of that day was exported.
    fn exported_s(&self) -> Result<i64, String> {
        let key =
            uploaded_key(self.setup, self.system, (self.case(), self.day)).ok_or_else(|| "no key of that day uploaded".to_string())?;
        key.exported_s.ok_or_else(|| why_of(&key.way).into())
    }

    fn checked(&self) -> Result<Option<i64>, String> {
        let exported_s = self.exported_s()?;
        let key = (self.observer, self.case(), self.day);
        if self.shown_s().is_some() || self.system.records.unshown.contains_key(&key) {
            return Ok(self.shown_s());
        }
        if self.system.ever_checked_s(self.observer).is_some_and(|checked_s| checked_s >= exported_s) {
            return Ok(None);
        }
        if let Some(why) = why_checks_no_more(self.setup, self.observer) {
            return Err(why.into());
        }
        let waits = self.system.phone(self.observer).and_then(|phone| phone.waits);
        Err(waits.map_or(NOT_YET, Reason::name).into())
    }

    fn matched(&self) -> Result<Option<i64>, String> {
        let key = (self.observer, self.case(), self.day);
        let is_known = self.shown_s().is_some() || self.system.records.unshown.contains_key(&key);
        if is_known {
            return Ok(None);
        }
        let went = lost_its_records(self.setup, self.system, self.observer, self.day, self.exported_s()?);
        Err(if went { Absent::Uninstalled.name() } else { "no key matched" }.into())
    }

    fn why_not_shown(&self) -> String {
        let why = self.system.records.unshown.get(&(self.observer, self.case(), self.day));
        why.map_or(NOT_YET, |why| why.name()).into()
    }
}
