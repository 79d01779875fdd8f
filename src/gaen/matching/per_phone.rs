//! The per-phone reference: key after key, against one store.

use super::{
    filter::Filter,
    tracer::{KeyMatch, Tracer},
};
use crate::gaen::{
    crypto::{RPIS_A_KEY, derive_rpis_into},
    keys::DiagnosisKey,
    store::Sighting,
};

/// One phone's sightings, ordered for being asked by identifier.
pub struct StoreIndex<'a> {
    sightings: &'a [Sighting],
    /// (first eight bytes of the identifier as a number, place of the sighting), sorted.
    order: Vec<(u64, u32)>,
    /// `order[buckets[p]..buckets[p + 1]]` have the top bits p.
    buckets: Vec<u32>,
    shift: u32,
    filter: Filter,
}

impl<'a> StoreIndex<'a> {
    /// Orders a store's sightings.
    pub fn new(sightings: &'a [Sighting]) -> Self {
        let mut order: Vec<(u64, u32)> = sightings.iter().enumerate().map(|(i, s)| (head(&s.rpi), i as u32)).collect();
        order.sort_unstable();
        let bits = sightings.len().max(2).ilog2();
        let shift = 64 - bits;
        let mut buckets = vec![0u32; (1 << bits) + 1];
        order.iter().for_each(|(head, _)| buckets[(head >> shift) as usize + 1] += 1);
        (1..buckets.len()).for_each(|i| buckets[i] += buckets[i - 1]);
        let mut filter = Filter::new(sightings.len());
        sightings.iter().for_each(|s| filter.insert(&s.rpi));
        Self { sightings, order, buckets, shift, filter }
    }

    /// Appends (number of the RPI, place of the sighting) of every sighting of these RPIs, in this order.
    fn hits(&self, rpis: &[[u8; 16]; RPIS_A_KEY], out: &mut Vec<(u32, u32)>) {
        for (i, rpi) in rpis.iter().enumerate() {
            if !self.filter.may_hold(rpi) {
                continue;
            }
            let head = head(rpi);
            let bucket = (head >> self.shift) as usize;
            let in_bucket = &self.order[self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize];
            let from = in_bucket.partition_point(|(h, _)| *h < head);
            let same_head = in_bucket[from..].iter().take_while(|(h, _)| *h == head);
            out.extend(same_head.filter(|(_, s)| self.sightings[*s as usize].rpi == *rpi).map(|(_, s)| (i as u32, *s)));
        }
    }

    /// Matches keys in the order given; `tracer` remembers what this phone was given before.
    pub fn match_keys(&self, keys: &[DiagnosisKey], tracer: &mut Tracer) -> Vec<KeyMatch> {
        let mut rpis = [[0; 16]; RPIS_A_KEY];
        let mut hits = Vec::new();
        let mut matches = Vec::new();
        for (k, key) in keys.iter().enumerate() {
            derive_rpis_into(&key.tek, &mut rpis);
            hits.clear();
            self.hits(&rpis, &mut hits);
            if !hits.is_empty() {
                tracer.consider(k, key, &rpis, self.sightings, &hits, &mut matches);
            }
        }
        matches
    }
}

/// See [`StoreIndex::match_keys`]; for a phone that was given nothing before.
pub fn match_store(sightings: &[Sighting], keys: &[DiagnosisKey]) -> Vec<KeyMatch> {
    StoreIndex::new(sightings).match_keys(keys, &mut Tracer::default())
}

fn head(rpi: &[u8; 16]) -> u64 {
    u64::from_be_bytes([rpi[0], rpi[1], rpi[2], rpi[3], rpi[4], rpi[5], rpi[6], rpi[7]])
}
