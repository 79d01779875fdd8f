//! Who was near whom on the office's first day, one core: pair-seconds a second.
//!
//! `segments` cuts every pair's common time where a pose changes, finds what stands between, and measures the time within
//! 1 m in closed form. `every_second` is the naive rival: it looks at every pair every second and counts seconds within
//! 1 m, without lines of sight. Both agree to within 1 %.

#[allow(dead_code, reason = "each bench uses its part of the day")]
mod office_day;

use std::hint::black_box;

use cocoasim::{encounter::encounters, mobility::Stance, truth::Measure, venue::VenueKind};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use office_day::{OfficeDay, on_one_thread};

fn encounter(c: &mut Criterion) {
    let office = OfficeDay::new();
    let (day, plan) = office.office();
    let pair_seconds: i64 = encounters(day, plan, f32::MAX).segments.iter().map(|s| s.end_s - s.start_s).sum();
    assert!((closed_form_s(&office) / every_second_s(&office) - 1.0).abs() < 0.01, "both ways measure the same");
    let mut group = c.benchmark_group("encounter");
    group.sample_size(10).throughput(Throughput::Elements(pair_seconds as u64));
    group.bench_function("segments", |b| on_one_thread(|| b.iter(|| closed_form_s(black_box(&office)))));
    group.bench_function("every_second", |b| b.iter(|| every_second_s(black_box(&office))));
    group.finish();
}

fn closed_form_s(office: &OfficeDay) -> f64 {
    let (day, plan) = office.office();
    let measure = Measure {
        config: &office.scenario.truth,
        near_m: office.scenario.output.contacts_within_m,
        phone_offset: office.radio.phone_offsets(),
        barrier_codes: &office.barrier_codes,
    };
    let found = encounters(day, plan, office.reach_m);
    let touches = measure.venue_day(VenueKind::Office, office.day, day, &found);
    touches.iter().flat_map(|t| &t.halves).map(|h| h.within_ignoring_walls_s).sum()
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

criterion_group!(benches, encounter);
criterion_main!(benches);
