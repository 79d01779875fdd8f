//! What is wrong with an input, gathered so that every fault is reported at once.

/// One fault of a scenario file or of a file it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Key path in the scenario (`venue.office.desk_islands[2].x_m`), or a file name for files the scenario names.
    pub path: String,
    /// What is wrong, as a lowercase fragment.
    pub problem: String,
    /// What would be right, as a lowercase fragment.
    pub remedy: String,
    /// Line number inside the file named by `path`, for faults inside named files (trace, metadata, calibration).
    /// Faults of the scenario itself get their line from the key path when they are printed.
    pub line: Option<usize>,
}

/// A list of faults under construction. Rooms' `check` functions push to it; nobody stops at the first one.
#[derive(Clone, Debug, Default)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// Adds a fault of the scenario key at `path`.
    pub fn push(&mut self, path: impl Into<String>, problem: impl Into<String>, remedy: impl Into<String>) {
        self.0.push(Fault { path: path.into(), problem: problem.into(), remedy: remedy.into(), line: None });
    }

    /// Adds a fault at a line of a file that the scenario names.
    pub fn push_line(&mut self, file: impl Into<String>, line: usize, problem: impl Into<String>, remedy: impl Into<String>) {
        self.0.push(Fault { path: file.into(), problem: problem.into(), remedy: remedy.into(), line: Some(line) });
    }

    /// Whether nothing was found wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The nearest name by edit distance, if near enough to be a slip.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known.map(|k| (edits(name, k), k)).filter(|(d, k)| *d <= 1 + k.len() / 4).min().map(|(_, k)| k)
}

/// Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (above + 1).min(row[j] + 1).min(corner + usize::from(x != *y));
            corner = above;
        }
    }
    row[b.len()]
}

/// A remedy for an unknown name: the nearest one, and all there are.
pub fn use_one_of<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let hint = nearest(name, known.clone()).map_or_else(String::new, |near| format!("did you mean {near}? "));
    format!("{hint}use one of {}", known.collect::<Vec<_>>().join(", "))
}
