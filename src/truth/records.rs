//! The records truth hands to accuracy.

use serde::{Deserialize, Serialize};

use crate::{mobility::Carriage, time::DayJst, venue::VenueKind};

/// The four definitions of a contact, always reported side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Definition {
    /// Seconds within the radius, summed over the JST day.
    CumulativeJst,
    /// One unbroken run; it belongs to the JST day it starts.
    Run,
    /// A run with gaps of up to `truth.gap_min`, contact seconds only; it belongs to the JST day it starts.
    GapRun,
    /// Seconds within the radius, summed over the UTC day: what GAEN's day could at best know.
    CumulativeUtc,
}

impl Definition {
    /// Every definition, in table order.
    pub const ALL: [Definition; 4] = [Definition::CumulativeJst, Definition::Run, Definition::GapRun, Definition::CumulativeUtc];

    /// The name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Definition::CumulativeJst => "cumulative_jst",
            Definition::Run => "run",
            Definition::GapRun => "gap_run",
            Definition::CumulativeUtc => "cumulative_utc",
        }
    }
}

/// The circumstances in which a pair was near for longest: the one segment that held most of their time within
/// `output.contacts_within_m` (or, never that near, the segment of least distance).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Nearest {
    /// Kind of venue.
    pub venue_kind: VenueKind,
    /// What stood between: index into the run's list of barrier names (0 = nothing).
    pub barrier: u16,
    /// How the lower person carried the phone.
    pub carriage_a: Carriage,
    /// How the higher person carried the phone.
    pub carriage_b: Carriage,
    /// Seconds within `output.contacts_within_m` in that segment.
    pub near_s: f64,
    /// Least distance in that segment, m.
    pub min_distance_m: f64,
}

/// One pair over one of the two UTC days that a JST day touches.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HalfDay {
    /// Seconds within the radius (after walls, if they separate).
    pub within_s: f64,
    /// Seconds within the radius, walls ignored.
    pub within_ignoring_walls_s: f64,
    /// Least distance, m; `f64::MAX` if never in range.
    pub min_distance_m: f64,
    /// Seconds spent in range in one venue: truth's range, or radio's reach for two running phones.
    pub in_reach_s: f64,
    /// Seconds within `output.contacts_within_m`, whatever stands between.
    pub near_s: f64,
    /// The circumstances; `None` if never in range.
    pub nearest: Option<Nearest>,
}

impl Default for HalfDay {
    fn default() -> Self {
        Self { within_s: 0.0, within_ignoring_walls_s: 0.0, min_distance_m: f64::MAX, in_reach_s: 0.0, near_s: 0.0, nearest: None }
    }
}

impl HalfDay {
    /// Whether the two came within `near_m` (`output.contacts_within_m`) or were in contact: a matter of people, whatever
    /// phones they hold.
    pub fn came_near(&self, near_m: f64) -> bool {
        self.min_distance_m <= near_m || self.within_s > 0.0
    }

    /// Whether the two came within a distance.
    pub fn came_within(&self, distance_m: f64) -> bool {
        self.min_distance_m <= distance_m
    }

    /// Both together: times add, the nearer circumstances stay.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let nearest = match (self.nearest, other.nearest) {
            (Some(a), Some(b)) => Some(if b.is_nearer_than(&a) { b } else { a }),
            (a, b) => a.or(b),
        };
        Self {
            within_s: self.within_s + other.within_s,
            within_ignoring_walls_s: self.within_ignoring_walls_s + other.within_ignoring_walls_s,
            min_distance_m: self.min_distance_m.min(other.min_distance_m),
            in_reach_s: self.in_reach_s + other.in_reach_s,
            near_s: self.near_s + other.near_s,
            nearest,
        }
    }
}

impl Nearest {
    /// Near for longer, or (near for as long) less far. Equal circumstances leave the earlier ones standing.
    pub fn is_nearer_than(&self, other: &Self) -> bool {
        self.near_s > other.near_s || (self.near_s == other.near_s && self.min_distance_m < other.min_distance_m)
    }
}

/// A pair's JST day on which the two were in range of each other.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairDay {
    /// The day.
    pub day: DayJst,
    /// Before 09:00 JST (the UTC day that began the day before) and after it.
    pub halves: [HalfDay; 2],
    /// Seconds within the radius over the two whole UTC days: the first half with the evening before, the second with the
    /// morning after.
    pub utc_within_s: [f64; 2],
    /// Longest unbroken run that starts on this day, s.
    pub longest_run_s: f64,
    /// Longest run with bridged gaps that starts on this day, contact seconds only.
    pub gap_run_s: f64,
}

impl PairDay {
    /// The JST day as a whole.
    pub fn whole(&self) -> HalfDay {
        self.halves[0].and(&self.halves[1])
    }
}
