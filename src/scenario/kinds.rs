//! Opening the file of a venue kind.

use std::path::Path;

use schemars::generate::SchemaSettings;
use serde_json::Value;
use toml::de::DeTable;

use crate::{
    faults::{Fault, Faults, use_one_of},
    inputs::{name_of, read},
    venue::{Material, kind::KindConfig},
};

use super::{
    load::{FaultReport, LocatedFault},
    merge::{Merged, Origin},
    walk::walk,
};

/// Kinds that come with the program, by name.
pub const KINDS: [(&str, &str); 10] = [
    ("classroom", include_str!("../../scenarios/venues/classroom.toml")),
    ("gym", include_str!("../../scenarios/venues/gym.toml")),
    ("hall", include_str!("../../scenarios/venues/hall.toml")),
    ("izakaya", include_str!("../../scenarios/venues/izakaya.toml")),
    ("karaoke", include_str!("../../scenarios/venues/karaoke.toml")),
    ("platform", include_str!("../../scenarios/venues/platform.toml")),
    ("restaurant", include_str!("../../scenarios/venues/restaurant.toml")),
    ("supermarket", include_str!("../../scenarios/venues/supermarket.toml")),
    ("train_e233", include_str!("../../scenarios/venues/train_e233.toml")),
    ("ward", include_str!("../../scenarios/venues/ward.toml")),
];

/// The kinds that come with the program, each with its description.
pub fn described_kinds() -> impl Iterator<Item = (&'static str, String)> {
    KINDS.into_iter().map(|(name, text)| {
        let table: toml::Table = text.parse().expect("a kind that comes with the program is TOML");
        (name, table["description"].as_str().unwrap_or_default().to_string())
    })
}

/// Largest file of a kind that is read, bytes.
const MAX_KIND_BYTES: u64 = 1 << 20;

/// The JSON Schema of a kind's file, without references.
pub fn kind_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<KindConfig>().to_value()
}

/// Opens and checks a kind: the name of one that comes with the program, or a file. `materials` and `environments` are those that there are.
///
/// # Errors
/// Every fault at once, with file, line and key path.
pub fn open_kind<'e>(
    named: &str,
    materials: &[Material],
    environments: impl Iterator<Item = &'e str> + Clone,
) -> Result<KindConfig, FaultReport> {
    let path = Path::new(named);
    let alone = |problem: String, remedy: String| FaultReport(vec![LocatedFault::of(name_of(path), problem, remedy)]);
    if let Some((name, text)) = KINDS.iter().find(|(name, _)| *name == named) {
        return read_kind(text, name, materials, environments);
    }
    match read(path, "the venue kind", MAX_KIND_BYTES).map(String::from_utf8) {
        Ok(Ok(text)) => read_kind(&text, &name_of(path), materials, environments),
        Ok(Err(_)) => Err(alone("not UTF-8 text".into(), "give a TOML file".into())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let remedy = format!("{}, or name a file", use_one_of(named, KINDS.iter().map(|(name, _)| *name)));
            Err(alone("no such file, and no venue kind of this name".into(), remedy))
        }
        Err(error) => Err(alone(format!("cannot be read: {error}"), "give a TOML file".into())),
    }
}

/// Reads a kind's text; `file` names it in faults.
///
/// # Errors
/// Every fault at once.
pub fn read_kind<'e>(
    text: &str,
    file: &str,
    materials: &[Material],
    environments: impl Iterator<Item = &'e str> + Clone,
) -> Result<KindConfig, FaultReport> {
    let mut merged = Merged::default();
    match DeTable::parse(text) {
        Ok(table) => merged.lay_over(&table, text, &Origin::File),
        Err(error) => {
            let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            return Err(FaultReport(vec![LocatedFault::of(format!("{file}:{line}"), error.message().trim().to_string(), "mend the TOML")]));
        }
    }
    let locate = |fault: &Fault| {
        let place = match merged.origin(&fault.path) {
            Origin::File(line) => format!("{file}:{line}"),
            Origin::Baseline | Origin::Set(_) => file.to_string(),
        };
        let value = merged.at(&fault.path).filter(|v| !v.is_object() && !v.is_array() && !v.is_null()).map(Value::to_string);
        LocatedFault { path: fault.path.clone(), value, ..LocatedFault::of(place, &fault.problem, &fault.remedy) }
    };
    let report = |faults: &Faults| FaultReport(faults.0.iter().map(locate).collect());
    let mut faults = Faults::default();
    walk(&merged.value, &kind_schema(), "", &mut faults);
    if !faults.is_empty() {
        return Err(report(&faults));
    }
    let kind: KindConfig = serde_json::from_value(merged.value.clone())
        .map_err(|error| FaultReport(vec![LocatedFault::of(file, error.to_string(), "mend the value")]))?;
    kind.check(materials, environments, &mut faults);
    if faults.is_empty() { Ok(kind) } else { Err(report(&faults)) }
}
