//! Traces as inputs of the built binary: their times, days, cases and people.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use cocoasim::output::{read_table, tables};
use serde_json::Value;

/// Fifty records of 20 s on the first day, whatever their lines end in.
fn quarter_hour(line_end: &str) -> String {
    (1..=50).map(|k| format!("{} 1 2{line_end}", 36_000 + 20 * k)).collect()
}

struct Desk(tempfile::TempDir);

impl Desk {
    fn new(trace: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(dir.path().join("trace.tij"), trace).expect("a file");
        Self(dir)
    }

    fn command(&self, args: &[&str], sets: &[&str]) -> std::process::Output {
        let mut command = Command::cargo_bin("cocoasim").expect("the binary is built");
        command.current_dir(self.0.path()).args(args).args(["--set", "mobility.file=trace.tij"]);
        for set in sets {
            command.args(["--set", set]);
        }
        command.output().expect("it runs")
    }

    /// What `check` says of the trace; "" = no fault.
    fn check(&self, sets: &[&str]) -> String {
        let output = self.command(&["check", "office-trace"], sets);
        let said = String::from_utf8(output.stderr).expect("text");
        match output.status.code() {
            Some(0) => String::new(),
            Some(2) => said,
            code => panic!("{code:?}: {said}"),
        }
    }

    /// Runs it; the folder and its manifest.
    fn run(&self, name: &str, sets: &[&str]) -> (PathBuf, Value) {
        let output = self.command(&["run", "office-trace", "--quiet", "--out", name], sets);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let out = self.0.path().join(name);
        let manifest = std::fs::read_to_string(out.join("manifest.json")).expect("a manifest");
        (out, serde_json::from_str(&manifest).expect("JSON"))
    }
}

/// SocioPatterns publishes schools in Unix times: they were taken for 16,042 days.
#[test]
fn unix_times_are_refused_with_an_option_that_works() {
    let desk = Desk::new("1385982020 1 2\n1385982040 1 2\n1385982060 1 3\n");
    let said = desk.check(&[]);
    assert!(said.contains("trace.tij:1: t = 1385982020 looks like Unix time (2013-12-02 20:00:20 JST)"), "{said}");
    let (_, remedy) = said.split_once("add --set ").expect("an option");
    let option = remedy.split(' ').next().expect("a word");
    assert_eq!(option, "mobility.contacts.origin=1385910000");
    let (_, manifest) = desk.run("out", &[option]);
    assert_eq!(manifest["scenario"]["run"]["days"], 1);
}

/// One record of fifty was read.
#[test]
fn lines_that_end_in_carriage_returns_are_lines() {
    let desk = Desk::new(&quarter_hour("\r"));
    let (out, _) = desk.run("out", &[]);
    let contacts = read_table(&out, &tables::CONTACTS).expect("the contacts table");
    let within_s: f64 = contacts.f64("within_s").iter().sum();
    assert!(within_s > 999.0 && contacts.bools("is_contact_cumulative_jst").iter().any(|c| *c), "{within_s}");
}

/// A case that begins on no simulated day is a fault; a number of days that is stated holds.
#[test]
fn cases_lie_within_the_days_and_stated_days_hold() {
    let desk = Desk::new("36020 1 2\n36040 1 2\n");
    let case = "authority.cases=[{person=1,onset_day=10,result_day=12,registers=\"yes\"}]";
    let said = desk.check(&[case, "run.days=9"]);
    assert!(said.contains("authority.cases[0].onset_day = 10: 1 of 1 case begins after the last simulated day: give 11 days"), "{said}");
    assert!(desk.check(&[case]).contains("after the last simulated day"), "the trace has one day, the baseline 14");
    let (out, manifest) = desk.run("longer", &[case, "run.days=13"]);
    assert_eq!(manifest["scenario"]["run"]["days"], 13);
    assert!(out.join("visits").join("day-2020-09-19.parquet").exists(), "a day after the trace");
    let uploads = read_table(&out, &tables::UPLOADS).expect("the uploads table");
    assert_eq!(uploads.rows(), 1, "the case happened");
    let notes = |out: &Path| std::fs::read_to_string(out.join("summary.json")).expect("a summary");
    assert!(notes(&out).contains("the trace ends on day 1 of run.days = 13: nobody meets in the hall after it"));

    // A trace of 21 days: its own number holds where none is stated, in the baseline named as a scenario too.
    let desk = Desk::new("36020 1 2\n1764020 1 3\n");
    let late = "authority.cases=[{person=1,onset_day=20}]";
    assert_eq!(desk.check(&[late]), "");
    let output = desk.command(&["check", "baseline"], &[late, "mobility.source=contacts"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (out, manifest) = desk.run("shorter", &["run.days=2"]);
    assert_eq!((&manifest["scenario"]["run"]["days"], &manifest["tables"]["people"]["rows"]), (&2.into(), &2.into()));
    assert!(!Path::new(&out.join("visits").join("day-2020-09-09.parquet")).exists());
    assert!(notes(&out).contains("run.days = 2 leaves out 1 of the trace's records"));
    assert!(!notes(&desk.run("stated as it is", &["run.days=21"]).0).contains("run.days = "));
    let said = Desk::new("1764020 1 3\n").check(&["run.days=2"]);
    assert!(said.contains("--set run.days=2: run.days = 2: the trace has no record before day 21\n    use at least 21"), "{said}");
}

#[test]
fn the_people_of_a_trace_are_as_old_and_at_work_as_stated() {
    let pairs: String = (0..40).map(|k| format!("36020 {} {}\n", 2 * k, 2 * k + 1)).collect();
    let desk = Desk::new(&pairs);
    let people = |name: &str, sets: &[&str]| {
        let table = read_table(&desk.run(name, sets).0, &tables::PEOPLE).expect("the people table");
        let at_work = (0..table.rows()).filter(|i| table.text("work").opt(*i).is_some()).count();
        let mut ages: Vec<u32> = (0..table.rows()).map(|i| table.u32("age")[i]).collect();
        ages.sort_unstable();
        (ages, at_work)
    };
    let (office, at_work) = people("office", &[]);
    assert!(office[0] >= 18 && office[79] < 75 && at_work == 80, "{office:?}");
    let (school, at_work) = people("school", &["mobility.contacts.age_shares=[0,9,0,1,0,0,0,0]", "mobility.contacts.at_work=false"]);
    let pupils = school.iter().filter(|age| (10..20).contains(*age)).count();
    assert!((60..80).contains(&pupils) && school[pupils..].iter().all(|age| (30..40).contains(age)) && at_work == 0, "{school:?}");
    let (old, _) = people("old", &["mobility.contacts.age_shares=[0,0,0,0,0,0,0,1]"]);
    assert!(old[0] >= 70 && old[79] < 90, "{old:?}");
    let said = desk.check(&["mobility.contacts.age_shares=[1,2]"]);
    assert!(said.contains("mobility.contacts.age_shares: 2 items\n    give the 8 shares"), "{said}");
    let said = desk.check(&["mobility.contacts.age_shares=[0,0,0,-1,0,0,0,0]"]);
    assert!(said.contains("age_shares[3] = -1: not a share") && !said.contains("the shares add up to 0"), "{said}");
}
