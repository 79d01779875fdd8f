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

/// Sightings of one stretch of time, sorted by (observer, t_s, rpi), so that their order says nothing of who transmitted.
/// `transmitter` runs beside them for bookkeeping on this side of the wall; it never enters a store.
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

/// Turns what was heard, in any order, into stored records.
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
    let mut records: Vec<(PersonId, PersonId, Sighting)> = Vec::with_capacity(2 * heard.len());
    for h in heard {
        let t_s = h.scan_s as u32;
        let (rpi, aem) = on_air(h.transmitter, UnixSeconds(h.scan_s).day_utc()).at(t_s);
        let tx_dbm = f32::from(transmitter(h.transmitter).tx_power_dbm);
        let mut store = |t_s: u32, rssi_dbm: f32| {
            // The clamp is the one of the framework's scanner (BleScannerImpl: -127 to +126).
            let rssi_dbm = rssi_dbm.round().clamp(-127.0, 126.0) as i8;
            let sighting = Sighting { rpi, aem, t_s, rssi_dbm, previous_scan_s: h.previous_stop_s as u32 };
            records.push((h.observer, h.transmitter, sighting));
        };
        if os(h.observer) == Os::Ios || h.packets == 1 {
            store(t_s, tx_dbm - h.mean_db);
        } else {
            let strongest_dbm = (tx_dbm - h.min_db).round();
            store(t_s, strongest_dbm);
            store(t_s + SECOND_RECORD_AFTER_S, 2.0 * (tx_dbm - h.mean_db) - strongest_dbm);
        }
    }
    records.sort_by_key(|(observer, _, s)| (*observer, s.t_s, s.rpi));
    HandedOver {
        observer: records.iter().map(|r| r.0).collect(),
        transmitter: records.iter().map(|r| r.1).collect(),
        sighting: records.iter().map(|r| r.2).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{air::Beacons, gaen::GaenConfig, random::Seed};

    /// A scan that heard phones 1 to 20 in that order, on iPhone 0 and Android phone 21.
    #[test]
    fn the_order_of_sightings_says_nothing_of_transmitters() {
        let hold_s = 600;
        let config = GaenConfig {
            rpi_hold_min_s: hold_s,
            rpi_hold_max_s: hold_s,
            calls_a_day_ios: 0,
            calls_a_day_android: 0,
            calls_a_day_windows: 0,
        };
        let beacons = Beacons::new(&config, Seed(1));
        let (day, calibrated) = (DayUtc(18_506), Transmitter { tx_power_dbm: -25, calibration_confidence: 3 });
        let on_air: Vec<PhoneDay> = (0..22).map(|p| beacons.phone_day(PersonId(p), day, calibrated)).collect();
        let scan_s = day.start().0 + 40_000;
        let heard = |observer, transmitter| Heard {
            observer: PersonId(observer),
            transmitter: PersonId(transmitter),
            scan_s,
            previous_stop_s: scan_s - 240,
            packets: 3,
            mean_db: 60.0,
            min_db: 55.0,
        };
        let heard: Vec<Heard> = [21, 0].iter().flat_map(|&o| (1..=20).map(move |t| heard(o, t))).collect();
        let os = |p: PersonId| if p.0 == 0 { Os::Ios } else { Os::Android };
        let stored = hand_over(&heard, |p, _| &on_air[p.index()], |_| calibrated, os);
        let order: Vec<_> = stored.observer.iter().zip(&stored.sighting).map(|(o, s)| (*o, s.t_s, s.rpi)).collect();
        assert!(order.is_sorted() && order.len() == 20 + 2 * 20);
        assert!(!stored.transmitter[..20].is_sorted(), "identifiers are in another order than people");
        for (transmitter, sighting) in stored.transmitter.iter().zip(&stored.sighting) {
            assert_eq!(on_air[transmitter.index()].at(sighting.t_s).0, sighting.rpi, "bookkeeping goes with its record");
        }
    }
}
