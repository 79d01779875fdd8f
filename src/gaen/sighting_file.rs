//! Sightings that others recorded: CSV or Parquet with the columns rpi, aem, t_s, rssi_dbm, previous_scan_s.

use std::collections::BTreeSet;

use bytes::Bytes;
use parquet::{
    basic::Compression,
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

/// What the column `observer` holds.
const OBSERVER: &str = "observer";
const OBSERVER_HINT: &str = "give the phone's number, a whole number from 0";

/// What a file of sightings holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// The sightings, in time order.
    pub sightings: Vec<Sighting>,
    /// Columns that nothing is read from.
    pub other_columns: Vec<String>,
}

/// Reads sightings, given under a name for messages, from the bytes of one file or of the parts of one table, each with its own
/// name; what a file is, its first bytes say. They come back in time order, as a store holds them. Faults go to `faults`, with
/// line (CSV) or row (Parquet).
///
/// Files may hold several phones' sightings, distinguished by a column `observer`; then `observer` says which to read.
pub fn read_sightings(whole: &str, files: Vec<(String, Vec<u8>)>, observer: Option<u32>, faults: &mut Faults) -> Recorded {
    let mut recorded = Recorded::default();
    let mut observers = BTreeSet::new();
    for (name, bytes) in files {
        let bytes = Bytes::from(bytes);
        let of_file = if bytes.starts_with(b"PAR1") { read_parquet(&name, bytes, faults) } else { read_csv(&name, bytes, faults) };
        let Some(mut of_file) = of_file else { return Recorded::default() };
        if let (Some(wanted), None) = (observer, &of_file.observers) {
            let problem = format!("has no column observer to find {wanted} in");
            faults.push(name, problem, "leave --observer out, or give the column");
            return Recorded::default();
        }
        if let Some(of) = of_file.observers {
            observers.extend(of.iter().copied());
            let mut of = of.iter();
            of_file.sightings.retain(|_| of.next().is_some_and(|of| observer.is_none_or(|wanted| *of == wanted)));
        }
        recorded.sightings.append(&mut of_file.sightings);
        recorded.other_columns = of_file.other_columns;
    }
    match observer {
        Some(wanted) if !observers.contains(&wanted) => {
            let some: Vec<String> = observers.iter().take(10).map(u32::to_string).collect();
            let more = if observers.len() > some.len() { ", ..." } else { "" };
            let remedy = if some.is_empty() { "give sightings".into() } else { format!("name one of {}{more}", some.join(", ")) };
            faults.push(whole, format!("no sighting is of observer {wanted}"), remedy);
        }
        None if observers.len() > 1 => faults.push(whole, "holds the sightings of several phones", "say whose with --observer N"),
        _ => {}
    }
    recorded.sightings.sort_by_key(|s| s.t_s);
    recorded
}

/// A whole file: sightings, whose each is if the file says so, and columns that nothing is read from.
struct OfFile {
    sightings: Vec<Sighting>,
    observers: Option<Vec<u32>>,
    other_columns: Vec<String>,
}

fn others<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    names.filter(|name| *name != OBSERVER && !COLUMNS.contains(name)).map(shown).collect()
}

/// `None` where there are faults.
fn read_csv(name: &str, bytes: Bytes, faults: &mut Faults) -> Option<OfFile> {
    let (mut sightings, mut observers) = (Vec::new(), Vec::new());
    let mut columns = Columns::read(name, Box::new(std::io::Cursor::new(bytes)), &COLUMNS, faults)?;
    let of = columns.position(OBSERVER);
    let at = COLUMNS.map(|name| columns.position(name).expect("it is required"));
    columns.each_line(faults, |line| {
        let mut problems = Vec::new();
        let wrong = |column: &'static str, position: usize, hint: &str| {
            (column, format!("\"{}\" is not one", shown(line.text(position))), hint.to_string())
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
            }
            _ => {
                let missing = [rpi.is_none(), aem.is_none(), t_s.is_none(), rssi_dbm.is_none(), previous_scan_s.is_none()];
                problems.extend((0..missing.len()).filter(|i| missing[*i]).map(|i| wrong(COLUMNS[i], at[i], HINTS[i])));
            }
        }
        if let Some(of) = of {
            match line.optional::<u32>(of) {
                Some(Ok(observer)) => observers.push(observer),
                _ => problems.push(wrong(OBSERVER, of, OBSERVER_HINT)),
            }
        }
        problems
    });
    let other_columns = others(columns.names());
    faults.is_empty().then_some(OfFile { sightings, observers: of.map(|_| observers), other_columns })
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

/// Why a Parquet file is refused.
struct Refused {
    /// From 1; 0 stands for the file as a whole.
    row: usize,
    problem: String,
    remedy: String,
}

impl Refused {
    fn whole(problem: impl Into<String>) -> Self {
        let remedy = "give a Parquet file with the columns rpi, aem, t_s, rssi_dbm, previous_scan_s".into();
        Self { row: 0, problem: problem.into(), remedy }
    }

    fn unreadable(error: &dyn std::fmt::Display) -> Self {
        Self::whole(format!("not a readable Parquet file: {error}"))
    }
}

/// `None` where there are faults.
fn read_parquet(name: &str, bytes: Bytes, faults: &mut Faults) -> Option<OfFile> {
    // The parquet crate checks some of what it reads by assertion; a damaged file must not take the program down.
    let read = std::panic::catch_unwind(|| parquet_rows(bytes));
    match read.unwrap_or_else(|_| Err(Refused::unreadable(&"its parts contradict each other"))) {
        Ok(sightings) => return Some(sightings),
        Err(Refused { row: 0, problem, remedy }) => faults.push(name, problem, remedy),
        Err(Refused { row, problem, remedy }) => faults.push_line(name, row, problem, remedy),
    }
    None
}

fn parquet_rows(bytes: Bytes) -> Result<OfFile, Refused> {
    let reader = SerializedFileReader::new(bytes).map_err(|e| Refused::unreadable(&e))?;
    let names: Vec<String> = reader.metadata().file_metadata().schema().get_fields().iter().map(|f| f.name().to_string()).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    if let Some(twice) = sorted.windows(2).find(|w| w[0] == w[1]) {
        return Err(Refused { remedy: "keep one".into(), ..Refused::whole(format!("the column {} is there twice", shown(&twice[0]))) });
    }
    let at = COLUMNS.map(|c| names.iter().position(|n| n == c));
    if let Some(i) = at.iter().position(Option::is_none) {
        return Err(Refused::whole(format!("no column {}", COLUMNS[i])));
    }
    let mut columns = reader.metadata().row_groups().iter().flat_map(|group| group.columns());
    let unread = columns.find_map(|column| match column.compression() {
        Compression::BROTLI(_) => Some("brotli"),
        Compression::LZO => Some("LZO"),
        _ => None,
    });
    if let Some(codec) = unread {
        let remedy = "write it again, with pyarrow: pq.write_table(pq.read_table(OLD), NEW, compression=\"snappy\")".into();
        return Err(Refused { remedy, ..Refused::whole(format!("compressed with {codec}, which is not read")) });
    }
    let at = at.map(|p| p.expect("none is missing"));
    let of = names.iter().position(|n| n == OBSERVER);
    let (mut sightings, mut observers) = (Vec::new(), Vec::new());
    for (row, fields) in reader.get_row_iter(None).map_err(|e| Refused::unreadable(&e))?.enumerate() {
        let fields: Vec<Field> = fields.map_err(|e| Refused::unreadable(&e))?.into_columns().into_iter().map(|(_, f)| f).collect();
        let refused =
            |column: &str, hint: &str| Refused { row: row + 1, problem: format!("column {column}: not one"), remedy: hint.into() };
        let wrong = |i: usize| refused(COLUMNS[i], HINTS[i]);
        sightings.push(Sighting {
            rpi: bytes_of(&fields[at[0]]).ok_or_else(|| wrong(0))?,
            aem: bytes_of(&fields[at[1]]).ok_or_else(|| wrong(1))?,
            t_s: number(&fields[at[2]]).and_then(|v| u32::try_from(v).ok()).ok_or_else(|| wrong(2))?,
            rssi_dbm: number(&fields[at[3]]).and_then(|v| i8::try_from(v).ok()).ok_or_else(|| wrong(3))?,
            previous_scan_s: number(&fields[at[4]]).and_then(|v| u32::try_from(v).ok()).ok_or_else(|| wrong(4))?,
        });
        if let Some(of) = of {
            let observer = number(&fields[of]).and_then(|v| u32::try_from(v).ok());
            observers.push(observer.ok_or_else(|| refused(OBSERVER, OBSERVER_HINT))?);
        }
    }
    Ok(OfFile { sightings, observers: of.map(|_| observers), other_columns: others(names.iter().map(String::as_str)) })
}

/// Bytes as such, or as hexadecimal text.
fn bytes_of<const N: usize>(field: &Field) -> Option<[u8; N]> {
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
