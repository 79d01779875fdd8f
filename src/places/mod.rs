//! What people do inside a venue that is laid out to its kind: where they sit, stand, wait and walk.
//!
//! Each visit names a role of the kind, and each role a model of movement. A pure function of the seed, the venue, the day and that
//! venue-day's visits, in whatever order they come: it looks at everybody who visits and at nobody else.
//!
//! Weaknesses: people are at their first place as soon as the visit begins, and leave from where they are. Walks are straight; where
//! furniture is in the way they follow the aisles, and where no aisle is near they go through it. Those who walk do not make way for one
//! another. Carriage is drawn anew every hour and at midnight.

mod aisles;
mod breaks;
mod checkout;
mod claims;
mod crowd;
mod ground;
mod inside;
mod posts;
mod queue;
mod ride;
mod rounds;
mod scene;
mod seats;
mod standing;
mod stays;
#[cfg(test)]
mod tests;
mod ways;

use crate::{
    mobility::{Carry, HomeLife, Stance, Visit, WorkFloor},
    random::Seed,
    time::DayJst,
    venue::{
        SeatUse,
        kind::{KindConfig, MovementConfig, RoomsAndBedsModel, WorkFloorModel},
    },
};

use scene::Scene;

pub use crowd::people_of;
pub use ground::Ground;
pub use inside::movement;

/// A venue laid out to its kind, as people move in it.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    /// What its roles are.
    pub kind: &'a KindConfig,
    /// To what it is laid out.
    pub ground: &'a Ground,
    /// How phones are carried.
    pub carry: &'a Carry,
    /// The run's seed.
    pub seed: Seed,
}

impl Places<'_> {
    /// Appends the stances of a venue-day, sorted by (person, start), and returns how many of the visits found no place of their own.
    /// Stances of one person fill their visits without gap or overlap.
    pub fn stances(&self, venue: u32, day: DayJst, visits: &[Visit], out: &mut Vec<Stance>) -> u32 {
        let mut sorted = visits.to_vec();
        sorted.sort_unstable_by_key(|visit| (visit.person, visit.start_s));
        match self.kind.roles.first().map(|role| &role.model) {
            Some(MovementConfig::WorkFloor(model)) => return self.work_floor(model, day, &sorted, out),
            Some(MovementConfig::RoomsAndBeds(model)) => return self.rooms_and_beds(model, &sorted, out),
            _ => {}
        }
        let mut scene = Scene::new(self, venue, day, &sorted);
        scene.play();
        scene.write(self.carry, out)
    }

    /// Those who are there for lunch eat there: their visits say when they leave.
    fn work_floor(&self, model: &WorkFloorModel, day: DayJst, visits: &[Visit], out: &mut Vec<Stance>) -> u32 {
        let plan = &self.ground.layout().plan;
        WorkFloor::new(model, 0.0, plan, self.seed).stances(plan, day, visits, self.carry, out)
    }

    /// Who is beyond those whom the dwelling has room for shares the place of another, and is counted.
    fn rooms_and_beds(&self, model: &RoomsAndBedsModel, visits: &[Visit], out: &mut Vec<Stance>) -> u32 {
        let plan = &self.ground.layout().plan;
        let life = HomeLife::new(model, std::iter::once(plan), self.seed);
        for visit in visits {
            life.stay(visit.person, visit.seat as usize, (0, plan), self.carry, visit.start_s..visit.end_s, out);
        }
        let places = self.seats_of(&SeatUse::HOME);
        visits.iter().filter(|visit| visit.seat >= places).count() as u32
    }

    /// How many seats there are of the use of which there are fewest.
    fn seats_of(&self, uses: &[SeatUse]) -> u32 {
        let of = |use_: &SeatUse| self.ground.layout().plan.seats.iter().filter(|seat| seat.use_ == *use_).count() as u32;
        uses.iter().map(of).min().unwrap_or(0)
    }

    /// How many people of a role find a place at once, with those who go on to its next role because they find none. Who shops has a place,
    /// and goes on to a line all the same.
    pub fn capacity(&self, role: usize) -> u32 {
        let Some(config) = self.kind.roles.get(role) else { return 0 };
        let own = match &config.model {
            MovementConfig::Seats(model) => seats::of(self.ground.layout(), &model.on).count() as u32,
            MovementConfig::Standing(model) => standing::capacity(self.ground.layout(), model.most_per_m2),
            MovementConfig::Ride(model) => ride::capacity(self.ground.layout(), model),
            MovementConfig::Post(model) => posts::of(self.ground.layout(), model.at.as_deref()).len() as u32,
            MovementConfig::Queue(model) => queue::capacity(self.ground.layout(), model),
            MovementConfig::Aisles(model) => return aisles::capacity(self.ground.layout(), model),
            MovementConfig::Rounds(model) => posts::of(self.ground.layout(), model.at.as_deref()).len() as u32,
            MovementConfig::WorkFloor(_) => self.seats_of(&[SeatUse::Desk]),
            MovementConfig::RoomsAndBeds(_) => self.seats_of(&SeatUse::HOME),
        };
        own + self.kind.role_after(role).map_or(0, |next| self.capacity(next))
    }
}
