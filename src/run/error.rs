//! Why a run did not finish.

use crate::{output::IoError, report::ReportError, scenario::FaultReport};

/// Why a run did not finish. Each message says all there is, the system's words included, so nothing is to be
/// put behind it.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The scenario or its files are wrong; nothing was written.
    #[error("{0}")]
    Faults(FaultReport),
    /// The folder holds another run; nothing was written.
    #[error("{folder} holds another run than this one\n    {}\n    give another --out, or --overwrite without --resume to replace that run", differences.join("\n    "))]
    OtherRun {
        /// The folder.
        folder: String,
        /// What differs: the key path, its value there and here.
        differences: Vec<String>,
    },
    /// What the run in the folder has finished is not as it was written; nothing was written.
    #[error("{folder} holds a run that cannot be relied on\n    {}\n    give --overwrite without --resume to run it anew, or another --out", problems.join("\n    "))]
    Damaged {
        /// The folder.
        folder: String,
        /// File by file, what is wrong.
        problems: Vec<String>,
    },
    /// A signal asked the run to end; all that is finished is kept.
    #[error("stopped by a signal after {done} of {days} days, which are kept")]
    Stopped {
        /// The signal's number.
        signal: usize,
        /// Days finished.
        done: u32,
        /// Days of the run.
        days: u32,
    },
    /// A signal asked a run of several worlds to end; all that is finished is kept.
    #[error("stopped by a signal after {done} of {worlds} worlds, which are kept; so are the finished days of others")]
    StoppedWorlds {
        /// The signal's number.
        signal: usize,
        /// Worlds finished.
        done: usize,
        /// Worlds of the run.
        worlds: u32,
    },
    /// The worlds asked for cannot be this folder's; nothing was written.
    #[error("{folder} holds worlds that are not among seeds {first} to {last}\n    {}\n    {remedy}", strays.join(", "))]
    OtherWorlds {
        /// The folder.
        folder: String,
        /// The first seed asked for.
        first: u64,
        /// The last.
        last: u64,
        /// Folders of other worlds.
        strays: Vec<String>,
        /// What helps.
        remedy: String,
    },
    /// Seeds end before the last world; nothing was written.
    #[error("run.seed = {seed}: {worlds} worlds need seeds up to {seed} + {} \n    use a smaller --seed: the largest is {}", worlds - 1, i64::MAX)]
    SeedsEnd {
        /// The first seed.
        seed: u64,
        /// Worlds asked for.
        worlds: u32,
    },
    /// The number of threads is of no use.
    #[error("cannot start {threads} threads: {message}")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// What the system said.
        message: String,
    },
    /// It would take more memory than it may; nothing was written.
    #[error(
        "{people} people and {pairs} pairs in a place together, in {threads} threads, take about {needed} of memory, more than the limit of {limit}\n    have fewer people, or give --memory-limit {enough} or more"
    )]
    Memory {
        /// People.
        people: u64,
        /// Pairs in a venue together on the busiest day; 0 if nobody was drawn yet.
        pairs: u64,
        /// Threads.
        threads: usize,
        /// What it would take.
        needed: String,
        /// What it may.
        limit: String,
        /// What would do, as the option takes it.
        enough: String,
    },
    /// Files.
    #[error(transparent)]
    Io(#[from] IoError),
    /// The report.
    #[error(transparent)]
    Report(#[from] ReportError),
}
