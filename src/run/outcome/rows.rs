//! Rows of the tables about screens, answers to warnings, delays and faults.

use crate::{
    app::Class,
    output::{Batch, tables},
    setup::Setup,
    time::DAY_S,
};

use super::{
    super::system::System,
    delays::{STAGES, delays},
    repairs::repairs,
};

/// What people saw who opened the app.
pub fn screens(setup: &Setup, system: &System) -> Batch {
    let mut batch = Batch::new(&tables::SCREENS);
    for opened in &system.records.screens {
        batch
            .row()
            .set("person", setup.label(opened.person))
            .set("opened_s", opened.opened_s)
            .set("because", if opened.is_notified { "notification" } else { "habit" })
            .set("release", opened.release.as_str())
            .set("text", opened.text.as_str())
            .set("day_utc", opened.day)
            .set("contacts", opened.contacts)
            .set("minutes", opened.minutes)
            .set("hidden_days", opened.hidden_days)
            .set("system_matches", opened.system_matches)
            .set("is_warm_up", setup.is_warm_up_s(opened.opened_s));
    }
    batch
}

/// What people did who saw a contact; what lies after the run has not happened.
pub fn responses(setup: &Setup, system: &System) -> Batch {
    let end_s = setup.last_day().end().0;
    let mut batch = Batch::new(&tables::RESPONSES);
    for (person, after) in &system.records.warned {
        let turned = after.turned.filter(|(_, at_s)| *at_s < end_s);
        let result = after.result_s.filter(|at_s| *at_s < end_s);
        batch
            .row()
            .set("person", setup.label(*person))
            .set("seen_s", after.seen_s)
            .set("turned", turned.map(|(how, _)| how.name()))
            .set("turned_s", turned.map(|(_, at_s)| at_s))
            .set("is_offered_test", turned.map(|_| after.is_offered_test))
            .set("tested_s", after.tested_s.filter(|at_s| *at_s < end_s))
            .set("result_s", result)
            .set("is_positive", after.is_positive.filter(|_| result.is_some()))
            .set("gained_days", after.gained_s.filter(|_| result.is_some()).map(|s| s as f64 / DAY_S as f64))
            .set("is_warm_up", setup.is_warm_up_s(after.seen_s));
    }
    batch
}

/// How long each step took.
pub fn delay_rows(setup: &Setup, system: &System) -> Batch {
    let mut batch = Batch::new(&tables::DELAYS);
    for (stage, seconds) in delays(setup, system) {
        let (name, unit) = STAGES[stage];
        batch.row().set("stage", stage as u32 + 1).set("name", name).set("unit", unit).set("delay_h", seconds as f64 / 3600.0);
    }
    batch
}

/// Known faults of the run's days.
pub fn repair_rows(setup: &Setup, system: &System) -> Batch {
    let mut batch = Batch::new(&tables::REPAIRS);
    for repair in repairs(setup, system) {
        let [reported_s, confirmed_s] = repair.told_s;
        batch
            .row()
            .set("fault", repair.fault.id)
            .set("name", repair.fault.mechanism.name())
            .set("class", Class::name(repair.fault.class))
            .set("symptom", repair.fault.what)
            .set("from_s", repair.from_s)
            .set("reported_s", reported_s)
            .set("confirmed_s", confirmed_s)
            .set("mended_s", repair.mended_s)
            .set("first_s", repair.first_s)
            .set("phones", repair.phones)
            .set("registrations", repair.registrations);
    }
    batch
}
