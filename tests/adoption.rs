//! What adoption decides, and what it does not.

use std::path::Path;

use assert_cmd::Command;
use cocoasim::output::{read_table, tables};
use serde_json::Value;

/// The summary that a small office prints at an adoption.
fn summary(out: &Path, adoption: &str) -> Value {
    let adoption = format!("phones.adoption={adoption}");
    let sets = ["run.days=5", "population.workers=40", "authority.cases=[]", adoption.as_str()];
    let mut command = Command::cargo_bin("cocoasim").expect("the binary is built");
    command.args(["run", "office", "--quiet", "--json", "--out"]).arg(out);
    sets.iter().for_each(|set| {
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
        let summary = summary(&out, adoption);
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
