//! Rows of the tables that are written while a run goes on.

use super::{Row, TableRow, TableSpec, tables};
use crate::{
    ids::VenueId,
    time::{DayJst, DayUtc},
};

/// A row of `visits`.
#[derive(Clone, Copy, Debug)]
pub struct VisitRow {
    /// Who stays.
    pub person: u32,
    /// Where.
    pub venue: VenueId,
    /// Kind of the venue.
    pub venue_kind: &'static str,
    /// When the stay begins, Unix seconds.
    pub start_s: i64,
    /// When it ends, Unix seconds.
    pub end_s: i64,
    /// The venue's group that they belong to for the stay.
    pub group: Option<u32>,
    /// Whether it lies before the days that results are about.
    pub is_warm_up: bool,
}

impl TableRow for VisitRow {
    type Order = (u32, i64);

    fn table() -> &'static TableSpec {
        &tables::VISITS
    }

    fn order(&self) -> Self::Order {
        (self.person, self.start_s)
    }

    fn put(&self, row: Row<'_>) {
        row.set("person", self.person)
            .set("venue", self.venue)
            .set("venue_kind", self.venue_kind)
            .set("start_s", self.start_s)
            .set("end_s", self.end_s)
            .set("group", self.group)
            .set("is_warm_up", self.is_warm_up);
    }
}

/// A row of `stances`.
#[derive(Clone, Copy, Debug)]
pub struct StanceRow {
    /// Who.
    pub person: u32,
    /// Where.
    pub venue: VenueId,
    /// First second, Unix.
    pub start_s: i64,
    /// End (exclusive), Unix seconds.
    pub end_s: i64,
    /// Body centre at the start, m.
    pub from_m: [f64; 2],
    /// Body centre at the end, m.
    pub to_m: [f64; 2],
    /// Direction faced, degrees.
    pub facing_deg: f64,
    /// How the phone is carried.
    pub carriage: &'static str,
    /// Room of the plan; `None` in no room.
    pub room: Option<u32>,
    /// Names the spot.
    pub place: u32,
    /// Names the carriage episode.
    pub episode: u32,
    /// Whether it lies before the days that results are about.
    pub is_warm_up: bool,
}

impl TableRow for StanceRow {
    type Order = (u32, i64);

    fn table() -> &'static TableSpec {
        &tables::STANCES
    }

    fn order(&self) -> Self::Order {
        (self.person, self.start_s)
    }

    fn put(&self, row: Row<'_>) {
        row.set("person", self.person)
            .set("venue", self.venue)
            .set("start_s", self.start_s)
            .set("end_s", self.end_s)
            .set("x0_m", self.from_m[0])
            .set("y0_m", self.from_m[1])
            .set("x1_m", self.to_m[0])
            .set("y1_m", self.to_m[1])
            .set("facing_deg", self.facing_deg)
            .set("carriage", self.carriage)
            .set("room", self.room)
            .set("place", self.place)
            .set("episode", self.episode)
            .set("is_warm_up", self.is_warm_up);
    }
}

/// A row of `contacts`.
#[derive(Clone, Copy, Debug)]
pub struct ContactRow<'a> {
    /// The JST day.
    pub day_jst: DayJst,
    /// The lower person.
    pub a: u32,
    /// The higher person.
    pub b: u32,
    /// Kind of venue where they were nearest longest.
    pub venue_kind: &'static str,
    /// What stood between them there.
    pub barrier: &'a str,
    /// Seconds within the radius.
    pub within_s: f64,
    /// Of these, before and after 09:00 JST.
    pub within_halves_s: [f64; 2],
    /// Seconds within the radius, walls ignored.
    pub within_ignoring_walls_s: f64,
    /// Longest unbroken run that starts on the day, s.
    pub longest_run_s: f64,
    /// Longest run with bridged gaps, s.
    pub gap_run_s: f64,
    /// Seconds near each other (`output.contacts_within_m`).
    pub near_s: f64,
    /// Least distance, m.
    pub min_distance_m: f64,
    /// Contact by: seconds of the JST day, a run, a run with gaps, seconds of either UTC day.
    pub is_contact: [bool; 4],
    /// Whether it lies before the days that results are about.
    pub is_warm_up: bool,
}

impl TableRow for ContactRow<'_> {
    type Order = (DayJst, u32, u32);

    fn table() -> &'static TableSpec {
        &tables::CONTACTS
    }

    fn order(&self) -> Self::Order {
        (self.day_jst, self.a, self.b)
    }

    fn put(&self, row: Row<'_>) {
        row.set("day_jst", self.day_jst)
            .set("a", self.a)
            .set("b", self.b)
            .set("venue_kind", self.venue_kind)
            .set("barrier", self.barrier)
            .set("within_s", self.within_s)
            .set("within_before_0900_s", self.within_halves_s[0])
            .set("within_after_0900_s", self.within_halves_s[1])
            .set("within_ignoring_walls_s", self.within_ignoring_walls_s)
            .set("longest_run_s", self.longest_run_s)
            .set("gap_run_s", self.gap_run_s)
            .set("near_s", self.near_s)
            .set("min_distance_m", self.min_distance_m)
            .set("is_contact_cumulative_jst", self.is_contact[0])
            .set("is_contact_run", self.is_contact[1])
            .set("is_contact_gap", self.is_contact[2])
            .set("is_contact_cumulative_utc", self.is_contact[3])
            .set("is_warm_up", self.is_warm_up);
    }
}

/// A row of `tij`: a slot in which two faced each other.
#[derive(Clone, Copy, Debug)]
pub struct TijRow {
    /// End of the slot, s from 00:00 JST of the run's first day.
    pub t: i64,
    /// The lower person.
    pub i: u32,
    /// The higher person.
    pub j: u32,
    /// Kind of venue.
    pub venue_kind: &'static str,
}

impl TijRow {
    fn set(&self, row: Row<'_>) {
        row.set("t", self.t).set("i", self.i).set("j", self.j).set("venue_kind", self.venue_kind);
    }
}

impl TableRow for TijRow {
    type Order = (i64, u32, u32);

    fn table() -> &'static TableSpec {
        &tables::TIJ
    }

    fn order(&self) -> Self::Order {
        (self.t, self.i, self.j)
    }

    fn put(&self, row: Row<'_>) {
        self.set(row);
    }
}

/// A row of `tij_unfaced`: a slot in which two were near and did not face each other.
#[derive(Clone, Copy, Debug)]
pub struct UnfacedRow(pub TijRow);

impl TableRow for UnfacedRow {
    type Order = (i64, u32, u32);

    fn table() -> &'static TableSpec {
        &tables::TIJ_UNFACED
    }

    fn order(&self) -> Self::Order {
        self.0.order()
    }

    fn put(&self, row: Row<'_>) {
        self.0.set(row);
    }
}

/// A row of `sightings`.
#[derive(Clone, Copy, Debug)]
pub struct SightingRow {
    /// Whose phone stored it.
    pub observer: u32,
    /// When, Unix seconds.
    pub t_s: i64,
    /// Rolling Proximity Identifier.
    pub rpi: [u8; 16],
    /// Associated Encrypted Metadata.
    pub aem: [u8; 4],
    /// Received power, dBm.
    pub rssi_dbm: i32,
    /// When the phone's previous scan was, Unix seconds.
    pub previous_scan_s: i64,
    /// Whether it lies before the days that results are about.
    pub is_warm_up: bool,
}

impl TableRow for SightingRow {
    type Order = (u32, i64, [u8; 16]);

    /// In the order in which they come, pair by pair, rows would tell who transmitted; the more are sorted together, the less is left of it.
    const SORTED_AT_ONCE: usize = 1 << 18;

    fn table() -> &'static TableSpec {
        &tables::SIGHTINGS
    }

    fn order(&self) -> Self::Order {
        (self.observer, self.t_s, self.rpi)
    }

    fn put(&self, row: Row<'_>) {
        row.set("observer", self.observer)
            .set("t_s", self.t_s)
            .set("rpi", &self.rpi)
            .set("aem", &self.aem)
            .set("rssi_dbm", self.rssi_dbm)
            .set("previous_scan_s", self.previous_scan_s)
            .set("is_warm_up", self.is_warm_up);
    }
}

/// A row of `verdicts`.
#[derive(Clone, Copy, Debug)]
pub struct VerdictRow<'a> {
    /// The UTC day.
    pub day_utc: DayUtc,
    /// Whether that day was simulated in part.
    pub day_is_partial: bool,
    /// Whose phone judges.
    pub observer: u32,
    /// Who would be confirmed.
    pub transmitter: u32,
    /// Kind of venue where they were nearest longest.
    pub venue_kind: &'static str,
    /// Name of the rule.
    pub rule: &'a str,
    /// Its number among the run's rules.
    pub rule_number: u32,
    /// The rule's score.
    pub score: f64,
    /// Seconds that the verdict rests on.
    pub duration_s: f64,
    /// Whether the rule fired.
    pub detected: bool,
    /// Seconds within the radius on the UTC day.
    pub within_s: f64,
    /// Whether that is a contact.
    pub is_contact: bool,
    /// Whether it lies before the days that results are about.
    pub is_warm_up: bool,
}

impl TableRow for VerdictRow<'_> {
    type Order = (u32, u32, u32);

    fn table() -> &'static TableSpec {
        &tables::VERDICTS
    }

    fn order(&self) -> Self::Order {
        (self.observer, self.transmitter, self.rule_number)
    }

    fn put(&self, row: Row<'_>) {
        row.set("day_utc", self.day_utc)
            .set("day_is_partial", self.day_is_partial)
            .set("observer", self.observer)
            .set("transmitter", self.transmitter)
            .set("venue_kind", self.venue_kind)
            .set("rule", self.rule)
            .set("score", self.score)
            .set("duration_s", self.duration_s)
            .set("detected", self.detected)
            .set("within_s", self.within_s)
            .set("is_contact", self.is_contact)
            .set("is_warm_up", self.is_warm_up);
    }
}
