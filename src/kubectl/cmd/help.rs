//! `kubectl help`, `--help` and `kubectl options`: the pages kubectl itself prints, kept as data; a command without a page
//! gets one made from the list. Upstream: kubectl/pkg/util/templates/templates.go.

use super::{COMMANDS, Command};
use crate::apimachinery::Release;
use crate::base::{Columns, Order as _};
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::release;

/// What kubectl 1.36 prints for `--help`: pages that begin with a form feed and the command's words.
const PAGES: &str = include_str!("../help/1.36.txt");
/// The page's path where upstream puts the user's own home directory.
const HOME: &str = "/HOME/";

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
    let words = cx.given.args.clone();
    let (mut family, mut path, mut found) = (COMMANDS, "kubectl".to_owned(), None);
    for (at, word) in words.iter().enumerate() {
        let next = family.iter().find(|entry| entry.name == *word || entry.aliases.contains(&word.as_str()));
        if let Some(next) = next.filter(|entry| entry.when.holds(release)) {
            path = format!("{path} {}", next.name);
            (family, found) = (next.under, Some(next));
        } else if let Some(page) = page(&format!("{path} {word}")) {
            return cx.print(page);
        } else if at == 0 {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            cx.complain(&format!("Unknown help topic [{}]\n\n", words.join(" ")));
            let overview = overview(release);
            let commands = overview.split_once("/kubectl/\n").map_or(overview.as_str(), |(_, commands)| commands);
            cx.complain(commands);
            return Ok(());
        } else {
            break;
        }
    }
    let text = found.map_or_else(|| overview(release), |command| text(command, &path, release));
    cx.print(&text)
}

async fn options(cx: &mut Context<'_>) -> Result<(), Error> {
    let home = format!("{}/", cx.files.variable("HOME").unwrap_or_default().trim_end_matches('/'));
    let text = page("kubectl options").unwrap_or_default().trim_end_matches('\n').replace(HOME, &home) + "\n\n";
    cx.print(&text)
}

/// The page of a command.
pub fn page(path: &str) -> Option<&'static str> {
    PAGES.split('\u{c}').find_map(|page| page.strip_prefix(path)?.strip_prefix('\n'))
}

/// The commands kubectl has, as its overview lists them.
pub fn names() -> impl Iterator<Item = &'static str> {
    let listed = page("kubectl").unwrap_or_default().lines();
    listed.filter_map(|line| line.strip_prefix("  ")?.split_once("  ")).map(|(name, _)| name)
}

/// The flags a command's page tells of. With them a flag that kubectl has is never called unknown.
pub fn flags(path: &str) -> Vec<Flag> {
    let lines = page(path).unwrap_or_default().lines();
    lines.filter_map(|line| flag(line.strip_prefix("    ")?)).collect()
}

/// A flag, and the sentence a page says of it.
pub struct Told {
    /// The flag.
    pub flag: Flag,
    /// What it is for.
    pub sentence: String,
}

impl Told {
    /// Whether a word is this flag without a value.
    pub fn is(&self, word: &str) -> bool {
        word.strip_prefix("--") == Some(self.flag.name)
            || self.flag.short.is_some_and(|letter| word.strip_prefix('-') == Some(letter.to_string().as_str()))
    }
}

/// The flags a command's page tells of, with what it says of each.
pub fn told(path: &str) -> Vec<Told> {
    let lines: Vec<&'static str> = page(path).unwrap_or_default().lines().collect();
    let flags = lines.windows(2).filter_map(|pair| Some((flag(pair[0].strip_prefix("    ")?)?, pair[1])));
    flags.map(|(flag, sentence)| Told { flag, sentence: sentence.trim().to_owned() }).collect()
}

/// The commands a family's page lists, each with its sentence.
pub fn children(path: &str) -> Vec<(&'static str, &'static str)> {
    let page = page(path).unwrap_or_default();
    if path == "kubectl" {
        let listed = page.lines().filter_map(|line| line.strip_prefix("  ")?.split_once("  "));
        let mut all: Vec<_> = listed.map(|(name, short)| (name, short.trim())).collect();
        all.extend([
            ("help", "Help about any command"),
            ("options", "Print the list of flags inherited by all commands"),
        ]);
        return all;
    }
    let Some((_, listed)) = page.split_once("Available Commands:\n") else { return Vec::new() };
    let lines = listed.lines().take_while(|line| !line.is_empty());
    let split = lines.filter_map(|line| line.trim_start().split_once("  "));
    split.map(|(name, short)| (name, short.trim())).collect()
}

/// `-A, --all-namespaces=false:`
fn flag(line: &'static str) -> Option<Flag> {
    let (short, long) = match line.strip_prefix('-')?.split_once(", --") {
        Some((letter, long)) => (letter.chars().next(), long),
        None => (None, line.strip_prefix("--")?),
    };
    let (name, default) = long.strip_suffix(':')?.split_once('=')?;
    let kind = match default {
        "true" | "false" => Kind::Bool,
        "[]" => Kind::List,
        text if text.starts_with('\'') => Kind::Text,
        number if number.parse::<i64>().is_ok() => Kind::Int,
        _ => Kind::Duration,
    };
    Some(Flag { name, short, kind, default: default.trim_matches('\''), usage: "" })
}

fn listed<'c>(family: impl Iterator<Item = &'c Command>) -> String {
    let rows: String = family.map(|entry| format!("  {}\t{}\n", entry.name, entry.short)).collect();
    Columns { min_width: 0, padding: 3 }.align(&rows)
}

/// What `kubectl` alone prints.
pub fn overview(_: Release) -> String {
    page("kubectl").unwrap_or_default().to_owned()
}

/// What `--help` prints.
pub fn text(command: &Command, path: &str, release: Release) -> String {
    if let Some(page) = page(path) {
        return page.to_owned();
    }
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
    sorted.order_by_key(|flag| flag.name);
    let lines: Vec<String> = sorted
        .into_iter()
        .map(|flag| {
            let short = flag.short.map_or_else(String::new, |letter| format!("-{letter}, "));
            let default = match flag.kind {
                Kind::Bool | Kind::Int | Kind::Duration => flag.default.to_owned(),
                Kind::List | Kind::Pairs | Kind::Array => "[]".to_owned(),
                Kind::Text | Kind::OptionalText(_) => format!("'{}'", flag.default),
            };
            format!("    {short}--{}={default}:\n\t{}\n", flag.name, flag.usage)
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{flags, names, page};

    #[test]
    fn pages() {
        assert!(names().any(|name| name == "get") && names().any(|name| name == "port-forward"));
        assert!(page("kubectl create token").is_some_and(|page| page.contains("--bound-object-kind=''")));
        let get = flags("kubectl get");
        assert!(get.iter().any(|flag| flag.name == "all-namespaces" && flag.short == Some('A')));
        assert!(get.iter().any(|flag| flag.name == "chunk-size" && flag.default == "500"));
    }
}
