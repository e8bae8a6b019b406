//! kubectl's commands: one file a verb, one entry in the list. Help and suggestions are made from the list.

mod absent;
mod annotate;
mod apply;
mod auth;
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
mod top;
mod version;
mod wait;

pub use apply::LAST_APPLIED;

use futures::future::BoxFuture;
use http::HeaderMap;

use super::context::Context;
use super::errors::Error;
use super::flags::{self, Flag, Given, Kind};
use super::klog::Klog;
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

/// Flags every command takes.
pub const GLOBAL: &[Flag] = &[
    Flag::short("namespace", 'n', Kind::Text, "", "If present, the namespace scope for this CLI request"),
    Flag::new(
        "as",
        Kind::Text,
        "",
        "Username to impersonate for the operation. User could be a regular user or a service account in a namespace.",
    ),
    Flag::new(
        "as-group",
        Kind::Array,
        "[]",
        "Group to impersonate for the operation, this flag can be repeated to specify multiple groups.",
    ),
    Flag::new("as-uid", Kind::Text, "", "UID to impersonate for the operation."),
    Flag::new("token", Kind::Text, "", "Bearer token for authentication to the API server"),
    Flag::new("context", Kind::Text, "", "The name of the kubeconfig context to use"),
    Flag::new("cluster", Kind::Text, "", "The name of the kubeconfig cluster to use"),
    Flag::new("user", Kind::Text, "", "The name of the kubeconfig user to use"),
    Flag::new("kubeconfig", Kind::Text, "", "Path to the kubeconfig file to use for CLI requests."),
    Flag::new(
        "request-timeout",
        Kind::Text,
        "0",
        "The length of time to wait before giving up on a single server request.",
    ),
    Flag::short("server", 's', Kind::Text, "", "The address and port of the Kubernetes API server"),
    Flag::new(
        "warnings-as-errors",
        Kind::Bool,
        "false",
        "Treat warnings received from the server as errors and exit with a non-zero exit code",
    ),
    Flag::new(
        "insecure-skip-tls-verify",
        Kind::Bool,
        "false",
        "If true, the server's certificate will not be checked for validity.",
    ),
    Flag::new("certificate-authority", Kind::Text, "", "Path to a cert file for the certificate authority"),
    Flag::new("client-certificate", Kind::Text, "", "Path to a client certificate file for TLS"),
    Flag::new("client-key", Kind::Text, "", "Path to a client key file for TLS"),
    Flag::short("v", 'v', Kind::Int, "0", "number for the log level verbosity"),
    Flag::short("help", 'h', Kind::Bool, "false", "help for this command"),
];

/// `-o` and what goes with it.
pub const OUTPUT: &[Flag] = &[
    Flag::short(
        "output",
        'o',
        Kind::Text,
        "",
        "Output format. One of: (json, yaml, name, jsonpath, jsonpath-file, custom-columns, wide).",
    ),
    Flag::new(
        "show-managed-fields",
        Kind::Bool,
        "false",
        "If true, keep the managedFields when printing objects in JSON or YAML format.",
    ),
    Flag::new(
        "template",
        Kind::Text,
        "",
        "Template string or path to template file to use when -o=go-template, -o=go-template-file.",
    ),
];

/// `--dry-run` and what goes with every change.
pub const CHANGE: &[Flag] = &[
    Flag::new(
        "dry-run",
        Kind::OptionalText("unchanged"),
        "none",
        "Must be \"none\", \"server\", or \"client\". If client strategy, only print the object that would be sent, without sending it. If server strategy, submit server-side request without persisting the resource.",
    ),
    Flag::new("field-manager", Kind::Text, "", "Name of the manager used to track field ownership."),
    Flag::new(
        "save-config",
        Kind::Bool,
        "false",
        "If true, the configuration of current object will be saved in its annotation.",
    ),
    Flag::new(
        "validate",
        Kind::OptionalText("strict"),
        "strict",
        "Must be one of: strict (or true), warn, ignore (or false).",
    ),
];

/// `-f`
pub const FILENAME: &[Flag] = &[
    Flag::short("filename", 'f', Kind::List, "[]", "Filename, directory, or URL to files to use."),
    Flag::short(
        "kustomize",
        'k',
        Kind::Text,
        "",
        "Process a kustomization directory. This flag can't be used together with -f or -R.",
    ),
    Flag::short("recursive", 'R', Kind::Bool, "false", "Process the directory used in -f, --filename recursively."),
];

/// `-l` and `--field-selector`
pub const SELECTOR: &[Flag] = &[
    Flag::short(
        "selector",
        'l',
        Kind::Text,
        "",
        "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'.",
    ),
    Flag::new("field-selector", Kind::Text, "", "Selector (field query) to filter on, supports '=', '==', and '!='."),
];

/// Every command of kubectl.
pub const COMMANDS: &[Command] = &[
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
    let bearer = given.int("v").is_some_and(|level| level > 6) && kubeconfig::bears(config, files, &global);
    let klog = Klog::new(config, &given, bearer);
    let mut context = Context::new(config, files, streams, given, path, help, rest, klog);
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
