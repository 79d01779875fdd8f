//! `cocoasim keys`: identifiers, exports, matching and scores on files that others made.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    columns::shown,
    faults::counted,
    gaen::{
        DiagnosisKey, MetadataCipher, ReportType, TemporaryExposureKey, derive_rpis,
        export::{
            Archive, COCOA_REGION, ExportError, ExportFile, ExportedKey, HEADER, PublicKey, SignatureInfo, SigningKey, cocoa_files,
            decode_export, read_any_archive, reference_files, write_archive,
        },
        hex,
    },
    inputs::{is_dash, name_of},
    json,
    random::{Keyed, Seed, Stream},
    time::Enin,
};

use super::{
    Failure,
    args::{KeysCommand, OsArg, Variant},
    files::{Outputs, one_standard_input, read_file, read_text, wrong},
    print, say,
};

mod inspect;
mod matching;

use inspect::inspect;
use matching::{MatchArgs, match_files};

/// Largest file that is read whole, bytes: the largest legal export.
const MAX_FILE_BYTES: u64 = 48 << 20;

pub(super) fn execute(command: KeysCommand) -> Result<(), Failure> {
    match command {
        KeysCommand::Derive { tek, start, period, metadata, json } => derive(&tek, start, period, &metadata, json),
        KeysCommand::Export { keys, signing_key, key_id, key_version, region, start, end, out, overwrite, variant, seed } => {
            one_standard_input(std::iter::once(&keys).chain(&signing_key).map(PathBuf::as_path))?;
            let signers = signers(&signing_key, key_id, key_version)?;
            let keys = read_keys(&keys)?;
            let files = export_files(&keys, variant, region, (start, end), Seed(seed))?;
            write_files(&out, &files, &signers, overwrite)
        }
        KeysCommand::Inspect { file, public_key, json } => {
            one_standard_input(std::iter::once(&file).chain(&public_key).map(PathBuf::as_path))?;
            match public_key {
                Some(key) => inspect(&open_export(&file, Some(&read_public_key(&key)?))?, json),
                None => inspect(&open_any_export(&file)?, json),
            }
        }
        KeysCommand::Verify { file, public_key } => {
            one_standard_input([file.as_path(), &public_key])?;
            let export = open_export(&file, Some(&read_public_key(&public_key)?))?;
            say(format_args!("{}: the signature is good ({})", name_of(&file), counted(export.keys.len(), "key")));
            Ok(())
        }
        KeysCommand::Match { sightings, observer, config, keys, reading, os, now, public_key, json } => {
            let config_files: Vec<PathBuf> = config.iter().map(PathBuf::from).collect();
            one_standard_input(std::iter::once(&sightings).chain(&config_files).chain(&keys).chain(&public_key).map(PathBuf::as_path))?;
            let public_key = public_key.as_deref().map(read_public_key).transpose()?;
            let (says_os, os) = (os.is_some(), os.unwrap_or(OsArg::Android));
            match_files(&MatchArgs { sightings, observer, config, keys, reading, os, says_os, now, public_key, json })
        }
    }
}

fn hex_text(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// Largest KEYS.json: a million keys of 250 bytes.
const MAX_KEYS_JSON_BYTES: u64 = 256 << 20;

/// The files that a variant cuts the keys into; without one, a single file of all keys as given.
fn export_files(
    keys: &KeysOfJson,
    variant: Option<Variant>,
    region: Option<String>,
    (start_s, end_s): (Option<u64>, Option<u64>),
    seed: Seed,
) -> Result<Vec<ExportFile>, Failure> {
    if variant == Some(Variant::Cocoa) {
        if !keys.revised.is_empty() {
            return Err(Failure::wrong_input("revised_keys: COCOA's server publishes none; take them out, or give --variant reference"));
        }
        let regions = [region.filter(|r| r != COCOA_REGION).map(|r| format!("--region {r}"))];
        let times = [start_s.map(|t| format!("--start {t}")), end_s.map(|t| format!("--end {t}"))];
        for given in regions.into_iter().chain(times).flatten() {
            say(format_args!("warning: {given} has no effect with --variant cocoa: region {COCOA_REGION}, and the times of the keys' day"));
        }
        let shuffle = Keyed::new(seed, Stream::ExportShuffle);
        return Ok(cocoa_files(&keys.keys, |key| shuffle.block(u32::from_le_bytes([key[0], key[1], key[2], key[3]]), 1, 0, 0)));
    }
    let (Some(region), Some(start_s), Some(end_s)) = (region, start_s, end_s) else {
        return Err(Failure::wrong_input("give --region, --start and --end; --variant cocoa alone knows its own"));
    };
    if end_s < start_s {
        return Err(Failure::wrong_input(format!("--end {end_s}: before --start {start_s}; give the later time")));
    }
    Ok(match variant {
        Some(_) => {
            let padding = Keyed::new(seed, Stream::ExportPadding);
            reference_files(&keys.keys, &keys.revised, (start_s, end_s), &region, |n| padding.block(n, 0, 0, 0))
        }
        None => vec![ExportFile {
            start_s,
            end_s,
            region,
            batch_num: 1,
            batch_size: 1,
            keys: keys.keys.iter().map(ExportedKey::from).collect(),
            revised_keys: keys.revised.iter().map(ExportedKey::from).collect(),
            ..ExportFile::default()
        }],
    })
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

/// A key of KEYS.json; the other names are those of Google's publish request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyOfJson {
    key: String,
    #[serde(alias = "rollingStartNumber")]
    rolling_start_interval_number: i64,
    #[serde(alias = "rollingPeriod")]
    rolling_period: Option<i64>,
    #[serde(alias = "transmissionRisk")]
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

/// What KEYS.json holds.
#[derive(Default)]
struct KeysOfJson {
    keys: Vec<DiagnosisKey>,
    revised: Vec<DiagnosisKey>,
}

/// Reads a list of keys, an object of the lists `keys` and `revised_keys`, or Google's keys.json.
fn read_keys(path: &Path) -> Result<KeysOfJson, Failure> {
    const FORM: &str = "give a list of keys, or an object with keys and revised_keys, or with temporaryExposureKeys";
    let name = name_of(path);
    let root = json::parse(&read_text(path, MAX_KEYS_JSON_BYTES)?);
    let root = root.map_err(|problems| Failure::sentences(problems.into_iter().map(|problem| format!("{name}: {problem}"))))?;
    let mut keys = KeysOfJson::default();
    let mut faults = Vec::new();
    let mut read = |list: Value, of: &str, to: &mut Vec<DiagnosisKey>| {
        let Value::Array(list) = list else {
            faults.push(format!("{name}: {of}: not a list; {FORM}"));
            return;
        };
        let mut first: BTreeMap<[u8; 16], usize> = BTreeMap::new();
        for (i, value) in list.into_iter().enumerate() {
            match serde_json::from_value::<KeyOfJson>(value).map_err(|e| e.to_string()).and_then(KeyOfJson::check) {
                Ok(key) => match *first.entry(key.tek.key).or_insert(i) {
                    at if at == i => to.push(key),
                    at => faults.push(format!("{name}: {of}[{i}]: the same key as {of}[{at}]; keep one")),
                },
                Err(problem) => faults.push(format!("{name}: {of}[{i}]: {problem}")),
            }
        }
    };
    match root {
        Value::Object(members) => {
            let lists = members.keys().filter(|k| ["keys", "temporaryExposureKeys"].contains(&k.as_str())).count();
            if lists > 1 || lists == 0 && !members.contains_key("revised_keys") {
                return Err(wrong(path, format!("holds {lists} lists of keys; {FORM}")));
            }
            for (member, value) in members {
                match member.as_str() {
                    "keys" | "temporaryExposureKeys" => read(value, &member, &mut keys.keys),
                    "revised_keys" => read(value, &member, &mut keys.revised),
                    _ => say(format_args!("warning: {name}: {}: has no effect on an export", shown(&member))),
                }
            }
        }
        list => read(list, "", &mut keys.keys),
    }
    match faults.is_empty() {
        true => Ok(keys),
        false => Err(Failure::sentences(faults)),
    }
}

fn number_of_keys(file: &ExportFile) -> String {
    let revised =
        if file.revised_keys.is_empty() { String::new() } else { format!(", {}", counted(file.revised_keys.len(), "revised key")) };
    counted(file.keys.len(), "key") + &revised
}

/// Writes one zip under the name given, several under numbered names; each is finished before it gets its name.
fn write_files(out: &Path, files: &[ExportFile], signers: &[(SigningKey, SignatureInfo)], overwrite: bool) -> Result<(), Failure> {
    if files.iter().all(|file| file.keys.is_empty() && file.revised_keys.is_empty()) {
        return Err(Failure::wrong_input("no keys, no file: a server writes none either"));
    }
    if is_dash(out) && files.len() > 1 {
        return Err(Failure::wrong_input(format!("--out -: there are {} files; name a file to number them after", files.len())));
    }
    let signers: Vec<(&SigningKey, SignatureInfo)> = signers.iter().map(|(key, info)| (key, info.clone())).collect();
    let stem = out.file_stem().map_or_else(|| "export".into(), |s| s.to_string_lossy().into_owned());
    let numbered = |n: usize| if files.len() == 1 { out.to_path_buf() } else { out.with_file_name(format!("{stem}-{n:05}.zip")) };
    let paths: Vec<PathBuf> = (1..=files.len()).map(numbered).collect();
    let outputs = Outputs::new(paths.iter().map(PathBuf::as_path), overwrite, false)?;
    for (file, path) in files.iter().zip(&paths) {
        outputs.write(path, &write_archive(file, &signers))?;
        say(format_args!("{}: {}", if is_dash(path) { "standard output".into() } else { name_of(path) }, number_of_keys(file)));
    }
    Ok(())
}

/// A zip, or a bare export.bin.
enum Opened {
    Zip(Box<Archive>, Vec<ExportError>),
    Bare(ExportFile),
}

fn open(path: &Path) -> Result<Opened, Failure> {
    let bytes = read_file(path, MAX_FILE_BYTES)?;
    if bytes.starts_with(HEADER) {
        return decode_export(&bytes).map(Opened::Bare).map_err(|e| wrong(path, e));
    }
    if !bytes.starts_with(b"PK") {
        return Err(wrong(path, "byte 0: neither a zip nor an export.bin (\"EK Export v1\")"));
    }
    let (archive, refusals) = read_any_archive(&bytes).map_err(|e| wrong(path, e))?;
    Ok(Opened::Zip(Box::new(archive), refusals))
}

/// Reads a zip that a phone takes, or a bare export.bin; with a public key, only a zip that a phone with this key takes.
fn open_export(path: &Path, public_key: Option<&PublicKey>) -> Result<ExportFile, Failure> {
    match (open(path)?, public_key) {
        (Opened::Bare(_), Some(_)) => Err(wrong(path, "a bare export.bin has no signature; give the zip")),
        (Opened::Bare(file), None) => Ok(file),
        (Opened::Zip(archive, refusals), key) => {
            if let Some(refusal) = refusals.first() {
                return Err(wrong(path, refusal));
            }
            key.map_or(Ok(()), |key| archive.verify(key)).map_err(|problem| wrong(path, problem))?;
            Ok(archive.file)
        }
    }
}

/// Reads an export that a phone might refuse, and warns of what for.
fn open_any_export(path: &Path) -> Result<ExportFile, Failure> {
    match open(path)? {
        Opened::Bare(file) => Ok(file),
        Opened::Zip(archive, refusals) => {
            refusals.iter().for_each(|refusal| say(format_args!("warning: {}: {refusal}", name_of(path))));
            Ok(archive.file)
        }
    }
}
