//! What a container sees when it opens a path: trees in memory, mounted over one another.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A directory.
    Directory,
    /// A file and its bytes.
    File(Arc<[u8]>),
    /// A symbolic link and where it points.
    Link(String),
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
}

/// Why a path could not be used, in the words of strerror.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    #[error("No such file or directory")]
    NotFound,
    #[error("Not a directory")]
    NotADirectory,
    #[error("Is a directory")]
    IsADirectory,
    #[error("Permission denied")]
    Denied,
    #[error("Read-only file system")]
    ReadOnly,
    #[error("Symbolic link loop")]
    Loop,
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

    /// Removes a path and all below it.
    pub fn remove(&self, path: &str) {
        let below = format!("{path}/");
        self.lock().retain(|at, _| at != path && !at.starts_with(&below));
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
        let Ok(found) = View::new(self.clone(), Vec::new()).resolve("/", path, true) else { return part };
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

/// A tree shown at a path.
#[derive(Clone, Debug)]
pub struct Mount {
    /// Where, absolute.
    pub path: String,
    /// What.
    pub tree: Tree,
    /// The part of the tree that is shown; empty for all of it.
    pub root: String,
    /// Whether writing is refused.
    pub read_only: bool,
    /// Whether it lives in memory on a node too: sizes are counted differently.
    pub is_tmpfs: bool,
}

/// Everything one container sees.
#[derive(Clone, Debug)]
pub struct View {
    base: Tree,
    /// What is mounted over the image.
    pub mounts: Vec<Mount>,
}

/// Where a path led.
struct Place<'a> {
    tree: &'a Tree,
    path: String,
    mount: Option<&'a Mount>,
}

/// What `stat` would say.
#[derive(Clone, Debug)]
pub struct Stat {
    /// The node itself.
    pub node: Node,
    /// Its size.
    pub size: usize,
    /// How many names it has.
    pub links: usize,
    /// Its space on disk, in KiB.
    pub blocks: usize,
}

impl View {
    /// An image's tree with volumes over it.
    pub fn new(base: Tree, mounts: Vec<Mount>) -> Self {
        Self { base, mounts }
    }

    /// What the container itself holds, without what is mounted.
    pub fn base(&self) -> &Tree {
        &self.base
    }

    fn place(&self, path: &str) -> Place<'_> {
        let over = self
            .mounts
            .iter()
            .filter(|mount| path == mount.path || path.strip_prefix(&mount.path).is_some_and(|r| r.starts_with('/')))
            .max_by_key(|mount| mount.path.len());
        match over {
            None => Place { tree: &self.base, path: path.trim_start_matches('/').to_owned(), mount: None },
            Some(mount) => {
                let rest = path[mount.path.len()..].trim_start_matches('/');
                let path = [mount.root.as_str(), rest].iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>();
                Place { tree: &mount.tree, path: path.join("/"), mount: Some(mount) }
            }
        }
    }

    fn node(&self, path: &str) -> Option<Node> {
        let place = self.place(path);
        place.tree.get(&place.path)
    }

    /// The path with links and dots followed; the last link only if `follow`. The last part need not exist.
    fn resolve(&self, cwd: &str, path: &str, follow: bool) -> Result<String, PathError> {
        let start = if path.starts_with('/') { path.to_owned() } else { format!("{cwd}/{path}") };
        let mut rest: Vec<String> = start.split('/').rev().filter(|p| !p.is_empty()).map(str::to_owned).collect();
        let must_be_directory = path.ends_with('/');
        let mut at = String::new();
        let mut hops = 0;
        while let Some(part) = rest.pop() {
            match part.as_str() {
                "." => continue,
                ".." => {
                    at.truncate(at.rfind('/').unwrap_or(0));
                    continue;
                }
                _ => {}
            }
            let next = format!("{at}/{part}");
            match self.node(&next).map(|node| node.content) {
                Some(Content::Link(target)) if follow || !rest.is_empty() => {
                    hops += 1;
                    if hops > 40 {
                        return Err(PathError::Loop);
                    }
                    if target.starts_with('/') {
                        at.clear();
                    }
                    rest.extend(target.split('/').rev().filter(|p| !p.is_empty()).map(str::to_owned));
                }
                Some(Content::File(_)) if !rest.is_empty() || must_be_directory => {
                    return Err(PathError::NotADirectory);
                }
                None if !rest.is_empty() => return Err(PathError::NotFound),
                _ => at = next,
            }
        }
        Ok(if at.is_empty() { "/".to_owned() } else { at })
    }

    /// A file's bytes.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn read(&self, cwd: &str, path: &str) -> Result<Arc<[u8]>, PathError> {
        let at = self.resolve(cwd, path, true)?;
        match self.node(&at).ok_or(PathError::NotFound)?.content {
            Content::File(bytes) => Ok(bytes),
            _ => Err(PathError::IsADirectory),
        }
    }

    /// Writes a file, or adds to it.
    ///
    /// # Errors
    /// When the place is not writable.
    pub fn write(&self, cwd: &str, path: &str, bytes: &[u8], append: bool, at: Timestamp) -> Result<(), PathError> {
        let resolved = self.resolve(cwd, path, true)?;
        let place = self.place(&resolved);
        if place.mount.is_some_and(|mount| mount.read_only) {
            return Err(PathError::ReadOnly);
        }
        let old = place.tree.get(&place.path);
        let mut all = Vec::new();
        match old.as_ref().map(|node| &node.content) {
            Some(Content::Directory) => return Err(PathError::IsADirectory),
            Some(Content::File(before)) if append => all.extend_from_slice(before),
            _ => {}
        }
        all.extend_from_slice(bytes);
        let mut node = old.unwrap_or_else(|| Node::new(Content::Directory, 0o644, at));
        node.content = Content::File(all.into());
        node.modified = at;
        place.tree.put(&place.path, node);
        Ok(())
    }

    /// What is at a path, a last link itself unless `follow`.
    ///
    /// # Errors
    /// When there is nothing.
    pub fn stat(&self, cwd: &str, path: &str, follow: bool) -> Result<Stat, PathError> {
        let at = self.resolve(cwd, path, follow)?;
        let place = self.place(&at);
        let node = place.tree.get(&place.path).ok_or(PathError::NotFound)?;
        let is_tmpfs = place.mount.is_some_and(|mount| mount.is_tmpfs);
        let names = place.tree.names(&place.path);
        Ok(match &node.content {
            Content::Directory => {
                let child =
                    |name: &String| if place.path.is_empty() { name.clone() } else { format!("{}/{name}", place.path) };
                let is_directory = |name: &&String| {
                    matches!(place.tree.get(&child(name)), Some(Node { content: Content::Directory, .. }))
                };
                let links = 2 + names.iter().filter(is_directory).count();
                let (size, blocks) = if is_tmpfs { ((names.len() + 2) * 20, 0) } else { (4096, 4) };
                Stat { size, links, blocks, node }
            }
            Content::File(bytes) => Stat { size: bytes.len(), links: 1, blocks: bytes.len().div_ceil(4096) * 4, node },
            Content::Link(target) => Stat { size: target.len(), links: 1, blocks: 0, node },
        })
    }

    /// The names in a directory, sorted.
    ///
    /// # Errors
    /// When it is none.
    pub fn list(&self, cwd: &str, path: &str) -> Result<Vec<String>, PathError> {
        let at = self.resolve(cwd, path, true)?;
        match self.node(&at).ok_or(PathError::NotFound)?.content {
            Content::Directory => {
                let place = self.place(&at);
                Ok(place.tree.names(&place.path))
            }
            _ => Err(PathError::NotADirectory),
        }
    }

    /// The directory a `cd` leads to.
    ///
    /// # Errors
    /// When it is none.
    pub fn directory(&self, cwd: &str, path: &str) -> Result<String, PathError> {
        let at = self.resolve(cwd, path, true)?;
        match self.node(&at).ok_or(PathError::NotFound)?.content {
            Content::Directory => Ok(at),
            _ => Err(PathError::NotADirectory),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, Mount, Node, PathError, Tree, View};
    use jiff::Timestamp;

    #[test]
    fn links_and_mounts() {
        let at = Timestamp::UNIX_EPOCH;
        let volume = Tree::new(0o1777, at);
        let node = |content| Node::new(content, 0o644, at);
        volume.put("..1/token", node(Content::File((*b"abc").into())));
        volume.put("..data", node(Content::Link("..1".to_owned())));
        volume.put("token", node(Content::Link("..data/token".to_owned())));
        let base = Tree::new(0o755, at);
        base.put("var/run/sa", Node::new(Content::Directory, 0o755, at));
        let mount = Mount {
            path: "/var/run/sa".to_owned(),
            tree: volume,
            root: String::new(),
            read_only: true,
            is_tmpfs: true,
        };
        let view = View::new(base, vec![mount]);
        assert_eq!(&*view.read("/var", "run/sa/token").expect("there"), b"abc");
        assert_eq!(view.read("/", "/var/run/sa/nope"), Err(PathError::NotFound));
        assert_eq!(view.read("/", "/var/run/sa"), Err(PathError::IsADirectory));
        assert_eq!(view.write("/", "/var/run/sa/x", b"", false, at), Err(PathError::ReadOnly));
        assert_eq!(view.write("/", "/tmp", b"x", false, at), Ok(()));
        assert_eq!(view.list("/", "/var/run/sa").expect("a directory"), ["..1", "..data", "token"]);
        assert_eq!(view.stat("/", "/var/run/sa/..", false).expect("there").size, 4096);
        assert_eq!(view.stat("/", "/var/run/sa", false).expect("there").size, 100);
    }
}
