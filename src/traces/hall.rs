//! The hall in which a trace is replayed: an open floor with room for meetings in its middle and everybody's own place around
//! it. A record says who faced whom, nothing of walls, furniture or neighbours.

use crate::{
    math,
    units::Point,
    venue::{FloorPlan, Material, Room, Seat, SeatUse},
};

/// Floor for each person who is in a meeting at the busiest moment, m²: groups find room without pushing others aside.
const FLOOR_PER_PERSON_M2: f64 = 12.0;
/// Least side of the floor for meetings, m.
const LEAST_SIDE_M: f64 = 12.0;
/// Meetings keep at least this far from everybody's own place, m, as places do from each other.
const LEAST_MARGIN_M: f64 = 2.0;
/// Added to every spacing, m, so that rounding to an f32 never undercuts it.
const SLACK_M: f64 = 0.01;
/// From the outermost places to the walls, m.
const EDGE_M: f64 = 1.0;

/// Where meetings may take place: an axis-parallel rectangle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub low: Point,
    pub high: Point,
}

impl Field {
    /// The nearest point of the field.
    pub fn clamp(&self, p: [f64; 2]) -> [f64; 2] {
        [p[0].clamp(self.low.x_m.into(), self.high.x_m.into()), p[1].clamp(self.low.y_m.into(), self.high.y_m.into())]
    }
}

/// The plan, the field, and own places.
#[derive(Clone, Debug)]
pub(super) struct Hall {
    pub plan: FloorPlan,
    pub field: Field,
    /// Own places, going round the field: neighbours in this order are neighbours on the floor.
    pub places: Vec<Point>,
    /// The ring around the field in which each place lies; lower = nearer.
    pub rings: Vec<i64>,
}

impl Hall {
    /// A hall for `people`, of whom at most `at_once` are in meetings at the same time.
    pub fn new(people: usize, at_once: usize, pitch_m: f64, environment: &str, materials: Vec<Material>) -> Self {
        let side_m = (FLOOR_PER_PERSON_M2 * at_once as f64).sqrt().max(LEAST_SIDE_M);
        let (pitch_m, margin_m) = (pitch_m + SLACK_M, pitch_m.max(LEAST_MARGIN_M) + SLACK_M);
        // A lattice around the field's centre; what lies beyond the margin is taken ring by ring.
        let half_m = side_m / 2.0 + margin_m;
        let reach = ((half_m / pitch_m).ceil() as i64) + ((people as f64).sqrt().ceil() as i64) + 1;
        let mut lattice: Vec<(i64, [f64; 2])> = (-reach..=reach)
            .flat_map(|i| (-reach..=reach).map(move |j| (i.abs().max(j.abs()), [i as f64 * pitch_m, j as f64 * pitch_m])))
            .filter(|(_, p)| p[0].abs().max(p[1].abs()) >= half_m)
            .collect();
        let angle = |p: &[f64; 2]| math::atan2(p[1], p[0]);
        lattice.sort_by(|a, b| a.0.cmp(&b.0).then(angle(&a.1).total_cmp(&angle(&b.1))));
        lattice.truncate(people);
        lattice.sort_by(|a, b| angle(&a.1).total_cmp(&angle(&b.1)).then(a.0.cmp(&b.0)));
        let outer_m = lattice.iter().map(|(_, p)| p[0].abs().max(p[1].abs())).fold(half_m, f64::max) + EDGE_M;
        let point = |p: [f64; 2]| Point::new((p[0] + outer_m) as f32, (p[1] + outer_m) as f32);
        let places: Vec<Point> = lattice.iter().map(|(_, p)| point(*p)).collect();
        let field = Field { low: point([-side_m / 2.0; 2]), high: point([side_m / 2.0; 2]) };
        let centre = point([0.0; 2]);
        let seats = places.iter().map(|&at| Seat { at, facing_rad: centre.bearing_rad(at), room: 0, use_: SeatUse::Desk });
        let room =
            Room { name: "hall".into(), use_: None, environment: environment.into(), low: Point::new(0.0, 0.0), high: point([outer_m; 2]) };
        let environment = Some(environment.into());
        let plan = FloorPlan { environment, materials, rooms: vec![room], seats: seats.collect(), ..FloorPlan::default() };
        Self { plan, field, places, rings: lattice.iter().map(|(ring, _)| *ring).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_keep_their_distance_from_each_other_and_from_meetings() {
        for (people, at_once, pitch_m) in [(1, 0, 2.0), (30, 30, 2.0), (403, 250, 2.0), (217, 80, 3.7), (217, 80, 1.0)] {
            let hall = Hall::new(people, at_once, pitch_m, "office", Vec::new());
            assert_eq!(hall.places.len(), people);
            let margin_m = pitch_m.max(2.0) as f32;
            for (i, &a) in hall.places.iter().enumerate() {
                assert!(hall.plan.rooms[0].contains(a));
                let inside = hall.field.clamp([a.x_m.into(), a.y_m.into()]);
                assert!(a.distance_m(Point::new(inside[0] as f32, inside[1] as f32)) >= margin_m, "{a:?}");
                assert!(hall.places[..i].iter().all(|&b| a.distance_m(b) >= pitch_m as f32));
            }
        }
    }
}
