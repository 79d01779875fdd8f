//! When people of a role are at a venue: for a stay, or on a line from stop to stop; and how full a line is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::faults::{Faults, use_one_of};

use super::config::{RoleVisitsConfig, VenueVisitsConfig};

/// A line that a venue runs once a day.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineConfig {
    /// Its stops, in order of time.
    #[schemars(length(min = 2, max = 200))]
    pub stops: Vec<StopConfig>,
}

/// A stop of a line.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StopConfig {
    /// Its name.
    pub name: String,
    /// When people leave and board there, hours after midnight JST; to the second, and both at once.
    #[schemars(range(min = 0, max = 24))]
    pub at_h: f64,
}

/// When people of a role are there on a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum When {
    /// They come at an hour of their own and stay.
    Stays {
        /// Between when and when they come, hours after midnight JST.
        arrives_h: [f64; 2],
        /// How long they stay on average, minutes.
        stay_min: f64,
        /// Its standard deviation, minutes.
        stay_sd_min: f64,
    },
    /// They ride from stop to stop.
    Rides {
        /// When they board, seconds after midnight JST.
        from_s: i64,
        /// When they leave.
        to_s: i64,
    },
}

impl When {
    /// The middle of the usual visit, seconds after midnight JST.
    pub fn middle_s(self) -> i64 {
        match self {
            Self::Stays { arrives_h: [from_h, to_h], stay_min, .. } => ((from_h + to_h) * 1800.0 + stay_min * 30.0) as i64,
            Self::Rides { from_s, to_s } => from_s.midpoint(to_s),
        }
    }
}

impl LineConfig {
    fn stop(&self, name: &str) -> Option<usize> {
        self.stops.iter().position(|stop| stop.name == name)
    }

    /// When the train is at a stop, seconds after midnight JST.
    fn at_s(&self, stop: usize) -> i64 {
        (self.stops[stop].at_h * 3600.0).round() as i64
    }

    fn check(&self, path: &str, faults: &mut Faults) {
        for (i, stop) in self.stops.iter().enumerate() {
            let path = format!("{path}.stops[{i}]");
            if stop.name.is_empty() || self.stops[..i].iter().any(|other| other.name == stop.name) {
                faults.push(format!("{path}.name"), "no name, or that of another stop", "give each stop its own name");
            }
            if i > 0 && self.at_s(i) <= self.at_s(i - 1) {
                let remedy = format!("write stops in order of time: more than {}", self.stops[i - 1].at_h);
                faults.push(format!("{path}.at_h"), format!("not after \"{}\", the stop before it", self.stops[i - 1].name), remedy);
            }
        }
    }
}

/// Where a line is fullest.
struct Fullest {
    /// The section from this stop to the next.
    stop: usize,
    /// How many are there on average with the shares as stated.
    people: f64,
}

impl VenueVisitsConfig {
    /// When people of a role are there; `None` where the keys do not say it, which [`Self::check`] reports.
    pub fn when(&self, role: &RoleVisitsConfig) -> Option<When> {
        if let Some(line) = &self.line {
            let (from, to) = self.ride(role)?;
            return Some(When::Rides { from_s: line.at_s(from), to_s: line.at_s(to) });
        }
        Some(When::Stays { arrives_h: role.arrives_h?, stay_min: role.stay_min?, stay_sd_min: role.stay_sd_min.unwrap_or(0.0) })
    }

    /// From which stop to which people of a role ride.
    fn ride(&self, role: &RoleVisitsConfig) -> Option<(usize, usize)> {
        let line = self.line.as_ref()?;
        Some((line.stop(role.from.as_ref()?)?, line.stop(role.to.as_ref()?)?))
    }

    pub(super) fn check_line(&self, path: &str, faults: &mut Faults) {
        match &self.line {
            Some(line) => line.check(&format!("{path}.line"), faults),
            None if self.congestion.is_some() => {
                faults.push(format!("{path}.congestion"), "without a line", "add line with its stops, or state comes_share of each role");
            }
            None => {}
        }
    }

    /// Finds contradictions about when people of a role are there.
    pub(super) fn check_when(&self, role: &RoleVisitsConfig, path: &str, faults: &mut Faults) {
        let stays =
            [("arrives_h", role.arrives_h.is_some()), ("stay_min", role.stay_min.is_some()), ("stay_sd_min", role.stay_sd_min.is_some())];
        let rides = [("from", &role.from), ("to", &role.to)];
        let Some(line) = &self.line else {
            for (key, _) in rides.iter().filter(|(_, stop)| stop.is_some()) {
                faults.push(format!("{path}.{key}"), "a ride without a line", "add line with its stops, or use arrives_h and stay_min");
            }
            for (key, _) in stays[..2].iter().filter(|(_, is_stated)| !is_stated) {
                faults.push(path, format!("key {key} is missing"), format!("state {key}"));
            }
            return check_stay(role, path, faults);
        };
        for (key, _) in stays.iter().filter(|(_, is_stated)| *is_stated) {
            faults.push(format!("{path}.{key}"), "on a line people ride from stop to stop", "use from and to, or take line out");
        }
        let names = || line.stops.iter().map(|stop| stop.name.as_str());
        for (key, stop) in rides {
            match stop {
                None => faults.push(path, format!("key {key} is missing"), format!("state {key}, a stop of the line")),
                Some(stop) if line.stop(stop).is_none() => {
                    faults.push(format!("{path}.{key}"), "the line has no such stop", use_one_of(stop, names()));
                }
                Some(_) => {}
            }
        }
        if let Some((from, to)) = self.ride(role).filter(|(from, to)| to <= from) {
            let later = names().skip(from + 1).collect::<Vec<_>>().join(", ");
            let remedy = if later.is_empty() { "let them board before the last stop".into() } else { format!("use one of {later}") };
            let problem = if from == to { "where they board" } else { "before they board" };
            faults.push(format!("{path}.to"), problem, remedy);
        }
    }

    fn fullest(&self) -> Option<Fullest> {
        let sections = self.line.as_ref()?.stops.len() - 1;
        let people = |stop: usize| {
            let there = self.roles.iter().filter(|role| self.ride(role).is_some_and(|(from, to)| (from..to).contains(&stop)));
            there.map(|role| f64::from(role.people) * role.comes_share).sum()
        };
        // The first of several.
        let all = (0..sections).rev().map(|stop| Fullest { stop, people: people(stop) });
        all.max_by(|a, b| a.people.total_cmp(&b.people))
    }

    /// These visits with the shares that come scaled to the congestion, at a nominal load of so many people.
    #[must_use]
    pub fn at_congestion(&self, nominal_people: Option<u32>) -> Self {
        let mut scaled = self.clone();
        if let (Some(congestion), Some(nominal_people), Some(fullest)) = (self.congestion, nominal_people, self.fullest()) {
            let factor = congestion * f64::from(nominal_people) / fullest.people;
            scaled.roles.iter_mut().for_each(|role| role.comes_share *= factor);
        }
        scaled
    }

    /// Finds a congestion that cannot be in venues of a kind with this nominal load.
    pub fn check_congestion(&self, path: &str, kind: &str, nominal_people: Option<u32>, faults: &mut Faults) {
        let (Some(congestion), Some(line), Some(fullest)) = (self.congestion, &self.line, self.fullest()) else { return };
        let path = format!("{path}.congestion");
        let Some(nominal_people) = nominal_people else {
            let problem = format!("the kind {kind} does not say how many people are its nominal load");
            return faults.push(path, problem, "add nominal_people to the kind, or take congestion out");
        };
        if fullest.people <= 0.0 {
            return faults.push(path, "nobody rides", "give a role with a comes_share above 0");
        }
        let highest = self.at_congestion(Some(nominal_people)).roles.iter().map(|role| role.comes_share).fold(0.0, f64::max);
        // All of a role may come, and rounding is no fault.
        if highest > 1.0 + 1e-9 {
            let (needed, most) = (congestion * f64::from(nominal_people), congestion * f64::from(nominal_people) / highest);
            let [from, to] = [0, 1].map(|step| &line.stops[fullest.stop + step].name);
            let problem = format!("{needed:.0} people are needed between {from} and {to}, and on average at most {most:.0} come");
            let there: u32 = self.roles.iter().map(|role| role.people).sum();
            let enough: f64 = self.roles.iter().map(|role| (f64::from(role.people) * highest - 1e-6).ceil()).sum();
            faults.push(
                path,
                problem,
                format!("have {enough} people in the roles of a venue, where there are {there}, {highest:.2} times as many in each"),
            );
        }
    }
}

fn check_stay(role: &RoleVisitsConfig, path: &str, faults: &mut Faults) {
    if role.arrives_h.is_some_and(|[from_h, to_h]| !(0.0..24.0).contains(&from_h) || !(from_h..24.0).contains(&to_h)) {
        faults.push(format!("{path}.arrives_h"), "not a span of a day", "give two hours from 0 to below 24, the earlier first");
    }
    if role.stay_min.is_some_and(|stay_min| stay_min - 2.0 * role.stay_sd_min.unwrap_or(0.0) < 1.0) {
        faults.push(format!("{path}.stay_sd_min"), "a stay could come to less than a minute", "use at most half of stay_min less 1");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stops at 8:00, 8:12 and 8:21, and roles by people, share and stops.
    fn line(congestion: Option<f64>, roles: &[(u32, f64, &str, &str)]) -> VenueVisitsConfig {
        let stop = |(name, at_h): (&str, f64)| StopConfig { name: name.into(), at_h };
        let role = |(people, comes_share, from, to): &(u32, f64, &str, &str)| RoleVisitsConfig {
            role: "rider".into(),
            people: *people,
            comes_share: *comes_share,
            weekdays_only: true,
            arrives_h: None,
            stay_min: None,
            stay_sd_min: None,
            from: Some((*from).into()),
            to: Some((*to).into()),
            group_shares: Vec::new(),
        };
        VenueVisitsConfig {
            kind: "x".into(),
            number: 1,
            line: Some(LineConfig { stops: [("A", 8.0), ("B", 8.2), ("C", 8.35)].map(stop).into() }),
            congestion,
            roles: roles.iter().map(role).collect(),
        }
    }

    #[test]
    fn a_ride_is_from_stop_to_stop_to_the_second() {
        let rides = line(None, &[(1, 1.0, "A", "B"), (1, 1.0, "B", "C"), (1, 1.0, "A", "C")]);
        let when: Vec<When> = rides.roles.iter().filter_map(|role| rides.when(role)).collect();
        let ride = |from_s, to_s| When::Rides { from_s, to_s };
        assert_eq!(when, [ride(28_800, 29_520), ride(29_520, 30_060), ride(28_800, 30_060)]);
        assert_eq!(when[2].middle_s(), 29_430);
        let stays = When::Stays { arrives_h: [8.0, 9.0], stay_min: 60.0, stay_sd_min: 0.0 };
        assert_eq!(stays.middle_s(), 9 * 3600);
    }

    /// Of 40, 20 and 10 there are 20 + 10 before B on average, and 10 + 10 after it: at 60 % of 40 each share is 0.8 of what it was.
    #[test]
    fn the_fullest_section_is_as_full_as_stated() {
        let rides = line(Some(0.6), &[(40, 0.5, "A", "B"), (20, 0.5, "A", "C"), (10, 1.0, "B", "C")]);
        let shares = |of: &VenueVisitsConfig| of.roles.iter().map(|role| role.comes_share).collect::<Vec<_>>();
        assert_eq!(shares(&rides.at_congestion(Some(40))), [0.4, 0.4, 0.8]);
        assert_eq!(shares(&line(None, &[(40, 0.5, "A", "B")]).at_congestion(Some(40))), [0.5]);
        assert_eq!(shares(&rides.at_congestion(None)), shares(&rides));
    }

    fn faults(rides: &VenueVisitsConfig, nominal_people: Option<u32>) -> Vec<String> {
        let mut faults = Faults::default();
        rides.check_congestion("v", "x", nominal_people, &mut faults);
        faults.0.iter().map(|fault| format!("{}: {}; {}", fault.path, fault.problem, fault.remedy)).collect()
    }

    /// 60 come on average where 75 are needed: of the 10 who always come 12.5 would have to.
    #[test]
    fn more_than_all_cannot_come() {
        let of = |congestion: f64, share: f64| line(Some(congestion), &[(100, share, "A", "B"), (10, 2.0 * share, "A", "C")]);
        assert_eq!(faults(&of(1.5, 0.5), Some(40)), [""; 0]);
        assert_eq!(
            faults(&of(1.875, 0.5), Some(40)),
            ["v.congestion: 75 people are needed between A and B, and on average at most 60 come; \
              have 138 people in the roles of a venue, where there are 110, 1.25 times as many in each"]
        );
        assert!(faults(&of(1.0, 0.0), Some(40))[0].contains("nobody rides"));
        assert!(faults(&of(1.0, 0.5), None)[0].contains("the kind x does not say how many people are its nominal load"));
    }
}
