//! The functions of templates. Upstream: text/template/funcs.go, cli-runtime/pkg/printers/template.go.

use std::cmp::Ordering;

use base64::Engine as _;
use serde_json::Value;

use super::exec::Val;
use super::format;

/// Words that are no functions.
pub(super) const KEYWORDS: &[&str] =
    &["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"];

/// All functions there are.
pub(super) const NAMES: &[&str] = &[
    "and",
    "base64decode",
    "call",
    "eq",
    "exists",
    "ge",
    "gt",
    "html",
    "index",
    "js",
    "le",
    "len",
    "lt",
    "ne",
    "not",
    "or",
    "print",
    "printf",
    "println",
    "slice",
    "urlquery",
];

/// Why a function failed.
pub(super) struct Fault(pub String);

/// How many arguments a function takes at least, and whether more may follow.
pub(super) fn arity(name: &str) -> (usize, bool) {
    match name {
        "base64decode" | "len" | "not" => (1, false),
        "ne" | "lt" | "le" | "gt" | "ge" => (2, false),
        "and" | "or" | "eq" | "index" | "slice" | "printf" | "call" | "exists" => (1, true),
        _ => (0, true),
    }
}

/// Whether this argument has to be a text.
pub(super) fn wants_text(name: &str, index: usize) -> bool {
    index == 0 && matches!(name, "base64decode" | "printf")
}

fn fault<T>(text: impl Into<String>) -> Result<T, Fault> {
    Err(Fault(text.into()))
}

pub(super) fn call(name: &str, args: &[Val]) -> Result<Val, Fault> {
    let null = Val::constant(Value::Null);
    let first = args.first().unwrap_or(&null);
    let rest = args.get(1..).unwrap_or_default();
    let values = || -> Vec<Value> { args.iter().map(|arg| arg.value.clone()).collect() };
    Ok(match name {
        "not" => Val::constant(!first.truth()),
        "len" => Val::constant(match &first.value {
            Value::String(text) => text.len(),
            Value::Array(items) => items.len(),
            Value::Object(map) => map.len(),
            Value::Null => return fault("reflect: call of reflect.Value.Type on zero Value"),
            _ => return fault(format!("len of type {}", first.type_of())),
        }),
        "index" => index(first, rest)?,
        "slice" => slice(first, rest)?,
        "eq" => equal(first, rest)?,
        "ne" => Val::constant(!equal(first, rest)?.truth()),
        "lt" | "le" | "gt" | "ge" => compare(name, first, rest.first().unwrap_or(&null))?,
        "print" => Val::constant(print(args)),
        "println" => {
            Val::constant(args.iter().map(|arg| format::plain(&arg.value)).collect::<Vec<_>>().join(" ") + "\n")
        }
        "printf" => {
            let rest: Vec<Value> = rest.iter().map(|arg| arg.value.clone()).collect();
            Val::constant(format::sprintf(first.value.as_str().unwrap_or_default(), &rest))
        }
        "html" => Val::constant(html(&joined(&values()))),
        "js" => Val::constant(js(&joined(&values()))),
        "urlquery" => Val::constant(url(&joined(&values()))),
        "base64decode" => {
            let text: String =
                first.value.as_str().unwrap_or_default().chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
            match base64::engine::general_purpose::STANDARD.decode(&text) {
                Ok(bytes) => Val::constant(String::from_utf8_lossy(&bytes).into_owned()),
                Err(cause) => {
                    let at = match cause {
                        base64::DecodeError::InvalidByte(at, _) | base64::DecodeError::InvalidLastSymbol(at, _) => at,
                        _ => text.len() / 4 * 4,
                    };
                    return fault(format!("base64 decode failed: illegal base64 data at input byte {at}"));
                }
            }
        }
        "exists" => {
            let mut value = Some(&first.value);
            for key in rest {
                value = value.and_then(|value| match (value, &key.value) {
                    (Value::Object(map), Value::String(key)) => map.get(key),
                    (Value::Array(items), Value::Number(at)) => {
                        at.as_u64().and_then(|at| items.get(usize::try_from(at).ok()?))
                    }
                    _ => None,
                });
            }
            Val::constant(value.is_some())
        }
        _ => return fault("call of nil"),
    })
}

/// Adds spaces between operands when neither is a text.
fn print(args: &[Val]) -> String {
    let mut text = String::new();
    for (at, arg) in args.iter().enumerate() {
        if at > 0 && !arg.value.is_string() && !args[at - 1].value.is_string() {
            text.push(' ');
        }
        text.push_str(&format::plain(&arg.value));
    }
    text
}

fn joined(values: &[Value]) -> String {
    let args: Vec<Val> = values.iter().map(|value| Val::constant(value.clone())).collect();
    print(&args)
}

fn position(key: &Val, most: usize) -> Result<usize, Fault> {
    match &key.value {
        Value::Number(number) if !number.is_f64() => {
            let found = number.as_u64().and_then(|at| usize::try_from(at).ok()).filter(|at| *at <= most);
            found.map_or_else(|| fault(format!("index out of range: {number}")), Ok)
        }
        Value::Null => fault("cannot index slice/array with nil"),
        _ => fault(format!("cannot index slice/array with type {}", key.type_of())),
    }
}

fn index(of: &Val, keys: &[Val]) -> Result<Val, Fault> {
    if of.value.is_null() {
        return fault("index of untyped nil");
    }
    let mut value = of.value.clone();
    for key in keys {
        value = match value {
            Value::Object(mut map) => match &key.value {
                Value::String(name) => map.shift_remove(name).unwrap_or_default(),
                Value::Null => return fault("value is nil; should be of type string"),
                _ => return fault(format!("value has type {}; should be string", key.type_of())),
            },
            Value::Array(mut items) => {
                let at = position(key, items.len())?;
                if at >= items.len() {
                    return fault(format!("index out of range: {at}"));
                }
                items.swap_remove(at)
            }
            Value::String(text) => {
                let at = position(key, text.len())?;
                match text.as_bytes().get(at) {
                    Some(byte) => (*byte).into(),
                    None => return fault(format!("index out of range: {at}")),
                }
            }
            Value::Null => return fault("index of nil pointer"),
            other => {
                return fault(format!("can't index item of type {}", Val { value: other, constant: false }.type_of()));
            }
        };
    }
    Ok(Val { value, constant: false })
}

fn slice(of: &Val, keys: &[Val]) -> Result<Val, Fault> {
    let length = match &of.value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.len(),
        Value::Null => return fault("slice of untyped nil"),
        _ => return fault(format!("can't slice item of type {}", of.type_of())),
    };
    if keys.len() > 2 {
        return fault(format!("too many slice indexes: {}", keys.len()));
    }
    let from = keys.first().map_or(Ok(0), |key| position(key, length))?;
    let to = keys.get(1).map_or(Ok(length), |key| position(key, length))?;
    if from > to {
        return fault(format!("invalid slice index: {from} > {to}"));
    }
    let value = match &of.value {
        Value::String(text) => {
            String::from_utf8_lossy(text.as_bytes().get(from..to).unwrap_or_default()).into_owned().into()
        }
        Value::Array(items) => Value::Array(items.get(from..to).unwrap_or_default().to_vec()),
        _ => Value::Null,
    };
    Ok(Val { value, constant: of.constant })
}

fn equal(first: &Val, others: &[Val]) -> Result<Val, Fault> {
    if others.is_empty() {
        return fault("missing argument for comparison");
    }
    for other in others {
        let same = match (&first.value, &other.value) {
            (Value::Null, other) | (other, Value::Null) => other.is_null(),
            (Value::Object(_) | Value::Array(_), _) => {
                return fault(format!("non-comparable type {}: {}", format::plain(&first.value), first.type_of()));
            }
            (_, Value::Object(_) | Value::Array(_)) => {
                return fault(format!("non-comparable type {}: {}", format::plain(&other.value), other.type_of()));
            }
            (a, b) if kind(a) != kind(b) => return fault(incompatible(first, other)),
            (a, b) => a == b,
        };
        if same {
            return Ok(Val::constant(true));
        }
    }
    Ok(Val::constant(false))
}

fn kind(value: &Value) -> &'static str {
    format::type_of(value)
}

fn incompatible(a: &Val, b: &Val) -> String {
    format!("incompatible types for comparison: {} and {}", a.type_of(), b.type_of())
}

fn compare(name: &str, a: &Val, b: &Val) -> Result<Val, Fault> {
    let order = match (&a.value, &b.value) {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Number(x), Value::Number(y)) if x.is_f64() == y.is_f64() => {
            let whole = x.as_i64().zip(y.as_i64()).map(|(x, y)| x.cmp(&y));
            whole.or_else(|| x.as_f64()?.partial_cmp(&y.as_f64()?)).unwrap_or(Ordering::Equal)
        }
        (a, b) if kind(a) == kind(b) => return fault("invalid type for comparison"),
        _ => return fault(incompatible(a, b)),
    };
    Ok(Val::constant(match name {
        "lt" => order.is_lt(),
        "le" => order.is_le(),
        "gt" => order.is_gt(),
        _ => order.is_ge(),
    }))
}

fn html(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\0' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

fn js(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '"' => out.push_str("\\\""),
            '<' | '>' | '&' | '=' => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

fn url(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b' ' => "+".to_owned(),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
