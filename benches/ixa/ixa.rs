//! A working day of a city of 100,000 people on one core, person-days a second: everybody comes and goes as their visits say, in order of
//! time, and the people in each venue are counted.
//!
//! `crowds` goes through the visits venue by venue, as in `benches/city.rs`. `ixa` does it as a discrete event simulation: whoever comes
//! plans when to go, whoever goes plans where to come next, and a data plugin has the counts. `ixa/people` has people as entities besides,
//! with where they are as a property; counts follow its changes. All find the same.

use std::{hint::black_box, rc::Rc};

use city_day::{City, Crowds, crowds};
use cocoasim::mobility::Visit;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ixa::{ExecutionPhase, prelude::*};

const PEOPLE: u32 = 100_000;

define_entity!(Person);

/// Where somebody is.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place(Option<u32>);

impl_property!(Place, Person, default_const = Place(None), persist = false);

/// The day so far.
#[derive(Default)]
struct Day {
    /// Everybody's visits, by (person, start), and when the day begins, Unix seconds.
    visits: Rc<[Visit]>,
    from_s: i64,
    /// People as entities, or nobody.
    people: Vec<PersonId>,
    /// Of each venue how many are there.
    there: Vec<u32>,
    found: Crowds,
}

define_data_plugin!(DayPlugin, Day, Day::default());

impl Day {
    fn comes(&mut self, venue: u32) {
        let there = &mut self.there[venue as usize];
        *there += 1;
        let most = &mut self.found.most[venue as usize];
        *most = (*most).max(*there);
    }

    fn goes(&mut self, venue: u32) {
        self.there[venue as usize] -= 1;
    }
}

/// Plans that somebody comes to the visit of a number.
fn plan(context: &mut Context, at: usize) {
    let day = context.get_data(DayPlugin);
    let start_s = (day.visits[at].start_s - day.from_s) as f64;
    context.add_plan(start_s, move |context| come(context, at));
}

fn come(context: &mut Context, at: usize) {
    let day = context.get_data_mut(DayPlugin);
    let visit = day.visits[at];
    let end_s = (visit.end_s - day.from_s) as f64;
    match day.people.get(visit.person.index()).copied() {
        Some(person) => context.set_property(person, Place(Some(visit.venue.0))),
        None => day.comes(visit.venue.0),
    }
    // Whoever leaves in a second is gone before others come.
    context.add_plan_with_phase(end_s, move |context| go(context, at), ExecutionPhase::First);
}

fn go(context: &mut Context, at: usize) {
    let day = context.get_data_mut(DayPlugin);
    let visit = day.visits[at];
    day.found.stayed_s += visit.end_s - visit.start_s;
    let goes_on = day.visits.get(at + 1).is_some_and(|next| next.person == visit.person);
    match day.people.get(visit.person.index()).copied() {
        Some(person) => context.set_property(person, Place(None)),
        None => day.goes(visit.venue.0),
    }
    if goes_on {
        plan(context, at + 1);
    }
}

/// The day of these visits, with so many people as entities.
fn simulated(visits: &Rc<[Visit]>, venues: usize, people: usize) -> Crowds {
    let mut context = Context::new();
    let people = (0..people).map(|_| context.add_entity(Person).expect("a person")).collect();
    context.subscribe_to_event(|context, event: PropertyChangeEvent<Person, Place>| {
        let day = context.get_data_mut(DayPlugin);
        event.previous.0.into_iter().for_each(|venue| day.goes(venue));
        event.current.0.into_iter().for_each(|venue| day.comes(venue));
    });
    let from_s = visits.iter().map(|visit| visit.start_s).min().unwrap_or(0);
    let found = Crowds { most: vec![0; venues], stayed_s: 0 };
    *context.get_data_mut(DayPlugin) = Day { visits: Rc::clone(visits), from_s, people, there: vec![0; venues], found };
    let is_first = |at: &usize| *at == 0 || visits[at - 1].person != visits[*at].person;
    (0..visits.len()).filter(is_first).for_each(|at| plan(&mut context, at));
    context.execute();
    std::mem::take(&mut context.get_data_mut(DayPlugin).found)
}

fn day(c: &mut Criterion) {
    let city = City::of(PEOPLE);
    let mut visits = Vec::new();
    city.visits(&mut visits);
    let (visits, venues): (Rc<[Visit]>, usize) = (visits.into(), city.movement.venues().len());
    let found = crowds(&visits, venues);
    assert_eq!(found, simulated(&visits, venues, 0), "ixa finds the same");
    assert_eq!(found, simulated(&visits, venues, city.people.len()), "ixa finds the same of entities");

    let mut group = c.benchmark_group("ixa");
    group.sample_size(10).throughput(Throughput::Elements(u64::from(PEOPLE)));
    group.bench_function("crowds", |b| b.iter(|| crowds(black_box(&visits), venues)));
    group.bench_function("ixa", |b| b.iter(|| simulated(black_box(&visits), venues, 0)));
    group.bench_function("ixa/people", |b| b.iter(|| simulated(black_box(&visits), venues, city.people.len())));
    group.finish();
}

criterion_group!(benches, day);
criterion_main!(benches);
