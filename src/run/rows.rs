//! From the run's records to table rows: those of the whole run, and of days that wait for others.

use crate::{
    accuracy::{AccuracyRow, Causes, Mode, RATE_ENDS, RATE_NAMES, Rate, Roc, Universe},
    app::Mechanism,
    ids::PersonId,
    mobility::{NO_GROUP, Visit},
    output::{Batch, Row, VisitRow, tables},
    radio::{DISTANCE_EDGES_M, LinkTally},
    random::Seed,
    setup::Setup,
    truth::Definition,
};

use super::{
    outcome::{Contact, Funnel, STEPS},
    system::System,
};

/// The people table.
pub fn people(setup: &Setup) -> Batch {
    let mut batch = Batch::new(&tables::PEOPLE);
    let p = &setup.people;
    for i in 0..p.len() {
        let person = PersonId(i as u32);
        let model = p.model[i].map(|m| &p.models[m as usize]);
        let release = setup.release(person, setup.reported_from());
        batch
            .row()
            .set("person", p.label[i])
            .set("household", p.household[i])
            .set("age", u32::from(p.age_years[i]))
            .set("work", p.works_here[i].then_some(setup.place_kind().name()))
            .set("department", p.department[i].map(|d| p.departments[d as usize].as_str()))
            .set("phone_model", model.map(|m| m.model.as_str()))
            .set("os", model.map(|m| m.os.name()))
            .set("app_version", release.map(|r| r.name))
            .set("os_version", p.system(person).map(|system| system.name.as_str()))
            .set("installed_day", setup.uses.installed_on(person))
            .set("consent", setup.consent(person))
            .set("bluetooth_on", p.bluetooth_on[i])
            .set("phone_runs", setup.runs(person, setup.last_utc_day()));
    }
    batch
}

/// A stay.
pub fn visit(setup: &Setup, v: &Visit) -> VisitRow {
    let venue_kind = setup.movement.venues()[v.venue.index()].kind.name();
    // That ends at midnight sharp is told of on the day after, as its part is.
    let is_warm_up = setup.is_warm_up_s(v.end_s);
    VisitRow {
        person: setup.label(v.person),
        venue: v.venue,
        venue_kind,
        start_s: v.start_s,
        end_s: v.end_s,
        group: (v.group != NO_GROUP).then(|| v.group.into()),
        is_warm_up,
    }
}

fn universe_name(universe: Universe) -> &'static str {
    match universe {
        Universe::Device => "device",
        Universe::Population => "population",
    }
}

/// The accuracy table of a world; `rules` names the rules of these rows.
pub fn accuracy(batch: &mut Batch, seed: Seed, rows: &[AccuracyRow], rules: &[&str]) {
    for r in rows {
        let mode = match r.mode {
            Mode::AsIf => "as_if",
            Mode::EndToEnd => "end_to_end",
        };
        let row = batch
            .row()
            .set("seed", seed_cell(seed))
            .set("mode", mode)
            .set("universe", universe_name(r.universe))
            .set("rule", rules[r.rule])
            .set("truth", r.truth.name())
            .set("stratum", r.stratum.as_ref())
            .set("level", r.level.as_str())
            .set("tp", r.counts.tp)
            .set("fp", r.counts.fp)
            .set("fn", r.counts.fn_)
            .set("tn", r.counts.tn);
        set_rates(row, &r.rates);
    }
}

/// A seed as tables hold it. No scenario and no command line gives one above what they can.
pub fn seed_cell(seed: Seed) -> i64 {
    i64::try_from(seed.0).expect("invariant: a seed is at most 2^63 - 1")
}

/// The rates of the row at hand and their intervals; an end that is no number is missing.
pub fn set_rates(mut row: Row<'_>, rates: &[Option<Rate>; 6]) {
    for ((name, [low, high]), rate) in RATE_NAMES.iter().zip(RATE_ENDS).zip(rates) {
        row = row
            .set(name, rate.map(|r| r.value))
            .set(low, rate.map(|r| r.low).filter(|end| !end.is_nan()))
            .set(high, rate.map(|r| r.high).filter(|end| !end.is_nan()));
    }
}

/// The causes table.
pub fn causes(setup: &Setup, causes: &Causes) -> Batch {
    let mut batch = Batch::new(&tables::CAUSES);
    for cause in causes.rows() {
        batch
            .row()
            .set("universe", universe_name(cause.universe))
            .set("rule", setup.scenario.accuracy.headline_rule.as_str())
            .set("truth", cause.truth.name())
            .set("outcome", if cause.missed { "missed" } else { "false_alarm" })
            .set("os_pair", cause.os_pair)
            .set("cause", cause.cause)
            .set("pairs", cause.pairs);
    }
    batch
}

/// The roc table.
pub fn roc(roc: &Roc) -> Batch {
    let mut batch = Batch::new(&tables::ROC);
    for r in roc.rows() {
        let row = batch
            .row()
            .set("truth", Definition::CumulativeUtc.name())
            .set("stratum", r.stratum.as_ref())
            .set("level", r.level.as_str())
            .set("threshold_db", f64::from(r.threshold_db))
            .set("tp", r.counts.tp)
            .set("fp", r.counts.fp)
            .set("fn", r.counts.fn_)
            .set("tn", r.counts.tn);
        set_rates(row, &r.rates);
    }
    batch
}

/// The attenuation table.
pub fn attenuation(setup: &Setup, links: &LinkTally) -> Batch {
    let mut batch = Batch::new(&tables::ATTENUATION);
    for (class, counts) in &links.0 {
        let from_m = if class.distance == 0 { 0.0 } else { f64::from(DISTANCE_EDGES_M[class.distance - 1]) };
        let to_m = DISTANCE_EDGES_M.get(class.distance).map_or(f64::INFINITY, |e| f64::from(*e));
        let carriage = format!("{}-{}", class.observer.name(), class.transmitter.name());
        for (db, &scans) in counts.iter().enumerate().filter(|(_, n)| **n > 0) {
            batch
                .row()
                .set("venue_kind", class.venue_kind.name())
                .set("barrier", setup.barriers[class.barrier as usize].as_str())
                .set("carriage", carriage.as_str())
                .set("distance_from_m", from_m)
                .set("distance_to_m", to_m)
                .set("attenuation_db", (db != LinkTally::UNHEARD).then_some(db as i32))
                .set("scans", scans as i64);
        }
    }
    batch
}

/// What was in force when: releases, settings but for those, and faults.
pub fn timeline(setup: &Setup) -> Batch {
    let mut batch = Batch::new(&tables::TIMELINE);
    let (begins_s, ends_s) = (setup.reported_from().start().0, setup.last_day().end().0);
    let mut add = |kind: &str, name: &str, value: Option<String>, system: Option<&str>, (from_s, until_s): (i64, i64)| {
        if from_s < ends_s && begins_s < until_s {
            batch
                .row()
                .set("kind", kind)
                .set("name", name)
                .set("value", value.as_deref())
                .set("system", system)
                .set("from_s", Some(from_s).filter(|at_s| *at_s > begins_s))
                .set("until_s", Some(until_s).filter(|at_s| *at_s < ends_s));
        }
    };
    for (ios, system) in [(true, "ios"), (false, "android")] {
        setup.releases.spans(ios).for_each(|(release, span_s)| add("release", release.name, None, Some(system), span_s));
    }
    for (name, value, span_s) in setup.dated_settings() {
        add("setting", name, Some(value.to_string()), None, span_s);
    }
    for (fault, system, span_s) in setup.faults.spans(&setup.releases) {
        add("fault", fault.mechanism.name(), Some(fault.id.into()), system, span_s);
    }
    batch
}

/// Why people were not warned in time.
pub fn reasons(setup: &Setup, contacts: &[Contact]) -> Batch {
    let mut batch = Batch::new(&tables::REASONS);
    for contact in contacts {
        batch
            .row()
            .set("day_utc", contact.day)
            .set("observer", setup.label(contact.observer))
            .set("case", setup.label(contact.case))
            .set("shown_s", contact.shown_s)
            .set("place", contact.in_time.place as u32 + 1)
            .set("reason", contact.in_time.why.as_str())
            .set("place_14_days", contact.at_all.place as u32 + 1)
            .set("reason_14_days", contact.at_all.why.as_str());
    }
    batch
}

/// Uploads, exports, notifications and the funnel.
pub fn system(setup: &Setup, system: &System, funnel: &Funnel) -> [Batch; 4] {
    let within = |t: i64| (t < setup.last_day().end().0).then_some(t);
    let mut uploads = Batch::new(&tables::UPLOADS);
    for (i, ((person, case), upload)) in setup.cases.iter().zip(&system.records.uploads).enumerate() {
        uploads
            .row()
            .set("case", i as u32)
            .set("person", setup.label(*person))
            .set("infected_s", within(case.infected_s))
            .set("onset_s", within(case.onset_s))
            .set("tested_s", within(case.tested_s))
            .set("result_s", within(case.result_s))
            .set("asked_s", upload.asked_s)
            .set("number_issued_s", upload.number_issued_s)
            .set("number_delivered_s", upload.number_delivered_s)
            .set("number_entered_s", upload.number_entered_s)
            .set("uploaded_s", upload.uploaded_s)
            .set("release", upload.release.as_deref())
            .set("keys", upload.keys)
            .set("outcome", upload.outcome.name())
            .set("fault", upload.fault.map(Mechanism::name));
    }
    let mut exports = Batch::new(&tables::EXPORTS);
    for (i, e) in system.records.exports.iter().enumerate() {
        exports
            .row()
            .set("export", i as u32)
            .set("file", &e.file)
            .set("created_s", e.created_s)
            .set("region", crate::gaen::export::COCOA_REGION)
            .set("key_day", e.key_day)
            .set("keys", e.keys)
            .set("first_uploaded_s", e.first_uploaded_s)
            .set("is_warm_up", setup.is_warm_up_s(e.created_s));
    }
    let mut notifications = Batch::new(&tables::NOTIFICATIONS);
    for n in &system.records.notifications {
        notifications
            .row()
            .set("person", setup.label(n.person))
            .set("checked_s", n.checked_s)
            .set("shown_s", n.day.map(|_| n.checked_s))
            .set("release", n.release.as_str())
            .set("rule", n.rule.as_str())
            .set("matched_keys", n.matched_keys)
            .set("day_utc", n.day)
            .set("exposures", n.exposures)
            .set("minutes", n.minutes)
            .set("duration_s", n.duration_s)
            .set("outcome", n.seen.name())
            .set("fault", n.fault.map(Mechanism::name))
            .set("is_warm_up", setup.is_warm_up_s(n.checked_s));
    }
    let mut rows = Batch::new(&tables::FUNNEL);
    for ((day, step, why), n) in &funnel.0 {
        let (unit, name) = STEPS[*step];
        let (count, lost) = if why.is_none() { (*n, 0) } else { (0, *n) };
        rows.row()
            .set("day_jst", *day)
            .set("unit", unit.name())
            .set("step", *step as u32 + 1)
            .set("name", name)
            .set("count", count)
            .set("lost", lost)
            .set("why", why.as_deref())
            .set("is_warm_up", setup.is_warm_up(*day));
    }
    [uploads, exports, notifications, rows]
}

/// Registrations, and what phones fetched.
pub fn server(setup: &Setup, system: &System) -> [Batch; 2] {
    let mut registrations = Batch::new(&tables::REGISTRATIONS);
    for r in &system.records.registrations {
        registrations
            .row()
            .set("person", setup.label(r.person))
            .set("t_s", r.at_s)
            .set("release", r.release.as_str())
            .set("api", r.api.as_str())
            .set("try", r.number)
            .set("typed", r.typed.name())
            .set("sent", r.requests > 0)
            .set("requests", r.requests)
            .set("bytes", r.bytes)
            .set("status", r.status.map(i32::from))
            .set("answer", r.answer.as_deref())
            .set("keys", r.keys)
            .set("number_kept_app", r.is_kept_by_app)
            .set("number_kept_server", r.is_kept_by_server)
            .set("is_warm_up", setup.is_warm_up_s(r.at_s));
    }
    let mut traffic = Batch::new(&tables::TRAFFIC);
    for (day, t) in system.records.traffic.range(setup.first_day..) {
        let bytes = t.list_bytes + t.zip_bytes;
        traffic
            .row()
            .set("day_jst", *day)
            .set("phones", t.phones)
            .set("list_fetches", t.list_fetches as i64)
            .set("list_bytes", t.list_bytes as i64)
            .set("zip_bytes", t.zip_bytes as i64)
            .set("mean_bytes", (t.phones > 0).then(|| bytes as f64 / f64::from(t.phones)))
            .set("is_warm_up", setup.is_warm_up(*day));
    }
    [registrations, traffic]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accuracy::{AccuracyConfig, Judged, Strata, Tally},
        mobility::Carriage,
        output::RunFolder,
        report::make_report,
        truth::Nearest,
        venue::VenueKind,
    };

    /// Contacts at a place with something between, and how many of them the rule found.
    const WORLD: [(VenueKind, u16, u32, u32); 3] =
        [(VenueKind::OFFICE, 0, 100, 30), (VenueKind::OFFICE, 1, 20, 5), (VenueKind::HOME, 0, 900, 90)];

    fn world() -> Tally {
        let config = AccuracyConfig {
            headline_rule: "only".into(),
            universe_within_m: 20.0,
            in_time_days: 5,
            confidence: 0.95,
            jackknife_groups: 10,
        };
        let mut tally = Tally::new(1, 2000, &[VenueKind::HOME, VenueKind::OFFICE], &["none", "acrylic"].map(String::from), &config);
        for (venue_kind, barrier, contacts, found) in WORLD {
            let carriage = Carriage::Table;
            let nearest = Nearest { venue_kind, barrier, carriage_a: carriage, carriage_b: carriage, near_s: 1200.0, min_distance_m: 0.8 };
            let strata = Strata { nearest, observer_is_a: true, os: None, min_distance_m: 0.8, within_s: 1200.0, is_headline_day: true };
            for pair in 0..contacts {
                tally.add(&Judged {
                    mode: Mode::AsIf,
                    observer: PersonId(2 * pair),
                    transmitter: PersonId(2 * pair + 1),
                    truth: Definition::CumulativeUtc,
                    actual: true,
                    both_run: true,
                    came_within: true,
                    came_near: true,
                    detected: &[pair < found],
                    strata: &strata,
                });
            }
        }
        tally
    }

    /// In the office acrylic hides contacts: 30 % are found with nothing between, 25 % behind acrylic. With the many of the bedrooms,
    /// where nothing stands between and 10 % are found, nothing would seem worse than acrylic (12 % against 25 %).
    #[test]
    fn no_stratum_pools_home_and_office_so_that_acrylic_seems_to_help() {
        let mut table = Batch::new(&tables::ACCURACY);
        accuracy(&mut table, Seed(1), &world().rows(), &["only"]);
        let found = |stratum: &str, level: &str| {
            let (strata, levels) = (table.text("stratum"), table.text("level"));
            let is_device = |row: usize| table.text("universe").get(row) == "device";
            let row = (0..table.rows()).find(|&row| is_device(row) && (strata.get(row), levels.get(row)) == (stratum, level))?;
            Some((table.i64("tp")[row], table.i64("fn")[row]))
        };
        for stratum in ["barrier", "office/barrier"] {
            assert_eq!([found(stratum, "none"), found(stratum, "acrylic")], [Some((30, 70)), Some((5, 15))], "{stratum}");
        }
        assert_eq!([found("home/barrier", "none"), found("home/barrier", "acrylic")], [Some((90, 810)), None]);
        for stratum in ["distance_m", "duration", "carriage"] {
            let level = ["0-1", "20-30 min", "table-table"].into_iter().find_map(|level| found(stratum, level));
            assert_eq!(level, Some((35, 85)), "{stratum}");
        }

        let dir = tempfile::tempdir().expect("a temporary folder");
        RunFolder::create(dir.path(), false).and_then(|run| run.write_table(&table)).expect("a run");
        make_report(dir.path()).expect("a page");
        let page = std::fs::read_to_string(dir.path().join("report.html")).expect("a page");
        for own in ["30 of 100", "5 of 20", "90 of 900"] {
            assert!(page.contains(own), "{own} stands on the page");
        }
        assert!(!page.contains("120 of 1,000"), "home and office pooled");
    }
}
