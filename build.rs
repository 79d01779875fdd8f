//! Hashes the source that the program is built from, so that a run can tell whether the program that goes on with it is the
//! one that began it. File times, paths of the machine and version control do not enter.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo names the package's folder"));
    let mut files = Vec::new();
    for folder in ["src", "scenarios"] {
        println!("cargo::rerun-if-changed={folder}");
        list(&root, folder, &mut files)?;
    }
    if root.join("Cargo.lock").is_file() {
        println!("cargo::rerun-if-changed=Cargo.lock");
        files.push("Cargo.lock".into());
    }
    files.sort_unstable();
    let mut hash = Sha256::new();
    for file in files {
        let bytes = fs::read(root.join(&file))?;
        for part in [file.as_bytes(), &bytes] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    println!("cargo::rustc-env=COCOASIM_SOURCE_SHA256={hex}");
    Ok(())
}

/// Files below a folder, by their paths from the root with forward slashes; hidden ones are an editor's, not source.
fn list(root: &Path, folder: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{folder}/{name}");
        if name.starts_with('.') {
            continue;
        } else if entry.path().is_dir() {
            list(root, &path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
