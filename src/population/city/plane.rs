//! The plane that a city lies on: square districts round the first in a spiral, so that a smaller city is the middle of a greater one.

use crate::math;

/// Steps of the curve along each side.
const CURVE_BITS: u32 = 16;

/// The plane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plane {
    /// Side of a district, m.
    side_m: f64,
    /// From the middle to the border, m.
    half_m: f64,
}

impl Plane {
    /// The plane of so many districts.
    pub fn new(districts: u32, district_people: u32, density_per_km2: f64) -> Self {
        let side_m = 1000.0 * (f64::from(district_people) / density_per_km2).sqrt();
        let last = spiral(districts.max(1) - 1);
        let ring = last.0.abs().max(last.1.abs());
        Self { side_m, half_m: (f64::from(ring) + 0.5) * side_m }
    }

    /// A point of a district, by where along its sides it lies (0 to 1).
    pub fn point(&self, district: u32, (along_x, along_y): (f64, f64)) -> (f32, f32) {
        let (i, j) = spiral(district);
        let at = |number: i32, along: f64| ((f64::from(number) - 0.5 + along) * self.side_m) as f32;
        (at(i, along_x), at(j, along_y))
    }

    /// A point that lies so far off in a direction, m and turns; what is beyond the border is folded back.
    pub fn off(&self, from: (f32, f32), distance_m: f64, turn: f64) -> (f32, f32) {
        let (sin, cos) = math::sin_cos(turn * std::f64::consts::TAU);
        (self.fold(f64::from(from.0) + distance_m * cos), self.fold(f64::from(from.1) + distance_m * sin))
    }

    /// A point of the middle, by where along its sides it lies: a third of the plane each way.
    pub fn middle(&self, (along_x, along_y): (f64, f64)) -> (f32, f32) {
        let at = |along: f64| ((along - 0.5) * 2.0 * self.half_m / 3.0) as f32;
        (at(along_x), at(along_y))
    }

    fn fold(&self, x_m: f64) -> f32 {
        let turned = (x_m + self.half_m).rem_euclid(4.0 * self.half_m);
        (if turned > 2.0 * self.half_m { 3.0 * self.half_m - turned } else { turned - self.half_m }) as f32
    }

    /// Where a point comes on a curve that fills the plane (Hilbert 1891): what is near on it is near in the plane.
    pub fn along(&self, (x_m, y_m): (f32, f32)) -> u32 {
        let steps = f64::from(1u32 << CURVE_BITS);
        let step = |m: f32| (((f64::from(m) / self.half_m + 1.0) / 2.0 * steps) as u32).min((1 << CURVE_BITS) - 1);
        let (mut x, mut y, mut along) = (step(x_m), step(y_m), 0u32);
        for bit in (0..CURVE_BITS).rev() {
            let (right, up) = (x >> bit & 1, y >> bit & 1);
            along = along << 2 | ((3 * right) ^ up);
            if up == 0 {
                if right == 1 {
                    (x, y) = (!x, !y);
                }
                (x, y) = (y, x);
            }
        }
        along
    }
}

/// The n-th square of a spiral round the first.
fn spiral(n: u32) -> (i32, i32) {
    if n == 0 {
        return (0, 0);
    }
    // Ring r holds the squares from (2r - 1)² on.
    let mut ring = ((f64::from(n).sqrt() + 1.0) / 2.0) as i64;
    while (2 * ring - 1) * (2 * ring - 1) > i64::from(n) {
        ring -= 1;
    }
    while (2 * ring + 1) * (2 * ring + 1) <= i64::from(n) {
        ring += 1;
    }
    let (r, side) = (ring as i32, 2 * ring as i32);
    let number = (i64::from(n) - (2 * ring - 1) * (2 * ring - 1)) as i32;
    let along = number % side;
    match number / side {
        0 => (r, -r + 1 + along),
        1 => (r - 1 - along, r),
        2 => (-r, r - 1 - along),
        _ => (-r + 1 + along, -r),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_spiral_fills_squares_round_the_first() {
        for side in [1u32, 3, 5, 31] {
            let squares: BTreeSet<(i32, i32)> = (0..side * side).map(spiral).collect();
            let half = (side / 2) as i32;
            assert!(squares.len() as u32 == side * side && squares.iter().all(|(i, j)| i.abs() <= half && j.abs() <= half), "{side}");
        }
        let steps = (0..1000).map(|n| (spiral(n), spiral(n + 1)));
        assert!(steps.into_iter().all(|(a, b)| (a.0 - b.0).abs() + (a.1 - b.1).abs() == 1), "one side at a time");
    }

    /// Neighbouring stretches of the curve are squares side by side, each of a quarter, a sixteenth, ... of the plane.
    #[test]
    fn the_curve_fills_one_square_after_the_other() {
        let plane = Plane::new(49, 1000, 5000.0);
        let n = 64;
        let at = |i: i32| (f64::from(i) + 0.5 - f64::from(n) / 2.0) * 2.0 * plane.half_m / f64::from(n);
        let mut cells: Vec<(u32, i32, i32)> =
            (0..n * n).map(|c| (plane.along((at(c / n) as f32, at(c % n) as f32)), c / n, c % n)).collect();
        cells.sort_unstable();
        assert!(cells.windows(2).all(|two| (two[0].1 - two[1].1).abs() + (two[0].2 - two[1].2).abs() == 1));
    }

    #[test]
    fn ways_beyond_the_border_are_folded_back() {
        let plane = Plane::new(9, 1000, 1000.0);
        assert!((plane.half_m - 1500.0).abs() < 1e-9);
        for (x_m, folded) in [(0.0, 0.0), (1400.0, 1400.0), (1600.0, 1400.0), (-1600.0, -1400.0), (4600.0, -1400.0), (7000.0, 1000.0)] {
            assert_eq!(plane.fold(x_m), folded, "{x_m}");
        }
        assert_eq!(plane.point(0, (0.5, 0.5)), (0.0, 0.0));
        assert_eq!(plane.off((100.0, 0.0), 50.0, 0.25).0, 100.0);
    }
}
