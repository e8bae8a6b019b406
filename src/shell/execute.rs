//! Runs the syntax tree: lists, pipelines, groups, loops, and simple commands.

use std::io::Write;

use brush_parser::ast::{
    AndOr, AssignmentName, AssignmentValue, Command, CommandPrefixOrSuffixItem as Item, CompoundCommand, CompoundList,
    Pipeline, Program, RedirectList, SeparatorOperator, SimpleCommand, Word,
};
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::expand::Fault;
use super::program::{self, Call};
use super::sink::{Capture, Sink};
use super::{Leaving, Screen, Shell, parse, pattern, words};

/// How often one `while` or `until` goes round.
const ROUNDS_LIMIT: usize = 1000;
/// How many `$(…)` may be inside each other.
const DEPTH_LIMIT: usize = 8;

/// The three streams of a command.
#[derive(Clone)]
pub(super) struct Io<'s> {
    /// `None` is the learner's keyboard, on which no program waits.
    pub stdin: Option<Bytes>,
    pub stdout: Sink<'s>,
    pub stderr: Sink<'s>,
}

impl<'s> Io<'s> {
    pub fn screen<'a: 's>(screen: &'s mut Screen<'a>) -> Io<'s> {
        Io { stdin: None, stdout: Sink::screen(&mut *screen.stdout), stderr: Sink::screen(&mut *screen.stderr) }
    }

    /// Says what is wrong, as bash.
    pub fn complain(&self, fault: &str) {
        // When standard error is closed there is nowhere left to say so.
        let _ = writeln!(self.stderr.clone(), "bash: {fault}");
    }
}

impl Shell {
    pub(super) async fn program(&mut self, program: &Program, io: &Io<'_>) {
        for list in &program.complete_commands {
            self.list(list, io).await;
            if self.leaving.is_some() {
                break;
            }
        }
    }

    fn list<'a>(&'a mut self, list: &'a CompoundList, io: &'a Io<'_>) -> BoxFuture<'a, i32> {
        async move {
            for item in &list.0 {
                if matches!(item.1, SeparatorOperator::Async) {
                    io.complain("background jobs are not part of this shell");
                    self.status = 2;
                    continue;
                }
                self.pipeline(&item.0.first, io).await;
                for next in &item.0.additional {
                    if self.leaving.is_some() {
                        break;
                    }
                    match next {
                        AndOr::And(pipeline) if self.status == 0 => self.pipeline(pipeline, io).await,
                        AndOr::Or(pipeline) if self.status != 0 => self.pipeline(pipeline, io).await,
                        _ => {}
                    }
                }
                if self.leaving.is_some() {
                    break;
                }
            }
            self.status
        }
        .boxed()
    }

    async fn pipeline(&mut self, pipeline: &Pipeline, io: &Io<'_>) {
        // Whoever waits for this command can cancel it between any two of its parts.
        tokio::task::yield_now().await;
        match pipeline.seq.as_slice() {
            [only] => self.status = self.command(only, io).await,
            stages => {
                let mut stdin = io.stdin.clone();
                for (number, stage) in stages.iter().enumerate() {
                    let last = number + 1 == stages.len();
                    let capture = Capture::default();
                    let stdout = if last { io.stdout.clone() } else { Sink::new(capture.clone()) };
                    let own = Io { stdin, stdout, stderr: io.stderr.clone() };
                    let before = self.environment();
                    self.status = self.command(stage, &own).await;
                    self.restore(before);
                    stdin = Some(capture.take().into());
                }
            }
        }
        if pipeline.bang {
            self.status = i32::from(self.status == 0);
        }
    }

    async fn command(&mut self, command: &Command, io: &Io<'_>) -> i32 {
        match command {
            Command::Simple(simple) => match self.simple(simple, io).await {
                Ok(status) => status,
                Err(fault) => {
                    io.complain(&fault);
                    1
                }
            },
            Command::Compound(compound, redirects) => {
                let redirects: Vec<_> = redirects.iter().flat_map(|RedirectList(list)| list).collect();
                match self.redirect(&redirects, io).await {
                    Ok(io) => self.compound(compound, &io).await,
                    Err(fault) => {
                        io.complain(&fault);
                        1
                    }
                }
            }
            Command::Function(_) => absent(io, "functions are"),
            Command::ExtendedTest(..) => absent(io, "[[ is"),
        }
    }

    async fn compound(&mut self, compound: &CompoundCommand, io: &Io<'_>) -> i32 {
        match compound {
            CompoundCommand::BraceGroup(group) => self.list(&group.list, io).await,
            CompoundCommand::Subshell(subshell) => {
                let before = self.environment();
                let status = self.list(&subshell.list, io).await;
                self.restore(before);
                status
            }
            CompoundCommand::IfClause(clause) => {
                if self.list(&clause.condition, io).await == 0 {
                    return self.list(&clause.then, io).await;
                }
                for other in clause.elses.iter().flatten() {
                    if self.leaving.is_some() {
                        return self.status;
                    }
                    let chosen = match &other.condition {
                        Some(condition) => self.list(condition, io).await == 0,
                        None => true,
                    };
                    if chosen {
                        return self.list(&other.body, io).await;
                    }
                }
                0
            }
            CompoundCommand::ForClause(clause) => {
                let mut values = Vec::new();
                for word in clause.values.iter().flatten() {
                    match self.expand(word, io).await {
                        Ok(words) => values.extend(words),
                        Err(fault) => {
                            io.complain(&fault);
                            return 1;
                        }
                    }
                }
                self.status = 0;
                for value in values {
                    if let Err(fault) = self.assign(&clause.variable_name, value) {
                        io.complain(&fault);
                        return 1;
                    }
                    self.list(&clause.body.list, io).await;
                    if self.is_loop_left() {
                        break;
                    }
                }
                self.status
            }
            CompoundCommand::WhileClause(clause) => self.rounds(&clause.0, &clause.1.list, true, io).await,
            CompoundCommand::UntilClause(clause) => self.rounds(&clause.0, &clause.1.list, false, io).await,
            CompoundCommand::CaseClause(clause) => {
                let value = match self.expand_whole(&clause.value, io).await {
                    Ok(value) => value,
                    Err(fault) => {
                        io.complain(&fault);
                        return 1;
                    }
                };
                for case in &clause.cases {
                    for candidate in &case.patterns {
                        let fits = match self.expand_pattern(candidate, io).await {
                            Ok(pattern) => pattern::matches(&pattern, &value),
                            Err(_) => false,
                        };
                        if fits {
                            return match &case.cmd {
                                Some(list) => self.list(list, io).await,
                                None => 0,
                            };
                        }
                    }
                }
                0
            }
            CompoundCommand::Arithmetic(_) | CompoundCommand::ArithmeticForClause(_) => absent(io, "arithmetic is"),
            CompoundCommand::Coprocess(_) => absent(io, "coprocesses are"),
        }
    }

    async fn rounds(&mut self, condition: &CompoundList, body: &CompoundList, wanted: bool, io: &Io<'_>) -> i32 {
        let mut status = 0;
        for _ in 0..ROUNDS_LIMIT {
            let holds = self.list(condition, io).await == 0;
            if self.is_loop_left() || holds != wanted {
                return status;
            }
            status = self.list(body, io).await;
            if self.is_loop_left() {
                return status;
            }
        }
        io.complain(&format!("this loop went round {ROUNDS_LIMIT} times; it ends here"));
        1
    }

    /// Whether the loop that runs now is over. `continue` ends only its round.
    fn is_loop_left(&mut self) -> bool {
        match self.leaving {
            Some(Leaving::Continue) => {
                self.leaving = None;
                false
            }
            Some(Leaving::Break) => {
                self.leaving = None;
                true
            }
            Some(Leaving::Exit) => true,
            None => false,
        }
    }

    async fn simple(&mut self, command: &SimpleCommand, io: &Io<'_>) -> Result<i32, Fault> {
        let prefix = command.prefix.iter().flat_map(|prefix| &prefix.0);
        let suffix = command.suffix.iter().flat_map(|suffix| &suffix.0);
        let (mut assignments, mut redirects, mut arguments) = (Vec::new(), Vec::new(), Vec::new());
        self.substituted = None;

        if let Some(name) = &command.word_or_name {
            match self.alias(name) {
                Some(replacement) => arguments.extend(replacement),
                None => arguments.extend(self.expand(name, io).await?),
            }
        }
        let declares = matches!(arguments.first().map(String::as_str), Some("export" | "alias"));
        for item in prefix {
            match item {
                Item::IoRedirect(redirect) => redirects.push(redirect),
                Item::AssignmentWord(assignment, _) => assignments.push(assignment),
                _ => return Err("process substitution is not part of this shell".to_owned()),
            }
        }
        for item in suffix {
            match item {
                Item::IoRedirect(redirect) => redirects.push(redirect),
                Item::AssignmentWord(_, word) if declares => arguments.push(self.expand_whole(word, io).await?),
                Item::Word(word) | Item::AssignmentWord(_, word) => arguments.extend(self.expand(word, io).await?),
                Item::ProcessSubstitution(..) => {
                    return Err("process substitution is not part of this shell".to_owned());
                }
            }
        }

        let mut values = Vec::new();
        for assignment in assignments {
            let AssignmentName::VariableName(name) = &assignment.name else {
                return Err("arrays are not part of this shell".to_owned());
            };
            let AssignmentValue::Scalar(word) = &assignment.value else {
                return Err("arrays are not part of this shell".to_owned());
            };
            let mut value = self.expand_whole(word, io).await?;
            if assignment.append {
                value.insert_str(0, self.variables.get(name).map_or("", String::as_str));
            }
            values.push((name.clone(), value));
        }
        let own = self.redirect(&redirects, io).await?;

        let Some((name, rest)) = arguments.split_first() else {
            for (name, value) in values {
                self.assign(&name, value)?;
            }
            return Ok(self.substituted.take().unwrap_or(0));
        };
        if values.is_empty() {
            return Ok(self.call(name, rest, &own).await);
        }
        // Variables in front of a command are set while it runs.
        let (variables, exported) = (self.variables.clone(), self.exported.clone());
        for (name, value) in values {
            self.assign(&name, value)?;
            self.exported.insert(name);
        }
        let status = self.call(name, rest, &own).await;
        (self.variables, self.exported) = (variables, exported);
        Ok(status)
    }

    /// What an alias stands for, when this word is one and no part of it is quoted.
    fn alias(&self, name: &Word) -> Option<Vec<String>> {
        self.aliases.get(&name.value).map(|text| words::plain(text))
    }

    /// Runs a program of the list.
    async fn call(&mut self, name: &str, args: &[String], io: &Io<'_>) -> i32 {
        let (mut stdout, mut stderr) = (io.stdout.clone(), io.stderr.clone());
        let Some(program) = program::find(name) else {
            if name.contains('/') {
                let known = self.files.metadata(name);
                let (why, status) = match known {
                    Ok(found) if found.directory => ("Is a directory", 126),
                    Ok(_) => ("Permission denied", 126),
                    Err(_) => ("No such file or directory", 127),
                };
                io.complain(&format!("{name}: {why}"));
                return status;
            }
            io.complain(&format!("{name}: command not found"));
            let _ = writeln!(stderr, "`help` lists the commands that are here.");
            return 127;
        };
        let stdin = io.stdin.clone().unwrap_or_default();
        let terminal = stdout.screen;
        let call = Call {
            name: program.name,
            args,
            stdin: &stdin,
            stdout: &mut stdout,
            stderr: &mut stderr,
            stdout_is_terminal: terminal,
            shell: self,
        };
        let status = program.run(call).await;
        // The screen may be gone; then nobody is left to tell.
        let _ = stdout.flush();
        status
    }

    /// `$(line)`: its output without the newlines at the end.
    pub(super) fn substitute<'a>(&'a mut self, line: &'a str, io: &'a Io<'_>) -> BoxFuture<'a, Result<String, Fault>> {
        async move {
            if self.depth >= DEPTH_LIMIT {
                return Err("command substitutions are nested too deeply for this shell".to_owned());
            }
            let program = match parse::parse(line) {
                Ok(program) => program,
                Err(fault) => {
                    io.complain(&format!("command substitution: {fault}"));
                    self.substituted = Some(2);
                    return Ok(String::new());
                }
            };
            let capture = Capture::default();
            let own = Io { stdin: io.stdin.clone(), stdout: Sink::new(capture.clone()), stderr: io.stderr.clone() };
            let (before, status) = (self.environment(), self.status);
            self.depth += 1;
            self.program(&program, &own).await;
            self.depth -= 1;
            self.restore(before);
            self.substituted = Some(std::mem::replace(&mut self.status, status));
            let output = capture.take();
            let text = String::from_utf8_lossy(&output).replace('\0', "");
            Ok(text.trim_end_matches('\n').to_owned())
        }
        .boxed()
    }
}

fn absent(io: &Io<'_>, what: &str) -> i32 {
    io.complain(&format!("{what} not part of this shell"));
    2
}
