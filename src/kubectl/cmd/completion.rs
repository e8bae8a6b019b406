//! `kubectl completion`, the scripts kubectl 1.36 prints, and `__complete`, which they call for the next word.
//! Upstream: kubectl/pkg/cmd/completion, kubectl/pkg/util/completion, github.com/spf13/cobra/completions.go.

use super::help::{self, Told};
use super::{COMMANDS, Command};
use crate::apimachinery::meta;
use crate::base::Order as _;
use crate::kubectl::context::Context;
use crate::kubectl::discovery::Found;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::rest::Call;
use crate::kubectl::{kubeconfig, release};

const SHELLS: &[(&str, &str)] = &[
    ("bash", include_str!("../scripts/1.36.bash")),
    ("zsh", include_str!("../scripts/1.36.zsh")),
    ("fish", include_str!("../scripts/1.36.fish")),
    ("powershell", include_str!("../scripts/1.36.powershell")),
];

/// `kubectl completion`
pub const COMMAND: Command = Command {
    name: "completion",
    aliases: &[],
    short: "Output shell completion code for the specified shell (bash, zsh, fish, or powershell)",
    examples: "",
    usage: "SHELL",
    flags: &[],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    let shell = match cx.given.args.as_slice() {
        [] => return Err(cx.usage_error("Shell not specified.")),
        [shell] => shell.clone(),
        _ => return Err(cx.usage_error("Too many arguments. Expected only the shell type.")),
    };
    match SHELLS.iter().find(|(name, _)| *name == shell) {
        Some((_, script)) => cx.print(script),
        None => Err(cx.usage_error(&format!("Unsupported shell type {shell:?}."))),
    }
}

/// What a shell should do beside offering the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Directive {
    Default = 0,
    NoFileComp = 4,
    FilterFileExt = 8,
}

/// Words, each with a sentence that may be empty, and the directive.
type Offer = (Vec<(String, String)>, Directive);

const NOTHING: Offer = (Vec::new(), Directive::Default);
const FORMATS: &[&str] = &[
    "json",
    "yaml",
    "kyaml",
    "name",
    "go-template",
    "go-template-file",
    "template",
    "templatefile",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
    "custom-columns",
    "custom-columns-file",
    "wide",
];
const WITH_PODS: &[&str] = &[
    "daemonsets/",
    "deployments/",
    "pods/",
    "jobs/",
    "replicasets/",
    "replicationcontrollers/",
    "services/",
    "statefulsets/",
];

/// `kubectl __complete WORD…`: the words that could stand for the last one.
///
/// # Errors
/// When nobody reads any more.
pub async fn complete(cx: &mut Context<'_>, words: &[String], described: bool) -> Result<(), Error> {
    let Some((word, before)) = words.split_last() else {
        return Err(Error::text("requires at least 1 arg(s), only received 0"));
    };
    let asked = Asked::read(before);
    let (offered, directive) = asked.offer(cx, word).await;
    let mut text = String::new();
    for (offered, help) in offered {
        text.push_str(&offered);
        if described && !help.is_empty() {
            text.push_str(&format!("\t{help}"));
        }
        text.push('\n');
    }
    cx.print(&format!("{text}:{}\n", directive as u8))?;
    let name = match directive {
        Directive::Default => "ShellCompDirectiveDefault",
        Directive::NoFileComp => "ShellCompDirectiveNoFileComp",
        Directive::FilterFileExt => "ShellCompDirectiveFilterFileExt",
    };
    cx.complain(&format!("Completion ended with directive: {name}\n"));
    Ok(())
}

/// What stands before the word.
struct Asked {
    /// `kubectl create token`
    path: String,
    /// What is neither a command nor a flag.
    plain: Vec<String>,
    /// The flag whose value comes next.
    waiting: Option<String>,
}

impl Asked {
    fn read(words: &[String]) -> Self {
        let mut asked = Self { path: "kubectl".to_owned(), plain: Vec::new(), waiting: None };
        let mut family = COMMANDS;
        for word in words {
            if asked.waiting.take().is_some() {
                continue;
            }
            if word.starts_with('-') && word.len() > 1 {
                let flags = asked.flags();
                let flag = flags.iter().find(|told| told.is(word));
                asked.waiting = flag.filter(|told| told.flag.takes_next()).map(|told| told.flag.name.to_owned());
                continue;
            }
            let known = family.iter().find(|entry| entry.name == word || entry.aliases.contains(&word.as_str()));
            let name = known.map_or(word.as_str(), |entry| entry.name);
            let next = format!("{} {name}", asked.path);
            if asked.plain.is_empty() && (help::page(&next).is_some() || known.is_some()) {
                asked.path = next;
                family = known.map(|entry| entry.under).unwrap_or_default();
            } else {
                asked.plain.push(word.clone());
            }
        }
        asked
    }

    /// The flags that may stand here, with their sentences.
    fn flags(&self) -> Vec<Told> {
        let mut flags = help::told(&self.path);
        flags.extend(help::told("kubectl options"));
        flags.order_by_key(|told| told.flag.name);
        flags
    }

    /// The flags as cobra offers them: what every command has, then the command's own; each with its letter after it.
    fn offered_flags(&self) -> impl Iterator<Item = (String, String)> {
        let mut all = help::told("kubectl options");
        all.order_by_key(|told| told.flag.name);
        let mut own = help::told(&self.path);
        let name = self.path.rsplit(' ').next().unwrap_or_default();
        let help = Flag::short("help", 'h', Kind::Bool, "false", "");
        own.push(Told { flag: help, sentence: format!("help for {name}") });
        own.order_by_key(|told| told.flag.name);
        all.into_iter().chain(own).flat_map(|Told { flag, sentence }| {
            let letter = flag.short.map(|letter| (format!("-{letter}"), sentence.clone()));
            std::iter::once((format!("--{}", flag.name), sentence)).chain(letter)
        })
    }

    async fn offer(&self, cx: &mut Context<'_>, word: &str) -> Offer {
        if let Some(flag) = &self.waiting {
            return self.value(cx, flag, word).await;
        }
        if let Some((flag, value)) = word.split_once('=').filter(|(flag, _)| flag.starts_with("--")) {
            return self.value(cx, &flag[2..], value).await;
        }
        if word.starts_with('-') {
            return (beginning(self.offered_flags(), word), Directive::NoFileComp);
        }
        let of = if self.path == "kubectl help" { "kubectl" } else { &self.path };
        let mut children = help::children(of);
        children.order();
        if self.plain.is_empty() && !children.is_empty() {
            let told = children.into_iter().map(|(name, short)| (name.to_owned(), short.to_owned()));
            return (beginning(told, word), Directive::NoFileComp);
        }
        self.argument(cx, word).await
    }

    async fn value(&self, cx: &mut Context<'_>, flag: &str, word: &str) -> Offer {
        let config = |cx: &Context<'_>, section| {
            let names = kubeconfig::names(cx.config, cx.files, &cx.given, section);
            (beginning(plainly(names), word), Directive::NoFileComp)
        };
        match flag {
            "namespace" => (names(cx, "namespaces", word).await, Directive::NoFileComp),
            "context" => config(cx, kubeconfig::Section::Contexts),
            "cluster" => config(cx, kubeconfig::Section::Clusters),
            "user" if self.path != "kubectl config set-context" => config(cx, kubeconfig::Section::Users),
            "output" if self.path == "kubectl get" => (beginning(plain(FORMATS), word), Directive::NoFileComp),
            "filename" => (plain(&["json", "yaml", "yml"]).collect(), Directive::FilterFileExt),
            _ => NOTHING,
        }
    }

    async fn argument(&self, cx: &mut Context<'_>, word: &str) -> Offer {
        let command = self.path.strip_prefix("kubectl ").unwrap_or_default();
        let first = self.plain.is_empty();
        let words = match command {
            "completion" if first => beginning(plain(&["bash", "zsh", "fish", "powershell"]), word),
            "create token" if first => names(cx, "serviceaccounts", word).await,
            "cordon" | "uncordon" | "drain" | "top node" if first => names(cx, "nodes", word).await,
            "top pod" if first => names(cx, "pods", word).await,
            "config use-context" if first => {
                let names = kubeconfig::names(cx.config, cx.files, &cx.given, kubeconfig::Section::Contexts);
                beginning(plainly(names), word)
            }
            "logs" | "exec" | "attach" | "port-forward" | "debug" if first => match word.split_once('/') {
                Some((kind, name)) => named(cx, kind, name).await,
                None => {
                    let mut words = names(cx, "pods", word).await;
                    words.extend(beginning(plain(WITH_PODS), word));
                    words
                }
            },
            "rollout restart" | "rollout status" | "rollout history" | "rollout pause" | "rollout resume"
            | "rollout undo"
                if first =>
            {
                beginning(plain(&["deployment", "daemonset", "statefulset"]), word)
            }
            "get" | "describe" | "delete" | "edit" | "label" | "annotate" | "patch" if first => {
                match word.split_once('/') {
                    Some((kind, name)) => named(cx, kind, name).await,
                    None => types(cx, word).await,
                }
            }
            "get" | "describe" | "delete" | "edit" | "label" | "annotate" | "patch" => {
                let several = matches!(command, "get" | "describe" | "delete");
                if !several && self.plain.len() > 1 {
                    return (Vec::new(), Directive::NoFileComp);
                }
                let mut offered = names(cx, &self.plain[0], word).await;
                offered.retain(|(name, _)| !self.plain[1..].contains(name));
                offered
            }
            "completion" | "create token" | "cordon" | "uncordon" | "drain" | "top node" | "top pod"
            | "config use-context" | "logs" | "exec" | "attach" | "port-forward" | "debug" => Vec::new(),
            _ => return NOTHING,
        };
        (words, Directive::NoFileComp)
    }
}

fn plain<'a>(words: &'a [&str]) -> impl Iterator<Item = (String, String)> + 'a {
    words.iter().map(|word| ((*word).to_owned(), String::new()))
}

fn plainly(words: Vec<String>) -> impl Iterator<Item = (String, String)> {
    words.into_iter().map(|word| (word, String::new()))
}

fn beginning(words: impl Iterator<Item = (String, String)>, typed: &str) -> Vec<(String, String)> {
    words.filter(|(word, _)| word.starts_with(typed)).collect()
}

/// The types that can be got and listed, by their full names; of a list by comma the last is completed.
async fn types(cx: &mut Context<'_>, word: &str) -> Vec<(String, String)> {
    let (before, typed) = word.rfind(',').map_or(("", word), |at| word.split_at(at + 1));
    let mut all: Vec<Found> = cx.resources().await.unwrap_or_default();
    let can = |found: &Found, verb: &str| found.verbs.iter().any(|own| own == verb);
    all.retain(|found| can(found, "get") && can(found, "list"));
    all.order_by(|a, b| (&a.group, &a.plural).cmp(&(&b.group, &b.plural)));
    let names = all.iter().map(Found::qualified).filter(|name| name.starts_with(typed));
    names.map(|name| (format!("{before}{name}"), String::new())).collect()
}

/// The names of a type's objects.
async fn names(cx: &mut Context<'_>, kind: &str, typed: &str) -> Vec<(String, String)> {
    let Ok(resource) = cx.resource(kind).await else { return Vec::new() };
    let namespace = cx.namespace();
    let Ok(list) = cx.send(Call::get(resource.collection(&namespace)).query("limit", "500")).await else {
        return Vec::new();
    };
    let items = list["items"].as_array().into_iter().flatten();
    beginning(items.map(|item| (meta::name(item).to_owned(), String::new())), typed)
}

/// The same as `type/name`.
async fn named(cx: &mut Context<'_>, kind: &str, typed: &str) -> Vec<(String, String)> {
    names(cx, kind, typed).await.into_iter().map(|(name, help)| (format!("{kind}/{name}"), help)).collect()
}
