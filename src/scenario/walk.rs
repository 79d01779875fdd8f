//! Holds a merged scenario against the JSON Schema of the scenario file: every fault at once.

use serde_json::{Map, Value};

use crate::faults::{Faults, counted, nearest};

/// Checks `value` at `path` against `schema` (an inlined schema: no references).
pub fn walk(value: &Value, schema: &Value, path: &str, faults: &mut Faults) {
    if let Some(names) = enum_names(schema) {
        if !value.as_str().is_some_and(|v| names.contains(&v)) {
            let near = value.as_str().and_then(|v| nearest(v, names.iter().copied()));
            let hint = near.map_or_else(String::new, |n| format!("did you mean \"{n}\"? "));
            faults.push(path, "no such choice", format!("{hint}use one of \"{}\"", names.join("\", \"")));
        }
        return;
    }
    if value.is_null() {
        let remedy = match schema_type(schema) {
            Some(kind @ ("integer" | "number")) => use_number(schema, kind),
            Some("string") => "put it in quotes".into(),
            _ => "use another value".into(),
        };
        faults.push(path, "infinite, not a number, or an integer of more than 64 bits", remedy);
        return;
    }
    // Forms that are told apart by their only key come as "oneOf".
    if let Some(choices) = ["anyOf", "oneOf"].iter().find_map(|of| schema.get(of).and_then(Value::as_array)) {
        walk_choices(value, choices, path, faults);
        return;
    }
    match schema_type(schema) {
        Some("object") => walk_object(value, schema, path, faults),
        Some("array") => walk_array(value, schema, path, faults),
        Some("string") if !value.is_string() => faults.push(path, "not text", "put it in quotes"),
        Some("boolean") if !value.is_boolean() => faults.push(path, "not true or false", "use true or false"),
        Some(kind @ ("integer" | "number")) => walk_number(value, schema, kind, path, faults),
        _ => {}
    }
}

/// A value that may have one of several forms, each of another type or with keys of its own: held against the form that it looks like.
fn walk_choices(value: &Value, choices: &[Value], path: &str, faults: &mut Faults) {
    let keys = |choice: &Value| choice.get("properties").and_then(Value::as_object).map(|keys| keys.keys().cloned().collect::<Vec<_>>());
    let looks_like = |choice: &&Value| match (schema_type(choice), value) {
        (_, Value::String(text)) => {
            enum_names(choice).map_or(schema_type(choice) == Some("string"), |names| names.contains(&text.as_str()))
        }
        (Some("number" | "integer"), Value::Number(_)) | (Some("boolean"), Value::Bool(_)) | (Some("array"), Value::Array(_)) => true,
        (Some("object"), Value::Object(table)) => keys(choice).is_some_and(|keys| keys.iter().any(|key| table.contains_key(key))),
        _ => false,
    };
    // A value that may be left out: its own form says best what is wrong.
    let stated: Vec<&Value> = choices.iter().filter(|choice| choice.get("type").and_then(Value::as_str) != Some("null")).collect();
    let only = if let [only] = stated[..] { Some(only) } else { None };
    if let Some(choice) = choices.iter().find(looks_like).or(only) {
        return walk(value, choice, path, faults);
    }
    let form = |choice: &Value| match (schema_type(choice), keys(choice)) {
        _ if enum_names(choice).is_some() => enum_names(choice).map(|names| format!("\"{}\"", names.join("\", \""))),
        (Some("object"), Some(keys)) => {
            Some(format!("{{ {} }}", keys.iter().map(|key| format!("{key} = ...")).collect::<Vec<_>>().join(", ")))
        }
        (Some("number"), _) => Some("a number".into()),
        (Some("boolean"), _) => Some("true, false".into()),
        (Some("array"), _) => Some("a list in [ ]".into()),
        (Some("string"), _) => Some("text in quotes".into()),
        _ => None,
    };
    let forms: Vec<String> = choices.iter().filter_map(form).collect();
    let known: Vec<String> = choices.iter().filter_map(keys).flatten().collect();
    let near = value.as_object().and_then(|table| table.keys().find_map(|key| nearest(key, known.iter().map(String::as_str))));
    let hint = near.map_or_else(String::new, |near| format!("did you mean {near}? "));
    faults.push(path, "none of the forms that it may have", format!("{hint}write {}", forms.join(" or ")));
}

fn walk_object(value: &Value, schema: &Value, path: &str, faults: &mut Faults) {
    let Some(table) = value.as_object() else {
        faults.push(path, "not a table", "give it keys");
        return;
    };
    let below = |key: &str| if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
    let empty = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let others = schema.get("additionalProperties").filter(|s| s.is_object());
    for (key, item) in table {
        match (properties.get(key), others) {
            (Some(schema), _) | (None, Some(schema)) => walk(item, schema, &below(key), faults),
            (None, None) => faults.push(below(key), "unknown key", unknown_key_remedy(key, properties)),
        }
    }
    for key in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if !table.contains_key(key) {
            faults.push(
                if path.is_empty() { key.to_string() } else { path.to_string() },
                format!("key {key} is missing"),
                format!("state {key}"),
            );
        }
    }
}

fn walk_array(value: &Value, schema: &Value, path: &str, faults: &mut Faults) {
    let Some(list) = value.as_array() else {
        faults.push(path, "not a list", "put it in [ ]");
        return;
    };
    let limit = |name: &str| schema.get(name).and_then(Value::as_u64);
    if limit("minItems").is_some_and(|n| (list.len() as u64) < n) || limit("maxItems").is_some_and(|n| list.len() as u64 > n) {
        let (low, high) = (limit("minItems").unwrap_or(0), limit("maxItems"));
        let remedy = high.map_or_else(
            || format!("give at least {low}"),
            |high| if low == high { format!("give exactly {low}") } else { format!("give {low} to {high}") },
        );
        faults.push(path, counted(list.len(), "item"), remedy);
    }
    if let Some(items) = schema.get("items") {
        for (i, item) in list.iter().enumerate() {
            walk(item, items, &format!("{path}[{i}]"), faults);
        }
    }
}

/// Numbers that the schema leaves open have these limits: no weight, position or count comes near them.
const FAR: f64 = 1e9;

fn limits(schema: &Value) -> (f64, f64) {
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    (bound("minimum").unwrap_or(-FAR), bound("maximum").unwrap_or(FAR))
}

fn use_number(schema: &Value, kind: &str) -> String {
    let noun = if kind == "integer" { "a whole number" } else { "a number" };
    let (low, high) = limits(schema);
    format!("use {noun} from {low} to {high}")
}

fn walk_number(value: &Value, schema: &Value, kind: &str, path: &str, faults: &mut Faults) {
    let (low, high) = limits(schema);
    let problem = match value.as_f64() {
        None => "not a number",
        Some(_) if kind == "integer" && !(value.is_i64() || value.is_u64()) => "not a whole number",
        Some(number) if !(low..=high).contains(&number) => "out of range",
        Some(_) => return,
    };
    faults.push(path, problem, use_number(schema, kind));
}

fn schema_type(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(kind) => Some(kind),
        // An optional value: ["integer", "null"].
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|k| *k != "null"),
        _ => None,
    }
}

fn enum_names(schema: &Value) -> Option<Vec<&str>> {
    if let Some(names) = schema.get("enum").and_then(Value::as_array) {
        return Some(names.iter().filter_map(Value::as_str).collect());
    }
    // Documented unit variants come as a list of constants.
    let of = schema.get("oneOf").and_then(Value::as_array)?;
    of.iter().map(|s| s.get("const").and_then(Value::as_str)).collect()
}

fn unknown_key_remedy(key: &str, known: &Map<String, Value>) -> String {
    const UNITS: [&str; 14] = ["_ms", "_us", "_s", "_min", "_h", "_days", "_mm", "_cm", "_m", "_km", "_dbm", "_db", "_deg", "_rad"];
    let stem = |name: &str| UNITS.iter().find_map(|u| name.strip_suffix(u)).unwrap_or(name).to_string();
    if let Some(same) = known.keys().find(|k| stem(k) == stem(key) && k.as_str() != key) {
        return format!("the unit is in the name: use {same}");
    }
    match nearest(key, known.keys().map(String::as_str)) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("known here: {}", known.keys().cloned().collect::<Vec<_>>().join(", ")),
    }
}
