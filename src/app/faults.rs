//! COCOA's known faults as rows of data: which mechanism, on which phones and releases, at the server until when. The code asks for a
//! mechanism, never for a release. Sources: facts of the public repository cocoa-mhlw/cocoa and its issues, the ministry's announcements.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    faults::{Faults, use_one_of},
    history::moment_s,
};

use super::releases::{Gate, RELEASES, Release, ReleaseDates};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Mechanism {
    /// The app tells "done" whatever the server answers (`git diff v1.0.0 v1.1.1` of HttpDataService.cs).
    AnyNumberAccepted,
    /// A key that starts more than 14 days ago to the second refuses a registration (commits 6956fdac2, 6b3ef7341, 786a5f5c9).
    ValidNumberRejected,
    /// A key of less than a whole day refuses a registration (commit 274c568e3).
    ShortKeyRejected,
    /// A backlog of messages outlives the number that they bring (issue 711).
    ExpiredInTransit,
    /// An iPhone asks the system for exposures at any match: the system notifies, and the app shows those that reach the minimum.
    NotifiedButNoneShown,
    /// Android asks for exposures at any match, and shows every one.
    AnyMatchShown,
    /// Keys of level 0 cannot reach the minimum score on Android.
    AndroidNeverNotifies,
    /// Android shows all exposures of a check once one of them reaches the minimum score.
    AndroidOvercount,
    /// Android lets a check wait until the device is idle, and one that is due seldom runs (issue 25, pull request 27).
    CheckNotRun,
    /// Batches are noted as processed before the framework has checked them: if it refuses, they never are (commit 43275b87f).
    SkippedBatch,
    /// The app's own data go while they are being saved: the file is deleted before the new one takes its place (issue 16, pull request 20).
    AppDataLost,
    /// The work that checks keys fails after an update until the app is opened (issue 31, pull request 42).
    MigrationFails,
    /// A maker's battery saver or a forced stop ends the work until the app is opened (issues 123, 127, 136).
    BatterySaver,
    /// The app cannot start: it takes nine hours from the earliest of all times (issue 517).
    CrashesAtStart,
    /// Minutes of faint signals fill the 900 seconds and tip the score (issue 1121).
    FarSignalsCount,
    /// The screen goes on showing days that lie back longer than records are kept (issue 121).
    OldDaysStayShown,
    /// Servers refuse addresses abroad (403), and restoring a backup to iOS 14.0 or 14.1 switches exposure notification off.
    DisabledOrAbroad,
}

impl Mechanism {
    /// The name that tables and scenarios use.
    pub fn name(self) -> &'static str {
        match self {
            Self::AnyNumberAccepted => "any_number_accepted",
            Self::ValidNumberRejected => "valid_number_rejected",
            Self::ShortKeyRejected => "short_key_rejected",
            Self::ExpiredInTransit => "expired_in_transit",
            Self::NotifiedButNoneShown => "notified_but_none_shown",
            Self::AnyMatchShown => "any_match_shown",
            Self::AndroidNeverNotifies => "android_never_notifies",
            Self::AndroidOvercount => "android_overcount",
            Self::CheckNotRun => "check_not_run",
            Self::SkippedBatch => "skipped_batch",
            Self::AppDataLost => "app_data_lost",
            Self::MigrationFails => "migration_fails",
            Self::BatterySaver => "battery_saver",
            Self::CrashesAtStart => "release_1_4_0_crashes",
            Self::FarSignalsCount => "far_signals_count",
            Self::OldDaysStayShown => "old_days_stay_shown",
            Self::DisabledOrAbroad => "disabled_or_abroad",
        }
    }
}

/// How a fault comes about here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// From its mechanism, wherever that leads.
    Mechanism,
    /// At a rate that the scenario states, since its cause is unknown or lies outside the model.
    Imposed,
}

impl Class {
    /// The name used in lists and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mechanism => "mechanism",
            Self::Imposed => "imposed",
        }
    }
}

/// A stretch of releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    /// The first.
    from: &'static str,
    /// The one that mended it; `None`: none did.
    until: Option<&'static str>,
}

impl Span {
    fn holds(&self, release: &Release) -> bool {
        let place = |name: &str| RELEASES.iter().position(|r| r.name == name);
        let until = self.until.map_or(Some(RELEASES.len()), place);
        (place(self.from)..until).contains(&place(release.name))
    }
}

/// A fault that is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its number.
    pub id: &'static str,
    /// What goes wrong.
    pub mechanism: Mechanism,
    /// How it comes about here.
    pub class: Class,
    /// Releases for iPhones that have it.
    ios: Option<Span>,
    /// Releases for Android that have it.
    android: Option<Span>,
    /// From when until when the system around the phones has it, as days or moments, JST; `None` if it never had.
    system: Option<(&'static str, &'static str)>,
    /// Releases, what happens, and what mended it.
    pub what: &'static str,
    /// When users or developers first told of it, as a day, JST; empty: not known.
    pub reported: &'static str,
    /// When the ministry or the developers said that it is so; empty: not known.
    pub confirmed: &'static str,
    /// The day from which something else than a release, or than the system's own date, kept it from arising; empty: nothing did.
    mended: &'static str,
}

const fn span(from: &'static str, until: &'static str) -> Option<Span> {
    Some(Span { from, until: Some(until) })
}

const fn span_from(from: &'static str) -> Option<Span> {
    Some(Span { from, until: None })
}

/// Known faults that are modelled. A fault is named for a phone, or an upload, where its absence would have
/// changed what the person was told, or the server stored.
pub const FAULTS: &[Fault] = &[
    Fault {
        id: "F1",
        mechanism: Mechanism::AnyNumberAccepted,
        class: Class::Mechanism,
        ios: span("1.0.0", "1.1.1"),
        android: span("1.0.0", "1.1.1"),
        system: None,
        what: "1.0.0: the app tells \"done\" though the server refused the registration and stored nothing; mended in 1.1.1",
        reported: "2020-06-23",
        confirmed: "",
        mended: "",
    },
    Fault {
        id: "F2",
        mechanism: Mechanism::ValidNumberRejected,
        class: Class::Mechanism,
        ios: span("1.1.1", "1.1.2"),
        android: span("1.1.1", "1.1.2"),
        system: Some(("2020-06-19", "2020-07-15")),
        what: "a key that starts more than 14 days ago to the second refuses the whole registration: by 1.1.1, and by the server until 15 \
               July 2020",
        reported: "",
        confirmed: "",
        mended: "",
    },
    Fault {
        id: "F2b",
        mechanism: Mechanism::ShortKeyRejected,
        class: Class::Mechanism,
        ios: None,
        android: None,
        system: Some(("2020-06-19", "2020-10-15")),
        what: "a key of less than a whole day refuses the whole registration, by the server until 15 October 2020",
        reported: "",
        confirmed: "2020-10-15",
        mended: "",
    },
    Fault {
        id: "F2c",
        mechanism: Mechanism::ExpiredInTransit,
        class: Class::Mechanism,
        ios: None,
        android: None,
        system: Some(("2022-01-14T11:44", "2022-01-14T15:04")),
        what: "14 January 2022, 11:44 to 15:04: messages wait longer than the hour for which their number is valid",
        reported: "2022-01-14",
        confirmed: "2022-01-14",
        mended: "",
    },
    Fault {
        id: "F3",
        mechanism: Mechanism::NotifiedButNoneShown,
        class: Class::Mechanism,
        // Before 1.1.3 every exposure reaches the minimum, so that all are shown.
        ios: span("1.0.0", "1.1.4"),
        android: None,
        system: None,
        what: "1.1.3 on iPhones: the system notifies on any match, and the app shows no contact; mended by the gate of 1.1.4 (people \
               reported it from August 2020 on; what the server then served earlier releases is not known)",
        reported: "2020-08-02",
        confirmed: "2020-09-08",
        mended: "",
    },
    Fault {
        id: "F4",
        mechanism: Mechanism::AppDataLost,
        class: Class::Mechanism,
        ios: span("1.0.0", "1.2.2"),
        android: span("1.0.0", "1.2.2"),
        system: None,
        what: "until 1.2.1: the app's own data are lost while they are saved (app.fault_rates.app_data_lost_a_year): the start screen comes again, the \
               contacts on the screen are gone, nothing is checked until the app is opened; the system's records stay; mended in 1.2.2",
        reported: "",
        confirmed: "",
        mended: "",
    },
    Fault {
        id: "F4c",
        mechanism: Mechanism::MigrationFails,
        class: Class::Imposed,
        ios: None,
        android: span("1.2.2", "1.2.3"),
        system: None,
        what: "1.2.2 on Android: checks in the background fail after the update (app.fault_rates.migration_fails_share of phones) until the app is \
               opened; mended in 1.2.3",
        reported: "",
        confirmed: "",
        mended: "",
    },
    Fault {
        id: "F5",
        mechanism: Mechanism::AnyMatchShown,
        class: Class::Mechanism,
        ios: None,
        android: span("1.0.0", "1.1.4"),
        system: None,
        what: "1.1.3 on Android: every exposure of any match is shown, however faint or short; mended by the gate of 1.1.4 (the \
               configurations before 1.1.3 let every exposure pass themselves)",
        reported: "",
        confirmed: "2021-02-18",
        mended: "",
    },
    Fault {
        id: "F6",
        mechanism: Mechanism::AndroidNeverNotifies,
        class: Class::Mechanism,
        ios: None,
        // In 1.1.3 nobody asks for the score: F5 hides it.
        android: span("1.1.3", "2.0.0"),
        system: None,
        what: "1.1.4 to 1.4.1 on Android: keys of level 0 cannot reach the minimum score; mended by the server, which gave keys level 4 \
               from 18 February 2021 on",
        reported: "2020-11-24",
        confirmed: "2021-02-03",
        mended: "2021-02-18",
    },
    Fault {
        id: "F7",
        mechanism: Mechanism::AndroidOvercount,
        class: Class::Mechanism,
        ios: None,
        android: span("1.1.4", "1.2.2"),
        system: None,
        what: "1.1.4 to 1.2.1 on Android: once one exposure of a check reaches the minimum score, all of that check are shown; mended in \
               1.2.2",
        reported: "",
        confirmed: "2021-02-18",
        mended: "",
    },
    Fault {
        id: "F8",
        mechanism: Mechanism::CheckNotRun,
        class: Class::Mechanism,
        ios: None,
        android: span("1.0.0", "1.2.3"),
        system: None,
        what: "until 1.2.2 on Android: checks wait for an idle device, and one in ten that are due runs (of 13 devices of the ministry's test 7 \
               had not checked after 36 hours, six times a check: 0.9^6 = 0.53); mended in 1.2.3",
        reported: "",
        confirmed: "2021-02-18",
        mended: "",
    },
    Fault {
        id: "F8b",
        mechanism: Mechanism::BatterySaver,
        class: Class::Imposed,
        ios: None,
        android: span_from("1.0.0"),
        system: None,
        what: "Android: a maker's battery saver or a forced stop ends checks (app.fault_rates.battery_saver_days_share of phone-days) until the app is \
               opened; never mended",
        reported: "2021-05-14",
        confirmed: "",
        mended: "",
    },
    Fault {
        id: "F9",
        mechanism: Mechanism::SkippedBatch,
        class: Class::Mechanism,
        ios: span("1.0.0", "1.2.3"),
        android: span("1.0.0", "1.2.3"),
        system: None,
        what: "until 1.2.2: batches are noted as processed before the check; if the framework refuses, they are never checked; mended in \
               1.2.3 (20 April 2021)",
        reported: "",
        confirmed: "2021-03-21",
        mended: "",
    },
    Fault {
        id: "F12",
        mechanism: Mechanism::DisabledOrAbroad,
        class: Class::Mechanism,
        ios: span_from("1.0.0"),
        android: span_from("1.0.0"),
        system: None,
        what: "all releases: servers refuse addresses abroad, so that a phone there neither fetches nor registers; a backup restored to iOS 14.0 \
               or 14.1 switches exposure notification off (17 September to 29 October 2020)",
        reported: "",
        confirmed: "2020-10-29",
        mended: "",
    },
    Fault {
        id: "F14",
        mechanism: Mechanism::CrashesAtStart,
        class: Class::Mechanism,
        ios: span("1.4.0", "1.4.1"),
        android: span("1.4.0", "1.4.1"),
        system: None,
        what: "1.4.0, 25 November 2021 to the 26th (iOS) and 27th (Android): phones that installed the app before 1.2.0 cannot start it, and neither \
               fetch nor check; what they hear is kept; mended in 1.4.1",
        reported: "2021-11-25",
        confirmed: "2021-11-25",
        mended: "",
    },
    Fault {
        id: "F15",
        mechanism: Mechanism::FarSignalsCount,
        class: Class::Mechanism,
        ios: span_from("2.0.0"),
        android: span_from("2.0.0"),
        system: None,
        what: "2.0: seconds of scans above 70 dB fill the 900 seconds, tip the score and stand on the screen; never mended",
        reported: "",
        confirmed: "",
        mended: "",
    },
    Fault {
        id: "F17",
        mechanism: Mechanism::OldDaysStayShown,
        class: Class::Mechanism,
        ios: span("1.0.0", "1.2.6"),
        android: span("1.0.0", "1.2.6"),
        system: None,
        what: "until 1.2.3: the screen goes on counting contacts of more than 15 days ago; mended in 1.2.4 (here 1.2.6, whose day is known)",
        reported: "",
        confirmed: "",
        mended: "",
    },
];

/// A fault that is known and not simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotSimulated {
    /// Its number.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Releases and symptom.
    pub what: &'static str,
    /// Why it is not simulated.
    pub why: &'static str,
}

/// Known faults that are not simulated. Sources as of [`FAULTS`].
pub const NOT_SIMULATED: &[NotSimulated] = &[
    NotSimulated {
        id: "F3b",
        name: "notified_of_hidden_days",
        what: "2.0.0: a notification, and no minutes on the screen (issue 974)",
        why: "the cause is a guess: data older than the screen's 14 days",
    },
    NotSimulated {
        id: "F4b",
        name: "start_date_resets",
        what: "from 1.2.2: the start date is set anew at each launch after a change of language (issues 51, 124)",
        why: "it changes a date on the screen and nothing else",
    },
    NotSimulated {
        id: "F10",
        name: "batches_missing",
        what: "July 2020 on Android: no batches, 0 keys",
        why: "the cause was never explained",
    },
    NotSimulated {
        id: "F11",
        name: "reminder_mistaken",
        what: "from about 23 July 2020 on Android: a weekly reminder of the system is taken for a warning",
        why: "it is a text that people misread; how many did is not known",
    },
    NotSimulated {
        id: "F13",
        name: "ios_13_5_misses_android",
        what: "iOS 13.5 does not find keys that Android phones registered",
        why: "details were not found",
    },
    NotSimulated {
        id: "F16",
        name: "batches_never_expire",
        what: "in the source from 1.1.2 to commit 45ac7d95f: batches stay listed for ever",
        why: "production seems to have differed, so that it is a fault of the source alone",
    },
];

impl Fault {
    /// The fault of this number, or of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FAULTS.iter().find(|f| f.id == name || f.mechanism.name() == name)
    }

    /// When it was first told of, and when it was confirmed, Unix seconds; `None`: the day is not known.
    pub fn told_s(&self) -> [Option<i64>; 2] {
        [self.reported, self.confirmed].map(moment_s)
    }

    fn is_of_phone(&self, ios: bool, release: &Release) -> bool {
        let span = if ios { self.ios } else { self.android };
        span.is_some_and(|span| span.holds(release))
    }
}

/// The faults that are at work: all or none, or some by number or name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "\"historical\", \"none\" or a list of faults as in [\"F6\"]")]
pub enum FaultChoice {
    /// All or none.
    All(Whether),
    /// These.
    Named(Vec<String>),
}

/// Whether faults are at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whether {
    /// Each on the releases, and until the day, that it was.
    Historical,
    /// None.
    None,
}

impl FaultChoice {
    /// Finds names of no fault.
    pub(super) fn check(&self, faults: &mut Faults) {
        let Self::Named(names) = self else { return };
        for (i, name) in names.iter().enumerate().filter(|(_, name)| Fault::named(name).is_none()) {
            if let Some(fault) = NOT_SIMULATED.iter().find(|fault| fault.id == name || fault.name == name) {
                faults.push(format!("app.faults[{i}]"), format!("not simulated: {}", fault.why), "leave it out");
                continue;
            }
            let known = FAULTS.iter().flat_map(|f| [f.id, f.mechanism.name()]);
            faults.push(format!("app.faults[{i}]"), "no fault of this name", use_one_of(name, known));
        }
    }
}

/// Which faults are at work in a scenario, each where and when it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultSet {
    /// A bit for each mechanism.
    at_work: u32,
}

impl FaultSet {
    /// All of them.
    pub const HISTORICAL: Self = Self { at_work: u32::MAX };
    /// None of them.
    pub const NONE: Self = Self { at_work: 0 };

    /// Those that a scenario asks for; names that are none are reported by its check.
    pub fn of(choice: &FaultChoice) -> Self {
        match choice {
            FaultChoice::All(Whether::Historical) => Self::HISTORICAL,
            FaultChoice::All(Whether::None) => Self::NONE,
            FaultChoice::Named(names) => {
                let bits = names.iter().filter_map(|name| Fault::named(name)).map(|fault| bit(fault.mechanism));
                Self { at_work: bits.fold(0, |all, bit| all | bit) }
            }
        }
    }

    /// The same without one.
    pub(super) fn without(self, mechanism: Mechanism) -> Self {
        Self { at_work: self.at_work & !bit(mechanism) }
    }

    /// Whether a mechanism is at work on a phone.
    pub fn is_on_phone(self, mechanism: Mechanism, ios: bool, release: &Release) -> bool {
        self.holds(mechanism) && was_on_phone(mechanism, ios, release)
    }

    /// Whether a phone had a mechanism which is not at work here.
    pub(super) fn is_mended_on_phone(self, mechanism: Mechanism, ios: bool, release: &Release) -> bool {
        !self.holds(mechanism) && was_on_phone(mechanism, ios, release)
    }

    /// From when until when a mechanism is at work in the system around the phones, Unix seconds; `None` if it never is.
    pub fn in_system_s(self, mechanism: Mechanism) -> Option<(i64, i64)> {
        let (from, until) = FAULTS.iter().find(|f| f.mechanism == mechanism && self.holds(mechanism))?.system?;
        moment_s(from).zip(moment_s(until))
    }

    /// Whether a mechanism is at work in the system around the phones at a moment.
    pub fn is_in_system(self, mechanism: Mechanism, at_s: i64) -> bool {
        self.in_system_s(mechanism).is_some_and(|(from_s, until_s)| (from_s..until_s).contains(&at_s))
    }

    /// The faults at work on the newest release of each system, and in the system around the phones: which, where (`ios`, `android`; none =
    /// around the phones), and from when until when, Unix seconds.
    pub fn spans(self, dates: &ReleaseDates) -> Vec<(&'static Fault, Option<&'static str>, (i64, i64))> {
        let mut spans: Vec<(&Fault, Option<&str>, (i64, i64))> = Vec::new();
        for fault in FAULTS.iter().filter(|fault| self.holds(fault.mechanism)) {
            spans.extend(self.in_system_s(fault.mechanism).map(|span_s| (fault, None, span_s)));
            for (ios, system) in [(true, "ios"), (false, "android")] {
                let on = dates.spans(ios).filter(|(release, _)| fault.is_of_phone(ios, release)).map(|(_, span_s)| span_s);
                let whole = on.reduce(|(from_s, _), (_, until_s)| (from_s, until_s));
                let mended_s = moment_s(fault.mended).unwrap_or(i64::MAX);
                let at_work = whole.map(|(from_s, until_s)| (from_s, until_s.min(mended_s))).filter(|(from_s, until_s)| from_s < until_s);
                spans.extend(at_work.map(|span_s| (fault, Some(system), span_s)));
            }
        }
        spans
    }

    /// What an app of version 1 asks before it shows exposures.
    pub(super) fn gate(self, ios: bool, release: &Release) -> Gate {
        let has = |mechanism| self.is_on_phone(mechanism, ios, release);
        if has(Mechanism::NotifiedButNoneShown) || has(Mechanism::AnyMatchShown) {
            Gate::AnyMatch
        } else if has(Mechanism::AndroidOvercount) {
            Gate::OfTheCheck
        } else {
            Gate::OfEachExposure
        }
    }

    fn holds(self, mechanism: Mechanism) -> bool {
        self.at_work & bit(mechanism) != 0
    }
}

impl Release {
    /// What it asked before it showed exposures, on the system that asked less.
    pub fn gate(&self) -> Gate {
        [true, false].map(|ios| FaultSet::HISTORICAL.gate(ios, self)).into_iter().min().unwrap_or_default()
    }
}

fn bit(mechanism: Mechanism) -> u32 {
    1 << mechanism as u32
}

fn was_on_phone(mechanism: Mechanism, ios: bool, release: &Release) -> bool {
    FAULTS.iter().any(|f| f.mechanism == mechanism && f.is_of_phone(ios, release))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The releases that have each fault, on iPhones and on Android phones, by the tags of the source.
    #[test]
    fn every_fault_is_on_its_releases_and_on_no_other() {
        let early = ["1.0.0", "1.1.1", "1.1.2", "1.1.3"];
        let until_1_2_2 = ["1.0.0", "1.1.1", "1.1.2", "1.1.3", "1.1.4", "1.2.0", "1.2.1", "1.2.2"];
        let until_1_2_3 = [&until_1_2_2[..], &["1.2.3"]].concat();
        let every: Vec<&str> = RELEASES.iter().map(|release| release.name).collect();
        let all: [(&str, Mechanism, &[&str], &[&str]); 17] = [
            ("F1", Mechanism::AnyNumberAccepted, &["1.0.0"], &["1.0.0"]),
            ("F2", Mechanism::ValidNumberRejected, &["1.1.1"], &["1.1.1"]),
            ("F2b", Mechanism::ShortKeyRejected, &[], &[]),
            ("F2c", Mechanism::ExpiredInTransit, &[], &[]),
            ("F3", Mechanism::NotifiedButNoneShown, &early, &[]),
            ("F4", Mechanism::AppDataLost, &until_1_2_2[..7], &until_1_2_2[..7]),
            ("F4c", Mechanism::MigrationFails, &[], &["1.2.2"]),
            ("F5", Mechanism::AnyMatchShown, &[], &early),
            (
                "F6",
                Mechanism::AndroidNeverNotifies,
                &[],
                &["1.1.3", "1.1.4", "1.2.0", "1.2.1", "1.2.2", "1.2.3", "1.2.6", "1.4.0", "1.4.1"],
            ),
            ("F7", Mechanism::AndroidOvercount, &[], &["1.1.4", "1.2.0", "1.2.1"]),
            ("F8", Mechanism::CheckNotRun, &[], &until_1_2_2),
            ("F8b", Mechanism::BatterySaver, &[], &every),
            ("F9", Mechanism::SkippedBatch, &until_1_2_2, &until_1_2_2),
            ("F12", Mechanism::DisabledOrAbroad, &every, &every),
            ("F14", Mechanism::CrashesAtStart, &["1.4.0"], &["1.4.0"]),
            ("F15", Mechanism::FarSignalsCount, &["2.0.0", "2.0.1"], &["2.0.0", "2.0.1"]),
            ("F17", Mechanism::OldDaysStayShown, &until_1_2_3, &until_1_2_3),
        ];
        assert_eq!(FAULTS.iter().map(|f| (f.id, f.mechanism)).collect::<Vec<_>>(), all.map(|(id, mechanism, ..)| (id, mechanism)));
        for (id, mechanism, ios, android) in all {
            for release in RELEASES {
                for (is_ios, listed) in [(true, ios), (false, android)] {
                    let on = |set: FaultSet| set.is_on_phone(mechanism, is_ios, release);
                    let alone = FaultSet::of(&FaultChoice::Named(vec![id.into()]));
                    let named = FaultSet::of(&FaultChoice::Named(vec![mechanism.name().into()]));
                    let was = listed.contains(&release.name);
                    assert_eq!([on(FaultSet::HISTORICAL), on(alone), on(named)], [was; 3], "{id} {} {is_ios}", release.name);
                    assert!(!on(FaultSet::NONE) && !on(FaultSet::HISTORICAL.without(mechanism)));
                    assert_eq!(FaultSet::NONE.is_mended_on_phone(mechanism, is_ios, release), was);
                }
            }
        }
    }

    /// The server counts 14 days to the second until 15 July 2020 and refuses short keys until 15 October; messages waited on 14 January 2022
    /// from 11:44 to 15:04.
    #[test]
    fn the_system_has_its_faults_from_when_until_when() {
        let on = |set: FaultSet, mechanism, moment: &str| set.is_in_system(mechanism, moment_s(moment).expect("a moment"));
        for (mechanism, with, without) in [
            (Mechanism::ValidNumberRejected, ["2020-06-19", "2020-07-14T23:59:59"], ["2020-06-18T23:59:59", "2020-07-15"]),
            (Mechanism::ShortKeyRejected, ["2020-06-19", "2020-10-14T23:59:59"], ["2020-06-18", "2020-10-15"]),
            (Mechanism::ExpiredInTransit, ["2022-01-14T11:44", "2022-01-14T15:03:59"], ["2022-01-14T11:43:59", "2022-01-14T15:04"]),
        ] {
            assert!(with.iter().all(|at| on(FaultSet::HISTORICAL, mechanism, at) && !on(FaultSet::NONE, mechanism, at)), "{mechanism:?}");
            assert!(without.iter().all(|at| !on(FaultSet::HISTORICAL, mechanism, at)), "{mechanism:?}");
        }
        assert!(!on(FaultSet::HISTORICAL, Mechanism::AnyNumberAccepted, "2020-06-19"), "that one is the app's");
    }

    /// F7 from 1.1.4 to 1.2.2 on Android, F2 on 1.1.1 of both systems and at the server, and none where none is at work.
    #[test]
    fn faults_have_spans_by_the_releases_of_a_scenario() {
        let dates = ReleaseDates::historical();
        let of = |id: &str| {
            let spans = FaultSet::HISTORICAL.spans(&dates).into_iter().filter(|(fault, ..)| fault.id == id);
            spans.map(|(_, system, span_s)| (system, span_s)).collect::<Vec<_>>()
        };
        let span = |from: &str, until: &str| (moment_s(from).expect("a day"), moment_s(until).expect("a day"));
        assert_eq!(of("F7"), [(Some("android"), span("2020-09-28", "2021-02-18"))]);
        assert_eq!(of("F6"), [(Some("android"), span("2020-09-09", "2021-02-18"))], "mended by the server, before 2.0.0");
        assert_eq!(
            of("F2"),
            [
                (None, span("2020-06-19", "2020-07-15")),
                (Some("ios"), span("2020-06-30", "2020-07-13")),
                (Some("android"), span("2020-07-01", "2020-07-14")),
            ]
        );
        assert!(FaultSet::NONE.spans(&dates).is_empty());
    }

    #[test]
    fn gates_follow_from_the_faults() {
        let gate = |name: &str, ios: bool, set: FaultSet| set.gate(ios, RELEASES.iter().find(|r| r.name == name).expect("a release"));
        for ios in [true, false] {
            assert_eq!(gate("1.1.3", ios, FaultSet::HISTORICAL), Gate::AnyMatch);
            assert_eq!(gate("1.2.2", ios, FaultSet::HISTORICAL), Gate::OfEachExposure);
            assert_eq!(gate("1.1.3", ios, FaultSet::NONE), Gate::OfEachExposure);
        }
        assert_eq!(gate("1.2.1", false, FaultSet::HISTORICAL), Gate::OfTheCheck);
    }

    #[test]
    fn faults_are_named_by_number_or_mechanism() {
        #[derive(Deserialize)]
        struct File {
            faults: FaultChoice,
        }
        let read = |text: &str| toml::from_str::<File>(&format!("faults = {text}")).map(|file| file.faults).map_err(|e| e.to_string());
        assert_eq!(read("\"none\""), Ok(FaultChoice::All(Whether::None)));
        assert_eq!(read("[\"F6\"]"), Ok(FaultChoice::Named(vec!["F6".into()])));
        assert!(read("\"nothing\"").is_err_and(|said| said.contains("\"historical\", \"none\" or a list of faults")));
        let said = |names: &[&str]| {
            let named = FaultChoice::Named(names.iter().map(|name| (*name).to_string()).collect());
            let mut faults = Faults::default();
            named.check(&mut faults);
            faults.0.into_iter().map(|f| (f.path, f.remedy.split('?').next().unwrap_or_default().to_string())).collect::<Vec<_>>()
        };
        assert_eq!(said(&["F1", "skipped_batch"]), []);
        assert_eq!(said(&["F1", "skiped_batch"]), [("app.faults[1]".into(), "did you mean skipped_batch".into())]);
        assert_eq!(said(&["F13", "batches_missing"]), [0, 1].map(|i| (format!("app.faults[{i}]"), "leave it out".into())));
    }

    /// No number and no name stands twice, whether the fault is simulated or not.
    #[test]
    fn every_fault_is_listed_once() {
        let simulated = FAULTS.iter().flat_map(|f| [f.id, f.mechanism.name()]);
        let mut all: Vec<&str> = simulated.chain(NOT_SIMULATED.iter().flat_map(|f| [f.id, f.name])).collect();
        let number = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!((all.len(), number), (46, 46), "23 faults");
    }
}
