//! What a day leaves to be brought to disk once it is over, which is done while the next day is under way.

use crate::{
    engine::Parts,
    output::{Finished, IoError, ManifestHead, PartStream, RunFolder, VisitRow},
    time::DayJst,
};

use super::{RunError, resume};

/// Parts that have all their rows and are not finished.
pub struct Evening<'a> {
    /// Visits that ended on the day.
    pub visits: PartStream<VisitRow>,
    /// What was observed.
    pub observed: Vec<Parts<'a>>,
}

impl<'a> Evening<'a> {
    /// Of a day on which these visits ended.
    pub fn new(visits: PartStream<VisitRow>) -> Self {
        Self { visits, observed: Vec::new() }
    }

    /// With what the run goes on from on the next day, as bytes.
    pub fn close(self, next_day: DayJst, state: Vec<u8>) -> Closed<'a> {
        Closed { evening: self, next_day, state }
    }
}

/// A day that is over.
pub struct Closed<'a> {
    evening: Evening<'a>,
    next_day: DayJst,
    state: Vec<u8>,
}

impl Closed<'_> {
    /// Finishes the parts and then writes the checkpoint, from which on none of it is done again. `finished` is what was finished when the
    /// day was over: nothing of the next day, which is under way, may be in the checkpoint.
    ///
    /// # Errors
    /// The system's; then the checkpoint before stays.
    pub fn write(self, folder: &RunFolder, head: ManifestHead<'_>, mut finished: Finished) -> Result<(), RunError> {
        let Self { evening: Evening { visits, observed }, next_day, state } = self;
        let finish = || -> Result<(), IoError> {
            finished.extend([folder.finish_part(visits)?]);
            observed.into_iter().try_for_each(|parts| parts.finish(folder).map(|files| finished.extend(files)))
        };
        finish()?;
        resume::keep(folder, head, next_day, finished, state)
    }

    /// What the checkpoint holds besides the list of what is finished.
    pub fn bytes(&self) -> usize {
        self.state.len()
    }
}
