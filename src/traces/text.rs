//! A named file as lines of fields, whoever wrote it, and the command that writes it as it should be.

use std::{io::Read, path::Path};

use crate::{faults::Faults, inputs::Inputs};

/// What separates fields where spaces and tabs do not.
const SEPARATORS: [char; 3] = [',', ';', '|'];

/// The text of a file that a scenario names.
pub struct Text {
    /// Its path.
    pub name: String,
    key: &'static str,
    text: String,
    is_gzip: bool,
    has_mark: bool,
}

/// A line that says something.
pub struct Row<'a> {
    /// Its number in the file.
    pub line: usize,
    /// What it says.
    pub content: &'a str,
    /// That in fields.
    pub fields: Vec<&'a str>,
}

/// A file's lines cut into fields.
pub struct Rows<'a> {
    text: &'a Text,
    /// Whether fields are separated by commas or the like.
    pub is_separated: bool,
    /// The first line, where it names the columns.
    pub header: Option<Row<'a>>,
    /// Lines of data.
    pub rows: Vec<Row<'a>>,
    /// Comments: what follows the sign.
    pub comments: Vec<&'a str>,
}

impl Text {
    /// Opens the file that the scenario's `key` names, plain or gzip.
    pub fn open(path: &Path, key: &'static str, inputs: &mut Inputs, faults: &mut Faults) -> Option<Self> {
        let name = path.display().to_string();
        match inputs.read(key, path) {
            Ok(bytes) => Self::of(name, key, bytes, faults),
            Err(error) => {
                faults.push(name, format!("cannot be read: {error}"), "give the path of a readable file");
                None
            }
        }
    }

    /// The text in a file's bytes.
    pub fn of(name: String, key: &'static str, bytes: Vec<u8>, faults: &mut Faults) -> Option<Self> {
        let is_gzip = bytes.starts_with(&[0x1f, 0x8b]);
        let mut plain = Vec::new();
        if is_gzip {
            if let Err(error) = flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain) {
                faults.push(name, format!("is damaged or truncated gzip: {error}"), "fetch the file again");
                return None;
            }
        } else {
            plain = bytes;
        }
        let lossy = String::from_utf8_lossy(&plain);
        let text = Self {
            name,
            key,
            text: lossy.trim_start_matches('\u{feff}').to_string(),
            is_gzip,
            has_mark: plain.starts_with("\u{feff}".as_bytes()),
        };
        let refuse = |problem: &str, command: Option<String>| {
            let remedy = command.map_or_else(|| "give lines of text, plain or gzip".into(), |command| text.remedy("", &command));
            (problem.to_string(), remedy)
        };
        let refused = if plain.starts_with(b"PK\x03\x04") {
            refuse("is a zip archive", Some(format!("unzip -p {} > {}", quoted(&text.name), quoted(&text.written()))))
        } else if plain.starts_with(&[0xff, 0xfe]) || plain.starts_with(&[0xfe, 0xff]) {
            refuse("is UTF-16 text", Some(text.pipe("iconv -f UTF-16 -t UTF-8")))
        } else if plain.contains(&0) {
            refuse("is no text", None)
        } else {
            return Some(text);
        };
        faults.push(text.name, refused.0, refused.1);
        None
    }

    /// Cuts the text into lines (which end in LF, CR LF or CR) and these into fields. `is_data` tells a line of data by them.
    pub fn rows(&self, is_data: impl Fn(&[&str]) -> bool) -> Rows<'_> {
        let mut rows = Rows { text: self, is_separated: false, header: None, rows: Vec::new(), comments: Vec::new() };
        let lines = self.text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'));
        for (line, content) in (1..).zip(lines) {
            let content = content.trim();
            if let Some(comment) = content.strip_prefix('#') {
                rows.comments.push(comment);
            } else if !content.is_empty() {
                let mut fields: Vec<&str> = content.split_whitespace().collect();
                // Words after the first fields may hold whatever they like.
                if fields.iter().take(3).any(|field| field.contains(SEPARATORS)) {
                    let separated: Vec<&str> = content.split(SEPARATORS).map(|field| field.trim().trim_matches('"')).collect();
                    let is_separated = is_data(&separated);
                    rows.is_separated |= is_separated;
                    if is_separated || !is_data(&fields) {
                        fields = separated;
                    }
                }
                rows.rows.push(Row { line, content, fields });
            }
        }
        let is_header = |row: &Row<'_>| !is_data(&row.fields) && row.fields.iter().all(|field| number(field).is_none());
        if rows.rows.len() > 1 && is_header(&rows.rows[0]) && is_data(&rows.rows[1].fields) {
            rows.header = Some(rows.rows.remove(0));
        }
        rows
    }

    /// The file that a remedy writes: another name than the input's, in the current folder.
    fn written(&self) -> String {
        let name = self.name.rsplit(['/', '\\']).next().unwrap_or_default();
        format!("{name}.{}", if self.key == "mobility.file" { "tij" } else { "txt" })
    }

    /// A command that sends the text through `program`.
    fn pipe(&self, program: &str) -> String {
        let mut stages = Vec::new();
        if self.is_gzip {
            stages.push("gzip -dc");
        }
        if self.has_mark {
            stages.push("tail -c +4");
        }
        if self.has_lone_returns() {
            stages.push("tr '\\r' '\\n'");
        } else if self.text.contains('\r') {
            stages.push("tr -d '\\r'");
        }
        stages.push(program);
        let first = stages.remove(0);
        let rest: String = stages.iter().map(|stage| format!(" | {stage}")).collect();
        format!("{first} < {}{rest} > {}", quoted(&self.name), quoted(&self.written()))
    }

    fn has_lone_returns(&self) -> bool {
        self.text.replace("\r\n", "\n").contains('\r')
    }

    fn remedy(&self, more: &str, command: &str) -> String {
        let set = quoted(&format!("{}={}", self.key, self.written()));
        format!("write it anew by the command below, and add --set {set}{more}\n    {command}")
    }
}

impl Rows<'_> {
    /// The remedy that writes the file anew by an awk `program` over its lines of data, and adds `more` to the run's options.
    pub fn remedy(&self, program: &str, more: &str) -> String {
        let mut conditions = Vec::new();
        if let Some(header) = &self.header {
            // Its line number as awk counts it.
            let offset = header.content.as_ptr() as usize - self.text.text.as_ptr() as usize;
            let before = &self.text.text[..offset];
            let ends: &[char] = if self.text.has_lone_returns() { &['\r', '\n'] } else { &['\n'] };
            conditions.push(format!("NR>{}", before.matches(ends).count() + 1));
        }
        if self.text.text.lines().count() > self.rows.len() + usize::from(self.header.is_some()) {
            // Empty lines and comments.
            conditions.push("/^[^#]*[0-9]/".into());
        }
        let cut = if self.is_separated { "-F'[ \\t]*[,;|][ \\t]*' " } else { "" };
        let unquote = if self.text.text.contains('"') { "gsub(/\"/,\"\"); " } else { "" };
        let command = self.text.pipe(&format!("awk {cut}'{}{{{unquote}{program}}}'", conditions.join(" && ")));
        self.text.remedy(more, &command)
    }
}

/// A whole number, also as programs write it that know no other (`20.0`).
pub fn number(field: &str) -> Option<i64> {
    let whole = field.split_once('.').filter(|(_, rest)| !rest.is_empty() && rest.bytes().all(|b| b == b'0')).map_or(field, |(w, _)| w);
    whole.parse().ok()
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=+,:".contains(c);
    if word.chars().all(plain) { word.to_string() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}
