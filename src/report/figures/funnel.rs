//! From infection to notification, step by step.

use std::collections::BTreeMap;

use plotters::style::Color;

use crate::report::canvas::{BLUE, VERMILLION, svg};
use crate::report::format::{count, number, words};
use crate::report::scale::round_step;

use super::super::data::RunData;
use super::Figure;
use super::rows::{Line, Mark, ROW, RowChart};

/// A step, summed over all days.
#[derive(Default)]
struct Step<'a> {
    name: &'a str,
    count: i64,
    lost: i64,
    why: BTreeMap<&'a str, i64>,
}

/// Bars of how many reached each step, with what was lost before it.
pub fn draw(data: &RunData) -> Figure {
    let title = "From infection to notification";
    let steps = steps(data);
    let largest = steps.values().map(|step| step.count + step.lost).max().unwrap_or(0);
    let drawing = if largest == 0 {
        Err("nobody was infected in this run, so the system had nothing to do".to_owned())
    } else {
        let lines = steps.values().map(|step| Line::Row(words(step.name), loss(step))).collect();
        let legend = vec![(Mark::Square(BLUE), "reached the step".to_owned()), (Mark::Square(faint()), "lost before it".to_owned())];
        let largest = largest as f64;
        let step = round_step((largest / 5.0).max(1.0));
        let chart = RowChart::new(lines, legend, (largest / step).ceil() * step);
        let bars: Vec<&Step<'_>> = steps.values().collect();
        Ok(svg(chart.height(), title, |canvas| {
            let tick = |value| number(value, 0);
            chart.draw(canvas, "number over all days", tick, |row, y| {
                let (here, before) = (bars[row].count as f64, (bars[row].count + bars[row].lost) as f64);
                let (top, bottom) = (y - ROW * 0.32, y + ROW * 0.32);
                canvas.rect((chart.x(here), top), (chart.x(before), bottom), VERMILLION.mix(0.3), None);
                canvas.rect((chart.x(0.0), top), (chart.x(here), bottom), BLUE.into(), None);
            });
        }))
    };
    let caption = "Every confirmed case has to pass all steps before anybody is told. The pale end of a bar is what was lost before \
                   that step, with the main reasons at its right. Steps of one case may fall on different days."
        .to_owned();
    Figure { name: "funnel", title, caption, drawing }
}

/// The pale colour of losses on white, for the legend.
fn faint() -> plotters::style::RGBColor {
    plotters::style::RGBColor(242, 207, 179)
}

fn steps(data: &RunData) -> BTreeMap<u32, Step<'_>> {
    let table = &data.funnel;
    let mut steps: BTreeMap<u32, Step<'_>> = BTreeMap::new();
    for row in 0..table.rows() {
        let step = steps.entry(table.u32("step")[row]).or_default();
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
    let mut reasons: Vec<(&str, i64)> = step.why.iter().map(|(why, lost)| (*why, *lost)).filter(|(_, lost)| *lost > 0).collect();
    reasons.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let reasons: Vec<String> = reasons.iter().take(2).map(|(why, lost)| format!("{} {}", count(*lost), words(why))).collect();
    let why = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    format!("{}, lost {}{why}", count(step.count), count(step.lost))
}
