//! `find`: files below a directory that are as wanted.

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run};
use crate::unix::{Content, Stat, pattern};

pub(super) const FIND: Program = Program {
    name: "find",
    summary: "finds files below a directory",
    usage: "[PATH]... [-name PATTERN] [-path PATTERN] [-type d|f|l] [-maxdepth N] [-mindepth N] [! ...] [-print] [-exec COMMAND {} ;]",
    run: Run::Later(run),
};

/// The most files that one call looks at.
const LOOKED_AT: usize = 10_000;

/// What is asked of a file.
enum Test {
    Name(String, bool),
    Path(String),
    Kind(char),
    Empty,
}

struct Wish {
    /// Each test, and whether it must not hold.
    tests: Vec<(Test, bool)>,
    depths: (usize, usize),
    /// What is run, and whether once for all that was found.
    commands: Vec<(Vec<String>, bool)>,
    prints: Option<char>,
}

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let is_path = |arg: &&String| !arg.starts_with('-') && *arg != "!" && *arg != "(";
        let count = call.args.iter().take_while(is_path).count();
        let (paths, rest) = call.args.split_at(count);
        let wish = match wish(rest) {
            Ok(wish) => wish,
            Err(fault) => {
                call.complain(&fault);
                return 1;
            }
        };
        let here = [".".to_owned()];
        let paths = if paths.is_empty() { &here[..] } else { paths };
        let (mut status, mut found, mut seen) = (0, Vec::new(), 0);
        for path in paths {
            let mut waiting = vec![(path.clone(), 0)];
            while let Some((path, depth)) = waiting.pop() {
                seen += 1;
                if seen > LOOKED_AT {
                    call.complain("more files than this shell looks at");
                    return 1;
                }
                let stat = match call.shell.files.stat(&path, false) {
                    Ok(stat) => stat,
                    Err(error) => {
                        status = 1;
                        call.complain_as(&format!("‘{path}’: {error}"), &format!("{path}: {error}"));
                        continue;
                    }
                };
                if stat.node.is_directory() && depth < wish.depths.1 {
                    match call.shell.files.list(&path) {
                        Ok(names) => {
                            let base = path.trim_end_matches('/');
                            waiting.extend(names.iter().rev().map(|name| (format!("{base}/{name}"), depth + 1)));
                        }
                        Err(error) => {
                            status = 1;
                            call.complain_as(&format!("‘{path}’: {error}"), &format!("{path}: {error}"));
                        }
                    }
                }
                if depth >= wish.depths.0
                    && wish.tests.iter().all(|(test, not)| holds(call, test, &path, &stat) != *not)
                {
                    found.push(path);
                }
            }
        }
        if let Some(end) = wish.prints {
            let text: String =
                found.iter().flat_map(|path| [path.as_str(), if end == '\n' { "\n" } else { "\0" }]).collect();
            call.print(&text);
        }
        for (words, once) in &wish.commands {
            let groups: Vec<&[String]> = if *once { vec![&found[..]] } else { found.chunks(1).collect() };
            for group in groups.into_iter().filter(|group| !group.is_empty()) {
                tokio::task::yield_now().await;
                let mut words = words.iter().flat_map(|word| match word.as_str() {
                    "{}" if *once => group.to_vec(),
                    word => vec![word.replace("{}", &group.join(" "))],
                });
                let Some(name) = words.next() else { continue };
                let args: Vec<String> = words.collect();
                let io = call.io();
                let mut shell = call.shell.fork();
                if Box::pin(shell.launch(&name, &args, &io)).await != 0 && *once {
                    status = 1;
                }
            }
        }
        status
    }
    .boxed()
}

fn holds(call: &Call<'_>, test: &Test, path: &str, stat: &Stat) -> bool {
    let name = match path.trim_end_matches('/').rsplit('/').next() {
        Some(name) if !name.is_empty() => name,
        _ => path,
    };
    match test {
        Test::Name(wanted, true) => pattern::matches(&wanted.to_lowercase(), &name.to_lowercase()),
        Test::Name(wanted, false) => pattern::matches(wanted, name),
        Test::Path(wanted) => pattern::matches(wanted, path),
        Test::Kind(kind) => match stat.node.content {
            Content::Directory => *kind == 'd',
            Content::File(_) => *kind == 'f',
            Content::Link(_) => *kind == 'l',
            Content::Null => *kind == 'c',
        },
        Test::Empty if stat.node.is_directory() => call.shell.files.list(path).is_ok_and(|names| names.is_empty()),
        Test::Empty => stat.size == 0,
    }
}

fn wish(words: &[String]) -> Result<Wish, String> {
    let mut wish = Wish { tests: Vec::new(), depths: (0, usize::MAX), commands: Vec::new(), prints: None };
    let (mut words, mut not) = (words.iter(), false);
    let mut prints = true;
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("missing argument to `{word}'"));
        let test = match word.as_str() {
            "!" | "-not" => {
                not = !not;
                continue;
            }
            "-a" | "-and" => continue,
            "-name" => Test::Name(value()?.clone(), false),
            "-iname" => Test::Name(value()?.clone(), true),
            "-path" | "-wholename" => Test::Path(value()?.clone()),
            "-empty" => Test::Empty,
            "-type" => {
                let kind = value()?;
                let known = kind.chars().next().filter(|kind| "dflcbps".contains(*kind));
                Test::Kind(known.ok_or_else(|| format!("Unknown argument to -type: {kind}"))?)
            }
            "-maxdepth" | "-mindepth" => {
                let text = value()?;
                let depth = text
                    .parse()
                    .map_err(|_| format!("Expected a positive decimal integer argument to {word}, but got ‘{text}’"))?;
                if word == "-maxdepth" {
                    wish.depths.1 = depth
                } else {
                    wish.depths.0 = depth
                }
                continue;
            }
            "-print" => {
                wish.prints = Some('\n');
                continue;
            }
            "-print0" => {
                wish.prints = Some('\0');
                continue;
            }
            "-exec" => {
                let command: Vec<String> = words.by_ref().take_while(|word| *word != ";").cloned().collect();
                let once = command.last().is_some_and(|word| word == "+");
                let command: Vec<String> = command.into_iter().filter(|word| !once || word != "+").collect();
                if command.is_empty() {
                    return Err("missing argument to `-exec'".to_owned());
                }
                wish.commands.push((command, once));
                prints = false;
                continue;
            }
            "(" | ")" | "-o" | "-or" => return Err(format!("`{word}' is not part of this shell")),
            _ if word.starts_with('-') => return Err(format!("unknown predicate `{word}'")),
            _ => return Err(format!("paths must precede expression: `{word}'")),
        };
        wish.tests.push((test, std::mem::take(&mut not)));
    }
    if prints && wish.prints.is_none() {
        wish.prints = Some('\n');
    }
    Ok(wish)
}
