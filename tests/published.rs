//! The files that a run's server published, and what `cocoasim keys` makes of them.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use assert_cmd::Command;
use cocoasim::output::{Batch, read_table, tables};
use serde_json::Value;

fn cocoasim(args: &[&str]) -> std::process::Output {
    Command::cargo_bin("cocoasim").expect("the binary is built").args(args).output().expect("it runs")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// Runs a small office with one case whose keys are published, from a day on.
fn try_run(out: &Path, first_day: &str, more: &[&str]) -> std::process::Output {
    let first_day = format!("run.first_day=\"{first_day}\"");
    let sets = [
        first_day.as_str(),
        "run.days=7",
        "population.workers=16",
        "phones.adoption=1.0",
        "mobility.work.telework_share=0.0",
        "output.verdicts=false",
        "output.sightings=true",
        "app.configuration_of_1_1_3=\"served\"",
        "authority.cases=[{person=3,onset_day=2,result_day=3,registers=\"yes\"}]",
    ];
    let sets = sets.iter().flat_map(|set| ["--set", set]);
    let args: Vec<&str> = ["run", "office", "--quiet", "--out", text(out)].into_iter().chain(sets).chain(more.iter().copied()).collect();
    cocoasim(&args)
}

fn run(out: &Path, first_day: &str) {
    let output = try_run(out, first_day, &[]);
    assert!(output.status.success(), "{}", stderr(&output));
}

fn stderr(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The batches that a phone fetched at a check, which comes at least once between two export runs.
fn fetched(run: &Path, exports: &Batch, checked_s: i64) -> Vec<PathBuf> {
    let made: Vec<i64> = exports.i64("created_s").to_vec();
    let newest = made.iter().copied().filter(|t| *t <= checked_s).max().expect("something was published");
    let of = (0..exports.rows()).filter(|&i| made[i] == newest);
    of.map(|i| run.join("published").join(exports.text("file").get(i))).collect()
}

/// Every check that matched, made again from the run's files alone: the phone's verdict is that of `keys match`.
#[test]
fn what_phones_said_follows_from_the_runs_own_files() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut said = BTreeSet::new();
    for first_day in ["2020-09-01", "2020-10-06", "2021-03-01", "2022-05-10"] {
        let out = dir.path().join(first_day);
        run(&out, first_day);
        let read = |table| read_table(&out, table).expect("a table of the run");
        let (people, exports, notifications) = (read(&tables::PEOPLE), read(&tables::EXPORTS), read(&tables::NOTIFICATIONS));
        assert!(notifications.rows() > 5, "{first_day}: {} checks matched", notifications.rows());
        for row in 0..notifications.rows() {
            let (person, checked_s) = (notifications.u32("person")[row], notifications.i64("checked_s")[row]);
            let os = (0..people.rows()).find(|&i| people.u32("person")[i] == person).map(|i| people.text("os").get(i));
            let keys = fetched(&out, &exports, checked_s);
            let (observer, now) = (person.to_string(), checked_s.to_string());
            let sightings = out.join("sightings");
            let pem = out.join("published/public.pem");
            let release = notifications.text("release").get(row);
            let config = if release == "1.1.3" { "1.1.3-served" } else { release };
            let mut args = vec!["keys", "match", "--json", "--sightings", text(&sightings), "--observer", &observer, "--now", &now];
            args.extend(["--config", config, "--os", os.expect("the phone has a system"), "--public-key", text(&pem), "--keys"]);
            args.extend(keys.iter().map(|path| text(path)));
            let output = cocoasim(&args);
            let found: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{first_day}: {e}: {}", stderr(&output)));
            let verdict = &found["verdict"];
            let outcome = match (verdict["notified"].as_bool(), verdict["exposed"].as_bool()) {
                (Some(true), Some(true)) => "notified and shown",
                (Some(true), Some(false)) => "notified, nothing shown",
                (Some(false), Some(true)) => "shown without notification",
                _ => "matched, under the rule",
            };
            let what = format!("{first_day}: person {person} at {checked_s}: {verdict:#}");
            assert_eq!(outcome, notifications.text("outcome").get(row), "{what}");
            assert_eq!(found["matched_keys"].as_array().map(Vec::len), Some(notifications.u32("matched_keys")[row] as usize), "{what}");
            if !notifications.is_null("day_utc", row) {
                let day = cocoasim::time::DayUtc(notifications.days("day_utc")[row]).to_string();
                let days = verdict["days"].as_array().expect("days");
                let of_day = days.iter().find(|d| d["day_utc"] == day.as_str()).unwrap_or_else(|| panic!("no {day}: {what}"));
                assert_eq!(of_day["duration_s"].as_f64(), Some(notifications.f64("duration_s")[row]), "{what}");
            }
            said.insert((first_day, outcome));
        }
    }
    for outcome in ["notified and shown", "matched, under the rule"] {
        assert!(said.iter().any(|(_, what)| *what == outcome), "{outcome} happens: {said:?}");
    }
}

#[test]
fn published_files_are_signed_listed_and_guarded() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    run(&out, "2020-10-06");
    let pem = out.join("published/public.pem");
    let exports = read_table(&out, &tables::EXPORTS).expect("the exports table");
    let manifest = std::fs::read_to_string(out.join("manifest.json")).expect("a manifest");
    let manifest: Value = serde_json::from_str(&manifest).expect("JSON");
    let listed = manifest["published"].as_array().expect("a list of files");
    assert!(exports.rows() > 3);
    assert_eq!(listed.len(), exports.rows() + 2, "every export, their index, and the public key");
    for row in 0..exports.rows() {
        let zip = out.join("published").join(exports.text("file").get(row));
        assert!(cocoasim(&["keys", "verify", text(&zip), "--public-key", text(&pem)]).status.success());
        let inspected = cocoasim(&["keys", "inspect", text(&zip), "--json"]);
        let inspected: Value = serde_json::from_slice(&inspected.stdout).expect("JSON");
        assert_eq!(inspected["keys"].as_array().map(Vec::len), Some(exports.u32("keys")[row] as usize));
    }
    let resume = || try_run(&out, "2020-10-06", &["--resume"]);
    let zip = out.join("published").join(exports.text("file").get(0));
    let good = std::fs::read(&zip).expect("a published file");
    std::fs::write(&zip, b"PK").expect("it is written");
    let refused = resume();
    assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
    assert!(stderr(&refused).contains(&format!("published/{}: it is not as the run wrote it", exports.text("file").get(0))));
    std::fs::write(&zip, good).expect("it is written");
    assert_eq!(resume().status.code(), Some(0), "as it was written");
    std::fs::write(out.join("published/2020-10-08-keys-of-2020-10-01.zip"), b"PK").expect("it is written");
    assert!(stderr(&resume()).contains("keys-of-2020-10-01.zip: the run did not write it"));
}
