//! The built binary over several worlds: what is merged, how it is taken up again, and whether its intervals hold what they say.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use cocoasim::{
    accuracy::{OverWorlds, Rate},
    math,
    output::{Batch, read_table, tables},
    random::{Keyed, Seed, Stream},
};
use rand::{RngExt, seq::index::sample};
use serde_json::Value;

/// An office of three days, half a second.
const OFFICE: [&str; 5] = [
    "run.first_day=\"2020-09-01\"",
    "population.workers=20",
    "run.days=3",
    "phones.adoption=0.9",
    "authority.cases=[{person=3,onset_day=0,result_day=1,registers=\"yes\"}]",
];

/// A town of a Friday and a Saturday.
const TOWN: [&str; 5] = [
    "run.first_day=\"2020-09-11\"",
    "run.days=2",
    "population.people=400",
    "phones.adoption_of_adults=0.6",
    "authority.incidence.reported_per_100k_a_day=1000",
];

fn command(out: &Path, sets: &[&str], more: &[&str]) -> Command {
    command_of("office", out, sets, more)
}

fn command_of(scenario: &str, out: &Path, sets: &[&str], more: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("cocoasim"));
    command.args(["run", scenario, "--quiet", "--out"]).arg(out).args(sets.iter().flat_map(|set| ["--set", set])).args(more);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[track_caller]
fn ends(out: &Path, more: &[&str], code: i32, says: &[&str]) -> Output {
    let output = command(out, &OFFICE, more).output().expect("the binary runs");
    let text = String::from_utf8(output.stderr.clone()).expect("text");
    assert_eq!(output.status.code(), Some(code), "{text}");
    says.iter().for_each(|said| assert!(text.contains(said), "{said:?} is not in\n{text}"));
    output
}

/// Every file below a folder by its place in it, but those that differ from run to run.
fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fn below(root: &Path, folder: &Path, all: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                below(root, &path, all);
            } else if !path.ends_with("timing.json") {
                all.insert(path.strip_prefix(root).expect("below").to_owned(), std::fs::read(&path).expect("a file"));
            }
        }
    }
    let mut all = BTreeMap::new();
    below(root, root, &mut all);
    all
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("it is JSON")
}

fn accuracy(out: &Path) -> Batch {
    read_table(out, &tables::ACCURACY).expect("the table")
}

/// Rows of a world (`None`: over worlds) by mode, universe, rule, truth, stratum and level.
fn rows_of(table: &Batch, seed: Option<i64>) -> BTreeMap<[String; 6], usize> {
    let is_of = |row: &usize| (!table.is_null("seed", *row)).then(|| table.i64("seed")[*row]) == seed;
    let key = |row| ["mode", "universe", "rule", "truth", "stratum", "level"].map(|column| table.text(column).get(row).to_string());
    (0..table.rows()).filter(is_of).map(|row| (key(row), row)).collect()
}

#[test]
fn the_table_over_worlds_holds_each_worlds_rows_their_sums_and_the_mean_of_their_rates() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (out, alone) = (dir.path().join("worlds"), dir.path().join("alone"));
    let said = ends(&out, &["--replicates", "3", "--seed", "5", "--json"], 0, &[]);
    ends(&alone, &["--seed", "6"], 0, &[]);
    assert!(files(&out.join("seed-6")) == files(&alone), "a world is the run of its seed");

    let merged = accuracy(&out);
    let all = rows_of(&merged, None);
    let each: Vec<_> = [5, 6, 7].map(|seed| rows_of(&merged, Some(seed))).into();
    assert_eq!(merged.rows(), all.len() + each.iter().map(BTreeMap::len).sum::<usize>());
    let t_of_two_degrees = 4.302_653;
    let mut with_interval = 0;
    for (key, &row) in &all {
        let here: Vec<usize> = each.iter().filter_map(|rows| rows.get(key).copied()).collect();
        for count in ["tp", "fp", "fn", "tn"] {
            assert_eq!(merged.i64(count)[row], here.iter().map(|&r| merged.i64(count)[r]).sum::<i64>(), "{key:?} {count}");
        }
        for rate in ["sensitivity", "specificity", "ppv", "npv", "f1", "mcc"] {
            let value = |r: usize| (!merged.is_null(rate, r)).then(|| merged.f64(rate)[r]);
            let rates: Vec<f64> = here.iter().filter_map(|&r| value(r)).collect();
            let n = rates.len() as f64;
            let mean = rates.iter().sum::<f64>() / n;
            assert!(value(row).map_or(rates.is_empty(), |v| (v - mean).abs() < 1e-12), "{key:?} {rate}");
            let low = format!("{rate}_lo");
            assert_eq!(merged.is_null(&low, row), rates.len() < 2, "{key:?} {rate}");
            let deviation = (rates.iter().map(|r| math::powi(r - mean, 2)).sum::<f64>() / (n - 1.0)).sqrt();
            if rates.len() == 3 && deviation > 1e-9 {
                let least = if rate == "mcc" { -1.0 } else { 0.0 };
                let expected = (mean - t_of_two_degrees * deviation / n.sqrt()).max(least);
                assert!((merged.f64(&low)[row] - expected).abs() < 1e-5, "{key:?} {rate}");
                with_interval += 1;
            }
        }
    }
    assert!(with_interval > 200, "{with_interval}");

    let summary = json(&out.join("summary.json"));
    assert_eq!(serde_json::from_slice::<Value>(&said.stdout).expect("JSON on standard output"), summary);
    let schema = Command::new(assert_cmd::cargo::cargo_bin("cocoasim")).args(["schema", "summary"]).output().expect("it runs").stdout;
    let schema: Value = serde_json::from_slice(&schema).expect("JSON");
    for told in [&summary, &json(&alone.join("summary.json"))] {
        let keys = |value: &Value| value.as_object().map(|members| members.keys().cloned().collect::<Vec<_>>());
        assert_eq!(keys(told), keys(&schema["properties"]), "the schema names every field");
    }
    let headline = &summary["headline"];
    assert_eq!((&headline["worlds"], &headline["bracket"]["rule"]), (&3.into(), &"1.1.4-1.4.1/ios/level0/minutes_under".into()));
    let key = ["as_if", "device", "1.1.4-1.4.1/ios/level0", "cumulative_utc", "headline", "outside_home"].map(String::from);
    let row = all[&key];
    for rate in ["sensitivity", "sensitivity_lo", "ppv", "ppv_hi", "specificity", "npv"] {
        assert!(headline[rate].as_f64().is_some_and(|told| (told - merged.f64(rate)[row]).abs() < 1e-12), "{rate}");
    }
    let rules = summary["rules"].as_array().expect("a list");
    assert!(rules.contains(headline), "the headline is one of the rules");
    let pairs = headline["os_pairs"].as_array().expect("a list");
    let contacts = |of: &Value| of["tp"].as_i64().unwrap_or(0) + of["fn"].as_i64().unwrap_or(0);
    assert_eq!(pairs.iter().map(contacts).sum::<i64>(), contacts(headline), "operating systems split the headline's pairs");
    let alarms: i64 = ["tp", "fp"].iter().filter_map(|count| rules.iter().find(|r| r["rule"] == "2.0")?[*count].as_i64()).sum();
    assert_eq!(summary["far_signal"]["alarms"], alarms);
    assert_eq!(json(&alone.join("summary.json"))["headline"]["worlds"], 1);
    let page = |out: &Path| std::fs::read_to_string(out.join("report.html")).expect("a page");
    assert!(page(&out).contains("over 3 worlds") && page(&out).contains("3 worlds, seeds 5 to 7"));
    assert!(page(&out).contains("The share found lies within") && out.join("figures/worlds.svg").exists());
    assert!(page(&alone).contains("this world") && !page(&alone).contains("over 3 worlds"));

    let before = files(&out);
    let report = Command::new(assert_cmd::cargo::cargo_bin("cocoasim")).arg("report").arg(&out).output().expect("it runs");
    assert!(report.status.success() && files(&out) == before, "the report again is the same");
}

#[test]
fn worlds_killed_and_added_to_end_with_the_same_bytes_whatever_the_threads() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (whole, out) = (dir.path().join("whole"), dir.path().join("killed"));
    ends(&whole, &["--replicates", "3", "--threads", "1"], 0, &[]);
    // Two worlds side by side, killed within the second pair of days; then more worlds than were asked for first.
    let mut child = command(&out, &OFFICE, &["--replicates", "2", "--threads", "2"]).spawn().expect("the binary starts");
    let has_day = || out.join("seed-1/contacts/day-2020-09-01.parquet").exists();
    while !has_day() && child.try_wait().expect("a process").is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().expect("it is killed");
    child.wait().expect("it ends");
    assert!(!out.join("summary.json").exists());
    ends(&out, &["--resume"], 2, &["holds: \"several worlds\" there, \"one world\" here"]);
    ends(&out, &["--replicates", "2", "--resume"], 0, &[]);
    assert_eq!(json(&out.join("summary.json"))["headline"]["worlds"], 2);
    ends(&out, &["--replicates", "3", "--resume", "--threads", "7"], 0, &[]);
    let (there, expected) = (files(&out), files(&whole));
    let differ = expected.iter().find(|(path, bytes)| there.get(*path) != Some(*bytes)).map(|(path, _)| path);
    assert_eq!((differ, there.len()), (None, expected.len()));

    // Finished: nothing to do, and nothing that is not its own.
    ends(&out, &["--replicates", "3", "--resume"], 0, &[]);
    ends(&out, &["--replicates", "3"], 2, &["is not empty"]);
    ends(&out, &["--replicates", "2", "--resume"], 2, &["seed-3", "give --replicates 3 or more"]);
    ends(&out, &["--replicates", "3", "--seed", "2", "--resume"], 2, &["run.seed: 1 there, 2 here"]);
    ends(&out, &["--replicates", "3", "--resume", "--set", "run.days=4"], 2, &["run.days: 3 there, 4 here"]);
    assert!(files(&out) == expected, "what is refused changes nothing");
    for damaged in ["accuracy.parquet", "summary.json", "seed-2/people.parquet", "seed-3/summary.json"] {
        let path = out.join(damaged);
        let mut bytes = std::fs::read(&path).expect("a file");
        bytes[100] ^= 1;
        std::fs::write(&path, &bytes).expect("a file");
        ends(&out, &["--replicates", "4", "--resume"], 2, &["cannot be relied on", damaged.rsplit('/').next().unwrap_or_default()]);
        bytes[100] ^= 1;
        std::fs::write(&path, &bytes).expect("a file");
    }
    assert!(files(&out) == expected);

    // One run in their place removes the worlds, and nothing that no run made.
    std::fs::write(out.join("seed-2/mine.txt"), "mine").expect("a file");
    ends(&out, &["--overwrite"], 0, &[]);
    assert!(!out.join("seed-1").exists() && !out.join("seed-2/people.parquet").exists() && out.join("seed-2/mine.txt").exists());
    assert!(out.join("people.parquet").exists());
}

/// Each seed has a city of its own; one by one or side by side, and killed on the way, it is the same.
#[test]
fn worlds_of_a_city_are_runs_of_their_seeds() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (alone, out) = (dir.path().join("alone"), dir.path().join("worlds"));
    let done = |out: &Path, more: &[&str]| {
        let output = command_of("city", out, &TOWN, more).output().expect("the binary runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let mut child = command_of("city", &out, &TOWN, &["--replicates", "2", "--threads", "2"]).spawn().expect("the binary starts");
    while !out.join("seed-1/contacts").exists() && child.try_wait().expect("a process").is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().expect("it is killed");
    child.wait().expect("it ends");
    done(&out, &["--replicates", "2", "--resume", "--threads", "7"]);
    let mut worlds = Vec::new();
    for seed in ["1", "2"] {
        let alone = alone.join(seed);
        done(&alone, &["--seed", seed, "--threads", "1"]);
        let (there, expected) = (files(&out.join(format!("seed-{seed}"))), files(&alone));
        let differ = expected.iter().find(|(path, bytes)| there.get(*path) != Some(*bytes)).map(|(path, _)| path);
        assert_eq!((differ, there.len()), (None, expected.len()), "seed {seed}");
        worlds.push(expected);
    }
    assert_ne!(worlds[0][Path::new("people.parquet")], worlds[1][Path::new("people.parquet")], "two cities");
    let seeds = accuracy(&out);
    let of_seed = |seed: Option<i64>| rows_of(&seeds, seed).len();
    assert!(of_seed(Some(1)) > 100 && of_seed(Some(2)) > 100 && of_seed(None) > 100);
}

#[test]
fn numbers_of_worlds_that_make_no_interval_are_refused() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    for worlds in ["0", "1", "-3", "many", "100000"] {
        ends(&out, &[&format!("--replicates={worlds}")], 2, &["2 to 1000"]);
    }
    ends(&out, &["--replicates", "2", "--seed", "9223372036854775807"], 2, &["run.seed", "the largest is 9223372036854775807"]);
    ends(&out, &["--replicates", "2", "--resume", "--overwrite"], 2, &["cannot be used with"]);
    assert!(!out.exists());
}

#[test]
fn a_signal_ends_worlds_after_their_days() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    let sets = [&OFFICE[..], &["run.days=30"]].concat();
    let mut child = command(&out, &sets, &["--replicates", "20"]).spawn().expect("the binary starts");
    while !out.join("seed-1/contacts/day-2020-09-01.parquet").exists() {
        assert_eq!(child.try_wait().expect("a process"), None);
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill runs").success());
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(143), "{text}");
    assert!(text.contains("of 20 worlds") && text.contains("--replicates 20 --resume"), "{text}");
}

/// Worlds of a small office: 1000 random eights out of 200, and how many of their intervals hold the mean of 100 others. One deal of
/// the worlds into 200 and 100 may fail by chance, the more so the more skewed they are; so that chance is told, and the mean over many
/// deals is judged.
///
/// ```text
/// cargo test --release --test replicates -- --ignored --nocapture
/// ```
#[test]
#[ignore = "300 worlds take five CPU minutes: cargo test --release --test replicates -- --ignored --nocapture"]
fn val_intervals_of_eight_worlds_hold_the_mean_of_a_hundred_others() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let sets = ["population.workers=30", "run.days=4", "phones.adoption=0.9", "authority.cases=[]", "output.verdicts=false"];
    assert!(command(dir.path(), &sets, &["--replicates", "300"]).status().expect("it runs").success());
    let table = accuracy(dir.path());
    let worlds: Vec<_> = (1..=300).map(|seed| rows_of(&table, Some(seed))).collect();
    let over = OverWorlds::new(8, 0.95);
    let mut rng = Keyed::new(Seed(1), Stream::Plan).rng(0, 0, 0);
    println!("| rule | rate | mean | spread | skew | share that holds | over 400 deals | chance of 0.88-0.99 |");
    let mut judged = Vec::new();
    for rule in ["1.1.4-1.4.1/ios/level0", "1.1.4-1.4.1/ios/level0/minutes_under", "2.0", "2.0-draft", "1.0.0-1.1.2/ios/level0"] {
        for rate in ["sensitivity", "specificity", "ppv"] {
            let key = ["as_if", "device", rule, "cumulative_utc", "headline", "outside_home"].map(String::from);
            let of_world = |rows: &BTreeMap<[String; 6], usize>| {
                let row = *rows.get(&key)?;
                let at = |column: &str| table.f64(column)[row];
                let rate = Rate { value: at(rate), low: at(&format!("{rate}_lo")), high: at(&format!("{rate}_hi")) };
                (!rate.value.is_nan()).then_some(rate)
            };
            let rates: Vec<Rate> = worlds.iter().filter_map(of_world).collect();
            assert_eq!(rates.len(), 300, "{rule} {rate}");
            let mut held = |eights_of: &[Rate], others: &[Rate], eights: usize| {
                let mean = others.iter().map(|r| r.value).sum::<f64>() / others.len() as f64;
                let holds = (0..eights).filter(|_| {
                    let eight: Vec<Rate> = sample(&mut rng, eights_of.len(), 8).iter().map(|i| eights_of[i]).collect();
                    over.rate(&eight, 0.0).is_some_and(|r| (r.low..=r.high).contains(&mean))
                });
                holds.count() as f64 / eights as f64
            };
            let share = held(&rates[..200], &rates[200..], 1000);
            // The same 300 worlds dealt anew: what chance alone does, with this skew.
            let mut dealt = rates.clone();
            let deals = 400;
            let (mut passed, mut sum) = (0u32, 0.0);
            for deal in 0..deals {
                let mut order = Keyed::new(Seed(2), Stream::Plan).rng(deal, 0, 0);
                (1..dealt.len()).rev().for_each(|i| dealt.swap(i, order.random_range(0..=i)));
                let share = held(&dealt[..200], &dealt[200..], 1000);
                sum += share;
                passed += u32::from((0.88..=0.99).contains(&share));
            }
            let n = rates.len() as f64;
            let mean = rates.iter().map(|r| r.value).sum::<f64>() / n;
            let moment = |power: i32| rates.iter().map(|r| math::powi(r.value - mean, power)).sum::<f64>() / n;
            let (spread, skew) = (moment(2).sqrt(), moment(3) / math::powf(moment(2), 1.5));
            let (over_deals, chance) = (sum / f64::from(deals), f64::from(passed) / f64::from(deals));
            println!("| {rule} | {rate} | {mean:.3} | {spread:.3} | {skew:.2} | {share:.3} | {over_deals:.3} | {chance:.2} |");
            judged.push((rule, rate, over_deals));
        }
    }
    for (rule, rate, over_deals) in judged {
        assert!((0.88..=0.99).contains(&over_deals), "{rule} {rate}: {over_deals}");
    }
}
