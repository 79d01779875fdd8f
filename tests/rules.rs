//! What releases notify of and show: `docs/rules.md` against the simulated phone, and the phone against `keys match`.

use std::{collections::BTreeMap, path::Path, sync::OnceLock};

use assert_cmd::Command;
use cocoasim::{
    app::{
        CheckOutcome, ConfigurationOf113, FaultChoice, FaultSet, Installed, Mechanism, NewKeys, PUBLISHED, PhoneApp, release_of_version,
    },
    gaen::{
        DiagnosisKey, GaenConfig, Metadata, MetadataCipher, Sighting, SightingStore, TemporaryExposureKey, derive_rpis,
        export::{ExportFile, ExportedKey, encode_export},
    },
    output::{read_table, tables},
    scenario::{SourceArgs, open},
    server::Export,
    time::{DayUtc, Enin},
};
use proptest::prelude::*;
use serde_json::Value;

const DAY: u32 = 18_500;
const TX_DBM: i8 = -20;

fn key(byte: u8, day: u32, level: i32) -> DiagnosisKey {
    let tek = TemporaryExposureKey { key: [byte; 16], rolling_start: Enin(144 * day), rolling_period: 144 };
    DiagnosisKey { tek, transmission_risk_level: level, report_type: None, days_since_onset: None }
}

/// Scans of a key, from a second of its day on: (seconds since the scan before, dB).
fn heard(key: &DiagnosisKey, at_s: u32, scans: &[(u32, i32)]) -> Vec<Sighting> {
    let rpis = derive_rpis(&key.tek);
    let cipher = MetadataCipher::new(&key.tek.key);
    let metadata = Metadata { major: 1, minor: 1, calibration_confidence: 3, tx_power_dbm: TX_DBM }.encode();
    let mut t_s = key.tek.rolling_start.0 * 600 + at_s;
    let sighting = |&(gap_s, attenuation_db): &(u32, i32)| {
        t_s += gap_s;
        // The last identifier is held a little longer than its day.
        let rpi = rpis[((t_s / 600 - key.tek.rolling_start.0) as usize).min(143)];
        let rssi_dbm = (i32::from(TX_DBM) - attenuation_db) as i8;
        Sighting { rpi, aem: cipher.apply(&rpi, metadata), t_s, rssi_dbm, previous_scan_s: t_s - gap_s }
    };
    scans.iter().map(sighting).collect()
}

fn framework() -> &'static GaenConfig {
    static FRAMEWORK: OnceLock<GaenConfig> = OnceLock::new();
    FRAMEWORK.get_or_init(|| open(&SourceArgs { scenario: "baseline".into(), ..SourceArgs::default() }).expect("no fault").scenario.gaen)
}

/// A phone that runs a version (`1.1.3-served` too) and what it heard.
struct Phone {
    version: String,
    ios: bool,
    faults: FaultSet,
    app: PhoneApp,
    store: SightingStore,
}

impl Phone {
    fn new(version: &str, ios: bool, mut sightings: Vec<Sighting>) -> Self {
        sightings.sort_by_key(|s| s.t_s);
        let mut store = SightingStore::default();
        sightings.into_iter().for_each(|s| store.push(s));
        Self { version: version.into(), ios, faults: FaultSet::HISTORICAL, app: PhoneApp::default(), store }
    }

    /// One check of one new batch.
    fn check(&mut self, keys: &[DiagnosisKey], now_s: u32) -> CheckOutcome {
        let (version, configuration_of_1_1_3) = match self.version.strip_suffix("-served") {
            Some(version) => (version, ConfigurationOf113::Served),
            None => (self.version.as_str(), ConfigurationOf113::Embedded),
        };
        let release = release_of_version(version).unwrap_or_else(|| panic!("{version} is not published"));
        let batch =
            Export { created_s: i64::from(now_s), key_day: DayUtc(DAY as i32), keys: keys.to_vec(), file: String::new(), zip_bytes: 0 };
        let installed = Installed {
            ios: self.ios,
            release,
            installed_as: release,
            configuration_of_1_1_3,
            faults: self.faults,
            framework: framework(),
        };
        let new = NewKeys::of(std::iter::once(&batch), self.app.last_created_s());
        self.app.check(i64::from(now_s), installed, &new, &self.store)
    }
}

/// Of one check: whether the phone was notified, and how many keys are behind what it shows.
type Told = (bool, usize);

/// What phones hear, key by key (each its dB and number of five-minute scans), and which keys each check brings.
type Situation = (&'static str, &'static [(i32, usize)], &'static [&'static [usize]]);

const SITUATIONS: [Situation; 11] = [
    ("five minutes at 85 dB", &[(85, 1)], &[&[0]]),
    ("twenty minutes at 33 dB", &[(33, 4)], &[&[0]]),
    ("twenty minutes at 34 dB", &[(34, 4)], &[&[0]]),
    ("twenty minutes at 63 dB", &[(63, 4)], &[&[0]]),
    ("twenty minutes at 64 dB", &[(64, 4)], &[&[0]]),
    ("fifteen minutes at 63 dB", &[(63, 3)], &[&[0]]),
    ("fifteen minutes at 55 dB", &[(55, 3)], &[&[0]]),
    ("ten minutes at 55 dB of each of two keys", &[(55, 2), (55, 2)], &[&[0, 1]]),
    ("the same in two checks", &[(55, 2), (55, 2)], &[&[0], &[1]]),
    ("twenty minutes at 60 dB of one key and five at 85 dB of another", &[(60, 4), (85, 1)], &[&[0, 1]]),
    ("the same in two checks", &[(60, 4), (85, 1)], &[&[0], &[1]]),
];

/// What the words of `docs/rules.md` mean for the last check of each situation.
fn meaning(notified: &str, shown: &str) -> [Told; 11] {
    let notified = match notified {
        "any match" => [true; 11],
        "never" => [false; 11],
        "runs up to 63 dB" => [false, true, true, true, false, false, false, false, false, true, false],
        // 4 x 300 s at 33 or 34 dB score 1200; at 63 and 64 dB 1560; at 60 dB 3000.
        "days by their new windows" => [false, false, false, true, true, false, true, true, false, true, false],
        other => panic!("docs/rules.md: nobody knows what \"{other}\" means"),
    };
    let shown = match shown {
        "any match" => [1, 1, 1, 1, 1, 1, 1, 2, 1, 2, 1],
        "never" => [0; 11],
        "runs up to 33 dB" => [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        "runs up to 63 dB" => [0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 0],
        "every match of a check with a run up to 63 dB" => [0, 1, 1, 1, 0, 0, 0, 0, 0, 2, 0],
        // A day shows again when a check adds to it, with the keys of the checks before.
        "days by all stored windows" => [0, 0, 0, 1, 1, 0, 1, 2, 2, 2, 2],
        other => panic!("docs/rules.md: nobody knows what \"{other}\" means"),
    };
    std::array::from_fn(|i| (notified[i], shown[i]))
}

#[test]
fn every_release_system_and_key_level_tells_what_the_table_says() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md")).expect("the page");
    let mut cells: BTreeMap<(String, String, i32), usize> = BTreeMap::new();
    for line in page.lines().skip_while(|l| !l.starts_with("| version ")).skip(2).take_while(|l| l.starts_with('|')) {
        let row: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [versions, system, levels, notified, shown, source] = row[..] else { panic!("six cells: {line}") };
        assert!(source.contains('['), "a row without a source: {line}");
        let expected = meaning(notified, shown);
        for version in versions.split(", ") {
            for level in levels.split(", ").map(|l| l.parse::<i32>().expect("a level")) {
                *cells.entry((version.into(), system.into(), level)).or_default() += 1;
                for ((what, keys, checks), expected) in SITUATIONS.iter().zip(expected) {
                    let of_key = |i: usize| key(1 + i as u8, DAY, level);
                    let scans = |(i, (db, n)): (usize, &(i32, usize))| heard(&of_key(i), 36_000 + 10_000 * i as u32, &vec![(300, *db); *n]);
                    let mut phone = Phone::new(version, system == "iOS", keys.iter().enumerate().flat_map(scans).collect());
                    let mut last = None;
                    for (n, check) in checks.iter().enumerate() {
                        let keys: Vec<DiagnosisKey> = check.iter().map(|i| of_key(*i)).collect();
                        last = Some(phone.check(&keys, (DAY + 2 + n as u32) * 86_400));
                    }
                    let last = last.expect("a check");
                    let told = (last.notified, last.days.iter().map(|d| d.keys.len()).sum());
                    assert_eq!(told, expected, "{version}, {system}, level {level}: {what}");
                }
            }
        }
    }
    let versions = PUBLISHED.iter().copied().chain(["1.1.3-served"]);
    for version in versions.clone() {
        for system in ["iOS", "Android"] {
            for level in [0, 4] {
                assert_eq!(cells.get(&(version.into(), system.into(), level)), Some(&1), "{version}, {system}, level {level}: one row");
            }
        }
    }
    assert_eq!(cells.len(), versions.count() * 4);
}

/// A fault is named where the person would have been told something else without it.
#[test]
fn a_fault_is_named_only_where_it_changed_what_was_told() {
    // What one check brings: (dB, five-minute scans) of each key, all of a level.
    let fault = |version: &str, ios: bool, level: i32, met: &[(i32, usize)]| {
        let keys: Vec<DiagnosisKey> = (0..met.len()).map(|i| key(1 + i as u8, DAY, level)).collect();
        let scans = |(key, (db, n)): (&DiagnosisKey, &(i32, usize))| heard(key, 36_000, &vec![(300, *db); *n]);
        let mut phone = Phone::new(version, ios, keys.iter().zip(met).flat_map(scans).collect());
        phone.check(&keys, (DAY + 2) * 86_400).fault.map(Mechanism::name)
    };
    let (near, far) = ((60, 4), (85, 1));
    for version in ["1.1.4", "1.2.2", "1.4.1"] {
        assert_eq!(fault(version, false, 0, &[near, far]), Some("android_never_notifies"), "{version}: level 4 would have told");
        assert_eq!(fault(version, false, 0, &[far]), None, "{version}: nor would level 4 have");
        assert_eq!(fault(version, true, 0, &[near]), None);
        assert_eq!(fault(version, false, 4, &[near]), None);
    }
    assert_eq!(fault("1.1.3", true, 0, &[far]), Some("notified_but_none_shown"));
    assert_eq!(fault("1.1.3", true, 0, &[near]), Some("notified_but_none_shown"), "over 33 dB");
    assert_eq!(fault("1.1.3", true, 0, &[(30, 4), far]), None, "one is shown");
    assert_eq!(fault("1.1.3-served", true, 0, &[near]), None);
    assert_eq!(fault("1.1.3", false, 0, &[far]), Some("any_match_shown"));
    assert_eq!(fault("1.1.3", false, 0, &[(30, 4)]), None);
    for ios in [true, false] {
        assert_eq!(fault("1.1.2", ios, 0, &[far]), None, "its configuration lets every match pass");
    }
    assert_eq!(fault("1.2.1", false, 4, &[near, far]), Some("android_overcount"));
    assert_eq!(fault("1.2.2", false, 4, &[near, far]), None);
    assert_eq!(fault("1.2.1", false, 4, &[near]), None);
    assert_eq!(fault("1.2.1", true, 4, &[near, far]), None, "an iPhone returns what reaches the minimum");
    assert_eq!(fault("2.0.0", false, 0, &[far]), None);
}

#[test]
fn a_skipped_batch_is_a_fault_where_it_would_have_told_something() {
    let skipped = |version: &str, db: i32, faults: FaultSet| {
        let lost = key(1, DAY, 4);
        let mut phone = Phone { faults, ..Phone::new(version, false, heard(&lost, 36_000, &[(300, db); 4])) };
        let now_s = (DAY + 2) * 86_400;
        // Twenty calls use up the day's quota.
        (0..20u8).for_each(|i| assert!(!phone.check(&[key(100 + i, DAY, 4)], now_s + u32::from(i)).refused));
        let refused = phone.check(&[lost], now_s + 20);
        assert!(refused.refused && refused.days.is_empty());
        refused.fault.map(Mechanism::name)
    };
    let [was, none] = [FaultSet::HISTORICAL, FaultSet::NONE];
    assert_eq!([("1.2.2", 60), ("1.2.2", 85), ("1.2.3", 60)].map(|(v, db)| skipped(v, db, was)), [Some("skipped_batch"), None, None]);
    assert_eq!(skipped("1.2.2", 60, none), None, "the batch waits for the next check");
}

/// Without its faults a release tells what its rule asks for, on either system and at either level.
#[test]
fn a_phone_without_faults_tells_what_its_rule_asks_for() {
    let told = |version: &str, ios: bool, faults: FaultSet, met: &[(i32, usize)]| {
        let keys: Vec<DiagnosisKey> = (0..met.len()).map(|i| key(1 + i as u8, DAY, 0)).collect();
        let scans = |(key, (db, n)): (&DiagnosisKey, &(i32, usize))| heard(key, 36_000, &vec![(300, *db); *n]);
        let mut phone = Phone { faults, ..Phone::new(version, ios, keys.iter().zip(met).flat_map(scans).collect()) };
        let outcome = phone.check(&keys, (DAY + 2) * 86_400);
        assert_eq!(outcome.fault.is_some(), faults == FaultSet::HISTORICAL, "{version}");
        (outcome.notified, outcome.days.iter().map(|d| d.keys.len()).sum::<usize>())
    };
    let (near, far) = ((60, 4), (85, 1));
    let without = |names: &[&str]| FaultSet::of(&FaultChoice::Named(names.iter().map(|name| (*name).to_string()).collect()));
    let but = |id: &str| without(&["F1", "F2", "F3", "F5", "F6", "F7", "F9"].into_iter().filter(|other| *other != id).collect::<Vec<_>>());
    for (id, version, ios, met, with_it, mended) in [
        ("F3", "1.1.3", true, &[far][..], (true, 0), (false, 0)),
        ("F5", "1.1.3", false, &[far], (true, 1), (false, 0)),
        ("F6", "1.1.4", false, &[near], (false, 0), (true, 1)),
        ("F6", "1.4.1", false, &[near, far], (false, 0), (true, 1)),
    ] {
        assert_eq!(told(version, ios, FaultSet::HISTORICAL, met), with_it, "{id}");
        assert_eq!([told(version, ios, but(id), met), told(version, ios, FaultSet::NONE, met)], [mended; 2], "{id}");
    }
    // Level 4 would expose F7, where only F6 is away.
    assert_eq!(told("1.2.1", false, FaultSet::NONE, &[near, far]), (true, 1));
    assert_eq!(told("1.1.3-served", false, FaultSet::NONE, &[near, far]), (true, 1));
}

/// One observer meets two cases on a day, eleven minutes or so each: told of the day, once. Later checks that bring nothing of it
/// do not list it again.
#[test]
fn case_two_cases_of_a_day_are_summed() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let told = |more: &[&str]| {
        let out = dir.path().join("out");
        let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/cases/gaen/two-cases.toml");
        Command::cargo_bin("cocoasim")
            .expect("the binary is built")
            .args(["run", scenario, "--seed", "5", "--quiet", "--overwrite", "--out"])
            .arg(&out)
            .args(more)
            .assert()
            .success();
        let table = read_table(&out, &tables::NOTIFICATIONS).expect("the table");
        let of_person_1 = (0..table.rows()).filter(|&i| table.u32("person")[i] == 1);
        of_person_1
            .map(|i| {
                let minutes = (!table.is_null("minutes", i)).then(|| table.u32("minutes")[i]);
                let day = (!table.is_null("day_utc", i)).then(|| DayUtc(table.days("day_utc")[i]).to_string());
                (day, minutes, table.text("outcome").get(i).to_string())
            })
            .collect::<Vec<_>>()
    };
    let both = told(&[]);
    let (day, minutes, outcome) = &both[0];
    assert_eq!((both.len(), day.as_deref(), outcome.as_str()), (1, Some("2022-05-09"), "notified and shown"));
    assert!(minutes.is_some_and(|m| (15..40).contains(&m)), "{minutes:?}");
    // Forty minutes on the first day, and one four days later with another case.
    let trace = dir.path().join("later.dat");
    let meet = |from_s: u32, other: u32, records: u32| (0..records).map(move |k| format!("{} 1 {other}\n", from_s + 20 * k));
    std::fs::write(&trace, meet(36_020, 2, 120).chain(meet(4 * 86_400 + 36_020, 3, 3)).collect::<String>()).expect("a file");
    let cases =
        "authority.cases=[{person=2,onset_day=0,result_day=1,registers=\"yes\"},{person=3,onset_day=4,result_day=5,registers=\"yes\"}]";
    let file = format!("mobility.file={}", trace.display());
    let later = told(&["--set", &file, "--set", "run.days=12", "--set", cases]);
    let outcomes: Vec<_> = later.iter().map(|(day, _, outcome)| (day.as_deref(), outcome.as_str())).collect();
    assert_eq!(outcomes, [(Some("2022-05-09"), "notified and shown"), (None, "matched, under the rule")]);
}

#[test]
fn a_configuration_may_not_take_the_name_of_a_rule() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("d.json");
    std::fs::write(&file, r#"{"attenuation_bucket_threshold_db":[46,60,65],"attenuation_bucket_weights":[1,2.5,1.3,0.01]}"#)
        .expect("a file");
    for (name, is_free) in [("installed", false), ("2.0", false), ("mine", true)] {
        let set = format!("app.configurations=[{{name=\"{name}\",files=[\"{}\"]}}]", file.display());
        let checked = Command::cargo_bin("cocoasim").expect("the binary is built").args(["check", "office", "--set", &set]).output();
        let checked = checked.expect("it runs");
        let said = String::from_utf8_lossy(&checked.stderr).to_string();
        assert_eq!(checked.status.success(), is_free, "{said}");
        assert!(is_free || said.contains(&format!("two rules are named {name}")), "{said}");
    }
}

/// Forty configurations make 160 rules more: each has its own counts, by every truth.
#[test]
fn any_number_of_rules_works() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let configuration = |minimum: u32| {
        let eights = "[8,8,8,8,8,8,8,8]";
        format!(
            r#"{{"MinimumRiskScore":{minimum},"AttenuationScores":{eights},"DaysSinceLastExposureScores":{eights},"DurationScores":{eights},
                "TransmissionRiskScores":[1,1,1,1,1,1,1,1],"DurationAtAttenuationThresholds":[50,70]}}"#
        )
    };
    let file = |name: &str, minimum: u32| {
        let path = dir.path().join(name);
        std::fs::write(&path, configuration(minimum)).expect("a file");
        path.display().to_string()
    };
    let (always, never) = (file("always.json", 1), file("never.json", 4096));
    let named = (0..40).map(|i| format!("{{name=\"c{i:02}\",files=[\"{}\"]}}", if i % 2 == 0 { &always } else { &never }));
    let out = dir.path().join("out");
    Command::cargo_bin("cocoasim")
        .expect("the binary is built")
        .args(["run", "office", "--quiet", "--set", "population.workers=16", "--set", "run.days=3", "--set", "output.verdicts=false"])
        // The universe of every rule is the same: nobody is further off.
        .args(["--set", "accuracy.universe_within_m=100"])
        .args(["--set", &format!("app.configurations=[{}]", named.collect::<Vec<_>>().join(","))])
        .args(["--set", "authority.cases=[]", "--set", "phones.adoption=1", "--out"])
        .arg(&out)
        .assert()
        .success();
    let accuracy = read_table(&out, &tables::ACCURACY).expect("the table");
    let mut counts: BTreeMap<(String, String), BTreeMap<String, [i64; 4]>> = BTreeMap::new();
    for i in (0..accuracy.rows()).filter(|&i| accuracy.text("universe").get(i) == "device" && accuracy.text("stratum").get(i) == "all") {
        let cell = ["tp", "fp", "fn", "tn"].map(|column| accuracy.i64(column)[i]);
        let key = (accuracy.text("mode").get(i).into(), accuracy.text("truth").get(i).into());
        counts.entry(key).or_default().insert(accuracy.text("rule").get(i).into(), cell);
    }
    assert_eq!(counts.len(), 4, "four truths");
    for (truth, by_rule) in counts {
        let any_match = by_rule["1.0.0-1.1.2/ios/level0"];
        assert!(any_match[0] > 0 && any_match[1] > 0);
        for i in 0..40 {
            for reading in ["ios/level0", "ios/level4", "android/level0", "android/level4"] {
                let [tp, fp, missed, tn] = by_rule[&format!("c{i:02}/{reading}")];
                if i % 2 == 0 {
                    assert_eq!([tp, fp, missed, tn], any_match, "{truth:?}: c{i:02}/{reading}");
                } else {
                    assert_eq!((tp, fp, missed + tn), (0, 0, any_match.iter().sum()), "{truth:?}: c{i:02}/{reading}");
                }
            }
        }
    }
}

/// `keys match` on files of the same sightings and keys.
fn keys_match(dir: &Path, version: &str, ios: bool, keys: &[DiagnosisKey], now_s: u32) -> Value {
    let export = ExportFile { keys: keys.iter().map(ExportedKey::from).collect(), ..ExportFile::default() };
    std::fs::write(dir.join("keys.bin"), encode_export(&export)).expect("a file");
    let output = Command::cargo_bin("cocoasim")
        .expect("the binary is built")
        .current_dir(dir)
        .args(["keys", "match", "--sightings", "heard.csv", "--keys", "keys.bin", "--json", "--config", version])
        .args(["--os", if ios { "ios" } else { "android" }, "--now", &now_s.to_string()])
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    found["verdict"].clone()
}

fn csv(sightings: &[Sighting]) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let line = |s: &Sighting| format!("{},{},{},{},{}\n", hex(&s.rpi), hex(&s.aem), s.t_s, s.rssi_dbm, s.previous_scan_s);
    format!("rpi,aem,t_s,rssi_dbm,previous_scan_s\n{}", sightings.iter().map(line).collect::<String>())
}

/// (day, duration, shown, reported) of a verdict of `keys match`.
fn days(verdict: &Value) -> Vec<(String, i64, f64, bool, bool)> {
    let days = verdict["days"].as_array().expect("days");
    days.iter()
        .map(|d| {
            (
                d["day_utc"].as_str().expect("a day").into(),
                d["duration_s"].as_i64().expect("seconds"),
                d["score"].as_f64().expect("a score"),
                d["shown"] == true,
                d["reported"] == true,
            )
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// A phone and `keys match` say the same of random days with several keys, met in several stretches and checked in several
    /// detections. Version 1 forgets between checks; version 2 takes its score from all keys, its seconds from the new ones, and
    /// its screen from everything.
    #[test]
    fn the_phone_and_keys_match_say_the_same(
        version in prop::sample::select(vec!["1.1.2", "1.1.3", "1.1.3-served", "1.2.1", "1.2.2", "2.0.0"]),
        ios in any::<bool>(),
        met in prop::collection::vec(
            (0..2u32, 0..82_000u32, prop::collection::vec((60..700u32, 40..90i32), 1..12), prop::sample::select(vec![0, 4]), 0..3usize),
            1..7,
        ),
        second_stretch in 0..80_000u32,
    ) {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut sightings = Vec::new();
        let mut batches: [Vec<DiagnosisKey>; 3] = Default::default();
        for (i, (day, at_s, scans, level, batch)) in met.iter().enumerate() {
            let key = key(1 + i as u8, DAY + day, *level);
            sightings.extend(heard(&key, *at_s, scans));
            if i == 0 {
                sightings.extend(heard(&key, second_stretch, &scans[..1]));
            }
            batches[*batch].push(key);
        }
        sightings.sort_by_key(|s| s.t_s);
        std::fs::write(dir.path().join("heard.csv"), csv(&sightings)).expect("a file");
        let mut phone = Phone::new(version, ios, sightings);
        let mut screen: BTreeMap<String, u32> = BTreeMap::new();
        let mut so_far: Vec<DiagnosisKey> = Vec::new();
        for (n, batch) in batches.iter().enumerate().filter(|(_, batch)| !batch.is_empty()) {
            let now_s = (DAY + 3) * 86_400 + 3600 * n as u32;
            let outcome = phone.check(batch, now_s);
            let alone = keys_match(dir.path(), version, ios, batch, now_s);
            let is_first = so_far.is_empty();
            so_far.extend(batch.iter().cloned());
            if version != "2.0.0" || is_first {
                prop_assert_eq!((&alone["exposed"], &alone["notified"]), (&outcome.shown.into(), &outcome.notified.into()));
                let shown: Vec<_> = days(&alone).into_iter().filter(|d| d.3).map(|d| (d.0, d.1)).collect();
                let of_phone: Vec<_> = outcome.days.iter().map(|d| (d.day.to_string(), d.duration_s)).collect();
                prop_assert_eq!(shown, of_phone);
            }
            if version == "2.0.0" {
                let together = days(&keys_match(dir.path(), version, ios, &so_far, now_s));
                let is_reported = |(day, seconds, ..): &(String, i64, f64, bool, bool)| {
                    *seconds >= 900 && together.iter().any(|d| d.0 == *day && d.2 >= 1350.0)
                };
                prop_assert_eq!(outcome.notified, days(&alone).iter().any(is_reported));
                // A check lists the days that it brought windows of, and no other.
                let brought: Vec<_> = days(&alone).into_iter().map(|d| d.0).collect();
                let listed: Vec<_> = outcome.days.iter().map(|d| d.day.to_string()).collect();
                let shown_now: Vec<_> = together.iter().filter(|d| d.3 && brought.contains(&d.0)).map(|d| d.0.clone()).collect();
                prop_assert_eq!(&listed, &shown_now);
                prop_assert_eq!(outcome.shown, !listed.is_empty());
                screen.extend(outcome.days.iter().map(|d| (d.day.to_string(), d.minutes.expect("minutes"))));
                let shown: BTreeMap<_, _> = together.into_iter().filter(|d| d.3).map(|d| (d.0, (d.1 as u32).div_ceil(60))).collect();
                prop_assert_eq!(&screen, &shown);
            }
        }
    }
}
