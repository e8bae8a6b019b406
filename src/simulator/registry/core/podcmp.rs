//! How go-cmp prints the difference of two structs: what changed with two neighbours on each side, the rest counted.
//! Upstream: github.com/google/go-cmp/cmp/report_compare.go and report_text.go.

use std::collections::BTreeMap;

use serde_json::Value;

use super::podfields::{Shape, Type};
use crate::simulator::ControlPlane;

/// Equal neighbours that are shown on each side.
const CONTEXT: usize = 2;
/// How many entries of an equal list or struct are shown.
const SHOWN: usize = 4;

/// A line, or lines between braces.
enum Text {
    Line(String),
    Block { open: String, records: Vec<Record> },
}

/// `Key: value,` with a mark in front.
struct Record {
    mark: char,
    key: String,
    text: Text,
    counted: bool,
}

impl Record {
    fn new(mark: char, key: &str, text: Text) -> Self {
        Self { mark, key: key.to_owned(), text, counted: false }
    }
}

/// One member of two things that are compared.
struct Member<'a> {
    key: String,
    shape: Shape,
    old: &'a Value,
    new: &'a Value,
}

/// The difference of two structs.
pub(super) fn compared(plane: &ControlPlane, kind: &Type, old: &Value, new: &Value) -> String {
    let mut out = String::new();
    let records = records(plane, members(plane, kind, old, new), "field");
    print(&Text::Block { open: format!("{}{{", kind.name), records }, 0, &mut out, "  ");
    out.push('\n');
    out
}

fn members<'a>(plane: &ControlPlane, kind: &Type, old: &'a Value, new: &'a Value) -> Vec<Member<'a>> {
    let fields = kind.fields.iter().filter(|field| field.since.is_none_or(|since| plane.does(since)));
    let part =
        |value: &'a Value, wire: &str| if wire.is_empty() { value } else { value.get(wire).unwrap_or(&Value::Null) };
    fields
        .map(|field| Member {
            key: field.go.to_owned(),
            shape: field.shape,
            old: part(old, field.wire),
            new: part(new, field.wire),
        })
        .collect()
}

fn same(plane: &ControlPlane, member: &Member<'_>) -> bool {
    match member.shape {
        Shape::Embedded(kind) => members(plane, kind, member.old, member.new).iter().all(|inner| same(plane, inner)),
        Shape::Text | Shape::Number | Shape::Flag => {
            scalar(member.shape, member.old) == scalar(member.shape, member.new)
        }
        _ => member.old == member.new,
    }
}

/// What changed with its neighbours, the rest counted.
fn records(plane: &ControlPlane, members: Vec<Member<'_>>, what: &str) -> Vec<Record> {
    let equal: Vec<bool> = members.iter().map(|member| same(plane, member)).collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < members.len() {
        let length = equal[at..].iter().take_while(|flag| **flag == equal[at]).count();
        if equal[at] {
            let last = at + length == members.len();
            let low = if at == 0 { 0 } else { CONTEXT.min(length) };
            let high = if last { 0 } else { CONTEXT.min(length - low) };
            // One alone is shown rather than counted.
            let high = if length - low - high == 1 { high + 1 } else { high };
            let hidden = length - low - high;
            let show = |member: &Member<'_>| {
                Record::new(' ', &member.key, Text::Line(literal(plane, member.shape, member.old)))
            };
            out.extend(members[at..at + low].iter().map(show));
            if hidden > 0 {
                let plural = if hidden == 1 { "" } else { "s" };
                let text = Text::Line(format!("... // {hidden} identical {what}{plural}"));
                out.push(Record { mark: ' ', key: String::new(), text, counted: true });
            }
            out.extend(members[at + length - high..at + length].iter().map(show));
        } else {
            for member in &members[at..at + length] {
                out.extend(changed(plane, member));
            }
        }
        at += length;
    }
    out
}

fn changed(plane: &ControlPlane, member: &Member<'_>) -> Vec<Record> {
    let (old, new) = (member.old, member.new);
    let block = |open: String, records: Vec<Record>| vec![Record::new(' ', &member.key, Text::Block { open, records })];
    // Members of lists do not say their type.
    let named = |name: &str| if member.key.is_empty() { "{".to_owned() } else { format!("{name}{{") };
    match member.shape {
        Shape::Embedded(kind) | Shape::One(kind) => {
            return block(named(kind.name), records(plane, members(plane, kind, old, new), "field"));
        }
        Shape::Maybe(kind) | Shape::Context(kind) if old.is_object() && new.is_object() => {
            return block(format!("&{}", named(kind.name)), records(plane, members(plane, kind, old, new), "field"));
        }
        Shape::List(kind) => {
            if let (Value::Array(old), Value::Array(new)) = (old, new)
                && old.len() == new.len()
            {
                let pair = |(old, new)| Member { key: String::new(), shape: Shape::One(kind), old, new };
                let members = old.iter().zip(new).map(pair).collect();
                return block(format!("[]{}{{", kind.name), records(plane, members, "element"));
            }
        }
        Shape::Map(name) => {
            if let (Value::Object(old), Value::Object(new)) = (old, new) {
                let keys: BTreeMap<&String, ()> = old.keys().chain(new.keys()).map(|key| (key, ())).collect();
                let null = &Value::Null;
                let member = |key: &&String| Member {
                    key: format!("{key:?}"),
                    shape: Shape::Any,
                    old: old.get(*key).unwrap_or(null),
                    new: new.get(*key).unwrap_or(null),
                };
                let mut records = records(plane, keys.keys().map(member).collect(), "entrie");
                // A key that only one side has is only there once.
                records
                    .retain(|record| !matches!(&record.text, Text::Line(text) if record.mark != ' ' && text == "nil"));
                return block(format!("{name}{{"), records);
            }
        }
        _ => {}
    }
    let typed = |value: &Value| {
        let text = literal(plane, member.shape, value);
        match member.shape {
            _ if text == "nil" || member.key.is_empty() => text,
            Shape::List(kind) => format!("[]{}{text}", kind.name),
            Shape::Plain(name) | Shape::Map(name) => format!("{name}{text}"),
            Shape::Maybe(kind) | Shape::Context(kind) => text.replacen('&', &format!("&{}", kind.name), 1),
            _ => text,
        }
    };
    vec![Record::new('-', &member.key, Text::Line(typed(old))), Record::new('+', &member.key, Text::Line(typed(new)))]
}

fn scalar(shape: Shape, value: &Value) -> Value {
    match (shape, value) {
        (Shape::Text, Value::Null) => Value::String(String::new()),
        (Shape::Number, Value::Null) => Value::from(0),
        (Shape::Flag, Value::Null) => Value::Bool(false),
        (_, value) => value.clone(),
    }
}

/// A value as Go would write it, what is zero inside of structs left out.
fn literal(plane: &ControlPlane, shape: Shape, value: &Value) -> String {
    let braces = |mut parts: Vec<String>| {
        if parts.len() > SHOWN {
            parts.truncate(SHOWN);
            parts.push("...".to_owned());
        }
        format!("{{{}}}", parts.join(", "))
    };
    let fields = |kind: &Type| {
        let members = members(plane, kind, value, value);
        let set = members.iter().filter(|member| !is_zero(plane, member.shape, member.old));
        braces(set.map(|member| format!("{}: {}", member.key, literal(plane, member.shape, member.old))).collect())
    };
    match (shape, value) {
        (Shape::Embedded(kind) | Shape::One(kind), _) => fields(kind),
        (Shape::Text | Shape::Number | Shape::Flag, _) => scalar(shape, value).to_string(),
        (_, Value::Null) => "nil".to_owned(),
        (Shape::Maybe(kind) | Shape::Context(kind), _) => format!("&{}", fields(kind)),
        (Shape::Pointer, _) => format!("&{value}"),
        (Shape::List(kind), Value::Array(items)) => {
            braces(items.iter().map(|item| literal(plane, Shape::One(kind), item)).collect())
        }
        (_, Value::Array(items)) => braces(items.iter().map(Value::to_string).collect()),
        (_, Value::Object(map)) => {
            let sorted: BTreeMap<_, _> = map.iter().collect();
            braces(sorted.into_iter().map(|(key, value)| format!("{key:?}: {value}")).collect())
        }
        (_, other) => other.to_string(),
    }
}

fn is_zero(plane: &ControlPlane, shape: Shape, value: &Value) -> bool {
    match shape {
        Shape::Embedded(kind) | Shape::One(kind) => {
            members(plane, kind, value, value).iter().all(|member| is_zero(plane, member.shape, member.old))
        }
        Shape::Text => value.as_str().unwrap_or_default().is_empty(),
        Shape::Number => value.as_i64().unwrap_or_default() == 0,
        Shape::Flag => value != &Value::Bool(true),
        _ => value.is_null(),
    }
}

fn print(text: &Text, depth: usize, out: &mut String, mark: &str) {
    let Text::Block { open, records } = text else { return };
    if depth == 0 {
        out.push_str(mark);
    }
    out.push_str(open);
    out.push('\n');
    // Keys of neighbouring lines are made equally wide.
    let lined = |record: &Record| !record.key.is_empty() && matches!(record.text, Text::Line(_));
    for (at, record) in records.iter().enumerate() {
        let indent = "\t".repeat(depth + 1);
        out.push_str(&format!("{} {indent}", record.mark));
        let key = if record.key.is_empty() { String::new() } else { format!("{}:", record.key) };
        match &record.text {
            Text::Line(line) if record.counted => out.push_str(&format!("{line}\n")),
            Text::Line(line) if key.is_empty() => out.push_str(&format!("{line},\n")),
            Text::Line(line) => {
                let before = records[..at].iter().rev().take_while(|record| lined(record));
                let group = before.chain(records[at..].iter().take_while(|record| lined(record)));
                let widest = group.map(|record| record.key.chars().count()).max().unwrap_or_default() + 2;
                out.push_str(&format!("{key:widest$}{line},\n"));
            }
            block => {
                if !key.is_empty() {
                    out.push_str(&format!("{key} "));
                }
                print(block, depth + 1, out, mark);
                out.push_str(",\n");
            }
        }
    }
    out.push_str(mark);
    out.push_str(&"\t".repeat(depth));
    out.push('}');
}
