//! The folder a run writes into. Every file appears whole or not at all.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Batch, IoError, TableSpec, encode, read_table, tables};
use crate::time::DayJst;

/// Hidden subfolder with what an unfinished run needs to go on. Marks the folder as a run from its first moment.
const STATE: &str = ".state";
/// A folder with it, and without state, holds a finished run.
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const SUMMARY: &str = "summary.json";
const TIMING: &str = "timing.json";
const REPORT: &str = "report.html";
const FIGURES: &str = "figures";

/// The folder of one run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    root: PathBuf,
}

impl RunFolder {
    /// Begins a run in `root`, which is created. If it holds anything, that is an error unless `overwrite`; then what an
    /// earlier run made there is removed, and nothing else. A folder with files but no run in it is never overwritten.
    pub fn create(root: &Path, overwrite: bool) -> Result<Self, IoError> {
        let run = Self { root: root.to_owned() };
        if !is_empty(root)? {
            if !overwrite {
                return Err(IoError::Occupied { path: root.to_owned() });
            }
            run.remove_run()?;
        }
        create_dir(&run.state_dir())?;
        Ok(run)
    }

    /// Takes up the run in `root` where it stopped, or begins one if the folder is missing or empty (`--resume`).
    pub fn resume(root: &Path) -> Result<Self, IoError> {
        if is_empty(root)? { Self::create(root, false) } else { Self::open(root) }
    }

    /// The run in an existing folder, finished or not.
    pub fn open(root: &Path) -> Result<Self, IoError> {
        let run = Self { root: root.to_owned() };
        if !run.root.join(MANIFEST).is_file() && !run.state_dir().is_dir() {
            return Err(IoError::NotARun { path: root.to_owned() });
        }
        Ok(run)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Whether the run came to its end: the manifest is there, and nothing to go on from is left.
    pub fn is_finished(&self) -> bool {
        self.root.join(MANIFEST).is_file() && !self.state_dir().exists()
    }

    /// Writes a table of one file.
    pub fn write_table(&self, batch: &Batch) -> Result<(), IoError> {
        assert!(!batch.spec().day_parts, "table {} is written by day", batch.spec().name);
        self.write_bytes(&format!("{}.parquet", batch.spec().name), &encode(batch))
    }

    /// Writes one day of a table that has day parts. The day names the file; whether it is the JST or UTC day of the rows
    /// is the table's matter.
    pub fn write_part(&self, batch: &Batch, day: DayJst) -> Result<(), IoError> {
        assert!(batch.spec().day_parts, "table {} is one file", batch.spec().name);
        self.write_bytes(&format!("{}/day-{day}.parquet", batch.spec().name), &encode(batch))
    }

    /// Reads a table back, all its parts.
    pub fn read(&self, spec: &'static TableSpec) -> Result<Batch, IoError> {
        read_table(&self.root, spec)
    }

    /// Writes `summary.json`.
    pub fn write_summary(&self, summary: &serde_json::Value) -> Result<(), IoError> {
        self.write_json(SUMMARY, summary)
    }

    /// Writes `timing.json`: wall-clock facts, which no hash covers.
    pub fn write_timing(&self, timing: &serde_json::Value) -> Result<(), IoError> {
        self.write_json(TIMING, timing)
    }

    /// Writes `report.html`.
    pub fn write_report(&self, html: &str) -> Result<(), IoError> {
        self.write_bytes(REPORT, html.as_bytes())
    }

    /// Writes `figures/NAME.svg`.
    pub fn write_figure(&self, name: &str, svg: &str) -> Result<(), IoError> {
        self.write_bytes(&format!("{FIGURES}/{name}.svg"), svg.as_bytes())
    }

    /// Keeps `bytes` under `name` for a later [`Self::read_state`], in this process or the next.
    pub fn write_state(&self, name: &str, bytes: &[u8]) -> Result<(), IoError> {
        self.write_bytes(&format!("{STATE}/{name}"), bytes)
    }

    /// What was last kept under `name`; `None` if nothing was.
    pub fn read_state(&self, name: &str) -> Result<Option<Vec<u8>>, IoError> {
        let path = self.state_dir().join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(IoError::System { action: "read", path, source }),
        }
    }

    /// Forgets everything kept by [`Self::write_state`], which ends the run: the manifest and the report must be there.
    pub fn remove_state(&self) -> Result<(), IoError> {
        remove_dir_all(&self.state_dir())
    }

    pub(super) fn write_json(&self, name: &str, value: &serde_json::Value) -> Result<(), IoError> {
        let mut text = format!("{value:#}");
        text.push('\n');
        self.write_bytes(name, text.as_bytes())
    }

    /// Writes a file under another name beside its place, brings it to disk, and renames it.
    fn write_bytes(&self, relative: &str, bytes: &[u8]) -> Result<(), IoError> {
        let path = self.root.join(relative);
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            unreachable!("invariant: a file of a run has a name and a folder");
        };
        create_dir(parent)?;
        let unfinished = parent.join(format!(".{}.tmp", name.to_string_lossy()));
        let write = || {
            let mut file = File::create(&unfinished)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&unfinished, &path)?;
            // Makes the new name itself last; systems that cannot sync a folder do not need it.
            File::open(parent).and_then(|dir| dir.sync_all()).or(Ok(()))
        };
        write().map_err(|source| {
            // Best effort: the error that matters is the one reported.
            let _ = fs::remove_file(&unfinished);
            IoError::System { action: "write", path: path.clone(), source }
        })
    }

    fn state_dir(&self) -> PathBuf {
        self.root.join(STATE)
    }

    /// Removes what a run makes. Cut short, it leaves an unfinished run that has nothing to go on from.
    fn remove_run(&self) -> Result<(), IoError> {
        Self::open(&self.root)?;
        create_dir(&self.state_dir())?;
        remove_files(&self.root, |name| is_file_or_tmp(name, MANIFEST))?;
        remove_files(&self.state_dir(), |_| true)?;
        for table in tables::ALL {
            remove_files(&self.root, |name| is_file_or_tmp(name, &format!("{}.parquet", table.name)))?;
            self.remove_folder_of(table.name, |name| is_part(name.trim_start_matches('.').trim_end_matches(".tmp")))?;
        }
        self.remove_folder_of(FIGURES, |name| name.ends_with(".svg") || name.ends_with(".svg.tmp"))?;
        remove_files(&self.root, |name| [SUMMARY, TIMING, REPORT].iter().any(|file| is_file_or_tmp(name, file)))
    }

    /// Removes files of a subfolder, and the subfolder if that leaves it empty.
    fn remove_folder_of(&self, name: &str, is_ours: impl Fn(&str) -> bool) -> Result<(), IoError> {
        let dir = self.root.join(name);
        if !dir.is_dir() {
            return Ok(());
        }
        remove_files(&dir, is_ours)?;
        if is_empty(&dir)? {
            fs::remove_dir(&dir).map_err(|source| IoError::System { action: "remove", path: dir, source })?;
        }
        Ok(())
    }
}

/// The files of a table in a run's folder, parts in the order of days; `None` if the table is not there.
pub(super) fn table_files(run_dir: &Path, spec: &TableSpec) -> Result<Option<Vec<PathBuf>>, IoError> {
    if !spec.day_parts {
        let file = run_dir.join(format!("{}.parquet", spec.name));
        return Ok(file.is_file().then(|| vec![file]));
    }
    let dir = run_dir.join(spec.name);
    if !dir.is_dir() {
        return Ok(None);
    }
    let parts = file_names(&dir)?.into_iter().filter(|name| is_part(name));
    Ok(Some(parts.map(|name| dir.join(name)).collect()))
}

/// `day-YYYY-MM-DD.parquet`.
fn is_part(name: &str) -> bool {
    name.strip_prefix("day-").and_then(|rest| rest.strip_suffix(".parquet")).is_some_and(|day| DayJst::parse(day).is_some())
}

fn is_file_or_tmp(name: &str, file: &str) -> bool {
    name == file || name == format!(".{file}.tmp")
}

/// Names in a folder, sorted: the system lists them in any order.
fn file_names(dir: &Path) -> Result<Vec<String>, IoError> {
    let list = || -> std::io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(dir)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        Ok(names)
    };
    list().map_err(|source| IoError::System { action: "read", path: dir.to_owned(), source })
}

/// Whether a folder is missing or has nothing in it.
fn is_empty(dir: &Path) -> Result<bool, IoError> {
    match fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(source) => Err(IoError::System { action: "read", path: dir.to_owned(), source }),
    }
}

fn create_dir(dir: &Path) -> Result<(), IoError> {
    fs::create_dir_all(dir).map_err(|source| IoError::System { action: "create", path: dir.to_owned(), source })
}

fn remove_files(dir: &Path, is_ours: impl Fn(&str) -> bool) -> Result<(), IoError> {
    for name in file_names(dir)?.into_iter().filter(|name| is_ours(name)) {
        let path = dir.join(name);
        fs::remove_file(&path).map_err(|source| IoError::System { action: "remove", path, source })?;
    }
    Ok(())
}

fn remove_dir_all(dir: &Path) -> Result<(), IoError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(IoError::System { action: "remove", path: dir.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}
