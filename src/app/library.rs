//! The lessons at hand: those in the binary, and those of the files and folders the learner named. Edits of the latter
//! are seen while the tutor runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::Error;
use crate::base::nearest;
use crate::course::{self, Fault, Lesson, Source};

/// A lesson of the list.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name of its course; empty for the one in the binary.
    pub course: String,
    /// The file it is in.
    pub file: String,
    /// The lesson; its name begins with its course's. Or, when its file cannot be read, why.
    pub lesson: Result<Lesson, Fault>,
}

impl Entry {
    /// What it goes by on the command line and in the learner's progress.
    pub fn id(&self) -> String {
        match &self.lesson {
            Ok(lesson) => lesson.id.clone(),
            Err(_) => format!("{}/{}", self.course, stem(&self.file)),
        }
    }
}

/// All lessons, in the order of the list.
pub struct Library {
    places: Vec<PathBuf>,
    entries: Vec<Entry>,
    /// What the files outside the binary were when they were read.
    seen: BTreeMap<PathBuf, Stamp>,
}

type Stamp = (Option<SystemTime>, u64);

impl Library {
    /// The lessons in the binary, and those of `places`: lesson files, or folders of them.
    ///
    /// # Errors
    /// When one of the places cannot be read or holds no lesson, or when two courses have one name.
    pub fn read(places: Vec<PathBuf>) -> Result<Self, Error> {
        let own = entries("", course::embedded());
        let mut library = Self { places, entries: own, seen: BTreeMap::new() };
        let mut names: Vec<String> = Vec::new();
        for place in library.places.clone() {
            let name = name_of(&place)?;
            let is_new = !names.contains(&name);
            if !is_new && place.is_dir() {
                return Err(format!("two courses are called `{name}`; rename one of the two folders").into());
            }
            library.entries.extend(entries(&name, sources(&place)?));
            names.push(name);
        }
        library.seen = library.stamps();
        Ok(library)
    }

    /// Every lesson of the list, broken ones too.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The lessons that can be worked.
    pub fn lessons(&self) -> impl Iterator<Item = &Lesson> {
        self.entries.iter().filter_map(|entry| entry.lesson.as_ref().ok())
    }

    /// The lesson of this name. The name of its course may be left out where only one lesson can be meant.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        let last = |entry: &Entry| entry.id().rsplit('/').next() == Some(name);
        let short = || {
            let mut meant = self.entries.iter().filter(|entry| last(entry));
            meant.next().filter(|_| meant.next().is_none())
        };
        self.entries.iter().find(|entry| entry.id() == name).or_else(short)
    }

    /// There is no lesson of this name: what there is, and which was meant.
    pub fn missing(&self, name: &str) -> String {
        let names: Vec<String> = self.entries.iter().map(Entry::id).collect();
        let short: Vec<&str> = names.iter().map(|id| id.rsplit('/').next().unwrap_or(id)).collect();
        let meant =
            nearest(name, short.iter().copied()).and_then(|meant| short.iter().position(|short| *short == meant));
        match meant.and_then(|at| names.get(at)) {
            Some(meant) => format!("there is no lesson `{name}`; did you mean `{meant}`?"),
            None => format!("there is no lesson `{name}`; there are: {}", names.join(", ")),
        }
    }

    /// Reads what was edited since; whether anything was. A place that cannot be read now keeps what it held.
    pub fn refresh(&mut self) -> bool {
        if self.places.is_empty() {
            return false;
        }
        let stamps = self.stamps();
        if stamps == self.seen {
            return false;
        }
        self.seen = stamps;
        match Self::read(self.places.clone()) {
            Ok(read) => {
                self.entries = read.entries;
                true
            }
            Err(error) => {
                tracing::info!(%error, "the lessons cannot be read just now");
                false
            }
        }
    }

    fn stamps(&self) -> BTreeMap<PathBuf, Stamp> {
        let files = |place: &PathBuf| -> Vec<PathBuf> {
            match fs::read_dir(place) {
                Ok(entries) => entries.filter_map(Result::ok).map(|entry| entry.path()).collect(),
                Err(_) => vec![place.clone()],
            }
        };
        let stamp = |path: PathBuf| {
            let about = fs::metadata(&path).ok()?;
            Some((path, (about.modified().ok(), about.len())))
        };
        self.places.iter().flat_map(files).filter_map(stamp).collect()
    }
}

/// The sources of a place: a folder's lesson files, or one file.
///
/// # Errors
/// When it cannot be read, or holds no lesson.
pub fn sources(place: &Path) -> Result<Vec<Source>, Error> {
    let unreadable = |error| format!("cannot read the lessons in {}: {error}", place.display());
    if place.is_file() {
        let text = fs::read_to_string(place).map_err(unreadable)?;
        return Ok(vec![Source { file: place.display().to_string(), text }]);
    }
    let sources = course::directory(place).map_err(unreadable)?;
    if sources.is_empty() {
        let why = format!("{} holds no lesson files; a lesson is a file that ends in .yaml", place.display());
        return Err(why.into());
    }
    Ok(sources)
}

/// A course's name: its folder's.
fn name_of(place: &Path) -> Result<String, Error> {
    let whole =
        place.canonicalize().map_err(|error| format!("cannot read the lessons in {}: {error}", place.display()))?;
    let folder = if whole.is_dir() { Some(whole.as_path()) } else { whole.parent() };
    let name = folder.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    Ok(name.unwrap_or_else(|| "lessons".to_owned()))
}

/// A course's lessons. Whether they are good ones is proved elsewhere; here they are to be worked.
fn entries(course: &str, sources: Vec<Source>) -> Vec<Entry> {
    let mut entries = Vec::<Entry>::new();
    for source in sources {
        let mut lesson = course::parse(&source);
        if let Ok(read) = &mut lesson
            && !course.is_empty()
        {
            read.id = format!("{course}/{}", read.id);
        }
        if let Ok(read) = &lesson
            && entries.iter().any(|entry| entry.lesson.as_ref().is_ok_and(|other| other.id == read.id))
        {
            let message = format!("another lesson is called `{}` too", read.id);
            let instead = "a name of its own".to_owned();
            lesson = Err(Fault { file: source.file.clone(), line: 1, column: 1, message, instead });
        }
        entries.push(Entry { course: course.to_owned(), file: source.file, lesson });
    }
    entries
}

/// A file's name without folder and ending.
fn stem(file: &str) -> String {
    Path::new(file).file_stem().map_or_else(|| file.to_owned(), |stem| stem.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::{Library, course};

    /// A lesson like the first of ours, under another name.
    fn lesson(id: &str) -> String {
        let (_, text) = course::EMBEDDED[0];
        text.replacen("id: create-service-account", &format!("id: {id}"), 1)
    }

    #[test]
    fn a_folder_stands_beside_ours() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("my-class");
        std::fs::create_dir(&folder).expect("made");
        std::fs::write(folder.join("1-hello.yaml"), lesson("hello")).expect("written");
        std::fs::write(folder.join("2-broken.yaml"), "id: broken\ntitel: x\n").expect("written");
        std::fs::write(folder.join("3-create-token.yaml"), lesson("create-token")).expect("written");
        let mut library = Library::read(vec![folder.clone()]).expect("read");
        let own = course::EMBEDDED.len();
        let ids: Vec<String> = library.entries()[own..].iter().map(super::Entry::id).collect();
        assert_eq!(ids, ["my-class/hello", "my-class/2-broken", "my-class/create-token"]);
        assert!(library.entries()[own + 1].lesson.as_ref().is_err_and(|fault| fault.message.contains("titel")));
        for (name, found) in [
            ("hello", Some("my-class/hello")),
            ("my-class/hello", Some("my-class/hello")),
            ("create-token", Some("create-token")),
            ("my-class/create-token", Some("my-class/create-token")),
            ("nothing", None),
        ] {
            assert_eq!(library.find(name).map(super::Entry::id).as_deref(), found, "{name}");
        }
        assert!(!library.refresh(), "nothing was edited");
        std::fs::write(folder.join("2-broken.yaml"), lesson("mended")).expect("written");
        assert!(library.refresh());
        assert!(library.find("mended").is_some());
    }

    #[test]
    fn a_place_without_lessons_is_named() {
        let root = tempfile::tempdir().expect("a folder");
        for (place, why) in [(root.path().to_owned(), "holds no lesson files"), (root.path().join("no"), "cannot read")]
        {
            let said = Library::read(vec![place]).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(said.contains(why), "{said}");
        }
    }
}
