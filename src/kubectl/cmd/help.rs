//! `kubectl help`, `--help` and `kubectl options`: made from the list of commands.
//! Upstream: kubectl/pkg/util/templates/templates.go.

use super::{COMMANDS, Command, GLOBAL};
use crate::apimachinery::Release;
use crate::base::Columns;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::release;

/// `kubectl help [COMMAND]`
pub const COMMAND: Command = Command {
    name: "help",
    aliases: &[],
    short: "Help about any command",
    examples: "",
    usage: "[command]",
    flags: &[],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

/// `kubectl options`
pub const OPTIONS: Command = Command {
    name: "options",
    aliases: &[],
    short: "Print the list of flags inherited by all commands",
    examples: "",
    usage: "",
    flags: &[],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(options(cx))),
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    let release = cx.config.release;
    let (mut family, mut path, mut found) = (COMMANDS, "kubectl".to_owned(), None);
    for word in cx.given.args.clone() {
        let next = family.iter().find(|entry| entry.name == word || entry.aliases.contains(&word.as_str()));
        let Some(next) = next.filter(|entry| entry.when.holds(release)) else {
            return cx.print(&format!("Unknown help topic `{word}`\nRun 'kubectl help' for usage.\n"));
        };
        path = format!("{path} {}", next.name);
        (family, found) = (next.under, Some(next));
    }
    let text = found.map_or_else(|| overview(release), |command| text(command, &path, release));
    cx.print(&text)
}

async fn options(cx: &mut Context<'_>) -> Result<(), Error> {
    cx.print(&format!("The following options can be passed to any command:\n\n{}", flag_lines(&[GLOBAL])))
}

fn listed<'c>(family: impl Iterator<Item = &'c Command>) -> String {
    let rows: String = family.map(|entry| format!("  {}\t{}\n", entry.name, entry.short)).collect();
    Columns { min_width: 0, padding: 3 }.align(&rows)
}

/// What `kubectl` alone prints.
pub fn overview(release: Release) -> String {
    format!(
        "kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/\n\nCommands:\n{}\nUsage:\n  kubectl [flags] [options]\n\nUse \"kubectl <command> --help\" for more information about a given command.\nUse \"kubectl options\" for a list of global command-line options (applies to all commands).\n",
        listed(COMMANDS.iter().filter(|entry| entry.when.holds(release) && entry.name != "options"))
    )
}

/// What `--help` prints.
pub fn text(command: &Command, path: &str, release: Release) -> String {
    let mut text = format!("{}.\n", command.short.trim_end_matches('.'));
    if !command.aliases.is_empty() {
        text.push_str(&format!("\nAliases:\n{}, {}\n", command.name, command.aliases.join(", ")));
    }
    if !command.examples.is_empty() {
        text.push_str("\nExamples:\n");
        for line in command.examples.trim_end().lines() {
            text.push_str(if line.is_empty() { "" } else { "  " });
            text.push_str(line);
            text.push('\n');
        }
    }
    if !command.under.is_empty() {
        text.push_str("\nAvailable Commands:\n");
        text.push_str(&listed(command.under.iter().filter(|entry| entry.when.holds(release))));
    }
    if command.run.is_some() && !command.flags.is_empty() {
        text.push_str("\nOptions:\n");
        text.push_str(&flag_lines(command.flags));
    }
    let usage = if command.usage.is_empty() { String::new() } else { format!(" {}", command.usage) };
    text.push_str(&format!("\nUsage:\n  {path}{usage} [options]\n\n"));
    if !command.under.is_empty() {
        text.push_str(&format!("Use \"{path} <command> --help\" for more information about a given command.\n"));
    }
    text.push_str("Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n");
    text
}

fn flag_lines(flags: &[&[Flag]]) -> String {
    let mut sorted: Vec<&Flag> = flags.iter().copied().flatten().collect();
    sorted.sort_by_key(|flag| flag.name);
    let lines: Vec<String> = sorted
        .into_iter()
        .map(|flag| {
            let short = flag.short.map_or_else(String::new, |letter| format!("-{letter}, "));
            let default = match flag.kind {
                Kind::Bool | Kind::Int | Kind::OptionalInt(_) | Kind::Duration => flag.default.to_owned(),
                Kind::List | Kind::Array => "[]".to_owned(),
                Kind::Text | Kind::OptionalText(_) => format!("'{}'", flag.default),
            };
            format!("    {short}--{}={default}:\n\t{}\n", flag.name, flag.usage)
        })
        .collect();
    lines.join("\n")
}
