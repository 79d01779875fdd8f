//! A venue laid out to its kind: rooms, furniture, and where people stand, wait and walk.

use std::collections::BTreeSet;

use crate::math;

use super::{
    canvas::{Align, BLUE, Canvas, Color, Column, GREY, INK, LEADING, Label, ORANGE, SEAT, SKY, SMALL, TABLE, TABLE_EDGE, TEXT, svg, wrap},
    format::words,
    labels::{Labels, around},
    plan::{Bounds, Map, color_of},
    rows::{Mark, legend, legend_height},
};

const EDGE: f64 = 40.0;
const DOOR: Color = TABLE_EDGE;
const STANDING: Color = SKY;
const QUEUE: Color = BLUE;
const AISLE: Color = SEAT;
const POST: Color = BLUE;
const PERSON: Color = INK;
const PHONE: Color = ORANGE;
/// How wide a phone is drawn, m: about as long as one is.
const PHONE_M: f64 = 0.14;
/// How wide a person is drawn, m.
const PERSON_M: f64 = 0.5;

/// A venue as it is drawn; points are x, y in m.
#[derive(Clone, Debug, Default)]
pub struct VenueDrawing {
    /// Along x and along y, m.
    pub floor_m: [f64; 2],
    /// Name and corners of each room.
    pub rooms: Vec<(String, [f64; 2], [f64; 2])>,
    /// Ends and material of each barrier, and whether it reaches the ceiling.
    pub barriers: Vec<([f64; 2], [f64; 2], String, bool)>,
    /// Corners of tops, shelves and counters.
    pub tables: Vec<([f64; 2], [f64; 2])>,
    /// Seats and beds, and where those in them look, rad.
    pub seats: Vec<([f64; 2], f64)>,
    /// Middle and width of each door, m, and whether its wall runs along x.
    pub doors: Vec<([f64; 2], f64, bool)>,
    /// Corners of floor on which people stand.
    pub standing: Vec<([f64; 2], [f64; 2])>,
    /// Lines in which people wait, from the one who is served back.
    pub queues: Vec<Vec<[f64; 2]>>,
    /// Ways along which people walk.
    pub aisles: Vec<([f64; 2], [f64; 2])>,
    /// Where people work, and where they look, rad.
    pub posts: Vec<([f64; 2], f64)>,
    /// People, and where they look, rad.
    pub people: Vec<([f64; 2], f64)>,
    /// Their phones.
    pub phones: Vec<[f64; 2]>,
    /// What to write below.
    pub note: String,
}

/// Draws a venue to scale; gives the SVG.
pub fn venue_figure(title: &str, venue: &VenueDrawing) -> String {
    let [width_m, depth_m] = venue.floor_m;
    let label = Label { name: "venue", title, description: &venue.note };
    // Some may wait outside.
    let people = venue.people.iter().map(|([x_m, y_m], _)| (*x_m, *y_m));
    let Some(bounds) = Bounds::around([(0.0, 0.0), (width_m, depth_m)].into_iter().chain(people)) else {
        return svg(Column::Wide, 80.0, label, |_| {});
    };
    let map = Map::new(Column::Wide, bounds);
    let entries = legend_entries(venue);
    let below = map.height + EDGE + legend_height(&entries, EDGE, Column::Wide.width());
    let (labels, numbered) = names(venue, &map);
    let notes = [numbered.join(", "), venue.note.clone()];
    let notes: Vec<String> =
        notes.iter().filter(|note| !note.is_empty()).flat_map(|note| wrap(note, TEXT, Column::Wide.width() - 2.0 * EDGE)).collect();
    svg(Column::Wide, below + LEADING * notes.len() as f64, label, |canvas| {
        draw(canvas, venue, &map);
        labels.draw(canvas);
        map.axes(canvas);
        legend(canvas, &entries, (EDGE, map.height + EDGE));
        for (line, note) in (0..).map(f64::from).zip(&notes) {
            canvas.text((EDGE, below + LEADING * line), note, SMALL, INK, Align::Left);
        }
    })
}

/// Names of rooms where they hide no seat and no post, and those that stand beside numbers below; a floor of one room needs none.
fn names(venue: &VenueDrawing, map: &Map) -> (Labels, Vec<String>) {
    let marks = venue.seats.iter().chain(&venue.posts).map(|([x, y], _)| around(map.at((*x, *y)), 2.0 * map.seat_radius()));
    let corners = |a: [f64; 2], b: [f64; 2]| {
        let (a, b) = (map.at((a[0], a[1])), map.at((b[0], b[1])));
        ((a.0.min(b.0), a.1.min(b.1)), (a.0.max(b.0), a.1.max(b.1)))
    };
    let mut labels = Labels::new(marks.collect(), venue.tables.iter().map(|(a, b)| corners(*a, *b)).collect());
    let rooms: Vec<_> = venue.rooms.iter().filter(|_| venue.rooms.len() > 1).map(|(name, a, b)| (words(name), corners(*a, *b))).collect();
    let numbered = labels.rooms(&rooms);
    (labels, numbered)
}

fn materials(venue: &VenueDrawing) -> BTreeSet<&str> {
    venue.barriers.iter().map(|(_, _, material, _)| material.as_str()).collect()
}

fn legend_entries(venue: &VenueDrawing) -> Vec<(Mark, String)> {
    let marks = [
        (!venue.tables.is_empty(), Mark::Square(TABLE.into()), "desk, table, shelf, counter or bed"),
        (!venue.seats.is_empty(), Mark::Dot(SEAT), "who sits or lies, and where they look"),
        (!venue.posts.is_empty(), Mark::Dot(POST), "where somebody works"),
        (!venue.people.is_empty(), Mark::Dot(PERSON), "person, 0.5 m wide, and where they look"),
        (!venue.phones.is_empty(), Mark::Dot(PHONE), "phone"),
        (!venue.standing.is_empty(), Mark::Square(STANDING.faded(0.3)), "where people stand"),
        (!venue.queues.is_empty(), Mark::Line(QUEUE), "queue, its head a dot"),
        (!venue.aisles.is_empty(), Mark::Line(AISLE), "way to walk"),
        (!venue.doors.is_empty(), Mark::Line(DOOR), "door"),
    ];
    let shown = marks.into_iter().filter(|(is_there, ..)| *is_there).map(|(_, mark, text)| (mark, text.to_string()));
    let materials = materials(venue);
    shown.chain(materials.iter().map(|material| (Mark::Line(color_of(material, &materials)), words(material)))).collect()
}

fn draw(canvas: &Canvas, venue: &VenueDrawing, map: &Map) {
    let at = |[x, y]: [f64; 2]| map.at((x, y));
    let [floor_width_m, floor_depth_m] = venue.floor_m;
    map.room(canvas, (0.0, 0.0), (floor_width_m, floor_depth_m));
    for (_, a, b) in &venue.rooms {
        map.room(canvas, (a[0], a[1]), (b[0], b[1]));
    }
    for (a, b) in &venue.standing {
        canvas.rect(at(*a), at(*b), STANDING.faded(0.3), None);
    }
    for (a, b) in &venue.tables {
        map.table(canvas, (a[0], a[1]), (b[0], b[1]), 1.0);
    }
    for (a, b) in &venue.aisles {
        canvas.line(&[at(*a), at(*b)], AISLE, 3.0);
    }
    for path in &venue.queues {
        canvas.line(&path.iter().map(|p| at(*p)).collect::<Vec<_>>(), QUEUE, 4.0);
        path.first().into_iter().for_each(|head| canvas.disc(at(*head), 8.0, QUEUE));
    }
    let materials = materials(venue);
    for (a, b, material, reaches_ceiling) in &venue.barriers {
        canvas.line(&[at(*a), at(*b)], color_of(material, &materials), if *reaches_ceiling { 8.0 } else { 5.0 });
    }
    for ([x, y], width_m, is_along_x) in &venue.doors {
        let [dx, dy] = if *is_along_x { [width_m / 2.0, 0.0] } else { [0.0, width_m / 2.0] };
        canvas.line(&[at([x - dx, y - dy]), at([x + dx, y + dy])], DOOR, 10.0);
    }
    let radius = map.seat_radius();
    for ((place, facing_rad), color) in venue.seats.iter().map(|s| (s, SEAT)).chain(venue.posts.iter().map(|p| (p, POST))) {
        let (x, y) = at(*place);
        canvas.line(&[(x, y), (x + math::cos(*facing_rad) * radius * 2.0, y - math::sin(*facing_rad) * radius * 2.0)], GREY, 3.0);
        canvas.disc((x, y), radius, color);
    }
    let half = map.px_per_m * PERSON_M / 2.0;
    for (place, facing_rad) in &venue.people {
        let (x, y) = at(*place);
        canvas.disc((x, y), half, PERSON.faded(0.5));
        canvas.line(&[(x, y), (x + math::cos(*facing_rad) * half * 1.4, y - math::sin(*facing_rad) * half * 1.4)], PERSON, 4.0);
    }
    for phone in &venue.phones {
        canvas.disc(at(*phone), map.px_per_m * PHONE_M / 2.0, PHONE);
    }
}
