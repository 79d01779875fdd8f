//! A registration, as the app makes it: what it asks, which keys it hands over, whether it refuses by itself, and what it tells.
//!
//! A user first agrees to four points (`SubmitConsentPage`, in the wording of 1.1.2): the processing number comes to the telephone or
//! e-mail address that is in HER-SYS; once it is entered, the phone asks HER-SYS by way of the notification server whether it was issued to
//! the user; HER-SYS answers the notification server; if it was, other users' phones are given the daily keys, and who was in contact within
//! 14 days learns of it, without learning who the user is. Then the number is typed, and the system asks by itself whether the app may have
//! the keys. Texts are those of the English resources of the tags.

use rand::{Rng, RngExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    faults::Faults,
    gaen::{RPIS_A_KEY, TemporaryExposureKey},
    random::KeyedRng,
    server::{Api, Refusal, STORED, Submission, has_old_key},
    time::{DayJst, DayUtc, UnixSeconds},
};

use super::{faults::Mechanism, phone::Installed};

/// `[app.registration]`: what people do at a registration. None of it was ever counted.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistrationConfig {
    /// Share of people who do not agree to the app's four points.
    #[schemars(range(min = 0, max = 1))]
    pub declines_consent_share: f64,
    /// Share of people who do not let the system hand the keys to the app.
    #[schemars(range(min = 0, max = 1))]
    pub declines_system_dialog_share: f64,
    /// Share of phones whose system hands over the key of the day too.
    #[schemars(range(min = 0, max = 1))]
    pub same_day_key_share: f64,
    /// Share of tries with nothing typed.
    #[schemars(range(min = 0, max = 1))]
    pub empty_share: f64,
    /// Share of tries with a number that is not typed right: every other one has eight digits of which one is wrong, the others seven.
    #[schemars(range(min = 0, max = 1))]
    pub mistyped_share: f64,
    /// How often people come back who were closed out.
    #[schemars(range(min = 0, max = 100))]
    pub tries_again_times: u32,
    /// Mean hours after which they do (exponential), unless the number is no longer valid then.
    #[schemars(range(min = 0, max = 720))]
    pub tries_again_after_mean_h: f64,
}

impl RegistrationConfig {
    /// Finds what ranges of single keys cannot express.
    pub(super) fn check(&self, faults: &mut Faults) {
        if self.empty_share + self.mistyped_share > 1.0 {
            let problem = "with app.registration.empty_share more than 1";
            faults.push("app.registration.mistyped_share", problem, "give shares of all tries that sum to 1 or less");
        }
    }

    /// What a person types who means this number.
    pub fn typed(&self, number: &str, rng: &mut KeyedRng) -> (Typed, String) {
        let draw = rng.random::<f64>();
        if draw < self.empty_share {
            return (Typed::Empty, String::new());
        }
        if draw >= self.empty_share + self.mistyped_share {
            return (Typed::Right, number.into());
        }
        let (place, is_left_out) = (rng.random_range(0..number.len()), rng.random::<bool>());
        let other = |digit: char, by: u32| char::from_digit((digit.to_digit(10).unwrap_or(0) + by) % 10, 10).unwrap_or(digit);
        let by = rng.random_range(1..10);
        let digits = number.chars().enumerate().filter(|(i, _)| !is_left_out || *i != place);
        (Typed::Mistyped, digits.map(|(i, digit)| if i == place { other(digit, by) } else { digit }).collect())
    }
}

/// Where a processing number stays after it was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeepsNumber {
    /// Nowhere: the policy's promise.
    AsPromised,
    /// Where the published source leaves it: in the app until 1.2.2, and with the keys on the server until December 2020.
    AsPublished,
}

/// What was typed as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Typed {
    /// The number that was sent to the person.
    Right,
    /// Another.
    Mistyped,
    /// Nothing.
    Empty,
    /// It did not come to that.
    NotAsked,
    /// Numbers at random.
    Guessed,
}

impl Typed {
    /// The name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Mistyped => "mistyped",
            Self::Empty => "empty",
            Self::NotAsked => "not asked",
            Self::Guessed => "guessed",
        }
    }
}

/// What the app asks of a number before it sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NumberCheck {
    /// Nothing.
    None,
    /// `\b[0-9]{8}\b` somewhere in it (`Regex.IsMatch`), so that "x 12345678 y" passes. (The field takes eight characters, and the button
    /// opens when they are there: on the screen itself nothing else could be typed.)
    HoldsEight,
    /// `\A[0-9]{8}\z`.
    IsEight,
}

impl NumberCheck {
    fn passes(self, text: &str) -> bool {
        let is_eight = |word: &str| word.len() == 8 && word.bytes().all(|digit| digit.is_ascii_digit());
        match self {
            Self::None => true,
            Self::HoldsEight => text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(is_eight),
            Self::IsEight => is_eight(text),
        }
    }
}

/// From which release on which check is made: `AppConstants.positiveRegex`, and `Validator` of 2.0.0.
const NUMBER_CHECKS: &[(&str, NumberCheck)] =
    &[("1.0.0", NumberCheck::None), ("1.1.1", NumberCheck::HoldsEight), ("2.0.0", NumberCheck::IsEight)];

/// So many errors, and the app closes (1.x; 2.x goes back to its first screen).
const MAX_ERRORS: u32 = 3;
/// Seconds to wait before the next try, for each error.
const WAIT_S: i64 = 5;

/// What the app tells of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// That it is done.
    Done,
    /// That it was cancelled.
    Cancelled,
    /// That there is no number.
    NothingTyped,
    /// That the number has another form.
    OtherForm,
    /// That the number is wrong, or has expired.
    NumberWrong,
    /// That the centre does not answer.
    NoAnswer,
    /// That something is wrong with the keys.
    BadKeys,
    /// That there are no keys.
    NoKeys,
    /// That it works in Japan alone.
    Abroad,
    /// That it went wrong.
    Failed,
    /// Nothing.
    Nothing,
}

/// What it tells, in our words, and from which release on: the app's own are not repeated here.
const TEXTS: &[(Said, &str, &str)] = &[
    (Said::Done, "1.0.0", "done"),
    (Said::Cancelled, "1.0.0", "cancelled"),
    (Said::NothingTyped, "1.0.0", "no number was typed"),
    (Said::OtherForm, "1.0.0", "not the form of a number"),
    (Said::NumberWrong, "1.0.0", "the number is wrong"),
    (Said::NumberWrong, "2.0.0", "the number is wrong or has expired"),
    (Said::NoAnswer, "1.0.0", "the centre does not answer"),
    (Said::BadKeys, "1.1.2", "something is wrong with the keys"),
    (Said::NoKeys, "1.1.2", "there are no keys, and no need to register"),
    (Said::Abroad, "2.0.1", "it works in Japan alone"),
    (Said::Failed, "1.0.0", "try again later"),
    (Said::Failed, "1.2.6", "type the number again"),
    (Said::Nothing, "1.0.0", ""),
];

/// A version as numbers, so that 1.10.0 comes after 1.2.0.
fn version(name: &str) -> [u32; 3] {
    let mut parts = name.split('.').map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| parts.next().unwrap_or(0))
}

/// Errors on the screen where a number is entered, since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errors(pub u32);

impl Errors {
    /// One more: how long to wait before the next try, s; `None` if the app closes.
    pub fn count(&mut self) -> Option<i64> {
        self.0 += 1;
        (self.0 < MAX_ERRORS).then(|| WAIT_S * i64::from(self.0))
    }
}

impl Installed<'_> {
    /// The UTC days whose keys a registration hands over: past ones (the current day's key is still in use), as far back as the release
    /// goes and the phone has keys.
    pub fn days_to_upload(&self, now_s: i64, onset: DayJst, first_key: DayUtc) -> impl Iterator<Item = DayUtc> + use<> {
        let today = UnixSeconds(now_s).day_utc();
        let asked = self.release.uploads_days_before_onset.map(|days| onset.plus_days(-days).utc_midnight().day_utc());
        let first = asked.into_iter().chain([today.plus_days(-self.release.uploads_days)]).fold(first_key, DayUtc::max);
        (first.0..today.0).map(DayUtc)
    }

    /// Whether the app takes what was typed; else what it tells. Wrong forms and empty numbers count as tries.
    ///
    /// # Errors
    /// What it tells.
    pub fn takes(&self, typed: &str) -> Result<(), Said> {
        let check =
            NUMBER_CHECKS.iter().rev().find(|(from, _)| version(from) <= self.told_as()).map_or(NumberCheck::None, |(_, check)| *check);
        match check {
            NumberCheck::None => Ok(()),
            _ if typed.is_empty() => Err(Said::NothingTyped),
            check if check.passes(typed) => Ok(()),
            _ => Err(Said::OtherForm),
        }
    }

    /// Whether the app refuses these keys by itself.
    pub fn refuses(&self, keys: &[TemporaryExposureKey], now_s: i64) -> bool {
        self.has(Mechanism::ValidNumberRejected) && has_old_key(keys, now_s)
    }

    /// The request that goes to the server.
    pub fn submission(&self, keys: &[TemporaryExposureKey], number: &str, user_uuid: &str, rng: &mut KeyedRng) -> Submission {
        // `random.Next(1024, 2048) * 0.75` bytes, "approximate the base64 blowup".
        let mut padding = vec![0; (f64::from(rng.random_range(1024..2048)) * 0.75) as usize];
        rng.fill_bytes(&mut padding);
        let mut token = [0; 16];
        rng.fill_bytes(&mut token);
        Submission::new(self.release.api, keys, (number, user_uuid), self.ios, (&padding, token))
    }

    /// What the app tells of an answer. 1.0.0 does not look at it (fault F1). Releases of version 1 take what they do not know for success.
    pub fn says(&self, status: u16) -> Said {
        if self.has(Mechanism::AnyNumberAccepted) {
            return Said::Done;
        }
        let is_first = self.told_as() < version("2.0.0");
        let known = match status {
            200 | STORED => Said::Done,
            406 => Said::NumberWrong,
            500 | 503 => Said::NoAnswer,
            400 => Said::BadKeys,
            403 => Said::Abroad,
            _ => Said::Nothing,
        };
        let is_told = self.text_of(known).is_some_and(|text| !text.is_empty());
        match is_told {
            true => known,
            false if is_first => Said::Done,
            false => Said::Nothing,
        }
    }

    /// The words for it.
    pub fn text(&self, said: Said) -> &'static str {
        self.text_of(said).or_else(|| self.text_of(Said::Failed)).unwrap_or_default()
    }

    fn text_of(&self, said: Said) -> Option<&'static str> {
        let of_release = |(which, from, _): &&(Said, &str, &str)| *which == said && version(from) <= self.told_as();
        TEXTS.iter().rev().find(of_release).map(|(.., text)| *text)
    }

    /// The version by which it checks and tells: without its fault, 1.0.0 does as 1.1.2.
    fn told_as(&self) -> [u32; 3] {
        let own = version(self.release.name);
        if self.is_mended(Mechanism::AnyNumberAccepted) { version("1.1.2") } else { own }
    }

    /// Whether the app keeps a number that it sends (`userData.AddDiagnosis`, until 1.2.2, as the first interface was).
    pub fn keeps_number(&self, keeps: KeepsNumber) -> bool {
        keeps == KeepsNumber::AsPublished && self.release.api == Api::V1
    }

    /// The fault behind a refusal of some keys, if there is one. `is_number_valid`: without the first two the server would have gone on to
    /// the number; the same keys are valid by whole days, and one of less than a day is valid once the server takes it.
    pub fn fault_of_refusal(&self, refusal: Refusal, keys: &[TemporaryExposureKey], is_number_valid: bool) -> Option<Mechanism> {
        let is_short = |key: &TemporaryExposureKey| key.rolling_period < RPIS_A_KEY as u32;
        match refusal {
            Refusal::KeyOlderToTheSecond if is_number_valid => return Some(Mechanism::ValidNumberRejected),
            Refusal::KeyNotValid if is_number_valid && keys.iter().any(is_short) => return Some(Mechanism::ShortKeyRejected),
            _ => {}
        }
        self.has(Mechanism::AnyNumberAccepted).then_some(Mechanism::AnyNumberAccepted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::{ConfigurationOf113, FaultSet, RELEASES},
        gaen::GaenConfig,
        random::{Keyed, Seed, Stream},
        time::Enin,
    };

    fn of<T>(name: &str, faults: FaultSet, ask: impl FnOnce(&Installed<'_>) -> T) -> T {
        let file: toml::Table = include_str!("../../scenarios/baseline.toml").parse().expect("the baseline");
        let framework: GaenConfig = file["gaen"].clone().try_into().expect("its table");
        let release = RELEASES.iter().find(|release| release.name == name).expect("a release");
        ask(&Installed {
            ios: true,
            release,
            installed_as: release,
            configuration_of_1_1_3: ConfigurationOf113::Embedded,
            faults,
            framework: &framework,
        })
    }

    fn config(empty_share: f64, mistyped_share: f64) -> RegistrationConfig {
        RegistrationConfig {
            declines_consent_share: 0.0,
            declines_system_dialog_share: 0.0,
            same_day_key_share: 0.0,
            empty_share,
            mistyped_share,
            tries_again_times: 0,
            tries_again_after_mean_h: 1.0,
        }
    }

    fn rng(who: u32) -> KeyedRng {
        Keyed::new(Seed(1), Stream::Registration).rng(who, 2, 0)
    }

    /// 1.0.0 sends anything; from 1.1.1 on a word of eight digits is enough; from 2.0.0 on there may be nothing else.
    #[test]
    fn a_number_is_checked_by_the_releases_pattern() {
        let takes = |name: &str, typed: &str| of(name, FaultSet::HISTORICAL, |app| app.takes(typed));
        for (typed, first, from_1_1, from_2_0) in [
            ("12345678", Ok(()), Ok(()), Ok(())),
            ("x 12345678 y", Ok(()), Ok(()), Err(Said::OtherForm)),
            ("12345678 ", Ok(()), Ok(()), Err(Said::OtherForm)),
            ("1234-12345678", Ok(()), Ok(()), Err(Said::OtherForm)),
            ("x12345678", Ok(()), Err(Said::OtherForm), Err(Said::OtherForm)),
            ("_12345678", Ok(()), Err(Said::OtherForm), Err(Said::OtherForm)),
            ("123456789", Ok(()), Err(Said::OtherForm), Err(Said::OtherForm)),
            ("1234567", Ok(()), Err(Said::OtherForm), Err(Said::OtherForm)),
            ("１２３４５６７８", Ok(()), Err(Said::OtherForm), Err(Said::OtherForm)),
            ("", Ok(()), Err(Said::NothingTyped), Err(Said::NothingTyped)),
        ] {
            assert_eq!(takes("1.0.0", typed), first, "{typed}");
            for name in ["1.1.1", "1.1.4", "1.4.1"] {
                assert_eq!(takes(name, typed), from_1_1, "{name}: {typed}");
            }
            assert_eq!(takes("2.0.0", typed), from_2_0, "{typed}");
        }
        of("1.0.0", FaultSet::NONE, |app| assert_eq!(app.takes(""), Err(Said::NothingTyped), "mended"));
    }

    /// 5 s before the second try, 10 s before the third, and no fourth.
    #[test]
    fn tries_wait_longer_and_longer_and_then_the_app_closes() {
        let mut errors = Errors::default();
        assert_eq!([errors.count(), errors.count(), errors.count()], [Some(5), Some(10), None]);
    }

    #[test]
    fn answers_are_told_in_the_words_of_the_release() {
        let told = |name: &str, status: u16| of(name, FaultSet::HISTORICAL, |app| app.text(app.says(status)));
        for status in [204, 406, 503, 400, 418] {
            assert_eq!(told("1.0.0", status), "done", "{status}: it does not look");
        }
        let wrong = "the number is wrong or has expired";
        for (status, in_1_1_1, in_1_2_2, in_2_0_0) in [
            (204, "done", "done", "done"),
            (406, "the number is wrong", "the number is wrong", wrong),
            (503, "the centre does not answer", "the centre does not answer", "the centre does not answer"),
            (500, "the centre does not answer", "the centre does not answer", "the centre does not answer"),
            (400, "done", "something is wrong with the keys", "something is wrong with the keys"),
            (403, "done", "done", ""),
        ] {
            assert_eq!(["1.1.1", "1.2.2", "2.0.0"].map(|name| told(name, status)), [in_1_1_1, in_1_2_2, in_2_0_0], "{status}");
        }
        of("1.0.0", FaultSet::NONE, |app| {
            assert_eq!([204, 406, 400].map(|status| app.says(status)), [Said::Done, Said::NumberWrong, Said::BadKeys], "mended");
        });
        let words = |name: &str, said| of(name, FaultSet::HISTORICAL, |app| app.text(said));
        assert_eq!(["1.1.1", "1.4.1"].map(|name| words(name, Said::Cancelled)), ["cancelled", "cancelled"]);
        assert_eq!(words("1.1.1", Said::NoKeys), "try again later", "no words of its own yet");
        assert_eq!(words("1.4.1", Said::NumberWrong), "the number is wrong");
    }

    /// One in five types nothing; of the three in ten who mistype, half have a wrong digit and half one too few.
    #[test]
    fn people_mistype_by_the_shares() {
        let (n, config) = (4000, config(0.2, 0.3));
        let all: Vec<(Typed, String)> = (0..n).map(|who| config.typed("12345678", &mut rng(who))).collect();
        let share = |is: &dyn Fn(&(Typed, String)) -> bool| all.iter().filter(|typed| is(typed)).count() as f64 / f64::from(n);
        // Four standard errors of 4000.
        let near = |share: f64, expected: f64| (share - expected).abs() < 4.0 * (expected * (1.0 - expected) / f64::from(n)).sqrt();
        assert!(near(share(&|(typed, _)| *typed == Typed::Empty), 0.2) && near(share(&|(typed, _)| *typed == Typed::Mistyped), 0.3));
        assert!(near(share(&|(typed, text)| *typed == Typed::Mistyped && text.len() == 7), 0.15));
        for (typed, text) in &all {
            let wrong = text.chars().zip("12345678".chars()).filter(|(a, b)| a != b).count();
            match typed {
                Typed::Right => assert_eq!(text, "12345678"),
                Typed::Empty => assert_eq!(text, ""),
                _ => assert!(text.len() == 7 || (text.len() == 8 && wrong == 1), "{text}"),
            }
        }
        let mut faults = Faults::default();
        config.check(&mut faults);
        assert!(faults.is_empty());
        self::config(0.6, 0.5).check(&mut faults);
        assert_eq!(faults.0.len(), 1);
    }

    /// 1024 to 2047 times 0.75 random bytes, which are 1024 to 2048 characters; the fields of the release's interface.
    #[test]
    fn a_request_is_padded() {
        let key = TemporaryExposureKey { key: [1; 16], rolling_start: Enin(144 * 18_500), rolling_period: 144 };
        let mut lengths = std::collections::BTreeSet::new();
        for who in 0..200 {
            let of_1_2_1 = of("1.2.1", FaultSet::NONE, |app| app.submission(&[key], "12345678", "user", &mut rng(who)));
            lengths.insert(of_1_2_1.padding.len());
            assert_eq!(of_1_2_1.user_uuid.as_deref(), Some("user"));
        }
        assert!(lengths.iter().all(|length| (1024..=2048).contains(length)) && lengths.len() > 100, "{lengths:?}");
        let of_1_2_2 = of("1.2.2", FaultSet::NONE, |app| app.submission(&[key], "12345678", "user", &mut rng(0)));
        assert_eq!((of_1_2_2.user_uuid, of_1_2_2.keys[0].transmission_risk), (None, None));
    }

    /// The first interface is that of 1.0.0 to 1.2.1, and these releases keep the number.
    #[test]
    fn releases_register_by_their_interface() {
        for release in RELEASES {
            let is_first = version(release.name) < version("1.2.2");
            assert_eq!(release.api, if is_first { Api::V1 } else { Api::V2 }, "{}", release.name);
            let keeps = |keeps| of(release.name, FaultSet::HISTORICAL, |app| app.keeps_number(keeps));
            assert_eq!([keeps(KeepsNumber::AsPublished), keeps(KeepsNumber::AsPromised)], [is_first, false], "{}", release.name);
        }
    }
}
