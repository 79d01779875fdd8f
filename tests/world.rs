//! Truth and the past, on small offices run by the built binary: what happened does not depend on phones.

use std::{collections::BTreeMap, path::Path};

use assert_cmd::Command;
use cocoasim::output::{Batch, TableSpec, read_table, tables};

/// Runs the office with some keys set.
fn run(out: &Path, sets: &[&str]) {
    let mut command = Command::cargo_bin("cocoasim").expect("the binary is built");
    command.args(["run", "office", "--quiet", "--out"]).arg(out);
    for set in ["population.workers=30", "authority.cases=[]"].iter().chain(sets) {
        command.args(["--set", set]);
    }
    command.assert().success();
}

fn read(out: &Path, spec: &'static TableSpec) -> Batch {
    read_table(out, spec).expect("the table")
}

/// The bytes of every part of a table, by name.
fn parts(out: &Path, table: &str) -> BTreeMap<String, Vec<u8>> {
    let parts = std::fs::read_dir(out.join(table)).expect("a folder of parts");
    parts
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), std::fs::read(&path).expect("a part")))
        .collect()
}

#[test]
fn contacts_and_visits_depend_on_no_phone_and_no_radio() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let nobody = "phones.smartphone_shares=[0,0,0,0,0,0,0,0]";
    let deaf = ["home", "meeting", "office", "restaurant"].map(|name| format!("radio.environments.{name}.level_at_1m_db=90"));
    let deaf: Vec<&str> = deaf.iter().map(String::as_str).chain(["phones.adoption=1"]).collect();
    for between in ["truth.between=people", "truth.between=phones"] {
        let with = |name: &str, sets: &[&str]| {
            let out = dir.path().join(format!("{name}-{}", &between[14..]));
            // Who is told something may stay home; that is the app's doing.
            run(&out, &[&["run.days=3", "app.stays_home_share=0", between], sets].concat());
            (parts(&out, "contacts"), parts(&out, "visits"))
        };
        let known = with("all", &["phones.adoption=1"]);
        assert!(known.0.values().map(Vec::len).sum::<usize>() > 10_000);
        for (name, sets) in [("no-app", &["phones.adoption=0"][..]), ("no-phone", &[nobody]), ("deaf", &deaf)] {
            assert!(with(name, sets) == known, "{name}, {between}: other contacts or visits");
        }
    }
}

#[test]
fn the_population_is_who_came_near_and_who_was_told() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let population = |name: &str, sets: &[&str]| {
        let out = dir.path().join(name);
        run(&out, &[&["run.days=3", "output.verdicts=false"], sets].concat());
        let accuracy = read(&out, &tables::ACCURACY);
        let text = |column: &str, i: usize| accuracy.text(column).get(i).to_owned();
        let rows = (0..accuracy.rows()).filter(|&i| text("universe", i) == "population" && text("stratum", i) == "all");
        let count = |column: &str, i: usize| accuracy.i64(column)[i];
        let rows: BTreeMap<_, _> =
            rows.map(|i| ((text("truth", i), text("rule", i)), ["tp", "fp", "fn", "tn"].map(|column| count(column, i)))).collect();
        (rows, read(&out, &tables::CONTACTS))
    };
    let (everybody, contacts) = population("all", &["phones.adoption=1"]);
    let (nobody, _) = population("none", &["phones.adoption=0"]);
    assert!(!nobody.is_empty() && nobody.len() == everybody.len());
    for (key, [tp, fp, missed, tn]) in &nobody {
        let [found, alarms, still_missed, silent] = everybody[key];
        assert_eq!((*tp, *fp, *missed), (0, 0, found + still_missed), "{key:?}");
        assert!(silent <= *tn && *tn <= silent + alarms, "{key:?}: pairs that came near do not depend on phones");
    }
    // By JST day the population without a phone is the contacts table, in both directions.
    let [tp, fp, missed, tn] = nobody[&("cumulative_jst".to_owned(), "2.0".to_owned())];
    let true_ones = contacts.bools("is_contact_cumulative_jst").iter().filter(|is| **is).count() as i64;
    assert_eq!((tp, fp, missed, missed + tn), (0, 0, 2 * true_ones, 2 * contacts.rows() as i64));
}
