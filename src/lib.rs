//! cocoasim simulates COCOA, Japan's contact-confirming app of 2020, on a synthetic population, and reports how well its
//! rule "within about 1 m for 15 minutes" detects true contacts, and why it misses or errs.
//!
//! A scenario is opened with what differs from it, run into a folder, and its tables read back:
//!
//! ```
//! use cocoasim::{
//!     output::{read_table, tables},
//!     run::{RunOptions, run},
//!     scenario::{SourceArgs, open},
//! };
//!
//! let sets = ["run.days=2", "population.workers=16", "phones.adoption=1.0", "authority.cases=[]"];
//! let scenario = open(&SourceArgs { scenario: "office".into(), sets: sets.map(String::from).into(), ..SourceArgs::default() })?;
//! # let folder = tempfile::tempdir()?;
//! # std::env::set_current_dir(&folder)?;
//! let options = RunOptions { out: Some("outputs/two-days".into()), quiet: true, ..RunOptions::default() };
//! let outcome = run(&scenario, &options)?;
//!
//! let accuracy = read_table(&outcome.folder, &tables::ACCURACY)?;
//! let is_headline = |row: &usize| {
//!     let wanted = [("rule", "2.0"), ("mode", "as_if"), ("universe", "device"), ("truth", "cumulative_utc"), ("stratum", "headline")];
//!     wanted.iter().all(|(column, value)| accuracy.text(column).get(*row) == *value)
//! };
//! let row = (0..accuracy.rows()).find(is_headline).ok_or("no two phones met")?;
//! let (found, missed) = (accuracy.i64("tp")[row], accuracy.i64("fn")[row]);
//! println!("rule 2.0 found {found} of {} contacts: {:.2}", found + missed, accuracy.f64("sensitivity")[row]);
//! # assert!(found + missed > 0 && accuracy.f64("sensitivity")[row] == found as f64 / (found + missed) as f64);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Tables and their columns are listed by [`output::schema_json`].
//!
//! The library is cut into rooms (one module each). Data flows through them in one direction:
//!
//! ```text
//! scenario.toml ─▶ scenario (checked) ─▶ setup (made ready)
//!    ─▶ population  people, households, phones
//!    ─▶ mobility    plan(person, day) ─▶ visits ─▶ stances inside a venue
//!         ├─ places    stances inside a venue that is laid out to its kind
//!         └─ traces    the same, replayed from a recorded trace
//!    ─▶ encounter   stances of one venue-day ─▶ pair segments
//!         ├─▶ truth     seconds within 1 m, from geometry alone
//!         └─▶ radio     what each scan hears, from physics alone
//!                ├─▶ laboratory   measured links beside the same simulated
//!                └─▶ air    identity is erased: (tx, rx, t, rssi) becomes (rpi, aem, t, rssi)
//!                      └─▶ gaen   store ─▶ matching ─▶ windows ─▶ scores
//!    ─▶ authority ─▶ server ─▶ app   the system around the phones
//!    ─▶ accuracy    verdicts joined to truth
//!    ─▶ output ─▶ report   tables, and the pages and figures (drawing) made of them
//!           └─▶ meetings   who met whom how long, beside what was measured of people
//! ```
//!
//! `engine` takes one UTC day from visits to counts, pair by pair; [`run`] is the whole flow, from a scenario to its report, as one readable
//! function. [`ROOMS`] says which room may use which; `tests/architecture.rs` holds the code to it. The edge that matters most is one that
//! is missing: `gaen` and `app` never see truth, positions or person ids. `air` is the only door.

pub mod accuracy;
pub mod air;
pub mod app;
pub mod as_list;
pub mod authority;
pub mod city;
pub mod cli;
pub mod columns;
pub mod drawing;
pub mod encounter;
pub mod engine;
pub mod faults;
pub mod gaen;
pub mod history;
pub mod ids;
pub mod inputs;
pub mod json;
pub mod laboratory;
pub mod math;
pub mod meetings;
pub mod mobility;
pub mod output;
pub mod places;
pub mod population;
pub mod radio;
pub mod random;
pub mod report;
pub mod run;
pub mod scenario;
pub mod server;
pub mod setup;
pub mod time;
pub mod traces;
pub mod truth;
pub mod units;
pub mod venue;

#[cfg(test)]
#[path = "../tests/support/data.rs"]
mod test_data;

/// Modules every room may use.
pub const BASE: &[&str] = &["as_list", "columns", "faults", "ids", "inputs", "json", "math", "random", "time", "units"];

/// Rooms, and the other rooms each may use besides [`BASE`]. The allowed edges of the architecture: a room uses only rooms above it in
/// this table, so that none go in a circle.
pub const ROOMS: &[(&str, &[&str])] = &[
    ("as_list", &[]),
    ("faults", &[]),
    ("ids", &[]),
    ("inputs", &[]),
    ("columns", &[]),
    ("json", &[]),
    ("math", &[]),
    ("random", &[]),
    ("time", &[]),
    ("units", &[]),
    ("history", &[]),
    ("population", &[]),
    ("venue", &[]),
    ("mobility", &["population", "venue"]),
    ("places", &["mobility", "population", "venue"]),
    ("city", &["mobility", "places", "population", "venue"]),
    ("traces", &["mobility", "venue"]),
    ("encounter", &["mobility", "venue"]),
    ("gaen", &[]),
    ("authority", &["history"]),
    ("server", &["gaen", "authority", "history"]),
    ("app", &["gaen", "server", "history"]),
    ("radio", &["encounter", "mobility", "population", "venue"]),
    ("laboratory", &["radio", "mobility", "population"]),
    ("air", &["radio", "gaen", "population"]),
    ("truth", &["encounter", "mobility", "venue"]),
    ("accuracy", &["truth", "population", "app", "venue", "mobility"]),
    ("output", &[]),
    ("meetings", &["output"]),
    (
        "scenario",
        &["population", "venue", "mobility", "radio", "truth", "gaen", "history", "authority", "server", "app", "accuracy", "output"],
    ),
    (
        "setup",
        &[
            "scenario",
            "population",
            "venue",
            "mobility",
            "traces",
            "city",
            "places",
            "encounter",
            "radio",
            "air",
            "gaen",
            "history",
            "authority",
            "server",
            "app",
        ],
    ),
    ("engine", &["setup", "venue", "mobility", "encounter", "radio", "air", "truth", "gaen", "app", "accuracy", "output"]),
    ("drawing", &[]),
    ("report", &["output", "meetings", "drawing"]),
    (
        "run",
        &[
            "scenario",
            "setup",
            "engine",
            "venue",
            "mobility",
            "traces",
            "radio",
            "air",
            "truth",
            "gaen",
            "authority",
            "server",
            "app",
            "accuracy",
            "output",
            "report",
        ],
    ),
    (
        "cli",
        &[
            "scenario",
            "population",
            "venue",
            "mobility",
            "places",
            "encounter",
            "radio",
            "laboratory",
            "gaen",
            "history",
            "app",
            "output",
            "meetings",
            "drawing",
            "report",
            "setup",
            "run",
        ],
    ),
];
