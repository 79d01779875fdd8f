//! What the rooms of the system answered, as rows of tables and ways of the funnel.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    app::{Absent, CheckOutcome, Mechanism, PhoneApp, Release, Screen, ScreenLine, Seen, Typed},
    authority::{AfterWarning, CaseNews},
    gaen::TemporaryExposureKey,
    ids::PersonId,
    server::{ExportRecord, ExportRun},
    time::{DayJst, DayUtc},
};

use super::{
    phone_log::LogLine,
    registering::Traffic,
    way::{CaseWay, KeyWay, PhoneWay, Reason, step},
};

/// A row of the uploads table.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Upload {
    /// When a number was asked for, Unix seconds.
    pub asked_s: Option<i64>,
    /// When a number was issued, Unix seconds.
    pub number_issued_s: Option<i64>,
    /// When it arrived, Unix seconds.
    pub number_delivered_s: Option<i64>,
    /// When it was entered, Unix seconds.
    pub number_entered_s: Option<i64>,
    /// Keys stored, if the upload succeeded.
    pub keys: Option<u32>,
    /// Release that registered.
    pub release: Option<String>,
    /// When the keys arrived, Unix seconds.
    pub uploaded_s: Option<i64>,
    /// What came of it.
    pub outcome: UploadOutcome,
    /// The fault that ended it.
    pub fault: Option<Mechanism>,
}

/// How far a registration is.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub enum UploadOutcome {
    /// Before the result.
    #[default]
    NotYetPositive,
    /// Before a number is issued.
    WaitsForNumber,
    /// Before it is entered.
    NotEnteredYet,
    /// Between two tries.
    TriesAgain,
    /// The server has the keys.
    Uploaded,
    /// It came to nothing.
    Ended(Reason),
}

impl UploadOutcome {
    /// The name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotYetPositive => "not yet positive",
            Self::WaitsForNumber => "waiting for a number",
            Self::NotEnteredYet => "number not entered yet",
            Self::TriesAgain => "trying again",
            Self::Uploaded => "uploaded",
            Self::Ended(why) => why.name(),
        }
    }
}

/// A key that the server stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UploadedKey {
    /// Whose it is.
    pub owner: PersonId,
    /// The UTC day on which it was in use.
    pub day: DayUtc,
    /// When it was exported, Unix seconds.
    pub exported_s: Option<i64>,
    /// How far it came.
    pub way: KeyWay,
    /// Whether it is of somebody who is no case: whoever met that phone is warned wrongly.
    pub is_false: bool,
}

/// A row of the registrations table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Registration {
    /// Whose phone.
    pub person: PersonId,
    /// When, Unix seconds.
    pub at_s: i64,
    /// Release of the app.
    pub release: String,
    /// Its interface.
    pub api: String,
    /// Which try of the person it is, from 1.
    pub number: u32,
    /// Requests sent: one at most by a person, many by who guesses.
    pub requests: u32,
    /// What was typed.
    pub typed: Typed,
    /// Bytes of the (last) request.
    pub bytes: Option<u32>,
    /// Status of the (last) answer.
    pub status: Option<u16>,
    /// What the phone told.
    pub answer: Option<String>,
    /// Keys stored.
    pub keys: u32,
    /// Whether the number stays in the app after it was checked.
    pub is_kept_by_app: bool,
    /// Whether it stays on the server.
    pub is_kept_by_server: bool,
}

/// A row of the notifications table: a check that matched at least one key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Notification {
    /// Whose phone.
    pub person: PersonId,
    /// When it checked, Unix seconds.
    pub checked_s: i64,
    /// Release it ran.
    pub release: String,
    /// Rule it ran.
    pub rule: String,
    /// Keys matched.
    pub matched_keys: u32,
    /// UTC day of the contact; `None` if the check showed none.
    pub day: Option<DayUtc>,
    /// Exposures that a 1.x screen counts for that day.
    pub exposures: Option<u32>,
    /// Minutes that a 2.x screen shows for it.
    pub minutes: Option<u32>,
    /// Seconds that the check was given for it.
    pub duration_s: Option<f64>,
    /// What the user saw.
    pub seen: Seen,
    /// The fault that played a part.
    pub fault: Option<Mechanism>,
}

/// A phone that has something to fetch, or fetched it: what its app keeps, and how far it came.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Phone {
    /// The app.
    pub app: PhoneApp,
    /// How far it came.
    pub way: PhoneWay,
    /// What has stopped the app's work until it is opened.
    pub stopped: Option<Mechanism>,
    /// Why the last check that was due did not run, or found nothing; `None` if it ran.
    pub waits: Option<Reason>,
    /// The last day of which it is known whether something stopped it; before all days: of none yet.
    known_until: KnownUntil,
}

/// A day, small enough for the phones of a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct KnownUntil(DayJst);

impl Default for KnownUntil {
    fn default() -> Self {
        Self(DayJst(i32::MIN))
    }
}

impl Phone {
    /// A check that is due does not run, or finds no server: that is why nothing was fetched, as far as nothing was.
    pub fn wait(&mut self, day: DayJst, why: Reason) {
        self.waits = Some(why);
        if self.way.steps() == step::FETCHED {
            self.way.lose(day, why);
        }
    }

    /// A check ran, unless the framework refused it.
    pub fn checked(&mut self, is_refused: bool) {
        if !is_refused {
            self.waits = None;
        }
    }

    /// The app goes, or its user deletes what it keeps.
    pub fn goes(&mut self, why: Absent, day: DayJst) {
        match why {
            Absent::Uninstalled => self.app = PhoneApp::default(),
            Absent::Deleted => self.app.lose_data(),
            _ => return,
        }
        // Whatever stopped it ends with the app, or when it is begun again, and the days until now are over.
        self.stopped = None;
        self.known_until = self.known_until.max(KnownUntil(day));
    }

    /// The days since it was last looked at pass, or since the run began, to the end of this one. `stops` says what stops the app's work on a
    /// day, from its first second on, and `opens` whether somebody opens it then.
    pub fn pass_days(
        &mut self,
        (first_day, today): (DayJst, DayJst),
        stops: impl Fn(DayJst) -> Option<Mechanism>,
        opens: impl Fn(DayJst) -> bool,
    ) {
        let from = if self.known_until == KnownUntil::default() { first_day.min(today) } else { self.known_until.0.next() };
        self.known_until = self.known_until.max(KnownUntil(today));
        for day in (from.0..=today.0).map(DayJst) {
            if let Some(mechanism) = stops(day) {
                if mechanism == Mechanism::AppDataLost {
                    self.app.lose_data();
                }
                self.stopped.get_or_insert(mechanism);
            }
            // Today's opening is an event of its own.
            if self.stopped.is_some() && day < today && opens(day) {
                self.stopped = None;
            }
        }
    }
}

/// A row of the screens table: what somebody saw who opened the app.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Opened {
    /// Who.
    pub person: PersonId,
    /// When, Unix seconds.
    pub opened_s: i64,
    /// Whether because of a notification.
    pub is_notified: bool,
    /// Release of the app.
    pub release: String,
    /// The first sentence.
    pub text: String,
    /// UTC day of the line; `None`: the screen has none.
    pub day: Option<DayUtc>,
    /// Contacts of the day, in version 1.
    pub contacts: Option<u32>,
    /// Minutes of the day, in version 2.
    pub minutes: Option<u32>,
    /// Days that are kept and too old to be shown.
    pub hidden_days: u32,
    /// Keys that matched, as the list of checks in the system's settings adds up.
    pub system_matches: u32,
}

/// Phones that a fault struck: kept from checking, or had told something else.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Struck {
    /// When it first did, Unix seconds.
    pub first_s: i64,
    /// Which.
    pub phones: BTreeSet<PersonId>,
}

/// Everything that happened.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Records {
    /// How far each case came.
    pub case_ways: Vec<CaseWay>,
    /// All keys that the server stored.
    pub keys: BTreeMap<[u8; 16], UploadedKey>,
    /// One per case.
    pub uploads: Vec<Upload>,
    /// All tries of registrations, in their order.
    pub registrations: Vec<Registration>,
    /// What phones fetched, day by day.
    pub traffic: BTreeMap<DayJst, Traffic>,
    /// All exports made.
    pub exports: Vec<ExportRecord>,
    /// All checks that matched.
    pub notifications: Vec<Notification>,
    /// Of every contact that an app showed (observer, case, UTC day) when it first did, Unix seconds.
    pub detections: BTreeMap<(PersonId, PersonId, DayUtc), i64>,
    /// Of keys that matched and were not shown (observer, case, UTC day) why.
    pub unshown: BTreeMap<(PersonId, PersonId, DayUtc), Reason>,
    /// The operation log of the phone that the scenario names.
    pub log: Vec<LogLine>,
    /// All openings of the app by people whose phone matched a key.
    pub screens: Vec<Opened>,
    /// The phones that each fault struck.
    pub struck: BTreeMap<Mechanism, Struck>,
    /// Of everybody who saw a contact on the screen, what followed the first time.
    pub warned: BTreeMap<PersonId, AfterWarning>,
}

impl Records {
    /// Of so many cases to whom nothing has happened yet.
    pub fn of_cases(cases: usize) -> Self {
        Self { case_ways: vec![CaseWay::default(); cases], uploads: vec![Upload::default(); cases], ..Self::default() }
    }

    /// What the authority made of an event of a case, who is without the app for some reason or has it in use.
    pub fn case(&mut self, case: usize, news: CaseNews, without: Option<Absent>, now_s: i64, day: DayJst) {
        let (way, upload) = (&mut self.case_ways[case], &mut self.uploads[case]);
        match news {
            CaseNews::Infected => {
                way.reach(step::INFECTED, day);
            }
            CaseNews::FellIll { .. } => {
                way.reach(step::SYMPTOMS, day);
            }
            CaseNews::Tested => {
                way.reach(step::TESTED, day);
            }
            CaseNews::Positive { asks } => {
                way.reach(step::POSITIVE, day);
                match without {
                    Some(why) => self.end_case(case, day, Reason::Without(why), None),
                    None => {
                        way.reach(step::HAS_APP, day);
                        upload.outcome = UploadOutcome::WaitsForNumber;
                        if !asks {
                            self.end_case(case, day, Reason::NotAsked, None);
                        }
                    }
                }
            }
            CaseNews::NumberIssued => upload.number_issued_s = Some(now_s),
            CaseNews::NumberDelivered { .. } => upload.number_delivered_s = Some(now_s),
            CaseNews::NumberEntered(_) => upload.number_entered_s = Some(now_s),
            CaseNews::Asked => upload.asked_s = Some(now_s),
            CaseNews::NoNumber(_) => {}
        }
        if without.is_none() {
            self.number(case, news, day);
        }
    }

    /// What a step means to a case whose phone could register.
    fn number(&mut self, case: usize, news: CaseNews, day: DayJst) {
        let (way, upload) = (&mut self.case_ways[case], &mut self.uploads[case]);
        match news {
            CaseNews::Asked => {
                way.reach(step::ASKED, day);
            }
            CaseNews::NumberIssued => {
                way.reach(step::NUMBER_ISSUED, day);
            }
            CaseNews::NumberDelivered { enters } => {
                way.reach(step::NUMBER_DELIVERED, day);
                upload.outcome = UploadOutcome::NotEnteredYet;
                if !enters {
                    self.end_case(case, day, Reason::DidNotRegister, None);
                }
            }
            CaseNews::NoNumber(why) => self.end_case(case, day, Reason::NoNumber(why), None),
            CaseNews::NumberEntered(_) => {
                way.reach(step::NUMBER_ENTERED, day);
            }
            CaseNews::Infected | CaseNews::FellIll { .. } | CaseNews::Tested | CaseNews::Positive { .. } => {}
        }
    }

    /// A case comes no further.
    pub fn end_case(&mut self, case: usize, day: DayJst, why: Reason, fault: Option<Mechanism>) {
        let upload = &mut self.uploads[case];
        (upload.outcome, upload.fault) = (UploadOutcome::Ended(why), fault);
        self.case_ways[case].lose(day, fault.map_or(why, Reason::Fault));
    }

    /// The server stored a case's keys.
    pub fn uploaded(&mut self, case: usize, owner: PersonId, keys: &[TemporaryExposureKey], now_s: i64, day: DayJst) {
        let upload = &mut self.uploads[case];
        (upload.keys, upload.uploaded_s, upload.outcome) = (Some(keys.len() as u32), Some(now_s), UploadOutcome::Uploaded);
        self.case_ways[case].reach(step::KEYS_UPLOADED, day);
        self.add_keys(owner, keys, day, false);
    }

    /// The server stored the keys of somebody who is no case.
    pub fn falsely_uploaded(&mut self, owner: PersonId, keys: &[TemporaryExposureKey], day: DayJst) {
        self.add_keys(owner, keys, day, true);
    }

    fn add_keys(&mut self, owner: PersonId, keys: &[TemporaryExposureKey], day: DayJst, is_false: bool) {
        for key in keys {
            // A key that comes again is stored once.
            self.keys.entry(key.key).or_insert_with(|| {
                let mut way = KeyWay::default();
                way.reach(step::UPLOADED, day);
                UploadedKey { owner, day: key.rolling_start.start().day_utc(), exported_s: None, way, is_false }
            });
        }
    }

    /// A case will try to register again.
    pub fn will_try_again(&mut self, case: usize) {
        self.uploads[case].outcome = UploadOutcome::TriesAgain;
    }

    /// The server deleted keys that it had not exported.
    pub fn deleted(&mut self, keys: Vec<[u8; 16]>, day: DayJst) {
        for key in keys {
            if let Some(uploaded) = self.keys.get_mut(&key) {
                uploaded.way.lose(day, Reason::Deleted);
            }
        }
    }

    /// The server exported keys, and dropped others.
    pub fn exported(&mut self, run: ExportRun, now_s: i64, day: DayJst) {
        for key in run.exported {
            if let Some(uploaded) = self.keys.get_mut(&key) {
                uploaded.exported_s = Some(now_s);
                uploaded.way.reach(step::EXPORTED, day);
            }
        }
        for key in run.expired {
            if let Some(uploaded) = self.keys.get_mut(&key) {
                uploaded.way.lose(day, Reason::Expired);
            }
        }
        self.exports.extend(run.batches);
    }

    /// A phone fetched keys, and checked them unless the framework refused. `observer` is whose it is now.
    pub fn check(
        &mut self,
        (person, observer): (PersonId, PersonId),
        way: &mut PhoneWay,
        release: &Release,
        outcome: CheckOutcome,
        now_s: i64,
        day: DayJst,
    ) {
        way.reach(step::FETCHED, day);
        outcome.fault.iter().for_each(|fault| self.strike(*fault, person, now_s));
        let is_open = |why: &Reason| {
            let waits = [
                Mechanism::CheckNotRun,
                Mechanism::AppDataLost,
                Mechanism::BatterySaver,
                Mechanism::MigrationFails,
                Mechanism::CrashesAtStart,
            ];
            match why {
                Reason::NoMatch | Reason::BatteryLow | Reason::Refused(_) | Reason::Abroad | Reason::SwitchedOff => true,
                Reason::Fault(fault) => waits.contains(fault),
                _ => false,
            }
        };
        let is_unmatched = way.steps() <= step::MATCHED && way.why().is_none_or(is_open);
        self.note_matched(observer, &outcome, now_s);
        if outcome.refused {
            // No loss by itself: the next check makes up for it, unless a fault prevents that.
            if let Some(fault) = outcome.fault.filter(|_| is_unmatched) {
                way.lose(day, Reason::Fault(fault));
            }
            return;
        }
        way.reach(step::CHECKED, day);
        if outcome.matched.is_empty() {
            if is_unmatched {
                way.lose(day, Reason::NoMatch);
            }
            return;
        }
        way.reach(step::MATCHED, day);
        if outcome.notified || !outcome.days.is_empty() {
            way.reach(step::TOLD, day);
        }
        let row = Notification {
            person,
            checked_s: now_s,
            release: release.name.into(),
            seen: outcome.seen(),
            rule: outcome.rule,
            matched_keys: outcome.matched.len() as u32,
            day: None,
            exposures: None,
            minutes: None,
            duration_s: None,
            fault: outcome.fault,
        };
        if outcome.days.is_empty() {
            self.notifications.push(row);
            let why = if outcome.notified { Reason::NothingShown } else { Reason::UnderTheRule };
            way.lose(day, outcome.fault.map_or(why, Reason::Fault));
            return;
        }
        for shown in &outcome.days {
            let (exposures, minutes, duration_s) = (shown.exposures, shown.minutes, Some(shown.duration_s as f64));
            self.notifications.push(Notification { day: Some(shown.day), exposures, minutes, duration_s, ..row.clone() });
        }
        way.reach(step::SHOWED, day);
    }

    /// A fault strikes a phone.
    pub fn strike(&mut self, mechanism: Mechanism, person: PersonId, now_s: i64) {
        let struck = self.struck.entry(mechanism).or_insert(Struck { first_s: now_s, phones: BTreeSet::new() });
        struck.phones.insert(person);
    }

    /// Somebody opened the app and saw its screen.
    pub fn opened(&mut self, person: PersonId, (opened_s, is_notified): (i64, bool), release: &Release, screen: &Screen) {
        if screen.old_days > 0 {
            self.strike(Mechanism::OldDaysStayShown, person, opened_s);
        }
        let row = Opened {
            person,
            opened_s,
            is_notified,
            release: release.name.into(),
            text: screen.text(),
            day: None,
            contacts: None,
            minutes: None,
            hidden_days: screen.hidden_days,
            system_matches: screen.system_matches,
        };
        if screen.lines.is_empty() {
            return self.screens.push(row);
        }
        let line = |line: &ScreenLine| Opened { day: Some(line.day), contacts: line.contacts, minutes: line.minutes, ..row.clone() };
        self.screens.extend(screen.lines.iter().map(line));
    }

    /// Notes which contacts a check showed, and why it did not show others whose keys it matched.
    fn note_matched(&mut self, observer: PersonId, outcome: &CheckOutcome, now_s: i64) {
        let why = if outcome.notified && !outcome.shown { Reason::NothingShown } else { Reason::UnderTheRule };
        let why = outcome.fault.map_or(why, Reason::Fault);
        for key in outcome.matched.iter().chain(&outcome.skipped).filter_map(|key| self.keys.get(key)) {
            self.unshown.insert((observer, key.owner, key.day), why);
        }
        for shown in &outcome.days {
            for key in shown.keys.iter().filter_map(|key| self.keys.get(key)) {
                self.detections.entry((observer, key.owner, shown.day)).or_insert(now_s);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run from day 8 on, and a phone that is looked at on days 10 and 14: what struck on day 9 ended when the app was opened then, what
    /// struck on days 11 and 13 stops it, the first first.
    #[test]
    fn days_pass_once_and_what_stops_the_app_stays_until_it_is_opened() {
        let strikes = |day: DayJst| match day.0 {
            7 | 9 | 13 | 14 => Some(Mechanism::AppDataLost),
            11 => Some(Mechanism::BatterySaver),
            _ => None,
        };
        let opens = |day: DayJst| day.0 == 9;
        let mut phone = Phone::default();
        let pass = |phone: &mut Phone, today| {
            phone.pass_days((DayJst(8), DayJst(today)), strikes, opens);
            phone.stopped
        };
        assert_eq!(pass(&mut phone, 10), None);
        assert_eq!(pass(&mut phone, 14), Some(Mechanism::BatterySaver));
        phone.stopped = None;
        assert_eq!(pass(&mut phone, 14), None, "no day passes twice");
        assert_eq!(pass(&mut Phone::default(), 9), Some(Mechanism::AppDataLost), "an opening of today is still to come");
    }

    /// The country's phones fetch every export: what each of them keeps must be small.
    #[test]
    fn a_phone_that_matched_nothing_costs_72_bytes() {
        assert!(size_of::<Phone>() <= 72, "{} bytes, and {} of the way", size_of::<Phone>(), size_of::<PhoneWay>());
    }
}
