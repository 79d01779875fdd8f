//! Lines whose visits end when one has been served.
//!
//! A plan says when a visit ends, and nothing is to say it twice: so the lines are worked out backwards. Seen in reversed time people come
//! to a line at the ends of their visits, the last first, are served one after another, and leave it when they joined it. Run forwards
//! that is a line again, first come, first served, whose heads leave at the ends of their visits. Where visits end at random (Poisson) and
//! services are exponential, waits and lengths have the law of the same line run forwards (Reich 1957, Annals of Mathematical Statistics
//! 28:768; Burke 1956, Operations Research 4:699: what leaves an M/M/1 queue is as random as what comes, and independent of who is left).
//!
//! Weakness: by another law of services it is joins, not ends, that are a service apart in a line that is never empty; who was served
//! alone was served as long as drawn. Where ends crowd, as those of groups do, several leave at once, having joined one after another.

use rand::RngExt;

use crate::{
    units::Point,
    venue::kind::{Layout, MovementConfig, QueueModel},
};

use super::{
    aisles,
    queue::{Marks, drawn_s, lines},
    scene::{Job, Scene},
    stays::{AT_LEISURE_MPS, WALK_MPS, walk_s},
};

/// Somebody who is to be served last thing.
#[derive(Clone, Copy, Debug)]
struct Customer {
    /// They can be at a line from then on.
    from_s: i64,
    /// Their visit ends.
    ends_s: i64,
    service_s: i64,
}

/// When somebody joins a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Turn {
    line: usize,
    joins_s: i64,
}

/// Finds everybody the shortest line in reversed time, `pick` one of several, and when they join it: a service before the end of their
/// visit, or before the one behind them joins. Who comes with less time than that is served faster, and never overtakes; none = all lines
/// of so many `places` are full, or they come too late for all.
fn turns(customers: &[Customer], places: &[usize], mut pick: impl FnMut(usize, &[usize]) -> usize) -> Vec<Option<Turn>> {
    let mut last_first: Vec<usize> = (0..customers.len()).collect();
    last_first.sort_by_key(|i| (std::cmp::Reverse(customers[*i].ends_s), *i));
    let mut turns = vec![None; customers.len()];
    // When those of each line joined it, who was found first last of all.
    let mut joined_s: Vec<Vec<i64>> = vec![Vec::new(); places.len()];
    for i in last_first {
        let Customer { from_s, ends_s, service_s } = customers[i];
        let behind = |line: usize| joined_s[line].iter().rev().take_while(|joins_s| **joins_s < ends_s).count();
        let served_s = |line: usize| joined_s[line].last().map_or(ends_s, |joins_s| ends_s.min(*joins_s));
        let open: Vec<usize> = (0..places.len()).filter(|line| behind(*line) < places[*line] && from_s < served_s(*line)).collect();
        let Some(fewest) = open.iter().map(|line| behind(*line)).min() else { continue };
        let shortest: Vec<usize> = open.into_iter().filter(|line| behind(*line) == fewest).collect();
        let line = shortest[pick(i, &shortest)];
        let joins_s = (served_s(line) - service_s).max(from_s);
        joined_s[line].push(joins_s);
        turns[i] = Some(Turn { line, joins_s });
    }
    turns
}

/// Everybody joins a line in time to be served when their visit ends: from the aisles, or from wherever there is room. Who finds none in
/// time shops on to the end, or has no place.
pub(super) fn play(scene: &mut Scene<'_>, model: &QueueModel, jobs: &[Job]) {
    let lines = lines(scene.layout, model);
    let places: Vec<usize> = lines.iter().map(|line| line.places.len()).collect();
    let way_s = longest_way_s(scene, &lines);
    let customer = |job: &Job| Customer {
        from_s: job.start_s + way_s,
        ends_s: job.end_s,
        service_s: drawn_s(model.service_mean_s.unwrap_or_default(), model.service_cv, &mut scene.rng(job, 0)),
    };
    let customers: Vec<Customer> = jobs.iter().map(customer).collect();
    let turns = turns(&customers, &places, |i, shortest| scene.rng(&jobs[i], 1).random_range(0..shortest.len()));
    for (job, turn) in jobs.iter().zip(&turns) {
        let from_aisles = match &scene.kind.roles[job.before].model {
            MovementConfig::Aisles(model) => Some((model, Job { role: job.before, ..*job })),
            _ => None,
        };
        let Some(Turn { line, joins_s }) = *turn else {
            match from_aisles {
                Some((model, job)) => aisles::walk(scene, model, &job, None),
                None => scene.hand_on(job, false),
            }
            continue;
        };
        let before = turns.iter().zip(&customers).filter_map(|(turn, customer)| {
            let is_before = turn.is_some_and(|other| other.line == line && other.joins_s < joins_s) && customer.ends_s > joins_s;
            is_before.then_some(customer.ends_s)
        });
        let mut leave_s: Vec<i64> = before.collect();
        leave_s.sort_unstable();
        let end_of_line = lines[line].places[leave_s.len()];
        match from_aisles {
            Some((model, job)) => aisles::walk(scene, model, &job, Some((end_of_line, joins_s))),
            None => wait(scene, job, (end_of_line, joins_s)),
        }
        // Whenever somebody before leaves, all behind move up.
        let moves = leave_s.iter().enumerate().filter(|(k, t_s)| leave_s.get(k + 1) != Some(*t_s) && **t_s < job.end_s);
        for (place, t_s) in std::iter::once((leave_s.len(), joins_s)).chain(moves.map(|(k, t_s)| (leave_s.len() - 1 - k, *t_s))) {
            scene.stand(job, t_s, lines[line].places[place], Some(lines[line].facing_rad(place)), WALK_MPS);
        }
    }
}

/// The longest way from a door to the end of a line, s.
fn longest_way_s(scene: &Scene<'_>, lines: &[Marks]) -> i64 {
    let doors = doors(scene.layout);
    let ways = lines.iter().filter_map(|line| line.places.last()).flat_map(|end| doors.iter().map(|door| scene.ways.path(*door, *end)));
    ways.map(|path| walk_s(&path, WALK_MPS)).max().unwrap_or(0)
}

fn doors(layout: &Layout) -> Vec<Point> {
    if layout.doors.is_empty() { vec![Point::default()] } else { layout.doors.iter().map(|door| door.at).collect() }
}

/// Stands wherever there is room until it is time for the line.
fn wait(scene: &mut Scene<'_>, job: &Job, (end_of_line, joins_s): (Point, i64)) {
    let at = scene.stand_at_spare(&Job { end_s: joins_s, ..*job });
    let goes_s = (joins_s - walk_s(&scene.ways.path(at, end_of_line), WALK_MPS)).max(job.start_s);
    scene.stand(job, goes_s, end_of_line, None, AT_LEISURE_MPS);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::random::{Keyed, Seed, Stream};

    fn customer(from_s: i64, ends_s: i64, service_s: i64) -> Customer {
        Customer { from_s, ends_s, service_s }
    }

    /// The last is alone. The one before joins behind the first, a service before their end; the first a service before that.
    #[test]
    fn joins_are_worked_out_from_the_last_end() {
        let customers = [customer(0, 600, 60), customer(0, 630, 60), customer(0, 900, 60)];
        let joins = |places: &[usize]| {
            turns(&customers, places, |_, _| 0).into_iter().map(|turn| turn.map(|turn| turn.joins_s)).collect::<Vec<_>>()
        };
        assert_eq!(joins(&[2]), [Some(510), Some(570), Some(840)]);
        assert_eq!(joins(&[1]), [None, Some(570), Some(840)], "who leaves at 600 s would stand in line with the next from 570 s on");
        // Of two lines the other is empty.
        assert_eq!(joins(&[1, 1]), [Some(540), Some(570), Some(840)]);
    }

    /// Who comes 20 s before the end is served in 20 s; who comes when the one behind is to have joined stays out.
    #[test]
    fn who_is_short_of_time_is_served_faster_and_does_not_overtake() {
        let customers = [customer(580, 600, 60), customer(530, 605, 60), customer(0, 610, 90)];
        let found = turns(&customers, &[9], |_, _| 0);
        assert_eq!(found.iter().map(|turn| turn.map(|turn| turn.joins_s)).collect::<Vec<_>>(), [None, None, Some(520)]);
        let found = turns(&[customer(580, 600, 60), customer(0, 700, 60)], &[9], |_, _| 0);
        assert_eq!(found[0], Some(Turn { line: 0, joins_s: 580 }));
    }

    proptest! {
        #[test]
        fn lines_hold_as_many_as_have_room_first_come_first_served(
            all in prop::collection::vec((0..3000i64, 1..900i64, 1..200i64), 1..80),
            places in prop::collection::vec(1..5usize, 1..4),
        ) {
            let customers: Vec<Customer> =
                all.iter().map(|(from_s, stay_s, service_s)| customer(*from_s, from_s + stay_s, *service_s)).collect();
            let found = turns(&customers, &places, |i, shortest| i % shortest.len());
            let of_line = |line: usize| {
                let there = customers.iter().zip(&found).filter_map(move |(customer, turn)| {
                    turn.filter(|turn| turn.line == line).map(|turn| (turn.joins_s, customer.ends_s, customer))
                });
                let mut there: Vec<(i64, i64, &Customer)> = there.collect();
                there.sort_by_key(|(joins_s, ends_s, _)| (*joins_s, *ends_s));
                there
            };
            for (line, most) in places.iter().enumerate() {
                let there = of_line(line);
                for two in there.windows(2) {
                    prop_assert!(two[0].0 < two[1].0 && two[0].1 <= two[1].1, "who joins later leaves later: {two:?}");
                }
                for (joins_s, ends_s, customer) in &there {
                    prop_assert!(*joins_s >= customer.from_s && joins_s < ends_s);
                    prop_assert!(ends_s - joins_s >= customer.service_s || *joins_s == customer.from_s, "{customer:?} joins at {joins_s}");
                    let waiting = there.iter().filter(|(from_s, until_s, _)| from_s <= joins_s && joins_s < until_s).count();
                    prop_assert!(waiting <= *most, "{waiting} in line {line}");
                }
            }
            // Who stays out found every line full, or had to be in it before they came.
            for (customer, _) in customers.iter().zip(&found).filter(|(_, turn)| turn.is_none()) {
                for (line, most) in places.iter().enumerate() {
                    let there = of_line(line);
                    let behind = there.iter().filter(|(joins_s, ends_s, _)| *joins_s < customer.ends_s && *ends_s >= customer.ends_s);
                    let joins_s: Vec<i64> = behind.map(|(joins_s, ..)| *joins_s).collect();
                    let had_to_come_before = joins_s.iter().any(|joins_s| *joins_s <= customer.from_s);
                    prop_assert!(joins_s.len() >= *most || had_to_come_before, "{customer:?} had room in {line}");
                }
            }
        }
    }

    /// 40,000 visits that end at random, services of a minute in the mean by an exponential law, half of the time in use: in line for
    /// 60 s / (1 - 0.5) = 120 s in the mean, and half find nobody before them. Of 40 batches' means one that is exactly right is within
    /// 2.7 standard errors with chance 0.99 (t of 39 degrees of freedom).
    #[test]
    fn val_waits_are_those_of_an_m_m_1_queue() {
        const N: usize = 40_000;
        let mut rng = Keyed::new(Seed(1), Stream::Places).rng(0, 0, 0);
        let mut t_s = 0.0;
        let customers: Vec<Customer> = (0..N)
            .map(|_| {
                t_s += rng.exponential(120.0);
                // Rounded to whole seconds, which leaves the mean.
                customer(i64::MIN, t_s as i64, (rng.exponential(60.0) + 0.5) as i64)
            })
            .collect();
        let joins_s: Vec<i64> = turns(&customers, &[N], |_, _| 0).into_iter().map(|turn| turn.expect("there is room").joins_s).collect();
        let waits_s: Vec<f64> = customers.iter().zip(&joins_s).map(|(customer, joins_s)| (customer.ends_s - joins_s) as f64).collect();
        let alone: Vec<f64> = (0..N).map(|i| f64::from(i == 0 || customers[i - 1].ends_s <= joins_s[i])).collect();
        for (values, expected) in [(waits_s, 120.0), (alone, 0.5)] {
            let means: Vec<f64> = values.chunks(N / 40).map(|batch| batch.iter().sum::<f64>() / batch.len() as f64).collect();
            let mean = means.iter().sum::<f64>() / 40.0;
            let error = (means.iter().map(|m| (m - mean) * (m - mean)).sum::<f64>() / (39.0 * 40.0)).sqrt();
            assert!((mean - expected).abs() < 2.7 * error, "{mean} give or take {error}, not {expected}");
            assert!(error < 0.03 * expected, "{error}");
        }
    }
}
