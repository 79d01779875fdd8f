//! COCOA's released configurations, and what each makes of a matched key.
//!
//! Sources: cocoa-mhlw/cocoa, ExposureNotificationHandler.cs at tags v1.0.0 to v1.4.1 (v1), and
//! documents/static/exposure_configuration (v2, last changed 2022-01-21); ExposureRiskCalculationService.cs.

use crate::{
    gaen::{
        DailySummariesConfig, DiagnosisKey, DiagnosisKeysDataMapping, ExposureConfiguration, ExposureRun, ExposureWindow, Infectiousness,
        KeyMatch, ReportType, V1Reading, daily_summaries, exposure_runs, exposure_windows, risk_score,
    },
    time::UnixSeconds,
};

use super::releases::{Family, Release};

/// What decides.
#[derive(Clone, Debug)]
enum Kind {
    V1 { config: ExposureConfiguration, reading: V1Reading, gate_on_score: bool },
    V2 { config: DailySummariesConfig, score_sum_at_least: f64, seconds_at_least: i32 },
}

/// A released rule, on one system, for one key level.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Name in tables: `1.1.4-1.4.1/ios/level0`.
    pub name: String,
    /// In plain words.
    pub means: &'static str,
    /// Transmission risk level of the keys it is applied to.
    pub key_level: i32,
    kind: Kind,
}

/// What a rule makes of one key and UTC day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Verdict {
    /// The app shows a contact.
    pub detected: bool,
    /// A notification pops up (until 1.1.3 on any match).
    pub notified: bool,
    /// Highest total risk score (v1) or the day's score sum (v2).
    pub score: f64,
    /// Seconds that scored: durations of scoring exposures (v1), seconds since last scan of the day's windows (v2).
    pub duration_s: f64,
    /// Of these, seconds before the split moment.
    pub before_s: f64,
    /// And from it on.
    pub after_s: f64,
}

/// What every rule starts from: computed once for a match.
#[derive(Clone, Debug)]
pub struct Evaluated {
    /// v1 exposures.
    pub runs: Vec<ExposureRun>,
    /// v2 windows.
    pub windows: Vec<ExposureWindow>,
}

/// Exposures and windows of a match, under COCOA's data mapping.
pub fn evaluate(found: &KeyMatch, key: &DiagnosisKey) -> Evaluated {
    Evaluated { runs: exposure_runs(found), windows: exposure_windows(found, key, &data_mapping()) }
}

/// Onset unknown reads as HIGH, report type missing as confirmed test; -3 to +10 days HIGH, else NONE.
fn data_mapping() -> DiagnosisKeysDataMapping {
    let mut infectiousness = [Infectiousness::None; 29];
    infectiousness[11..=24].fill(Infectiousness::High);
    DiagnosisKeysDataMapping {
        infectiousness,
        infectiousness_when_missing: Infectiousness::High,
        report_type_when_missing: ReportType::ConfirmedTest,
    }
}

fn v1_config(family: Family) -> ExposureConfiguration {
    let rising = [1, 2, 3, 4, 5, 6, 7, 8];
    let upper_half = [0, 0, 0, 0, 1, 1, 1, 1];
    let (minimum_risk_score, attenuation_scores, duration_scores, days_scores, transmission_scores) = match family {
        Family::First => (1, rising, rising, rising, rising),
        Family::Second => (1, upper_half, upper_half, [1; 8], [7; 8]),
        Family::Third | Family::Windows => (21, rising, upper_half, [1; 8], [7; 8]),
    };
    ExposureConfiguration {
        minimum_risk_score,
        attenuation_scores,
        days_scores,
        duration_scores,
        transmission_scores,
        duration_at_attenuation_thresholds_db: [50, 70],
    }
}

fn v2_config() -> DailySummariesConfig {
    DailySummariesConfig {
        attenuation_bucket_threshold_db: [46, 60, 65],
        attenuation_bucket_weights: [1.0, 2.5, 1.3, 0.01],
        days_since_exposure_threshold: 0,
        infectiousness_weight_standard: 1.0,
        infectiousness_weight_high: 1.0,
        minimum_window_score: 0.0,
        report_type_weights: [1.0; 4],
    }
}

fn family_name(family: Family) -> &'static str {
    match family {
        Family::First => "1.0.0-1.1.2",
        Family::Second => "1.1.3",
        Family::Third => "1.1.4-1.4.1",
        Family::Windows => "2.0",
    }
}

fn rule(family: Family, ios: bool, key_level: i32) -> Rule {
    if family == Family::Windows {
        return Rule {
            name: family_name(family).into(),
            means: "weighted score of 1350 and 15 minutes in a day",
            key_level,
            kind: Kind::V2 { config: v2_config(), score_sum_at_least: 1350.0, seconds_at_least: 900 },
        };
    }
    let means = match (family, ios, key_level) {
        (Family::First, ..) => "any match",
        (Family::Second, ..) => "up to 33 dB for more than 15 minutes",
        (_, false, 0) => "never (key level 0 cannot reach the minimum score)",
        _ => "up to 63 dB for more than 15 minutes",
    };
    let reading = if ios { V1Reading::Ios } else { V1Reading::Android };
    Rule {
        name: format!("{}/{}/level{key_level}", family_name(family), if ios { "ios" } else { "android" }),
        means,
        key_level,
        kind: Kind::V1 { config: v1_config(family), reading, gate_on_score: family == Family::Third },
    }
}

/// All released rules: three v1 configurations × iOS and Android × key level 0 and 4, and release 2.0.
pub fn released_rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for family in [Family::First, Family::Second, Family::Third] {
        for ios in [true, false] {
            for key_level in [0, 4] {
                rules.push(rule(family, ios, key_level));
            }
        }
    }
    rules.push(rule(Family::Windows, true, 4));
    rules
}

/// The rule that a release runs on a system, for keys of a level.
pub fn rule_of(release: &Release, ios: bool, key_level: i32) -> Rule {
    rule(release.family, ios, key_level)
}

/// Applies a rule to one matched key. The rule's own key level stands in for the key's. `split_s` only decides how the
/// scored seconds are divided between two calendar days.
pub fn judge(rule: &Rule, evaluated: &Evaluated, key: &DiagnosisKey, now_s: u32, split_s: u32) -> Verdict {
    let mut verdict = Verdict::default();
    match &rule.kind {
        Kind::V1 { config, reading, gate_on_score } => {
            let key = DiagnosisKey { transmission_risk_level: rule.key_level, ..key.clone() };
            for run in &evaluated.runs {
                let score = risk_score(run, &key, now_s, config, *reading);
                verdict.score = verdict.score.max(f64::from(score));
                if score >= config.minimum_risk_score {
                    verdict.detected = true;
                    verdict.duration_s += f64::from(run.duration_s);
                    let middle_s = run.first_s / 2 + run.last_s / 2;
                    *(if middle_s < split_s { &mut verdict.before_s } else { &mut verdict.after_s }) += f64::from(run.duration_s);
                }
            }
            verdict.notified = if *gate_on_score { verdict.detected } else { !evaluated.runs.is_empty() };
        }
        Kind::V2 { config, score_sum_at_least, seconds_at_least } => {
            let today = UnixSeconds(i64::from(now_s)).day_utc();
            for summary in daily_summaries(&evaluated.windows, config, today) {
                let of_day = evaluated.windows.iter().filter(|w| UnixSeconds(i64::from(w.t_s)).day_utc() == summary.day);
                let scans: Vec<_> = of_day.flat_map(|w| &w.scans).collect();
                let seconds: i32 = scans.iter().map(|s| s.seconds_since_last_scan).sum();
                verdict.score = verdict.score.max(summary.score_sum);
                if summary.score_sum >= *score_sum_at_least && seconds >= *seconds_at_least {
                    verdict.detected = true;
                    verdict.duration_s += f64::from(seconds);
                    for scan in scans {
                        let side = if scan.t_s < split_s { &mut verdict.before_s } else { &mut verdict.after_s };
                        *side += f64::from(scan.seconds_since_last_scan);
                    }
                }
            }
            verdict.notified = verdict.detected;
        }
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        gaen::{MatchedSighting, TemporaryExposureKey},
        time::Enin,
    };

    const START_S: u32 = 86_400 * 18_500;

    fn exposure(minutes: u32, attenuation_db: i32) -> (KeyMatch, DiagnosisKey) {
        let aggregated: Vec<_> = (0..minutes / 5)
            .map(|k| {
                let t_s = START_S + 300 * k;
                MatchedSighting { t_s, attenuation_db, previous_scan_s: t_s - 300, calibration_confidence: 3 }
            })
            .collect();
        let tek = TemporaryExposureKey { key: [1; 16], rolling_start: Enin(START_S / 600), rolling_period: 144 };
        let key = DiagnosisKey { tek, transmission_risk_level: 0, report_type: None, days_since_onset: None };
        (KeyMatch { key: 0, raw: aggregated.clone(), aggregated }, key)
    }

    fn detected(rule: &str, minutes: u32, attenuation_db: i32) -> bool {
        let rules = released_rules();
        let rule = rules.iter().find(|r| r.name == rule).expect("a released rule");
        let (found, key) = exposure(minutes, attenuation_db);
        judge(rule, &evaluate(&found, &key), &key, START_S + 86_400, START_S).detected
    }

    /// The effective rules that follow from the configurations and the two systems' arithmetic.
    #[test]
    fn effective_rules_of_the_releases() {
        assert_eq!(released_rules().len(), 13);
        for (name, at_33_20, at_34_20, at_63_20, at_64_20, at_63_15, at_80_5) in [
            ("1.0.0-1.1.2/ios/level0", true, true, true, true, true, true),
            ("1.0.0-1.1.2/android/level0", true, true, true, true, true, true),
            ("1.0.0-1.1.2/ios/level4", true, true, true, true, true, true),
            ("1.0.0-1.1.2/android/level4", true, true, true, true, true, true),
            ("1.1.3/ios/level0", true, false, false, false, false, false),
            ("1.1.3/android/level0", true, false, false, false, false, false),
            ("1.1.3/ios/level4", true, false, false, false, false, false),
            ("1.1.3/android/level4", true, false, false, false, false, false),
            ("1.1.4-1.4.1/ios/level0", true, true, true, false, false, false),
            ("1.1.4-1.4.1/android/level0", false, false, false, false, false, false),
            ("1.1.4-1.4.1/ios/level4", true, true, true, false, false, false),
            ("1.1.4-1.4.1/android/level4", true, true, true, false, false, false),
        ] {
            let cells = [(20, 33), (20, 34), (20, 63), (20, 64), (15, 63), (5, 80)].map(|(min, db)| detected(name, min, db));
            assert_eq!(cells, [at_33_20, at_34_20, at_63_20, at_64_20, at_63_15, at_80_5], "{name}");
        }
    }

    #[test]
    fn release_2_needs_both_score_and_fifteen_minutes() {
        assert!(detected("2.0", 15, 55));
        assert!(!detected("2.0", 10, 55), "1500 points but 10 minutes");
        assert!(!detected("2.0", 15, 46), "900 points");
        assert!(detected("2.0", 25, 46));
        assert!(!detected("2.0", 60, 70));
    }
}
