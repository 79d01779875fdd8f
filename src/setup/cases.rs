//! Who the cases are: those that the scenario states, and those drawn by its incidence.

use crate::{
    authority::{CaseConfig, CaseHistory, Incidence},
    faults::Faults,
    history::Timeline,
    ids::PersonId,
    population::{Hands, People},
    random::Seed,
    scenario::ScenarioFile,
    time::{DAY_S, DayJst, UnixSeconds},
};

use super::installation::Uses;

/// Names the draws of a drawn case, whose number may differ between runs of more or fewer days: by person, above all numbers of stated cases.
const DRAWN: u32 = 1 << 31;

/// What decides about cases.
pub(super) struct Cases<'a> {
    pub scenario: &'a ScenarioFile,
    pub people: &'a People,
    pub uses: &'a Uses,
    pub hands: &'a Hands,
    pub timeline: &'a Timeline,
    /// From when until when messages wait in a backlog, Unix seconds, if they do.
    pub sms_backlog_s: Option<(i64, i64)>,
    /// The scenario's first day, from which stated cases count their days.
    pub first_day: DayJst,
    /// The first and the last simulated day.
    pub simulated: (DayJst, DayJst),
    pub seed: Seed,
}

impl Cases<'_> {
    /// All of them: those stated in their order, then those drawn by (infection, person).
    pub fn all(&self, faults: &mut Faults) -> Vec<(PersonId, CaseHistory)> {
        let mut cases = self.stated(faults);
        cases.extend(self.drawn(&cases, faults));
        cases
    }

    fn history(&self, case: &CaseConfig, draws: u32) -> CaseHistory {
        CaseHistory::draw(&self.scenario.authority, case, draws, self.first_day, (self.timeline, self.sms_backlog_s), self.seed)
    }

    fn stated(&self, faults: &mut Faults) -> Vec<(PersonId, CaseHistory)> {
        let Self { scenario, people, .. } = self;
        let mut cases: Vec<(PersonId, CaseHistory)> = Vec::new();
        for (i, case) in scenario.authority.cases.iter().enumerate() {
            match people.label.binary_search(&case.person) {
                Ok(person) => {
                    let is_other = |p: usize| {
                        cases.iter().any(|(case, _)| case.index() == p)
                            || scenario.authority.cases.iter().any(|case| !case.has_app && case.person == people.label[p])
                            || scenario.authority.guessing.iter().any(|guessing| guessing.person == people.label[p])
                    };
                    let history = self.history(case, i as u32);
                    // On whose own phone the app is in use when the result comes.
                    let result = UnixSeconds(history.result_s);
                    let is_used = |phone: PersonId| people.bluetooth_on[phone.index()] && self.uses.on(phone, result.day_jst()).is_some();
                    let takes_part = |i: usize| self.hands.own(PersonId(i as u32), result.day_utc()).is_some_and(is_used);
                    let person = if case.has_app { next_with_app((person, people.len()), takes_part, is_other) } else { person };
                    cases.push((PersonId(person as u32), history));
                }
                Err(_) => {
                    let last = people.label.last().copied().unwrap_or(0);
                    faults.push(
                        format!("authority.cases[{i}].person"),
                        "nobody has this number",
                        format!("use a number of the people table, at most {last}"),
                    );
                }
            }
        }
        cases
    }

    /// Cases infected before the run ends, as far as something of them is left when it begins: those reported before who stay home, those
    /// reported on its days, and those reported later. So a run of more days has the same cases and others after them.
    fn drawn(&self, stated: &[(PersonId, CaseHistory)], faults: &mut Faults) -> Vec<(PersonId, CaseHistory)> {
        let authority = &self.scenario.authority;
        let gamma = (authority.onset_to_result_mean_days, authority.onset_to_result_shape);
        let Some(incidence) = Incidence::new(&authority.incidence, gamma, self.seed) else { return Vec::new() };
        let (first, last) = self.simulated;
        incidence.check_days(first..=last, faults);
        let from = first.plus_days(-(authority.isolation_s() / DAY_S) as i32 - 1);
        let until = last.plus_days(incidence.longest_delay_days() + authority.incubation_days.ceil() as i32);
        let is_taken = |person: PersonId| {
            stated.iter().any(|(case, _)| *case == person)
                || authority.guessing.iter().any(|guessing| guessing.person == self.people.label[person.index()])
        };
        let reported = incidence.draw(&self.people.age_years, from..=until, faults);
        let cases = reported.into_iter().filter(|case| !is_taken(case.person)).map(|case| {
            let stated = CaseConfig {
                person: self.people.label[case.person.index()],
                has_app: false,
                onset_day: case.onset.0 - self.first_day.0,
                result_day: Some(case.reported.0 - self.first_day.0),
                registers: authority.incidence.registers,
            };
            (case.person, self.history(&stated, DRAWN | case.person.0))
        });
        let mut cases: Vec<_> = cases.filter(|(_, history)| history.infected_s < last.end().0).collect();
        cases.sort_by_key(|(person, history)| (history.infected_s, *person));
        cases
    }
}

/// The first person from a number on, round to the lowest of so many, whose phone takes part and who is no other case; the person of that
/// number where there is none.
fn next_with_app((person, number): (usize, usize), takes_part: impl Fn(usize) -> bool, is_other: impl Fn(usize) -> bool) -> usize {
    (person..person + number).map(|i| i % number).find(|&i| takes_part(i) && !is_other(i)).unwrap_or(person)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{faults::short, setup::Setup};

    fn cases(sets: &[&str]) -> (Setup, Vec<u32>) {
        let setup = Setup::of_office(sets);
        let persons = setup.cases.iter().map(|(person, _)| person.0).collect();
        (setup, persons)
    }

    /// Whatever a seed draws, the office's story is about people whom the app can find.
    #[test]
    fn the_offices_cases_have_the_app_in_every_world() {
        for seed in 1..=8 {
            let (setup, persons) = cases(&[&format!("run.seed={seed}")]);
            assert!(persons.iter().all(|&p| setup.runs(PersonId(p), setup.first_day.start().day_utc())), "seed {seed}: {persons:?}");
            assert!(persons.windows(2).all(|two| two[0] != two[1]) && persons[0] != persons[2]);
        }
    }

    #[test]
    fn a_case_with_the_app_is_the_next_that_has_it_and_is_no_other_case() {
        let next =
            |person: usize, runs: [u8; 5], others: &[usize]| next_with_app((person, runs.len()), |i| runs[i] == 1, |p| others.contains(&p));
        assert_eq!(next(1, [1, 1, 0, 1, 1], &[]), 1);
        assert_eq!(next(2, [1, 1, 0, 1, 1], &[]), 3);
        assert_eq!(next(2, [1, 1, 0, 1, 1], &[3, 4]), 0);
        assert_eq!(next(2, [0; 5], &[]), 2);
        let of_named = "authority.cases=[{person=0,has_app=true,onset_day=1},{person=1,onset_day=1}]";
        let (_, persons) = cases(&["phones.adoption=1", "phones.bluetooth_off=0", "phones.smartphone_shares=[1,1,1,1,1,1,1,1]", of_named]);
        assert_eq!(persons, [0, 1]);
    }

    /// Where phones are passed on about once a day, each of two partners has the other's or none when the result comes: a case with the app is
    /// somebody who has one.
    #[test]
    fn a_case_with_the_app_has_it_on_the_phone_that_is_theirs_that_day() {
        let mut sets = vec![
            "population.workers=20".to_string(),
            "population.household_size_shares=[0,1]".into(),
            "phones.adoption=1".into(),
            "phones.bluetooth_off=0".into(),
            "phones.smartphone_shares=[1,1,1,1,1,1,1,1]".into(),
            "phones.passed_on_a_year=366".into(),
        ];
        let of_named: Vec<String> = (0..10).map(|person| format!("{{person={person},has_app=true,onset_day=1}}")).collect();
        sets.push(format!("authority.cases=[{}]", of_named.join(",")));
        let (setup, persons) = cases(&sets.iter().map(String::as_str).collect::<Vec<_>>());
        let world = setup.world();
        let without: Vec<u32> = (0..10).filter(|case| world.case_without_app(*case).is_some()).map(|case| persons[case as usize]).collect();
        assert!(without.is_empty(), "{without:?} of {persons:?}");
        let result_s = setup.cases[0].1.result_s;
        assert!((0..10).any(|person| world.own_phone(PersonId(person), result_s).is_none()), "nobody passed a phone on");
    }

    /// A run of more days has the cases of a shorter one in their order, with the same histories. So has one that begins earlier for its past, but
    /// for people whom chance has reported then already.
    #[test]
    fn drawn_cases_stay_when_a_run_grows() {
        let drawn = |days: u32, warm_up_days: u32| {
            let sets = [
                "population.workers=2000".to_string(),
                "authority.cases=[]".into(),
                format!("authority.incidence.reported_per_100k_a_day={}", short(60.0)),
                format!("run.days={days}"),
                format!("run.warm_up_days={warm_up_days}"),
            ];
            Setup::of_office(&sets.each_ref().map(String::as_str)).cases
        };
        let (short, long, warm) = (drawn(3, 0), drawn(9, 0), drawn(3, 7));
        assert!(short.len() > 30 && long.len() > short.len() + 10 && warm.len() > short.len() + 10);
        assert_eq!(long[..short.len()], short);
        let is_there = |(person, case): &(PersonId, CaseHistory)| {
            let in_warm = warm.iter().find(|(other, _)| other == person);
            in_warm.is_some_and(|(_, other)| other == case || other.result_s < case.result_s)
        };
        assert!(short.iter().all(is_there));
        assert!(short.iter().filter(|case| warm.contains(case)).count() > 9 * short.len() / 10);
    }

    /// Who is stated as a case is drawn no second time, nor is who guesses numbers.
    #[test]
    fn everybody_is_a_case_once() {
        let sets = [
            "population.workers=100",
            "run.days=2",
            "authority.cases=[{person=7,onset_day=0}]",
            "authority.guessing=[{person=8,day=0,tries=1,live_numbers=0}]",
            "authority.incidence.reported_per_100k_a_day=30000",
            "authority.incidence.age_shares=[1,1,1,1,1,1,1,1]",
        ];
        // Of each age as many cases as of any other: ages that few have are reported more often than once a day.
        let (setup, mut persons) = cases(&[&sets[..5], &["authority.incidence.scale=0.2"]].concat());
        assert_eq!((persons[0], persons.contains(&8)), (7, false));
        persons.sort_unstable();
        assert!(persons.windows(2).all(|two| two[0] != two[1]) && persons.len() > setup.people.len() / 2);
    }
}
