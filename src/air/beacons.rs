//! What each phone broadcasts at each moment: its daily key's identifiers, rotated.

use rand::RngExt;

use crate::{
    gaen::{GaenConfig, Metadata, MetadataCipher, TemporaryExposureKey, derive_rpis},
    ids::PersonId,
    random::{Keyed, Seed, Stream},
    time::{DAY_S, DayUtc, ENIN_S},
};

/// RPIs a daily key yields.
const RPIS_A_DAY: usize = 144;

/// What a phone's advertisements carry besides the identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transmitter {
    /// Calibrated transmit power, dBm.
    pub tx_power_dbm: i8,
    /// Calibration confidence, 0 to 3.
    pub calibration_confidence: u8,
}

/// Keys and rotation times of every phone, as pure functions of (seed, phone, UTC day).
#[derive(Clone, Copy, Debug)]
pub struct Beacons {
    teks: Keyed,
    rotation: Keyed,
    hold_s: (u32, u32),
}

/// When a phone takes up which identifier of a daily key.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// When each identifier was taken up, Unix seconds, ascending; the first at 00:00 UTC.
    from_s: Vec<u32>,
    /// Its number within the key.
    number: Vec<u8>,
}

/// One phone's broadcasts of one UTC day: every identifier, and which is on the air from when on.
#[derive(Clone, Debug)]
pub struct PhoneDay {
    rotation: Rotation,
    /// By number within the key.
    rpi: Box<[[u8; 16]; RPIS_A_DAY]>,
    aem: Vec<[u8; 4]>,
}

impl Beacons {
    /// The beacons of a run.
    pub fn new(config: &GaenConfig, seed: Seed) -> Self {
        Self {
            teks: Keyed::new(seed, Stream::Tek),
            rotation: Keyed::new(seed, Stream::RpiRotation),
            hold_s: (config.rpi_hold_min_s, config.rpi_hold_max_s),
        }
    }

    /// The phone's Temporary Exposure Key of a UTC day: 16 random bytes, each day's independent of all others.
    pub fn tek(&self, phone: PersonId, day: DayUtc) -> TemporaryExposureKey {
        let words = self.teks.block(phone.0, 0, day.0 as u32, 0);
        let mut key = [0; 16];
        for (bytes, word) in key.chunks_exact_mut(4).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        TemporaryExposureKey { key, rolling_start: day.first_enin(), rolling_period: RPIS_A_DAY as u32 }
    }

    /// When the phone takes up which identifier of its key of a UTC day. One is held for a time drawn evenly between the two limits of
    /// the scenario; the next is the one of the interval at the moment of rotation. The exact distribution on real
    /// phones was never published (weakness); at 00:00 UTC every phone takes up its new key at once.
    pub fn rotation(&self, phone: PersonId, day: DayUtc) -> Rotation {
        let mut rng = self.rotation.rng(phone.0, 0, day.0 as u32);
        let mut out = Rotation { from_s: Vec::new(), number: Vec::new() };
        let mut second_of_day = 0;
        while i64::from(second_of_day) < DAY_S {
            out.from_s.push(day.start().0 as u32 + second_of_day);
            out.number.push((second_of_day as usize / ENIN_S as usize) as u8);
            second_of_day += rng.random_range(self.hold_s.0..=self.hold_s.1);
        }
        out
    }

    /// What the phone broadcasts on a UTC day.
    pub fn phone_day(&self, phone: PersonId, day: DayUtc, transmitter: Transmitter) -> PhoneDay {
        let tek = self.tek(phone, day);
        let rpi = derive_rpis(&tek);
        let cipher = MetadataCipher::new(&tek.key);
        let metadata = transmitter.metadata().encode();
        PhoneDay { rotation: self.rotation(phone, day), aem: rpi.iter().map(|rpi| cipher.apply(rpi, metadata)).collect(), rpi }
    }
}

impl Transmitter {
    /// What is encrypted beside each identifier.
    pub fn metadata(self) -> Metadata {
        Metadata { major: 1, minor: 1, calibration_confidence: self.calibration_confidence, tx_power_dbm: self.tx_power_dbm }
    }
}

impl Rotation {
    /// The number within the key of the identifier on the air at a moment of the day.
    pub fn number_at(&self, t_s: u32) -> u8 {
        self.number[self.from_s.partition_point(|&from| from <= t_s).max(1) - 1]
    }
}

impl PhoneDay {
    /// Identifier and encrypted metadata on the air at a moment of the day.
    pub fn at(&self, t_s: u32) -> ([u8; 16], [u8; 4]) {
        self.identifier(self.rotation.number_at(t_s))
    }

    /// An identifier of the key, and its metadata encrypted.
    pub fn identifier(&self, number: u8) -> ([u8; 16], [u8; 4]) {
        (self.rpi[usize::from(number)], self.aem[usize::from(number)])
    }

    /// When it takes up which.
    pub fn rotation(&self) -> &Rotation {
        &self.rotation
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const DAY: DayUtc = DayUtc(18_506);
    const DAY_START_S: u32 = 18_506 * 86_400;
    const TRANSMITTER: Transmitter = Transmitter { tx_power_dbm: -25, calibration_confidence: 3 };

    fn beacons(rpi_hold_min_s: u32, rpi_hold_max_s: u32) -> Beacons {
        let config = GaenConfig { rpi_hold_min_s, rpi_hold_max_s, calls_a_day_ios: 0, calls_a_day_android: 0, calls_a_day_windows: 0 };
        Beacons::new(&config, Seed(1))
    }

    /// Held for 1199 s each, identifiers are taken up at 0, 1199, 2398 and 3597 s: in the intervals 0, 1, 3 and 5. Each stays
    /// on the air into intervals that are not its own; those of the intervals 2 and 4 never are.
    #[test]
    fn an_identifier_is_that_of_the_interval_in_which_it_is_taken_up() {
        let beacons = beacons(1199, 1199);
        let rpis = derive_rpis(&beacons.tek(PersonId(3), DAY));
        let on_air = beacons.phone_day(PersonId(3), DAY, TRANSMITTER);
        let interval = |second| rpis.iter().position(|rpi| *rpi == on_air.at(DAY_START_S + second).0);
        assert_eq!([0, 1, 1198, 1199, 1200].map(interval), [0, 0, 0, 1, 1].map(Some));
        assert_eq!([2397, 2398, 2399, 3596, 3597].map(interval), [1, 3, 3, 3, 5].map(Some));
        // The 73rd is taken up at 86,328 s and held to the end of the day.
        assert_eq!([86_327, 86_328, 86_399].map(interval), [141, 143, 143].map(Some));
    }

    #[test]
    fn identifiers_are_held_within_the_limits_from_midnight_to_midnight() {
        let beacons = beacons(600, 603);
        let mut held_s = BTreeSet::new();
        for phone in 0..20 {
            let on_air = beacons.phone_day(PersonId(phone), DAY, TRANSMITTER);
            assert_eq!(on_air.rotation.from_s[0], DAY_START_S);
            held_s.extend(on_air.rotation.from_s.windows(2).map(|pair| pair[1] - pair[0]));
            let last_s = on_air.rotation.from_s[on_air.rotation.from_s.len() - 1];
            assert!((DAY_START_S + 86_400 - 603..DAY_START_S + 86_400).contains(&last_s), "{}", last_s - DAY_START_S);
        }
        assert_eq!(held_s, (600..=603).collect());
    }

    #[test]
    fn each_phone_and_day_has_a_key_and_rotations_of_its_own() {
        let beacons = beacons(600, 1200);
        let tek = beacons.tek(PersonId(3), DAY);
        assert_eq!((tek.rolling_start.0, tek.rolling_period), (18_506 * 144, 144));
        let others = [beacons.tek(PersonId(4), DAY), beacons.tek(PersonId(3), DayUtc(18_507))];
        let mut words: Vec<&[u8]> = [&tek, &others[0], &others[1]].iter().flat_map(|tek| tek.key.chunks(4)).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), 12, "all 16 bytes are drawn");
        let rotations = |phone, day| {
            let on_air = beacons.phone_day(PersonId(phone), day, TRANSMITTER);
            on_air.rotation.from_s.iter().map(|from_s| from_s - on_air.rotation.from_s[0]).collect::<Vec<_>>()
        };
        assert_ne!(rotations(3, DAY), rotations(4, DAY));
        assert_ne!(rotations(3, DAY), rotations(3, DayUtc(18_507)));
    }

    /// Pins one key: a change here changes every published result.
    #[test]
    fn regress_key_of_a_phone_and_day() {
        let key = [9, 14, 4, 105, 162, 34, 63, 122, 85, 70, 210, 237, 46, 18, 136, 23];
        assert_eq!(beacons(600, 1200).tek(PersonId(3), DAY).key, key);
    }
}
