//! COCOA's releases: when they came out and what in them decides what a user is shown.
//!
//! Sources: tags of the public repository cocoa-mhlw/cocoa and the ministry's announcements (its slides of 2020-09-17 for
//! 1.0.0 to 1.1.3). iOS dates that were not announced are taken as the Android (or tag) date; version 1.3.0 was never
//! tagged, it shipped as 1.4.0.

use crate::{
    faults::{Faults, use_one_of},
    history::{Change, ChangeConfig, Setting, SettingValue, Timeline, history},
    server::Api,
    time::{DayJst, UnixSeconds},
};

/// The configuration family of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// 1.0.0 to 1.1.2.
    First,
    /// 1.1.3, with the configuration embedded in it.
    Second,
    /// 1.1.3, with one that the server is assumed to have served.
    SecondServed,
    /// 1.1.4 to 1.4.1.
    Third,
    /// 2.0.0 on: exposure windows.
    Windows,
}

/// What an app of version 1 asks before it asks the system for exposures, and of those it shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gate {
    /// Until 1.1.3: any match. It shows whatever the system returns: an iPhone exposures that reach the minimum score, Android
    /// all (xamarin/XamarinComponents#1039).
    AnyMatch,
    /// 1.1.4 to 1.2.1: the highest score of the check reaches the minimum. It still shows whatever the system returns.
    OfTheCheck,
    /// From 1.2.2 on: that, and each exposure shown reaches it too.
    #[default]
    OfEachExposure,
}

/// One release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    /// Version.
    pub name: &'static str,
    /// First day on iPhones, as year, month, day.
    pub ios: (i32, u32, u32),
    /// First day on Android phones.
    pub android: (i32, u32, u32),
    /// Which released configuration it carries.
    pub family: Family,
    /// Days from the oldest key it uploads to the registration, UTC: 14 are all past days that the system hands out; 13 are
    /// those that start after 00:00 UTC of 14 days ago (commit 786a5f5c9).
    pub uploads_days: i32,
    /// Days before onset, by the local date, of the oldest key it uploads (`DaysToSendTek`); `None`: that plays no part.
    pub uploads_days_before_onset: Option<i32>,
    /// Hours between two checks in the background on Android (WorkManager's period).
    pub checks_every_h_android: u32,
    /// Whether it writes COCOA's operation log.
    pub writes_log: bool,
    /// The interface that it registers with.
    pub api: Api,
    /// What is notable about it, for `cocoasim list releases`.
    pub note: &'static str,
}

/// All modelled releases, oldest first.
pub const RELEASES: &[Release] = &[
    Release {
        name: "1.0.0",
        ios: (2020, 6, 19),
        android: (2020, 6, 19),
        family: Family::First,
        uploads_days: 14,
        uploads_days_before_onset: None,
        checks_every_h_android: 6,
        writes_log: false,
        api: Api::V1,
        note: "every match is shown; says \"done\" whatever the server answers",
    },
    Release {
        name: "1.1.1",
        ios: (2020, 6, 30),
        android: (2020, 7, 1),
        family: Family::First,
        uploads_days: 14,
        uploads_days_before_onset: None,
        checks_every_h_android: 6,
        writes_log: false,
        api: Api::V1,
        note: "refuses the whole registration when a key is 14 days old, as the server does until 2020-07-15",
    },
    Release {
        name: "1.1.2",
        ios: (2020, 7, 13),
        android: (2020, 7, 14),
        family: Family::First,
        uploads_days: 13,
        uploads_days_before_onset: None,
        checks_every_h_android: 6,
        writes_log: false,
        api: Api::V1,
        note: "uploads the keys of 13 past days, so registration works; every match is shown",
    },
    Release {
        name: "1.1.3",
        ios: (2020, 9, 8),
        android: (2020, 9, 9),
        family: Family::Second,
        uploads_days: 13,
        uploads_days_before_onset: None,
        checks_every_h_android: 6,
        writes_log: false,
        api: Api::V1,
        note: "iOS: up to 33 dB for more than 15 minutes, but a system notification on any match; Android shows every match",
    },
    Release {
        name: "1.1.4",
        // Out by 17:00 of that day; which day between the 18th and the 25th is not known.
        ios: (2020, 9, 25),
        android: (2020, 9, 28),
        family: Family::Third,
        uploads_days: 13,
        uploads_days_before_onset: None,
        checks_every_h_android: 6,
        writes_log: false,
        api: Api::V1,
        note: "up to 63 dB for more than 15 minutes; with key level 0 Android never notifies",
    },
    Release {
        name: "1.2.0",
        // The day of its tag; when it came out is not known.
        ios: (2020, 12, 2),
        android: (2020, 12, 2),
        family: Family::Third,
        uploads_days: 13,
        uploads_days_before_onset: None,
        checks_every_h_android: 6,
        writes_log: true,
        api: Api::V1,
        note: "asks to agree again when the terms or the policy have changed; writes the operation log",
    },
    Release {
        name: "1.2.1",
        ios: (2020, 12, 15),
        android: (2020, 12, 15),
        family: Family::Third,
        uploads_days: 14,
        uploads_days_before_onset: Some(3),
        checks_every_h_android: 6,
        writes_log: true,
        api: Api::V1,
        note: "uploads keys from three days before onset",
    },
    Release {
        name: "1.2.2",
        ios: (2021, 2, 18),
        android: (2021, 2, 18),
        family: Family::Third,
        uploads_days: 14,
        uploads_days_before_onset: Some(3),
        checks_every_h_android: 6,
        writes_log: true,
        api: Api::V2,
        note: "shows only exposures that meet the rule themselves",
    },
    Release {
        name: "1.2.3",
        ios: (2021, 4, 20),
        android: (2021, 4, 20),
        family: Family::Third,
        uploads_days: 14,
        uploads_days_before_onset: Some(3),
        checks_every_h_android: 6,
        writes_log: true,
        api: Api::V2,
        note: "a check that the framework refuses is made up for",
    },
    Release {
        name: "1.2.6",
        // The day of its tag; when it came out is not known.
        ios: (2021, 9, 8),
        android: (2021, 9, 8),
        family: Family::Third,
        uploads_days: 14,
        uploads_days_before_onset: Some(3),
        checks_every_h_android: 6,
        writes_log: true,
        api: Api::V2,
        note: "no longer counts contacts of more than 15 days ago on its screen (so since 1.2.4, whose day is not known)",
    },
    Release {
        name: "1.4.0",
        ios: (2021, 11, 25),
        android: (2021, 11, 25),
        family: Family::Third,
        uploads_days: 14,
        uploads_days_before_onset: Some(3),
        checks_every_h_android: 6,
        writes_log: true,
        api: Api::V2,
        note: "cannot start on phones that installed the app before 1.2.0",
    },
    Release {
        name: "1.4.1",
        ios: (2021, 11, 26),
        android: (2021, 11, 27),
        family: Family::Third,
        uploads_days: 14,
        uploads_days_before_onset: Some(3),
        checks_every_h_android: 6,
        writes_log: true,
        api: Api::V2,
        note: "decides as 1.2.3",
    },
    Release {
        name: "2.0.0",
        ios: (2022, 4, 7),
        android: (2022, 4, 7),
        family: Family::Windows,
        uploads_days: 14,
        uploads_days_before_onset: Some(3),
        checks_every_h_android: 4,
        writes_log: true,
        api: Api::V2,
        note: "exposure windows: weighted score of 1350 and 900 s in a day",
    },
    Release {
        name: "2.0.1",
        // The day of its tag; when it came out is not known.
        ios: (2022, 6, 6),
        android: (2022, 6, 6),
        family: Family::Windows,
        uploads_days: 14,
        uploads_days_before_onset: Some(3),
        checks_every_h_android: 4,
        writes_log: true,
        api: Api::V2,
        note: "decides as 2.0.0; exports what it holds as exposure_data.json",
    },
];

/// A version of a phone's system, its first two numbers.
pub type SystemVersion = (u8, u8);

/// The oldest systems on which releases run, from a release on (the repository's project files; the ministry's page for 2.0.0).
const NEEDS: &[(&str, SystemVersion, SystemVersion)] = &[("1.0.0", (13, 5), (6, 0)), ("2.0.0", (13, 7), (6, 0))];
/// From this release on an app whose terms or policy changed does not go on until its user agrees again.
const ASKS_AGAIN_FROM: &str = "1.2.0";

/// The numbers of a release's name.
fn numbers(name: &str) -> Vec<u32> {
    name.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

impl Release {
    /// Whether it is a release of this name or a later one.
    fn is_from(&self, name: &str) -> bool {
        numbers(self.name) >= numbers(name)
    }

    /// The oldest system on which it runs.
    pub fn needs(&self, ios: bool) -> SystemVersion {
        let row = NEEDS.iter().rev().find(|(from, ..)| self.is_from(from));
        row.map_or((0, 0), |(_, of_ios, of_android)| if ios { *of_ios } else { *of_android })
    }

    /// Whether it asks its user to agree again when the terms or the policy have changed.
    pub fn asks_again(&self) -> bool {
        self.is_from(ASKS_AGAIN_FROM)
    }
}

/// All changes that come with the program: of settings, and the releases.
pub fn whole_history() -> Vec<Change> {
    history().into_iter().chain(release_changes()).collect()
}

/// The releases as changes of the timeline.
fn release_changes() -> impl Iterator<Item = Change> {
    let change = |release: &Release, ios: bool| Change {
        from_s: release.first_day(ios).start().0,
        setting: release_setting(ios),
        value: SettingValue::Text(release.name.into()),
        source: format!("release {}", release.name),
    };
    RELEASES.iter().flat_map(move |release| [true, false].map(|ios| change(release, ios)))
}

fn release_setting(ios: bool) -> Setting {
    if ios { Setting::ReleaseIos } else { Setting::ReleaseAndroid }
}

/// When each release came out in a scenario, oldest first, on iPhones and on Android phones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseDates {
    ios: Vec<Dated>,
    android: Vec<Dated>,
}

/// A release and its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Dated {
    day: DayJst,
    release: &'static Release,
    /// The oldest system on which it runs.
    needs: SystemVersion,
}

impl ReleaseDates {
    /// Those of a timeline.
    pub fn of(timeline: &Timeline) -> Self {
        let dated = |ios: bool| {
            let named = timeline.names(release_setting(ios));
            let release = |name: &str| RELEASES.iter().find(|release| release.name == name);
            // Whatever has no date was always there: since the first release.
            let day = |from_s: i64| if from_s == i64::MIN { RELEASES[0].first_day(ios) } else { UnixSeconds(from_s).day_jst() };
            let dated = |(from_s, release): (i64, &'static Release)| Dated { day: day(from_s), release, needs: release.needs(ios) };
            named.filter_map(|(from_s, name)| Some(dated((from_s, release(name)?)))).collect()
        };
        Self { ios: dated(true), android: dated(false) }
    }

    /// Finds names of no release among a scenario's own changes.
    pub fn check(own: &[ChangeConfig], faults: &mut Faults) {
        let names = [true, false].map(|ios| release_setting(ios).name());
        for (i, change) in own.iter().enumerate().filter(|(_, change)| names.contains(&change.setting.as_str())) {
            if let SettingValue::Text(name) = &change.value
                && RELEASES.iter().all(|release| release.name != name)
            {
                let known = RELEASES.iter().map(|release| release.name);
                faults.push(format!("timeline[{i}].value"), "no release of this name", use_one_of(name, known));
            }
        }
    }

    /// The releases of a system, each from when until when it was the newest, Unix seconds.
    pub fn spans(&self, ios: bool) -> impl Iterator<Item = (&'static Release, (i64, i64))> {
        let dated = self.on(ios);
        let until_s = dated.iter().skip(1).map(|next| next.day.start().0).chain([i64::MAX]);
        dated.iter().zip(until_s).map(|(dated, until_s)| (dated.release, (dated.day.start().0, until_s)))
    }

    fn on(&self, ios: bool) -> &[Dated] {
        if ios { &self.ios } else { &self.android }
    }
}

impl Release {
    /// The first day on which a system's phones could install it.
    pub fn first_day(&self, ios: bool) -> DayJst {
        DayJst::of(if ios { self.ios } else { self.android })
    }
}

/// The releases that ran a rule: those of a family, on one system or on both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Released {
    /// The family.
    pub family: Family,
    /// Whether on iPhones or on Android phones; `None`: on both alike.
    pub ios: Option<bool>,
}

impl Released {
    /// Whether an installation holds one of them on a day.
    pub fn is_on(&self, app: &Installation, dates: &ReleaseDates, day: DayJst) -> bool {
        self.ios.is_none_or(|ios| ios == app.ios) && app.release(dates, day).is_some_and(|release| self.is_of(release))
    }

    /// The first of them.
    pub fn first(&self) -> Option<&'static Release> {
        RELEASES.iter().find(|r| self.is_of(r))
    }

    /// The release that replaced them; `None` if none did.
    pub fn replaced_by(&self) -> Option<&'static Release> {
        RELEASES.iter().skip_while(|r| !self.is_of(r)).find(|r| !self.is_of(r))
    }

    /// `releases of 25/28 September 2020 to April 2022`: the first day on iPhones and on Android phones, and the month in which
    /// others replaced them.
    pub fn dates(&self) -> String {
        let from = self.first().map_or_else(String::new, Release::first_days);
        let until = self.replaced_by().map(|next| next.first_day(true).date().format("%B %Y"));
        until.map_or_else(|| format!("releases of {from} on"), |until| format!("releases of {from} to {until}"))
    }

    /// What 1.1.3 may have been served is a reading of the same releases.
    fn is_of(&self, release: &Release) -> bool {
        let family = if self.family == Family::SecondServed { Family::Second } else { self.family };
        release.family == family
    }
}

impl Release {
    /// The first day on iPhones and on Android phones in words: `25/28 September 2020`.
    pub fn first_days(&self) -> String {
        let [ios, android] = [true, false].map(|ios| self.first_day(ios).date());
        let whole = |date: chrono::NaiveDate| date.format("%-d %B %Y").to_string();
        if ios == android {
            whole(ios)
        } else if (self.ios.0, self.ios.1) == (self.android.0, self.android.1) {
            format!("{}/{}", self.ios.2, whole(android))
        } else {
            format!("{}/{}", ios.format("%-d %B"), whole(android))
        }
    }
}

/// When and how a phone gets its releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Installation {
    /// Whether the phone is an iPhone.
    pub ios: bool,
    /// The version of its system; `None`: one that every release runs on.
    pub system: Option<SystemVersion>,
    /// The day the app was installed, in the newest release of that day.
    pub day: DayJst,
    /// Days after which later releases follow; `u16::MAX` is for good, in any run.
    pub lag_days: u16,
}

impl Installation {
    /// The first day with the app: nobody has it before its first release, nor on a system that the newest release of the day does not run
    /// on. `None` if there never is one.
    pub fn begins(&self, dates: &ReleaseDates) -> Option<DayJst> {
        let begins = dates.on(self.ios).first().map(|first| self.day.max(first.day))?;
        let newest = dates.on(self.ios).iter().rev().find(|dated| dated.day <= begins)?;
        self.runs_on(newest).then_some(begins)
    }

    /// The release on the phone on a day; `None` before it was installed. When a newer one that runs on its system has been out for the
    /// phone's lag, it installs the newest there is by then: one that was replaced within the lag passes it by.
    pub fn release(&self, dates: &ReleaseDates, day: DayJst) -> Option<&'static Release> {
        let begins = self.begins(dates).filter(|begins| *begins <= day)?;
        let on = dates.on(self.ios);
        let newest = |by: DayJst| on.iter().rposition(|dated| dated.day <= by && self.runs_on(dated));
        let mut current = newest(begins)?;
        while let Some(newer) = on[current + 1..].iter().find(|dated| self.runs_on(dated)) {
            let updates = newer.day.plus_days(i32::from(self.lag_days));
            if updates > day {
                break;
            }
            current = newest(updates)?.max(current + 1);
        }
        Some(on[current].release)
    }

    fn runs_on(&self, dated: &Dated) -> bool {
        self.system.is_none_or(|system| system >= dated.needs)
    }
}

#[cfg(test)]
impl ReleaseDates {
    /// As they were.
    pub fn historical() -> Self {
        Self::of(&Timeline::of(&release_changes().collect::<Vec<_>>(), &[]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1.1.4 comes to Android three weeks later, and 1.2.1 never.
    #[test]
    fn a_scenario_moves_releases() {
        let own = |date: &str, name: &str| ChangeConfig {
            date: date.into(),
            setting: "app.release.android".into(),
            value: SettingValue::Text(name.into()),
            source: String::new(),
        };
        let changes = [own("2020-10-19", "1.1.4"), own("never", "1.2.0"), own("never", "1.2.1")];
        let dates = ReleaseDates::of(&Timeline::of(&release_changes().collect::<Vec<_>>(), &changes));
        let day = |text| DayJst::parse(text).expect("a date");
        let release =
            |ios, on| Installation { ios, system: None, day: day("2020-06-19"), lag_days: 0 }.release(&dates, day(on)).map(|r| r.name);
        assert_eq!(
            ["2020-09-28", "2020-10-18", "2020-10-19", "2021-01-01"].map(|on| release(false, on).expect("one")),
            ["1.1.3", "1.1.3", "1.1.4", "1.1.4"]
        );
        assert_eq!(["2020-09-28", "2021-01-01"].map(|on| release(true, on).expect("one")), ["1.1.4", "1.2.1"]);
        // Two that follow each other are moved alike: the first does not bring the second's own day back.
        let both = [own("2020-10-01", "1.1.3"), own("2020-10-19", "1.1.4")];
        let dates = ReleaseDates::of(&Timeline::of(&release_changes().collect::<Vec<_>>(), &both));
        let moved: Vec<String> = dates
            .spans(false)
            .skip(3)
            .take(2)
            .map(|(release, span)| format!("{} {}", release.name, UnixSeconds(span.0).day_jst()))
            .collect();
        assert_eq!(moved, ["1.1.3 2020-10-01", "1.1.4 2020-10-19"]);
        let mut faults = Faults::default();
        ReleaseDates::check(&[own("2020-10-19", "1.1.44")], &mut faults);
        assert_eq!(faults.0.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["timeline[0].value"]);
        ReleaseDates::check(&changes, &mut faults);
        assert_eq!(faults.0.len(), 1);
    }

    #[test]
    fn phones_update_after_their_lag() {
        let day = |text| DayJst::parse(text).expect("a date");
        let release = |ios, installed, lag_days, on| {
            Installation { ios, system: None, day: day(installed), lag_days }.release(&ReleaseDates::historical(), day(on)).map(|r| r.name)
        };
        assert_eq!(release(true, "2020-06-19", 0, "2020-09-08"), Some("1.1.3"));
        assert_eq!(release(false, "2020-06-19", 0, "2020-09-08"), Some("1.1.2"));
        assert_eq!(release(false, "2020-06-19", 3, "2020-09-10"), Some("1.1.2"));
        // Who installs the app gets the newest; nobody has it before the first release, nor before installing it.
        assert_eq!(release(true, "2020-09-08", 30, "2020-09-08"), Some("1.1.3"));
        assert_eq!(release(true, "2020-09-08", 0, "2020-09-07"), None);
        assert_eq!(release(true, "2020-01-01", 0, "2020-06-18"), None);
        assert_eq!(release(true, "2020-01-01", 9, "2020-06-19"), Some("1.0.0"));
        // 1.4.0 was replaced on iPhones after a day: who takes two days to update never has it.
        let in_november =
            |lag_days| ["2021-11-25", "2021-11-26", "2021-11-27", "2021-11-28"].map(|on| release(true, "2021-10-01", lag_days, on));
        let [before, crashes, mended] = ["1.2.6", "1.4.0", "1.4.1"].map(Some);
        assert_eq!(in_november(0), [crashes, mended, mended, mended]);
        assert_eq!(in_november(1), [before, mended, mended, mended]);
        assert_eq!(in_november(2), [before, before, mended, mended]);
    }

    /// iOS 13.5 until 1.4.1 and 13.7 from 2.0.0 on, Android 6: an older phone stays at the last release that runs, or cannot install.
    #[test]
    fn a_release_runs_on_its_oldest_system_and_newer_ones() {
        let day = |text| DayJst::parse(text).expect("a date");
        let release = |ios, system, installed, on| {
            let app = Installation { ios, system: Some(system), day: day(installed), lag_days: 0 };
            app.release(&ReleaseDates::historical(), day(on)).map(|r| r.name)
        };
        assert_eq!(release(true, (13, 4), "2020-06-19", "2020-06-19"), None);
        assert_eq!(release(true, (13, 5), "2020-06-19", "2020-06-19"), Some("1.0.0"));
        assert_eq!(release(true, (13, 6), "2020-06-19", "2022-04-07"), Some("1.4.1"), "it stays");
        assert_eq!(release(true, (13, 6), "2022-04-06", "2022-05-01"), Some("1.4.1"), "installed the day before");
        assert_eq!(release(true, (13, 6), "2022-04-07", "2022-05-01"), None);
        assert_eq!(release(true, (13, 7), "2022-04-07", "2022-05-01"), Some("2.0.0"));
        assert_eq!(release(false, (5, 1), "2020-06-19", "2022-05-01"), None);
        assert_eq!(release(false, (6, 0), "2020-06-19", "2022-05-01"), Some("2.0.0"));
    }

    #[test]
    fn a_phone_that_never_updates_stays_at_its_first_release() {
        let day = |text| DayJst::parse(text).expect("a date");
        let app = Installation { ios: true, system: None, day: day("2020-07-20"), lag_days: u16::MAX };
        assert_eq!(app.release(&ReleaseDates::historical(), day("2022-05-01")).map(|r| r.name), Some("1.1.2"));
    }

    #[test]
    fn releases_from_1_2_0_on_ask_again() {
        let asks: Vec<&str> = RELEASES.iter().filter(|r| r.asks_again()).map(|r| r.name).collect();
        assert_eq!(RELEASES.iter().position(|r| r.asks_again()).map(|first| RELEASES.len() - first), Some(asks.len()));
        assert!(asks.contains(&"1.2.1") && !asks.contains(&"1.1.4"), "{asks:?}");
    }

    /// All keys that the system gives until 1.1.1; those that start after 00:00 UTC of 14 days ago until 1.2.0; then from three days
    /// before onset (facts of the tags: `DaysToSendTek`, `RollingStart > UtcNow.Date - 14 d`).
    #[test]
    fn releases_upload_their_days_of_keys() {
        for release in RELEASES {
            let (days, before_onset) = match release.name {
                "1.0.0" | "1.1.1" => (14, None),
                "1.1.2" | "1.1.3" | "1.1.4" | "1.2.0" => (13, None),
                _ => (14, Some(3)),
            };
            assert_eq!((release.uploads_days, release.uploads_days_before_onset), (days, before_onset), "{}", release.name);
        }
    }

    /// The ministry's dates on which the two systems differ.
    #[test]
    fn releases_came_out_on_their_days() {
        let day = |text| DayJst::parse(text).expect("a date");
        for (name, ios, android) in [
            ("1.1.1", "2020-06-30", "2020-07-01"),
            ("1.1.2", "2020-07-13", "2020-07-14"),
            ("1.1.3", "2020-09-08", "2020-09-09"),
            ("1.1.4", "2020-09-25", "2020-09-28"),
        ] {
            let release = RELEASES.iter().find(|r| r.name == name).expect("a release");
            assert_eq!((release.first_day(true), release.first_day(false)), (day(ios), day(android)), "{name}");
        }
        assert!(RELEASES.is_sorted_by_key(|r| r.first_day(true)) && RELEASES.is_sorted_by_key(|r| r.first_day(false)));
    }

    /// The dates of the table, in words: of both systems, in one month or in two.
    #[test]
    fn a_rules_releases_are_dated_in_words() {
        let dates = |family, ios| Released { family, ios }.dates();
        assert_eq!(dates(Family::Third, Some(true)), "releases of 25/28 September 2020 to April 2022");
        assert_eq!(dates(Family::First, Some(false)), "releases of 19 June 2020 to September 2020");
        assert_eq!(dates(Family::SecondServed, Some(true)), dates(Family::Second, Some(true)));
        assert_eq!(dates(Family::Second, Some(true)), "releases of 8/9 September 2020 to September 2020");
        assert_eq!(dates(Family::Windows, None), "releases of 7 April 2022 on");
        let of_1_1_1 = RELEASES.iter().find(|r| r.name == "1.1.1").map(Release::first_days);
        assert_eq!(of_1_1_1.as_deref(), Some("30 June/1 July 2020"));
    }

    #[test]
    fn a_phone_has_the_releases_of_its_own_system_alone() {
        let day = |text| DayJst::parse(text).expect("a date");
        let app = Installation { ios: true, system: None, day: day("2020-06-19"), lag_days: 0 };
        let is_on = |ios, on| Released { family: Family::Third, ios }.is_on(&app, &ReleaseDates::historical(), day(on));
        assert!(is_on(Some(true), "2020-09-25") && is_on(None, "2022-04-06"));
        assert!(!is_on(Some(true), "2020-09-24") && !is_on(Some(false), "2020-10-01") && !is_on(Some(true), "2022-04-07"));
    }
}
