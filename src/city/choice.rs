//! Time by choice: meals out, friends, shopping, the gym, as far as the day leaves time.

use rand::RngExt;

use crate::{random::KeyedRng, time::DayJst};

use super::{
    circles::NO_CIRCLE,
    days::{CLOSE_S, DRINKS_FROM_YEARS, Days, HOUR_S, MINUTE_S, OF_CIRCLE, OF_HABIT, OF_LIFE, WORDS_OF_A_DRAW, group_of, unit},
    stays::{Stay, Stays},
    venues::Kind,
};

/// Members of a gym are of these ages, years.
const GYM_YEARS: std::ops::Range<u8> = 15..80;
/// Who goes to a small shop alone is no younger, years.
const ALONE_FROM_YEARS: u8 = 7;

impl Days {
    /// With the household, friends and alone, as far as there is time.
    pub(super) fn by_choice(
        &self,
        i: usize,
        day: DayJst,
        is_working_day: bool,
        [rng, meal, shopping]: [&mut KeyedRng; 3],
        stays: &mut Stays,
    ) {
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
