//! Label and field selectors. Upstream: apimachinery/pkg/labels, apimachinery/pkg/fields.

use std::fmt;

use serde_json::Value;

use super::names;

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
        split_outside_brackets(text).map(requirement).collect::<Result<_, _>>().map(Self)
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
        terms.sort_by_key(|(key, _)| *key);
        let terms: Vec<String> = terms.into_iter().map(|(_, term)| term).collect();
        f.write_str(&terms.join(","))
    }
}

impl Requirement {
    /// The key, and the whole term.
    fn term(&self) -> (&str, String) {
        let listed = |values: &[String]| {
            let mut values = values.to_vec();
            values.sort();
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

fn split_outside_brackets(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    text.split(move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    })
    .map(str::trim)
    .filter(|term| !term.is_empty())
}

fn operator(term: &str) -> Option<(&str, &'static str, &str)> {
    ["!=", "==", "="].into_iter().find_map(|operator| {
        let (key, value) = term.split_once(operator)?;
        Some((key.trim(), operator, value.trim()))
    })
}

fn requirement(term: &str) -> Result<Requirement, String> {
    let bad = || format!("unable to parse requirement: found '{term}'");
    let named = |key: &str| {
        if key.is_empty() || key.contains([' ', '(', ')']) {
            return Err(bad());
        }
        match names::Rules::default().qualified_name(key) {
            faults if faults.is_empty() => Ok(key.to_owned()),
            faults => Err(format!("unable to parse requirement: key: Invalid value: {key:?}: {}", faults.join("; "))),
        }
    };
    let valued = |key: &str, values: Vec<String>| -> Result<(String, Vec<String>), String> {
        for (at, value) in values.iter().enumerate() {
            let faults = names::Rules::default().label_value(value);
            if !faults.is_empty() {
                let why = faults.join("; ");
                return Err(format!(
                    "unable to parse requirement: values[{at}][{key}]: Invalid value: {value:?}: {why}"
                ));
            }
        }
        Ok((key.to_owned(), values))
    };
    if let Some(key) = term.strip_prefix('!') {
        return named(key.trim()).map(Requirement::Missing);
    }
    if let Some((head, list)) = term.split_once('(') {
        let list = list.strip_suffix(')').ok_or_else(bad)?;
        let values = list.split(',').map(|value| value.trim().to_owned()).collect();
        let (key, word) = head.trim().rsplit_once(' ').ok_or_else(bad)?;
        let (key, values) = valued(&named(key.trim())?, values)?;
        return match word {
            "in" => Ok(Requirement::In(key, values)),
            "notin" => Ok(Requirement::NotIn(key, values)),
            _ => Err(bad()),
        };
    }
    let Some((key, operator, value)) = operator(term) else { return named(term).map(Requirement::Exists) };
    let key = named(key)?;
    // A second operator is where a comma should be.
    if let Some(at) = value.find(['=', '!', '<', '>']) {
        let found: String = value[at..].chars().take_while(|c| matches!(c, '=' | '!' | '<' | '>')).collect();
        return Err(format!("found '{found}', expected: ',' or 'end of string'"));
    }
    let (key, values) = valued(&key, vec![value.to_owned()])?;
    Ok(if operator == "!=" { Requirement::NotIn(key, values) } else { Requirement::In(key, values) })
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
        ] {
            assert_eq!(Selector::labels(text).ok().map(|selector| selector.matches_labels(&object)), want, "{text}");
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
