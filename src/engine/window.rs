//! A UTC day of a run: the unit in which people are observed and pairs are judged.

use crate::{
    setup::Setup,
    time::{DayJst, DayUtc},
};

/// A UTC day, as far as the run covers it: the first begins at 00:00 JST, the last ends at 24:00 JST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The day.
    pub day: DayUtc,
    /// First second, Unix.
    pub from_s: i64,
    /// End (exclusive), Unix seconds.
    pub to_s: i64,
}

impl Window {
    /// The UTC day that begins on a JST day of the run.
    pub fn of(setup: &Setup, day: DayJst) -> Self {
        Self::new(setup, day.utc_midnight().day_utc())
    }

    /// On the run's first day, the UTC day that ends on it.
    pub fn before(setup: &Setup, day: DayJst) -> Option<Self> {
        (day == setup.first_day).then(|| Self::new(setup, day.start().day_utc()))
    }

    fn new(setup: &Setup, day: DayUtc) -> Self {
        let (first_s, end_s) = (setup.first_day.start().0, setup.last_day().end().0);
        Self { day, from_s: day.start().0.max(first_s), to_s: day.end().0.min(end_s) }
    }

    /// The two JST days that the UTC day touches: the one on which it begins, and the one on which it ends.
    pub fn days_jst(&self) -> [DayJst; 2] {
        [self.day.start().day_jst(), self.day.end().day_jst()]
    }

    /// The midnight (JST) between the two, Unix seconds.
    pub fn midnight_s(&self) -> i64 {
        self.days_jst()[1].start().0
    }

    /// The part of a JST day that lies within, Unix seconds; empty where none does.
    pub fn part_of(&self, day: DayJst) -> (i64, i64) {
        let (from_s, to_s) = (day.start().0.max(self.from_s), day.end().0.min(self.to_s));
        (from_s, to_s.max(from_s))
    }
}
