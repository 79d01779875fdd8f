//! A working day of a city's people as input for benches, and how full its venues become.

use cocoasim::{
    city::{self, CityKinds},
    faults::Faults,
    ids::PersonId,
    mobility::{Movement, Visit},
    population::People,
    random::Seed,
    scenario::{Loaded, SourceArgs, open},
    time::DayJst,
};

/// A city and its first day, a Monday.
pub struct City {
    pub loaded: Loaded,
    pub people: People,
    pub movement: Movement,
    pub day: DayJst,
}

impl City {
    /// The city of the scenario `city`, of so many people.
    pub fn of(people: u32) -> Self {
        let sets = vec![format!("population.people={people}")];
        let loaded = open(&SourceArgs { scenario: "city".into(), sets, ..SourceArgs::default() }).expect("the scenario has no fault");
        let (scenario, seed, mut faults) = (&loaded.scenario, Seed(1), Faults::default());
        let people = People::city(people, &scenario.population, &scenario.phones, seed);
        let kinds = CityKinds::new(|name| loaded.kinds.named(name), &mut faults).expect("the kinds have no fault");
        let movement = city::movement(&scenario.mobility, kinds, &scenario.venue.materials(&mut faults), &people, seed).expect("a city");
        let day = scenario.first_day().expect("the scenario names its first day");
        Self { loaded, people, movement, day }
    }

    /// Everybody's visits of the day, by (person, start), in place of those that `out` had.
    pub fn visits(&self, out: &mut Vec<Visit>) {
        out.clear();
        (0..self.people.len() as u32).for_each(|i| self.movement.visits(PersonId(i), self.day, false, out));
    }
}

/// What a day's visits come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crowds {
    /// Of each venue the most people who were there at once.
    pub most: Vec<u32>,
    /// Person-seconds of all visits.
    pub stayed_s: i64,
}

/// Goes through the visits of each venue in order of time. Whoever leaves in a second is gone before others come.
pub fn crowds(visits: &[Visit], venues: usize) -> Crowds {
    let mut first = vec![0u32; venues + 1];
    visits.iter().for_each(|visit| first[visit.venue.index() + 1] += 1);
    (0..venues).for_each(|venue| first[venue + 1] += first[venue]);
    // Moments and numbers of visits in one word each, which are put in order faster than visits.
    let from_s = visits.iter().map(|visit| visit.start_s).min().unwrap_or(0);
    let moment = |at_s: i64, visit: usize| ((at_s - from_s) as u64) << 32 | visit as u64;
    let (mut next, mut comes, mut goes) = (first.clone(), vec![0u64; visits.len()], vec![0u64; visits.len()]);
    for (i, visit) in visits.iter().enumerate() {
        let at = &mut next[visit.venue.index()];
        (comes[*at as usize], goes[*at as usize]) = (moment(visit.start_s, i), moment(visit.end_s, i));
        *at += 1;
    }
    let mut found = Crowds { most: vec![0; venues], stayed_s: 0 };
    for (venue, most) in found.most.iter_mut().enumerate() {
        let of_venue = first[venue] as usize..first[venue + 1] as usize;
        let (comes, goes) = (&mut comes[of_venue.clone()], &mut goes[of_venue]);
        comes.sort_unstable();
        goes.sort_unstable();
        let (mut there, mut gone) = (0u32, 0);
        for come in comes.iter() {
            while goes[gone] >> 32 <= come >> 32 {
                let visit = &visits[goes[gone] as u32 as usize];
                found.stayed_s += visit.end_s - visit.start_s;
                (there, gone) = (there - 1, gone + 1);
            }
            there += 1;
            *most = (*most).max(there);
        }
        found.stayed_s += goes[gone..].iter().map(|go| &visits[*go as u32 as usize]).map(|visit| visit.end_s - visit.start_s).sum::<i64>();
    }
    found
}
