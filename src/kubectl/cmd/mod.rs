//! kubectl's commands: one file a verb, one entry in the list. Help and suggestions are made from the list.

mod absent;
mod annotate;
mod apply;
mod auth;
mod completion;
mod config;
mod cordon;
mod create;
mod delete;
mod describe;
mod diff;
mod dryrun;
mod dump;
mod edit;
mod events;
mod exec;
mod explain;
mod get;
mod help;
mod logs;
mod patch;
mod resources;
mod rollout;
mod scale;
mod set;
mod shared;
mod top;
mod version;
mod wait;

pub use apply::LAST_APPLIED;
pub use shared::{CHANGE, FILENAME, GLOBAL, OUTPUT, SELECTOR};

use futures::future::BoxFuture;
use http::HeaderMap;

use super::context::Context;
use super::errors::Error;
use super::flags::{self, Flag, Given};
use super::release::{self, Behaviour};
use super::rest::Rest;
use super::{Config, Files, Streams, kubeconfig};

/// How a command runs.
pub type Run = for<'x, 'a> fn(&'x mut Context<'a>) -> BoxFuture<'x, Result<(), Error>>;

/// A command, or a family of them.
pub struct Command {
    /// The word itself.
    pub name: &'static str,
    /// Other words for it.
    pub aliases: &'static [&'static str],
    /// One line for lists of commands.
    pub short: &'static str,
    /// How to use it, in examples.
    pub examples: &'static str,
    /// What comes after the command's words: `NAME [--dry-run=server|client|none]`.
    pub usage: &'static str,
    /// Its own flags.
    pub flags: &'static [&'static [Flag]],
    /// The commands under it.
    pub under: &'static [Command],
    /// In which releases it exists.
    pub when: Behaviour,
    /// What it does; a family may have nothing to do by itself.
    pub run: Option<Run>,
}

/// Every command of kubectl.
pub static COMMANDS: &[Command] = &[
    create::COMMAND,
    get::COMMAND,
    describe::COMMAND,
    apply::COMMAND,
    delete::COMMAND,
    exec::COMMAND,
    logs::COMMAND,
    set::COMMAND,
    rollout::COMMAND,
    auth::COMMAND,
    auth::ALPHA,
    create::run::COMMAND,
    config::COMMAND,
    version::COMMAND,
    annotate::LABEL,
    annotate::ANNOTATE,
    scale::COMMAND,
    patch::COMMAND,
    patch::REPLACE,
    edit::COMMAND,
    diff::COMMAND,
    resources::PLUGIN,
    wait::COMMAND,
    top::COMMAND,
    events::COMMAND,
    resources::API_RESOURCES,
    resources::API_VERSIONS,
    resources::CLUSTER_INFO,
    cordon::CORDON,
    cordon::UNCORDON,
    explain::COMMAND,
    completion::COMMAND,
    help::COMMAND,
    help::OPTIONS,
];

/// Flags that change nothing here: they tune caches, logs and profiles, or ask for what is done anyway.
const HARMLESS: &[&str] = &[
    "allow-missing-template-keys",
    "cache-dir",
    "cascade",
    "disable-compression",
    "field-manager",
    "kuberc",
    "log-flush-frequency",
    "match-server-version",
    "openapi-patch",
    "profile",
    "profile-output",
    "server-print",
    "show-managed-fields",
    "storage-driver-buffer-duration",
    "validate",
    "vmodule",
    "windows-line-endings",
];

/// Finds the command, reads its flags and runs it.
///
/// # Errors
/// Whatever the command complains about.
pub async fn dispatch(
    args: &[String],
    config: &Config,
    files: &dyn Files,
    streams: &mut Streams<'_>,
) -> Result<(), Error> {
    if let Some((first, words)) = args.split_first()
        && matches!(first.as_str(), "__complete" | "__completeNoDesc")
    {
        return next_word(words, first == "__complete", config, files, streams).await;
    }
    let mut rest = args.to_vec();
    let mut path = "kubectl".to_owned();
    let mut family = COMMANDS;
    let mut command: Option<&'static Command> = None;
    while let Some(at) = first_word(&rest) {
        let Some(next) = family.iter().find(|entry| {
            (entry.name == rest[at] || entry.aliases.contains(&rest[at].as_str())) && entry.when.holds(config.release)
        }) else {
            break;
        };
        rest.remove(at);
        path = format!("{path} {}", next.name);
        (command, family) = (Some(next), next.under);
    }
    if let Some(at) = first_word(&rest)
        && command.is_none_or(|command| !command.under.is_empty())
        // What came with a later release is simply not known to this one.
        && family.iter().all(|entry| entry.name != rest[at])
        && let Some(page) = help::page(&format!("{path} {}", rest[at]))
    {
        return absent::tell(&format!("{path} {}", rest[at]), page, &rest, streams);
    }
    let Some(command) = command else {
        return top(&rest, config, streams);
    };
    let mut allowed: Vec<&[Flag]> = command.flags.to_vec();
    allowed.push(GLOBAL);
    // Only what the page tells of is known, where this release's pages are.
    let paged = help::flags(&path);
    let told: Vec<Vec<Flag>> = allowed
        .iter()
        .map(|flags| {
            let known = |flag: &&Flag| {
                paged.is_empty()
                    || !release::FLAGS_OF_PAGES.holds(config.release)
                    || GLOBAL.iter().any(|global| global.name == flag.name)
                    || paged.iter().any(|page| page.name == flag.name)
            };
            flags.iter().filter(known).copied().collect()
        })
        .collect();
    let mut allowed: Vec<&[Flag]> = told.iter().map(Vec::as_slice).collect();
    let mut others = help::flags(&path);
    others.extend(help::flags("kubectl options"));
    others.retain(|flag| !allowed.iter().copied().flatten().any(|own| own.name == flag.name));
    allowed.push(&others);
    let given = match flags::parse(&rest, &allowed) {
        Ok(given) => given,
        Err(fault) => return Err(flag_error(config, &path, &fault)),
    };
    if let Some(flag) = others.iter().find(|flag| given.changed(flag.name) && !HARMLESS.contains(&flag.name)) {
        return Err(Error::text(format!("--{} is a flag of kubectl that this one does not have", flag.name)));
    }
    if given.bool("help") {
        let text = help::text(command, &path, config.release);
        return streams.stdout.write_all(text.as_bytes()).map_err(|_| Error::Exit(1));
    }
    let Some(run) = command.run else {
        if !given.args.is_empty() {
            return Err(Error::usage(&path, &format!("unknown command {:?}", given.args.join(" "))));
        }
        let text = help::text(command, &path, config.release);
        let out = if command.name == "rollout" { &mut *streams.stdout } else { &mut *streams.stderr };
        // Nothing can be reported when the stream itself is gone.
        let _ = out.write_all(text.as_bytes());
        return Err(Error::Exit(1));
    };
    let help = help::text(command, &path, config.release);
    let global = given.without(command.flags);
    let resolved = match kubeconfig::resolve(config, files, &global).await {
        Ok(resolved) => resolved,
        Err(_) if needs_no_server(&path, &given) => config.clone(),
        Err(error) => return Err(error),
    };
    let config = &resolved;
    let rest = connection(config, &global)?;
    let streams = Streams {
        stdin: streams.stdin,
        stdout: &mut *streams.stdout,
        stdout_is_terminal: streams.stdout_is_terminal,
        stderr: &mut *streams.stderr,
    };
    let mut context = Context::new(config, files, streams, given, path, help, rest);
    if !needs_no_server(&context.path, &context.given) {
        let loaded = kubeconfig::loaded(config, files, &global);
        let told = context.klog.opening(&loaded);
        context.complain(&told);
    }
    let outcome = run(&mut context).await;
    for status in outcome.as_ref().err().map(Error::refusals).unwrap_or_default() {
        let told = context.klog.refusal(status);
        context.complain(&told);
    }
    outcome
}

/// What could follow an unfinished command line.
async fn next_word(
    words: &[String],
    described: bool,
    config: &Config,
    files: &dyn Files,
    streams: &mut Streams<'_>,
) -> Result<(), Error> {
    let before = words.split_last().map_or(words, |(_, before)| before);
    let given = global_flags(before).or_else(|| global_flags(&[])).unwrap_or_default();
    let resolved = kubeconfig::resolve(config, files, &given).await.unwrap_or_else(|_| config.clone());
    let rest = connection(&resolved, &given)?;
    let streams = Streams {
        stdin: streams.stdin,
        stdout: &mut *streams.stdout,
        stdout_is_terminal: streams.stdout_is_terminal,
        stderr: &mut *streams.stderr,
    };
    let path = "kubectl __complete".to_owned();
    let mut context = Context::new(&resolved, files, streams, given, path, String::new(), rest);
    completion::complete(&mut context, words, described).await
}

/// What a command line says with the flags that every command takes; other words are passed over.
pub fn global_flags(args: &[String]) -> Option<Given> {
    let mut own = Vec::new();
    let mut rest = args.iter().take_while(|arg| *arg != "--");
    while let Some(arg) = rest.next() {
        let word = arg.split('=').next().unwrap_or_default();
        let is = |flag: &&Flag| {
            word.strip_prefix("--") == Some(flag.name) || flag.short.is_some_and(|letter| *word == format!("-{letter}"))
        };
        if GLOBAL.iter().any(|flag| is(&flag)) {
            own.push(arg.clone());
            if takes_next(arg) {
                own.extend(rest.next().cloned());
            }
        }
    }
    flags::parse(&own, &[GLOBAL]).ok()
}

/// Commands that run without a server, and so without a kubeconfig that can be used.
fn needs_no_server(path: &str, given: &Given) -> bool {
    let word = path.split(' ').nth(1).unwrap_or_default();
    matches!(word, "config" | "help" | "options" | "completion" | "plugin" | "kustomize")
        || (word == "version" && given.bool("client"))
}

/// The way to the server with what the global flags add to it.
fn connection(config: &Config, given: &Given) -> Result<Rest, Error> {
    let mut rest = Rest { client: config.client.clone(), headers: HeaderMap::new(), server: config.server.clone() };
    // Under this name's first word the server notes what is written without a field manager.
    let build = release::build(config.release);
    let commit = build.git_commit.get(..7).unwrap_or_default();
    rest.header("User-Agent", &format!("kubectl/{} (linux/amd64) kubernetes/{commit}", build.git_version))?;
    if given.changed("token") {
        rest.header("Authorization", &format!("Bearer {}", given.text("token").trim()))?;
    }
    if !given.text("as").is_empty() {
        rest.header("Impersonate-User", given.text("as"))?;
    }
    for group in given.list("as-group") {
        rest.header("Impersonate-Group", group)?;
    }
    if given.changed("as-uid") {
        rest.header("Impersonate-Uid", given.text("as-uid"))?;
    }
    Ok(rest)
}

/// Where the first word stands that is no flag and no flag's value. Flags before the command are the global ones.
fn first_word(args: &[String]) -> Option<usize> {
    let mut at = 0;
    while at < args.len() {
        let arg = &args[at];
        if arg == "--" {
            return None;
        }
        if !arg.starts_with('-') {
            return Some(at);
        }
        at += if takes_next(arg) { 2 } else { 1 };
    }
    None
}

fn takes_next(arg: &str) -> bool {
    if arg.contains('=') {
        return false;
    }
    let mut known = GLOBAL.to_vec();
    known.extend(help::flags("kubectl options"));
    // What is not known is taken for a flag with a value, as cobra takes it.
    match arg.strip_prefix("--") {
        Some(name) => known.iter().find(|flag| flag.name == name).is_none_or(Flag::takes_next),
        None => {
            let mut letters = arg.chars().skip(1);
            let letter = letters.next();
            letters.next().is_none() && known.iter().find(|flag| flag.short == letter).is_none_or(Flag::takes_next)
        }
    }
}

fn flag_error(config: &Config, path: &str, fault: &str) -> Error {
    let text = format!("{fault}\nSee '{path} --help' for usage.");
    if release::FLAG_ERRORS_CAPITAL.holds(config.release) {
        Error::Raw(format!("Error: {text}"))
    } else {
        Error::Text(text)
    }
}

/// kubectl without a command, or with one that is unknown.
fn top(args: &[String], config: &Config, streams: &mut Streams<'_>) -> Result<(), Error> {
    if let Some(at) = first_word(args) {
        let word = &args[at];
        // What is no command is looked for among the plugins, whose names come first.
        if let Some(flag) = args.first().filter(|first| first.starts_with('-')) {
            return Err(Error::Raw(format!("Error: flags cannot be placed before plugin name: {flag}")));
        }
        let mut text = format!("unknown command {word:?} for \"kubectl\"");
        let known = |name: &str| COMMANDS.iter().all(|entry| entry.name != name || entry.when.holds(config.release));
        let close: Vec<&str> = help::names()
            .filter(|name| known(name))
            .filter(|name| {
                distance(&word.to_lowercase(), name) <= 2
                    || name.starts_with(&word.to_lowercase())
                    || MEANT.iter().any(|(said, meant, when)| {
                        said.eq_ignore_ascii_case(word) && meant == name && when.holds(config.release)
                    })
            })
            .collect();
        if !close.is_empty() {
            text.push_str("\n\nDid you mean this?\n");
            for name in close {
                text.push_str(&format!("\t{name}\n"));
            }
        }
        return Err(Error::Text(text));
    }
    flags::parse(args, &[GLOBAL]).map_err(|fault| flag_error(config, "kubectl", &fault))?;
    streams.stdout.write_all(help::overview(config.release).as_bytes()).map_err(|_| Error::Exit(1))
}

/// Words that people say for a command's. Upstream: each command's SuggestFor.
const MEANT: &[(&str, &str, Behaviour)] = &[
    ("list", "get", release::ALWAYS),
    ("ps", "get", release::SUGGESTS_FOR_PS),
    ("list", "wait", release::SUGGESTS_FOR_PS),
    ("ps", "wait", release::SUGGESTS_FOR_PS),
    ("ls", "get", release::SUGGESTS_FOR_MORE),
    ("rm", "delete", release::ALWAYS),
    ("remove", "delete", release::SUGGESTS_FOR_MORE),
    ("inspect", "describe", release::SUGGESTS_FOR_MORE),
];

/// How many letters have to change between two words (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = before + usize::from(x != *y);
            before = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(before + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{COMMANDS, Command, distance, first_word};

    #[test]
    fn words() {
        for (line, want) in
            [("get pods", Some(0)), ("-n shop get", Some(2)), ("--token=x get", Some(1)), ("-v", None), ("-- x", None)]
        {
            let args: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(first_word(&args), want, "{line}");
        }
        assert_eq!(distance("creat", "create"), 1);
        assert_eq!(distance("gte", "get"), 2);
    }

    /// Every entry tells what it is for, and names nothing twice.
    #[test]
    fn the_list_is_whole() {
        fn look(family: &[Command]) {
            let mut names: Vec<&str> = Vec::new();
            for entry in family {
                assert!(!entry.short.is_empty(), "{}", entry.name);
                assert!(entry.run.is_some() || !entry.under.is_empty(), "{}", entry.name);
                assert!(!names.contains(&entry.name), "{}", entry.name);
                names.push(entry.name);
                let mut flags: Vec<&str> = Vec::new();
                for flag in entry.flags.iter().copied().flatten() {
                    assert!(!flags.contains(&flag.name), "{} --{}", entry.name, flag.name);
                    flags.push(flag.name);
                }
                look(entry.under);
            }
        }
        look(COMMANDS);
    }
}
