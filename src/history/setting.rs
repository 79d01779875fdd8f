//! Settings that have dates, and which values each takes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A setting with dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// The release that iPhones can install from then on.
    ReleaseIos,
    /// The release that Android phones can install from then on.
    ReleaseAndroid,
    /// Transmission risk level that the server gives to keys.
    KeyLevel,
    /// Hours of the day at which the server exports, UTC.
    ExportHoursUtc,
    /// Who gets a processing number.
    Numbers,
    /// How long a processing number is valid, hours.
    NumberLifeH,
    /// When a case is entered into HER-SYS.
    EnteredAt,
    /// Share of cases with the app whom the health centre asks whether they use it.
    HealthCentreAsksShare,
    /// Share of the other cases with the app who ask for a number themselves.
    PersonAsksShare,
    /// Share of cases who are deemed positive without a test, and get no number.
    DeemedPositiveShare,
    /// Whether HER-SYS answers.
    HersysAnswers,
    /// Share of people warned who turn to the centre and are offered a free test.
    FreeTestShare,
    /// Whether the notification server is up.
    ServerState,
    /// Share of requests that it refuses because it has too much to do.
    CongestedRefusedShare,
    /// Whether registrations can succeed.
    TakesRegistrations,
    /// Whether the server keeps the processing number with the keys.
    KeepsNumberWithKeys,
    /// The age from which people consent by themselves, years.
    AdultAtYears,
    /// The app's terms.
    TermsVersion,
    /// The app's privacy policy.
    PolicyVersion,
    /// Whether restoring a backup to an iPhone switches exposure notification off.
    RestoreDisables,
}

/// A value of a setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SettingValue {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(f64),
    /// A name.
    Text(String),
    /// Several numbers.
    Numbers(Vec<f64>),
}

/// Which values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Takes {
    /// `true` or `false`.
    Flag,
    /// A number within these.
    Number(f64, f64),
    /// A whole number within these.
    Whole(f64, f64),
    /// Hours of the day, whole, at least one, rising.
    Hours,
    /// One of these names.
    OneOf(&'static [&'static str]),
    /// A name that its own room checks.
    Name,
}

/// What there is to know of a setting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Described {
    /// The setting.
    pub setting: Setting,
    /// Its name in scenarios and tables.
    pub name: &'static str,
    pub(super) takes: Takes,
    /// What it is, in a line.
    pub what: &'static str,
}

const fn described(setting: Setting, name: &'static str, takes: Takes, what: &'static str) -> Described {
    Described { setting, name, takes, what }
}

/// All of them.
pub const SETTINGS: &[Described] = &[
    described(Setting::ReleaseIos, "app.release.ios", Takes::Name, "the release that iPhones can install from then on"),
    described(Setting::ReleaseAndroid, "app.release.android", Takes::Name, "the release that Android phones can install from then on"),
    described(Setting::KeyLevel, "server.key_level", Takes::Whole(0.0, 7.0), "transmission risk level that the server gives to keys"),
    described(Setting::ExportHoursUtc, "server.export_hours_utc", Takes::Hours, "hours of the day, UTC, at which the server exports"),
    described(
        Setting::Numbers,
        "hersys.numbers",
        Takes::OneOf(&["none", "suspended", "on_request", "to_everybody"]),
        "who gets a processing number: nobody (yet, or for a while), who asks or is asked, or every case",
    ),
    described(Setting::NumberLifeH, "hersys.number_life_h", Takes::Number(0.1, 720.0), "hours for which a processing number is valid"),
    described(
        Setting::EnteredAt,
        "hersys.entered_at",
        Takes::OneOf(&["test_arranged", "positive_confirmed"]),
        "when a case is entered into HER-SYS: a number can be issued from then on",
    ),
    described(
        Setting::HealthCentreAsksShare,
        "hersys.health_centre_asks_share",
        Takes::Number(0.0, 1.0),
        "share of cases with the app whom the health centre asks for it",
    ),
    described(
        Setting::PersonAsksShare,
        "hersys.person_asks_share",
        Takes::Number(0.0, 1.0),
        "share of the other cases with the app who ask for a number themselves",
    ),
    described(
        Setting::DeemedPositiveShare,
        "hersys.deemed_positive_share",
        Takes::Number(0.0, 1.0),
        "share of cases who are deemed positive without a test: they get no number",
    ),
    described(
        Setting::HersysAnswers,
        "hersys.answers",
        Takes::Flag,
        "whether HER-SYS answers the server; while it does not, a registration fails with 503",
    ),
    described(
        Setting::FreeTestShare,
        "authority.free_test_share",
        Takes::Number(0.0, 1.0),
        "share of people warned who turn to the centre and are offered a free test",
    ),
    described(
        Setting::ServerState,
        "server.state",
        Takes::OneOf(&["up", "maintenance", "down", "closed"]),
        "whether the server is up; while it is not, no fetch, registration or export succeeds; once closed, all it stored is deleted",
    ),
    described(
        Setting::CongestedRefusedShare,
        "server.congested_refused_share",
        Takes::Number(0.0, 1.0),
        "share of requests, fetches and registrations alike, that the server refuses with 503 because it has too much to do",
    ),
    described(
        Setting::TakesRegistrations,
        "server.takes_registrations",
        Takes::Flag,
        "whether registrations can succeed; else each is answered with 406",
    ),
    described(
        Setting::KeepsNumberWithKeys,
        "server.keeps_number_with_keys",
        Takes::Flag,
        "whether the server keeps the number with the keys, in app.keeps_number = \"as_published\" alone",
    ),
    described(
        Setting::AdultAtYears,
        "app.adult_at_years",
        Takes::Whole(0.0, 120.0),
        "age from which people consent by themselves; who is younger needs a guardian's consent",
    ),
    described(Setting::TermsVersion, "app.terms_version", Takes::Name, "version of the terms that the app asks to agree to"),
    described(Setting::PolicyVersion, "app.policy_version", Takes::Name, "version of the privacy policy that the app asks to agree to"),
    described(
        Setting::RestoreDisables,
        "app.restore_disables",
        Takes::Flag,
        "whether a backup restored to an iPhone (iOS 14.0 and 14.1) switches exposure notification off, until it no longer does",
    ),
];

impl Setting {
    /// Its name in scenarios and tables.
    pub fn name(self) -> &'static str {
        SETTINGS.iter().find(|described| described.setting == self).map_or("", |described| described.name)
    }
}

impl Takes {
    /// What is wrong with a value, and what would be right; `None` if nothing is.
    pub fn fault(self, value: &SettingValue) -> Option<String> {
        let is_hour = |hour: &f64| (0.0..24.0).contains(hour) && hour.fract() == 0.0;
        let is_right = match (self, value) {
            (Self::Flag, SettingValue::Flag(_)) | (Self::Name, SettingValue::Text(_)) => true,
            (Self::Number(low, high), SettingValue::Number(x)) => (low..=high).contains(x),
            (Self::Whole(low, high), SettingValue::Number(x)) => (low..=high).contains(x) && x.fract() == 0.0,
            (Self::Hours, SettingValue::Numbers(hours)) => {
                !hours.is_empty() && hours.iter().all(is_hour) && hours.windows(2).all(|two| two[0] < two[1])
            }
            (Self::OneOf(names), SettingValue::Text(name)) => names.contains(&name.as_str()),
            _ => false,
        };
        (!is_right).then(|| match self {
            Self::Flag => "write true or false".into(),
            Self::Number(low, high) => format!("use a number from {low} to {high}"),
            Self::Whole(low, high) => format!("use a whole number from {low} to {high}"),
            Self::Hours => "list whole hours from 0 to 23 in rising order, as in [3, 7, 11]".into(),
            Self::OneOf(names) => format!("use one of \"{}\"", names.join("\", \"")),
            Self::Name => "put a name in quotes".into(),
        })
    }
}

impl std::fmt::Display for SettingValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text}"),
            Self::Numbers(numbers) => write!(f, "[{}]", numbers.iter().map(f64::to_string).collect::<Vec<_>>().join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_described_once() {
        for (i, described) in SETTINGS.iter().enumerate() {
            assert_eq!(described.setting as usize, i, "{}", described.name);
            assert!(SETTINGS[..i].iter().all(|other| other.name != described.name));
            assert_eq!(described.setting.name(), described.name);
        }
    }

    #[test]
    fn values_are_written_as_files_have_them() {
        let written = [SettingValue::Numbers(vec![3.0, 15.0]), SettingValue::Number(0.5), SettingValue::Flag(true)].map(|v| v.to_string());
        assert_eq!(written, ["[3, 15]", "0.5", "true"]);
    }

    #[test]
    fn values_are_held_against_what_a_setting_takes() {
        use SettingValue::{Flag, Number, Numbers, Text};
        let text = |text: &str| Text(text.into());
        for (takes, right, wrong) in [
            (Takes::Flag, vec![Flag(false)], vec![Number(1.0), text("yes")]),
            (Takes::Number(0.0, 1.0), vec![Number(0.5), Number(0.0), Number(1.0)], vec![Number(1.01), Flag(true)]),
            (Takes::Whole(0.0, 7.0), vec![Number(4.0)], vec![Number(4.5), Number(8.0), Number(-1.0)]),
            (
                Takes::Hours,
                vec![Numbers(vec![15.0]), Numbers(vec![0.0, 23.0])],
                vec![Numbers(vec![]), Numbers(vec![7.0, 3.0]), Numbers(vec![24.0]), Numbers(vec![1.5]), Number(3.0)],
            ),
            (Takes::OneOf(&["none", "all"]), vec![text("all")], vec![text("some"), Flag(true)]),
            (Takes::Name, vec![text("1.1.4")], vec![Number(1.1)]),
        ] {
            assert!(right.iter().all(|value| takes.fault(value).is_none()), "{takes:?}");
            assert!(wrong.iter().all(|value| takes.fault(value).is_some()), "{takes:?}");
        }
    }
}
