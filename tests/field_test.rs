//! The ministry's two field trials of 2021-12: the first, which the environment `trial` is fitted to, and the second, which nothing is.

use std::{collections::BTreeMap, path::Path};

use assert_cmd::Command;
use cocoasim::{
    faults::Faults,
    ids::PersonId,
    inputs::Inputs,
    math,
    mobility::{Carriage, Movement},
    output::{read_table, tables},
    population::People,
    radio::{CalibrationTable, Devices, RadioModel, Scan},
    random::Seed,
    scenario::{ScenarioFile, SourceArgs, open},
    time::DayJst,
    venue::FloorPlan,
};

#[expect(dead_code, reason = "each test uses its part")]
#[path = "support/kinds.rs"]
mod kinds;

#[expect(dead_code, reason = "each test uses its part")]
#[path = "support/floor.rs"]
mod floor;
use floor::Floor;

#[path = "support/data.rs"]
mod test_data;

const SCENARIO: &str = "field-test-1m-15min";
/// As the first trial's file names them.
const PLACEMENTS: [(&str, Carriage); 3] = [("face", Carriage::Hand), ("side", Carriage::Table), ("bag", Carriage::Bag)];
const DISTANCES_M: [f64; 2] = [1.0, 2.0];
const SHARES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
/// Those of `validate radio`, dB.
const TOLERANCES_DB: [f64; 5] = [3.0, 2.0, 2.0, 2.0, 3.0];
/// Attenuation (whole dB) and weight, by distance and placement.
type Cells = BTreeMap<(usize, usize), BTreeMap<i32, f64>>;

/// Typical attenuations of 54 pairs in trials of the scenario at 1 m and at 2 m, in a world of their own.
fn add_trials(cells: &mut Cells, scenario: &mut ScenarioFile, floor: &FloorPlan, table: &CalibrationTable, seed: u64) {
    let (seed, mut faults) = (Seed(seed), Faults::default());
    let people = People::generate(&scenario.population, &scenario.phones, seed);
    let model = RadioModel::new(&scenario.radio, seed);
    let devices = Devices::draw(&scenario.radio, table, &people, seed);
    let day = DayJst(18_981);
    let phones = people.len();
    let noon_s = day.start().0 + 12 * 3600;
    let scans: Vec<Vec<Scan>> = (0..phones as u32)
        .map(|p| {
            let os = people.os(PersonId(p)).expect("everybody has a phone");
            model.scan_times.between(PersonId(p), scenario.radio.scan_of(os), noon_s, noon_s + 2 * 3600)
        })
        .collect();
    for (distance, distance_m) in DISTANCES_M.into_iter().enumerate() {
        scenario.mobility.pairs.distance_m = distance_m;
        let pairs =
            Movement::pairs(&scenario.mobility, floor.clone(), &people, model.phone_offsets(), seed, &mut faults).expect("no faults");
        for venue_day in &pairs.day(day, &vec![false; people.len()]).venue_days {
            let placement = PLACEMENTS.iter().position(|(_, c)| *c == venue_day.stances[0].carriage).expect("one of the three");
            let plan = &pairs.plans()[0];
            let floor = Floor {
                kind: pairs.venues()[0].kind,
                plan,
                stances: &venue_day.stances,
                phones_m: 10.0,
                running: &vec![true; phones],
                scans: &scans,
                devices: &devices,
                barrier_codes: &vec![1; plan.materials.len()],
            };
            let cell = cells.entry((distance, placement)).or_default();
            floor.hear(&model).0.iter().for_each(|heard| *cell.entry(heard.mean_db.round() as i32).or_default() += 1.0);
        }
    }
}

/// Quantiles of each cell, dB, spread evenly within a decibel.
fn quantiles(cells: &Cells) -> BTreeMap<(usize, usize), [f64; 5]> {
    let of = |counts: &BTreeMap<i32, f64>| {
        let total: f64 = counts.values().sum();
        SHARES.map(|share| {
            let mut below = 0.0;
            for (&db, &weight) in counts {
                if below + weight >= share * total {
                    return f64::from(db) - 0.5 + (share * total - below) / weight;
                }
                below += weight;
            }
            f64::NAN
        })
    };
    cells.iter().map(|(cell, counts)| (*cell, of(counts))).collect()
}

fn outside(measured: &BTreeMap<(usize, usize), [f64; 5]>, model: &BTreeMap<(usize, usize), [f64; 5]>) -> usize {
    let far = |(cell, of): (&(usize, usize), &[f64; 5])| {
        (0..5).filter(|&q| model.get(cell).is_none_or(|m| (m[q] - of[q]).abs() > TOLERANCES_DB[q])).count()
    };
    measured.iter().map(far).sum()
}

/// Weights of attenuation at 1 and 2 m, iPhones and Android phones mixed as at the end of 2021: 110 contacts, so 54 pairs a distance
/// in each of the model's own experiments. Levels, exponent and losses were fitted to these very medians; the criterion
/// is that of `validate radio`: no more of 30 quantiles outside their tolerances than in the 99th of a hundred experiments of the
/// model itself.
#[test]
fn val_first_trial_by_placement_and_distance() {
    const EXPERIMENTS: u64 = 200;
    let Some(path) = test_data::data("radio/cocoa_field_test_1.csv") else { return };
    let mut measured = Cells::new();
    for line in std::fs::read_to_string(path).expect("it is readable").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |i: usize| fields[i].parse::<f64>().expect("a number");
        let distance = DISTANCES_M.iter().position(|d| *d == number(1)).expect("1 or 2 m");
        let placement = PLACEMENTS.iter().position(|(name, _)| *name == fields[2]).expect("a placement");
        *measured.entry((distance, placement)).or_default().entry(number(3) as i32).or_default() += number(4);
    }
    let measured = quantiles(&measured);
    let sets = vec!["population.workers=108".into()];
    let loaded = open(&SourceArgs { scenario: SCENARIO.into(), sets, seed: None }).unwrap_or_else(|faults| panic!("{faults}"));
    let floor = kinds::office_floor(&loaded);
    let mut scenario = loaded.scenario;
    // Each world makes tables of every environment.
    scenario.radio.environments.retain(|name, _| ["trial", "office", "home"].contains(&name.as_str()));
    let table = CalibrationTable::open(&scenario.radio.calibration, Path::new("."), &mut Inputs::default(), &mut Faults::default());
    let (mut all, mut each) = (Cells::new(), Vec::new());
    for seed in 1..=EXPERIMENTS {
        let mut one = Cells::new();
        add_trials(&mut one, &mut scenario, &floor, &table, seed);
        for (cell, counts) in &one {
            let sum = all.entry(*cell).or_default();
            counts.iter().for_each(|(db, n)| *sum.entry(*db).or_default() += n);
        }
        each.push(quantiles(&one));
    }
    let model = quantiles(&all);
    println!("| placement, m | q05 | q25 | q50 | q75 | q95 |\n|---|---|---|---|---|---|");
    for ((distance, placement), of) in &measured {
        let simulated = model[&(*distance, *placement)];
        let figures: String = (0..5).map(|q| format!(" {:.1} / {:.1} |", of[q], simulated[q])).collect();
        println!("| {}, {} |{figures}", PLACEMENTS[*placement].0, DISTANCES_M[*distance]);
    }
    let mut by_chance: Vec<usize> = each.iter().map(|one| outside(one, &model)).collect();
    by_chance.sort_unstable();
    let p99 = by_chance[by_chance.len() * 99 / 100];
    let mean = by_chance.iter().sum::<usize>() as f64 / by_chance.len() as f64;
    let found = outside(&measured, &model);
    println!("outside: {found} of 30; by chance {mean:.1} on average, at most {p99} in 99 of 100 experiments");
    assert!(found <= p99, "{found} of 30 quantiles outside, {p99} by chance");
}

/// A rule of the second trial's table: its name, its rule, and the least seconds asked besides.
const READINGS: [(&str, &str, f64); 4] = [
    ("2.0, score alone", "2.0-score-alone", 0.0),
    ("2.0, score and 900 s", "2.0", 0.0),
    ("draft, score alone", "2.0-draft", 0.0),
    ("draft, score and 900 s", "2.0-draft", 900.0),
];
/// Transmitter > observer; the last is all.
const OS_PAIRS: [&str; 5] = ["ios>ios", "ios>android", "android>ios", "android>android", "all"];

/// The share of trials found in one world, by reading and OS pair.
fn shares_found(out: &Path, sets: &[String]) -> [[f64; OS_PAIRS.len()]; READINGS.len()] {
    let mut command = Command::cargo_bin("cocoasim").expect("the binary is built");
    command.args(["run", SCENARIO, "--quiet", "--overwrite", "--out"]).arg(out);
    for set in sets {
        command.args(["--set", set]);
    }
    command.assert().success();
    let people = read_table(out, &tables::PEOPLE).expect("the table");
    let os: BTreeMap<u32, String> = (0..people.rows()).map(|i| (people.u32("person")[i], people.text("os").get(i).to_owned())).collect();
    let verdicts = read_table(out, &tables::VERDICTS).expect("the table");
    let mut counts = [[(0u32, 0u32); OS_PAIRS.len()]; READINGS.len()];
    for i in 0..verdicts.rows() {
        assert!(verdicts.bools("is_contact")[i], "every trial is a contact, of exactly 1 m and 15 minutes or more");
        let pair = format!("{}>{}", os[&verdicts.u32("transmitter")[i]], os[&verdicts.u32("observer")[i]]);
        let pair = OS_PAIRS.iter().position(|known| *known == pair).expect("a pair of systems");
        for (reading, (.., least_s)) in READINGS.iter().enumerate().filter(|(_, r)| verdicts.text("rule").get(i) == r.1) {
            let is_found = verdicts.bools("detected")[i] && verdicts.f64("duration_s")[i] >= *least_s;
            for cell in [pair, OS_PAIRS.len() - 1] {
                counts[reading][cell].0 += u32::from(is_found);
                counts[reading][cell].1 += 1;
            }
        }
    }
    counts.map(|row| row.map(|(found, trials)| f64::from(found) / f64::from(trials)))
}

/// Both conditions find no more than the score alone, and every trial counts.
#[test]
fn trials_are_contacts_and_the_second_condition_only_takes_away() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let [alone, both, draft, draft_both] = shares_found(&dir.path().join("out"), &["population.workers=200".into()]);
    for pair in 0..OS_PAIRS.len() {
        assert!(both[pair] <= alone[pair] && draft_both[pair] <= draft[pair], "{}", OS_PAIRS[pair]);
    }
    assert!(both[4] > 0.0 && both[4] < alone[4] && draft[4] < alone[4], "{alone:?} {both:?} {draft:?}");
}

/// The second trial, to which nothing is fitted, over eight worlds: mean and 95 % interval of the share found, for 15 to 18 minutes.
/// Figures are printed, not judged: the ministry's own are of about 44 trials.
#[test]
#[ignore = "32 runs take some minutes; docs/validation.md holds its table: cargo test --release --test field_test -- --ignored --nocapture"]
fn val_second_trial_over_eight_worlds() {
    const WORLDS: usize = 8;
    /// Student's t of seven degrees of freedom.
    const T: f64 = 2.3646;
    let dir = tempfile::tempdir().expect("a temporary folder");
    println!("| minutes | rule | {} |", OS_PAIRS.join(" | "));
    let mut before = 0.0;
    for minutes in 15..=18 {
        let worlds: Vec<_> = (1..=WORLDS)
            .map(|seed| {
                shares_found(&dir.path().join("out"), &[format!("run.seed={seed}"), format!("mobility.pairs.duration_min={minutes}")])
            })
            .collect();
        for (reading, (name, ..)) in READINGS.iter().enumerate() {
            let cells = (0..OS_PAIRS.len()).map(|pair| {
                let shares: Vec<f64> = worlds.iter().map(|world| 100.0 * world[reading][pair]).collect();
                let mean = shares.iter().sum::<f64>() / WORLDS as f64;
                let sd = (shares.iter().map(|s| math::powi(s - mean, 2)).sum::<f64>() / (WORLDS - 1) as f64).sqrt();
                format!("{mean:.0} ± {:.0}", T * sd / (WORLDS as f64).sqrt())
            });
            println!("| {minutes} | {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
        }
        let both = worlds.iter().map(|world| world[1][4]).sum::<f64>();
        assert!(both > before, "longer trials are found more often");
        before = both;
    }
}
