//! Redirections: `>`, `>>`, `<`, `2>&1`, `&>`, here-documents and here-strings.

use brush_parser::ast::{
    IoFileRedirectKind as Kind, IoFileRedirectTarget as Target, IoRedirect, ProcessSubstitutionKind,
};

use super::Shell;
use super::execute::Io;
use super::expand::Fault;
use super::files::Appender;
use super::pipe::Source;
use super::sink::Sink;

impl Shell {
    /// The streams after these redirections, in the order given.
    pub(super) async fn redirect<'s>(&mut self, redirects: &[&IoRedirect], io: &Io<'s>) -> Result<Io<'s>, Fault> {
        let mut own = io.clone();
        for redirect in redirects {
            match redirect {
                IoRedirect::File(fd, kind, target) => self.file(*fd, kind, target, io, &mut own).await?,
                IoRedirect::HereDocument(fd, document) => {
                    input(*fd)?;
                    // Tabs are taken from the document itself, not from what its variables hold.
                    let text = match document.remove_tabs {
                        true => document.doc.value.split_inclusive('\n').map(|l| l.trim_start_matches('\t')).collect(),
                        false => document.doc.value.clone(),
                    };
                    let text = match document.requires_expansion {
                        true => self.expand_document(&text, io).await?,
                        false => text,
                    };
                    own.stdin = Source::bytes(text);
                }
                IoRedirect::HereString(fd, word) => {
                    input(*fd)?;
                    own.stdin = Source::bytes(self.expand_whole(word, io).await? + "\n");
                }
                IoRedirect::OutputAndError(word, append) => {
                    let path = self.expand_whole(word, io).await?;
                    let sink = self.open(&path, *append)?;
                    (own.stdout, own.stderr) = (sink.clone(), sink);
                }
            }
        }
        Ok(own)
    }

    async fn file<'s>(
        &mut self,
        fd: Option<i32>,
        kind: &Kind,
        target: &Target,
        io: &Io<'s>,
        own: &mut Io<'s>,
    ) -> Result<(), Fault> {
        let (word, duplicate) = match target {
            Target::Filename(word) => (self.target(word, io).await?, false),
            Target::Duplicate(word) => (self.expand_whole(word, io).await?, true),
            Target::Fd(fd) => (fd.to_string(), true),
            Target::ProcessSubstitution(ProcessSubstitutionKind::Read, inner) if matches!(kind, Kind::Read) => {
                own.stdin = Source::bytes(self.captured(inner, io).await?);
                return Ok(());
            }
            Target::ProcessSubstitution(..) => {
                return Err(">(...) is not part of this shell; use a pipe instead".to_owned());
            }
        };
        match kind {
            Kind::Read | Kind::ReadAndWrite => {
                input(fd)?;
                let content = match word.as_str() {
                    "/dev/null" => Vec::new(),
                    path => self.files.read(path).map_err(|error| format!("{path}: {error}"))?,
                };
                own.stdin = Source::bytes(content);
            }
            Kind::DuplicateInput if word == "0" || word == "-" => {}
            Kind::Write | Kind::Clobber | Kind::Append => {
                let sink = self.open(&word, matches!(kind, Kind::Append))?;
                output(fd, sink, own)?;
            }
            // `>& file` is another way to write `&> file`.
            Kind::DuplicateOutput if fd.is_none() && word.parse::<u32>().is_err() && word != "-" => {
                let sink = self.open(&word, false)?;
                (own.stdout, own.stderr) = (sink.clone(), sink);
            }
            Kind::DuplicateOutput | Kind::DuplicateInput => {
                let sink = match word.as_str() {
                    "1" if duplicate => own.stdout.clone(),
                    "2" if duplicate => own.stderr.clone(),
                    "-" => Sink::new(std::io::sink()),
                    other => return Err(format!("{other}: Bad file descriptor")),
                };
                output(fd, sink, own)?;
            }
        }
        Ok(())
    }

    /// A redirection's file: it has to be one word.
    async fn target(&mut self, word: &brush_parser::ast::Word, io: &Io<'_>) -> Result<String, Fault> {
        let mut words = self.expand(word, io).await?;
        match (words.pop(), words.is_empty()) {
            (Some(only), true) => Ok(only),
            _ => Err(format!("{}: ambiguous redirect", word.value)),
        }
    }

    fn open<'s>(&mut self, path: &str, append: bool) -> Result<Sink<'s>, Fault> {
        if path == "/dev/null" {
            return Ok(Sink::new(std::io::sink()));
        }
        let opened = if append { self.files.append(path, b"") } else { self.files.write(path, b"") };
        opened.map_err(|error| format!("{path}: {error}"))?;
        // The command may change the directory while it writes.
        let path = self.files.resolve(path);
        Ok(Sink::new(Appender { files: self.files.clone(), path }))
    }
}

fn input(fd: Option<i32>) -> Result<(), Fault> {
    match fd {
        None | Some(0) => Ok(()),
        Some(fd) => Err(format!("{fd}: Bad file descriptor")),
    }
}

fn output<'s>(fd: Option<i32>, sink: Sink<'s>, own: &mut Io<'s>) -> Result<(), Fault> {
    match fd {
        None | Some(1) => own.stdout = sink,
        Some(2) => own.stderr = sink,
        Some(fd) => return Err(format!("{fd}: Bad file descriptor")),
    }
    Ok(())
}
