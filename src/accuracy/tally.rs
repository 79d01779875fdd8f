//! Confusion counts, and the same counts person by person for intervals.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ids::PersonId, truth::Definition};

use super::{
    config::AccuracyConfig,
    rates::{Confusion, Rate, normal_quantile, rates},
    strata::{Levels, Strata},
};

/// How a verdict came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Mode {
    /// As if the other had been confirmed.
    AsIf,
    /// What the app told people about real cases.
    EndToEnd,
}

/// Whom accuracy is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Universe {
    /// Pairs of running phones within radio reach (or near, where radio reaches less far).
    Device,
    /// All pairs of people that came near, with phones or without: who has no phone or app is missed. Further off, the pairs
    /// on which the rule fired, so that no false alarm is left out; other pairs would only tell how large buildings are.
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
    pub in_device_universe: bool,
    /// Whether the two came near each other, whatever phones they hold.
    pub came_near: bool,
    /// Whether each rule fired (all false outside the device universe).
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
    pub stratum: &'static str,
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
    by_group: Vec<Confusion>,
}

/// Accumulates judged pairs.
///
/// A pair touches two people, and what is odd about one phone returns in all its pairs; so intervals come from leaving
/// out people, not pairs. People fall into at most `jackknife_groups` groups by number; for each group the counts of all
/// pairs with a member in it are kept, so that leaving the group out is one subtraction.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tally {
    rules: usize,
    groups: usize,
    confidence: f64,
    barriers: Vec<String>,
    /// By (mode, universe, truth, level); made when first met.
    #[serde(with = "crate::as_list")]
    blocks: BTreeMap<(Mode, Universe, Definition, usize), Block>,
}

impl Tally {
    /// An empty tally.
    pub fn new(rules: usize, people: usize, barriers: &[String], config: &AccuracyConfig) -> Self {
        Self {
            rules,
            groups: people.clamp(2, config.jackknife_groups as usize),
            confidence: config.confidence,
            barriers: barriers.to_vec(),
            blocks: BTreeMap::new(),
        }
    }

    /// Counts one judged pair.
    pub fn add(&mut self, judged: &Judged<'_>) {
        let (g, h) = (judged.observer.index() % self.groups, judged.transmitter.index() % self.groups);
        for universe in [Universe::Device, Universe::Population] {
            let is_in = |detected: bool| match universe {
                Universe::Device => judged.in_device_universe,
                Universe::Population => judged.came_near || detected,
            };
            if !judged.detected.iter().any(|&detected| is_in(detected)) {
                continue;
            }
            for level in Levels::of(judged.strata) {
                let (rules, groups) = (self.rules, self.groups);
                let block = self.blocks.entry((judged.mode, universe, judged.truth, level)).or_insert_with(|| Block {
                    total: vec![Confusion::default(); rules],
                    by_group: vec![Confusion::default(); rules * groups],
                });
                for (rule, &detected) in judged.detected.iter().enumerate().filter(|(_, detected)| is_in(**detected)) {
                    block.total[rule].add(judged.actual, detected);
                    block.by_group[g * rules + rule].add(judged.actual, detected);
                    if g != h {
                        block.by_group[h * rules + rule].add(judged.actual, detected);
                    }
                }
            }
        }
    }

    /// All rows, in the order of (mode, universe, truth, level, rule).
    pub fn rows(&self) -> Vec<AccuracyRow> {
        let levels = Levels::new(&self.barriers);
        let z = normal_quantile(0.5 + self.confidence / 2.0);
        let mut rows = Vec::new();
        for (&(mode, universe, truth, level), block) in &self.blocks {
            let (stratum, name) = levels.name(level);
            for rule in 0..self.rules {
                let counts = block.total[rule];
                let by_group: Vec<Confusion> = (0..self.groups).map(|g| block.by_group[g * self.rules + rule]).collect();
                rows.push(AccuracyRow {
                    mode,
                    universe,
                    rule,
                    truth,
                    stratum,
                    level: name.clone(),
                    counts,
                    rates: rates(counts, &by_group, z),
                });
            }
        }
        rows
    }
}
