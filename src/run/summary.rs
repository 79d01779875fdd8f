//! What a run says of itself: summary.json, and a screenful on the terminal.

use std::{fmt::Write, path::Path};

use serde_json::{Value, json};

use crate::{
    app::other_reading,
    mobility::Kept,
    output::Batch,
    radio::REACH_CAP_M,
    report::{Accuracy, BESIDE, FarSignalFigures, HEADLINE, Rate, RuleFigures, RuleNamed, figures, os_pairs, over_all},
    venue::VenueKind,
};

use super::{
    far_signal::{FarSignal, far_signal_note},
    judge::INSTALLED,
    setup::Setup,
    system::System,
};

/// What the table `accuracy` tells, of one world or over several.
pub struct Told {
    rows: Vec<Accuracy>,
    /// The figures of every rule.
    rules: Vec<RuleFigures>,
    worlds: u32,
}

impl Told {
    /// Of a table about so many worlds.
    pub fn of(setup: &Setup, accuracy: &Batch, worlds: u32) -> Self {
        let named =
            |r: &crate::app::Rule| RuleNamed { rule: r.name.clone(), means: r.means.clone(), other_reading: other_reading(&r.name) };
        let mut rules: Vec<RuleNamed> = setup.rules.iter().map(named).collect();
        let means = "whatever release and system each phone had on the day".into();
        rules.push(RuleNamed { rule: INSTALLED.into(), means, other_reading: None });
        let rows = over_all(accuracy);
        Self { rules: figures(&rows, &rules, worlds), rows, worlds }
    }

    /// The row of a rule in a universe, a stratum and its level.
    fn row(&self, rule: &str, universe: &str, stratum_and_level: (&str, &str)) -> Option<&Accuracy> {
        self.rows.iter().find(|row| row.rule == rule && row.is_of(universe, stratum_and_level))
    }

    /// Whose the intervals are.
    fn whose(&self) -> String {
        if self.worlds > 1 { format!("over {} worlds", self.worlds) } else { "this world".into() }
    }
}

/// What one world's events came to.
pub struct Events {
    /// Pair-days in contact on a JST day and on neither UTC day that it touches.
    pub split_by_nine: u64,
    /// What 2.0's alarms rest on.
    pub far_signal: FarSignal,
}

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

/// What every summary.json says, of one world or over several.
fn common(setup: &Setup, told: &Told) -> Value {
    let run = &setup.scenario.run;
    let confidence = (setup.scenario.accuracy.confidence * 1e6).round() / 1e4;
    json!({
        "scenario": run.name,
        "title": run.description,
        "first_day_jst": run.first_day,
        "days": setup.days,
        "seed": setup.seed.0,
        "headline": told.rules[setup.headline_rule()],
        "contact": { "radius_m": setup.scenario.truth.radius_m, "minutes": setup.scenario.truth.duration_min },
        "interval": match told.worlds {
            1 => format!("{confidence} %, delete-a-group jackknife over people, of this world"),
            worlds => format!("{confidence} %, Student's t over {worlds} worlds, of the mean of their rates"),
        },
        "rules": told.rules,
    })
}

/// summary.json of one world.
pub fn json(setup: &Setup, told: &Told, system: &System, events: &Events, replayed: Option<&Replayed>) -> Value {
    let split_by_nine = events.split_by_nine;
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
    notes.push(far_signal_note(&events.far_signal.figures()));
    let left_out = "Intervals are of this world. What is drawn once a world is not in them: calibration errors of phone models, who lives \
                    and works where, who has which phone and the app. --replicates 8 tells intervals over worlds.";
    notes.push(left_out.into());
    let mut all = common(setup, told);
    tell_reach(&mut all, setup);
    all["notes"] = notes.into();
    all["left_out"] = json!([left_out]);
    all["cases"] = setup.cases.len().into();
    all["uploads"] = system.uploads.iter().filter(|u| u.uploaded_s.is_some()).count().into();
    all["notifications"] = system.notifications.len().into();
    all["far_signal"] = json!(events.far_signal.figures());
    all["replay"] = replayed.map(Replayed::json).into();
    all
}

fn tell_reach(all: &mut Value, setup: &Setup) {
    let reach_m = setup.reach_m(setup.place_kind());
    all["reach_m"] = reach_m.into();
    all["reach_is_at_least"] = (reach_m >= REACH_CAP_M).into();
}

/// How far phones hear, in words.
fn reach_text(reach_m: f32) -> String {
    if reach_m >= REACH_CAP_M { format!("at least {reach_m:.0} m") } else { format!("{reach_m:.0} m") }
}

/// summary.json over several worlds; `each` holds theirs, `far_signal` is over them.
pub fn json_over_worlds(setup: &Setup, told: &Told, each: &[Value], far_signal: &FarSignalFigures) -> Value {
    let sum = |key: &str| each.iter().filter_map(|world| world[key].as_u64()).sum::<u64>();
    let left_out = "Intervals are over worlds: each draws its own calibration errors of phone models, its own people, homes, seats and \
                    phones. What all worlds share is not in them: the scenario's keys and the radio model's parameters.";
    let counts = "Counts are summed over the worlds. Rates are the mean of the worlds' rates, each world weighing the same; a world \
                  without anything to take a share of is left out of that rate.";
    let mut all = common(setup, told);
    tell_reach(&mut all, setup);
    let far = far_signal_note(far_signal);
    all["notes"] =
        json!([headline_days(setup), counts, far, left_out, "Each world's own page, tables and figures are in its folder seed-N."]);
    all["left_out"] = json!([left_out]);
    for key in ["cases", "uploads", "notifications"] {
        all[key] = sum(key).into();
    }
    all["far_signal"] = json!(far_signal);
    all["replay"] = Value::Null;
    all
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

/// The summary of one world on the terminal.
pub fn text(
    setup: &Setup,
    told: &Told,
    system: &System,
    events: &Events,
    replayed: Option<&Replayed>,
    simulated_s: f64,
    folder: &Path,
) -> String {
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
    figures_text(&mut out, setup, told);
    let shown = system.phones_that_showed();
    let uploaded = system.uploads.iter().filter(|u| u.uploaded_s.is_some()).count();
    let _ = writeln!(out, "cases: {}, uploads: {uploaded}, phones that showed a contact: {shown}", setup.cases.len());
    let _ = writeln!(
        out,
        "radio reach: {} {}, home {}; contacts split by the 09:00 key change: {}",
        setup.place_kind().name(),
        reach_text(setup.reach_m(setup.place_kind())),
        reach_text(setup.reach_m(VenueKind::Home)),
        events.split_by_nine
    );
    if let Some(replayed) = replayed {
        let _ = writeln!(out, "trace replayed: {}", replayed.text(setup.scenario.truth.radius_m));
    }
    if let Some(text) = setup.movement.stated_days() {
        let _ = writeln!(out, "{text}");
    }
    let _ = write!(out, "results: {0}/report.html, and the tables beside it", folder.display());
    out
}

/// The summary over several worlds on the terminal.
pub fn text_over_worlds(setup: &Setup, told: &Told, took_s: f64, folder: &Path) -> String {
    let mut out = String::new();
    let (worlds, first) = (told.worlds, setup.seed.0);
    let last = first + u64::from(worlds) - 1;
    let name = &setup.scenario.run.name;
    let _ = writeln!(out, "{name}: {worlds} worlds, seeds {first} to {last}, {} days from {}; {took_s:.1} s", setup.days, setup.first_day);
    figures_text(&mut out, setup, told);
    let _ = write!(out, "results: {0}/report.html; each world's own in {0}/seed-N", folder.display());
    out
}

/// The headline with its other reading and operating systems, every rule, and what stands beside the headline.
fn figures_text(out: &mut String, setup: &Setup, told: &Told) {
    let headline = &told.rules[setup.headline_rule()];
    let whose = told.whose();
    if let Some(row) = told.row(&headline.rule, "device", HEADLINE) {
        headline_text(out, setup, told, row);
    }
    let _ =
        writeln!(out, "\n{:<NAME_WIDTH$} {:>21} {:>19} {:>7}", format!("rule, outside the home, {whose}"), "sensitivity", "ppv", "alarms");
    let lines = told.rules.iter().filter_map(|r| {
        let row = told.row(&r.rule, "device", HEADLINE)?;
        Some((r.rule.as_str(), format!("{:>21} {:>19} {:>7}", percent(row.sensitivity), percent(row.ppv), row.alarms())))
    });
    for (name, figures) in together(&lines.collect::<Vec<_>>()) {
        let _ = writeln!(out, "{name:<NAME_WIDTH$} {figures}");
    }
    let beside = [("at home", "device", BESIDE), ("everybody, outside it", "population", HEADLINE)];
    let beside = beside.into_iter().filter_map(|(what, universe, stratum)| {
        let row = told.row(&headline.rule, universe, stratum)?;
        Some(format!("{what} {} of {}", percent(row.sensitivity), row.contacts()))
    });
    let beside: Vec<String> = beside.collect();
    if !beside.is_empty() {
        let _ = writeln!(out, "sensitivity {}", beside.join("; "));
    }
}

/// The headline's rule, its other reading, and both by operating systems.
fn headline_text(out: &mut String, setup: &Setup, told: &Told, row: &Accuracy) {
    let headline = &told.rules[setup.headline_rule()];
    let truth = &setup.scenario.truth;
    let other = headline.bracket.as_ref().and_then(|other| told.row(&other.rule, "device", HEADLINE));
    let of_other =
        |rate: fn(&Accuracy) -> Rate| other.map_or_else(String::new, |row| format!(" (its other reading: {})", percent(rate(row))));
    let _ = writeln!(
        out,
        "Outside the home, rule {}\n({})\nfound {} of {} true contacts (within {} m for {} min in a {}UTC day), {}:\n  \
         sensitivity {}{}\n  of its {} alarms {} were true: ppv {}{}",
        headline.rule,
        headline.means,
        row.tp,
        row.contacts(),
        truth.radius_m,
        truth.duration_min,
        if setup.whole_utc_days() > 0 { "whole " } else { "" },
        told.whose(),
        percent(row.sensitivity),
        of_other(|row| row.sensitivity),
        row.alarms(),
        row.tp,
        percent(row.ppv),
        of_other(|row| row.ppv),
    );
    let line = |label: &str, rule: &str, cell: fn(&Accuracy) -> String| {
        let cells: String = os_pairs(&told.rows, rule).map(|row| format!(" {:>18}", cell(row))).collect();
        format!("  {label:<21}{cells}\n")
    };
    if os_pairs(&told.rows, &headline.rule).next().is_some() {
        *out += &line("transmitter>observer", &headline.rule, |row| row.level.clone());
        *out += &line("sensitivity, %", &headline.rule, |row| percent(row.sensitivity).replace(" %", ""));
        if let Some(other) = other {
            *out += &line("of its other reading", &other.rule, |row| percent(row.sensitivity).replace(" %", ""));
        }
    }
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

fn percent(rate: Rate) -> String {
    match (rate.value.is_nan(), rate.lo.is_nan()) {
        (true, _) => "-".into(),
        (false, true) => format!("{:.1} %", rate.value * 100.0),
        (false, false) => format!("{:.1} % ({:.1}-{:.1})", rate.value * 100.0, rate.lo * 100.0, rate.hi * 100.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reach_that_was_not_looked_beyond_is_at_least_that() {
        assert_eq!((reach_text(12.4), reach_text(REACH_CAP_M)), ("12 m".to_string(), "at least 300 m".to_string()));
    }

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
