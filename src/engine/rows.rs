//! Rows of tables that a UTC day leaves, made as they are found.

use crate::{
    gaen::Sighting,
    ids::{PersonId, VenueId},
    mobility::{NO_ROOM, Stance},
    output::{ContactRow, SightingRow, StanceRow, TijRow, VerdictRow},
    setup::{INSTALLED, Setup},
    time::{DAY_S, DayUtc},
    truth::{PairDay, SLOT_S, Slots},
    units::Point,
};

use super::{judge::PairOnDay, observe::PairId};

/// Where everybody in a venue was, pose by pose.
pub fn stances(setup: &Setup, venue: VenueId, stances: &[Stance]) -> Vec<StanceRow> {
    let of_point = |p: Point| [f64::from(p.x_m), f64::from(p.y_m)];
    let row = |s: &Stance| StanceRow {
        person: setup.label(s.person),
        venue,
        start_s: s.start_s,
        end_s: s.end_s,
        from_m: of_point(s.from),
        to_m: of_point(s.to),
        facing_deg: f64::from(s.facing_rad).to_degrees(),
        carriage: s.carriage.name(),
        room: (s.room != NO_ROOM).then_some(u32::from(s.room)),
        place: s.place,
        episode: s.episode,
        is_warm_up: setup.is_warm_up_s(s.start_s),
    };
    stances.iter().map(row).collect()
}

/// A pair's JST day, on which the two came near each other.
pub fn contact<'a>(setup: &'a Setup, ((a, b), row): &(PairId, PairDay)) -> Option<ContactRow<'a>> {
    let need_s = setup.scenario.truth.duration_min * 60.0;
    let whole = row.whole();
    let nearest = whole.nearest?;
    let is_utc_contact = row.utc_within_s.iter().any(|s| *s >= need_s);
    Some(ContactRow {
        day_jst: row.day,
        a: setup.label(*a),
        b: setup.label(*b),
        venue_kind: nearest.venue_kind.name(),
        barrier: setup.barriers[nearest.barrier as usize].as_str(),
        within_s: whole.within_s,
        within_halves_s: row.halves.map(|half| half.within_s),
        within_ignoring_walls_s: whole.within_ignoring_walls_s,
        longest_run_s: row.longest_run_s,
        gap_run_s: row.gap_run_s,
        near_s: whole.near_s,
        min_distance_m: whole.min_distance_m,
        is_contact: [whole.within_s >= need_s, row.longest_run_s >= need_s, row.gap_run_s >= need_s, is_utc_contact],
        is_warm_up: setup.is_warm_up(row.day),
    })
}

/// What a scan stored.
pub fn sighting(setup: &Setup, observer: PersonId, s: &Sighting) -> SightingRow {
    SightingRow {
        observer: setup.label(observer),
        t_s: i64::from(s.t_s),
        rpi: s.rpi,
        aem: s.aem,
        rssi_dbm: i32::from(s.rssi_dbm),
        previous_scan_s: i64::from(s.previous_scan_s),
        is_warm_up: setup.is_warm_up_s(i64::from(s.t_s)),
    }
}

/// Slots of a pair one after the other: rows of `tij` or of `tij_unfaced`. As rows they would be many: a night is 1500.
#[derive(Clone, Copy)]
pub struct TijRun {
    pair: (u32, u32),
    slots: Slots,
    /// Where the run ends, s from its beginning: its last slot would be of the day after, and is left out.
    end_s: i64,
}

impl TijRun {
    /// Of a pair.
    pub fn of(setup: &Setup, (a, b): (PersonId, PersonId), slots: Slots) -> Self {
        Self { pair: (setup.label(a), setup.label(b)), slots, end_s: i64::from(setup.days) * DAY_S }
    }

    /// Whether the two faced each other.
    pub fn faces(&self) -> bool {
        self.slots.faces
    }

    /// The rows. A record at `t` covers `[t - 20 s, t)`.
    pub fn rows(self) -> impl Iterator<Item = TijRow> {
        let Self { pair: (i, j), slots, end_s } = self;
        let ends = (slots.first..slots.end).map(|number| (i64::from(number) + 1) * SLOT_S).filter(move |t| *t < end_s);
        ends.map(move |t| TijRow { t, i, j, venue_kind: slots.venue_kind.name() })
    }
}

/// Both directions of a pair of running phones: every rule whose device universe the pair is in, as far as `output.verdicts` asks.
pub fn verdicts<'a>(setup: &'a Setup, day: DayUtc, met: &PairOnDay<'_>, rows: &mut Vec<VerdictRow<'a>>) {
    let ((a, b), half) = (met.pair, met.half);
    let is_contact = half.within_s >= setup.scenario.truth.duration_min * 60.0;
    let asked = setup.scenario.output.verdicts;
    if !(asked.any() && setup.runs(a, day) && setup.runs(b, day)) {
        return;
    }
    let came_within = half.came_within(setup.scenario.accuracy.universe_within_m);
    for ((observer, transmitter), found) in [(a, b), (b, a)].into_iter().zip(met.verdicts) {
        for (i, rule) in setup.rules.iter().map(|r| r.name.as_str()).chain([INSTALLED]).enumerate() {
            let v = found.as_ref().map(|found| found.verdicts[i]).unwrap_or_default();
            if (came_within || v.detected) && asked.holds(v.detected, is_contact) {
                rows.push(VerdictRow {
                    day_utc: day,
                    day_is_partial: setup.is_partial(day),
                    observer: setup.label(observer),
                    transmitter: setup.label(transmitter),
                    venue_kind: half.nearest.map_or(setup.place_kind(), |n| n.venue_kind).name(),
                    rule,
                    rule_number: i as u32,
                    score: v.score,
                    duration_s: v.duration_s,
                    detected: v.detected,
                    within_s: half.within_s,
                    is_contact,
                    is_warm_up: !setup.counts(day),
                });
            }
        }
    }
}
