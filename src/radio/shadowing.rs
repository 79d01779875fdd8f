//! Shadowing as a process in time that can be read at any moment without state.

use crate::random::Keyed;

use super::tables::Quantiles;

/// Standard normals at the knots of one process, eight from a block, with the last block kept.
#[derive(Clone, Debug)]
pub struct Knots {
    keyed: Keyed,
    who: u32,
    whom: u32,
    place: u32,
    spacing_s: f64,
    block: u32,
    values: [f32; 8],
}

const NO_BLOCK: u32 = u32::MAX;

impl Knots {
    /// The process of a pair (or of one direction of it) in one pair of places, with correlation time `spacing_s`.
    pub fn new(keyed: Keyed, who: u32, whom: u32, place: u32, spacing_s: f32) -> Self {
        Self { keyed, who, whom, place, spacing_s: f64::from(spacing_s), block: NO_BLOCK, values: [0.0; 8] }
    }

    /// The process at a moment: mean 0, variance 1, at whatever moment. Knots stand one correlation time apart, counted
    /// from 1970, and values between are interpolated with weights that keep the variance; the correlation falls to 0
    /// over two spacings where a first-order process would fall to e⁻² (weakness).
    pub fn at(&mut self, t_s: i64, normal: &Quantiles) -> f32 {
        let ticks = t_s as f64 / self.spacing_s;
        let (tick, share) = (ticks as u32, ticks.fract() as f32);
        let (before, after) = (self.knot(tick, normal), self.knot(tick + 1, normal));
        let rest = 1.0 - share;
        (rest * before + share * after) / (rest * rest + share * share).sqrt()
    }

    fn knot(&mut self, tick: u32, normal: &Quantiles) -> f32 {
        if tick / 8 != self.block {
            self.block = tick / 8;
            let words = self.keyed.block(self.who, self.whom, self.block, self.place);
            self.values = std::array::from_fn(|i| normal.at((words[i / 2] >> (16 * (i % 2))) as u16));
        }
        self.values[(tick % 8) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Seed, Stream};

    #[test]
    fn variance_is_one_everywhere_and_correlation_fades() {
        let normal = Quantiles::normal();
        let keyed = Keyed::new(Seed(1), Stream::Shadowing);
        let mut sums = [0.0f64; 4];
        let lags_s = [0, 10, 90, 400];
        for who in 0..20_000 {
            let mut knots = Knots::new(keyed, who, 7, 0, 90.0);
            let t = 1_600_000_000 + i64::from(who % 97);
            let now = knots.at(t, &normal);
            for (sum, lag) in sums.iter_mut().zip(lags_s) {
                *sum += f64::from(now * knots.at(t + lag, &normal)) / 20_000.0;
            }
        }
        assert!((sums[0] - 1.0).abs() < 0.05 && sums[1] > 0.85 && (0.2..0.6).contains(&sums[2]) && sums[3].abs() < 0.05, "{sums:?}");
    }
}
