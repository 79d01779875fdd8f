//! The history of a case, a pure function of (scenario, seed, case).

use rand::RngExt;
use rand_distr::{Distribution, Exp, Gamma};

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
        let delay = Gamma::new(config.onset_to_result_shape, config.onset_to_result_mean_days / config.onset_to_result_shape)
            .expect("the scenario's ranges make both parameters positive")
            .sample(&mut rng);
        let result_day = case.result_day.map_or(onset_day.plus_days(delay.round() as i32), |day| first_day.plus_days(day));
        let result_s = (result_day.start().0 + RESULT_SECOND_OF_DAY).max(onset_s);
        let mut rng = Keyed::new(seed, Stream::Registration).rng(index, 0, 0);
        let (wish, home) = (rng.random::<f64>(), rng.random::<f64>());
        let entry_h = Exp::new(1.0 / config.entry_delay_mean_h.max(1e-9)).expect("the mean is positive").sample(&mut rng);
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
