//! A person's day: work or school and the way there, meals, shopping, evenings, and home.

use rand::{Rng, RngExt};

use crate::{
    ids::{PersonId, VenueId},
    mobility::{CityDaysConfig, MobilityConfig, NO_GROUP, OpeningHours, Plans, Visit, WorkConfig, WorkHours},
    population::{Mode, Occupation, People, Society, Trade},
    random::{Keyed, KeyedRng, Seed, Stream},
    time::{DayJst, UnixSeconds},
};

use super::{
    circles::{Circles, NO_CIRCLE},
    lines::{Bound, Demand, Lines, Ride},
    near::Near,
    stays::{Stay, Stays},
    venues::{CityKinds, FLOOR_PEOPLE, Kind, Town},
};

/// What draws are for: a number beside who draws. Teams and parties add their own above bit 8.
const OF_PERSON: u32 = 0;
const OF_HOUSEHOLD: u32 = 1;
const OF_TEAM: u32 = 2;
const OF_LUNCH: u32 = 3;
pub(super) const OF_CIRCLE: u32 = 4;
const OF_WEEK: u32 = 5;
const OF_HABIT: u32 = 6;
const OF_SHOPPING: u32 = OF_HOUSEHOLD | 1 << 8;
pub(super) const OF_LINE: u32 = 16;
/// A number from 0 to 1 takes so many words of a generator.
const WORDS_OF_A_DRAW: u32 = 2;
/// In place of a day: what is so all their life.
const OF_LIFE: u32 = u32::MAX;

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3600;
/// The day whose riders the timetables are made for: an ordinary Tuesday.
const TIMETABLE_DAY: &str = "2020-09-15";
/// People who eat together at noon sit next to each other at work.
const LUNCH_PARTY: u16 = 3;
/// The way to what is close by, s.
const CLOSE_S: i64 = 480;
/// Members of a gym are of these ages, years.
const GYM_YEARS: std::ops::Range<u8> = 15..80;
/// Who does the shopping is no younger, years.
const SHOPS_FROM_YEARS: u8 = 18;
/// Who goes to a small shop alone is no younger, years.
const ALONE_FROM_YEARS: u8 = 7;
/// Evenings in pubs are for adults, years.
const DRINKS_FROM_YEARS: u8 = 20;

/// Work or school on a day.
#[derive(Clone, Copy, Debug)]
struct Duty {
    /// From when until when, Unix seconds.
    start_s: i64,
    end_s: i64,
    /// Where; `None`: where nothing is simulated.
    venue: Option<VenueId>,
    seat: u32,
    group: u16,
    role: u8,
    /// Whether lunch may be eaten elsewhere, and whether the team may go out afterwards.
    has_team: bool,
}

/// Where everybody goes.
pub struct Days {
    config: CityDaysConfig,
    scale: f64,
    lunch_out_share: f64,
    holidays: Vec<DayJst>,
    hours: WorkHours,
    society: Society,
    age_years: Vec<u8>,
    household: Vec<u32>,
    /// Of each person their number in the household, and among its adults, from 1; 0 of a child.
    member: Vec<(u8, u8)>,
    /// Of each household how many adults it has.
    adults: Vec<u8>,
    circles: Circles,
    near: Near,
    /// Of each household and each establishment its cell.
    home_cell: Vec<u32>,
    place_cell: Vec<u32>,
    /// Of each establishment its first venue.
    first: Vec<u32>,
    classes: Vec<u16>,
    roles: Roles,
    lines: Lines,
    number_of_lines: u32,
    keyed: Keyed,
}

/// A role in which people work, and how many are seen in it at once: others of the establishment are there too, and out of sight.
#[derive(Clone, Copy, Debug)]
struct Staff {
    role: u8,
    most: u32,
}

/// Numbers of roles in their kinds' files.
#[derive(Clone, Debug)]
struct Roles {
    worker: u8,
    small_worker: u8,
    pupil: u8,
    teacher: u8,
    customer: [u8; 2],
    cashier: [Staff; 2],
    guest: u8,
    restaurant: [Staff; 3],
    drinker: u8,
    izakaya: [Staff; 2],
    exerciser: u8,
    trainer: Staff,
    singer: u8,
    clerk: Staff,
    listener: u8,
    performer: Staff,
    patient: u8,
    nurse: Staff,
    rider: u8,
}

impl Roles {
    fn of(kinds: &CityKinds, places: &dyn Fn(Kind, usize) -> u32) -> Self {
        let role = |kind, number| kinds.role(kind, number);
        let staff = |kind, number| Staff { role: kinds.role(kind, number), most: places(kind, number) };
        Self {
            worker: role(Kind::Office, 0),
            small_worker: role(Kind::SmallOffice, 0),
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
        days.lines = Lines::new(days.number_of_lines, &riders, &demand, town.first_car(), seed);
        town.kind.extend(std::iter::repeat_n(Kind::Train, days.lines.cars as usize));
        days
    }

    /// Who rides on the day that timetables are made for, and when they want to be there and to leave, seconds after midnight.
    fn riders(&self) -> Vec<(Ride, [i64; 2])> {
        let day = DayJst::parse(TIMETABLE_DAY).unwrap_or(DayJst(0));
        let day_s = day.start().0;
        let wants = |i: usize| {
            let ride = self.ride(i)?;
            let duty = self.duty(i, day, true, &mut self.keyed.rng(i as u32, OF_PERSON, day.0 as u32))?;
            Some((ride, [duty.start_s - day_s - self.station_s(1), duty.end_s - day_s + self.station_s(1)]))
        };
        (0..self.society.occupation.len()).filter_map(wants).collect()
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
    fn ride(&self, i: usize) -> Option<Ride> {
        let place = self.society.place[i];
        if self.society.mode[i] != Mode::Rail || place == Society::NOWHERE {
            return None;
        }
        // People of one part of the city ride by one line.
        let line = self.home_cell[self.household[i] as usize] % self.number_of_lines;
        Some(Ride::new(line, self.society.ride_min[i], place))
    }

    /// Work or school of a day; `None` on a day off, and for who works from home.
    fn duty(&self, i: usize, day: DayJst, is_working_day: bool, rng: &mut KeyedRng) -> Option<Duty> {
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
            (_, opening) => self.opened(day_s, occupation, opening, comes, rng)?,
        };
        let duty = at(span_s);
        let of = |venue: u32, role: u8, seat: u32| Some(Duty { venue: Some(VenueId(venue)), role, seat, ..duty });
        let staff = |Staff { role, most }: Staff, seat: u32| if seat < most { of(first, role, seat) } else { Some(duty) };
        let by_number = |roles: &[Staff]| staff(roles[number as usize % roles.len()], number / roles.len() as u32);
        match trade {
            Trade::Office => {
                let is_small = self.society.establishments.workers[place as usize] <= super::venues::SMALL_OFFICE_PEOPLE;
                let role = if is_small { self.roles.small_worker } else { self.roles.worker };
                let (floor, seat) = if is_small { (0, number) } else { (number / FLOOR_PEOPLE, number % FLOOR_PEOPLE) };
                let has_team = occupation == Occupation::FullTime;
                Some(Duty { group: self.society.group[i], has_team, ..of(first + floor, role, seat)? })
            }
            Trade::Shop => {
                let is_large = self.society.establishments.workers[place as usize] >= super::venues::SUPERMARKET_WORKERS;
                staff(self.roles.cashier[usize::from(is_large)], number)
            }
            Trade::Restaurant => by_number(&self.roles.restaurant),
            Trade::Izakaya => by_number(&self.roles.izakaya),
            Trade::Gym => staff(self.roles.trainer, number),
            Trade::Karaoke => staff(self.roles.clerk, number),
            Trade::Hall => staff(self.roles.performer, number),
            Trade::Hospital => staff(self.roles.nurse, number),
            Trade::Care | Trade::Elsewhere => Some(Duty { has_team: occupation == Occupation::FullTime, ..duty }),
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

    /// A day of work while a place is open, or for part of the day.
    fn opened(
        &self,
        day_s: i64,
        occupation: Occupation,
        opening: Option<OpeningHours>,
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
        let hours = hours.min(until_h - from_h);
        let start_s = day_s + ((from_h + at * (until_h - from_h - hours)) * 3600.0) as i64;
        (comes < share).then(|| (start_s, start_s + (hours * 3600.0) as i64))
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
        let ride = self.ride(i);
        let way_s = match ride {
            Some(_) => self.station_s(0) + self.station_s(1) + minutes * MINUTE_S,
            None => minutes * MINUTE_S,
        };
        let ride = ride.map(|ride| (ride, self.keyed.block(i as u32, OF_HABIT, OF_LIFE, 0)[0]));
        let ride_of = |bound: Bound, at_s: i64| {
            let (ride, habit) = ride?;
            let (car, from_s, to_s) = self.lines.ride(ride, bound, at_s - day_s, habit)?;
            let way_s = self.station_s(0);
            Some(Stay { role: self.roles.rider, ..Stay::alone(car, (day_s + from_s, day_s + to_s), way_s) })
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
        let there = ride_of(Bound::In, duty.start_s - self.station_s(1)).filter(|ride| ride.start_s >= day_s);
        there.into_iter().for_each(|ride| stays.put(ride));
        let back = ride_of(Bound::Out, leaves_s + self.station_s(1)).filter(|ride| ride.end_s <= day.end().0);
        back.into_iter().for_each(|ride| stays.put(ride));
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

    /// With the household, friends and alone, as far as there is time.
    fn by_choice(&self, i: usize, day: DayJst, is_working_day: bool, [rng, meal, shopping]: [&mut KeyedRng; 3], stays: &mut Stays) {
        let (household, day_s) = (self.household[i], day.start().0);
        let cell = self.home_cell[household as usize];
        let [joins, trains]: [f64; 2] = std::array::from_fn(|_| rng.random());
        if let Some(meal) = self.family_meal(cell, day, is_working_day, meal) {
            stays.add(meal);
        }
        if joins < self.config.joins_share
            && let Some(meeting) = self.circle(i, day, is_working_day)
        {
            stays.add(meeting);
        }
        if let Some([first, second]) = self.shopping(i, household, cell, day, shopping) {
            let _ = stays.add(first) || stays.add(second);
        }
        let years = self.age_years[i];
        if GYM_YEARS.contains(&years) && trains < self.config.gym_days_share * self.scale && self.is_gym_member(i) {
            let [length, from]: [f64; 2] = std::array::from_fn(|_| rng.random());
            let length_s = 60 * MINUTE_S + (length * 2400.0) as i64;
            let (open_s, close_s) = ((self.config.gym.from_h * 3600.0) as i64, (self.config.gym.until_h * 3600.0) as i64);
            let habit = unit(self.keyed.block(i as u32, OF_HABIT, OF_LIFE, 0)[2]);
            if let Some(venue) = self.near.pick(Kind::Gym as usize, cell, habit) {
                let at = |share: f64| {
                    let start_s = day_s + open_s + (share * (close_s - open_s - length_s).max(0) as f64) as i64;
                    Stay { role: self.roles.exerciser, ..Stay::alone(venue, (start_s, start_s + length_s), CLOSE_S) }
                };
                let _ = stays.add(at(from)) || stays.add(at(0.8 + 0.2 * from));
            }
        } else {
            rng.skip(2 * WORDS_OF_A_DRAW);
        }
        if years >= ALONE_FROM_YEARS && rng.random::<f64>() < self.config.small_shop_share {
            let [length, from, which]: [f64; 3] = std::array::from_fn(|_| rng.random());
            let length_s = 4 * MINUTE_S + (length * 300.0) as i64;
            let start_s = day_s + 7 * HOUR_S + (from * 15.0 * 3600.0) as i64;
            if let Some(venue) = self.near.pick(Kind::Shop as usize, cell, which) {
                stays.add(Stay { role: self.roles.customer[0], ..Stay::alone(venue, (start_s, start_s + length_s), CLOSE_S) });
            }
        }
    }

    fn is_gym_member(&self, i: usize) -> bool {
        unit(self.keyed.block(i as u32, OF_HABIT, OF_LIFE, 0)[1]) < self.config.gym_members_share
    }

    /// A household's meal in a restaurant, for all who have time.
    fn family_meal(&self, cell: u32, day: DayJst, is_working_day: bool, rng: &mut KeyedRng) -> Option<Stay> {
        if rng.random::<f64>() >= self.config.family_meal_share.on(is_working_day) * self.scale {
            return None;
        }
        let [noon, at, length, which]: [f64; 4] = std::array::from_fn(|_| rng.random());
        let from_h = if !is_working_day && noon < 0.5 { 11.5 } else { 18.0 };
        let start_s = day.start().0 + ((from_h + at * 1.5) * 3600.0) as i64;
        let end_s = start_s + 50 * MINUTE_S + (length * 2400.0) as i64;
        let venue = self.near.pick(Kind::Restaurant as usize, cell, which)?;
        Some(Stay { group: group_of(rng), role: self.roles.guest, ..Stay::alone(venue, (start_s, end_s), CLOSE_S) })
    }

    /// A meeting of a circle of friends.
    fn circle(&self, i: usize, day: DayJst, is_working_day: bool) -> Option<Stay> {
        let circle = self.circles.of[i];
        if circle == NO_CIRCLE {
            return None;
        }
        let mut rng = self.keyed.rng(circle, OF_CIRCLE, day.0 as u32);
        if rng.random::<f64>() >= self.config.circle_meets.on(is_working_day) * self.scale {
            return None;
        }
        let [what, at, length, which]: [f64; 4] = std::array::from_fn(|_| rng.random());
        let (cell, youngest) = self.circles.home[circle as usize];
        let (kind, role) = match what {
            what if youngest >= DRINKS_FROM_YEARS && what < 0.5 => (Kind::Izakaya, self.roles.drinker),
            what if what < 0.8 => (Kind::Restaurant, self.roles.guest),
            what if what < 0.95 => (Kind::Karaoke, self.roles.singer),
            _ => (Kind::Hall, self.roles.listener),
        };
        let from_h = if is_working_day || kind == Kind::Izakaya { 18.0 } else { 12.0 + 6.0 * f64::from(u8::from(at < 0.5)) };
        let start_s = day.start().0 + ((from_h + at * 1.5) * 3600.0) as i64;
        let end_s = start_s + 80 * MINUTE_S + (length * 4800.0) as i64;
        let venue = self.near.pick(kind as usize, cell, which)?;
        Some(Stay { group: group_of(&mut rng), role, ..Stay::alone(venue, (start_s, end_s), CLOSE_S) })
    }

    /// A household's shopping, of which one adult is in charge: in the daytime, or if that does not suit, in the evening.
    fn shopping(&self, i: usize, household: u32, cell: u32, day: DayJst, rng: &mut KeyedRng) -> Option<[Stay; 2]> {
        let adult = self.member[i].1;
        let adults = self.adults[household as usize];
        if adult == 0 {
            return None;
        }
        let [goes, who]: [f64; 2] = std::array::from_fn(|_| rng.random());
        if goes >= self.config.shopping_share || (who * f64::from(adults)) as u8 + 1 != adult {
            return None;
        }
        let [at, which]: [f64; 2] = std::array::from_fn(|_| rng.random());
        let length_s = ((5.0 + rng.exponential(self.config.shopping_mean_min)).min(90.0) * 60.0) as i64;
        let large = self.near.pick(Kind::Supermarket as usize, cell, which);
        let (venue, role) = match large {
            Some(venue) => (venue, self.roles.customer[1]),
            None => (self.near.pick(Kind::Shop as usize, cell, which)?, self.roles.customer[0]),
        };
        let stay = |from_h: f64, hours: f64| {
            let start_s = day.start().0 + ((from_h + at * hours) * 3600.0) as i64;
            Stay { role, ..Stay::alone(venue, (start_s, start_s + length_s), CLOSE_S) }
        };
        Some([stay(9.5, 8.0), stay(18.5, 2.5)])
    }
}

/// Hours of a day of full time in shops and restaurants, with the break.
const FULL_TIME_H: f64 = 8.5;

/// From 0 to 1.
fn unit(word: u32) -> f64 {
    f64::from(word) / (f64::from(u32::MAX) + 1.0)
}

/// The number of a party at a venue; two of one number sit together, which hardly happens.
fn group_of(rng: &mut KeyedRng) -> u16 {
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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::{
        faults::Faults,
        mobility::{Carry, check_visits},
        population::{PhonesConfig, PopulationConfig},
        venue::kind::KindConfig,
    };

    const PEOPLE: u32 = 3000;

    struct City {
        days: Days,
        town: Town,
        people: People,
    }

    fn kind(name: &str) -> Option<KindConfig> {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/venues").join(format!("{name}.toml"));
        toml::from_str(&std::fs::read_to_string(path).ok()?).ok()
    }

    /// A town as the baseline has it, with changes.
    fn city(change: impl FnOnce(&mut MobilityConfig)) -> City {
        let file: toml::Table = include_str!("../../scenarios/baseline.toml").parse().expect("the baseline");
        let population: PopulationConfig = file["population"].clone().try_into().expect("its table");
        let phones: PhonesConfig = file["phones"].clone().try_into().expect("its table");
        let mut mobility: MobilityConfig = file["mobility"].clone().try_into().expect("its table");
        change(&mut mobility);
        let seed = Seed(3);
        let people = People::city(PEOPLE, &population, &phones, seed);
        let kinds = CityKinds::new(kind, &mut Faults::default()).expect("the program's own kinds");
        let society = people.society.as_ref().expect("a city");
        let mut town = Town::new(society);
        let carry = Carry::new(&mobility.carriage, seed);
        let places = |kind, role| kinds.places(kind, role, (&[], &carry, seed));
        let days = Days::new(&mobility, (&kinds, &places), (&people, society), &mut town, seed);
        City { days, town, people }
    }

    impl City {
        fn visits(&self, day: DayJst) -> Vec<Visit> {
            let mut all = Vec::new();
            for person in (0..self.people.len() as u32).map(PersonId) {
                let mut visits = Vec::new();
                self.days.visits(person, day, false, &mut visits);
                assert_eq!(check_visits(day, &visits), Ok(()), "{person:?}");
                all.append(&mut visits);
            }
            all
        }

        fn kind(&self, visit: &Visit) -> Kind {
            self.town.kind[visit.venue.index()]
        }
    }

    fn day(text: &str) -> DayJst {
        DayJst::parse(text).expect("a date")
    }

    /// 19 to 22 September 2020 were a Saturday, a Sunday and two holidays.
    #[test]
    fn schools_and_offices_are_closed_on_holidays_and_shops_are_not() {
        let city = city(|_| ());
        for (text, is_working) in
            [("2020-09-18", true), ("2020-09-19", false), ("2020-09-21", false), ("2020-09-22", false), ("2020-09-23", true)]
        {
            let visits = city.visits(day(text));
            let number = |kinds: &[Kind]| visits.iter().filter(|visit| kinds.contains(&city.kind(visit))).count();
            assert_eq!(number(&[Kind::Classroom, Kind::Office, Kind::SmallOffice]) > 0, is_working, "{text}");
            assert!(number(&[Kind::Restaurant]) > 10 && number(&[Kind::Shop]) > 10 && number(&[Kind::Home]) > PEOPLE as usize, "{text}");
        }
    }

    /// 98 % of pupils come, each to the one class and desk that are theirs; with them one teacher.
    #[test]
    fn classes_are_the_same_every_day() {
        let city = city(|_| ());
        let mut of: BTreeMap<PersonId, BTreeSet<(VenueId, u32)>> = BTreeMap::new();
        for text in ["2020-09-14", "2020-09-15", "2020-09-16"] {
            let visits: Vec<Visit> = city.visits(day(text)).into_iter().filter(|visit| city.kind(visit) == Kind::Classroom).collect();
            let society = city.people.society.as_ref().expect("a city");
            let primary = |person: &PersonId| society.occupation[person.index()] == Occupation::Primary;
            let all = (0..PEOPLE).map(PersonId).filter(primary).count();
            let there = visits.iter().filter(|visit| primary(&visit.person)).count();
            // Of some 150: 97.7 % within five standard deviations.
            assert!(there * 100 > all * 91 && there <= all, "{there} of {all}");
            visits.iter().for_each(|visit| {
                of.entry(visit.person).or_default().insert((visit.venue, visit.seat));
            });
            let teachers = visits.iter().filter(|visit| visit.role == city.days.roles.teacher);
            let rooms: Vec<VenueId> = teachers.map(|visit| visit.venue).collect();
            assert!(!rooms.is_empty() && rooms.len() == rooms.iter().collect::<BTreeSet<_>>().len());
        }
        assert!(of.values().all(|places| places.len() == 1));
    }

    /// Whoever rides is there before work begins, and boards where and when the train is; who teleworks is at home.
    #[test]
    fn people_ride_to_work_and_back() {
        let city = city(|_| ());
        let society = city.people.society.as_ref().expect("a city");
        let visits = city.visits(day("2020-09-15"));
        let mut rides: BTreeMap<PersonId, Vec<&Visit>> = BTreeMap::new();
        visits.iter().filter(|visit| city.kind(visit) == Kind::Train).for_each(|visit| rides.entry(visit.person).or_default().push(visit));
        assert!(rides.len() > 100, "{}", rides.len());
        let by_rail = |person: &PersonId| society.mode[person.index()] == Mode::Rail && society.place(*person).is_some();
        assert!(rides.keys().all(by_rail));
        let mut both = 0;
        for (person, of) in &rides {
            let minutes = i64::from(society.ride_min[person.index()]);
            for ride in of {
                let length_s = ride.end_s - ride.start_s;
                assert!(length_s % 150 == 0 && (length_s - minutes * 60).abs() <= 75 || minutes > 80, "{length_s} s for {minutes} min");
            }
            both += usize::from(of.len() == 2 && of[0].end_s < of[1].start_s);
            let work = visits.iter().find(|v| v.person == *person && [Kind::Office, Kind::SmallOffice].contains(&city.kind(v)));
            if let (Some(work), true) = (work, of.len() == 2) {
                assert!(of[0].end_s + 600 <= work.start_s && work.end_s + 600 <= of[1].start_s, "{person:?}");
            }
        }
        assert!(both * 10 > rides.len() * 8, "{both} of {} there and back", rides.len());
    }

    /// Everybody who goes out with a team, a household or friends sits with them.
    #[test]
    fn parties_are_at_one_place_at_one_time() {
        let city = city(|mobility| {
            mobility.city.team_evening_share = 0.6;
            mobility.city.circle_meets.working = 0.0;
        });
        let society = city.people.society.as_ref().expect("a city");
        let visits = city.visits(day("2020-09-15"));
        let mut of_team: BTreeMap<(u32, u16), BTreeSet<(VenueId, u16)>> = BTreeMap::new();
        let mut guests = 0;
        for visit in visits.iter().filter(|visit| city.kind(visit) == Kind::Izakaya && visit.role == city.days.roles.drinker) {
            let i = visit.person.index();
            of_team.entry((society.place[i], society.group[i])).or_default().insert((visit.venue, visit.group));
            guests += 1;
        }
        assert!(guests > 2 * of_team.len() && of_team.len() > 10, "{guests} of {} teams", of_team.len());
        assert!(of_team.values().all(|places| places.len() == 1));
    }

    #[test]
    fn who_stays_home_is_at_home_all_day() {
        let city = city(|_| ());
        let today = day("2020-09-15");
        for person in (0..PEOPLE).map(PersonId) {
            let mut visits = Vec::new();
            city.days.visits(person, today, true, &mut visits);
            assert_eq!((visits.len(), visits[0].start_s, visits[0].end_s), (1, today.start().0, today.end().0));
            assert_eq!(visits[0].venue, VenueId(city.people.household[person.index()]));
        }
    }

    /// Twice the scale, twice the meals out and evenings; shopping, work and school as before.
    #[test]
    fn the_scale_is_of_what_people_choose() {
        let number = |scale: f64| {
            let city = city(|mobility| mobility.non_home_scale = scale);
            let visits: Vec<Visit> = ["2020-09-15", "2020-09-19"].into_iter().flat_map(|text| city.visits(day(text))).collect();
            let guests = |kind: Kind, role: u8| visits.iter().filter(|v| city.kind(v) == kind && v.role == role).count() as f64;
            let roles = &city.days.roles;
            let (meals, evenings) = (guests(Kind::Restaurant, roles.guest), guests(Kind::Izakaya, roles.drinker));
            (meals + evenings, guests(Kind::Classroom, roles.pupil))
        };
        let ((half, of_school), (whole, of_school_too)) = (number(0.5), number(1.0));
        assert_eq!(of_school, of_school_too);
        // Parties of three or so, some hundred of them: a third of spread is six standard deviations.
        assert!((whole / half - 2.0).abs() < 0.6, "{half} {whole}");
    }
}
