//! What a venue's lengths come to.

use crate::random::{Keyed, Seed, Stream};

use super::config::{Coordinate, Drawn, Length, Place};
use crate::units::Point;

/// Draws are cut off at so many standard deviations.
const CUT_SD: f32 = 2.0;

/// How lengths that may be drawn are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way<'a> {
    /// As they are in a venue of a run.
    Drawn(Keyed, u32),
    /// All at their mean.
    Mean,
    /// All at their least (-1) or largest (1).
    Extreme(f32),
    /// One, by its key path, at its least or largest, the others at their mean.
    One(&'a str, f32),
}

impl Way<'_> {
    /// As in the venue of this number.
    pub fn of_venue(seed: Seed, venue: u32) -> Self {
        Self::Drawn(Keyed::new(seed, Stream::Layout), venue)
    }

    /// A drawn length. Each has draws of its own, by its key path, so that an added wall or screen moves nothing else.
    fn drawn_m(self, drawn: Drawn, path: &str) -> f32 {
        let deviates = match self {
            Self::Drawn(keyed, venue) => {
                let hash = path.bytes().fold(0x811C_9DC5u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
                let mut rng = keyed.rng(venue, hash, 0);
                std::iter::repeat_with(|| rng.normal() as f32).find(|z| z.abs() <= CUT_SD).unwrap_or(0.0)
            }
            Self::Mean => 0.0,
            Self::Extreme(sign) => sign * CUT_SD,
            Self::One(of, sign) if of == path => sign * CUT_SD,
            Self::One(..) => 0.0,
        };
        drawn.mean_m + deviates * drawn.sd_m
    }
}

/// The lengths of one venue.
#[derive(Debug)]
pub(super) struct Draws<'a> {
    way: Way<'a>,
    /// The floor, once it is known.
    pub floor_m: (f32, f32),
    /// Key paths of all that was drawn.
    pub paths: Vec<String>,
    /// Key paths of lengths of 0 or less, and what they came to.
    pub not_positive: Vec<(String, f32)>,
}

impl<'a> Draws<'a> {
    pub fn new(way: Way<'a>) -> Self {
        Self { way, floor_m: (0.0, 0.0), paths: Vec::new(), not_positive: Vec::new() }
    }

    fn drawn_m(&mut self, drawn: Drawn, path: &str) -> f32 {
        if drawn.sd_m > 0.0 {
            self.paths.push(path.to_string());
        }
        self.way.drawn_m(drawn, path)
    }

    /// A length, which is to be positive.
    pub fn length_m(&mut self, length: Length, path: &str) -> f32 {
        let found_m = match length {
            Length::Fixed(m) => m,
            Length::Drawn(drawn) => self.drawn_m(drawn, path),
        };
        if found_m <= 0.0 {
            self.not_positive.push((path.to_string(), found_m));
        }
        found_m
    }

    fn coordinate_m(&mut self, coordinate: Coordinate, of_floor_m: f32, path: &str) -> f32 {
        match coordinate {
            Coordinate::Fixed(m) => m,
            Coordinate::Drawn(drawn) => self.drawn_m(drawn, path),
            Coordinate::FromEnd(place) => of_floor_m - place.from_end_m,
            Coordinate::Share(place) => of_floor_m * place.share,
        }
    }

    /// A place.
    pub fn place(&mut self, [x, y]: Place, path: &str) -> Point {
        let (width_m, depth_m) = self.floor_m;
        Point::new(self.coordinate_m(x, width_m, &format!("{path}[0]")), self.coordinate_m(y, depth_m, &format!("{path}[1]")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::venue::kind::{FromEnd, Share};

    /// On a floor of 8 m by 5 m: 1.5 m from the right, in the middle; 0.25 m from the left, 2 m from the upper end.
    #[test]
    fn places_are_told_from_either_end_or_as_a_share() {
        let mut draws = Draws { floor_m: (8.0, 5.0), ..Draws::new(Way::Mean) };
        let from_end = |from_end_m| Coordinate::FromEnd(FromEnd { from_end_m });
        assert_eq!(draws.place([from_end(1.5), Coordinate::Share(Share { share: 0.5 })], "x"), Point::new(6.5, 2.5));
        assert_eq!(draws.place([Coordinate::Fixed(0.25), from_end(2.0)], "x"), Point::new(0.25, 3.0));
    }
}
