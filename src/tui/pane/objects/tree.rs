//! The tree as a list of rows. A row is a few shared names; what stands in it is looked up when it is drawn. The list is
//! kept until something in it changes: see [`Kept`].

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use super::build::build;
use super::detail::Volume;
use super::index::{Id, Index};
use super::wishes::Wish;

/// The rows, in the order they are drawn.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The namespaces.
    pub spaces: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
    /// How many rows the filter hides.
    pub hidden: usize,
}

/// A row of the tree.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its namespace, by its place among [`Tree::spaces`].
    pub space: usize,
    /// How many levels lie above it.
    pub level: u8,
    /// For each of these levels, the outermost first: whether more follows below on it.
    pub more: u8,
    /// What it shows.
    pub what: What,
}

/// What a row shows.
#[derive(Clone, Debug)]
pub enum What {
    /// A namespace.
    Namespace,
    /// A service account, there or only named.
    Account(Arc<Id>),
    /// An object in its place.
    Object(Arc<Id>),
    /// A pod below its replica set: only a pointer to where it is shown in full.
    Mention(Arc<Id>),
    /// What the binding above gives, or why it reaches nobody.
    Gives(Arc<Id>),
    /// A volume of a pod, and whether its files are shown.
    Volume(Arc<Id>, Arc<[Volume]>, usize, bool),
    /// A file of a projected volume.
    File(Arc<Id>, Arc<[Volume]>, usize, usize),
    /// An object that the step wants and that is not there.
    Ghost(Arc<Id>),
    /// What the step wants of the object above.
    Wanted(Arc<Id>, String),
}

/// Which row, for keeping a selection while rows come and go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowKey(String, String, String, String);

impl RowKey {
    /// The row of an object.
    pub fn of(namespace: &str, id: &Id) -> Self {
        Self(namespace.to_owned(), id.kind.clone(), id.name.clone(), String::new())
    }
}

impl What {
    /// The object it belongs to.
    pub fn id(&self) -> Option<&Arc<Id>> {
        match self {
            Self::Namespace => None,
            Self::Account(id)
            | Self::Object(id)
            | Self::Mention(id)
            | Self::Ghost(id)
            | Self::Gives(id)
            | Self::Wanted(id, _)
            | Self::Volume(id, ..)
            | Self::File(id, ..) => Some(id),
        }
    }
}

impl Row {
    /// Which part of the object it shows; empty for its own row.
    fn part(&self) -> (&str, &str) {
        match &self.what {
            What::Namespace | What::Account(_) | What::Object(_) => ("", ""),
            What::Mention(_) => ("mention", ""),
            What::Ghost(_) => ("ghost", ""),
            What::Gives(_) => ("gives", ""),
            What::Wanted(_, wanted) => ("wanted", wanted),
            What::Volume(_, volumes, at, _) => ("volume", volumes.get(*at).map_or("", |volume| &volume.name)),
            What::File(_, volumes, at, file) => {
                ("file", volumes.get(*at).and_then(|volume| volume.sources.get(*file)).map_or("", |(file, _)| file))
            }
        }
    }

    /// The lines drawn before the row's text: `│  ├─ `.
    pub fn lines(&self, branches: Branches) -> String {
        let [tee, corner, past, empty] = match branches {
            Branches::Wide => ["├─ ", "└─ ", "│  ", "   "],
            Branches::Narrow => ["├ ", "└ ", "│ ", "  "],
            Branches::Joined => ["├─", "└─", "│ ", "  "],
        };
        let signs = (0..self.level).map(|level| match (level + 1 == self.level, self.more & bit(level) != 0) {
            (true, true) => tee,
            (true, false) => corner,
            (false, true) => past,
            (false, false) => empty,
        });
        signs.collect()
    }
}

/// How the lines of the tree are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Branches {
    /// Three columns a level.
    Wide,
    /// Two columns a level.
    Narrow,
    /// Two columns, where a corner alone would be taken for a plus.
    Joined,
}

/// The place of a level among the bits of [`Row::more`].
pub fn bit(level: u8) -> u8 {
    1 << level.min(7)
}

impl Tree {
    /// The namespace of a row.
    pub fn space(&self, row: &Row) -> &str {
        self.spaces.get(row.space).map_or("", String::as_str)
    }

    /// The identity of a row.
    pub fn key(&self, row: &Row) -> RowKey {
        let (kind, name) = row.what.id().map_or(("Namespace", self.space(row)), |id| (&id.kind, &id.name));
        let (part, of) = row.part();
        RowKey(
            self.space(row).to_owned(),
            kind.to_owned(),
            name.to_owned(),
            format!("{part} {of}").trim_end().to_owned(),
        )
    }

    /// Whether this is the row with that identity.
    pub fn is(&self, row: &Row, key: &RowKey) -> bool {
        let named = match row.what.id() {
            Some(id) => id.name == key.2 && id.kind == key.1,
            None => key.1 == "Namespace",
        };
        let (part, of) = row.part();
        let is_part = || match key.3.split_once(' ') {
            Some((wanted, rest)) => wanted == part && rest == of,
            None => key.3 == part && of.is_empty(),
        };
        named && self.space(row) == key.0 && is_part()
    }

    /// Where a row is.
    pub fn find(&self, key: &RowKey) -> Option<usize> {
        self.rows.iter().position(|row| self.is(row, key))
    }
}

/// What the rows depend on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    /// [`Index::revision`]
    pub revision: u64,
    /// Volumes that were folded or unfolded by hand, and whether they are open.
    pub folds: Vec<(RowKey, bool)>,
    /// Whether the other volumes are open.
    pub open: bool,
    /// What is looked for, in small letters; empty when nothing is.
    pub filter: String,
    /// What the step wants.
    pub wishes: Vec<Wish>,
}

/// The tree that was built last. It is no state: whoever asks gets the same rows with it or without.
#[derive(Default)]
pub struct Kept(RefCell<Option<(Shape, Arc<Tree>)>>);

impl Kept {
    /// The tree of this shape.
    pub fn tree(&self, index: &Index, shape: Shape) -> Arc<Tree> {
        if let Some((kept, tree)) = &*self.0.borrow()
            && *kept == shape
        {
            return Arc::clone(tree);
        }
        let tree = Arc::new(build(index, &shape));
        *self.0.borrow_mut() = Some((shape, Arc::clone(&tree)));
        tree
    }
}

impl Clone for Kept {
    fn clone(&self) -> Self {
        Self(RefCell::new(self.0.borrow().clone()))
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}
