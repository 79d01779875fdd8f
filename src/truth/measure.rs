//! What geometry says about a pair in one venue.

use crate::{
    encounter::{NOTHING_BETWEEN, Relative, Segment, Sight},
    math,
    mobility::{Between, Stance},
    units::Point,
    venue::VenueKind,
};

use super::{
    config::TruthConfig,
    records::{HalfDay, Nearest},
};

/// What geometry says about a pair on a UTC day: of each of the two JST days that it touches, and when exactly the pair was in contact.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Touch {
    /// From 09:00 JST to midnight, then from midnight to 09:00 JST.
    pub halves: [HalfDay; 2],
    /// Contact, as (from, to) Unix seconds; in time order, not touching each other.
    pub contact_s: Vec<(f64, f64)>,
}

/// What measuring needs to know of a run and a venue.
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

/// Positions are kept in 32 bits: what lies on the edge must not fall outside by their rounding.
const ROUNDING_M: f64 = 1e-3;

impl Measure<'_> {
    /// How near two bodies must come for truth to look at them, m: whatever phones they hold. Beyond it nothing is in
    /// contact, and nothing is near.
    pub fn range_m(&self) -> f32 {
        self.bodies_within_m(self.config.radius_m.max(self.near_m))
    }

    /// How near two bodies may have to come, m, for truth to say that the two came within a distance.
    pub fn bodies_within_m(&self, distance_m: f64) -> f32 {
        let phone_m = match self.config.between {
            Between::People => 0.0,
            Between::Phones => self.phone_offset.iter().map(|p| f64::from(math::hypot(p.x_m, p.y_m))).fold(0.0, f64::max),
        };
        (distance_m + 2.0 * phone_m + ROUNDING_M) as f32
    }

    /// Measures a pair, segment by segment; `midnight_s` is the midnight (JST) within the UTC day.
    pub fn pair(
        &self,
        kind: VenueKind,
        midnight_s: i64,
        stances: &[Stance],
        segments: &[Segment],
        sight: &mut Sight<'_>,
        touch: &mut Touch,
    ) {
        let of = |s: &Segment| (&stances[s.stance_a as usize], &stances[s.stance_b as usize]);
        // The nearest segment of each half: what stood between is asked of it alone.
        let mut nearest: [Option<(&Segment, Nearest)>; 2] = [None, None];
        for segment in segments {
            let (sa, sb) = of(segment);
            let motion = self.motion(sa, sb, segment);
            let (start_s, length_s) = (segment.start_s as f64, (segment.end_s - segment.start_s) as f64);
            let midnight = (midnight_s as f64 - start_s).clamp(0.0, length_s);
            let near = motion.within_s(self.near_m, length_s);
            for (half, from, to) in [(0, 0.0, midnight), (1, midnight, length_s)] {
                if from >= to {
                    continue;
                }
                let min_distance_m = Relative { x_m: motion.x_m + motion.vx_mps * from, y_m: motion.y_m + motion.vy_mps * from, ..motion }
                    .min_distance_m(to - from);
                let near_s = near.map_or(0.0, |(a, b)| (b.min(to) - a.max(from)).max(0.0));
                let (carriage_a, carriage_b) = (sa.carriage, sb.carriage);
                let here = Nearest { venue_kind: kind, barrier: 0, carriage_a, carriage_b, near_s, min_distance_m };
                if nearest[half].is_none_or(|(_, known)| here.is_nearer_than(&known)) {
                    nearest[half] = Some((segment, here));
                }
                touch.halves[half] =
                    touch.halves[half].and(&HalfDay { min_distance_m, in_reach_s: to - from, near_s, ..HalfDay::default() });
            }
            if let Some((from, to)) = motion.within_s(self.config.radius_m, length_s) {
                let counts = !(self.config.walls_separate && sight.between(sa, sb, segment).separates);
                touch.add_contact(midnight_s as f64, start_s + from, start_s + to, counts);
            }
        }
        for (half, nearest) in touch.halves.iter_mut().zip(nearest) {
            half.nearest = nearest.map(|(segment, nearest)| {
                let (sa, sb) = of(segment);
                let barrier = match sight.between(sa, sb, segment).material {
                    NOTHING_BETWEEN => 0,
                    material => self.barrier_codes[material as usize],
                };
                Nearest { barrier, ..nearest }
            });
        }
    }

    fn motion(&self, sa: &Stance, sb: &Stance, segment: &Segment) -> Relative {
        let motion = Relative::of(sa, sb, segment.start_s);
        if self.config.between == Between::People {
            return motion;
        }
        let (pa, pb) = (self.phone(sa), self.phone(sb));
        motion.shifted(f64::from(pb.x_m - pa.x_m), f64::from(pb.y_m - pa.y_m))
    }

    fn phone(&self, stance: &Stance) -> Point {
        self.phone_offset[stance.carriage as usize].turned(stance.facing_rad)
    }
}

/// Two pieces of contact closer than this are one: it covers the rounding of a Unix time in an f64 plus closed-form
/// roots, and is far below any scan.
const TOUCHING_S: f64 = 1e-4;

impl Touch {
    /// Nothing measured yet, with the memory kept.
    pub fn clear(&mut self) {
        self.halves = Default::default();
        self.contact_s.clear();
    }

    /// The UTC day as a whole.
    pub fn whole(&self) -> HalfDay {
        self.halves[0].and(&self.halves[1])
    }

    /// Takes in what was measured of the same pair and day in another venue.
    pub fn join(&mut self, other: &Self) {
        self.halves = [self.halves[0].and(&other.halves[0]), self.halves[1].and(&other.halves[1])];
        self.contact_s.extend_from_slice(&other.contact_s);
        self.contact_s.sort_by(|x, y| x.0.total_cmp(&y.0));
    }

    fn add_contact(&mut self, midnight_s: f64, from_s: f64, to_s: f64, counts: bool) {
        for (half, seconds) in [(0, to_s.min(midnight_s) - from_s), (1, to_s - from_s.max(midnight_s))] {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        encounter::Barriers,
        ids::PersonId,
        mobility::{Carriage, NO_ROOM},
        time::DayJst,
        venue::{Barrier, FloorPlan, LossByAngle, Material},
    };

    const DAY: DayJst = DayJst(18_500);
    /// Phones in hand are 0.4 m ahead, in the front pocket 0.5 m to the left, all others in the body's middle.
    const OFFSETS: [(Carriage, (f32, f32)); 2] = [(Carriage::Hand, (0.4, 0.0)), (Carriage::FrontPocket, (0.0, 0.5))];
    const NORTH_RAD: f32 = std::f32::consts::FRAC_PI_2;
    const WEST_RAD: f32 = std::f32::consts::PI;

    /// What is measured of two people at rest for the ten minutes from 23:55 JST on, the second so far east of the first.
    fn measured(
        (between, walls_separate): (Between, bool),
        apart_m: f32,
        poses: [(f32, Carriage); 2],
        barriers: Option<bool>,
    ) -> (HalfDay, Vec<(f64, f64)>) {
        let start_s = DAY.end().0 - 300;
        let stance = |person: u32, (facing_rad, carriage): (f32, Carriage)| {
            let at = Point::new(apart_m * person as f32, 0.0);
            let (person, end_s) = (PersonId(person), start_s + 600);
            Stance { person, start_s, end_s, from: at, to: at, facing_rad, carriage, room: NO_ROOM, place: 0, episode: 0 }
        };
        let middle_m = apart_m / 2.0;
        let barrier =
            |reaches_ceiling| Barrier { from: Point::new(middle_m, -9.0), to: Point::new(middle_m, 9.0), material: 0, reaches_ceiling };
        let plan = FloorPlan {
            materials: vec![Material { name: "glass".into(), loss: LossByAngle::constant(3.0) }],
            barriers: barriers.map(barrier).into_iter().collect(),
            ..FloorPlan::default()
        };
        let mut phone_offset = [Point::default(); 6];
        OFFSETS.iter().for_each(|(carriage, (x_m, y_m))| phone_offset[*carriage as usize] = Point::new(*x_m, *y_m));
        let config = TruthConfig { radius_m: 1.0, duration_min: 15.0, gap_min: 5.0, between, walls_separate };
        let measure = Measure { config: &config, near_m: 3.0, phone_offset, barrier_codes: &[7] };
        let segment = Segment { start_s, end_s: start_s + 600, stance_a: 0, stance_b: 1 };
        let stances = [stance(0, poses[0]), stance(1, poses[1])];
        let mut touch = Touch::default();
        measure.pair(VenueKind::OFFICE, DAY.end().0, &stances, &[segment], &mut Sight::new(&plan, &Barriers::of(&plan)), &mut touch);
        let [before, after] = &touch.halves;
        assert_eq!((before.within_s, before.within_ignoring_walls_s), (after.within_s, after.within_ignoring_walls_s), "five minutes each");
        let from_start = touch.contact_s.iter().map(|(from, to)| (from - start_s as f64, to - start_s as f64)).collect();
        (before.and(after), from_start)
    }

    const STANDING: [(f32, Carriage); 2] = [(0.0, Carriage::Table); 2];

    /// Ten minutes 0.8 m apart with nothing, a screen (`false`) and a wall (`true`) between.
    #[test]
    fn walls_separate_where_the_scenario_says_so_and_screens_never() {
        for (walls_separate, between, within_s) in
            [(true, None, 600.0), (true, Some(false), 600.0), (true, Some(true), 0.0), (false, Some(true), 600.0)]
        {
            let (half, contact) = measured((Between::People, walls_separate), 0.8, STANDING, between);
            assert_eq!((half.within_s, half.within_ignoring_walls_s), (within_s, 600.0), "{walls_separate} {between:?}");
            let runs = if within_s > 0.0 { vec![(0.0, 600.0)] } else { Vec::new() };
            assert_eq!(contact, runs, "{walls_separate} {between:?}");
            assert_eq!(half.nearest.map(|n| n.barrier), Some(if between.is_some() { 7 } else { 0 }));
        }
    }

    /// Where the phones are follows from where their carriers face; counter-clockwise, as angles are.
    #[test]
    fn distances_between_phones_follow_where_people_face() {
        let (hand, pocket, table) = (Carriage::Hand, Carriage::FrontPocket, Carriage::Table);
        for (apart_m, poses, expected_m) in [
            (1.5, [(0.0, hand), (WEST_RAD, hand)], 0.7),
            (1.5, [(WEST_RAD, hand), (0.0, hand)], 2.3),
            // One phone alone is off its carrier: towards the other, or away.
            (1.3, [(0.0, hand), (0.0, table)], 0.9),
            (1.3, [(WEST_RAD, hand), (0.0, table)], 1.7),
            (1.3, [(0.0, table), (0.0, hand)], 1.7),
            // The left pocket of who faces north is in the west, of who faces south in the east.
            (1.5, [(NORTH_RAD, pocket), (-NORTH_RAD, pocket)], 2.5),
            (1.5, [(-NORTH_RAD, pocket), (NORTH_RAD, pocket)], 0.5),
            (1.5, [(NORTH_RAD, pocket), (NORTH_RAD, pocket)], 1.5),
        ] {
            let (half, _) = measured((Between::Phones, true), apart_m, poses, None);
            assert!((half.min_distance_m - expected_m).abs() < 1e-6, "{poses:?}: {} m", half.min_distance_m);
            assert_eq!(half.within_s, if expected_m <= 1.0 { 600.0 } else { 0.0 }, "{poses:?}");
            let (half, _) = measured((Between::People, true), apart_m, poses, None);
            assert!((half.min_distance_m - f64::from(apart_m)).abs() < 1e-6, "of people, phones say nothing");
        }
    }
}
