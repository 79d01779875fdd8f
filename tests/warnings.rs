//! From a check to what its owner does: faults that keep a phone from checking, the screen, answers to a warning, the operation log. On small
//! offices run by the built binary.

use std::collections::{BTreeMap, BTreeSet};

use cocoasim::output::{Batch, tables};

#[path = "support/office.rs"]
mod support;
use support::{office, read};

fn reached(dir: &tempfile::TempDir, name: &str) -> i64 {
    let funnel = read(dir, &tables::FUNNEL);
    let of_step = (0..funnel.rows()).filter(|i| funnel.text("unit").get(*i) == "phones" && funnel.text("name").get(*i) == name);
    of_step.map(|i| funnel.i64("count")[i]).sum()
}

fn whys(dir: &tempfile::TempDir, name: &str) -> BTreeSet<String> {
    let funnel = read(dir, &tables::FUNNEL);
    let of_step = (0..funnel.rows()).filter(|i| funnel.text("name").get(*i) == name && funnel.i64("lost")[*i] > 0);
    of_step.map(|i| funnel.text("why").get(i).to_owned()).collect()
}

const IN_2021: &str = "run.first_day=\"2021-06-07\"";

/// Everybody opens the app when notified, and sees what it shows; or nobody ever opens it, and what it shows is seen by nobody.
#[test]
fn a_contact_is_seen_when_the_app_is_opened() {
    let dir = office(&[IN_2021]);
    let (told, screens) = (read(&dir, &tables::NOTIFICATIONS), read(&dir, &tables::SCREENS));
    let people = |table: &Batch, column: &str| {
        (0..table.rows()).filter(|i| !table.is_null(column, *i)).map(|i| table.u32("person")[i]).collect::<BTreeSet<u32>>()
    };
    let shown = people(&told, "shown_s");
    assert!(shown.len() > 5, "{}", shown.len());
    assert_eq!(people(&screens, "day_utc"), shown);
    assert_eq!(reached(&dir, "contact seen by the owner"), shown.len() as i64);
    let checked: BTreeSet<i64> = told.i64("checked_s").iter().copied().collect();
    assert!(screens.i64("opened_s").iter().all(|at_s| checked.contains(at_s)), "at once");
    // One person once a day: where 1.1.2 shows every match, both cases of a day count, and the screen does not say whose they are.
    let every_match = read(&office(&["run.first_day=\"2020-08-24\"", "authority.governments=[]"]), &tables::SCREENS);
    let most = (0..every_match.rows()).filter(|i| !every_match.is_null("contacts", *i)).map(|i| every_match.u32("contacts")[i]).max();
    assert_eq!(most, Some(2));

    let unopened = office(&[IN_2021, "app.opens_when_notified_share=0"]);
    assert_eq!(read(&unopened, &tables::SCREENS).rows(), 0);
    assert_eq!(reached(&unopened, "contact seen by the owner"), 0);
    assert_eq!(whys(&unopened, "contact seen by the owner"), BTreeSet::from(["the app was not opened".to_owned()]));
    // Who allowed no notifications is not called.
    let dir = office(&[IN_2021, "phones.drop_out.notifications=1"]);
    assert_eq!((read(&dir, &tables::SCREENS).rows(), read(&dir, &tables::RESPONSES).rows()), (0, 0));
    assert!(reached(&dir, "phones that showed a contact") > 5);
    // One in ten has not agreed again, to the terms or to the policy: they see no screen. Who has not cannot register either.
    let some = office(&[IN_2021, "phones.agrees_again_share=0.9", "population.workers=30"]);
    let (shown, seen) = (reached(&some, "phones that showed a contact"), reached(&some, "contact seen by the owner"));
    assert!(seen < shown, "{seen} of {shown}");
    let nobody = read(&office(&[IN_2021, "phones.agrees_again_share=0"]), &tables::UPLOADS);
    assert_eq!((0..2).map(|i| nobody.text("outcome").get(i)).collect::<Vec<_>>(), ["did not agree again"; 2]);
    let habit = office(&[IN_2021, "app.opens_when_notified_share=0", "app.opens_every_days=1"]);
    let screens = read(&habit, &tables::SCREENS);
    assert!(screens.rows() > 0 && (0..screens.rows()).all(|i| screens.text("because").get(i) == "habit"));
    let hours: BTreeSet<i64> = screens.i64("opened_s").iter().map(|s| (s + 9 * 3600).rem_euclid(86_400) / 3600).collect();
    assert!(hours.iter().all(|hour| (7..23).contains(hour)) && hours.len() > 5, "{hours:?}");
}

/// Who turns to the centre is offered a test from 21 August 2020 on; a positive one comes before the one without the app.
#[test]
fn a_warning_leads_to_a_test() {
    let sets = |first_day: &'static str| {
        vec![
            first_day,
            "authority.after_warning={contacts_share=1.0,form_share=0.5,contacts_after_mean_h=2,tested_after_mean_h=4,detectable_after_days=0}",
            "authority.governments=[]",
            "authority.cases=[{person=3,onset_day=1,result_day=2,registers=\"yes\"},{person=5,onset_day=6,result_day=20,registers=\"no\"}]",
        ]
    };
    let dir = office(&sets("run.first_day=\"2020-08-24\""));
    let table = read(&dir, &tables::RESPONSES);
    let is = |column: &str| (0..table.rows()).filter(|i| !table.is_null(column, *i)).count();
    assert!(table.rows() > 4 && is("turned_s") > 4, "{} {}", table.rows(), is("turned_s"));
    assert!((0..table.rows()).filter(|i| !table.is_null("turned_s", *i)).all(|i| table.bools("is_offered_test")[i]));
    let ways: BTreeSet<&str> = (0..table.rows()).filter_map(|i| table.text("turned").opt(i)).collect();
    assert_eq!(ways, BTreeSet::from(["call", "symptom form"]));
    let of_case = (0..table.rows()).find(|i| table.u32("person")[*i] == 5).expect("the second case is warned of the first");
    assert!(table.bools("is_positive")[of_case] && table.f64("gained_days")[of_case] > 10.0, "{}", table.f64("gained_days")[of_case]);
    assert_eq!(reached(&dir, "tested because of it"), is("tested_s") as i64);
    let early = office(&sets("run.first_day=\"2020-08-03\""));
    let table = read(&early, &tables::RESPONSES);
    let offered = (0..table.rows()).filter(|i| !table.is_null("turned_s", *i) && table.bools("is_offered_test")[*i]).count();
    assert!(table.rows() > 4 && offered < table.rows(), "by local choice: {offered} of {}", table.rows());
    assert!(whys(&early, "tested because of it").contains("no free test was offered"));
}

/// Which phones checked on which day of the run, by system.
fn checks_by_day(dir: &tempfile::TempDir, first_day: &str) -> BTreeMap<(String, i64), usize> {
    let first_s = cocoasim::time::DayJst::parse(first_day).expect("a day").start().0;
    let (told, people) = (read(dir, &tables::NOTIFICATIONS), read(dir, &tables::PEOPLE));
    let system: BTreeMap<u32, String> =
        (0..people.rows()).map(|i| (people.u32("person")[i], people.text("os").get(i).to_owned())).collect();
    let mut checks = BTreeMap::new();
    for i in 0..told.rows() {
        let day = (told.i64("checked_s")[i] - first_s).div_euclid(86_400);
        *checks.entry((system[&told.u32("person")[i]].clone(), day)).or_default() += 1;
    }
    checks
}

/// Fault F14: 1.4.0 cannot start on phones that have had the app since before 1.2.0, on iPhones for a day, on Android for two.
#[test]
fn release_1_4_0_checks_nothing_on_old_installations() {
    let first_day = "2021-11-22";
    let run = |more: &[&str]| {
        let first = format!("run.first_day=\"{first_day}\"");
        office(&[&[first.as_str(), "run.days=7", "phones.ios_share=0.5"], more].concat())
    };
    let of = |checks: &BTreeMap<(String, i64), usize>, os: &str, day: i64| checks.get(&(os.to_owned(), day)).copied().unwrap_or(0);
    // Keys are with phones on the fourth day, the 25th.
    let with = checks_by_day(&run(&[]), first_day);
    assert_eq!([of(&with, "ios", 3), of(&with, "android", 3), of(&with, "android", 4)], [0, 0, 0], "{with:?}");
    assert!(of(&with, "ios", 4) > 0 && of(&with, "android", 5) > 0, "{with:?}");
    for more in [&["app.faults=\"none\""][..], &["phones.installed=\"2020-12-02\""]] {
        let without = checks_by_day(&run(more), first_day);
        assert!(of(&without, "ios", 3) > 0 && of(&without, "android", 3) > 0, "{more:?}: {without:?}");
    }
}

/// Fault F4 until 1.2.1: the app's data are gone, and nothing is checked until somebody opens it. Fault F8b: the same on Android by a battery
/// saver, in every release. Fault F4c: in 1.2.2 on Android, after the update.
#[test]
fn what_stops_the_app_stops_it_until_it_is_opened() {
    let run = |first_day: &str, more: &[&str]| {
        let first = format!("run.first_day=\"{first_day}\"");
        let dir = office(&[&[first.as_str(), "phones.ios_share=0.5"], more].concat());
        let os = |os: &str| checks_by_day(&dir, first_day).iter().filter(|((of, _), _)| of == os).map(|(_, n)| n).sum::<usize>();
        ((os("ios") > 0, os("android") > 0), whys(&dir, "phones that fetched keys"))
    };
    let rates = |lost: f64, migration: f64, saver: f64| {
        format!("app.fault_rates={{app_data_lost_a_year={lost},migration_fails_share={migration},battery_saver_days_share={saver}}}")
    };
    let level_4 = "timeline=[{date=\"always\",setting=\"server.key_level\",value=4}]";
    let (daily_loss, saver, migration) = (rates(365.0, 0.0, 0.0), rates(0.0, 0.0, 1.0), rates(0.0, 1.0, 0.0));
    // A rate of 365 a year strikes on all days but one in 1461; F8 is left out, for which Android waits.
    let (lost, saves, fails) = ("app.faults=[\"F4\"]", "app.faults=[\"F8b\"]", "app.faults=[\"F4c\"]");
    assert_eq!(run("2020-12-21", &[level_4, lost, &daily_loss]).0, (false, false));
    assert_eq!(run("2020-12-21", &[level_4, "app.faults=\"none\"", &daily_loss]).0, (true, true));
    assert_eq!(run("2020-12-21", &[level_4, lost, &daily_loss, "app.opens_every_days=1"]).0, (true, true), "opened every day");
    assert_eq!(run("2021-06-07", &[level_4, lost, &daily_loss]).0, (true, true), "mended in 1.2.2");
    assert_eq!(run("2021-06-07", &[level_4, saves, &saver]).0, (true, false));
    assert_eq!(run("2021-06-07", &[level_4, saves, &saver, "app.opens_every_days=1"]).0, (true, true));
    // The update to 1.2.2 is on 18 February 2021, the second day.
    assert_eq!(run("2021-02-17", &[level_4, fails, &migration]).0, (true, false));
    assert_eq!(run("2021-02-17", &[level_4, "app.faults=\"none\"", &migration]).0, (true, true));
    assert!(run("2021-03-01", &[level_4, fails, &migration, "phones.installed=\"2021-03-01\""]).0.1, "an installation is no update");
}

/// Fault F15: with scans of far phones left out the screen of 2.0 shows fewer minutes, and no day more.
#[test]
fn far_signals_lengthen_the_minutes_of_version_2() {
    let minutes = |faults: &str| {
        let dir = office(&["run.first_day=\"2022-05-09\"", faults]);
        let told = read(&dir, &tables::NOTIFICATIONS);
        let shown = (0..told.rows()).filter(|i| !told.is_null("minutes", *i));
        let named = (0..told.rows()).any(|i| told.text("fault").opt(i) == Some("far_signals_count"));
        let of_day = shown.map(|i| ((told.u32("person")[i], told.days("day_utc")[i]), told.u32("minutes")[i]));
        (of_day.collect::<BTreeMap<_, _>>(), named)
    };
    let ((with, is_named), (without, is_named_without)) = (minutes("app.faults=\"historical\""), minutes("app.faults=\"none\""));
    assert!(is_named && !is_named_without && !without.is_empty());
    assert!(without.iter().all(|(day, minutes)| with.get(day).is_some_and(|far| far >= minutes)), "never more without");
    assert!(with.iter().any(|(day, minutes)| without.get(day).is_none_or(|near| near < minutes)), "{with:?} {without:?}");
}

/// The log of a case's phone has COCOA's columns and neither keys nor numbers; nobody's is kept unless asked for, and none before 1.2.0.
#[test]
fn the_operation_log_holds_nothing_that_the_policy_keeps_out() {
    let logs = |sets: &[&str]| {
        let dir = office(sets);
        let folder = dir.path().join("phone_log");
        let files = std::fs::read_dir(&folder).map(|files| files.map(|f| f.expect("a file").path()).collect::<Vec<_>>());
        let mut files = files.unwrap_or_default();
        files.sort();
        let texts: Vec<String> = files.iter().map(|file| std::fs::read_to_string(file).expect("text")).collect();
        (files.iter().map(|f| f.file_name().unwrap_or_default().to_string_lossy().into_owned()).collect::<Vec<_>>(), texts)
    };
    let (names, texts) = logs(&[IN_2021, "output.phone_log=3", "app.opens_every_days=1"]);
    assert!(!names.is_empty() && names.iter().all(|name| name.starts_with("cocoa_log_202106") && name.ends_with(".csv")), "{names:?}");
    let columns =
        "output_date,log_level,message,method,file_path,line_number,platform,platform_version,model,device_type,app_version,build_number";
    assert!(texts.iter().all(|text| text.lines().next() == Some(columns)));
    let all = texts.concat();
    for said in ["RollingStart: ", "tekItem.Created: ", "MatchedKeyCount: ", "Home: "] {
        assert!(all.contains(said), "{said} in {all}");
    }
    // Eight digits in a row are a processing number; dates have slashes, keys would be 32 hexadecimal digits or 24 of base 64.
    let longest_word = |is: fn(char) -> bool| all.split(|c: char| !is(c)).map(str::len).max().unwrap_or(0);
    let numbers: Vec<&str> = all.split(|c: char| !c.is_ascii_digit()).filter(|word| word.len() == 8).collect();
    assert_eq!(numbers, Vec::<&str>::new());
    assert!(longest_word(|c| c.is_ascii_hexdigit()) < 16);
    assert_eq!(logs(&[IN_2021]).0.len(), 0);
    assert_eq!(logs(&["run.first_day=\"2020-10-05\"", "output.phone_log=3"]).0.len(), 0, "no release writes one yet");
}

/// Five days from infection to onset, one from test to result: of both cases.
#[test]
fn delays_are_those_of_the_steps() {
    let dir = office(&[IN_2021]);
    let delays = read(&dir, &tables::DELAYS);
    let hours = |name: &str| {
        let rows = (0..delays.rows()).filter(|i| delays.text("name").get(*i) == name);
        rows.map(|i| delays.f64("delay_h")[i]).collect::<Vec<f64>>()
    };
    assert_eq!(hours("infection to onset"), [120.0, 120.0]);
    assert_eq!(hours("test to result"), [24.0, 24.0]);
    assert_eq!(hours("request to issue"), [1.0, 1.0]);
    let exports = hours("acceptance to export");
    assert!(exports.len() > 6 && exports.iter().all(|h| (0.0..=24.0).contains(h)), "{exports:?}");
    assert_eq!(hours("screen to seen"), vec![0.0; hours("screen to seen").len()]);
}

/// F6 in autumn 2020: the table says when it was told of, confirmed and mended, and how many phones of the run it struck.
#[test]
fn repairs_say_whom_a_fault_struck() {
    let dir = office(&["run.first_day=\"2020-11-02\"", "app.faults=[\"F6\"]", "phones.ios_share=0.3"]);
    let table = read(&dir, &tables::REPAIRS);
    assert_eq!((0..table.rows()).map(|i| table.text("fault").get(i)).collect::<Vec<_>>(), ["F6"]);
    let day = |column: &str| cocoasim::time::UnixSeconds(table.i64(column)[0]).day_jst().to_string();
    assert_eq!(["from_s", "reported_s", "confirmed_s", "mended_s"].map(day), ["2020-09-09", "2020-11-24", "2021-02-03", "2021-02-18"]);
    assert!(table.u32("phones")[0] > 3 && !table.is_null("first_s", 0) && table.u32("registrations")[0] == 0);
    let none = office(&["run.first_day=\"2020-11-02\"", "app.faults=\"none\""]);
    assert_eq!(read(&none, &tables::REPAIRS).rows(), 0);
}
