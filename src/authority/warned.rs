//! What follows a warning: a call or the symptom form, a free test where there is one, and its result.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    history::{Setting, Timeline},
    time::DAY_S,
};

use super::cases::CaseHistory;

/// `[authority.after_warning]`: what people do who saw a contact on the app's screen. None of it was counted in a way that could be used.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AfterWarningConfig {
    /// Share of people warned who turn to the centre, by the symptom form or by calling.
    #[schemars(range(min = 0, max = 1))]
    pub contacts_share: f64,
    /// Share of these who fill in the form; the others call.
    #[schemars(range(min = 0, max = 1))]
    pub form_share: f64,
    /// Mean hours until then (exponential).
    #[schemars(range(min = 0, max = 720))]
    pub contacts_after_mean_h: f64,
    /// Mean hours from then to the test (exponential).
    #[schemars(range(min = 0, max = 720))]
    pub tested_after_mean_h: f64,
    /// Days after infection from which on a test finds it.
    #[schemars(range(min = 0, max = 30))]
    pub detectable_after_days: f64,
}

/// How somebody turns to the centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Turns {
    /// By the symptom form.
    Form,
    /// By calling.
    Call,
}

impl Turns {
    /// The name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Form => "symptom form",
            Self::Call => "call",
        }
    }
}

/// What a person does who saw a contact on the screen; moments in Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AfterWarning {
    /// When the person saw it.
    pub seen_s: i64,
    /// How and when the person turned to the centre; `None`: not at all.
    pub turned: Option<(Turns, i64)>,
    /// Whether a free test was offered.
    pub is_offered_test: bool,
    /// When it was taken; `None` if none was, or another one before it.
    pub tested_s: Option<i64>,
    /// When its result was known.
    pub result_s: Option<i64>,
    /// What it said.
    pub is_positive: Option<bool>,
    /// Seconds by which a positive result came earlier than the one that the person would have had without the app; `None`: it would have
    /// had none. The scenario's own date of that result stands: a warning does not move it.
    pub gained_s: Option<i64>,
}

/// What chance says of a person warned: draws from 0 to 1, and times.
#[derive(Clone, Copy, Debug)]
pub struct WarnedDraws {
    /// Whether to turn to the centre.
    pub turns: f64,
    /// How.
    pub form: f64,
    /// Whether a test is offered.
    pub offered: f64,
    /// Times until the contact and from it to the test, as multiples of their means.
    pub waits: [f64; 2],
}

impl AfterWarning {
    /// What follows when a person saw a contact. `case`: what happens to the person as a case of the scenario, if one.
    pub fn draw(
        config: &AfterWarningConfig,
        test_to_result_days: f64,
        (timeline, case): (&Timeline, Option<&CaseHistory>),
        seen_s: i64,
        draws: WarnedDraws,
    ) -> Self {
        let seconds = |hours: f64| (hours * 3600.0) as i64;
        let mut after =
            Self { seen_s, turned: None, is_offered_test: false, tested_s: None, result_s: None, is_positive: None, gained_s: None };
        if draws.turns >= config.contacts_share {
            return after;
        }
        let turned_s = seen_s + seconds(config.contacts_after_mean_h * draws.waits[0]);
        let how = if draws.form < config.form_share { Turns::Form } else { Turns::Call };
        after.turned = Some((how, turned_s));
        after.is_offered_test = draws.offered < timeline.number(Setting::FreeTestShare, turned_s);
        let tested_s = turned_s + seconds(config.tested_after_mean_h * draws.waits[1]);
        // Who is tested for another reason by then takes no second test.
        if !after.is_offered_test || case.is_some_and(|case| case.tested_s <= tested_s && case.infected_s <= tested_s) {
            return after;
        }
        let result_s = tested_s + (test_to_result_days * DAY_S as f64) as i64;
        let detectable_s = (config.detectable_after_days * DAY_S as f64) as i64;
        let finds = case.filter(|case| case.infected_s + detectable_s <= tested_s);
        after.tested_s = Some(tested_s);
        after.result_s = Some(result_s);
        after.is_positive = Some(finds.is_some());
        after.gained_s = finds.map(|case| case.result_s - result_s);
        after
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        authority::NumberWay,
        history::{history, moment_s},
    };

    const CONFIG: AfterWarningConfig = AfterWarningConfig {
        contacts_share: 0.5,
        form_share: 0.3,
        contacts_after_mean_h: 10.0,
        tested_after_mean_h: 20.0,
        detectable_after_days: 3.0,
    };
    const DRAWS: WarnedDraws = WarnedDraws { turns: 0.4, form: 0.2, offered: 0.5, waits: [1.0, 2.0] };
    const H: i64 = 3600;

    fn after(seen: &str, case: Option<&CaseHistory>, draws: WarnedDraws) -> (i64, AfterWarning) {
        let seen_s = moment_s(seen).expect("a moment");
        let timeline = Timeline::of(&history(), &[]);
        (seen_s, AfterWarning::draw(&CONFIG, 1.0, (&timeline, case), seen_s, draws))
    }

    fn case(infected_s: i64) -> CaseHistory {
        let number = NumberWay { asked: None, issued: Ok(0), life_h: 1.0, delivered: Ok(0), entered_s: None };
        let onset_s = infected_s + 5 * DAY_S;
        let (tested_s, result_s) = (onset_s + 5 * DAY_S, onset_s + 6 * DAY_S);
        CaseHistory { infected_s, onset_s, tested_s, result_s, stays_home_from_onset: false, number }
    }

    /// Free for everybody warned from 21 August 2020 on, counted when the person turns to the centre: ten hours after the warning.
    #[test]
    fn a_free_test_is_offered_to_everybody_from_21_august_2020() {
        for (seen, offered) in [("2020-08-20T13:59", false), ("2020-08-20T14:00", true)] {
            let (seen_s, after) = after(seen, None, DRAWS);
            assert_eq!(after.turned, Some((Turns::Form, seen_s + 10 * H)));
            assert_eq!((after.is_offered_test, after.tested_s), (offered, offered.then_some(seen_s + 50 * H)), "{seen}");
            assert_eq!((after.result_s, after.is_positive), (offered.then_some(seen_s + 74 * H), offered.then_some(false)));
        }
        assert!(after("2020-08-01", None, WarnedDraws { offered: 0.29, ..DRAWS }).1.is_offered_test, "by local choice, three in ten");
    }

    #[test]
    fn half_turn_to_the_centre_and_three_in_ten_of_them_by_the_form() {
        let how = |turns, form| after("2021-01-01", None, WarnedDraws { turns, form, ..DRAWS }).1.turned.map(|(how, _)| how);
        assert_eq!([how(0.49, 0.29), how(0.49, 0.3), how(0.5, 0.0)], [Some(Turns::Form), Some(Turns::Call), None]);
    }

    /// Infected 3 days before the test at 50 h: found, and known after 74 h; without the app after 11 days.
    #[test]
    fn a_positive_result_says_how_many_days_it_came_earlier() {
        let seen_s = moment_s("2021-01-10").expect("a moment");
        let tested_s = seen_s + 50 * H;
        let found = case(tested_s - 3 * DAY_S);
        let (_, result) = after("2021-01-10", Some(&found), DRAWS);
        assert_eq!((result.is_positive, result.gained_s), (Some(true), Some(11 * DAY_S - 3 * DAY_S - DAY_S)));
        let (_, early) = after("2021-01-10", Some(&case(tested_s - 3 * DAY_S + 1)), DRAWS);
        assert_eq!((early.is_positive, early.gained_s), (Some(false), None), "a second too early");
        let tested_already = case(tested_s - 10 * DAY_S);
        assert_eq!(after("2021-01-10", Some(&tested_already), DRAWS).1.tested_s, None);
    }
}
