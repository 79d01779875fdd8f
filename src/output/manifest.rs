//! `manifest.json`: what a run was and what its files are, by content.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{IoError, RunFolder, folder, parquet_read, tables};

/// Version of the tables and of the manifest. Changes when a column is removed or means something else.
pub const FORMAT_VERSION: u32 = 1;

/// What the manifest says besides the files.
#[derive(Clone, Copy, Debug)]
pub struct ManifestHead<'a> {
    /// The seed of the run.
    pub seed: u64,
    /// The scenario as resolved: every key, defaults filled in.
    pub scenario: &'a Value,
}

/// SHA-256 of bytes, in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("invariant: writing to a string does not fail");
        hex
    })
}

impl RunFolder {
    /// Writes `manifest.json` from the tables as they are on disk: rows and content hash of every file,
    /// and one hash over them all (`content_sha256`), by which two runs are compared. Returns it.
    pub fn write_manifest(&self, head: ManifestHead<'_>) -> Result<Value, IoError> {
        let mut listed = Map::new();
        for spec in tables::ALL {
            let Some(files) = folder::table_files(self.path(), spec)? else { continue };
            let (mut entries, mut rows) = (Vec::new(), 0);
            for file in files {
                let bytes = std::fs::read(&file).map_err(|source| IoError::System { action: "read", path: file.clone(), source })?;
                let file_rows = parquet_read::count_rows(&file)?;
                rows += file_rows;
                // With forward slashes on every system, so that the manifest is the same.
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                let name = if spec.day_parts { format!("{}/{name}", spec.name) } else { name.into_owned() };
                entries.push(json!({ "file": name, "rows": file_rows, "sha256": sha256_hex(&bytes) }));
            }
            listed.insert(spec.name.into(), json!({ "rows": rows, "files": entries }));
        }
        let listed = Value::Object(listed);
        let manifest = sorted(&json!({
            "cocoasim": env!("CARGO_PKG_VERSION"),
            "format": FORMAT_VERSION,
            "seed": head.seed,
            "scenario": head.scenario,
            "content_sha256": sha256_hex(sorted(&listed).to_string().as_bytes()),
            "tables": listed,
        }));
        self.write_json(folder::MANIFEST, &manifest)?;
        Ok(manifest)
    }

    /// Reads `manifest.json`; `None` if the run is not finished.
    pub fn read_manifest(&self) -> Result<Option<Value>, IoError> {
        self.read_json(folder::MANIFEST)
    }

    /// Reads `summary.json`; `None` if there is none.
    pub fn read_summary(&self) -> Result<Option<Value>, IoError> {
        self.read_json(folder::SUMMARY)
    }

    fn read_json(&self, name: &str) -> Result<Option<Value>, IoError> {
        let path = self.path().join(name);
        if !path.is_file() {
            return Ok(None);
        }
        let bytes = std::fs::read(&path).map_err(|source| IoError::System { action: "read", path: path.clone(), source })?;
        serde_json::from_slice(&bytes).map(Some).map_err(|error| IoError::Damaged { path, problem: error.to_string() })
    }
}

/// The same value with the keys of every object in order, whichever map serde_json was built with.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            Value::Object(keys.into_iter().map(|key| (key.clone(), sorted(&map[key]))).collect())
        }
        Value::Array(list) => Value::Array(list.iter().map(sorted).collect()),
        other => other.clone(),
    }
}
