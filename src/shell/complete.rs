//! What could stand where the cursor is: programs, variables, files, kubectl's commands, and the cluster's own
//! resource types and names.

use http::Request;
use serde_json::Value;

use super::{PROGRAMS, Shell};

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
}

/// kubectl's commands as its completion offers them.
const VERBS: &[&str] = &[
    "annotate",
    "api-resources",
    "api-versions",
    "apply",
    "attach",
    "auth",
    "autoscale",
    "certificate",
    "cluster-info",
    "config",
    "cordon",
    "cp",
    "create",
    "debug",
    "delete",
    "describe",
    "diff",
    "drain",
    "edit",
    "events",
    "exec",
    "explain",
    "expose",
    "get",
    "kustomize",
    "label",
    "logs",
    "options",
    "patch",
    "port-forward",
    "proxy",
    "replace",
    "rollout",
    "run",
    "scale",
    "set",
    "taint",
    "top",
    "uncordon",
    "version",
    "wait",
    "whoami",
];

/// What may follow a command that has commands of its own.
const NESTED: &[(&str, &[&str])] = &[
    ("auth", &["can-i", "reconcile", "whoami"]),
    ("config", &["current-context", "get-contexts", "set-context", "use-context", "view"]),
    (
        "create",
        &[
            "clusterrole",
            "clusterrolebinding",
            "configmap",
            "cronjob",
            "deployment",
            "ingress",
            "job",
            "namespace",
            "poddisruptionbudget",
            "priorityclass",
            "quota",
            "role",
            "rolebinding",
            "secret",
            "service",
            "serviceaccount",
            "token",
        ],
    ),
    ("rollout", &["history", "pause", "restart", "resume", "status", "undo"]),
    ("set", &["env", "image", "resources", "selector", "serviceaccount", "subject"]),
];

/// A resource type of the cluster.
struct Type {
    name: String,
    other: Vec<String>,
    /// `/api/v1`, `/apis/apps/v1`
    base: String,
    namespaced: bool,
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
        let mut found: Vec<(usize, String, bool)> = Vec::new();
        let mut offer = |texts: Vec<String>| found.extend(texts.into_iter().map(|text| (start, text, true)));
        if let Some(at) = word.rfind('$') {
            let names = self.variables.keys().filter(|name| name.starts_with(&word[at + 1..]));
            found.extend(names.map(|name| (start + at, format!("${name}"), true)));
        } else if redirected {
            found.extend(self.paths(word).into_iter().map(|(path, whole)| (start, path, whole)));
        } else if words.is_empty() {
            let programs = PROGRAMS.iter().map(|program| program.name).filter(|name| name.len() > 1);
            let aliases = self.aliases.keys().map(String::as_str);
            offer(programs.chain(aliases).map(str::to_owned).collect());
        } else {
            let is_kubectl = words[0] == "kubectl" || self.aliases.get(words[0]).is_some_and(|text| text == "kubectl");
            if is_kubectl {
                offer(self.kubectl_words(&words[1..], word).await);
            }
            if !is_kubectl || words.last().is_some_and(|last| matches!(*last, "-f" | "--filename" | "-k")) {
                found.extend(self.paths(word).into_iter().map(|(path, whole)| (start, path, whole)));
            }
        }
        let mut candidates: Vec<Candidate> = found
            .into_iter()
            .filter(|(at, text, _)| text.starts_with(&before[*at..]))
            .map(|(start, text, whole)| Candidate { start, text, whole })
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

    async fn kubectl_words(&self, words: &[&str], word: &str) -> Vec<String> {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let mut namespace = self.kubectl.namespace.clone();
        let mut plain: Vec<&str> = Vec::new();
        let mut rest = words.iter();
        while let Some(next) = rest.next() {
            match *next {
                "-n" | "--namespace" => match rest.next() {
                    Some(name) => namespace = (*name).to_owned(),
                    None => return self.names("namespaces", "", None).await,
                },
                // These options have a value, which is no word of the command.
                "-o" | "-f" | "-l" | "-c" | "--output" | "--filename" | "--selector" | "--as" | "--container" => {
                    if rest.next().is_none() {
                        return match *next {
                            "-o" | "--output" => own(&["json", "jsonpath=", "name", "wide", "yaml"]),
                            _ => Vec::new(),
                        };
                    }
                }
                option if option.starts_with('-') => {
                    if let Some(name) = option.strip_prefix("--namespace=").or(option.strip_prefix("-n")) {
                        namespace = name.to_owned();
                    }
                }
                word => plain.push(word),
            }
        }
        if word.starts_with('-') {
            return own(&["--all-namespaces", "--as=", "--help", "--namespace=", "--output="]);
        }
        match plain.as_slice() {
            [] => own(VERBS),
            ["logs" | "exec" | "attach" | "port-forward" | "debug"] => self.names("pods", &namespace, None).await,
            ["create", "token"] => self.names("serviceaccounts", &namespace, None).await,
            [
                "get" | "describe" | "delete" | "edit" | "label" | "annotate" | "patch" | "explain" | "scale" | "wait",
            ] => match word.split_once('/') {
                Some((kind, _)) => self.names(kind, &namespace, Some(kind)).await,
                None => self.types().await.into_iter().map(|found| found.name).collect(),
            },
            ["get" | "describe" | "delete" | "edit" | "label" | "annotate" | "patch", kind, ..] => {
                self.names(kind, &namespace, None).await
            }
            [verb] => NESTED.iter().find(|(name, _)| name == verb).map(|(_, nested)| own(nested)).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// The names of a type's objects, with `TYPE/` in front when asked.
    async fn names(&self, kind: &str, namespace: &str, prefix: Option<&str>) -> Vec<String> {
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
        names.map(|name| prefix.map_or_else(|| name.to_owned(), |prefix| format!("{prefix}/{name}"))).collect()
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
                types.push(Type { name, other, base: base.clone(), namespaced });
            }
        }
        types
    }

    async fn ask(&self, path: &str) -> Option<Value> {
        let request = Request::get(path).body(Vec::new()).ok()?;
        self.kubectl.client.request::<Value>(request).await.ok()
    }
}
