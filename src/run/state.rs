//! What a run carries from day to day, and what happens on one.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    air::in_order,
    app::Absent,
    engine::{CaseDay, Counts, Fired, Found, Itinerary, Observer, PairId, Parts, Sources, Timing, Window, count_day},
    gaen::SightingStore,
    ids::PersonId,
    output::{Batch, IoError, RunFolder, tables},
    setup::{INSTALLED, Setup},
    time::DayJst,
    truth::Carried,
};

use super::{
    end_to_end::count_end_to_end,
    evening::Evening,
    outcome::{Funnel, delay_rows, reasons, repair_rows, responses, screens},
    resume, rows, shown,
    summary::{self, Events, Replayed, Reported},
    system::{Device, System, files},
};

/// Room for what counts and the system's records usually take as bytes. What is not needed is not touched, and so takes no memory.
const ROOM_BYTES: usize = 1 << 25;

/// What is carried from day to day. Its fields stand in the order of [`State::to_bytes`].
#[derive(Deserialize)]
pub struct State {
    /// Days done.
    pub done: u32,
    /// The system around the phones.
    pub system: System,
    /// Each phone's store, of what may match: keys of the scenario's cases. A store's other records cannot match any key
    /// that is ever published, and are left out.
    stores: BTreeMap<PersonId, SightingStore>,
    /// Pairs whose JST day goes on, or whose run does; by pair.
    carried: Vec<(PairId, Carried<Fired>)>,
    /// Pairs with a case on days on which its contacts count, for end-to-end accuracy.
    case_days: Vec<CaseDay>,
    snapshot_taken: bool,
    over_capacity: u64,
    link_scans_of_warm_up: u64,
    counts: Counts,
}

impl State {
    /// Before the first day.
    pub fn new(setup: &Setup) -> Self {
        Self {
            done: 0,
            system: System::new(setup.first_day, &setup.world()),
            stores: BTreeMap::new(),
            counts: Counts::new(setup),
            carried: Vec::new(),
            case_days: Vec::new(),
            snapshot_taken: false,
            over_capacity: 0,
            link_scans_of_warm_up: 0,
        }
    }

    /// As a checkpoint holds it. Counts are about as much as all the rest, and both are put into bytes at once.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { done, system, stores, carried, case_days, snapshot_taken, over_capacity, .. } = self;
        let Self { link_scans_of_warm_up, counts, .. } = self;
        let rest = (done, system, stores, carried, case_days, snapshot_taken, over_capacity, link_scans_of_warm_up);
        let about = self.bytes().into_iter().map(|(_, bytes)| bytes).sum::<usize>() + ROOM_BYTES;
        let (mut bytes, counts) = rayon::join(|| resume::bytes_of(&rest, about), || resume::bytes_of(counts, ROOM_BYTES));
        bytes.extend_from_slice(&counts);
        bytes
    }

    /// The next day to be run.
    pub fn next_day(&self, setup: &Setup) -> DayJst {
        setup.first_day.plus_days(self.done as i32)
    }

    /// Everybody's visits of a day, as far as it is known who stays home then; nobody's, of a day that is not of the run.
    pub fn itinerary(&self, setup: &Setup, day: DayJst) -> Itinerary {
        if day < setup.first_day || day > setup.last_day() {
            return Itinerary::nobody(setup, day);
        }
        Itinerary::of(setup, day, |person| self.system.stays_home(person, day))
    }

    /// The system's events of a day, decided by what phones had heard when it began: no key of a UTC day is published before that day is
    /// over.
    pub fn advance_system(&mut self, setup: &Setup, folder: &RunFolder, day: DayJst, timing: &Timing) -> Result<(), IoError> {
        for store in self.stores.values_mut() {
            store.expire(day.end().0 as u32);
        }
        without_uninstalled(setup, day, &mut self.stores);
        self.stores.retain(|_, store| !store.is_empty());
        let published = timing.of_events(|| {
            let events = self.system.advance(day, &setup.world(), &self.stores);
            (events, self.system.take_published())
        });
        published.into_iter().try_for_each(|file| folder.write_published(&file.name, file.keys, &file.zip))
    }

    /// Observes and judges a UTC day, with the visits of both JST days that it touches. Rows that are known leave memory group by group; what
    /// is left to be written joins the evening.
    pub fn observe<'a>(
        &mut self,
        (setup, folder): (&'a Setup, &RunFolder),
        window: Window,
        days: [&Itinerary; 2],
        sources: &Sources,
        timing: &Timing,
        evening: &mut Evening<'a>,
    ) -> Result<(), IoError> {
        if !self.snapshot_taken && !setup.is_warm_up(days[0].day) {
            self.snapshot_taken = shown::write(setup, folder, days[0])?;
        }
        let mut parts = Parts::begin(setup, folder, window)?;
        let before = std::mem::take(&mut self.carried);
        // What a day of the warm-up counts goes nowhere.
        let is_counted = setup.counts(window.day);
        let mut counts = if is_counted { std::mem::replace(&mut self.counts, Counts::new(setup)) } else { Counts::new(setup) };
        let mut of_cases = Vec::new();
        Observer::new(setup, window, days, sources, &before).run(&mut counts, timing, |mut found: Found<'_>| {
            of_cases.append(&mut found.of_cases);
            if is_counted {
                self.case_days.append(&mut found.case_days);
                self.over_capacity += found.over_capacity;
            }
            self.carried.append(&mut found.carried);
            parts.take(found)
        })?;
        self.carried.sort_unstable_by_key(|(pair, _)| *pair);
        if window.to_s == setup.last_day().end().0 {
            let mut last = Found::default();
            for (pair, carried) in std::mem::take(&mut self.carried) {
                carried.finish(|row, fired| {
                    if count_day(setup, pair, &row, &fired, &mut counts) {
                        last.contacts.push((pair, row));
                    }
                });
            }
            parts.take(last)?;
        }
        if is_counted {
            self.counts = counts;
        } else {
            self.link_scans_of_warm_up += counts.links.total();
        }
        in_order(&mut of_cases);
        of_cases.iter().for_each(|stored| self.stores.entry(stored.observer).or_default().push(stored.sighting));
        self.case_days.sort_by_key(|c| (c.day, c.observer.min(c.case), c.observer.max(c.case)));
        evening.observed.push(parts);
        Ok(())
    }

    /// End-to-end accuracy and the tables that cover the whole run.
    pub fn finish(&mut self, setup: &Setup, folder: &RunFolder, replayed: Option<&Replayed>) -> Result<Reported, IoError> {
        let mut accuracy = Batch::new(&tables::ACCURACY);
        let names: Vec<&str> = setup.rules.iter().map(|r| r.name.as_str()).chain([INSTALLED]).collect();
        rows::accuracy(&mut accuracy, setup.seed, &self.counts.tally.rows(), &names);
        rows::accuracy(&mut accuracy, setup.seed, &count_end_to_end(setup, &self.case_days, &self.system).rows(), &[INSTALLED]);
        let others = || {
            folder.write_table(&rows::causes(setup, &self.counts.causes))?;
            folder.write_table(&rows::roc(&self.counts.roc))?;
            folder.write_table(&rows::attenuation(setup, &self.counts.links.tally()))
        };
        let (written, others) = rayon::join(|| folder.write_table(&accuracy), others);
        written.and(others)?;
        if !self.snapshot_taken {
            shown::write_without_people(setup, folder)?;
        }
        let need_s = setup.scenario.truth.duration_min * 60.0;
        let true_contacts = || self.case_days.iter().filter(|c| c.half.within_s >= need_s);
        let funnel = Funnel::of(setup, &self.system, true_contacts().map(|c| (c.observer, c.case, c.day, c.day_jst)));
        for batch in rows::system(setup, &self.system, &funnel).into_iter().chain(rows::server(setup, &self.system)) {
            folder.write_table(&batch)?;
        }
        for batch in [
            screens(setup, &self.system),
            responses(setup, &self.system),
            delay_rows(setup, &self.system),
            repair_rows(setup, &self.system),
        ] {
            folder.write_table(&batch)?;
        }
        if let Some(person) = setup.log_person {
            let os = setup.os(person);
            let model = setup.people.model[person.index()].map_or("", |model| setup.people.models[usize::from(model)].model.as_str());
            let device = Device { platform: if os.name() == "ios" { "iOS" } else { "Android" }, model };
            for (name, rows, text) in files(&self.system.records.log, &device, setup.last_day()) {
                folder.write_phone_log(&name, rows, &text)?;
            }
        }
        folder.write_list(&self.system.list_json())?;
        let reasons = reasons(setup, &self.system, true_contacts());
        folder.write_table(&rows::reasons(setup, &reasons))?;
        let reported = Reported::of(setup, &accuracy, 1);
        folder.write_summary(&summary::json(setup, &reported, &self.system, &self.events(), replayed))?;
        Ok(reported)
    }

    /// What of it grows with a run, in bytes of memory; lists within are not counted.
    pub fn bytes(&self) -> [(&'static str, usize); 2] {
        let stores = self.stores.values().map(SightingStore::bytes).sum();
        [("carried", self.carried.iter().map(|(_, carried)| size_of::<PairId>() + carried.bytes()).sum()), ("stores", stores)]
    }

    /// What was counted of the run's events.
    pub fn events(&self) -> Events {
        Events {
            split_by_nine: self.counts.split_by_nine,
            far_signal: self.counts.far_signal,
            bridge: self.counts.bridge,
            presence: self.counts.presence.clone(),
            over_capacity: self.over_capacity,
        }
    }

    /// Link-scans of the days done.
    pub fn link_scans(&self) -> u64 {
        self.link_scans_of_warm_up + self.counts.links.total()
    }

    /// Pair-days of at least 900 s within the radius.
    pub fn long_pair_days(&self) -> u64 {
        self.counts.long_pair_days
    }
}

/// The records that a phone holds go with its app; what the app's user deletes is not theirs.
fn without_uninstalled(setup: &Setup, day: DayJst, stores: &mut BTreeMap<PersonId, SightingStore>) {
    for (person, _) in setup.uses.ending_on(day).filter(|(_, why)| *why == Absent::Uninstalled) {
        stores.remove(&person);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::Use;

    #[test]
    fn records_go_with_the_app_on_its_day() {
        let mut setup = Setup::of_office(&["phones.adoption=1", "phones.smartphone_shares=[1,1,1,1,1,1,1,1]"]);
        let day = setup.first_day.plus_days(2);
        for (person, why) in [(1, Absent::Uninstalled), (2, Absent::Deleted), (3, Absent::Restored)] {
            let stretch = Use { until: day, end: Some(why), ..setup.uses.of(PersonId(person))[0] };
            setup.uses.replace(PersonId(person), &[stretch]);
        }
        let stores = || (0..4).map(|p| (PersonId(p), SightingStore::EMPTY)).collect::<BTreeMap<_, _>>();
        let left = |on: DayJst| {
            let mut stores = stores();
            without_uninstalled(&setup, on, &mut stores);
            stores.into_keys().map(|p| p.0).collect::<Vec<_>>()
        };
        assert_eq!((left(day.plus_days(-1)), left(day), left(day.next())), (vec![0, 1, 2, 3], vec![0, 2, 3], vec![0, 1, 2, 3]));
    }
}
