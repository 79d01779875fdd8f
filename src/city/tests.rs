//! A town of 3000 on single days.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    faults::Faults,
    ids::{PersonId, VenueId},
    mobility::{Carry, MobilityConfig, Plans, Visit, check_visits},
    population::{Mode, Occupation, People, PhonesConfig, PopulationConfig},
    random::Seed,
    time::DayJst,
    venue::kind::KindConfig,
};

use super::{
    days::Days,
    venues::{CityKinds, HALL_PEOPLE, Kind, Town},
};

const PEOPLE: u32 = 3000;

struct City {
    days: Days,
    town: Town,
    people: People,
}

fn kind(name: &str) -> Option<KindConfig> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/venues").join(format!("{name}.toml"));
    toml::from_str(&std::fs::read_to_string(path).ok()?).ok()
}

/// A town as the baseline has it, with changes.
fn city(change: impl FnOnce(&mut MobilityConfig)) -> City {
    let file: toml::Table = include_str!("../../scenarios/baseline.toml").parse().expect("the baseline");
    let population: PopulationConfig = file["population"].clone().try_into().expect("its table");
    let phones: PhonesConfig = file["phones"].clone().try_into().expect("its table");
    let mut mobility: MobilityConfig = file["mobility"].clone().try_into().expect("its table");
    change(&mut mobility);
    let seed = Seed(3);
    let people = People::city(PEOPLE, &population, &phones, seed);
    let kinds = CityKinds::new(kind, &mut Faults::default()).expect("the program's own kinds");
    let society = people.society.as_ref().expect("a city");
    let mut town = Town::new(society);
    let carry = Carry::new(&mobility.carriage, seed);
    let places = |kind, role| kinds.places(kind, role, (&[], &carry, seed));
    let days = Days::new(&mobility, (&kinds, &places), (&people, society), &mut town, seed);
    City { days, town, people }
}

impl City {
    fn visits(&self, day: DayJst) -> Vec<Visit> {
        let mut all = Vec::new();
        for person in (0..self.people.len() as u32).map(PersonId) {
            let mut visits = Vec::new();
            self.days.visits(person, day, false, &mut visits);
            assert_eq!(check_visits(day, &visits), Ok(()), "{person:?}");
            all.append(&mut visits);
        }
        all
    }

    fn kind(&self, visit: &Visit) -> Kind {
        self.town.kind[visit.venue.index()]
    }
}

fn day(text: &str) -> DayJst {
    DayJst::parse(text).expect("a date")
}

/// 19 to 22 September 2020 were a Saturday, a Sunday and two holidays.
#[test]
fn schools_and_offices_are_closed_on_holidays_and_shops_are_not() {
    let city = city(|_| ());
    for (text, is_working) in
        [("2020-09-18", true), ("2020-09-19", false), ("2020-09-21", false), ("2020-09-22", false), ("2020-09-23", true)]
    {
        let visits = city.visits(day(text));
        let number = |kinds: &[Kind]| visits.iter().filter(|visit| kinds.contains(&city.kind(visit))).count();
        assert_eq!(number(&[Kind::Classroom, Kind::Office, Kind::SmallOffice]) > 0, is_working, "{text}");
        assert!(number(&[Kind::Restaurant]) > 10 && number(&[Kind::Shop]) > 10 && number(&[Kind::Home]) > PEOPLE as usize, "{text}");
    }
}

/// 98 % of pupils come, each to the one class and desk that are theirs; with them one teacher.
#[test]
fn classes_are_the_same_every_day() {
    let city = city(|_| ());
    let mut of: BTreeMap<PersonId, BTreeSet<(VenueId, u32)>> = BTreeMap::new();
    for text in ["2020-09-14", "2020-09-15", "2020-09-16"] {
        let visits: Vec<Visit> = city.visits(day(text)).into_iter().filter(|visit| city.kind(visit) == Kind::Classroom).collect();
        let society = city.people.society.as_ref().expect("a city");
        let primary = |person: &PersonId| society.occupation[person.index()] == Occupation::Primary;
        let all = (0..PEOPLE).map(PersonId).filter(primary).count();
        let there = visits.iter().filter(|visit| primary(&visit.person)).count();
        // Of some 150: 97.7 % within five standard deviations.
        assert!(there * 100 > all * 91 && there <= all, "{there} of {all}");
        visits.iter().for_each(|visit| {
            of.entry(visit.person).or_default().insert((visit.venue, visit.seat));
        });
        let teachers = visits.iter().filter(|visit| visit.role == city.days.roles.teacher);
        let rooms: Vec<VenueId> = teachers.map(|visit| visit.venue).collect();
        assert!(!rooms.is_empty() && rooms.len() == rooms.iter().collect::<BTreeSet<_>>().len());
    }
    assert!(of.values().all(|places| places.len() == 1));
}

/// Whoever rides is there before work begins, and boards where and when the train is, half of them two trains one after the other; who
/// teleworks is at home.
#[test]
fn people_ride_to_work_and_back() {
    let city = city(|_| ());
    let society = city.people.society.as_ref().expect("a city");
    let visits = city.visits(day("2020-09-15"));
    let mut rides: BTreeMap<PersonId, Vec<&Visit>> = BTreeMap::new();
    visits.iter().filter(|visit| city.kind(visit) == Kind::Train).for_each(|visit| rides.entry(visit.person).or_default().push(visit));
    assert!(rides.len() > 100, "{}", rides.len());
    let by_rail = |person: &PersonId| society.mode[person.index()] == Mode::Rail && society.place(*person).is_some();
    assert!(rides.keys().all(by_rail));
    let (mut both, mut change, mut soon) = (0, 0, 0);
    for (person, of) in &rides {
        let minutes = i64::from(society.ride_min[person.index()]);
        let legs = 1 + usize::from(city.days.way(person.index()).is_some_and(|way| way.second.is_some()));
        assert!(of.iter().all(|ride| (ride.end_s - ride.start_s) % 150 == 0), "{person:?}: whole stations");
        if of.len() != 2 * legs {
            continue;
        }
        (both, change) = (both + 1, change + legs - 1);
        for way in of.chunks(legs) {
            let length_s: i64 = way.iter().map(|ride| ride.end_s - ride.start_s).sum();
            assert!((length_s - minutes * 60).abs() <= 75 * legs as i64 + 30 || minutes > 60, "{length_s} s for {minutes} min");
            let between_s = way.windows(2).map(|two| two[1].start_s - two[0].end_s);
            assert!(between_s.clone().all(|s| s >= 300), "{person:?} has time to change: {way:?}");
            soon += between_s.filter(|s| *s <= 1200).count();
        }
        let work = visits.iter().find(|v| v.person == *person && [Kind::Office, Kind::SmallOffice].contains(&city.kind(v)));
        if let Some(work) = work {
            assert!(of[legs - 1].end_s + 600 <= work.start_s && work.end_s + 600 <= of[legs].start_s, "{person:?}");
        }
    }
    assert!(both * 10 > rides.len() * 8, "{both} of {} there and back", rides.len());
    // Of some 300, half within five standard deviations.
    assert!((change * 100 / both).abs_diff(50) < 15, "{change} of {both} change");
    // There and back; where few ride the next train may be long in coming.
    assert!(soon * 10 > 2 * change * 9, "{soon} of {} changes within a quarter of an hour", 2 * change);
}

/// A shop is open for sixteen hours: of those who work there, as many as there is room for begin when it opens, and as many end when it
/// closes, each for half of that time or less; the third is out of sight. Who works in a factory has a place in one of its halls.
#[test]
fn places_that_are_long_open_have_two_turns() {
    let city = city(|_| ());
    let society = city.people.society.as_ref().expect("a city");
    let today = day("2020-09-15");
    let visits = city.visits(today);
    let most = city.days.roles.cashier[0].most;
    let [opens_s, closes_s] = [7, 23].map(|hour| today.start().0 + hour * 3600);
    let mut turns = [0, 0];
    for visit in visits.iter().filter(|v| city.kind(v) == Kind::Shop && v.role == city.days.roles.cashier[0].role) {
        let turn = u32::from(society.number[visit.person.index()]) / most;
        let is_in_time = if turn == 0 { visit.start_s == opens_s } else { (closes_s - 1..=closes_s).contains(&visit.end_s) };
        assert!(turn < 2 && visit.seat < most && is_in_time && visit.end_s - visit.start_s <= 8 * 3600, "{visit}");
        turns[turn as usize] += 1;
    }
    assert!(turns.iter().all(|turn| *turn > 5), "{turns:?}");
    let of_care: Vec<&Visit> = visits.iter().filter(|v| city.kind(v) == Kind::CareHome).collect();
    assert!(!of_care.is_empty() && of_care.iter().all(|v| v.role == city.days.roles.nurse.role), "nobody of the city lives there");
    let of_factory: Vec<&Visit> = visits.iter().filter(|v| city.kind(v) == Kind::Factory).collect();
    let places: BTreeSet<(VenueId, u32)> = of_factory.iter().map(|v| (v.venue, v.seat)).collect();
    let people: BTreeSet<PersonId> = of_factory.iter().map(|v| v.person).collect();
    assert!(people.len() > 50 && places.len() == people.len() && of_factory.iter().all(|v| v.seat < HALL_PEOPLE));
}

/// Everybody who goes out with a team, a household or friends sits with them.
#[test]
fn parties_are_at_one_place_at_one_time() {
    let city = city(|mobility| {
        mobility.city.team_evening_share = 0.6;
        mobility.city.circle_meets.working = 0.0;
    });
    let society = city.people.society.as_ref().expect("a city");
    let visits = city.visits(day("2020-09-15"));
    let mut of_team: BTreeMap<(u32, u16), BTreeSet<(VenueId, u16)>> = BTreeMap::new();
    let mut guests = 0;
    for visit in visits.iter().filter(|visit| city.kind(visit) == Kind::Izakaya && visit.role == city.days.roles.drinker) {
        let i = visit.person.index();
        of_team.entry((society.place[i], society.group[i])).or_default().insert((visit.venue, visit.group));
        guests += 1;
    }
    assert!(guests > 2 * of_team.len() && of_team.len() > 10, "{guests} of {} teams", of_team.len());
    assert!(of_team.values().all(|places| places.len() == 1));
}

#[test]
fn who_stays_home_is_at_home_all_day() {
    let city = city(|_| ());
    let today = day("2020-09-15");
    for person in (0..PEOPLE).map(PersonId) {
        let mut visits = Vec::new();
        city.days.visits(person, today, true, &mut visits);
        assert_eq!((visits.len(), visits[0].start_s, visits[0].end_s), (1, today.start().0, today.end().0));
        assert_eq!(visits[0].venue, VenueId(city.people.household[person.index()]));
    }
}

/// Twice the scale, twice the meals out and evenings; shopping, work and school as before.
#[test]
fn the_scale_is_of_what_people_choose() {
    let number = |scale: f64| {
        let city = city(|mobility| mobility.non_home_scale = scale);
        let visits: Vec<Visit> = ["2020-09-15", "2020-09-19"].into_iter().flat_map(|text| city.visits(day(text))).collect();
        let guests = |kind: Kind, role: u8| visits.iter().filter(|v| city.kind(v) == kind && v.role == role).count() as f64;
        let roles = &city.days.roles;
        let (meals, evenings) = (guests(Kind::Restaurant, roles.guest), guests(Kind::Izakaya, roles.drinker));
        (meals + evenings, guests(Kind::Classroom, roles.pupil))
    };
    let ((half, of_school), (whole, of_school_too)) = (number(0.5), number(1.0));
    assert_eq!(of_school, of_school_too);
    // Parties of three or so, some hundred of them: a third of spread is six standard deviations.
    assert!((whole / half - 2.0).abs() < 0.6, "{half} {whole}");
}
