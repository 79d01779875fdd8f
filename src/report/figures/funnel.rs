//! From infection to notification, step by step: a panel for each unit that is counted.

use std::collections::BTreeMap;

use crate::drawing::canvas::{BLUE, Canvas, Column, Fill, Label, VERMILLION, svg};
use crate::drawing::format::{count, whole, words};
use crate::drawing::rows::{Line, Mark, RowChart};
use crate::drawing::scale::round_step;

use super::super::data::RunData;
use super::{Figure, Panel, one};

/// A step, summed over all days.
#[derive(Default)]
struct Step<'a> {
    unit: &'a str,
    name: &'a str,
    count: i64,
    lost: i64,
    why: BTreeMap<&'a str, i64>,
}

/// Bars of how many reached each step, with what was lost before it.
pub fn draw(data: &RunData) -> Figure {
    let title = "From infection to notification";
    let steps: Vec<Step<'_>> = steps(data).into_values().collect();
    let panels = if steps.is_empty() {
        Err("nobody was infected in this run, so the system had nothing to do".to_owned())
    } else {
        let units: Vec<&[Step<'_>]> = steps.chunk_by(|a, b| a.unit == b.unit).collect();
        Ok(one(Panel::new("funnel", None, |column| {
            let mut charts: Vec<RowChart> = units.iter().zip(0..).map(|(steps, at)| chart(column, steps, at == 0)).collect();
            RowChart::stack(&mut charts);
            let height = charts.iter().map(RowChart::height).sum();
            let description: Vec<String> = charts.iter().map(RowChart::description).collect();
            svg(column, height, Label { name: "funnel", title, description: &description.join(" ") }, |canvas| {
                for (chart, steps) in charts.iter().zip(&units) {
                    panel(canvas, chart, steps);
                }
            })
        })))
    };
    let caption = "Each panel has one unit, on an axis of its own: cases, the daily keys that they uploaded, the phones that \
                   checked keys, and the people who really were in contact with a case on a day that counts. Every member counts once a \
                   step; the pale end of a bar is what was lost before that step, with the main reason at its right. A phone with \
                   Bluetooth off checks keys too, though it takes no part otherwise. A panel without members is left out."
        .to_owned();
    Figure { name: "funnel", title, caption, panels }
}

fn chart(column: Column, steps: &[Step<'_>], with_legend: bool) -> RowChart {
    let mut lines = vec![Line::Heading(words(steps[0].unit))];
    lines.extend(steps.iter().map(|step| Line::Row(words(step.name), loss(step))));
    let legend = vec![(Mark::Square(BLUE.into()), "reached the step".to_owned()), (Mark::Square(lost()), "lost before it".to_owned())];
    let largest = steps.iter().map(|step| step.count + step.lost).max().unwrap_or(0) as f64;
    let step = round_step((largest / 5.0).max(1.0));
    RowChart::new(column, lines, if with_legend { legend } else { Vec::new() }, (largest / step).ceil() * step)
}

fn panel(canvas: &Canvas, chart: &RowChart, steps: &[Step<'_>]) {
    let axis = format!("{} over all days", steps[0].unit);
    chart.draw(canvas, &axis, whole, |row, y| {
        let (here, before) = (steps[row].count as f64, (steps[row].count + steps[row].lost) as f64);
        chart.bar(canvas, (here, before), y, lost());
        chart.bar(canvas, (0.0, here), y, BLUE);
    });
}

/// The colour of what was lost.
fn lost() -> Fill {
    VERMILLION.faded(0.3)
}

fn steps(data: &RunData) -> BTreeMap<u32, Step<'_>> {
    let table = &data.funnel;
    let mut steps: BTreeMap<u32, Step<'_>> = BTreeMap::new();
    for row in 0..table.rows() {
        let step = steps.entry(table.u32("step")[row]).or_default();
        step.unit = table.text("unit").get(row);
        step.name = table.text("name").get(row);
        step.count += table.i64("count")[row];
        step.lost += table.i64("lost")[row];
        if let Some(why) = table.text("why").opt(row) {
            *step.why.entry(why).or_default() += table.i64("lost")[row];
        }
    }
    steps
}

fn loss(step: &Step<'_>) -> String {
    if step.lost == 0 {
        return count(step.count);
    }
    // The main reason; ties go to the first by name.
    let main = step.why.iter().rev().max_by_key(|(_, lost)| **lost);
    let why = main.map_or_else(String::new, |(why, lost)| match *lost == step.lost {
        true => format!(" ({})", words(why)),
        false => format!(" ({} {})", count(*lost), words(why)),
    });
    format!("{}, lost {}{why}", count(step.count), count(step.lost))
}
