use std::collections::BTreeSet;

use super::*;
use crate::{
    faults::Faults,
    random::Seed,
    units::Point,
    venue::{LossByAngle, Material, SeatUse},
};

fn materials() -> Vec<Material> {
    ["concrete", "glass", "acrylic"].map(|name| Material { name: name.into(), loss: LossByAngle::constant(3.0) }).into()
}

/// A hall of 10 x 8 m with a door below, and whatever else is stated, as in a file.
fn kind(more: &str) -> KindConfig {
    let text = format!(
        "name = \"test\"\ndescription = \"\"\n[floor]\nwidth_m = 10.0\ndepth_m = {{ mean_m = 8.0, sd_m = 0.5 }}\nenvironment = \"office\"\nouter_wall = \"concrete\"\n\
         [[doors]]\nat_m = [5.0, 0.0]\nwidth_m = 1.0\n{more}"
    );
    toml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Path and problem of each fault.
fn faults(kind: &KindConfig) -> Vec<(String, String)> {
    let mut faults = Faults::default();
    kind.check(&materials(), ["office", "train"].into_iter(), &mut faults);
    faults.0.into_iter().map(|fault| (fault.path, fault.problem)).collect()
}

const TABLES: &str = "[[tables]]\nfirst_m = [2.0, 2.0]\ngrid = { columns = 2, rows = 2, pitch_x_m = { mean_m = 2.5, sd_m = 0.1 }, pitch_y_m = 2.8 }\n\
                      width_m = 1.2\ndepth_m = 0.7\nchairs_a_side = 2\nseat_from_edge_m = 0.3\npartition = \"acrylic\"\nbetween = \"acrylic\"\n";

/// A work floor of which nothing is asked.
const FLOOR: &str = "[[roles]]\nname = \"worker\"\n[roles.model.work_floor]\nlunch_pantry_share = 0.0\nmeetings_per_room = 0\n\
                     meeting_own_department_share = 1.0\ntalks_per_person = 0.0\ntalk_min_s = 40.0\ntalk_tail_exponent = 2.2\ntalk_stretches_exponent = 2.0\ntalk_pause_s = [20.0, 60.0]\ntalk_sociability_sd = 0.0\ntalk_affinity_exponent = 0.0\n\
                     talk_own_department_share = 1.0\ntalk_distance_m = 0.9\ntalk_distance_sd_m = 0.0\nerrands_per_person = 0\n";

/// By hand: a table's chairs lie at a quarter and three quarters of its width, 0.3 m from its edges of 0.35 m off its middle; its partition
/// along its middle; the screen to the next table half a pitch away. The door leaves a gap of its width in the wall.
#[test]
fn a_venue_is_where_its_file_says() {
    let laid = kind(TABLES).laid(1, &materials(), draws::Way::Mean, &mut Faults::default()).layout;
    assert_eq!((laid.floor_m, laid.plan.seats.len(), laid.plan.tables.len()), ((10.0, 8.0), 16, 4));
    let near = |p: Point, x_m: f32, y_m: f32| p.distance_m(Point::new(x_m, y_m)) < 1e-5;
    let first: Vec<_> = laid.plan.seats[..4].iter().map(|seat| (seat.at, seat.facing_rad > 0.0)).collect();
    for ((at, looks_up), (x_m, y_m, up)) in first.iter().zip([(1.7, 1.35, true), (2.3, 1.35, true), (1.7, 2.65, false), (2.3, 2.65, false)])
    {
        assert!(near(*at, x_m, y_m) && *looks_up == up, "{at:?}");
    }
    let has = |a: (f32, f32), b: (f32, f32)| laid.plan.barriers.iter().any(|w| near(w.from, a.0, a.1) && near(w.to, b.0, b.1));
    assert!(has((1.4, 2.0), (2.6, 2.0)), "partition");
    assert!(has((3.25, 1.35), (3.25, 2.65)), "between tables");
    assert!(has((0.0, 0.0), (4.5, 0.0)) && has((5.5, 0.0), (10.0, 0.0)), "{:?}", laid.plan.barriers);
    assert!(laid.doors[0].is_along_x);
    assert_eq!(laid.seat_group[..8], [1, 1, 1, 1, 2, 2, 2, 2]);
}

/// Each length has draws of its own: a wall and a screen more move nothing, and another seed or venue moves all that is drawn.
#[test]
fn what_is_drawn_depends_on_its_key_the_seed_and_the_venue() {
    let seats = |more: &str, seed: u64, venue: u32| {
        let layout = kind(&format!("{TABLES}{more}")).lay_out(&materials(), Seed(seed), venue);
        (layout.floor_m, layout.plan.seats.iter().map(|seat| seat.at).collect::<Vec<_>>())
    };
    let wall = "[[walls]]\nfrom_m = [0.0, { share = 0.9 }]\nto_m = [4.0, { mean_m = 7.0, sd_m = 0.1 }]\nmaterial = \"glass\"\n";
    assert_eq!(seats("", 1, 0), seats(wall, 1, 0));
    assert!(seats("", 1, 0) != seats("", 2, 0) && seats("", 1, 0) != seats("", 1, 1));
    let depths: Vec<f32> = (0..400).map(|venue| seats("", 1, venue).0.1).collect();
    let mean_m = depths.iter().sum::<f32>() / 400.0;
    assert!((mean_m - 8.0).abs() < 0.1 && depths.iter().all(|m| (7.0..=9.0).contains(m)), "{mean_m}");
    assert!(depths.iter().any(|m| *m < 7.4) && depths.iter().any(|m| *m > 8.6));
}

#[test]
fn a_kind_without_faults_has_none_at_any_extreme() {
    assert_eq!(faults(&kind(TABLES)), []);
    let all = "[[standing]]\nlow_m = [0.5, 5.9]\nhigh_m = [4.0, 6.4]\n[[queues]]\npath_m = [[8.5, 5.0], [8.5, 1.0]]\nspacing_m = 0.8\n\
               [[aisles]]\nfrom_m = [7.0, 0.5]\nto_m = [7.0, { from_end_m = 0.5 }]\n[[posts]]\nat_m = [9.5, 5.0]\nfacing = \"left\"\n";
    assert_eq!(faults(&kind(&format!("{TABLES}{all}"))), []);
}

/// One thing wrong at a time: the path that is named, and a word of what is said of it.
#[test]
fn each_fault_is_found_and_named_by_its_key() {
    let desk = |first: &str, more: &str| {
        format!(
            "[[desks]]\nfirst_m = {first}\ngrid = {{ columns = 1, rows = 1, pitch_x_m = 1.0, pitch_y_m = 1.0 }}\nwidth_m = 0.6\ndepth_m = 0.4\nfacing = \"up\"\nseat_from_edge_m = 0.3\n{more}"
        )
    };
    let block = |low: &str, high: &str| format!("[[blocks]]\nlow_m = {low}\nhigh_m = {high}\n");
    let bench = |pitch: &str| {
        format!(
            "[[benches]]\nfirst_m = [1.0, 5.0]\ngrid = {{ columns = 1, rows = 1, pitch_x_m = 1.0, pitch_y_m = 1.0 }}\nseats = 4\npitch_m = {pitch}\nfacing = \"up\"\n"
        )
    };
    let cell = |material: &str| {
        let wall = |a: &str, b: &str| format!("[[walls]]\nfrom_m = {a}\nto_m = {b}\nmaterial = \"{material}\"\n");
        wall("[0.0, 3.0]", "[3.0, 3.0]") + &wall("[3.0, 3.0]", "[3.0, 0.0]")
    };
    let wall_across = |y: &str| format!("[[walls]]\nfrom_m = [1.0, {y}]\nto_m = [3.0, {y}]\nmaterial = \"glass\"\n");
    let pantry = |x1: &str| format!("[[rooms]]\nname = \"tea\"\nuse = \"pantry\"\nlow_m = [0.0, 0.0]\nhigh_m = [{x1}, 6.0]\n");
    let cases = [
        (desk("[-1.0, 4.0]", ""), "desks[0]", "leaves the floor"),
        (desk("[1.0, 7.3]", ""), "desks[0]", "leaves the floor"),
        (desk("[1.0, 4.0]", "screen = \"paper\"\n"), "desks[0].screen", "no material"),
        (desk("[1.0, 4.0]", "") + &desk("[1.2, 4.1]", ""), "desks[1]", "stands on desks[0]"),
        (desk("[1.0, 4.0]", "") + &desk("[1.0, 3.5]", ""), "desks[1]", "a seat of one stands on the other"),
        (block("[1.0, 2.0]", "[1.0, 3.0]"), "blocks[0]", "no area"),
        (bench("0.2"), "benches[0]", "0.20 m apart"),
        (bench("{ mean_m = 0.5, sd_m = 0.3 }"), "benches[0].pitch_m", "it can come to -0.10 m"),
        (desk("[1.5, 2.0]", "") + &cell("glass"), "desks[0]", "cannot be reached"),
        (desk("[3.0, 2.0]", "") + &cell("glass"), "desks[0]", "the wall from"),
        (desk("[1.0, 4.0]", "") + "[[rooms]]\nname = \"a\"\nlow_m = [5.0, 1.0]\nhigh_m = [9.0, 6.0]\n", "desks[0]", "outside every room"),
        ("[[rooms]]\nname = \"a\"\nlow_m = [5.0, 1.0]\nhigh_m = [9.0, 8.0]\n".into(), "rooms[0]", "leaves the floor"),
        (
            "[[rooms]]\nname = \"a\"\nlow_m = [0.0, 0.0]\nhigh_m = [9.0, 6.0]\nenvironment = \"tren\"\n".into(),
            "rooms[0].environment",
            "no environment",
        ),
        ("[[doors]]\nat_m = [5.0, 3.0]\nwidth_m = 1.0\n".into(), "doors[1]", "in no wall"),
        (
            "[[standing]]\nlow_m = [1.0, 1.0]\nhigh_m = [3.0, 3.0]\n".to_string() + &block("[2.0, 2.0]", "[4.0, 4.0]"),
            "standing[0]",
            "stands on it",
        ),
        (
            "[[aisles]]\nfrom_m = [1.0, 3.0]\nto_m = [6.0, 3.0]\n".to_string() + &block("[2.0, 2.0]", "[4.0, 4.0]"),
            "aisles[0]",
            "in its way",
        ),
        ("[[queues]]\npath_m = [[1.0, 1.0], [11.0, 1.0]]\nspacing_m = 0.5\n".into(), "queues[0]", "leaves the floor"),
        ("[[posts]]\nat_m = [3.0, 3.0]\nfacing = \"up\"\n".to_string() + &block("[2.0, 2.0]", "[4.0, 4.0]"), "posts[0]", "stands there"),
        (
            cell("glass") + "[[walls]]\nfrom_m = [2.0, 3.0]\nto_m = [5.0, 3.0]\nmaterial = \"glass\"\n",
            "walls[2]",
            "1.00 m of it stand in walls[0]",
        ),
        (
            cell("glass")
                + "[[rooms]]\nname = \"cell\"\nlow_m = [0.0, 0.0]\nhigh_m = [2.9, 2.9]\n[[rooms]]\nname = \"rest\"\nlow_m = [3.0, 0.0]\nhigh_m = [9.0, 6.0]\n",
            "rooms[0]",
            "nobody can reach room \"cell\"",
        ),
        (desk("[2.0, 4.0]", "") + &wall_across("3.7"), "desks[0]", "stands between it and its seat"),
        ("[[walls]]\nfrom_m = [2.0, 3.0]\nto_m = [12.0, 3.0]\nmaterial = \"glass\"\n".into(), "walls[0]", "the wall leaves the floor"),
        (pantry("1.0"), "rooms[0]", "too small to stand in"),
        (pantry("6.0") + &desk("[3.0, 5.4]", ""), "desks[0]", "stands where people stand in the pantry"),
        (
            desk("[1.0, 4.0]", "") + FLOOR + "[[roles]]\nname = \"b\"\nmodel = { seats = { on = [\"desk\"] } }\n",
            "roles[0]",
            "another role beside it",
        ),
        (FLOOR.into(), "roles[0].model.work_floor", "the kind has no desks"),
        (
            block("[1.0, 2.0]", "[1.5, 3.0]")
                + "[[beds]]\nfor_people = [3, 2]\nfirst_m = [4.0, 4.0]\nwidth_m = 1.0\nlength_m = 2.0\nfacing = \"up\"\n",
            "beds[0].for_people",
            "ends before it begins",
        ),
    ];
    let shop = |paying: &str| {
        format!(
            "[[aisles]]\nfrom_m = [1.0, 3.0]\nto_m = [6.0, 3.0]\n[[queues]]\npath_m = [[8.5, 5.0], [8.5, 1.0]]\nspacing_m = 0.8\n[[roles]]\nname = \"customer\"\nmodel = {{ aisles = {{ speed_mps = 0.7, stop_mean_s = 15.0 }} }}\nthen = \"paying\"\n[[roles]]\nname = \"paying\"\nmodel = {{ queue = {{ {paying} }} }}\n"
        )
    };
    let cases = cases.into_iter().chain([
        (shop("service_mean_s = 60.0"), "roles[0].then", "nobody goes on to it"),
        (shop("ends_visit = true"), "roles[1].model.queue.ends_visit", "nobody is served"),
    ]);
    assert_eq!(faults(&kind(&shop("service_mean_s = 60.0, ends_visit = true"))), []);
    for (more, path, said) in cases {
        let found = faults(&kind(&more));
        assert!(found.iter().any(|(at, problem)| at == path && problem.contains(said)), "{path}: {said:?} is not in {found:?}\n{more}");
        let paths: BTreeSet<&String> = found.iter().map(|(path, _)| path).collect();
        assert_eq!(paths.len(), found.len(), "each place once: {found:?}");
    }
    let named = KindConfig { name: "Car/1".into(), ..kind("") };
    assert_eq!(faults(&named)[0].0, "name");
}

/// Tables and benches are what their rooms are for; without a room's word they are tables and benches.
#[test]
fn a_rooms_use_is_that_of_its_seats() {
    let uses = |room: &str| {
        let rooms = format!("[[rooms]]\nname = \"a\"\nlow_m = [0.0, 0.0]\nhigh_m = [10.0, 7.0]\n{room}");
        let bench = "[[benches]]\nfirst_m = [8.0, 6.0]\nseats = 1\npitch_m = 0.5\nfacing = \"down\"\n";
        let seats = kind(&format!("{rooms}{TABLES}{bench}")).lay_out(&materials(), Seed(1), 0).plan.seats;
        [seats[0].use_, seats[16].use_]
    };
    assert_eq!(uses(""), [SeatUse::Dining, SeatUse::Bench]);
    assert_eq!(uses("use = \"open_plan\"\n"), [SeatUse::Desk, SeatUse::Bench]);
    assert_eq!(uses("use = \"meeting\"\n"), [SeatUse::Meeting, SeatUse::Bench]);
    assert_eq!(uses("use = \"pantry\"\n"), [SeatUse::Pantry, SeatUse::Bench]);
    assert_eq!(uses("use = \"living\"\n"), [SeatUse::Dining, SeatUse::Sofa]);
}

/// Beds for one, for two and more, and for two alone; from the most on that the file speaks of nothing changes.
#[test]
fn venues_grow_with_those_who_belong_to_them() {
    let bed = |people: &str, x: f32| format!("[[beds]]\n{people}first_m = [{x:?}, 4.0]\nwidth_m = 1.0\nlength_m = 2.0\nfacing = \"up\"\n");
    let beds = bed("", 1.0) + &bed("for_people = [2, 3]\n", 3.0) + &bed("for_people = [2, 2]\n", 6.0);
    let kind = kind(&beds);
    let at = |people: u32| kind.lay_out_for(people, &materials(), Seed(1), 0).plan.seats.iter().map(|seat| seat.at.x_m).collect::<Vec<_>>();
    assert_eq!((at(1), at(2), at(3)), (vec![1.0], vec![1.0, 3.0, 6.0], vec![1.0, 3.0]));
    assert_eq!((at(9), kind.most_people()), (at(3), 3));
    assert_eq!(faults(&kind), []);
    // What is wrong for two alone is found.
    let crowded = self::kind(&(beds + &bed("for_people = [2, 2]\n", 6.5)));
    assert_eq!(faults(&crowded)[0].0, "beds[3]");
    assert!(crowded.is_drawn() && !crowded.lay_out_for(3, &materials(), Seed(1), 0).plan.seats.is_empty());
}
