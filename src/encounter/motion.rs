//! The relative motion of two people within a segment, in closed form.

use crate::{math, mobility::Stance};

/// Where b is as seen from a: `(x + vx t, y + vy t)` metres, t in seconds from the segment's start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relative {
    /// Offset at t = 0, m.
    pub x_m: f64,
    /// Offset at t = 0, m.
    pub y_m: f64,
    /// Relative velocity, m/s.
    pub vx_mps: f64,
    /// Relative velocity, m/s.
    pub vy_mps: f64,
}

impl Relative {
    /// The relative motion of two stances from `start_s` on, which must lie within both.
    pub fn of(a: &Stance, b: &Stance, start_s: i64) -> Self {
        let (pa, pb) = (a.at(start_s as f64), b.at(start_s as f64));
        let velocity = |s: &Stance| {
            let length_s = (s.end_s - s.start_s) as f64;
            (f64::from(s.to.x_m - s.from.x_m) / length_s, f64::from(s.to.y_m - s.from.y_m) / length_s)
        };
        let ((ax, ay), (bx, by)) = (velocity(a), velocity(b));
        Self { x_m: f64::from(pb.x_m - pa.x_m), y_m: f64::from(pb.y_m - pa.y_m), vx_mps: bx - ax, vy_mps: by - ay }
    }

    /// The same motion seen from points moved by a fixed offset (from bodies to phones).
    #[must_use]
    pub fn shifted(self, dx_m: f64, dy_m: f64) -> Self {
        Self { x_m: self.x_m + dx_m, y_m: self.y_m + dy_m, ..self }
    }

    /// Least distance within `[0, length_s]`, m.
    pub fn min_distance_m(&self, length_s: f64) -> f64 {
        let speed2 = self.vx_mps * self.vx_mps + self.vy_mps * self.vy_mps;
        let t = if speed2 > 0.0 { (-(self.x_m * self.vx_mps + self.y_m * self.vy_mps) / speed2).clamp(0.0, length_s) } else { 0.0 };
        math::hypot(self.x_m + self.vx_mps * t, self.y_m + self.vy_mps * t)
    }

    /// The part of `[0, length_s]` spent within `radius_m` (edge included), as (from, to) in seconds; `None` if none.
    ///
    /// Entering and leaving the circle solve `|p + v t|² = r²`.
    pub fn within_s(&self, radius_m: f64, length_s: f64) -> Option<(f64, f64)> {
        let c = self.x_m * self.x_m + self.y_m * self.y_m - radius_m * radius_m;
        let a = self.vx_mps * self.vx_mps + self.vy_mps * self.vy_mps;
        if a == 0.0 {
            return (c <= 0.0).then_some((0.0, length_s));
        }
        let half_b = self.x_m * self.vx_mps + self.y_m * self.vy_mps;
        let discriminant = half_b * half_b - a * c;
        if discriminant < 0.0 {
            return None;
        }
        let root = discriminant.sqrt();
        let (from, to) = (((-half_b - root) / a).max(0.0), ((-half_b + root) / a).min(length_s));
        (from < to).then_some((from, to))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_straight_pass_is_inside_for_the_chord() {
        let pass = Relative { x_m: -5.0, y_m: 0.6, vx_mps: 1.0, vy_mps: 0.0 };
        let (from, to) = pass.within_s(1.0, 100.0).expect("it passes within 1 m");
        assert!((from - 4.2).abs() < 1e-9 && (to - 5.8).abs() < 1e-9);
        assert!((pass.min_distance_m(100.0) - 0.6).abs() < 1e-9);
        assert_eq!(pass.within_s(0.5, 100.0), None);
    }

    proptest! {
        /// Solving agrees with sampling the path at 1 ms.
        #[test]
        fn solved_time_equals_sampled_time(x in -3.0..3.0f64, y in -3.0..3.0f64, vx in -2.0..2.0f64, vy in -2.0..2.0f64) {
            let motion = Relative { x_m: x, y_m: y, vx_mps: vx, vy_mps: vy };
            let sampled = (0..5000).filter(|k| {
                let t = (*k as f64 + 0.5) / 1000.0;
                math::hypot(x + vx * t, y + vy * t) <= 1.0
            }).count() as f64 / 1000.0;
            let solved = motion.within_s(1.0, 5.0).map_or(0.0, |(from, to)| to - from);
            prop_assert!((sampled - solved).abs() < 0.003, "{sampled} {solved}");
        }
    }
}
