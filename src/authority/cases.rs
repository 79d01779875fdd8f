//! The history of a case, a pure function of (scenario, seed, case).

use std::ops::RangeInclusive;

use rand::RngExt;

use crate::{
    history::{Setting, Timeline},
    random::{Keyed, Seed, Stream},
    time::{DAY_S, DayJst, DayUtc, UnixSeconds},
};

use super::{
    config::{AuthorityConfig, CaseConfig, Registers},
    governments,
};

/// When what happens to a case, Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CaseHistory {
    /// Infection.
    pub infected_s: i64,
    /// Symptoms begin.
    pub onset_s: i64,
    /// The sample is taken.
    pub tested_s: i64,
    /// The positive result is known.
    pub result_s: i64,
    /// Whether the person stays home from onset on (everybody does after the result).
    pub stays_home_from_onset: bool,
    /// How a number would come to the person, who has the app.
    pub number: NumberWay,
}

/// How a processing number comes to a case with the app.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NumberWay {
    /// Who asks for it; `None`: nobody does, and none is issued.
    pub asked: Option<Asked>,
    /// When HER-SYS issues it, Unix seconds; else why it does not.
    pub issued: Result<i64, NoNumber>,
    /// Hours for which it is valid.
    pub life_h: f64,
    /// When it arrives, Unix seconds; else why it does not.
    pub delivered: Result<i64, NoNumber>,
    /// When it is entered in the app, Unix seconds; `None` without the will to.
    pub entered_s: Option<i64>,
}

/// Who asks, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The health centre, when it tells the result.
    ByHealthCentre(i64),
    /// The person, later.
    ByThemselves(i64),
    /// Nobody needs to: every case gets a number when it is entered into HER-SYS.
    Nobody(i64),
}

impl Asked {
    /// When, Unix seconds.
    pub fn at_s(self) -> i64 {
        match self {
            Self::ByHealthCentre(at_s) | Self::ByThemselves(at_s) | Self::Nobody(at_s) => at_s,
        }
    }
}

/// Why no number comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum NoNumber {
    /// None were issued, for longer than people wait.
    NoneIssued,
    /// The person was deemed positive without a test.
    DeemedPositive,
    /// The telephone is a landline, and gets no SMS.
    Landline,
}

/// Onsets are put at 08:00 JST, results at 14:00 (assumption: it only decides which day plans change).
const ONSET_SECOND_OF_DAY: i64 = 8 * 3600;
const RESULT_SECOND_OF_DAY: i64 = 14 * 3600;
/// How long a message waits in a backlog, s: longer than the hour for which its number is valid (#711; by how much was not said: assumption).
const SMS_BACKLOG_S: i64 = 90 * 60;

impl CaseHistory {
    /// The history of the `index`-th case. `sms_backlog_s`: from when until when messages wait in a backlog, Unix seconds, if they do.
    pub fn draw(
        config: &AuthorityConfig,
        case: &CaseConfig,
        index: u32,
        first_day: DayJst,
        (timeline, sms_backlog_s): (&Timeline, Option<(i64, i64)>),
        seed: Seed,
    ) -> Self {
        let onset_day = first_day.plus_days(case.onset_day);
        let onset_s = onset_day.start().0 + ONSET_SECOND_OF_DAY;
        let mut rng = Keyed::new(seed, Stream::CaseHistory).rng(index, 0, 0);
        let delay = rng.gamma(config.onset_to_result_shape, config.onset_to_result_mean_days / config.onset_to_result_shape);
        let result_day = case.result_day.map_or(onset_day.plus_days(delay.round() as i32), |day| first_day.plus_days(day));
        let result_s = (result_day.start().0 + RESULT_SECOND_OF_DAY).max(onset_s);
        let mut rng = Keyed::new(seed, Stream::Registration).rng(index, 0, 0);
        let (wish, home) = (rng.random::<f64>(), rng.random::<f64>());
        let entry_h = rng.exponential(config.entry_delay_mean_h);
        let draws: [f64; 5] = std::array::from_fn(|_| rng.random::<f64>());
        let asks_h = rng.exponential(config.person_asks_after_mean_h);
        let enters = match case.registers {
            Registers::Yes => true,
            Registers::No => false,
            Registers::Draw => wish < config.enters_share,
        };
        let number = NumberDraws {
            is_certain: case.registers == Registers::Yes,
            government: draws[0],
            centre_asks: draws[1],
            person_asks: draws[2],
            deemed: draws[3],
            landline: draws[4],
            asks_s: seconds(asks_h),
            entry_s: enters.then_some(seconds(entry_h)),
        };
        Self {
            infected_s: onset_s - (config.incubation_days * DAY_S as f64) as i64,
            onset_s,
            tested_s: (result_s - (config.test_to_result_days * DAY_S as f64) as i64).max(onset_s),
            result_s,
            stays_home_from_onset: home < config.stays_home_from_onset_share,
            number: number.way(config, result_s, timeline, sms_backlog_s),
        }
    }
}

impl CaseHistory {
    /// The UTC days on which contacts of the case count: those with the numbers of the local days from so many before onset to the result, like
    /// the days of keys from release 1.2.1 on.
    pub fn counting_days(&self, days_before_onset: i32) -> RangeInclusive<DayUtc> {
        let of = |day: DayJst| day.utc_midnight().day_utc();
        of(UnixSeconds(self.onset_s).day_jst().plus_days(-days_before_onset))..=of(UnixSeconds(self.result_s).day_jst())
    }
}

fn seconds(hours: f64) -> i64 {
    (hours * 3600.0) as i64
}

/// What chance says of a case's number: draws from 0 to 1, and times.
struct NumberDraws {
    /// The scenario says that it is registered: it is asked for, and arrives.
    is_certain: bool,
    government: f64,
    centre_asks: f64,
    person_asks: f64,
    deemed: f64,
    landline: f64,
    /// After the result, the person asks.
    asks_s: i64,
    /// After it arrived, the number is entered.
    entry_s: Option<i64>,
}

impl NumberDraws {
    fn way(&self, config: &AuthorityConfig, result_s: i64, timeline: &Timeline, sms_backlog_s: Option<(i64, i64)>) -> NumberWay {
        let share = |setting: Setting| timeline.number(setting, result_s);
        // Entered when the test was arranged, a case is in HER-SYS before its result.
        let is_confirmed_first = timeline.name(Setting::EnteredAt, result_s) == "positive_confirmed";
        let known_s = if is_confirmed_first { result_s + seconds(config.entry_into_hersys_h) } else { result_s };
        let government = governments::draw(&config.governments, self.government);
        let in_hersys_s = governments::entered_s(&config.governments, government, known_s, seconds(config.proxy_entry_h));
        let asked = if timeline.name(Setting::Numbers, in_hersys_s) == "to_everybody" {
            Some(Asked::Nobody(in_hersys_s))
        } else if self.is_certain || self.centre_asks < share(Setting::HealthCentreAsksShare) {
            Some(Asked::ByHealthCentre(result_s))
        } else {
            (self.person_asks < share(Setting::PersonAsksShare)).then_some(Asked::ByThemselves(result_s + self.asks_s))
        };
        let asked_s = asked.map_or(in_hersys_s, Asked::at_s);
        let ready_s = asked_s.max(in_hersys_s) + seconds(config.number_issue_h);
        let issues_s = timeline.next_of(&["on_request", "to_everybody"], Setting::Numbers, ready_s);
        let waits_s = (config.waits_for_number_days * DAY_S as f64) as i64;
        let issued = match issues_s.filter(|at_s| at_s - ready_s <= waits_s) {
            _ if !self.is_certain && self.deemed < share(Setting::DeemedPositiveShare) => Err(NoNumber::DeemedPositive),
            None => Err(NoNumber::NoneIssued),
            Some(at_s) => Ok(at_s),
        };
        let delivered = match issued {
            Ok(_) if !self.is_certain && self.landline < config.landline_share => Err(NoNumber::Landline),
            Ok(at_s) => {
                let waits = sms_backlog_s.is_some_and(|(from_s, until_s)| (from_s..until_s).contains(&at_s));
                Ok(if waits { at_s + SMS_BACKLOG_S } else { at_s })
            }
            Err(why) => Err(why),
        };
        let life_h = issued.map_or(0.0, |at_s| timeline.number(Setting::NumberLifeH, at_s));
        let entered_s = delivered.ok().zip(self.entry_s).map(|(at_s, entry_s)| at_s + entry_s);
        NumberWay { asked, issued, life_h, delivered, entered_s }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{ChangeConfig, SettingValue, history};

    const HOUR_S: i64 = 3600;

    pub(in super::super) fn config() -> AuthorityConfig {
        AuthorityConfig {
            cases: Vec::new(),
            incidence: crate::authority::incidence::tests::config(),
            incubation_days: 5.0,
            onset_to_result_mean_days: 6.0,
            onset_to_result_shape: 4.0,
            test_to_result_days: 1.5,
            governments: Vec::new(),
            proxy_entry_h: 24.0,
            entry_into_hersys_h: 12.0,
            person_asks_after_mean_h: 24.0,
            number_issue_h: 1.0,
            waits_for_number_days: 7.0,
            landline_share: 0.0,
            entry_delay_mean_h: 6.0,
            enters_share: 0.6,
            after_warning: crate::authority::AfterWarningConfig {
                contacts_share: 0.0,
                form_share: 0.5,
                contacts_after_mean_h: 12.0,
                tested_after_mean_h: 48.0,
                detectable_after_days: 3.0,
            },
            stays_home_from_onset_share: 0.6,
            isolation_days: 10.0,
            infectious_days_before_onset: 2,
            guessing: Vec::new(),
        }
    }

    fn case(result_day: Option<i32>, registers: Registers) -> CaseConfig {
        CaseConfig { person: 3, has_app: false, onset_day: 4, result_day, registers }
    }

    fn timeline(own: &[(&str, SettingValue)]) -> Timeline {
        let always = |(setting, value): &(&str, SettingValue)| ChangeConfig {
            date: "always".into(),
            setting: (*setting).into(),
            value: value.clone(),
            source: String::new(),
        };
        Timeline::of(&history(), &own.iter().map(always).collect::<Vec<_>>())
    }

    fn draw(case: &CaseConfig, index: u32) -> CaseHistory {
        let first_day = DayJst::parse("2020-10-20").expect("a date");
        CaseHistory::draw(&config(), case, index, first_day, (&timeline(&[]), None), Seed(1))
    }

    fn day_s(day: &str, hour: i64) -> i64 {
        DayJst::parse(day).expect("a date").start().0 + hour * HOUR_S
    }

    /// Onset in the morning, when it is still the day before in UTC: the days are those of Japan's calendar.
    #[test]
    fn the_days_on_which_contacts_count_go_by_the_local_date() {
        let (onset, result) = (DayJst(18_510), DayJst(18_514));
        for (second, days) in [(0, 2), (8 * 3600, 2), (86_399, 0)] {
            let case = CaseHistory {
                infected_s: 0,
                onset_s: onset.start().0 + second,
                tested_s: 0,
                result_s: result.start().0 + second,
                stays_home_from_onset: false,
                number: NumberWay { asked: None, issued: Ok(0), life_h: 1.0, delivered: Ok(0), entered_s: None },
            };
            assert_eq!(case.counting_days(days), DayUtc(18_510 - days)..=DayUtc(18_514), "{second}");
        }
    }

    #[test]
    fn a_stated_case_happens_when_it_is_stated() {
        let history = draw(&case(Some(7), Registers::Yes), 0);
        assert_eq!(history.onset_s, day_s("2020-10-24", 8));
        assert_eq!(history.infected_s, history.onset_s - 5 * DAY_S);
        assert_eq!(history.result_s, day_s("2020-10-27", 14));
        assert_eq!(history.tested_s, history.result_s - 36 * HOUR_S);
        assert_eq!(history.number.asked, Some(Asked::ByHealthCentre(history.result_s)));
        assert_eq!(history.number.issued, Ok(history.result_s + 13 * HOUR_S), "12 hours to HER-SYS, one to the issue");
        assert!(history.number.entered_s.is_some_and(|t| t > history.result_s + 13 * HOUR_S));
        // Nobody is tested before falling ill.
        assert_eq!(draw(&case(Some(4), Registers::Yes), 0).tested_s, history.onset_s);
    }

    /// One in five is asked, one in ten of the others asks, and six in ten of those who get a number enter it.
    #[test]
    fn shares_and_delays_are_those_of_the_scenario() {
        let n = 4000;
        let all: Vec<CaseHistory> = (0..n).map(|i| draw(&case(None, Registers::Draw), i)).collect();
        let share = |is: &dyn Fn(&CaseHistory) -> bool| all.iter().filter(|h| is(h)).count() as f64 / f64::from(n);
        let mean = |of: &dyn Fn(&CaseHistory) -> Option<i64>| {
            let values: Vec<i64> = all.iter().filter_map(of).collect();
            values.iter().sum::<i64>() as f64 / values.len() as f64
        };
        // Four standard errors of 4000.
        let near = |share: f64, expected: f64| (share - expected).abs() < 4.0 * (expected * (1.0 - expected) / f64::from(n)).sqrt();
        let by_centre = |h: &CaseHistory| matches!(h.number.asked, Some(Asked::ByHealthCentre(_)));
        let by_themselves = |h: &CaseHistory| matches!(h.number.asked, Some(Asked::ByThemselves(_)));
        assert!(near(share(&by_centre), 0.2) && near(share(&by_themselves), 0.08));
        assert!(near(share(&|h| h.number.entered_s.is_some()), 0.6));
        assert!(near(share(&|h| h.stays_home_from_onset), 0.6));
        let days = mean(&|h| Some(h.result_s - h.onset_s - 6 * HOUR_S)) / DAY_S as f64;
        assert!((days - 6.0).abs() < 0.19, "{days}");
        let hours = |of: &dyn Fn(&CaseHistory) -> Option<i64>| mean(of) / HOUR_S as f64;
        let entry_h = hours(&|h| h.number.entered_s.zip(h.number.delivered.ok()).map(|(entered_s, at_s)| entered_s - at_s));
        // Four standard errors of the 2,400 who enter it, and of the 320 who ask.
        assert!((entry_h - 6.0).abs() < 0.5, "{entry_h}");
        let asks_h = hours(&|h| h.number.asked.filter(|_| by_themselves(h)).map(|asked| asked.at_s() - h.result_s));
        assert!((asks_h - 24.0).abs() < 5.4, "{asks_h}");
        assert!((0..9).all(|i| draw(&case(None, Registers::No), i).number.entered_s.is_none()));
        let certain = |i| draw(&case(None, Registers::Yes), i).number;
        assert!((0..9).all(|i| certain(i).asked.is_some() && certain(i).entered_s.is_some()));
    }

    /// A case whose draws are all 0.5 and who asks, if anybody does, three hours after the result; the number is entered half an hour after
    /// it came.
    fn way(result: (&str, i64), own: &[(&str, SettingValue)], config: &AuthorityConfig, backlog_s: Option<(i64, i64)>) -> NumberWay {
        let draws = NumberDraws {
            is_certain: false,
            government: 0.5,
            centre_asks: 0.5,
            person_asks: 0.5,
            deemed: 0.5,
            landline: 0.5,
            asks_s: 3 * HOUR_S,
            entry_s: Some(HOUR_S / 2),
        };
        draws.way(config, day_s(result.0, result.1), &timeline(own), backlog_s)
    }

    const ASKS: (&str, SettingValue) = ("hersys.person_asks_share", SettingValue::Number(1.0));
    const NOBODY_ASKS: (&str, SettingValue) = ("hersys.health_centre_asks_share", SettingValue::Number(0.0));

    /// Entered when the test was arranged, a number is there an hour after it is asked for; entered when positive, after 12 hours more. The
    /// notice is of 14 October 2020.
    #[test]
    fn entry_moved_from_the_test_to_the_result() {
        let asks = [ASKS, NOBODY_ASKS];
        let issued = |day: &str| way((day, 14), &asks, &config(), None).issued;
        assert_eq!(issued("2020-10-13"), Ok(day_s("2020-10-13", 18)));
        assert_eq!(issued("2020-10-14"), Ok(day_s("2020-10-15", 3)));
    }

    /// None before 3 July 2020 and none from the 11th to the 14th: what is ready waits, a week at most.
    #[test]
    fn numbers_wait_while_none_are_issued() {
        let asks = [ASKS, NOBODY_ASKS];
        let issued = |day: &str| way((day, 14), &asks, &config(), None).issued;
        assert_eq!(issued("2020-06-25"), Err(NoNumber::NoneIssued));
        assert_eq!(issued("2020-06-26"), Ok(day_s("2020-07-03", 0)));
        assert_eq!(issued("2020-07-12"), Ok(day_s("2020-07-15", 0)));
        assert_eq!(issued("2020-07-15"), Ok(day_s("2020-07-15", 18)));
    }

    #[test]
    fn who_is_not_asked_and_does_not_ask_gets_a_number_from_december_2021() {
        let nobody = [("hersys.person_asks_share", SettingValue::Number(0.0)), NOBODY_ASKS];
        for (day, to_everybody) in [("2021-11-29", false), ("2021-12-01", true)] {
            let way = way((day, 8), &nobody, &config(), None);
            assert_eq!(way.asked.is_some(), to_everybody, "{day}");
        }
        let automatic = way(("2021-12-01", 8), &[ASKS, NOBODY_ASKS], &config(), None);
        assert_eq!(automatic.asked, Some(Asked::Nobody(day_s("2021-12-01", 20))));
        assert_eq!(automatic.issued, Ok(day_s("2021-12-01", 21)), "nobody waits for the question");
    }

    /// The ministry enters by proxy a day later; a landline gets no message; whoever is deemed positive no number.
    #[test]
    fn numbers_are_lost_on_the_way() {
        let asks = [ASKS, NOBODY_ASKS];
        let government = |from: &str| super::super::GovernmentConfig { name: "x".into(), number: 1, from: from.into(), until: None };
        let late = AuthorityConfig { governments: vec![government("2020-09-10")], ..config() };
        assert_eq!(way(("2020-07-16", 14), &asks, &late, None).issued, Ok(day_s("2020-07-17", 15)));
        let landline = AuthorityConfig { landline_share: 0.51, ..config() };
        let lost = way(("2020-07-16", 14), &asks, &landline, None);
        assert_eq!((lost.issued, lost.delivered, lost.entered_s), (Ok(day_s("2020-07-16", 18)), Err(NoNumber::Landline), None));
        let deemed = [ASKS, ("hersys.deemed_positive_share", SettingValue::Number(0.51))];
        assert_eq!(way(("2022-02-16", 14), &deemed, &config(), None).issued, Err(NoNumber::DeemedPositive));
        assert!(way(("2022-02-16", 14), &[ASKS], &config(), None).issued.is_ok(), "one in ten is");
    }

    /// 14 January 2022: a message of 14:00 comes at 15:30, and its number, of one hour, is dead by then.
    #[test]
    fn a_backlog_of_messages_outlives_the_number() {
        let backlog_s = Some((day_s("2022-01-14", 11), day_s("2022-01-14", 15)));
        let of = |result_h: i64, backlog_s| way(("2022-01-14", result_h), &[], &config(), backlog_s);
        let late = of(1, backlog_s);
        assert_eq!((late.issued, late.delivered), (Ok(day_s("2022-01-14", 14)), Ok(day_s("2022-01-14", 14) + SMS_BACKLOG_S)));
        assert!(late.entered_s.is_some_and(|at_s| at_s > day_s("2022-01-14", 14) + seconds(late.life_h)));
        assert_eq!(of(1, None).delivered, Ok(day_s("2022-01-14", 14)));
        assert_eq!(of(2, backlog_s).delivered, Ok(day_s("2022-01-14", 15)), "the backlog is over");
    }

    #[test]
    fn a_number_lives_an_hour_and_from_february_2022_on_a_day() {
        let life = |day: &str| way((day, 1), &[ASKS], &config(), None).life_h;
        assert_eq!(["2020-07-16", "2022-01-30", "2022-02-01"].map(life), [1.0, 1.0, 24.0]);
    }
}
