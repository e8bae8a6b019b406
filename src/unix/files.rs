//! The files that a shell and its programs see, as whom they see them, and where they stand.
//!
//! Nothing here touches the host's file system. Errors carry the operating system's words, as programs print them.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::limits;
use super::tree::{Content, Node, Tree};
use super::user::{Access, User};
use super::view::{Stat, View, denied, is_a_directory, not_a_directory, not_found};
use crate::base::Clock;

/// The learner's home directory.
pub const HOME: &str = "/home/learner";
/// The learner's number, as on a machine of one's own.
const LEARNER: i64 = 1000;

/// What one sees of the files, and the directory one stands in. Cloning it gives the same place.
#[derive(Clone, Debug)]
pub struct Files {
    view: View,
    current: Arc<Mutex<String>>,
    user: User,
    clock: Clock,
}

/// All files and the current directory at a moment; [`Files::restore`] puts them back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    nodes: BTreeMap<String, Node>,
    current: String,
}

/// What is known of a file or directory without looking into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Whether it is a directory.
    pub directory: bool,
    /// Its size in bytes; a directory has the customary 4096.
    pub size: usize,
    /// When it was last written.
    pub modified: Timestamp,
}

impl Files {
    /// The learner's own: an empty home, and `/tmp`.
    pub fn new(clock: Clock) -> Self {
        let now = clock.now_seconds();
        let tree = Tree::new(0o755, now);
        for path in ["bin", "dev", "dev/fd", "etc", "home", "usr", "usr/bin"] {
            tree.put(path, Node::directory(now));
        }
        tree.put("tmp", Node::new(Content::Directory, 0o1777, now));
        tree.put("dev/null", Node::new(Content::Null, 0o666, now));
        tree.put(HOME.trim_start_matches('/'), Node { uid: LEARNER, gid: LEARNER, ..Node::directory(now) });
        let accounts = format!(
            "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n\
             learner:x:{LEARNER}:{LEARNER}::{HOME}:/bin/bash\n"
        );
        tree.put("etc/passwd", Node::file(accounts.as_bytes(), now));
        tree.put("etc/group", Node::file(format!("root:x:0:\nlearner:x:{LEARNER}:\n").as_bytes(), now));
        let user = User { uid: LEARNER, gid: LEARNER, groups: vec![LEARNER] };
        Self::seen(View::new(tree, Vec::new()), user, HOME, clock)
    }

    /// What somebody sees, from a directory.
    pub fn seen(view: View, user: User, current: &str, clock: Clock) -> Self {
        Self { view, current: Arc::new(Mutex::new(current.to_owned())), user, clock }
    }

    /// The same for a subshell, which has a current directory of its own.
    pub fn fork(&self) -> Self {
        Self { current: Arc::new(Mutex::new(self.current())), ..self.clone() }
    }

    /// What is seen.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// As whom.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Keeps a text as a file that only its name leads to, as `<(…)` does; [`Files::take_back`] ends it.
    pub(super) fn lend(&self, content: &[u8]) -> io::Result<String> {
        if content.len() > limits::FILE {
            return Err(no_space());
        }
        let tree = self.view.base();
        let mut free = (0..64).rev().map(|number| format!("dev/fd/{number}"));
        let path = free.find(|path| tree.get(path).is_none()).ok_or_else(no_space)?;
        tree.put(&path, Node::file(content, self.clock.now_seconds()));
        Ok(format!("/{path}"))
    }

    /// Forgets what was lent.
    pub(super) fn take_back(&self, path: &str) {
        self.view.base().remove(path.trim_start_matches('/'));
    }

    /// All that is there now, but for what is mounted.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { nodes: self.view.base().all(), current: self.current() }
    }

    /// Puts what was there at a moment in place of all that is there.
    pub fn restore(&self, snapshot: &Snapshot) {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&snapshot.current);
        self.view.base().set(snapshot.nodes.clone());
    }

    /// The current directory.
    pub fn current(&self) -> String {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the current directory.
    ///
    /// # Errors
    /// When it is not there, not a directory, or closed.
    pub fn change(&self, path: &str) -> io::Result<()> {
        let at = self.at(path, true)?;
        let node = self.view.node(&at).ok_or_else(not_found)?;
        if !node.is_directory() {
            return Err(not_a_directory());
        }
        self.ask(&node, Access::Enter)?;
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = at;
        Ok(())
    }

    /// The absolute path, without `.` and `..`, of a path as typed. Nothing need be there, and links are not followed.
    pub fn resolve(&self, path: &str) -> String {
        let current = self.current();
        let mut parts: Vec<&str> = Vec::new();
        let start = if path.starts_with('/') { "" } else { current.as_str() };
        for part in start.split('/').chain(path.split('/')) {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()),
                name => parts.push(name),
            }
        }
        format!("/{}", parts.join("/"))
    }

    /// Where a path leads, with links followed; the last one only if `follow`.
    ///
    /// # Errors
    /// When something on the way is not there, no directory, or closed.
    pub fn at(&self, path: &str, follow: bool) -> io::Result<String> {
        self.view.resolve(&self.user, &self.current(), path, follow)
    }

    fn ask(&self, node: &Node, access: Access) -> io::Result<()> {
        if self.user.may(node, access) { Ok(()) } else { Err(denied()) }
    }

    /// A file's content.
    ///
    /// # Errors
    /// When it is not there, a directory, or closed.
    pub fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let node = self.view.node(&self.at(path, true)?).ok_or_else(not_found)?;
        self.ask(&node, Access::Read)?;
        match node.content {
            Content::File(content) => Ok(content.to_vec()),
            Content::Null => Ok(Vec::new()),
            Content::Directory | Content::Link(_) => Err(is_a_directory()),
        }
    }

    /// Puts a file in place of what was there.
    ///
    /// # Errors
    /// When it is a directory, has no parent directory, is closed, or there is no room.
    pub fn write(&self, path: &str, content: &[u8]) -> io::Result<()> {
        self.put(path, |_| content.to_vec())
    }

    /// Adds to a file, which is made when it is not there.
    ///
    /// # Errors
    /// As [`Files::write`].
    pub fn append(&self, path: &str, content: &[u8]) -> io::Result<()> {
        self.put(path, |before| [before, content].concat())
    }

    fn put(&self, path: &str, content: impl FnOnce(&[u8]) -> Vec<u8>) -> io::Result<()> {
        let at = self.at(path, true)?;
        let now = self.clock.now_seconds();
        let place = self.view.place(&at);
        let is_closed = place.mount.is_some_and(|mount| mount.read_only);
        let (node, before) = match place.tree.get(&place.path) {
            Some(Node { content: Content::Directory, .. }) => return Err(is_a_directory()),
            Some(Node { content: Content::Null, .. }) => return Ok(()),
            Some(_) if is_closed => return Err(read_only()),
            Some(node) => {
                self.ask(&node, Access::Write)?;
                let before = match &node.content {
                    Content::File(bytes) => Arc::clone(bytes),
                    _ => Arc::default(),
                };
                (node, before)
            }
            None => {
                self.room(&at, path)?;
                (Node { uid: self.user.uid, gid: self.user.gid, ..Node::file(b"", now) }, Arc::default())
            }
        };
        let content = content(&before);
        if content.len() > limits::FILE {
            return Err(io::Error::new(ErrorKind::FileTooLarge, "File too large"));
        }
        let (_, used) = place.tree.size();
        if used - before.len() + content.len() > limits::TREE {
            return Err(no_space());
        }
        place.tree.put(&place.path, Node { content: Content::File(content.into()), modified: now, ..node });
        Ok(())
    }

    /// Whether a new entry may be made at a resolved path; `typed` is how it was written.
    fn room(&self, at: &str, typed: &str) -> io::Result<()> {
        let parent = self.view.node(above(at)).ok_or_else(not_found)?;
        if !parent.is_directory() {
            return Err(not_a_directory());
        }
        if typed.ends_with('/') {
            return Err(is_a_directory());
        }
        self.may_change(at, &parent)?;
        if self.view.place(at).tree.size().0 >= limits::ENTRIES { Err(no_space()) } else { Ok(()) }
    }

    /// Whether the names in a directory may be changed.
    fn may_change(&self, at: &str, parent: &Node) -> io::Result<()> {
        if self.view.place(at).mount.is_some_and(|mount| mount.read_only) {
            return Err(read_only());
        }
        self.ask(parent, Access::Write)
    }

    /// What is at a path; the last link itself unless `follow`.
    ///
    /// # Errors
    /// When it is not there.
    pub fn stat(&self, path: &str, follow: bool) -> io::Result<Stat> {
        self.view.stat(&self.at(path, follow)?)
    }

    /// What is at a path, links followed, in short.
    ///
    /// # Errors
    /// When it is not there.
    pub fn metadata(&self, path: &str) -> io::Result<Metadata> {
        let Stat { node, size, .. } = self.stat(path, true)?;
        Ok(Metadata { directory: node.is_directory(), size, modified: node.modified })
    }

    /// The names in a directory, sorted.
    ///
    /// # Errors
    /// When it is not there, not a directory, or closed.
    pub fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let at = self.at(path, true)?;
        let node = self.view.node(&at).ok_or_else(not_found)?;
        if !node.is_directory() {
            return Err(not_a_directory());
        }
        self.ask(&node, Access::Read)?;
        Ok(self.view.names(&at))
    }

    /// Makes a directory, with its parents when asked.
    ///
    /// # Errors
    /// When something is there already, the parent is missing or closed, or there is no room.
    pub fn make_directory(&self, path: &str, parents: bool) -> io::Result<()> {
        if parents {
            let whole = self.resolve(path);
            let ends = whole.match_indices('/').skip(1).map(|(at, _)| &whole[..at]);
            for part in ends.chain([whole.as_str()]) {
                match self.metadata(part) {
                    Ok(found) if found.directory => {}
                    Ok(_) if part == whole => return Err(exists()),
                    Ok(_) => return Err(not_a_directory()),
                    Err(_) => self.make_directory(part, false)?,
                }
            }
            return Ok(());
        }
        let at = self.at(path.trim_end_matches('/'), false).or_else(|error| match path.trim_matches('/') {
            "" => Ok("/".to_owned()),
            _ => Err(error),
        })?;
        if self.view.node(&at).is_some() {
            return Err(exists());
        }
        self.room(&at, "")?;
        self.add(&at, Node::directory(self.clock.now_seconds()));
        Ok(())
    }

    fn add(&self, at: &str, node: Node) {
        let place = self.view.place(at);
        place.tree.put(&place.path, Node { uid: self.user.uid, gid: self.user.gid, ..node });
    }

    /// Makes a symbolic link.
    ///
    /// # Errors
    /// When something is there already, the parent is missing or closed, or there is no room.
    pub fn link(&self, target: &str, path: &str) -> io::Result<()> {
        let at = self.at(path, false)?;
        if self.view.node(&at).is_some() {
            return Err(exists());
        }
        self.room(&at, path)?;
        self.add(&at, Node::new(Content::Link(target.to_owned()), 0o777, self.clock.now_seconds()));
        Ok(())
    }

    /// Whether a path is a link itself.
    pub fn is_link(&self, path: &str) -> bool {
        self.stat(path, false).is_ok_and(|found| matches!(found.node.content, Content::Link(_)))
    }

    /// Whether there is something at a path, links followed, with which that may be done.
    pub fn may(&self, path: &str, access: Access) -> bool {
        self.stat(path, true).is_ok_and(|found| self.user.may(&found.node, access))
    }

    /// Changes what is known of a file besides its content, if `may` finds nothing against it.
    fn amend(
        &self,
        path: &str,
        may: impl FnOnce(&Node) -> io::Result<()>,
        change: impl FnOnce(&mut Node),
    ) -> io::Result<()> {
        let at = self.at(path, true)?;
        let node = self.view.node(&at).ok_or_else(not_found)?;
        let place = self.view.place(&at);
        if place.mount.is_some_and(|mount| mount.read_only) {
            return Err(read_only());
        }
        may(&node)?;
        place.tree.change(&place.path, change);
        Ok(())
    }

    /// Changes the permission bits of a file or directory.
    ///
    /// # Errors
    /// When it is not there, or somebody else's.
    pub fn set_mode(&self, path: &str, mode: u32) -> io::Result<()> {
        let may = |node: &Node| if self.user.owns(node) { Ok(()) } else { Err(not_permitted()) };
        self.amend(path, may, |node| node.mode = mode)
    }

    /// Sets when a file was last written to now.
    ///
    /// # Errors
    /// When it is not there, or closed.
    pub fn touch(&self, path: &str) -> io::Result<()> {
        let now = self.clock.now_seconds();
        let may = |node: &Node| if self.user.owns(node) { Ok(()) } else { self.ask(node, Access::Write) };
        self.amend(path, may, |node| node.modified = now)
    }

    /// Removes a file or link; with `all`, a directory and what is in it.
    ///
    /// # Errors
    /// When it is not there, is a directory, is one that one stands in, or is closed.
    pub fn remove(&self, path: &str, all: bool) -> io::Result<()> {
        let at = self.at(path, false)?;
        let node = self.view.node(&at).ok_or_else(not_found)?;
        let parent = self.view.node(above(&at)).ok_or_else(not_found)?;
        if node.is_directory() {
            if !all {
                return Err(is_a_directory());
            }
            let below = format!("{}/", at.trim_end_matches('/'));
            let current = self.current();
            let holds = |path: &str| path == at || path.starts_with(&below);
            if at == "/" || holds(&current) || self.view.mounts.iter().any(|mount| holds(&mount.path)) {
                return Err(io::Error::new(ErrorKind::ResourceBusy, "Device or resource busy"));
            }
        }
        self.may_change(&at, &parent)?;
        // In a directory for all, as /tmp is, one removes one's own.
        if parent.mode & 0o1000 != 0 && !self.user.owns(&node) && !self.user.owns(&parent) {
            return Err(not_permitted());
        }
        let place = self.view.place(&at);
        place.tree.remove(&place.path);
        Ok(())
    }
}

/// The directory above a resolved path.
fn above(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(at) => &path[..at],
    }
}

fn exists() -> io::Error {
    io::Error::new(ErrorKind::AlreadyExists, "File exists")
}

fn not_permitted() -> io::Error {
    io::Error::new(ErrorKind::PermissionDenied, "Operation not permitted")
}

fn read_only() -> io::Error {
    io::Error::new(ErrorKind::ReadOnlyFilesystem, "Read-only file system")
}

fn no_space() -> io::Error {
    io::Error::new(ErrorKind::StorageFull, "No space left on device")
}

/// Appends what is written to one file of the tree.
pub(super) struct Appender {
    pub files: Files,
    pub path: String,
}

impl Write for Appender {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.files.append(&self.path, bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        Files::new(Clock::still(Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn paths_stay_inside() {
        for (typed, want) in [
            ("a", "/home/learner/a"),
            ("../../../../etc", "/etc"),
            ("./x/../y/", "/home/learner/y"),
            ("/tmp//z", "/tmp/z"),
            ("..", "/home"),
        ] {
            assert_eq!(files().resolve(typed), want, "{typed}");
        }
    }

    #[test]
    fn errors_are_the_systems() {
        let files = files();
        files.write("plain", b"x").unwrap();
        let rows = [
            (files.read("none").map(drop), "No such file or directory"),
            (files.read("/tmp").map(drop), "Is a directory"),
            (files.read("plain/x").map(drop), "Not a directory"),
            (files.read("plain/").map(drop), "Not a directory"),
            (files.read("").map(drop), "No such file or directory"),
            (files.write("none/x", b""), "No such file or directory"),
            (files.write("big", &vec![0; limits::FILE + 1]), "File too large"),
            (files.change("plain"), "Not a directory"),
            (files.make_directory("/tmp", false), "File exists"),
            (files.make_directory("a/b", false), "No such file or directory"),
            (files.remove("/home", true), "Device or resource busy"),
            (files.remove("/tmp", false), "Is a directory"),
        ];
        for (result, want) in rows {
            assert_eq!(result.unwrap_err().to_string(), want);
        }
    }

    #[test]
    fn nothing_grows_without_bound() {
        let files = files();
        let block = vec![0; limits::FILE];
        let full = (0..100).find_map(|n| files.write(&format!("f{n}"), &block).err());
        assert_eq!(full.map(|e| e.to_string()).as_deref(), Some("No space left on device"));
        let names = (0..limits::ENTRIES + 1).find_map(|n| files.write(&format!("/tmp/{n}"), b"").err());
        assert_eq!(names.map(|e| e.to_string()).as_deref(), Some("No space left on device"));
    }

    #[test]
    fn directories_list_what_is_in_them() {
        let files = files();
        files.make_directory("a/b", true).unwrap();
        files.write("a/x", b"1").unwrap();
        files.write("a.txt", b"").unwrap();
        assert_eq!(files.list(".").unwrap(), ["a", "a.txt"]);
        assert_eq!(files.list("a").unwrap(), ["b", "x"]);
        assert_eq!(files.list("/").unwrap(), ["bin", "dev", "etc", "home", "tmp", "usr"]);
        files.remove("a", true).unwrap();
        assert_eq!(files.list(".").unwrap(), ["a.txt"]);
    }
}
