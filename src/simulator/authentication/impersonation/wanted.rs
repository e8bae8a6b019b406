//! Whom the headers of a request ask for, and how Go prints it.

use http::{HeaderMap, HeaderValue};

use crate::rbac::User;

/// What the headers ask for, as they ask for it.
#[derive(Default)]
pub(super) struct Wanted {
    pub user: User,
}

impl Wanted {
    /// Reads the headers; a uid only where it can be asked for.
    pub(super) fn read(headers: &HeaderMap, knows_uids: bool) -> Self {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let one = |name: &str| headers.get(name).map(text).unwrap_or_default();
        let mut user = User {
            name: one("impersonate-user"),
            uid: if knows_uids { one("impersonate-uid") } else { String::new() },
            groups: headers.get_all("impersonate-group").iter().map(text).collect(),
            ..User::default()
        };
        for (name, value) in headers {
            if let Some(key) = name.as_str().strip_prefix("impersonate-extra-") {
                user.extra.entry(unescape(key)).or_default().push(text(value));
            }
        }
        Self { user }
    }

    /// Whether anything is asked for.
    pub(super) fn asks(&self) -> bool {
        self.user != User::default()
    }

    /// As Go prints a pointer to its `user.DefaultInfo`, in a program's words.
    pub(super) fn as_user(&self) -> String {
        let User { name, uid, groups, extra } = &self.user;
        let pairs: Vec<String> = extra.iter().map(|(key, values)| format!("{key:?}:{}", strings(values))).collect();
        let extra = match pairs.is_empty() {
            true => "map[string][]string(nil)".to_owned(),
            false => format!("map[string][]string{{{}}}", pairs.join(", ")),
        };
        format!("&user.DefaultInfo{{Name:{name:?}, UID:{uid:?}, Groups:{}, Extra:{extra}}}", strings(groups))
    }

    /// As Go prints the list of references that the plain kind of impersonation makes of it.
    pub(super) fn as_references(&self) -> String {
        const VERSION: &str = "authentication.k8s.io/v1";
        let User { uid, groups, extra, .. } = &self.user;
        // Kind, namespace, name, uid, version of the API, of the resource, and the path of a field.
        let mut references: Vec<String> = groups.iter().map(|group| format!("{{Group  {group}    }}")).collect();
        for (key, values) in extra {
            references.extend(values.iter().map(|value| format!("{{UserExtra  {value}  {VERSION}  {key}}}")));
        }
        if !uid.is_empty() {
            references.push(format!("{{UID  {uid}  {VERSION}  }}"));
        }
        format!("[{}]", references.join(" "))
    }
}

fn strings(texts: &[String]) -> String {
    let shown: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
    if shown.is_empty() { "[]string(nil)".to_owned() } else { format!("[]string{{{}}}", shown.join(", ")) }
}

/// Undoes the percent-encoding that keys with a slash need in a header's name; what is not one stays as it is.
fn unescape(key: &str) -> String {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte != b'%' {
            bytes.push(byte);
            rest = after;
            continue;
        }
        let hex = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let Some(decoded) = hex.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else { return key.to_owned() };
        bytes.push(decoded);
        rest = after.get(2..).unwrap_or_default();
    }
    String::from_utf8(bytes).unwrap_or_else(|_| key.to_owned())
}
