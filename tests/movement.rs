//! Plans and insides are functions: of a person and a day, and of a venue's visits. For every source of movement.

use std::{collections::BTreeMap, fmt::Write as _, path::Path, sync::Arc};

use assert_cmd::Command;
use cocoasim::{
    faults::Faults,
    ids::{PersonId, VenueId},
    inputs::Inputs,
    mobility::{Insides, Movement, NO_GROUP, Plans, Stance, Visit},
    output::{read_table, tables},
    population::People,
    radio::RadioModel,
    random::Seed,
    scenario::{KINDS, SourceArgs, open},
    time::DayJst,
    traces::{Replay, Trace},
    venue::{FloorPlan, Venue, VenueKind},
};
use proptest::prelude::*;

#[path = "support/kinds.rs"]
mod kinds;

/// A scenario's people and how they move.
struct World {
    movement: Movement,
    /// Numbers of people in tables.
    labels: Vec<u32>,
    first_day: DayJst,
    sets: Vec<String>,
}

fn office(seed: u64, sets: &[&str]) -> World {
    office_of(seed, &[], sets)
}

/// The same, with changes of the office's kind.
fn office_of(seed: u64, changes: &[(&str, &str)], sets: &[&str]) -> World {
    let folder = tempfile::tempdir().expect("a folder");
    let kind = kinds::listed(&[kinds::changed(folder.path(), "office", changes)]);
    let sets: Vec<String> = sets.iter().copied().chain(["authority.cases=[]"]).map(String::from).collect();
    let all = sets.iter().cloned().chain([kind]).collect();
    let loaded = open(&SourceArgs { scenario: "office".into(), sets: all, seed: Some(seed) }).unwrap_or_else(|f| panic!("{f}"));
    let scenario = &loaded.scenario;
    let people = People::generate(&scenario.population, &scenario.phones, Seed(seed));
    let movement = kinds::generated(&loaded, &people, seed);
    World { movement, labels: people.label, first_day: scenario.first_day().expect("a date"), sets }
}

fn trials(seed: u64) -> World {
    let sets: Vec<String> = ["authority.cases=[]", "population.workers=21", "mobility.source=pairs"].map(String::from).into();
    let loaded = open(&SourceArgs { scenario: "office".into(), sets: sets.clone(), seed: Some(seed) }).unwrap_or_else(|f| panic!("{f}"));
    let scenario = &loaded.scenario;
    let people = People::generate(&scenario.population, &scenario.phones, Seed(seed));
    let offsets = RadioModel::new(&scenario.radio, Seed(seed)).phone_offsets();
    let faults = &mut Faults::default();
    let movement =
        Movement::pairs(&scenario.mobility, kinds::office_floor(&loaded), &people, offsets, Seed(seed), faults).expect("no fault");
    World { movement, labels: people.label, first_day: scenario.first_day().expect("a date"), sets }
}

/// Eight people, some of whom meet over midnight.
fn replayed(seed: u64, folder: &Path) -> World {
    let mut text = String::new();
    for k in 0..400u32 {
        let (a, b) = (10 + k % 7, 11 + k % 7 + k / 100 % 2);
        let _ = writeln!(text, "{} {a} {b}", 84_000 + 20 * (k + 30 * (k / 40)));
    }
    let path = folder.join("trace.tij");
    std::fs::write(&path, text).expect("a file");
    let sets: Vec<String> =
        ["authority.cases=[]".into(), "mobility.source=contacts".into(), format!("mobility.file={}", path.display())].into();
    let scenario =
        open(&SourceArgs { scenario: "baseline".into(), sets: sets.clone(), seed: Some(seed) }).unwrap_or_else(|f| panic!("{f}")).scenario;
    let faults = &mut Faults::default();
    let trace = Trace::read(&path, None, &scenario.mobility.contacts, None, &mut Inputs::default(), faults).expect("a trace");
    let (labels, first_day) = (trace.labels.clone(), scenario.first_day().expect("a date"));
    let (movement, _) = Replay::lay_out(trace, &scenario.mobility, scenario.venue.materials(faults), first_day, Seed(seed));
    World { movement, labels, first_day, sets }
}

impl World {
    fn plan(&self, person: usize, day: DayJst, stays_home: bool) -> Vec<Visit> {
        let mut visits = Vec::new();
        self.movement.visits(PersonId(person as u32), day, stays_home, &mut visits);
        visits
    }

    /// Everybody's visits of a day by venue, each asked for alone. `stays_home` decides by person.
    fn by_venue(&self, day: DayJst, stays_home: impl Fn(usize) -> bool) -> BTreeMap<VenueId, Vec<Visit>> {
        let mut by_venue: BTreeMap<VenueId, Vec<Visit>> = BTreeMap::new();
        for visit in (0..self.labels.len()).flat_map(|i| self.plan(i, day, stays_home(i))) {
            by_venue.entry(visit.venue).or_default().push(visit);
        }
        by_venue
    }

    fn inside(&self, day: DayJst, visits: &[Visit]) -> Vec<Stance> {
        let mut stances = Vec::new();
        self.movement.stances(day, visits, &mut stances);
        stances
    }
}

/// (who or where, start, end), joined where one goes on in the next.
fn joined(visits: impl IntoIterator<Item = (u32, i64, i64)>) -> Vec<(u32, i64, i64)> {
    let mut all: Vec<(u32, i64, i64)> = Vec::new();
    for visit in visits {
        match all.last_mut() {
            Some(last) if (last.0, last.2) == (visit.0, visit.1) => last.2 = visit.2,
            _ => all.push(visit),
        }
    }
    all
}

/// Runs a world with the built binary; each person's rows of `visits`.
fn rows_of_a_run(world: &World, scenario: &str, seed: u64, days: i32, more: &[&str]) -> BTreeMap<u32, Vec<(u32, i64, i64)>> {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let mut command = Command::cargo_bin("cocoasim").expect("the binary is built");
    command.args(["run", scenario, "--quiet", "--seed", &seed.to_string(), "--out"]).arg(&out);
    let days = format!("run.days={days}");
    for set in world.sets.iter().map(String::as_str).chain([days.as_str(), "output.verdicts=false"]).chain(more.iter().copied()) {
        command.args(["--set", set]);
    }
    command.assert().success();
    let table = read_table(&out, &tables::VISITS).expect("the table");
    let mut rows: BTreeMap<u32, Vec<(u32, i64, i64)>> = BTreeMap::new();
    for i in 0..table.rows() {
        let row = (table.u32("venue")[i], table.i64("start_s")[i], table.i64("end_s")[i]);
        rows.entry(table.u32("person")[i]).or_default().push(row);
    }
    rows.values_mut().for_each(|of| of.sort_unstable_by_key(|row| row.1));
    rows
}

/// What each asked alone plans for is what `visits` of a run of everybody holds of them, also of somebody who stays home once
/// their result is known (day 2).
#[test]
fn a_plan_asked_alone_is_that_persons_rows_in_a_run_of_everybody() {
    const DAYS: i32 = 5;
    let folder = tempfile::tempdir().expect("a folder");
    let case =
        ["authority.cases=[{person=4,onset_day=1,result_day=2}]", "app.stays_home_share=0", "authority.stays_home_from_onset_share=0"];
    let worlds = [
        ("office", office(3, &["population.workers=25", "mobility.work.telework_share=0.1"]), &case[..]),
        ("office", trials(3), &case[..0]),
        ("baseline", replayed(3, folder.path()), &case[..0]),
    ];
    for (scenario, world, more) in worlds {
        let rows = rows_of_a_run(&world, scenario, 3, DAYS, more);
        let mut stayed = 0;
        for (i, label) in world.labels.iter().enumerate() {
            let is_case = !more.is_empty() && *label == 4;
            let planned = (0..DAYS).flat_map(|d| world.plan(i, world.first_day.plus_days(d), is_case && d > 2));
            let planned = joined(planned.map(|v| (v.venue.0, v.start_s, v.end_s)));
            assert_eq!(rows.get(label).cloned().unwrap_or_default(), planned, "person {label} of {:?}", world.sets);
            let unchanged = (0..DAYS).flat_map(|d| world.plan(i, world.first_day.plus_days(d), false));
            stayed += usize::from(planned != joined(unchanged.map(|v| (v.venue.0, v.start_s, v.end_s))));
        }
        assert!(rows.values().map(Vec::len).sum::<usize>() >= world.labels.len());
        assert_eq!(stayed, usize::from(!more.is_empty()), "the case alone stays home");
    }
}

/// Stances of one person follow each other without a gap or an overlap from the start to the end of each visit.
fn assert_filled(visits: &[Visit], stances: &[Stance]) {
    assert!(stances.is_sorted_by_key(|s| (s.person, s.start_s)) && stances.iter().all(|s| s.start_s < s.end_s));
    let mut visits: Vec<_> = visits.iter().map(|v| (v.person.0, v.start_s, v.end_s)).collect();
    visits.sort_unstable();
    assert_eq!(joined(stances.iter().map(|s| (s.person.0, s.start_s, s.end_s))), joined(visits));
}

/// For each venue of a day: stances fill the visits, come in the same order whatever that of the visits, and are what the day
/// of everybody holds. Returns how many venues there were.
fn check_insides(world: &World, day: DayJst, turn: usize) -> usize {
    let by_venue = world.by_venue(day, |_| false);
    let whole = world.movement.day(day, &vec![false; world.labels.len()]);
    assert_eq!(whole.venue_days.iter().map(|d| d.venue).collect::<Vec<_>>(), by_venue.keys().copied().collect::<Vec<_>>());
    for (visits, of_day) in by_venue.values().zip(&whole.venue_days) {
        let stances = world.inside(day, visits);
        assert_filled(visits, &stances);
        assert!(stances == of_day.stances);
        let mut shuffled: Vec<Visit> = visits.clone();
        shuffled.reverse();
        shuffled.rotate_left(turn % visits.len());
        assert!(world.inside(day, &shuffled) == stances, "venue {} depends on the order of its visits", visits[0].venue.0);
    }
    by_venue.len()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn insides_fill_their_visits_in_whatever_order_these_come(seed in 0..1000u64, offset in 0..14, turn in 0..500usize, workers in 20..160u32) {
        let folder = tempfile::tempdir().expect("a folder");
        let stated = format!("population.workers={workers}");
        let office = office_of(seed, &[("pantry_share = 0.2", "pantry_share = 0.5"), ("errands_per_person = 3", "errands_per_person = 6")], &[&stated]);
        prop_assert!(check_insides(&office, office.first_day.plus_days(offset), turn) >= workers as usize, "their homes at least");
        let trials = trials(seed);
        prop_assert_eq!(check_insides(&trials, trials.first_day.plus_days(offset), turn), 10);
        let replayed = replayed(seed, folder.path());
        prop_assert_eq!(check_insides(&replayed, replayed.first_day.plus_days(offset % 2), turn), 1);
    }

    /// Everybody may stay home or not: a venue whose visits are the same is the same inside.
    #[test]
    fn who_does_not_visit_a_venue_changes_nothing_in_it(seed in 0..1000u64, offset in 0..7, share in 0.0..1.0f64, who in any::<u64>()) {
        let world = office(seed, &["population.workers=40", "mobility.work.telework_share=0.5"]);
        let day = world.first_day.plus_days(offset);
        let stays_home: Vec<bool> = (0..world.labels.len() as u64).map(|i| (who.rotate_left(i as u32 % 64) ^ i) % 1000 < (share * 1000.0) as u64).collect();
        let (all, some) = (world.movement.day(day, &vec![false; stays_home.len()]), world.movement.day(day, &stays_home));
        let (planned, visits_then) = (world.by_venue(day, |_| false), world.by_venue(day, |i| stays_home[i]));
        let mut same = 0;
        for venue_day in &all.venue_days {
            if planned.get(&venue_day.venue) == visits_then.get(&venue_day.venue) {
                let then = some.venue_days.iter().find(|d| d.venue == venue_day.venue);
                prop_assert!(then.is_some_and(|then| then.stances == venue_day.stances), "venue {}", venue_day.venue.0);
                same += 1;
            }
        }
        // Some live alone, work, and do not stay home.
        prop_assert!(share > 0.7 || same > 0);
    }
}

/// Who works from home and stays in for a result is nobody to the office: it is as if they had never been counted.
#[test]
fn an_office_day_is_that_of_those_who_come() {
    let world = office(5, &["population.workers=60", "mobility.work.telework_share=0.3"]);
    let day = world.first_day;
    let office_visits = world.by_venue(day, |_| false).remove(&VenueId(0)).expect("people at work");
    let comes = |i: usize| office_visits.iter().any(|v| v.person.index() == i);
    let absent: Vec<bool> = (0..world.labels.len()).map(|i| !comes(i)).collect();
    assert!(absent[..60].iter().filter(|absent| **absent).count() > 5);
    let (all, without) = (world.movement.day(day, &vec![false; absent.len()]), world.movement.day(day, &absent));
    assert!(all.venue_days[0].stances == without.venue_days[0].stances);
    assert!(all.visits != without.visits, "some who work from home go out otherwise");
    // Of two who come, one without the other is another day.
    let fewer: Vec<bool> = (0..world.labels.len()).map(|i| i == office_visits[0].person.index()).collect();
    assert!(all.venue_days[0].stances != world.movement.day(day, &fewer).venue_days[0].stances);
}

/// Who lunches out leaves at a time that is theirs, and nobody meets them meanwhile.
#[test]
fn lunch_out_is_two_visits_and_nothing_in_between() {
    let world = office(2, &["mobility.work.lunch_out_share=0.6", "mobility.work.telework_share=0"]);
    let by_venue = world.by_venue(world.first_day, |_| false);
    let visits = &by_venue[&VenueId(0)];
    let twice: Vec<_> = visits.windows(2).filter(|two| two[0].person == two[1].person).collect();
    // A binomial count of 120 at 0.6 lies within 48 to 95 but once in 10,000 draws.
    assert!((48..=95).contains(&twice.len()), "{} of 120 leave for lunch", twice.len());
    let minutes = twice.iter().map(|two| (two[1].start_s - two[0].end_s) / 60);
    assert!(minutes.clone().all(|m| (30..60).contains(&m)));
    let stances = world.inside(world.first_day, visits);
    for two in twice {
        let (out_s, back_s) = (two[0].end_s, two[1].start_s);
        assert!(stances.iter().filter(|s| s.person == two[0].person).all(|s| s.end_s <= out_s || s.start_s >= back_s));
    }
}

/// Nobody leaves their place.
const QUIET: [(&str, &str); 4] = [
    ("lunch_pantry_share = 0.2", "lunch_pantry_share = 0.0"),
    ("meetings_per_room = 4", "meetings_per_room = 0"),
    ("talks_per_person = 6.0", "talks_per_person = 0.0"),
    ("errands_per_person = 3", "errands_per_person = 0"),
];

/// More workers than desks: desks of the absent, then chairs, then standing; everybody else sits as before.
#[test]
fn who_finds_no_desk_is_seated_by_rule_and_counted() {
    let seated = |workers: u32, telework: f64| {
        let sets = [format!("population.workers={workers}"), format!("mobility.work.telework_share={telework}")];
        let alone = ["mobility.work.lunch_out_share=0", "population.household_size_shares=[1]"];
        let world = office_of(4, &QUIET, &[&sets[0], &sets[1], alone[0], alone[1]]);
        let plan = world.movement.day(world.first_day, &vec![false; world.labels.len()]);
        let office = &plan.venue_days[0];
        let mut spots: BTreeMap<(u32, u32), Vec<u32>> = BTreeMap::new();
        for s in &office.stances {
            let of = spots.entry((s.from.x_m.to_bits(), s.from.y_m.to_bits())).or_default();
            if !of.contains(&s.person.0) {
                of.push(s.person.0);
            }
        }
        assert!(spots.values().all(|people| people.len() == 1), "a spot is shared");
        let floor = &world.movement.plans()[0];
        let at_seats =
            spots.keys().filter(|(x, y)| floor.seats.iter().any(|s| (s.at.x_m.to_bits(), s.at.y_m.to_bits()) == (*x, *y))).count();
        let (desks, chairs) = floor.seats.iter().partition::<Vec<_>, _>(|s| s.use_ == cocoasim::venue::SeatUse::Desk);
        (plan.over_capacity, spots.len(), at_seats, desks.len(), chairs.len())
    };
    let (over, present, at_seats, desks, _) = seated(120, 0.0);
    assert_eq!((over, present, at_seats, desks), (0, 120, 120, 128));
    // Of 150, 22 have no desk of their own and most find one of somebody absent.
    let (over, present, at_seats, ..) = seated(150, 0.3);
    assert!((8..=22).contains(&over) && present < 128 && at_seats == present, "{over} of {present}, {at_seats} at seats");
    let (over, present, at_seats, _, chairs) = seated(400, 0.0);
    assert_eq!((over, present, at_seats), (400 - 128, 400, 128 + chairs));
}

/// A source made by hand: visits as they are.
struct Handmade(Vec<Visit>);

impl Plans for Handmade {
    fn visits(&self, person: PersonId, day: DayJst, _: bool, out: &mut Vec<Visit>) {
        out.extend(self.0.iter().filter(|v| v.person == person && (day.start().0 - 3600..day.end().0).contains(&v.start_s)));
    }
}

impl Insides for Handmade {
    fn stances(&self, _: &Venue, _: &FloorPlan, _: DayJst, _: &[Visit], _: &mut Vec<Stance>) -> u32 {
        0
    }
}

#[test]
fn visits_that_cannot_be_are_refused_with_person_and_place() {
    let day = DayJst::parse("2020-09-07").expect("a date");
    let (start_s, end_s) = (day.start().0, day.end().0);
    let visit = |person: u32, venue: u32, start_s: i64, end_s: i64| Visit {
        person: PersonId(person),
        venue: VenueId(venue),
        start_s,
        end_s,
        seat: 0,
        group: NO_GROUP,
        role: 0,
    };
    let problems = |visits: Vec<Visit>| {
        let source = Arc::new(Handmade(visits));
        let venues = (0..3).map(|v| Venue { id: VenueId(v), kind: VenueKind::OFFICE, plan: 0 }).collect();
        let movement = Movement::new(source.clone(), source, venues, vec![FloorPlan::default()]);
        let mut faults = Faults::default();
        movement.check(&[70, 80, 90], (day, 2), "mobility.file", &mut faults);
        faults.0.into_iter().map(|f| f.problem).collect::<Vec<_>>()
    };
    // One after another without a gap, to the second, over midnight.
    let good = vec![
        visit(0, 1, start_s, start_s + 60),
        visit(0, 2, start_s + 60, end_s),
        visit(0, 2, end_s, end_s + 60),
        visit(2, 1, start_s, end_s),
    ];
    assert_eq!(problems(good.clone()), [""; 0]);
    let with = |wrong: &[Visit]| problems([&good[..], wrong].concat());
    assert_eq!(
        with(&[visit(1, 2, start_s + 7200, start_s + 7100)]),
        ["person 80: a visit ends before it lasts a second: to venue 2 from 2020-09-07 02:00 JST (1599411600) for -100 s"]
    );
    assert!(with(&[visit(1, 2, start_s + 60, start_s + 60)])[0].contains("ends before it lasts a second"));
    let overlap = with(&[visit(1, 0, start_s, start_s + 61), visit(1, 2, start_s + 60, start_s + 90)]);
    assert_eq!(
        overlap,
        [
            "person 80: visits overlap, or are not in order of time: to venue 0 from 2020-09-07 00:00 JST (1599404400) for 61 s, and then to \
          venue 2 from 2020-09-07 00:01 JST (1599404460) for 30 s"
        ]
    );
    let out_of_order = with(&[visit(1, 0, start_s + 600, start_s + 660), visit(1, 0, start_s, start_s + 60)]);
    assert!(out_of_order[0].contains("not in order of time"));
    let yesterday = with(&[visit(1, 0, start_s - 1, start_s + 60)]);
    assert!(yesterday[0].starts_with("person 80: a visit is not within 2020-09-07"), "{yesterday:?}");
    assert!(with(&[visit(1, 0, end_s - 60, end_s + 1)])[0].contains("not within 2020-09-07"));
    // One fault a person is enough to go by; everybody's is reported.
    let wrong = [visit(1, 0, end_s - 60, end_s + 1), visit(1, 1, end_s + 5, end_s + 5), visit(2, 1, start_s + 9, start_s + 99)];
    assert_eq!(with(&wrong).len(), 2);
}

/// Of 40 workers some find none of 30 desks: the run seats them, counts them and says so.
#[test]
fn a_run_says_how_many_visits_found_no_seat_of_their_own() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let begin =
        "    { first_m = [3.9, 2.2], width_m = 4.8, depth_m = 1.4, chairs_a_side = 4, seat_from_edge_m = 0.3, partition = \"acrylic\" },";
    // One island of thirty desks in place of all.
    let text = KINDS.iter().find(|(name, _)| *name == "office").expect("the office").1;
    let islands: Vec<&str> = text.lines().filter(|line| line.contains("width_m = 4.8, depth_m = 1.4")).collect();
    let one = begin.replace("[3.9, 2.2]", "[10.5, 2.2]").replace("4.8", "18.0").replace("chairs_a_side = 4", "chairs_a_side = 15");
    let changes: Vec<(&str, &str)> = islands.iter().map(|line| (*line, if *line == begin { one.as_str() } else { "" })).collect();
    let islands = kinds::listed(&[kinds::changed(dir.path(), "office", &changes)]);
    let left_out = |workers: &str| {
        let out = dir.path().join(workers);
        let sets = ["run.days=2", "authority.cases=[]", workers, &islands, "mobility.work.telework_share=0"];
        let sets = sets.iter().flat_map(|set| ["--set", set]);
        Command::cargo_bin("cocoasim")
            .expect("it is built")
            .args(["run", "office", "--quiet", "--out"])
            .arg(&out)
            .args(sets)
            .assert()
            .success();
        std::fs::read_to_string(out.join("summary.json")).expect("a summary")
    };
    assert!(left_out("population.workers=40").contains(" visits found no seat of their own"));
    assert!(!left_out("population.workers=30").contains("no seat of their own"));
}
