//! Sightings that others recorded: CSV or Parquet with the columns rpi, aem, t_s, rssi_dbm, previous_scan_s.

use std::{fs::File, io::Read, path::Path};

use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::Field,
};

use crate::{
    columns::{Columns, shown},
    faults::Faults,
};

use super::store::Sighting;

const COLUMNS: [&str; 5] = ["rpi", "aem", "t_s", "rssi_dbm", "previous_scan_s"];
const HINTS: [&str; 5] = [
    "give 32 hexadecimal digits",
    "give 8 hexadecimal digits",
    "give Unix seconds",
    "give whole dBm from -128 to 127",
    "give Unix seconds, 0 = unknown",
];

/// Reads a file of sightings; what it is, is told from its first bytes. They come back in time order, as a store holds
/// them. Faults go to `faults`, with file and line (CSV) or row (Parquet).
///
/// A file may hold several phones' sightings, told apart by a column `observer`; then `observer` says which to read.
pub fn read_sightings(path: &Path, observer: Option<u32>, faults: &mut Faults) -> Vec<Sighting> {
    let mut magic = [0; 4];
    let is_parquet = File::open(path).and_then(|mut f| f.read_exact(&mut magic)).is_ok() && &magic == b"PAR1";
    let (mut sightings, observers) = if is_parquet { read_parquet(path, faults) } else { read_csv(path, faults) };
    if let Some(observers) = observers {
        let several = observers.windows(2).any(|w| w[0] != w[1]);
        match observer {
            Some(wanted) => {
                let mut of = observers.iter();
                sightings.retain(|_| of.next() == Some(&i64::from(wanted)));
            }
            None if several => {
                faults.push(path.display().to_string(), "holds the sightings of several phones", "say whose with --observer N");
            }
            None => {}
        }
    }
    sightings.sort_by_key(|s| s.t_s);
    sightings
}

/// Sightings, and whose each is if the file says so.
type SightingsOf = (Vec<Sighting>, Option<Vec<i64>>);

fn read_csv(path: &Path, faults: &mut Faults) -> SightingsOf {
    let (mut sightings, mut observers) = (Vec::new(), Vec::new());
    let Some(mut columns) = Columns::open(path, &COLUMNS, faults) else { return (sightings, None) };
    let of = columns.position("observer");
    let at = COLUMNS.map(|name| columns.position(name).expect("it is required"));
    columns.each_line(faults, |line| {
        let mut problems = Vec::new();
        let mut wrong = |i: usize| {
            problems.push((COLUMNS[i], format!("\"{}\" is not one", shown(line.text(at[i]))), HINTS[i].to_string()));
        };
        let rpi = hex::<16>(line.text(at[0]));
        let aem = hex::<4>(line.text(at[1]));
        let number = |i: usize| line.optional::<i64>(at[i]).and_then(Result::ok);
        let t_s = number(2).and_then(|v| u32::try_from(v).ok());
        let rssi_dbm = number(3).and_then(|v| i8::try_from(v).ok());
        let previous_scan_s = number(4).and_then(|v| u32::try_from(v).ok());
        match (rpi, aem, t_s, rssi_dbm, previous_scan_s) {
            (Some(rpi), Some(aem), Some(t_s), Some(rssi_dbm), Some(previous_scan_s)) => {
                sightings.push(Sighting { rpi, aem, t_s, rssi_dbm, previous_scan_s });
                observers.extend(of.map(|i| line.optional::<i64>(i).and_then(Result::ok).unwrap_or(-1)));
            }
            _ => {
                let missing = [rpi.is_none(), aem.is_none(), t_s.is_none(), rssi_dbm.is_none(), previous_scan_s.is_none()];
                missing.iter().enumerate().filter(|(_, m)| **m).for_each(|(i, _)| wrong(i));
            }
        }
        problems
    });
    (sightings, of.map(|_| observers))
}

/// Bytes of hexadecimal text, either case.
pub fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut out = [0; N];
    for (i, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
    }
    Some(out)
}

fn read_parquet(path: &Path, faults: &mut Faults) -> SightingsOf {
    let name = path.display().to_string();
    // The parquet crate checks some of what it reads by assertion; a damaged file must not take the program down.
    let read = std::panic::catch_unwind(|| parquet_rows(path)).unwrap_or_else(|_| Err((0, "its parts contradict each other".into())));
    match read {
        Ok(sightings) => sightings,
        Err((row, problem)) => {
            let remedy = "give a Parquet file with the columns rpi, aem, t_s, rssi_dbm, previous_scan_s";
            // Row 0 stands for the file as a whole.
            if row == 0 {
                faults.push(name, problem, remedy)
            } else {
                faults.push_line(name, row, problem, remedy)
            }
            (Vec::new(), None)
        }
    }
}

fn parquet_rows(path: &Path) -> Result<SightingsOf, (usize, String)> {
    let text = |error: &dyn std::fmt::Display| (0, format!("not a readable Parquet file: {error}"));
    let reader = SerializedFileReader::new(File::open(path).map_err(|e| text(&e))?).map_err(|e| text(&e))?;
    let names: Vec<String> = reader.metadata().file_metadata().schema().get_fields().iter().map(|f| f.name().to_string()).collect();
    let at = COLUMNS.map(|c| names.iter().position(|n| n == c));
    if let Some(i) = at.iter().position(Option::is_none) {
        return Err((0, format!("no column {}", COLUMNS[i])));
    }
    let at = at.map(|p| p.expect("none is missing"));
    let of = names.iter().position(|n| n == "observer");
    let (mut sightings, mut observers) = (Vec::new(), Vec::new());
    for (row, fields) in reader.get_row_iter(None).map_err(|e| text(&e))?.enumerate() {
        let fields: Vec<Field> = fields.map_err(|e| text(&e))?.into_columns().into_iter().map(|(_, f)| f).collect();
        let wrong = |i: usize| (row + 1, format!("column {}: {}", COLUMNS[i], HINTS[i]));
        sightings.push(Sighting {
            rpi: bytes(&fields[at[0]]).ok_or_else(|| wrong(0))?,
            aem: bytes(&fields[at[1]]).ok_or_else(|| wrong(1))?,
            t_s: number(&fields[at[2]]).and_then(|v| u32::try_from(v).ok()).ok_or_else(|| wrong(2))?,
            rssi_dbm: number(&fields[at[3]]).and_then(|v| i8::try_from(v).ok()).ok_or_else(|| wrong(3))?,
            previous_scan_s: number(&fields[at[4]]).and_then(|v| u32::try_from(v).ok()).ok_or_else(|| wrong(4))?,
        });
        observers.extend(of.map(|i| number(&fields[i]).unwrap_or(-1)));
    }
    Ok((sightings, of.map(|_| observers)))
}

/// Bytes as such, or as hexadecimal text.
fn bytes<const N: usize>(field: &Field) -> Option<[u8; N]> {
    match field {
        Field::Str(text) => hex(text),
        Field::Bytes(bytes) => bytes.data().try_into().ok().or_else(|| std::str::from_utf8(bytes.data()).ok().and_then(hex)),
        _ => None,
    }
}

fn number(field: &Field) -> Option<i64> {
    match field {
        Field::Byte(v) => Some(i64::from(*v)),
        Field::Short(v) => Some(i64::from(*v)),
        Field::Int(v) => Some(i64::from(*v)),
        Field::Long(v) => Some(*v),
        Field::UByte(v) => Some(i64::from(*v)),
        Field::UShort(v) => Some(i64::from(*v)),
        Field::UInt(v) => Some(i64::from(*v)),
        Field::ULong(v) => i64::try_from(*v).ok(),
        Field::Float(v) if v.fract() == 0.0 => Some(*v as i64),
        Field::Double(v) if v.fract() == 0.0 => Some(*v as i64),
        _ => None,
    }
}
