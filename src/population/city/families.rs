//! Households: who lives with whom, fitted so that the ages of all come out as those of the country.
//!
//! A household is of a kind (how many children, whether there is a partner, how many grandparents) and has an anchor: the age of its youngest
//! child, or of its head where there is none. The others' ages follow from the anchor by fixed laws (a mother's age at birth, the years between
//! sisters and brothers or partners). So what ages the members of a kind have on average is known for each anchor, and the anchors' weights are
//! fitted (expectation maximisation, Dempster, Laird and Rubin 1977) until the ages of all members come out as wanted, while the share of each
//! kind stays as it is stated.
//!
//! Weaknesses: sizes end at that of the last share; nobody lives in a home for the old or a dormitory; people of no kin share no home but as
//! partners do.

use rand::RngExt;

use crate::{math, population::PopulationConfig, random::KeyedRng};

use super::{ages::Ages, config::CityConfig};

/// Nobody heads a household younger than this, nor lives as a partner.
const YOUNGEST_HEAD_YEARS: usize = 18;
/// A partner is at most so much younger than the head.
const YOUNGER_PARTNER_YEARS: usize = 2;
/// Households are of ten people at most.
const MOST_CHILDREN: i32 = 9;
/// Rounds of the fit: the share of every five years is then right to one in a thousand (test).
const ROUNDS: usize = 300;

/// A law of whole years from `from` on.
#[derive(Clone, Debug)]
struct Years {
    from: i32,
    chances: Vec<f64>,
}

impl Years {
    /// A normal law in whole years, cut to a range.
    fn normal(mean: f64, sd: f64, range: std::ops::RangeInclusive<i32>) -> Self {
        let density = |years: i32| math::exp(-math::powi((f64::from(years) - mean) / sd, 2) / 2.0);
        let densities: Vec<f64> = range.clone().map(density).collect();
        let all: f64 = densities.iter().sum();
        Self { from: *range.start(), chances: densities.into_iter().map(|d| d / all).collect() }
    }

    fn none() -> Self {
        Self { from: 0, chances: vec![1.0] }
    }

    /// The law of the sum of two.
    fn plus(&self, other: &Self) -> Self {
        let mut chances = vec![0.0; self.chances.len() + other.chances.len() - 1];
        for (i, a) in self.chances.iter().enumerate() {
            for (j, b) in other.chances.iter().enumerate() {
                chances[i + j] += a * b;
            }
        }
        Self { from: self.from + other.from, chances }
    }

    fn draw(&self, rng: &mut KeyedRng) -> i32 {
        let mut left: f64 = rng.random();
        let last = self.chances.len() - 1;
        let i = self.chances[..last].iter().position(|chance| {
            left -= chance;
            left < 0.0
        });
        self.from + i.unwrap_or(last) as i32
    }
}

/// Years between members of a household.
#[derive(Clone, Debug)]
struct Gaps {
    /// A mother's age when her youngest was born, by how many children live with her, from one on. Mean age at births in 2020: 32 years (30.7 at
    /// the first; vital statistics, from memory); all else: assumption. With the most years between children the eldest was born at 15 or later.
    births: Vec<Years>,
    /// From one child to the next older one. Assumption.
    siblings: Years,
    /// From the one of a couple to the other. Mean 1.7 years at marriages in 2015-2020 (vital statistics, from memory); spread: assumption.
    partners: Years,
    /// From the mother to a parent in the same home: a generation.
    generation: Years,
}

impl Gaps {
    fn new() -> Self {
        Self {
            births: (0..MOST_CHILDREN).map(|more| Years::normal(31.0 + 1.2 * f64::from(more), 5.0, 20 + 3 * more..=45)).collect(),
            siblings: Years { from: 1, chances: vec![0.13, 0.36, 0.32, 0.19] },
            partners: Years::normal(1.7, 3.0, -(YOUNGER_PARTNER_YEARS as i32)..=8),
            generation: Years::normal(29.0, 4.0, 20..=42),
        }
    }
}

/// A kind of household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub children: usize,
    pub has_partner: bool,
    pub grandparents: usize,
}

impl Kind {
    /// Its people.
    pub fn size(self) -> usize {
        1 + self.children + usize::from(self.has_partner) + self.grandparents
    }

    /// Laws of each member's age less the anchor: head, partner, grandparents, and children from the youngest on.
    fn members(self, gaps: &Gaps) -> Vec<Years> {
        let head = if self.children > 0 { gaps.births[self.children - 1].clone() } else { Years::none() };
        let mut all = vec![head.clone()];
        if self.has_partner {
            all.push(head.plus(&gaps.partners));
        }
        let mut parent = head.plus(&gaps.generation);
        for _ in 0..self.grandparents {
            all.push(parent.clone());
            parent = parent.plus(&gaps.partners);
        }
        let mut child = Years::none();
        for _ in 0..self.children {
            all.push(child.clone());
            child = child.plus(&gaps.siblings);
        }
        all
    }

    /// How likely an anchor is before the fit, which moves it no more than ages ask for. After the census of 2020, from memory: a third of those
    /// who live alone are 65 or older, and so are half of the couples without children at home; near half of those of 20-34 live with a parent.
    fn prior(self, years: usize) -> f64 {
        let youngest = YOUNGEST_HEAD_YEARS + if self.has_partner { YOUNGER_PARTNER_YEARS } else { 0 };
        match (self.children, self.grandparents, years) {
            (0, 0, _) if years < youngest => 0.0,
            (0, 0, _) => at_age(if self.has_partner { &COUPLES } else { &ALONE }, years),
            // Whose parent still lives.
            (0, _, 30..=70) => 1.0,
            (0, ..) => 0.0,
            _ => at_age(&CHILDREN, years),
        }
    }
}

/// How many live alone at an age from so many years on, to any scale.
const ALONE: [(usize, f64); 7] = [(18, 3.2), (25, 3.7), (35, 2.8), (55, 2.7), (65, 3.0), (75, 2.4), (90, 0.5)];
/// The same of couples without children at home.
const COUPLES: [(usize, f64); 7] = [(20, 0.4), (27, 1.0), (35, 0.7), (50, 1.5), (58, 3.0), (65, 3.6), (82, 1.0)];
/// The same of children at home, the youngest of a home, and who keep house with a parent when they are grown.
const CHILDREN: [(usize, f64); 8] = [(0, 1.0), (19, 0.7), (23, 0.4), (30, 0.3), (40, 0.3), (50, 0.25), (60, 0.15), (70, 0.0)];

/// What a table by first age says of an age.
fn at_age(table: &[(usize, f64)], years: usize) -> f64 {
    table.iter().rfind(|(from, _)| *from <= years).map_or(0.0, |(_, value)| *value)
}

/// Kinds with their shares of all households.
fn kinds(population: &PopulationConfig, city: &CityConfig) -> Vec<(Kind, f64)> {
    let all: f64 = population.household_size_shares.iter().sum();
    let of_size = |(i, share): (usize, &f64)| {
        let (size, share) = (i + 1, share / all);
        let kind = |children, has_partner, grandparents| Kind { children, has_partner, grandparents };
        if size == 1 {
            return vec![(kind(0, false, 0), share)];
        }
        if size == 2 {
            let couples = population.couple_share;
            return vec![(kind(0, true, 0), share * couples), (kind(1, false, 0), share * (1.0 - couples))];
        }
        let row = (size - 3).min(city.lone_parent_shares.len() - 1);
        let (lone, grandparents) = (city.lone_parent_shares[row], city.grandparent_shares[row]);
        let mut kinds = vec![(kind(size - 2, true, 0), share * (1.0 - lone - grandparents)), (kind(size - 1, false, 0), share * lone)];
        if size < 5 {
            kinds.push((kind(size - 3, true, 1), share * grandparents));
        } else {
            kinds.push((kind(size - 3, true, 1), share * grandparents / 2.0));
            kinds.push((kind(size - 4, true, 2), share * grandparents / 2.0));
        }
        kinds
    };
    population.household_size_shares.iter().enumerate().flat_map(of_size).filter(|(_, share)| *share > 0.0).collect()
}

/// Draws households.
#[derive(Clone, Debug)]
pub(super) struct Families {
    gaps: Gaps,
    /// Kind and anchor, years.
    cells: Vec<(Kind, usize)>,
    /// Their shares of all households, added up.
    until: Vec<f64>,
    /// Mean people of a household.
    pub mean_size: f64,
    /// Oldest age that the statistics tell apart.
    oldest_years: i32,
}

impl Families {
    /// Mean people of a household.
    pub fn mean_size(population: &PopulationConfig, city: &CityConfig) -> f64 {
        kinds(population, city).iter().map(|(kind, share)| share * kind.size() as f64).sum()
    }

    /// Fits the anchors.
    pub fn fit(population: &PopulationConfig, city: &CityConfig) -> Self {
        let (gaps, ages) = (Gaps::new(), Ages::of(city));
        let oldest = ages.shares.len() - 1;
        let kinds = kinds(population, city);
        let mut cells = Vec::new();
        let mut weights: Vec<f64> = Vec::new();
        // Of each cell the expected number of members by age, from its first age on.
        let mut expected: Vec<(usize, Vec<f64>)> = Vec::new();
        let mut of_kind = Vec::new();
        for (kind, share) in &kinds {
            let (first, members) = (cells.len(), kind.members(&gaps));
            for anchor in (0..=oldest).filter(|anchor| kind.prior(*anchor) > 0.0) {
                let by_age = by_age(&members, anchor, oldest);
                let from = by_age.iter().position(|people| *people > 0.0).unwrap_or(0);
                let to = by_age.iter().rposition(|people| *people > 0.0).map_or(from, |last| last + 1);
                expected.push((from, by_age[from..to].to_vec()));
                cells.push((*kind, anchor));
                weights.push(kind.prior(anchor));
            }
            of_kind.push((first..cells.len(), *share));
            scale(&mut weights[first..], *share);
        }
        let mean_size = Self::mean_size(population, city);
        for _ in 0..ROUNDS {
            let mut there = vec![0.0; oldest + 1];
            for ((from, people), weight) in expected.iter().zip(&weights) {
                people.iter().zip(&mut there[*from..]).for_each(|(people, there)| *there += weight * people);
            }
            let lacks: Vec<f64> =
                ages.shares.iter().zip(&there).map(|(share, there)| if *there > 0.0 { share * mean_size / there } else { 0.0 }).collect();
            for (((from, people), weight), (kind, _)) in expected.iter().zip(&mut weights).zip(&cells) {
                let mean: f64 = people.iter().zip(&lacks[*from..]).map(|(people, lack)| people * lack).sum();
                *weight *= mean / kind.size() as f64;
            }
            of_kind.iter().for_each(|(range, share)| scale(&mut weights[range.clone()], *share));
        }
        let mut sum = 0.0;
        let until = weights.iter().map(|weight| {
            sum += weight;
            sum
        });
        Self { until: until.collect(), gaps, cells, mean_size, oldest_years: oldest as i32 }
    }

    /// Draws a household: its members' ages go to `ages`, head first, then partner, grandparents and children, the youngest first.
    pub fn draw(&self, rng: &mut KeyedRng, ages: &mut Vec<u8>) -> Kind {
        let at = rng.random::<f64>() * self.until.last().copied().unwrap_or(0.0);
        let cell = self.until.partition_point(|until| *until <= at).min(self.cells.len() - 1);
        let (kind, anchor) = self.cells[cell];
        let anchor = anchor as i32;
        let mut push = |age: i32| ages.push(years(age, self.oldest_years) as u8);
        let head = if kind.children > 0 { anchor + self.gaps.births[kind.children - 1].draw(rng) } else { anchor };
        push(head);
        if kind.has_partner {
            push(head + self.gaps.partners.draw(rng));
        }
        let mut parent = head;
        for number in 0..kind.grandparents {
            parent += if number == 0 { self.gaps.generation.draw(rng) } else { self.gaps.partners.draw(rng) };
            push(parent);
        }
        let mut child = anchor;
        for number in 0..kind.children {
            if number > 0 {
                child += self.gaps.siblings.draw(rng);
            }
            push(child);
        }
        kind
    }
}

/// How many of a household's members have each age on average.
fn by_age(members: &[Years], anchor: usize, oldest: usize) -> Vec<f64> {
    let mut by_age = vec![0.0; oldest + 1];
    for law in members {
        for (i, chance) in law.chances.iter().enumerate() {
            by_age[years(anchor as i32 + law.from + i as i32, oldest as i32)] += chance;
        }
    }
    by_age
}

/// An age as the statistics have it: the oldest are not told apart.
fn years(age: i32, oldest: i32) -> usize {
    age.clamp(0, oldest) as usize
}

/// Makes weights add up to a share.
fn scale(weights: &mut [f64], share: f64) {
    let all: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight *= share / all);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        population::city::tests::configs,
        random::{Keyed, Seed, Stream},
    };

    /// What the fit makes of the ages of Japan: every five years to one in a thousand of all people, and the sizes as they are stated.
    #[test]
    fn ages_come_out_as_they_are_wanted() {
        let (population, _) = configs();
        let families = Families::fit(&population, &population.city);
        let ages = Ages::of(&population.city);
        let oldest = ages.shares.len() - 1;
        let mut there = vec![0.0; oldest + 1];
        let mut sizes = [0.0; 6];
        let mut before = 0.0;
        for ((kind, anchor), until) in families.cells.iter().zip(&families.until) {
            let members = by_age(&kind.members(&families.gaps), *anchor, oldest);
            members.iter().zip(&mut there).for_each(|(people, there)| *there += (until - before) * people);
            sizes[kind.size() - 1] += until - before;
            before = *until;
        }
        let all: f64 = there.iter().sum();
        for from in (0..=oldest).step_by(5) {
            let of = |ages: &[f64]| ages[from..(from + 5).min(oldest + 1)].iter().sum::<f64>();
            let (wanted, fitted) = (of(&ages.shares), of(&there) / all);
            assert!((wanted - fitted).abs() < 0.001, "{from}: {wanted} wanted, {fitted} fitted");
        }
        let stated: f64 = population.household_size_shares.iter().sum();
        for (size, share) in sizes.iter().zip(&population.household_size_shares) {
            assert!((size - share / stated).abs() < 1e-9, "{sizes:?}");
        }
        assert!((families.mean_size - 2.2).abs() < 0.005, "the census has 2.21: {}", families.mean_size);
    }

    /// Parents are 20 to 45 years older than their youngest, and grandparents a generation older than they.
    #[test]
    fn families_are_families() {
        let (mut population, _) = configs();
        population.household_size_shares = vec![38.0, 28.1, 16.6, 11.9, 3.8, 1.6, 1.0, 0.5, 0.2, 0.1];
        let families = Families::fit(&population, &population.city);
        let keyed = Keyed::new(Seed(1), Stream::Household);
        let mut ages = Vec::new();
        for i in 0..20_000 {
            ages.clear();
            let kind = families.draw(&mut keyed.rng(i, 1, 0), &mut ages);
            assert_eq!(ages.len(), kind.size());
            let head = i32::from(ages[0]);
            assert!(head >= YOUNGEST_HEAD_YEARS as i32, "{ages:?}");
            let children = &ages[ages.len() - kind.children..];
            assert!(children.first().is_none_or(|youngest| head == 100 || (20..=45).contains(&(head - i32::from(*youngest)))), "{ages:?}");
            assert!(children.last().is_none_or(|eldest| head == 100 || head - i32::from(*eldest) >= 15), "{ages:?}");
            assert!(children.windows(2).all(|two| two[0] < two[1]), "the youngest first: {ages:?}");
            if kind.has_partner {
                assert!(i32::from(ages[1]) >= head - 2 && ages[1] >= 18, "{ages:?}");
            }
            if kind.grandparents > 0 {
                assert!(i32::from(ages[2]) >= (head + 20).min(100), "{ages:?}");
            }
        }
    }
}
