//! `cocoasim keys` on real files: ours, and those of others.

use std::{
    io::{Cursor, Read, Write},
    path::{Path, PathBuf},
    process::Command as System,
};

use assert_cmd::Command;
use cocoasim::gaen::{Metadata, MetadataCipher, TemporaryExposureKey, derive_rpis};
use cocoasim::time::Enin;
use proptest::prelude::*;
use serde_json::Value;

#[path = "support/data.rs"]
mod test_data;

const START: u32 = 144 * 18_400;

fn keys(args: &[&str]) -> std::process::Output {
    Command::cargo_bin("cocoasim").expect("the binary is built").arg("keys").args(args).output().expect("it runs")
}

/// The same with bytes on standard input.
fn keys_with(input: Vec<u8>, args: &[&str]) -> std::process::Output {
    Command::cargo_bin("cocoasim").expect("the binary is built").arg("keys").args(args).write_stdin(input).output().expect("it runs")
}

fn stderr(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A file of `tests/data`.
fn kept(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name).display().to_string()
}

/// A file that once gave a wrong result.
fn case(name: &str) -> String {
    kept(&format!("cases/gaen/{name}"))
}

fn json_of(args: &[&str]) -> Value {
    let output = keys(args);
    let stderr = String::from_utf8_lossy(&output.stderr).to_string();
    assert!(output.status.success(), "{args:?}\n{stderr}");
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

fn refused(args: &[&str]) -> String {
    let output = keys(args);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stderr).expect("text")
}

/// Files that others made; `None`, said aloud, where they are missing.
fn shared(name: &str) -> Option<String> {
    Some(test_data::data(&format!("en/{name}"))?.display().to_string())
}

fn has(program: &str, argument: &str) -> bool {
    let there = System::new(program).arg(argument).output().is_ok();
    if !there {
        test_data::skipped(&format!("{program} is not installed"));
    }
    there
}

/// A folder with a signing key (made for these tests), its public key and two keys to export.
struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { dir: tempfile::tempdir().expect("a temporary folder") };
        desk.write("private.pem", include_str!("data/signing_key.pem").as_bytes());
        desk.write("public.pem", include_str!("data/signing_key_public.pem").as_bytes());
        desk.write(
            "keys.json",
            format!(
                r#"[{{"key":"AQEBAQEBAQEBAQEBAQEBAQ==","rolling_start_interval_number":{START},"rolling_period":144,
                "transmission_risk_level":4,"report_type":1,"days_since_onset_of_symptoms":-2}},
                {{"key":"AgICAgICAgICAgICAgICAg==","rolling_start_interval_number":{START},"rolling_period":104,
                "transmission_risk_level":0}}]"#
            )
            .as_bytes(),
        );
        desk
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, bytes: &[u8]) -> String {
        std::fs::write(self.dir.path().join(name), bytes).expect("a temporary file");
        self.path(name)
    }

    fn export(&self, out: &str) -> String {
        self.export_of("keys.json", out)
    }

    fn export_of(&self, keys_json: &str, out: &str) -> String {
        let (start, end) = (format!("{}", START * 600), format!("{}", START * 600 + 86_400));
        let more = ["--region", "440", "--start", &start, "--end", &end];
        let output = self.try_export(&self.path(keys_json), &more, &self.path(out));
        assert!(output.status.success(), "{}", stderr(&output));
        self.path(out)
    }

    fn try_export(&self, keys_json: &str, more: &[&str], out: &str) -> std::process::Output {
        let pem = self.path("private.pem");
        let mut args = vec![
            "export",
            "--keys",
            keys_json,
            "--signing-key",
            &pem,
            "--key-id",
            "440",
            "--key-version",
            "v1",
            "--overwrite",
            "--out",
            out,
        ];
        args.extend(more);
        keys(&args)
    }

    /// An export of the key that the kept cases' sightings are of.
    fn export_of_cases(&self) -> String {
        self.write("case.json", br#"[{"key":"AAECAwQFBgcICQoLDA0ODw==","rolling_start_interval_number":2664000}]"#);
        self.export_of("case.json", "case.zip")
    }
}

fn unpack(zip: &str, entry: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(zip).expect("the zip")).expect("a zip");
    let mut bytes = Vec::new();
    archive.by_name(entry).expect("the entry").read_to_end(&mut bytes).expect("it unpacks");
    bytes
}

fn pack(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, bytes) in entries {
        zip.start_file(*name, options).expect("an entry");
        zip.write_all(bytes).expect("bytes");
    }
    zip.finish().expect("a zip").into_inner()
}

#[test]
fn val_derive_gives_googles_published_vectors() {
    let Some(file) = shared("test_vectors.json") else { return };
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(file).expect("a file")).expect("JSON");
    let crypto = &vectors["crypto"];
    let text = |name: &str| crypto[name].as_str().expect("text").to_string();
    let start = crypto["en_interval_number_of_key"].to_string();
    let output = keys(&["derive", "--tek", &text("tek"), "--start", &start, "--metadata", &text("ble_metadata"), "--json"]);
    let lines: Vec<Value> =
        String::from_utf8(output.stdout).expect("text").lines().map(|l| serde_json::from_str(l).expect("one object a line")).collect();
    let advertised = crypto["advertised"].as_array().expect("a list");
    assert_eq!(lines.len(), advertised.len());
    for (line, expected) in lines.iter().zip(advertised) {
        assert_eq!(line["interval"], expected["en_interval_number"]);
        assert_eq!((&line["rpi"], &line["aem"]), (&expected["rpi"], &expected["aem"]));
    }
}

/// The tests of this very program, run again without the data: audibly left out, or a failure where they are required.
#[test]
fn missing_data_are_told_and_can_be_required() {
    let run = |required: &str| {
        System::new(std::env::current_exe().expect("the test's own program"))
            .args(["val_derive_gives_googles_published_vectors", "--exact"])
            .env("COCOASIM_DATA", "/nowhere")
            .env("COCOASIM_REQUIRE_DATA", required)
            .output()
            .expect("it runs")
    };
    let left_out = run("0");
    let said = String::from_utf8_lossy(&left_out.stderr);
    assert!(left_out.status.success() && said.contains("skipped: /nowhere/en/test_vectors.json is missing (1 so far)"), "{said}");
    let failed = run("1");
    let said = String::from_utf8_lossy(&failed.stdout);
    assert!(!failed.status.success() && said.contains("/nowhere/en/test_vectors.json is missing, and COCOASIM_REQUIRE_DATA=1"), "{said}");
}

#[test]
fn val_the_sample_exports_verify_and_list_their_keys() {
    let (Some(zip), Some(pem), Some(bare)) =
        (shared("testExport-2-records-1-of-1.zip"), shared("testExport-public.pem"), shared("internals-app-raw-export.bin"))
    else {
        return;
    };
    assert!(keys(&["verify", &zip, "--public-key", &pem]).status.success());
    let sample = json_of(&["inspect", &zip, "--json"]);
    let data: Vec<&str> = sample["keys"].as_array().expect("a list").iter().filter_map(|k| k["key_data"].as_str()).collect();
    assert_eq!(data, ["172fc480e598490c34177604339b1543", "2b63053ac483238de176169e861f3dcd"]);
    assert_eq!(json_of(&["inspect", &bare, "--json"])["keys"].as_array().map(Vec::len), Some(110));
    // The published round trip: the RPI of interval 2646801 belongs to exactly one of the 110 keys.
    let found = json_of(&["inspect", &bare, "--json"]);
    let of_key: Vec<&Value> =
        found["keys"].as_array().expect("a list").iter().filter(|k| k["key_data"] == "2b714d3ec93c14e5d345003e59027aea").collect();
    assert_eq!(of_key.len(), 1);
    assert_eq!(of_key[0]["rolling_start_interval_number"], 2_646_801);
}

#[test]
fn an_export_of_ours_is_read_back_and_its_signature_holds() {
    let desk = Desk::new();
    let zip = desk.export("a.zip");
    assert!(keys(&["verify", &zip, "--public-key", &desk.path("public.pem")]).status.success());
    let back = json_of(&["inspect", &zip, "--public-key", &desk.path("public.pem"), "--json"]);
    assert_eq!(back["keys"][0]["key_data"], "01".repeat(16));
    assert_eq!((&back["keys"][0]["report_type"], &back["keys"][0]["days_since_onset_of_symptoms"]), (&1.into(), &(-2).into()));
    assert_eq!((&back["keys"][1]["rolling_period"], &back["keys"][1]["report_type"]), (&104.into(), &Value::Null));
    assert_eq!(std::fs::read(&zip).expect("a zip"), std::fs::read(desk.export("b.zip")).expect("a zip"), "the same keys, the same bytes");
    if let Some(other) = shared("testExport-public.pem") {
        assert!(refused(&["verify", &zip, "--public-key", &other]).contains("no signature was made by this key"));
    }
}

#[test]
fn val_openssl_verifies_and_protoc_decodes_an_export_of_ours() {
    let desk = Desk::new();
    let zip = desk.export("a.zip");
    let bin = desk.write("export.bin", &unpack(&zip, "export.bin"));
    let message = desk.write("message", &unpack(&zip, "export.bin")[16..]);
    let list = desk.write("list", &unpack(&zip, "export.sig"));
    let proto = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let decode = |kind: &str, file: &str| {
        let output = System::new("protoc")
            .arg(format!("--decode={kind}"))
            .arg(format!("--proto_path={}", proto.display()))
            .arg("export.proto")
            .stdin(std::fs::File::open(file).expect("a file"))
            .output()
            .expect("protoc runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    if has("protoc", "--version") {
        let text = decode("TemporaryExposureKeyExport", &message);
        for expected in ["region: \"440\"", "rolling_period: 104", "days_since_onset_of_symptoms: -2", "verification_key_id: \"440\""] {
            assert!(text.contains(expected), "{expected} is not in\n{text}");
        }
        assert!(decode("TEKSignatureList", &list).contains("1.2.840.10045.4.3.2"));
    }
    if has("openssl", "version") {
        let signatures = cocoasim::gaen::export::decode_signatures(&unpack(&zip, "export.sig")).expect("our own list");
        let sig = desk.write("sig", &signatures[0].signature);
        let output = System::new("openssl")
            .args(["dgst", "-sha256", "-verify", &desk.path("public.pem"), "-signature", &sig, &bin])
            .output()
            .expect("openssl runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

/// 20 minutes near the holder of the desk's first key, as CSV.
fn sightings_csv() -> String {
    let tek = TemporaryExposureKey { key: [1; 16], rolling_start: Enin(START), rolling_period: 144 };
    let rpis = derive_rpis(&tek);
    let metadata = Metadata { major: 1, minor: 0, calibration_confidence: 0, tx_power_dbm: -20 }.encode();
    let cipher = MetadataCipher::new(&tek.key);
    let mut csv = "rpi,aem,t_s,rssi_dbm,previous_scan_s\n".to_string();
    for k in 0..5 {
        let t = START * 600 + 36_000 + 240 * k;
        let rpi = rpis[(t / 600 - START) as usize];
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02X}")).collect::<String>();
        csv += &format!("{},{},{t},-75,{}\n", hex(&rpi), hex(&cipher.apply(&rpi, metadata)), t - 240);
    }
    csv
}

#[test]
fn matching_files_gives_windows_exposures_and_verdicts() {
    let desk = Desk::new();
    let (zip, csv) = (desk.export("a.zip"), desk.write("s.csv", sightings_csv().as_bytes()));
    let now = format!("{}", START * 600 + 2 * 86_400);
    let found = json_of(&["match", "--sightings", &csv, "--config", "2.0.0", "--keys", &zip, "--now", &now, "--os", "ios", "--json"]);
    assert_eq!(found["matched_keys"], serde_json::json!([{ "key": "01".repeat(16) }]));
    assert_eq!(found["windows"][0]["scans"].as_array().map(Vec::len), Some(5));
    assert_eq!(found["windows"][0]["scans"][0], serde_json::json!({ "typical_db": 55, "min_db": 55, "seconds_since_last_scan": 240 }));
    assert_eq!((&found["exposures"][0]["duration_s"], &found["exposures"][0]["total_risk_score"]), (&1200.into(), &21.into()));
    assert_eq!(found["daily_summaries"][0]["score_sum"], 3000.0);
    assert_eq!((&found["verdict"]["exposed"], &found["verdict_v1"]["exposed"]), (&true.into(), &true.into()));
    let android = json_of(&["match", "--sightings", &csv, "--config", "1.1.4", "--keys", &zip, "--os", "android", "--json"]);
    assert_eq!((&android["exposures"][0]["total_risk_score"], &android["verdict"]["exposed"]), (&21.into(), &true.into()), "level 4");
    assert_eq!(found["windows"][0]["report_type"], 1);
    // As documented, an onset two days after the key's day is within COCOA's HIGH range; as published it is unknown, HIGH too.
    assert_eq!(found["windows"][0]["infectiousness"], 2);
    let text = String::from_utf8(keys(&["match", "--sightings", &csv, "--config", "2.0.0", "--keys", &zip]).stdout).expect("text");
    assert!(text.contains("verdict: a contact"), "{text}");
}

#[test]
fn val_cocoas_own_files_decide_as_the_built_in_releases_do() {
    let names = ["cocoa/Configration.json", "cocoa/configuration.json", "cocoa/risk_calculation_configuration.json"];
    let Some(files) = names.iter().map(|n| shared(n)).collect::<Option<Vec<_>>>() else { return };
    let desk = Desk::new();
    let (zip, csv) = (desk.export("a.zip"), desk.write("s.csv", sightings_csv().as_bytes()));
    let go = |configs: &[&String]| {
        let mut args = vec!["match", "--sightings", &csv, "--keys", &zip, "--json"];
        configs.iter().for_each(|c| args.extend(["--config", c.as_str()]));
        json_of(&args)
    };
    let all = go(&[&files[0], &files[1], &files[2]]);
    assert_eq!(all["verdict"]["exposed"], true);
    let without_risk = go(&[&files[1]]);
    assert_eq!(without_risk["verdict"]["exposed"], Value::Null);
    assert!(without_risk["verdict"]["why"].as_str().is_some_and(|w| w.contains("risk_calculation_configuration.json")));
    assert_eq!(without_risk["daily_summaries"], all["daily_summaries"]);
    let args = ["match", "--sightings", &csv, "--keys", &zip, "--config", &files[0], "--config", &files[0]];
    assert!(refused(&args).contains("the same kind of file"));
}

#[test]
fn bad_files_are_refused_with_their_place() {
    let desk = Desk::new();
    let zip = desk.export("a.zip");
    let (bin, sig) = (unpack(&zip, "export.bin"), unpack(&zip, "export.sig"));
    let whole = std::fs::read(&zip).expect("a zip");
    let public = desk.path("public.pem");
    let inspect = |name: &str, bytes: &[u8]| refused(&["inspect", &desk.write(name, bytes)]);
    assert!(inspect("cut.zip", &whole[..whole.len() - 10]).contains("cut.zip: zip"));
    assert!(inspect("cut.bin", &bin[..bin.len() - 3]).contains("truncated"));
    assert!(inspect("empty", b"").contains("byte 0"));
    assert!(inspect("text.bin", b"hello").contains("neither a zip nor"));
    let mut wrong_header = bin.clone();
    wrong_header[11] = b'2';
    let packed = pack(&[("export.bin", &wrong_header), ("export.sig", &sig)]);
    assert!(inspect("header.zip", &packed).contains("export.bin: byte 0: the header"));
    let mut wrong_type = bin[..16].to_vec();
    wrong_type.extend([0x08, 0x01]);
    assert!(inspect("type.bin", &wrong_type).contains("field 1 has another wire type"));
    let mut short_key = bin[..16].to_vec();
    short_key.extend([0x3a, 0x05, 0x0a, 0x03, 1, 2, 3]);
    assert!(inspect("short.bin", &short_key).contains("byte 20: a key of 3 bytes, not 16"));
    let verify = |name: &str, bytes: &[u8]| refused(&["verify", &desk.write(name, bytes), "--public-key", &public]);
    assert!(verify("missing.zip", &pack(&[("export.bin", &bin)])).contains("no entry export.sig: the export is not signed"));
    assert!(inspect("dots.zip", &pack(&[("../export.bin", &bin), ("export.sig", &sig)])).contains("../export.bin"));
    let third = pack(&[("export.bin", &bin), ("export.sig", &sig), ("note.txt", b"")]);
    assert!(verify("third.zip", &third).contains("an entry \"note.txt\": phones refuse all but export.bin and export.sig"));
    let names: Vec<String> = (0..21).map(|i| format!("{i}")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert!(inspect("many.zip", &pack(&many)).contains("more than 20 entries"));
    // A name changed in place makes a duplicate that no writer would make.
    let mut twice = pack(&[("export.bin", &bin), ("export.bim", &bin)]);
    while let Some(at) = twice.windows(10).position(|w| w == b"export.bim") {
        twice[at + 9] = b'n';
    }
    assert!(inspect("twice.zip", &twice).contains("there twice"));
    let bomb = vec![0u8; 60 << 20];
    assert!(inspect("bomb.zip", &pack(&[("export.bin", &bomb), ("export.sig", &sig)])).contains("oversized"));
    let mut flipped = bin.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    let flipped = desk.write("flip.zip", &pack(&[("export.bin", &flipped), ("export.sig", &sig)]));
    assert!(refused(&["verify", &flipped, "--public-key", &public]).contains("no signature"));
    assert!(refused(&["verify", &zip, "--public-key", &desk.write("bad.pem", b"-----BEGIN")]).contains("not a P-256 public key"));
    let bad_keys = desk.write(
        "bad.json",
        br#"[{"key":"AQ==","rolling_start_interval_number":0},{"key":"AQEBAQEBAQEBAQEBAQEBAQ==","rolling_start_interval_number":0,"rolling_period":145},{"key":"x","rolling_start":1}]"#,
    );
    let out = desk.path("never.zip");
    let said = refused(&[
        "export",
        "--keys",
        &bad_keys,
        "--signing-key",
        &desk.path("private.pem"),
        "--key-id",
        "1",
        "--key-version",
        "1",
        "--region",
        "440",
        "--start",
        "0",
        "--end",
        "1",
        "--out",
        &out,
    ]);
    assert!(
        said.contains("[0]: key is not 16 bytes") && said.contains("[1]: rolling_period 145") && said.contains("[2]: unknown field"),
        "{said}"
    );
    assert!(!PathBuf::from(out).exists());
    let csv = desk.write(
        "bad.csv",
        b"rpi,aem,t_s,rssi_dbm,previous_scan_s\nxx,00000000,1,-50,0\n00112233445566778899aabbccddeeff,00000000,1,-500,0\n",
    );
    let said = refused(&["match", "--sightings", &csv, "--keys", &zip]);
    assert!(said.contains("bad.csv:2: column rpi") && said.contains("bad.csv:3: column rssi_dbm"), "{said}");
}

#[test]
fn faults_of_single_keys_are_listed_and_skipped() {
    let desk = Desk::new();
    let mut file = cocoasim::gaen::export::decode_export(&unpack(&desk.export("a.zip"), "export.bin")).expect("our own export");
    let first = file.keys[0];
    for (rolling_period, start) in [(0, 7), (145, 7), (-5, 7), (144, -1)] {
        let mut key_data = first.key_data;
        key_data[0] = rolling_period as u8 ^ start as u8 ^ 0x55;
        file.keys.push(cocoasim::gaen::export::ExportedKey { rolling_period, key_data, rolling_start_interval_number: start, ..first });
    }
    file.keys.push(first);
    let bin = desk.write("faulty.bin", &cocoasim::gaen::export::encode_export(&file));
    let seen = json_of(&["inspect", &bin, "--json"]);
    let faults: Vec<String> =
        seen["faults"].as_array().expect("a list").iter().map(|f| format!("{} {}", f["index"], f["problem"])).collect();
    assert_eq!(faults.len(), 5, "{faults:?}");
    assert!(faults[0].contains("period 0, read as 144") && faults[4].contains("the same key as number 0"), "{faults:?}");
    let csv = desk.write("s.csv", sightings_csv().as_bytes());
    let output = keys(&["match", "--sightings", &csv, "--config", "2.0.0", "--keys", &bin, "--json"]);
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stderr).expect("text").matches("warning:").count(), 5);
}

#[test]
fn our_own_sightings_table_can_be_matched() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    Command::cargo_bin("cocoasim")
        .expect("the binary is built")
        .args(["run", "office", "--quiet", "--set", "population.workers=10", "--set", "run.days=1", "--set", "authority.cases=[]"])
        .args(["--set", "output.sightings=true", "--set", "phones.adoption=1.0", "--out"])
        .arg(&out)
        .assert()
        .success();
    let part = std::fs::read_dir(out.join("sightings")).expect("parts").next().expect("one").expect("an entry").path();
    let desk = Desk::new();
    let (table, zip) = (part.display().to_string(), desk.export("a.zip"));
    assert!(refused(&["match", "--sightings", &table, "--keys", &zip]).contains("--observer"));
    let found = json_of(&["match", "--sightings", &table, "--observer", "0", "--keys", &zip, "--json"]);
    assert_eq!(found["matched_keys"], serde_json::json!([]));
}

/// The published code reads the field as a signed number, -1: a scan long ago, five minutes.
#[test]
fn case_a_previous_scan_beyond_31_bits_is_five_minutes() {
    let desk = Desk::new();
    let (csv, zip) = (case("previous-scan-4294967295.csv"), desk.export_of_cases());
    let found = json_of(&["match", "--sightings", &csv, "--config", "2.0.0", "--keys", &zip, "--json"]);
    let windows = found["windows"].as_array().expect("a list");
    let scans: Vec<&Value> = windows.iter().flat_map(|w| w["scans"].as_array().expect("a list")).collect();
    assert!(!scans.is_empty() && scans.iter().all(|scan| scan["seconds_since_last_scan"] == 300), "{scans:?}");
    let score: f64 = found["daily_summaries"][0]["score_sum"].as_f64().expect("a number");
    assert!((score - 750.0 * scans.len() as f64).abs() < 1e-9, "55 dB weigh 2.5: {score}");
}

#[test]
fn case_observers_of_words_are_refused() {
    let desk = Desk::new();
    let (csv, zip) = (case("observers-by-name.csv"), desk.export_of_cases());
    let args = |file| ["match", "--sightings", file, "--config", "2.0.0", "--keys", &zip];
    let by_path = refused(&args(&csv));
    assert!(by_path.contains(&format!("{csv}:2: column observer: \"alice\" is not one")), "{by_path}");
    let piped = keys_with(std::fs::read(&csv).expect("the case"), &args("-"));
    assert_eq!((piped.status.code(), stderr(&piped)), (Some(2), by_path.replace(&csv, "standard input")));
}

/// Two of the four weights that count here are stated; the onset of the key is unknown, which reads as standard.
#[test]
fn case_weights_left_out_of_googles_form_are_0() {
    let desk = Desk::new();
    let (csv, zip) = (desk.write("s.csv", sightings_csv().as_bytes()), desk.export("a.zip"));
    let risk = desk.write("risk.json", br#"{"DailySummary_DaySummary_ScoreSum": {"op": ">=", "value": 1350.0}}"#);
    let partial = case("partial-weights.json");
    let found = json_of(&["match", "--sightings", &csv, "--config", &partial, &risk, "--keys", &zip, "--json"]);
    assert_eq!((&found["daily_summaries"][0]["score_sum"], &found["verdict"]["exposed"]), (&0.0.into(), &false.into()));
    let text = std::fs::read_to_string(partial).expect("the case");
    let whole = desk.write("whole.json", format!(r#"{{"google_daily_summaries_config": {text}}}"#).as_bytes());
    let found = json_of(&["match", "--sightings", &csv, "--config", &whole, &risk, "--keys", &zip, "--json"]);
    assert_eq!((&found["daily_summaries"][0]["score_sum"], &found["verdict"]["exposed"]), (&3000.0.into(), &true.into()));
}

#[test]
fn case_fewer_signatures_than_announced_are_refused() {
    let desk = Desk::new();
    let public = desk.path("public.pem");
    let told = "export.sig: byte 0: holds 1 signatures, export.bin announces 2";
    assert!(refused(&["verify", &case("one-of-two-signatures.zip"), "--public-key", &public]).contains(told));
    // Of one of ours the first signature is good, and yet it is refused, by every command that takes the key.
    let pem = desk.path("private.pem");
    let times = ["--region", "440", "--start", "0", "--end", "1"];
    let second = [&["--signing-key", &pem, "--key-id", "440", "--key-version", "v2"][..], &times].concat();
    let two = desk.path("two.zip");
    assert!(desk.try_export(&desk.path("keys.json"), &second, &two).status.success());
    assert!(keys(&["verify", &two, "--public-key", &public]).status.success());
    let mut signatures = cocoasim::gaen::export::decode_signatures(&unpack(&two, "export.sig")).expect("our own list");
    signatures.truncate(1);
    let one = cocoasim::gaen::export::encode_signatures(&signatures);
    let one = desk.write("one.zip", &pack(&[("export.bin", &unpack(&two, "export.bin")), ("export.sig", &one)]));
    let csv = desk.write("s.csv", sightings_csv().as_bytes());
    for args in [&["verify", &one][..], &["inspect", &one], &["match", "--sightings", &csv, "--keys", &one]] {
        assert!(refused(&[args, &["--public-key", &public]].concat()).contains(told));
    }
}

#[test]
fn verify_refuses_a_number_beyond_its_batch() {
    use cocoasim::gaen::export::{SignatureInfo, SigningKey, decode_export, write_archive};
    let desk = Desk::new();
    let key = SigningKey::from_pem(include_str!("data/signing_key.pem")).expect("the test key");
    let file = decode_export(&unpack(&desk.export("a.zip"), "export.bin")).expect("our own export");
    for (batch_num, batch_size, is_refused) in [(1, 1, false), (2, 2, false), (3, 2, true), (0, 1, true), (1, 1_000_001, true)] {
        let file = cocoasim::gaen::export::ExportFile { batch_num, batch_size, ..file.clone() };
        let zip = desk.write("b.zip", &write_archive(&file, &[(&key, SignatureInfo::default())]));
        let output = keys(&["verify", &zip, "--public-key", &desk.path("public.pem")]);
        assert_eq!(output.status.code(), Some(if is_refused { 2 } else { 0 }), "{batch_num} of {batch_size}: {}", stderr(&output));
    }
}

#[test]
fn inspect_reads_what_phones_refuse_and_says_so() {
    let desk = Desk::new();
    let zip = desk.export("a.zip");
    let (bin, sig) = (unpack(&zip, "export.bin"), unpack(&zip, "export.sig"));
    let whole = json_of(&["inspect", &zip, "--json"]);
    for (entries, told) in [
        (vec![("export.bin", &bin[..])], "warning: standard input: zip: byte 0: no entry export.sig: the export is not signed"),
        (
            vec![("export.bin", &bin), ("export.sig", &sig), ("note.txt", b"")],
            "warning: standard input: zip: byte 0: an entry \"note.txt\"",
        ),
    ] {
        let output = keys_with(pack(&entries), &["inspect", "-", "--json"]);
        assert!(output.status.success() && stderr(&output).starts_with(told), "{}", stderr(&output));
        assert_eq!(serde_json::from_slice::<Value>(&output.stdout).expect("JSON"), whole);
    }
}

/// The observers of a file, whichever way it comes: by path, as standard input, through a named pipe.
#[test]
fn sightings_of_several_phones_never_merge() {
    let desk = Desk::new();
    let zip = desk.export("a.zip");
    let mut lines = sightings_csv().lines().map(str::to_string).collect::<Vec<_>>();
    lines[0] += ",observer";
    lines[1..].iter_mut().enumerate().for_each(|(i, line)| *line += if i < 3 { ",4" } else { ",7" });
    let csv = (lines.join("\n") + "\n").into_bytes();
    let parquet = sightings_parquet_of(parquet::basic::Compression::SNAPPY, Some(&[4, 4, 4, 7, 7]));
    let cocoasim = assert_cmd::cargo::cargo_bin!("cocoasim").display().to_string();
    let fifo = desk.path("fifo");
    assert!(System::new("mkfifo").arg(&fifo).status().is_ok_and(|status| status.success()));
    for (bytes, of_file) in [(csv, "s.csv"), (parquet, "s.parquet")] {
        let path = desk.write(of_file, &bytes);
        let args = |file, more: &[&str]| {
            [&["match", "--sightings", file, "--config", "2.0.0", "--keys", &zip, "--json"][..], more].concat().join(" ")
        };
        for (how, file) in
            [("", path.as_str()), ("< FILE", "-"), ("< FILE", "/dev/stdin"), ("cat FILE |", "-"), ("cat FILE > FIFO &", &fifo)]
        {
            let how = how.replace("FILE", &path).replace("FIFO", &fifo);
            let run = |more: &[&str]| {
                let command = format!("{cocoasim} keys {}", args(file, more));
                let script = if how.starts_with('<') { format!("{command} {how}") } else { format!("{how} {command}") };
                System::new("sh").args(["-c", &script]).output().expect("sh runs")
            };
            let merged = run(&[]);
            assert_eq!(merged.status.code(), Some(2), "{how} {file}");
            assert!(stderr(&merged).contains("holds the sightings of several phones"), "{how} {file}: {}", stderr(&merged));
            let nobody = run(&["--observer", "5"]);
            assert_eq!(nobody.status.code(), Some(2), "{how} {file}");
            assert!(stderr(&nobody).contains("no sighting is of observer 5\n    name one of 4, 7"), "{}", stderr(&nobody));
            let one = run(&["--observer", "4"]);
            let found: Value = serde_json::from_slice(&one.stdout).unwrap_or_else(|e| panic!("{how} {file}: {e}: {}", stderr(&one)));
            assert_eq!(found["windows"][0]["scans"].as_array().map(Vec::len), Some(3), "{how} {file}");
        }
    }
    let without = desk.write("w.csv", sightings_csv().as_bytes());
    let told = refused(&["match", "--sightings", &without, "--observer", "4", "--keys", &zip]);
    assert!(told.contains("has no column observer to find 4 in"), "{told}");
}

#[test]
fn a_dash_is_standard_input_or_output_wherever_a_file_is() {
    let desk = Desk::new();
    let (zip, pem, public) = (desk.export("a.zip"), desk.path("private.pem"), desk.path("public.pem"));
    let csv = desk.write("s.csv", sightings_csv().as_bytes());
    let config = desk.write("c.json", format!(r#"{{"google_daily_summaries_config": {}}}"#, SUMMARIES).as_bytes());
    let bytes = |path: &str| std::fs::read(path).expect("a file");
    let export = |input, keys_json: &str, pem: &str| {
        let (start, end) = (format!("{}", START * 600), format!("{}", START * 600 + 86_400));
        let args = ["export", "--keys", keys_json, "--signing-key", pem, "--key-id", "440", "--key-version", "v1", "--region", "440"];
        keys_with(input, &[&args[..], &["--start", &start, "--end", &end, "--out", "-"]].concat())
    };
    let keys_json = desk.path("keys.json");
    assert_eq!(export(bytes(&keys_json), "-", &pem).stdout, bytes(&zip));
    assert_eq!(export(bytes(&pem), &keys_json, "-").stdout, bytes(&zip));
    for (input, args) in [(&zip, ["verify", "-", "--public-key", &public]), (&public, ["verify", &zip, "--public-key", "-"])] {
        let output = keys_with(bytes(input), &args);
        assert!(output.status.success() && stderr(&output).contains("the signature is good (2 keys)"), "{}", stderr(&output));
    }
    let matched = |input: &str, [sightings, config, zip]: [&str; 3]| {
        keys_with(bytes(input), &["match", "--sightings", sightings, "--config", config, "--keys", zip, "--json"])
    };
    let expected = matched(&csv, [&csv, &config, &zip]).stdout;
    assert!(!expected.is_empty());
    for (input, files) in [(&csv, ["-", &config, &zip]), (&config, [&csv, "-", &zip]), (&zip, [&csv, &config, "-"])] {
        let output = matched(input, files);
        assert_eq!(output.stdout, expected, "{files:?}: {}", stderr(&output));
    }
    for files in [["-", "-", &zip], ["-", &config, "-"]] {
        let output = matched(&csv, files);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("2 files are - (standard input), which can be read once"), "{}", stderr(&output));
    }
    assert_eq!(export(Vec::new(), "-", "-").status.code(), Some(2));
}

const SUMMARIES: &str = r#"{"attenuation_bucket_threshold_db": [46, 60, 65], "attenuation_bucket_weights": [1.0, 2.5, 1.3, 0.01]}"#;

/// Keys of KEYS.json, by their first byte.
fn keys_of_json(first_bytes: std::ops::Range<u16>) -> String {
    use base64::Engine;
    let key = |n: u16| {
        let [high, low] = n.to_be_bytes();
        let mut key = [0; 16];
        (key[0], key[1]) = (high, low);
        let key = base64::engine::general_purpose::STANDARD.encode(key);
        format!(r#"{{"key":"{key}","rolling_start_interval_number":{START}}}"#)
    };
    format!("[{}]", first_bytes.map(key).collect::<Vec<_>>().join(","))
}

#[test]
fn the_reference_servers_padding_goes_by_whole_rounds() {
    let desk = Desk::new();
    for number in [7, 600, 999] {
        let file = desk.write("k.json", keys_of_json(0..number).as_bytes());
        let out = desk.path("r.zip");
        let more = ["--region", "US", "--start", "7300", "--end", "90100", "--variant", "reference", "--seed", "3"];
        let output = desk.try_export(&file, &more, &out);
        assert!(output.status.success(), "{}", stderr(&output));
        let seen = json_of(&["inspect", &out, "--json"]);
        let held = seen["keys"].as_array().map(Vec::len).expect("a list");
        assert!(
            held.is_multiple_of(usize::from(number)) && (1000..1100 + usize::from(number)).contains(&held),
            "{number} keys became {held}"
        );
        assert_eq!((&seen["start_timestamp"], &seen["end_timestamp"]), (&7200.into(), &90_000.into()));
    }
}

#[test]
fn keys_are_read_in_every_form() {
    let desk = Desk::new();
    let keys_of = |text: &str| {
        desk.write("k.json", text.as_bytes());
        json_of(&["inspect", &desk.export_of("k.json", "k.zip"), "--json"])
    };
    let google = keys_of(
        r#"{"temporaryExposureKeys":[{"key":"Fy/EgOWYSQw0F3YEM5sVQw==","rollingStartNumber":2649980,"rollingPeriod":1,
        "transmissionRisk":8}]}"#,
    );
    let own = keys_of(
        r#"{"keys":[{"key":"Fy/EgOWYSQw0F3YEM5sVQw==","rolling_start_interval_number":2649980,"rolling_period":1,
        "transmission_risk_level":8}]}"#,
    );
    assert_eq!((&google, &google["keys"][0]["rolling_period"]), (&own, &1.into()));
    let revised = keys_of(&format!(r#"{{"keys":{},"revised_keys":{}}}"#, keys_of_json(0..2), keys_of_json(1..4)));
    assert_eq!(revised["keys"].as_array().map(Vec::len), Some(2));
    assert_eq!(revised["revised_keys"].as_array().map(Vec::len), Some(3));
    // Google's own sample, where it is there.
    if let (Some(sample), Some(zip)) = (shared("testExport-keys.json"), shared("testExport-2-records-1-of-1.zip")) {
        let ours = keys_of(&std::fs::read_to_string(sample).expect("a file"));
        let theirs = json_of(&["inspect", &zip, "--json"]);
        for member in ["key_data", "rolling_start_interval_number", "rolling_period", "transmission_risk_level"] {
            assert_eq!(ours["keys"][0][member], theirs["keys"][0][member], "{member}");
        }
    }
    let told = |text: &str, more: &[&str]| {
        let output = desk.try_export(&desk.write("k.json", text.as_bytes()), more, &desk.path("never.zip"));
        assert_eq!(output.status.code(), Some(2), "{text}");
        stderr(&output)
    };
    let times = ["--region", "440", "--start", "0", "--end", "1"];
    let one = r#"{"key":"AQEBAQEBAQEBAQEBAQEBAQ==","rolling_start_interval_number":0}"#;
    assert!(told(&format!("[{one},{one}]"), &times).contains("[1]: the same key as [0]; keep one"));
    let twice = one.replace("{", r#"{"rolling_period":3,"rolling_period":144,"#);
    assert!(told(&format!("[{twice}]"), &times).contains("[0].rolling_period: the member is there twice"));
    let both_names = one.replace("{", r#"{"rollingStartNumber":3,"#);
    assert!(told(&format!("[{both_names}]"), &times).contains("duplicate field"));
    assert!(told(r#"{"temporaryExposureKeys":[],"keys":[]}"#, &times).contains("holds 2 lists of keys"));
    assert!(told("{}", &times).contains("holds 0 lists of keys; give a list of keys"));
    assert!(told("7", &times).contains("not a list"));
    assert!(told(&format!(r#"{{"revised_keys":[{one}]}}"#), &["--variant", "cocoa"]).contains("COCOA's server publishes none"));
    assert!(told(&format!("[{one}]"), &[]).contains("give --region, --start and --end"));
    assert!(!PathBuf::from(desk.path("never.zip")).exists());
}

#[test]
fn options_of_export_without_effect_are_said() {
    let desk = Desk::new();
    let (keys_json, out) = (desk.path("keys.json"), desk.path("c.zip"));
    let cocoa = |more: &[&str]| {
        let output = desk.try_export(&keys_json, &[&["--variant", "cocoa"], more].concat(), &out);
        assert!(output.status.success(), "{}", stderr(&output));
        stderr(&output)
    };
    assert!(!cocoa(&[]).contains("warning"));
    assert!(!cocoa(&["--region", "440"]).contains("warning"), "it is the region");
    let said = cocoa(&["--region", "81", "--start", "5", "--end", "6"]);
    for given in ["--region 81", "--start 5", "--end 6"] {
        assert!(said.contains(&format!("warning: {given} has no effect with --variant cocoa")), "{said}");
    }
}

#[test]
fn a_seed_without_a_variant_is_refused() {
    let desk = Desk::new();
    let times = ["--region", "440", "--start", "0", "--end", "1", "--seed", "1"];
    let seed = desk.try_export(&desk.path("keys.json"), &times, &desk.path("never.zip"));
    assert_eq!(seed.status.code(), Some(2));
    assert!(stderr(&seed).contains("--variant"), "{}", stderr(&seed));
}

#[test]
fn members_of_a_publish_request_without_effect_are_said() {
    let desk = Desk::new();
    let key = r#"{"key":"AQEBAQEBAQEBAQEBAQEBAQ==","rolling_start_interval_number":0}"#;
    let publish = desk.write("p.json", format!(r#"{{"temporaryExposureKeys":[{key}],"traveler":true}}"#).as_bytes());
    let said = stderr(&desk.try_export(&publish, &["--variant", "cocoa"], &desk.path("c.zip")));
    assert!(said.contains("traveler: has no effect on an export"), "{said}");
}

/// What `keys match` of the desk's sightings and first export says on standard error.
fn said_of_match(desk: &Desk, more: &[&str]) -> String {
    let (zip, csv) = (desk.export("a.zip"), desk.write("s.csv", sightings_csv().as_bytes()));
    let output = keys(&[&["match", "--sightings", &csv, "--keys", &zip], more].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    stderr(&output)
}

#[test]
fn keys_that_an_earlier_file_holds_are_said() {
    let desk = Desk::new();
    let again = desk.export("b.zip");
    let said = said_of_match(&desk, &[&again]);
    assert!(said.contains(&format!("warning: {again}: 2 keys are in a file before it too; each counts once")), "{said}");
}

#[test]
fn a_system_that_makes_no_difference_is_said() {
    let desk = Desk::new();
    assert_eq!(said_of_match(&desk, &["--config", "1.1.4", "--os", "ios"]), "");
    let alone = desk.write("d.json", SUMMARIES.as_bytes());
    assert_eq!(said_of_match(&desk, &["--config", &alone]), "");
    assert!(said_of_match(&desk, &["--config", &alone, "--os", "ios"]).contains("warning: --os has no effect on the verdict"));
}

#[test]
fn configurations_and_columns_without_effect_are_said() {
    let desk = Desk::new();
    let risk = desk.write("risk.json", br#"{"DailySummary_DaySummary_ScoreSum":{"op":">=","value":1350.0}}"#);
    let alone = desk.write("d.json", SUMMARIES.as_bytes());
    let nothing_to_judge = "warning: the risk calculation has no effect";
    assert!(said_of_match(&desk, &["--config", &risk]).contains(nothing_to_judge));
    assert!(said_of_match(&desk, &["--config", "1.1.4", "--config", &risk]).contains(nothing_to_judge));
    assert_eq!(said_of_match(&desk, &["--config", &alone, "--config", &risk]), "");
    assert_eq!(said_of_match(&desk, &["--config", "2.0.0", "--config", &risk]), "");
    let v1 = r#"{"MinimumRiskScore":1,"AttenuationScores":[1,1,1,1,1,1,1,1],"DurationScores":[1,1,1,1,1,1,1,1],"DaysSinceLastExposureScores":
        [1,1,1,1,1,1,1,1],"TransmissionRiskScores":[1,1,1,1,1,1,1,1],"DurationAtAttenuationThresholds":[50,70]}"#;
    let v1 = desk.write("v1.json", v1.as_bytes());
    let said = said_of_match(&desk, &["--config", "1.1.4", "--config", &v1]);
    assert!(said.contains("warning: --config 1.1.4 has no effect"), "{said}");
    let zip = desk.export("a.zip");
    let with_column = |name: &str| {
        let csv: String =
            sightings_csv().lines().enumerate().map(|(i, l)| format!("{l},{}\n", if i == 0 { name } else { "alice" })).collect();
        let csv = desk.write("c.csv", csv.as_bytes());
        stderr(&keys(&["match", "--sightings", &csv, "--keys", &zip]))
    };
    assert!(with_column("note").contains("c.csv: the column note has no effect"));
    assert!(with_column("Observer").contains("the column Observer has no effect; did you mean observer?"));
    let before = format!("{}", START * 600 + 36_000 + 240);
    assert!(said_of_match(&desk, &["--now", &before]).contains("3 sightings are of later"));
}

#[test]
fn case_nothing_older_than_14_days_counts() {
    let of = |now: &str| {
        let (csv, bin) = (case("old-30-days.csv"), case("old-30-days-0.bin"));
        json_of(&["match", "--sightings", &csv, "--config", "2.0.0", "--keys", &bin, "--now", now, "--json"])
    };
    let found = of("1601028000");
    assert_eq!((&found["matched_keys"], &found["verdict"]["exposed"]), (&serde_json::json!([]), &false.into()));
    // Its first sighting is of 1598436000, its last 1,680 s later: they leave one by one, each 14 days and a second after.
    let scans = |now: u32| {
        let windows = of(&now.to_string())["windows"].as_array().expect("windows").clone();
        windows.iter().map(|w| w["scans"].as_array().map_or(0, Vec::len)).sum::<usize>()
    };
    let fourteen_days = 1_598_436_000 + 14 * 86_400;
    assert_eq!([0, 1, 1_680, 1_681].map(|more| scans(fourteen_days + more)), [8, 7, 1, 0]);
}

#[test]
fn case_two_keys_of_a_day_are_summed() {
    let (csv, bin) = (case("two-cases-one-day.csv"), case("two-cases-one-day.bin"));
    let found = json_of(&["match", "--sightings", &csv, "--config", "2.0.0", "--keys", &bin, "--json"]);
    let day = &found["verdict"]["days"][0];
    assert_eq!((&day["score"], &day["duration_s"], &day["reported"]), (&2400.0.into(), &960.into(), &true.into()));
    assert_eq!(found["daily_summaries"][0]["maximum_score"], 1200.0, "neither key alone is enough");
}

#[test]
fn inspect_warns_of_a_missing_signature_and_match_refuses_the_file() {
    let zip = case("one-of-two-signatures.zip");
    let inspected = keys(&["inspect", &zip]);
    assert!(inspected.status.success());
    assert!(stderr(&inspected).contains("holds 1 signatures, export.bin announces 2"), "{}", stderr(&inspected));
    let desk = Desk::new();
    let csv = desk.write("s.csv", sightings_csv().as_bytes());
    assert!(refused(&["match", "--sightings", &csv, "--keys", &zip]).contains("holds 1 signatures, export.bin announces 2"));
}

#[test]
fn a_name_that_is_neither_file_nor_version_is_told_the_versions() {
    let desk = Desk::new();
    for version in ["1.2.4", "1.2.5", "1.1.3-served", "1.1.4-1.4.1"] {
        assert_eq!(said_of_match(&desk, &["--config", version]), "", "{version}");
    }
    let (zip, csv) = (desk.export("a.zip"), desk.write("s.csv", sightings_csv().as_bytes()));
    let said = refused(&["match", "--sightings", &csv, "--keys", &zip, "--config", "1.3.0"]);
    assert!(said.contains("--config 1.3.0: no such file, and no version that is known") && said.contains("1.2.6, 1.4.0"), "{said}");
}

#[test]
fn an_export_counts_all_its_keys_and_needs_one() {
    let desk = Desk::new();
    let one = r#"{"key":"AQEBAQEBAQEBAQEBAQEBAQ==","rolling_start_interval_number":2649600}"#;
    desk.write("keys.json", format!("{{\"keys\":[],\"revised_keys\":[{one}]}}").as_bytes());
    let (start, end) = (format!("{}", START * 600), format!("{}", START * 600 + 86_400));
    let times = ["--region", "440", "--start", &start, "--end", &end];
    let said = stderr(&desk.try_export(&desk.path("keys.json"), &times, &desk.path("r.zip")));
    assert!(said.contains("r.zip: 0 keys, 1 revised key\n"), "{said}");
    desk.write("keys.json", b"[]");
    let output = desk.try_export(&desk.path("keys.json"), &times, &desk.path("n.zip"));
    assert!(output.status.code() == Some(2) && !Path::new(&desk.path("n.zip")).exists());
}

/// The system of an iPhone notifies of any match until 1.1.3; its app shows what reaches the minimum.
#[test]
fn the_text_says_where_a_phone_is_notified_of_nothing() {
    let desk = Desk::new();
    let (zip, csv) = (desk.export("a.zip"), desk.write("s.csv", sightings_csv().as_bytes()));
    let verdict = |version: &str| {
        let text = keys(&["match", "--sightings", &csv, "--keys", &zip, "--config", version, "--os", "ios"]).stdout;
        String::from_utf8(text).expect("text").lines().last().expect("a verdict").to_string()
    };
    assert!(verdict("1.1.3").starts_with("verdict: no contact, though the phone is notified (highest total risk score 0, minimum 1"));
    assert!(verdict("1.1.4").starts_with("verdict: a contact (highest total risk score 21, minimum 21"));
}

/// A misspelt member is warned of by `keys match`, and a fault of a scenario, as a misspelt key of its own is.
#[test]
fn members_of_configurations_without_effect_are_said() {
    let desk = Desk::new();
    let misspelt = desk.write("m.json", SUMMARIES.replace('{', r#"{"minimum_windw_score": 9, "#).as_bytes());
    let told = "minimum_windw_score: not a member that is known, without effect; did you mean minimum_window_score?";
    let said = said_of_match(&desk, &["--config", &misspelt]);
    assert!(said.contains(&format!("warning: {misspelt}: {told}")), "{said}");
    let (_, said) = check_with(&misspelt, "2.0");
    assert!(said.contains(told), "{said}");
}

#[test]
fn repeated_members_and_columns_are_refused() {
    let desk = Desk::new();
    let (zip, csv) = (desk.export("a.zip"), desk.write("s.csv", sightings_csv().as_bytes()));
    let repeated = SUMMARIES.replace('{', r#"{"minimum_window_score": 9, "minimum_window_score": 0, "#);
    let repeated = desk.write("r.json", repeated.as_bytes());
    let said = refused(&["match", "--sightings", &csv, "--keys", &zip, "--config", &repeated]);
    assert!(said.contains("r.json: minimum_window_score: the member is there twice"), "{said}");
    let column_twice = |line: &str| format!("{line},{}\n", line.split(',').nth(3).expect("five columns"));
    let twice = desk.write("t.csv", sightings_csv().lines().map(column_twice).collect::<String>().as_bytes());
    let said = refused(&["match", "--sightings", &twice, "--keys", &zip]);
    assert!(said.contains("t.csv:1: the column rssi_dbm is there twice"), "{said}");
}

/// Exit code and messages of `check` on an office that is scored by a configuration `x` too, under a headline rule.
fn check_with(configuration: &str, headline_rule: &str) -> (Option<i32>, String) {
    let configurations = format!(r#"app.configurations=[{{ name = "x", files = ["{configuration}"] }}]"#);
    let headline = format!("accuracy.headline_rule=\"{headline_rule}\"");
    let output = Command::cargo_bin("cocoasim")
        .expect("the binary is built")
        .args(["check", "office", "--set", &configurations, "--set", &headline])
        .output()
        .expect("it runs");
    (output.status.code(), stderr(&output))
}

/// In a run each system's rules come from its own blocks, and one rule stands for both where they agree.
#[test]
fn a_run_has_a_rule_for_each_system_where_its_blocks_differ() {
    let desk = Desk::new();
    let google = format!(r#"{{"google_daily_summaries_config": {SUMMARIES}}}"#);
    let onset = r#""infectiousness_for_days_since_onset_of_symptoms": {"0": 1}, "infectiousness_when_days_since_onset_missing": 1"#;
    let both = format!(r#"{{"google_daily_summaries_config": {SUMMARIES}, "apple_exposure_config_v2": {{{onset}}}}}"#);
    let (google, both) = (desk.write("google.json", google.as_bytes()), desk.write("both.json", both.as_bytes()));
    for (file, rule, is_there) in
        [(&google, "x", true), (&google, "x/ios", false), (&both, "x/ios", true), (&both, "x/android", true), (&both, "x", false)]
    {
        let (code, said) = check_with(file, rule);
        assert_eq!(code, Some(if is_there { 0 } else { 2 }), "{rule} of {file}: {said}");
    }
}

/// A key of level 1 is worth 7 by Google's block of COCOA's file, nothing by Apple's.
#[test]
fn each_system_reads_its_own_blocks() {
    let desk = Desk::new();
    let scores = |transmission: &str, [attenuation, days, duration, risk]: [&str; 4]| {
        format!(
            r#"{{"minimum_risk_score": 21, "{attenuation}": [1,2,3,4,5,6,7,8], "{days}": [1,1,1,1,1,1,1,1],
            "{duration}": [0,0,0,0,1,1,1,1], "{risk}": {transmission}, "duration_at_attenuation_thresholds": [50, 70]}}"#
        )
    };
    let google = scores(
        "[7,7,7,7,7,7,7,7]",
        ["attenuation_scores", "days_since_last_exposure_scores", "duration_scores", "transmission_risk_scores"],
    );
    let apple = scores(
        "[0,0,7,7,7,7,7,7]",
        ["attenuation_level_values", "days_since_last_exposure_level_values", "duration_level_values", "transmission_risk_level_values"],
    );
    let whole = format!(r#"{{"google_exposure_config": {google}, "apple_exposure_config_v1": {apple}}}"#);
    let mut files = vec![desk.write("own.json", whole.as_bytes())];
    files.extend(shared("cocoa/configuration.json"));
    let level_1 = r#"[{"key":"AQEBAQEBAQEBAQEBAQEBAQ==","rolling_start_interval_number":START,"transmission_risk_level":1}]"#;
    desk.write("level1.json", level_1.replace("START", &START.to_string()).as_bytes());
    let (zip, csv) = (desk.export_of("level1.json", "level1.zip"), desk.write("s.csv", sightings_csv().as_bytes()));
    for file in files {
        for (os, score) in [("android", 21), ("ios", 0)] {
            let found = json_of(&["match", "--sightings", &csv, "--config", &file, "--keys", &zip, "--os", os, "--json"]);
            assert_eq!(found["exposures"][0]["total_risk_score"], score, "{os} {file}");
        }
    }
}

/// Files that pyarrow 26.0.1 wrote of a kept case: its default (snappy, dictionaries), and two other codecs.
#[test]
fn val_parquet_of_pyarrow_is_read_or_refused_with_a_remedy() {
    let desk = Desk::new();
    let zip = desk.export_of_cases();
    let found = |file: &str| json_of(&["match", "--sightings", file, "--config", "2.0.0", "--keys", &zip, "--json"]);
    let csv = found(&case("previous-scan-4294967295.csv"));
    assert_eq!(csv["matched_keys"].as_array().map(Vec::len), Some(1));
    for name in ["default", "lz4"] {
        assert_eq!(found(&kept(&format!("parquet/pyarrow-{name}.parquet"))), csv, "{name}");
    }
    let told = refused(&["match", "--sightings", &kept("parquet/pyarrow-brotli.parquet"), "--keys", &zip]);
    assert!(told.contains("compressed with brotli, which is not read") && told.contains(r#"compression="snappy")"#), "{told}");
}

#[test]
fn val_openssl_reads_the_same_unwrapped_pem() {
    let desk = Desk::new();
    let unwrapped = |pem: &str| {
        let lines: Vec<&str> = pem.trim().lines().collect();
        format!("Some text before.\r\n{}\r\n{}\r\n{}\r\n", lines[0], lines[1..lines.len() - 1].concat(), lines[lines.len() - 1])
    };
    desk.write("private.pem", unwrapped(include_str!("data/signing_key.pem")).as_bytes());
    let public = desk.write("long.pem", unwrapped(include_str!("data/signing_key_public.pem")).as_bytes());
    let zip = desk.export("a.zip");
    for public in [&public, &desk.path("public.pem")] {
        assert!(keys(&["verify", &zip, "--public-key", public]).status.success());
    }
    if has("openssl", "version") {
        let output = System::new("openssl").args(["pkey", "-pubin", "-noout", "-in", &public]).output().expect("openssl runs");
        assert!(output.status.success(), "{}", stderr(&output));
    }
}

/// Valid bytes with a few changed, cut or doubled.
fn damaged(valid: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..12);
    changes.prop_map(move |changes| {
        let mut bytes = valid.clone();
        for (at, value, how) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = value,
                1 => bytes[at] ^= 1 << (value & 7),
                2 => bytes.truncate(at),
                _ => bytes.insert(at, value),
            }
        }
        bytes
    })
}

fn valid_export() -> (Vec<u8>, Vec<u8>) {
    let desk = Desk::new();
    let zip = desk.export("a.zip");
    (std::fs::read(&zip).expect("a zip"), unpack(&zip, "export.bin"))
}

// The readers of strangers' files neither panic nor hang, whatever they read. A longer run:
// PROPTEST_CASES=200000 cargo test --release --test keys fuzz
#[test]
fn fuzz_zip_and_protobuf() {
    use cocoasim::gaen::export::{decode_export, decode_signatures, read_any_archive, read_archive};
    let (zip, bin) = valid_export();
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(zip in damaged(zip), bin in damaged(bin), noise in prop::collection::vec(any::<u8>(), 0..200))| {
        let _ = (read_archive(&zip), read_any_archive(&zip));
        if let Ok(file) = decode_export(&bin) {
            let _ = file.diagnosis_keys();
        }
        let _ = (decode_signatures(&noise), decode_export(&[&b"EK Export v1    "[..], &noise].concat()), read_archive(&noise));
    });
}

/// The sightings of [`sightings_csv`] as Parquet.
fn sightings_parquet(compression: parquet::basic::Compression) -> Vec<u8> {
    sightings_parquet_of(compression, None)
}

/// The same, perhaps with a column of whose they are.
fn sightings_parquet_of(compression: parquet::basic::Compression, observers: Option<&[i64]>) -> Vec<u8> {
    use parquet::{
        data_type::{ByteArrayType, Int64Type},
        file::{properties::WriterProperties, writer::SerializedFileWriter},
        schema::parser::parse_message_type,
    };
    let observer = if observers.is_some() { "required int64 observer;" } else { "" };
    let schema = format!(
        "message s {{ required binary rpi (UTF8); required binary aem (UTF8); required int64 t_s; required int64 rssi_dbm;
        required int64 previous_scan_s; {observer} }}"
    );
    let properties = WriterProperties::builder().set_compression(compression).build();
    let schema = std::sync::Arc::new(parse_message_type(&schema).expect("a schema"));
    let csv = sightings_csv();
    let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|l| l.split(',').collect()).collect();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties.into()).expect("a writer");
    let mut group = writer.next_row_group().expect("a row group");
    let mut columns = 0..;
    while let (Some(mut to), Some(column)) = (group.next_column().expect("it can be written"), columns.next()) {
        if column < 2 {
            let values: Vec<parquet::data_type::ByteArray> = rows.iter().map(|r| r[column].into()).collect();
            to.typed::<ByteArrayType>().write_batch(&values, None, None).expect("written");
        } else {
            let of_csv = || rows.iter().map(|r| r[column].parse().expect("a number")).collect();
            let values: Vec<i64> = if column == 5 { observers.unwrap_or_default().to_vec() } else { of_csv() };
            to.typed::<Int64Type>().write_batch(&values, None, None).expect("written");
        }
        to.close().expect("closed");
    }
    group.close().expect("closed");
    writer.into_inner().expect("the bytes")
}

#[test]
fn sightings_are_the_same_from_csv_and_from_parquet_of_every_common_compression() {
    use parquet::basic::{Compression, GzipLevel, ZstdLevel};
    let desk = Desk::new();
    let zip = desk.export("a.zip");
    let found = |file: &str| json_of(&["match", "--sightings", file, "--config", "2.0.1", "--keys", &zip, "--json"]);
    let quoted =
        sightings_csv().lines().map(|l| format!("\"a note, \"\"quoted\"\"\",{l}\r\n")).collect::<String>().replacen("a note", "note", 1);
    let csv = found(&desk.write("s.csv", sightings_csv().as_bytes()));
    assert_eq!(csv["verdict"]["exposed"], true);
    assert_eq!(found(&desk.write("q.csv", quoted.as_bytes())), csv);
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4_RAW,
    ] {
        assert_eq!(found(&desk.write("s.parquet", &sightings_parquet(compression))), csv, "{compression:?}");
    }
}

/// The largest export that is read, of one key again and again: a small zip that must not cost more memory than a legal file
/// of its size (a million keys of 44 bytes, and the message they came in).
#[test]
fn a_million_faulty_keys_cost_bounded_memory() {
    let desk = Desk::new();
    let mut file = cocoasim::gaen::export::decode_export(&unpack(&desk.export("a.zip"), "export.bin")).expect("our own export");
    file.keys = vec![file.keys[0]; 999_999];
    let bin = cocoasim::gaen::export::encode_export(&file);
    let zip = desk.write("many.zip", &pack(&[("export.bin", &bin), ("export.sig", &unpack(&desk.export("b.zip"), "export.sig"))]));
    let csv = desk.write("s.csv", sightings_csv().as_bytes());
    let cocoasim = assert_cmd::cargo::cargo_bin!("cocoasim").display().to_string();
    for args in
        [format!("inspect {zip} --json"), format!("inspect {zip}"), format!("match --sightings {csv} --config 2.0.0 --keys {zip} --json")]
    {
        // Address space in KiB: 44 MB of keys, 34 MB of message, 64 MiB to spare, and the program itself with its threads.
        let output = System::new("sh")
            .args(["-c", &format!("ulimit -v 262144; exec {cocoasim} keys {args}")])
            .env("RAYON_NUM_THREADS", "1")
            .output()
            .expect("sh runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args}: {stderr}");
        assert!(stderr.lines().count() <= 21, "warnings are cut short");
    }
}

#[test]
fn fuzz_sightings_and_configurations() {
    use cocoasim::{app::Configuration, faults::Faults, gaen::read_sightings};
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let v1 = r#"{"MinimumRiskScore":21,"AttenuationScores":[1,2,3,4,5,6,7,8],"DaysSinceLastExposureScores":[1,1,1,1,1,1,1,1],
        "DurationScores":[0,0,0,0,1,1,1,1],"TransmissionRiskScores":[7,7,7,7,7,7,7,7],"DurationAtAttenuationThresholds":[50,70]}"#;
    let summaries = r#"{"attenuation_bucket_threshold_db":[46,60,65],"attenuation_bucket_weights":[1.0,2.5,1.3,0.01],
        "infectiousness_weights":{"HIGH":1.0},"report_type_weights":{"CONFIRMED_TEST":1.0},"minimum_window_score":0.0}"#;
    let mapping = r#"{"infectiousness_for_days_since_onset_of_symptoms":{"-14":0,"0":2},"report_type_when_missing":1,
        "infectiousness_when_days_since_onset_missing":2}"#;
    let whole = format!(r#"{{"google_daily_summaries_config":{summaries},"google_diagnosis_keys_data_mapping_config":{mapping}}}"#);
    let risk = r#"{"format_version":1,"DailySummary_DaySummary_ScoreSum":{"op":">=","value":1350.0},
        "ExposureWindow_ScanInstance_SecondsSinceLastScanSum":{"op":">=","value":900.0}}"#;
    let texts = [v1.to_string(), summaries.to_string(), whole, risk.to_string()];
    for text in &texts {
        Configuration::read(&[("c.json".into(), text.clone())], true).expect("every seed is valid");
    }
    let json = prop::sample::select(texts.to_vec()).prop_flat_map(|text| damaged(text.into_bytes()));
    let parquet = sightings_parquet(parquet::basic::Compression::SNAPPY);
    proptest!(config, |(csv in damaged(sightings_csv().into_bytes()), json in json, parquet in damaged(parquet))| {
        for bytes in [csv, parquet] {
            let _ = read_sightings("s", vec![("s".into(), bytes)], None, &mut Faults::default());
        }
        let _ = Configuration::read(&[("c.json".into(), String::from_utf8_lossy(&json).into_owned())], true);
    });
}
