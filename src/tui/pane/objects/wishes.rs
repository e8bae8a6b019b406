//! What the step wants of the cluster and does not have yet. It gives no answer away: only what the step says in words is
//! shown, and nothing while a question stands.

use std::sync::Arc;

use serde_json::Value;

use super::detail::KINDS;
use super::index::{Id, Index};
use crate::base::sanitize_line;
use crate::course::{ObjectTest, Step, Test};
use crate::tui::world::World;

/// What is wanted of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// That it is there.
    There,
    /// That it is gone.
    Gone,
    /// That its fields say this: `serviceAccountName dashboard-sa`.
    Fields(Vec<String>),
}

/// A wish.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// The namespace.
    pub namespace: String,
    /// The object.
    pub id: Arc<Id>,
    /// What is wanted of it.
    pub wanted: Wanted,
    /// The account that it is to run as, where it is a pod and the step says so.
    pub account: Option<String>,
}

/// What the open step wants and does not have.
pub fn wishes(world: &World) -> Vec<Wish> {
    let index = &world.panes.objects.index;
    let open = world.lesson.as_ref().filter(|open| open.asking.is_none() && !open.leaving && !open.is_green());
    let step = open.and_then(|open| open.step());
    match (step, &world.cluster) {
        (Some(step), Some(cluster)) if index.ready => of(step, index, &cluster.namespace),
        _ => Vec::new(),
    }
}

fn of(step: &Step, index: &Index, namespace: &str) -> Vec<Wish> {
    let mut wishes: Vec<Wish> = Vec::new();
    for check in &step.checks {
        // Where one of several will do, or any object with a label, it is not said which one that is.
        let Test::Object(test) = &check.test else { continue };
        let Some(name) = test.name.as_ref().filter(|name| KINDS.contains(&test.kind.as_str()) && says(step, name))
        else {
            continue;
        };
        let Some(wanted) = wanted(test, step, &check.say, index, namespace, name) else { continue };
        let account = test.fields.get("/spec/serviceAccountName").filter(|_| test.kind == "Pod");
        let account = account.filter(|account| names(step, &check.say, account)).map(plain);
        let known = wishes.iter_mut().find(|wish| wish.id.kind == test.kind && wish.id.name == *name);
        match (known.map(|wish| (&mut wish.wanted, &mut wish.account)), wanted) {
            (None, wanted) => {
                let name = sanitize_line(name).into_owned();
                let id = Arc::new(Id { kind: test.kind.clone(), name });
                wishes.push(Wish { namespace: namespace.to_owned(), id, wanted, account });
            }
            (Some((Wanted::Fields(known), _)), Wanted::Fields(more)) => known.extend(more),
            (Some((_, known)), _) => *known = known.take().or(account),
        }
    }
    wishes
}

fn wanted(test: &ObjectTest, step: &Step, say: &str, index: &Index, namespace: &str, name: &str) -> Option<Wanted> {
    match (index.get(namespace, &test.kind, name), test.absent) {
        (None, false) => Some(Wanted::There),
        (Some(_), true) if test.fields.is_empty() && test.has.is_empty() => Some(Wanted::Gone),
        (Some(object), false) => {
            let unmet = test.unmet(&object.value).filter(|(pointer, wanted)| {
                // The status is nobody's wish: it follows.
                !pointer.starts_with("/status/") && !wanted.is_null() && names(step, say, wanted)
            });
            let fields: Vec<String> =
                unmet.map(|(pointer, wanted)| format!("{} {}", field(pointer), plain(wanted))).collect();
            (!fields.is_empty()).then_some(Wanted::Fields(fields))
        }
        _ => None,
    }
}

/// A value as it is written.
fn plain(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    sanitize_line(&text).into_owned()
}

/// `/spec/serviceAccountName` is `serviceAccountName`, `/subjects/0/kind` is `subjects[0].kind`.
fn field(pointer: &str) -> String {
    let parts: Vec<String> =
        pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
    let is_place = |part: &String| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let from = parts.iter().position(is_place).map_or(parts.len().saturating_sub(1), |at| at.saturating_sub(1));
    let mut out = String::new();
    for part in parts.iter().skip(from) {
        match is_place(part) {
            true => out.push_str(&format!("[{part}]")),
            false if out.is_empty() => out.push_str(part),
            false => out.push_str(&format!(".{part}")),
        }
    }
    sanitize_line(&out).into_owned()
}

/// Whether the step names an object: in its text, its task, or beside a check, which are all on the screen.
fn says(step: &Step, name: &str) -> bool {
    let lines = step.checks.iter().map(|check| check.say.as_str());
    [step.text.as_str(), step.task.as_str()].into_iter().chain(lines).any(|text| has_word(text, name))
}

/// Whether the step names a value: as code in its text or task, or in the line of the check that wants it. A plain word such
/// as *list* may stand there by chance, and be the answer.
fn names(step: &Step, say: &str, value: &Value) -> bool {
    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let code = [&step.text, &step.task].into_iter().flat_map(|text| text.split('`').skip(1).step_by(2));
    !value.is_empty() && code.chain([say]).any(|text| has_word(text, &value))
}

/// Whether a name stands in a text as a whole: `web` does not in `web-1` or `web.yaml`.
fn has_word(text: &str, name: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let mut after = text.get(at + name.len()..).unwrap_or_default().chars();
        let ends = match after.next() {
            Some('.') => !after.next().is_some_and(joins),
            next => !next.is_some_and(joins),
        };
        !name.is_empty() && ends && !before.is_some_and(|c| joins(c) || c == '.')
    })
}

#[cfg(test)]
mod tests {
    use super::{field, has_word};

    #[test]
    fn names_stand_whole() {
        for (text, name, want) in [
            ("Create `dashboard-sa`.", "dashboard-sa", true),
            ("as dashboard-sa", "dashboard-sa", true),
            ("delete web, then", "web", true),
            ("It is web.", "web", true),
            ("web.yaml", "web", false),
            ("web-1", "web", false),
            ("my-web", "web", false),
            ("a.web", "web", false),
            ("`pod-lister`", "list", false),
            ("", "web", false),
            ("日本 web", "web", true),
        ] {
            assert_eq!(has_word(text, name), want, "{name} in {text}");
        }
    }

    #[test]
    fn fields_are_called_as_in_yaml() {
        for (pointer, want) in [
            ("/spec/serviceAccountName", "serviceAccountName"),
            ("/spec/template/spec/serviceAccountName", "serviceAccountName"),
            ("/subjects/0/kind", "subjects[0].kind"),
            ("/rules/0/verbs/1", "rules[0].verbs[1]"),
            ("/metadata/annotations/kubernetes.io~1x", "kubernetes.io/x"),
            ("/a", "a"),
            ("", ""),
        ] {
            assert_eq!(field(pointer), want, "{pointer}");
        }
    }
}
