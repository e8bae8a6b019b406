//! What a request is about, read from its method and path. Upstream: apiserver/pkg/endpoints/request/requestinfo.go.

use http::{Method, Uri};

use crate::apimachinery::Status;
use crate::rbac::{Attributes, User};

/// A request taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestInfo {
    /// Whether it is about a resource, and not a path such as `/version`.
    pub is_resource: bool,
    /// The path as asked.
    pub path: String,
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
    pub verb: String,
    /// Empty for the core group.
    pub group: String,
    /// `v1`
    pub version: String,
    /// `pods`
    pub resource: String,
    /// `exec`, or empty.
    pub subresource: String,
    /// Empty for the whole cluster.
    pub namespace: String,
    /// Empty for collections.
    pub name: String,
    /// The query, decoded, in order.
    pub query: Vec<(String, String)>,
}

impl RequestInfo {
    /// Takes a request apart.
    pub fn parse(method: &Method, uri: &Uri) -> Self {
        let path = decode(uri.path());
        let query = query_pairs(uri.query().unwrap_or_default());
        let mut info = Self { verb: method.as_str().to_ascii_lowercase(), query, ..Self::default() };
        let segments: Vec<String> = path.trim_matches('/').split('/').map(str::to_owned).collect();
        info.path = path;
        let mut rest = match segments.first().map(String::as_str) {
            Some("api") if segments.len() >= 3 => {
                info.version.clone_from(&segments[1]);
                &segments[2..]
            }
            Some("apis") if segments.len() >= 4 => {
                info.group.clone_from(&segments[1]);
                info.version.clone_from(&segments[2]);
                &segments[3..]
            }
            _ => return info,
        };
        info.is_resource = true;
        let mut watched = false;
        if rest.len() > 1 && rest[0] == "watch" {
            watched = true;
            rest = &rest[1..];
        }
        if rest[0] == "namespaces" && rest.len() > 1 {
            info.namespace.clone_from(&rest[1]);
            // A namespace's own subresources are not resources inside it.
            let own = rest.len() == 2 || (rest.len() == 3 && matches!(rest[2].as_str(), "status" | "finalize"));
            if !own {
                rest = &rest[2..];
            }
        }
        let part = |index: usize| rest.get(index).cloned().unwrap_or_default();
        (info.resource, info.name, info.subresource) = (part(0), part(1), part(2));
        info.verb = match (method, info.name.is_empty()) {
            (&Method::GET | &Method::HEAD, _) if watched || info.flag("watch") => "watch",
            (&Method::GET | &Method::HEAD, true) => "list",
            (&Method::GET | &Method::HEAD, false) => "get",
            (&Method::POST, _) => "create",
            (&Method::PUT, _) => "update",
            (&Method::PATCH, _) => "patch",
            (&Method::DELETE, true) => "deletecollection",
            (&Method::DELETE, false) => "delete",
            _ => "",
        }
        .to_owned();
        info
    }

    /// The first value of a query parameter, which is the one that counts upstream.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a query parameter.
    pub fn params(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Whether a query parameter is set: to anything but `false` or `0`, as upstream.
    pub fn flag(&self, name: &str) -> bool {
        self.param(name).is_some_and(|value| !value.eq_ignore_ascii_case("false") && value != "0")
    }

    /// A query parameter that has to be a whole number.
    ///
    /// # Errors
    /// 400, in the words of Go's parser.
    pub fn number(&self, name: &str) -> Result<Option<i64>, Status> {
        let Some(text) = self.param(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        text.parse().map(Some).map_err(|error: std::num::ParseIntError| {
            use std::num::IntErrorKind::{NegOverflow, PosOverflow};
            let why =
                if matches!(error.kind(), NegOverflow | PosOverflow) { "value out of range" } else { "invalid syntax" };
            Status::bad_request(format!("strconv.ParseInt: parsing {text:?}: {why}"))
        })
    }

    /// Whether nothing is to be stored (`dryRun=All`).
    pub fn is_dry_run(&self) -> bool {
        self.param("dryRun") == Some("All")
    }

    /// What is asked for, for people: `list pods in default`, `get /version`.
    pub fn asks(&self) -> String {
        if !self.is_resource {
            return format!("{} {}", self.verb, self.path);
        }
        let mut text = format!("{} {}", self.verb, self.resource);
        if !self.subresource.is_empty() {
            text.push_str(&format!("/{}", self.subresource));
        }
        if !self.name.is_empty() {
            text.push_str(&format!(" {}", self.name));
        }
        if !self.namespace.is_empty() && self.namespace != self.name {
            text.push_str(&format!(" in {}", self.namespace));
        }
        text
    }

    /// Whether it only reads: what reads is not looked at by admission.
    pub fn is_reading(&self) -> bool {
        matches!(self.verb.as_str(), "get" | "list" | "watch" | "head") && self.subresource != "exec"
    }

    /// The request as authorization sees it.
    pub fn attributes(&self, user: User) -> Attributes {
        if !self.is_resource {
            return Attributes {
                user,
                verb: self.verb.clone(),
                path: Some(self.path.clone()),
                ..Attributes::default()
            };
        }
        let fields = self.exact_fields();
        // Who selects one object by its name asks for that object.
        let selects = matches!(self.verb.as_str(), "list" | "watch" | "deletecollection") && self.name.is_empty();
        let selected = fields.iter().find(|(field, _)| selects && field == "metadata.name");
        let name = selected.map_or_else(|| self.name.clone(), |(_, name)| name.clone());
        // Exec is a GET or a POST on the wire and a create for authorization of old; newer servers ask for create on both.
        Attributes {
            user,
            verb: self.verb.clone(),
            group: self.group.clone(),
            resource: self.resource.clone(),
            subresource: self.subresource.clone(),
            namespace: self.namespace.clone(),
            name,
            fields,
            path: None,
        }
    }

    /// The fields that the field selector wants to be equal to something.
    fn exact_fields(&self) -> Vec<(String, String)> {
        let selector = self.param("fieldSelector").unwrap_or_default();
        let wanted =
            selector.split(',').filter_map(|one| one.split_once('=')).filter(|(field, _)| !field.ends_with('!'));
        wanted.map(|(field, value)| (field.to_owned(), value.trim_start_matches('=').to_owned())).collect()
    }
}

/// Splits a query string and decodes both sides.
pub fn query_pairs(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(&key.replace('+', " ")), decode(&value.replace('+', " ")))
        })
        .collect()
}

fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::RequestInfo;
    use http::{Method, Uri};

    #[test]
    fn paths() {
        let rows = [
            (Method::GET, "/api/v1/namespaces/default/pods", "list  v1 pods  default "),
            (Method::GET, "/api/v1/namespaces/default/pods/web?x=1", "get  v1 pods  default web"),
            (Method::GET, "/api/v1/pods?watch=true", "watch  v1 pods   "),
            (Method::POST, "/api/v1/namespaces/a/serviceaccounts/b/token", "create  v1 serviceaccounts token a b"),
            (Method::GET, "/api/v1/namespaces/a", "get  v1 namespaces  a a"),
            (Method::PUT, "/api/v1/namespaces/a/finalize", "update  v1 namespaces finalize a a"),
            (Method::DELETE, "/apis/apps/v1/namespaces/a/deployments", "deletecollection apps v1 deployments  a "),
            (Method::PATCH, "/apis/apps/v1/namespaces/a/deployments/d/scale", "patch apps v1 deployments scale a d"),
            (Method::GET, "/api/v1/namespaces/a/pods/b%2Fc", "get  v1 pods c a b"),
            (Method::GET, "/api/v1//namespaces/a/pods", "get  v1  a  namespaces"),
        ];
        for (method, uri, want) in rows {
            let info = RequestInfo::parse(&method, &uri.parse::<Uri>().expect("a URI"));
            let got = [info.verb, info.group, info.version, info.resource, info.subresource, info.namespace, info.name]
                .join(" ");
            assert_eq!(got, want, "{method} {uri}");
        }
        for path in ["/", "/api", "/api/v1", "/apis/apps/v1", "/version", "/openid/v1/jwks"] {
            assert!(!RequestInfo::parse(&Method::GET, &path.parse::<Uri>().expect("a URI")).is_resource, "{path}");
        }
    }
}
