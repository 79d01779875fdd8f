//! Layout shared by figures that have one labelled row a thing: bars and dots along a common horizontal axis.

use plotters::style::RGBColor;

use crate::report::canvas::{Align, Canvas, GREY, INK, PALE, SMALL, TEXT, WIDTH, fit, text_width};
use crate::report::scale::Scale;

/// Height of a row, px.
pub const ROW: f64 = 46.0;
const HEADING: f64 = 70.0;
const LEGEND: f64 = 60.0;
const LEGEND_LINE: f64 = 40.0;
const AXIS: f64 = 96.0;
const GAP: f64 = 24.0;

/// What stands at the left and right of a row.
pub enum Line {
    /// A heading over the rows that follow.
    Heading(String),
    /// A row: label, and text in the right-hand column.
    Row(String, String),
}

/// A chart of rows.
pub struct RowChart {
    lines: Vec<Line>,
    legend: Vec<(Mark, String)>,
    x: Scale,
    x_max: f64,
    top: f64,
    left: f64,
    right: f64,
}

/// How an entry of a legend is drawn.
#[derive(Clone, Copy)]
pub enum Mark {
    /// A filled dot.
    Dot(RGBColor),
    /// An open dot.
    Ring(RGBColor),
    /// A filled square.
    Square(RGBColor),
    /// A line.
    Line(RGBColor),
}

impl RowChart {
    /// A chart whose axis runs from 0 to `x_max`.
    pub fn new(lines: Vec<Line>, legend: Vec<(Mark, String)>, x_max: f64) -> Self {
        let widest = |texts: &mut dyn Iterator<Item = &str>| texts.map(|text| text_width(text, TEXT)).fold(0.0, f64::max);
        let labels = widest(&mut lines.iter().filter_map(|line| if let Line::Row(label, _) = line { Some(label.as_str()) } else { None }));
        let notes = widest(&mut lines.iter().filter_map(|line| if let Line::Row(_, note) = line { Some(note.as_str()) } else { None }));
        let left = labels.clamp(120.0, WIDTH * 0.36) + 2.0 * GAP;
        let right = WIDTH - notes.clamp(60.0, WIDTH * 0.36) - 2.0 * GAP;
        Self { lines, legend, x: Scale::new((0.0, x_max), (left, right)), x_max, top: 0.0, left, right }
    }

    /// Puts charts below each other, with common columns of labels and texts.
    pub fn stack(charts: &mut [Self]) {
        let left = charts.iter().map(|chart| chart.left).fold(0.0, f64::max);
        let right = charts.iter().map(|chart| chart.right).fold(WIDTH, f64::min);
        let mut top = 0.0;
        for chart in charts {
            (chart.top, chart.left, chart.right) = (top, left, right);
            chart.x = Scale::new((0.0, chart.x_max), (left, right));
            top += chart.height();
        }
    }

    /// Height of the figure, px.
    pub fn height(&self) -> f64 {
        self.above_rows() + self.lines.iter().map(Line::height).sum::<f64>() + AXIS
    }

    /// What stands above the rows: nothing, or as many lines as the legend takes.
    fn above_rows(&self) -> f64 {
        let lines = legend_places(&self.legend, self.left).last().map(|(_, line)| line + 1);
        lines.map_or(GAP, |lines| LEGEND + LEGEND_LINE * (lines - 1) as f64)
    }

    /// Pixel of a value on the axis.
    pub fn x(&self, value: f64) -> f64 {
        self.x.px(value)
    }

    /// Draws legend, axis, labels and notes, then calls `row` with the number and the middle (px) of every row.
    pub fn draw(&self, canvas: &Canvas<'_>, axis: &str, tick: fn(f64) -> String, mut row: impl FnMut(usize, f64)) {
        legend(canvas, &self.legend, (self.left, self.top + LEGEND / 2.0));
        let mut y = self.top + self.above_rows();
        let bottom = self.top + self.height() - AXIS;
        for value in self.x.ticks(5) {
            let x = self.x(value);
            canvas.line(&[(x, y), (x, bottom)], PALE, 2);
            canvas.text((x, bottom + 24.0), &tick(value), SMALL, GREY, Align::Middle);
        }
        canvas.text(((self.left + self.right) / 2.0, bottom + 64.0), axis, SMALL, GREY, Align::Middle);
        let mut number = 0;
        for line in &self.lines {
            match line {
                Line::Heading(text) => {
                    canvas.rect((0.0, y), (WIDTH, y + HEADING - 8.0), super::super::canvas::WHITE.into(), None);
                    canvas.bold((GAP, y + HEADING * 0.58), &fit(text, TEXT * 1.05, WIDTH - 2.0 * GAP), TEXT, INK, Align::Left);
                }
                Line::Row(label, note) => {
                    let middle = y + ROW / 2.0;
                    let label = fit(label, TEXT, self.left - 1.4 * GAP);
                    canvas.text((self.left - GAP, middle), &label, TEXT, INK, Align::Right);
                    let note = fit(note, TEXT, WIDTH - self.right - 1.4 * GAP);
                    canvas.text((self.right + GAP, middle), &note, TEXT, GREY, Align::Left);
                    row(number, middle);
                    number += 1;
                }
            }
            y += line.height();
        }
    }
}

impl Line {
    fn height(&self) -> f64 {
        match self {
            Line::Heading(_) => HEADING,
            Line::Row(..) => ROW,
        }
    }
}

/// Where each entry of a legend stands: its left end and its line, from 0, in several lines if one does not hold them.
fn legend_places(entries: &[(Mark, String)], left: f64) -> Vec<(f64, usize)> {
    let (mut x, mut line) = (left, 0);
    let place = |(_, text): &(Mark, String)| {
        let width = 44.0 + text_width(text, SMALL) + 44.0;
        if x + width > WIDTH && x > left {
            (x, line) = (left, line + 1);
        }
        let place = (x, line);
        x += width;
        place
    };
    entries.iter().map(place).collect()
}

/// Draws entries of a legend from a point to the right and down. Gives the height used.
pub fn legend(canvas: &Canvas<'_>, entries: &[(Mark, String)], from: (f64, f64)) -> f64 {
    let places = legend_places(entries, from.0);
    for ((mark, text), (x, line)) in entries.iter().zip(&places) {
        let (x, y) = (*x, from.1 + LEGEND_LINE * *line as f64);
        let middle = (x + 14.0, y);
        match *mark {
            Mark::Dot(color) => canvas.disc(middle, 10.0, color.into()),
            Mark::Ring(color) => canvas.ring(middle, 9.0, color),
            Mark::Square(color) => canvas.rect((x + 2.0, y - 12.0), (x + 26.0, y + 12.0), color.into(), None),
            Mark::Line(color) => canvas.line(&[(x, y), (x + 30.0, y)], color, 6),
        }
        canvas.text((x + 42.0, y), text, SMALL, INK, Align::Left);
    }
    places.last().map_or(0.0, |(_, line)| LEGEND_LINE * (line + 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Long labels leave little room: what does not fit goes on in a line of its own, above the rows.
    #[test]
    fn a_legend_of_several_lines_pushes_the_rows_down() {
        let entries: Vec<_> = ["contacts found (sensitivity)", "alarms that are contacts (PPV)", "contacts found, all"]
            .map(|t| (Mark::Dot(INK), t.to_string()))
            .into();
        let chart = |label: &str| RowChart::new(vec![Line::Row(label.into(), "12,345 of 12,345".into())], entries.clone(), 1.0);
        let lines = |chart: &RowChart| legend_places(&chart.legend, chart.left).last().map(|(_, line)| line + 1);
        let (short, long) = (chart("short"), chart(&"a very long label indeed ".repeat(4)));
        assert_eq!((lines(&short), lines(&long)), (Some(1), Some(2)));
        assert_eq!(long.height() - short.height(), LEGEND_LINE);
    }
}
