//! A person's day: work or school and the way there, meals, shopping, evenings, and home.

use rand::{Rng, RngExt};

use crate::{
    ids::{PersonId, VenueId},
    mobility::{CityDaysConfig, MobilityConfig, NO_GROUP, Plans, Visit, WorkConfig, WorkHours},
    population::{Mode, People, Society},
    random::{Keyed, KeyedRng, Seed, Stream},
    time::{DayJst, UnixSeconds},
};

use super::{
    circles::Circles,
    duty::{Duty, Roles},
    lines::{Bound, Demand, Lines, Ride, Way},
    near::Near,
    stays::{Stay, Stays},
    venues::{CityKinds, Kind, Town},
};

/// What draws are for: a number beside who draws. Teams and parties add their own above bit 8.
const OF_PERSON: u32 = 0;
const OF_HOUSEHOLD: u32 = 1;
const OF_TEAM: u32 = 2;
const OF_LUNCH: u32 = 3;
pub(super) const OF_CIRCLE: u32 = 4;
const OF_WEEK: u32 = 5;
pub(super) const OF_HABIT: u32 = 6;
const OF_CHANGE: u32 = 7;
const OF_SHOPPING: u32 = OF_HOUSEHOLD | 1 << 8;
pub(super) const OF_LINE: u32 = 16;
/// A number from 0 to 1 takes so many words of a generator.
pub(super) const WORDS_OF_A_DRAW: u32 = 2;
/// In place of a day: what is so all their life.
pub(super) const OF_LIFE: u32 = u32::MAX;

pub(super) const MINUTE_S: i64 = 60;
pub(super) const HOUR_S: i64 = 3600;
/// The day whose riders the timetables are made for: an ordinary Tuesday.
const TIMETABLE_DAY: &str = "2020-09-15";
/// People who eat together at noon sit next to each other at work.
const LUNCH_PARTY: u16 = 3;
/// The way to what is close by, s.
pub(super) const CLOSE_S: i64 = 480;
/// Who does the shopping is no younger, years.
const SHOPS_FROM_YEARS: u8 = 18;
/// Evenings in pubs are for adults, years.
pub(super) const DRINKS_FROM_YEARS: u8 = 20;

/// Where everybody goes.
pub struct Days {
    pub(super) config: CityDaysConfig,
    pub(super) scale: f64,
    pub(super) lunch_out_share: f64,
    pub(super) holidays: Vec<DayJst>,
    pub(super) hours: WorkHours,
    pub(super) society: Society,
    pub(super) age_years: Vec<u8>,
    pub(super) household: Vec<u32>,
    /// Of each person their number in the household, and among its adults, from 1; 0 of a child.
    pub(super) member: Vec<(u8, u8)>,
    /// Of each household how many adults it has.
    pub(super) adults: Vec<u8>,
    pub(super) circles: Circles,
    pub(super) near: Near,
    /// Of each household and each establishment its cell.
    pub(super) home_cell: Vec<u32>,
    pub(super) place_cell: Vec<u32>,
    /// Of each establishment its first venue.
    pub(super) first: Vec<u32>,
    pub(super) classes: Vec<u16>,
    pub(super) roles: Roles,
    pub(super) lines: Lines,
    pub(super) number_of_lines: u32,
    pub(super) keyed: Keyed,
}

impl Days {
    /// Of a city's people; adds the cars of its trains to the town. `places` says how many find a place at once in a role of a kind.
    pub fn new(
        mobility: &MobilityConfig,
        (kinds, places): (&CityKinds, &dyn Fn(Kind, usize) -> u32),
        (people, society): (&People, &Society),
        town: &mut Town,
        seed: Seed,
    ) -> Self {
        let config = &mobility.city;
        let near = {
            let homes = society.home_x_m.iter().copied().zip(society.home_y_m.iter().copied());
            let places = society.establishments.x_m.iter().copied().zip(society.establishments.y_m.iter().copied());
            Near::new(homes.chain(places), &town.by_kind(society))
        };
        let cells = |x_m: &[f32], y_m: &[f32]| x_m.iter().zip(y_m).map(|(x, y)| near.cell((*x, *y))).collect::<Vec<u32>>();
        let home_cell = cells(&society.home_x_m, &society.home_y_m);
        let place_cell = cells(&society.establishments.x_m, &society.establishments.y_m);
        let (mut sizes, mut adults) = (vec![0u8; home_cell.len()], vec![0u8; home_cell.len()]);
        let member = people.household.iter().zip(&people.age_years).map(|(household, years)| {
            let (size, adults) = (&mut sizes[*household as usize], &mut adults[*household as usize]);
            let is_adult = *years >= SHOPS_FROM_YEARS;
            (*size, *adults) = (*size + 1, *adults + u8::from(is_adult));
            (*size - 1, if is_adult { *adults } else { 0 })
        });
        let member = member.collect();
        let circles = Circles::new(&people.age_years, |i| home_cell[people.household[i] as usize], config.circle_people, seed);
        let mut days = Self {
            config: config.clone(),
            scale: mobility.non_home_scale,
            lunch_out_share: mobility.work.lunch_out_share,
            holidays: config.holidays(),
            // Who works from home is the society's.
            hours: WorkHours::new(&WorkConfig { telework_share: 0.0, ..mobility.work.clone() }, seed),
            society: society.clone(),
            age_years: people.age_years.clone(),
            household: people.household.clone(),
            member,
            adults,
            circles,
            near,
            home_cell,
            place_cell,
            first: town.first.clone(),
            classes: society.establishments.classes.clone(),
            roles: Roles::of(kinds, places),
            lines: Lines::default(),
            number_of_lines: 1,
            keyed: Keyed::new(seed, Stream::CityDays),
        };
        days.holidays.sort_unstable();
        let by_rail = (0..people.len()).filter(|i| society.mode[*i] == Mode::Rail && society.place[*i] != Society::NOWHERE).count() as u32;
        days.number_of_lines = (by_rail / config.riders_a_line).max(1);
        let riders = days.riders();
        let demand = Demand {
            congestion: config.congestion,
            nominal_people: kinds.nominal_people(),
            longest_headway_s: i64::from(config.longest_headway_min) * MINUTE_S,
        };
        // And one line to change to.
        days.lines = Lines::new(days.number_of_lines + 1, &riders, &demand, town.first_car(), seed);
        town.kind.extend(std::iter::repeat_n(Kind::Train, days.lines.cars as usize));
        days
    }

    /// Who rides on the day that timetables are made for, and when they want to be there and to leave, seconds after midnight.
    fn riders(&self) -> Vec<(Ride, [i64; 2])> {
        let day = DayJst::parse(TIMETABLE_DAY).unwrap_or(DayJst(0));
        let day_s = day.start().0;
        let wants = |i: usize| {
            let way = self.way(i)?;
            let duty = self.duty(i, day, true, &mut self.keyed.rng(i as u32, OF_PERSON, day.0 as u32))?;
            Some(way.wanted([duty.start_s - day_s - self.station_s(1), duty.end_s - day_s + self.station_s(1)]))
        };
        (0..self.society.occupation.len()).filter_map(wants).flatten().collect()
    }

    /// Seconds on foot between home and the station (0), or the station and work (1).
    fn station_s(&self, end: usize) -> i64 {
        (self.config.station_min[end] * 60.0) as i64
    }

    fn is_working_day(&self, day: DayJst) -> bool {
        // 1 January 1970 was a Thursday.
        (day.0 + 3).rem_euclid(7) < 5 && self.holidays.binary_search(&day).is_err()
    }

    /// How somebody rides to work or school; `None` of who does not.
    pub(super) fn way(&self, i: usize) -> Option<Way> {
        let place = self.society.place[i];
        if self.society.mode[i] != Mode::Rail || place == Society::NOWHERE {
            return None;
        }
        // People of one part of the city ride by one line.
        let line = self.home_cell[self.household[i] as usize] % self.number_of_lines;
        let habits = self.keyed.block(i as u32, OF_CHANGE, OF_LIFE, 0).map(unit);
        let change = (habits[0] < self.config.changes_share).then_some((0.3 + 0.4 * habits[1], self.number_of_lines));
        Some(Way::new(line, self.society.ride_min[i], place, change))
    }

    /// The ward where somebody lies in a week, and their bed's number.
    fn in_hospital(&self, i: usize, rng: &mut KeyedRng) -> Option<(VenueId, u32)> {
        let share = self.config.inpatients_share[usize::from(self.age_years[i] >= 65)];
        let [chance, which, bed] = std::array::from_fn(|_| rng.next_u32());
        if f64::from(chance) >= share * f64::from(u32::MAX) {
            return None;
        }
        let cell = self.home_cell[self.household[i] as usize];
        Some((self.near.pick(Kind::Ward as usize, cell, unit(which))?, bed >> 16))
    }

    /// To work or school and back, with lunch and an evening out; appends the stays.
    fn go(&self, i: usize, duty: &Duty, day: DayJst, is_working_day: bool, joins: [f64; 2], stays: &mut Stays) {
        let day_s = day.start().0;
        let minutes = i64::from(self.society.ride_min[i]);
        let way = self.way(i);
        let way_s = match way {
            Some(way) => self.station_s(0) + self.station_s(1) + way.change_s() + minutes * MINUTE_S,
            None => minutes * MINUTE_S,
        };
        let way = way.map(|way| (way, self.keyed.block(i as u32, OF_HABIT, OF_LIFE, 0)[0]));
        let rides = |bound: Bound, at_s: i64| {
            let trains = way.map(|(way, habit)| self.lines.way(way, bound, at_s - day_s, habit)).unwrap_or_default();
            trains.into_iter().flatten().map(|(car, from_s, to_s)| {
                let span_s = (day_s + from_s, day_s + to_s);
                Stay { role: self.roles.rider, ..Stay::alone(car, span_s, self.station_s(0)) }
            })
        };
        let at_work = |span_s: (i64, i64)| Stay {
            venue: duty.venue,
            start_s: span_s.0,
            end_s: span_s.1,
            seat: duty.seat,
            group: duty.group,
            role: duty.role,
            way_s,
        };
        let comes_along = duty.has_team && joins[0] < self.config.joins_share.max(0.5);
        match comes_along.then(|| self.lunch(i, duty, day)).flatten() {
            Some(lunch) => {
                stays.put(at_work((duty.start_s, lunch.start_s - CLOSE_S)));
                stays.put(lunch);
                stays.put(at_work((lunch.end_s + CLOSE_S, duty.end_s)));
            }
            None => stays.put(at_work((duty.start_s, duty.end_s))),
        }
        let mut leaves_s = duty.end_s;
        let goes_out = is_working_day && duty.has_team && joins[1] < self.config.joins_share;
        if let Some(evening) = goes_out.then(|| self.team_evening(i, duty, day, way_s)).flatten() {
            leaves_s = evening.end_s;
            stays.put(evening);
        }
        let there = rides(Bound::In, duty.start_s - self.station_s(1));
        let back = rides(Bound::Out, leaves_s + self.station_s(1));
        there.chain(back).filter(|ride| ride.start_s >= day_s && ride.end_s <= day.end().0).for_each(|ride| stays.put(ride));
    }

    /// Lunch in a restaurant near work, with those who sit beside; `None` on most days.
    fn lunch(&self, i: usize, duty: &Duty, day: DayJst) -> Option<Stay> {
        let place = self.society.place[i];
        let party = u32::from(self.society.number[i] / LUNCH_PARTY);
        let mut rng = self.keyed.rng(place, OF_LUNCH | party << 8, day.0 as u32);
        if rng.random::<f64>() >= self.lunch_out_share * self.scale {
            return None;
        }
        let [at, length, which]: [f64; 3] = std::array::from_fn(|_| rng.random());
        let start_s = day.start().0 + 12 * HOUR_S + (at * 1800.0) as i64;
        let end_s = start_s + 30 * MINUTE_S + (length * 1200.0) as i64;
        let is_within = duty.start_s + HOUR_S <= start_s && end_s + HOUR_S <= duty.end_s;
        let venue = is_within.then(|| self.near.pick(Kind::Restaurant as usize, self.place_cell[place as usize], which))??;
        Some(Stay { group: group_of(&mut rng), role: self.roles.guest, ..Stay::alone(venue, (start_s, end_s), CLOSE_S) })
    }

    /// After work with the team.
    fn team_evening(&self, i: usize, duty: &Duty, day: DayJst, way_s: i64) -> Option<Stay> {
        let (place, team) = (self.society.place[i], u32::from(self.society.group[i]));
        let mut rng = self.keyed.rng(place, OF_TEAM | team << 8, day.0 as u32);
        if rng.random::<f64>() >= self.config.team_evening_share * self.scale {
            return None;
        }
        let [at, length, which]: [f64; 3] = std::array::from_fn(|_| rng.random());
        let together_s = day.start().0 + 18 * HOUR_S + (at * 5400.0) as i64;
        let start_s = together_s.max(duty.end_s + CLOSE_S);
        let end_s = together_s + 100 * MINUTE_S + (length * 3600.0) as i64;
        let comes = end_s - start_s >= HOUR_S && self.age_years[i] >= DRINKS_FROM_YEARS;
        let venue = comes.then(|| self.near.pick(Kind::Izakaya as usize, self.place_cell[place as usize], which))??;
        Some(Stay { group: group_of(&mut rng), role: self.roles.drinker, ..Stay::alone(venue, (start_s, end_s), way_s) })
    }
}

/// From 0 to 1.
pub(super) fn unit(word: u32) -> f64 {
    f64::from(word) / (f64::from(u32::MAX) + 1.0)
}

/// The number of a party at a venue; two of one number sit together, which hardly happens.
pub(super) fn group_of(rng: &mut KeyedRng) -> u16 {
    rng.random_range(0..NO_GROUP)
}

impl Plans for Days {
    fn visits(&self, person: PersonId, day: DayJst, stays_home: bool, out: &mut Vec<Visit>) {
        let i = person.index();
        let (from_s, until_s): (UnixSeconds, UnixSeconds) = (day.start(), day.end());
        let mut stays = Stays::of((from_s.0, until_s.0));
        if !stays_home {
            let (who, household, today) = (person.0, self.household[i], day.0 as u32);
            // Weeks begin on a day of each person's own.
            let week = (day.0 + i as i32 % 7).div_euclid(7) as u32;
            let addresses =
                [(who, OF_WEEK, week), (who, OF_PERSON, today), (household, OF_HOUSEHOLD, today), (household, OF_SHOPPING, today)];
            let [mut week, mut rng, mut meal, mut shopping] = self.keyed.rngs(addresses);
            match self.in_hospital(i, &mut week) {
                Some((venue, seat)) => {
                    let stay = Stay { seat, role: self.roles.patient, ..Stay::alone(venue, (from_s.0, until_s.0), 0) };
                    stays.put(stay);
                }
                None => {
                    let is_working_day = self.is_working_day(day);
                    let duty = self.duty(i, day, is_working_day, &mut rng);
                    let joins: [f64; 2] = std::array::from_fn(|_| rng.random());
                    if let Some(duty) = duty {
                        self.go(i, &duty, day, is_working_day, joins, &mut stays);
                    }
                    self.by_choice(i, day, is_working_day, [&mut rng, &mut meal, &mut shopping], &mut stays);
                }
            }
        }
        let home = VenueId(self.household[i]);
        stays.write(person, (home, u32::from(self.member[i].0)), out);
    }
}
