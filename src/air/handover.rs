//! From what a scan heard to what a phone stores.

use crate::{
    gaen::Sighting,
    ids::PersonId,
    population::Os,
    radio::Heard,
    time::{DayUtc, UnixSeconds},
};

use super::beacons::{PhoneDay, Transmitter};

/// Seconds between the two records that stand for one scan: the last whole second of a 4 s scan.
const SECOND_RECORD_AFTER_S: u32 = 3;

/// Sightings of one stretch of time, sorted by (observer, time). `transmitter` runs beside them for bookkeeping on this
/// side of the wall; it never enters a store.
#[derive(Clone, Debug, Default)]
pub struct HandedOver {
    /// Whose phone stored the record.
    pub observer: Vec<PersonId>,
    /// Whose phone it was.
    pub transmitter: Vec<PersonId>,
    /// What was stored.
    pub sighting: Vec<Sighting>,
}

impl HandedOver {
    /// The sightings that one phone stored.
    pub fn of(&self, observer: PersonId) -> &[Sighting] {
        let range = self.range(observer);
        &self.sighting[range]
    }

    /// Where one phone's sightings stand.
    pub fn range(&self, observer: PersonId) -> std::ops::Range<usize> {
        let first = self.observer.partition_point(|&o| o < observer);
        let length = self.observer[first..].partition_point(|&o| o == observer);
        first..first + length
    }
}

/// Turns what was heard (sorted by observer and scan) into stored records.
///
/// An iPhone keeps one record per identifier and scan with the mean RSSI (Apple's sample code); an Android phone keeps
/// every packet. Windows use only the mean and the least attenuation of a scan and v1 only its strongest packet, so an
/// Android scan of two or more packets is stored as two records that have the same strongest packet and, to within the
/// rounding of an integer dBm, the same mean.
///
/// `on_air(person, day)` gives a transmitter's broadcasts; `phone(person)` its calibration and the observer's system.
pub fn hand_over<'a>(
    heard: &[Heard],
    on_air: impl Fn(PersonId, DayUtc) -> &'a PhoneDay,
    transmitter: impl Fn(PersonId) -> Transmitter,
    os: impl Fn(PersonId) -> Os,
) -> HandedOver {
    let mut out = HandedOver::default();
    for h in heard {
        let t_s = h.scan_s as u32;
        let (rpi, aem) = on_air(h.transmitter, UnixSeconds(h.scan_s).day_utc()).at(t_s);
        let tx_dbm = f32::from(transmitter(h.transmitter).tx_power_dbm);
        let mut store = |t_s: u32, rssi_dbm: f32| {
            out.observer.push(h.observer);
            out.transmitter.push(h.transmitter);
            // The clamp is the one of the framework's scanner (BleScannerImpl: -127 to +126).
            let rssi_dbm = rssi_dbm.round().clamp(-127.0, 126.0) as i8;
            out.sighting.push(Sighting { rpi, aem, t_s, rssi_dbm, previous_scan_s: h.previous_stop_s as u32 });
        };
        if os(h.observer) == Os::Ios || h.packets == 1 {
            store(t_s, tx_dbm - h.mean_db);
        } else {
            let strongest_dbm = (tx_dbm - h.min_db).round();
            store(t_s, strongest_dbm);
            store(t_s + SECOND_RECORD_AFTER_S, 2.0 * (tx_dbm - h.mean_db) - strongest_dbm);
        }
    }
    out
}
