//! The rules names follow, in the API server's words. Upstream: apimachinery/pkg/util/validation.

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/// A DNS subdomain: what most objects are called.
///
/// # Errors
/// What is wrong, as the API server says it.
pub fn dns_subdomain(name: &str) -> Result<(), String> {
    if name.len() > 253 {
        return Err("must be no more than 253 characters".to_owned());
    }
    if name.split('.').all(is_label) { Ok(()) } else { Err(SUBDOMAIN.to_owned()) }
}

/// A DNS label: namespaces, containers, volumes.
///
/// # Errors
/// What is wrong, as the API server says it.
pub fn dns_label(name: &str) -> Result<(), String> {
    if name.len() > 63 {
        return Err("must be no more than 63 characters".to_owned());
    }
    if is_label(name) { Ok(()) } else { Err(LABEL.to_owned()) }
}

/// A path segment: roles and bindings may be called anything that fits into a URL.
///
/// # Errors
/// What is wrong, as the API server says it.
pub fn path_segment(name: &str) -> Result<(), String> {
    match name {
        "." | ".." => Err(format!("may not be '{name}'")),
        _ => match name.chars().find(|c| matches!(c, '/' | '%')) {
            Some(c) => Err(format!("may not contain '{c}'")),
            None => Ok(()),
        },
    }
}

/// The key of a label or an annotation: an optional DNS prefix and a name.
///
/// # Errors
/// What is wrong, as the API server says it.
pub fn qualified_name(key: &str) -> Result<(), String> {
    let name = match key.rsplit_once('/') {
        None => key,
        Some((prefix, name)) => {
            if prefix.is_empty() {
                return Err("prefix part must be non-empty".to_owned());
            }
            dns_subdomain(prefix).map_err(|why| format!("prefix part {why}"))?;
            name
        }
    };
    if name.is_empty() {
        return Err(format!("name part must be non-empty; name part {QUALIFIED}"));
    }
    if name.len() > 63 {
        return Err("name part must be no more than 63 characters".to_owned());
    }
    if is_loose(name) { Ok(()) } else { Err(format!("name part {QUALIFIED}")) }
}

/// The value of a label; may be empty.
///
/// # Errors
/// What is wrong, as the API server says it.
pub fn label_value(value: &str) -> Result<(), String> {
    if value.len() > 63 {
        return Err("must be no more than 63 characters".to_owned());
    }
    if value.is_empty() || is_loose(value) { Ok(()) } else { Err(VALUE.to_owned()) }
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
    use super::{dns_label, dns_subdomain, path_segment};

    #[test]
    fn names() {
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
            assert_eq!(dns_subdomain(name).is_ok(), subdomain, "{name}");
            assert_eq!(dns_label(name).is_ok(), label, "{name}");
            assert_eq!(path_segment(name).is_ok(), segment, "{name}");
        }
    }
}
