//! A file system in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::user::User;
use super::view::View;

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A directory.
    Directory,
    /// A file and its bytes.
    File(Arc<[u8]>),
    /// A symbolic link and where it points.
    Link(String),
    /// `/dev/null`: what is written there is gone, and nothing can be read.
    Null,
}

/// One entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub content: Content,
    /// Permission bits.
    pub mode: u32,
    /// Its owner.
    pub uid: i64,
    /// Its group.
    pub gid: i64,
    /// When it was last written.
    pub modified: Timestamp,
}

impl Node {
    /// A node of root's.
    pub fn new(content: Content, mode: u32, modified: Timestamp) -> Self {
        Self { content, mode, uid: 0, gid: 0, modified }
    }

    /// A directory of root's that all may read.
    pub fn directory(modified: Timestamp) -> Self {
        Self::new(Content::Directory, 0o755, modified)
    }

    /// A file of root's that all may read.
    pub fn file(content: &[u8], modified: Timestamp) -> Self {
        Self::new(Content::File(content.into()), 0o644, modified)
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.content == Content::Directory
    }

    /// How many bytes it holds.
    pub fn bytes(&self) -> usize {
        match &self.content {
            Content::File(bytes) => bytes.len(),
            _ => 0,
        }
    }
}

/// A file system in memory: paths without a leading slash, the root being the empty one. Cloning gives the same tree.
#[derive(Clone, Debug)]
pub struct Tree(Arc<Mutex<BTreeMap<String, Node>>>);

impl Tree {
    /// A tree with a root directory only.
    pub fn new(mode: u32, at: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(BTreeMap::from([(String::new(), Node::new(Content::Directory, mode, at))]))))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Node>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The node at a path.
    pub fn get(&self, path: &str) -> Option<Node> {
        self.lock().get(path).cloned()
    }

    /// Puts a node at a path; missing directories above it are made.
    pub fn put(&self, path: &str, node: Node) {
        let mut nodes = self.lock();
        for (at, _) in path.match_indices('/') {
            nodes.entry(path[..at].to_owned()).or_insert_with(|| Node::new(Content::Directory, 0o755, node.modified));
        }
        nodes.insert(path.to_owned(), node);
    }

    /// Where an absolute path leads, with links followed; directories that are not there are made.
    pub fn reach(&self, path: &str, at: Timestamp) -> String {
        let view = View::new(self.clone(), Vec::new());
        let mut reached = String::new();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let next = format!("{reached}/{part}");
            reached = match view.resolve(&User::root(), "/", &next, true) {
                Ok(found) => found.trim_end_matches('/').to_owned(),
                Err(_) => next,
            };
            if self.get(reached.trim_start_matches('/')).is_none() {
                self.put(reached.trim_start_matches('/'), Node::directory(at));
            }
        }
        reached
    }

    /// Removes a path and all below it.
    pub fn remove(&self, path: &str) {
        let below = format!("{path}/");
        self.lock().retain(|at, _| at != path && !at.starts_with(&below));
    }

    /// How many entries there are, and how many bytes all its files hold.
    pub fn size(&self) -> (usize, usize) {
        let nodes = self.lock();
        (nodes.len(), nodes.values().map(Node::bytes).sum())
    }

    /// Changes the node at a path, if there is one.
    pub fn change(&self, path: &str, change: impl FnOnce(&mut Node)) {
        if let Some(node) = self.lock().get_mut(path) {
            change(node);
        }
    }

    /// Changes every node.
    pub fn for_each(&self, mut change: impl FnMut(&str, &mut Node)) {
        self.lock().iter_mut().for_each(|(path, node)| change(path, node));
    }

    /// All that is in it: it can be put back by [`Tree::set`].
    pub fn all(&self) -> BTreeMap<String, Node> {
        self.lock().clone()
    }

    /// Puts this in place of all that is in it.
    pub fn set(&self, all: BTreeMap<String, Node>) {
        *self.lock() = all;
    }

    /// What is at a path now, with links followed, as a tree of its own: what is written later does not reach it. A path that
    /// is not there is an empty directory.
    pub fn part(&self, path: &str, at: Timestamp) -> Self {
        let part = Self::new(0o755, at);
        let root = User::root();
        let Ok(found) = View::new(self.clone(), Vec::new()).resolve(&root, "/", path, true) else { return part };
        let from = found.trim_start_matches('/');
        for (path, node) in self.lock().range(from.to_owned()..).take_while(|(path, _)| path.starts_with(from)) {
            match path.strip_prefix(from) {
                Some("") => part.put("", node.clone()),
                Some(rest) if rest.starts_with('/') => part.put(rest.trim_start_matches('/'), node.clone()),
                _ => {}
            }
        }
        part
    }

    /// The names in a directory, sorted.
    pub fn names(&self, path: &str) -> Vec<String> {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        let nodes = self.lock();
        let below = nodes.range(prefix.clone()..).take_while(|(at, _)| at.starts_with(&prefix));
        below
            .filter_map(|(at, _)| at.strip_prefix(&prefix))
            .filter(|rest| !rest.is_empty() && !rest.contains('/'))
            .map(str::to_owned)
            .collect()
    }
}
