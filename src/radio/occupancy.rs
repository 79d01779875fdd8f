//! Who else is in the venue at a moment: bodies in the line, phones that collide.

use crate::{encounter::Grid, ids::PersonId, mobility::Stance, units::Point};

/// Radius of a body seen from above, m (Hall et al.: 20 cm).
pub const BODY_RADIUS_M: f32 = 0.2;
/// Advertisers are those of the start of spans of this length.
const SPAN_S: i64 = 20;

/// Everybody's whereabouts in one venue, to be asked who stands in a line and how many phones advertise.
pub struct Occupancy<'a> {
    stances: &'a [Stance],
    grid: Option<&'a Grid>,
    from_s: i64,
    /// Chance that a packet meets no other, span by span.
    clear: Vec<f32>,
}

/// Who may be in a line within a span of time.
#[derive(Debug, Default)]
pub struct Beside {
    /// When somebody stands in it, from and to, Unix seconds.
    standing_s: Vec<(i64, i64)>,
    /// Stances of people who walk near it.
    walking: Vec<u32>,
}

impl<'a> Occupancy<'a> {
    /// Lays out the stances of a venue, and the grid of all of them (`None`: nobody but two). `running` says whose phones advertise; `clear`
    /// gives the chance that a packet meets no other among so many advertisers.
    pub fn new(
        stances: &'a [Stance],
        grid: Option<&'a Grid>,
        running: impl Fn(PersonId) -> bool,
        clear: impl Fn(usize) -> f32,
    ) -> Self {
        let from_s = stances.iter().map(|s| s.start_s).min().unwrap_or(0).div_euclid(SPAN_S) * SPAN_S;
        let to_s = stances.iter().map(|s| s.end_s).max().unwrap_or(0);
        let span = |t_s: i64| (t_s - from_s).div_euclid(SPAN_S) as usize;
        // Who comes and who goes, span by span: of those whose starts lie within a stance.
        let mut changes = vec![0i32; span(to_s) + 2];
        for s in stances.iter().filter(|s| running(s.person)) {
            changes[span(s.start_s + SPAN_S - 1)] += 1;
            changes[span(s.end_s - 1) + 1] -= 1;
        }
        let mut advertisers = 0;
        let of_span = |change: &i32| {
            advertisers += change;
            clear(advertisers as usize)
        };
        Self { stances, grid, from_s, clear: changes.iter().map(of_span).collect() }
    }

    /// Chance that a packet meets no other at a moment.
    #[inline]
    pub fn clear(&self, t_s: i64) -> f32 {
        self.clear.get(((t_s - self.from_s) as u64 / SPAN_S as u64) as usize).copied().unwrap_or(1.0)
    }

    /// Finds whoever, besides the two, may be in the line a–b at a time within a span.
    pub fn beside(&self, (a, b): (Point, Point), two: (PersonId, PersonId), span_s: (i64, i64), found: &mut Beside) {
        found.standing_s.clear();
        found.walking.clear();
        let Some(grid) = self.grid else { return };
        grid.beside(self.stances, (a, b), span_s, BODY_RADIUS_M, |stance| {
            let s = &self.stances[stance as usize];
            if s.person == two.0 || s.person == two.1 {
            } else if !s.is_still() {
                found.walking.push(stance);
            } else if is_beside(s.from, a, b) {
                found.standing_s.push((s.start_s, s.end_s));
            }
        });
        found.walking.sort_unstable();
        found.walking.dedup();
    }

    /// How many of those are in the line at a moment.
    #[inline]
    pub fn in_line(&self, (a, b): (Point, Point), t_s: i64, beside: &Beside) -> u32 {
        let standing = beside.standing_s.iter().filter(|(from, to)| (*from..*to).contains(&t_s)).count();
        let is_in_line = |i: &&u32| {
            let s = &self.stances[**i as usize];
            (s.start_s..s.end_s).contains(&t_s) && is_beside(s.at(t_s as f64), a, b)
        };
        (standing + beside.walking.iter().filter(is_in_line).count()) as u32
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
    use crate::{
        encounter::{Ranges, Sweep},
        mobility::{Carriage, NO_ROOM},
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
            let sweep = Sweep::new(&stances, Ranges { people_m: 3.0, phones_m: 50.0 }, |_| true);
            let occupancy = Occupancy::new(&stances, sweep.grid(), |_| true, |n| n as f32);
            let line = (Point::new(a.0, a.1), Point::new(b.0, b.1));
            let two = (PersonId(0), PersonId(1));
            let t_s = from_s + after_s.min(length_s - 1);
            let full = stances
                .iter()
                .filter(|s| s.person.0 > 1 && (s.start_s..s.end_s).contains(&t_s))
                .filter(|s| is_beside(s.at(t_s as f64), line.0, line.1))
                .count();
            let mut beside = Beside::default();
            occupancy.beside(line, two, (from_s, from_s + length_s), &mut beside);
            prop_assert_eq!(occupancy.in_line(line, t_s, &beside) as usize, full);
            let present = stances.iter().filter(|s| (s.start_s..s.end_s).contains(&(t_s / SPAN_S * SPAN_S))).count();
            prop_assert!(present == 0 || occupancy.clear(t_s) == present as f32);
        }
    }
}
