//! From the places of a visit to its stances.

use crate::{
    mobility::{Carriage, NO_ROOM, Stance, Visit},
    units::Point,
    venue::kind::Layout,
};

use super::ways::{Beside, Ways, length_m};

/// Walking speed indoors, m/s (assumption; outdoors 1.38 was measured).
pub(super) const WALK_MPS: f32 = 1.2;
/// So slow that a walk takes all the time that there is for it, m/s.
pub(super) const AT_LEISURE_MPS: f32 = 1e-3;
/// Who moves less than this does not walk, m.
const STEP_M: f32 = 0.05;
/// Length of a carriage episode, s (assumption).
const EPISODE_S: i64 = 3600;
/// Set in the place of a walk, so that it is none of those where people are still.
const WALKS: u32 = 0x8000_0000;

/// A place where somebody is from a moment on, until the next: the way to it comes first and takes of its time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hold {
    pub start_s: i64,
    pub at: Point,
    /// Beside which aisle that is, of who walks along aisles, and how far to the left of their middle they come there, m.
    pub beside: Option<(Beside, f32)>,
    /// Where they look; none = the way they came.
    pub facing_rad: Option<f32>,
    /// [`Stance::place`].
    pub place: u32,
    /// At what speed they walk to it, m/s.
    pub speed_mps: f32,
    /// As what they are there.
    pub role: usize,
    /// What they do, as far as their phone is concerned.
    pub use_: Use,
}

/// What somebody does, as far as their phone is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    AtDesk,
    AtTable,
    InBed,
    Stands,
}

/// How long a walk takes, whole seconds.
pub(super) fn walk_s(path: &[Point], speed_mps: f32) -> i64 {
    ((length_m(path) / speed_mps).ceil() as i64).max(1)
}

/// Writes the stances of a visit.
pub(super) struct Writer<'a, C> {
    pub layout: &'a Layout,
    pub ways: &'a Ways<'a>,
    /// The carriage of an episode, by the hold and its first second.
    pub carriage: C,
}

/// From when to when, and from where to where.
type Move = ((i64, i64), (Point, Point));

impl<C: Fn(&Hold, u32) -> Carriage> Writer<'_, C> {
    /// Appends the stances of a visit that is spent at these places, in order of time, the first from its start on.
    pub fn write(&self, visit: &Visit, holds: &[Hold], out: &mut Vec<Stance>) {
        let (mut before, mut walk, mut along): (Option<&Hold>, Vec<Move>, Vec<Point>) = (None, Vec::new(), Vec::new());
        // Drawn once an episode of what somebody does.
        let mut drawn: Option<((usize, Use, i64), Carriage)> = None;
        let mut carriage = |hold: &Hold, episode: i64| {
            let of = (hold.role, hold.use_, episode);
            match drawn {
                Some((known, carriage)) if known == of => carriage,
                _ => drawn.insert((of, (self.carriage)(hold, episode as u32))).1,
            }
        };
        let mut stay_s = visit.start_s;
        for (i, hold) in holds.iter().enumerate() {
            let end_s = holds.get(i + 1).map_or(visit.end_s, |next| next.start_s);
            if end_s <= hold.start_s {
                // Where they came in, though they do not stay.
                before = before.or(Some(hold));
                continue;
            }
            if before.is_some_and(|before| (before.role, before.use_) != (hold.role, hold.use_)) {
                stay_s = hold.start_s;
            }
            walk.clear();
            before.into_iter().for_each(|before| self.walk(before, hold, end_s, (&mut walk, &mut along)));
            for part in &walk {
                // A walk belongs to the episode in which it begins.
                let episode = episode(stay_s, part.0.0);
                out.push(self.stance(visit, hold, *part, part.1.0.bearing_rad(part.1.1), (episode, carriage(hold, episode))));
            }
            let came_rad = before.map_or(0.0, |before| before.at.bearing_rad(hold.at));
            let facing_rad = hold.facing_rad.unwrap_or_else(|| walk.last().map_or(came_rad, |(_, (from, to))| from.bearing_rad(*to)));
            let mut start_s = walk.last().map_or(hold.start_s, |(span_s, _)| span_s.1);
            while start_s < end_s {
                let episode = episode(stay_s, start_s);
                let until_s = end_s.min(episode + EPISODE_S);
                out.push(self.stance(
                    visit,
                    hold,
                    ((start_s, until_s), (hold.at, hold.at)),
                    facing_rad,
                    (episode, carriage(hold, episode)),
                ));
                start_s = until_s;
            }
            before = Some(hold);
        }
    }

    /// The straight parts of the way to a place, which takes until `end_s` at most: who has less time walks faster.
    fn walk(&self, before: &Hold, hold: &Hold, end_s: i64, (parts, along): (&mut Vec<Move>, &mut Vec<Point>)) {
        let from = before.at;
        if from.distance_m(hold.at) <= STEP_M {
            return;
        }
        let is_along = before
            .beside
            .zip(hold.beside)
            .is_some_and(|((start, _), (end, left_m))| self.ways.path_along((from, start), (hold.at, end), left_m, along));
        let found = if is_along { None } else { Some(self.ways.path(from, hold.at)) };
        let path: &[Point] = found.as_deref().unwrap_or(along);
        let (whole_m, whole_s) = (length_m(path), walk_s(path, hold.speed_mps).min(end_s - hold.start_s));
        let (mut t_s, mut at, mut walked_m) = (hold.start_s, from, 0.0);
        for two in path.windows(2) {
            walked_m += two[0].distance_m(two[1]);
            let until_s = hold.start_s + (walked_m / whole_m * whole_s as f32).round() as i64;
            // A part of no whole second is walked with the next.
            if until_s > t_s {
                parts.push(((t_s, until_s), (at, two[1])));
                (t_s, at) = (until_s, two[1]);
            }
        }
        if let Some((span_s, ends)) = parts.last_mut() {
            (span_s.1, ends.1) = (hold.start_s + whole_s, hold.at);
        }
    }

    fn stance(
        &self,
        visit: &Visit,
        hold: &Hold,
        ((start_s, end_s), (from, to)): Move,
        facing_rad: f32,
        (episode, carriage): (i64, Carriage),
    ) -> Stance {
        let middle = from.towards(to, 0.5);
        Stance {
            person: visit.person,
            start_s,
            end_s,
            from,
            to,
            facing_rad,
            carriage,
            room: self.layout.plan.rooms.iter().position(|room| room.contains(middle)).map_or(NO_ROOM, |room| room as u16),
            place: if from == to { hold.place } else { hold.place ^ WALKS },
            episode: episode as u32,
        }
    }
}

/// The first second of the episode at a moment, which is its number: no two of a person begin at once.
fn episode(stay_s: i64, t_s: i64) -> i64 {
    stay_s + (t_s - stay_s) / EPISODE_S * EPISODE_S
}
