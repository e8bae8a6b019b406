//! The objects of some releases side by side: which there are, and which of their fields differ.

use serde_json::Value;

use super::alike::{self, Line};
use super::compare::Row;
use super::keps::Seen;
use super::told::Replayed;
use crate::apimachinery::{Release, meta};
use crate::base::Order as _;

/// The most fields of one object that are shown.
const MOST: usize = 12;
/// The longest value that is shown whole.
const LONGEST: usize = 60;
/// What belongs to the one object and says nothing of its release.
const OWN: &[&str] = &[
    ".metadata.uid",
    ".metadata.resourceVersion",
    ".metadata.creationTimestamp",
    ".metadata.managedFields",
    ".metadata.selfLink",
    ".metadata.generation",
    ".apiVersion",
];
/// Where `kubectl apply` keeps the manifest.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The objects in rows: each object, and below it the fields that differ.
pub fn compare(answers: &[&Replayed], releases: &[Release]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (title, objects) in matched(answers) {
        let cells: Vec<Option<Line>> = objects
            .iter()
            .map(|object| object.map(|object| Line { text: named(object), key: title.clone() }))
            .collect();
        let row = Row::new(None, cells, releases, &Seen::Field(&format!("{title} ")));
        rows.push(row);
        let there: Vec<&Value> = objects.iter().copied().flatten().collect();
        let mut found = Vec::new();
        differences("", &there.into_iter().map(Some).collect::<Vec<_>>(), &mut found);
        if title.starts_with("secret ") {
            // The sizes of certificates and tokens differ by chance.
            found.retain(|(path, values)| !path.starts_with(".data.") || values.contains(&None));
        }
        let more = found.len().saturating_sub(MOST);
        for (path, values) in found.into_iter().take(MOST) {
            let mut values = values.into_iter();
            let mut line = |object: &Option<&Value>| {
                // A release that has no such object has no field of it either.
                object.and_then(|_| values.next()).map(|value| match value {
                    Some(text) => Line { key: alike::key(&text), text },
                    None => Line { text: "not set".to_owned(), key: String::new() },
                })
            };
            let cells = objects.iter().map(&mut line).collect();
            let seen = format!("{title} {path}");
            rows.push(Row::new(Some(path), cells, releases, &Seen::Field(&seen)));
        }
        if more > 0 {
            let text = format!("{more} more fields of it differ");
            let cells = releases.iter().map(|_| None).collect();
            rows.push(Row { about: Some(text), cells, ..Row::default() });
        }
    }
    rows
}

/// `sa default`
fn named(object: &Value) -> String {
    format!("{} {}", kind(object), meta::name(object))
}

fn kind(object: &Value) -> String {
    match meta::kind(object) {
        "ServiceAccount" => "sa".to_owned(),
        kind => kind.to_lowercase(),
    }
}

/// The objects that are one another's: of one kind, and of one name but for what is drawn at random.
fn matched<'a>(answers: &[&'a Replayed]) -> Vec<(String, Vec<Option<&'a Value>>)> {
    let mut found: Vec<(String, Vec<Option<&'a Value>>)> = Vec::new();
    for (at, answer) in answers.iter().enumerate() {
        for object in &answer.objects {
            let title = format!("{} {}", kind(object), alike::key(meta::name(object)));
            let free =
                found.iter_mut().find(|(known, row)| *known == title && row.get(at).is_some_and(Option::is_none));
            let row = match free {
                Some((_, row)) => row,
                None => {
                    found.push((title, vec![None; answers.len()]));
                    let Some((_, row)) = found.last_mut() else { continue };
                    row
                }
            };
            if let Some(cell) = row.get_mut(at) {
                *cell = Some(object);
            }
        }
    }
    found.order_by_key(|(title, _)| (rank(title), title.clone()));
    found
}

/// The place of an object by its kind: what a lesson is about comes first.
fn rank(title: &str) -> usize {
    let kind = title.split(' ').next().unwrap_or_default();
    ORDER.iter().position(|known| *known == kind).unwrap_or(ORDER.len())
}

/// The kinds in the order they are shown.
const ORDER: &[&str] = &["sa", "secret", "deployment", "replicaset", "pod", "role", "rolebinding", "configmap"];

/// The fields that differ, each with what every release has there.
fn differences(path: &str, values: &[Option<&Value>], found: &mut Vec<(String, Vec<Option<String>>)>) {
    let ignored = OWN.contains(&path) || path.ends_with(".uid") || path.ends_with(LAST_APPLIED);
    let status = path.starts_with(".status") && path != ".status" && path != ".status.phase";
    if ignored || status {
        return;
    }
    let there: Vec<&Value> = values.iter().copied().flatten().collect();
    let all = there.len() == values.len();
    if all && there.iter().all(|value| value.is_object()) {
        // Of a volume it counts what it is.
        if is_volume(path) {
            let kinds: Vec<Option<String>> = values.iter().map(|value| value.and_then(volume)).collect();
            if kinds.windows(2).any(|pair| pair.first() != pair.last()) {
                found.push((path.to_owned(), kinds));
                return;
            }
        }
        let mut keys: Vec<&String> = Vec::new();
        for key in there.iter().filter_map(|value| value.as_object()).flat_map(|map| map.keys()) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        for key in keys {
            let inner: Vec<Option<&Value>> =
                values.iter().map(|value| value.and_then(|value| value.get(key))).collect();
            differences(&format!("{path}.{key}"), &inner, found);
        }
        return;
    }
    if all && there.iter().all(|value| value.is_array()) {
        let most = there.iter().filter_map(|value| value.as_array()).map(Vec::len).max().unwrap_or(0);
        for at in 0..most {
            let inner: Vec<Option<&Value>> = values.iter().map(|value| value.and_then(|value| value.get(at))).collect();
            differences(&format!("{path}[{at}]"), &inner, found);
        }
        return;
    }
    let texts: Vec<Option<String>> = values.iter().map(|value| value.map(brief)).collect();
    let keys: Vec<Option<String>> = texts.iter().map(|text| text.as_ref().map(|text| alike::key(text))).collect();
    if keys.windows(2).any(|pair| pair.first() != pair.last()) {
        found.push((path.to_owned(), texts));
    }
}

fn is_volume(path: &str) -> bool {
    path.starts_with(".spec.volumes[") && path.ends_with(']') && path.matches('[').count() == 1
}

/// `projected`
fn volume(value: &Value) -> Option<String> {
    value.as_object()?.keys().find(|key| *key != "name").cloned()
}

/// A value in a few words.
fn brief(value: &Value) -> String {
    let text = match value {
        Value::String(text) if text.starts_with("-----BEGIN CERTIFICATE") => "<certificate>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => match items.first().and_then(|item| item.get("name")?.as_str()) {
            Some(name) if items.len() == 1 => name.to_owned(),
            _ if items.len() == 1 => "1 item".to_owned(),
            _ => format!("{} items", items.len()),
        },
        Value::Object(map) => map
            .iter()
            .next()
            .filter(|_| map.len() == 1)
            .map_or_else(|| format!("{} fields", map.len()), |(key, inner)| format!("{key}: {}", brief(inner))),
        other => other.to_string(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::differences;
    use serde_json::json;

    #[test]
    fn fields_that_differ() {
        let secret = json!({"kind": "Pod", "metadata": {"name": "web", "uid": "1"}, "spec": {
            "volumes": [{"name": "default-token-x7k2p", "secret": {"secretName": "default-token-x7k2p"}}],
            "containers": [{"name": "c", "volumeMounts": [{"name": "default-token-x7k2p"}]}]}});
        let projected = json!({"kind": "Pod", "metadata": {"name": "web", "uid": "2", "labels": {"a": "b"}}, "spec": {
            "volumes": [{"name": "kube-api-access-6mtg8", "projected": {"sources": []}}],
            "containers": [{"name": "c", "volumeMounts": [{"name": "kube-api-access-6mtg8"}]}]}});
        let mut found = Vec::new();
        differences("", &[Some(&secret), Some(&projected)], &mut found);
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            found,
            [
                (".metadata.labels".to_owned(), vec![None, text("a: b")]),
                (".spec.volumes[0]".to_owned(), vec![text("secret"), text("projected")]),
                (
                    ".spec.containers[0].volumeMounts[0].name".to_owned(),
                    vec![text("default-token-x7k2p"), text("kube-api-access-6mtg8")]
                ),
            ]
        );
    }
}
