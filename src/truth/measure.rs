//! What one venue-day's geometry says about each pair.

use crate::{
    encounter::{Encounters, NOTHING_BETWEEN, Relative, Segment},
    ids::PersonId,
    mobility::{Stance, VenueDay},
    time::DayJst,
    units::Point,
    venue::VenueKind,
};

use super::{
    config::{Between, TruthConfig},
    records::{HalfDay, Nearest},
};

/// What one venue-day says about a pair: its half days, and when exactly it was in contact.
#[derive(Clone, Debug, PartialEq)]
pub struct Touch {
    /// The lower person.
    pub a: PersonId,
    /// The higher person.
    pub b: PersonId,
    /// Before and after 09:00 JST.
    pub halves: [HalfDay; 2],
    /// Contact, as (from, to) Unix seconds; in time order, not touching each other.
    pub contact_s: Vec<(f64, f64)>,
}

/// What measuring needs to know of a run.
#[derive(Clone, Debug)]
pub struct Measure<'a> {
    /// What counts as a contact.
    pub config: &'a TruthConfig,
    /// "Near" for [`Nearest`]: `output.contacts_within_m`.
    pub near_m: f64,
    /// Phone position relative to the body centre for a facing of 0 rad, by [`crate::mobility::Carriage`] index. Used
    /// where `truth.between = "phones"`.
    pub phone_offset: [Point; 6],
    /// Code of each material of this venue's plan in the run's list of barrier names.
    pub barrier_codes: &'a [u16],
}

impl Measure<'_> {
    /// Measures every pair of a venue-day.
    pub fn venue_day(&self, kind: VenueKind, day_jst: DayJst, day: &VenueDay, encounters: &Encounters) -> Vec<Touch> {
        encounters
            .pairs
            .iter()
            .map(|pair| {
                let mut touch = Touch { a: pair.a, b: pair.b, halves: Default::default(), contact_s: Vec::new() };
                for segment in encounters.of(pair) {
                    self.segment(kind, day_jst, &day.stances, segment, &mut touch);
                }
                touch
            })
            .collect()
    }

    fn segment(&self, kind: VenueKind, day: DayJst, stances: &[Stance], segment: &Segment, touch: &mut Touch) {
        let (sa, sb) = (&stances[segment.stance_a as usize], &stances[segment.stance_b as usize]);
        let start_s = segment.start_s as f64;
        let length_s = (segment.end_s - segment.start_s) as f64;
        let mut motion = Relative::of(sa, sb, segment.start_s);
        if self.config.between == Between::Phones {
            let (pa, pb) = (self.phone(sa), self.phone(sb));
            motion = motion.shifted(f64::from(pb.x_m - pa.x_m), f64::from(pb.y_m - pa.y_m));
        }
        let nine_s = (day.utc_midnight().0 as f64 - start_s).clamp(0.0, length_s);
        let near = motion.within_s(self.near_m, length_s);
        for (half, from, to) in [(0, 0.0, nine_s), (1, nine_s, length_s)] {
            if from >= to {
                continue;
            }
            let min_distance_m = Relative { x_m: motion.x_m + motion.vx_mps * from, y_m: motion.y_m + motion.vy_mps * from, ..motion }
                .min_distance_m(to - from);
            let nearest = Nearest {
                venue_kind: kind,
                barrier: match segment.between.material {
                    NOTHING_BETWEEN => 0,
                    material => self.barrier_codes[material as usize],
                },
                carriage_a: sa.carriage,
                carriage_b: sb.carriage,
                near_s: near.map_or(0.0, |(a, b)| (b.min(to) - a.max(from)).max(0.0)),
                min_distance_m,
            };
            let seen = HalfDay { min_distance_m, in_reach_s: to - from, nearest: Some(nearest), ..HalfDay::default() };
            touch.halves[half] = touch.halves[half].and(&seen);
        }
        if let Some((from, to)) = motion.within_s(self.config.radius_m, length_s) {
            let counts = !(self.config.walls_separate && segment.between.separates);
            touch.add_contact(day, start_s + from, start_s + to, counts);
        }
    }

    fn phone(&self, stance: &Stance) -> Point {
        let offset = self.phone_offset[stance.carriage as usize];
        let (sin, cos) = stance.facing_rad.sin_cos();
        Point::new(offset.x_m * cos - offset.y_m * sin, offset.x_m * sin + offset.y_m * cos)
    }
}

/// Two pieces of contact closer than this are one: it covers the rounding of a Unix time in an f64 plus closed-form
/// roots, and is far below any scan.
const TOUCHING_S: f64 = 1e-4;

impl Touch {
    fn add_contact(&mut self, day: DayJst, from_s: f64, to_s: f64, counts: bool) {
        let nine_s = day.utc_midnight().0 as f64;
        for (half, seconds) in [(0, to_s.min(nine_s) - from_s), (1, to_s - from_s.max(nine_s))] {
            if seconds > 0.0 {
                self.halves[half].within_ignoring_walls_s += seconds;
                self.halves[half].within_s += if counts { seconds } else { 0.0 };
            }
        }
        if counts {
            match self.contact_s.last_mut() {
                Some(last) if from_s - last.1 <= TOUCHING_S => last.1 = to_s.max(last.1),
                _ => self.contact_s.push((from_s, to_s)),
            }
        }
    }
}
