//! COCOA's operation log of one phone: what the app noted of what it did, as the file that a user could send to the support.
//!
//! Columns and file names are COCOA's (version 1.2.0 on). What the privacy policy keeps out of it is in no line: processing numbers, daily
//! keys, identifiers. File and line of the source are those of no release here: the method is named, the line is 0.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::{
    app::{CheckLog, CheckOutcome, Screen},
    server::Export,
    time::{DayJst, DayUtc, UnixSeconds},
};

/// Days of which the app keeps the log.
const KEEPS_DAYS: i32 = 14;
/// The columns, as COCOA writes them.
const HEAD: &str =
    "output_date,log_level,message,method,file_path,line_number,platform,platform_version,model,device_type,app_version,build_number";

/// A line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    /// When, Unix seconds.
    at_s: i64,
    /// Release that wrote it.
    release: String,
    /// Which of the app's methods.
    method: Method,
    message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Method {
    Fetch,
    Detected,
    Home,
    Submit,
}

impl Method {
    /// Method and file of the source.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Fetch => ("FetchExposureKeyBatchFilesFromServerAsync", "ExposureNotificationHandler.cs"),
            Self::Detected => ("ExposureDetectedAsync", "ExposureNotificationHandler.cs"),
            Self::Home => ("Initialize", "HomePageViewModel.cs"),
            Self::Submit => ("UploadSelfExposureKeysToServerAsync", "ExposureNotificationHandler.cs"),
        }
    }
}

/// Who writes: when, Unix seconds, and the release.
#[derive(Clone, Copy)]
pub struct Writer<'a> {
    /// When.
    pub at_s: i64,
    /// Release.
    pub release: &'a str,
}

impl Writer<'_> {
    fn line(self, method: Method, message: String) -> LogLine {
        LogLine { at_s: self.at_s, release: self.release.into(), method, message }
    }

    /// What a check that fetched these batches writes.
    pub fn check<'a>(self, new: impl Iterator<Item = &'a Export>, outcome: &CheckOutcome) -> Vec<LogLine> {
        let mut lines = vec![self.line(Method::Fetch, "Start".into())];
        for export in new {
            let (created_ms, key_day) = (export.created_s * 1000, export.key_day);
            lines.push(self.line(Method::Fetch, format!("tekItem.Created: {created_ms}; keys of {key_day}: {}", export.keys.len())));
        }
        if outcome.refused {
            lines.push(self.line(Method::Fetch, "The framework refused the call".into()));
            return lines;
        }
        let matched_keys = outcome.matched.len();
        let CheckLog { days_since_last_exposure, highest_score, minutes_by_attenuation: [near, middle, far], .. } = outcome
            .log
            .unwrap_or(CheckLog { matched_keys: 0, days_since_last_exposure: 0, highest_score: 0.0, minutes_by_attenuation: [0; 3] });
        lines.push(self.line(
            Method::Detected,
            format!(
                "MatchedKeyCount: {matched_keys}, DaysSinceLastExposure: {days_since_last_exposure}, HighestRiskScore: {highest_score}, \
                 AttenuationDurations: 00:{near:02}:00|00:{middle:02}:00|00:{far:02}:00"
            ),
        ));
        lines
    }

    /// What the home screen writes.
    pub fn home(self, screen: &Screen) -> LogLine {
        self.line(Method::Home, format!("Home: {}", screen.text()))
    }

    /// What a registration with the keys of these days writes.
    pub fn submit(self, days: &[DayUtc]) -> Vec<LogLine> {
        let of_day = |day: &DayUtc| self.line(Method::Submit, format!("RollingStart: {}", day.first_enin().0));
        days.iter().map(of_day).collect()
    }
}

/// The phone whose log it is.
pub struct Device<'a> {
    /// `iOS` or `Android`.
    pub platform: &'a str,
    /// Its model.
    pub model: &'a str,
}

/// The files that are on the phone at the end of a day: names and contents, a day each.
pub fn files(lines: &[LogLine], device: &Device<'_>, last_day: DayJst) -> Vec<(String, u64, String)> {
    let mut files: Vec<(String, u64, String)> = Vec::new();
    let kept = |line: &&LogLine| UnixSeconds(line.at_s).day_jst() > last_day.plus_days(-KEEPS_DAYS);
    for line in lines.iter().filter(kept) {
        let day = UnixSeconds(line.at_s).day_jst();
        let name = format!("cocoa_log_{}.csv", day.date().format("%Y%m%d"));
        if files.last().is_none_or(|(last, ..)| *last != name) {
            files.push((name, 0, format!("{HEAD}\n")));
        }
        let second = line.at_s - day.start().0;
        let (method, file) = line.method.names();
        let (_, rows, text) = files.last_mut().expect("one was pushed");
        *rows += 1;
        let _ = writeln!(
            text,
            "{} {:02}:{:02}:{:02},Info,\"{}\",{method},{file},0,{},,{},Physical,{},",
            day.date().format("%Y/%m/%d"),
            second / 3600,
            second / 60 % 60,
            second % 60,
            line.message,
            device.platform,
            device.model,
            line.release,
        );
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    /// Three lines on two days and one of two weeks before: two files, with COCOA's columns.
    #[test]
    fn a_log_has_cocoas_columns_and_is_kept_14_days() {
        let day = |date: &str| DayJst::parse(date).expect("a day");
        let at = |date: &str, second: i64| Writer { at_s: day(date).start().0 + second, release: "1.2.1" };
        let lines = [
            at("2021-01-01", 43_200).home(&Screen::default()),
            at("2021-01-02", 86_398).home(&Screen::default()),
            at("2021-01-14", 0).home(&Screen::default()),
            at("2021-01-15", 34_205).submit(&[DayUtc(18_600)]).remove(0),
        ];
        let device = Device { platform: "Android", model: "SH-M12" };
        let files = files(&lines, &device, day("2021-01-15"));
        let names: Vec<(&str, u64)> = files.iter().map(|(name, rows, _)| (name.as_str(), *rows)).collect();
        assert_eq!(names, [("cocoa_log_20210102.csv", 1), ("cocoa_log_20210114.csv", 1), ("cocoa_log_20210115.csv", 1)]);
        assert_eq!(
            files[2].2,
            format!(
                "{HEAD}\n2021/01/15 09:30:05,Info,\"RollingStart: {}\",UploadSelfExposureKeysToServerAsync,ExposureNotificationHandler.cs,0,\
                 Android,,SH-M12,Physical,1.2.1,\n",
                18_600 * 144
            )
        );
        assert_eq!(HEAD.split(',').count(), files[2].2.lines().nth(1).expect("a line").split(',').count());
    }
}
