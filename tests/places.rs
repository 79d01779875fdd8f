//! People in venues of all kinds that come with the program.

use std::collections::{BTreeMap, BTreeSet};

use cocoasim::{
    faults::Faults,
    ids::{PersonId, VenueId},
    mobility::{Carry, NO_GROUP, Stance, Visit},
    places::{Ground, Places},
    random::{Keyed, Seed, Stream},
    scenario::{KINDS, SourceArgs, open, open_kind},
    time::DayJst,
    units::Point,
    venue::{
        FloorPlan,
        kind::{KindConfig, Layout},
    },
};
use rand::RngExt;

const DAY: (i32, u32, u32) = (2020, 9, 7);

/// A kind, a venue of it and how phones are carried.
struct World {
    kind: KindConfig,
    ground: Ground,
    carry: Carry,
    seed: Seed,
}

impl World {
    fn of(name: &str, seed: u64) -> Self {
        let baseline = open(&SourceArgs { scenario: "baseline".into(), ..SourceArgs::default() }).expect("the baseline").scenario;
        let materials = baseline.venue.materials(&mut Faults::default());
        let kind = open_kind(name, &materials, baseline.radio.environments.keys().map(String::as_str)).expect("a shipped kind");
        let ground = Ground::new(&kind, kind.lay_out(&materials, Seed(seed), 0));
        Self { ground, carry: Carry::new(&baseline.mobility.carriage, Seed(seed)), kind, seed: Seed(seed) }
    }

    fn places(&self) -> Places<'_> {
        Places { kind: &self.kind, ground: &self.ground, carry: &self.carry, seed: self.seed }
    }

    fn play(&self, visits: &[Visit]) -> (Vec<Stance>, u32) {
        let mut stances = Vec::new();
        let over = self.places().stances(0, DayJst::of(DAY), visits, &mut stances);
        (stances, over)
    }

    /// Of each role three quarters of those who find room, in groups of up to four, some hours each; now and then somebody comes back.
    fn visits(&self) -> Vec<Visit> {
        self.visits_of(0.75, 12, 6)
    }

    /// Of each role such a share of those who find room, who come within some hours and stay for some.
    fn visits_of(&self, share: f64, come_h: i64, stay_h: i64) -> Vec<Visit> {
        let keyed = Keyed::new(self.seed, Stream::Plan);
        let start_s = DayJst::of(DAY).start().0;
        let mut visits: Vec<Visit> = Vec::new();
        let mut person = 0;
        for role in 0..self.kind.roles.len() {
            for number in 0..(f64::from(self.places().capacity(role)) * share) as u32 {
                let mut rng = keyed.rng(person, 0, 0);
                let from_s = start_s + rng.random_range(0..come_h * 3600);
                let to_s = from_s + rng.random_range(1..stay_h * 3600);
                let group = if rng.random::<f32>() < 0.3 { NO_GROUP } else { (number / 4) as u16 };
                let visit = Visit {
                    person: PersonId(person),
                    venue: VenueId(0),
                    start_s: from_s,
                    end_s: to_s,
                    seat: number,
                    group,
                    role: role as u8,
                };
                visits.push(visit);
                if number % 5 == 0 {
                    visits.push(Visit { start_s: to_s + 300, end_s: to_s + 900, ..visit });
                }
                person += 1;
            }
        }
        visits
    }
}

fn is_in_furniture(plan: &FloorPlan, p: Point) -> bool {
    let inside =
        |low: Point, high: Point| p.x_m > low.x_m + 0.01 && p.x_m < high.x_m - 0.01 && p.y_m > low.y_m + 0.01 && p.y_m < high.y_m - 0.01;
    plan.tables.iter().any(|top| inside(top.low, top.high))
}

/// Holds what people do in a venue against the rules: they fill their visits, and stand neither in things nor in each other.
fn check(world: &World, visits: &[Visit]) -> u32 {
    let name = &world.kind.name;
    let (stances, over) = world.play(visits);
    let (plan, body_m) = (&world.ground.layout().plan, world.kind.floor.body_m);
    assert!(!visits.is_empty() && stances.is_sorted_by_key(|s| (s.person, s.start_s)), "{name}");
    for visit in visits {
        let mut t_s = visit.start_s;
        for stance in stances.iter().filter(|s| s.person == visit.person && s.start_s >= visit.start_s && s.end_s <= visit.end_s) {
            assert!(stance.start_s == t_s && stance.end_s > t_s, "{name}: {stance:?} from {t_s}");
            t_s = stance.end_s;
        }
        assert_eq!(t_s, visit.end_s, "{name}: {visit}");
    }
    let mut still: Vec<&Stance> = stances.iter().filter(|s| s.is_still()).collect();
    still.sort_by(|a, b| a.from.x_m.total_cmp(&b.from.x_m));
    let laid_out = |p: Point| plan.seats.iter().any(|seat| seat.at == p);
    // Who talks on a work floor, or is on an errand, stands where others may stand (a weakness of the model).
    let keeps_apart = |p: Point| !["office", "small_office", "factory"].contains(&name.as_str()) || laid_out(p);
    for (i, stance) in still.iter().enumerate().filter(|(_, stance)| keeps_apart(stance.from)) {
        let p = stance.from;
        assert!(laid_out(p) || !is_in_furniture(plan, p), "{name}: in furniture at {p:?}");
        let in_wall = plan.barriers.iter().any(|b| b.reaches_ceiling && p.from_segment_m(b.from, b.to) < 0.05);
        assert!(!in_wall, "{name}: in a wall at {p:?}");
        for other in still[i + 1..].iter().take_while(|o| o.from.x_m - p.x_m < body_m) {
            let meet =
                keeps_apart(other.from) && stance.person != other.person && stance.start_s < other.end_s && other.start_s < stance.end_s;
            // Seats are as near as they are laid out.
            let both_laid_out = laid_out(p) && laid_out(other.from) && p != other.from;
            let apart_m = p.distance_m(other.from);
            // Who moves less than 5 cm does not walk, and is there a second or two before the other has gone.
            let both_s = stance.end_s.min(other.end_s) - stance.start_s.max(other.start_s);
            let nearer_m = if both_s <= 2 { 0.06 } else { 0.01 };
            assert!(!meet || both_laid_out || apart_m > body_m - nearer_m, "{name}: {apart_m} m\n{stance:?}\n{other:?}");
        }
    }
    over
}

#[test]
fn people_fill_their_visits_and_stand_neither_in_things_nor_in_each_other() {
    for (name, _) in KINDS {
        for seed in 1..=3 {
            let world = World::of(name, seed);
            check(&world, &world.visits());
        }
    }
}

/// Kinds of places that strangers visit. Homes have a place for everybody of theirs, and a work floor has a rule of its own.
fn for_visitors() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, _)| *name).filter(|name| !["home", "office", "small_office", "factory"].contains(name))
}

/// Twice as many as have room, all within the hour: so many that some wait outside.
#[test]
fn nobody_stands_in_others_however_many_come() {
    for name in for_visitors() {
        for seed in 1..=2 {
            let world = World::of(name, seed);
            assert!(check(&world, &world.visits_of(2.0, 1, 3)) > 0, "{name}: nobody is turned away");
        }
    }
}

/// Guests who come to a restaurant one by one, twice as many as it seats: whoever stands found every seat taken.
#[test]
fn whoever_stands_found_no_seat_free() {
    for seed in 1..=3 {
        let world = World::of("restaurant", seed);
        let guest = world.kind.roles.iter().position(|role| role.name == "guest").expect("a role");
        let all = world.visits_of(2.0, 1, 3).into_iter().filter(|visit| usize::from(visit.role) == guest);
        let visits: Vec<Visit> = all.map(|visit| Visit { group: NO_GROUP, ..visit }).collect();
        let (stances, _) = world.play(&visits);
        let seats = &world.ground.layout().plan.seats;
        let sits = |stance: &Stance| stance.is_still() && seats.iter().any(|seat| seat.at == stance.from);
        let mut standing = 0;
        for visit in &visits {
            let is_own = |stance: &&Stance| stance.person == visit.person && (visit.start_s..visit.end_s).contains(&stance.start_s);
            if !stances.iter().filter(is_own).any(sits) {
                let taken = stances.iter().filter(|stance| sits(stance) && stance.start_s <= visit.start_s && visit.start_s < stance.end_s);
                assert_eq!(taken.count(), seats.len(), "seed {seed}: {visit}");
                standing += 1;
            }
        }
        assert!(standing > 10, "{standing} of {}", visits.len());
    }
}

/// As many of a role as have room all find it, and one more does not.
#[test]
fn capacity_is_how_many_find_room() {
    let start_s = DayJst::of(DAY).start().0;
    for name in for_visitors() {
        for seed in 1..=2 {
            let world = World::of(name, seed);
            for role in 0..world.kind.roles.len() {
                let people = world.places().capacity(role);
                let visit = |p: u32| {
                    let (person, end_s) = (PersonId(p), start_s + 1800);
                    Visit { person, venue: VenueId(0), start_s, end_s, seat: p, group: NO_GROUP, role: role as u8 }
                };
                let visits: Vec<Visit> = (0..=people).map(visit).collect();
                let role = &world.kind.roles[role].name;
                assert_eq!(world.play(&visits[1..]).1, 0, "{name}, {role}: {people}");
                assert_eq!(world.play(&visits).1, 1, "{name}, {role}: {}", people + 1);
            }
        }
    }
}

#[test]
fn the_order_of_visits_makes_no_difference() {
    for (name, _) in KINDS {
        let world = World::of(name, 4);
        let mut visits = world.visits();
        let before = world.play(&visits);
        visits.reverse();
        let middle = visits.len() / 3;
        visits.rotate_left(middle);
        assert_eq!(world.play(&visits), before, "{name}");
    }
}

/// An episode is one carriage, and no two of a person have the same number.
#[test]
fn an_episode_is_one_carriage() {
    for (name, _) in KINDS {
        let (stances, _) = World::of(name, 5).play(&World::of(name, 5).visits());
        for two in stances.windows(2).filter(|two| two[0].person == two[1].person) {
            // In a dwelling the sleep of a night is its first, and evenings come before it.
            assert!(name == "home" || two[0].episode <= two[1].episode, "{name}");
            assert!(two[0].episode != two[1].episode || two[0].carriage == two[1].carriage, "{name}: {two:?}");
        }
    }
}

/// 3.7 people a m² at random are 3.7 π less the body that one keeps for oneself: 11.2 others within 1 m.
#[test]
fn standees_of_a_full_train_have_eleven_others_within_a_metre() {
    let mut world = World::of("train_e233", 1);
    let text = "name = \"hall\"\ndescription = \"\"\n[floor]\nwidth_m = 14.0\ndepth_m = 14.0\nenvironment = \"train\"\nbody_m = 0.2\n\
        [[standing]]\nlow_m = [1.0, 1.0]\nhigh_m = [13.0, 13.0]\n[[roles]]\nname = \"rider\"\nmodel = { standing = { most_per_m2 = 3.7 } }";
    world.kind = toml::from_str(text).expect("a kind");
    world.ground = Ground::new(&world.kind, world.kind.lay_out(&[], Seed(1), 0));
    let people = world.places().capacity(0);
    assert_eq!(people, 532);
    let start_s = DayJst::of(DAY).start().0;
    let visit = |p: u32| Visit { person: PersonId(p), venue: VenueId(0), start_s, end_s: start_s + 600, seat: p, group: NO_GROUP, role: 0 };
    let (stances, over) = world.play(&(0..people).map(visit).collect::<Vec<_>>());
    assert_eq!(over, 0);
    let at: Vec<Point> = stances.iter().map(|s| s.from).collect();
    let inner: Vec<&Point> = at.iter().filter(|p| (2.0..=12.0).contains(&p.x_m) && (2.0..=12.0).contains(&p.y_m)).collect();
    let within = |p: &Point| at.iter().filter(|q| q.distance_m(*p) <= 1.0).count() - 1;
    let mean = inner.iter().map(|p| within(p)).sum::<usize>() as f64 / inner.len() as f64;
    assert!((mean - 11.0).abs() < 1.0, "{mean}");
}

/// How pairs came within 1 m of each other, second by second.
#[derive(Debug, Default)]
struct Near {
    /// Pairs that were in the venue together.
    together: BTreeSet<(u32, u32)>,
    /// Of each pair how long it was within 1 m, s.
    within_s: BTreeMap<(u32, u32), i64>,
    /// How long each passing lasted, s: a pair comes within 1 m and parts again, both in the venue before and after and neither in line. One
    /// of them may stop on the way, as people do in the measured tracks.
    passings_s: Vec<i64>,
}

impl Near {
    fn of(stances: &[Stance], layout: &Layout) -> Self {
        let is_in_line = |p: Point| layout.queues.iter().any(|queue| p.from_segment_m(queue.path[0], queue.path[1]) < 0.05);
        let mut near = Self::default();
        let mut sorted: Vec<&Stance> = stances.iter().collect();
        sorted.sort_by_key(|s| s.start_s);
        let (mut next, mut there): (usize, Vec<&Stance>) = (0, Vec::new());
        // Since when a pair is within 1 m, and whether neither has been in line.
        let mut met: BTreeMap<(u32, u32), (i64, bool)> = BTreeMap::new();
        let mut before: BTreeSet<u32> = BTreeSet::new();
        for t_s in sorted[0].start_s..stances.iter().map(|s| s.end_s).max().unwrap_or(0) {
            there.retain(|s| s.end_s > t_s);
            while next < sorted.len() && sorted[next].start_s <= t_s {
                there.push(sorted[next]);
                next += 1;
            }
            there.sort_by_key(|s| s.person);
            let now: BTreeSet<u32> = there.iter().map(|s| s.person.0).collect();
            let mut meet: BTreeMap<(u32, u32), (i64, bool)> = BTreeMap::new();
            for (i, a) in there.iter().enumerate() {
                for b in &there[i + 1..] {
                    let pair = (a.person.0, b.person.0);
                    near.together.insert(pair);
                    let at = [a, b].map(|s| s.at(t_s as f64));
                    if at[0].distance_m(at[1]) > 1.0 {
                        continue;
                    }
                    *near.within_s.entry(pair).or_default() += 1;
                    let came = before.contains(&pair.0) && before.contains(&pair.1);
                    let (since_s, passes) = met.get(&pair).copied().unwrap_or((t_s, came));
                    meet.insert(pair, (since_s, passes && !at.into_iter().any(is_in_line)));
                }
            }
            for (pair, (since_s, passes)) in &met {
                if *passes && !meet.contains_key(pair) && now.contains(&pair.0) && now.contains(&pair.1) {
                    near.passings_s.push(t_s - since_s);
                }
            }
            (met, before) = (meet, now);
        }
        near
    }

    /// The share of pairs that were in the venue together which spent a quarter of an hour within 1 m.
    fn quarter_hours(&self) -> f64 {
        self.within_s.values().filter(|s| **s >= 900).count() as f64 / self.together.len() as f64
    }
}

/// People who come evenly within some hours and stay so long, all of the first role.
fn walk_ins(people: u32, hours: f64, stay_min: std::ops::Range<f64>) -> Vec<Visit> {
    let keyed = Keyed::new(Seed(1), Stream::Plan);
    let start_s = DayJst::of(DAY).start().0;
    let visit = |p: u32| {
        let mut rng = keyed.rng(p, 0, 0);
        let from_s = start_s + (rng.random::<f64>() * hours * 3600.0) as i64;
        let end_s = from_s + (rng.random_range(stay_min.clone()) * 60.0) as i64;
        Visit { person: PersonId(p), venue: VenueId(0), start_s: from_s, end_s, seat: p, group: NO_GROUP, role: 0 }
    };
    (0..people).map(visit).collect()
}

/// A shop with 120 customers an hour, and a platform at which 1,000 people an hour wait up to ten minutes. Measured tracks of walkers have
/// means of 2.7 to 8 s within 1 m a pair (ETH, Hotel, students03, corridors); customers who keep to one side of an aisle pass as soon as the
/// soonest of these, within a tenth.
#[test]
fn val_walking_kinds_give_no_quarter_hours_within_a_metre() {
    let world = World::of("supermarket", 1);
    let (stances, over) = world.play(&walk_ins(360, 3.0, 10.0..36.0));
    let near = Near::of(&stances, world.ground.layout());
    let mean_s = near.passings_s.iter().sum::<i64>() as f64 / near.passings_s.len() as f64;
    assert_eq!(over, 0);
    assert!(near.together.len() > 10_000 && near.quarter_hours() < 0.01, "{}", near.quarter_hours());
    assert!(near.passings_s.len() > 10_000 && (2.43..8.0).contains(&mean_s), "{} passings of {mean_s} s", near.passings_s.len());
    let world = World::of("platform", 1);
    let (stances, _) = world.play(&walk_ins(1000, 1.0, 1.0..10.0));
    let near = Near::of(&stances, world.ground.layout());
    assert!(near.together.len() > 10_000 && near.quarter_hours() < 0.01, "{}", near.quarter_hours());
}

/// Others within 1 m, on average over some of those there.
fn others_within_a_metre(at: &[Point], of: impl Fn(&Point) -> bool) -> (usize, f64) {
    let some: Vec<&Point> = at.iter().filter(|p| of(p)).collect();
    let within: usize = some.iter().map(|p| at.iter().filter(|q| q.distance_m(**p) <= 1.0).count() - 1).sum();
    (some.len(), within as f64 / some.len() as f64)
}

/// A car into which so many get at once, over worlds: everybody's places, and how many found none.
fn cars(people: u32) -> Vec<(Vec<Point>, u32, Vec<Point>)> {
    let start_s = DayJst::of(DAY).start().0;
    let visit = |p: u32| Visit { person: PersonId(p), venue: VenueId(0), start_s, end_s: start_s + 600, seat: p, group: NO_GROUP, role: 0 };
    let of_seed = |seed: u64| {
        let world = World::of("train_e233", seed);
        let (stances, over) = world.play(&(0..people).map(visit).collect::<Vec<_>>());
        let seats = world.ground.layout().plan.seats.iter().map(|seat| seat.at).collect();
        (stances.iter().map(|s| s.from).collect(), over, seats)
    };
    (1..=8).map(of_seed).collect()
}

/// 54 sit and 117 stand. About 7 to 8 others are within 1 m of a rider, those who sit among them, and about as many standees of a standee.
/// With those who sit a standee has 9, one more than 1 m from the ends and in the middle of the car's width 10.
#[test]
fn riders_of_a_car_at_107_percent_have_seven_or_eight_others_within_a_metre() {
    // Riders: all of all; standees of standees; all of standees; all of standees in the middle.
    let mut sums = [(0, 0.0); 4];
    for (at, over, seats) in cars(171) {
        assert_eq!(over, 0);
        let stands = |p: &Point| !seats.contains(p);
        let is_in_the_middle = |p: &Point| (1.0..=19.0).contains(&p.x_m) && (1.0..=1.95).contains(&p.y_m);
        let standees: Vec<Point> = at.iter().copied().filter(stands).collect();
        let readings = [
            others_within_a_metre(&at, |_| true),
            others_within_a_metre(&standees, |_| true),
            others_within_a_metre(&at, stands),
            others_within_a_metre(&at, |p| stands(p) && is_in_the_middle(p)),
        ];
        for (sum, (n, mean)) in sums.iter_mut().zip(readings) {
            *sum = (sum.0 + n, sum.1 + n as f64 * mean);
        }
    }
    let means = sums.map(|(n, sum)| sum / f64::from(n as u32));
    assert_eq!((sums[0].0, sums[1].0), (8 * 171, 8 * 117));
    for (mean, expected) in means.into_iter().zip([7.5, 7.5, 9.0, 10.0]) {
        assert!((mean - expected).abs() < 0.5, "{means:?}, not about {expected}");
    }
}

/// The fullest that a car gets: all stand a body apart, though at random some would find no room; one more has none.
#[test]
fn a_car_takes_as_many_as_it_has_room_for() {
    let most = World::of("train_e233", 1).places().capacity(0);
    assert_eq!(most, 54 + 318);
    for (at, over, seats) in cars(most + 1) {
        assert_eq!(over, 1);
        let there = &at[..];
        let closest_m = (0..there.len()).flat_map(|i| (0..i).map(move |k| there[i].distance_m(there[k]))).fold(f32::INFINITY, f32::min);
        assert!(closest_m > 0.2 - 1e-4, "{closest_m} m");
        assert_eq!(at.iter().filter(|p| seats.contains(p)).count(), 54);
    }
}
