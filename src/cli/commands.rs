//! What each command does.

use std::path::Path;

use crate::{
    output::{IoError, RunFolder, schema_json},
    report::{ReportError, make_report, summary_schema},
    run::{RunError, RunOptions, run, run_worlds},
    scenario::{SourceArgs, kind_schema, open, scenario_schema},
};

use super::{
    Failure,
    args::{Args, CalibrateCommand, Command, DrawCommand, ExplainCommand, SchemaOf, ValidateCommand},
    compare, contacts, draw, explain, keys,
    list::list,
    population::population,
    print, print_bytes,
    radio::{self, Shown},
    say, shell, signals,
};

/// Carries out a command.
pub fn execute(args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Run { scenario, out, seed, replicates, threads, memory_limit, sets, resume, overwrite, quiet, json } => {
            let loaded = open(&SourceArgs { scenario, sets, seed })?;
            let stop = signals::noted().map_err(Failure::machine)?;
            let options = RunOptions {
                out,
                threads: threads.map(usize::from),
                memory_limit_bytes: memory_limit,
                resume,
                overwrite,
                quiet,
                stop,
                ..RunOptions::default()
            };
            let outcome = match replicates {
                Some(worlds) => run_worlds(&loaded, &options, worlds),
                None => run(&loaded, &options),
            };
            let outcome = outcome.map_err(of_run)?;
            if !quiet {
                say(format_args!("{}", outcome.summary));
            }
            if json {
                let summary = RunFolder::open(&outcome.folder).and_then(|folder| folder.summary_bytes()).map_err(Failure::machine)?;
                print_bytes(&summary.unwrap_or_default())?;
            }
            Ok(())
        }
        Command::Check { scenario, sets, json } => check(scenario, sets, json),
        Command::Schema { of } => {
            let schema = match of {
                SchemaOf::Scenario => scenario_schema(),
                SchemaOf::Tables => schema_json(),
                SchemaOf::Summary => summary_schema(),
                SchemaOf::Venue => kind_schema(),
            };
            print(&format!("{schema:#}\n"))
        }
        Command::Report { run_dir } => {
            report_of_finished(&run_dir).map_err(|error| match &error {
                ReportError::Io(io) if !io.is_wrong_input() => Failure::machine(&error),
                _ => Failure::wrong_input(&error),
            })?;
            say(format_args!("{}", run_dir.join("report.html").display()));
            Ok(())
        }
        Command::Validate { of: ValidateCommand::Radio { measured, runs, seed, json, pairs, figure, overwrite } } => {
            let shown = if json { Shown::Json } else { Shown::Text { pairs } };
            radio::validate(&measured, (runs, seed), shown, figure.as_deref(), overwrite)
        }
        Command::Validate { of: ValidateCommand::Contacts(args) } => contacts::contacts(&args),
        Command::Calibrate { of: CalibrateCommand::Radio { measured, within, out, overwrite, json } } => {
            radio::calibrate(&measured, within, out.as_deref(), overwrite, json)
        }
        Command::Explain { of: ExplainCommand::Link(args) } => explain::link(&args),
        Command::Draw { of: DrawCommand::Venue { kind, seed, occupied, figure, overwrite } } => {
            draw::venue(&kind, seed, occupied, &figure, overwrite)
        }
        Command::Draw { of: DrawCommand::Compare { runs, rules, figure, overwrite } } => {
            compare::compare(&runs, &rules, &figure, overwrite)
        }
        Command::Keys { command } => keys::execute(command),
        Command::Population { scenario, out, seed, sets, overwrite } => {
            population(&SourceArgs { scenario, sets, seed }, out.as_deref(), overwrite)
        }
        Command::List { of, json } => list(of, json),
    }
}

fn of_run(error: RunError) -> Failure {
    let wrong = Failure::wrong_input(&error);
    match error {
        RunError::Stopped { signal, .. } | RunError::StoppedWorlds { signal, .. } => {
            Failure::signal(signal, format!("{error}; to go on:"), shell::to_go_on(shell::arguments()))
        }
        RunError::Faults(report) => report.into(),
        RunError::Io(IoError::Unfinished { .. }) => {
            let (go_on, again) = (shell::to_go_on(shell::arguments()), shell::to_overwrite(shell::arguments()));
            wrong.with_remedy(&format!("{go_on}\nor, to begin anew: {again}"))
        }
        RunError::OtherRun { .. } | RunError::Damaged { .. } | RunError::Io(IoError::Occupied { .. }) => {
            wrong.with_remedy(&shell::to_overwrite(shell::arguments()))
        }
        RunError::OtherWorlds { .. } | RunError::SeedsEnd { .. } | RunError::Threads { .. } => wrong,
        RunError::Io(io) | RunError::Report(ReportError::Io(io)) if io.is_wrong_input() => wrong,
        RunError::Memory { .. } | RunError::Io(_) | RunError::Report(_) => Failure::machine(error),
    }
}

/// Makes the report of a run again: a page of one that has not ended, or whose summary is gone, would state what is not so.
fn report_of_finished(run_dir: &Path) -> Result<(), ReportError> {
    let run = RunFolder::open(run_dir)?;
    let path = run_dir.to_owned();
    if !run.is_finished() {
        return Err(IoError::Unfinished { path }.into());
    }
    run.read_manifest()?;
    if run.read_summary()?.is_none() {
        return Err(IoError::Damaged { path, problem: "it has no summary.json".into() }.into());
    }
    make_report(run_dir)
}

fn check(scenario: String, sets: Vec<String>, json: bool) -> Result<(), Failure> {
    let loaded = open(&SourceArgs { scenario, sets, seed: None })?;
    crate::setup::check(&loaded)?;
    match json {
        true => print("[]\n"),
        false => {
            say(format_args!("{}: no fault found", loaded.file()));
            Ok(())
        }
    }
}
