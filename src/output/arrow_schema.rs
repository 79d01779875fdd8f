//! The Arrow schema that pyarrow and polars look for in a Parquet file, so that columns come with unit and meaning.
//!
//! It is the file key `ARROW:schema`: base64 of an encapsulated IPC message (Arrow columnar format specification,
//! "Encapsulated message format") that holds a `Schema` (format/Schema.fbs and format/Message.fbs, metadata version V5).
//! Written by hand with flatbuffers because the `arrow` crates would take most of a cold build; the slot numbers below are the
//! order of the fields in those two files.

use base64::{Engine, prelude::BASE64_STANDARD};
use flatbuffers::{FlatBufferBuilder, ForwardsUOffset, TableFinishedWIPOffset, Vector, WIPOffset};

use super::{Column, ColumnType, TableSpec};

/// Name of the file key (Apache Arrow, `cpp/src/parquet/arrow/schema_internal`).
pub(super) const ARROW_SCHEMA_KEY: &str = "ARROW:schema";

/// Byte offset in a vtable of the field declared at `index`.
const fn slot(index: u16) -> u16 {
    4 + 2 * index
}

// Message.fbs: MetadataVersion, MessageHeader, table Message.
const METADATA_V5: i16 = 4;
const HEADER_SCHEMA: u8 = 1;
const MESSAGE_VERSION: u16 = slot(0);
const MESSAGE_HEADER_TYPE: u16 = slot(1);
const MESSAGE_HEADER: u16 = slot(2);

// Schema.fbs: table Schema, table Field, table DictionaryEncoding, table KeyValue. Endianness is slot 0 of Schema and little by default.
const SCHEMA_FIELDS: u16 = slot(1);
const SCHEMA_METADATA: u16 = slot(2);
const FIELD_NAME: u16 = slot(0);
const FIELD_NULLABLE: u16 = slot(1);
const FIELD_TYPE_TYPE: u16 = slot(2);
const FIELD_TYPE: u16 = slot(3);
const FIELD_DICTIONARY: u16 = slot(4);
const FIELD_CHILDREN: u16 = slot(5);
const FIELD_METADATA: u16 = slot(6);
const DICTIONARY_ID: u16 = slot(0);
const DICTIONARY_INDEX: u16 = slot(1);
const KEY: u16 = slot(0);
const VALUE: u16 = slot(1);

type Offset = WIPOffset<TableFinishedWIPOffset>;
type List<'a> = WIPOffset<Vector<'a, ForwardsUOffset<TableFinishedWIPOffset>>>;

/// The value of the `ARROW:schema` key for a table.
pub(super) fn encoded(spec: &TableSpec) -> String {
    let mut b = FlatBufferBuilder::new();
    let fields: Vec<Offset> = spec.columns.iter().zip(0..).map(|(column, number)| field(&mut b, column, number)).collect();
    let fields = b.create_vector(&fields);
    let metadata = key_values(&mut b, &[("table", spec.name), ("row_is", spec.row_is)]);
    let start = b.start_table();
    b.push_slot_always(SCHEMA_FIELDS, fields);
    b.push_slot_always(SCHEMA_METADATA, metadata);
    let schema = b.end_table(start);

    let start = b.start_table();
    b.push_slot_always(MESSAGE_VERSION, METADATA_V5);
    b.push_slot_always(MESSAGE_HEADER_TYPE, HEADER_SCHEMA);
    b.push_slot_always(MESSAGE_HEADER, schema);
    let message = b.end_table(start);
    b.finish_minimal(message);

    // Continuation marker, length of what follows padded to 8 bytes, flatbuffer, padding.
    let body = b.finished_data();
    let padded = body.len().next_multiple_of(8);
    let mut bytes = vec![0xff; 4];
    bytes.extend_from_slice(&u32::try_from(padded).expect("invariant: a schema is far below 4 GiB").to_le_bytes());
    bytes.extend_from_slice(body);
    bytes.resize(8 + padded, 0);
    BASE64_STANDARD.encode(bytes)
}

fn field(b: &mut FlatBufferBuilder<'_>, column: &Column, number: i64) -> Offset {
    let name = b.create_string(column.name);
    let (type_code, arrow_type) = arrow_type(b, column.kind);
    // Readers keep text as they find it: each value once, and a number a row.
    let dictionary = (column.kind == ColumnType::Utf8).then(|| dictionary(b, number));
    let children = b.create_vector::<Offset>(&[]);
    let mut pairs = vec![("meaning", column.meaning)];
    pairs.extend(column.unit.map(|unit| ("unit", unit)));
    let metadata = key_values(b, &pairs);
    let start = b.start_table();
    b.push_slot_always(FIELD_NAME, name);
    b.push_slot_always(FIELD_NULLABLE, column.nullable);
    b.push_slot_always(FIELD_TYPE_TYPE, type_code);
    b.push_slot_always(FIELD_TYPE, arrow_type);
    if let Some(dictionary) = dictionary {
        b.push_slot_always(FIELD_DICTIONARY, dictionary);
    }
    b.push_slot_always(FIELD_CHILDREN, children);
    b.push_slot_always(FIELD_METADATA, metadata);
    b.end_table(start)
}

/// An encoding by a dictionary of its own, with 32-bit signed indices.
fn dictionary(b: &mut FlatBufferBuilder<'_>, id: i64) -> Offset {
    let index = int(b, 32, true);
    let start = b.start_table();
    b.push_slot_always(DICTIONARY_ID, id);
    b.push_slot_always(DICTIONARY_INDEX, index);
    b.end_table(start)
}

fn int(b: &mut FlatBufferBuilder<'_>, bits: i32, signed: bool) -> Offset {
    let start = b.start_table();
    b.push_slot_always(slot(0), bits);
    b.push_slot_always(slot(1), signed);
    b.end_table(start)
}

/// Number in Schema.fbs `union Type`, and the type's own table.
fn arrow_type(b: &mut FlatBufferBuilder<'_>, kind: ColumnType) -> (u8, Offset) {
    // Tables with one 16-bit enum: FloatingPoint.precision (single 1, double 2), Date.unit (day 0).
    let short = |b: &mut FlatBufferBuilder<'_>, value: i16| {
        let start = b.start_table();
        b.push_slot_always(slot(0), value);
        b.end_table(start)
    };
    let empty = |b: &mut FlatBufferBuilder<'_>| {
        let start = b.start_table();
        b.end_table(start)
    };
    match kind {
        ColumnType::UInt32 => (2, int(b, 32, false)),
        ColumnType::Int32 => (2, int(b, 32, true)),
        ColumnType::Int64 => (2, int(b, 64, true)),
        ColumnType::Float32 => (3, short(b, 1)),
        ColumnType::Float64 => (3, short(b, 2)),
        ColumnType::Utf8 => (5, empty(b)),
        ColumnType::Bool => (6, empty(b)),
        ColumnType::Date => (8, short(b, 0)),
        ColumnType::Fixed(width) => {
            let start = b.start_table();
            b.push_slot_always(slot(0), i32::from(width));
            (15, b.end_table(start))
        }
    }
}

fn key_values<'a>(b: &mut FlatBufferBuilder<'a>, pairs: &[(&str, &str)]) -> List<'a> {
    let pairs: Vec<Offset> = pairs
        .iter()
        .map(|(key, value)| {
            let (key, value) = (b.create_string(key), b.create_string(value));
            let start = b.start_table();
            b.push_slot_always(KEY, key);
            b.push_slot_always(VALUE, value);
            b.end_table(start)
        })
        .collect();
    b.create_vector(&pairs)
}
