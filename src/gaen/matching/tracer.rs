//! What becomes of the sightings of a key: ExposureMatchingTracer, RollingProximityIdValidator (ENI), step by step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::gaen::{
    crypto::{MetadataCipher, RPIS_A_KEY, TemporaryExposureKey},
    keys::{DiagnosisKey, ReportType},
    metadata::Metadata,
    store::{DAY_S, Sighting},
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

/// A sighting of which is known which identifier of a key it was, and its metadata in clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdentifiedSighting {
    /// When, Unix seconds by the receiver's clock.
    pub t_s: u32,
    /// When the phone's previous scan was, see [`Sighting`]; 0 = unknown.
    pub previous_scan_s: u32,
    /// Number of the identifier within its key, 0 to 143.
    pub rpi: u8,
    /// Received power as stored, dBm.
    pub rssi_dbm: i8,
    /// Transmit power from the metadata, dBm.
    pub tx_power_dbm: i8,
    /// Calibration confidence from the metadata.
    pub calibration_confidence: u8,
}

impl IdentifiedSighting {
    /// With its attenuation; `None` of a transmit power that no phone has.
    fn resolved(&self) -> Option<MatchedSighting> {
        TX_POWER_DBM.contains(&self.tx_power_dbm).then(|| MatchedSighting {
            t_s: self.t_s,
            attenuation_db: (i32::from(self.tx_power_dbm) - i32::from(self.rssi_dbm)).max(0),
            previous_scan_s: self.previous_scan_s,
            calibration_confidence: self.calibration_confidence,
        })
    }
}

/// All sightings of one key in one store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

    /// Whether it remembers nothing.
    pub fn is_empty(&self) -> bool {
        self.results.is_empty() && self.attempted.is_empty()
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
        let report_type = stated(key);
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
        let mut heard = identified(key, rpis, sightings, hits);
        retain_valid(&key.tek, &mut heard);
        if !heard.iter().any(|s| s.resolved().is_some()) {
            return;
        }
        self.attempted.insert(bytes, key.tek.period() as u32);
        let mut found = KeyMatch { key: k, tek: bytes, report_type, ..KeyMatch::default() };
        collect(&key.tek, &heard, &mut found);
        // ENI makes v1 exposures first and stops where there are none.
        if !found.aggregated.is_empty() {
            self.results.insert(bytes, Known { report_type: effective, rewritten: false });
            matches.push(found);
        }
    }
}

/// Matches what one phone heard of one key, where it is known of each sighting which identifier of the key it was: what a phone that
/// was given nothing before makes of the key, without deriving identifiers or looking them up. The key's bytes are only passed on.
/// `heard` is in the order in which a store would hold it, and is used up. `found` is written anew, its lists reused; `false`: no match.
pub fn match_identified(key: &DiagnosisKey, heard: &mut Vec<IdentifiedSighting>, found: &mut KeyMatch) -> bool {
    found.raw.clear();
    found.aggregated.clear();
    (found.key, found.tek, found.report_type) = (0, key.tek.key, stated(key));
    if matches!(found.report_type, Some(ReportType::Recursive | ReportType::Revoked)) {
        return false;
    }
    retain_valid(&key.tek, heard);
    collect(&key.tek, heard, found);
    !found.aggregated.is_empty()
}

/// What a key says of its report type.
fn stated(key: &DiagnosisKey) -> Option<ReportType> {
    key.report_type.filter(|t| *t != ReportType::Unknown)
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

/// The hits as sightings of known identifiers.
fn identified(key: &DiagnosisKey, rpis: &[[u8; 16]; RPIS_A_KEY], sightings: &[Sighting], hits: &[(u32, u32)]) -> Vec<IdentifiedSighting> {
    let cipher = MetadataCipher::new(&key.tek.key);
    let of_hit = |&(rpi, s): &(u32, u32)| {
        let Sighting { aem, t_s, rssi_dbm, previous_scan_s, .. } = sightings[s as usize];
        let Metadata { tx_power_dbm, calibration_confidence, .. } = Metadata::decode(cipher.apply(&rpis[rpi as usize], aem));
        IdentifiedSighting { t_s, previous_scan_s, rpi: rpi as u8, rssi_dbm, tx_power_dbm, calibration_confidence }
    };
    hits.iter().map(of_hit).collect()
}

/// Sorts sightings by identifier and time, and leaves those within the clock tolerance of their identifier that are no replays.
fn retain_valid(tek: &TemporaryExposureKey, heard: &mut Vec<IdentifiedSighting>) {
    let start = i64::from(tek.rolling_start.0);
    let store_day = start / RPIS_A_KEY as i64;
    heard.sort_by_key(|s| (s.rpi, s.t_s));
    // Of the identifier at hand, when it was first heard within the tolerance.
    let mut first: Option<(u8, u32)> = None;
    heard.retain(|s| {
        let interval = start + i64::from(s.rpi);
        if !(store_day - 1..=store_day + 1).contains(&i64::from(s.t_s / DAY_S))
            || !(interval - TOLERANCE_INTERVALS..interval + TOLERANCE_INTERVALS + 1).contains(&(i64::from(s.t_s) / INTERVAL_S))
        {
            return false;
        }
        let first_s = match first {
            Some((rpi, first_s)) if rpi == s.rpi => first_s,
            _ => s.t_s,
        };
        first = Some((s.rpi, first_s));
        s.t_s - first_s <= REPLAY_S
    });
}

/// The `fetch` of ENI: raw and aggregated sightings of the key's period, in time order, of what [`retain_valid`] left.
fn collect(tek: &TemporaryExposureKey, heard: &[IdentifiedSighting], found: &mut KeyMatch) {
    let within = heard.partition_point(|s| usize::from(s.rpi) < tek.period());
    found.raw.reserve(within);
    for of_rpi in heard[..within].chunk_by(|a, b| a.rpi == b.rpi) {
        found.raw.extend(of_rpi.iter().filter_map(IdentifiedSighting::resolved));
        for scan in of_rpi.chunk_by(|a, b| b.t_s - a.t_s <= SAME_SCAN_S) {
            let mut strongest = &scan[0];
            for s in &scan[1..] {
                if s.rssi_dbm > strongest.rssi_dbm {
                    strongest = s;
                }
            }
            found.aggregated.extend(strongest.resolved());
        }
    }
    found.raw.sort_by_key(|s| s.t_s);
    found.aggregated.sort_by_key(|s| s.t_s);
}
