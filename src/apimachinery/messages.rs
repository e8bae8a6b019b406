//! How the kinds that clients send are laid out: the fields of each message, their types and their numbers, read from
//! `messages.txt`. Strict decoding, protobuf and the order of fields stand on it.

use std::collections::HashMap;
use std::sync::LazyLock;

/// One field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its number in protobuf.
    pub number: i32,
    /// Its JSON name; none when the fields of its message stand in the message around it.
    pub name: Option<&'static str>,
    /// How often it is there.
    pub shape: Shape,
    /// What it is.
    pub kind: Kind,
    /// Whether Go writes it even when nothing was given.
    pub always: bool,
}

/// How often a field's value is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Once; Go's clients write its zero as well, which says nothing.
    One,
    /// Once, and Go holds it behind a pointer: a zero is meant.
    Pointer,
    List,
    /// By text.
    Map,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Int32,
    Int64,
    String,
    Bytes,
    /// A message with seconds, in JSON a text.
    Time,
    /// The same with microseconds.
    MicroTime,
    /// A message with its text.
    Quantity,
    /// A message with either.
    IntOrString,
    /// A message with JSON in bytes.
    Json,
    /// A message around a list of texts.
    Items,
    /// A message of this name.
    Message(&'static str),
}

impl Kind {
    fn read(word: &'static str) -> Self {
        match word {
            "bool" => Self::Bool,
            "int32" => Self::Int32,
            "int64" => Self::Int64,
            "string" => Self::String,
            "bytes" => Self::Bytes,
            "Time" => Self::Time,
            "MicroTime" => Self::MicroTime,
            "Quantity" => Self::Quantity,
            "IntOrString" => Self::IntOrString,
            "FieldsV1" => Self::Json,
            "Items" => Self::Items,
            message => Self::Message(message),
        }
    }

    /// Whether it is a number on the wire; all else has a length.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Bool | Self::Int32 | Self::Int64)
    }
}

static TEXT: &str = include_str!("messages.txt");

static MESSAGES: LazyLock<HashMap<&'static str, Vec<Field>>> = LazyLock::new(|| {
    let mut messages: HashMap<&str, Vec<Field>> = HashMap::new();
    let mut message = "";
    for line in lines() {
        match field(line) {
            Some(field) => messages.entry(message).or_default().push(field),
            None => {
                message = line;
                messages.entry(message).or_default();
            }
        }
    }
    messages
});

fn lines() -> impl Iterator<Item = &'static str> {
    TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn field(line: &'static str) -> Option<Field> {
    let mut words = line.split(' ');
    let number = words.next()?.parse().ok()?;
    let name = words.next().filter(|name| *name != "-");
    let word = words.next()?;
    let shapes = [("?", Shape::Pointer), ("!", Shape::One), ("[]", Shape::List), ("{}", Shape::Map)];
    let always = word.starts_with('!');
    let (shape, word) = shapes
        .into_iter()
        .find_map(|(mark, shape)| word.strip_prefix(mark).map(|word| (shape, word)))
        .unwrap_or((Shape::One, word));
    Some(Field { number, name, shape, kind: Kind::read(word), always })
}

static FLAT: LazyLock<HashMap<&'static str, Vec<Field>>> = LazyLock::new(|| {
    fn flatten(fields: &[Field], into: &mut Vec<Field>) {
        for field in fields {
            match (field.name, field.kind) {
                (None, Kind::Message(inner)) => flatten(fields_of(inner), into),
                _ => into.push(*field),
            }
        }
    }
    let flat = |fields: &Vec<Field>| {
        let mut flat = Vec::new();
        flatten(fields, &mut flat);
        flat
    };
    MESSAGES.iter().map(|(message, fields)| (*message, flat(fields))).collect()
});

fn fields_of(message: &str) -> &'static [Field] {
    fields(message).unwrap_or_default()
}

/// The fields of a message as JSON has them: those of messages that stand in it are its own.
pub fn flat(message: &str) -> Option<&'static [Field]> {
    FLAT.get(message).map(Vec::as_slice)
}

/// The fields of a message, in the order Go writes them as JSON.
pub fn fields(message: &str) -> Option<&'static [Field]> {
    MESSAGES.get(message).map(Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::{Kind, MESSAGES, Shape, field, fields, lines};
    use crate::base::Order as _;

    #[test]
    fn every_line_is_a_message_or_a_field_and_every_message_is_there() {
        for line in lines() {
            let words = line.split(' ').count();
            assert!(words == 1 || words == 3 && field(line).is_some(), "{line}");
        }
        for (message, fields) in MESSAGES.iter() {
            let mut numbers: Vec<i32> = fields.iter().map(|field| field.number).collect();
            numbers.order();
            numbers.dedup();
            assert_eq!(numbers.len(), fields.len(), "{message} has a number twice");
            for field in fields {
                if let Kind::Message(name) = field.kind {
                    assert!(MESSAGES.contains_key(name), "{message}: {name}");
                }
                assert!(field.name.is_some() || field.shape == Shape::One, "{message}: {field:?}");
            }
        }
    }

    /// Nothing nests without end, so neither does the decoder.
    #[test]
    fn no_message_contains_itself() {
        fn depth(message: &str, above: usize) -> usize {
            assert!(above < 20, "{message} contains itself");
            let below = fields(message).unwrap().iter().filter_map(|field| match field.kind {
                Kind::Message(name) => Some(depth(name, above + 1)),
                _ => None,
            });
            below.max().unwrap_or(above)
        }
        for message in MESSAGES.keys() {
            depth(message, 0);
        }
    }
}
