//! `cocoasim keys`: identifiers, exports, matching and scores on files that others made.

use std::{
    fmt::Write as _,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    app::{Configuration, MAX_CONFIGURATION_BYTES, released_configuration},
    faults::Faults,
    gaen::{
        DailySummary, DiagnosisKey, DiagnosisKeysDataMapping, ExposureConfiguration, ExposureWindow, MetadataCipher, Reading, ReportType,
        StoreIndex, TemporaryExposureKey, Tracer, V1Reading, attenuation_durations_s, daily_summaries, derive_rpis,
        export::{
            ExportFile, ExportedKey, HEADER, PublicKey, SignatureInfo, SigningKey, check_batches, cocoa_files, decode_export, read_archive,
            reference_files, write_archive,
        },
        exposure_runs, exposure_summary, exposure_windows, hex, read_sightings, risk_score,
    },
    random::{Keyed, Seed, Stream},
    time::{Enin, UnixSeconds},
};

use super::{
    Failure,
    args::{KeysCommand, OsArg, ReadingArg, Variant},
    commands::print,
};

/// Largest file that is read whole, bytes: the largest legal export.
const MAX_FILE_BYTES: u64 = 48 << 20;

pub(super) fn execute(command: KeysCommand) -> Result<(), Failure> {
    match command {
        KeysCommand::Derive { tek, start, period, metadata, json } => derive(&tek, start, period, &metadata, json),
        KeysCommand::Export { keys, signing_key, key_id, key_version, region, start, end, out, variant, seed } => {
            let signers = signers(&signing_key, key_id, key_version)?;
            let keys = read_keys(&keys)?;
            let files = match variant {
                None => vec![ExportFile {
                    start_s: start,
                    end_s: end,
                    region,
                    batch_num: 1,
                    batch_size: 1,
                    keys: keys.iter().map(ExportedKey::from).collect(),
                    ..ExportFile::default()
                }],
                Some(Variant::Cocoa) => {
                    let shuffle = Keyed::new(Seed(seed), Stream::ExportShuffle);
                    cocoa_files(&keys, |key| shuffle.block(u32::from_le_bytes([key[0], key[1], key[2], key[3]]), 1, 0, 0))
                }
                Some(Variant::Reference) => {
                    let padding = Keyed::new(Seed(seed), Stream::ExportPadding);
                    reference_files(&keys, &[], (start, end), &region, |n| padding.block(n, 0, 0, 0))
                }
            };
            write_files(&out, &files, &signers)
        }
        KeysCommand::Inspect { file, public_key, json } => inspect(&file, public_key.as_deref(), json),
        KeysCommand::Verify { file, public_key } => {
            let export = open_export(&file, Some(&read_public_key(&public_key)?))?;
            eprintln!("{}: the signature is good ({} keys)", file.display(), export.keys.len());
            Ok(())
        }
        KeysCommand::Match { sightings, observer, config, keys, reading, os, now, public_key, json } => {
            let public_key = public_key.as_deref().map(read_public_key).transpose()?;
            match_files(&MatchArgs { sightings, observer, config, keys, reading, os, now, public_key, json })
        }
    }
}

fn wrong(file: &Path, problem: impl std::fmt::Display) -> Failure {
    Failure::wrong_input(format!("{}: {problem}", file.display()))
}

fn hex_text(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// Largest KEYS.json: a million keys of 250 bytes.
const MAX_KEYS_JSON_BYTES: u64 = 256 << 20;

/// Reads a file of bounded size.
fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|e| wrong(path, format!("cannot be read: {e}")))?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|e| wrong(path, format!("cannot be read: {e}")))?;
    if bytes.len() as u64 > limit {
        return Err(wrong(path, format!("oversized: more than {} MiB", limit >> 20)));
    }
    Ok(bytes)
}

fn read_text(path: &Path, limit: u64) -> Result<String, Failure> {
    String::from_utf8(read_file(path, limit)?).map_err(|_| wrong(path, "not UTF-8 text"))
}

fn derive(tek: &str, start: u32, period: u32, metadata: &str, json: bool) -> Result<(), Failure> {
    let key = hex::<16>(tek).ok_or_else(|| Failure::wrong_input("--tek: give 32 hexadecimal digits"))?;
    let metadata = hex::<4>(metadata).ok_or_else(|| Failure::wrong_input("--metadata: give 8 hexadecimal digits"))?;
    if start.checked_add(period).is_none() {
        return Err(Failure::wrong_input("--start: give an interval number that leaves room for the period"));
    }
    let rpis = derive_rpis(&TemporaryExposureKey { key, rolling_start: Enin(start), rolling_period: period });
    let cipher = MetadataCipher::new(&key);
    let mut out = String::new();
    for (i, rpi) in rpis[..period as usize].iter().enumerate() {
        let (interval, rpi_hex, aem_hex) = (start + i as u32, hex_text(rpi), hex_text(&cipher.apply(rpi, metadata)));
        let _ = match json {
            true => writeln!(out, "{}", json!({ "interval": interval, "rpi": rpi_hex, "aem": aem_hex })),
            false => writeln!(out, "{interval}  {rpi_hex}  {aem_hex}"),
        };
    }
    print(&out)
}

fn signers(pems: &[PathBuf], ids: Vec<String>, versions: Vec<String>) -> Result<Vec<(SigningKey, SignatureInfo)>, Failure> {
    if pems.len() != ids.len() || pems.len() != versions.len() || pems.len() > 10 {
        return Err(Failure::wrong_input("give --signing-key, --key-id and --key-version equally often, at most 10 times"));
    }
    pems.iter()
        .zip(ids.into_iter().zip(versions))
        .map(|(pem, (verification_key_id, verification_key_version))| {
            let key = SigningKey::from_pem(&read_text(pem, MAX_FILE_BYTES)?).map_err(|e| wrong(pem, e))?;
            Ok((key, SignatureInfo { verification_key_version, verification_key_id, signature_algorithm: String::new() }))
        })
        .collect()
}

fn read_public_key(path: &Path) -> Result<PublicKey, Failure> {
    PublicKey::from_pem(&read_text(path, MAX_FILE_BYTES)?).map_err(|e| wrong(path, e))
}

/// A key of KEYS.json.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyOfJson {
    key: String,
    rolling_start_interval_number: i64,
    rolling_period: Option<i64>,
    transmission_risk_level: Option<i64>,
    report_type: Option<i64>,
    days_since_onset_of_symptoms: Option<i64>,
}

impl KeyOfJson {
    fn check(self) -> Result<DiagnosisKey, String> {
        let within = |name: &str, value: i64, low: i64, high: i64| match (low..=high).contains(&value) {
            true => Ok(value),
            false => Err(format!("{name} {value}; give {low} to {high}")),
        };
        let key: [u8; 16] = BASE64
            .decode(&self.key)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| "key is not 16 bytes in base64".to_string())?;
        let start = within("rolling_start_interval_number", self.rolling_start_interval_number, 0, i64::from(i32::MAX) - 144)?;
        let period = within("rolling_period", self.rolling_period.unwrap_or(144), 1, 144)?;
        let level = within("transmission_risk_level", self.transmission_risk_level.unwrap_or(0), 0, 8)?;
        let report_type = self.report_type.map(|t| within("report_type", t, 0, 5)).transpose()?;
        let days = self.days_since_onset_of_symptoms.map(|d| within("days_since_onset_of_symptoms", d, -14, 14)).transpose()?;
        Ok(DiagnosisKey {
            tek: TemporaryExposureKey { key, rolling_start: Enin(start as u32), rolling_period: period as u32 },
            transmission_risk_level: level as i32,
            report_type: report_type.map(|t| ReportType::from_number(t as i32)),
            days_since_onset: days.map(|d| d as i32),
        })
    }
}

fn read_keys(path: &Path) -> Result<Vec<DiagnosisKey>, Failure> {
    let list: Vec<Value> =
        serde_json::from_str(&read_text(path, MAX_KEYS_JSON_BYTES)?).map_err(|e| wrong(path, format!("not a JSON list of keys: {e}")))?;
    let mut faults = Vec::new();
    let mut keys = Vec::with_capacity(list.len());
    for (i, value) in list.into_iter().enumerate() {
        match serde_json::from_value::<KeyOfJson>(value).map_err(|e| e.to_string()).and_then(KeyOfJson::check) {
            Ok(key) => keys.push(key),
            Err(problem) => faults.push(format!("{}: [{i}]: {problem}", path.display())),
        }
    }
    match faults.is_empty() {
        true => Ok(keys),
        false => Err(Failure::wrong_input(faults.join("\n"))),
    }
}

/// Writes one zip under the name given, several under numbered names; each is finished before it gets its name.
fn write_files(out: &Path, files: &[ExportFile], signers: &[(SigningKey, SignatureInfo)]) -> Result<(), Failure> {
    if files.is_empty() {
        return Err(Failure::wrong_input("no keys, no file: a server writes none either"));
    }
    let signers: Vec<(&SigningKey, SignatureInfo)> = signers.iter().map(|(key, info)| (key, info.clone())).collect();
    for (n, file) in files.iter().enumerate() {
        let path = if files.len() == 1 {
            out.to_path_buf()
        } else {
            let stem = out.file_stem().map_or_else(|| "export".into(), |s| s.to_string_lossy().into_owned());
            out.with_file_name(format!("{stem}-{:05}.zip", n + 1))
        };
        let part = path.with_extension("part");
        let machine = |e: std::io::Error| Failure::machine(format!("{}: cannot be written: {e}", path.display()));
        std::fs::write(&part, write_archive(file, &signers)).map_err(machine)?;
        std::fs::rename(&part, &path).map_err(machine)?;
        eprintln!("{}: {} keys", path.display(), file.keys.len());
    }
    Ok(())
}

/// Reads a zip or a bare export.bin; with a public key, only a zip with a good signature.
fn open_export(path: &Path, public_key: Option<&PublicKey>) -> Result<ExportFile, Failure> {
    let bytes = read_file(path, MAX_FILE_BYTES)?;
    if bytes.starts_with(HEADER) {
        return match public_key {
            Some(_) => Err(wrong(path, "a bare export.bin has no signature; give the zip")),
            None => decode_export(&bytes).map_err(|e| wrong(path, e)),
        };
    }
    if !bytes.starts_with(b"PK") {
        return Err(wrong(path, "byte 0: neither a zip nor an export.bin (\"EK Export v1\")"));
    }
    let archive = read_archive(&bytes).map_err(|e| wrong(path, e))?;
    if let Some(key) = public_key
        && key.find(&archive.export_bin, &archive.signatures).is_none()
    {
        let shown: Vec<String> = archive
            .signatures
            .iter()
            .map(|s| format!("{}-{} ({})", s.info.verification_key_id, s.info.verification_key_version, s.info.signature_algorithm))
            .collect();
        return Err(wrong(
            path,
            format!("export.sig: no signature was made by this key over this export.bin; found: {}", shown.join(", ")),
        ));
    }
    Ok(archive.file)
}

fn inspect(path: &Path, public_key: Option<&Path>, as_json: bool) -> Result<(), Failure> {
    let public_key = public_key.map(read_public_key).transpose()?;
    let file = open_export(path, public_key.as_ref())?;
    let faults = file.diagnosis_keys().faults;
    if as_json {
        let key = |k: &ExportedKey| {
            json!({
                "key_data": hex_text(&k.key_data),
                "key_data_base64": BASE64.encode(k.key_data),
                "transmission_risk_level": k.transmission_risk_level,
                "rolling_start_interval_number": k.rolling_start_interval_number,
                "rolling_period": k.rolling_period,
                "report_type": k.report_type,
                "days_since_onset_of_symptoms": k.days_since_onset_of_symptoms,
            })
        };
        let infos = file.signature_infos.iter().map(|s| {
            json!({
                "verification_key_version": s.verification_key_version,
                "verification_key_id": s.verification_key_id,
                "signature_algorithm": s.signature_algorithm,
            })
        });
        let faults = faults.iter().map(|(list, i, f)| json!({ "list": list, "index": i, "problem": f.to_string() }));
        return print(&format!(
            "{:#}\n",
            json!({
                "start_timestamp": file.start_s,
                "end_timestamp": file.end_s,
                "region": file.region,
                "batch_num": file.batch_num,
                "batch_size": file.batch_size,
                "signature_infos": infos.collect::<Vec<_>>(),
                "keys": file.keys.iter().map(key).collect::<Vec<_>>(),
                "revised_keys": file.revised_keys.iter().map(key).collect::<Vec<_>>(),
                "faults": faults.collect::<Vec<_>>(),
            })
        ));
    }
    let mut out = String::new();
    let _ = writeln!(
        out,
        "region {:?}, {} to {} (Unix s), file {} of {}",
        file.region, file.start_s, file.end_s, file.batch_num, file.batch_size
    );
    for s in &file.signature_infos {
        let _ = writeln!(out, "signed by {}-{} ({})", s.verification_key_id, s.verification_key_version, s.signature_algorithm);
    }
    for (name, keys) in [("keys", &file.keys), ("revised keys", &file.revised_keys)] {
        let _ = writeln!(out, "{} {name}", keys.len());
        for k in keys {
            let or_none = |v: Option<i32>| v.map_or_else(|| "-".into(), |v| v.to_string());
            let _ = writeln!(
                out,
                "  {}  start {}  period {}  level {}  report type {}  onset {}",
                hex_text(&k.key_data),
                k.rolling_start_interval_number,
                k.rolling_period,
                k.transmission_risk_level,
                or_none(k.report_type),
                or_none(k.days_since_onset_of_symptoms)
            );
        }
    }
    for (list, i, fault) in faults {
        let _ = writeln!(out, "fault: {list}[{i}]: {fault}");
    }
    print(&out)
}

struct MatchArgs {
    sightings: PathBuf,
    observer: Option<u32>,
    config: Vec<String>,
    keys: Vec<PathBuf>,
    reading: ReadingArg,
    os: OsArg,
    now: Option<u32>,
    public_key: Option<PublicKey>,
    json: bool,
}

/// Configuration from files, or of releases named in their place.
fn configuration(names: &[String]) -> Result<Configuration, Failure> {
    let mut files = Vec::new();
    let mut released: Option<(String, Configuration)> = None;
    for name in names {
        let path = Path::new(name);
        if let (false, Some(configuration)) = (path.exists(), released_configuration(name)) {
            if let Some((first, _)) = &released {
                return Err(Failure::wrong_input(format!("--config {name}: the release {first} is given already")));
            }
            released = Some((name.clone(), configuration));
            continue;
        }
        let bytes = std::fs::metadata(path).map_or(0, |m| m.len());
        if bytes > MAX_CONFIGURATION_BYTES as u64 {
            return Err(wrong(path, format!("oversized: more than {MAX_CONFIGURATION_BYTES} bytes")));
        }
        files.push((name.clone(), read_text(path, MAX_FILE_BYTES)?));
    }
    let read = Configuration::read(&files).map_err(|faults| Failure::wrong_input(faults.join("\n")))?;
    let base = released.map(|(_, c)| c).unwrap_or_default();
    Ok(Configuration {
        v1: read.v1.or(base.v1),
        mapping: read.mapping.or(base.mapping),
        v2: read.v2.or(base.v2),
        risk: read.risk.or(base.risk),
    })
}

fn match_files(args: &MatchArgs) -> Result<(), Failure> {
    let configuration = configuration(&args.config)?;
    let mut faults = Faults::default();
    let sightings = read_sightings(&args.sightings, args.observer, &mut faults);
    if !faults.is_empty() {
        let lines = faults.0.iter().map(|f| match f.line {
            Some(line) => format!("{}:{line}: {}\n    {}", f.path, f.problem, f.remedy),
            None => format!("{}: {}\n    {}", f.path, f.problem, f.remedy),
        });
        return Err(Failure::wrong_input(lines.collect::<Vec<_>>().join("\n")));
    }
    let files = args.keys.iter().map(|path| open_export(path, args.public_key.as_ref())).collect::<Result<Vec<_>, _>>()?;
    check_batches(&files).map_err(|(i, problem)| wrong(&args.keys[i], problem))?;
    let reading = match args.reading {
        ReadingArg::AsPublished => Reading::AsPublished,
        ReadingArg::AsDocumented => Reading::AsDocumented,
    };
    let mut keys: Vec<DiagnosisKey> = Vec::new();
    for (path, file) in args.keys.iter().zip(&files) {
        let checked = file.diagnosis_keys();
        for (list, i, fault) in &checked.faults {
            eprintln!("warning: {}: {list}[{i}]: {fault}", path.display());
        }
        keys.extend(reading.keys(&checked.keys, &checked.revised));
    }
    let latest = sightings.iter().map(|s| s.t_s).max().unwrap_or(0);
    let ends = files.iter().filter_map(|f| u32::try_from(f.end_s).ok()).max().unwrap_or(0);
    let now_s = args.now.unwrap_or(latest.max(ends));
    let found = Found::new(&sightings, &keys, &configuration, args.os, now_s);
    print(&if args.json { format!("{:#}\n", found.json()) } else { found.text() })
}

/// Everything the framework and the app make of the sightings.
struct Found<'a> {
    configuration: &'a Configuration,
    v1: ExposureConfiguration,
    reading: V1Reading,
    now_s: u32,
    matched: Vec<&'a DiagnosisKey>,
    exposures: Vec<(&'a DiagnosisKey, crate::gaen::ExposureRun)>,
    windows: Vec<(&'a DiagnosisKey, ExposureWindow)>,
    summaries: Vec<DailySummary>,
}

impl<'a> Found<'a> {
    fn new(sightings: &[crate::gaen::Sighting], keys: &'a [DiagnosisKey], configuration: &'a Configuration, os: OsArg, now_s: u32) -> Self {
        let mapping = configuration.mapping.clone().unwrap_or_default();
        let DiagnosisKeysDataMapping { report_type_when_missing, .. } = mapping;
        let matches = StoreIndex::new(sightings).match_keys(keys, &mut Tracer::new(report_type_when_missing));
        let (mut exposures, mut windows) = (Vec::new(), Vec::new());
        for found in &matches {
            let key = &keys[found.key];
            exposures.extend(exposure_runs(found).into_iter().map(|run| (key, run)));
            // Withdrawn keys keep their windows only to hide them.
            let of_key = exposure_windows(found, key, &mapping).into_iter().filter(|w| w.report_type != ReportType::Revoked);
            windows.extend(of_key.map(|w| (key, w)));
        }
        let all: Vec<ExposureWindow> = windows.iter().map(|(_, w)| w.clone()).collect();
        let today = UnixSeconds(i64::from(now_s)).day_utc();
        Self {
            v1: configuration.v1.clone().unwrap_or_default(),
            reading: if os == OsArg::Ios { V1Reading::Ios } else { V1Reading::Android },
            summaries: configuration.v2.as_ref().map_or_else(Vec::new, |v2| daily_summaries(&all, v2, today)),
            matched: matches.iter().map(|m| &keys[m.key]).collect(),
            configuration,
            now_s,
            exposures,
            windows,
        }
    }

    fn scores(&self) -> Vec<i32> {
        self.exposures.iter().map(|(key, run)| risk_score(run, key, self.now_s, &self.v1, self.reading)).collect()
    }

    /// (exposed, why) of version 1: COCOA's gates since 1.1.4 and 1.2.2.
    fn verdict_v1(&self) -> (bool, String) {
        let highest = self.scores().into_iter().max().unwrap_or(0);
        let minimum = self.v1.minimum_risk_score;
        let exposed = !self.exposures.is_empty() && highest >= minimum;
        let why = match self.exposures.is_empty() {
            true => "no key matched".into(),
            false => format!("highest total risk score {highest}, minimum {minimum}, of {} exposures", self.exposures.len()),
        };
        (exposed, why)
    }

    /// (exposed, why) of version 2; `None` where the risk calculation was not given.
    fn verdict_v2(&self) -> (Option<bool>, String) {
        let Some(risk) = &self.configuration.risk else {
            return (None, "no risk_calculation_configuration.json was given: daily summaries alone do not decide".into());
        };
        if self.summaries.is_empty() {
            return (Some(false), "no exposure window counts".into());
        }
        let mut why = Vec::new();
        let mut exposed = false;
        for summary in &self.summaries {
            let of_day: Vec<&ExposureWindow> =
                self.windows.iter().map(|(_, w)| w).filter(|w| UnixSeconds(i64::from(w.t_s)).day_utc() == summary.day).collect();
            let seconds: i32 = of_day.iter().flat_map(|w| &w.scans).map(|s| s.seconds_since_last_scan).sum();
            let holds = risk.holds(summary, &of_day);
            exposed |= holds;
            let says = if holds { "a contact" } else { "none" };
            why.push(format!("{}: score sum {:.1}, {seconds} s of scans: {says}", summary.day, summary.score_sum));
        }
        (Some(exposed), why.join("; "))
    }

    fn verdict(&self) -> Value {
        match &self.configuration.v2 {
            Some(_) => {
                let (exposed, why) = self.verdict_v2();
                json!({ "exposed": exposed, "rule": "v2", "why": why })
            }
            None if self.configuration.v1.is_some() => {
                let (exposed, why) = self.verdict_v1();
                json!({ "exposed": exposed, "rule": "v1", "why": why })
            }
            None => json!({ "exposed": null, "rule": null, "why": "no configuration was given that decides" }),
        }
    }

    fn json(&self) -> Value {
        let windows = self.windows.iter().map(|(key, w)| {
            let scans = w
                .scans
                .iter()
                .map(|s| json!({ "typical_db": s.typical_db, "min_db": s.min_db, "seconds_since_last_scan": s.seconds_since_last_scan }));
            json!({
                "key": hex_text(&key.tek.key),
                "t_s": w.t_s,
                "day_utc": UnixSeconds(i64::from(w.t_s)).day_utc().to_string(),
                "infectiousness": w.infectiousness as i32,
                "report_type": w.report_type as i32,
                "calibration_confidence": w.calibration_confidence,
                "scans": scans.collect::<Vec<_>>(),
            })
        });
        let exposures = self.exposures.iter().zip(self.scores()).map(|((key, run), score)| {
            json!({
                "key": hex_text(&key.tek.key),
                "day_utc": key.tek.rolling_start.start().day_utc().to_string(),
                "duration_s": run.duration_s,
                "attenuation_value_db": run.attenuation_value_db,
                "attenuation_durations_s": attenuation_durations_s(run, self.v1.duration_at_attenuation_thresholds_db),
                "total_risk_score": score,
            })
        });
        let summary = exposure_summary(&self.exposures, self.now_s, &self.v1, self.reading);
        let daily = self.summaries.iter().map(|s| {
            json!({
                "day_utc": s.day.to_string(),
                "score_sum": s.score_sum,
                "maximum_score": s.maximum_score,
                "weighted_duration_sum_s": s.weighted_duration_sum_s,
            })
        });
        let mut out = json!({
            "matched_keys": self.matched.iter().map(|k| json!({ "key": hex_text(&k.tek.key) })).collect::<Vec<_>>(),
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
        if self.configuration.v1.is_some() && self.configuration.v2.is_some() {
            let (exposed, why) = self.verdict_v1();
            out["verdict_v1"] = json!({ "exposed": exposed, "rule": "v1", "why": why });
        }
        out
    }

    fn text(&self) -> String {
        let mut out = format!("{} keys matched, {} exposure windows\n", self.matched.len(), self.windows.len());
        for ((key, run), score) in self.exposures.iter().zip(self.scores()) {
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
        let _ = writeln!(out, "verdict: {exposed} ({})", verdict["why"].as_str().unwrap_or(""));
        out
    }
}
