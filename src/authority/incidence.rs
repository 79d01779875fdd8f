//! Cases drawn among everybody, as many a day as an incidence says: who, and when each is reported and fell ill. Pure functions of (scenario,
//! seed, person, day).

use std::ops::RangeInclusive;

use rand::RngExt;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    faults::Faults,
    ids::PersonId,
    random::{Keyed, Seed, Stream},
    time::DayJst,
};

use super::config::Registers;

/// What was reported.
const REPORTED: &str = include_str!("../../scenarios/system/incidence.toml");
/// Bands of ages of ten years, the last of 70 and more.
const AGE_BANDS: usize = 8;
/// People of the rate.
const PER: f64 = 100_000.0;
/// Longest time from onset to report, days: longer ones are that long.
const LONGEST_DELAY_DAYS: i32 = 60;
/// Days that one random block serves, a word for each.
const DAYS_A_BLOCK: i32 = 4;
/// Numbers of a word.
const WORDS: f64 = 4_294_967_296.0;
/// What a draw is for, within the stream.
const IS_REPORTED: u32 = 0;
const DELAY: u32 = 1;
const KEY: &str = "authority.incidence.reported_per_100k_a_day";

/// `[authority.incidence]`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidenceConfig {
    /// Cases reported a day among 100,000 people: a number, "as_reported" = Japan's of each day, or "none" = no cases are drawn.
    pub reported_per_100k_a_day: Reported,
    /// So many times as many.
    #[schemars(range(min = 0, max = 100_000))]
    pub scale: f64,
    /// Shares of cases of 0-9, 10-19, ..., 70 and more years (any scale); those of ages that nobody has fall to the others.
    #[schemars(length(min = 8, max = 8))]
    pub age_shares: Vec<f64>,
    /// Days from onset to report.
    pub onset_to_report: OnsetToReport,
    /// Whether drawn cases register their result in the app.
    pub registers: Registers,
}

/// How many cases are reported.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "cases a day per 100,000 people, \"as_reported\" or \"none\"")]
pub enum Reported {
    /// So many a day among 100,000 people.
    Per100k(#[schemars(range(min = 0, max = 100_000))] f64),
    /// As a word says.
    As(ReportedAs),
}

/// What stands in place of a number of cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportedAs {
    /// None are drawn.
    None,
    /// Those of Japan on each day.
    AsReported,
}

/// By what days from onset to report are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnsetToReport {
    /// Those of Osaka's cases.
    AsInOsaka,
    /// By the gamma distribution of `authority.onset_to_result_*`.
    Gamma,
}

#[derive(Deserialize)]
struct ReportedFile {
    population_millions: f64,
    first_day: String,
    positives: Vec<f64>,
    onset_to_report_cases: Vec<u32>,
}

impl ReportedFile {
    fn read() -> Self {
        toml::from_str(REPORTED).expect("the cases that come with the program are TOML")
    }

    fn first_day(&self) -> DayJst {
        DayJst::parse(&self.first_day).expect("the cases that come with the program begin on a date")
    }
}

impl IncidenceConfig {
    /// Whether cases are drawn.
    pub fn draws(&self) -> bool {
        self.reported_per_100k_a_day != Reported::As(ReportedAs::None)
    }

    /// Finds what ranges of single keys cannot express.
    pub(super) fn check(&self, faults: &mut Faults) {
        let (path, shares) = ("authority.incidence.age_shares", &self.age_shares);
        let is_share = |share: &f64| share.is_finite() && *share >= 0.0;
        if !shares.iter().all(is_share) {
            faults.push(path, "not all are shares", "use numbers of 0 or more");
        } else if shares.iter().sum::<f64>() <= 0.0 {
            faults.push(path, "the shares add up to 0", "give at least one a positive share");
        }
    }
}

/// A case that was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawnCase {
    /// Who.
    pub person: PersonId,
    /// The day on which the result is reported.
    pub reported: DayJst,
    /// The day on which symptoms began.
    pub onset: DayJst,
}

/// An incidence ready to draw from.
pub struct Incidence<'a> {
    config: &'a IncidenceConfig,
    file: ReportedFile,
    /// Mean and shape of the delay, where it is no table.
    gamma: (f64, f64),
    keyed: Keyed,
}

impl<'a> Incidence<'a> {
    /// `gamma` are mean, days, and shape of the delay from onset to report where the scenario asks for that distribution. `None` if no cases
    /// are drawn.
    pub fn new(config: &'a IncidenceConfig, gamma: (f64, f64), seed: Seed) -> Option<Self> {
        config.draws().then(|| Self { config, file: ReportedFile::read(), gamma, keyed: Keyed::new(seed, Stream::Incidence) })
    }

    /// Finds days of a run of which it is not known how many cases were reported.
    pub fn check_days(&self, days: RangeInclusive<DayJst>, faults: &mut Faults) {
        let first = self.file.first_day();
        let last = first.plus_days(self.file.positives.len() as i32 - 1);
        if self.config.reported_per_100k_a_day == Reported::As(ReportedAs::AsReported) && (*days.start() < first || *days.end() > last) {
            let problem = format!("cases are known from {first} to {last}, and the run goes from {} to {}", days.start(), days.end());
            faults.push(KEY, problem, "state a number of cases, or simulate other days");
        }
    }

    /// Cases that are reported on a day, of all people; beyond the days that are known as on the nearest.
    fn share_reported(&self, day: DayJst) -> f64 {
        let share = match self.config.reported_per_100k_a_day {
            Reported::Per100k(cases) => cases / PER,
            Reported::As(ReportedAs::AsReported) => {
                let last = self.file.positives.len() as i32 - 1;
                let at = (day.0 - self.file.first_day().0).clamp(0, last);
                self.file.positives[at as usize] / (self.file.population_millions * 1e6)
            }
            Reported::As(ReportedAs::None) => 0.0,
        };
        share * self.config.scale
    }

    /// The longest time from onset to report, days.
    pub fn longest_delay_days(&self) -> i32 {
        match self.config.onset_to_report {
            OnsetToReport::AsInOsaka => self.file.onset_to_report_cases.len() as i32 - 1,
            OnsetToReport::Gamma => LONGEST_DELAY_DAYS,
        }
    }

    /// Days from onset to report of a person reported on a day.
    fn delay_days(&self, person: PersonId, reported: DayJst) -> i32 {
        let mut rng = self.keyed.rng(person.0, DELAY, reported.0 as u32);
        match self.config.onset_to_report {
            OnsetToReport::AsInOsaka => {
                let cases = &self.file.onset_to_report_cases;
                let mut left = rng.random_range(0..cases.iter().sum());
                let day = cases.iter().position(|n| {
                    let is_it = left < *n;
                    left = left.saturating_sub(*n);
                    is_it
                });
                day.expect("invariant: one of the cases is picked") as i32
            }
            OnsetToReport::Gamma => {
                let (mean_days, shape) = self.gamma;
                (rng.gamma(shape, mean_days / shape).round() as i32).min(LONGEST_DELAY_DAYS)
            }
        }
    }

    /// Chances of people of each age to be reported on a day: as many cases on average as the incidence says, of each age its share.
    fn chances(&self, people: &[f64; AGE_BANDS], day: DayJst) -> [f64; AGE_BANDS] {
        let shares = &self.config.age_shares;
        let of_those_there: f64 = (0..AGE_BANDS).filter(|band| people[*band] > 0.0).map(|band| shares[band]).sum();
        let cases = self.share_reported(day) * people.iter().sum::<f64>();
        let chance = |band: usize| {
            if people[band] > 0.0 && of_those_there > 0.0 { cases * shares[band] / of_those_there / people[band] } else { 0.0 }
        };
        std::array::from_fn(chance)
    }

    /// Draws cases among people of these ages, reported on some days, each person once at most: on the first day on which chance has it so.
    /// More days add cases and change none. By (person).
    pub fn draw(&self, ages_years: &[u8], days: RangeInclusive<DayJst>, faults: &mut Faults) -> Vec<DrawnCase> {
        let mut people = [0.0; AGE_BANDS];
        ages_years.iter().for_each(|age| people[band(*age)] += 1.0);
        let first = days.start().0;
        let by_day: Vec<[f64; AGE_BANDS]> = (first..=days.end().0).map(|day| self.chances(&people, DayJst(day))).collect();
        let highest = by_day.iter().flatten().copied().fold(0.0, f64::max);
        if highest > 1.0 {
            let problem = format!("people of some age would be reported {highest:.1} times a day each");
            let most = crate::faults::short((self.config.scale / highest * 1000.0).floor() / 1000.0);
            faults.push("authority.incidence.scale", problem, format!("use at most {most}, or other age_shares"));
            return Vec::new();
        }
        // A word under it is a report.
        let limits: Vec<[u64; AGE_BANDS]> = by_day.iter().map(|of_day| of_day.map(|chance| (chance * WORDS).round() as u64)).collect();
        let reported = |person: u32| {
            let band = band(ages_years[person as usize]);
            let mut block = (i32::MIN, [0; 4]);
            (0..).zip(&limits).map(|(n, limits)| (first + n, limits[band])).find_map(|(day, limit)| {
                let at = day.div_euclid(DAYS_A_BLOCK);
                if block.0 != at {
                    block = (at, self.keyed.block(person, IS_REPORTED, at as u32, 0));
                }
                (u64::from(block.1[day.rem_euclid(DAYS_A_BLOCK) as usize]) < limit).then_some(DayJst(day))
            })
        };
        let people = (0..ages_years.len() as u32).into_par_iter();
        let cases = people.filter_map(|person| {
            let (person, reported) = (PersonId(person), reported(person)?);
            Some(DrawnCase { person, reported, onset: reported.plus_days(-self.delay_days(person, reported)) })
        });
        cases.collect()
    }
}

/// The band of an age.
fn band(age_years: u8) -> usize {
    usize::from(age_years / 10).min(AGE_BANDS - 1)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn config() -> IncidenceConfig {
        IncidenceConfig {
            reported_per_100k_a_day: Reported::As(ReportedAs::None),
            scale: 1.0,
            age_shares: vec![1.0; AGE_BANDS],
            onset_to_report: OnsetToReport::AsInOsaka,
            registers: Registers::Draw,
        }
    }

    fn day(text: &str) -> DayJst {
        DayJst::parse(text).expect("a date")
    }

    fn draw(config: &IncidenceConfig, ages: &[u8], days: [&str; 2]) -> Vec<DrawnCase> {
        let mut faults = Faults::default();
        let cases =
            Incidence::new(config, (6.0, 4.0), Seed(1)).expect("cases are drawn").draw(ages, day(days[0])..=day(days[1]), &mut faults);
        assert!(faults.is_empty(), "{faults:?}");
        cases
    }

    fn constant(per_100k: f64) -> IncidenceConfig {
        IncidenceConfig { reported_per_100k_a_day: Reported::Per100k(per_100k), ..config() }
    }

    /// 50 a day per 100,000 over 20 days among 40,000: 400 less the few who would be reported twice. A right model is within 3.3 standard
    /// deviations (of 20) with a chance of 0.999.
    #[test]
    fn as_many_are_reported_as_the_incidence_says() {
        let ages: Vec<u8> = (0..40_000_u32).map(|i| (i % 80) as u8).collect();
        let cases = draw(&constant(50.0), &ages, ["2020-09-01", "2020-09-20"]);
        assert!((334..=466).contains(&cases.len()), "{}", cases.len());
        assert!(cases.is_sorted_by_key(|case| case.person), "each once at most");
        let early = cases.iter().filter(|case| case.reported <= day("2020-09-10")).count();
        assert!((134..=266).contains(&early), "{early}");
    }

    /// 15,091 in September 2020 among 126.146 million: 0.4 a day per 100,000. Scaled by 1000 among 10,000 over the month, 1,196.
    #[test]
    fn cases_come_as_they_were_reported() {
        let as_reported = IncidenceConfig { reported_per_100k_a_day: Reported::As(ReportedAs::AsReported), ..config() };
        let incidence = Incidence::new(&as_reported, (6.0, 4.0), Seed(1)).expect("cases are drawn");
        let share = |text: &str| (incidence.share_reported(day(text)) * 126.146e6).round();
        assert_eq!(["2020-06-01", "2020-09-01", "2020-09-23", "2021-01-30"].map(share), [36.0, 624.0, 216.0, 3332.0]);
        assert_eq!(["2020-05-30", "2021-03-01"].map(share), [36.0, 3332.0], "as on the nearest day");
        let of_month: f64 = (0..30).map(|n| share(&day("2020-09-01").plus_days(n).to_string())).sum();
        assert_eq!(of_month, 15_091.0);
        let mut faults = Faults::default();
        incidence.check_days(day("2020-06-01")..=day("2021-01-30"), &mut faults);
        assert!(faults.is_empty());
        incidence.check_days(day("2020-06-01")..=day("2021-01-31"), &mut faults);
        assert_eq!(faults.0[0].problem, "cases are known from 2020-06-01 to 2021-01-30, and the run goes from 2020-06-01 to 2021-01-31");
    }

    /// Three in four cases are of the few over 70, whoever they live among; where there is nobody of an age, its cases are of others.
    #[test]
    fn ages_have_their_shares_of_the_cases() {
        let ages: Vec<u8> = (0..50_000_u32).map(|i| if i % 10 == 0 { 75 } else { 25 }).collect();
        let shares = vec![5.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 3.0];
        let cases = draw(&IncidenceConfig { age_shares: shares, ..constant(100.0) }, &ages, ["2020-09-01", "2020-09-10"]);
        let old = cases.iter().filter(|case| case.person.0.is_multiple_of(10)).count() as f64;
        // 500 on average, and 375 of them: 3.3 standard deviations either way.
        assert!((426..=574).contains(&cases.len()) && (old / cases.len() as f64 - 0.75).abs() < 0.064, "{old} of {}", cases.len());
    }

    /// A case of a longer run is one of a shorter run, or reported after it.
    #[test]
    fn more_days_change_no_case() {
        let ages = vec![40; 5000];
        let config = constant(400.0);
        let long = draw(&config, &ages, ["2020-09-01", "2020-09-30"]);
        let until_9th: Vec<DrawnCase> = long.iter().copied().filter(|case| case.reported <= day("2020-09-09")).collect();
        assert_eq!(draw(&config, &ages, ["2020-09-01", "2020-09-09"]), until_9th);
        assert!(until_9th.len() > 100 && long.len() > 2 * until_9th.len());
    }

    /// Osaka, n = 4,599: mean 6.19 days, median 6, 24 in 100 within three. Of 4,000 drawn, the mean has a standard error of 0.057.
    #[test]
    fn cases_fell_ill_as_long_before_as_in_osaka() {
        let days = |config: &IncidenceConfig| {
            let cases = draw(config, &[30; 20_000], ["2020-09-01", "2020-09-20"]);
            let mut days: Vec<i32> = cases.iter().map(|case| case.reported.0 - case.onset.0).collect();
            days.sort_unstable();
            days
        };
        let of = days(&constant(1000.0));
        let (n, mean) = (of.len() as f64, f64::from(of.iter().sum::<i32>()) / of.len() as f64);
        let within_3 = of.iter().filter(|days| **days <= 3).count() as f64 / n;
        assert!(n > 3300.0 && (mean - 6.191).abs() < 0.21 && of[of.len() / 2] == 6, "{n} {mean}");
        assert!((within_3 - 1052.0 / 4599.0).abs() < 0.025, "{within_3}");
        assert!(of[0] == 0 && of[of.len() - 1] <= 26);
        let gamma = days(&IncidenceConfig { onset_to_report: OnsetToReport::Gamma, ..constant(1000.0) });
        let mean = f64::from(gamma.iter().sum::<i32>()) / gamma.len() as f64;
        assert!((mean - 6.0).abs() < 0.2 && gamma[gamma.len() - 1] <= LONGEST_DELAY_DAYS, "{mean}");
    }

    #[test]
    fn nobody_is_reported_more_than_once_a_day() {
        let mut faults = Faults::default();
        let config = IncidenceConfig { scale: 4.0, ..constant(50_000.0) };
        let drawn = Incidence::new(&config, (6.0, 4.0), Seed(1)).expect("cases").draw(
            &[30; 10],
            day("2020-09-01")..=day("2020-09-02"),
            &mut faults,
        );
        assert!(drawn.is_empty());
        let fault = &faults.0[0];
        assert_eq!(
            (fault.problem.as_str(), fault.remedy.as_str()),
            ("people of some age would be reported 2.0 times a day each", "use at most 2, or other age_shares")
        );
    }
}
