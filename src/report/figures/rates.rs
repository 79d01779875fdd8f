//! Sensitivity and positive predictive value with intervals: by rule, and by stratum.

use crate::report::canvas::{BLUE, Canvas, ORANGE, svg};
use crate::report::data::{AS_IF, Accuracy, BESIDE, HEADLINE, Rate, RunData, TRUTH};
use crate::report::format::{count, percent, words};

use super::Figure;
use super::rows::{Line, Mark, RowChart};

/// Strata in the order of the page; others follow in the order of the table.
const STRATA: &[&str] = &["headline_os_pair", "venue_kind", "barrier", "carriage", "os_pair", "distance_m", "duration"];
/// Levels of a stratum that are drawn; the table has them all.
const MAX_LEVELS: usize = 12;

/// Sensitivity and predictive value of every rule.
pub fn by_rule(data: &RunData) -> Figure {
    let device: Vec<&Accuracy> = data.rules("device").collect();
    let population: Vec<Option<&Accuracy>> =
        device.iter().map(|row| data.rules("population").find(|other| other.rule == row.rule)).collect();
    let title = "How well each rule did";
    let drawing = if device.is_empty() {
        Err("the table accuracy has no rows for contacts outside the home".to_owned())
    } else {
        let lines = device.iter().map(|row| Line::Row(row.rule.clone(), found(row))).collect();
        let mut legend = vec![
            (Mark::Dot(BLUE), "contacts found (sensitivity)".to_owned()),
            (Mark::Dot(ORANGE), "alarms that are contacts (PPV)".to_owned()),
        ];
        if population.iter().any(Option::is_some) {
            legend.push((Mark::Ring(BLUE), "contacts found, all people".to_owned()));
        }
        let chart = RowChart::new(lines, legend, 1.0);
        Ok(svg(chart.height(), title, |canvas| {
            chart.draw(canvas, "share", percent, |row, y| {
                draw_rate(canvas, &chart, device[row].sensitivity, y - 9.0, Mark::Dot(BLUE));
                if let Some(all) = population[row] {
                    draw_rate(canvas, &chart, all.sensitivity, y - 9.0, Mark::Ring(BLUE));
                }
                draw_rate(canvas, &chart, device[row].ppv, y + 9.0, Mark::Dot(ORANGE));
            });
        }))
    };
    let caption = "Further right is better. Blue: of the true contacts outside the home, how many the rule found. Orange: of its \
                   alarms, how many were true contacts. Lines are intervals. Open dots count every person, also those without a \
                   running phone. The right-hand column gives contacts found of contacts."
        .to_owned();
    Figure { name: "rules", title, caption, drawing }
}

/// Sensitivity and predictive value of the headline's rule, split by circumstances.
pub fn by_stratum(data: &RunData) -> Figure {
    let rule = data.headline_rule().unwrap_or_default();
    let rows: Vec<&Accuracy> = data
        .accuracy
        .iter()
        .filter(|row| row.mode == AS_IF && row.universe == "device" && row.truth == TRUTH && row.rule == rule)
        .filter(|row| !["all", HEADLINE.0, BESIDE.0].contains(&row.stratum.as_str()))
        .collect();
    let title = "Where the rule works and where it does not";
    let (lines, shown) = stratum_lines(&rows);
    let drawing = if shown.is_empty() {
        Err("the table accuracy has no strata for this rule".to_owned())
    } else {
        let legend = vec![
            (Mark::Dot(BLUE), "contacts found (sensitivity)".to_owned()),
            (Mark::Dot(ORANGE), "alarms that are contacts (PPV)".to_owned()),
        ];
        let chart = RowChart::new(lines, legend, 1.0);
        Ok(svg(chart.height(), title, |canvas| {
            chart.draw(canvas, "share", percent, |row, y| {
                draw_rate(canvas, &chart, shown[row].sensitivity, y - 9.0, Mark::Dot(BLUE));
                draw_rate(canvas, &chart, shown[row].ppv, y + 9.0, Mark::Dot(ORANGE));
            });
        }))
    };
    let caption = format!(
        "The rule <b>{}</b>, all venues and days, split by where and how the pair were nearest for longest. Compare the blue dots inside a \
         group: what lowers them is what hides contacts from the app. Wide lines mean few contacts. A row without a dot had none.",
        crate::report::format::escape(rule)
    );
    Figure { name: "strata", title, caption, drawing }
}

/// Lines of the chart, and the row of the table behind each that is not a heading.
fn stratum_lines<'a>(rows: &[&'a Accuracy]) -> (Vec<Line>, Vec<&'a Accuracy>) {
    let mut strata: Vec<&str> = STRATA.to_vec();
    for row in rows {
        if !strata.contains(&row.stratum.as_str()) {
            strata.push(&row.stratum);
        }
    }
    let (mut lines, mut shown) = (Vec::new(), Vec::new());
    for stratum in strata {
        let mut levels: Vec<&Accuracy> = rows.iter().copied().filter(|row| row.stratum == stratum).collect();
        if levels.is_empty() {
            continue;
        }
        let left_out = levels.len().saturating_sub(MAX_LEVELS);
        if left_out > 0 {
            // A stable sort: equal levels stay in the order of the table.
            levels.sort_by_key(|row| std::cmp::Reverse(row.contacts()));
            levels.truncate(MAX_LEVELS);
        }
        let more = if left_out > 0 { format!(" (those with most contacts; {left_out} more in accuracy.parquet)") } else { String::new() };
        lines.push(Line::Heading(format!("by {}{more}", stratum_words(stratum))));
        for row in levels {
            let level = if stratum == "barrier" && row.level == "none" { "nothing".to_owned() } else { words(&row.level) };
            lines.push(Line::Row(level, found(row)));
            shown.push(row);
        }
    }
    (lines, shown)
}

fn stratum_words(stratum: &str) -> String {
    match stratum {
        "venue_kind" => "venue".into(),
        "barrier" => "what stood between".into(),
        "carriage" => "how the phones were carried".into(),
        "headline_os_pair" => "operating systems, transmitter > observer, outside the home".into(),
        "os_pair" => "operating systems, transmitter > observer".into(),
        other => words(other),
    }
}

pub(super) fn found(row: &Accuracy) -> String {
    if row.contacts() == 0 { "no contacts".into() } else { format!("{} of {}", count(row.tp), count(row.contacts())) }
}

pub(super) fn draw_rate(canvas: &Canvas<'_>, chart: &RowChart, rate: Rate, y: f64, mark: Mark) {
    if rate.value.is_nan() {
        return;
    }
    let (color, is_open) = match mark {
        Mark::Ring(color) => (color, true),
        Mark::Dot(color) | Mark::Square(color) | Mark::Line(color) => (color, false),
    };
    if !rate.lo.is_nan() && !rate.hi.is_nan() {
        canvas.line(&[(chart.x(rate.lo), y), (chart.x(rate.hi), y)], color, 4);
    }
    let at = (chart.x(rate.value), y);
    if is_open { canvas.ring(at, 8.0, color) } else { canvas.disc(at, 10.0, color.into()) }
}
