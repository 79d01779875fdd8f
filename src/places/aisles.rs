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
    ways::{at_m, length_m, point_at},
};

/// So often somebody looks for a place to stop.
const TRIES: u32 = 12;
/// Of the aisles one person has so much, m, where a venue is full (assumption).
const OF_EACH_M: f32 = 2.0;
/// Ways shorter than this are none, m.
const SHORT_M: f32 = 0.1;
/// No stop is longer, s: the tail of a Pareto law is.
const LONGEST_S: f64 = 3600.0;

fn aisles<'a>(layout: &'a Layout, model: &'a AislesModel) -> impl Iterator<Item = (Point, Point)> + 'a {
    let all = layout.aisles.iter().enumerate();
    all.filter(|(i, _)| model.along.as_ref().is_none_or(|along| along.contains(&(*i as u32)))).map(|(_, aisle)| *aisle)
}

/// How many walk about a full venue.
pub(super) fn capacity(layout: &Layout, model: &AislesModel) -> u32 {
    (aisles(layout, model).map(|(from, to)| from.distance_m(to)).sum::<f32>() / OF_EACH_M) as u32
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

/// Enters at a door and goes from stop to stop, each drawn evenly along the aisles, to the end of the job, or until it is time to set out
/// for where they are to be next, and when. Nobody stops where somebody else is; who finds no room passes on.
pub(super) fn walk(scene: &mut Scene<'_>, model: &AislesModel, job: &Job, next: Option<(Point, i64)>) {
    let aisles: Vec<(Point, Point)> = aisles(scene.layout, model).collect();
    let mut rng = scene.rng(job, 0);
    let mut at = scene.last(job).unwrap_or_else(|| entrance(scene.layout, &aisles, &mut rng));
    scene.stand(job, job.start_s, at, None, model.speed_mps);
    let until = Until { t_s: next.map_or(job.end_s, |(_, t_s)| t_s), at: next.map(|(at, _)| at) };
    let mut t_s = job.start_s;
    while t_s < until.t_s {
        let Some(stop) = stop(scene, model, &aisles, (at, t_s), &until, &mut rng) else { break };
        if stop.comes_s < stop.until_s {
            scene.claims.take(stop.at, (stop.comes_s, stop.until_s));
        }
        scene.stand(job, t_s, stop.at, stop.facing_rad, stop.speed_mps);
        (t_s, at) = (stop.until_s, stop.at);
    }
    if let Some(at) = until.at {
        scene.stand(job, t_s, at, None, AT_LEISURE_MPS);
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
    facing_rad: Option<f32>,
    comes_s: i64,
    until_s: i64,
    speed_mps: f32,
}

/// The next stop of somebody who is somewhere at a moment; none = it is time to set out for where they are to be.
fn stop(
    scene: &Scene<'_>,
    model: &AislesModel,
    aisles: &[(Point, Point)],
    (from, t_s): (Point, i64),
    until: &Until,
    rng: &mut KeyedRng,
) -> Option<Stop> {
    let mut passes_by = None;
    // Nobody sets out earlier.
    let surely_s = until.at.map_or(until.t_s, |_| until.t_s - (scene.ways.longest_m() / model.speed_mps) as i64 - 1);
    for tries in 1..=TRIES {
        let (at, facing_rad) = draw(aisles, rng);
        let path = scene.ways.path(from, at);
        let comes_s = t_s + walk_s(&path, model.speed_mps);
        let leaves_s = || until.t_s - until.at.map_or(0, |next| walk_s(&scene.ways.path(at, next), model.speed_mps));
        // Long before that it does not matter when exactly.
        let leaves_by_s = if comes_s < surely_s { surely_s } else { leaves_s() };
        if comes_s >= leaves_by_s {
            let leaves_s = leaves_by_s;
            if until.at.is_none() && (length_m(&path) > SHORT_M || tries == TRIES) {
                // Still on the way when it is time: by rounding they would be there a second before, where somebody may stand.
                let at = point_at(&path, model.speed_mps * (leaves_s - t_s) as f32);
                return Some(Stop { at, facing_rad: None, comes_s: leaves_s, until_s: leaves_s, speed_mps: AT_LEISURE_MPS });
            }
            continue;
        }
        let stays_until_s = comes_s + stop_s(model, rng);
        let until_s = if stays_until_s <= leaves_by_s { stays_until_s } else { stays_until_s.min(leaves_s()) };
        if scene.claims.is_free(at, (comes_s, until_s)) {
            return Some(Stop { at, facing_rad: Some(facing_rad), comes_s, until_s, speed_mps: model.speed_mps });
        }
        passes_by = Some(Stop { at, facing_rad: None, comes_s, until_s: comes_s, speed_mps: AT_LEISURE_MPS });
    }
    passes_by
}

/// The place of the aisles that is nearest to a door.
fn entrance(layout: &Layout, aisles: &[(Point, Point)], rng: &mut KeyedRng) -> Point {
    let door = if layout.doors.is_empty() { Point::default() } else { layout.doors[rng.random_range(0..layout.doors.len())].at };
    let nearest = aisles.iter().map(|(from, to)| {
        let length_m = from.distance_m(*to);
        let (dx, dy) = (to.x_m - from.x_m, to.y_m - from.y_m);
        let along_m = ((door.x_m - from.x_m) * dx + (door.y_m - from.y_m) * dy) / length_m.max(0.01);
        at_m(*from, *to, along_m.clamp(0.0, length_m))
    });
    nearest.min_by(|a, b| a.distance_m(door).total_cmp(&b.distance_m(door))).unwrap_or(door)
}

/// A place along the aisles, and where one looks there: to one side or the other.
fn draw(aisles: &[(Point, Point)], rng: &mut KeyedRng) -> (Point, f32) {
    let mut left_m = rng.random::<f32>() * aisles.iter().map(|(from, to)| from.distance_m(*to)).sum::<f32>();
    let side_rad = if rng.random::<bool>() { FRAC_PI_2 } else { -FRAC_PI_2 };
    for (from, to) in aisles {
        let length_m = from.distance_m(*to);
        if left_m <= length_m {
            return (at_m(*from, *to, left_m), from.bearing_rad(*to) + side_rad);
        }
        left_m -= length_m;
    }
    let (from, to) = aisles[aisles.len() - 1];
    (to, from.bearing_rad(to) + side_rad)
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
