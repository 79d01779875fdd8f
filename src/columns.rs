//! Comma-separated text with a header line, read line by line in bounded memory. Fields may stand in double quotes and then
//! hold commas and line ends (RFC 4180); a doubled quote within is kept as it stands.

use std::{
    fs::File,
    io::{BufRead, BufReader, Cursor, Read},
    path::Path,
    str::FromStr,
};

use crate::{
    faults::{Faults, counted},
    inputs::{is_dash, name_of, read},
};

/// Longest line that is read, bytes.
const MAX_LINE: u64 = 64 << 10;
/// So many faults of one file are reported; a file of another kind would fill the screen.
const MAX_FAULTS: usize = 20;

/// A file being read, with its header.
pub struct Columns {
    file: String,
    header: Vec<String>,
    /// Comments before the header.
    comments: Vec<String>,
    lines: BufReader<Box<dyn Read>>,
    line: usize,
    /// Lines that the current one went on over.
    lines_more: usize,
    reported: usize,
}

/// One data line.
pub struct Line<'a> {
    /// Line number from 1, the header being 1 if nothing precedes it.
    pub number: usize,
    fields: Vec<&'a str>,
}

impl Columns {
    /// Opens a file (`-` is standard input) and reads its header: the first line that is neither empty nor a `#` comment. `None` with a fault if
    /// the file cannot be read or lacks one of `required`.
    pub fn open(path: &Path, required: &[&str], faults: &mut Faults) -> Option<Self> {
        let open = || -> std::io::Result<Box<dyn Read>> {
            Ok(if is_dash(path) {
                Box::new(Cursor::new(read(path, "the table of columns", u64::MAX)?))
            } else {
                Box::new(File::open(path)?)
            })
        };
        match open() {
            Ok(file) => Self::read(&name_of(path), file, required, faults),
            Err(error) => {
                faults.push(name_of(path), format!("cannot be read: {error}"), "name a readable file");
                None
            }
        }
    }

    /// The same from any reader, under a name for messages.
    pub fn read(file: &str, reader: Box<dyn Read>, required: &[&str], faults: &mut Faults) -> Option<Self> {
        let mut columns = Self {
            file: file.to_string(),
            header: Vec::new(),
            comments: Vec::new(),
            lines: BufReader::new(reader),
            line: 0,
            lines_more: 0,
            reported: 0,
        };
        let mut text = String::new();
        if !columns.next_line(&mut text, faults) {
            if faults.is_empty() {
                let columns = if required.is_empty() { String::new() } else { format!(": {}", required.join(",")) };
                faults.push_line(file, 1, "no header line", format!("begin with a line that names the columns{columns}"));
            }
            return None;
        }
        columns.header = fields(text.trim_start_matches('\u{feff}')).map(str::to_string).collect();
        let header = &columns.header;
        if let Some(i) = (1..header.len()).find(|&i| !header[i].is_empty() && header[..i].contains(&header[i])) {
            let problem = format!("the column {} is there twice", shown(&header[i]));
            faults.push_line(file, columns.line, problem, "keep one");
            return None;
        }
        let missing: Vec<&str> = required.iter().copied().filter(|name| !columns.header.iter().any(|h| h == name)).collect();
        if !missing.is_empty() {
            let found = columns.header.join(", ").chars().take(200).collect::<String>();
            faults.push_line(
                file,
                columns.line,
                format!("no column {}", missing.join(", ")),
                format!("name it in the header; found: {found}"),
            );
            return None;
        }
        Some(columns)
    }

    /// Reads the next line that is neither empty nor a comment; false at the end or where the file cannot be read on.
    fn next_line(&mut self, text: &mut String, faults: &mut Faults) -> bool {
        loop {
            let mut bytes = Vec::new();
            self.line += 1 + self.lines_more;
            self.lines_more = 0;
            loop {
                let before = bytes.len();
                match self.lines.by_ref().take(MAX_LINE + 1 - before as u64).read_until(b'\n', &mut bytes) {
                    Ok(0) if before == 0 => return false,
                    Ok(_) if bytes.len() as u64 > MAX_LINE => {
                        faults.push_line(
                            &self.file,
                            self.line,
                            format!("a line of more than {MAX_LINE} bytes"),
                            "give comma-separated text",
                        );
                        return false;
                    }
                    // The line goes on where a quote is open.
                    Ok(n) if n > 0 && !bytes.starts_with(b"#") && bytes.iter().filter(|b| **b == b'"').count() % 2 == 1 => {
                        self.lines_more += 1;
                    }
                    Ok(_) => break,
                    Err(error) => {
                        faults.push_line(&self.file, self.line, format!("cannot be read on: {error}"), "name a readable file");
                        return false;
                    }
                }
            }
            match String::from_utf8(bytes) {
                Ok(line) => *text = line.trim_end_matches(['\n', '\r']).to_string(),
                Err(_) => {
                    faults.push_line(&self.file, self.line, "not UTF-8 text", "give comma-separated text");
                    return false;
                }
            }
            if let Some(comment) = text.trim_start_matches('\u{feff}').strip_prefix('#') {
                if self.header.is_empty() {
                    self.comments.push(comment.trim().to_string());
                }
            } else if !text.trim().is_empty() {
                return true;
            }
        }
    }

    /// The place of a column, if the file has it.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|h| h == name)
    }

    /// The names of all columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.header.iter().map(String::as_str)
    }

    /// What comments before the header say.
    pub fn comments(&self) -> impl Iterator<Item = &str> {
        self.comments.iter().map(String::as_str)
    }

    /// The number of the line that was read last.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The file's name, for messages.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Calls `row` with every data line. A line for which it gives problems (column, what is wrong, what would be right) is
    /// reported; reading stops after 20 faults.
    pub fn each_line(&mut self, faults: &mut Faults, mut row: impl FnMut(&Line<'_>) -> Vec<(&'static str, String, String)>) {
        let mut text = String::new();
        while self.next_line(&mut text, faults) {
            let line = Line { number: self.line, fields: fields(&text).collect() };
            let problems = if line.fields.len() == self.header.len() {
                row(&line)
            } else {
                vec![(
                    "",
                    format!("{}, the header names {}", counted(line.fields.len(), "field"), self.header.len()),
                    "give one for each column".into(),
                )]
            };
            for (column, problem, remedy) in problems {
                let problem = if column.is_empty() { problem } else { format!("column {column}: {problem}") };
                faults.push_line(&self.file, self.line, problem, remedy);
                self.reported += 1;
            }
            if self.reported >= MAX_FAULTS {
                faults.push_line(&self.file, self.line, "more faults follow", "mend these first");
                return;
            }
        }
    }
}

impl<'a> Line<'a> {
    /// The text of a column.
    pub fn text(&self, position: usize) -> &'a str {
        self.fields[position]
    }

    /// A column as a number; an empty field is `None`.
    pub fn optional<T: FromStr>(&self, position: usize) -> Option<Result<T, String>> {
        let text = self.text(position);
        (!text.is_empty()).then(|| text.parse().map_err(|_| format!("\"{}\" is not a number of this kind", shown(text))))
    }
}

/// A stranger's text, cut for a message.
pub fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

/// The fields of a line: cut at commas outside quotes.
fn fields(line: &str) -> impl Iterator<Item = &str> {
    let mut open = false;
    line.split(move |c| {
        open ^= c == '"';
        c == ',' && !open
    })
    .map(unquoted)
}

fn unquoted(field: &str) -> &str {
    let field = field.trim();
    field.strip_prefix('"').and_then(|f| f.strip_suffix('"')).unwrap_or(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(text: &'static str) -> Vec<String> {
        let mut faults = Faults::default();
        if let Some(mut columns) = Columns::read("x.csv", Box::new(text.as_bytes()), &["a", "b"], &mut faults) {
            let b = columns.position("b").expect("it is required");
            columns.each_line(&mut faults, |line| match line.optional::<u32>(b) {
                Some(Err(problem)) => vec![("b", problem, "give a whole number".into())],
                _ => Vec::new(),
            });
        }
        faults.0.iter().map(|f| format!("{}: {}", f.line.unwrap_or(0), f.problem)).collect()
    }

    #[test]
    fn faults_name_line_and_column() {
        assert!(faults_of("# comment\n\"b\",a\n1,2\n\n,3\r\n").is_empty());
        assert_eq!(
            faults_of("a,b\n1,x\n1\n1,-1\n"),
            [
                "2: column b: \"x\" is not a number of this kind",
                "3: 1 field, the header names 2",
                "4: column b: \"-1\" is not a number of this kind"
            ]
        );
        assert!(faults_of("note,\"a\",b\n\"x, \"\"y\"\", z\",1,2\n\"two\nlines\",1,2\n").is_empty());
        assert_eq!(faults_of("note,a,b\n\"two\nlines\",1,2\n,1,x\n"), ["4: column b: \"x\" is not a number of this kind"]);
        assert_eq!(faults_of("a,c\n"), ["1: no column b"]);
        assert_eq!(faults_of("a,b,note,b\n1,2,x,3\n"), ["1: the column b is there twice"]);
        assert_eq!(faults_of(""), ["1: no header line"]);
    }

    #[test]
    fn a_file_of_another_kind_is_given_up_early() {
        let long: &'static str = Box::leak("a,b\n".chars().chain("x,y\n".repeat(1000).chars()).collect::<String>().into_boxed_str());
        assert_eq!(faults_of(long).len(), 21);
        let line: &'static str = Box::leak("z".repeat(200_000).into_boxed_str());
        assert_eq!(faults_of(line), ["1: a line of more than 65536 bytes"]);
    }
}
