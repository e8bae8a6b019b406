//! The user's state directory: progress, history, log. Every write is whole or does not happen.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use jiff::Timestamp;

/// The variable that says where the state is kept.
const VARIABLE: &str = "SA_TUTOR_HOME";
/// How many lines of history are kept.
const HISTORY: usize = 1000;

/// Why the state cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// There is no home directory to put it in.
    #[error("no home directory was found; set SA_TUTOR_HOME to a folder for your progress")]
    Nowhere,
    /// A file cannot be read or written.
    #[error("cannot use {path}: {cause}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        cause: io::Error,
    },
}

/// The state directory.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

impl Home {
    /// `SA_TUTOR_HOME`, or `sa-tutor` in the user's state directory. It is made when it is not there.
    ///
    /// # Errors
    /// When there is no home directory, or the folder cannot be made.
    pub fn find() -> Result<Self, HomeError> {
        let path = match std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
            Some(path) => PathBuf::from(path),
            None => {
                let base = etcetera::choose_base_strategy().map_err(|_| HomeError::Nowhere)?;
                base.state_dir().unwrap_or_else(|| base.data_dir()).join("sa-tutor")
            }
        };
        Self::at(path)
    }

    /// A state directory at a given place. A new one is for its owner alone.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn at(path: PathBuf) -> Result<Self, HomeError> {
        let mut folder = fs::DirBuilder::new();
        folder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(&path).map_err(|cause| HomeError::Io { path: path.clone(), cause })?;
        Ok(Self(path))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Where a file is, from the root on.
    pub fn path(&self, name: &str) -> PathBuf {
        let path = self.file(name);
        std::path::absolute(&path).unwrap_or(path)
    }

    /// Removes a file; one that is not there is removed already.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), HomeError> {
        let path = self.file(name);
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(HomeError::Io { path, cause }),
            _ => Ok(()),
        }
    }

    /// A file's text; `None` when it is not there.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn read(&self, name: &str) -> Result<Option<String>, HomeError> {
        let path = self.file(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(HomeError::Io { path, cause }),
        }
    }

    /// Replaces a file, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, text: &str) -> Result<(), HomeError> {
        let path = self.file(name);
        write_whole(&path, text.as_bytes()).map_err(|cause| HomeError::Io { path, cause })
    }

    /// Waits until no other process holds this file, and holds it until what is given back is dropped.
    ///
    /// # Errors
    /// When it cannot be made or held.
    pub fn lock(&self, name: &str) -> Result<fs::File, HomeError> {
        let path = self.file(name);
        let held = fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let held = held.and_then(|file| file.lock().map(|()| file));
        held.map_err(|cause| HomeError::Io { path, cause })
    }

    /// Puts a damaged file aside under another name, and says which.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn set_aside(&self, name: &str, now: Timestamp) -> Result<PathBuf, HomeError> {
        let path = self.file(name);
        let aside = format!("{name}.damaged-{}", now.strftime("%Y%m%dT%H%M%S"));
        let more = (2..).map(|number| format!("{aside}-{number}"));
        let aside = std::iter::once(aside.clone()).chain(more).map(|name| self.file(&name)).find(|path| !path.exists());
        let aside = aside.unwrap_or_else(|| path.clone());
        fs::rename(&path, &aside).map_err(|cause| HomeError::Io { path, cause })?;
        Ok(aside)
    }

    /// The command lines of earlier sessions, oldest first.
    pub fn history(&self) -> Vec<String> {
        // A history that cannot be read is an empty one; nothing else depends on it.
        let text = self.read("history").ok().flatten().unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Keeps the last command lines, one JSON string a line, so that lines may have newlines in them.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep_history(&self, lines: &[String]) -> Result<(), HomeError> {
        let from = lines.len().saturating_sub(HISTORY);
        let text: String =
            lines[from..].iter().map(|line| format!("{}\n", serde_json::Value::from(line.as_str()))).collect();
        self.write("history", &text)
    }

    /// Where the log goes.
    pub fn log_directory(&self) -> PathBuf {
        self.file("log")
    }
}

/// Writes beside the file and renames: a reader sees the old text or the new, never a part. Readable by its owner alone.
///
/// # Errors
/// When the folder is not there or not ours.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Home;
    use jiff::Timestamp;

    #[test]
    fn files_are_replaced_whole_and_set_aside() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home::at(folder.path().join("state")).expect("made");
        assert_eq!(home.read("progress.json").expect("read"), None);
        home.write("progress.json", "one").expect("written");
        home.write("progress.json", "two").expect("written");
        assert_eq!(home.read("progress.json").expect("read").as_deref(), Some("two"));
        let aside = home.set_aside("progress.json", Timestamp::UNIX_EPOCH).expect("renamed");
        assert!(aside.ends_with("progress.json.damaged-19700101T000000"));
        assert_eq!(home.read("progress.json").expect("read"), None);
    }

    #[test]
    fn history_keeps_lines_with_newlines() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home::at(folder.path().to_owned()).expect("made");
        let lines = vec!["a".to_owned(), "b \\\n c".to_owned()];
        home.keep_history(&lines).expect("written");
        assert_eq!(home.history(), lines);
    }
}
