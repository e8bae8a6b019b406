//! Values read by the rules of their types: compared, merged, taken apart. Upstream: structured-merge-diff/typed.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Element, Set};
use crate::apimachinery::schema::{ANY, Schema, Shape, Type, key_default};
use crate::base::Order as _;

/// What distinguishes two values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Only in the second.
    pub added: Set,
    /// In both, and different.
    pub modified: Set,
    /// Only in the first.
    pub removed: Set,
}

/// How a value is walked through.
enum Node {
    Leaf,
    Map(&'static Type),
    List(&'static [&'static str], &'static Type),
}

/// How a field of this shape is walked through, given what it holds.
fn node(schema: &Schema, shape: Shape, sample: &Value) -> Node {
    match shape {
        Shape::Plain if sample.is_object() => Node::Map(ANY),
        Shape::Map(of) if schema.is_whole(of) => Node::Leaf,
        Shape::Map(of) if sample.is_object() || sample.is_null() => Node::Map(of),
        Shape::Set if sample.is_array() || sample.is_null() => Node::List(&[], ANY),
        Shape::Keyed(keys, of) if sample.is_array() || sample.is_null() => Node::List(keys, of),
        Shape::Plain | Shape::Map(_) | Shape::Set | Shape::Keyed(..) | Shape::Merged(..) => Node::Leaf,
    }
}

/// The step to an entry of a list; `None` when it lacks a key.
fn step(keys: &[&str], entry: &Value) -> Option<Element> {
    if keys.is_empty() {
        return Some(Element::Value(entry.clone()));
    }
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        let value = entry.get(key).filter(|value| !value.is_null()).cloned().or_else(|| key_default(key))?;
        found.push(((*key).to_owned(), value));
    }
    found.order_by(|a, b| a.0.cmp(&b.0));
    Some(Element::Key(found))
}

/// The shape of the entries of a list.
fn entry(keys: &[&str], of: &'static Type) -> Shape {
    if keys.is_empty() { Shape::Plain } else { Shape::Map(of) }
}

fn is_bare(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::Object(map)) => map.is_empty(),
        Some(Value::Array(list)) => list.is_empty(),
        Some(_) => false,
    }
}

/// What distinguishes two objects.
pub fn compare(schema: &Schema, old: &Value, new: &Value) -> Comparison {
    let mut comparison = Comparison::default();
    let mut walk = Compare { schema, path: Vec::new(), found: &mut comparison };
    walk.value(Shape::Map(schema.root), Some(old), Some(new));
    comparison
}

struct Compare<'a> {
    schema: &'a Schema,
    path: Vec<Element>,
    found: &'a mut Comparison,
}

impl Compare<'_> {
    fn value(&mut self, shape: Shape, old: Option<&Value>, new: Option<&Value>) {
        // What is the same on both sides has nothing to tell; most of an object is.
        if old == new {
            return;
        }
        let sample = [new, old].into_iter().flatten().find(|value| !value.is_null()).unwrap_or(&Value::Null);
        let node = node(self.schema, shape, sample);
        let inner = match node {
            _ if is_bare(old) && is_bare(new) => false,
            Node::Leaf => false,
            Node::Map(of) => {
                self.map(of, old.and_then(Value::as_object), new.and_then(Value::as_object));
                true
            }
            Node::List(keys, of) => {
                self.list(keys, of, old.and_then(Value::as_array), new.and_then(Value::as_array));
                true
            }
        };
        match (old, new) {
            (None, _) => self.found.added.insert(&self.path),
            (_, None) => self.found.removed.insert(&self.path),
            // Kinds of values that differ are told apart as leaves.
            _ if !inner => self.found.modified.insert(&self.path),
            _ => {}
        }
    }

    fn below(&mut self, element: Element, shape: Shape, old: Option<&Value>, new: Option<&Value>) {
        self.path.push(element);
        self.value(shape, old, new);
        self.path.pop();
    }

    fn map(&mut self, of: &'static Type, old: Option<&Map<String, Value>>, new: Option<&Map<String, Value>>) {
        for (name, value) in old.into_iter().flatten() {
            let other = new.and_then(|new| new.get(name));
            if other != Some(value) {
                self.below(Element::field(name), of.field(name), Some(value), other);
            }
        }
        for (name, value) in new.into_iter().flatten() {
            if old.is_none_or(|old| !old.contains_key(name)) {
                self.below(Element::field(name), of.field(name), None, Some(value));
            }
        }
    }

    fn list(
        &mut self,
        keys: &'static [&'static str],
        of: &'static Type,
        old: Option<&Vec<Value>>,
        new: Option<&Vec<Value>>,
    ) {
        let (old, new) = (index(keys, old), index(keys, new));
        for (element, value) in &old {
            self.below(element.clone(), entry(keys, of), Some(value), new.get(element).copied());
        }
        for (element, value) in &new {
            if !old.contains_key(element) {
                self.below(element.clone(), entry(keys, of), None, Some(value));
            }
        }
    }
}

/// The entries of a list by their steps; of those with the same step the first.
fn index<'a>(keys: &[&str], list: Option<&'a Vec<Value>>) -> BTreeMap<Element, &'a Value> {
    let mut found = BTreeMap::new();
    for value in list.into_iter().flatten() {
        if let Some(element) = step(keys, value) {
            found.entry(element).or_insert(value);
        }
    }
    found
}

/// The paths an object holds: its leaves, and the entries of its lists.
pub fn of_value(schema: &Schema, object: &Value) -> Set {
    let mut set = Set::default();
    collect(schema, Shape::Map(schema.root), object, &mut Vec::new(), &mut set);
    set
}

fn collect(schema: &Schema, shape: Shape, value: &Value, path: &mut Vec<Element>, set: &mut Set) {
    match (node(schema, shape, value), value) {
        (Node::Map(of), Value::Object(map)) if !map.is_empty() => {
            for (name, value) in map {
                path.push(Element::field(name));
                collect(schema, of.field(name), value, path, set);
                path.pop();
            }
        }
        (Node::List(keys, of), Value::Array(list)) if !list.is_empty() => {
            for value in list {
                let Some(element) = step(keys, value) else { continue };
                path.push(element);
                collect(schema, entry(keys, of), value, path, set);
                set.insert(path);
                path.pop();
            }
        }
        _ => set.insert(path),
    }
}

/// The first object with what the second says laid over it.
pub fn merge(schema: &Schema, under: &Value, over: &Value) -> Value {
    merged(schema, Shape::Map(schema.root), under, over)
}

fn merged(schema: &Schema, shape: Shape, under: &Value, over: &Value) -> Value {
    match (node(schema, shape, over), under, over) {
        (Node::Map(of), Value::Object(under), Value::Object(over)) => {
            let mut made = under.clone();
            for (name, value) in over {
                let value = match under.get(name) {
                    Some(below) => merged(schema, of.field(name), below, value),
                    None => value.clone(),
                };
                made.insert(name.clone(), value);
            }
            Value::Object(made)
        }
        (Node::List(keys, of), Value::Array(under), Value::Array(over)) => {
            Value::Array(merged_list(schema, keys, of, under, over))
        }
        _ => over.clone(),
    }
}

/// Shared entries come in the order of what is laid over; entries of the other list keep their places among them.
fn merged_list(
    schema: &Schema,
    keys: &'static [&'static str],
    of: &'static Type,
    under: &[Value],
    over: &[Value],
) -> Vec<Value> {
    let place = |list: &[Value], of: &Value| {
        let wanted = step(keys, of);
        list.iter().position(|other| wanted.is_some() && step(keys, other) == wanted)
    };
    let mut made = Vec::with_capacity(under.len().max(over.len()));
    let mut rest = under.iter();
    for value in over {
        let Some(below) = place(under, value) else {
            made.push(value.clone());
            continue;
        };
        // What only the list below has comes before the shared entry it stood before.
        if rest.as_slice().iter().any(|other| std::ptr::eq(other, &raw const under[below])) {
            for other in rest.by_ref() {
                if place(over, other).is_none() {
                    made.push(other.clone());
                }
                if std::ptr::eq(other, &raw const under[below]) {
                    break;
                }
            }
        }
        made.push(merged(schema, entry(keys, of), &under[below], value));
    }
    made.extend(rest.filter(|other| place(over, other).is_none()).cloned());
    made
}

/// The object without these paths. A map or a list that loses all it had is nothing.
pub fn without(schema: &Schema, object: &Value, gone: &Set) -> Value {
    removed(schema, Shape::Map(schema.root), object, gone)
}

fn removed(schema: &Schema, shape: Shape, value: &Value, gone: &Set) -> Value {
    match (node(schema, shape, value), value) {
        (Node::Map(of), Value::Object(map)) => {
            let mut left = Map::new();
            for (name, value) in map {
                let element = Element::field(name);
                if gone.members.contains(&element) {
                    continue;
                }
                let value = match gone.children.get(&element) {
                    Some(child) if !child.is_empty() => removed(schema, of.field(name), value, child),
                    _ => value.clone(),
                };
                left.insert(name.clone(), value);
            }
            if left.is_empty() { Value::Null } else { Value::Object(left) }
        }
        (Node::List(keys, of), Value::Array(list)) => {
            let mut left = Vec::new();
            for value in list {
                let element = step(keys, value);
                if element.as_ref().is_some_and(|element| gone.members.contains(element)) {
                    continue;
                }
                left.push(match element.and_then(|element| gone.children.get(&element)) {
                    Some(child) if !child.is_empty() => removed(schema, entry(keys, of), value, child),
                    _ => value.clone(),
                });
            }
            if left.is_empty() { Value::Null } else { Value::Array(left) }
        }
        (Node::Leaf, Value::Object(_) | Value::Array(_)) => Value::Null,
        _ => value.clone(),
    }
}

/// The set with each named field it has something below of as a member too.
#[must_use]
pub fn named_fields_too(set: &Set) -> Set {
    let mut all = Set { members: set.members.clone(), ..Set::default() };
    for (element, child) in &set.children {
        if matches!(element, Element::Field(_)) {
            all.members.insert(element.clone());
        }
        all.children.insert(element.clone(), named_fields_too(child));
    }
    all
}

/// The first thing that makes an object unfit to be applied: an entry twice, or one that lacks its key.
pub fn fault(schema: &Schema, object: &Value) -> Option<String> {
    find_fault(schema, Shape::Map(schema.root), object, &mut Vec::new())
}

fn find_fault(schema: &Schema, shape: Shape, value: &Value, path: &mut Vec<Element>) -> Option<String> {
    match (node(schema, shape, value), value) {
        (Node::Map(of), Value::Object(map)) => map.iter().find_map(|(name, value)| {
            path.push(Element::field(name));
            let fault = find_fault(schema, of.field(name), value, path);
            path.pop();
            fault
        }),
        (Node::List(keys, of), Value::Array(list)) => {
            let mut seen = std::collections::BTreeSet::new();
            list.iter().enumerate().find_map(|(at, value)| {
                let Some(element) = step(keys, value) else {
                    let lacking = keys.iter().find(|key| value.get(key).is_none() && key_default(key).is_none());
                    return Some(format!(
                        "{}: element {at}: associative list with keys has an element that omits key field {:?} (and doesn't have default value)",
                        super::path_text(path),
                        lacking.unwrap_or(&"")
                    ));
                };
                if !seen.insert(element.clone()) {
                    let entry = super::path_text(std::slice::from_ref(&element));
                    return Some(format!("{}: duplicate entries for key {entry}", super::path_text(path)));
                }
                path.push(element);
                let fault = find_fault(schema, entry(keys, of), value, path);
                path.pop();
                fault
            })
        }
        _ => None,
    }
}

/// A path such as `spec.containers[0].x`, as people read it: with the keys of list entries where they have some.
pub fn path_at(schema: &Schema, object: &Value, path: &str) -> String {
    let mut shown = String::new();
    let (mut shape, mut value) = (Shape::Map(schema.root), object);
    for word in path.split('.') {
        let (name, indexes) = word.split_at(word.find('[').unwrap_or(word.len()));
        let below = value.get(name).unwrap_or(&Value::Null);
        shape = match node(schema, shape, value) {
            Node::Map(of) => of.field(name),
            Node::Leaf | Node::List(..) => Shape::Plain,
        };
        value = below;
        shown.push('.');
        shown.push_str(name);
        for index in indexes.split_terminator(']').filter_map(|text| text.strip_prefix('[')?.parse::<usize>().ok()) {
            let one = value.get(index).unwrap_or(&Value::Null);
            let keyed = match node(schema, shape, value) {
                Node::List(keys, of) => {
                    shape = entry(keys, of);
                    step(keys, one)
                }
                Node::Leaf | Node::Map(_) => {
                    shape = Shape::Plain;
                    None
                }
            };
            shown.push_str(&keyed.map_or_else(|| format!("[{index}]"), |element| element.to_string()));
            value = one;
        }
    }
    shown
}
