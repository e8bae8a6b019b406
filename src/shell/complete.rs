//! What could stand where the cursor is: programs, variables, files, kubectl's commands, and the cluster's own
//! resource types and names.

use http::Request;
use http::header::ACCEPT;
use http::request::Builder;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Shell, programs};
use crate::base::{Order as _, fuzzy};
use crate::kubectl::completion::{Asked, Wanted, asked};
use crate::kubectl::{self, resources, rest};

/// How many candidates are given at most, and how many names are asked for.
const LIMIT: usize = 10_000;

/// A word that could be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where the word begins in the line: it replaces all from there to the cursor.
    pub start: usize,
    /// The whole word.
    pub text: String,
    /// What it is, in a few words; may be empty.
    pub help: String,
    /// Whether a space should follow; not so after a directory.
    pub whole: bool,
}

/// A candidate before it is looked at: where it begins, the word, its help, whether a space should follow.
type Found = (usize, String, String, bool);

impl Shell {
    /// The words that could stand where the cursor is (a byte offset), sorted. Those that begin as what is typed; when
    /// none does, those that have its letters in order, best first. Asks the cluster for resource types and names; when
    /// it does not answer, there are just fewer candidates. Drop the future when the learner types on.
    pub async fn complete(&self, line: &str, cursor: usize) -> Vec<Candidate> {
        let before = line.get(..cursor).unwrap_or(line);
        let start = before
            .rfind(|c: char| c.is_whitespace() || "|;&(<>`\"'".contains(c))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let word = &before[start..];
        let command = before[..start].rfind(['|', ';', '&', '(', '`', '\n']).map_or(0, |at| at + 1);
        let redirected = before[command..start].trim_end().ends_with(['<', '>']);
        let mut words: Vec<&str> = before[command..start].split_whitespace().collect();
        // Variables in front of a command do not count.
        while words.first().is_some_and(|word| word.contains('=')) {
            words.remove(0);
        }
        let mut found: Vec<Found> = Vec::new();
        if let Some(at) = word.rfind('$') {
            let variables =
                self.unix.variables.keys().map(|name| (start + at, format!("${name}"), String::new(), true));
            found.extend(variables);
        } else if redirected {
            found.extend(self.paths(start, word));
        } else if words.is_empty() {
            let programs = programs().iter().filter(|program| program.name.len() > 1);
            found.extend(programs.map(|program| (start, program.name.to_owned(), program.summary.to_owned(), true)));
            found.extend(
                self.unix.aliases.iter().map(|(name, text)| (start, name.clone(), format!("short for {text}"), true)),
            );
            found.extend(self.unix.functions().map(|name| (start, name.to_owned(), "a function".to_owned(), true)));
        } else if words[0] == "kubectl" || self.unix.aliases.get(words[0]).is_some_and(|text| text == "kubectl") {
            let Asked { wanted, skip, namespace } = asked(&words[1..], word, self.kubectl.release);
            let namespace = namespace.unwrap_or_else(|| self.kubectl.namespace.clone());
            let (at, rest) = (start + skip, word.get(skip..).unwrap_or_default());
            if wanted == Wanted::Files {
                found.extend(self.paths(at, rest));
            } else {
                let offered = self.kubectl_words(wanted, &namespace).await;
                found.extend(offered.into_iter().map(|(text, help)| {
                    let whole = !text.ends_with('/');
                    (at, text, help, whole)
                }));
            }
        } else {
            found.extend(self.paths(start, word));
        }
        fitting(found, before)
    }

    /// Paths in the directory that is typed, and whether they are files.
    fn paths(&self, start: usize, word: &str) -> Vec<Found> {
        let (directory, name) = match word.rfind('/') {
            Some(at) => (&word[..=at], &word[at + 1..]),
            None => ("", word),
        };
        let real = match directory.strip_prefix("~/") {
            Some(rest) => format!("{}/{rest}", super::HOME),
            None if directory.is_empty() => ".".to_owned(),
            None => directory.to_owned(),
        };
        let names = self.unix.files.list(&real).unwrap_or_default();
        let fits = |found: &String| !found.starts_with('.') || name.starts_with('.');
        let path = |found: String| match self.unix.files.metadata(&format!("{real}/{found}")) {
            Ok(metadata) if metadata.directory => {
                (start, format!("{directory}{found}/"), "directory".to_owned(), false)
            }
            _ => (start, format!("{directory}{found}"), String::new(), true),
        };
        names.into_iter().filter(fits).map(path).collect()
    }

    /// What the cluster, or kubectl's own list, has for the next word; with a word of help each.
    async fn kubectl_words(&self, wanted: Wanted, namespace: &str) -> Vec<(String, String)> {
        match wanted {
            Wanted::Words(words) => words.into_iter().map(|word| (word.text, word.help)).collect(),
            Wanted::Types => {
                let types = resources(&self.kubectl, &self.memory).await.into_iter();
                types.map(|found| (found.plural, found.kind)).collect()
            }
            Wanted::Names { kind, prefixed, but } => {
                let names = self.names(&kind, namespace, prefixed.then_some(kind.as_str())).await;
                names.into_iter().filter(|name| !but.contains(name)).map(|name| (name, kind.clone())).collect()
            }
            Wanted::Containers(pod) => self.containers(&pod, namespace).await,
            Wanted::Files | Wanted::Nothing => Vec::new(),
        }
    }

    /// The containers of a pod, with their images.
    async fn containers(&self, pod: &str, namespace: &str) -> Vec<(String, String)> {
        let answer = self.ask(&format!("/api/v1/namespaces/{namespace}/pods/{pod}")).await;
        let answer: Value = answer.unwrap_or_default();
        let of = |field: &str| {
            let list = answer.pointer(field).and_then(Value::as_array).into_iter().flatten();
            let text = |container: &Value, field: &str| {
                container.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            list.map(|container| (text(container, "name"), text(container, "image"))).collect::<Vec<_>>()
        };
        [of("/spec/containers"), of("/spec/initContainers")].concat()
    }

    /// The names of a type's objects, with `TYPE/` in front when asked.
    async fn names(&self, kind: &str, namespace: &str, prefix: Option<&str>) -> Vec<String> {
        let types = resources(&self.kubectl, &self.memory).await;
        let kind = kind.to_lowercase();
        let is = |found: &&kubectl::Found| found.is_called(&kind) || found.kind.to_lowercase() == kind;
        let Some(found) = types.iter().find(is) else { return Vec::new() };
        // Of a table without its objects a name is all that is read; a long list comes in a third of the time.
        let path = format!("{}?limit={LIMIT}&includeObject=None", found.collection(namespace));
        let request = Request::get(path).header(ACCEPT, rest::TABLE);
        let names = self.answer::<Names>(request).await.unwrap_or_default().0.into_iter();
        match prefix {
            None => names.collect(),
            Some(prefix) => names.map(|name| format!("{prefix}/{name}")).collect(),
        }
    }

    async fn ask<T: DeserializeOwned>(&self, path: &str) -> Option<T> {
        self.answer(Request::get(path)).await
    }

    async fn answer<T: DeserializeOwned>(&self, request: Builder) -> Option<T> {
        self.kubectl.client.request(request.body(Vec::new()).ok()?).await.ok()
    }
}

/// The names in a table, or in a list where a server makes no tables.
#[derive(Default, Deserialize)]
#[serde(from = "Listed")]
struct Names(Vec<String>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    #[serde(default)]
    column_definitions: Vec<Column>,
    #[serde(default)]
    rows: Vec<Row>,
    #[serde(default)]
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Column {
    format: String,
}

#[derive(Deserialize)]
struct Row {
    cells: Vec<Value>,
}

#[derive(Deserialize)]
struct Item {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
}

impl From<Listed> for Names {
    fn from(listed: Listed) -> Self {
        let of_items = listed.items.into_iter().map(|item| item.metadata.name);
        let column = listed.column_definitions.iter().position(|column| column.format == "name");
        let of_rows = listed.rows.into_iter().filter_map(|mut row| match row.cells.get_mut(column?)?.take() {
            Value::String(name) => Some(name),
            _ => None,
        });
        Self(of_items.chain(of_rows).collect())
    }
}

/// Those that begin as what is typed, sorted; else those that have its letters in order, best first.
fn fitting(found: Vec<Found>, before: &str) -> Vec<Candidate> {
    let typed = |at: usize| before.get(at..).unwrap_or_default();
    let candidate = |(start, text, help, whole): Found| Candidate { start, text, help, whole };
    let (mut begin, rest): (Vec<Found>, Vec<Found>) =
        found.into_iter().partition(|(at, text, ..)| text.starts_with(typed(*at)));
    if begin.is_empty() {
        let needle = rest.first().map_or("", |(at, ..)| typed(*at));
        let ranked = fuzzy::rank(needle, rest.iter().map(|(_, text, ..)| text.as_str()));
        return ranked.into_iter().filter_map(|at| rest.get(at).cloned()).map(candidate).take(LIMIT).collect();
    }
    begin.order_by(|a, b| a.1.cmp(&b.1));
    begin.dedup_by(|a, b| a.1 == b.1);
    begin.truncate(LIMIT);
    begin.into_iter().map(candidate).collect()
}
