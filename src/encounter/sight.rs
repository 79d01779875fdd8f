//! What stands between two people, found when somebody asks.

use crate::{mobility::Stance, units::Point, venue::FloorPlan};

use super::{
    barriers::Barriers,
    line::Front,
    segments::{Between, Segment},
};

/// How many different pairs of still poses are remembered: people come back to their places.
const REMEMBERED_POSES: usize = 8;

/// Lines of sight on a floor.
#[derive(Debug)]
pub struct Sight<'a> {
    plan: &'a FloorPlan,
    listed: &'a Barriers,
    remembered: Vec<(Point, Point, Between)>,
    front: Front,
}

impl<'a> Sight<'a> {
    /// Of a floor plan and its barriers.
    pub fn new(plan: &'a FloorPlan, listed: &'a Barriers) -> Self {
        Self { plan, listed, remembered: Vec::with_capacity(REMEMBERED_POSES), front: Front::default() }
    }

    /// What the line between two people crosses at the middle of a segment, whose stances these are.
    pub fn between(&mut self, sa: &Stance, sb: &Stance, segment: &Segment) -> Between {
        let middle_s = (segment.start_s + segment.end_s) as f64 / 2.0;
        let (pa, pb) = (sa.at(middle_s), sb.at(middle_s));
        if let Some((_, _, known)) = self.remembered.iter().find(|(qa, qb, _)| *qa == pa && *qb == pb) {
            return *known;
        }
        let between = self.front.line(pa, pb, self.plan, self.listed);
        if sa.is_still() && sb.is_still() {
            if self.remembered.len() == REMEMBERED_POSES {
                self.remembered.remove(0);
            }
            self.remembered.push((pa, pb, between));
        }
        between
    }
}
