//! Meetings played by hand and at random: who stands where, walks how fast, and appears.

use proptest::prelude::*;

use super::{
    super::{
        layout::CONTACT_RANGE_M,
        replay::tests::config,
        tracks::{Leg, Step},
    },
    *,
};
use crate::{
    math,
    random::{Seed, Stream},
};

struct Played {
    meetings: Vec<Meeting>,
    steps: Vec<Vec<Step>>,
    appears: Vec<bool>,
    drawn: Vec<Drawn>,
}

/// Plays meetings `(a, b, start_s, end_s)` of people who are in the hall from 0 to 5000 s.
fn play(people: usize, meetings: &[(u32, u32, i64, i64)]) -> Played {
    let keyed = Keyed::new(Seed(3), Stream::Replay);
    let mut meetings: Vec<Meeting> = meetings.iter().map(|&(a, b, start_s, end_s)| Meeting { a, b, start_s, end_s }).collect();
    meetings.sort_unstable_by_key(|m| (m.start_s, m.a, m.b));
    let hall = Hall::new(people, people, 2.0, "office", Vec::new());
    let place_of: Vec<usize> = (0..people).collect();
    let presences = vec![vec![Presence { start_s: 0, end_s: 5000 }]; people];
    let Choreography { tracks, appears } = choreograph(&meetings, &presences, &hall, &place_of, &config(), keyed);
    let drawn = meetings.iter().map(|m| draw(m, &config(), keyed)).collect();
    Played { meetings, steps: tracks.into_iter().map(|t| t.steps).collect(), appears, drawn }
}

impl Played {
    fn step(&self, person: u32, t_s: f64) -> &Step {
        self.steps[person as usize].iter().find(|s| s.start_s as f64 <= t_s && t_s < s.end_s as f64).expect("somebody present")
    }

    fn apart_m(&self, a: u32, b: u32, t_s: f64) -> f64 {
        distance_m(self.step(a, t_s).at(t_s), self.step(b, t_s).at(t_s))
    }

    /// Whether a pair has a meeting at a moment.
    fn meets(&self, a: u32, b: u32, t_s: f64) -> bool {
        self.meetings.iter().any(|m| (m.a, m.b) == (a.min(b), a.max(b)) && m.start_s as f64 <= t_s && t_s < m.end_s as f64)
    }
}

#[test]
fn drawn_distances_keep_to_the_range() {
    let keyed = Keyed::new(Seed(1), Stream::Replay);
    let drawn = (0..2000).map(|start_s| draw(&Meeting { a: 1, b: 2, start_s, end_s: start_s + 20 }, &config(), keyed).distance_m);
    let (low, sum, high) = drawn.fold((f64::MAX, 0.0, 0.0f64), |(low, sum, high), d| (d.min(low), sum + d, d.max(high)));
    assert!(low >= 0.4 && high < 1.5 && (sum / 2000.0 - 0.9).abs() < 0.02, "{low} {sum} {high}");
}

#[test]
fn two_alone_stand_at_one_drawn_distance_face_to_face_for_the_whole_record() {
    let played = play(4, &[(0, 1, 1000, 1900), (0, 1, 2000, 2300)]);
    for (m, drawn) in played.meetings.iter().zip(&played.drawn) {
        for t_s in m.start_s..m.end_s {
            let t_s = t_s as f64 + 0.5;
            assert!((played.apart_m(0, 1, t_s) - drawn.distance_m).abs() < 1e-6);
            let (a, b) = (played.step(0, t_s), played.step(1, t_s));
            assert!(a.is_still() && b.is_still());
            for (from, to) in [(a, b), (b, a)] {
                let (p, q) = (from.at(t_s), to.at(t_s));
                let off_rad = math::atan2(q[1] - p[1], q[0] - p[0]) - from.facing_rad;
                assert!(math::cos(off_rad) > 0.0, "each faces the other, 20 degrees of spread allowed");
            }
        }
    }
    assert!(played.drawn[0].distance_m != played.drawn[1].distance_m, "one draw a meeting");
    // Who alternates with longer gaps moves: each at the own place meanwhile.
    assert_eq!((played.step(0, 1950.0).leg, played.step(1, 1950.0).leg), (Leg::Own, Leg::Own));
    assert!(played.apart_m(0, 1, 1950.0) >= 2.0);
}

#[test]
fn a_chain_that_has_passed_leaves_nobody_on_its_circle() {
    // Neighbours link all of 30 for a moment; afterwards pairs of another order meet.
    let mut meetings: Vec<(u32, u32, i64, i64)> = (0..29).map(|i| (i, i + 1, 20 * i64::from(i) + 100, 20 * i64::from(i) + 140)).collect();
    meetings.extend((0..15).map(|i| (i, i + 15, 900, 2100)));
    let played = play(30, &meetings);
    for i in 0..15 {
        let index = played.meetings.iter().position(|m| (m.a, m.b, m.start_s) == (i, i + 15, 900)).expect("it is there");
        assert!((played.apart_m(i, i + 15, 1000.0) - played.drawn[index].distance_m).abs() < 1e-6);
    }
}

#[test]
fn a_third_comes_to_a_pair_and_stands_apart_from_whom_it_has_no_record_with() {
    let played = play(5, &[(0, 1, 1000, 1600), (0, 2, 1200, 1400)]);
    for t_s in 1000..1600 {
        let t_s = f64::from(t_s) + 0.5;
        assert!(played.apart_m(0, 1, t_s) <= CONTACT_RANGE_M);
        if (1200.0..1400.0).contains(&t_s) {
            assert!(played.apart_m(0, 2, t_s) <= CONTACT_RANGE_M && played.apart_m(1, 2, t_s) > CONTACT_RANGE_M, "at {t_s}");
        }
    }
}

#[test]
fn two_pairs_who_join_walk_together_and_nobody_appears() {
    let played = play(6, &[(0, 2, 1000, 1600), (1, 3, 1000, 1600), (0, 1, 1300, 1320)]);
    assert!(played.appears.iter().all(|appears| !appears));
    for t_s in 1000..1600 {
        let t_s = f64::from(t_s) + 0.5;
        assert!(played.apart_m(0, 2, t_s) <= CONTACT_RANGE_M && played.apart_m(1, 3, t_s) <= CONTACT_RANGE_M);
        assert!(!(1300.0..1320.0).contains(&t_s) || played.apart_m(0, 1, t_s) <= CONTACT_RANGE_M);
    }
    assert!(played.apart_m(0, 1, 1200.0) > CONTACT_RANGE_M && played.apart_m(0, 1, 1500.0) > CONTACT_RANGE_M);
}

#[test]
fn who_has_no_time_for_the_way_appears_and_is_counted() {
    let played = play(40, &[(0, 20, 100, 101), (10, 30, 100, 101), (0, 10, 101, 121), (5, 6, 300, 400)]);
    let index = |a, b| played.meetings.iter().position(|m| (m.a, m.b) == (a, b)).expect("it is there");
    assert!(played.appears[index(0, 10)] && !played.appears[index(5, 6)]);
    assert!(played.apart_m(0, 10, 110.0) <= CONTACT_RANGE_M);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// However wild the records: everybody is somewhere at every moment, walks no faster than 2 m/s, jumps only where it
    /// is counted, and stands within range of whom they have a record with, but where a dense group cannot.
    #[test]
    fn records_hold_and_nobody_runs(raw in prop::collection::vec((0..8u32, 1..8u32, 10..120i64, 1..12i64), 0..60)) {
        let mut slots = std::collections::BTreeSet::new();
        for (a, d, start, length) in raw {
            let b = (a + d) % 9;
            if a != b {
                slots.extend((start..start + length).map(|k| (a.min(b), a.max(b), k)));
            }
        }
        let mut meetings: Vec<(u32, u32, i64, i64)> = Vec::new();
        for (a, b, k) in slots {
            match meetings.last_mut() {
                Some(m) if (m.0, m.1, m.3) == (a, b, 20 * k) => m.3 += 20,
                _ => meetings.push((a, b, 20 * k, 20 * k + 20)),
            }
        }
        let played = play(9, &meetings);
        for (person, steps) in (0u32..).zip(&played.steps) {
            let mut at_s = None;
            for (last, next) in steps.iter().zip(steps.iter().skip(1)) {
                prop_assert_eq!(last.end_s, next.start_s);
                if distance_m(last.to, next.from) > 1e-6 {
                    let t_s = next.start_s as f64;
                    let counted = played.meetings.iter().zip(&played.appears).any(|(m, appears)| {
                        *appears && (m.a == person || m.b == person) && m.start_s as f64 <= t_s && t_s < m.end_s as f64
                    });
                    prop_assert!(counted, "{person} jumps at {t_s}");
                }
            }
            for s in steps {
                at_s.get_or_insert(s.start_s);
                prop_assert!(s.start_s < s.end_s && distance_m(s.from, s.to) <= 2.0 * (s.end_s - s.start_s) as f64 + 1e-6);
            }
            prop_assert!(steps.is_empty() || (at_s, steps[steps.len() - 1].end_s) == (Some(0), 5000));
        }
        let (mut all, mut kept) = (0, 0);
        for &(a, b, start_s, end_s) in &meetings {
            for t_s in start_s..end_s {
                all += 1;
                kept += i32::from(played.apart_m(a, b, t_s as f64 + 0.5) <= CONTACT_RANGE_M);
            }
        }
        prop_assert!(f64::from(kept) >= 0.97 * f64::from(all), "{kept} of {all}");
    }
}

#[test]
fn those_alone_keep_their_distance_from_everybody_who_stands() {
    let mut meetings = vec![(0, 1, 1000, 1600), (2, 3, 1000, 1300), (1, 2, 1200, 1400), (4, 5, 1100, 1200)];
    meetings.extend((6..13).map(|a| (a, a + 7, 4000, 4100)));
    let played = play(20, &meetings);
    for t_s in (0..5000).step_by(7) {
        let t_s = f64::from(t_s) + 0.5;
        for a in 0..20 {
            for b in 0..a {
                let both_still = played.step(a, t_s).is_still() && played.step(b, t_s).is_still();
                if both_still && (played.step(a, t_s).leg == Leg::Own || played.step(b, t_s).leg == Leg::Own) {
                    assert!(played.apart_m(a, b, t_s) >= 2.0 && !played.meets(a, b, t_s));
                }
            }
        }
    }
}
