//! What becomes of the sightings of a key: ExposureMatchingTracer, RollingProximityIdValidator (ENI), step by step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::gaen::{
    crypto::{MetadataCipher, RPIS_A_KEY},
    keys::{DiagnosisKey, ReportType},
    metadata::Metadata,
    store::Sighting,
};

/// Clock tolerance, intervals on either side (ContactTracingFeature `tkMatchingClockDriftRollingPeriods`).
const TOLERANCE_INTERVALS: i64 = 12;
const INTERVAL_S: i64 = 600;
/// A sighting this long after the first of its RPI is a suspected replay (strictly longer).
const REPLAY_S: u32 = 1200;
/// Sightings closer than 25.5 s are one scan: 1.5 × (4 + 13) s. Times are whole seconds.
pub(in crate::gaen) const SAME_SCAN_S: u32 = 25;
/// Transmit powers outside this range are "potentially malicious".
const TX_POWER_DBM: std::ops::RangeInclusive<i8> = -50..=20;

/// A sighting that belongs to a key, with its attenuation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatchedSighting {
    /// When, Unix seconds.
    pub t_s: u32,
    /// `max(tx power from the metadata - stored RSSI, 0)`, dB (SightingRecordWithMetadata).
    pub attenuation_db: i32,
    /// When the phone's previous scan was, see [`Sighting`](crate::gaen::Sighting); 0 = unknown.
    pub previous_scan_s: u32,
    /// Calibration confidence from the metadata.
    pub calibration_confidence: u8,
}

/// All sightings of one key in one store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyMatch {
    /// Index of the key among those matched against.
    pub key: usize,
    /// Its 16 bytes.
    pub tek: [u8; 16],
    /// The key's report type, as a later revision may have rewritten it; `None` = not stated.
    pub report_type: Option<ReportType>,
    /// Every sighting, in time order: what windows are made of.
    pub raw: Vec<MatchedSighting>,
    /// The strongest sighting of each scan and RPI, in time order: what v1 exposures are made of.
    pub aggregated: Vec<MatchedSighting>,
}

/// What a phone remembers of the keys it was given.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tracer {
    #[serde(with = "crate::as_list")]
    results: BTreeMap<[u8; 16], Known>,
    /// Keys that sightings spoke for, with the rolling period they came with.
    #[serde(with = "crate::as_list")]
    attempted: BTreeMap<[u8; 16], u32>,
    report_type_when_missing: ReportType,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Known {
    report_type: ReportType,
    rewritten: bool,
}

impl Default for Tracer {
    fn default() -> Self {
        Self::new(ReportType::ConfirmedTest)
    }
}

impl Tracer {
    /// A phone that was given nothing yet; the app's mapping says what a missing report type reads as.
    pub fn new(report_type_when_missing: ReportType) -> Self {
        Self { results: BTreeMap::new(), attempted: BTreeMap::new(), report_type_when_missing }
    }

    /// One key, with its hits (RPI number, sighting) in ascending order. A result is added to `matches`; a key that has a
    /// result already only rewrites its report type, once, where the change is allowed.
    pub(super) fn consider(
        &mut self,
        k: usize,
        key: &DiagnosisKey,
        rpis: &[[u8; 16]; RPIS_A_KEY],
        sightings: &[Sighting],
        hits: &[(u32, u32)],
        matches: &mut Vec<KeyMatch>,
    ) {
        let bytes = key.tek.key;
        let report_type = key.report_type.filter(|t| *t != ReportType::Unknown);
        let effective = report_type.unwrap_or(self.report_type_when_missing);
        if let Some(known) = self.results.get_mut(&bytes) {
            if !known.rewritten && may_become(known.report_type, effective) {
                *known = Known { report_type: effective, rewritten: true };
                // A result of an earlier call is the app's business; one of this call is still at hand.
                if let Some(earlier) = matches.iter_mut().find(|m| m.tek == bytes) {
                    earlier.report_type = Some(effective);
                }
            }
            return;
        }
        // What a key says of itself decides here; what a missing type reads as counts in windows and revisions only.
        let other_period = self.attempted.get(&bytes).is_some_and(|period| *period as usize != key.tek.period());
        if other_period || report_type == Some(ReportType::Recursive) {
            return;
        }
        if report_type == Some(ReportType::Revoked) {
            // Kept so that it hides what comes later; it yields no exposure of its own.
            self.results.insert(bytes, Known { report_type: effective, rewritten: false });
            return;
        }
        let cipher = MetadataCipher::new(&bytes);
        let of_the_day = fetch(key, rpis, sightings, hits, &cipher);
        if of_the_day.0.is_empty() {
            return;
        }
        self.attempted.insert(bytes, key.tek.period() as u32);
        let period = key.tek.period() as u32;
        let within = hits.partition_point(|(i, _)| *i < period);
        let (raw, aggregated) = if within == hits.len() { of_the_day } else { fetch(key, rpis, sightings, &hits[..within], &cipher) };
        // ENI makes v1 exposures first and stops where there are none.
        if !aggregated.is_empty() {
            self.results.insert(bytes, Known { report_type: effective, rewritten: false });
            matches.push(KeyMatch { key: k, tek: bytes, report_type, raw, aggregated });
        }
    }
}

/// Report types that a revision may set (ENI): a self report may be confirmed or withdrawn, a clinical diagnosis likewise.
fn may_become(from: ReportType, to: ReportType) -> bool {
    match from {
        ReportType::SelfReport => {
            matches!(to, ReportType::ConfirmedTest | ReportType::ConfirmedClinicalDiagnosis | ReportType::Revoked)
        }
        ReportType::ConfirmedClinicalDiagnosis => matches!(to, ReportType::ConfirmedTest | ReportType::Revoked),
        _ => false,
    }
}

/// The `fetch` of ENI: raw and aggregated sightings of a key, in time order.
fn fetch(
    key: &DiagnosisKey,
    rpis: &[[u8; 16]; RPIS_A_KEY],
    sightings: &[Sighting],
    hits: &[(u32, u32)],
    cipher: &MetadataCipher,
) -> (Vec<MatchedSighting>, Vec<MatchedSighting>) {
    let start = i64::from(key.tek.rolling_start.0);
    let store_day = start / RPIS_A_KEY as i64;
    let (mut raw, mut aggregated) = (Vec::new(), Vec::new());
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
        raw.extend(kept.iter().filter_map(|s| resolved(s)));
        for scan in kept.chunk_by(|a, b| b.t_s - a.t_s <= SAME_SCAN_S) {
            let mut strongest = scan[0];
            for s in &scan[1..] {
                if s.rssi_dbm > strongest.rssi_dbm {
                    strongest = s;
                }
            }
            aggregated.extend(resolved(strongest));
        }
    }
    raw.sort_by_key(|s| s.t_s);
    aggregated.sort_by_key(|s| s.t_s);
    (raw, aggregated)
}
