//! Going on with a run: what makes it the same run, its checkpoint, and whether what it has finished is still there.
//!
//! A run is its scenario, the content of every file that the scenario names, and the source of the program. Whatever is not
//! as the run wrote it is refused before anything is simulated or written: results that belong to no run are worse than none.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    inputs::{file_name, sha256_hex},
    output::{Finished, IoError, ManifestHead, RunFolder},
    time::DayJst,
};

use super::RunError;

/// So many differences are listed; a run of another scenario has hundreds.
const MOST_DIFFERENCES: usize = 8;
/// Hexadecimal digits of a checkpoint's checksum.
const CHECKSUM_DIGITS: usize = 64;
const PLAIN_DATA: &str = "invariant: a checkpoint is plain data";

/// What a folder holds of a run.
pub enum Found<State> {
    /// Nothing yet.
    Nothing,
    /// The days until the last checkpoint.
    Unfinished(State),
    /// All of it.
    Finished,
}

/// What stands in a checkpoint before the state that is carried over from day to day. Before both stands their checksum.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Checkpoint {
    /// What the run is: the head of its manifest.
    head: String,
    /// The first day that is not finished.
    next_day: DayJst,
    /// What is.
    finished: Finished,
}

impl Checkpoint {
    /// The whole checkpoint, in the memory of the state.
    fn encode(&self, state: Vec<u8>) -> Vec<u8> {
        let mut bytes = state;
        bytes.splice(0..0, postcard::to_extend(self, vec![b'0'; CHECKSUM_DIGITS]).expect(PLAIN_DATA));
        let checksum = sha256_hex(&bytes[CHECKSUM_DIGITS..]);
        bytes[..CHECKSUM_DIGITS].copy_from_slice(checksum.as_bytes());
        bytes
    }

    /// The checkpoint and the bytes of its state; `None` if the bytes are not those of [`Self::encode`].
    fn decode(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (checksum, content) = bytes.split_at_checked(CHECKSUM_DIGITS)?;
        if sha256_hex(content).as_bytes() != checksum {
            return None;
        }
        postcard::take_from_bytes(content).ok()
    }
}

/// What a run goes on from, as [`keep`] takes it, with room for about so many bytes: it is large, and had better not be moved as it grows.
pub fn bytes_of(state: &impl Serialize, about: usize) -> Vec<u8> {
    postcard::to_extend(state, Vec::with_capacity(about)).expect(PLAIN_DATA)
}

/// Keeps what the run has finished and what it goes on from.
pub fn keep(folder: &RunFolder, head: ManifestHead<'_>, next_day: DayJst, finished: Finished, state: Vec<u8>) -> Result<(), RunError> {
    let checkpoint = Checkpoint { head: head.json().to_string(), next_day, finished };
    Ok(folder.write_checkpoint(&checkpoint.encode(state))?)
}

/// Looks up how far the run is, and holds it and every file it has finished against what was written.
///
/// # Errors
/// [`RunError::OtherRun`] and [`RunError::Damaged`], with nothing changed in the folder; or the system's.
pub fn find<State: DeserializeOwned>(folder: &RunFolder, head: ManifestHead<'_>) -> Result<Found<State>, RunError> {
    let name = || folder.path().display().to_string();
    let damaged = |problems: Vec<String>| RunError::Damaged { folder: name(), problems };
    let sound = |problems: Vec<String>| if problems.is_empty() { Ok(()) } else { Err(damaged(problems)) };
    let same = |there: &Value| match differences(there, &head.json()) {
        differences if differences.is_empty() => Ok(()),
        differences => Err(RunError::OtherRun { folder: name(), differences }),
    };
    let unread = |error: IoError| damaged(vec![error.to_string()]);
    if folder.is_finished() {
        let manifest = folder.read_manifest().map_err(unread)?.unwrap_or_default();
        same(&manifest)?;
        sound(folder.problems(&manifest)?)?;
        return Ok(Found::Finished);
    }
    let stray = |(name, _): (String, Option<DayJst>)| format!("{name}: it belongs to no day that the run has finished");
    let Some(bytes) = folder.read_checkpoint().map_err(unread)? else {
        // A run writes its first checkpoint before its first part.
        sound(folder.parts_besides(&Finished::new())?.into_iter().map(stray).collect())?;
        return Ok(Found::Nothing);
    };
    let broken = || damaged(vec![".state/checkpoint.bin: it is not as the run wrote it".into()]);
    let (checkpoint, state) = Checkpoint::decode(&bytes).ok_or_else(broken)?;
    same(&serde_json::from_str(&checkpoint.head).map_err(|_| broken())?)?;
    // A run that was killed may have written some parts of the day it was at, of days whose rows waited for it, and of the day after, which
    // is under way while the day before is brought to disk.
    let last = checkpoint.next_day.next();
    let (left_behind, strays): (Vec<_>, Vec<_>) =
        folder.parts_besides(&checkpoint.finished)?.into_iter().partition(|(_, day)| day.is_some_and(|day| day <= last));
    sound(folder.changed(&checkpoint.finished).into_iter().chain(strays.into_iter().map(stray)).collect())?;
    let state = postcard::from_bytes(state).map_err(|_| broken())?;
    for (part, _) in left_behind {
        folder.remove_part(&part)?;
    }
    folder.set_finished(checkpoint.finished);
    Ok(Found::Unfinished(state))
}

/// The scenario as resolved, with the files it names by their last names: where they lie is not what the run is.
pub fn without_folders(resolved: &Value) -> Value {
    let mut resolved = resolved.clone();
    let shorten = |value: &mut Value| {
        if let Value::String(path) = value {
            *path = file_name(path);
        }
    };
    for pointer in ["/mobility/file", "/mobility/metadata", "/radio/calibration"] {
        resolved.pointer_mut(pointer).into_iter().for_each(shorten);
    }
    let configurations = resolved.pointer_mut("/app/configurations").and_then(Value::as_array_mut);
    for configuration in configurations.into_iter().flatten() {
        configuration["files"].as_array_mut().into_iter().flatten().for_each(shorten);
    }
    resolved
}

/// In what two runs differ, by the heads of their manifests. What a file is called does not count, what it holds does.
fn differences(there: &Value, here: &Value) -> Vec<String> {
    let mut out = Vec::new();
    for key in ["build", "format", "holds"] {
        compare(key, &there[key], &here[key], &mut out);
    }
    for input in inputs(here) {
        if let Some(other) = inputs(there).iter().find(|other| other["key"] == input["key"])
            && other["sha256"] != input["sha256"]
        {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
            let (key, file) = (text(&input["key"]), text(&input["path"]));
            out.push(format!("{key}: {file} has another content: SHA-256 {} there, {} here", other["sha256"], input["sha256"]));
        }
    }
    let listed = out.len();
    compare("", &without_names(there), &without_names(here), &mut out);
    // A run of another name comes first to mind.
    out[listed..].sort_by_key(|difference| !difference.starts_with("run."));
    if out.len() > MOST_DIFFERENCES {
        let more = out.len() - MOST_DIFFERENCES;
        out.truncate(MOST_DIFFERENCES);
        out.push(format!("and {more} more"));
    }
    out
}

fn inputs(head: &Value) -> &[Value] {
    head["inputs"].as_array().map_or(&[], Vec::as_slice)
}

/// A head's scenario without the names of the files that it names.
fn without_names(head: &Value) -> Value {
    let mut scenario = head["scenario"].clone();
    for key in inputs(head).iter().filter_map(|input| input["key"].as_str()) {
        let pointer = format!("/{}", key.replace(['.', '['], "/").replace(']', ""));
        if let Some(name) = scenario.pointer_mut(&pointer) {
            *name = Value::Null;
        }
    }
    scenario
}

fn compare(path: &str, there: &Value, here: &Value, out: &mut Vec<String>) {
    match (there, here) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                compare(&path, &there[key], &here[key], out);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().for_each(|(i, (a, b))| compare(&format!("{path}[{i}]"), a, b, out));
        }
        (Value::Array(a), Value::Array(b)) => out.push(format!("{path}: a list of {} there, of {} here", a.len(), b.len())),
        _ if there != here => out.push(format!("{path}: {} there, {} here", shown(there), shown(here))),
        _ => {}
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) | Value::Array(_) => "something".into(),
        Value::Null => "nothing".into(),
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checkpoint() -> Checkpoint {
        let finished = Finished::from([("people.parquet".into(), crate::output::FinishedFile { rows: 3, sha256: sha256_hex(b"3") })]);
        Checkpoint { head: "{}".into(), next_day: DayJst(18_506), finished }
    }

    #[test]
    fn every_flipped_bit_of_a_checkpoint_and_every_cut_is_noticed() {
        let good = checkpoint().encode(vec![7; 32]);
        assert_eq!(Checkpoint::decode(&good), Some((checkpoint(), [7; 32].as_slice())));
        for bit in 0..8 * good.len() {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Checkpoint::decode(&bad), None, "bit {bit}");
        }
        for cut in 0..good.len() {
            assert_eq!(Checkpoint::decode(&good[..cut]), None, "cut at {cut}");
        }
        assert_eq!(Checkpoint::decode(&[&good[..], b"0"].concat()), None);
    }

    fn head(calibration: &str, sha256: &str, source: &str) -> Value {
        json!({
            "build": { "version": "0.1.0", "source_sha256": source },
            "format": 2,
            "inputs": [{ "key": "app.configurations[0].files[1]", "path": calibration, "sha256": sha256 }],
            "scenario": { "run": { "seed": 1 }, "app": { "configurations": [{ "files": ["a.json", calibration] }] } },
        })
    }

    #[test]
    fn a_run_is_the_content_of_its_files_and_not_their_names() {
        let one = head("b.json", "12", "s");
        assert_eq!(differences(&one, &head("c.json", "12", "s")), Vec::<String>::new());
        assert_eq!(
            differences(&one, &head("b.json", "34", "s")),
            ["app.configurations[0].files[1]: b.json has another content: SHA-256 \"12\" there, \"34\" here"]
        );
        assert_eq!(differences(&one, &head("b.json", "12", "t")), ["build.source_sha256: \"s\" there, \"t\" here"]);
        let mut other = one.clone();
        other["scenario"]["run"]["seed"] = 2.into();
        assert_eq!(differences(&one, &other), ["run.seed: 1 there, 2 here"]);
        let other = json!({ "build": one["build"], "format": 2, "inputs": [], "scenario": one["scenario"] });
        assert!(differences(&one, &other)[0].starts_with("app.configurations[0].files[1]: nothing there"));
        assert_eq!(differences(&one, &json!({})).len(), 3, "build, format and scenario");
    }

    #[test]
    fn results_do_not_say_where_files_lie() {
        let stated = json!({
            "mobility": { "file": "/home/me/tij.dat", "metadata": "" },
            "radio": { "calibration": "builtin:2020-12-14" },
            "app": { "configurations": [{ "name": "x", "files": ["../a.json"] }] },
        });
        let short = without_folders(&stated);
        assert_eq!((&short["mobility"]["file"], &short["mobility"]["metadata"]), (&json!("tij.dat"), &json!("")));
        assert_eq!(short["radio"]["calibration"], "builtin:2020-12-14");
        assert_eq!(short["app"]["configurations"], json!([{ "name": "x", "files": ["a.json"] }]));
    }
}
