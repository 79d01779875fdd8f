//! What `check` says of floor plans that cannot be, and that people never share a seat.

use std::{collections::BTreeMap, fmt::Write as _, time::Instant};

use cocoasim::{
    faults::Faults,
    mobility::Movement,
    population::People,
    random::Seed,
    scenario::{SourceArgs, open},
};

/// Faults of the office with keys set, as `path: problem`.
fn faults(sets: &[&str]) -> Vec<String> {
    let sets = sets.iter().map(ToString::to_string).collect();
    match open(&SourceArgs { scenario: "office".into(), sets, seed: None }) {
        Ok(_) => Vec::new(),
        Err(report) => report.0.iter().map(|fault| format!("{}: {}", fault.path, fault.problem)).collect(),
    }
}

/// Exactly one fault, at a path and with these words.
#[track_caller]
fn one(sets: &[&str], path: &str, words: &str) {
    let found = faults(sets);
    assert!(found.len() == 1 && found[0].starts_with(&format!("{path}: ")) && found[0].contains(words), "{sets:?}: {found:#?}");
}

#[test]
fn furniture_stands_on_nothing_else() {
    // The second island moved onto the first, by half a desk.
    one(&["venue.office.desk_islands[1].x_m=5.7"], "venue.office.desk_islands[1]", "stands on venue.office.desk_islands[0]");
    one(&["venue.office.tables[4].x_m=25"], "venue.office.tables[4]", "stands on venue.office.tables[3]");
    // Side by side is no fault.
    assert_eq!(faults(&["venue.office.desk_islands[1].x_m=6.3"]), [""; 0]);
    // Rows back to back: the chairs of one where those of the other are, and on its desks.
    one(
        &["venue.office.desk_islands[4].y_m=3.5"],
        "venue.office.desk_islands[4]",
        "chairs stand where those of venue.office.desk_islands[0] stand",
    );
    one(&["venue.office.desk_islands[4].y_m=3.1"], "venue.office.desk_islands[4]", "chairs of one stand on the other");
    one(&["venue.office.tables[5].chairs_a_side=9"], "venue.office.tables[5]", "9 chairs a side are 0.27 m apart");
}

#[test]
fn walls_stand_once_and_not_in_furniture() {
    let wall = |ends: &str| {
        format!("venue.office.walls=[{{x0_m=8.0,y0_m=20.5,x1_m=8.0,y1_m=27.0,material=\"glass\"}},{{{ends},material=\"plasterboard\"}}]")
    };
    let second = "venue.office.walls[1]";
    for same in ["x0_m=8.0,y0_m=27.0,x1_m=8.0,y1_m=20.5", "x0_m=8.0,y0_m=22.0,x1_m=8.0,y1_m=23.0", "x0_m=8.0,y0_m=26.5,x1_m=8.0,y1_m=19.0"]
    {
        one(&[&wall(same)], second, "stand in venue.office.walls[0] already");
    }
    // At an angle, end to end, or beside it.
    for other in ["x0_m=8.0,y0_m=20.5,x1_m=9.0,y1_m=27.0", "x0_m=8.0,y0_m=20.5,x1_m=8.0,y1_m=19.0", "x0_m=8.1,y0_m=20.5,x1_m=8.1,y1_m=27.0"]
    {
        assert_eq!(faults(&[&wall(other)]), [""; 0], "{other}");
    }
    one(&[&wall("x0_m=0.5,y0_m=2.0,x1_m=8.0,y1_m=2.0")], "venue.office.desk_islands[0]", "goes through it");
    one(&[&wall("x0_m=2.0,y0_m=0.0,x1_m=5.0,y1_m=4.8")], "venue.office.desk_islands[0]", "goes through it");
    one(&[&wall("x0_m=1.5,y0_m=1.35,x1_m=6.3,y1_m=1.35")], "venue.office.desk_islands[0]", "stands between it and its chairs");
    one(
        &[&wall("x0_m=1.5,y0_m=1.2,x1_m=3.0,y1_m=1.2")],
        "venue.office.desk_islands[0]",
        "1 of its 8 chairs stand in the plasterboard wall",
    );
}

/// A floor too small for its rooms is one fault; what else is wrong is still listed.
#[test]
fn what_stands_in_a_wrong_room_is_no_fault_of_its_own() {
    one(&["venue.office.width_m=10"], "venue.office.rooms[0]", "the room \"open\" and 4 others leave the floor");
    one(&["venue.office.rooms[0].x1_m=41"], "venue.office.rooms[0]", "the room \"open\" leaves the floor");
    one(&["venue.office.rooms[1].name=\"open\"", "venue.office.tables=[]"], "venue.office.rooms[1].name", "another room has this name");
    let two = faults(&["venue.office.width_m=10", "venue.office.walls[0].material=\"paper\""]);
    assert_eq!(two.len(), 2, "{two:#?}");
    assert!(two.iter().any(|fault| fault.starts_with("venue.office.walls[0].material: no material of this name")), "{two:#?}");
}

#[test]
fn chairs_can_be_reached_and_rooms_hold_their_people() {
    // A box around the lower row of the first island: its rows of chairs lie on both sides, so four chairs are shut in.
    let boxed = "venue.office.walls=[{x0_m=1.4,y0_m=0.6,x1_m=6.4,y1_m=0.6,material=\"glass\"},{x0_m=1.4,y0_m=0.6,x1_m=1.4,y1_m=2.9,material=\"glass\"},{x0_m=6.4,y0_m=0.6,x1_m=6.4,y1_m=2.9,material=\"glass\"}]";
    one(&[boxed], "venue.office.desk_islands[0]", "4 of its 8 chairs cannot be reached");
    let narrow = ["venue.office.rooms[4].x1_m=24", "venue.office.tables=[]"];
    one(&narrow, "venue.office.rooms[4]", "too small to stand in");
    one(&["venue.office.tables[3].y_m=25"], "venue.office.tables[3]", "stands where people stand in the pantry");
    one(&["venue.home.living_side_m=2.5"], "venue.home.living_side_m", "a household of 6 has no place");
    assert_eq!(faults(&["venue.home.living_side_m=4"]), [""; 0]);
    one(&["venue.home.bed_spacing_m=3.5"], "venue.home.bedroom_side_m", "would sit or lie outside");
}

/// A thousand more walls cost no more than their number: of two plans, the one four times as large takes less than ten times as long; in proportion to the square it would be sixteen.
#[test]
fn a_plan_is_checked_in_proportion_to_its_walls() {
    let seconds = |walls: usize| {
        let mut text = String::from("[run]\nname = \"walls\"\n[venue.office]\nwidth_m = 400\ndepth_m = 400\nwalls = [\n");
        for i in 0..walls {
            let (x, y) = (45.0 + 2.0 * (i % 170) as f64, 30.0 + 2.0 * (i / 170) as f64);
            let _ = writeln!(text, "{{ x0_m = {x}, y0_m = {y}, x1_m = {}, y1_m = {y}, material = \"glass\" }},", x + 1.0);
        }
        text.push_str("]\n");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("walls.toml");
        std::fs::write(&path, text).expect("a file");
        let scenario = path.display().to_string();
        let once = || {
            #[expect(clippy::disallowed_methods, reason = "it is the time that is measured")]
            let start = Instant::now();
            open(&SourceArgs { scenario: scenario.clone(), ..SourceArgs::default() }).unwrap_or_else(|faults| panic!("{faults}"));
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
        let sets = vec!["mobility.work.lunch_out_share=0".into(), "mobility.work.lunch_pantry_share=0.9".into()];
        let scenario = open(&SourceArgs { scenario: "office".into(), sets, seed: Some(seed) }).unwrap_or_else(|f| panic!("{f}")).scenario;
        let people = People::generate(&scenario.population, &scenario.phones, Seed(seed));
        let generated =
            Movement::generated(&scenario.mobility, &scenario.venue, &people, Seed(seed), &mut Faults::default()).expect("no fault");
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
