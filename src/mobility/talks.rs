//! Who talks to whom on a work floor, and how: in bursts, and mostly with the same few.
//!
//! People wearing badges in offices meet some colleagues day after day and most others hardly ever, and one conversation is many records with
//! gaps of a minute between. So people differ in how gladly they talk, every two have an affinity for good, and a conversation is a
//! number of stretches, most of them short, between which the two stay where they are and one looks away.

use rand::RngExt;

use crate::{
    ids::PersonId,
    math,
    random::{Keyed, KeyedRng, Seed, Stream},
    time::DayJst,
    venue::kind::WorkFloorModel,
};

use super::work::HOUR_S;

/// In place of a day: what is so for good.
const FOR_GOOD: u32 = u32::MAX;
/// No conversation and no number of stretches goes on beyond these, s and 1.
const LONGEST_S: i64 = 4 * HOUR_S;
const MOST_STRETCHES: f64 = 1000.0;

/// What people are to each other, whoever is there on a day.
#[derive(Clone, Copy, Debug)]
struct Acquaintance {
    keyed: Keyed,
    sociability_sd: f64,
    affinity_exponent: f64,
}

impl Acquaintance {
    /// How gladly somebody talks: lognormal, 1 in the middle.
    fn sociability(self, person: PersonId) -> f64 {
        math::exp(self.sociability_sd * self.keyed.rng(person.0, person.0, FOR_GOOD).normal())
    }

    /// How gladly two talk to each other, the same either way: 1 or more, with a Pareto tail.
    fn affinity(self, a: PersonId, b: PersonId) -> f64 {
        let even = 1.0 - self.keyed.uniform(a.0.min(b.0), a.0.max(b.0), FOR_GOOD);
        math::powf(even, -self.affinity_exponent)
    }
}

/// Those present, by department, and how likely each comes to a host.
pub(super) struct Colleagues {
    acquaintance: Acquaintance,
    /// Person, department and sociability, by index.
    present: Vec<(PersonId, u16, f64)>,
    /// Sums of sociability up to each, from 0 on.
    hosts: Vec<f64>,
    /// Indices, by (department, index).
    order: Vec<usize>,
    /// Of each host, once asked for: sums of what draws people to them up to each in `order`, from 0 on.
    guests: Vec<Vec<f64>>,
}

impl Colleagues {
    /// Of who is there, with their departments.
    pub fn of(model: &WorkFloorModel, present: impl Iterator<Item = (PersonId, u16)>, seed: Seed) -> Self {
        let acquaintance = Acquaintance {
            keyed: Keyed::new(seed, Stream::Conversation),
            sociability_sd: model.talk_sociability_sd,
            affinity_exponent: model.talk_affinity_exponent,
        };
        let present: Vec<_> = present.map(|(person, department)| (person, department, acquaintance.sociability(person))).collect();
        let mut order: Vec<usize> = (0..present.len()).collect();
        order.sort_by_key(|&i| present[i].1);
        let hosts = sums(present.iter().map(|(_, _, sociability)| *sociability));
        Self { acquaintance, hosts, order, guests: vec![Vec::new(); present.len()], present }
    }

    /// Who begins a conversation.
    pub fn host(&self, rng: &mut KeyedRng) -> usize {
        drawn(&self.hosts, 0..self.present.len(), rng)
    }

    /// One of `host`'s colleagues: of the own department, or of the others; `None` if there are none.
    pub fn guest(&mut self, host: usize, own: bool, rng: &mut KeyedRng) -> Option<usize> {
        let Self { acquaintance, present, order, guests, .. } = self;
        let (person, department, _) = present[host];
        if guests[host].is_empty() {
            let drawn_to = |&i: &usize| if i == host { 0.0 } else { present[i].2 * acquaintance.affinity(person, present[i].0) };
            guests[host] = sums(order.iter().map(drawn_to));
        }
        let first = order.partition_point(|&i| present[i].1 < department);
        let end = first + order[first..].partition_point(|&i| present[i].1 == department);
        let at = if own {
            (end - first > 1).then(|| drawn(&guests[host], first..end, rng))?
        } else {
            // Those before and those after the department, by the share of each.
            let sums = &guests[host];
            let (before, after) = (sums[first], sums[order.len()] - sums[end]);
            let is_before = (before + after > 0.0).then(|| rng.random::<f64>() * (before + after) < before)?;
            drawn(sums, if is_before { 0..first } else { end..order.len() }, rng)
        };
        Some(order[at]).filter(|guest| *guest != host)
    }
}

/// Sums up to each weight, from 0 on.
fn sums(weights: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sum = 0.0;
    std::iter::once(0.0)
        .chain(weights.map(|weight| {
            sum += weight;
            sum
        }))
        .collect()
}

/// One of these, by weights of which the sums are given.
fn drawn(sums: &[f64], of: std::ops::Range<usize>, rng: &mut KeyedRng) -> usize {
    let (from, to) = (sums[of.start], sums[of.end]);
    let at = from + rng.random::<f64>() * (to - from);
    // Rounding may carry to the end itself.
    (sums.partition_point(|sum| *sum <= at) - 1).clamp(of.start, of.end - 1)
}

/// The stretches of a conversation that begins then, in which the two face each other: those that end in time. Numbers and lengths are
/// Pareto's, pauses are even.
pub(super) fn stretches(model: &WorkFloorModel, start_s: i64, until_s: i64, rng: &mut KeyedRng, out: &mut Vec<(i64, i64)>) {
    out.clear();
    let number = pareto(model.talk_stretches_exponent, rng).min(MOST_STRETCHES) as u32;
    let [shortest_s, longest_s] = model.talk_pause_s;
    let mut at_s = start_s;
    for _ in 0..number {
        let length_s = (model.talk_min_s * pareto(model.talk_tail_exponent, rng)).min(LONGEST_S as f64) as i64;
        if at_s + length_s > until_s.min(start_s + LONGEST_S) {
            break;
        }
        out.push((at_s, at_s + length_s));
        at_s += length_s + (shortest_s + rng.random::<f64>() * (longest_s - shortest_s)) as i64;
    }
}

/// A number of 1 or more whose density falls as it to the minus `exponent`.
fn pareto(exponent: f64, rng: &mut KeyedRng) -> f64 {
    math::powf(rng.random::<f64>().max(1e-6), -1.0 / (exponent - 1.0))
}

/// The draws of one conversation of a venue-day.
pub(super) fn rng_of(seed: Seed, venue: u32, day: DayJst, number: u32) -> KeyedRng {
    Keyed::new(seed, Stream::Conversation).rng(number, venue, day.0 as u32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::venue::kind::{KindConfig, MovementConfig};

    fn model(change: impl FnOnce(&mut WorkFloorModel)) -> WorkFloorModel {
        let kind: KindConfig = toml::from_str(include_str!("../../scenarios/venues/office.toml")).expect("the kind");
        let MovementConfig::WorkFloor(mut model) = kind.roles[0].model.clone() else { panic!("a work floor") };
        change(&mut model);
        model
    }

    fn rng(number: u32) -> KeyedRng {
        rng_of(Seed(5), 0, DayJst(18_500), number)
    }

    proptest! {
        /// Whom a host talks to is one of all who may come, and nobody where nobody may.
        #[test]
        fn guests_are_of_the_department_asked_for(departments in prop::collection::vec(0..5u16, 2..30), seed in any::<u64>()) {
            let present = (0..).map(PersonId).zip(departments.iter().copied());
            let mut colleagues = Colleagues::of(&model(|_| ()), present, Seed(seed));
            for (host, own) in (0..departments.len()).flat_map(|host| [(host, true), (host, false)]) {
                let may = |guest: usize| guest != host && (departments[guest] == departments[host]) == own;
                match colleagues.guest(host, own, &mut rng(host as u32)) {
                    Some(guest) => prop_assert!(may(guest)),
                    None => prop_assert!(!(0..departments.len()).any(may)),
                }
            }
        }
    }

    /// Without spread and affinity all are alike; guests come as often as what draws them says.
    #[test]
    fn guests_come_by_sociability_and_affinity() {
        let present = || (0..10).map(|i| (PersonId(i), 0));
        let shares = |model: &WorkFloorModel| {
            let mut colleagues = Colleagues::of(model, present(), Seed(3));
            let mut shares = [0.0; 10];
            (0..20_000).for_each(|k| shares[colleagues.guest(4, true, &mut rng(k)).expect("nine may come")] += 1.0 / 20_000.0);
            shares
        };
        let alike = model(|model| (model.talk_sociability_sd, model.talk_affinity_exponent) = (0.0, 0.0));
        // 1/9 of 20,000 each, a deviation of 0.0022.
        assert!(shares(&alike).iter().enumerate().all(|(i, share)| (share - f64::from(u8::from(i != 4)) / 9.0).abs() < 0.011));
        let differ = model(|_| ());
        let of = Colleagues::of(&differ, present(), Seed(3)).acquaintance;
        let weight = |i: u32| if i == 4 { 0.0 } else { of.sociability(PersonId(i)) * of.affinity(PersonId(4), PersonId(i)) };
        let sum: f64 = (0..10).map(weight).sum();
        assert!(shares(&differ).iter().zip(0..).all(|(share, i)| (share - weight(i) / sum).abs() < 0.018));
    }

    /// Half of all affinities are under 2, one in ten over 10, one in a hundred over 100; the logarithm of sociability spreads as asked for.
    #[test]
    fn affinity_is_symmetric_and_heavy_tailed() {
        let of = Colleagues::of(&model(|model| model.talk_affinity_exponent = 1.0), std::iter::empty(), Seed(9)).acquaintance;
        let pairs: Vec<(u32, u32)> = (0..150).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
        let each: Vec<f64> = pairs.iter().map(|(a, b)| of.affinity(PersonId(*a), PersonId(*b))).collect();
        assert!(pairs.iter().zip(&each).all(|((a, b), affinity)| of.affinity(PersonId(*b), PersonId(*a)) == *affinity));
        let over = |least: f64| each.iter().filter(|affinity| **affinity > least).count() as f64 / each.len() as f64;
        for (least, share) in [(2.0, 0.5), (10.0, 0.1), (100.0, 0.01)] {
            // Of 11,175 pairs.
            let deviation = (share * (1.0 - share) / each.len() as f64).sqrt();
            assert!((over(least) - share).abs() < 5.0 * deviation, "{least}: {}", over(least));
        }
        let logs: Vec<f64> = (0..2000).map(|i| math::ln(of.sociability(PersonId(i)))).collect();
        let spread = (logs.iter().map(|log| log * log).sum::<f64>() / 2000.0).sqrt();
        assert!((spread / of.sociability_sd - 1.0).abs() < 0.08, "{spread}");
    }

    #[test]
    fn stretches_follow_each_other_with_pauses_and_end_in_time() {
        let model = model(|model| (model.talk_min_s, model.talk_pause_s) = (7.0, [30.0, 90.0]));
        let (mut of, mut numbers, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
        for k in 0..4000 {
            stretches(&model, 1000, i64::MAX, &mut rng(k), &mut of);
            let whole = of.clone();
            assert!(of.windows(2).all(|two| (30..=90).contains(&(two[1].0 - two[0].1))) && of.iter().all(|(from, to)| to - from >= 7));
            numbers.push(of.len());
            lengths.extend(of.iter().map(|(from, to)| to - from));
            stretches(&model, 1000, 1300, &mut rng(k), &mut of);
            assert_eq!(of, whole[..of.len()], "the same, cut");
            assert!(of.last().is_none_or(|last| last.1 <= 1300) && whole.get(of.len()).is_none_or(|next| next.1 > 1300));
        }
        // P(number >= 2) = 2^-(exponent - 1), P(length >= 14) = 2^-(exponent - 1): of 4000 and more, to five deviations.
        let over = |exponent: f64| math::powf(2.0, 1.0 - exponent);
        let many = numbers.iter().filter(|number| **number >= 2).count() as f64 / numbers.len() as f64;
        assert!((many - over(model.talk_stretches_exponent)).abs() < 0.04, "{many}");
        let long = lengths.iter().filter(|length| **length >= 14).count() as f64 / lengths.len() as f64;
        assert!((long - over(model.talk_tail_exponent)).abs() < 0.04, "{long}");
    }
}
