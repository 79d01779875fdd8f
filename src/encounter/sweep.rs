//! From the stances of one venue-day to pair segments.

use rayon::prelude::*;

use crate::{
    ids::PersonId,
    mobility::{Stance, VenueDay},
    units::Point,
    venue::FloorPlan,
};

use super::{
    line::line_of_sight,
    motion::Relative,
    segments::{Between, Encounters, Pair, Segment},
};

/// How many different pairs of still poses of one pair are remembered while their day is walked through.
const REMEMBERED_POSES: usize = 8;

/// One person's stances in the venue-day and the box that holds them all.
struct Track {
    person: PersonId,
    first: usize,
    end: usize,
    low: Point,
    high: Point,
}

/// Finds all pairs that come within their range of each other (body centre to body centre) and cuts the common time that
/// they spend so into segments. `range_m(a, b)` is truth's range for everybody, and radio's reach for two running phones.
/// Pairs come out sorted by (a, b), segments by time, whatever the number of threads.
pub fn encounters(day: &VenueDay, plan: &FloorPlan, range_m: impl Fn(PersonId, PersonId) -> f32 + Sync) -> Encounters {
    let tracks = tracks(&day.stances);
    let per_person: Vec<Encounters> = tracks
        .par_iter()
        .enumerate()
        .map(|(i, a)| {
            let mut found = Encounters::default();
            for b in &tracks[i + 1..] {
                let range_m = range_m(a.person, b.person);
                if boxes_apart_m(a, b) <= range_m {
                    meet(&day.stances, a, b, plan, range_m, &mut found);
                }
            }
            found
        })
        .collect();
    let mut all = Encounters::default();
    for part in per_person {
        let shift = all.segments.len() as u32;
        all.pairs.extend(part.pairs.iter().map(|p| Pair { first: p.first + shift, end: p.end + shift, ..*p }));
        all.segments.extend_from_slice(&part.segments);
    }
    all
}

fn tracks(stances: &[Stance]) -> Vec<Track> {
    let mut tracks: Vec<Track> = Vec::new();
    for (i, s) in stances.iter().enumerate() {
        let low = Point::new(s.from.x_m.min(s.to.x_m), s.from.y_m.min(s.to.y_m));
        let high = Point::new(s.from.x_m.max(s.to.x_m), s.from.y_m.max(s.to.y_m));
        match tracks.last_mut() {
            Some(t) if t.person == s.person => {
                t.end = i + 1;
                t.low = Point::new(t.low.x_m.min(low.x_m), t.low.y_m.min(low.y_m));
                t.high = Point::new(t.high.x_m.max(high.x_m), t.high.y_m.max(high.y_m));
            }
            _ => tracks.push(Track { person: s.person, first: i, end: i + 1, low, high }),
        }
    }
    tracks
}

fn boxes_apart_m(a: &Track, b: &Track) -> f32 {
    let dx = (b.low.x_m - a.high.x_m).max(a.low.x_m - b.high.x_m).max(0.0);
    let dy = (b.low.y_m - a.high.y_m).max(a.low.y_m - b.high.y_m).max(0.0);
    dx.hypot(dy)
}

fn meet(stances: &[Stance], a: &Track, b: &Track, plan: &FloorPlan, range_m: f32, found: &mut Encounters) {
    let first = found.segments.len() as u32;
    let mut remembered: Vec<(Point, Point, Between)> = Vec::with_capacity(REMEMBERED_POSES);
    let (mut i, mut j) = (a.first, b.first);
    while i < a.end && j < b.end {
        let (sa, sb) = (&stances[i], &stances[j]);
        let (start_s, end_s) = (sa.start_s.max(sb.start_s), sa.end_s.min(sb.end_s));
        if start_s < end_s && Relative::of(sa, sb, start_s).min_distance_m((end_s - start_s) as f64) <= f64::from(range_m) {
            let between = between(sa, sb, start_s, end_s, plan, &mut remembered);
            found.segments.push(Segment { start_s, end_s, stance_a: i as u32, stance_b: j as u32, between });
        }
        if sa.end_s <= sb.end_s {
            i += 1;
        } else {
            j += 1;
        }
    }
    let end = found.segments.len() as u32;
    if end > first {
        found.pairs.push(Pair { a: a.person, b: b.person, first, end });
    }
}

fn between(sa: &Stance, sb: &Stance, start_s: i64, end_s: i64, plan: &FloorPlan, remembered: &mut Vec<(Point, Point, Between)>) -> Between {
    let middle_s = (start_s + end_s) as f64 / 2.0;
    let (pa, pb) = (sa.at(middle_s), sb.at(middle_s));
    if let Some((_, _, known)) = remembered.iter().find(|(qa, qb, _)| *qa == pa && *qb == pb) {
        return *known;
    }
    let between = line_of_sight(pa, pb, plan);
    if sa.is_still() && sb.is_still() {
        if remembered.len() == REMEMBERED_POSES {
            remembered.remove(0);
        }
        remembered.push((pa, pb, between));
    }
    between
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::VenueId,
        mobility::{Carriage, NO_ROOM},
        venue::{Barrier, LossByAngle, Material},
    };

    fn stance(person: u32, start_s: i64, end_s: i64, from: (f32, f32), to: (f32, f32)) -> Stance {
        Stance {
            person: PersonId(person),
            start_s,
            end_s,
            from: Point::new(from.0, from.1),
            to: Point::new(to.0, to.1),
            facing_rad: 0.0,
            carriage: Carriage::Table,
            room: NO_ROOM,
            place: 0,
            episode: 0,
        }
    }

    fn plan_with_wall() -> FloorPlan {
        FloorPlan {
            materials: vec![
                Material { name: "glass".into(), loss: LossByAngle::constant(3.0) },
                Material { name: "acrylic".into(), loss: LossByAngle::constant(0.2) },
            ],
            barriers: vec![
                Barrier { from: Point::new(5.0, -1.0), to: Point::new(5.0, 1.0), material: 0, reaches_ceiling: true },
                Barrier { from: Point::new(6.0, -1.0), to: Point::new(6.0, 1.0), material: 1, reaches_ceiling: false },
            ],
            ..FloorPlan::default()
        }
    }

    #[test]
    fn common_time_is_cut_where_either_pose_changes() {
        let stances = vec![
            stance(1, 0, 100, (0.0, 0.0), (0.0, 0.0)),
            stance(1, 100, 110, (0.0, 0.0), (8.0, 0.0)),
            stance(1, 110, 200, (8.0, 0.0), (8.0, 0.0)),
            stance(2, 50, 150, (9.0, 0.0), (9.0, 0.0)),
            stance(3, 0, 200, (900.0, 0.0), (900.0, 0.0)),
        ];
        let day = VenueDay { venue: VenueId(0), stances };
        let found = encounters(&day, &plan_with_wall(), |_, _| 50.0);
        assert_eq!(found.pairs.len(), 1);
        let spans: Vec<_> = found.of(&found.pairs[0]).iter().map(|s| (s.start_s, s.end_s)).collect();
        assert_eq!(spans, [(50, 100), (100, 110), (110, 150)]);
        assert!(found.segments[0].between.separates);
        assert!(!found.segments[2].between.separates);
    }

    /// At the middle of a segment, and of the poses of its time alone: what was between two earlier poses is not remembered for others.
    #[test]
    fn what_stands_between_is_that_of_the_segments_own_poses() {
        let stances = vec![
            stance(1, 0, 300, (4.0, 0.0), (4.0, 0.0)),
            stance(2, 0, 100, (4.5, 0.0), (4.5, 0.0)),
            stance(2, 100, 200, (7.0, 0.0), (7.0, 0.0)),
            // Beside the wall at first and at last, behind it in between.
            stance(2, 200, 300, (7.0, 9.0), (7.0, -9.0)),
        ];
        let day = VenueDay { venue: VenueId(0), stances };
        let found = encounters(&day, &plan_with_wall(), |_, _| 50.0);
        let separates: Vec<bool> = found.segments.iter().map(|s| s.between.separates).collect();
        assert_eq!(separates, [false, true, true]);
    }

    /// Two walk towards each other at 1 and 2 m/s: 20 m apart they are within 1 m from 19/3 to 7 s.
    #[test]
    fn two_that_walk_near_each_other_at_the_sum_of_their_speeds() {
        let (a, b) = (stance(1, 100, 110, (0.0, 0.0), (10.0, 0.0)), stance(2, 100, 110, (20.0, 0.0), (0.0, 0.0)));
        let (from_s, to_s) = Relative::of(&a, &b, 100).within_s(1.0, 10.0).expect("they meet");
        assert!((from_s - 19.0 / 3.0).abs() < 1e-9 && (to_s - 7.0).abs() < 1e-9, "{from_s} {to_s}");
        // From 3 s on the same, seen from there.
        let (from_s, _) = Relative::of(&a, &b, 103).within_s(1.0, 7.0).expect("they meet");
        assert!((from_s - 10.0 / 3.0).abs() < 1e-6, "{from_s}");
    }
}
