//! What is seen when a path is opened: trees mounted over one another, with links and rights.

use std::io::{self, ErrorKind};

use super::limits;
use super::tree::{Content, Node, Tree};
use super::user::{Access, User};

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

/// Everything that is seen from one place: a tree with others mounted over it. Cloning it gives the same trees.
#[derive(Clone, Debug)]
pub struct View {
    base: Tree,
    /// What is mounted over the image.
    pub mounts: Vec<Mount>,
}

/// Where a path led.
pub(super) struct Place<'a> {
    pub tree: &'a Tree,
    pub path: String,
    pub mount: Option<&'a Mount>,
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

    pub(super) fn place(&self, path: &str) -> Place<'_> {
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

    /// What is at a resolved path.
    pub fn node(&self, path: &str) -> Option<Node> {
        let place = self.place(path);
        place.tree.get(&place.path)
    }

    /// The path with links and dots followed, and every directory on the way entered as this user; the last link only if
    /// `follow`. The last part need not exist.
    ///
    /// # Errors
    /// When something on the way is not there, no directory, or closed to this user.
    pub fn resolve(&self, user: &User, cwd: &str, path: &str, follow: bool) -> io::Result<String> {
        if path.is_empty() {
            return Err(not_found());
        }
        if path.len() > limits::PATH {
            return Err(io::Error::new(ErrorKind::InvalidFilename, "File name too long"));
        }
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
            let found = self.node(&next);
            if let Some(node) = found.as_ref().filter(|node| node.is_directory() && !rest.is_empty())
                && !user.may(node, Access::Enter)
            {
                return Err(denied());
            }
            match found.map(|node| node.content) {
                Some(Content::Link(target)) if follow || must_be_directory || !rest.is_empty() => {
                    hops += 1;
                    if hops > limits::LINKS {
                        return Err(io::Error::other("Too many levels of symbolic links"));
                    }
                    if target.starts_with('/') {
                        at.clear();
                    }
                    rest.extend(target.split('/').rev().filter(|p| !p.is_empty()).map(str::to_owned));
                }
                Some(Content::File(_) | Content::Null) if !rest.is_empty() || must_be_directory => {
                    return Err(not_a_directory());
                }
                None if !rest.is_empty() => return Err(not_found()),
                _ => at = next,
            }
        }
        Ok(if at.is_empty() { "/".to_owned() } else { at })
    }

    /// What is at a resolved path, as `stat` tells it.
    ///
    /// # Errors
    /// When there is nothing.
    pub fn stat(&self, path: &str) -> io::Result<Stat> {
        let place = self.place(path);
        let node = place.tree.get(&place.path).ok_or_else(not_found)?;
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
            Content::Null => Stat { size: 0, links: 1, blocks: 0, node },
        })
    }

    /// The names in the directory at a resolved path, sorted; what is mounted there among them.
    pub fn names(&self, path: &str) -> Vec<String> {
        let place = self.place(path);
        place.tree.names(&place.path)
    }
}

/// What is not there, in the system's words.
pub(super) fn not_found() -> io::Error {
    io::Error::new(ErrorKind::NotFound, "No such file or directory")
}

pub(super) fn not_a_directory() -> io::Error {
    io::Error::new(ErrorKind::NotADirectory, "Not a directory")
}

pub(super) fn is_a_directory() -> io::Error {
    io::Error::new(ErrorKind::IsADirectory, "Is a directory")
}

pub(super) fn denied() -> io::Error {
    io::Error::new(ErrorKind::PermissionDenied, "Permission denied")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Mount, View};
    use crate::base::Clock;
    use crate::unix::{Content, Files, Node, Tree, User};

    fn files(uid: i64) -> Files {
        let at = Timestamp::UNIX_EPOCH;
        let volume = Tree::new(0o1777, at);
        let node = |content| Node::new(content, 0o644, at);
        volume.put("..1/token", node(Content::File((*b"abc").into())));
        volume.put("..data", node(Content::Link("..1".to_owned())));
        volume.put("token", node(Content::Link("..data/token".to_owned())));
        let base = Tree::new(0o755, at);
        base.put("var/run/sa", Node::directory(at));
        base.put("root", Node::new(Content::Directory, 0o700, at));
        base.put("root/x", node(Content::File((*b"x").into())));
        base.put("tmp", Node::new(Content::Directory, 0o1777, at));
        let path = "/var/run/sa".to_owned();
        let mount = Mount { path, tree: volume, root: String::new(), read_only: true, is_tmpfs: true };
        let user = User { uid, gid: uid, groups: Vec::new() };
        Files::seen(View::new(base, vec![mount]), user, "/var", Clock::still(at))
    }

    #[test]
    fn links_and_mounts() {
        let files = files(0);
        assert_eq!(files.read("run/sa/token").expect("there"), b"abc");
        assert_eq!(files.list("/var/run/sa").expect("a directory"), ["..1", "..data", "token"]);
        assert_eq!(files.stat("/var/run/sa/..", false).expect("there").size, 4096);
        assert_eq!(files.stat("/var/run/sa", false).expect("there").size, 100);
        files.write("/tmp/x", b"x").expect("written");
        files.link("x", "/tmp/y").expect("linked");
        files.append("/tmp/y", b"y").expect("written");
        assert_eq!(files.read("/tmp/x").expect("there"), b"xy");
        files.link("loop", "/tmp/loop").expect("linked");
        for (result, want) in [
            (files.read("/var/run/sa/nope").map(drop), "No such file or directory"),
            (files.read("/var/run/sa").map(drop), "Is a directory"),
            (files.write("/var/run/sa/x", b""), "Read-only file system"),
            (files.write("/var/run/sa/token", b""), "Read-only file system"),
            (files.remove("/var/run/sa/token", false), "Read-only file system"),
            (files.remove("/var/run", true), "Device or resource busy"),
            (files.read("/tmp/loop").map(drop), "Too many levels of symbolic links"),
        ] {
            assert_eq!(result.expect_err(want).to_string(), want);
        }
    }

    #[test]
    fn rights() {
        let files = files(1000);
        files.write("/tmp/own", b"x").expect("written");
        files.set_mode("/tmp/own", 0o600).expect("changed");
        for (result, want) in [
            (files.read("/root/x").map(drop), "Permission denied"),
            (files.change("/root"), "Permission denied"),
            (files.list("/root").map(drop), "Permission denied"),
            (files.write("/etc", b""), "Permission denied"),
            (files.make_directory("/etc", false), "Permission denied"),
            (files.make_directory("/a/b", true), "Permission denied"),
            (files.set_mode("/tmp", 0), "Operation not permitted"),
        ] {
            assert_eq!(result.expect_err(want).to_string(), want);
        }
        assert_eq!(files.stat("/tmp/own", true).expect("there").node.uid, 1000);
    }
}
