//! The engine's shortcuts change nothing: a run of pairs with a source alone gives the census's rows of those pairs, and judging by the known
//! transmitter what a phone makes of the identifiers that it stored.

use std::{collections::BTreeMap, path::Path};

use cocoasim::{
    air::Beacons,
    app::{evaluate, judge_all, released_rules},
    engine::Sources,
    gaen::{DiagnosisKey, PublishedIndex, Sighting, Tracer},
    ids::PersonId,
    output::{Batch, read_table, tables},
    random::Seed,
    run::{RunOptions, run},
    scenario::{SourceArgs, open},
    time::DayUtc,
};

fn office(out: &Path, sets: &[&str], sources: Sources) {
    let sets = sets.iter().copied().chain(["run.days=4"]).map(String::from).collect();
    let loaded = open(&SourceArgs { scenario: "office".into(), sets, seed: None }).unwrap_or_else(|f| panic!("{f}"));
    let options = RunOptions { out: Some(out.to_owned()), quiet: true, sources, ..RunOptions::default() };
    run(&loaded, &options).unwrap_or_else(|e| panic!("{e}"));
}

/// Rows as text, of those on which one of the two columns names a source.
fn rows_of(table: &Batch, (one, other): (&str, &str), sources: &[u32]) -> Vec<String> {
    let is_of = |row: &usize| [one, other].iter().any(|column| sources.contains(&table.u32(column)[*row]));
    let cell = |row: usize| {
        table.spec().columns.iter().map(move |column| match column.kind.name().as_str() {
            "uint32" => format!("{}", table.u32(column.name)[row]),
            "float64" => format!("{:?}", table.f64(column.name)[row]),
            "bool" => format!("{}", table.bools(column.name)[row]),
            "date32" => format!("{}", table.days(column.name)[row]),
            _ => table.text(column.name).get(row).to_owned(),
        })
    };
    let mut rows: Vec<String> = (0..table.rows()).filter(is_of).map(|row| cell(row).collect::<Vec<_>>().join(" ")).collect();
    rows.sort();
    rows
}

#[test]
fn a_run_with_sources_alone_gives_the_census_rows_of_those_sources() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (all, some) = (dir.path().join("all"), dir.path().join("some"));
    let sets = ["phones.adoption=0.7", "authority.cases=[{person=3,onset_day=2},{person=40,onset_day=3}]"];
    let sources = [3, 17, 40];
    office(&all, &sets, Sources::Everybody);
    office(&some, &sets, Sources::Only(sources.map(PersonId).to_vec()));
    let read = |out: &Path, table| read_table(out, table).unwrap_or_else(|e| panic!("{e}"));
    for (table, ends) in [(&tables::VERDICTS, ("observer", "transmitter")), (&tables::CONTACTS, ("a", "b"))] {
        let (census, alone) = (read(&all, table), read(&some, table));
        let expected = rows_of(&census, ends, &sources);
        assert!(expected.len() > 100 && census.rows() > 2 * expected.len(), "{}: {} of {}", table.name, expected.len(), census.rows());
        assert_eq!(alone.rows(), expected.len(), "{}: no other pair is looked at", table.name);
        assert_eq!(rows_of(&alone, ends, &sources), expected, "{}", table.name);
    }
    // Of those whom they meet not all contacts are looked at: contacts by everybody's time would be too few.
    let rate = |out: &Path| {
        let summary: serde_json::Value =
            serde_json::from_slice(&std::fs::read(out.join("summary.json")).expect("a summary")).expect("it is JSON");
        summary["contact_rates"][0]["per_person_hour"].as_f64()
    };
    assert!(rate(&all).is_some_and(|rate| rate > 0.0) && rate(&some).is_none());
    // The cases are sources, and so the system around them does the same.
    for name in ["uploads", "exports", "notifications", "funnel"] {
        let bytes = |out: &Path| std::fs::read(out.join(format!("{name}.parquet"))).expect("a table");
        assert_eq!(bytes(&all), bytes(&some), "{name}");
    }
}

/// UTC day, observer, transmitter, rule.
type Place = (i32, u32, u32, String);

#[test]
fn judging_by_the_known_transmitter_is_judging_what_phones_stored() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("run");
    // Identifiers held for over 20 minutes, so that some are taken for replays.
    let sets = ["population.workers=16", "phones.adoption=1", "authority.cases=[]", "output.sightings=true", "gaen.rpi_hold_max_s=2400"];
    office(&out, &sets, Sources::Everybody);
    let read = |table| read_table(&out, table).unwrap_or_else(|e| panic!("{e}"));
    let (verdicts, sightings) = (read(&tables::VERDICTS), read(&tables::SIGHTINGS));

    // What each phone stored, in the order of its store.
    let mut stores: BTreeMap<u32, Vec<Sighting>> = BTreeMap::new();
    for row in 0..sightings.rows() {
        let bytes = |column| sightings.fixed(column, row);
        stores.entry(sightings.u32("observer")[row]).or_default().push(Sighting {
            rpi: bytes("rpi").try_into().expect("16 bytes"),
            aem: bytes("aem").try_into().expect("4 bytes"),
            t_s: sightings.i64("t_s")[row] as u32,
            rssi_dbm: sightings.i32("rssi_dbm")[row] as i8,
            previous_scan_s: sightings.i64("previous_scan_s")[row] as u32,
        });
    }
    let scenario =
        open(&SourceArgs { scenario: "office".into(), sets: sets.map(String::from).into(), seed: None }).expect("no fault").scenario;
    let (beacons, rules) = (Beacons::new(&scenario.gaen, Seed(scenario.run.seed)), released_rules());
    let phones: Vec<u32> = stores.keys().copied().collect();

    // Every phone's key of every day, as if published, looked up in every store.
    let mut expected: BTreeMap<Place, (f64, f64, bool)> = BTreeMap::new();
    let days: std::collections::BTreeSet<i32> = verdicts.days("day_utc").iter().copied().collect();
    for day in days.into_iter().map(DayUtc) {
        let key = |p: &u32| DiagnosisKey {
            tek: beacons.tek(PersonId(*p), day),
            transmission_risk_level: 0,
            report_type: None,
            days_since_onset: None,
        };
        let keys: Vec<DiagnosisKey> = phones.iter().map(key).collect();
        let index = PublishedIndex::new(&keys);
        for (observer, store) in &stores {
            for found in index.match_store(store, &mut Tracer::default()) {
                let (key, mut judged) = (&keys[found.key], Vec::new());
                let now_s = (day.end().0 + 12 * 3600) as u32;
                judge_all(&rules, &found, &evaluate(&found, key), key, (now_s, day.end().0 as u32), &mut judged);
                for (rule, verdict) in rules.iter().zip(judged) {
                    let place = (day.0, *observer, phones[found.key], rule.name.clone());
                    expected.insert(place, (verdict.score, verdict.duration_s, verdict.detected));
                }
            }
        }
    }
    let (mut matched, mut rows) = (0, 0);
    for row in 0..verdicts.rows() {
        let (observer, transmitter, rule) =
            (verdicts.u32("observer")[row], verdicts.u32("transmitter")[row], verdicts.text("rule").get(row));
        if rule == "installed" {
            continue;
        }
        let place = (verdicts.days("day_utc")[row], observer, transmitter, rule.to_owned());
        let known = (verdicts.f64("score")[row], verdicts.f64("duration_s")[row], verdicts.bools("detected")[row]);
        let stored = expected.remove(&place);
        rows += 1;
        matched += usize::from(stored.is_some());
        assert_eq!(known, stored.unwrap_or_default(), "{place:?}");
    }
    assert!(matched > 1000 && rows > matched, "{matched} of {rows}");
    // Beyond the universe's distance only firings have a row.
    assert!(expected.values().all(|(.., detected)| !detected));
}
