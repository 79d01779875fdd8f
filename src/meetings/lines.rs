//! Figures that people's contacts are known to have, each with the band it should lie in.

use serde::Serialize;

use crate::math;

use super::{
    chance::{FEWEST_PEOPLE, deviation, deviations_of, without_each},
    events::Event,
    inputs::{Origin, fitted},
    reference::Verdict,
    statistics::Statistics,
};

/// A figure of a run and where it should lie.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// What it is.
    pub line: String,
    /// Whence the band is.
    pub source: &'static str,
    /// How many there were of what it is told of: see `of`.
    pub n: u64,
    /// What `n` counts.
    pub of: &'static str,
    /// The figure; `None`: the run has nothing of the kind.
    pub value: Option<f64>,
    /// What it could be by chance, in 99 of 100 runs.
    pub low: Option<f64>,
    /// See `low`.
    pub high: Option<f64>,
    /// Where it should lie: from here, to there; passed where what it could be by chance reaches into it.
    pub band: [Option<f64>; 2],
    /// How it came out.
    pub verdict: Verdict,
    /// Why it was not judged.
    pub why: Option<String>,
}

/// What is told of a figure: itself, and what it is without each group of people in turn.
pub(super) struct Told {
    pub value: Option<f64>,
    /// Empty where there are too few people.
    pub without: Vec<Option<f64>>,
    pub n: u64,
}

impl Line {
    /// A figure and its band, judged by chance. What it could be by chance is told on the scale of logarithms, as all figures are positive.
    pub(super) fn judged(
        (line, of, source): (impl Into<String>, &'static str, &'static str),
        band: [Option<f64>; 2],
        Told { value, without, n }: Told,
    ) -> Self {
        let line = Self { line: line.into(), source, n, of, value, low: None, high: None, band, verdict: Verdict::NotInThisRun, why: None };
        let Some(value) = value.filter(|_| n > 0) else { return Self { value: None, ..line } };
        let logs: Vec<f64> = without.iter().flatten().filter(|v| **v > 0.0).map(|v| math::ln(*v)).collect();
        if value <= 0.0 || without.is_empty() || logs.len() < without.len() {
            return Self {
                verdict: Verdict::TooFew,
                why: Some(format!("of fewer than {FEWEST_PEOPLE} people, or of a few alone")),
                ..line
            };
        }
        let factor = math::exp(deviations_of(1) * deviation(&logs));
        let (low, high) = (value / factor, value * factor);
        let reaches = band[0].is_none_or(|from| high >= from) && band[1].is_none_or(|to| low <= to);
        let verdict = if reaches { Verdict::Pass } else { Verdict::Fail };
        Self { low: Some(low), high: Some(high), verdict, ..line }
    }

    /// The same line, printed and not judged.
    pub(super) fn but(self, verdict: Verdict, why: impl Into<String>) -> Self {
        match self.verdict {
            Verdict::NotInThisRun => self,
            _ => Self { verdict, why: Some(why.into()), ..self },
        }
    }

    /// Whether it was judged and lies within its band; `None`: it was not judged.
    pub fn passes(&self) -> Option<bool> {
        match self.verdict {
            Verdict::Pass => Some(true),
            Verdict::Fail => Some(false),
            _ => None,
        }
    }
}

/// Of offices with badges on chests: InVS13 and InVS15, SFHH's tail among them.
const OFFICE: [(&str, &str, [f64; 2]); 6] = [
    ("k15_mean", "partners of 15 min or more a person-day", [0.11 / 1.25, 0.45 * 1.25]),
    ("pd_ge15_share", "pairs of 15 min or more, of all pairs in contact on a day", [0.025, 0.05]),
    ("time_share_in_ge15_pairs", "contact time that these carry", [0.30, 0.46]),
    ("deg_cv", "coefficient of variation of others met a person-day", [0.45, 0.95]),
    ("ev_alpha_xmin60", "tail exponent of contacts' lengths from 60 s on", [2.1, 3.0]),
    ("ev_share_20s", "contacts of a single slot of 20 s", [0.56, 0.71]),
];

/// The lines of offices, of pairs that face each other.
pub(super) fn office(origin: Origin, events: &[Event]) -> Vec<Line> {
    let (statistics, without) = (Statistics::of(events), without_each(events).unwrap_or_default());
    let line = |(figure, words, [from, to]): &(&'static str, &'static str, [f64; 2])| {
        let n = statistics.get(if figure.starts_with("ev_") { "events" } else { "person_days" }).unwrap_or(0.0) as u64;
        let told = Told { value: statistics.get(figure), without: without.iter().map(|s| s.get(figure)).collect(), n };
        let of = if figure.starts_with("ev_") { "contacts" } else { "person-days" };
        let line = Line::judged((format!("office: {words}"), of, "InVS13, InVS15, SFHH"), [Some(*from), Some(*to)], told);
        match fitted(origin, "office", figure) {
            Some(why) => line.but(Verdict::Fitted, why),
            None => line,
        }
    };
    OFFICE.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(value: f64, spread: f64, band: [Option<f64>; 2]) -> Line {
        let without = (0..20).map(|i| Some(value * if i % 2 == 0 { 1.0 + spread } else { 1.0 - spread })).collect();
        Line::judged(("x", "pairs", "nowhere"), band, Told { value: Some(value), without, n: 7 })
    }

    /// 1 +- 0.01 twenty times: a deviation of 0.01 by the root of 19, 2.8609 of it either way.
    #[test]
    fn a_line_passes_where_chance_reaches_into_its_band() {
        let line = judged(1.0, 0.01, [Some(1.1), Some(1.2)]);
        let half = 2.8609 * 0.01 * 19f64.sqrt();
        assert!(line.high.is_some_and(|high| (math::ln(high) - half).abs() < 1e-4), "{line:?}");
        assert_eq!(line.verdict, Verdict::Pass);
        assert_eq!(judged(1.0, 0.005, [Some(1.1), Some(1.2)]).verdict, Verdict::Fail);
        assert_eq!(judged(1.0, 0.005, [Some(0.1), Some(0.9)]).verdict, Verdict::Fail);
        assert_eq!(judged(1.0, 0.005, [Some(0.9), None]).verdict, Verdict::Pass);
    }

    #[test]
    fn what_is_not_there_or_rests_on_a_few_is_not_judged() {
        let line = |value, without| Line::judged(("x", "pairs", "nowhere"), [None; 2], Told { value, without, n: 1 });
        assert_eq!(line(None, Vec::new()).verdict, Verdict::NotInThisRun);
        assert_eq!(line(Some(1.0), Vec::new()).verdict, Verdict::TooFew);
        assert_eq!(line(Some(1.0), vec![Some(1.0), Some(0.0)]).verdict, Verdict::TooFew, "one group carries all of it");
        let printed = line(Some(1.0), vec![Some(1.0); 20]).but(Verdict::Fitted, "put in");
        assert_eq!((printed.verdict, printed.passes()), (Verdict::Fitted, None));
    }
}
