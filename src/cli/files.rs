//! Files that commands read and write. `-` is standard input or output.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use crate::inputs::{is_dash, name_of, read};

use super::{Failure, print, print_bytes, say, shell};

/// A fault of a file.
pub(super) fn wrong(file: &Path, problem: impl std::fmt::Display) -> Failure {
    Failure::fault(name_of(file), problem, "")
}

/// Standard input can be read once.
pub(super) fn one_standard_input<'a>(files: impl IntoIterator<Item = &'a Path>) -> Result<(), Failure> {
    match files.into_iter().filter(|path| is_dash(path)).count() {
        0 | 1 => Ok(()),
        number => Err(Failure::wrong_input(format!("{number} files are - (standard input), which can be read once; name the others"))),
    }
}

/// Reads a file of bounded size, once: a pipe gives its bytes a single time.
pub(super) fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    read(path, &format!("file {}", path.display()), limit).map_err(|e| match e.kind() {
        ErrorKind::FileTooLarge => wrong(path, e),
        _ => wrong(path, format!("cannot be read: {e}")),
    })
}

/// The same of text.
pub(super) fn read_text(path: &Path, limit: u64) -> Result<String, Failure> {
    String::from_utf8(read_file(path, limit)?).map_err(|_| wrong(path, "not UTF-8 text"))
}

/// The files that a command is to write. They are looked at before anything is computed: none is replaced unless that was asked for.
pub(super) struct Outputs {
    /// Whether one of them is standard output.
    to_standard_output: bool,
}

impl Outputs {
    /// Looks at the places; `printed` says that the command's answer needs standard output for itself (`--json`).
    ///
    /// # Errors
    /// That a file is there, or cannot be; nothing has been written.
    pub(super) fn new<'a>(files: impl IntoIterator<Item = &'a Path>, overwrite: bool, printed: bool) -> Result<Self, Failure> {
        let files: Vec<&Path> = files.into_iter().collect();
        if let Some(twice) = files.iter().enumerate().find_map(|(i, file)| files[..i].contains(file).then_some(*file)) {
            let name = if is_dash(twice) { "standard output".into() } else { twice.display().to_string() };
            return Err(Failure::fault(name, "two outputs have this name", "give each a name of its own"));
        }
        let to_standard_output = files.iter().any(|file| is_dash(file));
        if to_standard_output && printed {
            return Err(Failure::fault("standard output", "both --json and a file named - go there", "name the file"));
        }
        let places = files.iter().filter(|file| !is_dash(file)).map(|file| free_place(file, overwrite));
        match places.filter_map(Result::err).reduce(Failure::and) {
            Some(failure) => Err(failure),
            None => Ok(Self { to_standard_output }),
        }
    }

    /// Writes one of the files; it appears whole or not at all.
    pub(super) fn write(&self, file: &Path, bytes: &[u8]) -> Result<(), Failure> {
        if is_dash(file) {
            return print_bytes(bytes);
        }
        // A pipe or device takes bytes, and no other file in its place.
        let write = if file.exists() && !file.is_file() { std::fs::write(file, bytes) } else { write_whole(file, bytes) };
        write.map_err(|e| Failure::machine(format!("{}: cannot be written: {e}", file.display())))
    }

    /// Writes one of the files and names it on standard error.
    pub(super) fn write_and_say(&self, file: &Path, bytes: &[u8]) -> Result<(), Failure> {
        self.write(file, bytes)?;
        if !is_dash(file) {
            say(format_args!("{}", file.display()));
        }
        Ok(())
    }

    /// Prints the command's answer: on standard error where a file is standard output.
    pub(super) fn answer(&self, text: &str) -> Result<(), Failure> {
        if self.to_standard_output {
            say(format_args!("{}", text.trim_end()));
            return Ok(());
        }
        print(text)
    }
}

/// Whether a file may be written at its place.
fn free_place(file: &Path, overwrite: bool) -> Result<(), Failure> {
    let name = file.display().to_string();
    if file.is_dir() {
        return Err(Failure::fault(name, "a folder is there; nothing was written", "name a file"));
    }
    if file.is_file() && !overwrite {
        let remedy = format!("name another, or replace it:\n{}", shell::to_overwrite(shell::arguments()));
        return Err(Failure::fault(name, "the file is there already; nothing was written", remedy));
    }
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            Err(Failure::fault(name, format!("there is no folder {}; nothing was written", folder.display()), "make it, or name another"))
        }
        _ => Ok(()),
    }
}

/// Writes a file under another name beside its place, and renames it.
fn write_whole(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let unfinished: PathBuf = file.with_file_name(format!(".{name}.tmp"));
    std::fs::write(&unfinished, bytes).and_then(|()| std::fs::rename(&unfinished, file)).inspect_err(|_| {
        // The error that matters is the one reported.
        let _ = std::fs::remove_file(&unfinished);
    })
}
