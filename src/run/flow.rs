//! A run from scenario to report.

use std::{path::Path, sync::atomic::Ordering};

use indicatif::ProgressBar;
use serde_json::{Value, json};

use crate::{
    output::{ManifestHead, RunFolder},
    report::make_report,
    scenario::Loaded,
    server::public_key_pem,
};

use super::{
    Outcome, RunError, RunOptions,
    itinerary::Itinerary,
    progress::{Stage, Timing, now, progress_bar},
    resume::{self, Found},
    rows,
    setup::Setup,
    state::State,
    summary::{self, Replayed},
    window::Window,
};

/// Runs a scenario.
///
/// # Errors
/// [`RunError`]; on faults nothing has been written, on others everything finished is kept.
pub fn run(loaded: &Loaded, options: &RunOptions) -> Result<Outcome, RunError> {
    in_threads(options.threads.unwrap_or(0), || {
        let setup = Setup::new(loaded).map_err(RunError::Faults)?;
        let root = options.folder(&setup);
        let progress = progress_bar(&setup, 1, options.quiet);
        let outcome = run_world(loaded, &setup, options, &root, &progress);
        progress.finish_and_clear();
        outcome
    })
}

/// Runs one world into a folder: day by day the system goes on, people are observed, and the UTC day that ends next morning is judged and
/// written.
pub(super) fn run_world(
    loaded: &Loaded,
    setup: &Setup,
    options: &RunOptions,
    root: &Path,
    progress: &ProgressBar,
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
            progress.inc(people * u64::from(setup.days));
            return Ok(Outcome { folder: root.to_owned(), summary: FINISHED_ALREADY.into() });
        }
    };
    if state.done == 0 {
        resume::keep(&folder, head, setup.first_day, &state)?;
        folder.write_public_key(&public_key_pem(setup.seed))?;
        folder.write_table(&rows::people(setup))?;
        folder.write_table(&rows::plan(setup))?;
    }
    progress.inc(people * u64::from(state.done));
    let mut today = timing.of(Stage::Plan, || state.itinerary(setup, state.next_day(setup)));
    while state.done < setup.days {
        let day = state.next_day(setup);
        timing.of(Stage::Tables, || state.write_visits(setup, &folder, &today))?;
        if let Some(window) = Window::before(setup, day) {
            let days = [&Itinerary::nobody(setup, day.plus_days(-1)), &today];
            state.observe(setup, &folder, window, days, &options.sources, &timing)?;
        }
        timing.of(Stage::System, || state.advance_system(setup, &folder, day))?;
        let tomorrow = timing.of(Stage::Plan, || state.itinerary(setup, day.next()));
        timing.holds("visits", today.bytes() + tomorrow.bytes());
        state.observe(setup, &folder, Window::of(setup, day), [&today, &tomorrow], &options.sources, &timing)?;
        today = tomorrow;
        state.done += 1;
        timing.of(Stage::Checkpoint, || resume::keep(&folder, head, day.next(), &state))?;
        state.bytes().into_iter().for_each(|(structure, bytes)| timing.holds(structure, bytes));
        progress.inc(people);
        let signal = options.stop.load(Ordering::Relaxed);
        if signal != 0 {
            return Err(RunError::Stopped { signal, done: state.done, days: setup.days });
        }
    }
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

/// Does something in so many threads; 0 = all cores.
pub(super) fn in_threads<T: Send>(threads: usize, task: impl FnOnce() -> Result<T, RunError> + Send) -> Result<T, RunError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| RunError::Threads { threads, message: error.to_string() })?.install(task)
}

/// The scenario as a run is known by it.
pub(super) fn resolved(loaded: &Loaded, setup: &Setup) -> Value {
    let mut resolved = resume::without_folders(&loaded.resolved);
    // A trace may have brought its own number.
    resolved["run"]["days"] = setup.days.into();
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
