//! The tree as a lazy list of rows. A row is a few borrowed names; text is made only for rows that are drawn.

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

/// All rows, top to bottom.
pub fn rows(index: &Index) -> impl Iterator<Item = Row<'_>> {
    index.spaces().flat_map(|(namespace, space)| {
        let head = Row { namespace, what: What::Namespace, depth: Lines::default() };
        std::iter::once(head).chain(space_rows(namespace, space))
    })
}

fn space_rows<'a>(namespace: &'a str, space: &'a Space) -> impl Iterator<Item = Row<'a>> {
    let loose = space.loose.len();
    let accounts = space.accounts.len();
    let accounts = space.accounts.iter().enumerate().flat_map(move |(at, (name, account))| {
        account_rows(namespace, space, name, account, Lines::default().under(at + 1 < accounts || loose > 0))
    });
    let rest = space.loose.iter().enumerate().filter_map(move |(at, id)| {
        let object = space.objects.get(id)?;
        Some(owner_rows(namespace, space, id, object, Lines::default().under(at + 1 < loose)))
    });
    accounts.chain(rest.flatten())
}

fn account_rows<'a>(
    namespace: &'a str,
    space: &'a Space,
    name: &'a str,
    account: &'a Account,
    depth: Lines,
) -> impl Iterator<Item = Row<'a>> {
    // Looking the account up by a borrowed name would need an owned key; accounts are few.
    let object = space.objects.get(&Id { kind: "ServiceAccount".to_owned(), name: name.to_owned() });
    let (pods, secrets) = (account.pods.len(), account.secrets.len());
    let secrets = of_kind(space, "Secret", &account.secrets).enumerate().map(move |(at, (id, object))| Row {
        namespace,
        what: What::Object(id, object),
        depth: depth.under(at + 1 < secrets || pods > 0),
    });
    let pods = of_kind(space, "Pod", &account.pods).enumerate().flat_map(move |(at, (id, object))| {
        let depth = depth.under(at + 1 < pods);
        std::iter::once(Row { namespace, what: What::Object(id, object), depth })
            .chain(volume_rows(namespace, id, object, depth))
    });
    std::iter::once(Row { namespace, what: What::Account(name, account, object), depth }).chain(secrets).chain(pods)
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
