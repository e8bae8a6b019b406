//! `sh`: a small shell, enough to look around in a container. Not here: globs, functions, jobs, here-documents.

mod expand;
mod parse;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;

use super::{Input, Output, Process, Program, find};
use parse::{Command, Joint, List, Pipeline};

/// The key that interrupts, as a terminal sends it.
pub const INTERRUPT: u8 = 3;
/// How a program ends that was interrupted, or whose terminal went away.
pub const INTERRUPTED: i32 = 130;
const HUNG_UP: i32 = 129;

/// The program.
pub struct Sh;

/// Whether a process with a terminal is a shell that reads its lines itself, interruptions with them.
pub fn converses(process: &Process) -> bool {
    process.world.tty && Sh.names().contains(&process.name()) && script_flag(process.arguments()).is_none()
}

/// Where `-c` stands.
fn script_flag(arguments: &[String]) -> Option<usize> {
    arguments.iter().position(|word| word.starts_with('-') && word.ends_with('c'))
}

impl Program for Sh {
    fn names(&self) -> &'static [&'static str] {
        &["sh", "ash", "bash"]
    }

    fn run(&self, process: Process) -> BoxFuture<'static, i32> {
        Box::pin(async move {
            let arguments = process.arguments().to_vec();
            let at = script_flag(&arguments);
            let mut shell = Shell { process, status: 0, leaving: None };
            match at {
                Some(at) => match arguments.get(at + 1) {
                    Some(script) => shell.script(script).await,
                    None => {
                        (shell.process.stderr)(b"sh: -c requires an argument\n");
                        2
                    }
                },
                None if shell.process.world.tty => shell.converse().await,
                None => {
                    let script = shell.process.stdin.read_to_end().await;
                    shell.script(&String::from_utf8_lossy(&script)).await
                }
            }
        })
    }
}

struct Shell {
    process: Process,
    status: i32,
    leaving: Option<i32>,
}

impl Shell {
    async fn script(&mut self, text: &str) -> i32 {
        match parse::parse(text) {
            Ok(list) => self.list(&list).await,
            Err(why) => {
                (self.process.stderr)(format!("sh: syntax error: {why}\n").as_bytes());
                self.status = 2;
                2
            }
        }
    }

    /// Reads lines from a terminal and echoes what is typed, as the terminal's driver does.
    async fn converse(&mut self) -> i32 {
        let Input::Channel(channel) = self.process.stdin.clone() else { return 0 };
        let terminal = Arc::clone(&self.process.stdout);
        let say = |text: &str| terminal(text.replace('\n', "\r\n").as_bytes());
        let out = Arc::clone(&terminal);
        let screen: Output =
            Arc::new(move |bytes: &[u8]| out(String::from_utf8_lossy(bytes).replace('\n', "\r\n").as_bytes()));
        self.process.stdout = Arc::clone(&screen);
        self.process.stderr = screen;
        self.process.stdin = Input::Empty;
        let mut line = String::new();
        // What was typed and not yet looked at; a command that runs leaves it to the next.
        let mut typed: VecDeque<char> = VecDeque::new();
        say(&self.prompt());
        loop {
            let Some(key) = typed.pop_front() else {
                let Some(bytes) = channel.lock().await.recv().await else { return self.status };
                typed.extend(String::from_utf8_lossy(&bytes).chars());
                continue;
            };
            match key {
                '\r' | '\n' => {
                    say("\n");
                    let text = std::mem::take(&mut line);
                    let interrupted = {
                        let mut script = std::pin::pin!(self.script(&text));
                        loop {
                            // What was typed before the interruption is forgotten with it.
                            if let Some(at) = typed.iter().position(|key| *key == char::from(INTERRUPT)) {
                                typed.drain(..=at);
                                break true;
                            }
                            tokio::select! {
                                biased;
                                _ = &mut script => break false,
                                bytes = async { channel.lock().await.recv().await } => {
                                    // Nobody is there any more: what runs is ended, as by a hang-up.
                                    let Some(bytes) = bytes else { return HUNG_UP };
                                    typed.extend(String::from_utf8_lossy(&bytes).chars());
                                }
                            }
                        }
                    };
                    if interrupted {
                        (self.status, self.process.stdin) = (INTERRUPTED, Input::Empty);
                        say("^C\n");
                    } else if let Some(code) = self.leaving {
                        return code;
                    }
                    say(&self.prompt());
                }
                '\u{4}' if line.is_empty() => {
                    say("\n");
                    return self.status;
                }
                '\u{3}' => {
                    line.clear();
                    self.status = INTERRUPTED;
                    say("^C\n");
                    say(&self.prompt());
                }
                '\u{7f}' | '\u{8}' if line.pop().is_some() => {
                    say("\u{8} \u{8}");
                }
                key if !key.is_control() => {
                    line.push(key);
                    say(key.encode_utf8(&mut [0; 4]));
                }
                _ => {}
            }
        }
    }

    fn prompt(&self) -> String {
        format!("{} {} ", self.process.files.current(), if self.process.files.user().uid == 0 { '#' } else { '$' })
    }

    fn list<'a>(&'a mut self, list: &'a List) -> BoxFuture<'a, i32> {
        Box::pin(async move {
            let mut skip = false;
            for (pipeline, joint) in list {
                if !skip {
                    self.status = self.pipeline(pipeline).await;
                }
                if let Some(code) = self.leaving {
                    return code;
                }
                skip = match joint {
                    Joint::And => self.status != 0,
                    Joint::Or => self.status == 0,
                    Joint::Then => false,
                };
            }
            self.status
        })
    }

    async fn pipeline(&mut self, pipeline: &Pipeline) -> i32 {
        let mut code = 0;
        let mut input = self.process.stdin.clone();
        let last = pipeline.commands.len().saturating_sub(1);
        for (at, command) in pipeline.commands.iter().enumerate() {
            if at == last {
                let outer = std::mem::replace(&mut self.process.stdin, input.clone());
                code = self.command(command).await;
                self.process.stdin = outer;
            } else {
                // All but the last run in shells of their own; what they print feeds the next.
                let (output, collected) = collector();
                let mut inner = Shell { process: self.process.clone(), status: self.status, leaving: None };
                inner.process.stdin = input;
                inner.process.stdout = output;
                inner.command(command).await;
                input = Input::Bytes(take(&collected).into());
            }
        }
        if pipeline.negated { i32::from(code == 0) } else { code }
    }

    fn command<'a>(&'a mut self, command: &'a Command) -> BoxFuture<'a, i32> {
        Box::pin(async move {
            match command {
                Command::Group(list) => self.list(list).await,
                Command::If { branches, otherwise } => {
                    for (condition, body) in branches {
                        if self.list(condition).await == 0 && self.leaving.is_none() {
                            return self.list(body).await;
                        }
                    }
                    match otherwise {
                        Some(body) if self.leaving.is_none() => self.list(body).await,
                        _ => 0,
                    }
                }
                Command::While { until, condition, body } => {
                    let mut code = 0;
                    while (self.list(condition).await == 0) != *until && self.leaving.is_none() {
                        code = self.list(body).await;
                        // A loop without a pause must not keep everyone else from running.
                        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                    }
                    self.leaving.unwrap_or(code)
                }
                Command::For { name, words, body } => {
                    let mut code = 0;
                    for word in self.expand(words).await {
                        self.process.env.insert(name.clone(), word);
                        code = self.list(body).await;
                        if self.leaving.is_some() {
                            break;
                        }
                    }
                    code
                }
                Command::Simple { assignments, words, redirects } => self.simple(assignments, words, redirects).await,
            }
        })
    }

    async fn simple(
        &mut self,
        assignments: &[(String, String)],
        words: &[String],
        redirects: &[(String, String)],
    ) -> i32 {
        let argv = self.expand(words).await;
        let mut process = self.process.clone();
        for (name, value) in assignments {
            let value = self.expand_one(value).await;
            process.env.insert(name.clone(), value);
        }
        if let Some(code) = self.leaving {
            return code;
        }
        if argv.is_empty() && redirects.is_empty() {
            self.process.env = process.env;
            return 0;
        }
        let mut files = Vec::new();
        for (operator, target) in redirects {
            let target = self.expand_one(target).await;
            let (from, kind) = operator.split_at(operator.find(['<', '>']).unwrap_or(0));
            let output = match (kind, target.as_str()) {
                ("<", path) => match process.read(path) {
                    Ok(bytes) => {
                        process.stdin = Input::Bytes(bytes.to_vec().into());
                        continue;
                    }
                    Err(error) => return self.refuse(format_args!("can't open {path}: {error}")),
                },
                (">&", "1") => Arc::clone(&process.stdout),
                (">&", "2") => Arc::clone(&process.stderr),
                (_, "/dev/null") => collector().0,
                (kind, path) => {
                    let append = kind == ">>";
                    let opened = if append { process.files.append(path, b"") } else { process.files.write(path, b"") };
                    if let Err(error) = opened {
                        return self.refuse(format_args!("can't create {path}: {error}"));
                    }
                    let (output, collected) = collector();
                    files.push((path.to_owned(), collected));
                    output
                }
            };
            if from == "2" { process.stderr = output } else { process.stdout = output }
        }
        process.argv = argv;
        let files_before = process.files.fork();
        let code = self.start(process).await;
        for (path, collected) in files {
            // The place was writable a moment ago.
            let _ = files_before.append(&path, &take(&collected));
        }
        code
    }

    fn refuse(&self, why: impl std::fmt::Display) -> i32 {
        (self.process.stderr)(format!("sh: {why}\n").as_bytes());
        1
    }

    async fn start(&mut self, process: Process) -> i32 {
        let Some(name) = process.argv.first().cloned() else { return 0 };
        let word = |at: usize| process.argv.get(at).cloned();
        match name.as_str() {
            ":" | "set" | "trap" | "wait" => 0,
            "cd" => {
                let to = word(1).unwrap_or_else(|| "/".to_owned());
                match self.process.files.change(&to) {
                    Ok(()) => 0,
                    Err(error) => self.refuse(format_args!("cd: can't cd to {to}: {error}")),
                }
            }
            "exit" => {
                let code = word(1).and_then(|code| code.parse().ok()).unwrap_or(self.status);
                self.leaving = Some(code);
                code
            }
            "export" => {
                for (name, value) in process.arguments().iter().filter_map(|word| word.split_once('=')) {
                    self.process.env.insert(name.to_owned(), value.to_owned());
                }
                0
            }
            "unset" => {
                process.arguments().iter().for_each(|name| drop(self.process.env.remove(name)));
                0
            }
            "exec" => {
                let mut process = process;
                process.argv.remove(0);
                let code = Box::pin(self.start(process)).await;
                self.leaving = Some(code);
                code
            }
            "test" | "[" => i32::from(!test(&process)),
            _ => match find(&name) {
                Some(program) => program.run(process).await,
                None => {
                    (process.stderr)(format!("sh: {name}: not found\n").as_bytes());
                    127
                }
            },
        }
    }
}

/// `test`: files and texts.
fn test(process: &Process) -> bool {
    let mut words: Vec<&str> = process.arguments().iter().map(String::as_str).collect();
    if process.name() == "[" && words.last() == Some(&"]") {
        words.pop();
    }
    let exists = |path: &str| process.files.stat(path, true).ok();
    let number = |text: &str| text.parse::<i64>().unwrap_or(0);
    match words.as_slice() {
        ["!", rest @ ..] => {
            let mut inner = process.clone();
            inner.argv = std::iter::once("test").chain(rest.iter().copied()).map(str::to_owned).collect();
            !test(&inner)
        }
        ["-e" | "-r", path] => exists(path).is_some(),
        ["-f", path] => process.files.read(path).is_ok(),
        ["-d", path] => process.files.metadata(path).is_ok_and(|found| found.directory),
        ["-s", path] => exists(path).is_some_and(|stat| stat.size > 0),
        ["-z", text] => text.is_empty(),
        ["-n", text] | [text] => !text.is_empty(),
        [a, "=" | "==", b] => a == b,
        [a, "!=", b] => a != b,
        [a, "-eq", b] => number(a) == number(b),
        [a, "-ne", b] => number(a) != number(b),
        [a, "-lt", b] => number(a) < number(b),
        [a, "-gt", b] => number(a) > number(b),
        [a, "-le", b] => number(a) <= number(b),
        [a, "-ge", b] => number(a) >= number(b),
        _ => false,
    }
}

type Collected = Arc<Mutex<Vec<u8>>>;

/// An output that keeps what is written.
fn collector() -> (Output, Collected) {
    let collected = Collected::default();
    let kept = Arc::clone(&collected);
    let output: Output =
        Arc::new(move |bytes: &[u8]| kept.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes));
    (output, collected)
}

fn take(collected: &Collected) -> Vec<u8> {
    std::mem::take(&mut *collected.lock().unwrap_or_else(PoisonError::into_inner))
}
