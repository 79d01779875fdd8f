//! Standing on standing areas.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use rand::RngExt;

use crate::{
    random::KeyedRng,
    units::Point,
    venue::kind::{Area, Faces, Layout, StandingModel},
};

use super::{
    ground::holds,
    scene::{Job, Scene},
    stays::WALK_MPS,
};

/// So often somebody looks for a place at random.
const TRIES: u32 = 400;
/// After that they look everywhere, from one place to the next in these steps, m.
const STEP_M: f32 = 0.05;
/// Who comes with somebody stands as near to them as this where there is room, and who makes room moves no further, m (assumption).
const TOGETHER_M: f32 = 1.0;

fn area_m2(area: &Area) -> f32 {
    (area.high.x_m - area.low.x_m) * (area.high.y_m - area.low.y_m)
}

/// How many find room at once.
pub(super) fn capacity(layout: &Layout, most_per_m2: f64) -> u32 {
    (f64::from(layout.standing.iter().map(area_m2).sum::<f32>()) * most_per_m2 + 1e-3) as u32
}

/// Everybody at a place drawn evenly over the areas, of those that are a body from all others (random sequential addition).
pub(super) fn play(scene: &mut Scene<'_>, model: &StandingModel, jobs: &[Job]) {
    let most = capacity(scene.layout, model.most_per_m2) as usize;
    // When those who stand come and go, in the order in which they come.
    let mut there: Vec<(i64, i64)> = Vec::new();
    for job in jobs {
        there.retain(|(_, end_s)| *end_s > job.start_s);
        let mut rng = scene.rng(job, 0);
        let first = if there.len() < most { draw(scene, job.span_s(), None, &mut rng) } else { None };
        let Some((first, of)) = first else {
            scene.hand_on(job, false);
            continue;
        };
        there.push(job.span_s());
        let mut place = (first, of);
        let mut start_s = job.start_s;
        loop {
            let stays_s = model.change_min.map_or(f64::INFINITY, |mean_min| rng.exponential(mean_min * 60.0).max(60.0));
            let leaves_s = if stays_s < (job.end_s - start_s) as f64 { start_s + stays_s as i64 } else { job.end_s };
            // Whoever finds no other place keeps the one they have.
            let next = (leaves_s < job.end_s).then(|| draw(scene, (leaves_s, job.end_s), None, &mut rng)).flatten();
            let end_s = if next.is_some() { leaves_s } else { job.end_s };
            let (at, of) = place;
            scene.claims.take(at, (start_s, end_s));
            let facing_rad = facing_rad(model.faces, of, &mut rng);
            scene.stand(job, start_s, at, Some(facing_rad), WALK_MPS);
            match next {
                Some(next) => (place, start_s) = (next, end_s),
                None => break,
            }
        }
    }
}

/// A place that is free, and its area; near somebody, if there is one, else anywhere.
pub(super) fn draw<'a>(scene: &Scene<'a>, span_s: (i64, i64), near: Option<Point>, rng: &mut KeyedRng) -> Option<(Point, &'a Area)> {
    if let Some(near) = near {
        return draw_near(scene, span_s, near, rng).or_else(|| draw(scene, span_s, None, rng));
    }
    let areas = &scene.layout.standing;
    let all_m2: f32 = areas.iter().map(area_m2).sum();
    for _ in 0..TRIES {
        let mut left_m2 = rng.random::<f32>() * all_m2;
        let within = areas.iter().find(|area| {
            left_m2 -= area_m2(area);
            left_m2 < 0.0
        });
        let area = within.or(areas.last())?;
        let mut between = |low: f32, high: f32| low + (high - low) * rng.random::<f32>();
        let at = Point::new(between(area.low.x_m, area.high.x_m), between(area.low.y_m, area.high.y_m));
        if scene.claims.is_free(at, span_s) {
            return Some((at, area));
        }
    }
    let left: Vec<(Point, &Area)> = areas
        .iter()
        .flat_map(|area| all_over(area).map(move |at| (at, area)))
        .filter(|(at, _)| scene.claims.is_free(*at, span_s))
        .collect();
    (!left.is_empty()).then(|| left[rng.random_range(0..left.len())])
}

/// A place that is free within reach of somebody, and its area.
pub(super) fn draw_near<'a>(scene: &Scene<'a>, span_s: (i64, i64), near: Point, rng: &mut KeyedRng) -> Option<(Point, &'a Area)> {
    let areas = &scene.layout.standing;
    (0..TRIES).find_map(|_| {
        // Evenly over a circle.
        let at = near.offset(rng.random_range(0.0..TAU), TOGETHER_M * rng.random::<f32>().sqrt());
        let area = areas.iter().find(|area| holds(area, at))?;
        scene.claims.is_free(at, span_s).then_some((at, area))
    })
}

fn all_over(area: &Area) -> impl Iterator<Item = Point> {
    let steps = |low: f32, high: f32| (0..=((high - low) / STEP_M) as u32).map(move |i| low + i as f32 * STEP_M);
    let Area { low, high } = *area;
    steps(low.y_m, high.y_m).flat_map(move |y_m| steps(low.x_m, high.x_m).map(move |x_m| Point::new(x_m, y_m)))
}

pub(super) fn facing_rad(faces: Faces, area: &Area, rng: &mut KeyedRng) -> f32 {
    let is_wide = area.high.x_m - area.low.x_m >= area.high.y_m - area.low.y_m;
    let one_way_or_other = if rng.random::<bool>() { PI } else { 0.0 };
    match faces {
        Faces::AnyWay => rng.random_range(0.0..TAU),
        Faces::Along => one_way_or_other + if is_wide { 0.0 } else { FRAC_PI_2 },
        Faces::Across => one_way_or_other + if is_wide { FRAC_PI_2 } else { 0.0 },
    }
}
