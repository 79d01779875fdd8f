//! The built binary stopped, killed, damaged and taken up again: never other bytes with exit code 0.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use cocoasim::inputs::sha256_hex;
use serde_json::Value;

/// An office of five days, about a second.
const OFFICE: [&str; 5] = [
    "population.workers=30",
    "run.days=5",
    "phones.adoption=0.9",
    "authority.cases=[{person=3,onset_day=0,result_day=1,registers=\"yes\"}]",
    "run.first_day=\"2020-09-01\"",
];
const FIRST_PART: &str = "contacts/day-2020-09-01.parquet";

fn command(scenario: &str, out: &Path, sets: &[&str], more: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("cocoasim"));
    command.args(["run", scenario, "--quiet", "--out"]).arg(out).args(sets.iter().flat_map(|set| ["--set", set])).args(more);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn office(out: &Path, more: &[&str]) -> Output {
    command("office", out, &OFFICE, more).output().expect("the binary runs")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

#[track_caller]
fn ends(output: &Output, code: i32, says: &[&str]) {
    let text = text(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    says.iter().for_each(|said| assert!(text.contains(said), "{said:?} is not in\n{text}"));
}

fn manifest(out: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(out.join("manifest.json")).expect("a finished run has a manifest")).expect("it is JSON")
}

/// Every file below a folder, but those that differ from run to run.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.insert(path.clone(), Vec::new());
            all.extend(files(&path));
        } else if !path.ends_with("timing.json") {
            all.insert(path.clone(), std::fs::read(&path).expect("a file"));
        }
    }
    all
}

fn parts(out: &Path) -> usize {
    std::fs::read_dir(out.join("contacts"))
        .map_or(0, |entries| entries.filter(|e| !e.as_ref().expect("an entry").file_name().to_string_lossy().starts_with('.')).count())
}

/// Waits until a running command has written a checkpoint and so many days.
fn wait_for(child: &mut Child, out: &Path, days: usize) {
    while parts(out) < days || !out.join(".state/checkpoint.bin").exists() {
        assert_eq!(child.try_wait().expect("a process"), None, "it goes on until {days} days are written");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn send(signal: &str, child: &Child) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill runs").success());
}

/// An office stopped by a signal once so many days are written.
fn stopped(out: &Path, days: usize, signal: &str) -> Output {
    let mut child = command("office", out, &OFFICE, &["--resume"]).spawn().expect("the binary starts");
    wait_for(&mut child, out, days);
    send(signal, &child);
    child.wait_with_output().expect("it ends")
}

#[test]
fn a_run_killed_over_and_over_goes_on_to_the_same_bytes() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (whole, out) = (dir.path().join("whole"), dir.path().join("killed"));
    ends(&office(&whole, &[]), 0, &[]);
    let mut first_written = None;
    for days in [2, 3, 4] {
        let output = stopped(&out, days, "-KILL");
        assert_eq!(output.status.code(), None, "killed");
        assert!(out.join(".state/checkpoint.bin").exists() && !out.join("manifest.json").exists());
        assert!((days..=5).contains(&parts(&out)));
        let written = std::fs::metadata(out.join(FIRST_PART)).and_then(|m| m.modified()).expect("a time");
        assert_eq!(*first_written.get_or_insert(written), written, "the first day is not run again");
    }
    ends(&office(&out, &["--resume"]), 0, &[]);
    assert_eq!(std::fs::metadata(out.join(FIRST_PART)).and_then(|m| m.modified()).ok(), first_written);
    let relative = |root: &Path| -> BTreeMap<PathBuf, Vec<u8>> {
        files(root).into_iter().map(|(path, bytes)| (path.strip_prefix(root).expect("below").to_owned(), bytes)).collect()
    };
    assert_eq!(relative(&out), relative(&whole));
}

#[test]
fn signals_end_a_run_after_the_day_and_say_how_to_go_on() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (whole, out) = (dir.path().join("whole"), dir.path().join("stopped"));
    ends(&office(&whole, &[]), 0, &[]);
    let command = format!("run office --quiet --out {} --set population.workers=30 --set run.days=5", out.display());
    ends(&stopped(&out, 1, "-INT"), 130, &["of 5 days", &command, " --resume"]);
    // Neither a page of half a run nor another run in its place.
    let report = Command::new(assert_cmd::cargo::cargo_bin("cocoasim")).arg("report").arg(&out).output().expect("it runs");
    ends(&report, 2, &["holds a run that was stopped before its end (go on with --resume)"]);
    assert!(!out.join("report.html").exists());
    ends(&office(&out, &[]), 2, &["stopped before its end", " --resume\n    or, to begin anew: ", " --overwrite"]);
    let finished = parts(&out);
    ends(&stopped(&out, finished + 1, "-TERM"), 143, &["of 5 days", " --resume"]);
    assert!(parts(&out) > finished);
    ends(&office(&out, &["--resume"]), 0, &[]);
    assert_eq!(manifest(&out), manifest(&whole));
}

/// Days of 120 people take long enough for a second signal to come before the first has its effect.
#[test]
fn a_second_signal_ends_at_once_and_a_second_run_is_refused() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    let sets = ["population.workers=120", "run.days=30"];
    let mut child = command("office", &out, &sets, &[]).spawn().expect("the binary starts");
    wait_for(&mut child, &out, 1);
    for more in ["--resume", "--overwrite"] {
        let second = command("office", &out, &sets, &[more]).output().expect("it runs");
        ends(&second, 2, &["is in use by another run"]);
    }
    // A day may end between the two signals, and the run with it: then it goes on, and is tried again.
    let mut ended_at_once = false;
    for _ in 0..8 {
        send("-INT", &child);
        std::thread::sleep(Duration::from_millis(10));
        send("-INT", &child);
        let output = child.wait_with_output().expect("it ends");
        ends(&output, 130, &[]);
        ended_at_once = !text(&output).contains("--resume");
        // A killed run's lock is nobody's.
        child = command("office", &out, &sets, &["--resume"]).spawn().expect("the binary starts");
        wait_for(&mut child, &out, parts(&out) + 1);
        if ended_at_once {
            break;
        }
    }
    child.kill().expect("it is killed");
    child.wait().expect("it ends");
    assert!(ended_at_once, "eight times the day ended first");
}

#[test]
fn a_limit_of_file_sizes_is_the_machines_failure_and_what_is_finished_is_kept() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (whole, out) = (dir.path().join("whole"), dir.path().join("limited"));
    ends(&office(&whole, &[]), 0, &[]);
    let sets = OFFICE.map(|set| format!("--set '{set}'")).join(" ");
    let limited = format!(
        "ulimit -f 128; exec {} run office --quiet --out {} {sets}",
        assert_cmd::cargo::cargo_bin("cocoasim").display(),
        out.display()
    );
    let output = Command::new("sh").args(["-c", &limited]).output().expect("sh runs");
    ends(&output, 3, &["cannot write", "File too large"]);
    assert_eq!(text(&output).matches("os error").count(), 1, "{}", text(&output));
    ends(&office(&out, &["--resume"]), 0, &[]);
    assert_eq!(manifest(&out), manifest(&whole));
}

/// Whatever happens to the files of a run, going on with it is refused with the file's name, and nothing in the folder moves.
struct Damage<'a> {
    out: &'a Path,
}

impl Damage<'_> {
    #[track_caller]
    fn refused(&self, file: &str, damage: impl Fn(&Path)) {
        let path = self.out.join(file);
        let before = std::fs::read(&path).ok();
        damage(&path);
        let damaged = files(self.out);
        let name = Path::new(file).file_name().expect("a name").to_string_lossy();
        ends(&office(self.out, &["--resume"]), 2, &[&name, "cannot be relied on", "--overwrite"]);
        assert!(files(self.out) == damaged, "{file}: the folder is as it was");
        if path.is_dir() {
            std::fs::remove_dir(&path).expect("an empty folder");
        }
        match before {
            Some(bytes) => std::fs::write(&path, bytes).expect("a file"),
            None => std::fs::remove_file(&path).expect("a file"),
        }
    }

    fn refused_in_each_way(&self) {
        let cut = |path: &Path| {
            let bytes = std::fs::read(path).expect("a file");
            std::fs::write(path, &bytes[..bytes.len() / 2]).expect("a file");
        };
        for file in [FIRST_PART, "people.parquet", "verdicts/day-2020-09-01.parquet"] {
            self.refused(file, |path| std::fs::remove_file(path).expect("a file"));
            self.refused(file, cut);
            self.refused(file, |path| flip(path, 800));
        }
        let first = std::fs::read(self.out.join(FIRST_PART)).expect("a part");
        for stray in ["contacts/day-2031-01-01.parquet", "contacts/day-2020-08-01.parquet", "visits/extra.parquet"] {
            self.refused(stray, |path| std::fs::write(path, &first).expect("a file"));
        }
    }
}

fn flip(path: &Path, bit: usize) {
    let mut bytes = std::fs::read(path).expect("a file");
    bytes[bit / 8] ^= 1 << (bit % 8);
    std::fs::write(path, bytes).expect("a file");
}

#[test]
fn an_unfinished_run_that_was_damaged_is_refused() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (whole, out) = (dir.path().join("whole"), dir.path().join("out"));
    ends(&office(&whole, &[]), 0, &[]);
    ends(&stopped(&out, 2, "-INT"), 130, &[]);
    let damage = Damage { out: &out };
    damage.refused_in_each_way();
    let checkpoint = ".state/checkpoint.bin";
    let bits = 8 * std::fs::metadata(out.join(checkpoint)).expect("a checkpoint").len() as usize;
    // Over the whole of it, at another bit of a byte each time; every bit is flipped in a test of run::resume.
    for k in 0..12 {
        damage.refused(checkpoint, |path| flip(path, (k * bits / 12 + k) % bits));
    }
    for length in [0, 1, bits / 16, bits / 8 - 1] {
        damage.refused(checkpoint, |path| {
            let bytes = std::fs::read(path).expect("a file");
            std::fs::write(path, &bytes[..length]).expect("a file");
        });
    }
    damage.refused(checkpoint, |path| {
        std::fs::remove_file(path).expect("a file");
        std::fs::create_dir(path).expect("a folder");
    });
    let before = files(&out);
    for (more, says) in [(["--seed", "9"], "run.seed: 1 there, 9 here"), (["--set", "truth.radius_m=2"], "truth.radius_m")] {
        ends(&office(&out, &["--resume", more[0], more[1]]), 2, &["another run", says]);
    }
    let other = command("field-test-1m-15min", &out, &[], &["--resume"]).output().expect("it runs");
    ends(&other, 2, &["another run", "run.name", "more"]);
    assert!(files(&out) == before, "refused runs write nothing");
    // What a killed run leaves of the day it was at, and of the day after, is made again, or goes; no later one was under way.
    let finished = parts(&out);
    std::fs::create_dir(out.join("sightings")).expect("a folder");
    let part = |table: &str, later: usize| out.join(table).join(format!("day-2020-09-0{}.parquet", finished + later));
    let leave = |path: PathBuf| std::fs::write(path, "half").expect("a file");
    leave(part("sightings", 3));
    ends(&office(&out, &["--resume"]), 2, &["it belongs to no day that the run has finished"]);
    std::fs::remove_file(part("sightings", 3)).expect("a file");
    [part("contacts", 1), part("sightings", 1), part("sightings", 2)].into_iter().for_each(leave);
    ends(&office(&out, &["--resume"]), 0, &[]);
    assert_eq!(manifest(&out), manifest(&whole));
    assert_eq!(std::fs::read_dir(out.join("sightings")).expect("a folder").count(), 0);
}

#[test]
fn a_run_that_has_written_no_checkpoint_begins_and_one_that_lost_it_is_refused() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    std::fs::create_dir_all(out.join(".state")).expect("a folder");
    ends(&stopped(&out, 2, "-INT"), 130, &[]);
    std::fs::remove_file(out.join(".state/checkpoint.bin")).expect("a file");
    ends(&office(&out, &["--resume"]), 2, &["day-2020-09-01.parquet", "cannot be relied on"]);
    ends(&office(&out, &["--overwrite"]), 0, &[]);
}

#[test]
fn a_finished_run_is_verified() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    ends(&office(&out, &[]), 0, &[]);
    let before = files(&out);
    ends(&office(&out, &["--resume"]), 0, &[]);
    ends(&office(&out, &[]), 2, &["is not empty"]);
    let damage = Damage { out: &out };
    damage.refused_in_each_way();
    damage.refused("summary.json", |path| flip(path, 100));
    damage.refused("manifest.json", |path| {
        let mut changed = manifest(&out);
        changed["tables"]["people"]["rows"] = 7.into();
        std::fs::write(path, changed.to_string()).expect("a file");
    });
    damage.refused("manifest.json", |path| std::fs::write(path, "{").expect("a file"));
    assert!(files(&out) == before);
    // A program of another source.
    let mut other = manifest(&out);
    other["build"]["source_sha256"] = "0".into();
    std::fs::write(out.join("manifest.json"), other.to_string()).expect("a file");
    ends(&office(&out, &["--resume"]), 2, &["another run", "build.source_sha256"]);
}

/// A trace, its metadata, a calibration table and a configuration: what a scenario of its own folder names.
fn scenario(folder: &Path) -> PathBuf {
    std::fs::create_dir_all(folder.join("data")).expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
    let records: String = (0..4 * 50).map(|k| format!("{} 1 2\n", 36_000 + 20 * (k % 50) + 86_400 * (k / 50))).collect();
    write("data/tij.dat", &records);
    write("data/metadata.txt", "1 A\n2 B\n");
    write("data/devices.csv", "oem,device,model,rssi_correction,tx_power,confidence\nApple,x,iPhone11,2,-20,3\nSony,y,SO-01M,3,-24,2\n");
    write("data/daily.json", "{\"attenuation_bucket_threshold_db\": [55, 63, 70], \"attenuation_bucket_weights\": [1.0, 1.0, 0.5, 0.0]}");
    let names = "[mobility]\nsource = \"contacts\"\nfile = \"data/tij.dat\"\nmetadata = \"data/metadata.txt\"\n\n[radio]\ncalibration = \"data/devices.csv\"\n\n[[app.configurations]]\nname = \"mine\"\nfiles = [\"data/daily.json\"]\n";
    write("mine.toml", names);
    folder.join("mine.toml")
}

#[test]
fn a_changed_input_is_refused_by_name_and_the_same_one_elsewhere_is_the_same_run() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (here, there) = (dir.path().join("here"), dir.path().join("there"));
    let (mine, moved) = (scenario(&here), scenario(&there));
    let out = here.join("out");
    let run = |scenario: &Path, out: &Path| command(&scenario.display().to_string(), out, &[], &["--resume"]).output().expect("it runs");
    ends(&run(&mine, &out), 0, &[]);
    ends(&run(&moved, &there.join("out")), 0, &[]);
    let bytes = |out: &Path| std::fs::read(out.join("manifest.json")).expect("a manifest");
    assert_eq!(bytes(&out), bytes(&there.join("out")), "where files lie is not what a run is");
    ends(&run(&moved, &out), 0, &[]);

    let inputs = manifest(&out)["inputs"].clone();
    let noted: Vec<(&str, &str)> =
        inputs.as_array().expect("a list").iter().map(|i| (i["key"].as_str().expect("text"), i["path"].as_str().expect("text"))).collect();
    let expected = [
        ("radio.calibration", "devices.csv"),
        ("mobility.file", "tij.dat"),
        ("mobility.metadata", "metadata.txt"),
        ("app.configurations[0].files[0]", "daily.json"),
    ];
    assert_eq!(noted, expected);
    let mut before = files(&out);
    for unfinished in [false, true] {
        if unfinished {
            // As if killed before the end.
            std::fs::remove_dir_all(&out).expect("a folder");
            let mut child = command(&mine.display().to_string(), &out, &[], &[]).spawn().expect("the binary starts");
            wait_for(&mut child, &out, 1);
            send("-INT", &child);
            ends(&child.wait_with_output().expect("it ends"), 130, &[]);
            before = files(&out);
        }
        for (i, (key, name)) in expected.iter().enumerate() {
            let path = here.join("data").join(name);
            let content = std::fs::read(&path).expect("a file");
            assert_eq!(inputs[i]["sha256"], sha256_hex(&content).as_str());
            std::fs::write(&path, [&content[..], b"\n"].concat()).expect("a file");
            ends(&run(&mine, &out), 2, &["another run", key, name]);
            assert!(files(&out) == before, "a refused run writes nothing");
            std::fs::write(&path, content).expect("a file");
        }
    }
    ends(&run(&mine, &out), 0, &[]);
    assert_eq!(bytes(&out), bytes(&there.join("out")));
}
