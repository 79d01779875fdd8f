//! The four bytes of metadata sent (encrypted) beside each identifier.

/// Version, calibration confidence and transmit power (ENI, BluetoothMetadata).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Major version, 1.
    pub major: u8,
    /// Minor version, 0 or 1.
    pub minor: u8,
    /// Calibration confidence: 0 lowest, 1 low, 2 medium, 3 high (from v1.1 on).
    pub calibration_confidence: u8,
    /// Calibrated transmit power, dBm.
    pub tx_power_dbm: i8,
}

impl Metadata {
    /// Byte 0: bits 7:6 major, 5:4 minor, 3:2 confidence; byte 1: power; bytes 2 and 3: reserved, 0.
    pub fn encode(self) -> [u8; 4] {
        [(self.major & 3) << 6 | (self.minor & 3) << 4 | (self.calibration_confidence & 3) << 2, self.tx_power_dbm as u8, 0, 0]
    }

    /// The reverse of [`Self::encode`]; reserved bits are ignored.
    pub fn decode(bytes: [u8; 4]) -> Self {
        Self { major: bytes[0] >> 6, minor: bytes[0] >> 4 & 3, calibration_confidence: bytes[0] >> 2 & 3, tx_power_dbm: bytes[1] as i8 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bit_has_its_place_and_the_reserved_ones_are_ignored() {
        let metadata = Metadata { major: 1, minor: 1, calibration_confidence: 3, tx_power_dbm: -25 };
        assert_eq!(metadata.encode(), [0b0101_1100, 231, 0, 0]);
        assert_eq!(Metadata { minor: 0, calibration_confidence: 0, tx_power_dbm: 8, ..metadata }.encode(), [0b0100_0000, 8, 0, 0]);
        assert_eq!(Metadata { calibration_confidence: 2, ..metadata }.encode()[0], 0b0101_1000);
        assert_eq!(Metadata::decode([0b0101_1111, 231, 0xFF, 0xFF]), metadata);
        let other = Metadata { major: 2, minor: 3, calibration_confidence: 1, tx_power_dbm: -128 };
        assert_eq!(Metadata::decode([0b1011_0100, 128, 0, 0]), other);
    }
}
