//! Tables of the page about the system around the phones: known faults of the run's days, and what people did who were warned.

use std::fmt::Write;

use crate::drawing::format::{count, escape, number, plural, words};
use crate::time::UnixSeconds;

use super::data::RunData;

/// Known faults that were at work on days of the run: from when, when told of, confirmed, mended, and whom they struck here.
pub fn repairs(data: &RunData) -> String {
    let table = &data.repairs;
    if table.rows() == 0 {
        return String::new();
    }
    let day = |column: &str, row: usize| {
        let at_s = (!table.is_null(column, row)).then(|| table.i64(column)[row]);
        at_s.map_or_else(|| "–".to_owned(), |at_s| UnixSeconds(at_s).day_jst().date().format("%-d %b %Y").to_string())
    };
    let mut body = String::new();
    for row in 0..table.rows() {
        let text = |column: &str| escape(table.text(column).get(row));
        let days = ["from_s", "reported_s", "confirmed_s"].map(|column| format!("<td class=\"secondary\">{}</td>", day(column, row)));
        let mended = format!("<td>{}</td>", day("mended_s", row));
        let number = |column: &str| count(i64::from(table.u32(column)[row]));
        let struck = format!("<td>{}</td><td class=\"secondary\">{}</td>", number("phones"), number("registrations"));
        let _ = writeln!(
            body,
            "<tr><th scope=\"row\">{} {}<small>{}</small></th>{}{mended}{struck}</tr>",
            text("fault"),
            escape(&words(table.text("name").get(row))),
            text("symptom"),
            days.concat()
        );
    }
    format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Known faults\"><table>\n<caption>Known faults at work on days of this \
         run; a dash: not known, or never</caption>\n<thead><tr><th scope=\"col\">Fault</th><th scope=\"col\" class=\"secondary\">From</th><th \
         scope=\"col\" class=\"secondary\">Told of</th><th scope=\"col\" class=\"secondary\">Confirmed</th><th scope=\"col\">Mended</th><th \
         scope=\"col\">Phones struck</th><th scope=\"col\" class=\"secondary\">Registra&shy;tions</th></tr></thead>\n<tbody>\n{body}</tbody></table></div>\n"
    )
}

/// What people did who saw a contact on the app's screen; nothing if nobody did.
pub fn responses(data: &RunData) -> String {
    let table = &data.responses;
    let seen = table.rows();
    if seen == 0 {
        return String::new();
    }
    let is = |column: &'static str| move |row: &usize| !table.is_null(column, *row);
    let turned = (0..seen).filter(is("turned_s")).count() as i64;
    let tested = (0..seen).filter(is("tested_s")).count() as i64;
    let gained: Vec<f64> = (0..seen).filter(is("gained_days")).map(|row| table.f64("gained_days")[row]).collect();
    let mut text = format!(
        "<p>{} saw a contact on the app's screen; {} turned to the centre, {} took a free test because of it",
        plural(seen as i64, "person").replace("persons", "people"),
        count(turned),
        count(tested)
    );
    if !gained.is_empty() {
        let mean = gained.iter().sum::<f64>() / gained.len() as f64;
        let _ = write!(text, ", and {} were positive, {} days earlier on average than without the app", gained.len(), number(mean, 1));
    }
    text + ".</p>\n"
}
