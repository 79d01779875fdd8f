//! What each rule came to outside the home: the headline of `summary.json`, of the page and of the terminal.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::data::{Accuracy, HEADLINE, Rate};
use super::format::{percent, percent_interval};

/// Operating systems of a pair, transmitter > observer, in the order in which they are told.
const OS_PAIRS: [&str; 4] = ["ios>ios", "ios>android", "android>ios", "android>android"];
/// The stratum that splits the headline's pairs by them.
const OS_STRATUM: &str = "headline_os_pair";

/// What a rule came to, of ordered pairs of running phones and UTC days outside the home. Over several worlds counts are summed,
/// and rates are the mean of the worlds' rates. A rate is null where there is nothing to take a share of, an end of an
/// interval also where fewer than two worlds have the rate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RuleFigures {
    /// The rule, as in the table `accuracy`.
    pub rule: String,
    /// What it asks for.
    pub means: String,
    /// These figures in a sentence.
    pub text: String,
    /// Contacts found.
    pub tp: i64,
    /// Alarms that were no contacts.
    pub fp: i64,
    /// Contacts missed.
    #[serde(rename = "fn")]
    pub fn_: i64,
    /// Other pairs left alone.
    pub tn: i64,
    /// Share of contacts found.
    pub sensitivity: Option<f64>,
    /// Lower end of its interval.
    pub sensitivity_lo: Option<f64>,
    /// Upper end.
    pub sensitivity_hi: Option<f64>,
    /// Share of alarms that were contacts.
    pub ppv: Option<f64>,
    /// Lower end of its interval.
    pub ppv_lo: Option<f64>,
    /// Upper end.
    pub ppv_hi: Option<f64>,
    /// Share of other pairs left alone.
    pub specificity: Option<f64>,
    /// Share of silences that were right.
    pub npv: Option<f64>,
    /// Over how many worlds the intervals are; 1 = of this world alone.
    pub worlds: u32,
    /// The other reading of the rule, where nobody published which of two the releases ran.
    pub bracket: Option<Bracket>,
    /// The same pairs by operating systems; those that never met are left out.
    pub os_pairs: Vec<OsPair>,
    /// The same contacts of everybody, with phones or without: what adoption leaves out counts as missed.
    pub everybody: Option<Everybody>,
}

/// What a rule found of everybody's contacts outside the home.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[expect(missing_docs, reason = "as in RuleFigures")]
pub struct Everybody {
    pub tp: i64,
    #[serde(rename = "fn")]
    pub fn_: i64,
    pub sensitivity: Option<f64>,
    pub sensitivity_lo: Option<f64>,
    pub sensitivity_hi: Option<f64>,
}

/// The other reading of a rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[expect(missing_docs, reason = "as in RuleFigures")]
pub struct Bracket {
    pub rule: String,
    pub sensitivity: Option<f64>,
    pub sensitivity_lo: Option<f64>,
    pub sensitivity_hi: Option<f64>,
    pub ppv: Option<f64>,
    pub ppv_lo: Option<f64>,
    pub ppv_hi: Option<f64>,
}

/// A rule's figures for one pair of operating systems.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[expect(missing_docs, reason = "as in RuleFigures")]
pub struct OsPair {
    /// The transmitter's system > the observer's.
    pub os_pair: String,
    pub tp: i64,
    pub fp: i64,
    #[serde(rename = "fn")]
    pub fn_: i64,
    pub tn: i64,
    pub sensitivity: Option<f64>,
    pub sensitivity_lo: Option<f64>,
    pub sensitivity_hi: Option<f64>,
    pub ppv: Option<f64>,
    pub ppv_lo: Option<f64>,
    pub ppv_hi: Option<f64>,
}

/// A rule whose figures are wanted.
#[derive(Clone, Debug)]
pub struct RuleNamed {
    /// Its name in the table.
    pub rule: String,
    /// What it asks for.
    pub means: String,
    /// Its other reading, where it has two.
    pub other_reading: Option<String>,
}

/// The figures of rules, from the rows of [`super::over_all`].
pub fn figures(rows: &[Accuracy], rules: &[RuleNamed], worlds: u32) -> Vec<RuleFigures> {
    rules.iter().map(|named| figures_of(rows, named, worlds)).collect()
}

fn figures_of(rows: &[Accuracy], named: &RuleNamed, worlds: u32) -> RuleFigures {
    let of_rule = |rule: &str| rows.iter().find(|row| row.rule == rule && row.is_of("device", HEADLINE));
    let everybody = rows.iter().find(|row| row.rule == named.rule && row.is_of("population", HEADLINE)).map(everybody);
    let mut figures = RuleFigures { rule: named.rule.clone(), means: named.means.clone(), worlds, everybody, ..RuleFigures::default() };
    let Some(row) = of_rule(&named.rule) else { return figures };
    let other = named.other_reading.as_deref().and_then(of_rule);
    let [sensitivity, sensitivity_lo, sensitivity_hi] = optional(row.sensitivity);
    let [ppv, ppv_lo, ppv_hi] = optional(row.ppv);
    figures = RuleFigures {
        text: sentences(row, other, worlds, str::to_owned),
        tp: row.tp,
        fp: row.fp,
        fn_: row.fn_,
        tn: row.tn,
        sensitivity,
        sensitivity_lo,
        sensitivity_hi,
        ppv,
        ppv_lo,
        ppv_hi,
        specificity: optional(row.specificity)[0],
        npv: optional(row.npv)[0],
        bracket: other.map(bracket),
        os_pairs: os_pairs(rows, &named.rule).map(os_pair).collect(),
        ..figures
    };
    figures
}

fn bracket(row: &Accuracy) -> Bracket {
    let [sensitivity, sensitivity_lo, sensitivity_hi] = optional(row.sensitivity);
    let [ppv, ppv_lo, ppv_hi] = optional(row.ppv);
    Bracket { rule: row.rule.clone(), sensitivity, sensitivity_lo, sensitivity_hi, ppv, ppv_lo, ppv_hi }
}

fn everybody(row: &Accuracy) -> Everybody {
    let [sensitivity, sensitivity_lo, sensitivity_hi] = optional(row.sensitivity);
    Everybody { tp: row.tp, fn_: row.fn_, sensitivity, sensitivity_lo, sensitivity_hi }
}

fn os_pair(row: &Accuracy) -> OsPair {
    let Bracket { sensitivity, sensitivity_lo, sensitivity_hi, ppv, ppv_lo, ppv_hi, .. } = bracket(row);
    let &Accuracy { tp, fp, fn_, tn, .. } = row;
    OsPair { os_pair: row.level.clone(), tp, fp, fn_, tn, sensitivity, sensitivity_lo, sensitivity_hi, ppv, ppv_lo, ppv_hi }
}

/// The headline's pairs of a rule by operating systems.
pub fn os_pairs<'a>(rows: &'a [Accuracy], rule: &'a str) -> impl Iterator<Item = &'a Accuracy> {
    OS_PAIRS.iter().filter_map(move |level| rows.iter().find(|row| row.rule == rule && row.is_of("device", (OS_STRATUM, level))))
}

fn optional(rate: Rate) -> [Option<f64>; 3] {
    [rate.value, rate.lo, rate.hi].map(|value| (!value.is_nan()).then_some(value))
}

/// What a rule found outside the home, and its other reading; `strong` marks the figures that matter most.
pub fn sentences(row: &Accuracy, other: Option<&Accuracy>, worlds: u32, strong: impl Fn(&str) -> String) -> String {
    if row.contacts() == 0 {
        return format!("No two running phones were in contact outside the home, so the rule {} had nothing to find.", strong(&row.rule));
    }
    let whose = if worlds > 1 { format!("over {worlds} worlds") } else { "this world".into() };
    let share = |rate: Rate| match percent_interval(rate.lo, rate.hi) {
        interval if interval.is_empty() => strong(&percent(rate.value)),
        interval => format!("{} ({interval}, {whose})", strong(&percent(rate.value))),
    };
    let mut text = format!("The rule {} found {} of the true contacts outside the home", strong(&row.rule), share(row.sensitivity));
    text += &if row.alarms() == 0 {
        ", because it never fired.".into()
    } else {
        format!(", and {} of its alarms were true contacts.", share(row.ppv))
    };
    if let Some(other) = other {
        let (a, b) = (row.sensitivity.value, other.sensitivity.value);
        text += &format!(
            " Nobody published which of two readings its releases ran: by the other, {}, it found {}, and {} of its alarms were true \
             contacts. Between them lie {}.",
            strong(&other.rule),
            share(other.sensitivity),
            if other.alarms() == 0 { "none".into() } else { share(other.ppv) },
            strong(&percent_interval(a.min(b), a.max(b)))
        );
    }
    text
}
