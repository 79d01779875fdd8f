//! What was in force when: releases, settings and known faults as bars along the days of the run, and what happened on each day.

use std::collections::BTreeMap;

use crate::drawing::canvas::{BLUE, Canvas, Color, Column, GREEN, GREY, Label, ORANGE, VERMILLION, svg};
use crate::drawing::format::{count, whole, words};
use crate::drawing::rows::{Line, Mark, RowChart};
use crate::time::{DAY_S, DayJst, UnixSeconds};

use super::super::data::RunData;
use super::{Figure, Panel, one};

/// Steps of the funnel that are events of the system: unit and name.
const EVENTS: [(&str, &str); 4] =
    [("cases", "number issued"), ("cases", "keys uploaded"), ("phones", "phones that matched"), ("phones", "phones that showed a contact")];
/// Radius of a day's mark for one, and for many.
const RADIUS: (f64, f64) = (5.0, 13.0);

/// A row: what it says, and where it is drawn, in days of the run.
struct Row {
    label: String,
    note: String,
    drawn: Drawn,
}

enum Drawn {
    /// A bar.
    Span(Color, (f64, f64)),
    /// How many on which day.
    Days(Vec<(f64, i64)>),
}

/// A panel of rows under headings.
pub fn draw(data: &RunData) -> Figure {
    let title = "What was in force when";
    let days = data.summary.days.map_or(0.0, f64::from);
    let first = data.summary.first_day_jst.as_deref().and_then(DayJst::parse);
    let panels = match first.filter(|_| data.timeline.rows() > 0 && days > 0.0) {
        None => Err("this folder has no table timeline".to_owned()),
        Some(first) => {
            let groups = groups(data, first, days);
            let axis = format!("days after {}", first.date().format("%-d %B %Y"));
            Ok(one(Panel::new("timeline", None, |column| panel(column, &groups, (&axis, days)))))
        }
    };
    let caption =
        "Releases by the day on which phones could install them (each phone does so some days later), settings of the system that changed, known \
                   faults that are at work on the newest release or around the phones, and how many cases and phones reached a step on \
                   which day: the larger a dot, the more."
            .to_owned();
    Figure { name: "timeline", title, caption, panels }
}

fn panel(column: Column, groups: &[(&str, Vec<Row>)], (axis, days): (&str, f64)) -> String {
    let lines = groups.iter().flat_map(|(heading, rows)| {
        let rows = rows.iter().map(|row| Line::Row(row.label.clone(), row.note.clone()));
        [Line::Heading((*heading).to_owned())].into_iter().chain(rows)
    });
    let legend = vec![
        (Mark::Square(BLUE.into()), "release".to_owned()),
        (Mark::Square(GREEN.into()), "setting".to_owned()),
        (Mark::Square(VERMILLION.into()), "known fault".to_owned()),
        (Mark::Dot(ORANGE), "events of a day".to_owned()),
    ];
    let chart = RowChart::new(column, lines.collect(), legend, days);
    let rows: Vec<&Row> = groups.iter().flat_map(|(_, rows)| rows).collect();
    let label = Label { name: "timeline", title: "What was in force when", description: &chart.description() };
    svg(column, chart.height(), label, |canvas: &Canvas| {
        chart.draw(canvas, axis, whole, |row, y| match &rows[row].drawn {
            Drawn::Span(color, span) => chart.bar(canvas, *span, y, *color),
            Drawn::Days(of_days) => {
                let most = of_days.iter().map(|(_, n)| *n).max().unwrap_or(1) as f64;
                for (day, n) in of_days {
                    let radius = RADIUS.0 + (RADIUS.1 - RADIUS.0) * (*n as f64 / most).sqrt();
                    canvas.disc((chart.x(*day), y), radius, ORANGE);
                }
                if of_days.is_empty() {
                    canvas.line(&[(chart.x(0.0), y), (chart.x(days), y)], GREY, 1.0);
                }
            }
        });
    })
}

fn groups(data: &RunData, first: DayJst, days: f64) -> Vec<(&'static str, Vec<Row>)> {
    let of_kind = |kind: &str, color: Color, label: &dyn Fn(usize) -> String| -> Vec<Row> {
        // What held all the time is left to the table.
        let changes = |row: &usize| ["from_s", "until_s"].iter().any(|column| !data.timeline.is_null(column, *row));
        let rows = (0..data.timeline.rows()).filter(|row| data.timeline.text("kind").get(*row) == kind);
        let rows = rows.filter(|row| kind != "setting" || changes(row));
        rows.map(|row| span(data, row, first, days, color, label(row))).collect()
    };
    let text = |column: &str, row: usize| data.timeline.text(column).opt(row).unwrap_or_default().to_owned();
    let on = |row: usize| match text("system", row).as_str() {
        "ios" => " on iPhones",
        "android" => " on Android",
        _ => "",
    };
    let release = |row: usize| format!("{}{}", text("name", row), on(row));
    let setting = |row: usize| format!("{} = {}", text("name", row), text("value", row));
    let fault = |row: usize| format!("{} {}{}", text("value", row), words(&text("name", row)), on(row));
    let groups = [
        ("Releases", of_kind("release", BLUE, &release)),
        ("Settings", of_kind("setting", GREEN, &setting)),
        ("Known faults", of_kind("fault", VERMILLION, &fault)),
        ("Events", EVENTS.iter().map(|event| events(data, *event, first)).collect()),
    ];
    groups.into_iter().filter(|(_, rows)| !rows.is_empty()).collect()
}

fn span(data: &RunData, row: usize, first: DayJst, days: f64, color: Color, label: String) -> Row {
    let moment = |column: &str| (!data.timeline.is_null(column, row)).then(|| data.timeline.i64(column)[row]);
    let day = |at_s: i64| (at_s - first.start().0) as f64 / DAY_S as f64;
    let said = |at_s: i64| UnixSeconds(at_s).day_jst().date().format("%-d %b %Y").to_string();
    let (from_s, until_s) = (moment("from_s"), moment("until_s"));
    let note = match (from_s, until_s) {
        (None, None) => "throughout".into(),
        (Some(from_s), None) => format!("from {}", said(from_s)),
        (None, Some(until_s)) => format!("until {}", said(until_s)),
        (Some(from_s), Some(until_s)) => format!("{} to {}", said(from_s), said(until_s)),
    };
    Row { label, note, drawn: Drawn::Span(color, (from_s.map_or(0.0, day), until_s.map_or(days, day))) }
}

fn events(data: &RunData, (unit, name): (&str, &str), first: DayJst) -> Row {
    let table = &data.funnel;
    let mut of_days: BTreeMap<i32, i64> = BTreeMap::new();
    for row in (0..table.rows()).filter(|row| table.text("unit").get(*row) == unit && table.text("name").get(*row) == name) {
        *of_days.entry(table.days("day_jst")[row] - first.0).or_default() += table.i64("count")[row];
    }
    // What happened before the run is left out.
    let of_days: Vec<(f64, i64)> =
        of_days.into_iter().filter(|(day, n)| *day >= 0 && *n > 0).map(|(day, n)| (f64::from(day) + 0.5, n)).collect();
    let label = if unit == "cases" { format!("cases: {name}") } else { name.to_owned() };
    Row { label, note: count(of_days.iter().map(|(_, n)| *n).sum()), drawn: Drawn::Days(of_days) }
}
