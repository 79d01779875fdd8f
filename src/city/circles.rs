//! Who is friends with whom: circles of people of about the same age who live close to each other.

use crate::random::{Keyed, Seed, Stream};

/// In no circle.
pub const NO_CIRCLE: u32 = u32::MAX;
/// Who is younger meets friends at school, s.
const FROM_YEARS: u8 = 13;
/// Ages of a circle lie within so many years.
const BAND_YEARS: u8 = 10;
/// In place of a day.
const OF_LIFE: u32 = u32::MAX;

/// Circles of a city.
#[derive(Clone, Debug, Default)]
pub struct Circles {
    /// Of each person their circle.
    pub of: Vec<u32>,
    /// Of each circle where it is at home, a cell, and its youngest age, years.
    pub home: Vec<(u32, u8)>,
}

impl Circles {
    /// Of people of so many years who live in these cells, so many to a circle.
    pub fn new(age_years: &[u8], cell: impl Fn(usize) -> u32, people: u32, seed: Seed) -> Self {
        let keyed = Keyed::new(seed, Stream::CityDays);
        let member =
            |i: usize| (cell(i), age_years[i] / BAND_YEARS, keyed.block(i as u32, super::days::OF_CIRCLE, OF_LIFE, 0)[0], i as u32);
        let mut members: Vec<_> = (0..age_years.len()).filter(|i| age_years[*i] >= FROM_YEARS).map(member).collect();
        members.sort_unstable();
        let mut circles = Self { of: vec![NO_CIRCLE; age_years.len()], home: Vec::new() };
        for of_age in members.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            for circle in of_age.chunks(people as usize) {
                let youngest = circle.iter().map(|(.., i)| age_years[*i as usize]).min().unwrap_or(FROM_YEARS);
                circle.iter().for_each(|(.., i)| circles.of[*i as usize] = circles.home.len() as u32);
                circles.home.push((circle[0].0, youngest));
            }
        }
        circles
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn friends_are_of_an_age_and_live_close() {
        let ages: Vec<u8> = (0..600).map(|i| (i % 60) as u8).collect();
        let circles = Circles::new(&ages, |i| (i / 300) as u32, 6, Seed(1));
        for circle in 0..circles.home.len() as u32 {
            let members: Vec<usize> = (0..600).filter(|i| circles.of[*i] == circle).collect();
            assert!((1..=6).contains(&members.len()));
            assert!(members.iter().all(|i| ages[*i] / 10 == ages[members[0]] / 10 && i / 300 == members[0] / 300));
            assert_eq!(circles.home[circle as usize], ((members[0] / 300) as u32, members.iter().map(|i| ages[*i]).min().expect("one")));
        }
        assert!((0..600).all(|i| (circles.of[i] == NO_CIRCLE) == (ages[i] < 13)));
    }
}
