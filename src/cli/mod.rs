//! Arguments, messages and exit codes.

mod args;
mod commands;
mod explain;
mod keys;
mod radio;
mod signals;

use std::{process::ExitCode, sync::Mutex};

use clap::Parser;

/// Exit code where the input is wrong; nothing was written.
const WRONG_INPUT: u8 = 2;
/// Exit code where the machine failed us; what was finished is kept.
const MACHINE: u8 = 3;

/// A failed command.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    pub(crate) fn wrong_input(message: impl std::fmt::Display) -> Self {
        Self { code: WRONG_INPUT, message: message.to_string() }
    }

    /// Ended by a signal, as shells tell it.
    pub(crate) fn signal(signal: usize, message: impl std::fmt::Display) -> Self {
        Self { code: 128 + signal as u8, message: message.to_string() }
    }

    pub(crate) fn machine(message: impl std::fmt::Display) -> Self {
        Self { code: MACHINE, message: message.to_string() }
    }
}

/// Runs the program and gives its exit code: 0 done, 2 the input is wrong, 3 the machine failed, 1 a bug of ours, 130 and
/// 143 ended by SIGINT and SIGTERM.
pub fn main() -> ExitCode {
    // A library may panic over a damaged file, is caught, and then it is no bug: say so only where nobody caught it.
    static LAST_PANIC: Mutex<String> = Mutex::new(String::new());
    std::panic::set_hook(Box::new(|info| {
        if let Ok(mut last) = LAST_PANIC.lock() {
            *last = info.to_string();
        }
    }));
    let args = args::Args::parse();
    let execute = || {
        signals::outlive_file_size_limit().map_err(Failure::machine)?;
        commands::execute(args)
    };
    match std::panic::catch_unwind(execute) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(failure)) => {
            say(format_args!("{}", failure.message));
            ExitCode::from(failure.code)
        }
        Err(_) => {
            let what = LAST_PANIC.lock().map_or_else(|_| String::new(), |last| last.clone());
            say(format_args!("cocoasim: this is a bug in cocoasim, not in your input: {what}"));
            ExitCode::from(1)
        }
    }
}

/// A line on standard error. A reader that has gone away is no error.
fn say(text: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{text}");
}
