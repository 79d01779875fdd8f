//! Changes of settings, and what is in force at a moment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    faults::{Faults, use_one_of},
    time::{DayJst, UnixSeconds},
};

use super::setting::{Described, SETTINGS, Setting, SettingValue, Takes};

/// What comes with the program.
const HISTORY: &str = include_str!("../../scenarios/system/history.toml");
/// Changes are dated within these days: from the opening of HER-SYS to the end of the server.
const FIRST_DAY: (i32, u32, u32) = (2020, 5, 29);
const LAST_DAY: (i32, u32, u32) = (2023, 3, 31);
/// In place of a date: the change is taken out of the history.
const NEVER: &str = "never";
/// In place of a date: the setting has this value all the time.
const ALWAYS: &str = "always";

/// A change of a setting, as files state it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeConfig {
    /// From when: a day (`YYYY-MM-DD`) or a moment (`YYYY-MM-DDThh:mm`), JST; "always", or "never".
    pub date: String,
    /// Which setting; see `cocoasim list timeline`.
    pub setting: String,
    /// What it is from then on. Changes of the history to the same value give way to this one.
    pub value: SettingValue,
    /// Where that is known from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

/// A change of a setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// From when, Unix seconds.
    pub from_s: i64,
    /// Which setting.
    pub setting: Setting,
    /// What it is from then on.
    pub value: SettingValue,
    /// Where that is known from; empty for a scenario's own.
    pub source: String,
}

#[derive(Deserialize)]
struct HistoryFile {
    timeline: Vec<ChangeConfig>,
}

/// The changes that come with the program, but for the releases, which are rows of their own table.
pub fn history() -> Vec<Change> {
    let file: HistoryFile = toml::from_str(HISTORY).expect("the history that comes with the program is TOML");
    let change = |config: ChangeConfig| {
        let setting = described(&config.setting).expect("the history names known settings").setting;
        let When::From(from_s) = when(&config.date).expect("the history has dates") else { panic!("the history has dates") };
        Change { from_s, setting, value: config.value, source: config.source }
    };
    file.timeline.into_iter().map(change).collect()
}

fn described(name: &str) -> Option<&'static Described> {
    SETTINGS.iter().find(|described| described.name == name)
}

/// Reads a day (its first second) or a moment, JST; Unix seconds.
pub fn moment_s(text: &str) -> Option<i64> {
    let (date, clock) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let mut parts = clock.split(':').map(|part| (part.len() == 2).then(|| part.parse::<i64>().ok()).flatten());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    let is_clock = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second) && parts.next().is_none();
    let day = DayJst::parse(date).filter(|_| is_clock)?;
    Some(day.start().0 + hour * 3600 + minute * 60 + second)
}

/// When a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    From(i64),
    Always,
    Never,
}

/// Reads the date of a change.
fn when(text: &str) -> Option<When> {
    match text {
        ALWAYS => Some(When::Always),
        NEVER => Some(When::Never),
        _ => moment_s(text).map(When::From),
    }
}

/// What is in force when.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// Of each setting its changes, in order of time.
    changes: Vec<Vec<(i64, SettingValue)>>,
}

impl Timeline {
    /// The history with a scenario's own changes, which have been checked.
    pub fn of(history: &[Change], own: &[ChangeConfig]) -> Self {
        let own: Vec<(Setting, When, &SettingValue)> =
            own.iter().filter_map(|change| Some((described(&change.setting)?.setting, when(&change.date)?, &change.value))).collect();
        // Back to a value after another one is no move of the change to it: an outage ends, and the time before it stays as it was. Names do
        // not come back: of releases, one moved over another moves none the less.
        let takes_names = |setting: Setting| SETTINGS[setting as usize].takes == Takes::Name;
        let is_back = |change: &Change, when: &When| {
            if takes_names(change.setting) {
                return false;
            }
            let other = |(setting, other, value): &(Setting, When, &SettingValue)| {
                let is_between = matches!((other, when), (When::From(t), When::From(at_s)) if (change.from_s..*at_s).contains(t));
                *setting == change.setting && **value != change.value && is_between
            };
            own.iter().any(other)
        };
        let gives_way = |change: &Change| {
            own.iter().any(|(setting, when, value)| {
                *setting == change.setting && (*when == When::Always || **value == change.value && !is_back(change, when))
            })
        };
        let kept = history.iter().filter(|change| !gives_way(change)).map(|change| (change.setting, change.from_s, &change.value));
        let added = own.iter().filter_map(|(setting, when, value)| match when {
            When::From(from_s) => Some((*setting, *from_s, *value)),
            When::Always => Some((*setting, i64::MIN, *value)),
            When::Never => None,
        });
        let mut changes = vec![Vec::new(); SETTINGS.len()];
        kept.chain(added).for_each(|(setting, from_s, value)| changes[setting as usize].push((from_s, value.clone())));
        // Stable: of two at one moment the scenario's own comes last, and holds.
        changes.iter_mut().for_each(|of_setting| of_setting.sort_by_key(|(from_s, _)| *from_s));
        Self { changes }
    }

    /// Finds what is wrong with a scenario's own changes.
    pub fn check(history: &[Change], own: &[ChangeConfig], faults: &mut Faults) {
        let before = faults.0.len();
        let (first, last) = (DayJst::of(FIRST_DAY), DayJst::of(LAST_DAY));
        for (i, change) in own.iter().enumerate() {
            let at = |key: &str| format!("timeline[{i}].{key}");
            match described(&change.setting) {
                None => {
                    let known = SETTINGS.iter().map(|described| described.name);
                    faults.push(at("setting"), "no setting of this name", use_one_of(&change.setting, known));
                }
                Some(described) => {
                    if let Some(remedy) = described.takes.fault(&change.value) {
                        faults.push(at("value"), format!("no value of {}", described.name), remedy);
                    }
                }
            }
            match when(&change.date) {
                None => faults.push(at("date"), "no date", "write YYYY-MM-DD, YYYY-MM-DDThh:mm (JST), \"always\" or \"never\""),
                Some(When::From(from_s)) if !(first..=last).contains(&UnixSeconds(from_s).day_jst()) => {
                    faults.push(at("date"), "outside the history", format!("use a day from {first} to {last}"));
                }
                Some(_) => {}
            }
            let is_there = |known: &Change| known.setting.name() == change.setting && known.value == change.value;
            if change.date == NEVER && !history.iter().any(is_there) {
                faults.push(format!("timeline[{i}]"), "the history has no such change to take out", "see `cocoasim list timeline`");
            }
            let contradicts = |other: &&ChangeConfig| {
                other.setting == change.setting
                    && (other.date == change.date && other.date != NEVER
                        || other.value == change.value && (other.date == NEVER) != (change.date == NEVER)
                        || [&other.date, &change.date].contains(&&ALWAYS.to_string()))
            };
            if let Some(other) = own[..i].iter().position(|other| contradicts(&other)) {
                faults.push(format!("timeline[{i}]"), format!("contradicts timeline[{other}]"), "state one of the two");
            }
        }
        if faults.0.len() > before {
            return;
        }
        let timeline = Self::of(history, own);
        for (described, _) in SETTINGS.iter().zip(&timeline.changes).filter(|(_, changes)| changes.is_empty()) {
            if let Some(i) = own.iter().rposition(|change| change.setting == described.name) {
                faults.push(format!("timeline[{i}]"), format!("leaves no value of {}", described.name), "keep or state one");
            }
        }
    }

    /// The value of a setting at a moment: that of its last change, or of its first where there is none yet.
    fn at(&self, setting: Setting, at_s: i64) -> Option<&SettingValue> {
        let changes = self.changes.get(setting as usize)?;
        let past = changes.partition_point(|(from_s, _)| *from_s <= at_s);
        changes.get(past.saturating_sub(1)).map(|(_, value)| value)
    }

    /// A number at a moment; 0 where none is stated.
    pub fn number(&self, setting: Setting, at_s: i64) -> f64 {
        if let Some(SettingValue::Number(number)) = self.at(setting, at_s) { *number } else { 0.0 }
    }

    /// Yes or no at a moment.
    pub fn flag(&self, setting: Setting, at_s: i64) -> bool {
        self.at(setting, at_s) == Some(&SettingValue::Flag(true))
    }

    /// A name at a moment.
    pub fn name(&self, setting: Setting, at_s: i64) -> &str {
        if let Some(SettingValue::Text(name)) = self.at(setting, at_s) { name } else { "" }
    }

    /// Several numbers at a moment.
    pub fn numbers(&self, setting: Setting, at_s: i64) -> &[f64] {
        if let Some(SettingValue::Numbers(numbers)) = self.at(setting, at_s) { numbers } else { &[] }
    }

    /// Whether a setting keeps its value from one moment to before another.
    pub fn is_constant(&self, setting: Setting, (from_s, until_s): (i64, i64)) -> bool {
        let changes = self.changes.get(setting as usize).into_iter().flatten();
        // Before its first change a setting has the value of that.
        changes.skip(1).all(|(at_s, _)| !(from_s + 1..until_s).contains(at_s))
    }

    /// When and to which names a setting changes, in order of time, Unix seconds.
    pub fn names(&self, setting: Setting) -> impl Iterator<Item = (i64, &str)> {
        self.changes.get(setting as usize).into_iter().flatten().filter_map(|(from_s, value)| match value {
            SettingValue::Text(name) => Some((*from_s, name.as_str())),
            _ => None,
        })
    }

    /// All settings with their values, each from when until when it holds, Unix seconds. A setting's first value also holds before it.
    pub fn spans(&self) -> impl Iterator<Item = (Setting, &SettingValue, (i64, i64))> {
        SETTINGS.iter().zip(&self.changes).flat_map(|(described, changes)| {
            let until_s = changes.iter().skip(1).map(|(from_s, _)| *from_s).chain([i64::MAX]);
            let from_s = |k: usize, at_s: i64| if k == 0 { i64::MIN } else { at_s };
            let spans = changes.iter().zip(until_s).enumerate();
            spans.map(move |(k, ((at_s, value), until_s))| (described.setting, value, (from_s(k, *at_s), until_s)))
        })
    }

    /// The first moment from `from_s` on at which a setting has one of these names; `None` if that never comes.
    pub fn next_of(&self, names: &[&str], setting: Setting, from_s: i64) -> Option<i64> {
        if names.contains(&self.name(setting, from_s)) {
            return Some(from_s);
        }
        self.names(setting).find(|(at_s, name)| *at_s > from_s && names.contains(name)).map(|(at_s, _)| at_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(date: &str, setting: &str, value: SettingValue) -> ChangeConfig {
        ChangeConfig { date: date.into(), setting: setting.into(), value, source: String::new() }
    }

    fn level(date: &str, value: f64) -> ChangeConfig {
        change(date, "server.key_level", SettingValue::Number(value))
    }

    fn level_at(own: &[ChangeConfig], moment: &str) -> f64 {
        let Some(When::From(at_s)) = when(moment) else { panic!("no moment") };
        Timeline::of(&history(), own).number(Setting::KeyLevel, at_s)
    }

    /// Level 0 until 18 February 2021, then 4; before the first change the first value holds.
    #[test]
    fn a_setting_has_the_value_of_its_last_change() {
        assert_eq!(["2019-01-01", "2021-02-17T23:59", "2021-02-18", "2023-01-01"].map(|at| level_at(&[], at)), [0.0, 0.0, 4.0, 4.0]);
    }

    #[test]
    fn a_scenario_moves_takes_out_and_adds_changes() {
        assert_eq!(["2020-11-30", "2020-12-01"].map(|at| level_at(&[level("2020-12-01", 4.0)], at)), [0.0, 4.0], "moved");
        assert_eq!(level_at(&[level("never", 4.0)], "2022-01-01"), 0.0, "taken out");
        let added = [level("2020-08-01T12:30", 1.0)];
        assert_eq!(["2020-08-01T12:29", "2020-08-01T12:30", "2021-02-18"].map(|at| level_at(&added, at)), [0.0, 1.0, 4.0], "added");
        assert_eq!(["2019-01-01", "2022-01-01"].map(|at| level_at(&[level("always", 7.0)], at)), [7.0, 7.0], "for good");
        assert_eq!(level_at(&[level("2020-06-19", 2.0)], "2020-07-01"), 2.0, "of two at one moment the scenario's holds");
    }

    /// An outage on an evening: before it and after it the server is up.
    #[test]
    fn a_change_back_leaves_the_time_before() {
        let of = |date: &str, value: &str| change(date, "server.state", SettingValue::Text(value.into()));
        let timeline = Timeline::of(&history(), &[of("2020-12-24T18:00", "down"), of("2020-12-25T06:00", "up")]);
        let state = |moment: &str| timeline.name(Setting::ServerState, moment_s(moment).unwrap_or(0)).to_owned();
        let moments = ["2020-07-01", "2020-12-24T17:59", "2020-12-24T18:00", "2020-12-25T05:59", "2020-12-25T06:00", "2023-03-31"];
        assert_eq!(moments.map(state), ["up", "up", "down", "down", "up", "closed"]);
    }

    /// Numbers are suspended from 11 to 14 July 2020: what was to be issued then waits.
    #[test]
    fn it_is_known_when_a_setting_has_a_name() {
        let timeline = Timeline::of(&history(), &[]);
        let at_s = |moment: &str| if let Some(When::From(at_s)) = when(moment) { at_s } else { 0 };
        let issued = |moment: &str| timeline.next_of(&["on_request", "to_everybody"], Setting::Numbers, at_s(moment));
        assert_eq!(issued("2020-06-20"), Some(at_s("2020-07-03")));
        assert_eq!(issued("2020-07-10T23:00"), Some(at_s("2020-07-10T23:00")));
        assert_eq!(issued("2020-07-11"), Some(at_s("2020-07-15")));
        let without = Timeline::of(&[], &[change("always", "hersys.numbers", SettingValue::Text("none".into()))]);
        assert_eq!(without.next_of(&["on_request"], Setting::Numbers, 0), None);
    }

    #[test]
    fn it_is_known_whether_a_setting_changes_within_a_stretch() {
        let timeline = Timeline::of(&history(), &[]);
        let change_s = DayJst::of((2021, 2, 18)).start().0;
        let is_constant = |from_s: i64, until_s: i64| timeline.is_constant(Setting::KeyLevel, (from_s, until_s));
        assert!(is_constant(change_s - 9, change_s) && is_constant(change_s, change_s + 9) && !is_constant(change_s - 1, change_s + 1));
        assert!(is_constant(0, change_s), "the first change changes nothing");
    }

    /// Levels 0 and 4 follow each other without a gap, from ever to ever.
    #[test]
    fn spans_of_a_setting_follow_each_other() {
        let timeline = Timeline::of(&history(), &[]);
        let of = |wanted: Setting| timeline.spans().filter(|(setting, ..)| *setting == wanted).collect::<Vec<_>>();
        let change_s = DayJst::of((2021, 2, 18)).start().0;
        let level = |value: f64| SettingValue::Number(value);
        assert_eq!(
            of(Setting::KeyLevel),
            [(Setting::KeyLevel, &level(0.0), (i64::MIN, change_s)), (Setting::KeyLevel, &level(4.0), (change_s, i64::MAX))]
        );
        assert_eq!(of(Setting::Numbers).len(), 5);
    }

    #[test]
    fn dates_are_days_or_moments_of_japan() {
        let midnight_s = DayJst::of((2022, 1, 14)).start().0;
        assert_eq!(when("2022-01-14"), Some(When::From(midnight_s)));
        for same in ["2022-01-14T11:44", "2022-01-14 11:44", "2022-01-14T11:44:00"] {
            assert_eq!(when(same), Some(When::From(midnight_s + 11 * 3600 + 44 * 60)), "{same}");
        }
        for wrong in ["2022-02-30", "2022-01-14T24:00", "2022-01-14T11", "2022-01-14T11:44:00:00", "soon", ""] {
            assert_eq!(when(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_fault_of_a_timeline_is_told() {
        let own = [
            change("2021-01-01", "server.key_levle", SettingValue::Number(4.0)),
            level("2021-01-01", 9.0),
            level("2031-01-01", 3.0),
            level("soon", 2.0),
            level("2021-01-01", 1.0),
            level("always", 5.0),
            level("never", 3.0),
        ];
        let mut faults = Faults::default();
        Timeline::check(&history(), &own, &mut faults);
        let told: Vec<String> = faults.0.iter().map(|f| format!("{}: {}; {}", f.path, f.problem, f.remedy)).collect();
        for said in [
            "timeline[0].setting: no setting of this name; did you mean server.key_level?",
            "timeline[1].value: no value of server.key_level; use a whole number from 0 to 7",
            "timeline[2].date: outside the history; use a day from 2020-05-29 to 2023-03-31",
            "timeline[3].date: no date;",
            "timeline[4]: contradicts timeline[1]",
            "timeline[5]: contradicts timeline[1]",
            "timeline[6]: the history has no such change to take out",
            "timeline[6]: contradicts timeline[2]",
        ] {
            assert!(told.iter().any(|line| line.starts_with(said)), "{said}\n{told:#?}");
        }
        assert_eq!(told.len(), 8, "{told:#?}");
        let none_left = [level("never", 0.0), level("never", 4.0)];
        let mut faults = Faults::default();
        Timeline::check(&history(), &none_left, &mut faults);
        assert_eq!(
            faults.0.iter().map(|f| (f.path.as_str(), f.problem.as_str())).collect::<Vec<_>>(),
            [("timeline[1]", "leaves no value of server.key_level")]
        );
    }

    /// Each change that comes with the program has a source and a value that its setting takes, and each setting but the releases has one.
    #[test]
    fn the_history_that_comes_with_the_program_can_be() {
        let history = history();
        for change in &history {
            let described = SETTINGS.iter().find(|described| described.setting == change.setting).expect("a setting");
            assert_eq!(described.takes.fault(&change.value), None, "{change:?}");
            assert!(!change.source.is_empty(), "{change:?}");
        }
        let is_there = |described: &&Described| history.iter().any(|change| change.setting == described.setting);
        let without: Vec<&str> = SETTINGS.iter().filter(|described| !is_there(described)).map(|described| described.name).collect();
        assert_eq!(without, ["app.release.ios", "app.release.android"]);
    }
}
