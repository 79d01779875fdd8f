//! COCOA's configuration files, read as they are: `Configration.json` (v1, spelt so), `configuration.json`,
//! `risk_calculation_configuration.json`, and Google's DailySummariesConfig alone.
//!
//! Formats: cocoa-mhlw/cocoa, documents/static/exposure_configuration. What a file holds is told from its content.

use serde_json::{Map, Value};

use crate::gaen::{DailySummariesConfig, DiagnosisKeysDataMapping, ExposureConfiguration, Infectiousness, ReportType};

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
const KINDS: &str = "expected Configration.json (MinimumRiskScore, ...), configuration.json (google_exposure_config, \
                     google_daily_summaries_config, ...), risk_calculation_configuration.json (DailySummary_DaySummary_ScoreSum, ...) or \
                     Google's DailySummariesConfig (attenuation_bucket_threshold_db, ...)";

/// Largest configuration file, bytes.
pub const MAX_CONFIGURATION_BYTES: usize = 1 << 20;

impl Configuration {
    /// Reads files, given as (name, text).
    ///
    /// # Errors
    /// Every fault of every file, each beginning with the file's name.
    pub fn read(files: &[(String, String)]) -> Result<Self, Vec<String>> {
        let mut out = Self::default();
        let mut faults = Vec::new();
        let mut v1_in_whole = None;
        let mut seen: Vec<(Kind, &str)> = Vec::new();
        for (name, text) in files {
            if text.len() > MAX_CONFIGURATION_BYTES {
                faults.push(format!("{name}: oversized: more than {MAX_CONFIGURATION_BYTES} bytes"));
                continue;
            }
            let root = match serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) {
                Ok(Value::Object(root)) => root,
                Ok(_) => {
                    faults.push(format!("{name}: not a JSON object; {KINDS}"));
                    continue;
                }
                Err(error) => {
                    faults.push(format!("{name}: not JSON: {error}"));
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
            let mut reader = Reader { file: name, faults: &mut faults };
            match kind {
                Kind::V1 => out.v1 = Some(reader.v1(&root, "", V1_CAMEL)),
                Kind::Risk => out.risk = Some(reader.risk(&root)),
                Kind::DailySummaries => out.v2 = Some(reader.daily_summaries(&root, "")),
                Kind::Whole => {
                    v1_in_whole =
                        reader.table(&root, "", "google_exposure_config").map(|t| reader.v1(t, "google_exposure_config.", V1_SNAKE));
                    let path = "google_diagnosis_keys_data_mapping_config";
                    out.mapping = reader.table(&root, "", path).map(|t| reader.mapping(t, path));
                    let path = "google_daily_summaries_config";
                    let v2 = reader.table(&root, "", path).map(|t| reader.daily_summaries(t, "google_daily_summaries_config."));
                    if v2.is_some() && out.v2.is_some() {
                        reader.fault(path, "a second DailySummariesConfig", "give one");
                    }
                    out.v2 = v2.or(out.v2);
                }
            }
        }
        out.v1 = out.v1.or(v1_in_whole);
        if faults.is_empty() { Ok(out) } else { Err(faults) }
    }
}

fn kind_of(root: &Map<String, Value>) -> Option<Kind> {
    let has = |key: &str| root.contains_key(key);
    if has("MinimumRiskScore") || has("AttenuationScores") {
        Some(Kind::V1)
    } else if root.keys().any(|k| k.starts_with("google_")) {
        Some(Kind::Whole)
    } else if root.keys().any(|k| k.starts_with("DailySummary_") || k.starts_with("ExposureWindow_")) {
        Some(Kind::Risk)
    } else if has("attenuation_bucket_threshold_db") || has("attenuationBucketThresholdDb") {
        Some(Kind::DailySummaries)
    } else {
        None
    }
}

/// Names of a v1 configuration: minimum, attenuation, days, duration, transmission scores, thresholds.
type V1Names = [&'static str; 6];
const V1_CAMEL: V1Names = [
    "MinimumRiskScore",
    "AttenuationScores",
    "DaysSinceLastExposureScores",
    "DurationScores",
    "TransmissionRiskScores",
    "DurationAtAttenuationThresholds",
];
const V1_SNAKE: V1Names = [
    "minimum_risk_score",
    "attenuation_scores",
    "days_since_last_exposure_scores",
    "duration_scores",
    "transmission_risk_scores",
    "duration_at_attenuation_thresholds",
];

/// Reads values of one file and notes what is wrong.
struct Reader<'a> {
    file: &'a str,
    faults: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn fault(&mut self, path: &str, problem: &str, remedy: &str) {
        self.faults.push(format!("{}: {path}: {problem}; {remedy}", self.file));
    }

    fn table<'v>(&mut self, of: &'v Map<String, Value>, path: &str, key: &str) -> Option<&'v Map<String, Value>> {
        match of.get(key)? {
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

    fn v1(&mut self, of: &Map<String, Value>, path: &str, names: V1Names) -> ExposureConfiguration {
        ExposureConfiguration {
            minimum_risk_score: self.whole_number(of, path, names[0], 1.0, 4096.0),
            attenuation_scores: self.whole(of, path, names[1], 0.0, 8.0),
            days_scores: self.whole(of, path, names[2], 0.0, 8.0),
            duration_scores: self.whole(of, path, names[3], 0.0, 8.0),
            transmission_scores: self.whole(of, path, names[4], 0.0, 8.0),
            duration_at_attenuation_thresholds_db: {
                let thresholds: [i32; 2] = self.whole(of, path, names[5], 0.0, 255.0);
                if thresholds[0] > thresholds[1] {
                    self.fault(&format!("{path}{}", names[5]), "not increasing", "give the lower threshold first");
                }
                thresholds
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

    fn mapping(&mut self, of: &Map<String, Value>, path: &str) -> DiagnosisKeysDataMapping {
        let key = "infectiousness_for_days_since_onset_of_symptoms";
        let mut infectiousness = [Infectiousness::None; 29];
        if let Some(table) = self.table(of, path, key) {
            for (day, value) in table {
                match day.parse::<i32>().ok().filter(|d| (-14..=14).contains(d)) {
                    Some(d) => infectiousness[(d + 14) as usize] = self.infectiousness(Some(value), &format!("{path}.{key}.{day}")),
                    None => self.fault(&format!("{path}.{key}.{day}"), "not a day from -14 to 14", "give days since onset"),
                }
            }
        } else if !of.contains_key(key) {
            self.fault(&format!("{path}.{key}"), "missing", "give it for the days -14 to 14");
        }
        let missing = "infectiousness_when_days_since_onset_missing";
        DiagnosisKeysDataMapping {
            infectiousness,
            infectiousness_when_missing: self.infectiousness(of.get(missing), &format!("{path}.{missing}")),
            report_type_when_missing: ReportType::from_number(self.whole_number(
                of,
                &format!("{path}."),
                "report_type_when_missing",
                1.0,
                5.0,
            )),
        }
    }

    fn daily_summaries(&mut self, of: &Map<String, Value>, path: &str) -> DailySummariesConfig {
        let thresholds = self.whole(of, path, "attenuation_bucket_threshold_db", 0.0, 255.0);
        if !thresholds.is_sorted_by(|a, b| a < b) {
            self.fault(&format!("{path}attenuation_bucket_threshold_db"), "not increasing", "give three increasing values");
        }
        let weight = |reader: &mut Self, table: &str, names: &[&str]| -> f64 {
            // Weights that are left out are 1 (Google's builder).
            let Some(weights) = lenient(of, table).and_then(Value::as_object) else { return 1.0 };
            let found = weights.iter().find(|(k, _)| names.contains(&normal(k).as_str()));
            found.map_or(1.0, |(k, v)| reader.within(v, &format!("{path}{table}.{k}"), 0.0, 2.5))
        };
        let optional = |reader: &mut Self, key: &str, high: f64| {
            lenient(of, key).map_or(0.0, |v| reader.within(v, &format!("{path}{key}"), 0.0, high))
        };
        DailySummariesConfig {
            attenuation_bucket_threshold_db: thresholds,
            attenuation_bucket_weights: self.numbers(of, path, "attenuation_bucket_weights", 0.0, 2.5),
            days_since_exposure_threshold: optional(self, "days_since_exposure_threshold", 36_500.0) as i32,
            infectiousness_weight_standard: weight(self, "infectiousness_weights", &["standard", "1"]),
            infectiousness_weight_high: weight(self, "infectiousness_weights", &["high", "2"]),
            minimum_window_score: optional(self, "minimum_window_score", f64::MAX),
            report_type_weights: [
                weight(self, "report_type_weights", &["confirmedtest", "1"]),
                weight(self, "report_type_weights", &["confirmedclinicaldiagnosis", "2"]),
                weight(self, "report_type_weights", &["selfreport", "3"]),
                weight(self, "report_type_weights", &["recursive", "4"]),
            ],
        }
    }

    fn risk(&mut self, of: &Map<String, Value>) -> RiskCalculation {
        let mut condition = |key: &str| -> Condition {
            // A condition that is left out asks nothing, as in the app.
            let Some(table) = self.table(of, "", key) else { return Condition::default() };
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
        };
        RiskCalculation {
            score_sum: condition("DailySummary_DaySummary_ScoreSum"),
            weighted_duration_average: condition("DailySummary_DaySummary_WeightedDurationAverage"),
            seconds_since_last_scan_sum: condition("ExposureWindow_ScanInstance_SecondsSinceLastScanSum"),
            typical_attenuation_db_max: condition("ExposureWindow_ScanInstance_TypicalAttenuationDb_Max"),
            typical_attenuation_db_min: condition("ExposureWindow_ScanInstance_TypicalAttenuationDb_Min"),
        }
    }
}

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

    #[test]
    fn val_cocoas_own_files_are_what_is_built_in() {
        let names = ["Configration.json", "configuration.json", "risk_calculation_configuration.json"];
        let Some(files) = names.iter().map(|n| real(n)).collect::<Option<Vec<_>>>() else { return };
        let read = Configuration::read(&files).expect("the real files are readable");
        // Configration.json is the version after issue 792: levels 1 and 2 score 0.
        let expected = ExposureConfiguration { transmission_scores: [0, 0, 7, 7, 7, 7, 7, 7], ..v1_config(Family::Third) };
        assert_eq!(read.v1, Some(expected));
        assert_eq!(read.mapping, Some(data_mapping()));
        assert_eq!(read.v2, Some(v2_config()));
        assert_eq!(read.risk, Some(RiskCalculation::cocoa()));
        let without_first = Configuration::read(&files[1..]).expect("readable");
        assert_eq!(without_first.v1, Some(v1_config(Family::Third)));
        let twice = Configuration::read(&[files[0].clone(), ("again.json".into(), files[0].1.clone())]);
        assert!(twice.expect_err("two of a kind")[0].contains("the same kind of file as Configration.json"));
    }

    #[test]
    fn googles_form_is_read_in_either_spelling() {
        let text = r#"{"attenuationBucketThresholdDb": [50, 70, 90], "attenuationBucketWeights": [1, 1, 1, 1],
            "reportTypeWeights": {"CONFIRMED_TEST": 0.5}, "infectiousnessWeights": {"HIGH": 2.0}}"#;
        let read = Configuration::read(&[("g.json".into(), text.into())]).expect("it is readable").v2.expect("it holds v2");
        assert_eq!(read.attenuation_bucket_threshold_db, [50, 70, 90]);
        assert_eq!((read.report_type_weights, read.infectiousness_weight_high), ([0.5, 1.0, 1.0, 1.0], 2.0));
    }

    #[test]
    fn every_fault_is_named() {
        let uneven = r#"{"MinimumRiskScore": 21.5, "AttenuationScores": [1,1,1,1,1,1,1,1], "DurationScores": [1,1,1,1,1,1,1,1],
            "DaysSinceLastExposureScores": [1,1,1,1,1,1,1,1], "TransmissionRiskScores": [1,1,1,1,1,1,1,1],
            "DurationAtAttenuationThresholds": [70,50]}"#;
        let faults = Configuration::read(&[("u.json".into(), uneven.into())]).expect_err("two faults");
        assert!(faults.len() == 2 && faults[0].contains("21.5 is not whole") && faults[1].contains("not increasing"), "{faults:?}");
        let text = r#"{"MinimumRiskScore": 0, "AttenuationScores": [9,1,1,1,1,1,1,1], "DurationScores": [1], "DaysSinceLastExposureScores":
            [1,1,1,1,1,1,1,1], "TransmissionRiskScores": "no", "DurationAtAttenuationThresholds": [50,70]}"#;
        let faults = Configuration::read(&[("a.json".into(), text.into()), ("b.json".into(), "[]".into()), ("c.json".into(), "{".into())]);
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
