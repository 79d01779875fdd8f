//! Shadowing as a process in time that can be read at any moment without state.

use std::array;

use crate::random::{BLOCKS_AT_ONCE, Keyed};

use super::tables::Quantiles;

/// A moment between two knots: the first of them, and the weights of both.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moment {
    tick: u32,
    before: f32,
    after: f32,
}

/// How often knots stand, as [`SHARES`] of a spacing a second, in parts of 2²⁴: whole numbers, so that a moment is found
/// without a conversion. What is rounded off makes the spacing longer or shorter by parts in a million.
#[derive(Clone, Copy, Debug)]
pub struct KnotRate(u64);

impl KnotRate {
    /// Knots this many seconds apart.
    pub fn every(spacing_s: f32) -> Self {
        Self((SHARES as f64 * f64::from(1 << 24) / f64::from(spacing_s)) as u64)
    }
}

/// Weights that keep the variance, for 256 shares of the way from one knot to the next: a look-up in place of a root.
#[derive(Clone, Debug)]
pub struct Blend([[f32; 2]; SHARES]);

const SHARES: usize = 256;

impl Blend {
    /// Tabulates the weights.
    pub fn tabulate() -> Self {
        Self(array::from_fn(|k| {
            let share = (k as f32 + 0.5) / SHARES as f32;
            let norm = (share * share + (1.0 - share) * (1.0 - share)).sqrt();
            [(1.0 - share) / norm, share / norm]
        }))
    }

    /// Where a moment lies among knots, counted from 1970.
    #[inline]
    pub fn at(&self, t_s: i64, rate: KnotRate) -> Moment {
        let shares = (t_s as u64).wrapping_mul(rate.0) >> 24;
        let [before, after] = self.0[shares as usize % SHARES];
        Moment { tick: (shares / SHARES as u64) as u32, before, after }
    }
}

/// Shadowing of one direction of a link in one pair of places: a process both directions share, and this one's own.
///
/// At whatever moment its mean is 0 and its variance the sum of both. Knots stand one correlation time apart, and values
/// between are interpolated with weights that keep the variance; the correlation falls to 0 over two spacings where a
/// first-order process would fall to e⁻² (weakness).
#[derive(Clone, Copy, Debug)]
pub struct Shadowing {
    symmetric: Process,
    asymmetric: Process,
    place: u32,
}

/// A sequence of independent normals of this spread, between these two.
#[derive(Clone, Copy, Debug)]
struct Process {
    keyed: Keyed,
    who: u32,
    whom: u32,
    sd_db: f32,
}

/// Knots made from one block of random bits.
const KNOTS_A_BLOCK: u32 = 8;
/// Blocks that one pass over moments looks at: enough for 16 scans even where two knots stand between them.
const BLOCKS_A_PASS: u32 = 8;
const KNOTS: usize = (KNOTS_A_BLOCK * BLOCKS_A_PASS) as usize;

impl Shadowing {
    /// The shadowing that `observer` meets when it listens to `transmitter`, with the streams and the spreads of both parts.
    pub fn new(
        [symmetric, asymmetric]: [Keyed; 2],
        [symmetric_sd_db, asymmetry_sd_db]: [f32; 2],
        (observer, transmitter): (u32, u32),
        place: u32,
    ) -> Self {
        let (a, b) = (observer.min(transmitter), observer.max(transmitter));
        Self {
            symmetric: Process { keyed: symmetric, who: a, whom: b, sd_db: symmetric_sd_db },
            asymmetric: Process { keyed: asymmetric, who: observer, whom: transmitter, sd_db: asymmetry_sd_db },
            place,
        }
    }

    /// Adds shadowing to the levels of moments in time order, dB.
    pub fn add(&self, moments: &[Moment], normal: &Quantiles, levels_db: &mut [f32]) {
        let mut knots_db = [0.0; KNOTS];
        let (mut moments, mut levels_db) = (moments, levels_db);
        while let Some(first) = moments.first() {
            let first_block = first.tick / KNOTS_A_BLOCK;
            let block = |moment: &Moment| (moment.tick + 1) / KNOTS_A_BLOCK - first_block;
            let number = moments.partition_point(|m| block(m) < BLOCKS_A_PASS);
            let (now, later) = moments.split_at(number);
            let (levels_now_db, levels_later_db) = levels_db.split_at_mut(number);
            (moments, levels_db) = (later, levels_later_db);
            let blocks = first_block..=first_block + block(&now[number - 1]);
            for (n, knots_db) in blocks.step_by(BLOCKS_AT_ONCE).zip(knots_db.as_chunks_mut().0) {
                self.knots(n, normal, knots_db);
            }
            let first_knot = first_block * KNOTS_A_BLOCK;
            for (moment, level_db) in now.iter().zip(levels_now_db) {
                let knot = (moment.tick - first_knot) as usize;
                *level_db += moment.before * knots_db[knot % KNOTS] + moment.after * knots_db[(knot + 1) % KNOTS];
            }
        }
    }

    #[inline]
    fn knots(&self, first_block: u32, normal: &Quantiles, knots_db: &mut [f32; BLOCKS_AT_ONCE * KNOTS_A_BLOCK as usize]) {
        let when = array::from_fn(|i| first_block + i as u32);
        let of = |p: &Process| p.keyed.blocks(p.who, p.whom, when, self.place);
        let (symmetric, asymmetric) = (of(&self.symmetric), of(&self.asymmetric));
        for (block, knots_db) in knots_db.as_chunks_mut::<{ KNOTS_A_BLOCK as usize }>().0.iter_mut().enumerate() {
            for (pair_db, (a, b)) in knots_db.as_chunks_mut::<2>().0.iter_mut().zip(symmetric.iter().zip(&asymmetric)) {
                let (a, b) = (a[block], b[block]);
                let knot_db = |a: u16, b: u16| self.symmetric.sd_db * normal.at(a) + self.asymmetric.sd_db * normal.at(b);
                *pair_db = [knot_db(a as u16, b as u16), knot_db((a >> 16) as u16, (b >> 16) as u16)];
            }
        }
    }

    /// Shadowing at one moment, dB.
    pub fn at(&self, moment: Moment, normal: &Quantiles) -> f32 {
        let mut level_db = [0.0];
        self.add(&[moment], normal, &mut level_db);
        level_db[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Seed, Stream};

    #[test]
    fn variance_is_one_everywhere_and_correlation_fades() {
        let (normal, blend) = (Quantiles::normal(), Blend::tabulate());
        let streams = [Stream::Shadowing, Stream::Asymmetry].map(|s| Keyed::new(Seed(1), s));
        let mut sums = [0.0f64; 4];
        let lags_s = [0, 10, 90, 400];
        for who in 0..20_000 {
            // 0.6² + 0.8² = 1.
            let shadowing = Shadowing::new(streams, [0.6, 0.8], (who, 7), 0);
            let t = 1_600_000_000 + i64::from(who % 97);
            let at = |t_s| shadowing.at(blend.at(t_s, KnotRate::every(90.0)), &normal);
            let now = at(t);
            for (sum, lag) in sums.iter_mut().zip(lags_s) {
                *sum += f64::from(now * at(t + lag)) / 20_000.0;
            }
        }
        assert!((sums[0] - 1.0).abs() < 0.05 && sums[1] > 0.85 && (0.2..0.6).contains(&sums[2]) && sums[3].abs() < 0.05, "{sums:?}");
    }

    #[test]
    fn moments_together_are_moments_one_by_one() {
        let (normal, blend) = (Quantiles::normal(), Blend::tabulate());
        let shadowing = Shadowing::new([Stream::Shadowing, Stream::Asymmetry].map(|s| Keyed::new(Seed(1), s)), [2.0, 1.0], (3, 1), 5);
        // Steps from well within a spacing to gaps longer than one pass looks at.
        let moments: Vec<Moment> = (0..40i64).map(|k| blend.at(1_600_000_000 + k * k * k / 3 + k * 7, KnotRate::every(45.0))).collect();
        let mut together = vec![50.0; moments.len()];
        shadowing.add(&moments, &normal, &mut together);
        for (moment, level_db) in moments.iter().zip(together) {
            assert_eq!(level_db, 50.0 + shadowing.at(*moment, &normal));
        }
    }
}
