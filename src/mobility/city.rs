//! `[mobility.city]` of the scenario file: what a city's people do with their days.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{faults::Faults, time::DayJst};

/// What is done on a working day and on a free one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ByDay {
    /// On working days.
    pub working: f64,
    /// On Saturdays, Sundays and holidays.
    pub free: f64,
}

impl ByDay {
    /// That of a day.
    pub fn on(self, is_working_day: bool) -> f64 {
        if is_working_day { self.working } else { self.free }
    }

    fn check(self, path: &str, faults: &mut Faults) {
        for (key, share) in [("working", self.working), ("free", self.free)] {
            if !(0.0..=1.0).contains(&share) {
                faults.push(format!("{path}.{key}"), "not a share", "use a number from 0 to 1");
            }
        }
    }
}

/// Hours of school.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchoolHours {
    /// From which hour of the day, JST.
    pub from_h: f64,
    /// Until which.
    pub until_h: f64,
    /// Share of pupils who come on a school day.
    pub comes_share: f64,
}

/// Hours in which people work in a trade that is not done by day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpeningHours {
    /// From which hour of the day, JST.
    pub from_h: f64,
    /// Until which.
    pub until_h: f64,
}

/// What a city's people do with their days.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CityDaysConfig {
    /// Days besides Saturdays and Sundays on which offices and schools are closed, YYYY-MM-DD.
    pub holidays: Vec<String>,
    /// Share of their working days that those work from home who do at all.
    #[schemars(range(min = 0, max = 1))]
    pub telework_days_share: f64,
    /// Hours of nursery, primary, lower secondary, upper secondary school and higher education.
    pub school: [SchoolHours; 5],
    /// Opening hours of shops.
    pub shop: OpeningHours,
    /// Of restaurants.
    pub restaurant: OpeningHours,
    /// Of pubs, karaoke houses and halls.
    pub evening: OpeningHours,
    /// Of gyms.
    pub gym: OpeningHours,
    /// Share of days on which those work who work full time on any day of the week.
    #[schemars(range(min = 0, max = 1))]
    pub full_time_days_share: f64,
    /// The same of part time.
    #[schemars(range(min = 0, max = 1))]
    pub part_time_days_share: f64,
    /// Shortest and longest day of part time, h.
    pub part_time_h: [f64; 2],
    /// Share of those who go to work or school by rail who change trains on the way.
    #[schemars(range(min = 0, max = 1))]
    pub changes_share: f64,
    /// Share of days on which a household goes shopping.
    #[schemars(range(min = 0, max = 1))]
    pub shopping_share: f64,
    /// Mean time in a supermarket beyond five minutes, minutes (exponential).
    #[schemars(range(min = 1, max = 120))]
    pub shopping_mean_min: f64,
    /// Share of a person's days with a short visit to a small shop.
    #[schemars(range(min = 0, max = 1))]
    pub small_shop_share: f64,
    /// Share of evenings of working days on which a team goes out after work.
    #[schemars(range(min = 0, max = 1))]
    pub team_evening_share: f64,
    /// Share of days on which a circle of friends meets.
    pub circle_meets: ByDay,
    /// Mean people of such a circle.
    #[schemars(range(min = 2, max = 30))]
    pub circle_people: u32,
    /// Share of a team or a circle who join.
    #[schemars(range(min = 0, max = 1))]
    pub joins_share: f64,
    /// Share of days on which a household eats out.
    pub family_meal_share: ByDay,
    /// Share of people from 15 to 79 who are members of a gym.
    #[schemars(range(min = 0, max = 1))]
    pub gym_members_share: f64,
    /// Share of days on which a member goes there.
    #[schemars(range(min = 0, max = 1))]
    pub gym_days_share: f64,
    /// Share of people under 65 and from 65 on who are in a hospital's bed, each for a week at a time.
    pub inpatients_share: [f64; 2],
    /// Minutes on foot from home to the station, and from the station to work.
    pub station_min: [f64; 2],
    /// Load of a car in its fullest section over its nominal load in the busiest hours, drawn evenly for each line and quarter of an hour.
    pub congestion: [f64; 2],
    /// Longest time between two trains of a line, minutes.
    #[schemars(range(min = 5, max = 60))]
    pub longest_headway_min: u32,
    /// People who ride by one line.
    #[schemars(range(min = 100, max = 1000000))]
    pub riders_a_line: u32,
}

impl CityDaysConfig {
    /// The holidays; those that are no dates are reported by [`Self::check`].
    pub fn holidays(&self) -> Vec<DayJst> {
        self.holidays.iter().filter_map(|text| DayJst::parse(text)).collect()
    }

    /// Finds what ranges of single keys cannot express.
    pub fn check(&self, faults: &mut Faults) {
        const PATH: &str = "mobility.city";
        for (i, text) in self.holidays.iter().enumerate().filter(|(_, text)| DayJst::parse(text).is_none()) {
            faults.push(format!("{PATH}.holidays[{i}]"), format!("\"{text}\" is no date of the calendar"), "write YYYY-MM-DD");
        }
        let mut hours = |path: String, from_h: f64, until_h: f64| {
            let is_hour = (0.0..24.0).contains(&from_h);
            if !is_hour || !(from_h + 1.0..=24.0).contains(&until_h) {
                let problem = format!("{from_h:?} to {until_h:?}: no hour of one day between them");
                let end = if is_hour { "until_h" } else { "from_h" };
                faults.push(format!("{path}.{end}"), problem, "use hours from 0 to 24, the earlier first");
            }
        };
        for (i, school) in self.school.iter().enumerate() {
            hours(format!("{PATH}.school[{i}]"), school.from_h, school.until_h);
        }
        for (name, of) in [("shop", self.shop), ("restaurant", self.restaurant), ("evening", self.evening), ("gym", self.gym)] {
            hours(format!("{PATH}.{name}"), of.from_h, of.until_h);
        }
        for (i, school) in self.school.iter().enumerate().filter(|(_, school)| !(0.0..=1.0).contains(&school.comes_share)) {
            faults.push(
                format!("{PATH}.school[{i}].comes_share"),
                format!("{:?} is no share", school.comes_share),
                "use a number from 0 to 1",
            );
        }
        self.circle_meets.check(&format!("{PATH}.circle_meets"), faults);
        self.family_meal_share.check(&format!("{PATH}.family_meal_share"), faults);
        for (i, share) in self.inpatients_share.iter().enumerate().filter(|(_, share)| !(0.0..=0.5).contains(*share)) {
            faults.push(format!("{PATH}.inpatients_share[{i}]"), format!("{share:?} is no such share"), "use a number from 0 to 0.5");
        }
        let [low, high] = self.part_time_h;
        if !(0.5 <= low && low <= high && high <= 12.0) {
            faults.push(format!("{PATH}.part_time_h"), format!("{low:?} to {high:?} hours"), "give the shorter first, from 0.5 to 12");
        }
        let [low, high] = self.congestion;
        if !(0.1 <= low && low <= high && high <= 2.5) {
            faults.push(format!("{PATH}.congestion"), format!("{low:?} to {high:?}"), "give the lower first, from 0.1 to 2.5");
        }
        for (i, min) in self.station_min.iter().enumerate().filter(|(_, min)| !(0.0..=60.0).contains(*min)) {
            faults.push(format!("{PATH}.station_min[{i}]"), format!("{min:?} minutes"), "use 0 to 60");
        }
    }
}
