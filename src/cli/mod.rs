//! Arguments, messages and exit codes.

mod args;
mod commands;
mod compare;
mod contacts;
mod draw;
mod explain;
mod failure;
mod files;
mod keys;
mod list;
mod population;
mod radio;
mod shell;
mod signals;

use std::{
    io::{ErrorKind, Write},
    process::ExitCode,
    sync::Mutex,
};

use clap::Parser;

pub(crate) use failure::Failure;

/// Runs the program and gives its exit code: 0 done, 2 the input is wrong (a damaged run that is to be read, too), 3 the machine
/// failed, 1 a bug of ours, 130 and 143 ended by SIGINT and SIGTERM.
pub fn main() -> ExitCode {
    // A library may panic over a damaged file, is caught, and then it is no bug: say so only where nobody caught it.
    static LAST_PANIC: Mutex<String> = Mutex::new(String::new());
    std::panic::set_hook(Box::new(|info| {
        if let Ok(mut last) = LAST_PANIC.lock() {
            *last = info.to_string();
        }
    }));
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) => return of_command_line(&error),
    };
    let json = args.command.json();
    let execute = || {
        signals::outlive_file_size_limit().map_err(Failure::machine)?;
        commands::execute(args)
    };
    match std::panic::catch_unwind(execute) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(failure)) => report(failure, json),
        Err(_) => {
            let what = LAST_PANIC.lock().map_or_else(|_| String::new(), |last| last.clone());
            say(format_args!("cocoasim: this is a bug in cocoasim, not in your input: {what}"));
            ExitCode::from(1)
        }
    }
}

/// Reports a failure: as text on standard error, with `--json` as a list of faults on standard output too.
fn report(mut failure: Failure, json: bool) -> ExitCode {
    for fault in failure.faults.iter_mut().filter(|fault| !fault.sets.is_empty()) {
        fault.remedy = shell::with_sets(shell::arguments(), &fault.sets);
    }
    say(format_args!("{failure}"));
    if json {
        // The exit code says more than a closed standard output.
        let _ = print(&failure.json());
    }
    ExitCode::from(failure.code)
}

/// Prints help or the version, or reports a command line that cannot be read.
fn of_command_line(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && std::env::args_os().any(|arg| arg == "--json") {
        return report(Failure::fault("command line", error.to_string().trim().trim_start_matches("error: "), ""), true);
    }
    // A reader that has gone away is no error.
    let _ = error.print();
    ExitCode::from(error.exit_code() as u8)
}

/// A line on standard error. A reader that has gone away is no error.
fn say(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Writes to standard output; a reader that has gone away is no error.
fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())
}

/// The same for bytes.
fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::machine(format!("cannot write to standard output: {error}"))),
        _ => Ok(()),
    }
}
