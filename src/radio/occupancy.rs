//! Who else is in the venue at a moment: bodies in the line, phones that collide.

use std::ops::Range;

use crate::{ids::PersonId, mobility::Stance, units::Point};

/// Radius of a body seen from above, m (Hall et al.: 20 cm).
pub const BODY_RADIUS_M: f32 = 0.2;
/// Spots are found through a grid of cells of this side.
const CELL_M: f32 = 1.0;
/// Walkers and advertisers are looked up by spans of this length. Advertisers are those of the span's start.
const SPAN_S: i64 = 20;
/// What lies on the edge must not fall outside by rounding.
const ROUNDING_M: f32 = 1e-3;

/// Everybody's whereabouts in one venue, to be asked who stands in a line and how many phones advertise.
///
/// People who stand or sit still do so at a *spot*. Spots are found through a grid of their own, apart from that of
/// [`crate::encounter::Sweep`]: a line between two desks is asked for again and again, and its spots are found once, whatever the time.
/// Walkers are few at any moment and are asked one by one.
pub struct Occupancy<'a> {
    stances: &'a [Stance],
    spots: Vec<Spot>,
    /// Still stances by spot: `at_spot[first_at_spot[i]..first_at_spot[i + 1]]`, in time order.
    at_spot: Vec<u32>,
    first_at_spot: Vec<u32>,
    grid: Grid,
    from_s: i64,
    /// Who walks, span by span: `walkers[first_walker[i]..first_walker[i + 1]]`.
    walkers: Vec<Walker>,
    first_walker: Vec<u32>,
    /// Chance that a packet meets no other, span by span.
    clear: Vec<f32>,
}

/// Where somebody is still, and from when to when anybody is.
#[derive(Clone, Copy, Debug)]
struct Spot {
    at: Point,
    first_s: i64,
    last_s: i64,
}

/// A walk: its middle, and how far from it the walker's body may be.
#[derive(Clone, Copy, Debug)]
struct Walker {
    middle: Point,
    within_m: f32,
    stance: u32,
}

/// Who stands in a line within a span of time, and the spots beside the last few lines between two people.
#[derive(Debug, Default)]
pub struct Beside {
    /// When somebody stands in the line, from and to, Unix seconds.
    standing_s: Vec<(i64, i64)>,
    known: Vec<((Point, Point), Range<usize>)>,
    spots: Vec<u32>,
}

impl Beside {
    /// Lines remembered of a pair.
    const MAX: usize = 32;

    /// Forgets the lines of one pair.
    pub fn forget(&mut self) {
        self.known.clear();
        self.spots.clear();
    }
}

/// Spots by cell: `spots[first[c]..first[c + 1]]`.
#[derive(Clone, Debug, Default)]
struct Grid {
    low: Point,
    columns: usize,
    rows: usize,
    first: Vec<u32>,
    spots: Vec<u32>,
}

impl Grid {
    fn new(spots: &[Point]) -> Self {
        let Some(&any) = spots.first() else { return Self { first: vec![0], ..Self::default() } };
        let low = spots.iter().fold(any, |l, p| Point::new(l.x_m.min(p.x_m), l.y_m.min(p.y_m)));
        let high = spots.iter().fold(any, |h, p| Point::new(h.x_m.max(p.x_m), h.y_m.max(p.y_m)));
        let cells = |length_m: f32| (length_m / CELL_M) as usize + 1;
        let mut grid = Self { low, columns: cells(high.x_m - low.x_m), rows: cells(high.y_m - low.y_m), ..Self::default() };
        let mut order: Vec<(usize, u32)> = (0..spots.len()).map(|i| (grid.cell(spots[i]), i as u32)).collect();
        order.sort_unstable();
        grid.first = (0..=grid.columns * grid.rows).map(|c| order.partition_point(|(cell, _)| *cell < c) as u32).collect();
        grid.spots = order.into_iter().map(|(_, i)| i).collect();
        grid
    }

    fn cell(&self, p: Point) -> usize {
        let (x, y) = ((p.x_m - self.low.x_m) / CELL_M, (p.y_m - self.low.y_m) / CELL_M);
        y as usize * self.columns + x as usize
    }

    /// Calls `found` with every spot whose cell lies within a body's radius of the line a–b.
    fn beside(&self, a: Point, b: Point, mut found: impl FnMut(u32)) {
        if self.spots.is_empty() {
            return;
        }
        // Go row by row if the line is steep, else column by column; in each, visit the cells the line runs through.
        let steep = (b.y_m - a.y_m).abs() > (b.x_m - a.x_m).abs();
        let along = |p: Point| if steep { p.y_m - self.low.y_m } else { p.x_m - self.low.x_m };
        let across = |p: Point| if steep { p.x_m - self.low.x_m } else { p.y_m - self.low.y_m };
        let (near, far) = if along(a) <= along(b) { (a, b) } else { (b, a) };
        let slope = if along(far) > along(near) { (across(far) - across(near)) / (along(far) - along(near)) } else { 0.0 };
        let (lines, lanes) = if steep { (self.rows, self.columns) } else { (self.columns, self.rows) };
        let index = |m: f32, of: usize| ((m / CELL_M).floor().max(0.0) as usize).min(of - 1);
        let (start_m, end_m) = (along(near) - BODY_RADIUS_M, along(far) + BODY_RADIUS_M);
        if end_m < 0.0 || start_m > lines as f32 * CELL_M {
            return;
        }
        for line in index(start_m, lines)..=index(end_m, lines) {
            let across_at = |m: f32| across(near) + slope * (m.clamp(start_m, end_m) - along(near));
            let (here, there) = (across_at(line as f32 * CELL_M), across_at((line + 1) as f32 * CELL_M));
            // A slope of at most 1 moves the edge of the body's strip by at most the square root of two.
            let margin_m = BODY_RADIUS_M * std::f32::consts::SQRT_2;
            let (low_m, high_m) = (here.min(there) - margin_m, here.max(there) + margin_m);
            if high_m < 0.0 || low_m > lanes as f32 * CELL_M {
                continue;
            }
            for lane in index(low_m, lanes)..=index(high_m, lanes) {
                let cell = if steep { line * self.columns + lane } else { lane * self.columns + line };
                self.spots[self.first[cell] as usize..self.first[cell + 1] as usize].iter().for_each(|s| found(*s));
            }
        }
    }
}

impl<'a> Occupancy<'a> {
    /// Lays out the stances of a venue. `running` says whose phones advertise; `clear` gives the chance that a packet meets no other among so
    /// many advertisers.
    pub fn new(stances: &'a [Stance], running: impl Fn(PersonId) -> bool, clear: impl Fn(usize) -> f32) -> Self {
        let still = stances.iter().enumerate().filter(|(_, s)| s.is_still());
        let mut at_spots: Vec<_> = still.map(|(i, s)| ((s.from.x_m.to_bits(), s.from.y_m.to_bits()), s.start_s, i as u32)).collect();
        at_spots.sort_unstable();
        let (mut spots, mut at_spot, mut first_at_spot) = (Vec::new(), Vec::with_capacity(at_spots.len()), vec![0]);
        for here in at_spots.chunk_by(|a, b| a.0 == b.0) {
            let of = |i: u32| &stances[i as usize];
            let last_s = here.iter().map(|(.., i)| of(*i).end_s).max().unwrap_or(0);
            spots.push(Spot { at: of(here[0].2).from, first_s: here[0].1, last_s });
            at_spot.extend(here.iter().map(|(.., i)| *i));
            first_at_spot.push(at_spot.len() as u32);
        }
        let from_s = stances.iter().map(|s| s.start_s).min().unwrap_or(0).div_euclid(SPAN_S) * SPAN_S;
        let to_s = stances.iter().map(|s| s.end_s).max().unwrap_or(0);
        let span = |t_s: i64| (t_s - from_s).div_euclid(SPAN_S) as usize;
        let (mut walks, mut changes) = (Vec::new(), vec![0i32; span(to_s) + 2]);
        for (i, s) in stances.iter().enumerate() {
            if !s.is_still() {
                let middle = s.from.towards(s.to, 0.5);
                let walker = Walker { middle, within_m: s.from.distance_m(s.to) / 2.0 + BODY_RADIUS_M + ROUNDING_M, stance: i as u32 };
                walks.extend((span(s.start_s)..=span(s.end_s - 1)).map(|n| (n, walker)));
            }
            if running(s.person) {
                // Who comes and who goes, span by span: of those whose starts lie within the stance.
                changes[span(s.start_s + SPAN_S - 1)] += 1;
                changes[span(s.end_s - 1) + 1] -= 1;
            }
        }
        walks.sort_by_key(|(n, _)| *n);
        let first_walker =
            (0..changes.len()).map(|n| walks.partition_point(|(of, _)| *of < n) as u32).chain([walks.len() as u32]).collect();
        let mut advertisers = 0;
        let of_span = |change: &i32| {
            advertisers += change;
            clear(advertisers as usize)
        };
        let clear = changes.iter().map(of_span).collect();
        let places: Vec<Point> = spots.iter().map(|s: &Spot| s.at).collect();
        let walkers = walks.into_iter().map(|(_, walker)| walker).collect();
        Self { stances, spots, at_spot, first_at_spot, grid: Grid::new(&places), from_s, walkers, first_walker, clear }
    }

    fn span(&self, t_s: i64) -> usize {
        ((t_s - self.from_s) as u64 / SPAN_S as u64) as usize
    }

    /// Chance that a packet meets no other at a moment.
    #[inline]
    pub fn clear(&self, t_s: i64) -> f32 {
        self.clear.get(self.span(t_s)).copied().unwrap_or(1.0)
    }

    /// Finds who, besides the two, stands in the line a–b at a time within a span.
    pub fn beside(&self, line: (Point, Point), two: (PersonId, PersonId), (start_s, end_s): (i64, i64), found: &mut Beside) {
        let known = found.known.iter().find(|(known, _)| *known == line).map(|(_, range)| range.clone());
        let range = known.unwrap_or_else(|| {
            if found.known.len() == Beside::MAX {
                found.forget();
            }
            let first = found.spots.len();
            let Beside { spots, .. } = found;
            self.grid.beside(line.0, line.1, |spot| {
                if is_beside(self.spots[spot as usize].at, line.0, line.1) {
                    spots.push(spot);
                }
            });
            found.known.push((line, first..found.spots.len()));
            first..found.spots.len()
        });
        let Beside { standing_s, spots, .. } = found;
        standing_s.clear();
        for &spot in &spots[range] {
            let Spot { first_s, last_s, .. } = self.spots[spot as usize];
            if first_s >= end_s || last_s <= start_s {
                continue;
            }
            let here = &self.at_spot[self.first_at_spot[spot as usize] as usize..self.first_at_spot[spot as usize + 1] as usize];
            let stances =
                here.iter().map(|&i| &self.stances[i as usize]).skip_while(|s| s.end_s <= start_s).take_while(|s| s.start_s < end_s);
            standing_s.extend(stances.filter(|s| s.person != two.0 && s.person != two.1).map(|s| (s.start_s, s.end_s)));
        }
    }

    /// How many are in the line a–b at a moment: of those found, and of those who walk.
    #[inline]
    pub fn in_line(&self, (a, b): (Point, Point), two: (PersonId, PersonId), t_s: i64, found: &Beside) -> u32 {
        let standing = found.standing_s.iter().filter(|(from, to)| (*from..*to).contains(&t_s)).count();
        let of_span = self.first_walker.get(self.span(t_s)..).and_then(|first| first.first_chunk::<2>());
        let walkers = of_span.map_or(&[][..], |&[first, end]| &self.walkers[first as usize..end as usize]);
        let is_in_line = |walker: &&Walker| {
            // Most walk elsewhere.
            if walker.middle.from_segment_m(a, b) > walker.within_m {
                return false;
            }
            let s = &self.stances[walker.stance as usize];
            (s.start_s..s.end_s).contains(&t_s) && s.person != two.0 && s.person != two.1 && is_beside(s.at(t_s as f64), a, b)
        };
        (standing + walkers.iter().filter(is_in_line).count()) as u32
    }
}

fn is_beside(p: Point, a: Point, b: Point) -> bool {
    beside_line_m(p, a, b).is_some_and(|d| d < BODY_RADIUS_M)
}

/// Distance of a point from the segment a–b, where its foot lies between them.
fn beside_line_m(p: Point, a: Point, b: Point) -> Option<f32> {
    let (dx, dy) = (b.x_m - a.x_m, b.y_m - a.y_m);
    let length2 = dx * dx + dy * dy;
    let along = (p.x_m - a.x_m) * dx + (p.y_m - a.y_m) * dy;
    (along > 0.0 && along < length2).then(|| ((p.x_m - a.x_m) * dy - (p.y_m - a.y_m) * dx).abs() / length2.sqrt())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::mobility::{Carriage, NO_ROOM};

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

    proptest! {
        /// The grid finds what looking at everybody finds, whenever within a span one asks, and spans count the advertisers of their start.
        #[test]
        fn finds_whom_a_full_search_finds(
            people in prop::collection::vec(((0.0..30.0f32, 0.0..12.0f32), (0.0..30.0f32, 0.0..12.0f32), 0..4000i64, 1..3000i64, any::<bool>()), 3..60),
            a in (-2.0..32.0f32, -2.0..14.0f32),
            b in (-2.0..32.0f32, -2.0..14.0f32),
            (from_s, length_s, after_s) in (0..6000i64, 1..3000i64, 0..3000i64),
        ) {
            let stances: Vec<Stance> = people
                .iter()
                .enumerate()
                .map(|(i, (from, to, start_s, length_s, walks))| stance(i as u32, *start_s, start_s + length_s, *from, if *walks { *to } else { *from }))
                .collect();
            let occupancy = Occupancy::new(&stances, |_| true, |n| n as f32);
            let line = (Point::new(a.0, a.1), Point::new(b.0, b.1));
            let two = (PersonId(0), PersonId(1));
            let t_s = from_s + after_s.min(length_s - 1);
            let full = stances
                .iter()
                .filter(|s| s.person.0 > 1 && (s.start_s..s.end_s).contains(&t_s))
                .filter(|s| is_beside(s.at(t_s as f64), line.0, line.1))
                .count();
            let mut beside = Beside::default();
            // The line is known when it is asked again.
            occupancy.beside(line, two, (from_s + 7, from_s + length_s + 8), &mut beside);
            occupancy.beside(line, two, (from_s, from_s + length_s), &mut beside);
            prop_assert_eq!(occupancy.in_line(line, two, t_s, &beside) as usize, full);
            let present = stances.iter().filter(|s| (s.start_s..s.end_s).contains(&(t_s / SPAN_S * SPAN_S))).count();
            prop_assert!(present == 0 || occupancy.clear(t_s) == present as f32);
        }
    }
}
