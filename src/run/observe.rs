//! One JST day: where people were, who was near whom, what phones stored. A pure function of the world, the day and who
//! stays home.

use rayon::prelude::*;

use crate::{
    air::{HandedOver, PhoneDay, hand_over},
    encounter::encounters,
    ids::PersonId,
    mobility::{DayPlan, VenueDay},
    population::Working,
    radio::{Heard, LinkTally, Scan, Scene, hear},
    time::{DayJst, DayUtc},
    truth::{Measure, Touch},
};

use super::setup::Setup;

/// What was observed on a day.
pub struct Observed {
    /// Visits and stances.
    pub plan: DayPlan,
    /// What geometry says of each pair.
    pub touches: Vec<Touch>,
    /// What phones stored.
    pub stored: HandedOver,
    /// All link-scans, counted.
    pub links: LinkTally,
}

/// Simulates one day.
pub fn observe(setup: &Setup, day: DayJst, stays_home: &[bool]) -> Observed {
    let plan = setup.movement.day(day, stays_home);
    let running = setup.running(day.utc_midnight().day_utc());
    let works: Vec<Working> = (0..setup.people.len()).map(|i| setup.works(PersonId(i as u32), day)).collect();
    let scans: Vec<Vec<Scan>> =
        (0..setup.people.len()).into_par_iter().map(|i| scans_of(setup, PersonId(i as u32), day, works[i].scans_until_s)).collect();
    let advertises_until_s: Vec<i64> = works.iter().map(|w| w.advertises_until_s).collect();
    let phones = Phones { running: &running, scans: &scans, advertises_until_s: &advertises_until_s };
    let parts: Vec<(Vec<Touch>, Vec<Heard>, LinkTally)> =
        plan.venue_days.par_iter().map(|venue_day| venue(setup, day, venue_day, &phones)).collect();
    let (mut touches, mut heard, mut links) = (Vec::new(), Vec::new(), LinkTally::default());
    for (t, h, l) in parts {
        touches.extend(t);
        heard.extend(h);
        links.merge(&l);
    }
    // The two UTC days that this JST day touches.
    let utc = [day.start().day_utc(), day.utc_midnight().day_utc()];
    let on_air: Vec<Option<[PhoneDay; 2]>> = (0..setup.people.len())
        .into_par_iter()
        .map(|i| {
            let phone = PersonId(i as u32);
            running[i].then(|| utc.map(|d| setup.beacons.phone_day(phone, d, setup.transmitter(phone))))
        })
        .collect();
    let broadcasts =
        |phone: PersonId, d: DayUtc| &on_air[phone.index()].as_ref().expect("only running phones are heard")[usize::from(d == utc[1])];
    let stored = hand_over(&heard, broadcasts, |p| setup.transmitter(p), |p| setup.os(p));
    Observed { plan, touches, stored, links }
}

/// What phones do on a day.
struct Phones<'a> {
    running: &'a [bool],
    scans: &'a [Vec<Scan>],
    advertises_until_s: &'a [i64],
}

fn scans_of(setup: &Setup, person: PersonId, day: DayJst, until_s: i64) -> Vec<Scan> {
    let Some(runs_from) = setup.runs_from[person.index()] else { return Vec::new() };
    let config = setup.scenario.radio.scan_of(setup.os(person));
    setup.radio.scan_times.between(person, config, day.start().0.max(runs_from.start().0), day.end().0.min(until_s))
}

fn venue(setup: &Setup, day: DayJst, venue_day: &VenueDay, phones: &Phones<'_>) -> (Vec<Touch>, Vec<Heard>, LinkTally) {
    let venue = &setup.movement.venues()[venue_day.venue.index()];
    let floor = &setup.movement.plans()[venue.plan];
    let measure = Measure {
        config: &setup.scenario.truth,
        near_m: setup.scenario.output.contacts_within_m,
        phone_offset: setup.radio.phone_offsets(),
        barrier_codes: &setup.barrier_codes,
    };
    let truth_m = measure.range_m();
    let device_m = setup.reach_m[venue.kind as usize].max(measure.bodies_within_m(setup.scenario.accuracy.universe_within_m)).max(truth_m);
    let running = |person: PersonId| phones.running[person.index()];
    let found = encounters(venue_day, floor, |a, b| if running(a) && running(b) { device_m } else { truth_m });
    let touches = measure.venue_day(venue.kind, day, venue_day, &found);
    let scene = Scene {
        kind: venue.kind,
        plan: floor,
        day: venue_day,
        encounters: &found,
        running: phones.running,
        scans: phones.scans,
        advertises_until_s: phones.advertises_until_s,
        devices: &setup.devices,
        barrier_codes: &setup.barrier_codes,
    };
    let (heard, links) = hear(&setup.radio, &scene);
    (touches, heard, links)
}
