//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Simulates COCOA, Japan's contact-confirming app, and tells how well it detects true contacts.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a scenario and write its tables and report.
    Run {
        /// Scenario file, or the name of one that comes with the program (see `list scenarios`).
        scenario: String,
        /// Folder for the results [default: outputs/SCENARIO-seedN].
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Seed of every random draw [default: the scenario's].
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
        /// Threads [default: all cores]; results do not depend on it.
        #[arg(long, value_name = "N")]
        threads: Option<usize>,
        /// Set one key of the scenario; may be repeated, later ones win.
        #[arg(long = "set", value_name = "KEY.PATH=VALUE")]
        sets: Vec<String>,
        /// Go on with a run that was stopped.
        #[arg(long, conflicts_with = "overwrite")]
        resume: bool,
        /// Replace the run that is in the folder.
        #[arg(long)]
        overwrite: bool,
        /// Say nothing but errors.
        #[arg(long)]
        quiet: bool,
    },
    /// Check a scenario without running it: every fault at once.
    Check {
        /// Scenario file or name.
        scenario: String,
        /// Set one key of the scenario; may be repeated.
        #[arg(long = "set", value_name = "KEY.PATH=VALUE")]
        sets: Vec<String>,
        /// Print the faults as JSON on standard output.
        #[arg(long)]
        json: bool,
    },
    /// Print the JSON Schema of scenario files, or the columns of the tables.
    Schema {
        /// Of what.
        #[arg(value_enum, default_value = "scenario")]
        of: SchemaOf,
    },
    /// Make figures and report.html again from a run's Parquet files.
    Report {
        /// Folder of a run.
        run_dir: PathBuf,
    },
    /// List what the program knows, one a line, name first.
    List {
        /// Of what.
        #[arg(value_enum)]
        of: ListOf,
    },
}

/// What a schema can be of.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SchemaOf {
    /// Scenario files.
    Scenario,
    /// The tables of a run.
    Tables,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ListOf {
    /// Scenarios that come with the program.
    Scenarios,
    /// COCOA's releases.
    Releases,
    /// Rules that every run is scored by.
    Rules,
    /// Known faults that are modelled.
    Faults,
    /// Barrier materials of the baseline.
    Materials,
    /// Radio environments of the baseline.
    Environments,
    /// Phone models of the baseline.
    Phones,
}
