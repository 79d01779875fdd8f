//! Counts of pairs in columns, of all pairs and again by group of people.

use serde::{Deserialize, Serialize};

use super::groups::{Groups, Rows};

/// Numbers in columns: a row of all pairs, then one of the pairs with either person in each group. A row takes space once something is
/// added to it. A number is 32 bits wide and what it passes on is kept apart, so that no number of pairs is too large.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Counts {
    #[serde(with = "packed")]
    rows: Vec<Box<[u32]>>,
    /// Row and column of numbers that passed 2^32, once for each time.
    carried: Vec<(u32, u32)>,
}

impl Counts {
    /// Of nothing yet.
    pub fn new(groups: Groups) -> Self {
        Self { rows: vec![Box::default(); groups.rows()], carried: Vec::new() }
    }

    /// Adds a pair to the columns that `ones` marks.
    pub fn add(&mut self, rows: Rows, ones: &[bool]) {
        for row in rows.iter() {
            let counts = of_width(&mut self.rows[row], ones.len());
            let mut is_over = false;
            for (n, &one) in counts.iter_mut().zip(ones) {
                let (sum, over) = n.overflowing_add(u32::from(one));
                *n = sum;
                is_over |= over;
            }
            if is_over {
                let passed = counts.iter().zip(ones).zip(0..).filter(|((n, one), _)| **n == 0 && **one);
                self.carried.extend(passed.map(|(_, column)| (row as u32, column)));
            }
        }
    }

    /// Adds a pair to one of `width` columns.
    pub fn add_to(&mut self, rows: Rows, width: usize, column: usize) {
        for row in rows.iter() {
            let n = &mut of_width(&mut self.rows[row], width)[column];
            let (sum, over) = n.overflowing_add(1);
            *n = sum;
            self.carried.extend(over.then_some((row as u32, column as u32)));
        }
    }

    /// Adds what another counted.
    pub fn merge(&mut self, other: &Self) {
        for ((counts, others), row) in self.rows.iter_mut().zip(&other.rows).zip(0..) {
            let counts = of_width(counts, others.len());
            let mut is_over = false;
            for (n, other) in counts.iter_mut().zip(others) {
                let (sum, over) = n.overflowing_add(*other);
                *n = sum;
                is_over |= over;
            }
            if is_over {
                // What passed is less than what was added.
                let passed = counts.iter().zip(others).zip(0..).filter(|((n, other), _)| n < other);
                self.carried.extend(passed.map(|(_, column)| (row, column)));
            }
        }
        self.carried.extend(&other.carried);
    }

    /// Adds the counts of a row to as many sums; nothing where nothing was counted.
    pub fn add_row_to(&self, row: usize, sums: &mut [i64]) {
        sums.iter_mut().zip(&self.rows[row]).for_each(|(sum, n)| *sum += i64::from(*n));
        for &(_, column) in self.carried.iter().filter(|(of, _)| *of as usize == row) {
            sums[column as usize] += 1 << 32;
        }
    }
}

/// The row, which is made when first added to.
fn of_width(row: &mut Box<[u32]>, width: usize) -> &mut [u32] {
    if row.is_empty() && width > 0 {
        *row = vec![0; width].into();
    }
    row
}

/// Rows as bytes, each number in as many as the largest of its row needs: most count few pairs.
mod packed {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Before the numbers of a row stand how many they are, in four bytes, and the bytes of each.
    const HEAD: usize = 5;

    pub fn serialize<S: Serializer>(rows: &[Box<[u32]>], serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::with_capacity(rows.iter().map(|row| HEAD + 2 * row.len()).sum());
        for row in rows {
            bytes.extend_from_slice(&(row.len() as u32).to_le_bytes());
            let width = match row.iter().fold(0, |any, n| any | n) {
                0..=0xFF => 1,
                0x100..=0xFFFF => 2,
                _ => 4,
            };
            bytes.push(width as u8);
            let from = bytes.len();
            bytes.resize(from + width * row.len(), 0);
            let numbers = bytes[from..].chunks_exact_mut(width).zip(row);
            match width {
                1 => numbers.for_each(|(bytes, n)| bytes[0] = *n as u8),
                2 => numbers.for_each(|(bytes, n)| bytes.copy_from_slice(&(*n as u16).to_le_bytes())),
                _ => numbers.for_each(|(bytes, n)| bytes.copy_from_slice(&n.to_le_bytes())),
            }
        }
        serializer.serialize_bytes(&bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Box<[u32]>>, D::Error> {
        let bytes = Vec::<u8>::deserialize(deserializer)?;
        let (mut rows, mut rest) = (Vec::new(), bytes.as_slice());
        while !rest.is_empty() {
            let cut = || D::Error::custom("counts are cut off");
            let (head, after) = rest.split_first_chunk::<HEAD>().ok_or_else(cut)?;
            let (length, width) = (u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize, usize::from(head[4]));
            let numbers = length.checked_mul(width).filter(|_| [1, 2, 4].contains(&width)).ok_or_else(cut)?;
            let (numbers, after) = after.split_at_checked(numbers).ok_or_else(cut)?;
            let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |n, byte| n << 8 | u32::from(*byte));
            rows.push(numbers.chunks_exact(width).map(number).collect());
            rest = after;
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PersonId;

    const WIDTH: usize = 3;

    fn sums(counts: &Counts) -> Vec<Vec<i64>> {
        let of_row = |row| {
            let mut sums = vec![0; WIDTH];
            counts.add_row_to(row, &mut sums);
            sums
        };
        (0..counts.rows.len()).map(of_row).collect()
    }

    /// Two groups: persons 0 and 1 are in one each.
    #[test]
    fn a_count_past_32_bits_is_carried_on() {
        let groups = Groups { number: 2 };
        let rows = groups.rows_of(PersonId(0), PersonId(2));
        let mut counts = Counts::new(groups);
        counts.add_to(rows, WIDTH, 2);
        counts.rows[1][2] = u32::MAX;
        let before = counts.clone();
        counts.add(rows, &[true, false, true]);
        let large = i64::from(u32::MAX) + 1;
        assert_eq!(sums(&counts), [[1, 0, 2], [1, 0, large], [0, 0, 0]]);
        let mut one = before.clone();
        one.add_to(rows, WIDTH, 2);
        assert_eq!(sums(&one), [[0, 0, 2], [0, 0, large], [0, 0, 0]]);
        one.merge(&before);
        one.merge(&counts);
        assert_eq!(sums(&one), [[1, 0, 5], [1, 0, 3 * large - 1], [0, 0, 0]]);
        assert!(one.rows[2].is_empty(), "a group without pairs takes no row");
        // Two of which neither is too large, and their sum is.
        let mut twice = before.clone();
        twice.merge(&before);
        assert_eq!(sums(&twice), [[0, 0, 2], [0, 0, 2 * (large - 1)], [0, 0, 0]]);
    }

    /// Rows of each width come back, and what was cut off is an error.
    #[test]
    fn counts_are_kept_in_as_few_bytes_as_they_need() {
        let mut counts = Counts::new(Groups { number: 4 });
        counts.rows = vec![[0, 255].into(), [256, 1].into(), Box::default(), [65_536, 7].into(), [u32::MAX, 65_535].into()];
        let kept = postcard::to_stdvec(&counts).expect("plain data");
        assert_eq!(postcard::from_bytes::<Counts>(&kept).expect("as it was written"), counts);
        assert_eq!(kept.len(), 1 + 5 * 5 + 2 * (1 + 2 + 4 + 4) + 1, "a length, the rows, and no carries");
        for (length, rest) in [(4, vec![2; 4]), (6, vec![2, 0, 0, 0, 3, 1]), (6, vec![2, 0, 0, 0, 1, 1])] {
            let bad = [vec![length], rest, vec![0]].concat();
            assert!(postcard::from_bytes::<Counts>(&bad).is_err(), "{bad:?}");
        }
    }
}
