//! Trains: lines of stations, when they run, and how many cars they have.
//!
//! A line's last stations lie in the middle of the city. It runs in either direction as its riders of a usual working day ask for: so
//! often and with so many cars that those of the busiest hours are as full as `mobility.city.congestion` says, and the others as full as they
//! come. Where who rides stands, and who stands by whom, is the car's (`places`).

use crate::{
    ids::VenueId,
    random::{Keyed, Seed, Stream},
};

/// Stations of a line.
const STATIONS: i64 = 40;
/// From one to the next, s.
const STATION_S: i64 = 150;
/// The stations where people work: so many, at the end.
const CENTRAL: i64 = 6;
/// Trains leave at whole numbers of so many seconds.
const STEP_S: i64 = 300;
/// The load is drawn anew for each of these, s.
const DRAWN_S: i64 = 900;

/// Which way a train goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Into the middle.
    In,
    /// Out of it.
    Out,
}

/// From which station to which somebody rides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ride {
    /// The line's number.
    pub line: u32,
    /// Where they live and where they work, as numbers from the outer end.
    pub home: i64,
    pub work: i64,
}

impl Ride {
    /// On a line, for about so many minutes, to the station of an establishment.
    pub fn new(line: u32, ride_min: u8, place: u32) -> Self {
        let work = STATIONS - CENTRAL + i64::from(place) % CENTRAL;
        let stations = (i64::from(ride_min) * 60 + STATION_S / 2) / STATION_S;
        Self { line, home: (work - stations.max(1)).max(0), work }
    }

    /// Seconds after a train begins at which they board and leave.
    fn after_s(self, bound: Bound) -> (i64, i64) {
        match bound {
            Bound::In => (self.home * STATION_S, self.work * STATION_S),
            Bound::Out => ((STATIONS - 1 - self.work) * STATION_S, (STATIONS - 1 - self.home) * STATION_S),
        }
    }
}

/// A train of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// When it begins, seconds after midnight.
    at_s: i64,
    cars: u32,
    /// Its first car; the others follow.
    first: VenueId,
}

/// What trains are planned by.
pub struct Demand {
    /// Lowest and highest load of the busiest hours, of a car's nominal one.
    pub congestion: [f64; 2],
    /// People of that.
    pub nominal_people: f64,
    /// Longest time between two trains, s.
    pub longest_headway_s: i64,
}

/// All trains of a city.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// Of each line its runs in and out, in order of time.
    runs: Vec<[Vec<Run>; 2]>,
    /// Cars of all.
    pub cars: u32,
}

impl Lines {
    /// Of so many lines, for people who want to be at work, and to leave from it, at these seconds after midnight. Cars are numbered from
    /// `first` on.
    pub fn new(number: u32, riders: &[(Ride, [i64; 2])], demand: &Demand, first: VenueId, seed: Seed) -> Self {
        let keyed = Keyed::new(seed, Stream::CityDays);
        let mut lines = Self { runs: Vec::new(), cars: 0 };
        for line in 0..number {
            let of_line = riders.iter().filter(|(ride, _)| ride.line == line);
            let mut wanted: [Vec<i64>; 2] = Default::default();
            for (ride, [there_s, back_s]) in of_line {
                wanted[0].push(there_s - ride.after_s(Bound::In).1);
                // A train back is one that leaves no earlier: as one there, in time that runs backwards.
                wanted[1].push(-(back_s - ride.after_s(Bound::Out).0));
            }
            let mut runs = [0, 1].map(|bound: usize| {
                let load = |at_s: i64| {
                    let [low, high] = demand.congestion;
                    let draw = keyed.uniform(line, super::days::OF_LINE + bound as u32, at_s.div_euclid(DRAWN_S) as u32);
                    demand.nominal_people * (low + (high - low) * draw)
                };
                timetable(&mut wanted[bound], load, demand.longest_headway_s)
            });
            runs[1].iter_mut().for_each(|(at_s, _)| *at_s = -*at_s);
            runs[1].reverse();
            let mut founded = |(at_s, cars): (i64, u32)| {
                let run = Run { at_s, cars, first: VenueId(first.0 + lines.cars) };
                lines.cars += cars;
                run
            };
            let runs = runs.map(|of_bound| of_bound.into_iter().map(&mut founded).collect());
            lines.runs.push(runs);
        }
        lines
    }

    /// The last train by which somebody is there at a moment, or the first that leaves then or later: its car, by the rider's number, and
    /// from when until when they are in it, all in seconds after midnight. `None` where none runs.
    pub fn ride(&self, ride: Ride, bound: Bound, at_s: i64, rider: u32) -> Option<(VenueId, i64, i64)> {
        let (boards_s, leaves_s) = ride.after_s(bound);
        let runs = &self.runs.get(ride.line as usize)?[bound as usize];
        let run = match bound {
            Bound::In => runs[..runs.partition_point(|run| run.at_s + leaves_s <= at_s)].last()?,
            Bound::Out => runs.get(runs.partition_point(|run| run.at_s + boards_s < at_s))?,
        };
        Some((VenueId(run.first.0 + rider % run.cars), run.at_s + boards_s, run.at_s + leaves_s))
    }
}

/// When trains begin, and with how many cars, so that whoever wants one no later than a moment takes the one before it.
fn timetable(wanted_s: &mut [i64], load: impl Fn(i64) -> f64, longest_headway_s: i64) -> Vec<(i64, u32)> {
    wanted_s.sort_unstable();
    let mut runs = Vec::new();
    let Some(first_s) = wanted_s.first() else { return runs };
    let mut at_s = first_s.div_euclid(STEP_S) * STEP_S;
    let mut taken = 0;
    while taken < wanted_s.len() {
        let full = load(at_s);
        let by = |until_s: i64| wanted_s.partition_point(|s| *s < until_s) - taken;
        let mut until_s = at_s + STEP_S;
        while until_s < at_s + longest_headway_s && (by(until_s) as f64) < full {
            until_s += STEP_S;
        }
        let riders = by(until_s);
        if riders > 0 {
            runs.push((at_s, ((riders as f64 / full).round() as u32).max(1)));
        }
        taken += riders;
        at_s = until_s;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the 30th station to the 34th: ten minutes, 75 after the train begins.
    const RIDE: Ride = Ride { line: 0, home: 30, work: 34 };

    #[test]
    fn people_take_the_train_that_brings_them_in_time() {
        let riders: Vec<(Ride, [i64; 2])> = (0..600).map(|i| (RIDE, [30_000 + i, 60_000 + i])).collect();
        let demand = Demand { congestion: [1.0, 1.0], nominal_people: 150.0, longest_headway_s: 900 };
        let lines = Lines::new(1, &riders, &demand, VenueId(7), Seed(1));
        // 600 in ten minutes, who want every train to begin five minutes after the one before: two of two cars.
        let mut load = std::collections::BTreeMap::<u32, u32>::new();
        for (number, (ride, [there_s, back_s])) in (0..).zip(&riders) {
            let (car, from_s, to_s) = lines.ride(*ride, Bound::In, *there_s, number).expect("a train");
            assert!(to_s <= *there_s && to_s > there_s - 300 && to_s - from_s == 4 * 150 && from_s % 300 == 0);
            *load.entry(car.0).or_default() += 1;
            let (_, from_s, to_s) = lines.ride(*ride, Bound::Out, *back_s, number).expect("a train");
            assert!(from_s >= *back_s && from_s < back_s + 600 && to_s - from_s == 4 * 150);
        }
        assert!(load.values().all(|n| (50..=200).contains(n)), "{load:?}");
        assert_eq!(load.values().sum::<u32>(), 600);
        assert_eq!(lines.ride(RIDE, Bound::In, 20_000, 0), None, "before the first train");
        assert_eq!(lines.ride(Ride { line: 3, ..RIDE }, Bound::In, 30_000, 0), None);
    }

    /// Few riders: trains as far apart as may be, and none where nobody rides.
    #[test]
    fn trains_with_few_riders_are_rare() {
        let mut wanted: Vec<i64> = (0..20).map(|i| i * 180).collect();
        let runs = timetable(&mut wanted, |_| 100.0, 900);
        assert_eq!(runs, [(0, 1), (900, 1), (1800, 1), (2700, 1)]);
        assert_eq!(timetable(&mut [0, 40_000], |_| 100.0, 900), [(0, 1), (39_600, 1)]);
        assert_eq!(timetable(&mut [], |_| 100.0, 900), []);
    }

    #[test]
    fn a_ride_is_about_as_long_as_asked_and_ends_in_the_middle() {
        for place in 0..12 {
            let ride = Ride::new(2, 30, place);
            assert!((34..40).contains(&ride.work) && ride.work - ride.home == 12 && ride.line == 2);
        }
        assert_eq!(Ride::new(0, 240, 0).home, 0, "not beyond the line's end");
        assert_eq!(Ride::new(0, 1, 0).home, 33);
    }
}
