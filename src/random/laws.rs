//! Draws from laws other than the uniform.

use std::f64::consts::PI;

use rand::RngExt;

use crate::math;

use super::KeyedRng;

impl KeyedRng {
    /// A standard normal number, from two uniform ones (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let (radius, turn) = (self.exponential(2.0).sqrt(), self.random::<f64>());
        radius * math::cos(2.0 * PI * turn)
    }

    /// An exponential number, from one uniform one.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * math::ln(1.0 - self.random::<f64>())
    }

    /// A gamma number (Marsaglia and Tsang 2000); mean shape × scale.
    pub fn gamma(&mut self, shape: f64, scale: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0, scale) * math::powf(1.0 - self.random::<f64>(), 1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        loop {
            let x = self.normal();
            let v = math::powi(1.0 + x / (9.0 * d).sqrt(), 3);
            if v > 0.0 && -self.exponential(1.0) < x * x / 2.0 + d - d * v + d * math::ln(v) {
                return d * v * scale;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::random::{Keyed, Seed, Stream};

    use super::*;

    const N: u32 = 40_000;

    /// Mean, variance and third central moment of draws.
    fn moments(draw: impl Fn(&mut KeyedRng) -> f64) -> [f64; 3] {
        let keyed = Keyed::new(Seed(1), Stream::Plan);
        let all: Vec<f64> = (0..N).map(|i| draw(&mut keyed.rng(i, 0, 0))).collect();
        let mean = all.iter().sum::<f64>() / f64::from(N);
        let central = |n: i32| all.iter().map(|x| math::powi(x - mean, n)).sum::<f64>() / f64::from(N);
        [mean, central(2), central(3)]
    }

    fn is_near(found: [f64; 3], expected: [f64; 3]) {
        assert!((0..3).all(|i| (found[i] - expected[i]).abs() < 0.03 * (1 + 4 * i) as f64), "{found:?} for {expected:?}");
    }

    /// A gamma law has mean k θ, variance k θ² and third moment 2 k θ³; the exponential is that of k = 1.
    #[test]
    fn laws_have_their_moments() {
        is_near(moments(KeyedRng::normal), [0.0, 1.0, 0.0]);
        is_near(moments(|rng| rng.exponential(1.0)), [1.0, 1.0, 2.0]);
        is_near(moments(|rng| rng.gamma(0.5, 1.0)), [0.5, 0.5, 1.0]);
        is_near(moments(|rng| rng.gamma(4.0, 0.5)), [2.0, 1.0, 1.0]);
        assert_eq!(Keyed::new(Seed(1), Stream::Plan).rng(0, 0, 0).exponential(0.0).abs(), 0.0);
    }
}
