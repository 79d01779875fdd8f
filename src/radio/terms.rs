//! The terms of a link's level: one function for links that are simulated on a floor plan, explained, and measured.

use std::array;

use crate::{
    math,
    mobility::{Carriage, Stance},
    units::Point,
};

use super::model::{Environment, MIN_DISTANCE_M, RadioModel};

/// A phone comes no nearer than this to the middle between two people, on its carrier's side: two bodies lie between any two
/// hands or pockets.
const FROM_MIDDLE_M: f32 = MIN_DISTANCE_M / 2.0;

/// One person with a phone, on a floor plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkEnd {
    /// Body centre.
    pub body: Point,
    /// Direction faced, rad counter-clockwise from the x axis.
    pub facing_rad: f32,
    /// How the phone is carried.
    pub carriage: Carriage,
    /// Index into the plan's rooms, or `NO_ROOM`.
    pub room: u16,
}

impl LinkEnd {
    /// Somebody at a moment of a stance.
    pub(super) fn at(stance: &Stance, t_s: i64) -> Self {
        Self { body: stance.at(t_s as f64), facing_rad: stance.facing_rad, carriage: stance.carriage, room: stance.room }
    }
}

/// How two phones lie to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    /// Where the phones are: on the plan, or with the first person at the origin and the other on the x axis.
    pub phones: [Point; 2],
    /// Between the phones, m; at least 0.3.
    pub phones_m: f32,
    /// Cosine of the angle between the way from each carrier's middle to the phone and the way to the other person.
    pub outward_cos: [f32; 2],
}

/// What the steady terms of a link depend on. Of two values each is of one end, the same end first in all.
#[derive(Clone, Copy, Debug)]
pub struct LinkState<'m> {
    /// The environment.
    pub environment: &'m Environment,
    /// Where the phones are.
    pub geometry: Geometry,
    /// How they are carried.
    pub carriage: [Carriage; 2],
    /// What that costs in these two carriage episodes, dB.
    pub carriage_db: [f32; 2],
    /// What the barriers in the line cost, dB.
    pub barriers_db: f32,
    /// Static offset of the pair of spots, dB.
    pub pair_offset_db: f32,
    /// Residual calibration errors, of the transmitting end's transmitter and the receiving end's receiver, dB.
    pub devices_db: [f32; 2],
}

/// Terms to leave out; by default none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Without {
    /// What barriers cost.
    pub walls: bool,
}

/// The terms of a link's mean level that stay while nobody moves, dB. Their sum is the mean attenuation GAEN would compute before third
/// persons, shadowing and fading, which come with each scan (see [`super::Link`]). Of two values each is of one end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkTerms {
    /// Level at 1 m plus 10 n log10(d).
    pub distance_db: f32,
    /// Losses of the two carriage episodes.
    pub carriage_db: [f32; 2],
    /// The two carriers' own bodies, relative to their mean over all directions.
    pub body_db: [f32; 2],
    /// Barriers in the line.
    pub barriers_db: f32,
    /// Static offset of the pair of spots.
    pub pair_offset_db: f32,
    /// Residual calibration errors of transmitter and receiver.
    pub devices_db: [f32; 2],
}

impl LinkTerms {
    /// The sum.
    #[inline]
    pub fn total_db(&self) -> f32 {
        let both_db = |[one_db, other_db]: [f32; 2]| one_db + other_db;
        self.distance_db
            + both_db(self.carriage_db)
            + both_db(self.body_db)
            + self.barriers_db
            + self.pair_offset_db
            + both_db(self.devices_db)
    }
}

impl RadioModel {
    /// The terms of a link in a state, but for those left out.
    #[inline]
    pub fn terms(&self, link: &LinkState<'_>, without: Without) -> LinkTerms {
        let LinkState { environment, geometry, carriage, carriage_db, barriers_db, pair_offset_db, devices_db } = *link;
        LinkTerms {
            distance_db: environment.distance_db(geometry.phones_m),
            carriage_db,
            body_db: array::from_fn(|i| self.own_body_db(environment, carriage[i], geometry.outward_cos[i])),
            barriers_db: if without.walls { 0.0 } else { barriers_db },
            pair_offset_db,
            devices_db,
        }
    }

    /// The carrier's own body towards a peer: `B s (1 - cos θ) / 2` less its mean over directions, `B s / 2`; θ is the
    /// angle between the way from body to phone and the way to the peer.
    #[inline]
    fn own_body_db(&self, environment: &Environment, carriage: Carriage, outward_cos: f32) -> f32 {
        -environment.config.body_db * self.config.carriage.of(carriage).body_share * outward_cos / 2.0
    }

    /// How the phones of two people on a floor plan lie to each other.
    pub(super) fn geometry(&self, ends: [LinkEnd; 2]) -> Geometry {
        let bodies = ends.map(|end| end.body);
        let apart_m = bodies[0].distance_m(bodies[1]);
        let towards = |from: Point, to: Point| {
            if apart_m > 0.0 { Point::new((to.x_m - from.x_m) / apart_m, (to.y_m - from.y_m) / apart_m) } else { Point::new(1.0, 0.0) }
        };
        let held: [(Point, f32); 2] = array::from_fn(|i| {
            let (body, to_peer) = (bodies[i], towards(bodies[i], bodies[1 - i]));
            let bearing_deg = self.config.carriage.of(ends[i].carriage).bearing_deg;
            let (sin, cos) = math::sin_cos(ends[i].facing_rad + bearing_deg.to_radians());
            // Outward direction, along the way to the peer and across it.
            let (outward_cos, outward_sin) = (cos * to_peer.x_m + sin * to_peer.y_m, sin * to_peer.x_m - cos * to_peer.y_m);
            let (along_m, across_m) = self.off_the_middle_m(ends[i].carriage, (outward_cos, outward_sin), apart_m);
            let phone = Point::new(
                body.x_m + along_m * to_peer.x_m - across_m * to_peer.y_m,
                body.y_m + along_m * to_peer.y_m + across_m * to_peer.x_m,
            );
            (phone, outward_cos)
        });
        let phones = held.map(|(phone, _)| phone);
        let phones_m = phones[0].distance_m(phones[1]).max(MIN_DISTANCE_M);
        Geometry { phones, phones_m, outward_cos: held.map(|(_, outward_cos)| outward_cos) }
    }

    /// How the phones of two people so far apart lie to each other, where the way from each carrier's middle to the phone is at an angle
    /// to the way to the other person.
    pub fn geometry_apart(&self, apart_m: f32, carriage: [Carriage; 2], outward_rad: [f32; 2]) -> Geometry {
        let outward = outward_rad.map(math::sin_cos);
        let off_m: [(f32, f32); 2] = array::from_fn(|i| {
            let (sin, cos) = outward[i];
            self.off_the_middle_m(carriage[i], (cos, sin), apart_m)
        });
        let [(along_m, across_m), (back_m, other_across_m)] = off_m;
        Geometry {
            phones: [Point::new(along_m, across_m), Point::new(apart_m - back_m, other_across_m)],
            phones_m: math::hypot(apart_m - along_m - back_m, across_m - other_across_m).max(MIN_DISTANCE_M),
            outward_cos: outward.map(|(_, cos)| cos),
        }
    }

    /// How far a phone lies towards the other person and across, from its carrier's middle: as carried, but no farther than
    /// [`FROM_MIDDLE_M`] short of the middle between the two.
    fn off_the_middle_m(&self, carriage: Carriage, (outward_cos, outward_sin): (f32, f32), apart_m: f32) -> (f32, f32) {
        let carriage = self.config.carriage.of(carriage);
        let along_m = (carriage.offset_m * outward_cos).min((apart_m / 2.0 - FROM_MIDDLE_M).max(0.0));
        (along_m, carriage.offset_m * outward_sin)
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::PI;

    use super::*;
    use crate::{mobility::NO_ROOM, radio::RadioConfig, random::Seed};

    fn model() -> RadioModel {
        let baseline: toml::Table = toml::from_str(include_str!("../../scenarios/baseline.toml")).expect("it is TOML");
        let config: RadioConfig = baseline["radio"].clone().try_into().expect("it holds [radio]");
        RadioModel::new(&config, Seed(1))
    }

    /// A measured link is the link of a floor plan where the two stand so far apart and turn so far from each other.
    #[test]
    fn phones_lie_alike_on_a_plan_and_at_a_measured_distance() {
        let model = model();
        for (a, b) in Carriage::ALL.iter().flat_map(|a| Carriage::ALL.iter().map(move |b| (*a, *b))) {
            for (apart_m, outward_rad) in [(0.2, [0.3, -2.0]), (1.0, [1.2, 0.4]), (4.0, [-3.0, 2.5])] {
                let bearing_rad = |carriage| model.config.carriage.of(carriage).bearing_deg.to_radians();
                let end = |x_m: f32, carriage, outward_rad: f32| LinkEnd {
                    body: Point::new(x_m, 0.0),
                    facing_rad: outward_rad - bearing_rad(carriage),
                    carriage,
                    room: NO_ROOM,
                };
                // The way from the second to the first is along the negative x axis, and the same side of it is the other hand's.
                let on_plan = model.geometry([end(0.0, a, outward_rad[0]), end(apart_m, b, PI - outward_rad[1])]);
                let measured = model.geometry_apart(apart_m, [a, b], outward_rad);
                for i in 0..2 {
                    assert!(on_plan.phones[i].distance_m(measured.phones[i]) < 1e-4, "{a:?}, {b:?}: {on_plan:?} {measured:?}");
                    assert!((on_plan.outward_cos[i] - measured.outward_cos[i]).abs() < 1e-4, "{on_plan:?} {measured:?}");
                }
                assert!((on_plan.phones_m - measured.phones_m).abs() < 1e-4, "{on_plan:?} {measured:?}");
            }
        }
    }

    #[test]
    fn what_is_left_out_is_missing_from_the_sum_and_nothing_else() {
        let model = model();
        let carriage = [Carriage::Hand, Carriage::Bag];
        let link = LinkState {
            environment: model.environment_named("office").expect("it is in the baseline"),
            geometry: model.geometry_apart(2.0, carriage, [0.5, 1.5]),
            carriage,
            carriage_db: [1.0, 2.0],
            barriers_db: 8.0,
            pair_offset_db: 4.0,
            devices_db: [16.0, 32.0],
        };
        let (with, without) = (model.terms(&link, Without::default()), model.terms(&link, Without { walls: true }));
        assert_eq!(without, LinkTerms { barriers_db: 0.0, ..with });
        assert!((with.total_db() - without.total_db() - 8.0).abs() < 1e-4, "{with:?}");
        let of_place_db = with.distance_db + with.body_db[0] + with.body_db[1];
        assert!((with.total_db() - of_place_db - 63.0).abs() < 1e-4, "each of the others once: {with:?}");
    }
}
