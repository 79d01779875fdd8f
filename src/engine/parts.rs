//! The parts of tables that a UTC day writes: rows come as they are found and leave memory group by group. A new table of that kind is a
//! stream here, and nothing else of the flow knows of it.

use crate::{
    output::{ContactRow, FinishedFile, IoError, PartStream, RunFolder, SightingRow, StanceRow, TijRow, UnfacedRow, VerdictRow},
    setup::Setup,
    time::DayJst,
};

use super::{observe::Found, rows, window::Window};

/// Parts being written. Those of UTC days bear the number of the UTC day, those of JST days the JST day on which the UTC day begins. A pair's
/// day of contact stands in the part of the day on which it is final: its own, unless a run that began on it goes on.
pub struct Parts<'a> {
    setup: &'a Setup,
    contacts: Option<PartStream<ContactRow<'a>>>,
    verdicts: Option<PartStream<VerdictRow<'a>>>,
    sightings: Option<PartStream<SightingRow>>,
    stances: Option<PartStream<StanceRow>>,
    tij: Option<(PartStream<TijRow>, PartStream<UnfacedRow>)>,
}

impl<'a> Parts<'a> {
    /// Begins the parts that the scenario asks for.
    pub fn begin(setup: &'a Setup, folder: &RunFolder, window: Window) -> Result<Self, IoError> {
        let output = &setup.scenario.output;
        let (day_utc, day_jst) = (DayJst(window.day.0), window.days_jst()[0]);
        // No JST day of the run begins before its first day.
        let is_day = day_jst >= setup.first_day;
        Ok(Self {
            setup,
            contacts: is_day.then(|| folder.begin_part(day_jst)).transpose()?,
            verdicts: output.verdicts.any().then(|| folder.begin_part(day_utc)).transpose()?,
            sightings: output.sightings.then(|| folder.begin_part(day_utc)).transpose()?,
            stances: (is_day && output.stances).then(|| folder.begin_part(day_jst)).transpose()?,
            tij: output.tij.config().map(|_| Ok((folder.begin_part(day_utc)?, folder.begin_part(day_utc)?))).transpose()?,
        })
    }

    /// Takes rows.
    pub fn take(&mut self, found: Found<'a>) -> Result<(), IoError> {
        let contacts = found.contacts.iter().filter_map(|contact| rows::contact(self.setup, contact));
        self.contacts.as_mut().map_or(Ok(()), |part| part.extend(contacts))?;
        self.verdicts.as_mut().map_or(Ok(()), |part| part.extend(found.verdicts))?;
        self.sightings.as_mut().map_or(Ok(()), |part| part.extend(found.sightings))?;
        self.stances.as_mut().map_or(Ok(()), |part| part.extend(found.stances))?;
        let Some((tij, unfaced)) = &mut self.tij else { return Ok(()) };
        let runs = |faces: bool| found.slots.iter().filter(move |run| run.faces() == faces).flat_map(|run| run.rows());
        tij.extend(runs(true))?;
        unfaced.extend(runs(false).map(UnfacedRow))
    }

    /// Gives every part its name.
    pub fn finish(self, folder: &RunFolder) -> Result<Vec<(String, FinishedFile)>, IoError> {
        let Self { contacts, verdicts, sightings, stances, tij, .. } = self;
        let contacts = contacts.map(|part| folder.finish_part(part));
        let verdicts = verdicts.map(|part| folder.finish_part(part));
        let sightings = sightings.map(|part| folder.finish_part(part));
        let stances = stances.map(|part| folder.finish_part(part));
        let tij = tij.map(|(tij, unfaced)| [folder.finish_part(tij), folder.finish_part(unfaced)]);
        contacts.into_iter().chain(verdicts).chain(sightings).chain(stances).chain(tij.into_iter().flatten()).collect()
    }
}
