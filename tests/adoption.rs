//! What adoption decides, and what it does not.

use std::path::Path;

use assert_cmd::Command;
use cocoasim::output::{read_table, tables};
use serde_json::Value;

/// The summary that a small office prints, with the keys of its adoption.
fn summary(out: &Path, adoption: &[&str]) -> Value {
    let sets = ["run.days=5", "population.workers=40", "authority.cases=[]"];
    let mut command = Command::cargo_bin("cocoasim").expect("the binary is built");
    command.args(["run", "office", "--quiet", "--json", "--out"]).arg(out);
    sets.iter().chain(adoption).for_each(|set| {
        command.args(["--set", set]);
    });
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

/// As docs/how-to-adoption.md has it: the same contacts of everybody, of which few or many can be found.
#[test]
fn adoption_decides_how_many_of_everybodys_contacts_can_be_found() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let found = ["0.13", "0.8"].map(|adoption| {
        let out = dir.path().join(adoption);
        let summary = summary(&out, &[&format!("phones.adoption={adoption}")]);
        let rules = summary["rules"].as_array().expect("rules");
        let rule = rules.iter().find(|rule| rule["rule"] == "2.0").expect("2.0 is scored in every run");
        let count = |figures: &Value, key: &str| figures[key].as_i64().unwrap_or_else(|| panic!("{key} is a count: {figures}"));
        let everybody = &rule["everybody"];
        let accuracy = read_table(&out, &tables::ACCURACY).expect("the accuracy table");
        let is_population = |row: &usize| {
            let is = |column: &str, value: &str| accuracy.text(column).get(*row) == value;
            is("rule", "2.0")
                && is("mode", "as_if")
                && is("universe", "population")
                && is("stratum", "headline")
                && is("truth", "cumulative_utc")
        };
        let row = (0..accuracy.rows()).find(is_population).expect("everybody's contacts outside the home");
        assert_eq!((count(everybody, "tp"), count(everybody, "fn")), (accuracy.i64("tp")[row], accuracy.i64("fn")[row]));
        let contacts = count(everybody, "tp") + count(everybody, "fn");
        assert!(count(rule, "tp") + count(rule, "fn") < contacts, "not everybody's phone runs");
        (contacts, count(everybody, "tp"))
    });
    let [(contacts, few), (same, many)] = found;
    assert_eq!(contacts, same, "who was near whom does not depend on phones");
    assert!(contacts > 100 && many > 5 * few, "{few} and {many} of {contacts}");
}

/// `adoption` of the summary against the table of people: of owners, people and adults, and of pairs. A share of people is reached by more owners.
#[test]
fn the_summary_says_of_whom_adoption_is() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let summary = summary(dir.path(), &["phones.adoption=derived", "phones.adoption_of_people=0.5"]);
    let people = read_table(dir.path(), &tables::PEOPLE).expect("the people");
    let count = |counts: &dyn Fn(usize) -> bool| (0..people.rows()).filter(|row| counts(*row)).count() as f64;
    let has = |row: usize| !people.is_null("installed_day", row);
    let (all, with_app) = (people.rows() as f64, count(&has));
    let is_adult = |row: usize| people.u32("age")[row] >= 20;
    for (of, share) in [
        ("of_owners", with_app / count(&|row| !people.is_null("phone_model", row))),
        ("of_people", with_app / all),
        ("of_adults", count(&|row| has(row) && is_adult(row)) / count(&is_adult)),
        ("pair_share", with_app * (with_app - 1.0) / (all * (all - 1.0))),
    ] {
        assert!((summary["adoption"][of].as_f64().expect("a share") - share).abs() < 1e-12, "{of}: {share}, {}", summary["adoption"]);
    }
    // About 100 people: a standard error of 0.05, of which 3.3 hold 99.9 %.
    assert!((with_app / all - 0.5).abs() < 0.165, "{with_app} of {all}");
}
