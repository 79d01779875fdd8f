//! How many contacts there were, by each definition.

use crate::drawing::canvas::{BLUE, Label, SKY, svg};
use crate::drawing::format::{count, plural, whole};
use crate::drawing::rows::{Line, Mark, RowChart};
use crate::drawing::scale::round_step;

use super::super::data::RunData;
use super::{Figure, Panel, one};

const DEFINITIONS: &[(&str, &str)] = &[
    ("is_contact_cumulative_jst", "summed over the JST day"),
    ("is_contact_cumulative_utc", "in a UTC day that it shares"),
    ("is_contact_gap", "one run, short gaps forgiven"),
    ("is_contact_run", "one unbroken run"),
];

/// Pairs and days that were a contact, by definition, outside and at home.
pub fn draw(data: &RunData) -> Figure {
    let title = "How many contacts there were, by definition";
    let table = &data.contacts;
    let kind = table.text("venue_kind");
    let at_home: Vec<bool> = (0..table.rows()).map(|row| kind.get(row) == "home").collect();
    let is_warm_up = table.bools("is_warm_up");
    let of_days = |column: &str| table.bools(column).iter().zip(is_warm_up).map(|(is_contact, is_warm_up)| *is_contact && !is_warm_up);
    let counts: Vec<(i64, i64)> = DEFINITIONS
        .iter()
        .map(|(column, _)| {
            let contacts = || of_days(column).zip(&at_home).filter(|(is_contact, _)| *is_contact);
            let home = contacts().filter(|(_, home)| **home).count() as i64;
            (contacts().count() as i64 - home, home)
        })
        .collect();
    let largest = counts.iter().map(|(outside, home)| outside + home).max().unwrap_or(0) as f64;
    let panels = if largest == 0.0 {
        Err("no pair was in contact on any day by any definition, or the table contacts was not written".to_owned())
    } else {
        let note = |(outside, home): &(i64, i64)| format!("{} outside, {} at home", count(*outside), count(*home));
        let step = round_step((largest / 5.0).max(1.0));
        Ok(one(Panel::new("contacts", None, |column| {
            let lines = DEFINITIONS.iter().zip(&counts).map(|((_, label), n)| Line::Row((*label).to_owned(), note(n))).collect();
            let legend = vec![(Mark::Square(BLUE.into()), "outside the home".to_owned()), (Mark::Square(SKY.into()), "at home".to_owned())];
            let chart = RowChart::new(column, lines, legend, (largest / step).ceil() * step);
            svg(column, chart.height(), Label { name: "contacts", title, description: &chart.description() }, |canvas| {
                chart.draw(canvas, "pairs and JST days", whole, |row, y| {
                    let (outside, home) = (counts[row].0 as f64, counts[row].1 as f64);
                    chart.bar(canvas, (outside, outside + home), y, SKY);
                    chart.bar(canvas, (0.0, outside), y, BLUE);
                });
            })
        })))
    };
    let split = of_days(DEFINITIONS[0].0).zip(of_days(DEFINITIONS[1].0)).filter(|(jst, utc)| *jst && !*utc).count() as i64;
    let lost =
        if split > 0 { format!(": that alone splits {} of the JST day below the limit", plural(split, "contact")) } else { String::new() };
    let caption = format!(
        "The same meetings counted four ways, each {}. A GAEN phone can at best know the UTC day, which turns over at 09:00 in \
         Japan{lost}. A contact of a UTC day counts here on each JST day that it touches. Of the other three, the shorter the bar, the \
         stricter the definition.",
        data.contact_means(),
    );
    Figure { name: "contacts", title, caption, panels }
}
