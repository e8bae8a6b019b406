//! The rules names follow, in the API server's words. Upstream: apimachinery/pkg/util/validation.

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/// The words of one release for names that are not well-formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether keys and values of labels have words of their own: bytes are counted, not characters.
    pub has_label_keys: bool,
    /// Whether a label that would be a subdomain is told of its dots.
    pub tells_of_dots: bool,
}

impl Default for Rules {
    /// The words of today.
    fn default() -> Self {
        Self { has_label_keys: true, tells_of_dots: true }
    }
}

impl Rules {
    /// What the length of a key or a value of a label is counted in.
    fn unit_of_labels(self) -> &'static str {
        if self.has_label_keys { "bytes" } else { CHARACTERS }
    }

    /// The faults of a DNS subdomain: what most objects are called.
    pub fn dns_subdomain(self, name: &str) -> Vec<String> {
        subdomain(name, CHARACTERS)
    }

    /// The faults of a DNS label: namespaces, containers, volumes.
    pub fn dns_label(self, name: &str) -> Vec<String> {
        let form = match name.split('.').all(is_label) {
            _ if is_label(name) => None,
            true if self.tells_of_dots => Some("must not contain dots".to_owned()),
            _ => Some(LABEL.to_owned()),
        };
        too_long(name, 63, CHARACTERS).into_iter().chain(form).collect()
    }

    /// The faults of the key of a label or an annotation: an optional DNS prefix and a name.
    pub fn qualified_name(self, key: &str) -> Vec<String> {
        let mut faults = Vec::new();
        let name = match key.split('/').collect::<Vec<_>>().as_slice() {
            [name] => *name,
            [prefix, name] => {
                if prefix.is_empty() {
                    faults.push("prefix part must be non-empty".to_owned());
                } else {
                    faults.extend(
                        subdomain(prefix, self.unit_of_labels()).iter().map(|why| format!("prefix part {why}")),
                    );
                }
                *name
            }
            _ => {
                let what = if self.has_label_keys { "a valid label key" } else { "a qualified name" };
                return vec![format!(
                    "{what} {QUALIFIED} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
                )];
            }
        };
        if name.is_empty() {
            faults.push("name part must be non-empty".to_owned());
        }
        faults.extend(too_long(name, 63, self.unit_of_labels()).map(|why| format!("name part {why}")));
        if !is_loose(name) {
            faults.push(format!("name part {QUALIFIED}"));
        }
        faults
    }

    /// The faults of the value of a label; it may be empty.
    pub fn label_value(self, value: &str) -> Vec<String> {
        let form = (!value.is_empty() && !is_loose(value)).then(|| VALUE.to_owned());
        too_long(value, 63, self.unit_of_labels()).into_iter().chain(form).collect()
    }
}

/// What a length is counted in, but for labels of today.
pub const CHARACTERS: &str = "characters";

fn too_long(name: &str, longest: usize, unit: &str) -> Option<String> {
    (name.len() > longest).then(|| format!("must be no more than {longest} {unit}"))
}

fn subdomain(name: &str, unit: &str) -> Vec<String> {
    let form = (!name.split('.').all(is_label)).then(|| SUBDOMAIN.to_owned());
    too_long(name, 253, unit).into_iter().chain(form).collect()
}

/// The faults of a path segment: roles and bindings may be called anything that fits into a URL.
pub fn path_segment(name: &str) -> Vec<String> {
    if matches!(name, "." | "..") {
        return vec![format!("may not be '{name}'")];
    }
    let within = ["/", "%"].into_iter().filter(|letter| name.contains(letter));
    within.map(|letter| format!("may not contain '{letter}'")).collect()
}

/// A prefix of names as what it becomes part of: its last letter may be a dash. Upstream: maskTrailingDash.
pub fn mask_trailing_dash(prefix: &str) -> String {
    match prefix.strip_suffix('-') {
        Some(rest) if !rest.is_empty() => {
            format!("{}a", rest.chars().take(rest.chars().count() - 1).collect::<String>())
        }
        _ => prefix.to_owned(),
    }
}

fn is_loose(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.'))
}

fn is_label(text: &str) -> bool {
    let alphanumeric = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.first().copied().is_some_and(alphanumeric)
        && bytes.last().copied().is_some_and(alphanumeric)
        && bytes.iter().all(|&c| alphanumeric(c) || c == b'-')
}

#[cfg(test)]
mod tests {
    use super::{Rules, mask_trailing_dash, path_segment};

    #[test]
    fn names() {
        let rules = Rules::default();
        for (name, subdomain, label, segment) in [
            ("dashboard-sa", true, true, true),
            ("a.b", true, false, true),
            ("Bad_Name", false, false, true),
            ("-a", false, false, true),
            ("a-", false, false, true),
            ("", false, false, true),
            ("a..b", false, false, true),
            ("a/b", false, false, false),
            ("..", false, false, false),
            ("system:node", false, false, true),
        ] {
            assert_eq!(rules.dns_subdomain(name).is_empty(), subdomain, "{name}");
            assert_eq!(rules.dns_label(name).is_empty(), label, "{name}");
            assert_eq!(path_segment(name).is_empty(), segment, "{name}");
        }
    }

    #[test]
    fn every_fault_is_told() {
        let old = Rules { has_label_keys: false, tells_of_dots: false };
        let long = format!("{}_", "a".repeat(63));
        for (faults, want) in [
            (Rules::default().label_value(&long), vec!["must be no more than 63 bytes", super::VALUE]),
            (old.label_value(&long), vec!["must be no more than 63 characters", super::VALUE]),
            (Rules::default().dns_label(&"a".repeat(64)), vec!["must be no more than 63 characters"]),
            (Rules::default().dns_label("a.b"), vec!["must not contain dots"]),
            (old.dns_label("a.b"), vec![super::LABEL]),
            (path_segment("a/b%"), vec!["may not contain '/'", "may not contain '%'"]),
        ] {
            assert_eq!(faults, want);
        }
        let faults = Rules::default().qualified_name("/");
        assert_eq!(faults[..2], ["prefix part must be non-empty", "name part must be non-empty"]);
        assert!(faults[2].starts_with("name part must consist of"), "{faults:?}");
        for (rules, start) in [(Rules::default(), "a valid label key must"), (old, "a qualified name must")] {
            let faults = rules.qualified_name("a/b/c");
            assert!(faults[0].starts_with(start), "{faults:?}");
            assert!(faults[0].ends_with("'/' (e.g. 'example.com/MyName')"), "{faults:?}");
        }
    }

    #[test]
    fn prefixes() {
        for (prefix, want) in [("web-", "wea"), ("-", "-"), ("a-", "a"), ("web", "web"), ("", "")] {
            assert_eq!(mask_trailing_dash(prefix), want, "{prefix}");
        }
    }
}
