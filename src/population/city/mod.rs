//! A city's people, drawn from statistics: households, homes, schools and work.
//!
//! Every household and every person draws from keys of their own, and districts are filled one after the other: the first 10,000 people of a
//! city of 100,000 are those of a city of 10,000, with their ages, homes and occupations. Where they work or learn follows from who else does,
//! so that may differ.

mod ages;
mod compare;
mod config;
mod families;
mod plane;
mod schools;
#[cfg(test)]
mod tests;
mod work;

use rand::RngExt;

use crate::{
    math,
    random::{Keyed, KeyedRng, Seed, Stream},
};

use super::{Mode, Occupation, PhonesConfig, PopulationConfig, Society, Trade, people::People};

pub use compare::{Compared, FigureOf, most_outside};
pub use config::{CityConfig, SchoolConfig, TradeConfig, WayConfig};

use ages::{Ages, BIRTHDAYS_SINCE_APRIL_SHARE};
use config::{EMPLOYED_FROM_YEARS, employed_weight};
use families::Families;
use plane::Plane;
use work::{Job, Sizes, Work, place_staff, place_workers};

/// What a draw of the city is for: a number within the stream of households, whose 0 is that of the households of a floor.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
enum Draw {
    /// A household: its home and its people.
    Household = 1,
    /// What a person does, and how they would get there.
    Person = 2,
    /// What somebody who works works at.
    Job = 3,
    /// How large a workplace is.
    Establishment = 4,
    /// How large a school is.
    School = 5,
}

/// Draws of the city: pure functions of (seed, who, purpose, when).
struct Draws(Keyed);

impl Draws {
    fn rng(&self, who: u32, what: Draw, when: u32) -> KeyedRng {
        self.0.rng(who, what as u32, when)
    }
}

/// Children younger than this go to school on foot, as far as the city is simulated. Assumption.
const WALKS_BELOW_YEARS: u8 = 15;
/// Shape of the gamma law of the way's minutes by other means than rail. Assumption.
const WAY_SHAPE: f64 = 2.0;
/// Ways take no longer, minutes.
const LONGEST_WAY_MIN: f64 = 240.0;

impl People {
    /// Draws the people of a city.
    pub fn city(number: u32, population: &PopulationConfig, phones: &PhonesConfig, seed: Seed) -> Self {
        let city = &population.city;
        let draws = Draws(Keyed::new(seed, Stream::Household));
        let mut people = Self::without_anybody(phones);
        let mut society = Society::default();
        let plane = settle(number, population, &draws, &mut people, &mut society);
        people.label = (0..number).collect();
        people.works_here = vec![false; people.len()];
        people.department = vec![None; people.len()];
        let (want, year) = occupy(city, &draws, &plane, &people, &mut society);
        place(city, &draws, &plane, (&want, &year), &mut society);
        people.society = Some(society);
        people.draw_phones(phones, seed);
        people
    }
}

/// Draws households and their homes, district by district, until there are so many people; of the last household the children stay away who
/// are too many.
fn settle(number: u32, population: &PopulationConfig, draws: &Draws, people: &mut People, society: &mut Society) -> Plane {
    let city = &population.city;
    let families = Families::fit(population, city);
    let homes = (f64::from(city.district_people) / families.mean_size).round().max(1.0) as u32;
    let plane = Plane::new(1, city.district_people, city.density_per_km2);
    let mut household = 0;
    while (people.age_years.len() as u32) < number {
        let mut rng = draws.rng(household, Draw::Household, 0);
        let (x_m, y_m) = plane.point(household / homes, (rng.random(), rng.random()));
        society.home_x_m.push(x_m);
        society.home_y_m.push(y_m);
        families.draw(&mut rng, &mut people.age_years);
        people.age_years.truncate(number as usize);
        people.household.resize(people.age_years.len(), household);
        household += 1;
    }
    Plane::new(household.div_ceil(homes), city.district_people, city.density_per_km2)
}

/// Draws what everybody does and how they get there. Returns where each would like to work or learn, m, and the school year of those who learn.
fn occupy(city: &CityConfig, draws: &Draws, plane: &Plane, people: &People, society: &mut Society) -> (Vec<(f32, f32)>, Vec<u8>) {
    let ages = Ages::of(city);
    let chances: Vec<f64> = (0..EMPLOYED_FROM_YEARS.len())
        .map(|band| {
            let (employed, there) = city.employed_of(&ages, band);
            if there > 0.0 { employed / there } else { 0.0 }
        })
        .collect();
    // By age, of those who do not go to school.
    let works: Vec<f64> = (0..=usize::from(u8::MAX))
        .map(|years| {
            let band = EMPLOYED_FROM_YEARS.iter().rposition(|from| *from <= years);
            band.map_or(0.0, |band| chances[band] * employed_weight(years))
        })
        .collect();
    let (mut want, mut year) = (Vec::with_capacity(people.len()), vec![0; people.len()]);
    for (i, &age) in people.age_years.iter().enumerate() {
        let mut rng = draws.rng(i as u32, Draw::Person, 0);
        // Everybody makes the same draws in the same order, so that changing one share leaves the rest as it was.
        let [since_april, attends, employed, by, one, other, turn, distance]: [f64; 8] = std::array::from_fn(|_| rng.random());
        let school_years = i32::from(age) - i32::from(since_april < BIRTHDAYS_SINCE_APRIL_SHARE);
        let stage = usize::try_from(school_years).ok().and_then(|years| city.stage_of(years)).filter(|(_, share)| attends < *share);
        let occupation = match stage.and_then(|(number, _)| Trade::SCHOOLS[number].taught()) {
            Some(taught) => {
                year[i] = school_years as u8;
                taught
            }
            // What kind of work is drawn with the trade.
            None if employed < works[usize::from(age)] => Occupation::FullTime,
            None => Occupation::AtHome,
        };
        let mode = if age < WALKS_BELOW_YEARS { Mode::Walk } else { mode(city, by) };
        let home = people.household[i] as usize;
        let home = (society.home_x_m[home], society.home_y_m[home]);
        let goes_far = age >= WALKS_BELOW_YEARS && occupation != Occupation::AtHome;
        want.push(match mode {
            _ if !goes_far => home,
            Mode::Rail => plane.middle((turn, distance)),
            _ => plane.off(home, -math::ln(1.0 - distance) * 1000.0 * of_mode(&city.way_mean_km, mode), turn),
        });
        society.occupation.push(occupation);
        society.mode.push(mode);
        society.ride_min.push(way_min(city, mode, (one, other)));
    }
    (want, year)
}

/// How somebody goes.
fn mode(city: &CityConfig, draw: f64) -> Mode {
    let (others, left) = (&city.other_modes, draw - city.rail_share);
    let scale = (others.walk + others.bike + others.car) / (1.0 - city.rail_share);
    if left < 0.0 {
        Mode::Rail
    } else if left * scale < others.walk {
        Mode::Walk
    } else if left * scale < others.walk + others.bike {
        Mode::Bike
    } else {
        Mode::Car
    }
}

fn of_mode(way: &WayConfig, mode: Mode) -> f64 {
    match mode {
        Mode::Walk => way.walk,
        Mode::Bike => way.bike,
        Mode::Car | Mode::Rail => way.car,
    }
}

/// Minutes in the train, or of the way, rounded up: who rides at most 40 minutes rides at most 40 in whole ones, too.
fn way_min(city: &CityConfig, mode: Mode, (one, other): (f64, f64)) -> u8 {
    let minutes = if mode == Mode::Rail {
        // Box and Muller 1958.
        let normal = (-2.0 * math::ln(1.0 - one)).sqrt() * math::cos(std::f64::consts::TAU * other);
        city.ride_median_min * math::exp(city.ride_sigma * normal)
    } else {
        // The sum of two exponential numbers is a gamma one of shape 2.
        -math::ln((1.0 - one) * (1.0 - other)) * of_mode(&city.way_mean_min, mode) / WAY_SHAPE
    };
    minutes.min(LONGEST_WAY_MIN).ceil().max(1.0) as u8
}

/// Founds schools and workplaces and puts everybody to one.
fn place(city: &CityConfig, draws: &Draws, plane: &Plane, (want, year): (&[(f32, f32)], &[u8]), society: &mut Society) {
    let people = society.occupation.len();
    society.place = vec![Society::NOWHERE; people];
    society.group = vec![Society::NO_GROUP; people];
    society.number = vec![0; people];
    society.teleworks = vec![false; people];
    let mut of_schools = Vec::new();
    let mut staff = [0.0; Trade::SCHOOLS.len()];
    for (stage, school) in city.schools.iter().enumerate() {
        let taught = Trade::SCHOOLS[stage].taught();
        let those = (0u32..).zip(&society.occupation).filter(|(_, occupation)| Some(**occupation) == taught);
        let mut pupils: schools::Pupils = those.map(|(i, _)| (plane.along(want[i as usize]), i)).collect();
        let first = society.establishments.len();
        let classes = if pupils.is_empty() { 0 } else { schools::place_pupils((school, stage), &mut pupils, (year, want), draws, society) };
        of_schools.push(first..society.establishments.len());
        staff[stage] = classes as f64 * school.staff_a_class;
    }
    let workers: Vec<u32> = (0u32..).zip(&society.occupation).filter(|(_, o)| o.works()).map(|(i, _)| i).collect();
    let work = Work::new(city, staff, workers.len());
    let mut at_schools: Vec<Vec<(u32, u32)>> = vec![Vec::new(); city.schools.len()];
    let mut in_trades: Vec<Vec<(u32, u32)>> = vec![Vec::new(); city.trades.len()];
    for person in workers {
        let (job, occupation, teleworks) = work.draw(&mut draws.rng(person, Draw::Job, 0));
        society.occupation[person as usize] = occupation;
        society.teleworks[person as usize] = teleworks;
        let colleagues = match job {
            Job::School(stage) => &mut at_schools[stage],
            Job::Trade(number) => &mut in_trades[number],
        };
        colleagues.push((plane.along(want[person as usize]), person));
    }
    for (staff, schools) in at_schools.iter_mut().zip(of_schools) {
        place_staff(staff, schools, plane, society);
    }
    let sizes = Sizes::fit(city);
    for (number, workers) in in_trades.iter_mut().enumerate() {
        place_workers((city, &sizes, draws), number, workers, want, society);
    }
}
