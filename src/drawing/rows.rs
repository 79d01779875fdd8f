//! Layout shared by figures of labelled rows: bars and dots along a common horizontal axis.
//!
//! In the wide column label, bar and note of a row stand side by side, in the narrow one label and note stand above the bar.

use super::canvas::{Align, Canvas, Color, Column, Fill, GREY, INK, LEADING, PALE, SMALL, TEXT, text_width, wrap};
use super::scale::Scale;

/// Height of a bar's place.
const ROW: f64 = 46.0;
const LEGEND_LINE: f64 = 40.0;
const AXIS: f64 = 96.0;
const GAP: f64 = 24.0;
/// Space beside the narrow column's axis, for the halves of the numbers at its ends.
const EDGE: f64 = 48.0;

/// What stands at the left and right of a row.
#[derive(Clone)]
pub enum Line {
    /// A heading over the rows that follow.
    Heading(String),
    /// A row: label, and text beside it.
    Row(String, String),
}

/// How an entry of a legend is drawn.
#[derive(Clone, Copy)]
pub enum Mark {
    /// A filled dot.
    Dot(Color),
    /// An open dot.
    Ring(Color),
    /// A filled square.
    Square(Fill),
    /// A line.
    Line(Color),
}

/// A chart of rows.
pub struct RowChart {
    column: Column,
    lines: Vec<Line>,
    legend: Vec<(Mark, String)>,
    x: Scale,
    x_max: f64,
    top: f64,
    left: f64,
    right: f64,
}

/// A line where it is drawn: its texts in lines, its height, and the middle of its bar below its top.
struct Placed {
    label: Vec<String>,
    note: Vec<String>,
    height: f64,
    bar: f64,
}

impl RowChart {
    /// A chart whose axis runs from 0 to `x_max`.
    pub fn new(column: Column, lines: Vec<Line>, legend: Vec<(Mark, String)>, x_max: f64) -> Self {
        let width = column.width();
        let widest = |pick: fn(&Line) -> &str| lines.iter().map(|line| text_width(pick(line), TEXT)).fold(0.0, f64::max);
        let labels = widest(|line| if let Line::Row(label, _) = line { label } else { "" });
        let notes = widest(|line| if let Line::Row(_, note) = line { note } else { "" });
        let (left, right) = match column {
            Column::Wide => (labels.clamp(120.0, width * 0.36) + 2.0 * GAP, width - notes.clamp(60.0, width * 0.28) - 2.0 * GAP),
            Column::Narrow => (EDGE, width - EDGE),
        };
        Self { column, lines, legend, x: Scale::new((0.0, x_max), (left, right)), x_max, top: 0.0, left, right }
    }

    /// Puts charts below each other, with common columns of labels and texts.
    pub fn stack(charts: &mut [Self]) {
        let left = charts.iter().map(|chart| chart.left).fold(0.0, f64::max);
        let right = charts.iter().map(|chart| chart.right).fold(f64::MAX, f64::min);
        let mut top = 0.0;
        for chart in charts {
            (chart.top, chart.left, chart.right) = (top, left, right);
            chart.x = Scale::new((0.0, chart.x_max), (left, right));
            top += chart.height();
        }
    }

    /// Height of the chart.
    pub fn height(&self) -> f64 {
        self.above_rows() + self.lines.iter().map(|line| self.place(line).height).sum::<f64>() + AXIS
    }

    /// The rows in words.
    pub fn description(&self) -> String {
        let texts = self.lines.iter().map(|line| match line {
            Line::Heading(text) => format!("{text}."),
            Line::Row(label, note) => format!("{label}: {note}."),
        });
        texts.collect::<Vec<_>>().join(" ")
    }

    /// Where the legend begins.
    fn legend_from(&self) -> (f64, f64) {
        (self.column.pick(self.left, 10.0), self.top + LEGEND_LINE * 0.75)
    }

    /// What stands above the rows: nothing, or as many lines as the legend takes.
    fn above_rows(&self) -> f64 {
        match legend_height(&self.legend, self.legend_from().0, self.column.width()) {
            0.0 => GAP,
            height => height + GAP * 0.8,
        }
    }

    /// Pixel of a value on the axis.
    pub fn x(&self, value: f64) -> f64 {
        self.x.px(value)
    }

    /// Draws a bar between two values in a row.
    pub fn bar(&self, canvas: &Canvas, (from, to): (f64, f64), middle: f64, fill: impl Into<Fill>) {
        canvas.rect((self.x(from), middle - ROW * 0.32), (self.x(to), middle + ROW * 0.32), fill, None);
    }

    fn place(&self, line: &Line) -> Placed {
        let width = self.column.width() - 2.0 * 8.0;
        match (line, self.column) {
            (Line::Heading(text), _) => {
                let label = wrap(text, TEXT * 1.05, width);
                let height = 38.0 + LEADING * label.len() as f64;
                Placed { label, note: Vec::new(), height, bar: 0.0 }
            }
            (Line::Row(label, note), Column::Wide) => {
                let label = wrap(label, TEXT, self.left - 1.5 * GAP);
                let note = wrap(note, TEXT, self.column.width() - self.right - 1.5 * GAP);
                let height = (LEADING * label.len().max(note.len()) as f64 + 12.0).max(ROW);
                Placed { label, note, height, bar: height / 2.0 }
            }
            (Line::Row(label, note), Column::Narrow) => {
                let fits = text_width(label, TEXT) + text_width(note, TEXT) + GAP <= width;
                let (label, note) = (wrap(label, TEXT, width), wrap(note, TEXT, width));
                let lines = if fits { 1 } else { label.len() + note.len() };
                let text = LEADING * lines as f64;
                Placed { label, note, height: text + ROW, bar: text + ROW * 0.42 }
            }
        }
    }

    /// Draws legend, axis, labels and notes, then calls `row` with the number and the middle of every row.
    pub fn draw(&self, canvas: &Canvas, axis: &str, tick: fn(f64) -> String, mut row: impl FnMut(usize, f64)) {
        legend(canvas, &self.legend, self.legend_from());
        let mut y = self.top + self.above_rows();
        // Where a value has no label, as 0.2 of a count, there is no line either.
        let ticks: Vec<f64> = self.x.ticks(self.column.pick(5, 4)).into_iter().filter(|value| !tick(*value).is_empty()).collect();
        let mut number = 0;
        for line in &self.lines {
            let placed = self.place(line);
            if matches!(line, Line::Heading(_)) {
                for (i, text) in placed.label.iter().enumerate() {
                    canvas.bold((8.0, y + 42.0 + LEADING * i as f64), text, TEXT, INK, Align::Left);
                }
            } else {
                let middle = y + placed.bar;
                let grid_from = self.column.pick(y, middle - ROW * 0.42);
                for &value in &ticks {
                    canvas.line(&[(self.x(value), grid_from), (self.x(value), y + placed.height)], PALE, 2.0);
                }
                self.texts(canvas, &placed, y);
                row(number, middle);
                number += 1;
            }
            y += placed.height;
        }
        for value in ticks {
            canvas.text((self.x(value), y + 24.0), &tick(value), SMALL, GREY, Align::Middle);
        }
        canvas.text(((self.left + self.right) / 2.0, y + 62.0), axis, SMALL, GREY, Align::Middle);
    }

    /// Label and note of a row.
    fn texts(&self, canvas: &Canvas, placed: &Placed, top: f64) {
        let down = |texts: &[String], x: f64, first: f64, color: Color, align: Align| {
            for (i, text) in texts.iter().enumerate() {
                canvas.text((x, first + LEADING * i as f64), text, TEXT, color, align);
            }
        };
        match self.column {
            Column::Wide => {
                let first = |texts: &[String]| top + placed.bar - LEADING * 0.5 * (texts.len() as f64 - 1.0);
                down(&placed.label, self.left - GAP, first(&placed.label), INK, Align::Right);
                down(&placed.note, self.right + GAP, first(&placed.note), GREY, Align::Left);
            }
            Column::Narrow => {
                let first = top + LEADING * 0.55;
                let is_one_line = placed.height < LEADING * 1.5 + ROW;
                down(&placed.label, 8.0, first, INK, Align::Left);
                match is_one_line {
                    true => down(&placed.note, canvas.width() - 8.0, first, GREY, Align::Right),
                    false => down(&placed.note, 8.0, first + LEADING * placed.label.len() as f64, GREY, Align::Left),
                }
            }
        }
    }
}

/// Where each entry of a legend stands: its left end and its line, from 0, in several lines if one does not hold them.
fn legend_places(entries: &[(Mark, String)], left: f64, right: f64) -> Vec<(f64, usize)> {
    let (mut x, mut line) = (left, 0);
    let place = |(_, text): &(Mark, String)| {
        let width = 44.0 + text_width(text, SMALL);
        if x + width > right && x > left {
            (x, line) = (left, line + 1);
        }
        let place = (x, line);
        x += width + 32.0;
        place
    };
    entries.iter().map(place).collect()
}

/// Height that a legend takes from a left end to a right one.
pub fn legend_height(entries: &[(Mark, String)], left: f64, right: f64) -> f64 {
    legend_places(entries, left, right).last().map_or(0.0, |(_, line)| LEGEND_LINE * (line + 1) as f64)
}

/// Draws entries of a legend from a point to the right and down. Gives the height used.
pub fn legend(canvas: &Canvas, entries: &[(Mark, String)], from: (f64, f64)) -> f64 {
    let places = legend_places(entries, from.0, canvas.width());
    for ((mark, text), (x, line)) in entries.iter().zip(&places) {
        let (x, y) = (*x, from.1 + LEGEND_LINE * *line as f64);
        let middle = (x + 14.0, y);
        match *mark {
            Mark::Dot(color) => canvas.disc(middle, 10.0, color),
            Mark::Ring(color) => canvas.ring(middle, 9.0, color),
            Mark::Square(fill) => canvas.rect((x + 2.0, y - 12.0), (x + 26.0, y + 12.0), fill, None),
            Mark::Line(color) => canvas.line(&[(x, y), (x + 30.0, y)], color, 6.0),
        }
        canvas.text((x + 42.0, y), text, SMALL, INK, Align::Left);
    }
    legend_height(entries, from.0, canvas.width())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(column: Column, label: &str) -> RowChart {
        let legend = ["contacts found (sensitivity)", "alarms that are contacts (PPV)", "contacts found, all"];
        let legend = legend.map(|text| (Mark::Dot(INK), text.to_string()));
        RowChart::new(column, vec![Line::Row(label.into(), "12,345 of 12,345".into())], legend.into(), 1.0)
    }

    /// Long labels leave little room: what does not fit goes on in a line of its own, above the rows.
    #[test]
    fn a_legend_of_several_lines_pushes_the_rows_down() {
        let (short, long) = (chart(Column::Wide, "short"), chart(Column::Wide, &"very_long_label_indeed".repeat(2)));
        assert_eq!(long.above_rows() - short.above_rows(), LEGEND_LINE);
    }

    /// On a phone the bar has the whole width, and a label that leaves no room for the note pushes it into a line below.
    #[test]
    fn in_the_narrow_column_texts_stand_above_the_bar() {
        let (short, long) = (chart(Column::Narrow, "short"), chart(Column::Narrow, "enough near scans, but the mean is over it"));
        assert!(short.x(1.0) - short.x(0.0) > 0.85 * Column::Narrow.width());
        let places = [&short, &long].map(|chart| chart.place(&chart.lines[0]));
        assert_eq!(places[1].height - places[0].height, LEADING * (places[1].label.len() as f64));
        assert!(places.iter().all(|place| place.bar > LEADING));
    }
}
