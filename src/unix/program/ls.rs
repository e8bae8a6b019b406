//! `ls`: what is in a directory.

use jiff::tz::TimeZone;

use super::{Call, Program, Run, args};
use crate::unix::Metadata;

pub(super) const LS: Program =
    Program { name: "ls", summary: "lists files", usage: "[-l] [-a] [-1] [FILE]...", run: Run::Now(run) };

fn run(call: &mut Call<'_>) -> i32 {
    let parsed = match args::parse(call.args, "laA1hdFRrt", &[("all", 'a'), ("almost-all", 'A'), ("directory", 'd')]) {
        Ok(parsed) => parsed,
        Err(fault) => return call.misused(&fault, 2),
    };
    let here = [".".to_owned()];
    let paths = if parsed.rest.is_empty() { &here[..] } else { &parsed.rest };
    let mut status = 0;
    let (mut single, mut directories) = (Vec::new(), Vec::new());
    for path in paths {
        match call.shell.files.metadata(path) {
            Ok(found) if found.directory && !parsed.has('d') => directories.push(path.as_str()),
            Ok(found) => single.push((path.clone(), found)),
            Err(error) => {
                status = 2;
                call.complain(&format!("cannot access '{path}': {error}"));
            }
        }
    }
    let long = parsed.has('l');
    let mut text = listing(&single, long, call.stdout.is_screen() && !parsed.has('1'));
    let titled = paths.len() > 1;
    for path in directories {
        let mut entries = Vec::new();
        if parsed.has('a') {
            for special in [".", ".."] {
                entries.extend(
                    call.shell.files.metadata(&format!("{path}/{special}")).ok().map(|m| (special.to_owned(), m)),
                );
            }
        }
        for name in call.shell.files.list(path).unwrap_or_default() {
            if name.starts_with('.') && !parsed.has('a') && !parsed.has('A') {
                continue;
            }
            let found = call.shell.files.metadata(&format!("{path}/{name}"));
            entries.extend(found.ok().map(|metadata| (name, metadata)));
        }
        if titled {
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}{path}:\n"));
        }
        if long {
            text.push_str(&format!(
                "total {}\n",
                entries.iter().map(|(_, found)| found.size.div_ceil(4096) * 4).sum::<usize>()
            ));
        }
        text.push_str(&listing(&entries, long, call.stdout.is_screen() && !parsed.has('1')));
    }
    call.print(&text);
    status
}

fn listing(entries: &[(String, Metadata)], long: bool, one_line: bool) -> String {
    if !long {
        let names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
        return match (names.is_empty(), one_line) {
            (true, _) => String::new(),
            (_, true) => names.join("  ") + "\n",
            (_, false) => names.join("\n") + "\n",
        };
    }
    let width = entries.iter().map(|(_, found)| found.size.to_string().len()).max().unwrap_or(0);
    let line = |(name, found): &(String, Metadata)| {
        let mode = if found.directory { "drwxr-xr-x 2" } else { "-rw-r--r-- 1" };
        let time = found.modified.to_zoned(TimeZone::UTC).strftime("%b %e %H:%M").to_string();
        format!("{mode} learner learner {:width$} {time} {name}\n", found.size)
    };
    entries.iter().map(line).collect()
}
