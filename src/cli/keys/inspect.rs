//! `cocoasim keys inspect`: what an export file holds, written as it is read off so that a large file costs no more memory.

use std::io::{BufWriter, ErrorKind, Write};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::{
    faults::counted,
    gaen::export::{ExportFile, ExportedKey},
};

use super::{super::Failure, hex_text};

pub(super) fn inspect(file: &ExportFile, as_json: bool) -> Result<(), Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let written = if as_json { json(file, &mut out) } else { text(file, &mut out) };
    match written.and_then(|()| out.flush()) {
        // A reader that has gone away is no error.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::machine(format!("cannot write to standard output: {error}"))),
        _ => Ok(()),
    }
}

fn text(file: &ExportFile, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "region {:?}, {} to {} (Unix s), file {} of {}", file.region, file.start_s, file.end_s, file.batch_num, file.batch_size)?;
    for s in &file.signature_infos {
        writeln!(out, "signed by {}-{} ({})", s.verification_key_id, s.verification_key_version, s.signature_algorithm)?;
    }
    for (noun, keys) in [("key", &file.keys), ("revised key", &file.revised_keys)] {
        writeln!(out, "{}", counted(keys.len(), noun))?;
        for k in keys {
            let or_none = |v: Option<i32>| v.map_or_else(|| "-".into(), |v| v.to_string());
            writeln!(
                out,
                "  {}  start {}  period {}  level {}  report type {}  onset {}",
                hex_text(&k.key_data),
                k.rolling_start_interval_number,
                k.rolling_period,
                k.transmission_risk_level,
                or_none(k.report_type),
                or_none(k.days_since_onset_of_symptoms)
            )?;
        }
    }
    for (list, i, fault) in file.faults() {
        writeln!(out, "fault: {list}[{i}]: {fault}")?;
    }
    Ok(())
}

fn json(file: &ExportFile, out: &mut impl Write) -> std::io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Inspected(file))?;
    writeln!(out)
}

struct Inspected<'a>(&'a ExportFile);

impl Serialize for Inspected<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let file = self.0;
        let infos: Vec<InfoRow<'_>> = file
            .signature_infos
            .iter()
            .map(|s| InfoRow {
                verification_key_version: &s.verification_key_version,
                verification_key_id: &s.verification_key_id,
                signature_algorithm: &s.signature_algorithm,
            })
            .collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("start_timestamp", &file.start_s)?;
        map.serialize_entry("end_timestamp", &file.end_s)?;
        map.serialize_entry("region", &file.region)?;
        map.serialize_entry("batch_num", &file.batch_num)?;
        map.serialize_entry("batch_size", &file.batch_size)?;
        map.serialize_entry("signature_infos", &infos)?;
        map.serialize_entry("keys", &Keys(&file.keys))?;
        map.serialize_entry("revised_keys", &Keys(&file.revised_keys))?;
        map.serialize_entry("faults", &FaultsOf(file))?;
        map.end()
    }
}

#[derive(Serialize)]
struct InfoRow<'a> {
    verification_key_version: &'a str,
    verification_key_id: &'a str,
    signature_algorithm: &'a str,
}

struct Keys<'a>(&'a [ExportedKey]);

#[derive(Serialize)]
struct KeyRow {
    key_data: String,
    key_data_base64: String,
    transmission_risk_level: i32,
    rolling_start_interval_number: i32,
    rolling_period: i32,
    report_type: Option<i32>,
    days_since_onset_of_symptoms: Option<i32>,
}

impl Serialize for Keys<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|k| KeyRow {
            key_data: hex_text(&k.key_data),
            key_data_base64: BASE64.encode(k.key_data),
            transmission_risk_level: k.transmission_risk_level,
            rolling_start_interval_number: k.rolling_start_interval_number,
            rolling_period: k.rolling_period,
            report_type: k.report_type,
            days_since_onset_of_symptoms: k.days_since_onset_of_symptoms,
        }))
    }
}

struct FaultsOf<'a>(&'a ExportFile);

#[derive(Serialize)]
struct FaultRow {
    list: &'static str,
    index: usize,
    problem: String,
}

impl Serialize for FaultsOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.faults().map(|(list, index, fault)| FaultRow { list, index, problem: fault.to_string() }))
    }
}
