//! Days before the first that results are about: everything goes on over them, and no figure counts them.

use std::path::{Path, PathBuf};

use cocoasim::{
    output::{Batch, ColumnType, TableSpec, read_table, tables},
    time::DayJst,
};
use serde_json::Value;
use tempfile::TempDir;

/// Thursday and Friday, after Monday to Wednesday.
const WARM: [&str; 4] = [
    "run.first_day=\"2020-09-10\"",
    "run.warm_up_days=3",
    "run.days=2",
    "authority.cases=[{person=3,has_app=true,onset_day=-1,result_day=0,registers=\"yes\"},{person=9,has_app=true,onset_day=0,result_day=1,registers=\"yes\"}]",
];
/// The same days, all of them told of.
const ALL: [&str; 3] = [
    "run.first_day=\"2020-09-07\"",
    "run.days=5",
    "authority.cases=[{person=3,has_app=true,onset_day=2,result_day=3,registers=\"yes\"},{person=9,has_app=true,onset_day=3,result_day=4,registers=\"yes\"}]",
];
const BOTH: [&str; 7] = [
    "population.workers=40",
    "phones.adoption=1.0",
    "phones.smartphone_shares=[1,1,1,1,1,1,1,1]",
    "output.sightings=true",
    "output.stances=true",
    "authority.incidence.reported_per_100k_a_day=500",
    "authority.incidence.registers=\"yes\"",
];

struct Run {
    _dir: TempDir,
    folder: PathBuf,
    summary: Value,
}

impl Run {
    fn of(sets: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let folder = dir.path().join("out");
        let mut command = assert_cmd::Command::cargo_bin("cocoasim").expect("the binary is built");
        command.args(["run", "office", "--quiet", "--out"]).arg(&folder);
        command.args(BOTH.iter().chain(sets).flat_map(|set| ["--set", set])).assert().success();
        let summary = serde_json::from_slice(&std::fs::read(folder.join("summary.json")).expect("a summary")).expect("it is JSON");
        Self { _dir: dir, folder, summary }
    }

    fn table(&self, spec: &'static TableSpec) -> Batch {
        read_table(&self.folder, spec).unwrap_or_else(|error| panic!("{error}"))
    }
}

fn cell(table: &Batch, spec: &TableSpec, column: &str, row: usize) -> String {
    if table.is_null(column, row) {
        return "null".into();
    }
    match spec.columns[spec.position(column).expect("a column")].kind {
        ColumnType::UInt32 => table.u32(column)[row].to_string(),
        ColumnType::Int32 => table.i32(column)[row].to_string(),
        ColumnType::Int64 => table.i64(column)[row].to_string(),
        ColumnType::Float32 => table.f32(column)[row].to_string(),
        ColumnType::Float64 => table.f64(column)[row].to_string(),
        ColumnType::Bool => table.bools(column)[row].to_string(),
        ColumnType::Utf8 => table.text(column).get(row).to_string(),
        ColumnType::Date => table.days(column)[row].to_string(),
        ColumnType::Fixed(_) => format!("{:?}", table.fixed(column, row)),
    }
}

/// Rows without the columns that say which days a run tells of.
fn rows(table: &Batch, spec: &TableSpec) -> Vec<Vec<String>> {
    let of_days = ["is_warm_up", "day_is_partial"];
    let columns: Vec<&str> = spec.columns.iter().map(|column| column.name).filter(|name| !of_days.contains(name)).collect();
    (0..table.rows()).map(|row| columns.iter().map(|column| cell(table, spec, column, row)).collect()).collect()
}

fn day(text: &str) -> DayJst {
    DayJst::parse(text).expect("a date")
}

/// Movement, phones, cases, server and warnings are those of a run that tells of all days; rows say which days are warm-up.
#[test]
fn everything_goes_on_over_the_warm_up() {
    let (warm, all) = (Run::of(&WARM), Run::of(&ALL));
    let told_from = day("2020-09-10");
    for spec in [
        &tables::VISITS,
        &tables::STANCES,
        &tables::CONTACTS,
        &tables::SIGHTINGS,
        &tables::VERDICTS,
        &tables::UPLOADS,
        &tables::EXPORTS,
        &tables::NOTIFICATIONS,
        &tables::REGISTRATIONS,
        &tables::SCREENS,
        &tables::RESPONSES,
        &tables::TRAFFIC,
    ] {
        let (of_warm, of_all) = (warm.table(spec), all.table(spec));
        assert!(of_all.rows() > 0, "{}: something to compare", spec.name);
        assert_eq!(rows(&of_warm, spec), rows(&of_all, spec), "{}", spec.name);
        if spec.position("is_warm_up").is_some() {
            assert!(of_all.bools("is_warm_up").iter().all(|is_warm_up| !is_warm_up), "{}", spec.name);
        }
    }
    let is_warm_up = |spec, row_day: &dyn Fn(&Batch, usize) -> DayJst| {
        let table = warm.table(spec);
        let told = table.bools("is_warm_up");
        (0..table.rows()).for_each(|row| assert_eq!(told[row], row_day(&table, row) < told_from, "{} {row}", spec.name));
        assert!(told.iter().any(|is| *is) && told.iter().any(|is| !*is), "{}", spec.name);
    };
    let of_moment = |at_s: i64| cocoasim::time::UnixSeconds(at_s).day_jst();
    is_warm_up(&tables::VISITS, &|table, row| of_moment(table.i64("end_s")[row]));
    is_warm_up(&tables::SIGHTINGS, &|table, row| of_moment(table.i64("t_s")[row]));
    is_warm_up(&tables::CONTACTS, &|table, row| DayJst(table.days("day_jst")[row]));
    is_warm_up(&tables::TRAFFIC, &|table, row| DayJst(table.days("day_jst")[row]));
    is_warm_up(&tables::FUNNEL, &|table, row| DayJst(table.days("day_jst")[row]));
    // A UTC day is of the JST day on which it begins.
    is_warm_up(&tables::VERDICTS, &|table, row| DayJst(table.days("day_utc")[row]));
    assert_eq!((&warm.summary["days"], &warm.summary["warm_up_days"]), (&2.into(), &3.into()));
    assert_eq!(warm.summary["first_day_jst"], "2020-09-10");
    assert_eq!(warm.summary["cases"], all.summary["cases"]);
    assert!(warm.summary["cases_reported"].as_u64() < all.summary["cases_reported"].as_u64());
}

/// Counts of the rule `2.0`, as if, of a universe, a truth, a stratum and its level.
fn counts(run: &Run, of: [&str; 5]) -> [i64; 4] {
    let table = run.table(&tables::ACCURACY);
    let columns = ["mode", "universe", "truth", "stratum", "level"].map(|column| table.text(column));
    let rule = table.text("rule");
    let found =
        (0..table.rows()).find(|&row| rule.get(row) == "2.0" && columns.iter().zip(of).all(|(column, value)| column.get(row) == value));
    found.map_or([0; 4], |row| ["tp", "fp", "fn", "tn"].map(|column| table.i64(column)[row]))
}

/// Figures are those of the tables' rows that are not marked.
#[test]
fn no_figure_counts_the_warm_up() {
    let run = Run::of(&WARM);
    let verdicts = run.table(&tables::VERDICTS);
    let (is_warm_up, is_partial) = (verdicts.bools("is_warm_up"), verdicts.bools("day_is_partial"));
    let (rule, kind) = (verdicts.text("rule"), verdicts.text("venue_kind"));
    let (detected, is_contact) = (verdicts.bools("detected"), verdicts.bools("is_contact"));
    let of_rows = |counts: &dyn Fn(usize) -> bool| {
        let cell = |row: &usize| match (detected[*row], is_contact[*row]) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        let rows = (0..verdicts.rows()).filter(|row| rule.get(*row) == "2.0" && counts(*row));
        rows.fold([0; 4], |mut sums: [i64; 4], row| {
            sums[cell(&row)] += 1;
            sums
        })
    };
    let all = of_rows(&|row| !is_warm_up[row]);
    assert!(all.iter().all(|n| *n > 0) && all != of_rows(&|_| true), "{all:?}");
    assert_eq!(counts(&run, ["as_if", "device", "cumulative_utc", "all", "all"]), all);
    let headline = of_rows(&|row| !is_warm_up[row] && !is_partial[row] && kind.get(row) != "home");
    assert_eq!(counts(&run, ["as_if", "device", "cumulative_utc", "headline", "outside_home"]), headline);
    let roc = run.table(&tables::ROC);
    let row = (0..roc.rows()).find(|row| roc.text("stratum").get(*row) == "headline").expect("the headline's curve");
    assert_eq!(roc.i64("tp")[row] + roc.i64("fn")[row], headline[0] + headline[2]);

    let contacts = run.table(&tables::CONTACTS);
    let told = contacts.bools("is_warm_up").iter().map(|is_warm_up| !is_warm_up);
    let jst: i64 =
        contacts.bools("is_contact_cumulative_jst").iter().zip(told).map(|(is_contact, told)| i64::from(*is_contact && told)).sum();
    assert_eq!(run.summary["contacts_bridge"][0]["count"], jst);
    let [tp, _, missed, _] = counts(&run, ["as_if", "population", "cumulative_jst", "all", "all"]);
    assert_eq!(tp + missed, 2 * jst, "each pair twice");

    // From 09:00 on Thursday to 09:00 on Friday.
    let (from_s, to_s) = (day("2020-09-10").utc_midnight().0, day("2020-09-11").utc_midnight().0);
    let visits = run.table(&tables::VISITS);
    let (starts_s, ends_s) = (visits.i64("start_s"), visits.i64("end_s"));
    let outside = (0..visits.rows()).filter(|row| visits.text("venue_kind").get(*row) != "home");
    let seconds: i64 = outside.map(|row| (ends_s[row].min(to_s) - starts_s[row].max(from_s)).max(0)).sum();
    let rate = run.summary["contact_rates"].as_array().and_then(|rates| rates.iter().find(|rate| rate["place"] == "outside_home"));
    let hours = rate.and_then(|rate| rate["person_hours"].as_f64()).expect("hours outside the home");
    assert!((hours - seconds as f64 / 3600.0).abs() < 1e-6, "{hours}");
}

/// Warnings of contacts: those of days told of, with the same reasons as where all days are.
#[test]
fn contacts_with_cases_count_from_the_first_day_on() {
    let (warm, all) = (Run::of(&WARM), Run::of(&ALL));
    let (of_warm, of_all) = (warm.table(&tables::REASONS), all.table(&tables::REASONS));
    let told: Vec<_> = (0..of_all.rows())
        .zip(rows(&of_all, &tables::REASONS))
        .filter(|(row, _)| of_all.days("day_utc")[*row] >= day("2020-09-10").0)
        .map(|(_, row)| row)
        .collect();
    assert!(!told.is_empty() && told.len() < of_all.rows());
    assert_eq!(rows(&of_warm, &tables::REASONS), told);
    let end_to_end = |run: &Run| -> i64 {
        let table = run.table(&tables::ACCURACY);
        let is = |row: &usize| {
            table.text("mode").get(*row) == "end_to_end"
                && table.text("universe").get(*row) == "population"
                && table.text("stratum").get(*row) == "all"
        };
        (0..table.rows()).filter(is).map(|row| table.i64("tp")[row] + table.i64("fn")[row]).sum()
    };
    assert_eq!(end_to_end(&warm), told.len() as i64);
    assert!(end_to_end(&all) > end_to_end(&warm));
    let people = |run: &Run| -> i64 {
        let table = run.table(&tables::FUNNEL);
        let is = |row: &usize| table.text("unit").get(*row) == "people" && table.u32("step")[*row] == 20;
        (0..table.rows()).filter(is).map(|row| table.i64("count")[row]).sum()
    };
    assert!(people(&warm) > 0 && people(&warm) < people(&all));
}

/// Cases drawn in an office: of each day as many as the rate says, each person once, whatever is stated beside. At a weekend, when all are at home.
#[test]
fn cases_are_drawn_at_the_rate_that_is_stated() {
    let weekend = ["run.first_day=\"2020-09-05\"", "run.days=2", "authority.cases=[]", "population.workers=4000", "phones.adoption=0.2"];
    let run = Run::of(&[&weekend[..], &["output.sightings=false", "output.stances=false"]].concat());
    let (uploads, people) = (run.table(&tables::UPLOADS), run.table(&tables::PEOPLE).rows() as f64);
    let mut persons = uploads.u32("person").to_vec();
    persons.sort_unstable();
    assert!(persons.windows(2).all(|two| two[0] != two[1]));
    let reported = (0..uploads.rows())
        .filter(|row| !uploads.is_null("result_s", *row) && uploads.i64("result_s")[*row] >= day("2020-09-05").start().0);
    let n = reported.count() as f64;
    // Some 9,000 people, 5 in 1,000 a day and two days, less those reported in the 11 days before: about 85. 3.3 standard deviations either way, and
    // one in twenty since ages differ in how many are left: a right model passes with a chance of 0.999.
    let expected = people * (libm::pow(0.995, 11.0) - libm::pow(0.995, 13.0));
    assert!((n - expected).abs() < 3.3 * expected.sqrt() + expected / 20.0, "{n} of {expected}");
    assert_eq!(run.summary["cases_reported"], n as u64);
    let onset_before_result = |row: usize| uploads.is_null("result_s", row) || uploads.i64("onset_s")[row] <= uploads.i64("result_s")[row];
    assert!((0..uploads.rows()).all(onset_before_result));
    // Some are infected on these days and reported later.
    assert!((0..uploads.rows()).any(|row| uploads.is_null("result_s", row)));
}

/// Days of which nothing is known, a trace with a past, and more cases than people are refused before anything is written.
#[test]
fn what_cannot_be_is_refused() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let refused = |scenario: &str, sets: &[&str]| {
        let out: &Path = &dir.path().join("out");
        let mut command = assert_cmd::Command::cargo_bin("cocoasim").expect("the binary is built");
        command.args(["run", scenario, "--quiet", "--out"]).arg(out).args(sets.iter().flat_map(|set| ["--set", set]));
        let output = command.assert().code(2).get_output().stderr.clone();
        assert!(!out.exists());
        String::from_utf8(output).expect("text")
    };
    let as_reported = "authority.incidence.reported_per_100k_a_day=as_reported";
    let text = refused("office", &[as_reported, "run.first_day=2021-01-20"]);
    assert!(text.contains("authority.incidence.reported_per_100k_a_day") && text.contains("from 2020-06-01 to 2021-01-30"), "{text}");
    let text = refused("office", &["authority.incidence.reported_per_100k_a_day=many"]);
    assert!(text.contains("as_reported"), "{text}");
    let text = refused("office", &["authority.incidence.reported_per_100k_a_day=90000", "authority.incidence.scale=5"]);
    assert!(text.contains("authority.incidence.scale") && text.contains("times a day each"), "{text}");
    let text = refused("office", &["authority.incidence.age_shares=[0,0,0,0,0,0,0,0]"]);
    assert!(text.contains("authority.incidence.age_shares") && text.contains("add up to 0"), "{text}");
    let text = refused("office", &["run.warm_up_days=61"]);
    assert!(text.contains("run.warm_up_days") && text.contains("from 0 to 60"), "{text}");
    let text = refused("office-trace", &["run.warm_up_days=3", "mobility.file=none.dat"]);
    assert!(text.contains("run.warm_up_days") && text.contains("no days before its first"), "{text}");
}
