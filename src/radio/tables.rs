//! Quantile tables: a 16-bit uniform number becomes a normal or a fade by one look-up.

use std::f64::consts::LN_10;

use crate::math;

/// Entries of a table; a 16-bit uniform keeps its upper twelve bits.
const ENTRIES: usize = 4096;
/// Steps of the numerical integration behind a table.
const STEPS: usize = 40_000;

/// Values at the mid-points of 4096 equally likely classes.
#[derive(Clone, Debug)]
pub struct Quantiles(Box<[f32; ENTRIES]>);

impl Quantiles {
    /// The standard normal (tails end at ±3.7).
    pub fn normal() -> Self {
        let mut table = Self::from_density(-6.0, 6.0, |x| math::exp(-x * x / 2.0));
        // Classes lose a little variance; give it back so that standard deviations are what they say.
        let variance = table.0.iter().map(|v| math::powi(f64::from(*v), 2)).sum::<f64>() / ENTRIES as f64;
        table.0.iter_mut().for_each(|v| *v /= variance.sqrt() as f32);
        table
    }

    /// Fading in dB of attenuation with mean 0 and the given standard deviation: Nakagami amplitude, so power is gamma
    /// distributed. A close substitute for Rician fading with m = (1 + K)² / (1 + 2K); m = 1 is Rayleigh
    /// (5.57 dB), the largest spread the table is asked for.
    pub fn fading(sd_db: f32) -> Self {
        let table = |m: f64| {
            Self::from_density(-25.0, 60.0, |db| {
                let ln_power = -db * LN_10 / 10.0;
                math::exp(m * (ln_power - math::exp(ln_power) + 1.0))
            })
        };
        let mut table = table(nakagami_m(f64::from(sd_db)));
        // As for the normal: classes lose a little variance.
        let lost = (f64::from(sd_db) / table.sd()) as f32;
        table.0.iter_mut().for_each(|v| *v *= lost);
        let mean = (table.0.iter().map(|v| f64::from(*v)).sum::<f64>() / ENTRIES as f64) as f32;
        table.0.iter_mut().for_each(|v| *v -= mean);
        table
    }

    fn from_density(low: f64, high: f64, density: impl Fn(f64) -> f64) -> Self {
        let step = (high - low) / STEPS as f64;
        let weights: Vec<f64> = (0..STEPS).map(|i| density(low + (i as f64 + 0.5) * step)).collect();
        let total: f64 = weights.iter().sum();
        let (mut below, mut i) = (0.0, 0);
        let values = (0..ENTRIES).map(|k| {
            let target = (k as f64 + 0.5) / ENTRIES as f64 * total;
            while i < STEPS - 1 && below + weights[i] < target {
                below += weights[i];
                i += 1;
            }
            (low + (i as f64 + ((target - below) / weights[i]).clamp(0.0, 1.0)) * step) as f32
        });
        Self(values.collect::<Box<[f32]>>().try_into().expect("there are as many values as entries"))
    }

    /// The value of a 16-bit uniform number.
    #[inline]
    pub fn at(&self, uniform: u16) -> f32 {
        self.0[usize::from(uniform >> 4)]
    }

    /// The least value.
    #[inline]
    pub fn least(&self) -> f32 {
        self.0[0]
    }

    /// Standard deviation.
    pub fn sd(&self) -> f64 {
        let mean = self.0.iter().map(|v| f64::from(*v)).sum::<f64>() / ENTRIES as f64;
        (self.0.iter().map(|v| math::powi(f64::from(*v) - mean, 2)).sum::<f64>() / ENTRIES as f64).sqrt()
    }

    /// Every `stride`-th value, for numerical expectations.
    pub fn thinned(&self, stride: usize) -> impl Iterator<Item = f32> + '_ {
        self.0.iter().skip(stride / 2).step_by(stride).copied()
    }
}

/// The shape of a Nakagami amplitude whose level in dB has this standard deviation: the logarithm of gamma-distributed power has the variance
/// ψ₁(m) (Abramowitz and Stegun 6.4.1 and 26.1.32).
fn nakagami_m(sd_db: f64) -> f64 {
    let variance = math::powi(sd_db * LN_10 / 10.0, 2);
    let (mut low, mut high) = (0.9f64, 4000.0f64);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if trigamma(middle) > variance { low = middle } else { high = middle }
    }
    low
}

/// ψ₁(x): by recurrence to large x, then the asymptotic series (Abramowitz and Stegun 6.4.6, 6.4.12).
fn trigamma(x: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 20.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    sum + 1.0 / x + y / 2.0 + y / x * (1.0 / 6.0 - y * (1.0 / 30.0 - y / 42.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_the_spread_they_say() {
        assert!((Quantiles::normal().sd() - 1.0).abs() < 1e-5);
        for sd_db in [1.4, 3.5, 5.0] {
            let table = Quantiles::fading(sd_db);
            assert!((table.sd() - f64::from(sd_db)).abs() < 1e-4, "{sd_db}: {}", table.sd());
            let mean_db = table.thinned(1).map(f64::from).sum::<f64>() / ENTRIES as f64;
            assert!(mean_db.abs() < 1e-3, "{sd_db}: fading has a mean of {mean_db} dB");
        }
        // Rayleigh amplitudes: m = 1, and pi / sqrt(6) nepers of power.
        assert!((trigamma(1.0) - math::powi(std::f64::consts::PI, 2) / 6.0).abs() < 1e-9 && (nakagami_m(5.570) - 1.0).abs() < 1e-3);
        assert!((Quantiles::normal().at(55_142) - 1.0).abs() < 0.01, "84.14 % lie under one standard deviation");
    }
}
