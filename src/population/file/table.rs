//! A table of any program's: CSV or Parquet, its columns as numbers or text.

use std::collections::BTreeMap;

use bytes::Bytes;
use parquet::{
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::DataType,
    errors::{ParquetError, Result},
    file::reader::{FileReader, SerializedFileReader},
};

use crate::{
    columns::{Columns, shown},
    faults::Faults,
};

/// What a column is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Number,
    Text,
    /// True or false: a number that is 1 or 0.
    Flag,
}

/// A column that is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub name: &'static str,
    pub holds: Holds,
    pub is_required: bool,
}

/// Values of a column, row by row.
#[derive(Clone, Debug)]
pub(super) enum Values {
    /// NaN where there is none.
    Numbers(Vec<f64>),
    /// Codes into the labels; [`NO_TEXT`] where there is none.
    Texts { codes: Vec<u32>, labels: Vec<String>, known: BTreeMap<String, u32> },
}

/// No text in a row.
pub(super) const NO_TEXT: u32 = u32::MAX;

/// A cell as a file has it.
enum Found<'a> {
    Nothing,
    Number(f64),
    Text(&'a str),
}

impl Values {
    fn new(holds: Holds) -> Self {
        match holds {
            Holds::Text => Self::Texts { codes: Vec::new(), labels: Vec::new(), known: BTreeMap::new() },
            Holds::Number | Holds::Flag => Self::Numbers(Vec::new()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Texts { codes, .. } => codes.len(),
        }
    }

    /// Adds a cell; false, and none is added but a missing one, where it is not what the column is to hold.
    fn push(&mut self, found: &Found<'_>) -> bool {
        match (self, found) {
            (Self::Numbers(numbers), Found::Number(number)) => {
                numbers.push(if number.is_finite() { *number } else { f64::NAN });
                number.is_finite()
            }
            (Self::Numbers(numbers), Found::Text(text)) => {
                let number = match text.to_ascii_lowercase().as_str() {
                    "true" => Some(1.0),
                    "false" => Some(0.0),
                    other => other.parse().ok().filter(|number: &f64| number.is_finite()),
                };
                numbers.push(number.unwrap_or(f64::NAN));
                number.is_some()
            }
            (Self::Numbers(numbers), Found::Nothing) => {
                numbers.push(f64::NAN);
                true
            }
            (Self::Texts { codes, labels, known }, Found::Text(text)) => {
                let code = known.get(*text).copied().unwrap_or_else(|| {
                    let code = labels.len() as u32;
                    labels.push((*text).to_string());
                    known.insert((*text).to_string(), code);
                    code
                });
                codes.push(code);
                true
            }
            (Self::Texts { codes, .. }, other) => {
                codes.push(NO_TEXT);
                matches!(other, Found::Nothing)
            }
        }
    }
}

/// A table that was read.
#[derive(Debug)]
pub(super) struct Table {
    pub rows: usize,
    /// By number of the wanted column; `None` = the file has none of the name.
    pub columns: Vec<Option<Values>>,
    /// Cells that are not what their column is to hold: row, column, and the text.
    pub bad: Vec<(usize, usize, String)>,
    /// Of each row its line in a file of text; of Parquet none.
    lines: Vec<u32>,
}

impl Table {
    /// Reads a file that is given under a name for messages; what it is, its first bytes say. `None` with faults.
    pub fn read(name: &str, bytes: Vec<u8>, wanted: &[Wanted], faults: &mut Faults) -> Option<Self> {
        let bytes = Bytes::from(bytes);
        if !bytes.starts_with(b"PAR1") {
            return Self::read_text(name, bytes, wanted, faults);
        }
        // The parquet crate checks some of what it reads by assertion; a damaged file must not take the program down.
        let read = std::panic::catch_unwind(|| Self::read_parquet(bytes, wanted));
        match read.unwrap_or_else(|_| Err(ParquetError::General("its parts contradict each other".into()))) {
            Ok(table) => table.with_all(name, wanted, faults),
            Err(error) => {
                faults.push(name, format!("not a readable Parquet file: {error}"), "give a file as `cocoasim population` writes");
                None
            }
        }
    }

    /// Line or row, counted from 1, of a row.
    pub fn line(&self, row: usize) -> usize {
        self.lines.get(row).map_or(row + 1, |line| *line as usize)
    }

    fn with_all(self, name: &str, wanted: &[Wanted], faults: &mut Faults) -> Option<Self> {
        let missing = (0..).zip(wanted).filter(|(i, wanted)| wanted.is_required && self.columns[*i].is_none());
        let missing: Vec<&str> = missing.map(|(_, wanted): (usize, _)| wanted.name).collect();
        if missing.is_empty() {
            return Some(self);
        }
        faults.push(name, format!("no column {}", missing.join(", ")), "give it: docs/population.md lists all");
        None
    }

    fn read_text(name: &str, bytes: Bytes, wanted: &[Wanted], faults: &mut Faults) -> Option<Self> {
        let required: Vec<&str> = wanted.iter().filter(|wanted| wanted.is_required).map(|wanted| wanted.name).collect();
        let mut file = Columns::read(name, Box::new(std::io::Cursor::new(bytes)), &required, faults)?;
        let at: Vec<Option<usize>> = wanted.iter().map(|wanted| file.position(wanted.name)).collect();
        let mut columns: Vec<Option<Values>> = wanted.iter().zip(&at).map(|(wanted, at)| at.map(|_| Values::new(wanted.holds))).collect();
        let (mut lines, mut bad, before) = (Vec::new(), Vec::new(), faults.0.len());
        file.each_line(faults, |line| {
            for (i, values) in columns.iter_mut().enumerate() {
                let (Some(values), Some(at)) = (values, at[i]) else { continue };
                let text = line.text(at);
                let found = if text.is_empty() { Found::Nothing } else { Found::Text(text) };
                if !values.push(&found) {
                    bad.push((lines.len(), i, shown(text)));
                }
            }
            lines.push(line.number as u32);
            Vec::new()
        });
        (faults.0.len() == before).then_some(Self { rows: lines.len(), columns, bad, lines })
    }

    fn read_parquet(bytes: Bytes, wanted: &[Wanted]) -> Result<Self> {
        let reader = SerializedFileReader::new(bytes)?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let position = |name: &str| schema.columns().iter().position(|column| column.path().parts() == [name]);
        let at: Vec<Option<usize>> = wanted.iter().map(|wanted| position(wanted.name)).collect();
        let mut table = Self { rows: 0, columns: Vec::new(), bad: Vec::new(), lines: Vec::new() };
        table.columns = wanted.iter().zip(&at).map(|(wanted, at)| at.map(|_| Values::new(wanted.holds))).collect();
        for group in 0..reader.num_row_groups() {
            let group = reader.get_row_group(group)?;
            table.rows += group.metadata().num_rows().max(0) as usize;
            for (i, values) in table.columns.iter_mut().enumerate() {
                let (Some(values), Some(at)) = (values, at[i]) else { continue };
                if schema.column(at).max_rep_level() > 0 {
                    return Err(ParquetError::General(format!("column {}: a list in every row", wanted[i].name)));
                }
                let is_nullable = schema.column(at).max_def_level() > 0;
                let mut push = |found: Found<'_>| {
                    if !values.push(&found) {
                        let text = match found {
                            Found::Text(text) => shown(text),
                            Found::Number(number) => number.to_string(),
                            Found::Nothing => String::new(),
                        };
                        table.bad.push((values.len() - 1, i, text));
                    }
                };
                match group.get_column_reader(at)? {
                    ColumnReader::BoolColumnReader(r) => {
                        each(r, is_nullable, |x| push(x.map_or(Found::Nothing, |x| Found::Number(f64::from(u8::from(*x))))))?
                    }
                    ColumnReader::Int32ColumnReader(r) => {
                        each(r, is_nullable, |x| push(x.map_or(Found::Nothing, |x| Found::Number(f64::from(*x)))))?
                    }
                    ColumnReader::Int64ColumnReader(r) => {
                        each(r, is_nullable, |x| push(x.map_or(Found::Nothing, |x| Found::Number(*x as f64))))?
                    }
                    ColumnReader::FloatColumnReader(r) => each(r, is_nullable, |x| push(of_float(x.map(|x| f64::from(*x)))))?,
                    ColumnReader::DoubleColumnReader(r) => each(r, is_nullable, |x| push(of_float(x.copied())))?,
                    ColumnReader::ByteArrayColumnReader(r) => each(r, is_nullable, |x| {
                        let text = x.map(|x| std::str::from_utf8(x.data()).unwrap_or("not UTF-8 text"));
                        push(text.map_or(Found::Nothing, Found::Text));
                    })?,
                    _ => return Err(ParquetError::General(format!("column {}: neither numbers nor text", wanted[i].name))),
                }
            }
        }
        match table.columns.iter().flatten().find(|values| values.len() != table.rows) {
            Some(_) => Err(ParquetError::General("columns of different length".into())),
            None => Ok(table),
        }
    }
}

/// Other programs write what is missing as NaN.
fn of_float<'a>(number: Option<f64>) -> Found<'a> {
    number.filter(|number| !number.is_nan()).map_or(Found::Nothing, Found::Number)
}

/// Calls `cell` with every row of a column chunk.
fn each<T: DataType>(mut reader: ColumnReaderImpl<T>, is_nullable: bool, mut cell: impl FnMut(Option<&T::T>)) -> Result<()> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    loop {
        values.clear();
        levels.clear();
        let (rows, ..) = reader.read_records(1 << 16, is_nullable.then_some(&mut levels), None, &mut values)?;
        if rows == 0 {
            return Ok(());
        }
        let mut found = values.iter();
        for row in 0..rows {
            cell(if !is_nullable || levels.get(row).is_some_and(|level| *level > 0) { found.next() } else { None });
        }
    }
}
