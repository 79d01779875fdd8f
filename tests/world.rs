//! Truth and the past, on small offices run by the built binary: what happened does not depend on phones.

use std::{collections::BTreeMap, path::Path};

use assert_cmd::Command;
use cocoasim::output::{Batch, TableSpec, read_table, tables};

/// Runs the office with some keys set.
fn run(out: &Path, sets: &[&str]) {
    let mut command = Command::cargo_bin("cocoasim").expect("the binary is built");
    command.args(["run", "office", "--quiet", "--out"]).arg(out);
    for set in ["run.first_day=\"2020-09-01\"", "population.workers=30", "authority.cases=[]"].iter().chain(sets) {
        command.args(["--set", set]);
    }
    command.assert().success();
}

fn read(out: &Path, spec: &'static TableSpec) -> Batch {
    read_table(out, spec).expect("the table")
}

/// The bytes of every part of a table, by name.
fn parts(out: &Path, table: &str) -> BTreeMap<String, Vec<u8>> {
    let parts = std::fs::read_dir(out.join(table)).expect("a folder of parts");
    parts
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), std::fs::read(&path).expect("a part")))
        .collect()
}

#[test]
fn contacts_and_visits_depend_on_no_phone_and_no_radio() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let nobody = "phones.smartphone_shares=[0,0,0,0,0,0,0,0]";
    let deaf = ["home", "meeting", "office", "restaurant"].map(|name| format!("radio.environments.{name}.level_at_1m_db=90"));
    let deaf: Vec<&str> = deaf.iter().map(String::as_str).chain(["phones.adoption=1"]).collect();
    for between in ["truth.between=people", "truth.between=phones"] {
        let with = |name: &str, sets: &[&str]| {
            let out = dir.path().join(format!("{name}-{}", &between[14..]));
            // Who is told something may stay home; that is the app's doing.
            run(&out, &[&["run.days=3", "app.stays_home_share=0", between], sets].concat());
            (parts(&out, "contacts"), parts(&out, "visits"))
        };
        let known = with("all", &["phones.adoption=1"]);
        assert!(known.0.values().map(Vec::len).sum::<usize>() > 10_000);
        for (name, sets) in [("no-app", &["phones.adoption=0"][..]), ("no-phone", &[nobody]), ("deaf", &deaf)] {
            assert!(with(name, sets) == known, "{name}, {between}: other contacts or visits");
        }
    }
}

#[test]
fn the_population_is_who_came_near_and_who_was_told() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let population = |name: &str, sets: &[&str]| {
        let out = dir.path().join(name);
        run(&out, &[&["run.days=3", "output.verdicts=false"], sets].concat());
        let accuracy = read(&out, &tables::ACCURACY);
        let text = |column: &str, i: usize| accuracy.text(column).get(i).to_owned();
        let rows = (0..accuracy.rows()).filter(|&i| text("universe", i) == "population" && text("stratum", i) == "all");
        let count = |column: &str, i: usize| accuracy.i64(column)[i];
        let rows: BTreeMap<_, _> =
            rows.map(|i| ((text("truth", i), text("rule", i)), ["tp", "fp", "fn", "tn"].map(|column| count(column, i)))).collect();
        (rows, read(&out, &tables::CONTACTS))
    };
    let (everybody, contacts) = population("all", &["phones.adoption=1"]);
    let (nobody, _) = population("none", &["phones.adoption=0"]);
    assert!(!nobody.is_empty() && nobody.len() == everybody.len());
    for (key, [tp, fp, missed, tn]) in &nobody {
        let [found, alarms, still_missed, silent] = everybody[key];
        assert_eq!((*tp, *fp, *missed), (0, 0, found + still_missed), "{key:?}");
        assert!(silent <= *tn && *tn <= silent + alarms, "{key:?}: pairs that came near do not depend on phones");
    }
    // By JST day the population without a phone is the contacts table, in both directions.
    let [tp, fp, missed, tn] = nobody[&("cumulative_jst".to_owned(), "2.0".to_owned())];
    let true_ones = contacts.bools("is_contact_cumulative_jst").iter().filter(|is| **is).count() as i64;
    assert_eq!((tp, fp, missed, missed + tn), (0, 0, 2 * true_ones, 2 * contacts.rows() as i64));
}

/// The flag of each row of `contacts` follows from the verdicts' truth of the two UTC days that its JST day touches.
#[test]
fn a_utc_day_is_summed_over_midnight() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    let everybody = ["phones.adoption=1", "phones.bluetooth_off=0", "phones.smartphone_shares=[1,1,1,1,1,1,1,1]"];
    run(&out, &[&["run.days=4"], &everybody[..]].concat());
    let verdicts = read(&out, &tables::VERDICTS);
    let ends = |i: usize| (verdicts.u32("observer")[i], verdicts.u32("transmitter")[i]);
    let truth: BTreeMap<_, _> =
        (0..verdicts.rows()).map(|i| ((verdicts.days("day_utc")[i], ends(i)), verdicts.bools("is_contact")[i])).collect();
    let contacts = read(&out, &tables::CONTACTS);
    let mut only_over_midnight = 0;
    for i in 0..contacts.rows() {
        let (day, pair) = (contacts.days("day_jst")[i], (contacts.u32("a")[i], contacts.u32("b")[i]));
        let is_contact = [day, day - 1].iter().any(|utc| truth.get(&(*utc, pair)) == Some(&true));
        assert_eq!(contacts.bools("is_contact_cumulative_utc")[i], is_contact, "{pair:?} on {day}");
        let half = |column: &str| contacts.f64(column)[i] < 900.0;
        only_over_midnight += usize::from(is_contact && half("within_before_0900_s") && half("within_after_0900_s"));
    }
    assert!(only_over_midnight > 0);
}

/// Two people together from 23:50 to 00:10: 600 s on each JST day, 1200 s in one UTC day.
#[test]
fn twenty_minutes_over_midnight_are_a_contact_of_one_utc_day() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (trace, out) = (dir.path().join("trace.tij"), dir.path().join("out"));
    let text: String = (0..60).map(|k| format!("{} 1 2\n", 85_820 + 20 * k)).collect();
    std::fs::write(&trace, text).expect("a file");
    let file = format!("mobility.file={}", trace.display());
    let mut command = Command::cargo_bin("cocoasim").expect("the binary is built");
    command.args(["run", "office-trace", "--quiet", "--set", &file, "--out"]).arg(&out).assert().success();
    let contacts = read(&out, &tables::CONTACTS);
    // Each half, and a few seconds of coming and going on foot.
    let within_s = contacts.f64("within_s");
    assert!(within_s.len() == 2 && within_s.iter().all(|s| (600.0..610.0).contains(s)), "{within_s:?}");
    assert_eq!(contacts.bools("is_contact_cumulative_jst"), [false, false]);
    assert_eq!(contacts.bools("is_contact_cumulative_utc"), [true, true]);
}

/// What is final stands in the part of its own day; a day on which a run began that goes on, in the part of the day on which that ends.
#[test]
fn a_part_holds_what_became_final_on_its_day() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    // Whoever is at home together is in contact: over the weekend of the 5th and 6th without an end.
    run(&out, &["run.first_day=\"2020-09-04\"", "run.days=4", "truth.radius_m=10", "truth.walls_separate=false", "output.verdicts=false"]);
    let contacts = read(&out, &tables::CONTACTS);
    let longest_s = contacts.f64("longest_run_s").iter().fold(0.0, |a: f64, b| a.max(*b));
    assert!(longest_s > 2.0 * 86_400.0, "no run over two midnights: {longest_s} s");
    // Such a run goes on after 09:00 of the next day, when the UTC day ends; days that follow wait with the one on which it began.
    let pair = |table: &Batch, row: usize| (table.u32("a")[row], table.u32("b")[row]);
    let run_s = |row: usize| contacts.f64("longest_run_s")[row].max(contacts.f64("gap_run_s")[row]);
    let goes_on: std::collections::BTreeSet<_> =
        (0..contacts.rows()).filter(|row| run_s(*row) > 9.0 * 3600.0).map(|row| pair(&contacts, row)).collect();
    let (mut seen, mut own, mut later) = (std::collections::BTreeSet::new(), 0, 0);
    for day in 4..8 {
        let part =
            cocoasim::output::read_file(&out.join(format!("contacts/day-2020-09-{day:02}.parquet")), &tables::CONTACTS).expect("a part");
        let of = cocoasim::time::DayJst::parse(&format!("2020-09-{day:02}")).expect("a date").0;
        for row in 0..part.rows() {
            let (on, of_pair) = (part.days("day_jst")[row], pair(&part, row));
            assert!(seen.insert((on, of_pair)), "once");
            assert!(on == of || (on < of && goes_on.contains(&of_pair)), "day {day}: a row of day {on} of {of_pair:?}");
            own += usize::from(on == of);
            later += usize::from(on < of);
        }
    }
    assert!(seen.len() == contacts.rows() && own > 40 && later > 0, "{own} {later}");
}

/// The headline counts whole UTC days, and so does everything that stands beside it; with none, it counts what there is.
#[test]
fn the_headline_leaves_partial_utc_days_out() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for (days, whole) in [(1, 0), (3, 2)] {
        let out = dir.path().join(format!("{days}-days"));
        run(&out, &[&format!("run.days={days}"), "run.seed=3", "phones.adoption=1", "accuracy.headline_rule=\"2.0\""]);
        let verdicts = read(&out, &tables::VERDICTS);
        let is_partial = verdicts.bools("day_is_partial");
        let of = |partial: bool| {
            let days = verdicts.days("day_utc").iter().zip(is_partial).filter(|(_, is)| **is == partial).map(|(day, _)| *day);
            days.collect::<std::collections::BTreeSet<i32>>().into_iter().collect::<Vec<_>>()
        };
        let first = cocoasim::time::DayJst::parse("2020-09-01").expect("a date").0;
        assert_eq!((of(true), of(false)), (vec![first - 1, first + days - 1], (first..first + whole).collect()));
        // tp, fp, fn and tn of the verdicts of one place on the days of the headline, or everywhere on all days.
        let counted = |home: Option<bool>| {
            let mut counts = [0; 4];
            for i in (0..verdicts.rows()).filter(|&i| verdicts.text("rule").get(i) == "2.0") {
                let is_home = verdicts.text("venue_kind").get(i) == "home";
                if home.is_none_or(|home| home == is_home && !(is_partial[i] && whole > 0)) {
                    let (actual, detected) = (verdicts.bools("is_contact")[i], verdicts.bools("detected")[i]);
                    counts[usize::from(!detected) * 2 + usize::from(actual != detected)] += 1;
                }
            }
            counts
        };
        let accuracy = read(&out, &tables::ACCURACY);
        let stated = |stratum: &str, level: &str| {
            let wanted = [("mode", "as_if"), ("universe", "device"), ("rule", "2.0"), ("truth", "cumulative_utc")];
            let is_it =
                |i: &usize| wanted.iter().chain(&[("stratum", stratum), ("level", level)]).all(|(c, v)| accuracy.text(c).get(*i) == *v);
            (0..accuracy.rows()).find(is_it).map_or([0; 4], |i| ["tp", "fp", "tn", "fn"].map(|column| accuracy.i64(column)[i]))
        };
        assert_eq!(stated("all", "all"), counted(None));
        assert_eq!(stated("headline", "outside_home"), counted(Some(false)));
        assert_eq!(stated("beside_headline", "home"), counted(Some(true)));
        let [tp, fp, tn, missed] = counted(Some(false));
        assert!(tp > 0 && fp > 0 && tn > 0 && missed > 0);
        let causes = read(&out, &tables::CAUSES);
        let device = (0..causes.rows()).filter(|&i| causes.text("universe").get(i) == "device");
        assert_eq!(device.map(|i| causes.i64("pairs")[i]).sum::<i64>(), fp + missed);
        let roc = read(&out, &tables::ROC);
        let headline = (0..roc.rows()).find(|&i| roc.text("stratum").get(i) == "headline").expect("a row of the headline");
        let all = ["tp", "fp", "fn", "tn"].map(|column| roc.i64(column)[headline]);
        assert_eq!((all.iter().sum::<i64>(), all[0] + all[2]), (tp + fp + missed + tn, tp + missed));
    }
}

/// JST midnight of a day, Unix seconds.
fn midnight_s(day: &str) -> i64 {
    cocoasim::time::DayJst::parse(day).expect("a date").start().0
}

#[test]
fn what_happened_before_the_first_day_keeps_people_at_home() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let at_work = |name: &str, cases: &str| {
        let out = dir.path().join(name);
        let cases = format!("authority.cases={cases}");
        let common = ["run.days=3", "mobility.work.telework_share=0", "output.verdicts=false"];
        run(&out, &[&common[..], &[&cases, "authority.stays_home_from_onset_share=1"]].concat());
        let visits = read(&out, &tables::VISITS);
        let days = |person: u32| {
            let office = |i: &usize| visits.u32("person")[*i] == person && visits.text("venue_kind").get(*i) == "office";
            let start_s = (0..visits.rows()).filter(office).map(|i| visits.i64("start_s")[i]);
            start_s.map(|s| (s - midnight_s("2020-09-01")) / 86_400).collect::<std::collections::BTreeSet<i64>>().len()
        };
        [3, 4, 5, 6].map(days)
    };
    assert_eq!(at_work("well", "[]"), [3; 4]);
    // Positive on day -2; ill on day -1, with a result to come; ill on day 0 at 08:00; positive on day -30, and back after ten days.
    let cases = "[{person=3,onset_day=-4,result_day=-2},{person=4,onset_day=-1,result_day=9},{person=5,onset_day=0,result_day=9},\
                 {person=6,onset_day=-30,result_day=-30}]";
    assert_eq!(at_work("ill", cases), [0, 0, 1, 3]);
}

#[test]
fn the_funnel_and_the_uploads_hold_the_past() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    let everybody = [
        "phones.adoption=1",
        "phones.smartphone_shares=[1,1,1,1,1,1,1,1]",
        "timeline=[{date=\"always\",setting=\"hersys.number_life_h\",value=100}]",
    ];
    let cases = "authority.cases=[{person=3,onset_day=-9,result_day=-5,registers=\"yes\"},{person=4,onset_day=-1,result_day=0,registers=\"yes\"},\
                 {person=5,onset_day=2,result_day=9},{person=6,onset_day=-8,result_day=-6,registers=\"no\"}]";
    run(&out, &[&["run.days=4", "output.verdicts=false", cases], &everybody[..]].concat());
    let funnel = read(&out, &tables::FUNNEL);
    let first = cocoasim::time::DayJst::parse("2020-09-01").expect("a date").0;
    let reached = |step: u32| {
        let rows = (0..funnel.rows()).filter(|i| funnel.u32("step")[*i] == step);
        rows.filter(|i| funnel.i64("count")[*i] > 0)
            .map(|i| (funnel.days("day_jst")[i] - first, funnel.i64("count")[i]))
            .collect::<Vec<_>>()
    };
    assert_eq!(reached(1), [(-14, 1), (-13, 1), (-6, 1), (-3, 1)], "infected, five days before the onset");
    assert_eq!(reached(2), [(-9, 1), (-8, 1), (-1, 1), (2, 1)], "symptoms");
    assert_eq!(reached(3), [(-7, 1), (-6, 1), (-1, 1)], "tested, a day before the result");
    assert_eq!(reached(4), [(-6, 1), (-5, 1), (0, 1)], "positive");
    assert_eq!(reached(7), [(-5, 1), (0, 1)], "numbers issued, an hour after the results");
    let uploads = read(&out, &tables::UPLOADS);
    let outcomes: Vec<&str> = (0..4).map(|i| uploads.text("outcome").get(i)).collect();
    assert_eq!(outcomes, ["uploaded", "uploaded", "not yet positive", "nobody asked for a number"]);
    let uploaded_s = uploads.i64("uploaded_s");
    assert!(uploaded_s[0] < midnight_s("2020-09-01") && uploaded_s[1] > midnight_s("2020-09-01"));
    let exports = read(&out, &tables::EXPORTS);
    let (made_s, keys) = (exports.i64("created_s"), exports.u32("keys"));
    let before = (0..exports.rows()).filter(|&i| made_s[i] < midnight_s("2020-09-01")).map(|i| keys[i]).sum::<u32>();
    assert_eq!(Some(before), uploads.u32("keys").first().copied(), "what was uploaded before the first day was exported before it");
    // Nothing was stored before the first day, so nobody matches the earlier keys.
    let notifications = read(&out, &tables::NOTIFICATIONS);
    assert!(notifications.i64("checked_s").iter().all(|s| *s > uploaded_s[1]));
}

/// Numbers are issued to who asks, whenever that is.
const ON_REQUEST: &str = "timeline=[{date=\"always\",setting=\"hersys.numbers\",value=\"on_request\"}]";

#[test]
fn nobody_has_an_app_a_key_or_an_upload_before_the_first_release() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let story = |name: &str, installed: &str| {
        let out = dir.path().join(name);
        let common = ["run.first_day=\"2020-06-17\"", "run.days=8", "phones.adoption=1", "phones.bluetooth_off=0", "output.sightings=true"];
        let cases =
            "authority.cases=[{person=3,onset_day=0,result_day=1,registers=\"yes\"},{person=4,onset_day=3,result_day=5,registers=\"yes\"}]";
        let phones = ["phones.smartphone_shares=[1,1,1,1,1,1,1,1]", ON_REQUEST, "population.workers=16", installed, cases];
        run(&out, &[&common[..], &phones].concat());
        out
    };
    let utc_day = |day: &str| cocoasim::time::DayJst::parse(day).expect("a date").0;
    for (name, installed, begins) in [
        ("default", "phones.installed=\"2020-06-19\"", "2020-06-19"),
        ("early", "phones.installed=\"2020-05-01\"", "2020-06-19"),
        ("later", "phones.installed=\"2020-06-21\"", "2020-06-21"),
    ] {
        let out = story(name, installed);
        let begins_s = midnight_s(begins) + 9 * 3600;
        let people = read(&out, &tables::PEOPLE);
        assert!((0..people.rows()).all(|i| people.is_null("app_version", i) && people.bools("phone_runs")[i]));
        let heard_s = read(&out, &tables::SIGHTINGS).i64("t_s").to_vec();
        let first_s = *heard_s.iter().min().expect("phones hear each other in the end");
        assert!((begins_s..begins_s + 3600).contains(&first_s), "{name}: {} s after", first_s - begins_s);
        let verdicts = read(&out, &tables::VERDICTS);
        assert_eq!(verdicts.days("day_utc").iter().min(), Some(&utc_day(begins)), "{name}");
        let uploads = read(&out, &tables::UPLOADS);
        assert_eq!((uploads.text("outcome").get(0), uploads.is_null("uploaded_s", 0)), ("app not installed yet", true));
        assert_eq!(uploads.text("outcome").get(1), "uploaded");
        let exports = read(&out, &tables::EXPORTS);
        assert_eq!(exports.days("key_day").iter().min(), Some(&utc_day(begins)), "{name}: keys begin with the installation");
    }
    let refused = Command::cargo_bin("cocoasim")
        .expect("the binary is built")
        .args(["check", "office", "--set", "phones.installed=\"2020-06-31\""])
        .output()
        .expect("it runs");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("phones.installed = \"2020-06-31\": not a date of the calendar"));
}

/// The same people at two islands side by side, and with 70 m of empty floor between: what counts as rightly left alone does not grow
/// with it.
#[test]
fn what_is_left_alone_does_not_grow_with_the_building() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let silent = |name: &str, within_m: u32, second_island_x_m: f64| {
        let out = dir.path().join(name);
        let island =
            |x_m: f64| format!("{{ first_m = [{x_m}, 1.7], width_m = 4.8, depth_m = 1.4, chairs_a_side = 4, seat_from_edge_m = 0.3 }}");
        let floor = format!(
            "name = \"office\"\ndescription = \"\"\nrooms = [{{ name = \"open\", use = \"open_plan\", low_m = [0.0, 0.0], high_m = [100.0, 10.0] }}]\n\
             tables = [{}, {}]\n[floor]\nwidth_m = 100.0\ndepth_m = 10.0\nenvironment = \"office\"\n{}",
            island(3.4),
            island(second_island_x_m + 2.4),
            "[[roles]]\nname = \"worker\"\n[roles.model.work_floor]\nlunch_pantry_share = 0.0\nmeetings_per_room = 0\n\
             meeting_own_department_share = 1.0\ntalks_per_person = 0.0\ntalk_min_s = 40.0\ntalk_tail_exponent = 2.2\ntalk_stretches_exponent = 2.0\ntalk_pause_s = [20.0, 60.0]\ntalk_sociability_sd = 0.0\ntalk_affinity_exponent = 0.0\n\
             talk_own_department_share = 1.0\ntalk_distance_m = 0.9\ntalk_distance_sd_m = 0.0\nerrands_per_person = 0\n"
        );
        let file = dir.path().join(format!("{name}.toml"));
        std::fs::write(&file, floor).expect("it is written");
        run(
            &out,
            &[
                "run.days=3",
                "population.workers=16",
                "phones.adoption=1",
                "phones.bluetooth_off=0",
                "phones.smartphone_shares=[1,1,1,1,1,1,1,1]",
                "output.verdicts=false",
                "mobility.work.telework_share=0",
                &format!("venue.kinds=[\"{}\"]", file.display()),
                &format!("accuracy.universe_within_m={within_m}"),
            ],
        );
        let accuracy = read(&out, &tables::ACCURACY);
        let wanted = [("mode", "as_if"), ("universe", "device"), ("rule", "2.0"), ("truth", "cumulative_utc"), ("stratum", "headline")];
        let row = (0..accuracy.rows()).find(|&i| wanted.iter().all(|(column, value)| accuracy.text(column).get(i) == *value));
        accuracy.i64("tn")[row.expect("a row of the headline")]
    };
    let (near, far, unlimited) = (silent("near", 20, 7.0), silent("far", 20, 80.0), silent("unlimited", 200, 80.0));
    assert!(0 < far && far < near, "{far} in two places, {near} in one");
    assert!(unlimited > far + 100, "{unlimited} with pairs across the building, {far} without");
}

/// Fifteen pairs 10 m apart on two whole days, where no phone hears the other: at 150 dB not even the best. The universe ends at its
/// distance, not at radio's.
#[test]
fn pairs_that_nobody_hears_are_of_the_universe_by_distance_alone() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let silences = |within_m: f64| {
        let out = dir.path().join(format!("within-{within_m}"));
        run(
            &out,
            &[
                "run.days=3",
                "phones.adoption=1",
                "phones.bluetooth_off=0",
                "phones.smartphone_shares=[1,1,1,1,1,1,1,1]",
                "mobility.source=pairs",
                "mobility.pairs.distance_m=10",
                "radio.environments.office.level_at_1m_db=90",
                "radio.environments.office.exponent=6",
                &format!("accuracy.universe_within_m={within_m}"),
            ],
        );
        let accuracy = read(&out, &tables::ACCURACY);
        let wanted = [("mode", "as_if"), ("universe", "device"), ("rule", "2.0"), ("truth", "cumulative_utc"), ("stratum", "headline")];
        let row = (0..accuracy.rows()).find(|&i| wanted.iter().all(|(column, value)| accuracy.text(column).get(i) == *value));
        row.map(|i| ["tp", "fp", "fn", "tn"].map(|column| accuracy.i64(column)[i]))
    };
    assert_eq!([20.0, 10.0].map(silences), [Some([0, 0, 0, 60]); 2]);
    assert_eq!(silences(9.9), None);
}

#[test]
fn a_universe_without_its_contacts_is_a_fault() {
    let mut command = Command::cargo_bin("cocoasim").expect("the binary is built");
    let outcome = command.args(["check", "office", "--set", "accuracy.universe_within_m=0.9"]).assert().code(2);
    let said = String::from_utf8_lossy(&outcome.get_output().stderr).into_owned();
    assert!(said.contains("accuracy.universe_within_m") && said.contains("make it at least 1 m"), "{said}");
}

/// Everybody's contacts, step by step to the headline's: each count is that of the tables, and the last is tp + fn.
#[test]
fn contacts_are_one_figure_with_a_bridge_to_the_headline() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    run(&out, &["run.days=4", "phones.adoption=0.8"]);
    let summary = std::fs::read_to_string(out.join("summary.json")).expect("a summary");
    let summary: serde_json::Value = serde_json::from_str(&summary).expect("JSON");
    let steps: Vec<(String, u64)> = summary["contacts_bridge"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| (step["step"].as_str().expect("a name").to_owned(), step["count"].as_u64().expect("a count")))
        .collect();

    let contacts = read(&out, &tables::CONTACTS);
    let by_jst = contacts.bools("is_contact_cumulative_jst").iter().filter(|is| **is).count();
    let mut by_utc: BTreeMap<(i32, u32, u32), f64> = BTreeMap::new();
    for i in 0..contacts.rows() {
        let (day, a, b) = (contacts.days("day_jst")[i], contacts.u32("a")[i], contacts.u32("b")[i]);
        for (utc, column) in [(day - 1, "within_before_0900_s"), (day, "within_after_0900_s")] {
            *by_utc.entry((utc, a, b)).or_default() += contacts.f64(column)[i];
        }
    }
    let by_utc: Vec<_> = by_utc.into_iter().filter(|(_, seconds)| *seconds >= 900.0).map(|(pair, _)| pair).collect();
    let people = read(&out, &tables::PEOPLE);
    let runs = |person: u32| (0..people.rows()).any(|i| people.u32("person")[i] == person && people.bools("phone_runs")[i]);
    let running = by_utc.iter().filter(|(_, a, b)| runs(*a) && runs(*b)).count();
    // The rest from the verdicts of one rule: where, and whether the day is whole.
    let verdicts = read(&out, &tables::VERDICTS);
    let is_contact = |i: &usize| verdicts.text("rule").get(*i) == "2.0" && verdicts.bools("is_contact")[*i];
    let ordered: Vec<usize> = (0..verdicts.rows()).filter(is_contact).collect();
    assert_eq!(ordered.len(), 2 * running);
    let outside: Vec<usize> = ordered.into_iter().filter(|&i| verdicts.text("venue_kind").get(i) != "home").collect();
    let whole = outside.iter().filter(|&&i| !verdicts.bools("day_is_partial")[i]).count();
    let expected = [
        ("jst_days", by_jst),
        ("utc_days", by_utc.len()),
        ("both_phones_running", running),
        ("outside_home", outside.len() / 2),
        ("headline_days", whole / 2),
        ("ordered_pairs", whole),
    ];
    assert_eq!(steps, expected.map(|(step, count)| (step.to_owned(), count as u64)));
    assert!(expected.windows(2).take(4).all(|two| two[0].1 != two[1].1) && whole > 0, "each step leaves some out: {expected:?}");
    let headline = &summary["headline"];
    assert_eq!(headline["tp"].as_u64().zip(headline["fn"].as_u64()).map(|(tp, missed)| tp + missed), Some(whole as u64));
}

/// A row of `accuracy` is named by its keys; none is empty.
#[test]
fn no_two_rows_of_accuracy_have_one_name() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    let case = "authority.cases=[{person=3,has_app=true,onset_day=1,result_day=2,registers=\"yes\"}]";
    run(&out, &["run.days=4", case, "output.verdicts=false"]);
    let accuracy = read(&out, &tables::ACCURACY);
    let mut names = std::collections::BTreeSet::new();
    for i in 0..accuracy.rows() {
        let texts = ["mode", "universe", "rule", "truth", "stratum", "level"].map(|column| accuracy.text(column).get(i).to_owned());
        assert!(["tp", "fp", "fn", "tn"].iter().any(|column| accuracy.i64(column)[i] > 0), "{texts:?} has no pairs");
        assert!(names.insert((accuracy.i64("seed")[i], texts.clone())), "{texts:?} twice");
    }
    for mode in ["as_if", "end_to_end"] {
        assert!(names.iter().any(|(_, texts)| texts[0] == mode && texts[4] == "headline"), "{mode}");
    }
}
