//! Holds the tree to the floors of the house: a room uses the floors below it, never its own floor or one above.

use std::fs;
use std::path::{Path, PathBuf};

/// Room → floor, as in the map of `src/lib.rs`.
const FLOORS: &[(&str, u8)] = &[
    ("base", 0),
    ("apimachinery", 1),
    ("token", 1),
    ("rbac", 1),
    ("why", 1),
    ("unix", 1),
    ("simulator", 2),
    ("kubectl", 2),
    ("cluster", 3),
    ("shell", 3),
    ("course", 4),
    ("tui", 6),
    ("app", 7),
];

/// What stands on a floor and must not meet although its floors would allow it.
const NEVER: &[(&str, &str)] =
    &[("course", "simulator"), ("tui", "simulator"), ("tui", "cluster"), ("tui", "shell"), ("tui", "kubectl")];

/// Crates that would bring I/O or a clock into rooms that have none.
const WITHOUT: &[(&str, &[&str])] = &[
    ("tui", &["tokio::", "kube::", "std::fs", "Timestamp::now", "SystemTime"]),
    ("apimachinery", &["tokio::", "kube::", "std::fs", "std::net", "Timestamp::now"]),
    ("token", &["tokio::", "kube::", "std::fs", "std::net", "Timestamp::now"]),
    ("rbac", &["tokio::", "kube::", "std::fs", "std::net", "Timestamp::now"]),
    ("why", &["tokio::", "kube::", "std::fs", "std::net", "Timestamp::now"]),
    ("unix", &["kube::", "k8s_openapi::", "std::fs", "std::net::Tcp", "tokio::net", "tokio::fs", "Timestamp::now"]),
];

/// Time and chance live in `base` alone.
const ONLY_IN_BASE: &[&str] = &["Timestamp::now()", "SystemTime::now()", "fastrand::"];

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Each source file with its room and its lines, comments left out.
fn sources() -> Vec<(PathBuf, String, Vec<String>)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&src, &mut found);
    let rooms = found.into_iter().filter_map(|path| {
        let relative = path.strip_prefix(&src).expect("below src").to_owned();
        let room = relative.components().next()?.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
        let text = fs::read_to_string(&path).expect("readable");
        let lines =
            text.lines().map(|line| if line.trim_start().starts_with("//") { String::new() } else { line.to_owned() });
        Some((relative, room, lines.collect()))
    });
    rooms.filter(|(_, room, _)| !matches!(room.as_str(), "lib" | "main")).collect()
}

/// The rooms that a line names by `crate::…`, nested `use crate::{a, b}` included.
fn rooms_named(line: &str) -> Vec<&str> {
    let mut named = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        // `$crate::` and `other_crate::` name no room of ours.
        if line[..at].chars().next_back().is_some_and(|before| before.is_alphanumeric() || before == '_') {
            continue;
        }
        let rest = &line[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let first_words = list.split([',', '}']).map(|part| part.trim().split("::").next().unwrap_or_default());
            named.extend(first_words.filter(|word| floor(word).is_some()));
        } else {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            named.push(&rest[..end]);
        }
    }
    named
}

#[test]
fn every_room_has_a_floor() {
    for (path, room, _) in sources() {
        assert!(floor(&room).is_some(), "{}: the room `{room}` has no floor; add it to the map", path.display());
    }
}

#[test]
fn rooms_use_the_floors_below() {
    let mut faults = Vec::new();
    for (path, room, lines) in sources() {
        let own = floor(&room).expect("every room has a floor");
        for (number, line) in lines.iter().enumerate() {
            for used in rooms_named(line).into_iter().filter(|used| *used != room) {
                let Some(theirs) = floor(used) else { continue };
                let never = NEVER.contains(&(room.as_str(), used));
                if theirs >= own || never {
                    faults.push(format!(
                        "{}:{}: {room} (floor {own}) uses {used} (floor {theirs})",
                        path.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn rooms_without_io_stay_so() {
    let mut faults = Vec::new();
    for (path, room, lines) in sources() {
        let forbidden = WITHOUT.iter().filter(|(name, _)| *name == room).flat_map(|(_, words)| words.iter());
        let everywhere = ONLY_IN_BASE.iter().filter(|_| room != "base");
        for word in forbidden.chain(everywhere) {
            for (number, line) in lines.iter().enumerate().filter(|(_, line)| line.contains(word)) {
                faults.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_reader_of_paths_sees_what_is_there() {
    assert_eq!(rooms_named("use crate::{base::Clock, token};"), ["base", "token"]);
    assert_eq!(rooms_named("let x = crate::rbac::User::default();"), ["rbac"]);
    assert!(rooms_named("use mycrate::tui;").is_empty());
}
