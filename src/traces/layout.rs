//! Where the members of a group stand: who has a record with each other within a contact's range, who has none outside it.
//!
//! Constraints are projected one after another until they hold (position-based dynamics; Müller et al., "Position based
//! dynamics", 2007): simple, and as good as the plane allows. Not every graph of contacts can be laid out: of six people around
//! one, two are within range of each other. Then pairs with a record go first.

use rand::RngExt;

use crate::{math, random::KeyedRng};

use super::hall::Field;

/// A place on the floor, m.
pub(super) type Place = [f64; 2];

/// Range of a recorded contact, m: badges hear each other up to 1-1.5 m.
pub const CONTACT_RANGE_M: f64 = 1.5;
/// Largest and least distance at which a pair with a record is put, m: a little within the range, so that rounding never
/// leaves it.
pub const LARGEST_M: f64 = 1.498;
const LEAST_M: f64 = 0.4;
/// Pairs without a record stand at least so far apart, m.
const APART_M: f64 = 1.6;
/// Members keep so far from everybody outside the group, m.
const CLEARANCE_M: f64 = 2.0;
/// Rounds of projection, and layouts tried where one does not hold.
const ROUNDS: usize = 150;
const TRIES: usize = 10;
/// Violations below this do not count, m.
const TOLERANCE_M: f64 = 1e-3;

/// What two members of a group are to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Tie {
    /// No record: apart.
    None,
    /// A record that ends at this moment: within range if it can be.
    Ending,
    /// A record from this moment on, at a drawn distance, m. `alone`: the two are with nobody else, so exactly there.
    Lasting { distance_m: f64, alone: bool },
}

/// A group to be laid out. Members count from 0.
pub(super) struct Group<'a> {
    /// What members are to each other, row by row.
    pub ties: Vec<Tie>,
    /// How readily each member moves: 1 for who comes, less for who is there.
    pub moves: Vec<f64>,
    /// Where others stand.
    pub others: &'a [Place],
    /// Where groups may stand.
    pub field: Field,
}

impl Group<'_> {
    fn size(&self) -> usize {
        self.moves.len()
    }

    fn tie(&self, i: usize, j: usize) -> Tie {
        self.ties[i * self.size() + j]
    }

    /// How badly a layout fails, m of violation, weighted: records first, then clearance, then who should be apart.
    pub fn cost(&self, at: &[Place]) -> f64 {
        let mut cost = 0.0;
        for i in 0..self.size() {
            for j in 0..i {
                let d = distance_m(at[i], at[j]);
                let (over_m, weight) = match self.tie(i, j) {
                    Tie::Lasting { distance_m, alone: true } => ((d - distance_m).abs(), 30.0),
                    Tie::Lasting { .. } => ((d - LARGEST_M).max(LEAST_M - d), 30.0),
                    Tie::Ending => (d - LARGEST_M, 1.0),
                    Tie::None => (CONTACT_RANGE_M + 0.02 - d, 3.0),
                };
                cost += if over_m > TOLERANCE_M { weight * (0.1 + over_m) } else { 0.0 };
            }
            for &other in self.others {
                let over_m = CLEARANCE_M - distance_m(at[i], other);
                cost += if over_m > TOLERANCE_M { 3.0 * (0.1 + over_m) } else { 0.0 };
            }
        }
        cost
    }

    /// Moves members until everything holds, or the best of several attempts is found. Members stay where they are if
    /// that will do.
    pub fn settle(&self, at: &mut [Place], mut rng: KeyedRng) {
        let mut best_cost = self.cost(at);
        if best_cost == 0.0 {
            return;
        }
        let first = at.to_vec();
        for attempt in 0..TRIES {
            let mut tried = first.clone();
            // First as everything stands; then with more and more of the group thrown about.
            let spread_m = match attempt {
                0 => 0.0,
                a if a < TRIES / 2 => 0.5,
                _ => 0.5 + 0.6 * (self.size() as f64).sqrt(),
            };
            if spread_m > 0.0 {
                for (p, moves) in tried.iter_mut().zip(&self.moves) {
                    let share = if attempt < TRIES / 2 { *moves } else { 1.0 };
                    *p = [p[0] + share * spread_m * rng.random_range(-1.0..1.0), p[1] + share * spread_m * rng.random_range(-1.0..1.0)];
                }
            }
            self.project(&mut tried, attempt >= TRIES / 2);
            let cost = self.cost(&tried);
            if cost < best_cost {
                best_cost = cost;
                at.copy_from_slice(&tried);
            }
            if best_cost == 0.0 {
                return;
            }
        }
    }

    fn project(&self, at: &mut [Place], all_move: bool) {
        let near: Vec<Place> = {
            let reach_m = 6.0 + self.size() as f64;
            self.others.iter().filter(|o| at.iter().any(|p| distance_m(**o, *p) < reach_m)).copied().collect()
        };
        for round in 0..ROUNDS {
            // Towards the end records decide: others give way no further.
            let last = round + 10 >= ROUNDS;
            let pull = 0.3 * (1.0 - round as f64 / ROUNDS as f64);
            let mut holds = true;
            for i in 0..self.size() {
                for j in 0..i {
                    let tie = self.tie(i, j);
                    let d2 = squared_m2(at[i], at[j]);
                    if tie == Tie::None && (last || d2 >= APART_M * APART_M) {
                        continue;
                    }
                    let d = d2.sqrt();
                    let wanted_m = match tie {
                        Tie::Lasting { distance_m, alone: true } => distance_m,
                        Tie::Lasting { distance_m, .. } => (d + (distance_m - d) * pull).clamp(LEAST_M + 0.01, LARGEST_M - 1e-4),
                        Tie::Ending if !last => d.min(LARGEST_M),
                        Tie::Ending => d,
                        Tie::None => APART_M,
                    };
                    let off_m = wanted_m - d;
                    if off_m.abs() < 1e-9 {
                        continue;
                    }
                    holds &= off_m.abs() < TOLERANCE_M;
                    let weights = if all_move { [1.0, 1.0] } else { [self.moves[i], self.moves[j]] };
                    let toward = direction(at[i], at[j], i, j);
                    let step_m = off_m / (weights[0] + weights[1]).max(1e-9);
                    for (member, side, weight) in [(i, -1.0, weights[0]), (j, 1.0, weights[1])] {
                        at[member] =
                            [at[member][0] + side * weight * step_m * toward[0], at[member][1] + side * weight * step_m * toward[1]];
                    }
                }
            }
            for p in at.iter_mut() {
                if !last {
                    for &other in &near {
                        let d2 = squared_m2(*p, other);
                        if d2 < CLEARANCE_M * CLEARANCE_M {
                            let d = d2.sqrt();
                            let away = direction(other, *p, 0, 1);
                            let step_m = 0.5 * (CLEARANCE_M + 0.02 - d);
                            *p = [p[0] + away[0] * step_m, p[1] + away[1] * step_m];
                            holds = false;
                        }
                    }
                }
                *p = self.field.clamp(*p);
            }
            if holds && round > 20 {
                return;
            }
        }
    }
}

pub(super) fn distance_m(a: Place, b: Place) -> f64 {
    // Not hypot: half of the time went there, and a square root is the same on every machine.
    squared_m2(a, b).sqrt()
}

fn squared_m2(a: Place, b: Place) -> f64 {
    let (x_m, y_m) = (a[0] - b[0], a[1] - b[1]);
    x_m * x_m + y_m * y_m
}

/// The direction from `a` to `b`; where they coincide, one that depends on who they are.
fn direction(a: Place, b: Place, i: usize, j: usize) -> Place {
    let d = distance_m(a, b);
    if d > 1e-9 {
        return [(b[0] - a[0]) / d, (b[1] - a[1]) / d];
    }
    let turn_rad = (i * 7 + j * 3) as f64;
    [math::cos(turn_rad), math::sin(turn_rad)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        random::{Keyed, Seed, Stream},
        units::Point,
    };

    /// Lays out members of whom some have records with each other, from places close together.
    fn laid_out(members: usize, records: &[(usize, usize)]) -> Vec<Place> {
        let mut ties = vec![Tie::None; members * members];
        for &(i, j) in records {
            let tie = Tie::Lasting { distance_m: 0.9, alone: members == 2 };
            (ties[i * members + j], ties[j * members + i]) = (tie, tie);
        }
        let field = Field { low: Point::new(0.0, 0.0), high: Point::new(30.0, 30.0) };
        let group = Group { ties, moves: vec![1.0; members], others: &[[15.0, 18.0]], field };
        let mut at: Vec<Place> = (0..members).map(|i| [15.0 + 0.1 * i as f64, 15.0]).collect();
        group.settle(&mut at, Keyed::new(Seed(1), Stream::Replay).rng(0, 0, 0));
        at
    }

    #[test]
    fn what_the_plane_allows_is_found() {
        let groups: [(usize, &[(usize, usize)]); 5] = [
            (2, &[(0, 1)]),
            (3, &[(0, 1), (1, 2)]),
            (4, &[(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]),
            (6, &[(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)]),
            (6, &[(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)]),
        ];
        for (members, records) in groups {
            let at = laid_out(members, records);
            for i in 0..members {
                assert!(distance_m(at[i], [15.0, 18.0]) >= CLEARANCE_M - TOLERANCE_M);
                for j in 0..i {
                    let recorded = records.contains(&(i, j)) || records.contains(&(j, i));
                    assert_eq!(distance_m(at[i], at[j]) <= CONTACT_RANGE_M, recorded, "{i} and {j} of {members}: {at:?}");
                }
            }
        }
        assert!((distance_m(laid_out(2, &[(0, 1)])[0], laid_out(2, &[(0, 1)])[1]) - 0.9).abs() < 1e-9);
    }

    #[test]
    fn where_the_plane_does_not_allow_it_records_go_first() {
        // Of seven around one, some are within range of each other; all are within range of the one.
        let records: Vec<(usize, usize)> = (1..8).map(|j| (0, j)).collect();
        let at = laid_out(8, &records);
        assert!((1..8).all(|j| distance_m(at[0], at[j]) <= CONTACT_RANGE_M), "{at:?}");
    }
}
