//! What was generated, beside the statistics that it was drawn from and the chance of that size.

use crate::{
    math,
    population::{Mode, Occupation, Os, People, PhonesConfig, PopulationConfig, Society, Trade, adoption::AGE_BANDS, config::OfWhom},
};

use super::{
    Ages, WALKS_BELOW_YEARS,
    config::{CityConfig, EMPLOYED_FROM_YEARS, WORKPLACE_FROM, full_time_share},
    families::Families,
    work::Sizes,
};

/// 99 % of standard normal numbers lie within so many of 0.
const Z_99: f64 = 2.576;
/// A share is judged where so many are expected to be of it, and so many not.
const LEAST_EXPECTED: f64 = 5.0;
/// A mean is judged from so many on; of workplaces, where so many of the last class are expected, since these few decide it.
const LEAST_COUNTED: f64 = 30.0;
const LEAST_LARGEST: f64 = 10.0;
/// First ages of the bands that are compared.
const AGES_FROM: [usize; 11] = [0, 5, 15, 25, 35, 45, 55, 65, 75, 85, usize::MAX];

/// How a figure is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureOf {
    /// A share of a whole.
    Share,
    /// A number of people.
    People,
    /// Minutes.
    Minutes,
}

/// A statistic, and what was generated of it.
#[derive(Clone, Debug)]
pub struct Compared {
    /// What it is a part of, as a heading.
    pub part: &'static str,
    /// What it says.
    pub what: String,
    /// How it is written.
    pub of: FigureOf,
    /// What the statistics say.
    pub target: f64,
    /// What was generated.
    pub generated: f64,
    /// Of how many.
    pub n: f64,
    /// Standard error of what is generated at this size.
    error: f64,
    /// Whether there are enough to judge by it.
    is_judged: bool,
}

impl Compared {
    /// How many standard errors it lies off; `None` where there are too few.
    pub fn z(&self) -> Option<f64> {
        self.is_judged.then(|| (self.generated - self.target) / self.error)
    }

    /// The range in which 99 % of right cities of this size lie.
    pub fn range(&self) -> [f64; 2] {
        [self.target - Z_99 * self.error, self.target + Z_99 * self.error]
    }

    /// Whether it lies outside that range.
    pub fn is_outside(&self) -> bool {
        self.z().is_some_and(|z| z.abs() > Z_99)
    }
}

/// How many of so many figures of a right city lie outside their ranges with a chance of at least 99 %: no more than this (figures taken as if
/// independent).
pub fn most_outside(figures: usize) -> usize {
    let outside = 0.01;
    let (mut chance, mut below, mut most) = (math::powi(1.0 - outside, figures as i32), 0.0, 0);
    loop {
        below += chance;
        if below >= 0.99 || most == figures {
            return most;
        }
        chance *= (figures - most) as f64 / (most + 1) as f64 * outside / (1.0 - outside);
        most += 1;
    }
}

/// Figures being gathered.
struct Figures<'p> {
    people: &'p People,
    society: &'p Society,
    all: Vec<Compared>,
}

impl People {
    /// Holds the people of a city against what they are drawn from. Empty where there is no city.
    pub fn compare(&self, population: &PopulationConfig, phones: &PhonesConfig) -> Vec<Compared> {
        let Some(society) = &self.society else { return Vec::new() };
        let (city, ages) = (&population.city, Ages::of(&population.city));
        let mut figures = Figures { people: self, society, all: Vec::new() };
        figures.households(population, &ages);
        figures.schools(city, &ages);
        figures.employment(city, &ages);
        figures.workplaces(city);
        figures.ways(city);
        figures.phones(phones);
        figures.all
    }
}

impl Figures<'_> {
    /// A share of independent draws: of those whom `of` counts, those whom `is` counts.
    fn share(&mut self, part: &'static str, what: impl Into<String>, target: f64, of: impl Fn(usize) -> bool, is: impl Fn(usize) -> bool) {
        let (mut n, mut counted) = (0u64, 0u64);
        for i in (0..self.people.len()).filter(|i| of(*i)) {
            n += 1;
            counted += u64::from(is(i));
        }
        self.counted(part, what, target, counted as f64, n as f64);
    }

    /// The same of counts.
    fn counted(&mut self, part: &'static str, what: impl Into<String>, target: f64, counted: f64, n: f64) {
        let error = (target * (1.0 - target) / n).max(0.0).sqrt();
        let is_judged = n * target.min(1.0 - target) >= LEAST_EXPECTED;
        self.all.push(Compared { part, what: what.into(), of: FigureOf::Share, target, generated: counted / n, n, error, is_judged });
    }

    /// A ratio of sums over groups whose members go together: each gives a numerator and a denominator (Cochran 1977, 6.4).
    fn ratio(&mut self, (part, what, of): (&'static str, String, FigureOf), target: f64, groups: &[(f64, f64)]) {
        let (above, below) = groups.iter().fold((0.0, 0.0), |(a, b), (above, below)| (a + above, b + below));
        let generated = above / below;
        let squares: f64 = groups.iter().map(|(above, below)| (above - generated * below) * (above - generated * below)).sum();
        let counted = if of == FigureOf::Share { below } else { groups.len() as f64 };
        let enough = if of == FigureOf::Share { below * target.min(1.0 - target) >= LEAST_EXPECTED } else { counted >= LEAST_COUNTED };
        let error = squares.sqrt() / below;
        let is_judged = enough && error > 0.0;
        self.all.push(Compared { part, what, of, target, generated, n: counted, error, is_judged });
    }

    /// By household: how many of its people count, and how many there are.
    fn by_household(&self, counts: impl Fn(usize) -> bool) -> Vec<(f64, f64)> {
        let mut groups = vec![(0.0, 0.0); self.society.home_x_m.len()];
        for (i, household) in self.people.household.iter().enumerate() {
            let group = &mut groups[*household as usize];
            group.0 += f64::from(u8::from(counts(i)));
            group.1 += 1.0;
        }
        groups
    }

    fn households(&mut self, population: &PopulationConfig, ages: &Ages) {
        const PART: &str = "households";
        let sizes: Vec<f64> = self.by_household(|_| true).into_iter().map(|(size, _)| size).collect();
        let all: f64 = population.household_size_shares.iter().sum();
        for (i, share) in population.household_size_shares.iter().enumerate() {
            let counted = sizes.iter().filter(|size| **size == (i + 1) as f64).count() as f64;
            self.counted(
                PART,
                format!("of {} {}", i + 1, if i == 0 { "person" } else { "people" }),
                share / all,
                counted,
                sizes.len() as f64,
            );
        }
        let groups: Vec<(f64, f64)> = sizes.iter().map(|size| (*size, 1.0)).collect();
        let mean = Families::mean_size(population, &population.city);
        self.ratio((PART, "mean size".into(), FigureOf::People), mean, &groups);
        for band in AGES_FROM.windows(2) {
            let (from, to) = (band[0], band[1].min(ages.shares.len()));
            let target: f64 = (from..to).map(|years| ages.shares[years]).sum();
            let last = if band[1] == usize::MAX { "and more years".into() } else { format!("to {} years", to - 1) };
            let groups = self.by_household(|i| (band[0]..band[1]).contains(&usize::from(self.people.age_years[i])));
            self.ratio(("people", format!("{from} {last}"), FigureOf::Share), target, &groups);
        }
    }

    fn schools(&mut self, city: &CityConfig, ages: &Ages) {
        const PART: &str = "schools";
        for (stage, (school, trade)) in city.schools.iter().zip(Trade::SCHOOLS).enumerate() {
            let name = trade.name().replace('_', " ");
            let goes = |years: usize| city.attends_stage(years, stage) * ages.shares[years];
            let taught = trade.taught();
            let groups = self.by_household(|i| Some(self.society.occupation[i]) == taught);
            let target = (0..ages.shares.len()).map(goes).sum();
            self.ratio((PART, format!("{name}: pupils, of all people"), FigureOf::Share), target, &groups);
            let of = &self.society.establishments;
            let mut schools = vec![(0.0, 0.0); of.len()];
            for (place, occupation) in self.society.place.iter().zip(&self.society.occupation) {
                if Some(*occupation) == taught && *place != Society::NOWHERE {
                    schools[*place as usize].0 += 1.0;
                }
            }
            let mut kept: Vec<(f64, f64)> = Vec::new();
            for (school, (pupils, _)) in schools.iter().enumerate().filter(|(school, _)| of.trade[*school] == trade) {
                kept.push((*pupils, f64::from(of.classes[school])));
            }
            let pupils: Vec<(f64, f64)> = kept.iter().map(|(pupils, _)| (*pupils, 1.0)).collect();
            self.ratio((PART, format!("{name}: pupils a school"), FigureOf::People), school.pupils, &pupils);
            self.ratio((PART, format!("{name}: pupils a class"), FigureOf::People), school.class_mean, &kept);
        }
    }

    fn employment(&mut self, city: &CityConfig, ages: &Ages) {
        const PART: &str = "work";
        for (band, from) in EMPLOYED_FROM_YEARS.iter().enumerate() {
            let to = EMPLOYED_FROM_YEARS.get(band + 1).copied().unwrap_or(usize::MAX);
            let there: f64 = (*from..to.min(ages.shares.len())).map(|years| ages.shares[years]).sum();
            let target = city.employed_of(ages, band).0 / (city.population_millions * there);
            let last = if to == usize::MAX { "and more years".into() } else { format!("to {} years", to - 1) };
            let (age, occupation) = (&self.people.age_years, &self.society.occupation);
            self.share(
                PART,
                format!("{from} {last}: work"),
                target,
                |i| (*from..to).contains(&usize::from(age[i])),
                |i| occupation[i].works(),
            );
        }
        let trade = |i: usize| {
            let place = self.society.place[i];
            let works = self.society.occupation[i].works() && place != Society::NOWHERE;
            works.then(|| self.society.establishments.trade[place as usize])
        };
        let outside_schools: Vec<Option<Trade>> =
            (0..self.people.len()).map(|i| trade(i).filter(|trade| trade.taught().is_none())).collect();
        for of in &city.trades {
            let what = format!("{}, of who works outside schools", of.trade.name());
            self.share(PART, what, of.workers_share, |i| outside_schools[i].is_some(), |i| outside_schools[i] == Some(of.trade));
        }
        let occupation = &self.society.occupation;
        let sum = |share: fn(&super::TradeConfig) -> f64| city.trades.iter().map(|of| of.workers_share * share(of)).sum();
        for (what, of, target) in [
            ("part time, of who works outside schools", Occupation::PartTime, sum(|of| of.part_time_share)),
            ("in shifts, of who works outside schools", Occupation::Shift, sum(|of| of.shift_share)),
            ("full time, of who works outside schools", Occupation::FullTime, city.trades.iter().map(full_time_share).sum()),
        ] {
            self.share(PART, what, target, |i| outside_schools[i].is_some(), |i| occupation[i] == of);
        }
        let teleworks = &self.society.teleworks;
        let is_full_time = |i: usize| occupation[i] == Occupation::FullTime;
        self.share(PART, "from home at times, of full time", city.telework_share, is_full_time, |i| teleworks[i]);
    }

    fn workplaces(&mut self, city: &CityConfig) {
        const PART: &str = "workplaces outside schools";
        let of = &self.society.establishments;
        let sizes: Vec<(Trade, f64)> = of
            .trade
            .iter()
            .zip(&of.workers)
            .filter(|(trade, _)| trade.taught().is_none())
            .map(|(trade, w)| (*trade, f64::from(*w)))
            .collect();
        let law = Sizes::fit(city);
        let mean: f64 = city.workplace_shares.iter().zip(&city.workplace_means).map(|(share, mean)| share * mean).sum();
        let number = |trade: Trade| sizes.iter().filter(|(of, _)| *of == trade).count() as f64;
        let people =
            |counts: &dyn Fn(Trade, f64) -> bool| sizes.iter().filter(|(of, size)| counts(*of, *size)).map(|(_, size)| size).sum::<f64>();
        let all = sizes.len() as f64;
        let largest = f64::from(WORKPLACE_FROM[4]);
        let in_largest = city.workplace_shares[4] * city.workplace_means[4] / mean;
        // The errors are those of the laws, not of what was drawn: without a large workplace among few all would look alike.
        let (mut variance, mut variance_of_last) = (0.0, 0.0);
        for (trade, of) in city.trades.iter().enumerate() {
            let (_, of_trade, sd) = law.moments(trade);
            let number = number(of.trade);
            variance += number * (sd * sd + (of_trade - mean) * (of_trade - mean)) / (all * all);
            variance_of_last += number * law.spread_of_last(trade, in_largest) / (all * all * mean * mean);
        }
        let is_judged = all * city.workplace_shares[4] >= LEAST_LARGEST;
        let mean_people = |what: String, target: f64, generated: f64, n: f64, error: f64, is_judged: bool| Compared {
            part: PART,
            what,
            of: FigureOf::People,
            target,
            generated,
            n,
            error,
            is_judged,
        };
        self.all.push(mean_people("mean people".into(), mean, people(&|_, _| true) / all, all, variance.sqrt(), is_judged));
        for (class, share) in city.workplace_shares.iter().enumerate() {
            let range = f64::from(WORKPLACE_FROM[class])..f64::from(WORKPLACE_FROM[class + 1]);
            let last = if class + 1 < city.workplace_shares.len() { format!("to {}", range.end - 1.0) } else { "and more".into() };
            let counted = sizes.iter().filter(|(_, size)| range.contains(size)).count() as f64;
            self.counted(PART, format!("of {} {last} people", range.start), *share, counted, sizes.len() as f64);
        }
        self.all.push(Compared {
            of: FigureOf::Share,
            ..mean_people(
                "people where 100 and more work".into(),
                in_largest,
                people(&|_, size| size >= largest) / people(&|_, _| true),
                all,
                variance_of_last.sqrt(),
                is_judged,
            )
        });
        for (trade, of) in city.trades.iter().enumerate() {
            let (Some(target), (last, _, sd)) = (of.mean_workers, law.moments(trade)) else { continue };
            let number = number(of.trade);
            let (what, generated) = (format!("mean people: {}", of.trade.name()), people(&|trade, _| trade == of.trade) / number);
            let is_judged = number * last >= LEAST_LARGEST;
            self.all.push(mean_people(what, target, generated, number, sd / number.sqrt(), is_judged));
        }
    }

    fn ways(&mut self, city: &CityConfig) {
        const PART: &str = "ways to work and school from 15 years on";
        let goes: Vec<Option<Mode>> = (0..self.people.len())
            .map(|i| {
                let goes = self.people.age_years[i] >= WALKS_BELOW_YEARS && self.society.occupation[i] != Occupation::AtHome;
                goes.then(|| self.society.mode[i])
            })
            .collect();
        let others = &city.other_modes;
        let all = others.walk + others.bike + others.car;
        for (mode, share) in [(Mode::Rail, city.rail_share)].into_iter().chain(
            [(Mode::Walk, others.walk), (Mode::Bike, others.bike), (Mode::Car, others.car)]
                .map(|(mode, share)| (mode, share / all * (1.0 - city.rail_share))),
        ) {
            self.share(PART, format!("by {}", mode.name()), share, |i| goes[i].is_some(), |i| goes[i] == Some(mode));
        }
        let minutes = &self.society.ride_min;
        let within = |most: f64| {
            let z = math::ln(most / city.ride_median_min) / city.ride_sigma;
            (1.0 + libm::erf(z / std::f64::consts::SQRT_2)) / 2.0
        };
        let by_rail = |i: usize| goes[i] == Some(Mode::Rail);
        if city.ride_sigma > 0.0 {
            self.share(PART, "at most 40 min in the train", within(40.0), by_rail, |i| minutes[i] <= 40);
            self.share(PART, "more than 60 min in the train", 1.0 - within(60.0), by_rail, |i| minutes[i] > 60);
        }
        for (mode, mean) in [(Mode::Walk, city.way_mean_min.walk), (Mode::Bike, city.way_mean_min.bike), (Mode::Car, city.way_mean_min.car)]
        {
            // Whole minutes are rounded up: on average half a minute.
            let of_mode = |i: &usize| goes[*i] == Some(mode);
            let groups: Vec<(f64, f64)> = (0..self.people.len()).filter(of_mode).map(|i| (f64::from(minutes[i]) - 0.5, 1.0)).collect();
            self.ratio((PART, format!("mean minutes by {}", mode.name()), FigureOf::Minutes), mean, &groups);
        }
    }

    fn phones(&mut self, phones: &PhonesConfig) {
        const PART: &str = "phones";
        let (model, age) = (&self.people.model, &self.people.age_years);
        for (band, share) in phones.smartphone_shares.iter().enumerate() {
            let from = 10 * band;
            let to = if band + 1 < AGE_BANDS { from + 10 } else { usize::MAX };
            let last = if to == usize::MAX { "and more years".into() } else { format!("to {} years", to - 1) };
            let of_band = |i: usize| (from..to).contains(&usize::from(age[i]));
            self.share(PART, format!("{from} {last}: a smartphone"), *share, of_band, |i| model[i].is_some());
        }
        let models = &self.people.models;
        let is_ios = |i: usize| model[i].is_some_and(|m| models[usize::from(m)].os == Os::Ios);
        self.share(PART, "iPhones, of smartphones", phones.ios_share, |i| model[i].is_some(), is_ios);
        let (_, whom, share) = phones.stated_adoption();
        let (what, of): (_, &dyn Fn(usize) -> bool) = match whom {
            OfWhom::Owners => ("the app, of smartphone owners", &|i| model[i].is_some()),
            OfWhom::People => ("the app, of people", &|_| true),
            OfWhom::Adults => ("the app, of adults", &|i| age[i] >= 20),
        };
        self.share(PART, what, share, of, |i| self.people.has_app[i]);
    }
}
