//! Trains: lines of stations, when they run, and how many cars they have.
//!
//! Of a line's stations the last third lie in the middle of the city. It runs in either direction as its riders of a usual working day ask for: so
//! often and with so many cars that the fullest sections of the busiest hours are as full as `mobility.city.congestion` says, and the others as
//! full as they come. Where who rides stands, and who stands by whom, is the car's (`places`).

use crate::{
    ids::VenueId,
    random::{Keyed, Seed, Stream},
};

/// Stations of a line.
const STATIONS: i64 = 40;
/// From one to the next, s.
const STATION_S: i64 = 150;
/// The stations where people work: so many, at the end (assumption).
const CENTRAL: i64 = 14;
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

/// From one train to the next one walks so long, s (assumption).
const CHANGE_S: i64 = 300;
/// Trains that somebody takes on one way.
pub const LEGS: usize = 2;

/// The trains of somebody's way to work, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// The first.
    pub first: Ride,
    /// The one that they change to.
    pub second: Option<Ride>,
}

impl Way {
    /// By the line where they live, for about so many minutes, to the station of an establishment; or, after this share of that time, on by
    /// another line.
    pub fn new(line: u32, ride_min: u8, place: u32, change: Option<(f64, u32)>) -> Self {
        let Some((at, to_line)) = change else { return Self { first: Ride::new(line, ride_min, place), second: None } };
        let first_min = (f64::from(ride_min) * at).round() as u8;
        // Where people change is in the middle, too, and the same for all who go on to a place.
        Self { first: Ride::new(line, first_min, place / CENTRAL as u32), second: Some(Ride::new(to_line, ride_min - first_min, place)) }
    }

    /// Seconds between trains.
    pub fn change_s(self) -> i64 {
        if self.second.is_some() { CHANGE_S } else { 0 }
    }

    fn legs(self) -> impl DoubleEndedIterator<Item = Ride> + use<> {
        std::iter::once(self.first).chain(self.second)
    }

    /// Its legs as timetables are made for them: by when each is to bring somebody, and from when each is to take them back, seconds after
    /// midnight, as if no train were waited for.
    pub fn wanted(self, [mut there_s, mut back_s]: [i64; 2]) -> impl Iterator<Item = (Ride, [i64; 2])> + use<> {
        self.legs().rev().map(move |ride| {
            let wanted = (ride, [there_s, back_s]);
            let (boards_s, leaves_s) = ride.after_s(Bound::In);
            (there_s, back_s) = (there_s - (leaves_s - boards_s) - CHANGE_S, back_s + (leaves_s - boards_s) + CHANGE_S);
            wanted
        })
    }
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
            let mut wanted: [Vec<Wanted>; 2] = Default::default();
            for (ride, [there_s, back_s]) in of_line {
                let (rides_in_s, rides_out_s) = (ride.after_s(Bound::In), ride.after_s(Bound::Out));
                wanted[0].push(Wanted::new(there_s - rides_in_s.1, rides_in_s));
                // A train back is one that leaves no earlier: as one there, in time that runs backwards.
                wanted[1].push(Wanted::new(-(back_s - rides_out_s.0), rides_out_s));
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

    /// The trains by which somebody is there at a moment at the latest, or that they take who leave then: of each the car, by the rider's
    /// number, and from when until when they are in it, all in seconds after midnight. `None` where none runs. The last leg comes first.
    pub fn way(&self, way: Way, bound: Bound, mut at_s: i64, rider: u32) -> [Option<(VenueId, i64, i64)>; LEGS] {
        let mut found = [None; LEGS];
        for (found, ride) in found.iter_mut().zip(way.legs().rev()) {
            *found = self.ride(ride, bound, at_s, rider);
            let Some((_, from_s, to_s)) = *found else { break };
            at_s = match bound {
                Bound::In => from_s - CHANGE_S,
                Bound::Out => to_s + CHANGE_S,
            };
        }
        found
    }

    /// The last train by which somebody is there at a moment, or the first that leaves then or later: its car, by the rider's number, and
    /// from when until when they are in it, all in seconds after midnight. `None` where none runs.
    fn ride(&self, ride: Ride, bound: Bound, at_s: i64, rider: u32) -> Option<(VenueId, i64, i64)> {
        let (boards_s, leaves_s) = ride.after_s(bound);
        let runs = &self.runs.get(ride.line as usize)?[bound as usize];
        let run = match bound {
            Bound::In => runs[..runs.partition_point(|run| run.at_s + leaves_s <= at_s)].last()?,
            Bound::Out => runs.get(runs.partition_point(|run| run.at_s + boards_s < at_s))?,
        };
        Some((VenueId(run.first.0 + rider % run.cars), run.at_s + boards_s, run.at_s + leaves_s))
    }
}

/// A train that somebody wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Wanted {
    /// It begins no later, seconds after midnight.
    begins_s: i64,
    /// They are in it from one of its stations to another, in the order in which it comes to them.
    from: usize,
    to: usize,
}

impl Wanted {
    fn new(begins_s: i64, (boards_s, leaves_s): (i64, i64)) -> Self {
        Self { begins_s, from: (boards_s / STATION_S) as usize, to: (leaves_s / STATION_S) as usize }
    }
}

/// When trains begin, and with how many cars, so that whoever wants one no later than a moment takes the one before it: as many as fill the
/// fullest section.
fn timetable(wanted: &mut [Wanted], load: impl Fn(i64) -> f64, longest_headway_s: i64) -> Vec<(i64, u32)> {
    wanted.sort_unstable();
    let mut runs = Vec::new();
    let Some(first) = wanted.first() else { return runs };
    let mut at_s = first.begins_s.div_euclid(STEP_S) * STEP_S;
    let mut taken = 0;
    while taken < wanted.len() {
        let full = load(at_s);
        let (mut until_s, mut in_section) = (at_s, [0u32; STATIONS as usize]);
        let fullest = loop {
            until_s += STEP_S;
            while let Some(rider) = wanted.get(taken).filter(|rider| rider.begins_s < until_s) {
                in_section[rider.from..rider.to].iter_mut().for_each(|people| *people += 1);
                taken += 1;
            }
            let fullest = f64::from(in_section.iter().copied().max().unwrap_or(0));
            if until_s >= at_s + longest_headway_s || fullest >= full {
                break fullest;
            }
        };
        if fullest > 0.0 {
            runs.push((at_s, ((fullest / full).round() as u32).max(1)));
        }
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

    /// Ten minutes on one line and then ten on another: the second train is in time, the first brings them to it, and so back.
    #[test]
    fn who_changes_catches_the_second_train() {
        let way = Way::new(0, 20, 3, Some((0.5, 1)));
        assert_eq!((way.first.line, way.second.map(|ride| ride.line), way.change_s()), (0, Some(1), 300));
        let riders: Vec<(Ride, [i64; 2])> = (0..600).flat_map(|i| way.wanted([30_000 + i, 60_000 + i])).collect();
        let demand = Demand { congestion: [1.0, 1.0], nominal_people: 150.0, longest_headway_s: 900 };
        let lines = Lines::new(2, &riders, &demand, VenueId(7), Seed(1));
        let trains = |bound, at_s| lines.way(way, bound, at_s, 0).map(|train| train.expect("it runs"));
        let [(_, second_s, there_s), (_, first_s, change_s)] = trains(Bound::In, 30_500);
        assert!(
            there_s <= 30_500 && change_s + 300 <= second_s && second_s - change_s <= 1200,
            "{first_s} {change_s} {second_s} {there_s}"
        );
        assert_eq!((there_s - second_s, change_s - first_s), (600, 600));
        let [(_, back_s, change_s), (_, on_s, home_s)] = trains(Bound::Out, 60_100);
        assert!(back_s >= 60_100 && on_s >= change_s + 300 && home_s - on_s == 600);
        let alone = Way::new(0, 20, 3, None);
        assert_eq!((alone.second, alone.change_s(), lines.way(alone, Bound::In, 30_500, 0)[1]), (None, 0, None));
    }

    /// Few riders: trains as far apart as may be, and none where nobody rides.
    #[test]
    fn trains_with_few_riders_are_rare() {
        let at = |begins_s: i64| Wanted { begins_s, from: 3, to: 5 };
        let mut wanted: Vec<Wanted> = (0..20).map(|i| at(i * 180)).collect();
        let runs = timetable(&mut wanted, |_| 100.0, 900);
        assert_eq!(runs, [(0, 1), (900, 1), (1800, 1), (2700, 1)]);
        assert_eq!(timetable(&mut [at(0), at(40_000)], |_| 100.0, 900), [(0, 1), (39_600, 1)]);
        assert_eq!(timetable(&mut [], |_| 100.0, 900), []);
    }

    /// 300 people on each of three sections, one after the other: no section has more, so one car of 300 will do, and if they all ride all three
    /// it takes three.
    #[test]
    fn cars_are_as_full_as_their_fullest_section() {
        let ride = |i: usize, from: usize, to: usize| Wanted { begins_s: i as i64 % 300, from, to };
        let mut one_after_another: Vec<Wanted> = (0..900).map(|i| ride(i, i % 3, i % 3 + 1)).collect();
        assert_eq!(timetable(&mut one_after_another, |_| 300.0, 900), [(0, 1)]);
        let mut all_along: Vec<Wanted> = (0..900).map(|i| ride(i, 0, 3)).collect();
        assert_eq!(timetable(&mut all_along, |_| 300.0, 900), [(0, 3)]);
    }

    #[test]
    fn a_ride_is_about_as_long_as_asked_and_ends_in_the_middle() {
        for place in 0..12 {
            let ride = Ride::new(2, 30, place); // of twelve stations
            assert!((26..40).contains(&ride.work) && ride.work - ride.home == 12 && ride.line == 2);
        }
        assert_eq!(Ride::new(0, 240, 0).home, 0, "not beyond the line's end");
        assert_eq!(Ride::new(0, 1, 0).home, 25);
    }
}
