//! A failed command: its exit code, and every fault for the terminal and for `--json`.

use std::fmt::Display;

use crate::{
    faults::Faults,
    scenario::{FaultReport, LocatedFault},
};

/// Exit code where the input is wrong; nothing was written.
const WRONG_INPUT: u8 = 2;
/// Exit code where the machine failed us; what was finished is kept.
const MACHINE: u8 = 3;

/// A failed command.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub code: u8,
    /// What is wrong; `--json` prints this list.
    pub faults: Vec<LocatedFault>,
    /// A line below the faults.
    pub last_line: Option<String>,
}

impl Failure {
    fn of(code: u8, faults: Vec<LocatedFault>) -> Self {
        Self { code, faults, last_line: None }
    }

    /// Wrong input: what is wrong on the first line, below it what helps.
    pub(crate) fn wrong_input(message: impl Display) -> Self {
        Self::of(WRONG_INPUT, vec![sentence(&message.to_string())])
    }

    /// Wrong input: where, what is wrong, what would be right.
    pub(crate) fn fault(place: impl Into<String>, problem: impl Display, remedy: impl Into<String>) -> Self {
        Self::of(WRONG_INPUT, vec![LocatedFault::of(place, problem.to_string(), remedy)])
    }

    /// Wrong input with a sentence for each fault.
    pub(crate) fn sentences(problems: impl IntoIterator<Item = String>) -> Self {
        Self::of(WRONG_INPUT, problems.into_iter().map(|problem| sentence(&problem)).collect())
    }

    /// Faults of options and of files that options name.
    pub(crate) fn of_options(faults: &Faults) -> Self {
        let located = faults.0.iter().map(|f| {
            let place = f.line.map_or_else(|| f.path.clone(), |line| format!("{}:{line}", f.path));
            LocatedFault::of(place, &f.problem, &f.remedy)
        });
        Self::of(WRONG_INPUT, located.collect())
    }

    /// Ended by a signal, with the code that shells have for it.
    pub(crate) fn signal(signal: usize, message: impl Display, remedy: impl Into<String>) -> Self {
        Self::of(128 + signal as u8, vec![LocatedFault::of("", message.to_string(), remedy)])
    }

    /// The system refused something.
    pub(crate) fn machine(message: impl Display) -> Self {
        Self::of(MACHINE, vec![sentence(&message.to_string())])
    }

    /// The same with another line that helps.
    pub(crate) fn with_remedy(mut self, line: &str) -> Self {
        self.faults.iter_mut().for_each(|fault| fault.remedy = format!("{}\n{line}", fault.remedy).trim_start().to_string());
        self
    }

    /// Both failures' faults.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.faults.extend(other.faults);
        self
    }

    /// The list that `--json` prints.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string_pretty(&self.faults).expect("faults are plain text") + "\n"
    }
}

/// A fault of no place: its first line, and what helps below it.
fn sentence(message: &str) -> LocatedFault {
    let (problem, remedy) = message.split_once('\n').unwrap_or((message, ""));
    LocatedFault::of("", problem, remedy.lines().map(str::trim).collect::<Vec<_>>().join("\n"))
}

impl From<FaultReport> for Failure {
    fn from(report: FaultReport) -> Self {
        let last_line = Some(report.last_line());
        Self { last_line, ..Self::of(WRONG_INPUT, report.0) }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lines = self.faults.iter().map(ToString::to_string).chain(self.last_line.clone());
        write!(f, "{}", lines.collect::<Vec<_>>().join("\n"))
    }
}
