//! What is wrong with an input, gathered so that every fault is reported at once.

/// One fault of a scenario file or of a file it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Key path in the scenario (`mobility.venues[2].number`), or a file name for files the scenario names.
    pub path: String,
    /// What is wrong, as a lowercase fragment.
    pub problem: String,
    /// What would be right, as a lowercase fragment.
    pub remedy: String,
    /// Line number inside the file named by `path`, for faults inside named files (trace, metadata, calibration).
    /// Faults of the scenario itself get their line from the key path when they are printed.
    pub line: Option<usize>,
    /// Settings `key.path=value` that mend it, if it takes several: the shell gives them as a command in place of the remedy.
    pub sets: Vec<String>,
}

/// A list of faults under construction. Rooms' `check` functions push to it; nobody stops at the first one.
#[derive(Clone, Debug, Default)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// Adds a fault of the scenario key at `path`.
    pub fn push(&mut self, path: impl Into<String>, problem: impl Into<String>, remedy: impl Into<String>) {
        self.0.push(Fault { path: path.into(), problem: problem.into(), remedy: remedy.into(), line: None, sets: Vec::new() });
    }

    /// Adds a fault of the scenario key at `path` that these settings (`key.path=value`) mend.
    pub fn push_mended(&mut self, path: impl Into<String>, problem: impl Into<String>, sets: Vec<String>) {
        let remedy = sets.iter().map(|set| format!("--set {set}")).collect::<Vec<_>>().join(" ");
        self.0.push(Fault { path: path.into(), problem: problem.into(), remedy, line: None, sets });
    }

    /// Adds a fault at a line of a file that the scenario names.
    pub fn push_line(&mut self, file: impl Into<String>, line: usize, problem: impl Into<String>, remedy: impl Into<String>) {
        self.0.push(Fault { path: file.into(), problem: problem.into(), remedy: remedy.into(), line: Some(line), sets: Vec::new() });
    }

    /// Whether nothing was found wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The nearest name, if near enough to be a slip (of a few letters, or of case) or to be what `name` begins.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let edits = |known: &str| {
        let known = known.to_lowercase();
        let allowed = 1 + known.len() / 4;
        let begun = name.len() >= 3 && known.starts_with(&name);
        // A long text is no slip of a name, and would take long to compare.
        let edits = if name.len().abs_diff(known.len()) > 4 * allowed { usize::MAX } else { strsim::osa_distance(&name, &known) };
        (begun || edits <= allowed).then_some(edits)
    };
    known.filter_map(|k| Some((edits(k)?, k))).min().map(|(_, k)| k)
}

/// A number for a message: in full where that is short, else with an exponent.
pub fn short(number: f64) -> String {
    if number == 0.0 || (1e-6..1e15).contains(&number.abs()) { number.to_string() } else { format!("{number:e}") }
}

/// "1 key", "2 keys".
pub fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A remedy for an unknown name: the nearest one, and all there are.
pub fn use_one_of<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let hint = nearest(name, known.clone()).map_or_else(String::new, |near| format!("did you mean {near}? "));
    format!("{hint}use one of {}", known.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_near_and_other_names_are_not() {
        let near = |name: &str| nearest(name, ["office", "field-test-1m-15min", "1.1.3", "1.1.4", "SM-G973F"].into_iter());
        assert_eq!(near("offfice"), Some("office"));
        assert_eq!(near("Offcie"), Some("office"), "letters change places, and case does not count");
        assert_eq!(near("1.1.44"), Some("1.1.4"));
        assert_eq!(near("field-test"), Some("field-test-1m-15min"), "begun");
        assert_eq!(near("SM-G9"), Some("SM-G973F"));
        assert_eq!((near("classroom"), near(""), near(&"office".repeat(1_000_000))), (None, None, None));
    }

    #[test]
    fn numbers_and_counts_are_short() {
        assert_eq!([0.0, -1.5, 1e14, 1e308, 1e-9, f64::INFINITY].map(short), ["0", "-1.5", "100000000000000", "1e308", "1e-9", "inf"]);
        assert_eq!([counted(0, "key"), counted(1, "key"), counted(2, "key")], ["0 keys", "1 key", "2 keys"]);
    }
}
