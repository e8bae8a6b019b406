//! kubectl's jsonpath: `{.items[*].metadata.name}`, filters, ranges and text around them.
//! Upstream: client-go/util/jsonpath.

mod parse;

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;

use super::gotemplate;
use crate::apimachinery::gojson::{to_json_compact, to_json_pretty};
use crate::base::Order as _;
use parse::{Bound, Node};

/// A template ready to be applied.
#[derive(Clone, Debug)]
pub struct JsonPath {
    nodes: Vec<Node>,
    missing_is_fault: bool,
}

/// Values a path found, in the object or in the template itself.
type Found<'v> = Vec<Cow<'v, Value>>;

/// Where the loops of a template stand while it is applied.
#[derive(Default)]
struct Loops {
    begun: usize,
    within: usize,
    ended: usize,
    /// Which node was the latest `{end}`.
    last_end: Option<usize>,
}

impl JsonPath {
    /// Reads a template; a field that is not there is no fault.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(template: &str) -> Result<Self, String> {
        Ok(Self { nodes: parse::parse(template, 0)?, missing_is_fault: false })
    }

    /// Makes a field that is not there a fault, or not.
    #[must_use]
    pub fn allow_missing(mut self, allowed: bool) -> Self {
        self.missing_is_fault = !allowed;
        self
    }

    /// What each part of the template finds.
    ///
    /// # Errors
    /// When the path asks for what cannot be.
    pub fn find<'v>(&self, object: &'v Value) -> Result<Vec<Found<'v>>, String> {
        self.results(0, Cow::Borrowed(object), &mut Loops::default())
    }

    /// The text the template makes of an object.
    ///
    /// # Errors
    /// When the path asks for what cannot be.
    pub fn render(&self, object: &Value) -> Result<String, String> {
        let line = |found: &Found<'_>| found.iter().map(|value| text(value)).collect::<Vec<_>>().join(" ");
        Ok(self.find(object)?.iter().map(line).collect())
    }

    /// What the template finds as JSON, one array for each of its parts.
    ///
    /// # Errors
    /// When the path asks for what cannot be.
    pub fn render_json(&self, object: &Value) -> Result<String, String> {
        let array = |found: Found<'_>| to_json_pretty(&found.into_iter().map(Cow::into_owned).collect()) + "\n";
        Ok(self.find(object)?.into_iter().map(array).collect())
    }

    fn results<'v>(&self, from: usize, data: Cow<'v, Value>, loops: &mut Loops) -> Result<Vec<Found<'v>>, String> {
        let here = vec![data];
        let mut all = Vec::new();
        let mut at = from;
        while at < self.nodes.len() {
            let found = self.step(here.clone(), &self.nodes[at], loops)?;
            if loops.ended > 0 && loops.ended <= loops.within {
                loops.ended -= 1;
                loops.last_end = Some(at);
                break;
            }
            if loops.begun == 0 {
                all.push(found);
                at += 1;
                continue;
            }
            loops.begun -= 1;
            loops.within += 1;
            // Without anything to loop over the body is passed once all the same, to learn where it ends.
            let empty = found.is_empty();
            let turns = if empty { vec![Cow::Owned(Value::Null)] } else { found };
            for value in turns {
                let inner = self.results(at + 1, value, loops)?;
                if !empty {
                    all.extend(inner);
                }
            }
            loops.within -= 1;
            at = loops.last_end.filter(|end| *end > at).unwrap_or(at) + 1;
        }
        Ok(all)
    }

    fn list<'v>(&self, here: Found<'v>, nodes: &[Node], loops: &mut Loops) -> Result<Found<'v>, String> {
        nodes.iter().try_fold(here, |here, node| self.step(here, node, loops))
    }

    fn step<'v>(&self, here: Found<'v>, node: &Node, loops: &mut Loops) -> Result<Found<'v>, String> {
        let constant = |value: Value| vec![Cow::Owned(value); here.len()];
        Ok(match node {
            Node::List(nodes) => self.list(here, nodes, loops)?,
            Node::Text(text) => vec![Cow::Owned(text.as_str().into())],
            Node::Int(number) => constant((*number).into()),
            Node::Float(number) => constant((*number).into()),
            Node::Bool(flag) => constant((*flag).into()),
            Node::Identifier(word) => match word.as_str() {
                "range" => {
                    loops.begun += 1;
                    here
                }
                "end" if loops.within > 0 => {
                    loops.ended += 1;
                    Vec::new()
                }
                "end" => return Err("not in range, nothing to end".to_owned()),
                word => return Err(format!("unrecognized identifier {word}")),
            },
            Node::Field(name) => {
                let asked = !here.is_empty();
                let found: Found<'v> = here.into_iter().filter_map(|value| field(value, name)).collect();
                if found.is_empty() && asked && self.missing_is_fault {
                    return Err(format!("{name} is not found"));
                }
                found
            }
            Node::Wildcard => here.into_iter().flat_map(children).collect(),
            Node::Recursive => here.into_iter().flat_map(descend).collect(),
            Node::Array(bounds) => {
                let mut found = Vec::new();
                for value in here.into_iter().filter(|value| !value.is_null()) {
                    match slice(value, bounds)? {
                        Some(items) => found.extend(items),
                        None => return Ok(found),
                    }
                }
                found
            }
            Node::Union(paths) => {
                let mut found = Vec::new();
                for path in paths {
                    found.extend(self.list(here.clone(), path, loops)?);
                }
                found
            }
            Node::Filter(left, sign, right) => {
                let mut found = Vec::new();
                for value in here {
                    if !value.is_array() {
                        return Err(format!(
                            "{} is not array or slice and cannot be filtered",
                            gotemplate::shown(&value)
                        ));
                    }
                    for item in children(value) {
                        if self.fits(&item, left, sign, right, loops)? {
                            found.push(item);
                        }
                    }
                }
                found
            }
        })
    }

    /// Whether an item passes a filter.
    fn fits(&self, item: &Value, left: &[Node], sign: &str, right: &[Node], loops: &mut Loops) -> Result<bool, String> {
        let mut side = |nodes: &[Node]| self.list(vec![Cow::Borrowed(item)], nodes, loops);
        if sign == "exists" {
            return Ok(side(left).is_ok_and(|found| !found.is_empty()));
        }
        let mut pair = Vec::new();
        for nodes in [left, right] {
            let found = side(nodes)?;
            if found.len() > 1 {
                return Err("can only compare one element at a time".to_owned());
            }
            let Some(value) = found.into_iter().next() else { return Ok(false) };
            pair.push(value);
        }
        compare(&pair[0], sign, &pair[1])
    }
}

/// Upstream: client-go/third_party/forked/golang/template/funcs.go.
fn compare(left: &Value, sign: &str, right: &Value) -> Result<bool, String> {
    let order = || -> Result<Ordering, String> {
        Ok(match (left, right) {
            (Value::Number(a), Value::Number(b)) if a.is_f64() == b.is_f64() => match (a.as_i64(), b.as_i64()) {
                (Some(a), Some(b)) => a.cmp(&b),
                _ => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Less),
            },
            (Value::String(a), Value::String(b)) => a.cmp(b),
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Null | Value::Array(_) | Value::Object(_), _)
            | (_, Value::Null | Value::Array(_) | Value::Object(_)) => {
                return Err("invalid type for comparison".to_owned());
            }
            _ => return Err("incompatible types for comparison".to_owned()),
        })
    };
    let unordered = left.is_boolean() && right.is_boolean();
    match sign {
        "==" => order().map(Ordering::is_eq),
        "!=" => order().map(Ordering::is_ne),
        "<" | "<=" | ">" | ">=" if unordered => Err("invalid type for comparison".to_owned()),
        "<" => order().map(Ordering::is_lt),
        "<=" => order().map(Ordering::is_le),
        ">" => order().map(Ordering::is_gt),
        ">=" => order().map(Ordering::is_ge),
        _ => Err(format!("unrecognized filter operator {sign}")),
    }
}

/// `name`, `.name`, `{name}` and `{.name}` as the last of these.
pub fn relaxed(path: &str) -> Result<String, String> {
    let bare = path.strip_prefix('{').and_then(|path| path.strip_suffix('}')).unwrap_or(path);
    let bare = bare.strip_prefix('.').filter(|rest| !rest.is_empty()).unwrap_or(bare);
    if path.is_empty() {
        return Ok(String::new());
    }
    if bare.is_empty() || bare.contains(['{', '}']) {
        let forms = "'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'";
        return Err(format!("unexpected path string, expected a {forms}"));
    }
    Ok(format!("{{.{bare}}}"))
}

/// A value as the template shows it: texts plain, lists and maps as JSON, the rest as Go prints it.
fn text(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => to_json_compact(value),
        other => gotemplate::shown(other),
    }
}

/// A value for people: texts plain, nothing for null, the rest as JSON.
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => to_json_compact(other),
    }
}

fn field<'v>(value: Cow<'v, Value>, name: &str) -> Option<Cow<'v, Value>> {
    match value {
        Cow::Borrowed(value) => value.as_object()?.get(name).map(Cow::Borrowed),
        Cow::Owned(value) => value.as_object()?.get(name).cloned().map(Cow::Owned),
    }
}

/// What is in a list, or in a map by its keys' order.
fn children(value: Cow<'_, Value>) -> Found<'_> {
    match value {
        Cow::Borrowed(Value::Array(list)) => list.iter().map(Cow::Borrowed).collect(),
        Cow::Borrowed(Value::Object(map)) => {
            let mut pairs: Vec<(&String, &Value)> = map.iter().collect();
            pairs.order_by_key(|(key, _)| *key);
            pairs.into_iter().map(|(_, value)| Cow::Borrowed(value)).collect()
        }
        Cow::Owned(Value::Array(list)) => list.into_iter().map(Cow::Owned).collect(),
        Cow::Owned(Value::Object(map)) => {
            let mut pairs: Vec<(String, Value)> = map.into_iter().collect();
            pairs.order_by(|a, b| a.0.cmp(&b.0));
            pairs.into_iter().map(|(_, value)| Cow::Owned(value)).collect()
        }
        _ => Vec::new(),
    }
}

/// A value and all below it; what is empty, and numbers and flags, have nothing below and are left out.
fn descend(value: Cow<'_, Value>) -> Found<'_> {
    let below = children(value.clone());
    let is_text = value.as_str().is_some_and(|text| !text.is_empty());
    if below.is_empty() && !is_text {
        return Vec::new();
    }
    let mut found = vec![value];
    found.extend(below.into_iter().flat_map(descend));
    found
}

/// Part of a list; `None` when no element at all was asked for.
fn slice<'v>(value: Cow<'v, Value>, bounds: &[Bound; 3]) -> Result<Option<Found<'v>>, String> {
    if !value.is_array() {
        return Err(format!("{} is not array or slice", go_type(&value)));
    }
    let items = children(value);
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let mut from = if bounds[0].known { bounds[0].value } else { 0 };
    if from < 0 {
        from = from.saturating_add(length);
    }
    let mut to = if bounds[1].known { bounds[1].value } else { length };
    if to < 0 || (to == 0 && bounds[1].derived) {
        to = to.saturating_add(length);
    }
    if from == to {
        return Ok(None);
    }
    let out = |index: i64| Err(format!("array index out of bounds: index {index}, length {length}"));
    if from >= length || from < 0 {
        return out(from);
    }
    if to > length || to < 0 {
        return out(to - 1);
    }
    if from > to {
        return Err(format!("starting index {from} is greater than ending index {to}"));
    }
    let step = if bounds[2].known { bounds[2].value } else { 1 };
    let Some(step) = usize::try_from(step).ok().filter(|step| *step > 0) else {
        return Err("step must be > 0".to_owned());
    };
    let count = |number: i64| usize::try_from(number).unwrap_or(0);
    Ok(Some(items.into_iter().take(count(to)).skip(count(from)).step_by(step).collect()))
}

/// The name of a value's type, as Go decodes objects.
fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "map[string]interface {}",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::Array(_) => "[]interface {}",
        Value::Null => "nil",
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
            (".kind", ".kind"),
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
            ("{.items[0]['n', 'ok']}", "1 true"),
            ("{range .items[*]}{.n}", "123"),
            ("{.items[*].metadata.labels}", "{\"app.kubernetes.io/name\":\"x\"}"),
            ("{.kind.}", ""),
        ] {
            assert_eq!(JsonPath::parse(template).unwrap().render(&sample()).as_deref(), Ok(want), "{template}");
        }
    }

    #[test]
    fn faults() {
        for (template, want) in [
            ("{.a", "unclosed action"),
            ("{.a[0", "unterminated array"),
            ("{.a[x]}", "invalid array index x"),
            ("{.a[0}", "unterminated array"),
            ("{.a[?(@.b==\"c\"]}", "unterminated filter"),
            ("{.a[?(@.b)}", "unclosed array expect ]"),
            ("{\"a}", "unterminated quoted string"),
            ("{.a, .b}", "unrecognized character in action: U+002C ','"),
        ] {
            assert_eq!(JsonPath::parse(template).err().as_deref(), Some(want), "{template}");
        }
        for (template, want) in [
            ("{.items[9].n}", "array index out of bounds: index 9, length 3"),
            ("{end}", "not in range, nothing to end"),
            ("{kind}", "unrecognized identifier kind"),
            ("{.kind[0]}", "string is not array or slice"),
            ("{.items[?(@.n==\"1\")]}", "incompatible types for comparison"),
        ] {
            let out = JsonPath::parse(template).unwrap().render(&sample());
            assert_eq!(out.err().as_deref(), Some(want), "{template}");
        }
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
