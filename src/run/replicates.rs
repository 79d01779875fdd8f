//! Several worlds of one scenario: as many runs with seeds one after the other, and one accuracy table over them.
//!
//! A folder of worlds holds each as a complete run, `seed-N/`, and beside them what is reported over all. It is taken up like a run:
//! worlds that are finished stay, one that was cut short goes on after its last day, and more worlds may be added later.

use std::{
    path::PathBuf,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use rustc_hash::FxHashMap;
use serde_json::{Value, json};

use crate::{
    accuracy::{OverWorlds, RATE_ENDS, RATE_NAMES, Rate},
    engine::now,
    output::{Batch, IoError, ManifestHead, RunFolder, read_table, tables},
    report::{ContactRate, FarSignalFigures, make_report},
    scenario::Loaded,
    setup::Setup,
};

use super::{
    Outcome, RunError, RunOptions,
    figures::{contact_rates_over, far_signal_over},
    flow::{FINISHED_ALREADY, in_threads, is_finished, resolved, run_world, setup_that_fits},
    memory::Size,
    progress::Progress,
    resume::{self, Found},
    rows::set_rates,
    summary::{self, Reported},
};

/// So many worlds are in memory at most.
const MOST_AT_ONCE: usize = 4;

/// Runs a scenario with `worlds` seeds, from its own on, and reports accuracy over them.
///
/// # Errors
/// [`RunError`]; on faults nothing has been written, on others everything finished is kept.
pub fn run_worlds(loaded: &Loaded, options: &RunOptions, worlds: u32) -> Result<Outcome, RunError> {
    let started = now();
    let (setup, threads) =
        in_threads(options.threads.unwrap_or(0), || Ok((setup_that_fits(loaded, options)?, rayon::current_num_threads())))?;
    let first = setup.seed.0;
    let last = first.saturating_add(u64::from(worlds) - 1);
    if last > i64::MAX as u64 {
        return Err(RunError::SeedsEnd { seed: first, worlds });
    }
    let root = options.folder(&setup);
    let resolved = resolved(loaded, &setup);
    let head = ManifestHead { seed: first, holds_worlds: true, scenario: &resolved, inputs: &setup.inputs };
    let folder = if options.resume { RunFolder::resume(&root)? } else { RunFolder::create(&root, options.overwrite)? };
    let merged = resume::find::<()>(&folder, head)?;
    refuse_others(&folder, first, last)?;
    let seeds: Vec<u64> = (first..=last).collect();
    let done = finished_worlds(&folder, &setup, &resolved, &seeds)?;
    if matches!(merged, Found::Finished) && done == seeds && listed_worlds(&folder)? == seeds.len() {
        return Ok(Outcome { folder: root, summary: FINISHED_ALREADY.into() });
    }
    // Marks the folder as one of worlds before the first of them is there.
    resume::keep(&folder, head, setup.first_day, folder.finished(), Vec::new())?;
    let progress = Progress::new(&setup, worlds, options.quiet);
    let places: Vec<(u64, PathBuf)> = seeds.iter().map(|seed| (*seed, folder.world(*seed))).collect();
    // As many at once as have room.
    let room = options.memory_limit_bytes.map_or(f64::INFINITY, |limit| limit as f64 / Size::of(&setup, threads).bytes());
    let at_once = seeds.len().min(threads).min(MOST_AT_ONCE).min(room as usize).max(1);
    let result = side_by_side(loaded, options, &places, (threads, at_once), &progress);
    progress.finish();
    result?;

    let (mut far_signals, mut contact_rates) = (Vec::new(), Vec::new());
    let (mut tables_of_worlds, mut summaries, mut contents) = (Vec::new(), Vec::new(), Vec::new());
    for &seed in &seeds {
        let world = RunFolder::open(&folder.world(seed))?;
        let summary = world.read_summary()?.unwrap_or_default();
        let content = world.read_manifest()?.unwrap_or_default()["content_sha256"].take();
        far_signals.extend(serde_json::from_value::<FarSignalFigures>(summary["far_signal"].clone()));
        contact_rates.extend(serde_json::from_value::<Vec<ContactRate>>(summary["contact_rates"].clone()));
        contents.push(json!({ "seed": seed, "content_sha256": content }));
        summaries.push(summary);
        tables_of_worlds.push(read_table(world.path(), &tables::ACCURACY)?);
    }
    let over = OverWorlds::new(seeds.len(), setup.scenario.accuracy.confidence);
    let accuracy = merge(&tables_of_worlds, &over);
    folder.write_table(&accuracy)?;
    let reported = Reported::of(&setup, &accuracy, worlds);
    let (far_signal, contact_rates) = (far_signal_over(&far_signals, &over), contact_rates_over(&contact_rates, &over));
    folder.write_summary(&summary::json_over_worlds(&setup, &reported, &summaries, &far_signal, &contact_rates))?;
    folder.write_manifest_of_worlds(head, contents)?;
    make_report(&root)?;
    let took_s = started.elapsed().as_secs_f64();
    folder.write_timing(&json!({ "total_s": took_s, "worlds": worlds, "threads": threads }))?;
    folder.remove_state()?;
    let summary = summary::text_over_worlds(&setup, &reported, (&summaries, &contact_rates), took_s, &root);
    Ok(Outcome { folder: root, summary })
}

/// Worlds of the folder that are not asked for would stand beside figures that leave them out.
fn refuse_others(folder: &RunFolder, first: u64, last: u64) -> Result<(), RunError> {
    let there = folder.worlds()?;
    let strays: Vec<String> = there.iter().filter(|seed| !(first..=last).contains(seed)).map(|seed| format!("seed-{seed}")).collect();
    if strays.is_empty() {
        return Ok(());
    }
    let highest = there.last().copied().unwrap_or(last);
    let remedy = if there.first().is_some_and(|lowest| *lowest >= first) {
        format!("give --replicates {} or more, or another --out", highest - first + 1)
    } else {
        "give the --seed it began with, or another --out".into()
    };
    Err(RunError::OtherWorlds { folder: folder.path().display().to_string(), first, last, strays, remedy })
}

/// The worlds that are finished; whatever of any world is not as it was written is refused before anything is simulated.
fn finished_worlds(folder: &RunFolder, setup: &Setup, resolved: &Value, seeds: &[u64]) -> Result<Vec<u64>, RunError> {
    let there = folder.worlds()?;
    let mut finished = Vec::new();
    for &seed in seeds.iter().filter(|seed| there.contains(seed)) {
        let mut scenario = resolved.clone();
        scenario["run"]["seed"] = seed.into();
        let head = ManifestHead { seed, holds_worlds: false, scenario: &scenario, inputs: &setup.inputs };
        if is_finished(&RunFolder::resume(&folder.world(seed))?, head)? {
            finished.push(seed);
        }
    }
    Ok(finished)
}

/// How many worlds the folder's figures are over.
fn listed_worlds(folder: &RunFolder) -> Result<usize, IoError> {
    Ok(folder.read_manifest()?.and_then(|manifest| Some(manifest["worlds"].as_array()?.len())).unwrap_or(0))
}

/// Runs every world that is not finished, a few at once, each with its share of the threads.
fn side_by_side(
    loaded: &Loaded,
    options: &RunOptions,
    worlds: &[(u64, PathBuf)],
    (threads, at_once): (usize, usize),
    progress: &Progress,
) -> Result<(), RunError> {
    let of_world = RunOptions { resume: true, overwrite: false, quiet: true, ..options.clone() };
    let (next, has_failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let results: Mutex<Vec<(u64, Result<(), RunError>)>> = Mutex::new(Vec::new());
    let work = |threads: usize| {
        while !has_failed.load(Ordering::Relaxed) && options.stop.load(Ordering::Relaxed) == 0 {
            let Some((seed, place)) = worlds.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            let result = in_threads(threads, || {
                let loaded = loaded.with_seed(*seed);
                let setup = Setup::new(&loaded).map_err(RunError::Faults)?;
                run_world(&loaded, &setup, &of_world, place, progress).map(drop)
            });
            has_failed.fetch_or(result.is_err(), Ordering::Relaxed);
            results.lock().expect("invariant: no thread panics with it").push((*seed, result));
        }
    };
    std::thread::scope(|scope| {
        for i in 0..at_once {
            let share = threads / at_once + usize::from(i < threads % at_once);
            scope.spawn(move || work(share));
        }
    });
    let mut results = results.into_inner().expect("invariant: no thread panics with it");
    results.sort_by_key(|(seed, _)| *seed);
    let done = results.iter().filter(|(_, result)| result.is_ok()).count();
    let failed = results.into_iter().find_map(|(_, result)| result.err().filter(|error| !matches!(error, RunError::Stopped { .. })));
    match (failed, options.stop.load(Ordering::Relaxed)) {
        (Some(error), _) => Err(error),
        (None, signal) if done < worlds.len() => Err(RunError::StoppedWorlds { signal, done, worlds: worlds.len() as u32 }),
        _ => Ok(()),
    }
}

/// What names a row: mode, universe, rule, truth, stratum, level.
const KEYS: [&str; 6] = ["mode", "universe", "rule", "truth", "stratum", "level"];
const COUNTS: [&str; 4] = ["tp", "fp", "fn", "tn"];

/// A row over worlds in the making.
struct Cell<'a> {
    keys: [&'a str; KEYS.len()],
    counts: [i64; COUNTS.len()],
    rates: [Vec<Rate>; RATE_NAMES.len()],
}

/// The rows over all worlds, in the order in which the worlds first have them, and behind them every world's own.
fn merge(worlds: &[Batch], over: &OverWorlds) -> Batch {
    let mut cells: Vec<Cell<'_>> = Vec::new();
    let mut index: FxHashMap<[&str; KEYS.len()], usize> = FxHashMap::default();
    for world in worlds {
        let (texts, counts) = (KEYS.map(|key| world.text(key)), COUNTS.map(|count| world.i64(count)));
        let ends = |i: usize| RATE_ENDS[i].map(|end| world.f64(end));
        let rates: [[&[f64]; 3]; RATE_NAMES.len()] = std::array::from_fn(|i| [world.f64(RATE_NAMES[i]), ends(i)[0], ends(i)[1]]);
        for row in 0..world.rows() {
            let keys = texts.map(|text| text.get(row));
            let at = *index.entry(keys).or_insert_with(|| {
                cells.push(Cell { keys, counts: [0; COUNTS.len()], rates: Default::default() });
                cells.len() - 1
            });
            for (sum, count) in cells[at].counts.iter_mut().zip(counts) {
                *sum += count[row];
            }
            for ((name, rates), [value, low, high]) in RATE_NAMES.iter().zip(&mut cells[at].rates).zip(rates) {
                if !world.is_null(name, row) {
                    rates.push(Rate { value: value[row], low: low[row], high: high[row] });
                }
            }
        }
    }
    let mut merged = Batch::new(&tables::ACCURACY);
    for cell in &cells {
        let mut row = merged.row().set("seed", None::<i64>);
        for (name, text) in KEYS.iter().zip(cell.keys) {
            row = row.set(name, text);
        }
        for (name, count) in COUNTS.iter().zip(cell.counts) {
            row = row.set(name, count);
        }
        let rates: [Option<Rate>; RATE_NAMES.len()] = std::array::from_fn(|i| {
            let least = if RATE_NAMES[i] == "mcc" { -1.0 } else { 0.0 };
            over.rate(&cell.rates[i], least)
        });
        set_rates(row, &rates);
    }
    worlds.iter().for_each(|world| merged.append(world));
    merged
}
