//! COCOA's known faults as rows of data: which mechanism, on which phones and releases, at the server until when. The code asks for a
//! mechanism, never for a release. Sources: facts of the public repository cocoa-mhlw/cocoa and its issues, the ministry's announcements.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    faults::{Faults, use_one_of},
    time::DayJst,
};

use super::releases::{Gate, RELEASES, Release};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Mechanism {
    /// The app tells "done" whatever the server answers (`git diff v1.0.0 v1.1.1` of HttpDataService.cs).
    AnyNumberAccepted,
    /// A key that starts more than 14 days ago to the second refuses a registration (commits 6956fdac2, 6b3ef7341, 786a5f5c9).
    ValidNumberRejected,
    /// An iPhone asks the system for exposures at any match: the system notifies, and the app shows those that reach the minimum.
    NotifiedButNoneShown,
    /// Android asks for exposures at any match, and shows every one.
    AnyMatchShown,
    /// Keys of level 0 cannot reach the minimum score on Android.
    AndroidNeverNotifies,
    /// Android shows all exposures of a check once one of them reaches the minimum score.
    AndroidOvercount,
    /// Batches are noted as processed before the framework has checked them: if it refuses, they never are (commit 43275b87f).
    SkippedBatch,
}

impl Mechanism {
    /// The name that tables and scenarios use.
    pub fn name(self) -> &'static str {
        match self {
            Self::AnyNumberAccepted => "any_number_accepted",
            Self::ValidNumberRejected => "valid_number_rejected",
            Self::NotifiedButNoneShown => "notified_but_none_shown",
            Self::AnyMatchShown => "any_match_shown",
            Self::AndroidNeverNotifies => "android_never_notifies",
            Self::AndroidOvercount => "android_overcount",
            Self::SkippedBatch => "skipped_batch",
        }
    }
}

/// A stretch of releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    /// The first.
    from: &'static str,
    /// The one that mended it.
    until: &'static str,
}

impl Span {
    fn holds(&self, release: &Release) -> bool {
        let place = |name: &str| RELEASES.iter().position(|r| r.name == name);
        (place(self.from)..place(self.until)).contains(&place(release.name))
    }
}

/// A fault that is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its number.
    pub id: &'static str,
    /// What goes wrong.
    pub mechanism: Mechanism,
    /// Releases for iPhones that have it.
    ios: Option<Span>,
    /// Releases for Android that have it.
    android: Option<Span>,
    /// The first day on which the server no longer has it, as year, month, day; `None` if it never had.
    server_until: Option<(i32, u32, u32)>,
    /// Releases, what happens, and what mended it.
    pub what: &'static str,
}

const fn span(from: &'static str, until: &'static str) -> Option<Span> {
    Some(Span { from, until })
}

/// Known faults that are modelled. A fault is named for a phone, or an upload, where its absence would have
/// changed what the person was told, or the server stored.
pub const FAULTS: &[Fault] = &[
    Fault {
        id: "F1",
        mechanism: Mechanism::AnyNumberAccepted,
        ios: span("1.0.0", "1.1.1"),
        android: span("1.0.0", "1.1.1"),
        server_until: None,
        what: "1.0.0: the app tells \"done\" though the server refused the registration and stored nothing; mended in 1.1.1",
    },
    Fault {
        id: "F2",
        mechanism: Mechanism::ValidNumberRejected,
        ios: span("1.1.1", "1.1.2"),
        android: span("1.1.1", "1.1.2"),
        server_until: Some((2020, 7, 15)),
        what: "a key that starts more than 14 days ago to the second refuses the whole registration: by 1.1.1, and by the server until 15 \
               July 2020",
    },
    Fault {
        id: "F3",
        mechanism: Mechanism::NotifiedButNoneShown,
        // Before 1.1.3 every exposure reaches the minimum, so that all are shown.
        ios: span("1.0.0", "1.1.4"),
        android: None,
        server_until: None,
        what: "1.1.3 on iPhones: the system notifies on any match, and the app shows no contact; mended by the gate of 1.1.4 (people \
               reported it from August 2020 on; what the server then served earlier releases is not known)",
    },
    Fault {
        id: "F5",
        mechanism: Mechanism::AnyMatchShown,
        ios: None,
        android: span("1.0.0", "1.1.4"),
        server_until: None,
        what: "1.1.3 on Android: every exposure of any match is shown, however faint or short; mended by the gate of 1.1.4 (the \
               configurations before 1.1.3 let every exposure pass themselves)",
    },
    Fault {
        id: "F6",
        mechanism: Mechanism::AndroidNeverNotifies,
        ios: None,
        // In 1.1.3 nobody asks for the score: F5 hides it.
        android: span("1.1.3", "2.0.0"),
        server_until: None,
        what: "1.1.4 to 1.4.1 on Android: keys of level 0 cannot reach the minimum score; mended by the server, which gave keys level 4 \
               from 18 February 2021 on",
    },
    Fault {
        id: "F7",
        mechanism: Mechanism::AndroidOvercount,
        ios: None,
        android: span("1.1.4", "1.2.2"),
        server_until: None,
        what: "1.1.4 to 1.2.1 on Android: once one exposure of a check reaches the minimum score, all of that check are shown; mended in \
               1.2.2",
    },
    Fault {
        id: "F9",
        mechanism: Mechanism::SkippedBatch,
        ios: span("1.0.0", "1.2.3"),
        android: span("1.0.0", "1.2.3"),
        server_until: None,
        what: "until 1.2.2: batches are noted as processed before the check; if the framework refuses, they are never checked; mended in \
               1.2.3 (20 April 2021)",
    },
];

impl Fault {
    /// The fault of this number, or of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FAULTS.iter().find(|f| f.id == name || f.mechanism.name() == name)
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

    /// Whether a mechanism is at work at the server on a day.
    pub fn is_on_server(self, mechanism: Mechanism, day: DayJst) -> bool {
        let was = |f: &Fault| f.mechanism == mechanism && f.server_until.is_some_and(|until| day < DayJst::of(until));
        self.holds(mechanism) && FAULTS.iter().any(was)
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
        let until_1_2_2 = ["1.0.0", "1.1.1", "1.1.2", "1.1.3", "1.1.4", "1.2.1", "1.2.2"];
        let all: [(&str, Mechanism, &[&str], &[&str]); 7] = [
            ("F1", Mechanism::AnyNumberAccepted, &["1.0.0"], &["1.0.0"]),
            ("F2", Mechanism::ValidNumberRejected, &["1.1.1"], &["1.1.1"]),
            ("F3", Mechanism::NotifiedButNoneShown, &early, &[]),
            ("F5", Mechanism::AnyMatchShown, &[], &early),
            ("F6", Mechanism::AndroidNeverNotifies, &[], &["1.1.3", "1.1.4", "1.2.1", "1.2.2", "1.2.3", "1.4.1"]),
            ("F7", Mechanism::AndroidOvercount, &[], &["1.1.4", "1.2.1"]),
            ("F9", Mechanism::SkippedBatch, &until_1_2_2, &until_1_2_2),
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

    #[test]
    fn the_server_counts_the_14_days_to_the_second_until_15_july_2020() {
        let on = |set: FaultSet, day: &str| set.is_on_server(Mechanism::ValidNumberRejected, DayJst::parse(day).expect("a date"));
        assert!(on(FaultSet::HISTORICAL, "2020-07-14") && !on(FaultSet::HISTORICAL, "2020-07-15"));
        assert!(!on(FaultSet::NONE, "2020-07-14"));
        assert!(!FaultSet::HISTORICAL.is_on_server(Mechanism::AnyNumberAccepted, DayJst::of((2020, 6, 19))), "that one is the app's");
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
    }
}
