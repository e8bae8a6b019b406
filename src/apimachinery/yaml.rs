//! YAML and JSON written as Kubernetes tools write them: `-o yaml`, `-o json`, and Go's compact JSON.
//!
//! Upstream: sigs.k8s.io/yaml (go-yaml v2: encode.go, resolve.go, emitterc.go, sorter.go) and Go's encoding/json.

use std::cmp::Ordering;

use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::gojson::go_number;
use super::goyaml;
use crate::base::Order as _;

/// `value` as go-yaml v2 writes it: sorted keys, lists not indented under their key, long lines folded.
pub fn to_yaml(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => mapping(&mut out, map, 0, false),
        Value::Array(list) if !list.is_empty() => sequence(&mut out, list, 0, false),
        other => {
            scalar(&mut out, other, 0, false);
            out.push('\n');
        }
    }
    out
}

/// YAML as JSON, its plain scalars taken as go-yaml takes them.
///
/// # Errors
/// What is wrong with it, as go-yaml words it.
pub fn from_yaml(document: &str) -> Result<Value, String> {
    let read = serde_yaml::Deserializer::from_str(document)
        .next()
        .map_or(Ok(serde_yaml::Value::Null), serde_yaml::Value::deserialize);
    match read {
        Ok(value) => {
            let mut value = serde_json::to_value(value).map_err(|cause| format!("yaml: {cause}"))?;
            goyaml::resolve(document, &mut value);
            Ok(value)
        }
        Err(cause) => {
            let text = cause.to_string();
            let message = text.split(" at line ").next().unwrap_or_default().to_owned();
            // go-yaml counts lines from one where its scanner stumbles, and from nought where its parser does; of the
            // first it says nothing.
            let parser = message.starts_with("did not find");
            let line = cause.location().map(|at| at.line() - usize::from(parser && at.line() > 0));
            Err(match line {
                Some(line) if line > usize::from(!parser) => format!("yaml: line {line}: {message}"),
                _ => format!("yaml: {message}"),
            })
        }
    }
}

fn mapping(out: &mut String, map: &Map<String, Value>, indent: usize, in_sequence: bool) {
    let mut keys: Vec<&String> = map.keys().collect();
    keys.order_by(|a, b| compare_keys(a, b));
    for (index, key) in keys.into_iter().enumerate() {
        if index > 0 || !in_sequence {
            pad(out, indent);
        }
        let simple = key.len() <= 128 && !key.contains(is_break);
        if simple {
            text(out, key, indent, true);
        } else {
            out.push_str("? ");
            text(out, key, indent + 2, false);
            out.push('\n');
            pad(out, indent);
        }
        out.push(':');
        let value = &map[key];
        match value {
            Value::Object(child) if !child.is_empty() && simple => {
                out.push('\n');
                mapping(out, child, indent + 2, false);
            }
            Value::Object(child) if !child.is_empty() => {
                out.push(' ');
                mapping(out, child, indent + 2, true);
            }
            Value::Array(list) if !list.is_empty() && simple => {
                out.push('\n');
                sequence(out, list, indent, false);
            }
            Value::Array(list) if !list.is_empty() => {
                out.push(' ');
                sequence(out, list, indent + 2, true);
            }
            _ => {
                out.push(' ');
                scalar(out, value, indent, false);
                out.push('\n');
            }
        }
    }
}

fn sequence(out: &mut String, list: &[Value], indent: usize, in_sequence: bool) {
    for (index, item) in list.iter().enumerate() {
        if index > 0 || !in_sequence {
            pad(out, indent);
        }
        out.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() => mapping(out, map, indent + 2, true),
            Value::Array(list) if !list.is_empty() => sequence(out, list, indent + 2, true),
            _ => {
                scalar(out, item, indent, false);
                out.push('\n');
            }
        }
    }
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn scalar(out: &mut String, value: &Value, indent: usize, key: bool) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&go_number(number)),
        Value::String(value) => text(out, value, indent, key),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

/// A string in the style go-yaml chooses. A simple key cannot be a block.
fn text(out: &mut String, value: &str, indent: usize, key: bool) {
    let seen = Analysis::of(value);
    if value.contains('\n') {
        if seen.block_allowed && !key {
            literal(out, value, indent + 2);
        } else {
            double_quoted(out, value, indent, key);
        }
    } else if resolves_to_other(value) {
        double_quoted(out, value, indent, key);
    } else if seen.plain_allowed && !value.is_empty() {
        let mut line = Line::at_the_end_of(out, indent, key);
        for (at, c) in value.char_indices() {
            match c {
                ' ' if line.breaks() && !value[at + 1..].starts_with(' ') => line.fold(out),
                c => line.push(out, c),
            }
        }
    } else if seen.single_allowed {
        out.push('\'');
        let mut line = Line::at_the_end_of(out, indent, key);
        for (at, c) in value.char_indices() {
            let inside = at > 0 && at + c.len_utf8() < value.len();
            match c {
                ' ' if inside && line.breaks() && !value[at + 1..].starts_with(' ') => line.fold(out),
                '\'' => {
                    line.push(out, c);
                    line.push(out, c);
                }
                c => line.push(out, c),
            }
        }
        out.push('\'');
    } else {
        double_quoted(out, value, indent, key);
    }
}

/// Where a text is on its line, and whether it may go on at the next. Upstream: emitter.column, best_width, indent.
struct Line {
    column: usize,
    indent: usize,
    may_break: bool,
    after_space: bool,
}

impl Line {
    fn at_the_end_of(out: &str, indent: usize, key: bool) -> Self {
        let begun = out.rfind('\n').map_or(0, |at| at + 1);
        Self { column: out[begun..].chars().count(), indent: indent + 2, may_break: !key, after_space: false }
    }

    /// Whether a space here becomes the end of the line.
    fn breaks(&self) -> bool {
        self.may_break && !self.after_space && self.column > 80
    }

    fn fold(&mut self, out: &mut String) {
        out.push('\n');
        pad(out, self.indent);
        (self.column, self.after_space) = (self.indent, true);
    }

    fn push(&mut self, out: &mut String, c: char) {
        out.push(c);
        self.column += 1;
        self.after_space = c == ' ';
    }
}

fn literal(out: &mut String, value: &str, indent: usize) {
    out.push('|');
    if value.starts_with([' ', '\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
        out.push('2');
    }
    let mut ends = value.chars().rev();
    match (ends.next().is_some_and(is_break), ends.next()) {
        (false, _) => out.push('-'),
        (true, None) => out.push('+'),
        (true, Some(before)) if is_break(before) => out.push('+'),
        (true, Some(_)) => {}
    }
    let body = value.strip_suffix('\n').unwrap_or(value);
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            pad(out, indent);
            out.push_str(line);
        }
    }
}

fn double_quoted(out: &mut String, value: &str, indent: usize, key: bool) {
    out.push('"');
    let mut line = Line::at_the_end_of(out, indent, key);
    for (at, c) in value.char_indices() {
        let rest = &value[at + c.len_utf8()..];
        if c == ' ' && at > 0 && !rest.is_empty() && line.breaks() {
            line.fold(out);
            if rest.starts_with(' ') {
                line.push(out, '\\');
                line.after_space = true;
            }
            continue;
        }
        for written in escaped(c).chars() {
            line.push(out, written);
        }
    }
    out.push('"');
}

/// A character as it stands between double quotes.
fn escaped(c: char) -> String {
    let code = c as u32;
    let short = match c {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\0' => "\\0",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{b}' => "\\v",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        '\u{1b}' => "\\e",
        '\u{85}' => "\\N",
        '\u{a0}' => "\\_",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        c if is_printable(c) && c != '\u{feff}' => return c.to_string(),
        _ if code <= 0xff => return format!("\\x{code:02X}"),
        _ if code <= 0xffff => return format!("\\u{code:04X}"),
        _ => return format!("\\U{code:08X}"),
    };
    short.to_owned()
}

/// What the emitter learns about a string before it picks a style. Upstream: yaml_emitter_analyze_scalar.
struct Analysis {
    plain_allowed: bool,
    single_allowed: bool,
    block_allowed: bool,
}

impl Analysis {
    fn of(value: &str) -> Self {
        if value.is_empty() {
            return Self { plain_allowed: true, single_allowed: true, block_allowed: false };
        }
        let mut indicators = value.starts_with("---") || value.starts_with("...");
        let (mut special, mut breaks) = (false, false);
        let (mut outer_blank, mut trailing_space, mut break_space, mut space_break) = (false, false, false, false);
        let (mut after_space, mut after_break, mut after_blank) = (false, false, true);
        let mut chars = value.chars().peekable();
        let mut first = true;
        while let Some(c) = chars.next() {
            let last = chars.peek().is_none();
            let before_blank = chars.peek().is_none_or(|&next| is_blank(next) || is_break(next));
            indicators |= match c {
                '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`'
                    if first =>
                {
                    true
                }
                '?' | '-' if first => before_blank,
                ':' => before_blank,
                '#' => after_blank,
                _ => false,
            };
            special |= !is_printable(c);
            breaks |= is_break(c);
            if c == ' ' {
                outer_blank |= first || last;
                trailing_space |= last;
                break_space |= after_break;
                (after_space, after_break) = (true, false);
            } else if is_break(c) {
                outer_blank |= first || last;
                space_break |= after_space;
                (after_space, after_break) = (false, true);
            } else {
                (after_space, after_break) = (false, false);
            }
            after_blank = is_blank(c) || is_break(c);
            first = false;
        }
        let unfit = space_break || special;
        Self {
            plain_allowed: !(outer_blank || break_space || unfit || breaks || indicators),
            single_allowed: !(break_space || unfit),
            block_allowed: !(trailing_space || unfit),
        }
    }
}

fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// go-yaml's own idea of printable: tabs are not, nor anything beyond the basic plane.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

/// Whether the plain text would be read as something else than a string.
fn resolves_to_other(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "", "~", "null", "Null", "NULL", "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", "n",
        "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF", ".nan", ".NaN", ".NAN", ".inf", ".Inf",
        ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", "<<",
    ];
    if WORDS.contains(&value) {
        return true;
    }
    value.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
        && (is_number(value) || is_timestamp(value) || is_base_60(value))
}

fn is_number(value: &str) -> bool {
    let plain = value.replace('_', "");
    let unsigned = plain.strip_prefix(['+', '-']).unwrap_or(&plain);
    let lower = unsigned.to_ascii_lowercase();
    let whole = match () {
        () if lower.starts_with("0x") => u64::from_str_radix(&lower[2..], 16).is_ok() && !lower[2..].starts_with('+'),
        () if lower.starts_with("0b") => u64::from_str_radix(&lower[2..], 2).is_ok() && !lower[2..].starts_with('+'),
        () if lower.starts_with("0o") => u64::from_str_radix(&lower[2..], 8).is_ok() && !lower[2..].starts_with('+'),
        () => false,
    };
    whole || is_float(unsigned)
}

/// `^(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`; whole numbers in base ten match it too.
fn is_float(unsigned: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let mantissa_fits = match mantissa.split_once('.') {
        None => digits(mantissa),
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
    };
    mantissa_fits && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

fn is_timestamp(value: &str) -> bool {
    let bytes = value.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let (date, time) = match value.find(['T', 't', ' ']) {
        Some(at) => (&value[..at], Some(&value[at + 1..])),
        None => (value, None),
    };
    let number = |text: &str, low: u32, high: u32| {
        (1..=2).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_digit())
            && text.parse().is_ok_and(|n: u32| (low..=high).contains(&n))
    };
    let parts: Vec<&str> = date.split('-').collect();
    if parts.len() != 3 || !number(parts[1], 1, 12) || !number(parts[2], 1, 31) {
        return false;
    }
    let Some(time) = time else { return true };
    let zoned = !value[date.len()..].starts_with(' ');
    let clock = match time.strip_suffix('Z') {
        Some(clock) if zoned => clock,
        _ => match time.rfind(['+', '-']) {
            Some(at) if zoned && time[at + 1..].len() == 5 => &time[..at],
            _ if zoned => return false,
            _ => time,
        },
    };
    let parts: Vec<&str> = clock.split(':').collect();
    parts.len() == 3
        && number(parts[0], 0, 23)
        && number(parts[1], 0, 59)
        && number(parts[2].split('.').next().unwrap_or_default(), 0, 59)
        && parts[2].split('.').nth(1).is_none_or(|f| !f.is_empty() && f.bytes().all(|b| b.is_ascii_digit()))
}

/// `12:30`: base 60 in YAML 1.1. `^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$`
fn is_base_60(value: &str) -> bool {
    let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
    let mut parts = unsigned.split(':');
    let head = parts.next().unwrap_or_default();
    if !head.starts_with(|c: char| c.is_ascii_digit()) || !head.bytes().all(|b| b.is_ascii_digit() || b == b'_') {
        return false;
    }
    let rest: Vec<&str> = parts.collect();
    let count = rest.len();
    count > 0
        && rest.iter().enumerate().all(|(index, part)| {
            let (whole, fraction) = match part.split_once('.') {
                Some((whole, fraction)) if index + 1 == count => (whole, fraction),
                Some(_) => return false,
                None => (*part, ""),
            };
            fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_')
                && match whole.as_bytes() {
                    [d] => d.is_ascii_digit(),
                    [t, d] => (b'0'..=b'5').contains(t) && d.is_ascii_digit(),
                    _ => false,
                }
        })
}

/// go-yaml's natural order of keys: numbers inside by value, letters after other signs. Upstream: sorter.go.
fn compare_keys(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    for at in 0..a.len().min(b.len()) {
        if a[at] == b[at] {
            continue;
        }
        let letters = (a[at].is_alphabetic(), b[at].is_alphabetic());
        match letters {
            (true, true) => return a[at].cmp(&b[at]),
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            (false, false) => {}
        }
        let seeded = (a[at] == '0' || b[at] == '0')
            && a[..at].iter().rev().take_while(|c| c.is_ascii_digit()).any(|&c| c != '0');
        let number = |text: &[char]| {
            let digits: Vec<char> = text[at..].iter().copied().take_while(char::is_ascii_digit).collect();
            let start = u64::from(seeded);
            let value = digits.iter().fold(start, |sum, c| {
                sum.saturating_mul(10).saturating_add(u64::from(c.to_digit(10).unwrap_or_default()))
            });
            (value, digits.len())
        };
        return number(&a).cmp(&number(&b)).then(a[at].cmp(&b[at]));
    }
    a.len().cmp(&b.len())
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{from_yaml, to_yaml};

    #[test]
    fn scalars() {
        for (text, want) in [
            ("plain", "plain"),
            ("2026-11-23T19:28:35Z", "\"2026-11-23T19:28:35Z\""),
            ("2026-11-23", "\"2026-11-23\""),
            ("1", "\"1\""),
            ("0x1f", "\"0x1f\""),
            ("1e3", "\"1e3\""),
            ("True", "\"True\""),
            ("no", "\"no\""),
            ("", "\"\""),
            ("~", "\"~\""),
            ("12:30", "\"12:30\""),
            ("25%", "25%"),
            ("10.244.0.30", "10.244.0.30"),
            ("- x", "'- x'"),
            ("a: b", "'a: b'"),
            ("*", "'*'"),
            ("it's", "it's"),
            ("'x", "'''x'"),
            ("a\tb", "\"a\\tb\""),
            (" x", "' x'"),
            ("k:{\"a\":\"b\"}", "k:{\"a\":\"b\"}"),
            ("v1.36.3", "v1.36.3"),
            ("0.5", "\"0.5\""),
            ("100m", "100m"),
            ("é", "é"),
            (
                "this is a text without a colon in it that is quite a lot longer than eighty characters are",
                "this is a text without a colon in it that is quite a lot longer than eighty characters\n  are",
            ),
            (
                "this is a text: with a colon in it that is quite a lot longer than   eighty   characters  are on",
                "'this is a text: with a colon in it that is quite a lot longer than   eighty   characters  are\n  on'",
            ),
            (
                "tab\tand this is a text without a colon in it that is quite a lot longer than eighty characters are",
                "\"tab\\tand this is a text without a colon in it that is quite a lot longer than\n  eighty characters are\"",
            ),
        ] {
            assert_eq!(to_yaml(&json!({ "k": text })), format!("k: {want}\n"), "{text:?}");
        }
    }

    #[test]
    fn shapes() {
        let value = json!({
            "b": [{"y": 1, "x": [1, [2]]}, "s"], "a": {"m": null, "e": {}, "l": []},
            "t": "one\n\ntwo\n", "u": "one\ntwo", "item10": 1.5, "item9": 2
        });
        let want = "a:\n  e: {}\n  l: []\n  m: null\nb:\n- x:\n  - 1\n  - - 2\n  \"y\": 1\n- s\nitem9: 2\nitem10: 1.5\nt: |\n  one\n\n  two\nu: |-\n  one\n  two\n";
        assert_eq!(to_yaml(&value), want);
    }

    pub(crate) fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[ -~]{0,12}".prop_map(Value::from),
            "[a-z0-9:.+#'\"\\n\\t é-]{0,16}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[ -~]{1,10}", inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(value in any_json()) {
            let text = to_yaml(&value);
            prop_assert_eq!(from_yaml(&text), Ok(value.clone()), "{}", text);
            let read: Value = serde_yaml::from_str(&text).map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
            prop_assert_eq!(read, value, "{}", text);
        }
    }
}
