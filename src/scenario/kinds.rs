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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        random::Seed,
        scenario::{SourceArgs, open},
    };

    /// Those that come with the program bear the name of their file and lie in its folder, have no fault, and no two venues of one are alike
    /// where lengths are drawn.
    #[test]
    fn kinds_that_come_with_the_program_can_be() {
        let baseline = open(&SourceArgs { scenario: "baseline".into(), ..SourceArgs::default() }).unwrap_or_else(|f| panic!("{f}"));
        let materials = baseline.scenario.venue.materials(&mut Faults::default());
        let environments = || baseline.scenario.radio.environments.keys().map(String::as_str);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/venues");
        let mut files: Vec<String> =
            std::fs::read_dir(folder).expect("a folder").map(|f| f.expect("a file").file_name().to_string_lossy().into_owned()).collect();
        files.sort_unstable();
        assert_eq!(files, KINDS.map(|(name, _)| format!("{name}.toml")));
        for (name, text) in KINDS {
            let kind = open_kind(name, &materials, environments()).unwrap_or_else(|faults| panic!("{faults}"));
            assert_eq!(kind.name, name);
            assert!(kind.description.len() <= 100 && !text.contains('\t'), "{name}");
            let layouts: Vec<_> = (0..20).map(|venue| kind.lay_out(&materials, Seed(1), venue)).collect();
            let drawn = text.contains("sd_m");
            assert_eq!(layouts[0].plan.seats != layouts[1].plan.seats || layouts[0].floor_m != layouts[1].floor_m, drawn, "{name}");
            assert!(layouts.iter().all(|layout| layout.plan.seats.len() == layout.seat_group.len()));
        }
    }

    #[test]
    fn every_fault_of_a_kind_is_told_with_its_line() {
        let text = "name = \"x\"\ndescription = \"\"\n\n[floor]\nwidth_m = 10.0\ndepth_m = { mean_m = 8.0, sd = 0.5 }\nenvironment = \"office\"\n\n[[posts]]\nat_m = [1.0, \"left\"]\nfacing = \"upp\"\n";
        let report = read_kind(text, "x.toml", &[], ["office"].into_iter()).expect_err("it has faults").to_string();
        for said in [
            "x.toml:6: floor.depth_m.sd = 0.5: unknown key\n    the unit is in the name: use sd_m",
            "x.toml:6: floor.depth_m: key sd_m is missing",
            "x.toml:10: posts[0].at_m[1] = \"left\": none of the forms that it may have\n    write a number or { mean_m = ..., sd_m = ... }",
            "x.toml:11: posts[0].facing = \"upp\": no such choice\n    did you mean \"up\"?",
        ] {
            assert!(report.contains(said), "{said}\nis not in\n{report}");
        }
        let text = text.replace("sd = 0.5", "sd_m = 0.5").replace("\"left\"", "9.0").replace("upp", "up");
        let report = read_kind(&text, "x.toml", &[], ["office"].into_iter()).expect_err("the post is outside").to_string();
        assert!(
            report.contains("x.toml:9: posts[0]: (1.00, 9.00) m is not on the floor\n    keep it within 0-10.00 m by 0-8.00 m, to which"),
            "{report}"
        );
        assert!(read_kind("name = ", "x.toml", &[], ["office"].into_iter()).expect_err("no TOML").to_string().starts_with("x.toml:1: "));
        let unknown = open_kind("restorant", &[], ["office"].into_iter()).expect_err("no such kind").to_string();
        assert!(unknown.contains("did you mean restaurant?"), "{unknown}");
    }
}
