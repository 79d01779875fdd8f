//! The radio model against measurements, and the commands that hold it to them. Tests named `val_` compare with data from
//! outside; where these are missing, they say so and pass.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use assert_cmd::Command;
use cocoasim::{
    faults::Faults,
    inputs::Inputs,
    laboratory::{MeasuredScan, MeasuredScenario, Replica, fit, matched, simulate},
    math,
    mobility::Carriage,
    population::{Os, PhoneModel},
    radio::{CalibrationTable, Devices, EnvironmentConfig, LinkEnd, RadioModel, Without},
    random::Seed,
    scenario::{Loaded, SourceArgs, open},
    units::Point,
    venue::{FloorPlan, Room},
};
use serde_json::{Value, json};

#[expect(dead_code, reason = "each test uses its part")]
#[path = "../support/kinds.rs"]
mod kinds;
mod measured;
#[path = "../support/data.rs"]
mod test_data;

const HEADER: &str =
    "scenario,t_s,receiver,transmitter,receiver_model,transmitter_model,distance_m,seconds_since_last_scan,packets,min_db,typical_db\n";

fn cocoasim(args: &[&str]) -> std::process::Output {
    Command::cargo_bin("cocoasim").expect("the binary is built").args(args).output().expect("it runs")
}

fn json_of(args: &[&str]) -> Value {
    let output = cocoasim(args);
    assert!(output.status.success(), "{args:?}\n{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

fn refused(args: &[&str]) -> String {
    let output = cocoasim(args);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stderr).expect("text")
}

fn baseline(sets: &[&str]) -> Loaded {
    let sets = sets.iter().map(|s| (*s).to_string()).collect();
    open(&SourceArgs { scenario: "baseline".into(), sets, seed: None }).expect("the baseline has no fault")
}

fn table() -> CalibrationTable {
    CalibrationTable::open("builtin:2020-12-14", Path::new(""), &mut Inputs::default(), &mut Faults::default())
}

/// A small file: two phones that hear each other, a third that is in view and unheard.
fn small_file(dir: &Path) -> PathBuf {
    let mut text = HEADER.to_string();
    for k in 0..40 {
        let t_s = k * 60;
        let _ = writeln!(text, "desk,{t_s},1,2,SM-G973F,SM-A405FN,1.2,60,5,{},{}", 50 + k % 7, 52 + k % 7);
        let _ = writeln!(text, "desk,{t_s},2,1,SM-A405FN,SM-G973F,,60,4,{},{}", 51 + k % 5, 53 + k % 5);
        let _ = writeln!(text, "desk,{t_s},1,3,SM-G973F,SM-G973F,3.4,60,0,,");
    }
    let path = dir.join("small.csv");
    std::fs::write(&path, text).expect("it is written");
    path
}

#[test]
fn validate_tells_measured_beside_simulated() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = small_file(dir.path()).display().to_string();
    let figure = dir.path().join("f.svg").display().to_string();
    let args = ["validate", "radio", &file, "--environment", "meeting", "--runs", "20", "--json", "--overwrite", "--figure", &figure];
    let found = json_of(&args);
    assert_eq!(found, json_of(&args), "the same seed gives the same");
    let scenario = &found["scenarios"][0];
    assert_eq!((scenario["name"].as_str(), scenario["environment"].as_str()), (Some("desk"), Some("meeting")));
    let bins = scenario["bins"].as_array().expect("bins");
    let edges: Vec<(f64, f64)> = bins.iter().map(|b| (b["from_m"].as_f64().unwrap(), b["to_m"].as_f64().unwrap())).collect();
    assert_eq!(edges, [(0.5, 1.0), (1.0, 1.5), (1.5, 2.0), (2.0, 3.0), (3.0, 4.0), (4.0, 6.0)]);
    // Rows of unknown distance count for minutes only.
    assert_eq!((bins[1]["scans"].as_u64(), bins[1]["observed"]["heard"].as_f64()), (Some(40), Some(1.0)));
    assert_eq!((bins[4]["observed"]["heard"].as_f64(), bins[4]["observed"]["q50"].is_null()), (Some(0.0), true));
    assert!(bins[0]["observed"]["heard"].is_null() && bins[1]["simulated"]["q50"].as_f64().is_some());
    assert!(scenario["auc"][0]["observed"].is_null(), "nobody is within 1 m");
    let rule = scenario["pair_rules"].as_array().expect("rules").iter().find(|r| r["rule"] == "63").expect("63 dB");
    // 1 hears 2 for 40 minutes within 2 m; 2 hears 1 at an unknown distance; 1 does not hear 3.
    assert_eq!(rule["positives"].as_u64(), Some(1));
    assert_eq!((rule["observed"]["tpr"].as_f64(), rule["observed"]["fpr"].as_f64()), (Some(1.0), Some(0.5)));
    let pair = &scenario["pairs"][0];
    assert_eq!((pair["observed_min"][5].as_f64(), pair["within_2m_min"].as_f64()), (Some(40.0), Some(40.0)));
    assert!(std::fs::read_to_string(&figure).expect("a figure").contains("desk as meeting"));
    // No bin has 50 scans, one pair is in contact, and one direction alone has distances: the rules' FPR and two lags are judged.
    for told in [scenario, &found] {
        assert_eq!(told["judged"].as_u64(), Some(10), "{told}");
        let (outside, p99) = (told["outside"].as_u64().expect("a count"), told["chance_p99"].as_u64().expect("runs enough"));
        assert_eq!(told["passes"].as_bool(), Some(outside <= p99), "{told}");
    }
    assert_eq!(scenario["figures_outside"].as_array().map(|o| o.len() as u64), scenario["outside"].as_u64());
    let text = String::from_utf8(cocoasim(&args[..7]).stdout).expect("text");
    assert!(text.contains(" of 10 judged figures outside their tolerance; of sets drawn from the model itself 99 % have "), "{text}");
}

/// What the model itself gives passes; the same 12 dB weaker does not. Nothing in the JSON of a file of one row is out of range.
#[test]
fn validate_judges_by_chance() {
    let loaded = baseline(&[]);
    let (model, table) = (RadioModel::new(&loaded.scenario.radio, Seed(5)), table());
    let environment = model.environment_named("restaurant").expect("it is in the baseline");
    let replica = Replica { model: &model, table: &table, environment, carriage: environment.config.carriage_mix.clone() };
    let scenario = links(60, 10, 60.0, |pair| 0.6 + (pair % 50) as f32 * 0.1, "SM-A405FN");
    let heard = simulate(&replica, &scenario, Seed(77));
    let dir = tempfile::tempdir().expect("a temporary folder");
    let judged = |shift_db: f32, rows: usize, runs: &str| {
        let mut text = HEADER.to_string();
        for (s, db) in scenario.scans.iter().zip(&heard).take(rows) {
            let db = db.map(|db| db + shift_db);
            let told = db.map_or_else(|| "0,,".to_string(), |db| format!("4,{db},{db}"));
            let (t_s, d) = (s.t_s, s.distance_m.expect("a distance"));
            let _ = writeln!(text, "made,{t_s},{},{},SM-A405FN,SM-A405FN,{d},{},{told}", s.receiver, s.transmitter, s.seconds);
        }
        let file = dir.path().join("made.csv");
        std::fs::write(&file, text).expect("it is written");
        json_of(&["validate", "radio", &file.display().to_string(), "--environment", "restaurant", "--runs", runs, "--json"])
    };
    let right = judged(0.0, 600, "100");
    assert_eq!(right["passes"], json!(true), "{}", right["scenarios"][0]["figures_outside"]);
    let weak = judged(12.0, 600, "100");
    assert_eq!((&weak["passes"], &weak["scenarios"][0]["passes"]), (&json!(false), &json!(false)), "{weak}");
    for runs in ["20", "300"] {
        let one = judged(0.0, 1, runs);
        assert_eq!((one["outside"].as_u64(), &one["passes"]), (Some(0), &json!(true)), "{one}");
    }
    assert_eq!(judged(0.0, 600, "19")["passes"], Value::Null, "too few runs");
}

/// 2 begins after 20 of 40 minutes, 3 never does; both lie nearer to 1 than 4, which is always heard.
#[test]
fn the_share_heard_is_told_with_and_without_late_starters() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut text = HEADER.to_string();
    for k in 0..40 {
        for (phone, from, distance_m) in [(2, 20, 1.2), (3, 40, 0.8), (4, 0, 1.7)] {
            let heard = if k < from { "0,,".to_string() } else { format!("5,{},{}", 50 + k % 7, 52 + k % 7) };
            let _ = writeln!(text, "desk,{},1,{phone},SM-G973F,SM-A405FN,{distance_m},60,{heard}", k * 60);
        }
    }
    let file = dir.path().join("late.csv");
    std::fs::write(&file, text).expect("it is written");
    let file = file.display().to_string();
    let args = ["validate", "radio", &file, "--environment", "meeting", "--runs", "20"];
    let found = json_of(&[&args[..], &["--json"]].concat())["scenarios"][0].clone();
    let late = &found["late_starters"];
    assert_eq!((found["silent_scans"].as_u64(), &late["late"], &late["never_heard"]), (Some(60), &json!(["2"]), &json!(["3"])));
    assert_eq!((&late["heard_with"]["observed"], &late["heard_without"]["observed"]), (&json!(0.5), &json!(1.0)));
    let share = |which: &str| late[which]["simulated"].as_f64().expect("a share");
    assert!((0.45..=0.5).contains(&share("heard_with")) && (share("heard_without") - 2.0 * share("heard_with")).abs() < 1e-9, "{late}");
    let bin = |i: usize| (&found["bins"][i]["observed"]["heard"], &found["bins"][i]["observed"]["heard_without_late"]);
    assert_eq!((bin(0), bin(1), bin(2)), ((&json!(0.0), &Value::Null), (&json!(0.5), &json!(1.0)), (&json!(1.0), &json!(1.0))));
    let text = String::from_utf8(cocoasim(&args).stdout).expect("text");
    for part in [
        "60 scans of phones that had not begun to advertise (later 2; never 3)",
        "with late starters: 0.500 measured, 0.",
        "without late starters: 1.000 measured, 0.9",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn carriage_and_environment_change_what_is_simulated() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = small_file(dir.path()).display().to_string();
    let median = |more: &[&str]| {
        let mut args = vec!["validate", "radio", &file, "--runs", "60", "--json", "--environment"];
        args.extend(more);
        json_of(&args)["scenarios"][0]["bins"][1]["simulated"]["q50"].as_f64().expect("a median")
    };
    let table = median(&["meeting", "--carriage", "table"]);
    assert!(median(&["meeting", "--carriage", "bag"]) > table + 5.0, "two bags cost 10 dB");
    assert!(median(&["train", "--carriage", "table"]) > table + 8.0, "a tram is 13 dB weaker at a metre");
}

/// The table's date moves everything: the same links read higher with a table that tells the phones louder and their receivers
/// less sensitive, and as much more is still heard.
#[test]
fn another_calibration_table_shifts_what_is_simulated() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = small_file(dir.path()).display().to_string();
    let june = dir.path().join("june.csv");
    std::fs::write(&june, "oem,model,rx_corr,tx,direct\nSamsung,SM-G973F,-3,-24,yes\nSamsung,SM-A405FN,-3,-24,no\n")
        .expect("it is written");
    let bin = |more: &[&str]| {
        let mut args = vec!["validate", "radio", &file, "--environment", "meeting", "--runs", "60", "--json"];
        args.extend(more);
        json_of(&args)["scenarios"][0]["bins"][1]["simulated"].clone()
    };
    let (december, june) = (bin(&[]), bin(&["--calibration", &june.display().to_string()]));
    let as_key = format!("radio.calibration=\"{}\"", dir.path().join("june.csv").display());
    assert_eq!(june, bin(&["--set", &as_key]), "the model's own table is the default");
    let of = |bin: &Value, key: &str| bin[key].as_f64().expect("a number");
    // S10 hears A40: transmitter -24 instead of -23, receiver -3 instead of 2: 4 dB.
    let shift_db = of(&june, "q50") - of(&december, "q50");
    assert!((shift_db - 4.0).abs() < 0.5, "{shift_db} dB");
    assert!((of(&june, "heard") - of(&december, "heard")).abs() < 0.01, "the floor moves along");
}

#[test]
fn faults_of_measured_files_name_line_and_column() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let write = |text: &str| {
        let path = dir.path().join("bad.csv");
        std::fs::write(&path, text).expect("it is written");
        path.display().to_string()
    };
    let bad = write(&format!(
        "{HEADER}a,0,1,2,SM-G973F,SM-A405FN,-1,60,5,50,52\na,0,1,2,SM-G973F,Nokia 3310,1,60,5,50,52\na,x,1,2,SM-G973F,SM-A405FN,1,60,5,50,52\n\
         a,0,1,2,SM-G973F,SM-A405FN,1,60,5,,\n"
    ));
    let said = refused(&["validate", "radio", &bad, "--environment", "office"]);
    for part in [
        "bad.csv:2: column distance_m",
        "bad.csv:3: column transmitter_model",
        "Nokia 3310",
        "bad.csv:4: column t_s",
        "bad.csv:5: column typical_db",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    // A phone is of one model, a scan of a phone is there once, and what was not heard has no level.
    let (first, scan) = ("a,0,1,2,SM-G973F,SM-A405FN,1,60,5,50,52\n", "1,60,5,50,52\n");
    let twice = write(&format!(
        "{HEADER}{first}a,60,2,1,SM-G973F,SM-G973F,{scan}{first}a,60,1,2,SM-G973F,SM-A405FN,1,60,0,,52\nb,0,1,2,SM-A405FN,SM-A405FN,{scan}"
    ));
    let said = refused(&["validate", "radio", &twice, "--environment", "office"]);
    for part in [
        "bad.csv:3: column receiver_model: phone \"2\" is a \"SM-A405FN\" in a line before",
        "bad.csv:4: column t_s: the same scan of the same phone as line 2",
        "bad.csv:5: column packets: 0, and yet a dB value",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    assert_eq!(said.matches("bad.csv:").count(), 3, "the same phone of another scenario may be another one\n{said}");
    let missing = write("scenario,t_s\na,1\n");
    assert!(refused(&["validate", "radio", &missing, "--environment", "office"]).contains("distance_m"));
    let good = small_file(dir.path()).display().to_string();
    let weights = "radio.environments.office.carriage_mix";
    let none = format!("{weights}={{ hand = 0, front_pocket = 0, back_pocket = 0, bag = 0, table = 0, ear = 0 }}");
    let said = refused(&["calibrate", "radio", &good, "--environment", "office", "--set", &none]);
    assert!(said.contains("the weights add up to 0"), "{said}");
    let said = refused(&["validate", "radio", &good, "--environment", "office", "--set", &format!("{weights}.hand=-1.0")]);
    assert!(said.contains("-1 is not a weight"), "{said}");
    assert!(refused(&["validate", "radio", &good, "--environment", "ofice"]).contains("did you mean office?"));
    assert!(refused(&["validate", "radio", &good, "--environment", "office", "--scenario", "x"]).contains("use one of desk"));
    assert!(refused(&["calibrate", "radio", &good, "--environment", "office", "--carriage", "hat"]).contains("use one of hand"));
}

/// The same links as those measured in a file, at even distances.
fn links(pairs: usize, scans: usize, gap_s: f64, distance_m: impl Fn(usize) -> f32, model: &str) -> MeasuredScenario {
    let mut scenario = MeasuredScenario { name: "made".into(), ..MeasuredScenario::default() };
    for pair in 0..pairs {
        for end in ["a", "b"] {
            scenario.phones.push((format!("{pair}{end}"), model.into()));
        }
        for scan in 0..scans {
            scenario.scans.push(MeasuredScan {
                t_s: scan as f64 * gap_s,
                receiver: 2 * pair,
                transmitter: 2 * pair + 1,
                distance_m: Some(distance_m(pair)),
                seconds: gap_s,
                typical_db: None,
            });
        }
    }
    scenario
}

fn at_2m_db(e: &EnvironmentConfig) -> f32 {
    e.level_at_1m_db + 10.0 * e.exponent * math::log10(2f32)
}

#[test]
fn calibrate_finds_what_data_were_made_with() {
    let loaded = baseline(&["radio.measured_position_sd_m=0"]);
    let config = &loaded.scenario.radio;
    let (model, table) = (RadioModel::new(config, Seed(5)), table());
    let environment = model.environment_named("queue").expect("it is in the baseline");
    let scenario = links(300, 12, 240.0, |pair| 0.6 + (pair % 50) as f32 * 0.1, "SM-A405FN");
    let replica = Replica { model: &model, table: &table, environment, carriage: environment.config.carriage_mix.clone() };
    let scenario = scenario.hearing(&simulate(&replica, &scenario, Seed(6)));
    let found = fit(&replica, &scenario, 6.0).expect("enough scans");
    let fitted = found.environment(&replica);
    // A phone is off its person by 0.15 m, which the fit knows only as spread.
    assert!((fitted.exponent - environment.config.exponent).abs() < 0.3, "{fitted:?}");
    assert!((at_2m_db(&fitted) - at_2m_db(&environment.config)).abs() < 1.5, "{fitted:?}");
    // Shadowing, two bodies that turn (half a cosine of their term each), and what is left of fading on
    // three channels, or on some ten packets where someone moves.
    let e = &environment.config;
    let body_var = 2.0 * math::powi(e.body_db / 2.0, 2) / 2.0;
    let fading_var = math::powi(e.fading_sd_db, 2) * ((1.0 - e.moving_share) / 3.0 + e.moving_share / 10.0);
    let within_db = (math::powi(e.both_shadowings_sd_db(), 2) + body_var + fading_var).sqrt();
    assert!((found.within_pairs_sd_db.0 - f64::from(within_db)).abs() < 0.5 && found.scan_miss.0 < 0.05, "{within_db}: {found:?}");
    assert!(found.exponent.1 < 0.3 && found.level_at_1m_db.1 < 2.0, "{found:?}");
}

/// Phones that advertise every 20 ms are heard from afar: with the packets of another interval the fit would take that for level.
#[test]
fn calibrate_counts_the_packets_that_were_sent() {
    let loaded = baseline(&["radio.measured_position_sd_m=0", "radio.advertising_interval_ms=20"]);
    let config = &loaded.scenario.radio;
    let (model, table) = (RadioModel::new(config, Seed(5)), table());
    let environment = model.environment_named("restaurant").expect("it is in the baseline");
    let scenario = links(300, 12, 240.0, |pair| 2.0 + (pair % 50) as f32 * 0.2, "SM-A405FN");
    let replica = Replica { model: &model, table: &table, environment, carriage: environment.config.carriage_mix.clone() };
    let scenario = scenario.hearing(&simulate(&replica, &scenario, Seed(6)));
    let at_2m_found = |interval_ms: f32| {
        let config = cocoasim::radio::RadioConfig { advertising_interval_ms: interval_ms, ..config.clone() };
        let replica = Replica { model: &RadioModel::new(&config, Seed(5)), ..replica.clone() };
        let found = fit(&replica, &scenario, 12.0).expect("enough scans");
        (at_2m_db(&found.environment(&replica)), found)
    };
    let truth = at_2m_db(&environment.config);
    let ((right_db, right), (wrong_db, wrong)) = (at_2m_found(20.0), at_2m_found(250.0));
    // 600 phones collide, so little is heard, and the level at 2 m has a standard error of 1.6 dB.
    assert!((right_db - truth).abs() < 4.0 && right.scan_miss.0 < 0.3, "{right_db} dB, {truth} put in: {right:?}");
    assert!(right.log_likelihood > wrong.log_likelihood + 3.0 && wrong.scan_miss.0 > 0.5, "{wrong_db} dB: {right:?}\n{wrong:?}");
}

/// Distances err by a quarter of a metre, which flattens what the likelihood finds; the environment matched to it is not flattened.
#[test]
fn an_environment_gives_its_estimates_back() {
    let loaded = baseline(&[]);
    let config = &loaded.scenario.radio;
    let (model, table) = (RadioModel::new(config, Seed(5)), table());
    let environment = model.environment_named("restaurant").expect("it is in the baseline");
    let scenario = links(120, 6, 240.0, |pair| 0.5 + (pair % 12) as f32 * 0.3, "SM-A405FN");
    let replica = Replica { model: &model, table: &table, environment, carriage: environment.config.carriage_mix.clone() };
    let scenario = scenario.hearing(&simulate(&replica, &scenario, Seed(6)));
    let found = fit(&replica, &scenario, 6.0).expect("enough scans");
    let matched = matched(&replica, &scenario, &found, 6.0, Seed(7));
    assert!((0..5).all(|estimate| matched.gives_back(estimate)), "{:?}", matched.lacks);
    let (fitted, truth) = (&matched.environment, &environment.config);
    eprintln!("fitted {:?}, matched {fitted:?}, scatter {:?}", found.exponent, matched.scatter);
    assert!(f64::from(fitted.exponent) > found.exponent.0 + 0.1, "{fitted:?}");
    assert!(f64::from((fitted.exponent - truth.exponent).abs()) < 2.5 * matched.scatter[1], "{fitted:?}");
    assert!(
        (at_2m_db(fitted) - at_2m_db(truth)).abs() < 1.5 && (fitted.pair_offset_sd_db - truth.pair_offset_sd_db).abs() < 1.5,
        "{fitted:?}"
    );
}

#[test]
fn calibrate_says_what_data_do_not_tell() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = |line: &dyn Fn(usize) -> String| {
        let path = dir.path().join("d.csv");
        std::fs::write(&path, HEADER.to_string() + &(0..120).map(|k| line(k) + "\n").collect::<String>()).expect("it is written");
        path.display().to_string()
    };
    let out = dir.path().join("fitted.toml");
    let calibrate = |file: &str| refused(&["calibrate", "radio", file, "--environment", "office", "--out", &out.display().to_string()]);
    let unheard = data(&|k| format!("a,{},1,2,SM-G973F,SM-A405FN,{},60,0,,", k * 60, 1 + k % 4));
    assert!(calibrate(&unheard).contains("0 scans heard something"));
    assert!(!out.exists());
    // At one distance the exponent stays the environment's, and the level at that distance is the data's: 58 dB at 2 m.
    let one_distance = data(&|k| format!("a,{},{},9,SM-G973F,SM-A405FN,2.0,60,9,{},{}", k * 60, k % 8, 54 + k % 5, 56 + k % 5));
    let found = json_of(&["calibrate", "radio", &one_distance, "--environment", "anechoic", "--json"])["scenarios"][0].clone();
    assert_eq!((found["exponent"]["value"].as_f64(), found["exponent"]["standard_error"].is_null()), (Some(2.0), true));
    // The two models' known errors: -0.9 and -0.6 dB.
    let level_at_2m = found["level_at_1m_db"]["value"].as_f64().expect("a level") + 20.0 * math::log10(2f64);
    assert!((level_at_2m - 59.5).abs() < 0.5, "{found:#}");
}

/// A flat law, as in metal carriages: the likelihood has a long valley there.
#[test]
fn calibrate_finds_a_flat_law() {
    let loaded = baseline(&["radio.measured_position_sd_m=0"]);
    let config = &loaded.scenario.radio;
    let (model, table) = (RadioModel::new(config, Seed(5)), table());
    let environment = model.environment_named("train").expect("it is in the baseline");
    let scenario = links(200, 10, 240.0, |pair| 0.6 + (pair % 45) as f32 * 0.1, "SM-A405FN");
    let mut carriage = environment.config.carriage_mix.clone();
    (carriage.hand, carriage.front_pocket, carriage.back_pocket, carriage.bag, carriage.table) = (0.0, 0.0, 0.0, 0.0, 1.0);
    let replica = Replica { model: &model, table: &table, environment, carriage };
    let scenario = scenario.hearing(&simulate(&replica, &scenario, Seed(6)));
    let found = fit(&replica, &scenario, 6.0).expect("enough scans");
    let at_2m = found.level_at_1m_db.0 + 10.0 * found.exponent.0 * math::log10(2f64);
    let expected = f64::from(at_2m_db(&environment.config));
    assert!((at_2m - expected).abs() < 1.5 && (found.exponent.0 - f64::from(environment.config.exponent)).abs() < 0.5, "{found:?}");
    assert!((found.between_pairs_sd_db.0 - 5.5).abs() < 1.2, "{found:?}");
}

/// Unix times serve as well as seconds since a start.
#[test]
fn times_count_from_anywhere() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = small_file(dir.path());
    let later: String = std::fs::read_to_string(&file)
        .expect("a file")
        .lines()
        .map(|l| match l.split_once(',') {
            Some(("desk", rest)) => {
                let (t_s, rest) = rest.split_once(',').expect("more columns");
                format!("desk,{},{rest}\n", 1_596_104_000 + t_s.parse::<i64>().expect("a number"))
            }
            _ => format!("{l}\n"),
        })
        .collect();
    let unix = dir.path().join("unix.csv");
    std::fs::write(&unix, later).expect("it is written");
    let of =
        |path: &Path| json_of(&["validate", "radio", &path.display().to_string(), "--environment", "meeting", "--runs", "5", "--json"]);
    assert_eq!(of(&unix), of(&file));
    let text = std::fs::read_to_string(&file).expect("a file");
    let (header, rows) = text.split_once('\n').expect("a header");
    let reversed = dir.path().join("reversed.csv");
    std::fs::write(&reversed, format!("{header}\n{}\n", rows.lines().rev().collect::<Vec<_>>().join("\n"))).expect("it is written");
    assert_eq!(of(&reversed), of(&file), "rows in another order tell the same");
}

#[test]
fn a_fitted_environment_can_be_named_by_a_scenario() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = small_file(dir.path()).display().to_string();
    let out = dir.path().join("fitted.toml").display().to_string();
    let found = json_of(&["calibrate", "radio", &file, "--environment", "meeting", "--out", &out, "--json"]);
    assert!(found["scenarios"][0]["exponent"]["value"].as_f64().is_some());
    let text = std::fs::read_to_string(&out).expect("it is written");
    let scenario = dir.path().join("s.toml");
    let rest = "[run]\nname = \"x\"\n[mobility.contacts]\nenvironment = \"desk-fitted\"\n";
    std::fs::write(&scenario, format!("{rest}{text}")).expect("it is written");
    let checked = cocoasim(&["check", &scenario.display().to_string()]);
    assert!(checked.status.success(), "{}\n{text}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn a_link_is_the_sum_of_its_terms_and_two_walls_cost_both() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let figure = dir.path().join("link.svg").display().to_string();
    let map = dir.path().join("map.svg").display().to_string();
    let link = |from: &str, to: &str| {
        json_of(&[
            "explain",
            "link",
            "office",
            "--venue",
            "office",
            "--from",
            from,
            "--to",
            to,
            "--figure",
            &figure,
            "--map",
            &map,
            "--overwrite",
            "--json",
        ])
    };
    let mean = |found: &Value| found["mean_db"].as_f64().expect("a sum");
    let outside = refused(&["explain", "link", "office", "--venue", "office", "--from", "100,3", "--to", "8"]);
    assert!(outside.contains("outside the floor") && outside.contains("x from 0 to 40 m"), "{outside}");
    // From meeting-1 to meeting-2 through one plasterboard wall, and on through the glass to the glass room.
    for (from, to, walls) in [("4,24", "6,24", 0), ("6,24", "10,24", 1), ("6,24", "18,24", 2)] {
        let found = link(from, to);
        let terms = found["terms"].as_array().expect("terms");
        let sum: f64 = terms.iter().map(|t| t["mean_db"].as_f64().expect("a number")).sum();
        assert!((sum - mean(&found)).abs() < 0.01);
        assert_eq!(
            terms.iter().filter(|t| t["key"].as_str().is_some_and(|k| k.starts_with("venue.materials"))).count(),
            walls,
            "{from} {to}"
        );
        assert!(terms.iter().all(|t| !t["source"].as_str().expect("a source").is_empty()), "{terms:#?}");
    }
    assert!(std::fs::read_to_string(&figure).expect("drawn").contains("plasterboard 2.5 dB"));
    assert!(std::fs::read_to_string(&map).expect("drawn").contains("60-63 dB"));
    let said = refused(&["explain", "link", "office", "--venue", "attic", "--from", "1", "--to", "2"]);
    assert!(said.contains("use one of office, home, home-N (N people, 1 to 10)"), "{said}");
    let said = refused(&["explain", "link", "office", "--venue", "office", "--from", "9999", "--to", "2"]);
    assert!(said.contains("use a seat from 0 to 181"), "{said}");
}

/// Without walls a link lacks exactly what they cost, in its terms, in what is heard and in what is drawn; a link that meets none stays
/// as it is.
#[test]
fn a_link_without_walls_lacks_what_they_cost_and_nothing_else() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str| dir.path().join(name).display().to_string();
    let drawings = ["--figure", &file("link.svg"), "--map", &file("map.svg"), "--rotation", &file("turns.svg"), "--overwrite"];
    let args = |from: &'static str, to: &'static str, more: &[&'static str]| {
        [&["explain", "link", "office", "--venue", "office", "--from", from, "--to", to], &drawings[..], more]
            .concat()
            .into_iter()
            .map(str::to_string)
            .collect::<Vec<String>>()
    };
    // The answer, and the drawings: link, map, turns.
    let explained = |from, to, more: &[&'static str]| {
        let args = args(from, to, &[&["--json"], more].concat());
        let found = json_of(&args.iter().map(String::as_str).collect::<Vec<_>>());
        let drawn = ["link.svg", "map.svg", "turns.svg"].map(|name| std::fs::read_to_string(file(name)).expect("drawn"));
        (found, drawn)
    };
    let of = |found: &Value, key: &str| found[key].as_f64().expect("a number");
    let terms = |found: &Value| found["terms"].as_array().expect("terms").clone();
    let of_walls = |term: &Value| term["key"].as_str().is_some_and(|key| key.starts_with("venue.materials"));

    let (with, drawn_with) = explained("6,24", "18,24", &[]);
    let (without, drawn_without) = explained("6,24", "18,24", &["--without", "wall"]);
    let (walls, others): (Vec<Value>, Vec<Value>) = terms(&with).into_iter().partition(of_walls);
    assert_eq!((walls.len(), terms(&without)), (2, others), "the other terms are the same, in the same order");
    let walls_db: f64 = walls.iter().map(|term| of(term, "mean_db")).sum();
    assert!(walls_db > 5.0 && (of(&with, "mean_db") - of(&without, "mean_db") - walls_db).abs() < 1e-3, "{walls_db} dB: {with} {without}");
    assert!(of(&without, "heard") > of(&with, "heard") && of(&without, "packets_heard") > of(&with, "packets_heard") + 0.5, "{without}");
    assert_eq!((&with["without"], &without["without"]), (&json!([]), &json!(["wall"])));
    for (with, without) in drawn_with.iter().zip(&drawn_without) {
        assert!(without.contains("without walls") && !with.contains("without walls"), "{without}");
    }
    assert!(drawn_with[0].contains("plasterboard 2.5 dB") && !drawn_without[0].contains("plasterboard 2.5 dB"));
    // Less stands in the way of the map's cells; the first rectangle is the page.
    let cells = |drawn: &str| drawn.lines().filter(|line| line.starts_with("<rect")).skip(1).map(str::to_string).collect::<Vec<_>>();
    assert_ne!(cells(&drawn_with[1]), cells(&drawn_without[1]));
    let text = cocoasim(&args("6,24", "18,24", &["--without", "wall"]).iter().map(String::as_str).collect::<Vec<_>>()).stdout;
    let text = String::from_utf8(text).expect("text");
    assert!(text.starts_with("office, 6,24 to 18,24, without walls: ") && !text.contains("venue.materials"), "{text}");

    // Across a meeting table there is none: the same but for what says so.
    let (with, _) = explained("4,24", "6,24", &[]);
    let (mut without, _) = explained("4,24", "6,24", &["--without", "wall"]);
    without["without"] = json!([]);
    assert_eq!(with, without);

    let said = refused(&["explain", "link", "office", "--venue", "office", "--from", "1", "--to", "2", "--without", "wal"]);
    assert!(said.contains("a similar value exists: 'wall'"), "{said}");
}

/// The packets of a scan follow from its length and the interval between them, on the link that is explained, in how far a phone
/// is heard, and in what is fitted.
#[test]
fn packets_follow_from_interval_and_scan_length() {
    let args = |more: &[&'static str]| {
        let link = ["explain", "link", "office", "--venue", "office", "--from", "5", "--to", "8"];
        link.iter().map(ToString::to_string).chain(more.iter().map(ToString::to_string)).collect::<Vec<String>>()
    };
    let explained = |more: &[&'static str]| json_of(&args(more).iter().map(String::as_str).collect::<Vec<_>>());
    let of = |found: &Value, key: &str| found[key].as_f64().expect("a number");
    let many =
        ["--set", "radio.scan_ios.length_s=60", "--set", "radio.scan_android.length_s=10", "--set", "radio.advertising_interval_ms=20"];
    let many_json = [&many[..], &["--json", "--model", "SM-G973F,iPhone 11"]].concat();
    let (common, long) = (explained(&["--json", "--model", "SM-G973F,iPhone 11"]), explained(&many_json));
    assert_eq!((of(&common, "packets_a_scan"), of(&long, "packets_a_scan")), (15.0, 3000.0), "the receiver's scan counts");
    assert_eq!((of(&common, "scan_s"), of(&long, "scan_s")), (4.0, 60.0));
    assert!(of(&long, "packets_heard") > 255.0 && of(&common, "packets_heard") < 15.0);
    assert!(of(&long, "heard") >= of(&common, "heard"));
    let median = |found: &Value| found["typical_db"][2].as_f64().expect("a median");
    assert!((median(&long) - median(&common)).abs() < 1.5, "{long}\n{common}");
    let android = explained(&[&many[..], &["--json", "--model", "iPhone 11,SM-G973F"]].concat());
    assert_eq!(of(&android, "packets_a_scan"), 501.0);
    let text = cocoasim(&args(&many).iter().map(String::as_str).collect::<Vec<_>>());
    assert!(String::from_utf8_lossy(&text.stdout).contains("packets sent while a scan of 60 s listens: 3000"), "{text:?}");

    let reach_m = |sets: &[&str]| {
        let model = RadioModel::new(&baseline(sets).scenario.radio, Seed(1));
        model.reach_m(model.environment_named("outdoor").expect("it is in the baseline"), 55.0)
    };
    let (common_m, often_m) = (reach_m(&[]), reach_m(&["radio.advertising_interval_ms=20"]));
    let long_m = reach_m(&["radio.scan_android.length_s=60"]);
    let no_music_m = reach_m(&["radio.phone_use.music_share=0"]);
    assert!(no_music_m < common_m && common_m < long_m && common_m * 1.05 < often_m, "{no_music_m} {common_m} {long_m} {often_m}");
}

#[test]
fn a_scan_too_short_for_a_packet_a_channel_is_refused() {
    let said = refused(&["check", "office", "--set", "radio.advertising_interval_ms=1334"]);
    for part in ["radio.scan_ios.length_s", "radio.scan_android.length_s", "a length from 5 s on", "from 20 to 1333 ms"] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    assert!(cocoasim(&["check", "office", "--set", "radio.advertising_interval_ms=1333"]).status.success());
    let said = refused(&["check", "office", "--set", "radio.scan_android.length_s=1", "--set", "radio.advertising_interval_ms=400"]);
    assert!(said.contains("radio.scan_android.length_s") && !said.contains("radio.scan_ios"), "{said}");
}

#[test]
fn floors_that_cannot_be_walked_are_refused_with_the_place() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let begins = |x: &str| format!("{{ from_m = [{x}, 20.5], to_m = [15.0, 20.5]");
    let (shut, narrow, third) = (begins("8.0"), begins("8.35"), begins("9.0"));
    for (from, to, said) in [
        ("to_m = [8.0, 20.5]", "to_m = [1.0, 20.5]", "walls[0]: a wall of no length at (1.00, 20.50) m"),
        (third.as_str(), shut.as_str(), "rooms[2]: nobody can reach room \"meeting-2\""),
        (third.as_str(), narrow.as_str(), "leave a gap of at least 0.6 m"),
        ("material = \"plasterboard\"", "material = \"plasterbord\"", "did you mean plasterboard?"),
        ("environment = \"office\", low_m", "environment = \"ofice\", low_m", "did you mean office?"),
        ("from_m = [1.0, 20.5], to_m = [8.0, 20.5]", "from_m = [1.0, 1.2], to_m = [20.0, 1.2]", "stands in the wall from (1.00, 1.20) m"),
    ] {
        let set = kinds::listed(&[kinds::changed(dir.path(), "office", &[(from, to)])]);
        let found = refused(&["check", "office", "--set", &set]);
        assert!(found.contains(said), "{to}\n{found}");
    }
}
