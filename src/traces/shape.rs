//! How the lines of a trace are laid out where they are not `t i j`, and what makes them so.

use std::collections::BTreeSet;

use crate::{faults::counted, time::DAY_S};

use super::text::{Row, Rows, number};

/// Names that columns of times have.
const TIME_NAMES: [&str; 8] = ["t", "time", "timestamp", "ts", "t_s", "time_s", "seconds", "unix_time"];
/// Later than any time in seconds (the year 5138 as Unix time).
const LATEST_S: i64 = 100_000_000_000;
/// Finer units of time, how many make a second.
const FINE_UNITS: [(i64, &str); 3] = [(1_000_000_000, "nanoseconds"), (1_000_000, "microseconds"), (1000, "milliseconds")];
/// Fewer distinct values than these say nothing of what a column means.
const TELLING_VALUES: usize = 3;
const TELLING_TIMES: usize = 10;
/// Times that begin so late are more likely milliseconds, s.
const LATE_START_S: i64 = 30 * DAY_S;

/// The layout of a trace's lines.
pub struct Shape {
    /// Which fields are t, i and j.
    columns: [usize; 3],
    /// Times are in units of which so many make a second.
    pub units_a_second: i64,
    /// What is not as it should be: line and problem. Empty for lines `t i j`.
    pub problems: Vec<(usize, String)>,
    /// Whether `problems` lists lines with too many numbers.
    numbers_told: bool,
    program: String,
}

impl Shape {
    /// Finds the layout of the lines of a trace whose records stand for `record_s` seconds.
    pub fn of(rows: &Rows<'_>, record_s: i64) -> Self {
        let mut problems = Vec::new();
        let first_line = rows.header.as_ref().or(rows.rows.first()).map_or(1, |row| row.line);
        if rows.is_separated {
            problems.push((first_line, "fields are not separated by spaces or tabs".into()));
        }
        if let Some(header) = &rows.header {
            problems.push((header.line, format!("a header, `{}`", header.content)));
        }
        let columns = columns(rows, record_s);
        if columns != [0, 1, 2] {
            let mut names: Vec<(usize, &str)> = columns.into_iter().zip(["t", "i", "j"]).collect();
            names.sort_unstable();
            let found: Vec<&str> = names.into_iter().map(|(_, name)| name).collect();
            let doubt = if rows.header.is_none() { " (if it is not, put a line `# t i j` on top)" } else { "" };
            problems.push((first_line, format!("the order seems to be `{}`{doubt}", found.join(" "))));
        }
        let mut shape = Self { columns, units_a_second: 1, problems, numbers_told: false, program: String::new() };
        let times: BTreeSet<i64> = rows.rows.iter().filter_map(|row| number(row.fields.get(columns[0])?)).collect();
        if let Some((units, name)) = fine_unit(&times, record_s) {
            shape.units_a_second = units;
            shape.problems.push((rows.rows[0].line, format!("t looks like {name}")));
        }
        let has_lost_ends = shape.look_for_numbers(rows);
        let [t, i, j] = columns.map(|column| format!("${}", column + 1));
        shape.program = if has_lost_ends {
            "for(k=1;k<=NF;k++) printf \"%s%s\",$k,(++n%3?\" \":\"\\n\")".into()
        } else if shape.units_a_second > 1 {
            format!("printf \"%.0f %s %s\\n\",int({t}/{}),{i},{j}", shape.units_a_second)
        } else {
            format!("print {t},{i},{j}")
        };
        shape
    }

    /// Numbers after t, i and j: lines that lost their ends, or columns nobody asked for. Where only some lines have them, the
    /// lines themselves are wrong.
    fn look_for_numbers(&mut self, rows: &Rows<'_>) -> bool {
        let long: Vec<&Row<'_>> = rows.rows.iter().filter(|row| self.has_other_numbers(row)).collect();
        let Some(first) = long.first() else { return false };
        let whole_records = |row: &&Row<'_>| row.fields.len().is_multiple_of(3) && row.fields.iter().all(|field| number(field).is_some());
        let is_one_line_or_uneven = rows.rows.len() == 1 || rows.rows.iter().any(|row| row.fields.len() != first.fields.len());
        let has_lost_ends = is_one_line_or_uneven && self.problems.is_empty() && rows.comments.is_empty() && long.iter().all(whole_records);
        if has_lost_ends {
            let count = first.fields.len();
            self.problems.push((first.line, format!("{count} numbers in one line: ends of lines seem to be lost")));
        } else if long.len() * 2 > rows.rows.len() {
            let problem = "numbers besides t, i and j, of which nothing is known (a record is one slot of mobility.contacts.record_s)";
            self.problems.push((first.line, problem.into()));
        } else {
            return false;
        }
        self.numbers_told = true;
        has_lost_ends
    }

    fn has_other_numbers(&self, row: &Row<'_>) -> bool {
        let looks_like_one =
            |field: &str| field.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) && field.parse::<f64>().is_ok();
        // A record of three fields is the common case.
        row.fields.len() > 3 && row.fields.iter().enumerate().any(|(at, field)| !self.columns.contains(&at) && looks_like_one(field))
    }

    /// The remedy that writes the file as lines `t i j` and adds `more` to the run's options.
    pub fn remedy(&self, rows: &Rows<'_>, more: &str) -> String {
        rows.remedy(&self.program, more)
    }

    /// The record of a line: t in seconds, i and j.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn record(&self, row: &Row<'_>) -> Result<(i64, u32, u32), String> {
        let integer = |column: usize, name: &str| -> Result<i64, String> {
            let field = row.fields.get(self.columns[column]).ok_or_else(|| format!("has no {name}"))?;
            number(field).ok_or_else(|| format!("{name} `{field}` is no integer"))
        };
        let (t, i, j) = (integer(0, "t")?, integer(1, "i")?, integer(2, "j")?);
        let t_s = t.div_euclid(self.units_a_second);
        if !(-LATEST_S..=LATEST_S).contains(&t_s) {
            return Err(format!("t = {t} is no time in seconds"));
        }
        let id = |id: i64| u32::try_from(id).map_err(|_| format!("id {id} is not between 0 and {}", u32::MAX));
        let (i, j) = (id(i)?, id(j)?);
        if i == j {
            return Err(format!("{i} meets itself"));
        }
        if self.has_other_numbers(row) && !self.numbers_told {
            return Err(format!("{}, numbers among those after t, i and j", counted(row.fields.len(), "field")));
        }
        Ok((t_s, i, j))
    }
}

/// Which fields are t, i and j: by a header, or by what times are like and ids are not.
fn columns(rows: &Rows<'_>, record_s: i64) -> [usize; 3] {
    if let Some(header) = &rows.header {
        let named = |at: usize| header.fields.get(at).is_some_and(|name| TIME_NAMES.contains(&name.to_ascii_lowercase().as_str()));
        let is_other = |at: usize| {
            let is_index = header.fields[at].is_empty() || header.fields[at] == "index";
            !named(at) && !is_index && rows.rows[0].fields.get(at).is_some_and(|field| number(field).is_some())
        };
        let others: Vec<usize> = (0..header.fields.len()).filter(|at| is_other(*at)).collect();
        if let (Some(t), [i, j, ..]) = ((0..header.fields.len()).find(|at| named(*at)), others.as_slice()) {
            return [t, *i, *j];
        }
    }
    if rows.comments.iter().any(|comment| comment.split_whitespace().eq(["t", "i", "j"])) {
        return [0, 1, 2];
    }
    let column = |at: usize| -> Vec<i64> { rows.rows.iter().filter_map(|row| number(row.fields.get(at)?)).collect() };
    let (first, third) = (TimeLike::of(&column(0), record_s), TimeLike::of(&column(2), record_s));
    // A column of one value is no column of times beside one that is.
    let like_times = |column: &TimeLike| column.varies && (column.on_slots || column.sorted);
    let surely = third.on_slots && third.sorted && !like_times(&first);
    let larger_on_slots = third.on_slots && third.highest > first.highest && !first.on_slots;
    let larger_sorted = third.sorted && third.highest > first.highest && !first.on_slots && !first.sorted;
    if third.tells && (surely || larger_on_slots || larger_sorted) { [2, 0, 1] } else { [0, 1, 2] }
}

/// What makes a column look like times.
struct TimeLike {
    /// Enough values differ to decide.
    tells: bool,
    /// Not all are the same.
    varies: bool,
    /// Never falling.
    sorted: bool,
    /// Whole slots apart.
    on_slots: bool,
    highest: i64,
}

impl TimeLike {
    fn of(values: &[i64], record_s: i64) -> Self {
        let first = values.first().copied().unwrap_or(0);
        Self {
            tells: values.iter().take(1000).collect::<BTreeSet<_>>().len() >= TELLING_VALUES,
            varies: values.iter().any(|v| *v != first),
            sorted: values.is_sorted(),
            on_slots: record_s > 1 && values.iter().all(|v| v.rem_euclid(record_s) == first.rem_euclid(record_s)),
            highest: values.iter().copied().max().unwrap_or(0),
        }
    }
}

/// The unit of times that are no seconds: too late for any, or all slots a thousand times too far apart.
fn fine_unit(times: &BTreeSet<i64>, record_s: i64) -> Option<(i64, &'static str)> {
    let first = *times.first()?;
    if first > LATEST_S {
        // The coarsest unit that makes seconds of it.
        return FINE_UNITS.into_iter().rev().find(|(units, _)| first / units <= LATEST_S);
    }
    let apart = |t: &i64| t.saturating_sub(first) % (1000 * record_s) == 0;
    // Few times decide it too where they begin weeks after the origin.
    let enough = times.len() >= TELLING_TIMES || (times.len() > 1 && first >= LATE_START_S);
    (enough && times.iter().all(apart)).then_some((1000, "milliseconds"))
}
