//! People in venues of all kinds that come with the program.

use cocoasim::{
    faults::Faults,
    ids::{PersonId, VenueId},
    mobility::{Carry, NO_GROUP, Stance, Visit},
    places::Places,
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
    layout: Layout,
    carry: Carry,
    seed: Seed,
}

impl World {
    fn of(name: &str, seed: u64) -> Self {
        let baseline = open(&SourceArgs { scenario: "baseline".into(), ..SourceArgs::default() }).expect("the baseline").scenario;
        let materials = baseline.venue.materials(&mut Faults::default());
        let kind = open_kind(name, &materials, baseline.radio.environments.keys().map(String::as_str)).expect("a shipped kind");
        let layout = kind.lay_out(&materials, Seed(seed), 0);
        Self { layout, carry: Carry::new(&baseline.mobility.carriage, Seed(seed)), kind, seed: Seed(seed) }
    }

    fn places(&self) -> Places<'_> {
        Places { kind: &self.kind, layout: &self.layout, carry: &self.carry, seed: self.seed }
    }

    fn play(&self, visits: &[Visit]) -> (Vec<Stance>, u32) {
        let mut stances = Vec::new();
        let over = self.places().stances(0, DayJst::of(DAY), visits, &mut stances);
        (stances, over)
    }

    /// Of each role three quarters of those who find room, in groups of up to four, some hours each; now and then somebody comes back.
    fn visits(&self) -> Vec<Visit> {
        let keyed = Keyed::new(self.seed, Stream::Plan);
        let start_s = DayJst::of(DAY).start().0;
        let mut visits: Vec<Visit> = Vec::new();
        let mut person = 0;
        for role in 0..self.kind.roles.len() {
            for number in 0..self.places().capacity(role) * 3 / 4 {
                let mut rng = keyed.rng(person, 0, 0);
                let from_s = start_s + rng.random_range(0..12 * 3600);
                let to_s = from_s + rng.random_range(1..6 * 3600);
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

#[test]
fn people_fill_their_visits_and_stand_neither_in_things_nor_in_each_other() {
    for (name, _) in KINDS {
        for seed in 1..=3 {
            let world = World::of(name, seed);
            let visits = world.visits();
            let (stances, _) = world.play(&visits);
            let (plan, body_m) = (&world.layout.plan, world.kind.floor.body_m);
            assert!(!visits.is_empty() && stances.is_sorted_by_key(|s| (s.person, s.start_s)), "{name}");
            for visit in &visits {
                let mut t_s = visit.start_s;
                for stance in stances.iter().filter(|s| s.person == visit.person && s.start_s >= visit.start_s && s.end_s <= visit.end_s) {
                    assert!(stance.start_s == t_s && stance.end_s > t_s, "{name}, seed {seed}: {stance:?} from {t_s}");
                    t_s = stance.end_s;
                }
                assert_eq!(t_s, visit.end_s, "{name}, seed {seed}: {visit}");
            }
            let mut still: Vec<&Stance> = stances.iter().filter(|s| s.is_still()).collect();
            still.sort_by(|a, b| a.from.x_m.total_cmp(&b.from.x_m));
            let laid_out = |p: Point| plan.seats.iter().any(|seat| seat.at == p);
            for (i, stance) in still.iter().enumerate() {
                let p = stance.from;
                assert!(laid_out(p) || !is_in_furniture(plan, p), "{name}, seed {seed}: in furniture at {p:?}");
                let in_wall = plan.barriers.iter().any(|b| b.reaches_ceiling && p.from_segment_m(b.from, b.to) < 0.05);
                assert!(!in_wall, "{name}, seed {seed}: in a wall at {p:?}");
                for other in still[i + 1..].iter().take_while(|o| o.from.x_m - p.x_m < body_m) {
                    let meet = stance.person != other.person && stance.start_s < other.end_s && other.start_s < stance.end_s;
                    // Seats are as near as they are laid out.
                    let both_laid_out = laid_out(p) && laid_out(other.from) && p != other.from;
                    let apart_m = p.distance_m(other.from);
                    assert!(!meet || both_laid_out || apart_m > body_m - 0.01, "{name}, seed {seed}: {apart_m} m\n{stance:?}\n{other:?}");
                }
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
            assert!(two[0].episode <= two[1].episode, "{name}");
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
    world.layout = world.kind.lay_out(&[], Seed(1), 0);
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
