//! Statistics of face-to-face traces, each under the name that it has in tables of measured ones.
//!
//! - *record*: a pair in 20 s; *event*: records of a pair that follow each other; *g5*: events of a pair with gaps of up to 300 s joined, of
//!   which records count (`g5`) or all time from first to last (`span`).
//! - *pair-day*: all records of a pair on a day; *person-day*: a person with a record on a day. Who has none is not counted.
//! - *k15*: others with whom a person has 15 minutes or more on a day, all records together.
//! - *ICT*: the time between an event and the next of the same pair and day; of a person, whoever the other.

use crate::math;

use super::{
    events::{Event, SLOT_S},
    power_law::{best_tail, tail},
};

/// Records joined over gaps begin so long after each other at most: 300 s without a record, s.
const JOINED_WITHIN_S: i64 = 320;
/// 15 and 5 minutes, s.
const LONG_S: i64 = 900;
const FIVE_MIN_S: i64 = 300;
/// The other xmin of the tail, s.
const XMIN_S: f64 = 60.0;

/// The statistics of some events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    figures: Vec<(&'static str, Option<f64>)>,
}

impl Statistics {
    /// Of events by day, pair and time, as [`super::events_of`] gives them.
    pub fn of(events: &[Event]) -> Self {
        let mut statistics = Self::default();
        let (pair_days, gaps_s) = pair_days(events);
        let people = person_days(&pair_days);
        statistics.sizes(events, &pair_days, people.len());
        statistics.events(events);
        statistics.pairs(&pair_days);
        statistics.people(&people, &pair_days, events);
        statistics.gaps(gaps_s, events);
        statistics
    }

    /// A figure by its name; `None` where there is none, or too little to tell it of.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.figures.iter().find(|(known, _)| *known == name).and_then(|(_, value)| *value)
    }

    /// All figures.
    pub fn figures(&self) -> impl Iterator<Item = (&'static str, Option<f64>)> {
        self.figures.iter().copied()
    }

    fn put<const N: usize>(&mut self, figures: [(&'static str, Option<f64>); N]) {
        self.figures.extend(figures);
    }

    fn sizes(&mut self, events: &[Event], pair_days: &[PairDay], person_days: usize) {
        let days = distinct(pair_days.iter().map(|p| p.day));
        let pairs = distinct(pair_days.iter().map(|p| (p.a, p.b)));
        self.put([
            ("people", Some(distinct(pair_days.iter().flat_map(|p| [p.a, p.b])) as f64)),
            ("days", Some(days as f64)),
            ("person_days", Some(person_days as f64)),
            ("records_20s", Some(events.iter().map(Event::records).sum::<i64>() as f64)),
            ("events", Some(events.len() as f64)),
            ("pair_days", Some(pair_days.len() as f64)),
            ("pairs_all", Some(pairs as f64)),
        ]);
    }

    fn events(&mut self, events: &[Event]) {
        let lengths_s = sorted(events.iter().map(|e| e.length_s() as f64));
        let share = |is: &dyn Fn(f64) -> bool| share(&lengths_s, is);
        let (mean, best) = (mean(&lengths_s), best_tail(&lengths_s));
        let cv2 = mean.zip(deviation(&lengths_s, 0)).map(|(mean, sd)| math::powi(sd / mean, 2));
        self.put([
            ("ev_mean_s", mean),
            ("ev_median_s", math::quantile(&lengths_s, 0.5)),
            ("ev_p90_s", math::quantile(&lengths_s, 0.9)),
            ("ev_p99_s", math::quantile(&lengths_s, 0.99)),
            ("ev_max_s", lengths_s.last().copied()),
            ("ev_share_20s", share(&|s| s == SLOT_S as f64)),
            ("ev_share_ge5min", share(&|s| s >= FIVE_MIN_S as f64)),
            ("ev_share_ge15min", share(&|s| s >= LONG_S as f64)),
            ("ev_cv2", cv2),
            ("ev_tail_alpha", best.map(|tail| tail.alpha)),
            ("ev_tail_xmin_s", best.map(|tail| tail.xmin_s)),
            ("ev_tail_n", best.map(|tail| tail.n as f64)),
            ("ev_tail_ks", best.map(|tail| tail.ks)),
            ("ev_alpha_xmin60", tail(&lengths_s, XMIN_S).map(|tail| tail.alpha)),
        ]);
    }

    fn pairs(&mut self, pair_days: &[PairDay]) {
        let all_s = sorted(pair_days.iter().map(|p| p.cumulative_s as f64));
        let best = best_tail(&all_s);
        let long = |is: fn(&PairDay) -> i64| pair_days.iter().filter(|p| is(p) >= LONG_S).count() as f64;
        let (ge15, days) = (long(|p| p.cumulative_s), distinct(pair_days.iter().map(|p| p.day)) as f64);
        let total_s: i64 = pair_days.iter().map(|p| p.cumulative_s).sum();
        let long_s: i64 = pair_days.iter().map(|p| p.cumulative_s).filter(|s| *s >= LONG_S).sum();
        self.put([
            ("pd_cum_mean_s", mean(&all_s)),
            ("pd_cum_median_s", math::quantile(&all_s, 0.5)),
            ("pd_cum_p90_s", math::quantile(&all_s, 0.9)),
            ("pd_cum_p99_s", math::quantile(&all_s, 0.99)),
            ("pd_cum_max_s", all_s.last().copied()),
            ("pd_tail_alpha", best.map(|tail| tail.alpha)),
            ("pd_tail_xmin_s", best.map(|tail| tail.xmin_s)),
            ("pd_ge15", Some(ge15)),
            ("pd_ge15_share", ratio(ge15, pair_days.len() as f64)),
            ("pd_ge15_per_day", ratio(ge15, days)),
            ("time_share_in_ge15_pairs", ratio(long_s as f64, total_s as f64)),
            ("pd_longest_event_ge15", Some(long(|p| p.longest_s))),
            ("pd_g5_ge15", Some(long(|p| p.longest_g5_s))),
            ("pd_spang5_ge15", Some(long(|p| p.span_g5_s))),
        ]);
    }

    fn people(&mut self, people: &[PersonDay], pair_days: &[PairDay], events: &[Event]) {
        let of = |figure: fn(&PersonDay) -> u32| sorted(people.iter().map(|p| f64::from(figure(p))));
        let (degrees, k15) = (of(|p| p.others), of(|p| p.k15));
        let total_s: i64 = pair_days.iter().map(|p| p.cumulative_s).sum();
        let minutes = |seconds: i64| ratio(seconds as f64 / 60.0, people.len() as f64);
        let any_s: i64 = of_people(events).iter().map(|e| e.last_t - e.first_t + SLOT_S).sum();
        self.put([
            ("deg_mean", mean(&degrees)),
            ("deg_median", math::quantile(&degrees, 0.5)),
            ("deg_p90", math::quantile(&degrees, 0.9)),
            ("deg_max", degrees.last().copied()),
            ("deg_cv", mean(&degrees).zip(deviation(&degrees, 1)).map(|(mean, sd)| sd / mean)),
            ("k15_mean", mean(&k15)),
            ("k15_median", math::quantile(&k15, 0.5)),
            ("k15_p90", math::quantile(&k15, 0.9)),
            ("k15_max", k15.last().copied()),
            ("persons_with_k15_ge1", share(&k15, &|k| k >= 1.0)),
            ("k15_single_event_mean", mean(&of(|p| p.k15_single))),
            ("k15_gap5_mean", mean(&of(|p| p.k15_g5))),
            ("k15_span5_mean", mean(&of(|p| p.k15_span))),
            ("k5_mean", mean(&of(|p| p.k5))),
            ("events_per_person_day", mean(&of(|p| p.events))),
            ("contact_min_per_person_day", minutes(2 * total_s)),
            ("time_any_contact_min_per_person_day", minutes(any_s)),
        ]);
    }

    fn gaps(&mut self, gaps_s: Vec<f64>, events: &[Event]) {
        let (gaps_s, alone) = (sorted(gaps_s), of_people(events));
        let same = |w: &&[Event]| (w[0].day, w[0].a) == (w[1].day, w[1].a);
        let of_person_s = sorted(alone.windows(2).filter(same).map(|w| (w[1].first_t - w[0].last_t - SLOT_S) as f64));
        let best = best_tail(&gaps_s);
        self.put([
            ("ict_pair_median_s", math::quantile(&gaps_s, 0.5)),
            ("ict_pair_mean_s", mean(&gaps_s)),
            ("ict_pair_p90_s", math::quantile(&gaps_s, 0.9)),
            ("ict_pair_tail_alpha", best.map(|tail| tail.alpha)),
            ("ict_pair_tail_xmin_s", best.map(|tail| tail.xmin_s)),
            ("ict_person_median_s", math::quantile(&of_person_s, 0.5)),
            ("ict_person_mean_s", mean(&of_person_s)),
        ]);
    }
}

/// A pair on a day.
struct PairDay {
    day: u32,
    a: u32,
    b: u32,
    events: u32,
    cumulative_s: i64,
    longest_s: i64,
    longest_g5_s: i64,
    span_g5_s: i64,
}

/// Pairs on days, and the gaps between their events, s.
fn pair_days(events: &[Event]) -> (Vec<PairDay>, Vec<f64>) {
    let mut gaps_s = Vec::new();
    let pair_day = |of_pair: &[Event]| {
        gaps_s.extend(of_pair.windows(2).map(|w| (w[1].first_t - w[0].last_t - SLOT_S) as f64));
        let joined = || of_pair.chunk_by(|x, y| y.first_t - x.last_t <= JOINED_WITHIN_S);
        let seconds = |some: &[Event]| some.iter().map(Event::records).sum::<i64>() * SLOT_S;
        let (day, a, b) = of_pair[0].pair_day();
        PairDay {
            day,
            a,
            b,
            events: of_pair.len() as u32,
            cumulative_s: seconds(of_pair),
            longest_s: of_pair.iter().map(Event::length_s).max().unwrap_or(0),
            longest_g5_s: joined().map(seconds).max().unwrap_or(0),
            span_g5_s: joined().map(|some| some[some.len() - 1].last_t - some[0].first_t + SLOT_S).max().unwrap_or(0),
        }
    };
    let pair_days = events.chunk_by(|x, y| x.pair_day() == y.pair_day()).map(pair_day).collect();
    (pair_days, gaps_s)
}

/// A person on a day: how many others by what they had in common, and events.
#[derive(Default)]
struct PersonDay {
    others: u32,
    k15: u32,
    k15_single: u32,
    k15_g5: u32,
    k15_span: u32,
    k5: u32,
    events: u32,
}

fn person_days(pair_days: &[PairDay]) -> Vec<PersonDay> {
    let mut ends: Vec<(u32, u32, usize)> = (0..).zip(pair_days).flat_map(|(at, p)| [(p.day, p.a, at), (p.day, p.b, at)]).collect();
    ends.sort_unstable();
    let person_day = |of_person: &[(u32, u32, usize)]| {
        let mut person = PersonDay::default();
        for pair in of_person.iter().map(|(_, _, at)| &pair_days[*at]) {
            person.others += 1;
            person.k15 += u32::from(pair.cumulative_s >= LONG_S);
            person.k15_single += u32::from(pair.longest_s >= LONG_S);
            person.k15_g5 += u32::from(pair.longest_g5_s >= LONG_S);
            person.k15_span += u32::from(pair.span_g5_s >= LONG_S);
            person.k5 += u32::from(pair.cumulative_s >= FIVE_MIN_S);
            person.events += pair.events;
        }
        person
    };
    ends.chunk_by(|x, y| (x.0, x.1) == (y.0, y.1)).map(person_day).collect()
}

/// Each person's time with anybody, by day, person (`a`) and time.
fn of_people(events: &[Event]) -> Vec<Event> {
    let mut ends: Vec<Event> = events.iter().flat_map(|e| [Event { b: 0, ..*e }, Event { a: e.b, b: 0, ..*e }]).collect();
    super::events::join(&mut ends);
    ends
}

fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> usize {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.dedup();
    values.len()
}

fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values
}

fn ratio(of: f64, all: f64) -> Option<f64> {
    (all > 0.0).then(|| of / all)
}

fn mean(values: &[f64]) -> Option<f64> {
    ratio(values.iter().sum(), values.len() as f64)
}

fn share(values: &[f64], is: &dyn Fn(f64) -> bool) -> Option<f64> {
    ratio(values.iter().filter(|v| is(**v)).count() as f64, values.len() as f64)
}

/// Standard deviation, from so many fewer than there are.
fn deviation(values: &[f64], fewer: usize) -> Option<f64> {
    let (mean, n) = (mean(values)?, values.len().checked_sub(fewer).filter(|n| *n > 0)?);
    Some((values.iter().map(|v| math::powi(v - mean, 2)).sum::<f64>() / n as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meetings::events_of;

    /// Day 0: 1 and 2 for 40 s, again 100 s later for 20 s, again 500 s later for 920 s; 1 and 3 for 20 s in the first of these. Day 2: 2 and 3
    /// for 20 s.
    fn worked() -> Statistics {
        let mut records = vec![(20, 1, 2), (40, 1, 2), (160, 1, 2), (20, 1, 3), (2 * 86_400 + 20, 2, 3)];
        records.extend((0..46).map(|k| (680 + k * 20, 2, 1)));
        Statistics::of(&events_of(records))
    }

    #[test]
    fn statistics_are_those_of_the_definitions() {
        let found = worked();
        for (name, expected) in [
            ("people", 3.0),
            ("days", 2.0),
            ("person_days", 5.0),
            ("records_20s", 51.0),
            ("events", 5.0),
            ("pair_days", 3.0),
            ("pairs_all", 3.0),
            // 40, 20, 920, 20 and 20 s.
            ("ev_mean_s", 204.0),
            ("ev_median_s", 20.0),
            ("ev_p90_s", 568.0),
            ("ev_max_s", 920.0),
            ("ev_share_20s", 0.6),
            ("ev_share_ge15min", 0.2),
            // Of deviations from 204: 164, 184 three times, 716.
            ("ev_cv2", (164.0 * 164.0 + 3.0 * 184.0 * 184.0 + 716.0 * 716.0) / 5.0 / (204.0 * 204.0)),
            // 980, 20 and 20 s.
            ("pd_cum_median_s", 20.0),
            ("pd_ge15", 1.0),
            ("pd_ge15_share", 1.0 / 3.0),
            ("pd_ge15_per_day", 0.5),
            ("time_share_in_ge15_pairs", 980.0 / 1020.0),
            ("pd_longest_event_ge15", 1.0),
            // The first two are joined, the third begins 500 s after them.
            ("pd_spang5_ge15", 1.0),
            // Two others, one, one on day 0; one and one on day 2.
            ("deg_mean", 1.2),
            ("deg_cv", 0.2f64.sqrt() / 1.2),
            ("k15_mean", 0.4),
            ("persons_with_k15_ge1", 0.4),
            ("k5_mean", 0.4),
            ("events_per_person_day", 2.0),
            ("contact_min_per_person_day", 2.0 * 1020.0 / 60.0 / 5.0),
            // 1: 980 s; 2: 980 s; 3: 20 s; and twice 20 s.
            ("time_any_contact_min_per_person_day", 2020.0 / 60.0 / 5.0),
            // 100 and 500 s; of 1 and of 2 the same.
            ("ict_pair_mean_s", 300.0),
            ("ict_pair_p90_s", 460.0),
            ("ict_person_mean_s", 300.0),
        ] {
            let value = found.get(name).unwrap_or(f64::NAN);
            assert!((value - expected).abs() < 1e-9, "{name}: {value} for {expected}");
        }
        assert_eq!(found.get("ev_tail_alpha"), None, "of five events no tail is told");
        assert_eq!(Statistics::of(&[]).get("deg_mean"), None);
    }

    /// 600 s, 280 s without a record, 600 s: with gaps joined 1200 s of records in 1480 s; no event of 15 minutes.
    #[test]
    fn gaps_of_up_to_five_minutes_are_joined() {
        let with_gap = |gap: i64| {
            let records = (0..30).map(|k| (20 + k * 20, 1, 2)).chain((0..30).map(move |k| (620 + gap + k * 20, 1, 2)));
            let found = Statistics::of(&events_of(records));
            ["pd_longest_event_ge15", "pd_g5_ge15", "pd_spang5_ge15", "pd_ge15"].map(|name| found.get(name))
        };
        assert_eq!(with_gap(280), [0.0, 1.0, 1.0, 1.0].map(Some));
        assert_eq!(with_gap(300), [0.0, 1.0, 1.0, 1.0].map(Some));
        assert_eq!(with_gap(320), [0.0, 0.0, 0.0, 1.0].map(Some));
    }
}
