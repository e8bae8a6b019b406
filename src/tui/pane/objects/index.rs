//! The cluster's objects as the pane needs them: what is shown of each, and who belongs to whom.
//!
//! Every change costs the logarithm of the number of objects: links are kept, never searched for.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::detail::{Detail, read};
use super::space::{Account, Space};
use super::story;
use crate::tui::msg::Feed;

/// How long a change stays marked at most, when no command follows.
const LONGEST: SignedDuration = SignedDuration::from_secs(300);
/// How many lines of the story are kept.
const STORY: usize = 50;

/// Which object: kind and name, within a namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// `Pod`
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// What happened to an object a moment ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It was made.
    New,
    /// What is shown of it changed.
    Changed,
    /// It was deleted.
    Gone,
}

/// An object, reduced to what is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// `metadata.uid`
    pub uid: String,
    /// `metadata.creationTimestamp`
    pub created: Option<Timestamp>,
    /// What its kind shows.
    pub detail: Detail,
    /// The mark it carries, and since when.
    pub flash: Option<(Sign, Timestamp)>,
    /// All of it, as the cluster told it last. Of a secret's contents there are only sizes.
    pub value: Arc<Value>,
    /// How it was when the last command began.
    pub before: Before,
}

/// How an object was when the last command began.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Before {
    /// As it is now.
    #[default]
    Same,
    /// It was not there.
    Absent,
    /// Like this.
    Was(Arc<Value>),
}

/// All namespaces.
#[derive(Clone, Debug, Default)]
pub struct Index {
    spaces: BTreeMap<String, Space>,
    /// What is marked, in the order the marks run out.
    marked: VecDeque<(Timestamp, String, Arc<Id>)>,
    /// What is different since the last command began.
    touched: Vec<(String, Arc<Id>)>,
    /// Grows with every change of what is there.
    revision: u64,
    /// What happened by itself, oldest first.
    pub story: VecDeque<(Timestamp, String)>,
    /// Whether the first list has come.
    pub ready: bool,
    /// Whether the cluster is being turned back, or on, and has not told all anew.
    turns: bool,
}

impl Index {
    /// Namespaces in order.
    pub fn spaces(&self) -> impl Iterator<Item = (&str, &Space)> {
        self.spaces.iter().map(|(name, space)| (name.as_str(), space))
    }

    /// An object that is there; one that was just deleted is not.
    pub fn get(&self, namespace: &str, kind: &str, name: &str) -> Option<&Object> {
        let id = Id { kind: kind.to_owned(), name: name.to_owned() };
        self.find(namespace, &id).filter(|object| !is_gone(object))
    }

    /// An object that is there, or was a moment ago.
    pub fn find(&self, namespace: &str, id: &Id) -> Option<&Object> {
        self.spaces.get(namespace)?.objects.get(id)
    }

    /// A service account, there or only named, and what hangs on it.
    pub fn account(&self, namespace: &str, name: &str) -> Option<&Account> {
        self.spaces.get(namespace)?.accounts.get(name)
    }

    /// How many objects there are.
    pub fn count(&self) -> usize {
        self.spaces.values().map(|space| space.objects.len()).sum()
    }

    /// Another number after every change of what is there, or of how it hangs together.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Empty, with revisions that go on after this one.
    pub fn after(revision: u64) -> Self {
        Self { revision: revision + 1, ..Self::default() }
    }

    /// Takes a change in. Gives how many objects were marked by it.
    pub fn take(&mut self, feed: Feed, now: Timestamp) -> usize {
        match feed {
            Feed::Cleared => {
                *self = Self::after(self.revision);
                0
            }
            Feed::Restarted(objects) => {
                let before = std::mem::take(&mut self.spaces);
                let first = !self.ready;
                self.revision += 1;
                self.marked.clear();
                self.touched.clear();
                for value in objects {
                    let Some(found) = read(value) else { continue };
                    self.put(found.namespace, Arc::new(found.id), found.object);
                }
                self.ready = true;
                let marked = if first { 0 } else { self.compare(before, now) };
                self.turns = false;
                marked
            }
            Feed::Turns => {
                self.turns();
                0
            }
            Feed::Applied(value) => self.apply(value, now),
            Feed::Deleted { kind, namespace, name } => self.delete(namespace, &Id { kind, name }, now),
        }
    }

    /// Whether a mark has run out.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.marked.front().is_some_and(|(at, ..)| now.duration_since(*at) >= LONGEST || *at > now)
    }

    /// Lets marks run out: they stay until the next command, and no longer than this.
    pub fn tick(&mut self, now: Timestamp) {
        while self.is_due(now) {
            self.unmark_first();
        }
    }

    /// The cluster is going to be turned back, or on: what is there now is what will have been before that.
    pub fn turns(&mut self) {
        self.unmark();
        self.turns = true;
    }

    /// Takes out what the story tells of this time and later.
    pub fn take_back(&mut self, since: Timestamp) -> Vec<(Timestamp, String)> {
        let (kept, taken) = std::mem::take(&mut self.story).into_iter().partition(|(at, _)| *at < since);
        self.story = kept;
        let taken: VecDeque<_> = taken;
        taken.into()
    }

    /// A command begins: every mark is taken away, and what is there now is what will have been before it.
    pub fn unmark(&mut self) {
        while !self.marked.is_empty() {
            self.unmark_first();
        }
        self.turns = false;
        for (namespace, id) in std::mem::take(&mut self.touched) {
            if let Some(object) = self.spaces.get_mut(&namespace).and_then(|space| space.objects.get_mut(&id)) {
                object.before = Before::Same;
            }
        }
    }

    /// The object that was marked last.
    pub fn marked_last(&self) -> Option<(&str, &Id)> {
        self.marked.back().map(|(_, namespace, id)| (namespace.as_str(), &**id))
    }

    fn unmark_first(&mut self) {
        let Some((at, namespace, id)) = self.marked.pop_front() else { return };
        let Some(space) = self.spaces.get_mut(&namespace) else { return };
        match space.objects.get_mut(&id) {
            Some(object) if object.flash == Some((Sign::Gone, at)) => {
                space.remove(&id);
                self.revision += 1;
            }
            Some(object) if object.flash.is_some_and(|(_, since)| since == at) => object.flash = None,
            _ => {}
        }
        if space.objects.is_empty() {
            self.spaces.remove(&namespace);
        }
    }

    fn apply(&mut self, value: Value, now: Timestamp) -> usize {
        let Some(mut found) = read(value) else { return 0 };
        let known = self.spaces.get(&found.namespace).and_then(|space| space.objects.get_key_value(&found.id));
        let id = known.map_or_else(|| Arc::new(found.id.clone()), |(id, _)| Arc::clone(id));
        let before = known.map(|(_, before)| before);
        let sign = match before {
            _ if self.turns => None,
            Some(before) if before.uid != found.object.uid || is_gone(before) => Some(Sign::New),
            Some(before) if before.looks_as(&found.object) => {
                found.object.flash = before.flash;
                None
            }
            Some(_) => Some(Sign::Changed),
            None => Some(Sign::New),
        };
        let said = story::applied(&id, before.filter(|before| !is_gone(before)), &found.object);
        let still_new = before.is_some_and(|before| matches!(before.flash, Some((Sign::New, _))));
        let touched = found.object.remember(before);
        if let Some(said) = said.filter(|_| !self.turns) {
            self.tell(now, said);
        }
        if touched {
            self.touched.push((found.namespace.clone(), Arc::clone(&id)));
        }
        if let Some(sign) = sign {
            // A new object that is still being filled in stays new.
            let sign = if still_new && sign == Sign::Changed { Sign::New } else { sign };
            found.object.flash = Some((sign, now));
            self.marked.push_back((now, found.namespace.clone(), Arc::clone(&id)));
        }
        self.put(found.namespace, id, found.object);
        usize::from(sign.is_some())
    }

    fn delete(&mut self, namespace: String, id: &Id, now: Timestamp) -> usize {
        let account_gone = |name: &str| self.get(&namespace, "ServiceAccount", name).is_none();
        let found = self.spaces.get(&namespace).and_then(|space| space.objects.get_key_value(id));
        let Some((id, object)) = found else { return 0 };
        if is_gone(object) {
            return 0;
        }
        if self.turns {
            let id = Arc::clone(id);
            if let Some(space) = self.spaces.get_mut(&namespace) {
                space.remove(&id);
                if space.objects.is_empty() {
                    self.spaces.remove(&namespace);
                }
            }
            self.revision += 1;
            return 0;
        }
        let said = story::deleted(id, object, account_gone);
        let (id, mut object) = (Arc::clone(id), object.clone());
        object.flash = Some((Sign::Gone, now));
        if let Some(said) = said {
            self.tell(now, said);
        }
        self.marked.push_back((now, namespace.clone(), Arc::clone(&id)));
        self.put(namespace, id, object);
        1
    }

    /// After a second full list: marks what is new or different.
    fn compare(&mut self, before: BTreeMap<String, Space>, now: Timestamp) -> usize {
        let mut marked = 0;
        for (namespace, space) in &mut self.spaces {
            let old = before.get(namespace);
            for (id, object) in &mut space.objects {
                let old = old.and_then(|old| old.objects.get(id));
                if object.remember(old) {
                    self.touched.push((namespace.clone(), Arc::clone(id)));
                }
                let sign = match old {
                    _ if self.turns => continue,
                    Some(old) if old.uid == object.uid && old.looks_as(object) => continue,
                    Some(old) if old.uid == object.uid => Sign::Changed,
                    _ => Sign::New,
                };
                object.flash = Some((sign, now));
                self.marked.push_back((now, namespace.clone(), Arc::clone(id)));
                marked += 1;
            }
        }
        marked
    }

    fn put(&mut self, namespace: String, id: Arc<Id>, object: Object) {
        self.revision += 1;
        self.spaces.entry(namespace).or_default().put(id, object);
    }

    fn tell(&mut self, now: Timestamp, said: String) {
        self.story.push_back((now, said));
        if self.story.len() > STORY {
            self.story.pop_front();
        }
    }
}

/// Whether an object was deleted and only its mark is left.
pub fn is_gone(object: &Object) -> bool {
    matches!(object.flash, Some((Sign::Gone, _)))
}

impl Object {
    /// Whether it looks the same, and whoever wrote it wants the same. What it is like by itself counts where it is shown.
    fn looks_as(&self, other: &Self) -> bool {
        let wanted = |value: &Value, other: &Value| {
            value.as_object().into_iter().flatten().all(|(field, value)| match field.as_str() {
                "status" => true,
                "metadata" => value.as_object().into_iter().flatten().all(|(field, value)| {
                    BOOKKEEPING.contains(&field.as_str())
                        || other.pointer("/metadata").and_then(|other| other.get(field)) == Some(value)
                }),
                _ => other.get(field) == Some(value),
            })
        };
        self.detail == other.detail && wanted(&self.value, &other.value) && wanted(&other.value, &self.value)
    }

    /// Keeps how it was when the last command began. Gives whether that is different since this change.
    fn remember(&mut self, before: Option<&Self>) -> bool {
        let known = before.map(|before| &before.before);
        self.before = match before {
            None => Before::Absent,
            Some(before) if before.before == Before::Same && before.value != self.value => {
                Before::Was(Arc::clone(&before.value))
            }
            Some(before) => before.before.clone(),
        };
        self.before != Before::Same && known.is_none_or(|known| *known == Before::Same)
    }
}

/// What the server writes into `metadata` for itself.
pub const BOOKKEEPING: &[&str] = &["managedFields", "resourceVersion", "generation"];
