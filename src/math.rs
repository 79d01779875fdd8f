//! Transcendental functions from one portable source: those of the standard library are the platform's own, and may differ in the last
//! bit between processors and systems. All else is exact (`+ - * / sqrt`, rounding), so tables are equal everywhere. Beside them stand the
//! quantiles that several rooms need.
//!
//! `clippy.toml` forbids the standard library's functions; a new one is added here.

use std::ops::{Add, Div, Mul};

/// The two floating-point types.
pub trait Real: Copy + From<u8> + Add<Output = Self> + Mul<Output = Self> + Div<Output = Self> {
    /// Square root; exact by IEEE 754.
    fn root(self) -> Self;
    /// See [`ln`].
    fn ln_of(self) -> Self;
    /// See [`log10`].
    fn log10_of(self) -> Self;
    /// See [`exp`].
    fn exp_of(self) -> Self;
    /// See [`powf`].
    fn pow_of(self, exponent: Self) -> Self;
    /// See [`sin`].
    fn sin_of(self) -> Self;
    /// See [`cos`].
    fn cos_of(self) -> Self;
    /// See [`tan`].
    fn tan_of(self) -> Self;
    /// See [`asin`].
    fn asin_of(self) -> Self;
    /// See [`acos`].
    fn acos_of(self) -> Self;
    /// See [`atan2`].
    fn atan2_of(self, x: Self) -> Self;
}

macro_rules! real {
    ($real:ty, $ln:ident, $log10:ident, $exp:ident, $pow:ident, $sin:ident, $cos:ident, $tan:ident, $asin:ident, $acos:ident, $atan2:ident) => {
        impl Real for $real {
            #[inline]
            fn root(self) -> Self {
                self.sqrt()
            }

            #[inline]
            fn ln_of(self) -> Self {
                libm::$ln(self)
            }

            #[inline]
            fn log10_of(self) -> Self {
                libm::$log10(self)
            }

            #[inline]
            fn exp_of(self) -> Self {
                libm::$exp(self)
            }

            #[inline]
            fn pow_of(self, exponent: Self) -> Self {
                libm::$pow(self, exponent)
            }

            #[inline]
            fn sin_of(self) -> Self {
                libm::$sin(self)
            }

            #[inline]
            fn cos_of(self) -> Self {
                libm::$cos(self)
            }

            #[inline]
            fn tan_of(self) -> Self {
                libm::$tan(self)
            }

            #[inline]
            fn asin_of(self) -> Self {
                libm::$asin(self)
            }

            #[inline]
            fn acos_of(self) -> Self {
                libm::$acos(self)
            }

            #[inline]
            fn atan2_of(self, x: Self) -> Self {
                libm::$atan2(self, x)
            }
        }
    };
}

real!(f32, logf, log10f, expf, powf, sinf, cosf, tanf, asinf, acosf, atan2f);
real!(f64, log, log10, exp, pow, sin, cos, tan, asin, acos, atan2);

/// Natural logarithm.
#[inline]
pub fn ln<F: Real>(x: F) -> F {
    x.ln_of()
}

/// Logarithm to base 10.
#[inline]
pub fn log10<F: Real>(x: F) -> F {
    x.log10_of()
}

/// e to the power of `x`.
#[inline]
pub fn exp<F: Real>(x: F) -> F {
    x.exp_of()
}

/// `x` to a power.
#[inline]
pub fn powf<F: Real>(x: F, exponent: F) -> F {
    x.pow_of(exponent)
}

/// `x` to a whole power, by multiplication.
#[inline]
pub fn powi<F: Real>(x: F, exponent: i32) -> F {
    let (mut product, mut square, mut left) = (F::from(1), x, exponent.unsigned_abs());
    while left > 0 {
        if left & 1 == 1 {
            product = product * square;
        }
        square = square * square;
        left >>= 1;
    }
    if exponent < 0 { F::from(1) / product } else { product }
}

/// Sine of an angle in radians.
#[inline]
pub fn sin<F: Real>(x_rad: F) -> F {
    x_rad.sin_of()
}

/// Cosine of an angle in radians.
#[inline]
pub fn cos<F: Real>(x_rad: F) -> F {
    x_rad.cos_of()
}

/// Sine and cosine of an angle in radians.
#[inline]
pub fn sin_cos<F: Real>(x_rad: F) -> (F, F) {
    (x_rad.sin_of(), x_rad.cos_of())
}

/// Tangent of an angle in radians.
#[inline]
pub fn tan<F: Real>(x_rad: F) -> F {
    x_rad.tan_of()
}

/// The angle, radians, that has this sine.
#[inline]
pub fn asin<F: Real>(x: F) -> F {
    x.asin_of()
}

/// The angle, radians, that has this cosine.
#[inline]
pub fn acos<F: Real>(x: F) -> F {
    x.acos_of()
}

/// The angle of (`x`, `y`) from the x axis, radians.
#[inline]
pub fn atan2<F: Real>(y: F, x: F) -> F {
    y.atan2_of(x)
}

/// Length of (`x`, `y`); nothing here is so long that its square overflows.
#[inline]
pub fn hypot<F: Real>(x: F, y: F) -> F {
    (x * x + y * y).root()
}

/// Linear interpolation between order statistics (R's type 7).
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = p * last as f64;
    let low = at.floor() as usize;
    Some(sorted[low] + (at - low as f64) * (sorted[(low + 1).min(last)] - sorted[low]))
}

/// Quantile of Student's t distribution for `p` of 0.5 or more. With t = sqrt(f) tan(a), the density over the angle is that of
/// cos(a)^(f - 1) between -90 and 90 degrees; integrated by the midpoint rule and inverted by bisection. Slow; for once a table.
pub fn student_quantile(p: f64, freedom: f64) -> f64 {
    const STEPS: u32 = 2000;
    let integral = |to: f64| {
        let h = to / f64::from(STEPS);
        (0..STEPS).map(|i| powf(cos((f64::from(i) + 0.5) * h), freedom - 1.0) * h).sum::<f64>()
    };
    let quarter = std::f64::consts::FRAC_PI_2;
    let half_mass = integral(quarter);
    let (mut low, mut high) = (0.0, quarter);
    for _ in 0..50 {
        let middle = (low + high) / 2.0;
        if integral(middle) / half_mass < 2.0 * p - 1.0 { low = middle } else { high = middle }
    }
    freedom.sqrt() * tan(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From printed tables (Abramowitz and Stegun 4.2, 4.6), and the quadrants of an angle.
    #[test]
    fn functions_are_the_textbook_ones() {
        let is_near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found} for {expected}");
        is_near(ln(3.0), 1.098_612_288_7);
        is_near(log10(3.0), 0.477_121_254_7);
        is_near(exp(2.0), 7.389_056_098_9);
        is_near(powf(10.0, 0.5), 3.162_277_660_2);
        is_near(sin(1.0), 0.841_470_984_8);
        is_near(cos(1.0), 0.540_302_305_9);
        is_near(tan(1.0), 1.557_407_724_7);
        is_near(asin(0.3), 0.304_692_654_0);
        is_near(acos(0.3), 1.266_103_672_8);
        is_near(atan2(1.0, -1.0), 2.356_194_490_2);
        is_near(atan2(-1.0, -1.0), -2.356_194_490_2);
        assert_eq!(sin_cos(1.0f32), (sin(1.0f32), cos(1.0f32)));
        assert_eq!((hypot(3.0, 4.0), hypot(-3.0f32, 4.0)), (5.0, 5.0));
    }

    #[test]
    fn whole_powers_are_products() {
        let powers = [-2, -1, 0, 1, 2, 3, 10].map(|n| powi(2.0, n));
        assert_eq!(powers, [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 1024.0]);
        assert_eq!(powi(1.1f32, 5), (1.1 * 1.1) * (1.1 * 1.1) * 1.1f32);
    }

    /// From printed tables.
    #[test]
    fn students_quantiles_are_the_textbook_ones() {
        for (p, freedom, expected) in [
            (0.975, 1.0, 12.7062),
            (0.975, 7.0, 2.3646),
            (0.95, 7.0, 1.8946),
            (0.995, 2.0, 9.9248),
            (0.975, 99.0, 1.9842),
            (0.75, 3.0, 0.7649),
        ] {
            let found = student_quantile(p, freedom);
            assert!((found - expected).abs() < 5e-4, "{p} {freedom}: {found}");
        }
    }

    #[test]
    fn quantiles_interpolate() {
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.5), Some(2.5));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
