//! What each command does.

use std::io::{ErrorKind, Write};

use crate::{
    app::{FAULTS, RELEASES, released_rules},
    output::schema_json,
    report::{ReportError, make_report},
    run::{RunError, RunOptions, run},
    scenario::{EMBEDDED, Loaded, SourceArgs, open, scenario_schema},
    venue::MaterialConfig,
};

use super::{
    Failure,
    args::{Args, CalibrateCommand, Command, ExplainCommand, ListOf, SchemaOf, ValidateCommand},
    explain, keys,
    radio::{self, Shown},
    say,
};

/// Carries out a command.
pub fn execute(args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Run { scenario, out, seed, threads, sets, resume, overwrite, quiet } => {
            let loaded = open(&SourceArgs { scenario, sets, seed }).map_err(Failure::wrong_input)?;
            let outcome = run(&loaded, &RunOptions { out, threads, resume, overwrite, quiet }).map_err(of_run)?;
            if !quiet {
                say(format_args!("{}", outcome.summary));
            }
            Ok(())
        }
        Command::Check { scenario, sets, json } => check(scenario, sets, json),
        Command::Schema { of } => {
            let schema = match of {
                SchemaOf::Scenario => scenario_schema(),
                SchemaOf::Tables => schema_json(),
            };
            print(&format!("{schema:#}\n"))
        }
        Command::Report { run_dir } => {
            make_report(&run_dir).map_err(|error| match &error {
                ReportError::Io(io) if !io.is_wrong_input() => Failure::machine(&error),
                _ => Failure::wrong_input(&error),
            })?;
            say(format_args!("{}", run_dir.join("report.html").display()));
            Ok(())
        }
        Command::Validate { of: ValidateCommand::Radio { measured, runs, seed, json, pairs, figure } } => {
            radio::validate(&measured, runs, seed, if json { Shown::Json } else { Shown::Text { pairs } }, figure.as_deref())
        }
        Command::Calibrate { of: CalibrateCommand::Radio { measured, within, out, json } } => {
            radio::calibrate(&measured, within, out.as_deref(), json)
        }
        Command::Explain { of: ExplainCommand::Link(args) } => explain::link(&args),
        Command::Keys { command } => keys::execute(command),
        Command::List { of } => print(&list(of)?),
    }
}

fn of_run(error: RunError) -> Failure {
    match &error {
        RunError::Faults(_) | RunError::OtherRun { .. } | RunError::Threads { .. } => Failure::wrong_input(error),
        RunError::Io(io) | RunError::Report(ReportError::Io(io)) if io.is_wrong_input() => Failure::wrong_input(error),
        RunError::Io(_) | RunError::Report(_) => Failure::machine(error),
    }
}

fn check(scenario: String, sets: Vec<String>, json: bool) -> Result<(), Failure> {
    let name = scenario.clone();
    let result = open(&SourceArgs { scenario, sets, seed: None }).and_then(|loaded| crate::run::check(&loaded));
    if json {
        let faults = result.as_ref().err().map_or_else(Vec::new, |report| report.0.clone());
        let text = serde_json::to_string_pretty(&faults).expect("faults are plain text");
        print(&format!("{text}\n"))?;
    }
    result.map_err(Failure::wrong_input)?;
    if !json {
        say(format_args!("{name}: no fault found"));
    }
    Ok(())
}

fn list(of: ListOf) -> Result<String, Failure> {
    let baseline = || -> Result<Loaded, Failure> {
        open(&SourceArgs { scenario: "baseline".into(), ..SourceArgs::default() }).map_err(Failure::wrong_input)
    };
    let lines: Vec<String> = match of {
        ListOf::Scenarios => EMBEDDED
            .iter()
            .map(|(name, _)| {
                let loaded = open(&SourceArgs { scenario: (*name).into(), ..SourceArgs::default() });
                format!("{name}  {}", loaded.map_or_else(|_| String::new(), |l| l.scenario.run.description))
            })
            .collect(),
        ListOf::Releases => {
            RELEASES.iter().map(|r| format!("{}  iOS {}, Android {}: {}", r.name, r.first_day(true), r.first_day(false), r.note)).collect()
        }
        ListOf::Rules => released_rules().iter().map(|r| format!("{}  {}", r.name, r.means)).collect(),
        ListOf::Faults => FAULTS.iter().map(|(name, what)| format!("{name}  {what}")).collect(),
        ListOf::Materials => {
            let told = |(name, m): (&String, &MaterialConfig)| {
                let loss = m.loss()?;
                let make = m.thickness_mm.map_or_else(|| "any angle".into(), |mm| format!("{} x {mm} mm", m.layers.unwrap_or(1)));
                Some(format!("{name}  {:.1} dB over 0-60 degrees, {:.1} dB straight through, {make}", loss.mean_db(), loss.at(1.0)))
            };
            baseline()?.scenario.venue.materials.iter().filter_map(told).collect()
        }
        ListOf::Environments => baseline()?
            .scenario
            .radio
            .environments
            .iter()
            .map(|(name, e)| format!("{name}  {} dB at 1 m, exponent {}", e.level_at_1m_db, e.exponent))
            .collect(),
        ListOf::Phones => baseline()?.scenario.phones.models.iter().map(|m| format!("{}  {}, {}", m.model, m.oem, m.os.name())).collect(),
    };
    Ok(lines.join("\n") + "\n")
}

/// Writes to standard output; a reader that has gone away is no error.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::machine(format!("cannot write to standard output: {error}"))),
        _ => Ok(()),
    }
}
