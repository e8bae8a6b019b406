//! What resources the server has, and what people call them.
//! Upstream: client-go/discovery, apimachinery/pkg/api/meta/restmapper, cli-runtime/pkg/resource/builder.go.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use serde_json::Value;

use super::context::Context;
use super::errors::Error;
use super::rest::{Call, DISCOVERY, Rest};

pub use super::builder::targets;

/// A resource as discovery tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Empty for the core group.
    pub group: String,
    /// `v1`
    pub version: String,
    /// `serviceaccounts`
    pub plural: String,
    /// `serviceaccount`
    pub singular: String,
    /// `ServiceAccount`
    pub kind: String,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// `sa`
    pub short_names: Vec<String>,
    /// `all`
    pub categories: Vec<String>,
    /// What can be asked of it.
    pub verbs: Vec<String>,
}

impl Found {
    /// `v1`, `apps/v1`
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `serviceaccounts`, `deployments.apps`
    pub fn qualified(&self) -> String {
        if self.group.is_empty() { self.plural.clone() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// As results name it: `serviceaccount`, `deployment.apps`.
    pub fn printed(&self) -> String {
        let kind = self.kind.to_lowercase();
        if self.group.is_empty() { kind } else { format!("{kind}.{}", self.group) }
    }

    /// The collection's path; an empty namespace means all of them.
    pub fn collection(&self, namespace: &str) -> String {
        let root = match self.group.as_str() {
            "" => format!("/api/{}", self.version),
            group => format!("/apis/{group}/{}", self.version),
        };
        if self.namespaced && !namespace.is_empty() {
            format!("{root}/namespaces/{}/{}", super::rest::escape(namespace), self.plural)
        } else {
            format!("{root}/{}", self.plural)
        }
    }

    /// An object's path.
    pub fn object(&self, namespace: &str, name: &str) -> String {
        format!("{}/{}", self.collection(namespace), super::rest::escape(name))
    }

    /// The resource that an object is of, as far as the object itself tells. Upstream: UnsafeGuessKindToResource.
    pub fn guessed(object: &Value) -> Self {
        let kind = object["kind"].as_str().unwrap_or_default();
        let api_version = object["apiVersion"].as_str().unwrap_or_default();
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let singular = kind.to_lowercase();
        let plural = match singular.chars().last() {
            Some('s') => format!("{singular}es"),
            Some('y') => format!("{}ies", singular.trim_end_matches('y')),
            _ => format!("{singular}s"),
        };
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            plural,
            singular,
            kind: kind.to_owned(),
            ..Self::default()
        }
    }

    /// Whether this is one of its names.
    pub fn is_called(&self, name: &str) -> bool {
        self.plural == name || self.singular == name || self.short_names.iter().any(|short| short == name)
    }
}

/// Whoever can put a question to the server.
pub trait Asks: Send {
    /// Sends the question and reads the answer.
    fn ask(&mut self, call: Call) -> BoxFuture<'_, Result<Value, Error>>;
}

impl Asks for Context<'_> {
    fn ask(&mut self, call: Call) -> BoxFuture<'_, Result<Value, Error>> {
        Box::pin(self.send(call))
    }
}

/// A client alone asks too.
struct Bare(kube::Client);

impl Asks for Bare {
    fn ask(&mut self, call: Call) -> BoxFuture<'_, Result<Value, Error>> {
        Box::pin(async move {
            let rest = Rest { client: self.0.clone(), headers: http::HeaderMap::new(), server: String::new() };
            let response = rest.send(rest.request(call)?.0).await?;
            let code = response.status();
            let body = rest.body(response).await?;
            match Rest::is_refusal(code) {
                true => Err(Rest::refusal(code, &body)),
                false => Ok(serde_json::from_slice(&body).unwrap_or_default()),
            }
        })
    }
}

/// What a session remembers of the server's resources, as kubectl keeps it in `~/.kube/cache`.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Discovery>>);

impl Memory {
    /// What is known.
    pub fn recall(&self) -> Discovery {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        known.recalled = known.core.is_some() || known.others.is_some();
        known
    }

    /// Keeps what is known now.
    pub fn keep(&self, discovery: &Discovery) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone_from(discovery);
    }
}

/// Every resource, from memory or asked for through a client.
pub async fn resources(client: &kube::Client, memory: &Memory) -> Vec<Found> {
    let mut discovery = memory.recall();
    let all = discovery.all(&mut Bare(client.clone())).await.unwrap_or_default();
    memory.keep(&discovery);
    all
}

/// What the server said so far.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    core: Option<Vec<Found>>,
    others: Option<Vec<Found>>,
    /// Whether some of it was known before this command.
    recalled: bool,
}

impl Discovery {
    async fn load_core(&mut self, cx: &mut impl Asks) -> Result<&[Found], Error> {
        if self.core.is_none() {
            let answer = cx.ask(Call::get("/api").accept(DISCOVERY)).await;
            self.core = Some(match answer {
                Ok(value) if value["kind"] == "APIGroupDiscoveryList" => aggregated(&value),
                Err(error) if !matches!(error, Error::Status(_)) => return Err(error),
                _ => plain("", "v1", &cx.ask(Call::get("/api/v1")).await?),
            });
        }
        Ok(self.core.as_deref().unwrap_or_default())
    }

    async fn load_others(&mut self, cx: &mut impl Asks) -> Result<&[Found], Error> {
        if self.others.is_none() {
            let answer = cx.ask(Call::get("/apis").accept(DISCOVERY)).await?;
            let mut others = Vec::new();
            if answer["kind"] == "APIGroupDiscoveryList" {
                others = aggregated(&answer);
            } else {
                for group in answer["groups"].as_array().into_iter().flatten() {
                    let preferred = &group["preferredVersion"];
                    let version = preferred["version"].as_str().unwrap_or_default();
                    let name = group["name"].as_str().unwrap_or_default();
                    // A group whose server is away is left out, as kubectl does.
                    if let Ok(list) = cx.ask(Call::get(format!("/apis/{name}/{version}"))).await {
                        others.extend(plain(name, version, &list));
                    }
                }
            }
            self.others = Some(others);
        }
        Ok(self.others.as_deref().unwrap_or_default())
    }

    /// Every resource, the core group's first.
    pub async fn all(&mut self, cx: &mut impl Asks) -> Result<Vec<Found>, Error> {
        let mut all = self.load_core(cx).await?.to_vec();
        all.extend_from_slice(self.load_others(cx).await?);
        Ok(all)
    }

    /// By plural, singular, short name or kind, with or without `.group` or `.version.group`.
    pub async fn find(&mut self, cx: &mut impl Asks, name: &str) -> Result<Found, Error> {
        let found = self.known(cx, name).await;
        if found.is_err() && self.recalled {
            // What is remembered may be old.
            *self = Self::default();
            return self.known(cx, name).await;
        }
        found
    }

    async fn known(&mut self, cx: &mut impl Asks, name: &str) -> Result<Found, Error> {
        let lower = name.to_lowercase();
        let (bare, group) = lower.split_once('.').map_or((lower.as_str(), None), |(bare, group)| (bare, Some(group)));
        if group.is_none()
            && let Some(found) = self.load_core(cx).await?.iter().find(|found| found.is_called(bare))
        {
            return Ok(found.clone());
        }
        let others = self.load_others(cx).await?;
        let fits = |found: &&Found| {
            found.is_called(bare)
                && group
                    .is_none_or(|group| found.group == group || format!("{}.{}", found.version, found.group) == group)
        };
        let missing = || {
            Error::text(format!(
                "the server doesn't have a resource type {:?}",
                name.split('.').next().unwrap_or_default()
            ))
        };
        if let Some(found) = others.iter().find(fits) {
            return Ok(found.clone());
        }
        // `pods.v1.` names the core group.
        if group == Some("v1.")
            && let Some(found) = self.load_core(cx).await?.iter().find(|found| found.is_called(bare))
        {
            return Ok(found.clone());
        }
        Err(missing())
    }

    /// By what a manifest says of itself.
    pub async fn find_kind(
        &mut self,
        cx: &mut impl Asks,
        api_version: &str,
        kind: &str,
    ) -> Result<Option<Found>, Error> {
        let known = [self.core.as_deref(), self.others.as_deref()];
        let known = known.into_iter().flatten().flatten();
        if let Some(found) = known.into_iter().find(|found| found.kind == kind && found.api_version() == api_version) {
            return Ok(Some(found.clone()));
        }
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let path = if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") };
        match cx.ask(Call::get(path)).await {
            Ok(list) => Ok(plain(group, version, &list).into_iter().find(|found| found.kind == kind)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn plain(group: &str, version: &str, list: &Value) -> Vec<Found> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let resources = list["resources"].as_array().into_iter().flatten();
    resources
        .filter(|resource| !text(&resource["name"]).contains('/'))
        .map(|resource| Found {
            group: resource["group"].as_str().unwrap_or(group).to_owned(),
            version: resource["version"].as_str().unwrap_or(version).to_owned(),
            plural: text(&resource["name"]),
            singular: match resource["singularName"].as_str() {
                Some(name) if !name.is_empty() => name.to_owned(),
                _ => text(&resource["kind"]).to_lowercase(),
            },
            kind: text(&resource["kind"]),
            namespaced: resource["namespaced"] == true,
            short_names: texts(&resource["shortNames"]),
            categories: texts(&resource["categories"]),
            verbs: texts(&resource["verbs"]),
        })
        .collect()
}

/// The preferred version of each group comes first there.
fn aggregated(list: &Value) -> Vec<Found> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found: Vec<Found> = Vec::new();
    for group in list["items"].as_array().into_iter().flatten() {
        let name = text(&group["metadata"]["name"]);
        for version in group["versions"].as_array().into_iter().flatten() {
            for resource in version["resources"].as_array().into_iter().flatten() {
                let plural = text(&resource["resource"]);
                if found.iter().any(|seen| seen.group == name && seen.plural == plural) {
                    continue;
                }
                let kind = text(&resource["responseKind"]["kind"]);
                found.push(Found {
                    group: name.clone(),
                    version: text(&version["version"]),
                    plural,
                    singular: match resource["singularResource"].as_str() {
                        Some(name) if !name.is_empty() => name.to_owned(),
                        _ => kind.to_lowercase(),
                    },
                    kind,
                    namespaced: resource["scope"] == "Namespaced",
                    short_names: texts(&resource["shortNames"]),
                    categories: texts(&resource["categories"]),
                    verbs: texts(&resource["verbs"]),
                });
            }
        }
    }
    found
}
