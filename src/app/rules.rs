//! COCOA's released configurations, and their rules.
//!
//! Sources: cocoa-mhlw/cocoa, ExposureNotificationHandler.cs at tags v1.0.0 to v1.4.1 (v1), and
//! documents/static/exposure_configuration (v2, last changed 2022-01-21).

use crate::gaen::{DailySummariesConfig, DiagnosisKeysDataMapping, ExposureConfiguration, Infectiousness, ReportType, V1Reading};

use super::{
    config::ConfigurationOf113,
    configuration::Configuration,
    releases::{Family, Gate, RELEASES, Release, Released},
    risk::{Condition, Operator, RiskCalculation},
};

/// What decides.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Version 1: exposures are runs of sightings, attenuation is their mean.
    V1 { config: ExposureConfiguration, reading: V1Reading, gate: Gate },
    /// Version 1 read otherwise: seconds since the last scan of scans at or under an attenuation, summed over all of a key.
    MinutesUnder { at_most_db: i32, more_than_s: i64 },
    /// Version 2: the summary and the windows of a UTC day.
    V2 { config: DailySummariesConfig, risk: RiskCalculation, leaves_far_out: bool },
    /// Unbroken time at or under an attenuation.
    Continuous { at_most_db: i32, seconds_at_least: i64 },
}

/// A released rule, on one system, for one key level.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Name in tables: `1.1.4-1.4.1/ios/level0`.
    pub name: String,
    /// Whose rule it is, in words: `COCOA 1.1.4 to 1.4.1 on iPhones`.
    pub title: String,
    /// What it asks for, in plain words.
    pub asks: String,
    /// The same, with which reading of it this is where there are several.
    pub means: String,
    /// The releases that ran it; `None` if none did.
    pub released: Option<Released>,
    /// Transmission risk level of the keys it is applied to.
    pub key_level: i32,
    pub(super) kind: Kind,
    /// What missing fields of keys read as, where that is not COCOA's own.
    pub(super) mapping: Option<DiagnosisKeysDataMapping>,
}

/// What scans must be like for a rule to fire, in plain terms: enough of them, near enough. Not the rule itself: version 1 asks it of
/// a run's mean, so that single scans over the threshold may help and single near ones may not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Needs {
    /// Scans above this attenuation do not help; `None`: all do.
    pub at_most_db: Option<i32>,
    /// Seconds of such scans.
    pub seconds_at_least: f64,
}

impl Rule {
    /// The same rule in an app that asks otherwise before it shows exposures.
    pub(super) fn with_gate(mut self, gate: Gate) -> Self {
        if let Kind::V1 { gate: of_rule, .. } = &mut self.kind {
            *of_rule = gate;
        }
        self
    }

    /// The same rule with scans of far phones left out, where it is version 2's: without fault F15.
    pub(super) fn without_far_scans(mut self) -> Self {
        if let Kind::V2 { leaves_far_out, .. } = &mut self.kind {
            *leaves_far_out = true;
        }
        self
    }

    /// The same rule with all scans.
    pub(super) fn with_far_scans(mut self) -> Self {
        if let Kind::V2 { leaves_far_out, .. } = &mut self.kind {
            *leaves_far_out = false;
        }
        self
    }

    /// What it takes for the rule to fire; `None` if nothing does.
    pub fn needs(&self) -> Option<Needs> {
        match &self.kind {
            Kind::V1 { config, reading, gate } => needs_v1(config, *reading, *gate, self.key_level),
            Kind::MinutesUnder { at_most_db, more_than_s } => {
                Some(Needs { at_most_db: Some(*at_most_db), seconds_at_least: *more_than_s as f64 + 1.0 })
            }
            Kind::V2 { config, risk, .. } => Some(needs_v2(config, risk)),
            Kind::Continuous { at_most_db, seconds_at_least } => {
                Some(Needs { at_most_db: Some(*at_most_db), seconds_at_least: *seconds_at_least as f64 })
            }
        }
    }
}

/// The highest attenuation, and the least whole minutes, whose score reaches the minimum with the best of everything else.
fn needs_v1(config: &ExposureConfiguration, reading: V1Reading, gate: Gate, level: i32) -> Option<Needs> {
    if gate == Gate::AnyMatch && reading == V1Reading::Android {
        return Some(Needs { at_most_db: None, seconds_at_least: 0.0 });
    }
    let transmission = config.transmission_score(level, reading);
    let best = |scores: &[i32; 8]| scores.iter().copied().max().unwrap_or(0);
    let of_days = best(&config.days_scores) * transmission;
    let reaches = |product: i32| product * of_days >= config.minimum_risk_score;
    let attenuation = config.attenuation_scores.iter().position(|s| reaches(s * best(&config.duration_scores)))?;
    let duration = config.duration_scores.iter().position(|s| reaches(s * best(&config.attenuation_scores)))?;
    let edges_db = ExposureConfiguration::ATTENUATION_EDGES_DB;
    let edges_min = ExposureConfiguration::DURATION_EDGES_MIN;
    // An attenuation is over the edges before its place; a duration is over the edge before its.
    let seconds_at_least = if duration == 0 { 0.0 } else { f64::from(60 * (edges_min[duration - 1] + 1)) };
    Some(Needs { at_most_db: attenuation.checked_sub(1).map(|i| edges_db[i]), seconds_at_least })
}

/// A distance band counts if a whole day in it would reach the score; the time is what is asked, or what the heaviest band needs.
fn needs_v2(config: &DailySummariesConfig, risk: &RiskCalculation) -> Needs {
    const DAY_S: f64 = 86_400.0;
    let at_least = |c: &Condition| match c.operator {
        Operator::GreaterOrEqual | Operator::Greater => c.value,
        _ => 0.0,
    };
    let score = at_least(&risk.score_sum);
    let weights = config.attenuation_bucket_weights;
    let heaviest = weights.iter().copied().fold(0.0, f64::max);
    let last = weights.iter().rposition(|w| w * DAY_S >= score).unwrap_or(0);
    let of_score = if heaviest > 0.0 { score / heaviest } else { 0.0 };
    Needs {
        at_most_db: config.attenuation_bucket_threshold_db.get(last).copied(),
        seconds_at_least: at_least(&risk.seconds_since_last_scan_sum).max(of_score),
    }
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
        Family::SecondServed | Family::Third | Family::Windows => (21, rising, upper_half, [1; 8], [7; 8]),
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
        Family::SecondServed => "1.1.3-served",
        Family::Third => "1.1.4-1.4.1",
        Family::Windows => "2.0",
    }
}

/// `COCOA 1.1.4 to 1.4.1 on iPhones`.
fn title(family: Family, ios: bool) -> String {
    let system = if ios { "iPhones" } else { "Android phones" };
    let of_family = family_name(family).replace("-served", " with a served configuration").replace('-', " to ");
    if family == Family::Windows { format!("COCOA {of_family}") } else { format!("COCOA {of_family} on {system}") }
}

/// Name of the rule of a family of releases of version 1.
fn rule_name(family: Family, ios: bool, key_level: i32) -> String {
    format!("{}/{}/level{key_level}", family_name(family), if ios { "ios" } else { "android" })
}

/// The rule of a family of releases. Nobody published how Apple's version 1 averages over a run of sightings: on iPhones this is
/// a reading, Google's published arithmetic taken for Apple's too. The other is [`minutes_under`].
fn rule(family: Family, gate: Gate, ios: bool, key_level: i32) -> Rule {
    if family == Family::Windows {
        let asks = "weighted score of 1350 and 15 minutes in a day";
        return Rule {
            name: family_name(family).into(),
            title: title(family, ios),
            asks: asks.into(),
            means: asks.into(),
            released: Some(Released { family, ios: None }),
            key_level,
            kind: Kind::V2 { config: v2_config(), risk: RiskCalculation::cocoa(), leaves_far_out: false },
            mapping: None,
        };
    }
    const AVERAGED: &str = "; reading: averaged as Google does";
    let (asks, which) = match (family, ios, key_level) {
        (Family::First, ..) => ("any match", ""),
        (Family::Second | Family::SecondServed, false, _) => ("any match", ": the system returns every exposure, the app shows them all"),
        (Family::Second, true, _) => ("at or under 33 dB on average for more than 15 minutes", AVERAGED),
        (_, false, 0) => ("never", " (key level 0 cannot reach the minimum score)"),
        (_, false, _) => ("at or under 63 dB on average for more than 15 minutes", ""),
        (_, true, _) => ("at or under 63 dB on average for more than 15 minutes", AVERAGED),
    };
    let reading = if ios { V1Reading::Ios } else { V1Reading::Android };
    Rule {
        name: rule_name(family, ios, key_level),
        title: title(family, ios),
        asks: asks.into(),
        means: format!("{asks}{which}"),
        released: Some(Released { family, ios: Some(ios) }),
        key_level,
        kind: Kind::V1 { config: v1_config(family), reading, gate },
        mapping: None,
    }
}

/// The other reading of version 1 on iPhones, releases 1.1.4 to 1.4.1: the minutes at or under the threshold add up, whatever
/// lies between them. Each scan stands for the seconds since the one before, as in version 2; Apple's own accounting is not known.
fn minutes_under(key_level: i32) -> Rule {
    Rule {
        name: format!("{}/minutes_under", rule_name(Family::Third, true, key_level)),
        title: title(Family::Third, true),
        asks: "more than 15 minutes at or under 63 dB in all".into(),
        means: "more than 15 minutes at or under 63 dB in all; reading: minutes under the threshold".into(),
        released: Some(Released { family: Family::Third, ios: Some(true) }),
        key_level,
        kind: Kind::MinutesUnder { at_most_db: 63, more_than_s: 900 },
        mapping: None,
    }
}

/// The rule that reads the same releases, system and key level the other way, where there are two readings: iOS v1 of 1.1.4 to
/// 1.4.1, averaged over a run or by minutes under the threshold. Together they bracket what these releases did.
pub fn other_reading(rule: &str) -> Option<String> {
    let averaged = |key_level: i32| rule_name(Family::Third, true, key_level);
    let of = |(a, b): (String, String)| if rule == a { Some(b) } else { (rule == b).then_some(a) };
    [0, 4].into_iter().find_map(|key_level| of((averaged(key_level), minutes_under(key_level).name)))
}

/// Every published version that detects contacts (tags of cocoa-mhlw/cocoa; 1.3.0 was never tagged). Versions between two that
/// are modelled carry the configuration of the earlier.
pub const PUBLISHED: [&str; 18] = [
    "1.0.0", "1.1.0", "1.1.1", "1.1.2", "1.1.3", "1.1.4", "1.1.5", "1.2.0", "1.2.1", "1.2.2", "1.2.3", "1.2.4", "1.2.5", "1.2.6", "1.4.0",
    "1.4.1", "2.0.0", "2.0.1",
];

fn version(name: &str) -> Vec<u32> {
    name.split('.').filter_map(|part| part.parse().ok()).collect()
}

/// The release that a published version is, or whose configuration it carries.
pub fn release_of_version(name: &str) -> Option<&'static Release> {
    RELEASES.iter().rev().find(|r| PUBLISHED.contains(&name) && version(r.name) <= version(name))
}

/// The configuration of a release family, whole: what a release's name stands for where a file could be named. `1.1.3-served` is
/// 1.1.3 with what the server may have served it.
pub fn released_configuration(name: &str) -> Option<Configuration> {
    let of_version = || release_of_version(name).map(|release| (release.family, release.gate()));
    let of_family = || {
        let families = [Family::First, Family::Second, Family::SecondServed, Family::Third, Family::Windows];
        families.into_iter().find(|f| family_name(*f) == name).map(|f| (f, gate_of(f)))
    };
    let (family, gate) = of_version().or_else(of_family)?;
    Some(match family {
        Family::Windows => Configuration {
            v1: Some(v1_config(family)),
            mapping: Some(data_mapping()),
            v2: Some(v2_config()),
            risk: Some(RiskCalculation::cocoa()),
            gate,
        },
        _ => Configuration { v1: Some(v1_config(family)), gate, ..Configuration::default() },
    })
}

/// What the app of a family asks for before it shows exposures: of its last release, where they differ.
fn gate_of(family: Family) -> Gate {
    let of = |r: &&Release| r.family == family || (r.family == Family::Second && family == Family::SecondServed);
    RELEASES.iter().rev().find(of).map_or(Gate::default(), Release::gate)
}

/// The rules of one system's configuration, for keys of any level.
#[derive(Clone, Debug)]
pub struct ConfiguredRules {
    /// Version 1.
    pub v1: Option<Rule>,
    /// Version 2; `None` where no risk calculation was given, too: daily summaries alone do not decide.
    pub v2: Option<Rule>,
}

/// The rule of a configuration on one system, which `keys match` runs.
pub fn configured_rules(configuration: &Configuration, ios: bool) -> ConfiguredRules {
    let rule = |kind: Kind| Rule { mapping: configuration.mapping.clone(), ..unreleased("", "", "", 0, kind) };
    let reading = if ios { V1Reading::Ios } else { V1Reading::Android };
    let v1 = configuration.v1.clone();
    let v2 = configuration.v2.clone().zip(configuration.risk);
    ConfiguredRules {
        v1: v1.map(|config| rule(Kind::V1 { config, reading, gate: configuration.gate })),
        v2: v2.map(|(config, risk)| rule(Kind::V2 { config, risk, leaves_far_out: false })),
    }
}

/// The rules of a configuration read from files, as each system reads it: `NAME/ios/levelL` and
/// `NAME/android/levelL` for v1 at key levels 0 and 4; for v2 `NAME` where both read the same, else `NAME/ios` and
/// `NAME/android`. Without a risk calculation the v2 verdict is COCOA's own.
pub fn rules_of_configuration(name: &str, ios: &Configuration, android: &Configuration) -> Vec<Rule> {
    let mut rules = Vec::new();
    let systems = [("ios", V1Reading::Ios, ios), ("android", V1Reading::Android, android)];
    let title = format!("Configuration {name}");
    for (system, reading, configuration) in systems {
        for key_level in [0, 4] {
            rules.extend(configuration.v1.clone().map(|config| {
                let kind = Kind::V1 { config, reading, gate: configuration.gate };
                unreleased(&format!("{name}/{system}/level{key_level}"), &title, "v1 configuration from a file", key_level, kind)
            }));
        }
    }
    let v2 = |name: String, configuration: &Configuration| {
        configuration.v2.clone().map(|config| {
            let kind = Kind::V2 { config, risk: configuration.risk.unwrap_or_else(RiskCalculation::cocoa), leaves_far_out: false };
            Rule { mapping: configuration.mapping.clone(), ..unreleased(&name, &title, "v2 configuration from a file", 4, kind) }
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

/// Release 2.0 without its second condition, 900 s in a day, which came a pull request after the score (cocoa-mhlw/cocoa 755 and
/// 754). What the ministry replayed its trials with is most likely this.
pub const SCORE_ALONE_2_0: &str = "2.0-score-alone";

/// The ministry's reading of the 1.x rule (design_for_upgrading_to_env2.md, figure 1): 15 continuous minutes at or under
/// 63 dB. No release ran it: the real v1 code averages attenuation over a whole run.
pub const MINISTRY_CONTINUOUS: &str = "ministry_continuous";

/// All rules built in: four v1 configurations × iOS and Android × key level 0 and 4, the second reading of iOS v1, release 2.0, its
/// score alone, what the ministry took 1.x to be, and the draft of 2.0.
pub fn released_rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for family in [Family::First, Family::Second, Family::SecondServed, Family::Third] {
        for ios in [true, false] {
            for key_level in [0, 4] {
                rules.push(rule(family, gate_of(family), ios, key_level));
                rules.extend((family == Family::Third && ios).then(|| minutes_under(key_level)));
            }
        }
    }
    rules.push(rule(Family::Windows, gate_of(Family::Windows), true, 4));
    let kind = Kind::V2 {
        config: v2_config(),
        risk: RiskCalculation { score_sum: RiskCalculation::cocoa().score_sum, ..RiskCalculation::default() },
        leaves_far_out: false,
    };
    let asks = "weighted score of 1350 in a day, no least time: 2.0 before its second condition";
    rules.push(unreleased(SCORE_ALONE_2_0, "The score of COCOA 2.0 alone", asks, 4, kind));
    let kind = Kind::Continuous { at_most_db: 63, seconds_at_least: 900 };
    let asks = "15 continuous minutes up to 63 dB, as the ministry described 1.x";
    rules.push(unreleased(MINISTRY_CONTINUOUS, "COCOA 1.x as the ministry described it", asks, 4, kind));
    let kind = Kind::V2 {
        config: DailySummariesConfig {
            attenuation_bucket_threshold_db: [49, 53, 64],
            attenuation_bucket_weights: [2.5, 1.3, 0.6, 0.01],
            ..v2_config()
        },
        risk: RiskCalculation { score_sum: Condition { operator: Operator::GreaterOrEqual, value: 1170.0 }, ..RiskCalculation::default() },
        leaves_far_out: false,
    };
    let asks = "weighted score of 1170 in a day by other weights: the draft of 2.0 that was tried in the field";
    rules.push(unreleased(DRAFT_2_0, "The draft of COCOA 2.0", asks, 4, kind));
    rules
}

/// A rule that no release ran, under COCOA's own data mapping.
fn unreleased(name: &str, title: &str, asks: &str, key_level: i32, kind: Kind) -> Rule {
    Rule { name: name.into(), title: title.into(), asks: asks.into(), means: asks.into(), released: None, key_level, kind, mapping: None }
}

/// The rule that a release runs on a system, for keys of a level.
pub(super) fn rule_of(release: &Release, configuration_of_1_1_3: ConfigurationOf113, ios: bool, key_level: i32) -> Rule {
    let family = match (release.family, configuration_of_1_1_3) {
        (Family::Second, ConfigurationOf113::Served) => Family::SecondServed,
        (family, _) => family,
    };
    rule(family, release.gate(), ios, key_level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_1_on_iphones_has_two_readings_of_each_key_level_and_no_other_rule_has() {
        let rules = released_rules();
        let with: Vec<(String, String)> =
            rules.iter().filter_map(|r| other_reading(&r.name).map(|other| (r.name.clone(), other))).collect();
        let expected: Vec<(String, String)> = [0, 4]
            .map(|level| (format!("1.1.4-1.4.1/ios/level{level}"), format!("1.1.4-1.4.1/ios/level{level}/minutes_under")))
            .into_iter()
            .flat_map(|(a, b)| [(a.clone(), b.clone()), (b, a)])
            .collect();
        assert_eq!(with, expected);
        assert!(with.iter().all(|(_, other)| rules.iter().any(|r| r.name == *other)));
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
}
