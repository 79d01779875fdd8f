//! One person's way through the hall, leg by leg.

use crate::{math, units::Point};

use super::layout::{Place, distance_m};

/// Speed of a walk that has time, m/s (indoors; assumption), and the fastest walk: 2 m/s, less what rounding to an f32 adds.
const WALK_MPS: f64 = 1.2;
pub(super) const FASTEST_MPS: f64 = 1.9999;

/// What somebody does in a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leg {
    /// At the own place.
    Own,
    /// In a meeting.
    Meeting,
    /// On the way to or from the own place.
    Walk,
}

/// A pose held, or a straight walk, over `[start_s, end_s)`. Seconds count from 00:00 JST of the first day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub start_s: i64,
    pub end_s: i64,
    pub from: Place,
    pub to: Place,
    pub facing_rad: f64,
    pub leg: Leg,
    /// Counts the stretches of meetings and of time alone, in turn: how the phone is carried changes with them.
    pub episode: u32,
}

impl Step {
    pub fn at(&self, t_s: f64) -> Place {
        let share = (t_s - self.start_s as f64) / (self.end_s - self.start_s) as f64;
        [self.from[0] + (self.to[0] - self.from[0]) * share, self.from[1] + (self.to[1] - self.from[1]) * share]
    }

    pub fn is_still(&self) -> bool {
        self.from == self.to
    }
}

/// One person's steps so far and where they are now.
#[derive(Clone, Debug)]
pub(super) struct Track {
    pub steps: Vec<Step>,
    /// The own place.
    own: Place,
    own_facing_rad: f64,
    at: Place,
    /// From when on they are there.
    since_s: i64,
    facing_rad: f64,
    episode: u32,
    meets: bool,
}

impl Track {
    pub fn new(own: Point, own_facing_rad: f64) -> Self {
        let own = [own.x_m.into(), own.y_m.into()];
        Self { steps: Vec::new(), own, own_facing_rad, at: own, since_s: i64::MIN, facing_rad: own_facing_rad, episode: 0, meets: false }
    }

    pub fn at(&self) -> Place {
        self.at
    }

    /// Whether they are in a meeting.
    pub fn meets(&self) -> bool {
        self.meets
    }

    pub fn own(&self) -> Place {
        self.own
    }

    /// Enters the hall at the own place.
    pub fn enter(&mut self, t_s: i64) {
        (self.at, self.since_s, self.facing_rad, self.meets) = (self.own, t_s, self.own_facing_rad, false);
        self.episode += 1;
    }

    /// Comes from time alone into a meeting that begins at `t_s`. Says whether the way was too far for the time, so that
    /// they appear.
    pub fn join(&mut self, t_s: i64, at: Place, facing_rad: f64) -> bool {
        let appears = self.spend_alone(t_s, at);
        self.episode += 1;
        (self.at, self.since_s, self.facing_rad, self.meets) = (at, t_s, facing_rad, true);
        appears
    }

    /// The meeting is over.
    pub fn part(&mut self, t_s: i64) {
        self.hold(t_s);
        self.episode += 1;
        self.meets = false;
    }

    /// Leaves the hall.
    pub fn leave(&mut self, t_s: i64) {
        let own = self.own;
        self.spend_alone(t_s, own);
        self.since_s = i64::MIN;
    }

    /// Within a meeting, holds still until `t_s`, and then turns.
    pub fn turn(&mut self, t_s: i64, facing_rad: f64) {
        if self.facing_rad != facing_rad {
            self.hold(t_s);
            self.facing_rad = facing_rad;
        }
    }

    /// Seconds before `t_s` in which this person stood still in the meeting and may walk instead.
    pub fn still_s(&self, t_s: i64) -> i64 {
        t_s - self.since_s
    }

    /// Within a meeting, walks over `[start_s, end_s)`; with no time, appears.
    pub fn walk(&mut self, start_s: i64, end_s: i64, to: Place) {
        self.hold(start_s);
        self.push(start_s, end_s, self.at, to, self.facing_rad, Leg::Meeting);
        (self.at, self.since_s) = (to, end_s);
    }

    /// Ends whatever still goes on at `t_s`: a walk that was to last longer stops where it is.
    pub fn cut(&mut self, t_s: i64) {
        while self.since_s > t_s
            && let Some(step) = self.steps.pop()
        {
            self.since_s = step.start_s;
            self.at = step.from;
            if step.start_s < t_s {
                let to = step.at(t_s as f64);
                self.steps.push(Step { end_s: t_s, to, ..step });
                (self.at, self.since_s) = (to, t_s);
            }
        }
    }

    fn hold(&mut self, t_s: i64) {
        if t_s > self.since_s {
            self.push(self.since_s, t_s, self.at, self.at, self.facing_rad, Leg::Meeting);
            self.since_s = t_s;
        }
    }

    /// Goes to the own place and from there to `to`, where they are at `t_s`. Without the time for it they turn round on the
    /// way, without the time for the direct way they appear, which is said.
    fn spend_alone(&mut self, t_s: i64, to: Place) -> bool {
        let (from, start_s) = (self.at, self.since_s);
        let time_s = (t_s - start_s) as f64;
        let walk_s = |length_m: f64, speed_mps: f64| (length_m / speed_mps).ceil();
        if time_s < walk_s(distance_m(from, to), FASTEST_MPS) {
            // Too far: at the own place until then, if there is time for that.
            let home_s = walk_s(distance_m(from, self.own), FASTEST_MPS);
            if home_s <= time_s {
                self.walk_alone(start_s, start_s + home_s as i64, from, self.own);
                self.stay_alone(start_s + home_s as i64, t_s);
            } else if time_s > 0.0 {
                let share = time_s * FASTEST_MPS / distance_m(from, self.own);
                let way = [from[0] + (self.own[0] - from[0]) * share, from[1] + (self.own[1] - from[1]) * share];
                self.walk_alone(start_s, t_s, from, way);
            }
            return true;
        }
        for speed_mps in [WALK_MPS, FASTEST_MPS] {
            let (there_s, back_s) = (walk_s(distance_m(from, self.own), speed_mps), walk_s(distance_m(self.own, to), speed_mps));
            if there_s + back_s <= time_s {
                let (home_s, leaves_s) = (start_s + there_s as i64, t_s - back_s as i64);
                self.walk_alone(start_s, home_s, from, self.own);
                self.stay_alone(home_s, leaves_s);
                self.walk_alone(leaves_s, t_s, self.own, to);
                return false;
            }
        }
        // As far towards the own place as there is time for. The way lengthens with the share, so halving finds it.
        let towards = |share: f64| -> Place {
            let middle = [(from[0] + to[0]) / 2.0, (from[1] + to[1]) / 2.0];
            [middle[0] + (self.own[0] - middle[0]) * share, middle[1] + (self.own[1] - middle[1]) * share]
        };
        let needs_s = |way: Place| walk_s(distance_m(from, way), FASTEST_MPS) + walk_s(distance_m(way, to), FASTEST_MPS);
        let (mut can, mut cannot) = (0.0, 1.0);
        for _ in 0..20 {
            let middle = (can + cannot) / 2.0;
            *(if needs_s(towards(middle)) <= time_s { &mut can } else { &mut cannot }) = middle;
        }
        let way = towards(can);
        if needs_s(way) > time_s {
            self.walk_alone(start_s, t_s, from, to);
        } else {
            let turns_s = t_s - walk_s(distance_m(way, to), FASTEST_MPS) as i64;
            self.walk_alone(start_s, turns_s, from, way);
            self.walk_alone(turns_s, t_s, way, to);
        }
        false
    }

    fn stay_alone(&mut self, start_s: i64, end_s: i64) {
        self.push(start_s, end_s, self.own, self.own, self.own_facing_rad, Leg::Own);
    }

    fn walk_alone(&mut self, start_s: i64, end_s: i64, from: Place, to: Place) {
        let facing_rad = if from == to { self.own_facing_rad } else { math::atan2(to[1] - from[1], to[0] - from[0]) };
        self.push(start_s, end_s, from, to, facing_rad, Leg::Walk);
    }

    fn push(&mut self, start_s: i64, end_s: i64, from: Place, to: Place, facing_rad: f64, leg: Leg) {
        if start_s < end_s {
            self.steps.push(Step { start_s, end_s, from, to, facing_rad, leg, episode: self.episode });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the own place at the origin to a meeting 18 m away, with so much time.
    fn walked(time_s: i64) -> (bool, Vec<Step>) {
        let mut track = Track::new(Point::new(0.0, 0.0), 0.0);
        track.enter(100);
        let appears = track.join(100 + time_s, [18.0, 0.0], 0.0);
        (appears, track.steps)
    }

    #[test]
    fn a_way_takes_its_time_or_somebody_appears() {
        for (time_s, expected_mps) in [(60, WALK_MPS), (10, FASTEST_MPS)] {
            let (appears, steps) = walked(time_s);
            let last = steps[steps.len() - 1];
            let speed_mps = distance_m(last.from, last.to) / (last.end_s - last.start_s) as f64;
            assert!(!appears && last.end_s == 100 + time_s && last.to == [18.0, 0.0]);
            assert!(speed_mps <= expected_mps && speed_mps > 0.8 * expected_mps, "{speed_mps} m/s in {time_s} s");
            assert!(speed_mps <= 2.0);
        }
        // 18 m at 2 m/s take 9 s, and a little more by what rounding may add.
        assert!(walked(8).0, "8 s are too short");
    }
}
