//! Builds the tree from what there is, what the step wants, and what is looked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::detail::Volume;
use super::index::{Id, Index};
use super::space::{Account, Space};
use super::tree::{Row, Shape, Tree, What, bit};
use super::wishes::{Wanted, Wish};

/// Builds the tree.
pub fn build(index: &Index, shape: &Shape) -> Tree {
    let mut builder = Builder { tree: Tree::default(), shape };
    let mut wanted: BTreeSet<&str> = shape.wishes.iter().map(|wish| wish.namespace.as_str()).collect();
    for (name, space) in index.spaces() {
        wanted.remove(name);
        builder.space(name, space);
    }
    let nothing = Space::default();
    wanted.into_iter().for_each(|name| builder.space(name, &nothing));
    let mut tree = builder.tree;
    if !shape.filter.is_empty() {
        filter(&mut tree, &shape.filter);
    }
    draw_lines(&mut tree.rows);
    tree
}

struct Builder<'a> {
    tree: Tree,
    shape: &'a Shape,
}

impl Builder<'_> {
    fn push(&mut self, level: u8, what: What) {
        let space = self.tree.spaces.len().saturating_sub(1);
        self.tree.rows.push(Row { space, level, more: 0, what });
    }

    /// What the step wants in this namespace and is not there.
    fn ghosts(&self, kept: impl Fn(&Wish) -> bool) -> Vec<Arc<Id>> {
        let name = self.tree.spaces.last().map_or("", String::as_str);
        let here = self.shape.wishes.iter().filter(|wish| wish.namespace == name && wish.wanted == Wanted::There);
        here.filter(|wish| kept(wish)).map(|wish| Arc::clone(&wish.id)).collect()
    }

    /// An object, and below it what the step wants of it.
    fn object(&mut self, level: u8, what: What) {
        let name = self.tree.spaces.last().map_or("", String::as_str);
        let wishes = match &what {
            What::Account(id) | What::Object(id) => {
                self.shape.wishes.iter().filter(|wish| wish.id == *id && wish.namespace == name).collect()
            }
            _ => Vec::new(),
        };
        let fields = wishes.into_iter().filter_map(|wish| match &wish.wanted {
            Wanted::Fields(fields) => Some((&wish.id, fields)),
            Wanted::There | Wanted::Gone => None,
        });
        let wanted: Vec<What> = fields
            .flat_map(|(id, fields)| fields.iter().map(|field| What::Wanted(Arc::clone(id), field.clone())))
            .collect();
        let gives = what.id().filter(|id| id.kind == "RoleBinding").map(|id| What::Gives(Arc::clone(id)));
        self.push(level, what);
        gives.into_iter().for_each(|what| self.push(level + 1, what));
        wanted.into_iter().for_each(|what| self.push(level + 1, what));
    }

    fn space(&mut self, name: &str, space: &Space) {
        self.tree.spaces.push(name.to_owned());
        self.push(0, What::Namespace);
        let mut accounts: Vec<(&str, Option<&Account>)> =
            space.accounts.iter().map(|(name, account)| (name.as_str(), Some(account))).collect();
        let is_account = |wish: &Wish| wish.id.kind == "ServiceAccount" && !space.accounts.contains_key(&wish.id.name);
        let ghosts = self.ghosts(is_account);
        accounts.extend(ghosts.iter().map(|id| (id.name.as_str(), None)));
        if !ghosts.is_empty() {
            use crate::base::Order as _;
            accounts.order_by(|(one, _), (other, _)| one.cmp(other));
        }
        for (name, account) in &accounts {
            let id = Arc::new(Id { kind: "ServiceAccount".to_owned(), name: (*name).to_owned() });
            match account {
                Some(account) => self.account(id, account),
                None => self.push(1, What::Ghost(id)),
            }
        }
        let mut loose: BTreeSet<Arc<Id>> = self
            .ghosts(|wish| {
                let under = wish.account.as_ref();
                wish.id.kind != "ServiceAccount" && !under.is_some_and(|name| space.accounts.contains_key(name))
            })
            .into_iter()
            .collect();
        // What a replica set belongs to may be gone, or of a kind that is not followed.
        let is_shown = |owner: &Id| owner.kind == "Deployment" && space.objects.contains_key(owner);
        let orphans = space.owned.iter().filter(|(owner, _)| !is_shown(owner)).flat_map(|(_, owned)| owned);
        loose.extend(orphans.filter(|id| id.kind == "ReplicaSet").cloned());
        if loose.is_empty() {
            space.loose.iter().for_each(|id| self.owner(1, space, id));
        } else {
            loose.extend(space.loose.iter().cloned());
            loose.iter().for_each(|id| self.owner(1, space, id));
        }
    }

    /// An account, the secrets and bindings that hang on it, and the pods that run as it.
    fn account(&mut self, id: Arc<Id>, account: &Account) {
        let mut ghosts =
            self.ghosts(|wish| wish.id.kind != "ServiceAccount" && wish.account.as_ref() == Some(&id.name));
        self.object(1, What::Account(id));
        for id in account.secrets.iter().chain(&account.bindings) {
            self.object(2, What::Object(Arc::clone(id)));
        }
        for (id, volumes) in &account.pods {
            let before = ghosts.iter().take_while(|ghost| *ghost < id).count();
            ghosts.drain(..before).for_each(|ghost| self.push(2, What::Ghost(ghost)));
            self.object(2, What::Object(Arc::clone(id)));
            for at in 0..volumes.len() {
                self.volume(id, volumes, at);
            }
        }
        ghosts.into_iter().for_each(|ghost| self.push(2, What::Ghost(ghost)));
    }

    fn volume(&mut self, id: &Arc<Id>, volumes: &Arc<[Volume]>, at: usize) {
        self.push(3, What::Volume(Arc::clone(id), Arc::clone(volumes), at, self.shape.open));
        let by_hand = self
            .tree
            .rows
            .last()
            .filter(|_| !self.shape.folds.is_empty())
            .and_then(|row| self.shape.folds.iter().find(|(key, _)| self.tree.is(row, key)).map(|(_, open)| *open));
        let is_open = by_hand.unwrap_or(self.shape.open);
        if let Some(What::Volume(.., open)) = self.tree.rows.last_mut().map(|row| &mut row.what) {
            *open = is_open;
        }
        let files = volumes.get(at).map_or(0, |volume| volume.sources.len());
        for file in (0..files).filter(|_| is_open) {
            self.push(4, What::File(Arc::clone(id), Arc::clone(volumes), at, file));
        }
    }

    /// An object that hangs on no account, and what it made: deployment → replica sets → pods.
    fn owner(&mut self, level: u8, space: &Space, id: &Arc<Id>) {
        if !space.objects.contains_key(id) {
            self.push(level, What::Ghost(Arc::clone(id)));
            return;
        }
        self.object(level, What::Object(Arc::clone(id)));
        let child = match id.kind.as_str() {
            "Deployment" => "ReplicaSet",
            "ReplicaSet" => "Pod",
            _ => return,
        };
        let owned = space.owned.get(&**id).into_iter().flatten();
        for id in owned.filter(|id| id.kind == child && space.objects.contains_key(*id)) {
            match child {
                "Pod" => self.push(level + 1, What::Mention(Arc::clone(id))),
                _ => self.owner(level + 1, space, id),
            }
        }
    }
}

/// Keeps the rows that have every word, and those above them.
fn filter(tree: &mut Tree, words: &str) {
    let words: Vec<&str> = words.split_whitespace().collect();
    let mut text = String::new();
    let mut keeps = vec![false; tree.rows.len()];
    // From the bottom up: of a row that is kept, the next one above with a lower level is its parent.
    let mut parent = 0;
    for (row, keep) in tree.rows.iter().zip(&mut keeps).rev() {
        text.clear();
        spell(tree, row, &mut text);
        if row.level < parent || words.iter().all(|word| text.contains(word)) {
            (*keep, parent) = (true, row.level);
        }
    }
    let before = tree.rows.len();
    let mut keeps = keeps.into_iter();
    tree.rows.retain(|_| keeps.next().unwrap_or(true));
    tree.hidden = before - tree.rows.len();
}

/// What can be looked for in a row, in small letters.
fn spell(tree: &Tree, row: &Row, text: &mut String) {
    let mut add = |part: &str| {
        text.push(' ');
        let from = text.len();
        match part.is_ascii() {
            true => text.push_str(part),
            false => text.extend(part.chars().flat_map(char::to_lowercase)),
        }
        if let Some(added) = text.get_mut(from..) {
            added.make_ascii_lowercase();
        }
    };
    match &row.what {
        What::Namespace => {
            add("namespace");
            add(tree.space(row));
        }
        What::Account(id) | What::Object(id) | What::Mention(id) | What::Ghost(id) | What::Gives(id) => {
            add(short_kind(&id.kind));
            add(&id.kind);
            add(&id.name);
        }
        What::Wanted(_, wanted) => add(wanted),
        What::Volume(_, volumes, at, _) => {
            let Some(volume) = volumes.get(*at) else { return };
            [" volume", &volume.name, &volume.kind, &volume.brief].into_iter().for_each(add);
        }
        What::File(_, volumes, at, file) => {
            let Some((file, from)) = volumes.get(*at).and_then(|volume| volume.sources.get(*file)) else { return };
            [file, from].into_iter().for_each(|part| add(part));
        }
    }
}

/// What the pane calls a kind.
pub fn short_kind(kind: &str) -> &str {
    match kind {
        "ServiceAccount" => "sa",
        "Pod" => "pod",
        "Secret" => "secret",
        "ConfigMap" => "cm",
        "Deployment" => "deployment",
        "ReplicaSet" => "replicaset",
        "Role" => "role",
        "RoleBinding" => "rolebinding",
        other => other,
    }
}

/// Finds out, from the bottom up, on which levels more follows below a row.
fn draw_lines(rows: &mut [Row]) {
    let mut below = 0;
    for row in rows.iter_mut().rev() {
        row.more = below;
        let Some(own) = row.level.checked_sub(1) else {
            below = 0;
            continue;
        };
        // Levels further in end with this row.
        below = (below & (bit(own) - 1)) | bit(own);
    }
}

/// Whether a row shows what the filter looks for itself, and does not only stand above it.
pub fn matches(tree: &Tree, row: &Row, words: &str) -> bool {
    let mut text = String::new();
    spell(tree, row, &mut text);
    words.split_whitespace().all(|word| text.contains(word))
}
