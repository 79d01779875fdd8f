//! Why contacts were missed, and why the rule fired without one.

use std::collections::BTreeMap;

use crate::drawing::canvas::{BLUE, Color, GREY, Label, ORANGE, SKY, VERMILLION, svg};
use crate::drawing::format::{count, escape, percent, words};
use crate::drawing::rows::{Line, Mark, RowChart};
use crate::report::data::{RunData, TRUTH};

use super::{Figure, Panel, one};

/// Groups of errors: universe, outcome and what they are called.
const GROUPS: [(&str, &str, &str); 3] = [
    ("device", "missed", "Contacts missed, both phones running"),
    ("device", "false_alarm", "Alarms without contact"),
    ("population", "missed", "Contacts missed, all people"),
];
/// Operating systems, transmitter > observer, in the order in which they stand in a bar; and pairs of whom one has none.
const OS_PAIRS: [(&str, Color); 4] = [("ios>ios", BLUE), ("ios>android", SKY), ("android>ios", ORANGE), ("android>android", VERMILLION)];
const NO_PHONE: (&str, Color) = ("one without smartphone", GREY);

/// A cause: its pairs, and those of each of the operating systems and of none.
struct Cause<'a> {
    name: &'a str,
    pairs: i64,
    by_os: [i64; OS_PAIRS.len() + 1],
}

/// A bar: shares of its group's errors by operating systems, laid end to end.
type Bar = Vec<(f64, Color)>;

/// Causes of errors of the headline's rule, largest first.
pub fn draw(data: &RunData) -> Figure {
    let rule = data.headline_rule().unwrap_or_default();
    let title = "Why it missed, and why it erred";
    let (mut lines, mut bars, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    for (universe, outcome, heading) in GROUPS {
        let causes = causes_of(data, rule, universe, outcome);
        let total: i64 = causes.iter().map(|cause| cause.pairs).sum();
        if total == 0 {
            continue;
        }
        let heading = format!("{heading}: {}", count(total));
        texts.push(format!("{heading}."));
        lines.push(Line::Heading(heading));
        for cause in &causes {
            let note = format!("{} ({})", count(cause.pairs), percent(cause.pairs as f64 / total as f64));
            texts.push(format!("{}: {note}: {}.", words(cause.name), by_os_text(cause)));
            lines.push(Line::Row(words(cause.name), note));
            bars.push(named(cause).map(|(_, color, pairs)| (pairs as f64 / total as f64, color)).collect::<Bar>());
        }
    }
    let panels = if bars.is_empty() {
        Err("the table causes has no rows for this rule: it made no error, or nothing was there to err on".to_owned())
    } else {
        let longest = bars.iter().map(|bar| bar.iter().map(|part| part.0).sum()).fold(0.0, f64::max);
        let legend = legend_of(&bars);
        let label = Label { name: "causes", title, description: &texts.join(" ") };
        Ok(one(Panel::new("causes", None, |column| {
            let chart = RowChart::new(column, lines.clone(), legend.clone(), (longest * 10.0).ceil() / 10.0);
            svg(column, chart.height(), label, |canvas| {
                chart.draw(canvas, "share of the errors of that kind", percent, |row, y| {
                    bars[row].iter().fold(0.0, |from, (share, color)| {
                        chart.bar(canvas, (from, from + share), y, *color);
                        from + share
                    });
                });
            })
        })))
    };
    let caption = format!(
        "Errors of <b>{}</b> among the headline's pairs: outside the home, whole UTC days, ordered pairs. Each is counted under the first \
         cause that explains it by itself; within a bar the colours are the operating systems, transmitter &gt; observer. A pair \
         under one cause may meet another if that were mended.",
        escape(rule)
    );
    Figure { name: "causes", title, caption, panels }
}

/// The parts of a cause that have pairs: name, colour and pairs.
fn named<'a>(cause: &'a Cause<'_>) -> impl Iterator<Item = (&'static str, Color, i64)> + 'a {
    let names = OS_PAIRS.into_iter().chain([NO_PHONE]);
    names.zip(cause.by_os).filter(|(_, pairs)| *pairs > 0).map(|((name, color), pairs)| (name, color, pairs))
}

fn by_os_text(cause: &Cause<'_>) -> String {
    named(cause).map(|(name, _, pairs)| format!("{} {name}", count(pairs))).collect::<Vec<_>>().join(", ")
}

/// The colours that occur.
fn legend_of(bars: &[Bar]) -> Vec<(Mark, String)> {
    let occurs = |color: Color| bars.iter().flatten().any(|part| part.1 == color);
    let entries = OS_PAIRS.into_iter().chain([NO_PHONE]).filter(|(_, color)| occurs(*color));
    entries.map(|(name, color)| (Mark::Square(color.into()), name.to_owned())).collect()
}

fn causes_of<'a>(data: &'a RunData, rule: &str, universe: &str, outcome: &str) -> Vec<Cause<'a>> {
    let table = &data.causes;
    let wanted = [("rule", rule), ("universe", universe), ("outcome", outcome), ("truth", TRUTH)];
    let mut by_name: BTreeMap<&str, Cause<'_>> = BTreeMap::new();
    for row in (0..table.rows()).filter(|&row| wanted.iter().all(|(column, value)| table.text(column).get(row) == *value)) {
        let name = table.text("cause").get(row);
        let os = table.text("os_pair").opt(row);
        let at = OS_PAIRS.iter().position(|(pair, _)| Some(*pair) == os).unwrap_or(OS_PAIRS.len());
        let cause = by_name.entry(name).or_insert(Cause { name, pairs: 0, by_os: [0; OS_PAIRS.len() + 1] });
        cause.pairs += table.i64("pairs")[row];
        cause.by_os[at] += table.i64("pairs")[row];
    }
    let mut causes: Vec<Cause<'_>> = by_name.into_values().filter(|cause| cause.pairs > 0).collect();
    causes.sort_by(|a, b| b.pairs.cmp(&a.pairs).then(a.name.cmp(b.name)));
    causes
}
