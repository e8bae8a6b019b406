//! Tokens put together. Upstream: text/template/parse/parse.go.

use std::collections::BTreeMap;

use serde_json::Value;

use super::lex::{Fault, Kind, Token};
use super::{Arg, Command, Node, Operand, Pipe, functions};

type Defined = BTreeMap<String, Vec<Node>>;

/// How deep lists and parentheses may be inside each other.
const DEPTH: usize = 100;

pub(super) fn parse(tokens: &[Token]) -> Result<(Vec<Node>, Defined), Fault> {
    let mut parser =
        Parser { tokens, next: 0, defined: Defined::new(), variables: vec!["$".to_owned()], loops: 0, depth: 0 };
    let (nodes, end) = parser.list()?;
    match end {
        End::Input => Ok((nodes, parser.defined)),
        End::Close => Err((parser.at(), "unexpected {{end}}".to_owned())),
        End::Else(_) => Err((parser.at(), "unexpected {{else}}".to_owned())),
    }
}

/// What ended a list of nodes.
enum End {
    Input,
    Close,
    /// `{{else}}`, or `{{else if`, whose word follows.
    Else(Option<String>),
}

struct Parser<'t> {
    tokens: &'t [Token],
    next: usize,
    defined: Defined,
    variables: Vec<String>,
    loops: usize,
    depth: usize,
}

impl Parser<'_> {
    fn at(&self) -> usize {
        let at = |index: usize| self.tokens.get(index).map(|token| token.at);
        at(self.next.saturating_sub(1)).or_else(|| self.tokens.last().map(|token| token.at)).unwrap_or(0)
    }

    fn fault<T>(&self, text: impl Into<String>) -> Result<T, Fault> {
        Err((self.at(), text.into()))
    }

    fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.next).map(|token| &token.kind)
    }

    fn skip_space(&mut self) {
        while self.peek() == Some(&Kind::Space) {
            self.next += 1;
        }
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.next).cloned();
        self.next += 1;
        token
    }

    fn closed(&mut self, context: &str) -> Result<(), Fault> {
        self.skip_space();
        match self.take() {
            Some(Token { kind: Kind::Right, .. }) => Ok(()),
            other => self.unexpected(other.as_ref(), context),
        }
    }

    fn unexpected<T>(&self, token: Option<&Token>, context: &str) -> Result<T, Fault> {
        match token.map(|token| (&token.kind, token.text.as_str())) {
            None => self.fault("unexpected EOF"),
            Some((Kind::Right, _)) => self.fault(format!("unexpected \"}}}}\" in {context}")),
            Some((Kind::Word(word), _)) if functions::KEYWORDS.contains(&word.as_str()) => {
                self.fault(format!("unexpected <{word}> in {context}"))
            }
            Some((_, text)) => self.fault(format!("unexpected {text:?} in {context}")),
        }
    }

    fn list(&mut self) -> Result<(Vec<Node>, End), Fault> {
        self.depth += 1;
        if self.depth > DEPTH {
            return self.fault("max expression depth exceeded");
        }
        let mut nodes = Vec::new();
        let end = loop {
            let Some(token) = self.take() else { break End::Input };
            if let Kind::Text(text) = token.kind {
                nodes.push(Node::Text(text));
                continue;
            }
            self.skip_space();
            let word = match self.peek() {
                Some(Kind::Word(word)) => word.clone(),
                _ => String::new(),
            };
            if functions::KEYWORDS.contains(&word.as_str()) {
                self.next += 1;
            }
            match word.as_str() {
                "end" => {
                    self.closed("end")?;
                    break End::Close;
                }
                "else" => {
                    self.skip_space();
                    let also = match self.peek() {
                        Some(Kind::Word(word)) if word == "if" || word == "with" => Some(word.clone()),
                        _ => None,
                    };
                    if also.is_some() {
                        self.next += 1;
                    } else {
                        self.closed("else")?;
                    }
                    break End::Else(also);
                }
                "if" | "with" | "range" => nodes.push(self.control(&word)?),
                "break" | "continue" => {
                    self.closed(&word)?;
                    if self.loops == 0 {
                        return self.fault(format!("{{{{{word}}}}} outside {{{{range}}}}"));
                    }
                    nodes.push(if word == "break" { Node::Break } else { Node::Continue });
                }
                "define" | "block" | "template" => self.named(&word, &mut nodes)?,
                _ => {
                    let pipe = self.pipe("command", false)?;
                    nodes.push(Node::Action(pipe));
                }
            }
        };
        self.depth -= 1;
        Ok((nodes, end))
    }

    fn control(&mut self, word: &str) -> Result<Node, Fault> {
        let known = self.variables.len();
        let pipe = self.pipe(word, false)?;
        self.loops += usize::from(word == "range");
        let (inner, end) = self.list()?;
        self.loops -= usize::from(word == "range");
        let otherwise = match end {
            End::Input => return self.fault("unexpected EOF"),
            End::Close => Vec::new(),
            End::Else(Some(also)) => vec![self.control(&also)?],
            End::Else(None) => match self.list()? {
                (nodes, End::Close) => nodes,
                (_, End::Input) => return self.fault("unexpected EOF"),
                (_, End::Else(_)) => return self.fault("expected end; found {{else}}"),
            },
        };
        self.variables.truncate(known);
        Ok(match word {
            "if" => Node::If(pipe, inner, otherwise),
            "with" => Node::With(pipe, inner, otherwise),
            _ => Node::Range(pipe, inner, otherwise),
        })
    }

    fn named(&mut self, word: &str, nodes: &mut Vec<Node>) -> Result<(), Fault> {
        self.skip_space();
        let (name, at) = match self.take() {
            Some(Token { kind: Kind::String(name), at, .. }) => (name, at),
            other => return self.unexpected(other.as_ref(), &format!("{word} clause")),
        };
        self.skip_space();
        let with = match (word, self.peek()) {
            ("define", _) => {
                self.closed("define clause")?;
                None
            }
            (_, Some(Kind::Right)) if word == "template" => {
                self.next += 1;
                None
            }
            _ => Some(self.pipe(&format!("{word} clause"), false)?),
        };
        if word != "template" {
            let known = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
            let (inner, end) = self.list()?;
            self.variables = known;
            if !matches!(end, End::Close) {
                return self.fault("unexpected EOF");
            }
            self.defined.insert(name.clone(), inner);
        }
        if word != "define" {
            nodes.push(Node::Template { name, with, at });
        }
        Ok(())
    }

    /// A pipeline, up to the closing braces or, inside parentheses, up to `)`.
    fn pipe(&mut self, context: &str, inside: bool) -> Result<Pipe, Fault> {
        self.depth += 1;
        if self.depth > DEPTH {
            return self.fault("max expression depth exceeded");
        }
        self.skip_space();
        let (declared, assigns) = if inside { (Vec::new(), false) } else { self.declarations(context)? };
        let mut commands = Vec::new();
        loop {
            let mut args = Vec::new();
            let ended = loop {
                self.skip_space();
                match self.peek() {
                    Some(Kind::Right) if !inside => break true,
                    Some(Kind::Sign(')')) if inside => break true,
                    Some(Kind::Sign('|')) => break false,
                    _ => args.push(self.operand()?),
                }
            };
            self.next += 1;
            if args.is_empty() && ended && !commands.is_empty() {
                break;
            }
            if args.is_empty() {
                let what = if commands.is_empty() { context } else { "command" };
                return self.fault(format!("missing value for {what}"));
            }
            commands.push(Command { args });
            if ended {
                break;
            }
        }
        for (index, command) in commands.iter().enumerate().skip(1) {
            if let Some(Arg { what: Operand::Constant(_) | Operand::Dot | Operand::Nil, .. }) = command.args.first() {
                return self.fault(format!("non executable command in pipeline stage {}", index + 1));
            }
        }
        self.variables.extend(if assigns { Vec::new() } else { declared.clone() });
        self.depth -= 1;
        Ok(Pipe { declared, assigns, commands })
    }

    fn declarations(&mut self, context: &str) -> Result<(Vec<String>, bool), Fault> {
        let start = self.next;
        let mut declared = Vec::new();
        while let Some(Kind::Variable(name)) = self.peek() {
            let name = name.clone();
            self.next += 1;
            self.skip_space();
            match self.peek() {
                Some(Kind::Declare) => {
                    self.next += 1;
                    declared.push(name);
                    return Ok((declared, false));
                }
                Some(Kind::Sign('=')) => {
                    self.next += 1;
                    if !self.variables.contains(&name) {
                        return self.fault(format!("undefined variable {name:?}"));
                    }
                    declared.push(name);
                    return Ok((declared, true));
                }
                Some(Kind::Sign(',')) if context == "range" && declared.is_empty() => {
                    self.next += 1;
                    declared.push(name);
                    self.skip_space();
                }
                _ => break,
            }
        }
        self.next = start;
        Ok((Vec::new(), false))
    }

    fn operand(&mut self) -> Result<Arg, Fault> {
        let token = match self.take() {
            Some(token) => token,
            None => return self.fault("unclosed action"),
        };
        let at = token.at;
        let mut shown = token.text.clone();
        let what = match token.kind.clone() {
            Kind::Dot => Operand::Dot,
            Kind::String(text) => Operand::Constant(Value::String(text)),
            Kind::Char(number) => Operand::Constant(number.into()),
            Kind::Number(text) => Operand::Constant(match number(&text) {
                Some(number) => number,
                None => return self.fault(format!("bad number syntax: {text:?}")),
            }),
            Kind::Field(name) => Operand::Fields(None, vec![name]),
            Kind::Variable(name) if self.variables.contains(&name) => Operand::Variable(name),
            Kind::Variable(name) => return self.fault(format!("undefined variable {name:?}")),
            Kind::Word(word) if word == "nil" => Operand::Nil,
            Kind::Word(word) if word == "true" || word == "false" => Operand::Constant((word == "true").into()),
            Kind::Word(word) if functions::KEYWORDS.contains(&word.as_str()) => {
                return self.unexpected(Some(&token), "operand");
            }
            Kind::Word(word) if functions::NAMES.contains(&word.as_str()) => Operand::Function(word),
            Kind::Word(word) => return self.fault(format!("function {word:?} not defined")),
            Kind::Sign('(') => {
                let begin = self.next;
                let pipe = self.pipe("parenthesized pipeline", true)?;
                let inner = self.tokens.get(begin..self.next).unwrap_or_default();
                shown = inner.iter().fold("(".to_owned(), |text, token| text + &token.text);
                Operand::Pipe(Box::new(pipe))
            }
            _ => return self.unexpected(Some(&token), "operand"),
        };
        let mut arg = Arg { what, at, shown };
        let (mut fields, mut first) = (Vec::new(), None);
        while let Some(Kind::Field(name)) = self.peek() {
            let name = name.clone();
            arg.shown.push_str(&format!(".{name}"));
            fields.push(name);
            first = first.or(self.tokens.get(self.next).map(|token| token.at));
            self.next += 1;
        }
        if let Some(first) = first {
            if matches!(arg.what, Operand::Constant(_) | Operand::Nil | Operand::Dot) {
                return self.fault(format!("unexpected . after term {:?}", token.text));
            }
            let shown = arg.shown.clone();
            // Upstream joins the fields at the place of the second.
            arg = match arg.what {
                Operand::Fields(None, mut names) => {
                    names.extend(fields);
                    Arg { what: Operand::Fields(None, names), at: first, shown }
                }
                _ => Arg { at: first, shown, what: Operand::Fields(Some(Box::new(arg)), fields) },
            };
        }
        Ok(arg)
    }
}

fn number(text: &str) -> Option<Value> {
    let plain = text.replace('_', "");
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let radix = |prefix: &str, radix: u32| {
        digits.strip_prefix(prefix).and_then(|digits| i64::from_str_radix(digits, radix).ok())
    };
    let whole = radix("0x", 16).or_else(|| radix("0b", 2)).or_else(|| radix("0o", 8)).or_else(|| digits.parse().ok());
    match whole {
        Some(whole) => Some((if negative { -whole } else { whole }).into()),
        None if digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') => {
            plain.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::Number)
        }
        None => None,
    }
}
