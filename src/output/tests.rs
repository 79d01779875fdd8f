//! Tests of the room as a whole: through files.

use std::fs;
use std::path::Path;

use super::{Batch, Column, ColumnType, IoError, ManifestHead, RunFolder, TableSpec, encode, read_file, schema_json, tables};
use crate::{inputs::sha256_hex, time::DayJst};

const fn both(name: &'static str, kind: ColumnType) -> Column {
    Column::new(name, kind, "a value").unit("furlong")
}

/// Every type, always there and missing.
static EVERY_TYPE: TableSpec = TableSpec {
    name: "every_type",
    row_is: "a test",
    day_parts: false,
    columns: &[
        both("u32", ColumnType::UInt32),
        both("u32_n", ColumnType::UInt32).or_null(),
        both("i32", ColumnType::Int32),
        both("i32_n", ColumnType::Int32).or_null(),
        both("i64", ColumnType::Int64),
        both("i64_n", ColumnType::Int64).or_null(),
        both("f32", ColumnType::Float32),
        both("f32_n", ColumnType::Float32).or_null(),
        both("f64", ColumnType::Float64),
        both("f64_n", ColumnType::Float64).or_null(),
        both("bool", ColumnType::Bool),
        both("bool_n", ColumnType::Bool).or_null(),
        both("text", ColumnType::Utf8),
        both("text_n", ColumnType::Utf8).or_null(),
        both("date", ColumnType::Date),
        both("date_n", ColumnType::Date).or_null(),
        both("fixed", ColumnType::Fixed(4)),
        both("fixed_n", ColumnType::Fixed(4)).or_null(),
    ],
};

fn every_type(rows: u32) -> Batch {
    let mut batch = Batch::new(&EVERY_TYPE);
    for row in 0..rows {
        let there = row % 3 != 1;
        let (signed, wide, small) = (-row.cast_signed(), -i64::from(row) << 33, row as f32 / 8.0);
        let text = format!("ラベル{}", row % 5);
        let bytes = row.to_le_bytes();
        batch
            .row()
            .set("u32", u32::MAX - row)
            .set("u32_n", there.then_some(row))
            .set("i32", signed)
            .set("i32_n", there.then_some(signed))
            .set("i64", wide)
            .set("i64_n", there.then_some(wide))
            .set("f32", small)
            .set("f32_n", there.then_some(small))
            .set("f64", f64::from(small))
            .set("f64_n", there.then_some(f64::from(small)))
            .set("bool", row % 2 == 0)
            .set("bool_n", there.then_some(row % 2 == 0))
            .set("text", &text)
            .set("text_n", there.then_some(&text))
            .set("date", DayJst(signed))
            .set("date_n", there.then_some(DayJst(signed)))
            .set("fixed", &bytes)
            .set("fixed_n", there.then_some(&bytes));
    }
    batch
}

fn assert_same(read: &Batch, written: &Batch) {
    assert_eq!(read.rows(), written.rows());
    for row in 0..written.rows() {
        for column in EVERY_TYPE.columns {
            let name = column.name;
            assert_eq!(read.is_null(name, row), written.is_null(name, row), "{name} {row}");
            assert_eq!(read.is_null(name, row), name.ends_with("_n") && row % 3 == 1);
            match column.kind {
                ColumnType::UInt32 => assert_eq!(read.u32(name)[row], written.u32(name)[row]),
                ColumnType::Int32 => assert_eq!(read.i32(name)[row], written.i32(name)[row]),
                ColumnType::Int64 => assert_eq!(read.i64(name)[row], written.i64(name)[row]),
                ColumnType::Float32 => assert_eq!(read.f32(name)[row].to_bits(), written.f32(name)[row].to_bits()),
                ColumnType::Float64 => assert_eq!(read.f64(name)[row].to_bits(), written.f64(name)[row].to_bits()),
                ColumnType::Bool => assert_eq!(read.bools(name)[row], written.bools(name)[row]),
                ColumnType::Utf8 => assert_eq!(read.text(name).opt(row), written.text(name).opt(row)),
                ColumnType::Date => assert_eq!(read.days(name)[row], written.days(name)[row]),
                ColumnType::Fixed(_) => assert_eq!(read.fixed(name, row), written.fixed(name, row)),
            }
        }
    }
}

fn visits(person: u32, rows: u32) -> Batch {
    let mut batch = Batch::new(&tables::VISITS);
    for row in 0..rows {
        let start_s = i64::from(row) * 60;
        let stay = batch.row().set("person", person).set("venue", row).set("venue_kind", "home");
        stay.set("start_s", start_s).set("end_s", start_s + 60).set("group", None::<u32>).set("is_warm_up", false);
    }
    batch
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn rows_that_are_kept_are_as_they_were() {
    let (mut first, mut some) = (every_type(30), every_type(30));
    first.keep(&std::array::from_fn::<_, 30, _>(|row| row < 10));
    assert!((first.rows(), encode(&first)) == (10, encode(&every_type(10))));
    some.keep(&std::array::from_fn::<_, 30, _>(|row| row % 7 == 4));
    let rows = [4, 11, 18, 25];
    assert_eq!(some.u32("u32"), rows.map(|row| u32::MAX - row));
    for (at, row) in rows.into_iter().enumerate() {
        assert_eq!(some.text("text").get(at), format!("ラベル{}", row % 5));
        assert_eq!(some.fixed("fixed", at), row.to_le_bytes());
        assert_eq!(["u32_n", "text_n", "fixed_n"].map(|column| some.is_null(column, at)), [row % 3 == 1; 3], "row {row}");
    }
}

#[test]
fn every_type_comes_back_with_and_without_values() {
    let dir = tempfile::tempdir().unwrap();
    for rows in [0, 1, 2, 1000] {
        let path = dir.path().join("t.parquet");
        fs::write(&path, encode(&every_type(rows))).unwrap();
        assert_same(&read_file(&path, &EVERY_TYPE).unwrap(), &every_type(rows));
    }
}

/// More rows than a row group and than a chunk.
#[test]
fn long_tables_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let rows = (1 << 20) + (1 << 16) + 7;
    let path = dir.path().join("visits.parquet");
    fs::write(&path, encode(&visits(3, rows))).unwrap();
    let read = read_file(&path, &tables::VISITS).unwrap();
    assert_eq!(read.rows(), rows as usize);
    assert!(read.u32("venue").iter().copied().eq(0..rows));
    assert_eq!(read.text("venue_kind").get(rows as usize - 1), "home");
}

#[test]
fn equal_rows_are_equal_bytes_however_they_were_joined() {
    let whole = every_type(300);
    assert_eq!(encode(&whole), encode(&every_type(300)));
    let mut twice = every_type(300);
    twice.append(&every_type(100));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t.parquet");
    fs::write(&path, encode(&twice)).unwrap();
    let read = read_file(&path, &EVERY_TYPE).unwrap();
    assert_eq!(encode(&read), encode(&twice));
    assert_eq!(read.text("text").get(307), "ラベル2");
    assert_ne!(encode(&whole), encode(&every_type(299)));
}

#[test]
fn nothing_of_the_machine_is_in_a_file() {
    let bytes = encode(&visits(1, 10));
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("cocoasim"));
    assert!(!text.contains("parquet-rs"), "the library's name and version would change the bytes with every update");
}

#[test]
fn a_damaged_or_foreign_file_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t.parquet");
    let good = encode(&every_type(1000));
    for cut in [0, 1, 4, good.len() / 2, good.len() - 1] {
        fs::write(&path, &good[..cut]).unwrap();
        assert!(matches!(read_file(&path, &EVERY_TYPE), Err(IoError::Damaged { .. })), "cut at {cut}");
    }
    fs::write(&path, encode(&visits(1, 3))).unwrap();
    let error = read_file(&path, &EVERY_TYPE).unwrap_err().to_string();
    assert!(error.contains("no column 'u32'"), "{error}");
    assert!(matches!(read_file(&dir.path().join("none.parquet"), &EVERY_TYPE), Err(IoError::System { .. })));
}

#[test]
fn changed_bytes_never_panic() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t.parquet");
    let good = encode(&every_type(40));
    let mut errors = 0;
    for at in (0..good.len()).step_by(3) {
        let mut bad = good.clone();
        bad[at] ^= 0x55;
        fs::write(&path, &bad).unwrap();
        errors += usize::from(read_file(&path, &EVERY_TYPE).is_err());
    }
    assert!(errors > 100, "only {errors} of {} changes were noticed", good.len());
}

#[test]
fn parts_are_joined_in_order_and_unfinished_ones_ignored() {
    let dir = tempfile::tempdir().unwrap();
    let run = RunFolder::create(&dir.path().join("a/run"), false).unwrap();
    let day = DayJst::parse("2020-09-01").unwrap();
    run.write_part(&visits(2, 1), day.next()).unwrap();
    run.write_part(&visits(1, 2), day).unwrap();
    run.write_part(&visits(1, 2), day).unwrap();
    let visits_dir = run.path().join("visits");
    assert_eq!(names(&visits_dir), ["day-2020-09-01.parquet", "day-2020-09-02.parquet"]);
    // What a run killed while writing leaves behind, and what somebody put there.
    fs::write(visits_dir.join(".day-2020-09-03.parquet.tmp"), b"PAR1 half").unwrap();
    fs::write(visits_dir.join("notes.txt"), b"mine").unwrap();
    assert_eq!(run.read(&tables::VISITS).unwrap().u32("person"), [1, 1, 2]);
    assert!(matches!(run.read(&tables::PEOPLE), Err(IoError::MissingTable { table: "people", .. })));
}

#[test]
fn a_write_that_fails_leaves_what_was_there() {
    let dir = tempfile::tempdir().unwrap();
    let run = RunFolder::create(dir.path(), false).unwrap();
    // A folder in the file's place cannot be replaced by a file.
    fs::create_dir_all(run.path().join("people.parquet/x")).unwrap();
    let error = run.write_table(&Batch::new(&tables::PEOPLE)).unwrap_err();
    assert!(matches!(error, IoError::System { action: "write", .. }) && !error.is_wrong_input());
    assert_eq!(names(run.path()), [".lock", ".state", "people.parquet"]);
}

#[test]
fn a_folder_is_replaced_only_when_told_and_only_what_a_run_made() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("run");
    let run = RunFolder::create(&root, false).unwrap();
    run.write_part(&visits(1, 2), DayJst(18_506)).unwrap();
    run.write_table(&Batch::new(&tables::PEOPLE)).unwrap();
    run.write_figure("roc", "<svg/>").unwrap();
    run.write_published("2020-09-02-keys-of-2020-09-01.zip", 1, b"PK").unwrap();
    run.write_public_key("PEM").unwrap();
    run.write_report("<html/>").unwrap();
    run.write_checkpoint(b"3").unwrap();
    assert!(!run.is_finished());
    run.write_manifest(ManifestHead { seed: 1, holds_worlds: false, scenario: &serde_json::json!({}), inputs: &[] }).unwrap();
    assert!(!run.is_finished());
    run.remove_state().unwrap();
    assert!(run.is_finished());
    fs::write(root.join("notes.txt"), b"mine").unwrap();

    assert!(matches!(RunFolder::create(&root, false), Err(IoError::Occupied { .. })));
    drop(run);
    let run = RunFolder::create(&root, true).unwrap();
    assert_eq!(names(&root), [".lock", ".state", "notes.txt"]);
    assert_eq!(run.read_checkpoint().unwrap(), None);

    let other = dir.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("people.parquet"), b"mine").unwrap();
    for result in [RunFolder::create(&other, true), RunFolder::resume(&other)] {
        let error = result.unwrap_err();
        assert!(matches!(error, IoError::NotARun { .. }) && error.is_wrong_input());
    }
    assert_eq!(names(&other), ["people.parquet"]);
}

#[test]
fn a_checkpoint_outlives_the_process_and_goes_at_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("run");
    RunFolder::resume(&root).unwrap().write_checkpoint(b"one").unwrap();
    let again = RunFolder::resume(&root).unwrap();
    again.write_checkpoint(b"two").unwrap();
    assert_eq!(again.read_checkpoint().unwrap().as_deref(), Some(b"two".as_slice()));
    again.remove_state().unwrap();
    assert_eq!(names(&root), [".lock"]);
}

#[test]
fn one_run_holds_a_folder() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("run");
    let run = RunFolder::create(&root, false).unwrap();
    for second in [RunFolder::resume(&root), RunFolder::create(&root, true)] {
        let error = second.unwrap_err();
        assert!(matches!(error, IoError::InUse { .. }) && error.is_wrong_input(), "{error}");
    }
    assert!(RunFolder::open(&root).is_ok(), "reading needs no lock");
    run.write_checkpoint(b"one").unwrap();
    drop(run);
    assert!(RunFolder::resume(&root).is_ok(), "a lock ends with its run");
}

#[test]
fn finished_files_are_held_against_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let run = RunFolder::create(dir.path(), false).unwrap();
    let day = DayJst::parse("2020-09-01").unwrap();
    run.write_table(&Batch::new(&tables::PEOPLE)).unwrap();
    run.write_part(&visits(1, 2), day).unwrap();
    run.write_summary(&serde_json::json!({ "days": 1 })).unwrap();
    let manifest =
        run.write_manifest(ManifestHead { seed: 1, holds_worlds: false, scenario: &serde_json::json!({}), inputs: &[] }).unwrap();
    let problems = || run.problems(&run.read_manifest().unwrap().unwrap()).unwrap();
    assert_eq!(problems(), Vec::<String>::new());
    let part = run.path().join("visits/day-2020-09-01.parquet");
    let good = fs::read(&part).unwrap();
    fs::write(&part, &good[..good.len() - 1]).unwrap();
    assert_eq!(problems(), ["visits/day-2020-09-01.parquet: it is not as the run wrote it"]);
    fs::remove_file(&part).unwrap();
    assert_eq!(problems(), ["visits/day-2020-09-01.parquet: it is missing"]);
    fs::write(&part, &good).unwrap();
    fs::write(run.path().join("visits/day-2031-01-01.parquet"), &good).unwrap();
    assert_eq!(problems(), ["visits/day-2031-01-01.parquet: the run did not write it"]);
    assert_eq!(run.parts_besides(&run.finished()).unwrap(), [("visits/day-2031-01-01.parquet".into(), DayJst::parse("2031-01-01"))]);
    run.remove_part("visits/day-2031-01-01.parquet").unwrap();
    fs::write(run.path().join("summary.json"), b"{}").unwrap();
    assert_eq!(problems(), ["summary.json: it is not as the run wrote it"]);
    let mut wrong = manifest;
    wrong["tables"]["people"]["files"][0]["sha256"] = "0".into();
    assert_eq!(run.problems(&wrong).unwrap(), ["manifest.json: it is not as a run writes it"]);
}

#[test]
fn the_manifest_says_what_is_there_and_hashes_it() {
    let write = |dir: &Path, rows| {
        let run = RunFolder::create(dir, false).unwrap();
        run.write_part(&visits(1, rows), DayJst(18_506)).unwrap();
        run.write_table(&Batch::new(&tables::FUNNEL)).unwrap();
        run.write_timing(&serde_json::json!({ "wall_s": rows })).unwrap();
        let scenario = serde_json::json!({ "z": 1, "a": { "y": 2, "b": 3 } });
        run.write_manifest(ManifestHead { seed: 7, holds_worlds: false, scenario: &scenario, inputs: &[] }).unwrap();
        run
    };
    let (a, b, c) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, second, third) = (write(a.path(), 2), write(b.path(), 2), write(c.path(), 3));
    let text = |run: &RunFolder| fs::read_to_string(run.path().join("manifest.json")).unwrap();
    assert_eq!(text(&first), text(&second));
    let manifest = first.read_manifest().unwrap().unwrap();
    assert_eq!(manifest["tables"]["visits"]["rows"], 2);
    assert_eq!(manifest["tables"]["funnel"]["rows"], 0);
    let file = &manifest["tables"]["visits"]["files"][0];
    let bytes = fs::read(a.path().join(file["file"].as_str().unwrap())).unwrap();
    assert_eq!(file["sha256"], sha256_hex(&bytes));
    assert_ne!(manifest["content_sha256"], third.read_manifest().unwrap().unwrap()["content_sha256"]);
    let scenario = text(&first).find("\"scenario\"").unwrap();
    assert!(text(&first)[scenario..].find("\"b\"").unwrap() < text(&first)[scenario..].find("\"y\"").unwrap());
}

#[test]
fn every_column_has_a_meaning_and_units_match_names() {
    let mut seen = Vec::new();
    for table in tables::ALL {
        assert!(!seen.contains(&table.name), "{} twice", table.name);
        seen.push(table.name);
        for (at, column) in table.columns.iter().enumerate() {
            let place = format!("{}.{}", table.name, column.name);
            assert!(!column.meaning.is_empty() && table.position(column.name) == Some(at), "{place}");
            let expected = match column.name.rsplit_once('_').map(|(_, suffix)| suffix) {
                Some("m") => Some("m"),
                Some("db") => Some("dB"),
                Some("dbm") => Some("dBm"),
                Some("rad") => Some("rad"),
                Some("s") => Some("s"),
                _ => continue,
            };
            assert_eq!(column.unit.and_then(|unit| unit.split(' ').next()), expected, "{place}");
        }
    }
    let json = schema_json();
    assert_eq!(json["tables"].as_array().map(Vec::len), Some(tables::ALL.len()));
    assert_eq!(json["tables"][0]["columns"][2]["unit"], "years");
}

#[test]
#[should_panic(expected = "is 'venue', not 'start_s'")]
fn values_in_the_wrong_order_are_caught() {
    let _ = Batch::new(&tables::VISITS).row().set("person", 1u32).set("start_s", 5i64);
}

#[test]
#[should_panic(expected = "2 of 7 columns")]
fn an_unfinished_row_is_caught() {
    let _ = Batch::new(&tables::VISITS).row().set("person", 1u32).set("venue", 5u32);
}

#[test]
fn parts_that_continue_a_table_are_told_from_strays() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let run = RunFolder::create(&dir.path().join("run"), false).expect("a new folder");
    let write = |spec: &'static TableSpec, day: i32| run.write_part(&Batch::new(spec), DayJst(18_500 + day)).expect("written");
    [1, 2].into_iter().for_each(|day| write(&tables::VISITS, day));
    let publish = |day: i32| run.write_published(&format!("{}-keys-of-2020-08-01.zip", DayJst(18_500 + day)), 1, b"PK").expect("written");
    publish(2);
    let finished = run.finished();
    // A run that was killed: a day more, and rows of contacts that had waited since before it.
    write(&tables::VISITS, 3);
    write(&tables::CONTACTS, 0);
    write(&tables::VISITS, 0);
    [3, 1].into_iter().for_each(publish);
    std::fs::write(run.path().join("visits/extra.parquet"), "x").expect("a file");
    let besides = run.parts_besides(&finished).expect("readable");
    let day = |day: i32| Some(DayJst(18_500 + day));
    let name = |table: &str, day: i32| format!("{table}/day-{}.parquet", DayJst(18_500 + day));
    let zip = |day: i32| format!("published/{}-keys-of-2020-08-01.zip", DayJst(18_500 + day));
    let expected = [
        (name("visits", 0), None),
        (name("visits", 3), day(3)),
        ("visits/extra.parquet".to_string(), None),
        (name("contacts", 0), day(0)),
        (zip(1), None),
        (zip(3), day(3)),
    ];
    assert_eq!(besides, expected);
}
