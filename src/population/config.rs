//! `[population]` and `[phones]` of the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{faults::Faults, time::DayJst};

use super::{Os, city::CityConfig, off::OffConfig, people::version_of};

/// In place of a day of installation: as the published downloads say.
const AS_DOWNLOADED: &str = "as_downloaded";

/// Who there is.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationConfig {
    /// People who work on the floor. A replayed trace brings its own people instead.
    #[schemars(range(min = 2, max = 100000))]
    pub workers: u32,
    /// Departments they belong to, of nearly equal size.
    #[schemars(range(min = 1, max = 1000))]
    pub departments: u32,
    /// Shares of households by size 1, 2, 3, ... (any scale; census).
    #[schemars(length(min = 1, max = 10))]
    pub household_size_shares: Vec<f64>,
    /// Employed people by age band 15-24, 25-34, 35-44, 45-54, 55-64, 65-74 (any scale; Labour Force Survey).
    #[schemars(length(min = 6, max = 6))]
    pub worker_age_shares: Vec<f64>,
    /// Share of two-person households that are couples; the rest are a parent with a grown-up child or the like.
    #[schemars(range(min = 0, max = 1))]
    pub couple_share: f64,
    /// How many people a city has (`mobility.source = "city"`), or "floor": those who work on a floor, and their households.
    pub people: CityPeople,
    /// File of a city's people, CSV or Parquet, in place of drawn ones; "" = none.
    pub file: String,
    /// What a city's people are drawn from.
    pub city: CityConfig,
}

/// How many people a city has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number of people or \"floor\"")]
pub enum CityPeople {
    /// So many.
    Number(#[schemars(range(min = 100, max = 130_000_000))] u32),
    /// There is no city.
    Of(OfFloor),
}

impl CityPeople {
    /// How many; `None` without a city.
    pub fn number(self) -> Option<u32> {
        match self {
            Self::Number(people) => Some(people),
            Self::Of(OfFloor::Floor) => None,
        }
    }
}

/// A floor in place of a city.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfFloor {
    /// As `population.workers` says.
    Floor,
}

/// A phone model and how common it is.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneModelConfig {
    /// Maker, as in the calibration table.
    pub oem: String,
    /// Model, as in the calibration table.
    pub model: String,
    /// Its operating system.
    pub os: Os,
    /// Share among phones of its operating system (any scale).
    #[schemars(range(min = 0))]
    pub share: f64,
}

/// A version of a system and how common it is.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SystemConfig {
    /// The operating system.
    pub os: Os,
    /// Its version, as in "13.5"; what follows a second point says nothing of which releases it takes.
    pub version: String,
    /// Share among phones of its operating system (any scale).
    #[schemars(range(min = 0))]
    pub share: f64,
}

/// Shares of people who stop at a step of the app's first start.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DropOutConfig {
    /// Who reads the introduction and goes no further.
    #[schemars(range(min = 0, max = 1))]
    pub introduction: f64,
    /// Who does not agree to the terms.
    #[schemars(range(min = 0, max = 1))]
    pub terms: f64,
    /// Who does not agree to the privacy policy.
    #[schemars(range(min = 0, max = 1))]
    pub privacy_policy: f64,
    /// Who refuses the system's own question.
    #[schemars(range(min = 0, max = 1))]
    pub system_permission: f64,
    /// Who allows no notifications: takes part, and none pops up.
    #[schemars(range(min = 0, max = 1))]
    pub notifications: f64,
    /// Minors whose guardian does not consent.
    #[schemars(range(min = 0, max = 1))]
    pub guardian: f64,
}

/// A share of somebody who has the app.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a share or \"derived\"")]
pub enum Adoption {
    /// It is this.
    Share(#[schemars(range(min = 0, max = 1))] f64),
    /// It follows from another.
    Of(Derived),
}

impl Adoption {
    /// The share, if it is stated.
    pub fn share(self) -> Option<f64> {
        match self {
            Self::Share(share) => Some(share),
            Self::Of(Derived::Derived) => None,
        }
    }
}

/// Not stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Derived {
    /// It follows from what is stated.
    Derived,
}

/// Of whom a share has the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OfWhom {
    Owners,
    People,
    Adults,
}

/// When people with the app installed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Installs {
    /// All on a day.
    On(DayJst),
    /// One after the other, as the published downloads say.
    AsDownloaded,
}

/// The phones they hold.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PhonesConfig {
    /// Share of people who own a smartphone, by age band 0-9, 10-19, ..., 70+.
    #[schemars(length(min = 8, max = 8))]
    pub smartphone_shares: Vec<f64>,
    /// Share of smartphones that are iPhones.
    #[schemars(range(min = 0, max = 1))]
    pub ios_share: f64,
    /// Share of smartphone owners who have COCOA installed and consented, or "derived": from the one of this and the next two that is a share.
    pub adoption: Adoption,
    /// The same of all people.
    pub adoption_of_people: Adoption,
    /// The same of adults: people of 20 and more years, of age until April 2022.
    pub adoption_of_adults: Adoption,
    /// How much likelier smartphone owners of 0-9, 10-19, ..., 70+ have it than others do (any scale).
    #[schemars(length(min = 8, max = 8))]
    pub adoption_by_age: Vec<f64>,
    /// Day on which COCOA users installed it, YYYY-MM-DD, or "as_downloaded": one after the other as the published downloads say, so that
    /// the adoption is reached on the run's last day. No earlier than its first release. A phone takes part from 09:00 JST on that day, when
    /// a UTC day begins; updates change nothing.
    pub installed: String,
    /// Shares that stop at a step of the first start.
    pub drop_out: DropOutConfig,
    /// Versions of the systems; of a system without any, all phones have a recent one.
    #[schemars(length(max = 255))]
    pub systems: Vec<SystemConfig>,
    /// Uninstallations in a year of one phone's use (a rate: their times are exponential).
    #[schemars(range(min = 0, max = 366))]
    pub uninstalls_a_year: f64,
    /// The same for deleting it within the app, which stops exposure notification and keeps the system's keys and records.
    #[schemars(range(min = 0, max = 366))]
    pub deletes_in_app_a_year: f64,
    /// Share of either who begin again.
    #[schemars(range(min = 0, max = 1))]
    pub reinstalls_share: f64,
    /// Mean days after which they do (exponential).
    #[schemars(range(min = 0, max = 3650))]
    pub reinstalls_after_mean_days: f64,
    /// Share that agrees again after a change of the terms or the policy: of each change.
    #[schemars(range(min = 0, max = 1))]
    pub agrees_again_share: f64,
    /// Share of phone-days abroad.
    #[schemars(range(min = 0, max = 1))]
    pub abroad_share: f64,
    /// Share of iPhones that restore a backup while that switches exposure notification off.
    #[schemars(range(min = 0, max = 1))]
    pub restored_share: f64,
    /// Share of days on which two of a household carry each other's phones.
    #[schemars(range(min = 0, max = 1))]
    pub swapped_share: f64,
    /// How often in a year a phone with the app is passed on to another of the household, the app still on it (a rate).
    #[schemars(range(min = 0, max = 366))]
    pub passed_on_a_year: f64,
    /// Of people whose phone has the app, the share for whom it is their employer's, carried from Monday to Friday; at weekends they carry a
    /// private one without the app.
    #[schemars(range(min = 0, max = 1))]
    pub second_share: f64,
    /// Hours in which phones, their Bluetooth or exposure notification are off.
    #[schemars(length(max = 1000))]
    pub off: Vec<OffConfig>,
    /// Share of COCOA users whose Bluetooth is off for good.
    #[schemars(range(min = 0, max = 1))]
    pub bluetooth_off: f64,
    /// Share of days on which a phone that is on stops advertising, at any moment and until the day ends.
    #[schemars(range(min = 0, max = 1))]
    pub stops_advertising: f64,
    /// The same for scanning.
    #[schemars(range(min = 0, max = 1))]
    pub stops_scanning: f64,
    /// Mean days after which a phone installs a release that has come out (exponential).
    #[schemars(range(min = 0, max = 365))]
    pub update_lag_mean_days: f64,
    /// Share of phones that never install another release than the first.
    #[schemars(range(min = 0, max = 1))]
    pub never_updates_share: f64,
    /// Models and their shares.
    #[schemars(length(min = 1, max = 1000))]
    pub models: Vec<PhoneModelConfig>,
}

impl PopulationConfig {
    /// People in the largest household that can be drawn.
    pub fn largest_household(&self) -> usize {
        self.household_size_shares.iter().rposition(|share| *share > 0.0).map_or(1, |last| last + 1)
    }

    /// Finds what ranges of single keys cannot express.
    pub fn check(&self, faults: &mut Faults) {
        check_shares(faults, "population.household_size_shares", &self.household_size_shares);
        check_shares(faults, "population.worker_age_shares", &self.worker_age_shares);
        if self.departments > self.workers {
            faults.push("population.departments", "more departments than workers", format!("use at most {}", self.workers));
        }
        self.city.check(faults);
    }
}

impl PhonesConfig {
    /// When it is installed; `None` if the text says neither (reported by [`Self::check`]).
    pub fn installed(&self) -> Option<Installs> {
        if self.installed == AS_DOWNLOADED { Some(Installs::AsDownloaded) } else { DayJst::parse(&self.installed).map(Installs::On) }
    }

    /// The shares of the app, with the names of their keys.
    fn adoptions(&self) -> [(&'static str, OfWhom, Adoption); 3] {
        [
            ("phones.adoption_of_people", OfWhom::People, self.adoption_of_people),
            ("phones.adoption_of_adults", OfWhom::Adults, self.adoption_of_adults),
            ("phones.adoption", OfWhom::Owners, self.adoption),
        ]
    }

    /// The share that is stated: the key, of whom, and how much.
    pub(super) fn stated_adoption(&self) -> (&'static str, OfWhom, f64) {
        let stated = self.adoptions().into_iter().find_map(|(key, whom, adoption)| Some((key, whom, adoption.share()?)));
        stated.unwrap_or(("phones.adoption", OfWhom::Owners, 0.0))
    }

    fn check_adoption(&self, faults: &mut Faults) {
        check_shares(faults, "phones.adoption_by_age", &self.adoption_by_age);
        let stated: Vec<&str> =
            self.adoptions().iter().filter(|(_, _, adoption)| adoption.share().is_some()).map(|(key, ..)| *key).collect();
        match stated[..] {
            [] => {
                let problem = "nothing says how many have the app: this, adoption_of_people and adoption_of_adults are all \"derived\"";
                faults.push("phones.adoption", problem, "make one of the three a share");
            }
            [_] => {}
            [first, ref others @ ..] => {
                let problem = format!("{} is stated too, and one follows from the other", others.join(" and "));
                faults.push_mended(first, problem, others.iter().map(|key| format!("{key}=derived")).collect());
            }
        }
    }

    /// Finds what ranges of single keys cannot express.
    pub fn check(&self, faults: &mut Faults) {
        for (i, share) in self.smartphone_shares.iter().enumerate() {
            if !(0.0..=1.0).contains(share) {
                faults.push(format!("phones.smartphone_shares[{i}]"), "not a share", "use a number from 0 to 1");
            }
        }
        self.check_adoption(faults);
        if self.installed().is_none() {
            faults.push("phones.installed", "not a date of the calendar", "write YYYY-MM-DD, as in \"2020-06-19\", or \"as_downloaded\"");
        }
        for (i, system) in self.systems.iter().enumerate().filter(|(_, system)| version_of(&system.version).is_none()) {
            let example = if system.os == Os::Ios { "13.5" } else { "6.0" };
            faults.push(format!("phones.systems[{i}].version"), "no version of a system", format!("write numbers, as in \"{example}\""));
        }
        for os in [Os::Ios, Os::Android] {
            let of_os: Vec<f64> = self.systems.iter().filter(|system| system.os == os).map(|system| system.share).collect();
            if !of_os.is_empty() && of_os.iter().sum::<f64>() <= 0.0 {
                faults.push("phones.systems", format!("the shares of {} add up to 0", os.name()), "give at least one a positive share");
            }
        }
        (0..).zip(&self.off).for_each(|(i, off)| off.check(i, faults));
        for (os, share) in [(Os::Ios, self.ios_share), (Os::Android, 1.0 - self.ios_share)] {
            let total: f64 = self.models.iter().filter(|m| m.os == os).map(|m| m.share).sum();
            if share > 0.0 && !(total > 0.0 && total.is_finite()) {
                let name = os.name();
                faults.push(
                    "phones.models",
                    format!("no model has os = \"{name}\" and a share above 0"),
                    format!("add one, or set phones.ios_share so that no phone runs {name}"),
                );
            }
        }
    }
}

/// Finds what makes `values` no shares of anything.
pub fn check_shares(faults: &mut Faults, path: &str, values: &[f64]) {
    let mut wrong = (0..values.len()).filter(|i| !values[*i].is_finite() || values[*i] < 0.0).peekable();
    let all_are_shares = wrong.peek().is_none();
    wrong.for_each(|i| faults.push(format!("{path}[{i}]"), "not a share", "use a number of 0 or more"));
    if all_are_shares && values.iter().sum::<f64>() <= 0.0 {
        faults.push(path, "the shares add up to 0", "give at least one a positive share");
    }
}
