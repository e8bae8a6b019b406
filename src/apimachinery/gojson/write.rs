//! JSON as Go writes it: `<`, `>` and `&` escaped, numbers in its form. Upstream: encoding/json of Go.

use crate::base::Order as _;
use std::fmt::Write;

use serde_json::{Number, Value};

/// `value` as `-o json` writes it: four spaces, sorted keys, `<`, `>` and `&` escaped.
pub fn to_json_pretty(value: &Value) -> String {
    let mut out = String::new();
    json(&mut out, value, Some(0), true);
    out
}

/// `value` as `-o json` writes what it holds as a Go type: the keys as they stand.
pub fn to_json_pretty_in_order(value: &Value) -> String {
    let mut out = String::new();
    json(&mut out, value, Some(0), false);
    out
}

/// `value` on one line as Go's `json.Marshal` writes it.
pub fn to_json_compact(value: &Value) -> String {
    let mut out = String::new();
    json(&mut out, value, None, true);
    out
}

/// The same with the keys as they stand, as typed objects are written.
pub fn to_json_compact_in_order(value: &Value) -> String {
    let mut out = String::new();
    json(&mut out, value, None, false);
    out
}

/// A number as Go prints what it read from JSON: whole numbers as they are, others with `%g`.
pub fn go_number(number: &Number) -> String {
    if number.is_i64() || number.is_u64() {
        return number.to_string();
    }
    let Some(float) = number.as_f64() else { return number.to_string() };
    let scientific = format!("{float:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits = i32::try_from(mantissa.chars().filter(char::is_ascii_digit).count()).unwrap_or(i32::MAX);
    if exponent < -4 || exponent >= digits.max(21) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    format!("{float}")
}

fn json(out: &mut String, value: &Value, indent: Option<usize>, sorted: bool) {
    let inner = indent.map(|indent| indent + 4);
    let open = |out: &mut String, indent: Option<usize>| {
        if let Some(indent) = indent {
            out.push('\n');
            pad(out, indent);
        }
    };
    match value {
        Value::Object(map) if !map.is_empty() => {
            let mut keys: Vec<&String> = map.keys().collect();
            if sorted {
                keys.order();
            }
            out.push('{');
            for (index, key) in keys.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                open(out, inner);
                json_string(out, key);
                out.push_str(if indent.is_some() { ": " } else { ":" });
                json(out, &map[key], inner, sorted);
            }
            open(out, indent);
            out.push('}');
        }
        Value::Array(list) if !list.is_empty() => {
            out.push('[');
            for (index, item) in list.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                open(out, inner);
                json(out, item, inner, sorted);
            }
            open(out, indent);
            out.push(']');
        }
        Value::String(text) => json_string(out, text),
        Value::Number(number) => out.push_str(&go_number(number)),
        other => out.push_str(&other.to_string()),
    }
}

fn json_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => drop(write!(out, "\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{to_json_compact, to_json_pretty};
    use crate::apimachinery::yaml::tests::any_json;

    #[test]
    fn go_json() {
        let value = json!({"b": "<a&b>", "a": {"x": [], "y": [1]}});
        assert_eq!(to_json_compact(&value), r#"{"a":{"x":[],"y":[1]},"b":"\u003ca\u0026b\u003e"}"#);
        let want = "{\n    \"a\": {\n        \"x\": [],\n        \"y\": [\n            1\n        ]\n    },\n    \"b\": \"\\u003ca\\u0026b\\u003e\"\n}";
        assert_eq!(to_json_pretty(&value), want);
    }

    proptest! {
        #[test]
        fn json_reads_back(value in any_json()) {
            prop_assert_eq!(serde_json::from_str::<Value>(&to_json_pretty(&value)).ok(), Some(value.clone()));
            prop_assert_eq!(serde_json::from_str::<Value>(&to_json_compact(&value)).ok(), Some(value));
        }
    }
}
