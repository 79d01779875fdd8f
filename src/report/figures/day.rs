//! One person's day as a strip.

use crate::drawing::canvas::{Color, GREY, Label, svg};
use crate::drawing::format::{number, plural, words};
use crate::drawing::rows::{Line, RowChart};
use crate::report::data::RunData;
use crate::report::person_day::{Near, PersonDay, Shown, Stay};
use crate::time::DAY_S;

use super::meetings::color_of_place;
use super::{Figure, Panel, one};

/// So many of those who came near have a row.
const MOST: usize = 12;
/// Between two marks of the axis, s.
const MARK_S: f64 = 6.0 * 3600.0;

/// A bar of a row: from and until, in marks of the axis.
type Bar = (f64, f64, Color);

/// Draws the day.
pub fn draw(data: &RunData) -> Figure {
    let title = "One person's day";
    let Some(day) = &data.person_day else {
        let why = "nobody is anywhere on the first day, or the table visits was not written".to_owned();
        return Figure { name: "day", title, caption: String::new(), panels: Err(why) };
    };
    let (lines, bars) = rows(data, day);
    let heading = format!("{}, on {}", who(data, day), day.day);
    let panel = Panel::new("day", Some(heading.clone()), |column| {
        let chart = RowChart::new(column, lines.clone(), Vec::new(), DAY_S as f64 / MARK_S);
        svg(column, chart.height(), Label { name: "day", title: &heading, description: &chart.description() }, |canvas| {
            chart.draw(canvas, "hour of the day, JST", hour, |row, y| {
                for (from, until, color) in &bars[row] {
                    chart.bar(canvas, (*from, *until), y, *color);
                }
            });
        })
    });
    Figure { name: "day", title, caption: caption(data), panels: Ok(one(panel)) }
}

fn caption(data: &RunData) -> String {
    format!(
        "Of those whose phone takes part, the person who is in most places on the first day (of equals the lowest number): an eventful day, \
         not a usual one. Between two places people are on the way and meet nobody. A bar beside somebody's name is the time that both were in \
         one place, in its colour; how much of it they were within {} m stands beside. <b>Shown</b>: had they been confirmed, the release on \
         this phone would have shown a contact with them on one of the two UTC days; only people whose phone takes part can be, and some are \
         farther off than those listed, since phones hear farther. No phone knows names, places or true contacts ({}): these are the \
         simulation's.",
        number(radius_m(data), 2),
        data.contact_means()
    )
}

fn radius_m(data: &RunData) -> f64 {
    data.summary.contact.as_ref().map_or(1.0, |contact| contact.radius_m)
}

/// Who it is, in a few words.
fn who(data: &RunData, day: &PersonDay) -> String {
    let text = |column: &str| data.people.text(column).opt(day.row);
    let phone = match (text("os"), text("app_version")) {
        (Some("ios"), Some(release)) => format!("an iPhone with {release}"),
        (Some(_), Some(release)) => format!("an Android phone with {release}"),
        _ => "no app".to_owned(),
    };
    format!("Person {}, {} years, {phone}", day.person, data.people.u32("age")[day.row])
}

/// Hours of a mark of the axis.
fn hour(mark: f64) -> String {
    format!("{:02}:00", (mark * MARK_S / 3600.0).round())
}

/// A span of time in words.
fn lasting(s: f64) -> String {
    let min = (s / 60.0).round() as i64;
    match (min / 60, min % 60) {
        (0, 0) => format!("{} s", number(s, 0)),
        (0, min) => format!("{min} min"),
        (h, 0) => format!("{h} h"),
        (h, min) => format!("{h} h {min} min"),
    }
}

/// The lines of the chart, and the bars of its rows.
fn rows(data: &RunData, day: &PersonDay) -> (Vec<Line>, Vec<Vec<Bar>>) {
    let bar = |stay: &Stay| {
        let mark = |s: i64| (s - day.day.start().0) as f64 / MARK_S;
        (mark(stay.span_s.0), mark(stay.span_s.1), color_of_place(&day.kinds[stay.kind]))
    };
    let mut kinds: Vec<usize> = Vec::new();
    day.stays.iter().for_each(|stay| {
        if !kinds.contains(&stay.kind) {
            kinds.push(stay.kind)
        }
    });
    let (mut lines, mut bars) = (vec![Line::Heading("Where".to_owned())], Vec::new());
    for kind in kinds {
        let stays: Vec<&Stay> = day.stays.iter().filter(|stay| stay.kind == kind).collect();
        let all_s: i64 = stays.iter().map(|stay| stay.span_s.1 - stay.span_s.0).sum();
        lines.push(Line::Row(words(&day.kinds[kind]), lasting(all_s as f64)));
        bars.push(stays.into_iter().map(bar).collect());
    }
    lines.push(Line::Heading(with_whom(data, day)));
    for near in day.near.iter().take(MOST) {
        let household = if near.is_of_household { ", same household" } else { "" };
        lines.push(Line::Row(format!("person {}, {} years{household}", near.person, near.age), note(near)));
        bars.push(near.together.iter().map(bar).collect());
    }
    lines.push(Line::Heading("What the phone would have shown, had the others been confirmed".to_owned()));
    let nine = 9.0 * 3600.0 / MARK_S;
    for (label, (from, until), shown) in
        [("UTC day until 09:00", (0.0, nine), &day.shown[0]), ("UTC day from 09:00", (nine, DAY_S as f64 / MARK_S), &day.shown[1])]
    {
        lines.push(Line::Row(label.to_owned(), in_words(shown)));
        bars.push(vec![(from, until, GREY)]);
    }
    (lines, bars)
}

fn with_whom(data: &RunData, day: &PersonDay) -> String {
    let within = day.near.iter().filter(|near| near.within_s > 0.0).count();
    let near_m = data.manifest.pointer("/scenario/output/contacts_within_m").and_then(serde_json::Value::as_f64).unwrap_or(3.0);
    let first = if day.near.len() > MOST { format!("; the {MOST} with the longest time") } else { String::new() };
    // A number and its unit stay in one line.
    let metres = |m: f64| format!("{}\u{a0}m", number(m, 2));
    format!("With whom: {within} others within {}, {} within {}{first}", metres(radius_m(data)), day.near.len(), metres(near_m))
}

/// How long somebody was near, and what the phone made of them.
fn note(near: &Near) -> String {
    let how_long =
        if near.within_s > 0.0 { lasting(near.within_s) } else { format!("no nearer than {} m", number(near.min_distance_m, 1)) };
    let told = match (near.is_shown, near.runs) {
        (true, _) => "shown",
        (false, true) => "not shown",
        (false, false) => "no app",
    };
    format!("{how_long}, {told}")
}

fn in_words(shown: &Option<Shown>) -> String {
    let Some(Shown { shown, contacts, missed }) = shown else { return "not known".to_owned() };
    format!("{} shown, {contacts} of them true contacts; {missed} not shown", plural(*shown, "person").replace("persons", "people"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_do() {
        let told = [20.4, 60.0, 3599.0, 7200.0, 8040.0].map(lasting);
        assert_eq!(told, ["20 s", "1 min", "1 h", "2 h", "2 h 14 min"]);
        assert_eq!([0.0, 1.0, 4.0].map(hour), ["00:00", "06:00", "24:00"]);
    }

    #[test]
    fn what_the_phone_made_of_somebody_stands_beside_the_time() {
        let near = |within_s: f64, runs: bool, is_shown: bool| {
            let near =
                Near { person: 1, age: 30, is_of_household: false, runs, within_s, min_distance_m: 1.23, together: Vec::new(), is_shown };
            note(&near)
        };
        assert_eq!(near(960.0, true, true), "16 min, shown");
        assert_eq!(near(960.0, true, false), "16 min, not shown");
        assert_eq!(near(0.0, false, false), "no nearer than 1.2 m, no app");
        assert_eq!(in_words(&Some(Shown { shown: 3, contacts: 1, missed: 1 })), "3 people shown, 1 of them true contacts; 1 not shown");
    }
}
