//! Who else is in the venue at a moment: bodies in the line, phones that collide.

use crate::{ids::PersonId, mobility::Stance, units::Point};

use super::hear::beside_line_m;

/// Positions are kept to the minute: people who stand in a line for less make no difference to a scan interval.
const STEP_S: i64 = 60;
/// Radius of a body seen from above, m (Hall et al.: 20 cm).
const BODY_RADIUS_M: f32 = 0.2;

/// Positions of everybody in a venue-day, minute by minute.
pub struct Occupancy {
    from_s: i64,
    minutes: Vec<Minute>,
    nobody: Minute,
}

/// One minute.
#[derive(Clone, Debug, Default)]
pub struct Minute {
    people: Vec<(PersonId, Point)>,
    /// Phones that advertise.
    pub advertisers: usize,
}

impl Occupancy {
    /// Lays all stances out by the minute.
    pub fn new(stances: &[Stance], running: &[bool]) -> Self {
        let from_s = stances.iter().map(|s| s.start_s).min().unwrap_or(0).div_euclid(STEP_S) * STEP_S;
        let to_s = stances.iter().map(|s| s.end_s).max().unwrap_or(0);
        let mut minutes = vec![Minute::default(); ((to_s - from_s) / STEP_S + 1) as usize];
        for s in stances {
            let first = (s.start_s - from_s + STEP_S - 1) / STEP_S;
            let last = (s.end_s - 1 - from_s).div_euclid(STEP_S);
            for m in first..=last {
                let minute = &mut minutes[m as usize];
                minute.people.push((s.person, s.at((from_s + m * STEP_S) as f64)));
                minute.advertisers += usize::from(running[s.person.index()]);
            }
        }
        Self { from_s, minutes, nobody: Minute::default() }
    }

    /// The minute of a moment.
    pub fn at(&self, t_s: i64) -> &Minute {
        self.minutes.get(((t_s - self.from_s) / STEP_S) as usize).unwrap_or(&self.nobody)
    }
}

impl Minute {
    /// Bodies of others that the line between two phones passes through, at most `max`.
    pub fn bodies_in_line(&self, a: Point, b: Point, not: PersonId, nor: PersonId, max: u32) -> u32 {
        let low = Point::new(a.x_m.min(b.x_m) - BODY_RADIUS_M, a.y_m.min(b.y_m) - BODY_RADIUS_M);
        let high = Point::new(a.x_m.max(b.x_m) + BODY_RADIUS_M, a.y_m.max(b.y_m) + BODY_RADIUS_M);
        let mut bodies = 0;
        for (person, p) in &self.people {
            if p.x_m < low.x_m || p.x_m > high.x_m || p.y_m < low.y_m || p.y_m > high.y_m || *person == not || *person == nor {
                continue;
            }
            if beside_line_m(*p, a, b).is_some_and(|d| d < BODY_RADIUS_M) {
                bodies += 1;
                if bodies >= max {
                    break;
                }
            }
        }
        bodies.min(max)
    }
}
