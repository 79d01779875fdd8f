//! Phones that stop on some day: what is stored of a whole run loses their sightings from that moment on and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use cocoasim::{
    air::Beacons,
    gaen::derive_rpis,
    ids::PersonId,
    output::{read_table, tables},
    population::{OffHours, Outages, Working},
    random::Seed,
    scenario::{ScenarioFile, SourceArgs, open},
    time::{DayJst, UnixSeconds},
};

const SETS: [&str; 6] =
    ["population.workers=24", "run.days=2", "authority.cases=[]", "phones.adoption=1.0", "phones.bluetooth_off=0", "output.sightings=true"];

/// A stored record: observer, identifier, time, encrypted metadata, RSSI, previous scan.
type Record = (PersonId, Vec<u8>, i64, Vec<u8>, i32, i64);

/// Everything stored in a small office, and its scenario.
fn stored(stops: &[&str]) -> (BTreeSet<Record>, ScenarioFile) {
    let sets: Vec<String> = SETS.into_iter().chain(stops.iter().copied()).map(String::from).collect();
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    assert_cmd::Command::cargo_bin("cocoasim")
        .expect("the binary is built")
        .args(["run", "office", "--quiet"])
        .args(sets.iter().flat_map(|s| ["--set", s]))
        .arg("--out")
        .arg(&out)
        .assert()
        .success();
    let table = read_table(&out, &tables::SIGHTINGS).expect("the sightings");
    let record = |row: usize| {
        let fixed = |column: &str| table.fixed(column, row).to_vec();
        let [t_s, previous_scan_s] = ["t_s", "previous_scan_s"].map(|column| table.i64(column)[row]);
        (PersonId(table.u32("observer")[row]), fixed("rpi"), t_s, fixed("aem"), table.i32("rssi_dbm")[row], previous_scan_s)
    };
    let records = (0..table.rows()).map(record).collect();
    (records, open(&SourceArgs { scenario: "office".into(), sets, seed: None }).expect("no fault").scenario)
}

/// When the scan of a record began: an Android phone may store a second one 3 s later.
fn scan_s(records: &BTreeSet<Record>, record: &Record) -> i64 {
    let (observer, rpi, t_s, ..) = record;
    let first = (*observer, rpi.clone(), t_s - 3, Vec::new(), 0, 0);
    match records.range(first..).next() {
        Some((o, r, t, ..)) if (o, r, *t) == (observer, rpi, t_s - 3) => t_s - 3,
        _ => *t_s,
    }
}

/// When a phone of the run stops on the day of a moment.
fn works(scenario: &ScenarioFile, phone: PersonId, t_s: i64) -> Working {
    let day: DayJst = UnixSeconds(t_s).day_jst();
    Outages::new(&scenario.phones, Seed(scenario.run.seed)).of(phone, (day.start().0, day.end().0))
}

/// Whose identifier each is.
fn transmitters(all: &BTreeSet<Record>, scenario: &ScenarioFile) -> BTreeMap<[u8; 16], PersonId> {
    let beacons = Beacons::new(&scenario.gaen, Seed(scenario.run.seed));
    let days: BTreeSet<_> = all.iter().map(|record| UnixSeconds(record.2).day_utc()).collect();
    let phones: BTreeSet<PersonId> = all.iter().map(|record| record.0).collect();
    let mut transmitter = BTreeMap::new();
    for (phone, day) in phones.into_iter().flat_map(|p| days.iter().map(move |d| (p, *d))) {
        transmitter.extend(derive_rpis(&beacons.tek(phone, day)).map(|rpi| (rpi, phone)));
    }
    transmitter
}

#[test]
fn a_phone_that_stops_scanning_stores_nothing_from_then_on() {
    let (all, _) = stored(&["phones.stops_advertising=0", "phones.stops_scanning=0"]);
    let (stopped, scenario) = stored(&["phones.stops_advertising=0", "phones.stops_scanning=1"]);
    let expected: BTreeSet<Record> = all
        .iter()
        .filter(|record| {
            let t_s = scan_s(&all, record);
            t_s < works(&scenario, record.0, t_s).scans_until_s
        })
        .cloned()
        .collect();
    assert!(stopped == expected, "{} of {} records, expected {}", stopped.len(), all.len(), expected.len());
    assert!(stopped.len() < all.len() && stopped.len() > all.len() / 10);
}

#[test]
fn a_phone_that_stops_advertising_is_stored_by_nobody_from_then_on() {
    let (all, _) = stored(&["phones.stops_advertising=0", "phones.stops_scanning=0"]);
    let (stopped, scenario) = stored(&["phones.stops_advertising=1", "phones.stops_scanning=0"]);
    let transmitter = transmitters(&all, &scenario);
    let expected: BTreeSet<Record> = all
        .iter()
        .filter(|record| {
            let t_s = scan_s(&all, record);
            t_s < works(&scenario, transmitter[&record.1[..]], t_s).advertises_until_s
        })
        .cloned()
        .collect();
    assert!(stopped == expected, "{} of {} records, expected {}", stopped.len(), all.len(), expected.len());
    assert!(stopped.len() < all.len() && stopped.len() > all.len() / 10);
}

/// From 12:30 to 13:15 and from 23:00 to 9:06 nothing is heard; what is off makes no difference, and before and after nothing is lost.
#[test]
fn nothing_is_stored_in_hours_in_which_all_are_off() {
    const NONE: [&str; 2] = ["phones.stops_advertising=0", "phones.stops_scanning=0"];
    let (all, _) = stored(&NONE);
    let second = |t_s: i64| t_s - UnixSeconds(t_s).day_jst().start().0;
    for what in ["bluetooth", "exposure_notification", "phone"] {
        let row = |from: &str, until: &str| format!("{{what=\"{what}\",share=1,from_h={from},until_h={until},days_share=1,why=\"\"}}");
        let off = format!("phones.off=[{},{}]", row("12.5", "13.25"), row("23", "9.1"));
        let (left, _) = stored(&[&NONE[..], &[&off]].concat());
        let is_off = |t_s: i64| (45_000..47_700).contains(&second(t_s)) || !(32_760..82_800).contains(&second(t_s));
        let expected: BTreeSet<Record> = all.iter().filter(|record| !is_off(scan_s(&all, record))).cloned().collect();
        assert!(left == expected, "{what}: {} of {} records, expected {}", left.len(), all.len(), expected.len());
        assert!(left.len() < all.len() && left.len() > all.len() / 10);
    }
}

/// Some phones on some days: neither scans of theirs nor their advertisements are there.
#[test]
fn each_phone_is_off_in_its_own_hours() {
    let sets = ["phones.stops_advertising=0", "phones.stops_scanning=0"];
    let off = "phones.off=[{what=\"bluetooth\",share=0.5,from_h=10,until_h=16,days_share=0.5,why=\"\"}]";
    let (all, _) = stored(&sets);
    let (left, scenario) = stored(&[&sets[..], &[off]].concat());
    let transmitter = transmitters(&all, &scenario);
    let hours = OffHours::new(&scenario.phones.off, Seed(scenario.run.seed));
    let is_off = |phone: PersonId, t_s: i64| hours.spans(phone, (t_s, t_s + 1)).next().is_some();
    let keeps = |record: &&Record| {
        let t_s = scan_s(&all, record);
        !is_off(record.0, t_s) && !is_off(transmitter[&record.1[..]], t_s)
    };
    let expected: BTreeSet<Record> = all.iter().filter(keeps).cloned().collect();
    assert!(left == expected, "{} of {} records, expected {}", left.len(), all.len(), expected.len());
    assert!(left.len() < all.len() && left.len() > all.len() / 4);
}
