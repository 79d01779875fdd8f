//! One value on its way into a table.

use crate::ids::{PersonId, VenueId};
use crate::time::{DayJst, DayUtc, UnixSeconds};

/// A value of any column type, or none. Made by `into()` from plain values, ids, days, moments, and `Option`s of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// For [`super::ColumnType::UInt32`].
    U32(u32),
    /// For [`super::ColumnType::Int32`].
    I32(i32),
    /// For [`super::ColumnType::Int64`].
    I64(i64),
    /// For [`super::ColumnType::Float32`], and `Float64` by widening.
    F32(f32),
    /// For [`super::ColumnType::Float64`].
    F64(f64),
    /// For [`super::ColumnType::Bool`].
    Bool(bool),
    /// For [`super::ColumnType::Utf8`].
    Text(&'a str),
    /// For [`super::ColumnType::Date`]: days since 1970-01-01.
    Day(i32),
    /// For [`super::ColumnType::Fixed`].
    Bytes(&'a [u8]),
}

macro_rules! cell_from {
    ($($from:ty => |$value:ident| $cell:expr),* $(,)?) => {
        $(impl<'a> From<$from> for Cell<'a> {
            #[inline]
            fn from($value: $from) -> Self {
                $cell
            }
        })*
    };
}

cell_from! {
    u32 => |v| Cell::U32(v),
    PersonId => |v| Cell::U32(v.0),
    VenueId => |v| Cell::U32(v.0),
    i32 => |v| Cell::I32(v),
    i64 => |v| Cell::I64(v),
    UnixSeconds => |v| Cell::I64(v.0),
    f32 => |v| Cell::F32(v),
    f64 => |v| Cell::F64(v),
    bool => |v| Cell::Bool(v),
    DayJst => |v| Cell::Day(v.0),
    DayUtc => |v| Cell::Day(v.0),
    &'a str => |v| Cell::Text(v),
    &'a String => |v| Cell::Text(v),
    &'a [u8] => |v| Cell::Bytes(v),
}

impl<'a, const N: usize> From<&'a [u8; N]> for Cell<'a> {
    #[inline]
    fn from(v: &'a [u8; N]) -> Self {
        Cell::Bytes(v)
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    #[inline]
    fn from(v: Option<T>) -> Self {
        v.map_or(Cell::Null, Into::into)
    }
}
