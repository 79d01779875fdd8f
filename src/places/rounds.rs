//! From bed to bed, or from table to table, and back to one's post.

use std::f32::consts::TAU;

use crate::{
    units::Point,
    venue::kind::{Layout, RoundsModel},
};

use super::{
    posts,
    queue::drawn_s,
    scene::{Job, Scene},
    stays::{WALK_MPS, walk_s},
};

/// How far from the middle of a bed or table people look for a place to stand, m, the nearest first.
const RINGS_M: [f32; 6] = [0.5, 0.7, 0.9, 1.1, 1.4, 1.8];
/// In so many directions.
const DIRECTIONS: u32 = 16;

/// What there is to go to, in the order of the file: beds and desks one by one, and each table or bench as a whole.
fn targets(layout: &Layout, model: &RoundsModel) -> Vec<Point> {
    let seats: Vec<usize> = (0..layout.plan.seats.len()).filter(|i| model.to.is(layout.plan.seats[*i].use_)).collect();
    let is_one = |a: &usize, b: &usize| model.to.is_shared() && layout.seat_group[*a] == layout.seat_group[*b];
    let middle = |seats: &[usize]| {
        let sum = seats.iter().map(|i| layout.plan.seats[*i].at).fold((0.0, 0.0), |sum, at| (sum.0 + at.x_m, sum.1 + at.y_m));
        Point::new(sum.0 / seats.len() as f32, sum.1 / seats.len() as f32)
    };
    seats.chunk_by(is_one).map(middle).collect()
}

/// Where people stand at a target.
fn beside(scene: &Scene<'_>, target: Point) -> Vec<Point> {
    let all = RINGS_M.iter().flat_map(|ring_m| (0..DIRECTIONS).map(move |k| target.offset(k as f32 / DIRECTIONS as f32 * TAU, *ring_m)));
    all.filter(|at| scene.ground.has_room(*at) && scene.ways.is_clear(*at, target)).collect()
}

/// Everybody has a post and a share of the targets, one after another in the order of their numbers, and goes around them several times.
/// Nobody stops where somebody else is: what has no room is left out of a round.
pub(super) fn play(scene: &mut Scene<'_>, model: &RoundsModel, jobs: &[Job]) {
    let own_posts = posts::of(scene.layout, model.at.as_deref());
    let targets: Vec<(Point, Vec<Point>)> = targets(scene.layout, model).into_iter().map(|at| (at, beside(scene, at))).collect();
    let mut workers: Vec<(u32, u32)> = jobs.iter().map(|job| (scene.person(job).seat, scene.person(job).person.0)).collect();
    workers.sort_unstable();
    workers.dedup();
    for job in jobs {
        let Some(post) = posts::free(scene, &own_posts, job) else {
            scene.hand_on(job, false);
            continue;
        };
        scene.man(job, post);
        let me = (scene.person(job).seat, scene.person(job).person.0);
        let number = workers.iter().position(|worker| *worker == me).unwrap_or(0);
        let share = |number: usize| number * targets.len() / workers.len();
        let mine = &targets[share(number)..share(number + 1)];
        if mine.is_empty() {
            continue;
        }
        let mut rng = scene.rng(job, 0);
        let at_post = scene.layout.posts[post].at;
        let (mut t_s, mut first) = (job.start_s, 0);
        let mut starts = model.starts_h.iter();
        loop {
            let begins_s = match (starts.next(), model.every_min) {
                (Some(start_h), _) => {
                    let late_s = rng.normal() * model.start_sd_min * 60.0;
                    scene.day_start_s() + (start_h * 3600.0 + late_s) as i64
                }
                (None, Some(every_min)) => t_s + (rng.exponential(every_min * 60.0) as i64).max(1),
                (None, None) => break,
            };
            if begins_s >= job.end_s {
                break;
            }
            if begins_s < t_s {
                continue;
            }
            t_s = begins_s;
            let mut at = at_post;
            let stops = model.most.map_or(mine.len(), |most| mine.len().min(most as usize));
            for k in first..first + stops {
                let (target, spots) = &mine[k % mine.len()];
                let stay_s = drawn_s(model.stay_mean_s, model.stay_cv, &mut rng);
                let span_s = |spot: Point| {
                    let comes_s = t_s + walk_s(&scene.ways.path(at, spot), WALK_MPS);
                    (comes_s, comes_s + stay_s)
                };
                let free = spots.iter().map(|spot| (*spot, span_s(*spot))).find(|(spot, span_s)| scene.claims.is_free(*spot, *span_s));
                let Some((spot, span_s)) = free else { continue };
                if span_s.1 + walk_s(&scene.ways.path(spot, at_post), WALK_MPS) >= job.end_s {
                    break;
                }
                scene.claims.take(spot, span_s);
                scene.stand(job, t_s, spot, Some(spot.bearing_rad(*target)), WALK_MPS);
                (t_s, at) = (span_s.1, spot);
            }
            first = (first + stops) % mine.len();
            if at != at_post {
                scene.back_to_post(job, t_s, post);
                t_s += walk_s(&scene.ways.path(at, at_post), WALK_MPS);
            }
        }
    }
}
