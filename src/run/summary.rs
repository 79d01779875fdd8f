//! What a run says of itself: summary.json, and a screenful on the terminal.

use std::{fmt::Write, path::Path};

use serde_json::{Value, json};

use crate::{
    accuracy::{AccuracyRow, Mode, Rate, Universe},
    mobility::Kept,
    truth::Definition,
    venue::VenueKind,
};

use super::{
    judge::{Counts, INSTALLED},
    setup::Setup,
    system::System,
};

/// How a trace was replayed.
pub struct Replayed {
    kept: Kept,
    pair_days_900_geometry: u64,
}

impl Replayed {
    /// `None` if nothing was replayed. `long_pair_days` are those with at least 900 s within the contact radius.
    pub fn of(setup: &Setup, long_pair_days: u64) -> Option<Self> {
        setup.movement.kept(setup.days).map(|kept| Self { kept, pair_days_900_geometry: long_pair_days })
    }

    fn json(&self) -> Value {
        json!({
            "recorded_pair_s": self.kept.recorded_pair_s,
            "within_1_5_m_share": self.kept.within_1_5_m_share,
            "not_kept_share": self.kept.not_kept_share,
            "appeared": self.kept.appeared,
            "pair_days_900_record": self.kept.pair_days_900_record,
            "pair_days_900_geometry": self.pair_days_900_geometry,
        })
    }

    fn text(&self, radius_m: f64) -> String {
        format!(
            "{:.2} % of {} recorded pair-seconds within 1.5 m, {:.2} % not laid out;\n  somebody appears in {:.1} % of meetings; \
             pair-days of 900 s or more:\n  {} in the record with its bridged gaps, {} within {radius_m} m",
            self.kept.within_1_5_m_share * 100.0,
            self.kept.recorded_pair_s,
            self.kept.not_kept_share * 100.0,
            self.kept.appeared * 100.0,
            self.kept.pair_days_900_record,
            self.pair_days_900_geometry,
        )
    }
}

/// summary.json.
pub fn json(setup: &Setup, split_by_nine: u64, replayed: Option<&Replayed>, resolved: &Value) -> Value {
    let run = &setup.scenario.run;
    let mut notes = vec![
        headline_days(setup),
        format!(
            "{split_by_nine} pair-days reached the contact time within a JST day but in neither of the two whole UTC days that share it: \
             the daily key turns over at 09:00 JST."
        ),
    ];
    if let Some(replayed) = replayed {
        let text = replayed.text(setup.scenario.truth.radius_m).replace("\n ", "");
        notes.push(format!("The trace as replayed: {text}."));
        notes.push(format!(
            "The record says who faced whom. Who has no record at a moment is put at a place of one's own, {} m from the next: an \
             assumption, since the record says nothing of neighbours who do not face each other.",
            setup.scenario.mobility.contacts.idle_pitch_m
        ));
    }
    notes.extend(setup.movement.stated_days().map(|text| format!("Of the trace: {text}.")));
    let mut rules: Vec<Value> = setup.rules.iter().map(|r| json!({ "rule": r.name, "means": r.means })).collect();
    rules.push(json!({ "rule": INSTALLED, "means": "whatever release and system each phone had on the day" }));
    json!({
        "scenario": run.name,
        "title": run.description,
        "first_day_jst": run.first_day,
        "days": setup.days,
        "headline": { "rule": setup.scenario.accuracy.headline_rule },
        "contact": { "radius_m": setup.scenario.truth.radius_m, "minutes": setup.scenario.truth.duration_min },
        "reach_m": setup.reach_m[setup.place_kind() as usize],
        "interval": format!(
            "{} %, delete-a-group jackknife over people",
            (resolved.pointer("/accuracy/confidence").and_then(Value::as_f64).unwrap_or(0.95) * 1e6).round() / 1e4
        ),
        "rules": rules,
        "notes": notes,
        "replay": replayed.map(Replayed::json),
    })
}

/// Which days the headline is about, in a sentence.
fn headline_days(setup: &Setup) -> String {
    match setup.whole_utc_days() {
        0 => "No whole UTC day (09:00 to 09:00 JST) was simulated: the headline is about the last 9 hours of one and the first 15 of the \
              next."
            .into(),
        whole => format!(
            "The headline, what stands beside it, its curve and its causes are about whole UTC days, 09:00 to 09:00 JST: {whole} here. The \
             first 9 and the last 15 hours of the run belong to two more, which all other figures count; verdicts mark them as \
             day_is_partial."
        ),
    }
}

/// The summary on the terminal.
pub fn text(
    setup: &Setup,
    counts: &Counts,
    system: &System,
    split_by_nine: u64,
    replayed: Option<&Replayed>,
    simulated_s: f64,
    folder: &Path,
) -> String {
    let rows = counts.tally.rows();
    let row = |universe: Universe, rule: usize, stratum: &str, level: &str| -> Option<&AccuracyRow> {
        rows.iter().find(|r| {
            r.mode == Mode::AsIf
                && r.universe == universe
                && r.rule == rule
                && r.truth == Definition::CumulativeUtc
                && r.stratum == stratum
                && r.level == level
        })
    };
    let mut out = String::new();
    let people = setup.people.len();
    let phones = setup.running(setup.last_utc_day()).iter().filter(|r| **r).count();
    let _ = writeln!(
        out,
        "{}: {people} people, {phones} running phones, {} days from {}; {:.1} s, {:.0} person-days/s",
        setup.scenario.run.name,
        setup.days,
        setup.first_day,
        simulated_s,
        people as f64 * f64::from(setup.days) / simulated_s
    );
    let headline = setup.headline_rule();
    let rule = &setup.rules[headline];
    let truth = &setup.scenario.truth;
    if let Some(r) = row(Universe::Device, headline, "headline", "outside_home") {
        let c = r.counts;
        let _ = writeln!(
            out,
            "\nOutside the home, rule {}\n({})\nfound {} of {} true contacts (within {} m for {} min in a {}UTC day):\n  sensitivity {}; of its {} alarms {} were true: ppv {}",
            rule.name,
            rule.means,
            c.tp,
            c.tp + c.fn_,
            truth.radius_m,
            truth.duration_min,
            if setup.whole_utc_days() > 0 { "whole " } else { "" },
            percent(r.rates[0]),
            c.tp + c.fp,
            c.tp,
            percent(r.rates[2])
        );
    }
    let _ = writeln!(out, "\n{:<48} {:>21} {:>19} {:>7}", "rule, outside the home", "sensitivity", "ppv", "alarms");
    let lines = setup.rules.iter().map(|r| r.name.as_str()).chain([INSTALLED]).enumerate().filter_map(|(i, name)| {
        let r = row(Universe::Device, i, "headline", "outside_home")?;
        Some((name, format!("{:>21} {:>19} {:>7}", percent(r.rates[0]), percent(r.rates[2]), r.counts.tp + r.counts.fp)))
    });
    for (name, figures) in together(&lines.collect::<Vec<_>>()) {
        let _ = writeln!(out, "{name:<NAME_WIDTH$} {figures}");
    }
    for (what, universe, stratum, level) in [
        ("\nat home", Universe::Device, "beside_headline", "home"),
        ("everybody, outside the home", Universe::Population, "headline", "outside_home"),
    ] {
        if let Some(r) = row(universe, headline, stratum, level) {
            let _ = writeln!(out, "{what}: sensitivity {} of {} contacts", percent(r.rates[0]), r.counts.tp + r.counts.fn_);
        }
    }
    let shown = system.phones_that_showed();
    let uploaded = system.uploads.iter().filter(|u| u.uploaded_s.is_some()).count();
    let _ = writeln!(out, "cases: {}, uploads: {uploaded}, phones that showed a contact: {shown}", setup.cases.len());
    let _ = writeln!(
        out,
        "radio reach: {} {:.0} m, home {:.0} m; contacts split by the 09:00 key change: {split_by_nine}",
        setup.place_kind().name(),
        setup.reach_m[setup.place_kind() as usize],
        setup.reach_m[VenueKind::Home as usize]
    );
    if let Some(replayed) = replayed {
        let _ = writeln!(out, "trace replayed: {}", replayed.text(truth.radius_m));
    }
    if let Some(text) = setup.movement.stated_days() {
        let _ = writeln!(out, "{text}");
    }
    let _ = write!(out, "\nresults: {0}/report.html, and the tables beside it", folder.display());
    out
}

/// Joins rules (`RELEASE/SYSTEM/levelL` and what may follow) that came to the same figures; `installed` stands alone.
fn together(lines: &[(&str, String)]) -> Vec<(String, String)> {
    let all: Vec<Reading<'_>> = lines.iter().map(|(name, _)| Reading::of(name)).collect();
    let mut joined: Vec<(&str, Vec<Reading<'_>>)> = Vec::new();
    for (reading, (_, figures)) in all.iter().zip(lines) {
        match joined.iter_mut().find(|(f, readings)| f == figures && reading.name != INSTALLED && readings[0].name != INSTALLED) {
            Some((_, readings)) => readings.push(*reading),
            None => joined.push((figures, vec![*reading])),
        }
    }
    let lines_of = |(figures, readings): &(&str, Vec<Reading<'_>>)| {
        // Whole releases, as many as fit.
        let mut lines: Vec<Vec<Reading<'_>>> = Vec::new();
        for of_release in readings.chunk_by(|a, b| a.release == b.release) {
            match lines.last_mut() {
                Some(line) if names_joined(&[line.as_slice(), of_release].concat(), &all).len() <= NAME_WIDTH => line.extend(of_release),
                _ => lines.push(of_release.to_vec()),
            }
        }
        lines.iter().map(|line| (names_joined(line, &all), (*figures).to_string())).collect::<Vec<_>>()
    };
    joined.iter().flat_map(lines_of).collect()
}

/// Room for names of rules on the terminal.
const NAME_WIDTH: usize = 48;

/// A rule's name, taken apart.
#[derive(Clone, Copy, PartialEq)]
struct Reading<'a> {
    name: &'a str,
    release: &'a str,
    system: &'a str,
    level: &'a str,
    rest: &'a str,
}

impl<'a> Reading<'a> {
    fn of(name: &'a str) -> Self {
        let (release, reading) = name.split_once('/').unwrap_or((name, ""));
        let (system, level) = reading.split_once("/level").unwrap_or((reading, ""));
        let end = level.find('/').unwrap_or(level.len());
        Self { name, release, system, level: &level[..end], rest: &level[end..] }
    }

    fn differs_in_level(&self, other: &Self) -> bool {
        (self.release, self.system, self.rest) == (other.release, other.system, other.rest)
    }
}

/// `A/ios/level0` and `A/ios/level4` as `A/ios` where there are no other levels; a release of which all are here by its name alone.
fn names_joined(readings: &[Reading<'_>], all: &[Reading<'_>]) -> String {
    let mut out = String::new();
    let mut last_release = "";
    for (i, reading) in readings.iter().enumerate() {
        if readings[..i].iter().any(|earlier| earlier.differs_in_level(reading)) {
            continue;
        }
        let is_whole = all.iter().filter(|r| r.release == reading.release).all(|r| readings.contains(r));
        if is_whole && last_release == reading.release {
            continue;
        }
        let levels =
            |of: &[Reading<'_>]| of.iter().filter(|r| r.differs_in_level(reading)).map(|r| r.level.to_string()).collect::<Vec<_>>();
        let here = levels(readings);
        let level = if here == levels(all) || reading.level.is_empty() { String::new() } else { format!("/level{}", here.join(",")) };
        let name = format!("{}{level}{}", reading.system, reading.rest);
        out += match (out.is_empty(), last_release == reading.release) {
            (true, _) => "",
            (false, true) => " ",
            (false, false) => ", ",
        };
        if last_release != reading.release {
            out += reading.release;
            out += if is_whole || name.is_empty() { "" } else { "/" };
        }
        out += if is_whole { "" } else { &name };
        last_release = reading.release;
    }
    out
}

fn percent(rate: Option<Rate>) -> String {
    rate.map_or_else(|| "-".into(), |r| format!("{:.1} % ({:.1}-{:.1})", r.value * 100.0, r.low * 100.0, r.high * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_came_to_the_same_figures_share_a_line() {
        let lines = [
            ("1.0.0-1.1.2/ios/level0", "all"),
            ("1.0.0-1.1.2/ios/level4", "all"),
            ("1.0.0-1.1.2/android/level0", "all"),
            ("1.1.3/ios/level0", "near"),
            ("1.1.3/ios/level4", "near"),
            ("1.1.3/android/level0", "all"),
            ("1.1.3/android/level4", "all"),
            ("1.1.4-1.4.1/ios/level0", "some"),
            ("1.1.4-1.4.1/ios/level0/minutes_under", "more"),
            ("1.1.4-1.4.1/ios/level4", "some"),
            ("1.1.4-1.4.1/ios/level4/minutes_under", "more"),
            ("1.1.4-1.4.1/android/level0", "none"),
            ("1.1.4-1.4.1/android/level4", "some"),
            ("2.0", "other"),
            (INSTALLED, "all"),
        ];
        assert_eq!(
            together(&lines.map(|(name, figures)| (name, figures.to_string()))),
            [
                ("1.0.0-1.1.2, 1.1.3/android", "all"),
                ("1.1.3/ios", "near"),
                ("1.1.4-1.4.1/ios android/level4", "some"),
                ("1.1.4-1.4.1/ios/minutes_under", "more"),
                ("1.1.4-1.4.1/android/level0", "none"),
                ("2.0", "other"),
                ("installed", "all"),
            ]
            .map(|(name, figures)| (name.to_string(), figures.to_string()))
        );
        let many: Vec<_> = (10..30).map(|i| format!("configuration{i}")).collect();
        let many: Vec<_> = many.iter().map(|name| (name.as_str(), "same".to_string())).collect();
        let lines = together(&many);
        assert!(lines.len() == 10 && lines.iter().all(|(name, _)| name.len() <= NAME_WIDTH), "{lines:?}");
    }
}
