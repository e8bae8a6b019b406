//! What go-yaml takes plain scalars for: those of YAML 1.1, in which `no` is false and `0400` is octal.
//! Upstream: sigs.k8s.io/yaml/goyaml.v2/resolve.go. Not here: merge keys, and numbers as keys.

use saphyr::{ScalarStyle, Yaml, YamlLoader};
use saphyr_parser::Parser;
use serde_json::{Number, Value};

/// Gives the plain scalars of a document, which was read by the rules of YAML 1.2, the values that Go gives them.
pub fn resolve(document: &str, value: &mut Value) {
    let mut loader: YamlLoader<'_, Yaml<'_>> = YamlLoader::default();
    loader.early_parse(false);
    loader.allow_duplicate_keys(true);
    // What this parser cannot read stays as it was read.
    let read = Parser::new_from_str(document).load(&mut loader, false).is_ok() && loader.error().is_none();
    if let Some(first) = loader.into_documents().first().filter(|_| read) {
        descend(value, first);
    }
}

fn descend(value: &mut Value, node: &Yaml<'_>) {
    match (value, node) {
        (Value::Object(fields), Yaml::Mapping(nodes)) => {
            for (key, node) in nodes {
                let Yaml::Representation(name, style, tag) = key else { continue };
                let Some(field) = fields.get_mut(name.as_ref()) else { continue };
                descend(field, node);
                let is_plain = *style == ScalarStyle::Plain && tag.is_none();
                if let Some(flag) = flag(name).filter(|_| is_plain)
                    && let Some(field) = fields.shift_remove(name.as_ref())
                {
                    fields.insert(flag.to_string(), field);
                }
            }
        }
        (Value::Array(items), Yaml::Sequence(nodes)) => {
            items.iter_mut().zip(nodes).for_each(|(item, node)| descend(item, node));
        }
        (value, Yaml::Representation(text, ScalarStyle::Plain, None)) => {
            if let Some(scalar) = scalar(text) {
                *value = scalar;
            }
        }
        _ => {}
    }
}

/// A plain scalar's value; none for the few that JSON has no word for.
fn scalar(text: &str) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Value::Null),
        _ => {}
    }
    if let Some(flag) = flag(text) {
        return Some(flag.into());
    }
    let number = match text.as_bytes().first() {
        Some(b'0'..=b'9' | b'+' | b'-') => {
            let digits = text.replace('_', "");
            whole(&digits).or_else(|| fraction(&digits))
        }
        Some(b'.') => fraction(text),
        _ => None,
    };
    match number {
        Some(number) => Some(Value::Number(number)),
        None if [".inf", ".nan"].contains(&text.trim_start_matches(['+', '-']).to_lowercase().as_str()) => None,
        None => Some(text.into()),
    }
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// An integer as strconv.ParseInt reads it when the base is in its prefix: a leading nought is octal.
fn whole(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let prefixed = |prefix: &str| {
        let (head, tail) = unsigned.split_at_checked(2)?;
        head.eq_ignore_ascii_case(prefix).then_some(tail)
    };
    let (digits, radix) = match (prefixed("0x"), prefixed("0o"), prefixed("0b")) {
        (Some(digits), ..) => (digits, 16),
        (_, Some(digits), _) => (digits, 8),
        (.., Some(digits)) => (digits, 2),
        _ if unsigned.len() > 1 && unsigned.starts_with('0') => (&unsigned[1..], 8),
        _ => (unsigned, 10),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    if text.starts_with('-') {
        i64::from_str_radix(&format!("-{digits}"), radix).ok().map(Number::from)
    } else {
        u64::from_str_radix(digits, radix).ok().map(Number::from)
    }
}

/// A number with a point or an exponent; one that is whole is written without a point, as Go does.
fn fraction(text: &str) -> Option<Number> {
    let is_number = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    let number: f64 = text.parse().ok().filter(|_| is_number)?;
    // Up to here every whole number is a float without loss.
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < LARGEST {
        return Some(Number::from(number as i64));
    }
    Number::from_f64(number)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::apimachinery::yaml::from_yaml;

    #[track_caller]
    fn check(document: &str, want: Value) {
        assert_eq!(from_yaml(document), Ok(want), "{document}");
    }

    #[test]
    fn plain_scalars_are_those_of_yaml_1_1() {
        for (text, want) in [
            ("yes", json!(true)),
            ("On", json!(true)),
            ("y", json!(true)),
            ("no", json!(false)),
            ("OFF", json!(false)),
            ("N", json!(false)),
            ("yEs", json!("yEs")),
            ("'yes'", json!("yes")),
            ("\"no\"", json!("no")),
            ("!!str yes", json!("yes")),
            ("~", Value::Null),
            ("", Value::Null),
            ("0400", json!(256)),
            ("08", json!(8)),
            ("0o17", json!(15)),
            ("0x1F", json!(31)),
            ("-0b11", json!(-3)),
            ("+5", json!(5)),
            ("1_000", json!(1000)),
            ("0", json!(0)),
            ("18446744073709551615", json!(u64::MAX)),
            ("1e3", json!(1000)),
            ("1.0", json!(1)),
            ("1.30", json!(1.3)),
            (".5", json!(0.5)),
            ("1.2.3", json!("1.2.3")),
            ("100m", json!("100m")),
            ("12:30", json!("12:30")),
            ("2026-11-23", json!("2026-11-23")),
            ("-", json!([null])),
            ("0x", json!("0x")),
            ("é", json!("é")),
        ] {
            let separator = if text == "-" { "\n" } else { " " };
            check(&format!("a:{separator}{text}"), json!({"a": want}));
        }
        check("[no, [y], {off: on}]", json!([false, [true], {"false": true}]));
        check("a: |\n  yes\n", json!({"a": "yes\n"}));
        check("a: &x yes\nb: *x", json!({"a": true, "b": true}));
        check("on: 1\n'off': 2", json!({"true": 1, "off": 2}));
    }
}
