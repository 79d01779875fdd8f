//! Processing numbers: eight digits, issued by HER-SYS to a confirmed person, valid for a while, used once.

use serde::{Deserialize, Serialize};

use crate::random::{Keyed, Seed, Stream};

/// An eight-digit processing number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessingNumber(pub u32);

/// The issuing side. Knows numbers and times, not people.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Hersys {
    live: Vec<(ProcessingNumber, i64)>,
}

impl Hersys {
    /// Issues a number at `now_s` that is valid for `valid_h` hours.
    pub fn issue(&mut self, now_s: i64, valid_h: f64, seed: Seed) -> ProcessingNumber {
        let keyed = Keyed::new(seed, Stream::Registration);
        let mut draw = 0;
        let number = loop {
            let number = ProcessingNumber(keyed.block(self.live.len() as u32, 1, now_s as u32, draw)[0] % 100_000_000);
            if self.live.iter().all(|(n, _)| *n != number) {
                break number;
            }
            draw += 1;
        };
        self.live.push((number, now_s + (valid_h * 3600.0) as i64));
        number
    }

    /// Answers the notification server: whether the number is live. A number that was checked is deleted. Wrong and
    /// expired numbers are not distinguished (as in the real service).
    pub fn verify(&mut self, number: ProcessingNumber, now_s: i64) -> bool {
        let valid = self.live.iter().any(|(n, until_s)| *n == number && now_s <= *until_s);
        self.live.retain(|(n, _)| *n != number);
        valid
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
    fn live_numbers_differ() {
        let mut hersys = Hersys::default();
        let numbers: std::collections::BTreeSet<u32> = (0..100).map(|_| hersys.issue(7, 1.0, Seed(1)).0).collect();
        assert_eq!(numbers.len(), 100);
    }
}
