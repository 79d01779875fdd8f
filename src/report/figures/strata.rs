//! Sensitivity and positive predictive value of the headline's rule by circumstances: a panel for each venue kind.

use crate::report::canvas::{BLUE, Label, ORANGE, svg};
use crate::report::data::{AS_IF, Accuracy, RunData, TRUTH};
use crate::report::format::{escape, percent, plural, words};

use super::rates::{draw_rate, found, rates_legend};
use super::rows::{Line, RowChart};
use super::{Figure, Panel, file_name, kind_heading};

const HOME: &str = "home";
const BY_VENUE: &str = "venue_kind";
/// Strata of a panel, in its order; what they are called there, and the unit of their levels.
const STRATA: [(&str, &str, &str); 5] = [
    ("barrier", "what stood between", ""),
    ("carriage", "how the phones were carried", ""),
    ("os_pair", "operating systems, transmitter > observer", ""),
    ("distance_m", "least distance of the day", " m"),
    ("duration", "time within the contact radius", ""),
];
/// Levels of a stratum that are drawn; the table has them all.
const MAX_LEVELS: usize = 12;

/// Sensitivity and predictive value of the headline's rule, split by circumstances.
pub fn draw(data: &RunData) -> Figure {
    let rule = data.headline_rule().unwrap_or_default();
    let is_of = |row: &&Accuracy| row.mode == AS_IF && row.universe == "device" && row.truth == TRUTH && row.rule == rule;
    let rows: Vec<&Accuracy> = data.accuracy.iter().filter(is_of).collect();
    let title = "Where the rule works and where it does not";
    let panels: Vec<Panel> = places(&rows).into_iter().filter_map(|place| panel(&rows, &place)).collect();
    let panels = if panels.is_empty() { Err("the table accuracy has no strata for this rule".to_owned()) } else { Ok(panels) };
    let caption = format!(
        "The rule <b>{}</b> over all days, also those simulated in part: a panel for each kind of venue, over the pairs whose day \
         belongs to it, and no panel mixes home with elsewhere. Each group splits the pairs of its panel by the circumstances under \
         which they were nearest for longest. Compare the blue dots inside a group: what lowers them is what hides contacts from the \
         app. Wide lines mean few contacts. A row without a blue dot had none.",
        escape(rule)
    );
    Figure { name: "strata", title, caption, panels }
}

/// What a panel is of.
struct Place<'a> {
    /// Outside the home, all venue kinds together, or one kind.
    kind: Option<&'a str>,
    heading: String,
}

/// Outside the home, where that is more than one kind of venue; then each kind, those with most contacts first; the home last.
fn places<'a>(rows: &[&'a Accuracy]) -> Vec<Place<'a>> {
    let mut kinds: Vec<&Accuracy> = rows.iter().copied().filter(|row| row.stratum == BY_VENUE && row.all() > 0).collect();
    kinds.sort_by_key(|row| (row.level == HOME, std::cmp::Reverse(row.contacts())));
    let elsewhere: Vec<&Accuracy> = kinds.iter().copied().filter(|row| row.level != HOME).collect();
    let mut places: Vec<Place<'_>> = Vec::new();
    if let [_, _, ..] = elsewhere[..] {
        let names: Vec<String> = elsewhere.iter().map(|row| words(&row.level)).collect();
        let contacts = elsewhere.iter().map(|row| row.contacts()).sum();
        places.push(Place { kind: None, heading: format!("Outside the home ({}): {}", names.join(", "), plural(contacts, "contact")) });
    }
    places.extend(kinds.into_iter().map(|row| {
        let heading = format!("{}: {}", kind_heading(&row.level), plural(row.contacts(), "contact"));
        Place { kind: Some(row.level.as_str()), heading }
    }));
    places
}

/// The panel of a place; none if the table does not split it.
fn panel(rows: &[&Accuracy], place: &Place<'_>) -> Option<Panel> {
    let (mut lines, mut shown) = (Vec::new(), Vec::new());
    if place.kind.is_none() {
        let elsewhere: Vec<&Accuracy> = levels(rows, BY_VENUE).into_iter().filter(|row| row.level != HOME).collect();
        add(&mut lines, &mut shown, "venue", "", elsewhere);
    }
    for (stratum, called, unit) in STRATA {
        let stratum = place.kind.map_or_else(|| stratum.to_owned(), |kind| format!("{kind}/{stratum}"));
        add(&mut lines, &mut shown, called, unit, levels(rows, &stratum));
    }
    if shown.is_empty() {
        return None;
    }
    let name = format!("strata-{}", file_name(place.kind.unwrap_or("outside_home")));
    Some(Panel::new(&name, Some(place.heading.clone()), |column| {
        let chart = RowChart::new(column, lines.clone(), rates_legend(), 1.0);
        let description = format!("Contacts found of contacts. {}", chart.description());
        svg(column, chart.height(), Label { name: &name, title: &place.heading, description: &description }, |canvas| {
            chart.draw(canvas, "share", percent, |row, y| {
                draw_rate(canvas, &chart, shown[row].sensitivity, y - 9.0, BLUE);
                draw_rate(canvas, &chart, shown[row].ppv, y + 9.0, ORANGE);
            });
        })
    }))
}

/// The levels of a stratum at which there was something to find or an alarm.
fn levels<'a>(rows: &[&'a Accuracy], stratum: &str) -> Vec<&'a Accuracy> {
    rows.iter().copied().filter(|row| row.stratum == stratum && row.contacts() + row.alarms() > 0).collect()
}

/// Adds the levels of a stratum, and the row of the table behind each line that is not a heading.
fn add<'a>(lines: &mut Vec<Line>, shown: &mut Vec<&'a Accuracy>, called: &str, unit: &str, mut levels: Vec<&'a Accuracy>) {
    if levels.is_empty() {
        return;
    }
    let left_out = levels.len().saturating_sub(MAX_LEVELS);
    if left_out > 0 {
        // A stable sort: equal levels stay in the order of the table.
        levels.sort_by_key(|row| std::cmp::Reverse(row.contacts()));
        levels.truncate(MAX_LEVELS);
    }
    let more = if left_out > 0 { format!(" (those with most contacts; {left_out} more in accuracy.parquet)") } else { String::new() };
    lines.push(Line::Heading(format!("By {called}{more}")));
    for row in levels {
        let level = if row.level == "none" { "nothing".to_owned() } else { format!("{}{unit}", words(&row.level)) };
        lines.push(Line::Row(level, found(row)));
        shown.push(row);
    }
}
