//! Version 1: exposures and risk scores (ENI, KeyExposureEvaluator.findExposures, RiskScoreCalculator, TracingParams).

use super::{
    crypto::RPIS_A_KEY,
    keys::DiagnosisKey,
    matching::{KeyMatch, MatchedSighting},
};

/// A gap longer than this (strictly) ends a run, s (`maxInterpolationDuration`).
const RUN_GAP_S: u32 = 600;
/// Scan interval that every sighting stands for, s.
const SCAN_INTERVAL_S: i32 = 300;

/// One exposure: sightings of a key without a gap over 10 minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExposureRun {
    /// First sighting, Unix seconds.
    pub first_s: u32,
    /// Last sighting, Unix seconds.
    pub last_s: u32,
    /// Rounded to multiples of 300 s, at least 300.
    pub duration_s: i32,
    /// Time-weighted mean attenuation, dB.
    pub attenuation_value_db: i32,
    /// The sightings, for durations by attenuation.
    pub sightings: Vec<MatchedSighting>,
}

/// Which system's reading of a v1 configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum V1Reading {
    /// Apple: `transmission_risk_scores[level]`.
    Ios,
    /// Google: level 0 scores 1, else `transmission_risk_scores[level - 1]`.
    Android,
}

/// A v1 configuration. Scores 0 to 8; weights were reserved and never used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExposureConfiguration {
    /// Scores under this become 0.
    pub minimum_risk_score: i32,
    /// By attenuation: > 73, > 63, > 51, > 33, > 27, > 15, > 10, <= 10 dB.
    pub attenuation_scores: [i32; 8],
    /// By days since the key's day: >= 14, 12, 10, 8, 6, 4, 2, 0.
    pub days_scores: [i32; 8],
    /// By whole minutes: 0, <= 5, 10, 15, 20, 25, 30, > 30.
    pub duration_scores: [i32; 8],
    /// By transmission risk level; see [`V1Reading`].
    pub transmission_scores: [i32; 8],
    /// The two thresholds of the attenuation durations, dB.
    pub duration_at_attenuation_thresholds_db: [i32; 2],
}

impl Default for ExposureConfiguration {
    /// Google's builder: all scores 4, minimum 4, thresholds 50 and 74 dB.
    fn default() -> Self {
        Self {
            minimum_risk_score: 4,
            attenuation_scores: [4; 8],
            days_scores: [4; 8],
            duration_scores: [4; 8],
            transmission_scores: [4; 8],
            duration_at_attenuation_thresholds_db: [50, 74],
        }
    }
}

/// The exposures of one key: runs of its aggregated sightings.
pub fn exposure_runs(found: &KeyMatch) -> Vec<ExposureRun> {
    found
        .aggregated
        .chunk_by(|a, b| b.t_s - a.t_s <= RUN_GAP_S)
        .map(|run| {
            let (first_s, last_s) = (run[0].t_s, run[run.len() - 1].t_s);
            let length_s = (last_s - first_s) as i32 + SCAN_INTERVAL_S;
            let rest_s = length_s % SCAN_INTERVAL_S;
            let duration_s = if rest_s <= SCAN_INTERVAL_S / 2 { length_s - rest_s } else { length_s + SCAN_INTERVAL_S - rest_s };
            let attenuation_value_db = weighted_attenuation_db(run, SCAN_INTERVAL_S);
            ExposureRun { first_s, last_s, duration_s, attenuation_value_db, sightings: run.to_vec() }
        })
        .collect()
}

/// Mean attenuation of a run, weighted by time and rounded as Java's Math.round does: floor(x + 0.5).
fn weighted_attenuation_db(run: &[MatchedSighting], scan_interval_s: i32) -> i32 {
    let (sum, total_s) = steps(run, scan_interval_s).fold((0, 0), |(sum, total), (db, s)| (sum + i64::from(db) * s, total + s));
    (sum as f64 / total_s as f64 + 0.5).floor() as i32
}

/// Periods between sightings, half a scan interval before the first and after the last: (attenuation at the start, length).
/// Of several sightings in one second the first counts, as ENI's `computePeriods` passes over a point at the time of the one
/// before it.
fn steps(run: &[MatchedSighting], scan_interval_s: i32) -> impl Iterator<Item = (i32, i64)> + '_ {
    let half_s = i64::from(scan_interval_s) / 2;
    let lead = (run[0].attenuation_db, half_s);
    let end_s = i64::from(run[run.len() - 1].t_s) + half_s;
    let mut seconds = run.chunk_by(|a, b| a.t_s == b.t_s).map(|same| same[0]).peekable();
    let between = std::iter::from_fn(move || {
        let now = seconds.next()?;
        let next_s = seconds.peek().map_or(end_s, |next| i64::from(next.t_s));
        Some((now.attenuation_db, next_s - i64::from(now.t_s)))
    });
    std::iter::once(lead).chain(between)
}

/// Seconds below the first threshold, between the two, and at or above the second.
pub fn attenuation_durations_s(run: &ExposureRun, thresholds_db: [i32; 2]) -> [i64; 3] {
    let mut durations_s = [0; 3];
    for (db, s) in steps(&run.sightings, SCAN_INTERVAL_S) {
        let bucket = if db < thresholds_db[0] { 0 } else { 1 + usize::from(db >= thresholds_db[1]) };
        durations_s[bucket] += s;
    }
    durations_s
}

/// Total risk score of an exposure: the product of four scores, 0 if under the minimum. `now_s` decides the days since
/// the *key's* day (trap: not the sighting's).
pub fn risk_score(run: &ExposureRun, key: &DiagnosisKey, now_s: u32, config: &ExposureConfiguration, reading: V1Reading) -> i32 {
    let attenuation = [73, 63, 51, 33, 27, 15, 10].iter().position(|&edge| run.attenuation_value_db > edge).unwrap_or(7);
    let days = days_since(key, now_s);
    let days = [14, 12, 10, 8, 6, 4, 2].iter().position(|&edge| days >= edge).unwrap_or(7);
    let minutes = run.duration_s / 60;
    let duration = [0, 5, 10, 15, 20, 25, 30].iter().position(|&edge| minutes <= edge).unwrap_or(7);
    let level = key.transmission_risk_level.clamp(0, 8) as usize;
    let transmission = match reading {
        V1Reading::Ios => config.transmission_scores[level.min(7)],
        V1Reading::Android if level == 0 => 1,
        V1Reading::Android => config.transmission_scores[level - 1],
    };
    let score = config.attenuation_scores[attenuation] * config.days_scores[days] * config.duration_scores[duration] * transmission;
    if score < config.minimum_risk_score { 0 } else { score }
}

/// What the API sums up over all exposures of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExposureSummary {
    /// Keys with at least one sighting.
    pub matched_key_count: usize,
    /// Whole days from the newest matched key's day to now; `None` without a match.
    pub days_since_last_exposure: Option<i64>,
    /// Highest score.
    pub maximum_risk_score: i32,
    /// Sum of scores.
    pub summation_risk_score: i64,
    /// Seconds below, between and above the thresholds, rounded and capped at 30 minutes as the system does.
    pub attenuation_durations_s: [i64; 3],
}

/// Sums up. The caps and roundings of summaries are here alone: Google speaks of 5-minute increments and 30 minutes at most
/// (its code is not published; rounding up is an assumption), Apple's sample code leaves exposures under the minimum score
/// out, and rounds up to a minute.
pub fn exposure_summary(
    exposures: &[(&DiagnosisKey, ExposureRun)],
    now_s: u32,
    config: &ExposureConfiguration,
    reading: V1Reading,
) -> ExposureSummary {
    const CAP_S: i64 = 1800;
    let increment_s = match reading {
        V1Reading::Ios => 60,
        V1Reading::Android => 300,
    };
    let mut summary = ExposureSummary::default();
    let mut keys: Vec<[u8; 16]> = exposures.iter().map(|(key, _)| key.tek.key).collect();
    keys.sort_unstable();
    keys.dedup();
    summary.matched_key_count = keys.len();
    let mut durations_s = [0; 3];
    for (key, run) in exposures {
        let score = risk_score(run, key, now_s, config, reading);
        summary.maximum_risk_score = summary.maximum_risk_score.max(score);
        summary.summation_risk_score += i64::from(score);
        if reading == V1Reading::Android || score > 0 {
            let days = days_since(key, now_s);
            summary.days_since_last_exposure = Some(summary.days_since_last_exposure.map_or(days, |least| least.min(days)));
            let of_run = attenuation_durations_s(run, config.duration_at_attenuation_thresholds_db);
            durations_s.iter_mut().zip(of_run).for_each(|(sum, s)| *sum += s);
        }
    }
    summary.attenuation_durations_s = durations_s.map(|s| (s.min(CAP_S) + increment_s - 1) / increment_s * increment_s);
    summary
}

/// Whole days from the key's UTC day to now (trap 8: not from the sighting).
fn days_since(key: &DiagnosisKey, now_s: u32) -> i64 {
    (i64::from(now_s) - i64::from(key.tek.rolling_start.0) * 600).div_euclid(600 * RPIS_A_KEY as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(times_and_db: &[(u32, i32)]) -> KeyMatch {
        let aggregated: Vec<_> = times_and_db
            .iter()
            .map(|&(t_s, attenuation_db)| MatchedSighting { t_s, attenuation_db, previous_scan_s: 0, calibration_confidence: 3 })
            .collect();
        KeyMatch { key: 0, tek: [0; 16], report_type: None, raw: aggregated.clone(), aggregated }
    }

    #[test]
    fn a_lone_sighting_is_five_minutes() {
        let runs = exposure_runs(&found(&[(1000, 55)]));
        assert_eq!((runs[0].duration_s, runs[0].attenuation_value_db), (300, 55));
        assert_eq!(attenuation_durations_s(&runs[0], [50, 70]), [0, 300, 0]);
    }

    #[test]
    fn durations_round_to_five_minutes_and_ten_minutes_end_a_run() {
        let duration = |last| exposure_runs(&found(&[(0, 50), (600, 50), (last, 50)]))[0].duration_s;
        assert_eq!((duration(750), duration(751)), (900, 1200));
        assert_eq!(exposure_runs(&found(&[(0, 50), (600, 50)])).len(), 1);
        assert_eq!(exposure_runs(&found(&[(0, 50), (601, 50)])).len(), 2);
    }

    /// The one worked example of the published code (ENI KeyExposureEvaluator): scan interval 6, 188 / 56 = 3.36.
    #[test]
    fn val_the_published_weighted_attenuation() {
        assert_eq!(weighted_attenuation_db(&found(&[(0, 1), (10, 4), (50, 5)]).aggregated, 6), 3);
    }

    #[test]
    fn attenuation_is_weighted_by_the_time_that_follows() {
        // 150 s and 400 s at 40, then 150 s at 70: (550 × 40 + 150 × 70) / 700 = 46.43.
        assert_eq!(exposure_runs(&found(&[(0, 40), (400, 70)]))[0].attenuation_value_db, 46);
    }
}
