//! Holds every room to the allowed edges in `lib.rs`: a room that reaches into another it may not use fails here.
//!
//! Tokens are read, not syntax: so a path counts wherever it stands, in a macro's body or in an attribute's text too.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use cocoasim::{BASE, ROOMS};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Rooms that know bytes a phone could have and nothing of who carries it, or where.
const BEHIND_THE_WALL: [&str; 2] = ["gaen", "app"];
/// What these may not name, besides the room `ids` as a whole.
const PERSONS_AND_PLACES: [&str; 3] = ["PersonId", "VenueId", "Point"];
/// Modules of `cli` that carry out no command of their own; the others are commands, of which none uses another.
const NO_COMMANDS: [&str; 6] = ["args", "commands", "failure", "files", "shell", "signals"];
/// Not a room: `tests/support/data.rs`, in the library for its unit tests alone.
const TEST_SUPPORT: &str = "test_data";

/// A path as written: `crate::air::Beacons`, `super::super::truth`; `*` and `?` (what no reader can follow) are steps too.
#[derive(Debug)]
struct Mention {
    /// The module it stands in: `["gaen", "store", "tests"]`.
    module: Vec<String>,
    path: Vec<String>,
    /// The name a `use` or `type` gives it.
    named: Option<String>,
    /// Whether that name can be seen from outside its module.
    is_public: bool,
    in_macro_rules: bool,
}

/// The source files of a crate: what they mention, and what they do that no reader of paths can follow.
#[derive(Default)]
struct Source {
    mentions: Vec<(String, Mention)>,
    wrong: Vec<String>,
    /// What each imported name stands for, by its full path.
    names: BTreeMap<Vec<String>, Vec<String>>,
}

/// Where the walk through a file is.
#[derive(Clone)]
struct Place {
    file: String,
    module: Vec<String>,
    in_macro_rules: bool,
}

/// The module of a file below `src/`.
fn module_of(file: &str) -> Vec<String> {
    let mut steps: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_string).collect();
    if steps.last().is_some_and(|last| last == "mod" || last == "lib") {
        steps.pop();
    }
    steps
}

fn ident(token: Option<&TokenTree>) -> Option<String> {
    match token? {
        TokenTree::Ident(name) => Some(name.to_string().trim_start_matches("r#").to_string()),
        _ => None,
    }
}

fn is_punct(token: Option<&TokenTree>, char: char) -> bool {
    matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == char)
}

fn group(token: Option<&TokenTree>, delimiter: Delimiter) -> Option<Vec<TokenTree>> {
    match token? {
        TokenTree::Group(g) if g.delimiter() == delimiter => Some(g.stream().into_iter().collect()),
        _ => None,
    }
}

/// Whether `::` stands at `at`.
fn is_step(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')
}

impl Source {
    /// A crate from its files below `src/`.
    fn read(files: &[(&str, &str)]) -> Self {
        let mut source = Self::default();
        for (file, text) in files {
            let tokens: TokenStream = text.parse().expect("a source file is made of tokens");
            let place = Place { file: (*file).to_string(), module: module_of(file), in_macro_rules: false };
            source.walk(&place, &tokens.into_iter().collect::<Vec<_>>());
        }
        for (_, m) in &source.mentions {
            if let (Some(name), Some(target)) = (&m.named, climb(&m.module, &m.path)) {
                source.names.insert([&m.module[..], std::slice::from_ref(name)].concat(), target);
            }
        }
        source
    }

    fn walk(&mut self, place: &Place, tokens: &[TokenTree]) {
        let mut at = 0;
        while at < tokens.len() {
            let next = ident(tokens.get(at + 1));
            let is_public = at > 0 && (ident(tokens.get(at - 1)).is_some_and(|p| p == "pub") || visibility(tokens, at - 1).is_some());
            at += match (ident(tokens.get(at)).as_deref(), &tokens[at]) {
                (Some("mod"), _) if next.is_some() && group(tokens.get(at + 2), Delimiter::Brace).is_some() => {
                    let module = [&place.module[..], &[next.unwrap_or_default()]].concat();
                    self.inside(&Place { module, ..place.clone() }, &tokens[at + 2]);
                    3
                }
                (Some("macro_rules"), _) if is_punct(tokens.get(at + 1), '!') && tokens.len() > at + 3 => {
                    self.inside(&Place { in_macro_rules: true, ..place.clone() }, &tokens[at + 3]);
                    4
                }
                (Some("use"), _) if !is_punct(tokens.get(at + 1), '<') => self.import(place, &tokens[at + 1..], &[], is_public) + 1,
                (Some("type"), _) if is_punct(tokens.get(at + 2), '=') => {
                    let (path, length) = path(tokens, at + 3);
                    if is_punct(tokens.get(at + 3 + length), ';') {
                        self.mention(place, path, next, is_public);
                    }
                    3
                }
                (Some("extern"), _) if next.as_deref() == Some("crate") => {
                    self.wrong.push(format!("{}: extern crate: write the crate's name", place.file));
                    2
                }
                (Some("include"), _) if is_punct(tokens.get(at + 1), '!') => {
                    self.wrong.push(format!("{}: include!: text of another file is not read here", place.file));
                    2
                }
                (Some("pub"), _) if visibility(tokens, at + 1).is_some() => 2,
                (Some("self"), _) if !is_step(tokens, at + 1) => 1,
                (Some(_), _) => {
                    let (path, length) = path(tokens, at);
                    self.mention(place, path, None, false);
                    length
                }
                (None, TokenTree::Group(_)) => {
                    let is_attribute = at > 0 && (is_punct(tokens.get(at - 1), '#') || is_punct(tokens.get(at - 1), '!'));
                    if is_attribute && let Some(inner) = group(tokens.get(at), Delimiter::Bracket) {
                        self.attribute(place, &inner);
                    }
                    self.inside(place, &tokens[at]);
                    1
                }
                _ => 1,
            };
        }
    }

    fn inside(&mut self, place: &Place, group: &TokenTree) {
        if let TokenTree::Group(g) = group {
            self.walk(place, &g.stream().into_iter().collect::<Vec<_>>());
        }
    }

    /// Paths in an attribute's text, as in `#[serde(with = "crate::as_list")]`, and modules told to lie elsewhere.
    fn attribute(&mut self, place: &Place, tokens: &[TokenTree]) {
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Literal(text) if at > 0 && is_punct(tokens.get(at - 1), '=') => {
                    let is_test_support = place.file == "lib.rs" && text.to_string().contains("tests/support/data.rs");
                    if at > 1 && ident(tokens.get(at - 2)).is_some_and(|name| name == "path") && !is_test_support {
                        self.wrong.push(format!("{}: #[path]: a file of another place is not read here", place.file));
                    }
                    let text = text.to_string();
                    let text = text.trim_matches(['r', '#', '"']);
                    if text.chars().all(|c| c.is_ascii_alphanumeric() || "_:#".contains(c))
                        && let Ok(inner) = text.parse::<TokenStream>()
                    {
                        self.walk(place, &inner.into_iter().collect::<Vec<_>>());
                    }
                }
                TokenTree::Group(g) => self.attribute(place, &g.stream().into_iter().collect::<Vec<_>>()),
                _ => {}
            }
        }
    }

    /// Reads one tree of a `use` (up to `,` or `;`); returns how many tokens it took.
    fn import(&mut self, place: &Place, tokens: &[TokenTree], prefix: &[String], is_public: bool) -> usize {
        let (steps, mut length) = path(tokens, 0);
        let mut full = [prefix, &steps].concat();
        if let Some(inner) = group(tokens.get(length), Delimiter::Brace) {
            let mut from = 0;
            while from < inner.len() {
                from += self.import(place, &inner[from..], &full, is_public) + 1;
            }
            return length + 1;
        }
        if full.len() > 1 && full.last().is_some_and(|last| last == "self") {
            full.pop();
        }
        let mut name = full.last().filter(|last| *last != "*").cloned();
        if ident(tokens.get(length)).is_some_and(|word| word == "as") {
            name = ident(tokens.get(length + 1));
            length += 2;
        }
        self.mention(place, full, name, is_public);
        length.max(1)
    }

    fn mention(&mut self, place: &Place, path: Vec<String>, named: Option<String>, is_public: bool) {
        let Place { file, module, in_macro_rules } = place.clone();
        self.mentions.push((file, Mention { module, path, named, is_public, in_macro_rules }));
    }

    /// What a path from the crate's root stands for when the names imported on the way are followed.
    fn follow(&self, mut path: Vec<String>) -> Vec<String> {
        // Names may stand for each other in a circle only in code that does not compile.
        for _ in 0..32 {
            let step = (1..=path.len()).find_map(|n| Some((n, self.names.get(&path[..n])?)).filter(|(n, to)| to[..] != path[..*n]));
            let Some((n, to)) = step else { break };
            path = [to, &path[n..]].concat();
        }
        path
    }

    /// Everything that breaks the table of allowed edges.
    fn faults(&self) -> BTreeSet<String> {
        let mut allowed: BTreeMap<&str, &[&str]> = ROOMS.iter().copied().collect();
        allowed.insert("main", &["cli"]);
        let mut wrong: BTreeSet<String> = self.wrong.iter().cloned().collect();
        for (file, mention) in &self.mentions {
            if let Some(problem) = self.fault(mention, &allowed) {
                wrong.insert(format!("{file}: {}: {problem}", mention.path.join("::")));
            }
        }
        wrong
    }

    /// Which room uses which other.
    fn edges(&self) -> BTreeSet<(String, String)> {
        let of = |mention: &Mention| {
            let used = self.follow(climb(&mention.module, &mention.path)?);
            Some((mention.module.first()?.clone(), used.first()?.clone()))
        };
        let edges = self.mentions.iter().filter_map(|(_, mention)| of(mention));
        edges.filter(|(room, used)| room != used && [room, used].iter().all(|r| place(r).is_some())).collect()
    }

    /// Commands that use another one.
    fn commands_that_use_another(&self) -> BTreeSet<String> {
        let commands: BTreeSet<&String> = self
            .mentions
            .iter()
            .filter(|(_, m)| m.module.first().is_some_and(|room| room == "cli"))
            .filter_map(|(_, m)| m.module.get(1))
            .filter(|module| !NO_COMMANDS.contains(&module.as_str()))
            .collect();
        let wrong = self.mentions.iter().filter_map(|(file, mention)| {
            let [room, command, ..] = &mention.module[..] else { return None };
            let used = self.follow(climb(&mention.module, &mention.path)?);
            let [used_room, other, ..] = &used[..] else { return None };
            let is_another =
                [room, used_room].iter().all(|r| *r == "cli") && commands.contains(command) && commands.contains(other) && command != other;
            is_another.then(|| format!("{file}: command {command} uses command {other}"))
        });
        wrong.collect()
    }

    fn fault(&self, mention: &Mention, allowed: &BTreeMap<&str, &[&str]>) -> Option<String> {
        let Some(room) = mention.module.first() else {
            return mention.named.as_ref().map(|_| "lib.rs names rooms and nothing in them".into());
        };
        let Some(may) = allowed.get(room.as_str()) else { return Some(format!("room {room} is not in lib.rs's table")) };
        if mention.in_macro_rules && mention.path.iter().any(|step| step == "super") {
            return Some("super in a macro's definition means another place wherever it is used".into());
        }
        let Some(written) = climb(&mention.module, &mention.path) else { return Some("climbs out of the crate".into()) };
        if written.first().is_none_or(|first| ["*", "?"].contains(&first.as_str())) {
            return Some("takes the crate's root: name the room".into());
        }
        if written[0] != *room && mention.path[0] == "super" {
            return Some("reaches out of its room by super".into());
        }
        let meant = self.follow(written);
        let used = meant.first().map_or("", String::as_str);
        let behind_the_wall = BEHIND_THE_WALL.contains(&room.as_str());
        if behind_the_wall && (used == "ids" || meant.iter().chain(&mention.path).any(|s| PERSONS_AND_PLACES.contains(&s.as_str()))) {
            return Some(format!("{room} may not know persons and places"));
        }
        if used == room || used == TEST_SUPPORT {
            return None;
        }
        if !allowed.contains_key(used) {
            return Some(format!("{used} is no room of lib.rs's table"));
        }
        if !may.contains(&used) && !BASE.contains(&used) {
            return Some(format!("{room} may not use {used}"));
        }
        if meant.iter().any(|step| ["*", "?"].contains(&step.as_str())) {
            return Some(format!("does not say what of {used} it takes"));
        }
        mention.is_public.then(|| format!("{room} hands on what is {used}'s"))
    }
}

/// Where a room stands in the table of allowed edges.
fn place(room: &str) -> Option<usize> {
    ROOMS.iter().position(|(other, _)| *other == room)
}

/// The visibility in brackets at `at`: `(crate)`, `(super)`, `(in crate::gaen)`.
fn visibility(tokens: &[TokenTree], at: usize) -> Option<()> {
    let inner = group(tokens.get(at), Delimiter::Parenthesis)?;
    let first = ident(inner.first())?;
    let follows_pub = at > 0 && ident(tokens.get(at - 1)).is_some_and(|p| p == "pub");
    (follows_pub && ["crate", "super", "self", "in"].contains(&first.as_str())).then_some(())
}

/// The path that begins at `at`, and how many tokens it takes. `::` before a brace belongs to it; `*` ends it.
fn path(tokens: &[TokenTree], at: usize) -> (Vec<String>, usize) {
    let (mut steps, mut end) = (Vec::new(), at);
    if is_step(tokens, end) {
        end += 2;
    }
    loop {
        let is_crate = is_punct(tokens.get(end), '$') && ident(tokens.get(end + 1)).is_some_and(|word| word == "crate");
        end += usize::from(is_crate);
        match ident(tokens.get(end)) {
            Some(name) => steps.push(name),
            None if is_punct(tokens.get(end), '*') => steps.push("*".into()),
            // A step that a macro's caller fills in.
            None if is_punct(tokens.get(end), '$') => {
                steps.push("?".into());
                end += 1;
            }
            None => break,
        }
        end += 1;
        if !is_step(tokens, end) {
            break;
        }
        end += 2;
    }
    (steps, end - at)
}

/// A path from the crate's root, `self` and `super` resolved; `None` where it climbs over the root. A name that no module of
/// the crate has (`std`) is taken for one of the module it stands in, which is nobody else's.
fn climb(module: &[String], path: &[String]) -> Option<Vec<String>> {
    let mut at = module.to_vec();
    for (i, step) in path.iter().enumerate() {
        match step.as_str() {
            "crate" | "cocoasim" if i == 0 => at.clear(),
            "super" => {
                at.pop()?;
            }
            "self" => {}
            _ => at.push(step.clone()),
        }
    }
    Some(at)
}

fn files(dir: &Path, out: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("the source tree is readable") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// The program's own sources.
fn sources() -> Source {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&src, &mut all);
    let read = |file: &Path| {
        let name = file.strip_prefix(&src).expect("below src").to_string_lossy().replace('\\', "/");
        (name, std::fs::read_to_string(file).expect("a source file is text"))
    };
    let texts: Vec<(String, String)> = all.iter().map(|file| read(file)).collect();
    Source::read(&texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect::<Vec<_>>())
}

#[test]
fn rooms_use_only_what_they_may() {
    let source = sources();
    let wrong: Vec<String> = source.faults().into_iter().collect();
    assert!(source.mentions.len() > 50_000, "the sources were read: {}", source.mentions.len());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// So no rooms go in a circle, and the table says what is and not what might be.
#[test]
fn rooms_use_only_rooms_above_them_and_all_that_they_may() {
    let edges = sources().edges();
    let upwards: Vec<_> = edges.iter().filter(|(room, used)| place(used) >= place(room)).collect();
    assert!(upwards.is_empty(), "used before they stand in the table: {upwards:?}");
    let allowed = ROOMS.iter().flat_map(|(room, may)| may.iter().map(|used| (room.to_string(), used.to_string())));
    let unused: Vec<_> = allowed.filter(|edge| !edges.contains(edge)).collect();
    assert!(unused.is_empty(), "allowed and not used: {unused:?}");
}

/// Every way out of a room that once was, or might be, overlooked: file, text, and what is said of it.
#[test]
fn no_way_around_the_wall_is_overlooked() {
    let holes = [
        ("gaen/store.rs", "mod tests {} use super::super::truth::Ledger;", "reaches out of its room by super"),
        ("gaen/store.rs", "use crate::*;", "takes the crate's root"),
        ("gaen/store.rs", "use crate as c; type T = c::truth::Ledger;", "takes the crate's root"),
        ("gaen/store.rs", "fn f() { println!(\"{:?}\", crate::truth::Ledger::default()); }", "gaen may not use truth"),
        ("gaen/store.rs", "use crate::ids::*;", "may not know persons and places"),
        // The same by other spellings.
        ("gaen/store.rs", "use crate::{truth, time};", "gaen may not use truth"),
        ("gaen/store.rs", "use crate::{self as c};", "takes the crate's root"),
        ("gaen/store.rs", "use {crate as c};", "takes the crate's root"),
        ("gaen/store.rs", "use crate::{time::{self}, truth::{self as t}};", "gaen may not use truth"),
        ("gaen/store.rs", "use super::super::*;", "takes the crate's root"),
        ("gaen/store.rs", "use super::super as c;", "takes the crate's root"),
        ("gaen/store.rs", "use super::{super::truth::Ledger};", "reaches out of its room by super"),
        ("gaen/store.rs", "use self::super::super::truth::Ledger;", "gaen may not use truth"),
        ("gaen/mod.rs", "use super::truth;", "reaches out of its room by super"),
        ("gaen/mod.rs", "use super::*;", "takes the crate's root"),
        ("gaen/store.rs", "mod tests { use super::super::super::truth; }", "reaches out of its room by super"),
        ("gaen/store.rs", "fn f() { mod inner { fn g() { super::super::super::truth::run() } } }", "reaches out of its room by super"),
        ("gaen/store.rs", "use super::super::super::super::x;", "climbs out of the crate"),
        ("gaen/store.rs", "fn f(x: &r#crate_) { crate::r#truth::run() }", "gaen may not use truth"),
        ("gaen/store.rs", "fn f() -> impl Iterator<Item = <crate::truth::A as B>::C> {}", "gaen may not use truth"),
        ("gaen/store.rs", "use ::cocoasim::truth::Ledger;", "gaen may not use truth"),
        ("gaen/store.rs", "extern crate self as c;", "extern crate"),
        ("gaen/store.rs", "#[path = \"../truth/ledger.rs\"] mod ledger;", "#[path]"),
        ("gaen/store.rs", "#[cfg_attr(all(), path = \"../truth/ledger.rs\")] mod ledger;", "#[path]"),
        ("gaen/store.rs", "include!(\"../truth/ledger.rs\");", "include!"),
        ("gaen/store.rs", "struct S { #[serde(with = \"crate::truth::as_text\")] x: u8 }", "gaen may not use truth"),
        ("gaen/store.rs", "macro_rules! m { () => { $crate::truth::run() } }", "gaen may not use truth"),
        ("gaen/store.rs", "macro_rules! m { ($r:ident) => { crate::$r::run() } }", "takes the crate's root"),
        ("gaen/store.rs", "macro_rules! m { () => { super::run() } }", "super in a macro's definition"),
        ("gaen/store.rs", "fn f() { m!(crate, truth) }", "takes the crate's root"),
        ("gaen/store.rs", "use crate::random::*;", "does not say what of random it takes"),
        ("gaen/store.rs", "use crate::Ledger;", "Ledger is no room"),
        ("gaen/store.rs", "use crate::ids;", "may not know persons and places"),
        ("app/phone.rs", "struct Phone { owner: crate::ids::PersonId }", "may not know persons and places"),
        ("app/phone.rs", "use crate::units::Point as P;", "may not know persons and places"),
        ("server/store.rs", "pub use crate::gaen::Export;", "server hands on what is gaen's"),
        ("server/store.rs", "pub(crate) use crate::gaen::Export;", "server hands on what is gaen's"),
        ("server/store.rs", "use crate::gaen; pub use gaen::Export;", "server hands on what is gaen's"),
        ("server/store.rs", "pub type P = crate::ids::PersonId;", "server hands on what is ids's"),
        ("server/store.rs", "use crate::ids::PersonId; pub type P = PersonId;", "server hands on what is ids's"),
        ("lib.rs", "pub mod truth; pub use truth::Ledger;", "lib.rs names rooms"),
        ("main.rs", "fn main() { cocoasim::run::run(); }", "main may not use run"),
        ("cellar/mod.rs", "fn f() {}", "room cellar is not in lib.rs's table"),
    ];
    for (file, text, expected) in holes {
        let faults = Source::read(&[(file, text)]).faults();
        assert!(faults.iter().any(|f| f.contains(expected)), "{file}: {text}\nexpected: {expected}\nfound: {faults:?}");
    }
    // An import of the room's door is seen by its other files.
    let two = [("server/mod.rs", "use crate::ids;"), ("server/store.rs", "pub use super::ids::PersonId as P;")];
    let faults = Source::read(&two).faults();
    assert!(faults.iter().any(|f| f.contains("server hands on what is ids's")), "{faults:?}");
}

#[test]
fn what_rooms_may_do_is_let_pass() {
    let fine = [
        ("gaen/store.rs", "use super::{Export, matching::{self, Index}}; use crate::{random::{Keyed, Seed}, time as t};"),
        ("gaen/store.rs", "pub(crate) fn f() { self::g(); self.x } mod tests { use super::*; use super::super::keys; }"),
        ("gaen/store.rs", "pub(in crate::gaen) struct S; impl S { fn f(&self) -> impl Sized + use<'_> { std::fmt::Error } }"),
        ("gaen/mod.rs", "mod store; pub use store::Store; pub use self::store::Other; pub(super) use store::SAME;"),
        (
            "gaen/store.rs",
            "#[derive(Serialize)] #[expect(x, reason = \"the crate's own\")] struct S { #[serde(with = \"crate::as_list\")] x: u8 }",
        ),
        ("server/store.rs", "use crate::gaen::Export; pub type Exports = Vec<Export>; pub struct S { pub x: Export }"),
        ("main.rs", "fn main() -> std::process::ExitCode { cocoasim::cli::main() }"),
        ("lib.rs", "pub mod truth; pub const BASE: &[&str] = &[\"ids\"];"),
    ];
    for (file, text) in fine {
        assert_eq!(Source::read(&[(file, text)]).faults(), BTreeSet::new(), "{text}");
    }
}

#[test]
fn commands_do_not_use_each_other() {
    let fine = [
        ("cli/radio.rs", "pub fn validate() {} use super::{args::MeasuredArgs, files::Outputs};"),
        ("cli/keys/inspect.rs", "use super::{super::Failure, hex_text}; use crate::radio::RadioModel;"),
        ("cli/commands.rs", "use super::{keys, radio::{self, Shown}};"),
    ];
    assert_eq!(Source::read(&fine).commands_that_use_another(), BTreeSet::new());
    for wrong in ["use super::radio::validate;", "fn f() { crate::cli::radio::validate() }", "use super::{files, radio as r};"] {
        let found = Source::read(&[fine[0], ("cli/explain.rs", wrong)]).commands_that_use_another();
        assert_eq!(found, BTreeSet::from(["cli/explain.rs: command explain uses command radio".to_string()]), "{wrong}");
    }
    assert_eq!(sources().commands_that_use_another(), BTreeSet::new());
}

#[test]
fn the_wall_has_one_door() {
    let may_see_both: Vec<&str> =
        ROOMS.iter().filter(|(_, may)| may.contains(&"gaen") && may.contains(&"radio")).map(|(room, _)| *room).collect();
    assert_eq!(
        may_see_both,
        ["air", "scenario", "setup", "engine", "run", "cli"],
        "only air hands physics to gaen; scenario holds configurations"
    );
}
