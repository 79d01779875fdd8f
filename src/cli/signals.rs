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

/// The command, by the arguments of the one given, that goes on with the run it began.
pub fn command_to_go_on(args: impl Iterator<Item = String>) -> String {
    let kept = args.filter(|arg| arg != "--overwrite" && arg != "--resume").map(|arg| quoted(&arg));
    kept.chain(["--resume".to_string()]).collect::<Vec<_>>().join(" ")
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) { word.to_string() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_to_go_on_is_what_was_given_with_resume() {
        let told = |args: &[&str]| command_to_go_on(args.iter().map(ToString::to_string));
        assert_eq!(told(&["cocoasim", "run", "office", "--overwrite"]), "cocoasim run office --resume");
        assert_eq!(
            told(&["cocoasim", "run", "a b", "--set", "x={y=\"it's\"}", "--resume"]),
            r#"cocoasim run 'a b' --set 'x={y="it'\''s"}' --resume"#
        );
    }
}
