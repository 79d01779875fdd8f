//! What a scenario gives does not depend on the machine: every row of a small office has one known hash.
//!
//! What that costs (`crate::math` and draws of one's own against the standard library's functions, user and system time, one thread,
//! medians of five runs of the office): 0.67 against 0.68 s at `phones.adoption=0.129`, 5.7 against 5.3 s at 1.

use cocoasim::output::{Batch, ColumnType, read_table, tables};
use sha2::{Digest, Sha256};

const SETS: [&str; 7] = [
    "population.workers=24",
    "run.days=2",
    "phones.adoption=1.0",
    "authority.cases=[{person=3,onset_day=-5,result_day=0,registers=\"yes\"},{person=4,onset_day=-6,registers=\"yes\"}]",
    "output.stances=true",
    "output.sightings=true",
    "output.verdicts=true",
];

/// Whatever changes the model, its constants or a table's columns on purpose changes this: then put here what the test prints. A
/// processor, an operating system, a compiler or a number of threads must not.
const HASH: &str = "529e3abef444d30b7291ad6b345f9068bc2a752ecc6c74b65157ea91ddf42350";

/// A value as text, the same of every value that is not a number.
fn cell(table: &Batch, column: &str, kind: ColumnType, row: usize) -> String {
    match kind {
        _ if table.is_null(column, row) => "null".into(),
        ColumnType::UInt32 => table.u32(column)[row].to_string(),
        ColumnType::Int32 => table.i32(column)[row].to_string(),
        ColumnType::Date => table.days(column)[row].to_string(),
        ColumnType::Int64 => table.i64(column)[row].to_string(),
        ColumnType::Float32 => table.f32(column)[row].to_string(),
        ColumnType::Float64 => table.f64(column)[row].to_string(),
        ColumnType::Bool => table.bools(column)[row].to_string(),
        ColumnType::Utf8 => table.text(column).get(row).to_string(),
        ColumnType::Fixed(_) => format!("{:?}", table.fixed(column, row)),
    }
}

#[test]
fn every_machine_gives_the_same_rows() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    let mut run = assert_cmd::Command::cargo_bin("cocoasim").expect("the binary is built");
    run.args(["run", "office", "--quiet"]).args(SETS.iter().flat_map(|s| ["--set", s])).arg("--out").arg(&out).assert().success();

    let (mut hash, mut rows) = (Sha256::new(), Vec::new());
    // Slots of contacts are written on request.
    for spec in tables::ALL.iter().filter(|spec| !spec.name.starts_with("tij")) {
        let table = read_table(&out, spec).expect("every table is written");
        hash.update(spec.name);
        for row in 0..table.rows() {
            let cells: Vec<String> = spec.columns.iter().map(|c| cell(&table, c.name, c.kind, row)).collect();
            hash.update(cells.join("\t") + "\n");
        }
        rows.push((spec.name, table.rows()));
    }
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(found, HASH, "rows: {rows:?}");
    let filled = ["people", "visits", "stances", "contacts", "sightings", "verdicts", "accuracy", "roc", "attenuation", "uploads"];
    assert!(filled.iter().all(|name| rows.iter().any(|(table, rows)| table == name && *rows > 0)), "what is empty holds nothing: {rows:?}");
}
