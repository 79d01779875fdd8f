//! What stands between people only weakens what their phones hear: nobody is told more for a screen or wall more.

use std::{fs, path::Path, process::Command};

use cocoasim::accuracy::OverWorlds;

/// Three rooms of four tables for four, for whom a wall in the middle would leave a way around.
const KIND: &str = r#"
name = "tables"
description = "Four tables for four in two rows"

[floor]
width_m = { mean_m = 6.4, sd_m = 0.05 }
depth_m = { mean_m = 6.0, sd_m = 0.05 }
environment = "restaurant"
outer_wall = "concrete"
body_m = 0.3

[[doors]]
at_m = [3.2, 0.0]
width_m = 1.0

[[tables]]
first_m = [1.6, 1.7]
grid = { columns = 2, rows = 2, pitch_x_m = { mean_m = 3.2, sd_m = 0.05 }, pitch_y_m = { mean_m = 2.0, sd_m = 0.05 } }
width_m = 1.2
depth_m = 0.725
chairs_a_side = 2
seat_from_edge_m = { mean_m = 0.3, sd_m = 0.025 }
partition = "SCREEN"
between = "SCREEN"

[[roles]]
name = "guest"
model = { seats = { on = ["table"] } }
"#;

const SCENARIO: &str = r#"
[run]
name = "tables"
first_day = "2020-09-01"
days = 1

[population]
workers = 48
departments = 1

[phones]
smartphone_shares = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
adoption = 1.0

[authority]
cases = []

[venue]
kinds = ["kind.toml"]

[mobility]
source = "venues"

[[mobility.venues]]
kind = "tables"
number = 3
roles = [{ role = "guest", people = 16, arrives_h = [11.0, 12.0], stay_min = 50.0, stay_sd_min = 10.0, group_shares = [0.2, 0.4, 0.2, 0.2] }]
"#;

const WORLDS: u32 = 8;
/// Rules that count time near; those that average over a run may rise where weak sightings vanish.
const JUDGED: [&str; 2] = ["2.0", "1.1.4-1.4.1/ios/level0/minutes_under"];
const OVER_A_RUN: [&str; 2] = ["1.1.4-1.4.1/ios/level0", "1.1.4-1.4.1/android/level4"];

/// Of ordered pairs in the room the share that a rule detected, world by world, and how many pairs there were.
fn shares(out: &Path, rule: &str) -> Vec<(f64, u64)> {
    let of_world = |seed: u32| {
        let text = fs::read(out.join(format!("seed-{seed}/summary.json"))).expect("a summary");
        let summary: serde_json::Value = serde_json::from_slice(&text).expect("it is JSON");
        let rules = summary["rules"].as_array().expect("a list");
        let figures = rules.iter().find(|figures| figures["rule"] == rule).expect("the rule");
        let [tp, fp, fn_, tn] = ["tp", "fp", "fn", "tn"].map(|count| figures[count].as_u64().expect("a count"));
        let pairs = tp + fp + fn_ + tn;
        ((tp + fp) as f64 / pairs as f64, pairs)
    };
    (1..=WORLDS).map(of_world).collect()
}

/// Runs the worlds with this screen at and between tables, and this wall in the middle.
fn run(folder: &Path, screen: &str, wall: Option<&str>) {
    fs::create_dir(folder).expect("a folder");
    let wall =
        wall.map(|material| format!("\n[[walls]]\nfrom_m = [3.2, 1.2]\nto_m = [3.2, {{ from_end_m = 0.0 }}]\nmaterial = \"{material}\"\n"));
    fs::write(folder.join("kind.toml"), KIND.replace("SCREEN", screen) + &wall.unwrap_or_default()).expect("a file");
    fs::write(folder.join("scenario.toml"), SCENARIO).expect("a file");
    let worlds = WORLDS.to_string();
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("cocoasim"));
    command.current_dir(folder).args(["run", "scenario.toml", "--quiet", "--out", "out", "--replicates", &worlds]);
    let output = command.output().expect("the binary runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// With paired seeds, the 99 % interval of the mean difference over 8 worlds (Student's t) is not wholly above 0 for any screen or wall, and
/// wholly below 0 for metal ones.
///
/// The same people come, sit and carry their phones alike, and all chances of the air are the same draws: a dB more in the way can gain a
/// pair something only where a scan's draw of packets falls into another row of its table and hears more, or where the weaker packets of a
/// scan are lost and the mean of the others is nearer (in 3-8 % of worlds acrylic gains a rule a pair or two). So chance alone, and little
/// of it: of 64 worlds, differences of 2.0 and of minutes under have means of -0.4 to -0.5 points (acrylic, 0.2 dB; standard deviation
/// 0.4), -5 to -6 (plasterboard wall; 1.5), -13 to -18 (metal wall; 4) and -27 to -31 (metal screens; 4). All of 20,000 draws of 8 of
/// these 64 pass every condition here: an exactly right model passes with more than 0.999.
#[test]
fn a_screen_or_wall_more_does_not_raise_what_is_detected_and_metal_lowers_it() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let variants: [(&str, &str, Option<&str>); 5] = [
        ("none", "", None),
        ("acrylic screens", "acrylic", None),
        ("a plasterboard wall", "", Some("plasterboard")),
        ("metal screens", "metal", None),
        ("a metal wall", "", Some("metal")),
    ];
    let over = OverWorlds::new(WORLDS as usize, 0.99);
    for (at, (name, screen, wall)) in variants.into_iter().enumerate() {
        let out = dir.path().join(at.to_string());
        run(&out, screen, wall);
        for rule in JUDGED.into_iter().chain(OVER_A_RUN).filter(|_| at > 0) {
            let (without, with) = (shares(&dir.path().join("0/out"), rule), shares(&out.join("out"), rule));
            let paired = without.iter().zip(&with);
            assert!(paired.clone().all(|(a, b)| a.1 == b.1 && a.1 > 300), "the same people met: {without:?} {with:?}");
            let differences: Vec<f64> = paired.map(|(a, b)| b.0 - a.0).collect();
            let (mean, half) = over.mean(&differences).expect("eight worlds");
            let half = half.expect("eight worlds");
            println!(
                "{name}, {rule}: {:+.2} ({:+.2} to {:+.2}) points of pairs",
                100.0 * mean,
                100.0 * (mean - half),
                100.0 * (mean + half)
            );
            if JUDGED.contains(&rule) {
                assert!(mean - half <= 0.0, "{name}, {rule}: more are detected: {differences:?}");
                assert!(!name.contains("metal") || mean + half < 0.0, "{name}, {rule}: no fewer are detected: {differences:?}");
            }
        }
    }
}
