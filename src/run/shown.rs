//! Venues whose floors the report shows, and who is on them at a moment of the first day on which anybody is.

use std::{cmp::Reverse, collections::BTreeMap};

use crate::{
    engine::Itinerary,
    ids::VenueId,
    mobility::Source,
    output::{Batch, IoError, RunFolder, tables},
    setup::Setup,
    time::UnixSeconds,
    venue::VenueKind,
};

/// Of a city one venue of each of these kinds, and when, seconds after midnight JST: in the morning's rush, in a lesson, in the evening.
const OF_A_CITY: [(&str, i64); 3] = [("train_e233", 8 * 3600), ("classroom", 10 * 3600), ("izakaya", 20 * 3600)];

/// Writes the tables `plan` and `snapshot` of a day; nothing, and `false`, if nobody is there then.
pub fn write(setup: &Setup, folder: &RunFolder, day: &Itinerary) -> Result<bool, IoError> {
    let shown = venues(setup, day);
    let people = snapshot(setup, day, &shown);
    if people.rows() == 0 {
        return Ok(false);
    }
    folder.write_table(&plan(setup, shown.iter().map(|(venue, _)| *venue)))?;
    folder.write_table(&people)?;
    Ok(true)
}

/// The same of a run in which nobody was there on any day: the floor of the common place, where there is one.
pub fn write_without_people(setup: &Setup, folder: &RunFolder) -> Result<(), IoError> {
    folder.write_table(&plan(setup, (!is_city(setup)).then_some(COMMON_PLACE)))?;
    folder.write_table(&Batch::new(&tables::SNAPSHOT))
}

/// The scenario's common place, where it is not a city.
const COMMON_PLACE: VenueId = VenueId(0);

fn is_city(setup: &Setup) -> bool {
    setup.scenario.mobility.source == Source::City
}

/// Venues, and the moments at which they are shown.
fn venues(setup: &Setup, day: &Itinerary) -> Vec<(VenueId, i64)> {
    let midnight_s = day.day.start().0;
    if !is_city(setup) {
        return vec![(COMMON_PLACE, midnight_s + setup.shown_second_of_day())];
    }
    let fullest_of = |(kind, second_of_day): (&str, i64)| {
        let at_s = midnight_s + second_of_day;
        Some((fullest(setup, day, VenueKind::named(kind), at_s)?, at_s))
    };
    OF_A_CITY.into_iter().filter_map(fullest_of).collect()
}

/// The venue of a kind that most people visit at a moment; the lowest number of equals. `None` if nobody visits one.
fn fullest(setup: &Setup, day: &Itinerary, kind: VenueKind, at_s: i64) -> Option<VenueId> {
    let mut people: BTreeMap<VenueId, usize> = BTreeMap::new();
    for visit in day.visits().iter().filter(|visit| visit.start_s <= at_s && at_s < visit.end_s) {
        if setup.movement.venues()[visit.venue.index()].kind == kind {
            *people.entry(visit.venue).or_default() += 1;
        }
    }
    people.into_iter().max_by_key(|(venue, people)| (*people, Reverse(*venue))).map(|(venue, _)| venue)
}

/// Where people are in each venue at its moment.
fn snapshot(setup: &Setup, day: &Itinerary, shown: &[(VenueId, i64)]) -> Batch {
    let mut batch = Batch::new(&tables::SNAPSHOT);
    for &(venue, t_s) in shown {
        let mut stances = Vec::new();
        setup.movement.stances(day.day, &day.of_venue(venue), &mut stances);
        for s in stances.iter().filter(|s| s.start_s <= t_s && t_s < s.end_s) {
            let at = s.at(t_s as f64);
            batch
                .row()
                .set("t_s", t_s)
                .set("venue", venue)
                .set("person", setup.label(s.person))
                .set("x_m", f64::from(at.x_m))
                .set("y_m", f64::from(at.y_m))
                .set("facing_rad", f64::from(s.facing_rad))
                .set("carriage", s.carriage.name())
                .set("phone_runs", setup.runs(s.person, UnixSeconds(t_s).day_utc()));
        }
    }
    batch
}

/// The shapes of venues' floors.
fn plan(setup: &Setup, shown: impl IntoIterator<Item = VenueId>) -> Batch {
    let mut batch = Batch::new(&tables::PLAN);
    for venue in shown.into_iter().map(|venue| &setup.movement.venues()[venue.index()]) {
        let floor = &setup.movement.plans()[venue.plan];
        let mut add = |shape: &str, name: Option<&str>, material: Option<&str>, from: (f32, f32), to: (f32, f32)| {
            batch
                .row()
                .set("venue_kind", venue.kind.name())
                .set("venue", venue.id)
                .set("shape", shape)
                .set("name", name)
                .set("material", material)
                .set("x0_m", f64::from(from.0))
                .set("y0_m", f64::from(from.1))
                .set("x1_m", f64::from(to.0))
                .set("y1_m", f64::from(to.1));
        };
        for r in &floor.rooms {
            add("room", Some(&r.name), None, (r.low.x_m, r.low.y_m), (r.high.x_m, r.high.y_m));
        }
        for t in &floor.tables {
            add("desk", None, None, (t.low.x_m, t.low.y_m), (t.high.x_m, t.high.y_m));
        }
        for (i, s) in floor.seats.iter().enumerate() {
            add("seat", Some(&i.to_string()), None, (s.at.x_m, s.at.y_m), (s.at.x_m, s.at.y_m));
        }
        for b in &floor.barriers {
            let shape = if b.reaches_ceiling { "wall" } else { "screen" };
            add(shape, None, Some(&floor.materials[b.material].name), (b.from.x_m, b.from.y_m), (b.to.x_m, b.to.y_m));
        }
    }
    batch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{SourceArgs, open};

    #[test]
    fn a_city_shows_the_fullest_car_classroom_and_pub_with_all_who_are_there() {
        let sets = ["population.people=2000", "run.days=1"].map(String::from).to_vec();
        let loaded = open(&SourceArgs { scenario: "city".into(), sets, ..SourceArgs::default() }).unwrap_or_else(|f| panic!("{f}"));
        let setup = Setup::new(&loaded).unwrap_or_else(|f| panic!("{f}"));
        let day = Itinerary::of(&setup, setup.first_day, |_| false);
        let shown = venues(&setup, &day);
        let kind = |venue: VenueId| setup.movement.venues()[venue.index()].kind;
        assert_eq!(shown.iter().map(|(venue, _)| kind(*venue).name()).collect::<Vec<_>>(), OF_A_CITY.map(|(kind, _)| kind));
        let people = snapshot(&setup, &day, &shown);
        for (venue, t_s) in shown.iter().copied() {
            let at = |venue: VenueId| day.of_venue(venue).iter().filter(|visit| visit.start_s <= t_s && t_s < visit.end_s).count();
            let here = (0..people.rows()).filter(|row| people.u32("venue")[*row] == venue.0 && people.i64("t_s")[*row] == t_s);
            assert_eq!(here.count(), at(venue), "everybody of {}", kind(venue).name());
            let fullest = day.venues().map(|(venue, _)| venue).filter(|other| kind(*other) == kind(venue)).map(at).max();
            assert_eq!(Some(at(venue)), fullest, "{}", kind(venue).name());
        }
        let plan = plan(&setup, shown.iter().map(|(venue, _)| *venue));
        assert!(shown.iter().all(|(venue, _)| plan.u32("venue").contains(&venue.0)));
    }

    #[test]
    fn an_office_shows_its_floor() {
        let setup = Setup::of_office(&["run.days=1", "population.workers=12", "authority.cases=[]"]);
        let day = Itinerary::of(&setup, setup.first_day, |_| false);
        let at_s = setup.first_day.start().0 + 10 * 3600 + 40 * 60;
        assert_eq!(venues(&setup, &day), [(COMMON_PLACE, at_s)]);
        assert!(snapshot(&setup, &day, &[(COMMON_PLACE, at_s)]).rows() > 0);
    }
}
