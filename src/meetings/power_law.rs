//! The exponent of a power law's tail, by maximum likelihood (Clauset, Shalizi and Newman 2009): p(x) ~ x^-alpha for lengths in slots of 20 s,
//! `alpha = 1 + n / sum ln(x / (xmin - 10 s))`.

use crate::math;

/// Half a slot, s.
const HALF_SLOT_S: f64 = 10.0;
/// Of fewer lengths no exponent is told; of fewer than the second no best xmin.
const FEWEST: usize = 50;
const FEWEST_OF_BEST: usize = 100;
/// So many are tried for xmin, up to this quantile of all.
const MOST_TRIED: usize = 60;
const TRIED_UP_TO: f64 = 0.98;

/// A fitted tail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tail {
    /// The exponent.
    pub alpha: f64,
    /// From here on, s.
    pub xmin_s: f64,
    /// How many lengths.
    pub n: usize,
    /// Largest distance between the lengths' share and the law's (Kolmogorov and Smirnov).
    pub ks: f64,
}

/// The tail from `xmin_s` on of sorted lengths.
pub(super) fn tail(sorted_s: &[f64], xmin_s: f64) -> Option<Tail> {
    let from = &sorted_s[sorted_s.partition_point(|x| *x < xmin_s)..];
    let n = from.len();
    if n < FEWEST {
        return None;
    }
    let base = xmin_s - HALF_SLOT_S;
    // Of each length with how many are shorter.
    let (mut log_sum, mut shorter, mut steps) = (0.0, 0, Vec::new());
    for same in from.chunk_by(|x, y| x == y) {
        log_sum += math::ln(same[0] / base) * same.len() as f64;
        steps.push((same[0], 1.0 - shorter as f64 / n as f64));
        shorter += same.len();
    }
    let alpha = 1.0 + n as f64 / log_sum;
    let law = |x: f64| math::powf((x - HALF_SLOT_S) / base, 1.0 - alpha);
    let ks = steps.into_iter().map(|(x, share)| (share - law(x)).abs()).fold(0.0, f64::max);
    Some(Tail { alpha, xmin_s, n, ks })
}

/// The tail from where the law fits best.
pub(super) fn best_tail(sorted_s: &[f64]) -> Option<Tail> {
    let up_to = math::quantile(sorted_s, TRIED_UP_TO)?;
    let tried = sorted_s.chunk_by(|x, y| x == y).map(|same| same[0]).take_while(|x| *x <= up_to).take(MOST_TRIED);
    let tails = tried.filter_map(|xmin_s| tail(sorted_s, xmin_s)).filter(|tail| tail.n >= FEWEST_OF_BEST);
    tails.reduce(|best, tail| if tail.ks < best.ks { tail } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100 times 20 s and 50 times 40 s: 150 / (100 ln 2 + 50 ln 4) = 1.0820, to be added to 1.
    #[test]
    fn the_exponent_is_that_of_the_formula() {
        let lengths_s = [vec![20.0; 100], vec![40.0; 50]].concat();
        let tail = tail(&lengths_s, 20.0).expect("150 lengths");
        let alpha = 1.0 + 150.0 / (100.0 * math::ln(2.0) + 50.0 * math::ln(4.0));
        assert!((tail.alpha - alpha).abs() < 1e-12 && tail.n == 150, "{tail:?}");
        // From 40 s on a third; the law has (30 / 10)^-1.0820.
        assert!((tail.ks - (1.0 / 3.0 - math::powf(3.0, 1.0 - alpha)).abs()).abs() < 1e-12, "{tail:?}");
        assert!(super::tail(&lengths_s, 41.0).is_none() && best_tail(&[]).is_none());
    }

    /// Lengths by the quantiles of a law with exponent 2.5 from 60 s on, cut to slots, and as many of 20 s: the best fit begins no earlier than
    /// the law, and finds the exponent.
    #[test]
    fn the_best_tail_is_of_the_law_alone() {
        let law = (0..3000).map(|k| 50.0 * math::powf(1.0 - (f64::from(k) + 0.5) / 3000.0, -1.0 / 1.5));
        let mut lengths_s: Vec<f64> = law.map(|x| ((x + 10.0) / 20.0).floor() * 20.0).chain(vec![20.0; 3000]).collect();
        lengths_s.sort_by(f64::total_cmp);
        let best = best_tail(&lengths_s).expect("6000 lengths");
        assert!(best.xmin_s >= 60.0 && (best.alpha - 2.5).abs() < 0.02, "{best:?}");
    }
}
