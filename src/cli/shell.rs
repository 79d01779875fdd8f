//! Commands as a shell takes them: remedies that can be pasted.

/// The arguments of this program, its own name first.
pub fn arguments() -> Vec<String> {
    std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect()
}

/// A command line.
pub fn command(words: impl IntoIterator<Item = String>) -> String {
    words.into_iter().map(|word| quoted(&word)).collect::<Vec<_>>().join(" ")
}

/// The command, by the arguments of the one given, that goes on with the run it began.
pub fn to_go_on(given: Vec<String>) -> String {
    let kept = given.into_iter().filter(|arg| arg != "--overwrite" && arg != "--resume");
    command(kept.chain(["--resume".to_string()]))
}

/// The command given, with `--overwrite` in place of `--resume`.
pub fn to_overwrite(given: Vec<String>) -> String {
    command(given.into_iter().filter(|arg| arg != "--resume").chain(["--overwrite".to_string()]))
}

/// The command given, with further settings `key.path=value` in place of those of the same keys.
pub fn with_sets(given: Vec<String>, sets: &[String]) -> String {
    let key = |set: &str| set.split_once('=').map_or(set, |(key, _)| key).trim().to_string();
    let replaced = |set: &str| sets.iter().any(|new| key(new) == key(set));
    let mut kept: Vec<String> = Vec::new();
    for arg in given {
        match kept.last().is_some_and(|last| last == "--set") && replaced(&arg) {
            true => drop(kept.pop()),
            false if arg.strip_prefix("--set=").is_some_and(replaced) => {}
            false => kept.push(arg),
        }
    }
    command(kept.into_iter().chain(sets.iter().flat_map(|set| ["--set".to_string(), set.clone()])))
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) { word.to_string() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(args: &[&str]) -> Vec<String> {
        args.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_command_to_go_on_is_what_was_given_with_resume() {
        assert_eq!(to_go_on(given(&["cocoasim", "run", "office", "--overwrite"])), "cocoasim run office --resume");
        assert_eq!(
            to_go_on(given(&["cocoasim", "run", "a b", "--set", "x={y=\"it's\"}", "--resume"])),
            r#"cocoasim run 'a b' --set 'x={y="it'\''s"}' --resume"#
        );
        assert_eq!(to_overwrite(given(&["cocoasim", "run", "office", "--resume"])), "cocoasim run office --overwrite");
    }

    #[test]
    fn settings_replace_those_of_their_key_and_keep_the_others() {
        let mended = with_sets(given(&["cocoasim", "run", "x", "--set", "a=1", "--set", "b=2", "--set=a=3", "--quiet"]), &["a=[]".into()]);
        assert_eq!(mended, "cocoasim run x --set b=2 --quiet --set 'a=[]'");
    }
}
