//! The records encounter hands to truth and radio.

/// What the line between two people crosses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Between {
    /// Sum of the losses of all barriers crossed, dB.
    pub loss_db: f32,
    /// Index (in the plan's materials) of the crossed material with the largest loss; [`NOTHING_BETWEEN`] if none.
    pub material: u16,
    /// Whether something crossed reaches the ceiling.
    pub separates: bool,
}

/// `Between::material` where the line of sight is clear.
pub const NOTHING_BETWEEN: u16 = u16::MAX;

/// A time span in which both poses are simple (held or walked straight).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// First second, Unix.
    pub start_s: i64,
    /// End (exclusive), Unix seconds.
    pub end_s: i64,
    /// Index of the lower person's stance among the venue's.
    pub stance_a: u32,
    /// Index of the higher person's stance among the venue's.
    pub stance_b: u32,
}
