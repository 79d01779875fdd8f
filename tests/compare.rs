//! `cocoasim draw compare` from the shell: runs side by side, and what cannot stand side by side.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn cocoasim(dir: &Path, args: &[&str]) -> Output {
    Command::new(assert_cmd::cargo::cargo_bin("cocoasim")).current_dir(dir).args(args).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// An office of a day.
fn run(dir: &Path, out: &str, more: &[&str]) {
    let sets = ["--set", "population.workers=16", "--set", "run.days=1", "--set", "authority.cases=[]", "--set", "phones.adoption=1"];
    let output = cocoasim(dir, &[&["run", "office", "--quiet", "--out", out], &sets[..], more].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("it is JSON")
}

#[test]
fn runs_stand_side_by_side_with_their_labels_and_figures() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let dir = dir.path();
    run(dir, "one", &[]);
    run(dir, "worlds", &["--replicates", "2"]);
    let args = ["draw", "compare", "one", "two worlds=worlds", "--figure", "compared.svg"];
    let output = cocoasim(dir, &args);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "compared.svg\n");
    let svg = fs::read_to_string(dir.join("compared.svg")).expect("a figure");
    for of in [
        "office",
        "two worlds",
        "at or under 63 dB on average",
        "weighted score of 1350",
        "Student&apos;s t over 2 worlds",
        "within 1 m for 15 min",
    ] {
        assert!(svg.contains(of) || svg.contains(&of.replace("&apos;", "'")), "{of} is not in\n{svg}");
    }
    let rates = &json(&dir.join("one/summary.json"))["contact_rates"];
    let rate = rates[0]["per_person_hour"].as_f64().expect("people met");
    assert!(rate > 0.0 && svg.contains(&format!("true contacts a person-hour {}.", format!("{rate:.3}").trim_end_matches('0'))), "{rate}");

    // The same again, and by one rule alone on standard output.
    let again = cocoasim(dir, &[&args[..5], &["again.svg"]].concat());
    assert!(again.status.success() && fs::read_to_string(dir.join("again.svg")).expect("a figure") == svg);
    let alone = text(&cocoasim(dir, &["draw", "compare", "one", "--rule", "2.0-draft", "--figure", "-"]).stdout);
    assert!(alone.starts_with("<svg") && alone.contains("draft") && !alone.contains("63 dB on average"));
}

/// A run of one day in summary: hours that people spent, by hand from the table of visits, and contacts as the table of accuracy has them.
#[test]
fn contacts_a_person_hour_are_those_of_the_tables() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    run(dir.path(), "one", &[]);
    let out = dir.path().join("one");
    let rates = json(&out.join("summary.json"))["contact_rates"].clone();
    let of = |place: &str, key: &str| {
        let rates = rates.as_array().expect("a list");
        rates.iter().find(|of| of["place"] == place).expect("the place")[key].as_f64().expect("a number")
    };
    let visits = cocoasim::output::read_table(&out, &cocoasim::output::tables::VISITS).expect("a table");
    let hours = |is_of: &dyn Fn(&str) -> bool| {
        let rows = (0..visits.rows()).filter(|row| is_of(visits.text("venue_kind").get(*row)));
        rows.map(|row| visits.i64("end_s")[row] - visits.i64("start_s")[row]).sum::<i64>() as f64 / 3600.0
    };
    assert!(hours(&|kind| kind == "home") > 100.0 && hours(&|kind| kind == "office") > 50.0);
    for (place, expected) in [("home", hours(&|kind| kind == "home")), ("outside_home", hours(&|kind| kind != "home"))] {
        assert!((of(place, "person_hours") - expected).abs() < 1e-9, "{place}: {expected}");
    }
    let accuracy = cocoasim::output::read_table(&out, &cocoasim::output::tables::ACCURACY).expect("a table");
    let is_asked = |row: &usize| {
        let wanted = [("rule", "2.0"), ("mode", "as_if"), ("universe", "population"), ("truth", "cumulative_utc"), ("stratum", "headline")];
        wanted.iter().all(|(column, value)| accuracy.text(column).get(*row) == *value)
    };
    let row = (0..accuracy.rows()).find(is_asked).expect("people met");
    let contacts = (accuracy.i64("tp")[row] + accuracy.i64("fn")[row]) as f64;
    assert!(contacts > 0.0 && of("outside_home", "contacts") == contacts);
    assert!((of("outside_home", "per_person_hour") - contacts / of("outside_home", "person_hours")).abs() < 1e-12);
}

#[test]
fn what_cannot_be_compared_is_told_at_once() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let dir = dir.path();
    ["one", "two", "old", "edited", "unfinished"].iter().for_each(|out| run(dir, out, &[]));
    let change = |file: &str, from: &str, to: &str| {
        let text = fs::read_to_string(dir.join(file)).expect("a file");
        assert!(text.contains(from), "{from}");
        fs::write(dir.join(file), text.replace(from, to)).expect("a file");
    };
    change("old/manifest.json", concat!("\"version\": \"", env!("CARGO_PKG_VERSION")), "\"version\": \"0.0.1");
    change("edited/summary.json", "\"scenario\": \"office\"", "\"scenario\": \"other\"");
    fs::create_dir_all(dir.join("unfinished/.state")).expect("a folder");
    fs::write(dir.join("unfinished/.state/checkpoint.bin"), "").expect("a file");
    fs::create_dir(dir.join("empty")).expect("a folder");
    fs::write(dir.join("there.svg"), "mine").expect("a file");
    let runs = ["one", "two", "old", "edited", "unfinished", "empty", "missing", "label=nowhere"];
    let output = cocoasim(dir, &[&["draw", "compare", "--figure", "there.svg", "--rule", "2.0-daft"], &runs[..]].concat());
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    for expected in [
        concat!("old: made by cocoasim 0.0.1, format 1; this is ", env!("CARGO_PKG_VERSION"), ", format 1\n    run it again"),
        "edited: summary.json: it is not as the run wrote it",
        "unfinished holds a run that was stopped before its end",
        "empty is empty: no run has been written there",
        "there is no folder missing",
        "there is no folder nowhere",
        "one: it has no rule 2.0-daft\n    did you mean 2.0-draft? use one of",
        "two: called office, as one is\n    name it: LABEL=two",
        "there.svg: the file is there already; nothing was written",
    ] {
        assert!(told.contains(expected), "{expected}\nis not in\n{told}");
    }
    assert_eq!(fs::read_to_string(dir.join("there.svg")).expect("a file"), "mine");

    change("two/manifest.json", "\"source_sha256\": \"", "\"source_sha256\": \"0");
    let five = ["2.0"; 5].map(|rule| ["--rule", rule]).concat();
    let output = cocoasim(dir, &[&["draw", "compare", "a=one", "b=two", "--figure", "new.svg"], &five[..]].concat());
    let told = text(&output.stderr);
    assert!(output.status.code() == Some(2) && !dir.join("new.svg").exists(), "{told}");
    for expected in ["two: made by another build of the program than one\n    run both with one", "--rule: 5 rules\n    give at most 4"] {
        assert!(told.contains(expected), "{expected}\nis not in\n{told}");
    }
}
