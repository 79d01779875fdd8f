//! Verdicts of one UTC day, "as if the other had been confirmed", joined to truth.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    accuracy::{CauseFacts, Causes, Judged, Mode, PhoneState, Roc, Strata, Tally, Universe, least_threshold_db},
    app::{Shortfall, Verdict, evaluate, judge_all, rule_of},
    gaen::{DiagnosisKey, PublishedIndex, Sighting, Tracer},
    ids::PersonId,
    population::Os,
    server::level_of,
    time::{DayJst, DayUtc},
    truth::{Definition, HalfDay, PairDay},
    venue::VenueKind,
};

use super::{
    bridge::{Bridge, Met},
    far_signal::{self, FarSignal, is_mostly_far},
    setup::{Setup, first_key_day},
};

/// Name of the rule "whatever this phone's own release and system reported".
pub const INSTALLED: &str = "installed";
/// The release checks the day after: 09:00 JST + 12 h.
const CHECKED_AFTER_S: i64 = 12 * 3600;

/// What one phone made of another's key of a UTC day.
#[derive(Clone, Debug)]
pub struct PairVerdict {
    /// Whose phone.
    pub observer: PersonId,
    /// Whose key.
    pub transmitter: PersonId,
    /// One for each rule; the last is [`INSTALLED`].
    pub verdicts: Vec<Verdict>,
    scans_heard: u32,
    heard_s: f64,
    near_s: f64,
    /// What the headline's rule lacks, should it not fire though enough scans were near.
    shortfall: Shortfall,
    is_mostly_far: bool,
    least_threshold_db: Option<i32>,
}

/// Which rules fired for a pair and UTC day, by the JST day credited: numbers of rules, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fired {
    observer: PersonId,
    transmitter: PersonId,
    on_first_day: Vec<u32>,
    on_second_day: Vec<u32>,
}

/// Halves of one UTC day for each pair in range, summed: the truth of that day.
pub type UtcPairs = BTreeMap<(PersonId, PersonId), HalfDay>;

/// Scores every running phone's key of `day` against what every phone stored (`sightings_of`, in time order).
pub fn verdicts(setup: &Setup, day: DayUtc, sightings_of: impl Fn(PersonId) -> Vec<Sighting> + Sync) -> Vec<PairVerdict> {
    let phones: Vec<PersonId> = (0..setup.people.len() as u32).map(PersonId).filter(|p| setup.runs(*p, day)).collect();
    let keys: Vec<DiagnosisKey> = phones
        .iter()
        .map(|&p| DiagnosisKey { tek: setup.beacons.tek(p, day), transmission_risk_level: 0, report_type: None, days_since_onset: None })
        .collect();
    let index = PublishedIndex::new(&keys);
    let headline = &setup.rules[setup.headline_rule()];
    let needs = headline.needs();
    let is_near = |db: i32| needs.is_some_and(|needs| needs.at_most_db.is_none_or(|at_most_db| db <= at_most_db));
    let now_s = (day.end().0 + CHECKED_AFTER_S) as u32;
    // Within a UTC day the JST day changes at 15:00 UTC.
    let split_s = day.end().day_jst().start().0 as u32;
    let level = level_of(&setup.scenario.server, day.end().day_jst());
    let per_phone: Vec<Vec<PairVerdict>> = phones
        .par_iter()
        .map(|&observer| {
            let ios = setup.os(observer) == Os::Ios;
            let release = setup.installation(observer).and_then(|app| app.release(day.end().day_jst()));
            let own = release.map(|release| rule_of(release, setup.scenario.app.configuration_of_1_1_3, ios, level));
            index
                .match_store(&sightings_of(observer), &mut Tracer::default())
                .into_iter()
                .map(|found| {
                    let key = &keys[found.key];
                    let evaluated = evaluate(&found, key);
                    let mut verdicts = Vec::with_capacity(setup.rules.len() + 1);
                    judge_all(setup.rules.iter().chain(&own), &found, &evaluated, key, (now_s, split_s), &mut verdicts);
                    verdicts.resize(setup.rules.len() + 1, Verdict::default());
                    let mut scans: Vec<(i32, i32)> =
                        evaluated.windows.iter().flat_map(|w| &w.scans).map(|s| (s.typical_db, s.seconds_since_last_scan)).collect();
                    PairVerdict {
                        observer,
                        transmitter: phones[found.key],
                        verdicts,
                        scans_heard: scans.len() as u32,
                        heard_s: scans.iter().map(|(_, s)| f64::from(*s)).sum(),
                        shortfall: headline.shortfall(&evaluated),
                        near_s: scans.iter().filter(|(db, _)| is_near(*db)).map(|(_, s)| f64::from(*s)).sum(),
                        is_mostly_far: is_mostly_far(&scans),
                        least_threshold_db: least_threshold_db(&mut scans, setup.scenario.truth.duration_min * 60.0),
                    }
                })
                .collect()
        })
        .collect();
    per_phone.into_iter().flatten().collect()
}

/// Counts one UTC day: every ordered pair in range, for every rule, against cumulative UTC truth; roc and causes with it.
/// Returns what fired, for the truths by JST day.
pub fn count_utc_day(setup: &Setup, day: DayUtc, pairs: &UtcPairs, verdicts: &[PairVerdict], counts: &mut Counts) -> Vec<Fired> {
    let need_s = setup.scenario.truth.duration_min * 60.0;
    let (near_m, universe_m) = (setup.scenario.output.contacts_within_m, setup.scenario.accuracy.universe_within_m);
    let headline = setup.headline_rule();
    let of_2_0 = setup.rules.iter().position(|r| r.name == far_signal::RULE);
    let is_headline_day = setup.headline_counts(day);
    let mut detected = vec![false; setup.rules.len() + 1];
    for (&(a, b), half) in pairs {
        let Some(nearest) = half.nearest else { continue };
        let both_run = setup.runs(a, day) && setup.runs(b, day);
        let actual = half.within_s >= need_s;
        let mut ordered = 0;
        for (observer, transmitter) in [(a, b), (b, a)] {
            let found = find(verdicts, observer, transmitter);
            for (d, i) in detected.iter_mut().zip(0..) {
                *d = found.is_some_and(|v| v.verdicts[i].detected);
            }
            ordered += u64::from(half.came_within(universe_m) || detected[headline]);
            let strata = Strata {
                nearest,
                observer_is_a: observer == a,
                os: setup.people.os(observer).zip(setup.people.os(transmitter)),
                min_distance_m: half.min_distance_m,
                within_s: half.within_s,
                is_headline_day,
            };
            counts.tally.add(&Judged {
                mode: Mode::AsIf,
                observer,
                transmitter,
                truth: Definition::CumulativeUtc,
                actual,
                both_run,
                came_within: half.came_within(universe_m),
                came_near: half.came_near(near_m),
                detected: &detected,
                strata: &strata,
            });
            let in_headline = is_headline_day && nearest.venue_kind != VenueKind::Home;
            if in_headline && of_2_0.is_some_and(|rule| detected[rule]) {
                counts.far_signal.add(found.is_some_and(|v| v.is_mostly_far));
            }
            if both_run {
                let came_within = half.came_within(universe_m);
                let least_threshold_db = found.and_then(|v| v.least_threshold_db);
                let place = (nearest.venue_kind, is_headline_day);
                counts.roc.add((observer, transmitter), (actual, came_within), place, least_threshold_db);
            }
            if detected[headline] != actual && in_headline {
                let facts = CauseFacts {
                    observer: phone_state(setup, observer, |day| setup.works(observer, day).scans_until_s, day),
                    transmitter: phone_state(setup, transmitter, |day| setup.works(transmitter, day).advertises_until_s, day),
                    os: strata.os,
                    scans_heard: found.map_or(0, |v| v.scans_heard),
                    heard_s: found.map_or(0.0, |v| v.heard_s),
                    shortfall: found.map(|v| v.shortfall),
                    near_s: found.map_or(0.0, |v| v.near_s),
                    need_s: setup.rules[headline].needs().map(|needs| needs.seconds_at_least),
                    within_s: half.within_s,
                    within_ignoring_walls_s: half.within_ignoring_walls_s,
                    min_distance_m: half.min_distance_m,
                    radius_m: setup.scenario.truth.radius_m,
                    duration_s: need_s,
                };
                for universe in [Universe::Population].into_iter().chain(both_run.then_some(Universe::Device)) {
                    counts.causes.add(universe, Definition::CumulativeUtc, actual, &facts);
                }
            }
        }
        if actual {
            counts.bridge.add_utc(Met { both_run, outside: nearest.venue_kind != VenueKind::Home, is_headline_day, ordered });
        }
    }
    verdicts.iter().map(fired).filter(|f| !f.on_first_day.is_empty() || !f.on_second_day.is_empty()).collect()
}

/// Counts final pair-days against the three truths by JST day. `fired` holds the UTC days that began the day before and on
/// the day itself; a firing is credited to the JST day that holds most of its scored seconds (ties to the earlier).
pub fn count_jst_days(setup: &Setup, rows: &[PairDay], fired: &BTreeMap<DayUtc, Vec<Fired>>, counts: &mut Counts) {
    let need_s = setup.scenario.truth.duration_min * 60.0;
    let (near_m, universe_m) = (setup.scenario.output.contacts_within_m, setup.scenario.accuracy.universe_within_m);
    let nothing = Vec::new();
    let mut detected = vec![false; setup.rules.len() + 1];
    for row in rows {
        let whole = row.whole();
        let Some(nearest) = whole.nearest else { continue };
        let today = row.day.utc_midnight().day_utc();
        let before = fired.get(&today.plus_days(-1)).unwrap_or(&nothing);
        let on = fired.get(&today).unwrap_or(&nothing);
        for (observer, transmitter) in [(row.a, row.b), (row.b, row.a)] {
            detected.fill(false);
            for &rule in credited(before, on, observer, transmitter) {
                detected[rule as usize] = true;
            }
            for (truth, seconds) in
                [(Definition::CumulativeJst, whole.within_s), (Definition::Run, row.longest_run_s), (Definition::GapRun, row.gap_run_s)]
            {
                let strata = Strata {
                    nearest,
                    observer_is_a: observer == row.a,
                    os: setup.people.os(observer).zip(setup.people.os(transmitter)),
                    min_distance_m: whole.min_distance_m,
                    within_s: seconds,
                    is_headline_day: true,
                };
                counts.tally.add(&Judged {
                    mode: Mode::AsIf,
                    observer,
                    transmitter,
                    truth,
                    actual: seconds >= need_s,
                    both_run: setup.runs(observer, today) && setup.runs(transmitter, today),
                    came_within: whole.came_within(universe_m),
                    came_near: whole.came_near(near_m),
                    detected: &detected,
                    strata: &strata,
                });
            }
        }
    }
}

/// Everything counted over a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Counts {
    /// Confusion counts, as if.
    pub tally: Tally,
    /// By attenuation threshold.
    pub roc: Roc,
    /// Why.
    pub causes: Causes,
    /// What 2.0's alarms outside the home rest on.
    pub far_signal: FarSignal,
    /// Contacts, from everybody's to the headline's.
    pub bridge: Bridge,
}

/// The verdict of one ordered pair.
pub fn find(verdicts: &[PairVerdict], observer: PersonId, transmitter: PersonId) -> Option<&PairVerdict> {
    verdicts.binary_search_by_key(&(observer, transmitter), |v| (v.observer, v.transmitter)).ok().map(|i| &verdicts[i])
}

/// The rules that fired for a pair on a JST day: credited to its second part by the UTC day that began the day before, or to its
/// first by the UTC day that begins on it.
fn credited<'a>(before: &'a [Fired], on: &'a [Fired], observer: PersonId, transmitter: PersonId) -> impl Iterator<Item = &'a u32> {
    let find =
        |list: &'a [Fired]| list.binary_search_by_key(&(observer, transmitter), |f| (f.observer, f.transmitter)).ok().map(|i| &list[i]);
    let second = find(before).into_iter().flat_map(|f| &f.on_second_day);
    second.chain(find(on).into_iter().flat_map(|f| &f.on_first_day))
}

/// A UTC day begins at 09:00 of its first JST day and ends at 09:00 of its second; a firing is credited to the one that holds most
/// of its scored seconds, ties to the earlier.
fn fired(v: &PairVerdict) -> Fired {
    let mut out = Fired { observer: v.observer, transmitter: v.transmitter, on_first_day: Vec::new(), on_second_day: Vec::new() };
    for (i, verdict) in v.verdicts.iter().enumerate().filter(|(_, v)| v.detected) {
        (if verdict.before_s >= verdict.after_s { &mut out.on_first_day } else { &mut out.on_second_day }).push(i as u32);
    }
    out
}

/// `until_s` is when of a JST day the phone stops doing its part; a UTC day has hours of two, and a stop after it ended is none of it.
fn phone_state(setup: &Setup, person: PersonId, until_s: impl Fn(DayJst) -> i64, day: DayUtc) -> PhoneState {
    let i = person.index();
    PhoneState {
        smartphone: setup.people.model[i].is_some(),
        app: setup.installation(person).is_some_and(|app| first_key_day(&app) <= day),
        bluetooth: setup.people.bluetooth_on[i],
        stopped: [day.start().day_jst(), day.end().day_jst()].into_iter().any(|d| until_s(d) < day.end().0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accuracy::RocRow,
        mobility::Carriage,
        scenario::{SourceArgs, open},
        truth::Nearest,
    };

    /// Everybody's Android phone runs.
    fn setup() -> Setup {
        let sets = [
            "run.first_day=\"2020-09-01\"",
            "population.workers=8",
            "authority.cases=[]",
            "phones.adoption=1",
            "phones.ios_share=0",
            "phones.bluetooth_off=0",
            "phones.smartphone_shares=[1,1,1,1,1,1,1,1]",
            "accuracy.headline_rule=\"2.0\"",
        ];
        let sets = sets.map(String::from).to_vec();
        let loaded = open(&SourceArgs { scenario: "office".into(), sets, ..SourceArgs::default() }).unwrap_or_else(|f| panic!("{f}"));
        Setup::new(&loaded).unwrap_or_else(|f| panic!("{f}"))
    }

    /// What person 0's phone stores of person 1's: scans every five minutes from a moment on, at an attenuation.
    fn heard(setup: &Setup, from_s: i64, scans: u32, attenuation_db: i32) -> Vec<Sighting> {
        let other = setup.transmitter(PersonId(1));
        let sighting = |t_s: u32| {
            let day = crate::time::UnixSeconds(i64::from(t_s)).day_utc();
            let (rpi, aem) = setup.beacons.phone_day(PersonId(1), day, other).at(t_s);
            let rssi_dbm = (i32::from(other.tx_power_dbm) - attenuation_db) as i8;
            Sighting { rpi, aem, t_s, rssi_dbm, previous_scan_s: t_s - 300 }
        };
        (0..scans).map(|k| sighting(from_s as u32 + 300 * k)).collect()
    }

    fn judged(setup: &Setup, day: DayUtc, sightings: &[Sighting]) -> Vec<PairVerdict> {
        verdicts(setup, day, |phone| if phone == PersonId(0) { sightings.to_vec() } else { Vec::new() })
    }

    fn headline_curve(counts: &Counts) -> Vec<RocRow> {
        counts.roc.rows().into_iter().filter(|row| row.stratum == "headline").collect()
    }

    fn number_of(setup: &Setup, rule: &str) -> u32 {
        setup.rules.iter().position(|r| r.name == rule).expect("a rule") as u32
    }

    /// A UTC day runs from 09:00 JST to 09:00 JST; the pair's firing belongs to the JST day of most of its seconds.
    #[test]
    fn a_stop_after_the_utc_day_is_none_of_that_day() {
        let setup = setup();
        let day = setup.first_day.start().day_utc();
        let stopped = |jst: DayJst, at_s: i64| phone_state(&setup, PersonId(0), |d| if d == jst { at_s } else { i64::MAX }, day).stopped;
        let (first, second, end_s) = (day.start().day_jst(), day.end().day_jst(), day.end().0);
        assert!(stopped(first, day.start().0 + 1) && stopped(second, end_s - 1));
        assert!(!stopped(second, end_s) && !stopped(second, end_s + 6 * 3600));
    }

    #[test]
    fn a_firing_is_credited_to_the_jst_day_that_holds_most_of_it() {
        let setup = setup();
        let day = setup.first_day.start().day_utc().plus_days(2);
        let midnight_s = day.end().day_jst().start().0;
        assert_eq!(midnight_s - day.start().0, 15 * 3600);
        let two = number_of(&setup, "2.0");
        let credited_of = |first_scan_s: i64, scans: u32| {
            let found = judged(&setup, day, &heard(&setup, first_scan_s, scans, 55));
            assert_eq!((found.len(), found[0].observer, found[0].transmitter), (1, PersonId(0), PersonId(1)));
            let fired = fired(&found[0]);
            (fired.on_first_day.contains(&two), fired.on_second_day.contains(&two))
        };
        assert_eq!(credited_of(midnight_s - 9000, 4), (true, false));
        assert_eq!(credited_of(midnight_s + 9000, 4), (false, true));
        assert_eq!(credited_of(midnight_s - 600, 4), (true, false), "two scans on either side: the earlier day");
        assert_eq!(credited_of(midnight_s - 300, 4), (false, true), "one scan before midnight, three from it on");
        assert_eq!(credited_of(midnight_s - 9000, 2), (false, false), "ten minutes do not fire");
    }

    /// The counts of a JST day see the second part of the UTC day before and the first part of their own, and no other.
    #[test]
    fn a_jst_day_counts_its_own_firings() {
        let setup = setup();
        let day = setup.first_day.plus_days(2);
        let (mine, two) = (day.utc_midnight().day_utc(), number_of(&setup, "2.0"));
        let fired = |first: bool, second: bool| Fired {
            observer: PersonId(0),
            transmitter: PersonId(1),
            on_first_day: first.then_some(two).into_iter().collect(),
            on_second_day: second.then_some(two).into_iter().collect(),
        };
        let nearest = Nearest {
            venue_kind: VenueKind::Office,
            barrier: 0,
            carriage_a: Carriage::ALL[0],
            carriage_b: Carriage::ALL[0],
            near_s: 900.0,
            min_distance_m: 0.5,
        };
        let half = HalfDay { within_s: 900.0, in_reach_s: 900.0, min_distance_m: 0.5, nearest: Some(nearest), ..HalfDay::default() };
        let row = PairDay {
            day,
            a: PersonId(0),
            b: PersonId(1),
            halves: [HalfDay::default(), half],
            utc_within_s: [0.0, 900.0],
            longest_run_s: 300.0,
            gap_run_s: 900.0,
        };
        let counted = |utc: DayUtc, fired: Fired| {
            let tally = Tally::new(setup.rules.len() + 1, setup.people.len(), &setup.barriers, &setup.scenario.accuracy);
            let roc = Roc::new(setup.people.len(), &setup.scenario.accuracy);
            let mut counts = Counts { tally, roc, causes: Causes::default(), far_signal: FarSignal::default(), bridge: Bridge::default() };
            count_jst_days(&setup, std::slice::from_ref(&row), &BTreeMap::from([(utc, vec![fired])]), &mut counts);
            let rows = counts.tally.rows();
            let all = rows.into_iter().filter(|r| r.universe == Universe::Device && r.stratum == "all" && r.rule == two as usize);
            all.map(|r| (r.truth, [r.counts.tp, r.counts.fp, r.counts.fn_, r.counts.tn])).collect::<Vec<_>>()
        };
        // Both directions of the pair count; only 0's phone fired for 1. One unbroken run is too short to be a contact.
        let fires = [(Definition::CumulativeJst, [1, 0, 1, 0]), (Definition::Run, [0, 1, 0, 1]), (Definition::GapRun, [1, 0, 1, 0])];
        let silent = [(Definition::CumulativeJst, [0, 0, 2, 0]), (Definition::Run, [0, 0, 0, 2]), (Definition::GapRun, [0, 0, 2, 0])];
        for (utc, first, second, expected) in [
            (mine, true, false, &fires),
            (mine.plus_days(-1), false, true, &fires),
            (mine, false, true, &silent),
            (mine.plus_days(-1), true, false, &silent),
            (mine.plus_days(1), true, true, &silent),
            (mine.plus_days(-2), true, true, &silent),
        ] {
            assert_eq!(counted(utc, fired(first, second)), expected, "UTC day {utc}, {first}, {second}");
        }
    }

    /// Phone 0 reports 1, from whom a wall separated it all the time; 2 was in contact with it and has no running phone.
    #[test]
    fn a_utc_day_counts_each_pair_in_its_universes_and_a_wall_as_the_cause() {
        let mut setup = setup();
        setup.runs_from[2] = None;
        let day = setup.first_day.start().day_utc().plus_days(2);
        let nearest = Nearest {
            venue_kind: VenueKind::Office,
            barrier: 0,
            carriage_a: Carriage::ALL[0],
            carriage_b: Carriage::ALL[0],
            near_s: 1200.0,
            min_distance_m: 0.8,
        };
        let half = |within_s: f64| HalfDay {
            within_s,
            within_ignoring_walls_s: 1200.0,
            min_distance_m: 0.8,
            in_reach_s: 1200.0,
            nearest: Some(nearest),
        };
        let pairs = UtcPairs::from([((PersonId(0), PersonId(1)), half(0.0)), ((PersonId(0), PersonId(2)), half(1200.0))]);
        let found = judged(&setup, day, &heard(&setup, day.start().0 + 30_000, 4, 55));
        let tally = Tally::new(setup.rules.len() + 1, setup.people.len(), &setup.barriers, &setup.scenario.accuracy);
        let roc = Roc::new(setup.people.len(), &setup.scenario.accuracy);
        let mut counts = Counts { tally, roc, causes: Causes::default(), far_signal: FarSignal::default(), bridge: Bridge::default() };
        count_utc_day(&setup, day, &pairs, &found, &mut counts);

        let two = number_of(&setup, "2.0") as usize;
        let rows = counts.tally.rows();
        let counted = |universe: Universe| {
            let row = rows.iter().find(|r| r.universe == universe && r.stratum == "headline" && r.rule == two).expect("a row");
            [row.counts.tp, row.counts.fp, row.counts.fn_, row.counts.tn]
        };
        assert_eq!((counted(Universe::Device), counted(Universe::Population)), ([0, 1, 0, 1], [0, 1, 2, 1]));
        let curve = headline_curve(&counts);
        let at_55_db = &curve[15];
        let counted = at_55_db.counts;
        assert_eq!((at_55_db.threshold_db, [counted.tp, counted.fp, counted.fn_, counted.tn]), (55, [0, 1, 0, 1]));
        let causes: Vec<_> = counts.causes.rows().iter().map(|row| (row.universe, row.missed, row.cause, row.pairs)).collect();
        let wall = "a wall or pane stood between";
        assert_eq!(
            causes.iter().filter(|c| !c.1).collect::<Vec<_>>(),
            [&(Universe::Device, false, wall, 1), &(Universe::Population, false, wall, 1)]
        );
        assert_eq!(causes.iter().filter(|c| c.1).map(|c| (c.0, c.3)).collect::<Vec<_>>(), [(Universe::Population, 2)]);

        let table = crate::run::rows::verdicts(&setup, day, &pairs, &found);
        let observers = table.u32("observer");
        let label = |person: usize| setup.people.label[person];
        assert!(observers.iter().chain(table.u32("transmitter")).all(|p| *p != label(2)) && observers.contains(&label(1)));
        assert_eq!(table.rows(), 2 * (setup.rules.len() + 1));
    }

    /// Four pairs of running phones, 19.9, 20, 20.1 and 20.1 m apart, at the last of which 2.0 fires in one direction: of the universe
    /// within 20 m are the first two and that firing, in the accuracy table, the verdicts and the curve alike; of the population is
    /// the firing alone.
    #[test]
    fn the_device_universe_ends_at_its_distance_and_keeps_firings() {
        let setup = setup();
        let day = setup.first_day.start().day_utc().plus_days(2);
        let half = |min_distance_m: f64| {
            let nearest = Nearest {
                venue_kind: VenueKind::Office,
                barrier: 0,
                carriage_a: Carriage::ALL[0],
                carriage_b: Carriage::ALL[0],
                near_s: 0.0,
                min_distance_m,
            };
            HalfDay { min_distance_m, in_reach_s: 1200.0, nearest: Some(nearest), ..HalfDay::default() }
        };
        let pair = |a: u32, b: u32| (PersonId(a), PersonId(b));
        let pairs =
            UtcPairs::from([(pair(0, 1), half(20.1)), (pair(2, 3), half(19.9)), (pair(2, 4), half(20.0)), (pair(2, 5), half(20.1))]);
        let found = judged(&setup, day, &heard(&setup, day.start().0 + 30_000, 4, 55));
        let tally = Tally::new(setup.rules.len() + 1, setup.people.len(), &setup.barriers, &setup.scenario.accuracy);
        let roc = Roc::new(setup.people.len(), &setup.scenario.accuracy);
        let mut counts = Counts { tally, roc, causes: Causes::default(), far_signal: FarSignal::default(), bridge: Bridge::default() };
        count_utc_day(&setup, day, &pairs, &found, &mut counts);
        let two = number_of(&setup, "2.0") as usize;
        let of_band = |universe: Universe, stratum: &str, level: &str| {
            let rows = counts.tally.rows();
            let row =
                rows.iter().find(|r| r.universe == universe && (r.stratum.as_ref(), r.level.as_str()) == (stratum, level) && r.rule == two);
            row.map(|r| [r.counts.tp, r.counts.fp, r.counts.fn_, r.counts.tn])
        };
        assert_eq!(of_band(Universe::Device, "all", "all"), Some([0, 1, 0, 4]));
        assert_eq!(of_band(Universe::Device, "distance_m", "10-20"), Some([0, 0, 0, 4]));
        assert_eq!(of_band(Universe::Device, "distance_m", "over-20"), Some([0, 1, 0, 0]));
        assert_eq!(of_band(Universe::Population, "all", "all"), Some([0, 1, 0, 0]));
        let at = |db: i32| headline_curve(&counts).iter().find(|r| r.threshold_db == db).map(|r| (r.counts.fp, r.counts.tn));
        assert_eq!((at(54), at(55)), (Some((0, 4)), Some((1, 4))));
        let table = crate::run::rows::verdicts(&setup, day, &pairs, &found);
        let of_two: Vec<bool> =
            (0..table.rows()).filter(|&i| table.text("rule").get(i) == "2.0").map(|i| table.bools("detected")[i]).collect();
        assert_eq!((of_two.len(), of_two.iter().filter(|d| **d).count()), (5, 1));
    }

    /// What is far for one rule is near for another: the headline's own threshold decides.
    #[test]
    fn near_seconds_are_those_of_the_headlines_rule() {
        let mut setup = setup();
        let day = setup.first_day.start().day_utc().plus_days(2);
        let sightings = heard(&setup, day.start().0 + 30_000, 4, 64);
        for (headline, near_s) in [
            ("2.0", 1200.0),
            ("1.1.4-1.4.1/ios/level0", 0.0),
            ("1.1.3/ios/level0", 0.0),
            ("1.0.0-1.1.2/ios/level0", 1200.0),
            ("1.1.4-1.4.1/android/level0", 0.0),
        ] {
            setup.scenario.accuracy.headline_rule = headline.into();
            let found = judged(&setup, day, &sightings);
            assert_eq!((found[0].near_s, found[0].scans_heard), (near_s, 4), "{headline}");
        }
    }

    /// A phone has the app from the UTC day of its first key on, not a day later.
    #[test]
    fn a_phone_has_the_app_from_its_first_key_on() {
        let setup = setup();
        let app = setup.installation(PersonId(0)).expect("everybody has the app");
        let has_app = |day: DayUtc| phone_state(&setup, PersonId(0), |_| i64::MAX, day).app;
        let first = first_key_day(&app);
        assert!(has_app(first) && has_app(first.plus_days(1)) && !has_app(first.plus_days(-1)));
    }

    /// A phone's own rule is that of its release, system and the day's key level.
    #[test]
    fn the_installed_rule_is_the_phones_own() {
        let setup = setup();
        let day = setup.first_day.start().day_utc().plus_days(2);
        let found = judged(&setup, day, &heard(&setup, day.start().0 + 30_000, 1, 80));
        // 1.1.2 on Android, of before 9 September 2020: any match.
        let by_rule = |name: &str| found[0].verdicts[number_of(&setup, name) as usize].detected;
        let installed = found[0].verdicts.last().expect("the last one");
        assert!(installed.detected && by_rule("1.0.0-1.1.2/android/level0") && !by_rule("1.1.3/ios/level0") && !by_rule("2.0"));
    }
}
