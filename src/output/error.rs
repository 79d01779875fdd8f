//! What can go wrong with a run's files.

use std::path::PathBuf;

/// A failure to write or read a run's files.
#[derive(Debug, thiserror::Error)]
pub enum IoError {
    /// The output folder already holds files and nobody said to overwrite them. The input is wrong (exit code 2).
    #[error("{} is not empty (choose another folder, or pass --overwrite to replace the run in it)", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds a run that has not ended. The input is wrong (exit code 2).
    #[error("{} holds a run that was stopped before its end (go on with --resume)", path.display())]
    Unfinished {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds files, but none that mark it as a run; nothing in it is touched. The input is wrong (exit code 2).
    #[error("{} holds files but no run (no manifest.json, no unfinished run); it is left alone", path.display())]
    NotARun {
        /// The folder.
        path: PathBuf,
    },
    /// There is nothing of this name. The input is wrong (exit code 2).
    #[error("there is no folder {}", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A file is there in place of a run's folder. The input is wrong (exit code 2).
    #[error("{} is a file; a run is a folder", path.display())]
    NotAFolder {
        /// The file.
        path: PathBuf,
    },
    /// The folder is empty. The input is wrong (exit code 2).
    #[error("{} is empty: no run has been written there", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// Another run, which is going on, writes into the folder. The input is wrong (exit code 2).
    #[error("{} is in use by another run (wait until it has ended, or choose another folder)", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The operating system refused: disk full, permissions, a missing file (exit code 3).
    #[error("cannot {action} {}: {source}", path.display())]
    System {
        /// What was tried, as a verb: `write`, `read`, `create`, `lock`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A table is not in the folder. The input is wrong (exit code 2).
    #[error("{} has no table '{table}'", path.display())]
    MissingTable {
        /// The run's folder.
        path: PathBuf,
        /// The table's name.
        table: &'static str,
    },
    /// A file is not what it should be: damaged, cut short, or with other columns. The input is wrong (exit code 2).
    #[error("{} is damaged or not of this program: {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

impl IoError {
    /// Whether the caller's choice of folder is at fault (exit code 2) rather than the machine (exit code 3).
    pub fn is_wrong_input(&self) -> bool {
        !matches!(self, Self::System { .. })
    }
}
