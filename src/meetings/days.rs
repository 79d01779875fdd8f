//! Whole days: with how many others people are in contact, where, and how long.
//!
//! A contact, as surveys ask for it, shares a conversation, a table, a meeting or a meal, or is touched. Of that the tables hold: two who live
//! at one home and were near each other there, or who came to a restaurant, a pub or the like as one party (`near_s` of the contacts: within
//! `output.contacts_within_m`); two who faced each other in some slot of the table `tij`, but for trains, where strangers who face each other
//! say nothing; and two who came within half a metre, also those who only pass: in shops nobody makes way for others here, real ones do. How long: `near_s`, since surveys ask how long one was with somebody on that day, not how long one talked. Surveys count
//! conversation and touch at any distance, so that pairs across a large meeting table count there and not here.

use std::collections::BTreeSet;

use crate::{
    output::Batch,
    time::{DayJst, UnixSeconds},
};

use super::{
    chance::{GROUPS, Groups},
    events::KindEvents,
    lines::{Line, Told},
    reference::Verdict,
};

/// As near as this, two are in contact whichever way they face and however short, m.
const TOUCH_M: f64 = 0.5;
const LONG_S: i64 = 900;
/// Where contacts are by POLYMOD's words, and the share of those that last 15 minutes or more (7290 people, 2005-2006).
pub const POLYMOD: [(&str, f64); 5] = [("home", 0.87), ("school", 0.84), ("leisure", 0.74), ("transport", 0.68), ("work", 0.57)];
/// How far from it a share may be.
const POLYMOD_WITHIN: f64 = 0.12;
/// Contacts a person on a weekday and on a weekend day: in the pandemic (Osaka and Fukuoka, 2021-2022) and before (2011).
pub const CONTACTS: [([f64; 2], &str); 2] = [([8.1, 5.9], "Osaka and Fukuoka, 2021 to 2022"), ([16.3, 12.8], "the same question, 2011")];
/// Each may be so many times that.
const CONTACTS_TIMES: [f64; 2] = [0.7, 1.3];

/// What of a run its days are told from.
pub struct Days<'a> {
    /// Table `people`.
    pub people: &'a Batch,
    /// Table `contacts`.
    pub contacts: &'a Batch,
    /// Table `visits`.
    pub visits: &'a Batch,
    /// Slots by kind of venue.
    pub kinds: &'a [KindEvents],
    /// The run's first day.
    pub first_day: DayJst,
    /// How many days there are.
    pub days: u32,
    /// Days besides Saturdays and Sundays that count as those of a weekend.
    pub holidays: Vec<DayJst>,
    /// Whether the run is of a city, whose people's days are whole.
    pub is_city: bool,
    /// How many of the contacts away from home the scenario leaves (1: all); `None`: it does not say.
    pub non_home_scale: Option<f64>,
}

/// A pair on a day.
struct Met {
    pair: [u32; 2],
    weekend: bool,
    place: &'static str,
    one_household: bool,
    /// Whether it is a contact.
    is_contact: bool,
    near_s: i64,
}

/// Where a kind of venue is by POLYMOD's words.
pub fn place_of(venue_kind: &str) -> &'static str {
    let is = |words: &[&str]| words.iter().any(|word| venue_kind == *word || venue_kind.starts_with(&format!("{word}_")));
    match () {
        () if is(&["home"]) => "home",
        () if is(&["classroom", "school", "nursery", "lecture"]) => "school",
        () if is(&["office", "small_office", "factory", "workplace"]) => "work",
        () if is(&["train", "platform", "bus"]) => "transport",
        () if is(&["restaurant", "izakaya", "karaoke", "gym", "hall"]) => "leisure",
        () => "other",
    }
}

impl Days<'_> {
    /// The lines of households, of days, and of places.
    pub(super) fn lines(&self) -> Vec<Line> {
        let met = self.met();
        let groups = Groups::of(self.people.u32("person").iter().copied());
        let mut lines =
            vec![self.long("households: pairs in contact for 15 min or more", &met, &groups, [Some(0.85), None], |m| m.one_household)];
        lines.push(self.household_others());
        lines.extend(self.days(&met, &groups));
        for (place, share) in POLYMOD {
            let band = [Some(share - POLYMOD_WITHIN), Some(share + POLYMOD_WITHIN)];
            let line = self.long(&format!("{place}: contacts of 15 min or more"), &met, &groups, band, |m| m.place == place);
            // How often riders change trains and make room, and where lines have their middle.
            let is_fitted = self.is_city && place == "transport";
            lines.push(if is_fitted { line.but(Verdict::Fitted, "how long two ride together in a city is fitted to it") } else { line });
        }
        lines
    }

    fn is_weekend(&self, day: DayJst) -> bool {
        !day.is_weekday() || self.holidays.contains(&day)
    }

    /// Every pair and day of the table of contacts.
    fn met(&self) -> Vec<Met> {
        let (faced, parties) = (facing_pairs(self.kinds), parties(self.visits));
        let c = self.contacts;
        let (day, a, b, kind, distance_m) = (c.days("day_jst"), c.u32("a"), c.u32("b"), c.text("venue_kind"), c.f64("min_distance_m"));
        let together_s = c.f64("near_s");
        let (people, household) = (self.people.u32("person"), self.people.u32("household"));
        let household = |person: u32| people.binary_search(&person).map(|at| household[at]).ok();
        let met = |row: usize| {
            let (pair, on) = ([a[row], b[row]], DayJst(day[row]));
            let key = ((on.0 - self.first_day.0) as u32, pair[0], pair[1]);
            let (place, home) = (place_of(kind.get(row)), household(pair[0]));
            let is_together = place == "home" || parties.contains(&(on, pair[0], pair[1]));
            let talks = place != "transport" && faced.binary_search(&key).is_ok();
            Met {
                pair,
                weekend: self.is_weekend(on),
                place,
                one_household: home.is_some() && home == household(pair[1]),
                is_contact: is_together || talks || distance_m[row] <= TOUCH_M,
                near_s: together_s[row] as i64,
            }
        };
        (0..c.rows()).map(met).collect()
    }

    /// The share of contacts that last 15 minutes or more.
    fn long(&self, words: &str, met: &[Met], groups: &Option<Groups>, band: [Option<f64>; 2], is: impl Fn(&Met) -> bool) -> Line {
        let mut sums = Sums::default();
        for m in met.iter().filter(|m| m.is_contact && is(m)) {
            sums.add(groups, m.pair, [f64::from(u8::from(m.near_s >= LONG_S)), 1.0]);
        }
        Line::judged((words, "contacts", "POLYMOD"), band, sums.told(groups, sums.all[1]))
    }

    /// Others in a person's household. Households are put in.
    fn household_others(&self) -> Line {
        let mut households = self.people.u32("household").to_vec();
        households.sort_unstable();
        let others: usize = households.chunk_by(|x, y| x == y).map(|of| of.len() * (of.len() - 1)).sum();
        let value = (!households.is_empty()).then(|| others as f64 / households.len() as f64);
        let told = Told { value, without: Vec::new(), n: households.len() as u64 };
        Line::judged(("households: others at home a person", "people", "census of 2020"), [Some(1.9), Some(1.9)], told)
            .but(Verdict::Fitted, "households are put in")
    }

    /// Contacts a person and day, on weekdays and at weekends.
    fn days(&self, met: &[Met], groups: &Option<Groups>) -> Vec<Line> {
        let all = (0..self.days).map(|d| self.first_day.plus_days(d as i32));
        let weekends = all.filter(|day| self.is_weekend(*day)).count() as u32;
        let sums = [false, true].map(|weekend| {
            let mut sums = Sums::default();
            for m in met.iter().filter(|m| m.is_contact && m.weekend == weekend) {
                // Each has the other.
                sums.add(groups, m.pair, [2.0, 0.0]);
            }
            let days = f64::from(if weekend { weekends } else { self.days - weekends });
            self.people.u32("person").iter().for_each(|p| sums.add(groups, [*p, *p], [0.0, days]));
            sums
        });
        let mut away = Sums::default();
        for m in met.iter().filter(|m| m.is_contact && !m.weekend) {
            away.add(groups, m.pair, [f64::from(u8::from(["school", "work"].contains(&m.place))), 1.0]);
        }
        let (scaled, source) = CONTACTS[usize::from(self.non_home_scale == Some(1.0))];
        let told: Vec<Told> = sums.iter().map(|s| s.told(groups, s.all[1])).collect();
        let by = |weekend: Option<f64>, weekday: Option<f64>| weekend.zip(weekday).filter(|(_, d)| *d > 0.0).map(|(e, d)| e / d);
        let ratio = Told {
            value: by(told[1].value, told[0].value),
            without: told[1].without.iter().zip(&told[0].without).map(|(e, d)| by(*e, *d)).collect(),
            n: told[0].n.min(told[1].n),
        };
        let away = away.told(groups, away.all[1]);
        let mut told = told.into_iter();
        let mut day = |words: &'static str, mean: f64| {
            let band = CONTACTS_TIMES.map(|times| Some(mean * times));
            Line::judged((words, "person-days", source), band, told.next().expect("invariant: one of two"))
        };
        let lines = [
            day("weekday: contacts a person", scaled[0]),
            day("weekend day: contacts a person", scaled[1]),
            Line::judged(("weekend by weekday: contacts a person", "person-days", source), [Some(0.6), Some(0.85)], ratio),
            Line::judged(("weekday: contacts at school or work", "contacts", "Japan, 2011: 40 %"), [Some(0.3), Some(0.5)], away),
        ];
        lines.into_iter().map(|line| if self.is_city { line } else { line.but(Verdict::Printed, "a city alone has whole days") }).collect()
    }
}

/// Pairs of one party at a place of leisure, by the day on which their stays began; the lower person first.
fn parties(visits: &Batch) -> BTreeSet<(DayJst, u32, u32)> {
    let (venue, person, kind, group) = (visits.u32("venue"), visits.u32("person"), visits.text("venue_kind"), visits.u32("group"));
    let (start_s, end_s) = (visits.i64("start_s"), visits.i64("end_s"));
    let is_of_party = |row: &usize| place_of(kind.get(*row)) == "leisure" && !visits.is_null("group", *row);
    let mut rows: Vec<usize> = (0..visits.rows()).filter(is_of_party).collect();
    rows.sort_by_key(|row| (venue[*row], group[*row], start_s[*row], person[*row]));
    let mut pairs = BTreeSet::new();
    for party in rows.chunk_by(|x, y| (venue[*x], group[*x]) == (venue[*y], group[*y])) {
        for (k, first) in party.iter().enumerate() {
            for other in party[k + 1..].iter().filter(|other| start_s[**other] < end_s[*first] && person[**other] != person[*first]) {
                let (a, b) = (person[*first].min(person[*other]), person[*first].max(person[*other]));
                pairs.insert((UnixSeconds(start_s[*first]).day_jst(), a, b));
            }
        }
    }
    pairs
}

/// Days and pairs that faced each other; sorted.
fn facing_pairs(kinds: &[KindEvents]) -> Vec<(u32, u32, u32)> {
    let mut all: Vec<_> = kinds.iter().flat_map(|k| &k.facing).map(|e| e.pair_day()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A sum and what it is part of: of all, and of what each group of people has a part in.
#[derive(Default)]
struct Sums {
    all: [f64; 2],
    of_group: [[f64; 2]; GROUPS],
}

impl Sums {
    fn add(&mut self, groups: &Option<Groups>, [a, b]: [u32; 2], more: [f64; 2]) {
        let add = |sum: &mut [f64; 2]| sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        add(&mut self.all);
        if let Some(groups) = groups {
            let (a, b) = (groups.group(a), groups.group(b));
            add(&mut self.of_group[a]);
            if a != b {
                add(&mut self.of_group[b]);
            }
        }
    }

    /// The share; without each group where there are groups.
    fn told(&self, groups: &Option<Groups>, n: f64) -> Told {
        let ratio = |[part, all]: [f64; 2]| (all > 0.0).then(|| part / all);
        let without = |of: &[f64; 2]| ratio([self.all[0] - of[0], self.all[1] - of[1]]);
        let without = groups.iter().flat_map(|_| self.of_group.iter().map(without)).collect();
        Told { value: ratio(self.all), without, n: n as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::VenueId,
        meetings::events_of,
        output::{ContactRow, TableRow, VisitRow, tables},
    };

    /// Forty people, two to a household.
    fn people() -> Batch {
        let mut people = Batch::new(&tables::PEOPLE);
        for person in 0..40u32 {
            let none: Option<&str> = None;
            let row = people.row().set("person", person).set("household", person / 2).set("age", 40u32);
            let row = ["work", "department", "phone_model", "os", "app_version", "os_version"]
                .into_iter()
                .fold(row, |row, name| row.set(name, none));
            row.set("installed_day", None::<DayJst>).set("consent", none).set("bluetooth_on", true).set("phone_runs", false);
        }
        people
    }

    fn contact(day_jst: DayJst, (a, b): (u32, u32), venue_kind: &'static str, min_distance_m: f64, near_s: f64) -> ContactRow<'static> {
        ContactRow {
            day_jst,
            a,
            b,
            venue_kind,
            barrier: "none",
            within_s: near_s,
            within_halves_s: [0.0; 2],
            within_ignoring_walls_s: 0.0,
            longest_run_s: 0.0,
            gap_run_s: 0.0,
            near_s,
            min_distance_m,
            is_contact: [false; 4],
            is_warm_up: false,
        }
    }

    /// A Friday, a weekend and Monday 21 September 2020, a holiday. On Friday and Saturday both of each household are near each other for 1000 s, on
    /// Monday for 100 s. On Friday twenty pairs face each other at work for 20 s, and twenty come near at 2 m, which is no contact; three go to a
    /// pub, where a fourth sits near them; two face each other in a train, which is none, two touch there; and two pairs come within 0.4 m in a shop.
    fn lines(is_city: bool, non_home_scale: f64) -> Vec<Line> {
        let first_day = DayJst::of((2020, 9, 18));
        let mut contacts = Batch::new(&tables::CONTACTS);
        let (mut home, mut faced) = (Vec::new(), Vec::new());
        for (day, slots) in [(0, 50), (1, 50), (3, 5)] {
            for a in (0..40).step_by(2) {
                contact(first_day.plus_days(day), (a, a + 1), "home", 0.7, 20.0 * slots as f64).put(contacts.row());
                home.extend((0..slots).map(|k| (i64::from(day) * 86_400 + 20 * (k + 1), a, a + 1)));
            }
        }
        for a in 0..20 {
            contact(first_day, (a, a + 20), "office", 0.9, if a < 5 { 5000.0 } else { 500.0 }).put(contacts.row());
            contact(first_day, (a, 39 - a), "office", 2.0, 5000.0).put(contacts.row());
            faced.push((40_000, a, a + 20));
        }
        let mut visits = Batch::new(&tables::VISITS);
        let start_s = first_day.start().0 + 19 * 3600;
        for (person, group) in [(1, Some(7)), (3, Some(7)), (5, Some(7)), (8, Some(9)), (9, None)] {
            let (venue, venue_kind, end_s) = (VenueId(50), "izakaya", start_s + 5400);
            VisitRow { person, venue, venue_kind, start_s, end_s, group, is_warm_up: false }.put(visits.row());
        }
        for pair in [(1, 3), (1, 5), (3, 5), (5, 8), (8, 9)] {
            contact(first_day, pair, "izakaya", 0.6, 5000.0).put(contacts.row());
        }
        contact(first_day, (10, 12), "train_e233", 0.9, 2000.0).put(contacts.row());
        contact(first_day, (12, 14), "train_e233", 0.4, 2000.0).put(contacts.row());
        contact(first_day, (10, 14), "shop", 0.4, 4.0).put(contacts.row());
        contact(first_day, (10, 16), "shop", 0.4, 30.0).put(contacts.row());
        let kind = |venue_kind: &str, facing: Vec<_>, near: Vec<_>| KindEvents {
            venue_kind: venue_kind.into(),
            facing: events_of(facing),
            near: events_of(near),
        };
        let kinds = [
            kind("home", Vec::new(), home),
            kind("office", faced.clone(), faced),
            kind("train_e233", vec![(30_000, 10, 12)], vec![(30_000, 10, 12)]),
            kind("shop", Vec::new(), vec![(50_000, 10, 16)]),
        ];
        let (people, non_home_scale) = (&people(), Some(non_home_scale));
        let holidays = vec![first_day.plus_days(3)];
        Days { people, contacts: &contacts, visits: &visits, kinds: &kinds, first_day, days: 4, holidays, is_city, non_home_scale }.lines()
    }

    #[test]
    fn days_are_those_of_the_tables() {
        let lines = lines(true, 0.5);
        let line = |words: &str| lines.iter().find(|l| l.line.starts_with(words)).expect("the line");
        for (words, n, value) in [
            ("households: pairs", 60, 40.0 / 60.0),
            ("households: others", 40, 1.0),
            // 20 pairs at home and 20 at work, three of the party, two in the shop and one in the train; 20 on Saturday and 20 on Monday, of three days.
            ("weekday: contacts a person", 40, 2.3),
            ("weekend day:", 120, 80.0 / 120.0),
            ("weekend by weekday:", 40, 80.0 / 120.0 / 2.3),
            ("weekday: contacts at school or work", 46, 20.0 / 46.0),
            ("leisure:", 3, 1.0),
            ("home:", 60, 40.0 / 60.0),
            ("work:", 20, 0.25),
        ] {
            let line = line(words);
            assert!(line.n == n && line.value.is_some_and(|found| (found - value).abs() < 1e-12), "{line:?}");
        }
        assert_eq!(line("weekday: contacts a person").verdict, Verdict::Fail, "2.3 is far from 8.1");
        assert_eq!(line("weekday: contacts at school or work").verdict, Verdict::Pass);
        assert_eq!((line("transport:").verdict, line("work:").verdict), (Verdict::Fitted, Verdict::Pass));
    }

    #[test]
    fn days_are_judged_of_a_city_and_by_what_the_scenario_leaves_of_them() {
        let band = |lines: Vec<Line>| {
            let line = lines.into_iter().find(|l| l.line.starts_with("weekday: contacts a person")).expect("the line");
            (line.band.map(|end| end.map(|end| (end * 100.0).round())), line.verdict)
        };
        assert_eq!(band(lines(true, 0.5)), ([Some(567.0), Some(1053.0)], Verdict::Fail));
        assert_eq!(band(lines(true, 1.0)), ([Some(1141.0), Some(2119.0)], Verdict::Fail));
        assert_eq!(band(lines(false, 1.0)).1, Verdict::Printed);
    }
}
