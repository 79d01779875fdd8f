//! Phones over time, on small offices run by the built binary: what the people table says of them, and that it hangs on nothing else.

use std::path::Path;

use assert_cmd::Command;
use cocoasim::{
    output::{Batch, read_table, tables},
    time::DayJst,
};

#[path = "support/office.rs"]
mod support;
use support::read;

/// Runs the office with some keys set, and options.
fn office(out: &Path, options: &[&str], sets: &[&str]) {
    let mut command = Command::cargo_bin("cocoasim").expect("the binary is built");
    command.args(["run", "office", "--quiet", "--out"]).arg(out).args(options);
    for set in ["population.workers=30", "phones.adoption=1", "output.verdicts=false"].iter().chain(sets) {
        command.args(["--set", set]);
    }
    command.assert().success();
}

fn people(out: &Path) -> Batch {
    read_table(out, &tables::PEOPLE).expect("the people")
}

/// From 19 June 2020 to the run's last day: of 4.34 million on the 25th, 3.26 (75 %) were there on the 22nd. Half stop at the terms.
#[test]
fn the_people_table_says_when_and_how_far() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let sets = [
        "run.first_day=\"2020-06-18\"",
        "run.days=8",
        "population.workers=60",
        "phones.installed=\"as_downloaded\"",
        "phones.drop_out={introduction=0,terms=0.5,privacy_policy=0,system_permission=0,notifications=0.5,guardian=0}",
        "phones.systems=[{os=\"ios\",version=\"13.5\",share=1},{os=\"ios\",version=\"14.0\",share=3}]",
        "authority.cases=[]",
    ];
    office(dir.path(), &["--overwrite"], &sets);
    let people = people(dir.path());
    let day = |text: &str| DayJst::parse(text).expect("a date").0;
    let installed: Vec<usize> = (0..people.rows()).filter(|i| !people.is_null("installed_day", *i)).collect();
    let days: Vec<i32> = installed.iter().map(|i| people.days("installed_day")[*i]).collect();
    assert_eq!((days.iter().min(), days.iter().max().map(|last| *last <= day("2020-06-25"))), (Some(&day("2020-06-19")), Some(true)));
    let early = days.iter().filter(|d| **d <= day("2020-06-22")).count() as f64 / days.len() as f64;
    assert!((early - 0.75).abs() < 0.12, "{early} of {}", days.len());
    let consent = |what: &str| installed.iter().filter(|i| people.text("consent").get(**i) == what).count() as f64 / installed.len() as f64;
    assert!((consent("terms") - 0.5).abs() < 0.12 && (consent("yes") - 0.25).abs() < 0.1, "{} {}", consent("terms"), consent("yes"));
    assert!((consent("terms") + consent("yes") + consent("without_notifications") - 1.0).abs() < 1e-9);
    for i in 0..people.rows() {
        let version = people.text("os_version").opt(i);
        assert_eq!(version.is_some(), people.text("os").opt(i) == Some("ios"), "{version:?}");
        assert_eq!(people.is_null("consent", i), people.is_null("installed_day", i));
        let runs = people.bools("phone_runs")[i];
        assert!(!runs || people.text("consent").get(i) != "terms", "who does not agree takes no part");
    }
}

/// Everything at once, on one thread and on two, and cut by a kill: the same files.
#[test]
fn phones_over_time_are_the_same_for_any_number_of_threads() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let sets = [
        "run.first_day=\"2020-09-15\"",
        "run.days=10",
        "phones.installed=\"2020-08-20\"",
        "phones.uninstalls_a_year=20",
        "phones.deletes_in_app_a_year=20",
        "phones.reinstalls_share=0.8",
        "phones.reinstalls_after_mean_days=2",
        "phones.restored_share=0.3",
        "phones.abroad_share=0.05",
        "phones.swapped_share=0.1",
        "phones.passed_on_a_year=10",
        "phones.off=[{what=\"phone\",share=0.4,from_h=23,until_h=7,days_share=0.8,why=\"night\"}]",
        "authority.cases=[{person=3,has_app=true,onset_day=1,result_day=3,registers=\"yes\"},{person=9,onset_day=2,result_day=4}]",
    ];
    let manifest = |threads: &str| {
        let out = dir.path().join(threads);
        office(&out, &["--threads", threads], &sets);
        std::fs::read(out.join("manifest.json")).expect("the manifest")
    };
    assert!(manifest("1") == manifest("2"), "other files");
    let reasons = read_table(&dir.path().join("1"), &tables::REASONS).expect("the reasons");
    assert!(reasons.rows() > 10, "{}", reasons.rows());
}

/// Everybody lives with one other person, and each case is in contact with colleagues. Where all carry the other's phone, no phone of a
/// colleague hears the case's, which is at the case's home. Where phones are passed on, cases have no phone to register with, or colleagues
/// none to be warned on.
#[test]
fn phones_in_other_hands_warn_nobody_of_what_their_owners_did() {
    let reasons = |sets: &[&str]| {
        let common = [
            "run.first_day=\"2022-05-09\"",
            "app.faults=\"none\"",
            "authority.governments=[]",
            "population.household_size_shares=[0,1]",
            "population.workers=40",
        ];
        let always = "timeline=[{date=\"always\",setting=\"hersys.numbers\",value=\"on_request\"},\
                      {date=\"always\",setting=\"server.key_level\",value=4}]";
        let reasons = read(&support::office(&[&common[..], &[always], sets].concat()), &tables::REASONS);
        // The 40 workers come first.
        let rows = (0..reasons.rows()).filter(|i| reasons.u32("observer")[*i] < 40);
        let all: Vec<String> = rows.map(|i| reasons.text("reason_14_days").get(i).to_string()).collect();
        move |why: &str| (all.iter().filter(|reason| reason.as_str() == why).count(), all.len())
    };
    let own = reasons(&[]);
    assert!(own("warned in time").0 > 5 && own("phone in other hands").0 == 0, "{:?}", own("warned in time"));
    let swapped = reasons(&["phones.swapped_share=1"]);
    // The day on which a number was entered has no key yet, in whosever hands phones are.
    let (lost, all) = swapped("phone in other hands");
    assert_eq!((lost + swapped("no key of that day uploaded").0, swapped("warned in time").0), (all, 0));
    let passed_on = reasons(&["phones.passed_on_a_year=36.5", "phones.installed=\"2022-04-18\""]);
    let without = ["phone passed on", "no smartphone", "phone in other hands"].map(|why| passed_on(why).0);
    assert!(without.iter().sum::<usize>() > 0 && passed_on("warned in time").0 < own("warned in time").0, "{without:?}");
}

/// From Friday 13 to Monday 23 May 2022: one case's result comes on Friday the 20th, the other's on Saturday. Who has two phones hears nothing at
/// weekends, from 09:00 JST to 09:00 JST, opens no app, and enters no number before it has expired on Sunday. The phone checks all the same what is
/// exported at 08:00 JST on Saturday, and what it found is seen on Monday.
#[test]
fn who_has_two_phones_hears_and_sees_nothing_at_weekends() {
    const ON_OTHER: &str = "app on the other phone";
    const WARNED: &str = "warned in time";
    const WEEKEND: [&str; 4] = ["2022-05-14", "2022-05-15", "2022-05-21", "2022-05-22"];
    let day = |text: &str| DayJst::parse(text).expect("a date").0;
    let weekend = WEEKEND.map(day);
    let utc_day = |at_s: i64| at_s.div_euclid(86_400) as i32;
    let cases = |result_days: &[(u32, i32)]| {
        let case = |(person, day): &(u32, i32)| format!("{{person={person},onset_day=3,result_day={day},registers=\"yes\"}}");
        format!("authority.cases=[{}]", result_days.iter().map(case).collect::<Vec<_>>().join(","))
    };
    let office = |second_share: f64, cases: &str| {
        support::office(&[
            "run.first_day=\"2022-05-13\"",
            "run.days=11",
            "app.faults=\"none\"",
            "app.opens_every_days=1",
            "authority.governments=[]",
            cases,
            "population.household_size_shares=[0,1]",
            "timeline=[{date=\"always\",setting=\"server.key_level\",value=4},\
                       {date=\"always\",setting=\"server.export_hours_utc\",value=[23]}]",
            &format!("phones.second_share={second_share}"),
        ])
    };
    let cases_of_two = cases(&[(3, 7), (4, 8)]);
    let (one, two) = (office(0.0, &cases_of_two), office(1.0, &cases_of_two));
    // Of contacts of other cases than person 4 why each was not warned of, and whether it was at a weekend.
    let reasons = |dir: &tempfile::TempDir| {
        let reasons = read(dir, &tables::REASONS);
        let rows = (0..reasons.rows()).filter(|i| reasons.u32("case")[*i] != 4);
        rows.map(|i| (reasons.text("reason_14_days").get(i).to_string(), weekend.contains(&reasons.days("day_utc")[i]))).collect::<Vec<_>>()
    };
    let with = |all: &[(String, bool)], why: &str, at_weekend: bool| all.iter().filter(|row| row.0 == why && row.1 == at_weekend).count();
    let (of_one, of_two) = (reasons(&one), reasons(&two));
    assert!(with(&of_one, WARNED, true) > 0 && with(&of_one, WARNED, false) > 0, "{of_one:?}");
    assert!(of_one.iter().all(|(why, _)| !why.contains("other phone")), "{of_one:?}");
    let at_weekends = of_two.iter().filter(|row| row.1).count();
    assert_eq!((with(&of_two, ON_OTHER, true), with(&of_two, ON_OTHER, false)), (at_weekends, 0), "{of_two:?}");
    assert_eq!(with(&of_two, WARNED, false), with(&of_one, WARNED, false));
    // Of who lives with a case the one has two phones, or the other, or both, or neither.
    let mixed = reasons(&office(0.5, &cases(&[0, 1, 2, 3, 5, 6, 7, 8].map(|person| (person, 7)))));
    let found = [ON_OTHER, "the case's app on the other phone", WARNED].map(|why| (with(&mixed, why, true), with(&mixed, why, false)));
    assert!(found.iter().all(|(at_weekends, _)| *at_weekends > 0), "{mixed:?}");
    assert_eq!([found[0].1, found[1].1], [0, 0], "{mixed:?}");

    // A phone with the number in vain.
    let outcome = |dir: &tempfile::TempDir| {
        let uploads = read(dir, &tables::UPLOADS);
        [0, 1].map(|case| uploads.text("outcome").get(case).to_string())
    };
    assert_eq!((outcome(&one), outcome(&two)), (["uploaded", "uploaded"].map(String::from), ["uploaded", ON_OTHER].map(String::from)));

    // Checks go on, and what they found is seen on Monday.
    let seconds =
        |dir: &tempfile::TempDir, spec, column: &str| read(dir, spec).i64(column).iter().map(|at_s| utc_day(*at_s)).collect::<Vec<_>>();
    let is_weekend = |day: &i32| weekend.contains(day);
    assert!(seconds(&one, &tables::SCREENS, "opened_s").iter().any(is_weekend));
    let opened = seconds(&two, &tables::SCREENS, "opened_s");
    assert!(!opened.iter().any(is_weekend) && opened.contains(&(day("2022-05-23"))), "{opened:?}");
    assert!(seconds(&two, &tables::NOTIFICATIONS, "checked_s").iter().any(is_weekend));
    let screens = read(&two, &tables::SCREENS);
    assert!(
        (0..screens.rows())
            .any(|i| screens.text("because").get(i) == "notification" && utc_day(screens.i64("opened_s")[i]) == day("2022-05-23"))
    );
}
