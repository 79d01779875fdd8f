//! The summary of a run: summary.json, and a screenful on the terminal.

use std::{fmt::Write, path::Path};

use serde_json::{Value, json};

use crate::{
    app::{Rule, other_reading},
    engine::{Bridge, Presence, far_signal::FarSignal},
    faults::counted,
    output::Batch,
    radio::REACH_CAP_M,
    report::{
        Accuracy, BESIDE, ContactRate, FarSignalFigures, HEADLINE, Rate, RuleFigures, RuleNamed, figures, os_pairs, over_all, share_rows,
    },
    setup::{INSTALLED, Setup},
    traces::Kept,
};

use super::{
    figures::{
        adoption_figures, adoption_over, adoption_text, bridge_over, bridge_steps, contact_rate_text, contact_rates, far_signal_figures,
        far_signal_note,
    },
    had::Had,
    system::{System, step},
};

/// The figures of the table `accuracy`, of one world or over several.
pub struct Reported {
    rows: Vec<Accuracy>,
    /// The figures of every rule.
    rules: Vec<RuleFigures>,
    worlds: u32,
}

impl Reported {
    /// Of a table about so many worlds.
    pub fn of(setup: &Setup, accuracy: &Batch, worlds: u32) -> Self {
        let had = Had::of(setup);
        let named = |r: &Rule| RuleNamed {
            words: RuleFigures {
                rule: r.name.clone(),
                title: r.title.clone(),
                asks: r.asks.clone(),
                means: r.means.clone(),
                dates: r.released.map_or_else(|| "not a release".into(), |released| released.dates()),
                had: r.released.and_then(|released| had.text(released)),
                ..RuleFigures::default()
            },
            other_reading: other_reading(&r.name),
        };
        let mut rules: Vec<RuleNamed> = setup.rules.iter().map(named).collect();
        let asks = "whatever release and system each phone had on the day";
        let words = RuleFigures {
            rule: INSTALLED.into(),
            title: "What was installed".into(),
            asks: asks.into(),
            means: asks.into(),
            ..RuleFigures::default()
        };
        rules.push(RuleNamed { words, other_reading: None });
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

/// What was counted of one world's events.
pub struct Events {
    /// Pair-days in contact on a JST day and on neither UTC day that it touches.
    pub split_by_nine: u64,
    /// What 2.0's alarms rest on.
    pub far_signal: FarSignal,
    /// Contacts, from everybody's to the headline's.
    pub bridge: Bridge,
    /// Time in venues, and contacts there.
    pub presence: Presence,
    /// Visits that found no seat of their own.
    pub over_capacity: u64,
}

/// Cases whose result is known on the days that results are about.
fn cases_reported(setup: &Setup) -> usize {
    let span_s = setup.reported_from().start().0..setup.last_day().end().0;
    setup.cases.iter().filter(|(_, case)| span_s.contains(&case.result_s)).count()
}

/// How a trace was replayed.
pub struct Replayed {
    kept: Kept,
    pair_days_900_geometry: u64,
}

impl Replayed {
    /// `None` if nothing was replayed. `long_pair_days` are those with at least 900 s within the contact radius.
    pub fn of(setup: &Setup, long_pair_days: u64) -> Option<Self> {
        let kept = setup.replay.as_ref()?.kept(setup.days);
        Some(Self { kept, pair_days_900_geometry: long_pair_days })
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

/// What a stated number of days does to a trace; `None` if nothing.
fn stated_days(setup: &Setup) -> Option<String> {
    setup.replay.as_ref()?.stated_days()
}

/// What every summary.json says, of one world or over several.
fn common(setup: &Setup, reported: &Reported) -> Value {
    let run = &setup.scenario.run;
    let confidence = (setup.scenario.accuracy.confidence * 1e6).round() / 1e4;
    json!({
        "scenario": run.name,
        "title": setup.title,
        "first_day_jst": run.first_day,
        "days": setup.reported_days(),
        "warm_up_days": setup.warm_up_days,
        "seed": setup.seed.0,
        "headline": reported.rules[setup.headline_rule()],
        "contact": { "radius_m": setup.scenario.truth.radius_m, "minutes": setup.scenario.truth.duration_min },
        "interval": match reported.worlds {
            1 => format!("{confidence} %, delete-a-group jackknife over people, of this world"),
            worlds => format!("{confidence} %, Student's t over {worlds} worlds, of the mean of their rates"),
        },
        "rules": reported.rules,
    })
}

/// summary.json of one world.
pub fn json(setup: &Setup, reported: &Reported, system: &System, events: &Events, replayed: Option<&Replayed>) -> Value {
    let split_by_nine = events.split_by_nine;
    let mut notes = vec![
        headline_days(setup),
        format!(
            "{} reached the contact time within a JST day but in neither of the two whole UTC days that share it: \
             the daily key turns over at 09:00 JST.",
            counted(usize::try_from(split_by_nine).unwrap_or(usize::MAX), "pair-day")
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
    notes.extend(stated_days(setup).map(|text| format!("Of the trace: {text}.")));
    notes.push(far_signal_note(&far_signal_figures(events.far_signal)));
    let left_out = "Intervals are of this world. What is drawn once a world is not in them: calibration errors of phone models, who lives \
                    and works where, who has which phone and the app. --replicates 8 computes intervals over worlds.";
    notes.push(left_out.into());
    let mut all = common(setup, reported);
    set_reach(&mut all, setup);
    all["notes"] = notes.into();
    let over_capacity = (events.over_capacity > 0).then(|| {
        format!(
            "{} found no seat of their own: they took one of somebody absent, a chair of the pantry or of a meeting room, or stood.",
            counted(usize::try_from(events.over_capacity).unwrap_or(usize::MAX), "visit")
        )
    });
    all["left_out"] = [Some(left_out.into()), over_capacity].into_iter().flatten().collect::<Vec<String>>().into();
    all["cases"] = setup.cases.len().into();
    all["cases_reported"] = cases_reported(setup).into();
    all["uploads"] = system.records.uploads.iter().filter(|u| u.uploaded_s.is_some()).count().into();
    all["notifications"] = system.records.notifications.len().into();
    all["adoption"] = json!(adoption_figures(setup));
    all["contacts_bridge"] = json!(bridge_steps(&events.bridge));
    all["contact_rates"] = json!(contact_rates(&events.presence));
    all["far_signal"] = json!(far_signal_figures(events.far_signal));
    all["replay"] = replayed.map(Replayed::json).into();
    all
}

fn set_reach(all: &mut Value, setup: &Setup) {
    let reach_m = setup.reach_m(setup.place_kind());
    all["reach_m"] = reach_m.into();
    all["reach_is_at_least"] = (reach_m >= REACH_CAP_M).into();
}

/// summary.json over several worlds; `each` holds theirs, the other figures are over them.
pub fn json_over_worlds(
    setup: &Setup,
    reported: &Reported,
    each: &[Value],
    far_signal: &FarSignalFigures,
    contact_rates: &[ContactRate],
) -> Value {
    let sum = |key: &str| each.iter().filter_map(|world| world[key].as_u64()).sum::<u64>();
    let left_out = "Intervals are over worlds: each draws its own calibration errors of phone models, its own people, homes, seats and \
                    phones. What all worlds share is not in them: the scenario's keys and the radio model's parameters.";
    let counts = "Counts are summed over the worlds. Rates are the mean of the worlds' rates, each world weighing the same; a world \
                  without anything to take a share of is left out of that rate.";
    let mut all = common(setup, reported);
    set_reach(&mut all, setup);
    let far = far_signal_note(far_signal);
    all["notes"] =
        json!([headline_days(setup), counts, far, left_out, "Each world's own page, tables and figures are in its folder seed-N."]);
    all["left_out"] = json!([left_out]);
    for key in ["cases", "cases_reported", "uploads", "notifications"] {
        all[key] = sum(key).into();
    }
    all["adoption"] = json!(adoption_over(each));
    let bridges: Vec<_> = each.iter().filter_map(|world| serde_json::from_value(world["contacts_bridge"].clone()).ok()).collect();
    all["contacts_bridge"] = json!(bridge_over(&bridges));
    all["contact_rates"] = json!(contact_rates);
    all["far_signal"] = json!(far_signal);
    all["replay"] = Value::Null;
    all
}

/// Which days the headline is about, in a sentence.
fn headline_days(setup: &Setup) -> String {
    match setup.whole_utc_days() {
        0 if setup.warm_up_days > 0 => {
            "No whole UTC day (09:00 to 09:00 JST) lies in the days that results are about: the headline is about the \
              first 15 hours of one."
                .into()
        }
        whole if setup.warm_up_days > 0 => format!(
            "The headline, what stands beside it, its curve and its causes are about whole UTC days, 09:00 to 09:00 JST: {whole} here. The \
             last 15 hours of the run belong to one more, which all other figures count; verdicts mark it as day_is_partial. A UTC day that \
             begins in the {} of warm-up is not counted, and nothing before it.",
            counted(setup.warm_up_days as usize, "day")
        ),
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
    reported: &Reported,
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
        "{}: {people} people, {phones} running phones, {}; {:.1} s, {:.0} person-days/s",
        setup.scenario.run.name,
        days_text(setup),
        simulated_s,
        people as f64 * f64::from(setup.days) / simulated_s
    );
    let _ = writeln!(out, "{}", adoption_text(&adoption_figures(setup)));
    figures_text(&mut out, setup, reported);
    contact_rate_text(&contact_rates(&events.presence)).into_iter().for_each(|text| out += &format!("{text}\n"));
    let shown = system.phones().filter(|(_, phone)| phone.way.steps() > step::SHOWED).count();
    let uploaded = system.records.uploads.iter().filter(|u| u.uploaded_s.is_some()).count();
    let _ = writeln!(
        out,
        "cases: {} ({} reported), uploads: {uploaded}, phones that showed a contact: {shown}; contacts split at 09:00 JST: {}",
        setup.cases.len(),
        cases_reported(setup),
        events.split_by_nine
    );
    if let Some(replayed) = replayed {
        let _ = writeln!(out, "trace replayed: {}", replayed.text(setup.scenario.truth.radius_m));
    }
    if let Some(text) = stated_days(setup) {
        let _ = writeln!(out, "{text}");
    }
    let _ = write!(out, "results: {0}/report.html, and the tables beside it", folder.display());
    out
}

/// Which days.
fn days_text(setup: &Setup) -> String {
    let warm_up = if setup.warm_up_days > 0 { format!(" after {} of warm-up", setup.warm_up_days) } else { String::new() };
    format!("{} from {}{warm_up}", counted(setup.reported_days() as usize, "day"), setup.reported_from())
}

/// The summary over several worlds on the terminal.
pub fn text_over_worlds(
    setup: &Setup,
    reported: &Reported,
    (each, contact_rates): (&[Value], &[ContactRate]),
    took_s: f64,
    folder: &Path,
) -> String {
    let mut out = String::new();
    let (worlds, first) = (reported.worlds, setup.seed.0);
    let last = first + u64::from(worlds) - 1;
    let name = &setup.scenario.run.name;
    let _ = writeln!(out, "{name}: {worlds} worlds, seeds {first} to {last}, {}; {took_s:.1} s", days_text(setup));
    let _ = writeln!(out, "{}", adoption_text(&adoption_over(each)));
    figures_text(&mut out, setup, reported);
    contact_rate_text(contact_rates).into_iter().for_each(|text| out += &format!("{text}\n"));
    let _ = write!(out, "results: {0}/report.html; each world's own in {0}/seed-N", folder.display());
    out
}

/// The headline with its other reading and operating systems, every rule, and what stands beside the headline.
fn figures_text(out: &mut String, setup: &Setup, reported: &Reported) {
    let headline = &reported.rules[setup.headline_rule()];
    let whose = reported.whose();
    let Some(row) = reported.row(&headline.rule, "device", HEADLINE) else {
        let _ = writeln!(out, "{}", headline.text);
        return;
    };
    headline_text(out, setup, reported, row);
    let _ =
        writeln!(out, "{:<NAME_WIDTH$} {:>21} {:>19} {:>7}", format!("rule, outside the home, {whose}"), "sensitivity", "ppv", "alarms");
    let lines = reported.rules.iter().filter_map(|r| {
        let row = reported.row(&r.rule, "device", HEADLINE)?;
        Some((r.rule.as_str(), format!("{:>21} {:>19} {:>7}", percent(row.sensitivity), percent(row.ppv), row.alarms())))
    });
    let lines: Vec<_> = lines.collect();
    for row in share_rows(&lines, NAME_WIDTH) {
        let _ = writeln!(out, "{:<NAME_WIDTH$} {}", row.names, lines[row.members[0]].1);
    }
    let beside = [("at home", "device", BESIDE), ("everybody, outside the home", "population", HEADLINE)];
    let beside = beside.into_iter().filter_map(|(what, universe, stratum)| {
        let row = reported.row(&headline.rule, universe, stratum)?;
        Some(format!("{what} {} of {}", percent(row.sensitivity), row.contacts()))
    });
    let beside: Vec<String> = beside.collect();
    if !beside.is_empty() {
        let _ = writeln!(out, "sensitivity {}", beside.join("; "));
    }
}

/// The headline's rule, its other reading, and both by operating systems.
fn headline_text(out: &mut String, setup: &Setup, reported: &Reported, row: &Accuracy) {
    let headline = &reported.rules[setup.headline_rule()];
    let truth = &setup.scenario.truth;
    let mean = if reported.worlds > 1 { "mean " } else { "" };
    let other = headline.bracket.as_ref().and_then(|other| reported.row(&other.rule, "device", HEADLINE));
    let of_other =
        |rate: fn(&Accuracy) -> Rate| other.map_or_else(String::new, |row| format!(" (its other reading: {})", percent(rate(row))));
    let _ = writeln!(
        out,
        "{}, run on every phone, outside the home\n({};\n {}; rule {})\n{}found {} of {} true contacts (within {} m for {} min in a {}UTC day), {}:\n  \
         {mean}sensitivity {}{}\n  of its {} alarms {} were true: {mean}ppv {}{}",
        headline.title,
        headline.means,
        headline.dates,
        headline.rule,
        headline
            .had
            .as_ref()
            .map_or_else(String::new, |had| format!("{}\n", if had.len() > WIDTH { had.replace(": ", ":\n ") } else { had.clone() })),
        row.tp,
        row.contacts(),
        truth.radius_m,
        truth.duration_min,
        if setup.whole_utc_days() > 0 { "whole " } else { "" },
        reported.whose(),
        percent(row.sensitivity),
        of_other(|row| row.sensitivity),
        row.alarms(),
        row.tp,
        percent(row.ppv),
        of_other(|row| row.ppv),
    );
    let line = |label: &str, rule: &str, cell: fn(&Accuracy) -> String| {
        let cells: String = os_pairs(&reported.rows, rule).map(|row| format!(" {:>18}", cell(row))).collect();
        format!("  {label:<21}{cells}\n")
    };
    if os_pairs(&reported.rows, &headline.rule).next().is_some() {
        *out += &line("transmitter>observer", &headline.rule, |row| row.level.clone());
        *out += &line("sensitivity, %", &headline.rule, |row| percent(row.sensitivity).replace(" %", ""));
        if let Some(other) = other {
            *out += &line("of its other reading", &other.rule, |row| percent(row.sensitivity).replace(" %", ""));
        }
    }
}

/// Columns of a terminal.
const WIDTH: usize = 100;
/// Room for names of rules on it.
const NAME_WIDTH: usize = 48;

fn percent(rate: Rate) -> String {
    match (rate.value.is_nan(), rate.lo.is_nan()) {
        (true, _) => "-".into(),
        (false, true) => format!("{:.1} %", rate.value * 100.0),
        (false, false) => format!("{:.1} % ({:.1}-{:.1})", rate.value * 100.0, rate.lo * 100.0, rate.hi * 100.0),
    }
}
