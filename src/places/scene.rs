//! One venue-day: who is to be where, and who has found a place.

use std::f32::consts::TAU;

use rand::RngExt;

use crate::{
    mobility::{Carriage, Carry, Doing, PerCarriage, Stance, Visit},
    random::{Keyed, KeyedRng, Stream},
    time::DayJst,
    units::Point,
    venue::kind::{KindConfig, Layout, MovementConfig},
};

use super::{
    Places, aisles, checkout,
    claims::Claims,
    ground::Ground,
    posts, queue, ride, rounds, seats, standing,
    stays::{Hold, Use, WALK_MPS, Writer},
    ways::{Beside, Ways},
};

/// [`Stance::place`] of posts counts from here; seats count from 0.
const POSTS: u32 = 0x10_0000;
/// Of any other spot: the rest is made of its coordinates.
const SPOTS: u32 = 0x4000_0000;
/// Bits of a spot's number.
const SPOT_BITS: u32 = 30;

/// A stretch of a visit that a model is to fill.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    pub visit: usize,
    pub role: usize,
    /// The role that handed it on; the same where none has.
    pub before: usize,
    pub start_s: i64,
    pub end_s: i64,
}

impl Job {
    pub fn span_s(&self) -> (i64, i64) {
        (self.start_s, self.end_s)
    }
}

/// A place that one person at a time has, and when it is somebody's.
#[derive(Clone, Debug, Default)]
pub(super) struct Taken(Vec<(i64, i64)>);

impl Taken {
    pub fn is_free(&self, (start_s, end_s): (i64, i64)) -> bool {
        self.0.iter().all(|taken| end_s <= taken.0 || taken.1 <= start_s)
    }

    pub fn take(&mut self, span_s: (i64, i64)) {
        self.0.push(span_s);
    }
}

/// A venue-day under way.
pub(super) struct Scene<'a> {
    pub kind: &'a KindConfig,
    pub ground: &'a Ground,
    pub layout: &'a Layout,
    pub visits: &'a [Visit],
    pub ways: Ways<'a>,
    pub claims: Claims<'a>,
    /// Of each seat and each post.
    pub seats: Vec<Taken>,
    pub posts: Vec<Taken>,
    keyed: Keyed,
    venue: u32,
    day: DayJst,
    /// Of each visit the places that it is spent at.
    holds: Vec<Vec<Hold>>,
    has_none: Vec<bool>,
    next: Vec<Job>,
}

impl<'a> Scene<'a> {
    pub fn new(places: &Places<'a>, venue: u32, day: DayJst, visits: &'a [Visit]) -> Self {
        let Places { kind, ground, seed, .. } = *places;
        let layout = ground.layout();
        let job = |(visit, of): (usize, &Visit)| Job {
            visit,
            role: usize::from(of.role),
            before: usize::from(of.role),
            start_s: of.start_s,
            end_s: of.end_s,
        };
        Self {
            kind,
            ground,
            layout,
            visits,
            ways: Ways::new(ground),
            claims: Claims::new(ground, day.start().0),
            seats: vec![Taken::default(); layout.plan.seats.len()],
            posts: vec![Taken::default(); layout.posts.len()],
            keyed: Keyed::new(seed, Stream::Places),
            venue,
            day,
            holds: vec![Vec::new(); visits.len()],
            has_none: vec![false; visits.len()],
            next: visits.iter().enumerate().map(job).collect(),
        }
    }

    /// Finds everybody their places, role by role: those that hand people on to a role come before it.
    pub fn play(&mut self) {
        let kind = self.kind;
        let mut rank = vec![0; kind.roles.len()];
        for first in 0..kind.roles.len() {
            let chain = std::iter::successors(Some(first), |role| kind.role_after(*role)).take(kind.roles.len());
            chain.enumerate().for_each(|(steps, role)| rank[role] = rank[role].max(steps));
        }
        let mut order: Vec<usize> = (0..kind.roles.len()).collect();
        order.sort_by_key(|role| rank[*role]);
        for role in order {
            let (mut jobs, others): (Vec<Job>, Vec<Job>) = std::mem::take(&mut self.next).into_iter().partition(|job| job.role == role);
            self.next = others;
            jobs.retain(|job| job.start_s < job.end_s);
            jobs.sort_by_key(|job| (job.start_s, self.visits[job.visit].person));
            match &kind.roles[role].model {
                MovementConfig::Seats(model) => seats::play(self, model, &jobs),
                MovementConfig::Standing(model) => standing::play(self, model, &jobs),
                MovementConfig::Ride(model) => ride::play(self, model, &jobs),
                MovementConfig::Post(model) => posts::play(self, model, &jobs),
                MovementConfig::Queue(model) if model.ends_visit => checkout::play(self, model, &jobs),
                MovementConfig::Queue(model) => queue::play(self, model, &jobs),
                MovementConfig::Aisles(model) => aisles::play(self, model, &jobs),
                MovementConfig::Rounds(model) => rounds::play(self, model, &jobs),
                // The only roles of their kinds, which are no scenes.
                MovementConfig::WorkFloor(_) | MovementConfig::RoomsAndBeds(_) => self.next.extend(jobs),
            }
        }
        // Of a role that there is not.
        for job in std::mem::take(&mut self.next) {
            self.turn_away(&job);
        }
    }

    /// Draws for one purpose of one job. A person is at one place at a time: the first second names the job.
    pub fn rng(&self, job: &Job, purpose: u32) -> KeyedRng {
        self.keyed.rng(self.visits[job.visit].person.0, job.start_s as u32, job.role as u32 * 16 + purpose)
    }

    /// A number of a group and a thing, the same for all of the group on this day.
    pub fn uniform_of_group(&self, group: u16, thing: u32) -> f64 {
        self.keyed.uniform(u32::from(group) << 16 | thing & 0xFFFF, self.venue, self.day.0 as u32)
    }

    /// A number of a person and this venue, the same on every day.
    pub fn uniform_for_good(&self, job: &Job) -> f64 {
        self.keyed.uniform(self.visits[job.visit].person.0, self.venue, u32::MAX)
    }

    pub fn person(&self, job: &Job) -> &'a Visit {
        &self.visits[job.visit]
    }

    /// Where they were last.
    pub fn last(&self, job: &Job) -> Option<Point> {
        self.holds[job.visit].last().map(|hold| hold.at)
    }

    pub fn hold(&mut self, job: &Job, hold: Hold) {
        self.holds[job.visit].push(hold);
    }

    pub fn sit(&mut self, job: &Job, seat: usize) {
        self.seats[seat].take(job.span_s());
        self.back_to_seat(job, job.start_s, seat);
    }

    /// Goes back to a seat that is theirs for the whole job.
    pub fn back_to_seat(&mut self, job: &Job, start_s: i64, seat: usize) {
        use crate::venue::SeatUse;
        let of = &self.layout.plan.seats[seat];
        let use_ = match of.use_ {
            SeatUse::Desk => Use::AtDesk,
            SeatUse::Bed => Use::InBed,
            _ => Use::AtTable,
        };
        let (at, facing_rad) = (of.at, Some(of.facing_rad));
        self.hold(job, Hold { start_s, at, beside: None, facing_rad, place: seat as u32, speed_mps: WALK_MPS, role: job.role, use_ });
    }

    pub fn man(&mut self, job: &Job, post: usize) {
        self.posts[post].take(job.span_s());
        self.back_to_post(job, job.start_s, post);
    }

    /// Goes back to a post that is theirs for the whole job.
    pub fn back_to_post(&mut self, job: &Job, start_s: i64, post: usize) {
        let of = self.layout.posts[post];
        let (at, facing_rad, place) = (of.at, Some(of.facing_rad), POSTS + post as u32);
        self.hold(job, Hold { start_s, at, beside: None, facing_rad, place, speed_mps: WALK_MPS, role: job.role, use_: Use::Stands });
    }

    pub fn day_start_s(&self) -> i64 {
        self.day.start().0
    }

    /// Stands somewhere from a moment of the job on.
    pub fn stand(&mut self, job: &Job, start_s: i64, at: Point, facing_rad: Option<f32>, speed_mps: f32) {
        self.hold(job, Hold { start_s, at, beside: None, facing_rad, place: spot(at), speed_mps, role: job.role, use_: Use::Stands });
    }

    /// Stands beside an aisle from a moment of the job on, or on it, and comes there so far to the left of its middle, m.
    pub fn stand_beside(
        &mut self,
        job: &Job,
        start_s: i64,
        (at, beside, left_m): (Point, Beside, f32),
        facing_rad: Option<f32>,
        speed_mps: f32,
    ) {
        let (place, beside) = (spot(at), Some((beside, left_m)));
        self.hold(job, Hold { start_s, at, beside, facing_rad, place, speed_mps, role: job.role, use_: Use::Stands });
    }

    /// Hands on who finds no place, or is done at its job's start: to the next role, else to wherever there is room, and counts them
    /// then. `is_done`: they had a place, and are not counted.
    pub fn hand_on(&mut self, job: &Job, is_done: bool) {
        if job.start_s >= job.end_s {
            return;
        }
        match self.kind.role_after(job.role) {
            Some(role) => self.next.push(Job { role, before: job.role, ..*job }),
            None if is_done => {
                self.stand_at_spare(job);
            }
            None => self.turn_away(job),
        }
    }

    /// Counts who finds no place; they stand wherever there is room.
    pub fn turn_away(&mut self, job: &Job) {
        self.has_none[job.visit] = true;
        self.stand_at_spare(job);
    }

    /// Whether those of a role go on to a line that ends visits.
    pub fn ends_in_line(&self, role: usize) -> bool {
        let next = self.kind.role_after(role).map(|next| &self.kind.roles[next].model);
        matches!(next, Some(MovementConfig::Queue(model)) if model.ends_visit)
    }

    /// Stands wherever there is room for the whole job; gives where.
    pub fn stand_at_spare(&mut self, job: &Job) -> Point {
        let at = self.claims.spare(job.span_s());
        self.claims.take(at, job.span_s());
        let facing_rad = self.rng(job, 15).random_range(0.0..TAU);
        self.stand(job, job.start_s, at, Some(facing_rad), WALK_MPS);
        at
    }

    /// Appends all stances; returns how many visits found no place of their own.
    pub fn write(&self, carry: &Carry, out: &mut Vec<Stance>) -> u32 {
        for (visit, holds) in self.visits.iter().zip(&self.holds) {
            let carriage = |hold: &Hold, episode: u32| self.carriage(carry, visit, hold, episode);
            Writer { layout: self.layout, ways: &self.ways, carriage }.write(visit, holds, out);
        }
        self.has_none.iter().map(|has_none| u32::from(*has_none)).sum()
    }

    fn carriage(&self, carry: &Carry, visit: &Visit, hold: &Hold, episode: u32) -> Carriage {
        let own = self.kind.roles.get(hold.role).and_then(|role| match (&role.model, hold.use_) {
            (MovementConfig::Ride(model), Use::Stands) => model.standing_carriage.or(role.carriage),
            _ => role.carriage,
        });
        if let Some(own) = own {
            let [hand, front_pocket, back_pocket, bag, table, ear] = own.each();
            let weights = PerCarriage { hand, front_pocket, back_pocket, bag, table, ear };
            return carry.draw_by(&weights, visit.person, Carry::OWN_PURPOSES + hold.role as u32, episode);
        }
        let doing = match hold.use_ {
            Use::AtDesk => Doing::Desk,
            Use::AtTable => Doing::Pause,
            Use::InBed => Doing::Night,
            Use::Stands => Doing::Talk,
        };
        carry.draw(visit.person, doing, episode)
    }
}

/// The number of a spot anywhere: equal for equal coordinates.
fn spot(at: Point) -> u32 {
    let mixed = at.x_m.to_bits().wrapping_mul(0x9E37_79B1) ^ at.y_m.to_bits().wrapping_mul(0x85EB_CA77).rotate_left(13);
    SPOTS | mixed & ((1 << SPOT_BITS) - 1)
}
