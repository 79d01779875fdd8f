//! One index over all published identifiers, probed by every store: the same matches as the per-phone reference, at a cost
//! that does not grow with phones × keys.

use super::{
    filter::Filter,
    tracer::{KeyMatch, Tracer},
};
use crate::gaen::{
    crypto::{RPIS_A_KEY, derive_rpis_into},
    keys::DiagnosisKey,
    store::Sighting,
};

/// All identifiers of all published keys.
pub struct PublishedIndex {
    keys: Vec<DiagnosisKey>,
    filter: Filter,
    /// Open addressing by the RPI's first eight bytes: (those bytes, key, RPI number).
    slots: Vec<(u64, u32, u32)>,
    mask: usize,
}

const EMPTY: u32 = u32::MAX;

impl PublishedIndex {
    /// Derives and indexes the RPIs of all keys.
    pub fn new(keys: &[DiagnosisKey]) -> Self {
        let size = (keys.len() * RPIS_A_KEY * 2).next_power_of_two().max(2);
        let mut index =
            Self { keys: keys.to_vec(), filter: Filter::new(keys.len() * RPIS_A_KEY), slots: vec![(0, EMPTY, 0); size], mask: size - 1 };
        let mut rpis = [[0; 16]; RPIS_A_KEY];
        for (k, key) in keys.iter().enumerate() {
            derive_rpis_into(&key.tek, &mut rpis);
            for (i, rpi) in rpis.iter().enumerate() {
                index.filter.insert(rpi);
                let head = head(rpi);
                let mut at = head as usize & index.mask;
                while index.slots[at].1 != EMPTY {
                    at = (at + 1) & index.mask;
                }
                index.slots[at] = (head, k as u32, i as u32);
            }
        }
        index
    }

    /// Matches one phone's sightings, in the order a store holds them. Results are in the order of keys.
    pub fn match_store(&self, sightings: &[Sighting], tracer: &mut Tracer) -> Vec<KeyMatch> {
        let mut hits: Vec<(u32, u32, u32)> = Vec::new();
        for (s, sighting) in sightings.iter().enumerate() {
            if self.filter.may_hold(&sighting.rpi) {
                self.look_up(&sighting.rpi, s as u32, &mut hits);
            }
        }
        hits.sort_unstable();
        let mut rpis = [[0; 16]; RPIS_A_KEY];
        let mut matches = Vec::new();
        for of_key in hits.chunk_by(|a, b| a.0 == b.0) {
            let k = of_key[0].0 as usize;
            let key = &self.keys[k];
            derive_rpis_into(&key.tek, &mut rpis);
            // Eight equal bytes are no match yet: the whole RPI decides.
            let of_key: Vec<(u32, u32)> =
                of_key.iter().filter(|h| sightings[h.2 as usize].rpi == rpis[h.1 as usize]).map(|h| (h.1, h.2)).collect();
            if !of_key.is_empty() {
                tracer.consider(k, key, &rpis, sightings, &of_key, &mut matches);
            }
        }
        matches
    }

    #[cold]
    fn look_up(&self, rpi: &[u8; 16], s: u32, hits: &mut Vec<(u32, u32, u32)>) {
        let head = head(rpi);
        let mut at = head as usize & self.mask;
        while self.slots[at].1 != EMPTY {
            if self.slots[at].0 == head {
                hits.push((self.slots[at].1, self.slots[at].2, s));
            }
            at = (at + 1) & self.mask;
        }
    }
}

fn head(rpi: &[u8; 16]) -> u64 {
    u64::from_le_bytes([rpi[0], rpi[1], rpi[2], rpi[3], rpi[4], rpi[5], rpi[6], rpi[7]])
}
