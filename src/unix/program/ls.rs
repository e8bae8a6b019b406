//! `ls`: what is in a directory.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};

use super::{Call, Program, Run, args};
use crate::base::Order as _;
use crate::unix::{Content, Node, Stat};

pub(super) const LS: Program = Program {
    name: "ls",
    summary: "lists files",
    usage: "[-l] [-a] [-1] [-n] [-L] [-R] [-t] [-r] [-h] [FILE]...",
    run: Run::Now(run),
};

/// One that is listed: the name as it is shown, and what is there.
type Entry = (String, Stat);

fn run(call: &mut Call<'_>) -> i32 {
    let long = [
        ("all", 'a'),
        ("almost-all", 'A'),
        ("directory", 'd'),
        ("recursive", 'R'),
        ("reverse", 'r'),
        ("human-readable", 'h'),
        ("numeric-uid-gid", 'n'),
        ("dereference", 'L'),
    ];
    let parsed = match args::parse(call.args, "laA1hdFRrtSnLp", &long) {
        Ok(parsed) => parsed,
        Err(fault) => return call.misused(&fault, 2),
    };
    let (serious, busybox) = if call.is_busybox() { (1, true) } else { (2, false) };
    // Owners as numbers are for long lines alone, so `-n` makes them long.
    let is_long = parsed.has('l') || parsed.has('n');
    let here = [".".to_owned()];
    let paths = if parsed.rest.is_empty() { &here[..] } else { &parsed.rest };
    let mut status = 0;
    let (mut single, mut directories) = (Vec::new(), Vec::new());
    for path in paths {
        // With -l a link given by name is shown itself.
        let follow = parsed.has('L') || (!is_long && !parsed.has('d') && !parsed.has('F'));
        match call.shell.files.stat(path, follow) {
            Ok(found) if found.node.is_directory() && !parsed.has('d') => directories.push(path.clone()),
            Ok(found) => single.push((path.clone(), found)),
            Err(error) => {
                status = serious;
                call.complain_as(&format!("cannot access '{path}': {error}"), &format!("{path}: {error}"));
            }
        }
    }
    let looks = Looks {
        is_long,
        one_line: call.stdout.is_screen() && !parsed.has('1'),
        numbers: parsed.has('n'),
        human: parsed.has('h'),
        marks: parsed.has('F') || parsed.has('p'),
        busybox,
        now: call.shell.machine.clock.now(),
    };
    sort(&mut single, &parsed);
    call.print(&listing(call, &single, &looks));
    let titled = paths.len() > 1 || parsed.has('R');
    let mut is_first = single.is_empty();
    directories.reverse();
    while let Some(path) = directories.pop() {
        if titled {
            let gap = if is_first { "" } else { "\n" };
            call.print(&format!("{gap}{path}:\n"));
        }
        is_first = false;
        let names = match call.shell.files.list(&path) {
            Ok(names) => names,
            Err(error) => {
                status = if busybox { 1 } else { serious.max(status) };
                call.complain_as(
                    &format!("cannot open directory '{path}': {error}"),
                    &format!("can't open '{path}': {error}"),
                );
                continue;
            }
        };
        let mut entries = entries(call, &path, names, &parsed);
        sort(&mut entries, &parsed);
        if is_long {
            call.print(&format!("total {}\n", entries.iter().map(|(_, found)| found.blocks).sum::<usize>()));
        }
        call.print(&listing(call, &entries, &looks));
        if parsed.has('R') {
            let below =
                entries.iter().rev().filter(|(name, found)| found.node.is_directory() && name != "." && name != "..");
            let prefix = path.trim_end_matches('/');
            directories.extend(below.map(|(name, _)| format!("{prefix}/{name}")));
        }
    }
    status
}

fn entries(call: &Call<'_>, path: &str, names: Vec<String>, parsed: &args::Parsed) -> Vec<Entry> {
    let special = if parsed.has('a') { &[".", ".."][..] } else { &[] };
    let all = parsed.has('a') || parsed.has('A');
    let names = names.into_iter().filter(|name| all || !name.starts_with('.'));
    let names = special.iter().map(|name| (*name).to_owned()).chain(names);
    names
        .filter_map(|name| {
            let found = call.shell.files.stat(&format!("{path}/{name}"), parsed.has('L')).ok()?;
            Some((name, found))
        })
        .collect()
}

fn sort(entries: &mut [Entry], parsed: &args::Parsed) {
    if parsed.has('t') {
        entries.order_by(|one, other| Reverse(one.1.node.modified).cmp(&Reverse(other.1.node.modified)));
    } else if parsed.has('S') {
        entries.order_by(|one, other| Reverse(one.1.size).cmp(&Reverse(other.1.size)));
    }
    if parsed.has('r') {
        entries.reverse();
    }
}

/// How entries are shown.
struct Looks {
    is_long: bool,
    one_line: bool,
    numbers: bool,
    human: bool,
    marks: bool,
    busybox: bool,
    now: Timestamp,
}

fn listing(call: &Call<'_>, entries: &[Entry], looks: &Looks) -> String {
    let marked = |(name, found): &Entry| match &found.node.content {
        _ if !looks.marks => name.clone(),
        Content::Directory => format!("{name}/"),
        Content::Link(_) if !looks.is_long => format!("{name}@"),
        _ => name.clone(),
    };
    if !looks.is_long {
        let names: Vec<String> = entries.iter().map(marked).collect();
        return match (names.is_empty(), looks.one_line) {
            (true, _) => String::new(),
            (_, true) => names.join("  ") + "\n",
            (_, false) => names.join("\n") + "\n",
        };
    }
    let name_of = |table: &str, id: i64| {
        let name = if looks.numbers { None } else { call.shell.named(table, id) };
        name.unwrap_or_else(|| id.to_string())
    };
    let rows: Vec<[String; 4]> = entries
        .iter()
        .map(|(_, found)| {
            let size = if looks.human { human(found.size) } else { found.size.to_string() };
            let Node { uid, gid, .. } = found.node;
            [found.links.to_string(), name_of("/etc/passwd", uid), name_of("/etc/group", gid), size]
        })
        .collect();
    // BusyBox's columns are of one width, GNU's as wide as they must be.
    let width = |at: usize| match looks.busybox {
        true => [5, 8, 8, 9][at],
        false => rows.iter().map(|row| row[at].len()).max().unwrap_or(0),
    };
    let widths = [0, 1, 2, 3].map(width);
    let line = |(entry, [links, owner, group, size]): (&Entry, &[String; 4])| {
        let node = &entry.1.node;
        let arrow = match &node.content {
            Content::Link(target) => format!(" -> {target}"),
            _ => String::new(),
        };
        let gap = if looks.busybox { "" } else { " " };
        let [a, b, c, d] = widths;
        format!(
            "{}{gap}{links:>a$} {owner:<b$} {group:<c$} {size:>d$} {} {}{arrow}\n",
            mode(node),
            date(node.modified, looks.now),
            marked(entry)
        )
    };
    entries.iter().zip(&rows).map(line).collect()
}

/// A size as people read it: `4.0K`.
fn human(size: usize) -> String {
    let mut number = size as f64;
    for unit in ["", "K", "M", "G"] {
        if number < 1024.0 {
            return match unit {
                "" => format!("{size}"),
                _ if number < 10.0 => format!("{:.1}{unit}", (number * 10.0).ceil() / 10.0),
                _ => format!("{:.0}{unit}", number.ceil()),
            };
        }
        number /= 1024.0;
    }
    format!("{number:.0}T")
}

/// The kind and the permission bits, in letters.
pub(super) fn mode(node: &Node) -> String {
    let kind = match node.content {
        Content::Directory => 'd',
        Content::File(_) => '-',
        Content::Link(_) => 'l',
        Content::Null => 'c',
    };
    let mut text = String::from(kind);
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = node.mode >> shift;
        text.push(if bits & 4 == 0 { '-' } else { 'r' });
        text.push(if bits & 2 == 0 { '-' } else { 'w' });
        text.push(match (node.mode & special != 0, bits & 1 != 0) {
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    text
}

/// The time of day for what is recent, the year for the rest.
fn date(at: Timestamp, now: Timestamp) -> String {
    let age = now.duration_since(at);
    let is_recent = age < SignedDuration::from_hours(24 * 182) && age > SignedDuration::from_mins(-15);
    at.strftime(if is_recent { "%b %e %H:%M" } else { "%b %e  %Y" }).to_string()
}
