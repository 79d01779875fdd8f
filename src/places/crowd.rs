//! Who visits venues of kinds that are files, and when: everybody belongs to one role of one venue, and comes in a group of that role.

use crate::{
    ids::{PersonId, VenueId},
    mobility::{NO_GROUP, Plans, RoleVisitsConfig, VenueVisitsConfig, Visit, When},
    population::People,
    random::{Keyed, KeyedRng, Seed, Stream},
    time::DayJst,
};

use rand::RngExt;

/// Stays are drawn within so many standard deviations of their mean: those beyond are drawn again.
const CUT_SD: f64 = 2.0;
/// The shortest visit, s.
const SHORTEST_S: i64 = 60;

/// What a person belongs to.
#[derive(Clone, Copy, Debug)]
struct Member {
    venue: VenueId,
    /// Which of the crowd's roles.
    role: u32,
    /// Their number in the role.
    number: u32,
    /// Their group in the venue.
    group: u16,
}

/// A role of a venue and how it visits.
#[derive(Clone, Debug)]
struct Role {
    /// Among those of the kind.
    number: u8,
    visits: RoleVisitsConfig,
    when: Option<When>,
}

/// Everybody who visits venues.
#[derive(Clone, Debug)]
pub struct Crowd {
    members: Vec<Option<Member>>,
    roles: Vec<Role>,
    keyed: Keyed,
}

/// How many people these venues have.
pub fn people_of(venues: &[VenueVisitsConfig]) -> u64 {
    venues.iter().map(|v| u64::from(v.number) * v.roles.iter().map(|role| u64::from(role.people)).sum::<u64>()).sum()
}

impl Crowd {
    /// Assigns those who work here (`population.workers`), in their order, to the venues, one after the other, role by role. `role_number`
    /// gives the number of the role of an entry among those of its kind.
    pub fn new(venues: &[VenueVisitsConfig], role_number: impl Fn(usize, &str) -> u8, people: &People, seed: Seed) -> Self {
        let keyed = Keyed::new(seed, Stream::Visits);
        let (mut roles, mut members) = (Vec::new(), Vec::new());
        let mut venue = 0;
        for (entry, of_entry) in venues.iter().enumerate() {
            let first_role = roles.len() as u32;
            let role = |visits: &RoleVisitsConfig| {
                let (number, when) = (role_number(entry, &visits.role), of_entry.when(visits));
                Role { number, visits: visits.clone(), when }
            };
            roles.extend(of_entry.roles.iter().map(role));
            for _ in 0..of_entry.number {
                let mut group = 0;
                for (role, visits) in (first_role..).zip(&of_entry.roles) {
                    let mut rng = keyed.rng(venue, role, u32::MAX);
                    let mut left_in_group = 0;
                    // A role may be stated more than once: guests at noon, and guests in the evening.
                    let before = of_entry.roles[..(role - first_role) as usize].iter().filter(|other| other.role == visits.role);
                    let first: u32 = before.map(|other| other.people).sum();
                    for number in first..first + visits.people {
                        if left_in_group == 0 {
                            group += 1;
                            left_in_group = group_size(&visits.group_shares, &mut rng);
                        }
                        left_in_group -= 1;
                        members.push(Member { venue: VenueId(venue), role, number, group });
                    }
                }
                venue += 1;
            }
        }
        let mut next = members.into_iter();
        let members = people.works_here.iter().map(|works| works.then(|| next.next()).flatten()).collect();
        Self { members, roles, keyed }
    }
}

fn cut_normal(rng: &mut KeyedRng) -> f64 {
    loop {
        let drawn = rng.normal();
        if drawn.abs() <= CUT_SD {
            return drawn;
        }
    }
}

/// The size of a group, by the shares of 1, 2, 3 ...; 1 where none are stated.
fn group_size(shares: &[f64], rng: &mut KeyedRng) -> u32 {
    let mut left = rng.random::<f64>() * shares.iter().sum::<f64>();
    let size = shares.iter().position(|share| {
        left -= share;
        left < 0.0
    });
    1 + size.unwrap_or(0) as u32
}

impl Plans for Crowd {
    /// A group comes together or not at all, and leaves together: what is drawn is the group's and the day's.
    fn visits(&self, person: PersonId, day: DayJst, stays_home: bool, out: &mut Vec<Visit>) {
        let Some(member) = self.members[person.index()].filter(|_| !stays_home) else { return };
        let Role { number: role, visits, when } = &self.roles[member.role as usize];
        let mut rng = self.keyed.rng(member.venue.0, member.role << 16 | u32::from(member.group), day.0 as u32);
        let (comes, at, stay) = (rng.random::<f64>(), rng.random::<f64>(), cut_normal(&mut rng));
        if comes >= visits.comes_share || (visits.weekdays_only && !day.is_weekday()) {
            return;
        }
        let (day_s, end_s) = (day.start().0, day.end().0);
        let (start_s, end_s) = match *when {
            None => return,
            Some(When::Rides { from_s, to_s }) => (day_s + from_s, day_s + to_s),
            Some(When::Stays { arrives_h: [from_h, to_h], stay_min, stay_sd_min }) => {
                let start_s = day_s + ((from_h + at * (to_h - from_h)) * 3600.0) as i64;
                let stay_s = ((stay_min + stay * stay_sd_min) * 60.0) as i64;
                (start_s.min(end_s - SHORTEST_S), (start_s + stay_s.max(SHORTEST_S)).min(end_s))
            }
        };
        let group = if visits.group_shares.is_empty() { NO_GROUP } else { member.group };
        out.push(Visit { person, venue: member.venue, start_s, end_s: end_s.max(start_s + 1), seat: member.number, group, role: *role });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::mobility::check_visits;

    fn role(role: &str, people: u32) -> RoleVisitsConfig {
        RoleVisitsConfig {
            role: role.into(),
            people,
            comes_share: 1.0,
            weekdays_only: false,
            arrives_h: Some([11.0, 13.0]),
            stay_min: Some(60.0),
            stay_sd_min: Some(10.0),
            from: None,
            to: None,
            group_shares: Vec::new(),
        }
    }

    /// A crowd of two venues, each of these roles, and everybody's visits of some days from Saturday, 5 September 2020 on.
    fn visits(roles: &[RoleVisitsConfig], days: i32, stays_home: impl Fn(u32) -> bool) -> Vec<Visit> {
        let venues = [VenueVisitsConfig { kind: "x".into(), number: 2, line: None, congestion: None, roles: roles.to_vec() }];
        let number = people_of(&venues) as usize;
        // Of those in front of them one does not work here.
        let works_here = [false].into_iter().chain(std::iter::repeat_n(true, number)).collect();
        let people = People { works_here, ..People::default() };
        let crowd = Crowd::new(&venues, |_, name| u8::from(name == "waiter"), &people, Seed(1));
        let first = DayJst::parse("2020-09-05").expect("a day");
        let mut out = Vec::new();
        for (day, person) in (0..days).flat_map(|d| (0..=number as u32).map(move |p| (first.plus_days(d), p))) {
            let from = out.len();
            crowd.visits(PersonId(person), day, stays_home(person), &mut out);
            assert_eq!(check_visits(day, &out[from..]), Ok(()));
        }
        out
    }

    #[test]
    fn everybody_has_one_role_in_one_venue() {
        let all = visits(&[role("guest", 5), role("waiter", 2), role("guest", 3)], 1, |_| false);
        assert_eq!(
            all.iter().map(|v| v.person.0).collect::<Vec<_>>(),
            (1..=20).collect::<Vec<_>>(),
            "who does not work here visits nothing"
        );
        let of_venue: Vec<(u8, u32)> = all.iter().filter(|v| v.venue == VenueId(1)).map(|v| (v.role, v.seat)).collect();
        assert_eq!(of_venue, [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (1, 0), (1, 1), (0, 5), (0, 6), (0, 7)]);
        assert!(all.iter().all(|v| v.group == NO_GROUP));
        let stay: BTreeSet<u32> = visits(&[role("guest", 10)], 1, |p| p % 2 == 0).iter().map(|v| v.person.0).collect();
        assert!(stay.iter().all(|p| p % 2 == 1) && stay.len() == 10);
    }

    /// Groups of one, two and four: half of them twos; each comes on seven of ten days, together, within the hours and as long as stated.
    #[test]
    fn groups_come_and_go_together() {
        let guests = RoleVisitsConfig { comes_share: 0.7, group_shares: vec![0.25, 0.5, 0.0, 0.25], ..role("guest", 900) };
        let all = visits(&[guests], 30, |_| false);
        let mut groups: BTreeMap<(u32, u16, i64), Vec<&Visit>> = BTreeMap::new();
        for visit in &all {
            groups.entry((visit.venue.0, visit.group, visit.start_s / 86_400)).or_default().push(visit);
        }
        for of_group in groups.values() {
            assert!(of_group.iter().all(|v| (v.start_s, v.end_s) == (of_group[0].start_s, of_group[0].end_s)));
        }
        let share = |size: usize| groups.values().filter(|g| g.len() == size).count() as f64 / groups.len() as f64;
        // 800 groups, on 21 days each: three standard errors are 0.05.
        assert!([(1, 0.25), (2, 0.5), (3, 0.0), (4, 0.25)].iter().all(|(size, expected)| (share(*size) - expected).abs() < 0.05));
        let comes = all.len() as f64 / (1800.0 * 30.0);
        assert!((comes - 0.7).abs() < 0.02, "{comes}");
        let hours = |s: i64| (s + 9 * 3600) % 86_400;
        assert!(all.iter().all(|v| (11 * 3600..13 * 3600).contains(&hours(v.start_s))));
        assert!(all.iter().all(|v| (40 * 60..=80 * 60).contains(&(v.end_s - v.start_s))));
        let mean_s = all.iter().map(|v| v.end_s - v.start_s).sum::<i64>() as f64 / all.len() as f64;
        assert!((mean_s - 3600.0).abs() < 60.0, "{mean_s}");
        // At the ends of the law there is no more than elsewhere: 0.1 % of groups in its last half minute on either side, and not the
        // 4.6 % that lie beyond.
        let at_ends = groups.values().filter(|g| !(40 * 60 + 30..=80 * 60 - 30).contains(&(g[0].end_s - g[0].start_s))).count();
        assert!(at_ends as f64 / (groups.len() as f64) < 0.015, "{at_ends} of {}", groups.len());
    }

    #[test]
    fn weekdays_are_weekdays_and_nobody_stays_past_midnight() {
        let late = RoleVisitsConfig { weekdays_only: true, arrives_h: Some([23.0, 23.9]), stay_min: Some(300.0), ..role("guest", 20) };
        let all = visits(&[late], 4, |_| false);
        // Saturday and Sunday are left out.
        assert_eq!(all.len(), 80);
        assert!(all.iter().all(|v| (v.end_s + 9 * 3600) % 86_400 == 0));
    }
}
