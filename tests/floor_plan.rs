//! What `check` says of floor plans that cannot be, and that people never share a seat.

use std::{collections::BTreeMap, fmt::Write as _, time::Instant};

use cocoasim::{
    population::People,
    random::Seed,
    scenario::{KINDS, SourceArgs, open},
};

#[expect(dead_code, reason = "each test uses its part")]
#[path = "support/kinds.rs"]
mod kinds;

/// Faults of the office with changes of its kind, as `path: problem`.
fn faults_of(kind: &str, changes: &[(&str, &str)]) -> Vec<String> {
    let dir = tempfile::tempdir().expect("a folder");
    let sets = vec![kinds::listed(&[kinds::changed(dir.path(), kind, changes)])];
    match open(&SourceArgs { scenario: "office".into(), sets, seed: None }) {
        Ok(_) => Vec::new(),
        Err(report) => report.0.iter().map(|fault| format!("{}: {}", fault.path, fault.problem)).collect(),
    }
}

fn faults(changes: &[(&str, &str)]) -> Vec<String> {
    faults_of("office", changes)
}

/// Exactly one fault, at a path and with these words.
#[track_caller]
fn one(changes: &[(&str, &str)], path: &str, words: &str) {
    let found = faults(changes);
    assert!(found.len() == 1 && found[0].starts_with(&format!("{path}: ")) && found[0].contains(words), "{changes:?}: {found:#?}");
}

#[test]
fn furniture_stands_on_nothing_else() {
    // The second island moved onto the first, by half a desk.
    one(&[("[13.4, 2.2]", "[8.1, 2.2]")], "tables[1]", "it stands on tables[0]");
    one(&[("[29.7, 22.175]", "[26.2, 22.175]")], "tables[20]", "it stands on tables[19]");
    // Side by side is no fault.
    assert_eq!(faults(&[("[13.4, 2.2]", "[8.7, 2.2]")]), [""; 0]);
    // Rows back to back: the chairs of one where those of the other are, and on its desks.
    one(&[("[3.9, 6.1]", "[3.9, 4.2]")], "tables[4]", "stands where one of tables[0] does");
    one(&[("[3.9, 6.1]", "[3.9, 3.8]")], "tables[4]", "a seat of one stands on the other: it and tables[0]");
    one(&[("chairs_a_side = 3", "chairs_a_side = 9")], "tables[21]", "two of its seats are 0.27 m apart");
}

#[test]
fn walls_stand_once_and_not_in_furniture() {
    // In place of the wall between the first room and the second, and of that of the third.
    let of_first = "from_m = [1.0, 20.5], to_m = [8.0, 20.5]";
    for same in
        ["from_m = [8.0, 27.0], to_m = [8.0, 20.5]", "from_m = [8.0, 22.0], to_m = [8.0, 23.0]", "from_m = [8.0, 26.5], to_m = [8.0, 19.0]"]
    {
        one(&[(of_first, same)], "walls[1]", "stand in walls[0] already");
    }
    // At an angle, end to end, or beside it.
    for other in
        ["from_m = [8.0, 20.5], to_m = [9.0, 27.0]", "from_m = [8.0, 20.5], to_m = [8.0, 19.0]", "from_m = [8.1, 20.5], to_m = [8.1, 27.0]"]
    {
        assert_eq!(faults(&[(of_first, other)]), [""; 0], "{other}");
    }
    one(&[(of_first, "from_m = [0.5, 2.0], to_m = [8.0, 2.0]")], "tables[0]", "goes through it");
    one(&[(of_first, "from_m = [2.0, 0.0], to_m = [5.0, 4.8]")], "tables[0]", "goes through it");
    one(&[(of_first, "from_m = [1.5, 1.35], to_m = [6.3, 1.35]")], "tables[0]", "stands between it and its seat");
    one(&[(of_first, "from_m = [1.5, 1.2], to_m = [3.0, 1.2]")], "tables[0]", "stands in the wall");
    one(&[(of_first, "from_m = [1.0, 19.5], to_m = [41.0, 19.5]")], "walls[0]", "leaves the floor");
}

/// A floor too small for its rooms is no fault of what stands in them; what else is wrong is still listed.
#[test]
fn what_stands_in_a_wrong_room_is_no_fault_of_its_own() {
    let rooms_that_leave = |found: &[String]| found.iter().filter(|fault| fault.contains("leaves the floor")).count();
    let narrow = faults(&[("width_m = 40.0", "width_m = 10.0")]);
    assert!(rooms_that_leave(&narrow) == 5 && narrow.len() == 5, "{narrow:#?}");
    one(&[("high_m = [40.0, 18.5]", "high_m = [41.0, 18.5]")], "rooms[0]", "the room \"open\" leaves the floor");
    one(&[("\"meeting-1\"", "\"open\"")], "rooms[1].name", "another room has this name");
    one(&[("low_m = [8.0, 20.5]", "low_m = [7.0, 20.5]")], "rooms[2]", "the room overlaps room \"meeting-1\"");
    let two = faults(&[
        ("width_m = 40.0", "width_m = 10.0"),
        ("to_m = [8.0, 20.5], material = \"plasterboard\"", "to_m = [8.0, 20.5], material = \"paper\""),
    ]);
    assert_eq!((two.len(), rooms_that_leave(&two)), (6, 5), "{two:#?}");
    assert!(two.iter().any(|fault| fault.starts_with("walls[0].material: no material of this name")), "{two:#?}");
}

#[test]
fn chairs_can_be_reached_and_rooms_hold_their_people() {
    // A box around the lower row of the first island: its rows of chairs lie on both sides, so four chairs are shut in.
    let wall = |from: &str, to: &str| format!("{{ from_m = {from}, to_m = {to}, material = \"glass\" }},\n");
    let boxed =
        format!("walls = [\n{}{}{}", wall("[1.4, 0.6]", "[6.4, 0.6]"), wall("[1.4, 0.6]", "[1.4, 2.9]"), wall("[6.4, 0.6]", "[6.4, 2.9]"));
    one(&[("walls = [\n", &boxed)], "tables[0]", "4 of its 8 places cannot be reached");
    // No door to the second meeting room.
    one(&[("from_m = [9.0, 20.5]", "from_m = [8.0, 20.5]")], "rooms[2]", "nobody can reach room \"meeting-2\"");
    let tables = ["[25.2, 22.175]", "[29.7, 22.175]"].map(|at| (at, "[20.0, 19.2]"));
    let narrow = faults(&[("high_m = [33.0, 27.0]", "high_m = [24.0, 27.0]"), tables[0], tables[1]]);
    assert!(
        narrow.iter().any(|fault| fault.starts_with("rooms[4]: the pantry \"pantry\" of 1.00 x 6.50 m is too small to stand in")),
        "{narrow:#?}"
    );
    one(&[("[25.2, 22.175]", "[25.2, 25.4]")], "tables[19]", "stands where people stand in the pantry");
    one(&[("[3.9, 2.2]", "[3.9, 18.4]")], "tables[0]", "4 seats outside every room");
}

/// A dwelling holds each household that it says it is for, and the scenario has none that is larger.
#[test]
fn dwellings_hold_their_households() {
    let of_home = |changes: &[(&str, &str)]| faults_of("home", changes);
    assert_eq!(of_home(&[]), [""; 0]);
    let last_bed = "{ for_people = [10, 10], first_m = [6.35, 14.2], width_m = 0.7, length_m = 1.5, facing = \"down\" },";
    let less = of_home(&[(last_bed, "")]);
    assert_eq!(less, ["roles[0].model.rooms_and_beds: of 10 people each is to have a place, and there are 9 beds"]);
    // For up to three alone: then a home holds three, and households have up to six.
    let small: Vec<String> = (4..=10).map(|n| format!("for_people = [{n}, 10]")).collect();
    let gone: Vec<(&str, &str)> = small.iter().map(|range| (range.as_str(), "for_people = [3, 3]")).collect();
    assert!(!of_home(&gone).is_empty());
    let crowded = of_home(&[("first_m = [6.35, 2.2]", "first_m = [5.85, 2.2]")]);
    assert!(crowded.len() == 1 && crowded[0].starts_with("beds[1]: it stands on beds[0]"), "{crowded:#?}");
    assert!(
        of_home(&[("for_people = [3, 4]", "for_people = [4, 3]")]).iter().any(|f| f.starts_with("tables[1].for_people: it ends before"))
    );
    let early = of_home(&[("up_h = [6.0, 7.5]", "up_h = [3.0, 7.5]"), ("to_bed_h = [22.5, 24.5]", "to_bed_h = [22.5, 27.5]")]);
    assert!(early.len() == 1 && early[0].contains("get up before they go to bed"), "{early:#?}");
    let shares = of_home(&[("dining_share = 0.15", "dining_share = 0.6")]);
    assert!(shares.len() == 1 && shares[0].contains("more than is left"), "{shares:#?}");
    // A home that is no dwelling.
    let text = "name = \"home\"\ndescription = \"\"\n[floor]\nwidth_m = 9.0\ndepth_m = 9.0\nenvironment = \"home\"\n\
                [[standing]]\nlow_m = [1.0, 1.0]\nhigh_m = [8.0, 8.0]\n\
                [[roles]]\nname = \"guest\"\nmodel = { standing = { most_per_m2 = 1.0 } }\n";
    let file = tempfile::NamedTempFile::new().expect("a file");
    let with = |text: &str, more: &str| {
        std::fs::write(file.path(), text).expect("it is written");
        let sets = vec![kinds::listed(&[file.path().display().to_string()]), more.to_string()];
        open(&SourceArgs { scenario: "office".into(), sets, seed: None }).map(|_| ()).map_err(|report| report.to_string())
    };
    assert!(with(text, "run.seed=1").expect_err("a fault").contains("the kind home has no role that moves by rooms_and_beds"));
    assert!(with(text, "mobility.source=pairs").is_ok(), "where nobody lives");
    // One bed, sofa and table for two.
    let (_, home) = KINDS.iter().find(|(name, _)| *name == "home").expect("a kind of the program");
    let for_two: String = home
        .lines()
        .filter(|line| {
            !line.contains("10], ")
                && !line.contains("for_people = [3")
                && !line.contains("for_people = [5")
                && !line.contains("for_people = [7")
                && !line.contains("for_people = [9")
        })
        .map(|line| line.to_string() + "\n")
        .collect();
    let said = with(&for_two.replace("for_people = [1, 2], ", ""), "run.seed=1").expect_err("a fault");
    assert!(said.contains("population.household_size_shares: a household of 6 has no place in a home, which holds 1 at most"), "{said}");
}

/// A thousand more walls cost no more than their number: of two plans, the one four times as large takes less than ten times as long; in proportion to the square it would be sixteen.
#[test]
fn a_plan_is_checked_in_proportion_to_its_walls() {
    let seconds = |walls: usize| {
        let mut text = String::from("walls = [\n");
        for i in 0..walls {
            let (x, y) = (45.0 + 2.0 * (i % 170) as f64, 30.0 + 2.0 * (i / 170) as f64);
            let _ = writeln!(text, "{{ from_m = [{x}, {y}], to_m = [{}, {y}], material = \"glass\" }},", x + 1.0);
        }
        let folder = tempfile::tempdir().expect("a folder");
        let changes = [("walls = [\n", text.as_str()), ("width_m = 40.0", "width_m = 400.0"), ("depth_m = 27.0", "depth_m = 400.0")];
        let set = kinds::listed(&[kinds::changed(folder.path(), "office", &changes)]);
        let once = || {
            #[expect(clippy::disallowed_methods, reason = "it is the time that is measured")]
            let start = Instant::now();
            let sets = vec![set.clone()];
            open(&SourceArgs { scenario: "baseline".into(), sets, seed: None }).unwrap_or_else(|faults| panic!("{faults}"));
            start.elapsed().as_secs_f64()
        };
        (0..5).map(|_| once()).fold(f64::INFINITY, f64::min)
    };
    let (small, large) = (seconds(2000), seconds(8000));
    assert!(large < 10.0 * small, "2,000 walls take {small:.3} s and 8,000 take {large:.3} s");
}

/// Whoever sits, stands or lies for a while has the place alone.
#[test]
fn two_people_never_share_a_seat() {
    for seed in 1..=3 {
        let folder = tempfile::tempdir().expect("a folder");
        let office = kinds::changed(folder.path(), "office", &[("lunch_pantry_share = 0.2", "lunch_pantry_share = 0.9")]);
        let sets = vec!["mobility.work.lunch_out_share=0".into(), kinds::listed(&[office])];
        let loaded = open(&SourceArgs { scenario: "office".into(), sets, seed: Some(seed) }).unwrap_or_else(|f| panic!("{f}"));
        let scenario = &loaded.scenario;
        let people = People::generate(&scenario.population, &scenario.phones, Seed(seed));
        let generated = kinds::generated(&loaded, &people, seed);
        let (mut in_pantry, mut at) = (0, BTreeMap::<(u32, u32, u32), Vec<(i64, i64, u32)>>::new());
        let plan = generated.day(scenario.first_day().expect("a date"), &vec![false; people.len()]);
        for venue_day in &plan.venue_days {
            for s in venue_day.stances.iter().filter(|s| s.from == s.to && s.end_s - s.start_s > 60) {
                at.entry((venue_day.venue.0, s.from.x_m.to_bits(), s.from.y_m.to_bits()))
                    .or_default()
                    .push((s.start_s, s.end_s, s.person.0));
                in_pantry += usize::from(venue_day.venue.0 == 0 && s.from.y_m < 23.0 && s.from.y_m > 21.0 && s.from.x_m > 23.0);
            }
        }
        for (place, mut stays) in at {
            stays.sort_unstable();
            let shared = stays.windows(2).find(|two| two[1].0 < two[0].1 && two[0].2 != two[1].2);
            assert_eq!(shared, None, "seed {seed}: two people at {place:?}");
        }
        assert!(in_pantry > 16, "seed {seed}: {in_pantry} lunches in a pantry of 16 chairs do not try it");
    }
}
