//! Floor plans, with the people on them at one moment.

use std::collections::{BTreeMap, BTreeSet};

use crate::drawing::canvas::{Align, BLUE, Canvas, Color, GREY, INK, LEADING, Label, SEAT, SMALL, TABLE, svg, wrap};
use crate::drawing::format::{plural, words};
use crate::drawing::labels::{Area, Labels, around};
use crate::drawing::plan::{Bounds, Map, color_of};
use crate::drawing::rows::{Mark, legend, legend_height};
use crate::report::data::RunData;
use crate::time::UnixSeconds;
use crate::{math, output::Batch};

use super::{Figure, Panel, file_name, kind_heading, one};

const PHONE: Color = BLUE;
/// Space between the plan and its legend, and left of it.
const EDGE: f64 = 30.0;

/// Draws the plans.
pub fn draw(data: &RunData) -> Figure {
    let title = "The floor, its barriers and its people";
    let shown = shown(data);
    let drawn: Vec<&(u32, Option<i64>)> = shown.iter().filter(|(venue, _)| bounds(data, *venue, &[]).is_some()).collect();
    let mut when = String::new();
    let panels = match drawn[..] {
        [] => Err("this run has no floor plan: its venues have no walls, or the table plan was not written".to_owned()),
        [(venue, t_s)] => {
            when = t_s.map_or_else(String::new, |t_s| format!(" {}.", how_many(data, *venue, t_s)));
            Ok(one(panel(data, "floor", (title, None), (*venue, *t_s))))
        }
        _ => {
            when = " Each is the venue of its kind in which most people were at that moment of the first day.".to_owned();
            Ok(drawn.into_iter().map(|(venue, t_s)| kind_panel(data, *venue, *t_s)).collect())
        }
    };
    let caption = format!(
        "Each disc is half the contact radius wide around a person, so that two people whose discs touch are within it; the tick is \
         where they face. Numbers along the edges are coordinates in metres, as scenario files have them. Coloured lines are walls and screens by material: they weaken the signal, and those up to the ceiling end \
         the contact.{when}"
    );
    Figure { name: "floor", title, caption, panels }
}

/// The venues of the snapshot and their moments, in order of time; where nobody is in any, the first of the plans.
fn shown(data: &RunData) -> Vec<(u32, Option<i64>)> {
    let of_people = data.snapshot.i64("t_s").iter().zip(data.snapshot.u32("venue"));
    let shown: BTreeSet<(i64, u32)> = of_people.map(|(t_s, venue)| (*t_s, *venue)).collect();
    if shown.is_empty() {
        return data.plan.u32("venue").first().map(|venue| (*venue, None)).into_iter().collect();
    }
    shown.into_iter().map(|(t_s, venue)| (venue, Some(t_s))).collect()
}

/// How many people are in a venue when.
fn how_many(data: &RunData, venue: u32, t_s: i64) -> String {
    let people = (0..data.snapshot.rows()).filter(|&row| is_at(&data.snapshot, row, venue, t_s)).count();
    format!("{} at {}", plural(people as i64, "person").replace("persons", "people"), UnixSeconds(t_s))
}

/// A panel of one of several venues.
fn kind_panel(data: &RunData, venue: u32, t_s: Option<i64>) -> Panel {
    let row = data.plan.u32("venue").iter().position(|of| *of == venue);
    let kind = row.map_or("", |row| data.plan.text("venue_kind").get(row));
    let people = t_s.map_or_else(String::new, |t_s| format!(": {}", how_many(data, venue, t_s)));
    let heading = format!("{}{people}", kind_heading(kind));
    panel(data, &format!("floor-{}", file_name(kind)), (&heading, Some(heading.clone())), (venue, t_s))
}

fn is_at(snapshot: &Batch, row: usize, venue: u32, t_s: i64) -> bool {
    snapshot.u32("venue")[row] == venue && snapshot.i64("t_s")[row] == t_s
}

/// A corner-to-corner shape, m.
#[derive(Clone, Copy)]
struct Shape {
    a: (f64, f64),
    b: (f64, f64),
}

fn shape(plan: &Batch, row: usize) -> Shape {
    Shape { a: (plan.f64("x0_m")[row], plan.f64("y0_m")[row]), b: (plan.f64("x1_m")[row], plan.f64("y1_m")[row]) }
}

fn rows_of<'a>(plan: &'a Batch, venue: u32, kind: &'a str) -> impl Iterator<Item = usize> + 'a {
    (0..plan.rows()).filter(move |&row| plan.u32("venue")[row] == venue && plan.text("shape").get(row) == kind)
}

/// The extent of a plan and of the people there, of whom some may wait outside.
fn bounds(data: &RunData, venue: u32, here: &[usize]) -> Option<Bounds> {
    let (plan, people) = (&data.plan, &data.snapshot);
    let rows = (0..plan.rows()).filter(|&row| plan.u32("venue")[row] == venue);
    let corners = rows.flat_map(|row| {
        let Shape { a, b } = shape(plan, row);
        [a, b]
    });
    Bounds::around(corners.chain(here.iter().map(|&row| (people.f64("x_m")[row], people.f64("y_m")[row]))))
}

fn panel(data: &RunData, name: &str, (title, heading): (&str, Option<String>), (venue, t_s): (u32, Option<i64>)) -> Panel {
    let plan = &data.plan;
    let names = rows_of(plan, venue, "room").filter_map(|row| plan.text("name").opt(row).map(words));
    let seats = rows_of(plan, venue, "seat").count() as i64;
    let description = format!("Rooms: {}. {}.", names.collect::<Vec<_>>().join(", "), plural(seats, "seat"));
    let entries = legend_entries(plan, venue);
    let here: Vec<usize> = match t_s {
        Some(t_s) => (0..data.snapshot.rows()).filter(|&row| is_at(&data.snapshot, row, venue, t_s)).collect(),
        None => Vec::new(),
    };
    Panel::new(name, heading, |column| {
        let Some(bounds) = bounds(data, venue, &here) else { return String::new() };
        let map = Map::new(column, bounds);
        let (labels, numbered) = name_rooms(data, &map, venue, &here);
        let below = legend_height(&entries, EDGE, column.width());
        let numbers = wrap(&numbered.join(", "), SMALL, column.width() - 2.0 * EDGE);
        let numbers_height = if numbered.is_empty() { 0.0 } else { LEADING * numbers.len() as f64 };
        let height = map.height + EDGE + below + numbers_height;
        svg(column, height, Label { name, title, description: &description }, |canvas| {
            draw_plan(canvas, data, &map, venue);
            draw_people(canvas, data, &map, &here);
            labels.draw(canvas);
            map.axes(canvas);
            legend(canvas, &entries, (EDGE, map.height + EDGE));
            for (line, text) in (0..).map(f64::from).zip(&numbers) {
                canvas.text((EDGE, map.height + EDGE + below + LEADING * line), text, SMALL, INK, Align::Left);
            }
        })
    })
}

/// The names of rooms where they hide neither seat nor person, and those that stand beside numbers below the plan.
fn name_rooms(data: &RunData, map: &Map, venue: u32, here: &[usize]) -> (Labels, Vec<String>) {
    let (plan, people) = (&data.plan, &data.snapshot);
    let area = |row: usize| {
        let Shape { a, b } = shape(plan, row);
        let (a, b) = (map.at(a), map.at(b));
        ((a.0.min(b.0), a.1.min(b.1)), (a.0.max(b.0), a.1.max(b.1)))
    };
    let seats = rows_of(plan, venue, "seat").map(|row| around(map.at(shape(plan, row).a), map.seat_radius()));
    let bodies = here.iter().map(|&row| around(map.at((people.f64("x_m")[row], people.f64("y_m")[row])), 1.4 * body(map)));
    let mut labels = Labels::new(seats.chain(bodies).collect(), rows_of(plan, venue, "desk").map(area).collect());
    let name = |row: usize| Some((words(plan.text("name").opt(row)?), area(row)));
    let rooms: Vec<(String, Area)> = rows_of(plan, venue, "room").filter_map(name).collect();
    // A floor of one room needs no name.
    let rooms = if rooms.len() > 1 { rooms } else { Vec::new() };
    let numbered = labels.rooms(&rooms);
    (labels, numbered)
}

fn draw_plan(canvas: &Canvas, data: &RunData, map: &Map, venue: u32) {
    let plan = &data.plan;
    for row in rows_of(plan, venue, "room") {
        let Shape { a, b } = shape(plan, row);
        map.room(canvas, a, b);
    }
    for row in rows_of(plan, venue, "desk") {
        let Shape { a, b } = shape(plan, row);
        map.table(canvas, a, b, 1.0);
    }
    for row in rows_of(plan, venue, "seat") {
        map.seat(canvas, shape(plan, row).a);
    }
    let colors = material_colors(plan, venue);
    for (kind, width) in [("screen", 5.0), ("wall", 8.0)] {
        for row in rows_of(plan, venue, kind) {
            let Shape { a, b } = shape(plan, row);
            let color = colors.get(plan.text("material").get(row)).copied().unwrap_or(GREY);
            canvas.line(&[map.at(a), map.at(b)], color, canvas.column.pick(width, width / 2.0));
        }
    }
}

fn legend_entries(plan: &Batch, venue: u32) -> Vec<(Mark, String)> {
    let mut entries = vec![(Mark::Dot(PHONE), "person, phone taking part".to_owned()), (Mark::Ring(GREY), "person without".to_owned())];
    let shapes = [("desk", Mark::Square(TABLE.into()), "desk or table"), ("seat", Mark::Dot(SEAT), "seat")];
    let drawn = shapes.into_iter().filter(|(shape, ..)| rows_of(plan, venue, shape).next().is_some());
    entries.extend(drawn.map(|(_, mark, text)| (mark, text.to_owned())));
    entries.extend(material_colors(plan, venue).iter().map(|(material, color)| (Mark::Line(*color), words(material))));
    entries
}

/// A colour for each material of a venue, in the order of names.
fn material_colors(plan: &Batch, venue: u32) -> BTreeMap<&str, Color> {
    let materials: BTreeSet<&str> =
        ["wall", "screen"].iter().flat_map(|kind| rows_of(plan, venue, kind)).filter_map(|row| plan.text("material").opt(row)).collect();
    materials.iter().map(|material| (*material, color_of(material, &materials))).collect()
}

/// Radius of what marks a person, px.
fn body(map: &Map) -> f64 {
    (0.16 * map.px_per_m).clamp(5.0, 14.0)
}

fn draw_people(canvas: &Canvas, data: &RunData, map: &Map, here: &[usize]) {
    let snapshot = &data.snapshot;
    let radius_m = data.summary.contact.as_ref().map_or(1.0, |contact| contact.radius_m);
    let place = |row: usize| map.at((snapshot.f64("x_m")[row], snapshot.f64("y_m")[row]));
    for &row in here {
        canvas.disc(place(row), radius_m / 2.0 * map.px_per_m, BLUE.faded(0.10));
    }
    let body = body(map);
    for &row in here {
        let (x, y) = place(row);
        let facing = snapshot.f64("facing_rad")[row];
        let runs = snapshot.bools("phone_runs")[row];
        let color = if runs { PHONE } else { GREY };
        canvas.line(
            &[(x, y), (x + math::cos(facing) * body * 2.1, y - math::sin(facing) * body * 2.1)],
            color,
            canvas.column.pick(4.0, 2.0),
        );
        if runs { canvas.disc((x, y), body, color) } else { canvas.ring((x, y), body - 1.0, color) }
    }
}
