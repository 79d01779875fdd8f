//! COCOA's configuration files, read as they are: `Configration.json` (v1, spelt so), `configuration.json`,
//! `risk_calculation_configuration.json`, and others' v1 configurations and Google's DailySummariesConfig alone.
//!
//! Formats: cocoa-mhlw/cocoa, documents/static/exposure_configuration. What a file holds is recognised by its content.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{
    columns::shown,
    faults::nearest,
    gaen::{DailySummariesConfig, DiagnosisKeysDataMapping, ExposureConfiguration, Infectiousness, ReportType},
    json,
};

use super::{
    releases::Gate,
    risk::{Condition, Operator, RiskCalculation},
};

/// Everything that decides, as far as files (or a release) say it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Configuration {
    /// Version 1.
    pub v1: Option<ExposureConfiguration>,
    /// What missing fields of keys read as.
    pub mapping: Option<DiagnosisKeysDataMapping>,
    /// Version 2.
    pub v2: Option<DailySummariesConfig>,
    /// What COCOA makes of a day's summary.
    pub risk: Option<RiskCalculation>,
    /// What the app asks before it shows exposures of version 1; files do not say, so it is that of the last releases.
    pub gate: Gate,
}

/// Kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    V1,
    Whole,
    DailySummaries,
    Risk,
}

/// The form that a file of some kind is expected in, for messages.
const KINDS: &str = "expected Configration.json (MinimumRiskScore, AttenuationScores, ... or Apple's attenuationLevelValues, ...), \
                     configuration.json (google_exposure_config, google_daily_summaries_config, apple_exposure_config_v1, ...), \
                     risk_calculation_configuration.json (DailySummary_DaySummary_ScoreSum, ...) or Google's DailySummariesConfig \
                     (attenuation_bucket_threshold_db, ...)";

/// So many members without effect are listed.
const MAX_UNUSED: usize = 20;
/// Largest configuration file, bytes.
pub const MAX_CONFIGURATION_BYTES: usize = 1 << 20;

impl Configuration {
    /// Reads files, given as (name, text), as a system does: an iPhone its own blocks of `configuration.json` where there are
    /// any, Android Google's. Beside the configuration stands what of the files has no effect, a line each.
    ///
    /// # Errors
    /// Every fault of every file, each beginning with the file's name; they do not depend on the system.
    pub fn read(files: &[(String, String)], ios: bool) -> Result<(Self, Vec<String>), Vec<String>> {
        let (mut faults, mut unused) = (Vec::new(), Vec::new());
        let (mut v1, mut v2, mut risk, mut whole) = (None, None, None, Self::default());
        let mut seen: Vec<(Kind, &str)> = Vec::new();
        for (name, text) in files {
            if text.len() > MAX_CONFIGURATION_BYTES {
                faults.push(format!("{name}: oversized: more than {MAX_CONFIGURATION_BYTES} bytes"));
                continue;
            }
            let root = match json::parse(text) {
                Ok(Value::Object(root)) => root,
                Ok(_) => {
                    faults.push(format!("{name}: not a JSON object; {KINDS}"));
                    continue;
                }
                Err(problems) => {
                    faults.extend(problems.into_iter().map(|problem| format!("{name}: {problem}")));
                    continue;
                }
            };
            let Some(kind) = kind_of(&root) else {
                faults.push(format!("{name}: not a configuration that is known; {KINDS}"));
                continue;
            };
            if let Some((_, first)) = seen.iter().find(|(k, _)| *k == kind) {
                faults.push(format!("{name}: the same kind of file as {first}; give one of each"));
                continue;
            }
            seen.push((kind, name));
            let mut reader = Reader { file: name, faults: &mut faults, unused: &mut unused };
            match kind {
                Kind::V1 => {
                    let is_apples = lenient(&root, V1_APPLE.attenuation).is_some();
                    v1 = Some(reader.v1(&root, "", if is_apples { &V1_APPLE } else { &V1_COCOA }));
                }
                Kind::Risk => risk = Some(reader.risk(&root)),
                // Google's builder starts from weights of 0.
                Kind::DailySummaries => v2 = Some(reader.daily_summaries(&root, "", 0.0)),
                Kind::Whole => whole = reader.whole_configuration(&root, ios),
            }
        }
        let of_kind = |kind: Kind| seen.iter().find(|(k, _)| *k == kind).map_or("", |(_, name)| *name);
        if v2.is_some() && whole.v2.is_some() {
            let (first, second) = (of_kind(Kind::Whole), of_kind(Kind::DailySummaries));
            faults.push(format!("{second}: a second DailySummariesConfig beside that of {first}; give one"));
        }
        let read = Self { v1: v1.or(whole.v1), mapping: whole.mapping, v2: v2.or(whole.v2), risk, gate: Gate::default() };
        if faults.is_empty() { Ok((read, unused)) } else { Err(faults) }
    }
}

fn kind_of(root: &Map<String, Value>) -> Option<Kind> {
    let has = |key: &str| lenient(root, key).is_some();
    let begins = |starts: [&str; 2]| root.keys().any(|k| starts.iter().any(|start| normal(k).starts_with(start)));
    if has("minimum_risk_score") || has("attenuation_scores") || has(V1_APPLE.attenuation) {
        Some(Kind::V1)
    } else if begins(["google", "apple"]) {
        Some(Kind::Whole)
    } else if begins(["dailysummarydaysummary", "exposurewindowscaninstance"]) {
        Some(Kind::Risk)
    } else if has("attenuation_bucket_threshold_db") {
        Some(Kind::DailySummaries)
    } else {
        None
    }
}

/// Names of a v1 configuration's members, in the spelling that messages use.
struct V1Names {
    minimum: &'static str,
    attenuation: &'static str,
    days: &'static str,
    duration: &'static str,
    transmission: &'static str,
    thresholds: &'static str,
    /// The minimum again, on another scale (Apple's).
    full_range: Option<&'static str>,
    /// Where no minimum is one: Google's begins at 1.
    least_minimum: f64,
    /// Thresholds where the file may leave them out.
    default_thresholds_db: Option<[i32; 2]>,
}

const V1_COCOA: V1Names = V1Names {
    minimum: "MinimumRiskScore",
    attenuation: "AttenuationScores",
    days: "DaysSinceLastExposureScores",
    duration: "DurationScores",
    transmission: "TransmissionRiskScores",
    thresholds: "DurationAtAttenuationThresholds",
    full_range: None,
    least_minimum: 1.0,
    default_thresholds_db: None,
};
const V1_GOOGLE: V1Names = V1Names {
    minimum: "minimum_risk_score",
    attenuation: "attenuation_scores",
    days: "days_since_last_exposure_scores",
    duration: "duration_scores",
    transmission: "transmission_risk_scores",
    thresholds: "duration_at_attenuation_thresholds",
    ..V1_COCOA
};
/// ENExposureConfiguration.h; its thresholds are 50 and 70 dB unless stated.
const V1_APPLE: V1Names = V1Names {
    minimum: "minimum_risk_score",
    attenuation: "attenuation_level_values",
    days: "days_since_last_exposure_level_values",
    duration: "duration_level_values",
    transmission: "transmission_risk_level_values",
    thresholds: "duration_at_attenuation_thresholds",
    full_range: Some("minimum_risk_score_full_range"),
    least_minimum: 0.0,
    default_thresholds_db: Some([50, 70]),
};
/// Members that were "reserved for future use" and never had an effect; every file of COCOA's holds them.
const V1_RESERVED: [&str; 5] =
    ["attenuation_weight", "days_since_last_exposure_weight", "duration_weight", "transmission_weight", "transmission_risk_weight"];

/// Reads values of one file and notes what is wrong.
struct Reader<'a> {
    file: &'a str,
    faults: &'a mut Vec<String>,
    /// Members without effect.
    unused: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn fault(&mut self, path: &str, problem: &str, remedy: &str) {
        self.faults.push(format!("{}: {path}: {problem}; {remedy}", self.file));
    }

    /// Holds an object's members to those that are known, in whatever spelling: none twice, others have no effect.
    fn members(&mut self, of: &Map<String, Value>, path: &str, known: &[&str]) {
        let mut before: BTreeMap<String, &str> = BTreeMap::new();
        for key in of.keys() {
            let shown = shown(key);
            if let Some(same) = before.insert(normal(key), key) {
                self.fault(&format!("{path}{shown}"), &format!("the same member as {same:.40}"), "keep one");
            } else if !known.iter().any(|k| normal(k) == normal(key)) && self.unused.len() < MAX_UNUSED {
                let hint = nearest(key, known.iter().copied()).map_or_else(String::new, |near| format!("; did you mean {near}?"));
                self.unused.push(format!("{}: {path}{shown}: not a member that is known, without effect{hint}", self.file));
            }
        }
    }

    fn table<'v>(&mut self, of: &'v Map<String, Value>, path: &str, key: &str) -> Option<&'v Map<String, Value>> {
        match lenient(of, key)? {
            Value::Object(table) => Some(table),
            _ => {
                self.fault(&format!("{path}{key}"), "not an object", "give it keys");
                None
            }
        }
    }

    fn number(&mut self, of: &Map<String, Value>, path: &str, key: &str, low: f64, high: f64) -> f64 {
        let Some(value) = lenient(of, key) else {
            self.fault(&format!("{path}{key}"), "missing", &format!("give a number from {low} to {high}"));
            return low;
        };
        self.within(value, &format!("{path}{key}"), low, high)
    }

    fn within(&mut self, value: &Value, path: &str, low: f64, high: f64) -> f64 {
        match value.as_f64().filter(|v| (low..=high).contains(v)) {
            Some(v) => v,
            None => {
                let found: String = value.to_string().chars().take(40).collect();
                self.fault(path, &format!("{found} is not within range"), &format!("give a number from {low} to {high}"));
                low
            }
        }
    }

    fn numbers<const N: usize>(&mut self, of: &Map<String, Value>, path: &str, key: &str, low: f64, high: f64) -> [f64; N] {
        let path = format!("{path}{key}");
        match lenient(of, key).and_then(Value::as_array) {
            Some(list) if list.len() == N => std::array::from_fn(|i| self.within(&list[i], &format!("{path}[{i}]"), low, high)),
            _ => {
                self.fault(&path, "not a list of the right length", &format!("give {N} numbers from {low} to {high}"));
                [low; N]
            }
        }
    }

    fn whole<const N: usize>(&mut self, of: &Map<String, Value>, path: &str, key: &str, low: f64, high: f64) -> [i32; N] {
        let numbers = self.numbers::<N>(of, path, key, low, high);
        if numbers.iter().any(|n| n.fract() != 0.0) {
            self.fault(&format!("{path}{key}"), "not whole numbers", "give whole numbers");
        }
        numbers.map(|n| n as i32)
    }

    fn whole_number(&mut self, of: &Map<String, Value>, path: &str, key: &str, low: f64, high: f64) -> i32 {
        let number = self.number(of, path, key, low, high);
        if number.fract() != 0.0 {
            self.fault(&format!("{path}{key}"), &format!("{number} is not whole"), "give a whole number");
        }
        number as i32
    }

    /// The rules of a `configuration.json` on a system. Every block is read, so that faults do not depend on the system.
    fn whole_configuration(&mut self, root: &Map<String, Value>, ios: bool) -> Configuration {
        const BLOCKS: [&str; 5] = [
            "google_exposure_config",
            "google_diagnosis_keys_data_mapping_config",
            "google_daily_summaries_config",
            "apple_exposure_config_v1",
            "apple_exposure_config_v2",
        ];
        self.members(root, "", &BLOCKS);
        let blocks = BLOCKS.map(|name| self.table(root, "", name).map(|table| (table, format!("{name}."))));
        let [google_v1, google_mapping, google_v2, apple_v1, apple_v2] = &blocks;
        let google = Configuration {
            v1: google_v1.as_ref().map(|(table, path)| self.v1(table, path, &V1_GOOGLE)),
            mapping: google_mapping.as_ref().map(|(table, path)| self.mapping(table, path)),
            // COCOA's own form: what is left out weighs 1.
            v2: google_v2.as_ref().map(|(table, path)| self.daily_summaries(table, path, 1.0)),
            risk: None,
            gate: Gate::default(),
        };
        let apple_v1 = apple_v1.as_ref().map(|(table, path)| self.v1(table, path, &V1_APPLE));
        let apple_v2 = apple_v2.as_ref().map(|(table, path)| self.apple_v2(table, path));
        if !ios {
            if google == Configuration::default() {
                self.unused.push(format!("{}: holds Apple's blocks alone, without effect on Android", self.file));
            }
            return google;
        }
        let (v2, mapping) = apple_v2.map_or((google.v2, google.mapping), |(v2, mapping)| (Some(v2), Some(mapping)));
        Configuration { v1: apple_v1.or(google.v1), mapping, v2, risk: None, gate: Gate::default() }
    }

    fn v1(&mut self, of: &Map<String, Value>, path: &str, names: &V1Names) -> ExposureConfiguration {
        let mut known = vec![names.minimum, names.attenuation, names.days, names.duration, names.transmission, names.thresholds];
        known.extend(names.full_range);
        known.extend(V1_RESERVED);
        self.members(of, path, &known);
        let minimum = self.whole_number(of, path, names.minimum, names.least_minimum, 4096.0);
        // Apple's two minimums hold at once; the greater decides.
        let full_range = names.full_range.and_then(|name| Some((name, lenient(of, name)?)));
        let full_range = full_range.map_or(0.0, |(name, value)| self.within(value, &format!("{path}{name}"), 0.0, 4096.0));
        ExposureConfiguration {
            minimum_risk_score: minimum.max(full_range.ceil() as i32),
            attenuation_scores: self.whole(of, path, names.attenuation, 0.0, 8.0),
            days_scores: self.whole(of, path, names.days, 0.0, 8.0),
            duration_scores: self.whole(of, path, names.duration, 0.0, 8.0),
            transmission_scores: self.whole(of, path, names.transmission, 0.0, 8.0),
            duration_at_attenuation_thresholds_db: match names.default_thresholds_db {
                Some(default_db) if lenient(of, names.thresholds).is_none() => default_db,
                _ => {
                    let thresholds: [i32; 2] = self.whole(of, path, names.thresholds, 0.0, 255.0);
                    if thresholds[0] > thresholds[1] {
                        self.fault(&format!("{path}{}", names.thresholds), "not increasing", "give the lower threshold first");
                    }
                    thresholds
                }
            },
        }
    }

    fn infectiousness(&mut self, value: Option<&Value>, path: &str) -> Infectiousness {
        match value.and_then(Value::as_i64) {
            Some(0) => Infectiousness::None,
            Some(1) => Infectiousness::Standard,
            Some(2) => Infectiousness::High,
            _ => {
                self.fault(path, "not an infectiousness", "give 0 (none), 1 (standard) or 2 (high)");
                Infectiousness::None
            }
        }
    }

    /// Infectiousness by days since onset, and where onset is not stated.
    fn onset(&mut self, of: &Map<String, Value>, path: &str) -> ([Infectiousness; 29], Infectiousness) {
        let mut infectiousness = [Infectiousness::None; 29];
        if let Some(table) = self.table(of, path, ONSET) {
            for (day, value) in table {
                match day.parse::<i32>().ok().filter(|d| (-14..=14).contains(d)) {
                    Some(d) => infectiousness[(d + 14) as usize] = self.infectiousness(Some(value), &format!("{path}{ONSET}.{day}")),
                    None => self.fault(&format!("{path}{ONSET}.{day:.40}"), "not a day from -14 to 14", "give days since onset"),
                }
            }
        } else if lenient(of, ONSET).is_none() {
            self.fault(&format!("{path}{ONSET}"), "missing", "give it for the days -14 to 14");
        }
        let missing = self.infectiousness(lenient(of, ONSET_MISSING), &format!("{path}{ONSET_MISSING}"));
        (infectiousness, missing)
    }

    fn mapping(&mut self, of: &Map<String, Value>, path: &str) -> DiagnosisKeysDataMapping {
        let report_type = "report_type_when_missing";
        self.members(of, path, &[ONSET, ONSET_MISSING, report_type]);
        let (infectiousness, infectiousness_when_missing) = self.onset(of, path);
        let report_type_when_missing = ReportType::from_number(self.whole_number(of, path, report_type, 1.0, 5.0));
        DiagnosisKeysDataMapping { infectiousness, infectiousness_when_missing, report_type_when_missing }
    }

    /// Three upper edges of attenuation, dB.
    fn bucket_edges(&mut self, of: &Map<String, Value>, path: &str, key: &str) -> [i32; 3] {
        let edges = self.whole(of, path, key, 0.0, 255.0);
        if !edges.is_sorted_by(|a, b| a < b) {
            self.fault(&format!("{path}{key}"), "not increasing", "give three increasing values");
        }
        edges
    }

    /// A number that may be left out.
    fn optional(&mut self, of: &Map<String, Value>, path: &str, key: &str, default: f64, high: f64) -> f64 {
        lenient(of, key).map_or(default, |v| self.within(v, &format!("{path}{key}"), 0.0, high))
    }

    /// Weights by name or number, of which some may be left out.
    fn weights<const N: usize>(
        &mut self,
        of: &Map<String, Value>,
        path: &str,
        key: &str,
        names: [[&str; 2]; N],
        left_out: f64,
    ) -> [f64; N] {
        let Some(weights) = self.table(of, path, key) else { return [left_out; N] };
        let path = format!("{path}{key}.");
        self.members(weights, &path, names.as_flattened());
        names.map(|[name, number]| {
            let of = |key| lenient(weights, key).map(|weight| (key, weight));
            if of(name).is_some() && of(number).is_some() {
                self.fault(&format!("{path}{number}"), &format!("the same member as {name}"), "keep one");
            }
            of(name).or(of(number)).map_or(left_out, |(key, weight)| self.within(weight, &format!("{path}{key}"), 0.0, 2.5))
        })
    }

    fn daily_summaries(&mut self, of: &Map<String, Value>, path: &str, left_out: f64) -> DailySummariesConfig {
        const EDGES: &str = "attenuation_bucket_threshold_db";
        const BUCKETS: &str = "attenuation_bucket_weights";
        const DAYS: &str = "days_since_exposure_threshold";
        const INFECTIOUSNESS: &str = "infectiousness_weights";
        const MINIMUM: &str = "minimum_window_score";
        const REPORT: &str = "report_type_weights";
        self.members(of, path, &[EDGES, BUCKETS, DAYS, INFECTIOUSNESS, MINIMUM, REPORT]);
        let report_types = [["ConfirmedTest", "1"], ["ConfirmedClinicalDiagnosis", "2"], ["SelfReport", "3"], ["Recursive", "4"]];
        let [standard, high] = self.weights(of, path, INFECTIOUSNESS, [["Standard", "1"], ["High", "2"]], left_out);
        DailySummariesConfig {
            attenuation_bucket_threshold_db: self.bucket_edges(of, path, EDGES),
            attenuation_bucket_weights: self.numbers(of, path, BUCKETS, 0.0, 2.5),
            days_since_exposure_threshold: self.optional(of, path, DAYS, 0.0, 36_500.0) as i32,
            infectiousness_weight_standard: standard,
            infectiousness_weight_high: high,
            minimum_window_score: self.optional(of, path, MINIMUM, 0.0, f64::MAX),
            report_type_weights: self.weights(of, path, REPORT, report_types, left_out),
        }
    }

    /// ENExposureConfiguration.h of version 2: weights in percent, 100 unless stated; edges 50, 70 and 90 dB unless stated.
    fn apple_v2(&mut self, of: &Map<String, Value>, path: &str) -> (DailySummariesConfig, DiagnosisKeysDataMapping) {
        const EDGES: &str = "attenuation_duration_thresholds";
        const DAYS: &str = "DaysSinceLastExposureThreshold";
        const BUCKETS: [&str; 4] = ["immediate_duration_weight", "near_duration_weight", "medium_duration_weight", "other_duration_weight"];
        const STANDARD: &str = "infectiousness_standard_weight";
        const HIGH: &str = "infectiousness_high_weight";
        const REPORT: [&str; 4] = [
            "report_type_confirmed_test_weight",
            "report_type_confirmed_clinical_diagnosis_weight",
            "report_type_self_reported_weight",
            "report_type_recursive_weight",
        ];
        const NONE_MAP: &str = "report_type_none_map";
        let known = [ONSET, ONSET_MISSING, EDGES, DAYS, STANDARD, HIGH, NONE_MAP];
        self.members(of, path, &[&known[..], &BUCKETS, &REPORT].concat());
        let (infectiousness, infectiousness_when_missing) = self.onset(of, path);
        let report_type = match lenient(of, NONE_MAP) {
            Some(_) => self.whole_number(of, path, NONE_MAP, 1.0, 5.0),
            None => ReportType::ConfirmedTest as i32,
        };
        let mapping = DiagnosisKeysDataMapping {
            infectiousness,
            infectiousness_when_missing,
            report_type_when_missing: ReportType::from_number(report_type),
        };
        let mut weight = |key: &str| self.optional(of, path, key, 100.0, 250.0) / 100.0;
        let attenuation_bucket_weights = BUCKETS.map(&mut weight);
        let (infectiousness_weight_standard, infectiousness_weight_high) = (weight(STANDARD), weight(HIGH));
        let report_type_weights = REPORT.map(weight);
        let config = DailySummariesConfig {
            attenuation_bucket_threshold_db: match lenient(of, EDGES) {
                Some(_) => self.bucket_edges(of, path, EDGES),
                None => [50, 70, 90],
            },
            attenuation_bucket_weights,
            days_since_exposure_threshold: self.optional(of, path, DAYS, 0.0, 36_500.0) as i32,
            infectiousness_weight_standard,
            infectiousness_weight_high,
            minimum_window_score: 0.0,
            report_type_weights,
        };
        (config, mapping)
    }

    fn risk(&mut self, of: &Map<String, Value>) -> RiskCalculation {
        const CONDITIONS: [&str; 5] = [
            "DailySummary_DaySummary_ScoreSum",
            "DailySummary_DaySummary_WeightedDurationAverage",
            "ExposureWindow_ScanInstance_SecondsSinceLastScanSum",
            "ExposureWindow_ScanInstance_TypicalAttenuationDb_Max",
            "ExposureWindow_ScanInstance_TypicalAttenuationDb_Min",
        ];
        self.members(of, "", &[&CONDITIONS[..], &["format_version"]].concat());
        let [score_sum, weighted_duration_average, seconds_since_last_scan_sum, typical_attenuation_db_max, typical_attenuation_db_min] =
            CONDITIONS.map(|key| self.condition(of, key));
        RiskCalculation {
            score_sum,
            weighted_duration_average,
            seconds_since_last_scan_sum,
            typical_attenuation_db_max,
            typical_attenuation_db_min,
        }
    }

    fn condition(&mut self, of: &Map<String, Value>, key: &str) -> Condition {
        // A condition that is left out asks nothing, as in the app.
        let Some(table) = self.table(of, "", key) else { return Condition::default() };
        self.members(table, &format!("{key}."), &["op", "value"]);
        let operator = match table.get("op").and_then(Value::as_str) {
            Some("NOP") => Operator::Nop,
            Some("==" | "=") => Operator::Equal,
            Some("<") => Operator::Less,
            Some("<=") => Operator::LessOrEqual,
            Some(">") => Operator::Greater,
            Some(">=") => Operator::GreaterOrEqual,
            _ => {
                self.fault(&format!("{key}.op"), "not an operator", "give NOP, ==, <, <=, > or >=");
                Operator::Nop
            }
        };
        Condition { operator, value: self.number(table, &format!("{key}."), "value", f64::MIN, f64::MAX) }
    }
}

/// Members that Google's and Apple's forms share.
const ONSET: &str = "infectiousness_for_days_since_onset_of_symptoms";
const ONSET_MISSING: &str = "infectiousness_when_days_since_onset_missing";

/// A key, whether written snake_case or camelCase.
fn lenient<'v>(of: &'v Map<String, Value>, key: &str) -> Option<&'v Value> {
    of.get(key).or_else(|| of.iter().find(|(k, _)| normal(k) == normal(key)).map(|(_, v)| v))
}

fn normal(key: &str) -> String {
    key.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::rules::{data_mapping, v1_config, v2_config};
    use crate::app::{Family, risk::RiskCalculation};

    fn real(name: &str) -> Option<(String, String)> {
        let path = crate::test_data::data(&format!("en/cocoa/{name}"))?;
        Some((name.to_string(), std::fs::read_to_string(path).expect("a readable file")))
    }

    /// Reads files that hold nothing without effect.
    fn read(files: &[(String, String)], ios: bool) -> Result<Configuration, Vec<String>> {
        Configuration::read(files, ios).map(|(read, unused)| {
            assert_eq!(unused, [] as [&str; 0]);
            read
        })
    }

    fn one(text: &str, ios: bool) -> Result<Configuration, Vec<String>> {
        read(&[("c.json".into(), text.into())], ios)
    }

    #[test]
    fn val_cocoas_own_files_are_what_is_built_in() {
        let names = ["Configration.json", "configuration.json", "risk_calculation_configuration.json"];
        let Some(files) = names.iter().map(|n| real(n)).collect::<Option<Vec<_>>>() else { return };
        let all = read(&files, false).expect("the real files are readable");
        // Configration.json is the version after issue 792: levels 1 and 2 score 0.
        let expected = ExposureConfiguration { transmission_scores: [0, 0, 7, 7, 7, 7, 7, 7], ..v1_config(Family::Third) };
        assert_eq!(all.v1, Some(expected));
        assert_eq!(all.mapping, Some(data_mapping()));
        assert_eq!(all.v2, Some(v2_config()));
        assert_eq!(all.risk, Some(RiskCalculation::cocoa()));
        let without_first = read(&files[1..], false).expect("readable");
        assert_eq!(without_first.v1, Some(v1_config(Family::Third)));
        let twice = read(&[files[0].clone(), ("again.json".into(), files[0].1.clone())], false);
        // Apple's blocks say the same, but for key levels 1 and 2.
        let ios = read(&files[1..], true).expect("readable");
        assert_eq!(ios.v1.map(|v1| v1.transmission_scores), Some([0, 0, 7, 7, 7, 7, 7, 7]));
        assert_eq!((ios.mapping, ios.v2), (without_first.mapping, without_first.v2));
        assert!(twice.expect_err("two of a kind")[0].contains("the same kind of file as Configration.json"));
    }

    #[test]
    fn googles_form_is_read_in_either_spelling() {
        let text = r#"{"attenuationBucketThresholdDb": [50, 70, 90], "attenuationBucketWeights": [1, 1, 1, 1],
            "reportTypeWeights": {"CONFIRMED_TEST": 0.5}, "infectiousnessWeights": {"HIGH": 2.0}}"#;
        let read = one(text, false).expect("it is readable").v2.expect("it holds v2");
        assert_eq!(read.attenuation_bucket_threshold_db, [50, 70, 90]);
        assert_eq!((read.report_type_weights, read.infectiousness_weight_high), ([0.5, 0.0, 0.0, 0.0], 2.0));
    }

    /// Google's builder starts from 0; what COCOA's own form leaves out weighs 1.
    #[test]
    fn weights_left_out_have_the_default_of_their_form() {
        let summaries = r#""attenuation_bucket_threshold_db": [50, 70, 90], "attenuation_bucket_weights": [1, 1, 1, 1]"#;
        for (text, left_out) in [
            (format!("{{{summaries}}}"), 0.0),
            (format!(r#"{{{summaries}, "infectiousness_weights": {{}}, "report_type_weights": {{}}}}"#), 0.0),
            (format!(r#"{{"google_daily_summaries_config": {{{summaries}}}}}"#), 1.0),
            (format!(r#"{{"google_daily_summaries_config": {{{summaries}, "report_type_weights": {{}}}}}}"#), 1.0),
        ] {
            let v2 = one(&text, false).expect("it is readable").v2.expect("it holds v2");
            assert_eq!((v2.infectiousness_weight_standard, v2.infectiousness_weight_high), (left_out, left_out), "{text}");
            assert_eq!(v2.report_type_weights, [left_out; 4], "{text}");
        }
    }

    const SCORES: &str = "[1,2,3,4,5,6,7,8]";

    #[test]
    fn version_1_is_read_in_every_spelling() {
        let expected = ExposureConfiguration {
            minimum_risk_score: 9,
            attenuation_scores: [1, 2, 3, 4, 5, 6, 7, 8],
            days_scores: [1; 8],
            duration_scores: [0, 0, 0, 0, 1, 1, 1, 1],
            transmission_scores: [7; 8],
            duration_at_attenuation_thresholds_db: [50, 70],
        };
        let (days, duration, transmission) = ("[1,1,1,1,1,1,1,1]", "[0,0,0,0,1,1,1,1]", "[7,7,7,7,7,7,7,7]");
        for text in [
            format!(
                r#"{{"minimumRiskScore": 9, "attenuationScores": {SCORES}, "daysSinceLastExposureScores": {days}, "durationScores":
                {duration}, "transmissionRiskScores": {transmission}, "durationAtAttenuationThresholds": [50, 70]}}"#
            ),
            format!(
                r#"{{"minimumRiskScore": 0, "minimumRiskScoreFullRange": 8.5, "attenuationLevelValues": {SCORES}, "attenuationWeight": 50,
                "daysSinceLastExposureLevelValues": {days}, "durationLevelValues": {duration}, "transmissionRiskLevelValues":
                {transmission}}}"#
            ),
        ] {
            assert_eq!(one(&text, true).map(|c| c.v1), Ok(Some(expected.clone())), "{text}");
            assert_eq!(one(&text, false).map(|c| c.v1), Ok(Some(expected.clone())), "{text}");
        }
    }

    #[test]
    fn apples_blocks_are_an_iphones_and_percent() {
        let onset = r#""infectiousness_for_days_since_onset_of_symptoms": {"0": 1}, "infectiousness_when_days_since_onset_missing": 2"#;
        let apple = format!(
            r#""apple_exposure_config_v2": {{{onset}, "immediate_duration_weight": 50, "report_type_recursive_weight": 0,
            "DaysSinceLastExposureThreshold": 10, "report_type_none_map": 3}}"#
        );
        let google = r#""google_daily_summaries_config": {"attenuation_bucket_threshold_db": [46, 60, 65],
            "attenuation_bucket_weights": [1, 2.5, 1.3, 0.01]}"#;
        let both = format!("{{{apple}, {google}}}");
        let ios = one(&both, true).expect("it is readable");
        let v2 = ios.v2.expect("it holds v2");
        assert_eq!((v2.attenuation_bucket_threshold_db, v2.attenuation_bucket_weights), ([50, 70, 90], [0.5, 1.0, 1.0, 1.0]));
        assert_eq!((v2.report_type_weights, v2.days_since_exposure_threshold), ([1.0, 1.0, 1.0, 0.0], 10));
        let mapping = ios.mapping.expect("it holds a mapping");
        assert_eq!(mapping.report_type_when_missing, ReportType::SelfReport);
        assert_eq!((mapping.infectiousness[14], mapping.infectiousness_when_missing), (Infectiousness::Standard, Infectiousness::High));
        let android = one(&both, false).expect("it is readable");
        assert_eq!((android.v2.map(|v2| v2.attenuation_bucket_threshold_db), android.mapping), (Some([46, 60, 65]), None));
        let google = format!("{{{google}}}");
        assert_eq!(one(&google, true), one(&google, false), "a file without Apple's blocks serves both");
        let (alone, unused) = Configuration::read(&[("c.json".into(), format!("{{{apple}}}"))], false).expect("it is readable");
        assert_eq!(
            (alone, unused[0].as_str()),
            (Configuration::default(), "c.json: holds Apple's blocks alone, without effect on Android")
        );
        let wrong = r#"{"apple_exposure_config_v2": {"near_duration_weight": 251}}"#;
        let faults = one(wrong, false).expect_err("three faults, whichever system");
        assert!(faults.len() == 3 && faults[2].contains("apple_exposure_config_v2.near_duration_weight: 251"), "{faults:?}");
    }

    #[test]
    fn members_without_effect_are_told_and_repeated_ones_refused() {
        let summaries = r#""attenuation_bucket_threshold_db": [50, 70, 90], "attenuation_bucket_weights": [1, 1, 1, 1]"#;
        let text = format!(r#"{{{summaries}, "minimum_windw_score": 5, "report_type_weights": {{"Revoked": 1, "1": 0.5}}}}"#);
        let (_, unused) = Configuration::read(&[("c.json".into(), text)], false).expect("it is readable");
        let known = "not a member that is known, without effect";
        assert_eq!(
            unused,
            [
                format!("c.json: minimum_windw_score: {known}; did you mean minimum_window_score?"),
                format!("c.json: report_type_weights.Revoked: {known}")
            ]
        );
        for (more, told) in [
            (r#""minimum_window_score": 0, "minimum_window_score": 5"#, "minimum_window_score: the member is there twice"),
            (r#""minimum_window_score": 0, "minimumWindowScore": 5"#, "the same member as minimumWindowScore"),
            (r#""report_type_weights": {"ConfirmedTest": 1, "1": 0}"#, "report_type_weights.1: the same member as ConfirmedTest"),
            (r#""report_type_weights": 1"#, "report_type_weights: not an object"),
        ] {
            let faults = one(&format!("{{{summaries}, {more}}}"), false).expect_err("it is refused");
            assert!(faults.len() == 1 && faults[0].contains(told), "{faults:?}");
        }
        let (alone, whole) = (format!("{{{summaries}}}"), format!(r#"{{"google_daily_summaries_config": {{{summaries}}}}}"#));
        for files in [[("a", &alone), ("b", &whole)], [("b", &whole), ("a", &alone)]] {
            let faults = read(&files.map(|(name, text)| (name.to_string(), text.clone())), false).expect_err("two of one thing");
            assert_eq!(faults, ["a: a second DailySummariesConfig beside that of b; give one"]);
        }
    }

    #[test]
    fn every_fault_is_named() {
        let uneven = r#"{"MinimumRiskScore": 21.5, "AttenuationScores": [1,1,1,1,1,1,1,1], "DurationScores": [1,1,1,1,1,1,1,1],
            "DaysSinceLastExposureScores": [1,1,1,1,1,1,1,1], "TransmissionRiskScores": [1,1,1,1,1,1,1,1],
            "DurationAtAttenuationThresholds": [70,50]}"#;
        let faults = read(&[("u.json".into(), uneven.into())], false).expect_err("two faults");
        assert!(faults.len() == 2 && faults[0].contains("21.5 is not whole") && faults[1].contains("not increasing"), "{faults:?}");
        let text = r#"{"MinimumRiskScore": 0, "AttenuationScores": [9,1,1,1,1,1,1,1], "DurationScores": [1], "DaysSinceLastExposureScores":
            [1,1,1,1,1,1,1,1], "TransmissionRiskScores": "no", "DurationAtAttenuationThresholds": [50,70]}"#;
        let faults = read(&[("a.json".into(), text.into()), ("b.json".into(), "[]".into()), ("c.json".into(), "{".into())], false);
        let faults = faults.expect_err("there are faults").join("\n");
        for expected in [
            "a.json: MinimumRiskScore: 0",
            "AttenuationScores[0]: 9",
            "DurationScores: not a list",
            "b.json: not a JSON object",
            "c.json: not JSON",
        ] {
            assert!(faults.contains(expected), "{expected} is not in\n{faults}");
        }
    }
}
