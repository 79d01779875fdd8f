//! What a table is: its columns with types, units and meanings.

use serde_json::{Value, json};

/// Type of a column, in memory and in Parquet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// 32-bit unsigned integer: ids and small counts.
    UInt32,
    /// 32-bit integer.
    Int32,
    /// 64-bit integer: counts, and Unix seconds in columns that end in `_s`.
    Int64,
    /// 32-bit float.
    Float32,
    /// 64-bit float.
    Float64,
    /// True or false.
    Bool,
    /// Text; repeated values are stored once, and stay so in what readers make of it (a categorical).
    Utf8,
    /// A calendar day: days since 1970-01-01.
    Date,
    /// So many bytes in every row.
    Fixed(u8),
}

impl ColumnType {
    /// Name of the type as Arrow, pyarrow and polars write it.
    pub fn name(self) -> String {
        match self {
            Self::UInt32 => "uint32".into(),
            Self::Int32 => "int32".into(),
            Self::Int64 => "int64".into(),
            Self::Float32 => "float32".into(),
            Self::Float64 => "float64".into(),
            Self::Bool => "bool".into(),
            Self::Utf8 => "dictionary<values=string, indices=int32>".into(),
            Self::Date => "date32".into(),
            Self::Fixed(bytes) => format!("fixed_size_binary[{bytes}]"),
        }
    }
}

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name; ends in the unit (`_s`, `_m`, `_db`, `_dbm`, `_rad`) where there is one.
    pub name: &'static str,
    /// Type of every value.
    pub kind: ColumnType,
    /// Unit of measurement; `None` for ids, names and flags.
    pub unit: Option<&'static str>,
    /// What a value says, in one fragment.
    pub meaning: &'static str,
    /// Whether a value may be missing.
    pub nullable: bool,
}

impl Column {
    /// A column whose values are always there and have no unit.
    pub const fn new(name: &'static str, kind: ColumnType, meaning: &'static str) -> Self {
        Self { name, kind, unit: None, meaning, nullable: false }
    }

    /// This column measured in `unit`.
    pub const fn unit(self, unit: &'static str) -> Self {
        Self { unit: Some(unit), ..self }
    }

    /// This column with values that may be missing.
    pub const fn or_null(self) -> Self {
        Self { nullable: true, ..self }
    }
}

/// A table of a run.
#[derive(Debug, PartialEq, Eq)]
pub struct TableSpec {
    /// Name of the table and of its file or folder.
    pub name: &'static str,
    /// What one row is.
    pub row_is: &'static str,
    /// Columns in their order in the file.
    pub columns: &'static [Column],
    /// Whether the table is a folder of one file a day rather than one file.
    pub day_parts: bool,
}

impl TableSpec {
    /// Position of the column called `name`.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// Every table of a run with its columns, types, units and meanings, for `cocoasim schema tables`.
pub fn schema_json() -> Value {
    let tables = super::tables::ALL.iter().map(|table| {
        let columns: Vec<Value> = table
            .columns
            .iter()
            .map(|column| {
                json!({
                    "name": column.name,
                    "type": column.kind.name(),
                    "unit": column.unit,
                    "nullable": column.nullable,
                    "meaning": column.meaning,
                })
            })
            .collect();
        json!({
            "name": table.name,
            "row_is": table.row_is,
            "files": if table.day_parts { format!("{}/day-YYYY-MM-DD.parquet", table.name) } else { format!("{}.parquet", table.name) },
            "columns": columns,
        })
    });
    json!({ "format": super::FORMAT_VERSION, "tables": tables.collect::<Vec<_>>() })
}
