//! A working day of a city of 100,000 people on one core, person-days a second.
//!
//! `plans` is everybody's visits. Its rival `every_venue` makes the same visits, and finds the shop or gym of who goes there by choice by looking
//! at how far every one of the kind is. Both go equally far from home, to within 20 %: the
//! program looks from the middle of a cell of 400 m.
//!
//! `crowds` puts a day's visits in order of time and counts how many people are in each venue, venue by venue. Its rival `one_queue` takes
//! all arrivals and departures from one queue. Both find the same. `benches/ixa/` has the same task for ixa.

mod city_day;

use std::{cmp::Reverse, collections::BinaryHeap, hint::black_box};

use city_day::{City, Crowds, crowds};
use cocoasim::{
    mobility::Visit,
    population::Trade,
    random::{Keyed, Seed, Stream},
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const PEOPLE: u32 = 100_000;
/// Kinds that people go to from home by choice, as whom, and the trade of such places.
const BY_CHOICE: [(&str, &str, Trade); 3] =
    [("shop", "customer", Trade::Shop), ("supermarket", "customer", Trade::Shop), ("gym", "member", Trade::Gym)];

fn day(c: &mut Criterion) {
    let city = City::of(PEOPLE);
    let (mut visits, mut scratch) = (Vec::new(), Vec::new());
    city.visits(&mut visits);
    let choices = Choices::of(&city);
    let (near_m, looked_m) = (choices.mean_m(&city, &visits), choices.mean_m(&city, choices.every_venue(&city, &mut scratch)));
    assert!((looked_m / near_m - 1.0).abs() < 0.2, "people go {near_m} m, and {looked_m} m");
    let venues = city.movement.venues().len();
    assert_eq!(crowds(&visits, venues), one_queue(&visits, venues), "both ways find the same");

    let mut group = c.benchmark_group("city");
    group.sample_size(10).throughput(Throughput::Elements(u64::from(PEOPLE)));
    group.bench_function("plans", |b| {
        b.iter(|| {
            city.visits(&mut scratch);
            black_box(scratch.len())
        });
    });
    group.bench_function("plans/every_venue", |b| b.iter(|| choices.every_venue(&city, &mut scratch).len()));
    group.bench_function("crowds", |b| b.iter(|| crowds(black_box(&visits), venues)));
    group.bench_function("crowds/one_queue", |b| b.iter(|| one_queue(black_box(&visits), venues)));
    group.finish();
}

/// A venue's number and its place, m.
type Placed = (u32, (f32, f32));

/// Where the venues are that people choose.
struct Choices {
    /// Of each kind of [`BY_CHOICE`] who goes there by choice, a role, and its venues.
    kinds: Vec<(u8, Vec<Placed>)>,
    /// Of each venue its kind among these, and its number there.
    venue: Vec<Option<(usize, usize)>>,
}

impl Choices {
    fn of(city: &City) -> Self {
        let (venues, places) = (city.movement.venues(), &city.people.society.as_ref().expect("a city").establishments);
        let mut found = Self { kinds: Vec::new(), venue: vec![None; venues.len()] };
        for (number, (kind, role, trade)) in BY_CHOICE.into_iter().enumerate() {
            let roles = city.loaded.kinds.named(kind).expect("a kind of the program").roles;
            let role = roles.iter().position(|known| known.name == role).expect("a role of the kind");
            // Venues stand in the order of their establishments, of which each of these trades has one.
            let kinds = BY_CHOICE.iter().filter(|(.., of)| *of == trade).map(|(kind, ..)| *kind).collect::<Vec<_>>();
            let of_trade = venues.iter().filter(|venue| kinds.contains(&venue.kind.name()));
            let at = (0..places.len()).filter(|i| places.trade[*i] == trade).map(|i| (places.x_m[i], places.y_m[i]));
            let of_kind: Vec<_> =
                of_trade.zip(at).filter(|(venue, _)| venue.kind.name() == kind).map(|(venue, at)| (venue.id.0, at)).collect();
            of_kind.iter().enumerate().for_each(|(i, (venue, _))| found.venue[*venue as usize] = Some((number, i)));
            found.kinds.push((role as u8, of_kind));
        }
        found
    }

    /// Of a visit by choice its kind, and the venue's number among those.
    fn of_visit(&self, visit: &Visit) -> Option<(usize, usize)> {
        self.venue[visit.venue.index()].filter(|(kind, _)| self.kinds[*kind].0 == visit.role)
    }

    /// Mean distance between home and the venues chosen, m.
    fn mean_m(&self, city: &City, visits: &[Visit]) -> f64 {
        let far = |visit: &Visit| {
            let (kind, i) = self.of_visit(visit)?;
            Some(f64::from(apart_m2(home(city, visit), self.kinds[kind].1[i].1)).sqrt())
        };
        let all: Vec<f64> = visits.iter().filter_map(far).collect();
        all.iter().sum::<f64>() / all.len() as f64
    }

    /// The day's visits, the venues of choice found by looking at all of their kind.
    fn every_venue<'v>(&self, city: &City, out: &'v mut Vec<Visit>) -> &'v [Visit] {
        city.visits(out);
        let keyed = Keyed::new(Seed(1), Stream::CityDays);
        for visit in out.iter_mut() {
            let Some((kind, _)) = self.of_visit(visit) else { continue };
            let from = home(city, visit);
            let mut far: Vec<(f32, u32)> = self.kinds[kind].1.iter().map(|(venue, at)| (apart_m2(from, *at), *venue)).collect();
            far.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
            // As far down the list as the program goes, on average.
            let further = keyed.rng(visit.person.0, 0, visit.start_s as u32).exponential(1.3) as usize;
            visit.venue.0 = far[further.min(far.len().min(6) - 1)].1;
        }
        out
    }
}

fn home(city: &City, visit: &Visit) -> (f32, f32) {
    let household = city.people.household[visit.person.index()] as usize;
    let society = city.people.society.as_ref().expect("a city");
    (society.home_x_m[household], society.home_y_m[household])
}

fn apart_m2(a: (f32, f32), b: (f32, f32)) -> f32 {
    (a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1)
}

/// Arrivals and departures of all venues, one after the other.
fn one_queue(visits: &[Visit], venues: usize) -> Crowds {
    let events = visits.iter().enumerate().flat_map(|(i, visit)| [Reverse((visit.end_s, false, i)), Reverse((visit.start_s, true, i))]);
    let mut queue: BinaryHeap<_> = events.collect();
    let (mut there, mut found) = (vec![0u32; venues], Crowds { most: vec![0; venues], stayed_s: 0 });
    while let Some(Reverse((_, comes, i))) = queue.pop() {
        let visit = &visits[i];
        let (there, most) = (&mut there[visit.venue.index()], &mut found.most[visit.venue.index()]);
        if comes {
            *there += 1;
            *most = (*most).max(*there);
        } else {
            *there -= 1;
            found.stayed_s += visit.end_s - visit.start_s;
        }
    }
    found
}

criterion_group!(benches, day);
criterion_main!(benches);
