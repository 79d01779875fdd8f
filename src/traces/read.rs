//! Reads a trace `t i j` and its optional metadata `id department`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::{
    faults::Faults,
    inputs::Inputs,
    mobility::ContactsConfig,
    time::{DAY_S, UnixSeconds},
};

use super::{
    shape::Shape,
    text::{Row, Text, number},
};

/// At most this many malformed lines of one file are reported one by one.
const MOST_LINES_REPORTED: usize = 20;
/// Longest run, days, as the range of `run.days` says.
const MOST_DAYS: i64 = 3660;
const MOST_S: i64 = MOST_DAYS * DAY_S;

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
    /// Distinct records left out, because they lie after the stated days.
    pub left_out: usize,
    /// Per calendar day (days without records included): contacts sorted by (a, b, start), merged where they touch.
    pub days: Vec<Vec<TraceContact>>,
}

impl Trace {
    /// Reads a trace, plain or gzip, and its metadata. With `days`, so many days from `contacts.origin` on: a longer trace is cut
    /// short, a shorter one followed by days without records. Everything wrong is pushed to `faults`; `None` if anything was.
    pub fn read(
        path: &Path,
        metadata: Option<&Path>,
        config: &ContactsConfig,
        days: Option<u32>,
        inputs: &mut Inputs,
        faults: &mut Faults,
    ) -> Option<Self> {
        let text = Text::open(path, "mobility.file", inputs, faults);
        let metadata = metadata.map(|m| Text::open(m, "mobility.metadata", inputs, faults));
        Self::of(&text?, metadata.map_or(Some(None), |m| m.map(Some))?.as_ref(), config, days, faults)
    }

    /// The trace in a text, as [`Self::read`] says.
    pub(super) fn of(
        text: &Text,
        metadata: Option<&Text>,
        config: &ContactsConfig,
        days: Option<u32>,
        faults: &mut Faults,
    ) -> Option<Self> {
        let before = faults.0.len();
        let record_s = i64::from(config.record_s);
        let mut records = parse_records(text, config, days.is_some(), faults);
        let groups = metadata.map(|m| parse_groups(m, faults)).unwrap_or_default();
        if faults.0.len() > before {
            return None;
        }
        let earliest_s = records.iter().map(|r| r.2).min();
        let Some(earliest_s) = earliest_s else {
            faults.push(text.name.clone(), "holds no records", "lines `t i j` are expected");
            return None;
        };
        let all = records.len();
        if let Some(days) = days {
            records.retain(|r| r.2 - record_s < i64::from(days) * DAY_S);
            if records.is_empty() {
                let first = (earliest_s - record_s) / DAY_S + 1;
                faults.push("run.days", format!("the trace has no record before day {first}"), format!("use at least {first}"));
                return None;
            }
        }
        let trace = Self { left_out: all - records.len(), ..Self::new(&records, &groups, record_s, days) };
        if let Some(metadata) = metadata
            && trace.departments.is_empty()
        {
            faults.push(metadata.name.clone(), "names nobody of the trace", "give lines `id department` of the trace's ids");
            return None;
        }
        Some(trace)
    }

    fn new(records: &BTreeSet<(u32, u32, i64)>, groups: &BTreeMap<u32, String>, record_s: i64, days: Option<u32>) -> Self {
        let labels: Vec<u32> = records.iter().flat_map(|r| [r.0, r.1]).collect::<BTreeSet<_>>().into_iter().collect();
        let index: BTreeMap<u32, u32> = labels.iter().zip(0..).map(|(&l, n)| (l, n)).collect();
        let names: BTreeSet<&String> = labels.iter().filter_map(|l| groups.get(l)).collect();
        let departments: Vec<String> = names.into_iter().cloned().collect();
        let department = labels
            .iter()
            .map(|l| groups.get(l).and_then(|g| departments.binary_search(g).ok()).and_then(|n| u16::try_from(n).ok()))
            .collect();
        let latest_s = records.iter().map(|r| r.2).max().unwrap_or(0);
        let days = days.map_or((latest_s - 1).max(0) / DAY_S + 1, i64::from);
        let mut days = vec![Vec::<TraceContact>::new(); days as usize];
        // Records come sorted by (i, j, t), so each day's list is sorted and slots that touch follow each other.
        for &(i, j, t_s) in records {
            let mut start_s = t_s - record_s;
            while start_s < t_s {
                let day = start_s / DAY_S;
                let end_s = t_s.min((day + 1) * DAY_S);
                let slot = TraceContact { a: index[&i], b: index[&j], start_s: start_s - day * DAY_S, end_s: end_s - day * DAY_S };
                // A slot that leads over the last midnight ends there.
                let Some(list) = days.get_mut(day as usize) else { break };
                match list.last_mut() {
                    Some(last) if (last.a, last.b) == (slot.a, slot.b) && slot.start_s <= last.end_s => last.end_s = slot.end_s,
                    _ => list.push(slot),
                }
                start_s = end_s;
            }
        }
        Self { labels, departments, department, records: records.len(), left_out: 0, days }
    }
}

/// Parses every line of data and reports those that `parse` refuses.
fn each_row<T>(
    file: &str,
    rows: &[Row<'_>],
    remedy: &str,
    faults: &mut Faults,
    mut parse: impl FnMut(&Row<'_>) -> Result<T, String>,
) -> Vec<(usize, T)> {
    let mut parsed = Vec::with_capacity(rows.len());
    let (mut refused, mut last) = (0, 0);
    for row in rows {
        match parse(row) {
            Ok(record) => parsed.push((row.line, record)),
            Err(problem) => {
                refused += 1;
                last = row.line;
                if refused <= MOST_LINES_REPORTED {
                    faults.push_line(file, row.line, problem, remedy);
                }
            }
        }
    }
    if refused > MOST_LINES_REPORTED {
        faults.push_line(file, last, format!("and {} more malformed lines up to here", refused - MOST_LINES_REPORTED), remedy);
    }
    parsed
}

/// A record and its line: t, i and j.
type Parsed = (usize, (i64, u32, u32));

/// The records (i < j, seconds after the origin).
fn parse_records(text: &Text, config: &ContactsConfig, is_cut: bool, faults: &mut Faults) -> BTreeSet<(u32, u32, i64)> {
    let rows = text.rows(|fields| fields.iter().filter(|field| number(field).is_some()).count() >= 3);
    let shape = Shape::of(&rows, i64::from(config.record_s));
    let remedy = "a line is `t i j`: seconds and two different ids";
    let parsed = each_row(&text.name, &rows.rows, remedy, faults, |row| shape.record(row));
    let options = check_times(&text.name, &parsed, config, is_cut, faults);
    if let Some(first) = shape.problems.iter().map(|(line, _)| *line).min() {
        let problems: Vec<&str> = shape.problems.iter().map(|(_, problem)| problem.as_str()).collect();
        let problem = format!("lines are not `t i j`: {}", problems.join("; "));
        faults.push_line(&text.name, first, problem, shape.remedy(&rows, &options));
    }
    parsed.into_iter().map(|(_, (t_s, i, j))| (i.min(j), i.max(j), t_s - config.origin)).collect()
}

/// Finds records that lie on no day of a run. Returns the option that puts the origin right, if it is wrong.
fn check_times(file: &str, parsed: &[Parsed], config: &ContactsConfig, is_cut: bool, faults: &mut Faults) -> String {
    let Some(&(line, (first_s, ..))) = parsed.iter().min_by_key(|(line, (t_s, ..))| (*t_s, *line)) else { return String::new() };
    let record_s = i64::from(config.record_s);
    let since_s = |t_s: i64| t_s - config.origin;
    let start_s = since_s(first_s) - record_s;
    let in_time = 0..MOST_S;
    if in_time.contains(&start_s) {
        if !is_cut && let Some((line, (t_s, ..))) = parsed.iter().find(|(_, (t_s, ..))| since_s(*t_s) > MOST_S) {
            let last_s = parsed.iter().map(|(_, (t_s, ..))| since_s(*t_s)).filter(|t_s| *t_s <= MOST_S).max().unwrap_or(1);
            let problem = format!("t = {t_s} is on day {}: a run has at most {MOST_DAYS} days", (since_s(*t_s) - 1) / DAY_S + 1);
            let days = (last_s - 1) / DAY_S + 1;
            faults.push_line(file, *line, problem, format!("mend the line, or add --set run.days={days} to leave out what comes later"));
        }
        return String::new();
    }
    let origin = fitting_origin(first_s - record_s, config.origin);
    let (problem, meaning) = if start_s < 0 {
        let problem = format!("t = {first_s}: its slot [t - {record_s} s, t) begins before the origin, {}", config.origin);
        (problem, "then no record lies before run.first_day".into())
    } else if in_time.contains(&first_s) {
        let day = start_s / DAY_S + 1;
        (format!("t = {first_s} is on day {day}: a run has at most {MOST_DAYS} days"), "then the trace begins on the first day".into())
    } else {
        let day = UnixSeconds(first_s).day_jst();
        let second_of_day = first_s - day.start().0;
        let (h, min, s) = (second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
        let problem = format!("t = {first_s} looks like Unix time ({day} {h:02}:{min:02}:{s:02} JST)");
        (problem, format!("00:00 JST of {}; or the midnight of the place where it was recorded", UnixSeconds(origin).day_jst()))
    };
    let option = format!(" --set mobility.contacts.origin={origin}");
    faults.push_line(file, line, problem, format!("add{option} ({meaning})"));
    option
}

/// An origin that puts a trace whose first slot begins at `start_s` on the run's first day: whole days before one that is too
/// late; 00:00 JST for Unix times; else 0.
fn fitting_origin(start_s: i64, origin: i64) -> i64 {
    let days_back = |from: i64| from - (from - start_s + DAY_S - 1).div_euclid(DAY_S) * DAY_S;
    if start_s < origin && origin - start_s < MOST_S {
        days_back(origin)
    } else if start_s >= MOST_S {
        UnixSeconds(start_s).day_jst().start().0
    } else {
        days_back(0).min(0)
    }
}

fn parse_groups(text: &Text, faults: &mut Faults) -> BTreeMap<u32, String> {
    let rows = text.rows(|fields| fields.len() > 1 && number(fields[0]).is_some());
    let mut problems = Vec::new();
    if rows.is_separated {
        problems.push("fields are not separated by spaces or tabs".to_string());
    }
    if let Some(header) = &rows.header {
        problems.push(format!("a header, `{}`", header.content));
    }
    if !problems.is_empty() {
        let line = rows.header.as_ref().or(rows.rows.first()).map_or(1, |row| row.line);
        let remedy = rows.remedy("gsub(/ /,\"_\",$2); print $1,$2", "");
        faults.push_line(&text.name, line, format!("lines are not `id department`: {}", problems.join("; ")), remedy);
    }
    let mut groups = BTreeMap::new();
    each_row(&text.name, &rows.rows, "a line is `id department`", faults, |row| {
        let id = number(row.fields[0]).and_then(|id| u32::try_from(id).ok()).ok_or_else(|| format!("id `{}` is no id", row.fields[0]))?;
        let group = *row.fields.get(1).ok_or("names no department")?;
        match groups.insert(id, group.to_owned()) {
            Some(earlier) if earlier != group => Err(format!("puts {id} into {group} after {earlier}")),
            _ => Ok(()),
        }
    });
    groups
}
