//! Files that a run has finished, by content: what a checkpoint and the manifest list, and what is held against the disk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{IoError, RunFolder, folder, manifest, tables};
use crate::{inputs::sha256_hex, time::DayJst};

/// A finished file of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishedFile {
    /// Rows in it.
    pub rows: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// Finished files by their names in the folder, with forward slashes on every system: `people.parquet`,
/// `contacts/day-2020-09-01.parquet`, `published/2020-09-08-keys-of-2020-09-01.zip`.
pub type Finished = BTreeMap<String, FinishedFile>;

impl RunFolder {
    /// Which of these files are not on disk as they were written; each with what is wrong.
    pub fn changed(&self, finished: &Finished) -> Vec<String> {
        let expected = finished.iter().map(|(name, file)| (name.as_str(), file.sha256.as_str()));
        expected.filter_map(|(name, sha256)| self.problem_of(name, sha256)).collect()
    }

    /// Parts of tables and published files that are not among these files; those that continue the finished ones of their
    /// folder, with a day after all of them, are marked by it.
    pub fn parts_besides(&self, finished: &Finished) -> Result<Vec<(String, Option<DayJst>)>, IoError> {
        let mut besides = Vec::new();
        for spec in tables::ALL.iter().filter(|spec| spec.day_parts) {
            let names = folder::parquet_names(&self.path().join(spec.name))?;
            besides.extend(others_than(finished, spec.name, names, folder::day_of_part));
        }
        besides.extend(others_than(finished, folder::PUBLISHED, folder::zip_names(self.path())?, folder::day_of_zip));
        Ok(besides)
    }

    /// What of a finished run is not as its manifest says.
    pub fn problems(&self, manifest: &Value) -> Result<Vec<String>, IoError> {
        let Some(finished) = manifest::finished_of(manifest) else {
            return Ok(vec![format!("{}: it is not as a run writes it", folder::MANIFEST)]);
        };
        let mut problems = self.changed(&finished);
        problems.extend(manifest["summary_sha256"].as_str().and_then(|sha256| self.problem_of(folder::SUMMARY, sha256)));
        problems.extend(self.parts_besides(&finished)?.into_iter().map(|(name, _)| format!("{name}: the run did not write it")));
        Ok(problems)
    }

    fn problem_of(&self, name: &str, sha256: &str) -> Option<String> {
        match std::fs::read(self.path().join(name)) {
            Ok(bytes) if sha256_hex(&bytes) == sha256 => None,
            Ok(_) => Some(format!("{name}: it is not as the run wrote it")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(format!("{name}: it is missing")),
            Err(error) => Some(format!("{name}: cannot be read: {error}")),
        }
    }
}

/// The files of a subfolder that are not finished, each with its day if that is after those of all that are.
fn others_than(
    finished: &Finished,
    subfolder: &str,
    names: Vec<String>,
    day_of: fn(&str) -> Option<DayJst>,
) -> impl Iterator<Item = (String, Option<DayJst>)> {
    let prefix = format!("{subfolder}/");
    let last = finished.keys().filter_map(|name| day_of(name.strip_prefix(&prefix)?)).max();
    let others = names.into_iter().filter(move |name| !finished.contains_key(&format!("{prefix}{name}")));
    let prefix = format!("{subfolder}/");
    others.map(move |name| (format!("{prefix}{name}"), day_of(&name).filter(|day| last.is_none_or(|last| *day > last))))
}
