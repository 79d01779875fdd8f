//! Models of movement on floors worked out by hand.

use crate::{
    ids::{PersonId, VenueId},
    mobility::{CarriageWeights, Carry, NO_GROUP, PerCarriage, Stance, Visit},
    random::Seed,
    time::DayJst,
    units::Point,
    venue::kind::{KindConfig, Layout, MovementConfig},
};

use super::{Ground, Places};

const DAY: (i32, u32, u32) = (2020, 9, 7);

/// A floor of 12 m by 8 m without walls, and what stands on it.
fn kind(more: &str) -> KindConfig {
    let text = format!(
        "name = \"test\"\ndescription = \"\"\n[floor]\nwidth_m = 12.0\ndepth_m = 8.0\nenvironment = \"office\"\n[[doors]]\nat_m = [0.0, 4.0]\nwidth_m = 1.0\n{more}"
    );
    toml::from_str(&text).expect("a kind")
}

fn carry() -> Carry {
    let all = PerCarriage { hand: 1.0, front_pocket: 1.0, back_pocket: 1.0, bag: 1.0, table: 1.0, ear: 1.0 };
    let [desk, meeting, talk, pause, home, night] = std::array::from_fn(|_| all.clone());
    Carry::new(&CarriageWeights { desk, meeting, talk, pause, home, night }, Seed(1))
}

/// From and to in minutes after noon.
fn visit(person: u32, role: u8, group: u16, (from_min, to_min): (i64, i64)) -> Visit {
    let noon_s = DayJst::of(DAY).start().0 + 12 * 3600;
    Visit {
        person: PersonId(person),
        venue: VenueId(0),
        start_s: noon_s + 60 * from_min,
        end_s: noon_s + 60 * to_min,
        seat: person,
        group,
        role,
    }
}

fn play(kind: &KindConfig, visits: &[Visit]) -> (Layout, Vec<Stance>, u32) {
    let ground = Ground::new(kind, kind.lay_out(&[], Seed(1), 0));
    let mut stances = Vec::new();
    let over = Places { kind, ground: &ground, carry: &carry(), seed: Seed(1) }.stances(0, DayJst::of(DAY), visits, &mut stances);
    for visit in visits {
        let mut t_s = visit.start_s;
        for stance in stances.iter().filter(|s| s.person == visit.person && s.start_s >= visit.start_s && s.end_s <= visit.end_s) {
            assert_eq!(stance.start_s, t_s, "person {} has a gap", visit.person.0);
            t_s = stance.end_s;
        }
        assert_eq!(t_s, visit.end_s, "person {} is not there to the end", visit.person.0);
    }
    (ground.layout().clone(), stances, over)
}

fn of(stances: &[Stance], person: u32) -> Vec<Stance> {
    stances.iter().filter(|s| s.person.0 == person).copied().collect()
}

fn first_at(stances: &[Stance], person: u32) -> Point {
    of(stances, person)[0].from
}

const BENCHES: &str = "
[[benches]]
first_m = [2.0, 1.0]
grid = { columns = 1, rows = 2, pitch_x_m = 1.0, pitch_y_m = 2.0 }
seats = 4
pitch_m = 0.5
facing = \"up\"
[[roles]]
name = \"guest\"
";

/// Three and then two together: each group on a bench of its own, side by side; of seven only the last finds their seat by itself.
#[test]
fn groups_sit_together_the_largest_first() {
    let kind = kind(&format!("{BENCHES}model = {{ seats = {{ on = [\"bench\"] }} }}"));
    let groups = [8, 9, 9, 9, 8];
    let visits: Vec<Visit> = (0..5u32).map(|p| visit(p, 0, groups[p as usize], (0, 60))).collect();
    let (_, stances, over) = play(&kind, &visits);
    let at: Vec<Point> = (0..5).map(|p| first_at(&stances, p)).collect();
    assert_eq!(over, 0);
    assert!(at[1].y_m == at[2].y_m && at[2].y_m == at[3].y_m, "three on one bench: {at:?}");
    assert!((at[3].x_m - at[1].x_m - 1.0).abs() < 1e-5, "without a gap: {at:?}");
    assert!(at[0].y_m == at[4].y_m && at[0].y_m != at[1].y_m && (at[4].x_m - at[0].x_m - 0.5).abs() < 1e-5, "two on the other: {at:?}");
}

/// Eight seats: the ninth stands near the door and is counted; who comes when a seat is given up again has one.
#[test]
fn who_finds_no_seat_stands_near_the_door() {
    let kind = kind(&format!("{BENCHES}model = {{ seats = {{ on = [\"bench\"] }} }}"));
    let mut visits: Vec<Visit> = (0..9).map(|p| visit(p, 0, NO_GROUP, (0, 60))).collect();
    visits.push(visit(9, 0, NO_GROUP, (60, 90)));
    let (layout, stances, over) = play(&kind, &visits);
    assert_eq!(over, 1);
    let is_seated = |p: u32| layout.plan.seats.iter().any(|seat| seat.at == first_at(&stances, p));
    assert!((0..8).all(is_seated) && !is_seated(8) && is_seated(9));
    assert!(first_at(&stances, 8).distance_m(Point::new(0.0, 4.0)) < 0.5, "{:?}", first_at(&stances, 8));
}

/// By number, in whatever order they come; and a second of the same number takes another.
#[test]
fn habits_hold_by_number() {
    let kind = kind(&format!("{BENCHES}model = {{ seats = {{ on = [\"bench\"], habitual = true }} }}"));
    let visits: Vec<Visit> = [(5, 0, 10), (2, 3, 20), (7, 30, 40)].map(|(p, from, to)| visit(p, 0, 3, (from, to))).into();
    let (layout, stances, _) = play(&kind, &visits);
    for p in [5, 2, 7] {
        assert_eq!(first_at(&stances, p), layout.plan.seats[p as usize].at);
        assert!(of(&stances, p).iter().all(|s| s.place == p));
    }
    let two = [visit(2, 0, 3, (0, 10)), Visit { seat: 2, ..visit(3, 0, 3, (5, 10)) }];
    let (_, stances, over) = play(&kind, &two);
    assert!(over == 0 && first_at(&stances, 2) != first_at(&stances, 3));
}

/// The second post is the second's, also on their own; the third of two stands elsewhere.
#[test]
fn each_has_their_post() {
    let kind = kind(
        "[[posts]]\nat_m = [3.0, 3.0]\nfacing = \"left\"\n[[posts]]\nat_m = [6.0, 3.0]\nfacing = \"up\"\n[[roles]]\nname = \"clerk\"\nmodel = { post = {} }",
    );
    let (_, stances, over) = play(&kind, &[visit(1, 0, NO_GROUP, (0, 600))]);
    assert_eq!((over, first_at(&stances, 1)), (0, Point::new(6.0, 3.0)));
    // Ten hours are ten episodes of a place.
    assert_eq!(
        of(&stances, 1).iter().map(|s| (s.end_s - s.start_s, s.episode - stances[0].episode)).collect::<Vec<_>>()[..2],
        [(3600, 0), (3600, 3600)]
    );
    let (_, stances, over) = play(&kind, &[0, 1, 2].map(|p| visit(p, 0, NO_GROUP, (0, 60))));
    assert!(over == 1 && first_at(&stances, 0).x_m == 3.0 && first_at(&stances, 2).y_m != 3.0);
}

/// 2 m² at 2.5 a m² have room for five; they stand a body apart, look across, and keep their places.
#[test]
fn so_many_stand_as_have_room() {
    let kind = kind(
        "[[standing]]\nlow_m = [4.0, 3.0]\nhigh_m = [6.0, 4.0]\n[[roles]]\nname = \"rider\"\nmodel = { standing = { most_per_m2 = 2.5, faces = \"across\" } }",
    );
    let visits: Vec<Visit> = (0..6).map(|p| visit(p, 0, NO_GROUP, (0, 30))).collect();
    let (_, stances, over) = play(&kind, &visits);
    assert_eq!(over, 1);
    for (i, stance) in stances.iter().enumerate() {
        assert!(stance.is_still());
        assert!(stances[..i].iter().all(|other| other.from.distance_m(stance.from) >= 0.3));
        if stance.person.0 < 5 {
            assert!((4.0..=6.0).contains(&stance.from.x_m) && (3.0..=4.0).contains(&stance.from.y_m));
            assert!(crate::math::cos(stance.facing_rad).abs() < 1e-5, "across is up or down");
        }
    }
}

/// Seats in a row, and floor to stand on beside them.
fn car(seats: u32, low_m: [f32; 2], high_m: [f32; 2]) -> KindConfig {
    kind(&format!(
        "[[benches]]\nfirst_m = [2.0, 1.0]\ngrid = {{ columns = 1, rows = 1, pitch_x_m = 1.0, pitch_y_m = 1.0 }}\nseats = {seats}\npitch_m = 0.5\n\
         facing = \"up\"\n[[standing]]\nlow_m = {low_m:?}\nhigh_m = {high_m:?}\n[[roles]]\nname = \"rider\"\n\
         model = {{ ride = {{ on = [\"bench\"], seat_within_m = 1.5, most_per_m2 = 10.0 }} }}"
    ))
}

/// One seat, and floor for one. Who stands beside it sits down when it becomes free, before those who board, who then stand there; who
/// stands further away does not.
#[test]
fn a_seat_goes_to_who_stands_near_it() {
    let visits = [visit(0, 0, NO_GROUP, (0, 30)), visit(1, 0, NO_GROUP, (5, 60)), visit(2, 0, NO_GROUP, (30, 60))];
    for (from_m, seated) in [(2.5, 1), (4.0, 2)] {
        let mut car = car(1, [from_m, 1.0], [from_m + 0.35, 1.35]);
        car.floor.body_m = 0.5;
        let (layout, stances, over) = play(&car, &visits);
        let seat = layout.plan.seats[0].at;
        let last_at = |p: u32| of(&stances, p).last().expect("there").to;
        assert_eq!((over, first_at(&stances, 0)), (0, seat));
        for p in [1, 2] {
            assert_eq!(last_at(p) == seat, p == seated, "{p} of {from_m} m");
        }
        assert!(first_at(&stances, 1) != seat, "the seat was taken");
        let moved = of(&stances, 1).iter().find(|s| !s.is_still()).map(|s| s.start_s);
        assert_eq!(moved, (seated == 1).then_some(visits[2].start_s), "at the moment when it is free");
    }
}

/// Two seats and 1 m² with room for ten: the thirteenth finds none. Twelve others take all places at the moment at which they are left.
#[test]
fn places_are_free_again_for_those_who_board_at_the_same_moment() {
    let (_, stances, over) = play(&car(2, [3.0, 1.0], [4.0, 2.0]), &(0..13).map(|p| visit(p, 0, NO_GROUP, (0, 20))).collect::<Vec<_>>());
    assert_eq!(over, 1);
    let has_place = |p: &Point| p.y_m <= 2.0 && (2.0..=4.0).contains(&p.x_m);
    assert_eq!((0..13).filter(|p| has_place(&first_at(&stances, *p))).count(), 12);
    let visits: Vec<Visit> = (0..24).map(|p| visit(p, 0, NO_GROUP, if p < 12 { (0, 20) } else { (20, 40) })).collect();
    let (layout, stances, over) = play(&car(2, [3.0, 1.0], [4.0, 2.0]), &visits);
    let seated = |p: &u32| layout.plan.seats.iter().any(|seat| seat.at == first_at(&stances, *p));
    assert_eq!((over, (0..12).filter(seated).count(), (12..24).filter(seated).count()), (0, 2, 2));
}

/// Three together are beside one another, on seats or on their feet, whoever boards with them.
#[test]
fn groups_ride_together() {
    let visits: Vec<Visit> = (0..30u32).map(|p| visit(p, 0, p as u16 / 3, (0, 20))).collect();
    let (_, stances, over) = play(&car(12, [2.0, 1.6], [9.0, 2.6]), &visits);
    assert_eq!(over, 0);
    for first in (0..30).step_by(3) {
        let [a, b, c] = [0, 1, 2].map(|p| first_at(&stances, first + p));
        // In the order in which they board each is beside the one before.
        let mut apart_m = [a.distance_m(b), b.distance_m(c), c.distance_m(a)];
        apart_m.sort_by(f32::total_cmp);
        assert!(apart_m[1] <= 1.0, "{apart_m:?}");
    }
}

/// Seven seats in a row: four who come one after another leave one free beside each; two who come together do not.
#[test]
fn who_rides_alone_sits_apart() {
    let alone: Vec<Visit> = (0..4u32).map(|p| visit(p, 0, NO_GROUP, (i64::from(p), 20))).collect();
    let (_, stances, _) = play(&car(7, [5.0, 5.0], [6.0, 6.0]), &alone);
    let mut at_m: Vec<f32> = (0..4).map(|p| first_at(&stances, p).x_m).collect();
    at_m.sort_by(f32::total_cmp);
    assert!(at_m.windows(2).all(|two| two[1] - two[0] > 0.9), "{at_m:?}");
    let (_, stances, _) = play(&car(7, [5.0, 5.0], [6.0, 6.0]), &[visit(0, 0, 3, (0, 20)), visit(1, 0, 3, (0, 20))]);
    assert!((first_at(&stances, 0).distance_m(first_at(&stances, 1)) - 0.5).abs() < 1e-5);
}

/// Of three who stand all make room when the last comes, if all do, and none if none does: up to a metre, and into nobody. Of 40 half do, within
/// three standard deviations.
#[test]
fn who_stands_makes_room() {
    for (share, move_) in [(1.0, 3), (0.0, 0)] {
        let mut car = car(1, [2.0, 2.0], [4.0, 4.0]);
        if let MovementConfig::Ride(model) = &mut car.roles[0].model {
            model.makes_room_share = share;
        }
        let visits: Vec<Visit> = (0..5u32).map(|p| visit(p, 0, NO_GROUP, (if p < 4 { 0 } else { 10 }, 20))).collect();
        let (_, stances, over) = play(&car, &visits);
        assert_eq!(over, 0);
        let moves: Vec<&Stance> = stances.iter().filter(|s| !s.is_still()).collect();
        assert_eq!(moves.len(), move_, "{moves:?}");
        assert!(moves.iter().all(|s| s.start_s == visits[4].start_s && s.from.distance_m(s.to) <= 1.0));
        let last: Vec<Point> = (0..5).map(|p| of(&stances, p).last().expect("there").to).collect();
        let apart = (0..5).flat_map(|a| (0..a).map(move |b| (a, b))).all(|(a, b)| last[a].distance_m(last[b]) >= car.floor.body_m - 1e-3);
        assert!(apart, "{last:?}");
    }
    let mut car = car(1, [2.0, 2.0], [10.0, 7.0]);
    if let MovementConfig::Ride(model) = &mut car.roles[0].model {
        model.makes_room_share = 0.5;
    }
    let visits: Vec<Visit> = (0..42u32).map(|p| visit(p, 0, NO_GROUP, (if p < 41 { 0 } else { 10 }, 20))).collect();
    let moves = play(&car, &visits).1.iter().filter(|s| !s.is_still()).count();
    assert!((10..=30).contains(&moves), "{moves} of 40");
}

/// A change of place about every ten minutes: in six hours 36 give or take 6.
#[test]
fn some_change_their_place() {
    let kind = kind(
        "[[standing]]\nlow_m = [2.0, 1.0]\nhigh_m = [10.0, 7.0]\n[[roles]]\nname = \"guest\"\nmodel = { standing = { most_per_m2 = 1.0, change_min = 10.0 } }",
    );
    let (_, stances, _) = play(&kind, &[visit(0, 0, NO_GROUP, (0, 360))]);
    let walks: Vec<&Stance> = stances.iter().filter(|s| !s.is_still()).collect();
    assert!((18..=54).contains(&walks.len()), "{}", walks.len());
    for walk in walks {
        let speed_mps = walk.from.distance_m(walk.to) / (walk.end_s - walk.start_s) as f32;
        assert!(speed_mps <= 1.25, "{speed_mps} m/s");
    }
}

/// One line of three places a metre apart and a minute for each: who comes first is served first, those behind move up when they leave,
/// and the fourth finds no place.
#[test]
fn lines_move_up_and_are_served_in_order() {
    let kind = kind(
        "[[queues]]\npath_m = [[6.0, 4.0], [6.0, 6.0]]\nspacing_m = 1.0\n[[roles]]\nname = \"customer\"\nmodel = { queue = { service_mean_s = 60.0 } }",
    );
    let visits: Vec<Visit> = (0..4).map(|p| visit(p, 0, NO_GROUP, (0, 10))).collect();
    let (_, stances, over) = play(&kind, &visits);
    let noon_s = visits[0].start_s;
    let at =
        |p: u32, t_s: i64| of(&stances, p).iter().find(|s| s.end_s > noon_s + t_s).map(|s| s.at((noon_s + t_s) as f64)).expect("there");
    assert_eq!(over, 1);
    for (t_s, first) in [(30, 0), (90, 1), (150, 2)] {
        for p in first..3 {
            assert_eq!(at(p, t_s), Point::new(6.0, 4.0 + (p - first) as f32), "person {p} at {t_s} s");
        }
    }
    // Served, they go to the door at the left.
    assert!((0..3).all(|p| at(p, 590).x_m < 1.5), "{:?}", at(0, 590));
    // Along the line one looks at who is before.
    assert!((of(&stances, 1)[0].facing_rad + std::f32::consts::FRAC_PI_2).abs() < 1e-5);
}

/// Who is served looks at who serves them, the others at who is before.
#[test]
fn who_is_served_looks_across_the_counter() {
    let kind = kind(
        "[[queues]]\npath_m = [[6.0, 4.0], [6.0, 6.0]]\nspacing_m = 1.0\nserved_facing = \"right\"\n[[roles]]\nname = \"customer\"\nmodel = { queue = {} }",
    );
    let (_, stances, _) = play(&kind, &[visit(0, 0, NO_GROUP, (0, 5)), visit(1, 0, NO_GROUP, (0, 5))]);
    assert_eq!(of(&stances, 0)[0].facing_rad, 0.0);
    assert!((of(&stances, 1)[0].facing_rad + std::f32::consts::FRAC_PI_2).abs() < 1e-5);
}

/// Without service all wait to the end; a place that is given up is filled from behind.
#[test]
fn who_is_not_served_waits() {
    let kind =
        kind("[[queues]]\npath_m = [[6.0, 4.0], [6.0, 6.0]]\nspacing_m = 1.0\n[[roles]]\nname = \"passenger\"\nmodel = { queue = {} }");
    let (_, stances, over) = play(&kind, &[visit(0, 0, NO_GROUP, (0, 5)), visit(1, 0, NO_GROUP, (1, 20))]);
    let second = of(&stances, 1);
    assert_eq!((over, second[0].from, second[second.len() - 1].to), (0, Point::new(6.0, 5.0), Point::new(6.0, 4.0)));
}

/// Two aisles around a shelf: nobody goes through it, stops are on the aisles, and so long in the mean.
#[test]
fn walkers_keep_to_the_aisles() {
    let shelf = "
[[blocks]]
low_m = [2.0, 2.0]
high_m = [10.0, 6.0]
[[aisles]]
from_m = [1.0, 1.0]
to_m = [11.0, 1.0]
[[aisles]]
from_m = [1.0, 1.0]
to_m = [1.0, 7.0]
[[aisles]]
from_m = [1.0, 7.0]
to_m = [11.0, 7.0]
[[roles]]
name = \"customer\"
model = { aisles = { speed_mps = 0.7, stop_mean_s = 20.0 } }
";
    let kind = kind(shelf);
    let (layout, stances, over) = play(&kind, &(0..5).map(|p| visit(p, 0, NO_GROUP, (0, 120))).collect::<Vec<_>>());
    assert_eq!(over, 0);
    let ground = Ground::new(&kind, layout.clone());
    let ways = super::ways::Ways::new(&ground);
    let mut stops_s = Vec::new();
    for stance in &stances {
        assert!(ways.is_clear(stance.from, stance.to), "{stance:?}");
        if stance.is_still() {
            let off_m = layout.aisles.iter().map(|(a, b)| stance.from.from_segment_m(*a, *b)).fold(f32::INFINITY, f32::min);
            assert!(off_m < 1e-3, "{stance:?}");
            stops_s.push((stance.end_s - stance.start_s) as f64);
        } else {
            let speed_mps = stance.from.distance_m(stance.to) / (stance.end_s - stance.start_s) as f32;
            assert!(speed_mps < 1.5, "{speed_mps} m/s");
        }
    }
    let mean_s = stops_s.iter().sum::<f64>() / stops_s.len() as f64;
    assert!(stops_s.len() > 200 && (mean_s - 20.0).abs() < 3.0, "{} stops of {mean_s} s", stops_s.len());
}

/// Three aisles around a shelf, gone through in order: people stop half a metre from the middle and look away from it, walk on its left, and
/// are at one end of all aisles first and at the other last.
#[test]
fn customers_stop_before_shelves_and_walk_on_the_left() {
    let kind = kind(
        "[[blocks]]\nlow_m = [2.0, 2.0]\nhigh_m = [10.0, 6.0]\n[[aisles]]\nfrom_m = [11.0, 1.0]\nto_m = [1.0, 1.0]\n[[aisles]]\nfrom_m = [1.0, 1.0]\n\
         to_m = [1.0, 7.0]\n[[aisles]]\nfrom_m = [1.0, 7.0]\nto_m = [11.0, 7.0]\n[[roles]]\nname = \"customer\"\n\
         model = { aisles = { speed_mps = 0.7, in_order = true, stop_aside_m = 0.5, keep_left_m = 0.25, stop_mean_s = 20.0 } }",
    );
    let (layout, stances, over) = play(&kind, &(0..6).map(|p| visit(p, 0, NO_GROUP, (0, 30))).collect::<Vec<_>>());
    assert_eq!(over, 0);
    let aisles = &layout.aisles;
    let near = |p: Point| {
        (0..3).min_by(|a, b| {
            let off_m = |i: usize| p.from_segment_m(aisles[i].0, aisles[i].1);
            off_m(*a).total_cmp(&off_m(*b))
        })
    };
    // How far along all three aisles.
    let along_m = |p: Point| match near(p).expect("three aisles") {
        0 => 11.0 - p.x_m,
        1 => 10.0 + p.y_m - 1.0,
        _ => 16.0 + p.x_m - 1.0,
    };
    let is_stop = |s: &&Stance| s.is_still() && s.start_s > stances[0].start_s;
    let off_m = |s: &Stance| aisles.iter().map(|(a, b)| (s.from.from_segment_m(*a, *b) - 0.5).abs()).fold(f32::INFINITY, f32::min);
    assert!(stances.iter().filter(is_stop).filter(|s| off_m(s) < 1e-3).count() > 200);
    let (mut ways, mut left) = (std::collections::BTreeSet::new(), 0);
    for person in 0..6 {
        let of_person = of(&stances, person);
        let stops: Vec<f32> = of_person.iter().filter(is_stop).map(|s| along_m(s.from)).collect();
        let mean_m = |stops: &[f32]| stops.iter().sum::<f32>() / stops.len() as f32;
        let (first_m, last_m) = (mean_m(&stops[..stops.len() / 4]), mean_m(&stops[3 * stops.len() / 4..]));
        assert!((first_m - last_m).abs() > 13.0, "{first_m} m, then {last_m} m of 26");
        ways.insert(first_m < last_m);
        // Walks along the middle of an aisle's length, without the steps aside.
        for walk in of_person.iter().filter(|s| !s.is_still() && s.from.distance_m(s.to) > 1.2) {
            let (from, to) = aisles[near(walk.at((walk.start_s + walk.end_s) as f64 / 2.0)).expect("three aisles")];
            let is_along = (from.bearing_rad(to) - walk.from.bearing_rad(walk.to)).abs() < 1e-3;
            let beside = walk.from.offset(walk.from.bearing_rad(walk.to) - std::f32::consts::FRAC_PI_2, 0.25);
            left += u32::from(is_along && beside.from_segment_m(from, to) < 0.01);
        }
    }
    assert_eq!(ways.len(), 2, "some go through the aisles one way and some the other");
    assert!(left > 5, "{left} walks on the left");
}

/// A way around the shelf's left end is 1 m, 6 m and 1 m.
#[test]
fn ways_lead_around_what_stands_in_them() {
    let kind = kind(
        "[[blocks]]\nlow_m = [1.5, 2.0]\nhigh_m = [10.0, 6.0]\n[[aisles]]\nfrom_m = [1.0, 1.0]\nto_m = [11.0, 1.0]\n[[aisles]]\nfrom_m = [1.0, 1.0]\nto_m = [1.0, 7.0]\n[[aisles]]\nfrom_m = [1.0, 7.0]\nto_m = [11.0, 7.0]",
    );
    let ground = Ground::new(&kind, kind.lay_out(&[], Seed(1), 0));
    let ways = super::ways::Ways::new(&ground);
    let path = ways.path(Point::new(2.0, 1.0), Point::new(2.0, 7.0));
    assert_eq!(path[..], [(2.0, 1.0), (1.0, 1.0), (1.0, 7.0), (2.0, 7.0)].map(|(x_m, y_m)| Point::new(x_m, y_m)));
    assert_eq!(super::ways::length_m(&path), 8.0);
    assert_eq!(ways.path(Point::new(2.0, 1.0), Point::new(9.0, 1.0)).len(), 2, "straight where nothing stands in the way");
}

/// Three beds and two nurses: one has one, the other two, from the first to the last, a minute each, and then back.
#[test]
fn rounds_go_from_bed_to_bed_and_back() {
    let ward = "
[[beds]]
first_m = [3.0, 6.0]
grid = { columns = 3, rows = 1, pitch_x_m = 3.0, pitch_y_m = 1.0 }
width_m = 1.0
length_m = 2.0
facing = \"down\"
[[posts]]
at_m = [4.0, 1.0]
facing = \"up\"
[[posts]]
at_m = [5.0, 1.0]
facing = \"up\"
[[roles]]
name = \"nurse\"
model = { rounds = { to = \"bed\", starts_h = [12.5, 13.5], stay_mean_s = 60.0 } }
";
    let kind = kind(ward);
    let (layout, stances, over) = play(&kind, &[visit(0, 0, NO_GROUP, (0, 120)), visit(1, 0, NO_GROUP, (0, 120))]);
    assert_eq!(over, 0);
    let beds: Vec<Point> = layout.plan.seats.iter().map(|seat| seat.at).collect();
    for (nurse, own) in [(0, vec![0]), (1, vec![1, 2])] {
        let post = layout.posts[nurse as usize].at;
        let away: Vec<Stance> = of(&stances, nurse).into_iter().filter(|s| s.is_still() && s.from != post).collect();
        let nearest = |p: Point| (0..3).min_by(|a, b| beds[*a].distance_m(p).total_cmp(&beds[*b].distance_m(p))).expect("three beds");
        assert_eq!(away.iter().map(|s| nearest(s.from)).collect::<Vec<_>>(), own.repeat(2), "nurse {nurse}");
        assert!(away.iter().all(|s| s.end_s - s.start_s == 60 && beds[nearest(s.from)].distance_m(s.from) < 1.0));
        let of_nurse = of(&stances, nurse);
        assert_eq!(of_nurse[of_nurse.len() - 1].to, post);
        let first = of_nurse.iter().find(|s| !s.is_still()).expect("a walk").start_s;
        assert_eq!(first, DayJst::of(DAY).start().0 + 12 * 3600 + 1800);
    }
}

/// A checkout 4 m from the door, three customers, a minute each: they leave at 10:00, 10:30 and 15:00 and join at 8:30, 9:30 and 14:00, as
/// [`super::checkout`] works it out. Until then they shop.
#[test]
fn who_has_paid_leaves() {
    let kind = kind(
        "[[queues]]\npath_m = [[4.0, 4.0], [4.0, 6.0]]\nspacing_m = 1.0\n[[aisles]]\nfrom_m = [0.5, 7.0]\nto_m = [11.5, 7.0]\n\
         [[roles]]\nname = \"customer\"\nmodel = { aisles = { speed_mps = 0.7, stop_mean_s = 15.0 } }\nthen = \"paying\"\n\
         [[roles]]\nname = \"paying\"\nmodel = { queue = { service_mean_s = 60.0, ends_visit = true } }",
    );
    let (start_s, mut visits) = (visit(0, 0, NO_GROUP, (0, 10)).start_s, [0, 1, 2].map(|p| visit(p, 0, NO_GROUP, (0, 10))));
    visits[1].end_s += 30;
    visits[2].end_s += 300;
    let (layout, stances, over) = play(&kind, &visits);
    assert_eq!(over, 0);
    let at = |p: u32, t_s: i64| {
        let of = of(&stances, p);
        let stance = of.iter().find(|s| s.start_s <= start_s + t_s && start_s + t_s < s.end_s).expect("there");
        (stance.is_still(), stance.at((start_s + t_s) as f64))
    };
    let (first, second) = (Point::new(4.0, 4.0), Point::new(4.0, 5.0));
    for (p, joins_s, ends_s, place) in [(0, 510, 600, first), (1, 570, 630, second), (2, 840, 900, first)] {
        assert_eq!(at(p, joins_s), (true, place), "person {p} joins");
        let before = at(p, joins_s - 1);
        assert!(!before.0 && before.1.distance_m(place) <= 1.0, "person {p} comes to it: {before:?}");
        assert_eq!(at(p, ends_s - 1), (true, first), "person {p} is served to the end");
    }
    assert_eq!((at(1, 599), at(1, 602)), ((true, second), (true, first)), "moves up when the one before leaves");
    let shops = |s: &Stance| s.start_s < start_s + 400 && s.is_still();
    assert!(stances.iter().filter(|s| shops(s)).all(|s| s.from.from_segment_m(layout.aisles[0].0, layout.aisles[0].1) < 1e-3));
    assert!(stances.iter().filter(|s| shops(s)).count() > 20);
}

/// Who comes straight to such a line stands about until it is their turn; where it is full they find no place.
#[test]
fn who_comes_to_pay_alone_waits_for_it() {
    let kind = kind(
        "[[queues]]\npath_m = [[6.0, 4.0], [6.0, 5.0]]\nspacing_m = 1.0\n\
         [[roles]]\nname = \"paying\"\nmodel = { queue = { service_mean_s = 60.0, ends_visit = true } }",
    );
    let visits: Vec<Visit> = (0..3).map(|p| visit(p, 0, NO_GROUP, (0, 10))).collect();
    let (_, stances, over) = play(&kind, &visits);
    let places: Vec<Point> = (0..3).map(|p| of(&stances, p).last().expect("there").to).collect();
    assert_eq!(over, 1);
    assert_eq!(places.iter().filter(|p| p.x_m == 6.0 && p.y_m >= 4.0).count(), 2, "{places:?}");
    assert!((0..3).all(|p| first_at(&stances, p).distance_m(Point::new(0.0, 4.0)) < 1.5));
}

/// A floor of 1 m² has room for a few; the rest wait outside its door in rows, 1.5 m from each other and from the door's wall.
#[test]
fn who_finds_nothing_on_the_floor_waits_outside() {
    let text = "name = \"test\"\ndescription = \"\"\n[floor]\nwidth_m = 1.0\ndepth_m = 1.0\nenvironment = \"office\"\n\
        [[doors]]\nat_m = [0.5, 1.0]\nwidth_m = 0.8\n[[roles]]\nname = \"clerk\"\nmodel = { post = {} }\n[[posts]]\nat_m = [0.5, 0.5]\nfacing = \"up\"";
    let kind: KindConfig = toml::from_str(text).expect("a kind");
    let visits: Vec<Visit> = (0..40).map(|p| visit(p, 0, NO_GROUP, (0, 10))).collect();
    let (_, stances, over) = play(&kind, &visits);
    assert_eq!(over, 39);
    let outside: Vec<Point> = stances.iter().map(|s| s.from).filter(|p| p.y_m > 1.0).collect();
    assert!(outside.len() > 25 && outside.iter().all(|p| p.y_m >= 2.5 && (p.x_m - 0.5).abs() <= 3.0));
    for (i, p) in outside.iter().enumerate() {
        assert!(outside[..i].iter().all(|q| q.distance_m(*p) > 1.49));
    }
}

/// Twelve at desks of their own, with two breaks of ten minutes: friends sit on the desks of all who have friends, turned to each other, and go
/// back to their own; those of four who sat across the middle in one break sit side by side in the other.
#[test]
fn friends_sit_together_in_breaks() {
    let kind = kind(
        "[[desks]]\nfirst_m = [2.0, 2.0]\ngrid = { columns = 4, rows = 3, pitch_x_m = 1.0, pitch_y_m = 1.0 }\nwidth_m = 0.6\ndepth_m = 0.4\n\
         facing = \"up\"\nseat_from_edge_m = 0.2\nscreen = \"\"\n[[roles]]\nname = \"pupil\"\n[roles.model.seats]\non = [\"desk\"]\nhabitual = true\n\
         breaks = { starts_h = [13.0, 14.0], length_min = 10.0, friends = 12.0 }\n",
    );
    let visits: Vec<Visit> = (0..12).map(|person| visit(person, 0, NO_GROUP, (0, 180))).collect();
    let (layout, stances, over) = play(&kind, &visits);
    assert_eq!(over, 0);
    let noon_s = visits[0].start_s;
    let at = |person: u32, minute: i64| {
        let t_s = noon_s + 60 * minute;
        *of(&stances, person).iter().find(|s| (s.start_s..s.end_s).contains(&t_s)).expect("they are there")
    };
    let desks: Vec<Point> = layout.plan.seats.iter().map(|seat| seat.at).collect();
    let faces = |a: &Stance, b: &Stance| {
        let off_rad = a.from.bearing_rad(b.from) - a.facing_rad;
        crate::math::cos(f64::from(off_rad)) > 0.5 && a.from.distance_m(b.from) < 1.25
    };
    let mut met = std::collections::BTreeSet::new();
    for minute in [69, 129] {
        let poses: Vec<Stance> = (0..12).map(|person| at(person, minute)).collect();
        assert!(poses.iter().all(|pose| pose.is_still() && desks.contains(&pose.from)));
        for (a, b) in (0..12).flat_map(|a| (0..a).map(move |b| (a, b))) {
            assert!(poses[a].from != poses[b].from, "{a} and {b} sit on one chair");
            if faces(&poses[a], &poses[b]) && faces(&poses[b], &poses[a]) {
                met.insert((a, b));
            }
        }
    }
    for (person, minute) in (0..12).flat_map(|person| [30, 90, 150].map(|minute| (person, minute))) {
        assert_eq!(at(person, minute).from, desks[person as usize], "at minute {minute}");
    }
    // The first circle of four has two rows of two, where in two breaks each meets the three others; the others take what is left.
    let first: Vec<(usize, usize)> = (0..4).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
    assert!(first.iter().all(|pair| met.contains(pair)), "{met:?}");
    let circle = |person: &usize| person / 4;
    assert!(met.iter().all(|(a, b)| circle(a) == circle(b)), "nobody turns to who is no friend: {met:?}");
}
