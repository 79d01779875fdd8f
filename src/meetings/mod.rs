//! Who met whom how long: a run's contacts in slots of 20 s, by the statistics that measured face-to-face traces have, and both side by side.
//!
//! [`read_events`] reads the tables `tij` and `tij_unfaced` of a run; [`Statistics`] of them are those that `stats()` of the traces' own
//! analysis gives; [`validate`] judges them by chance.

mod chance;
mod days;
mod events;
mod inputs;
mod lines;
mod measured;
mod power_law;
mod reference;
mod statistics;
mod validate;

pub use chance::CONFIDENCE;
pub use days::{CONTACTS, POLYMOD, place_of};
pub use events::{Event, KindEvents, events_of, read_events};
pub use inputs::Origin;
pub use lines::Line;
pub use measured::{BADGES, Badges};
pub use reference::{Compared, Comparison, JUDGED, Reference, Verdict, named, read_references};
pub use statistics::Statistics;
pub use validate::{KindFigures, MeetingsError, Slots, Validation, validate};
