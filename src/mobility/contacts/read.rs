//! Reads a trace `t i j` and its optional metadata `id department`.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
    path::Path,
};

use crate::{faults::Faults, inputs::Inputs, mobility::ContactsConfig, time::DAY_S};

/// At most this many malformed lines of one file are reported one by one.
const MOST_LINES_REPORTED: usize = 20;
/// Latest time accepted, s: a century; later times are taken for Unix or millisecond stamps.
const LATEST_S: i64 = 36_525 * DAY_S;

/// A contact of a trace day: indices into [`Trace::labels`] (`a < b`), seconds of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TraceContact {
    /// The lower index.
    pub a: u32,
    /// The higher index.
    pub b: u32,
    /// Start, seconds after 00:00 JST.
    pub start_s: i64,
    /// End (exclusive), seconds after 00:00 JST.
    pub end_s: i64,
}

/// A face-to-face trace. Person n is the n-th id of the file in ascending order.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Ids of the file, ascending.
    pub labels: Vec<u32>,
    /// Names of departments, ascending.
    pub departments: Vec<String>,
    /// Per person: index into `departments`, where the metadata names one.
    pub department: Vec<Option<u16>>,
    /// Distinct records read.
    pub records: usize,
    /// Per calendar day (days without records included): contacts sorted by (a, b, start), merged where they touch.
    pub days: Vec<Vec<TraceContact>>,
}

impl Trace {
    /// Reads a trace, plain or gzip, and its metadata. Everything wrong is pushed to `faults`; `None` if anything was.
    pub fn read(path: &Path, metadata: Option<&Path>, config: &ContactsConfig, inputs: &mut Inputs, faults: &mut Faults) -> Option<Self> {
        let before = faults.0.len();
        let records =
            read_text("mobility.file", path, inputs, faults).map(|text| parse_records(&path.display().to_string(), &text, faults));
        let groups = metadata
            .and_then(|m| Some(parse_groups(&m.display().to_string(), &read_text("mobility.metadata", m, inputs, faults)?, faults)));
        let records = records?;
        if faults.0.len() > before {
            return None;
        }
        if records.is_empty() {
            faults.push(path.display().to_string(), "holds no records", "lines `t i j` are expected");
            return None;
        }
        Some(Self::new(&records, &groups.unwrap_or_default(), i64::from(config.record_s)))
    }

    fn new(records: &BTreeSet<(u32, u32, i64)>, groups: &BTreeMap<u32, String>, record_s: i64) -> Self {
        let labels: Vec<u32> = records.iter().flat_map(|r| [r.0, r.1]).collect::<BTreeSet<_>>().into_iter().collect();
        let index: BTreeMap<u32, u32> = labels.iter().zip(0..).map(|(&l, n)| (l, n)).collect();
        let names: BTreeSet<&String> = labels.iter().filter_map(|l| groups.get(l)).collect();
        let departments: Vec<String> = names.into_iter().cloned().collect();
        let department = labels
            .iter()
            .map(|l| groups.get(l).and_then(|g| departments.binary_search(g).ok()).and_then(|n| u16::try_from(n).ok()))
            .collect();
        let latest_s = records.iter().map(|r| r.2).max().unwrap_or(0);
        let mut days = vec![Vec::<TraceContact>::new(); ((latest_s - 1).max(0) / DAY_S + 1) as usize];
        // Records come sorted by (i, j, t), so each day's list is sorted and slots that touch follow each other.
        for &(i, j, t_s) in records {
            let mut start_s = (t_s - record_s).max(0);
            while start_s < t_s {
                let day = start_s / DAY_S;
                let end_s = t_s.min((day + 1) * DAY_S);
                let slot = TraceContact { a: index[&i], b: index[&j], start_s: start_s - day * DAY_S, end_s: end_s - day * DAY_S };
                let list = &mut days[day as usize];
                match list.last_mut() {
                    Some(last) if (last.a, last.b) == (slot.a, slot.b) && slot.start_s <= last.end_s => last.end_s = slot.end_s,
                    _ => list.push(slot),
                }
                start_s = end_s;
            }
        }
        Self { labels, departments, department, records: records.len(), days }
    }
}

fn read_text(key: &str, path: &Path, inputs: &mut Inputs, faults: &mut Faults) -> Option<String> {
    let name = path.display().to_string();
    let bytes = match inputs.read(key, path) {
        Ok(bytes) => bytes,
        Err(error) => {
            faults.push(name, format!("cannot be read: {error}"), "give the path of a readable file");
            return None;
        }
    };
    let mut plain = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        if let Err(error) = flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain) {
            faults.push(name, format!("is damaged or truncated gzip: {error}"), "fetch the file again");
            return None;
        }
    } else {
        plain = bytes;
    }
    Some(String::from_utf8_lossy(&plain).into_owned())
}

/// Calls `parse` on every line that says something and reports those it refuses.
fn each_line(file: &str, text: &str, remedy: &str, faults: &mut Faults, mut parse: impl FnMut(&str) -> Result<(), String>) {
    let mut refused = 0;
    let mut last = 0;
    for (line, content) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if let Err(problem) = parse(content) {
            refused += 1;
            last = line;
            if refused <= MOST_LINES_REPORTED {
                faults.push_line(file, line, problem, remedy);
            }
        }
    }
    if refused > MOST_LINES_REPORTED {
        faults.push_line(file, last, format!("and {} more malformed lines up to here", refused - MOST_LINES_REPORTED), remedy);
    }
}

fn parse_records(file: &str, text: &str, faults: &mut Faults) -> BTreeSet<(u32, u32, i64)> {
    let mut records = BTreeSet::new();
    each_line(file, text, "a line is `t i j`: seconds and two different ids", faults, |line| {
        let mut fields = line.split_whitespace();
        let mut integer = |name: &str| -> Result<i64, String> {
            let field = fields.next().ok_or_else(|| format!("has no {name}"))?;
            field.parse().map_err(|_| format!("{name} `{field}` is no integer"))
        };
        let (t_s, i, j) = (integer("t")?, integer("i")?, integer("j")?);
        if !(0..=LATEST_S).contains(&t_s) {
            return Err(format!("t = {t_s} is negative or later than a century after the start"));
        }
        let id = |id: i64| u32::try_from(id).map_err(|_| format!("id {id} is not between 0 and {}", u32::MAX));
        let (i, j) = (id(i)?, id(j)?);
        if i == j {
            return Err(format!("{i} meets itself"));
        }
        records.insert((i.min(j), i.max(j), t_s));
        Ok(())
    });
    records
}

fn parse_groups(file: &str, text: &str, faults: &mut Faults) -> BTreeMap<u32, String> {
    let mut groups = BTreeMap::new();
    each_line(file, text, "a line is `id department`", faults, |line| {
        let mut fields = line.split_whitespace();
        let id = fields.next().unwrap_or_default();
        let id: u32 = id.parse().map_err(|_| format!("id `{id}` is no whole number"))?;
        let group = fields.next().ok_or("names no department")?;
        match groups.insert(id, group.to_owned()) {
            Some(earlier) if earlier != group => Err(format!("puts {id} into {group} after {earlier}")),
            _ => Ok(()),
        }
    });
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(text: &str) -> (Option<Trace>, Faults) {
        let mut faults = Faults::default();
        let records = parse_records("trace", text, &mut faults);
        (faults.is_empty().then(|| Trace::new(&records, &BTreeMap::new(), 20)), faults)
    }

    #[test]
    fn slots_merge_and_split_at_midnight() {
        let (trace, _) = built("# t i j\r\n40\t9 3 x\r\n\r\n20  3\t9\n20 9 3\n10 3 9\n86410 3 4\n");
        let trace = trace.expect("well formed");
        assert_eq!((trace.labels.as_slice(), trace.records, trace.days.len()), ([3, 4, 9].as_slice(), 4, 2));
        assert_eq!(trace.days[0][0], TraceContact { a: 0, b: 1, start_s: 86_390, end_s: 86_400 });
        assert_eq!(trace.days[0][1], TraceContact { a: 0, b: 2, start_s: 0, end_s: 40 });
        assert_eq!(trace.days[1], [TraceContact { a: 0, b: 1, start_s: 0, end_s: 10 }]);
    }

    #[test]
    fn every_malformed_line_is_reported_with_its_number() {
        let (trace, faults) = built("20 1 2\n20 1\n-20 1 2\n20 1 1\nx 1 2\n");
        assert!(trace.is_none());
        assert_eq!(faults.0.iter().map(|f| f.line).collect::<Vec<_>>(), [Some(2), Some(3), Some(4), Some(5)]);
        assert_eq!(built(&"bad\n".repeat(50)).1.0.len(), MOST_LINES_REPORTED + 1);
    }

    /// Counts of SocioPatterns' InVS15 trace (Génois and Barrat 2018).
    #[test]
    fn val_invs15_counts() {
        let Some(path) = crate::test_data::data("contacts/workplace_InVS15_tij.dat.gz") else { return };
        let mut faults = Faults::default();
        let text = read_text("mobility.file", &path, &mut Inputs::default(), &mut faults).expect("readable");
        let records = parse_records("InVS15", &text, &mut faults);
        let trace = Trace::new(&records, &BTreeMap::new(), 20);
        assert_eq!((trace.labels.len(), trace.days.len(), trace.records), (217, 12, 78_249));
        let mut at_least_900 = 0;
        for day in &trace.days {
            let mut sums = BTreeMap::new();
            day.iter().for_each(|c| *sums.entry((c.a, c.b)).or_insert(0) += c.end_s - c.start_s);
            at_least_900 += sums.values().filter(|&&s| s >= 900).count();
        }
        assert_eq!(at_least_900, 374);
    }
}
