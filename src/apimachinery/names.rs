//! The rules names follow, in the API server's words. Upstream: apimachinery/pkg/util/validation.

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

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
