//! A run from scenario to report.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    accuracy::{Causes, Judged, Mode, Roc, Strata, Tally},
    authority::CaseHistory,
    gaen::{Sighting, SightingStore},
    ids::PersonId,
    mobility::{DayPlan, Visit},
    output::{Batch, IoError, ManifestHead, RunFolder, tables},
    radio::LinkTally,
    report::make_report,
    scenario::Loaded,
    time::{DayJst, DayUtc, UnixSeconds},
    truth::{Definition, HalfDay, Ledger, PairDay, Touch},
};

use super::{
    RunError,
    bridge::Bridge,
    far_signal::FarSignal,
    funnel::Funnel,
    judge::{Counts, Fired, INSTALLED, UtcPairs, count_jst_days, count_utc_day, verdicts},
    observe::{Observed, observe},
    resume::{self, Found},
    rows,
    setup::Setup,
    summary::{self, Events, Replayed, Reported},
    system::{System, World},
};

/// How to run.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Where results go; `outputs/NAME-seedN` if not said.
    pub out: Option<PathBuf>,
    /// Threads; all cores if not said. Results do not depend on it.
    pub threads: Option<usize>,
    /// Go on with a run that was killed.
    pub resume: bool,
    /// Replace a run that is there.
    pub overwrite: bool,
    /// No progress on stderr.
    pub quiet: bool,
    /// Number of a signal that asks the run to end after the current day; 0 while there is none.
    pub stop: Arc<AtomicUsize>,
}

impl RunOptions {
    /// Where results go.
    pub(super) fn folder(&self, setup: &Setup) -> PathBuf {
        let default = || PathBuf::from("outputs").join(format!("{}-seed{}", setup.scenario.run.name, setup.seed.0));
        self.out.clone().unwrap_or_else(default)
    }
}

/// The outcome of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Where the results are.
    pub folder: PathBuf,
    /// A summary that fits one screen.
    pub summary: String,
}

/// Sightings up to this long after the end of a UTC day may belong to its keys (an RPI is held for up to 2 h by the
/// scenario's limits, 20 min by default).
const LATE_S: i64 = 7200;

/// What is carried from day to day.
#[derive(Serialize, Deserialize)]
struct State {
    /// Days done.
    done: u32,
    /// Who stayed home on the last day done: needed to observe it again.
    stayed_home: Vec<bool>,
    ledger: Ledger,
    system: System,
    /// Each phone's store, of what may match: keys of the scenario's cases. A store's other records cannot match any key
    /// that is ever published, and are left out.
    stores: Vec<SightingStore>,
    counts: Counts,
    links: LinkTally,
    /// Each pair's half after 09:00 of the last day.
    #[serde(with = "crate::as_list")]
    after_nine: BTreeMap<(PersonId, PersonId), HalfDay>,
    /// Final pair-days whose part waits for others of their day, and the first day without a part.
    contacts: Vec<PairDay>,
    contacts_from: DayJst,
    #[serde(with = "crate::as_list")]
    fired: BTreeMap<DayUtc, Vec<Fired>>,
    /// Pairs with a case, day by day, for end-to-end accuracy.
    case_days: Vec<CaseDay>,
    open_visits: Vec<Option<Visit>>,
    snapshot_taken: bool,
    split_by_nine: u64,
    /// Pair-days with at least 900 s within the radius.
    long_pair_days: u64,
}

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

/// Does something in so many threads; 0 = all cores.
pub(super) fn in_threads<T: Send>(threads: usize, task: impl FnOnce() -> Result<T, RunError> + Send) -> Result<T, RunError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| RunError::Threads { threads, message: error.to_string() })?.install(task)
}

#[expect(clippy::disallowed_methods, reason = "timing.json is the one place for the wall clock")]
pub(super) fn now() -> Instant {
    Instant::now()
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

/// Runs one world into a folder.
pub(super) fn run_world(
    loaded: &Loaded,
    setup: &Setup,
    options: &RunOptions,
    root: &Path,
    progress: &ProgressBar,
) -> Result<Outcome, RunError> {
    let started = now();
    let resolved = resolved(loaded, setup);
    let head = ManifestHead { seed: setup.seed.0, holds_worlds: false, scenario: &resolved, inputs: &setup.inputs };
    let folder = if options.resume { RunFolder::resume(root)? } else { RunFolder::create(root, options.overwrite)? };
    let mut state = match resume::find(&folder, head)? {
        Found::Nothing => State::new(setup),
        Found::Unfinished(state) => state,
        Found::Finished => {
            folder.remove_state()?;
            progress.inc(setup.people.len() as u64 * u64::from(setup.days));
            return Ok(Outcome { folder: root.to_owned(), summary: FINISHED_ALREADY.into() });
        }
    };
    let keep = |state: &State| resume::keep(&folder, head, setup.first_day.plus_days(state.done as i32), state);
    if state.done == 0 {
        keep(&state)?;
        folder.write_table(&rows::people(setup))?;
        folder.write_table(&rows::plan(setup))?;
    }

    progress.inc(setup.people.len() as u64 * u64::from(state.done));
    let mut yesterday = (state.done > 0).then(|| observe(setup, setup.first_day.plus_days(state.done as i32 - 1), &state.stayed_home));
    while state.done < setup.days {
        let day = setup.first_day.plus_days(state.done as i32);
        let stays_home = state.system.stays_home(day);
        let today = observe(setup, day, &stays_home);
        state.day(setup, &folder, day, yesterday.as_ref(), &today)?;
        state.stayed_home = stays_home;
        state.done += 1;
        keep(&state)?;
        yesterday = Some(today);
        progress.inc(setup.people.len() as u64);
        let signal = options.stop.load(Ordering::Relaxed);
        if signal != 0 {
            return Err(RunError::Stopped { signal, done: state.done, days: setup.days });
        }
    }
    let replayed = Replayed::of(setup, state.long_pair_days);
    let reported = state.finish(setup, &folder, replayed.as_ref())?;
    let simulated_s = started.elapsed().as_secs_f64();
    folder.write_manifest(head)?;
    make_report(root)?;
    let person_days = setup.people.len() as f64 * f64::from(setup.days);
    folder.write_timing(&json!({
        "simulated_s": simulated_s,
        "total_s": started.elapsed().as_secs_f64(),
        "person_days": person_days,
        "person_days_per_s": person_days / simulated_s,
        "threads": rayon::current_num_threads(),
    }))?;
    folder.remove_state()?;
    let summary = summary::text(setup, &reported, &state.system, &state.events(), replayed.as_ref(), simulated_s, root);
    Ok(Outcome { folder: root.to_owned(), summary })
}

/// What a run says that `--resume` finds finished.
pub(super) const FINISHED_ALREADY: &str =
    "this run is finished already, and its tables and summary are as they were written; nothing to do";

/// The progress of so many worlds like this one.
pub(super) fn progress_bar(setup: &Setup, worlds: u32, quiet: bool) -> ProgressBar {
    let person_days = setup.people.len() as u64 * u64::from(setup.days);
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(person_days * u64::from(worlds)), target);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} person-days  {per_sec}  {eta} left").expect("the template is fixed");
    bar.set_style(style);
    bar
}

impl State {
    fn new(setup: &Setup) -> Self {
        let people = setup.people.len();
        Self {
            done: 0,
            stayed_home: vec![false; people],
            ledger: Ledger::default(),
            system: System::new(setup.first_day, &world(setup)),
            stores: vec![SightingStore::default(); people],
            counts: Counts {
                tally: tally(setup, setup.rules.len() + 1),
                roc: Roc::new(people, &setup.scenario.accuracy),
                causes: Causes::default(),
                far_signal: FarSignal::default(),
                bridge: Bridge::default(),
            },
            links: LinkTally::default(),
            after_nine: BTreeMap::new(),
            contacts: Vec::new(),
            contacts_from: setup.first_day,
            fired: BTreeMap::new(),
            case_days: Vec::new(),
            open_visits: vec![None; people],
            snapshot_taken: false,
            split_by_nine: 0,
            long_pair_days: 0,
        }
    }

    /// Everything that happens on one JST day and the UTC day that ends in it.
    fn day(
        &mut self,
        setup: &Setup,
        folder: &RunFolder,
        day: DayJst,
        yesterday: Option<&Observed>,
        today: &Observed,
    ) -> Result<(), IoError> {
        let is_last = day == setup.last_day();
        folder.write_part(&rows::visits(setup, &self.close_visits(day, &today.plan, is_last)), day)?;
        if setup.scenario.output.stances {
            folder.write_part(&rows::stances(setup, &today.plan), day)?;
        }
        if setup.scenario.output.sightings {
            folder.write_part(&rows::sightings(setup, &today.stored), day)?;
        }
        if !self.snapshot_taken
            && let Some(snapshot) = rows::snapshot(setup, &today.plan, day.start().0 + SNAPSHOT_SECOND_OF_DAY)
        {
            folder.write_table(&snapshot)?;
            self.snapshot_taken = true;
        }
        self.links.merge(&today.links);
        self.keep_what_may_match(setup, day, today);
        let today_halves = halves(&today.touches);
        self.system.advance(day, &world(setup), &self.stores);

        // The UTC day that ended at 09:00: yesterday's part after nine, today's before.
        let ended = day.start().day_utc();
        self.judge_utc_day(setup, folder, ended, yesterday, Some(today), &today_halves)?;
        self.after_nine = after_nine(&today_halves);

        let mut closed = self.ledger.close_day(day, today.touches.clone(), setup.scenario.truth.gap_min * 60.0);
        if is_last {
            closed.extend(self.ledger.finish());
            // The last UTC day ends with the run, at 24:00 JST.
            let last = day.utc_midnight().day_utc();
            self.judge_utc_day(setup, folder, last, Some(today), None, &BTreeMap::new())?;
        }
        // Rows wait for the next morning, so the verdicts of both their UTC days are known.
        count_jst_days(setup, &closed, &self.fired, &mut self.counts);
        let need_s = setup.scenario.truth.duration_min * 60.0;
        let is_split = |r: &&PairDay| r.whole().within_s >= need_s && r.utc_within_s.iter().all(|s| *s < need_s);
        self.counts.bridge.add_jst(closed.iter().filter(|r| r.whole().within_s >= need_s).count());
        self.split_by_nine += closed.iter().filter(is_split).count() as u64;
        self.long_pair_days += closed.iter().filter(|row| row.whole().within_s >= LONG_S).count() as u64;
        self.contacts.extend(closed);
        let final_until = self.ledger.waits_from().unwrap_or(day.next());
        // A JST day counts firings of the UTC day that ends in it and of the one that begins in it.
        let needed_from = final_until.start().day_utc();
        self.fired.retain(|utc, _| *utc >= needed_from);
        self.write_contacts(setup, folder, final_until)
    }

    /// Writes the parts of all days before `until`, whose rows are final.
    fn write_contacts(&mut self, setup: &Setup, folder: &RunFolder, until: DayJst) -> Result<(), IoError> {
        self.contacts.sort_by_key(|row| (row.day, row.a, row.b));
        while self.contacts_from < until {
            let later = self.contacts.partition_point(|row| row.day <= self.contacts_from);
            let rows: Vec<PairDay> = self.contacts.drain(..later).collect();
            folder.write_part(&rows::contacts(setup, &rows), self.contacts_from)?;
            self.contacts_from = self.contacts_from.next();
        }
        Ok(())
    }

    fn judge_utc_day(
        &mut self,
        setup: &Setup,
        folder: &RunFolder,
        day: DayUtc,
        before: Option<&Observed>,
        after: Option<&Observed>,
        after_halves: &Halves,
    ) -> Result<(), IoError> {
        let pairs = utc_day(&self.after_nine, after_halves);
        let span = day.start().0 as u32..(day.end().0 + LATE_S) as u32;
        let sightings_of = |phone: PersonId| -> Vec<Sighting> {
            [before, after].into_iter().flatten().flat_map(|o| o.stored.of(phone)).filter(|s| span.contains(&s.t_s)).copied().collect()
        };
        let found = verdicts(setup, day, sightings_of);
        if setup.scenario.output.verdicts {
            folder.write_part(&rows::verdicts(setup, day, &pairs, &found), DayJst(day.0))?;
        }
        let fired = count_utc_day(setup, day, &pairs, &found, &mut self.counts);
        self.fired.insert(day, fired);
        let is_case = |p: PersonId| setup.cases.iter().any(|(case, _)| *case == p);
        for (&(a, b), half) in &pairs {
            let evening_s = self.after_nine.get(&(a, b)).map_or(0.0, |evening| evening.within_s);
            let day_jst = DayJst(if evening_s >= half.within_s - evening_s { day.0 } else { day.0 + 1 });
            for (observer, case) in [(a, b), (b, a)] {
                if is_case(case) {
                    self.case_days.push(CaseDay { observer, case, day, day_jst, half: *half });
                }
            }
        }
        Ok(())
    }

    fn keep_what_may_match(&mut self, setup: &Setup, day: DayJst, today: &Observed) {
        let stored = &today.stored;
        for ((observer, transmitter), sighting) in stored.observer.iter().zip(&stored.transmitter).zip(&stored.sighting) {
            if setup.cases.iter().any(|(case, _)| case == transmitter) {
                self.stores[observer.index()].push(*sighting);
            }
        }
        for store in &mut self.stores {
            store.expire(day.end().0 as u32);
        }
    }

    /// Joins visits over midnight; returns those that ended today.
    fn close_visits(&mut self, day: DayJst, plan: &DayPlan, is_last: bool) -> Vec<Visit> {
        let mut ended = Vec::new();
        for visit in &plan.visits {
            let open = &mut self.open_visits[visit.person.index()];
            match open {
                Some(o) if o.venue == visit.venue && o.end_s == visit.start_s => o.end_s = visit.end_s,
                _ => {
                    ended.extend(open.take());
                    *open = Some(*visit);
                }
            }
        }
        let end_s = day.end().0;
        for open in &mut self.open_visits {
            if open.is_some_and(|o| is_last || o.end_s < end_s) {
                ended.extend(open.take());
            }
        }
        ended.sort_by_key(|v| (v.person, v.start_s));
        ended
    }

    /// End-to-end accuracy and the tables that cover the whole run.
    fn finish(&mut self, setup: &Setup, folder: &RunFolder, replayed: Option<&Replayed>) -> Result<Reported, IoError> {
        let mut accuracy = Batch::new(&tables::ACCURACY);
        let names: Vec<&str> = setup.rules.iter().map(|r| r.name.as_str()).chain([INSTALLED]).collect();
        rows::accuracy(&mut accuracy, setup.seed, &self.counts.tally.rows(), &names);
        rows::accuracy(&mut accuracy, setup.seed, &self.count_end_to_end(setup).rows(), &[INSTALLED]);
        folder.write_table(&accuracy)?;
        folder.write_table(&rows::causes(setup, &self.counts.causes))?;
        folder.write_table(&rows::roc(&self.counts.roc))?;
        folder.write_table(&rows::attenuation(setup, &self.links))?;
        if !self.snapshot_taken {
            folder.write_table(&Batch::new(&tables::SNAPSHOT))?;
        }
        let need_s = setup.scenario.truth.duration_min * 60.0;
        let true_contacts = self.counted_days(setup).filter(|c| c.half.within_s >= need_s);
        let funnel = Funnel::of(setup, &self.system, true_contacts.map(|c| (c.observer, c.case, c.day, c.day_jst)));
        for batch in rows::system(setup, &self.system, &funnel) {
            folder.write_table(&batch)?;
        }
        let reported = Reported::of(setup, &accuracy, 1);
        folder.write_summary(&summary::json(setup, &reported, &self.system, &self.events(), replayed))?;
        Ok(reported)
    }

    fn events(&self) -> Events {
        Events { split_by_nine: self.split_by_nine, far_signal: self.counts.far_signal, bridge: self.counts.bridge }
    }

    /// Pairs with a real case, on the days on which its contacts count: by local date, like the days of keys from release
    /// 1.2.1 on.
    fn counted_days<'a>(&'a self, setup: &'a Setup) -> impl Iterator<Item = &'a CaseDay> {
        self.case_days.iter().filter(|c| {
            let Some((_, history)) = setup.cases.iter().find(|(p, _)| *p == c.case) else { return false };
            let days = counting_days(history, setup.scenario.authority.infectious_days_before_onset);
            days.contains(&c.day)
        })
    }

    /// Did the app show them?
    fn count_end_to_end(&self, setup: &Setup) -> Tally {
        let need_s = setup.scenario.truth.duration_min * 60.0;
        let mut counted = tally(setup, 1);
        for &CaseDay { observer, case, day, half, .. } in self.counted_days(setup) {
            let Some(nearest) = half.nearest else { continue };
            let strata = Strata {
                nearest,
                observer_is_a: observer < case,
                os: setup.people.os(observer).zip(setup.people.os(case)),
                min_distance_m: half.min_distance_m,
                within_s: half.within_s,
                is_headline_day: setup.headline_counts(day),
            };
            counted.add(&Judged {
                mode: Mode::EndToEnd,
                observer,
                transmitter: case,
                truth: Definition::CumulativeUtc,
                actual: half.within_s >= need_s,
                both_run: setup.runs(observer, day) && setup.runs(case, day),
                came_within: half.came_within(setup.scenario.accuracy.universe_within_m),
                came_near: half.came_near(setup.scenario.output.contacts_within_m),
                detected: &[self.system.detections.contains(&(observer, case, day))],
                strata: &strata,
            });
        }
        counted
    }
}

/// The UTC days with the numbers of the local days on which a case's contacts count.
fn counting_days(case: &CaseHistory, days_before_onset: i32) -> std::ops::RangeInclusive<DayUtc> {
    let of = |day: DayJst| day.utc_midnight().day_utc();
    of(UnixSeconds(case.onset_s).day_jst().plus_days(-days_before_onset))..=of(UnixSeconds(case.result_s).day_jst())
}

fn tally(setup: &Setup, rules: usize) -> Tally {
    Tally::new(rules, setup.people.len(), &setup.barriers, &setup.scenario.accuracy)
}

/// A person and a case who were in range on a UTC day.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct CaseDay {
    observer: PersonId,
    case: PersonId,
    day: DayUtc,
    /// The JST day that holds most of their time within the radius; ties to the earlier.
    day_jst: DayJst,
    half: HalfDay,
}

/// A long pair-day, s: COCOA's 15 minutes.
const LONG_S: f64 = 900.0;
/// The floor plan's picture is taken at 10:40 JST.
const SNAPSHOT_SECOND_OF_DAY: i64 = 10 * 3600 + 40 * 60;

fn world(setup: &Setup) -> World<'_> {
    World {
        authority: &setup.scenario.authority,
        server: &setup.scenario.server,
        app: &setup.scenario.app,
        gaen: &setup.scenario.gaen,
        people: &setup.people,
        installed: setup.installed,
        beacons: &setup.beacons,
        cases: &setup.cases,
        seed: setup.seed,
    }
}

/// Each pair's JST day before and after 09:00.
type Halves = BTreeMap<(PersonId, PersonId), [HalfDay; 2]>;

fn halves(touches: &[Touch]) -> Halves {
    let mut all = Halves::new();
    for t in touches {
        let mine = all.entry((t.a, t.b)).or_default();
        *mine = [mine[0].and(&t.halves[0]), mine[1].and(&t.halves[1])];
    }
    all
}

/// The beginnings of the UTC day that begins at 09:00 of a JST day.
fn after_nine(today: &Halves) -> UtcPairs {
    today.iter().filter(|(_, h)| h[1].in_reach_s > 0.0).map(|(pair, h)| (*pair, h[1])).collect()
}

/// The UTC day that ends at 09:00 of a JST day: what began the day before, and that day's first half.
fn utc_day(began: &UtcPairs, today: &Halves) -> UtcPairs {
    let mut pairs = began.clone();
    for (pair, [earlier_half, _]) in today.iter().filter(|(_, h)| h[0].in_reach_s > 0.0) {
        let both = pairs.get(pair).map_or(*earlier_half, |began| began.and(earlier_half));
        pairs.insert(*pair, both);
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn half(within_s: f64) -> HalfDay {
        HalfDay { within_s, in_reach_s: within_s, ..HalfDay::default() }
    }

    #[test]
    fn a_utc_day_is_yesterdays_evening_and_todays_morning() {
        let pair = |a, b| (PersonId(a), PersonId(b));
        let touch = |a, b, halves| Touch { a: PersonId(a), b: PersonId(b), halves, contact_s: Vec::new() };
        let yesterday =
            halves(&[touch(0, 1, [half(1.0), half(10.0)]), touch(0, 1, [half(2.0), half(20.0)]), touch(0, 2, [half(4.0), half(0.0)])]);
        let today =
            halves(&[touch(0, 1, [half(100.0), half(1000.0)]), touch(1, 2, [half(7.0), half(0.0)]), touch(0, 2, [half(0.0), half(9.0)])]);
        let began = after_nine(&yesterday);
        let within = |day: &UtcPairs| day.iter().map(|(pair, half)| (*pair, half.within_s)).collect::<Vec<_>>();
        assert_eq!(within(&began), [(pair(0, 1), 30.0)]);
        assert_eq!(within(&utc_day(&began, &today)), [(pair(0, 1), 130.0), (pair(1, 2), 7.0)]);
        assert_eq!(within(&after_nine(&today)), [(pair(0, 1), 1000.0), (pair(0, 2), 9.0)]);
    }

    /// Onset in the morning, when it is still the day before in UTC: the days are those of Japan's calendar.
    #[test]
    fn the_days_on_which_contacts_count_go_by_the_local_date() {
        let (onset, result) = (DayJst(18_510), DayJst(18_514));
        for (second, days) in [(0, 2), (8 * 3600, 2), (86_399, 0)] {
            let case = CaseHistory {
                infected_s: 0,
                onset_s: onset.start().0 + second,
                tested_s: 0,
                result_s: result.start().0 + second,
                number_issued_s: 0,
                number_entered_s: None,
                stays_home_from_onset: false,
            };
            assert_eq!(counting_days(&case, days), DayUtc(18_510 - days)..=DayUtc(18_514), "{second}");
        }
    }
}
