//! What is made of a pair once a UTC day is over for it: verdicts "as if the other had been confirmed", joined to truth and counted.

use serde::{Deserialize, Serialize};

use crate::{
    accuracy::{CauseFacts, Causes, Judged, Mode, PhoneState, Roc, Strata, Tally, Truths, Universe, least_threshold_db},
    air::Record,
    app::{Installed, Needs, RELEASES, Rule, Shortfall, Verdict, evaluate, judge_all},
    gaen::{DiagnosisKey, IdentifiedSighting, KeyMatch, match_identified},
    ids::PersonId,
    radio::LinkCounts,
    setup::Setup,
    time::{DayJst, DayUtc},
    truth::{Definition, HalfDay, PairDay},
    venue::VenueKind,
};

use super::{
    bridge::{Bridge, Met},
    far_signal::{self, FarSignal, is_mostly_far},
    presence::Presence,
};

/// The release checks the day after: 09:00 JST + 12 h.
const CHECKED_AFTER_S: i64 = 12 * 3600;
/// A long pair-day, s: COCOA's 15 minutes.
const LONG_S: f64 = 900.0;

/// What one phone made of another's key of a UTC day.
#[derive(Clone, Debug)]
pub struct PairVerdict {
    /// One for each rule; the last is [`INSTALLED`](crate::setup::INSTALLED).
    pub verdicts: Vec<Verdict>,
    scans_heard: u32,
    heard_s: f64,
    near_s: f64,
    /// What the headline's rule lacks, should it not fire though enough scans were near.
    shortfall: Shortfall,
    is_mostly_far: bool,
    least_threshold_db: Option<i32>,
}

/// Rules that fired for a pair, by number, ascending: of the lower person's phone, and of the higher's.
pub type Fired = [Vec<u32>; 2];

/// A pair on a UTC day.
#[derive(Clone, Copy, Debug)]
pub struct PairOnDay<'a> {
    /// The two, the lower person first.
    pub pair: (PersonId, PersonId),
    /// What geometry says.
    pub half: &'a HalfDay,
    /// What the phone of the lower person made of the key of the higher, and the other way round; `None` where nothing matched.
    pub verdicts: &'a [Option<PairVerdict>; 2],
}

/// Judges the pairs of one UTC day.
pub struct Judge<'a> {
    setup: &'a Setup,
    day: DayUtc,
    headline: usize,
    of_2_0: Option<usize>,
    needs: Option<Needs>,
    now_s: u32,
    /// Within a UTC day the JST day changes at 15:00 UTC.
    split_s: u32,
    /// The rule of each release on each system (on iOS?).
    of_releases: Vec<(&'static str, bool, Rule)>,
    is_headline_day: bool,
    need_s: f64,
}

impl<'a> Judge<'a> {
    /// Of a UTC day.
    pub fn new(setup: &'a Setup, day: DayUtc) -> Self {
        let headline = setup.headline_rule();
        let level = setup.key_level(day.end().0);
        let world = setup.world();
        let on = |ios| {
            let installed = move |release| Installed {
                ios,
                release,
                installed_as: release,
                configuration_of_1_1_3: world.app.configuration_of_1_1_3,
                faults: world.faults,
                framework: world.gaen,
            };
            RELEASES.iter().map(move |release| (release.name, ios, installed(release).rule(level)))
        };
        Self {
            setup,
            day,
            headline,
            of_2_0: setup.rules.iter().position(|r| r.name == far_signal::RULE),
            needs: setup.rules[headline].needs(),
            now_s: (day.end().0 + CHECKED_AFTER_S) as u32,
            split_s: day.end().day_jst().start().0 as u32,
            of_releases: [true, false].into_iter().flat_map(on).collect(),
            is_headline_day: setup.headline_counts(day),
            need_s: setup.scenario.truth.duration_min * 60.0,
        }
    }

    /// The rule of a phone's own release and system.
    fn own_rule(&self, observer: PersonId) -> Option<&Rule> {
        let app = self.setup.world().app_of(observer, self.day.end().day_jst())?;
        self.of_releases.iter().find(|(release, ios, _)| *release == app.release.name && *ios == app.ios).map(|(.., rule)| rule)
    }

    /// Scores a running phone's key of the day against what another stored of it, in time order; `None` if nothing of it matches.
    pub fn verdict(&self, (observer, transmitter): (PersonId, PersonId), records: &[Record]) -> Option<PairVerdict> {
        let setup = self.setup;
        if records.is_empty() {
            return None;
        }
        let (observer, transmitter) = (setup.hands.carried(observer, self.day)?, setup.hands.carried(transmitter, self.day)?);
        let tek = setup.beacons.tek(transmitter, self.day);
        let key = DiagnosisKey { tek, transmission_risk_level: 0, report_type: None, days_since_onset: None };
        let sent = setup.transmitter(transmitter);
        let mut heard: Vec<IdentifiedSighting> = records.iter().map(|r| r.identified(sent)).collect();
        let mut found = KeyMatch::default();
        if !match_identified(&key, &mut heard, &mut found) {
            return None;
        }
        let evaluated = evaluate(&found, &key);
        let mut verdicts = Vec::with_capacity(setup.rules.len() + 1);
        let rules = setup.rules.iter().chain(self.own_rule(observer));
        judge_all(rules, &found, &evaluated, &key, (self.now_s, self.split_s), &mut verdicts);
        verdicts.resize(setup.rules.len() + 1, Verdict::default());
        let mut scans: Vec<(i32, i32)> =
            evaluated.windows.iter().flat_map(|w| &w.scans).map(|s| (s.typical_db, s.seconds_since_last_scan)).collect();
        let is_near = |db: i32| self.needs.is_some_and(|needs| needs.at_most_db.is_none_or(|at_most_db| db <= at_most_db));
        Some(PairVerdict {
            verdicts,
            scans_heard: scans.len() as u32,
            heard_s: scans.iter().map(|(_, s)| f64::from(*s)).sum(),
            shortfall: setup.rules[self.headline].shortfall(&evaluated),
            near_s: scans.iter().filter(|(db, _)| is_near(*db)).map(|(_, s)| f64::from(*s)).sum(),
            is_mostly_far: is_mostly_far(&scans),
            least_threshold_db: least_threshold_db(&mut scans, self.need_s),
        })
    }

    /// Counts a pair's UTC day: both directions, for every rule, against cumulative UTC truth; roc and causes with it.
    pub fn count_utc_day(&self, met: &PairOnDay<'_>, counts: &mut Counts) {
        let (setup, day, half) = (self.setup, self.day, met.half);
        let Some(nearest) = half.nearest else { return };
        let (near_m, universe_m) = (setup.scenario.output.contacts_within_m, setup.scenario.accuracy.universe_within_m);
        let (a, b) = met.pair;
        let both_run = setup.runs(a, day) && setup.runs(b, day);
        let actual = half.within_s >= self.need_s;
        let os = setup.os_carried(a, day).zip(setup.os_carried(b, day));
        let strata = both_ways(Strata {
            nearest,
            observer_is_a: true,
            os,
            min_distance_m: half.min_distance_m,
            within_s: half.within_s,
            is_headline_day: self.is_headline_day,
        });
        let judged = Judged {
            mode: Mode::AsIf,
            observer: a,
            transmitter: b,
            truth: Definition::CumulativeUtc,
            actual,
            both_run,
            came_within: half.came_within(universe_m),
            came_near: half.came_near(near_m),
            detected: &[],
            strata: &strata[0],
        };
        let is_silent = !met.verdicts.iter().flatten().any(|found| found.verdicts.iter().any(|verdict| verdict.detected));
        if is_silent {
            counts.tally.add_silent(&judged, Truths::One(judged.truth), &strata[1]);
            if !(both_run || actual) {
                return;
            }
        }
        let mut detected = std::mem::take(&mut counts.detected);
        let mut ordered = 0;
        for (((observer, transmitter), found), strata) in [(a, b), (b, a)].into_iter().zip(met.verdicts).zip(&strata) {
            detected.clear();
            detected.resize(setup.rules.len() + 1, false);
            if let Some(found) = found {
                detected.iter_mut().zip(&found.verdicts).for_each(|(d, v)| *d = v.detected);
            }
            ordered += u64::from(judged.came_within || detected[self.headline]);
            if !is_silent {
                counts.tally.add(&Judged { observer, transmitter, detected: &detected, strata, ..judged });
            }
            let in_headline = self.is_headline_day && nearest.venue_kind != VenueKind::HOME;
            if in_headline && self.of_2_0.is_some_and(|rule| detected[rule]) {
                counts.far_signal.add(found.as_ref().is_some_and(|v| v.is_mostly_far));
            }
            if both_run {
                let came_within = half.came_within(universe_m);
                let least_threshold_db = found.as_ref().and_then(|v| v.least_threshold_db);
                let place = (nearest.venue_kind, self.is_headline_day);
                counts.roc.add((observer, transmitter), (actual, came_within), place, least_threshold_db);
            }
            if detected[self.headline] != actual && in_headline {
                let found = found.as_ref();
                let facts = CauseFacts {
                    observer: phone_state(setup, observer, |phone, day| setup.works(phone, day).scans_until_s, day),
                    transmitter: phone_state(setup, transmitter, |phone, day| setup.works(phone, day).advertises_until_s, day),
                    os: strata.os,
                    scans_heard: found.map_or(0, |v| v.scans_heard),
                    heard_s: found.map_or(0.0, |v| v.heard_s),
                    shortfall: found.map(|v| v.shortfall),
                    near_s: found.map_or(0.0, |v| v.near_s),
                    need_s: self.needs.map(|needs| needs.seconds_at_least),
                    within_s: half.within_s,
                    within_ignoring_walls_s: half.within_ignoring_walls_s,
                    min_distance_m: half.min_distance_m,
                    radius_m: setup.scenario.truth.radius_m,
                    duration_s: self.need_s,
                };
                for universe in [Universe::Population].into_iter().chain(both_run.then_some(Universe::Device)) {
                    counts.causes.add(universe, Definition::CumulativeUtc, actual, &facts);
                }
            }
        }
        counts.detected = detected;
        if actual {
            let outside = nearest.venue_kind != VenueKind::HOME;
            if self.is_headline_day {
                counts.presence.add_contact(nearest.venue_kind);
            }
            counts.bridge.add_utc(Met { both_run, outside, is_headline_day: self.is_headline_day, ordered });
        }
    }

    /// Which rules fired for a pair, credited to the JST day on which the UTC day begins and to that on which it ends: each firing to the
    /// one that holds most of its scored seconds, ties to the earlier.
    pub fn fired(verdicts: &[Option<PairVerdict>; 2]) -> [Fired; 2] {
        let mut credited: [Fired; 2] = Default::default();
        for (direction, found) in verdicts.iter().enumerate() {
            let fired = found.iter().flat_map(|found| (0..).zip(&found.verdicts)).filter(|(_, v)| v.detected);
            for (rule, verdict) in fired {
                credited[usize::from(verdict.before_s < verdict.after_s)][direction].push(rule);
            }
        }
        credited
    }

    /// Counts a pair's JST day against the three truths by JST day, with the rules whose firings are credited to it.
    pub fn count_jst_day(setup: &Setup, (a, b): (PersonId, PersonId), row: &PairDay, fired: &Fired, counts: &mut Counts) {
        if setup.is_warm_up(row.day) {
            return;
        }
        let need_s = setup.scenario.truth.duration_min * 60.0;
        let whole = row.whole();
        counts.bridge.add_jst(usize::from(whole.within_s >= need_s));
        counts.split_by_nine += u64::from(whole.within_s >= need_s && row.utc_within_s.iter().all(|s| *s < need_s));
        counts.long_pair_days += u64::from(whole.within_s >= LONG_S);
        let Some(nearest) = whole.nearest else { return };
        let today = row.day.utc_midnight().day_utc();
        let (whole_s, longest_run_s, gap_run_s) = (whole.within_s, row.longest_run_s, row.gap_run_s);
        let os = setup.os_carried(a, today).zip(setup.os_carried(b, today));
        let strata_of = |within_s: f64| {
            both_ways(Strata { nearest, observer_is_a: true, os, min_distance_m: whole.min_distance_m, within_s, is_headline_day: true })
        };
        let strata = strata_of(whole_s);
        let judged = Judged {
            mode: Mode::AsIf,
            observer: a,
            transmitter: b,
            truth: Definition::CumulativeJst,
            actual: whole_s >= need_s,
            both_run: setup.runs(a, today) && setup.runs(b, today),
            came_within: whole.came_within(setup.scenario.accuracy.universe_within_m),
            came_near: whole.came_near(setup.scenario.output.contacts_within_m),
            detected: &[],
            strata: &strata[0],
        };
        let is_silent = fired.iter().all(Vec::is_empty);
        if is_silent && whole_s == longest_run_s && whole_s == gap_run_s {
            counts.tally.add_silent(&judged, Truths::EveryJst, &strata[1]);
            return;
        }
        let mut detected = std::mem::take(&mut counts.detected);
        for (truth, seconds) in [(Definition::CumulativeJst, whole_s), (Definition::Run, longest_run_s), (Definition::GapRun, gap_run_s)] {
            let strata = strata_of(seconds);
            let judged = Judged { truth, actual: seconds >= need_s, strata: &strata[0], ..judged };
            if is_silent {
                counts.tally.add_silent(&judged, Truths::One(truth), &strata[1]);
                continue;
            }
            for (((observer, transmitter), fired), strata) in [(a, b), (b, a)].into_iter().zip(fired).zip(&strata) {
                detected.clear();
                detected.resize(setup.rules.len() + 1, false);
                fired.iter().for_each(|&rule| detected[rule as usize] = true);
                counts.tally.add(&Judged { observer, transmitter, detected: &detected, strata, ..judged });
            }
        }
        counts.detected = detected;
    }
}

/// What a pair is sorted by from the lower person's side, and from the higher's.
fn both_ways(strata: Strata) -> [Strata; 2] {
    let back =
        Strata { observer_is_a: !strata.observer_is_a, os: strata.os.map(|(observer, transmitter)| (transmitter, observer)), ..strata };
    [strata, back]
}

/// Everything counted over a run. Whole numbers all: counts of several threads are added in any order.
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
    /// Time in venues and contacts there, on the headline's days; of sources alone contacts only.
    pub presence: Presence,
    /// Pair-days in contact on a JST day and on neither UTC day that it touches.
    pub split_by_nine: u64,
    /// Pair-days with at least 900 s within the radius.
    pub long_pair_days: u64,
    /// Link-scans.
    pub links: LinkCounts,
    /// Memory for the rules that fired.
    #[serde(skip)]
    detected: Vec<bool>,
}

impl Counts {
    /// Nothing counted yet.
    pub fn new(setup: &Setup) -> Self {
        Self {
            tally: Tally::new(setup.rules.len() + 1, setup.people.len(), &setup.venue_kinds, &setup.barriers, &setup.scenario.accuracy),
            roc: Roc::new(setup.people.len(), &setup.scenario.accuracy),
            causes: Causes::default(),
            far_signal: FarSignal::default(),
            bridge: Bridge::default(),
            presence: Presence::default(),
            split_by_nine: 0,
            long_pair_days: 0,
            links: LinkCounts::default(),
            detected: Vec::new(),
        }
    }

    /// Adds what another thread counted.
    pub fn merge(&mut self, other: &Self) {
        self.tally.merge(&other.tally);
        self.roc.merge(&other.roc);
        self.causes.merge(&other.causes);
        self.far_signal.merge(&other.far_signal);
        self.bridge.merge(&other.bridge);
        self.presence.merge(&other.presence);
        self.split_by_nine += other.split_by_nine;
        self.long_pair_days += other.long_pair_days;
        self.links.merge(&other.links);
    }
}

/// `until_s` is when of a JST day the phone stops doing its part; a UTC day has hours of two, and a stop after it ended is none of it.
fn phone_state(setup: &Setup, person: PersonId, until_s: impl Fn(PersonId, DayJst) -> i64, day: DayUtc) -> PhoneState {
    let Some(phone) = setup.hands.carried(person, day) else {
        let smartphone = setup.has_smartphone(person, day);
        return PhoneState { smartphone, app: false, bluetooth: false, stopped: false };
    };
    let i = phone.index();
    PhoneState {
        smartphone: setup.people.model[i].is_some(),
        app: setup.uses.in_use(phone, day),
        bluetooth: setup.people.bluetooth_on[i],
        stopped: [day.start().day_jst(), day.end().day_jst()].into_iter().any(|d| until_s(phone, d) < day.end().0)
            || !setup.off_s(phone, (day.start().0, day.end().0)).is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accuracy::RocRow,
        mobility::Carriage,
        output::{Batch, TableRow, tables},
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
        Setup::of_office(&sets)
    }

    /// What person 0's phone stores of person 1's: scans every five minutes from a moment on, at an attenuation.
    fn heard(setup: &Setup, from_s: i64, scans: u32, attenuation_db: i32) -> Vec<Record> {
        let rssi_dbm = (i32::from(setup.transmitter(PersonId(1)).tx_power_dbm) - attenuation_db) as i8;
        let record = |t_s: u32| {
            let day = crate::time::UnixSeconds(i64::from(t_s)).day_utc();
            let rpi = setup.beacons.rotation(PersonId(1), day).number_at(t_s);
            Record { t_s, rpi, rssi_dbm, previous_scan_s: t_s - 300 }
        };
        (0..scans).map(|k| record(from_s as u32 + 300 * k)).collect()
    }

    /// What the phones of persons 0 and 1 make of each other's keys.
    fn judged(setup: &Setup, day: DayUtc, records: &[Record]) -> [Option<PairVerdict>; 2] {
        [Judge::new(setup, day).verdict((PersonId(0), PersonId(1)), records), None]
    }

    /// A pair, what geometry says of it, and what the two phones make of each other.
    type PairMet = ((u32, u32), HalfDay, [Option<PairVerdict>; 2]);

    /// Counts of these pairs' UTC day, and their rows of `verdicts`.
    fn counted(setup: &Setup, day: DayUtc, pairs: &[PairMet]) -> (Counts, Batch) {
        let (judge, mut counts, mut rows) = (Judge::new(setup, day), Counts::new(setup), Vec::new());
        for ((a, b), half, verdicts) in pairs {
            let met = PairOnDay { pair: (PersonId(*a), PersonId(*b)), half, verdicts };
            judge.count_utc_day(&met, &mut counts);
            crate::engine::rows::verdicts(setup, day, &met, &mut rows);
        }
        let mut table = Batch::new(&tables::VERDICTS);
        rows.iter().for_each(|row| row.put(table.row()));
        (counts, table)
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
        let stopped = |jst: DayJst, at_s: i64| phone_state(&setup, PersonId(0), |_, d| if d == jst { at_s } else { i64::MAX }, day).stopped;
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
            let [first, second] = Judge::fired(&judged(&setup, day, &heard(&setup, first_scan_s, scans, 55)));
            assert!(first[1].is_empty() && second[1].is_empty(), "the other phone heard nothing");
            (first[0].contains(&two), second[0].contains(&two))
        };
        assert_eq!(credited_of(midnight_s - 9000, 4), (true, false));
        assert_eq!(credited_of(midnight_s + 9000, 4), (false, true));
        assert_eq!(credited_of(midnight_s - 600, 4), (true, false), "two scans on either side: the earlier day");
        assert_eq!(credited_of(midnight_s - 300, 4), (false, true), "one scan before midnight, three from it on");
        assert_eq!(credited_of(midnight_s - 9000, 2), (false, false), "ten minutes do not fire");
    }

    /// A JST day counts the firings that are credited to it, each for the phone that reported.
    #[test]
    fn a_jst_day_counts_its_own_firings() {
        let setup = setup();
        let day = setup.first_day.plus_days(2);
        let two = number_of(&setup, "2.0");
        let nearest = Nearest {
            venue_kind: VenueKind::OFFICE,
            barrier: 0,
            carriage_a: Carriage::ALL[0],
            carriage_b: Carriage::ALL[0],
            near_s: 900.0,
            min_distance_m: 0.5,
        };
        let half = HalfDay { within_s: 900.0, in_reach_s: 900.0, min_distance_m: 0.5, nearest: Some(nearest), ..HalfDay::default() };
        let row = PairDay { day, halves: [HalfDay::default(), half], utc_within_s: [0.0, 900.0], longest_run_s: 300.0, gap_run_s: 900.0 };
        let counted = |fired: Fired| {
            let mut counts = Counts::new(&setup);
            Judge::count_jst_day(&setup, (PersonId(0), PersonId(1)), &row, &fired, &mut counts);
            let rows = counts.tally.rows();
            let all = rows.into_iter().filter(|r| r.universe == Universe::Device && r.stratum == "all" && r.rule == two as usize);
            all.map(|r| (r.truth, [r.counts.tp, r.counts.fp, r.counts.fn_, r.counts.tn])).collect::<Vec<_>>()
        };
        // Both directions of the pair count; only 0's phone fired for 1. One unbroken run is too short to be a contact.
        let fires = [(Definition::CumulativeJst, [1, 0, 1, 0]), (Definition::Run, [0, 1, 0, 1]), (Definition::GapRun, [1, 0, 1, 0])];
        let silent = [(Definition::CumulativeJst, [0, 0, 2, 0]), (Definition::Run, [0, 0, 0, 2]), (Definition::GapRun, [0, 0, 2, 0])];
        assert_eq!(counted([vec![two], vec![]]), fires);
        assert_eq!(counted([vec![], vec![]]), silent);
    }

    /// Phone 0 reports 1, from whom a wall separated it all the time; 2 was in contact with it and has no running phone.
    #[test]
    fn a_utc_day_counts_each_pair_in_its_universes_and_a_wall_as_the_cause() {
        let mut setup = setup();
        setup.people.bluetooth_on[2] = false;
        let day = setup.first_day.start().day_utc().plus_days(2);
        let nearest = Nearest {
            venue_kind: VenueKind::OFFICE,
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
            near_s: 1200.0,
            nearest: Some(nearest),
        };
        let found = judged(&setup, day, &heard(&setup, day.start().0 + 30_000, 4, 55));
        let pairs = [((0, 1), half(0.0), found), ((0, 2), half(1200.0), [None, None])];
        let (counts, table) = counted(&setup, day, &pairs);

        let two = number_of(&setup, "2.0") as usize;
        let rows = counts.tally.rows();
        let of = |universe: Universe| {
            let row = rows.iter().find(|r| r.universe == universe && r.stratum == "headline" && r.rule == two).expect("a row");
            [row.counts.tp, row.counts.fp, row.counts.fn_, row.counts.tn]
        };
        assert_eq!((of(Universe::Device), of(Universe::Population)), ([0, 1, 0, 1], [0, 1, 2, 1]));
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
        assert_eq!(causes.iter().filter(|c| c.1).map(|c| (c.0, c.3)).collect::<Vec<_>>(), [(Universe::Population, 1); 2], "each way");

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
                venue_kind: VenueKind::OFFICE,
                barrier: 0,
                carriage_a: Carriage::ALL[0],
                carriage_b: Carriage::ALL[0],
                near_s: 0.0,
                min_distance_m,
            };
            HalfDay { min_distance_m, in_reach_s: 1200.0, nearest: Some(nearest), ..HalfDay::default() }
        };
        let found = judged(&setup, day, &heard(&setup, day.start().0 + 30_000, 4, 55));
        let silent = |pair, min_distance_m| (pair, half(min_distance_m), [None, None]);
        let pairs = [((0, 1), half(20.1), found), silent((2, 3), 19.9), silent((2, 4), 20.0), silent((2, 5), 20.1)];
        let (counts, table) = counted(&setup, day, &pairs);
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
            let [found, _] = judged(&setup, day, &sightings);
            assert_eq!(found.map(|v| (v.near_s, v.scans_heard)), Some((near_s, 4)), "{headline}");
        }
    }

    /// A phone has the app from the UTC day of its first key on, not a day later.
    #[test]
    fn a_phone_has_the_app_from_its_first_key_on() {
        let setup = setup();
        let has_app = |day: DayUtc| phone_state(&setup, PersonId(0), |_, _| i64::MAX, day).app;
        let first = setup.uses.of(PersonId(0))[0].from.utc_midnight().day_utc();
        assert!(has_app(first) && has_app(first.plus_days(1)) && !has_app(first.plus_days(-1)));
    }

    /// A phone's own rule is that of its release, system and the day's key level.
    #[test]
    fn the_installed_rule_is_the_phones_own() {
        let setup = setup();
        let day = setup.first_day.start().day_utc().plus_days(2);
        let [found, _] = judged(&setup, day, &heard(&setup, day.start().0 + 30_000, 1, 80));
        let found = found.expect("a match");
        // 1.1.2 on Android, of before 9 September 2020: any match.
        let by_rule = |name: &str| found.verdicts[number_of(&setup, name) as usize].detected;
        let installed = found.verdicts.last().expect("the last one");
        assert!(installed.detected && by_rule("1.0.0-1.1.2/android/level0") && !by_rule("1.1.3/ios/level0") && !by_rule("2.0"));
    }
}
