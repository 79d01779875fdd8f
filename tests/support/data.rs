//! Data of others that tests are held against: one place to look, one way to do without.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

/// A file of `../shared/data` (or of the folder that `COCOASIM_DATA` names); `None`, said aloud, where it is missing.
///
/// # Panics
/// Where it is missing and `COCOASIM_REQUIRE_DATA` is 1.
pub fn data(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let path = std::env::var_os("COCOASIM_DATA").map_or(beside, PathBuf::from).join(name);
    if path.exists() {
        return Some(path);
    }
    let required = std::env::var_os("COCOASIM_REQUIRE_DATA").is_some_and(|value| value == "1");
    assert!(!required, "{} is missing, and COCOASIM_REQUIRE_DATA=1", path.display());
    skipped(&format!("{} is missing", path.display()));
    None
}

/// Says aloud, past the test harness that keeps what passing tests print, why a comparison is left out. `.ci/run` counts
/// these lines.
pub fn skipped(why: &str) {
    static SO_FAR: AtomicUsize = AtomicUsize::new(0);
    let count = SO_FAR.fetch_add(1, Ordering::Relaxed) + 1;
    // Nobody hears it where standard error is closed; the test goes on.
    let _ = writeln!(std::io::stderr(), "skipped: {why} ({count} so far)");
}
