//! How far a run is.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::setup::Setup;

/// The progress of so many worlds like this one.
pub fn progress_bar(setup: &Setup, worlds: u32, quiet: bool) -> ProgressBar {
    let person_days = setup.people.len() as u64 * u64::from(setup.days);
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(person_days * u64::from(worlds)), target);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} person-days  {per_sec}  {eta} left").expect("the template is fixed");
    bar.set_style(style);
    bar
}
