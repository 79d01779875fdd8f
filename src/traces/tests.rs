//! Reading traces: what is read, what is refused, and whether remedies work.

use std::{collections::BTreeMap, fmt::Write as _, io::Write as _, path::Path, process::Command};

use proptest::prelude::*;

use super::{read::TraceContact, *};
use crate::{faults::Faults, inputs::Inputs, mobility::ContactsConfig};

const MOST_LINES_REPORTED: usize = 20;

fn config(origin: i64) -> ContactsConfig {
    ContactsConfig { origin, ..super::replay::tests::config() }
}

/// A trace from bytes, and its metadata if not empty.
fn read(bytes: &[u8], metadata: &[u8], origin: i64, days: Option<u32>) -> (Option<Trace>, Faults) {
    let mut faults = Faults::default();
    let open = |bytes: &[u8], key, faults: &mut Faults| text::Text::of("trace".into(), key, bytes.to_vec(), faults);
    let groups = (!metadata.is_empty()).then(|| open(metadata, "mobility.metadata", &mut faults));
    let trace = open(bytes, "mobility.file", &mut faults).and_then(|text| match &groups {
        Some(None) => None,
        groups => Trace::of(&text, groups.as_ref().and_then(Option::as_ref), &config(origin), days, &mut faults),
    });
    (trace, faults)
}

fn read_text(text: &str) -> (Option<Trace>, Faults) {
    read(text.as_bytes(), b"", 0, None)
}

/// What is said of a text: line, problem, remedy.
fn said(text: &str, origin: i64, days: Option<u32>) -> Vec<(Option<usize>, String, String)> {
    let (trace, faults) = read(text.as_bytes(), b"", origin, days);
    assert!(trace.is_none() && !faults.is_empty(), "{text}");
    faults.0.into_iter().map(|f| (f.line, f.problem, f.remedy)).collect()
}

fn recorded_s(trace: &Trace) -> i64 {
    trace.days.iter().flatten().map(|c| c.end_s - c.start_s).sum()
}

/// A small trace of two days: people 3, 4, 9 and 11, not sorted by time.
fn plain() -> String {
    let mut text = String::new();
    for k in 0..12 {
        let _ = writeln!(text, "{} 3 9\n{} 4 11", 36_000 + 20 * k, 90_000 + 40 * k);
    }
    text + "36240 4 9\n"
}

#[test]
fn slots_merge_and_split_at_midnight() {
    let (trace, _) = read_text("# times, ids\n40\t9 3 x\r\n\r\n60  3\t9\n60 9 3 y z\n86410.0 3 4\n");
    let trace = trace.expect("well formed");
    assert_eq!((trace.labels.as_slice(), trace.records, trace.days.len()), ([3, 4, 9].as_slice(), 3, 2));
    assert_eq!(trace.days[0][0], TraceContact { a: 0, b: 1, start_s: 86_390, end_s: 86_400 });
    assert_eq!(trace.days[0][1], TraceContact { a: 0, b: 2, start_s: 20, end_s: 60 });
    assert_eq!(trace.days[1], [TraceContact { a: 0, b: 1, start_s: 0, end_s: 10 }]);
}

#[test]
fn every_malformed_line_is_reported_with_its_number() {
    let lines: Vec<_> = said("20 1 2\n20 1\n99999999999999999999 1 2\n20 1 1\nx 1 2\n20 1 -2\n20 1 2 3\n20 1 2.5\n", 0, None);
    assert_eq!(lines.iter().map(|l| l.0).collect::<Vec<_>>(), (2..=8).map(Some).collect::<Vec<_>>(), "{lines:?}");
    assert_eq!(said(&"bad\n".repeat(50), 0, None).len(), MOST_LINES_REPORTED + 1);
    assert!(said("\n# nothing\n", 0, None)[0].1.contains("holds no records"));
}

/// Lines that end in carriage returns alone: 50 records, 1000 s.
#[test]
fn carriage_returns_end_lines() {
    let text: String = (1..=50).map(|k| format!("{} 1 2\r", 36_000 + 20 * k)).collect();
    let (trace, faults) = read_text(&text);
    let trace = trace.unwrap_or_else(|| panic!("{faults:?}"));
    assert_eq!((trace.records, recorded_s(&trace)), (50, 1000));
    assert_eq!(said(&text.replacen(" 2\r", "\r", 1), 0, None)[0].0, Some(1), "and are counted as lines");
    let (trace, _) = read_text(&text.replacen('\r', "\r\n", 10).replacen("1 2\r", "1 2\n", 40));
    assert_eq!(recorded_s(&trace.expect("all three kinds in one file")), 1000);
}

#[test]
fn unix_times_are_refused_with_the_origin_that_helps() {
    let text = "1385982040 1 2\n1385982020 1 2\n1385982060 1 3\n";
    let told = said(text, 0, None);
    assert_eq!(told.len(), 1, "{told:?}");
    let (line, problem, remedy) = &told[0];
    assert_eq!((*line, problem.as_str()), (Some(2), "t = 1385982020 looks like Unix time (2013-12-02 20:00:20 JST)"));
    assert!(remedy.starts_with("add --set mobility.contacts.origin=1385910000 (00:00 JST of 2013-12-02"), "{remedy}");
    let (trace, faults) = read(text.as_bytes(), b"", 1_385_910_000, None);
    let trace = trace.unwrap_or_else(|| panic!("{faults:?}"));
    assert_eq!(
        trace.days,
        [[TraceContact { a: 0, b: 1, start_s: 72_000, end_s: 72_040 }, TraceContact { a: 0, b: 2, start_s: 72_040, end_s: 72_060 }]]
    );
}

#[test]
fn an_origin_that_does_not_fit_is_refused_with_one_that_does() {
    // Text, origin, line, origin that fits: too late by days, by hours, by a slot; meant for another trace; far too early.
    let cases = [
        ("1385982040 1 2\n1385982020 1 2\n", 1_385_910_000 + 2 * 86_400, 2, 1_385_910_000),
        ("1385982020 1 2\n", 1_385_982_020, 1, 1_385_982_020 - 86_400),
        ("36020 1 2\n0 1 2\n", 0, 2, -86_400),
        ("-90000 1 2\n", 0, 1, -2 * 86_400),
        ("36020 1 2\n", 1_385_910_000, 1, 0),
        ("36020 1 2\n", -400_000_000, 1, 0),
    ];
    for (text, origin, line, fitting) in cases {
        let told = said(text, origin, None);
        let (found, problem, remedy) = &told[0];
        assert!(told.len() == 1 && *found == Some(line), "{told:?}");
        assert!(remedy.contains(&format!("--set mobility.contacts.origin={fitting} ")), "{problem}: {remedy}");
        let (trace, faults) = read(text.as_bytes(), b"", fitting, None);
        assert!(trace.is_some_and(|t| !t.days[0].is_empty()), "{faults:?}");
    }
}

#[test]
fn stated_days_cut_a_trace_or_go_on_after_it() {
    let text = plain();
    let read = |days| read(text.as_bytes(), b"", 0, days);
    let (whole, longer) = (read(None).0.expect("well formed"), read(Some(5)).0.expect("well formed"));
    assert_eq!((whole.days.len(), longer.days.len()), (2, 5));
    assert_eq!((&longer.days[..2], longer.records), (&whole.days[..], whole.records));
    let shorter = read(Some(1)).0.expect("well formed");
    assert_eq!((&shorter.days[..], shorter.records), (&whole.days[..1], 13));
    let one_day_late = said("90000 1 2\n", 0, Some(1));
    assert_eq!((one_day_late[0].1.as_str(), one_day_late[0].2.as_str()), ("the trace has no record before day 2", "use at least 2"));
    // A slot over the last midnight ends there; a stray line far away is refused, or cut off.
    assert_eq!(recorded_s(&Trace::of_text("86410 1 2\n", Some(1))), 10);
    let told = said("36020 1 2\n999999999 1 2\n", 0, None);
    assert!(told[0].0 == Some(2) && told[0].2.contains("--set run.days=1 "), "{told:?}");
    assert_eq!(Trace::of_text("36020 1 2\n999999999 1 2\n", Some(1)).records, 1);
}

impl Trace {
    fn of_text(text: &str, days: Option<u32>) -> Self {
        let (trace, faults) = read(text.as_bytes(), b"", 0, days);
        trace.unwrap_or_else(|| panic!("{faults:?}"))
    }
}

/// The command and the options of a remedy, carried out: what the scenario would read then.
fn pasted(dir: &Path, name: &str, bytes: &[u8]) -> Trace {
    std::fs::write(dir.join(name), bytes).expect("a file");
    let mut faults = Faults::default();
    let path = dir.join(name);
    assert!(Trace::read(&path, None, &config(0), None, &mut Inputs::default(), &mut faults).is_none(), "{name}");
    let fault = faults.0.last().expect("a fault");
    let remedy = fault.remedy.replace(&format!("{}/", dir.display()), "./");
    let (options, command) = remedy.split_once('\n').unwrap_or_else(|| panic!("{name}: {fault:?}"));
    let sh = |script: &str| Command::new("sh").args(["-c", script]).current_dir(dir).output().expect("a shell");
    assert!(sh(command).status.success(), "{command}");
    let (_, options) = options.split_once("add ").unwrap_or_else(|| panic!("{name}: {options}"));
    let options = String::from_utf8(sh(&format!("for word in {options}; do echo \"$word\"; done")).stdout).expect("text");
    let option = |key: &str| options.lines().find_map(|word| word.strip_prefix(&format!("{key}=")).map(str::to_string));
    let written = dir.join(option("mobility.file").expect("the new file"));
    let origin = option("mobility.contacts.origin").map_or(0, |origin| origin.parse().expect("a number"));
    let mut faults = Faults::default();
    let trace = Trace::read(&written, None, &config(origin), None, &mut Inputs::default(), &mut faults);
    let text = std::fs::read_to_string(&written).unwrap_or_default();
    trace.unwrap_or_else(|| panic!("{name}: {command}\n{faults:?}\n{}", text.lines().take(5).collect::<Vec<_>>().join("\n")))
}

#[test]
fn pasted_remedies_work() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let plain = plain();
    let expected = Trace::of_text(&plain, None);
    let rows: Vec<Vec<&str>> = plain.lines().map(|l| l.split(' ').collect()).collect();
    let with = |head: &str, line: &dyn Fn(&[&str]) -> String| rows.iter().fold(head.to_string(), |text, row| text + &line(row) + "\n");
    let mut sorted = rows.clone();
    sorted.sort();
    let by_id = sorted.iter().fold(String::new(), |text, r| text + &format!("{} {} {}\n", r[1], r[2], r[0]));
    let gzip = |text: &str| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("memory");
        encoder.finish().expect("memory")
    };
    let commas = with("", &|r| r.join(","));
    let header = with("t,i,j\n", &|r| r.join(","));
    let texts = [
        ("commas.csv", commas.clone().into_bytes()),
        ("spaces and 'quotes'.csv", with("", &|r| format!("\"{}\", \"{}\", \"{}\"", r[0], r[1], r[2])).into_bytes()),
        ("x=semicolons.csv", with("# exported\n\n", &|r| r.join(" ; ")).into_bytes()),
        ("header.csv", header.clone().into_bytes()),
        ("header.txt", with("# a comment\n\nt i j\n", &|r| r.join("\t")).into_bytes()),
        ("names.csv", with(",user_a,user_b,timestamp\n", &|r| format!("0,{},{},{}", r[1], r[2], r[0])).into_bytes()),
        ("floats.csv", with("time,a,b\n", &|r| format!("{}.0,{},{}", r[0], r[1], r[2])).into_bytes()),
        ("by-time.ijt", with("", &|r| format!("{} {} {}", r[1], r[2], r[0])).into_bytes()),
        ("by-id.ijt", by_id.into_bytes()),
        ("ijt.csv", with("", &|r| format!("{},{},{}", r[1], r[2], r[0])).into_bytes()),
        ("milliseconds.dat", with("", &|r| format!("{}000 {} {}", r[0], r[1], r[2])).into_bytes()),
        ("columns.dat", with("", &|r| format!("{} 20 {}", r.join(" "), r[1])).into_bytes()),
        ("six-columns.dat", with("", &|r| format!("{} {}", r.join(" "), r.join(" "))).into_bytes()),
        ("one-line.dat", plain.replace('\n', " ").into_bytes()),
        ("two-a-line.dat", format!("{}\n", plain.trim_end()).replace(" 9\n", " 9 ").into_bytes()),
        ("returns.csv", header.replace('\n', "\r").into_bytes()),
        ("windows.ijt", with("", &|r| format!("{} {} {}\r", r[1], r[2], r[0])).into_bytes()),
        ("mixed-ends.csv", header.replacen('\n', "\r\n", 3).replacen("9\n", "9\r", 3).into_bytes()),
        ("marked.csv", format!("\u{feff}{commas}").into_bytes()),
        ("packed.csv.gz", gzip(&header)),
        ("packed-marked.csv.gz", gzip(&format!("\u{feff}{}", header.replace('\n', "\r\n")))),
    ];
    for (name, bytes) in texts {
        let trace = pasted(dir.path(), name, &bytes);
        assert_eq!((&trace.labels, trace.records, &trace.days), (&expected.labels, expected.records, &expected.days), "{name}");
    }
    // One pair: a column of one id is no column of times. A few milliseconds, weeks after the origin.
    let pair = pasted(dir.path(), "pair.ijt", b"1 2 36000\n1 2 36020\n1 2 36040\n1 2 36060\n");
    assert_eq!((pair.labels, pair.records, pair.days.len()), (vec![1, 2], 4, 1));
    let few = pasted(dir.path(), "few.dat", b"36020000 1 2\n36040000 1 2\n36060000 1 3\n");
    assert_eq!((few.labels, few.records, few.days.len()), (vec![1, 2, 3], 3, 1));
    // Unix milliseconds, microseconds and nanoseconds: the origin comes with the command.
    for (name, zeros) in [("ms.dat", "000"), ("us.dat", "000000"), ("ns.dat", "000000000")] {
        let text = rows.iter().fold(String::new(), |t, r| {
            t + &format!("{}{zeros},{},{}\n", 1_385_910_000 + r[0].parse::<i64>().expect("a time"), r[1], r[2])
        });
        assert_eq!(pasted(dir.path(), name, text.as_bytes()).days, expected.days, "{name}");
    }
}

/// What is as it should be is not taken for something else.
#[test]
fn good_traces_are_taken_as_they_are() {
    let by_pair = "20 1 900\n60 1 900\n40 1 901\n100 2 902\n";
    let ids_above_times = "23 1001 2001\n40 1001 2002\n67 1003 2003\n";
    let words = "20 1 2 5A 3B\n40 1 2 5A 2BIO1\n60 1 2 Teachers inf\n";
    // Off the slots and not sorted, ids above all times: only a word from its writer helps.
    let told = "# t i j\n40 1001 2001\n21 1001 2002\n25 1003 2003\n";
    for text in [by_pair, ids_above_times, words, told] {
        let (trace, faults) = read_text(text);
        assert!(trace.is_some(), "{text}: {faults:?}");
    }
    assert!(said(told.trim_start_matches("# t i j\n"), 0, None)[0].1.contains("`# t i j` on top"));
}

#[test]
fn what_is_no_text_is_refused() {
    for (bytes, expected) in [
        (&b"PK\x03\x04abc"[..], "unzip -p trace > trace.tij"),
        (&b"\xff\xfe2\x000\x00"[..], "iconv -f UTF-16 -t UTF-8 < trace > trace.tij"),
        (&b"20 1 2\0"[..], "lines of text"),
        (&b"\x1f\x8bnothing"[..], "fetch the file again"),
    ] {
        let (trace, faults) = read(bytes, b"", 0, None);
        assert!(trace.is_none() && faults.0.len() == 1 && faults.0[0].remedy.contains(expected), "{faults:?}");
    }
}

#[test]
fn metadata_are_read_or_refused_alike() {
    let departments = |metadata: &str| {
        let (trace, faults) = read(b"36020 1 2\n36020 1 3\n", metadata.as_bytes(), 0, None);
        let faults: Vec<String> = faults.0.into_iter().map(|f| format!("{}: {}", f.problem, f.remedy)).collect();
        trace.map(|t| (t.departments, t.department)).ok_or(faults.join("\n"))
    };
    let expected = (vec!["A".to_string(), "B".to_string()], vec![Some(0), None, Some(1)]);
    assert_eq!(departments("# id\n1 A F\r3 B M\r\n9 C\n"), Ok(expected.clone()));
    let dir = tempfile::tempdir().expect("a temporary folder");
    for (text, name) in [("1,A\n3,B\n", "A"), ("id;class\n1;\"A\"\n3;B\n", "A"), ("id class\n1 A\n3 B\n", "A"), ("1,A a\r3,B\r", "A_a")] {
        let said = departments(text).expect_err("a fault");
        let (_, command) = said.split_once("\n    ").unwrap_or_else(|| panic!("{said}"));
        std::fs::write(dir.path().join("trace"), text).expect("a file");
        assert!(Command::new("sh").args(["-c", command]).current_dir(dir.path()).status().expect("a shell").success(), "{command}");
        let written = std::fs::read_to_string(dir.path().join("trace.txt")).expect("it was written");
        let mut expected = expected.clone();
        expected.0[0] = name.into();
        assert_eq!(departments(&written), Ok(expected), "{command}");
    }
    assert!(departments("7 A\n").expect_err("a fault").contains("names nobody of the trace"));
    assert!(departments("1 A\n1 B\n").expect_err("a fault").contains("puts 1 into B after A"));
    assert!(departments("1 A\nx B\n3\n").expect_err("a fault").contains("names no department"));
}

/// Counts of SocioPatterns' InVS15 trace (Génois and Barrat 2018).
#[test]
fn val_invs15_counts() {
    let Some(path) = crate::test_data::data("contacts/workplace_InVS15_tij.dat.gz") else { return };
    let mut faults = Faults::default();
    let trace = Trace::read(&path, None, &config(0), None, &mut Inputs::default(), &mut faults).unwrap_or_else(|| panic!("{faults:?}"));
    assert_eq!((trace.labels.len(), trace.days.len(), trace.records), (217, 12, 78_249));
    let mut at_least_900 = 0;
    for day in &trace.days {
        let mut sums = BTreeMap::new();
        day.iter().for_each(|c| *sums.entry((c.a, c.b)).or_insert(0) += c.end_s - c.start_s);
        at_least_900 += sums.values().filter(|&&s| s >= 900).count();
    }
    assert_eq!(at_least_900, 374);
}

proptest! {
    /// Whatever is in a file, it is read or refused: never both, never neither, never a panic.
    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4u8, any::<prop::sample::Index>()), 0..12),
        origin in prop_oneof![Just(0i64), Just(-100_000_000_000), Just(100_000_000_000), any::<i32>().prop_map(i64::from)],
        days in prop::option::of(1..3660u32),
    ) {
        const LIKELY: &[u8] = b"\r\n ,;|\"#-.0123456789999999eEx\t\0\xff";
        let mut edited = plain().into_bytes();
        for (at, what, with) in edits {
            let at = at.index(edited.len());
            match what {
                0 => { edited.remove(at); }
                1 => edited.insert(at, *with.get(LIKELY)),
                2 => edited[at] = *with.get(LIKELY),
                // Twenty digits and more.
                _ => { edited.splice(at..at, std::iter::repeat_n(b'9', 1 + with.index(24))); }
            }
        }
        for (trace, metadata) in [(&bytes, &edited), (&edited, &bytes), (&edited, &edited)] {
            for metadata in [&[][..], metadata] {
                let (read, faults) = read(trace, metadata, origin, days);
                prop_assert_eq!(read.is_some(), faults.is_empty());
                if let Some(trace) = read {
                    let in_day = |c: &TraceContact| c.a < c.b && 0 <= c.start_s && c.start_s < c.end_s && c.end_s <= 86_400;
                    prop_assert!(trace.records > 0 && trace.days.iter().flatten().all(in_day));
                }
            }
        }
    }
}
