//! What happens to a case, step by step, as HER-SYS and the health centre see it: cases by number, never by person.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::random::Seed;

use super::{
    cases::CaseHistory,
    config::AuthorityConfig,
    hersys::{Hersys, ProcessingNumber, issued_to_everybody},
};

/// An event in the history of a case, in the order in which those of one moment happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaseEvent {
    /// Infection.
    Infected,
    /// Symptoms begin.
    Onset,
    /// The positive result is known.
    Result,
    /// HER-SYS issues a number.
    NumberIssued,
    /// The number is entered in the app.
    NumberEntered,
}

/// Whether a case has the app when the result comes: who gets it later does not register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppThere {
    /// It is on the phone.
    Yes,
    /// It is installed later.
    NotYet,
    /// It never is.
    Never,
}

/// What a step brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseNews {
    /// The person is infected.
    Infected,
    /// The person fell ill.
    FellIll {
        /// And stays home from now on.
        stays_home: bool,
    },
    /// The person is known to be positive, and stays home from now on.
    Positive {
        /// Whether a number will be issued.
        awaits_number: bool,
    },
    /// A number was issued.
    NumberIssued {
        /// Whether the person will enter it.
        registers: bool,
    },
    /// The number is entered in the app.
    NumberEntered(ProcessingNumber),
}

impl CaseNews {
    /// Whether the person stays home from now on.
    pub fn stays_home(self) -> bool {
        matches!(self, Self::FellIll { stays_home: true } | Self::Positive { .. })
    }
}

impl CaseHistory {
    /// The events of a case and their times, Unix seconds.
    pub fn events(&self) -> impl Iterator<Item = (i64, CaseEvent)> + use<> {
        let entered = self.number_entered_s.map(|t| (t, CaseEvent::NumberEntered));
        [
            (self.infected_s, CaseEvent::Infected),
            (self.onset_s, CaseEvent::Onset),
            (self.result_s, CaseEvent::Result),
            (self.number_issued_s, CaseEvent::NumberIssued),
        ]
        .into_iter()
        .chain(entered)
    }

    /// Whether a number is issued: to who has the app and asks for it; from December 2021 on to everybody.
    fn is_issued(&self, app: AppThere) -> bool {
        issued_to_everybody(self.number_issued_s) || (app == AppThere::Yes && self.number_entered_s.is_some())
    }
}

/// The authority's state.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Authority {
    /// The issuing side.
    pub hersys: Hersys,
    /// The numbers issued, by case.
    numbers: BTreeMap<u32, ProcessingNumber>,
}

impl Authority {
    /// Lets an event of a case happen. `None` if nothing comes of it.
    pub fn step(
        &mut self,
        event: CaseEvent,
        (case, history): (u32, &CaseHistory),
        app: AppThere,
        config: &AuthorityConfig,
        seed: Seed,
    ) -> Option<CaseNews> {
        match event {
            CaseEvent::Infected => Some(CaseNews::Infected),
            CaseEvent::Onset => Some(CaseNews::FellIll { stays_home: history.stays_home_from_onset }),
            CaseEvent::Result => Some(CaseNews::Positive { awaits_number: history.is_issued(app) }),
            CaseEvent::NumberIssued => history.is_issued(app).then(|| {
                self.numbers.insert(case, self.hersys.issue(history.number_issued_s, config.number_valid_h, seed));
                CaseNews::NumberIssued { registers: history.number_entered_s.is_some() }
            }),
            CaseEvent::NumberEntered => {
                let number = self.numbers.get(&case).filter(|_| app == AppThere::Yes);
                number.copied().map(CaseNews::NumberEntered)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::DayJst;

    fn history(day: &str, registers: bool) -> CaseHistory {
        let midnight_s = DayJst::parse(day).expect("a date").start().0;
        CaseHistory {
            infected_s: midnight_s - 5,
            onset_s: midnight_s - 3,
            tested_s: midnight_s - 2,
            result_s: midnight_s - 1,
            number_issued_s: midnight_s,
            number_entered_s: registers.then_some(midnight_s + 1),
            stays_home_from_onset: true,
        }
    }

    fn news(day: &str, registers: bool, app: AppThere) -> Vec<Option<CaseNews>> {
        let history = history(day, registers);
        let config = AuthorityConfig {
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
        };
        let mut authority = Authority::default();
        history.events().map(|(_, event)| authority.step(event, (0, &history), app, &config, Seed(1))).collect()
    }

    #[test]
    fn a_case_goes_from_infection_to_its_number() {
        let all = news("2021-03-10", true, AppThere::Yes);
        assert_eq!(
            all[..4],
            [
                Some(CaseNews::Infected),
                Some(CaseNews::FellIll { stays_home: true }),
                Some(CaseNews::Positive { awaits_number: true }),
                Some(CaseNews::NumberIssued { registers: true }),
            ]
        );
        assert!(matches!(all[4], Some(CaseNews::NumberEntered(_))));
    }

    #[test]
    fn a_number_goes_to_who_asks_and_from_december_2021_to_everybody() {
        for (app, registers) in [(AppThere::Never, true), (AppThere::NotYet, true), (AppThere::Yes, false)] {
            let before = news("2021-11-30", registers, app);
            assert_eq!(before[2..4], [Some(CaseNews::Positive { awaits_number: false }), None], "{app:?}");
            let after = news("2021-12-01", registers, app);
            assert_eq!(after[2..4], [Some(CaseNews::Positive { awaits_number: true }), Some(CaseNews::NumberIssued { registers })]);
            assert!(after.get(4).is_none_or(Option::is_none), "nobody enters it in an app that is not there: {app:?}");
        }
    }
}
