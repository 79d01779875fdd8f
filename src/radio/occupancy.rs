//! Who else is in the venue at a moment: bodies in the line, phones that collide.

use std::collections::BTreeMap;

use crate::{ids::PersonId, mobility::Stance, units::Point};

/// Radius of a body seen from above, m (Hall et al.: 20 cm).
pub const BODY_RADIUS_M: f32 = 0.2;
/// Spots are found through a grid of cells of this side.
const CELL_M: f32 = 1.0;
/// Walkers and advertisers are looked up by spans of this length. Advertisers are those of the span's start.
const SPAN_S: i64 = 20;

/// Everybody's whereabouts in one venue-day, laid out to be asked who stands in a line.
///
/// People who stand or sit still do so at a *spot*; spots are few and found through a grid, so a line between two still
/// phones is walked once, and each of its scans asks only the spots beside it. Walkers are few at any moment and are
/// asked one by one.
pub struct Occupancy<'a> {
    stances: &'a [Stance],
    spots: Vec<Point>,
    /// Still stances by spot: `at_spot[first_at_spot[i]..first_at_spot[i + 1]]`, in time order.
    at_spot: Vec<u32>,
    first_at_spot: Vec<u32>,
    grid: Grid,
    from_s: i64,
    spans: Vec<Span>,
}

/// A short span of time.
#[derive(Clone, Debug, Default)]
pub struct Span {
    walkers: Vec<u32>,
    advertisers: usize,
    /// Chance that a packet meets no other.
    pub clear: f32,
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
    /// Lays out the stances of a venue-day. `running` says whose phones advertise; `clear` gives the chance that a packet
    /// meets no other among so many advertisers.
    pub fn new(stances: &'a [Stance], running: impl Fn(PersonId) -> bool, clear: impl Fn(usize) -> f32) -> Self {
        let mut spot_of: BTreeMap<(u32, u32), Vec<u32>> = BTreeMap::new();
        for (i, s) in stances.iter().enumerate().filter(|(_, s)| s.is_still()) {
            spot_of.entry((s.from.x_m.to_bits(), s.from.y_m.to_bits())).or_default().push(i as u32);
        }
        let mut out = Self {
            stances,
            spots: Vec::new(),
            at_spot: Vec::new(),
            first_at_spot: vec![0],
            grid: Grid::default(),
            from_s: stances.iter().map(|s| s.start_s).min().unwrap_or(0).div_euclid(SPAN_S) * SPAN_S,
            spans: Vec::new(),
        };
        for mut at_spot in spot_of.into_values() {
            at_spot.sort_by_key(|&i| stances[i as usize].start_s);
            out.spots.push(stances[at_spot[0] as usize].from);
            out.at_spot.extend(at_spot);
            out.first_at_spot.push(out.at_spot.len() as u32);
        }
        out.grid = Grid::new(&out.spots);
        let to_s = stances.iter().map(|s| s.end_s).max().unwrap_or(0);
        out.spans = vec![Span::default(); ((to_s - out.from_s) / SPAN_S + 1) as usize];
        for (i, s) in stances.iter().enumerate() {
            let span = |t_s: i64| (t_s - out.from_s).div_euclid(SPAN_S);
            if !s.is_still() {
                (span(s.start_s)..=span(s.end_s - 1)).for_each(|n| out.spans[n as usize].walkers.push(i as u32));
            }
            if running(s.person) {
                // Spans whose start lies within the stance.
                (span(s.start_s + SPAN_S - 1)..=span(s.end_s - 1)).for_each(|n| out.spans[n as usize].advertisers += 1);
            }
        }
        out.spans.iter_mut().for_each(|s| s.clear = clear(s.advertisers));
        out
    }

    /// Who walks and advertises at a moment.
    #[inline]
    pub fn at(&self, t_s: i64) -> Option<&Span> {
        self.spans.get(((t_s - self.from_s) as u64 / SPAN_S as u64) as usize)
    }

    /// Appends the spots beside the line a–b.
    pub fn spots_beside(&self, (a, b): (Point, Point), out: &mut Vec<u32>) {
        self.grid.beside(a, b, |spot| {
            if beside_line_m(self.spots[spot as usize], a, b).is_some_and(|d| d < BODY_RADIUS_M) {
                out.push(spot);
            }
        });
    }

    /// Appends the times within `[start_s, end_s)` at which others than the two are at a spot.
    pub fn others_at(&self, spot: u32, two: (PersonId, PersonId), (start_s, end_s): (i64, i64), out: &mut Vec<(i64, i64)>) {
        let at_spot = &self.at_spot[self.first_at_spot[spot as usize] as usize..self.first_at_spot[spot as usize + 1] as usize];
        let stances =
            at_spot.iter().map(|&i| &self.stances[i as usize]).skip_while(|s| s.end_s <= start_s).take_while(|s| s.start_s < end_s);
        out.extend(stances.filter(|s| s.person != two.0 && s.person != two.1).map(|s| (s.start_s, s.end_s)));
    }

    /// Walkers, other than the two, in the line a–b at a moment, which is `present`'s.
    #[inline]
    pub fn walkers_in_line(&self, present: Option<&Span>, (a, b): (Point, Point), two: (PersonId, PersonId), t_s: i64) -> u32 {
        let Some(span) = present else { return 0 };
        let in_line = |i: &&u32| {
            let s = &self.stances[**i as usize];
            (s.start_s..s.end_s).contains(&t_s)
                && s.person != two.0
                && s.person != two.1
                && beside_line_m(s.at(t_s as f64), a, b).is_some_and(|d| d < BODY_RADIUS_M)
        };
        span.walkers.iter().filter(in_line).count() as u32
    }
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
            /// The grid and the spans find what looking at everybody finds.
            #[test]
            fn finds_whom_a_full_search_finds(
                people in prop::collection::vec(((0.0..30.0f32, 0.0..12.0f32), (0.0..30.0f32, 0.0..12.0f32), 0..500i64, 1..400i64, any::<bool>()), 0..60),
                a in (-2.0..32.0f32, -2.0..14.0f32),
                b in (-2.0..32.0f32, -2.0..14.0f32),
                t_s in 0..900i64,
            ) {
                let stances: Vec<Stance> = people
                    .iter()
                    .enumerate()
                    .map(|(i, (from, to, start_s, length_s, walks))| stance(i as u32, *start_s, start_s + length_s, *from, if *walks { *to } else { *from }))
                    .collect();
                let occupancy = Occupancy::new(&stances, |_| true, |n| n as f32);
                let line = (Point::new(a.0, a.1), Point::new(b.0, b.1));
                let two = (PersonId(0), PersonId(1));
                let full = stances
                    .iter()
                    .filter(|s| s.person.0 > 1 && (s.start_s..s.end_s).contains(&t_s))
                    .filter(|s| beside_line_m(s.at(t_s as f64), line.0, line.1).is_some_and(|d| d < BODY_RADIUS_M))
                    .count();
                let (mut spots, mut spans) = (Vec::new(), Vec::new());
                occupancy.spots_beside(line, &mut spots);
                spots.iter().for_each(|&spot| occupancy.others_at(spot, two, (t_s, t_s + 1), &mut spans));
                prop_assert_eq!(spans.len() + occupancy.walkers_in_line(occupancy.at(t_s), line, two, t_s) as usize, full);
                let present = stances.iter().filter(|s| (s.start_s..s.end_s).contains(&(t_s / SPAN_S * SPAN_S))).count();
    prop_assert!(present == 0 || occupancy.at(t_s).is_some_and(|s| s.clear == present as f32));
            }
        }
}
