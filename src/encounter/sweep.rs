//! From the stances of one venue to pair segments, pair by pair.

use crate::{ids::PersonId, math, mobility::Stance, units::Point};

use super::{grid::Grid, motion::Relative, segments::Segment};

/// Among so few people everybody is asked: a grid would cost more than it spares.
const FEW: usize = 12;
/// A grid of fewer cells than this to a side spares nothing: all of it lies around its middle.
const FEWEST_CELLS: f32 = 4.0;

/// How near two people must come to be a pair, body centre to body centre, m.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranges {
    /// Anybody: truth's range.
    pub people_m: f32,
    /// Two running phones: radio's reach, and no less than `people_m`.
    pub phones_m: f32,
}

/// One person's stances in the venue and the box that holds them all.
#[derive(Clone, Copy, Debug)]
struct Track {
    person: PersonId,
    first: usize,
    end: usize,
    low: Point,
    high: Point,
}

/// Everybody in one venue over some time, ready to be swept. People are numbered from 0 in the order of their ids.
///
/// Whom somebody comes near is looked up in a grid of space and time; nothing of all pairs is kept.
pub struct Sweep<'a> {
    stances: &'a [Stance],
    ranges: Ranges,
    tracks: Vec<Track>,
    runs: Vec<bool>,
    /// Numbers of those whose phones run.
    running: Vec<u32>,
    /// Everybody's stances, by `people_m`; `None` where a grid spares nothing.
    people: Option<Grid>,
    /// The stances of those whose phones run, by `phones_m`; `None` where a grid spares nothing.
    phones: Option<Grid>,
}

/// Memory of a sweep, to be used again.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Somebody's number, with one stance of each of the two.
    met: Vec<(u32, u32, u32)>,
    segments: Vec<Segment>,
}

impl<'a> Sweep<'a> {
    /// Lays out the stances of a venue, sorted by (person, start). `runs` says whose phones take part.
    pub fn new(stances: &'a [Stance], ranges: Ranges, runs: impl Fn(PersonId) -> bool) -> Self {
        let tracks = tracks(stances);
        let runs: Vec<bool> = tracks.iter().map(|t| runs(t.person)).collect();
        let running: Vec<u32> = (0..tracks.len() as u32).filter(|i| runs[*i as usize]).collect();
        let grid = |numbers: &[u32], range_m: f32| {
            let (low, high) = bounds(numbers.iter().map(|i| &tracks[*i as usize]))?;
            let is_wide = (high.x_m - low.x_m).max(high.y_m - low.y_m) > FEWEST_CELLS * range_m;
            let entries = numbers.iter().flat_map(|&person| {
                let track = &tracks[person as usize];
                (track.first..track.end).map(move |stance| (person, stance as u32))
            });
            (numbers.len() > FEW && is_wide).then(|| Grid::new(stances, entries, range_m, (low, high)))
        };
        let everybody: Vec<u32> = (0..tracks.len() as u32).collect();
        let (people, phones) = (grid(&everybody, ranges.people_m), grid(&running, ranges.phones_m));
        Self { stances, ranges, tracks, runs, running, people, phones }
    }

    /// How many people there are.
    pub fn people(&self) -> usize {
        self.tracks.len()
    }

    /// Who has a number.
    pub fn person(&self, number: usize) -> PersonId {
        self.tracks[number].person
    }

    /// Calls `met` with every person of a higher number who comes within range of person `a` and is `wanted`, and with the segments of their
    /// common time, in time order.
    pub fn partners_of(&self, a: usize, scratch: &mut Scratch, wanted: impl Fn(PersonId) -> bool, mut met: impl FnMut(usize, &[Segment])) {
        let both_run = |b: u32| self.runs[a] && self.runs[b as usize];
        let is_wanted = |b: u32| b as usize > a && wanted(self.person(b as usize));
        let Self { people, phones, running, .. } = self;
        let others = a as u32 + 1..self.tracks.len() as u32;
        self.come_near(a, people.as_ref(), others, self.ranges.people_m, &|b| is_wanted(b) && !both_run(b), scratch);
        self.each_pair(a, self.ranges.people_m, scratch, &mut met);
        if self.runs[a] {
            let others = running[running.partition_point(|b| *b as usize <= a)..].iter().copied();
            self.come_near(a, phones.as_ref(), others, self.ranges.phones_m, &is_wanted, scratch);
            self.each_pair(a, self.ranges.phones_m, scratch, &mut met);
        }
    }

    /// Lists the pairs of stances that may come within range: from the grid, or of all `others`.
    fn come_near(
        &self,
        a: usize,
        grid: Option<&Grid>,
        others: impl Iterator<Item = u32>,
        range_m: f32,
        is_wanted: &impl Fn(u32) -> bool,
        scratch: &mut Scratch,
    ) {
        let (met, track) = (&mut scratch.met, &self.tracks[a]);
        met.clear();
        let Some(grid) = grid else {
            for b in others.filter(|b| is_wanted(*b)) {
                let other = &self.tracks[b as usize];
                if boxes_apart_m(track, other) <= range_m {
                    self.common_time(track, other, |i, j| met.push((b, i, j)));
                }
            }
            return;
        };
        for i in track.first..track.end {
            grid.around(&self.stances[i], |entry| {
                if is_wanted(entry.person) {
                    met.push((entry.person, i as u32, entry.stance));
                }
            });
        }
        met.sort_unstable();
        met.dedup();
    }

    /// Stances of the two that have time in common, in time order.
    fn common_time(&self, a: &Track, b: &Track, mut met: impl FnMut(u32, u32)) {
        let (mut i, mut j) = (a.first, b.first);
        while i < a.end && j < b.end {
            let (sa, sb) = (&self.stances[i], &self.stances[j]);
            if sa.start_s < sb.end_s && sb.start_s < sa.end_s {
                met(i as u32, j as u32);
            }
            if sa.end_s <= sb.end_s {
                i += 1;
            } else {
                j += 1;
            }
        }
    }

    /// Cuts the listed stances into segments within range and hands on those of each pair.
    fn each_pair(&self, a: usize, range_m: f32, scratch: &mut Scratch, met: &mut impl FnMut(usize, &[Segment])) {
        debug_assert!(a < self.tracks.len());
        let Scratch { met: listed, segments } = scratch;
        for of_pair in listed.chunk_by(|x, y| x.0 == y.0) {
            segments.clear();
            for &(_, i, j) in of_pair {
                let (sa, sb) = (&self.stances[i as usize], &self.stances[j as usize]);
                let (start_s, end_s) = (sa.start_s.max(sb.start_s), sa.end_s.min(sb.end_s));
                if Relative::of(sa, sb, start_s).min_distance_m((end_s - start_s) as f64) <= f64::from(range_m) {
                    segments.push(Segment { start_s, end_s, stance_a: i, stance_b: j });
                }
            }
            if !segments.is_empty() {
                met(of_pair[0].0 as usize, segments);
            }
        }
    }
}

fn tracks(stances: &[Stance]) -> Vec<Track> {
    let mut first = 0;
    let track = |of_person: &[Stance]| {
        let (low, high) = of_person.iter().flat_map(|s| [s.from, s.to]).fold((of_person[0].from, of_person[0].from), around);
        let track = Track { person: of_person[0].person, first, end: first + of_person.len(), low, high };
        first = track.end;
        track
    };
    stances.chunk_by(|a, b| a.person == b.person).map(track).collect()
}

/// The corners of a box grown to hold a point.
fn around((low, high): (Point, Point), p: Point) -> (Point, Point) {
    (Point::new(low.x_m.min(p.x_m), low.y_m.min(p.y_m)), Point::new(high.x_m.max(p.x_m), high.y_m.max(p.y_m)))
}

/// The corners of the box that holds these tracks.
fn bounds<'t>(tracks: impl Iterator<Item = &'t Track>) -> Option<(Point, Point)> {
    tracks.map(|t| (t.low, t.high)).reduce(|all, (low, high)| around(around(all, low), high))
}

fn boxes_apart_m(a: &Track, b: &Track) -> f32 {
    let dx = (b.low.x_m - a.high.x_m).max(a.low.x_m - b.high.x_m).max(0.0);
    let dy = (b.low.y_m - a.high.y_m).max(a.low.y_m - b.high.y_m).max(0.0);
    math::hypot(dx, dy)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        encounter::{Barriers, Sight},
        mobility::{Carriage, NO_ROOM},
        venue::{Barrier, FloorPlan, LossByAngle, Material},
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

    /// Two people and their spans.
    type Found<Span> = (u32, u32, Vec<Span>);

    /// All pairs with their segments; the ranges are those of people and of phones.
    fn swept(stances: &[Stance], (people_m, phones_m): (f32, f32), runs: impl Fn(PersonId) -> bool) -> Vec<Found<Segment>> {
        let sweep = Sweep::new(stances, Ranges { people_m, phones_m }, runs);
        let (mut scratch, mut found) = (Scratch::default(), Vec::new());
        for a in 0..sweep.people() {
            sweep.partners_of(
                a,
                &mut scratch,
                |_| true,
                |b, segments| found.push((sweep.person(a).0, sweep.person(b).0, segments.to_vec())),
            );
        }
        found.sort_by_key(|(a, b, _)| (*a, *b));
        found
    }

    /// Whether the wall stands between the two in each segment.
    fn separates(stances: &[Stance], segments: &[Segment]) -> Vec<bool> {
        let (plan, of) = (plan_with_wall(), |i: u32| &stances[i as usize]);
        let listed = Barriers::of(&plan);
        let mut sight = Sight::new(&plan, &listed);
        segments.iter().map(|s| sight.between(of(s.stance_a), of(s.stance_b), s).separates).collect()
    }

    /// The same by looking at every two stances.
    fn searched(stances: &[Stance], (people_m, phones_m): (f32, f32), runs: impl Fn(PersonId) -> bool) -> Vec<Found<(i64, i64)>> {
        let mut found: BTreeMap<(u32, u32), Vec<(i64, i64)>> = BTreeMap::new();
        for (sa, sb) in stances.iter().flat_map(|a| stances.iter().map(move |b| (a, b))).filter(|(a, b)| a.person < b.person) {
            let (start_s, end_s) = (sa.start_s.max(sb.start_s), sa.end_s.min(sb.end_s));
            let range_m = if runs(sa.person) && runs(sb.person) { phones_m } else { people_m };
            if start_s < end_s && Relative::of(sa, sb, start_s).min_distance_m((end_s - start_s) as f64) <= f64::from(range_m) {
                found.entry((sa.person.0, sb.person.0)).or_default().push((start_s, end_s));
            }
        }
        found.into_iter().map(|((a, b), mut spans)| (spans.sort_unstable(), (a, b, spans)).1).collect()
    }

    proptest! {
        /// Both grids find what a full search finds, on floors wide enough for both: people who stand for hours or minutes and walk anywhere.
        #[test]
        fn a_sweep_finds_what_a_full_search_finds(
            people in prop::collection::vec(prop::collection::vec(((0.0..90.0f32, 0.0..60.0f32), 1..9000i64, any::<bool>()), 1..8), 14..40),
            every in 1..4u32,
        ) {
            let mut stances = Vec::new();
            for (person, poses) in (0..).zip(&people) {
                let (mut t_s, mut at) = (i64::from(person) * 37, (5.0, 5.0));
                for (to, length_s, walks) in poses {
                    let from = if *walks { at } else { *to };
                    let length_s = if *walks { length_s / 100 + 1 } else { *length_s };
                    stances.push(stance(person, t_s, t_s + length_s, from, *to));
                    (t_s, at) = (t_s + length_s, *to);
                }
            }
            let runs = |p: PersonId| p.0.is_multiple_of(every);
            let spans = |segments: Vec<Segment>| segments.iter().map(|s| (s.start_s, s.end_s)).collect::<Vec<_>>();
            let found = swept(&stances, (3.0, 14.0), runs);
            let found: Vec<_> = found.into_iter().map(|(a, b, segments)| (a, b, spans(segments))).collect();
            prop_assert_eq!(found, searched(&stances, (3.0, 14.0), runs));
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
        let found = swept(&stances, (50.0, 50.0), |_| false);
        let [(1, 2, segments)] = &found[..] else { panic!("one pair: {found:?}") };
        let spans: Vec<_> = segments.iter().map(|s| (s.start_s, s.end_s)).collect();
        assert_eq!(spans, [(50, 100), (100, 110), (110, 150)]);
        assert!(separates(&stances, segments) == [true, true, false]);
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
        let found = swept(&stances, (50.0, 50.0), |_| false);
        assert_eq!(separates(&stances, &found[0].2), [false, true, true]);
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
