//! What could stand where the cursor is: programs, variables, files, kubectl's commands, and the cluster's own
//! resource types and names. What kubectl's commands and flags are is read from kubectl's own list.

use http::Request;
use serde_json::Value;

use super::{PROGRAMS, Shell};
use crate::kubectl;

/// How many candidates are given at most.
const LIMIT: usize = 200;

/// A word that could be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where the word begins in the line: it replaces all from there to the cursor.
    pub start: usize,
    /// The whole word.
    pub text: String,
    /// Whether a space should follow; not so after a directory.
    pub whole: bool,
    /// A few words on what it is; empty when there are none.
    pub help: String,
}

/// A word and what it is.
type Word = (String, String);

/// A resource type of the cluster.
struct Type {
    name: String,
    other: Vec<String>,
    /// `/api/v1`, `/apis/apps/v1`
    base: String,
    namespaced: bool,
    kind: String,
}

impl Shell {
    /// The words that could stand where the cursor is (a byte offset), sorted. Asks the cluster for resource types and
    /// names; when it does not answer, there are just fewer candidates. Drop the future when the learner types on.
    pub async fn complete(&self, line: &str, cursor: usize) -> Vec<Candidate> {
        let before = line.get(..cursor).unwrap_or(line);
        let start = before
            .rfind(|c: char| c.is_whitespace() || "|;&(<>".contains(c))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let word = &before[start..];
        let command = before[..start].rfind(['|', ';', '&', '(']).map_or(0, |at| at + 1);
        let redirected = before[command..start].trim_end().ends_with(['<', '>']);
        let mut words: Vec<&str> = before[command..start].split_whitespace().collect();
        // Variables in front of a command do not count.
        while words.first().is_some_and(|word| word.contains('=')) {
            words.remove(0);
        }
        let mut found: Vec<(usize, Word, bool)> = Vec::new();
        let mut offer = |words: Vec<Word>| {
            // A flag that ends in `=` is followed by its value at once.
            found.extend(
                words
                    .into_iter()
                    .map(|word| (start, !word.0.ends_with('='), word))
                    .map(|(at, whole, word)| (at, word, whole)),
            );
        };
        if let Some(at) = word.rfind('$') {
            let names = self.variables.keys().filter(|name| name.starts_with(&word[at + 1..]));
            found.extend(names.map(|name| (start + at, (format!("${name}"), String::new()), true)));
        } else if redirected {
            found.extend(self.paths(word).into_iter().map(|(path, whole)| (start, (path, String::new()), whole)));
        } else if words.is_empty() {
            let programs = PROGRAMS.iter().filter(|program| program.name.len() > 1);
            let programs = programs.map(|program| (program.name.to_owned(), program.summary.to_owned()));
            let aliases = self.aliases.iter().map(|(name, text)| (name.clone(), format!("short for {text}")));
            let functions = self.functions.keys().map(|name| (name.clone(), "a function".to_owned()));
            offer(programs.chain(aliases).chain(functions).collect());
        } else {
            let is_kubectl = words[0] == "kubectl" || self.aliases.get(words[0]).is_some_and(|text| text == "kubectl");
            if is_kubectl {
                offer(self.kubectl_words(&words[1..], word).await);
            }
            if !is_kubectl || words.last().is_some_and(|last| matches!(*last, "-f" | "--filename" | "-k")) {
                found.extend(self.paths(word).into_iter().map(|(path, whole)| (start, (path, String::new()), whole)));
            }
        }
        let mut candidates: Vec<Candidate> = found
            .into_iter()
            .filter(|(at, (text, _), _)| text.starts_with(&before[*at..]))
            .map(|(start, (text, help), whole)| Candidate { start, text, whole, help })
            .collect();
        candidates.sort_by(|a, b| a.text.cmp(&b.text));
        candidates.dedup();
        candidates.truncate(LIMIT);
        candidates
    }

    /// Paths that begin like this one, and whether they are files.
    fn paths(&self, word: &str) -> Vec<(String, bool)> {
        let (directory, name) = match word.rfind('/') {
            Some(at) => (&word[..=at], &word[at + 1..]),
            None => ("", word),
        };
        let real = match directory.strip_prefix("~/") {
            Some(rest) => format!("{}/{rest}", super::HOME),
            None if directory.is_empty() => ".".to_owned(),
            None => directory.to_owned(),
        };
        let names = self.files.list(&real).unwrap_or_default();
        let fits = |found: &String| found.starts_with(name) && (!found.starts_with('.') || name.starts_with('.'));
        let path = |found: String| match self.files.metadata(&format!("{real}/{found}")) {
            Ok(metadata) if metadata.directory => (format!("{directory}{found}/"), false),
            _ => (format!("{directory}{found}"), true),
        };
        names.into_iter().filter(fits).map(path).collect()
    }

    async fn kubectl_words(&self, words: &[&str], word: &str) -> Vec<Word> {
        let release = self.kubectl.release;
        let mut namespace = self.kubectl.namespace.clone();
        let mut plain: Vec<&str> = Vec::new();
        let mut rest = words.iter();
        while let Some(next) = rest.next() {
            if !next.starts_with('-') {
                plain.push(next);
                continue;
            }
            let (name, value) = match next.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (*next, None),
            };
            let flags = kubectl::outline(&plain, release).flags;
            let flag =
                flags.into_iter().find(|flag| flag.text == name || flag.short.is_some_and(|c| name == format!("-{c}")));
            let Some(flag) = flag else {
                // `-nshop`: a letter and its value in one word.
                if let Some(name) = next.strip_prefix("-n") {
                    namespace = name.to_owned();
                }
                continue;
            };
            let value = match value {
                None if flag.takes_value => match rest.next() {
                    Some(value) => Some(*value),
                    None => return self.values(&flag.text).await,
                },
                value => value,
            };
            if flag.text == "--namespace"
                && let Some(value) = value
            {
                namespace = value.to_owned();
            }
        }
        let outline = kubectl::outline(&plain, release);
        if let Some((name, _)) = word.split_once('=').filter(|(name, _)| name.starts_with("--")) {
            let values = self.values(name).await;
            return values.into_iter().map(|(value, help)| (format!("{name}={value}"), help)).collect();
        }
        if word.starts_with('-') {
            let sign = |flag: &kubectl::Hint| if flag.takes_value { "=" } else { "" };
            return outline
                .flags
                .iter()
                .map(|flag| (format!("{}{}", flag.text, sign(flag)), flag.help.to_owned()))
                .collect();
        }
        if outline.depth == plain.len() && !outline.commands.is_empty() {
            return outline.commands.into_iter().map(|hint| (hint.text, hint.help.to_owned())).collect();
        }
        let (verb, args) = plain.split_at(outline.depth);
        match (verb.first().copied().unwrap_or_default(), args) {
            ("logs" | "exec" | "attach" | "port-forward" | "debug" | "cp", []) => {
                self.names("pods", &namespace, None).await
            }
            ("create", []) if verb.get(1) == Some(&"token") => self.names("serviceaccounts", &namespace, None).await,
            (
                "api-resources" | "api-versions" | "version" | "cluster-info" | "config" | "create" | "run" | "auth",
                _,
            ) => Vec::new(),
            ("cordon" | "uncordon" | "drain" | "taint", []) => self.names("nodes", "", None).await,
            (_, []) => match word.split_once('/') {
                Some((kind, _)) => self.names(kind, &namespace, Some(kind)).await,
                None => self.types().await.into_iter().map(|found| (found.name, found.kind)).collect(),
            },
            ("explain", _) => Vec::new(),
            (_, [kind, ..]) if !kind.contains('/') => self.names(kind, &namespace, None).await,
            _ => Vec::new(),
        }
    }

    /// What may be the value of a flag.
    async fn values(&self, flag: &str) -> Vec<Word> {
        let own = |texts: &[&str]| texts.iter().map(|text| ((*text).to_owned(), String::new())).collect();
        match flag {
            "--namespace" => self.names("namespaces", "", None).await,
            "--output" => own(&["json", "jsonpath=", "name", "wide", "yaml"]),
            "--dry-run" => own(&["client", "none", "server"]),
            "--cascade" => own(&["background", "foreground", "orphan"]),
            "--type" => own(&["json", "merge", "strategic"]),
            _ => Vec::new(),
        }
    }

    /// The names of a type's objects, with `TYPE/` in front when asked.
    async fn names(&self, kind: &str, namespace: &str, prefix: Option<&str>) -> Vec<Word> {
        let types = self.types().await;
        let kind = kind.to_lowercase();
        let Some(found) = types.iter().find(|found| found.name == kind || found.other.contains(&kind)) else {
            return Vec::new();
        };
        let path = match found.namespaced {
            true => format!("{}/namespaces/{namespace}/{}?limit={LIMIT}", found.base, found.name),
            false => format!("{}/{}?limit={LIMIT}", found.base, found.name),
        };
        let list = self.ask(&path).await.unwrap_or_default();
        let items = list.get("items").and_then(Value::as_array).into_iter().flatten();
        let names = items.filter_map(|item| item.pointer("/metadata/name").and_then(Value::as_str));
        let help = &found.kind;
        let full = |name: &str| prefix.map_or_else(|| name.to_owned(), |prefix| format!("{prefix}/{name}"));
        names.map(|name| (full(name), help.clone())).collect()
    }

    /// The cluster's resource types, core first.
    async fn types(&self) -> Vec<Type> {
        let mut bases = vec!["/api/v1".to_owned()];
        let groups = self.ask("/apis").await.unwrap_or_default();
        let groups = groups.get("groups").and_then(Value::as_array).into_iter().flatten();
        let versions =
            groups.filter_map(|group| group.pointer("/preferredVersion/groupVersion").and_then(Value::as_str));
        bases.extend(versions.map(|version| format!("/apis/{version}")));
        let answers = futures::future::join_all(bases.iter().map(|base| self.ask(base))).await;
        let mut types = Vec::new();
        for (base, answer) in bases.iter().zip(answers) {
            let answer = answer.unwrap_or_default();
            for resource in answer.get("resources").and_then(Value::as_array).into_iter().flatten() {
                let text = |field: &str| resource.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
                let name = text("name");
                if name.contains('/') || name.is_empty() {
                    continue;
                }
                let short = resource.get("shortNames").and_then(Value::as_array).into_iter().flatten();
                let mut other: Vec<String> = short.filter_map(|name| name.as_str().map(str::to_owned)).collect();
                other.extend([text("singularName"), text("kind").to_lowercase()]);
                let namespaced = resource.get("namespaced").and_then(Value::as_bool).unwrap_or(false);
                types.push(Type { kind: text("kind"), name, other, base: base.clone(), namespaced });
            }
        }
        types
    }

    async fn ask(&self, path: &str) -> Option<Value> {
        let request = Request::get(path).body(Vec::new()).ok()?;
        self.kubectl.client.request::<Value>(request).await.ok()
    }
}
