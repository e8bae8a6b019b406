//! What `ls -lanR` printed, as a tree: GNU's, busybox's and toybox's lines, and the simulator's.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::base::sanitize_line;

/// The most entries of one mount that are kept.
const MOST: usize = 300;

/// One line of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// `drwxrwxrwt`
    pub mode: String,
    /// Whose it is, as a number.
    pub user: String,
    /// Its group, as a number.
    pub group: String,
    /// Its size in bytes.
    pub size: String,
    /// Its name, safe to draw.
    pub name: String,
    /// Where it points, when it is a link; safe to draw.
    pub target: Option<String>,
}

impl Entry {
    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.mode.starts_with('d')
    }
}

/// What is at a path of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The path itself: the folder, or the one file that is mounted there.
    pub itself: Option<Entry>,
    /// What is in each folder, by its path below; the mount's own is the empty one.
    pub folders: BTreeMap<String, Vec<Entry>>,
    /// How many entries were left out.
    pub left_out: usize,
}

/// Reads what `ls -lan` or `ls -lanR` printed of one path.
pub fn parse(path: &str, text: &str) -> Listing {
    let mut listing = Listing::default();
    let (mut folder, mut kept) = (String::new(), 0);
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        if let Some(head) = line.strip_prefix(path).and_then(|rest| rest.strip_suffix(':')) {
            folder = sanitize_line(head.trim_start_matches('/')).into_owned();
            continue;
        }
        let Some(mut entry) = entry(line) else { continue };
        match entry.name.as_str() {
            ".." => continue,
            "." if folder.is_empty() => listing.itself = Some(entry),
            "." => continue,
            // A file that is mounted by itself is shown under its whole path.
            name if name == sanitize_line(path) => {
                entry.name = name.rsplit('/').next().unwrap_or_default().to_owned();
                listing.itself = Some(entry);
            }
            // No file has such a name; then no two rows lead to the same folder, however odd the `ls`.
            name if name.contains('/') => continue,
            _ if kept == MOST => listing.left_out += 1,
            name => {
                let entries = listing.folders.entry(folder.clone()).or_default();
                if !entries.iter().any(|other| other.name == name) {
                    kept += 1;
                    entries.push(entry);
                }
            }
        }
    }
    listing
}

/// `drwxrwxrwt    3 0        0              140 Nov 23 19:28 name -> target`
fn entry(line: &str) -> Option<Entry> {
    let (mode, rest) = word(line)?;
    let is_mode = mode.len() >= 10
        && mode.starts_with(['-', 'd', 'l', 'c', 'b', 'p', 's'])
        && mode.chars().skip(1).all(|c| "rwxsStTl-?.+@".contains(c));
    if !is_mode {
        return None;
    }
    let (_links, rest) = word(rest)?;
    let (user, rest) = word(rest)?;
    let (group, rest) = word(rest)?;
    let (size, mut rest) = word(rest)?;
    let mut size = size.to_owned();
    // A device has two numbers where a file has its size.
    if size.ends_with(',') {
        let (minor, after) = word(rest)?;
        size.push_str(minor);
        rest = after;
    }
    let (date, mut rest) = word(rest)?;
    // `Nov 23 19:28`, `2026-11-23 19:28`, with seconds and a zone perhaps, or `?` for what could not be looked at.
    let more = match date.chars().next()? {
        '?' => 0,
        c if c.is_ascii_digit() && date.contains('-') => 1,
        _ => 2,
    };
    for _ in 0..more {
        rest = word(rest)?.1;
    }
    if more == 1
        && let Some((zone, after)) = word(rest)
        && zone.len() == 5
        && zone.starts_with(['+', '-'])
        && zone.chars().skip(1).all(|c| c.is_ascii_digit())
    {
        rest = after;
    }
    let name = rest.strip_prefix(' ')?;
    let (name, target) = match name.split_once(" -> ").filter(|_| mode.starts_with('l')) {
        Some((name, target)) => (name, Some(sanitize_line(target).into_owned())),
        None => (name, None),
    };
    if name.is_empty() {
        return None;
    }
    let safe = |text: &str| sanitize_line(text).into_owned();
    Some(Entry { mode: safe(mode), user: safe(user), group: safe(group), size: safe(&size), name: safe(name), target })
}

/// The first word, and what follows it.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(' ');
    let end = text.find(' ').unwrap_or(text.len());
    text.split_at_checked(end).filter(|(word, _)| !word.is_empty())
}

impl Listing {
    /// Whether nothing at all was read.
    pub fn is_empty(&self) -> bool {
        self.itself.is_none() && self.folders.is_empty()
    }

    /// When the kubelet wrote the files that are there now: the folder that `..data` points to has the time in its name.
    pub fn written(&self) -> Option<Timestamp> {
        let data = self.folders.get("")?.iter().find(|entry| entry.name == "..data")?;
        let (date, _) = data.target.as_deref()?.strip_prefix("..")?.split_once('.')?;
        let date = DateTime::strptime("%Y_%m_%d_%H_%M_%S", date).ok()?;
        date.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp())
    }

    /// Whether the program in the container finds a file of this name.
    pub fn has(&self, path: &str) -> bool {
        let first = path.split('/').next().unwrap_or(path);
        self.folders.get("").is_some_and(|all| all.iter().any(|entry| entry.name == first))
    }
}
