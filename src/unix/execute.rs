//! Runs the syntax tree: lists, pipelines, groups and loops. Simple commands are in [`super::simple`].

use std::io::Write;

use brush_parser::ast::{
    AndOr, CaseItemPostAction, Command, CompoundCommand, CompoundList, Pipeline, PipelineTimed, Program, RedirectList,
    SeparatorOperator, Word,
};
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};

use super::expand::Fault;
use super::pipe::{self, Leaves, Source};
use super::sink::Sink;
use super::{Leaving, Screen, Shell, pattern};

/// The three streams of a command.
#[derive(Clone)]
pub(super) struct Io<'s> {
    pub stdin: Source,
    pub stdout: Sink<'s>,
    pub stderr: Sink<'s>,
}

impl<'s> Io<'s> {
    pub fn screen<'a: 's>(screen: &'s mut Screen<'a>) -> Io<'s> {
        Io {
            stdin: Source::keyboard(),
            stdout: Sink::screen(&mut *screen.stdout),
            stderr: Sink::screen(&mut *screen.stderr),
        }
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

    pub(super) fn list<'a>(&'a mut self, list: &'a CompoundList, io: &'a Io<'_>) -> BoxFuture<'a, i32> {
        async move {
            for item in &list.0 {
                if matches!(item.1, SeparatorOperator::Async) {
                    self.complain(
                        io,
                        "`&': nothing runs in the background here; leave it out, and press Ctrl-C to end what runs",
                    );
                    self.status = 2;
                    continue;
                }
                // All but the last of a chain are asked whether they succeed.
                let count = item.0.additional.len();
                let mut last = self.asked(&item.0.first, count > 0, io).await;
                for (number, next) in item.0.additional.iter().enumerate() {
                    if self.leaving.is_some() {
                        break;
                    }
                    let (AndOr::And(pipeline) | AndOr::Or(pipeline)) = next;
                    if matches!(next, AndOr::And(_)) == (self.status == 0) {
                        last = self.asked(pipeline, number + 1 < count, io).await;
                    } else {
                        last = false;
                    }
                }
                if last && self.status != 0 && self.options.errexit && self.asking == 0 && self.leaving.is_none() {
                    self.leaving = Some(Leaving::Exit);
                }
                if self.leaving.is_some() {
                    break;
                }
            }
            self.status
        }
        .boxed()
    }

    /// Runs a pipeline; whether its failure is a failure, and no answer.
    async fn asked(&mut self, pipeline: &Pipeline, asks: bool, io: &Io<'_>) -> bool {
        let asks = asks || pipeline.bang;
        self.asking += usize::from(asks);
        self.pipeline(pipeline, io).await;
        self.asking -= usize::from(asks);
        !asks
    }

    /// Runs a list for its answer.
    async fn answer(&mut self, list: &CompoundList, io: &Io<'_>) -> bool {
        self.asking += 1;
        let status = self.list(list, io).await;
        self.asking -= 1;
        status == 0
    }

    async fn pipeline(&mut self, pipeline: &Pipeline, io: &Io<'_>) {
        // Whoever waits for this command can cancel it between any two of its parts.
        tokio::task::yield_now().await;
        let began = self.machine.clock.now();
        match pipeline.seq.as_slice() {
            [] => self.status = 0,
            [only] => {
                self.status = self.command(only, io).await;
                self.statuses = vec![self.status];
            }
            stages => self.stages(stages, io).await,
        }
        if pipeline.bang {
            self.status = i32::from(self.status == 0);
        }
        if let Some(timed) = &pipeline.timed {
            let seconds = self.machine.clock.now().duration_since(began).as_secs_f64();
            let text = match timed {
                PipelineTimed::Timed(_) => {
                    let minutes = (seconds / 60.0) as u64;
                    format!(
                        "\nreal\t{minutes}m{:.3}s\nuser\t0m0.000s\nsys\t0m0.000s\n",
                        seconds - minutes as f64 * 60.0
                    )
                }
                PipelineTimed::TimedWithPosixOutput(_) => format!("real {seconds:.2}\nuser 0.00\nsys 0.00\n"),
            };
            let _ = io.stderr.clone().write_all(text.as_bytes());
        }
    }

    /// All stages at the same time, each in a shell of its own.
    async fn stages(&mut self, stages: &[Command], io: &Io<'_>) {
        let mut stdin = io.stdin.clone();
        let mut running: Vec<BoxFuture<'_, i32>> = Vec::with_capacity(stages.len());
        for (number, stage) in stages.iter().enumerate() {
            let mut shell = self.fork();
            let (own, valve, next) = if number + 1 == stages.len() {
                (Io { stdin: stdin.clone(), ..io.clone() }, None, Source::keyboard())
            } else {
                let (writer, reader, valve) = pipe::pipe();
                let stdout = Sink::pipe(writer, valve.clone());
                (Io { stdin: stdin.clone(), stdout, stderr: io.stderr.clone() }, Some(valve), reader)
            };
            stdin = next;
            running.push(
                async move {
                    // Its ends of the pipes close when the stage is over, not when the last one is.
                    let own = own;
                    pipe::flow(valve, Leaves::Stage, shell.command(stage, &own)).await
                }
                .boxed(),
            );
        }
        drop(stdin);
        let statuses = join_all(running).await;
        let failed = statuses.iter().rev().find(|status| **status != 0).filter(|_| self.options.pipefail);
        self.status = failed.or(statuses.last()).copied().unwrap_or(0);
        self.statuses = statuses;
    }

    pub(super) async fn command(&mut self, command: &Command, io: &Io<'_>) -> i32 {
        match command {
            Command::Simple(simple) => match self.simple(simple, io).await {
                Ok(status) => status,
                Err(fault) => {
                    self.complain(io, &fault);
                    1
                }
            },
            Command::Compound(compound, redirects) => {
                let redirects: Vec<_> = redirects.iter().flat_map(|RedirectList(list)| list).collect();
                match self.redirect(&redirects, io).await {
                    Ok(io) => self.compound(compound, &io).await,
                    Err(fault) => {
                        self.complain(io, &fault);
                        1
                    }
                }
            }
            Command::Function(function) => match self.define(function) {
                Ok(()) => 0,
                Err(fault) => {
                    self.complain(io, &fault);
                    1
                }
            },
            Command::ExtendedTest(test, _) => match self.condition(&test.expr, io, 0).await {
                Ok(holds) => i32::from(!holds),
                Err(fault) => {
                    self.complain(io, &fault);
                    2
                }
            },
        }
    }

    pub(super) async fn compound(&mut self, compound: &CompoundCommand, io: &Io<'_>) -> i32 {
        let outcome = match compound {
            CompoundCommand::BraceGroup(group) => Ok(self.list(&group.list, io).await),
            CompoundCommand::Subshell(subshell) => {
                let mut own = self.fork();
                let status = own.list(&subshell.list, io).await;
                let status = own.trapped("EXIT", status, io).await;
                Ok(status)
            }
            CompoundCommand::IfClause(clause) => {
                if self.answer(&clause.condition, io).await {
                    return match self.leaving {
                        Some(_) => self.status,
                        None => self.list(&clause.then, io).await,
                    };
                }
                for other in clause.elses.iter().flatten() {
                    if self.leaving.is_some() {
                        return self.status;
                    }
                    let chosen = match &other.condition {
                        Some(condition) => self.answer(condition, io).await,
                        None => true,
                    };
                    if chosen {
                        return self.list(&other.body, io).await;
                    }
                }
                Ok(0)
            }
            CompoundCommand::ForClause(clause) => {
                self.each(&clause.variable_name, clause.values.as_deref(), &clause.body.list, io).await
            }
            CompoundCommand::WhileClause(clause) => Ok(self.rounds(&clause.0, &clause.1.list, true, io).await),
            CompoundCommand::UntilClause(clause) => Ok(self.rounds(&clause.0, &clause.1.list, false, io).await),
            CompoundCommand::CaseClause(clause) => {
                let mut falls_through = false;
                let mut status = 0;
                let value = match self.expand_whole(&clause.value, io).await {
                    Ok(value) => value,
                    Err(fault) => {
                        self.complain(io, &fault);
                        return 1;
                    }
                };
                for case in &clause.cases {
                    if !falls_through && !self.fits(&case.patterns, &value, io).await {
                        continue;
                    }
                    if let Some(list) = &case.cmd {
                        status = self.list(list, io).await;
                    }
                    falls_through = matches!(case.post_action, CaseItemPostAction::UnconditionallyExecuteNextCaseItem);
                    if matches!(case.post_action, CaseItemPostAction::ExitCase) || self.leaving.is_some() {
                        break;
                    }
                }
                Ok(status)
            }
            CompoundCommand::Arithmetic(command) => {
                self.arithmetic(&command.expr.value, io).await.map(|value| i32::from(value == 0))
            }
            CompoundCommand::ArithmeticForClause(clause) => {
                let text = |part: &Option<brush_parser::ast::UnexpandedArithmeticExpr>, empty: &str| match part {
                    Some(part) if !part.value.trim().is_empty() => part.value.clone(),
                    _ => empty.to_owned(),
                };
                let (first, test, step) =
                    (text(&clause.initializer, "0"), text(&clause.condition, "1"), text(&clause.updater, "0"));
                self.count([&first, &test, &step], &clause.body.list, io).await
            }
            CompoundCommand::Coprocess(_) => {
                Err("coproc: nothing runs in the background here; use a pipe instead".to_owned())
            }
        };
        outcome.unwrap_or_else(|fault| {
            self.complain(io, &fault);
            1
        })
    }

    async fn fits(&mut self, patterns: &[Word], value: &str, io: &Io<'_>) -> bool {
        for candidate in patterns {
            if let Ok(pattern) = self.expand_pattern(candidate, io).await
                && pattern::matches(&pattern, value)
            {
                return true;
            }
        }
        false
    }

    /// `for NAME in …`
    async fn each(
        &mut self,
        name: &str,
        words: Option<&[Word]>,
        body: &CompoundList,
        io: &Io<'_>,
    ) -> Result<i32, Fault> {
        let mut values = Vec::new();
        match words {
            Some(words) => {
                for word in words {
                    values.extend(self.expand(word, io).await?);
                }
            }
            None => values.clone_from(&self.positional),
        }
        let mut status = 0;
        for value in values {
            self.assign(name, value)?;
            status = self.list(body, io).await;
            self.rest().await;
            if self.is_loop_left() {
                break;
            }
        }
        Ok(status)
    }

    /// `for ((first; test; step))`
    async fn count(&mut self, parts: [&str; 3], body: &CompoundList, io: &Io<'_>) -> Result<i32, Fault> {
        let [first, test, step] = parts;
        let mut status = 0;
        self.arithmetic(first, io).await?;
        while self.arithmetic(test, io).await? != 0 {
            status = self.list(body, io).await;
            self.rest().await;
            if self.is_loop_left() {
                break;
            }
            self.arithmetic(step, io).await?;
        }
        Ok(status)
    }

    async fn rounds(&mut self, condition: &CompoundList, body: &CompoundList, wanted: bool, io: &Io<'_>) -> i32 {
        let mut status = 0;
        loop {
            let holds = self.answer(condition, io).await;
            if self.is_loop_left() || holds != wanted {
                return status;
            }
            status = self.list(body, io).await;
            self.rest().await;
            if self.is_loop_left() {
                return status;
            }
        }
    }

    async fn rest(&self) {
        if !self.machine.rest.is_zero() {
            tokio::time::sleep(self.machine.rest).await;
        }
    }

    /// Whether the loop that runs now is over. `continue` ends only its round.
    fn is_loop_left(&mut self) -> bool {
        match self.leaving {
            Some(Leaving::Continue(count)) => {
                self.leaving = (count > 1).then(|| Leaving::Continue(count - 1));
                count > 1
            }
            Some(Leaving::Break(count)) => {
                self.leaving = (count > 1).then(|| Leaving::Break(count - 1));
                true
            }
            Some(Leaving::Return | Leaving::Exit) => true,
            None => false,
        }
    }
}
