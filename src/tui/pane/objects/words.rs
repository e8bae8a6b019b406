//! What a row says: its name, how it is, and its mark.

use super::build::short_kind;
use super::detail::Detail;
use super::index::{Id, Index, Object, Sign, is_gone};
use super::space::Account;
use super::tree::{Row, Tree, What};
use super::wishes::{Wanted, Wish};
use crate::base::human_duration;
use crate::tui::theme::Meaning;
use crate::tui::world::World;

/// The words of a row.
#[derive(Clone, Debug)]
pub struct Words {
    /// What stands before the name: `pod `.
    pub kind: String,
    /// The name, and what it means.
    pub name: (String, Meaning),
    /// How it is.
    pub note: (String, Meaning),
    /// What happened to it, or its age: in full first, and then ever shorter.
    pub marks: (Vec<String>, Meaning),
}

/// What a row says.
pub fn words(world: &World, tree: &Tree, wishes: &[Wish], row: &Row) -> Words {
    let index = &world.panes.objects.index;
    let namespace = tree.space(row);
    let mut words = Words {
        kind: String::new(),
        name: (String::new(), Meaning::Plain),
        note: (String::new(), Meaning::Dim),
        marks: (Vec::new(), Meaning::Dim),
    };
    match &row.what {
        What::Namespace => {
            let name = if namespace.is_empty() { "the cluster".to_owned() } else { format!("namespace {namespace}") };
            words.name = (name, Meaning::Title);
        }
        What::Account(id) | What::Object(id) => {
            let object = index.find(namespace, id);
            words.kind = called(id);
            words.name.0.clone_from(&id.name);
            words.note = match (&row.what, object) {
                (What::Account(_), object) => account_note(index, namespace, id, object),
                (_, Some(object)) if !is_gone(object) => object_note(object),
                _ => words.note,
            };
            words.marks = object.map_or(words.marks, |object| marks(object, world));
            let goes = |wish: &&Wish| wish.id == *id && wish.namespace == namespace && wish.wanted == Wanted::Gone;
            if object.is_some_and(|object| !is_gone(object)) && wishes.iter().any(|wish| goes(&wish)) {
                words.marks = (vec!["○ to be deleted".to_owned(), "○".to_owned()], Meaning::Dim);
            }
        }
        What::Mention(id) => {
            words.kind = called(id);
            words.name.0.clone_from(&id.name);
            let account = index.find(namespace, id).and_then(|object| object.detail.account().map(str::to_owned));
            words.note.0 = format!("see sa {}", account.as_deref().unwrap_or("default"));
        }
        What::Ghost(id) => {
            words.kind = format!("○ {}", called(id));
            words.name = (id.name.clone(), Meaning::Dim);
            words.note.0 = "not there yet".to_owned();
        }
        What::Gives(id) => {
            let Some(object) = index.find(namespace, id) else { return words };
            if let Detail::Binding { role, account, subjects } = &object.detail {
                let gives = binding_note(index, namespace, role, account.as_deref(), subjects);
                let meaning = match gives.starts_with('✘') {
                    _ if is_gone(object) => Meaning::Dim,
                    true => Meaning::Refused,
                    false => Meaning::Plain,
                };
                words.name = (gives, meaning);
            }
        }
        What::Wanted(_, wanted) => words.name = (format!("○ wanted: {wanted}"), Meaning::Dim),
        What::Volume(_, volumes, at, open) => {
            let Some(volume) = volumes.get(*at) else { return words };
            let (sign, note) = match (volume.sources.is_empty(), open) {
                (true, _) => ("", &volume.kind),
                (false, true) => ("▾ ", &volume.kind),
                (false, false) => ("▸ ", &volume.brief),
            };
            words.kind = format!("{sign}volume ");
            words.name.0.clone_from(&volume.name);
            words.note.0.clone_from(note);
        }
        What::File(_, volumes, at, file) => {
            let Some((file, from)) = volumes.get(*at).and_then(|volume| volume.sources.get(*file)) else {
                return words;
            };
            words.name = (file.clone(), Meaning::Code);
            words.note.0.clone_from(from);
        }
    }
    words
}

/// `pod `
fn called(id: &Id) -> String {
    let short = short_kind(&id.kind);
    // A kind of the learner's own is written as it is in a command.
    if short == id.kind { format!("{} ", short.to_lowercase()) } else { format!("{short} ") }
}

fn account_note(index: &Index, namespace: &str, id: &Id, object: Option<&Object>) -> (String, Meaning) {
    let account: Option<&Account> = index.account(namespace, &id.name);
    let hangs = account.is_some_and(|it| !(it.pods.is_empty() && it.secrets.is_empty() && it.bindings.is_empty()));
    let (note, meaning) = match object.filter(|object| !is_gone(object)).map(|object| &object.detail) {
        // Its mark says it, where nothing is left without it.
        None if object.is_some() && !hangs => ("", Meaning::Dim),
        None => ("✘ is not there", Meaning::Refused),
        Some(Detail::Account { automount: Some(false) }) => ("a pod gets no token unless it asks", Meaning::Dim),
        Some(_) if account.is_none_or(|account| account.pods.is_empty()) => ("no pod uses it", Meaning::Dim),
        Some(_) => ("", Meaning::Dim),
    };
    (note.to_owned(), meaning)
}

fn object_note(object: &Object) -> (String, Meaning) {
    let note = match &object.detail {
        // The truth of the pod, whatever its account wishes.
        Detail::Pod { phase, volumes, .. } => {
            let meaning = match phase.as_str() {
                "Running" | "Completed" | "Succeeded" => Meaning::Good,
                "Pending" | "Terminating" | "ContainerCreating" => Meaning::Change,
                _ => Meaning::Refused,
            };
            let bare = if volumes.iter().any(|volume| volume.token) { "" } else { ", with no token" };
            return (format!("{phase}{bare}"), meaning);
        }
        Detail::Secret { account: Some(_), filled: true, .. } => "holds a token".to_owned(),
        Detail::Secret { account: Some(_), filled: false, .. } => "waits for its token".to_owned(),
        Detail::Secret { kind, .. } => kind.clone(),
        Detail::ConfigMap { keys: 1 } => "1 key".to_owned(),
        Detail::ConfigMap { keys } => format!("{keys} keys"),
        Detail::Deployment { ready, wanted, account } => format!("{ready}/{wanted} ready, as sa {account}"),
        Detail::ReplicaSet { ready, wanted, .. } => format!("{ready}/{wanted} ready"),
        Detail::Role { allows } if allows.is_empty() => "allows nothing".to_owned(),
        Detail::Role { allows } => allows.clone(),
        // What a binding gives stands below it.
        Detail::Account { .. } | Detail::Binding { .. } | Detail::Other => String::new(),
    };
    (note, Meaning::Dim)
}

/// What a binding gives and to whom; or why it reaches nobody.
fn binding_note(
    index: &Index,
    namespace: &str,
    (kind, name): &(String, String),
    account: Option<&str>,
    subjects: &[String],
) -> String {
    let role = index.get(namespace, kind, name).map(|object| &object.detail);
    let gives = match (kind.as_str(), role) {
        ("Role", None) => return format!("✘ role {name} is not there"),
        ("Role", Some(Detail::Role { allows })) if allows.is_empty() => format!("role {name}, which allows nothing"),
        ("Role", Some(Detail::Role { allows })) => format!("role {name}: {allows}"),
        _ => format!("clusterrole {name}"),
    };
    match account {
        Some(account) if index.get(namespace, "ServiceAccount", account).is_none() => {
            format!("✘ sa {account} is not there")
        }
        Some(_) => format!("→ {gives}"),
        None if subjects.is_empty() => "✘ names nobody".to_owned(),
        None => format!("✘ for {}: no sa here", subjects.join(", ")),
    }
}

/// The mark of a change, with a sign and a word; else the age.
fn marks(object: &Object, world: &World) -> (Vec<String>, Meaning) {
    let age = object.created.map(|created| {
        // A clock a moment behind the cluster's must not make a new object look wrong.
        human_duration(world.now.duration_since(created).max(jiff::SignedDuration::ZERO))
    });
    let goes = matches!(&object.detail, Detail::Pod { phase, .. } if phase == "Terminating");
    let list = |marks: &[&str]| -> Vec<String> { marks.iter().map(|mark| (*mark).to_owned()).collect() };
    let (marks, meaning) = match object.flash {
        Some((Sign::Gone, _)) => (list(&["- gone", "-"]), Meaning::Refused),
        // Until it is gone it is not done, however many commands come between.
        _ if goes => (list(&["- going", "-"]), Meaning::Change),
        Some((Sign::New, _)) => {
            let full = age.map(|age| format!("+ new {age}"));
            (full.into_iter().chain(list(&["+ new", "+"])).collect(), Meaning::Good)
        }
        Some((Sign::Changed, _)) => (list(&["~ changed", "~"]), Meaning::Change),
        None => (age.into_iter().chain([String::new()]).collect(), Meaning::Dim),
    };
    (marks, if world.is_still() { Meaning::Dim } else { meaning })
}
