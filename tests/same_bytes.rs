//! Every scenario that comes with the program gives the same bytes for one, two and seven threads, and after a kill.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::Value;

/// A scenario that comes with the program, and how it is made shorter.
struct Short {
    scenario: &'static str,
    sets: &'static [&'static str],
}

const OF_CONTACTS: &str = "output.verdicts=\"told_or_contact\"";
const CASES: &str = "authority.incidence.reported_per_100k_a_day=1000";
/// Few people, over a working day and a free one.
const SMALL_TOWN: &[&str] =
    &["population.people=400", "run.days=3", "run.first_day=\"2020-09-18\"", "phones.adoption_of_adults=0.6", CASES];
const ALL: [Short; 18] = [
    Short { scenario: "baseline", sets: &["run.days=4", "phones.adoption=0.5"] },
    Short { scenario: "office", sets: &["run.days=7", "population.workers=60", "output.tij={radius_m=1.25,cone_deg=60}"] },
    Short { scenario: "office", sets: &["run.days=3", "run.warm_up_days=3", "population.workers=60", "authority.cases=[]", CASES] },
    Short { scenario: "field-test-1m-15min", sets: &["population.workers=800"] },
    Short { scenario: "office-trace", sets: &["phones.adoption=0.5"] },
    Short { scenario: "classroom", sets: &["phones.adoption=0.7"] },
    Short { scenario: "restaurant", sets: &["phones.adoption=0.7"] },
    Short { scenario: "hall", sets: &["phones.adoption=0.2"] },
    Short { scenario: "ward", sets: &["phones.adoption=0.7"] },
    Short { scenario: "supermarket", sets: &["phones.adoption=0.3"] },
    Short { scenario: "train", sets: &["phones.adoption=0.5"] },
    Short { scenario: "first-summer", sets: &["population.workers=24", OF_CONTACTS] },
    Short { scenario: "autumn-fault", sets: &["population.workers=24", OF_CONTACTS] },
    Short { scenario: "v2-spring", sets: &["population.workers=24", OF_CONTACTS] },
    Short { scenario: "city", sets: SMALL_TOWN },
    Short { scenario: "city-100k", sets: SMALL_TOWN },
    Short { scenario: "commute", sets: &["population.people=400"] },
    Short { scenario: "school", sets: &["run.days=2"] },
];

fn cocoasim(args: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("cocoasim"));
    command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Six days of sixty people, each for hours beside one of their neighbours by number, and then beside another.
fn write_trace(path: &Path) {
    let mut text = String::new();
    for day in 0..6 {
        for slot in 0..900 {
            let step = 1 + (slot / 45 + day) % 5;
            for i in (0..60).filter(|i| (i / step) % 2 == 0) {
                writeln!(text, "{} {} {}", 86_400 * day + 36_000 + 20 * slot, i + 1, (i + step) % 60 + 1).expect("a string takes text");
            }
        }
    }
    fs::write(path, text).expect("a file");
}

/// Every file below a folder by its name there, but those that differ from run to run.
fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut all, mut folders) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("timing.json") {
                let bytes = fs::read(&path).expect("a file");
                all.insert(path.strip_prefix(root).expect("below").to_owned(), bytes);
            }
        }
    }
    all
}

/// Kills a run once it has finished a day, and goes on with it.
fn killed(args: &[&str], out: &Path) {
    let out_arg = out.to_str().expect("text");
    let all = [args, &["--threads", "2", "--out", out_arg, "--resume"]].concat();
    let is_under_way = |child: &mut std::process::Child| child.try_wait().expect("a process").is_none();
    for _ in 0..20 {
        let _ = fs::remove_dir_all(out);
        let mut child = cocoasim(&all).spawn().expect("the binary starts");
        let finished_a_day = || {
            fs::read_dir(out.join("contacts"))
                .is_ok_and(|parts| parts.filter_map(Result::ok).any(|part| !part.file_name().to_string_lossy().starts_with('.')))
        };
        while is_under_way(&mut child) && !finished_a_day() {
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().expect("it is killed");
        child.wait().expect("it ends");
        if !out.join("manifest.json").exists() {
            let output = cocoasim(&all).output().expect("the binary runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            return;
        }
    }
    panic!("twenty times the run ended before it was killed: {args:?}");
}

#[test]
fn every_scenario_gives_the_same_bytes_for_any_threads_and_after_a_kill() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let trace = dir.path().join("trace.dat");
    write_trace(&trace);
    let of_trace = format!("mobility.file=\"{}\"", trace.display());
    for Short { scenario, sets } in ALL {
        let mut args = vec!["run", scenario, "--quiet"];
        args.extend(sets.iter().flat_map(|set| ["--set", set]));
        if scenario == "office-trace" {
            args.extend(["--set", &of_trace]);
        }
        let mut first: Option<BTreeMap<PathBuf, Vec<u8>>> = None;
        let mut check = |how: &str, out: &Path| {
            let found = files(out);
            let first = first.get_or_insert_with(|| found.clone());
            let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
            assert_eq!(names(&found), names(first), "{scenario}, {how}");
            let differing: Vec<_> = found.iter().filter(|(name, bytes)| first[*name] != **bytes).map(|(name, _)| name).collect();
            assert!(differing.is_empty(), "{scenario}, {how}: {differing:?}");
        };
        for threads in ["1", "2", "7"] {
            let out = dir.path().join(format!("{scenario}-{threads}"));
            let output = cocoasim(&args).args(["--threads", threads, "--out"]).arg(&out).output().expect("the binary runs");
            assert!(output.status.success(), "{scenario}: {}", String::from_utf8_lossy(&output.stderr));
            check(threads, &out);
            fs::remove_dir_all(&out).expect("a folder");
        }
        let out = dir.path().join(format!("{scenario}-killed"));
        killed(&args, &out);
        check("killed", &out);
        let verdicts = first.iter().flatten().filter(|(name, _)| name.starts_with("verdicts")).count();
        assert!(verdicts > 1, "{scenario} has something to differ in");
    }
}

/// A new scenario takes its place above.
#[test]
fn no_scenario_is_left_out() {
    let output = cocoasim(&["list", "scenarios", "--json"]).output().expect("the binary runs");
    let listed: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let names: BTreeSet<&str> = listed.as_array().expect("a list").iter().map(|s| s["name"].as_str().expect("text")).collect();
    assert_eq!(names, ALL.iter().map(|short| short.scenario).collect());
}
