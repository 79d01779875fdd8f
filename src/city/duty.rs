//! Work and school: who is where on a day, from when until when, and as what.

use rand::RngExt;

use crate::{
    ids::{PersonId, VenueId},
    mobility::{NO_GROUP, OpeningHours},
    population::{Occupation, Society, Trade},
    random::KeyedRng,
    time::DayJst,
};

use super::{
    days::{Days, HOUR_S},
    venues::{CityKinds, FLOOR_PEOPLE, HALL_PEOPLE, Kind, SMALL_OFFICE_PEOPLE, SUPERMARKET_WORKERS},
};

/// Hours of a day of full time in shops and restaurants, with the break.
const FULL_TIME_H: f64 = 8.5;
/// Places that are open for longer than this have an early and a late turn of those who work there, h.
const TWO_TURNS_FROM_H: f64 = 10.0;

/// How many turns work in a place, one after the other.
fn turns(opening: Option<OpeningHours>) -> u32 {
    1 + u32::from(opening.is_some_and(|opening| opening.until_h - opening.from_h > TWO_TURNS_FROM_H))
}

/// Work or school on a day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Duty {
    /// From when until when, Unix seconds.
    pub start_s: i64,
    pub end_s: i64,
    /// Where; `None`: where nothing is simulated.
    pub venue: Option<VenueId>,
    pub seat: u32,
    pub group: u16,
    pub role: u8,
    /// Whether lunch may be eaten elsewhere, and whether the team may go out afterwards.
    pub has_team: bool,
}

/// A role in which people work, and how many are seen in it at once: others of the establishment are there too, and out of sight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Staff {
    pub role: u8,
    pub most: u32,
}

/// Numbers of roles in their kinds' files.
#[derive(Clone, Debug)]
pub(super) struct Roles {
    pub worker: u8,
    pub small_worker: u8,
    pub factory_worker: u8,
    pub pupil: u8,
    pub teacher: u8,
    pub customer: [u8; 2],
    pub cashier: [Staff; 2],
    pub guest: u8,
    pub restaurant: [Staff; 3],
    pub drinker: u8,
    pub izakaya: [Staff; 2],
    pub exerciser: u8,
    pub trainer: Staff,
    pub singer: u8,
    pub clerk: Staff,
    pub listener: u8,
    pub performer: Staff,
    pub patient: u8,
    pub nurse: Staff,
    pub rider: u8,
}

impl Roles {
    pub(super) fn of(kinds: &CityKinds, places: &dyn Fn(Kind, usize) -> u32) -> Self {
        let role = |kind, number| kinds.role(kind, number);
        let staff = |kind, number| Staff { role: kinds.role(kind, number), most: places(kind, number) };
        Self {
            worker: role(Kind::Office, 0),
            small_worker: role(Kind::SmallOffice, 0),
            factory_worker: role(Kind::Factory, 0),
            pupil: role(Kind::Classroom, 0),
            teacher: role(Kind::Classroom, 1),
            customer: [role(Kind::Shop, 0), role(Kind::Supermarket, 0)],
            cashier: [staff(Kind::Shop, 1), staff(Kind::Supermarket, 1)],
            guest: role(Kind::Restaurant, 0),
            restaurant: [1, 2, 3].map(|number| staff(Kind::Restaurant, number)),
            drinker: role(Kind::Izakaya, 0),
            izakaya: [1, 2].map(|number| staff(Kind::Izakaya, number)),
            exerciser: role(Kind::Gym, 0),
            trainer: staff(Kind::Gym, 1),
            singer: role(Kind::Karaoke, 0),
            clerk: staff(Kind::Karaoke, 1),
            listener: role(Kind::Hall, 0),
            performer: staff(Kind::Hall, 1),
            patient: role(Kind::Ward, 0),
            nurse: staff(Kind::Ward, 1),
            rider: role(Kind::Train, 0),
        }
    }
}

impl Days {
    /// Work or school of a day; `None` on a day off, and for who works from home.
    pub(super) fn duty(&self, i: usize, day: DayJst, is_working_day: bool, rng: &mut KeyedRng) -> Option<Duty> {
        let place = self.society.place[i];
        let comes: f64 = rng.random();
        if place == Society::NOWHERE {
            return None;
        }
        let occupation = self.society.occupation[i];
        let trade = self.society.establishments.trade[place as usize];
        let (number, day_s) = (u32::from(self.society.number[i]), day.start().0);
        let first = self.first[place as usize];
        let at = |(start_s, end_s): (i64, i64)| Duty { start_s, end_s, venue: None, seat: 0, group: NO_GROUP, role: 0, has_team: false };
        let stage = Trade::SCHOOLS.iter().position(|school| *school == trade);
        if let (Some(stage), true) = (stage, occupation.learns()) {
            let school = &self.config.school[stage];
            let span_s = (day_s + (school.from_h * 3600.0) as i64, day_s + (school.until_h * 3600.0) as i64);
            let venue = VenueId(first + u32::from(self.society.group[i]));
            return (is_working_day && comes < school.comes_share).then(|| Duty {
                venue: Some(venue),
                seat: number,
                role: self.roles.pupil,
                ..at(span_s)
            });
        }
        let opening = match trade {
            Trade::Shop => Some(self.config.shop),
            Trade::Restaurant => Some(self.config.restaurant),
            Trade::Izakaya | Trade::Karaoke | Trade::Hall => Some(self.config.evening),
            Trade::Gym => Some(self.config.gym),
            _ => None,
        };
        let staffing = self.staffing(place, trade, number);
        let turn = staffing.map(|(staff, seat)| seat / staff.most.max(1)).filter(|turn| *turn < turns(opening));
        let span_s = match (occupation, opening) {
            (Occupation::Shift, None) => self.shift(day_s, comes, rng)?,
            (Occupation::FullTime, None) => {
                let stays_home = self.society.teleworks[i] && comes < self.config.telework_days_share;
                if !is_working_day || stays_home {
                    return None;
                }
                self.hours.presence(PersonId(i as u32), day)?
            }
            (Occupation::PartTime, None) if !is_working_day => return None,
            (_, opening) => self.opened(day_s, occupation, (opening, turn), comes, rng)?,
        };
        let duty = at(span_s);
        let of = |venue: u32, role: u8, seat: u32| Some(Duty { venue: Some(VenueId(venue)), role, seat, ..duty });
        if let Some((Staff { role, most }, seat)) = staffing {
            return if turn.is_some() { of(first, role, seat % most) } else { Some(duty) };
        }
        match trade {
            Trade::Office => {
                let is_small = self.society.establishments.workers[place as usize] <= SMALL_OFFICE_PEOPLE;
                let role = if is_small { self.roles.small_worker } else { self.roles.worker };
                let (floor, seat) = if is_small { (0, number) } else { (number / FLOOR_PEOPLE, number % FLOOR_PEOPLE) };
                let has_team = occupation == Occupation::FullTime;
                Some(Duty { group: self.society.group[i], has_team, ..of(first + floor, role, seat)? })
            }
            Trade::Factory => {
                let (group, has_team) = (self.society.group[i], occupation == Occupation::FullTime);
                let (hall, seat) = (number / HALL_PEOPLE, number % HALL_PEOPLE);
                Some(Duty { group, has_team, ..of(first + hall, self.roles.factory_worker, seat)? })
            }
            Trade::Elsewhere => Some(Duty { has_team: occupation == Occupation::FullTime, ..duty }),
            _ => match stage.filter(|_| number < u32::from(self.classes[place as usize])) {
                // In class for the lessons alone.
                Some(stage) => {
                    let school = &self.config.school[stage];
                    let lessons_s = (day_s + (school.from_h * 3600.0) as i64, day_s + (school.until_h * 3600.0) as i64);
                    Some(Duty {
                        start_s: lessons_s.0,
                        end_s: lessons_s.1,
                        venue: Some(VenueId(first + number)),
                        role: self.roles.teacher,
                        ..duty
                    })
                }
                None => Some(duty),
            },
        }
    }

    /// One of three shifts, from 7, 14 and 0 o'clock, on five days of seven.
    fn shift(&self, day_s: i64, comes: f64, rng: &mut KeyedRng) -> Option<(i64, i64)> {
        let turn = rng.random_range(0..3usize);
        let (from_h, until_h) = [(7, 15), (14, 22), (0, 8)][turn];
        (comes < self.config.full_time_days_share).then(|| (day_s + from_h * HOUR_S, day_s + until_h * HOUR_S))
    }

    /// In which role somebody of an establishment is, by their number, and the how manieth in it; `None` where roles say nothing.
    fn staffing(&self, place: u32, trade: Trade, number: u32) -> Option<(Staff, u32)> {
        let roles: &[Staff] = match trade {
            Trade::Shop => {
                let is_large = self.society.establishments.workers[place as usize] >= SUPERMARKET_WORKERS;
                std::slice::from_ref(&self.roles.cashier[usize::from(is_large)])
            }
            Trade::Restaurant => &self.roles.restaurant,
            Trade::Izakaya => &self.roles.izakaya,
            Trade::Gym => std::slice::from_ref(&self.roles.trainer),
            Trade::Karaoke => std::slice::from_ref(&self.roles.clerk),
            Trade::Hall => std::slice::from_ref(&self.roles.performer),
            Trade::Hospital | Trade::Care => std::slice::from_ref(&self.roles.nurse),
            _ => return None,
        };
        Some((roles[number as usize % roles.len()], number / roles.len() as u32))
    }

    /// A day of work while a place is open, in one of its turns or at any time of it, or for part of the day.
    fn opened(
        &self,
        day_s: i64,
        occupation: Occupation,
        (opening, turn): (Option<OpeningHours>, Option<u32>),
        comes: f64,
        rng: &mut KeyedRng,
    ) -> Option<(i64, i64)> {
        let (from_h, until_h) = opening.map_or((8.5, 18.0), |opening| (opening.from_h, opening.until_h));
        let [low, high] = self.config.part_time_h;
        let (length, at): (f64, f64) = (rng.random(), rng.random());
        let (share, hours) = match occupation {
            // Part time by day is on working days, of which there are fewer.
            Occupation::PartTime if opening.is_none() => (self.config.part_time_days_share * 1.4, low + length * (high - low)),
            Occupation::PartTime => (self.config.part_time_days_share, low + length * (high - low)),
            _ => (self.config.full_time_days_share, FULL_TIME_H),
        };
        let turns = f64::from(turns(opening));
        let hours = hours.min((until_h - from_h) / if turn.is_some() { turns } else { 1.0 });
        // The first turn begins when the place opens, and the last ends when it closes.
        let at = turn.filter(|_| turns > 1.0).map_or(at, |turn| f64::from(turn) / (turns - 1.0));
        let start_s = day_s + ((from_h + at * (until_h - from_h - hours)) * 3600.0) as i64;
        (comes < share).then(|| (start_s, start_s + (hours * 3600.0) as i64))
    }
}
