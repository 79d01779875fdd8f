//! Reading a run's tables back.

use std::fs::File;
use std::path::{Path, PathBuf};

use parquet::basic::Repetition;
use parquet::column::reader::{ColumnReader, get_typed_column_reader};
use parquet::data_type::{BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::batch::{ColumnData, Values};
use super::{Batch, Cell, IoError, TableSpec, folder, parquet_write};

/// Reads a table of the run in `run_dir`: its one file, or all its day parts in the order of days. Unfinished files are
/// not seen. Errors if there is no such table or a file is damaged.
pub fn read_table(run_dir: &Path, spec: &'static TableSpec) -> std::result::Result<Batch, IoError> {
    let mut all = Batch::new(spec);
    for part in read_parts(run_dir, spec)? {
        all.append(&part?);
    }
    Ok(all)
}

/// The same part by part, for tables that are larger than what is made of them.
pub fn read_parts(
    run_dir: &Path,
    spec: &'static TableSpec,
) -> std::result::Result<impl Iterator<Item = std::result::Result<Batch, IoError>>, IoError> {
    let files = folder::table_files(run_dir, spec)?;
    let files = files.ok_or_else(|| IoError::MissingTable { path: run_dir.to_owned(), table: spec.name })?;
    Ok(files.into_iter().map(move |file| read_file(&file, spec)))
}

/// Reads one Parquet file that must have the columns of `spec` (others are ignored).
pub fn read_file(path: &Path, spec: &'static TableSpec) -> std::result::Result<Batch, IoError> {
    let file = File::open(path).map_err(|source| IoError::System { action: "read", path: path.to_owned(), source })?;
    // The parquet crate checks some of what it reads by assertion; a damaged file must not take the program down.
    match std::panic::catch_unwind(|| decode(file, spec)) {
        Ok(result) => result.map_err(|error| damaged(path, &error)),
        Err(_) => Err(damaged(path, &wrong("its parts contradict each other"))),
    }
}

fn damaged(path: &Path, error: &ParquetError) -> IoError {
    IoError::Damaged { path: PathBuf::from(path), problem: error.to_string() }
}

fn decode(file: File, spec: &'static TableSpec) -> Result<Batch> {
    let reader = SerializedFileReader::new(file)?;
    let positions = matching_columns(&reader, spec)?;
    let mut batch = Batch::new(spec);
    let mut total = 0;
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        let rows = usize::try_from(group.metadata().num_rows()).map_err(|_| wrong("a negative number of rows"))?;
        for (column, &position) in batch.columns.iter_mut().zip(&positions) {
            let read = read_column(group.get_column_reader(position)?, column)?;
            if read != rows {
                return Err(wrong("columns of different length"));
            }
        }
        total += rows;
    }
    batch.set_rows(total);
    Ok(batch)
}

fn wrong(problem: &str) -> ParquetError {
    ParquetError::General(problem.into())
}

/// Where in the file each column of the table is. Type and nullability must be the table's.
fn matching_columns(reader: &SerializedFileReader<File>, spec: &TableSpec) -> Result<Vec<usize>> {
    let expected = parquet_write::schema(spec)?;
    let found = reader.metadata().file_metadata().schema_descr();
    let place = |wanted: &parquet::schema::types::Type| {
        let at = found.columns().iter().position(|column| column.path().parts() == [wanted.name()]);
        let at = at.ok_or_else(|| wrong(&format!("no column '{}'", wanted.name())))?;
        let column = found.column(at);
        let is_nullable = column.self_type().get_basic_info().repetition() == Repetition::OPTIONAL;
        let same = column.physical_type() == wanted.get_physical_type()
            && column.logical_type_ref() == wanted.get_basic_info().logical_type_ref()
            && is_nullable == wanted.is_optional()
            && column.max_rep_level() == 0
            && column.type_length().max(0) == fixed_length(wanted);
        if same { Ok(at) } else { Err(wrong(&format!("column '{}' has another type", wanted.name()))) }
    };
    expected.get_fields().iter().map(|field| place(field)).collect()
}

fn fixed_length(column: &parquet::schema::types::Type) -> i32 {
    match column {
        parquet::schema::types::Type::PrimitiveType { type_length, .. } => (*type_length).max(0),
        parquet::schema::types::Type::GroupType { .. } => 0,
    }
}

fn read_column(reader: ColumnReader, column: &mut ColumnData) -> Result<usize> {
    match &column.values {
        Values::U32(_) => read_values::<Int32Type>(reader, column, |x| Ok(Cell::U32(x.cast_unsigned()))),
        Values::I32(_) => read_values::<Int32Type>(reader, column, |x| Ok(Cell::I32(*x))),
        Values::Day(_) => read_values::<Int32Type>(reader, column, |x| Ok(Cell::Day(*x))),
        Values::I64(_) => read_values::<Int64Type>(reader, column, |x| Ok(Cell::I64(*x))),
        Values::F32(_) => read_values::<FloatType>(reader, column, |x| Ok(Cell::F32(*x))),
        Values::F64(_) => read_values::<DoubleType>(reader, column, |x| Ok(Cell::F64(*x))),
        Values::Bool(_) => read_values::<BoolType>(reader, column, |x| Ok(Cell::Bool(*x))),
        Values::Text(_) => read_values::<ByteArrayType>(reader, column, |x| {
            std::str::from_utf8(x.data()).map(Cell::Text).map_err(|_| wrong("text that is not UTF-8"))
        }),
        Values::Fixed { .. } => read_values::<FixedLenByteArrayType>(reader, column, |x| Ok(Cell::Bytes(x.data()))),
    }
}

/// Appends every row of a column chunk to `column`; returns how many there were.
fn read_values<T: DataType>(reader: ColumnReader, column: &mut ColumnData, cell: fn(&T::T) -> Result<Cell<'_>>) -> Result<usize> {
    let mut reader = get_typed_column_reader::<T>(reader);
    let (mut values, mut levels, mut rows) = (Vec::new(), Vec::new(), 0);
    loop {
        values.clear();
        levels.clear();
        let (read, _, _) = reader.read_records(1 << 16, column.nullable.then_some(&mut levels), None, &mut values)?;
        if read == 0 {
            return Ok(rows);
        }
        rows += read;
        let mut found = values.iter();
        for row in 0..read {
            let is_there = !column.nullable || levels.get(row).is_some_and(|&level| level > 0);
            let value = if is_there { cell(found.next().ok_or_else(|| wrong("fewer values than rows"))?)? } else { Cell::Null };
            if !column.push(value) {
                return Err(wrong("a value that does not fit its column"));
            }
        }
    }
}
