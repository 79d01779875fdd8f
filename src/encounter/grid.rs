//! Stances by place and time, to be asked who may be near whom.

use crate::{mobility::Stance, units::Point};

/// Stances are filed by spans of time about as long as they last in the mean, but within these lengths, s.
const BUCKETS_S: (i64, i64) = (240, 900);
/// Cells are no smaller than this, m.
const LEAST_CELL_M: f32 = 0.5;
/// Ways are filed so much wider than they are, m: places between their ends are found by interpolation, which rounds.
const ROUNDING_M: f32 = 1e-3;

/// A stance and the number of the person who takes it, and when.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry {
    pub person: u32,
    pub stance: u32,
    /// From the grid's first second on, s: a grid holds a day, and what is looked at beside is looked at in order.
    start_s: i32,
    end_s: i32,
}

/// Square cells a little wider than a range, each cut into spans of time: whoever comes within the range of somebody is at that moment in the
/// same cell or in one of the eight around it.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    cell_m: f32,
    low: Point,
    columns: usize,
    rows: usize,
    from_s: i64,
    bucket_s: i64,
    buckets: usize,
    /// Entries of a cell and span: `entries[first[i]..first[i + 1]]`.
    first: Vec<u32>,
    entries: Vec<Entry>,
}

impl Grid {
    /// Files these people's stances for a range; they lie between two corners.
    pub fn new(stances: &[Stance], filed: impl Iterator<Item = (u32, u32)> + Clone, range_m: f32, (low, high): (Point, Point)) -> Self {
        // Of no range at all there would be countless cells.
        let cell_m = range_m.max(LEAST_CELL_M) + 2.0 * ROUNDING_M;
        let cells = |length_m: f32| (length_m / cell_m) as usize + 1;
        let of = |stance: u32| &stances[stance as usize];
        let (mut from_s, mut to_s, mut lasts_s, mut number) = (i64::MAX, i64::MIN, 0, 0);
        for stance in filed.clone().map(|(_, stance)| of(stance)) {
            (from_s, to_s) = (from_s.min(stance.start_s), to_s.max(stance.end_s));
            (lasts_s, number) = (lasts_s + stance.end_s - stance.start_s, number + 1);
        }
        let bucket_s = (lasts_s / number.max(1)).clamp(BUCKETS_S.0, BUCKETS_S.1);
        let (from_s, to_s) = (from_s.min(to_s), to_s.max(from_s.min(to_s)));
        let mut grid = Self {
            cell_m,
            low,
            columns: cells(high.x_m - low.x_m),
            rows: cells(high.y_m - low.y_m),
            from_s,
            bucket_s,
            buckets: ((to_s - from_s) / bucket_s) as usize + 1,
            first: Vec::new(),
            entries: Vec::new(),
        };
        let mut next = vec![0u32; grid.columns * grid.rows * grid.buckets + 1];
        for (_, stance) in filed.clone() {
            grid.places(of(stance), 0, |place| next[place + 1] += 1);
        }
        for i in 1..next.len() {
            next[i] += next[i - 1];
        }
        grid.first.clone_from(&next);
        let mut entries = vec![Entry::default(); next[next.len() - 1] as usize];
        for (person, stance) in filed {
            let of = of(stance);
            let entry = Entry { person, stance, start_s: (of.start_s - from_s) as i32, end_s: (of.end_s - from_s) as i32 };
            grid.places(of, 0, |place| {
                entries[next[place] as usize] = entry;
                next[place] += 1;
            });
        }
        grid.entries = entries;
        grid
    }

    /// Calls `found` with every filed stance that may come within the range of this one, some of them more than once.
    pub fn around(&self, stance: &Stance, mut found: impl FnMut(Entry)) {
        let (from_s, to_s) = ((stance.start_s - self.from_s) as i32, (stance.end_s - self.from_s) as i32);
        self.places(stance, 1, |place| {
            let bucket = place % self.buckets;
            for &entry in &self.entries[self.first[place] as usize..self.first[place + 1] as usize] {
                let (start_s, end_s) = (from_s.max(entry.start_s), to_s.min(entry.end_s));
                // A pair of stances is met in the span in which its common time begins, and in no other.
                if start_s < end_s && self.bucket(self.from_s + i64::from(start_s)) == bucket {
                    found(entry);
                }
            }
        });
    }

    fn bucket(&self, t_s: i64) -> usize {
        (((t_s - self.from_s) / self.bucket_s).max(0) as usize).min(self.buckets - 1)
    }

    /// Every cell that a stance touches, and those so many cells around them, in every span of time that it lasts.
    fn places(&self, stance: &Stance, around: usize, mut visit: impl FnMut(usize)) {
        let (from, to) = if stance.from.x_m <= stance.to.x_m { (stance.from, stance.to) } else { (stance.to, stance.from) };
        let slope = if to.x_m > from.x_m { (to.y_m - from.y_m) / (to.x_m - from.x_m) } else { 0.0 };
        let index = |m: f32, of: usize| ((m / self.cell_m).max(0.0) as usize).min(of - 1);
        let buckets = self.bucket(stance.start_s)..=self.bucket(stance.end_s - 1);
        let column = |x_m: f32| index(x_m - self.low.x_m, self.columns);
        let (first, last) = (column(from.x_m - ROUNDING_M), column(to.x_m + ROUNDING_M));
        for c in first.saturating_sub(around)..=(last + around).min(self.columns - 1) {
            // The part of the way that lies in this column or in those around it.
            let left_m = self.low.x_m + c.saturating_sub(around) as f32 * self.cell_m - ROUNDING_M;
            let right_m = self.low.x_m + (c + 1 + around) as f32 * self.cell_m + ROUNDING_M;
            let at = |x_m: f32| from.y_m + slope * (x_m.clamp(from.x_m, to.x_m) - from.x_m);
            let ends = if to.x_m > from.x_m { (at(left_m), at(right_m)) } else { (from.y_m, to.y_m) };
            let row = |y_m: f32| index(y_m - self.low.y_m, self.rows);
            let (lowest, highest) = (row(ends.0.min(ends.1) - ROUNDING_M), row(ends.0.max(ends.1) + ROUNDING_M));
            for r in lowest.saturating_sub(around)..=(highest + around).min(self.rows - 1) {
                let cell = (c * self.rows + r) * self.buckets;
                buckets.clone().for_each(|bucket| visit(cell + bucket));
            }
        }
    }
}
