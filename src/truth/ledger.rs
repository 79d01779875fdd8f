//! Runs that go on over midnight, and the rows that wait for them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ids::PersonId, time::DayJst};

use super::{measure::Touch, records::PairDay};

/// A run that may still go on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct OpenRun {
    day: DayJst,
    contact_s: f64,
    last_s: f64,
}

/// The open runs of one pair: unbroken, and with bridged gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct OpenRuns {
    run: Option<OpenRun>,
    gap_run: Option<OpenRun>,
}

/// Gathers the touches of day after day into [`PairDay`]s. A row waits for the next morning, which ends its second UTC day,
/// and, since a run belongs to the day it starts, for the end of a run that goes on over midnight.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ledger {
    /// Rows that wait (the last is of the last day closed), and the open runs. A list, since JSON has no keys of two numbers.
    #[serde(with = "crate::as_list")]
    open: BTreeMap<(PersonId, PersonId), (Vec<PairDay>, OpenRuns)>,
}

/// Runs whose pieces are closer than this are unbroken (see `measure::TOUCHING_S`).
const UNBROKEN_GAP_S: f64 = 1e-4;

impl Ledger {
    /// Takes all touches of one JST day (any order; a pair may appear once per venue) and returns the rows that are now
    /// final, sorted by (day, a, b).
    pub fn close_day(&mut self, day: DayJst, mut touches: Vec<Touch>, gap_s: f64) -> Vec<PairDay> {
        touches.sort_by_key(|t| (t.a, t.b));
        let mut today: BTreeMap<(PersonId, PersonId), Touch> = BTreeMap::new();
        for touch in touches {
            match today.get_mut(&(touch.a, touch.b)) {
                None => {
                    today.insert((touch.a, touch.b), touch);
                }
                Some(known) => {
                    known.halves = [known.halves[0].and(&touch.halves[0]), known.halves[1].and(&touch.halves[1])];
                    known.contact_s.extend_from_slice(&touch.contact_s);
                    known.contact_s.sort_by(|x, y| x.0.total_cmp(&y.0));
                }
            }
        }
        let mut final_rows = Vec::new();
        let mut still_open = BTreeMap::new();
        // Pairs without a touch today: their rows have their morning, and their runs have ended.
        for (pair, (rows, runs)) in std::mem::take(&mut self.open) {
            if today.contains_key(&pair) {
                still_open.insert(pair, (rows, runs));
            } else {
                final_rows.extend(settle(rows, runs));
            }
        }
        let end_s = day.end().0 as f64;
        for (pair, touch) in today {
            let (mut rows, mut runs) = still_open.remove(&pair).unwrap_or_default();
            let mut utc_within_s = touch.halves.map(|half| half.within_s);
            if let Some(yesterday) = rows.last_mut().filter(|row| row.day.next() == day) {
                utc_within_s[0] += yesterday.halves[1].within_s;
                yesterday.utc_within_s[1] = utc_within_s[0];
            }
            let (a, b, halves) = (touch.a, touch.b, touch.halves);
            rows.push(PairDay { day, a, b, halves, utc_within_s, longest_run_s: 0.0, gap_run_s: 0.0 });
            for (from_s, to_s) in touch.contact_s {
                extend(&mut runs.run, &mut rows, from_s, to_s, UNBROKEN_GAP_S, |row| &mut row.longest_run_s);
                extend(&mut runs.gap_run, &mut rows, from_s, to_s, gap_s, |row| &mut row.gap_run_s);
            }
            close_if_over(&mut runs.run, &mut rows, end_s - UNBROKEN_GAP_S, |row| &mut row.longest_run_s);
            close_if_over(&mut runs.gap_run, &mut rows, end_s - gap_s, |row| &mut row.gap_run_s);
            let waits_from = [runs.run, runs.gap_run].iter().flatten().map(|r| r.day).fold(day, DayJst::min);
            let (done, waiting) = rows.into_iter().partition(|row| row.day < waits_from);
            final_rows.extend::<Vec<_>>(done);
            self.open.insert(pair, (waiting, runs));
        }
        final_rows.sort_by_key(|row| (row.day, row.a, row.b));
        final_rows
    }

    /// The first day of which a row still waits; `None` if none does.
    pub fn waits_from(&self) -> Option<DayJst> {
        self.open.values().filter_map(|(rows, _)| rows.first()).map(|row| row.day).min()
    }

    /// The end of the run: what is open ends here.
    pub fn finish(&mut self) -> Vec<PairDay> {
        let mut rows: Vec<PairDay> = std::mem::take(&mut self.open).into_values().flat_map(|(rows, runs)| settle(rows, runs)).collect();
        rows.sort_by_key(|row| (row.day, row.a, row.b));
        rows
    }
}

type Field = fn(&mut PairDay) -> &mut f64;

fn extend(open: &mut Option<OpenRun>, rows: &mut [PairDay], from_s: f64, to_s: f64, gap_s: f64, field: Field) {
    match open {
        Some(run) if from_s - run.last_s <= gap_s => {
            run.contact_s += to_s - from_s;
            run.last_s = to_s;
        }
        _ => {
            credit(open.take(), rows, field);
            *open = Some(OpenRun { day: rows.last().expect("today's row was pushed").day, contact_s: to_s - from_s, last_s: to_s });
        }
    }
}

fn close_if_over(open: &mut Option<OpenRun>, rows: &mut [PairDay], before_s: f64, field: Field) {
    if open.is_some_and(|run| run.last_s < before_s) {
        credit(open.take(), rows, field);
    }
}

fn credit(run: Option<OpenRun>, rows: &mut [PairDay], field: Field) {
    if let Some(run) = run
        && let Some(row) = rows.iter_mut().find(|row| row.day == run.day)
    {
        let longest = field(row);
        *longest = longest.max(run.contact_s);
    }
}

fn settle(mut rows: Vec<PairDay>, runs: OpenRuns) -> Vec<PairDay> {
    credit(runs.run, &mut rows, |row| &mut row.longest_run_s);
    credit(runs.gap_run, &mut rows, |row| &mut row.gap_run_s);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::truth::HalfDay;

    fn touch(contact_s: Vec<(f64, f64)>) -> Touch {
        Touch { a: PersonId(1), b: PersonId(2), halves: [HalfDay::default(); 2], contact_s }
    }

    /// A touch of so many seconds before and after 09:00.
    fn halves(before_s: f64, after_s: f64) -> Touch {
        let halves = [before_s, after_s].map(|within_s| HalfDay { within_s, ..HalfDay::default() });
        Touch { halves, ..touch(Vec::new()) }
    }

    #[test]
    fn both_rows_of_a_utc_day_hold_all_of_it() {
        let day = DayJst(18_500);
        let mut ledger = Ledger::default();
        assert!(ledger.close_day(day, vec![halves(50.0, 600.0)], 300.0).is_empty(), "the row waits for the morning");
        assert_eq!(ledger.waits_from(), Some(day));
        let mut rows = ledger.close_day(day.next(), vec![halves(700.0, 30.0)], 300.0);
        assert_eq!(ledger.waits_from(), Some(day.next()));
        // A day apart; then one after it that does not share a UTC day.
        rows.extend(ledger.close_day(day.plus_days(2), Vec::new(), 300.0));
        assert_eq!(ledger.waits_from(), None);
        rows.extend(ledger.close_day(day.plus_days(3), vec![halves(1.0, 2.0)], 300.0));
        rows.extend(ledger.finish());
        let sums: Vec<_> = rows.iter().map(|r| (r.day.0 - day.0, r.utc_within_s)).collect();
        assert_eq!(sums, [(0, [50.0, 1300.0]), (1, [1300.0, 30.0]), (3, [1.0, 2.0])]);
    }

    #[test]
    fn a_run_over_midnight_belongs_to_the_day_it_starts() {
        let day = DayJst(18_500);
        let midnight = day.end().0 as f64;
        let mut ledger = Ledger::default();
        let first = ledger.close_day(day, vec![touch(vec![(midnight - 600.0, midnight)])], 300.0);
        assert!(first.is_empty(), "the row waits for its run");
        let json = serde_json::to_string(&ledger).expect("a ledger is plain data");
        let mut ledger: Ledger = serde_json::from_str(&json).expect("and comes back");
        let mut rows =
            ledger.close_day(day.next(), vec![touch(vec![(midnight, midnight + 900.0), (midnight + 1100.0, midnight + 1200.0)])], 300.0);
        rows.extend(ledger.finish());
        let runs: Vec<_> = rows.iter().map(|r| (r.day, r.longest_run_s, r.gap_run_s)).collect();
        assert_eq!(runs, [(day, 1500.0, 1600.0), (day.next(), 100.0, 0.0)]);
    }

    #[test]
    fn gaps_up_to_the_limit_are_bridged_and_not_counted() {
        let day = DayJst(18_500);
        let t = day.start().0 as f64 + 40_000.0;
        let mut ledger = Ledger::default();
        assert!(ledger.close_day(day, vec![touch(vec![(t, t + 100.0), (t + 400.0, t + 500.0), (t + 800.1, t + 900.1)])], 300.0).is_empty());
        let rows = ledger.finish();
        assert_eq!((rows[0].longest_run_s.round(), rows[0].gap_run_s.round()), (100.0, 200.0));
    }
}
