//! Straight mappings from values to pixels, and round numbers for axes.

use crate::math;

/// Maps values to pixels along one axis.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    from: (f64, f64),
    to: (f64, f64),
}

impl Scale {
    /// `from` values become `to` pixels. A range without extent, or without end, is given one.
    pub fn new(from: (f64, f64), to: (f64, f64)) -> Self {
        let from = match from {
            (low, high) if (high - low).is_finite() && high > low => from,
            (low, _) if low.is_finite() => (low, low + 1.0),
            _ => (0.0, 1.0),
        };
        Self { from, to }
    }

    /// The pixel of a value; values outside the range are brought to its ends.
    pub fn px(&self, value: f64) -> f64 {
        let share = ((value - self.from.0) / (self.from.1 - self.from.0)).clamp(0.0, 1.0);
        self.to.0 + share * (self.to.1 - self.to.0)
    }

    /// About `n` round values over the range.
    pub fn ticks(&self, n: u32) -> Vec<f64> {
        let step = round_step((self.from.1 - self.from.0) / f64::from(n));
        let mut ticks = Vec::new();
        // Adding zero turns the −0 that rounding up may give into 0.
        let mut at = (self.from.0 / step - 1e-9).ceil() + 0.0;
        while at * step <= self.from.1 + step * 1e-9 {
            ticks.push(at * step);
            at += 1.0;
        }
        ticks
    }
}

/// The next round number (1, 2 or 5 times a power of ten) at or above `x`; for `x` above 0.
pub fn round_step(x: f64) -> f64 {
    let power = math::powf(10_f64, math::log10(x).floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= x * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(Scale::new((0.0, 1.0), (0.0, 10.0)).ticks(5), [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]);
        assert!(Scale::new((0.0, 7.0), (0.0, 1.0)).ticks(5)[0].is_sign_positive());
        assert_eq!(Scale::new((30.0, 97.0), (0.0, 1.0)).ticks(4), [40.0, 60.0, 80.0]);
        assert_eq!(Scale::new((0.0, 0.0), (5.0, 6.0)).px(9.0), 6.0);
        assert!(Scale::new((0.0, f64::INFINITY), (0.0, 1.0)).ticks(5).len() < 10);
        assert_eq!(round_step(0.31), 0.5);
        assert_eq!(round_step(100.0), 100.0);
    }
}
