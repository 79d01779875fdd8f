//! A batch as the bytes of a Parquet file, by parquet's low-level column writers.

use std::{io::Write, sync::Arc};

use parquet::basic::{Compression, Encoding, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::column::writer::ColumnWriterImpl;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, FloatType, Int32Type, Int64Type,
};
use parquet::errors::Result;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type};

use super::arrow_schema;
use super::batch::{ColumnData, Values};
use super::{Batch, Column, ColumnType, TableSpec};

/// Rows of a row group.
pub(super) const ROW_GROUP_ROWS: usize = 1 << 16;
/// Rows handed to a column writer at once, so that converting values needs little memory.
const CHUNK_ROWS: usize = 1 << 16;
const ZSTD_LEVEL: i32 = 3;

/// The batch as a Parquet file. Equal batches give equal bytes: nothing in the file depends on when, where or by how many
/// threads it was made.
pub fn encode(batch: &Batch) -> Vec<u8> {
    let encode = || {
        let mut encoder = Encoder::new(batch.spec(), Vec::new())?;
        encoder.write(batch)?;
        encoder.finish()
    };
    encode().expect("invariant: a batch whose columns match its table can be encoded in memory")
}

/// A Parquet file being written, row group by row group.
pub(super) struct Encoder<W: Write + Send> {
    file: SerializedFileWriter<W>,
    rows: u64,
}

impl<W: Write + Send> Encoder<W> {
    /// Begins a file of a table.
    pub fn new(spec: &TableSpec, into: W) -> Result<Self> {
        Ok(Self { file: SerializedFileWriter::new(into, Arc::new(schema(spec)?), Arc::new(properties(spec)?))?, rows: 0 })
    }

    /// Writes the rows of a batch of the table, as row groups of their own.
    pub fn write(&mut self, batch: &Batch) -> Result<()> {
        for first in (0..batch.rows()).step_by(ROW_GROUP_ROWS) {
            let last = (first + ROW_GROUP_ROWS).min(batch.rows());
            let mut group = self.file.next_row_group()?;
            for column in &batch.columns {
                let mut writer = group.next_column()?.expect("invariant: the file has the batch's columns");
                write_column(&mut writer, column, first, last)?;
                writer.close()?;
            }
            group.close()?;
        }
        self.rows += batch.rows() as u64;
        Ok(())
    }

    /// Rows written.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends the file.
    pub fn finish(self) -> Result<W> {
        self.file.into_inner()
    }
}

/// The Parquet schema of a table.
pub(super) fn schema(spec: &TableSpec) -> Result<Type> {
    let fields = spec.columns.iter().map(|column| parquet_type(column).map(Arc::new)).collect::<Result<Vec<_>>>()?;
    Type::group_type_builder(spec.name).with_fields(fields).build()
}

fn parquet_type(column: &Column) -> Result<Type> {
    let (physical, logical, length) = match column.kind {
        ColumnType::UInt32 => (Physical::INT32, Some(LogicalType::integer(32, false)), 0),
        ColumnType::Int32 => (Physical::INT32, None, 0),
        ColumnType::Int64 => (Physical::INT64, None, 0),
        ColumnType::Float32 => (Physical::FLOAT, None, 0),
        ColumnType::Float64 => (Physical::DOUBLE, None, 0),
        ColumnType::Bool => (Physical::BOOLEAN, None, 0),
        ColumnType::Utf8 => (Physical::BYTE_ARRAY, Some(LogicalType::String), 0),
        ColumnType::Date => (Physical::INT32, Some(LogicalType::Date), 0),
        ColumnType::Fixed(width) => (Physical::FIXED_LEN_BYTE_ARRAY, None, i32::from(width)),
    };
    let repetition = if column.nullable { Repetition::OPTIONAL } else { Repetition::REQUIRED };
    Type::primitive_type_builder(column.name, physical).with_logical_type(logical).with_repetition(repetition).with_length(length).build()
}

fn properties(spec: &TableSpec) -> Result<WriterProperties> {
    let mut builder = WriterProperties::builder()
        .set_created_by("cocoasim".into())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_key_value_metadata(Some(vec![KeyValue::new(arrow_schema::ARROW_SCHEMA_KEY.into(), arrow_schema::encoded(spec))]));
    for column in spec.columns {
        let path = ColumnPath::from(column.name);
        builder = match column.kind {
            // Moments and counters seldom repeat but step evenly; identifiers never repeat.
            ColumnType::Int64 => {
                builder.set_column_dictionary_enabled(path.clone(), false).set_column_encoding(path, Encoding::DELTA_BINARY_PACKED)
            }
            ColumnType::Fixed(_) => builder.set_column_dictionary_enabled(path, false),
            _ => builder.set_column_dictionary_enabled(path, true),
        };
    }
    Ok(builder.build())
}

fn write_column(writer: &mut SerializedColumnWriter<'_>, column: &ColumnData, first: usize, last: usize) -> Result<()> {
    let labels: Vec<ByteArray> = match &column.values {
        Values::Text(v) => v.labels.iter().map(|label| ByteArray::from(label.as_str())).collect(),
        _ => Vec::new(),
    };
    for start in (first..last).step_by(CHUNK_ROWS) {
        let rows = start..(start + CHUNK_ROWS).min(last);
        let present = column.nullable.then(|| &column.present[rows.clone()]);
        match &column.values {
            // Parquet keeps unsigned integers as the same bits in a signed one.
            Values::U32(v) => write_chunk(writer.typed::<Int32Type>(), v[rows].iter().map(|&x| x.cast_signed()), present)?,
            Values::I32(v) | Values::Day(v) => write_chunk(writer.typed::<Int32Type>(), v[rows].iter().copied(), present)?,
            Values::I64(v) => write_chunk(writer.typed::<Int64Type>(), v[rows].iter().copied(), present)?,
            Values::F32(v) => write_chunk(writer.typed::<FloatType>(), v[rows].iter().copied(), present)?,
            Values::F64(v) => write_chunk(writer.typed::<DoubleType>(), v[rows].iter().copied(), present)?,
            Values::Bool(v) => write_chunk(writer.typed::<BoolType>(), v[rows].iter().copied(), present)?,
            Values::Text(v) => {
                let texts = v.codes[rows].iter().map(|&code| labels[code as usize].clone());
                write_chunk(writer.typed::<ByteArrayType>(), texts, present)?;
            }
            Values::Fixed { width, bytes } => {
                let chunk = ByteArray::from(&bytes[rows.start * width..rows.end * width]);
                let cells = (0..rows.len()).map(|row| FixedLenByteArray::from(chunk.slice(row * width, *width)));
                write_chunk(writer.typed::<FixedLenByteArrayType>(), cells, present)?;
            }
        }
    }
    Ok(())
}

/// Parquet takes the values that are there, and for nullable columns a level a row: 1 there, 0 missing.
fn write_chunk<T: DataType>(
    writer: &mut ColumnWriterImpl<'_, T>,
    values: impl Iterator<Item = T::T>,
    present: Option<&[bool]>,
) -> Result<()> {
    match present {
        None => writer.write_batch(&values.collect::<Vec<_>>(), None, None)?,
        Some(present) => {
            let levels: Vec<i16> = present.iter().map(|&there| i16::from(there)).collect();
            let values: Vec<T::T> = values.zip(present).filter(|(_, there)| **there).map(|(value, _)| value).collect();
            writer.write_batch(&values, Some(&levels), None)?
        }
    };
    Ok(())
}
