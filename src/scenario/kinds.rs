//! Opening the file of a venue kind.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use schemars::generate::SchemaSettings;
use serde_json::Value;
use toml::de::DeTable;

use crate::{
    faults::{Fault, Faults, use_one_of},
    inputs::{Input, Inputs, name_of, read},
    mobility::{GeneratedKinds, Source},
    venue::{Material, VenueConfig, VenueKind, kind::KindConfig},
};

use super::{
    file::ScenarioFile,
    load::{FaultReport, LocatedFault},
    merge::{Merged, Origin},
    walk::walk,
};

/// Kinds that come with the program, by name.
pub const KINDS: [(&str, &str); 15] = [
    ("classroom", include_str!("../../scenarios/venues/classroom.toml")),
    ("factory", include_str!("../../scenarios/venues/factory.toml")),
    ("gym", include_str!("../../scenarios/venues/gym.toml")),
    ("hall", include_str!("../../scenarios/venues/hall.toml")),
    ("home", include_str!("../../scenarios/venues/home.toml")),
    ("izakaya", include_str!("../../scenarios/venues/izakaya.toml")),
    ("karaoke", include_str!("../../scenarios/venues/karaoke.toml")),
    ("office", include_str!("../../scenarios/venues/office.toml")),
    ("platform", include_str!("../../scenarios/venues/platform.toml")),
    ("restaurant", include_str!("../../scenarios/venues/restaurant.toml")),
    ("shop", include_str!("../../scenarios/venues/shop.toml")),
    ("small_office", include_str!("../../scenarios/venues/small_office.toml")),
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

/// The kinds that a scenario may name: those that come with the program, and its own, which come first.
#[derive(Clone, Debug, Default)]
pub struct Kinds {
    own: Vec<KindConfig>,
    /// The files that its own were read from (`venue.kinds`).
    pub inputs: Vec<Input>,
}

impl Kinds {
    /// Reads the files of `venue.kinds`, each from the folder that `base_dir` gives for its key. `scenario` are the merged values, which
    /// may have faults of their own: these do not hide those of files, which are returned, nor those of keys, which go to `faults`.
    pub(super) fn read(scenario: &Value, base_dir: impl Fn(&str) -> PathBuf, faults: &mut Faults) -> (Self, Vec<LocatedFault>) {
        let (mut kinds, mut inputs, mut of_files) = (Self::default(), Inputs::default(), Vec::new());
        let stated = &scenario["venue"];
        let (Ok(files), Ok(materials)) =
            (serde_json::from_value::<Vec<String>>(stated["kinds"].clone()), serde_json::from_value(stated["materials"].clone()))
        else {
            return (kinds, of_files);
        };
        let venue = VenueConfig { materials, kinds: files };
        let materials = venue.materials(&mut Faults::default());
        let environments: Vec<&str> =
            scenario["radio"]["environments"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        for (i, file) in venue.kinds.iter().enumerate() {
            let key = format!("venue.kinds[{i}]");
            let text = match inputs.read_text(key.clone(), &base_dir(&key).join(file)) {
                Ok(text) => text,
                Err(error) => {
                    faults.push(&key, format!("cannot be read: {error}"), "name a TOML file of a venue kind (docs/venues.md)");
                    continue;
                }
            };
            match read_kind(&text, file, &materials, environments.iter().copied()) {
                Ok(kind) if kinds.own.iter().any(|other| other.name == kind.name) => {
                    faults.push(&key, format!("another of these files has the name \"{}\"", kind.name), "give each kind a name of its own");
                }
                Ok(kind) => kinds.own.push(kind),
                Err(report) => of_files.extend(report.0),
            }
        }
        kinds.inputs = inputs.0;
        (kinds, of_files)
    }

    /// Finds what a scenario asks of kinds that they do not have. Where a file has faults (`all_read` is false), what is in it is not
    /// known, and they are told alone.
    pub(super) fn check(&self, scenario: &ScenarioFile, all_read: bool, faults: &mut Faults) {
        match scenario.mobility.source {
            Source::Venues => self.check_visits(scenario, all_read, faults),
            Source::Generated if all_read => {
                self.generated(scenario, faults);
            }
            Source::Generated | Source::City | Source::Contacts | Source::Pairs => {}
        }
        let materials = scenario.venue.materials(&mut Faults::default());
        for name in self.shipped_in_use(scenario) {
            let (mut found, environments) = (Faults::default(), scenario.radio.environments.keys().map(String::as_str));
            self.named(name).iter().for_each(|kind| kind.check_names(&materials, environments.clone(), &mut found));
            found.0.into_iter().for_each(|fault| {
                faults.push("venue.kinds", format!("{}: {} of the kind {name}", fault.problem, fault.path), fault.remedy);
            });
        }
    }

    /// The kinds of the program that people of the scenario visit.
    fn shipped_in_use<'s>(&self, scenario: &'s ScenarioFile) -> BTreeSet<&'s str> {
        let visited = scenario.mobility.venues.iter().map(|venues| venues.kind.as_str());
        let names: BTreeSet<&str> = match scenario.mobility.source {
            Source::Generated => [VenueKind::OFFICE.name(), VenueKind::HOME.name()].into(),
            Source::City => KINDS.iter().map(|(name, _)| *name).collect(),
            Source::Pairs => [VenueKind::OFFICE.name()].into(),
            Source::Venues => visited.collect(),
            Source::Contacts => BTreeSet::new(),
        };
        names.into_iter().filter(|name| self.own.iter().all(|own| own.name != *name)).collect()
    }

    /// The kinds of a generated world, in which its households find room; `None` with faults.
    pub fn generated(&self, scenario: &ScenarioFile, faults: &mut Faults) -> Option<GeneratedKinds> {
        let [office, home] = [VenueKind::OFFICE, VenueKind::HOME].map(|kind| self.named(kind.name()));
        GeneratedKinds::new(office?, home?, scenario.population.largest_household(), faults)
    }

    /// The names of all kinds.
    fn names(&self) -> impl Iterator<Item = &str> + Clone {
        let shipped = KINDS.iter().map(|(name, _)| *name).filter(|name| self.own.iter().all(|own| own.name != *name));
        self.own.iter().map(|kind| kind.name.as_str()).chain(shipped)
    }

    /// The kind of a name.
    pub fn named(&self, name: &str) -> Option<KindConfig> {
        let shipped = || KINDS.iter().find(|(known, _)| *known == name);
        let own = self.own.iter().find(|kind| kind.name == name).cloned();
        own.or_else(|| shipped().map(|(_, text)| toml::from_str(text).expect("a kind that comes with the program can be")))
    }

    /// Finds visits to kinds and roles that there are not. A name that is unknown may be that of a file with faults.
    fn check_visits(&self, scenario: &ScenarioFile, all_read: bool, faults: &mut Faults) {
        for (i, venues) in scenario.mobility.venues.iter().enumerate() {
            let path = format!("mobility.venues[{i}]");
            let Some(kind) = self.named(&venues.kind) else {
                if all_read {
                    let is_file = venues.kind.contains(['/', '.']);
                    let list = if is_file { "list the file in venue.kinds and give its name here; " } else { "" };
                    let remedy = format!("{list}{}", use_one_of(&venues.kind, self.names()));
                    faults.push(format!("{path}.kind"), "no venue kind of this name", remedy);
                }
                continue;
            };
            let names = || kind.roles.iter().map(|role| role.name.as_str());
            for (r, role) in venues.roles.iter().enumerate().filter(|(_, role)| !names().any(|name| name == role.role)) {
                let remedy = use_one_of(&role.role, names());
                faults.push(format!("{path}.roles[{r}].role"), format!("the kind {} has no such role", kind.name), remedy);
            }
            // Of a line that is wrong itself the load says nothing.
            if faults.0.iter().all(|fault| !fault.path.starts_with(&format!("{path}."))) {
                venues.check_congestion(&path, &kind.name, kind.nominal_people, faults);
            }
        }
    }
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
            let drawn = text.contains("mean_m = ");
            assert_eq!(kind.is_drawn(), drawn, "{name}");
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
