//! `[population.city]` of the scenario file: what a city's people are drawn from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    faults::{Faults, short},
    population::{Trade, check_shares},
};

use super::{
    ages::{Ages, BIRTHDAYS_SINCE_APRIL_SHARE},
    work::Sizes,
};

/// What a city's people are drawn from.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CityConfig {
    /// People of each age 0, 1, 2, ... years, the last also of who is older (any scale); none stated = Japan's of October 2020.
    #[schemars(length(max = 111))]
    pub ages: Vec<f64>,
    /// Shares of households of 3, 4, 5, 6 or more people that are one parent and children.
    #[schemars(length(min = 4, max = 4))]
    pub lone_parent_shares: Vec<f64>,
    /// Shares of them that are a couple, their children if any, and a parent of theirs; of 5 or more people one or two parents.
    #[schemars(length(min = 4, max = 4))]
    pub grandparent_shares: Vec<f64>,
    /// People to a square kilometre.
    #[schemars(range(min = 100, max = 100_000))]
    pub density_per_km2: f64,
    /// People of a district; districts are squares, laid round the first in a spiral.
    #[schemars(range(min = 100, max = 100_000))]
    pub district_people: u32,
    /// People of the country, million: what `employed_millions` is held against.
    #[schemars(range(min = 0.001, max = 10_000))]
    pub population_millions: f64,
    /// Employed people of 15-24, 25-34, 35-44, 45-54, 55-64, 65 and more years, million.
    #[schemars(length(min = 6, max = 6))]
    pub employed_millions: Vec<f64>,
    /// Those of 15-24 who go to school and work besides, million: they are pupils here, and their work is left out.
    #[schemars(range(min = 0, max = 1000))]
    pub working_pupils_millions: f64,
    /// Shares of workplaces with 1-4, 5-9, 10-49, 50-99, 100 and more people.
    #[schemars(length(min = 5, max = 5))]
    pub workplace_shares: Vec<f64>,
    /// Mean people of workplaces in each of these classes.
    #[schemars(length(min = 5, max = 5))]
    pub workplace_means: Vec<f64>,
    /// What people outside schools work at.
    #[schemars(length(min = 1, max = 15))]
    pub trades: Vec<TradeConfig>,
    /// Mean people of a team within a workplace.
    #[schemars(range(min = 1, max = 1000))]
    pub team_people: f64,
    /// Stages of school.
    #[schemars(length(min = 5, max = 5))]
    pub schools: Vec<SchoolConfig>,
    /// Share of those who go to work or school at 15 or more years that goes by rail.
    #[schemars(range(min = 0, max = 1))]
    pub rail_share: f64,
    /// How the others go.
    pub other_modes: WayConfig,
    /// Median minutes in the train, one way.
    #[schemars(range(min = 1, max = 200))]
    pub ride_median_min: f64,
    /// Their spread: standard deviation of the logarithm.
    #[schemars(range(min = 0, max = 2))]
    pub ride_sigma: f64,
    /// Mean minutes of the others' way from door to door.
    pub way_mean_min: WayConfig,
    /// Mean distance of work from home, as far as the city goes, km.
    pub way_mean_km: WayConfig,
    /// Share of those who work full time by day that works from home on some days.
    #[schemars(range(min = 0, max = 1))]
    pub telework_share: f64,
}

/// A number for each way of going other than by rail.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WayConfig {
    /// On foot.
    #[schemars(range(min = 0, max = 1000))]
    pub walk: f64,
    /// By bicycle or motorcycle.
    #[schemars(range(min = 0, max = 1000))]
    pub bike: f64,
    /// By car or bus.
    #[schemars(range(min = 0, max = 1000))]
    pub car: f64,
}

/// A trade, and who works in it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TradeConfig {
    /// Which.
    pub trade: Trade,
    /// Share of those who work outside schools.
    #[schemars(range(min = 0, max = 1))]
    pub workers_share: f64,
    /// Mean people of an establishment; none = what is left by the others.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10_000))]
    pub mean_workers: Option<f64>,
    /// Share of its people who work part time.
    #[schemars(range(min = 0, max = 1))]
    pub part_time_share: f64,
    /// Share of its people who work in shifts.
    #[schemars(range(min = 0, max = 1))]
    pub shift_share: f64,
    /// Whether the work can be done from home.
    #[serde(default)]
    pub teleworks: bool,
}

/// A stage of school.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchoolConfig {
    /// Which.
    pub stage: Trade,
    /// Age on the first of April in its first year.
    #[schemars(range(min = 0, max = 30))]
    pub from_years: u8,
    /// Share of children of this age, and of the ages after it, that goes.
    #[schemars(length(min = 1, max = 12))]
    pub attend_shares: Vec<f64>,
    /// Mean pupils of a school.
    #[schemars(range(min = 1, max = 100_000))]
    pub pupils: f64,
    /// Mean pupils of a class.
    #[schemars(range(min = 1, max = 1000))]
    pub class_mean: f64,
    /// Places of a class.
    #[schemars(range(min = 1, max = 1000))]
    pub class_places: u16,
    /// Teachers and others who work there, for each class.
    #[schemars(range(min = 0.1, max = 100))]
    pub staff_a_class: f64,
}

/// First people of the classes of workplaces, and the last of the last.
pub(super) const WORKPLACE_FROM: [u32; 6] = [1, 5, 10, 50, 100, 60_001];
/// First years of the bands of `employed_millions`.
pub(super) const EMPLOYED_FROM_YEARS: [usize; 6] = [15, 25, 35, 45, 55, 65];

const PATH: &str = "population.city";

/// Whether shares of a whole add up to it.
fn add_up(faults: &mut Faults, path: String, shares: &[f64], what: &str) {
    let sum: f64 = shares.iter().sum();
    if (sum - 1.0).abs() > 1e-6 {
        faults.push(path, format!("the shares of {what} add up to {}", short((sum * 1e6).round() / 1e6)), "make them add up to 1");
    }
}

impl CityConfig {
    /// Finds what ranges of single keys cannot express: statistics that cannot be.
    pub fn check(&self, faults: &mut Faults) {
        let before = faults.0.len();
        if !self.ages.is_empty() {
            check_shares(faults, &format!("{PATH}.ages"), &self.ages);
            if self.ages.iter().skip(20).sum::<f64>() <= 0.0 {
                let problem = format!("nobody of 20 and more years among ages of 0 to {}", self.ages.len() - 1);
                faults.push(format!("{PATH}.ages"), problem, "give people of every age from 0 on: nobody else heads a household");
            }
        }
        let others = &self.other_modes;
        if self.rail_share < 1.0 && others.walk + others.bike + others.car <= 0.0 {
            let problem = format!("{} go by other means than rail, and the shares of these add up to 0", short(1.0 - self.rail_share));
            faults.push(format!("{PATH}.other_modes"), problem, "give at least one a share above 0");
        }
        self.check_families(faults);
        self.check_work(faults);
        self.check_schools(faults);
        // What follows compares numbers that are right each by itself.
        if faults.0.len() == before {
            self.check_employed(faults);
            self.check_staff(faults);
            Sizes::check(self, faults);
        }
    }

    fn check_families(&self, faults: &mut Faults) {
        for (i, (lone, grandparents)) in self.lone_parent_shares.iter().zip(&self.grandparent_shares).enumerate() {
            let both = lone + grandparents;
            if !(0.0..=1.0).contains(lone) || !(0.0..=1.0).contains(grandparents) || both > 1.0 + 1e-9 {
                let problem = format!(
                    "of households of {} people {} are a lone parent's and {} have grandparents",
                    i + 3,
                    short(*lone),
                    short(*grandparents)
                );
                let key = if (0.0..=1.0).contains(grandparents) { "lone_parent_shares" } else { "grandparent_shares" };
                faults.push(format!("{PATH}.{key}[{i}]"), problem, "use shares from 0 to 1 that together are no more than 1");
            }
        }
    }

    fn check_work(&self, faults: &mut Faults) {
        let before = faults.0.len();
        add_up(faults, format!("{PATH}.workplace_shares"), &self.workplace_shares, "workplaces");
        for (i, mean) in self.workplace_means.iter().enumerate() {
            let (from, to) = (WORKPLACE_FROM[i], WORKPLACE_FROM[i + 1] - 1);
            if !(f64::from(from)..=f64::from(to)).contains(mean) {
                let problem = format!("workplaces of {from} to {to} people have {} on average", short(*mean));
                faults.push(format!("{PATH}.workplace_means[{i}]"), problem, format!("use a number from {from} to {to}"));
            }
        }
        let shares: Vec<f64> = self.trades.iter().map(|trade| trade.workers_share).collect();
        add_up(faults, format!("{PATH}.trades"), &shares, "trades");
        for (i, trade) in self.trades.iter().enumerate() {
            let path = format!("{PATH}.trades[{i}]");
            if trade.trade.taught().is_some() {
                let remedy = "leave it out: staff_a_class says how many work at a school";
                faults.push(format!("{path}.trade"), "a school is no trade of this list", remedy);
            }
            if self.trades[..i].iter().any(|other| other.trade == trade.trade) {
                faults.push(format!("{path}.trade"), "this trade is there twice", "keep one");
            }
            let (part, shift) = (trade.part_time_share, trade.shift_share);
            if part + shift > 1.0 + 1e-9 {
                let problem = format!("{} work part time and {} in shifts", short(part), short(shift));
                faults.push(format!("{path}.part_time_share"), problem, "use shares that together are no more than 1");
            }
        }
        if faults.0.len() > before {
            return;
        }
        let of_desks: f64 = self.trades.iter().filter(|t| t.teleworks).map(full_time_share).sum();
        let needed = self.telework_share * self.trades.iter().map(full_time_share).sum::<f64>();
        if needed > of_desks + 1e-9 {
            let problem = format!(
                "{} of those who work outside schools would work from home, and the trades where that can be have {}",
                short((needed * 1e4).round() / 1e4),
                short((of_desks * 1e4).round() / 1e4)
            );
            faults.push(format!("{PATH}.telework_share"), problem, "make it less, or let more trades telework");
        }
    }

    fn check_schools(&self, faults: &mut Faults) {
        for (i, (school, stage)) in self.schools.iter().zip(Trade::SCHOOLS).enumerate() {
            let path = format!("{PATH}.schools[{i}]");
            if school.stage != stage {
                let problem = format!("the {} stage is {}", ["first", "second", "third", "fourth", "fifth"][i], stage.name());
                faults.push(format!("{path}.stage"), problem, format!("use \"{}\"", stage.name()));
            }
            for (j, share) in school.attend_shares.iter().enumerate().filter(|(_, share)| !(0.0..=1.0).contains(*share)) {
                faults.push(format!("{path}.attend_shares[{j}]"), format!("{} is no share", short(*share)), "use a number from 0 to 1");
            }
            if school.class_mean > f64::from(school.class_places) {
                let (mean, places) = (school.class_mean, school.class_places);
                let problem = format!(
                    "more pupils than places: schools of {} pupils have {} classes of {} on average, each of {places} places",
                    short(school.pupils),
                    (school.pupils / mean).ceil(),
                    short(mean)
                );
                faults.push(format!("{path}.class_mean"), problem, format!("use at most {places}, or give class_places more"));
            }
            if let Some(next) = self.schools.get(i + 1)
                && usize::from(next.from_years) < usize::from(school.from_years) + school.attend_shares.len()
            {
                let until = usize::from(school.from_years) + school.attend_shares.len();
                let problem = format!("it begins at {} years, and the stage before lasts until {until}", next.from_years);
                faults.push(format!("{PATH}.schools[{}].from_years", i + 1), problem, format!("use at least {until}"));
            }
        }
    }

    fn check_employed(&self, faults: &mut Faults) {
        let ages = Ages::of(self);
        for (band, stated) in self.employed_millions.iter().enumerate() {
            let (employed, there) = self.employed_of(&ages, band);
            if employed < 0.0 || employed > there {
                let from = EMPLOYED_FROM_YEARS[band];
                let years = EMPLOYED_FROM_YEARS.get(band + 1).map_or_else(|| "and more".into(), |next| format!("to {}", next - 1));
                let problem = format!(
                    "{} million people of {from} {years} years would work besides school or not at it, of {:.2} million who can",
                    short(*stated),
                    there
                );
                let remedy = format!("use a number from 0 to {:.2}, or change population_millions or ages", there + stated - employed);
                // As many may be employed if more of them are pupils.
                let may_be_pupils = band == 0 && employed > there && *stated <= there + self.population_millions * self.at_school(&ages);
                let key = if may_be_pupils { "working_pupils_millions".into() } else { format!("employed_millions[{band}]") };
                let remedy = if may_be_pupils { format!("use at least {:.2}", stated - there) } else { remedy };
                faults.push(format!("{PATH}.{key}"), problem, remedy);
            }
        }
    }

    fn check_staff(&self, faults: &mut Faults) {
        let ages = Ages::of(self);
        let employed: f64 = (0..EMPLOYED_FROM_YEARS.len()).map(|band| self.employed_of(&ages, band).0).sum();
        let pupils = |stage: usize| (0..ages.shares.len()).map(|years| ages.shares[years] * self.attends_stage(years, stage)).sum::<f64>();
        let staff =
            |(stage, school): (usize, &SchoolConfig)| self.population_millions * pupils(stage) / school.class_mean * school.staff_a_class;
        let needed: f64 = self.schools.iter().enumerate().map(staff).sum();
        if needed > employed {
            let problem = format!("schools need {needed:.1} million people to work there, and {employed:.1} million are employed");
            faults.push(format!("{PATH}.schools"), problem, "make staff_a_class less, or class_mean more");
        }
    }

    /// Share of all people who are of the first band and go to school.
    fn at_school(&self, ages: &Ages) -> f64 {
        let until = EMPLOYED_FROM_YEARS[1].min(ages.shares.len());
        (EMPLOYED_FROM_YEARS[0]..until).map(|years| ages.shares[years] * self.attends(years)).sum()
    }

    /// Million employed of a band who do not go to school, and million people of it who may be: not at school; of the old as many as would be
    /// if everybody of 65-69 worked.
    pub(super) fn employed_of(&self, ages: &Ages, band: usize) -> (f64, f64) {
        let pupils = if band == 0 { self.working_pupils_millions } else { 0.0 };
        let to_years = EMPLOYED_FROM_YEARS.get(band + 1).copied().unwrap_or(usize::MAX);
        let can = |years: usize| ages.shares[years] * (1.0 - self.attends(years)) * employed_weight(years);
        let there: f64 = (EMPLOYED_FROM_YEARS[band]..to_years.min(ages.shares.len())).map(can).sum();
        (self.employed_millions[band] - pupils, self.population_millions * there)
    }

    /// Share of people of an age, in September, who go to a school of any stage.
    pub(super) fn attends(&self, years: usize) -> f64 {
        (0..self.schools.len()).map(|stage| self.attends_stage(years, stage)).sum()
    }

    /// The same of one stage, by number.
    pub(super) fn attends_stage(&self, years: usize, stage: usize) -> f64 {
        let of = |school_years: usize| self.stage_of(school_years).filter(|(of, _)| *of == stage).map_or(0.0, |(_, share)| share);
        let since = BIRTHDAYS_SINCE_APRIL_SHARE;
        (1.0 - since) * of(years) + since * years.checked_sub(1).map_or(0.0, of)
    }

    /// The stage of those who were so many years old on the first of April (a number among `schools`), and the share that goes.
    pub(super) fn stage_of(&self, school_years: usize) -> Option<(usize, f64)> {
        (0..).zip(&self.schools).find_map(|(number, school)| {
            let year = school_years.checked_sub(usize::from(school.from_years))?;
            school.attend_shares.get(year).map(|share| (number, *share))
        })
    }
}

/// Share of all who work outside schools that works full time by day in a trade.
pub(super) fn full_time_share(trade: &TradeConfig) -> f64 {
    trade.workers_share * (1.0 - trade.part_time_share - trade.shift_share)
}

/// How much likelier than at 65-69 people of an age work, in the band of 65 and more; 1 in all others. Labour Force Survey 2020, from memory:
/// 50, 32 and 10 % of those of 65-69, 70-74 and 75 or more years.
pub(super) fn employed_weight(years: usize) -> f64 {
    match years {
        ..70 => 1.0,
        70..75 => 0.65,
        75..80 => 0.33,
        80..90 => 0.1,
        _ => 0.0,
    }
}
