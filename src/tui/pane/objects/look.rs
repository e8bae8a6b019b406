//! What can be looked at of an object: commands to put on the prompt, and what is read without one.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::index::{BOOKKEEPING, Before, Id, Object, is_gone};
use super::tree::What;
use super::{selected, selected_token};
use crate::apimachinery::yaml::to_yaml;
use crate::base::sanitize_line;
use crate::tui::effect::Effect;
use crate::tui::key::Key;
use crate::tui::overlay::choices::{Choice, Choices, Does};
use crate::tui::overlay::reader::Reader;
use crate::tui::pane::terminal::{Said, Voice};
use crate::tui::world::World;

/// Where `kubectl apply` keeps the manifest.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// The same, as a pointer.
const COPY: &str = "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration";
/// How many lines that are as before stand around those that are not.
const AROUND: usize = 2;

/// Opens what can be looked at of the selected object.
pub fn open(world: &mut World, _: Key) -> Vec<Effect> {
    if let Some(choices) = choices(world) {
        world.open(choices);
    }
    Vec::new()
}

/// Whether there is something to be looked at.
pub fn can_open(world: &World, _: Key) -> bool {
    selected(world).is_some_and(|(what, namespace)| match &what {
        What::Account(id) => world.panes.objects.index.find(&namespace, id).is_some(),
        What::Ghost(_) => false,
        _ => true,
    })
}

fn choices(world: &World) -> Option<Choices> {
    let (what, namespace) = selected(world)?;
    let (kind, name) = match what.id() {
        None => ("Namespace".to_owned(), namespace.clone()),
        Some(id) => (id.kind.clone(), id.name.clone()),
    };
    let word = if kind == "ServiceAccount" { "sa".to_owned() } else { kind.to_lowercase() };
    let title = format!("{word} {name}");
    let object = what.id().and_then(|id| world.panes.objects.index.find(&namespace, id));
    let read = |say: &str, of: &str, lines: Vec<Said>| Choice {
        say: say.to_owned(),
        does: Does::Read(Box::new(Reader::new(&format!("{title} · {of}"), lines))),
    };
    if let Some(gone) = object.filter(|object| is_gone(object)) {
        let items = vec![read("as it was", "as it was before it was deleted", manifest(gone))];
        return Some(Choices { title, items, at: 0 });
    }
    let mut items = Vec::new();
    if let Some((namespace, from)) = selected_token(world) {
        let wish = Does::Wish(Box::new(Effect::ReadToken { namespace, from }));
        items.push(Choice { say: "read its token".to_owned(), does: wish });
    }
    if let Some(lines) = object.and_then(changes) {
        let of = match world.panes.objects.turned {
            Some(true) => "what changed as the last command was taken back",
            Some(false) => "what changed as the last command was done again",
            None => "what changed since the last command began",
        };
        items.push(read("what changed", of, lines));
    }
    items.extend(commands(world, &Id { kind, name }, &word, &namespace));
    if let Some(object) = object {
        items.push(read("read its YAML", "YAML", manifest(object)));
    }
    Some(Choices { title, items, at: 0 })
}

/// The commands, each with what it tells.
fn commands(world: &World, id: &Id, word: &str, namespace: &str) -> Vec<Choice> {
    let own = world.cluster.as_ref().map(|cluster| cluster.namespace.as_str());
    let elsewhere = !namespace.is_empty() && own != Some(namespace) && word != "namespace";
    let flag = if elsewhere { format!(" -n {namespace}") } else { String::new() };
    let line = |say: &str, line: String| Choice { say: say.to_owned(), does: Does::Line(line) };
    let name = &id.name;
    let mut items = vec![
        line("describe it", format!("kubectl describe {word} {name}{flag}")),
        line("as YAML", format!("kubectl get {word} {name} -o yaml{flag}")),
    ];
    match id.kind.as_str() {
        "ServiceAccount" => {
            let user = format!("system:serviceaccount:{namespace}:{name}");
            items.push(line("what it may do", format!("kubectl auth can-i --list --as={user}{flag}")));
            let selector = format!("--field-selector=spec.serviceAccountName={name}");
            items.push(line("who uses it", format!("kubectl get pods {selector}{flag}")));
            items.push(line("a token of it", format!("kubectl create token {name}{flag}")));
        }
        "Pod" => {
            items.push(line("its log", format!("kubectl logs {name} --tail=20{flag}")));
            items.push(line("its events", format!("kubectl events --for=pod/{name}{flag}")));
        }
        "Role" | "RoleBinding" => {
            items.push(line("all bindings", format!("kubectl get rolebindings -o wide{flag}")));
        }
        "Deployment" | "ReplicaSet" => {
            items.push(line("its events", format!("kubectl events --for={word}/{name}{flag}")));
        }
        _ => {}
    }
    items
}

/// An object's YAML, without what the server writes for itself.
fn yaml(value: &Value) -> String {
    let mut value = value.clone();
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|field, _| !BOOKKEEPING.contains(&field.as_str()));
    }
    to_yaml(&value)
}

fn said(voice: Voice, text: &str) -> Said {
    Said { voice, text: sanitize_line(text).into_owned() }
}

/// What is to be said before it.
fn notes(value: &Value, left_out: &str) -> Vec<Said> {
    let mut notes = vec![said(Voice::Note, &format!("Left out: {left_out}."))];
    if value.get("kind").and_then(Value::as_str) == Some("Secret") {
        notes.push(said(Voice::Note, "What the secret holds stays in the cluster. Here is how long each part is."));
    }
    notes.push(said(Voice::Note, ""));
    notes
}

/// All of an object.
fn manifest(object: &Object) -> Vec<Said> {
    let mut lines = notes(&object.value, &BOOKKEEPING.join(", "));
    lines.extend(yaml(&object.value).lines().map(|line| said(Voice::Yaml, line)));
    lines
}

/// What is different since the last command began, field by field; `None` when nothing is.
fn changes(object: &Object) -> Option<Vec<Said>> {
    let Before::Was(was) = &object.before else { return None };
    let (before, after) = (yaml(&without_copy(was)), yaml(&without_copy(&object.value)));
    let diff = TextDiff::from_lines(&before, &after);
    let old: Vec<&str> = before.lines().collect();
    let mut lines = Vec::new();
    for group in diff.grouped_ops(AROUND) {
        let first = group.iter().find(|op| op.tag() != similar::DiffTag::Equal);
        let above = first.map_or(0, |op| op.old_range().start);
        let line = first.and_then(|op| match op.old_range().is_empty() {
            true => after.lines().nth(op.new_range().start),
            false => old.get(above).copied(),
        });
        if !lines.is_empty() {
            lines.push(said(Voice::Note, ""));
        }
        lines.push(said(Voice::Note, &place(old.get(..above).unwrap_or_default(), line.unwrap_or_default())));
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (sign, voice) = match change.tag() {
                ChangeTag::Delete => ("- ", Voice::Removed),
                ChangeTag::Insert => ("+ ", Voice::Added),
                ChangeTag::Equal => ("  ", Voice::Yaml),
            };
            lines.push(said(voice, &format!("{sign}{}", change.value().trim_end_matches('\n'))));
        }
    }
    if lines.is_empty() {
        return None;
    }
    let mut left_out = BOOKKEEPING.join(", ");
    if [&**was, &object.value].iter().any(|value| value.pointer(COPY).is_some()) {
        left_out.push_str(", and the copy that kubectl apply keeps");
    }
    let mut all = notes(&object.value, &left_out);
    all.extend(lines);
    Some(all)
}

/// Without the manifest as `kubectl apply` keeps it, which is one long line of JSON and says what stands beside it.
fn without_copy(value: &Value) -> Value {
    let mut value = value.clone();
    let copied = COPY.rsplit_once('/').map(|(above, _)| above);
    if let Some(annotations) = copied.and_then(|above| value.pointer_mut(above)).and_then(Value::as_object_mut) {
        annotations.remove(LAST_APPLIED);
        if annotations.is_empty()
            && let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut)
        {
            metadata.remove("annotations");
        }
    }
    value
}

/// Where a line of YAML is, by the keys that lie above it: `in spec.template.spec:`.
fn place(above: &[&str], line: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_item = |line: &str| line.trim_start().starts_with("- ");
    let (mut column, mut in_list) = (indent(line), is_item(line));
    let mut keys = Vec::new();
    for line in above.iter().rev() {
        let at = indent(line);
        let is_parent = if in_list { at <= column && !is_item(line) } else { at < column };
        if !is_parent {
            continue;
        }
        (column, in_list) = (at, is_item(line));
        if !in_list {
            keys.push(line.trim().split(':').next().unwrap_or_default());
        }
    }
    keys.reverse();
    if keys.is_empty() { "at the top:".to_owned() } else { format!("in {}:", keys.join(".")) }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn lines_are_placed_by_the_keys_above() {
        let yaml = "kind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - image: i\n    name: c\n    ports:\n    - containerPort: 1\n  serviceAccountName: a\n";
        let lines: Vec<&str> = yaml.lines().collect();
        for (line, want) in [
            (0, "at the top:"),
            (2, "in metadata:"),
            (5, "in spec.containers:"),
            (6, "in spec.containers:"),
            (8, "in spec.containers.ports:"),
            (9, "in spec:"),
        ] {
            assert_eq!(place(&lines[..line], lines[line]), want, "{}", lines[line]);
        }
    }
}
