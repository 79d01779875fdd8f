//! The plain oracle: a small world again, second by second and pair by pair.
//!
//! One slow, obvious computation of truth, hearing, what is stored, matching, verdicts and confusion counts, from the scenario and the
//! tables `people` and `stances` alone, and with none of the engine's rooms: it shares the scenario, the streams of random numbers (and so
//! the keys and the order of draws), units and time. Worlds are drawn by their number: offices with their homes, trials of pairs, replayed
//! traces. Seconds agree within what a crossing of the circle may be wrong by, everything else exactly; where the two differ, one of them
//! is wrong, and the message names the world, day, pair and column.

mod barriers;
mod compare;
mod gaen;
#[expect(dead_code, reason = "each test uses its part")]
#[path = "../support/kinds.rs"]
mod kinds;
mod phones;
mod quantiles;
mod radio;
mod rules;
mod truth;
mod world;

use std::{collections::BTreeSet, path::Path};

use cocoasim::{
    random::{Keyed, Seed, Stream},
    run::{RunOptions, run},
    scenario::{SourceArgs, open},
};
use compare::{check_accuracy, check_contacts, check_roc, check_sightings, check_verdicts, judge, true_pairs};
use rand::RngExt;
use world::World;

/// Where people of a world come from.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    Generated,
    Pairs,
    Contacts,
}

/// Keys of a world and changes of its kinds, drawn from its number.
fn sets(number: u32, source: Source) -> (Vec<String>, Vec<(String, String)>) {
    let mut rng = Keyed::new(Seed(number.into()), Stream::MeasuredLink).rng(number, 0, 0);
    let mut one_of = |values: &[&str]| values[rng.random_range(0..values.len())].to_string();
    let mut sets = vec![format!("run.seed={}", 100 + number)];
    let mut changes = Vec::new();
    sets.extend(["output.stances=true", "output.sightings=true", "authority.cases=[]"].map(String::from));
    sets.extend(match source {
        Source::Generated => None,
        Source::Pairs => Some("mobility.source=pairs".into()),
        Source::Contacts => Some("mobility.source=contacts".into()),
    });
    for (key, values) in [
        ("population.workers", &["10", "12", "14", "16"][..]),
        ("population.departments", &["1", "3"]),
        ("run.days", &["2", "3"]),
        ("run.first_day", &["2020-06-22", "2020-09-07", "2020-09-24", "2021-02-17", "2022-04-06"]),
        ("phones.adoption", &["1", "0.8"]),
        ("phones.ios_share", &["0", "0.3", "0.5", "0.7", "1"]),
        ("phones.bluetooth_off", &["0", "0.2"]),
        ("phones.stops_advertising", &["0.01", "0.2"]),
        ("phones.stops_scanning", &["0.01", "0.2"]),
        ("phones.update_lag_mean_days", &["1", "4"]),
        ("mobility.work.telework_share", &["0", "0.3"]),
        ("office: talks_per_person = 6.0", &["6.0", "20.0"]),
        ("office: talk_distance_m = 0.9", &["0.9", "1.3"]),
        ("mobility.pairs.distance_m", &["0.6", "1", "2.5"]),
        ("mobility.pairs.between", &["people", "phones"]),
        ("mobility.pairs.duration_min", &["15", "16", "40"]),
        ("mobility.pairs.start_h", &["8.9", "13"]),
        ("mobility.contacts.environment", &["office", "classroom", "gym"]),
        ("mobility.contacts.venue_kind", &["office", "classroom", "ward", "hall"]),
        ("truth.between", &["people", "phones"]),
        ("truth.walls_separate", &["true", "false"]),
        ("truth.radius_m", &["1", "1.5"]),
        ("truth.duration_min", &["15", "10"]),
        ("truth.gap_min", &["5", "2"]),
        ("output.contacts_within_m", &["3", "2.2"]),
        ("accuracy.universe_within_m", &["20", "5"]),
        ("office: environment = \"office\"  # of", &["\"office\"  # of", "\"train\"  # of", "\"party\"  # of"]),
        ("home: environment = \"home\"", &["\"home\"", "\"ward\""]),
        ("radio.environments.office.level_at_1m_db", &["54.4", "65", "80"]),
        ("radio.environments.meeting.third_persons", &["true", "false"]),
        ("radio.environments.home.body_db", &["6", "20"]),
        ("radio.third_person_db", &["4.5", "9"]),
        ("radio.phone_use.music_share", &["0.03", "0.3"]),
        ("radio.advertising_interval_ms", &["250", "200"]),
        ("radio.packet_us", &["376", "3760"]),
        ("home: material = \"plasterboard\"", &["\"plasterboard\"", "\"concrete\"", "\"metal\""]),
        ("office: to_m = [15.0, 27.0], material = \"glass\"", &["\"glass\"", "\"brick\"", "\"low_e_glass\""]),
        ("gaen.rpi_hold_max_s", &["1200", "1500", "3600"]),
        ("timeline", &["[]", "[{date=\"always\",setting=\"server.key_level\",value=4}]"]),
        ("app.configuration_of_1_1_3", &["embedded", "served"]),
    ] {
        let value = one_of(values);
        match key.rsplit_once(" = ") {
            Some((of_kind, _)) => changes.push((key.to_string(), format!("{of_kind} = {value}"))),
            None => sets.push(format!("{key}={value}")),
        }
    }
    (sets, changes)
}

/// Writes the kinds office and home with these changes, each `kind: key = value` in place of the key's value, and gives the setting that
/// lists them.
fn kinds_of(changes: &[(String, String)], folder: &Path) -> String {
    let of = |kind: &str| {
        let prefix = format!("{kind}: ");
        let changes: Vec<(&str, &str)> =
            changes.iter().filter_map(|(from, to)| Some((from.strip_prefix(&prefix)?, to.strip_prefix(&prefix)?))).collect();
        kinds::changed(folder, kind, &changes)
    };
    kinds::listed(&["office", "home"].map(of))
}

/// A trace of a dozen people over two days: who was in contact in the 20 s before t.
fn trace(number: u32) -> String {
    let mut rng = Keyed::new(Seed(number.into()), Stream::MeasuredLink).rng(number, 1, 0);
    let mut records = BTreeSet::new();
    for _ in 0..60 {
        let from_s = rng.random_range(0..2) * 86_400 + rng.random_range(8 * 180..20 * 180) * 20;
        let (i, j) = (rng.random_range(1..12), rng.random_range(1..12));
        let number = if i == j { 0 } else { rng.random_range(1..80) };
        // Their numbers are no places in a list.
        records.extend((1..=number).map(|slot| (from_s + 20 * slot, 7 * i, 7 * j)));
    }
    records.into_iter().map(|(t_s, i, j)| format!("{t_s} {i} {j}\n")).collect()
}

/// Runs a world of the baseline and computes it again. Returns how many contacts, sightings and firings of rules were compared.
fn check(number: u32, source: Source, also: &[&str]) -> [usize; 3] {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (mut sets, changes) = sets(number, source);
    sets.push(kinds_of(&changes, dir.path()));
    sets.extend(also.iter().map(|set| (*set).to_string()));
    if source == Source::Contacts {
        let file = dir.path().join("trace.tij");
        std::fs::write(&file, trace(number)).expect("a trace");
        sets.push(format!("mobility.file={}", file.display()));
    }
    let loaded = open(&SourceArgs { scenario: "baseline".into(), sets, seed: None }).unwrap_or_else(|f| panic!("{f}"));
    let out = dir.path().join("run");
    run(&loaded, &RunOptions { out: Some(out.clone()), quiet: true, ..RunOptions::default() }).unwrap_or_else(|e| panic!("{e}"));
    let world = World::read(&loaded, &out);
    let what = format!("world {number}");
    let pairs = true_pairs(&world);
    let contacts = check_contacts(&world, &out, &pairs, &what);
    let stored = check_sightings(&world, &out, &what);
    let judged = judge(&world, &stored);
    let met = check_verdicts(&world, &out, &pairs, &judged, &what);
    check_accuracy(&world, &out, &pairs, &judged, &contacts, &met, &what);
    check_roc(&world, &out, &pairs, &judged, &met, &what);
    let fired = judged.iter().flat_map(|j| &j.verdicts).filter(|v| v.detected()).count();
    [contacts.len(), stored.len(), fired]
}

macro_rules! worlds {
    ($($name:ident = $number:literal $source:ident $also:expr),+ $(,)?) => {
        $(#[test]
        fn $name() {
            let compared = check($number, Source::$source, &$also);
            assert!(compared.iter().all(|number| *number >= 10), "too little happens: {compared:?} contacts, sightings, firings");
        })+
    };
}

worlds! {
    world_1 = 1 Generated [],
    world_2 = 2 Generated [],
    world_3 = 3 Generated [],
    world_4 = 4 Generated [],
    world_5 = 5 Generated [],
    world_6 = 6 Generated [],
    world_7 = 7 Generated [],
    world_8 = 8 Generated [],
    // Phones that are heard nowhere near from everywhere on the floor.
    short_reach = 10 Generated [
        "phones.ios_share=0",
        "phones.models=[{ oem = \"Huawei\", model = \"P30 lite\", os = \"android\", share = 1.0 }]",
        "phones.adoption=1",
        "radio.environments.office.level_at_1m_db=85",
        "radio.environments.office.exponent=0.9",
        "radio.environments.meeting.level_at_1m_db=85",
        "radio.environments.restaurant.level_at_1m_db=85",
        "radio.environments.train.level_at_1m_db=85",
        "radio.environments.party.level_at_1m_db=85",
        "radio.unmeasured_error_sd_db=10",
        "accuracy.universe_within_m=3",
        "mobility.work.telework_share=0",
    ],
    // Phones that are off over lunch, over midnight, or for good.
    off_hours = 12 Generated [
        "phones.adoption=1",
        "phones.off=[{ what = \"bluetooth\", share = 0.5, from_h = 12.5, until_h = 13.25, days_share = 0.5, why = \"lunch\" }, \
         { what = \"phone\", share = 0.5, from_h = 22, until_h = 9.5, days_share = 0.7, why = \"night\" }, \
         { what = \"exposure_notification\", share = 0.1, from_h = 0, until_h = 24, days_share = 1, why = \"battery\" }]",
    ],
    trial_1 = 11 Pairs [],
    trial_2 = 17 Pairs [],
    trace_1 = 13 Contacts [],
    trace_2 = 14 Contacts [],
}

/// A hundred worlds more: `cargo test --release --test oracle -- --ignored`.
#[test]
#[ignore = "a hundred worlds take some minutes: cargo test --release --test oracle -- --ignored"]
fn a_hundred_worlds_more() {
    let source = |number: u32| [Source::Pairs, Source::Contacts, Source::Generated, Source::Generated][number as usize % 4];
    let differs = |number: &u32| std::panic::catch_unwind(|| check(*number, source(*number), &[])).is_err();
    let different: Vec<u32> = (100..200).filter(differs).collect();
    assert!(different.is_empty(), "worlds {different:?} differ");
}
