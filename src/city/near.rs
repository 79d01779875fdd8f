//! Which venues of a kind are close to a place.

use crate::ids::VenueId;

/// Side of a cell, m.
const CELL_M: f32 = 400.0;
/// So many of a kind are known to each cell.
const MOST: usize = 6;
/// Who does not take the nearest goes so many further on average.
const FURTHER: f64 = 1.3;

/// A square grid over everything that stands in the city.
#[derive(Clone, Debug, Default)]
pub struct Near {
    low_m: (f32, f32),
    columns: usize,
    rows: usize,
    /// Of each kind and cell the nearest venues, nearest first.
    nearest: Vec<[Option<VenueId>; MOST]>,
}

impl Near {
    /// Over these places; `by_kind` has the venues of each kind.
    pub fn new(places: impl Iterator<Item = (f32, f32)>, by_kind: &[Vec<(VenueId, (f32, f32))>]) -> Self {
        let (mut low, mut high) = ((f32::INFINITY, f32::INFINITY), (f32::NEG_INFINITY, f32::NEG_INFINITY));
        for (x, y) in places {
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x), high.1.max(y));
        }
        if low.0 > high.0 {
            (low, high) = ((0.0, 0.0), (0.0, 0.0));
        }
        let cells = |low: f32, high: f32| ((high - low) / CELL_M) as usize + 1;
        let (columns, rows) = (cells(low.0, high.0), cells(low.1, high.1));
        let mut near = Self { low_m: low, columns, rows, nearest: Vec::with_capacity(by_kind.len() * columns * rows) };
        for venues in by_kind {
            for cell in 0..columns * rows {
                near.nearest.push(nearest(near.middle(cell), venues));
            }
        }
        near
    }

    fn middle(&self, cell: usize) -> (f32, f32) {
        let at = |low: f32, number: usize| low + (number as f32 + 0.5) * CELL_M;
        (at(self.low_m.0, cell % self.columns), at(self.low_m.1, cell / self.columns))
    }

    /// The cell of a place.
    pub fn cell(&self, (x_m, y_m): (f32, f32)) -> u32 {
        let number = |at: f32, low: f32, most: usize| (((at - low) / CELL_M).max(0.0) as usize).min(most - 1);
        (number(y_m, self.low_m.1, self.rows) * self.columns + number(x_m, self.low_m.0, self.columns)) as u32
    }

    /// A venue of a kind near a cell, by a draw from 0 to 1: more often one that is near. `None` if the city has none.
    pub fn pick(&self, kind: usize, cell: u32, draw: f64) -> Option<VenueId> {
        let nearest = &self.nearest[kind * self.columns * self.rows + cell as usize];
        let further = (-crate::math::ln(1.0 - draw) * FURTHER) as usize;
        // Those known come first.
        nearest[..=further.min(MOST - 1)].iter().rev().find_map(|venue| *venue)
    }
}

fn nearest(from: (f32, f32), venues: &[(VenueId, (f32, f32))]) -> [Option<VenueId>; MOST] {
    let mut found: Vec<(f32, VenueId)> = Vec::with_capacity(MOST + 1);
    for (venue, (x, y)) in venues {
        let apart = (x - from.0) * (x - from.0) + (y - from.1) * (y - from.1);
        if found.len() == MOST && apart >= found[MOST - 1].0 {
            continue;
        }
        let at = found.partition_point(|(known, _)| *known <= apart);
        found.insert(at, (apart, *venue));
        found.truncate(MOST);
    }
    std::array::from_fn(|i| found.get(i).map(|(_, venue)| *venue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_come_first_and_most_often() {
        let venues: Vec<(VenueId, (f32, f32))> = (0..9).map(|i| (VenueId(i), (i as f32 * 300.0, 0.0))).collect();
        let near = Near::new([(0.0, 0.0), (2_400.0, 500.0)].into_iter(), &[Vec::new(), venues]);
        let first = near.cell((0.0, 0.0));
        assert_eq!(near.pick(0, first, 0.5), None);
        let of_first: Vec<u32> = (0..1000).filter_map(|i| near.pick(1, first, f64::from(i) / 1000.0)).map(|venue| venue.0).collect();
        let count = |venue: u32| of_first.iter().filter(|v| **v == venue).count();
        // The middle of the first cell is at 200 m: 300 m is nearer than 0 m.
        assert!(count(1) > count(0) && count(0) > count(2) && count(6) == 0, "{:?}", (0..9).map(count).collect::<Vec<_>>());
        assert_eq!(near.pick(1, near.cell((9_999.0, 9_999.0)), 0.0), Some(VenueId(8)), "beyond the border the last cell");
    }
}
