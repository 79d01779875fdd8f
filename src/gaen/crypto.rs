//! Temporary Exposure Keys and what is derived from them.

use std::sync::LazyLock;

use aes::{
    Aes128,
    cipher::{Array, BlockCipherEncrypt, KeyInit},
};
use hkdf::HkdfExtract;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::time::Enin;

/// RPIs of one key: TEKRollingPeriod, 144 intervals of 10 minutes (ENI, ContactTracingFeature).
pub const RPIS_A_KEY: usize = 144;

/// A daily key and the intervals it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemporaryExposureKey {
    /// The key.
    pub key: [u8; 16],
    /// First interval.
    pub rolling_start: Enin,
    /// Number of intervals; 0 reads as 144.
    pub rolling_period: u32,
}

impl TemporaryExposureKey {
    /// The number of identifiers that may be matched.
    pub fn period(&self) -> usize {
        match self.rolling_period as usize {
            0 => RPIS_A_KEY,
            period => period.min(RPIS_A_KEY),
        }
    }
}

/// HKDF-SHA256 without salt, 16 bytes (ENI, KeyDerivation; RFC 5869). The extracting HMAC always has the same key (no
/// salt reads as zeros), so its keyed state is made once and copied: two of eight compressions less.
fn derive(tek: &[u8; 16], info: &[u8]) -> [u8; 16] {
    static WITHOUT_SALT: LazyLock<HkdfExtract<Sha256>> = LazyLock::new(|| HkdfExtract::new(None));
    let mut extract = WITHOUT_SALT.clone();
    extract.input_ikm(tek);
    let (_, hkdf) = extract.finalize();
    let mut out = [0; 16];
    hkdf.expand(info, &mut out).expect("16 bytes are within HKDF's limit of 255 blocks");
    out
}

/// All 144 Rolling Proximity Identifiers of a key (whatever its period), in one AES call:
/// `RPI_i = AES-128-ECB(RPIK, "EN-RPI" ‖ 0⁶ ‖ ENIN_i little-endian)`.
pub fn derive_rpis_into(tek: &TemporaryExposureKey, rpis: &mut [[u8; 16]; RPIS_A_KEY]) {
    let cipher = Aes128::new(&Array(derive(&tek.key, b"EN-RPIK")));
    for (i, block) in rpis.iter_mut().enumerate() {
        *block = *b"EN-RPI\0\0\0\0\0\0\0\0\0\0";
        block[12..].copy_from_slice(&tek.rolling_start.0.wrapping_add(i as u32).to_le_bytes());
    }
    cipher.encrypt_blocks(Array::cast_slice_from_core_mut(rpis));
}

/// See [`derive_rpis_into`].
pub fn derive_rpis(tek: &TemporaryExposureKey) -> Box<[[u8; 16]; RPIS_A_KEY]> {
    let mut rpis = Box::new([[0; 16]; RPIS_A_KEY]);
    derive_rpis_into(tek, &mut rpis);
    rpis
}

/// Encrypts and decrypts the metadata sent beside each identifier.
pub struct MetadataCipher(Aes128);

impl MetadataCipher {
    /// The cipher of one daily key.
    pub fn new(tek_key: &[u8; 16]) -> Self {
        Self(Aes128::new(&Array(derive(tek_key, b"EN-AEMK"))))
    }

    /// AES-128-CTR with the RPI as the first counter block; four bytes need one block. Encryption is decryption.
    pub fn apply(&self, rpi: &[u8; 16], metadata: [u8; 4]) -> [u8; 4] {
        let mut block = Array(*rpi);
        self.0.encrypt_block(&mut block);
        std::array::from_fn(|i| metadata[i] ^ block[i])
    }

    /// The derived key, for checking against published vectors.
    pub fn derived_key(tek_key: &[u8; 16]) -> [u8; 16] {
        derive(tek_key, b"EN-AEMK")
    }
}

/// The derived RPI key, for checking against published vectors.
#[cfg(test)]
fn rpi_key(tek_key: &[u8; 16]) -> [u8; 16] {
    derive(tek_key, b"EN-RPIK")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gaen::Metadata;

    fn hex<const N: usize>(text: &str) -> [u8; N] {
        assert_eq!(text.len(), 2 * N, "{text}");
        std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).expect("hexadecimal"))
    }

    /// Google's published test vectors (ENI, TestVectors.java, "Exposure Notification test vectors (v1.2)").
    #[test]
    fn val_published_vectors() {
        let lines: Vec<Vec<&str>> = include_str!("../../tests/data/gaen_vectors.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split_whitespace().collect())
            .collect();
        let value = |name: &str| lines.iter().find(|l| l[0] == name).expect("the file names every value")[1];
        let tek = TemporaryExposureKey {
            key: hex(value("tek")),
            rolling_start: Enin(value("rolling_start").parse().expect("a number")),
            rolling_period: 144,
        };
        assert_eq!(rpi_key(&tek.key), hex(value("rpik")));
        assert_eq!(MetadataCipher::derived_key(&tek.key), hex(value("aemk")));
        let metadata: [u8; 4] = hex(value("metadata"));
        assert_eq!(Metadata::decode(metadata).encode(), metadata);
        let rpis = derive_rpis(&tek);
        let cipher = MetadataCipher::new(&tek.key);
        let mut seen = 0;
        for line in lines.iter().filter(|l| l[0] == "advertised") {
            let i = (line[1].parse::<u32>().expect("a number") - tek.rolling_start.0) as usize;
            assert_eq!(rpis[i], hex::<16>(line[2]), "RPI {i}");
            assert_eq!(cipher.apply(&rpis[i], metadata), hex::<4>(line[3]), "AEM {i}");
            assert_eq!(cipher.apply(&rpis[i], hex(line[3])), metadata);
            seen += 1;
        }
        assert_eq!(seen, RPIS_A_KEY);
    }

    #[test]
    fn a_period_is_at_most_a_day_and_zero_is_a_day() {
        let period = |rolling_period| TemporaryExposureKey { key: [0; 16], rolling_start: Enin(0), rolling_period }.period();
        assert_eq!([0, 1, 143, 144, 145, u32::MAX].map(period), [144, 1, 143, 144, 144, 144]);
    }
}
