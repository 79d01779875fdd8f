//! Hours in which phones, their Bluetooth or exposure notification are off.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    faults::Faults,
    ids::PersonId,
    random::{Keyed, Seed, Stream},
    time::{DayJst, UnixSeconds},
};

/// What is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Bluetooth: the phone neither advertises nor scans.
    Bluetooth,
    /// Exposure notification: the same.
    ExposureNotification,
    /// The phone: no check runs either.
    Phone,
}

/// Hours of the day in which something is off.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OffConfig {
    /// What is off.
    pub what: What,
    /// Share of phones.
    #[schemars(range(min = 0, max = 1))]
    pub share: f64,
    /// From which hour of the day, JST.
    #[schemars(range(min = 0, max = 24))]
    pub from_h: f64,
    /// Until which; after midnight if it is the earlier of the two. From 0 to 24 is all day.
    #[schemars(range(min = 0, max = 24))]
    pub until_h: f64,
    /// Share of the days, of each such phone its own; one that is off over midnight is so from the day on which it begins.
    #[schemars(range(min = 0, max = 1))]
    pub days_share: f64,
    /// Why, for the reader: at night, for the battery's sake.
    pub why: String,
}

impl OffConfig {
    /// Finds what ranges cannot express; `i` is its place in the list.
    pub(super) fn check(&self, i: usize, faults: &mut Faults) {
        if self.from_h == self.until_h || self.from_h == 24.0 {
            let remedy = "state two hours, the first before 24; from 0 to 24 is all day";
            faults.push(format!("phones.off[{i}].from_h"), "no time between from_h and until_h", remedy);
        }
    }
}

/// A row of the list, in seconds.
#[derive(Clone, Copy, Debug)]
struct Row {
    what: What,
    share: f64,
    days_share: f64,
    /// After midnight.
    from_s: i64,
    length_s: i64,
}

/// When phones are off: a pure function of phone and time.
#[derive(Clone, Debug)]
pub struct OffHours {
    keyed: Keyed,
    rows: Vec<Row>,
}

/// The first two of the stream are outages.
const FIRST_ROW: u32 = 2;
/// In place of a day: the draw of the phone.
const OF_PHONE: u32 = u32::MAX;

impl OffHours {
    /// Those of a run.
    pub fn new(config: &[OffConfig], seed: Seed) -> Self {
        let second = |hour: f64| (hour * 3600.0).round() as i64;
        let row = |off: &OffConfig| {
            let over_midnight_h = if off.until_h < off.from_h { 24.0 } else { 0.0 };
            Row {
                what: off.what,
                share: off.share,
                days_share: off.days_share,
                from_s: second(off.from_h),
                length_s: second(off.until_h + over_midnight_h) - second(off.from_h),
            }
        };
        Self { keyed: Keyed::new(seed, Stream::Outage), rows: config.iter().map(row).collect() }
    }

    /// What of a phone is off from when until when, Unix seconds, as far as that touches a span of time; in no order.
    pub fn spans(&self, phone: PersonId, (from_s, to_s): (i64, i64)) -> impl Iterator<Item = (What, (i64, i64))> + '_ {
        let is_of = move |number: u32, row: &Row| self.keyed.uniform(phone.0, number, OF_PHONE) < row.share;
        let days = UnixSeconds(from_s).day_jst().0 - 1..=UnixSeconds(to_s).day_jst().0;
        let rows = (FIRST_ROW..).zip(&self.rows).filter(move |(number, row)| is_of(*number, row));
        rows.flat_map(move |(number, row)| {
            let on_days = days.clone().filter(move |day| self.keyed.uniform(phone.0, number, *day as u32) < row.days_share);
            let spans = on_days.map(move |day| {
                let begins_s = DayJst(day).start().0 + row.from_s;
                (row.what, (begins_s, begins_s + row.length_s))
            });
            spans.filter(move |(_, (begins_s, ends_s))| *begins_s < to_s && from_s < *ends_s)
        })
    }

    /// Whether a phone is switched on at a moment.
    pub fn is_on(&self, phone: PersonId, at_s: i64) -> bool {
        self.spans(phone, (at_s, at_s + 1)).all(|(what, _)| what != What::Phone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIDNIGHT_S: i64 = 1_598_886_000;
    const H: i64 = 3600;

    fn off(what: What, from_h: f64, until_h: f64) -> OffConfig {
        OffConfig { what, share: 1.0, from_h, until_h, days_share: 1.0, why: String::new() }
    }

    fn hours(config: &OffConfig) -> OffHours {
        OffHours::new(std::slice::from_ref(config), Seed(1))
    }

    /// From 23 to 6:30 of the next day; a moment belongs to the span in which it begins.
    #[test]
    fn a_night_goes_over_midnight() {
        let night = hours(&off(What::Phone, 23.0, 6.5));
        let on = |at_s: i64| night.is_on(PersonId(3), MIDNIGHT_S + at_s);
        assert_eq!([-H - 1, -H, 0, 6 * H + 1799, 6 * H + 1800, 23 * H - 1, 23 * H].map(on), [true, false, false, false, true, true, false]);
        let spans: Vec<_> = night.spans(PersonId(3), (MIDNIGHT_S, MIDNIGHT_S + 24 * H)).map(|(_, span)| span).collect();
        assert_eq!(spans, [-H, 23 * H].map(|from_s| (MIDNIGHT_S + from_s, MIDNIGHT_S + from_s + 7 * H + H / 2)));
        let until_six: Vec<_> = night.spans(PersonId(3), (MIDNIGHT_S + 6 * H + 1800, MIDNIGHT_S + 23 * H)).collect();
        assert_eq!(until_six, [], "neither end is within");
    }

    /// From 0 to 24: for good. Bluetooth alone leaves the phone on.
    #[test]
    fn all_day_is_for_good_and_bluetooth_is_not_the_phone() {
        let (phone, bluetooth) = (hours(&off(What::Phone, 0.0, 24.0)), hours(&off(What::Bluetooth, 0.0, 24.0)));
        for at_s in (0..48).map(|h| MIDNIGHT_S + h * H) {
            assert!(!phone.is_on(PersonId(1), at_s) && bluetooth.is_on(PersonId(1), at_s));
            assert_eq!(bluetooth.spans(PersonId(1), (at_s, at_s + 1)).count(), 1);
        }
    }

    /// Half of the phones on a quarter of the days, the same whoever asks.
    #[test]
    fn shares_are_of_phones_and_of_their_days() {
        let config = OffConfig { share: 0.5, days_share: 0.25, ..off(What::Bluetooth, 1.0, 2.0) };
        let of = hours(&config);
        let days = |phone: u32| {
            let day = |d: i64| (MIDNIGHT_S + d * 24 * H, MIDNIGHT_S + (d + 1) * 24 * H);
            (0..100).filter(|d| of.spans(PersonId(phone), day(*d)).count() == 1).count()
        };
        let counts: Vec<usize> = (0..1000).map(days).collect();
        let some: Vec<usize> = counts.iter().copied().filter(|days| *days > 0).collect();
        let mean = some.iter().sum::<usize>() as f64 / some.len() as f64;
        assert!((450..550).contains(&some.len()) && (24.0..26.0).contains(&mean), "{} phones, {mean} days", some.len());
    }

    #[test]
    fn no_time_between_two_hours_is_a_fault() {
        let faults = |from_h, until_h| {
            let mut faults = Faults::default();
            off(What::Phone, from_h, until_h).check(2, &mut faults);
            faults.0.len()
        };
        assert_eq!([faults(3.0, 3.0), faults(24.0, 3.0), faults(0.0, 24.0), faults(23.0, 0.0)], [1, 1, 0, 0]);
    }
}
