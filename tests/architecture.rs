//! Holds every room to the allowed edges in `lib.rs`: a room that reaches into another it may not use fails here.

use std::{collections::BTreeMap, path::Path};

use cocoasim::{BASE, ROOMS};
use syn::visit::{self, Visit};

/// The rooms a source file refers to by `crate::room` or `cocoasim::room`, and what else is forbidden.
#[derive(Default)]
struct References {
    rooms: Vec<String>,
    climbs_out: bool,
    person_ids: bool,
}

impl References {
    fn path(&mut self, segments: &[String]) {
        if let [first, room, ..] = segments
            && (first == "crate" || first == "cocoasim")
        {
            self.rooms.push(room.clone());
        }
        self.person_ids |= segments.iter().any(|s| s == "PersonId");
    }

    fn tree(&mut self, tree: &syn::UseTree, prefix: &[String]) {
        let with = |name: String| prefix.iter().cloned().chain([name]).collect::<Vec<_>>();
        match tree {
            syn::UseTree::Path(p) => self.tree(&p.tree, &with(p.ident.to_string())),
            syn::UseTree::Group(g) => g.items.iter().for_each(|t| self.tree(t, prefix)),
            syn::UseTree::Name(n) => self.path(&with(n.ident.to_string())),
            syn::UseTree::Rename(r) => self.path(&with(r.ident.to_string())),
            syn::UseTree::Glob(_) => self.path(&with("*".into())),
        }
    }
}

impl<'ast> Visit<'ast> for References {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.path(&path.segments.iter().map(|s| s.ident.to_string()).collect::<Vec<_>>());
        visit::visit_path(self, path);
    }
}

/// How many `super`s a use may climb from a file without leaving its room.
fn climbs_out(text: &str, depth: usize) -> bool {
    text.contains(&vec!["super"; depth + 1].join("::"))
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

#[test]
fn rooms_use_only_what_they_may() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let allowed: BTreeMap<&str, &[&str]> = ROOMS.iter().copied().collect();
    let mut all = Vec::new();
    files(&src, &mut all);
    let mut wrong = Vec::new();
    for file in all {
        let relative = file.strip_prefix(&src).expect("below src");
        let room = relative.components().next().expect("a name").as_os_str().to_string_lossy().trim_end_matches(".rs").to_string();
        if room == "lib" || room == "main" {
            continue;
        }
        let Some(may) = allowed.get(room.as_str()) else {
            wrong.push(format!("{}: room {room} is not in lib.rs's table", relative.display()));
            continue;
        };
        let text = std::fs::read_to_string(&file).expect("a source file is text");
        let mut references = References::default();
        references.visit_file(&syn::parse_file(&text).expect("a source file parses"));
        // The depth of a file's module below its room; test modules sit one deeper.
        let is_door = relative.ends_with("mod.rs");
        let depth = relative.components().count() - 1 - usize::from(is_door) + usize::from(text.contains("mod tests"));
        references.climbs_out = climbs_out(&text, depth);
        for used in &references.rooms {
            let is_room = allowed.contains_key(used.as_str());
            if is_room && *used != room && !may.contains(&used.as_str()) && !BASE.contains(&used.as_str()) {
                wrong.push(format!("{}: {room} may not use {used}", relative.display()));
            }
        }
        if references.climbs_out {
            wrong.push(format!("{}: reaches out of its room by super::super", relative.display()));
        }
        if references.person_ids && (room == "gaen" || room == "app") {
            wrong.push(format!("{}: {room} may not know persons", relative.display()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_wall_has_one_door() {
    let may_see_both: Vec<&str> =
        ROOMS.iter().filter(|(_, may)| may.contains(&"gaen") && may.contains(&"radio")).map(|(room, _)| *room).collect();
    assert_eq!(may_see_both, ["scenario", "air", "run", "cli"], "only air hands physics to gaen; scenario holds configurations");
}
