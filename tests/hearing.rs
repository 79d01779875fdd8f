//! What phones hear in small scenes, against values worked by hand. Everything random is switched off but reception, so
//! every level is the plain sum of its terms.

use std::sync::LazyLock;

use cocoasim::{
    ids::PersonId,
    math,
    mobility::{Carriage, NO_ROOM, Stance},
    radio::{Devices, Heard, LinkEnd, LinkTally, RadioModel, Scan, Without},
    random::Seed,
    scenario::{SourceArgs, open},
    units::Point,
    venue::{Barrier, FloorPlan, LossByAngle, Material, VenueKind},
};

#[expect(dead_code, reason = "each test uses its part")]
#[path = "support/floor.rs"]
mod floor;
use floor::Floor;

const START_S: i64 = 1_598_886_000;
const END_S: i64 = START_S + 3600;
const NORTH_RAD: f32 = std::f32::consts::FRAC_PI_2;
const WEST_RAD: f32 = std::f32::consts::PI;

/// 45 dB at 1 m; a body in the line costs 4 dB, at most three of them; a phone in the front pocket is 1 m to the right.
const SETS: [&str; 7] = [
    "radio.environments.anechoic.pair_offset_sd_db=0",
    "radio.environments.anechoic.fading_sd_db=0.1",
    "radio.third_person_db=4",
    "radio.third_persons_max=3",
    "radio.carriage.table={ loss_db = 0, loss_sd_db = 0, offset_m = 0, bearing_deg = 0, body_share = 0 }",
    "radio.carriage.front_pocket={ loss_db = 3, loss_sd_db = 0, offset_m = 1, bearing_deg = -90, body_share = 0 }",
    "radio.carriage.bag={ loss_db = 5.5, loss_sd_db = 0, offset_m = 0, bearing_deg = 0, body_share = 0 }",
];

/// Levels that do not fall with distance, so that the other terms stand alone, and those of free space.
static MODELS: LazyLock<[RadioModel; 2]> = LazyLock::new(|| {
    ["radio.environments.anechoic.exponent=0", "radio.environments.anechoic.exponent=2"].map(|exponent| {
        let sets = SETS.iter().chain([&exponent]).map(|s| (*s).to_string()).collect();
        let loaded = open(&SourceArgs { scenario: "baseline".into(), sets, seed: None }).unwrap_or_else(|faults| panic!("{faults}"));
        RadioModel::new(&loaded.scenario.radio, Seed(1))
    })
});

/// A person at rest for the hour.
fn at(person: u32, x_m: f32, y_m: f32, facing_rad: f32, carriage: Carriage) -> Stance {
    let at = Point::new(x_m, y_m);
    Stance {
        person: PersonId(person),
        start_s: START_S,
        end_s: END_S,
        from: at,
        to: at,
        facing_rad,
        carriage,
        room: NO_ROOM,
        place: 0,
        episode: 0,
    }
}

fn on_table(person: u32, x_m: f32, y_m: f32) -> Stance {
    at(person, x_m, y_m, 0.0, Carriage::Table)
}

/// A scene of which only what persons 0 and 1 hear of each other matters.
struct Hour {
    plan: FloorPlan,
    stances: Vec<Stance>,
    /// Whose phones run besides those two.
    others_run: bool,
    /// Errors of calibration, (transmit, receive) dB.
    errors_db: [(f32, f32); 2],
    in_free_space: bool,
}

impl Hour {
    fn of(stances: Vec<Stance>) -> Self {
        Self {
            plan: FloorPlan { environment: Some("anechoic".into()), ..FloorPlan::default() },
            stances,
            others_run: false,
            errors_db: [(0.0, 0.0); 2],
            in_free_space: false,
        }
    }

    /// Person 0 scans every minute, person 1 every three.
    fn heard(&self) -> (Vec<Heard>, LinkTally) {
        let people = self.stances.iter().map(|s| s.person.index() + 1).max().unwrap_or(0);
        let mut running = vec![self.others_run; people];
        running[..2].fill(true);
        let scans = |step_s: usize| {
            let scan = |start_s| Scan { start_s, length_s: 4, previous_stop_s: start_s - 56, previous_length_s: 4 };
            (START_S..END_S).step_by(step_s).map(scan).collect::<Vec<_>>()
        };
        let mut all_scans = vec![Vec::new(); people];
        (all_scans[0], all_scans[1]) = (scans(60), scans(180));
        let of_two =
            |error: fn(&(f32, f32)) -> f32| -> Vec<f32> { (0..people).map(|i| self.errors_db.get(i).map_or(0.0, error)).collect() };
        let devices = Devices {
            tx_power_dbm: vec![-20; people],
            confidence: vec![3; people],
            tx_error_db: of_two(|e| e.0),
            rx_error_db: of_two(|e| e.1),
            floor_dbm: vec![-120.0; people],
        };
        let mut stances = self.stances.clone();
        stances.sort_by_key(|s| (s.person, s.start_s));
        let floor = Floor {
            kind: VenueKind::OFFICE,
            plan: &self.plan,
            stances: &stances,
            phones_m: 50.0,
            running: &running,
            scans: &all_scans,
            devices: &devices,
            barrier_codes: &[1, 2],
        };
        floor.hear(&MODELS[usize::from(self.in_free_space)])
    }

    /// The levels at which 0 hears 1, and 1 hears 0: that of every scan, to a tenth of a decibel or two, is the same.
    fn levels_db(&self) -> [f32; 2] {
        let (heard, _) = self.heard();
        [(0, 60), (1, 20)].map(|(observer, scans)| {
            let of_observer: Vec<f32> = heard.iter().filter(|h| h.observer.0 == observer).map(|h| h.mean_db).collect();
            assert_eq!(of_observer.len(), scans, "no scan of {observer} is deaf");
            let mean_db = of_observer.iter().sum::<f32>() / scans as f32;
            assert!(of_observer.iter().all(|db| (db - mean_db).abs() < 0.3), "{of_observer:?}");
            mean_db
        })
    }
}

fn is_near(db: [f32; 2], expected_db: [f32; 2]) -> bool {
    db.iter().zip(expected_db).all(|(db, expected)| (db - expected).abs() < 0.1)
}

/// A pane of 3 dB and a screen of 0.5, across the line of two people and beside it.
#[test]
fn a_link_pays_for_every_barrier_it_crosses() {
    let material = |name: &str, loss_db: f32| Material { name: name.into(), loss: LossByAngle::constant(loss_db) };
    let barrier = |x_m: f32, low_m: f32, high_m: f32, material: usize| Barrier {
        from: Point::new(x_m, low_m),
        to: Point::new(x_m, high_m),
        material,
        reaches_ceiling: material == 0,
    };
    let mut hour = Hour::of(vec![on_table(0, 0.0, 0.0), on_table(1, 4.0, 0.0)]);
    hour.plan.materials = vec![material("glass", 3.0), material("acrylic", 0.5)];
    for (barriers, expected_db) in [
        (vec![], 45.0),
        (vec![barrier(1.0, -9.0, 9.0, 0)], 48.0),
        (vec![barrier(1.0, -9.0, 9.0, 0), barrier(2.0, -9.0, 9.0, 0), barrier(3.0, -9.0, 9.0, 1)], 51.5),
        (vec![barrier(2.0, 5.0, 9.0, 0), barrier(9.0, -9.0, 9.0, 0)], 45.0),
    ] {
        hour.plan.barriers = barriers;
        let levels_db = hour.levels_db();
        assert!(is_near(levels_db, [expected_db; 2]), "{levels_db:?}, not {expected_db}");
    }
}

/// The two sit 6 m apart; others stand in their line, beside it, behind one of them.
#[test]
fn people_in_the_line_cost_each_their_share_up_to_the_most_told() {
    let level_db = |others: &[(f32, f32)]| {
        let mut stances = vec![on_table(0, 0.0, 0.0), on_table(1, 6.0, 0.0)];
        stances.extend(others.iter().zip(2..).map(|((x_m, y_m), person)| on_table(person, *x_m, *y_m)));
        Hour::of(stances).levels_db()
    };
    for (others, bodies) in [
        (&[][..], 0.0),
        (&[(2.0, 0.0)], 1.0),
        (&[(2.0, 0.19)], 1.0),
        (&[(2.0, 0.3), (7.0, 0.0), (-1.0, 0.0)], 0.0),
        (&[(2.0, 0.0), (3.0, -0.1)], 2.0),
        (&[(1.0, 0.0), (2.0, 0.0), (3.0, 0.0), (4.0, 0.0), (5.0, 0.0)], 3.0),
    ] {
        let levels_db = level_db(others);
        assert!(is_near(levels_db, [45.0 + 4.0 * bodies; 2]), "{others:?}: {levels_db:?}");
    }
}

/// One who stands there for the first half of the hour, and one who walks through the line at half past.
#[test]
fn a_body_counts_while_it_is_there() {
    let half_s = START_S + 1800;
    let leaves = Stance { end_s: half_s, ..on_table(2, 2.0, 0.0) };
    // At 1 m/s from 60 m off, he is in the line at the scan of 1860 s.
    let walks = Stance { start_s: half_s, end_s: half_s + 120, to: Point::new(3.0, 60.0), ..on_table(3, 3.0, -60.0) };
    let (heard, _) = Hour::of(vec![on_table(0, 0.0, 0.0), on_table(1, 6.0, 0.0), leaves, walks]).heard();
    let level_db = |t_s: i64| heard.iter().find(|h| h.observer.0 == 0 && h.scan_s == t_s).expect("it hears").mean_db;
    for (scan_s, expected_db) in [(0, 49.0), (1740, 49.0), (1800, 45.0), (1860, 49.0), (1920, 45.0)] {
        let level_db = level_db(START_S + scan_s);
        assert!((level_db - expected_db).abs() < 0.3, "at {scan_s} s: {level_db}");
    }
}

/// Both carriers' losses, whoever listens; a phone counts where its own carriage stands first.
#[test]
fn a_link_pays_for_both_carriages_and_counts_by_both() {
    let hour = Hour::of(vec![at(0, 0.0, 0.0, NORTH_RAD, Carriage::FrontPocket), at(1, 4.0, 0.0, 0.0, Carriage::Bag)]);
    let levels_db = hour.levels_db();
    assert!(is_near(levels_db, [45.0 + 3.0 + 5.5; 2]), "{levels_db:?}");
    let counted: Vec<_> = hour.heard().1.0.iter().map(|(class, scans)| (class.observer, class.transmitter, scans.iter().sum())).collect();
    assert_eq!(counted, [(Carriage::FrontPocket, Carriage::Bag, 60u64), (Carriage::Bag, Carriage::FrontPocket, 20)]);
}

/// The transmitter's transmit error and the observer's receive error.
#[test]
fn a_link_meets_the_errors_of_its_own_two_calibrations() {
    let mut hour = Hour::of(vec![on_table(0, 0.0, 0.0), on_table(1, 4.0, 0.0)]);
    hour.errors_db = [(1.0, 4.0), (2.0, 8.0)];
    let levels_db = hour.levels_db();
    assert!(is_near(levels_db, [45.0 + 2.0 + 4.0, 45.0 + 1.0 + 8.0]), "{levels_db:?}");
}

/// Two people 8 m apart, each with the phone 1 m to the right: east of who faces north, west of who faces south. In free space,
/// where twice the distance costs 6 dB.
#[test]
fn a_phone_is_on_the_side_where_it_is_carried() {
    for (facings_rad, apart_m) in
        [([NORTH_RAD, -NORTH_RAD], 6.0f32), ([-NORTH_RAD, NORTH_RAD], 10.0), ([NORTH_RAD, NORTH_RAD], 8.0), ([0.0, WEST_RAD], 68f32.sqrt())]
    {
        let [a, b] = [(0, 0.0), (1, 8.0)].map(|(person, x_m)| at(person, x_m, 0.0, facings_rad[person as usize], Carriage::FrontPocket));
        let hour = Hour { in_free_space: true, ..Hour::of(vec![a, b]) };
        let (levels_db, expected_db) = (hour.levels_db(), 45.0 + 6.0 + 20.0 * math::log10(apart_m));
        assert!(is_near(levels_db, [expected_db; 2]), "{facings_rad:?}: {levels_db:?}, not {expected_db}");
    }
}

/// Two face each other 6 m apart, the phones 1 m to the right: their line runs from south of one to north of the other, and only who
/// stands in that line is in the way.
#[test]
fn the_line_runs_between_the_phones_not_the_people() {
    for (y_m, bodies) in [(-0.5, 1.0), (0.5, 0.0)] {
        let two =
            [(0, 0.0, 0.0), (1, 6.0, WEST_RAD)].map(|(person, x_m, facing_rad)| at(person, x_m, 0.0, facing_rad, Carriage::FrontPocket));
        let levels_db = Hour::of([&two[..], &[on_table(2, 1.5, y_m)]].concat()).levels_db();
        assert!(is_near(levels_db, [45.0 + 6.0 + 4.0 * bodies; 2]), "{y_m} m: {levels_db:?}");
    }
}

/// 300 running phones about: a packet of 376 µs every 250 ms meets none of the other 301 on its channel with a chance of
/// (1 - 2 * 376 µs / (3 * 250 ms))^301 = 0.739. Phones that do not run send nothing.
#[test]
fn phones_about_cost_packets() {
    let packets = |others: u32, others_run: bool| {
        let mut stances = vec![on_table(0, 0.0, 0.0), on_table(1, 4.0, 0.0)];
        stances.extend((0..others).map(|i| on_table(2 + i, 20.0 + (i % 20) as f32, 20.0 + (i / 20) as f32)));
        let hour = Hour { others_run, ..Hour::of(stances) };
        hour.heard().0.iter().map(|h| f64::from(h.packets)).sum::<f64>()
    };
    let alone = packets(0, false);
    assert!(alone > 700.0, "of 1,200 packets sent");
    // Three standard errors of about 700 packets out of 1,200 each.
    let share = packets(300, true) / alone;
    assert!((share - 0.739).abs() < 0.1, "{share}");
    assert_eq!(packets(300, false), alone);
}

/// Phones stay on their carrier's side: coming nearer never weakens a link by more than a decibel, however the two carry and stand.
#[test]
fn a_link_does_not_weaken_as_two_come_nearer() {
    let loaded =
        open(&SourceArgs { scenario: "baseline".into(), sets: Vec::new(), seed: None }).unwrap_or_else(|faults| panic!("{faults}"));
    let model = RadioModel::new(&loaded.scenario.radio, Seed(1));
    for (a, b) in Carriage::ALL.iter().flat_map(|a| Carriage::ALL.iter().map(move |b| (*a, *b))) {
        // Facing, backs turned, side by side.
        for facing_rad in [[0.0, WEST_RAD], [WEST_RAD, 0.0], [NORTH_RAD, NORTH_RAD]] {
            let mean_db = |distance_m: f32| {
                let end = |x_m, facing_rad, carriage| LinkEnd { body: Point::new(x_m, 0.0), facing_rad, carriage, room: NO_ROOM };
                let ends = [end(0.0, facing_rad[0], a), end(distance_m, facing_rad[1], b)];
                model.mean_between(&FloorPlan::default(), ends, Without::default())
            };
            let mut most_db = f32::MIN;
            for tenths in 1..=30 {
                let db = mean_db(tenths as f32 / 10.0);
                assert!(db > most_db - 1.0, "{a:?}, {b:?}, facing {facing_rad:?}: {db} dB at {tenths} dm, {most_db} dB nearer");
                most_db = most_db.max(db);
            }
            assert!(most_db - mean_db(0.5) > 2.0, "{a:?}, {b:?}: distance tells");
        }
    }
}

/// Two face each other 1 m apart, phones 1 m to the right of each (`SETS`): √(1² + 2²) m between them. At 0.2 m the phones are 2 m
/// apart across and as near along as they may be.
#[test]
fn phones_lie_where_they_are_carried_and_no_nearer_than_their_side() {
    let far_db = |x_m: f32| 45.0 + 2.0 * 3.0 + 10.0 * math::log10(x_m * x_m + 4.0);
    for (apart_m, phones_along_m) in [(3.0, 3.0), (1.0, 1.0), (0.2, 0.2)] {
        let two = vec![at(0, 0.0, 0.0, 0.0, Carriage::FrontPocket), at(1, apart_m, 0.0, WEST_RAD, Carriage::FrontPocket)];
        let levels_db = Hour { in_free_space: true, ..Hour::of(two) }.levels_db();
        assert!(is_near(levels_db, [far_db(phones_along_m); 2]), "{apart_m} m: {levels_db:?}");
    }
    // One faces north, the phone a metre to the right: towards the other, who is 4 m, then 1 m off and has it on the table. Of the
    // metre no more counts than leaves 0.15 m to the middle.
    for (apart_m, phones_m) in [(4.0f32, 3.0f32), (1.0, 0.65), (0.4, 0.35)] {
        let two = vec![at(0, 0.0, 0.0, NORTH_RAD, Carriage::FrontPocket), on_table(1, apart_m, 0.0)];
        let levels_db = Hour { in_free_space: true, ..Hour::of(two) }.levels_db();
        assert!(is_near(levels_db, [48.0 + 20.0 * math::log10(phones_m); 2]), "{apart_m} m: {levels_db:?}");
    }
}
