//! Confusion counts, and the same counts person by person for intervals.

use std::{borrow::Cow, collections::BTreeMap};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{ids::PersonId, truth::Definition, venue::VenueKind};

use super::{
    config::AccuracyConfig,
    counts::Counts,
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

impl Mode {
    const NUMBER: usize = 2;
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
    /// Whether each rule fired (all false unless both phones run); may be empty where none did.
    pub detected: &'a [bool],
    /// What the pair is sorted by.
    pub strata: &'a Strata,
}

/// A row of the accuracy table.
#[derive(Clone, Debug, PartialEq)]
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

/// How a universe counts a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counted {
    /// For every rule.
    Always,
    /// For the rules that fired on it.
    IfFired,
    /// Not at all.
    Never,
}

/// What decides how a pair counts, besides the rules that fired on it: a number for each case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind(usize);

impl Kind {
    const NUMBER: usize = 12;

    fn of(judged: &Judged<'_>) -> Self {
        let device = match (judged.both_run, judged.came_within) {
            (true, true) => Counted::Always,
            (true, false) => Counted::IfFired,
            (false, _) => Counted::Never,
        };
        let population = if judged.came_near { Counted::Always } else { Counted::IfFired };
        Self((device as usize * 2 + population as usize) * 2 + usize::from(judged.actual))
    }

    fn counted(self, universe: Universe) -> Counted {
        match universe {
            Universe::Device => [Counted::Always, Counted::IfFired, Counted::Never][self.0 / 4],
            Universe::Population => [Counted::Always, Counted::IfFired][self.0 / 2 % 2],
        }
    }

    /// Whether pairs count on which no rule fired.
    fn counts_silence(self) -> bool {
        [Universe::Device, Universe::Population].into_iter().any(|universe| self.counted(universe) == Counted::Always)
    }

    fn is_actual(self) -> bool {
        self.0 % 2 == 1
    }
}

/// By which truths pairs of a block were judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Truths {
    /// By one.
    One(Definition),
    /// By each of a JST day, which say the same of the pair: most pairs were never in contact, or once.
    EveryJst,
}

impl Truths {
    const NUMBER: usize = Definition::ALL.len() + 1;
    const OF_JST: [Definition; 3] = [Definition::CumulativeJst, Definition::Run, Definition::GapRun];

    fn number(self) -> usize {
        match self {
            Self::One(truth) => truth as usize,
            Self::EveryJst => Definition::ALL.len(),
        }
    }

    fn all(&self) -> &[Definition] {
        match self {
            Self::One(truth) => std::slice::from_ref(truth),
            Self::EveryJst => &Self::OF_JST,
        }
    }
}

/// Pairs of one kind in a cell. A pair on which no rule fired is one more in `pairs`, whatever the number of rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pairs {
    /// All, then those with either person in each group.
    pairs: Vec<u64>,
    /// Of these, those on which each rule fired.
    fired: Counts,
}

impl Pairs {
    fn new(groups: Groups) -> Self {
        Self { pairs: vec![0; groups.rows()], fired: Counts::new(groups) }
    }

    fn merge(&mut self, other: &Self) {
        self.pairs.iter_mut().zip(&other.pairs).for_each(|(sum, n)| *sum += n);
        self.fired.merge(&other.fired);
    }
}

/// Pairs of one mode, definition and level, both universes', by [`Kind`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Block([Option<Box<Pairs>>; Kind::NUMBER]);

/// What pairs of a block have in common.
type Cell = (Mode, Truths, Level);
/// What rows have in common, in their order.
type Key = (Mode, Universe, Definition, Level);

/// Accumulates judged pairs, with intervals from leaving out groups of people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    rules: usize,
    groups: Groups,
    confidence: f64,
    kinds: Vec<VenueKind>,
    barriers: Vec<String>,
    /// By the place of the cell, for levels that pool no others; made when first met.
    blocks: Vec<Option<(Cell, Block)>>,
}

/// See [`Tally::places`].
struct Places {
    mode: Mode,
    truths: Truths,
    first: usize,
    kind: usize,
}

impl Block {
    fn merge(&mut self, other: &Self) {
        for (sum, other) in self.0.iter_mut().zip(&other.0) {
            match (sum, other) {
                (Some(sum), Some(other)) => sum.merge(other),
                (sum @ None, Some(other)) => *sum = Some(other.clone()),
                (_, None) => {}
            }
        }
    }

    /// Adds what it counts in a universe to `counts`: for each rule those of all pairs, then those by group.
    fn add_to(&self, universe: Universe, counts: &mut [Vec<Confusion>]) {
        let mut fired = vec![0; counts.len()];
        for (of_kind, kind) in self.0.iter().zip((0..).map(Kind)) {
            let (Some(of_kind), counted @ (Counted::Always | Counted::IfFired)) = (of_kind, kind.counted(universe)) else { continue };
            for (row, &pairs) in of_kind.pairs.iter().enumerate().filter(|(_, pairs)| **pairs > 0) {
                fired.fill(0);
                of_kind.fired.add_row_to(row, &mut fired);
                for (counts, &fired) in counts.iter_mut().zip(&fired) {
                    let silent = if counted == Counted::Always { pairs as i64 - fired } else { 0 };
                    counts[row].merge(&if kind.is_actual() {
                        Confusion { tp: fired, fn_: silent, ..Confusion::default() }
                    } else {
                        Confusion { fp: fired, tn: silent, ..Confusion::default() }
                    });
                }
            }
        }
    }
}

impl Tally {
    /// An empty tally of a world with these kinds of venues and these barriers.
    pub fn new(rules: usize, people: usize, kinds: &[VenueKind], barriers: &[String], config: &AccuracyConfig) -> Self {
        let cells = Mode::NUMBER * Truths::NUMBER * Level::number(kinds.len(), barriers.len());
        Self {
            rules,
            groups: Groups::new(people, config),
            confidence: config.confidence,
            kinds: kinds.to_vec(),
            barriers: barriers.to_vec(),
            blocks: vec![None; cells],
        }
    }

    /// Counts one judged pair.
    pub fn add(&mut self, judged: &Judged<'_>) {
        let kind = Kind::of(judged);
        let any_fired = judged.detected.contains(&true);
        if !any_fired && !kind.counts_silence() {
            return;
        }
        let rows = self.groups.rows_of(judged.observer, judged.transmitter);
        let places = self.places(judged.mode, Truths::One(judged.truth), judged.strata);
        for level in Level::of(judged.strata) {
            let of_kind = self.pairs(&places, level, kind);
            rows.iter().for_each(|row| of_kind.pairs[row] += 1);
            if any_fired {
                of_kind.fired.add(rows, judged.detected);
            }
        }
    }

    /// Counts a pair on which no rule fired both ways at once: `judged` one way, whose `truth` gives way to `truths`, and what the other way
    /// is sorted by.
    pub fn add_silent(&mut self, judged: &Judged<'_>, truths: Truths, back: &Strata) {
        debug_assert!(!judged.detected.contains(&true));
        let kind = Kind::of(judged);
        if !kind.counts_silence() {
            return;
        }
        let rows = self.groups.rows_of(judged.observer, judged.transmitter);
        let places = self.places(judged.mode, truths, judged.strata);
        // Both ways have the same levels in the same order, and differ in what they hold of phones.
        for (there, back) in Level::of(judged.strata).zip(Level::of(back)) {
            if there == back {
                let of_kind = self.pairs(&places, there, kind);
                rows.iter().for_each(|row| of_kind.pairs[row] += 2);
                continue;
            }
            for level in [there, back] {
                let of_kind = self.pairs(&places, level, kind);
                rows.iter().for_each(|row| of_kind.pairs[row] += 1);
            }
        }
    }

    /// Where the blocks of a mode and of truths stand, and which venue kind they are of.
    fn places(&self, mode: Mode, truths: Truths, strata: &Strata) -> Places {
        let known = self.kinds.iter().position(|known| *known == strata.nearest.venue_kind);
        let of_truth = mode as usize * Truths::NUMBER + truths.number();
        let first = of_truth * Level::number(self.kinds.len(), self.barriers.len());
        Places { mode, truths, first, kind: known.expect("invariant: a kind of the world") }
    }

    fn pairs(&mut self, places: &Places, level: Level, kind: Kind) -> &mut Pairs {
        let place = places.first + level.place(places.kind, self.kinds.len(), self.barriers.len());
        let (_, block) = self.blocks[place].get_or_insert_with(|| ((places.mode, places.truths, level), Block::default()));
        block.0[kind.0].get_or_insert_with(|| Box::new(Pairs::new(self.groups)))
    }

    /// Adds what another tally of the same run counted: in any order the sums are the same.
    pub fn merge(&mut self, other: &Self) {
        self.blocks.par_iter_mut().zip(&other.blocks).for_each(|(block, other)| match (block, other) {
            (Some((_, block)), Some((_, other))) => block.merge(other),
            (block @ None, Some(other)) => *block = Some(other.clone()),
            (_, None) => {}
        });
    }

    /// All rows that have pairs, in the order of (mode, universe, truth, level, rule).
    pub fn rows(&self) -> Vec<AccuracyRow> {
        let z = normal_quantile(0.5 + self.confidence / 2.0);
        let cells: Vec<(Key, Vec<&Block>)> = self.cells().into_iter().collect();
        let of_cell = |((mode, universe, truth, level), blocks): &(Key, Vec<&Block>)| {
            let (mode, universe, truth) = (*mode, *universe, *truth);
            let mut counts = vec![vec![Confusion::default(); self.groups.rows()]; self.rules];
            blocks.iter().for_each(|block| block.add_to(universe, &mut counts));
            let (stratum, level) = level.name(&self.barriers);
            let mut rates_of: Vec<[Option<Rate>; 6]> = Vec::with_capacity(self.rules);
            let mut rows = Vec::new();
            for (rule, of_rule) in counts.iter().enumerate() {
                // Rules that reported the same pairs, as far as counts by group show it, have the same rates.
                let alike = counts[..rule].iter().position(|earlier| earlier == of_rule);
                rates_of.push(alike.map_or_else(|| rates(of_rule[0], &of_rule[1..], z), |alike| rates_of[alike]));
                if of_rule[0] != Confusion::default() {
                    let (stratum, level) = (stratum.clone(), level.clone());
                    rows.push(AccuracyRow { mode, universe, rule, truth, stratum, level, counts: of_rule[0], rates: rates_of[rule] });
                }
            }
            rows
        };
        cells.par_iter().flat_map_iter(of_cell).collect()
    }

    /// The blocks that rows are of: one may be judged by several truths, and its level may be pooled with others.
    fn cells(&self) -> BTreeMap<Key, Vec<&Block>> {
        let mut cells: BTreeMap<Key, Vec<&Block>> = BTreeMap::new();
        for ((mode, truths, level), block) in self.blocks.iter().flatten() {
            for truth in truths.all() {
                for level in std::iter::once(*level).chain(level.pooled()) {
                    for universe in [Universe::Device, Universe::Population] {
                        cells.entry((*mode, universe, *truth, level)).or_default().push(block);
                    }
                }
            }
        }
        cells
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{mobility::Carriage, population::Os, truth::Nearest};

    const RULES: usize = 2;

    /// A tally of 20 people in ten groups, of ordered pairs (observer, transmitter, both run, near, detected by each rule), all contacts.
    fn tally(pairs: &[(u32, u32, bool, bool, [bool; RULES])]) -> Tally {
        tally_of(pairs, true)
    }

    fn tally_of(pairs: &[(u32, u32, bool, bool, [bool; RULES])], came_within: bool) -> Tally {
        let config = AccuracyConfig {
            headline_rule: String::new(),
            universe_within_m: 20.0,
            in_time_days: 5,
            confidence: 0.95,
            jackknife_groups: 10,
        };
        let mut tally = Tally::new(RULES, 20, &[VenueKind::OFFICE], &["none".to_string()], &config);
        let nearest = Nearest {
            venue_kind: VenueKind::OFFICE,
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
        for (_, block) in tally.blocks.iter().flatten() {
            for universe in [Universe::Device, Universe::Population] {
                let mut counts = vec![vec![Confusion::default(); tally.groups.rows()]; RULES];
                block.add_to(universe, &mut counts);
                let found = |group: usize, rule: usize| (counts[rule][1 + group].tp, counts[rule][1 + group].fn_);
                assert_eq!((found(3, 0), found(3, 1)), ((2, 0), (1, 1)), "both pairs");
                assert_eq!((found(4, 0), found(4, 1)), ((1, 0), (1, 0)), "the second");
                assert_eq!(found(5, 0), (0, 0));
            }
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

    /// A pair, owned.
    #[derive(Clone, Debug)]
    struct Pair {
        mode: Mode,
        truth: Definition,
        people: (u32, u32),
        flags: (bool, bool, bool, bool),
        detected: Vec<bool>,
        strata: Strata,
    }

    impl Pair {
        fn judged(&self) -> Judged<'_> {
            let (actual, both_run, came_within, came_near) = self.flags;
            Judged {
                mode: self.mode,
                observer: PersonId(self.people.0),
                transmitter: PersonId(self.people.1),
                truth: self.truth,
                actual,
                both_run,
                came_within,
                came_near,
                detected: &self.detected,
                strata: &self.strata,
            }
        }
    }

    fn any_strata() -> impl Strategy<Value = Strata> {
        let systems = prop::option::of((prop::bool::ANY, prop::bool::ANY));
        (0..3usize, 0..2u16, 0..3usize, systems, 0.0..30.0f64, 0.0..4000.0f64, any::<(bool, bool)>()).prop_map(
            |(kind, barrier, carriage, systems, min_distance_m, within_s, (observer_is_a, is_headline_day))| {
                let os = |ios| if ios { Os::Ios } else { Os::Android };
                let (carriage_a, carriage_b) = (Carriage::ALL[carriage], Carriage::ALL[5 - carriage]);
                let nearest = Nearest { venue_kind: VenueKind::KNOWN[kind], barrier, carriage_a, carriage_b, near_s: 1.0, min_distance_m };
                let os = systems.map(|(observer, transmitter)| (os(observer), os(transmitter)));
                Strata { nearest, observer_is_a, os, min_distance_m, within_s, is_headline_day }
            },
        )
    }

    fn any_pair() -> impl Strategy<Value = Pair> {
        let detected = prop_oneof![Just(vec![]), Just(vec![false; 3]), prop::collection::vec(prop::bool::ANY, 3)];
        let mode = prop_oneof![Just(Mode::AsIf), Just(Mode::EndToEnd)];
        (mode, 0..4usize, (0..14u32, 0..14u32), any::<(bool, bool, bool, bool)>(), detected, any_strata()).prop_map(
            |(mode, truth, people, flags, detected, strata)| Pair { mode, truth: Definition::ALL[truth], people, flags, detected, strata },
        )
    }

    /// The definition, word for word: each rule counts each pair of its universe in each level, and again in its groups.
    fn plain_rows(pairs: &[Pair], rules: usize, groups: usize, barriers: &[String]) -> Vec<AccuracyRow> {
        let mut cells: BTreeMap<(Mode, Universe, Definition, Level, usize), Vec<Confusion>> = BTreeMap::new();
        for pair in pairs {
            let judged = pair.judged();
            for universe in [Universe::Device, Universe::Population] {
                for rule in 0..rules {
                    let detected = judged.detected.get(rule).is_some_and(|fired| *fired);
                    let is_in = match universe {
                        Universe::Device => judged.both_run && (judged.came_within || detected),
                        Universe::Population => judged.came_near || detected,
                    };
                    let levels = Level::of(judged.strata).flat_map(|level| [Some(level), level.pooled()]).flatten();
                    for level in levels.filter(|_| is_in) {
                        let key = (judged.mode, universe, judged.truth, level, rule);
                        let counts = cells.entry(key).or_insert_with(|| vec![Confusion::default(); 1 + groups]);
                        counts[0].add(judged.actual, detected);
                        let mut of_pair = vec![judged.observer.index() % groups, judged.transmitter.index() % groups];
                        of_pair.dedup();
                        of_pair.iter().for_each(|group| counts[1 + group].add(judged.actual, detected));
                    }
                }
            }
        }
        let z = normal_quantile(0.975);
        let row = |((mode, universe, truth, level, rule), counts): ((Mode, Universe, Definition, Level, usize), Vec<Confusion>)| {
            let (stratum, level) = level.name(barriers);
            AccuracyRow { mode, universe, rule, truth, stratum, level, counts: counts[0], rates: rates(counts[0], &counts[1..], z) }
        };
        cells.into_iter().map(row).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// The rows are those of the plain definition; two tallies merged, and one kept and read again, are the tally of all pairs.
        #[test]
        fn rows_are_those_of_the_definition(pairs in prop::collection::vec((any_pair(), prop::bool::ANY), 1..60)) {
            let barriers = ["none", "glass"].map(String::from);
            let config = AccuracyConfig { headline_rule: String::new(), universe_within_m: 20.0, in_time_days: 5, confidence: 0.95, jackknife_groups: 6 };
            let new = || Tally::new(3, 14, VenueKind::KNOWN, &barriers, &config);
            let (mut all, mut first, mut second) = (new(), new(), new());
            for (pair, is_first) in &pairs {
                all.add(&pair.judged());
                (if *is_first { &mut first } else { &mut second }).add(&pair.judged());
            }
            let pairs: Vec<Pair> = pairs.into_iter().map(|(pair, _)| pair).collect();
            prop_assert_eq!(all.rows(), plain_rows(&pairs, 3, 6, &barriers));
            first.merge(&second);
            prop_assert_eq!(&first, &all);
            let kept = postcard::to_stdvec(&all).expect("plain data");
            prop_assert_eq!(&postcard::from_bytes::<Tally>(&kept).expect("as it was written"), &all);
        }

        /// Both ways of pairs on which nothing fired, by one truth or by all of a JST day: as if each had been counted by itself.
        #[test]
        fn both_ways_at_once_are_two(pairs in prop::collection::vec((any_pair(), prop::bool::ANY), 1..30)) {
            let config = AccuracyConfig { headline_rule: String::new(), universe_within_m: 20.0, in_time_days: 5, confidence: 0.95, jackknife_groups: 6 };
            let new = || Tally::new(3, 14, VenueKind::KNOWN, &["none", "glass"].map(String::from), &config);
            let (mut at_once, mut one_by_one) = (new(), new());
            for (mut pair, by_every) in pairs {
                pair.detected.fill(false);
                let Strata { observer_is_a, os, .. } = pair.strata;
                let back = Strata { observer_is_a: !observer_is_a, os: os.map(|(a, b)| (b, a)), ..pair.strata };
                let truths = if by_every { Truths::EveryJst } else { Truths::One(pair.truth) };
                at_once.add_silent(&pair.judged(), truths, &back);
                for truth in truths.all() {
                    let there = Pair { truth: *truth, ..pair.clone() };
                    let back = Pair { people: (pair.people.1, pair.people.0), strata: back, ..there.clone() };
                    [there, back].iter().for_each(|pair| one_by_one.add(&pair.judged()));
                }
            }
            prop_assert_eq!(at_once.rows(), one_by_one.rows());
        }
    }
}
