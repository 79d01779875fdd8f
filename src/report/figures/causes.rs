//! Why contacts were missed, and why the rule fired without one.

use crate::report::canvas::{BLUE, Label, ORANGE, PURPLE, svg};
use crate::report::data::{RunData, TRUTH};
use crate::report::format::{count, percent, words};

use super::rows::{Line, RowChart};
use super::{Figure, Panel, one};

/// Causes of errors of the headline's rule, largest first.
pub fn draw(data: &RunData) -> Figure {
    let rule = data.headline_rule().unwrap_or_default();
    let title = "Why it missed, and why it erred";
    let groups = [
        ("device", "missed", "Contacts missed, both phones running", BLUE),
        ("population", "missed", "Contacts missed, all people", PURPLE),
        ("device", "false_alarm", "Alarms without contact", ORANGE),
    ];
    let (mut lines, mut bars) = (Vec::new(), Vec::new());
    for (universe, outcome, heading, color) in groups {
        let causes = causes_of(data, rule, universe, outcome);
        let total: i64 = causes.iter().map(|(_, pairs)| pairs).sum();
        if total == 0 {
            continue;
        }
        lines.push(Line::Heading(format!("{heading}: {}", count(total))));
        for (cause, pairs) in causes {
            let share = pairs as f64 / total as f64;
            lines.push(Line::Row(words(cause), format!("{} ({})", count(pairs), percent(share))));
            bars.push((share, color));
        }
    }
    let panels = if bars.is_empty() {
        Err("the table causes has no rows for this rule: it made no error, or nothing was there to err on".to_owned())
    } else {
        let longest = bars.iter().map(|bar| bar.0).fold(0.0, f64::max);
        Ok(one(Panel::new("causes", None, |column| {
            let chart = RowChart::new(column, lines.clone(), Vec::new(), (longest * 10.0).ceil() / 10.0);
            svg(column, chart.height(), Label { name: "causes", title, description: &chart.description() }, |canvas| {
                chart.draw(canvas, "share of the errors of that kind", percent, |row, y| {
                    let (share, color) = bars[row];
                    chart.bar(canvas, (0.0, share), y, color);
                });
            })
        })))
    };
    let caption = format!(
        "Errors of <b>{}</b>, each counted under the first cause that explains it by itself. The longest bar of a group is what \
         would help most if it were mended. Ordered pairs and UTC days.",
        crate::report::format::escape(rule)
    );
    Figure { name: "causes", title, caption, panels }
}

fn causes_of<'a>(data: &'a RunData, rule: &str, universe: &str, outcome: &str) -> Vec<(&'a str, i64)> {
    let table = &data.causes;
    let wanted = [("rule", rule), ("universe", universe), ("outcome", outcome), ("truth", TRUTH)];
    let mut causes: Vec<(&str, i64)> = (0..table.rows())
        .filter(|&row| wanted.iter().all(|(column, value)| table.text(column).get(row) == *value))
        .map(|row| (table.text("cause").get(row), table.i64("pairs")[row]))
        .filter(|(_, pairs)| *pairs > 0)
        .collect();
    causes.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    causes
}
