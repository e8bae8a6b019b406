//! Simple commands: assignments, aliases, functions, programs, and `$(…)`.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use brush_parser::ast::{
    Assignment, AssignmentName, AssignmentValue, CommandPrefixOrSuffixItem as Item, FunctionDefinition,
    ProcessSubstitutionKind, RedirectList, SimpleCommand, SubshellCommand,
};
use futures::FutureExt;
use futures::future::BoxFuture;

use super::execute::Io;
use super::expand::Fault;
use super::pipe::{self, Leaves};
use super::program::Call;
use super::sink::{Capture, Sink};
use super::{Access, Leaving, Make, Shell, limits, parse, words};
use crate::base::nearest;

/// Words that set variables: what looks like an assignment after them is one word, and is not split.
const DECLARING: &[&str] = &["export", "alias", "local", "declare", "typeset", "readonly"];

impl Shell {
    pub(super) async fn simple(&mut self, command: &SimpleCommand, io: &Io<'_>) -> Result<i32, Fault> {
        let mut lent = Vec::new();
        let outcome = self.prepared(command, io, &mut lent).await;
        for path in lent {
            self.files.take_back(&path);
        }
        outcome
    }

    async fn prepared(&mut self, command: &SimpleCommand, io: &Io<'_>, lent: &mut Vec<String>) -> Result<i32, Fault> {
        let prefix = command.prefix.iter().flat_map(|prefix| &prefix.0);
        let suffix = command.suffix.iter().flat_map(|suffix| &suffix.0);
        let (mut assignments, mut redirects, mut arguments) = (Vec::new(), Vec::new(), Vec::new());
        self.substituted = None;

        if let Some(name) = &command.word_or_name {
            match self.aliases.get(&name.value) {
                Some(text) if words::is_list(text) => {
                    let rest = command.suffix.as_ref().map(ToString::to_string).unwrap_or_default();
                    let line = format!("{text} {rest}");
                    return self.evaluate(&line, io).await;
                }
                Some(text) => arguments.extend(words::plain(text)),
                None => arguments.extend(self.expand(name, io).await?),
            }
        }
        let declares = arguments.first().is_some_and(|first| DECLARING.contains(&first.as_str()));
        for item in prefix {
            match item {
                Item::IoRedirect(redirect) => redirects.push(redirect),
                Item::AssignmentWord(assignment, _) => assignments.push(assignment),
                Item::Word(word) => arguments.extend(self.expand(word, io).await?),
                Item::ProcessSubstitution(kind, inner) => arguments.push(self.lend(kind, inner, io, lent).await?),
            }
        }
        for item in suffix {
            match item {
                Item::IoRedirect(redirect) => redirects.push(redirect),
                Item::AssignmentWord(assignment, word) if declares => {
                    if matches!(assignment.value, AssignmentValue::Array(_)) {
                        self.set(assignment, io).await?;
                        arguments.push(assignment.name.to_string());
                    } else {
                        arguments.push(self.expand_whole(word, io).await?);
                    }
                }
                Item::Word(word) | Item::AssignmentWord(_, word) => arguments.extend(self.expand(word, io).await?),
                Item::ProcessSubstitution(kind, inner) => arguments.push(self.lend(kind, inner, io, lent).await?),
            }
        }
        if self.options.xtrace && !arguments.is_empty() {
            let _ = writeln!(
                io.stderr.clone(),
                "+ {}",
                arguments.iter().map(|word| super::quoted(word)).collect::<Vec<_>>().join(" ")
            );
        }
        let Some((name, rest)) = arguments.split_first() else {
            let _own = self.redirect(&redirects, io).await?;
            for assignment in assignments {
                self.set(assignment, io).await?;
                if let (true, AssignmentName::VariableName(name)) = (self.options.xtrace, &assignment.name) {
                    let value = self.variables.get(name).map(|value| super::quoted(value)).unwrap_or_default();
                    let _ = writeln!(io.stderr.clone(), "+ {name}={value}");
                }
            }
            return Ok(self.substituted.take().unwrap_or(0));
        };
        let own = self.redirect(&redirects, io).await?;
        if assignments.is_empty() {
            return Ok(self.call(name, rest, &own).await);
        }
        // Variables in front of a command are set while it runs.
        let names: Vec<String> = assignments.iter().map(|assignment| assignment.name.to_string()).collect();
        let before: Vec<_> =
            names.iter().map(|name| (self.variables.get(name).cloned(), self.exported.contains(name))).collect();
        let before: Vec<_> = names.into_iter().zip(before).collect();
        let mut outcome = Ok(());
        for assignment in assignments {
            outcome = self.set(assignment, io).await;
            if outcome.is_err() {
                break;
            }
            if let AssignmentName::VariableName(name) = &assignment.name {
                self.exported.insert(name.clone());
            }
        }
        let status = match outcome {
            Ok(()) => Ok(self.call(name, rest, &own).await),
            Err(fault) => Err(fault),
        };
        for (name, (value, exported)) in before.into_iter().rev() {
            if !exported {
                self.exported.remove(&name);
            }
            match value {
                Some(value) => self.variables.insert(name, value),
                None => self.variables.remove(&name),
            };
        }
        status
    }

    /// `NAME=value`, `NAME+=value`, `NAME=(…)`, `NAME[1]=value`.
    async fn set(&mut self, assignment: &Assignment, io: &Io<'_>) -> Result<(), Fault> {
        let append = assignment.append;
        match (&assignment.name, &assignment.value) {
            (AssignmentName::VariableName(name), AssignmentValue::Scalar(word)) => {
                let mut value = self.expand_whole(word, io).await?;
                if append {
                    value.insert_str(0, self.variables.get(name).map_or("", String::as_str));
                }
                self.assign(name, value)
            }
            (AssignmentName::VariableName(name), AssignmentValue::Array(items)) => {
                let mut values = if append { self.arrays.get(name).cloned().unwrap_or_default() } else { Vec::new() };
                for (key, word) in items {
                    if key.is_some() {
                        return Err(format!("{name}: only lists without keys are part of this shell"));
                    }
                    values.extend(self.expand(word, io).await?);
                }
                self.assign_list(name, values)
            }
            (AssignmentName::ArrayElementName(name, index), AssignmentValue::Scalar(word)) => {
                let at = self.arithmetic(index, io).await?;
                let value = self.expand_whole(word, io).await?;
                let mut values = self.arrays.get(name).cloned().unwrap_or_default();
                let at = usize::try_from(at).map_err(|_| format!("{name}[{index}]: bad array subscript"))?;
                if at >= limits::VARIABLES {
                    return Err(format!("{name}: this shell cannot keep that much"));
                }
                if values.len() <= at {
                    values.resize(at + 1, String::new());
                }
                if let Some(place) = values.get_mut(at) {
                    if append { place.push_str(&value) } else { *place = value }
                }
                self.assign_list(name, values)
            }
            (name, _) => Err(format!("{name}: cannot assign list to array member")),
        }
    }

    /// `<(…)`: runs it, and gives the path under which its output can be read.
    async fn lend(
        &mut self,
        kind: &ProcessSubstitutionKind,
        inner: &SubshellCommand,
        io: &Io<'_>,
        lent: &mut Vec<String>,
    ) -> Result<String, Fault> {
        if matches!(kind, ProcessSubstitutionKind::Write) {
            return Err(">(...) is not part of this shell; use a pipe instead".to_owned());
        }
        let output = self.captured(inner, io).await?;
        let path = self.files.lend(&output).map_err(|error| format!("<(...): {error}"))?;
        lent.push(path.clone());
        Ok(path)
    }

    /// What a subshell prints.
    pub(super) async fn captured(&mut self, inner: &SubshellCommand, io: &Io<'_>) -> Result<Vec<u8>, Fault> {
        self.deeper("<(...)")?;
        let capture = Capture::default();
        let own = Io { stdin: io.stdin.clone(), stdout: Sink::new(capture.clone()), stderr: io.stderr.clone() };
        let mut shell = self.fork();
        shell.list(&inner.list, &own).await;
        Ok(capture.take())
    }

    /// Whether one step more of nesting is allowed.
    fn deeper(&self, what: &str) -> Result<(), Fault> {
        match self.depth >= limits::DEPTH {
            true => Err(format!("{what}: maximum nesting level exceeded ({})", limits::DEPTH)),
            false => Ok(()),
        }
    }

    pub(super) fn define(&mut self, function: &FunctionDefinition) -> Result<(), Fault> {
        let name = &function.fname.value;
        if self.functions.len() >= limits::FUNCTIONS && !self.functions.contains_key(name) {
            return Err(format!("{name}: this shell cannot keep that many functions"));
        }
        self.functions.insert(name.clone(), Arc::new(function.clone()));
        Ok(())
    }

    /// Runs a function or a program of the list.
    pub(super) fn call<'a>(&'a mut self, name: &'a str, args: &'a [String], io: &'a Io<'_>) -> BoxFuture<'a, i32> {
        async move {
            if let Some(function) = self.functions.get(name).cloned() {
                return self.function(name, &function, args, io).await;
            }
            self.launch(name, args, io).await
        }
        .boxed()
    }

    async fn function(&mut self, name: &str, function: &FunctionDefinition, args: &[String], io: &Io<'_>) -> i32 {
        if let Err(fault) = self.deeper(name) {
            self.complain(io, &fault.replace("nesting", "function nesting"));
            self.abandon();
            return 1;
        }
        let redirects: Vec<_> = function.body.1.iter().flat_map(|RedirectList(list)| list).collect();
        let io = match self.redirect(&redirects, io).await {
            Ok(io) => io,
            Err(fault) => {
                self.complain(io, &fault);
                return 1;
            }
        };
        let before = std::mem::replace(&mut self.positional, args.to_vec());
        self.locals.push(BTreeMap::new());
        self.depth += 1;
        let mut status = self.compound(&function.body.0, &io).await;
        self.depth -= 1;
        for (name, value) in self.locals.pop().into_iter().flatten() {
            match value {
                Some(value) => self.variables.insert(name, value),
                None => self.variables.remove(&name),
            };
        }
        self.positional = before;
        if self.leaving == Some(Leaving::Return) {
            self.leaving = None;
            status = self.status;
        }
        status
    }

    /// Runs a program, past functions of the same name.
    pub(super) async fn launch(&mut self, name: &str, args: &[String], io: &Io<'_>) -> i32 {
        let Some(program) = self.machine.find(name) else {
            return self.without_program(name, args, io).await;
        };
        let valve = io.stdout.valve.clone().or(io.stderr.valve.clone());
        let leaves = match () {
            () if program.is_builtin() => Leaves::Stage,
            () if program.follows(args) => Leaves::Follower,
            () => Leaves::Program,
        };
        let call = Call {
            name: program.name,
            args,
            stdin: io.stdin.clone(),
            stdout: io.stdout.within(),
            stderr: io.stderr.within(),
            shell: self,
        };
        let status = pipe::flow(valve, leaves, program.run(call)).await;
        // The screen may be gone; then nobody is left to tell.
        let _ = io.stdout.clone().flush();
        status
    }

    /// What comes of a name that is no program's: a script, or a complaint.
    async fn without_program(&mut self, name: &str, args: &[String], io: &Io<'_>) -> i32 {
        if name.contains('/') {
            let (why, status) = match self.files.stat(name, true) {
                Ok(found) if found.node.is_directory() => ("Is a directory", 126),
                Ok(found) if self.files.user().may(&found.node, Access::Enter) => {
                    return self.script(name, args, io).await;
                }
                Ok(_) => ("Permission denied", 126),
                Err(_) if self.machine.make == Make::Busybox => ("not found", 127),
                Err(_) => ("No such file or directory", 127),
            };
            self.complain(io, &format!("{name}: {why}"));
            return status;
        }
        if name.starts_with('!') && self.called == "bash" {
            let why = "history is not expanded here; ↑ brings earlier lines back, Ctrl-R finds them";
            self.complain(io, &format!("{name}: {why}"));
            return 127;
        }
        let words = if self.called == "bash" { "command not found" } else { "not found" };
        self.complain(io, &format!("{name}: {words}"));
        if self.machine.find("help").is_none() {
            return 127;
        }
        // Short words are near to everything.
        let known = self.machine.programs.iter().map(|program| program.name);
        let known = known.chain(self.aliases.keys().map(String::as_str));
        let meant = nearest(name, known).filter(|meant| name.len() > 3 && name.len().abs_diff(meant.len()) < 3);
        if let Some(meant) = meant {
            let _ = writeln!(io.stderr.clone(), "Did you mean `{meant}`?");
        } else if !std::mem::replace(&mut self.told, true) {
            let _ = writeln!(io.stderr.clone(), "`help` lists the commands that are here.");
        }
        127
    }

    /// Runs a file that may be run: its first line says by what.
    async fn script(&mut self, path: &str, args: &[String], io: &Io<'_>) -> i32 {
        let text = self.files.read(path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let first = text.lines().next().and_then(|line| line.strip_prefix("#!")).unwrap_or("/bin/sh");
        let mut words = first.split_whitespace().map(str::to_owned);
        let by = match words.next() {
            Some(env) if env.ends_with("/env") => words.next(),
            by => by,
        };
        let by = by.unwrap_or_default();
        if self.machine.find(&by).is_none_or(|program| !program.is_file()) || self.depth >= limits::DEPTH {
            self.complain(io, &format!("{path}: {by}: bad interpreter: No such file or directory"));
            return 126;
        }
        let args: Vec<String> = words.chain([path.to_owned()]).chain(args.iter().cloned()).collect();
        self.depth += 1;
        let status = Box::pin(self.launch(&by, &args, io)).await;
        self.depth -= 1;
        status
    }

    /// Reads a line and runs it here: `eval`, `source`, an alias.
    pub(super) fn evaluate<'a>(&'a mut self, line: &'a str, io: &'a Io<'_>) -> BoxFuture<'a, Result<i32, Fault>> {
        async move {
            self.deeper("eval")?;
            let program = match parse::parse(line) {
                Ok(program) => program,
                Err(fault) => {
                    self.complain(io, &fault);
                    return Ok(2);
                }
            };
            self.depth += 1;
            self.status = 0;
            self.program(&program, io).await;
            self.depth -= 1;
            Ok(self.status)
        }
        .boxed()
    }

    /// `$(line)`: its output without the newlines at the end.
    pub(super) fn substitute<'a>(&'a mut self, line: &'a str, io: &'a Io<'_>) -> BoxFuture<'a, Result<String, Fault>> {
        async move {
            self.deeper("command substitution")?;
            let read = only_reads(line).map(|file| format!("cat <{file}"));
            let program = match parse::parse(read.as_deref().unwrap_or(line)) {
                Ok(program) => program,
                Err(fault) => {
                    self.complain(io, &format!("command substitution: {fault}"));
                    self.substituted = Some(2);
                    return Ok(String::new());
                }
            };
            let capture = Capture::default();
            let own = Io { stdin: io.stdin.clone(), stdout: Sink::new(capture.clone()), stderr: io.stderr.clone() };
            let mut shell = self.fork();
            shell.program(&program, &own).await;
            self.substituted = Some(shell.status);
            self.told |= shell.told;
            let output = capture.take();
            let text = String::from_utf8_lossy(&output).replace('\0', "");
            Ok(text.trim_end_matches('\n').to_owned())
        }
        .boxed()
    }
}

/// The file of `$(<file)`, which is read as if by cat.
fn only_reads(line: &str) -> Option<&str> {
    let file = line.trim().strip_prefix('<')?.trim_start();
    (!file.is_empty() && !file.starts_with(['<', '(', '&']) && !file.contains([' ', '\t', '\n', '|', ';', '&']))
        .then_some(file)
}
