//! Baseline, scenario file and command line laid over each other, every value with where it came from.

use std::collections::BTreeMap;

use serde_json::Value;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Where a value was stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In the baseline.
    Baseline,
    /// In the scenario file, at a line.
    File(usize),
    /// By the `--set` of this index.
    Set(usize),
}

/// A merged scenario: values, and the origin of every key path.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    /// The values.
    pub value: Value,
    /// Where each key path was stated.
    pub origins: BTreeMap<String, Origin>,
}

impl Merged {
    /// Lays a parsed document over what is there. Tables merge key by key, everything else replaces.
    pub fn lay_over(&mut self, table: &Spanned<DeTable<'_>>, text: &str, origin_of: &dyn Fn(usize) -> Origin) {
        if self.value.is_null() {
            self.value = Value::Object(serde_json::Map::new());
        }
        let line_ends: Vec<usize> = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
        let line_of = |at: usize| line_ends.partition_point(|end| *end < at) + 1;
        let Value::Object(root) = &mut self.value else { return };
        merge_table(root, table.get_ref(), "", &|at| origin_of(line_of(at)), &mut self.origins);
    }

    /// Sets one key path, creating tables on the way; `cases[0].person` indexes lists.
    ///
    /// # Errors
    /// A message where the path leads through something that is neither table nor list, or past a list's end.
    pub fn set(&mut self, path: &str, value: Value, origin: Origin) -> Result<(), String> {
        let mut at = &mut self.value;
        for step in steps(path).ok_or_else(|| format!("cannot read the key path \"{path}\""))? {
            at = match (step, at) {
                (Step::Key(key), Value::Object(table)) => table.entry(key).or_insert_with(|| Value::Object(serde_json::Map::new())),
                (Step::Index(i), Value::Array(list)) => {
                    let length = list.len();
                    list.get_mut(i).ok_or_else(|| format!("index {i} is past the end of a list of {length}"))?
                }
                _ => return Err(format!("\"{path}\" leads through a value that has no keys")),
            };
        }
        *at = value;
        forget_below(&mut self.origins, path);
        let mut above = path;
        while let Some(cut) = above.rfind(['.', '[']) {
            above = &above[..cut];
            // Tables that the path has made.
            self.origins.entry(above.to_string()).or_insert_with(|| origin.clone());
        }
        self.origins.insert(path.to_string(), origin);
        Ok(())
    }

    /// The origin of a key path, or of the nearest path above it.
    pub fn origin(&self, path: &str) -> Origin {
        let mut path = path;
        loop {
            if let Some(origin) = self.origins.get(path) {
                return origin.clone();
            }
            match path.rfind(['.', '[']) {
                Some(cut) => path = &path[..cut],
                None => return Origin::Baseline,
            }
        }
    }

    /// The value at a key path.
    pub fn at(&self, path: &str) -> Option<&Value> {
        steps(path)?.into_iter().try_fold(&self.value, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Index(i) => value.get(i),
        })
    }
}

enum Step {
    Key(String),
    Index(usize),
}

fn steps(path: &str) -> Option<Vec<Step>> {
    let mut out = Vec::new();
    for part in path.split('.') {
        let (key, rest) = part.split_once('[').map_or((part, ""), |(key, rest)| (key, rest));
        if key.is_empty() {
            return None;
        }
        out.push(Step::Key(key.to_string()));
        for index in rest.split('[').filter(|r| !r.is_empty()) {
            out.push(Step::Index(index.strip_suffix(']')?.parse().ok()?));
        }
    }
    Some(out)
}

/// Removes what was stated within a path: its keys and, of a list, its items.
fn forget_below(origins: &mut BTreeMap<String, Origin>, path: &str) {
    for below in [format!("{path}."), format!("{path}[")] {
        let stated: Vec<String> =
            origins.range(below.clone()..).map(|(known, _)| known.clone()).take_while(|k| k.starts_with(&below)).collect();
        for known in stated {
            origins.remove(&known);
        }
    }
}

fn merge_table(
    into: &mut serde_json::Map<String, Value>,
    table: &DeTable<'_>,
    path: &str,
    origin: &dyn Fn(usize) -> Origin,
    origins: &mut BTreeMap<String, Origin>,
) {
    for (key, value) in table {
        let key_path = if path.is_empty() { key.get_ref().to_string() } else { format!("{path}.{}", key.get_ref()) };
        let from = origin(key.span().start);
        if let DeValue::Table(inner) = value.get_ref() {
            let slot = into.entry(key.get_ref().to_string()).or_insert_with(|| Value::Object(serde_json::Map::new()));
            if let Value::Object(slot) = slot {
                origins.insert(key_path.clone(), from);
                merge_table(slot, inner, &key_path, origin, origins);
                continue;
            }
        }
        forget_below(origins, &key_path);
        origins.insert(key_path.clone(), from);
        into.insert(key.get_ref().to_string(), plain(value, &key_path, origin, origins));
    }
}

/// A value as JSON; null for numbers that it cannot hold, which TOML can: infinite ones, and integers of more than 64 bits.
fn plain(value: &Spanned<DeValue<'_>>, path: &str, origin: &dyn Fn(usize) -> Origin, origins: &mut BTreeMap<String, Origin>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Null, Value::from),
        DeValue::Float(number) => {
            number.as_str().parse::<f64>().ok().and_then(serde_json::Number::from_f64).map_or(Value::Null, Value::Number)
        }
        DeValue::Boolean(truth) => Value::Bool(*truth),
        DeValue::Datetime(moment) => Value::String(moment.to_string()),
        DeValue::Array(items) => items
            .iter()
            .enumerate()
            .map(|(i, item)| {
                let item_path = format!("{path}[{i}]");
                origins.insert(item_path.clone(), origin(item.span().start));
                plain(item, &item_path, origin, origins)
            })
            .collect(),
        DeValue::Table(table) => {
            let mut out = serde_json::Map::new();
            merge_table(&mut out, table, path, origin, origins);
            Value::Object(out)
        }
    }
}
