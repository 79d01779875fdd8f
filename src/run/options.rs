//! What a run is asked for besides its scenario, and what it answers.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicUsize},
};

use crate::{engine::Sources, setup::Setup};

/// How to run.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Where results go; `outputs/NAME-seedN` if not said.
    pub out: Option<PathBuf>,
    /// Threads; all cores if not said. Results do not depend on it.
    pub threads: Option<usize>,
    /// What the run may take of memory, bytes; as much as there is if not said.
    pub memory_limit_bytes: Option<u64>,
    /// Go on with a run that was killed.
    pub resume: bool,
    /// Replace a run that is there.
    pub overwrite: bool,
    /// No progress on stderr.
    pub quiet: bool,
    /// Which pairs are looked at. The manifest does not hold it: a run goes on with what it began with.
    pub sources: Sources,
    /// Number of a signal that asks the run to end after the current day; 0 while there is none.
    pub stop: Arc<AtomicUsize>,
}

impl RunOptions {
    /// Where results go.
    pub(super) fn folder(&self, setup: &Setup) -> PathBuf {
        let default = || PathBuf::from("outputs").join(format!("{}-seed{}", setup.scenario.run.name, setup.seed.0));
        self.out.clone().unwrap_or_else(default)
    }
}

/// The outcome of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Where the results are.
    pub folder: PathBuf,
    /// A summary that fits one screen.
    pub summary: String,
}
