//! Riding: sitting where a seat is free, else standing, from stop to stop.

use std::collections::BTreeSet;

use rand::RngExt;

use crate::{
    mobility::NO_GROUP,
    random::KeyedRng,
    units::Point,
    venue::kind::{Layout, RideModel},
};

use super::{
    scene::{Job, Scene},
    seats, standing,
    stays::WALK_MPS,
};

/// The draw of a group by which it boards: above the numbers of all tables and benches.
const BOARDS: u32 = 0xFFFF;

/// Seats as near to each other as this are side by side, m.
const SIDE_BY_SIDE_M: f32 = 0.6;

/// Somebody who stands.
struct Stands {
    job: Job,
    at: Point,
    /// Whether and how they make room is drawn from it.
    rng: KeyedRng,
}

/// How many find a place at once.
pub(super) fn capacity(layout: &Layout, model: &RideModel) -> u32 {
    seats::of(layout, &model.on).count() as u32 + standing::capacity(layout, model.most_per_m2)
}

/// At each moment at which anybody comes or goes, those who leave do so first; then who stands near a free seat sits down, the nearest
/// first; then some of those who stand make room; then people board, in an order that is drawn, and take a free seat, with as few others
/// beside it as may be and of these the nearest to their door, or else stand. Of a group the first is at the door, and the others seek to be
/// beside the one before.
///
/// Weakness: nobody goes to a seat further away than `seat_within_m`, and which side the platform is on is not told: any door opens.
pub(super) fn play(scene: &mut Scene<'_>, model: &RideModel, jobs: &[Job]) {
    let seats: Vec<usize> = seats::of(scene.layout, &model.on).collect();
    let most = standing::capacity(scene.layout, model.most_per_m2) as usize;
    let mut standees: Vec<Stands> = Vec::new();
    let moments: BTreeSet<i64> = jobs.iter().flat_map(|job| [job.start_s, job.end_s]).collect();
    for t_s in moments {
        standees.retain(|stands| stands.job.end_s > t_s);
        sit_down(scene, model, &seats, &mut standees, t_s);
        make_room(scene, model, &mut standees, t_s);
        let mut before: Option<(u16, Point)> = None;
        for job in boarding(scene, jobs, t_s) {
            let group = scene.person(&job).group;
            let beside = before.filter(|(of, _)| *of == group && group != NO_GROUP).map(|(_, at)| at);
            let at = board(scene, model, (&seats, standees.len() < most), &job, beside);
            match at {
                Some((at, is_seated)) => {
                    before = Some((group, at));
                    if !is_seated {
                        standees.push(Stands { job, at, rng: scene.rng(&job, 2) });
                    }
                }
                None => scene.hand_on(&job, false),
            }
        }
    }
}

/// Those who board at a moment, groups together.
fn boarding(scene: &Scene<'_>, jobs: &[Job], t_s: i64) -> Vec<Job> {
    let drawn = |job: &Job| match scene.person(job).group {
        NO_GROUP => scene.rng(job, 1).random::<f64>(),
        group => scene.uniform_of_group(group, BOARDS),
    };
    let mut all: Vec<(f64, Job)> = jobs.iter().filter(|job| job.start_s == t_s).map(|job| (drawn(job), *job)).collect();
    all.sort_by(|(a, of_a), (b, of_b)| a.total_cmp(b).then(scene.person(of_a).person.cmp(&scene.person(of_b).person)));
    all.into_iter().map(|(_, job)| job).collect()
}

/// Gives free seats to those who stand near them.
fn sit_down(scene: &mut Scene<'_>, model: &RideModel, seats: &[usize], standees: &mut Vec<Stands>, t_s: i64) {
    let at = |seat: usize| scene.layout.plan.seats[seat].at;
    let free = || seats.iter().copied().filter(|seat| scene.seats[*seat].is_free((t_s, t_s + 1)));
    let mut near: Vec<(f32, usize, usize)> = Vec::new();
    for (i, stands) in standees.iter().enumerate() {
        near.extend(free().map(|seat| (at(seat).distance_m(stands.at), i, seat)).filter(|(apart_m, ..)| *apart_m <= model.seat_within_m));
    }
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut is_seated = vec![false; standees.len()];
    for (_, i, seat) in near {
        let Stands { job, at, .. } = standees[i];
        if !is_seated[i] && scene.seats[seat].is_free((t_s, job.end_s)) {
            scene.claims.give_up(at, t_s);
            scene.sit(&Job { start_s: t_s, ..job }, seat);
            is_seated[i] = true;
        }
    }
    let mut seated = is_seated.into_iter();
    standees.retain(|_| seated.next() != Some(true));
}

/// Lets some of those who stand move a little: to let others by, and to have more room themselves.
fn make_room(scene: &mut Scene<'_>, model: &RideModel, standees: &mut [Stands], t_s: i64) {
    if model.makes_room_share <= 0.0 {
        return;
    }
    for Stands { job, at, rng } in standees {
        if rng.random::<f64>() >= model.makes_room_share {
            continue;
        }
        scene.claims.give_up(*at, t_s);
        let span_s = (t_s, job.end_s);
        // Who finds no other place keeps the one they had.
        let moved = standing::draw_near(scene, span_s, *at, rng);
        scene.claims.take(moved.map_or(*at, |(to, _)| to), span_s);
        if let Some((to, area)) = moved {
            let facing_rad = standing::facing_rad(model.faces, area, rng);
            scene.stand(job, t_s, to, Some(facing_rad), WALK_MPS);
            *at = to;
        }
    }
}

/// Finds somebody who boards a place, and says whether it is a seat.
fn board(
    scene: &mut Scene<'_>,
    model: &RideModel,
    (seats, may_stand): (&[usize], bool),
    job: &Job,
    beside: Option<Point>,
) -> Option<(Point, bool)> {
    let mut rng = scene.rng(job, 0);
    let layout = scene.layout;
    let door = (!layout.doors.is_empty()).then(|| layout.doors[rng.random_range(0..layout.doors.len())].at);
    let free: Vec<usize> = seats.iter().copied().filter(|seat| scene.seats[*seat].is_free(job.span_s())).collect();
    if !free.is_empty() {
        let at = |seat: usize| layout.plan.seats[seat].at;
        let is_taken = |seat: &&usize| !scene.seats[**seat].is_free(job.span_s());
        let others = |seat: usize| seats.iter().filter(is_taken).filter(|other| at(**other).distance_m(at(seat)) <= SIDE_BY_SIDE_M).count();
        let best = |to: Point, is_alone: bool| {
            let key = |seat: usize| (if is_alone { others(seat) } else { 0 }, at(seat).distance_m(to));
            let keyed = free.iter().map(|seat| (key(*seat), *seat));
            keyed.min_by(|((a, a_m), _), ((b, b_m), _)| a.cmp(b).then(a_m.total_cmp(b_m))).map(|(_, seat)| seat)
        };
        let seat =
            beside.map(|to| (to, false)).or(door.map(|to| (to, true))).and_then(|(to, is_alone)| best(to, is_alone)).unwrap_or(free[0]);
        scene.sit(job, seat);
        return Some((at(seat), true));
    }
    let (at, area) = if may_stand { standing::draw(scene, job.span_s(), beside, &mut rng)? } else { return None };
    scene.claims.take(at, job.span_s());
    let facing_rad = standing::facing_rad(model.faces, area, &mut rng);
    scene.stand(job, job.start_s, at, Some(facing_rad), WALK_MPS);
    Some((at, false))
}
