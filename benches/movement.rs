//! Plans and insides on one core: people of homes, and the office floor.

#[expect(dead_code, reason = "each bench uses its part of the day")]
mod office_day;

use std::hint::black_box;

use cocoasim::{
    faults::Faults,
    ids::{PersonId, VenueId},
    mobility::{Movement, Visit},
    population::People,
    random::Seed,
    scenario::{SourceArgs, open},
    time::DayJst,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use office_day::on_one_thread;

/// Movement of so many workers with their households, how many people that is, and a working day.
fn world(workers: u32, more: &[&str]) -> (Movement, usize, DayJst) {
    let sets = [format!("population.workers={workers}")].into_iter().chain(more.iter().map(ToString::to_string)).collect();
    let loaded = open(&SourceArgs { scenario: "office".into(), sets, ..SourceArgs::default() }).expect("the scenario has no fault");
    let faults = &mut Faults::default();
    let kinds = loaded.kinds.generated(&loaded.scenario, faults).expect("office and home have no fault");
    let scenario = loaded.scenario;
    let people = People::generate(&scenario.population, &scenario.phones, Seed(1));
    let movement = Movement::generated(&scenario.mobility, &kinds, &scenario.venue.materials(faults), &people, Seed(1));
    (movement, people.len(), scenario.first_day().expect("the scenario names its first day"))
}

fn visits((movement, people, day): &(Movement, usize, DayJst)) -> Vec<Visit> {
    let mut out = Vec::new();
    (0..*people as u32).for_each(|p| movement.visits(PersonId(p), *day, false, &mut out));
    out
}

/// People in homes: plans of everybody, and what happens inside. The rival asks for the day of everybody to learn that of one.
fn homes(c: &mut Criterion) {
    let world = world(5200, &["mobility.work.telework_share=1", "authority.cases=[]"]);
    let (movement, people, day) = &world;
    let mut group = c.benchmark_group("movement_homes");
    group.throughput(Throughput::Elements(*people as u64));
    group.bench_function(BenchmarkId::new("plan", people), |b| b.iter(|| visits(&world)));
    let mut by_venue = visits(&world);
    by_venue.sort_by_key(|v| v.venue);
    group.bench_function(BenchmarkId::new("inside", people), |b| {
        let mut stances = Vec::new();
        b.iter(|| {
            for visits in by_venue.chunk_by(|a, b| a.venue == b.venue) {
                stances.clear();
                movement.stances(*day, visits, &mut stances);
                black_box(&stances);
            }
        });
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("plan/one_person", |b| {
        let mut out = Vec::new();
        b.iter(|| {
            out.clear();
            movement.visits(PersonId(17), *day, false, &mut out);
            black_box(out.len())
        });
    });
    let nobody = vec![false; *people];
    group.sample_size(10).bench_function("plan/one_person_by_the_day_of_everybody", |b| {
        b.iter(|| on_one_thread(|| movement.day(*day, &nobody).visits.iter().filter(|v| v.person.0 == 17).count()));
    });
    group.finish();
}

/// A working day inside the office of 120 workers.
fn office(c: &mut Criterion) {
    let world = world(120, &[]);
    let mut inside = visits(&world);
    inside.retain(|v| v.venue == VenueId(0));
    let mut group = c.benchmark_group("movement_office");
    group.throughput(Throughput::Elements(inside.len() as u64));
    group.bench_function("inside/120", |b| {
        let mut stances = Vec::new();
        b.iter(|| {
            stances.clear();
            world.0.stances(world.2, &inside, &mut stances)
        });
    });
    group.finish();
}

criterion_group!(benches, homes, office);
criterion_main!(benches);
