//! Runs side by side: what rules found in each, how much of what they told was true, and how common contacts were.

use super::{
    canvas::{
        Align, BLUE, Canvas, Color, Column, GREEN, GREY, INK, LEADING, Label, PALE, PURPLE, SMALL, TEXT, VERMILLION, svg, text_width, wrap,
    },
    format::{number, percent},
    rows::{Mark, legend, legend_height},
    scale::{Scale, round_step},
};

/// So many rules can be told apart.
pub const MOST_RULES: usize = 4;
const COLORS: [Color; MOST_RULES] = [BLUE, VERMILLION, GREEN, PURPLE];

const EDGE: f64 = 40.0;
/// Between panels, for the halves of numbers at their ends.
const GAP: f64 = 90.0;
/// Bold text is about so much wider.
const BOLD: f64 = TEXT * 1.1;
/// Height that a rule has in a row.
const LANE: f64 = 48.0;
/// Each of two readings lies so far off the middle of the lane.
const OFF: f64 = 10.0;
const ABOVE_AND_BELOW: f64 = 14.0;
const AXIS: f64 = 60.0;
const PANELS: usize = 3;
const HEADINGS: [&str; PANELS] = ["contacts found (sensitivity)", "alarms that are contacts (PPV)", "true contacts a person-hour"];

/// A value and its interval, where it has one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Both ends.
    pub interval: Option<(f64, f64)>,
}

/// One rate of a rule, by its reading and by its other reading; `None` where there is nothing to take a share of, or no other reading.
pub type Readings = [Option<Estimate>; 2];

/// A run: a row of the figure.
#[derive(Clone, Debug, Default)]
pub struct ComparedRun {
    /// Its name.
    pub label: String,
    /// What stands below the name.
    pub note: String,
    /// Sensitivity and predictive value of each rule.
    pub rules: Vec<[Readings; 2]>,
    /// True contacts a person-hour.
    pub contact_rate: Option<Estimate>,
}

/// What a rule asks for, and what by its other reading, where it has one.
pub type RuleWords = (String, Option<String>);

/// Draws a row a run with a panel for each of sensitivity, predictive value and true contacts a person-hour; `notes` stand below. Gives the SVG.
pub fn compare_figure(runs: &[ComparedRun], rules: &[RuleWords], notes: &[String]) -> String {
    let entries = legend_entries(rules);
    let figure = Figure::new(runs, legend_height(&entries, EDGE, Column::Wide.width()));
    let notes: Vec<String> = notes.iter().flat_map(|note| wrap(note, SMALL, Column::Wide.width() - 2.0 * EDGE)).collect();
    let height = figure.bottom() + AXIS + LEADING * notes.len() as f64 + EDGE;
    let description = runs.iter().map(|run| in_words(run, rules)).collect::<Vec<_>>().join(" ");
    let label = Label { name: "compare", title: "What rules found in each run, and how common contacts were", description: &description };
    svg(Column::Wide, height, label, |canvas| {
        legend(canvas, &entries, (EDGE, EDGE));
        figure.draw(canvas);
        for (line, note) in (0..).map(f64::from).zip(&notes) {
            canvas.text((EDGE, figure.bottom() + AXIS + 20.0 + LEADING * line), note, SMALL, GREY, Align::Left);
        }
    })
}

fn legend_entries(rules: &[RuleWords]) -> Vec<(Mark, String)> {
    let of_rule = |((words, other), color): (&RuleWords, Color)| {
        let other = other.as_ref().map(|other| (Mark::Ring(color), format!("its other reading, the bar between the two: {other}")));
        std::iter::once((Mark::Dot(color), words.clone())).chain(other)
    };
    rules.iter().zip(COLORS).flat_map(of_rule).collect()
}

/// A run in words.
fn in_words(run: &ComparedRun, rules: &[RuleWords]) -> String {
    let share = |readings: Readings| {
        let known: Vec<String> = readings.into_iter().flatten().map(|estimate| percent(estimate.value)).collect();
        if known.is_empty() { "–".into() } else { known.join(" or ") }
    };
    let of_rule = |([sensitivity, ppv], (words, _)): (&[Readings; 2], &RuleWords)| {
        format!("{words}: sensitivity {}, PPV {}", share(*sensitivity), share(*ppv))
    };
    let rate = run.contact_rate.map_or_else(|| "–".into(), |rate| number(rate.value, 3));
    let rules: Vec<String> = run.rules.iter().zip(rules).map(of_rule).collect();
    format!("{}: {}; true contacts a person-hour {rate}.", run.label, rules.join("; "))
}

/// Where everything stands.
struct Figure<'a> {
    runs: &'a [ComparedRun],
    /// Label and note of each run, in lines.
    texts: Vec<(Vec<String>, Vec<String>)>,
    scales: [Scale; PANELS],
    /// Left and right end of each panel.
    ends: [(f64, f64); PANELS],
    headings: [Vec<String>; PANELS],
    /// Where headings begin, and rows.
    tops: (f64, f64),
}

impl<'a> Figure<'a> {
    fn new(runs: &'a [ComparedRun], legend: f64) -> Self {
        let widest = runs.iter().map(|run| text_width(&run.label, TEXT).max(text_width(&run.note, SMALL))).fold(0.0, f64::max);
        let labels = widest.clamp(160.0, 400.0);
        let text = |run: &ComparedRun| (wrap(&run.label, TEXT, labels), wrap(&run.note, SMALL, labels));
        let first = EDGE + labels + GAP;
        let width = (Column::Wide.width() - EDGE - first - GAP * (PANELS - 1) as f64) / PANELS as f64;
        let ends = std::array::from_fn(|panel| {
            let left = first + (width + GAP) * panel as f64;
            (left, left + width)
        });
        let headings = HEADINGS.map(|heading| wrap(heading, BOLD, width));
        let lines = headings.iter().map(Vec::len).max().unwrap_or(0) as f64;
        let top = EDGE + legend + 10.0;
        let scale = |panel: usize| Scale::new((0.0, end_of_axis(runs, panel)), ends[panel]);
        let scales = std::array::from_fn(scale);
        Self { runs, texts: runs.iter().map(text).collect(), scales, ends, headings, tops: (top, top + LEADING * lines + 10.0) }
    }

    fn height_of(&self, run: usize) -> f64 {
        let (label, note) = &self.texts[run];
        let text = LEADING * (label.len() + note.len()) as f64;
        (LANE * self.runs[run].rules.len() as f64).max(text) + 2.0 * ABOVE_AND_BELOW
    }

    /// Where the last row ends.
    fn bottom(&self) -> f64 {
        self.tops.1 + (0..self.runs.len()).map(|run| self.height_of(run)).sum::<f64>()
    }

    fn draw(&self, canvas: &Canvas) {
        self.draw_frame(canvas);
        let mut y = self.tops.1;
        for (at, run) in self.runs.iter().enumerate() {
            let height = self.height_of(at);
            canvas.line(&[(EDGE, y), (canvas.width() - EDGE, y)], PALE, 2.0);
            self.draw_label(canvas, at, y + height / 2.0);
            let first = y + height / 2.0 - LANE * (run.rules.len() as f64 - 1.0) / 2.0;
            for (lane, (readings, color)) in run.rules.iter().zip(COLORS).enumerate() {
                let middle = first + LANE * lane as f64;
                for (panel, nothing) in [(0, "nothing to find"), (1, "no alarm")] {
                    self.draw_readings(canvas, panel, (readings[panel], nothing), middle, color);
                }
            }
            self.draw_readings(canvas, 2, ([run.contact_rate, None], "not known"), y + height / 2.0, INK);
            y += height;
        }
    }

    /// Headings, grid and numbers.
    fn draw_frame(&self, canvas: &Canvas) {
        let (top, bottom) = (self.tops.1, self.bottom());
        for (panel, (left, right)) in self.ends.into_iter().enumerate() {
            for (line, text) in (0..).map(f64::from).zip(&self.headings[panel]) {
                canvas.bold((left, self.tops.0 + 16.0 + LEADING * line), text, TEXT, INK, Align::Left);
            }
            for value in self.scales[panel].ticks(4) {
                let x = self.scales[panel].px(value);
                canvas.line(&[(x, top), (x, bottom)], PALE, 2.0);
                let text = if panel == 2 { number(value, 3) } else { format!("{} %", number(value * 100.0, 1)) };
                canvas.text((x, bottom + 26.0), &text, SMALL, GREY, Align::Middle);
            }
            canvas.line(&[(left, bottom), (right, bottom)], GREY, 2.0);
        }
    }

    fn draw_label(&self, canvas: &Canvas, run: usize, middle: f64) {
        let (label, note) = &self.texts[run];
        let first = middle - LEADING * ((label.len() + note.len()) as f64 - 1.0) / 2.0;
        let styled = label.iter().map(|text| (text, TEXT, INK)).chain(note.iter().map(|text| (text, SMALL, GREY)));
        for (line, (text, size, color)) in (0..).map(f64::from).zip(styled) {
            canvas.text((EDGE, first + LEADING * line), text, size, color, Align::Left);
        }
    }

    /// A dot with its interval; of two readings a bar between them, the other one's dot open; `nothing` where there is none.
    fn draw_readings(&self, canvas: &Canvas, panel: usize, (readings, nothing): (Readings, &str), middle: f64, color: Color) {
        let x = &self.scales[panel];
        let is_between = readings.iter().all(Option::is_some);
        if let [Some(one), Some(other)] = readings {
            let (from, to) = (one.value.min(other.value), one.value.max(other.value));
            canvas.rect((x.px(from), middle - OFF), (x.px(to), middle + OFF), color.faded(0.3), None);
        }
        for (estimate, (off, is_open)) in readings.into_iter().zip([(-OFF, false), (OFF, true)]) {
            let Some(estimate) = estimate else { continue };
            let y = if is_between { middle + off } else { middle };
            if let Some((low, high)) = estimate.interval {
                canvas.line(&[(x.px(low), y), (x.px(high), y)], color, 4.0);
            }
            let at = (x.px(estimate.value), y);
            if is_open { canvas.ring(at, 8.0, color) } else { canvas.disc(at, 10.0, color) }
        }
        if readings.iter().all(Option::is_none) {
            canvas.text((self.ends[panel].0 + 8.0, middle), nothing, SMALL, GREY, Align::Left);
        }
    }
}

/// Where a panel's axis ends: shares found at 1, others at a round number above all that is drawn.
fn end_of_axis(runs: &[ComparedRun], panel: usize) -> f64 {
    let of_run = |run: &ComparedRun| -> Vec<Estimate> {
        match panel {
            0 => Vec::new(),
            1 => run.rules.iter().flat_map(|[_, ppv]| ppv).flatten().copied().collect(),
            _ => run.contact_rate.into_iter().collect(),
        }
    };
    let highest =
        runs.iter().flat_map(of_run).map(|estimate| estimate.interval.map_or(estimate.value, |(_, high)| high)).fold(0.0, f64::max);
    let step = round_step(highest.max(1e-6) / 4.0);
    match panel {
        0 => 1.0,
        1 if highest > 0.0 => ((highest / step).ceil() * step).min(1.0),
        2 if highest > 0.0 => (highest / step).ceil() * step,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64) -> Option<Estimate> {
        Some(Estimate { value, interval: Some((value - 0.05, value + 0.05)) })
    }

    fn run(label: &str) -> ComparedRun {
        let rules =
            vec![[[estimate(0.4), estimate(0.9)], [estimate(0.13), estimate(0.12)]], [[estimate(0.95), None], [estimate(0.1), None]]];
        ComparedRun {
            label: label.into(),
            note: "1,234 contacts".into(),
            rules,
            contact_rate: Some(Estimate { value: 1.7, interval: None }),
        }
    }

    fn words() -> [RuleWords; 2] {
        [("version 1".into(), Some("minutes under".into())), ("version 2".into(), None)]
    }

    fn count(svg: &str, shape: &str, color: &str) -> usize {
        svg.split('<').filter(|tag| tag.starts_with(shape) && tag.to_lowercase().contains(color)).count()
    }

    #[test]
    fn a_rule_of_two_readings_is_a_bar_between_two_dots() {
        let svg = compare_figure(&[run("one"), run("two")], &words(), &["A note.".into()]);
        let (blue, vermillion) = ("#0072b2", "#d55e00");
        // A bar in each of two panels of two runs, and a filled and an open dot: the latter has paper below its edge. The legend's come on top.
        assert_eq!((count(&svg, "rect", blue), count(&svg, "circle", blue)), (4, 10));
        assert_eq!((count(&svg, "rect", vermillion), count(&svg, "circle", vermillion)), (0, 5));
        for text in ["one", "1,234 contacts", "A note.", "PPV 13 % or 12 %", "true contacts a person-hour 1.7"] {
            assert!(svg.contains(text), "{text}");
        }
    }

    #[test]
    fn axes_end_at_round_numbers_above_all_that_is_drawn() {
        let runs = [run("one"), ComparedRun::default()];
        assert_eq!([0, 1, 2].map(|panel| (end_of_axis(&runs, panel) * 1e6).round() / 1e6), [1.0, 0.2, 2.0]);
        assert_eq!([0, 1, 2].map(|panel| end_of_axis(&runs[1..], panel)), [1.0; 3], "nothing to draw");
        let mut sure = run("sure");
        sure.rules[0][1][0] = Some(Estimate { value: 0.97, interval: Some((0.9, 1.0)) });
        assert_eq!(end_of_axis(&[sure], 1), 1.0, "no share is more than all");
    }

    #[test]
    fn what_there_is_nothing_of_is_said() {
        let nothing = ComparedRun { rules: vec![[[None; 2]; 2]], ..ComparedRun::default() };
        let svg = compare_figure(&[nothing], &words()[..1], &[]);
        assert!(["nothing to find", "no alarm", "not known"].iter().all(|text| svg.contains(text)));
    }
}
