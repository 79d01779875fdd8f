//! The history of a case, a pure function of (scenario, seed, case).

use rand::RngExt;

use crate::{
    random::{Keyed, Seed, Stream},
    time::{DAY_S, DayJst},
};

use super::config::{AuthorityConfig, CaseConfig, Registers};

/// When what happens to a case, Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseHistory {
    /// Infection.
    pub infected_s: i64,
    /// Symptoms begin.
    pub onset_s: i64,
    /// The sample is taken.
    pub tested_s: i64,
    /// The positive result is known.
    pub result_s: i64,
    /// HER-SYS issues a processing number, if it is asked for or goes out by itself.
    pub number_issued_s: i64,
    /// The number is entered in the app; `None` without the will to register.
    pub number_entered_s: Option<i64>,
    /// Whether the person stays home from onset on (everybody does after the result).
    pub stays_home_from_onset: bool,
}

/// Onsets are put at 08:00 JST, results at 14:00 (assumption: it only decides which day plans change).
const ONSET_SECOND_OF_DAY: i64 = 8 * 3600;
const RESULT_SECOND_OF_DAY: i64 = 14 * 3600;

impl CaseHistory {
    /// The history of the `index`-th case.
    pub fn draw(config: &AuthorityConfig, case: &CaseConfig, index: u32, first_day: DayJst, seed: Seed) -> Self {
        let onset_day = first_day.plus_days(case.onset_day);
        let onset_s = onset_day.start().0 + ONSET_SECOND_OF_DAY;
        let mut rng = Keyed::new(seed, Stream::CaseHistory).rng(index, 0, 0);
        let delay = rng.gamma(config.onset_to_result_shape, config.onset_to_result_mean_days / config.onset_to_result_shape);
        let result_day = case.result_day.map_or(onset_day.plus_days(delay.round() as i32), |day| first_day.plus_days(day));
        let result_s = (result_day.start().0 + RESULT_SECOND_OF_DAY).max(onset_s);
        let mut rng = Keyed::new(seed, Stream::Registration).rng(index, 0, 0);
        let (wish, home) = (rng.random::<f64>(), rng.random::<f64>());
        let entry_h = rng.exponential(config.entry_delay_mean_h);
        let registers = match case.registers {
            Registers::Yes => true,
            Registers::No => false,
            Registers::Draw => wish < config.registration_share,
        };
        let number_issued_s = result_s + (config.number_delay_h * 3600.0) as i64;
        Self {
            infected_s: onset_s - (config.incubation_days * DAY_S as f64) as i64,
            onset_s,
            tested_s: (result_s - (config.test_to_result_days * DAY_S as f64) as i64).max(onset_s),
            result_s,
            number_issued_s,
            number_entered_s: registers.then_some(number_issued_s + (entry_h * 3600.0) as i64),
            stays_home_from_onset: home < config.stays_home_from_onset_share,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_S: i64 = 3600;

    fn config() -> AuthorityConfig {
        AuthorityConfig {
            cases: Vec::new(),
            incubation_days: 5.0,
            onset_to_result_mean_days: 6.0,
            onset_to_result_shape: 4.0,
            test_to_result_days: 1.5,
            number_delay_h: 12.0,
            entry_delay_mean_h: 6.0,
            number_valid_h: 24.0,
            registration_share: 0.17,
            stays_home_from_onset_share: 0.6,
            infectious_days_before_onset: 2,
        }
    }

    fn case(result_day: Option<i32>, registers: Registers) -> CaseConfig {
        CaseConfig { person: 3, has_app: false, onset_day: 4, result_day, registers }
    }

    fn draw(case: &CaseConfig, index: u32) -> CaseHistory {
        CaseHistory::draw(&config(), case, index, DayJst(18_000), Seed(1))
    }

    #[test]
    fn a_stated_case_happens_when_it_is_stated() {
        let history = draw(&case(Some(7), Registers::Yes), 0);
        let midnight_s = |day: i32| DayJst(18_000 + day).start().0;
        assert_eq!(history.onset_s, midnight_s(4) + 8 * HOUR_S);
        assert_eq!(history.infected_s, history.onset_s - 5 * DAY_S);
        assert_eq!(history.result_s, midnight_s(7) + 14 * HOUR_S);
        assert_eq!(history.tested_s, history.result_s - 36 * HOUR_S);
        assert_eq!(history.number_issued_s, history.result_s + 12 * HOUR_S);
        assert!(history.number_entered_s.is_some_and(|t| t > history.number_issued_s));
        // Nobody is tested before falling ill.
        assert_eq!(draw(&case(Some(4), Registers::Yes), 0).tested_s, history.onset_s);
    }

    #[test]
    fn shares_and_delays_are_those_of_the_scenario() {
        let n = 4000;
        let all: Vec<CaseHistory> = (0..n).map(|i| draw(&case(None, Registers::Draw), i)).collect();
        let share = |is: &dyn Fn(&CaseHistory) -> bool| all.iter().filter(|h| is(h)).count() as f64 / f64::from(n);
        let mean = |of: &dyn Fn(&CaseHistory) -> Option<i64>| {
            let values: Vec<i64> = all.iter().filter_map(of).collect();
            values.iter().sum::<i64>() as f64 / values.len() as f64
        };
        // Four standard errors of 4000, and of the 680 who register.
        assert!((share(&|h| h.number_entered_s.is_some()) - 0.17).abs() < 0.024);
        assert!((share(&|h| h.stays_home_from_onset) - 0.6).abs() < 0.031);
        let days = mean(&|h| Some(h.result_s - h.onset_s - 6 * HOUR_S)) / DAY_S as f64;
        assert!((days - 6.0).abs() < 0.19, "{days}");
        let hours = mean(&|h| h.number_entered_s.map(|t| t - h.number_issued_s)) / HOUR_S as f64;
        assert!((hours - 6.0).abs() < 0.93, "{hours}");
        assert!((0..9).all(|i| draw(&case(None, Registers::No), i).number_entered_s.is_none()));
        assert!((0..9).all(|i| draw(&case(None, Registers::Yes), i).number_entered_s.is_some()));
    }
}
