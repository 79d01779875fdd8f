//! Contacts in slots of 20 s (`output.tij`), and `validate contacts`: statistics beside those of measured traces, judged by chance.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Read,
    path::Path,
    process::{Command, Output},
    sync::OnceLock,
};

use cocoasim::{
    faults::Faults,
    math,
    meetings::{Comparison, Event, Origin, Reference, Statistics, Verdict, events_of, read_references},
    output::{Batch, read_table, tables},
};
use serde_json::Value;

#[path = "support/data.rs"]
mod data;
use data::{data, skipped};

const TIJ: &str = "output.tij={radius_m=1.25,cone_deg=60}";
const OFFICE: [&str; 5] =
    ["population.workers=40", "run.days=3", "run.first_day=\"2020-09-01\"", "authority.cases=[]", "output.stances=true"];
const FIRST_DAY_S: i64 = 1_598_886_000;

fn cocoasim(args: &[&str]) -> Output {
    Command::new(assert_cmd::cargo::cargo_bin("cocoasim")).args(args).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

fn run(out: &Path, sets: &[&str], more: &[&str]) {
    let sets: Vec<&str> = OFFICE.iter().chain(sets).flat_map(|set| ["--set", set]).collect();
    let output = cocoasim(&[&["run", "office", "--quiet", "--out", out.to_str().expect("text")], sets.as_slice(), more].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
}

/// An office of three days that wrote its slots and its stances.
fn office() -> &'static Path {
    static OFFICE: OnceLock<tempfile::TempDir> = OnceLock::new();
    let made = || {
        let dir = tempfile::tempdir().expect("a temporary folder");
        run(&dir.path().join("run"), &[TIJ], &[]);
        dir
    };
    Box::leak(OFFICE.get_or_init(made).path().join("run").into_boxed_path())
}

/// Whether two face each other, by slot: `(t, i, j)`.
type Slots = BTreeMap<(i64, u32, u32), bool>;

/// The rows of both tables; each slot once.
fn slots(out: &Path) -> Slots {
    let mut slots = BTreeMap::new();
    for (table, faces) in [(&tables::TIJ, true), (&tables::TIJ_UNFACED, false)] {
        let rows: Batch = read_table(out, table).expect("a table");
        for row in 0..rows.rows() {
            let key = (rows.i64("t")[row], rows.u32("i")[row], rows.u32("j")[row]);
            assert!(slots.insert(key, faces).is_none(), "{key:?} stands there twice");
        }
    }
    slots
}

#[test]
fn slots_are_records_of_badges() {
    let slots = slots(office());
    assert!(slots.values().filter(|faces| **faces).count() > 1000 && slots.values().filter(|faces| !**faces).count() > 1000);
    for &(t, i, j) in slots.keys() {
        assert!(i < j && t % 20 == 0 && (20..3 * 86_400).contains(&t), "{t} {i} {j}");
    }
    let days: BTreeSet<i64> = slots.iter().filter(|(_, faces)| **faces).map(|((t, ..), _)| t / 86_400).collect();
    assert_eq!(days, (0..3).collect(), "t // 86400 is the day of the run");
    // Slots of one night, at home and asleep, are those of that night: 9 hours and more, and no gap at 09:00 JST, where UTC days meet.
    let asleep = slots.keys().filter(|(t, i, j)| (86_400 + 3600..86_400 + 7200).contains(t) && slots.contains_key(&(t + 20, *i, *j)));
    assert!(asleep.count() > 100);
}

/// Where somebody is and faces at a moment.
#[derive(Clone, Copy)]
struct Pose {
    at_m: [f64; 2],
    facing_rad: f64,
    venue: u32,
    room: Option<u32>,
}

/// Of the table of stances, twice a second from 11:00 to 13:00 JST of the second day: whoever is within the radius in one room for 4.5 s of a
/// slot is so in the tables, and of whom these say that they face each other the poses say it too.
#[test]
fn slots_are_those_of_the_stances() {
    let out = office();
    let (slots, stances): (Slots, Batch) = (slots(out), read_table(out, &tables::STANCES).expect("a table"));
    let begins_s = 86_400 + 11 * 3600;
    let mut at: Vec<BTreeMap<u32, Pose>> = vec![BTreeMap::new(); 2 * 7200];
    let f = |name: &str, row: usize| stances.f64(name)[row];
    for row in 0..stances.rows() {
        let (start_s, end_s) = (stances.i64("start_s")[row] - FIRST_DAY_S, stances.i64("end_s")[row] - FIRST_DAY_S);
        for (k, poses) in at.iter_mut().enumerate() {
            let t = begins_s as f64 + (k as f64 + 0.5) / 2.0;
            if t < start_s as f64 || t >= end_s as f64 {
                continue;
            }
            let share = (t - start_s as f64) / (end_s - start_s) as f64;
            let between = |from: f64, to: f64| from + share * (to - from);
            let at_m = [between(f("x0_m", row), f("x1_m", row)), between(f("y0_m", row), f("y1_m", row))];
            let room = (!stances.is_null("room", row)).then(|| stances.u32("room")[row]);
            let pose = Pose { at_m, facing_rad: f("facing_deg", row).to_radians(), venue: stances.u32("venue")[row], room };
            poses.insert(stances.u32("person")[row], pose);
        }
    }
    // By slot, moments: near in one room; such that they may face each other, with what a quarter of a second's way adds; near and facing.
    let mut seen: BTreeMap<(i64, u32, u32), [u32; 3]> = BTreeMap::new();
    for (k, poses) in at.iter().enumerate() {
        let t = begins_s + (k as i64 / 40 + 1) * 20;
        for (i, a) in poses {
            for (j, b) in poses.range(i + 1..).filter(|(_, b)| a.venue == b.venue) {
                let [x, y] = [b.at_m[0] - a.at_m[0], b.at_m[1] - a.at_m[1]];
                let distance_m = math::hypot(x, y);
                if distance_m > 2.1 {
                    continue;
                }
                let sees = |facing_rad: f64, x: f64, y: f64, cone_deg: f64| {
                    let (sin, cos) = math::sin_cos(facing_rad);
                    x * cos + y * sin >= distance_m * math::cos(cone_deg.to_radians())
                };
                let faces = |cone_deg| sees(a.facing_rad, x, y, cone_deg) && sees(b.facing_rad, -x, -y, cone_deg);
                let here = seen.entry((t, *i, *j)).or_default();
                let near = distance_m <= 1.249 && a.room.is_some() && a.room == b.room;
                here[0] += u32::from(near);
                here[1] += u32::from(faces(61.0) || distance_m < 1.6);
                here[2] += u32::from(near && faces(59.0));
            }
        }
    }
    assert!(seen.values().filter(|[near, ..]| *near >= 9).count() > 500);
    let (mut faced, mut screened) = (0, 0);
    for (key, [near, _, faces]) in &seen {
        assert!(*near < 9 || slots.contains_key(key), "{key:?} is near");
        if *faces >= 9 {
            faced += 1;
            screened += usize::from(slots.get(key) != Some(&true));
        }
    }
    assert!(faced > 20 && screened * 2 < faced, "of {faced} slots face to face {screened} are not so in the table: behind a screen");
    for (key, faces) in slots.iter().filter(|((t, ..), _)| (begins_s + 20..=begins_s + 7200).contains(t)) {
        let here = seen.get(key).unwrap_or_else(|| panic!("{key:?} is nowhere near"));
        assert!(!faces || here[1] >= 3, "{key:?} face each other");
    }
}

/// Without a cone all are in `tij`; without slots nothing else of a run is another.
#[test]
fn nothing_else_changes_with_slots() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (plain, open) = (dir.path().join("plain"), dir.path().join("open"));
    run(&plain, &[], &["--threads", "1"]);
    run(&open, &["output.tij={radius_m=1.25,cone_deg=180}"], &["--threads", "2"]);
    let open_slots = slots(&open);
    assert!(open_slots.values().all(|faces| *faces));
    assert!(open_slots.keys().eq(slots(office()).keys()), "the cone and screens decide on which table a slot is in, and on nothing else");
    let tables = |out: &Path| {
        let manifest: Value = serde_json::from_slice(&fs::read(out.join("manifest.json")).expect("a file")).expect("it is JSON");
        let tables = manifest["tables"].as_object().expect("an object").clone();
        tables.into_iter().filter(|(table, _)| !table.starts_with("tij")).collect::<Vec<_>>()
    };
    assert!(tables(&plain).len() > 20);
    assert_eq!(tables(&plain), tables(&open));
    assert!(!plain.join("tij").exists());
}

#[test]
fn slots_that_say_too_little_are_refused() {
    for (set, says) in [
        ("output.tij=true", "true does not say how near two must be"),
        ("output.tij={radius_m=1.25}", "key cone_deg is missing"),
        ("output.tij={radius_m=4,cone_deg=60}", "larger than output.contacts_within_m"),
        ("output.tij={radius_m=1,cone_deg=181}", "output.tij.cone_deg"),
        ("output.tij=\"all\"", "write true, false or { cone_deg = ..., radius_m = ... }"),
    ] {
        let output = cocoasim(&["check", "office", "--set", set]);
        assert!(output.status.code() == Some(2) && text(&output.stderr).contains(says), "{set}: {}", text(&output.stderr));
    }
}

/// Records of a file of `t i j`.
fn records(text: &str) -> Vec<(i64, u32, u32)> {
    let record = |line: &str| {
        let mut fields = line.split_whitespace().map(|field| field.parse::<i64>().expect("a number"));
        let mut next = || fields.next().expect("three fields");
        (next(), next() as u32, next() as u32)
    };
    text.lines().map(record).collect()
}

fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    let file = fs::File::open(path).expect("a file");
    if path.extension().is_some_and(|end| end == "zip") {
        let mut zip = zip::ZipArchive::new(file).expect("a zip");
        zip.by_name("tij_InVS.dat").expect("the trace").read_to_string(&mut text).expect("text");
    } else {
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("text");
    }
    text
}

/// Every figure of three measured traces is that of the table that the traces' own analysis (pandas) gives, to its four digits.
#[test]
fn val_statistics_are_those_of_the_traces_own_analysis() {
    let Some(table) = data("contact-stats/contact_stats.csv") else { return };
    let mut faults = Faults::default();
    let references = read_references(&table, &mut faults);
    assert!(faults.is_empty() && references.len() >= 3, "{:?}", faults.0);
    for (dataset, file, people) in [
        ("InVS13 office (FR, 2013)", "contacts/workplace_InVS_tij.dat.zip", 92.0),
        ("InVS15 office (FR, 2015)", "contacts/workplace_InVS15_tij.dat.gz", 217.0),
        ("SFHH conference (FR, 2009)", "contacts/SFHH_tij.dat.gz", 403.0),
    ] {
        let Some(path) = data(file) else { return };
        let statistics = Statistics::of(&events_of(records(&unpacked(&path))));
        let reference = references.iter().find(|r| r.dataset == dataset).expect("a line of the table");
        let figures: Vec<(&str, Option<f64>)> = statistics.figures().collect();
        assert!(statistics.get("people") == Some(people) && figures.len() >= 59, "{}", figures.len());
        for (name, value) in figures {
            let (value, expected) = (value.unwrap_or(f64::NAN), reference.figures.get(name).copied().unwrap_or(f64::NAN));
            assert!((value - expected).abs() < 5.1e-5, "{dataset}: {name} {value}, in the table {expected}");
        }
    }
}

/// The traces' own analysis reads a run's table as it is, and gives the figures that `validate contacts --json` has.
#[test]
fn val_the_traces_own_analysis_runs_on_a_runs_table() {
    let Some(script) = data("contact-stats/compute_contact_stats.py") else { return };
    let dir = tempfile::tempdir().expect("a temporary folder");
    let program = "import sys, json\n\
        script, out, run = sys.argv[1:]\n\
        sys.argv = [script, out, out]\n\
        exec(open(script).read().split(\"if __name__\")[0])\n\
        tij = pd.read_parquet(run + '/tij')[['t', 'i', 'j']]\n\
        tij['day'] = tij.t // 86400\n\
        figures = stats('run', tij)[0]\n\
        print(json.dumps({k: None if v != v else float(v) for k, v in figures.items() if k != 'dataset'}))\n";
    let args = ["-c", program, script.to_str().expect("text"), dir.path().to_str().expect("text"), office().to_str().expect("text")];
    let output = Command::new("python3").args(args).output();
    let Some(output) = output.ok().filter(|output| output.status.success()) else {
        skipped("python3 with pandas and pyarrow is missing");
        return;
    };
    let expected: BTreeMap<String, Option<f64>> = serde_json::from_slice(&output.stdout).expect("JSON");
    let found = json(&["validate", "contacts", office().to_str().expect("text"), "--json"]);
    let kinds = found["kinds"].as_array().expect("a list");
    let figures = &kinds.iter().find(|kind| kind["venue_kind"] == "office").expect("an office")["facing"];
    assert!(expected.len() >= 59);
    for (name, expected) in expected {
        let (value, expected) = (figures[&name].as_f64().unwrap_or(f64::NAN), expected.unwrap_or(f64::NAN));
        assert!((value - expected).abs() <= 1e-9 * expected.abs() || (value.is_nan() && expected.is_nan()), "{name}: {value}, {expected}");
    }
}

fn json(args: &[&str]) -> Value {
    let output = cocoasim(args);
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// A deterministic number in [0, 1).
fn uniform(keys: [u64; 4]) -> f64 {
    let mix = |z: u64, key: u64| {
        let z = (z ^ key).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) ^ (z >> 31)
    };
    (mix(keys.into_iter().fold(0x0123_4567_89AB_CDEF, mix), 7) >> 11) as f64 / (1u64 << 53) as f64
}

/// Some days of people in teams of eight: each is sociable in their own way, for all days; team mates meet more often; contacts have lengths
/// with a power law's tail, and `times` as long a shortest one.
fn world(seed: u64, people: u32, days: u32, times: f64) -> Vec<Event> {
    let sociable = |p: u32| 0.3 + 1.4 * uniform([seed, 1, u64::from(p), 0]);
    let mut records = Vec::new();
    for a in 0..people {
        for b in a + 1..people {
            let often = sociable(a) * sociable(b) * if a / 8 == b / 8 { 0.5 } else { 0.02 };
            for day in 0..days {
                let who = u64::from(a) << 32 | u64::from(b);
                let draw = |what: u64| uniform([seed, 2 + what, who, u64::from(day)]);
                let meetings = if draw(0) < often { 1 + (8.0 * draw(1) * draw(1) * draw(1)) as u64 } else { 0 };
                for meeting in 0..meetings {
                    let start = 4320 * i64::from(day) + 1600 + (1400.0 * draw(10 + 2 * meeting)) as i64;
                    let slots = (times * math::powf(1.0 - draw(11 + 2 * meeting), -1.0 / 1.4)).min(200.0) as i64;
                    records.extend((0..slots.max(1)).map(|k| ((start + k) * 20, a, b)));
                }
            }
        }
    }
    events_of(records)
}

fn compared(events: &[Event], reference: &Statistics) -> Comparison {
    let figures = reference.figures().filter_map(|(name, value)| Some((name.to_string(), value?))).collect();
    Comparison::new((Origin::Generated, "hall"), events, &Statistics::of(events), &Reference { dataset: "made".into(), figures })
}

/// Worlds of one model beside each other: a comparison passes with 0.99 or more, so that of 40 more than 3 fail with a chance of 0.07 %. Of a
/// model whose contacts are twice as long nearly all fail.
#[test]
fn an_exactly_right_model_passes() {
    let (worlds, sizes) = (80, [(48, 5), (96, 10)]);
    for (people, days) in sizes {
        let mut failed = Vec::new();
        for seed in 0..worlds / 2 {
            // The measured world is smaller, or larger.
            let comparison = compared(&world(seed, people, days, 1.5), &Statistics::of(&world(1000 + seed, 72, 6, 1.5)));
            assert!(comparison.judged >= 9, "{comparison:?}");
            if comparison.passes != Some(true) {
                let outside = comparison.figures.iter().filter(|f| f.verdict == Verdict::Fail);
                failed.push(outside.map(|f| f.figure).collect::<Vec<_>>());
            }
        }
        assert!(failed.len() <= 3, "of {people} people over {days} days {failed:?}");
        let others = (0..10).filter(|seed| {
            compared(&world(*seed, people, days, 3.0), &Statistics::of(&world(1000 + seed, 72, 6, 1.5))).passes == Some(false)
        });
        assert!(others.count() >= 9, "contacts twice as long are found out");
    }
}

#[test]
fn a_run_is_laid_beside_data_sets_and_what_is_known() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (out, table) = (office().to_str().expect("text"), dir.path().join("stats.csv"));
    let table_text = "dataset,people,person_days,pd_ge15,deg_mean,ev_median_s,ev_alpha_xmin60,note\n\
        \"An office (FR, 2013)\",92,669,36,4.37,20,2.5,\"x, y\"\nA school,232,464,900,60,20,2.4,\nA far one,92,669,36,400,20,,\n";
    fs::write(&table, table_text).expect("a file");
    let path = table.to_str().expect("text");
    let found = json(&["validate", "contacts", out, "--reference", path, "--json"]);
    let [comparison] = &found["comparisons"].as_array().expect("a list")[..] else { panic!("the office alone: {}", found["comparisons"]) };
    assert_eq!((&comparison["venue_kind"], &comparison["dataset"]), (&"office".into(), &"An office (FR, 2013)".into()));
    let figure = |comparison: &Value, name: &str| {
        let figures = comparison["figures"].as_array().expect("a list").clone();
        figures.into_iter().find(|f| f["figure"] == name).expect("the figure")
    };
    let degree = figure(comparison, "deg_mean");
    assert!(degree["low"].as_f64() < Some(4.37) && degree["high"].as_f64() > Some(4.37), "{degree}");
    assert_eq!(figure(comparison, "ev_alpha_xmin60")["verdict"], "fitted", "the office's tail was chosen");
    assert_eq!(figure(comparison, "ev_median_s")["verdict"], "printed");
    let far = json(&["validate", "contacts", out, "--reference", path, "--dataset", "far", "--venue-kind", "office", "--json"]);
    assert_eq!(figure(&far["comparisons"][0], "deg_mean")["verdict"], "fail");
    assert_eq!((&far["passes"], &far["comparisons"][0]["passes"]), (&false.into(), &false.into()));

    let said = text(&cocoasim(&["validate", "contacts", out, "--reference", path]).stdout);
    for of in ["office beside An office (FR, 2013)", "deg_mean", "school: contacts of 15 min or more", "not in this run"] {
        assert!(said.contains(of), "{of} is not in\n{said}");
    }
    let lines = found["lines"].as_array().expect("a list");
    let line = |words: &str| lines.iter().find(|l| l["line"].as_str().is_some_and(|line| line.starts_with(words))).expect("the line");
    assert_eq!(line("office: partners")["of"], "person-days");
    assert_eq!(line("school:")["verdict"], "not_in_this_run");
    assert_eq!(line("weekday: contacts a person")["verdict"], "printed", "an office and its homes are no whole days");

    // Others at home by hand.
    let people: Batch = read_table(office(), &tables::PEOPLE).expect("a table");
    let mut of_household: BTreeMap<u32, f64> = BTreeMap::new();
    people.u32("household").iter().for_each(|h| *of_household.entry(*h).or_default() += 1.0);
    let others = of_household.values().map(|n| n * (n - 1.0)).sum::<f64>() / people.rows() as f64;
    assert!(line("households: others")["value"].as_f64().is_some_and(|value| (value - others).abs() < 1e-12));
    assert_eq!(line("households: others")["verdict"], "fitted");
}

/// Pairs at home by hand: of those who came near each other there, those who were so for 15 minutes or more.
#[test]
fn long_contacts_at_home_are_those_of_the_tables() {
    let out = office();
    let found = json(&["validate", "contacts", out.to_str().expect("text"), "--json"]);
    let contacts: Batch = read_table(out, &tables::CONTACTS).expect("a table");
    let (mut long, mut all) = (0.0, 0.0);
    for row in (0..contacts.rows()).filter(|row| contacts.text("venue_kind").get(*row) == "home") {
        all += 1.0;
        long += if contacts.f64("near_s")[row] >= 900.0 { 1.0 } else { 0.0 };
    }
    let lines = found["lines"].as_array().expect("a list");
    let home = lines.iter().find(|l| l["line"].as_str().is_some_and(|line| line.starts_with("home:"))).expect("the line");
    assert_eq!(home["n"].as_f64(), Some(all));
    assert!(all > 0.0 && home["value"].as_f64().is_some_and(|value| (value - long / all).abs() < 1e-12), "{home}, {long} of {all}");
}

#[test]
fn what_cannot_be_validated_is_refused() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (plain, worlds, out) = (dir.path().join("plain"), dir.path().join("worlds"), office().to_str().expect("text"));
    run(&plain, &["run.days=1"], &[]);
    run(&worlds, &["run.days=1", TIJ], &["--replicates", "2"]);
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).expect("a file");
        path.to_str().expect("text").to_string()
    };
    let school = write("school.csv", "dataset,people,person_days,deg_mean\nA school,9,9,4\nAnother school,9,9,4\n");
    let wrong = write("wrong.csv", "dataset,people,person_days,deg_mean\nA,9,9,-4\nA,9,9,x\n");
    let other = write("other.csv", "t,i,j\n20,1,2\n");
    let (plain, worlds) = (plain.to_str().expect("text"), worlds.to_str().expect("text"));
    let nowhere = dir.path().join("nowhere").display().to_string();
    for (args, says) in [
        (vec![plain], vec!["no table tij", "--set 'output.tij={radius_m=1.25,cone_deg=60}'"]),
        (vec![worlds], vec!["several worlds", "seed-1"]),
        (vec![nowhere.as_str()], vec!["nowhere"]),
        (vec![out, "--reference", &school], vec!["none of the data sets is of a kind of venue", "(office)", "--venue-kind KIND"]),
        (vec![out, "--reference", &school, "--dataset", "school"], vec!["more than one data set has \"school\""]),
        (vec![out, "--reference", &school, "--dataset", "ward"], vec!["no data set \"ward\"", "A school, Another school"]),
        (vec![out, "--reference", &school, "--venue-kind", "train"], vec!["kind train", "use one of office"]),
        (vec![out, "--reference", &wrong], vec!["wrong.csv:2", "wrong.csv:3", "column deg_mean", "a second \"A\""]),
        (vec![out, "--reference", &other], vec!["other.csv:1", "no column dataset, people, person_days"]),
        (vec![out, "--reference", &nowhere], vec!["nowhere", "cannot be read"]),
    ] {
        let output = cocoasim(&[&["validate", "contacts"], args.as_slice()].concat());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        says.iter().for_each(|of| assert!(said.contains(of), "{args:?}: {of} is not in\n{said}"));
    }
}
