//! Events: a pair's records of 20 s that follow each other within a day.

use std::path::Path;

use crate::{
    output::{Batch, IoError, TableSpec, read_parts, tables},
    time::DAY_S,
};

/// What a record covers, s.
pub(super) const SLOT_S: i64 = 20;

/// Records of a pair one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// Day of the run, from 0.
    pub day: u32,
    /// The lower person.
    pub a: u32,
    /// The higher person.
    pub b: u32,
    /// `t` of the first record: it covers the 20 s before.
    pub first_t: i64,
    /// `t` of the last record.
    pub last_t: i64,
}

impl Event {
    /// Its length, s.
    pub fn length_s(&self) -> i64 {
        self.last_t - self.first_t + SLOT_S
    }

    /// How many records there are.
    pub(super) fn records(&self) -> i64 {
        (self.last_t - self.first_t) / SLOT_S + 1
    }

    /// Day and pair.
    pub(super) fn pair_day(&self) -> (u32, u32, u32) {
        (self.day, self.a, self.b)
    }
}

/// The events of records `t i j`, by day, pair and time. Records of one with oneself, and second ones of a slot, are left out.
pub fn events_of(records: impl IntoIterator<Item = (i64, u32, u32)>) -> Vec<Event> {
    let mut events: Vec<Event> = records.into_iter().filter(|(_, i, j)| i != j).map(event).collect();
    join(&mut events);
    events
}

fn event((t, i, j): (i64, u32, u32)) -> Event {
    Event { day: (t / DAY_S) as u32, a: i.min(j), b: i.max(j), first_t: t, last_t: t }
}

/// Sorts events, and joins those of a pair and day that follow each other or overlap.
pub(super) fn join(events: &mut Vec<Event>) {
    events.sort_unstable();
    events.dedup_by(|next, event| {
        let follows = next.pair_day() == event.pair_day() && next.first_t - event.last_t <= SLOT_S;
        if follows {
            event.last_t = event.last_t.max(next.last_t);
        }
        follows
    });
}

/// Events of one kind of venue.
#[derive(Clone, Debug, Default)]
pub struct KindEvents {
    /// The kind's name.
    pub venue_kind: String,
    /// Of pairs that faced each other.
    pub facing: Vec<Event>,
    /// Of pairs that were near, whichever way they faced and whatever screens stood between.
    pub near: Vec<Event>,
}

/// Reads the events of a run's tables `tij` and `tij_unfaced`, by kind of venue.
///
/// # Errors
/// That a table is missing or a file damaged, or the system's.
pub fn read_events(run_dir: &Path) -> Result<Vec<KindEvents>, IoError> {
    let mut kinds: Vec<KindEvents> = Vec::new();
    for (table, faces) in [(&tables::TIJ, true), (&tables::TIJ_UNFACED, false)] {
        read_table(run_dir, table, faces, &mut kinds)?;
    }
    kinds.sort_by(|a, b| a.venue_kind.cmp(&b.venue_kind));
    for kind in &mut kinds {
        join(&mut kind.facing);
        join(&mut kind.near);
    }
    Ok(kinds)
}

/// Part by part: as events there is little of what as records is much.
fn read_table(run_dir: &Path, table: &'static TableSpec, faces: bool, kinds: &mut Vec<KindEvents>) -> Result<(), IoError> {
    for part in read_parts(run_dir, table)? {
        let part: Batch = part?;
        let (t, i, j, venue_kind) = (part.i64("t"), part.u32("i"), part.u32("j"), part.text("venue_kind"));
        let mut of_kind: Vec<Vec<(i64, u32, u32)>> = vec![Vec::new(); kinds.len()];
        for row in 0..part.rows() {
            let name = venue_kind.get(row);
            let at = kinds.iter().position(|kind| kind.venue_kind == name).unwrap_or_else(|| {
                kinds.push(KindEvents { venue_kind: name.into(), ..KindEvents::default() });
                of_kind.push(Vec::new());
                kinds.len() - 1
            });
            of_kind[at].push((t[row], i[row], j[row]));
        }
        for (kind, records) in kinds.iter_mut().zip(of_kind) {
            let events = events_of(records);
            kind.near.extend_from_slice(&events);
            if faces {
                kind.facing.extend(events);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_that_follow_each_other_are_one_event() {
        let events = events_of([(40, 2, 1), (20, 1, 2), (20, 2, 1), (80, 1, 2), (60, 1, 3), (60, 3, 3), (86_380, 1, 3), (86_400, 3, 1)]);
        let found: Vec<_> = events.iter().map(|e| (e.day, e.a, e.b, e.first_t, e.length_s(), e.records())).collect();
        assert_eq!(
            found,
            [(0, 1, 2, 20, 40, 2), (0, 1, 2, 80, 20, 1), (0, 1, 3, 60, 20, 1), (0, 1, 3, 86_380, 20, 1), (1, 1, 3, 86_400, 20, 1)],
            "a day ends an event"
        );
    }

    #[test]
    fn events_that_touch_or_overlap_are_joined() {
        let event = |first_t, last_t| Event { day: 0, a: 1, b: 2, first_t, last_t };
        let mut events = vec![event(200, 300), event(40, 60), event(80, 80), event(220, 240), event(340, 400)];
        join(&mut events);
        assert_eq!(events, [event(40, 80), event(200, 300), event(340, 400)]);
    }
}
