//! Rows of one table in memory, column by column.

use rustc_hash::FxHashMap;

use super::{Cell, ColumnType, TableSpec};

/// Rows of one table as a struct of arrays. Filled with [`Batch::row`], read by column name.
///
/// Asking for a column that the table does not have, or as another type than it has, is a mistake in the program and
/// panics; files are checked against the [`TableSpec`] when they are read, so no file can cause it.
#[derive(Clone, Debug)]
pub struct Batch {
    spec: &'static TableSpec,
    pub(super) columns: Vec<ColumnData>,
    rows: usize,
}

/// Values of one column. A missing value has a placeholder (0, NaN, "") in `values` and `false` in `present`.
#[derive(Clone, Debug)]
pub(super) struct ColumnData {
    pub values: Values,
    /// One flag a row for nullable columns, empty for others.
    pub present: Vec<bool>,
    pub nullable: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Values {
    U32(Vec<u32>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    Bool(Vec<bool>),
    Day(Vec<i32>),
    Text(Labels),
    Fixed { width: usize, bytes: Vec<u8> },
}

/// Text by dictionary: a code a row into labels in order of first use.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels {
    pub codes: Vec<u32>,
    pub labels: Vec<String>,
    index: FxHashMap<String, u32>,
}

impl Labels {
    fn push(&mut self, text: &str) {
        let code = self.code(text);
        self.codes.push(code);
    }

    fn code(&mut self, text: &str) -> u32 {
        if let Some(&code) = self.index.get(text) {
            return code;
        }
        let code = u32::try_from(self.labels.len()).expect("invariant: a batch has fewer than 2^32 rows");
        self.labels.push(text.to_owned());
        self.index.insert(text.to_owned(), code);
        code
    }
}

/// A text column for reading.
#[derive(Clone, Copy, Debug)]
pub struct TextColumn<'a> {
    labels: &'a Labels,
    present: &'a [bool],
}

impl<'a> TextColumn<'a> {
    /// The text of a row; "" where it is missing.
    pub fn get(&self, row: usize) -> &'a str {
        self.opt(row).unwrap_or("")
    }

    /// The text of a row; `None` where it is missing.
    pub fn opt(&self, row: usize) -> Option<&'a str> {
        self.present.get(row).copied().unwrap_or(true).then(|| self.labels.labels[self.labels.codes[row] as usize].as_str())
    }
}

impl ColumnData {
    fn new(kind: ColumnType, nullable: bool) -> Self {
        let values = match kind {
            ColumnType::UInt32 => Values::U32(Vec::new()),
            ColumnType::Int32 => Values::I32(Vec::new()),
            ColumnType::Int64 => Values::I64(Vec::new()),
            ColumnType::Float32 => Values::F32(Vec::new()),
            ColumnType::Float64 => Values::F64(Vec::new()),
            ColumnType::Bool => Values::Bool(Vec::new()),
            ColumnType::Utf8 => Values::Text(Labels::default()),
            ColumnType::Date => Values::Day(Vec::new()),
            ColumnType::Fixed(width) => Values::Fixed { width: usize::from(width), bytes: Vec::new() },
        };
        Self { values, present: Vec::new(), nullable }
    }

    /// Adds a value; false if its type does not fit the column.
    #[inline]
    pub(super) fn push(&mut self, cell: Cell<'_>) -> bool {
        match (&mut self.values, cell) {
            (_, Cell::Null) if self.nullable => {
                self.push_placeholder();
                self.present.push(false);
                return true;
            }
            (Values::U32(v), Cell::U32(x)) => v.push(x),
            (Values::I32(v), Cell::I32(x)) | (Values::Day(v), Cell::Day(x)) => v.push(x),
            (Values::I64(v), Cell::I64(x)) => v.push(x),
            (Values::F32(v), Cell::F32(x)) => v.push(x),
            (Values::F64(v), Cell::F32(x)) => v.push(f64::from(x)),
            (Values::F64(v), Cell::F64(x)) => v.push(x),
            (Values::Bool(v), Cell::Bool(x)) => v.push(x),
            (Values::Text(v), Cell::Text(x)) => v.push(x),
            (Values::Fixed { width, bytes }, Cell::Bytes(x)) if x.len() == *width => bytes.extend_from_slice(x),
            _ => return false,
        }
        if self.nullable {
            self.present.push(true);
        }
        true
    }

    fn push_placeholder(&mut self) {
        match &mut self.values {
            Values::U32(v) => v.push(0),
            Values::I32(v) | Values::Day(v) => v.push(0),
            Values::I64(v) => v.push(0),
            Values::F32(v) => v.push(f32::NAN),
            Values::F64(v) => v.push(f64::NAN),
            Values::Bool(v) => v.push(false),
            Values::Text(v) => v.push(""),
            Values::Fixed { width, bytes } => bytes.resize(bytes.len() + *width, 0),
        }
    }

    fn append(&mut self, other: &Self) {
        match (&mut self.values, &other.values) {
            (Values::U32(a), Values::U32(b)) => a.extend_from_slice(b),
            (Values::I32(a), Values::I32(b)) | (Values::Day(a), Values::Day(b)) => a.extend_from_slice(b),
            (Values::I64(a), Values::I64(b)) => a.extend_from_slice(b),
            (Values::F32(a), Values::F32(b)) => a.extend_from_slice(b),
            (Values::F64(a), Values::F64(b)) => a.extend_from_slice(b),
            (Values::Bool(a), Values::Bool(b)) => a.extend_from_slice(b),
            (Values::Text(a), Values::Text(b)) => {
                let codes: Vec<u32> = b.labels.iter().map(|label| a.code(label)).collect();
                a.codes.extend(b.codes.iter().map(|&code| codes[code as usize]));
            }
            (Values::Fixed { bytes: a, .. }, Values::Fixed { bytes: b, .. }) => a.extend_from_slice(b),
            _ => unreachable!("invariant: batches of one table have the same column types"),
        }
        self.present.extend_from_slice(&other.present);
    }

    fn keep(&mut self, kept: &[bool]) {
        fn of<T>(values: &mut Vec<T>, kept: &[bool]) {
            let mut kept = kept.iter();
            values.retain(|_| *kept.next().expect("invariant: every row is marked"));
        }
        match &mut self.values {
            Values::U32(v) => of(v, kept),
            Values::I32(v) | Values::Day(v) => of(v, kept),
            Values::I64(v) => of(v, kept),
            Values::F32(v) => of(v, kept),
            Values::F64(v) => of(v, kept),
            Values::Bool(v) => of(v, kept),
            Values::Text(v) => of(&mut v.codes, kept),
            Values::Fixed { width, bytes } => {
                let rows = bytes.chunks_exact(*width).zip(kept).filter(|(_, kept)| **kept);
                *bytes = rows.flat_map(|(row, _)| row.iter().copied()).collect();
            }
        }
        if self.nullable {
            of(&mut self.present, kept);
        }
    }
}

/// A row being filled, left to right. Every column must be set before the next row begins.
pub struct Row<'a> {
    batch: &'a mut Batch,
    next: usize,
}

impl Row<'_> {
    /// Sets the next column, which must be `name`: the name guards against values in the wrong order.
    #[inline]
    pub fn set<'c>(mut self, name: &str, value: impl Into<Cell<'c>>) -> Self {
        let at = self.next;
        let column = &self.batch.spec.columns[at];
        assert!(column.name == name, "table {}: column {} is '{}', not '{name}'", self.batch.spec.name, at, column.name);
        let cell = value.into();
        let fits = self.batch.columns[at].push(cell);
        assert!(fits, "table {}: {cell:?} does not fit column '{name}'", self.batch.spec.name);
        self.next += 1;
        if self.next == self.batch.columns.len() {
            self.batch.rows += 1;
        }
        self
    }
}

impl Drop for Row<'_> {
    fn drop(&mut self) {
        let (set, of) = (self.next, self.batch.columns.len());
        assert!(set == of || std::thread::panicking(), "table {}: a row with {set} of {of} columns", self.batch.spec.name);
    }
}

macro_rules! typed_access {
    ($($(#[$doc:meta])* $name:ident => $variant:ident, $ty:ty;)*) => {
        $($(#[$doc])*
        pub fn $name(&self, column: &str) -> &[$ty] {
            match &self.column(column).values {
                Values::$variant(values) => values,
                _ => panic!("table {}: column '{column}' is not of the type asked for", self.spec.name),
            }
        })*
    };
}

impl Batch {
    /// An empty batch of a table.
    pub fn new(spec: &'static TableSpec) -> Self {
        let columns = spec.columns.iter().map(|column| ColumnData::new(column.kind, column.nullable)).collect();
        Self { spec, columns, rows: 0 }
    }

    /// The table these rows belong to.
    pub fn spec(&self) -> &'static TableSpec {
        self.spec
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Begins a row: `batch.row().set("person", 7u32).set("age", 40u32)…` in the order of the table's columns.
    pub fn row(&mut self) -> Row<'_> {
        Row { batch: self, next: 0 }
    }

    /// Adds the rows of another batch of the same table at the end.
    pub fn append(&mut self, other: &Self) {
        assert!(std::ptr::eq(self.spec, other.spec) || self.spec == other.spec, "invariant: only batches of one table are joined");
        for (into, from) in self.columns.iter_mut().zip(&other.columns) {
            into.append(from);
        }
        self.rows += other.rows;
    }

    /// Keeps the rows that are marked.
    pub fn keep(&mut self, kept: &[bool]) {
        assert_eq!(kept.len(), self.rows, "invariant: every row is marked");
        self.columns.iter_mut().for_each(|column| column.keep(kept));
        self.rows = kept.iter().filter(|kept| **kept).count();
    }

    pub(super) fn set_rows(&mut self, rows: usize) {
        self.rows = rows;
    }

    fn column(&self, name: &str) -> &ColumnData {
        let at = self.spec.position(name);
        let at = at.unwrap_or_else(|| panic!("table {} has no column '{name}'", self.spec.name));
        &self.columns[at]
    }

    typed_access! {
        /// Values of a `UInt32` column; 0 where missing.
        u32 => U32, u32;
        /// Values of an `Int32` column; 0 where missing.
        i32 => I32, i32;
        /// Values of an `Int64` column; 0 where missing.
        i64 => I64, i64;
        /// Values of a `Float32` column; NaN where missing.
        f32 => F32, f32;
        /// Values of a `Float64` column; NaN where missing.
        f64 => F64, f64;
        /// Values of a `Bool` column; false where missing.
        bools => Bool, bool;
        /// Values of a `Date` column as days since 1970-01-01; 0 where missing.
        days => Day, i32;
    }

    /// A text column.
    pub fn text(&self, column: &str) -> TextColumn<'_> {
        let data = self.column(column);
        match &data.values {
            Values::Text(labels) => TextColumn { labels, present: &data.present },
            _ => panic!("table {}: column '{column}' is not text", self.spec.name),
        }
    }

    /// The bytes of one row of a `Fixed` column; zeros where missing.
    pub fn fixed(&self, column: &str, row: usize) -> &[u8] {
        match &self.column(column).values {
            Values::Fixed { width, bytes } => &bytes[row * width..(row + 1) * width],
            _ => panic!("table {}: column '{column}' is not of fixed bytes", self.spec.name),
        }
    }

    /// Whether a row has no value in a column.
    pub fn is_null(&self, column: &str, row: usize) -> bool {
        !self.column(column).present.get(row).copied().unwrap_or(true)
    }
}
