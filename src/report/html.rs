//! The page: one self-contained file.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::Value;

use crate::drawing::canvas::dark_style;
use crate::drawing::format::{count, escape, number, percent, percent_interval, plural, words};

use super::data::{Accuracy, BESIDE, HEADLINE, Rate, RunData};
use super::figures::Figure;
use super::headline::{nothing_to_find, os_pairs, sentences};
use super::shared_rows::share_rows;
use super::splits::{Group, LEAST_CONTACTS, Splits};
use super::summary::{ContactRate, OUTSIDE_HOME};
use super::system_tables::{repairs, responses};

const STYLE: &str = include_str!("page.css");

/// A part of the page: its anchor, its heading and what stands under it.
struct Section {
    id: &'static str,
    heading: &'static str,
    body: String,
}

/// The whole page: the answer first, then why and by which rule, then the rest; what words mean comes last, and they link to it.
pub fn page(data: &RunData, figures: &[Figure]) -> String {
    let name = data.summary.scenario.as_deref().unwrap_or("run");
    let sections = sections(data, figures);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<title>cocoasim: {}</title>\n<style>\n{STYLE}{}</style>\n</head>\n<body>\n",
        escape(name),
        dark_style()
    );
    html.push_str(&header(data));
    html.push_str("<nav aria-label=\"Contents\">\n<ul>\n");
    for Section { id, heading, .. } in &sections {
        let _ = writeln!(html, "<li><a href=\"#{id}\">{heading}</a></li>");
    }
    html.push_str("</ul>\n</nav>\n<main>\n");
    for Section { id, heading, body } in &sections {
        let _ = writeln!(html, "<section id=\"{id}\">\n<h2>{heading}</h2>\n{body}</section>");
    }
    html.push_str("</main>\n");
    html.push_str(&closing(data));
    html.push_str("</body>\n</html>\n");
    html
}

fn sections(data: &RunData, figures: &[Figure]) -> Vec<Section> {
    let drawn = |name: &str| figures.iter().filter(|figure| figure.name == name).map(figure_html).collect::<String>();
    let of_figure = |figure: &Figure| Section { id: figure.name, heading: figure.title, body: figure_html(figure) };
    let (own, rest): (Vec<&Figure>, Vec<&Figure>) =
        figures.iter().partition(|figure| ["causes", "rules", "contacts"].contains(&figure.name));
    let mut sections = vec![Section { id: "answer", heading: "The answer", body: answer(data) }];
    sections.extend(own.iter().filter(|figure| figure.name == "causes").map(|figure| of_figure(figure)));
    sections.push(Section { id: "rules", heading: "By rule", body: drawn("rules") + &rules_tables(data) });
    let people = by_people(data);
    if !people.is_empty() {
        sections.push(Section { id: "people", heading: "By age and relation", body: people });
    }
    sections.push(Section { id: "end-to-end", heading: "End to end: the cases that were really confirmed", body: end_to_end(data) });
    let contacts = bridge(data) + &contact_rates(data) + &drawn("contacts");
    if !contacts.is_empty() {
        sections.push(Section { id: "contacts", heading: "How many contacts there were", body: contacts });
    }
    for figure in rest {
        let mut section = of_figure(figure);
        match figure.name {
            "funnel" => section.body += &responses(data),
            "timeline" => section.body += &repairs(data),
            _ => {}
        }
        sections.push(section);
    }
    if !data.summary.notes.is_empty() {
        let notes: String = data.summary.notes.iter().map(|note| format!("<li>{}</li>\n", escape(note))).collect();
        sections.push(Section { id: "notes", heading: "Notes", body: format!("<ul>\n{notes}</ul>\n") });
    }
    sections.push(Section { id: "definitions", heading: "What the words mean", body: definitions(data) });
    sections
}

/// Title, and what was run.
fn header(data: &RunData) -> String {
    let summary = &data.summary;
    let title = summary.title.as_deref().or(summary.scenario.as_deref()).unwrap_or("A run of cocoasim");
    let about = [
        summary.scenario.as_ref().map(|scenario| format!("scenario {scenario}")),
        summary.days.map(|days| plural(i64::from(days), "day")),
        summary.first_day_jst.as_ref().map(|day| format!("from {day} JST")),
        summary.warm_up_days.filter(|days| *days > 0).map(|days| format!("after {} of warm-up", plural(i64::from(days), "day"))),
        data.manifest.get("seed").map(|seed| seeds(seed, data.number_of_worlds())),
    ];
    let about: Vec<String> = about.into_iter().flatten().collect();
    format!("<header>\n<p class=\"about\">{}</p>\n<h1>{}</h1>\n</header>\n", escape(&about.join(" · ")), escape(title))
}

/// The answer in a few sentences, the numbers behind it, and the same by operating systems.
fn answer(data: &RunData) -> String {
    format!(
        "<p class=\"answer\">{}</p>\n{}{}<p class=\"fine\">Results of a simulation, not measurements of the app. What the words mean \
         stands <a href=\"#definitions\">at the end</a>.</p>\n{}",
        headline(data),
        beside(data),
        tiles(data),
        by_os_pair(data)
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
    let is_home = |row: &&Accuracy| row.rule == rule && row.contacts() > 0 && row.is_of("device", BESIDE);
    let home = data.accuracy.iter().find(is_home).map(|row| {
        let (share, contacts) = (percent(row.sensitivity.value), plural(row.contacts(), "contact"));
        format!("At home it found {share} of {contacts}: home is kept out of the headline, since households asleep side by side would dominate it.")
    });
    let sentences: Vec<String> = [everybody, home].into_iter().flatten().collect();
    if sentences.is_empty() { String::new() } else { format!("<p class=\"beside\">{}</p>\n", sentences.join(" ")) }
}

/// The headline in words, and the name of its rule in the tables.
fn headline(data: &RunData) -> String {
    let strong = |text: &str| format!("<b>{}</b>", escape(text));
    let Some(rule) = data.headline_rule() else {
        return "This run has no accuracy results, so there is no headline to give.".into();
    };
    let words = data.words(rule);
    let other = data.other_reading().map(|other| (data.words(&other.rule), other));
    let text = data.headline().map_or_else(
        || nothing_to_find(&words, strong),
        |row| sentences((&words, row), other.as_ref().map(|(words, row)| (words.as_ref(), *row)), data.number_of_worlds(), strong),
    );
    format!("{text} <code>{}</code>", escape(rule))
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
        tiles.push((count(row.contacts()), "<a href=\"#contacts\">contacts</a>*".into()));
        tiles.push((count(row.tp), "found".into()));
        tiles.push((count(row.fn_), "missed".into()));
        tiles.push((count(row.fp), "false alarms".into()));
        tiles.push((percent(row.prevalence()), "of these <a href=\"#def-pair\">pairs</a> were contacts".into()));
    }
    if let Some(rate) = data.summary.contact_rates.iter().find(|of| of.place == OUTSIDE_HOME).and_then(|of| of.per_person_hour) {
        tiles.push((number(rate, 3), "<a href=\"#def-contact-rate\">contacts a person-hour</a>, of everybody".into()));
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
        if data.number_of_worlds() > 1 {
            html.push_str(
                "<p class=\"fine\">Counts are sums over the worlds; shares are the mean of the worlds' own, and so not one count over \
                 another. Prevalence is of the sums.</p>\n",
            );
        }
    }
    html
}

/// What words mean, each with an anchor that headings and tables link to.
fn definitions(data: &RunData) -> String {
    let at_least = if data.summary.reach_is_at_least { ", if not farther" } else { "" };
    let reach =
        data.summary.reach_m.map_or_else(String::new, |m| format!(" (one scan in a hundred still hears at {} m{at_least})", number(m, 1)));
    let interval = data.summary.interval.as_ref().map_or_else(String::new, |how| format!("{}. ", escape(how)));
    let contact = format!(
        "{}, summed over a UTC day (09:00 to 09:00 in Japan); a wall up to the ceiling ends it. Of a pair each counts once as the one \
         whose phone judges.",
        capital(&data.contact_means())
    );
    let pair = format!(
        "Two people on a day, both with a running phone, who came within the distance accuracy.universe_within_m of each other, or on whom \
         the rule fired{reach}. What counts as correctly not detected depends on it."
    );
    let interval = format!("{interval}A dash means that there is nothing to take a share of.");
    let terms: [(&str, &str, &str); 14] = [
        (
            "simulation",
            "Simulation",
            "People move and meet, their phones scan as the Exposure Notification system does, and each rule \
            judges what the phones heard. Because the simulation knows where everybody was, every judgement can be checked.",
        ),
        ("contact", "Contact", &contact),
        ("pair", "Pair", &pair),
        (
            "everybody",
            "Everybody",
            "All pairs of people that came near enough for the table contacts, with phones or without, and those on \
            which the rule fired: a contact of someone without a running phone counts as missed.",
        ),
        (
            "as-if",
            "As if confirmed",
            "Each rule answers for every pair: had the other been confirmed positive, would this phone have \
            reported a contact? Every pair counts once in each direction.",
        ),
        (
            "end-to-end",
            "End to end",
            "What the app in fact showed of the scenario's cases, after their tests, uploads and the server's \
            exports, on the days on which contacts of a case count.",
        ),
        (
            "rule",
            "Rule",
            "How a release decides from scans. A code such as 1.1.4-1.4.1/ios/level0 names releases, system and the transmission \
             risk level of keys; rules with the same figures share a row. Of two dates, as 25/28 September, the first is that of \
             iPhones, the second of Android phones.",
        ),
        ("sensitivity", "Sensitivity", "Share of the contacts that were found."),
        (
            "ppv",
            "PPV",
            "Positive predictive value: share of the alarms that were contacts. It depends on how common contacts are, which \
            stands beside it as prevalence.",
        ),
        ("prevalence", "Prevalence", "Share of contacts among all pairs."),
        (
            "contact-rate",
            "Contacts a person-hour",
            "For each hour that a person spends in a place, how many others become a contact of theirs: everybody's contacts, with phones or \
             without, a pair for each of the two and once a UTC day, over the hours that all of them spent there on the same days.",
        ),
        ("specificity", "Specificity", "Share of the other pairs left alone."),
        ("npv", "NPV", "Negative predictive value: share of silences that were right."),
        ("interval", "Interval", &interval),
    ];
    let entry = |(id, term, meaning): &(&str, &str, &str)| format!("<dt id=\"def-{id}\">{term}</dt><dd>{meaning}</dd>\n");
    format!("<dl>\n{}</dl>\n", terms.iter().map(entry).collect::<String>())
}

/// A word with a link to what it means.
fn term(id: &str, word: &str) -> String {
    format!("<a href=\"#def-{id}\">{word}</a>")
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

fn rules_tables(data: &RunData) -> String {
    let device = format!("{} outside the home, {}", term("pair", "Pairs of running phones"), term("as-if", "as if confirmed"));
    let everybody = format!("{} outside the home, {}", term("everybody", "Everybody"), term("as-if", "as if confirmed"));
    rates_table(&device, "Rule", &by_rule(data.rules("device"), data))
        + &rates_table(&everybody, "Rule", &by_rule(data.rules("population"), data))
}

/// Rows labelled by their rules; rules with the same figures share one.
fn by_rule<'a>(rows: impl Iterator<Item = &'a Accuracy>, data: &RunData) -> Vec<Labelled<'a>> {
    let rows: Vec<&Accuracy> = rows.collect();
    let rules: Vec<_> = rows.iter().map(|row| (row.rule.as_str(), row.figures())).collect();
    let labelled = |shared: super::SharedRow| {
        let words: Vec<_> = shared.members.iter().map(|&at| data.words(&rows[at].rule)).collect();
        let distinct = |texts: Vec<&str>| {
            let mut out: Vec<&str> = Vec::new();
            texts.into_iter().filter(|text| !text.is_empty()).for_each(|text| {
                if !out.contains(&text) {
                    out.push(text)
                }
            });
            escape(&out.join("; or "))
        };
        let means = distinct(words.iter().map(|w| w.means.as_str()).collect());
        let is_headline = shared.members.iter().any(|&at| data.headline_rule() == Some(rows[at].rule.as_str()));
        Labelled {
            label: format!("<code>{}</code><small>{means}</small>", escape(&shared.names)),
            is_headline,
            row: rows[shared.members[0]],
        }
    };
    share_rows(&rules, usize::MAX).into_iter().map(labelled).collect()
}

/// The headline's rule, and its other reading, by operating systems; nothing where the table does not split by them.
fn by_os_pair(data: &RunData) -> String {
    let table = |rule: &Accuracy| {
        let rows: Vec<Labelled<'_>> = os_pairs(&data.accuracy, &rule.rule)
            .map(|row| Labelled { label: escape(&row.level).replace("&gt;", "&gt;<wbr>"), is_headline: false, row })
            .collect();
        let (pairs, asks) = (term("pair", "pairs"), escape(&data.words(&rule.rule).asks));
        let caption = format!("The headline's {pairs} by operating systems: {}", if asks.is_empty() { escape(&rule.rule) } else { asks });
        if rows.is_empty() { String::new() } else { rates_table(&caption, "Transmitter &gt; observer", &rows) }
    };
    data.headline().into_iter().chain(data.other_reading()).map(table).collect()
}

/// Of a city: whom the headline's rule finds by age, and by what the two have to do with each other.
fn by_people(data: &RunData) -> String {
    let table = |first: &str, groups: &[Group]| {
        let row = |Group { name, contacts, found }: &Group| {
            let share = percent(*found as f64 / *contacts as f64);
            format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{share}</td></tr>\n",
                escape(name),
                count(*contacts),
                count(*found)
            )
        };
        format!(
            "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{first}\"><table>\n<caption>{first}</caption>\n<thead><tr>\
             <th scope=\"col\">Group</th><th scope=\"col\">{}</th><th scope=\"col\">Found</th><th scope=\"col\">{}</th></tr></thead>\n\
             <tbody>\n{}</tbody></table></div>\n",
            term("contact", "Contacts"),
            term("sensitivity", "Sensitivity"),
            groups.iter().map(row).collect::<String>()
        )
    };
    let Splits { by_age, by_relation } = &data.splits;
    if by_age.is_empty() {
        return String::new();
    }
    let rule = data.headline_rule().unwrap_or_default();
    table("By the age of whose phone decides", by_age)
        + &table("By what the two have to do with each other", by_relation)
        + &format!(
            "<p>The rule <code>{}</code>, {} outside the home, whole UTC days. Age makes a difference by where people are. Shares have no \
             intervals here: pairs share people, and those of a few dozen contacts may be far off. <code>notebooks/city.ipynb</code> splits \
             other rules so.</p>\n",
            escape(rule),
            term("pair", "pairs of running phones")
        )
}

/// What the app showed of real cases: running phones and everybody, outside the home and at home, each named.
fn end_to_end(data: &RunData) -> String {
    let places = [(HEADLINE, "outside the home"), (BESIDE, "at home")];
    let universes = [("device", term("pair", "Pairs of running phones")), ("population", term("everybody", "Everybody"))];
    let mut rows = Vec::new();
    for (stratum_and_level, place) in places {
        for (universe, who) in &universes {
            let of = data.accuracy.iter().filter(|row| row.is_end_to_end(universe, stratum_and_level));
            rows.extend(of.map(|row| Labelled {
                label: format!("{who}, {place}<small><code>{}</code></small>", escape(&row.rule)),
                is_headline: false,
                row,
            }));
        }
    }
    let caption = format!("{}: contacts of confirmed cases on whole UTC days, and what the app showed", term("end-to-end", "End to end"));
    let least = if data.is_city() { LEAST_CONTACTS } else { 0 };
    rates_table_of(&caption, "Whom and where", &rows, least) + &reasons(data)
}

/// Why people in contact with reported cases were not warned in time, in the order of the way; nothing without such contacts.
fn reasons(data: &RunData) -> String {
    let table = &data.reasons;
    let all = table.rows();
    if all == 0 {
        return String::new();
    }
    let mut counts: BTreeMap<(u32, &str), [i64; 2]> = BTreeMap::new();
    for (column, (place, reason)) in [("place", "reason"), ("place_14_days", "reason_14_days")].into_iter().enumerate() {
        for row in 0..all {
            counts.entry((table.u32(place)[row], table.text(reason).get(row))).or_default()[column] += 1;
        }
    }
    let row = |((_, reason), [in_time, at_all]): (&(u32, &str), &[i64; 2])| {
        let cell = |n: i64| format!("<td>{} <small>{}</small></td>", count(n), percent(n as f64 / all as f64));
        format!("<tr><th scope=\"row\">{}</th>{}{}</tr>\n", escape(&capital(reason)), cell(*in_time), cell(*at_all))
    };
    let days = data.manifest.pointer("/scenario/accuracy/in_time_days").and_then(Value::as_u64).unwrap_or(0);
    format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Reasons\"><table>\n<caption>Of {} with a case whose result came, what \
         first kept a warning from being in time</caption>\n<thead><tr><th scope=\"col\">First reason, in the order of the way</th>\
         <th scope=\"col\">Within {days} days</th><th scope=\"col\">Within 14 days</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
        plural(all as i64, "contact"),
        counts.iter().map(row).collect::<String>()
    )
}

/// One figure of contacts, from everybody's to the headline's.
fn bridge(data: &RunData) -> String {
    if data.summary.contacts_bridge.is_empty() {
        return String::new();
    }
    let step = |step: &super::BridgeStep| {
        format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escape(&capital(&step.text)), count(step.count as i64))
    };
    format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Contacts step by step\"><table>\n<caption>{} from everybody's to \
         the headline's</caption>\n<thead><tr><th scope=\"col\">Counted</th><th scope=\"col\">Contacts</th></tr></thead>\n<tbody>\n{}\
         </tbody></table></div>\n",
        term("contact", "Contacts"),
        data.summary.contacts_bridge.iter().map(step).collect::<String>()
    )
}

/// Contacts by the time that people spent in each place.
fn contact_rates(data: &RunData) -> String {
    let rates = &data.summary.contact_rates;
    if rates.iter().all(|of| of.per_person_hour.is_none()) {
        return String::new();
    }
    let row = |of: &ContactRate| {
        let rate = of.per_person_hour.map_or_else(|| "–".into(), |rate| number(rate, 3));
        let interval = of.per_person_hour_lo.zip(of.per_person_hour_hi);
        let interval = interval.map_or_else(String::new, |(low, high)| format!("{}–{}", number(low, 3), number(high, 3)));
        let (place, hours) = (escape(&capital(&words(&of.place))), count(of.person_hours.round() as i64));
        let contacts = count(of.contacts as i64);
        format!("<tr><th scope=\"row\">{place}</th><td>{hours}</td><td>{contacts}</td><td>{rate}<small>{interval}</small></td></tr>\n")
    };
    format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Contacts by time spent\"><table>\n<caption>Everybody's contacts by \
         time spent</caption>\n<thead><tr><th scope=\"col\">Where</th><th scope=\"col\">Person-hours</th><th scope=\"col\">{}, ordered \
         pairs</th><th scope=\"col\">{}</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
        term("contact", "Contacts"),
        term("contact-rate", "Contacts a person-hour"),
        rates.iter().map(row).collect::<String>()
    )
}

/// Counts and rates, the main columns first; a sentence instead if there are none.
fn rates_table(caption: &str, first: &str, rows: &[Labelled<'_>]) -> String {
    rates_table_of(caption, first, rows, 0)
}

/// The same without the rates of rows that have fewer contacts than `least`.
fn rates_table_of(caption: &str, first: &str, rows: &[Labelled<'_>], least: i64) -> String {
    if rows.is_empty() {
        return format!("<h3>{caption}</h3>\n<p class=\"nothing\">Nothing to show: the table accuracy has no such rows.</p>\n");
    }
    let columns = [
        (term("contact", "Contacts"), false),
        ("Found".into(), false),
        (term("sensitivity", "Sensitivity"), false),
        (term("ppv", "PPV"), false),
        ("Missed".into(), true),
        ("False alarms".into(), true),
        ("Neither".into(), true),
        (term("prevalence", "Preva&shy;lence"), true),
        (term("specificity", "Specificity"), true),
        (term("npv", "NPV"), true),
    ];
    let class = |is_secondary: bool| if is_secondary { " class=\"secondary\"" } else { "" };
    let mut html = format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table>\n<caption>{caption}</caption>\n<thead><tr>\
         <th scope=\"col\">{first}</th>",
        without_tags(caption)
    );
    for (heading, is_secondary) in &columns {
        let _ = write!(html, "<th scope=\"col\"{}>{heading}</th>", class(*is_secondary));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for Labelled { label, is_headline, row } in rows {
        let is_small = row.contacts() < least;
        let share = |rate: Rate| match is_small {
            true => format!("<small>under {least} contacts</small>"),
            false => format!("{}<small>{}</small>", percent(rate.value), percent_interval(rate.lo, rate.hi)),
        };
        let cells = [
            count(row.contacts()),
            count(row.tp),
            share(row.sensitivity),
            share(row.ppv),
            count(row.fn_),
            count(row.fp),
            count(row.tn),
            percent(row.prevalence()),
            share(row.specificity),
            share(row.npv),
        ];
        let _ = write!(html, "<tr{}><th scope=\"row\">{label}</th>", if *is_headline { " class=\"headline\"" } else { "" });
        for (cell, (_, is_secondary)) in cells.iter().zip(&columns) {
            let _ = write!(html, "<td{}>{cell}</td>", class(*is_secondary));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
    html
}

/// The text of a piece of HTML.
fn without_tags(html: &str) -> String {
    let after_tag = |piece: &str| piece.split_once('>').map_or_else(String::new, |(_, text)| text.to_owned());
    let mut pieces = html.split('<');
    pieces.next().unwrap_or_default().to_owned() + &pieces.map(after_tag).collect::<String>()
}

fn figure_html(figure: &Figure) -> String {
    format!("<figure>\n{}<figcaption>{}</figcaption>\n</figure>\n", figure.body(), figure.caption)
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
