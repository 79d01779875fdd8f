//! A small office run by the built binary, and its tables.

use assert_cmd::Command;
use cocoasim::output::{Batch, TableSpec, read_table};

/// Everybody has the app and comes; two cases register; numbers are entered at once.
const COMMON: &[&str] = &[
    "population.workers=16",
    "run.days=7",
    "phones.adoption=1",
    "phones.bluetooth_off=0",
    "phones.smartphone_shares=[1,1,1,1,1,1,1,1]",
    "phones.update_lag_mean_days=0",
    "mobility.work.telework_share=0",
    "authority.entry_into_hersys_h=0",
    "authority.entry_delay_mean_h=0.1",
    "authority.cases=[{person=3,onset_day=1,result_day=2,registers=\"yes\"},{person=4,onset_day=1,result_day=2,registers=\"yes\"}]",
    "output.verdicts=false",
];

/// Runs the office with some keys set.
pub fn office(sets: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::cargo_bin("cocoasim").expect("the binary is built");
    command.args(["run", "office", "--quiet", "--overwrite", "--out"]).arg(dir.path());
    COMMON.iter().chain(sets).for_each(|set| {
        command.args(["--set", set]);
    });
    command.assert().success();
    dir
}

/// A table of it.
pub fn read(dir: &tempfile::TempDir, spec: &'static TableSpec) -> Batch {
    read_table(dir.path(), spec).expect("the table")
}
