//! `cocoasim draw compare`: finished runs side by side.

use std::path::Path;

use serde_json::Value;

use crate::{
    drawing::{ComparedRun, Estimate, MOST_RULES, Readings, RuleWords, compare_figure, format::count},
    faults::use_one_of,
    output::{FORMAT_VERSION, IoError, RunFolder},
    report::{OUTSIDE_HOME, RuleFigures, Summary},
};

use super::{Failure, files::Outputs};

/// Rules that are shown unless others are asked for: of version 1 the one with its two readings, and 2.0.
const RULES: [&str; 2] = ["1.1.4-1.4.1/ios/level0", "2.0"];

/// A finished run, or a folder of several worlds.
struct Run {
    label: String,
    folder: String,
    summary: Summary,
    build: Value,
}

/// Draws runs below each other, each `[LABEL=]DIR`, with their sensitivity and predictive value by some rules, and how common contacts were.
pub(super) fn compare(named: &[String], rules: &[String], figure: &Path, overwrite: bool) -> Result<(), Failure> {
    let rules = if rules.is_empty() { RULES.map(String::from).to_vec() } else { rules.to_vec() };
    let loaded: Vec<Result<Run, Failure>> = named.iter().map(|run| load(run)).collect();
    let known: Vec<&Run> = loaded.iter().filter_map(|run| run.as_ref().ok()).collect();
    let mut failures = of_rules(&rules, &known);
    failures.extend(of_runs(&known));
    let (mut runs, mut unread) = (Vec::new(), Vec::new());
    loaded.into_iter().for_each(|run| match run {
        Ok(run) => runs.push(run),
        Err(failure) => unread.push(failure),
    });
    let outputs = Outputs::new([figure], overwrite, false).map_err(|failure| failures.push(failure)).ok();
    let outputs = match (unread.into_iter().chain(failures).reduce(Failure::and), outputs) {
        (None, Some(outputs)) => outputs,
        (failure, _) => return Err(failure.expect("invariant: where the figure cannot go is a failure")),
    };
    let words: Vec<RuleWords> = rules.iter().map(|rule| words(&runs[0].summary, rule)).collect();
    let drawn: Vec<ComparedRun> = runs.iter().map(|run| drawn(run, &rules)).collect();
    let svg = compare_figure(&drawn, &words, &notes(&runs));
    outputs.write_and_say(figure, svg.as_bytes())
}

/// Reads `[LABEL=]DIR`. A folder of that whole name is meant before a label is.
fn load(named: &str) -> Result<Run, Failure> {
    let (label, folder) = match named.split_once('=') {
        Some((label, folder)) if !Path::new(named).exists() => (Some(label), folder),
        _ => (None, named),
    };
    let of_io = |error: IoError| if error.is_wrong_input() { Failure::wrong_input(error) } else { Failure::machine(error) };
    let run = RunFolder::open(Path::new(folder)).map_err(of_io)?;
    if !run.is_finished() {
        return Err(of_io(IoError::Unfinished { path: folder.into() }));
    }
    let manifest = run.read_manifest().map_err(of_io)?.unwrap_or_default();
    let this = env!("CARGO_PKG_VERSION");
    let (version, format) = (manifest["build"]["version"].as_str().unwrap_or("no version"), &manifest["format"]);
    if version != this || *format != FORMAT_VERSION {
        let problem = format!("made by cocoasim {version}, format {format}; this is {this}, format {FORMAT_VERSION}");
        return Err(Failure::fault(folder, problem, "run it again with this one"));
    }
    let damaged = run.problems(&manifest).map_err(of_io)?.into_iter().map(|problem| Failure::fault(folder, problem, "run it again"));
    if let Some(failure) = damaged.reduce(Failure::and) {
        return Err(failure);
    }
    let summary = run.read_summary().map_err(of_io)?.unwrap_or_default();
    let summary: Summary =
        serde_json::from_value(summary).map_err(|error| Failure::fault(folder, format!("summary.json: {error}"), "run it again"))?;
    let label = label.map(str::to_owned).or_else(|| summary.scenario.clone()).unwrap_or_else(|| folder.into());
    Ok(Run { label, folder: folder.into(), summary, build: manifest["build"].clone() })
}

/// Rules that a run does not have, or too many.
fn of_rules(rules: &[String], runs: &[&Run]) -> Vec<Failure> {
    let mut failures = Vec::new();
    if rules.len() > MOST_RULES {
        failures.push(Failure::fault("--rule", format!("{} rules", rules.len()), format!("give at most {MOST_RULES}")));
    }
    for rule in rules {
        let lacks = |run: &&&Run| !run.summary.rules.iter().any(|known| known.rule == *rule);
        // The same slip in every run is one fault.
        if let Some(run) = runs.iter().find(lacks) {
            let there = run.summary.rules.iter().map(|known| known.rule.as_str());
            failures.push(Failure::fault(&run.folder, format!("it has no rule {rule}"), use_one_of(rule, there)));
        }
    }
    failures
}

/// Runs that cannot stand in one figure.
fn of_runs(runs: &[&Run]) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        if let Some(other) = runs[..at].iter().find(|other| other.label == run.label) {
            let problem = format!("called {}, as {} is", run.label, other.folder);
            failures.push(Failure::fault(&run.folder, problem, format!("name it: LABEL={}", run.folder)));
        }
    }
    if let Some(run) = runs.iter().find(|run| run.build != runs[0].build) {
        let problem = format!("made by another build of the program than {}", runs[0].folder);
        failures.push(Failure::fault(&run.folder, problem, "run both with one"));
    }
    failures
}

fn figures<'a>(summary: &'a Summary, rule: &str) -> Option<&'a RuleFigures> {
    summary.rules.iter().find(|known| known.rule == rule)
}

/// What a rule asks for, and what by its other reading.
fn words(summary: &Summary, rule: &str) -> RuleWords {
    let Some(figures) = figures(summary, rule) else { return (rule.into(), None) };
    let other = figures.bracket.as_ref().map(|other| other.rule.as_str());
    let asks = |rule: &str| self::figures(summary, rule).map_or_else(|| rule.into(), |other| other.asks.clone());
    (format!("{}: {}", figures.title, figures.asks), other.map(asks))
}

fn drawn(run: &Run, rules: &[String]) -> ComparedRun {
    let summary = &run.summary;
    let of_rule = |rule: &String| figures(summary, rule).map_or([[None; 2]; 2], readings);
    let rate = summary.contact_rates.iter().find(|of| of.place == OUTSIDE_HOME);
    let contacts = rules.first().and_then(|rule| figures(summary, rule)).map_or(0, |figures| figures.tp + figures.fn_);
    ComparedRun {
        label: run.label.clone(),
        note: format!("{} contacts", count(contacts)),
        rules: rules.iter().map(of_rule).collect(),
        contact_rate: rate.and_then(|of| estimate(of.per_person_hour, of.per_person_hour_lo, of.per_person_hour_hi)),
    }
}

/// Sensitivity and predictive value by both readings.
fn readings(figures: &RuleFigures) -> [Readings; 2] {
    let other = figures.bracket.as_ref();
    let sensitivity = estimate(figures.sensitivity, figures.sensitivity_lo, figures.sensitivity_hi);
    let ppv = estimate(figures.ppv, figures.ppv_lo, figures.ppv_hi);
    [
        [sensitivity, other.and_then(|of| estimate(of.sensitivity, of.sensitivity_lo, of.sensitivity_hi))],
        [ppv, other.and_then(|of| estimate(of.ppv, of.ppv_lo, of.ppv_hi))],
    ]
}

fn estimate(value: Option<f64>, low: Option<f64>, high: Option<f64>) -> Option<Estimate> {
    Some(Estimate { value: value?, interval: low.zip(high) })
}

/// What contacts are and what lines are, of all runs where they agree, else run by run.
fn notes(runs: &[Run]) -> Vec<String> {
    let contact = |summary: &Summary| {
        let contact = summary.contact.as_ref();
        contact.map_or_else(|| "not stated".into(), |of| format!("within {} m for {} min or more of a UTC day", of.radius_m, of.minutes))
    };
    let interval = |summary: &Summary| summary.interval.clone().unwrap_or_else(|| "none".into());
    let told = |what: &str, of: &dyn Fn(&Summary) -> String| {
        let first = of(&runs[0].summary);
        match runs.iter().all(|run| of(&run.summary) == first) {
            true => format!("{what}: {first}."),
            false => {
                let each: Vec<String> = runs.iter().map(|run| format!("{}: {}", run.label, of(&run.summary))).collect();
                format!("{what}. {}.", each.join("; "))
            }
        }
    };
    vec![
        told("A true contact", &contact)
            + " Outside the home; shares are of ordered pairs of running phones, contacts a person-hour of everybody: how many others become a \
               contact in an hour that a person spends there.",
        told("Lines are intervals", &interval),
    ]
}
