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

/// One phone's broadcasts of one UTC day: which identifier from when on.
#[derive(Clone, Debug)]
pub struct PhoneDay {
    /// When each identifier was taken up, Unix seconds, ascending; the first at 00:00 UTC.
    from_s: Vec<u32>,
    rpi: Vec<[u8; 16]>,
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

    /// What the phone broadcasts on a UTC day. An identifier is held for a time drawn evenly between the two limits of
    /// the scenario; the next is the one of the interval at the moment of rotation. The exact distribution on real
    /// phones was never published (weakness); at 00:00 UTC every phone takes up its new key at once.
    pub fn phone_day(&self, phone: PersonId, day: DayUtc, transmitter: Transmitter) -> PhoneDay {
        let tek = self.tek(phone, day);
        let rpis = derive_rpis(&tek);
        let cipher = MetadataCipher::new(&tek.key);
        let metadata = Metadata {
            major: 1,
            minor: 1,
            calibration_confidence: transmitter.calibration_confidence,
            tx_power_dbm: transmitter.tx_power_dbm,
        }
        .encode();
        let mut rng = self.rotation.rng(phone.0, 0, day.0 as u32);
        let mut out = PhoneDay { from_s: Vec::new(), rpi: Vec::new(), aem: Vec::new() };
        let mut second_of_day = 0;
        while i64::from(second_of_day) < DAY_S {
            let rpi = rpis[second_of_day as usize / ENIN_S as usize];
            out.from_s.push(day.start().0 as u32 + second_of_day);
            out.aem.push(cipher.apply(&rpi, metadata));
            out.rpi.push(rpi);
            second_of_day += rng.random_range(self.hold_s.0..=self.hold_s.1);
        }
        out
    }
}

impl PhoneDay {
    /// Identifier and encrypted metadata on the air at a moment of the day.
    pub fn at(&self, t_s: u32) -> ([u8; 16], [u8; 4]) {
        let i = self.from_s.partition_point(|&from| from <= t_s).max(1) - 1;
        (self.rpi[i], self.aem[i])
    }
}
