//! The tree as a lazy list of rows. A row is a few borrowed names; text is made only for rows that are drawn,
//! and what is not seen is counted, not looked at.

use super::detail::{Detail, Volume};
use super::index::{Account, Id, Index, Object, Space};

/// A row of the tree.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The namespace it is in.
    pub namespace: &'a str,
    /// What it shows.
    pub what: What<'a>,
    /// For each level: whether more follows below on that level.
    pub depth: Lines,
}

/// Which levels of the tree go on below a row, outermost first; at most eight.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lines {
    levels: u8,
    more: u8,
}

impl Lines {
    /// One level deeper.
    fn under(self, more: bool) -> Self {
        Self { levels: self.levels + 1, more: self.more | (u8::from(more) << self.levels.min(7)) }
    }

    /// The lines drawn before the row's text: `│  ├─ `.
    pub fn text(self) -> String {
        let mut out = String::new();
        for level in 0..self.levels {
            let more = self.more & (1 << level.min(7)) != 0;
            out.push_str(match (level + 1 == self.levels, more) {
                (true, true) => "├─ ",
                (true, false) => "└─ ",
                (false, true) => "│  ",
                (false, false) => "   ",
            });
        }
        out
    }
}

/// What a row shows.
#[derive(Clone, Copy, Debug)]
pub enum What<'a> {
    /// A namespace.
    Namespace,
    /// A service account, with its object if it exists.
    Account(&'a str, &'a Account, Option<&'a Object>),
    /// An object in its place.
    Object(&'a Id, &'a Object),
    /// A pod below its replica set: only a pointer to where it is shown in full.
    Mention(&'a Id, &'a Object),
    /// A volume of a pod.
    Volume(&'a Id, &'a Volume),
    /// A file of a projected volume.
    File(&'a Id, &'a (String, String)),
}

/// Which row, for keeping a selection while rows come and go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowKey(String, String, String, String);

impl RowKey {
    /// The row of an object.
    pub fn of(namespace: &str, kind: &str, name: &str) -> Self {
        Self(namespace.to_owned(), kind.to_owned(), name.to_owned(), String::new())
    }
}

impl Row<'_> {
    /// The row's identity.
    pub fn key(&self) -> RowKey {
        let (kind, name, part) = self.parts();
        RowKey(self.namespace.to_owned(), kind.to_owned(), name.to_owned(), part.to_owned())
    }

    /// Whether this is the row with that identity.
    pub fn is(&self, key: &RowKey) -> bool {
        let (kind, name, part) = self.parts();
        key.2 == name && key.3 == part && key.1 == kind && key.0 == self.namespace
    }

    fn parts(&self) -> (&str, &str, &str) {
        match self.what {
            What::Namespace => ("Namespace", self.namespace, ""),
            What::Account(name, ..) => ("ServiceAccount", name, ""),
            What::Object(id, _) => (&id.kind, &id.name, ""),
            What::Mention(id, _) => (&id.kind, &id.name, "\u{0}mention"),
            What::Volume(id, volume) => (&id.kind, &id.name, &volume.name),
            What::File(id, file) => (&id.kind, &id.name, &file.0),
        }
    }

    /// The object the row belongs to: kind and name.
    pub fn object(&self) -> (&str, &str) {
        let (kind, name, _) = self.parts();
        (kind, name)
    }
}

/// Rows that belong together. Blocks are counted without looking at objects, so that thousands are skipped at once.
#[derive(Clone, Copy)]
struct Block<'a> {
    namespace: &'a str,
    space: &'a Space,
    depth: Lines,
    part: Part<'a>,
    /// How many rows it has.
    length: usize,
}

#[derive(Clone, Copy)]
enum Part<'a> {
    /// The namespace's own row.
    Head,
    /// An account and its secrets.
    Account(&'a str, &'a Account),
    /// A pod, its volumes and their files.
    Pod(&'a str),
    /// Something that hangs on no account, and what it made.
    Loose(&'a Id),
}

/// How many rows there are.
pub fn count(index: &Index) -> usize {
    blocks(index).map(|block| block.length).sum()
}

/// The rows from the `skip`th on.
pub fn rows(index: &Index, skip: usize) -> impl Iterator<Item = Row<'_>> {
    let mut left = skip;
    blocks(index).flat_map(move |block| {
        let within = left.min(block.length);
        left -= within;
        // A block that lies above is not opened.
        let rows = if within < block.length { block.rows() } else { Vec::new() };
        rows.into_iter().skip(within)
    })
}

/// Where a row is, and the row.
pub fn find<'a>(index: &'a Index, key: &RowKey) -> Option<(usize, Row<'a>)> {
    let mut before = 0;
    for block in blocks(index) {
        if block.may_have(key)
            && let Some((at, row)) = block.rows().into_iter().enumerate().find(|(_, row)| row.is(key))
        {
            return Some((before + at, row));
        }
        before += block.length;
    }
    None
}

fn blocks(index: &Index) -> impl Iterator<Item = Block<'_>> {
    index.spaces().flat_map(|(namespace, space)| {
        let block = move |depth, part, length| Block { namespace, space, depth, part, length };
        let (accounts, loose) = (space.accounts.len(), space.loose.len());
        let accounts = space.accounts.iter().enumerate().flat_map(move |(at, (name, account))| {
            let depth = Lines::default().under(at + 1 < accounts || loose > 0);
            let pods = account.pods.iter().enumerate().map(move |(at, (name, length))| {
                block(depth.under(at + 1 < account.pods.len()), Part::Pod(name), *length)
            });
            std::iter::once(block(
                depth,
                Part::Account(name, account),
                1 + account.secrets.len() + account.bindings.len(),
            ))
            .chain(pods)
        });
        let rest = space.loose.iter().enumerate().map(move |(at, id)| {
            block(Lines::default().under(at + 1 < loose), Part::Loose(id), owner_length(space, id))
        });
        std::iter::once(block(Lines::default(), Part::Head, 1)).chain(accounts).chain(rest)
    })
}

impl<'a> Block<'a> {
    fn rows(self) -> Vec<Row<'a>> {
        let Self { namespace, space, depth, part, .. } = self;
        match part {
            Part::Head => vec![Row { namespace, what: What::Namespace, depth }],
            Part::Account(name, account) => account_rows(namespace, space, name, account, depth),
            Part::Pod(name) => {
                let id = Id { kind: "Pod".to_owned(), name: name.to_owned() };
                let Some((id, object)) = space.objects.get_key_value(&id) else { return Vec::new() };
                std::iter::once(Row { namespace, what: What::Object(id, object), depth })
                    .chain(volume_rows(namespace, id, object, depth))
                    .collect()
            }
            Part::Loose(id) => match space.objects.get(id) {
                Some(object) => owner_rows(namespace, space, id, object, depth),
                None => Vec::new(),
            },
        }
    }

    /// Whether it is worth looking into for a row.
    fn may_have(&self, key: &RowKey) -> bool {
        self.namespace == key.0
            && match self.part {
                Part::Head => key.1 == "Namespace",
                Part::Account(name, account) => {
                    key.2 == name || account.secrets.contains(&key.2) || account.bindings.contains(&key.2)
                }
                Part::Pod(name) => key.2 == name,
                Part::Loose(id) => key.2 == id.name || self.length > 1,
            }
    }
}

fn account_rows<'a>(
    namespace: &'a str,
    space: &'a Space,
    name: &'a str,
    account: &'a Account,
    depth: Lines,
) -> Vec<Row<'a>> {
    let object = space.objects.get(&Id { kind: "ServiceAccount".to_owned(), name: name.to_owned() });
    let (pods, hung) = (account.pods.len(), account.secrets.len() + account.bindings.len());
    let head = Row { namespace, what: What::Account(name, account, object), depth };
    let bindings = of_kind(space, "RoleBinding", &account.bindings);
    let hung = of_kind(space, "Secret", &account.secrets).chain(bindings).enumerate().map(|(at, (id, object))| Row {
        namespace,
        what: What::Object(id, object),
        depth: depth.under(at + 1 < hung || pods > 0),
    });
    std::iter::once(head).chain(hung).collect()
}

/// How many rows [`owner_rows`] gives.
fn owner_length(space: &Space, id: &Id) -> usize {
    let owned = |id: &Id| space.owned.get(id);
    1 + match id.kind.as_str() {
        "ReplicaSet" => owned(id).map_or(0, std::collections::BTreeSet::len),
        "Deployment" => owned(id)
            .into_iter()
            .flatten()
            .map(|name| owner_length(space, &Id { kind: "ReplicaSet".to_owned(), name: name.clone() }))
            .sum(),
        _ => 0,
    }
}

fn volume_rows<'a>(namespace: &'a str, id: &'a Id, object: &'a Object, depth: Lines) -> impl Iterator<Item = Row<'a>> {
    let volumes: &[Volume] = if let Detail::Pod { volumes, .. } = &object.detail { volumes } else { &[] };
    volumes.iter().enumerate().flat_map(move |(at, volume)| {
        let depth = depth.under(at + 1 < volumes.len());
        let files = volume.sources.iter().enumerate().map(move |(at, file)| Row {
            namespace,
            what: What::File(id, file),
            depth: depth.under(at + 1 < volume.sources.len()),
        });
        std::iter::once(Row { namespace, what: What::Volume(id, volume), depth }).chain(files)
    })
}

/// An object that hangs on no account, and what it made: deployment → replica sets → pods.
fn owner_rows<'a>(namespace: &'a str, space: &'a Space, id: &'a Id, object: &'a Object, depth: Lines) -> Vec<Row<'a>> {
    let mut rows = vec![Row { namespace, what: What::Object(id, object), depth }];
    let kind = match object.detail {
        Detail::Deployment { .. } => "ReplicaSet",
        Detail::ReplicaSet { .. } => "Pod",
        _ => return rows,
    };
    let Some(owned) = space.owned.get(id) else { return rows };
    for (at, (id, object)) in of_kind(space, kind, owned).enumerate() {
        let depth = depth.under(at + 1 < owned.len());
        if kind == "Pod" {
            rows.push(Row { namespace, what: What::Mention(id, object), depth });
        } else {
            rows.extend(owner_rows(namespace, space, id, object, depth));
        }
    }
    rows
}

fn of_kind<'a>(
    space: &'a Space,
    kind: &'static str,
    names: &'a std::collections::BTreeSet<String>,
) -> impl Iterator<Item = (&'a Id, &'a Object)> {
    // One key is used for all look-ups: a list of thousands costs no memory.
    let mut key = Id { kind: kind.to_owned(), name: String::new() };
    names.iter().filter_map(move |name| {
        key.name.clone_from(name);
        space.objects.get_key_value(&key)
    })
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use proptest::prelude::*;
    use serde_json::json;

    use super::{count, find, rows};
    use crate::tui::msg::Feed;
    use crate::tui::pane::objects::Index;

    /// Objects that hang on each other in every way, from a few small numbers.
    fn feed((kind, name, other, volumes, delete): (u8, u8, u8, u8, bool)) -> Feed {
        let kind =
            ["ServiceAccount", "Pod", "Secret", "ConfigMap", "Deployment", "ReplicaSet", "RoleBinding", "Widget"]
                [usize::from(kind % 8)];
        let (name, namespace) = (format!("n{}", name % 4), if other % 5 == 4 { "b" } else { "a" });
        if delete {
            return Feed::Deleted { kind: kind.into(), namespace: namespace.into(), name };
        }
        let other = format!("n{}", other % 4);
        let owner = if kind == "Pod" { "ReplicaSet" } else { "Deployment" };
        let volumes: Vec<_> = (0..volumes % 3)
            .map(|at| json!({"name": format!("v{at}"), "projected": {"sources": [
                {"serviceAccountToken": {"path": "token"}}, {"downwardAPI": {"items": [{"path": "x"}, {"path": "y"}]}}]}}))
            .collect();
        Feed::Applied(json!({"kind": kind, "type": "kubernetes.io/service-account-token",
            "metadata": {"name": name, "namespace": namespace,
                "annotations": {"kubernetes.io/service-account.name": other},
                "ownerReferences": [{"kind": owner, "name": other, "controller": volumes.len() != 1}]},
            "subjects": [{"kind": "ServiceAccount", "name": other, "namespace": if volumes.len() == 1 { "b" } else { "a" }}],
            "spec": {"serviceAccountName": other, "volumes": volumes}}))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn hidden_rows_are_counted_as_they_are(feeds in prop::collection::vec(any::<(u8, u8, u8, u8, bool)>(), 0..60)) {
            let (mut index, mut now) = (Index::default(), Timestamp::UNIX_EPOCH);
            for change in feeds {
                index.take(feed(change), now);
                now += SignedDuration::from_millis(700);
                index.tick(now);
                let all: Vec<_> = rows(&index, 0).map(|row| row.key()).collect();
                prop_assert_eq!(count(&index), all.len());
                for (at, key) in all.iter().enumerate() {
                    let row = rows(&index, at).next().map(|row| row.key());
                    prop_assert_eq!(row.as_ref(), Some(key));
                    let first = all.iter().position(|other| other == key);
                    prop_assert_eq!(find(&index, key).map(|(at, _)| at), first);
                }
            }
        }
    }
}
