//! Each known fault both ways, on small offices run by the built binary: with it the table `repairs` names somebody whom it struck, without it
//! nobody is.

use assert_cmd::Command;
use cocoasim::output::tables;

#[path = "support/office.rs"]
mod support;
use support::read;

fn office(sets: &[&str]) -> tempfile::TempDir {
    let common = ["phones.ios_share=0.5", "authority.governments=[]"];
    support::office(&[&common[..], sets].concat())
}

/// Numbers are issued whenever somebody asks, and keys have level 4.
const NUMBERS_AND_LEVEL_4: &str = "timeline=[{date=\"always\",setting=\"hersys.numbers\",value=\"on_request\"},\
                                   {date=\"always\",setting=\"server.key_level\",value=4}]";
const NUMBERS: &str = "timeline=[{date=\"always\",setting=\"hersys.numbers\",value=\"on_request\"}]";
const RATES: &str = "app.fault_rates={app_data_lost_a_year=365,migration_fails_share=1,battery_saver_days_share=1}";

/// A fault, the run in which it must arise, and whether it strikes registrations (else phones).
const FAULTS: &[(&str, &[&str], bool)] = &[
    ("F1", &["run.first_day=\"2020-07-20\"", "phones.never_updates_share=1", "app.registration.mistyped_share=1"], true),
    ("F2", &["run.first_day=\"2020-07-06\"", NUMBERS], true),
    ("F2b", &["run.first_day=\"2020-09-10\"", "app.registration.same_day_key_share=1"], true),
    ("F2c", &["run.first_day=\"2022-01-12\"", "authority.number_issue_h=0"], true),
    ("F3", &["run.first_day=\"2020-09-10\"", "run.days=6"], false),
    ("F4", &["run.first_day=\"2020-12-21\"", NUMBERS_AND_LEVEL_4, RATES], false),
    ("F4c", &["run.first_day=\"2021-02-17\"", NUMBERS_AND_LEVEL_4, RATES], false),
    ("F5", &["run.first_day=\"2020-09-10\"", "run.days=6"], false),
    ("F6", &["run.first_day=\"2020-11-02\""], false),
    // Both cases in one check, and two distances: one exposure reaches the score, another does not.
    ("F7", &["run.first_day=\"2020-12-21\"", NUMBERS_AND_LEVEL_4, "population.workers=40"], false),
    ("F8", &["run.first_day=\"2020-12-21\"", NUMBERS_AND_LEVEL_4], false),
    ("F8b", &["run.first_day=\"2021-06-07\"", RATES], false),
    ("F9", &["run.first_day=\"2020-12-21\"", NUMBERS_AND_LEVEL_4, "gaen.calls_a_day_ios=0", "gaen.calls_a_day_android=0"], false),
    ("F12", &["run.first_day=\"2021-06-07\"", "phones.abroad_share=1"], true),
    ("F14", &["run.first_day=\"2021-11-22\"", "run.days=4"], false),
    ("F15", &["run.first_day=\"2022-05-09\""], false),
];

#[test]
fn every_fault_strikes_somebody_and_nobody_without_it() {
    for (id, sets, is_of_registrations) in FAULTS {
        let struck = |faults: &str| {
            let faults = format!("app.faults={faults}");
            let repairs = read(&office(&[sets, &[faults.as_str()][..]].concat()), &tables::REPAIRS);
            let column = if *is_of_registrations { "registrations" } else { "phones" };
            (0..repairs.rows()).find(|i| repairs.text("fault").get(*i) == *id).map(|i| repairs.u32(column)[i])
        };
        let with = struck(&format!("[\"{id}\"]"));
        assert!(with.is_some_and(|n| n > 0), "{id}: {with:?}");
        assert_eq!(struck("\"none\""), None, "{id}");
    }
}

/// Fault F17: three weeks after a warning the screen still counts it, and does not without the fault, or from the release that mended it.
#[test]
fn old_days_stay_on_the_screen_until_1_2_6() {
    let hidden = |first_day: &str, faults: &str| {
        let (first_day, faults) = (format!("run.first_day=\"{first_day}\""), format!("app.faults={faults}"));
        let dir = office(&[&first_day, &faults, NUMBERS_AND_LEVEL_4, "run.days=26", "app.opens_every_days=1", "population.workers=12"]);
        let screens = read(&dir, &tables::SCREENS);
        let (rows, old) = (0..screens.rows(), |i: &usize| screens.u32("hidden_days")[*i] > 0);
        let first_s = screens.i64("opened_s").iter().min().copied().unwrap_or(0);
        let late = |i: &usize| screens.i64("opened_s")[*i] - first_s > 20 * 86_400 && !screens.is_null("day_utc", *i);
        (rows.clone().filter(old).count() > 0, rows.filter(late).count() > 0)
    };
    assert_eq!(hidden("2021-06-07", "[\"F17\"]"), (false, true), "with the fault");
    assert_eq!(hidden("2021-06-07", "\"none\""), (true, false), "without");
    assert_eq!(hidden("2021-10-04", "[\"F17\"]"), (true, false), "from 1.2.6 on");
}

/// The three operations show the faults that they are about.
#[test]
#[ignore = "three runs of months take half a minute: cargo test --release --test faults -- --ignored"]
fn operations_show_their_faults() {
    let shown = |scenario: &str, ids: &[&str]| {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut command = Command::cargo_bin("cocoasim").expect("the binary is built");
        command.args(["run", scenario, "--quiet", "--overwrite", "--out"]).arg(dir.path()).assert().success();
        let repairs = read(&dir, &tables::REPAIRS);
        for id in ids {
            let row = (0..repairs.rows()).find(|i| repairs.text("fault").get(*i) == *id);
            let struck = row.map_or(0, |i| repairs.u32("phones")[i] + repairs.u32("registrations")[i]);
            assert!(struck > 0, "{scenario}: {id}");
        }
    };
    shown("first-summer", &["F1", "F2", "F3", "F4", "F5"]);
    shown("autumn-fault", &["F6", "F7", "F8", "F9"]);
    shown("v2-spring", &["F15"]);
}
