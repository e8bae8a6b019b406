//! Values as Go's fmt prints them.

use crate::base::Order as _;
use serde_json::Value;

/// The name of a value's type, as Go tells it of a decoded object.
pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

/// `%v`
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number_text(number),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(" ")),
        Value::Object(map) => {
            let mut pairs: Vec<(&String, &Value)> = map.iter().collect();
            pairs.order_by_key(|(key, _)| *key);
            let shown: Vec<String> = pairs.into_iter().map(|(key, value)| format!("{key}:{}", plain(value))).collect();
            format!("map[{}]", shown.join(" "))
        }
    }
}

/// `%g`, with an exponent from 1e21 on.
fn number_text(number: &serde_json::Number) -> String {
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(float) if float != 0.0 && (float.abs() >= 1e21 || float.abs() < 1e-4) => {
            let text = format!("{float:e}");
            match text.split_once('e') {
                Some((mantissa, exponent)) => {
                    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
                    format!("{mantissa}e{sign}{digits:0>2}")
                }
                None => text,
            }
        }
        Some(float) => float.to_string(),
        None => number.to_string(),
    }
}

/// Widths beyond this are not filled.
const WIDEST: usize = 10_000;

/// `fmt.Sprintf`
pub(super) fn sprintf(format: &str, args: &[Value]) -> String {
    let mut out = String::new();
    let mut args_left = args.iter();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut flags = String::new();
        while let Some(flag) = chars.next_if(|c| "+-# 0".contains(*c)) {
            flags.push(flag);
        }
        let digits = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            let mut text = String::new();
            while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                text.push(digit);
            }
            text
        };
        let width: usize = digits(&mut chars).parse().unwrap_or(0).min(WIDEST);
        let precision: Option<usize> =
            chars.next_if_eq(&'.').map(|_| digits(&mut chars).parse().unwrap_or(0).min(WIDEST));
        let Some(verb) = chars.next() else {
            out.push_str("%!(NOVERB)");
            break;
        };
        if verb == '%' {
            out.push('%');
            continue;
        }
        let Some(value) = args_left.next() else {
            out.push_str(&format!("%!{verb}(MISSING)"));
            continue;
        };
        let text = one(verb, value, &flags, precision);
        let missing = width.saturating_sub(text.chars().count());
        if flags.contains('-') {
            out.push_str(&text);
            out.push_str(&" ".repeat(missing));
        } else if flags.contains('0') && value.is_number() {
            let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
            out.push_str(&format!("{sign}{}{digits}", "0".repeat(missing)));
        } else {
            out.push_str(&" ".repeat(missing));
            out.push_str(&text);
        }
    }
    let extra: Vec<String> = args_left.map(|value| format!("{}={}", type_of(value), plain(value))).collect();
    if !extra.is_empty() {
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    out
}

fn one(verb: char, value: &Value, flags: &str, precision: Option<usize>) -> String {
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    match (verb, value) {
        ('v', Value::String(text)) if flags.contains('#') => format!("{text:?}"),
        ('v', value) => plain(value),
        ('T', value) => type_of(value).to_owned(),
        ('s', Value::String(text)) => precision.map_or_else(|| text.clone(), |most| text.chars().take(most).collect()),
        ('q', Value::String(text)) => format!("{text:?}"),
        ('x', Value::String(text)) => hex(text),
        ('X', Value::String(text)) => hex(text).to_uppercase(),
        ('t', Value::Bool(flag)) => flag.to_string(),
        ('d', Value::Number(number)) if !number.is_f64() && flags.contains('+') && number.as_i64() >= Some(0) => {
            format!("+{number}")
        }
        ('d', Value::Number(number)) if !number.is_f64() => number.to_string(),
        ('x', Value::Number(number)) if !number.is_f64() => format!("{:x}", number.as_i64().unwrap_or(0)),
        ('o', Value::Number(number)) if !number.is_f64() => format!("{:o}", number.as_i64().unwrap_or(0)),
        ('b', Value::Number(number)) if !number.is_f64() => format!("{:b}", number.as_i64().unwrap_or(0)),
        ('c', Value::Number(number)) if !number.is_f64() => number
            .as_u64()
            .and_then(|code| u32::try_from(code).ok())
            .and_then(char::from_u32)
            .unwrap_or(char::REPLACEMENT_CHARACTER)
            .to_string(),
        ('f' | 'F', Value::Number(number)) if number.is_f64() => {
            format!("{:.*}", precision.unwrap_or(6), number.as_f64().unwrap_or(0.0))
        }
        ('g', Value::Number(number)) if number.is_f64() => number_text(number),
        ('s' | 'd' | 'q' | 'x', Value::Array(items)) => {
            format!("[{}]", items.iter().map(|item| one(verb, item, flags, precision)).collect::<Vec<_>>().join(" "))
        }
        (verb, Value::Null) => format!("%!{verb}(<nil>)"),
        (verb, value) => format!("%!{verb}({}={})", type_of(value), plain(value)),
    }
}
