//! Runs that go on over midnight and over the end of a UTC day, and the rows that wait for them.

use serde::{Deserialize, Serialize};

use crate::time::{DayJst, DayUtc, UnixSeconds};

use super::{
    measure::Touch,
    records::{HalfDay, PairDay},
};

/// A run that may still go on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct OpenRun {
    day: DayJst,
    contact_s: f64,
    last_s: f64,
}

/// Runs whose pieces are closer than this are unbroken (see `measure::TOUCHING_S`).
const UNBROKEN_GAP_S: f64 = 1e-4;

/// What is carried of a pair from one UTC day to the next. Of most it is their seconds alone. `Tag` is whatever else is known of the pair and
/// a JST day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Carried<Tag> {
    /// Seconds within the radius over the whole UTC day that has ended: the next JST day touches it too.
    utc_within_s: f64,
    open: Option<Box<Open<Tag>>>,
}

/// The JST day that goes on at 09:00.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Open<Tag> {
    /// Its hours before 09:00, and its runs that have ended.
    morning: HalfDay,
    longest_run_s: f64,
    gap_run_s: f64,
    more: Option<Box<More<Tag>>>,
}

/// What few pairs have: a day with a tag, a run that goes on, and rows of earlier days that wait for the end of a run that started on them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct More<Tag> {
    tag: Tag,
    run: Option<OpenRun>,
    gap_run: Option<OpenRun>,
    waiting: Vec<(PairDay, Tag)>,
}

impl<Tag: Clone + Default + PartialEq> Carried<Tag> {
    /// Takes in a UTC day, on which the pair may have had nothing (`touch` empty) and the run may have ended. `tags` are of the JST day on
    /// which the UTC day begins and of the one on which it ends. Rows of JST days that are final go to `rows`; returns what is carried on, if
    /// anything is.
    pub fn close_day(
        self,
        day: DayUtc,
        touch: &Touch,
        gap_s: f64,
        tags: [Tag; 2],
        mut join: impl FnMut(&mut Tag, Tag),
        mut rows: impl FnMut(PairDay, Tag),
    ) -> Option<Self> {
        let (began, ends) = (day.start().day_jst(), day.end().day_jst());
        let [of_began, of_ends] = tags;
        let [evening, morning] = touch.halves;
        let utc_within_s = evening.within_s + morning.within_s;
        let Self { utc_within_s: utc_before_s, open } = self;
        let Open { morning: before, longest_run_s, gap_run_s, more } = open.map_or_else(Open::default, |open| *open);
        let More { mut tag, mut run, mut gap_run, mut waiting } = more.map_or_else(More::default, |more| *more);
        join(&mut tag, of_began);
        let began_row =
            PairDay { day: began, halves: [before, evening], utc_within_s: [utc_before_s, utc_within_s], longest_run_s, gap_run_s };
        let has_row = before.in_reach_s > 0.0 || evening.in_reach_s > 0.0;
        if run.is_none() && gap_run.is_none() && waiting.is_empty() && touch.contact_s.is_empty() {
            // Most pairs: no run goes on, and none begins.
            if has_row {
                rows(began_row, tag);
            }
            let more = (of_ends != Tag::default()).then(|| Box::new(More { tag: of_ends, ..More::default() }));
            let open = (morning.in_reach_s > 0.0).then(|| Box::new(Open { morning, longest_run_s: 0.0, gap_run_s: 0.0, more }));
            return (utc_within_s > 0.0 || open.is_some()).then_some(Self { utc_within_s, open });
        }
        if has_row {
            waiting.push((began_row, tag));
        }
        // The day that goes on stands last.
        let goes_on = PairDay {
            day: ends,
            halves: [morning, HalfDay::default()],
            utc_within_s: [utc_within_s, 0.0],
            longest_run_s: 0.0,
            gap_run_s: 0.0,
        };
        waiting.push((goes_on, of_ends));
        for &(from_s, to_s) in &touch.contact_s {
            extend(&mut run, &mut waiting, (from_s, to_s), UNBROKEN_GAP_S, |row| &mut row.longest_run_s);
            extend(&mut gap_run, &mut waiting, (from_s, to_s), gap_s, |row| &mut row.gap_run_s);
        }
        let end_s = day.end().0 as f64;
        close_if_over(&mut run, &mut waiting, end_s - UNBROKEN_GAP_S, |row| &mut row.longest_run_s);
        close_if_over(&mut gap_run, &mut waiting, end_s - gap_s, |row| &mut row.gap_run_s);
        let waits_from = [run, gap_run].iter().flatten().map(|r| r.day).fold(ends, DayJst::min);
        let (goes_on, tag) = waiting.pop().expect("invariant: the day that goes on was pushed");
        let done = waiting.partition_point(|(row, _)| row.day < waits_from);
        waiting.drain(..done).for_each(|(row, tag)| rows(row, tag));
        let is_open = morning.in_reach_s > 0.0 || run.is_some() || gap_run.is_some();
        let (longest_run_s, gap_run_s) = (goes_on.longest_run_s, goes_on.gap_run_s);
        let more = More { tag, run, gap_run, waiting };
        let more = (more != More::default()).then(|| Box::new(more));
        let open = is_open.then(|| Box::new(Open { morning, longest_run_s, gap_run_s, more }));
        (utc_within_s > 0.0 || open.is_some()).then_some(Self { utc_within_s, open })
    }

    /// The end of the run: what is open ends here.
    pub fn finish(self, mut rows: impl FnMut(PairDay, Tag)) {
        let Some(mut more) = self.open.and_then(|open| open.more) else { return };
        credit(more.run, &mut more.waiting, |row| &mut row.longest_run_s);
        credit(more.gap_run, &mut more.waiting, |row| &mut row.gap_run_s);
        more.waiting.into_iter().for_each(|(row, tag)| rows(row, tag));
    }

    /// What it holds in memory, bytes.
    pub fn bytes(&self) -> usize {
        let Some(open) = &self.open else { return size_of::<Self>() };
        let more = open.more.as_ref().map_or(0, |more| size_of::<More<Tag>>() + size_of_val(more.waiting.as_slice()));
        size_of::<Self>() + size_of::<Open<Tag>>() + more
    }
}

type Field = fn(&mut PairDay) -> &mut f64;

fn extend<Tag>(open: &mut Option<OpenRun>, rows: &mut [(PairDay, Tag)], (from_s, to_s): (f64, f64), gap_s: f64, field: Field) {
    match open {
        Some(run) if from_s - run.last_s <= gap_s => {
            run.contact_s += to_s - from_s;
            run.last_s = to_s;
        }
        _ => {
            credit(open.take(), rows, field);
            *open = Some(OpenRun { day: UnixSeconds(from_s as i64).day_jst(), contact_s: to_s - from_s, last_s: to_s });
        }
    }
}

fn close_if_over<Tag>(open: &mut Option<OpenRun>, rows: &mut [(PairDay, Tag)], before_s: f64, field: Field) {
    if open.is_some_and(|run| run.last_s < before_s) {
        credit(open.take(), rows, field);
    }
}

fn credit<Tag>(run: Option<OpenRun>, rows: &mut [(PairDay, Tag)], field: Field) {
    if let Some(run) = run
        && let Some((row, _)) = rows.iter_mut().find(|(row, _)| row.day == run.day)
    {
        let longest = field(row);
        *longest = longest.max(run.contact_s);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: DayJst = DayJst(18_500);
    const GAP_S: f64 = 300.0;

    /// One UTC day after the other, from the one that begins on [`DAY`] on: the rows of its JST days, in the order in which they are final.
    fn closed(days: &[Touch]) -> Vec<PairDay> {
        let (mut rows, mut carried) = (Vec::new(), None);
        for (day, touch) in (DAY.0..).map(DayUtc).zip(days) {
            let before: Carried<()> = carried.take().unwrap_or_default();
            carried = before.close_day(day, touch, GAP_S, [(); 2], |_, _| (), |row, _| rows.push(row));
            // What a checkpoint keeps is what was carried.
            let bytes = postcard::to_stdvec(&carried).expect("it is plain data");
            carried = postcard::from_bytes(&bytes).expect("and comes back");
        }
        carried.into_iter().for_each(|c| c.finish(|row, _| rows.push(row)));
        rows
    }

    fn touch(contact_s: &[(f64, f64)]) -> Touch {
        let half = HalfDay { in_reach_s: 1.0, ..HalfDay::default() };
        Touch { halves: [half; 2], contact_s: contact_s.to_vec() }
    }

    /// A touch of so many seconds before and after midnight.
    fn halves(evening_s: f64, morning_s: f64) -> Touch {
        let halves = [evening_s, morning_s].map(|within_s| HalfDay { within_s, in_reach_s: within_s, ..HalfDay::default() });
        Touch { halves, contact_s: Vec::new() }
    }

    #[test]
    fn both_rows_of_a_utc_day_hold_all_of_it() {
        let rows = closed(&[halves(600.0, 700.0), halves(30.0, 0.0), halves(0.0, 0.0), halves(2.0, 0.0)]);
        let sums: Vec<_> = rows.iter().map(|r| (r.day.0 - DAY.0, r.utc_within_s, r.whole().within_s)).collect();
        assert_eq!(sums, [(0, [0.0, 1300.0], 600.0), (1, [1300.0, 30.0], 730.0), (3, [0.0, 2.0], 2.0)]);
    }

    #[test]
    fn a_run_over_midnight_belongs_to_the_day_it_starts() {
        let midnight = DAY.end().0 as f64;
        let rows = closed(&[touch(&[(midnight - 600.0, midnight + 900.0), (midnight + 1100.0, midnight + 1200.0)]), Touch::default()]);
        let runs: Vec<_> = rows.iter().map(|r| (r.day, r.longest_run_s, r.gap_run_s)).collect();
        assert_eq!(runs, [(DAY, 1500.0, 1600.0), (DAY.next(), 100.0, 0.0)]);
    }

    /// From before midnight until after nine in the morning: the row of the first day waits, that of the second holds what it started.
    #[test]
    fn a_run_over_the_end_of_a_utc_day_is_one() {
        let (midnight, nine) = (DAY.end().0 as f64, DayUtc(DAY.0).end().0 as f64);
        let rows = closed(&[touch(&[(midnight - 50.0, nine)]), touch(&[(nine, nine + 70.0), (nine + 500.0, nine + 700.0)])]);
        let runs: Vec<_> = rows.iter().map(|r| (r.day, r.longest_run_s, r.gap_run_s)).collect();
        let whole_s = nine - midnight + 120.0;
        assert_eq!(runs, [(DAY, whole_s, whole_s), (DAY.next(), 200.0, 200.0)]);
    }

    #[test]
    fn gaps_up_to_the_limit_are_bridged_and_not_counted() {
        let t = DAY.start().0 as f64 + 40_000.0;
        let rows = closed(&[touch(&[(t, t + 100.0), (t + 400.0, t + 500.0), (t + 800.1, t + 900.1)])]);
        assert_eq!((rows[0].longest_run_s.round(), rows[0].gap_run_s.round()), (100.0, 200.0));
    }
}
