//! The page: one self-contained file.

use std::fmt::Write;

use serde_json::Value;

use super::canvas::dark_style;
use super::data::{AS_IF, Accuracy, BESIDE, Rate, RunData, TRUTH};
use super::figures::Figure;
use super::format::{count, escape, number, percent, percent_interval, plural};
use super::headline::{os_pairs, sentences};

const STYLE: &str = include_str!("page.css");

/// The whole page.
pub fn page(data: &RunData, figures: &[Figure]) -> String {
    let name = data.summary.scenario.as_deref().unwrap_or("run");
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<title>cocoasim: {}</title>\n<style>\n{STYLE}{}</style>\n</head>\n<body>\n<main>\n",
        escape(name),
        dark_style()
    );
    html.push_str(&opening(data));
    html.push_str(&tiles(data));
    html.push_str(&how_to_read(data));
    let (first, rest) = figures.split_at(figures.len().min(1));
    html.push_str(&by_os_pair(data));
    html.push_str("<h2 id=\"rules\">By rule</h2>\n");
    first.iter().for_each(|figure| html.push_str(&figure_html(figure)));
    let device = by_rule(data.rules("device"), data);
    html.push_str(&rates_table("Pairs of running phones that came near enough, and those on which the rule fired", &device));
    let population = by_rule(data.rules("population"), data);
    html.push_str(&rates_table("All people: a contact of someone without a running phone counts as missed", &population));
    let end_to_end = data.accuracy.iter().filter(|row| row.mode != AS_IF && row.truth == TRUTH && row.stratum == "all");
    let (running, everybody): (Vec<_>, Vec<_>) = end_to_end.partition(|row| row.universe == "device");
    let title = "End to end: contacts of the cases that were really confirmed, both phones running";
    html.push_str(&rates_table(title, &by_rule(running.into_iter(), data)));
    if !everybody.is_empty() {
        html.push_str(&rates_table("End to end: their contacts among all people", &by_rule(everybody.into_iter(), data)));
    }
    rest.iter().for_each(|figure| html.push_str(&figure_html(figure)));
    html.push_str(&closing(data));
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

/// Title and the answer in one sentence.
fn opening(data: &RunData) -> String {
    let summary = &data.summary;
    let title = summary.title.as_deref().or(summary.scenario.as_deref()).unwrap_or("A run of cocoasim");
    let about = [
        summary.scenario.as_ref().map(|scenario| format!("scenario {scenario}")),
        summary.days.map(|days| plural(i64::from(days), "day")),
        summary.first_day_jst.as_ref().map(|day| format!("from {day} JST")),
        data.manifest.get("seed").map(|seed| seeds(seed, data.number_of_worlds())),
    ];
    let about: Vec<String> = about.into_iter().flatten().collect();
    format!(
        "<header>\n<p class=\"about\">{}</p>\n<h1>{}</h1>\n<p class=\"answer\">{}</p>\n{}</header>\n",
        escape(&about.join(" · ")),
        escape(title),
        answer(data),
        beside(data)
    )
}

/// `seed 1`, or `8 worlds, seeds 1 to 8`.
fn seeds(first: &Value, worlds: u32) -> String {
    match (first.as_u64(), worlds) {
        (Some(seed), 2..) => format!("{worlds} worlds, seeds {seed} to {}", seed + u64::from(worlds) - 1),
        _ => format!("seed {first}"),
    }
}

/// What stands beside the headline: the same among all people, and at home.
fn beside(data: &RunData) -> String {
    let rule = data.headline_rule().unwrap_or_default();
    let everybody = data.rules("population").find(|row| row.rule == rule && row.contacts() > 0).map(|row| {
        let share = percent(row.sensitivity.value);
        format!("Of the contacts of everybody, also of people without a running phone, it found <b>{share}</b>.")
    });
    let is_home = |row: &&Accuracy| {
        let (kind, stratum) = ((row.mode.as_str(), row.universe.as_str(), row.truth.as_str()), (row.stratum.as_str(), row.level.as_str()));
        row.rule == rule && row.contacts() > 0 && kind == (AS_IF, "device", TRUTH) && stratum == BESIDE
    };
    let home = data.accuracy.iter().find(is_home).map(|row| {
        let (share, contacts) = (percent(row.sensitivity.value), plural(row.contacts(), "contact"));
        format!("At home it found {share} of {contacts}; home is kept out of the headline because households asleep side by side would dominate it.")
    });
    let sentences: Vec<String> = [everybody, home].into_iter().flatten().collect();
    if sentences.is_empty() { String::new() } else { format!("<p class=\"beside\">{}</p>\n", sentences.join(" ")) }
}

fn answer(data: &RunData) -> String {
    let Some(row) = data.headline() else {
        return "This run has no accuracy results outside the home, so there is no headline to give.".into();
    };
    sentences(row, data.other_reading(), data.number_of_worlds(), |text| format!("<b>{}</b>", escape(text)))
}

/// The numbers behind the headline.
fn tiles(data: &RunData) -> String {
    let mut tiles: Vec<(String, String)> = Vec::new();
    let people = data.people.rows() as i64;
    if people > 0 {
        let running = data.people.bools("phone_runs").iter().filter(|runs| **runs).count() as i64;
        tiles.push((count(people), "people".into()));
        tiles.push((count(running), "phones taking part".into()));
    }
    if let Some(row) = data.headline() {
        tiles.push((count(row.contacts()), "contacts*".into()));
        tiles.push((count(row.tp), "found".into()));
        tiles.push((count(row.fn_), "missed".into()));
        tiles.push((count(row.fp), "false alarms".into()));
        tiles.push((percent(row.prevalence()), "of these pairs were contacts".into()));
    }
    if tiles.is_empty() {
        return String::new();
    }
    let mut html = String::from("<ul class=\"tiles\">\n");
    for (value, label) in &tiles {
        let _ = writeln!(html, "<li><b>{value}</b> {label}</li>");
    }
    html.push_str("</ul>\n");
    if data.headline().is_some() {
        html.push_str("<p class=\"fine\">* ordered pairs of running phones and UTC days, outside the home</p>\n");
    }
    html
}

fn how_to_read(data: &RunData) -> String {
    let at_least = if data.summary.reach_is_at_least { ", if not farther" } else { "" };
    let reach =
        data.summary.reach_m.map_or_else(String::new, |m| format!(" (one scan in a hundred still hears at {} m{at_least})", number(m, 1)));
    let interval = data.summary.interval.as_ref().map_or_else(String::new, |how| format!(" Intervals: {}.", escape(how)));
    let mut html = format!(
        "<section class=\"read\">\n<p>These are results of a simulation, not measurements of the app. People move and meet, their \
         phones scan as the Exposure Notification system does, and each rule judges what the phones heard. Because the simulation \
         knows where everybody was, every judgement can be checked.</p>\n<dl>\n\
         <dt>Contact</dt><dd>{}, summed over a UTC day (09:00 to 09:00 in Japan); a wall up to the ceiling ends it.</dd>\n\
         <dt>Pair</dt><dd>Two people on a day, both with a running phone, who came within the distance accuracy.universe_within_m of \
         each other, or on whom the rule fired{reach}. What counts as correctly not detected depends on it. Among all people, who may have no phone, it is the \
         pairs that came near enough for the contacts table, and those on which the rule fired.</dd>\n\
         <dt>As if confirmed</dt><dd>Each rule answers for every pair: had the other been confirmed positive, would this phone \
         have been told? Every pair counts once in each direction.</dd>\n\
         <dt>Sensitivity</dt><dd>Share of the contacts that were found.</dd>\n\
         <dt>PPV</dt><dd>Share of the alarms that were contacts. It depends on how common contacts are, which stands beside it.</dd>\n\
         <dt>Specificity, NPV</dt><dd>Share of the other pairs left alone; share of silences that were right.</dd>\n</dl>\n\
         <p class=\"fine\">A dash means that there is nothing to take a share of.{interval}</p>\n",
        capital(&data.contact_means()),
    );
    if !data.summary.notes.is_empty() {
        html.push_str("<ul>\n");
        for note in &data.summary.notes {
            let _ = writeln!(html, "<li>{}</li>", escape(note));
        }
        html.push_str("</ul>\n");
    }
    html.push_str("</section>\n");
    html
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A row of a table of rates: what it is about (HTML), whether it is the headline's, and its figures.
struct Labelled<'a> {
    label: String,
    is_headline: bool,
    row: &'a Accuracy,
}

/// Rows labelled by their rules.
fn by_rule<'a>(rows: impl Iterator<Item = &'a Accuracy>, data: &RunData) -> Vec<Labelled<'a>> {
    let labelled = |row: &'a Accuracy| {
        let means = data.summary.rules.iter().find(|known| known.rule == row.rule).map(|known| escape(&known.means));
        let means = means.map_or_else(String::new, |means| format!("<small>{means}</small>"));
        let is_headline = data.headline_rule() == Some(row.rule.as_str());
        Labelled { label: format!("{}{means}", escape(&row.rule)), is_headline, row }
    };
    rows.map(labelled).collect()
}

/// The headline's rule, and its other reading, by operating systems; nothing where the table does not split by them.
fn by_os_pair(data: &RunData) -> String {
    let rules = data.headline().into_iter().chain(data.other_reading());
    let rows: Vec<Labelled<'_>> = rules
        .flat_map(|rule| os_pairs(&data.accuracy, &rule.rule))
        .map(|row| Labelled {
            label: format!("{}<small>{}</small>", escape(&row.level), escape(&row.rule)),
            is_headline: data.headline_rule() == Some(row.rule.as_str()),
            row,
        })
        .collect();
    if rows.is_empty() { String::new() } else { rates_table("The headline's pairs by operating systems, transmitter &gt; observer", &rows) }
}

/// Counts and rates; a sentence instead if there are none.
fn rates_table(title: &str, rows: &[Labelled<'_>]) -> String {
    if rows.is_empty() {
        return format!("<h3>{title}</h3>\n<p class=\"nothing\">Nothing to show: the table accuracy has no such rows.</p>\n");
    }
    let mut html = format!(
        "<h3>{title}</h3>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\"><table>\n<thead><tr><th></th><th>Contacts</th><th>Found</th><th>Missed</th>\
         <th>False alarms</th><th>Neither</th><th>Sensitivity</th><th>PPV</th><th>Preva&shy;lence</th><th>Specificity</th><th>NPV</th>\
         </tr></thead>\n<tbody>\n"
    );
    for Labelled { label, is_headline, row } in rows {
        let class = if *is_headline { " class=\"headline\"" } else { "" };
        let _ = write!(html, "<tr{class}><th>{label}</th>");
        for n in [row.contacts(), row.tp, row.fn_, row.fp, row.tn] {
            let _ = write!(html, "<td>{}</td>", count(n));
        }
        let cell = |rate: Rate| format!("<td>{}<small>{}</small></td>", percent(rate.value), percent_interval(rate.lo, rate.hi));
        let _ = write!(html, "{}{}<td>{}</td>", cell(row.sensitivity), cell(row.ppv), percent(row.prevalence()));
        let _ = writeln!(html, "{}{}</tr>", cell(row.specificity), cell(row.npv));
    }
    html.push_str("</tbody></table></div>\n");
    html
}

fn figure_html(figure: &Figure) -> String {
    let heading = if figure.name == "rules" { String::new() } else { format!("<h2 id=\"{}\">{}</h2>\n", figure.name, figure.title) };
    format!("{heading}<figure>\n{}<figcaption>{}</figcaption>\n</figure>\n", figure.body(), figure.caption)
}

/// Where the data are, and the scenario as it was run.
fn closing(data: &RunData) -> String {
    let manifest = &data.manifest;
    let mut html = String::from("<footer>\n");
    if let Some(tables) = manifest.get("tables").and_then(Value::as_object) {
        html.push_str("<h2>The data behind this page</h2>\n<p>Parquet files beside this page, with units in every column:");
        let rows = |entry: &Value| entry.get("rows").and_then(Value::as_i64).unwrap_or_default();
        let listed = tables.iter().map(|(table, entry)| format!(" <code>{}</code> ({})", escape(table), plural(rows(entry), "row")));
        let _ = writeln!(html, "{}.</p>", listed.collect::<Vec<_>>().join(","));
    }
    if let Some(scenario) = manifest.get("scenario").filter(|scenario| !scenario.is_null()) {
        let _ = writeln!(
            html,
            "<details><summary>The scenario as it was run</summary><pre tabindex=\"0\" role=\"region\" aria-label=\"The scenario as it was run\">{}</pre></details>",
            escape(&format!("{scenario:#}"))
        );
    }
    let text = |pointer: &str| manifest.pointer(pointer).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let known = [("cocoasim", text("/build/version")), ("seed", text("/seed")), ("content", text("/content_sha256"))];
    let known: Vec<String> = known.into_iter().filter_map(|(key, value)| Some(format!("{key} {}", escape(&value?)))).collect();
    let _ = writeln!(html, "<p class=\"fine\">{}</p>\n</footer>", known.join(" · "));
    html
}
