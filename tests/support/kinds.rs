//! Kinds of venue that differ from those of the program, and the worlds made of them.

use std::path::Path;

use cocoasim::{
    faults::Faults,
    mobility::Movement,
    population::People,
    random::Seed,
    scenario::{KINDS, Loaded},
    venue::FloorPlan,
};

/// Writes a kind that comes with the program to a folder, with some of its text changed, and gives its path.
pub fn changed(folder: &Path, name: &str, changes: &[(&str, &str)]) -> String {
    let (_, text) = KINDS.into_iter().find(|(known, _)| *known == name).expect("a kind of the program");
    let change = |text: String, (from, to): &(&str, &str)| {
        assert!(text.contains(from), "{from} is not in {name}.toml");
        text.replace(from, to)
    };
    let path = folder.join(format!("{name}.toml"));
    std::fs::write(&path, changes.iter().fold(text.to_string(), change)).expect("it is written");
    path.display().to_string()
}

/// The setting that lists files of kinds.
pub fn listed(files: &[String]) -> String {
    format!("venue.kinds={files:?}")
}

/// How people of a generated world move.
pub fn generated(loaded: &Loaded, people: &People, seed: u64) -> Movement {
    let scenario = &loaded.scenario;
    let faults = &mut Faults::default();
    let kinds = loaded.kinds.generated(scenario, faults).unwrap_or_else(|| panic!("{faults:?}"));
    Movement::generated(&scenario.mobility, &kinds, &scenario.venue.materials(faults), people, Seed(seed))
}

/// The office floor of a scenario.
pub fn office_floor(loaded: &Loaded) -> FloorPlan {
    let materials = loaded.scenario.venue.materials(&mut Faults::default());
    loaded.kinds.named("office").expect("it comes with the program").lay_out(&materials, Seed(1), 0).plan
}
