//! Draws addressed by (seed, stream, who, whom, when).

use std::convert::Infallible;

use rand::rand_core::TryRng;
use serde::{Deserialize, Serialize};

use super::{Stream, philox4x32_10};

/// The run's seed, as given in the scenario or on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed(pub u64);

/// Blocks that [`Keyed::blocks`] makes in one go, as many as a vector register of any 64-bit processor holds words.
pub const BLOCKS_AT_ONCE: usize = 4;

/// A seed and a stream: the key of the counter-based generator.
#[derive(Clone, Copy, Debug)]
pub struct Keyed {
    key: [u32; 2],
}

impl Keyed {
    /// The generator of one stream of one run. Streams of one seed never share a key: the seed is mixed by a bijection
    /// and the stream label is added in the top word.
    pub fn new(seed: Seed, stream: Stream) -> Self {
        let mixed = mix64(seed.0) ^ (u64::from(stream as u32) << 32);
        Self { key: [mixed as u32, (mixed >> 32) as u32] }
    }

    /// One block of 128 random bits at this address.
    #[inline(always)]
    pub fn block(self, who: u32, whom: u32, when: u32, draw: u32) -> [u32; 4] {
        philox4x32_10([who, whom, when, draw], self.key)
    }

    /// The blocks of four moments, word by word (the i-th number of each word is of the i-th moment): half the time of one
    /// after the other.
    // Where it is called and not in line, the moments go through memory, and that is waited for.
    #[inline(always)]
    pub fn blocks(self, who: u32, whom: u32, when: [u32; BLOCKS_AT_ONCE], draw: u32) -> [[u32; BLOCKS_AT_ONCE]; 4] {
        let mut words = [[0; BLOCKS_AT_ONCE]; 4];
        for (i, when) in when.into_iter().enumerate() {
            let block = self.block(who, whom, when, draw);
            for (word, value) in words.iter_mut().zip(block) {
                word[i] = value;
            }
        }
        words
    }

    /// A generator that starts at this address: as many draws as wanted, all a pure function of the address.
    #[inline]
    pub fn rng(self, who: u32, whom: u32, when: u32) -> KeyedRng {
        KeyedRng { keyed: self, who, whom, when, draw: 0, words: [0; 4], used: 4 }
    }

    /// Generators that start at these addresses (who, whom, when), as [`Keyed::rng`]; their first blocks are made in one go.
    #[inline(always)]
    pub fn rngs(self, addresses: [(u32, u32, u32); BLOCKS_AT_ONCE]) -> [KeyedRng; BLOCKS_AT_ONCE] {
        let mut words = [[0; BLOCKS_AT_ONCE]; 4];
        for (i, (who, whom, when)) in addresses.into_iter().enumerate() {
            let block = self.block(who, whom, when, 0);
            for (word, value) in words.iter_mut().zip(block) {
                word[i] = value;
            }
        }
        std::array::from_fn(|i| {
            let (who, whom, when) = addresses[i];
            KeyedRng { draw: 1, words: words.map(|word| word[i]), used: 0, ..self.rng(who, whom, when) }
        })
    }

    /// One uniform number in [0, 1) at this address.
    #[inline]
    pub fn uniform(self, who: u32, whom: u32, when: u32) -> f64 {
        let [a, b, _, _] = self.block(who, whom, when, 0);
        ((u64::from(a) << 32 | u64::from(b)) >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }
}

/// A short-lived generator for one address; implements rand's traits.
#[derive(Clone, Debug)]
pub struct KeyedRng {
    keyed: Keyed,
    who: u32,
    whom: u32,
    when: u32,
    draw: u32,
    words: [u32; 4],
    used: usize,
}

impl KeyedRng {
    #[inline]
    fn word(&mut self) -> u32 {
        if self.used == 4 {
            self.refill();
        }
        let word = self.words[self.used & 3];
        self.used += 1;
        word
    }

    // Apart, so that a word that is there already is taken in line.
    #[inline(never)]
    fn refill(&mut self) {
        self.words = self.keyed.block(self.who, self.whom, self.when, self.draw);
        self.draw += 1;
        self.used = 0;
    }

    /// Goes on as if so many words of 32 bits had been drawn, without making them.
    #[inline]
    pub fn skip(&mut self, words: u32) {
        // Counted from the first word of the block at hand.
        let at = self.used + words as usize;
        if at <= 4 {
            self.used = at;
            return;
        }
        self.draw += (at as u32 - 4) / 4;
        self.used = 4;
        let of_next = at % 4;
        if of_next > 0 {
            self.refill();
            self.used = of_next;
        }
    }
}

impl TryRng for KeyedRng {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.word())
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from(self.word()) | u64::from(self.word()) << 32)
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for chunk in dst.chunks_mut(4) {
            let bytes = self.word().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

/// SplitMix64's finaliser (Steele, Lea, Flood 2014): a bijection of 64 bits that separates neighbouring seeds.
fn mix64(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use rand::{Rng, RngExt};

    use super::*;

    #[test]
    fn a_draw_depends_on_its_address_alone() {
        let keyed = Keyed::new(Seed(7), Stream::Plan);
        let mut a = keyed.rng(1, 2, 3);
        let first: Vec<u32> = (0..9).map(|_| a.next_u32()).collect();
        let mut b = keyed.rng(1, 2, 3);
        let again: Vec<u32> = (0..9).map(|_| b.next_u32()).collect();
        assert_eq!(first, again);
        assert_ne!(first, (0..9).map(|i| keyed.rng(1, 2, 4 + i).next_u32()).collect::<Vec<_>>());
        assert_ne!(keyed.block(1, 2, 3, 0), Keyed::new(Seed(7), Stream::Phone).block(1, 2, 3, 0));
        assert_ne!(keyed.block(1, 2, 3, 0), Keyed::new(Seed(8), Stream::Plan).block(1, 2, 3, 0));
    }

    #[test]
    fn blocks_at_once_are_the_blocks_one_by_one() {
        let keyed = Keyed::new(Seed(7), Stream::Plan);
        let when = [5, 0, u32::MAX, 77];
        let words = keyed.blocks(1, 2, when, 9);
        for (i, when) in when.into_iter().enumerate() {
            assert_eq!(words.map(|word| word[i]), keyed.block(1, 2, when, 9));
        }
    }

    #[test]
    fn uniform_numbers_fill_the_unit_interval() {
        let keyed = Keyed::new(Seed(1), Stream::Errand);
        let mean = (0..10_000).map(|i| keyed.uniform(i, 0, 0)).sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
        let mut rng = keyed.rng(0, 0, 0);
        assert!((0.0..1.0).contains(&rng.random::<f64>()));
    }

    /// Pins every stream's first word: a change here changes every published result.
    #[test]
    fn regress_stream_fingerprint() {
        let fingerprint = Stream::ALL.iter().fold(0u32, |acc, &s| acc.rotate_left(5) ^ Keyed::new(Seed(42), s).block(1, 2, 3, 4)[0]);
        assert_eq!(fingerprint, 3_630_344_921);
    }

    #[test]
    fn words_come_block_after_block_and_low_word_first() {
        let keyed = Keyed::new(Seed(7), Stream::Plan);
        let blocks = [keyed.block(1, 2, 3, 0), keyed.block(1, 2, 3, 1)].concat();
        let mut rng = keyed.rng(1, 2, 3);
        assert_eq!((0..8).map(|_| rng.next_u32()).collect::<Vec<_>>(), blocks);
        assert_eq!(keyed.rng(1, 2, 3).next_u64(), u64::from(blocks[1]) << 32 | u64::from(blocks[0]));
        let mut bytes = [0; 6];
        keyed.rng(1, 2, 3).fill_bytes(&mut bytes);
        assert_eq!(bytes[..4], blocks[0].to_le_bytes());
        assert_eq!(bytes[4..], blocks[1].to_le_bytes()[..2]);
    }

    #[test]
    fn generators_made_in_one_go_are_those_made_one_by_one() {
        let keyed = Keyed::new(Seed(7), Stream::Plan);
        let addresses = [(1, 2, 3), (u32::MAX, 0, 5), (4, 4, 4), (0, 9, u32::MAX)];
        for (mut rng, (who, whom, when)) in keyed.rngs(addresses).into_iter().zip(addresses) {
            let mut alone = keyed.rng(who, whom, when);
            assert_eq!((0..9).map(|_| rng.next_u32()).collect::<Vec<_>>(), (0..9).map(|_| alone.next_u32()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn skipped_words_are_those_that_would_have_been_drawn() {
        let begun = || Keyed::new(Seed(7), Stream::Plan).rng(1, 2, 3);
        let mut rng = begun();
        let all: Vec<u32> = (0..40).map(|_| rng.next_u32()).collect();
        for (drawn, skipped) in (0..10).flat_map(|drawn| (0..20).map(move |skipped| (drawn, skipped))) {
            let mut rng = begun();
            assert_eq!((0..drawn).map(|_| rng.next_u32()).collect::<Vec<_>>(), all[..drawn]);
            rng.skip(skipped as u32);
            assert_eq!([rng.next_u32(), rng.next_u32()], all[drawn + skipped..][..2], "{drawn} drawn, {skipped} skipped");
        }
    }
}
