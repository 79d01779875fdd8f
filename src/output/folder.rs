//! The folder a run writes into. Every file appears whole or not at all.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use super::{Batch, Finished, FinishedFile, IoError, PartStream, TableRow, TableSpec, encode, read_file, read_table, tables};
use crate::{inputs::sha256_hex, time::DayJst};

/// Hidden subfolder with what an unfinished run needs to go on. Marks the folder as a run from its first moment.
const STATE: &str = ".state";
/// What an unfinished run goes on from.
const CHECKPOINT: &str = ".state/checkpoint.bin";
/// The file that the one run that may write holds locked. It stays: taken away, it could be locked twice.
const LOCK: &str = ".lock";
/// A folder with it, and without a checkpoint, holds a finished run.
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const SUMMARY: &str = "summary.json";
const TIMING: &str = "timing.json";
const REPORT: &str = "report.html";
const FIGURES: &str = "figures";
/// Subfolder with the files that the server published, and the key that they are checked with.
pub(super) const PUBLISHED: &str = "published";
/// Subfolder with a phone's operation log.
pub(super) const PHONE_LOG: &str = "phone_log";
const PUBLIC_KEY: &str = "public.pem";
/// The index of these files, as it was in the end.
const LIST: &str = "list.json";
/// Folders of worlds, each a run: `seed-1`, `seed-2`, ...
const WORLD: &str = "seed-";

/// The folder of one run.
#[derive(Debug)]
pub struct RunFolder {
    root: PathBuf,
    /// The tables' files that this run has written.
    finished: Mutex<Finished>,
    /// Locked by a run that may write. The system lets go of it when the process ends, however that ends.
    _lock: Option<Lock>,
}

/// A locked file.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    /// Lets go at once: closing alone would leave it locked while a child process that is just being started holds a copy.
    fn drop(&mut self) {
        // Where it cannot be unlocked, closing it does so a little later.
        let _ = self.0.unlock();
    }
}

impl RunFolder {
    /// Begins a run in `root`, which is created. If it holds anything, that is an error unless `overwrite`; then what an
    /// earlier run made there is removed, and nothing else. A folder with files but no run in it is never overwritten.
    /// The folder is this run's until the value is dropped.
    pub fn create(root: &Path, overwrite: bool) -> Result<Self, IoError> {
        if is_empty(root)? {
            create_dir(&root.join(STATE))?;
            return Self::open(root)?.locked();
        }
        if !overwrite {
            let path = root.to_owned();
            return Err(if Self::open(root)?.is_finished() { IoError::Occupied { path } } else { IoError::Unfinished { path } });
        }
        let run = Self::open(root)?.locked()?;
        // Nothing is removed while anything is in use.
        let worlds = run.worlds()?.into_iter().map(|seed| Self::open(&run.world(seed))?.locked()).collect::<Result<Vec<_>, _>>()?;
        run.remove_run()?;
        worlds.into_iter().try_for_each(Self::remove_world)?;
        Ok(run)
    }

    /// Takes up the run in `root` where it stopped, or begins one if the folder is missing or empty (`--resume`).
    /// The folder is this run's until the value is dropped.
    pub fn resume(root: &Path) -> Result<Self, IoError> {
        if is_empty(root)? { Self::create(root, false) } else { Self::open(root)?.locked() }
    }

    /// The run in an existing folder, finished or not, to be read.
    pub fn open(root: &Path) -> Result<Self, IoError> {
        let run = Self { root: root.to_owned(), finished: Mutex::default(), _lock: None };
        if !run.root.join(MANIFEST).is_file() && !run.state_dir().is_dir() {
            let path = root.to_owned();
            return Err(match fs::metadata(root) {
                Err(error) if error.kind() == ErrorKind::NotFound => IoError::NoFolder { path },
                Err(source) => IoError::System { action: "read", path, source },
                Ok(there) if !there.is_dir() => IoError::NotAFolder { path },
                Ok(_) if is_empty(root)? => IoError::Empty { path },
                Ok(_) => IoError::NotARun { path },
            });
        }
        Ok(run)
    }

    fn locked(self) -> Result<Self, IoError> {
        let path = self.root.join(LOCK);
        let failed = |source| IoError::System { action: "lock", path: path.clone(), source };
        let file = File::options().create(true).append(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _lock: Some(Lock(file)), ..self }),
            Err(TryLockError::WouldBlock) => Err(IoError::InUse { path: self.root }),
            // A file system without locks: nothing can be held there.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => Ok(self),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// The folder of a world in this folder of several.
    pub fn world(&self, seed: u64) -> PathBuf {
        self.root.join(format!("{WORLD}{seed}"))
    }

    /// The seeds of the worlds that have a run in this folder, ascending.
    pub fn worlds(&self) -> Result<Vec<u64>, IoError> {
        let seed = |name: &String| name.strip_prefix(WORLD)?.parse().ok().filter(|seed| format!("{WORLD}{seed}") == *name);
        let mut seeds: Vec<u64> = file_names(&self.root)?.iter().filter_map(seed).collect();
        seeds.retain(|seed| Self::open(&self.world(*seed)).is_ok());
        seeds.sort_unstable();
        Ok(seeds)
    }

    /// Whether the run came to its end: the manifest is there, and nothing to go on from is left.
    pub fn is_finished(&self) -> bool {
        self.root.join(MANIFEST).is_file() && !self.root.join(CHECKPOINT).exists()
    }

    /// The tables' files that this run has written, before a restart too.
    pub fn finished(&self) -> Finished {
        self.written().clone()
    }

    /// Takes over what was written before a restart.
    pub fn set_finished(&self, finished: Finished) {
        *self.written() = finished;
    }

    fn written(&self) -> MutexGuard<'_, Finished> {
        self.finished.lock().expect("invariant: nobody panics with it")
    }

    /// Writes a table of one file.
    pub fn write_table(&self, batch: &Batch) -> Result<(), IoError> {
        assert!(!batch.spec().day_parts, "table {} is written by day", batch.spec().name);
        self.write_batch(format!("{}.parquet", batch.spec().name), batch)
    }

    /// Writes one day of a table that has day parts. The day names the file; whether it is the JST or UTC day of the rows
    /// is the table's matter.
    pub fn write_part(&self, batch: &Batch, day: DayJst) -> Result<(), IoError> {
        self.write_batch(part_name(batch.spec(), day), batch)
    }

    /// Begins a part of a table of day parts, for rows that come one after the other. It takes its place with [`Self::finish_part`].
    pub fn begin_part<R: TableRow>(&self, day: DayJst) -> Result<PartStream<R>, IoError> {
        PartStream::begin(&self.root, part_name(R::table(), day))
    }

    /// Brings a part to disk and gives it its name: its entry in the list of what is finished.
    pub fn finish_part<R: TableRow>(&self, part: PartStream<R>) -> Result<(String, FinishedFile), IoError> {
        let (name, file) = part.finish()?;
        self.written().insert(name.clone(), file.clone());
        Ok((name, file))
    }

    fn write_batch(&self, name: String, batch: &Batch) -> Result<(), IoError> {
        self.write_listed(name, batch.rows() as u64, &encode(batch))
    }

    /// Writes a file that the server published, whose name begins with the day on which it was made.
    pub fn write_published(&self, name: &str, keys: u32, zip: &[u8]) -> Result<(), IoError> {
        self.write_listed(format!("{PUBLISHED}/{name}"), u64::from(keys), zip)
    }

    /// Writes the key that published files are checked with.
    pub fn write_public_key(&self, pem: &str) -> Result<(), IoError> {
        self.write_listed(format!("{PUBLISHED}/{PUBLIC_KEY}"), 1, pem.as_bytes())
    }

    /// Writes a day of a phone's operation log.
    pub fn write_phone_log(&self, name: &str, lines: u64, csv: &str) -> Result<(), IoError> {
        self.write_listed(format!("{PHONE_LOG}/{name}"), lines, csv.as_bytes())
    }

    /// Writes the index of published files.
    pub fn write_list(&self, json: &str) -> Result<(), IoError> {
        self.write_listed(format!("{PUBLISHED}/{LIST}"), 1, json.as_bytes())
    }

    /// Writes a file that the manifest lists.
    fn write_listed(&self, name: String, rows: u64, bytes: &[u8]) -> Result<(), IoError> {
        self.write_bytes(&name, bytes)?;
        self.written().insert(name, FinishedFile { rows, sha256: sha256_hex(bytes) });
        Ok(())
    }

    /// Removes a part that a run which was killed left behind.
    pub fn remove_part(&self, name: &str) -> Result<(), IoError> {
        remove_file(self.root.join(name))
    }

    /// Reads a table back, all its parts.
    pub fn read(&self, spec: &'static TableSpec) -> Result<Batch, IoError> {
        read_table(&self.root, spec)
    }

    /// Reads one day of a table that has day parts; `None` if that is not there.
    pub fn read_part(&self, spec: &'static TableSpec, day: DayJst) -> Result<Option<Batch>, IoError> {
        let path = self.root.join(part_name(spec, day));
        path.is_file().then(|| read_file(&path, spec)).transpose()
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

    /// Keeps `bytes` for a later [`Self::read_checkpoint`], in this process or the next, in place of those kept before.
    pub fn write_checkpoint(&self, bytes: &[u8]) -> Result<(), IoError> {
        self.write_bytes(CHECKPOINT, bytes)
    }

    /// What was last kept; `None` if nothing was.
    pub fn read_checkpoint(&self) -> Result<Option<Vec<u8>>, IoError> {
        self.read_file(CHECKPOINT)
    }

    pub(super) fn read_file(&self, name: &str) -> Result<Option<Vec<u8>>, IoError> {
        let path = self.root.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(IoError::System { action: "read", path, source }),
        }
    }

    /// Forgets the checkpoint, which ends the run: the manifest and the report must be there.
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
            rename_to_last(&file, &unfinished, &path)
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
        create_dir(&self.state_dir())?;
        remove_files(&self.root, |name| is_file_or_tmp(name, MANIFEST))?;
        remove_files(&self.state_dir(), |_| true)?;
        for table in tables::ALL {
            remove_files(&self.root, |name| is_file_or_tmp(name, &format!("{}.parquet", table.name)))?;
            self.remove_folder_of(table.name, |name| day_of_part(name.trim_start_matches('.').trim_end_matches(".tmp")).is_some())?;
        }
        self.remove_folder_of(PUBLISHED, |name| {
            [PUBLIC_KEY, LIST].iter().any(|file| is_file_or_tmp(name, file))
                || day_of_zip(name.trim_start_matches('.').trim_end_matches(".tmp")).is_some()
        })?;
        self.remove_folder_of(PHONE_LOG, |name| name.trim_start_matches('.').starts_with("cocoa_log_"))?;
        self.remove_folder_of(FIGURES, |name| name.ends_with(".svg") || name.ends_with(".svg.tmp"))?;
        remove_files(&self.root, |name| [SUMMARY, TIMING, REPORT].iter().any(|file| is_file_or_tmp(name, file)))
    }

    /// Removes the run of a world, and its folder if nothing else is in it.
    fn remove_world(self) -> Result<(), IoError> {
        self.remove_run()?;
        let root = self.root.clone();
        drop(self);
        remove_dir_all(&root.join(STATE))?;
        remove_files(&root, |name| name == LOCK)?;
        remove_if_empty(root)
    }

    /// Removes files of a subfolder, and the subfolder if that leaves it empty.
    fn remove_folder_of(&self, name: &str, is_ours: impl Fn(&str) -> bool) -> Result<(), IoError> {
        let dir = self.root.join(name);
        if !dir.is_dir() {
            return Ok(());
        }
        remove_files(&dir, is_ours)?;
        remove_if_empty(dir)
    }
}

/// The name of a part in the folder.
fn part_name(spec: &TableSpec, day: DayJst) -> String {
    assert!(spec.day_parts, "table {} is one file", spec.name);
    format!("{}/day-{day}.parquet", spec.name)
}

/// Brings a file to disk and gives it its name.
pub(super) fn rename_to_last(file: &File, unfinished: &Path, path: &Path) -> std::io::Result<()> {
    file.sync_all()?;
    fs::rename(unfinished, path)?;
    // Makes the new name itself last; systems that cannot sync a folder do not need it.
    path.parent().map_or(Ok(()), |parent| File::open(parent).and_then(|dir| dir.sync_all()).or(Ok(())))
}

fn remove_if_empty(dir: PathBuf) -> Result<(), IoError> {
    if is_empty(&dir)? {
        fs::remove_dir(&dir).map_err(|source| IoError::System { action: "remove", path: dir, source })?;
    }
    Ok(())
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
    Ok(Some(part_names(&dir)?.into_iter().map(|name| dir.join(name)).collect()))
}

/// The parts in a table's folder, in the order of days; none if the folder is missing.
pub(super) fn part_names(dir: &Path) -> Result<Vec<String>, IoError> {
    Ok(parquet_names(dir)?.into_iter().filter(|name| day_of_part(name).is_some()).collect())
}

/// All Parquet files in a table's folder, whoever made them, in order.
pub(super) fn parquet_names(dir: &Path) -> Result<Vec<String>, IoError> {
    names_ending(dir, ".parquet")
}

/// All zips in the folder of published files, whoever made them, in order.
pub(super) fn zip_names(run_dir: &Path) -> Result<Vec<String>, IoError> {
    names_ending(&run_dir.join(PUBLISHED), ".zip")
}

fn names_ending(dir: &Path, end: &str) -> Result<Vec<String>, IoError> {
    let names = if dir.is_dir() { file_names(dir)? } else { Vec::new() };
    Ok(names.into_iter().filter(|name| name.ends_with(end) && !name.starts_with('.')).collect())
}

/// The day on which a published file was made: `YYYY-MM-DD-keys-of-YYYY-MM-DD.zip`, or `YYYY-MM-DDThh-keys-of-YYYY-MM-DD.zip`.
pub(super) fn day_of_zip(name: &str) -> Option<DayJst> {
    let (day, rest) = name.split_at_checked("YYYY-MM-DD".len())?;
    let rest = rest.strip_prefix('T').map_or(Some(rest), |hour| hour.get("hh".len()..))?;
    (rest.starts_with("-keys-of-") && rest.ends_with(".zip")).then(|| DayJst::parse(day)).flatten()
}

/// The day of `day-YYYY-MM-DD.parquet`.
pub(super) fn day_of_part(name: &str) -> Option<DayJst> {
    name.strip_prefix("day-").and_then(|rest| rest.strip_suffix(".parquet")).and_then(DayJst::parse)
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
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotADirectory && dir.is_file() => Err(IoError::NotAFolder { path: dir.to_owned() }),
        Err(source) => Err(IoError::System { action: "read", path: dir.to_owned(), source }),
    }
}

pub(super) fn create_dir(dir: &Path) -> Result<(), IoError> {
    fs::create_dir_all(dir).map_err(|source| IoError::System { action: "create", path: dir.to_owned(), source })
}

fn remove_files(dir: &Path, is_ours: impl Fn(&str) -> bool) -> Result<(), IoError> {
    file_names(dir)?.into_iter().filter(|name| is_ours(name)).try_for_each(|name| remove_file(dir.join(name)))
}

fn remove_file(path: PathBuf) -> Result<(), IoError> {
    fs::remove_file(&path).map_err(|source| IoError::System { action: "remove", path, source })
}

fn remove_dir_all(dir: &Path) -> Result<(), IoError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(IoError::System { action: "remove", path: dir.to_owned(), source: error }),
        _ => Ok(()),
    }
}
