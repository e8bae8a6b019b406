//! Label and field selectors. Upstream: apimachinery/pkg/labels, apimachinery/pkg/fields.

use std::fmt;

use serde_json::Value;

use super::names;
use crate::base::Order as _;

/// A parsed selector: requirements that must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector(Vec<Requirement>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Missing(String),
}

impl Selector {
    /// Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
    ///
    /// # Errors
    /// What cannot be read, as the API server says it.
    pub fn labels(text: &str) -> Result<Self, String> {
        Parser { words: lex(text), at: 0 }.requirements().map(Self)
    }

    /// Reads `a=b,c==d,e!=f`.
    ///
    /// # Errors
    /// What cannot be read, as the API server says it.
    pub fn fields(text: &str) -> Result<Self, String> {
        let terms = text.split(',').map(str::trim).filter(|term| !term.is_empty());
        let read = |term: &str| {
            let (key, operator, value) =
                operator(term).ok_or_else(|| format!("invalid selector: '{text}'; can't understand '{term}'"))?;
            let (key, values) = (key.to_owned(), vec![value.to_owned()]);
            Ok(if operator == "!=" { Requirement::NotIn(key, values) } else { Requirement::In(key, values) })
        };
        terms.map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Reads an object's `spec.selector` (`matchLabels` and `matchExpressions`).
    pub fn from_object(selector: &Value) -> Self {
        let mut requirements = Vec::new();
        for (key, value) in selector.get("matchLabels").and_then(Value::as_object).into_iter().flatten() {
            requirements.push(Requirement::In(key.clone(), vec![value.as_str().unwrap_or_default().to_owned()]));
        }
        for expression in selector.get("matchExpressions").and_then(Value::as_array).into_iter().flatten() {
            let key = expression["key"].as_str().unwrap_or_default().to_owned();
            let values = expression["values"].as_array().into_iter().flatten();
            let values = values.filter_map(|value| value.as_str().map(str::to_owned)).collect();
            requirements.push(match expression["operator"].as_str().unwrap_or_default() {
                "In" => Requirement::In(key, values),
                "NotIn" => Requirement::NotIn(key, values),
                "DoesNotExist" => Requirement::Missing(key),
                _ => Requirement::Exists(key),
            });
        }
        Self(requirements)
    }

    /// Whether it selects everything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys it asks about.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|requirement| match requirement {
            Requirement::In(key, _)
            | Requirement::NotIn(key, _)
            | Requirement::Exists(key)
            | Requirement::Missing(key) => key.as_str(),
        })
    }

    /// The one value a key must have, if there is one: `metadata.name=x`.
    pub fn exact(&self, wanted: &str) -> Option<&str> {
        self.0.iter().find_map(|requirement| match requirement {
            Requirement::In(key, values) if key == wanted && values.len() == 1 => values.first().map(String::as_str),
            _ => None,
        })
    }

    /// Whether what `value_of` says of each key fulfils every requirement.
    pub fn matches<'a>(&self, value_of: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.0.iter().all(|requirement| match requirement {
            Requirement::In(key, values) => {
                value_of(key).is_some_and(|value| values.iter().any(|wanted| wanted == value))
            }
            Requirement::NotIn(key, values) => {
                value_of(key).is_none_or(|value| values.iter().all(|unwanted| unwanted != value))
            }
            Requirement::Exists(key) => value_of(key).is_some(),
            Requirement::Missing(key) => value_of(key).is_none(),
        })
    }

    /// Whether an object's labels fulfil it.
    pub fn matches_labels(&self, object: &Value) -> bool {
        self.matches(|key| super::meta::label(object, key))
    }
}

impl fmt::Display for Selector {
    /// As the API writes it: sorted by key, `a=b,c in (d,e),!f`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut terms: Vec<(&str, String)> = self.0.iter().map(Requirement::term).collect();
        terms.order_by_key(|(key, _)| *key);
        let terms: Vec<String> = terms.into_iter().map(|(_, term)| term).collect();
        f.write_str(&terms.join(","))
    }
}

impl Requirement {
    /// The key, and the whole term.
    fn term(&self) -> (&str, String) {
        let listed = |values: &[String]| {
            let mut values = values.to_vec();
            values.order();
            values.join(",")
        };
        match self {
            Self::In(key, values) if values.len() == 1 => (key, format!("{key}={}", listed(values))),
            Self::In(key, values) => (key, format!("{key} in ({})", listed(values))),
            Self::NotIn(key, values) => (key, format!("{key} notin ({})", listed(values))),
            Self::Exists(key) => (key, key.clone()),
            Self::Missing(key) => (key, format!("!{key}")),
        }
    }
}

fn operator(term: &str) -> Option<(&str, &'static str, &str)> {
    ["!=", "==", "="].into_iter().find_map(|operator| {
        let (key, value) = term.split_once(operator)?;
        Some((key.trim(), operator, value.trim()))
    })
}

/// The words of a selector of labels. Upstream: Lexer in apimachinery/pkg/labels/selector.go.
fn lex(text: &str) -> Vec<&str> {
    let is_symbol = |c: char| matches!(c, '=' | '!' | '(' | ')' | ',' | '>' | '<');
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '(' | ')' | ',' => 1,
            _ if is_symbol(first) => {
                let pair = ["==", "!="].into_iter().any(|pair| rest.starts_with(pair));
                if pair { 2 } else { 1 }
            }
            _ => rest.find(|c: char| is_symbol(c) || c.is_whitespace()).unwrap_or(rest.len()),
        };
        let (word, left) = rest.split_at(end);
        words.push(word);
        rest = left.trim_start();
    }
    words
}

/// Reads the words of a selector one after another. Upstream: Parser in apimachinery/pkg/labels/selector.go.
struct Parser<'t> {
    words: Vec<&'t str>,
    at: usize,
}

fn is_identifier(word: &str) -> bool {
    word.chars().next().is_some_and(|first| !matches!(first, '=' | '!' | '(' | ')' | ',' | '>' | '<'))
}

impl<'t> Parser<'t> {
    /// The word ahead; empty at the end.
    fn peek(&self) -> &'t str {
        self.words.get(self.at).copied().unwrap_or_default()
    }

    fn next(&mut self) -> &'t str {
        let word = self.peek();
        self.at += 1;
        word
    }

    fn requirements(&mut self) -> Result<Vec<Requirement>, String> {
        let mut requirements = Vec::new();
        loop {
            match self.peek() {
                "" => return Ok(requirements),
                word if is_identifier(word) || word == "!" => {}
                word => return Err(format!("found '{word}', expected: !, identifier, or 'end of string'")),
            }
            let requirement = self.requirement().map_err(|why| format!("unable to parse requirement: {why}"))?;
            requirements.push(requirement);
            match self.next() {
                "" => return Ok(requirements),
                "," => {
                    let ahead = self.peek();
                    if !is_identifier(ahead) && ahead != "!" {
                        return Err(format!("found '{ahead}', expected: identifier after ','"));
                    }
                }
                word => return Err(format!("found '{word}', expected: ',' or 'end of string'")),
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let rules = names::Rules::default();
        let is_missing = self.peek() == "!";
        if is_missing {
            self.next();
        }
        let key = self.next();
        if !is_identifier(key) {
            return Err(format!("found '{key}', expected: identifier"));
        }
        let faults = rules.qualified_name(key);
        if !faults.is_empty() {
            return Err(format!("key: Invalid value: {key:?}: {}", faults.join("; ")));
        }
        let key = key.to_owned();
        if is_missing {
            return Ok(Requirement::Missing(key));
        }
        if matches!(self.peek(), "" | ",") {
            return Ok(Requirement::Exists(key));
        }
        let operator = self.next();
        let values = match operator {
            "in" | "notin" => self.values()?,
            "=" | "==" | "!=" => vec![self.exact_value()?],
            word => return Err(format!("found '{word}', expected: in, notin, =, ==, !=, gt, lt")),
        };
        for (at, value) in values.iter().enumerate() {
            let faults = rules.label_value(value);
            if !faults.is_empty() {
                return Err(format!("values[{at}][{key}]: Invalid value: {value:?}: {}", faults.join("; ")));
            }
        }
        Ok(if matches!(operator, "notin" | "!=") {
            Requirement::NotIn(key, values)
        } else {
            Requirement::In(key, values)
        })
    }

    fn exact_value(&mut self) -> Result<String, String> {
        match self.peek() {
            "" | "," => Ok(String::new()),
            word if is_identifier(word) => Ok(self.next().to_owned()),
            word => Err(format!("found '{word}', expected: identifier")),
        }
    }

    fn values(&mut self) -> Result<Vec<String>, String> {
        match self.next() {
            "(" => {}
            word => return Err(format!("found '{word}' expected: '('")),
        }
        let mut values = Vec::new();
        loop {
            // Between two commas there is an empty value.
            values.push(match self.peek() {
                "," | ")" => String::new(),
                word if is_identifier(word) => self.next().to_owned(),
                word => return Err(format!("found '{word}', expected: ',', ')' or identifier")),
            });
            match self.next() {
                "," => {}
                ")" => return Ok(values),
                word => return Err(format!("found '{word}', expected: ',' or ')'")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Selector;
    use serde_json::json;

    #[test]
    fn label_selectors() {
        let object = json!({"metadata": {"labels": {"app": "web", "tier": "front"}}});
        for (text, want) in [
            ("", Some(true)),
            ("app=web", Some(true)),
            ("app==web,tier=front", Some(true)),
            ("app!=web", Some(false)),
            ("none!=x", Some(true)),
            ("app in (api, web)", Some(true)),
            ("app notin (web)", Some(false)),
            ("app", Some(true)),
            ("!app", Some(false)),
            ("!none", Some(true)),
            ("app in web", None),
            ("app in (web", None),
            ("=x", None),
            ("a==b==c", None),
            ("a=b!=c", None),
            ("-bad-", None),
            ("a=not a value", None),
            ("a=-", None),
            ("example.com/a=b", Some(false)),
            ("a/b/c=d", None),
            (",,", None),
            ("app=web,", None),
            ("app in (,web)", Some(true)),
            ("app=", Some(false)),
        ] {
            assert_eq!(Selector::labels(text).ok().map(|selector| selector.matches_labels(&object)), want, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_word_for_word() {
        for (text, want) in [
            (",,", "found ',', expected: !, identifier, or 'end of string'"),
            ("app=web,", "found '', expected: identifier after ','"),
            ("a==b==c", "found '==', expected: ',' or 'end of string'"),
            ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
            ("a in b", "unable to parse requirement: found 'b' expected: '('"),
            ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
            ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ] {
            assert_eq!(Selector::labels(text).unwrap_err(), want, "{text}");
        }
    }

    #[test]
    fn field_selectors() {
        let value = |key: &str| (key == "metadata.name").then_some("a");
        for (text, want) in [
            ("metadata.name=a", Some(true)),
            ("metadata.name!=a", Some(false)),
            ("metadata.name", None),
            ("metadata.name==b", Some(false)),
        ] {
            assert_eq!(Selector::fields(text).ok().map(|selector| selector.matches(value)), want, "{text}");
        }
    }

    #[test]
    fn object_selectors() {
        let selector = Selector::from_object(
            &json!({"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "x", "operator": "DoesNotExist"}]}),
        );
        assert!(selector.matches_labels(&json!({"metadata": {"labels": {"app": "web"}}})));
        assert!(!selector.matches_labels(&json!({"metadata": {"labels": {"app": "web", "x": "1"}}})));
    }
}
