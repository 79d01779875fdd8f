//! Shadowing as a process in time that can be read at any moment without state.

use crate::random::Keyed;

use super::tables::Quantiles;

/// A moment between two knots: the first of them, and the weights of both.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    tick: u32,
    before: f32,
    after: f32,
}

/// Weights that keep the variance, for 256 shares of the way from one knot to the next: a look-up in place of a root.
#[derive(Clone, Debug)]
pub struct Blend(Vec<(f32, f32)>);

const SHARES: usize = 256;

impl Blend {
    /// Tabulates the weights.
    pub fn tabulate() -> Self {
        let weights = |k: usize| {
            let share = (k as f32 + 0.5) / SHARES as f32;
            let norm = (share * share + (1.0 - share) * (1.0 - share)).sqrt();
            ((1.0 - share) / norm, share / norm)
        };
        Self((0..SHARES).map(weights).collect())
    }

    /// Where a moment lies among knots that stand `1 / knots_per_s` seconds apart, counted from 1970.
    #[inline]
    pub fn at(&self, t_s: i64, knots_per_s: f64) -> Moment {
        let ticks = t_s as f64 * knots_per_s;
        let tick = ticks as i64 as u32;
        let (before, after) = self.0[((ticks - f64::from(tick)) * SHARES as f64) as i32 as usize & (SHARES - 1)];
        Moment { tick, before, after }
    }
}

/// Standard normals at the knots of one process, eight from a block, with the last block kept.
#[derive(Clone, Debug)]
pub struct Knots {
    keyed: Keyed,
    who: u32,
    whom: u32,
    place: u32,
    block: u32,
    values: [f32; 8],
}

const NO_BLOCK: u32 = u32::MAX;

impl Knots {
    /// The process of a pair (or of one direction of it) in one pair of places.
    pub fn new(keyed: Keyed, who: u32, whom: u32, place: u32) -> Self {
        Self { keyed, who, whom, place, block: NO_BLOCK, values: [0.0; 8] }
    }

    /// The process at a moment: mean 0, variance 1, at whatever moment. Knots stand one correlation time apart, and values
    /// between are interpolated with weights that keep the variance; the correlation falls to 0 over two spacings where a
    /// first-order process would fall to e⁻² (weakness).
    #[inline]
    pub fn at(&mut self, moment: Moment, normal: &Quantiles) -> f32 {
        moment.before * self.knot(moment.tick, normal) + moment.after * self.knot(moment.tick + 1, normal)
    }

    #[inline]
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
        let (normal, blend) = (Quantiles::normal(), Blend::tabulate());
        let keyed = Keyed::new(Seed(1), Stream::Shadowing);
        let mut sums = [0.0f64; 4];
        let lags_s = [0, 10, 90, 400];
        for who in 0..20_000 {
            let mut knots = Knots::new(keyed, who, 7, 0);
            let t = 1_600_000_000 + i64::from(who % 97);
            let mut at = |t_s| knots.at(blend.at(t_s, 1.0 / 90.0), &normal);
            let now = at(t);
            for (sum, lag) in sums.iter_mut().zip(lags_s) {
                *sum += f64::from(now * at(t + lag)) / 20_000.0;
            }
        }
        assert!((sums[0] - 1.0).abs() < 0.05 && sums[1] > 0.85 && (0.2..0.6).contains(&sums[2]) && sums[3].abs() < 0.05, "{sums:?}");
    }
}
