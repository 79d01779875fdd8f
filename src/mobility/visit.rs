//! Visits: where somebody is and from when to when, before anybody asks what happens inside.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{PersonId, VenueId},
    time::{DayJst, UnixSeconds},
};

/// A stay of one person in one venue, cut at 00:00 and 24:00 JST of the day it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Who.
    pub person: PersonId,
    /// Where.
    pub venue: VenueId,
    /// First second, Unix.
    pub start_s: i64,
    /// End (exclusive), Unix seconds.
    pub end_s: i64,
    /// The person's number among those who belong to the venue: of a desk, in a household, in a trial. It follows from the
    /// membership and is the same on every visit.
    pub seat: u32,
    /// The group of the venue that the person belongs to: of an office, the department. [`NO_GROUP`] where there are none.
    pub group: u16,
    /// What the person is there for: a number among the roles of the venue's kind, 0 where it has none.
    pub role: u8,
}

/// [`Visit::group`] of somebody in no group.
pub const NO_GROUP: u16 = u16::MAX;

impl std::fmt::Display for Visit {
    /// Where and when; who is left to whoever knows the label.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { venue, start_s, end_s, .. } = self;
        write!(f, "venue {} from {} ({start_s}) for {} s", venue.0, UnixSeconds(*start_s), end_s - start_s)
    }
}

/// A visit that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VisitError {
    /// It takes no time, or less.
    #[error("a visit ends before it lasts a second: to {0}")]
    EndsBeforeItStarts(Visit),
    /// It is not of the day that was asked for.
    #[error("a visit is not within {1}, the day that it was planned for: to {0}")]
    OutsideTheDay(Visit, DayJst),
    /// It begins before the one before it ends.
    #[error("visits overlap, or are not in order of time: to {0}, and then to {1}")]
    Overlap(Visit, Visit),
}

/// Whether one person's visits of one day can be: each takes time and lies within the day, and each begins no earlier than
/// the one before it ends.
///
/// # Errors
/// The first visit that cannot be.
pub fn check_visits(day: DayJst, visits: &[Visit]) -> Result<(), VisitError> {
    for (i, visit) in visits.iter().enumerate() {
        if visit.end_s <= visit.start_s {
            return Err(VisitError::EndsBeforeItStarts(*visit));
        }
        if visit.start_s < day.start().0 || visit.end_s > day.end().0 {
            return Err(VisitError::OutsideTheDay(*visit, day));
        }
        if let Some(before) = i.checked_sub(1).map(|before| &visits[before]).filter(|before| before.end_s > visit.start_s) {
            return Err(VisitError::Overlap(*before, *visit));
        }
    }
    Ok(())
}
