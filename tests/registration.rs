//! Registrations and the server, on small offices run by the built binary.

use std::path::Path;

use assert_cmd::Command;
use cocoasim::{
    output::{Batch, TableSpec, read_table, tables},
    time::DayJst,
};
use serde_json::Value;

/// An office of a few people with the app and an iPhone, one of whom is a case.
fn office(sets: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::cargo_bin("cocoasim").expect("the binary is built");
    command.args(["run", "office", "--quiet", "--overwrite", "--out"]).arg(dir.path());
    let common = [
        "population.workers=12",
        "run.days=4",
        "phones.adoption=1",
        "phones.ios_share=1",
        "phones.bluetooth_off=0",
        "phones.smartphone_shares=[1,1,1,1,1,1,1,1]",
        "phones.update_lag_mean_days=0",
        "mobility.work.telework_share=0",
        "output.verdicts=false",
        "app.stays_home_share=0",
        "authority.entry_delay_mean_h=0.01",
        "authority.cases=[{person=3,onset_day=1,result_day=1,registers=\"yes\"}]",
    ];
    for set in [&common[..], sets].concat() {
        command.args(["--set", set]);
    }
    command.assert().success();
    dir
}

fn read(dir: &tempfile::TempDir, spec: &'static TableSpec) -> Batch {
    read_table(dir.path(), spec).expect("the table")
}

fn text(batch: &Batch, column: &str, row: usize) -> String {
    batch.text(column).opt(row).unwrap_or("-").to_owned()
}

/// Of each try: release, interface, what was typed, status and what the phone told.
fn tries(dir: &tempfile::TempDir) -> Vec<(String, String, String, Option<i32>, String)> {
    let table = read(dir, &tables::REGISTRATIONS);
    let of = |row: usize| {
        let status = (!table.is_null("status", row)).then(|| table.i32("status")[row]);
        let column = |name: &str| text(&table, name, row);
        (column("release"), column("api"), column("typed"), status, column("answer"))
    };
    (0..table.rows()).map(of).collect()
}

fn outcome(dir: &tempfile::TempDir) -> String {
    text(&read(dir, &tables::UPLOADS), "outcome", 0)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON")
}

/// Each interface with its fields: the request is as long as they are, and the padding has 1024 to 2048 characters.
#[test]
fn a_registration_is_one_request_of_its_interface() {
    for (first_day, release, api) in [("2020-12-21", "1.2.1", "v1"), ("2021-03-01", "1.2.2", "v2"), ("2022-05-09", "2.0.0", "v2")] {
        let dir = office(&[&format!("run.first_day=\"{first_day}\"")]);
        assert_eq!(tries(&dir), [(release.into(), api.into(), "right".into(), Some(204), "done".into())], "{first_day}");
        let table = read(&dir, &tables::REGISTRATIONS);
        let keys = table.u32("keys")[0] as usize;
        assert_eq!((keys, table.u32("requests")[0]), (read(&dir, &tables::UPLOADS).u32("keys")[0] as usize, 1));
        let is_first = api == "v1";
        let user = if is_first { "'userUuid':'01234567-0123-0123-0123-0123456789ab'," } else { "" };
        let risk = if is_first { ",'transmissionRisk':0" } else { "" };
        let key = format!("{{'keyData':'0123456789012345678901==','rollingStartNumber':2650000,'rollingPeriod':144{risk}}}");
        // The token's 37 bytes are 52 characters.
        let rest = "'regions':['440'],'platform':'ios','deviceVerificationPayload':'','appPackageName':'jp.go.mhlw.covid19radar',\
                    'verificationPayload':'12345678','padding':''";
        let least = format!("{{{user}'keys':[],{rest}}}").len() + 52 + keys * (key.len() + 1) - 1;
        let bytes = table.u32("bytes")[0] as usize;
        assert!((least + 1024..=least + 2048).contains(&bytes), "{first_day}: {bytes} bytes, {least} without padding");
    }
}

/// What the phone tells of a number that has expired, by release; 1.0.0 tells "done", and nobody tries again then.
#[test]
fn answers_are_told_by_release() {
    let late = |first_day: &str| {
        let numbers = "timeline=[{date=\"always\",setting=\"hersys.numbers\",value=\"on_request\"},\
                       {date=\"always\",setting=\"hersys.number_life_h\",value=0.1}]";
        let first_day = format!("run.first_day=\"{first_day}\"");
        let dir = office(&[&first_day, numbers, "authority.governments=[]", "authority.entry_delay_mean_h=10"]);
        (tries(&dir).into_iter().map(|(_, _, _, status, told)| (status, told)).collect::<Vec<_>>(), outcome(&dir))
    };
    let expired = "number wrong or expired".to_string();
    assert_eq!(late("2020-06-24"), (vec![(Some(406), "done".into())], expired.clone()));
    assert_eq!(late("2020-07-20"), (vec![(Some(406), "the number is wrong".into()); 3], expired.clone()));
    assert_eq!(late("2022-05-09"), (vec![(Some(406), "the number is wrong or has expired".into()); 3], expired));
}

/// The published source leaves the number in the app until 1.2.2, and on the server until 15 December 2020.
#[test]
fn a_number_stays_where_the_published_source_leaves_it() {
    let kept = |first_day: &str, keeps: &str| {
        let dir = office(&[&format!("run.first_day=\"{first_day}\""), &format!("app.keeps_number=\"{keeps}\"")]);
        let table = read(&dir, &tables::REGISTRATIONS);
        ["number_kept_app", "number_kept_server"].map(|column| table.bools(column)[0])
    };
    for (first_day, app, server) in [("2020-12-01", true, true), ("2020-12-21", true, false), ("2021-03-01", false, false)] {
        assert_eq!(kept(first_day, "as_published"), [app, server], "{first_day}");
    }
    assert_eq!(kept("2020-12-01", "as_promised"), [false, false]);
}

/// From 17 November 2022 on everybody is answered 406; what is stored is deleted on 31 March 2023.
#[test]
fn the_service_ends() {
    let dir = office(&["run.first_day=\"2022-11-18\""]);
    assert_eq!((outcome(&dir).as_str(), tries(&dir)[0].3), ("nobody registers any more", Some(406)));
    let takes = "timeline=[{date=\"always\",setting=\"server.takes_registrations\",value=true}]";
    let open = office(&["run.first_day=\"2023-03-27\"", takes]);
    let closed = office(&["run.first_day=\"2023-03-28\"", takes]);
    let listed = |dir: &tempfile::TempDir| json(&dir.path().join("published/list.json")).as_array().map(Vec::len);
    assert!(listed(&open).is_some_and(|files| files > 0) && read(&closed, &tables::EXPORTS).rows() > 0);
    assert_eq!(listed(&closed), Some(0));
    let traffic = read(&closed, &tables::TRAFFIC);
    assert_eq!((traffic.i64("list_fetches")[2] > 0, traffic.i64("list_fetches")[3]), (true, 0), "the last day is the 31st");
}

/// The index lists the files that were made, is guarded like them, and phones fetch it every four hours, each file once.
#[test]
fn phones_fetch_the_index_and_each_file_once() {
    let dir = office(&["run.first_day=\"2021-03-01\"", "run.days=6"]);
    let exports = read(&dir, &tables::EXPORTS);
    let list = json(&dir.path().join("published/list.json"));
    let list = list.as_array().expect("a list");
    assert!(exports.rows() > 1);
    assert_eq!(list.len(), exports.rows());
    let mut zip_bytes = 0;
    for (row, entry) in list.iter().enumerate() {
        let file = text(&exports, "file", row);
        assert_eq!(entry["region"], "440");
        assert_eq!(entry["url"], format!("https://covid19radar-jpn-prod.azureedge.net/c19r/440/{file}"));
        assert_eq!(entry["created"].as_i64(), Some(exports.i64("created_s")[row] * 1000));
        zip_bytes += std::fs::metadata(dir.path().join("published").join(file)).expect("a file").len() as i64;
    }
    let manifest = json(&dir.path().join("manifest.json"));
    let is_listed = |file: &Value| file["file"] == "published/list.json";
    assert!(manifest["published"].as_array().is_some_and(|files| files.iter().any(is_listed)));
    let traffic = read(&dir, &tables::TRAFFIC);
    let phones = traffic.u32("phones")[0];
    assert_eq!((traffic.rows(), traffic.days("day_jst")[0]), (6, DayJst::parse("2021-03-01").expect("a date").0));
    assert!((0..6).all(|day| traffic.u32("phones")[day] == phones && traffic.i64("list_fetches")[day] == 6 * i64::from(phones)));
    assert_eq!(traffic.i64("list_bytes")[0], 2 * 6 * i64::from(phones), "[] on the first day");
    assert_eq!(traffic.i64("zip_bytes").iter().sum::<i64>(), zip_bytes * i64::from(phones));
    let last = std::fs::metadata(dir.path().join("published/list.json")).expect("a file").len() as i64;
    assert_eq!(traffic.i64("list_bytes")[5], last * 6 * i64::from(phones), "nothing changes on the last day");
    let mean = (traffic.i64("list_bytes")[5] + traffic.i64("zip_bytes")[5]) as f64 / f64::from(phones);
    assert_eq!(traffic.f64("mean_bytes")[5], mean);
}

/// Down from the evening before the export to the noon after it: the export is made up for a day later, and nobody fetches meanwhile.
#[test]
fn an_outage_puts_off_what_falls_into_it() {
    let at_s = |day: &str, hour: i64| DayJst::parse(day).expect("a date").start().0 + hour * 3600;
    let first_export_s = |dir: &tempfile::TempDir| read(dir, &tables::EXPORTS).i64("created_s").iter().copied().min();
    let up = office(&["run.first_day=\"2021-03-01\"", "run.days=6"]);
    // Uploaded early on 3 March, twelve hours after the result and one for the number.
    assert_eq!(first_export_s(&up), Some(at_s("2021-03-04", 0)));
    for state in ["maintenance", "down"] {
        let outage = format!(
            "timeline=[{{date=\"2021-03-03T20:00\",setting=\"server.state\",value=\"{state}\"}},\
             {{date=\"2021-03-04T12:00\",setting=\"server.state\",value=\"up\"}}]"
        );
        let dir = office(&["run.first_day=\"2021-03-01\"", "run.days=6", &outage]);
        assert_eq!(first_export_s(&dir), Some(at_s("2021-03-05", 0)), "{state}");
        let traffic = read(&dir, &tables::TRAFFIC);
        let phones = i64::from(traffic.u32("phones")[0]);
        assert_eq!([1, 2, 3, 4].map(|day| traffic.i64("list_fetches")[day] / phones), [6, 5, 3, 6], "{state}");
        assert_eq!(read(&dir, &tables::NOTIFICATIONS).i64("checked_s").iter().min().map(|t| *t >= at_s("2021-03-05", 0)), Some(true));
    }
    let whole = office(&[
        "run.first_day=\"2021-03-01\"",
        "timeline=[{date=\"2021-03-02\",setting=\"server.state\",value=\"down\"},{date=\"2021-03-09\",setting=\"server.state\",value=\"up\"}]",
    ]);
    assert_eq!((outcome(&whole).as_str(), tries(&whole)[0].3), ("the server did not answer", Some(503)));
}

/// A guesser's keys are published like a case's: people are warned who met nobody that is ill, and nothing of it counts as a case.
#[test]
fn a_false_registration_warns_people_and_counts_as_no_case() {
    let guessing = "authority.guessing=[{person=5,day=2,tries=20000,live_numbers=100000}]";
    let dir = office(&["run.first_day=\"2022-05-09\"", "authority.cases=[]", "run.days=6", guessing]);
    let table = read(&dir, &tables::REGISTRATIONS);
    assert_eq!((table.rows(), text(&table, "typed", 0), table.i32("status")[0]), (1, "guessed".into(), 204));
    assert!(table.u32("requests")[0] > 1 && table.u32("requests")[0] < 20_000 && text(&table, "answer", 0) == "done");
    assert_eq!(read(&dir, &tables::UPLOADS).rows(), 0);
    let told = read(&dir, &tables::NOTIFICATIONS);
    assert!((0..told.rows()).any(|row| !told.is_null("shown_s", row)), "somebody is warned");
    let funnel = read(&dir, &tables::FUNNEL);
    let units: Vec<&str> = (0..funnel.rows()).map(|row| funnel.text("unit").get(row)).collect();
    assert!(units.contains(&"phones") && !units.contains(&"keys") && !units.contains(&"cases"), "{units:?}");
    assert_eq!(read(&dir, &tables::REASONS).rows(), 0);
    let accuracy = read(&dir, &tables::ACCURACY);
    assert!((0..accuracy.rows()).all(|row| accuracy.text("mode").get(row) != "end_to_end"));
    // Against no live number there is no hit.
    let dir =
        office(&["run.first_day=\"2022-05-09\"", "authority.cases=[]", "authority.guessing=[{person=5,day=2,tries=500,live_numbers=0}]"]);
    assert_eq!((read(&dir, &tables::REGISTRATIONS).u32("requests")[0], read(&dir, &tables::EXPORTS).rows()), (500, 0));
    // A server that takes no registrations, or is down, answers a guess as anybody.
    for (setting, value, status) in [("server.takes_registrations", "false", 406), ("server.state", "\"down\"", 503)] {
        let timeline = format!("timeline=[{{date=\"always\",setting=\"{setting}\",value={value}}}]");
        let dir = office(&["run.first_day=\"2022-05-09\"", "authority.cases=[]", "run.days=4", guessing, &timeline]);
        let table = read(&dir, &tables::REGISTRATIONS);
        assert_eq!((table.u32("requests")[0], table.i32("status")[0], table.u32("keys")[0]), (1, status, 0), "{setting}");
    }
}

#[test]
fn faults_of_registrations_are_told() {
    let check = |sets: &[&str]| {
        let mut command = Command::cargo_bin("cocoasim").expect("the binary is built");
        command.args(["check", "office"]);
        for set in sets {
            command.args(["--set", set]);
        }
        let output = command.output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{sets:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let guess = |person: u32, day: u32| format!("authority.guessing=[{{person={person},day={day},tries=1,live_numbers=1}}]");
    assert!(check(&[&guess(99_999, 1)]).contains("authority.guessing[0].person = 99999: nobody has this number"));
    assert!(check(&[&guess(40, 900)]).contains("authority.guessing[0].day = 900: after the last simulated day"));
    let case = "authority.cases=[{person=3,onset_day=1}]";
    assert!(check(&[case, &guess(3, 1)]).contains("authority.guessing[0].person = 3: this person is a case"));
    let shares = check(&["app.registration.empty_share=0.6", "app.registration.mistyped_share=0.6"]);
    assert!(shares.contains("app.registration.mistyped_share = 0.6: with app.registration.empty_share more than 1"), "{shares}");
    assert!(check(&["app.keeps_number=\"as_promissed\""]).contains("keeps_number"));
    let state = check(&["timeline=[{date=\"2021-01-01\",setting=\"server.state\",value=\"broken\"}]"]);
    assert!(state.contains("use one of \"up\", \"maintenance\", \"down\", \"closed\""), "{state}");
}
