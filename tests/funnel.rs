//! The funnel and the events around it, on small offices run by the built binary.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use assert_cmd::Command;
use cocoasim::{
    output::{Batch, TableSpec, read_table, tables},
    time::DayJst,
};

/// Runs a scenario with some keys set, and gives its folder.
fn run(scenario: &str, sets: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::cargo_bin("cocoasim").expect("the binary is built");
    command.args(["run", scenario, "--quiet", "--overwrite", "--out"]).arg(dir.path());
    for set in sets {
        command.args(["--set", set]);
    }
    command.assert().success();
    dir
}

/// An office of a few people with the app, one of whom is a case.
fn office(sets: &[&str]) -> tempfile::TempDir {
    let common = [
        "run.first_day=\"2020-09-01\"",
        "population.workers=12",
        "run.days=4",
        "phones.adoption=1",
        "phones.bluetooth_off=0",
        "phones.smartphone_shares=[1,1,1,1,1,1,1,1]",
        "mobility.work.telework_share=0",
        "authority.entry_delay_mean_h=1",
        "authority.cases=[{person=3,onset_day=1,result_day=1,registers=\"yes\"}]",
    ];
    run("office", &[&common[..], sets].concat())
}

fn read(dir: &tempfile::TempDir, spec: &'static TableSpec) -> Batch {
    read_table(dir.path(), spec).expect("the table")
}

fn day(text: &str) -> DayJst {
    DayJst::parse(text).expect("a date")
}

/// What of step names: unit, count and lost, in the order of the steps.
fn steps(funnel: &Batch) -> Vec<(String, String, i64, i64)> {
    let mut steps: BTreeMap<u32, (String, String, i64, i64)> = BTreeMap::new();
    for i in 0..funnel.rows() {
        let text = |column: &str| funnel.text(column).get(i).to_owned();
        let step = steps.entry(funnel.u32("step")[i]).or_insert_with(|| (text("unit"), text("name"), 0, 0));
        assert_eq!((&step.0, &step.1), (&text("unit"), &text("name")), "a step has one unit and one name");
        step.2 += funnel.i64("count")[i];
        step.3 += funnel.i64("lost")[i];
        assert_eq!(funnel.is_null("why", i), funnel.i64("lost")[i] == 0, "a loss has a reason, and only a loss");
    }
    steps.into_values().collect()
}

/// The reasons of what was lost at a step.
fn whys(funnel: &Batch, unit: &str, name: &str) -> BTreeMap<String, i64> {
    let mut whys = BTreeMap::new();
    for i in 0..funnel.rows() {
        if funnel.text("unit").get(i) == unit && funnel.text("name").get(i) == name && funnel.i64("lost")[i] > 0 {
            *whys.entry(funnel.text("why").get(i).to_owned()).or_default() += funnel.i64("lost")[i];
        }
    }
    whys
}

fn reached(funnel: &Batch, unit: &str, name: &str) -> i64 {
    steps(funnel).iter().filter(|s| s.0 == unit && s.1 == name).map(|s| s.2).sum()
}

/// The chains hold, and say what the other tables say.
fn assert_chains(dir: &tempfile::TempDir, what: &str) {
    let funnel = read(dir, &tables::FUNNEL);
    let steps = steps(&funnel);
    for pair in steps.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        assert_eq!(pair[1].2 + pair[1].3, pair[0].2, "{what}: {pair:?}");
    }
    for first in steps.chunk_by(|a, b| a.0 == b.0).map(|unit| &unit[0]) {
        assert_eq!(first.3, 0, "{what}: nothing is lost before {first:?}");
    }
    let uploads = read(dir, &tables::UPLOADS);
    let has = |column: &str| (0..uploads.rows()).filter(|i| !uploads.is_null(column, *i)).count() as i64;
    for (name, column) in
        [("infected", "infected_s"), ("symptoms", "onset_s"), ("tested positive", "result_s"), ("keys uploaded", "uploaded_s")]
    {
        assert_eq!(reached(&funnel, "cases", name), has(column), "{what}: {name}");
    }
    let sum = |batch: &Batch| {
        let keys = batch.u32("keys");
        (0..batch.rows()).filter(|i| !batch.is_null("keys", *i)).map(|i| i64::from(keys[i])).sum::<i64>()
    };
    assert_eq!(reached(&funnel, "keys", "uploaded"), sum(&uploads), "{what}");
    assert_eq!(reached(&funnel, "keys", "exported"), sum(&read(dir, &tables::EXPORTS)), "{what}");
    let told = read(dir, &tables::NOTIFICATIONS);
    let phones = |shown: bool| {
        let rows = (0..told.rows()).filter(|i| !shown || !told.is_null("shown_s", *i));
        rows.map(|i| told.u32("person")[i]).collect::<BTreeSet<_>>().len() as i64
    };
    assert_eq!(reached(&funnel, "phones", "phones that matched"), phones(false), "{what}");
    assert_eq!(reached(&funnel, "phones", "phones that showed a contact"), phones(true), "{what}");
}

#[test]
fn regress_a_phone_is_lost_once_however_often_it_checks() {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cases/funnel-lost-twice/scenario.toml");
    for first_day in ["2020-06-19", "2020-09-20", "2020-12-10", "2022-05-01"] {
        // In June 2020 no numbers were issued.
        let on_request = "timeline=[{date=\"always\",setting=\"hersys.numbers\",value=\"on_request\"}]";
        let first = format!("run.first_day=\"{first_day}\"");
        let dir = run(&scenario.to_string_lossy(), &[&first, on_request, "authority.governments=[]", "output.verdicts=false"]);
        assert_chains(&dir, first_day);
        let funnel = read(&dir, &tables::FUNNEL);
        assert_eq!((reached(&funnel, "cases", "infected"), reached(&funnel, "cases", "symptoms")), (5, 5), "{first_day}");
        assert!(reached(&funnel, "phones", "phones that matched") > 20 && reached(&funnel, "people", "in contact with a case") >= 10);
        let unmatched = whys(&funnel, "phones", "phones that matched");
        assert!(unmatched.get("no key matched").is_some_and(|n| *n > 20) && unmatched.len() == 1, "{first_day}: {unmatched:?}");
    }
}

#[test]
fn every_way_to_be_lost_keeps_the_chains() {
    let cases = "authority.cases=[{person=2,onset_day=0,result_day=1},{person=3,onset_day=-3,result_day=0,registers=\"yes\"},\
                 {person=4,onset_day=-2,result_day=1,registers=\"no\"},{person=5,onset_day=1,result_day=3,registers=\"yes\"},\
                 {person=6,onset_day=0,result_day=20,registers=\"yes\"},{person=7,onset_day=0,result_day=0,registers=\"yes\"}]";
    let some = ["phones.adoption=0.6", "phones.smartphone_shares=[0.7,0.7,0.7,0.7,0.7,0.7,0.7,0.7]", "phones.bluetooth_off=0.2", cases];
    for more in [
        &["run.days=5"][..],
        &["run.days=2"],
        &["run.days=5", "run.first_day=\"2022-05-09\""],
        &["run.days=5", "phones.adoption=0"],
        &[
            "run.days=5",
            "phones.adoption=1",
            "server.retention_days=2",
            "timeline=[{date=\"always\",setting=\"hersys.number_life_h\",value=100}]",
        ],
    ] {
        let dir = office(&[&["population.workers=30"], &some[..], more].concat());
        assert_chains(&dir, &format!("{more:?}"));
    }
}

/// A short run: the keys wait for the export, phones have not checked them, and nobody is told.
#[test]
fn what_is_on_its_way_when_the_run_ends_is_lost_there() {
    let dir = office(&["run.days=2"]);
    assert_chains(&dir, "two days");
    let funnel = read(&dir, &tables::FUNNEL);
    let not_yet = |n: i64| BTreeMap::from([("not yet when the run ended".to_owned(), n)]);
    assert_eq!(whys(&funnel, "keys", "exported"), not_yet(reached(&funnel, "keys", "uploaded")));
    let people = whys(&funnel, "people", "the case's key exported");
    assert_eq!(people.values().sum::<i64>(), reached(&funnel, "people", "in contact with a case"));
    assert!(people["not yet when the run ended"] > 0, "{people:?}");
}

#[test]
fn keys_expire_before_the_export() {
    let dir = office(&["server.retention_days=2"]);
    let (funnel, exports) = (read(&dir, &tables::FUNNEL), read(&dir, &tables::EXPORTS));
    assert_chains(&dir, "two days of retention");
    // Thirteen past days uploaded on 2 September, UTC day 2 (or late on the 1st): two are young enough.
    assert!(whys(&funnel, "keys", "exported")["expired before the export"] >= 10);
    let made = exports.i64("created_s").iter().map(|s| s.div_euclid(86_400));
    let age = made.zip(exports.days("key_day")).map(|(made, day)| made - i64::from(*day)).collect::<BTreeSet<_>>();
    assert_eq!(age, BTreeSet::from([1, 2]));
}

/// The run begins at 00:00 JST, when the UTC day of the day before still lasts: contacts at home of those hours are of the first day.
#[test]
fn people_are_counted_on_days_of_the_run() {
    let dir = office(&["run.first_day=\"2020-09-01\"", "population.workers=40", "authority.infectious_days_before_onset=14"]);
    let funnel = read(&dir, &tables::FUNNEL);
    let of_people = (0..funnel.rows()).filter(|i| funnel.text("unit").get(*i) == "people").map(|i| funnel.days("day_jst")[i]);
    assert_eq!(of_people.min(), Some(day("2020-09-01").0));
}

/// Everybody installs the app on the last day but one: whom cases met before had no app yet.
#[test]
fn people_who_had_no_app_yet_are_told_apart() {
    let dir = office(&["run.first_day=\"2020-09-01\"", "phones.installed=\"2020-09-03\"", "population.workers=30"]);
    assert_chains(&dir, "installed later");
    let lost = whys(&read(&dir, &tables::FUNNEL), "people", "has the app running");
    assert_eq!(lost.keys().collect::<Vec<_>>(), ["app not installed yet"], "{lost:?}");
}

/// Until November 2021 a number is issued to who asks for it and has the app; then to everybody, by SMS.
#[test]
fn who_is_issued_a_number() {
    let story = |first_day: &str, sets: &[&str]| {
        let dir = office(&[&[&*format!("run.first_day=\"{first_day}\""), "output.verdicts=false", "run.days=3"], sets].concat());
        assert_chains(&dir, first_day);
        let uploads = read(&dir, &tables::UPLOADS);
        let is = |column: &str| !uploads.is_null(column, 0);
        ((is("number_issued_s"), is("number_entered_s")), uploads.text("outcome").get(0).to_owned(), read(&dir, &tables::FUNNEL))
    };
    let nobody_asks = ["timeline=[{date=\"always\",setting=\"hersys.health_centre_asks_share\",value=0},\
                        {date=\"always\",setting=\"hersys.person_asks_share\",value=0}]"];
    let (no_app, no_wish) = (["phones.adoption=0"], ["authority.cases[0].registers=\"no\""]);
    assert_eq!(story("2021-11-15", &no_app).0, (false, false), "without the app");
    assert_eq!(story("2021-12-06", &no_app).0, (true, false), "without the app, by itself");
    assert_eq!(story("2021-11-15", &[]).0, (true, true), "asked for");
    let (columns, outcome, funnel) = story("2021-11-15", &[&no_wish[..], &nobody_asks].concat());
    assert_eq!((columns, outcome.as_str()), ((false, false), "nobody asked for a number"));
    assert_eq!(whys(&funnel, "cases", "asked for a number"), BTreeMap::from([("nobody asked for a number".to_owned(), 1)]));
    let (columns, outcome, funnel) = story("2021-12-06", &no_wish);
    assert_eq!((columns, outcome.as_str()), ((true, false), "did not register"));
    assert_eq!(whys(&funnel, "cases", "number entered"), BTreeMap::from([("did not register".to_owned(), 1)]));
}

/// Registrations of July 2020, of phones that have had the app for more than 14 days.
#[test]
fn a_key_of_14_days_refuses_the_registration_where_it_did() {
    let story = |first_day: &str, lag: &str, more: &[&str]| {
        let lag = format!("phones.update_lag_mean_days={lag}");
        // Of some of these days no numbers were issued.
        let on_request = "timeline=[{date=\"always\",setting=\"hersys.numbers\",value=\"on_request\"}]";
        let common = [&*format!("run.first_day=\"{first_day}\""), &lag, on_request, "authority.governments=[]"];
        let dir = office(&[&common[..], &["output.verdicts=false", "run.days=3"], more].concat());
        assert_chains(&dir, first_day);
        let uploads = read(&dir, &tables::UPLOADS);
        let text = |column: &str| uploads.text(column).opt(0).unwrap_or("-").to_owned();
        let keys = if uploads.is_null("keys", 0) { 0 } else { uploads.u32("keys")[0] };
        (text("release"), text("outcome"), text("fault"), keys)
    };
    let expect = |release: &str, outcome: &str, fault: &str, keys: u32| (release.into(), outcome.into(), fault.into(), keys);
    let (rejected, told_done) = ("valid_number_rejected", "any_number_accepted");
    // Installed on 19 June: the oldest key is that of the 19th, 14 days old on 3 July.
    assert_eq!(story("2020-06-30", "0", &[]), expect("1.1.1", "uploaded", "-", 12));
    assert_eq!(story("2020-07-06", "0", &[]), expect("1.1.1", "a key is 14 days old", rejected, 0));
    assert_eq!(story("2020-07-06", "365", &[]), expect("1.0.0", "a key is 14 days old", rejected, 0), "by the server");
    assert_eq!(story("2020-07-14", "0", &[]), expect("1.1.2", "uploaded", "-", 13));
    // From 15 July the server counts from midnight; 1.1.1 itself does not.
    assert_eq!(story("2020-07-15", "365", &[]), expect("1.0.0", "uploaded", "-", 14));
    assert_eq!(story("2020-07-15", "12", &[]), expect("1.1.1", "a key is 14 days old", rejected, 0), "by the app");
    // 1.0.0 tells "done" of a number that has expired; later releases tell the truth.
    let late = [
        "timeline=[{date=\"always\",setting=\"hersys.numbers\",value=\"on_request\"},\
         {date=\"always\",setting=\"hersys.number_life_h\",value=0.1}]",
        "authority.entry_delay_mean_h=10",
    ];
    assert_eq!(story("2020-06-24", "365", &late), expect("1.0.0", "number wrong or expired", told_done, 0));
    assert_eq!(story("2020-07-20", "0", &late), expect("1.1.2", "number wrong or expired", "-", 0));
    // Without the faults the keys are stored, and nobody is told "done" of nothing.
    let (mended, no_lie) = (["app.faults=\"none\""], [&late[..], &["app.faults=[\"F2\"]"]].concat());
    assert_eq!(story("2020-07-06", "0", &mended), expect("1.1.1", "uploaded", "-", 14));
    assert_eq!(story("2020-07-06", "365", &mended), expect("1.0.0", "uploaded", "-", 14));
    assert_eq!(story("2020-06-24", "365", &no_lie), expect("1.0.0", "number wrong or expired", "-", 0));
    // Both at once: the number alone would have ended it, so the key is not to blame.
    assert_eq!(story("2020-07-06", "0", &late), expect("1.1.1", "a key is 14 days old", "-", 0));
    assert_eq!(story("2020-07-06", "365", &late), expect("1.0.0", "a key is 14 days old", told_done, 0));
}

/// From release 1.2.1 on the first key is that of three days before onset, by the local date.
#[test]
fn keys_go_back_to_three_days_before_onset_by_the_local_date() {
    let dir = office(&["run.first_day=\"2021-03-01\"", "authority.cases=[{person=3,onset_day=-1,result_day=1,registers=\"yes\"}]"]);
    let exports = read(&dir, &tables::EXPORTS);
    let days: BTreeSet<i32> = exports.days("key_day").iter().copied().collect();
    assert_eq!(days.first(), Some(&day("2021-02-25").0), "onset on 28 February");
    let uploads = read(&dir, &tables::UPLOADS);
    // To the day before the upload, which is on the UTC day of 2 March (or late on the 1st).
    let upload_day = uploads.i64("uploaded_s")[0].div_euclid(86_400) as i32;
    assert_eq!((days.last().copied(), days.len()), (Some(upload_day - 1), uploads.u32("keys")[0] as usize));
}

/// Blamed are the checks of those whom keys of level 4 would have told, and nobody else: of the phones that matched, some never met the rule.
#[test]
fn regress_android_never_notifies_is_named_for_those_whom_level_4_would_have_told() {
    for first_day in ["2020-09-20", "2020-12-10"] {
        let told_and_blamed = |level: &str, faults: &str| {
            let dir = run(
                concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/cases/funnel-lost-twice/scenario.toml"),
                &[
                    &format!("run.first_day=\"{first_day}\""),
                    &format!("timeline=[{{date=\"always\",setting=\"server.key_level\",value={level}}}]"),
                    &format!("app.faults={faults}"),
                    // Who is told may stay home, and then meets others; that is not at question.
                    "app.stays_home_share=0",
                    "output.verdicts=false",
                ],
            );
            let notifications = read(&dir, &tables::NOTIFICATIONS);
            // Check by check: who had 1.1.3 before was told of any match then, and may be blamed later.
            let check = |i: usize| (notifications.u32("person")[i], notifications.i64("checked_s")[i]);
            let checks =
                |wanted: &dyn Fn(usize) -> bool| (0..notifications.rows()).filter(|i| wanted(*i)).map(check).collect::<BTreeSet<_>>();
            let told = checks(&|i| !notifications.is_null("shown_s", i));
            let blamed = checks(&|i| notifications.text("fault").opt(i) == Some("android_never_notifies"));
            (checks(&|_| true), told, blamed)
        };
        let (matched, told, blamed) = told_and_blamed("0", "\"historical\"");
        let (also_matched, would_be_told, none_blamed) = told_and_blamed("4", "\"historical\"");
        assert_eq!((&matched, none_blamed.len()), (&also_matched, 0), "{first_day}");
        assert_eq!(blamed, would_be_told.difference(&told).copied().collect(), "{first_day}");
        // Without it, end to end: all whom level 4 would have told are.
        let (_, told_without, blamed_without) = told_and_blamed("0", "[\"F1\",\"F2\",\"F3\",\"F5\",\"F7\",\"F8\",\"F9\"]");
        assert_eq!((&told_without, blamed_without.len()), (&would_be_told, 0), "{first_day}");
        assert!(!blamed.is_empty() && blamed.len() + told.len() < matched.len(), "{first_day}: {} blamed", blamed.len());
    }
}

/// iOS 1.1.3: a notification on any match, and nothing shown of what is under the rule. 1.1.4 asks the rule first.
#[test]
fn notified_with_nothing_shown_is_of_ios_until_1_1_3() {
    let story = |first_day: &str| {
        let sets = ["phones.ios_share=1", "phones.update_lag_mean_days=0", "app.stays_home_share=0", "output.verdicts=false"];
        let dir = office(&[&["population.workers=30", &*format!("run.first_day=\"{first_day}\"")], &sets[..]].concat());
        // All keys come in one export, the last that anybody fetches: nobody's contact waits to be fetched.
        let lost = whys(&read(&dir, &tables::FUNNEL), "people", "shown that contact");
        assert!(!lost.contains_key("not yet when the run ended"), "{lost:?}");
        assert_eq!(lost.contains_key("notified_but_none_shown"), first_day == "2020-09-14", "{lost:?}");
        let told = read(&dir, &tables::NOTIFICATIONS);
        let rows = (0..told.rows()).map(|i| {
            let text = |column: &str| told.text(column).opt(i).unwrap_or("-").to_owned();
            (text("release"), text("outcome"), text("fault"))
        });
        rows.collect::<Vec<_>>()
    };
    let present = story("2020-09-14");
    let none_shown = |(_, outcome, _): &&(String, String, String)| outcome == "notified, nothing shown";
    assert!(present.iter().all(|(release, ..)| release == "1.1.3"));
    assert!(present.iter().filter(none_shown).any(|(.., fault)| fault == "notified_but_none_shown"), "{present:?}");
    for (first_day, release) in [("2020-08-10", "1.1.2"), ("2020-10-05", "1.1.4")] {
        let absent = story(first_day);
        assert!(!absent.is_empty() && absent.iter().all(|(r, _, fault)| r == release && fault == "-"), "{absent:?}");
        assert_eq!(absent.iter().find(none_shown), None);
    }
}

/// What apps showed of the one case, on days that count, is what end-to-end accuracy calls detected.
#[test]
fn end_to_end_accuracy_counts_what_apps_showed() {
    let dir = office(&[
        "run.first_day=\"2022-05-09\"",
        "population.workers=30",
        "run.days=6",
        "app.stays_home_share=0",
        "authority.cases=[{person=3,onset_day=2,result_day=3,registers=\"yes\"}]",
    ]);
    let told = read(&dir, &tables::NOTIFICATIONS);
    let shown = (0..told.rows()).filter(|i| !told.is_null("day_utc", *i)).map(|i| (told.u32("person")[i], told.days("day_utc")[i]));
    // Two days before onset to the result, by the local date.
    let counted = day("2022-05-09").0..=day("2022-05-12").0;
    let shown: BTreeSet<(u32, i32)> = shown.filter(|(_, day)| counted.contains(day)).collect();
    let verdicts = read(&dir, &tables::VERDICTS);
    let of_case = (0..verdicts.rows()).filter(|&i| verdicts.u32("transmitter")[i] == 3 && verdicts.bools("is_contact")[i]);
    let in_contact: BTreeSet<(u32, i32)> =
        of_case.map(|i| (verdicts.u32("observer")[i], verdicts.days("day_utc")[i])).filter(|(_, day)| counted.contains(day)).collect();
    let accuracy = read(&dir, &tables::ACCURACY);
    let wanted = [("mode", "end_to_end"), ("universe", "device"), ("truth", "cumulative_utc"), ("stratum", "all")];
    let row = (0..accuracy.rows()).find(|i| wanted.iter().all(|(column, value)| accuracy.text(column).get(*i) == *value));
    let row = row.expect("a row of end-to-end accuracy");
    let found = shown.intersection(&in_contact).count();
    assert!(found > 0, "nobody was told of the case");
    let [tp, fp, missed] = ["tp", "fp", "fn"].map(|column| accuracy.i64(column)[row] as usize);
    assert_eq!((tp, fp, missed), (found, shown.difference(&in_contact).count(), in_contact.difference(&shown).count()));
    // A person counts once, with or without a phone; here everybody has one.
    let funnel = read(&dir, &tables::FUNNEL);
    let people = |contacts: &BTreeSet<(u32, i32)>| contacts.iter().map(|(person, _)| person).collect::<BTreeSet<_>>().len() as i64;
    assert_eq!(reached(&funnel, "people", "in contact with a case"), people(&in_contact));
    assert_eq!(reached(&funnel, "people", "shown that contact"), people(&shown.intersection(&in_contact).copied().collect()));
}

/// How many contacts have each first reason, within the days of `accuracy.in_time_days` and within 14.
fn reasons(dir: &tempfile::TempDir) -> [BTreeMap<String, i64>; 2] {
    let table = read(dir, &tables::REASONS);
    let counts = |column: &str| {
        let mut counts = BTreeMap::new();
        (0..table.rows()).for_each(|i| *counts.entry(table.text(column).get(i).to_owned()).or_default() += 1);
        counts
    };
    // A warning that is in time is so within 14 days, and both say when.
    for i in 0..table.rows() {
        let (place, later) = (table.u32("place")[i], table.u32("place_14_days")[i]);
        assert!(place <= later && later <= 14, "row {i}");
        assert!(place < 14 || !table.is_null("shown_s", i), "row {i}");
    }
    [counts("reason"), counts("reason_14_days")]
}

/// Every contact has one first reason, the one that its world makes.
#[test]
fn every_contact_with_a_reported_case_has_its_first_reason() {
    let story = |sets: &[&str]| {
        let common = [
            "population.workers=40",
            "run.days=9",
            "output.verdicts=false",
            "app.stays_home_share=0",
            "authority.stays_home_from_onset_share=0",
            "authority.cases=[{person=3,onset_day=2,result_day=4,registers=\"yes\"}]",
        ];
        let dir = office(&[&common[..], sets].concat());
        (reasons(&dir), read(&dir, &tables::FUNNEL))
    };
    let case = |what: &str| format!("authority.cases=[{{person=3,onset_day=2,{what}}}]");
    let asks = "timeline=[{date=\"always\",setting=\"hersys.health_centre_asks_share\",value=1}]";
    let ([in_time, at_all], funnel) = story(&[]);
    assert!(in_time["warned in time"] > 5, "{in_time:?}");
    assert_eq!(in_time.values().sum::<i64>(), at_all.values().sum::<i64>());
    let people = reached(&funnel, "people", "shown that contact");
    assert!(people > 2 && people <= at_all["warned in time"], "each person once, each contact once");
    // The reason that all contacts have, and within 14 days.
    let all_of = |sets: &[&str]| story(sets).0.map(|counts| counts.into_keys().collect::<Vec<_>>());
    for (sets, reason) in [
        (&["authority.landline_share=1", &case("result_day=4"), asks][..], "no SMS to a landline"),
        (&[&case("result_day=4,registers=\"no\""), asks], "did not register"),
        (&["timeline=[{date=\"always\",setting=\"hersys.numbers\",value=\"none\"}]"], "no numbers were issued"),
        (&["timeline=[{date=\"always\",setting=\"hersys.answers\",value=false}]"], "HER-SYS did not answer"),
        (&["authority.entry_delay_mean_h=20"], "number wrong or expired"),
        (&["phones.adoption=0"], "no app"),
        (&["phones.installed=\"2020-09-08\""], "app not installed yet"),
        (
            &["phones.drop_out={introduction=0,terms=1,privacy_policy=0,system_permission=0,notifications=0,guardian=0}"],
            "did not agree to the terms",
        ),
        (
            &["phones.systems=[{os=\"ios\",version=\"13.4\",share=1},{os=\"android\",version=\"5.1\",share=1}]"],
            "system too old for the app",
        ),
        (&["phones.uninstalls_a_year=366"], "app uninstalled"),
        (&["phones.deletes_in_app_a_year=366"], "app deleted by the user"),
        (&["phones.abroad_share=1", "app.faults=[\"F12\"]"], "disabled_or_abroad"),
    ] {
        assert_eq!(all_of(sets), [vec![reason.to_owned()], vec![reason.to_owned()]], "{sets:?}");
    }
    let off = all_of(&["phones.bluetooth_off=1"]);
    assert!(off[0].contains(&"Bluetooth off".to_owned()) && !off[0].contains(&"warned in time".to_owned()), "{off:?}");
    // The result comes ten days after the onset: early contacts are more than five days ago, and none more than 14.
    let ([in_time, at_all], _) = story(&["run.first_day=\"2020-08-03\"", "run.days=16", &case("result_day=12,registers=\"yes\"")]);
    assert!(in_time["too late: the case's result"] > 5, "{in_time:?}");
    assert!(at_all["warned in time"] >= in_time["too late: the case's result"], "{at_all:?}");
    // Android from 28 September 2020 on: the key is matched, and the fault alone keeps it from the screen.
    let android = ["run.first_day=\"2020-10-05\"", "phones.ios_share=0"];
    let ([with, _], _) = story(&[&android[..], &["app.faults=[\"F6\"]"]].concat());
    let ([without, _], _) = story(&[&android[..], &["app.faults=\"none\""]].concat());
    assert!(with["android_never_notifies"] > 0 && !with.contains_key("warned in time"), "{with:?}");
    assert_eq!(without["warned in time"], with["android_never_notifies"], "{without:?}");
    // One in ten of Android's checks runs: two days after the export some phones have not checked.
    let [some, all] = ["[\"F8\"]", "\"none\""].map(|faults| {
        let faults = format!("app.faults={faults}");
        story(&["run.days=7", "phones.ios_share=0", &faults]).0[0].clone()
    });
    assert!(some["check_not_run"] > 0, "{some:?}");
    assert!(!all.contains_key("check_not_run") && all["warned in time"] > some.get("warned in time").copied().unwrap_or(0), "{all:?}");
}
