//! A day on the office floor: arrival, desk, meetings, lunch, conversations, errands, leaving.
//!
//! People claim stretches of time in a fixed order of priority: meetings, lunch, conversations, errands. What nobody
//! claims is spent at the desk.

use std::f32::consts::{PI, TAU};

use rand::RngExt;
use rand_distr::{Distribution, Exp, Normal};

use crate::{
    ids::PersonId,
    population::People,
    random::{Keyed, KeyedRng, Seed, Stream},
    time::DayJst,
    units::Point,
    venue::{FloorPlan, RoomKind, SeatUse},
};

use super::{
    carry::{Carry, Doing},
    config::WorkConfig,
    stance::Stance,
};

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3600;
/// Walking speed indoors, m/s (assumption; outdoors 1.38 was measured).
const WALK_MPS: f32 = 1.2;

/// A stretch of one person's day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub start_s: i64,
    pub end_s: i64,
    /// `None`: out of the building.
    pub spot: Option<Spot>,
}

/// Where, and doing what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub at: Point,
    pub facing_rad: f32,
    pub room: u16,
    pub place: u32,
    pub doing: Doing,
}

/// One present worker's day.
#[derive(Clone, Debug)]
pub(super) struct WorkDay {
    pub person: PersonId,
    pub start_s: i64,
    pub end_s: i64,
    pub desk: Spot,
    pub claims: Vec<Claim>,
}

impl WorkDay {
    fn is_free(&self, start_s: i64, end_s: i64) -> bool {
        start_s >= self.start_s && end_s <= self.end_s && self.claims.iter().all(|c| end_s <= c.start_s || start_s >= c.end_s)
    }
}

/// Draws working days.
#[derive(Clone, Debug)]
pub(super) struct Office {
    config: WorkConfig,
    seed: Seed,
    desks: Vec<usize>,
    pantry: Vec<usize>,
    meeting_rooms: Vec<Vec<usize>>,
}

impl Office {
    pub fn new(config: &WorkConfig, plan: &FloorPlan, seed: Seed) -> Self {
        let seats = |use_: SeatUse| plan.seats.iter().enumerate().filter(move |(_, s)| s.use_ == use_).map(|(i, _)| i);
        let meeting_rooms = (0..plan.rooms.len())
            .filter(|&r| plan.rooms[r].kind == RoomKind::Meeting)
            .map(|r| seats(SeatUse::Meeting).filter(|&i| plan.seats[i].room as usize == r).collect())
            .filter(|chairs: &Vec<usize>| chairs.len() >= 2)
            .collect();
        Self {
            config: config.clone(),
            seed,
            desks: seats(SeatUse::Desk).collect(),
            pantry: seats(SeatUse::Pantry).collect(),
            meeting_rooms,
        }
    }

    /// When a worker is on the floor on a day: `None` on weekends, when working from home, or when staying home.
    pub fn presence(&self, person: PersonId, day: DayJst, stays_home: bool) -> Option<(i64, i64)> {
        let mut rng = Keyed::new(self.seed, Stream::Plan).rng(person.0, 0, day.0 as u32);
        if !day.is_weekday() || stays_home || rng.random::<f64>() < self.config.telework_share {
            return None;
        }
        let arrival = Normal::new(self.config.arrival_h * 60.0, self.config.arrival_sd_min).expect("the spread is finite").sample(&mut rng);
        let overtime = Exp::new(1.0 / self.config.overtime_mean_min.max(1e-9)).expect("the mean is positive").sample(&mut rng);
        let arrival_min = arrival.clamp(300.0, 840.0) as i64;
        let leaving_min = ((self.config.leaving_h * 60.0 + overtime) as i64).clamp(arrival_min + 60, 23 * 60);
        let start_s = day.start().0 + arrival_min * MINUTE_S + rng.random_range(0..MINUTE_S);
        Some((start_s, day.start().0 + leaving_min * MINUTE_S))
    }

    /// Time away from home because of work.
    pub fn away(&self, presence: (i64, i64)) -> (i64, i64) {
        let commute_s = (self.config.commute_min * 60.0) as i64;
        (presence.0 - commute_s, presence.1 + commute_s)
    }

    /// The whole floor's day.
    pub fn day(&self, people: &People, plan: &FloorPlan, day: DayJst, stays_home: &[bool]) -> Vec<WorkDay> {
        let mut days: Vec<WorkDay> = (0..people.len())
            .filter(|&i| people.works_here[i])
            .enumerate()
            .filter_map(|(desk, i)| {
                let person = PersonId(i as u32);
                let (start_s, end_s) = self.presence(person, day, stays_home[i])?;
                let desk = seat_spot(plan, self.desks[desk % self.desks.len()], Doing::Desk);
                Some(WorkDay { person, start_s, end_s, desk, claims: Vec::new() })
            })
            .collect();
        self.meetings(&mut days, people, plan, day);
        self.lunches(&mut days, plan, day);
        self.talks(&mut days, people, day);
        self.errands(&mut days, plan, day);
        for d in &mut days {
            d.claims.sort_by_key(|c| c.start_s);
        }
        days
    }

    fn meetings(&self, days: &mut [WorkDay], people: &People, plan: &FloorPlan, day: DayJst) {
        let keyed = Keyed::new(self.seed, Stream::Meeting);
        for (room, chairs) in self.meeting_rooms.iter().enumerate() {
            let mut taken: Vec<(i64, i64)> = Vec::new();
            for m in 0..self.config.meetings_per_room {
                let mut rng = keyed.rng(room as u32, m, day.0 as u32);
                let start_s = day.start().0 + (9 * 2 + rng.random_range(1..18)) * HOUR_S / 2;
                let end_s = start_s + [30, 60, 60, 90][rng.random_range(0..4)] * MINUTE_S;
                if days.is_empty() || taken.iter().any(|t| start_s < t.1 && t.0 < end_s) {
                    continue;
                }
                taken.push((start_s, end_s));
                let host = rng.random_range(0..days.len());
                let department = people.department[days[host].person.index()];
                let size = rng.random_range(2..=chairs.len());
                let first_chair = rng.random_range(0..chairs.len());
                let mut seated = 0;
                for _ in 0..days.len() {
                    let own = rng.random::<f64>() < self.config.meeting_own_department_share;
                    let someone = rng.random_range(0..days.len());
                    let d = &mut days[someone];
                    if seated == size || own != (people.department[d.person.index()] == department) || !d.is_free(start_s, end_s) {
                        continue;
                    }
                    let chair = chairs[(first_chair + seated) % chairs.len()];
                    d.claims.push(Claim { start_s, end_s, spot: Some(seat_spot(plan, chair, Doing::Meeting)) });
                    seated += 1;
                }
            }
        }
    }

    fn lunches(&self, days: &mut [WorkDay], plan: &FloorPlan, day: DayJst) {
        let keyed = Keyed::new(self.seed, Stream::Plan);
        // When each chair of the pantry is taken: two people never share one.
        let mut taken: Vec<Vec<(i64, i64)>> = vec![Vec::new(); self.pantry.len()];
        for d in days {
            let mut rng = keyed.rng(d.person.0, 1, day.0 as u32);
            let start_s = day.start().0 + 12 * HOUR_S + rng.random_range(-15 * MINUTE_S..30 * MINUTE_S);
            let end_s = start_s + rng.random_range(30 * MINUTE_S..60 * MINUTE_S);
            let how: f64 = rng.random();
            let first = rng.random_range(0..self.pantry.len().max(1));
            if !d.is_free(start_s, end_s) {
                continue;
            }
            let is_free = |chair: &usize| taken[*chair].iter().all(|t| end_s <= t.0 || start_s >= t.1);
            let in_pantry = (self.config.lunch_out_share..self.config.lunch_out_share + self.config.lunch_pantry_share).contains(&how);
            let chair = (0..self.pantry.len()).filter(|_| in_pantry).map(|k| (first + k) % self.pantry.len()).find(is_free);
            if let Some(chair) = chair {
                taken[chair].push((start_s, end_s));
            }
            let spot = match chair {
                Some(chair) => Some(seat_spot(plan, self.pantry[chair], Doing::Pause)),
                None if how < self.config.lunch_out_share => None,
                // At the desk: by habit, or because every chair of the pantry is taken.
                None => Some(Spot { doing: Doing::Pause, ..d.desk }),
            };
            d.claims.push(Claim { start_s, end_s, spot });
        }
    }

    /// Conversations at the desk of one of the two: lengths follow a power law, as in face-to-face traces of offices.
    fn talks(&self, days: &mut [WorkDay], people: &People, day: DayJst) {
        let keyed = Keyed::new(self.seed, Stream::Conversation);
        if days.len() < 2 {
            return;
        }
        let talks = (self.config.talks_per_person * days.len() as f64) as u32;
        for k in 0..talks {
            let mut rng = keyed.rng(k, 0, day.0 as u32);
            let host = rng.random_range(0..days.len());
            let department = people.department[days[host].person.index()];
            let own = rng.random::<f64>() < self.config.talk_own_department_share;
            let guests: Vec<usize> =
                (0..days.len()).filter(|&g| g != host && (people.department[days[g].person.index()] == department) == own).collect();
            if guests.is_empty() {
                continue;
            }
            let guest = guests[rng.random_range(0..guests.len())];
            let uniform: f64 = rng.random::<f64>().max(1e-6);
            let length_s =
                (self.config.talk_min_s * uniform.powf(-1.0 / (self.config.talk_tail_exponent - 1.0))).min(4.0 * HOUR_S as f64) as i64;
            let start_s = rng.random_range(days[host].start_s..days[host].end_s);
            let end_s = start_s + length_s;
            if !days[host].is_free(start_s, end_s) || !days[guest].is_free(start_s, end_s) {
                continue;
            }
            let (seated, standing) = self.talk_spots(&days[host], &mut rng);
            days[host].claims.push(Claim { start_s, end_s, spot: Some(seated) });
            days[guest].claims.push(Claim { start_s, end_s, spot: Some(standing) });
        }
    }

    fn talk_spots(&self, host: &WorkDay, rng: &mut KeyedRng) -> (Spot, Spot) {
        let distance = Normal::new(self.config.talk_distance_m, self.config.talk_distance_sd_m).expect("the spread is finite").sample(rng);
        // Behind and beside the chair, where there is room to stand.
        let bearing_rad = host.desk.facing_rad + PI + rng.random_range(-1.2..1.2f32);
        let at = host.desk.at.offset(bearing_rad, distance.clamp(0.4, 1.6) as f32);
        let place = host.desk.place + 0x1_0000 * (1 + rng.random_range(0..0x7fff));
        (Spot { facing_rad: bearing_rad, ..host.desk }, Spot { at, facing_rad: bearing_rad + PI, place, doing: Doing::Talk, ..host.desk })
    }

    fn errands(&self, days: &mut [WorkDay], plan: &FloorPlan, day: DayJst) {
        let keyed = Keyed::new(self.seed, Stream::Errand);
        let Some(pantry) = plan.rooms.iter().position(|r| r.kind == RoomKind::Pantry) else { return };
        let Some((low, high)) = plan.rooms[pantry].standing_place() else { return };
        for d in days {
            for e in 0..self.config.errands_per_person {
                let mut rng = keyed.rng(d.person.0, e, day.0 as u32);
                let start_s = rng.random_range(d.start_s..d.end_s);
                let end_s = start_s + rng.random_range(2 * MINUTE_S..6 * MINUTE_S);
                let at = Point::new(rng.random_range(low.x_m..high.x_m), rng.random_range(low.y_m..high.y_m));
                let spot = Spot {
                    at,
                    facing_rad: rng.random_range(0.0..TAU),
                    room: pantry as u16,
                    place: rng.random_range(0..u32::MAX),
                    doing: Doing::Pause,
                };
                if d.is_free(start_s, end_s) {
                    d.claims.push(Claim { start_s, end_s, spot: Some(spot) });
                }
            }
        }
    }
}

pub(super) fn seat_spot(plan: &FloorPlan, index: usize, doing: Doing) -> Spot {
    let seat = &plan.seats[index];
    Spot { at: seat.at, facing_rad: seat.facing_rad, room: seat.room, place: index as u32, doing }
}

/// Lays out one person's day as stances and returns the stays (cut where the person is out). Claims are sorted and do not
/// overlap. A walk takes the first seconds of the stretch it leads to (at most half of it), in a straight line: walls are
/// no obstacle to walkers (weakness; walks are 1-2 % of the day).
pub(super) fn lay_out(day: &WorkDay, first_episode: u32, carry: &Carry, out: &mut Vec<Stance>) -> Vec<(i64, i64)> {
    let mut stretches: Vec<Claim> = Vec::with_capacity(2 * day.claims.len() + 1);
    let mut t_s = day.start_s;
    for claim in &day.claims {
        if claim.start_s > t_s {
            stretches.push(Claim { start_s: t_s, end_s: claim.start_s, spot: Some(day.desk) });
        }
        stretches.push(*claim);
        t_s = claim.end_s;
    }
    if day.end_s > t_s {
        stretches.push(Claim { start_s: t_s, end_s: day.end_s, spot: Some(day.desk) });
    }
    let mut stays: Vec<(i64, i64)> = Vec::new();
    let mut standing: Option<Point> = None;
    for (k, stretch) in stretches.iter().enumerate() {
        let Some(spot) = stretch.spot else {
            standing = None;
            continue;
        };
        match stays.last_mut() {
            Some(stay) if stay.1 == stretch.start_s => stay.1 = stretch.end_s,
            _ => stays.push((stretch.start_s, stretch.end_s)),
        }
        let episode = first_episode + (k as u32).min(126);
        let mut stance = Stance {
            person: day.person,
            start_s: stretch.start_s,
            end_s: stretch.end_s,
            from: spot.at,
            to: spot.at,
            facing_rad: spot.facing_rad,
            carriage: carry.draw(day.person, spot.doing, episode),
            room: spot.room,
            place: spot.place,
            episode,
        };
        if let Some(from) = standing
            && from.distance_m(spot.at) > 0.1
        {
            let walk_s = ((from.distance_m(spot.at) / WALK_MPS) as i64).clamp(1, ((stretch.end_s - stretch.start_s) / 2).max(1));
            if stretch.start_s + walk_s < stretch.end_s {
                let walk = Stance {
                    end_s: stretch.start_s + walk_s,
                    from,
                    facing_rad: from.bearing_rad(spot.at),
                    room: super::NO_ROOM,
                    place: spot.place ^ 0x8000_0000,
                    ..stance
                };
                stance.start_s = walk.end_s;
                out.push(walk);
            } else {
                // A stretch of a second is all walk.
                stance = Stance { from, ..stance };
            }
        }
        out.push(stance);
        standing = Some(spot.at);
    }
    stays
}
