//! A part of a table while it is written: rows come as typed values and leave memory group by group.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{
    Batch, FinishedFile, IoError, Row, TableSpec, folder,
    parquet_write::{Encoder, ROW_GROUP_ROWS},
};

/// A row of a table as a typed value.
pub trait TableRow {
    /// By what rows are sorted, so many at a time.
    type Order: Ord;

    /// So many rows are held, sorted and then written.
    const SORTED_AT_ONCE: usize = ROW_GROUP_ROWS;

    /// The table.
    fn table() -> &'static TableSpec;

    /// Where the row stands.
    fn order(&self) -> Self::Order;

    /// Sets every column, in their order.
    fn put(&self, row: Row<'_>);
}

/// A part being written under another name. Dropped before its end it leaves nothing behind.
pub struct PartStream<R> {
    rows: Vec<R>,
    /// As the manifest lists it.
    name: String,
    path: PathBuf,
    unfinished: PathBuf,
    /// `None` once it has ended.
    encoder: Option<Encoder<Hashed>>,
}

impl<R: TableRow> PartStream<R> {
    pub(super) fn begin(root: &Path, name: String) -> Result<Self, IoError> {
        let path = root.join(&name);
        let (Some(parent), Some(file_name)) = (path.parent(), path.file_name()) else {
            unreachable!("invariant: a part has a name and a folder");
        };
        folder::create_dir(parent)?;
        let unfinished = parent.join(format!(".{}.tmp", file_name.to_string_lossy()));
        let file = File::create(&unfinished).map_err(|source| IoError::System { action: "write", path: path.clone(), source })?;
        let hashed = Hashed { file: BufWriter::new(file), sha256: Sha256::new() };
        let encoder = Encoder::new(R::table(), hashed).map_err(|error| failed(&path, error))?;
        Ok(Self { rows: Vec::new(), name, path, unfinished, encoder: Some(encoder) })
    }

    /// Adds rows. As soon as [`TableRow::SORTED_AT_ONCE`] are there they are sorted and written.
    pub fn extend(&mut self, rows: impl IntoIterator<Item = R>) -> Result<(), IoError> {
        for row in rows {
            self.rows.push(row);
            if self.rows.len() == R::SORTED_AT_ONCE {
                self.write()?;
            }
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), IoError> {
        self.rows.sort_by_key(R::order);
        let mut batch = Batch::new(R::table());
        self.rows.drain(..).for_each(|row| row.put(batch.row()));
        let encoder = self.encoder.as_mut().expect("invariant: a part that takes rows has not ended");
        encoder.write(&batch).map_err(|error| failed(&self.path, error))
    }

    /// Brings the part to disk and gives it its name.
    pub(super) fn finish(mut self) -> Result<(String, FinishedFile), IoError> {
        self.write()?;
        let encoder = self.encoder.take().expect("invariant: a part ends once");
        let rows = encoder.rows();
        let Hashed { file, sha256 } = encoder.finish().map_err(|error| failed(&self.path, error))?;
        let rename = || {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            folder::rename_to_last(&file, &self.unfinished, &self.path)
        };
        rename().map_err(|source| IoError::System { action: "write", path: self.path.clone(), source })?;
        let sha256 = sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok((std::mem::take(&mut self.name), FinishedFile { rows, sha256 }))
    }
}

impl<R> Drop for PartStream<R> {
    fn drop(&mut self) {
        // After its end there is nothing of this name; before it, whatever goes wrong here the next run writes over it.
        let _ = fs::remove_file(&self.unfinished);
    }
}

fn failed(path: &Path, error: parquet::errors::ParquetError) -> IoError {
    let source = match error {
        parquet::errors::ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    };
    IoError::System { action: "write", path: path.to_owned(), source }
}

/// A file and the hash of what is written to it.
struct Hashed {
    file: BufWriter<File>,
    sha256: Sha256,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.sha256.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
