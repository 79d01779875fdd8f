//! Who was near whom on a floor's first day, one core.
//!
//! Of the office, pair-seconds a second: `segments` cuts every pair's common time where a pose changes, finds what stands between, and
//! measures the time within 1 m in closed form. `every_second` is the naive rival: it looks at every pair every second and counts seconds
//! within 1 m, without lines of sight. Both agree to within 1 %.
//!
//! Of floors of 250 and 1,000 workers at one density, people a second: `grid` sweeps each person's surroundings in space and time for pairs
//! in truth's range, and in radio's where both phones run. The rival `every_two` lays the stances of every two people side by side. Both find
//! the same segments.

#[expect(dead_code, reason = "each bench uses its part of the day")]
mod office_day;

use std::hint::black_box;

use cocoasim::{
    encounter::{Barriers, Ranges, Relative, Scratch, Segment, Sight, Sweep},
    ids::PersonId,
    mobility::Stance,
    truth::Touch,
    venue::VenueKind,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use office_day::{OfficeDay, floor::all_pairs};

fn office(c: &mut Criterion) {
    let office = OfficeDay::new();
    let everywhere = Ranges { people_m: f32::MAX, phones_m: f32::MAX };
    let pair_seconds = seconds(all_pairs(&office.office().0.stances, everywhere, |_| true).iter().map(|(_, segments)| segments.as_slice()));
    assert!((closed_form_s(&office) / every_second_s(&office) - 1.0).abs() < 0.01, "both ways measure the same");
    let mut group = c.benchmark_group("encounter");
    group.sample_size(10).throughput(Throughput::Elements(pair_seconds as u64));
    group.bench_function("segments", |b| b.iter(|| closed_form_s(black_box(&office))));
    group.bench_function("every_second", |b| b.iter(|| every_second_s(black_box(&office))));
    group.finish();
}

fn seconds<'s>(pairs: impl Iterator<Item = &'s [Segment]>) -> i64 {
    pairs.flatten().map(|s| s.end_s - s.start_s).sum()
}

fn closed_form_s(office: &OfficeDay) -> f64 {
    let (day, plan) = office.office();
    let (measure, midnight_s) = (office.measure(), office.day.end().0);
    let sweep = Sweep::new(&day.stances, Ranges { people_m: measure.range_m(), phones_m: office.reach_m }, |_| true);
    let listed = Barriers::of(plan);
    let (mut sight, mut scratch, mut touch, mut within_s) = (Sight::new(plan, &listed), Scratch::default(), Touch::default(), 0.0);
    for a in 0..sweep.people() {
        sweep.partners_of(
            a,
            &mut scratch,
            |_| true,
            |_, segments| {
                touch.clear();
                measure.pair(VenueKind::OFFICE, midnight_s, &day.stances, segments, &mut sight, &mut touch);
                within_s += touch.whole().within_ignoring_walls_s;
            },
        );
    }
    within_s
}

fn every_second_s(office: &OfficeDay) -> f64 {
    let (day, _) = office.office();
    let people: Vec<&[Stance]> = day.stances.chunk_by(|a, b| a.person == b.person).collect();
    let radius_m = office.scenario.truth.radius_m as f32;
    let mut seconds = 0u64;
    for (i, a) in people.iter().enumerate() {
        for b in &people[i + 1..] {
            let (mut at_a, mut at_b) = (0, 0);
            for t_s in a[0].start_s.max(b[0].start_s)..a[a.len() - 1].end_s.min(b[b.len() - 1].end_s) {
                while a[at_a].end_s <= t_s {
                    at_a += 1;
                }
                while b[at_b].end_s <= t_s {
                    at_b += 1;
                }
                if a[at_a].start_s <= t_s && b[at_b].start_s <= t_s {
                    seconds += u64::from(a[at_a].at(t_s as f64).distance_m(b[at_b].at(t_s as f64)) <= radius_m);
                }
            }
        }
    }
    seconds as f64
}

fn floors(c: &mut Criterion) {
    let mut group = c.benchmark_group("encounter/floor");
    group.sample_size(10);
    for workers in [250, 1000] {
        let office = OfficeDay::of(&format!("benches/scenarios/floor-{workers}.toml"), &[]);
        let stances = &office.office().0.stances;
        let (people_m, runs) = (office.measure().range_m(), |p: PersonId| office.running[p.index()]);
        let ranges = Ranges { people_m, phones_m: office.reach_m.max(people_m) };
        assert_eq!(by_grid(stances, ranges, runs), every_two(stances, ranges, runs), "both ways find the same");
        group.throughput(Throughput::Elements(stances.chunk_by(|a, b| a.person == b.person).count() as u64));
        group.bench_function(BenchmarkId::new("grid", workers), |b| b.iter(|| by_grid(black_box(stances), ranges, runs)));
        group.bench_function(BenchmarkId::new("every_two", workers), |b| b.iter(|| every_two(black_box(stances), ranges, runs)));
    }
    group.finish();
}

/// Pairs, segments and pair-seconds.
type Swept = (usize, usize, i64);

fn by_grid(stances: &[Stance], ranges: Ranges, runs: impl Fn(PersonId) -> bool) -> Swept {
    let sweep = Sweep::new(stances, ranges, runs);
    let (mut scratch, mut found) = (Scratch::default(), Swept::default());
    for a in 0..sweep.people() {
        sweep.partners_of(a, &mut scratch, |_| true, |_, segments| add(&mut found, segments));
    }
    found
}

fn every_two(stances: &[Stance], ranges: Ranges, runs: impl Fn(PersonId) -> bool) -> Swept {
    let mut first = 0;
    let people: Vec<(u32, &[Stance])> = stances
        .chunk_by(|a, b| a.person == b.person)
        .map(|of_person| {
            first += of_person.len() as u32;
            (first - of_person.len() as u32, of_person)
        })
        .collect();
    let (mut segments, mut found) = (Vec::new(), Swept::default());
    for (i, (first_a, a)) in people.iter().enumerate() {
        for (first_b, b) in &people[i + 1..] {
            let range_m = if runs(a[0].person) && runs(b[0].person) { ranges.phones_m } else { ranges.people_m };
            segments.clear();
            let (mut at_a, mut at_b) = (0, 0);
            while at_a < a.len() && at_b < b.len() {
                let (sa, sb) = (&a[at_a], &b[at_b]);
                let (start_s, end_s) = (sa.start_s.max(sb.start_s), sa.end_s.min(sb.end_s));
                if start_s < end_s && Relative::of(sa, sb, start_s).min_distance_m((end_s - start_s) as f64) <= f64::from(range_m) {
                    segments.push(Segment { start_s, end_s, stance_a: first_a + at_a as u32, stance_b: first_b + at_b as u32 });
                }
                if sa.end_s <= sb.end_s {
                    at_a += 1;
                } else {
                    at_b += 1;
                }
            }
            add(&mut found, &segments);
        }
    }
    found
}

fn add((pairs, number, pair_seconds): &mut Swept, segments: &[Segment]) {
    *pairs += usize::from(!segments.is_empty());
    *number += segments.len();
    *pair_seconds += seconds([segments].into_iter());
}

criterion_group!(benches, office, floors);
criterion_main!(benches);
