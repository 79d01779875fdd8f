//! `cocoasim keys match`: what a phone of 2020 makes of sightings and exports.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
    app::{
        Configuration, ConfiguredRules, Detection, Evaluated, Gate, MAX_CONFIGURATION_BYTES, Matched, PUBLISHED, Rule, Stored,
        configured_rules, detect, evaluate_as, released_configuration,
    },
    faults::{Faults, counted, nearest, use_one_of},
    gaen::{
        DailySummary, DiagnosisKey, ExposureConfiguration, ExposureRun, ExposureWindow, Reading, Recorded, ReportType, Sighting,
        SightingStore, StoreIndex, Tracer, V1Reading, attenuation_durations_s, daily_summaries,
        export::{ExportFile, PublicKey, check_batches},
        exposure_summary, read_sightings, risk_score,
    },
    inputs::{is_dash, name_of},
    time::UnixSeconds,
};

use super::{
    super::{
        Failure,
        args::{OsArg, ReadingArg},
        files::{read_file, read_text, wrong},
        print, say, shell,
    },
    hex_text, open_export,
};

/// So many faulty keys of a file are warned of one by one.
const MAX_WARNINGS: usize = 20;

pub(super) struct MatchArgs {
    pub sightings: PathBuf,
    pub observer: Option<u32>,
    pub config: Vec<String>,
    pub keys: Vec<PathBuf>,
    pub reading: ReadingArg,
    pub os: OsArg,
    /// Whether it was stated.
    pub says_os: bool,
    pub now: Option<u32>,
    pub public_key: Option<PublicKey>,
    pub json: bool,
}

/// Largest file of sightings that is read, bytes.
const MAX_SIGHTINGS_BYTES: u64 = 2 << 30;

/// Configuration from files, or of releases named in their place.
fn configuration(args: &MatchArgs) -> Result<Configuration, Failure> {
    let mut files = Vec::new();
    let mut released: Option<(String, Configuration)> = None;
    for name in &args.config {
        let path = Path::new(name);
        if let (false, Some(configuration)) = (path.exists(), released_configuration(name)) {
            if let Some((first, _)) = &released {
                return Err(Failure::wrong_input(format!("--config {name}: the release {first} is given already")));
            }
            released = Some((name.clone(), configuration));
            continue;
        }
        if !is_dash(path) && !path.exists() {
            let remedy = use_one_of(name, PUBLISHED.iter().copied().chain(["1.1.3-served"]));
            let problem = "no such file, and no version that is known";
            return Err(Failure::fault(format!("--config {name}"), problem, format!("{remedy}, or name a file")));
        }
        files.push((name_of(path), read_text(path, MAX_CONFIGURATION_BYTES as u64)?));
    }
    let read = |ios| Configuration::read(&files, ios).map_err(Failure::sentences);
    let ios = args.os == OsArg::Ios;
    let ((read, unused), (other, _)) = (read(ios)?, read(!ios)?);
    unused.iter().for_each(|line| say(format_args!("warning: {line}")));
    let named = released.clone();
    let base = released.map(|(_, c)| c).unwrap_or_default();
    let read_has = [read.v1.is_some(), read.mapping.is_some(), read.v2.is_some(), read.risk.is_some()];
    let is_same = read == other;
    let configuration = Configuration {
        v1: read.v1.or(base.v1),
        mapping: read.mapping.or(base.mapping),
        v2: read.v2.or(base.v2),
        risk: read.risk.or(base.risk),
        gate: base.gate,
    };
    if let Some((name, base)) = named {
        let taken = [
            (base.v1.is_some(), read_has[0]),
            (base.mapping.is_some(), read_has[1]),
            (base.v2.is_some(), read_has[2]),
            (base.risk.is_some(), read_has[3]),
        ];
        if taken.iter().all(|(of_release, of_files)| !of_release || *of_files) {
            say(format_args!("warning: --config {name} has no effect: the files beside it say all that it would"));
        }
    }
    if configuration.risk.is_some() && configuration.v2.is_none() {
        say(format_args!("warning: the risk calculation has no effect: it judges daily summaries, and no DailySummariesConfig is given"));
    }
    if args.says_os && is_same && configuration.v1.is_none() {
        say(format_args!("warning: --os has no effect on the verdict: no v1 configuration and no block of Apple's is given"));
    }
    Ok(configuration)
}

/// Says how many keys of a file are in files before it.
fn warn_of_repeated_keys(paths: &[PathBuf], files: &[ExportFile]) {
    if files.len() < 2 {
        return;
    }
    let mut of_file: Vec<([u8; 16], usize)> = Vec::new();
    for (i, file) in files.iter().enumerate() {
        of_file.extend(file.keys.iter().map(|key| (key.key_data, i)));
    }
    of_file.sort_unstable();
    of_file.dedup();
    let mut repeated = vec![0; files.len()];
    of_file.windows(2).filter(|w| w[0].0 == w[1].0).for_each(|w| repeated[w[1].1] += 1);
    for (path, number) in paths.iter().zip(repeated).filter(|(_, number)| *number > 0) {
        say(format_args!("warning: {}: {} in a file before it too; each counts once", name_of(path), are(number, "key")));
    }
}

/// A file of sightings, or the day parts in the folder of a run's table; each with its name.
fn sighting_files(path: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let unreadable = |error: std::io::Error| wrong(path, format!("cannot be read: {error}"));
    let mut paths = vec![path.to_path_buf()];
    if path.is_dir() {
        let entries =
            std::fs::read_dir(path).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>());
        paths = entries.map_err(unreadable)?;
        paths.retain(|part| part.extension().is_some_and(|end| end == "parquet"));
        paths.sort_unstable();
        if paths.is_empty() {
            return Err(wrong(path, "no part of a table in this folder; give a run's sightings (output.sightings = true)"));
        }
    }
    paths.iter().map(|path| Ok((name_of(path), read_file(path, MAX_SIGHTINGS_BYTES)?))).collect()
}

pub(super) fn match_files(args: &MatchArgs) -> Result<(), Failure> {
    let configuration = configuration(args)?;
    let mut faults = Faults::default();
    let files = sighting_files(&args.sightings)?;
    let Recorded { sightings, other_columns } = read_sightings(&name_of(&args.sightings), files, args.observer, &mut faults);
    if !faults.is_empty() {
        return Err(Failure::of_options(&faults));
    }
    for column in &other_columns {
        let hint =
            nearest(&column.to_lowercase(), ["observer"].into_iter()).map_or_else(String::new, |near| format!("; did you mean {near}?"));
        say(format_args!("warning: {}: the column {column} has no effect{hint}", name_of(&args.sightings)));
    }
    let files = args.keys.iter().map(|path| open_export(path, args.public_key.as_ref())).collect::<Result<Vec<_>, _>>()?;
    check_batches(&files).map_err(|(i, problem)| wrong(&args.keys[i], problem))?;
    warn_of_repeated_keys(&args.keys, &files);
    let reading = match args.reading {
        ReadingArg::AsPublished => Reading::AsPublished,
        ReadingArg::AsDocumented => Reading::AsDocumented,
    };
    let mut keys: Vec<DiagnosisKey> = Vec::new();
    for (path, file) in args.keys.iter().zip(&files) {
        let checked = file.diagnosis_keys();
        let mut faults = file.faults();
        for (list, i, fault) in faults.by_ref().take(MAX_WARNINGS) {
            say(format_args!("warning: {}: {list}[{i}]: {fault}", name_of(path)));
        }
        let more = faults.count();
        if more > 0 {
            say(format_args!("warning: {}: {} more; this lists them: {}", name_of(path), counted(more, "faulty key"), inspect(path)));
        }
        keys.extend(reading.keys(&checked.keys, &checked.revised));
    }
    let latest = sightings.iter().map(|s| s.t_s).max().unwrap_or(0);
    let ends = files.iter().filter_map(|f| u32::try_from(f.end_s).ok()).max().unwrap_or(0);
    let now_s = args.now.unwrap_or(latest.max(ends));
    let later = sightings.iter().filter(|s| s.t_s > now_s).count();
    if later > 0 {
        say(format_args!("warning: --now {now_s}: {} of later; a phone could not have them yet", are(later, "sighting")));
    }
    let found = Found::new(&sightings, &keys, &configuration, args.os, now_s);
    print(&if args.json { format!("{:#}\n", found.json()) } else { found.text() })
}

/// Everything the framework and the app make of the sightings.
struct Found<'a> {
    configuration: &'a Configuration,
    v1: ExposureConfiguration,
    reading: V1Reading,
    now_s: u32,
    matched: Vec<(&'a DiagnosisKey, Evaluated)>,
    summaries: Vec<DailySummary>,
    rules: ConfiguredRules,
}

impl<'a> Found<'a> {
    fn new(sightings: &[Sighting], keys: &'a [DiagnosisKey], configuration: &'a Configuration, os: OsArg, now_s: u32) -> Self {
        let mapping = configuration.mapping.clone().unwrap_or_default();
        let mut store = SightingStore::default();
        sightings.iter().for_each(|s| store.push(*s));
        let matches = StoreIndex::new(&store.within_14_days(now_s)).match_keys(keys, &mut Tracer::new(mapping.report_type_when_missing));
        // Withdrawn keys are kept only to hide what they were.
        let matches = matches.iter().filter(|m| m.report_type != Some(ReportType::Revoked));
        let matched: Vec<_> = matches.map(|m| (&keys[m.key], evaluate_as(m, &keys[m.key], &mapping))).collect();
        let today = UnixSeconds(i64::from(now_s)).day_utc();
        let windows = || matched.iter().flat_map(|(_, evaluated)| &evaluated.windows);
        let ios = os == OsArg::Ios;
        Self {
            v1: configuration.v1.clone().unwrap_or_default(),
            reading: if ios { V1Reading::Ios } else { V1Reading::Android },
            summaries: configuration.v2.as_ref().map_or_else(Vec::new, |v2| daily_summaries(windows(), v2, today)),
            rules: configured_rules(configuration, ios),
            configuration,
            now_s,
            matched,
        }
    }

    fn exposures(&self) -> impl Iterator<Item = (&'a DiagnosisKey, &ExposureRun)> {
        self.matched.iter().flat_map(|(key, evaluated)| evaluated.runs.iter().map(move |run| (*key, run)))
    }

    fn windows(&self) -> impl Iterator<Item = (&'a DiagnosisKey, &ExposureWindow)> {
        self.matched.iter().flat_map(|(key, evaluated)| evaluated.windows.iter().map(move |window| (*key, window)))
    }

    fn score(&self, key: &DiagnosisKey, run: &ExposureRun) -> i32 {
        risk_score(run, key, self.now_s, &self.v1, self.reading)
    }

    /// What the phone's app says of all keys in one check, the first that it makes.
    fn detection(&self, rule: &Rule) -> Detection {
        let new: Vec<Matched<'_>> = self.matched.iter().map(|(key, evaluated)| Matched { key, evaluated }).collect();
        detect(rule, &new, &Stored::default(), self.now_s, |_, _| {})
    }

    fn verdict_v1(&self, rule: &Rule) -> Value {
        let detection = self.detection(rule);
        let highest = self.exposures().map(|(key, run)| self.score(key, run)).max().unwrap_or(0);
        let why = match self.exposures().count() {
            0 => "no key matched".into(),
            n => {
                let minimum = self.v1.minimum_risk_score;
                let asks = match (self.configuration.gate, self.reading) {
                    (Gate::AnyMatch, V1Reading::Android) => ", which nobody asks for on Android until 1.1.3",
                    (Gate::AnyMatch, V1Reading::Ios) => ", which iPhones ask for what they return",
                    _ => "",
                };
                format!("highest total risk score {highest}, minimum {minimum}{asks}, of {}", counted(n, "exposure"))
            }
        };
        verdict_of("v1", &detection, why)
    }

    fn verdict_v2(&self) -> Value {
        let Some(rule) = &self.rules.v2 else {
            let why = "no risk_calculation_configuration.json was given: daily summaries alone do not decide";
            return json!({ "exposed": null, "notified": null, "rule": "v2", "why": why, "days": [] });
        };
        let detection = self.detection(rule);
        let days: Vec<String> = detection
            .days
            .iter()
            .map(|d| {
                let says = if d.shown { "a contact" } else { "none" };
                format!("{}: score sum {:.1}, {} s of scans: {says}", d.day, d.score, d.on_screen_s)
            })
            .collect();
        let why = if days.is_empty() { "no exposure window counts".into() } else { days.join("; ") };
        verdict_of("v2", &detection, why)
    }

    fn verdict(&self) -> Value {
        match (&self.configuration.v2, &self.rules.v1) {
            (Some(_), _) => self.verdict_v2(),
            (None, Some(rule)) => self.verdict_v1(rule),
            (None, None) => {
                json!({ "exposed": null, "notified": null, "rule": null, "why": "no configuration was given that decides", "days": [] })
            }
        }
    }

    fn json(&self) -> Value {
        let windows = self.windows().map(|(key, w)| {
            let scans = w
                .scans
                .iter()
                .map(|s| json!({ "typical_db": s.typical_db, "min_db": s.min_db, "seconds_since_last_scan": s.seconds_since_last_scan }));
            json!({
                "key": hex_text(&key.tek.key),
                "t_s": w.t_s,
                "day_utc": w.day().to_string(),
                "infectiousness": w.infectiousness as i32,
                "report_type": w.report_type as i32,
                "calibration_confidence": w.calibration_confidence,
                "scans": scans.collect::<Vec<_>>(),
            })
        });
        let exposures = self.exposures().map(|(key, run)| {
            json!({
                "key": hex_text(&key.tek.key),
                "day_utc": key.tek.rolling_start.start().day_utc().to_string(),
                "duration_s": run.duration_s,
                "attenuation_value_db": run.attenuation_value_db,
                "attenuation_durations_s": attenuation_durations_s(run, self.v1.duration_at_attenuation_thresholds_db),
                "total_risk_score": self.score(key, run),
            })
        });
        let of_check: Vec<_> = self.exposures().map(|(key, run)| (key, run.clone())).collect();
        let summary = exposure_summary(&of_check, self.now_s, &self.v1, self.reading);
        let daily = self.summaries.iter().map(|s| {
            json!({
                "day_utc": s.day.to_string(),
                "score_sum": s.score_sum,
                "maximum_score": s.maximum_score,
                "weighted_duration_sum_s": s.weighted_duration_sum_s,
            })
        });
        let mut out = json!({
            "matched_keys": self.matched.iter().map(|(k, _)| json!({ "key": hex_text(&k.tek.key) })).collect::<Vec<_>>(),
            "windows": windows.collect::<Vec<_>>(),
            "exposures": exposures.collect::<Vec<_>>(),
            "summary": {
                "matched_key_count": summary.matched_key_count,
                "days_since_last_exposure": summary.days_since_last_exposure,
                "maximum_risk_score": summary.maximum_risk_score,
                "summation_risk_score": summary.summation_risk_score,
                "attenuation_durations_s": summary.attenuation_durations_s,
            },
            "daily_summaries": daily.collect::<Vec<_>>(),
            "verdict": self.verdict(),
        });
        if let (Some(rule), true) = (&self.rules.v1, self.configuration.v2.is_some()) {
            out["verdict_v1"] = self.verdict_v1(rule);
        }
        out
    }

    fn text(&self) -> String {
        let mut out = format!("{} matched, {}\n", counted(self.matched.len(), "key"), counted(self.windows().count(), "exposure window"));
        for (key, run) in self.exposures() {
            let score = self.score(key, run);
            let day = key.tek.rolling_start.start().day_utc();
            let _ = writeln!(
                out,
                "v1 exposure  {}  {day}  {} min at {} dB  score {score}",
                hex_text(&key.tek.key),
                run.duration_s / 60,
                run.attenuation_value_db
            );
        }
        for s in &self.summaries {
            let _ = writeln!(
                out,
                "v2 day       {}  score sum {:.1}, maximum {:.1}, weighted {:.0} s",
                s.day, s.score_sum, s.maximum_score, s.weighted_duration_sum_s
            );
        }
        let verdict = self.verdict();
        let exposed = match verdict["exposed"].as_bool() {
            Some(true) => "a contact",
            Some(false) => "no contact",
            None => "no verdict",
        };
        let notified = if verdict["notified"] == true && verdict["exposed"] == false { ", though the phone is notified" } else { "" };
        let _ = writeln!(out, "verdict: {exposed}{notified} ({})", verdict["why"].as_str().unwrap_or(""));
        out
    }
}

/// "1 key is", "2 keys are".
fn are(number: usize, noun: &str) -> String {
    format!("{} {}", counted(number, noun), if number == 1 { "is" } else { "are" })
}

/// The command that lists the faults of an export.
fn inspect(path: &Path) -> String {
    let program = shell::arguments().swap_remove(0);
    shell::command([program, "keys".into(), "inspect".into(), path.display().to_string()])
}

/// The verdict of a phone's first check with these keys: exposed = the app shows a contact.
fn verdict_of(version: &str, detection: &Detection, why: String) -> Value {
    let days = detection.days.iter().map(|d| {
        json!({
            "day_utc": d.day.to_string(),
            "score": d.score,
            "keys": d.keys.iter().map(|k| hex_text(k)).collect::<Vec<_>>(),
            "duration_s": d.duration_s,
            "reported": d.reported,
            "shown": d.shown,
        })
    });
    json!({
        "exposed": detection.shown(),
        "notified": detection.notified,
        "rule": version,
        "why": why,
        "days": days.collect::<Vec<_>>(),
    })
}
