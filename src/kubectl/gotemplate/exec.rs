//! A template filled in. Upstream: text/template/exec.go.

use serde_json::Value;

use super::functions::{self, Fault};
use super::{Arg, Command, Node, Operand, Pipe, Template, format};
use crate::base::Order as _;

/// How deep templates may call each other.
const DEPTH: usize = 200;
/// How much one template may write: a loop over numbers must end.
const LONGEST: usize = 16 << 20;

/// A value, and whether the template itself spelled it: a number is then an `int`, else an `int64`.
#[derive(Clone, Debug)]
pub(super) struct Val {
    pub value: Value,
    pub constant: bool,
}

impl Val {
    pub fn constant(value: impl Into<Value>) -> Self {
        Self { value: value.into(), constant: true }
    }

    fn data(value: Value) -> Self {
        Self { value, constant: false }
    }

    /// The name of its type.
    pub fn type_of(&self) -> &'static str {
        match format::type_of(&self.value) {
            "int" if !self.constant => "int64",
            named => named,
        }
    }

    pub fn truth(&self) -> bool {
        match &self.value {
            Value::Null => false,
            Value::Bool(flag) => *flag,
            Value::Number(number) => number.as_f64() != Some(0.0),
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(map) => !map.is_empty(),
        }
    }
}

/// Why execution ends: an error with its text, or a word of a loop.
enum Stop {
    Fault(String),
    Break,
    Continue,
}

type Done<T> = Result<T, Stop>;

struct Run<'t> {
    template: &'t Template,
    out: String,
    variables: Vec<(String, Val)>,
    depth: usize,
}

pub(super) fn run(template: &Template, object: &Value) -> (String, Result<(), String>) {
    let dot = Val::data(object.clone());
    let mut run = Run { template, out: String::new(), variables: vec![("$".to_owned(), dot.clone())], depth: 0 };
    let told = match run.list(&template.nodes, &dot) {
        Err(Stop::Fault(text)) => Err(text),
        Ok(()) | Err(Stop::Break | Stop::Continue) => Ok(()),
    };
    (run.out, told)
}

impl Run<'_> {
    fn fault<T>(&self, at: usize, shown: &str, text: &str) -> Done<T> {
        let before = self.template.source.get(..at).unwrap_or_default();
        let line = 1 + before.matches('\n').count();
        let column = before.rfind('\n').map_or(at, |newline| at - newline - 1);
        Err(Stop::Fault(format!("template: output:{line}:{column}: executing \"output\" at <{shown}>: {text}")))
    }

    fn list(&mut self, nodes: &[Node], dot: &Val) -> Done<()> {
        let known = self.variables.len();
        let mut ended = Ok(());
        for node in nodes {
            ended = self.node(node, dot);
            if ended.is_err() {
                break;
            }
        }
        self.variables.truncate(known);
        ended
    }

    fn write(&mut self, text: &str) -> Done<()> {
        if self.out.len() + text.len() > LONGEST {
            return Err(Stop::Fault("template: output: writes more than can be shown".to_owned()));
        }
        self.out.push_str(text);
        Ok(())
    }

    fn node(&mut self, node: &Node, dot: &Val) -> Done<()> {
        match node {
            Node::Text(text) => self.write(text),
            Node::Action(pipe) => {
                let value = self.pipe(pipe, dot)?;
                if !pipe.declared.is_empty() {
                    return Ok(());
                }
                self.write(&if value.value.is_null() { "<no value>".to_owned() } else { format::plain(&value.value) })
            }
            Node::If(pipe, inner, otherwise) | Node::With(pipe, inner, otherwise) => {
                let known = self.variables.len();
                let value = self.pipe(pipe, dot)?;
                let ended = match (value.truth(), node) {
                    (true, Node::With(..)) => self.list(inner, &value),
                    (true, _) => self.list(inner, dot),
                    (false, _) => self.list(otherwise, dot),
                };
                self.variables.truncate(known);
                ended
            }
            Node::Range(pipe, inner, otherwise) => self.range(pipe, inner, otherwise, dot),
            Node::Template { name, with, at } => {
                let template = self.template;
                let Some(nodes) = template.defined.get(name) else {
                    let with = with.as_ref().map_or_else(String::new, |pipe| {
                        format!(" {}", pipe.commands.iter().map(Command::shown).collect::<Vec<_>>().join(" | "))
                    });
                    let shown = format!("{{{{template {name:?}{with}}}}}");
                    return self.fault(*at, &shown, &format!("template {name:?} not defined"));
                };
                if self.depth >= DEPTH {
                    return self.fault(*at, name, "exceeded maximum template depth (100000)");
                }
                let dot = match with {
                    Some(pipe) => self.pipe(pipe, dot)?,
                    None => Val::data(Value::Null),
                };
                let known = std::mem::replace(&mut self.variables, vec![("$".to_owned(), dot.clone())]);
                self.depth += 1;
                let ended = self.list(nodes, &dot);
                self.depth -= 1;
                self.variables = known;
                ended
            }
            Node::Break => Err(Stop::Break),
            Node::Continue => Err(Stop::Continue),
        }
    }

    fn range(&mut self, pipe: &Pipe, inner: &[Node], otherwise: &[Node], dot: &Val) -> Done<()> {
        let known = self.variables.len();
        let all = self.commands(pipe, dot)?;
        let pairs: Vec<(Val, Val)> = match all.value {
            Value::Null => Vec::new(),
            Value::Array(items) => {
                items.into_iter().enumerate().map(|(index, item)| (Val::constant(index), Val::data(item))).collect()
            }
            Value::Object(map) => {
                let mut pairs: Vec<(String, Value)> = map.into_iter().collect();
                pairs.order_by(|a, b| a.0.cmp(&b.0));
                pairs.into_iter().map(|(key, value)| (Val::data(key.into()), Val::data(value))).collect()
            }
            Value::Number(ref number) if !number.is_f64() => {
                let most = number.as_i64().unwrap_or(0).min(1 << 20);
                (0..most).map(|index| (Val::constant(index), Val::constant(index))).collect()
            }
            ref other => {
                let Some(at) = pipe.commands.first() else { return Ok(()) };
                return self.fault(at.at(), &at.shown(), &format!("range can't iterate over {}", format::plain(other)));
            }
        };
        if pairs.is_empty() {
            return self.list(otherwise, dot);
        }
        for (key, item) in pairs {
            match pipe.declared.as_slice() {
                [one] => self.set(one, item.clone(), pipe.assigns),
                [first, second] => {
                    self.set(first, key, pipe.assigns);
                    self.set(second, item.clone(), pipe.assigns);
                }
                _ => {}
            }
            let ended = self.list(inner, &item);
            self.variables.truncate(known);
            match ended {
                Err(Stop::Break) => break,
                Ok(()) | Err(Stop::Continue) => {}
                fault => return fault,
            }
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: Val, assigns: bool) {
        match self.variables.iter_mut().rev().find(|(known, _)| assigns && known == name) {
            Some((_, known)) => *known = value,
            None => self.variables.push((name.to_owned(), value)),
        }
    }

    fn pipe(&mut self, pipe: &Pipe, dot: &Val) -> Done<Val> {
        let value = self.commands(pipe, dot)?;
        for name in &pipe.declared {
            self.set(name, value.clone(), pipe.assigns);
        }
        Ok(value)
    }

    fn commands(&mut self, pipe: &Pipe, dot: &Val) -> Done<Val> {
        let mut last = None;
        for command in &pipe.commands {
            last = Some(self.command(command, dot, last)?);
        }
        Ok(last.unwrap_or_else(|| Val::data(Value::Null)))
    }

    fn command(&mut self, command: &Command, dot: &Val, last: Option<Val>) -> Done<Val> {
        let Some((first, rest)) = command.args.split_first() else { return Ok(Val::data(Value::Null)) };
        if let Operand::Function(name) = &first.what {
            return self.call(name, first, command, rest, dot, last);
        }
        let has_arguments = !rest.is_empty() || last.is_some();
        match &first.what {
            Operand::Nil => self.fault(first.at, &first.shown, "nil is not a command"),
            Operand::Fields(_, names) if has_arguments => {
                self.operand(first, dot)?;
                let name = names.last().map_or("", String::as_str);
                self.fault(first.at, &first.shown, &format!("{name} is not a method but has arguments"))
            }
            _ if has_arguments => {
                self.fault(first.at, &first.shown, &format!("can't give argument to non-function {}", first.shown))
            }
            _ => self.operand(first, dot),
        }
    }

    fn operand(&mut self, arg: &Arg, dot: &Val) -> Done<Val> {
        match &arg.what {
            Operand::Dot => Ok(dot.clone()),
            Operand::Nil => Ok(Val::data(Value::Null)),
            Operand::Constant(value) => Ok(Val::constant(value.clone())),
            Operand::Variable(name) => {
                let found = self.variables.iter().rev().find(|(known, _)| known == name);
                Ok(found.map_or_else(|| Val::data(Value::Null), |(_, value)| value.clone()))
            }
            Operand::Pipe(pipe) => self.commands(pipe, dot),
            Operand::Function(name) => {
                let command = Command { args: vec![arg.clone()] };
                self.call(name, arg, &command, &[], dot, None)
            }
            Operand::Fields(of, names) => {
                let mut value = match of {
                    Some(of) => self.operand(of, dot)?,
                    None => dot.clone(),
                };
                for name in names {
                    value = match value.value {
                        Value::Null => Val::data(Value::Null),
                        Value::Object(map) if self.template.missing_is_fault && !map.contains_key(name) => {
                            return self.fault(arg.at, &arg.shown, &format!("map has no entry for key {name:?}"));
                        }
                        Value::Object(mut map) => Val::data(map.shift_remove(name).unwrap_or_default()),
                        _ => {
                            let of = if value.constant { value.type_of() } else { "interface {}" };
                            let text = format!("can't evaluate field {name} in type {of}");
                            return self.fault(arg.at, &arg.shown, &text);
                        }
                    };
                }
                Ok(value)
            }
        }
    }

    fn call(
        &mut self,
        name: &str,
        function: &Arg,
        command: &Command,
        args: &[Arg],
        dot: &Val,
        last: Option<Val>,
    ) -> Done<Val> {
        let given = args.len() + usize::from(last.is_some());
        let (least, open) = functions::arity(name);
        if given < least || (!open && given > least) {
            let want = if open { format!("at least {least}") } else { least.to_string() };
            let text = format!("wrong number of args for {name}: want {want} got {given}");
            return self.fault(function.at, &function.shown, &text);
        }
        if matches!(name, "and" | "or") {
            let mut value = Val::data(Value::Null);
            for arg in args {
                value = self.operand(arg, dot)?;
                if value.truth() == (name == "or") {
                    return Ok(value);
                }
            }
            return Ok(last.unwrap_or(value));
        }
        let mut values = Vec::new();
        for (index, arg) in args.iter().enumerate() {
            let value = self.operand(arg, dot)?;
            if functions::wants_text(name, index) && !value.value.is_string() {
                let text = match value.value {
                    Value::Null => "invalid value; expected string".to_owned(),
                    _ => format!("wrong type for value; expected string; got {}", value.type_of()),
                };
                return self.fault(arg.at, &arg.shown, &text);
            }
            values.push(value);
        }
        if let Some(last) = last {
            if functions::wants_text(name, values.len()) && !last.value.is_string() {
                let text = match last.value {
                    Value::Null => "invalid value; expected string".to_owned(),
                    _ => format!("wrong type for value; expected string; got {}", last.type_of()),
                };
                return self.fault(function.at, &function.shown, &text);
            }
            values.push(last);
        }
        match functions::call(name, &values) {
            Ok(value) => Ok(value),
            Err(Fault(text)) => self.fault(command.at(), &command.shown(), &format!("error calling {name}: {text}")),
        }
    }
}
