//! What each rule found outside the home: the headline of `summary.json`, of the page and of the terminal.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::drawing::format::{percent, percent_interval};

use super::data::{Accuracy, HEADLINE, Rate};
use super::shared_rows::ALONE;

/// Operating systems of a pair, transmitter > observer, in the order of the report.
const OS_PAIRS: [&str; 4] = ["ios>ios", "ios>android", "android>ios", "android>android"];
/// The stratum that splits the headline's pairs by them.
const OS_STRATUM: &str = "headline_os_pair";

/// What a rule found, of ordered pairs of running phones and UTC days outside the home. Over several worlds counts are summed,
/// and rates are the mean of the worlds' rates. A rate is null where there is nothing to take a share of, an end of an
/// interval also where fewer than two worlds have the rate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RuleFigures {
    /// The rule, as in the table `accuracy`.
    pub rule: String,
    /// Whose rule it is, in words.
    pub title: String,
    /// What it asks for.
    pub asks: String,
    /// The same, with which reading of it this is where there are several.
    pub means: String,
    /// When the releases that ran it were out; `not a release` if none did.
    pub dates: String,
    /// How far phones of the run had these releases on its days; null = throughout, or the rule is not a release's.
    pub had: Option<String>,
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

/// A rule whose figures are wanted: its words, without figures, and the name of its other reading, where it has two.
#[derive(Clone, Debug)]
pub struct RuleNamed {
    /// Its words; all figures are replaced.
    pub words: RuleFigures,
    /// Its other reading.
    pub other_reading: Option<String>,
}

/// The figures of rules, from the rows of [`super::over_all`].
pub fn figures(rows: &[Accuracy], rules: &[RuleNamed], worlds: u32) -> Vec<RuleFigures> {
    rules.iter().map(|named| figures_of(rows, named, rules, worlds)).collect()
}

fn figures_of(rows: &[Accuracy], named: &RuleNamed, all: &[RuleNamed], worlds: u32) -> RuleFigures {
    let of_rule = |rule: &str| rows.iter().find(|row| row.rule == rule && row.is_of("device", HEADLINE));
    let words = &named.words;
    let everybody = rows.iter().find(|row| row.rule == words.rule && row.is_of("population", HEADLINE)).map(everybody);
    let Some(row) = of_rule(&words.rule) else {
        return RuleFigures { text: nothing_to_find(words, str::to_owned), worlds, everybody, ..words.clone() };
    };
    let other = named.other_reading.as_deref().and_then(of_rule);
    let words_of_other = other.and_then(|row| all.iter().find(|named| named.words.rule == row.rule)).map(|named| &named.words);
    let [sensitivity, sensitivity_lo, sensitivity_hi] = optional(row.sensitivity);
    let [ppv, ppv_lo, ppv_hi] = optional(row.ppv);
    RuleFigures {
        text: sentences((words, row), words_of_other.zip(other), worlds, str::to_owned),
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
        worlds,
        bracket: other.map(bracket),
        os_pairs: os_pairs(rows, &words.rule).map(os_pair).collect(),
        everybody,
        ..words.clone()
    }
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

/// The rule in words: whose it is, what it asks for and when its releases were out.
fn in_words(words: &RuleFigures, strong: impl Fn(&str) -> String) -> String {
    let about: Vec<&str> = [words.asks.as_str(), words.dates.as_str()].into_iter().filter(|text| !text.is_empty()).collect();
    let title = if words.title.is_empty() { &words.rule } else { &words.title };
    if about.is_empty() { strong(title) } else { format!("{} ({})", strong(title), about.join("; ")) }
}

/// Where nobody whom it could have found was in contact.
pub fn nothing_to_find(words: &RuleFigures, strong: impl Fn(&str) -> String) -> String {
    format!("No two running phones were in contact outside the home, so {} had nothing to find.", in_words(words, strong))
}

/// What a rule found outside the home, and its other reading; `strong` marks the figures that matter most.
pub fn sentences(
    (words, row): (&RuleFigures, &Accuracy),
    other: Option<(&RuleFigures, &Accuracy)>,
    worlds: u32,
    strong: impl Fn(&str) -> String,
) -> String {
    if row.contacts() == 0 {
        return nothing_to_find(words, strong);
    }
    let whose = if worlds > 1 { format!("mean of {worlds} worlds") } else { "this world".into() };
    let share = |rate: Rate| match percent_interval(rate.lo, rate.hi) {
        interval if interval.is_empty() => strong(&percent(rate.value)),
        interval => format!("{} ({interval}, {whose})", strong(&percent(rate.value))),
    };
    // Any other rule is one release's, and run on every phone as if all had that release on that system.
    let on_every_phone = if words.rule == ALONE { "" } else { ", run on every phone," };
    let words_of_rule = in_words(words, &strong);
    let mut text = format!("{words_of_rule}{on_every_phone} found {} of the true contacts outside the home", share(row.sensitivity));
    text += &if row.alarms() == 0 {
        ", because it never fired.".into()
    } else {
        format!(", and {} of its alarms were true contacts.", share(row.ppv))
    };
    if let Some((reading, other)) = other {
        let (a, b) = (row.sensitivity.value, other.sensitivity.value);
        text += &format!(
            " Nobody published which of two readings its releases ran: by the other ({}), it found {}, and {} of its alarms were true \
             contacts. The share found lies within {}.",
            reading.asks,
            share(other.sensitivity),
            if other.alarms() == 0 { "none".into() } else { share(other.ppv) },
            strong(&percent_interval(a.min(b), a.max(b)))
        );
    }
    text + &words.had.as_ref().map_or_else(String::new, |had| format!(" {had}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(rule: &str, asks: &str) -> RuleFigures {
        let title = "COCOA 1.1.4 to 1.4.1 on iPhones".into();
        let dates = "releases of 25/28 September 2020 to April 2022".into();
        RuleFigures { rule: rule.into(), title, asks: asks.into(), dates, ..RuleFigures::default() }
    }

    #[test]
    fn a_headline_names_releases_thresholds_and_dates_and_no_id() {
        let rate = |value: f64| Rate { value, lo: value - 0.1, hi: value + 0.1 };
        let row = |tp: i64, value: f64| Accuracy {
            seed: None,
            mode: "as_if".into(),
            universe: "device".into(),
            rule: String::new(),
            stratum: HEADLINE.0.into(),
            level: HEADLINE.1.into(),
            tp,
            fp: 100,
            fn_: 100 - tp,
            tn: 1000,
            sensitivity: rate(value),
            specificity: rate(0.9),
            ppv: rate(0.2),
            npv: rate(0.9),
        };
        let asks = "at or under 63 dB on average for more than 15 minutes";
        let mine = words("1.1.4-1.4.1/ios/level0", asks);
        let other = words("1.1.4-1.4.1/ios/level0/minutes_under", "more than 15 minutes at or under 63 dB in all");
        let text = sentences((&mine, &row(25, 0.25)), Some((&other, &row(90, 0.9))), 1, str::to_owned);
        assert!(
            text.starts_with(
                "COCOA 1.1.4 to 1.4.1 on iPhones (at or under 63 dB on average for more than 15 minutes; releases of 25/28 September 2020 \
                 to April 2022), run on every phone, found 25 % (15–35 %, this world) of the true contacts outside the home"
            ),
            "{text}"
        );
        assert!(text.contains("by the other (more than 15 minutes at or under 63 dB in all), it found 90 %") && !text.contains("level0"));
        assert!(text.ends_with("The share found lies within 25–90 %."), "{text}");
        let installed = RuleFigures { rule: ALONE.into(), title: "What was installed".into(), ..RuleFigures::default() };
        assert!(!sentences((&installed, &row(25, 0.25)), None, 1, str::to_owned).contains("every phone"));
        let early = RuleFigures { had: Some("Nobody had this release yet.".into()), ..mine };
        assert!(sentences((&early, &row(25, 0.25)), None, 8, str::to_owned).ends_with(" Nobody had this release yet."));
        assert!(sentences((&early, &row(0, 0.0)), None, 8, str::to_owned).contains("mean of 8 worlds"));
    }
}
