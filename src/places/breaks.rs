//! Breaks: friends sit together and turn to each other.

use std::collections::BTreeMap;

use crate::{units::Point, venue::kind::BreaksModel};

use super::{
    scene::{Job, Scene},
    stays::WALK_MPS,
};

/// So many sit together at most: of two rows of two each has those beside and before them within 60 degrees of where they look.
const MOST: usize = 4;
/// Who sits where, by break: across the middle of four sits another friend each time.
const TURNS: [[usize; MOST]; 2] = [[0, 1, 2, 3], [0, 3, 1, 2]];

/// Those who have seats of their own for the whole of a break spend it with their friends, on the seats of all who have friends there.
///
/// Weakness: circles choose one after the other, so that the seats of the last lie apart, and not all of them meet.
pub(super) fn play(scene: &mut Scene<'_>, model: &BreaksModel, own: &[(Job, usize)]) {
    // As many circles of friends as the highest number of a seat allows: the same ones when somebody is absent.
    let people = own.iter().map(|(job, _)| scene.person(job).seat + 1).max().unwrap_or(0);
    let circles = (f64::from(people) / model.friends).ceil().max(1.0);
    let mut starts_h = model.starts_h.clone();
    starts_h.sort_by(f64::total_cmp);
    for (number, start_h) in starts_h.into_iter().enumerate() {
        let start_s = scene.day_start_s() + (start_h * 3600.0) as i64;
        let end_s = start_s + (model.length_min * 60.0) as i64;
        let mut friends: BTreeMap<u32, Vec<(Job, usize)>> = BTreeMap::new();
        for (job, seat) in own.iter().filter(|(job, _)| job.start_s < start_s && end_s < job.end_s) {
            friends.entry((scene.uniform_for_good(job) * circles) as u32).or_default().push((*job, *seat));
        }
        let together: Vec<&[(Job, usize)]> = friends.values().flat_map(|of| of.chunks(MOST)).filter(|of| of.len() > 1).collect();
        let mut free: Vec<Point> = together.iter().copied().flatten().map(|(_, seat)| scene.layout.plan.seats[*seat].at).collect();
        for circle in together {
            let seats = beside(&mut free, scene.layout.plan.seats[circle[0].1].at, circle.len());
            let middle = Point::new(
                seats.iter().map(|at| at.x_m).sum::<f32>() / seats.len() as f32,
                seats.iter().map(|at| at.y_m).sum::<f32>() / seats.len() as f32,
            );
            let turn = TURNS[number % TURNS.len()].into_iter().filter(|seat| *seat < seats.len());
            for ((job, seat), at) in circle.iter().zip(turn.map(|seat| seats[seat])) {
                scene.stand(job, start_s, at, Some(at.bearing_rad(middle)), WALK_MPS);
                scene.back_to_seat(job, end_s, *seat);
            }
        }
    }
}

/// Takes so many of the free seats that lie together: the nearest to a place, and then those nearest to all taken.
fn beside(free: &mut Vec<Point>, to: Point, number: usize) -> Vec<Point> {
    let mut taken: Vec<Point> = Vec::new();
    while taken.len() < number && !free.is_empty() {
        let far_m =
            |at: &Point| if taken.is_empty() { at.distance_m(to) } else { taken.iter().map(|seat| seat.distance_m(*at)).sum::<f32>() };
        let nearest = (0..free.len()).min_by(|a, b| far_m(&free[*a]).total_cmp(&far_m(&free[*b])));
        taken.extend(nearest.map(|seat| free.remove(seat)));
    }
    taken
}
