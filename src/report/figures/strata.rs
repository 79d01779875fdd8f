//! Sensitivity and positive predictive value of the headline's rule by circumstances: a panel for each venue kind.

use crate::drawing::canvas::{BLUE, Label, ORANGE, PURPLE, svg};
use crate::drawing::format::{count, escape, percent, plural, words};
use crate::drawing::rows::{Line, Mark, RowChart};
use crate::report::data::{AS_IF, Accuracy, Rate, RunData};

use super::rates::{draw_rate, found, rates_legend};
use super::{Figure, Panel, file_name, kind_heading};

const HOME: &str = "home";
const BY_VENUE: &str = "venue_kind";

/// A stratum of a panel.
struct Stratum {
    name: &'static str,
    /// What it is called in the panel.
    called: &'static str,
    /// The unit of its levels.
    unit: &'static str,
    /// Whether its levels are what a contact is made of: then a level holds contacts or others alone, and what share of alarms were
    /// contacts says nothing, but what share of the others was alarmed does.
    defines_contact: bool,
}

/// Strata of a panel, in its order.
const STRATA: [Stratum; 5] = [
    Stratum { name: "barrier", called: "what stood between", unit: "", defines_contact: false },
    Stratum { name: "carriage", called: "how the phones were carried, observer's-transmitter's", unit: "", defines_contact: false },
    Stratum { name: "os_pair", called: "operating systems, transmitter > observer", unit: "", defines_contact: false },
    Stratum { name: "distance_m", called: "least distance of the day", unit: " m", defines_contact: true },
    Stratum { name: "duration", called: "time within the contact radius", unit: "", defines_contact: true },
];
const VENUES: Stratum = Stratum { name: BY_VENUE, called: "venue", unit: "", defines_contact: false };
/// Levels of a stratum that are drawn; the table has them all.
const MAX_LEVELS: usize = 12;

/// Sensitivity and predictive value of the headline's rule, split by circumstances.
pub fn draw(data: &RunData) -> Figure {
    let rule = data.headline_rule().unwrap_or_default();
    let is_of = |row: &&Accuracy| row.mode == AS_IF && row.universe == "device" && row.rule == rule;
    let rows: Vec<&Accuracy> = data.accuracy.iter().filter(is_of).collect();
    let title = "Where the rule works and where it does not";
    let panels: Vec<Panel> = places(&rows).into_iter().filter_map(|place| panel(&rows, &place)).collect();
    let panels = if panels.is_empty() { Err("the table accuracy has no strata for this rule".to_owned()) } else { Ok(panels) };
    let caption = format!(
        "The rule <b>{}</b> over all days, also those simulated in part: a panel for each kind of venue, over the pairs whose day \
         belongs to it, and no panel mixes home with elsewhere. Each group splits the pairs of its panel by the circumstances under \
         which they were nearest for longest. Beside a row: contacts found of contacts, or where there was none, how many pairs were \
         alarmed of all. Compare the blue dots inside a group: what lowers them is what hides contacts from the app. Distance and time \
         make a contact, so there, and where there was no contact, purple stands for the other pairs alarmed. Wide lines mean few pairs.",
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

/// A row of the table in a panel: its levels' rates.
struct Shown<'a> {
    row: &'a Accuracy,
    defines_contact: bool,
}

/// The panel of a place; none if the table does not split it.
fn panel(rows: &[&Accuracy], place: &Place<'_>) -> Option<Panel> {
    let (mut lines, mut shown) = (Vec::new(), Vec::new());
    if place.kind.is_none() {
        let elsewhere: Vec<&Accuracy> = levels(rows, BY_VENUE).into_iter().filter(|row| row.level != HOME).collect();
        add(&mut lines, &mut shown, &VENUES, elsewhere);
    }
    for stratum in &STRATA {
        let name = place.kind.map_or_else(|| stratum.name.to_owned(), |kind| format!("{kind}/{}", stratum.name));
        add(&mut lines, &mut shown, stratum, levels(rows, &name));
    }
    if shown.is_empty() {
        return None;
    }
    let name = format!("strata-{}", file_name(place.kind.unwrap_or("outside_home")));
    let legend = [rates_legend(), vec![(Mark::Dot(PURPLE), "other pairs alarmed".to_owned())]].concat();
    Some(Panel::new(&name, Some(place.heading.clone()), |column| {
        let chart = RowChart::new(column, lines.clone(), legend.clone(), 1.0);
        svg(column, chart.height(), Label { name: &name, title: &place.heading, description: &chart.description() }, |canvas| {
            chart.draw(canvas, "share", percent, |at, y| {
                let Shown { row, defines_contact } = shown[at];
                draw_rate(canvas, &chart, row.sensitivity, y - 9.0, BLUE);
                match defines_contact || row.contacts() == 0 {
                    true => draw_rate(canvas, &chart, alarmed(row), y + 9.0, PURPLE),
                    false => draw_rate(canvas, &chart, row.ppv, y + 9.0, ORANGE),
                }
            });
        })
    }))
}

/// Share of the pairs not in contact on which the rule fired.
fn alarmed(row: &Accuracy) -> Rate {
    let Rate { value, lo, hi } = row.specificity;
    Rate { value: 1.0 - value, lo: 1.0 - hi, hi: 1.0 - lo }
}

/// The levels of a stratum at which there was something to find or an alarm.
fn levels<'a>(rows: &[&'a Accuracy], stratum: &str) -> Vec<&'a Accuracy> {
    rows.iter().copied().filter(|row| row.stratum == stratum && row.contacts() + row.alarms() > 0).collect()
}

/// Adds the levels of a stratum, and the row of the table behind each line that is not a heading.
fn add<'a>(lines: &mut Vec<Line>, shown: &mut Vec<Shown<'a>>, stratum: &Stratum, mut levels: Vec<&'a Accuracy>) {
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
    lines.push(Line::Heading(format!("By {}{more}", stratum.called)));
    for row in levels {
        let level = if row.level == "none" { "nothing".to_owned() } else { format!("{}{}", words(&row.level), stratum.unit) };
        let note = if row.contacts() == 0 { format!("{} of {} alarmed", count(row.fp), count(row.fp + row.tn)) } else { found(row) };
        lines.push(Line::Row(level, note));
        shown.push(Shown { row, defines_contact: stratum.defines_contact });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(stratum: &str, level: &str, [tp, fp, fn_, tn]: [i64; 4]) -> Accuracy {
        let rate = |k: i64, n: i64| Rate { value: k as f64 / n as f64, lo: f64::NAN, hi: f64::NAN };
        Accuracy {
            seed: Some(1),
            mode: AS_IF.into(),
            universe: "device".into(),
            rule: "a rule".into(),
            stratum: stratum.into(),
            level: level.into(),
            tp,
            fp,
            fn_,
            tn,
            sensitivity: rate(tp, tp + fn_),
            specificity: rate(tn, tn + fp),
            ppv: rate(tp, tp + fp),
            npv: rate(tn, tn + fn_),
        }
    }

    /// The headings of panels, and the rows of each, in words.
    fn panels(rows: &[Accuracy]) -> Vec<(String, String)> {
        let rows: Vec<&Accuracy> = rows.iter().collect();
        let text = |panel: Panel| panel.wide.split("<desc").nth(1).and_then(|rest| rest.split("</desc>").next()).unwrap().to_owned();
        let drawn = places(&rows).into_iter().filter_map(|place| panel(&rows, &place));
        drawn.map(|panel| (panel.heading.clone().unwrap(), text(panel))).collect()
    }

    /// Behind acrylic more contacts are found than with nothing between in the office, and fewer where bedrooms are pooled with it.
    #[test]
    fn a_panel_is_of_one_venue_kind_and_the_home_comes_last() {
        let rows = [
            row("venue_kind", "home", [90, 0, 10, 0]),
            row("venue_kind", "office", [11, 0, 19, 5]),
            row("barrier", "none", [5, 0, 15, 5]),
            row("barrier", "acrylic", [6, 0, 4, 0]),
            row("office/barrier", "none", [5, 0, 15, 5]),
            row("office/barrier", "acrylic", [6, 0, 4, 0]),
            row("home/barrier", "none", [90, 0, 10, 0]),
        ];
        let drawn = panels(&rows);
        assert_eq!(drawn.iter().map(|(heading, _)| heading.as_str()).collect::<Vec<_>>(), ["Office: 30 contacts", "Home: 100 contacts"]);
        assert!(drawn[0].1.contains("nothing: 5 of 20 found. acrylic: 6 of 10 found.") && !drawn[0].1.contains("of 100"), "{}", drawn[0].1);
        assert!(drawn[1].1.contains("nothing: 90 of 100 found."));
    }

    #[test]
    fn several_kinds_outside_the_home_are_named_where_they_are_pooled() {
        let rows = [
            row("venue_kind", "home", [9, 0, 1, 0]),
            row("venue_kind", "train", [1, 0, 1, 0]),
            row("venue_kind", "office", [2, 0, 2, 0]),
            row("barrier", "none", [3, 0, 3, 0]),
            row("train/barrier", "none", [1, 0, 1, 0]),
            row("distance_m", "5-10", [0, 3, 0, 7]),
        ];
        let drawn = panels(&rows);
        let headings: Vec<&str> = drawn.iter().map(|(heading, _)| heading.as_str()).collect();
        assert_eq!(headings, ["Outside the home (office, train): 6 contacts", "Train: 2 contacts"]);
        assert!(drawn[0].1.contains("By venue. train: 1 of 2 found. office: 2 of 4 found."), "{}", drawn[0].1);
        assert!(drawn[0].1.contains("5-10 m: 3 of 10 alarmed."));
    }
}
