//! The programs, each in a file of its own. `help`, completion and `command not found` read this one list, and what whoever
//! owns the machine adds to it.

mod alias;
mod args;
mod base64;
mod basename;
mod cat;
mod cd;
mod curl;
mod cut;
mod date;
mod diff;
mod echo;
mod env;
mod eval;
mod exit;
mod find;
mod grep;
mod head;
mod id;
mod jq;
mod less;
mod link;
mod local;
mod ls;
mod mkdir;
mod mount;
mod openssl;
mod printf;
mod read;
pub(super) mod regexp;
mod rm;
mod sed;
mod seq;
mod set;
mod sleep;
mod sort;
mod tee;
mod test;
mod tr;
mod url;
mod watch;
mod wc;
mod wget;
mod which;
mod xargs;

use std::io::Write;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::execute::Io;
use super::pipe::Source;
use super::sink::Sink;
use super::{Make, Shell};

/// A program: its name, what `help` says of it, and how it runs.
pub struct Program {
    /// What is typed.
    pub name: &'static str,
    /// One line for `help`.
    pub summary: &'static str,
    /// How it is called: what `--help` shows after the name.
    pub usage: &'static str,
    /// What runs.
    pub run: Run,
}

/// How a program runs.
pub enum Run {
    /// It is done when it returns.
    Now(fn(&mut Call<'_>) -> i32),
    /// It waits for something.
    Later(for<'a, 'b> fn(&'a mut Call<'b>) -> BoxFuture<'a, i32>),
    /// It waits for something, answers `--help` itself, and says of which arguments it does nothing but show what happens until
    /// it is ended.
    Whole(for<'a, 'b> fn(&'a mut Call<'b>) -> BoxFuture<'a, i32>, fn(&[String]) -> bool),
}

/// One call of a program. What it gives back is the exit code.
pub struct Call<'a> {
    /// The program's name.
    pub name: &'static str,
    /// What follows the name.
    pub args: &'a [String],
    /// Standard input.
    pub stdin: Source,
    /// Standard output.
    pub stdout: Sink<'a>,
    /// Standard error.
    pub stderr: Sink<'a>,
    /// The shell that runs it.
    pub shell: &'a mut Shell,
}

/// Programs that are a part of the shell: when nobody reads what they write, it is the shell that ends.
const BUILTINS: &[&str] = &[
    ".", ":", "[", "alias", "bg", "break", "builtin", "cd", "command", "continue", "declare", "disown", "echo", "eval",
    "exec", "exit", "export", "false", "fg", "help", "history", "jobs", "let", "local", "printf", "pwd", "read",
    "readonly", "return", "set", "shift", "shopt", "source", "test", "trap", "true", "type", "typeset", "unalias",
    "unset", "wait",
];

/// In alphabetical order.
pub static PROGRAMS: &[Program] = &[
    eval::DOT,
    Program { name: ":", summary: "does nothing", usage: "", run: Run::Now(|_| 0) },
    Program {
        name: "[",
        summary: "compares texts, numbers and files",
        usage: "EXPRESSION ]",
        run: Run::Now(test::run),
    },
    alias::ALIAS,
    eval::ASH,
    base64::BASE64,
    basename::BASENAME,
    eval::BASH,
    exit::BREAK,
    eval::BUILTIN,
    cat::CAT,
    cd::CD,
    link::CHMOD,
    eval::COMMAND,
    exit::CONTINUE,
    rm::CP,
    curl::CURL,
    cut::CUT,
    eval::DASH,
    date::DATE,
    local::DECLARE,
    diff::DIFF,
    basename::DIRNAME,
    echo::ECHO,
    env::ENV,
    eval::EVAL,
    eval::EXEC,
    exit::EXIT,
    env::EXPORT,
    Program { name: "false", summary: "fails", usage: "", run: Run::Now(|_| 1) },
    find::FIND,
    grep::GREP,
    head::HEAD,
    id::HOSTNAME,
    id::ID,
    jq::JQ,
    less::LESS,
    link::LN,
    local::LOCAL,
    ls::LS,
    read::MAPFILE,
    mkdir::MKDIR,
    mkdir::MKTEMP,
    less::MORE,
    mount::MOUNT,
    rm::MV,
    openssl::OPENSSL,
    env::PRINTENV,
    printf::PRINTF,
    cd::PWD,
    read::READ,
    link::READLINK,
    local::READONLY,
    link::REALPATH,
    exit::RETURN,
    rm::RM,
    sed::SED,
    seq::SEQ,
    set::SET,
    eval::SH,
    set::SHIFT,
    sleep::SLEEP,
    sort::SORT,
    eval::SOURCE,
    head::TAIL,
    tee::TEE,
    Program {
        name: "test",
        summary: "compares texts, numbers and files",
        usage: "EXPRESSION",
        run: Run::Now(test::run),
    },
    watch::TIMEOUT,
    mkdir::TOUCH,
    tr::TR,
    set::TRAP,
    Program { name: "true", summary: "succeeds", usage: "", run: Run::Now(|_| 0) },
    which::TYPE,
    alias::UNALIAS,
    sort::UNIQ,
    env::UNSET,
    set::WAIT,
    watch::WATCH,
    wc::WC,
    wget::WGET,
    which::WHICH,
    id::WHOAMI,
    xargs::XARGS,
    seq::YES,
];

impl Program {
    /// Whether it is a part of the shell rather than a file on a path.
    pub(super) fn is_builtin(&self) -> bool {
        BUILTINS.contains(&self.name)
    }

    /// Whether it is a file on a path, besides being a part of the shell perhaps.
    pub fn is_file(&self) -> bool {
        !self.is_builtin() || matches!(self.name, "echo" | "printf" | "true" | "false" | "test" | "[" | "pwd")
    }

    /// Whether a call with these arguments only watches, and may end as soon as nobody reads what it writes.
    pub(super) fn follows(&self, args: &[String]) -> bool {
        if let Run::Whole(_, follows) = self.run {
            return follows(args);
        }
        match self.name {
            // These do nothing but hand on, so that `kubectl get -w | grep x | head -1` ends as a whole.
            "watch" | "yes" | "grep" | "cut" | "tr" | "cat" | "uniq" => true,
            "sed" => !args.iter().any(|arg| arg.starts_with("-i") || arg.starts_with("--in")),
            _ => false,
        }
    }

    /// Runs it. `--help` alone is answered from the list.
    pub(super) fn run<'a>(&'static self, mut call: Call<'a>) -> BoxFuture<'a, i32> {
        async move {
            let own = matches!(
                self.name,
                "echo" | "printf" | "test" | "[" | ":" | "true" | "false" | "xargs" | "eval" | "command"
            );
            if !own && call.args == ["--help"] {
                call.print(&format!("Usage: {} {}\n{}\n", self.name, self.usage, sentence(self.summary)));
                return 0;
            }
            match self.run {
                Run::Now(run) => run(&mut call),
                Run::Later(run) | Run::Whole(run, _) => run(&mut call).await,
            }
        }
        .boxed()
    }
}

fn sentence(summary: &str) -> String {
    let mut letters = summary.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

impl Call<'_> {
    /// Writes to standard output. A reader that is gone is no fault of the program.
    pub fn print(&mut self, text: &str) {
        self.write(text.as_bytes());
    }

    /// As [`Call::print`], for bytes.
    pub fn write(&mut self, bytes: &[u8]) {
        if let Err(error) = self.stdout.write_all(bytes)
            && error.kind() != std::io::ErrorKind::BrokenPipe
        {
            self.complain(&format!("write error: {error}"));
        }
    }

    /// Writes `name: fault` to standard error.
    pub fn complain(&mut self, fault: &str) {
        let _ = writeln!(self.stderr, "{}: {fault}", self.name);
    }

    /// Says what is wrong in the shell's name, as its built-in programs do.
    pub fn fault(&mut self, fault: &str) {
        let title = self.shell.title();
        let _ = writeln!(self.stderr, "{title}: {fault}");
    }

    /// Says that the arguments are wrong, as GNU's programs do.
    pub fn misused(&mut self, fault: &str, status: i32) -> i32 {
        if self.is_busybox() {
            let (name, usage) = (self.name, self.usage());
            self.complain(fault);
            let _ = writeln!(self.stderr, "BusyBox v1.37.0 () multi-call binary.\n\nUsage: {name} {usage}");
            return 1;
        }
        self.complain(fault);
        let _ = writeln!(self.stderr, "Try '{} --help' for more information.", self.name);
        status
    }

    fn usage(&self) -> &'static str {
        self.shell.machine.find(self.name).map_or("", |program| program.usage)
    }

    /// Whether BusyBox's words are to be used.
    pub(super) fn is_busybox(&self) -> bool {
        self.shell.machine.make == Make::Busybox
    }

    /// Writes `name: fault` to standard error, in GNU's words or BusyBox's.
    pub(super) fn complain_as(&mut self, gnu: &str, busybox: &str) {
        let fault = if self.is_busybox() { busybox } else { gnu };
        self.complain(fault);
    }

    /// Each file named, or standard input when there is none or it is `-`. What cannot be read is complained about;
    /// the flag says whether all could.
    pub(super) fn sources(&mut self, paths: &[String]) -> (Vec<(String, Source)>, bool) {
        let (sources, missing) = self.opened(paths);
        for (path, error) in &missing {
            let what = match self.name {
                "cat" if self.is_busybox() && error.kind() == std::io::ErrorKind::IsADirectory => {
                    format!("read error: {error}")
                }
                "cat" | "sort" | "uniq" | "cut" if self.is_busybox() => format!("can't open '{path}': {error}"),
                _ if self.is_busybox() => format!("{path}: {error}"),
                "head" | "tail" => format!("cannot open '{path}' for reading: {error}"),
                "sed" => format!("can't read {path}: {error}"),
                _ => format!("{path}: {error}"),
            };
            self.complain(&what);
        }
        (sources, missing.is_empty())
    }

    /// As [`Call::sources`], without a word about what cannot be read.
    pub(super) fn found(&mut self, paths: &[String]) -> (Vec<(String, Source)>, bool) {
        let (sources, missing) = self.opened(paths);
        (sources, missing.is_empty())
    }

    fn opened(&self, paths: &[String]) -> (Vec<(String, Source)>, Vec<Missing>) {
        if paths.is_empty() {
            return (vec![("-".to_owned(), self.stdin.clone())], Vec::new());
        }
        let (mut sources, mut missing) = (Vec::new(), Vec::new());
        for path in paths {
            let source = match path.as_str() {
                "-" | "/dev/stdin" => Ok(self.stdin.clone()),
                "/dev/null" => Ok(Source::bytes(Vec::new())),
                path => self.shell.files.read(path).map(Source::bytes),
            };
            match source {
                Ok(source) => sources.push((path.clone(), source)),
                Err(error) => missing.push((path.clone(), error)),
            }
        }
        (sources, missing)
    }

    /// As [`Call::sources`], for programs that need all before they begin.
    pub(super) async fn inputs(&mut self, paths: &[String]) -> (Vec<(String, Vec<u8>)>, bool) {
        let (sources, mut fine) = self.sources(paths);
        let mut inputs = Vec::new();
        for (path, source) in sources {
            match source.all().await {
                Some(content) => inputs.push((path, content)),
                None => {
                    fine = false;
                    self.complain(&format!("{path}: more than this shell can keep"));
                }
            }
        }
        (inputs, fine)
    }

    /// The streams, for another command that this one runs.
    pub(super) fn io(&self) -> Io<'_> {
        Io { stdin: self.stdin.clone(), stdout: self.stdout.within(), stderr: self.stderr.within() }
    }
}

/// A path that cannot be read, and why.
type Missing = (String, std::io::Error);

/// The lines of a text, each with its newline if it has one.
fn lines(content: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    content.split_inclusive(|byte| *byte == b'\n')
}

/// A line without its newline.
fn chomp(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::PROGRAMS;
    use crate::base::Order as _;

    #[test]
    fn each_program_is_there_once_in_order() {
        let names: Vec<&str> = PROGRAMS.iter().map(|program| program.name).collect();
        let mut sorted = names.clone();
        sorted.order();
        sorted.dedup();
        assert_eq!(names, sorted);
        for program in PROGRAMS {
            assert!(!program.summary.is_empty() && !program.summary.ends_with('.'), "{}", program.name);
        }
    }
}
