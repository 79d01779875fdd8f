//! The headline world by world.

use crate::drawing::canvas::{BLUE, Label, ORANGE, svg};
use crate::drawing::format::{escape, percent};
use crate::drawing::rows::{Line, RowChart};
use crate::report::data::{Accuracy, HEADLINE, RunData};

use super::rates::{draw_rate, found, rates_legend};
use super::{Figure, Panel, one};

/// Sensitivity and predictive value of the headline's rule in each world, and over all.
pub fn draw(data: &RunData) -> Figure {
    let rule = data.headline_rule().unwrap_or_default();
    let of_headline = |row: &&Accuracy| row.rule == rule && row.is_of("device", HEADLINE);
    let rows: Vec<&Accuracy> = data.headline().into_iter().chain(data.worlds.iter().filter(of_headline)).collect();
    let title = "World by world";
    let panels = if rows.is_empty() {
        Err("the table accuracy has no rows for contacts outside the home".to_owned())
    } else {
        let label = |row: &Accuracy| row.seed.map_or_else(|| "over worlds".to_owned(), |seed| format!("seed {seed}"));
        Ok(one(Panel::new("worlds", None, |column| {
            let lines = rows.iter().map(|row| Line::Row(label(row), found(row))).collect();
            let chart = RowChart::new(column, lines, rates_legend(), 1.0);
            svg(column, chart.height(), Label { name: "worlds", title, description: &chart.description() }, |canvas| {
                chart.draw(canvas, "share", percent, |row, y| {
                    draw_rate(canvas, &chart, rows[row].sensitivity, y - 9.0, BLUE);
                    draw_rate(canvas, &chart, rows[row].ppv, y + 9.0, ORANGE);
                });
            })
        })))
    };
    let caption = format!(
        "The rule <b>{}</b> outside the home. The line of a world is the interval of that world alone: what is drawn once a world \
         (calibration errors, who lives and sits where, who has the app) is not in it, and so worlds lie further apart than their \
         lines are long. The first line is the mean of the worlds with Student's t interval.",
        escape(rule)
    );
    Figure { name: "worlds", title, caption, panels }
}
