//! From stored sightings and diagnosis keys to matches (ENI, ExposureMatchingTracer and RollingProximityIdValidator).

use serde::{Deserialize, Serialize};

use super::{
    crypto::{MetadataCipher, RPIS_A_KEY, TemporaryExposureKey, derive_rpis_into},
    metadata::Metadata,
    store::{Sighting, SightingStore},
};

/// Clock tolerance, intervals on either side (ContactTracingFeature `tkMatchingClockDriftRollingPeriods`).
const TOLERANCE_INTERVALS: i64 = 12;
const INTERVAL_S: i64 = 600;
/// A sighting this long after the first of its RPI is a suspected replay (strictly longer).
const REPLAY_S: u32 = 1200;
/// Sightings closer than 25.5 s are one scan: 1.5 × (4 + 13) s. Times are whole seconds.
pub(super) const SAME_SCAN_S: u32 = 25;
/// Transmit powers outside this range are "potentially malicious".
const TX_POWER_DBM: std::ops::RangeInclusive<i8> = -50..=20;

/// Report types of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ReportType {
    /// Not stated.
    Unknown = 0,
    /// A test.
    ConfirmedTest = 1,
    /// A clinician.
    ConfirmedClinicalDiagnosis = 2,
    /// The person.
    SelfReport = 3,
    /// Reserved.
    Recursive = 4,
    /// Withdrawn.
    Revoked = 5,
}

/// A published key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosisKey {
    /// The key and its intervals.
    pub tek: TemporaryExposureKey,
    /// Transmission risk level, 0 to 8.
    pub transmission_risk_level: i32,
    /// Report type, if exported.
    pub report_type: Option<ReportType>,
    /// Days from onset to the key's day, if exported.
    pub days_since_onset: Option<i32>,
}

/// A sighting that belongs to a key, with its attenuation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatchedSighting {
    /// When, Unix seconds.
    pub t_s: u32,
    /// `max(tx power from the metadata - stored RSSI, 0)`, dB (SightingRecordWithMetadata).
    pub attenuation_db: i32,
    /// When the phone's previous scan stopped; 0 = unknown.
    pub previous_scan_s: u32,
    /// Calibration confidence from the metadata.
    pub calibration_confidence: u8,
}

/// All sightings of one key in one store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyMatch {
    /// Index of the key among those matched against.
    pub key: usize,
    /// Every sighting, in time order: what windows are made of.
    pub raw: Vec<MatchedSighting>,
    /// The strongest sighting of each scan and RPI, in time order: what v1 exposures are made of.
    pub aggregated: Vec<MatchedSighting>,
}

/// The per-phone reference: key after key, RPI after RPI, against one store.
///
/// A key given twice (same 16 bytes) is matched once, at its first place: a matched key stays matched.
pub fn match_store(store: &SightingStore, keys: &[DiagnosisKey]) -> Vec<KeyMatch> {
    let sightings = store.sightings();
    let mut order: Vec<u32> = (0..sightings.len() as u32).collect();
    order.sort_by_key(|&i| sightings[i as usize].rpi);
    let mut rpis = [[0; 16]; RPIS_A_KEY];
    let mut matches = Vec::new();
    for (k, key) in keys.iter().enumerate() {
        if keys[..k].iter().any(|earlier| earlier.tek.key == key.tek.key) || !is_matched_at_all(key) {
            continue;
        }
        derive_rpis_into(&key.tek, &mut rpis);
        let mut of_key = Vec::new();
        for (i, rpi) in rpis[..key.tek.period()].iter().enumerate() {
            let from = order.partition_point(|&s| sightings[s as usize].rpi < *rpi);
            for &s in order[from..].iter().take_while(|&&s| sightings[s as usize].rpi == *rpi) {
                of_key.push((i as u32, s));
            }
        }
        matches.extend(resolve(k, key, &rpis, sightings, of_key));
    }
    matches
}

/// One index over all published RPIs, probed by every store: the same matches as [`match_store`], at a cost that does not
/// grow with phones × keys.
pub struct PublishedIndex {
    keys: Vec<DiagnosisKey>,
    /// Open addressing by the RPI's first eight bytes: (those bytes, key, RPI number).
    slots: Vec<(u64, u32, u32)>,
    mask: usize,
}

const EMPTY: u32 = u32::MAX;

impl PublishedIndex {
    /// Derives and indexes the RPIs of all keys.
    pub fn new(keys: &[DiagnosisKey]) -> Self {
        let size = (keys.len() * RPIS_A_KEY * 2).next_power_of_two().max(2);
        let mut index = Self { keys: keys.to_vec(), slots: vec![(0, EMPTY, 0); size], mask: size - 1 };
        let mut by_key: Vec<usize> = (0..keys.len()).collect();
        by_key.sort_by_key(|&k| (keys[k].tek.key, k));
        let mut rpis = [[0; 16]; RPIS_A_KEY];
        for (place, &k) in by_key.iter().enumerate() {
            let first_of_its_bytes = place == 0 || keys[by_key[place - 1]].tek.key != keys[k].tek.key;
            if !first_of_its_bytes || !is_matched_at_all(&keys[k]) {
                continue;
            }
            derive_rpis_into(&keys[k].tek, &mut rpis);
            for (i, rpi) in rpis[..keys[k].tek.period()].iter().enumerate() {
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

    /// Matches one phone's whole store.
    pub fn match_store(&self, store: &SightingStore) -> Vec<KeyMatch> {
        self.match_slice(store.sightings())
    }

    /// Matches sightings in the order a store holds them. Results are sorted by key.
    pub fn match_slice(&self, sightings: &[Sighting]) -> Vec<KeyMatch> {
        let mut hits: Vec<(u32, u32, u32)> = Vec::new();
        for (s, sighting) in sightings.iter().enumerate() {
            let head = head(&sighting.rpi);
            let mut at = head as usize & self.mask;
            while self.slots[at].1 != EMPTY {
                if self.slots[at].0 == head {
                    hits.push((self.slots[at].1, self.slots[at].2, s as u32));
                }
                at = (at + 1) & self.mask;
            }
        }
        hits.sort_unstable();
        let mut rpis = [[0; 16]; RPIS_A_KEY];
        let mut matches = Vec::new();
        for of_key in hits.chunk_by(|a, b| a.0 == b.0) {
            let k = of_key[0].0 as usize;
            derive_rpis_into(&self.keys[k].tek, &mut rpis);
            // Eight equal bytes are no match yet: the whole RPI decides.
            let hits = of_key.iter().filter(|h| sightings[h.2 as usize].rpi == rpis[h.1 as usize]).map(|h| (h.1, h.2)).collect();
            matches.extend(resolve(k, &self.keys[k], &rpis, sightings, hits));
        }
        matches
    }
}

fn head(rpi: &[u8; 16]) -> u64 {
    u64::from_le_bytes([rpi[0], rpi[1], rpi[2], rpi[3], rpi[4], rpi[5], rpi[6], rpi[7]])
}

/// Recursive and revoked keys are skipped.
fn is_matched_at_all(key: &DiagnosisKey) -> bool {
    key.report_type.is_none_or(|t| t < ReportType::Recursive)
}

/// The `fetch` of ENI for one key: `hits` are (RPI number, sighting), sorted.
fn resolve(k: usize, key: &DiagnosisKey, rpis: &[[u8; 16]], sightings: &[Sighting], hits: Vec<(u32, u32)>) -> Option<KeyMatch> {
    if hits.is_empty() {
        return None;
    }
    let cipher = MetadataCipher::new(&key.tek.key);
    let start = i64::from(key.tek.rolling_start.0);
    let store_day = start / RPIS_A_KEY as i64;
    let mut found = KeyMatch { key: k, raw: Vec::new(), aggregated: Vec::new() };
    for of_rpi in hits.chunk_by(|a, b| a.0 == b.0) {
        let interval = start + i64::from(of_rpi[0].0);
        let mut kept: Vec<&Sighting> = of_rpi
            .iter()
            .map(|&(_, s)| &sightings[s as usize])
            .filter(|s| (store_day - 1..=store_day + 1).contains(&i64::from(s.day())))
            .filter(|s| (interval - TOLERANCE_INTERVALS..interval + TOLERANCE_INTERVALS + 1).contains(&(i64::from(s.t_s) / INTERVAL_S)))
            .collect();
        kept.sort_by_key(|s| s.t_s);
        let Some(first_s) = kept.first().map(|s| s.t_s) else { continue };
        kept.retain(|s| s.t_s - first_s <= REPLAY_S);
        let resolved = |s: &Sighting| {
            let metadata = Metadata::decode(cipher.apply(&rpis[of_rpi[0].0 as usize], s.aem));
            TX_POWER_DBM.contains(&metadata.tx_power_dbm).then(|| MatchedSighting {
                t_s: s.t_s,
                attenuation_db: (i32::from(metadata.tx_power_dbm) - i32::from(s.rssi_dbm)).max(0),
                previous_scan_s: s.previous_scan_s,
                calibration_confidence: metadata.calibration_confidence,
            })
        };
        found.raw.extend(kept.iter().filter_map(|s| resolved(s)));
        for scan in kept.chunk_by(|a, b| b.t_s - a.t_s <= SAME_SCAN_S) {
            let mut strongest = scan[0];
            for s in &scan[1..] {
                if s.rssi_dbm > strongest.rssi_dbm {
                    strongest = s;
                }
            }
            found.aggregated.extend(resolved(strongest));
        }
    }
    found.raw.sort_by_key(|s| s.t_s);
    found.aggregated.sort_by_key(|s| s.t_s);
    (!found.raw.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{gaen::derive_rpis, time::Enin};

    fn key(byte: u8, start: u32, period: u32) -> DiagnosisKey {
        let tek = TemporaryExposureKey { key: [byte; 16], rolling_start: Enin(start), rolling_period: period };
        DiagnosisKey { tek, transmission_risk_level: 0, report_type: None, days_since_onset: None }
    }

    fn sighting(key: &DiagnosisKey, rpi: usize, t_s: i64, rssi_dbm: i8, tx_power_dbm: i8) -> Sighting {
        let rpi = derive_rpis(&key.tek)[rpi];
        let metadata = Metadata { major: 1, minor: 1, calibration_confidence: 3, tx_power_dbm }.encode();
        let aem = MetadataCipher::new(&key.tek.key).apply(&rpi, metadata);
        Sighting { rpi, aem, t_s: t_s as u32, rssi_dbm, previous_scan_s: 0 }
    }

    fn raw_of(key: &DiagnosisKey, sightings: &[Sighting]) -> Vec<u32> {
        let mut store = SightingStore::default();
        sightings.iter().for_each(|s| store.push(*s));
        match_store(&store, std::slice::from_ref(key)).iter().flat_map(|m| m.raw.iter().map(|s| s.t_s)).collect()
    }

    const START: u32 = 144 * 18_500;

    #[test]
    fn tolerance_is_twelve_intervals_both_ends_inclusive() {
        let k = key(1, START, 144);
        let rpi_start = (i64::from(START) + 72) * 600;
        for (offset, matches) in [(-12 * 600, true), (-12 * 600 - 1, false), (13 * 600 - 1, true), (13 * 600, false)] {
            assert_eq!(!raw_of(&k, &[sighting(&k, 72, rpi_start + offset, -60, -20)]).is_empty(), matches, "{offset} s");
        }
    }

    #[test]
    fn an_rpi_heard_over_1200_s_after_its_first_sighting_is_dropped() {
        let k = key(1, START, 144);
        let t = (i64::from(START) + 10) * 600;
        let heard: Vec<_> = [0, 1200, 1201].iter().map(|d| sighting(&k, 10, t + d, -60, -20)).collect();
        assert_eq!(raw_of(&k, &heard).len(), 2);
    }

    #[test]
    fn only_the_period_matches_and_zero_reads_as_144() {
        let t = (i64::from(START) + 100) * 600;
        for (period, matches) in [(100, false), (101, true), (144, true), (0, true)] {
            let k = key(1, START, period);
            assert_eq!(!raw_of(&k, &[sighting(&k, 100, t, -60, -20)]).is_empty(), matches, "period {period}");
        }
    }

    #[test]
    fn transmit_powers_no_phone_has_are_dropped() {
        let k = key(1, START, 144);
        for (tx, matches) in [(-50, true), (-51, false), (20, true), (21, false)] {
            assert_eq!(!raw_of(&k, &[sighting(&k, 0, i64::from(START) * 600, -60, tx)]).is_empty(), matches, "{tx} dBm");
        }
    }

    #[test]
    fn a_scan_is_represented_by_its_strongest_sighting() {
        let k = key(1, START, 144);
        let t = i64::from(START) * 600;
        let mut store = SightingStore::default();
        for (after, rssi) in [(0, -70), (25, -60), (50, -60), (76, -80)] {
            store.push(sighting(&k, 0, t + after, rssi, -20));
        }
        let found = match_store(&store, &[k]);
        let aggregated: Vec<_> = found[0].aggregated.iter().map(|s| (i64::from(s.t_s) - t, s.attenuation_db)).collect();
        assert_eq!(aggregated, [(25, 40), (76, 60)]);
        assert_eq!(found[0].raw.len(), 4);
    }

    proptest! {
        /// The population matcher finds what the per-phone reference finds, duplicates, skews and all.
        #[test]
        fn both_matchers_agree(
            keys in prop::collection::vec((0..6u8, 0..3u32, 0..160u32), 1..8),
            heard in prop::collection::vec((0..8usize, 0..144usize, -9000..9000i64, -110..-20i8, -60..30i8), 0..60),
        ) {
            let keys: Vec<_> = keys.into_iter().map(|(byte, day, period)| key(byte, START + day * 144, period)).collect();
            let mut sightings: Vec<_> = heard
                .into_iter()
                .map(|(k, rpi, skew, rssi, tx)| {
                    let k = &keys[k % keys.len()];
                    sighting(k, rpi, (i64::from(k.tek.rolling_start.0) + rpi as i64) * 600 + skew, rssi, tx)
                })
                .collect();
            sightings.sort_by_key(|s| s.t_s);
            let mut store = SightingStore::default();
            sightings.iter().for_each(|s| store.push(*s));
            prop_assert_eq!(match_store(&store, &keys), PublishedIndex::new(&keys).match_store(&store));
        }
    }
}
