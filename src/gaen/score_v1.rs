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

impl ExposureConfiguration {
    /// Each score of attenuations but the last is for those over an edge, dB.
    pub const ATTENUATION_EDGES_DB: [i32; 7] = [73, 63, 51, 33, 27, 15, 10];
    /// Each score of days but the last is for an edge or more, days.
    pub const DAYS_EDGES: [i64; 7] = [14, 12, 10, 8, 6, 4, 2];
    /// Each score of durations but the last is for up to an edge, whole minutes.
    pub const DURATION_EDGES_MIN: [i32; 7] = [0, 5, 10, 15, 20, 25, 30];

    /// The score of a transmission risk level.
    pub fn transmission_score(&self, level: i32, reading: V1Reading) -> i32 {
        let level = level.clamp(0, 8) as usize;
        match reading {
            V1Reading::Ios => self.transmission_scores[level.min(7)],
            V1Reading::Android if level == 0 => 1,
            V1Reading::Android => self.transmission_scores[level - 1],
        }
    }

    /// The total risk score of an exposure to a key so many days ago, by the score of its transmission risk level: the product of
    /// four scores, 0 if under the minimum.
    pub fn score(&self, run: &ExposureRun, days: i64, transmission: i32) -> i32 {
        let attenuation = Self::ATTENUATION_EDGES_DB.iter().position(|&edge| run.attenuation_value_db > edge).unwrap_or(7);
        let days = Self::DAYS_EDGES.iter().position(|&edge| days >= edge).unwrap_or(7);
        let minutes = run.duration_s / 60;
        let duration = Self::DURATION_EDGES_MIN.iter().position(|&edge| minutes <= edge).unwrap_or(7);
        let score = self.attenuation_scores[attenuation] * self.days_scores[days] * self.duration_scores[duration] * transmission;
        if score < self.minimum_risk_score { 0 } else { score }
    }
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

/// Total risk score of an exposure. `now_s` decides the days since the *key's* day (trap: not the sighting's).
pub fn risk_score(run: &ExposureRun, key: &DiagnosisKey, now_s: u32, config: &ExposureConfiguration, reading: V1Reading) -> i32 {
    config.score(run, days_since(key, now_s), config.transmission_score(key.transmission_risk_level, reading))
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
pub fn days_since(key: &DiagnosisKey, now_s: u32) -> i64 {
    (i64::from(now_s) - i64::from(key.tek.rolling_start.0) * 600).div_euclid(600 * RPIS_A_KEY as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{gaen::TemporaryExposureKey, time::Enin};

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
        // 450 s at 40, 150 s at 42: 40.5 rounds up.
        assert_eq!(exposure_runs(&found(&[(0, 40), (300, 42)]))[0].attenuation_value_db, 41);
        // Of two in one second the first counts.
        assert_eq!(exposure_runs(&found(&[(0, 40), (0, 90), (300, 40)]))[0].attenuation_value_db, 40);
    }

    fn key(transmission_risk_level: i32, rolling_start: u32) -> DiagnosisKey {
        let tek = TemporaryExposureKey { key: [rolling_start as u8; 16], rolling_start: Enin(rolling_start), rolling_period: 144 };
        DiagnosisKey { tek, transmission_risk_level, report_type: None, days_since_onset: None }
    }

    /// Every score is 1 and nothing is too little: each test scores one dimension.
    fn ones() -> ExposureConfiguration {
        ExposureConfiguration {
            minimum_risk_score: 1,
            attenuation_scores: [1; 8],
            days_scores: [1; 8],
            duration_scores: [1; 8],
            transmission_scores: [1; 8],
            duration_at_attenuation_thresholds_db: [50, 70],
        }
    }

    fn run(attenuation_value_db: i32, duration_s: i32) -> ExposureRun {
        ExposureRun { first_s: 0, last_s: 0, duration_s, attenuation_value_db, sightings: Vec::new() }
    }

    const DISTINCT: [i32; 8] = [11, 12, 13, 14, 15, 16, 17, 18];

    /// The first bucket whose edge lies under the attenuation.
    #[test]
    fn attenuation_buckets_begin_above_their_edges() {
        let config = ExposureConfiguration { attenuation_scores: DISTINCT, ..ones() };
        let score = |db| risk_score(&run(db, 300), &key(0, 0), 0, &config, V1Reading::Android);
        assert_eq!([74, 73, 64, 63, 52, 51, 34, 33].map(score), [11, 12, 12, 13, 13, 14, 14, 15]);
        assert_eq!([28, 27, 16, 15, 11, 10, 0].map(score), [15, 16, 16, 17, 17, 18, 18]);
    }

    #[test]
    fn days_buckets_begin_at_their_edges() {
        let config = ExposureConfiguration { days_scores: DISTINCT, ..ones() };
        let score = |days: u32| risk_score(&run(50, 300), &key(0, 144 * 3), (3 + days) * 86_400, &config, V1Reading::Android);
        assert_eq!([15, 14, 13, 12, 11, 10, 9, 8].map(score), [11, 11, 12, 12, 13, 13, 14, 14]);
        assert_eq!([7, 6, 5, 4, 3, 2, 1, 0].map(score), [15, 15, 16, 16, 17, 17, 18, 18]);
    }

    #[test]
    fn duration_buckets_end_at_their_edges() {
        let config = ExposureConfiguration { duration_scores: DISTINCT, ..ones() };
        let score = |minutes| risk_score(&run(50, minutes * 60), &key(0, 0), 0, &config, V1Reading::Android);
        assert_eq!([0, 1, 5, 6, 10, 11, 15, 16].map(score), [11, 12, 12, 13, 13, 14, 14, 15]);
        assert_eq!([20, 21, 25, 26, 30, 31, 600].map(score), [15, 16, 16, 17, 17, 18, 18]);
        assert_eq!(risk_score(&run(50, 359), &key(0, 0), 0, &config, V1Reading::Android), 12, "whole minutes");
    }

    #[test]
    fn a_level_scores_by_its_own_place_on_ios_and_by_the_one_before_on_android() {
        let config = ExposureConfiguration { transmission_scores: DISTINCT, ..ones() };
        let score = |level, reading| risk_score(&run(50, 300), &key(level, 0), 0, &config, reading);
        let levels = [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        assert_eq!(levels.map(|l| score(l, V1Reading::Ios)), [11, 11, 12, 13, 14, 15, 16, 17, 18, 18, 18]);
        assert_eq!(levels.map(|l| score(l, V1Reading::Android)), [1, 1, 11, 12, 13, 14, 15, 16, 17, 18, 18]);
    }

    /// 2 × 3 × 5 × 7 = 210.
    #[test]
    fn a_score_is_the_product_and_counts_from_the_minimum_on() {
        let config = |minimum_risk_score| ExposureConfiguration {
            minimum_risk_score,
            attenuation_scores: [2; 8],
            days_scores: [3; 8],
            duration_scores: [5; 8],
            transmission_scores: [7; 8],
            ..ones()
        };
        let score = |minimum| risk_score(&run(50, 300), &key(1, 0), 0, &config(minimum), V1Reading::Android);
        assert_eq!((score(1), score(210), score(211)), (210, 210, 0));
    }

    /// Two keys, three exposures of one sighting each; only the one at 40 dB comes up to the minimum.
    #[test]
    fn a_summary_adds_up_what_each_system_counts() {
        let config = ExposureConfiguration { minimum_risk_score: 2, attenuation_scores: [1, 1, 1, 2, 2, 2, 2, 2], ..ones() };
        let (old, new) = (key(0, 0), key(0, 144));
        let exposure = |db| exposure_runs(&found(&[(1000, db)])).remove(0);
        let exposures = [(&old, exposure(40)), (&new, exposure(60)), (&new, exposure(80))];
        let android = exposure_summary(&exposures, 3 * 86_400, &config, V1Reading::Android);
        assert_eq!((android.matched_key_count, android.maximum_risk_score, android.summation_risk_score), (2, 2, 2));
        assert_eq!((android.days_since_last_exposure, android.attenuation_durations_s), (Some(2), [300, 300, 300]));
        let ios =
            exposure_summary(&exposures, 3 * 86_400, &ExposureConfiguration { transmission_scores: [1; 8], ..config }, V1Reading::Ios);
        assert_eq!((ios.matched_key_count, ios.maximum_risk_score, ios.summation_risk_score), (2, 2, 2));
        assert_eq!((ios.days_since_last_exposure, ios.attenuation_durations_s), (Some(3), [300, 0, 0]), "under the minimum is left out");
        assert_eq!(exposure_summary(&[], 0, &ones(), V1Reading::Ios), ExposureSummary::default());
    }

    /// 0 s at 40 dB, 61 s at 60 dB: 150 s before, 61 s between, 150 s after.
    #[test]
    fn a_summary_rounds_seconds_up_as_each_system_does() {
        let exposures = [(&key(1, 0), exposure_runs(&found(&[(0, 40), (61, 60)])).remove(0))];
        let durations_s = |reading| exposure_summary(&exposures, 86_400, &ones(), reading).attenuation_durations_s;
        assert_eq!((durations_s(V1Reading::Ios), durations_s(V1Reading::Android)), ([240, 180, 0], [300, 300, 0]));
    }
}
