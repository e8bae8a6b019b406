//! `--sort-by`. Upstream: kubectl/pkg/cmd/get/sorter.go.

use std::cmp::Ordering;

use serde_json::Value;

use crate::base::Order as _;
use crate::kubectl::describe::Quantity;
use crate::kubectl::jsonpath::{JsonPath, relaxed};

/// Sorts objects by the first value a path finds in each; those without one come first.
///
/// # Errors
/// When the path is none, or fits no object at all.
pub fn objects<T>(list: &mut Vec<T>, field: &str, of: impl Fn(&T) -> &Value) -> Result<(), String> {
    if list.is_empty() {
        return Ok(());
    }
    let field = relaxed(field)?;
    let path = JsonPath::parse(&field)?;
    let mut keyed = Vec::new();
    for item in list.drain(..) {
        let key = path.find(of(&item))?.into_iter().next().and_then(|found| found.into_iter().next());
        keyed.push((key.map(std::borrow::Cow::into_owned), item));
    }
    let found = keyed.iter().any(|(key, _)| key.is_some());
    if found {
        keyed.order_by(|(a, _), (b, _)| match (a, b) {
            (Some(a), Some(b)) => order(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        });
    }
    list.extend(keyed.into_iter().map(|(_, item)| item));
    if found { Ok(()) } else { Err(format!("couldn't find any field with path {field:?} in the list of objects")) }
}

fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
        (Value::String(a), Value::String(b)) => match (Quantity::read(a), Quantity::read(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => natural(a.as_bytes(), b.as_bytes()),
        },
        _ => Ordering::Equal,
    }
}

/// Texts with the numbers in them by their value. Upstream: github.com/fvbommel/sortorder.
fn natural(a: &[u8], b: &[u8]) -> Ordering {
    let (mut i, mut j) = (0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        match (x.is_ascii_digit(), y.is_ascii_digit()) {
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) if x != y => return x.cmp(y),
            (false, false) => (i, j) = (i + 1, j + 1),
            (true, true) => {
                let end = |text: &[u8], from: usize, fits: fn(&u8) -> bool| {
                    from + text[from..].iter().take_while(|byte| fits(byte)).count()
                };
                let (from, other) = (end(a, i, |byte| *byte == b'0'), end(b, j, |byte| *byte == b'0'));
                (i, j) = (end(a, from, u8::is_ascii_digit), end(b, other, u8::is_ascii_digit));
                let order = (i - from).cmp(&(j - other)).then_with(|| a[from..i].cmp(&b[other..j]));
                if order.is_ne() {
                    return order;
                }
                if from != other {
                    return from.cmp(&other);
                }
            }
        }
    }
    a.len().cmp(&b.len())
}

#[cfg(test)]
mod tests {
    use super::objects;
    use serde_json::{Value, json};

    #[test]
    fn sorted() {
        for (values, want) in [
            (json!(["pod-10", "pod-9", "pod-1"]), json!(["pod-1", "pod-9", "pod-10"])),
            (json!(["1Gi", "100Mi", "2"]), json!(["2", "100Mi", "1Gi"])),
            (json!([3, 1, 2]), json!([1, 2, 3])),
            (json!(["b", "a1", "1"]), json!(["1", "a1", "b"])),
        ] {
            let mut list: Vec<Value> = values.as_array().unwrap().iter().map(|value| json!({"x": value})).collect();
            objects(&mut list, ".x", |item| item).unwrap();
            let sorted: Vec<&Value> = list.iter().map(|item| &item["x"]).collect();
            assert_eq!(json!(sorted), want);
        }
        let mut list = vec![json!({"x": 1}), json!({"y": 0})];
        objects(&mut list, "x", |item| item).unwrap();
        assert_eq!(list, [json!({"y": 0}), json!({"x": 1})]);
        let fault = objects(&mut list, "{.z}", |item| item);
        assert_eq!(fault, Err("couldn't find any field with path \"{.z}\" in the list of objects".to_owned()));
    }
}
