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

/// Shadowing of a link in one pair of places, the same both ways: the sum of a fast process (hands, breathing, people who pass)
/// and a slow one (how two people sit or stand to each other).
///
/// One law for all places. What measured minutes of DP-3T exp05 have in common with those of the other direction falls by a third to a
/// half within a minute or two and takes ten more to go; and beyond one minute what a direction has in common with itself is no
/// more than what it has in common with the other: but for what one scan draws anew (fading), there is no part of a direction's own
/// (docs/validation.md).
///
/// At whatever moment the mean is 0 and the variance the sum of both. Knots of a process stand one correlation time apart, and values
/// between are interpolated with weights that keep the variance; the correlation falls to 0.29 over one spacing and to 0 over two,
/// where a first-order process would fall to e⁻¹ and e⁻² (weakness).
#[derive(Clone, Copy, Debug)]
pub struct Shadowing {
    /// Fast, then slow.
    processes: [Process; 2],
}

/// A sequence of independent normals of this spread, between these two in one pair of places.
#[derive(Clone, Copy, Debug)]
struct Process {
    keyed: Keyed,
    a: u32,
    b: u32,
    place: u32,
    sd_db: f32,
}

/// Knots made from one block of random bits.
const KNOTS_A_BLOCK: u32 = 8;
/// Blocks that one pass over moments looks at: enough for 16 scans even where two knots stand between them.
const BLOCKS_A_PASS: u32 = 8;
const KNOTS: usize = (KNOTS_A_BLOCK * BLOCKS_A_PASS) as usize;

impl Shadowing {
    /// The shadowing between two phones, with the streams and the spreads of the fast and the slow part.
    pub fn new(streams: [Keyed; 2], sds_db: [f32; 2], (one, other): (u32, u32), place: u32) -> Self {
        let (a, b) = (one.min(other), one.max(other));
        Self { processes: array::from_fn(|i| Process { keyed: streams[i], a, b, place, sd_db: sds_db[i] }) }
    }

    /// Adds shadowing to the levels of moments in time order, dB; the moments are located among the knots of both processes.
    pub fn add(&self, moments: [&[Moment]; 2], normal: &Quantiles, levels_db: &mut [f32]) {
        for (process, moments) in self.processes.iter().zip(moments) {
            if process.sd_db > 0.0 {
                process.add(moments, normal, levels_db);
            }
        }
    }
}

impl Process {
    fn add(&self, moments: &[Moment], normal: &Quantiles, levels_db: &mut [f32]) {
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
        let words = self.keyed.blocks(self.a, self.b, when, self.place);
        for (block, knots_db) in knots_db.as_chunks_mut::<{ KNOTS_A_BLOCK as usize }>().0.iter_mut().enumerate() {
            for (pair_db, word) in knots_db.as_chunks_mut::<2>().0.iter_mut().zip(&words) {
                let word = word[block];
                *pair_db = [word as u16, (word >> 16) as u16].map(|uniform| self.sd_db * normal.at(uniform));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Seed, Stream};

    const STREAMS: [Stream; 2] = [Stream::Shadowing, Stream::SlowShadowing];

    fn at(shadowing: &Shadowing, blend: &Blend, normal: &Quantiles, t_s: i64, times_s: [f32; 2]) -> f32 {
        let moment = times_s.map(|time_s| blend.at(t_s, KnotRate::every(time_s)));
        let mut level_db = [0.0];
        shadowing.add([&moment[..1], &moment[1..]], normal, &mut level_db);
        level_db[0]
    }

    #[test]
    fn variance_is_one_everywhere_and_correlation_fades_fast_then_slowly() {
        let (normal, blend) = (Quantiles::normal(), Blend::tabulate());
        let streams = STREAMS.map(|s| Keyed::new(Seed(1), s));
        let lags_s = [0, 10, 60, 120, 300, 1300];
        let mut sums = [0.0f64; 6];
        for who in 0..20_000 {
            // 0.6² + 0.8² = 1.
            let shadowing = Shadowing::new(streams, [0.6, 0.8], (who, 7), 0);
            let t_s = 1_600_000_000 + i64::from(who % 97);
            let now = at(&shadowing, &blend, &normal, t_s, [60.0, 600.0]);
            for (sum, lag_s) in sums.iter_mut().zip(lags_s) {
                *sum += f64::from(now * at(&shadowing, &blend, &normal, t_s + lag_s, [60.0, 600.0])) / 20_000.0;
            }
        }
        // 0.29 of the fast part is left after its time, nothing after two; of the slow part nearly all, then about 0.29 at 600 s.
        let least_and_most = [(0.95, 1.05), (0.92, 1.03), (0.65, 0.8), (0.5, 0.68), (0.38, 0.55), (-0.05, 0.05)];
        assert!(sums.iter().zip(least_and_most).all(|(sum, (least, most))| (least..=most).contains(sum)), "{sums:?}");
    }

    #[test]
    fn both_directions_meet_the_same() {
        let (normal, blend) = (Quantiles::normal(), Blend::tabulate());
        let streams = STREAMS.map(|s| Keyed::new(Seed(1), s));
        let of = |pair| at(&Shadowing::new(streams, [3.0, 2.0], pair, 5), &blend, &normal, 1_600_000_123, [45.0, 300.0]);
        assert_eq!(of((3, 8)), of((8, 3)));
        assert_ne!(of((3, 8)), of((3, 9)));
    }

    #[test]
    fn moments_together_are_moments_one_by_one() {
        let (normal, blend) = (Quantiles::normal(), Blend::tabulate());
        let shadowing = Shadowing::new(STREAMS.map(|s| Keyed::new(Seed(1), s)), [2.0, 1.0], (3, 1), 5);
        let times_s = [45.0, 300.0];
        // Steps from well within a spacing to gaps longer than one pass looks at.
        let starts_s: Vec<i64> = (0..40i64).map(|k| 1_600_000_000 + k * k * k / 3 + k * 7).collect();
        let moments = times_s.map(|time_s| starts_s.iter().map(|t_s| blend.at(*t_s, KnotRate::every(time_s))).collect::<Vec<_>>());
        let mut together = vec![0.0; starts_s.len()];
        shadowing.add([&moments[0], &moments[1]], &normal, &mut together);
        for (t_s, level_db) in starts_s.iter().zip(together) {
            assert_eq!(level_db, at(&shadowing, &blend, &normal, *t_s, times_s));
        }
    }
}
