//! The built binary as a user at a shell meets it: slips, remedies, JSON, `-`, and files that are there already.

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

#[path = "support/data.rs"]
#[expect(dead_code, reason = "here no test needs data of others; one needs to say that it is left out")]
mod test_data;

/// An office so small that a run takes about a second.
const SMALL: [&str; 4] = ["--set", "population.workers=20", "--set", "run.days=2"];

fn binary() -> String {
    assert_cmd::cargo::cargo_bin("cocoasim").display().to_string()
}

/// Runs the program in a folder, with a text on standard input.
fn cocoasim_with(folder: &Path, args: &[&str], input: &str) -> Output {
    use std::io::Write;
    let mut command = Command::new(binary());
    command.current_dir(folder).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    // Who does not read it closes it early.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

fn cocoasim(folder: &Path, args: &[&str]) -> Output {
    cocoasim_with(folder, args, "")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// What a command that is refused says.
fn refused(folder: &Path, args: &[&str]) -> String {
    let output = cocoasim(folder, args);
    assert_eq!(output.status.code(), Some(2), "{args:?}\n{}", stderr(&output));
    assert!(output.stdout.is_empty(), "{args:?}\n{}", stdout(&output));
    stderr(&output)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

#[test]
fn the_remedy_of_a_run_shorter_than_its_cases_runs() {
    let dir = folder();
    let given = ["run", "office", "--quiet", "--set", "run.days=2", "--set", "population.workers=20", "--out", "a b"];
    let said = refused(dir.path(), &given);
    assert!(said.ends_with("1 fault; nothing was run\n"), "{said}");
    assert!(said.starts_with("--set run.days=2: run.days = 2: 3 of 3 cases begin after the last simulated day: give 6 days"), "{said}");
    let remedy = said.lines().nth(1).expect("a remedy");
    let ran = Command::new("sh").current_dir(dir.path()).args(["-c", remedy]).output().expect("a shell");
    assert!(ran.status.success(), "{remedy}\n{}", stderr(&ran));
    let manifest = fs::read_to_string(dir.path().join("a b/manifest.json")).expect("a finished run");
    let manifest: Value = serde_json::from_str(&manifest).expect("JSON");
    let scenario = &manifest["scenario"];
    assert_eq!((&scenario["run"]["days"], &scenario["population"]["workers"]), (&2.into(), &20.into()));
    // Of three cases two are soon enough, and stay.
    let said = refused(dir.path(), &["check", "office", "--set", "run.days=5"]);
    assert!(said.contains("authority.cases[1].onset_day = 5: 1 of 3 cases begins") && said.contains("person = 101"), "{said}");
    assert!(!said.contains("person = 58"), "{said}");
    let remedy = said.lines().nth(1).expect("a remedy");
    assert!(Command::new("sh").args(["-c", remedy]).output().expect("a shell").status.success(), "{remedy}");
}

#[test]
fn what_is_misspelt_brings_the_nearest_name() {
    let dir = folder();
    for (args, near) in [
        (&["check", "offfice"][..], "did you mean office?"),
        (&["run", "office.toml"], "did you mean office?"),
        (
            &["explain", "link", "somewhere/office-trace.toml", "--venue", "office", "--from", "1", "--to", "2"],
            "did you mean office-trace?",
        ),
        (&["keys", "match", "--sightings", "a.csv", "--config", "1.1.44", "--keys", "b.zip"], "did you mean 1.1.4?"),
        (&["check", "office", "--set", "trut.radius_m=1"], "--set trut.radius_m=1: trut: unknown key\n    did you mean truth?"),
        (&["list", "fones"], "'phones'"),
        (&["schema", "summry"], "'summary'"),
        (&["check", "office", "--set", "truth.betwen=people"], "did you mean between?"),
        (&["check", "office", "--set", "truth.between=peopel"], "did you mean \"people\"?"),
        (&["check", "office", "--set", "mobility.contacts.environment=ofice"], "did you mean office?"),
        (
            &["check", "office", "--set", "venue.office.width_m=50"],
            "copy scenarios/venues/office.toml, change it, and list the copy in venue.kinds",
        ),
        (&["check", "office", "--set", "mobility.work.talk_min_s=50"], "copy scenarios/venues/office.toml"),
        (&["check", "office", "--set", "accuracy.headline_rule=1.1.4-1.4.1/ios/levle0"], "did you mean 1.1.4-1.4.1/ios/level0?"),
        (&["check", "office", "--set", "phones.models[7].model=SM-G973G"], "did you mean SM-G973F?"),
        (&["check", "office", "--set", "phones.models[5].oem=Shrap"], "did you mean Sharp?"),
        (&["check", "office", "--set", "radio.model_floor_dbm.SM-G9733=-97"], "did you mean SM-G973F?"),
        (&["check", "office", "--set", "radio.calibration=builtin:2020-12-13"], "builtin:2020-12-14"),
        (&["explain", "link", "office", "--venue", "offise", "--from", "1", "--to", "2"], "did you mean office?"),
        (&["explain", "link", "office", "--venue", "office", "--from", "1", "--to", "2", "--carriage", "tabel"], "did you mean table?"),
        (&["explain", "link", "office", "--venue", "office", "--from", "1", "--to", "2", "--model", "iPhone11"], "did you mean iPhone 11?"),
    ] {
        let said = refused(dir.path(), args);
        assert!(said.contains(near), "{args:?}\n{said}");
    }
}

#[test]
fn lists_are_one_entry_a_line_and_as_json_the_same_names() {
    let dir = folder();
    let lists = stdout(&cocoasim(dir.path(), &["list"]));
    assert!(lists.lines().count() >= 7, "{lists}");
    for of in lists.lines().map(|line| line.split("  ").next().expect("a name")) {
        let text = stdout(&cocoasim(dir.path(), &["list", of]));
        let of_text: Vec<&str> = text.lines().map(|line| line.split("  ").next().expect("a name")).collect();
        let list: Vec<Value> = serde_json::from_str(&stdout(&cocoasim(dir.path(), &["list", of, "--json"]))).expect("a JSON list");
        let of_json: Vec<&str> = list.iter().map(|entry| entry["name"].as_str().expect("a name")).collect();
        assert_eq!(of_text, of_json, "{of}");
        assert!(list.len() > 2 && list.iter().all(|entry| entry.as_object().is_some_and(|o| o.len() > 1)), "{of}");
    }
}

/// Of a command that fails, standard output holds every fault.
#[test]
fn with_json_faults_are_a_list_on_standard_output() {
    let dir = folder();
    fs::write(dir.path().join("there.svg"), "mine").expect("a file");
    let link = ["explain", "link", "office", "--venue", "office", "--from", "1", "--to", "2", "--json"];
    for (args, number) in [
        (&["check", "offfice", "--json"][..], 1),
        (&["run", "office", "--json", "--set", "run.days=0", "--set", "truth.radius_m=-1"], 2),
        (&["validate", "radio", "none.csv", "--environment", "office", "--json"], 1),
        (&["calibrate", "radio", "none.csv", "--environment", "office", "--json"], 1),
        (&[&link[..], &["--carriage", "hat", "--model", "brick"]].concat(), 2),
        (&[&link[..], &["--figure", "there.svg"]].concat(), 1),
        (&["keys", "match", "--sightings", "none.csv", "--keys", "none.zip", "--json"], 1),
        (&["list", "scenarios", "--jsn", "--json"], 1),
    ] {
        let output = cocoasim(dir.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let list: Vec<Value> = serde_json::from_str(&stdout(&output)).unwrap_or_else(|e| panic!("{args:?}: {e}\n{}", stdout(&output)));
        assert_eq!(list.len(), number, "{args:?} {list:#?}");
        for fault in &list {
            let problem = fault["problem"].as_str().expect("a problem");
            assert!(!problem.is_empty() && stderr(&output).contains(problem), "{args:?}\n{}", stderr(&output));
            assert!(["place", "path", "value", "remedy"].iter().all(|key| fault.get(key).is_some()), "{fault}");
        }
    }
    assert_eq!(stdout(&cocoasim(dir.path(), &["check", "office", "--json"])), "[]\n");
    assert_eq!(fs::read_to_string(dir.path().join("there.svg")).expect("still there"), "mine");
}

/// The names that `--help` lists for `--json` are those of the answer.
#[test]
fn answers_as_json_have_the_documented_shape() {
    let dir = folder();
    fs::write(dir.path().join("data.csv"), LINK_CSV).expect("a file");
    let link = &["explain", "link", "office", "--venue", "office", "--from", "1", "--to", "2", "--json"][..];
    let validate = &["validate", "radio", "data.csv", "--environment", "office", "--runs", "1", "--json"];
    for (args, below) in [(link, "terms"), (validate, "scenarios")] {
        let output = cocoasim(dir.path(), args);
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", stderr(&output)));
        let help = stdout(&cocoasim(dir.path(), &[&args[..2], &["--help"]].concat()));
        let (_, documented) = help.split_once("As JSON:").expect("it is documented");
        let documented = documented.split("\n\n").next().unwrap_or_default();
        let documented: Vec<&str> = documented.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).collect();
        let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        for key in keys(&answer).into_iter().chain(keys(&answer[below][0])) {
            assert!(documented.contains(&key.as_str()), "{key} is not in\n{help}");
        }
    }
}

/// Nothing but the scenario is read, and no radio table is made. Read from valgrind's count.
#[test]
fn commands_without_radio_take_at_most_a_tenth_of_a_billion_instructions() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return test_data::skipped("valgrind is not installed");
    }
    let dir = folder();
    for args in [
        &["list", "phones"][..],
        &["list", "scenarios"],
        &["list", "environments"],
        &["schema"],
        &["keys", "derive", "--tek", "75c734c6dd1a782de7a965da5eb93125", "--start", "2642976"],
        &["check", "office", "--set", "run.days=2"],
    ] {
        let counted = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
        let output = Command::new("valgrind").current_dir(dir.path()).args(counted).arg(binary()).args(args).output().expect("it runs");
        let said = stderr(&output);
        let (_, count) = said.split_once("refs:").unwrap_or_else(|| panic!("no count in\n{said}"));
        let count: u64 = count.lines().next().unwrap_or_default().trim().replace(',', "").parse().expect("a number");
        assert!(count <= 100_000_000, "{args:?}: {count}");
    }
}

#[test]
fn a_run_prints_what_its_summary_holds() {
    let dir = folder();
    let given = ["run", "baseline", "--json", "--quiet", "--out", "out"];
    let ran = cocoasim(dir.path(), &[&given[..], &SMALL].concat());
    assert!(ran.status.success(), "{}", stderr(&ran));
    assert_eq!(stdout(&ran), fs::read_to_string(dir.path().join("out/summary.json")).expect("a summary"));
    // Of a folder with a run in it the remedy replaces that.
    let said = refused(dir.path(), &[&given[..2], &given[3..], &SMALL].concat());
    let remedy = said.lines().last().expect("a remedy").trim();
    assert!(said.contains("is not empty") && remedy.ends_with(" --overwrite"), "{said}");
    assert!(Command::new("sh").current_dir(dir.path()).args(["-c", remedy]).output().expect("a shell").status.success(), "{remedy}");
}

const LINK_CSV: &str = "scenario,t_s,receiver,transmitter,receiver_model,transmitter_model,distance_m,seconds_since_last_scan,packets,\
                        min_db,typical_db\ndesk,0,a,b,SM-G973F,SM-G973F,1,300,3,58,60\ndesk,300,a,b,SM-G973F,SM-G973F,1,300,3,57,61\n";

#[test]
fn a_dash_is_standard_input_or_output() {
    let dir = folder();
    let mine = "[run]\nname = \"mine\"\ndescription = \"x\"\n";
    let checked = cocoasim_with(dir.path(), &["check", "-"], mine);
    assert!(checked.status.success() && stderr(&checked) == "standard input: no fault found\n", "{}", stderr(&checked));
    let wrong = cocoasim_with(dir.path(), &["check", "-"], "[run]\nnmae = \"mine\"\n");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(stderr(&wrong).starts_with("standard input:2: run.nmae = \"mine\": unknown key"), "{}", stderr(&wrong));
    let ran = cocoasim_with(dir.path(), &[&["run", "-", "--quiet"], &SMALL[..]].concat(), mine);
    assert!(ran.status.success() && dir.path().join("outputs/mine-seed1/manifest.json").is_file(), "{}", stderr(&ran));
    // A trace of the scenario comes from standard input too, unless the scenario itself does.
    let trace = "20 1 2\n40 1 2\n60 2 3\n";
    let sets = ["--set", "mobility.source=contacts", "--set", "mobility.file=-"];
    let traced = cocoasim_with(dir.path(), &[&["check", "baseline"], &sets[..]].concat(), trace);
    assert!(traced.status.success(), "{}", stderr(&traced));
    let twice = cocoasim_with(dir.path(), &[&["check", "-"], &sets[..]].concat(), mine);
    assert!(twice.status.code() == Some(2) && stderr(&twice).contains("standard input is the scenario already"), "{}", stderr(&twice));
    let validate = ["validate", "radio", "-", "--environment", "office", "--runs", "1"];
    let validated = cocoasim_with(dir.path(), &[&validate[..], &["--figure", "-"]].concat(), LINK_CSV);
    assert!(validated.status.success() && stdout(&validated).starts_with("<svg"), "{}", stderr(&validated));
    assert!(stderr(&validated).starts_with("desk as office"), "the text makes room: {}", stderr(&validated));
    let validated = cocoasim_with(dir.path(), &validate, LINK_CSV);
    assert!(stdout(&validated).starts_with("desk as office"), "{}", stderr(&validated));
    let both = cocoasim_with(dir.path(), &[&validate[..], &["--model", "-"]].concat(), LINK_CSV);
    assert!(both.status.code() == Some(2) && stderr(&both).contains("2 files are -"), "{}", stderr(&both));
    let link = ["explain", "link", "-", "--venue", "office", "--from", "1", "--to", "2"];
    for drawing in ["--figure", "--map", "--rotation"] {
        let explained = cocoasim_with(dir.path(), &[&link[..], &[drawing, "-"]].concat(), mine);
        assert!(stdout(&explained).starts_with("<svg") && stdout(&explained).trim_end().ends_with("</svg>"), "{drawing}");
    }
    for more in [&["--figure", "-", "--json"][..], &["--figure", "-", "--map", "-"]] {
        assert_eq!(cocoasim_with(dir.path(), &[&link[..], more].concat(), mine).status.code(), Some(2), "{more:?}");
    }
    assert_eq!(names(dir.path()), ["outputs"], "nothing else was written");
}

/// Every file that a command writes: what is there stays, unless `--overwrite` is given, and nothing is computed first.
#[test]
fn no_file_is_replaced_unless_that_is_asked_for() {
    let dir = folder();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).expect("a file");
    let read = |name: &str| fs::read(dir.path().join(name)).expect("a file");
    write("data.csv", LINK_CSV);
    write("keys.json", r#"[{ "key": "AAECAwQFBgcICQoLDA0ODw==", "rolling_start_interval_number": 2642976 }]"#);
    let pem = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/signing_key.pem").display().to_string();
    let export = ["keys", "export", "--keys", "keys.json", "--signing-key", &pem, "--key-id", "440", "--key-version", "v1"];
    let export = [&export[..], &["--region", "440", "--start", "1585785600", "--end", "1585872000", "--out", "there"]].concat();
    let link = ["explain", "link", "office", "--venue", "office", "--from", "1", "--to", "2"];
    let validate = ["validate", "radio", "data.csv", "--environment", "office", "--runs", "1"];
    for args in [
        &[&link[..], &["--figure", "there"]].concat()[..],
        &[&link[..], &["--figure", "new.svg", "--map", "there"]].concat(),
        &[&link[..], &["--rotation", "there"]].concat(),
        &[&validate[..], &["--figure", "there"]].concat(),
        &export,
        &["calibrate", "radio", "data.csv", "--environment", "office", "--out", "there"],
    ] {
        write("there", "mine");
        let said = refused(dir.path(), args);
        assert!(said.starts_with("there: the file is there already; nothing was written"), "{args:?}\n{said}");
        assert!(read("there") == b"mine" && !dir.path().join("new.svg").exists(), "{args:?}");
        let remedy = said.lines().last().expect("a remedy").trim();
        // The two scans are too few to fit.
        if args[0] != "calibrate" {
            let ran = Command::new("sh").current_dir(dir.path()).args(["-c", remedy]).output().expect("a shell");
            assert!(
                ran.status.success() && (read("there").starts_with(b"<svg") || read("there").starts_with(b"PK")),
                "{remedy}\n{}",
                stderr(&ran)
            );
            let _ = fs::remove_file(dir.path().join("new.svg"));
        }
    }
    // No drawing that was not asked for.
    let before = names(dir.path());
    assert!(cocoasim(dir.path(), &link).status.success());
    assert_eq!(names(dir.path()), before);
    let said = refused(dir.path(), &[&link[..], &["--figure", "x/y.svg"]].concat());
    assert!(said.contains("there is no folder x"), "{said}");
    let said = refused(dir.path(), &[&["run", "baseline", "--out", "there"], &SMALL[..]].concat());
    assert!(said.starts_with("there is a file; a run is a folder"), "{said}");
    let said = refused(dir.path(), &[&link[..], &["--figure", "."]].concat());
    assert!(said.contains("a folder is there"), "{said}");
}

/// A shell takes quotes away: where a key holds text, a number is text.
#[test]
fn a_number_set_where_text_stands_is_text() {
    let dir = folder();
    for set in ["accuracy.headline_rule=2.0", "run.name=2020", "run.description=true"] {
        let output = cocoasim(dir.path(), &["check", "office", "--set", set]);
        assert!(output.status.success(), "{set}: {}", stderr(&output));
    }
    assert!(refused(dir.path(), &["check", "office", "--set", "run.days=ten"]).contains("run.days"));
}

/// The page's title is the description as far as it holds, and what was changed; without its summary there is no page.
#[test]
fn a_title_says_what_was_changed_and_a_page_needs_the_summary() {
    let dir = folder();
    let output = cocoasim(dir.path(), &[&["run", "office", "--out", "out", "--json", "--set", "authority.cases=[]"], &SMALL[..]].concat());
    let summary: Value = serde_json::from_str(&stdout(&output)).unwrap_or_else(|e| panic!("{e}: {}", stderr(&output)));
    let title = summary["title"].as_str().expect("a title");
    assert!(
        title.ends_with("(changed: authority.cases=[], population.workers=20, run.days=2)") && title.starts_with("An office"),
        "{title}"
    );
    fs::write(dir.path().join("own.toml"), "[run]\nname = \"own\"\ndays = 2\n[population]\nworkers = 20\n").expect("a file");
    let output = cocoasim(dir.path(), &["run", "own.toml", "--json"]);
    let summary: Value = serde_json::from_str(&stdout(&output)).unwrap_or_else(|e| panic!("{e}: {}", stderr(&output)));
    assert_eq!(summary["title"], "Scenario own", "the baseline's description is of the baseline");
    fs::remove_file(dir.path().join("out/summary.json")).expect("it was written");
    assert!(refused(dir.path(), &["report", "out"]).contains("it has no summary.json"));
}

#[test]
fn a_report_of_what_is_no_run_says_what_it_is() {
    let dir = folder();
    let at = |name: &str| dir.path().join(name);
    fs::write(at("file"), "x").expect("a file");
    fs::create_dir(at("empty")).expect("a folder");
    fs::create_dir(at("other")).expect("a folder");
    fs::write(at("other/notes.txt"), "x").expect("a file");
    fs::create_dir(at("damaged")).expect("a folder");
    fs::write(at("damaged/manifest.json"), "{\"scenario\": ").expect("a file");
    for (run, says) in [
        ("nothing", "there is no folder nothing\n"),
        ("file", "file is a file; a run is a folder\n"),
        ("empty", "empty is empty: no run has been written there\n"),
        ("other", "other holds files but no run (no manifest.json, no unfinished run); it is left alone\n"),
        ("damaged", "damaged/manifest.json is damaged"),
    ] {
        let said = refused(dir.path(), &["report", run]);
        assert!(said.starts_with(says), "{run}: {said}");
    }
    assert_eq!(names(&at("other")), ["notes.txt"]);
    assert_eq!(names(&at("damaged")), ["manifest.json"]);
}

/// Key paths of the baseline's numbers; of a list its first, of a table with free keys all.
fn numbers(value: &Value, path: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(table) => {
            for (key, below) in table {
                numbers(below, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, out);
            }
        }
        Value::Array(list) => list.iter().take(1).for_each(|item| numbers(item, &format!("{path}[0]"), out)),
        Value::Number(_) => out.push(path.to_string()),
        _ => {}
    }
}

/// Every number of the scenario set to what it cannot be: no panic, and one short fault of that key, or a scenario without fault.
#[test]
fn no_number_breaks_a_check_or_fills_the_screen() {
    use cocoasim::scenario::{SourceArgs, open};
    let with = |sets: Vec<String>| open(&SourceArgs { scenario: "office".into(), sets, seed: None });
    let mut paths = Vec::new();
    numbers(&with(Vec::new()).expect("no fault").resolved, "", &mut paths);
    paths.retain(|path| !path.starts_with("radio.environments.") || path.starts_with("radio.environments.office."));
    assert!(paths.len() > 200, "{}", paths.len());
    let mut accepted = 0;
    for path in &paths {
        for value in ["inf", "-inf", "nan", "1e308", "-1e308", "-1", "0"] {
            let Err(report) = with(vec![format!("{path}={value}")]) else {
                assert!(["-1", "0"].contains(&value), "{path} = {value} is taken");
                accepted += 1;
                continue;
            };
            let text = report.to_string();
            let digits = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
            assert!(digits <= Some(20) && text.lines().all(|line| line.len() < 400), "{text}");
            assert!(
                report.0.len() == 1 && report.0[0].path.starts_with(path.split('[').next().unwrap_or(path)),
                "{path} = {value}\n{text}"
            );
        }
    }
    assert!(accepted > 100, "0 and -1 are often fine: {accepted}");
}

#[test]
fn what_cannot_be_is_refused_by_its_key() {
    let dir = folder();
    for (set, says) in [
        ("phones.models[0].oem=inf", "phones.models[0].oem: infinite, not a number"),
        ("radio.model_floor_dbm.SM-G973=1000", "radio.model_floor_dbm.SM-G973 = 1000: out of range"),
        ("radio.floor_mean_dbm=1000", "radio.floor_mean_dbm = 1000: out of range"),
        ("population.household_size_shares[0]=-1e9", "population.household_size_shares[0] = -1000000000.0: not a share"),
        ("mobility.carriage.home.ear=-1", "mobility.carriage.home.ear = -1: -1 is not a weight"),
        ("radio.scan_ios.gap_min_s=3600", "radio.scan_ios.gap_min_s = 3600: longer than gap_max_s"),
        ("phones.models[0].model=\"Brick 1\"", "phones.models[0].model = \"Brick 1\": neither the calibration table nor the reference"),
    ] {
        let said = refused(dir.path(), &["check", "office", "--set", set]);
        assert!(said.contains(says) && said.contains("1 fault;"), "{set}\n{said}");
    }
}
