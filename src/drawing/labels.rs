//! Names on a floor plan, where they hide nothing that matters.

use super::canvas::{Align, Canvas, Color, GREY, INK, SMALL, WHITE, text_width};

/// Pixels from one place that is tried to the next.
const STEP: f64 = 6.0;
/// Pixels between a room's edge and a name.
const MARGIN: f64 = 2.0;
const PADDING: f64 = 4.0;
const HEIGHT: f64 = SMALL + 4.0;

/// A rectangle between its upper-left and lower-right corner, pixels.
pub type Area = ((f64, f64), (f64, f64));

/// The square around a point.
pub fn around((x, y): (f64, f64), half: f64) -> Area {
    ((x - half, y - half), (x + half, y + half))
}

fn overlap(a: &Area, b: &Area) -> bool {
    a.0.0 < b.1.0 && b.0.0 < a.1.0 && a.0.1 < b.1.1 && b.0.1 < a.1.1
}

/// A name with its place.
struct Placed {
    text: String,
    area: Area,
    color: Color,
}

/// Places names on a plan.
pub struct Labels {
    /// What no name may hide.
    kept: Vec<Area>,
    /// What a name hides only if there is no other place.
    spared: Vec<Area>,
    placed: Vec<Placed>,
}

impl Labels {
    /// Names that hide nothing of `kept`, and of `spared` only what they must.
    pub fn new(kept: Vec<Area>, spared: Vec<Area>) -> Self {
        Self { kept, spared, placed: Vec::new() }
    }

    /// Places the name of each room where it fits, or a number; gives the names that the numbers stand for. A room without a place
    /// for a number stays without.
    pub fn rooms(&mut self, rooms: &[(String, Area)]) -> Vec<String> {
        let mut numbered = Vec::new();
        for (name, room) in rooms {
            if self.inside(name, room, GREY) {
                continue;
            }
            if self.inside(&(numbered.len() + 1).to_string(), room, INK) {
                numbered.push(format!("{} {name}", numbered.len() + 1));
            }
        }
        numbered
    }

    /// Places a text in a room if there is a place for it.
    fn inside(&mut self, text: &str, (low, high): &Area, color: Color) -> bool {
        let width = text_width(text, SMALL) + 2.0 * PADDING;
        let along = |from: f64, to: f64| (0..).map(move |i| from + STEP * f64::from(i)).take_while(move |at| *at <= to);
        // What stands beside a row of places hides none of them: most of a large floor.
        let beside = |hidden: &[Area], y: f64| -> Vec<Area> {
            hidden.iter().filter(|area| overlap(&((low.0, y), (high.0, y + HEIGHT)), area)).copied().collect()
        };
        let mut second = None;
        let place = along(low.1 + MARGIN, high.1 - MARGIN - HEIGHT).find_map(|y| {
            let (kept, spared) = (beside(&self.kept, y), beside(&self.spared, y));
            let is_free = |hidden: &[Area], x: f64| !hidden.iter().any(|other| overlap(&((x, y), (x + width, y + HEIGHT)), other));
            let mut free = along(low.0 + MARGIN, high.0 - MARGIN - width).filter(|x| is_free(&kept, *x)).peekable();
            second = second.or_else(|| free.peek().map(|x| (*x, y)));
            free.find(|x| is_free(&spared, *x)).map(|x| (x, y))
        });
        let Some(place) = place.or(second) else { return false };
        self.place(place, text, width, color);
        true
    }

    /// Places a text beside a point, left of `right`: where it is free, or else above the point.
    pub fn beside(&mut self, (x, y): (f64, f64), text: &str, right: f64, color: Color) {
        let width = text_width(text, SMALL) + 2.0 * PADDING;
        let right = right - width;
        let places = || {
            let distances = (2..14).map(|i| STEP * f64::from(i));
            let at = move |d: f64| [(x + d, y - d - HEIGHT), (x + d, y + d), (x - d - width, y - d - HEIGHT), (x - d - width, y + d)];
            distances.flat_map(at).filter(move |(left, top)| (0.0..=right).contains(left) && *top >= 0.0)
        };
        let place = self.first_free(width, places).unwrap_or(((x + 14.0).min(right), y - 14.0 - HEIGHT));
        self.place(place, text, width, color);
    }

    /// The first of places at which a name hides nothing, or else nothing that is kept.
    fn first_free<I: Iterator<Item = (f64, f64)>>(&self, width: f64, places: impl Fn() -> I) -> Option<(f64, f64)> {
        let is_free = |hidden: &[Area], (x, y): (f64, f64)| {
            let area = ((x, y), (x + width, y + HEIGHT));
            !hidden.iter().any(|other| overlap(&area, other))
        };
        let free = || places().filter(|place| is_free(&self.kept, *place));
        free().find(|place| is_free(&self.spared, *place)).or_else(|| free().next())
    }

    fn place(&mut self, (x, y): (f64, f64), text: &str, width: f64, color: Color) {
        let area = ((x, y), (x + width, y + HEIGHT));
        self.kept.push(area);
        self.placed.push(Placed { text: text.to_owned(), area, color });
    }

    /// Writes the names.
    pub fn draw(&self, canvas: &Canvas) {
        for Placed { text, area, color } in &self.placed {
            canvas.rect(area.0, area.1, WHITE.faded(0.85), None);
            canvas.text((area.0.0 + PADDING, area.0.1 + HEIGHT / 2.0), text, SMALL, *color, Align::Left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_hides_no_seat_and_a_room_too_small_for_it_has_a_number() {
        let rooms = [("open plan".to_owned(), ((0.0, 0.0), (400.0, 200.0))), ("meeting room".to_owned(), ((500.0, 0.0), (560.0, 60.0)))];
        // Seats everywhere but in the lower right of the first room.
        let grid = (0..10).flat_map(|i| (0..10).map(move |j| (20.0 + 40.0 * f64::from(i), 10.0 + 20.0 * f64::from(j))));
        let seats: Vec<Area> = grid.filter(|(x, y)| *x < 200.0 || *y < 150.0).map(|seat| around(seat, 8.0)).collect();
        let mut labels = Labels::new(seats.clone(), Vec::new());
        assert_eq!(labels.rooms(&rooms), ["1 meeting room"]);
        let texts: Vec<&str> = labels.placed.iter().map(|placed| placed.text.as_str()).collect();
        assert_eq!(texts, ["open plan", "1"]);
        assert!(labels.placed.iter().all(|placed| !seats.iter().any(|seat| overlap(seat, &placed.area))));
        labels.beside((220.0, 60.0), "-3 dB", 1640.0, INK);
        assert!(labels.placed[..2].iter().all(|placed| !overlap(&placed.area, &labels.placed[2].area)));
    }

    #[test]
    fn tables_are_hidden_only_where_there_is_no_other_place() {
        let room = [("pantry".to_owned(), ((0.0, 0.0), (200.0, 100.0)))];
        let place = |spared: Vec<Area>| {
            let mut labels = Labels::new(Vec::new(), spared);
            labels.rooms(&room);
            labels.placed[0].area
        };
        assert_eq!(place(Vec::new()).0, (MARGIN, MARGIN));
        assert!(place(vec![((0.0, 0.0), (200.0, 40.0))]).0.1 >= 40.0);
        assert_eq!(place(vec![((0.0, 0.0), (200.0, 100.0))]).0, (MARGIN, MARGIN));
    }
}
