//! The built binary on small scenarios: determinism, faults.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

/// A small office, so that each run takes about a second.
const SMALL: [&str; 8] = [
    "--set",
    "population.workers=30",
    "--set",
    "run.days=4",
    "--set",
    "authority.cases=[{person=3,onset_day=0,result_day=1,registers=\"yes\"}]",
    "--set",
    "phones.adoption=0.9",
];

fn cocoasim() -> Command {
    Command::cargo_bin("cocoasim").expect("the binary is built")
}

fn run(out: &Path, more: &[&str]) -> Value {
    cocoasim().args(["run", "office", "--quiet", "--out"]).arg(out).args(SMALL).args(more).assert().success();
    manifest(out)
}

fn manifest(out: &Path) -> Value {
    let text = std::fs::read_to_string(out.join("manifest.json")).expect("a finished run has a manifest");
    serde_json::from_str(&text).expect("the manifest is JSON")
}

#[test]
fn results_depend_on_the_seed_and_not_on_threads() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let one = run(&dir.path().join("one"), &["--threads", "1"]);
    let two = run(&dir.path().join("two"), &["--threads", "2"]);
    let seven = run(&dir.path().join("seven"), &["--threads", "7"]);
    assert_eq!(one, two);
    assert_eq!(one, seven);
    let other = run(&dir.path().join("other"), &["--seed", "2"]);
    assert_ne!(one["content_sha256"], other["content_sha256"]);
    let page = std::fs::read_to_string(dir.path().join("one/report.html")).expect("a report");
    assert!(page.contains("1.1.4-1.4.1/ios/level0"));
}

#[test]
fn every_fault_is_reported_at_once_and_nothing_is_written() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("bad.toml");
    let text = "[run]\nname = \"bad\"\ndays = 0\n\n[phones]\nadoptoin = 0.5\nios_share = 1.5\n\n[truth]\nradius_cm = 100\nbetween = \"peeple\"\n\n[[authority.cases]]\nperson = 1\n";
    std::fs::write(&file, text).expect("a file");
    let out = dir.path().join("out");
    let output = cocoasim().args(["run"]).arg(&file).arg("--out").arg(&out).output().expect("it runs");
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(2));
    assert!(!out.exists());
    for expected in [
        "bad.toml:3: run.days = 0: out of range\n    use a whole number from 1 to 3660",
        "bad.toml:6: phones.adoptoin = 0.5: unknown key\n    did you mean adoption?",
        "bad.toml:7: phones.ios_share = 1.5: out of range",
        "bad.toml:10: truth.radius_cm = 100: unknown key\n    the unit is in the name: use radius_m",
        "did you mean \"people\"?",
        "key onset_day is missing",
        "nothing was run",
    ] {
        assert!(stderr.contains(expected), "{expected:?} is not in\n{stderr}");
    }
}

#[test]
fn faults_of_plans_times_and_files_name_their_keys() {
    let check = |sets: &[&str]| {
        let mut command = cocoasim();
        command.args(["check", "office"]);
        sets.iter().for_each(|s| {
            command.args(["--set", s]);
        });
        let output = command.output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{sets:?}");
        String::from_utf8(output.stderr).expect("text")
    };
    assert!(check(&["run.first_day=\"2020-02-30\""]).contains("run.first_day = \"2020-02-30\": not a date"));
    assert!(check(&["venue.kinds=[\"nowhere.toml\"]"]).contains("venue.kinds[0] = \"nowhere.toml\": cannot be read"));
    assert!(check(&["venue.materials={}"]).contains("venue.kinds: no material of this name: walls[0].material of the kind office"));
    assert!(check(&["mobility.source=contacts"]).contains("no trace named"));
    assert!(check(&["mobility.source=contacts", "mobility.file=/nowhere/trace.dat"]).contains("/nowhere/trace.dat"));
    assert!(check(&["radio.calibration=nowhere.csv"]).contains("radio.calibration"));
    let kind = check(&["mobility.contacts.venue_kind=clasroom"]);
    assert!(kind.contains("venue_kind = \"clasroom\"") && kind.contains("did you mean classroom?"), "{kind}");
    cocoasim().args(["check", "office"]).assert().success();
    cocoasim().args(["check", "baseline"]).assert().success();
}

#[test]
fn scenarios_are_listed_and_load() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let readme = std::fs::read_to_string(folder.join("../README.md")).expect("a README");
    let listed = String::from_utf8(cocoasim().args(["list", "scenarios"]).output().expect("it runs").stdout).expect("text");
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|e| e == "toml") {
            let name = path.file_stem().expect("a name").to_string_lossy().to_string();
            assert!(listed.lines().any(|l| l.split_whitespace().next() == Some(&name)), "{name} is embedded");
            assert!(readme.contains(&format!("{name}.toml")), "{name}.toml is in README.md");
        }
    }
}

#[test]
fn scenarios_of_benches_have_no_fault() {
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/scenarios")).expect("a folder");
    let files: Vec<_> = files.map(|file| file.expect("an entry").path()).collect();
    assert!(files.len() >= 5);
    files.iter().for_each(|file| drop(cocoasim().arg("check").arg(file).assert().success()));
}

/// A story in the tables: one case, a small office where everybody has the app.
fn story(more: &[&str]) -> (Vec<String>, Vec<(String, Option<String>)>) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    let mut command = cocoasim();
    command.args(["run", "office", "--quiet", "--out"]).arg(&out);
    let common = [
        "run.first_day=\"2020-09-01\"",
        "population.workers=20",
        "run.days=7",
        "phones.adoption=1.0",
        "phones.bluetooth_off=0.0",
        "mobility.work.telework_share=0.0",
        "output.verdicts=false",
        "authority.cases=[{person=3,onset_day=2,result_day=3,registers=\"yes\"}]",
    ];
    for set in common.iter().chain(more) {
        command.args(["--set", set]);
    }
    command.assert().success();
    let uploads = cocoasim::output::read_table(&out, &cocoasim::output::tables::UPLOADS).expect("the uploads table");
    let notifications = cocoasim::output::read_table(&out, &cocoasim::output::tables::NOTIFICATIONS).expect("the notifications table");
    let text = |batch: &cocoasim::output::Batch, column: &str, i: usize| batch.text(column).opt(i).map(str::to_string);
    (
        (0..uploads.rows()).map(|i| uploads.text("outcome").get(i).to_string()).collect(),
        (0..notifications.rows()).map(|i| (notifications.text("outcome").get(i).to_string(), text(&notifications, "fault", i))).collect(),
    )
}

#[test]
fn an_upload_travels_to_the_phones_that_were_near() {
    // 2020-09-01: releases 1.1.2 and 1.1.3 notify on any match.
    let (uploads, notifications) = story(&[]);
    assert_eq!(uploads, ["uploaded"]);
    assert!(notifications.iter().any(|(outcome, _)| outcome.contains("notified")), "{notifications:?}");
}

#[test]
fn without_registration_or_in_time_nothing_is_uploaded() {
    let asked = "timeline=[{date=\"always\",setting=\"hersys.health_centre_asks_share\",value=1}]";
    let (uploads, notifications) = story(&["authority.cases[0].registers=\"no\"", asked]);
    assert_eq!(uploads, ["did not register"]);
    assert!(notifications.is_empty());
    // Valid for an hour, entered after two weeks or so: the server refuses.
    let (uploads, notifications) = story(&["authority.entry_delay_mean_h=100", "run.days=30"]);
    assert_eq!(uploads, ["number wrong or expired"]);
    assert!(notifications.is_empty());
}

#[test]
fn what_the_terminal_shows() {
    let shown = |args: &[&str]| String::from_utf8(cocoasim().args(args).output().expect("it runs").stdout).expect("text");
    insta::assert_snapshot!("help", shown(&["--help"]));
    insta::assert_snapshot!("help_run", shown(&["run", "--help"]));
    insta::assert_snapshot!("list_rules", shown(&["list", "rules"]));
    insta::assert_snapshot!("list_phones", shown(&["list", "phones"]));
    let environments = shown(&["list", "environments"]);
    assert!(
        environments.contains("office  54.4 dB at 1 m on tables, 56.3 as carried") && environments.contains("P.1238-11"),
        "{environments}"
    );
    insta::assert_snapshot!("list_releases", shown(&["list", "releases"]));
    insta::assert_snapshot!("tables", shown(&["schema", "tables"]));
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    let output = cocoasim().args(["run", "office", "--out"]).arg(&out).args(SMALL).output().expect("it runs");
    let text = String::from_utf8(output.stderr).expect("text").replace(&out.display().to_string(), "OUT");
    assert!(text.lines().count() <= 24 && text.lines().all(|l| l.chars().count() <= 100), "one screen:\n{text}");
    assert!(text.contains("this world") && text.contains("(its other reading: "), "{text}");
    assert!(text.contains("ios>ios        ios>android        android>ios    android>android"), "{text}");
    // Every figure is the same on every machine; only the time it took is not.
    let steady: String = text.lines().filter(|l| !l.contains("person-days/s")).map(|l| format!("{l}\n")).collect();
    insta::assert_snapshot!("summary_small_office", steady);
}

#[test]
fn a_full_disk_or_a_closed_folder_ends_with_code_3_and_a_reason() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("a-file");
    std::fs::write(&file, "in the way").expect("a file");
    let output = cocoasim().args(["run", "office", "--quiet", "--out"]).arg(file.join("out")).args(SMALL).output().expect("it runs");
    assert_eq!(output.status.code(), Some(3));
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert!(stderr.contains("a-file"), "{stderr}");
    assert_eq!(stderr.matches("os error").count(), 1, "said once: {stderr}");
    assert_eq!(std::fs::read_to_string(&file).expect("still a file"), "in the way");
}

/// Sorted by anything else, their order would give away who transmitted.
#[test]
fn sightings_are_sorted_by_what_phones_know() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    run(dir.path(), &["--set", "output.sightings=true"]);
    let mut scans_of_several = 0;
    for part in std::fs::read_dir(dir.path().join("sightings")).expect("a folder") {
        let path = part.expect("an entry").path();
        let table = cocoasim::output::read_file(&path, &cocoasim::output::tables::SIGHTINGS).expect("a part");
        let order = |i: usize| (table.u32("observer")[i], table.i64("t_s")[i], table.fixed("rpi", i));
        assert!((0..table.rows()).is_sorted_by_key(order), "{}", path.display());
        scans_of_several += (1..table.rows()).filter(|&i| (order(i).0, order(i).1) == (order(i - 1).0, order(i - 1).1)).count();
    }
    assert!(scans_of_several > 1000, "{scans_of_several}");
}

/// The index over all published keys and the per-phone reference say the same of everything that phones of the office heard.
#[test]
fn both_matchers_agree_on_the_office() {
    use cocoasim::{
        air::Beacons,
        gaen::{DiagnosisKey, PublishedIndex, Sighting, Tracer, match_store},
        ids::PersonId,
        random::Seed,
        scenario::{SourceArgs, open},
        time::DayUtc,
    };
    let dir = tempfile::tempdir().expect("a temporary folder");
    run(&dir.path().join("out"), &["--set", "output.sightings=true"]);
    let table = cocoasim::output::read_table(&dir.path().join("out"), &cocoasim::output::tables::SIGHTINGS).expect("the sightings table");
    let scenario = open(&SourceArgs { scenario: "office".into(), ..SourceArgs::default() }).expect("no fault").scenario;
    let beacons = Beacons::new(&scenario.gaen, Seed(1));
    let first = scenario.first_day().expect("a date").start().day_utc();
    let keys: Vec<DiagnosisKey> = (0..84)
        .flat_map(|p| (0..5).map(move |d| (PersonId(p), DayUtc(first.0 + d))))
        .map(|(p, d)| DiagnosisKey { tek: beacons.tek(p, d), transmission_risk_level: 4, report_type: None, days_since_onset: None })
        .collect();
    let index = PublishedIndex::new(&keys);
    let fixed = |column: &str, i: usize| table.fixed(column, i).to_vec();
    let mut of_phone: std::collections::BTreeMap<u32, Vec<Sighting>> = std::collections::BTreeMap::new();
    for i in 0..table.rows() {
        of_phone.entry(table.u32("observer")[i]).or_default().push(Sighting {
            rpi: fixed("rpi", i).try_into().expect("16 bytes"),
            aem: fixed("aem", i).try_into().expect("4 bytes"),
            t_s: table.i64("t_s")[i] as u32,
            rssi_dbm: table.i32("rssi_dbm")[i] as i8,
            previous_scan_s: table.i64("previous_scan_s")[i] as u32,
        });
    }
    assert!(of_phone.len() > 40 && table.rows() > 10_000, "{} phones, {} sightings", of_phone.len(), table.rows());
    let mut matched = 0;
    for sightings in of_phone.values() {
        let reference = match_store(sightings, &keys);
        matched += reference.len();
        assert_eq!(reference, index.match_store(sightings, &mut Tracer::default()));
    }
    assert!(matched > 1000, "{matched}");
}
