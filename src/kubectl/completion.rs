//! What could follow the words of an unfinished kubectl command: read from the same list the commands are found in.
//! Upstream: cobra's completions.go and kubectl's pkg/util/completion.

use super::cmd::{COMMANDS, Command, GLOBAL};
use super::flags::{Flag, Kind};
use crate::apimachinery::Release;

/// A word that is known without asking the cluster, and a word of help beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// What is typed.
    pub text: String,
    /// What it means, in a line; may be empty.
    pub help: String,
}

/// What the next word is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// One of these.
    Words(Vec<Word>),
    /// A resource type.
    Types,
    /// A name of an object of this type; with a prefix when it is typed as `type/name`.
    Names {
        /// `pods`, `sa`
        kind: String,
        /// Whether candidates carry `type/` in front.
        prefixed: bool,
        /// What was named already.
        but: Vec<String>,
    },
    /// A pod, or another object that has pods, as `type/name`.
    Containers(String),
    /// A file of the private tree.
    Files,
    /// Nothing that can be known.
    Nothing,
}

/// What the next word is, and where the part of it begins that is completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What it is.
    pub wanted: Wanted,
    /// The bytes of the word that stay: `--namespace=`.
    pub skip: usize,
    /// The namespace chosen by a flag.
    pub namespace: Option<String>,
}

/// The formats `-o` takes, as kubectl lists them.
const FORMATS: &[(&str, &str)] = &[
    ("json", "the whole object"),
    ("yaml", "the whole object"),
    ("name", "type/name"),
    ("go-template", "a Go template"),
    ("jsonpath", "parts, by a path"),
    ("custom-columns", "a table of your own"),
    ("wide", "a table with more columns"),
];
const VERBS: &[&str] =
    &["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "use", "bind", "impersonate"];

/// Reads the words before the cursor's word (without `kubectl`), and says what that word could be.
pub fn asked(words: &[&str], word: &str, release: Release) -> Asked {
    let (mut family, mut command): (&[Command], Option<&Command>) = (COMMANDS, None);
    let mut path: Vec<&str> = Vec::new();
    let mut plain: Vec<&str> = Vec::new();
    let mut namespace = None;
    let mut waiting: Option<&Flag> = None;
    let mut all_plain = false;
    for next in words.iter().copied() {
        if let Some(flag) = waiting.take() {
            if flag.name == "namespace" {
                namespace = Some(next.to_owned());
            }
            continue;
        }
        if next == "--" {
            all_plain = true;
        } else if next.starts_with('-') && next.len() > 1 && !all_plain {
            let (name, value) = match next.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (next, None),
            };
            match (flag_named(name, command), value) {
                (Some(flag), Some(value)) if flag.name == "namespace" => namespace = Some(value.to_owned()),
                (Some(flag), None) if takes_next(flag) => waiting = Some(flag),
                (None, None) if next.starts_with("-n") && next.len() > 2 => namespace = Some(next[2..].to_owned()),
                _ => {}
            }
        } else {
            let found = family.iter().find(|entry| entry.name == next || entry.aliases.contains(&next));
            match found.filter(|_| plain.is_empty()) {
                Some(entry) => {
                    (family, command) = (entry.under, Some(entry));
                    path.push(entry.name);
                }
                None => plain.push(next),
            }
        }
    }
    let answer = |wanted, skip| Asked { wanted, skip, namespace: namespace.clone() };
    if let Some(flag) = waiting {
        return answer(value_of(flag, &plain), 0);
    }
    // What follows `--` is another program's.
    if all_plain {
        return answer(Wanted::Nothing, 0);
    }
    if word.starts_with('-') {
        return match word.split_once('=') {
            Some((name, _)) => {
                let wanted = flag_named(name, command).map_or(Wanted::Nothing, |flag| value_of(flag, &plain));
                answer(wanted, name.len() + 1)
            }
            None => answer(Wanted::Words(flags_of(command, word)), 0),
        };
    }
    if plain.is_empty() && !family.is_empty() {
        let holds = |entry: &&Command| entry.when.holds(release);
        // A family none of whose members this release has is not spoken of.
        let known = family.iter().filter(holds);
        let known = known.filter(|entry| entry.under.is_empty() || entry.under.iter().any(|member| holds(&member)));
        let words = known.map(|entry| told(entry.name, entry.short)).collect();
        return answer(Wanted::Words(words), 0);
    }
    answer(argument(&path, &plain, word), 0)
}

fn told(text: &str, help: &str) -> Word {
    let help = help.split_once(". ").map_or(help, |(first, _)| first).trim_end_matches('.');
    Word { text: text.to_owned(), help: help.to_owned() }
}

fn of(texts: &[&str]) -> Wanted {
    Wanted::Words(texts.iter().map(|text| told(text, "")).collect())
}

fn names(kind: &str) -> Wanted {
    Wanted::Names { kind: kind.to_owned(), prefixed: false, but: Vec::new() }
}

/// What an argument of the command is.
fn argument(path: &[&str], plain: &[&str], word: &str) -> Wanted {
    let others = || plain.get(1..).unwrap_or_default().iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let by_type = |most: usize| match (plain, word.split_once('/')) {
        ([], Some((kind, _))) => Wanted::Names { kind: kind.to_owned(), prefixed: true, but: Vec::new() },
        ([], None) => Wanted::Types,
        // After `type/name` only more of that form may follow.
        ([first, ..], slash) if first.contains('/') => match slash {
            Some((kind, _)) if plain.len() < most => {
                Wanted::Names { kind: kind.to_owned(), prefixed: true, but: Vec::new() }
            }
            _ => Wanted::Nothing,
        },
        ([kind, ..], _) if plain.len() <= most => {
            let kind = kind.rsplit(',').next().unwrap_or(kind);
            Wanted::Names { kind: kind.to_owned(), prefixed: false, but: others() }
        }
        _ => Wanted::Nothing,
    };
    match (path, plain) {
        (["logs" | "exec" | "attach" | "port-forward" | "debug"], []) => match word.split_once('/') {
            Some((kind, _)) => Wanted::Names { kind: kind.to_owned(), prefixed: true, but: Vec::new() },
            None => names("pods"),
        },
        (["logs"], [pod]) => Wanted::Containers((*pod).to_owned()),
        (["create", "token"], []) => names("serviceaccounts"),
        (["top", "pod"], []) => names("pods"),
        (["top", "node"] | ["cordon" | "uncordon" | "drain"], []) => names("nodes"),
        (["auth", "can-i"], []) => of(VERBS),
        (["auth", "can-i"], [_]) => Wanted::Types,
        (["explain"], []) => Wanted::Types,
        (["rollout", _] | ["set", "serviceaccount" | "image" | "env" | "resources"], []) if !word.contains('/') => {
            of(&["deployment", "deployment/"])
        }
        (["config", "use-context" | "set-context"], _) => Wanted::Nothing,
        (["get" | "describe" | "delete"], _) => by_type(usize::MAX),
        (["edit" | "label" | "annotate" | "patch" | "scale" | "wait"] | ["rollout" | "set", _], _) => by_type(1),
        _ => Wanted::Nothing,
    }
}

/// What a flag's value is.
fn value_of(flag: &Flag, plain: &[&str]) -> Wanted {
    match (flag.name, flag.kind) {
        ("namespace", _) => names("namespaces"),
        ("output", _) => Wanted::Words(FORMATS.iter().map(|(text, help)| told(text, help)).collect()),
        ("dry-run", _) => Wanted::Words(vec![
            told("client", "print what would be sent"),
            told("server", "send it, keep nothing"),
            told("none", "do it"),
        ]),
        ("validate", _) => of(&["strict", "warn", "ignore"]),
        ("cascade", _) => of(&["background", "orphan", "foreground"]),
        ("filename" | "kustomize" | "from-file" | "from-env-file" | "kubeconfig" | "patch-file", _) => Wanted::Files,
        ("container", _) => {
            plain.first().map_or(Wanted::Nothing, |pod| Wanted::Containers(pod.trim_start_matches("pod/").to_owned()))
        }
        ("verb", _) => of(VERBS),
        ("resource", _) => Wanted::Types,
        ("serviceaccount", _) => names("serviceaccounts"),
        ("role", _) => names("roles"),
        ("clusterrole", _) => names("clusterroles"),
        ("type", _) => of(&["strategic", "merge", "json"]),
        ("sort-by", _) => of(&[".metadata.name", ".metadata.creationTimestamp"]),
        (_, Kind::Bool) => of(&["true", "false"]),
        _ => Wanted::Nothing,
    }
}

fn flags_of(command: Option<&Command>, word: &str) -> Vec<Word> {
    let own = command.map(|command| command.flags).unwrap_or_default().iter().copied().flatten();
    let mut words: Vec<Word> = own.chain(GLOBAL).map(|flag| told(&format!("--{}", flag.name), flag.usage)).collect();
    if word == "-" {
        let own = command.map(|command| command.flags).unwrap_or_default().iter().copied().flatten();
        let short = own.chain(GLOBAL).filter_map(|flag| Some(told(&format!("-{}", flag.short?), flag.usage)));
        words.extend(short);
    }
    words
}

fn flag_named<'c>(typed: &str, command: Option<&'c Command>) -> Option<&'c Flag> {
    let mut all = command.map(|command| command.flags).unwrap_or_default().iter().copied().flatten().chain(GLOBAL);
    match typed.strip_prefix("--") {
        Some(name) => all.find(|flag| flag.name == name),
        None => {
            // Of several letters only the last may wait for a value.
            let letter = typed.chars().last();
            let single = typed.chars().count() == 2;
            all.find(|flag| flag.short.is_some() && flag.short == letter && (single || flag.kind == Kind::Bool))
        }
    }
}

fn takes_next(flag: &Flag) -> bool {
    !matches!(flag.kind, Kind::Bool | Kind::OptionalText(_))
}

#[cfg(test)]
mod tests {
    use super::{Wanted, asked};
    use crate::apimachinery::Release;

    #[test]
    fn what_the_next_word_is() {
        let kind = |line: &str| {
            let mut words: Vec<&str> = line.split(' ').collect();
            let word = words.pop().unwrap_or_default();
            let asked = asked(&words, word, Release::DEFAULT);
            let what = match asked.wanted {
                Wanted::Words(words) => words
                    .iter()
                    .map(|word| word.text.as_str())
                    .filter(|text| text.starts_with(&word[asked.skip..]))
                    .collect::<Vec<_>>()
                    .join(" "),
                Wanted::Types => "TYPES".into(),
                Wanted::Names { kind, prefixed, but } => {
                    format!("NAMES {kind}{} {but:?}", if prefixed { "/" } else { "" })
                }
                Wanted::Containers(pod) => format!("CONTAINERS {pod}"),
                Wanted::Files => "FILES".into(),
                Wanted::Nothing => String::new(),
            };
            format!("{what}{}", asked.namespace.map(|name| format!(" in {name}")).unwrap_or_default())
        };
        for (line, want) in [
            ("desc", "describe"),
            ("create tok", "token"),
            ("al", ""),
            ("get ", "TYPES"),
            ("get -o w", "wide"),
            ("get pods -o=y", "yaml"),
            ("get pods --output=n", "name"),
            ("get pods ", "NAMES pods []"),
            ("get pods a ", "NAMES pods [\"a\"]"),
            ("get sa/", "NAMES sa/ []"),
            ("-n shop get sa ", "NAMES sa [] in shop"),
            ("get sa -nshop ", "NAMES sa [] in shop"),
            ("get -n ", "NAMES namespaces []"),
            ("get --namespace=", "NAMES namespaces []"),
            ("create sa x --dry-run=c", "client"),
            ("logs web -c ", "CONTAINERS web"),
            ("logs web ", "CONTAINERS web"),
            ("exec web -- l", ""),
            ("apply -f ", "FILES"),
            ("get --all-n", "--all-namespaces"),
            ("auth can-i l", "list"),
            ("auth can-i list ", "TYPES"),
        ] {
            assert_eq!(kind(line), want, "{line}");
        }
    }
}
