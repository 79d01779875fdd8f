//! Tables that turn a number of 16 bits into a normal or a fade: part of the law (docs of the radio room's tables).

use cocoasim::math;

/// Middles of 4096 equally likely classes of a density, summed up in 40,000 steps.
fn quantiles(low: f64, high: f64, density: impl Fn(f64) -> f64) -> Vec<f32> {
    let step = (high - low) / 40_000.0;
    let weights: Vec<f64> = (0..40_000).map(|i| density(low + (f64::from(i) + 0.5) * step)).collect();
    let total: f64 = weights.iter().sum();
    let (mut below, mut i) = (0.0, 0);
    let of_class = |class: u32| {
        let target = (f64::from(class) + 0.5) / 4096.0 * total;
        while i < 39_999 && below + weights[i] < target {
            below += weights[i];
            i += 1;
        }
        (low + (i as f64 + ((target - below) / weights[i]).clamp(0.0, 1.0)) * step) as f32
    };
    (0..4096).map(of_class).collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    values.sum::<f64>() / 4096.0
}

/// The standard normal, its classes stretched to a variance of 1.
pub fn normal() -> Vec<f32> {
    let table = quantiles(-6.0, 6.0, |x| math::exp(-x * x / 2.0));
    let sd = mean(table.iter().map(|v| math::powi(f64::from(*v), 2))).sqrt() as f32;
    table.into_iter().map(|v| v / sd).collect()
}

/// ψ₁(x), the variance of the logarithm of a gamma-distributed power of shape x: recurrence to 20, then the asymptotic series.
fn trigamma(x: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 20.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    sum + 1.0 / x + y / 2.0 + y / x * (1.0 / 6.0 - y * (1.0 / 30.0 - y / 42.0))
}

/// Fading: the decibels of a gamma-distributed power whose shape m gives this spread (halved 60 times between 0.9 and 4000), its classes stretched
/// to that spread, mean 0.
pub fn fading(sd_db: f32) -> Vec<f32> {
    let variance = math::powi(f64::from(sd_db) * std::f64::consts::LN_10 / 10.0, 2);
    let (mut low, mut high) = (0.9f64, 4000.0f64);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        (low, high) = if trigamma(middle) > variance { (middle, high) } else { (low, middle) };
    }
    let ln_power = |db: f64| -db * std::f64::consts::LN_10 / 10.0;
    let table = quantiles(-25.0, 60.0, |db| math::exp(low * (ln_power(db) - math::exp(ln_power(db)) + 1.0)));
    let mean_db = mean(table.iter().map(|v| f64::from(*v)));
    let sd = mean(table.iter().map(|v| math::powi(f64::from(*v) - mean_db, 2))).sqrt();
    let stretch = (f64::from(sd_db) / sd) as f32;
    let table: Vec<f32> = table.into_iter().map(|v| v * stretch).collect();
    let mean_db = mean(table.iter().map(|v| f64::from(*v))) as f32;
    table.into_iter().map(|v| v - mean_db).collect()
}
