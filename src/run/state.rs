//! What a run carries from day to day, and what happens on one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    air::in_order,
    gaen::SightingStore,
    ids::PersonId,
    mobility::Visit,
    output::{Batch, IoError, RunFolder, tables},
    time::DayJst,
    truth::{Carried, PairDay},
};

use super::{
    end_to_end::{count_end_to_end, counted_days},
    funnel::Funnel,
    itinerary::Itinerary,
    judge::{Counts, Fired, INSTALLED},
    observe::{CaseDay, Found, Observer, PairId, Sources, count_day},
    parts::Parts,
    progress::{Stage, Timing},
    rows,
    setup::Setup,
    summary::{self, Events, Replayed, Reported},
    system::System,
    window::Window,
};

/// What is carried from day to day.
#[derive(Serialize, Deserialize)]
pub struct State {
    /// Days done.
    pub done: u32,
    /// Who stays home on the next day.
    pub stays_home: Vec<PersonId>,
    /// The system around the phones.
    pub system: System,
    /// Each phone's store, of what may match: keys of the scenario's cases. A store's other records cannot match any key
    /// that is ever published, and are left out.
    #[serde(with = "crate::as_list")]
    stores: BTreeMap<PersonId, SightingStore>,
    counts: Counts,
    /// Pairs whose JST day goes on, or whose run does; by pair.
    carried: Vec<(PairId, Carried<Fired>)>,
    /// Rows of `contacts` that are final and whose part waits for others of their day, and the first day without a part.
    contacts: Vec<(PairId, PairDay)>,
    contacts_from: DayJst,
    /// Pairs with a case, day by day, for end-to-end accuracy.
    case_days: Vec<CaseDay>,
    open_visits: Vec<Option<Visit>>,
    snapshot_taken: bool,
    over_capacity: u64,
}

impl State {
    /// Before the first day.
    pub fn new(setup: &Setup) -> Self {
        let system = System::new(setup.first_day, &setup.world());
        Self {
            done: 0,
            stays_home: system.stays_home(setup.first_day),
            system,
            stores: BTreeMap::new(),
            counts: Counts::new(setup),
            carried: Vec::new(),
            contacts: Vec::new(),
            contacts_from: setup.first_day,
            case_days: Vec::new(),
            open_visits: vec![None; setup.people.len()],
            snapshot_taken: false,
            over_capacity: 0,
        }
    }

    /// The next day to be run.
    pub fn next_day(&self, setup: &Setup) -> DayJst {
        setup.first_day.plus_days(self.done as i32)
    }

    /// Everybody's visits of the next day.
    pub fn itinerary(&self, setup: &Setup, day: DayJst) -> Itinerary {
        if day > setup.last_day() {
            return Itinerary::nobody(setup, day);
        }
        Itinerary::of(setup, day, |person| self.stays_home.binary_search(&person).is_ok())
    }

    /// The system's events of a day, decided by what phones had heard when it began: no key of a UTC day is published before that day is
    /// over.
    pub fn advance_system(&mut self, setup: &Setup, folder: &RunFolder, day: DayJst) -> Result<(), IoError> {
        for store in self.stores.values_mut() {
            store.expire(day.end().0 as u32);
        }
        self.stores.retain(|_, store| !store.is_empty());
        self.system.advance(day, &setup.world(), &self.stores);
        self.stays_home = self.system.stays_home(day.next());
        self.system.take_published().into_iter().try_for_each(|file| folder.write_published(&file.name, file.keys, &file.zip))
    }

    /// Observes and judges a UTC day, with the visits of both JST days that it touches.
    pub fn observe(
        &mut self,
        setup: &Setup,
        folder: &RunFolder,
        window: Window,
        days: [&Itinerary; 2],
        sources: &Sources,
        timing: &Timing,
    ) -> Result<(), IoError> {
        let mut parts = Parts::begin(setup, folder, window)?;
        let before = std::mem::take(&mut self.carried);
        let mut counts = std::mem::replace(&mut self.counts, Counts::new(setup));
        let mut of_cases = Vec::new();
        Observer::new(setup, window, days, sources, &before).run(&mut counts, timing, |mut found: Found<'_>| {
            of_cases.append(&mut found.of_cases);
            self.case_days.append(&mut found.case_days);
            self.carried.append(&mut found.carried);
            self.contacts.append(&mut found.contacts);
            self.over_capacity += found.over_capacity;
            if let Some(snapshot) = found.snapshot.take().filter(|_| !self.snapshot_taken) {
                folder.write_table(&snapshot)?;
                self.snapshot_taken = true;
            }
            parts.take(found)
        })?;
        self.carried.sort_by_key(|(pair, _)| *pair);
        if window.to_s == setup.last_day().end().0 {
            for (pair, carried) in std::mem::take(&mut self.carried) {
                carried.finish(|row, fired| {
                    if count_day(setup, pair, &row, &fired, &mut counts) {
                        self.contacts.push((pair, row));
                    }
                });
            }
        }
        self.counts = counts;
        in_order(&mut of_cases);
        of_cases.iter().for_each(|stored| self.stores.entry(stored.observer).or_default().push(stored.sighting));
        self.case_days.sort_by_key(|c| (c.day, c.observer.min(c.case), c.observer.max(c.case)));
        timing.of(Stage::Tables, || {
            parts.finish(folder)?;
            // The JST day that goes on, or an earlier one on which a run started that goes on.
            let waits_from = self.carried.iter().filter_map(|(_, carried)| carried.waits_from()).min();
            self.write_contacts(setup, folder, waits_from.unwrap_or(window.days_jst()[1]))
        })
    }

    /// Writes the parts of all days before `until`, whose rows are final.
    fn write_contacts(&mut self, setup: &Setup, folder: &RunFolder, until: DayJst) -> Result<(), IoError> {
        self.contacts.sort_by_key(|(_, row)| row.day);
        while self.contacts_from < until {
            let later = self.contacts.partition_point(|(_, row)| row.day <= self.contacts_from);
            let mut part = folder.begin_part(self.contacts_from)?;
            part.extend(self.contacts.drain(..later).filter_map(|contact| rows::contact(setup, &contact)))?;
            folder.finish_part(part, self.contacts_from)?;
            self.contacts_from = self.contacts_from.next();
        }
        Ok(())
    }

    /// Joins visits over midnight and writes those that ended on a day.
    pub fn write_visits(&mut self, setup: &Setup, folder: &RunFolder, today: &Itinerary) -> Result<(), IoError> {
        let day = today.day;
        let mut ended = Vec::new();
        for visit in today.visits() {
            let open = &mut self.open_visits[visit.person.index()];
            match open {
                Some(o) if o.venue == visit.venue && o.end_s == visit.start_s => o.end_s = visit.end_s,
                _ => {
                    ended.extend(open.take());
                    *open = Some(*visit);
                }
            }
        }
        let (end_s, is_last) = (day.end().0, day == setup.last_day());
        for open in &mut self.open_visits {
            if open.is_some_and(|o| is_last || o.end_s < end_s) {
                ended.extend(open.take());
            }
        }
        let mut part = folder.begin_part(day)?;
        part.extend(ended.iter().map(|visit| rows::visit(setup, visit)))?;
        folder.finish_part(part, day)
    }

    /// End-to-end accuracy and the tables that cover the whole run.
    pub fn finish(&mut self, setup: &Setup, folder: &RunFolder, replayed: Option<&Replayed>) -> Result<Reported, IoError> {
        let mut accuracy = Batch::new(&tables::ACCURACY);
        let names: Vec<&str> = setup.rules.iter().map(|r| r.name.as_str()).chain([INSTALLED]).collect();
        rows::accuracy(&mut accuracy, setup.seed, &self.counts.tally.rows(), &names);
        rows::accuracy(&mut accuracy, setup.seed, &count_end_to_end(setup, &self.case_days, &self.system).rows(), &[INSTALLED]);
        folder.write_table(&accuracy)?;
        folder.write_table(&rows::causes(setup, &self.counts.causes))?;
        folder.write_table(&rows::roc(&self.counts.roc))?;
        folder.write_table(&rows::attenuation(setup, &self.counts.links.tally()))?;
        if !self.snapshot_taken {
            folder.write_table(&Batch::new(&tables::SNAPSHOT))?;
        }
        let need_s = setup.scenario.truth.duration_min * 60.0;
        let true_contacts = counted_days(setup, &self.case_days).filter(|c| c.half.within_s >= need_s);
        let funnel = Funnel::of(setup, &self.system, true_contacts.map(|c| (c.observer, c.case, c.day, c.day_jst)));
        for batch in rows::system(setup, &self.system, &funnel) {
            folder.write_table(&batch)?;
        }
        let reported = Reported::of(setup, &accuracy, 1);
        folder.write_summary(&summary::json(setup, &reported, &self.system, &self.events(), replayed))?;
        Ok(reported)
    }

    /// What of it grows with a run, in bytes as a checkpoint holds it.
    pub fn bytes(&self) -> [(&'static str, usize); 5] {
        fn of(part: &impl Serialize) -> usize {
            postcard::experimental::serialized_size(part).expect("invariant: a checkpoint is plain data")
        }
        let stores: usize = self.stores.values().map(of).sum();
        [
            ("carried", of(&self.carried)),
            ("contacts", of(&self.contacts)),
            ("stores", stores),
            ("counts", of(&self.counts)),
            ("system", of(&self.system)),
        ]
    }

    /// What was counted of the run's events.
    pub fn events(&self) -> Events {
        Events {
            split_by_nine: self.counts.split_by_nine,
            far_signal: self.counts.far_signal,
            bridge: self.counts.bridge,
            over_capacity: self.over_capacity,
        }
    }

    /// Pair-days of at least 900 s within the radius.
    pub fn long_pair_days(&self) -> u64 {
        self.counts.long_pair_days
    }
}
