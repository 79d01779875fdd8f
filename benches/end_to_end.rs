//! The office scenario from scenario file to report: person-days a second.
//!
//! `all_cores` and `one_core` do the same work, byte for byte. The rival of each part stands in that part's own bench;
//! here the single core is the naive way to run.

use cocoasim::{
    run::{RunOptions, run},
    scenario::{Loaded, SourceArgs, open},
};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

fn office() -> Loaded {
    open(&SourceArgs { scenario: "office".into(), ..SourceArgs::default() }).expect("the office scenario has no fault")
}

fn end_to_end(c: &mut Criterion) {
    let loaded = office();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let go = |threads: Option<usize>| {
        let options = RunOptions { out: Some(folder.path().join("run")), threads, overwrite: true, quiet: true, ..RunOptions::default() };
        run(&loaded, &options).expect("the office runs")
    };
    let outcome = go(None);
    let timing = std::fs::read_to_string(outcome.folder.join("timing.json")).expect("a run leaves its timing");
    let timing: serde_json::Value = serde_json::from_str(&timing).expect("the timing is JSON");
    let person_days = timing["person_days"].as_f64().map(|n| n as u64).expect("the timing counts person-days");
    let mut group = c.benchmark_group("end_to_end/office");
    group.sample_size(10).throughput(Throughput::Elements(person_days));
    group.bench_function("all_cores", |b| b.iter_batched(|| (), |()| go(None), BatchSize::PerIteration));
    group.bench_function("one_core", |b| b.iter_batched(|| (), |()| go(Some(1)), BatchSize::PerIteration));
    group.finish();
}

criterion_group!(benches, end_to_end);
criterion_main!(benches);
