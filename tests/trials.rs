//! Trials of two people, or of their phones, at a set distance.

use cocoasim::{
    faults::Faults,
    math,
    mobility::{Carriage, Movement, Stance},
    population::People,
    random::Seed,
    scenario::{SourceArgs, open},
    time::DayJst,
    units::Point,
};

#[expect(dead_code, reason = "each test uses its part")]
#[path = "support/kinds.rs"]
mod kinds;
use kinds::office_floor;

/// Phones in hand are 0.3 m ahead, in a bag 0.4 m to the right, all others in the body's middle.
fn offsets() -> [Point; 6] {
    let mut offsets = [Point::default(); 6];
    offsets[Carriage::Hand as usize] = Point::new(0.3, 0.0);
    offsets[Carriage::Bag as usize] = Point::new(0.0, -0.4);
    offsets
}

/// 400 trials of one day, two stances each, under these settings of `mobility.pairs`.
fn trials(sets: &[&str]) -> Vec<[Stance; 2]> {
    let sets = sets.iter().map(|s| format!("mobility.pairs.{s}")).chain(["population.workers=800".into()]).collect();
    let loaded = open(&SourceArgs { scenario: "baseline".into(), sets, seed: None }).unwrap_or_else(|faults| panic!("{faults}"));
    let scenario = &loaded.scenario;
    let people = People::generate(&scenario.population, &scenario.phones, Seed(1));
    let mut faults = Faults::default();
    let pairs = Movement::pairs(&scenario.mobility, office_floor(&loaded), &people, offsets(), Seed(1), &mut faults).expect("no faults");
    pairs.day(DayJst(18_981), &vec![false; people.len()]).venue_days.iter().map(|day| [day.stances[0], day.stances[1]]).collect()
}

fn phone(stance: &Stance) -> Point {
    let off = offsets()[stance.carriage as usize].turned(stance.facing_rad);
    Point::new(stance.from.x_m + off.x_m, stance.from.y_m + off.y_m)
}

/// Never beyond the distance stated, whatever the rounding of positions, and within a fifth of a millimetre of it.
#[test]
fn people_or_their_phones_are_as_far_apart_as_stated() {
    let is_stated = |m: f32| (0.9998..=1.0).contains(&m);
    for between in ["people", "phones"] {
        let trials = trials(&[&format!("between=\"{between}\"")]);
        assert_eq!(trials.len(), 400);
        let carried = |c: Carriage| trials.iter().flatten().filter(|s| s.carriage == c).count();
        assert!(carried(Carriage::Hand) > 50 && carried(Carriage::Bag) > 10, "as people talk");
        for [a, b] in &trials {
            let apart_m = if between == "people" { a.from.distance_m(b.from) } else { phone(a).distance_m(phone(b)) };
            assert!(is_stated(apart_m), "{between}: {apart_m} m");
        }
        let as_people = trials.iter().filter(|[a, b]| is_stated(a.from.distance_m(b.from))).count();
        assert!(if between == "people" { as_people == 400 } else { as_people < 300 }, "{between}: {as_people} of 400");
    }
}

/// Phones facing each other in hands have both bodies behind them; bags hang beside the line, on opposite sides.
#[test]
fn both_phones_of_a_trial_are_placed_alike_by_weight() {
    let (face, bag) = ("facing=\"face_to_face\",carriage=\"hand\",weight=1", "facing=\"face_to_face\",carriage=\"bag\",weight=3");
    let trials = trials(&["between=\"phones\"", &format!("placements=[{{{face}}},{{{bag}}}]")]);
    assert!(trials.iter().all(|[a, b]| a.carriage == b.carriage));
    let of = |carriage| trials.iter().filter(move |[a, _]| a.carriage == carriage);
    // A binomial count of 400 at 3/4 lies within 265 to 335 but once in 20,000 draws.
    let bags = of(Carriage::Bag).count();
    assert!((265..=335).contains(&bags) && of(Carriage::Hand).count() == 400 - bags, "{bags} bags");
    let apart_m = |[a, b]: &[Stance; 2]| a.from.distance_m(b.from);
    assert!(of(Carriage::Hand).all(|pair| (apart_m(pair) - 1.6).abs() < 1e-3));
    assert!(of(Carriage::Bag).all(|pair| (apart_m(pair) - math::hypot(1.0_f32, 0.8)).abs() < 1e-3));
}

#[test]
fn what_does_not_fit_into_the_room_is_a_fault() {
    let fault = |between: &str, distance_m: f64| {
        let sets = vec![format!("mobility.pairs.between=\"{between}\""), format!("mobility.pairs.distance_m={distance_m}")];
        let loaded = open(&SourceArgs { scenario: "office".into(), sets, seed: None }).unwrap_or_else(|faults| panic!("{faults}"));
        let scenario = &loaded.scenario;
        let people = People::generate(&scenario.population, &scenario.phones, Seed(1));
        let mut faults = Faults::default();
        let pairs = Movement::pairs(&scenario.mobility, office_floor(&loaded), &people, offsets(), Seed(1), &mut faults);
        assert_eq!(pairs.is_none(), !faults.is_empty());
        faults.0.first().map(|f| f.remedy.clone())
    };
    // The first room is 18.5 m deep; phones are at most 0.4 m off their carriers.
    assert_eq!(fault("people", 18.0), None);
    assert_eq!(fault("people", 18.1).as_deref(), Some("use at most 18.0 m, or a larger first room"));
    assert_eq!(fault("phones", 17.1), None);
    assert_eq!(fault("phones", 17.3).as_deref(), Some("use at most 17.2 m, or a larger first room"));
}
