//! Where people work: trades, the sizes of workplaces, and who works together.

use rand::RngExt;

use crate::{
    faults::{Faults, short},
    math,
    population::{Establishments, Occupation, Society, Trade},
    random::KeyedRng,
};

use super::{
    Draw, Draws,
    config::{CityConfig, TradeConfig, WORKPLACE_FROM, full_time_share},
    plane::Plane,
};

/// Classes of workplaces by size.
const CLASSES: usize = WORKPLACE_FROM.len() - 1;
/// Most rounds of the fit of sizes to trades; it ends before where nothing moves any more.
const ROUNDS: usize = 500;
/// Shares of workers that move by less do not move.
const STILL: f64 = 1e-9;

/// How large workplaces are.
#[derive(Clone, Debug)]
pub(super) struct Sizes {
    /// Of each trade the shares of its workplaces by class, added up.
    of_trade: Vec<[f64; CLASSES]>,
    /// Of each class but the last the chances of its sizes, added up: the law of greatest entropy that has the class's mean.
    within: Vec<Vec<f64>>,
    /// Mean people of the last class beyond its first: the rest is exponential.
    beyond: f64,
}

impl Sizes {
    /// The laws of the scenario's trades: all workplaces together have the stated classes, and each trade its mean where one is stated
    /// (iterative proportional fitting, with a tilt by size for each trade).
    pub fn fit(city: &CityConfig) -> Self {
        let matrix = workers_by_class(city);
        let of_trade = matrix.iter().map(|row| {
            let places: Vec<f64> = row.iter().zip(&city.workplace_means).map(|(workers, mean)| workers / mean).collect();
            let all: f64 = places.iter().sum();
            let mut sum = 0.0;
            std::array::from_fn(|class| {
                sum += if all > 0.0 { places[class] / all } else { 0.0 };
                sum
            })
        });
        let last = CLASSES - 1;
        Self {
            of_trade: of_trade.collect(),
            within: (0..last).map(|c| greatest_entropy(WORKPLACE_FROM[c], WORKPLACE_FROM[c + 1], city.workplace_means[c])).collect(),
            beyond: city.workplace_means[last] - f64::from(WORKPLACE_FROM[last]),
        }
    }

    /// Finds means of trades that the sizes of all workplaces do not allow.
    pub fn check(city: &CityConfig, faults: &mut Faults) {
        let matrix = workers_by_class(city);
        for (i, (row, trade)) in matrix.iter().zip(&city.trades).enumerate() {
            let places: f64 = row.iter().zip(&city.workplace_means).map(|(workers, mean)| workers / mean).sum();
            let mean = if places > 0.0 { row.iter().sum::<f64>() / places } else { 0.0 };
            let Some(stated) = trade.mean_workers.filter(|_| trade.workers_share > 0.0) else { continue };
            if (mean / stated - 1.0).abs() > 0.02 {
                let problem = format!(
                    "workplaces of the trade {} have {} people on average, and the sizes of all workplaces leave them {:.1}",
                    trade.trade.name(),
                    short(stated),
                    mean
                );
                let remedy = "change it, workers_share, or population.city.workplace_shares and workplace_means";
                faults.push(format!("population.city.trades[{i}].mean_workers"), problem, remedy);
            }
        }
    }

    /// Shares of a trade's workplaces by class, each with the mean and the mean square of its people.
    fn classes(&self, trade: usize) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        let of_trade = &self.of_trade[trade];
        (0..CLASSES).map(move |class| {
            let share = of_trade[class] - class.checked_sub(1).map_or(0.0, |before| of_trade[before]);
            let from = f64::from(WORKPLACE_FROM[class]);
            let Some(until) = self.within.get(class) else {
                let mean = from + self.beyond;
                return (share, mean, mean * mean + (self.beyond + 0.5) * (self.beyond + 0.5));
            };
            let chances = until
                .iter()
                .enumerate()
                .map(|(i, until)| (from + i as f64, until - i.checked_sub(1).map_or(0.0, |b| self.within[class][b])));
            let (mean, square) = chances.fold((0.0, 0.0), |(m, s), (size, chance)| (m + chance * size, s + chance * size * size));
            (share, mean, square)
        })
    }

    /// Of a trade's workplaces: the share in the last class, the mean of their people, and their standard deviation.
    pub fn moments(&self, trade: usize) -> (f64, f64, f64) {
        let (mut last, mut mean, mut square) = (0.0, 0.0, 0.0);
        for (share, of_class, square_of_class) in self.classes(trade) {
            (last, mean, square) = (share, mean + share * of_class, square + share * square_of_class);
        }
        (last, mean, (square - mean * mean).max(0.0).sqrt())
    }

    /// Variance of the people of a workplace of a trade beyond so large a share of them where the last class works: what the error of that
    /// share over all comes from.
    pub fn spread_of_last(&self, trade: usize, share_of_people: f64) -> f64 {
        let last = CLASSES - 1;
        let of_class = |(class, (share, _, square)): (usize, (f64, f64, f64))| {
            let off = f64::from(u8::from(class == last)) - share_of_people;
            share * square * off * off
        };
        self.classes(trade).enumerate().map(of_class).sum()
    }

    /// People of a workplace.
    fn draw(&self, trade: usize, rng: &mut KeyedRng) -> u32 {
        let (of_class, of_size) = (rng.random::<f64>(), rng.random::<f64>());
        let class = self.of_trade[trade].iter().position(|until| of_class < *until).unwrap_or(CLASSES - 1);
        let beyond = match self.within.get(class) {
            Some(until) => until.partition_point(|until| *until <= of_size).min(until.len() - 1) as u32,
            // Whole people of an exponential law whose mean is half a person more.
            None => (-math::ln(1.0 - of_size) * (self.beyond + 0.5)) as u32,
        };
        WORKPLACE_FROM[class] + beyond
    }
}

/// Chances, added up, of the sizes from one to before another: proportional to an exponential of the size that gives them their mean.
fn greatest_entropy(from: u32, to: u32, mean: f64) -> Vec<f64> {
    let until = |tilt: f64| {
        let weights = (from..to).map(|size| math::exp(tilt * (f64::from(size) - mean)));
        let mut sum = 0.0;
        let until: Vec<f64> = weights
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        until.into_iter().map(|until| until / sum).collect::<Vec<f64>>()
    };
    let mean_of = |until: &[f64]| f64::from(to) - 1.0 - until[..until.len() - 1].iter().sum::<f64>();
    let (mut low, mut high) = (-20.0, 20.0);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if mean_of(&until(middle)) < mean { low = middle } else { high = middle }
    }
    until((low + high) / 2.0)
}

/// Shares of those who work outside schools, by trade and class of workplace.
fn workers_by_class(city: &CityConfig) -> Vec<[f64; CLASSES]> {
    let of_class: Vec<f64> = city.workplace_shares.iter().zip(&city.workplace_means).map(|(share, mean)| share * mean).collect();
    let all: f64 = of_class.iter().sum();
    let mut matrix: Vec<[f64; CLASSES]> =
        city.trades.iter().map(|trade| std::array::from_fn(|class| trade.workers_share * of_class[class] / all)).collect();
    for _ in 0..ROUNDS {
        let before = matrix.clone();
        for (row, trade) in matrix.iter_mut().zip(&city.trades) {
            to_trade(row, trade, &city.workplace_means);
        }
        for (class, wanted) in of_class.iter().enumerate() {
            let there: f64 = matrix.iter().map(|row| row[class]).sum();
            let factor = if there > 0.0 { wanted / all / there } else { 0.0 };
            matrix.iter_mut().for_each(|row| row[class] *= factor);
        }
        let moved = matrix.iter().zip(&before).flat_map(|(now, before)| now.iter().zip(before)).map(|(now, before)| (now - before).abs());
        if moved.fold(0.0, f64::max) < STILL {
            break;
        }
    }
    matrix
}

/// Gives a row its trade's share of workers and, if one is stated, its mean size.
fn to_trade(row: &mut [f64; CLASSES], trade: &TradeConfig, means: &[f64]) {
    let scaled = |row: &[f64; CLASSES], tilt: f64| {
        let tilted: [f64; CLASSES] = std::array::from_fn(|class| row[class] * math::exp(tilt * (1.0 / means[class] - 1.0)));
        let all: f64 = tilted.iter().sum();
        if all > 0.0 { tilted.map(|workers| workers * trade.workers_share / all) } else { tilted }
    };
    let Some(mean) = trade.mean_workers.filter(|_| trade.workers_share > 0.0) else {
        *row = scaled(row, 0.0);
        return;
    };
    let places = |row: &[f64; CLASSES]| row.iter().zip(means).map(|(workers, mean)| workers / mean).sum::<f64>();
    let (mut low, mut high) = (-60.0, 60.0);
    for _ in 0..50 {
        let middle = (low + high) / 2.0;
        // A tilt towards small workplaces makes more of them.
        if places(&scaled(row, middle)) < trade.workers_share / mean { low = middle } else { high = middle }
    }
    *row = scaled(row, (low + high) / 2.0);
}

/// What people who work work at.
pub(super) struct Work<'c> {
    city: &'c CityConfig,
    /// Shares of all who work that work at a school of each stage, added up.
    schools_until: [f64; Trade::SCHOOLS.len()],
    /// Chance that somebody who works full time by day in a trade that allows it works from home.
    teleworks: f64,
}

/// What somebody works at: a school's stage or a trade, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Job {
    School(usize),
    Trade(usize),
}

impl<'c> Work<'c> {
    /// `staff`: how many each stage of school needs of all who work.
    pub fn new(city: &'c CityConfig, staff: [f64; Trade::SCHOOLS.len()], workers: usize) -> Self {
        let mut sum = 0.0;
        let schools_until = staff.map(|staff| {
            sum += staff / workers.max(1) as f64;
            sum
        });
        let outside = (1.0 - sum).max(0.0);
        let full_time = sum + outside * city.trades.iter().map(full_time_share).sum::<f64>();
        let of_desks: f64 = outside * city.trades.iter().filter(|t| t.teleworks).map(full_time_share).sum::<f64>();
        Self { city, schools_until, teleworks: if of_desks > 0.0 { city.telework_share * full_time / of_desks } else { 0.0 } }
    }

    /// What somebody who works works at, when, and whether from home at times.
    pub fn draw(&self, rng: &mut KeyedRng) -> (Job, Occupation, bool) {
        let (of_job, of_kind, of_home) = (rng.random::<f64>(), rng.random::<f64>(), rng.random::<f64>());
        if let Some(stage) = self.schools_until.iter().position(|until| of_job < *until) {
            return (Job::School(stage), Occupation::FullTime, false);
        }
        let in_schools = self.schools_until[self.schools_until.len() - 1];
        let mut left = (of_job - in_schools) / (1.0 - in_schools);
        let at = self.city.trades.iter().position(|trade| {
            left -= trade.workers_share;
            left < 0.0
        });
        let number = at.unwrap_or_else(|| self.city.trades.iter().rposition(|trade| trade.workers_share > 0.0).unwrap_or(0));
        let trade = &self.city.trades[number];
        let kind = if of_kind < trade.part_time_share {
            Occupation::PartTime
        } else if of_kind < trade.part_time_share + trade.shift_share {
            Occupation::Shift
        } else {
            Occupation::FullTime
        };
        (Job::Trade(number), kind, kind == Occupation::FullTime && trade.teleworks && of_home < self.teleworks)
    }
}

/// Puts those who work in a trade (where on the curve they would like to work, and who) together in workplaces: neighbours on the curve, and
/// the workplace stands where the middle one of them would like it.
pub(super) fn place_workers(
    (city, sizes, draws): (&CityConfig, &Sizes, &Draws),
    trade: usize,
    workers: &mut [(u32, u32)],
    want: &[(f32, f32)],
    society: &mut Society,
) {
    workers.sort_unstable();
    let mut ends: Vec<usize> = Vec::new();
    for number in 0.. {
        let first = ends.last().copied().unwrap_or(0);
        let left = workers.len() - first;
        if left == 0 {
            break;
        }
        let size = sizes.draw(trade, &mut draws.rng(trade as u32, Draw::Establishment, number)) as usize;
        match ends.last_mut() {
            _ if size <= left => ends.push(first + size),
            // Those too few for the last one are one of their own if they fill half of it, or else come to the one before.
            Some(last) if 2 * left < size => *last = workers.len(),
            _ => ends.push(workers.len()),
        }
    }
    let mut first = 0;
    for end in ends {
        let together = &mut workers[first..end];
        let at = want[together[together.len() / 2].1 as usize];
        let place = society.establishments.push(city.trades[trade].trade, at, together.len() as u32, 0);
        together.sort_unstable_by_key(|(_, person)| *person);
        let teams = ((together.len() as f64 / city.team_people).round() as usize).max(1);
        for (i, (_, person)) in together.iter().enumerate() {
            let person = *person as usize;
            society.place[person] = place;
            society.group[person] = (i * teams / together.len()) as u16;
            society.number[person] = i as u16;
        }
        first = end;
    }
}

/// Puts those who work at the schools of a stage to them, so many to each as it has classes; `schools`: the first of them and the one after
/// the last.
pub(super) fn place_staff(workers: &mut [(u32, u32)], schools: std::ops::Range<usize>, plane: &Plane, society: &mut Society) {
    workers.sort_unstable();
    let Establishments { x_m, y_m, classes, .. } = &society.establishments;
    let mut order: Vec<(u32, usize)> = schools.map(|school| (plane.along((x_m[school], y_m[school])), school)).collect();
    order.sort_unstable();
    let slots: Vec<(usize, u16)> = order.iter().flat_map(|(_, school)| (0..classes[*school]).map(|class| (*school, class))).collect();
    for (i, (_, person)) in workers.iter().enumerate() {
        let (school, class) = slots[i * slots.len() / workers.len()];
        let person = *person as usize;
        society.place[person] = school as u32;
        society.group[person] = class;
        society.number[person] = society.establishments.workers[school] as u16;
        society.establishments.workers[school] += 1;
    }
}
