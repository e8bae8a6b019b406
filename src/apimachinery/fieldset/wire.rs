//! `fieldsV1`: a set as JSON. Upstream: structured-merge-diff/fieldpath/serialize.go.

use serde_json::{Map, Value};

use super::{Element, Set};

/// The set as `fieldsV1`.
pub fn to_fields(set: &Set) -> Value {
    Value::Object(fields(set, false))
}

fn fields(set: &Set, itself: bool) -> Map<String, Value> {
    let mut map = Map::new();
    if itself {
        map.insert(".".to_owned(), Value::Object(Map::new()));
    }
    let mut members = set.members.iter().peekable();
    let empty = || Value::Object(Map::new());
    for (element, child) in &set.children {
        while let Some(member) = members.next_if(|member| *member < element) {
            map.insert(member.to_wire(), empty());
        }
        let both = members.next_if(|member| *member == element).is_some();
        if both || !child.is_empty() {
            map.insert(element.to_wire(), Value::Object(fields(child, both && !child.is_empty())));
        }
    }
    for member in members {
        map.insert(member.to_wire(), empty());
    }
    map
}

/// Reads `fieldsV1`.
///
/// # Errors
/// When it is not of that form.
pub fn from_fields(fields: &Value) -> Result<Set, String> {
    read(fields).map(|(set, _)| set)
}

/// Reads one level; also says whether the level itself is a member of the set above.
fn read(fields: &Value) -> Result<(Set, bool), String> {
    let Value::Object(map) = fields else { return Err("expected a map".to_owned()) };
    let mut set = Set::default();
    let mut itself = map.is_empty();
    for (key, below) in map {
        if key == "." {
            itself = true;
            continue;
        }
        let Some(element) = Element::from_wire(key)? else { continue };
        let (child, member) = read(below)?;
        if !child.is_empty() {
            set.children.insert(element.clone(), child);
        }
        if member {
            set.members.insert(element);
        }
    }
    Ok((set, itself))
}
