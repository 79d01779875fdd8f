//! The traps of the framework (what one reads wrong at first), one test each, and COCOA's releases, through the library's
//! public face: sightings in, verdicts out. Numbers follow the list of traps in the project's notes on the published code.

use cocoasim::{
    app::{
        CheckOutcome, ConfigurationOf113, FaultSet, Installed, MINISTRY_CONTINUOUS, Mechanism, NewKeys, PhoneApp, RELEASES, Rule, evaluate,
        judge, released_configuration, released_rules,
    },
    gaen::{
        DailySummariesConfig, DiagnosisKey, DiagnosisKeysDataMapping, ExposureWindow, Infectiousness, KeyMatch, Metadata, MetadataCipher,
        Reading, ReportType, Sighting, SightingStore, StoreIndex, TemporaryExposureKey, Tracer, V1Reading, attenuation_durations_s,
        daily_summaries, derive_rpis,
        export::{ExportFile, ExportedKey, KeyFault, check_batches, decode_export, encode_export, reference_files},
        exposure_runs, exposure_summary, exposure_windows, match_store, risk_score,
    },
    output::{read_table, tables},
    scenario::{SourceArgs, open},
    server::Export,
    time::{DayUtc, Enin},
};

const DAY: u32 = 18_500;
const START: u32 = DAY * 144;
const START_S: u32 = START * 600;
/// Calibrated transmit power of every sighting here.
const TX_DBM: i8 = -20;

fn key(byte: u8) -> DiagnosisKey {
    let tek = TemporaryExposureKey { key: [byte; 16], rolling_start: Enin(START), rolling_period: 144 };
    DiagnosisKey { tek, transmission_risk_level: 0, report_type: None, days_since_onset: None }
}

/// A sighting at a moment with a given attenuation; `previous` is when the last scan stopped.
fn sighting(key: &DiagnosisKey, t_s: u32, attenuation_db: i32, previous_scan_s: u32) -> Sighting {
    let rpi = derive_rpis(&key.tek)[(t_s / 600 - key.tek.rolling_start.0) as usize];
    let metadata = Metadata { major: 1, minor: 1, calibration_confidence: 3, tx_power_dbm: TX_DBM }.encode();
    let aem = MetadataCipher::new(&key.tek.key).apply(&rpi, metadata);
    Sighting { rpi, aem, t_s, rssi_dbm: (i32::from(TX_DBM) - attenuation_db) as i8, previous_scan_s }
}

/// One sighting every `step_s` from 10 h on, all at one attenuation.
fn stay(key: &DiagnosisKey, number: u32, step_s: u32, attenuation_db: i32) -> Vec<Sighting> {
    (0..number).map(|k| START_S + 36_000 + k * step_s).map(|t| sighting(key, t, attenuation_db, t - step_s)).collect()
}

fn only(found: Vec<KeyMatch>) -> KeyMatch {
    assert_eq!(found.len(), 1);
    found.into_iter().next().expect("there is one")
}

fn windows(sightings: &[Sighting], key: &DiagnosisKey) -> Vec<ExposureWindow> {
    let found = only(match_store(sightings, std::slice::from_ref(key)));
    exposure_windows(&found, key, &DiagnosisKeysDataMapping::default())
}

fn cocoa2() -> DailySummariesConfig {
    released_configuration("2.0.0").and_then(|c| c.v2).expect("release 2.0.0 has windows")
}

#[test]
fn trap_01_the_published_reading_drops_report_type_onset_and_revisions() {
    let own = DiagnosisKey { report_type: Some(ReportType::SelfReport), days_since_onset: Some(-10), ..key(1) };
    let revised = DiagnosisKey { report_type: Some(ReportType::Revoked), ..own.clone() };
    let heard = stay(&own, 3, 300, 50);
    let types = |reading: Reading| -> Vec<(Option<ReportType>, Option<i32>)> {
        let keys: Vec<_> = reading.keys(std::slice::from_ref(&own), std::slice::from_ref(&revised)).collect();
        match_store(&heard, &keys).iter().map(|m| (m.report_type, keys[m.key].days_since_onset)).collect()
    };
    assert_eq!(types(Reading::AsPublished), [(None, None)]);
    assert_eq!(types(Reading::AsDocumented), [(Some(ReportType::Revoked), Some(-10))], "withdrawn by the revision");
}

#[test]
fn a_missing_report_type_decides_in_windows_alone() {
    let heard = stay(&key(1), 3, 300, 50);
    for (missing, types) in [(ReportType::Recursive, vec![ReportType::Recursive]), (ReportType::Revoked, vec![ReportType::Revoked])] {
        let found = StoreIndex::new(&heard).match_keys(&[key(1)], &mut Tracer::new(missing));
        let mapping = DiagnosisKeysDataMapping { report_type_when_missing: missing, ..DiagnosisKeysDataMapping::default() };
        let of_windows: Vec<ReportType> =
            found.iter().flat_map(|m| exposure_windows(m, &key(1), &mapping)).map(|w| w.report_type).collect();
        assert_eq!((found.len(), of_windows), (1, types), "the key itself says nothing: it matches");
    }
}

#[test]
fn trap_02_windows_use_raw_sightings_and_v1_uses_aggregated_ones() {
    let k = key(1);
    let t = START_S + 36_000;
    let heard: Vec<_> = [50, 60, 70].iter().zip(0..).map(|(db, i)| sighting(&k, t + i, *db, t - 300)).collect();
    let found = only(match_store(&heard, std::slice::from_ref(&k)));
    assert_eq!((found.raw.len(), found.aggregated.len()), (3, 1));
    assert_eq!(windows(&heard, &k)[0].scans[0].typical_db, 60, "the mean of the packets");
    assert_eq!(exposure_runs(&found)[0].attenuation_value_db, 50, "the strongest packet");
}

#[test]
fn trap_03_a_lone_sighting_is_five_minutes() {
    let found = only(match_store(&stay(&key(1), 1, 300, 55), &[key(1)]));
    let runs = exposure_runs(&found);
    assert_eq!((runs.len(), runs[0].duration_s), (1, 300));
    assert_eq!(attenuation_durations_s(&runs[0], [50, 70]), [0, 300, 0]);
}

#[test]
fn trap_04_seconds_since_last_scan_can_be_zero_or_negative() {
    let k = key(1);
    let t = START_S + 36_000;
    let scans = |previous: u32| windows(&[sighting(&k, t, 50, previous)], &k)[0].scans[0].seconds_since_last_scan;
    assert_eq!((scans(t), scans(t + 600), scans(t - 59), scans(t - 60)), (0, -600, 60, 60));
    assert_eq!((scans(t - 3000), scans(0)), (300, 120), "at most five minutes; two where unknown");
}

#[test]
fn trap_05_a_scan_across_two_identifiers_is_one_scan_instance_but_two_v1_sightings() {
    let k = key(1);
    let turn = START_S + 36_600;
    let heard = [sighting(&k, turn - 1, 50, turn - 300), sighting(&k, turn + 1, 60, turn - 300)];
    assert_ne!(heard[0].rpi, heard[1].rpi);
    let found = only(match_store(&heard, std::slice::from_ref(&k)));
    assert_eq!(found.aggregated.len(), 2);
    let w = windows(&heard, &k);
    assert_eq!((w.len(), w[0].scans.len(), w[0].scans[0].typical_db), (1, 1, 55));
    // Two sightings in one second: only the first of them counts in v1, as the code passes over a point without length.
    let same = [sighting(&k, turn - 1, 50, 0), Sighting { t_s: turn - 1, ..sighting(&k, turn, 90, 0) }];
    let run = &exposure_runs(&only(match_store(&same, std::slice::from_ref(&k))))[0];
    assert_eq!((run.attenuation_value_db, attenuation_durations_s(run, [50, 70])), (50, [0, 300, 0]));
    let after = [same[0], same[1], sighting(&k, turn + 599, 90, 0)];
    let run = &exposure_runs(&only(match_store(&after, std::slice::from_ref(&k))))[0];
    assert_eq!((run.attenuation_value_db, attenuation_durations_s(run, [50, 70])), (57, [0, 750, 150]));
}

#[test]
fn trap_06_identifiers_two_days_after_an_unaligned_start_are_never_found() {
    let k = DiagnosisKey { tek: TemporaryExposureKey { rolling_start: Enin(START + 140), ..key(1).tek }, ..key(1) };
    let last = (START + 140 + 143) * 600;
    assert_eq!(match_store(&[sighting(&k, last, 50, 0)], std::slice::from_ref(&k)).len(), 1);
    let late = Sighting { t_s: (DAY + 2) * 86_400 + 60, ..sighting(&k, last, 50, 0) };
    assert!(match_store(&[late], &[k]).is_empty(), "within two hours, but filed under the day after next");
}

#[test]
fn trap_07_periods_beyond_144_are_skipped_and_0_reads_as_144() {
    let exported = |rolling_period| ExportedKey { rolling_period, ..ExportedKey::from(&key(1)) };
    assert_eq!(exported(145).check(), (None, Some(KeyFault::Period(145))));
    assert_eq!(exported(-1).check(), (None, Some(KeyFault::Period(-1))));
    let (zero, fault) = exported(0).check();
    assert_eq!((zero.map(|k| k.tek.rolling_period), fault), (Some(144), Some(KeyFault::PeriodZero)));
}

#[test]
fn trap_08_days_count_from_the_keys_day() {
    let config = released_configuration("1.0.0").and_then(|c| c.v1).expect("release 1.0.0 is v1");
    // Heard at 23:59 UTC, checked two minutes into the third day: 2 days by the key, though a day and minutes have passed.
    let k = key(1);
    let found = only(match_store(&[sighting(&k, START_S + 86_340, 5, 0)], std::slice::from_ref(&k)));
    let run = &exposure_runs(&found)[0];
    let score = |now_s| risk_score(run, &k, now_s, &config, V1Reading::Android);
    // Attenuation 5 dB: 8; duration 5 min: 2; level 0: 1; days since exposure: 8 below two days, then 7.
    assert_eq!((score(START_S + 2 * 86_400 - 1), score(START_S + 2 * 86_400 + 120)), (8 * 2 * 8, 8 * 2 * 7));
}

#[test]
fn trap_09_windows_without_infectiousness_stay_with_weight_0() {
    let k = DiagnosisKey { days_since_onset: Some(-10), ..key(1) };
    let mapping = released_configuration("2.0.0").and_then(|c| c.mapping).expect("release 2.0.0 has a mapping");
    let found = only(match_store(&stay(&k, 6, 300, 50), std::slice::from_ref(&k)));
    let w = exposure_windows(&found, &k, &mapping);
    assert_eq!(w[0].infectiousness, Infectiousness::None);
    let day = daily_summaries(&w, &cocoa2(), DayUtc(DAY as i32 + 1))[0];
    assert_eq!((day.score_sum, day.weighted_duration_sum_s), (0.0, 6.0 * 300.0 * 2.5));
}

#[test]
fn trap_10_thresholds_are_below_in_v1_and_up_to_in_v2() {
    let k = key(1);
    let bucket = |db| {
        let durations =
            attenuation_durations_s(&exposure_runs(&only(match_store(&stay(&k, 1, 300, db), std::slice::from_ref(&k))))[0], [50, 70]);
        durations.iter().position(|s| *s > 0)
    };
    assert_eq!([49, 50, 69, 70].map(bucket), [Some(0), Some(1), Some(1), Some(2)]);
    let score = |db| daily_summaries(&windows(&stay(&k, 1, 300, db), &k), &cocoa2(), DayUtc(DAY as i32))[0].score_sum;
    assert_eq!([46, 47, 60, 61, 65, 66].map(score), [300.0, 750.0, 750.0, 390.0, 390.0, 3.0]);
}

#[test]
fn trap_11_a_matched_key_stays_matched() {
    let heard = stay(&key(1), 3, 300, 50);
    let louder = DiagnosisKey { transmission_risk_level: 7, ..key(1) };
    let shorter = DiagnosisKey { tek: TemporaryExposureKey { rolling_period: 143, ..key(1).tek }, ..key(1) };
    let found = match_store(&heard, &[key(1), louder, shorter]);
    assert_eq!(found.iter().map(|m| m.key).collect::<Vec<_>>(), [0]);
}

#[test]
fn trap_12_javas_rounding() {
    let k = key(1);
    let t = START_S + 36_000;
    // Half up: 50.5 becomes 51. Whole minutes are subtracted, each truncated.
    let w = windows(&[sighting(&k, t, 50, t - 61), sighting(&k, t + 1, 51, t - 61)], &k);
    assert_eq!((w[0].scans[0].typical_db, w[0].scans[0].seconds_since_last_scan), (51, 120));
}

fn padded() -> (Vec<DiagnosisKey>, ExportFile) {
    let real = vec![DiagnosisKey { transmission_risk_level: 6, days_since_onset: Some(3), ..key(1) }, key(2)];
    let files = reference_files(&real, &[], (7300, 90_100), "440", |n| [n, n ^ 7, 99, 5]);
    assert_eq!(files.len(), 1);
    (real, files.into_iter().next().expect("there is one"))
}

/// The reference server's worker skips chunks of more than 100 padding keys when it writes them to its database; the file
/// holds all of them. Ours has no database: the file is whole, and the same keys come again for the same draws.
#[test]
fn trap_13_all_padding_stands_in_the_file_and_stays() {
    let (_, file) = padded();
    assert!((1000..=1100).contains(&file.keys.len()), "{}", file.keys.len());
    assert!(file.keys.is_sorted_by_key(|k| k.key_data));
    let mut distinct: Vec<_> = file.keys.iter().map(|k| k.key_data).collect();
    distinct.dedup();
    assert_eq!(distinct.len(), file.keys.len(), "no key twice");
    assert_eq!(padded().1, file);
    assert_eq!((file.start_s, file.end_s), (7200, 90_000), "times are cut to the hour");
    assert!(reference_files(&[], &[], (0, 0), "440", |_| [0; 4]).is_empty());
}

#[test]
fn trap_14_padding_copies_what_real_keys_say() {
    let (real, file) = padded();
    let profile =
        |k: &ExportedKey| (k.transmission_risk_level, k.days_since_onset_of_symptoms, k.rolling_start_interval_number, k.rolling_period);
    let of_real: std::collections::BTreeSet<_> = real.iter().map(|k| profile(&ExportedKey::from(k))).collect();
    let all: std::collections::BTreeSet<_> = file.keys.iter().map(profile).collect();
    assert_eq!(all, of_real, "only the profiles of the two real keys: padding repeats them, and days of one person stay linked");
    let copies = |k: &DiagnosisKey| file.keys.iter().filter(|f| profile(f) == profile(&ExportedKey::from(k))).count();
    assert!(copies(&real[0]).abs_diff(copies(&real[1])) <= 1, "in turn");
}

#[test]
fn trap_15_an_onset_out_of_range_reads_as_unknown() {
    let k = DiagnosisKey { days_since_onset: Some(15), ..key(1) };
    let mapping = DiagnosisKeysDataMapping { infectiousness_when_missing: Infectiousness::High, ..DiagnosisKeysDataMapping::default() };
    let found = only(match_store(&stay(&k, 1, 300, 50), std::slice::from_ref(&k)));
    assert_eq!(exposure_windows(&found, &k, &mapping)[0].infectiousness, Infectiousness::High);
}

/// A phone that has met 25 people fetches one new batch an hour, each with one of their keys.
fn hourly_checks(release: &str, ios: bool) -> Vec<CheckOutcome> {
    let framework = open(&SourceArgs { scenario: "baseline".into(), ..SourceArgs::default() }).expect("no fault").scenario.gaen;
    let release = RELEASES.iter().find(|r| r.name == release).expect("a release");
    let (mut app, mut store) = (PhoneApp::default(), SightingStore::default());
    let keys: Vec<DiagnosisKey> = (0..25).map(|byte| DiagnosisKey { transmission_risk_level: 4, ..key(byte) }).collect();
    keys.iter().flat_map(|k| stay(k, 5, 300, 50)).for_each(|s| store.push(s));
    let at_s = |hour: usize| i64::from(START_S) + 86_400 + hour as i64 * 3600;
    let batch = |hour: usize| Export {
        created_s: at_s(hour),
        key_day: DayUtc(DAY as i32),
        keys: vec![keys[hour].clone()],
        file: String::new(),
        zip_bytes: 0,
    };
    let batches: Vec<Export> = (0..25).map(batch).collect();
    let (configuration_of_1_1_3, faults) = (ConfigurationOf113::Embedded, FaultSet::HISTORICAL);
    let installed = Installed { ios, release, installed_as: release, configuration_of_1_1_3, faults, framework: &framework };
    (0..25).map(|h| app.check(at_s(h), installed, &NewKeys::of(batches[..=h].iter(), app.last_created_s()), &store)).collect()
}

#[test]
fn trap_16_calls_beyond_the_daily_quota_are_refused_and_may_lose_batches() {
    let through = |release: &str, ios: bool| hourly_checks(release, ios)[..24].iter().filter(|o| !o.refused).count();
    assert_eq!((through("1.1.4", true), through("1.1.4", false)), (15, 20));
    assert_eq!((through("2.0.0", true), through("2.0.0", false)), (6, 6), "queries for exposure windows");
    // 24 h after the first call what was refused comes through, unless the release had noted it as processed.
    for (release, fault, keys) in [("1.2.3", None, 5), ("1.2.2", Some("skipped_batch"), 1)] {
        let outcomes = hourly_checks(release, false);
        assert_eq!(
            (outcomes[23].refused, outcomes[23].matched.len(), outcomes[23].fault.map(Mechanism::name)),
            (true, 0, fault),
            "{release}"
        );
        assert_eq!((outcomes[24].refused, outcomes[24].matched.len()), (false, keys), "{release}");
    }
}

#[test]
fn trap_17_phones_that_stop_are_neither_heard_nor_hear() {
    let share = |sets: &[&str]| {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let out = dir.path().join("out");
        assert_cmd::Command::cargo_bin("cocoasim")
            .expect("the binary is built")
            .args(["run", "office", "--quiet", "--set", "population.workers=24", "--set", "run.days=2", "--set", "authority.cases=[]"])
            .args(["--set", "phones.adoption=1.0", "--set", "phones.bluetooth_off=0"])
            .args(sets.iter().flat_map(|s| ["--set", s]))
            .arg("--out")
            .arg(&out)
            .assert()
            .success();
        let table = read_table(&out, &tables::ATTENUATION).expect("the table of link-scans");
        let scans = table.i64("scans");
        let unheard: i64 = (0..table.rows()).filter(|row| table.is_null("attenuation_db", *row)).map(|row| scans[row]).sum();
        unheard as f64 / scans.iter().sum::<i64>().max(1) as f64
    };
    let works = share(&["phones.stops_advertising=0", "phones.stops_scanning=0"]);
    let silent = share(&["phones.stops_advertising=1", "phones.stops_scanning=0"]);
    assert!(silent > works + 0.3, "{silent} of link-scans unheard where everybody stops some time of the day, {works} otherwise");
}

#[test]
fn trap_18_channels_differ_and_their_mean_is_what_windows_see() {
    let k = key(1);
    let t = START_S + 36_000;
    let heard = [sighting(&k, t, 48, t - 240), sighting(&k, t + 1, 55, t - 240), sighting(&k, t + 2, 68, t - 240)];
    let scan = windows(&heard, &k)[0].scans[0];
    assert_eq!((scan.typical_db, scan.min_db), (57, 48));
}

#[test]
fn trap_19_attenuation_uses_the_power_that_the_sender_calibrated() {
    let k = key(1);
    let t = START_S + 36_000;
    let louder = Metadata { major: 1, minor: 1, calibration_confidence: 3, tx_power_dbm: -6 }.encode();
    let plain = sighting(&k, t, 50, 0);
    let heard = Sighting { aem: MetadataCipher::new(&k.tek.key).apply(&plain.rpi, louder), ..plain };
    assert_eq!(only(match_store(&[heard], &[k])).raw[0].attenuation_db, 64);
}

#[test]
fn trap_20_onset_days_travel_zigzag() {
    let file = ExportFile {
        keys: vec![ExportedKey { days_since_onset_of_symptoms: Some(-14), ..ExportedKey::from(&key(1)) }],
        ..ExportFile::default()
    };
    let bytes = encode_export(&file);
    assert_eq!(bytes[bytes.len() - 2..], [6 << 3, 27], "field 6, -14 as 27");
    assert_eq!(decode_export(&bytes), Ok(file));
}

#[test]
fn trap_21_several_files_must_be_whole_batches() {
    let file = |batch_num, batch_size| ExportFile { batch_num, batch_size, ..ExportFile::default() };
    assert!(check_batches(&[file(1, 2), file(2, 2)]).is_ok());
    assert!(check_batches(&[file(1, 1), file(1, 1)]).is_ok());
    assert!(check_batches(&[file(1, 2)]).is_err());
    assert!(check_batches(&[file(3, 2)]).is_err());
    assert!(check_batches(&[file(0, 0)]).is_ok());
}

#[test]
fn trap_22_a_match_is_gone_14_days_after_the_encounter() {
    let k = key(1);
    let mut store = SightingStore::default();
    stay(&k, 3, 300, 50).into_iter().for_each(|s| store.push(s));
    store.expire((DAY + 14) * 86_400 + 86_399);
    assert_eq!(match_store(store.sightings(), std::slice::from_ref(&k)).len(), 1);
    store.expire((DAY + 15) * 86_400);
    assert!(match_store(store.sightings(), &[k]).is_empty());
}

#[test]
fn summaries_alone_are_capped() {
    let k = key(1);
    let found = only(match_store(&stay(&k, 13, 300, 40), std::slice::from_ref(&k)));
    let runs: Vec<_> = exposure_runs(&found).into_iter().map(|r| (&k, r)).collect();
    assert_eq!(runs[0].1.duration_s, 3900);
    let config = released_configuration("1.1.4").and_then(|c| c.v1).expect("release 1.1.4 is v1");
    let android = exposure_summary(&runs, START_S + 86_400, &config, V1Reading::Android);
    assert_eq!((android.attenuation_durations_s, android.maximum_risk_score), ([1800, 0, 0], 0), "level 0 scores 4 x 1 x 1");
    let ios = exposure_summary(&runs, START_S + 86_400, &config, V1Reading::Ios);
    assert_eq!((ios.attenuation_durations_s, ios.maximum_risk_score), ([1800, 0, 0], 4 * 7));
}

#[test]
fn every_published_version_names_a_configuration() {
    let of = |name: &str| released_configuration(name).and_then(|c| c.v1).map(|c| c.minimum_risk_score);
    for (names, minimum) in
        [(&["1.0.0", "1.1.0", "1.1.1", "1.1.2", "1.1.3"][..], 1), (&["1.1.4", "1.1.5", "1.2.0", "1.2.6", "1.4.0", "1.4.1"][..], 21)]
    {
        assert!(names.iter().all(|n| of(n) == Some(minimum)), "{names:?}");
    }
    assert!(["2.0.0", "2.0.1"].iter().all(|n| released_configuration(n).is_some_and(|c| c.v2.is_some())));
    assert!(["3.0.0", "1.3.0", "0.9", ""].iter().all(|n| released_configuration(n).is_none()), "3.0.0 detects nothing");
}

fn rule(name: &str) -> Rule {
    released_rules().into_iter().find(|r| r.name == name).unwrap_or_else(|| panic!("no rule {name}"))
}

fn detects(name: &str, sightings: &[Sighting], key: &DiagnosisKey) -> bool {
    let found = only(match_store(sightings, std::slice::from_ref(key)));
    judge(&rule(name), &found, &evaluate(&found, key), key, START_S + 86_400, START_S).detected
}

/// The effective rules of COCOA's configurations, every cell: what sightings every five minutes come to.
#[test]
fn the_effective_rule_of_every_release_system_and_key_level() {
    let k = key(1);
    // (attenuation dB, sightings): n sightings five minutes apart last 5 n minutes.
    let cases = [(5, 1), (33, 3), (33, 4), (34, 4), (63, 3), (63, 4), (64, 4), (90, 1), (5, 12)];
    let every = [true; 9];
    let near = [false, false, true, false, false, false, false, false, true];
    let up_to_63 = [false, false, true, true, false, true, false, false, true];
    let never = [false; 9];
    for (release, cells) in [
        ("1.0.0-1.1.2", [every, every, every, every]),
        ("1.1.3", [near, near, every, every]),
        ("1.1.3-served", [up_to_63, up_to_63, every, every]),
        ("1.1.4-1.4.1", [up_to_63, up_to_63, never, up_to_63]),
    ] {
        for ((system, level), expected) in [("ios", 0), ("ios", 4), ("android", 0), ("android", 4)].into_iter().zip(cells) {
            let name = format!("{release}/{system}/level{level}");
            let found = cases.map(|(db, n)| detects(&name, &stay(&k, n, 300, db), &k));
            assert_eq!(found, expected, "{name}");
        }
    }
}

/// Rows of the table of v1 configurations, by release name.
#[test]
fn every_release_has_its_configuration() {
    let rising = [1, 2, 3, 4, 5, 6, 7, 8];
    let upper_half = [0, 0, 0, 0, 1, 1, 1, 1];
    for (names, minimum, attenuation, duration, days, transmission) in [
        (&["1.0.0", "1.1.1", "1.1.2"][..], 1, rising, rising, rising, rising),
        (&["1.1.3"], 1, upper_half, upper_half, [1; 8], [7; 8]),
        (&["1.1.4", "1.2.1", "1.2.2", "1.4.1"], 21, rising, upper_half, [1; 8], [7; 8]),
    ] {
        for name in names {
            let c = released_configuration(name).and_then(|c| c.v1).unwrap_or_else(|| panic!("{name} is a release"));
            assert_eq!((c.minimum_risk_score, c.attenuation_scores, c.duration_scores), (minimum, attenuation, duration), "{name}");
            assert_eq!((c.days_scores, c.transmission_scores), (days, transmission), "{name}");
            assert_eq!(c.duration_at_attenuation_thresholds_db, [50, 70], "{name}");
        }
    }
    let two = released_configuration("2.0.0").expect("2.0.0 is a release");
    assert!(two.v1.is_some() && two.v2.is_some() && two.mapping.is_some() && two.risk.is_some());
    assert!(released_configuration("9.9").is_none());
}

/// The design document's worked example (figure 1): 14 minutes at or under 63 dB, then 64, 65, 69, 69, 63. The figure's first
/// 14 values are not given in numbers; these are of the same kind.
#[test]
fn val_figure_1_version_2_finds_what_the_ministrys_reading_of_version_1_does_not() {
    let k = key(1);
    let minutes = [55, 55, 55, 55, 55, 62, 62, 62, 62, 62, 62, 62, 62, 62, 64, 65, 69, 69, 63];
    let heard: Vec<_> = minutes
        .iter()
        .zip(0..)
        .map(|(db, i)| {
            let t = START_S + 4 * 3600 + 60 * i;
            sighting(&k, t, *db, t - 60)
        })
        .collect();
    let score = |db| {
        let t = START_S + 4 * 3600;
        daily_summaries(&windows(&[sighting(&k, t, db, t - 60)], &k), &cocoa2(), DayUtc(DAY as i32))[0].score_sum
    };
    assert_eq!([62, 64, 55, 69].map(score), [78.0, 78.0, 150.0, 0.6]);
    let sum = daily_summaries(&windows(&heard, &k), &cocoa2(), DayUtc(DAY as i32))[0].score_sum;
    let expected = 5.0 * 150.0 + 12.0 * 78.0 + 2.0 * 0.6;
    assert!((sum - expected).abs() < 1e-9 && sum > 1350.0, "{sum}");
    assert!(detects("2.0", &heard, &k));
    assert!(!detects(MINISTRY_CONTINUOUS, &heard, &k), "14 continuous minutes are not 15");
    assert!(detects(MINISTRY_CONTINUOUS, &stay(&k, 15, 60, 63), &k));
    assert!(!detects(MINISTRY_CONTINUOUS, &stay(&k, 15, 60, 64), &k));
    // The real v1 code averages over the whole run of 19 minutes (rounded to 25): 62 dB. It does find the contact.
    assert!(detects("1.1.4-1.4.1/ios/level0", &heard, &k));
}
