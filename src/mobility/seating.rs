//! Who sits where on the office floor on a day.

use rand::RngExt;

use crate::{
    ids::PersonId,
    random::{Keyed, Seed, Stream},
    units::Point,
    venue::{FloorPlan, Room, RoomKind, SeatUse},
};

use super::carry::Doing;

/// Where, and doing what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub at: Point,
    pub facing_rad: f32,
    pub room: u16,
    pub place: u32,
    pub doing: Doing,
}

/// The seats of a floor.
#[derive(Clone, Debug)]
pub(super) struct Seating {
    desks: Vec<usize>,
    pub pantry: Vec<usize>,
    /// Chairs of each meeting room of at least two.
    pub meeting_rooms: Vec<Vec<usize>>,
    standing: Keyed,
}

/// One day's seats.
pub(super) struct Seated {
    /// Each person's, in the order in which they were asked for.
    pub spots: Vec<Spot>,
    /// Whether each person found their own desk.
    pub has_own: Vec<bool>,
    /// Whether each seat of the plan is somebody's for the day.
    pub taken: Vec<bool>,
}

impl Seating {
    pub fn new(plan: &FloorPlan, seed: Seed) -> Self {
        let seats = |use_: SeatUse| (0..plan.seats.len()).filter(move |&i| plan.seats[i].use_ == use_);
        let meeting_rooms = (0..plan.rooms.len())
            .filter(|&r| plan.rooms[r].use_ == Some(RoomKind::Meeting))
            .map(|r| seats(SeatUse::Meeting).filter(|&i| plan.seats[i].room as usize == r).collect())
            .filter(|chairs: &Vec<usize>| chairs.len() >= 2)
            .collect();
        Self {
            desks: seats(SeatUse::Desk).collect(),
            pantry: seats(SeatUse::Pantry).collect(),
            meeting_rooms,
            standing: Keyed::new(seed, Stream::Errand),
        }
    }

    /// Seats everybody for the whole day, by their numbers of desks, in ascending order of person. Everybody present whose number is that
    /// of a desk sits there. The others, one after another, take the first that is free of: desks (of who is absent), chairs
    /// of the pantry, chairs of meeting rooms; for the rest of the day these are theirs. Who finds none stands, at a spot of
    /// their own, where people of the first room that has such a place stand who come for a moment ([`Room::standing_place`]; in the
    /// middle of the first room if none has).
    ///
    /// Weaknesses: who comes late keeps a seat from somebody who was there before; a floor far over capacity crowds those who
    /// stand, where people would have stayed away.
    pub fn seat(&self, plan: &FloorPlan, people: impl Iterator<Item = (PersonId, u32)> + Clone) -> Seated {
        let mut taken = vec![false; plan.seats.len()];
        let own: Vec<Option<usize>> = people
            .clone()
            .map(|(_, number)| {
                let desk = self.desks.get(number as usize).copied().filter(|desk| !taken[*desk])?;
                taken[desk] = true;
                Some(desk)
            })
            .collect();
        let mut spare = self.desks.iter().chain(&self.pantry).chain(self.meeting_rooms.iter().flatten());
        let spots = people.zip(&own).map(|((person, _), own)| {
            let seat = own.or_else(|| spare.find(|seat| !taken[**seat]).copied());
            let Some(seat) = seat else { return self.stand(plan, person) };
            taken[seat] = true;
            seat_spot(plan, seat, Doing::Desk)
        });
        let spots = spots.collect();
        Seated { spots, has_own: own.iter().map(Option::is_some).collect(), taken }
    }

    fn stand(&self, plan: &FloorPlan, person: PersonId) -> Spot {
        let room = plan.rooms.iter().position(|room| room.standing_place().is_some()).unwrap_or(0);
        let middle = |room: &Room| (room.low.towards(room.high, 0.5), room.low.towards(room.high, 0.5));
        let (low, high) = plan.rooms[room].standing_place().unwrap_or_else(|| middle(&plan.rooms[room]));
        // Errands count from 0 and by the day; this is the person's spot on every day.
        let mut rng = self.standing.rng(person.0, u32::MAX, 0);
        let mut within = |low: f32, high: f32| low + (high - low) * rng.random::<f32>();
        let at = Point::new(within(low.x_m, high.x_m), within(low.y_m, high.y_m));
        let facing_rad = within(0.0, std::f32::consts::TAU);
        Spot { at, facing_rad, room: room as u16, place: plan.seats.len() as u32, doing: Doing::Pause }
    }
}

/// A seat of the plan, taken to do something.
pub(super) fn seat_spot(plan: &FloorPlan, index: usize, doing: Doing) -> Spot {
    let seat = &plan.seats[index];
    Spot { at: seat.at, facing_rad: seat.facing_rad, room: seat.room, place: index as u32, doing }
}
