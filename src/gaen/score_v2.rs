//! Version 2: exposure windows (ENI, KeyExposureEvaluator.findExposureWindows) and daily summaries (DailySummaryUtils).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::{DayUtc, UnixSeconds};

use super::{
    keys::{DiagnosisKey, ReportType},
    matching::{KeyMatch, SAME_SCAN_S},
};

/// A window is cut this long after its first sighting, s.
const WINDOW_S: u32 = 1800;
/// Room for the scans of a window, one in four minutes.
const USUAL_SCANS: usize = 8;
const MAX_MINUTES_SINCE_LAST_SCAN: i64 = 5;
const DEFAULT_SECONDS_SINCE_LAST_SCAN: i32 = 120;

/// How infectious a person was on the key's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Infectiousness {
    /// Weight 0 (windows stay).
    None = 0,
    /// Standard.
    Standard = 1,
    /// High.
    High = 2,
}

/// What an app configures for missing fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiagnosisKeysDataMapping {
    /// By days since onset, -14 to +14.
    pub infectiousness: [Infectiousness; 29],
    /// Where onset is unknown or further off.
    pub infectiousness_when_missing: Infectiousness,
    /// Where the report type is missing.
    pub report_type_when_missing: ReportType,
}

impl Default for DiagnosisKeysDataMapping {
    /// Google's defaults (client_record.proto): STANDARD throughout, a missing report type is a confirmed test.
    fn default() -> Self {
        Self {
            infectiousness: [Infectiousness::Standard; 29],
            infectiousness_when_missing: Infectiousness::Standard,
            report_type_when_missing: ReportType::ConfirmedTest,
        }
    }
}

/// One scan within a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanInstance {
    /// First sighting, Unix seconds (the framework keeps it to itself; used to say which day a firing belongs to).
    pub t_s: u32,
    /// Mean attenuation, dB.
    pub typical_db: i32,
    /// Least attenuation, dB.
    pub min_db: i32,
    /// 0, 60, ... 300; negative if the clock was set back.
    pub seconds_since_last_scan: i32,
}

/// Up to 30 minutes of scans of one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposureWindow {
    /// First sighting, Unix seconds.
    pub t_s: u32,
    /// From the key's days since onset.
    pub infectiousness: Infectiousness,
    /// From the key.
    pub report_type: ReportType,
    /// From the first sighting's metadata.
    pub calibration_confidence: u8,
    /// The scans, in time order.
    pub scans: Vec<ScanInstance>,
}

impl ExposureWindow {
    /// The UTC day it counts for: that of its first sighting, not of the key.
    pub fn day(&self) -> DayUtc {
        UnixSeconds(i64::from(self.t_s)).day_utc()
    }

    /// Seconds since last scan, summed over its scans, whatever their attenuation.
    pub fn seconds(&self) -> i64 {
        self.scans.iter().map(|scan| i64::from(scan.seconds_since_last_scan)).sum()
    }
}

/// The windows of one key.
pub fn exposure_windows(found: &KeyMatch, key: &DiagnosisKey, mapping: &DiagnosisKeysDataMapping) -> Vec<ExposureWindow> {
    let infectiousness = match key.days_since_onset {
        Some(days @ -14..=14) => mapping.infectiousness[(days + 14) as usize],
        _ => mapping.infectiousness_when_missing,
    };
    let report_type = match found.report_type {
        None | Some(ReportType::Unknown) => mapping.report_type_when_missing,
        Some(report_type) => report_type,
    };
    let mut windows: Vec<ExposureWindow> = Vec::new();
    // Of the open scan.
    let (mut sum_db, mut number) = (0i64, 0i64);
    let mut previous_s = 0;
    for s in &found.raw {
        let open = windows.last().is_some_and(|w| s.t_s - w.t_s < WINDOW_S);
        if !open {
            windows.push(ExposureWindow {
                t_s: s.t_s,
                infectiousness,
                report_type,
                calibration_confidence: s.calibration_confidence,
                scans: Vec::with_capacity(USUAL_SCANS),
            });
        }
        let window = windows.last_mut().expect("one was just opened");
        if !open || s.t_s - previous_s > SAME_SCAN_S {
            (sum_db, number) = (0, 0);
            let seconds_since_last_scan = seconds_since_last_scan(s.t_s, s.previous_scan_s);
            window.scans.push(ScanInstance { t_s: s.t_s, typical_db: 0, min_db: i32::MAX, seconds_since_last_scan });
        }
        let scan = window.scans.last_mut().expect("one was just added or is open");
        sum_db += i64::from(s.attenuation_db);
        number += 1;
        // Rounded as Java's Math.round does, in whole numbers: floor(mean + 1/2).
        scan.typical_db = (2 * sum_db + number).div_euclid(2 * number) as i32;
        scan.min_db = scan.min_db.min(s.attenuation_db);
        previous_s = s.t_s;
    }
    windows
}

/// Whole minutes of both times are subtracted, so 0, 60, ... 300 s, and less than 0 if the clock was set back. Times are signed
/// 32-bit numbers there: 4294967295 reads as -1, a scan long ago.
fn seconds_since_last_scan(t_s: u32, previous_scan_s: u32) -> i32 {
    if previous_scan_s == 0 {
        return DEFAULT_SECONDS_SINCE_LAST_SCAN;
    }
    let minutes = |s: u32| i64::from(s as i32 / 60);
    // Only times of opposite sign, 68 years apart, lie further apart than the number holds.
    let since_s = 60 * (minutes(t_s) - minutes(previous_scan_s)).min(MAX_MINUTES_SINCE_LAST_SCAN);
    since_s.max(i64::from(i32::MIN)) as i32
}

/// A v2 configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct DailySummariesConfig {
    /// Upper edges of immediate, near and medium, dB (inclusive).
    pub attenuation_bucket_threshold_db: [i32; 3],
    /// Weights of immediate, near, medium and other.
    pub attenuation_bucket_weights: [f64; 4],
    /// Windows older than this many days are dropped; 0 = none.
    pub days_since_exposure_threshold: i32,
    /// Weight of standard infectiousness.
    pub infectiousness_weight_standard: f64,
    /// Weight of high infectiousness.
    pub infectiousness_weight_high: f64,
    /// Windows scoring under this are skipped.
    pub minimum_window_score: f64,
    /// Weights of confirmed test, clinical diagnosis, self report, recursive.
    pub report_type_weights: [f64; 4],
}

/// The summary of one UTC day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DailySummary {
    /// The day.
    pub day: DayUtc,
    /// Sum of window scores.
    pub score_sum: f64,
    /// Largest window score.
    pub maximum_score: f64,
    /// Sum of weighted durations, s.
    pub weighted_duration_sum_s: f64,
}

impl DailySummary {
    fn of_nothing(day: DayUtc) -> Self {
        Self { day, score_sum: 0.0, maximum_score: 0.0, weighted_duration_sum_s: 0.0 }
    }

    /// Adds a window, unless it scores too little.
    fn add(&mut self, window: &ExposureWindow, report_weight: f64, config: &DailySummariesConfig) {
        let infectiousness_weight = match window.infectiousness {
            Infectiousness::None => 0.0,
            Infectiousness::Standard => config.infectiousness_weight_standard,
            Infectiousness::High => config.infectiousness_weight_high,
        };
        let mut bucket_s = [0i64; 4];
        for scan in &window.scans {
            let bucket = config.attenuation_bucket_threshold_db.iter().position(|&edge| scan.typical_db <= edge).unwrap_or(3);
            bucket_s[bucket] += i64::from(scan.seconds_since_last_scan);
        }
        let weighted_duration_s: f64 = bucket_s.iter().zip(config.attenuation_bucket_weights).map(|(&s, w)| s as f64 * w).sum();
        let score = weighted_duration_s * report_weight * infectiousness_weight;
        if score < config.minimum_window_score {
            return;
        }
        self.score_sum += score;
        self.maximum_score = self.maximum_score.max(score);
        self.weighted_duration_sum_s += weighted_duration_s;
    }

    /// Of two summaries of a day the larger of each value.
    pub fn or_larger(self, other: &Self) -> Self {
        Self {
            day: self.day,
            score_sum: self.score_sum.max(other.score_sum),
            maximum_score: self.maximum_score.max(other.maximum_score),
            weighted_duration_sum_s: self.weighted_duration_sum_s.max(other.weighted_duration_sum_s),
        }
    }
}

/// Summaries by day, over all report types (ENI adds the types up, and takes their largest maximum).
pub fn daily_summaries<'a>(
    windows: impl IntoIterator<Item = &'a ExposureWindow>,
    config: &DailySummariesConfig,
    today: DayUtc,
) -> Vec<DailySummary> {
    let mut by_day: BTreeMap<DayUtc, DailySummary> = BTreeMap::new();
    for window in windows {
        // A day whose windows all score too little has a summary of zeros (ENI makes the day before it looks at scores).
        if let Some(report_weight) = report_weight(window, config, today) {
            by_day.entry(window.day()).or_insert_with(|| DailySummary::of_nothing(window.day())).add(window, report_weight, config);
        }
    }
    by_day.into_values().collect()
}

/// The summary of windows of one day; `None` if none of them counts.
pub fn daily_summary(windows: &[ExposureWindow], config: &DailySummariesConfig, today: DayUtc) -> Option<DailySummary> {
    let mut summary = None;
    for window in windows {
        if let Some(report_weight) = report_weight(window, config, today) {
            summary.get_or_insert_with(|| DailySummary::of_nothing(window.day())).add(window, report_weight, config);
        }
    }
    summary
}

/// The weight of a window's report type; `None` of one that counts for no day: without a report type, or too old.
fn report_weight(window: &ExposureWindow, config: &DailySummariesConfig, today: DayUtc) -> Option<f64> {
    let weight = match window.report_type {
        ReportType::ConfirmedTest => config.report_type_weights[0],
        ReportType::ConfirmedClinicalDiagnosis => config.report_type_weights[1],
        ReportType::SelfReport => config.report_type_weights[2],
        ReportType::Recursive => config.report_type_weights[3],
        ReportType::Unknown | ReportType::Revoked => return None,
    };
    let is_old = config.days_since_exposure_threshold > 0 && today.0 - window.day().0 > config.days_since_exposure_threshold;
    (!is_old).then_some(weight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        gaen::{MatchedSighting, TemporaryExposureKey},
        time::Enin,
    };

    fn key() -> DiagnosisKey {
        let tek = TemporaryExposureKey { key: [0; 16], rolling_start: Enin(0), rolling_period: 144 };
        DiagnosisKey { tek, transmission_risk_level: 0, report_type: None, days_since_onset: None }
    }

    fn mapping() -> DiagnosisKeysDataMapping {
        DiagnosisKeysDataMapping {
            infectiousness: [Infectiousness::Standard; 29],
            infectiousness_when_missing: Infectiousness::High,
            report_type_when_missing: ReportType::ConfirmedTest,
        }
    }

    fn windows(raw: &[(u32, i32, u32)]) -> Vec<ExposureWindow> {
        let raw = raw
            .iter()
            .map(|&(t_s, attenuation_db, previous_scan_s)| MatchedSighting {
                t_s,
                attenuation_db,
                previous_scan_s,
                calibration_confidence: 2,
            })
            .collect();
        exposure_windows(&KeyMatch { key: 0, tek: [0; 16], report_type: None, raw, aggregated: Vec::new() }, &key(), &mapping())
    }

    #[test]
    fn packets_of_a_scan_are_averaged_and_windows_are_cut_at_30_minutes() {
        let w = windows(&[(6000, 50, 5760), (6003, 53, 5760), (6240, 60, 6004), (7799, 70, 6244), (7800, 71, 6244)]);
        assert_eq!(w.len(), 2);
        let scans: Vec<_> = w[0].scans.iter().map(|s| (s.typical_db, s.min_db, s.seconds_since_last_scan)).collect();
        assert_eq!(scans, [(52, 50, 240), (60, 60, 240), (70, 70, 300)]);
        assert_eq!((w[1].t_s, w[1].scans.len()), (7800, 1));
    }

    #[test]
    fn an_unknown_previous_scan_counts_two_minutes() {
        assert_eq!(windows(&[(6000, 50, 0)])[0].scans[0].seconds_since_last_scan, 120);
    }

    /// Java reads the field as a signed number: -1 / 60 is 0, long before any sighting.
    #[test]
    fn a_previous_scan_beyond_31_bits_reads_as_one_long_ago() {
        let since = |previous_scan_s| windows(&[(1_598_403_600, 50, previous_scan_s)])[0].scans[0].seconds_since_last_scan;
        assert_eq!((since(u32::MAX), since(1 << 31)), (300, 300));
        assert_eq!(since(1_598_403_600 + 3600), -3600, "the clock was set back an hour");
        assert_eq!(since(i32::MAX as u32), -549_080_040, "the latest there is");
    }

    #[test]
    fn sums_of_scans_do_not_overflow() {
        let raw: Vec<_> = (0..20).map(|k| (30 * k + 60, 50, i32::MAX as u32)).collect();
        let config = DailySummariesConfig {
            attenuation_bucket_threshold_db: [46, 60, 65],
            attenuation_bucket_weights: [1.0; 4],
            days_since_exposure_threshold: 0,
            infectiousness_weight_standard: 1.0,
            infectiousness_weight_high: 1.0,
            minimum_window_score: f64::MIN,
            report_type_weights: [1.0; 4],
        };
        let expected: f64 = windows(&raw)[0].scans.iter().map(|s| f64::from(s.seconds_since_last_scan)).sum();
        assert_eq!(daily_summaries(&windows(&raw), &config, DayUtc(1))[0].score_sum, expected);
        assert!(expected < -4e10, "{expected}");
    }

    #[test]
    fn a_day_of_windows_that_score_too_little_is_told_as_zeros() {
        let config = DailySummariesConfig {
            attenuation_bucket_threshold_db: [46, 60, 65],
            attenuation_bucket_weights: [1.0; 4],
            days_since_exposure_threshold: 0,
            infectiousness_weight_standard: 1.0,
            infectiousness_weight_high: 1.0,
            minimum_window_score: 241.0,
            report_type_weights: [1.0; 4],
        };
        let of = |raw: &[(u32, i32, u32)]| daily_summaries(&windows(raw), &config, DayUtc(1));
        assert_eq!(
            of(&[(6000, 50, 5760)]),
            [DailySummary { day: DayUtc(0), score_sum: 0.0, maximum_score: 0.0, weighted_duration_sum_s: 0.0 }]
        );
        assert!(of(&[]).is_empty());
    }

    #[test]
    fn buckets_include_their_upper_edge() {
        let config = DailySummariesConfig {
            attenuation_bucket_threshold_db: [46, 60, 65],
            attenuation_bucket_weights: [1.0, 2.5, 1.3, 0.01],
            days_since_exposure_threshold: 0,
            infectiousness_weight_standard: 1.0,
            infectiousness_weight_high: 1.0,
            minimum_window_score: 0.0,
            report_type_weights: [1.0; 4],
        };
        for (db, score) in [(46, 240.0), (47, 600.0), (60, 600.0), (61, 312.0), (65, 312.0), (66, 2.4)] {
            let summaries = daily_summaries(&windows(&[(6000, db, 5760)]), &config, DayUtc(1));
            assert!((summaries[0].score_sum - score).abs() < 1e-9, "{db} dB: {}", summaries[0].score_sum);
        }
    }

    #[test]
    fn a_packet_25_s_after_the_last_is_of_the_same_scan() {
        let scans = |second_s| windows(&[(6000, 50, 5760), (second_s, 60, 5760)])[0].scans.len();
        assert_eq!((scans(6025), scans(6026)), (1, 2));
        assert_eq!(windows(&[(6000, 50, 5760), (6025, 60, 5760), (6050, 70, 5760)])[0].scans.len(), 1, "after the last, not the first");
    }

    /// A scan that straddles the cut is two instances, one in each window.
    #[test]
    fn a_window_ends_30_minutes_after_its_first_sighting() {
        let starts_s = |last_s| windows(&[(6000, 50, 0), (last_s - 1, 50, 0), (last_s, 50, 0)]).iter().map(|w| w.t_s).collect::<Vec<_>>();
        assert_eq!(starts_s(7799), [6000]);
        assert_eq!(starts_s(7800), [6000, 7800]);
    }

    #[test]
    fn a_window_takes_the_confidence_of_its_first_sighting() {
        let sighting =
            |t_s, calibration_confidence| MatchedSighting { t_s, attenuation_db: 50, previous_scan_s: 0, calibration_confidence };
        let raw = vec![sighting(6000, 3), sighting(6300, 0), sighting(7800, 1)];
        let found = KeyMatch { key: 0, tek: [0; 16], report_type: None, raw, aggregated: Vec::new() };
        let confidence: Vec<u8> = exposure_windows(&found, &key(), &mapping()).iter().map(|w| w.calibration_confidence).collect();
        assert_eq!(confidence, [3, 1]);
    }

    #[test]
    fn infectiousness_is_the_tables_by_days_since_onset() {
        use Infectiousness::{High, None, Standard};
        let mut mapping = DiagnosisKeysDataMapping { infectiousness_when_missing: None, ..mapping() };
        (mapping.infectiousness[0], mapping.infectiousness[13], mapping.infectiousness[14]) = (High, High, None);
        let found = KeyMatch {
            key: 0,
            tek: [0; 16],
            report_type: Option::None,
            raw: vec![MatchedSighting { t_s: 6000, attenuation_db: 50, previous_scan_s: 0, calibration_confidence: 0 }],
            aggregated: Vec::new(),
        };
        let of = |days_since_onset| exposure_windows(&found, &DiagnosisKey { days_since_onset, ..key() }, &mapping)[0].infectiousness;
        let days = [-15, -14, -13, -1, 0, 1, 13, 14, 15];
        assert_eq!(days.map(|d| of(Some(d))), [None, High, Standard, High, None, Standard, Standard, Standard, None]);
        assert_eq!(of(Option::None), None);
    }

    #[test]
    fn a_report_type_that_is_missing_or_unknown_is_the_mappings() {
        let mapping = DiagnosisKeysDataMapping { report_type_when_missing: ReportType::SelfReport, ..mapping() };
        let of = |report_type| {
            let raw = vec![MatchedSighting { t_s: 6000, attenuation_db: 50, previous_scan_s: 0, calibration_confidence: 0 }];
            exposure_windows(&KeyMatch { key: 0, tek: [0; 16], report_type, raw, aggregated: Vec::new() }, &key(), &mapping)[0].report_type
        };
        assert_eq!([None, Some(ReportType::Unknown)].map(of), [ReportType::SelfReport; 2]);
        for stated in [ReportType::ConfirmedTest, ReportType::ConfirmedClinicalDiagnosis, ReportType::Revoked] {
            assert_eq!(of(Some(stated)), stated);
        }
    }

    /// A window of one scan of 240 s at 50 dB.
    fn window(t_s: u32, infectiousness: Infectiousness, report_type: ReportType) -> ExposureWindow {
        let scans = vec![ScanInstance { t_s, typical_db: 50, min_db: 50, seconds_since_last_scan: 240 }];
        ExposureWindow { t_s, infectiousness, report_type, calibration_confidence: 0, scans }
    }

    /// Every weight is a number of its own.
    fn weights() -> DailySummariesConfig {
        DailySummariesConfig {
            attenuation_bucket_threshold_db: [46, 60, 65],
            attenuation_bucket_weights: [0.0, 0.5, 0.0, 0.0],
            days_since_exposure_threshold: 0,
            infectiousness_weight_standard: 3.0,
            infectiousness_weight_high: 5.0,
            minimum_window_score: 0.0,
            report_type_weights: [1.0, 7.0, 11.0, 13.0],
        }
    }

    #[test]
    fn each_infectiousness_and_report_type_has_its_weight() {
        use Infectiousness::{High, None, Standard};
        use ReportType::{ConfirmedClinicalDiagnosis, ConfirmedTest, Recursive, Revoked, SelfReport, Unknown};
        let score = |infectiousness, report_type| {
            let days = daily_summaries(&[window(6000, infectiousness, report_type)], &weights(), DayUtc(1));
            days.first().map(|d| (d.score_sum, d.maximum_score, d.weighted_duration_sum_s))
        };
        // 240 s at half weight are 120 s, whatever the other two weights.
        for (infectiousness, weight) in [(None, 0.0), (Standard, 3.0), (High, 5.0)] {
            assert_eq!(score(infectiousness, ConfirmedTest), Some((120.0 * weight, 120.0 * weight, 120.0)));
        }
        for (report_type, weight) in [(ConfirmedTest, 1.0), (ConfirmedClinicalDiagnosis, 7.0), (SelfReport, 11.0), (Recursive, 13.0)] {
            assert_eq!(score(Standard, report_type), Some((360.0 * weight, 360.0 * weight, 120.0)));
        }
        assert_eq!([Unknown, Revoked].map(|t| score(High, t)), [Option::None; 2], "no such day");
    }

    #[test]
    fn a_window_as_old_as_the_threshold_counts_and_one_a_day_older_does_not() {
        let days = |days_since_exposure_threshold, today| {
            let config = DailySummariesConfig { days_since_exposure_threshold, ..weights() };
            daily_summaries(&[window(86_400, Infectiousness::High, ReportType::ConfirmedTest)], &config, DayUtc(today)).len()
        };
        assert_eq!((days(14, 15), days(14, 16)), (1, 0));
        assert_eq!((days(1, 2), days(1, 3)), (1, 0));
        assert_eq!((days(0, 2), days(0, 1000)), (1, 1), "0 drops nothing");
    }

    /// Scores of 600 and 360 on one day, the second alone under the minimum; the third belongs to the next day.
    #[test]
    fn a_day_adds_its_windows_up_from_the_minimum_on() {
        use Infectiousness::{High, Standard};
        let confirmed = |t_s, infectiousness| window(t_s, infectiousness, ReportType::ConfirmedTest);
        let windows = [confirmed(6000, High), confirmed(86_399, Standard), confirmed(86_400, Standard)];
        let days = |minimum_window_score| {
            let config = DailySummariesConfig { minimum_window_score, ..weights() };
            let days = daily_summaries(&windows, &config, DayUtc(2));
            days.iter().map(|d| (d.day.0, d.score_sum, d.maximum_score, d.weighted_duration_sum_s)).collect::<Vec<_>>()
        };
        assert_eq!(days(360.0), [(0, 960.0, 600.0, 240.0), (1, 360.0, 360.0, 120.0)]);
        assert_eq!(days(360.5), [(0, 600.0, 600.0, 120.0), (1, 0.0, 0.0, 0.0)]);
    }

    /// 240 s each at 40, 40, 50, 62 and 90 dB: 240 × (1 + 1 + 2 + 4 + 8) = 3840.
    #[test]
    fn each_scan_weighs_by_its_own_attenuation() {
        let scans =
            [40, 40, 50, 62, 90].map(|db| ScanInstance { t_s: 6000, typical_db: db, min_db: 0, seconds_since_last_scan: 240 }).to_vec();
        let window = ExposureWindow { scans, ..window(6000, Infectiousness::High, ReportType::ConfirmedTest) };
        let config = DailySummariesConfig { attenuation_bucket_weights: [1.0, 2.0, 4.0, 8.0], ..weights() };
        assert_eq!(daily_summaries(&[window], &config, DayUtc(0))[0].weighted_duration_sum_s, 3840.0);
    }
}
