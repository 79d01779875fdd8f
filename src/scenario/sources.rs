//! Where a value's source stands: the comment at it in the baseline.

/// The comment on a key path of a documented TOML file: beside the value, and above the key or its block; of a key inside
/// an inline table, that of the table. Empty where there is none.
pub(super) fn comment_on(text: &str, path: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let Some(at) = line_of(&lines, path) else { return String::new() };
    let beside = lines[at].split_once(" # ").map(|(_, comment)| comment.trim().to_string());
    // Up through the keys of the block (and its header) to the comment above.
    let mut first = at;
    while first > 0 && !lines[first - 1].starts_with('#') && !lines[first - 1].trim().is_empty() {
        first -= 1;
    }
    let mut from = first;
    while from > 0 && lines[from - 1].starts_with('#') && !lines[from - 1].contains("====") {
        from -= 1;
    }
    let above = lines[from..first].iter().map(|l| l.trim_start_matches('#').trim()).collect::<Vec<_>>().join(" ");
    [above, beside.unwrap_or_default()].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The line that states a key path: `key = ` under the table that is the path's beginning.
fn line_of(lines: &[&str], path: &str) -> Option<usize> {
    let mut table = String::new();
    let mut best: Option<(usize, usize)> = None;
    for (i, line) in lines.iter().enumerate() {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.split(']').next()) {
            table = name.trim_matches('[').to_string();
        }
        let Some((key, _)) = line.split_once('=').filter(|_| !line.starts_with(['#', ' ', '['])) else { continue };
        let full = if table.is_empty() { key.trim().to_string() } else { format!("{table}.{}", key.trim()) };
        let fits = path == full || path.strip_prefix(full.as_str()).is_some_and(|rest| rest.starts_with(['.', '[']));
        if fits && best.is_none_or(|(length, _)| full.len() > length) {
            best = Some((full.len(), i));
        }
    }
    best.map(|(_, i)| i)
}

#[cfg(test)]
mod tests {
    use super::comment_on;

    #[test]
    fn comments_are_found_beside_above_and_at_the_head() {
        let text = "# ==== x ===\n\n[x]\n# Of a.\na = 1\nb = 2  # Of b.\n\n# Of the\n# table.\n[x.t]\nc = 1\nd = { e = 1 }\n";
        assert_eq!(comment_on(text, "x.a"), "Of a.");
        assert_eq!(comment_on(text, "x.b"), "Of a. Of b.");
        assert_eq!(comment_on(text, "x.t.c"), "Of the table.");
        assert_eq!(comment_on(text, "x.t.d.e"), "Of the table.");
        assert_eq!(comment_on(text, "x.nothing"), "");
    }
}
