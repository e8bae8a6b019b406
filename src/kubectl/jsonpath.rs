//! kubectl's jsonpath: `{.items[*].metadata.name}`, filters, ranges and text around them.
//! Upstream: client-go/util/jsonpath.

use std::cmp::Ordering;

use serde_json::Value;

use crate::apimachinery::yaml::to_json_compact;

/// A template ready to be applied.
#[derive(Clone, Debug)]
pub struct JsonPath(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    /// Alternatives side by side: `{.a, .b}`.
    Path(Vec<Step>),
    Range(Vec<Step>, Vec<Part>),
}

#[derive(Clone, Debug)]
enum Step {
    Root,
    Field(String),
    Wildcard,
    Index(i64),
    Slice(Option<i64>, Option<i64>, i64),
    Union(Vec<Vec<Step>>),
    Filter(Operand, String, Operand),
    Recursive,
    Text(String),
}

#[derive(Clone, Debug)]
enum Operand {
    Path(Vec<Step>),
    Value(Value),
    None,
}

impl JsonPath {
    /// Reads a template. Text without braces is a path when it begins with a dot, as kubectl relaxes it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(template: &str) -> Result<Self, String> {
        let relaxed;
        let template = if template.starts_with('.') && !template.contains('{') {
            relaxed = format!("{{{template}}}");
            &relaxed
        } else {
            template
        };
        let chars: Vec<char> = template.chars().collect();
        let mut at = 0;
        let (parts, ended) = parts(&chars, &mut at, 0)?;
        if ended { Err("not in range, nothing to end".to_owned()) } else { Ok(Self(parts)) }
    }

    /// The text the template makes of an object.
    ///
    /// # Errors
    /// When the path asks for what cannot be.
    pub fn render(&self, object: &Value) -> Result<String, String> {
        let mut out = String::new();
        render(&self.0, object, object, &mut out)?;
        Ok(out)
    }

    /// The values the template finds, each as itself.
    ///
    /// # Errors
    /// When the path asks for what cannot be.
    pub fn found(&self, object: &Value) -> Result<Vec<Value>, String> {
        let mut all = Vec::new();
        for part in &self.0 {
            if let Part::Path(steps) = part {
                all.extend(walk(steps, object, object)?.into_iter().cloned());
            }
        }
        Ok(all)
    }

    /// The values the paths of the template find.
    pub fn values<'v>(&self, object: &'v Value) -> Vec<&'v Value> {
        let mut found = Vec::new();
        for part in &self.0 {
            if let Part::Path(steps) = part {
                found.extend(walk(steps, object, object).unwrap_or_default());
            }
        }
        found
    }
}

fn render(parts: &[Part], root: &Value, here: &Value, out: &mut String) -> Result<(), String> {
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Path(steps) => {
                if let [Step::Text(text)] = steps.as_slice() {
                    out.push_str(text);
                    continue;
                }
                let found: Vec<String> = walk(steps, root, here)?.into_iter().map(shown).collect();
                out.push_str(&found.join(" "));
            }
            Part::Range(steps, body) => {
                for item in walk(steps, root, here)? {
                    render(body, root, item, out)?;
                }
            }
        }
    }
    Ok(())
}

/// A value as the template shows it: texts plain, the rest as JSON.
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => to_json_compact(other),
    }
}

fn walk<'v>(steps: &[Step], root: &'v Value, here: &'v Value) -> Result<Vec<&'v Value>, String> {
    let mut now = vec![here];
    for step in steps {
        let mut next = Vec::new();
        for value in now {
            match step {
                Step::Root => next.push(root),
                Step::Text(_) => {}
                Step::Field(name) => next.extend(value.get(name)),
                Step::Wildcard => match value {
                    Value::Array(list) => next.extend(list),
                    Value::Object(map) => {
                        let mut keys: Vec<&String> = map.keys().collect();
                        keys.sort();
                        next.extend(keys.into_iter().map(|key| &map[key]));
                    }
                    _ => {}
                },
                Step::Index(at) => {
                    let Some(list) = value.as_array() else {
                        if value.is_null() {
                            continue;
                        }
                        return Err(format!("{} is not array or slice", go_kind(value)));
                    };
                    let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
                    let real = if *at < 0 { at.saturating_add(length) } else { *at };
                    match usize::try_from(real).ok().and_then(|real| list.get(real)) {
                        Some(item) => next.push(item),
                        None => return Err(format!("array index out of bounds: index {at}, length {length}")),
                    }
                }
                Step::Slice(from, to, step) => {
                    if let Some(list) = value.as_array() {
                        let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
                        let real = |at: i64| (if at < 0 { at.saturating_add(length) } else { at }).clamp(0, length);
                        let (from, to) = (real(from.unwrap_or(0)), real(to.unwrap_or(length)));
                        if *step <= 0 {
                            return Err("step must be > 0".to_owned());
                        }
                        let mut at = from;
                        while at < to {
                            next.extend(usize::try_from(at).ok().and_then(|at| list.get(at)));
                            at = at.saturating_add(*step);
                        }
                    }
                }
                Step::Union(paths) => {
                    for path in paths {
                        next.extend(walk(path, root, value)?);
                    }
                }
                Step::Recursive => descend(value, &mut next),
                Step::Filter(left, sign, right) => {
                    for item in value.as_array().into_iter().flatten() {
                        if matches(left, sign, right, root, item)? {
                            next.push(item);
                        }
                    }
                }
            }
        }
        now = next;
    }
    Ok(now)
}

fn go_kind(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "map[string]interface {}",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(_) => "float64",
        Value::Array(_) => "[]interface {}",
        Value::Null => "nil",
    }
}

fn descend<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
    found.push(value);
    match value {
        Value::Array(list) => list.iter().for_each(|item| descend(item, found)),
        Value::Object(map) => map.values().for_each(|item| descend(item, found)),
        _ => {}
    }
}

fn matches(left: &Operand, sign: &str, right: &Operand, root: &Value, item: &Value) -> Result<bool, String> {
    let read = |operand: &Operand| -> Result<Option<Value>, String> {
        match operand {
            Operand::Value(value) => Ok(Some(value.clone())),
            Operand::Path(steps) => Ok(walk(steps, root, item)?.first().map(|value| (*value).clone())),
            Operand::None => Ok(None),
        }
    };
    let Some(left) = read(left)? else { return Ok(false) };
    if sign == "exists" {
        return Ok(true);
    }
    let Some(right) = read(right)? else { return Ok(false) };
    let order = match (&left, &right) {
        (Value::Number(a), Value::Number(b)) => {
            a.as_f64().unwrap_or_default().partial_cmp(&b.as_f64().unwrap_or_default()).unwrap_or(Ordering::Less)
        }
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ if sign == "==" => return Ok(left == right),
        _ if sign == "!=" => return Ok(left != right),
        _ => return Err("unsupported type for comparison".to_owned()),
    };
    Ok(match sign {
        "==" => order.is_eq(),
        "!=" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        ">=" => order.is_ge(),
        _ => return Err(format!("unrecognized filter operator {sign}")),
    })
}

/// Parts up to the end, or up to `{end}`; says which.
fn parts(chars: &[char], at: &mut usize, depth: usize) -> Result<(Vec<Part>, bool), String> {
    let mut parts = Vec::new();
    let mut text = String::new();
    while *at < chars.len() {
        if chars[*at] != '{' {
            text.push(chars[*at]);
            *at += 1;
            continue;
        }
        if !text.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut text)));
        }
        *at += 1;
        let inner = inside(chars, at)?;
        let trimmed = inner.trim();
        if trimmed == "end" {
            if depth == 0 {
                return Err("not in range, nothing to end".to_owned());
            }
            return Ok((parts, true));
        }
        if let Some(path) = trimmed.strip_prefix("range") {
            if depth > 16 {
                return Err("too many nested ranges".to_owned());
            }
            let steps = steps(path.trim())?;
            let (body, ended) = self::parts(chars, at, depth + 1)?;
            if !ended {
                return Err("unclosed range action".replace("range ", ""));
            }
            parts.push(Part::Range(steps, body));
            continue;
        }
        for path in split_words(trimmed) {
            parts.push(Part::Path(steps(path)?));
        }
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    Ok((parts, false))
}

/// The text up to the closing brace, quotes respected.
fn inside(chars: &[char], at: &mut usize) -> Result<String, String> {
    let mut text = String::new();
    let mut quote = None;
    while *at < chars.len() {
        let c = chars[*at];
        *at += 1;
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) if c == '\\' && *at < chars.len() => {
                text.push(c);
                text.push(chars[*at]);
                *at += 1;
                continue;
            }
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == '}' => return Ok(text),
            None => {}
        }
        text.push(c);
    }
    let open = text.rfind('[').is_some_and(|open| !text[open..].contains(']'));
    Err(if open { "unterminated array" } else { "unclosed action" }.to_owned())
}

/// Paths parted by blanks, outside of brackets and quotes.
fn split_words(text: &str) -> Vec<&str> {
    let (mut words, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    for (index, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth = depth.saturating_sub(1),
            (None, ' ') if depth == 0 => {
                if start < index {
                    words.push(&text[start..index]);
                }
                start = index + 1;
            }
            _ => {}
        }
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

fn unquote(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some(c) => out.push(c),
                None => {}
            },
            c => out.push(c),
        }
    }
    Some(out)
}

fn steps(text: &str) -> Result<Vec<Step>, String> {
    if let Some(text) = unquote(text) {
        return Ok(vec![Step::Text(text)]);
    }
    let chars: Vec<char> = text.chars().collect();
    let mut steps = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        match chars[at] {
            '$' => {
                steps.push(Step::Root);
                at += 1;
            }
            '@' => at += 1,
            '.' if chars.get(at + 1) == Some(&'.') => {
                steps.push(Step::Recursive);
                at += 2;
                if at < chars.len() && !matches!(chars[at], '[' | '.') {
                    push_field(&chars, &mut at, &mut steps)?;
                }
            }
            '.' => {
                at += 1;
                if at < chars.len() && chars[at] != '[' {
                    push_field(&chars, &mut at, &mut steps)?;
                }
            }
            '[' => {
                let end = closing(&chars, at).ok_or("unterminated array")?;
                let inner: String = chars[at + 1..end].iter().collect();
                steps.push(bracket(inner.trim())?);
                at = end + 1;
            }
            c if c.is_whitespace() || c == ',' => at += 1,
            c if c.is_alphanumeric() || c == '_' => return Err(format!("unrecognized identifier {text}")),
            c => return Err(format!("unrecognized character in action: U+{:04X} '{c}'", c as u32)),
        }
    }
    Ok(steps)
}

fn push_field(chars: &[char], at: &mut usize, steps: &mut Vec<Step>) -> Result<(), String> {
    let mut name = String::new();
    while let Some(&c) = chars.get(*at) {
        match c {
            '\\' => {
                *at += 1;
                name.extend(chars.get(*at));
            }
            '.' | '[' | ']' | ' ' | ',' | '|' | '$' | '@' | '(' | ')' | '=' | '!' | '<' | '>' => break,
            c => name.push(c),
        }
        *at += 1;
    }
    match name.as_str() {
        "*" => steps.push(Step::Wildcard),
        "" if *at < chars.len() => {
            return Err(format!("unrecognized character in action: U+{:04X} '{}'", chars[*at] as u32, chars[*at]));
        }
        "" => {}
        _ => steps.push(Step::Field(name)),
    }
    Ok(())
}

fn closing(chars: &[char], open: usize) -> Option<usize> {
    let (mut depth, mut quote) = (0_usize, None);
    for (index, &c) in chars.iter().enumerate().skip(open) {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') => {
                depth -= 1;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

fn bracket(inner: &str) -> Result<Step, String> {
    if inner == "*" {
        return Ok(Step::Wildcard);
    }
    if let Some(filter) = inner.strip_prefix("?(").and_then(|rest| rest.strip_suffix(')')) {
        return self::filter(filter);
    }
    if let Some(name) = unquote(inner).filter(|_| !inner.contains(',')) {
        return Ok(Step::Field(name));
    }
    let invalid = || format!("invalid array index {inner}");
    if inner.contains(',') {
        let paths: Result<Vec<Vec<Step>>, String> =
            inner.split(',').map(|one| bracket(one.trim()).map(|step| vec![step])).collect();
        return Ok(Step::Union(paths?));
    }
    if inner.contains(':') {
        let number = |text: &str| -> Result<Option<i64>, String> {
            if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| invalid()) }
        };
        let pieces: Vec<&str> = inner.split(':').collect();
        if pieces.len() > 3 {
            return Err(invalid());
        }
        let step = number(pieces.get(2).copied().unwrap_or_default())?.unwrap_or(1);
        return Ok(Step::Slice(number(pieces[0])?, number(pieces[1])?, step));
    }
    inner.parse().map(Step::Index).map_err(|_| invalid())
}

fn filter(text: &str) -> Result<Step, String> {
    let mut quote = None;
    for (index, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '=' | '!' | '<' | '>') => {
                let sign =
                    if text[index + 1..].starts_with('=') { &text[index..index + 2] } else { &text[index..=index] };
                let (left, right) = (text[..index].trim(), text[index + sign.len()..].trim());
                let sign = if sign == "=" { "==" } else { sign };
                return Ok(Step::Filter(operand(left)?, sign.to_owned(), operand(right)?));
            }
            _ => {}
        }
    }
    Ok(Step::Filter(operand(text.trim())?, "exists".to_owned(), Operand::None))
}

fn operand(text: &str) -> Result<Operand, String> {
    if let Some(text) = unquote(text) {
        return Ok(Operand::Value(Value::String(text)));
    }
    match serde_json::from_str::<Value>(text) {
        Ok(value) => Ok(Operand::Value(value)),
        Err(_) => steps(text).map(Operand::Path),
    }
}

#[cfg(test)]
mod tests {
    use super::JsonPath;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn sample() -> Value {
        json!({
            "kind": "List",
            "items": [
                {"metadata": {"name": "a", "labels": {"app.kubernetes.io/name": "x"}}, "n": 1, "ok": true},
                {"metadata": {"name": "b"}, "n": 2, "ports": [80, 443]},
                {"metadata": {"name": "c"}, "n": 3},
            ]
        })
    }

    #[test]
    fn templates() {
        for (template, want) in [
            ("{.kind}", "List"),
            (".kind", "List"),
            ("{.items[*].metadata.name}", "a b c"),
            ("{.items[0].metadata.name}", "a"),
            ("{.items[-1].metadata.name}", "c"),
            ("{.items[0:2].metadata.name}", "a b"),
            ("{.items[0,2].metadata.name}", "a c"),
            ("{.items[?(@.metadata.name==\"b\")].n}", "2"),
            ("{.items[?(@.n>1)].metadata.name}", "b c"),
            ("{.items[?(@.ports)].metadata.name}", "b"),
            ("{range .items[*]}{.metadata.name}{\"\\n\"}{end}", "a\nb\nc\n"),
            ("{range .items[*]}{.metadata.name}={.n};{end}", "a=1;b=2;c=3;"),
            ("{..name}", "a b c"),
            ("{.missing}", ""),
            ("{.items[0].metadata.labels.app\\.kubernetes\\.io/name}", "x"),
            ("{.items[0].metadata['name']}", "a"),
            ("{.items[1].ports}", "[80,443]"),
            ("name: {.items[0].ok}", "name: true"),
            ("{$.kind}", "List"),
            ("{.secrets[0].name}", ""),
        ] {
            assert_eq!(JsonPath::parse(template).unwrap().render(&sample()).as_deref(), Ok(want), "{template}");
        }
    }

    #[test]
    fn faults() {
        for (template, want) in [
            ("{.a", "unclosed action"),
            ("{.a[0", "unterminated array"),
            ("{range .items[*]}{.a}", "unclosed action"),
            ("{end}", "not in range, nothing to end"),
            ("{.a[x]}", "invalid array index x"),
            ("{.a[0}", "unterminated array"),
        ] {
            assert_eq!(JsonPath::parse(template).err().as_deref(), Some(want), "{template}");
        }
        let out = JsonPath::parse("{.items[9].n}").unwrap().render(&sample());
        assert_eq!(out, Err("array index out of bounds: index 9, length 3".to_owned()));
    }

    proptest! {
        #[test]
        fn nothing_typed_panics(template in "[{}.\\[\\]*?()@$a-c0-9:,'\"=<> é-]{0,24}") {
            if let Ok(path) = JsonPath::parse(&template) {
                let _ = path.render(&sample());
            }
        }
    }
}
