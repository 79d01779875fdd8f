//! Walking and stopping along aisles.

use std::f32::consts::FRAC_PI_2;

use rand::RngExt;

use crate::{
    math,
    random::KeyedRng,
    units::Point,
    venue::kind::{AislesModel, Layout},
};

use super::{
    scene::{Job, Scene},
    stays::{AT_LEISURE_MPS, walk_s},
    ways::{Beside, at_m, length_m, point_at},
};

/// So often somebody looks for a place to stop.
const TRIES: u32 = 12;
/// Of the aisles one person has so much, m, where a venue is full (assumption).
const OF_EACH_M: f32 = 2.0;
/// Who goes through all aisles in order is ahead of what the time would be, or behind, by up to so much of them all (assumption).
const AHEAD_SHARE: f64 = 0.05;
/// Ways shorter than this are none, m.
const SHORT_M: f32 = 0.1;
/// No stop is longer, s: the tail of a Pareto law is.
const LONGEST_S: f64 = 3600.0;

/// Aisles by number.
type Aisles = Vec<(u32, (Point, Point))>;

fn aisles(layout: &Layout, model: &AislesModel) -> Aisles {
    let all = (0..).zip(layout.aisles.iter().copied());
    all.filter(|(i, _)| model.along.as_ref().is_none_or(|along| along.contains(i))).collect()
}

/// Length of all.
fn all_m(aisles: &Aisles) -> f32 {
    aisles.iter().map(|(_, (from, to))| from.distance_m(*to)).sum()
}

/// How many walk about a full venue.
pub(super) fn capacity(layout: &Layout, model: &AislesModel) -> u32 {
    (all_m(&aisles(layout, model)) / OF_EACH_M) as u32
}

/// So many as have room come in, in the order in which they come, and walk about to the end of their visit, or until it is time for a line
/// that ends visits. Those who are in that line count too.
pub(super) fn play(scene: &mut Scene<'_>, model: &AislesModel, jobs: &[Job]) {
    let most = capacity(scene.layout, model) as usize;
    let mut there_until_s: Vec<i64> = Vec::new();
    for job in jobs {
        there_until_s.retain(|end_s| *end_s > job.start_s);
        if there_until_s.len() == most {
            scene.turn_away(job);
            continue;
        }
        there_until_s.push(job.end_s);
        if scene.ends_in_line(job.role) {
            scene.hand_on(job, true);
        } else {
            walk(scene, model, job, None);
        }
    }
}

/// Enters at a door and goes from stop to stop, each drawn evenly along the aisles or in their order, to the end of the job, or until it is time to set out
/// for where they are to be next, and when. Nobody stops where somebody else is; who finds no room passes on.
///
/// Weakness: nobody makes way for others: who walks on the left comes close to those who stand there, and ways that cross are not waited for.
pub(super) fn walk(scene: &mut Scene<'_>, model: &AislesModel, job: &Job, next: Option<(Point, i64)>) {
    let aisles = aisles(scene.layout, model);
    let mut rng = scene.rng(job, 0);
    let mut at = match scene.last(job) {
        Some(at) => {
            scene.stand(job, job.start_s, at, None, model.speed_mps);
            (at, None)
        }
        None => {
            let (at, beside) = entrance(scene.layout, &aisles, &mut rng);
            scene.stand_beside(job, job.start_s, (at, beside, model.keep_left_m), None, model.speed_mps);
            (at, Some(beside))
        }
    };
    let until = Until { t_s: next.map_or(job.end_s, |(_, t_s)| t_s), at: next.map(|(at, _)| at) };
    let order = model.in_order.then(|| Order { start_s: job.start_s, length_s: until.t_s - job.start_s, is_reversed: rng.random() });
    let (mut t_s, mut path) = (job.start_s, Vec::new());
    while t_s < until.t_s {
        let Some(stop) = stop(scene, (model, order), &aisles, (at, t_s), &until, (&mut rng, &mut path)) else { break };
        if stop.comes_s < stop.until_s {
            scene.claims.take(stop.at, (stop.comes_s, stop.until_s));
        }
        match stop.beside {
            Some(beside) => scene.stand_beside(job, t_s, (stop.at, beside, model.keep_left_m), stop.facing_rad, stop.speed_mps),
            None => scene.stand(job, t_s, stop.at, stop.facing_rad, stop.speed_mps),
        }
        (t_s, at) = (stop.until_s, (stop.at, stop.beside));
    }
    if let Some(at) = until.at {
        scene.stand(job, t_s, at, None, AT_LEISURE_MPS);
    }
}

/// Somebody's way through the aisles in order, all in the time that they have.
#[derive(Clone, Copy)]
struct Order {
    start_s: i64,
    length_s: i64,
    is_reversed: bool,
}

impl Order {
    /// How far they are at a moment, from 0 to 1.
    fn share(self, t_s: i64, rng: &mut KeyedRng) -> f32 {
        let share = (t_s - self.start_s) as f64 / self.length_s.max(1) as f64 + AHEAD_SHARE * (2.0 * rng.random::<f64>() - 1.0);
        let share = share.clamp(0.0, 1.0) as f32;
        if self.is_reversed { 1.0 - share } else { share }
    }
}

/// Until when somebody walks about, and where they are to be then.
struct Until {
    t_s: i64,
    at: Option<Point>,
}

/// Where somebody goes next, and stays from when to when.
struct Stop {
    at: Point,
    /// None where they have to leave on their way.
    beside: Option<Beside>,
    facing_rad: Option<f32>,
    comes_s: i64,
    until_s: i64,
    speed_mps: f32,
}

/// The next stop of somebody who is somewhere at a moment; none = it is time to set out for where they are to be.
fn stop(
    scene: &Scene<'_>,
    (model, order): (&AislesModel, Option<Order>),
    aisles: &Aisles,
    ((from, from_beside), t_s): ((Point, Option<Beside>), i64),
    until: &Until,
    (rng, path): (&mut KeyedRng, &mut Vec<Point>),
) -> Option<Stop> {
    let mut passes_by = None;
    // Nobody sets out earlier.
    let surely_s = until.at.map_or(until.t_s, |_| until.t_s - (scene.ways.longest_m() / model.speed_mps) as i64 - 1);
    for tries in 1..=TRIES {
        let (at, beside, facing_rad) = draw(aisles, model.stop_aside_m, order.map(|order| order.share(t_s, rng)), rng);
        if !from_beside.is_some_and(|from_beside| scene.ways.path_along((from, from_beside), (at, beside), model.keep_left_m, path)) {
            path.clear();
            path.extend_from_slice(&scene.ways.path(from, at));
        }
        let comes_s = t_s + walk_s(path, model.speed_mps);
        let leaves_s = || until.t_s - until.at.map_or(0, |next| walk_s(&scene.ways.path(at, next), model.speed_mps));
        // Long before that it does not matter when exactly.
        let leaves_by_s = if comes_s < surely_s { surely_s } else { leaves_s() };
        if comes_s >= leaves_by_s {
            let leaves_s = leaves_by_s;
            if until.at.is_none() && (length_m(path) > SHORT_M || tries == TRIES) {
                // Still on the way when it is time: by rounding they would be there a second before, where somebody may stand.
                let at = point_at(path, model.speed_mps * (leaves_s - t_s) as f32);
                return Some(Stop { at, beside: None, facing_rad: None, comes_s: leaves_s, until_s: leaves_s, speed_mps: AT_LEISURE_MPS });
            }
            continue;
        }
        let stays_until_s = comes_s + stop_s(model, rng);
        let until_s = if stays_until_s <= leaves_by_s { stays_until_s } else { stays_until_s.min(leaves_s()) };
        let beside = Some(beside);
        if scene.claims.is_free(at, (comes_s, until_s)) {
            return Some(Stop { at, beside, facing_rad: Some(facing_rad), comes_s, until_s, speed_mps: model.speed_mps });
        }
        passes_by = Some(Stop { at, beside, facing_rad: None, comes_s, until_s: comes_s, speed_mps: AT_LEISURE_MPS });
    }
    passes_by
}

/// The place of the aisles that is nearest to a door.
fn entrance(layout: &Layout, aisles: &Aisles, rng: &mut KeyedRng) -> (Point, Beside) {
    let door = if layout.doors.is_empty() { Point::default() } else { layout.doors[rng.random_range(0..layout.doors.len())].at };
    let nearest = aisles.iter().map(|(aisle, (from, to))| {
        let length_m = from.distance_m(*to);
        let (dx, dy) = (to.x_m - from.x_m, to.y_m - from.y_m);
        let along_m = (((door.x_m - from.x_m) * dx + (door.y_m - from.y_m) * dy) / length_m.max(0.01)).clamp(0.0, length_m);
        (at_m(*from, *to, along_m), Beside { aisle: *aisle, along_m })
    });
    let nearest = nearest.min_by(|(a, _), (b, _)| a.distance_m(door).total_cmp(&b.distance_m(door)));
    nearest.expect("checked: who walks along aisles has some")
}

/// A place beside the aisles, of all their length at this share, and where one looks there: to one side or the other, away from the aisle.
fn draw(aisles: &Aisles, aside_m: f32, at: Option<f32>, rng: &mut KeyedRng) -> (Point, Beside, f32) {
    let mut left_m = at.unwrap_or_else(|| rng.random()) * all_m(aisles);
    let side_rad = if rng.random::<bool>() { FRAC_PI_2 } else { -FRAC_PI_2 };
    let place = |(aisle, (from, to)): (u32, (Point, Point)), along_m: f32| {
        let facing_rad = from.bearing_rad(to) + side_rad;
        let at = at_m(from, to, along_m);
        let at = if aside_m > 0.0 { at.offset(facing_rad, aside_m) } else { at };
        (at, Beside { aisle, along_m }, facing_rad)
    };
    for aisle in aisles {
        let length_m = aisle.1.0.distance_m(aisle.1.1);
        if left_m <= length_m {
            return place(*aisle, left_m);
        }
        left_m -= length_m;
    }
    let last = aisles[aisles.len() - 1];
    place(last, last.1.0.distance_m(last.1.1))
}

/// How long a stop is, whole seconds.
fn stop_s(model: &AislesModel, rng: &mut KeyedRng) -> i64 {
    let drawn_s = match model.stop_tail_exponent {
        None => rng.exponential(model.stop_mean_s),
        // Of this mean: the shortest is (exponent - 1) / exponent of it.
        Some(exponent) => {
            let shortest_s = model.stop_mean_s * (exponent - 1.0) / exponent;
            shortest_s * math::powf(1.0 - rng.random::<f64>(), -1.0 / exponent)
        }
    };
    (drawn_s.min(LONGEST_S) as i64).max(1)
}
