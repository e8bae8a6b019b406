//! The private file tree: all the files a learner ever sees, in memory, with a limit.
//!
//! Nothing here touches the host's file system. Errors carry the operating system's words, as programs print them.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::base::Clock;

/// The learner's home directory.
pub const HOME: &str = "/home/learner";
/// The largest file, in bytes.
const FILE_LIMIT: usize = 1 << 20;
/// All files together, in bytes.
const TREE_LIMIT: usize = 16 << 20;
/// How many files and directories there may be.
const ENTRY_LIMIT: usize = 2000;
/// The longest path, in bytes.
const PATH_LIMIT: usize = 4096;

/// A file tree and the directory one stands in. Cloning it gives the same tree.
#[derive(Clone, Debug)]
pub struct Files {
    tree: Arc<Mutex<Tree>>,
    current: Arc<Mutex<String>>,
    clock: Clock,
}

#[derive(Debug)]
struct Tree {
    entries: BTreeMap<String, Entry>,
    current: String,
}

/// All files and the current directory at a moment; [`Files::restore`] puts them back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    entries: BTreeMap<String, Entry>,
    current: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// `None` for a directory.
    content: Option<Arc<Vec<u8>>>,
    modified: Timestamp,
}

/// What `ls -l` shows of a file or directory.
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
    /// An empty home, and `/tmp`.
    pub fn new(clock: Clock) -> Self {
        let modified = clock.now_seconds();
        let directories = ["/", "/home", HOME, "/tmp"];
        let entries = directories.map(|path| (path.to_owned(), Entry { content: None, modified }));
        let tree = Tree { entries: entries.into(), current: HOME.to_owned() };
        Self { tree: Arc::new(Mutex::new(tree)), current: Arc::new(Mutex::new(HOME.to_owned())), clock }
    }

    /// The same tree for a subshell, which has a current directory of its own.
    pub(super) fn fork(&self) -> Self {
        Self { current: Arc::new(Mutex::new(self.current())), ..self.clone() }
    }

    /// The tree, in which paths are read from where this shell stands.
    fn tree(&self) -> MutexGuard<'_, Tree> {
        let current = self.current();
        let mut tree = self.tree.lock().unwrap_or_else(PoisonError::into_inner);
        tree.current = current;
        tree
    }

    /// Keeps a text as a file that only its name leads to, as `<(…)` does; [`Files::take_back`] ends it.
    pub(super) fn lend(&self, content: Vec<u8>) -> io::Result<String> {
        let mut tree = self.tree();
        let free =
            (0..64).rev().map(|number| format!("/dev/fd/{number}")).find(|path| !tree.entries.contains_key(path));
        let path = free.ok_or_else(no_space)?;
        if content.len() > FILE_LIMIT {
            return Err(no_space());
        }
        let entry = Entry { content: Some(Arc::new(content)), modified: self.clock.now_seconds() };
        tree.entries.insert(path.clone(), entry);
        Ok(path)
    }

    /// Forgets what was lent.
    pub(super) fn take_back(&self, path: &str) {
        self.tree().entries.remove(path);
    }

    /// All that is there now.
    pub fn snapshot(&self) -> Snapshot {
        let tree = self.tree();
        Snapshot { entries: tree.entries.clone(), current: tree.current.clone() }
    }

    /// Puts what was there at a moment in place of all that is there.
    pub fn restore(&self, snapshot: &Snapshot) {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&snapshot.current);
        self.tree().entries.clone_from(&snapshot.entries);
    }

    /// The current directory.
    pub fn current(&self) -> String {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the current directory.
    ///
    /// # Errors
    /// When it is not there or not a directory.
    pub fn change(&self, path: &str) -> io::Result<()> {
        let tree = self.tree();
        let path = tree.resolve(path);
        if !tree.get(&path)?.is_directory() {
            return Err(not_a_directory());
        }
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = path;
        Ok(())
    }

    /// The absolute path, without `.` and `..`, of a path as typed.
    pub fn resolve(&self, path: &str) -> String {
        self.tree().resolve(path)
    }

    /// A file's content.
    ///
    /// # Errors
    /// When it is not there, or a directory.
    pub fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let tree = self.tree();
        match &tree.get(&tree.locate(path)?)?.content {
            Some(content) => Ok(content.to_vec()),
            None => Err(is_a_directory()),
        }
    }

    /// Puts a file in place of what was there.
    ///
    /// # Errors
    /// When it is a directory, has no parent directory, or there is no room.
    pub fn write(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let now = self.clock.now_seconds();
        let mut tree = self.tree();
        let path = tree.locate(path)?;
        tree.put(&path, content.to_vec(), now)
    }

    /// Adds to a file, which is made when it is not there.
    ///
    /// # Errors
    /// As [`Files::write`].
    pub fn append(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let now = self.clock.now_seconds();
        let mut tree = self.tree();
        let path = tree.locate(path)?;
        let mut all = match tree.entries.get(&path) {
            Some(entry) => entry.content.as_ref().ok_or_else(is_a_directory)?.to_vec(),
            None => Vec::new(),
        };
        all.extend_from_slice(content);
        tree.put(&path, all, now)
    }

    /// What `ls -l` shows.
    ///
    /// # Errors
    /// When it is not there.
    pub fn metadata(&self, path: &str) -> io::Result<Metadata> {
        let tree = self.tree();
        let entry = tree.get(&tree.locate(path)?)?;
        let size = entry.content.as_ref().map_or(4096, |content| content.len());
        Ok(Metadata { directory: entry.is_directory(), size, modified: entry.modified })
    }

    /// The names in a directory, sorted.
    ///
    /// # Errors
    /// When it is not there or not a directory.
    pub fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let tree = self.tree();
        let path = tree.locate(path)?;
        if !tree.get(&path)?.is_directory() {
            return Err(not_a_directory());
        }
        let below = if path == "/" { path } else { path + "/" };
        let names = tree.entries.range(below.clone()..).map_while(|(entry, _)| entry.strip_prefix(below.as_str()));
        Ok(names.filter(|name| !name.is_empty() && !name.contains('/')).map(str::to_owned).collect())
    }

    /// Makes a directory, with its parents when asked.
    ///
    /// # Errors
    /// When something is there already, the parent is missing, or there is no room.
    pub fn make_directory(&self, path: &str, parents: bool) -> io::Result<()> {
        let now = self.clock.now_seconds();
        let mut tree = self.tree();
        let path = tree.resolve(path);
        if let Some(entry) = tree.entries.get(&path) {
            let fine = parents && entry.is_directory();
            return if fine { Ok(()) } else { Err(io::Error::new(ErrorKind::AlreadyExists, "File exists")) };
        }
        let missing: Vec<String> =
            ancestors(&path).filter(|above| !tree.entries.contains_key(*above)).map(str::to_owned).collect();
        if !missing.is_empty() && !parents {
            return Err(not_found());
        }
        for path in missing.iter().rev().chain([&path]) {
            tree.room_for(path)?;
            tree.entries.insert(path.clone(), Entry { content: None, modified: now });
        }
        Ok(())
    }

    /// Removes a file; with `all`, a directory and what is in it.
    ///
    /// # Errors
    /// When it is not there, is a directory, or is one that one stands in.
    pub fn remove(&self, path: &str, all: bool) -> io::Result<()> {
        let mut tree = self.tree();
        let path = tree.locate(path)?;
        if tree.get(&path)?.is_directory() {
            if !all {
                return Err(is_a_directory());
            }
            let below = format!("{}/", path.trim_end_matches('/'));
            if path == "/" || tree.current == path || tree.current.starts_with(&below) {
                return Err(io::Error::new(ErrorKind::ResourceBusy, "Device or resource busy"));
            }
            tree.entries.retain(|entry, _| !entry.starts_with(&below));
        }
        tree.entries.remove(&path);
        Ok(())
    }

    /// Every regular file and its content, in the order of their paths: what a session keeps.
    pub fn all(&self) -> Vec<(String, Vec<u8>)> {
        let tree = self.tree();
        tree.entries.iter().filter_map(|(path, entry)| Some((path.clone(), entry.content.as_ref()?.to_vec()))).collect()
    }
}

impl Entry {
    fn is_directory(&self) -> bool {
        self.content.is_none()
    }
}

impl Tree {
    fn resolve(&self, path: &str) -> String {
        let mut parts: Vec<&str> = Vec::new();
        let start = if path.starts_with('/') { "" } else { self.current.as_str() };
        for part in start.split('/').chain(path.split('/')) {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                name => parts.push(name),
            }
        }
        format!("/{}", parts.join("/"))
    }

    /// As `resolve`, but a name that ends in a slash must be a directory, and no name is empty.
    fn locate(&self, path: &str) -> io::Result<String> {
        let resolved = self.resolve(path);
        if path.is_empty() {
            return Err(not_found());
        }
        if path.ends_with('/') && self.entries.get(&resolved).is_some_and(|entry| !entry.is_directory()) {
            return Err(not_a_directory());
        }
        Ok(resolved)
    }

    fn get(&self, path: &str) -> io::Result<&Entry> {
        if let Some(entry) = self.entries.get(path) {
            return Ok(entry);
        }
        let above = ancestors(path).find_map(|above| self.entries.get(above));
        Err(if above.is_some_and(|entry| !entry.is_directory()) { not_a_directory() } else { not_found() })
    }

    fn put(&mut self, path: &str, content: Vec<u8>, now: Timestamp) -> io::Result<()> {
        let before = match self.entries.get(path) {
            Some(entry) => entry.content.as_ref().ok_or_else(is_a_directory)?.len(),
            None => {
                self.room_for(path)?;
                0
            }
        };
        if content.len() > FILE_LIMIT {
            return Err(io::Error::new(ErrorKind::FileTooLarge, "File too large"));
        }
        let used: usize =
            self.entries.values().filter_map(|entry| entry.content.as_ref()).map(|content| content.len()).sum();
        if used - before + content.len() > TREE_LIMIT {
            return Err(no_space());
        }
        self.entries.insert(path.to_owned(), Entry { content: Some(Arc::new(content)), modified: now });
        Ok(())
    }

    /// Whether a new entry may be made here.
    fn room_for(&self, path: &str) -> io::Result<()> {
        if path.len() > PATH_LIMIT {
            return Err(io::Error::new(ErrorKind::InvalidFilename, "File name too long"));
        }
        let parent = ancestors(path).next().unwrap_or("/");
        if !self.get(parent)?.is_directory() {
            return Err(not_a_directory());
        }
        if self.entries.len() >= ENTRY_LIMIT { Err(no_space()) } else { Ok(()) }
    }
}

/// The directories above a path, nearest first.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| match path.rfind('/') {
        _ if *path == "/" => None,
        Some(0) => Some("/"),
        Some(at) => Some(&path[..at]),
        None => None,
    })
    .skip(1)
}

fn not_found() -> io::Error {
    io::Error::new(ErrorKind::NotFound, "No such file or directory")
}

fn not_a_directory() -> io::Error {
    io::Error::new(ErrorKind::NotADirectory, "Not a directory")
}

fn is_a_directory() -> io::Error {
    io::Error::new(ErrorKind::IsADirectory, "Is a directory")
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
            (files.write("big", &vec![0; FILE_LIMIT + 1]), "File too large"),
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
        let block = vec![0; FILE_LIMIT];
        let full = (0..100).find_map(|n| files.write(&format!("f{n}"), &block).err());
        assert_eq!(full.map(|e| e.to_string()).as_deref(), Some("No space left on device"));
        let names = (0..ENTRY_LIMIT + 1).find_map(|n| files.write(&format!("/tmp/{n}"), b"").err());
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
        assert_eq!(files.list("/").unwrap(), ["home", "tmp"]);
        files.remove("a", true).unwrap();
        assert_eq!(files.list(".").unwrap(), ["a.txt"]);
    }
}
