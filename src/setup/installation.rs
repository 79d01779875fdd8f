//! Who has the app from when on, and whose phone takes part.

use crate::{
    app::{Installation, ReleaseDates},
    ids::PersonId,
    population::{Os, People},
    time::{DayJst, DayUtc},
};

/// When and how a person's phone got the app; `None` if it never did.
pub fn installation(people: &People, installed: DayJst, person: PersonId) -> Option<Installation> {
    let os = people.os(person).filter(|_| people.has_app[person.index()])?;
    Some(Installation { ios: os == Os::Ios, day: installed, lag_days: people.update_lag_days[person.index()] })
}

/// A phone's first key is that of the UTC day which begins, at 09:00 JST, on the day of installation.
pub fn runs_from(people: &People, (installed, releases): (DayJst, &ReleaseDates), person: PersonId) -> Option<DayUtc> {
    let app = installation(people, installed, person).filter(|_| people.phone_runs(person))?;
    first_key_day(&app, releases)
}

/// The first UTC day of which a phone has a key; `None` if no release ever comes.
pub fn first_key_day(app: &Installation, releases: &ReleaseDates) -> Option<DayUtc> {
    Some(app.begins(releases)?.utc_midnight().day_utc())
}
