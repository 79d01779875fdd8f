//! How many had downloaded the app by when.

use serde::Deserialize;

use crate::time::DayJst;

/// What was published.
const DOWNLOADS: &str = include_str!("../../scenarios/system/downloads.toml");

#[derive(Deserialize)]
struct DownloadsFile {
    /// The last day without any.
    none_until: String,
    downloads: Vec<Published>,
}

#[derive(Deserialize)]
struct Published {
    date: String,
    millions: f64,
}

/// Downloads by the end of each day, even between published ones; re-installations are counted again.
#[derive(Clone, Debug, PartialEq)]
pub struct Downloads {
    /// Days and what they ended with, million, both rising; the first with none.
    published: Vec<(DayJst, f64)>,
}

impl Downloads {
    /// As they were published.
    pub fn published() -> Self {
        let file: DownloadsFile = toml::from_str(DOWNLOADS).expect("the downloads that come with the program are TOML");
        let day = |text: &str| DayJst::parse(text).expect("downloads have dates");
        let rows = file.downloads.iter().map(|row| (day(&row.date), row.millions));
        Self { published: std::iter::once((day(&file.none_until), 0.0)).chain(rows).collect() }
    }

    /// Million by the end of a day.
    pub fn by(&self, day: DayJst) -> f64 {
        let next = self.published.partition_point(|(published, _)| *published <= day);
        match (next.checked_sub(1).map(|last| self.published[last]), self.published.get(next)) {
            (None, _) => 0.0,
            (Some((_, millions)), None) => millions,
            (Some((from, before)), Some((to, after))) => before + (after - before) * share(day.0 - from.0, to.0 - from.0),
        }
    }

    /// The day on which the total went beyond some million; the last published day if it never did.
    pub fn day_beyond(&self, millions: f64) -> DayJst {
        let beyond = self.published.windows(2).find(|two| two[1].1 > millions);
        let Some([(from, before), (to, after)]) = beyond.and_then(|two| <[_; 2]>::try_from(two).ok()) else {
            return self.published.last().map_or(DayJst(0), |(day, _)| *day);
        };
        let days = to.0 - from.0;
        let past = ((millions - before) / (after - before) * f64::from(days)) as i32;
        from.plus_days(past.clamp(0, days - 1) + 1)
    }
}

fn share(part: i32, whole: i32) -> f64 {
    f64::from(part) / f64::from(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> DayJst {
        DayJst::parse(text).expect("a date")
    }

    /// 0.85 million on the first day, 1.79 on the second; 5.31 on 3 July and 5.82 on the 6th, so 5.48 and 5.65 between.
    #[test]
    fn downloads_rise_evenly_between_published_days() {
        let downloads = Downloads::published();
        let by = |text: &str| (downloads.by(day(text)) * 100.0).round() as i64;
        assert_eq!(["2020-06-18", "2020-06-19", "2020-06-20"].map(by), [0, 85, 179]);
        assert_eq!(["2020-07-03", "2020-07-04", "2020-07-05", "2020-07-06"].map(by), [531, 548, 565, 582]);
        assert_eq!(["2020-01-01", "2025-01-01"].map(by), [0, 4128]);
    }

    /// Each is there on the day that went beyond it: nobody before the first.
    #[test]
    fn a_download_is_of_the_day_that_went_beyond_it() {
        let downloads = Downloads::published();
        for (millions, on) in [
            (0.0, "2020-06-19"),
            (0.84, "2020-06-19"),
            (0.85, "2020-06-20"),
            (0.86, "2020-06-20"),
            (5.32, "2020-07-04"),
            (5.49, "2020-07-05"),
            (5.81, "2020-07-06"),
            (5.83, "2020-07-07"),
        ] {
            assert_eq!(downloads.day_beyond(millions), day(on), "{millions}");
        }
        assert_eq!(downloads.day_beyond(99.0), downloads.published[downloads.published.len() - 1].0);
    }

    #[test]
    fn published_totals_rise() {
        let published = Downloads::published().published;
        assert!(published.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1));
    }
}
