//! Keys and records are void after 14 days: on a phone at a check, at the server and in what phones match.

use std::collections::BTreeMap;

use cocoasim::{
    gaen::{Sighting, SightingStore, export::read_archive},
    output::{Batch, TableSpec, read_table, tables},
    run::{RunOptions, run},
    scenario::{SourceArgs, open},
    time::{DAY_S, ENIN_S, UnixSeconds},
};

const DAYS: i64 = 14;

/// 24 days with three cases: one whose keys go far back when they are registered, and two who register soon.
fn story() -> tempfile::TempDir {
    let sets = [
        "app.faults=\"none\"",
        "run.first_day=\"2020-12-20\"",
        "run.days=24",
        "population.workers=16",
        "phones.adoption=1",
        "phones.bluetooth_off=0",
        "phones.smartphone_shares=[1,1,1,1,1,1,1,1]",
        "phones.update_lag_mean_days=0",
        "mobility.work.telework_share=0",
        "app.stays_home_share=0",
        "authority.stays_home_from_onset_share=0",
        "authority.entry_delay_mean_h=0.01",
        "authority.entry_into_hersys_h=0",
        "output.sightings=true",
        "output.verdicts=false",
        // Keys from three days before onset on: those of the first go back to the run's first day, 15 days before its result.
        "authority.cases=[{person=3,onset_day=3,result_day=15,registers=\"yes\"},{person=5,onset_day=4,result_day=5,registers=\"yes\"},\
         {person=8,onset_day=8,result_day=20,registers=\"yes\"}]",
    ];
    let loaded = open(&SourceArgs { scenario: "office".into(), sets: sets.map(String::from).into(), ..SourceArgs::default() });
    let loaded = loaded.unwrap_or_else(|faults| panic!("{faults}"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    run(&loaded, &RunOptions { out: Some(folder.path().join("run")), quiet: true, ..RunOptions::default() })
        .unwrap_or_else(|e| panic!("{e}"));
    folder
}

fn read(folder: &tempfile::TempDir, spec: &'static TableSpec) -> Batch {
    read_table(&folder.path().join("run"), spec).expect("the table")
}

/// 00:00 UTC so many days before a moment.
fn midnight_before_s(at_s: i64, days: i64) -> i64 {
    at_s.div_euclid(DAY_S) * DAY_S - days * DAY_S
}

#[test]
fn nothing_older_is_stored_served_or_matched() {
    let folder = story();
    let (exports, told, sightings) =
        (read(&folder, &tables::EXPORTS), read(&folder, &tables::NOTIFICATIONS), read(&folder, &tables::SIGHTINGS));

    // Served: a key that is published began no earlier than 00:00 UTC 14 days before, and has ended.
    let (mut keys, mut oldest_days) = (0, 0);
    for row in 0..exports.rows() {
        let zip = std::fs::read(folder.path().join("run/published").join(exports.text("file").get(row))).expect("a published file");
        let created_s = exports.i64("created_s")[row];
        for key in read_archive(&zip).expect("a zip that phones take").file.keys {
            let start_s = i64::from(key.rolling_start_interval_number) * ENIN_S;
            let end_s = start_s + i64::from(key.rolling_period) * ENIN_S;
            assert!(start_s >= midnight_before_s(created_s, DAYS), "a key that began {} s before its export", created_s - start_s);
            assert!(end_s <= created_s && created_s - end_s < DAYS * DAY_S, "a key that ended {} s before its export", created_s - end_s);
            oldest_days = oldest_days.max((midnight_before_s(created_s, 0) - start_s) / DAY_S);
            keys += 1;
        }
    }
    let uploaded: u32 = read(&folder, &tables::UPLOADS).u32("keys").iter().sum();
    assert!(keys > 20 && (DAYS - 1..=DAYS).contains(&oldest_days), "{keys} keys of {uploaded}, the oldest of {oldest_days} days");

    // Stored: what a phone counts at a check is no older, to the second; nothing younger is dropped, and there was something older.
    let mut stores: BTreeMap<u32, SightingStore> = BTreeMap::new();
    let mut order: Vec<usize> = (0..sightings.rows()).collect();
    order.sort_by_key(|i| sightings.i64("t_s")[*i]);
    for i in order {
        let sighting = Sighting {
            rpi: sightings.fixed("rpi", i).try_into().expect("16 bytes"),
            aem: sightings.fixed("aem", i).try_into().expect("4 bytes"),
            t_s: sightings.i64("t_s")[i] as u32,
            rssi_dbm: sightings.i32("rssi_dbm")[i] as i8,
            previous_scan_s: sightings.i64("previous_scan_s")[i] as u32,
        };
        stores.entry(sightings.u32("observer")[i]).or_default().push(sighting);
    }
    let mut dropped = 0;
    for row in 0..told.rows() {
        let checked_s = told.i64("checked_s")[row];
        let store = &stores[&told.u32("person")[row]];
        let mut at_check = store.clone();
        at_check.expire(UnixSeconds(checked_s).day_jst().end().0 as u32);
        let counted = at_check.within_14_days(checked_s as u32);
        let age_s = |sighting: &Sighting| checked_s - i64::from(sighting.t_s);
        assert!(counted.iter().all(|sighting| age_s(sighting) <= DAYS * DAY_S));
        let younger = store
            .sightings()
            .iter()
            .filter(|sighting| age_s(sighting) <= DAYS * DAY_S && midnight_before_s(checked_s, DAYS - 1) <= i64::from(sighting.t_s));
        assert!(younger.count() <= counted.len(), "nothing of the last 13 days is dropped");
        dropped += store.len() - counted.len();
    }
    assert!(dropped > 0, "there was something older");

    // Matched: no day is on a screen that ended more than 14 days before the check.
    let (mut shown, mut oldest_s) = (0, 0);
    for row in (0..told.rows()).filter(|row| !told.is_null("day_utc", *row)) {
        let end_s = i64::from(told.days("day_utc")[row] + 1) * DAY_S;
        oldest_s = oldest_s.max(told.i64("checked_s")[row] - end_s);
        shown += 1;
    }
    assert!(shown > 10 && oldest_s <= DAYS * DAY_S, "{shown} days, the oldest ended {oldest_s} s before");
    assert!(oldest_s > 9 * DAY_S, "some go far back: {oldest_s} s");
}
