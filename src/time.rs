//! Integer time and the two calendars: people live by JST (UTC+9), GAEN by UTC days and 10-minute intervals.
//!
//! All simulation time is Unix seconds in an `i64`; there is no floating-point clock. A daily key turns over at 00:00
//! UTC, which is 09:00 JST.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// Seconds in a day.
pub const DAY_S: i64 = 86_400;
/// JST is UTC+9 the whole year round.
pub const JST_OFFSET_S: i64 = 9 * 3600;
/// Seconds in an Exposure Notification interval.
pub const ENIN_S: i64 = 600;
/// Days from 0001-01-01 (chrono's common-era day 1) to 1970-01-01.
const UNIX_EPOCH_FROM_CE_DAYS: i32 = 719_163;

/// A moment: seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UnixSeconds(pub i64);

/// A calendar day in Japan: days since 1970-01-01, running 00:00 to 24:00 JST.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DayJst(pub i32);

/// A UTC day: days since 1970-01-01, running 09:00 JST to 09:00 JST of the next day. GAEN's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DayUtc(pub i32);

/// Exposure Notification interval number: `floor(unix_s / 600)` (GAEN cryptography specification v1.2, "ENIntervalNumber").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Enin(pub u32);

impl UnixSeconds {
    /// The JST day this moment falls in.
    pub fn day_jst(self) -> DayJst {
        DayJst((self.0 + JST_OFFSET_S).div_euclid(DAY_S) as i32)
    }

    /// The UTC day this moment falls in.
    pub fn day_utc(self) -> DayUtc {
        DayUtc(self.0.div_euclid(DAY_S) as i32)
    }

    /// The 10-minute interval this moment falls in.
    pub fn enin(self) -> Enin {
        Enin(self.0.div_euclid(ENIN_S) as u32)
    }

    /// This moment moved by `seconds`.
    #[must_use]
    pub fn plus_s(self, seconds: i64) -> Self {
        Self(self.0 + seconds)
    }
}

impl DayJst {
    /// 00:00 JST of this day.
    pub fn start(self) -> UnixSeconds {
        UnixSeconds(i64::from(self.0) * DAY_S - JST_OFFSET_S)
    }

    /// 00:00 JST of the next day.
    pub fn end(self) -> UnixSeconds {
        self.next().start()
    }

    /// 09:00 JST of this day: where one UTC day (and daily key) ends and the next begins.
    pub fn utc_midnight(self) -> UnixSeconds {
        self.start().plus_s(JST_OFFSET_S)
    }

    /// The day after.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// `days` later (or earlier, if negative).
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0 + days)
    }

    /// Monday to Friday. Public holidays are not known to the calendar.
    pub fn is_weekday(self) -> bool {
        !matches!(self.date().weekday(), Weekday::Sat | Weekday::Sun)
    }

    /// The calendar date.
    pub fn date(self) -> NaiveDate {
        date_of_epoch_day(self.0)
    }

    /// The day of a calendar date.
    pub fn from_date(date: NaiveDate) -> Self {
        Self(date.num_days_from_ce() - UNIX_EPOCH_FROM_CE_DAYS)
    }

    /// The day of a date stated in the program, as year, month, day.
    pub fn of((year, month, day): (i32, u32, u32)) -> Self {
        Self::from_date(NaiveDate::from_ymd_opt(year, month, day).expect("invariant: a stated date is one of the calendar"))
    }

    /// Reads `YYYY-MM-DD`; `None` if it is no date of the calendar.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (y, m, d) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || y.len() != 4 || m.len() != 2 || d.len() != 2 {
            return None;
        }
        NaiveDate::from_ymd_opt(y.parse().ok()?, m.parse().ok()?, d.parse().ok()?).map(Self::from_date)
    }
}

impl DayUtc {
    /// 00:00 UTC of this day.
    pub fn start(self) -> UnixSeconds {
        UnixSeconds(i64::from(self.0) * DAY_S)
    }

    /// 00:00 UTC of the next day.
    pub fn end(self) -> UnixSeconds {
        self.plus_days(1).start()
    }

    /// `days` later (or earlier, if negative).
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0 + days)
    }

    /// The first 10-minute interval of the day: the rolling start of its daily key.
    pub fn first_enin(self) -> Enin {
        Enin(self.0 as u32 * 144)
    }

    /// The calendar date.
    pub fn date(self) -> NaiveDate {
        date_of_epoch_day(self.0)
    }
}

impl Enin {
    /// When the interval begins.
    pub fn start(self) -> UnixSeconds {
        UnixSeconds(i64::from(self.0) * ENIN_S)
    }
}

fn date_of_epoch_day(day: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(day + UNIX_EPOCH_FROM_CE_DAYS).expect("simulated days lie within chrono's calendar")
}

impl std::fmt::Display for DayJst {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.date())
    }
}

impl std::fmt::Display for DayUtc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.date())
    }
}

impl std::fmt::Display for UnixSeconds {
    /// `YYYY-MM-DD HH:MM JST`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let second_of_day = self.0 - self.day_jst().start().0;
        write!(f, "{} {:02}:{:02} JST", self.day_jst(), second_of_day / 3600, second_of_day / 60 % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jst_and_utc_days_are_nine_hours_apart() {
        let day = DayJst::parse("2020-09-01").expect("a date");
        assert_eq!(day.start().0, 1_598_886_000);
        assert_eq!(day.utc_midnight().day_utc().to_string(), "2020-09-01");
        assert_eq!(day.start().day_utc().to_string(), "2020-08-31");
        assert_eq!(day.utc_midnight().plus_s(-1).day_jst(), day);
        assert_eq!(day.utc_midnight().day_utc().first_enin().start(), day.utc_midnight());
        assert!(day.is_weekday());
        assert!(!day.plus_days(4).is_weekday());
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["2020-02-30", "2020-9-1", "20200901", "2020-09-01T00", ""] {
            assert_eq!(DayJst::parse(text), None, "{text}");
        }
    }
}
