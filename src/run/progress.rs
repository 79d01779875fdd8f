//! How far a run is, and how long it took: the one place for the wall clock.

use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::setup::Setup;

#[expect(clippy::disallowed_methods, reason = "timing.json is the one place for the wall clock")]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// The progress of so many worlds like this one.
pub(super) fn progress_bar(setup: &Setup, worlds: u32, quiet: bool) -> ProgressBar {
    let person_days = setup.people.len() as u64 * u64::from(setup.days);
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(person_days * u64::from(worlds)), target);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} person-days  {per_sec}  {eta} left").expect("the template is fixed");
    bar.set_style(style);
    bar
}
