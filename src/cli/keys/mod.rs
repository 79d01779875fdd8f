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
    gaen::{
        DiagnosisKey, MetadataCipher, ReportType, TemporaryExposureKey, derive_rpis,
        export::{
            ExportFile, ExportedKey, HEADER, PublicKey, SignatureInfo, SigningKey, cocoa_files, decode_export, read_archive,
            reference_files, write_archive,
        },
        hex,
    },
    random::{Keyed, Seed, Stream},
    time::Enin,
};

use super::{
    Failure,
    args::{KeysCommand, Variant},
    commands::print,
    say,
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
        KeysCommand::Export { keys, signing_key, key_id, key_version, region, start, end, out, variant, seed } => {
            let signers = signers(&signing_key, key_id, key_version)?;
            if end < start {
                return Err(Failure::wrong_input(format!("--end {end}: before --start {start}; give the later time")));
            }
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
        KeysCommand::Inspect { file, public_key, json } => {
            let public_key = public_key.as_deref().map(read_public_key).transpose()?;
            inspect(&open_export(&file, public_key.as_ref())?, json)
        }
        KeysCommand::Verify { file, public_key } => {
            let export = open_export(&file, Some(&read_public_key(&public_key)?))?;
            say(format_args!("{}: the signature is good ({} keys)", file.display(), export.keys.len()));
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
    let list: Vec<Value> = serde_json::from_str(read_text(path, MAX_KEYS_JSON_BYTES)?.trim_start_matches('\u{feff}'))
        .map_err(|e| wrong(path, format!("not a JSON list of keys: {e}")))?;
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
        say(format_args!("{}: {} keys", path.display(), file.keys.len()));
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
            format!(
                "export.sig: no signature was made by this key over this export.bin; found: {}",
                if shown.is_empty() { "none".into() } else { shown.join(", ") }
            ),
        ));
    }
    Ok(archive.file)
}
