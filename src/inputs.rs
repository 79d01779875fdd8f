//! The files that a scenario names. Each is read once, so that what is hashed is what is used.

use std::{
    fs::File,
    io::{Error, ErrorKind, Read, Result},
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde::Serialize;
use sha2::{Digest, Sha256};

/// A file that a scenario names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Input {
    /// Key path of the scenario that names it, such as `app.configurations[0].files[1]`.
    pub key: String,
    /// Its name, without the folders it lies in: results say what a run was made of, not where that lay.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// The files read so far.
#[derive(Clone, Debug, Default)]
pub struct Inputs(pub Vec<Input>);

impl Inputs {
    /// Reads the file that the scenario names under `key`, and notes what it holds.
    pub fn read(&mut self, key: impl Into<String>, path: &Path) -> Result<Vec<u8>> {
        let key = key.into();
        let bytes = read(path, &key, u64::MAX)?;
        self.0.push(Input { key, path: file_name(&path.to_string_lossy()), sha256: sha256_hex(&bytes) });
        Ok(bytes)
    }

    /// The same for a file of text.
    pub fn read_text(&mut self, key: impl Into<String>, path: &Path) -> Result<String> {
        String::from_utf8(self.read(key, path)?).map_err(|_| Error::new(ErrorKind::InvalidData, "it is no UTF-8 text"))
    }
}

/// Whether a path is `-`: standard input or output.
pub fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A file's name in messages.
pub fn name_of(path: &Path) -> String {
    if is_dash(path) { "standard input".into() } else { path.display().to_string() }
}

/// Reads a file whole, or standard input (`-`), which is then `purpose`'s alone: it can be read once.
///
/// # Errors
/// What the system says, that the file is larger than `limit` bytes, or that standard input was read for another purpose.
pub fn read(path: &Path, purpose: &str, limit: u64) -> Result<Vec<u8>> {
    /// Standard input, and what it was read for.
    static STANDARD_INPUT: Mutex<Option<(String, Vec<u8>)>> = Mutex::new(None);
    if !is_dash(path) {
        return read_up_to(File::open(path)?, limit);
    }
    let mut before = STANDARD_INPUT.lock().unwrap_or_else(PoisonError::into_inner);
    let (of, bytes) = match before.take() {
        Some(read) => read,
        None => (purpose.to_string(), read_up_to(std::io::stdin(), limit)?),
    };
    let answer = if of == purpose { Ok(bytes.clone()) } else { Err(Error::other(format!("standard input is {of} already"))) };
    *before = Some((of, bytes));
    answer
}

fn read_up_to(from: impl Read, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(Error::new(ErrorKind::FileTooLarge, format!("oversized: more than {} MiB", limit >> 20)));
    }
    Ok(bytes)
}

/// The last part of a path.
pub fn file_name(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_string(), |name| name.to_string_lossy().into_owned())
}

/// SHA-256 of bytes, in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4 example: SHA-256 of "abc".
    #[test]
    fn val_content_hash_is_sha256() {
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn what_is_read_is_noted_by_content_and_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("abc.csv");
        std::fs::write(&path, "abc").unwrap();
        let mut inputs = Inputs::default();
        assert_eq!(inputs.read_text("radio.calibration", &path).unwrap(), "abc");
        let noted = Input { key: "radio.calibration".into(), path: "abc.csv".into(), sha256: sha256_hex(b"abc") };
        assert_eq!(inputs.0, [noted]);
        assert!(inputs.read("mobility.file", &dir.path().join("none")).is_err());
        std::fs::write(&path, b"\xff").unwrap();
        assert_eq!(inputs.read_text("radio.calibration", &path).unwrap_err().kind(), ErrorKind::InvalidData);
    }
}
