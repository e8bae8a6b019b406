//! The machine's own files, for `sa-tutor kubectl -f FILE`. The tutor's shell never sees these.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use futures::FutureExt as _;
use futures::future::BoxFuture;

use crate::base::Order as _;
use crate::kubectl::Files;

/// Paths are the operating system's.
pub struct HostFiles;

impl Files for HostFiles {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn write(&self, path: &str, content: &[u8]) -> io::Result<()> {
        if let Some(folder) = Path::new(path).parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // What kubectl writes are kubeconfigs: their owner's alone.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)?.write_all(content)
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn outside(&self) -> bool {
        true
    }

    fn absolute(&self, path: &str) -> String {
        // What cannot be made absolute is shown as it was named.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.into());
        let parts: PathBuf = path.components().collect();
        parts.to_string_lossy().into_owned()
    }

    fn edit<'a>(&'a self, name: &'a str, text: &'a str) -> BoxFuture<'a, io::Result<String>> {
        async move {
            let (stem, end) = name.rsplit_once('.').unwrap_or((name, "yaml"));
            let mut file = tempfile::Builder::new().prefix(stem).suffix(&format!(".{end}")).tempfile()?;
            file.write_all(text.as_bytes())?;
            let named =
                ["KUBE_EDITOR", "EDITOR"].into_iter().find_map(|name| self.variable(name).filter(|v| !v.is_empty()));
            let editor = named.unwrap_or_else(|| if cfg!(windows) { "notepad".to_owned() } else { "vi".to_owned() });
            let mut words = editor.split(' ');
            let mut command = if editor.contains(['"', '\'', '\\']) {
                let mut shell = Command::new("/bin/bash");
                shell.arg("-c").arg(format!("{editor} {:?}", file.path()));
                shell
            } else {
                let mut command = Command::new(words.next().unwrap_or_default());
                command.args(words.filter(|word| !word.is_empty())).arg(file.path());
                command
            };
            let ended = tokio::task::spawn_blocking(move || command.status()).await.map_err(io::Error::other)?;
            match ended {
                Ok(status) if status.success() => {}
                Ok(_) => return Err(io::Error::other(format!("there was a problem with the editor {editor:?}"))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Err(io::Error::other(format!("unable to launch the editor {editor:?}")));
                }
                Err(error) => return Err(error),
            }
            Ok(String::from_utf8_lossy(&std::fs::read(file.path())?).into_owned())
        }
        .boxed()
    }

    fn directory(&self, path: &str) -> Option<Vec<String>> {
        let entries = std::fs::read_dir(path).ok()?;
        let files = entries.filter_map(Result::ok).filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
        let mut paths: Vec<String> = files.map(|entry| entry.path().to_string_lossy().into_owned()).collect();
        paths.order();
        Some(paths)
    }
}
