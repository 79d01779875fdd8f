//! Rules with the same figures share a row: on the terminal, on the page and in its figures.

/// The rule "whatever the release on this phone made of it" has a row of its own: what it asks for differs from phone to phone.
pub(super) const ALONE: &str = "installed";

/// Rules that share a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedRow {
    /// Their names, joined: `1.0.0-1.1.2, 1.1.3/android`.
    pub names: String,
    /// Their places in the list they were taken from, ascending.
    pub members: Vec<usize>,
}

/// Joins rules (`RELEASE/SYSTEM/levelL` and what may follow) that have the same figures, in the order of their first. A row goes on in
/// another after whole releases if its names are wider than `width`.
pub fn share_rows<F: PartialEq>(rules: &[(&str, F)], width: usize) -> Vec<SharedRow> {
    let all: Vec<Reading<'_>> = rules.iter().map(|(name, _)| Reading::of(name)).collect();
    let mut joined: Vec<Vec<usize>> = Vec::new();
    for (at, (name, figures)) in rules.iter().enumerate() {
        let shares = |row: &&mut Vec<usize>| *name != ALONE && rules[row[0]].0 != ALONE && rules[row[0]].1 == *figures;
        match joined.iter_mut().find(shares) {
            Some(row) => row.push(at),
            None => joined.push(vec![at]),
        }
    }
    let names = |members: &[usize]| names_joined(&members.iter().map(|&at| all[at]).collect::<Vec<_>>(), &all);
    let rows_of = |row: &Vec<usize>| {
        let mut rows: Vec<Vec<usize>> = Vec::new();
        for of_release in row.chunk_by(|&a, &b| all[a].release == all[b].release) {
            match rows.last_mut() {
                Some(row) if names(&[row.as_slice(), of_release].concat()).len() <= width => row.extend(of_release),
                _ => rows.push(of_release.to_vec()),
            }
        }
        rows.into_iter().map(|members| SharedRow { names: names(&members), members }).collect::<Vec<_>>()
    };
    joined.iter().flat_map(rows_of).collect()
}

/// A rule's name, taken apart.
#[derive(Clone, Copy, PartialEq)]
struct Reading<'a> {
    release: &'a str,
    system: &'a str,
    level: &'a str,
    rest: &'a str,
}

impl<'a> Reading<'a> {
    fn of(name: &'a str) -> Self {
        let (release, reading) = name.split_once('/').unwrap_or((name, ""));
        let (system, level) = reading.split_once("/level").unwrap_or((reading, ""));
        let end = level.find('/').unwrap_or(level.len());
        Self { release, system, level: &level[..end], rest: &level[end..] }
    }

    fn differs_in_level(&self, other: &Self) -> bool {
        (self.release, self.system, self.rest) == (other.release, other.system, other.rest)
    }
}

/// `A/ios/level0` and `A/ios/level4` as `A/ios` where there are no other levels; a release of which all are here by its name alone.
fn names_joined(readings: &[Reading<'_>], all: &[Reading<'_>]) -> String {
    let mut out = String::new();
    let mut last_release = "";
    for (i, reading) in readings.iter().enumerate() {
        if readings[..i].iter().any(|earlier| earlier.differs_in_level(reading)) {
            continue;
        }
        let is_whole = all.iter().filter(|r| r.release == reading.release).all(|r| readings.contains(r));
        if is_whole && last_release == reading.release {
            continue;
        }
        let levels =
            |of: &[Reading<'_>]| of.iter().filter(|r| r.differs_in_level(reading)).map(|r| r.level.to_string()).collect::<Vec<_>>();
        let here = levels(readings);
        let level = if here == levels(all) || reading.level.is_empty() { String::new() } else { format!("/level{}", here.join(",")) };
        let name = format!("{}{level}{}", reading.system, reading.rest);
        out += match (out.is_empty(), last_release == reading.release) {
            (true, _) => "",
            (false, true) => " ",
            (false, false) => ", ",
        };
        if last_release != reading.release {
            out += reading.release;
            out += if is_whole || name.is_empty() { "" } else { "/" };
        }
        out += if is_whole { "" } else { &name };
        last_release = reading.release;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(rules: &[(&str, &str)], width: usize) -> Vec<String> {
        share_rows(rules, width).into_iter().map(|row| row.names).collect()
    }

    #[test]
    fn rules_with_the_same_figures_share_a_row() {
        let lines = [
            ("1.0.0-1.1.2/ios/level0", "all"),
            ("1.0.0-1.1.2/ios/level4", "all"),
            ("1.0.0-1.1.2/android/level0", "all"),
            ("1.1.3/ios/level0", "near"),
            ("1.1.3/ios/level4", "near"),
            ("1.1.3/android/level0", "all"),
            ("1.1.3/android/level4", "all"),
            ("1.1.4-1.4.1/ios/level0", "some"),
            ("1.1.4-1.4.1/ios/level0/minutes_under", "more"),
            ("1.1.4-1.4.1/ios/level4", "some"),
            ("1.1.4-1.4.1/ios/level4/minutes_under", "more"),
            ("1.1.4-1.4.1/android/level0", "none"),
            ("1.1.4-1.4.1/android/level4", "some"),
            ("2.0", "other"),
            ("installed", "all"),
        ];
        let expected = [
            "1.0.0-1.1.2, 1.1.3/android",
            "1.1.3/ios",
            "1.1.4-1.4.1/ios android/level4",
            "1.1.4-1.4.1/ios/minutes_under",
            "1.1.4-1.4.1/android/level0",
            "2.0",
            "installed",
        ];
        assert_eq!(names(&lines, 48), expected);
        let rows = share_rows(&lines, 48);
        assert!(rows.iter().all(|row| row.members.iter().all(|&at| lines[at].1 == lines[row.members[0]].1)));
        assert_eq!(rows.iter().map(|row| row.members.len()).sum::<usize>(), lines.len());
        let many: Vec<_> = (10..30).map(|i| format!("configuration{i}")).collect();
        let many: Vec<_> = many.iter().map(|name| (name.as_str(), "same")).collect();
        let narrow = names(&many, 48);
        assert!(narrow.len() == 10 && narrow.iter().all(|name| name.len() <= 48), "{narrow:?}");
        assert_eq!(names(&many, usize::MAX).len(), 1);
    }
}
