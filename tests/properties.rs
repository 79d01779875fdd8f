//! Invariants that hold for any seed and day, through the library's public face.

use std::collections::BTreeMap;

use cocoasim::{
    encounter::{Barriers, Ranges, Segment, Sight},
    ids::PersonId,
    mobility::{Movement, Stance},
    population::People,
    radio::RadioModel,
    random::Seed,
    scenario::{Loaded, SourceArgs, open},
    truth::{Measure, Touch},
    venue::VenueKind,
};
use proptest::prelude::*;

#[expect(dead_code, reason = "each test uses its part")]
#[path = "support/floor.rs"]
mod floor;
use floor::all_pairs;

#[expect(dead_code, reason = "each test uses its part")]
#[path = "support/kinds.rs"]
mod kinds;

fn office() -> Loaded {
    open(&SourceArgs { scenario: "office".into(), ..SourceArgs::default() }).expect("the office scenario has no fault")
}

fn generated(loaded: &Loaded, seed: u64) -> (People, Movement) {
    let people = People::generate(&loaded.scenario.population, &loaded.scenario.phones, Seed(seed));
    let generated = kinds::generated(loaded, &people, seed);
    (people, generated)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Everybody is somewhere at most once at any time; visits and stances tell the same; midnight moves nobody.
    #[test]
    fn people_are_in_one_place_at_a_time(seed in any::<u64>(), offset in 0..40i32, home in any::<bool>()) {
        let loaded = office();
        let scenario = &loaded.scenario;
        let (people, generated) = generated(&loaded, seed);
        let stays_home = vec![home; people.len()];
        let day = scenario.first_day().expect("a date").plus_days(offset);
        let plan = generated.day(day, &stays_home);
        let (day_s, end_s) = (day.start().0, day.end().0);
        let mut of_person: BTreeMap<PersonId, Vec<(Stance, u32)>> = BTreeMap::new();
        for venue_day in &plan.venue_days {
            prop_assert!(venue_day.stances.is_sorted_by_key(|s| (s.person, s.start_s)));
            for s in &venue_day.stances {
                prop_assert!(day_s <= s.start_s && s.start_s < s.end_s && s.end_s <= end_s);
                of_person.entry(s.person).or_default().push((*s, venue_day.venue.0));
            }
        }
        prop_assert_eq!(of_person.len(), people.len());
        for (person, stances) in &mut of_person {
            stances.sort_by_key(|(s, _)| s.start_s);
            for pair in stances.windows(2) {
                prop_assert!(pair[0].0.end_s <= pair[1].0.start_s, "person {} is in two places", person.0);
                // Within a venue, one pose begins where the last one ended.
                if pair[0].1 == pair[1].1 && pair[0].0.end_s == pair[1].0.start_s && pair[0].1 == 0 {
                    prop_assert!(pair[0].0.to.distance_m(pair[1].0.from) < 1.0, "person {} jumps", person.0);
                }
            }
            let visited: i64 = plan.visits.iter().filter(|v| v.person == *person).map(|v| v.end_s - v.start_s).sum();
            let posed: i64 = stances.iter().map(|(s, _)| s.end_s - s.start_s).sum();
            prop_assert_eq!(visited, posed);
        }
        let next = generated.day(day.plus_days(1), &stays_home);
        let mut moved = Vec::new();
        for venue_day in &next.venue_days {
            for s in venue_day.stances.iter().filter(|s| s.start_s == end_s) {
                let (last, _) = of_person[&s.person].last().expect("somebody with a next day has this day");
                if last.end_s == end_s && (last.to != s.from || last.episode != s.episode) {
                    moved.push(s.person);
                }
            }
        }
        // Bed times are drawn to the second: of 327 people one may go to bed at the very stroke of midnight.
        prop_assert!(moved.len() <= 3, "midnight moved {:?}", moved);
    }

    /// Contact time is symmetric in definition: it never exceeds the time together, grows with the radius, and walls only
    /// take from it.
    #[test]
    fn contact_time_grows_with_the_radius(seed in any::<u64>(), radius_m in 0.3..3.0f64) {
        let loaded = office();
        let (people, generated) = generated(&loaded, seed);
        let mut scenario = loaded.scenario;
        let day = scenario.first_day().expect("a date");
        let plan = generated.day(day, &vec![false; people.len()]);
        let venue_day = &plan.venue_days[0];
        let floor = &generated.plans()[0];
        let ranges = Ranges { people_m: 30.0, phones_m: 30.0 };
        let found = all_pairs(&venue_day.stances, ranges, |_| true);
        let codes: Vec<u16> = (1..=scenario.venue.materials.len() as u16).collect();
        let radio = RadioModel::new(&scenario.radio, Seed(seed));
        let mut measure = |radius_m: f64| {
            scenario.truth.radius_m = radius_m;
            let measure = Measure { config: &scenario.truth, near_m: 3.0, phone_offset: radio.phone_offsets(), barrier_codes: &codes };
            let touch = |(_, segments): &(_, Vec<Segment>)| {
                let mut touch = Touch::default();
                measure.pair(VenueKind::OFFICE, day.end().0, &venue_day.stances, segments, &mut Sight::new(floor, &Barriers::of(floor)), &mut touch);
                touch
            };
            found.iter().map(touch).collect::<Vec<_>>()
        };
        let (small, large) = (measure(radius_m), measure(radius_m * 1.3));
        for ((s, l), (_, segments)) in small.iter().zip(&large).zip(&found) {
            let together_s: i64 = segments.iter().map(|x| x.end_s - x.start_s).sum();
            for (s, l) in s.halves.iter().zip(&l.halves) {
                prop_assert!(s.within_s <= l.within_s + 1e-6);
                prop_assert!(s.within_s <= s.within_ignoring_walls_s + 1e-6);
                prop_assert!(l.within_s <= together_s as f64 + 1e-6);
                prop_assert!(s.within_s == 0.0 || s.min_distance_m <= radius_m + 1e-9);
            }
        }
    }

    /// A phone is heard less far where attenuation grows faster or starts higher.
    #[test]
    fn reach_falls_with_attenuation(level_db in 0.0..15.0f32, exponent in 0.0..1.5f32) {
        let scenario = office().scenario;
        let mut worse = scenario.radio.clone();
        let environment = worse.environments.get_mut("office").expect("the office");
        environment.level_at_1m_db += level_db;
        environment.exponent += exponent;
        let reach = |config| {
            let radio = RadioModel::new(config, Seed(1));
            radio.reach_m(radio.environment_named("office").expect("the office"), 75.0)
        };
        prop_assert!(reach(&worse) <= reach(&scenario.radio) * 1.001);
    }
}
