//! `ls`: lists directories, in busybox's format.

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::{Process, Program, options};
use crate::unix::{Content, Stat};

/// The program.
pub struct Ls;

impl Program for Ls {
    fn names(&self) -> &'static [&'static str] {
        &["ls"]
    }

    fn run(&self, process: Process) -> BoxFuture<'static, i32> {
        Box::pin(async move {
            let (letters, paths) = options(process.arguments());
            let paths = if paths.is_empty() { vec!["."] } else { paths };
            let mut code = 0;
            let (mut files, mut directories) = (Vec::new(), Vec::new());
            for path in paths {
                // With -l a link given by name is shown itself.
                let follow = !is_long(&letters) && !letters.contains('d');
                match process.files.stat(path, follow) {
                    Ok(stat) if stat.node.content == Content::Directory && !letters.contains('d') => {
                        directories.push(path);
                    }
                    Ok(stat) => files.push((path.to_owned(), stat)),
                    Err(error) => code = process.complain(format_args!("{path}: {error}")),
                }
            }
            let many = directories.len() + files.len() > 1 || letters.contains('R');
            process.print(lines(&process, &files, &letters));
            let mut first = files.is_empty();
            directories.reverse();
            let mut waiting: Vec<String> = directories.into_iter().map(str::to_owned).collect();
            while let Some(path) = waiting.pop() {
                if many {
                    process.print(format!("{}{path}:\n", if first { "" } else { "\n" }));
                }
                first = false;
                match entries(&process, &path, &letters) {
                    Ok(entries) => {
                        if is_long(&letters) {
                            let total: usize = entries.iter().map(|(_, stat)| stat.blocks).sum();
                            process.print(format!("total {total}\n"));
                        }
                        process.print(lines(&process, &entries, &letters));
                        if letters.contains('R') {
                            let below = entries.iter().rev().filter(|(name, stat)| {
                                name != "." && name != ".." && stat.node.content == Content::Directory
                            });
                            let prefix = path.trim_end_matches('/');
                            waiting.extend(below.map(|(name, _)| format!("{prefix}/{name}")));
                        }
                    }
                    Err(error) => code = process.complain(format_args!("{path}: {error}")),
                }
            }
            code
        })
    }
}

fn entries(process: &Process, path: &str, letters: &str) -> std::io::Result<Vec<(String, Stat)>> {
    let mut names = process.files.list(path)?;
    let all = letters.contains('a');
    if !all && !letters.contains('A') {
        names.retain(|name| !name.starts_with('.'));
    }
    if all {
        names.splice(0..0, [".".to_owned(), "..".to_owned()]);
    }
    Ok(names
        .into_iter()
        .filter_map(|name| {
            let stat = process.files.stat(&format!("{path}/{name}"), false).ok()?;
            Some((name, stat))
        })
        .collect())
}

fn lines(process: &Process, entries: &[(String, Stat)], letters: &str) -> String {
    let now = process.world.clock.now();
    let owner = if letters.contains('n') { number } else { owner };
    let long = is_long(letters);
    entries
        .iter()
        .map(|(name, stat)| if long { format!("{}\n", line(name, stat, owner, now)) } else { format!("{name}\n") })
        .collect()
}

/// Owners as numbers are for long lines alone, so `-n` makes them long.
fn is_long(letters: &str) -> bool {
    letters.contains(['l', 'n'])
}

fn line(name: &str, stat: &Stat, owner: fn(i64) -> String, now: Timestamp) -> String {
    let node = &stat.node;
    let arrow = match &node.content {
        Content::Link(target) => format!(" -> {target}"),
        _ => String::new(),
    };
    format!(
        "{}{:5} {:<8} {:<8} {:9} {} {name}{arrow}",
        mode(node),
        stat.links,
        owner(node.uid),
        owner(node.gid),
        stat.size,
        date(node.modified, now),
    )
}

fn number(id: i64) -> String {
    id.to_string()
}

fn owner(id: i64) -> String {
    if id == 0 { "root".to_owned() } else { id.to_string() }
}

fn mode(node: &crate::unix::Node) -> String {
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

#[cfg(test)]
mod tests {
    use super::{date, line, number, owner};
    use crate::unix::{Content, Node, Stat};
    use jiff::Timestamp;

    #[test]
    fn lines_as_recorded() {
        let at: Timestamp = "2026-11-23T19:28:36Z".parse().expect("a time");
        let stat = |content, mode, size, links| Stat { node: Node::new(content, mode, at), size, links, blocks: 0 };
        assert_eq!(
            line(".", &stat(Content::Directory, 0o1777, 140, 3), owner, at),
            "drwxrwxrwt    3 root     root           140 Nov 23 19:28 ."
        );
        assert_eq!(
            line("token", &stat(Content::Link("..data/token".to_owned()), 0o777, 12, 1), number, at),
            "lrwxrwxrwx    1 0        0               12 Nov 23 19:28 token -> ..data/token"
        );
        let late: Timestamp = "2027-11-23T19:28:36Z".parse().expect("a time");
        assert_eq!(date(at, late), "Nov 23  2026");
    }
}
