//! A floor plan with one link on it, or with the attenuation from one place to everywhere.

use std::collections::BTreeSet;

use crate::math;

use super::{
    canvas::{Align, BLUE, Canvas, Color, Column, GREY, INK, LEADING, Label, SMALL, TEXT, VERMILLION, WHITE, svg, text_width, wrap},
    format::words,
    labels::{Area, Labels, around},
    plan::{Bounds, Map, color_of},
    rows::{Mark, legend, legend_height},
};

/// A plan as it is drawn; points are x, y in m.
#[derive(Clone, Debug, Default)]
pub struct PlanDrawing {
    /// Name, lower-left and upper-right corner of each room.
    pub rooms: Vec<(String, [f64; 2], [f64; 2])>,
    /// Ends and material of each barrier.
    pub barriers: Vec<([f64; 2], [f64; 2], String)>,
    /// Corners of table tops.
    pub tables: Vec<([f64; 2], [f64; 2])>,
    /// Seats.
    pub seats: Vec<[f64; 2]>,
}

/// One link.
#[derive(Clone, Debug, Default)]
pub struct LinkDrawing {
    /// Body centre and direction faced, rad, of transmitter and receiver.
    pub people: Vec<([f64; 2], f64)>,
    /// Their phones.
    pub phones: Vec<[f64; 2]>,
    /// Where the line crosses a barrier, and what to write there.
    pub crossings: Vec<([f64; 2], String)>,
    /// What to write above.
    pub note: String,
}

/// Attenuation over a plan.
#[derive(Clone, Debug, Default)]
pub struct MapDrawing {
    /// Lower-left corner, m.
    pub low: [f64; 2],
    /// Side of a cell, m.
    pub step_m: f64,
    /// Cells in a row.
    pub columns: usize,
    /// Mean attenuation of each cell, dB, row by row upwards.
    pub db: Vec<f32>,
}

/// Upper edges of the map's classes, dB, their colours, and the colour above.
const CLASSES: [(f32, Color); 8] = [
    (50.0, Color::fixed("#440154")),
    (55.0, Color::fixed("#414487")),
    (60.0, Color::fixed("#2a788e")),
    (63.0, Color::fixed("#22a884")),
    (70.0, Color::fixed("#7ad151")),
    (75.0, Color::fixed("#fde725")),
    (80.0, Color::fixed("#faf096")),
    (90.0, Color::fixed("#f7f3d0")),
];
const ABOVE: Color = Color::fixed("#f5f5f0");
/// Largest and smallest size of the numbers of seats.
const SEAT_NUMBER: (f64, f64) = (15.0, 9.0);
const EDGE: f64 = 40.0;

/// Draws a plan with a link, or with a map, or both; gives the SVG.
pub fn link_figure(title: &str, plan: &PlanDrawing, link: &LinkDrawing, map: Option<&MapDrawing>) -> String {
    let points = plan.rooms.iter().flat_map(|(_, a, b)| [*a, *b]).chain(plan.barriers.iter().flat_map(|(a, b, _)| [*a, *b]));
    let points = points.chain(link.people.iter().map(|(at, _)| *at));
    let label = Label { name: "link", title, description: &link.note };
    let Some(bounds) = Bounds::around(points.map(|[x, y]| (x, y))) else { return svg(Column::Wide, 80.0, label, |_| {}) };
    let place = Map::new(Column::Wide, bounds);
    let entries = legend_entries(plan, map.is_some());
    let below = place.height + EDGE + legend_height(&entries, EDGE, Column::Wide.width());
    let (labels, numbered) = name(plan, link, map.is_some(), &place);
    let notes = [numbered.join(", "), link.note.clone()];
    let notes: Vec<String> =
        notes.iter().filter(|note| !note.is_empty()).flat_map(|note| wrap(note, TEXT, Column::Wide.width() - 2.0 * EDGE)).collect();
    svg(Column::Wide, below + LEADING * notes.len() as f64, label, |canvas| {
        draw(canvas, plan, link, map, &place);
        labels.draw(canvas);
        legend(canvas, &entries, (EDGE, place.height + EDGE));
        for (line, note) in (0..).map(f64::from).zip(&notes) {
            canvas.text((EDGE, below + LEADING * line), note, TEXT, INK, Align::Left);
        }
    })
}

fn materials(plan: &PlanDrawing) -> BTreeSet<&str> {
    plan.barriers.iter().map(|(_, _, material)| material.as_str()).collect()
}

fn draw(canvas: &Canvas, plan: &PlanDrawing, link: &LinkDrawing, map: Option<&MapDrawing>, place: &Map) {
    let at = |[x, y]: [f64; 2]| place.at((x, y));
    for (_, [ax, ay], [bx, by]) in &plan.rooms {
        place.room(canvas, (*ax, *ay), (*bx, *by));
    }
    if let Some(map) = map {
        draw_map(canvas, map, place);
    }
    for ([ax, ay], [bx, by]) in &plan.tables {
        place.table(canvas, (*ax, *ay), (*bx, *by), if map.is_some() { 0.25 } else { 1.0 });
    }
    let seat_number = seat_number(plan, place);
    for (i, &[x, y]) in plan.seats.iter().enumerate() {
        match map {
            None => canvas.text(place.at((x, y)), &i.to_string(), seat_number, GREY, Align::Middle),
            Some(_) => place.seat(canvas, (x, y)),
        }
    }
    let materials = materials(plan);
    for (a, b, material) in &plan.barriers {
        canvas.line(&[at(*a), at(*b)], color_of(material, &materials), 7.0);
    }
    place.axes(canvas);
    if let [(from, _), (to, _)] = link.people[..] {
        canvas.line(&[at(from), at(to)], GREY, 2.0);
    }
    if let [from, to] = link.phones[..] {
        canvas.line(&[at(from), at(to)], VERMILLION, 4.0);
    }
    let body = body(place);
    for (i, (person, facing_rad)) in link.people.iter().enumerate() {
        let (x, y) = at(*person);
        canvas.line(&[(x, y), (x + math::cos(*facing_rad) * body * 2.0, y - math::sin(*facing_rad) * body * 2.0)], INK, 4.0);
        canvas.disc((x, y), body, BLUE);
        canvas.bold((x, y), ["A", "B"][i.min(1)], SMALL, WHITE, Align::Middle);
    }
    for phone in &link.phones {
        canvas.disc(at(*phone), 6.0, VERMILLION);
    }
    for (point, _) in &link.crossings {
        canvas.ring(at(*point), 8.0, VERMILLION);
    }
}

/// What crossings and rooms are called, where that hides neither seat nor person, and the names that stand for numbers. A map has none.
fn name(plan: &PlanDrawing, link: &LinkDrawing, has_map: bool, place: &Map) -> (Labels, Vec<String>) {
    let at = |[x, y]: [f64; 2]| place.at((x, y));
    let seats = plan.seats.iter().map(|seat| around(at(*seat), SEAT_NUMBER.0));
    let people = link.people.iter().map(|(person, _)| around(at(*person), 2.0 * body(place)));
    let crossed = link.crossings.iter().map(|(point, _)| around(at(*point), 12.0));
    let mut labels = Labels::new(seats.chain(people).chain(crossed).collect(), Vec::new());
    for (point, text) in &link.crossings {
        labels.beside(at(*point), text, Column::Wide.width(), INK);
    }
    let area = |a: (f64, f64), b: (f64, f64)| ((a.0.min(b.0), a.1.min(b.1)), (a.0.max(b.0), a.1.max(b.1)));
    let rooms: Vec<(String, Area)> = plan.rooms.iter().map(|(name, a, b)| (words(name), area(at(*a), at(*b)))).collect();
    let numbered = if has_map { Vec::new() } else { labels.rooms(&rooms) };
    (labels, numbered)
}

/// Size at which the numbers of the two nearest seats stand apart.
fn seat_number(plan: &PlanDrawing, place: &Map) -> f64 {
    let apart = |(i, a): (usize, &[f64; 2])| {
        let others = plan.seats[i + 1..].iter();
        others.map(|b| math::hypot(a[0] - b[0], a[1] - b[1])).fold(f64::INFINITY, f64::min)
    };
    let nearest = plan.seats.iter().enumerate().map(apart).fold(f64::INFINITY, f64::min) * place.px_per_m;
    let widest = text_width(&plan.seats.len().to_string(), 1.0) + 0.4;
    (nearest / widest).clamp(SEAT_NUMBER.1, SEAT_NUMBER.0)
}

/// Radius of what marks a person.
fn body(place: &Map) -> f64 {
    (0.2 * place.px_per_m).clamp(14.0, 30.0)
}

fn draw_map(canvas: &Canvas, map: &MapDrawing, place: &Map) {
    let at = |[x, y]: [f64; 2]| place.at((x, y));
    let class = |db: f32| CLASSES.iter().position(|(edge, _)| db <= *edge).unwrap_or(CLASSES.len());
    for (row, cells) in map.db.chunks(map.columns.max(1)).enumerate() {
        // Neighbours of one class in one go: a tenth of the file.
        let mut column = 0;
        for same in cells.chunk_by(|a, b| class(*a) == class(*b)) {
            let low = [map.low[0] + column as f64 * map.step_m, map.low[1] + row as f64 * map.step_m];
            // A tenth taller than a cell, or seams show between rows.
            let high = [low[0] + same.len() as f64 * map.step_m, low[1] + 1.1 * map.step_m];
            let color = CLASSES.get(class(same[0])).map_or(ABOVE, |(_, color)| *color);
            canvas.rect(at(low), at(high), color, None);
            column += same.len();
        }
    }
}

fn legend_entries(plan: &PlanDrawing, has_map: bool) -> Vec<(Mark, String)> {
    let mut entries: Vec<(Mark, String)> = Vec::new();
    if has_map {
        let mut low: Option<f32> = None;
        for (edge, color) in CLASSES {
            entries.push((Mark::Square(color.into()), low.map_or_else(|| format!("up to {edge} dB"), |low| format!("{low}-{edge} dB"))));
            low = Some(edge);
        }
        entries.push((Mark::Square(ABOVE.into()), "more".into()));
    } else {
        entries.push((Mark::Dot(BLUE), "person, the tick is where they face; small numbers are seats".into()));
        entries.push((Mark::Dot(VERMILLION), "phone; barriers are crossed by the grey line from person to person".into()));
    }
    let materials = materials(plan);
    entries.extend(materials.iter().map(|m| (Mark::Line(color_of(m, &materials)), words(m))));
    entries
}
