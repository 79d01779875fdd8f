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
        let (keys_json, pem, out) = (self.path("keys.json"), self.path("private.pem"), self.path(out));
        let times = (format!("{}", START * 600), format!("{}", START * 600 + 86_400));
        let output = keys(&[
            "export",
            "--keys",
            &keys_json,
            "--signing-key",
            &pem,
            "--key-id",
            "440",
            "--key-version",
            "v1",
            "--region",
            "440",
            "--start",
            &times.0,
            "--end",
            &times.1,
            "--out",
            &out,
        ]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        out
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
    assert!(inspect("missing.zip", &pack(&[("export.bin", &bin)])).contains("no entry export.sig"));
    assert!(inspect("dots.zip", &pack(&[("../export.bin", &bin), ("export.sig", &sig)])).contains("../export.bin"));
    assert!(inspect("third.zip", &pack(&[("export.bin", &bin), ("export.sig", &sig), ("x", b"")])).contains("more than two entries"));
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
    use cocoasim::gaen::export::{decode_export, decode_signatures, read_archive};
    let (zip, bin) = valid_export();
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(zip in damaged(zip), bin in damaged(bin), noise in prop::collection::vec(any::<u8>(), 0..200))| {
        let _ = read_archive(&zip);
        if let Ok(file) = decode_export(&bin) {
            let _ = file.diagnosis_keys();
        }
        let _ = (decode_signatures(&noise), decode_export(&[&b"EK Export v1    "[..], &noise].concat()), read_archive(&noise));
    });
}

/// The sightings of [`sightings_csv`] as Parquet.
fn sightings_parquet(compression: parquet::basic::Compression) -> Vec<u8> {
    use parquet::{
        data_type::{ByteArrayType, Int64Type},
        file::{properties::WriterProperties, writer::SerializedFileWriter},
        schema::parser::parse_message_type,
    };
    let schema = "message s { required binary rpi (UTF8); required binary aem (UTF8); required int64 t_s; required int64 rssi_dbm;
        required int64 previous_scan_s; }";
    let properties = WriterProperties::builder().set_compression(compression).build();
    let schema = std::sync::Arc::new(parse_message_type(schema).expect("a schema"));
    let csv = sightings_csv();
    let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|l| l.split(',').collect()).collect();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties.into()).expect("a writer");
    let mut group = writer.next_row_group().expect("a row group");
    for column in 0..5 {
        let mut to = group.next_column().expect("it can be written").expect("five columns");
        if column < 2 {
            let values: Vec<parquet::data_type::ByteArray> = rows.iter().map(|r| r[column].into()).collect();
            to.typed::<ByteArrayType>().write_batch(&values, None, None).expect("written");
        } else {
            let values: Vec<i64> = rows.iter().map(|r| r[column].parse().expect("a number")).collect();
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
    for compression in
        [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::GZIP(GzipLevel::default()), Compression::ZSTD(ZstdLevel::default())]
    {
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
    let dir = tempfile::tempdir().expect("a temporary folder");
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
        Configuration::read(&[("c.json".into(), text.clone())]).expect("every seed is valid");
    }
    let json = prop::sample::select(texts.to_vec()).prop_flat_map(|text| damaged(text.into_bytes()));
    let parquet = sightings_parquet(parquet::basic::Compression::SNAPPY);
    proptest!(config, |(csv in damaged(sightings_csv().into_bytes()), json in json, parquet in damaged(parquet))| {
        for (name, bytes) in [("s.csv", csv), ("s.parquet", parquet)] {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).expect("a temporary file");
            let _ = read_sightings(&path, None, &mut Faults::default());
        }
        let _ = Configuration::read(&[("c.json".into(), String::from_utf8_lossy(&json).into_owned())]);
    });
}
