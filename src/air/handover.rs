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
/// Both note when the phone's previous scan was, from which the seconds since the last scan are counted later: Android when it
/// stopped, so that a scan's own length is lost, iOS when it started (a dump of one day of 2.x sums to 86,400 s).
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
        let is_ios = os(h.observer) == Os::Ios;
        let previous_scan_s = h.previous_stop_s - if is_ios { i64::from(h.previous_length_s) } else { 0 };
        let tx_dbm = f32::from(transmitter(h.transmitter).tx_power_dbm);
        let mut store = |t_s: u32, rssi_dbm: f32| {
            // The clamp is the one of the framework's scanner (BleScannerImpl: -127 to +126).
            let rssi_dbm = rssi_dbm.round().clamp(-127.0, 126.0) as i8;
            let sighting = Sighting { rpi, aem, t_s, rssi_dbm, previous_scan_s: previous_scan_s as u32 };
            records.push((h.observer, h.transmitter, sighting));
        };
        if is_ios || h.packets == 1 {
            store(t_s, tx_dbm - h.mean_db);
        } else {
            let strongest_dbm = (tx_dbm - h.min_db).round();
            store(t_s, strongest_dbm);
            // Where all packets are nearly equal, the rounding of the strongest may leave more than it for the other.
            let other_dbm = (2.0 * (tx_dbm - h.mean_db) - strongest_dbm).min(strongest_dbm);
            store(t_s + SECOND_RECORD_AFTER_S, other_dbm);
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
    use crate::{
        air::Beacons,
        gaen::{GaenConfig, MetadataCipher, derive_rpis},
        random::Seed,
    };

    const DAY: DayUtc = DayUtc(18_506);
    const TRANSMITTER: Transmitter = Transmitter { tx_power_dbm: -25, calibration_confidence: 2 };

    /// Every identifier is held for 600 s.
    fn beacons() -> Beacons {
        let hold_s = 600;
        Beacons::new(
            &GaenConfig {
                rpi_hold_min_s: hold_s,
                rpi_hold_max_s: hold_s,
                calls_a_day_ios: 0,
                calls_a_day_android: 0,
                calls_a_day_windows: 0,
            },
            Seed(1),
        )
    }

    fn heard(observer: u32, transmitter: u32, second_of_day: i64) -> Heard {
        let scan_s = DAY.start().0 + second_of_day;
        Heard {
            observer: PersonId(observer),
            transmitter: PersonId(transmitter),
            scan_s,
            previous_stop_s: scan_s - 240,
            previous_length_s: 4,
            packets: 3,
            mean_db: 60.0,
            min_db: 55.0,
        }
    }

    /// Phone 0 is an iPhone, all others run Android.
    fn os(phone: PersonId) -> Os {
        if phone.0 == 0 { Os::Ios } else { Os::Android }
    }

    /// What phones 0 to 21 store of what they heard on the day and the one after.
    fn stored(heard: &[Heard], transmitter: Transmitter) -> HandedOver {
        let on_air: Vec<[PhoneDay; 2]> =
            (0..22).map(|p| [DAY, DayUtc(DAY.0 + 1)].map(|day| beacons().phone_day(PersonId(p), day, transmitter))).collect();
        hand_over(heard, |p, day| &on_air[p.index()][(day.0 - DAY.0) as usize], |_| transmitter, os)
    }

    /// A scan that heard phones 1 to 20 in that order, on iPhone 0 and Android phone 21.
    #[test]
    fn the_order_of_sightings_says_nothing_of_transmitters() {
        let heard: Vec<Heard> = [21, 0].iter().flat_map(|&o| (1..=20).map(move |t| heard(o, t, 40_000))).collect();
        let stored = stored(&heard, TRANSMITTER);
        let order: Vec<_> = stored.observer.iter().zip(&stored.sighting).map(|(o, s)| (*o, s.t_s, s.rpi)).collect();
        assert!(order.is_sorted() && order.len() == 20 + 2 * 20);
        assert!(!stored.transmitter[..20].is_sorted(), "identifiers are in another order than people");
        for (transmitter, sighting) in stored.transmitter.iter().zip(&stored.sighting) {
            let on_air = beacons().phone_day(*transmitter, DAY, TRANSMITTER);
            assert_eq!(on_air.at(sighting.t_s).0, sighting.rpi, "bookkeeping goes with its record");
        }
        assert_eq!((stored.of(PersonId(0)).len(), stored.range(PersonId(21)), stored.of(PersonId(5)).len()), (20, 20..60, 0));
    }

    /// All of a record, for phones of every number: what is not power, confidence or version says nothing of the phone.
    #[test]
    fn a_record_holds_what_was_sent_and_when_and_nothing_else() {
        for (t, tx_power_dbm, calibration_confidence) in [(1, -25, 2), (2, -128, 3), (20, 127, 0), (21, 0, 1)] {
            let transmitter = Transmitter { tx_power_dbm, calibration_confidence };
            for s in stored(&[heard(3, t, 40_000)], transmitter).sighting {
                // With all its fields named, so that a new one does not pass unseen.
                let Sighting { rpi, aem, t_s, rssi_dbm: _, previous_scan_s } = s;
                let tek = beacons().tek(PersonId(t), DAY);
                assert_eq!(rpi, derive_rpis(&tek)[40_000 / 600]);
                let metadata = MetadataCipher::new(&tek.key).apply(&rpi, aem);
                assert_eq!(metadata, [0b0101_0000 | calibration_confidence << 2, tx_power_dbm as u8, 0, 0], "phone {t}");
                let scan_s = DAY.start().0 as u32 + 40_000;
                assert!(t_s == scan_s || t_s == scan_s + 3);
                assert_eq!(previous_scan_s, scan_s - 240);
            }
        }
    }

    #[test]
    fn a_scan_at_the_turn_of_the_day_hears_the_new_days_key() {
        let stored = stored(&[heard(0, 1, 86_399), heard(0, 1, 86_400)], TRANSMITTER);
        let first_and_last = |day| {
            let rpis = derive_rpis(&beacons().tek(PersonId(1), day));
            (rpis[0], rpis[143])
        };
        let of_scans: Vec<_> = stored.sighting.iter().map(|s| s.rpi).collect();
        assert_eq!(of_scans, [first_and_last(DAY).1, first_and_last(DayUtc(DAY.0 + 1)).0]);
    }

    /// Seconds after the scan's start and RSSI of each record, sent with -25 dBm.
    fn records(observer: u32, packets: u32, mean_db: f32, min_db: f32) -> Vec<(u32, i8)> {
        let h = Heard { packets, mean_db, min_db, ..heard(observer, 1, 40_000) };
        stored(&[h], TRANSMITTER).sighting.iter().map(|s| (s.t_s - h.scan_s as u32, s.rssi_dbm)).collect()
    }

    #[test]
    fn an_iphone_stores_the_mean_and_android_the_strongest_and_the_mean() {
        assert_eq!(records(0, 3, 60.4, 55.0), [(0, -85)]);
        assert_eq!(records(0, 1, 60.6, 60.6), [(0, -86)]);
        assert_eq!(records(3, 1, 60.6, 60.6), [(0, -86)]);
        // -25 - 55 = -80; the mean of -80 and -90 is -25 - 60.
        assert_eq!(records(3, 3, 60.0, 55.0), [(0, -80), (3, -90)]);
        assert_eq!(records(3, 2, 60.0, 60.0), [(0, -85), (3, -85)]);
    }

    /// The scan before stopped 240 s before this one, and took 4 s.
    #[test]
    fn an_iphone_counts_from_the_start_of_its_scan_before_and_android_from_its_end() {
        for (observer, since_s) in [(0, 244), (3, 240)] {
            let h = heard(observer, 1, 40_000);
            let previous: Vec<u32> = stored(&[h], TRANSMITTER).sighting.iter().map(|s| h.scan_s as u32 - s.previous_scan_s).collect();
            assert!(!previous.is_empty() && previous.iter().all(|p| *p == since_s), "phone {observer}: {previous:?}");
        }
    }

    #[test]
    fn the_power_stored_is_clamped_as_the_scanner_does() {
        assert_eq!(records(0, 3, 200.0, 200.0), [(0, -127)]);
        assert_eq!(records(0, 3, -200.0, -200.0), [(0, 126)]);
        assert_eq!(records(3, 3, 102.6, 101.0), [(0, -126), (3, -127)]);
    }

    #[test]
    fn two_records_have_the_strongest_packet_and_the_mean_of_a_scan() {
        let scans = (0..2000i16).map(|step| {
            let min_db = f32::from(step % 97) * 0.13 + 50.0;
            let mean_db = min_db + f32::from(step / 97) * 0.31;
            Heard { mean_db, min_db, ..heard(3, 1, i64::from(step) * 40) }
        });
        let scans: Vec<Heard> = scans.collect();
        let stored = stored(&scans, TRANSMITTER);
        assert_eq!(stored.sighting.len(), 4000);
        for (h, pair) in scans.iter().zip(stored.sighting.chunks(2)) {
            let rssi_dbm = [pair[0].rssi_dbm, pair[1].rssi_dbm].map(f32::from);
            assert_eq!(rssi_dbm[0].max(rssi_dbm[1]), (-25.0 - h.min_db).round(), "{h:?}");
            let mean_dbm = (rssi_dbm[0] + rssi_dbm[1]) / 2.0;
            assert!((mean_dbm - (-25.0 - h.mean_db)).abs() <= 0.5, "{mean_dbm} dBm of {h:?}");
        }
    }
}
