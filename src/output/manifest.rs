//! `manifest.json`: what a run was and what its files are, by content.

use serde_json::{Map, Value, json};

use super::{Finished, FinishedFile, IoError, RunFolder, folder, tables};
use crate::inputs::{Input, sha256_hex};

/// Version of the tables and of the manifest. Changes when a column is removed or means something else.
pub const FORMAT_VERSION: u32 = 1;

/// What the manifest says besides the files: all that a run's results follow from.
#[derive(Clone, Copy, Debug)]
pub struct ManifestHead<'a> {
    /// The seed of the run; of a folder of several worlds, the first one's.
    pub seed: u64,
    /// Whether this is a folder of several worlds, each a run of its own in it.
    pub holds_worlds: bool,
    /// The scenario as resolved: every key, defaults filled in.
    pub scenario: &'a Value,
    /// The files that the scenario names.
    pub inputs: &'a [Input],
}

impl ManifestHead<'_> {
    /// The head as JSON, with the program that makes the run.
    pub fn json(&self) -> Value {
        json!({
            "build": { "version": env!("CARGO_PKG_VERSION"), "source_sha256": env!("COCOASIM_SOURCE_SHA256") },
            "format": FORMAT_VERSION,
            "inputs": self.inputs,
            "seed": self.seed,
            "holds": if self.holds_worlds { "several worlds" } else { "one world" },
            "scenario": self.scenario,
        })
    }
}

impl RunFolder {
    /// Writes `manifest.json`: rows and content hash of every file that this run wrote, and one hash over them all
    /// (`content_sha256`), by which two runs are compared. Returns it.
    pub fn write_manifest(&self, head: ManifestHead<'_>) -> Result<Value, IoError> {
        self.write_manifest_and(head, &[])
    }

    /// The same of a folder of several worlds, each told by its seed and content hash.
    pub fn write_manifest_of_worlds(&self, head: ManifestHead<'_>, worlds: Vec<Value>) -> Result<Value, IoError> {
        self.write_manifest_and(head, &[("worlds", worlds.into())])
    }

    fn write_manifest_and(&self, head: ManifestHead<'_>, more: &[(&str, Value)]) -> Result<Value, IoError> {
        let mut listed = listed(&self.finished());
        let mut manifest = head.json();
        manifest["content_sha256"] = content_sha256(&listed).into();
        LISTS.iter().for_each(|list| manifest[*list] = listed[*list].take());
        more.iter().for_each(|(key, value)| manifest[*key] = value.clone());
        manifest["summary_sha256"] = self.read_file(folder::SUMMARY)?.map(|bytes| sha256_hex(&bytes)).into();
        let manifest = sorted(&manifest);
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

    /// What `summary.json` holds, byte for byte; `None` if there is none.
    pub fn summary_bytes(&self) -> Result<Option<Vec<u8>>, IoError> {
        self.read_file(folder::SUMMARY)
    }

    fn read_json(&self, name: &str) -> Result<Option<Value>, IoError> {
        let Some(bytes) = self.read_file(name)? else { return Ok(None) };
        let damaged = |error: serde_json::Error| IoError::Damaged { path: self.path().join(name), problem: error.to_string() };
        serde_json::from_slice(&bytes).map(Some).map_err(damaged)
    }
}

/// The manifest's lists of files.
const LISTS: [&str; 3] = ["tables", "published", "phone_log"];

/// The files as the manifest lists them: table by table, what the server published (whose rows are keys), and a phone's log (lines).
fn listed(finished: &Finished) -> Value {
    let list = |files: Vec<(&String, &FinishedFile)>| -> Vec<Value> {
        files.iter().map(|(name, f)| json!({ "file": name, "rows": f.rows, "sha256": f.sha256 })).collect()
    };
    let mut listed = Map::new();
    for spec in tables::ALL {
        let is_of_table = |name: &str| match name.split_once('/') {
            Some((table, _)) => table == spec.name,
            None => name.strip_suffix(".parquet") == Some(spec.name),
        };
        let files: Vec<_> = finished.iter().filter(|(name, _)| is_of_table(name)).collect();
        if files.is_empty() {
            continue;
        }
        let rows: u64 = files.iter().map(|(_, file)| file.rows).sum();
        listed.insert(spec.name.into(), json!({ "rows": rows, "files": list(files) }));
    }
    let of_folder = |folder: &str| {
        let is_in = |name: &str| name.split_once('/').is_some_and(|(subfolder, _)| subfolder == folder);
        list(finished.iter().filter(|(name, _)| is_in(name)).collect())
    };
    json!({ "tables": listed, "published": of_folder(folder::PUBLISHED), "phone_log": of_folder(folder::PHONE_LOG) })
}

fn content_sha256(listed: &Value) -> String {
    sha256_hex(sorted(listed).to_string().as_bytes())
}

/// The files that a manifest lists; `None` if it is not as [`RunFolder::write_manifest`] writes it.
pub(super) fn finished_of(manifest: &Value) -> Option<Finished> {
    let mut finished = Finished::new();
    let of_tables = manifest["tables"].as_object()?.values().map(|table| &table["files"]);
    for files in of_tables.chain([&manifest["published"], &manifest["phone_log"]]) {
        for file in files.as_array()? {
            let content = FinishedFile { rows: file["rows"].as_u64()?, sha256: file["sha256"].as_str()?.into() };
            finished.insert(file["file"].as_str()?.into(), content);
        }
    }
    let listed = listed(&finished);
    let is_as_listed = LISTS.iter().all(|list| manifest[*list] == listed[*list]);
    (is_as_listed && manifest["content_sha256"] == content_sha256(&listed)).then_some(finished)
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
