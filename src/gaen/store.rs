//! A phone's store of sightings.

use serde::{Deserialize, Serialize};

/// Sightings are kept for 14 days (ENI, ContactTracingFeature `contactRecordDaysToKeep`).
const KEEP_DAYS: u32 = 14;
pub(super) const DAY_S: u32 = 86_400;

/// One stored record: an identifier heard at a moment. 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// Rolling Proximity Identifier.
    pub rpi: [u8; 16],
    /// Associated Encrypted Metadata.
    pub aem: [u8; 4],
    /// When, Unix seconds by the receiver's clock.
    pub t_s: u32,
    /// Received power after the receiver's calibration correction, dBm.
    pub rssi_dbm: i8,
    /// When the phone's previous scan stopped (iPhones: started), Unix seconds; 0 = unknown.
    pub previous_scan_s: u32,
}

impl Sighting {
    /// The UTC day under which the store files the record (ENI, ContactRecordDataStore: the sighting's day).
    pub fn day(&self) -> u32 {
        self.t_s / DAY_S
    }
}

/// Everything one phone has heard and not yet dropped, in the order it was heard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SightingStore {
    sightings: Vec<Sighting>,
}

impl SightingStore {
    /// Nothing heard.
    pub const EMPTY: Self = Self { sightings: Vec::new() };

    /// Adds a record. Records come in time order of the scans; order within one second is kept.
    pub fn push(&mut self, sighting: Sighting) {
        self.sightings.push(sighting);
    }

    /// Drops the days that lie more than 14 days before `now_s`.
    pub fn expire(&mut self, now_s: u32) {
        let oldest_day = (now_s / DAY_S).saturating_sub(KEEP_DAYS);
        self.sightings.retain(|s| s.day() >= oldest_day);
    }

    /// The records that a check at a moment counts: none older than 14 days. Google's store drops whole days; Apple's published
    /// sample counts the seconds (ADVERTISEMENT_AGE_THRESHOLD), and so does this.
    pub fn within_14_days(&self, now_s: u32) -> Vec<Sighting> {
        let oldest_s = now_s.saturating_sub(KEEP_DAYS * DAY_S);
        self.sightings.iter().filter(|s| s.t_s >= oldest_s).copied().collect()
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.sightings.len()
    }

    /// What its records hold in memory.
    pub fn bytes(&self) -> usize {
        size_of_val(self.sightings.as_slice())
    }

    /// Whether nothing was heard.
    pub fn is_empty(&self) -> bool {
        self.sightings.is_empty()
    }

    /// All records, in the order they were stored.
    pub fn sightings(&self) -> &[Sighting] {
        &self.sightings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sighting_costs_32_bytes_and_lives_14_days() {
        assert_eq!(size_of::<Sighting>(), 32);
        let mut store = SightingStore::default();
        let at = |t_s| Sighting { rpi: [0; 16], aem: [0; 4], t_s, rssi_dbm: 0, previous_scan_s: 0 };
        store.push(at(DAY_S * 100 + 5));
        store.push(at(DAY_S * 101));
        store.expire(DAY_S * 114 + 80_000);
        assert_eq!(store.len(), 2);
        store.expire(DAY_S * 115);
        assert_eq!(store.len(), 1);
        // A check goes by the second.
        let counted = |now_s| store.within_14_days(now_s).len();
        assert_eq!((counted(DAY_S * 115), counted(DAY_S * 115 + 1)), (1, 0));
    }
}
