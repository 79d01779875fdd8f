//! A Bloom filter of one word a look-up: tells at once that an identifier is not there.

/// Bits for each identifier held; with two bits set in one word, about one look-up in 250 passes by chance.
const BITS_AN_IDENTIFIER: usize = 32;

/// Identifiers are outputs of AES, so their own bytes serve as hashes. One who sends chosen identifiers only makes their
/// own look-ups pass.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    words: Vec<u64>,
    mask: usize,
}

impl Filter {
    pub fn new(identifiers: usize) -> Self {
        // At least 32 KiB: it costs nothing and makes chance passes rare.
        let words = (identifiers * BITS_AN_IDENTIFIER / 64).next_power_of_two().max(4096);
        Self { words: vec![0; words], mask: words - 1 }
    }

    #[inline]
    fn place(&self, rpi: &[u8; 16]) -> (usize, u64) {
        let word = u32::from_le_bytes([rpi[8], rpi[9], rpi[10], rpi[11]]) as usize & self.mask;
        (word, 1 << (rpi[12] & 63) | 1 << (rpi[13] & 63))
    }

    pub fn insert(&mut self, rpi: &[u8; 16]) {
        let (word, bits) = self.place(rpi);
        self.words[word] |= bits;
    }

    #[inline]
    pub fn may_hold(&self, rpi: &[u8; 16]) -> bool {
        let (word, bits) = self.place(rpi);
        self.words[word] & bits == bits
    }
}
