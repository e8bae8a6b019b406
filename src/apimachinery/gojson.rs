//! Go's JSON: how it is written, and what its reader says of texts that are no JSON, or JSON of another kind.
//! Upstream: encoding/json of Go.

mod write;

use serde_json::{Map, Value};

pub use write::{go_number, to_json_compact, to_json_compact_in_order, to_json_pretty, to_json_pretty_in_order};

/// Reads a text that must be JSON.
///
/// # Errors
/// The first thing that is wrong, as Go says it.
pub fn parse(text: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(text).map_err(|error| {
        let mut scanner = Scanner { text, at: 0, depth: 0 };
        scanner.document().err().unwrap_or_else(|| error.to_string())
    })
}

/// Reads a text that must be a map; `null` is an empty one.
///
/// # Errors
/// What is wrong, as Go says it.
pub fn object(text: &[u8]) -> Result<Map<String, Value>, String> {
    match parse(text)? {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        other => {
            Err(format!("json: cannot unmarshal {} into Go value of type map[string]interface {{}}", kind(&other)))
        }
    }
}

/// What Go calls a value.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Walks a text as Go's scanner does. Upstream: encoding/json/scanner.go.
struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
    depth: usize,
}

/// How deep the scanner looks. Go looks deeper, but nobody sends that in earnest.
const DEEPEST: usize = 256;

type Scanned = Result<(), String>;

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The text ends here, or goes on with something that does not belong.
    fn unexpected(&self, place: &str) -> Scanned {
        let Some(byte) = self.peek() else { return Err("unexpected end of JSON input".to_owned()) };
        let shown = match byte {
            b'\'' => "'\\''".to_owned(),
            b'"' => "'\"'".to_owned(),
            byte => {
                let quoted = format!("{:?}", char::from(byte).to_string());
                format!("'{}'", quoted.trim_matches('"'))
            }
        };
        Err(format!("invalid character {shown} {place}"))
    }

    fn document(&mut self) -> Scanned {
        self.value()?;
        self.skip_space();
        if self.at < self.text.len() { self.unexpected("after top-level value") } else { Ok(()) }
    }

    fn value(&mut self) -> Scanned {
        if self.depth == DEEPEST {
            return Err("exceeded max depth".to_owned());
        }
        self.depth += 1;
        self.skip_space();
        let scanned = match self.peek() {
            Some(b'{') => self.members(),
            Some(b'[') => self.elements(),
            Some(b'"') => self.string(),
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.unexpected("looking for beginning of value"),
        };
        self.depth -= 1;
        scanned
    }

    fn members(&mut self) -> Scanned {
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return self.unexpected("looking for beginning of object key string");
            }
            self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return self.unexpected("after object key");
            }
            self.at += 1;
            self.value()?;
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break self.at += 1,
                _ => return self.unexpected("after object key:value pair"),
            }
        }
        Ok(())
    }

    fn elements(&mut self) -> Scanned {
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.value()?;
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break self.at += 1,
                _ => return self.unexpected("after array element"),
            }
        }
        Ok(())
    }

    fn string(&mut self) -> Scanned {
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => break self.at += 1,
                Some(b'\\') => {
                    self.at += 1;
                    match self.peek() {
                        Some(b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"') => self.at += 1,
                        Some(b'u') => {
                            self.at += 1;
                            for _ in 0..4 {
                                if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                                    return self.unexpected("in \\u hexadecimal character escape");
                                }
                                self.at += 1;
                            }
                        }
                        _ => return self.unexpected("in string escape code"),
                    }
                }
                Some(0x20..) => self.at += 1,
                _ => return self.unexpected("in string literal"),
            }
        }
        Ok(())
    }

    fn literal(&mut self, word: &str) -> Scanned {
        for (at, letter) in word.bytes().enumerate() {
            if self.peek() != Some(letter) {
                debug_assert!(at > 0, "the first letter chose the word");
                return self.unexpected(&format!("in literal {word} (expecting '{}')", char::from(letter)));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Scanned {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return self.unexpected("in numeric literal"),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return self.unexpected("after decimal point in numeric literal");
            }
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return self.unexpected("in exponent of numeric literal");
            }
            self.digits();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{object, parse};

    #[test]
    fn what_is_no_json() {
        for (text, want) in [
            ("", "unexpected end of JSON input"),
            ("{", "unexpected end of JSON input"),
            ("{not", "invalid character 'n' looking for beginning of object key string"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("{\"a\":1 2}", "invalid character '2' after object key:value pair"),
            ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string"),
            ("[1 2]", "invalid character '2' after array element"),
            ("[1,]", "invalid character ']' looking for beginning of value"),
            ("{} x", "invalid character 'x' after top-level value"),
            ("tru", "unexpected end of JSON input"),
            ("trux", "invalid character 'x' in literal true (expecting 'e')"),
            ("'a'", "invalid character '\\'' looking for beginning of value"),
            ("\"a\nb\"", "invalid character '\\n' in string literal"),
            ("\"\\x\"", "invalid character 'x' in string escape code"),
            ("-x", "invalid character 'x' in numeric literal"),
            ("1.x", "invalid character 'x' after decimal point in numeric literal"),
            ("garbage", "invalid character 'g' looking for beginning of value"),
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap_err(), want, "{text:?}");
        }
        assert_eq!(
            object(b"[]").unwrap_err(),
            "json: cannot unmarshal array into Go value of type map[string]interface {}"
        );
        assert_eq!(parse("[".repeat(100_000).as_bytes()).unwrap_err(), "exceeded max depth");
        assert_eq!(object(b"null"), Ok(serde_json::Map::new()));
    }
}
