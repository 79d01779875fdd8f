//! What each command does.

use std::io::{ErrorKind, Write};

use crate::{
    app::{FAULTS, RELEASES, released_rules},
    output::{RunFolder, schema_json},
    population::{Os, PhoneModelConfig},
    radio::EnvironmentConfig,
    report::{ReportError, make_report, summary_schema},
    run::{RunError, RunOptions, run, run_worlds},
    scenario::{EMBEDDED, Loaded, SourceArgs, open, scenario_schema},
    venue::MaterialConfig,
};

use super::{
    Failure,
    args::{Args, CalibrateCommand, Command, ExplainCommand, ListOf, SchemaOf, ValidateCommand},
    explain, keys,
    radio::{self, Shown},
    say, signals,
};

/// Carries out a command.
pub fn execute(args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Run { scenario, out, seed, replicates, threads, sets, resume, overwrite, quiet, json } => {
            let loaded = open(&SourceArgs { scenario, sets, seed }).map_err(Failure::wrong_input)?;
            let stop = signals::noted().map_err(Failure::machine)?;
            let options = RunOptions { out, threads, resume, overwrite, quiet, stop };
            let outcome = match replicates {
                Some(worlds) => run_worlds(&loaded, &options, worlds),
                None => run(&loaded, &options),
            };
            let outcome = outcome.map_err(of_run)?;
            if !quiet {
                say(format_args!("{}", outcome.summary));
            }
            if json {
                let summary = RunFolder::open(&outcome.folder).and_then(|folder| folder.read_summary()).map_err(Failure::machine)?;
                print(&format!("{:#}\n", summary.unwrap_or_default()))?;
            }
            Ok(())
        }
        Command::Check { scenario, sets, json } => check(scenario, sets, json),
        Command::Schema { of } => {
            let schema = match of {
                SchemaOf::Scenario => scenario_schema(),
                SchemaOf::Tables => schema_json(),
                SchemaOf::Summary => summary_schema(),
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
        RunError::Stopped { signal, .. } | RunError::StoppedWorlds { signal, .. } => {
            let command = signals::command_to_go_on(std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()));
            Failure::signal(*signal, format!("{error}; to go on:\n    {command}"))
        }
        RunError::Faults(_)
        | RunError::OtherRun { .. }
        | RunError::Damaged { .. }
        | RunError::OtherWorlds { .. }
        | RunError::SeedsEnd { .. }
        | RunError::Threads { .. } => Failure::wrong_input(error),
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
        ListOf::Faults => FAULTS.iter().map(|f| format!("{}  {}  {}", f.name, f.id, f.what)).collect(),
        ListOf::Materials => {
            let told = |(name, m): (&String, &MaterialConfig)| {
                let loss = m.loss()?;
                let make = m.thickness_mm.map_or_else(|| "any angle".into(), |mm| format!("{} x {mm} mm", m.layers.unwrap_or(1)));
                Some(format!("{name}  {:.1} dB over 0-60 degrees, {:.1} dB straight through, {make}", loss.mean_db(), loss.at(1.0)))
            };
            baseline()?.scenario.venue.materials.iter().filter_map(told).collect()
        }
        ListOf::Environments => {
            let loaded = baseline()?;
            let radio = &loaded.scenario.radio;
            let told = |(name, e): (&String, &EnvironmentConfig)| {
                let carried_db = f64::from(e.level_at_1m_db) + 2.0 * e.over_carriage(|i| f64::from(radio.carriage.each()[i].loss_db));
                format!(
                    "{name}  {:.1} dB at 1 m on tables, {carried_db:.1} as carried, exponent {}, body {} dB\n    {}",
                    e.level_at_1m_db,
                    e.exponent,
                    e.body_db,
                    loaded.source_of(&format!("radio.environments.{name}.level_at_1m_db"))
                )
            };
            radio.environments.iter().map(told).collect()
        }
        ListOf::Phones => {
            let phones = baseline()?.scenario.phones;
            let of_os = |os: Os| if os == Os::Ios { phones.ios_share } else { 1.0 - phones.ios_share };
            let all = |os: Os| phones.models.iter().filter(|m| m.os == os).map(|m| m.share).sum::<f64>();
            let told = |m: &PhoneModelConfig| {
                format!("{}  {}, {}, {:.1} % of smartphones", m.model, m.oem, m.os.name(), 100.0 * of_os(m.os) * m.share / all(m.os))
            };
            phones.models.iter().map(told).collect()
        }
    };
    Ok(lines.join("\n") + "\n")
}

/// Writes to standard output; a reader that has gone away is no error.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())
}

/// The same for bytes.
pub(super) fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::machine(format!("cannot write to standard output: {error}"))),
        _ => Ok(()),
    }
}
