//! What a run wrote, held against the oracle: table by table.

use std::{collections::BTreeMap, path::Path};

use cocoasim::{
    output::{read_table, tables},
    time::DayUtc,
};

use super::{
    gaen, radio, rules,
    truth::{self, Half},
    world::{self, World},
};

pub type Pairs = BTreeMap<(usize, usize), truth::Pair>;
/// Flags of contacts: by the three truths of a JST day, and by that of a UTC day.
pub type Contacts = BTreeMap<(i32, usize, usize), [bool; 3]>;
pub type Met = BTreeMap<(DayUtc, usize, usize), bool>;

fn pair_of(pairs: &Pairs, a: usize, b: usize) -> &truth::Pair {
    &pairs[&(a.min(b), a.max(b))]
}

pub fn true_pairs(world: &World) -> Pairs {
    let people = world.people.len();
    (0..people).flat_map(|a| (a + 1..people).map(move |b| (a, b))).map(|(a, b)| ((a, b), truth::pair(world, a, b))).collect()
}

/// Positions are of 32 bits: distances are right to within so much.
const ROUNDING_M: f64 = 2e-5;

/// Whether a value is that of the oracle, give or take.
fn is_near(found: f64, expected: f64, slack: f64) -> bool {
    (found - expected).abs() <= slack
}

/// Where two people were nearest for longest, or (never near) nearest at all: whatever may be, as far as looks can say.
fn may_be_nearest(half: &Half, kind: &str, barrier: Option<&str>) -> bool {
    let longest_s = half.circumstances.iter().map(|c| c.near_s).fold(0.0, f64::max);
    let is_longest = |c: &&truth::Circumstance| longest_s - c.near_s <= truth::NEAR_S;
    let least_m = half.circumstances.iter().filter(is_longest).map(|c| c.min_m).fold(f64::MAX, f64::min);
    let may_be = |c: &&truth::Circumstance| is_longest(c) && (c.near_s > 0.0 || c.min_m - least_m <= ROUNDING_M);
    half.circumstances.iter().filter(may_be).any(|c| c.kind == kind && barrier.is_none_or(|b| b == c.barrier))
}

/// The table `contacts`: a row for each pair and JST day that came near enough, and everything in it.
/// Returns what it flags as contacts by the three truths of a JST day.
pub fn check_contacts(world: &World, out: &Path, pairs: &Pairs, what: &str) -> Contacts {
    let table = read_table(out, &tables::CONTACTS).expect("contacts");
    let (config, near_m) = (&world.scenario.truth, world.scenario.output.contacts_within_m);
    let (need_s, gap_s) = (config.duration_min * 60.0, config.gap_min * 60.0);
    let rows: BTreeMap<(i32, usize, usize), usize> = (0..table.rows())
        .map(|i| ((table.days("day_jst")[i], world.person(table.u32("a")[i]), world.person(table.u32("b")[i])), i))
        .collect();
    let mut contacts = Contacts::new();
    for (day, ((a, b), pair)) in world.days().flat_map(|day| pairs.iter().map(move |pair| (day, pair))) {
        let what = format!("{what}: {day}, {a} and {b}");
        let whole = pair.of_jst(day);
        let Some(&i) = rows.get(&(day.0, *a, *b)) else {
            assert!(whole.min_m > near_m && whole.within_s == 0.0, "{what}: {} m apart, and no row", whole.min_m);
            continue;
        };
        let number = |column: &str| table.f64(column)[i];
        assert!(whole.min_m <= near_m, "{what}: a row, and {} m apart", whole.min_m);
        assert!(is_near(number("min_distance_m"), whole.min_m, ROUNDING_M), "{what}: {} m, not {}", number("min_distance_m"), whole.min_m);
        let (morning, evening) = (day.start().day_utc(), day.utc_midnight().day_utc());
        for (column, half, expected_s) in [
            ("within_s", &whole, whole.within_s),
            ("within_ignoring_walls_s", &whole, whole.ignoring_walls_s),
            ("within_before_0900_s", &whole, pair.of_half(day, morning).within_s),
            ("within_after_0900_s", &whole, pair.of_half(day, evening).within_s),
        ] {
            assert!(is_near(number(column), expected_s, half.slack_s()), "{what}: {column} {}, by looking {expected_s}", number(column));
        }
        let slack_s = whole.slack_s() + pair.of_jst(day.next()).slack_s();
        for (column, gap_s) in [("longest_run_s", 0.0), ("gap_run_s", gap_s)] {
            let [least_s, most_s] = pair.longest_run_s(day, gap_s);
            let run_s = number(column);
            assert!((least_s - slack_s..=most_s + slack_s).contains(&run_s), "{what}: {column} {run_s}, by looking {least_s} to {most_s}");
        }
        let of_jst = [("is_contact_cumulative_jst", "within_s"), ("is_contact_run", "longest_run_s"), ("is_contact_gap", "gap_run_s")];
        for (flag, seconds) in of_jst {
            assert_eq!(table.bools(flag)[i], number(seconds) >= need_s, "{what}: {flag}, {seconds} {}", number(seconds));
        }
        let utc = [morning, evening].map(|utc| pair.of_utc(utc));
        let is_contact = utc.iter().any(|half| half.within_s >= need_s);
        let flag = table.bools("is_contact_cumulative_utc")[i];
        assert!(flag == is_contact || utc.iter().any(|half| half.is_open(need_s)), "{what}: is_contact_cumulative_utc {flag}");
        let (kind, barrier) = (table.text("venue_kind").get(i), table.text("barrier").get(i));
        assert!(may_be_nearest(&whole, kind, Some(barrier)), "{what}: nearest in the {kind}, {barrier} between");
        contacts.insert((day.0, *a, *b), of_jst.map(|(flag, _)| table.bools(flag)[i]));
    }
    assert_eq!(contacts.len(), table.rows(), "{what}: rows of contacts");
    contacts
}

/// The table `sightings`, record by record. Returns what was stored.
pub fn check_sightings(world: &World, out: &Path, what: &str) -> Vec<gaen::Sighting> {
    let table = read_table(out, &tables::SIGHTINGS).expect("sightings");
    let row = |i: usize| gaen::Sighting {
        observer: world.person(table.u32("observer")[i]),
        t_s: table.i64("t_s")[i],
        rpi: table.fixed("rpi", i).try_into().expect("16 bytes"),
        aem: table.fixed("aem", i).try_into().expect("4 bytes"),
        rssi_dbm: table.i32("rssi_dbm")[i],
        previous_scan_s: table.i64("previous_scan_s")[i],
    };
    let mut found: Vec<gaen::Sighting> = (0..table.rows()).map(row).collect();
    found.sort_unstable();
    let radio = radio::Radio::new(world);
    let link_scans = radio.link_scans();
    let stored = gaen::stored(world, &radio.devices, &link_scans);
    for (found, expected) in found.iter().zip(&stored) {
        assert_eq!(found, expected, "{what}: a record, and what it should be");
    }
    assert_eq!(found.len(), stored.len(), "{what}: records");
    check_attenuation(out, &link_scans, what);
    stored
}

/// Upper ends of the distance bins of the table `attenuation`, m.
const BINS_M: [f64; 11] = [0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 20.0, f64::INFINITY];

/// The table `attenuation`: all scans of phones within reach, heard or not.
fn check_attenuation(out: &Path, link_scans: &[radio::LinkScan<'_>], what: &str) {
    let mut expected: BTreeMap<(String, String, String, usize, Option<i32>), i64> = BTreeMap::new();
    for l in link_scans {
        let [observer, transmitter] = l.carriages.map(|c| world::CARRIAGES[c]);
        let bin = BINS_M.iter().filter(|to_m| f64::from(l.distance_m) >= **to_m).count();
        let db = l.heard.map(|h| (h.mean_db + 0.5).clamp(0.0, 127.0) as i32);
        let key = (l.kind.to_string(), l.material.unwrap_or("none").to_string(), format!("{observer}-{transmitter}"), bin, db);
        *expected.entry(key).or_default() += 1;
    }
    let table = read_table(out, &tables::ATTENUATION).expect("attenuation");
    let row = |i: usize| {
        let [kind, barrier, carriage] = ["venue_kind", "barrier", "carriage"].map(|column| table.text(column).get(i).to_string());
        let bin = BINS_M.iter().position(|to_m| *to_m == table.f64("distance_to_m")[i]).expect("a bin");
        let db = (!table.is_null("attenuation_db", i)).then(|| table.i32("attenuation_db")[i]);
        ((kind, barrier, carriage, bin, db), table.i64("scans")[i])
    };
    let found: BTreeMap<_, i64> = (0..table.rows()).map(row).collect();
    for (key, scans) in &expected {
        assert_eq!(found.get(key), Some(scans), "{what}: link-scans of {key:?}");
    }
    assert_eq!(found.len(), expected.len(), "{what}: rows of attenuation");
}

/// What every rule makes of a phone's key of a UTC day on another phone.
pub struct Judged {
    day: DayUtc,
    observer: usize,
    transmitter: usize,
    pub verdicts: Vec<rules::Verdict>,
    /// Attenuation, dB, at or under which scans add up to a contact's time.
    threshold_db: Option<i64>,
}

/// Every UTC day of the run, and every two running phones, both ways.
pub fn judge(world: &World, stored: &[gaen::Sighting]) -> Vec<Judged> {
    let running: Vec<usize> = (0..world.people.len()).filter(|p| world.people[*p].runs).collect();
    let names = rules::names();
    let mut judged = Vec::new();
    for day in utc_days(world) {
        // To two hours after its end: an identifier may still be in the air then.
        let of_day = |s: &&gaen::Sighting| (day.start().0..day.end().0 + 7200).contains(&s.t_s);
        for &transmitter in &running {
            let tek = gaen::tek(world, transmitter, day);
            let rpis = gaen::rpis(&tek, day);
            for &observer in running.iter().filter(|o| **o != transmitter) {
                let store: Vec<gaen::Sighting> = stored.iter().filter(|s| s.observer == observer).filter(of_day).copied().collect();
                let of_key = gaen::of_key(&tek, &rpis, day, &store);
                let verdicts = names.iter().map(|rule| rules::judge(world, rule, observer, day, &of_key)).collect();
                let threshold_db = (0..=127).find(|db| of_key.seconds_under(*db) as f64 >= world.scenario.truth.duration_min * 60.0);
                judged.push(Judged { day, observer, transmitter, verdicts, threshold_db });
            }
        }
    }
    judged
}

/// The table `verdicts`: a row for each rule and two phones that came near enough, or on which it fired. Returns which of these pairs it
/// flags as in contact by the day.
pub fn check_verdicts(world: &World, out: &Path, pairs: &Pairs, judged: &[Judged], what: &str) -> Met {
    let table = read_table(out, &tables::VERDICTS).expect("verdicts");
    let (names, need_s) = (rules::names(), world.scenario.truth.duration_min * 60.0);
    let key = |i: usize| {
        let [observer, transmitter] = ["observer", "transmitter"].map(|column| world.person(table.u32(column)[i]));
        (table.days("day_utc")[i], observer, transmitter, table.text("rule").get(i))
    };
    let rows: BTreeMap<_, usize> = (0..table.rows()).map(|i| (key(i), i)).collect();
    let (mut seen, mut met) = (0, Met::new());
    for Judged { day, observer, transmitter, verdicts, .. } in judged {
        let half = pair_of(pairs, *observer, *transmitter).of_utc(*day);
        for (rule, verdict) in names.iter().zip(verdicts) {
            let what = format!("{what}: UTC day {day}, {observer} of {transmitter}, {rule}");
            let row = rows.get(&(day.0, *observer, *transmitter, rule.as_str()));
            let is_in = half.min_m <= world.scenario.accuracy.universe_within_m || verdict.detected();
            assert_eq!(row.is_some(), is_in, "{what}: in the device universe, {} m apart", half.min_m);
            let Some(&i) = row else { continue };
            seen += 1;
            let found = (table.bools("detected")[i], table.f64("score")[i], table.f64("duration_s")[i]);
            let expected = (verdict.detected(), verdict.score, verdict.duration_s() as f64);
            assert_eq!(found, expected, "{what}: whether it fired, score, duration");
            let within_s = table.f64("within_s")[i];
            assert!(is_near(within_s, half.within_s, half.slack_s()), "{what}: {within_s} s, by looking {}", half.within_s);
            assert_eq!(table.bools("is_contact")[i], within_s >= need_s, "{what}: {within_s} s");
            met.insert((*day, *observer.min(transmitter), *observer.max(transmitter)), within_s >= need_s);
            let kind = table.text("venue_kind").get(i);
            assert!(may_be_nearest(&half, kind, None), "{what}: nearest in the {kind}");
            let is_partial = [utc_days(world).first(), utc_days(world).last()].contains(&Some(day));
            assert_eq!(table.bools("day_is_partial")[i], is_partial, "{what}: simulated in part");
        }
    }
    assert_eq!(seen, table.rows(), "{what}: verdicts of pairs that nobody asked for");
    met
}

/// The table `roc`, all pairs together: what a rule finds that asks for a contact's time at or under a threshold.
pub fn check_roc(world: &World, out: &Path, pairs: &Pairs, judged: &[Judged], met: &Met, what: &str) {
    let table = read_table(out, &tables::ROC).expect("roc");
    let rows: Vec<usize> = (0..table.rows()).filter(|i| table.text("stratum").get(*i) == "all").collect();
    assert_eq!(rows.len(), 46, "{what}: thresholds from 40 to 85 dB");
    for i in rows {
        let threshold_db = table.f64("threshold_db")[i] as i64;
        let mut counts = [0; 4];
        for Judged { day, observer, transmitter, threshold_db: least_db, .. } in judged {
            let (a, b) = (*observer.min(transmitter), *observer.max(transmitter));
            let detected = least_db.is_some_and(|db| db <= threshold_db);
            if detected || pairs[&(a, b)].of_utc(*day).min_m <= world.scenario.accuracy.universe_within_m {
                let actual = met.get(&(*day, a, b)).copied().unwrap_or(false);
                counts[cell(actual, detected)] += 1;
            }
        }
        assert_eq!(["tp", "fp", "fn", "tn"].map(|column| table.i64(column)[i]), counts, "{what}: tp, fp, fn, tn at {threshold_db} dB");
    }
}

/// The place of a pair among tp, fp, fn, tn.
fn cell(actual: bool, detected: bool) -> usize {
    [3, 1, 2, 0][2 * usize::from(actual) + usize::from(detected)]
}

/// The table `accuracy`, every rule over all pairs together, by the four truths.
pub fn check_accuracy(world: &World, out: &Path, pairs: &Pairs, judged: &[Judged], contacts: &Contacts, met: &Met, what: &str) {
    let (names, need_s) = (rules::names(), world.scenario.truth.duration_min * 60.0);
    let (near_m, universe_m) = (world.scenario.output.contacts_within_m, world.scenario.accuracy.universe_within_m);
    // By universe, rule and truth: tp, fp, fn, tn.
    let mut counts: BTreeMap<(&str, &str, &str), [i64; 4]> = BTreeMap::new();
    let mut count = |half: &Half, both_run: bool, truth: &'static str, actual: bool, detected: &dyn Fn(usize) -> bool| {
        for (i, rule) in names.iter().enumerate() {
            let cell = cell(actual, detected(i));
            let is_in = [both_run && half.min_m <= universe_m, half.min_m <= near_m || half.within_s > 0.0];
            for universe in ["device", "population"].into_iter().zip(is_in).filter(|(_, is_in)| *is_in || detected(i)).map(|(name, _)| name)
            {
                counts.entry((universe, rule, truth)).or_default()[cell] += 1;
            }
        }
    };
    let of_two: BTreeMap<(DayUtc, usize, usize), &Judged> = judged.iter().map(|j| ((j.day, j.observer, j.transmitter), j)).collect();
    for (&(a, b), pair) in pairs {
        let both_run = world.people[a].runs && world.people[b].runs;
        for (observer, transmitter) in [(a, b), (b, a)] {
            let fired = |day: DayUtc, i: usize| of_two.get(&(day, observer, transmitter)).map(|j| &j.verdicts[i]).filter(|v| v.detected());
            for day in utc_days(world) {
                let half = pair.of_utc(day);
                let actual = met.get(&(day, a, b)).copied().or((!half.is_open(need_s)).then_some(half.within_s >= need_s));
                let actual = actual.unwrap_or_else(|| panic!("{what}: {a} and {b} on {day}: looks cannot say whether that was a contact"));
                count(&half, both_run, "cumulative_utc", actual, &|i| fired(day, i).is_some());
            }
            for day in world.days() {
                let half = pair.of_jst(day);
                let utc = [day.start().day_utc(), day.utc_midnight().day_utc()];
                let detected = |i: usize| utc.iter().any(|utc| fired(*utc, i).is_some_and(|v| v.day_jst(*utc) == day));
                let actual = contacts.get(&(day.0, a, b)).copied().unwrap_or_default();
                for (truth, actual) in ["cumulative_jst", "run", "gap_run"].into_iter().zip(actual) {
                    count(&half, both_run, truth, actual, &detected);
                }
            }
        }
    }
    let table = read_table(out, &tables::ACCURACY).expect("accuracy");
    let is_all = |i: &usize| table.text("mode").get(*i) == "as_if" && table.text("stratum").get(*i) == "all";
    let row = |i: usize| {
        let [universe, rule, truth] = ["universe", "rule", "truth"].map(|column| table.text(column).get(i));
        ((universe, rule, truth), ["tp", "fp", "fn", "tn"].map(|column| table.i64(column)[i]))
    };
    let found: BTreeMap<_, _> = (0..table.rows()).filter(is_all).map(row).collect();
    assert_eq!(found.len(), counts.len(), "{what}: rows of accuracy");
    for (key, counts) in counts {
        assert_eq!(found.get(&key), Some(&counts), "{what}: {key:?}: tp, fp, fn, tn");
    }
}

/// The UTC days that a run touches.
fn utc_days(world: &World) -> Vec<DayUtc> {
    let last = world.days().last().expect("a day");
    (world.first_day.start().day_utc().0..=last.utc_midnight().day_utc().0).map(DayUtc).collect()
}
