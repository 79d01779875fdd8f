//! Opening a scenario.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde_json::Value;
use toml::de::DeTable;

use crate::{
    faults::{Fault, Faults, counted, use_one_of},
    inputs::{is_dash, name_of, read},
};

use super::{
    file::ScenarioFile,
    kinds::Kinds,
    merge::{Merged, Origin},
    sources::comment_on,
    walk::walk,
};

/// The baseline: every key with its default.
const BASELINE: &str = include_str!("../../scenarios/baseline.toml");

/// Whether a key takes values of several forms, as text or a number.
fn has_several_forms(schema: &Value, key: &str) -> bool {
    key.split('.').try_fold(schema, |schema, part| schema.get("properties")?.get(part)).is_some_and(|of| of.get("anyOf").is_some())
}

/// Scenarios that come with the program, by name.
pub const EMBEDDED: [(&str, &str); 17] = [
    ("baseline", BASELINE),
    ("office", include_str!("../../scenarios/office.toml")),
    ("field-test-1m-15min", include_str!("../../scenarios/field-test-1m-15min.toml")),
    ("office-trace", include_str!("../../scenarios/office-trace.toml")),
    ("classroom", include_str!("../../scenarios/classroom.toml")),
    ("restaurant", include_str!("../../scenarios/restaurant.toml")),
    ("hall", include_str!("../../scenarios/hall.toml")),
    ("ward", include_str!("../../scenarios/ward.toml")),
    ("supermarket", include_str!("../../scenarios/supermarket.toml")),
    ("train", include_str!("../../scenarios/train.toml")),
    ("first-summer", include_str!("../../scenarios/first-summer.toml")),
    ("autumn-fault", include_str!("../../scenarios/autumn-fault.toml")),
    ("v2-spring", include_str!("../../scenarios/v2-spring.toml")),
    ("city", include_str!("../../scenarios/city.toml")),
    ("city-100k", include_str!("../../scenarios/city-100k.toml")),
    ("commute", include_str!("../../scenarios/commute.toml")),
    ("school", include_str!("../../scenarios/school.toml")),
];

/// The scenarios that come with the program, each with its description.
pub fn described() -> impl Iterator<Item = (&'static str, String)> {
    EMBEDDED.into_iter().map(|(name, text)| (name, embedded_table(text)["run"]["description"].as_str().unwrap_or_default().to_string()))
}

fn embedded_table(text: &str) -> toml::Table {
    text.parse().expect("a scenario that comes with the program is TOML")
}

/// The phone models of the baseline.
pub fn baseline_phones() -> Vec<String> {
    let table = embedded_table(BASELINE);
    let models = table["phones"]["models"].as_array().into_iter().flatten();
    models.filter_map(|model| model["model"].as_str()).map(str::to_string).collect()
}

/// What the user asked for.
#[derive(Clone, Debug, Default)]
pub struct SourceArgs {
    /// A path, `-` for standard input, or the name of a scenario that comes with the program.
    pub scenario: String,
    /// `key.path=value`, later ones win.
    pub sets: Vec<String>,
    /// Replaces `run.seed`.
    pub seed: Option<u64>,
}

/// A scenario without faults.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The scenario.
    pub scenario: ScenarioFile,
    /// The same as JSON with sorted keys: every key, as resolved.
    pub resolved: Value,
    /// The kinds of venue that it may name.
    pub kinds: Kinds,
    sources: Sources,
}

/// Where values came from: to print faults, and to find files.
#[derive(Clone, Debug)]
struct Sources {
    merged: Merged,
    file: String,
    folder: PathBuf,
    sets: Vec<String>,
}

/// Every fault found, ready to print.
#[derive(Clone, Debug)]
pub struct FaultReport(pub Vec<LocatedFault>);

/// A fault with its place and value.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct LocatedFault {
    /// `file:line`, or the `--set` or other option; empty where it is none of these.
    pub place: String,
    /// Key path; empty for faults within named files.
    pub path: String,
    /// The value found there.
    pub value: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What would be right.
    pub remedy: String,
    /// Settings that mend it, as in [`Fault`].
    #[serde(skip)]
    pub sets: Vec<String>,
}

impl LocatedFault {
    /// A fault of no scenario key.
    pub fn of(place: impl Into<String>, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into(), remedy: remedy.into(), ..Self::default() }
    }
}

impl std::fmt::Display for LocatedFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = match (&self.value, self.path.as_str()) {
            (Some(value), path) => format!("{path} = {value}"),
            (None, path) => path.to_string(),
        };
        [self.place.as_str(), &key].iter().filter(|part| !part.is_empty()).try_for_each(|part| write!(f, "{part}: "))?;
        write!(f, "{}", self.problem)?;
        self.remedy.lines().try_for_each(|line| write!(f, "\n    {line}"))
    }
}

impl std::fmt::Display for FaultReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|fault| writeln!(f, "{fault}"))?;
        write!(f, "{}", self.last_line())
    }
}

impl FaultReport {
    /// The line below the faults.
    pub fn last_line(&self) -> String {
        format!("{}; nothing was run", counted(self.0.len(), "fault"))
    }
}

impl std::error::Error for FaultReport {}

/// Opens, merges and checks a scenario.
///
/// # Errors
/// Every fault at once.
pub fn open(args: &SourceArgs) -> Result<Loaded, FaultReport> {
    let alone = |place: &str, problem: String, remedy: &str| FaultReport(vec![LocatedFault::of(place, problem, remedy)]);
    let Text { text, folder, file } = text_of(&args.scenario)?;
    let mut merged = Merged::default();
    for (file, text) in [("baseline.toml", BASELINE), (file.as_str(), text.as_str())] {
        let is_baseline = text == BASELINE;
        match DeTable::parse(text) {
            Ok(table) => merged.lay_over(&table, text, &|line| if is_baseline { Origin::Baseline } else { Origin::File(line) }),
            Err(error) => {
                let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
                return Err(alone(&format!("{file}:{line}"), error.message().trim().to_string(), "mend the TOML"));
            }
        }
    }
    let mut faults = Faults::default();
    let mut bad_sets = Vec::new();
    let schema = super::schema::scenario_schema();
    for (i, set) in args.sets.iter().enumerate() {
        let done = set.split_once('=').ok_or_else(|| "no '=' in it".to_string()).and_then(|(key, value)| {
            let (key, value) = (key.trim(), value.trim());
            // Where text stands, a number or a date is text too, since a shell takes its quotes away; but not where either may stand.
            let read = match (merged.at(key), set_value(value)) {
                (Some(Value::String(_)), Value::Number(_) | Value::Bool(_)) if !has_several_forms(&schema, key) => {
                    Value::String(value.into())
                }
                (_, read) => read,
            };
            merged.set(key, read, Origin::Set(i))
        });
        if let Err(problem) = done {
            bad_sets.push(LocatedFault::of(format!("--set {set}"), problem, "write --set key.path=value"));
        }
    }
    if let Some(seed) = args.seed {
        let _ = merged.set("run.seed", Value::from(seed), Origin::Set(usize::MAX));
    }
    give_way(&mut merged);
    let sources = Sources { merged, file, folder, sets: args.sets.clone() };
    walk(&sources.merged.value, &schema, "", &mut faults);
    faults.0.iter_mut().for_each(say_where_it_went);
    let mut of_keys = Faults::default();
    let (kinds, of_files) = Kinds::read(&sources.merged.value, |key| sources.base_dir(key), &mut of_keys);
    let of_kinds: Vec<LocatedFault> = of_keys.0.iter().map(|fault| sources.locate(fault)).chain(of_files).collect();
    let report = |faults: Faults, others: Vec<LocatedFault>| {
        FaultReport(others.into_iter().chain(faults.0.iter().map(|f| sources.locate(f))).collect())
    };
    if !faults.is_empty() || !bad_sets.is_empty() {
        return Err(report(faults, bad_sets.into_iter().chain(of_kinds).collect()));
    }
    let scenario: ScenarioFile = match serde_json::from_value(sources.merged.value.clone()) {
        Ok(scenario) => scenario,
        Err(error) => return Err(alone(&sources.file, error.to_string(), "mend the value")),
    };
    scenario.check(&mut faults);
    kinds.check(&scenario, of_kinds.is_empty(), &mut faults);
    if !faults.is_empty() || !of_kinds.is_empty() {
        return Err(report(faults, of_kinds));
    }
    Ok(Loaded { scenario, resolved: sources.merged.value.clone(), kinds, sources })
}

/// The baseline's share of the app gives way to one of other people that the scenario states.
fn give_way(merged: &mut Merged) {
    const GIVES_WAY: &str = "phones.adoption";
    const OTHERS: [&str; 2] = ["phones.adoption_of_people", "phones.adoption_of_adults"];
    let is_stated = |key: &str| merged.origin(key) != Origin::Baseline && merged.at(key).is_some_and(Value::is_number);
    if merged.origin(GIVES_WAY) == Origin::Baseline && OTHERS.iter().any(|key| is_stated(key)) {
        let _ = merged.set(GIVES_WAY, "derived".into(), Origin::Baseline);
    }
}

/// Keys that scenarios had before the office floor and dwellings were venue kinds, and of which kind they are now.
const OF_KINDS: [(&str, &str); 12] = [
    ("venue.office", "office"),
    ("venue.home", "home"),
    ("mobility.work.lunch_pantry_share", "office"),
    ("mobility.work.meetings_per_room", "office"),
    ("mobility.work.meeting_own_department_share", "office"),
    ("mobility.work.talks_per_person", "office"),
    ("mobility.work.talk_min_s", "office"),
    ("mobility.work.talk_tail_exponent", "office"),
    ("mobility.work.talk_own_department_share", "office"),
    ("mobility.work.talk_distance_m", "office"),
    ("mobility.work.talk_distance_sd_m", "office"),
    ("mobility.work.errands_per_person", "office"),
];

/// Of an unknown key that is in the file of a kind now, says so.
fn say_where_it_went(fault: &mut Fault) {
    if let Some((_, kind)) = OF_KINDS.iter().find(|(key, _)| *key == fault.path).filter(|_| fault.problem == "unknown key") {
        fault.remedy =
            format!("it is in the file of a venue kind: copy scenarios/venues/{kind}.toml, change it, and list the copy in venue.kinds");
    }
}

/// A scenario's text, the folder that its relative paths start from, and its name in messages.
struct Text {
    text: String,
    folder: PathBuf,
    file: String,
}

/// Largest scenario that is read, bytes.
const MAX_SCENARIO_BYTES: u64 = 64 << 20;

fn text_of(scenario: &str) -> Result<Text, FaultReport> {
    let path = Path::new(scenario);
    let folder = if is_dash(path) { Path::new("") } else { path.parent().unwrap_or(Path::new("")) };
    let named = |text, folder: &Path| Text { text, folder: folder.to_path_buf(), file: name_of(path) };
    let embedded = EMBEDDED.iter().find(|(name, _)| *name == scenario);
    let fault = |problem: String, remedy: &str| FaultReport(vec![LocatedFault::of(name_of(path), problem, remedy)]);
    let name_another = "give a scenario file, or a name from `cocoasim list scenarios`";
    match (read(path, "the scenario", MAX_SCENARIO_BYTES), embedded) {
        (Ok(bytes), _) => {
            String::from_utf8(bytes).map(|text| named(text, folder)).map_err(|_| fault("not UTF-8 text".into(), name_another))
        }
        (Err(_), Some((_, text))) => Ok(named((*text).to_string(), Path::new(""))),
        (Err(error), None) if error.kind() == ErrorKind::NotFound => {
            // The name of one that comes with the program is often given as a file.
            let name = path.file_name().map_or(scenario.into(), |name| name.to_string_lossy());
            let remedy = use_one_of(name.trim_end_matches(".toml"), EMBEDDED.iter().map(|(name, _)| *name));
            Err(fault("no such file, and no scenario of this name".into(), &format!("{remedy}, or name a file")))
        }
        (Err(error), None) if error.kind() == ErrorKind::IsADirectory => Err(fault("a folder, not a scenario file".into(), name_another)),
        (Err(error), None) => Err(fault(format!("cannot be read: {error}"), name_another)),
    }
}

/// A `--set` value: TOML if it reads as such, else text.
fn set_value(text: &str) -> Value {
    let document = format!("v = {text}");
    let mut merged = Merged::default();
    match DeTable::parse(&document) {
        Ok(table) => {
            merged.lay_over(&table, &document, &|_| Origin::Baseline);
            merged.value.get("v").cloned().unwrap_or_else(|| Value::String(text.into()))
        }
        Err(_) => Value::String(text.into()),
    }
}

impl Loaded {
    /// The folder that a relative path in the key `path` starts from: the scenario file's, or the current one for `--set`.
    pub fn base_dir(&self, path: &str) -> PathBuf {
        self.sources.base_dir(path)
    }

    /// The scenario's name in messages: its file, or the name it was asked for by.
    pub fn file(&self) -> &str {
        &self.sources.file
    }

    /// The same scenario with another seed.
    pub fn with_seed(&self, seed: u64) -> Self {
        let mut other = self.clone();
        other.scenario.run.seed = seed;
        other.resolved["run"]["seed"] = seed.into();
        other
    }

    /// What the scenario is about, in a line: its description as far as it holds, and what `--set` changed.
    pub fn title(&self) -> String {
        let described = |origin| !matches!(origin, Origin::Baseline) || self.sources.file == "baseline";
        let is_described = described(self.sources.merged.origin("run.description"));
        let run = &self.scenario.run;
        let mut title = if is_described { run.description.clone() } else { format!("Scenario {}", run.name) };
        let changes: Vec<&str> = self.sources.sets.iter().map(|set| set.trim()).filter(|set| !set.starts_with("run.description")).collect();
        if !changes.is_empty() {
            // Long values, and paths of one machine, by their keys alone.
            let shown = |set: &&str| {
                if set.chars().count() <= 40 && !set.contains('/') {
                    (*set).to_string()
                } else {
                    set.split('=').next().unwrap_or(set).trim().to_string()
                }
            };
            let some: Vec<String> = changes.iter().take(4).map(shown).collect();
            let more = if changes.len() > some.len() { format!(" and {} more", changes.len() - some.len()) } else { String::new() };
            title += &format!(" (changed: {}{more})", some.join(", "));
        }
        title
    }

    /// Whether the scenario itself states the value of a key path, in its file or by `--set`.
    pub fn states(&self, path: &str) -> bool {
        self.sources.merged.origin(path) != Origin::Baseline
    }

    /// Where the value of a key path comes from: the scenario's line or `--set`, or else what the baseline says about it.
    pub fn source_of(&self, path: &str) -> String {
        match self.sources.merged.origin(path) {
            Origin::Baseline => comment_on(BASELINE, path),
            Origin::File(line) => format!("{}:{line}", self.sources.file),
            Origin::Set(i) => self.sources.sets.get(i).map_or_else(String::new, |set| format!("--set {set}")),
        }
    }

    /// Puts places and values to faults found later.
    pub fn locate(&self, faults: &Faults) -> FaultReport {
        FaultReport(faults.0.iter().map(|f| self.sources.locate(f)).collect())
    }
}

impl Sources {
    fn base_dir(&self, path: &str) -> PathBuf {
        match self.merged.origin(path) {
            Origin::Set(_) => PathBuf::new(),
            Origin::Baseline | Origin::File(_) => self.folder.clone(),
        }
    }

    fn locate(&self, fault: &Fault) -> LocatedFault {
        let Fault { path, problem, remedy, line, sets } = fault;
        if let Some(line) = line {
            return LocatedFault::of(format!("{path}:{line}"), problem, remedy);
        }
        // A file as a whole.
        if self.merged.at(path).is_none() {
            return LocatedFault::of(path, problem, remedy);
        }
        let place = match self.merged.origin(path) {
            Origin::Baseline => "baseline".to_string(),
            Origin::File(line) => format!("{}:{line}", self.file),
            Origin::Set(i) => self.sets.get(i).map_or_else(|| "--seed".to_string(), |set| format!("--set {set}")),
        };
        // Null stands for what JSON cannot hold: infinite numbers.
        let value = self.merged.at(path).filter(|v| !v.is_object() && !v.is_array() && !v.is_null()).map(Value::to_string);
        LocatedFault { path: path.clone(), value, sets: sets.clone(), ..LocatedFault::of(place, problem, remedy) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Key paths of a schema's plain values; tables whose keys are free (materials, environments) stand for themselves.
    fn leaves(schema: &Value, path: &str, out: &mut Vec<String>) {
        match schema.get("properties").and_then(Value::as_object) {
            Some(properties) => {
                for (key, below) in properties {
                    leaves(below, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, out);
                }
            }
            None => out.push(path.to_string()),
        }
    }

    #[test]
    fn the_baseline_states_every_key_of_the_schema() {
        let baseline = open(&SourceArgs { scenario: "baseline".into(), ..SourceArgs::default() }).expect("the baseline has no fault");
        let mut paths = Vec::new();
        leaves(&super::super::schema::scenario_schema(), "", &mut paths);
        assert!(paths.len() > 90, "{}", paths.len());
        for path in paths {
            assert!(baseline.sources.merged.at(&path).is_some(), "{path} is in the schema and not in baseline.toml");
        }
    }

    /// A key says what it means above or beside it; the columns of carriage and environments are explained at their head.
    #[test]
    fn every_key_of_the_baseline_has_a_comment() {
        let (mut above, mut table) = ("", "");
        for (number, line) in BASELINE.lines().enumerate() {
            if line.starts_with('[') {
                table = line;
            }
            let is_key = line.starts_with(|c: char| c.is_ascii_lowercase());
            let at_head = table.starts_with("[radio.environments")
                || ["[radio.carriage]", "[radio.model_error]", "[venue.materials]"].contains(&table);
            assert!(!is_key || at_head || line.contains('#') || above.starts_with('#'), "baseline.toml:{}: {line}", number + 1);
            above = line;
        }
    }

    #[test]
    fn set_reads_toml_values_and_plain_text() {
        let with = |set: &str| {
            open(&SourceArgs { scenario: "office".into(), sets: vec![set.into()], seed: Some(7) })
                .unwrap_or_else(|f| panic!("{f}"))
                .scenario
        };
        assert_eq!(with("run.days=30").run.days, 30);
        assert_eq!(with("mobility.file=a b.gz").mobility.file, "a b.gz");
        assert_eq!(with("mobility.file=3").mobility.file, "3", "a name, though it is a number too");
        assert_eq!(with("output.phone_log=3").output.phone_log.person(), Some(3), "a number where a name may stand");
        assert_eq!(with("authority.cases=[{person=1,onset_day=0}]").authority.cases.len(), 1);
        assert_eq!(with("authority.cases[0].person=5").authority.cases[0].person, 5);
        let train = SourceArgs { scenario: "train".into(), sets: vec!["mobility.venues[0].congestion=1.4".into()], seed: None };
        assert_eq!(open(&train).unwrap_or_else(|f| panic!("{f}")).scenario.mobility.venues[0].congestion, Some(1.4));
        assert_eq!(with("authority.cases[1].registers=\"no\"").run.seed, 7);
        for (set, problem) in [("run.days", "no '='"), ("run.days.x=1", "leads through"), ("authority.cases[9].person=1", "past the end")] {
            let faults = open(&SourceArgs { scenario: "office".into(), sets: vec![set.into()], seed: None }).expect_err("a fault");
            assert!(faults.to_string().contains(problem), "{faults}");
        }
    }
}
