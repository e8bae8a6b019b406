//! The machine's own files, for `sa-tutor kubectl -f FILE`. The tutor's shell never sees these.

use std::io;

use crate::kubectl::Files;

/// Paths are the operating system's.
pub struct HostFiles;

impl Files for HostFiles {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn directory(&self, path: &str) -> Option<Vec<String>> {
        let entries = std::fs::read_dir(path).ok()?;
        let files = entries.filter_map(Result::ok).filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
        let mut paths: Vec<String> = files.map(|entry| entry.path().to_string_lossy().into_owned()).collect();
        paths.sort();
        Some(paths)
    }
}
