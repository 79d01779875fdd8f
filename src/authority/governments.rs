//! Health-centre governments: which of them entered their cases into HER-SYS themselves, and from when on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    faults::Faults,
    time::{DAY_S, DayJst, UnixSeconds},
};

/// A government with health centres, or several that are alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GovernmentConfig {
    /// Its name.
    pub name: String,
    /// How many they are: a case belongs to one of all, each as likely as the next.
    #[schemars(range(min = 1, max = 10000))]
    pub number: u32,
    /// First day on which it enters its cases itself. Before, the ministry does by proxy, but not at weekends.
    pub from: String,
    /// The day after the last; left out: to the end. A government that stopped and began again has a row for each stretch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl GovernmentConfig {
    /// From when until when, Unix seconds; `None` if a date is none (reported by [`check`]).
    fn span_s(&self) -> Option<(i64, i64)> {
        let day_s = |text: &str| DayJst::parse(text).map(|day| day.start().0);
        let until_s = self.until.as_deref().map_or(Some(i64::MAX), day_s)?;
        Some((day_s(&self.from)?, until_s))
    }
}

/// Finds what is wrong with a table of governments.
pub(super) fn check(governments: &[GovernmentConfig], faults: &mut Faults) {
    for (i, government) in governments.iter().enumerate() {
        let path = format!("authority.governments[{i}]");
        let Some((from_s, until_s)) = government.span_s() else {
            for (key, date) in [("from", Some(&government.from)), ("until", government.until.as_ref())] {
                if date.is_some_and(|date| DayJst::parse(date).is_none()) {
                    faults.push(format!("{path}.{key}"), "not a date of the calendar", "write YYYY-MM-DD, as in \"2020-07-03\"");
                }
            }
            continue;
        };
        if until_s <= from_s {
            faults.push(format!("{path}.until"), "not after from", "give a later day, or leave it out");
        }
        for (k, other) in governments[..i].iter().enumerate().filter(|(_, other)| other.name == government.name) {
            let overlaps = other.span_s().is_some_and(|(a_s, b_s)| a_s < until_s && from_s < b_s);
            if overlaps {
                let problem = format!("overlaps authority.governments[{k}], which is of the same government");
                faults.push(format!("{path}.from"), problem, "give one of the two other dates, or another name");
            }
            if other.number != government.number {
                faults.push(
                    format!("{path}.number"),
                    format!("not the number of authority.governments[{k}]"),
                    format!("use {}", other.number),
                );
            }
        }
    }
}

/// The government of a case, by a draw from 0 to 1, as an index of its first row; `None` where no government is stated: all enter their
/// cases themselves.
pub(super) fn draw(governments: &[GovernmentConfig], draw: f64) -> Option<usize> {
    let is_first = |i: usize| governments[..i].iter().all(|other| other.name != governments[i].name);
    let firsts = || (0..governments.len()).filter(|i| is_first(*i));
    let all: u32 = firsts().map(|i| governments[i].number).sum();
    let mut left = draw * f64::from(all);
    firsts().find(|i| {
        left -= f64::from(governments[*i].number);
        left < 0.0
    })
}

/// When a case is in HER-SYS that a government has known since a moment: at once if it enters cases itself, else when the ministry has
/// entered it, `proxy_s` later and on a weekday.
pub(super) fn entered_s(governments: &[GovernmentConfig], government: Option<usize>, known_s: i64, proxy_s: i64) -> i64 {
    let Some(name) = government.map(|i| &governments[i].name) else { return known_s };
    let rows = governments.iter().filter(|row| row.name == *name);
    let own = rows.filter_map(GovernmentConfig::span_s).any(|(from_s, until_s)| (from_s..until_s).contains(&known_s));
    if own { known_s } else { weekday_s(known_s + proxy_s) }
}

/// The moment itself, or the same hour of the next Monday.
fn weekday_s(at_s: i64) -> i64 {
    let is_weekday = |at_s: &i64| UnixSeconds(*at_s).day_jst().is_weekday();
    (0..3).map(|days| at_s + days * DAY_S).find(is_weekday).unwrap_or(at_s)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn government(name: &str, number: u32, from: &str, until: Option<&str>) -> GovernmentConfig {
        GovernmentConfig { name: name.into(), number, from: from.into(), until: until.map(String::from) }
    }

    fn at_s(day: &str, hour: i64) -> i64 {
        DayJst::parse(day).expect("a date").start().0 + hour * 3600
    }

    /// Three in four are on HER-SYS from 3 July 2020 on, one from 10 September on.
    #[test]
    fn cases_belong_to_governments_by_their_number() {
        let table = [government("first", 3, "2020-07-03", None), government("late", 1, "2020-09-10", None)];
        assert_eq!([0.0, 0.74, 0.75, 0.999].map(|x| draw(&table, x)), [Some(0), Some(0), Some(1), Some(1)]);
        let again = [table[1].clone(), government("late", 1, "2020-07-03", Some("2020-08-01")), table[0].clone()];
        assert_eq!([0.2, 0.3].map(|x| draw(&again, x)), [Some(0), Some(2)], "one government counts once, whatever its rows");
        assert_eq!(draw(&[], 0.5), None);
    }

    /// Friday, 17 July 2020: by proxy, a day later, is Saturday, so Monday.
    #[test]
    fn the_ministry_enters_by_proxy_and_not_at_weekends() {
        let table = [government("first", 1, "2020-07-03", None), government("late", 1, "2020-09-10", None)];
        let entered = |of: Option<usize>, known_s: i64| entered_s(&table, of, known_s, DAY_S);
        let friday_s = at_s("2020-07-17", 15);
        assert_eq!(entered(Some(0), friday_s), friday_s);
        assert_eq!(entered(Some(1), friday_s), at_s("2020-07-20", 15));
        assert_eq!(entered(Some(1), friday_s - DAY_S), friday_s);
        assert_eq!(entered(Some(1), at_s("2020-09-10", 0) - 1), at_s("2020-09-11", 0) - 1, "a second before it enters its own");
        assert_eq!(entered(Some(1), at_s("2020-09-10", 0)), at_s("2020-09-10", 0));
        assert_eq!(entered(None, friday_s), friday_s);
        let stretches = [government("x", 1, "2020-07-03", Some("2020-07-10")), government("x", 1, "2020-07-20", None)];
        let own = ["2020-07-09", "2020-07-13", "2020-07-21"].map(|day| entered_s(&stretches, Some(0), at_s(day, 9), 60) == at_s(day, 9));
        assert_eq!(own, [true, false, true]);
    }

    #[test]
    fn overlapping_dates_and_other_faults_are_told() {
        let table = [
            government("x", 2, "2020-07-03", Some("2020-08-01")),
            government("x", 2, "2020-07-31", None),
            government("x", 3, "2020-06-01", Some("2020-06-02")),
            government("y", 1, "2020-13-01", Some("soon")),
            government("z", 1, "2020-07-03", Some("2020-07-03")),
            government("w", 1, "2020-07-03", Some("2020-08-01")),
            government("w", 1, "2020-08-01", None),
        ];
        let mut faults = Faults::default();
        check(&table, &mut faults);
        let paths: Vec<&str> = faults.0.iter().map(|f| f.path.trim_start_matches("authority.governments")).collect();
        assert_eq!(paths, ["[1].from", "[2].number", "[2].number", "[3].from", "[3].until", "[4].until"]);
    }
}
