//! COCOA's released configurations, and what each makes of a matched key.
//!
//! Sources: cocoa-mhlw/cocoa, ExposureNotificationHandler.cs at tags v1.0.0 to v1.4.1 (v1), and
//! documents/static/exposure_configuration (v2, last changed 2022-01-21).

use crate::{
    gaen::{
        DailySummariesConfig, DiagnosisKey, DiagnosisKeysDataMapping, ExposureConfiguration, ExposureRun, ExposureWindow, Infectiousness,
        KeyMatch, ReportType, ScanInstance, V1Reading, daily_summaries, exposure_runs, exposure_windows, risk_score,
    },
    time::UnixSeconds,
};

use super::{
    configuration::Configuration,
    releases::{Family, RELEASES, Release},
    risk::{Condition, Operator, RiskCalculation},
};

/// What decides.
#[derive(Clone, Debug)]
enum Kind {
    V1 {
        config: ExposureConfiguration,
        reading: V1Reading,
        gate_on_score: bool,
    },
    V2 {
        config: DailySummariesConfig,
        risk: RiskCalculation,
    },
    /// Unbroken time at or under an attenuation.
    Continuous {
        at_most_db: i32,
        seconds_at_least: i32,
    },
}

/// A released rule, on one system, for one key level.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Name in tables: `1.1.4-1.4.1/ios/level0`.
    pub name: String,
    /// In plain words.
    pub means: String,
    /// Transmission risk level of the keys it is applied to.
    pub key_level: i32,
    kind: Kind,
    /// What missing fields of keys read as, where that is not COCOA's own.
    mapping: Option<DiagnosisKeysDataMapping>,
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

impl Verdict {
    fn add_scan(&mut self, scan: &ScanInstance, split_s: u32) {
        let seconds = f64::from(scan.seconds_since_last_scan);
        self.duration_s += seconds;
        *(if scan.t_s < split_s { &mut self.before_s } else { &mut self.after_s }) += seconds;
    }
}

/// A longer gap between two scans breaks continuity, s: one scan at the longest gap may be missed.
const CONTINUOUS_GAP_S: u32 = 600;

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
    evaluate_as(found, key, &data_mapping())
}

/// The same under another data mapping.
pub fn evaluate_as(found: &KeyMatch, key: &DiagnosisKey, mapping: &DiagnosisKeysDataMapping) -> Evaluated {
    Evaluated { runs: exposure_runs(found), windows: exposure_windows(found, key, mapping) }
}

/// Onset unknown reads as HIGH, report type missing as confirmed test; -3 to +10 days HIGH, else NONE.
pub(super) fn data_mapping() -> DiagnosisKeysDataMapping {
    let mut infectiousness = [Infectiousness::None; 29];
    infectiousness[11..=24].fill(Infectiousness::High);
    DiagnosisKeysDataMapping {
        infectiousness,
        infectiousness_when_missing: Infectiousness::High,
        report_type_when_missing: ReportType::ConfirmedTest,
    }
}

pub(super) fn v1_config(family: Family) -> ExposureConfiguration {
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

pub(super) fn v2_config() -> DailySummariesConfig {
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
            means: "weighted score of 1350 and 15 minutes in a day".into(),
            key_level,
            kind: Kind::V2 { config: v2_config(), risk: RiskCalculation::cocoa() },
            mapping: None,
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
        means: means.into(),
        key_level,
        kind: Kind::V1 { config: v1_config(family), reading, gate_on_score: family == Family::Third },
        mapping: None,
    }
}

/// Every published version that detects contacts (tags of cocoa-mhlw/cocoa; 1.3.0 was never tagged). Versions between two that
/// are modelled carry the configuration of the earlier.
const PUBLISHED: [&str; 16] = [
    "1.0.0", "1.1.0", "1.1.1", "1.1.2", "1.1.3", "1.1.4", "1.1.5", "1.2.0", "1.2.1", "1.2.2", "1.2.3", "1.2.6", "1.4.0", "1.4.1", "2.0.0",
    "2.0.1",
];

fn version(name: &str) -> Vec<u32> {
    name.split('.').filter_map(|part| part.parse().ok()).collect()
}

/// The configuration of a release family, whole: what a release's name stands for where a file could be named.
pub fn released_configuration(name: &str) -> Option<Configuration> {
    let release = PUBLISHED.contains(&name).then(|| RELEASES.iter().rev().find(|r| version(r.name) <= version(name))).flatten();
    let release = release.map(|r| r.family);
    let families = [Family::First, Family::Second, Family::Third, Family::Windows];
    let family = release.or_else(|| families.into_iter().find(|f| family_name(*f) == name))?;
    Some(match family {
        Family::Windows => Configuration {
            v1: Some(v1_config(family)),
            mapping: Some(data_mapping()),
            v2: Some(v2_config()),
            risk: Some(RiskCalculation::cocoa()),
        },
        _ => Configuration { v1: Some(v1_config(family)), ..Configuration::default() },
    })
}

/// The rules that a configuration read from files comes to, as each system reads it: `NAME/ios/levelL` and
/// `NAME/android/levelL` for v1 at key levels 0 and 4; for v2 `NAME` where both read the same, else `NAME/ios` and
/// `NAME/android`. Without a risk calculation the v2 verdict is COCOA's own.
pub fn rules_of_configuration(name: &str, ios: &Configuration, android: &Configuration) -> Vec<Rule> {
    let mut rules = Vec::new();
    let systems = [("ios", V1Reading::Ios, ios), ("android", V1Reading::Android, android)];
    for (system, reading, configuration) in systems {
        for key_level in [0, 4] {
            rules.extend(configuration.v1.clone().map(|config| Rule {
                name: format!("{name}/{system}/level{key_level}"),
                means: "v1 configuration from a file".into(),
                key_level,
                kind: Kind::V1 { config, reading, gate_on_score: true },
                mapping: None,
            }));
        }
    }
    let v2 = |name: String, configuration: &Configuration| {
        configuration.v2.clone().map(|config| Rule {
            name,
            means: "v2 configuration from a file".into(),
            key_level: 4,
            kind: Kind::V2 { config, risk: configuration.risk.unwrap_or_else(RiskCalculation::cocoa) },
            mapping: configuration.mapping.clone(),
        })
    };
    if (&ios.v2, &ios.mapping) == (&android.v2, &android.mapping) {
        rules.extend(v2(name.into(), ios));
    } else {
        rules.extend(systems.into_iter().filter_map(|(system, _, configuration)| v2(format!("{name}/{system}"), configuration)));
    }
    rules
}

/// The first draft of the 2.0 configuration, tried in the field at the end of 2021 and never released: up to 49, 53 and 64 dB
/// weigh 2.5, 1.3 and 0.6, more 0.01; 1170 in a day, no least time (design_for_upgrading_to_env2.md, figure 9; cocoa-mhlw/cocoa
/// pull request 696).
pub const DRAFT_2_0: &str = "2.0-draft";

/// The ministry's reading of the 1.x rule (design_for_upgrading_to_env2.md, figure 1): 15 continuous minutes at or under
/// 63 dB. No release ran it: the real v1 code averages attenuation over a whole run.
pub const MINISTRY_CONTINUOUS: &str = "ministry_continuous";

/// All rules built in: three v1 configurations × iOS and Android × key level 0 and 4, release 2.0, what the ministry
/// took 1.x to be, and the draft of 2.0.
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
    rules.push(Rule {
        name: MINISTRY_CONTINUOUS.into(),
        means: "15 continuous minutes up to 63 dB, as the ministry described 1.x".into(),
        key_level: 4,
        kind: Kind::Continuous { at_most_db: 63, seconds_at_least: 900 },
        mapping: None,
    });
    rules.push(Rule {
        name: DRAFT_2_0.into(),
        means: "weighted score of 1170 in a day, the draft of 2.0 that was tried in the field".into(),
        key_level: 4,
        kind: Kind::V2 {
            config: DailySummariesConfig {
                attenuation_bucket_threshold_db: [49, 53, 64],
                attenuation_bucket_weights: [2.5, 1.3, 0.6, 0.01],
                ..v2_config()
            },
            risk: RiskCalculation {
                score_sum: Condition { operator: Operator::GreaterOrEqual, value: 1170.0 },
                ..RiskCalculation::default()
            },
        },
        mapping: None,
    });
    rules
}

/// The rule that a release runs on a system, for keys of a level.
pub fn rule_of(release: &Release, ios: bool, key_level: i32) -> Rule {
    rule(release.family, ios, key_level)
}

/// Applies a rule to one matched key. `evaluated` is the match under COCOA's own data mapping; the rule's own key level
/// stands in for the key's. `split_s` only decides how the scored seconds are divided between two calendar days.
pub fn judge(rule: &Rule, found: &KeyMatch, evaluated: &Evaluated, key: &DiagnosisKey, now_s: u32, split_s: u32) -> Verdict {
    let own;
    let evaluated = match &rule.mapping {
        Some(mapping) => {
            own = evaluate_as(found, key, mapping);
            &own
        }
        None => evaluated,
    };
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
        Kind::V2 { config, risk } => {
            let today = UnixSeconds(i64::from(now_s)).day_utc();
            for summary in daily_summaries(&evaluated.windows, config, today) {
                let windows: Vec<&ExposureWindow> =
                    evaluated.windows.iter().filter(|w| UnixSeconds(i64::from(w.t_s)).day_utc() == summary.day).collect();
                verdict.score = verdict.score.max(summary.score_sum);
                if risk.holds(&summary, &windows) {
                    verdict.detected = true;
                    for scan in windows.iter().flat_map(|w| &w.scans) {
                        verdict.add_scan(scan, split_s);
                    }
                }
            }
            verdict.notified = verdict.detected;
        }
        Kind::Continuous { at_most_db, seconds_at_least } => {
            let scans: Vec<&ScanInstance> = evaluated.windows.iter().flat_map(|w| &w.scans).collect();
            let is_near = |s: &ScanInstance| s.typical_db <= *at_most_db;
            for run in scans.chunk_by(|a, b| is_near(a) && is_near(b) && b.t_s - a.t_s <= CONTINUOUS_GAP_S) {
                let seconds: i32 = run.iter().filter(|s| is_near(s)).map(|s| s.seconds_since_last_scan).sum();
                verdict.score = verdict.score.max(f64::from(seconds));
                if seconds >= *seconds_at_least {
                    verdict.detected = true;
                    run.iter().for_each(|scan| verdict.add_scan(scan, split_s));
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
        (KeyMatch { key: 0, tek: [1; 16], report_type: None, raw: aggregated.clone(), aggregated }, key)
    }

    fn detected(rule: &str, minutes: u32, attenuation_db: i32) -> bool {
        let rules = released_rules();
        let rule = rules.iter().find(|r| r.name == rule).expect("a released rule");
        let (found, key) = exposure(minutes, attenuation_db);
        judge(rule, &found, &evaluate(&found, &key), &key, START_S + 86_400, START_S).detected
    }

    /// The effective rules that follow from the configurations and the two systems' arithmetic.
    #[test]
    fn effective_rules_of_the_releases() {
        assert_eq!(released_rules().len(), 15);
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
    fn a_configuration_is_one_rule_where_both_systems_read_the_same() {
        let names = |ios: &Configuration, android: &Configuration| {
            rules_of_configuration("x", ios, android).into_iter().map(|r| r.name).collect::<Vec<_>>()
        };
        let v2 = Configuration { v2: Some(v2_config()), mapping: Some(data_mapping()), ..Configuration::default() };
        let v1 = Configuration { v1: Some(v1_config(Family::Third)), ..Configuration::default() };
        assert_eq!(names(&v2, &v2), ["x"]);
        assert_eq!(names(&v2, &Configuration { mapping: None, ..v2.clone() }), ["x/ios", "x/android"]);
        assert_eq!(names(&v2, &v1), ["x/android/level0", "x/android/level4", "x/ios"]);
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
