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
            resolved.pointer("/accuracy/confidence").and_then(Value::as_f64).unwrap_or(0.95) * 100.0
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
        let _ = writeln!(out, "{name:<48} {figures}");
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
    let _ = write!(out, "\nresults: {0}\nopen     {0}/report.html", folder.display());
    out
}

/// Joins the readings of one release (`RELEASE/SYSTEM/levelL` and what may follow) that came to the same figures.
fn together(lines: &[(&str, String)]) -> Vec<(String, String)> {
    let parts = |name: &'_ str| name.split_once('/').map_or((name.to_string(), String::new()), |(a, b)| (a.to_string(), b.to_string()));
    let mut out: Vec<(String, Vec<String>, String)> = Vec::new();
    for (name, figures) in lines {
        let (release, reading) = parts(name);
        match out.iter_mut().find(|(r, _, f)| *r == release && f == figures) {
            Some((_, readings, _)) => readings.push(reading),
            None => out.push((release, vec![reading], figures.clone())),
        }
    }
    let alone = |release: &str| out.iter().filter(|(r, ..)| r == release).count() == 1;
    out.iter()
        .map(|(release, readings, figures)| {
            let name = if alone(release) { release.clone() } else { format!("{release}/{}", levels_joined(readings)) };
            (name, figures.clone())
        })
        .collect()
}

/// `ios/level0` and `ios/level4` as `ios/level0,4`.
fn levels_joined(readings: &[String]) -> String {
    let mut joined: Vec<(String, Vec<&str>, &str)> = Vec::new();
    for reading in readings {
        let (before, level, after) = match reading.split_once("/level") {
            Some((system, rest)) => {
                let end = rest.find('/').unwrap_or(rest.len());
                (format!("{system}/level"), &rest[..end], &rest[end..])
            }
            None => (reading.clone(), "", ""),
        };
        match joined.iter_mut().find(|(b, _, a)| *b == before && *a == after) {
            Some((_, levels, _)) => levels.push(level),
            None => joined.push((before, vec![level], after)),
        }
    }
    let joined = joined.iter().map(|(before, levels, after)| format!("{before}{}{after}", levels.join(",")));
    joined.collect::<Vec<_>>().join(" ")
}

fn percent(rate: Option<Rate>) -> String {
    rate.map_or_else(|| "-".into(), |r| format!("{:.1} % ({:.1}-{:.1})", r.value * 100.0, r.low * 100.0, r.high * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_of_a_release_that_agree_share_a_line() {
        let lines = [
            ("1.0.0-1.1.2/ios/level0", "a"),
            ("1.0.0-1.1.2/android/level4", "a"),
            ("1.1.4-1.4.1/ios/level0", "a"),
            ("1.1.4-1.4.1/ios/level0/minutes_under", "b"),
            ("1.1.4-1.4.1/ios/level4", "a"),
            ("1.1.4-1.4.1/ios/level4/minutes_under", "b"),
            ("1.1.4-1.4.1/android/level0", "c"),
            ("1.1.4-1.4.1/android/level4", "a"),
            ("2.0", "a"),
        ];
        let names: Vec<String> =
            together(&lines.map(|(name, figures)| (name, figures.to_string()))).into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            [
                "1.0.0-1.1.2",
                "1.1.4-1.4.1/ios/level0,4 android/level4",
                "1.1.4-1.4.1/ios/level0,4/minutes_under",
                "1.1.4-1.4.1/android/level0",
                "2.0"
            ]
        );
    }
}
