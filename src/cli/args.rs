//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Simulates COCOA, Japan's contact-confirming app, and reports how well it detects true contacts.
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
        /// Scenario file, `-` for standard input, or the name of one that comes with the program (see `list scenarios`).
        scenario: String,
        /// Folder for the results [default: outputs/SCENARIO-seedN].
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Seed of every random draw [default: the scenario's].
        #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
        seed: Option<u64>,
        /// Run N worlds, with this seed and those after it, and report accuracy over them: DIR holds each as seed-N, and beside them
        /// accuracy.parquet, summary.json and report.html over all. More may be added with --resume.
        #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = replicates)]
        replicates: Option<u32>,
        /// Threads [default: all cores]; results do not depend on it.
        #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(0..=1024))]
        threads: Option<u16>,
        /// Memory that the run may take, as in 8GiB or 500MiB: what is expected to take more is refused before it starts (exit 3), and of
        /// several worlds fewer run at once [default: no limit].
        #[arg(long, value_name = "SIZE", value_parser = memory_bytes)]
        memory_limit: Option<u64>,
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
        /// Print summary.json on standard output, too; of wrong input, the list of faults that `check --json` prints.
        #[arg(long)]
        json: bool,
    },
    /// Check a scenario without running it: every fault at once.
    Check {
        /// Scenario file, `-` for standard input, or name.
        scenario: String,
        /// Set one key of the scenario; may be repeated.
        #[arg(long = "set", value_name = "KEY.PATH=VALUE")]
        sets: Vec<String>,
        /// Print the faults on standard output as a JSON list of {place, path, value, problem, remedy}; [] = none.
        #[arg(long)]
        json: bool,
    },
    /// Print the JSON Schema of scenario files or of summary.json, or the columns of the tables.
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
    /// The Exposure Notification code on its own, on real files.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Hold the model against measurements.
    Validate {
        #[command(subcommand)]
        of: ValidateCommand,
    },
    /// Fit the model to measurements.
    Calibrate {
        #[command(subcommand)]
        of: CalibrateCommand,
    },
    /// Take a part of the model apart.
    Explain {
        #[command(subcommand)]
        of: ExplainCommand,
    },
    /// Draw what a run is made of, or runs side by side.
    Draw {
        #[command(subcommand)]
        of: DrawCommand,
    },
    /// Draw the people of a city, write them to a file that `population.file` takes, and print what they are beside the statistics.
    Population {
        /// Scenario file, `-` for standard input, or name.
        scenario: String,
        /// Where the people go, as Parquet; `-` for standard output. Without it they are only compared.
        #[arg(long, value_name = "FILE.parquet")]
        out: Option<PathBuf>,
        /// Seed of every random draw [default: the scenario's].
        #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
        seed: Option<u64>,
        /// Set one key of the scenario; may be repeated.
        #[arg(long = "set", value_name = "KEY.PATH=VALUE")]
        sets: Vec<String>,
        /// Replace the file that is there.
        #[arg(long)]
        overwrite: bool,
    },
    /// List what the program knows, one a line: the name, two spaces, what it is.
    List {
        /// Of what [default: the lists there are].
        #[arg(value_enum)]
        of: Option<ListOf>,
        /// As a JSON list of objects, each with its name; figures have their unit in their key.
        #[arg(long)]
        json: bool,
    },
}

impl Command {
    /// Whether the answer is asked for as JSON: a failure then is too.
    pub fn json(&self) -> bool {
        match self {
            Self::Run { json, .. } | Self::Check { json, .. } | Self::List { json, .. } => *json,
            Self::Validate { of: ValidateCommand::Radio { json, .. } } | Self::Calibrate { of: CalibrateCommand::Radio { json, .. } } => {
                *json
            }
            Self::Validate { of: ValidateCommand::Contacts(contacts) } => contacts.json,
            Self::Explain { of: ExplainCommand::Link(link) } => link.json,
            Self::Keys {
                command: KeysCommand::Derive { json, .. } | KeysCommand::Inspect { json, .. } | KeysCommand::Match { json, .. },
            } => *json,
            Self::Keys { command: KeysCommand::Export { .. } | KeysCommand::Verify { .. } } => false,
            Self::Schema { .. } | Self::Report { .. } | Self::Draw { .. } | Self::Population { .. } => false,
        }
    }
}

/// A number of worlds.
fn replicates(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(worlds @ 2..=1000) => Ok(worlds),
        _ => Err("an interval over worlds takes 2 to 1000 of them; for one world leave --replicates out".into()),
    }
}

/// An amount of memory.
fn memory_bytes(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, f64); 9] = [
        ("KiB", 1024.0),
        ("MiB", 1_048_576.0),
        ("GiB", 1_073_741_824.0),
        ("TiB", 1_099_511_627_776.0),
        ("kB", 1e3),
        ("MB", 1e6),
        ("GB", 1e9),
        ("TB", 1e12),
        ("B", 1.0),
    ];
    let of_unit = UNITS.iter().find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?.trim_end(), bytes)));
    let bytes = of_unit.and_then(|(number, bytes)| Some(number.parse::<f64>().ok()? * bytes));
    match bytes.filter(|bytes| (1.0..1e18).contains(bytes)) {
        Some(bytes) => Ok(bytes as u64),
        None => Err("write a number and a unit, B, kB, MB, GB, TB, KiB, MiB, GiB or TiB, as in 8GiB".into()),
    }
}

/// What a schema can be of.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SchemaOf {
    /// Scenario files.
    Scenario,
    /// The tables of a run.
    Tables,
    /// A run's summary.json.
    Summary,
    /// Files of venue kinds.
    Venue,
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
    /// Known faults: those that are modelled, then the others and why they are not.
    Faults,
    /// Dated settings of the system, and when each changed.
    Timeline,
    /// Barrier materials of the baseline.
    Materials,
    /// Radio environments of the baseline.
    Environments,
    /// Phone models of the baseline.
    Phones,
    /// Venue kinds that come with the program.
    Venues,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Print each RPI of a Temporary Exposure Key, and its AEM.
    Derive {
        /// The key, 32 hexadecimal digits.
        #[arg(long, value_name = "HEX")]
        tek: String,
        /// Rolling start: the interval number of the first RPI.
        #[arg(long, value_name = "ENIN")]
        start: u32,
        /// How many intervals.
        #[arg(long, value_name = "N", default_value_t = 144, value_parser = clap::value_parser!(u32).range(1..=144))]
        period: u32,
        /// Metadata to encrypt, 8 hexadecimal digits; 40080000 is version 1.0 with +8 dBm.
        #[arg(long, value_name = "HEX", default_value = "40000000")]
        metadata: String,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Write a signed export. A file named - is standard input or output.
    Export {
        /// JSON list of keys: key (base64), rolling_start_interval_number, rolling_period, transmission_risk_level,
        /// report_type, days_since_onset_of_symptoms; or an object of such lists, keys and revised_keys, or Google's with
        /// temporaryExposureKeys (key, rollingStartNumber, rollingPeriod, transmissionRisk).
        #[arg(long, value_name = "KEYS.json")]
        keys: PathBuf,
        /// P-256 private key, PKCS#8 or SEC1; may be repeated together with --key-id and --key-version.
        #[arg(long, value_name = "PEM", required = true)]
        signing_key: Vec<PathBuf>,
        /// Id of the signing key, usually a mobile country code.
        #[arg(long, value_name = "ID", required = true)]
        key_id: Vec<String>,
        /// Version of the signing key.
        #[arg(long, value_name = "V", required = true)]
        key_version: Vec<String>,
        /// Region; COCOA's is always 440.
        #[arg(long, value_name = "R")]
        region: Option<String>,
        /// Start of the time covered, Unix seconds; COCOA's is that of the keys' day.
        #[arg(long, value_name = "T")]
        start: Option<u64>,
        /// End of the time covered, Unix seconds; likewise.
        #[arg(long, value_name = "T")]
        end: Option<u64>,
        /// The zip to write. Variants that make several files number them: NAME-00001.zip, ...
        #[arg(long, value_name = "FILE.zip")]
        out: PathBuf,
        /// Replace files that are there.
        #[arg(long)]
        overwrite: bool,
        /// Cut, order and pad as a server does; without it one file holds all keys as given.
        #[arg(long, value_enum)]
        variant: Option<Variant>,
        /// Seed of the variant's shuffle and padding.
        #[arg(long, value_name = "N", default_value_t = 1, requires = "variant")]
        seed: u64,
    },
    /// Print what an export says, and the faults of single keys.
    Inspect {
        /// A zip, or a bare export.bin; - is standard input. What phones would refuse but can be read is warned of.
        file: PathBuf,
        /// Refuse what a phone with this key would refuse.
        #[arg(long, value_name = "PEM")]
        public_key: Option<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check an export as a phone does: its signature, their number, its place in its batch.
    Verify {
        /// The zip; - is standard input.
        file: PathBuf,
        /// P-256 public key.
        #[arg(long, value_name = "PEM")]
        public_key: PathBuf,
    },
    /// Match recorded sightings against exports, and score what is found. A file named - is standard input.
    Match {
        /// CSV or Parquet with the columns rpi, aem (hexadecimal), t_s, rssi_dbm, previous_scan_s; or the folder of a run's table.
        #[arg(long, value_name = "FILE")]
        sightings: PathBuf,
        /// Whose sightings, where the file has a column observer (a run's table has one).
        #[arg(long, value_name = "N")]
        observer: Option<u32>,
        /// COCOA's configuration files, another v1 configuration or Google's DailySummariesConfig, or a release (1.1.4); may be
        /// repeated.
        #[arg(long, value_name = "CONFIG.json", num_args = 1..)]
        config: Vec<String>,
        /// Exports.
        #[arg(long, value_name = "FILE.zip", required = true, num_args = 1..)]
        keys: Vec<PathBuf>,
        /// What counts of a key.
        #[arg(long, value_enum, default_value = "as_published")]
        reading: ReadingArg,
        /// Whose reading of a v1 configuration, and whose blocks of configuration.json [default: android].
        #[arg(long, value_enum)]
        os: Option<OsArg>,
        /// When the check happens, Unix seconds [default: the latest moment in the files].
        #[arg(long, value_name = "UNIX")]
        now: Option<u32>,
        /// Refuse exports that a phone with this key would refuse.
        #[arg(long, value_name = "PEM")]
        public_key: Option<PathBuf>,
        /// As one JSON object; without it, a few lines of text.
        #[arg(long)]
        json: bool,
    },
}

/// A server's way of publishing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Variant {
    /// One file for each key day, region 440, keys shuffled, at most 250,000.
    Cocoa,
    /// Keys sorted, padded to 1000 or more, times cut to the hour, at most 500,000.
    Reference,
}

/// See `Reading`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReadingArg {
    /// As the published code does: report type, onset and revised keys do not count.
    #[value(name = "as_published")]
    AsPublished,
    /// As documented: they count.
    #[value(name = "as_documented")]
    AsDocumented,
}

/// A system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OsArg {
    /// iPhone.
    Ios,
    /// Android.
    Android,
}

/// Measured scans, and what to take them for.
#[derive(Debug, clap::Args)]
pub struct MeasuredArgs {
    /// CSV (`-` = standard input) with the columns scenario, t_s, receiver, transmitter, receiver_model, transmitter_model, distance_m,
    /// seconds_since_last_scan, packets, min_db, typical_db; packets 0 = in view but unheard.
    pub data: PathBuf,
    /// Environment of every scenario (see `list environments`), or a TOML file of lines `scenario = "environment"`.
    #[arg(long, value_name = "E")]
    pub environment: String,
    /// Only this scenario of the file.
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// How every phone is carried (hand, front_pocket, back_pocket, bag, table, ear) [default: the environment's mix].
    #[arg(long, value_name = "C")]
    pub carriage: Option<String>,
    /// The calibration table that the data's attenuation was computed with [default: radio.calibration of the model].
    #[arg(long, value_name = "TABLE")]
    pub calibration: Option<String>,
    /// Scenario file whose radio model is used.
    #[arg(long, value_name = "SCENARIO", default_value = "baseline")]
    pub model: String,
    /// Set one key of it; may be repeated.
    #[arg(long = "set", value_name = "KEY.PATH=VALUE")]
    pub sets: Vec<String>,
}

/// What can be drawn.
#[derive(Debug, Subcommand)]
pub enum DrawCommand {
    /// A venue of a kind, to scale: rooms, furniture, walls, screens, and where people sit, stand, wait and walk.
    Venue {
        /// A kind that comes with the program (see `list venues`), or a file of one.
        kind: String,
        /// Seed of what is drawn once a venue.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Draw people too: as many of the kind's first role as find a place, and everybody else at their posts.
        #[arg(long)]
        occupied: bool,
        /// Where the SVG goes; `-` for standard output.
        #[arg(long, value_name = "FILE")]
        figure: PathBuf,
        /// Replace the file that is there.
        #[arg(long)]
        overwrite: bool,
    },
    /// Finished runs side by side, a row each: sensitivity, PPV and true contacts a person-hour, with their intervals.
    ///
    /// Runs of several worlds (`run --replicates`) have intervals over worlds, others those of their world. All have been made by one build of
    /// the program. A rule of which nobody published which of two readings ran is drawn as a bar between the two.
    Compare {
        /// Folders of finished runs, from above down; LABEL=DIR names a row [default: the scenario's name].
        #[arg(required = true, value_name = "[LABEL=]DIR")]
        runs: Vec<String>,
        /// A rule to show (see `list rules`); may be repeated, up to four [default: 1.1.4-1.4.1/ios/level0 and 2.0].
        #[arg(long = "rule", value_name = "RULE")]
        rules: Vec<String>,
        /// Where the SVG goes; `-` for standard output.
        #[arg(long, value_name = "FILE")]
        figure: PathBuf,
        /// Replace the file that is there.
        #[arg(long)]
        overwrite: bool,
    },
}

/// What can be explained.
#[derive(Debug, Subcommand)]
pub enum ExplainCommand {
    /// A link between two people on a floor plan: each term in dB with its source, the plan with the ray, a map.
    Link(LinkArgs),
}

/// A term that a link can be explained without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WithoutArg {
    /// What stands in or beside the line: walls, panes and screens.
    Wall,
}

/// A link to explain.
#[derive(Debug, clap::Args)]
pub struct LinkArgs {
    /// Scenario file, `-` for standard input, or name.
    pub scenario: String,
    /// The venue: office, home, or home-N for a home of N people.
    #[arg(long, value_name = "V")]
    pub venue: String,
    /// Where the transmitter is: a seat's number (see the table `plan`; first 0), or X,Y in m.
    #[arg(long, value_name = "A", allow_hyphen_values = true)]
    pub from: String,
    /// Where the receiver is, likewise.
    #[arg(long, value_name = "B", allow_hyphen_values = true)]
    pub to: String,
    /// How the phones are carried (hand, front_pocket, back_pocket, bag, table, ear): one for both, or FROM,TO.
    #[arg(long, value_name = "C", default_value = "table")]
    pub carriage: String,
    /// The phones' models: one for both, or FROM,TO [default: the scenario's most common one].
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
    /// Direction faced in degrees counter-clockwise from the x axis, FROM,TO [default: as the seats, else each other].
    #[arg(long, value_name = "DEG,DEG", allow_hyphen_values = true)]
    pub facing: Option<String>,
    /// Leave a term out of the link and of what is drawn; may be repeated.
    #[arg(long, value_name = "TERM", value_enum)]
    pub without: Vec<WithoutArg>,
    /// Draw the floor plan with the ray here; - is standard output, as for the other drawings.
    #[arg(long, value_name = "FILE.svg")]
    pub figure: Option<PathBuf>,
    /// Draw mean attenuation from A to everywhere here.
    #[arg(long, value_name = "FILE.svg")]
    pub map: Option<PathBuf>,
    /// Draw mean attenuation while the transmitter's carrier turns on the spot here, for every way of carrying.
    #[arg(long, value_name = "FILE.svg")]
    pub rotation: Option<PathBuf>,
    /// Replace files that are there.
    #[arg(long)]
    pub overwrite: bool,
    /// Set one key of the scenario; may be repeated.
    #[arg(long = "set", value_name = "KEY.PATH=VALUE")]
    pub sets: Vec<String>,
    /// As JSON: environment, people_m, phones_m, terms [{name, key, mean_db, sd_db, source}], mean_db, sd_db, fading_sd_db, ceiling_db,
    /// heard (share of scans), scan_s, packets_a_scan, packets_heard, typical_db (5, 25, 50, 75, 95 %) and without (terms left out).
    #[arg(long)]
    pub json: bool,
}

/// What can be validated.
#[derive(Debug, Subcommand)]
pub enum ValidateCommand {
    /// The radio model: measured scans beside simulated ones of the same links, judged by chance.
    ///
    /// Each figure has a tolerance: share heard 0.06, median and quartiles 2 dB, outer quantiles 3 dB (bins of 50 scans or more), AUC 0.03, TPR
    /// 0.08 (20 contacts or more), FPR 0.04, autocorrelation and reciprocity 0.1. A scenario passes if no more of its figures lie outside than
    /// in 99 % of the model's own runs, each in turn taken for the measurement; so do all scenarios together. Of a file that lists only
    /// what was heard, autocorrelation and reciprocity are judged, and the spread from quartile to quartile (2 dB) where the model hears
    /// 95 % or more. The exit code is 0 either way; see "passes" of --json.
    Radio {
        #[command(flatten)]
        measured: MeasuredArgs,
        /// Simulated runs: 20 or more to judge, 99 or more to judge at 99 %.
        #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=10000))]
        runs: u64,
        /// Seed of the simulated runs.
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// As JSON: passes, judged, outside, chance_p99 and chance_mean over all, and scenarios [{name, environment, the same five,
        /// figures_outside, lists_heard_only, bins, auc, roc, pair_rules, dynamics, silent_scans, late_starters, pairs}].
        #[arg(long)]
        json: bool,
        /// Also print each directed pair's minutes at or under 50, 55, 60, 63, 70 and 73 dB.
        #[arg(long)]
        pairs: bool,
        /// Draw attenuation against distance and ROC, measured and simulated, here; - is standard output.
        #[arg(long, value_name = "FILE.svg")]
        figure: Option<PathBuf>,
        /// Replace files that are there.
        #[arg(long)]
        overwrite: bool,
    },
    /// Contacts: who met whom how long in a run, by kind of venue, beside measured face-to-face traces and surveys.
    ///
    /// The run must have written its slots of 20 s (output.tij = { radius_m = 1.25, cone_deg = 60 } as badges on chests have it). Figures are told
    /// of pairs that face each other and of all that are near. What chance does to a figure is told from the run without each twentieth of
    /// its people in turn; a comparison with a data set, and each line with a band, passes with 0.99 or more if the model is exactly right. What was
    /// fitted or put in is printed and not judged. The exit code is 0 either way; see "passes" of --json.
    Contacts(ContactsArgs),
}

/// Whose contacts, and what beside them.
#[derive(Debug, clap::Args)]
pub struct ContactsArgs {
    /// Folder of a finished run of one world.
    pub run_dir: PathBuf,
    /// CSV (`-` = standard input) of measured data sets, a line each: dataset, people, person_days and figures under the names of --json.
    #[arg(long, value_name = "STATS.csv")]
    pub reference: Option<PathBuf>,
    /// The data set to compare with, by its name or a part of it [default: all whose names tell a kind of venue of the run].
    #[arg(long, value_name = "NAME", requires = "reference")]
    pub dataset: Option<String>,
    /// The kind of venue to compare [default: as the data sets' names tell: office, school, household, conference, ward].
    #[arg(long, value_name = "KIND", requires = "reference")]
    pub venue_kind: Option<String>,
    /// As JSON: slots {radius_m, cone_deg}, judged, outside, passes, chance_at_least, kinds [{venue_kind, facing {figure: value}, near}],
    /// comparisons [{dataset, venue_kind, people, person_days, judged, outside, passes, figures [{figure, run, reference, low, high, verdict}]}]
    /// and lines [{line, source, n, of, value, low, high, band, verdict, why}].
    #[arg(long)]
    pub json: bool,
}

/// What can be calibrated.
#[derive(Debug, Subcommand)]
pub enum CalibrateCommand {
    /// An environment's level, exponent and spreads, by censored maximum likelihood, and the environment whose simulated scans give
    /// these estimates back.
    Radio {
        #[command(flatten)]
        measured: MeasuredArgs,
        /// Leave out scans at greater distances, m: cameras lose people, and a few wrong far ones flatten the law.
        #[arg(long, value_name = "M", default_value_t = 6.0)]
        within: f32,
        /// Write the fitted environments here, as TOML that a scenario can hold; - is standard output.
        #[arg(long, value_name = "FILE.toml")]
        out: Option<PathBuf>,
        /// Replace files that are there.
        #[arg(long)]
        overwrite: bool,
        /// As JSON: scenarios [{name, scans, pairs, log_likelihood, environment, and of each estimate value, standard_error,
        /// experiments_scatter and given_back}].
        #[arg(long)]
        json: bool,
    },
}

#[cfg(test)]
mod tests {
    use super::memory_bytes;

    #[test]
    fn memory_is_a_number_and_a_unit() {
        let read = ["8GiB", "0.5 GiB", "500MiB", "2GB", "3kB", "7B"].map(|text| memory_bytes(text).expect("an amount"));
        assert_eq!(read, [8 << 30, 1 << 29, 500 << 20, 2_000_000_000, 3000, 7]);
        for wrong in ["8", "GiB", "-1GiB", "0GiB", "8gib", "8 Gi", "infGiB", "nanB", ""] {
            assert!(memory_bytes(wrong).is_err(), "{wrong}");
        }
    }
}
