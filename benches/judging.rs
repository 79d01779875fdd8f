//! Judging a day's pairs as if each had been confirmed, one core: pairs of an observer and a transmitter a second.
//!
//! `as_pairs_close` is what a run does while pairs stream by: whose identifiers a phone heard is known, so that nothing is derived and nothing
//! looked up, and rules share what they make of a match. The rival `published_keys` does what phones do: it derives the identifiers of
//! everybody's keys, looks up all that each phone stored, and asks rule by rule. Both come to the same verdicts, pair by pair.

#[expect(dead_code, reason = "each bench uses its part of the day")]
mod office_day;

use std::{collections::BTreeMap, hint::black_box};

use cocoasim::{
    air::{Beacons, Record, Rotation, Transmitter, records},
    app::{Rule, Verdict, evaluate, judge, judge_all, released_rules},
    gaen::{DiagnosisKey, IdentifiedSighting, KeyMatch, PublishedIndex, Sighting, Tracer, match_identified},
    ids::PersonId,
    population::Os,
    random::Seed,
    time::{DayUtc, UnixSeconds},
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use office_day::OfficeDay;

/// The verdicts of all rules on each (observer, transmitter) with a match.
type Verdicts = Vec<((PersonId, PersonId), Vec<Verdict>)>;

/// What everybody's phone heard of everybody else's on a UTC day.
struct Heard {
    beacons: Beacons,
    day: DayUtc,
    rules: Vec<Rule>,
    senders: Vec<Transmitter>,
    /// By (observer, transmitter), in time order.
    pairs: Vec<((PersonId, PersonId), Vec<Record>)>,
    /// The same as phones store it, by observer.
    stores: Vec<Vec<Sighting>>,
}

impl Heard {
    fn new() -> Self {
        let office = OfficeDay::new();
        let (heard, _) = office.floor().hear(&office.radio);
        let (day, beacons) = (office.day.utc_midnight().day_utc(), Beacons::new(&office.scenario.gaen, Seed(1)));
        let people = || (0..office.people.len() as u32).map(PersonId);
        let sender = |p: PersonId| Transmitter {
            tx_power_dbm: office.devices.tx_power_dbm[p.index()],
            calibration_confidence: office.devices.confidence[p.index()],
        };
        let senders: Vec<Transmitter> = people().map(sender).collect();
        let rotations: Vec<Rotation> = people().map(|p| beacons.rotation(p, day)).collect();
        let mut pairs: BTreeMap<(PersonId, PersonId), Vec<Record>> = BTreeMap::new();
        for h in heard.into_iter().filter(|h| UnixSeconds(h.scan_s).day_utc() == day) {
            let (os, t) = (office.people.os(h.observer).unwrap_or(Os::Ios), h.transmitter.index());
            pairs.entry((h.observer, h.transmitter)).or_default().extend(records(h, os, senders[t], &rotations[t]));
        }
        let mut stores = vec![Vec::new(); office.people.len()];
        let on_air: Vec<_> = people().map(|p| beacons.phone_day(p, day, senders[p.index()])).collect();
        for ((observer, transmitter), records) in &pairs {
            stores[observer.index()].extend(records.iter().map(|r| r.sighting(&on_air[transmitter.index()])));
        }
        stores.iter_mut().for_each(|store| store.sort_by_key(|s| (s.t_s, s.rpi)));
        Self { beacons, day, rules: released_rules(), senders, pairs: pairs.into_iter().collect(), stores }
    }

    fn key(&self, person: PersonId) -> DiagnosisKey {
        let tek = self.beacons.tek(person, self.day);
        DiagnosisKey { tek, transmission_risk_level: 0, report_type: None, days_since_onset: None }
    }

    /// When phones check, twelve hours after the day, and the moment at which its seconds are split.
    fn moments_s(&self) -> (u32, u32) {
        ((self.day.end().0 + 12 * 3600) as u32, self.day.end().day_jst().start().0 as u32)
    }

    fn as_pairs_close(&self) -> Verdicts {
        let (mut found, mut heard, mut all) = (KeyMatch::default(), Vec::<IdentifiedSighting>::new(), Vec::with_capacity(self.pairs.len()));
        for (pair, records) in &self.pairs {
            let key = self.key(pair.1);
            heard.clear();
            heard.extend(records.iter().map(|r| r.identified(self.senders[pair.1.index()])));
            if match_identified(&key, &mut heard, &mut found) {
                let mut verdicts = Vec::with_capacity(self.rules.len());
                judge_all(&self.rules, &found, &evaluate(&found, &key), &key, self.moments_s(), &mut verdicts);
                all.push((*pair, verdicts));
            }
        }
        all
    }

    fn published_keys(&self) -> Verdicts {
        let keys: Vec<DiagnosisKey> = (0..self.stores.len() as u32).map(|p| self.key(PersonId(p))).collect();
        let index = PublishedIndex::new(&keys);
        let (now_s, split_s) = self.moments_s();
        let mut all = Vec::new();
        for (observer, store) in (0..).map(PersonId).zip(&self.stores) {
            let mut matches = index.match_store(store, &mut Tracer::default());
            matches.sort_by_key(|m| m.key);
            for found in matches {
                let key = &keys[found.key];
                let evaluated = evaluate(&found, key);
                let by_rule = |rule| judge(rule, &found, &evaluated, key, now_s, split_s);
                all.push(((observer, PersonId(found.key as u32)), self.rules.iter().map(by_rule).collect()));
            }
        }
        all
    }
}

fn judging(c: &mut Criterion) {
    let heard = Heard::new();
    assert_eq!(heard.as_pairs_close(), heard.published_keys(), "both come to the same verdicts");
    let mut group = c.benchmark_group("judging/office_day");
    group.sample_size(10).throughput(Throughput::Elements(heard.pairs.len() as u64));
    group.bench_function("as_pairs_close", |b| b.iter(|| black_box(&heard).as_pairs_close()));
    group.bench_function("published_keys", |b| b.iter(|| black_box(&heard).published_keys()));
    group.finish();
}

criterion_group!(benches, judging);
criterion_main!(benches);
