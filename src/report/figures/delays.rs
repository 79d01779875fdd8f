//! How long each step took: of each stage the middle half of its delays, the span of nine in ten, and the median.

use std::collections::BTreeMap;

use crate::drawing::canvas::{BLUE, Canvas, Column, Fill, GREY, Label, ORANGE, svg};
use crate::drawing::format::{count, number, whole};
use crate::drawing::rows::{Line, Mark, RowChart};
use crate::drawing::scale::round_step;

use super::super::data::RunData;
use super::{Figure, Panel, one};

const DAY_H: f64 = 24.0;
/// Delays of a stage are drawn one by one up to this number.
const FEW: usize = 4;

/// A stage and its delays, days, ascending.
struct Stage {
    name: String,
    unit: String,
    delays_d: Vec<f64>,
}

impl Stage {
    /// The value under which a share of the delays lies: of the ordered values the first that reaches it.
    fn quantile_d(&self, share: f64) -> f64 {
        let at = (share * self.delays_d.len() as f64).ceil() as usize;
        self.delays_d[at.clamp(1, self.delays_d.len()) - 1]
    }

    fn note(&self) -> String {
        let median_h = self.quantile_d(0.5) * DAY_H;
        let median = if median_h < 48.0 { format!("{} h", number(median_h, 1)) } else { format!("{} d", number(median_h / DAY_H, 1)) };
        format!("median {median}, {} {}", count(self.delays_d.len() as i64), self.unit)
    }
}

/// A row for each stage of which the run has delays.
pub fn draw(data: &RunData) -> Figure {
    let title = "How long each step took";
    let stages = stages(data);
    let panels = if stages.is_empty() {
        Err("no two steps of a case lie within this run".to_owned())
    } else {
        Ok(one(Panel::new("delays", None, |column| panel(column, &stages))))
    };
    let caption =
        "Of each step the median (dot), the middle half of the delays (bar) and nine in ten of them (line); up to four are drawn \
                   one by one. Only those count whose both ends lie within the run, so that long delays are missing from short runs. \
                   Steps of the way add up for one case, not their medians."
            .to_owned();
    Figure { name: "delays", title, caption, panels }
}

fn panel(column: Column, stages: &[Stage]) -> String {
    let lines = stages.iter().map(|stage| Line::Row(stage.name.clone(), stage.note())).collect();
    let legend = vec![
        (Mark::Dot(ORANGE), "median, or one delay".to_owned()),
        (Mark::Square(middle()), "middle half".to_owned()),
        (Mark::Line(GREY), "nine in ten".to_owned()),
    ];
    let largest = stages.iter().map(|stage| stage.quantile_d(0.95)).fold(0.0, f64::max).max(0.1);
    let step = round_step(largest / 5.0);
    let chart = RowChart::new(column, lines, legend, (largest / step).ceil() * step);
    let said: fn(f64) -> String = if largest < 4.0 { |days| number(days, 1) } else { whole };
    let label = Label { name: "delays", title: "How long each step took", description: &chart.description() };
    svg(column, chart.height(), label, |canvas: &Canvas| {
        chart.draw(canvas, "days", said, |row, y| {
            let stage = &stages[row];
            if stage.delays_d.len() <= FEW {
                stage.delays_d.iter().for_each(|d| canvas.disc((chart.x(*d), y), 7.0, ORANGE));
                return;
            }
            let at = |share: f64| chart.x(stage.quantile_d(share));
            canvas.line(&[(at(0.05), y), (at(0.95), y)], GREY, 3.0);
            chart.bar(canvas, (stage.quantile_d(0.25), stage.quantile_d(0.75)), y, middle());
            canvas.disc((at(0.5), y), 7.0, ORANGE);
        });
    })
}

fn middle() -> Fill {
    BLUE.faded(0.4)
}

fn stages(data: &RunData) -> Vec<Stage> {
    let table = &data.delays;
    let mut of_stages: BTreeMap<u32, Stage> = BTreeMap::new();
    for row in 0..table.rows() {
        let text = |column: &str| table.text(column).get(row).to_owned();
        let stage = of_stages.entry(table.u32("stage")[row]);
        let stage = stage.or_insert_with(|| Stage { name: text("name"), unit: text("unit"), delays_d: Vec::new() });
        stage.delays_d.push(table.f64("delay_h")[row] / DAY_H);
    }
    let mut stages: Vec<Stage> = of_stages.into_values().collect();
    stages.iter_mut().for_each(|stage| stage.delays_d.sort_by(f64::total_cmp));
    stages
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 1 to 10 days the median is the fifth, nine in ten lie between the first and the tenth.
    #[test]
    fn quantiles_are_values_that_were_measured() {
        let stage = Stage { name: String::new(), unit: "cases".into(), delays_d: (1..=10).map(f64::from).collect() };
        assert_eq!([0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0].map(|share| stage.quantile_d(share)), [1.0, 1.0, 3.0, 5.0, 8.0, 10.0, 10.0]);
        assert_eq!(stage.note(), "median 5 d, 10 cases");
        let hours = Stage { delays_d: vec![0.25], ..stage };
        assert_eq!(hours.note(), "median 6 h, 1 cases");
    }
}
