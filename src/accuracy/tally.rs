//! Confusion counts, and the same counts person by person for intervals.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use crate::{ids::PersonId, truth::Definition};

use super::{
    config::AccuracyConfig,
    groups::Groups,
    rates::{Confusion, Rate, normal_quantile, rates},
    strata::{Level, Strata},
};

/// How a verdict came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Mode {
    /// As if the other had been confirmed.
    AsIf,
    /// What the app showed people about real cases.
    EndToEnd,
}

/// Whom accuracy is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Universe {
    /// Pairs of running phones that came within `accuracy.universe_within_m`. Further off, the pairs on which the rule fired, so that
    /// no false alarm is left out; other pairs would only say how large buildings are.
    Device,
    /// All pairs of people that came near, with phones or without: who has no phone or app is missed. Further off, again the pairs on
    /// which the rule fired.
    Population,
}

/// An ordered pair and day, judged.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// How.
    pub mode: Mode,
    /// Whose phone decides.
    pub observer: PersonId,
    /// Who would be confirmed.
    pub transmitter: PersonId,
    /// The definition judged against.
    pub truth: Definition,
    /// Whether they were in contact by it.
    pub actual: bool,
    /// Whether both phones run.
    pub both_run: bool,
    /// Whether the two came within `accuracy.universe_within_m`.
    pub came_within: bool,
    /// Whether the two came near each other, whatever phones they hold.
    pub came_near: bool,
    /// Whether each rule fired (all false unless both phones run).
    pub detected: &'a [bool],
    /// What the pair is sorted by.
    pub strata: &'a Strata,
}

/// A row of the accuracy table.
#[derive(Clone, Debug)]
pub struct AccuracyRow {
    /// How.
    pub mode: Mode,
    /// About whom.
    pub universe: Universe,
    /// Index of the rule.
    pub rule: usize,
    /// By which definition.
    pub truth: Definition,
    /// Stratum.
    pub stratum: Cow<'static, str>,
    /// Level.
    pub level: String,
    /// Counts.
    pub counts: Confusion,
    /// Sensitivity, specificity, ppv, npv, f1, mcc.
    pub rates: [Option<Rate>; 6],
}

/// Counts of one cell group: for each rule, in all and by jackknife group.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Block {
    /// `[rule]`.
    total: Vec<Confusion>,
    /// `[group][rule]`: pairs with either person in the group.
    #[serde(with = "sparse")]
    by_group: Vec<Confusion>,
}

/// Counts in a checkpoint: most are 0 and left out.
mod sparse {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Confusion;

    pub fn serialize<S: Serializer>(counts: &[Confusion], serializer: S) -> Result<S::Ok, S::Error> {
        let some: Vec<(usize, &Confusion)> = counts.iter().enumerate().filter(|(_, c)| **c != Confusion::default()).collect();
        (counts.len(), some).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Confusion>, D::Error> {
        let (number, some) = <(usize, Vec<(usize, Confusion)>)>::deserialize(deserializer)?;
        let mut counts = vec![Confusion::default(); number];
        for (at, count) in some {
            *counts.get_mut(at).ok_or_else(|| serde::de::Error::custom("counts past their end"))? = count;
        }
        Ok(counts)
    }
}

/// Accumulates judged pairs, with intervals from leaving out groups of people.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tally {
    rules: usize,
    groups: Groups,
    confidence: f64,
    barriers: Vec<String>,
    /// By (mode, universe, truth, level) for levels that pool no others; made when first met.
    #[serde(with = "crate::as_list")]
    blocks: BTreeMap<(Mode, Universe, Definition, Level), Block>,
}

impl Block {
    fn new(rules: usize, groups: usize) -> Self {
        Self { total: vec![Confusion::default(); rules], by_group: vec![Confusion::default(); rules * groups] }
    }

    fn merge(&mut self, other: &Self) {
        self.total.iter_mut().zip(&other.total).for_each(|(sum, counts)| sum.merge(counts));
        self.by_group.iter_mut().zip(&other.by_group).for_each(|(sum, counts)| sum.merge(counts));
    }

    /// Counts of one rule by group.
    fn of_rule(&self, rule: usize) -> impl Iterator<Item = Confusion> + '_ {
        self.by_group.iter().skip(rule).step_by(self.total.len()).copied()
    }

    /// The first rule that reported the same pairs, as far as counts by group show it; at the latest the rule itself.
    fn first_alike(&self, rule: usize) -> usize {
        (0..rule).find(|&earlier| self.total[earlier] == self.total[rule] && self.of_rule(earlier).eq(self.of_rule(rule))).unwrap_or(rule)
    }
}

impl Tally {
    /// An empty tally.
    pub fn new(rules: usize, people: usize, barriers: &[String], config: &AccuracyConfig) -> Self {
        Self {
            rules,
            groups: Groups::new(people, config),
            confidence: config.confidence,
            barriers: barriers.to_vec(),
            blocks: BTreeMap::new(),
        }
    }

    /// Counts one judged pair.
    pub fn add(&mut self, judged: &Judged<'_>) {
        for universe in [Universe::Device, Universe::Population] {
            let is_in = |detected: bool| match universe {
                Universe::Device => judged.both_run && (judged.came_within || detected),
                Universe::Population => judged.came_near || detected,
            };
            if !judged.detected.iter().any(|&detected| is_in(detected)) {
                continue;
            }
            for level in Level::of(judged.strata) {
                let (rules, groups) = (self.rules, self.groups.number);
                let key = (judged.mode, universe, judged.truth, level);
                let block = self.blocks.entry(key).or_insert_with(|| Block::new(rules, groups));
                for (rule, &detected) in judged.detected.iter().enumerate().filter(|(_, detected)| is_in(**detected)) {
                    block.total[rule].add(judged.actual, detected);
                    for group in self.groups.of(judged.observer, judged.transmitter) {
                        block.by_group[group * rules + rule].add(judged.actual, detected);
                    }
                }
            }
        }
    }

    /// All rows that have pairs, in the order of (mode, universe, truth, level, rule).
    pub fn rows(&self) -> Vec<AccuracyRow> {
        let z = normal_quantile(0.5 + self.confidence / 2.0);
        let mut rows = Vec::new();
        for (&(mode, universe, truth, level), block) in self.pooled().iter().chain(&self.blocks).collect::<BTreeMap<_, _>>() {
            let (stratum, level) = level.name(&self.barriers);
            let mut rates_of: Vec<[Option<Rate>; 6]> = Vec::with_capacity(self.rules);
            for rule in 0..self.rules {
                let counts = block.total[rule];
                let alike = block.first_alike(rule);
                let of_rule = match rates_of.get(alike) {
                    Some(same) => *same,
                    None => rates(counts, &block.of_rule(rule).collect::<Vec<_>>(), z),
                };
                rates_of.push(of_rule);
                if counts != Confusion::default() {
                    let (stratum, level) = (stratum.clone(), level.clone());
                    rows.push(AccuracyRow { mode, universe, rule, truth, stratum, level, counts, rates: of_rule });
                }
            }
        }
        rows
    }

    /// Blocks of the levels that pool others.
    fn pooled(&self) -> BTreeMap<(Mode, Universe, Definition, Level), Block> {
        let mut pooled = BTreeMap::new();
        for (&(mode, universe, truth, level), block) in &self.blocks {
            if let Some(level) = level.pooled() {
                let new = || Block::new(self.rules, self.groups.number);
                pooled.entry((mode, universe, truth, level)).or_insert_with(new).merge(block);
            }
        }
        pooled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{mobility::Carriage, truth::Nearest, venue::VenueKind};

    const RULES: usize = 2;

    /// A tally of 20 people in ten groups, of ordered pairs (observer, transmitter, both run, near, detected by each rule), all contacts.
    fn tally(pairs: &[(u32, u32, bool, bool, [bool; RULES])]) -> Tally {
        tally_of(pairs, true)
    }

    fn tally_of(pairs: &[(u32, u32, bool, bool, [bool; RULES])], came_within: bool) -> Tally {
        let config = AccuracyConfig { headline_rule: String::new(), universe_within_m: 20.0, confidence: 0.95, jackknife_groups: 10 };
        let mut tally = Tally::new(RULES, 20, &["none".to_string()], &config);
        let nearest = Nearest {
            venue_kind: VenueKind::Office,
            barrier: 0,
            carriage_a: Carriage::Hand,
            carriage_b: Carriage::Bag,
            near_s: 900.0,
            min_distance_m: 0.5,
        };
        let strata = Strata { nearest, observer_is_a: true, os: None, min_distance_m: 0.5, within_s: 900.0, is_headline_day: true };
        for &(observer, transmitter, both_run, came_near, detected) in pairs {
            tally.add(&Judged {
                mode: Mode::AsIf,
                observer: PersonId(observer),
                transmitter: PersonId(transmitter),
                truth: Definition::CumulativeUtc,
                actual: true,
                both_run,
                came_within,
                came_near,
                detected: &detected,
                strata: &strata,
            });
        }
        tally
    }

    /// Persons 3 and 13 are in one of ten groups: leaving it out leaves their pair out once, not twice.
    #[test]
    fn a_pair_within_a_group_is_left_out_once() {
        let tally = tally(&[(3, 13, true, true, [true, false]), (4, 13, true, true, [true, true])]);
        for block in tally.blocks.values() {
            let found = |group: usize, rule: usize| (block.by_group[group * RULES + rule].tp, block.by_group[group * RULES + rule].fn_);
            assert_eq!((found(3, 0), found(3, 1)), ((2, 0), (1, 1)), "both pairs");
            assert_eq!((found(4, 0), found(4, 1)), ((1, 0), (1, 0)), "the second");
            assert_eq!(found(5, 0), (0, 0));
        }
    }

    /// Of the device universe are pairs of running phones and no others, near or not; of the population, pairs of people who
    /// came near, and beyond them a pair on which a rule fired, for that rule alone.
    #[test]
    fn each_universe_counts_its_own_pairs() {
        let tally = tally(&[
            (0, 1, true, true, [true, false]),
            (0, 2, false, true, [false, false]),
            (0, 3, true, false, [false, true]),
            (0, 4, false, false, [false, false]),
        ]);
        let rows: Vec<_> = tally.rows().into_iter().filter(|r| r.stratum == "headline").collect();
        let counts = |universe, rule| {
            let row = rows.iter().find(|r| r.universe == universe && r.rule == rule).expect("a row");
            (row.counts.tp, row.counts.fn_)
        };
        assert_eq!([0, 1].map(|rule| counts(Universe::Device, rule)), [(1, 1), (1, 1)]);
        assert_eq!([0, 1].map(|rule| counts(Universe::Population, rule)), [(1, 1), (1, 2)]);
    }

    /// Beyond the universe's distance a pair of running phones is counted for the rules that fired, and for no other.
    #[test]
    fn far_pairs_are_of_the_device_universe_for_the_rules_that_fired() {
        let pairs = [(0, 1, true, false, [true, false]), (0, 2, true, false, [false, false]), (0, 3, false, false, [false, false])];
        let counted = |came_within: bool| {
            let rows = tally_of(&pairs, came_within).rows();
            let all = rows.into_iter().filter(|r| r.universe == Universe::Device && r.stratum == "all");
            all.map(|r| (r.rule, r.counts.tp, r.counts.fn_)).collect::<Vec<_>>()
        };
        assert_eq!(counted(true), [(0, 1, 1), (1, 0, 2)]);
        assert_eq!(counted(false), [(0, 1, 0)], "a rule without pairs has no row");
    }
}
