//! Sensitivity and positive predictive value of every rule, with intervals.

use crate::drawing::canvas::{BLUE, Canvas, Color, Label, ORANGE, svg};
use crate::drawing::format::{count, percent};
use crate::drawing::rows::{Line, Mark, RowChart};
use crate::report::data::{Accuracy, Rate, RunData};
use crate::report::shared_rows::share_rows;

use super::{Figure, Panel, one};

/// A row of the chart: rules with the same figures.
struct Rules<'a> {
    names: String,
    device: &'a Accuracy,
    population: Option<&'a Accuracy>,
}

/// Sensitivity and predictive value of every rule; rules that have the same figures share a row.
pub fn by_rule(data: &RunData) -> Figure {
    let everybody: Vec<&Accuracy> = data.rules("population").collect();
    let of_rule = |device: &'_ Accuracy| everybody.iter().copied().find(|row| row.rule == device.rule);
    let all: Vec<_> = data.rules("device").map(|row| (row, of_rule(row))).collect();
    let figures: Vec<_> =
        all.iter().map(|(row, everybody)| (row.rule.as_str(), (row.figures(), everybody.map(Accuracy::figures)))).collect();
    let shared = share_rows(&figures, usize::MAX).into_iter();
    let rows: Vec<Rules<'_>> = shared
        .map(|row| {
            let (device, population) = all[row.members[0]];
            Rules { names: row.names, device, population }
        })
        .collect();
    let title = "How well each rule did";
    let panels = if rows.is_empty() {
        Err("the table accuracy has no rows for contacts outside the home".to_owned())
    } else {
        let mut legend = rates_legend();
        if rows.iter().any(|row| row.population.is_some()) {
            legend.push((Mark::Ring(BLUE), "contacts found, all people".to_owned()));
        }
        Ok(one(Panel::new("rules", None, |column| {
            let lines = rows.iter().map(|row| Line::Row(row.names.clone(), found(row.device))).collect();
            let chart = RowChart::new(column, lines, legend.clone(), 1.0);
            svg(column, chart.height(), Label { name: "rules", title, description: &chart.description() }, |canvas| {
                chart.draw(canvas, "share", percent, |at, y| {
                    let Rules { device, population, .. } = &rows[at];
                    draw_rate(canvas, &chart, device.sensitivity, y - 9.0, BLUE);
                    if let Some(everybody) = population {
                        draw_open(canvas, &chart, everybody.sensitivity, y - 9.0, BLUE);
                    }
                    draw_rate(canvas, &chart, device.ppv, y + 9.0, ORANGE);
                });
            })
        })))
    };
    let caption = "Every rule over the same ordered pairs and whole UTC days outside the home; further right is better. Blue: of the true \
                   contacts, how many the rule found. Orange: of its \
                   alarms, how many were true contacts. Lines are intervals. Rules that gave the same counts share a row. Open dots count every person, also those without a \
                   running phone. The figures beside a row are contacts found of those between running phones."
        .to_owned();
    Figure { name: "rules", title, caption, panels }
}

/// What the two dots of a row are.
pub fn rates_legend() -> Vec<(Mark, String)> {
    vec![(Mark::Dot(BLUE), "contacts found (sensitivity)".to_owned()), (Mark::Dot(ORANGE), "alarms that are contacts (PPV)".to_owned())]
}

/// The note of a row.
pub fn found(row: &Accuracy) -> String {
    if row.contacts() == 0 { "no contacts".into() } else { format!("{} of {} found", count(row.tp), count(row.contacts())) }
}

/// A rate with its interval in a row.
pub fn draw_rate(canvas: &Canvas, chart: &RowChart, rate: Rate, y: f64, color: Color) {
    draw_interval(canvas, chart, rate, y, color);
    if !rate.value.is_nan() {
        canvas.disc((chart.x(rate.value), y), 10.0, color);
    }
}

/// The same with an open dot.
fn draw_open(canvas: &Canvas, chart: &RowChart, rate: Rate, y: f64, color: Color) {
    draw_interval(canvas, chart, rate, y, color);
    if !rate.value.is_nan() {
        canvas.ring((chart.x(rate.value), y), 8.0, color);
    }
}

fn draw_interval(canvas: &Canvas, chart: &RowChart, rate: Rate, y: f64, color: Color) {
    if !rate.lo.is_nan() && !rate.hi.is_nan() {
        canvas.line(&[(chart.x(rate.lo), y), (chart.x(rate.hi), y)], color, 4.0);
    }
}
