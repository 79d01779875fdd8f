//! From what a scan heard to what a phone stores.

use crate::{
    gaen::{IdentifiedSighting, Sighting},
    ids::PersonId,
    population::Os,
    radio::Heard,
};

use super::beacons::{PhoneDay, Rotation, Transmitter};

/// Seconds between the two records that stand for one scan: the last whole second of a 4 s scan.
const SECOND_RECORD_AFTER_S: u32 = 3;

/// What a phone stores of what it heard, but for the identifier that it was sent with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// When, Unix seconds.
    pub t_s: u32,
    /// Number within its key of the identifier that was on the air when the scan began.
    pub rpi: u8,
    /// Received power after the receiver's calibration correction, dBm.
    pub rssi_dbm: i8,
    /// When the phone's previous scan stopped (iPhones: started), Unix seconds.
    pub previous_scan_s: u32,
}

/// A record in a phone's store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Whose phone.
    pub observer: PersonId,
    /// What it stored.
    pub sighting: Sighting,
}

/// Sorts what phones stored by (observer, time, identifier), so that its order says nothing of who transmitted.
pub fn in_order(stored: &mut [Stored]) {
    stored.sort_by_key(|s| (s.observer, s.sighting.t_s, s.sighting.rpi));
}

/// What a phone stores of one scan.
///
/// An iPhone keeps one record per identifier and scan with the mean RSSI (Apple's sample code); an Android phone keeps
/// every packet. Windows use only the mean and the least attenuation of a scan and v1 only its strongest packet, so an
/// Android scan of two or more packets is stored as two records that have the same strongest packet and, to within the
/// rounding of an integer dBm, the same mean.
///
/// Both note when the phone's previous scan was, from which the seconds since the last scan are counted later: Android when it
/// stopped, so that a scan's own length is lost, iOS when it started (a dump of one day of 2.x sums to 86,400 s).
pub fn records(h: Heard, observer: Os, transmitter: Transmitter, rotation: &Rotation) -> impl Iterator<Item = Record> + use<> {
    let scan_s = h.scan_s as u32;
    let rpi = rotation.number_at(scan_s);
    let is_ios = observer == Os::Ios;
    let previous_scan_s = h.previous_stop_s - if is_ios { i64::from(h.previous_length_s) } else { 0 };
    let tx_dbm = f32::from(transmitter.tx_power_dbm);
    let record = move |t_s: u32, rssi_dbm: f32| {
        // The clamp is the one of the framework's scanner (BleScannerImpl: -127 to +126).
        let rssi_dbm = rssi_dbm.round().clamp(-127.0, 126.0) as i8;
        Record { t_s, rpi, rssi_dbm, previous_scan_s: previous_scan_s as u32 }
    };
    let strongest_dbm = (tx_dbm - h.min_db).round();
    let (first, second) = if is_ios || h.packets == 1 {
        (record(scan_s, tx_dbm - h.mean_db), None)
    } else {
        // Where all packets are nearly equal, the rounding of the strongest may leave more than it for the other.
        let other_dbm = (2.0 * (tx_dbm - h.mean_db) - strongest_dbm).min(strongest_dbm);
        (record(scan_s, strongest_dbm), Some(record(scan_s + SECOND_RECORD_AFTER_S, other_dbm)))
    };
    [Some(first), second].into_iter().flatten()
}

impl Record {
    /// The record with the identifier that was on the air.
    pub fn sighting(&self, on_air: &PhoneDay) -> Sighting {
        let (rpi, aem) = on_air.identifier(self.rpi);
        Sighting { rpi, aem, t_s: self.t_s, rssi_dbm: self.rssi_dbm, previous_scan_s: self.previous_scan_s }
    }

    /// The record as its key's owner knows it.
    pub fn identified(&self, transmitter: Transmitter) -> IdentifiedSighting {
        let Transmitter { tx_power_dbm, calibration_confidence } = transmitter;
        let Self { t_s, rpi, rssi_dbm, previous_scan_s } = *self;
        IdentifiedSighting { t_s, previous_scan_s, rpi, rssi_dbm, tx_power_dbm, calibration_confidence }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        air::Beacons,
        gaen::{GaenConfig, MetadataCipher, derive_rpis},
        random::Seed,
        time::{DayUtc, UnixSeconds},
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
    fn stored(heard: &[Heard], transmitter: Transmitter) -> Vec<Stored> {
        let on_air: Vec<[PhoneDay; 2]> =
            (0..22).map(|p| [DAY, DayUtc(DAY.0 + 1)].map(|day| beacons().phone_day(PersonId(p), day, transmitter))).collect();
        let of_scan = |h: &Heard| {
            let (h, day) = (*h, UnixSeconds(h.scan_s).day_utc());
            let on_air = &on_air[h.transmitter.index()][(day.0 - DAY.0) as usize];
            records(h, os(h.observer), transmitter, on_air.rotation())
                .map(move |r| Stored { observer: h.observer, sighting: r.sighting(on_air) })
        };
        let mut stored: Vec<Stored> = heard.iter().flat_map(of_scan).collect();
        in_order(&mut stored);
        stored
    }

    /// A scan that heard phones 1 to 20 in that order, on iPhone 0 and Android phone 21.
    #[test]
    fn the_order_of_sightings_says_nothing_of_transmitters() {
        let heard: Vec<Heard> = [21, 0].iter().flat_map(|&o| (1..=20).map(move |t| heard(o, t, 40_000))).collect();
        let stored = stored(&heard, TRANSMITTER);
        let order: Vec<_> = stored.iter().map(|s| (s.observer, s.sighting.t_s, s.sighting.rpi)).collect();
        assert!(order.is_sorted() && order.len() == 20 + 2 * 20);
        let rpis: Vec<_> =
            (1..=20).map(|t| beacons().phone_day(PersonId(t), DAY, TRANSMITTER).at(DAY.start().0 as u32 + 40_000).0).collect();
        let transmitters: Vec<_> = stored[..20].iter().map(|s| rpis.iter().position(|rpi| *rpi == s.sighting.rpi)).collect();
        assert!(!transmitters.is_sorted(), "identifiers are in another order than people");
        let mut each_once = transmitters.clone();
        each_once.sort_unstable();
        assert_eq!(each_once, (0..20).map(Some).collect::<Vec<_>>());
    }

    /// All of a record, for phones of every number: what is not power, confidence or version says nothing of the phone.
    #[test]
    fn a_record_holds_what_was_sent_and_when_and_nothing_else() {
        for (t, tx_power_dbm, calibration_confidence) in [(1, -25, 2), (2, -128, 3), (20, 127, 0), (21, 0, 1)] {
            let transmitter = Transmitter { tx_power_dbm, calibration_confidence };
            for Stored { sighting: s, .. } in stored(&[heard(3, t, 40_000)], transmitter) {
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
        let of_scans: Vec<_> = stored.iter().map(|s| s.sighting.rpi).collect();
        assert_eq!(of_scans, [first_and_last(DAY).1, first_and_last(DayUtc(DAY.0 + 1)).0]);
    }

    /// Seconds after the scan's start and RSSI of each record, sent with -25 dBm.
    fn of_scan(observer: u32, packets: u32, mean_db: f32, min_db: f32) -> Vec<(u32, i8)> {
        let h = Heard { packets, mean_db, min_db, ..heard(observer, 1, 40_000) };
        stored(&[h], TRANSMITTER).iter().map(|s| (s.sighting.t_s - h.scan_s as u32, s.sighting.rssi_dbm)).collect()
    }

    #[test]
    fn an_iphone_stores_the_mean_and_android_the_strongest_and_the_mean() {
        assert_eq!(of_scan(0, 3, 60.4, 55.0), [(0, -85)]);
        assert_eq!(of_scan(0, 1, 60.6, 60.6), [(0, -86)]);
        assert_eq!(of_scan(3, 1, 60.6, 60.6), [(0, -86)]);
        // -25 - 55 = -80; the mean of -80 and -90 is -25 - 60.
        assert_eq!(of_scan(3, 3, 60.0, 55.0), [(0, -80), (3, -90)]);
        assert_eq!(of_scan(3, 2, 60.0, 60.0), [(0, -85), (3, -85)]);
    }

    /// The scan before stopped 240 s before this one, and took 4 s.
    #[test]
    fn an_iphone_counts_from_the_start_of_its_scan_before_and_android_from_its_end() {
        for (observer, since_s) in [(0, 244), (3, 240)] {
            let h = heard(observer, 1, 40_000);
            let previous: Vec<u32> = stored(&[h], TRANSMITTER).iter().map(|s| h.scan_s as u32 - s.sighting.previous_scan_s).collect();
            assert!(!previous.is_empty() && previous.iter().all(|p| *p == since_s), "phone {observer}: {previous:?}");
        }
    }

    #[test]
    fn the_power_stored_is_clamped_as_the_scanner_does() {
        assert_eq!(of_scan(0, 3, 200.0, 200.0), [(0, -127)]);
        assert_eq!(of_scan(0, 3, -200.0, -200.0), [(0, 126)]);
        assert_eq!(of_scan(3, 3, 102.6, 101.0), [(0, -126), (3, -127)]);
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
        assert_eq!(stored.len(), 4000);
        for (h, pair) in scans.iter().zip(stored.chunks(2)) {
            let rssi_dbm = [pair[0].sighting.rssi_dbm, pair[1].sighting.rssi_dbm].map(f32::from);
            assert_eq!(rssi_dbm[0].max(rssi_dbm[1]), (-25.0 - h.min_db).round(), "{h:?}");
            let mean_dbm = (rssi_dbm[0] + rssi_dbm[1]) / 2.0;
            assert!((mean_dbm - (-25.0 - h.mean_db)).abs() <= 0.5, "{mean_dbm} dBm of {h:?}");
        }
    }
}
