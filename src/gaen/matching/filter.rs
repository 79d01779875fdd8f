//! A Bloom filter of one word a look-up: says at once that an identifier is not there.

/// Fewest bits for each identifier held. With four bits set in one word, about one look-up in 160 passes by chance.
/// Against a million identifiers a look-up waits for memory, so a smaller filter is worth more bits to compute.
const BITS_AN_IDENTIFIER: usize = 16;

/// 16 KiB: it fits the nearest cache and makes chance passes of a small store rare.
const MIN_WORDS: usize = 2048;

/// Identifiers are outputs of AES, so their own bytes serve as hashes. One who sends chosen identifiers only makes their
/// own look-ups pass.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    words: Vec<u64>,
    mask: usize,
}

impl Filter {
    pub fn new(identifiers: usize) -> Self {
        let words = (identifiers * BITS_AN_IDENTIFIER / 64).next_power_of_two().max(MIN_WORDS);
        Self { words: vec![0; words], mask: words - 1 }
    }

    /// The word's place and the bits set in it: two, and the same two turned round, which costs less than four drawn apart.
    #[inline]
    fn place(&self, rpi: &[u8; 16]) -> (usize, u64) {
        let hash = u64::from_le_bytes([rpi[8], rpi[9], rpi[10], rpi[11], rpi[12], rpi[13], rpi[14], rpi[15]]);
        let two = 1 << (hash >> 32 & 63) | 1 << (hash >> 38 & 63);
        (hash as u32 as usize & self.mask, two | u64::rotate_left(two, (hash >> 44 & 63) as u32))
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
