//! Signals: what ends a run after its current day, and what must end nothing.

use std::{
    io::Result,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize},
    },
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

/// From now on SIGINT and SIGTERM only set the number that is returned; the second of them ends the program at once.
pub fn noted() -> Result<Arc<AtomicUsize>> {
    let (which, again) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    for signal in [SIGINT, SIGTERM] {
        // Carried out in this order: the first signal finds `again` unset.
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&again))?;
        flag::register(signal, Arc::clone(&again))?;
        flag::register_usize(signal, Arc::clone(&which), signal as usize)?;
    }
    Ok(which)
}

/// Lets a write beyond the limit of file sizes fail with a reason, where the system would end the program without one.
pub fn outlive_file_size_limit() -> Result<()> {
    #[cfg(unix)]
    flag::register(signal_hook::consts::SIGXFSZ, Arc::default())?;
    Ok(())
}
