//! Run by Cargo before the package is compiled: writes down which lessons there are, so that a new one is one file.

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=lessons");
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(Path::new(&root).join("lessons"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // The words of the course are no lesson.
        if name.ends_with(".yaml") && name != "glossary.yaml" {
            names.insert(name);
        }
    }
    let line =
        |name: &String| format!("    (\"lessons/{name}\", include_str!({:?})),\n", format!("{root}/lessons/{name}"));
    let lines: String = names.iter().map(line).collect();
    fs::write(Path::new(&out).join("lessons.rs"), format!("&[\n{lines}]\n"))
}
