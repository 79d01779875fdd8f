//! A run from scenario to report.

use std::{path::Path, sync::atomic::Ordering};

use serde_json::{Value, json};

use crate::{
    engine::{Itinerary, Sources, Stage, Timing, Window, now, stays_that_end},
    output::{IoError, ManifestHead, RunFolder},
    report::make_report,
    scenario::Loaded,
    server::public_key_pem,
    setup::Setup,
};

use super::{
    Outcome, RunError, RunOptions,
    evening::{Closed, Evening},
    memory::Size,
    progress::Progress,
    resume::{self, Found},
    rows,
    state::State,
    summary::{self, Replayed},
};

/// Runs a scenario.
///
/// # Errors
/// [`RunError`]; on faults nothing has been written, on others everything finished is kept.
pub fn run(loaded: &Loaded, options: &RunOptions) -> Result<Outcome, RunError> {
    in_threads(options.threads.unwrap_or(0), || {
        let setup = setup_that_fits(loaded, options)?;
        let root = options.folder(&setup);
        let progress = Progress::new(&setup, 1, options.quiet);
        let outcome = run_world(loaded, &setup, options, &root, &progress);
        progress.finish();
        outcome
    })
}

/// The world of a scenario, unless it takes more memory than the run may.
pub(super) fn setup_that_fits(loaded: &Loaded, options: &RunOptions) -> Result<Setup, RunError> {
    let (threads, limit_bytes) = (rayon::current_num_threads(), options.memory_limit_bytes);
    Size::of_city(loaded, threads).map_or(Ok(()), |size| size.fits(limit_bytes))?;
    let setup = Setup::new(loaded).map_err(RunError::Faults)?;
    Size::of(&setup, threads).fits(limit_bytes)?;
    Ok(setup)
}

/// Runs one world into a folder: day by day the system goes on, people are observed, and the UTC day that ends next morning is judged and
/// written.
pub(super) fn run_world(
    loaded: &Loaded,
    setup: &Setup,
    options: &RunOptions,
    root: &Path,
    progress: &Progress,
) -> Result<Outcome, RunError> {
    let (started, timing) = (now(), Timing::default());
    let people = setup.people.len() as u64;
    let resolved = resolved(loaded, setup);
    let head = ManifestHead { seed: setup.seed.0, holds_worlds: false, scenario: &resolved, inputs: &setup.inputs };
    let folder = if options.resume { RunFolder::resume(root)? } else { RunFolder::create(root, options.overwrite)? };
    let mut state = match resume::find(&folder, head)? {
        Found::Nothing => State::new(setup),
        Found::Unfinished(state) => state,
        Found::Finished => {
            folder.remove_state()?;
            progress.skip(setup, setup.days);
            return Ok(Outcome { folder: root.to_owned(), summary: FINISHED_ALREADY.into() });
        }
    };
    if state.done == 0 {
        resume::keep(&folder, head, setup.first_day, folder.finished(), state.to_bytes())?;
        folder.write_public_key(&public_key_pem(setup.seed))?;
        folder.write_table(&rows::people(setup))?;
        folder.write_table(&rows::timeline(setup))?;
    }
    progress.skip(setup, state.done);
    let (today, link_scans_before) = (state.next_day(setup), state.link_scans());
    let mut days = timing.of(Stage::Plan, || [today.plus_days(-1), today].map(|day| state.itinerary(setup, day)));
    let mut before: Option<Closed<'_>> = None;
    while state.done < setup.days {
        // The day before goes to disk beside.
        let finished = folder.finished();
        let (written, day) = rayon::join(
            || timing.of(Stage::Checkpoint, || before.take().map_or(Ok(()), |day| day.write(&folder, head, finished))),
            || pass_day((setup, &folder), &mut state, &mut days, &options.sources, &timing),
        );
        written?;
        before = Some(day?);
        progress.day(setup, state.done, days[0].venues().count());
        let signal = options.stop.load(Ordering::Relaxed);
        if signal != 0 {
            before.map_or(Ok(()), |day| day.write(&folder, head, folder.finished()))?;
            return Err(RunError::Stopped { signal, done: state.done, days: setup.days });
        }
    }
    timing.of(Stage::Checkpoint, || before.map_or(Ok(()), |day| day.write(&folder, head, folder.finished())))?;
    timing.counts("link_scans", state.link_scans() - link_scans_before);
    let replayed = Replayed::of(setup, state.long_pair_days());
    let reported = timing.of(Stage::Finish, || state.finish(setup, &folder, replayed.as_ref()))?;
    let simulated_s = started.elapsed().as_secs_f64();
    timing.of(Stage::Finish, || {
        folder.write_manifest(head)?;
        make_report(root)
    })?;
    let person_days = people as f64 * f64::from(setup.days);
    let mut spent = timing.json();
    spent["simulated_s"] = json!(simulated_s);
    spent["total_s"] = json!(started.elapsed().as_secs_f64());
    spent["person_days"] = json!(person_days);
    spent["person_days_per_s"] = json!(person_days / simulated_s);
    spent["threads"] = json!(rayon::current_num_threads());
    folder.write_timing(&spent)?;
    folder.remove_state()?;
    let summary = summary::text(setup, &reported, &state.system, &state.events(), replayed.as_ref(), simulated_s, root);
    Ok(Outcome { folder: root.to_owned(), summary })
}

/// A day: visits that end, the system's events, and the UTC day that begins, observed and judged. `days` are yesterday and today, and move on.
fn pass_day<'a>(
    (setup, folder): (&'a Setup, &RunFolder),
    state: &mut State,
    days: &mut [Itinerary; 2],
    sources: &Sources,
    timing: &Timing,
) -> Result<Closed<'a>, IoError> {
    let [yesterday, today] = &*days;
    let day = today.day;
    let mut evening = timing.of(Stage::Tables, || {
        let ended = stays_that_end(setup, [yesterday, today], |person, day| state.system.stays_home(person, day));
        let mut visits = folder.begin_part(day)?;
        visits.extend(ended.iter().map(|stay| rows::visit(setup, stay)))?;
        Ok::<_, IoError>(Evening::new(visits))
    })?;
    if let Some(window) = Window::before(setup, day) {
        state.observe((setup, folder), window, [yesterday, today], sources, timing, &mut evening)?;
    }
    state.advance_system(setup, folder, day, timing)?;
    let tomorrow = timing.of(Stage::Plan, || state.itinerary(setup, day.next()));
    timing.counts("visits", today.len() as u64);
    timing.holds("visits", days.iter().chain([&tomorrow]).map(Itinerary::bytes).sum());
    state.observe((setup, folder), Window::of(setup, day), [today, &tomorrow], sources, timing, &mut evening)?;
    state.done += 1;
    state.bytes().into_iter().for_each(|(structure, bytes)| timing.holds(structure, bytes));
    let [yesterday, today] = days;
    *yesterday = std::mem::replace(today, tomorrow);
    let closed = timing.of(Stage::Checkpoint, || evening.close(day.next(), state.to_bytes()));
    timing.holds("checkpoint", closed.bytes());
    Ok(closed)
}

/// Does something in so many threads; 0 = all cores.
pub(super) fn in_threads<T: Send>(threads: usize, task: impl FnOnce() -> Result<T, RunError> + Send) -> Result<T, RunError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| RunError::Threads { threads, message: error.to_string() })?.install(task)
}

/// The scenario as a run is known by it.
pub(super) fn resolved(loaded: &Loaded, setup: &Setup) -> Value {
    let mut resolved = resume::without_folders(&loaded.resolved);
    // A trace may have brought its own number.
    resolved["run"]["days"] = setup.reported_days().into();
    resolved
}

/// How far the run in a folder is, with every finished file held against what was written.
///
/// # Errors
/// That the folder holds another run, or one that is damaged; or the system's.
pub(super) fn is_finished(folder: &RunFolder, head: ManifestHead<'_>) -> Result<bool, RunError> {
    Ok(matches!(resume::find::<State>(folder, head)?, Found::Finished))
}

/// What a run says that `--resume` finds finished.
pub(super) const FINISHED_ALREADY: &str =
    "this run is finished already, and its tables and summary are as they were written; nothing to do";
