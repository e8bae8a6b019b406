//! The declarations in `structs.txt`.

use std::collections::HashMap;
use std::fmt::{self, Write};
use std::sync::LazyLock;

use super::Package;
use crate::apimachinery::Release;

const TEXT: &str = include_str!("structs.txt");
/// How the file marks a struct as the server's own declaration.
const CORE: &str = "core.";

/// A Go type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// One with a name.
    Named(&'static str),
    /// `*T`
    Pointer(Box<Type>),
    /// `[]T`
    List(Box<Type>),
    /// `map[K]V`
    Map(Box<Type>, Box<Type>),
}

/// Where a field's value comes from in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// A field of the object; `omits` when a zero value is left out.
    Plain {
        /// Its name.
        json: &'static str,
        /// Whether a zero value is left out.
        omits: bool,
    },
    /// An embedded struct: its fields are the object's, unless it has a name.
    Embedded(Option<&'static str>),
    /// A field of the object that this one is a field of.
    OfParent(&'static str),
}

/// A field of a struct.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in Go.
    pub go: &'static str,
    /// Its name in JSON.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    from: u8,
    until: u8,
}

impl Field {
    /// Whether a release has it.
    pub fn exists(&self, release: Release) -> bool {
        (self.from..=self.until).contains(&release.number())
    }
}

#[derive(Default)]
struct Table {
    structs: HashMap<&'static str, Vec<Field>>,
    names: HashMap<&'static str, Type>,
    aliases: HashMap<&'static str, Type>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    let mut name = "";
    for line in TEXT.lines().filter(|line| !line.starts_with('#')) {
        if let Some((alias, under)) = line.split_once(" = ") {
            table.aliases.insert(alias, parse(under));
        } else if let Some(field) = line.strip_prefix("  ") {
            table.structs.entry(name).or_default().extend(parse_field(field));
        } else {
            name = line;
            table.names.insert(name, Type::Named(name));
        }
    }
    table
});

static NOTHING: Type = Type::Named("string");

/// A struct by its name in the file.
pub fn named(name: &str) -> &'static Type {
    TABLE.names.get(name).unwrap_or(&NOTHING)
}

/// What a type is that is named and no struct.
pub fn alias(name: &str) -> Option<&'static Type> {
    TABLE.aliases.get(name)
}

/// A struct's fields of all releases.
pub fn fields(package: Package, name: &str) -> &'static [Field] {
    let own = (package == Package::Core).then(|| TABLE.structs.get(format!("{CORE}{name}").as_str())).flatten();
    own.or_else(|| TABLE.structs.get(name)).map_or(&[], Vec::as_slice)
}

fn parse(text: &'static str) -> Type {
    if let Some(to) = text.strip_prefix('*') {
        Type::Pointer(Box::new(parse(to)))
    } else if let Some(of) = text.strip_prefix("[]") {
        Type::List(Box::new(parse(of)))
    } else if let Some((key, of)) = text.strip_prefix("map[").and_then(|rest| rest.split_once(']')) {
        Type::Map(Box::new(parse(key)), Box::new(parse(of)))
    } else {
        Type::Named(text)
    }
}

fn parse_field(line: &'static str) -> Option<Field> {
    let mut words = line.split(' ');
    let (go, json, ty) = (words.next()?, words.next()?, parse(words.next()?));
    let (from, until) = words.next().and_then(|range| range.split_once("..")).unwrap_or_default();
    let name = match json.chars().next()? {
        '-' => Name::Embedded(None),
        '+' => Name::Embedded(json.get(1..)),
        '^' => Name::OfParent(json.get(1..)?),
        _ => Name::Plain { json: json.trim_end_matches('?'), omits: json.ends_with('?') },
    };
    let number = |text: &str, or: Release| text.parse().unwrap_or(or.number());
    Some(Field { go, name, ty, from: number(from, Release::OLDEST), until: number(until, Release::NEWEST) })
}

impl Type {
    /// As Go writes it. Only the API's own structs are of another package with the server's.
    pub fn write(&self, out: &mut impl Write, package: Package) -> fmt::Result {
        const PLAIN: &[&str] = &["string", "bool", "uint8", "int32", "int64", "uint64"];
        match self {
            Self::Pointer(to) => {
                out.write_char('*')?;
                to.write(out, package)
            }
            Self::List(of) => {
                out.write_str("[]")?;
                of.write(out, package)
            }
            Self::Map(key, of) => {
                out.write_str("map[")?;
                key.write(out, package)?;
                out.write_char(']')?;
                of.write(out, package)
            }
            Self::Named(name) => {
                let bare = name.strip_prefix("meta.");
                out.write_str(match package {
                    _ if bare.is_some() => "v1.",
                    _ if name.contains('.') || PLAIN.contains(name) => "",
                    Package::V1 => "v1.",
                    Package::Core => "core.",
                })?;
                out.write_str(bare.unwrap_or(name))
            }
        }
    }
}
