//! The floor plan of the busiest venue, with the people in it at one moment.

use std::collections::{BTreeMap, BTreeSet};

use plotters::style::{Color, RGBColor};

use crate::output::Batch;
use crate::report::canvas::{
    Align, BLUE, Canvas, GREEN, GREY, INK, ORANGE, PALE, PURPLE, SKY, SMALL, VERMILLION, WHITE, WIDTH, fit, svg, text_width,
};
use crate::report::data::RunData;
use crate::report::format::{plural, words};
use crate::time::UnixSeconds;

use super::Figure;
use super::rows::{Mark, legend};

pub(super) const MARGIN: f64 = 40.0;
const MAX_HEIGHT: f64 = 1400.0;
const LEGEND: f64 = 190.0;
/// Colours of the common materials, and then of any others.
const KNOWN_COLORS: [(&str, RGBColor); 4] = [("concrete", INK), ("plasterboard", ORANGE), ("glass", SKY), ("acrylic", GREEN)];
const OTHER_COLORS: [RGBColor; 3] = [PURPLE, VERMILLION, GREY];
const PHONE: RGBColor = BLUE;

/// Draws the plan.
pub fn draw(data: &RunData) -> Figure {
    let title = "The floor, its barriers and its people";
    let busiest = busiest(&data.snapshot);
    let shown = busiest.map(|(venue, t_s)| (venue, Some(t_s))).or_else(|| Some((*data.plan.u32("venue").first()?, None)));
    let bounds = shown.and_then(|(venue, _)| Bounds::of(&data.plan, venue));
    let drawing = match (shown, bounds) {
        (Some((venue, t_s)), Some(bounds)) => {
            let map = Map::new(&bounds);
            Ok(svg(map.height + LEGEND, title, |canvas| draw_plan(canvas, data, &map, venue, t_s)))
        }
        _ => Err("this run has no floor plan: its venues have no walls, or the table plan was not written".to_owned()),
    };
    let when = busiest.map_or_else(String::new, |(venue, t_s)| {
        let people = (0..data.snapshot.rows()).filter(|&row| is_at(&data.snapshot, row, venue, t_s)).count();
        format!(" {} at {}.", plural(people as i64, "person").replace("persons", "people"), UnixSeconds(t_s))
    });
    let caption = format!(
        "Each disc is half the contact radius wide around a person, so that two people whose discs touch are within it; the tick is \
         where they face. Coloured lines are walls and screens by material: they weaken the signal, and those up to the ceiling end \
         the contact.{when}"
    );
    Figure { name: "floor", title, caption, drawing }
}

/// The venue and moment of the snapshot with most people; the lowest numbers of those alike.
fn busiest(snapshot: &Batch) -> Option<(u32, i64)> {
    let mut people: BTreeMap<(u32, i64), usize> = BTreeMap::new();
    for (&venue, &t_s) in snapshot.u32("venue").iter().zip(snapshot.i64("t_s")) {
        *people.entry((venue, t_s)).or_default() += 1;
    }
    people.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0))).map(|(at, _)| at)
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

/// Extent of a plan, m.
pub(super) struct Bounds {
    low: (f64, f64),
    high: (f64, f64),
}

impl Bounds {
    fn of(plan: &Batch, venue: u32) -> Option<Self> {
        let rows = (0..plan.rows()).filter(|&row| plan.u32("venue")[row] == venue);
        Self::around(rows.flat_map(|row| {
            let Shape { a, b } = shape(plan, row);
            [a, b]
        }))
    }

    /// The extent of points, if they have one.
    pub fn around(points: impl Iterator<Item = (f64, f64)>) -> Option<Self> {
        let mut bounds = Self { low: (f64::MAX, f64::MAX), high: (f64::MIN, f64::MIN) };
        for (x, y) in points {
            bounds.low = (bounds.low.0.min(x), bounds.low.1.min(y));
            bounds.high = (bounds.high.0.max(x), bounds.high.1.max(y));
        }
        let extent_m = (bounds.high.0 - bounds.low.0, bounds.high.1 - bounds.low.1);
        (extent_m.0 > 0.0 && extent_m.1 > 0.0 && (extent_m.0 + extent_m.1).is_finite()).then_some(bounds)
    }
}

/// Metres to pixels, the same in both directions, y up.
pub(super) struct Map {
    low: (f64, f64),
    pub px_per_m: f64,
    left: f64,
    pub height: f64,
}

impl Map {
    pub fn new(bounds: &Bounds) -> Self {
        let (width_m, height_m) = (bounds.high.0 - bounds.low.0, bounds.high.1 - bounds.low.1);
        let px_per_m = ((WIDTH - 2.0 * MARGIN) / width_m).min((MAX_HEIGHT - 2.0 * MARGIN) / height_m);
        let left = (WIDTH - width_m * px_per_m) / 2.0;
        Self { low: bounds.low, px_per_m, left, height: height_m * px_per_m + 2.0 * MARGIN }
    }

    pub fn at(&self, (x_m, y_m): (f64, f64)) -> (f64, f64) {
        (self.left + (x_m - self.low.0) * self.px_per_m, self.height - MARGIN - (y_m - self.low.1) * self.px_per_m)
    }
}

fn draw_plan(canvas: &Canvas<'_>, data: &RunData, map: &Map, venue: u32, t_s: Option<i64>) {
    let plan = &data.plan;
    let corners = |row: usize| {
        let Shape { a, b } = shape(plan, row);
        (map.at(a), map.at(b))
    };
    for row in rows_of(plan, venue, "room") {
        let (a, b) = corners(row);
        canvas.rect(a, b, RGBColor(247, 248, 250).into(), Some(PALE));
    }
    for row in rows_of(plan, venue, "desk") {
        let (a, b) = corners(row);
        canvas.rect(a, b, RGBColor(232, 222, 208).into(), Some(RGBColor(200, 186, 166)));
    }
    for row in rows_of(plan, venue, "seat") {
        canvas.disc(corners(row).0, (map.px_per_m * 0.12).max(3.0), RGBColor(205, 210, 217).into());
    }
    let colors = material_colors(plan, venue);
    for (kind, width) in [("screen", 5), ("wall", 8)] {
        for row in rows_of(plan, venue, kind) {
            let (a, b) = corners(row);
            canvas.line(&[a, b], colors.get(plan.text("material").get(row)).copied().unwrap_or(GREY), width);
        }
    }
    let radius_m = data.summary.contact.as_ref().map_or(1.0, |contact| contact.radius_m);
    if let Some(t_s) = t_s {
        draw_people(canvas, &data.snapshot, map, radius_m, |row| is_at(&data.snapshot, row, venue, t_s));
    }
    label_rooms(canvas, plan, map, venue);
    let mut entries = vec![
        (Mark::Dot(PHONE), "person, phone taking part".to_owned()),
        (Mark::Ring(GREY), "person without".to_owned()),
        (Mark::Square(RGBColor(232, 222, 208)), "desk or table".to_owned()),
        (Mark::Dot(RGBColor(205, 210, 217)), "seat".to_owned()),
    ];
    entries.extend(colors.iter().map(|(material, color)| (Mark::Line(*color), words(material))));
    let used = legend(canvas, &entries, (MARGIN, map.height + 20.0));
    scale_bar(canvas, map, map.height + 20.0 + used);
}

/// A colour for each material of a venue, in the order of names.
fn material_colors(plan: &Batch, venue: u32) -> BTreeMap<&str, RGBColor> {
    let materials: BTreeSet<&str> =
        ["wall", "screen"].iter().flat_map(|kind| rows_of(plan, venue, kind)).filter_map(|row| plan.text("material").opt(row)).collect();
    materials.iter().map(|material| (*material, color_of(material, &materials))).collect()
}

/// The colour of a material among those of a plan: common ones keep theirs, the others follow in turn.
pub(super) fn color_of(material: &str, among: &BTreeSet<&str>) -> RGBColor {
    let known = |material: &str| KNOWN_COLORS.iter().find(|(name, _)| *name == material).map(|(_, color)| *color);
    known(material).unwrap_or_else(|| {
        let place = among.iter().filter(|m| known(m).is_none()).position(|m| *m == material).unwrap_or(0);
        OTHER_COLORS[place % OTHER_COLORS.len()]
    })
}

fn draw_people(canvas: &Canvas<'_>, snapshot: &Batch, map: &Map, radius_m: f64, is_here: impl Fn(usize) -> bool) {
    let place = |row: usize| map.at((snapshot.f64("x_m")[row], snapshot.f64("y_m")[row]));
    let here: Vec<usize> = (0..snapshot.rows()).filter(|&row| is_here(row)).collect();
    for &row in &here {
        canvas.disc(place(row), radius_m / 2.0 * map.px_per_m, BLUE.mix(0.10));
    }
    let body = (0.16 * map.px_per_m).clamp(5.0, 14.0);
    for &row in &here {
        let (x, y) = place(row);
        let facing = snapshot.f64("facing_rad")[row];
        let runs = snapshot.bools("phone_runs")[row];
        let color = if runs { PHONE } else { GREY };
        canvas.line(&[(x, y), (x + facing.cos() * body * 2.1, y - facing.sin() * body * 2.1)], color, 4);
        if runs { canvas.disc((x, y), body, color.into()) } else { canvas.ring((x, y), body - 1.0, color) }
    }
}

/// Names of rooms in a corner where they cover no other name; a room too small for its name stays without.
fn label_rooms(canvas: &Canvas<'_>, plan: &Batch, map: &Map, venue: u32) {
    let mut taken: Vec<((f64, f64), (f64, f64))> = Vec::new();
    for row in rows_of(plan, venue, "room") {
        let Some(name) = plan.text("name").opt(row) else { continue };
        let Shape { a, b } = shape(plan, row);
        let (a, b) = (map.at(a), map.at(b));
        let (left, right) = (a.0.min(b.0) + 10.0, a.0.max(b.0) - 10.0);
        let (top, bottom) = (a.1.min(b.1) + 10.0, a.1.max(b.1) - 10.0);
        let name = fit(&words(name), SMALL, right - left);
        let (width, height) = (text_width(&name, SMALL) + 12.0, SMALL + 12.0);
        if name.chars().count() < 3 || bottom - top < height {
            continue;
        }
        let corners = [(left, top), (left, bottom - height), (right - width, top), (right - width, bottom - height)];
        let is_free = |x: f64, y: f64| taken.iter().all(|(a, b)| x >= b.0 || a.0 >= x + width || y >= b.1 || a.1 >= y + height);
        if let Some((x, y)) = corners.into_iter().find(|(x, y)| is_free(*x, *y)) {
            taken.push(((x, y), (x + width, y + height)));
            canvas.rect((x, y), (x + width, y + height), WHITE.mix(0.8), None);
            canvas.text((x + 6.0, y + height / 2.0), &name, SMALL, INK, Align::Left);
        }
    }
}

pub(super) fn scale_bar(canvas: &Canvas<'_>, map: &Map, y: f64) {
    let metres = if map.px_per_m > 150.0 { 1.0 } else { 5.0 };
    let (from, to) = (MARGIN, MARGIN + metres * map.px_per_m);
    canvas.line(&[(from, y), (to, y)], INK, 4);
    for x in [from, to] {
        canvas.line(&[(x, y - 8.0), (x, y + 8.0)], INK, 4);
    }
    canvas.text((to + 16.0, y), &format!("{metres} m"), SMALL, INK, Align::Left);
}
