//! Reads a template into nodes. Upstream: client-go/util/jsonpath/parser.go.

use std::sync::LazyLock;

use regex::Regex;

/// How deep a template may nest; what is typed by hand stays far below.
const DEEPEST: usize = 32;

/// One step of a path, or a text.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Text(String),
    Field(String),
    Array([Bound; 3]),
    Filter(Vec<Node>, String, Vec<Node>),
    Int(i64),
    Float(f64),
    Bool(bool),
    Wildcard,
    Recursive,
    Union(Vec<Vec<Node>>),
    Identifier(String),
    List(Vec<Node>),
}

/// One of the three numbers between brackets.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bound {
    pub(super) known: bool,
    pub(super) value: i64,
    /// The end that follows from an index alone.
    pub(super) derived: bool,
}

static SLICE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(-?[0-9]*)(:-?[0-9]*)?(:-?[0-9]*)?$").ok());
static COMPARISON: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^([^!<>=]+)([!<>=]+)(.+?)$").ok());

/// The nodes of a template.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse(text: &str, depth: usize) -> Result<Vec<Node>, String> {
    if depth > DEEPEST {
        return Err("nested too deeply".to_owned());
    }
    let mut parser = Parser { input: text.chars().collect(), at: 0, start: 0, depth };
    let mut nodes = Vec::new();
    loop {
        while parser.peek().is_some_and(|c| c != '{') {
            parser.at += 1;
        }
        if parser.at > parser.start {
            nodes.push(Node::Text(parser.taken()));
        }
        if parser.next().is_none() {
            return Ok(nodes);
        }
        parser.taken();
        nodes.push(Node::List(parser.action()?));
    }
}

/// The nodes of what could stand between braces.
fn inner(text: &str, depth: usize) -> Result<Vec<Node>, String> {
    match parse(&format!("{{{text}}}"), depth + 1)?.into_iter().next() {
        Some(Node::List(nodes)) => Ok(nodes),
        _ => Err("unclosed action".to_owned()),
    }
}

struct Parser {
    input: Vec<char>,
    at: usize,
    start: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.input.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn sees(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, c)| self.input.get(self.at + index) == Some(&c))
    }

    /// What was read since this was last asked.
    fn taken(&mut self) -> String {
        let text = self.input[self.start..self.at].iter().collect();
        self.start = self.at;
        text
    }

    /// Up to the closing brace.
    fn action(&mut self) -> Result<Vec<Node>, String> {
        let mut nodes: Vec<Node> = Vec::new();
        loop {
            if self.sees("}") {
                self.at += 1;
                self.taken();
                return Ok(nodes);
            }
            if self.sees("[?(") {
                nodes.push(self.filter()?);
                continue;
            }
            if self.sees("..") {
                if matches!(nodes.last(), Some(Node::Recursive)) {
                    return Err("invalid multiple recursive descent".to_owned());
                }
                self.at += 2;
                self.taken();
                nodes.push(Node::Recursive);
                if self.peek().is_some_and(is_word) {
                    nodes.push(self.field());
                }
                continue;
            }
            match self.next() {
                None | Some('\r' | '\n') => return Err("unclosed action".to_owned()),
                Some(' ' | '@' | '$') => drop(self.taken()),
                Some('[') => self.array(&mut nodes)?,
                Some(quote @ ('"' | '\'')) => nodes.push(self.quoted(quote)?),
                Some('.') => {
                    self.taken();
                    nodes.push(self.field());
                }
                Some(c) if c == '+' || c == '-' || c.is_numeric() => nodes.push(self.number()?),
                Some(c) if is_word(c) => nodes.push(self.identifier()),
                Some(c) => return Err(format!("unrecognized character in action: U+{:04X} '{c}'", c as u32)),
            }
        }
    }

    /// `range`, `end`, `true`; its first sign is read.
    fn identifier(&mut self) -> Node {
        while self.peek().is_some_and(|c| !is_terminator(c)) {
            self.at += 1;
        }
        match self.taken().as_str() {
            "true" => Node::Bool(true),
            "false" => Node::Bool(false),
            word => Node::Identifier(word.to_owned()),
        }
    }

    /// A number whose first sign is read.
    fn number(&mut self) -> Result<Node, String> {
        while self.peek().is_some_and(|c| c == '.' || c.is_numeric()) {
            self.at += 1;
        }
        let text = self.taken();
        if let Ok(number) = text.parse() {
            return Ok(Node::Int(number));
        }
        text.parse().map(Node::Float).map_err(|_| format!("cannot parse number {text}"))
    }

    /// A field's name, up to a sign that ends it and has no backslash before it.
    fn field(&mut self) -> Node {
        while let Some(c) = self.peek().filter(|c| !is_terminator(*c)) {
            self.at += if c == '\\' { 2 } else { 1 };
        }
        self.at = self.at.min(self.input.len());
        match self.taken().as_str() {
            "*" => Node::Wildcard,
            name => Node::Field(name.replace('\\', "")),
        }
    }

    /// A text whose opening quote is read.
    fn quoted(&mut self, end: char) -> Result<Node, String> {
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated quoted string".to_owned()),
                Some(c) if c == end && self.input[self.at - 2] != '\\' => break,
                Some(_) => {}
            }
        }
        let text = self.taken();
        unquote(&text).map(Node::Text).ok_or_else(|| format!("unquote string {text} error invalid syntax"))
    }

    /// What is between brackets, of which the opening one is read.
    fn array(&mut self, nodes: &mut Vec<Node>) -> Result<(), String> {
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated array".to_owned()),
                Some(']') => break,
                Some(_) => {}
            }
        }
        let text = self.taken();
        let text = text.get(1..text.len() - 1).unwrap_or_default();
        let text = if text == "*" { ":" } else { text };
        if text.contains(',') {
            let one = |text: &str| inner(&format!("[{}]", text.trim_matches(' ')), self.depth);
            nodes.push(Node::Union(text.split(',').map(one).collect::<Result<_, _>>()?));
            return Ok(());
        }
        let key = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).filter(|key| !key.contains('\''));
        if let Some(key) = key {
            nodes.extend(inner(&format!(".{key}"), self.depth)?);
            return Ok(());
        }
        nodes.push(slice(text)?);
        Ok(())
    }

    fn filter(&mut self) -> Result<Node, String> {
        self.at += 3;
        self.taken();
        let (mut quote, mut begun, mut ended) = (None, false, false);
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated filter".to_owned()),
                Some(c @ ('"' | '\'')) if !begun => (begun, quote) = (true, Some(c)),
                Some(c @ ('"' | '\'')) => ended |= self.input[self.at - 2] != '\\' && Some(c) == quote,
                // Quotes stand on one side only, and in a pair.
                Some(')') if begun == ended => break,
                Some(_) => {}
            }
        }
        if self.next() != Some(']') {
            return Err("unclosed array expect ]".to_owned());
        }
        let text = self.taken();
        let text = text.get(..text.len() - 2).unwrap_or_default();
        let found = COMPARISON.as_ref().and_then(|rule| rule.captures(text));
        match found {
            Some(found) => {
                let part = |at: usize| found.get(at).map_or("", |found| found.as_str());
                Ok(Node::Filter(inner(part(1), self.depth)?, part(2).to_owned(), inner(part(3), self.depth)?))
            }
            None => Ok(Node::Filter(inner(text, self.depth)?, "exists".to_owned(), Vec::new())),
        }
    }
}

/// `2`, `0:3`, `::2`
fn slice(text: &str) -> Result<Node, String> {
    let invalid = || format!("invalid array index {text}");
    let found = SLICE.as_ref().and_then(|rule| rule.captures(text)).ok_or_else(invalid)?;
    let mut bounds = [Bound::default(); 3];
    for at in 0..3 {
        let part = found.get(at + 1).map_or("", |found| found.as_str());
        if part.is_empty() {
            if at == 1 {
                bounds[1] = Bound { known: true, value: bounds[0].value.saturating_add(1), derived: true };
            }
            continue;
        }
        let digits = if at > 0 { &part[1..] } else { part };
        if at == 0 || !digits.is_empty() {
            let value = digits.parse().map_err(|_| format!("array index {digits} is not a number"))?;
            bounds[at] = Bound { known: true, value, derived: false };
        }
    }
    Ok(Node::Array(bounds))
}

fn is_terminator(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// A Go text between quotes, of either kind. Upstream: UnquoteExtend.
fn unquote(text: &str) -> Option<String> {
    let quote = text.chars().next()?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c == quote {
            return None;
        }
        if c != '\\' {
            out.push(c);
            continue;
        }
        let escaped = chars.next()?;
        let mut code = |digits: usize, radix: u32, first: &str| {
            let mut text = first.to_owned();
            text.extend(chars.by_ref().take(digits));
            if text.chars().count() != first.len() + digits {
                return None;
            }
            u32::from_str_radix(&text, radix).ok().and_then(char::from_u32)
        };
        out.push(match escaped {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            '\\' => '\\',
            'x' => code(2, 16, "")?,
            'u' => code(4, 16, "")?,
            'U' => code(8, 16, "")?,
            '0'..='7' => code(2, 8, &escaped.to_string())?,
            c if c == quote => c,
            _ => return None,
        });
    }
    Some(out)
}
