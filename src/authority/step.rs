//! What happens to a case, step by step, as HER-SYS and the health centre see it: cases by number, never by person.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::random::Seed;

use super::{
    cases::{Asked, CaseHistory, NoNumber},
    hersys::{Hersys, ProcessingNumber},
};

/// An event in the history of a case, in the order in which those of one moment happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaseEvent {
    /// Infection.
    Infected,
    /// Symptoms begin.
    Onset,
    /// The sample is taken.
    Tested,
    /// The positive result is known.
    Result,
    /// A number is asked for, or goes out by itself.
    Asked,
    /// HER-SYS issues a number, or does not.
    NumberIssued,
    /// The number arrives, or does not.
    NumberDelivered,
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
    /// The sample was taken.
    Tested,
    /// The person is known to be positive, and stays home from now on.
    Positive {
        /// Whether a number will be asked for, or go out by itself.
        asks: bool,
    },
    /// A number was asked for.
    Asked,
    /// A number was issued.
    NumberIssued,
    /// It arrived.
    NumberDelivered {
        /// Whether the person will enter it.
        enters: bool,
    },
    /// No number comes.
    NoNumber(NoNumber),
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
        let number = self.number;
        let asked_s = number.asked.map(Asked::at_s);
        let issued_s = asked_s.map(|asked_s| number.issued.unwrap_or(asked_s));
        let delivered_s = number.issued.ok().filter(|_| asked_s.is_some()).map(|issued_s| number.delivered.unwrap_or(issued_s));
        let of_number = [
            (asked_s, CaseEvent::Asked),
            (issued_s, CaseEvent::NumberIssued),
            (delivered_s, CaseEvent::NumberDelivered),
            (number.entered_s.filter(|_| asked_s.is_some()), CaseEvent::NumberEntered),
        ];
        let of_case = [
            (self.infected_s, CaseEvent::Infected),
            (self.onset_s, CaseEvent::Onset),
            (self.tested_s, CaseEvent::Tested),
            (self.result_s, CaseEvent::Result),
        ];
        of_case.into_iter().chain(of_number.into_iter().filter_map(|(at_s, event)| Some((at_s?, event))))
    }

    /// Whether a number goes to a case: to who has the app, or to everybody.
    fn is_for(&self, app: AppThere) -> bool {
        app == AppThere::Yes || matches!(self.number.asked, Some(Asked::Nobody(_)))
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
    pub fn step(&mut self, event: CaseEvent, (case, history): (u32, &CaseHistory), app: AppThere, seed: Seed) -> Option<CaseNews> {
        let number = &history.number;
        match event {
            CaseEvent::Infected => Some(CaseNews::Infected),
            CaseEvent::Onset => Some(CaseNews::FellIll { stays_home: history.stays_home_from_onset }),
            CaseEvent::Tested => Some(CaseNews::Tested),
            CaseEvent::Result => Some(CaseNews::Positive { asks: number.asked.is_some() }),
            CaseEvent::NumberEntered => {
                let entered = self.numbers.get(&case).filter(|_| app == AppThere::Yes);
                entered.copied().map(CaseNews::NumberEntered)
            }
            _ if !history.is_for(app) => None,
            CaseEvent::Asked => Some(CaseNews::Asked),
            CaseEvent::NumberIssued => Some(match number.issued {
                Ok(issued_s) => {
                    self.numbers.insert(case, self.hersys.issue(issued_s, number.life_h, seed));
                    CaseNews::NumberIssued
                }
                Err(why) => CaseNews::NoNumber(why),
            }),
            CaseEvent::NumberDelivered => Some(match number.delivered {
                Ok(_) => CaseNews::NumberDelivered { enters: number.entered_s.is_some() },
                Err(why) => CaseNews::NoNumber(why),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::NumberWay;

    /// A case that asks in the fourth second; its number is issued in the fifth, arrives in the sixth and is entered in the seventh.
    fn history() -> CaseHistory {
        let number = NumberWay { asked: Some(Asked::ByThemselves(4)), issued: Ok(5), life_h: 1.0, delivered: Ok(6), entered_s: Some(7) };
        CaseHistory { infected_s: 0, onset_s: 1, tested_s: 2, result_s: 3, stays_home_from_onset: true, number }
    }

    fn news(history: &CaseHistory, app: AppThere) -> Vec<Option<CaseNews>> {
        let mut authority = Authority::default();
        history.events().map(|(_, event)| authority.step(event, (0, history), app, Seed(1))).collect()
    }

    #[test]
    fn a_case_goes_from_infection_to_its_number() {
        let all = news(&history(), AppThere::Yes);
        assert_eq!(
            all[..7],
            [
                Some(CaseNews::Infected),
                Some(CaseNews::FellIll { stays_home: true }),
                Some(CaseNews::Tested),
                Some(CaseNews::Positive { asks: true }),
                Some(CaseNews::Asked),
                Some(CaseNews::NumberIssued),
                Some(CaseNews::NumberDelivered { enters: true }),
            ]
        );
        assert!(matches!(all[7..], [Some(CaseNews::NumberEntered(_))]));
        let times: Vec<i64> = history().events().map(|(at_s, _)| at_s).collect();
        assert_eq!(times, [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    /// Whoever has no app is not asked; what goes to everybody goes to them too, and they do not enter it.
    #[test]
    fn a_number_goes_to_who_has_the_app_or_to_everybody() {
        let automatic = |asked| CaseHistory { number: NumberWay { asked: Some(asked), ..history().number }, ..history() };
        for app in [AppThere::Never, AppThere::NotYet] {
            assert_eq!(news(&history(), app)[4..], [None, None, None, None], "{app:?}");
            let all = news(&automatic(Asked::Nobody(4)), app);
            assert_eq!(all[5..], [Some(CaseNews::NumberIssued), Some(CaseNews::NumberDelivered { enters: true }), None], "{app:?}");
        }
    }

    #[test]
    fn a_number_that_does_not_come_is_lost_where_it_is() {
        let with = |number: NumberWay| news(&CaseHistory { number, ..history() }, AppThere::Yes);
        let number = history().number;
        assert_eq!(with(NumberWay { asked: None, ..number }).len(), 4, "nobody asks");
        let none = NumberWay { issued: Err(NoNumber::NoneIssued), delivered: Err(NoNumber::NoneIssued), entered_s: None, ..number };
        assert_eq!(with(none)[4..], [Some(CaseNews::Asked), Some(CaseNews::NoNumber(NoNumber::NoneIssued))]);
        let landline = NumberWay { delivered: Err(NoNumber::Landline), entered_s: None, ..number };
        assert_eq!(with(landline)[5..], [Some(CaseNews::NumberIssued), Some(CaseNews::NoNumber(NoNumber::Landline))]);
        let unwilling = with(NumberWay { entered_s: None, ..number });
        assert_eq!(unwilling[6..], [Some(CaseNews::NumberDelivered { enters: false })]);
    }
}
