//! `[server]` of the scenario file, and what is in force at a moment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    history::{Setting, Timeline},
    time::{DayJst, UnixSeconds},
};

/// The notification server. What changed over the years is in the timeline.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Days a key is kept and listed.
    #[schemars(range(min = 1, max = 60))]
    pub retention_days: i32,
}

/// What the server does at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Transmission risk level that keys get.
    pub key_level: i32,
    /// Whether the 14 days of a key's age are counted from the second of the upload, not from midnight (commits 6956fdac2 and 6b3ef7341;
    /// deployed when numbers were issued again, with release 1.1.2).
    pub counts_seconds: bool,
    /// Whether keys of less than a whole day are refused, and those of the future are not (until commit 274c568e3).
    pub takes_whole_keys_alone: bool,
    /// Whether HER-SYS answers.
    pub hersys_answers: bool,
    /// Whether the server is up.
    pub is_up: bool,
    /// Whether it has too much to do for this request.
    pub is_congested: bool,
    /// Whether anybody can register still.
    pub takes_registrations: bool,
}

/// Whether the server is up at a moment.
pub fn is_up(timeline: &Timeline, at_s: i64) -> bool {
    timeline.name(Setting::ServerState, at_s) == "up"
}

/// When the server is closed on a day, and all that it stored is deleted, Unix seconds.
pub fn closes_on(timeline: &Timeline, day: DayJst) -> Option<i64> {
    let closes = timeline.names(Setting::ServerState).filter(|(_, name)| *name == "closed");
    closes.map(|(at_s, _)| at_s).find(|at_s| (day.start().0..day.end().0).contains(at_s))
}

/// The transmission risk level that keys get at a moment.
pub fn key_level(timeline: &Timeline, at_s: i64) -> i32 {
    timeline.number(Setting::KeyLevel, at_s) as i32
}

/// When exports run on a day, Unix seconds.
pub fn exports_of(timeline: &Timeline, day: DayJst) -> impl Iterator<Item = i64> {
    let hours = (0..24).map(move |hour| day.start().0 + hour * 3600);
    // What falls into an outage is made up for by the next one.
    hours.filter(|at_s| is_up(timeline, *at_s)).filter(|at_s| {
        let utc_hour = (at_s - UnixSeconds(*at_s).day_utc().start().0) / 3600;
        timeline.numbers(Setting::ExportHoursUtc, *at_s).contains(&(utc_hour as f64))
    })
}

#[cfg(test)]
impl InForce {
    /// As it was in 2021, with nothing out of order.
    pub const NORMAL: Self = Self {
        key_level: 4,
        counts_seconds: false,
        takes_whole_keys_alone: false,
        hersys_answers: true,
        is_up: true,
        is_congested: false,
        takes_registrations: true,
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{ChangeConfig, SettingValue, history};

    fn own(date: &str, value: &str) -> ChangeConfig {
        let value = SettingValue::Text(value.into());
        ChangeConfig { date: date.into(), setting: "server.state".into(), value, source: String::new() }
    }

    /// Down from 00:00 to 04:00 JST: of exports at 00:00 and 04:00 the second is made.
    #[test]
    fn no_export_runs_while_the_server_is_down() {
        let timeline = Timeline::of(&history(), &[own("2022-05-01T23:59", "maintenance"), own("2022-05-02T04:00", "up")]);
        let day = DayJst::of((2022, 5, 2));
        let hours: Vec<i64> = exports_of(&timeline, day).map(|at_s| (at_s - day.start().0) / 3600).collect();
        assert_eq!(hours, [4, 8, 12, 16, 20]);
        assert!(!is_up(&timeline, day.start().0) && is_up(&timeline, day.start().0 + 4 * 3600));
    }

    /// The contract's last day.
    #[test]
    fn the_server_is_closed_once() {
        let timeline = Timeline::of(&history(), &[]);
        let (last, before) = (DayJst::of((2023, 3, 31)), DayJst::of((2023, 3, 30)));
        assert_eq!([before, last, last.next()].map(|day| closes_on(&timeline, day)), [None, Some(last.start().0), None]);
        assert!(is_up(&timeline, last.start().0 - 1) && !is_up(&timeline, last.start().0));
        assert_eq!((exports_of(&timeline, before).count(), exports_of(&timeline, last).count()), (5, 0));
    }

    /// Daily at 00:00 JST, six times from 8 April 2022 on, and from 6 June without 04:00 JST.
    #[test]
    fn exports_run_at_the_hours_of_their_time() {
        let timeline = Timeline::of(&history(), &[]);
        let hours = |date: &str| {
            let day = DayJst::parse(date).expect("a date");
            exports_of(&timeline, day).map(|at_s| (at_s - day.start().0) / 3600).collect::<Vec<_>>()
        };
        assert_eq!(hours("2020-10-06"), [0]);
        assert_eq!(hours("2022-04-07"), [0]);
        assert_eq!(hours("2022-04-08"), [0, 4, 8, 12, 16, 20]);
        assert_eq!(hours("2022-06-06"), [0, 8, 12, 16, 20]);
    }

    /// Level 4 from 00:00 JST of 18 February 2021 on.
    #[test]
    fn the_level_goes_by_the_date() {
        let timeline = Timeline::of(&history(), &[]);
        let midnight_s = DayJst::of((2021, 2, 18)).start().0;
        assert_eq!([midnight_s - 1, midnight_s].map(|at_s| key_level(&timeline, at_s)), [0, 4]);
    }
}
