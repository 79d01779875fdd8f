//! A floor plan with one link on it, or with the attenuation from one place to everywhere.

use std::collections::BTreeSet;

use plotters::style::{Color, RGBColor};

use crate::report::{
    canvas::{Align, BLUE, Canvas, GREY, INK, PALE, SMALL, TEXT, VERMILLION, WHITE, svg, text_width},
    format::words,
};

use super::{
    floor::{Bounds, MARGIN, Map, color_of, scale_bar},
    rows::{Mark, legend},
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
const CLASSES: [(f32, RGBColor); 8] = [
    (50.0, RGBColor(68, 1, 84)),
    (55.0, RGBColor(65, 68, 135)),
    (60.0, RGBColor(42, 120, 142)),
    (63.0, RGBColor(34, 168, 132)),
    (70.0, RGBColor(122, 209, 81)),
    (75.0, RGBColor(253, 231, 37)),
    (80.0, RGBColor(250, 240, 150)),
    (90.0, RGBColor(247, 243, 208)),
];
const ABOVE: RGBColor = RGBColor(245, 245, 240);
const SEAT_NUMBER: f64 = 15.0;
const LEGEND: f64 = 150.0;
const TOP: f64 = 60.0;

/// Draws a plan with a link, or with a map, or both; gives the SVG.
pub fn link_figure(title: &str, plan: &PlanDrawing, link: &LinkDrawing, map: Option<&MapDrawing>) -> String {
    let points = plan.rooms.iter().flat_map(|(_, a, b)| [*a, *b]).chain(plan.barriers.iter().flat_map(|(a, b, _)| [*a, *b]));
    let points = points.chain(link.people.iter().map(|(at, _)| *at));
    let Some(bounds) = Bounds::around(points.map(|[x, y]| (x, y))) else { return svg(80.0, title, |_| {}) };
    let place = Map::new(&bounds);
    let height = place.height + LEGEND + if link.note.is_empty() { 0.0 } else { TOP };
    svg(height, title, |canvas| draw(canvas, plan, link, map, &place))
}

fn draw(canvas: &Canvas<'_>, plan: &PlanDrawing, link: &LinkDrawing, map: Option<&MapDrawing>, place: &Map) {
    let at = |[x, y]: [f64; 2]| place.at((x, y));
    for (_, a, b) in &plan.rooms {
        canvas.rect(at(*a), at(*b), RGBColor(247, 248, 250).into(), Some(PALE));
    }
    if let Some(map) = map {
        let class = |db: f32| CLASSES.iter().position(|(edge, _)| db <= *edge).unwrap_or(CLASSES.len());
        for (row, cells) in map.db.chunks(map.columns.max(1)).enumerate() {
            // Neighbours of one class in one go: a tenth of the file.
            let mut column = 0;
            for same in cells.chunk_by(|a, b| class(*a) == class(*b)) {
                let low = [map.low[0] + column as f64 * map.step_m, map.low[1] + row as f64 * map.step_m];
                // A tenth taller than a cell, or seams show between rows.
                let high = [low[0] + same.len() as f64 * map.step_m, low[1] + 1.1 * map.step_m];
                let color = CLASSES.get(class(same[0])).map_or(ABOVE, |(_, color)| *color);
                canvas.rect(at(low), at(high), color.into(), None);
                column += same.len();
            }
        }
    }
    for (a, b) in &plan.tables {
        canvas.rect(at(*a), at(*b), RGBColor(232, 222, 208).mix(if map.is_some() { 0.25 } else { 1.0 }), Some(RGBColor(200, 186, 166)));
    }
    for (i, seat) in plan.seats.iter().enumerate() {
        let (x, y) = at(*seat);
        if map.is_none() {
            canvas.text((x, y), &i.to_string(), SEAT_NUMBER, GREY, Align::Middle);
        } else {
            canvas.disc((x, y), (place.px_per_m * 0.12).max(3.0), RGBColor(205, 210, 217).into());
        }
    }
    let materials: BTreeSet<&str> = plan.barriers.iter().map(|(_, _, m)| m.as_str()).collect();
    for (a, b, material) in &plan.barriers {
        canvas.line(&[at(*a), at(*b)], color_of(material, &materials), 7);
    }
    if map.is_none() {
        for (name, a, b) in &plan.rooms {
            let (x, y) = (a[0].min(b[0]), a[1].max(b[1]));
            let (px, py) = at([x, y]);
            label(canvas, (px + 10.0, py + 20.0), &words(name), GREY);
        }
    }
    if let [(from, _), (to, _)] = link.people[..] {
        canvas.line(&[at(from), at(to)], GREY, 2);
    }
    if let [from, to] = link.phones[..] {
        canvas.line(&[at(from), at(to)], VERMILLION, 4);
    }
    let body = (0.2 * place.px_per_m).clamp(14.0, 30.0);
    for (i, (person, facing_rad)) in link.people.iter().enumerate() {
        let (x, y) = at(*person);
        canvas.line(&[(x, y), (x + facing_rad.cos() * body * 2.0, y - facing_rad.sin() * body * 2.0)], INK, 4);
        canvas.disc((x, y), body, BLUE.mix(0.9));
        canvas.bold((x, y), ["A", "B"][i.min(1)], SMALL, WHITE, Align::Middle);
    }
    for phone in &link.phones {
        canvas.disc(at(*phone), 6.0, VERMILLION.into());
    }
    for (point, text) in &link.crossings {
        let (x, y) = at(*point);
        canvas.ring((x, y), 8.0, VERMILLION);
        label(canvas, (x + 14.0, y - 46.0), text, INK);
    }
    let mut entries: Vec<(Mark, String)> = Vec::new();
    if map.is_some() {
        let mut low: Option<f32> = None;
        for (edge, color) in CLASSES {
            entries.push((Mark::Square(color), low.map_or_else(|| format!("up to {edge} dB"), |low| format!("{low}-{edge} dB"))));
            low = Some(edge);
        }
        entries.push((Mark::Square(ABOVE), "more".into()));
    } else {
        entries.push((Mark::Dot(BLUE), "person; the tick is where they face".into()));
        entries.push((Mark::Dot(VERMILLION), "phone; barriers are crossed by the grey line from person to person".into()));
    }
    entries.extend(materials.iter().map(|m| (Mark::Line(color_of(m, &materials)), words(m))));
    let used = legend(canvas, &entries, (MARGIN, place.height + 10.0));
    scale_bar(canvas, place, place.height + 10.0 + used);
    canvas.text((MARGIN + 300.0, place.height + 10.0 + used), &link.note, TEXT, INK, Align::Left);
}

fn label(canvas: &Canvas<'_>, (x, y): (f64, f64), text: &str, color: RGBColor) {
    canvas.rect((x - 4.0, y - 15.0), (x + text_width(text, SMALL) + 4.0, y + 15.0), WHITE.mix(0.85), None);
    canvas.text((x, y), text, SMALL, color, Align::Left);
}
