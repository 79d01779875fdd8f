//! A day on a work floor, from who is there and when: desks, meetings, lunches, conversations, errands.
//!
//! People claim stretches of time in a fixed order of priority: being out (between two visits), meetings, lunch,
//! conversations, errands. What nobody claims is spent at the desk.

use std::f32::consts::{PI, TAU};

use rand::RngExt;

use crate::{
    ids::PersonId,
    random::{Keyed, KeyedRng, Seed, Stream},
    time::DayJst,
    units::Point,
    venue::{FloorPlan, RoomKind, kind::WorkFloorModel},
};

use super::{
    carry::{Carry, Doing},
    seating::{Seating, Spot, seat_spot},
    stance::Stance,
    talks::{Colleagues, rng_of, stretches},
    visit::Visit,
    work::{HOUR_S, Lunch, MINUTE_S},
};

/// Walking speed indoors, m/s (assumption; outdoors 1.38 was measured).
const WALK_MPS: f32 = 1.2;

/// Episodes of a working day count from here (homes count above).
fn first_episode(day: DayJst) -> u32 {
    day.0 as u32 * 256
}

/// A stretch of one person's day.
#[derive(Clone, Copy, Debug)]
struct Claim {
    start_s: i64,
    end_s: i64,
    /// `None`: out of the building.
    spot: Option<Spot>,
}

/// One present worker's day, from their first visit to their last.
#[derive(Clone, Debug)]
struct WorkDay {
    person: PersonId,
    department: u16,
    start_s: i64,
    end_s: i64,
    desk: Spot,
    claims: Vec<Claim>,
    /// When they look away from whom they talk to: from, until.
    pauses: Vec<(i64, i64)>,
}

impl WorkDay {
    /// The day of somebody who visits so. In between they are out.
    fn of(visits: &[Visit], desk: Spot) -> Self {
        let (first, last) = (&visits[0], &visits[visits.len() - 1]);
        let between = visits.windows(2).map(|two| Claim { start_s: two[0].end_s, end_s: two[1].start_s, spot: None });
        Self {
            person: first.person,
            department: first.group,
            start_s: first.start_s,
            end_s: last.end_s,
            desk,
            claims: between.filter(|out| out.start_s < out.end_s).collect(),
            pauses: Vec::new(),
        }
    }

    fn is_free(&self, start_s: i64, end_s: i64) -> bool {
        start_s >= self.start_s && end_s <= self.end_s && self.claims.iter().all(|c| end_s <= c.start_s || start_s >= c.end_s)
    }

    /// Until when nothing claims the time from then on; no later than then if something does.
    fn free_until(&self, start_s: i64) -> i64 {
        if start_s < self.start_s {
            return start_s;
        }
        self.claims.iter().filter(|c| c.end_s > start_s).map(|c| c.start_s).fold(self.end_s, i64::min)
    }
}

/// What happens on a work floor.
#[derive(Clone, Debug)]
pub struct WorkFloor {
    model: WorkFloorModel,
    /// Share of lunches for which people leave the floor: their visits say so.
    lunch_out_share: f64,
    seating: Seating,
    seed: Seed,
}

impl WorkFloor {
    /// A floor laid out to this plan. Those leave it for lunch, in this share, whose visits say so.
    pub fn new(model: &WorkFloorModel, lunch_out_share: f64, plan: &FloorPlan, seed: Seed) -> Self {
        Self { model: model.clone(), lunch_out_share, seating: Seating::new(plan, seed), seed }
    }

    /// Appends the stances of all who visit on a day, and returns how many visits found no desk of their own
    /// (`Seating::seat` says where these are spent). `visits` are those of one venue, sorted by (person, start).
    pub fn stances(&self, plan: &FloorPlan, day: DayJst, visits: &[Visit], carry: &Carry, out: &mut Vec<Stance>) -> u32 {
        let Some(venue) = visits.first().map(|visit| visit.venue.0) else { return 0 };
        let people = || visits.chunk_by(|a, b| a.person == b.person);
        let seated = self.seating.seat(plan, people().map(|of| (of[0].person, of[0].seat)));
        let mut days: Vec<WorkDay> = people().zip(&seated.spots).map(|(of, desk)| WorkDay::of(of, *desk)).collect();
        self.meetings(&mut days, &seated.taken, plan, venue, day);
        self.lunches(&mut days, &seated.taken, plan, day);
        self.talks(&mut days, venue, day);
        self.errands(&mut days, plan, day);
        for work in &mut days {
            work.claims.sort_by_key(|c| c.start_s);
            work.pauses.sort_unstable();
            lay_out(work, first_episode(day), carry, out);
        }
        people().zip(&seated.has_own).filter(|(_, has_own)| !**has_own).map(|(of, _)| of.len() as u32).sum()
    }

    /// Meetings, room by room at drawn hours, in chairs that are nobody's for the day.
    ///
    /// Weakness: `meeting_own_department_share` is the chance that a draw asks for somebody of the host's department, and a draw of
    /// anybody else is lost. With 8 departments and 0.76, 31 % of a meeting's people are of one department, not 76 %.
    fn meetings(&self, days: &mut [WorkDay], taken: &[bool], plan: &FloorPlan, venue: u32, day: DayJst) {
        let keyed = Keyed::new(self.seed, Stream::Meeting);
        for (room, chairs) in self.seating.meeting_rooms.iter().enumerate() {
            let chairs: Vec<usize> = chairs.iter().copied().filter(|chair| !taken[*chair]).collect();
            if chairs.len() < 2 {
                continue;
            }
            let mut taken: Vec<(i64, i64)> = Vec::new();
            for m in 0..self.model.meetings_per_room {
                let mut rng = keyed.rng(room as u32, venue << 8 | m, day.0 as u32);
                let start_s = day.start().0 + (9 * 2 + rng.random_range(1..18)) * HOUR_S / 2;
                let end_s = start_s + [30, 60, 60, 90][rng.random_range(0..4)] * MINUTE_S;
                if days.is_empty() || taken.iter().any(|t| start_s < t.1 && t.0 < end_s) {
                    continue;
                }
                taken.push((start_s, end_s));
                let host = rng.random_range(0..days.len());
                let department = days[host].department;
                let size = rng.random_range(2..=chairs.len());
                let first_chair = rng.random_range(0..chairs.len());
                let mut seated = 0;
                for _ in 0..days.len() {
                    let own = rng.random::<f64>() < self.model.meeting_own_department_share;
                    let someone = rng.random_range(0..days.len());
                    let d = &mut days[someone];
                    if own != (d.department == department) || !d.is_free(start_s, end_s) {
                        continue;
                    }
                    let chair = chairs[(first_chair + seated) % chairs.len()];
                    d.claims.push(Claim { start_s, end_s, spot: Some(seat_spot(plan, chair, Doing::Meeting)) });
                    seated += 1;
                    if seated == size {
                        break;
                    }
                }
            }
        }
    }

    /// Lunches on the floor. Who means to eat out has left, or has no time for it: they eat nothing.
    fn lunches(&self, days: &mut [WorkDay], taken: &[bool], plan: &FloorPlan, day: DayJst) {
        let pantry: Vec<usize> = self.seating.pantry.iter().copied().filter(|chair| !taken[*chair]).collect();
        // When each chair of the pantry is taken: two people never share one.
        let mut eaters: Vec<Vec<(i64, i64)>> = vec![Vec::new(); pantry.len()];
        for d in days {
            let mut lunch = Lunch::of(self.seed, d.person, day);
            let (start_s, end_s) = (lunch.start_s, lunch.end_s);
            let first = lunch.rng.random_range(0..pantry.len().max(1));
            let eats_out = lunch.where_ < self.lunch_out_share;
            if eats_out || !d.is_free(start_s, end_s) {
                continue;
            }
            let is_free = |chair: &usize| eaters[*chair].iter().all(|t| end_s <= t.0 || start_s >= t.1);
            let in_pantry = lunch.where_ < self.lunch_out_share + self.model.lunch_pantry_share;
            let chair = (0..pantry.len()).filter(|_| in_pantry).map(|k| (first + k) % pantry.len()).find(is_free);
            if let Some(chair) = chair {
                eaters[chair].push((start_s, end_s));
            }
            let spot = match chair {
                Some(chair) => seat_spot(plan, pantry[chair], Doing::Pause),
                // At the desk: by habit, or because every chair of the pantry is taken.
                None => Spot { doing: Doing::Pause, ..d.desk },
            };
            d.claims.push(Claim { start_s, end_s, spot: Some(spot) });
        }
    }

    /// Conversations at the desk of one of the two. In a pause the guest stays and looks away.
    fn talks(&self, days: &mut [WorkDay], venue: u32, day: DayJst) {
        if days.len() < 2 {
            return;
        }
        let mut colleagues = Colleagues::of(&self.model, days.iter().map(|d| (d.person, d.department)), self.seed);
        let mut of = Vec::new();
        for k in 0..(self.model.talks_per_person * days.len() as f64) as u32 {
            let mut rng = rng_of(self.seed, venue, day, k);
            let host = colleagues.host(&mut rng);
            let own = rng.random::<f64>() < self.model.talk_own_department_share;
            let Some(guest) = colleagues.guest(host, own, &mut rng) else { continue };
            let start_s = rng.random_range(days[host].start_s..days[host].end_s);
            let until_s = days[host].free_until(start_s).min(days[guest].free_until(start_s));
            let (seated, standing) = self.talk_spots(&days[host], &mut rng);
            stretches(&self.model, start_s, until_s, &mut rng, &mut of);
            let Some(&(_, end_s)) = of.last() else { continue };
            days[host].claims.push(Claim { start_s, end_s, spot: Some(seated) });
            days[guest].claims.push(Claim { start_s, end_s, spot: Some(standing) });
            days[guest].pauses.extend(of.windows(2).map(|two| (two[0].1, two[1].0)));
        }
    }

    /// Where the two of a talk are: the host on their seat, the guest behind it. Weakness: who has no desk of their own hosts
    /// too, though around a chair of the pantry or of a meeting room there may be a wall.
    fn talk_spots(&self, host: &WorkDay, rng: &mut KeyedRng) -> (Spot, Spot) {
        let distance = self.model.talk_distance_m + self.model.talk_distance_sd_m * rng.normal();
        // Behind and beside the chair, where there is room to stand.
        let bearing_rad = host.desk.facing_rad + PI + rng.random_range(-1.2..1.2f32);
        let at = host.desk.at.offset(bearing_rad, distance.clamp(0.4, 1.6) as f32);
        let place = host.desk.place + 0x1_0000 * (1 + rng.random_range(0..0x7fff));
        (Spot { facing_rad: bearing_rad, ..host.desk }, Spot { at, facing_rad: bearing_rad + PI, place, doing: Doing::Talk, ..host.desk })
    }

    fn errands(&self, days: &mut [WorkDay], plan: &FloorPlan, day: DayJst) {
        let keyed = Keyed::new(self.seed, Stream::Errand);
        let Some(pantry) = plan.rooms.iter().position(|r| r.use_ == Some(RoomKind::Pantry)) else { return };
        let Some((low, high)) = plan.rooms[pantry].standing_place() else { return };
        for d in days {
            for e in 0..self.model.errands_per_person {
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

/// Lays out one person's day as stances. Claims are sorted and do not overlap. A walk takes the first seconds of the stretch
/// it leads to (at most half of it), in a straight line: walls are no obstacle to walkers (weakness; walks are 1-2 % of the
/// day). Who was out is at once where they sit.
fn lay_out(day: &WorkDay, first_episode: u32, carry: &Carry, out: &mut Vec<Stance>) {
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
    let mut standing: Option<Point> = None;
    for (k, stretch) in stretches.iter().enumerate() {
        let Some(spot) = stretch.spot else {
            standing = None;
            continue;
        };
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
        turning(stance, &day.pauses, out);
        standing = Some(spot.at);
    }
}

/// Appends a stance, turned away in the pauses within it. `pauses` are sorted and do not overlap.
fn turning(mut stance: Stance, pauses: &[(i64, i64)], out: &mut Vec<Stance>) {
    let first = pauses.partition_point(|(_, until_s)| *until_s <= stance.start_s);
    for &(from_s, until_s) in pauses[first..].iter().take_while(|(_, until_s)| *until_s < stance.end_s) {
        if from_s > stance.start_s {
            out.push(Stance { end_s: from_s, ..stance });
        }
        let away = Stance { start_s: from_s.max(stance.start_s), end_s: until_s, facing_rad: stance.facing_rad + PI, ..stance };
        out.push(away);
        stance.start_s = until_s;
    }
    out.push(stance);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stance(start_s: i64, end_s: i64) -> Stance {
        Stance {
            person: PersonId(0),
            start_s,
            end_s,
            from: Point::default(),
            to: Point::default(),
            facing_rad: 1.0,
            carriage: crate::mobility::Carriage::Bag,
            room: 0,
            place: 7,
            episode: 1,
        }
    }

    /// A walk has taken the first pause and half of the second; the last one is of another conversation.
    #[test]
    fn pauses_are_turned_away() {
        let mut out = Vec::new();
        turning(stance(100, 200), &[(60, 80), (90, 110), (130, 150), (220, 230)], &mut out);
        let found: Vec<_> = out.iter().map(|s| (s.start_s, s.end_s, s.facing_rad > 2.0)).collect();
        assert_eq!(found, [(100, 110, true), (110, 130, false), (130, 150, true), (150, 200, false)]);
        assert!(out.iter().all(|s| (s.place, s.episode) == (7, 1)), "they stay, and so does the phone");
    }

    #[test]
    fn time_is_free_until_it_is_claimed() {
        let desk = Spot { at: Point::default(), facing_rad: 0.0, room: 0, place: 0, doing: Doing::Desk };
        let claim = |start_s, end_s| Claim { start_s, end_s, spot: None };
        let work = WorkDay {
            person: PersonId(0),
            department: 0,
            start_s: 100,
            end_s: 900,
            desk,
            claims: vec![claim(500, 600), claim(200, 300)],
            pauses: Vec::new(),
        };
        let found = [50, 100, 199, 300, 600, 899].map(|t| work.free_until(t));
        assert_eq!(found, [50, 200, 200, 500, 900, 900]);
        assert!([200, 299, 550].iter().all(|t| work.free_until(*t) <= *t), "taken");
    }
}
