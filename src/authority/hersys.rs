//! Processing numbers: eight digits, issued by HER-SYS to a confirmed person, valid for a while, used once.

use std::collections::BTreeMap;

use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::random::{Keyed, Seed, Stream};

/// How many numbers there are.
pub const NUMBERS: u32 = 100_000_000;

/// An eight-digit processing number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProcessingNumber(pub u32);

impl ProcessingNumber {
    /// Reads a number: eight digits, nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_number = text.len() == 8 && text.bytes().all(|digit| digit.is_ascii_digit());
        text.parse().ok().filter(|_| is_number).map(Self)
    }
}

impl std::fmt::Display for ProcessingNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:08}", self.0)
    }
}

/// The issuing side. Knows numbers and times, not people.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Hersys {
    /// Numbers that were not looked up yet, and until when each is valid, Unix seconds.
    live: BTreeMap<ProcessingNumber, i64>,
}

impl Hersys {
    /// Issues a number at `now_s` that is valid for `valid_h` hours.
    pub fn issue(&mut self, now_s: i64, valid_h: f64, seed: Seed) -> ProcessingNumber {
        let keyed = Keyed::new(seed, Stream::Registration);
        let mut draw = 0;
        let number = loop {
            let number = ProcessingNumber(keyed.block(self.live.len() as u32, 1, now_s as u32, draw)[0] % NUMBERS);
            if !self.live.contains_key(&number) {
                break number;
            }
            draw += 1;
        };
        self.live.insert(number, now_s + (valid_h * 3600.0) as i64);
        number
    }

    /// With so many more numbers, of people elsewhere, that are valid at a moment; `who` tells one such draw from another.
    pub fn with_others(&self, others: u32, now_s: i64, (who, seed): (u32, Seed)) -> Self {
        let mut live = self.live.clone();
        let mut rng = Keyed::new(seed, Stream::Registration).rng(who, 5, now_s as u32);
        let wanted = live.len() + others as usize;
        while live.len() < wanted {
            live.entry(ProcessingNumber(rng.random_range(0..NUMBERS))).or_insert(now_s);
        }
        Self { live }
    }

    /// Takes over which numbers were looked up elsewhere since [`Self::with_others`].
    pub fn forget_unless(&mut self, other: &Self) {
        self.live.retain(|number, _| other.live.contains_key(number));
    }

    /// Whether a number is valid.
    pub fn is_live(&self, number: ProcessingNumber, now_s: i64) -> bool {
        self.live.get(&number).is_some_and(|until_s| now_s <= *until_s)
    }

    /// Answers the notification server: whether the number is live. A number that was checked is deleted. Wrong and
    /// expired numbers are not distinguished (as in the real service).
    pub fn verify(&mut self, number: ProcessingNumber, now_s: i64) -> bool {
        let is_live = self.is_live(number, now_s);
        self.live.remove(&number);
        is_live
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_works_once_and_in_time() {
        let mut hersys = Hersys::default();
        let number = hersys.issue(1000, 1.0, Seed(1));
        assert!(number.0 < 100_000_000);
        assert!(!hersys.clone().verify(number, 1000 + 3601));
        assert!(!hersys.verify(ProcessingNumber(number.0 ^ 1), 1000));
        assert!(hersys.verify(number, 1000 + 3600));
        assert!(!hersys.verify(number, 1000));
    }

    /// Half an hour more than an hour: the edge lies at the second, and hours need not be whole.
    #[test]
    fn a_number_is_valid_to_its_last_second() {
        let mut hersys = Hersys::default();
        let number = hersys.issue(0, 1.5, Seed(1));
        assert!(hersys.clone().verify(number, 5400) && !hersys.verify(number, 5401));
        assert!(!hersys.verify(number, 0), "a number that was looked up is deleted, valid or not");
    }

    #[test]
    fn a_number_is_eight_digits_and_nothing_else() {
        assert_eq!(ProcessingNumber::parse("00000042").map(|n| (n, n.to_string())), Some((ProcessingNumber(42), "00000042".into())));
        for wrong in ["", "1234567", "123456789", "1234567x", "x 12345678 y", "+1234567", "１２３４５６７８"] {
            assert_eq!(ProcessingNumber::parse(wrong), None, "{wrong}");
        }
    }

    /// Numbers of others are valid beside one's own, and of these alone it is kept which were looked up.
    #[test]
    fn numbers_elsewhere_are_live_for_a_while() {
        let mut hersys = Hersys::default();
        let own = hersys.issue(0, 1.0, Seed(1));
        let mut elsewhere = hersys.with_others(1000, 60, (0, Seed(1)));
        assert_eq!((elsewhere.live.len(), elsewhere.is_live(own, 60)), (1001, true));
        assert!(elsewhere.live.keys().all(|number| elsewhere.is_live(*number, 60)));
        hersys.forget_unless(&elsewhere);
        assert!(hersys.is_live(own, 60));
        assert!(elsewhere.verify(own, 60));
        hersys.forget_unless(&elsewhere);
        assert!(hersys.live.is_empty());
    }

    #[test]
    fn live_numbers_differ() {
        let mut hersys = Hersys::default();
        let numbers: std::collections::BTreeSet<u32> = (0..100).map(|_| hersys.issue(7, 1.0, Seed(1)).0).collect();
        assert_eq!(numbers.len(), 100);
    }
}
