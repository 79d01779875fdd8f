//! Statistics of measured traces, and a run's beside them.

use std::{collections::BTreeMap, path::Path};

use serde::Serialize;

use crate::{
    columns::{Columns, shown},
    faults::{Faults, use_one_of},
    math,
};

use super::{
    chance::{deviation, deviations_of, without_each},
    events::Event,
    inputs::{Origin, fitted},
    statistics::Statistics,
};

/// Figures that are judged: those that do not hang on a single pair, nor step by whole slots as medians do.
pub const JUDGED: [&str; 14] = [
    "ev_mean_s",
    "ev_share_20s",
    "ev_share_ge5min",
    "ev_alpha_xmin60",
    "pd_cum_mean_s",
    "pd_ge15_share",
    "time_share_in_ge15_pairs",
    "deg_mean",
    "deg_cv",
    "k15_mean",
    "persons_with_k15_ge1",
    "events_per_person_day",
    "contact_min_per_person_day",
    "ict_pair_mean_s",
];
/// Those of them that rest on pairs of 15 minutes or more, of which so many must be there.
const OF_LONG_PAIRS: [&str; 4] = ["pd_ge15_share", "time_share_in_ge15_pairs", "k15_mean", "persons_with_k15_ge1"];
const FEWEST_LONG_PAIRS: f64 = 20.0;
/// The kinds of venue that a data set is of, by a word of its name.
const KINDS: [(&str, &[&str]); 5] = [
    ("home", &["household"]),
    ("classroom", &["classroom", "school"]),
    ("hall", &["hall", "conference"]),
    ("ward", &["ward"]),
    ("office", &["office", "workplace"]),
];

/// A measured data set.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Its name.
    pub dataset: String,
    /// Its figures by name.
    pub figures: BTreeMap<String, f64>,
}

impl Reference {
    /// Whether it is of this kind of venue, by its name.
    pub fn is_of(&self, venue_kind: &str) -> bool {
        let name = self.dataset.to_lowercase();
        match KINDS.iter().find(|(kind, _)| *kind == venue_kind) {
            Some((_, words)) => words.iter().any(|word| name.contains(word)),
            None => name.contains(&venue_kind.to_lowercase()),
        }
    }
}

/// Reads a table of data sets: a line each with the column `dataset`, and figures under the names of [`Statistics`]; others are left.
pub fn read_references(path: &Path, faults: &mut Faults) -> Vec<Reference> {
    let mut references: Vec<Reference> = Vec::new();
    let Some(mut columns) = Columns::open(path, &["dataset", "people", "person_days"], faults) else { return references };
    let known = Statistics::of(&[]);
    let figures: Vec<(&'static str, usize)> = known.figures().filter_map(|(name, _)| Some((name, columns.position(name)?))).collect();
    let dataset = columns.position("dataset").unwrap_or_default();
    columns.each_line(faults, |line| {
        let mut problems = Vec::new();
        let mut found = BTreeMap::new();
        for (name, position) in &figures {
            match line.optional::<f64>(*position) {
                None => {}
                Some(Ok(value)) if value.is_finite() && value >= 0.0 => {
                    found.insert((*name).to_string(), value);
                }
                Some(Ok(value)) => {
                    problems.push((*name, format!("{value} is no size, share or time"), "give a number of 0 or more".into()))
                }
                Some(Err(problem)) => problems.push((*name, problem, "give a number, or leave it empty".into())),
            }
        }
        let name = line.text(dataset).to_string();
        if name.is_empty() || references.iter().any(|r| r.dataset == name) {
            let problem = if name.is_empty() { "no name".into() } else { format!("a second \"{}\"", shown(&name)) };
            problems.push(("dataset", problem, "give each data set a name of its own".into()));
        }
        references.push(Reference { dataset: name, figures: found });
        problems
    });
    if references.is_empty() && faults.is_empty() {
        faults.push_line(columns.file(), 1, "no data line", "give a line for each data set");
    }
    references
}

/// The data set of a name, or of whose name this is a part that no other has.
pub fn named<'a>(references: &'a [Reference], name: &str, faults: &mut Faults) -> Option<&'a Reference> {
    if let Some(exact) = references.iter().find(|r| r.dataset == name) {
        return Some(exact);
    }
    let has = |r: &&Reference| r.dataset.to_lowercase().contains(&name.to_lowercase());
    let mut having = references.iter().filter(has);
    match (having.next(), having.next()) {
        (Some(only), None) => Some(only),
        (found, _) => {
            let problem = format!("{} \"{}\"", if found.is_some() { "more than one data set has" } else { "no data set" }, shown(name));
            faults.push("--dataset", problem, use_one_of(name, references.iter().map(|r| r.dataset.as_str())));
            None
        }
    }
}

/// How a figure came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Chance allows it.
    Pass,
    /// It does not.
    Fail,
    /// Fitted to such data, or put in: it says nothing.
    Fitted,
    /// Of the two figures one hangs on too little to be judged.
    TooFew,
    /// Not among those that are judged.
    Printed,
    /// The run has nothing of the kind.
    NotInThisRun,
}

/// A figure of a run beside a measured one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Its name.
    pub figure: &'static str,
    /// Of the run.
    pub run: Option<f64>,
    /// Measured.
    pub reference: Option<f64>,
    /// From here to there chance may take the run's figure if the model is exactly right.
    pub low: Option<f64>,
    /// See `low`.
    pub high: Option<f64>,
    /// How it came out.
    pub verdict: Verdict,
}

/// A kind of venue beside a measured data set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The data set.
    pub dataset: String,
    /// The kind of venue.
    pub venue_kind: String,
    /// People and person-days of the run.
    pub people: f64,
    /// See `people`.
    pub person_days: f64,
    /// Figures that were judged.
    pub judged: usize,
    /// Those that chance does not allow.
    pub outside: usize,
    /// None is outside, which an exactly right model reaches with a chance of 0.99 or more; `None`: nothing was judged.
    pub passes: Option<bool>,
    /// Every figure that both have.
    pub figures: Vec<Compared>,
}

impl Comparison {
    /// Lays events of a kind of venue beside a data set. What chance does to a figure of either is told from the run: the data set's figures
    /// then scatter more by the root of how many times fewer people or person-days it has.
    pub fn new((origin, venue_kind): (Origin, &str), events: &[Event], statistics: &Statistics, reference: &Reference) -> Self {
        let of = |name: &str| statistics.get(name).unwrap_or(0.0);
        let measured = |name: &str| reference.figures.get(name).copied();
        let times = |name: &str| measured(name).filter(|n| *n > 0.0).map(|n| of(name) / n);
        let fewer = times("people").zip(times("person_days")).map(|(people, person_days)| people.max(person_days));
        let without = fewer.and_then(|_| without_each(events));
        let verdict = |name: &'static str| {
            if !JUDGED.contains(&name) {
                return Verdict::Printed;
            }
            if fitted(origin, venue_kind, name).is_some() {
                return Verdict::Fitted;
            }
            let long_pairs = of("pd_ge15").min(measured("pd_ge15").unwrap_or(0.0));
            let is_told = measured(name).is_some_and(|v| v > 0.0) && of(name) > 0.0;
            let everywhere = without.iter().flatten().all(|s| s.get(name).is_some_and(|v| v > 0.0));
            match is_told && everywhere && without.is_some() && (!OF_LONG_PAIRS.contains(&name) || long_pairs >= FEWEST_LONG_PAIRS) {
                true => Verdict::Pass,
                false => Verdict::TooFew,
            }
        };
        let verdicts: Vec<(&'static str, Option<f64>, Verdict)> =
            statistics.figures().filter(|(name, _)| measured(name).is_some()).map(|(name, value)| (name, value, verdict(name))).collect();
        let judged = verdicts.iter().filter(|(_, _, verdict)| *verdict == Verdict::Pass).count();
        let deviations = deviations_of(judged);
        let compared = |(figure, run, verdict): (&'static str, Option<f64>, Verdict)| {
            let reference = measured(figure);
            let mut compared = Compared { figure, run, reference, low: None, high: None, verdict };
            if let (Verdict::Pass, Some(run), Some(reference), Some(without), Some(fewer)) = (verdict, run, reference, &without, fewer) {
                let logs: Vec<f64> = without.iter().filter_map(|s| s.get(figure)).map(math::ln).collect();
                let factor = math::exp(deviations * deviation(&logs) * (1.0 + fewer).sqrt());
                let (low, high) = (reference / factor, reference * factor);
                (compared.low, compared.high) = (Some(low), Some(high));
                compared.verdict = if (low..=high).contains(&run) { Verdict::Pass } else { Verdict::Fail };
            }
            compared
        };
        let figures: Vec<Compared> = verdicts.into_iter().map(compared).collect();
        let outside = figures.iter().filter(|f| f.verdict == Verdict::Fail).count();
        Self {
            dataset: reference.dataset.clone(),
            venue_kind: venue_kind.into(),
            people: of("people"),
            person_days: of("person_days"),
            judged,
            outside,
            passes: (judged > 0).then_some(outside == 0),
            figures,
        }
    }
}
