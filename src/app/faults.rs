//! COCOA's known faults, by id and by the name of their mechanism. Sources: facts of the public repository cocoa-mhlw/cocoa and its
//! issues, the ministry's announcements.

/// A fault that is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The name that tables use.
    pub name: &'static str,
    /// Its number.
    pub id: &'static str,
    /// Releases, what happens, and what mended it.
    pub what: &'static str,
}

/// The app tells "done" though the server refused.
pub const ANY_NUMBER_ACCEPTED: &str = "any_number_accepted";
/// A key of 14 days refuses a registration.
pub const VALID_NUMBER_REJECTED: &str = "valid_number_rejected";
/// An iPhone is notified by the system at any match, and its app then shows nothing.
pub const NOTIFIED_BUT_NONE_SHOWN: &str = "notified_but_none_shown";
/// Android shows every exposure of any match.
pub const ANY_MATCH_SHOWN: &str = "any_match_shown";
/// Keys of level 0 cannot reach the minimum score on Android.
pub const ANDROID_NEVER_NOTIFIES: &str = "android_never_notifies";
/// Android shows all exposures of a check once one of them reaches the minimum score.
pub const ANDROID_OVERCOUNT: &str = "android_overcount";
/// Batches noted as processed that were never checked.
pub const SKIPPED_BATCH: &str = "skipped_batch";

/// Known faults that are modelled. A fault is named for a phone, or an upload, where its absence would have
/// changed what the person was told, or the server stored.
pub const FAULTS: &[Fault] = &[
    Fault {
        name: ANY_NUMBER_ACCEPTED,
        id: "F1",
        what: "1.0.0: the app tells \"done\" though the server refused the registration and stored nothing; mended in 1.1.1",
    },
    Fault {
        name: VALID_NUMBER_REJECTED,
        id: "F2",
        what: "a key that starts more than 14 days ago to the second refuses the whole registration: by 1.1.1, and by the server until 15 \
               July 2020",
    },
    Fault {
        name: NOTIFIED_BUT_NONE_SHOWN,
        id: "F3",
        what: "1.1.3 on iPhones: the system notifies on any match, and the app shows no contact; mended by the gate of 1.1.4 (people \
               reported it from August 2020 on; what the server then served earlier releases is not known)",
    },
    Fault {
        name: ANY_MATCH_SHOWN,
        id: "F5",
        what: "1.1.3 on Android: every exposure of any match is shown, however faint or short; mended by the gate of 1.1.4 (the \
               configurations before 1.1.3 let every exposure pass themselves)",
    },
    Fault {
        name: ANDROID_NEVER_NOTIFIES,
        id: "F6",
        what: "1.1.4 to 1.4.1 on Android: keys of level 0 cannot reach the minimum score; mended by the server, which gave keys level 4 \
               from 18 February 2021 on",
    },
    Fault {
        name: ANDROID_OVERCOUNT,
        id: "F7",
        what: "1.1.4 to 1.2.1 on Android: once one exposure of a check reaches the minimum score, all of that check are shown; mended in \
               1.2.2",
    },
    Fault {
        name: SKIPPED_BATCH,
        id: "F9",
        what: "until 1.2.2: batches are noted as processed before the check; if the framework refuses, they are never checked; mended in \
               1.2.3 (20 April 2021)",
    },
];
