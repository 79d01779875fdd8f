use std::collections::BTreeMap;

use super::*;
use crate::{faults::Faults, ids::PersonId, test_data::data};

/// The baseline's people and phones.
pub(super) fn configs() -> (PopulationConfig, PhonesConfig) {
    let baseline: toml::Table = include_str!("../../../scenarios/baseline.toml").parse().expect("the baseline is TOML");
    let of = |name: &str| baseline[name].clone();
    (of("population").try_into().expect("people"), of("phones").try_into().expect("phones"))
}

fn city(people: u32, seed: u64) -> People {
    let (population, phones) = configs();
    People::city(people, &population, &phones, Seed(seed))
}

/// 100,000 people against everything they are drawn from: about 70 figures, of which no more lie outside their 99 % ranges than in 99 of 100
/// right cities, and none farther than 4.5 standard errors (a chance of 1 in 1,800 over all).
#[test]
fn val_a_city_is_like_its_statistics() {
    let (population, phones) = configs();
    let compared = city(100_000, 1).compare(&population, &phones);
    let judged: Vec<&Compared> = compared.iter().filter(|row| row.z().is_some()).collect();
    let outside: Vec<_> = judged.iter().filter(|row| row.is_outside()).map(|row| (&row.what, row.target, row.generated, row.z())).collect();
    assert!(judged.len() >= 65, "{}", judged.len());
    assert!(outside.len() <= most_outside(judged.len()), "{outside:?}");
    assert!(judged.iter().all(|row| row.z().is_some_and(|z| z.abs() < 4.5)), "{outside:?}");
}

/// A figure that is off is found: the same city against other statistics.
#[test]
fn another_city_is_not_like_the_statistics() {
    let (mut population, phones) = configs();
    let people = city(20_000, 1);
    population.city.rail_share = 0.28;
    population.city.ages = vec![1.0; 90];
    let compared = people.compare(&population, &phones);
    let outside: Vec<&str> = compared.iter().filter(|row| row.is_outside()).map(|row| row.what.as_str()).collect();
    assert!(outside.contains(&"by rail") && outside.contains(&"0 to 4 years"), "{outside:?}");
    assert!(outside.len() > most_outside(compared.len()), "{outside:?}");
}

/// With 100 figures of which each lies outside with 1 %, at most 4 do with 99.66 %, and at most 3 with 98.16 %.
#[test]
fn as_many_may_lie_outside_as_chance_has_it() {
    assert_eq!([1, 2, 10, 100].map(most_outside), [0, 1, 1, 4]);
}

/// The first 5,000 of 20,000 are the 5,000, as far as they do not depend on the others.
#[test]
fn a_smaller_city_is_the_middle_of_a_greater_one() {
    let (small, great) = (city(5000, 3), city(20_000, 3));
    let [of_small, of_great] = [&small, &great].map(|people| people.society.as_ref().expect("a city"));
    let last = small.household[4999] as usize;
    assert_eq!(small.household[..], great.household[..5000]);
    assert_eq!(small.age_years[..], great.age_years[..5000]);
    assert_eq!(of_small.home_x_m[..last], of_great.home_x_m[..last]);
    assert_eq!(of_small.mode[..], of_great.mode[..5000]);
    assert_eq!(of_small.ride_min[..], of_great.ride_min[..5000]);
    assert_eq!(small.model[..], great.model[..5000]);
    let does = |society: &Society, i: usize| (society.occupation[i].works(), society.occupation[i].learns());
    assert!((0..5000).all(|i| does(of_small, i) == does(of_great, i)));
    let farthest_m = |society: &Society, homes: usize| society.home_x_m[..homes].iter().fold(0.0, |far: f32, x| far.max(x.abs()));
    assert!(farthest_m(of_great, of_great.home_x_m.len()) > 1.5 * farthest_m(of_great, last), "round about");
}

/// Everybody who works or learns does so somewhere that is for it, each has a number of their own there, classes have no more pupils than
/// places, and schools have teachers.
#[test]
fn everybody_has_a_place_of_their_own() {
    let (population, _) = configs();
    let people = city(20_000, 2);
    let society = people.society.as_ref().expect("a city");
    let of = &society.establishments;
    let mut numbers: BTreeMap<(u32, bool, u16), Vec<u16>> = BTreeMap::new();
    for i in 0..people.len() {
        let (person, occupation) = (PersonId(i as u32), society.occupation[i]);
        let Some(place) = society.place(person) else {
            assert_eq!((occupation, society.group[i]), (Occupation::AtHome, Society::NO_GROUP));
            continue;
        };
        assert!(occupation.belongs_to(of.trade[place]), "{occupation:?} in {:?}", of.trade[place]);
        assert!(of.classes[place] == 0 || society.group[i] < of.classes[place]);
        let class = if occupation.works() { 0 } else { society.group[i] };
        numbers.entry((place as u32, occupation.works(), class)).or_default().push(society.number[i]);
        assert_eq!(society.is_staff(person), occupation.works() && (of.classes[place] > 0 || of.trade[place] == Trade::Hospital));
    }
    for ((place, works, _), mut numbers) in numbers {
        numbers.sort_unstable();
        assert!(numbers.iter().enumerate().all(|(i, number)| i == usize::from(*number)), "0, 1, 2, ...");
        let place = place as usize;
        if works {
            assert_eq!(numbers.len() as u32, of.workers[place]);
        } else {
            let school = population.city.schools.iter().find(|school| school.stage == of.trade[place]).expect("a stage");
            assert!(numbers.len() <= usize::from(school.class_places), "{} pupils", numbers.len());
        }
    }
    let taught: usize = (0..of.len()).filter(|school| of.classes[*school] > 0 && of.workers[*school] > 0).count();
    let schools = (0..of.len()).filter(|school| of.classes[*school] > 0).count();
    assert!(taught as f64 >= 0.95 * schools as f64, "{taught} of {schools} schools have teachers");
}

/// Pupils go to school near home, and people on foot work nearer than others.
#[test]
fn near_and_far_are_near_and_far() {
    let people = city(50_000, 1);
    let society = people.society.as_ref().expect("a city");
    let mean_m = |counts: &dyn Fn(usize) -> bool| {
        let way_m = |i: usize| {
            let (home, place) = (people.household[i] as usize, society.place[i] as usize);
            let of = &society.establishments;
            math::hypot(of.x_m[place] - society.home_x_m[home], of.y_m[place] - society.home_y_m[home])
        };
        let all: Vec<f32> = (0..people.len()).filter(|i| society.place[*i] != Society::NOWHERE && counts(*i)).map(way_m).collect();
        all.iter().sum::<f32>() / all.len() as f32
    };
    let primary = mean_m(&|i| society.occupation[i] == Occupation::Primary);
    let walk = mean_m(&|i| society.occupation[i].works() && society.mode[i] == Mode::Walk);
    let car = mean_m(&|i| society.occupation[i].works() && society.mode[i] == Mode::Car);
    assert!(primary < 700.0 && walk < 1000.0 && car > 1.3 * walk, "{primary} {walk} {car}");
}

fn faults_of(change: impl FnOnce(&mut CityConfig)) -> Vec<String> {
    let (mut population, _) = configs();
    change(&mut population.city);
    let mut faults = Faults::default();
    population.city.check(&mut faults);
    faults.0.into_iter().map(|fault| format!("{}: {}", fault.path, fault.problem)).collect()
}

/// Each is refused with its numbers, and several at once.
#[test]
fn statistics_that_cannot_be_are_refused_with_their_numbers() {
    assert_eq!(faults_of(|_| ()), [""; 0]);
    let sure = [
        (faults_of(|c| c.workplace_shares[0] = 0.7), "workplace_shares: the shares of workplaces add up to 1.07"),
        (faults_of(|c| c.trades[0].workers_share = 0.43), "trades: the shares of trades add up to 1.1"),
        (faults_of(|c| c.workplace_means[1] = 12.0), "workplace_means[1]: workplaces of 5 to 9 people have 12 on average"),
        (
            faults_of(|c| c.schools[1].class_mean = 45.0),
            "schools[1].class_mean: more pupils than places: schools of 323 pupils have 8 classes of 45",
        ),
        (
            faults_of(|c| c.employed_millions[1] = 14.0),
            "employed_millions[1]: 14 million people of 25 to 34 years would work besides school",
        ),
        (
            faults_of(|c| c.lone_parent_shares[2] = 0.7),
            "lone_parent_shares[2]: of households of 5 people 0.7 are a lone parent's and 0.4 have",
        ),
        (faults_of(|c| c.telework_share = 0.9), "telework_share: "),
        (faults_of(|c| c.trades[1].part_time_share = 0.95), "trades[1].part_time_share: 0.95 work part time and 0.1 in shifts"),
        (
            faults_of(|c| c.trades[2].mean_workers = Some(1.0)),
            "trades[2].mean_workers: workplaces of the trade restaurant have 1 people on average",
        ),
        (faults_of(|c| c.trades[2].trade = Trade::Shop), "trades[2].trade: this trade is there twice"),
        (faults_of(|c| c.trades[2].trade = Trade::Nursery), "trades[2].trade: a school is no trade"),
        (faults_of(|c| c.schools[2].from_years = 11), "schools[2].from_years: it begins at 11 years, and the stage before lasts until 12"),
        (faults_of(|c| c.schools[1].staff_a_class = 300.0), "schools: schools need 87.6 million people to work there, and 64.8 million"),
        (faults_of(|c| c.other_modes = WayConfig { walk: 0.0, bike: 0.0, car: 0.0 }), "other_modes: 0.755 go by other means than rail"),
        (faults_of(|c| c.ages = vec![1.0; 12]), "ages: nobody of 20 and more years among ages of 0 to 11"),
        (faults_of(|c| c.ages = vec![0.0; 3]), "ages: the shares add up to 0"),
    ];
    for (faults, said) in sure {
        assert!(faults.iter().any(|fault| fault.contains(said)), "{said}\nis not in\n{faults:?}");
    }
    let many = faults_of(|c| {
        c.workplace_shares[0] = 0.7;
        c.schools[1].class_mean = 45.0;
    });
    assert_eq!(many.len(), 2, "{many:?}");
}

/// The ages that come with the program against their sources: pupils and the old as published, and those of 10 to 60 years in 2015 five years on.
#[test]
fn val_ages_and_rates_are_those_published() {
    let (population, _) = configs();
    let city = &population.city;
    let ages = Ages::of(city);
    if let Some(path) = data("japan/japan_parameters.csv") {
        let text = std::fs::read_to_string(path).expect("a table");
        let published = |key: &str| {
            let row = text.lines().find_map(|line| line.strip_prefix(&format!("{key},")));
            row.and_then(|row| row.split(',').next()).and_then(|value| value.parse::<f64>().ok()).unwrap_or_else(|| panic!("{key}"))
        };
        let all = published("population_2020_census");
        let near = |what: &str, found: f64, published: f64, within: f64| {
            assert!((found / published - 1.0).abs() < within, "{what}: {found}, published {published}");
        };
        near("population", city.population_millions * 1e6, all, 1e-9);
        let goes = |stage: usize| (0..ages.shares.len()).map(|years| ages.shares[years] * city.attends_stage(years, stage)).sum::<f64>();
        near("primary", goes(1) * all, published("pupils_primary_2020"), 0.001);
        near("lower secondary", goes(2) * all, published("pupils_lower_secondary_2020"), 0.001);
        near("upper secondary", goes(3) * all, published("pupils_upper_secondary_2020"), 0.005);
        near("65 and more", 100.0 * ages.shares[65..].iter().sum::<f64>(), published("age_share_65plus_2020"), 0.001);
        for (band, years) in ["15_24", "25_34", "35_44", "45_54", "55_64", "65plus"].iter().enumerate() {
            near(years, city.employed_millions[band] * 1e6, published(&format!("employed_{years}")), 1e-9);
        }
        let size = |stage: &str| published(&format!("pupils_{stage}_2020")) / published(&format!("schools_{stage}_2020"));
        for (school, stage) in city.schools[1..4].iter().zip(["primary", "lower_secondary", "upper_secondary"]) {
            near(stage, school.pupils, size(stage), 0.002);
        }
        near("rail", 100.0 * city.rail_share, published("commute_rail_any_2010"), 0.002);
        near("on foot", city.other_modes.walk, published("commute_walk_only_2010"), 1e-9);
        near("by bike", city.other_modes.bike, published("commute_bike_motorbike_only_2010"), 1e-9);
        near("telework", 100.0 * city.telework_share, published("telework_rate_regular_employees_2020-11"), 1e-9);
        near("mean size of households", Families::mean_size(&population, city), published("household_size_mean_2020"), 0.005);
        // Both ways, from door to door, with 11 and 10 minutes to and from stations.
        let ride_min = city.ride_median_min * math::exp(city.ride_sigma * city.ride_sigma / 2.0);
        let (others, stations) = (&city.other_modes, published("home_to_station_mean") + published("station_to_work_mean"));
        let of_others = others.walk * city.way_mean_min.walk + others.bike * city.way_mean_min.bike + others.car * city.way_mean_min.car;
        let one_way =
            city.rail_share * (ride_min + stations) + (1.0 - city.rail_share) * of_others / (others.walk + others.bike + others.car);
        near("minutes a day", 2.0 * one_way, published("commute_time_per_day_mean_2016"), 0.02);
        let within =
            |most: f64| 50.0 * (1.0 + libm::erf(math::ln(most / city.ride_median_min) / city.ride_sigma / std::f64::consts::SQRT_2));
        near("at most 40 min in the train", within(40.0), published("in_train_time_le40min_share"), 0.01);
        near("more than 60 min in the train", 100.0 - within(60.0), published("in_train_time_gt60min_share"), 0.02);
    }
    if let Some(path) = data("surveys/Japan_country_level_age_distribution_85.csv") {
        let text = std::fs::read_to_string(path).expect("a table");
        let people: Vec<f64> = text.lines().filter_map(|line| line.split(',').nth(1)?.parse().ok()).collect();
        for years in (10..=60).filter(|years| *years != 12) {
            let left = ages.shares[years + 5] * 126_146_000.0 / people[years];
            assert!((0.95..1.035).contains(&left), "{left} of those of {years} in 2015");
        }
    }
}

/// Of owners, people and adults: the one that is stated is reached, within the chance of its size, and the others follow.
#[test]
fn adoption_is_of_whom_it_says() {
    let with = |of: &str| {
        let (mut population, mut phones) = configs();
        population.city.district_people = 5000;
        let share = crate::population::Adoption::Share(0.129);
        let derived = crate::population::Adoption::Of(crate::population::Derived::Derived);
        phones.adoption = if of == "owners" { share } else { derived };
        phones.adoption_of_people = if of == "people" { share } else { derived };
        phones.adoption_of_adults = if of == "adults" { share } else { derived };
        People::city(40_000, &population, &phones, Seed(1)).adoption()
    };
    // Standard errors at 40,000 people of whom 33,000 are adults and 28,000 own a smartphone: 0.0020, 0.0017, 0.0018; 99.9 % lie within 3.3.
    let (owners, people, adults) = (with("owners"), with("people"), with("adults"));
    let near = |found: f64, within: f64| (found - 0.129).abs() < within;
    assert!(
        near(owners.of_owners, 0.0066) && near(people.of_people, 0.0056) && near(adults.of_adults, 0.006),
        "{owners:?} {people:?} {adults:?}"
    );
    assert!(owners.of_people < 0.12 && people.of_owners > 0.15, "{owners:?} {people:?}");
    assert!((people.pair_share - people.of_people * people.of_people).abs() < 1e-4, "{people:?}");
}

/// The young three times as likely, and as many of all.
#[test]
fn adoption_by_age_moves_it_from_age_to_age() {
    let (population, mut phones) = configs();
    phones.adoption_by_age = vec![3.0, 3.0, 3.0, 1.0, 1.0, 1.0, 1.0, 1.0];
    let people = People::city(40_000, &population, &phones, Seed(1));
    let share = |ages: std::ops::Range<u8>| {
        let owners: Vec<usize> = (0..people.len()).filter(|i| people.model[*i].is_some() && ages.contains(&people.age_years[*i])).collect();
        owners.iter().filter(|i| people.has_app[**i]).count() as f64 / owners.len() as f64
    };
    let (young, old) = (share(0..30), share(30..120));
    assert!((young / old - 3.0).abs() < 0.45, "{young} {old}: a standard error of 0.13");
    assert!((people.adoption().of_owners - 0.129).abs() < 0.0066);
    phones.adoption = crate::population::Adoption::Share(0.9);
    let mut faults = Faults::default();
    People::city(2000, &population, &phones, Seed(1)).check_adoption(&phones, &mut faults);
    assert!(faults.0[0].problem.starts_with("more than all smartphone owners of 20-29 years would have the app: 1."), "{:?}", faults.0);
}

/// Pins what is drawn: a change here changes every published result.
#[test]
fn regress_a_citys_people() {
    let people = city(2000, 42);
    let society = people.society.as_ref().expect("a city");
    let mut sum = 0u64;
    for i in 0..people.len() {
        let place = society.place(PersonId(i as u32)).map_or(0, |place| society.establishments.x_m[place].to_bits());
        for value in [u32::from(people.age_years[i]), society.occupation[i] as u32, place, u32::from(society.ride_min[i])] {
            sum = sum.rotate_left(5) ^ u64::from(value);
        }
    }
    assert_eq!(sum, 12_469_266_120_262_298_069);
}
